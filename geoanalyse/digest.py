"""The digest of a release: whoever has its manifest and its table can work it out again, on any machine."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence

import pyarrow as pa

COLUMNS = (
    *("zone", "level", "addresses", "buildings", "gebiedscode", "layer", "base", "b", "profile", "start", "end"),
    *("value", "status", "rounding", "atoms"),
)
"""Columns of the published table that stand in ``zones.parquet`` too; cells follow from the version of the zones."""


def of_table(table: pa.Table) -> str:
    """Give the SHA-256 of the rows of a published table, in their order.

    Parameters
    ----------
    table : pyarrow.Table
        With `COLUMNS`; others do not count.

    Examples
    --------
    >>> of_table(pa.table({name: pa.array([1]) for name in COLUMNS}))[:8]
    '8323fdda'
    """
    found = hashlib.sha256()
    for name in COLUMNS:
        found.update(json.dumps([name, table[name].to_pylist()], default=dt.date.isoformat).encode())
    return found.hexdigest()


def of_follow_up(totals: Mapping[str, Sequence[int]], never: Sequence[str]) -> str:
    """Give the SHA-256 of what is published of earlier signals."""
    told = {"totalen": {stage: list(counts) for stage, counts in totals.items()}, "nooit": list(never)}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def of_release(
    *,
    area: str,
    layers: Mapping[str, str],
    period: tuple[str, str],
    reference_date: str,
    profile: str,
    seed: int,
    zones: str,
    uses: str,
    caveat: str,
    routes: str,
    top: int,
    followed: str,
    version: str,
    table: str,
    reference: str,
) -> str:
    """Give the SHA-256 of what the products of a release are made from.

    Parameters
    ----------
    area : str
        Name of the area.
    layers : mapping of str to str
        Digest of the definition of each layer, by its id.
    period : tuple of str
        First day, and the day after the last, as ISO dates.
    reference_date, profile, zones, caveat, version : str
    uses : str
        Digest of the addresses by use of the zones, empty when they are not known.
    routes : str
        Digest of the rules for the advice.
    top : int
        Most signals per buurt and theme.
    followed : str
        Digest of what earlier signals led to (`of_follow_up`), empty when that is not part of it.
    seed : int
    table : str
        Digest of its table (`of_table`).
    reference : str
        Digest of the table of the gemeenten it is compared with.
    """
    facts = {
        "gebied": area,
        "gebruik": uses,
        "lagen": dict(layers),
        "let_op": caveat,
        "peildatum": reference_date,
        "periode": list(period),
        "profiel": profile,
        "regels": routes,
        "per_buurt": top,
        "opvolging": followed,
        "seed": seed,
        "tabel": table,
        "vergeleken_met": reference,
        "versie": version,
        "zones": zones,
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
