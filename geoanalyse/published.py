"""The published table: all that the public side ever sees of the data."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from geoanalyse.context import ContextLayer

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


CONTEXT_SCHEMA = pa.schema(
    [
        ("layer", pa.string()),
        ("level", pa.string()),
        ("unit", pa.string()),
        ("value", pa.float64()),
        ("class", pa.int8()),
        ("seen", pa.float64()),
        ("status", pa.string()),
        ("confidence", pa.int8()),
    ]
)
"""The surroundings: one row per layer, level and unit.

``unit`` is an H3 index in hexadecimal digits, or a CBS code. ``value`` and ``class`` are null where ``status`` is
``geen_data``: too little of the ground is known (``seen``, a share), which is not 0. ``confidence`` is that of a change
in a cell: 0 nothing changed, 1 low to 3 high; null elsewhere.
"""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Public layers of the surroundings; only :mod:`geoanalyse.protection` makes one.

    Attributes
    ----------
    layers : tuple of ContextLayer
    table : pyarrow.Table
        Schema `CONTEXT_SCHEMA`; sorted by layer, level (from fine to coarse) and unit.
    sha256 : mapping of str to tuple of str
        Digests of the files behind each layer.
    """

    layers: tuple[ContextLayer, ...]
    table: pa.Table
    sha256: Mapping[str, tuple[str, ...]]


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
