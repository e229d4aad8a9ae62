"""The published table: all that the public side ever sees of the data."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

PROFILES = ("casustafel", "streng", "openbaar")
"""``streng`` gives no separate totals and no series: only values of atoms and their sums. ``openbaar`` is the table of
``casustafel`` with nothing finer than `OPEN_LEVELS`."""
OPEN_LEVELS = ("res8", "wijk", "gemeente")

SCHEMA = pa.schema(
    [
        ("zone", pa.string()),
        ("level", pa.string()),
        ("cells", pa.list_(pa.uint64())),
        ("addresses", pa.int64()),
        ("buildings", pa.int64()),
        ("gebiedscode", pa.string()),
        ("layer", pa.string()),
        ("base", pa.string()),
        ("b", pa.int32()),
        ("profile", pa.string()),
        ("start", pa.date32()),
        ("end", pa.date32()),
        ("value", pa.int64()),
        ("low", pa.int64()),
        ("high", pa.int64()),
        ("status", pa.string()),
        ("rounding", pa.string()),
        ("atoms", pa.int32()),
    ]
)
"""The published table: one row per unit, layer and window.

``low`` and ``high`` are the least and greatest exact count that the table leaves possible (``high`` is null for "or
more"). ``atoms`` is the number of published values a row stands for: 1 for an atom and for a total rounded apart, the
number of terms for a sum.
"""


@dataclass(frozen=True, slots=True)
class Protected:
    """What may be published; only :mod:`geoanalyse.protection` makes one.

    Attributes
    ----------
    table : pyarrow.Table
        Schema `SCHEMA`; sorted by layer, level, unit and window.
    profile, zones_version : str
    k : int
    """

    table: pa.Table
    profile: str
    zones_version: str
    k: int


@dataclass(frozen=True, slots=True)
class FollowedUp:
    """What earlier signals of an area led to; only :mod:`geoanalyse.protection` makes one.

    Attributes
    ----------
    totals : mapping of str to (int, int, int)
        Published value of each of `STAGES`, and the least and greatest count that it leaves possible.
    never : tuple of str
        Codes of reasons that never led to anything, of those with enough signals to say so.
    """

    totals: Mapping[str, tuple[int, int, int]]
    never: tuple[str, ...]


STAGES = ("signalen", "teruggemeld", "opgevolgd", "afgerond", "leidde_tot_iets")
"""What can become of a signal, each among the one before."""


def shows(profile: str, level: str) -> bool:
    """Whether a profile shows anything at a level.

    Examples
    --------
    >>> shows("openbaar", "wijk"), shows("openbaar", "buurt"), shows("casustafel", "zone")
    (True, False, True)
    """
    return profile != "openbaar" or level in OPEN_LEVELS
