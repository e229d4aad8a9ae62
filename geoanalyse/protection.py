"""The one door to the public side: fixed thresholds, caps, and totals clipped so that they narrow nothing.

A published value depends on its own unit only, by a threshold that never changes. ``docs/privacy.md`` holds the
reasoning; what is computed here is exactly what it says.
"""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geoanalyse.counts import Counts, Interval
from geoanalyse.geography import (
    LEVELS,
    SHOWN,
    Geography,
    Indexes,
    Ints,
    Units,
    atoms,
    cells_of_units,
    main_region,
    units,
)
from geoanalyse.layer import Atom, Base, Layer

Bools = npt.NDArray[np.bool_]

REGION_LEVELS = ("buurt", "wijk", "gemeente")
BUURT_BASE = 5
REGION_BASE = 10
"""Rounding bases of separate totals: B of a buurt, and of a wijk or gemeente."""
MIN_ATOMS = 3
"""Fewest atoms in a region with a separate total or a series."""
PROFILES = ("casustafel", "streng")
"""``streng`` gives no separate totals and no series: only values of atoms and their sums."""

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
        ("status", pa.string()),
        ("rounding", pa.string()),
        ("atoms", pa.int32()),
    ]
)
"""The published table: one row per unit, layer and window.

``atoms`` is the number of published values a row stands for: 1 for an atom and for a total rounded apart, the number of
terms for a sum.
"""


@dataclass(frozen=True, slots=True)
class Protected:
    """What may be published; only this module makes one.

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


# --- the formulas -----------------------------------------------------------------------------------------------------


def thresholds(secret: bytes, names: Iterable[str], family: str, base: int) -> Ints:
    """Give the fixed threshold of each unit: HMAC-SHA-256 of its name and the layer family, modulo the base.

    No year, month, window or release enters, so the threshold of a unit is the same for ever.

    Examples
    --------
    >>> once = thresholds(b"secret" * 6, ["zone|alle|8a1"], "fiu", 5)
    >>> again = thresholds(b"secret" * 6, ["zone|alle|8a1"], "fiu", 5)
    >>> bool(once == again), 0 <= int(once[0]) < 5
    (True, True)
    """
    tail = f"|{family}".encode()
    drawn = [int.from_bytes(hmac.digest(secret, name.encode() + tail, "sha256")[:8], "big") % base for name in names]
    return np.array(drawn, dtype=np.int64)


def rounded(count: Ints, threshold: Ints, base: int) -> Ints:
    """Round counts to a multiple of the base: ``base * floor((count + threshold) / base)``.

    Over all thresholds the mean is the count itself; the value is never more than ``base - 1`` off.

    Examples
    --------
    >>> rounded(np.array([0, 4, 7]), np.array([4, 0, 3]), 5).tolist()
    [0, 0, 10]
    """
    return base * ((count + threshold) // base)


def caps(addresses: Ints, base: int, clamp: int = 1) -> Ints:
    """Give the largest multiple of the base that says nothing certain about more than half of the addresses.

    The largest ``cap`` with ``(cap - (base - 1)) / (clamp * addresses) <= 0.5``.

    Examples
    --------
    >>> caps(np.array([10, 11, 40]), 5).tolist()
    [5, 5, 20]
    """
    return base * ((clamp * addresses // 2 + base - 1) // base)


def clipped(value: Ints, base: int, low: Ints, high: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Move values to the nearest multiple of the base in [low, high]; also say where there is none."""
    lowest = base * -(-np.maximum(low, 0) // base)
    highest = base * (high // base)
    return np.clip(value, lowest, np.maximum(lowest, highest)), lowest <= highest


# --- from counts to the published table -------------------------------------------------------------------------------


def protect(counts: Sequence[Counts], geography: Geography, secret: bytes, profile: str) -> Protected:
    """Turn exact counts into the table that may be published.

    Parameters
    ----------
    counts : sequence of Counts
        One per layer; every layer counted over all zones, so that a zone has one value whatever the area.
    geography : Geography
    secret : bytes
        Key of the organisation.
    profile : str
        One of `PROFILES`.
    """
    parts = [part for item in counts for part in _protect_layer(item, geography, secret, profile)]
    table = pa.concat_tables(parts) if parts else SCHEMA.empty_table()
    return Protected(table, profile, geography.zones.version, geography.zones.k)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Values of the units of one level and window, before they become table rows."""

    value: Ints
    capped: Bools
    shown: Bools
    apart: Bools
    terms: Ints


@dataclass(frozen=True, slots=True)
class _Nodes:
    """The largest units published so far, as an attacker knows them; together they hold every atom once.

    ``low`` and ``high`` bound the exact (capped) total of each node, ``widest`` is the widest interval of one atom
    inside. ``series``, shape (windows, nodes), holds the published values of its series where ``has_series``.
    """

    of_atom: Indexes
    low: Ints
    high: Ints
    widest: Ints
    series: Ints
    has_series: Bools


def _protect_layer(counts: Counts, geography: Geography, secret: bytes, profile: str) -> list[pa.Table]:
    layer, regions, zones = counts.layer, geography.regions, geography.zones.base[counts.layer.base]
    smallest = atoms(zones, regions, layer.atom)
    covered = _covered(layer, geography, smallest, counts.period)
    value = rounded(counts.total, thresholds(secret, _names(layer, smallest), layer.family, layer.b), layer.b)
    cap = caps(smallest.addresses, layer.b, layer.clamp)
    capped = (value >= cap) & layer.capped
    value = np.where(capped, cap, value)
    ceiling = cap if layer.capped else smallest.addresses * layer.clamp  # a cap enters every total and every window
    exact = np.where(covered, np.minimum(counts.total, ceiling), 0)
    series = np.where(covered, np.minimum(counts.series, ceiling), 0)
    nodes = _atom_nodes(layer, smallest, value, capped, cap, len(series))
    own = _Rows(value, capped, covered, np.zeros(len(value), dtype=bool), np.ones(len(value), dtype=np.int64))
    level_of = _levels_of(smallest, geography)
    atom_rows = _described(layer, geography, smallest, smallest, layer.atom)
    tables = []
    for level in LEVELS:
        if level not in SHOWN[layer.atom]:
            finer = units(zones, regions, Atom.ZONE, level)
            hidden = _described(layer, geography, finer, smallest, Atom.ZONE)
            tables.append(_table(layer, profile, hidden, None, counts.period))
            continue
        mine = level_of == level
        if mine.any():
            tables.append(_table(layer, profile, atom_rows, own, counts.period).filter(pa.array(mine)))
        if mine.all():
            continue
        wider = units(zones, regions, layer.atom, level)
        of = _described(layer, geography, wider, smallest, layer.atom)
        rows, windows = _sums(wider, value, capped, covered), []
        if level in REGION_LEVELS and profile != "streng":
            rows, nodes, windows = _apart(layer, wider, rows, nodes, exact, series, secret, geography)
        level_tables = [_table(layer, profile, of, rows, counts.period)]
        for window, part in zip(counts.windows, windows, strict=False):
            seen = _sums(wider, value, capped, _covered(layer, geography, smallest, window)).shown
            part_seen = _Rows(part.value, part.capped, seen, part.apart, part.terms)
            level_tables.append(_table(layer, profile, of, part_seen, window, known=part.shown))
        tables += [table.filter(pa.array(~of.own)) for table in level_tables]
    return tables


def _names(layer: Layer, wider: Units) -> list[str]:
    return [f"{layer.base}|{layer.atom}|{unit}" for unit in wider.ids]


def _levels_of(smallest: Units, geography: Geography) -> npt.NDArray[np.str_]:
    """Level of each atom: the atom ``buurt`` is a wijk where a gemeente has no buurten."""
    if smallest.level not in REGION_LEVELS:
        return np.full(len(smallest.ids), smallest.level)
    regions = geography.regions
    return np.array([regions.levels[regions.index(code)] for code in smallest.ids], dtype=np.str_)


def _covered(layer: Layer, geography: Geography, smallest: Units, window: Interval) -> Bools:
    """Which atoms the source saw as a whole: a place that was partly not observed has no figure."""
    regions = geography.regions
    gemeente = regions.at_level("gemeente")[geography.zones.base[layer.base].region]
    seen = {code: layer.coverage.covers(regions.codes[code], *window) for code in np.unique(gemeente).tolist()}
    zone_seen = np.array([seen[code] for code in gemeente.tolist()], dtype=bool)
    return np.bincount(smallest.of_zone[~zone_seen], minlength=len(smallest.ids)) == 0


def _sums(wider: Units, value: Ints, capped: Bools, covered: Bools) -> _Rows:
    """Sums of published values; a unit with an atom that was not observed has none."""
    count = len(wider.ids)
    return _Rows(
        value=_add_up(wider.of_atom, np.where(covered, value, 0), count),
        capped=_add_up(wider.of_atom, capped & covered, count) > 0,
        shown=_add_up(wider.of_atom, ~covered, count) == 0,
        apart=np.zeros(count, dtype=bool),
        terms=_add_up(wider.of_atom, np.ones(len(value)), count),
    )


def _add_up(owner: Indexes, numbers: npt.NDArray[Any], count: int) -> Ints:
    inside = owner >= 0
    return np.bincount(owner[inside], weights=numbers[inside], minlength=count).astype(np.int64)


# --- totals that narrow nothing ---------------------------------------------------------------------------------------


def _atom_nodes(layer: Layer, smallest: Units, value: Ints, capped: Bools, cap: Ints, windows: int) -> _Nodes:
    low = np.maximum(0, value - (layer.b - 1))
    high = np.where(capped, cap, np.minimum(smallest.addresses * layer.clamp, value + layer.b - 1))
    return _Nodes(
        of_atom=np.arange(len(value), dtype=np.int32),
        low=low,
        high=high,
        widest=high - low,
        series=np.zeros((windows, len(value)), dtype=np.int64),
        has_series=np.zeros(len(value), dtype=bool),
    )


def _apart(
    layer: Layer,
    wider: Units,
    sums: _Rows,
    below: _Nodes,
    exact: Ints,
    series: Ints,
    secret: bytes,
    geography: Geography,
) -> tuple[_Rows, _Nodes, list[_Rows]]:
    """Round the totals of one level apart, over the period and per window of the series.

    A total T says that the exact total lies within ``B - 1`` of it. It is moved to the nearest multiple of B that
    leaves the least and the greatest value of every atom inside possible: with L and U the sums of what is known below
    and w the widest interval of an atom, ``T - (B-1) <= U - w`` and ``T + (B-1) >= L + w``. A window of the series
    counts at most the period and all windows together at least the period, so each window is held to the first test
    and their sum to the second. Where no multiple fits, or with fewer than three atoms, the sum stands.
    """
    base = BUURT_BASE if wider.level == "buurt" else REGION_BASE
    count = len(wider.ids)
    of_node = np.full(len(below.low), -1, dtype=np.int32)
    of_node[below.of_atom] = wider.of_atom
    low, high = _add_up(of_node, below.low, count), _add_up(of_node, below.high, count)
    widest = np.zeros(count, dtype=np.int64)
    np.maximum.at(widest, of_node[of_node >= 0], below.widest[of_node >= 0])
    least, most = low + widest - (base - 1), high - widest + (base - 1)
    if layer.capped:  # and no total proves more than half of the addresses
        most = np.minimum(most, wider.addresses * layer.clamp // 2 + base - 1)
    names = _names(layer, wider)
    drawn = rounded(_add_up(wider.of_atom, exact, count), thresholds(secret, names, layer.family, base), base)
    value, fits = clipped(drawn, base, least, most)
    apart = (sums.terms >= MIN_ATOMS) & sums.shown & fits
    rows = _Rows(
        value=np.where(apart, value, sums.value),
        capped=sums.capped & ~apart,
        shown=sums.shown,
        apart=apart,
        terms=np.where(apart, 1, sums.terms),
    )
    new_low = np.where(apart, np.maximum(low, value - (base - 1)), low)
    new_high = np.where(apart, np.minimum(high, value + (base - 1)), high)

    leaf = apart & _is_leaf(layer, wider, geography)
    child_series = (
        np.stack([_add_up(of_node, row, count) for row in below.series]) if len(series) else below.series[:, :0]
    )
    complete = ~leaf & (_add_up(of_node, ~below.has_series, count) == 0) & sums.shown
    limits = thresholds(secret, [f"{name}|reeks" for name in names], layer.family, base)
    needed = low + widest
    values = []
    for index, row in enumerate(series):
        floor = np.maximum(0, needed - (base - 1)) if index == len(series) - 1 else np.zeros_like(needed)
        drawn = rounded(_add_up(wider.of_atom, row, count), limits, base)
        window, fits = clipped(drawn, base, floor, most)
        leaf &= fits
        needed = needed - (window + base - 1)
        values.append(np.where(leaf, window, child_series[index]))
    if values:
        new_low = np.where(leaf, np.maximum(new_low, np.max(values, axis=0) - (base - 1)), new_low)
        new_high = np.where(leaf, np.minimum(new_high, np.sum(values, axis=0) + len(values) * (base - 1)), new_high)
    known = leaf | complete
    no_cap = np.zeros(count, dtype=bool)
    terms = np.where(leaf, 1, sums.terms)
    windows = [_Rows(window, no_cap, known, leaf, terms) for window in values]

    rest = np.flatnonzero(of_node < 0)  # nodes that lie in no unit of this level stay as they are
    place = np.full(len(below.low), -1, dtype=np.int32)
    place[rest] = count + np.arange(len(rest), dtype=np.int32)
    nodes = _Nodes(
        of_atom=np.where(wider.of_atom >= 0, wider.of_atom, place[below.of_atom]).astype(np.int32),
        low=np.r_[new_low, below.low[rest]],
        high=np.r_[new_high, below.high[rest]],
        widest=np.r_[widest, below.widest[rest]],
        series=np.concatenate([np.array(values).reshape(len(series), count), below.series[:, rest]], axis=1).astype(
            np.int64
        ),
        has_series=np.r_[known, below.has_series[rest]],
    )
    return rows, nodes, windows


def _is_leaf(layer: Layer, wider: Units, geography: Geography) -> Bools:
    """Which units have a series of their own: those of the layer's series level, or wijken where there are no buurten."""
    if wider.level == layer.series_level:
        return np.ones(len(wider.ids), dtype=bool)
    if wider.level != "wijk" or layer.series_level != "buurt":
        return np.zeros(len(wider.ids), dtype=bool)
    regions = geography.regions
    divided = {regions.parents[index] for index, level in enumerate(regions.levels) if level == "buurt"}
    return np.array([regions.index(code) not in divided for code in wider.ids], dtype=bool)


# --- the published table ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Described:
    """The columns of the published table that say which unit a row is about; the same for every window."""

    units: Units
    own: Bools
    columns: Mapping[str, pa.Array]


def _described(layer: Layer, geography: Geography, wider: Units, smallest: Units, atom: Atom) -> _Described:
    zones, regions, count = geography.zones.base[layer.base], geography.regions, len(wider.ids)
    if wider.level in REGION_LEVELS:
        cells, codes = [None] * count, wider.ids
    else:
        cells = cells_of_units(zones, wider.of_zone, count)
        # a layer that shows no buurt is counted to the wijk that holds most of the unit
        within = None if "buurt" in SHOWN[atom] else regions.at_level("wijk")
        codes = tuple(regions.codes[code] for code in main_region(zones, wider.of_zone, count, within))
    columns = {
        "zone": pa.array(wider.ids, pa.string()),
        "level": pa.array(_levels_of(wider, geography).tolist(), pa.string()),
        "cells": pa.array(cells, pa.list_(pa.uint64())),
        "addresses": pa.array(wider.addresses, pa.int64()),
        "buildings": pa.array(wider.buildings, pa.int64()),
        "gebiedscode": pa.array(codes, pa.string()),
        "layer": pa.repeat(layer.id, count),
        "base": pa.repeat(str(layer.base), count),
    }
    is_atom = np.ones(count, dtype=bool) if wider is smallest else np.isin(wider.ids, smallest.ids)
    own = is_atom if atom is layer.atom else np.zeros(count, dtype=bool)
    return _Described(wider, own, columns)


def _table(
    layer: Layer, profile: str, of: _Described, rows: _Rows | None, window: Interval, known: Bools | None = None
) -> pa.Table:
    """Write units as rows; without `rows`, or where not `known`, they are suppressed."""
    count = len(of.units.ids)
    nothing = np.zeros(count, dtype=bool)
    if rows is None:
        zero = np.zeros(count, dtype=np.int64)
        rows, observed, filled = _Rows(zero, nothing, nothing, nothing, zero), ~nothing, nothing
    else:
        observed, filled = rows.shown, rows.shown & (known if known is not None else True)
    status = np.where(filled, np.where(rows.capped, "cap", "waarde"), np.where(observed, "onderdrukt", "geen_data"))
    rounding = np.where(rows.apart, "apart", np.where(of.own, "zone", "som"))
    base = np.where(rows.apart, BUURT_BASE if of.units.level == "buurt" else REGION_BASE, layer.b)
    return pa.table(
        dict(of.columns)
        | {
            "b": pa.array(base, pa.int32()),
            "profile": pa.repeat(profile, count),
            "start": pa.repeat(pa.scalar(window[0], pa.date32()), count),
            "end": pa.repeat(pa.scalar(window[1], pa.date32()), count),
            "value": pa.array(rows.value, pa.int64(), mask=~filled),
            "status": pa.array(status, pa.string()),
            "rounding": pa.array(rounding, pa.string(), mask=~filled),
            "atoms": pa.array(rows.terms, pa.int32(), mask=~filled),
        },
        schema=SCHEMA,
    )


# --- from everything to one area --------------------------------------------------------------------------------------


def choose(geography: Geography, cells: npt.NDArray[np.uint64]) -> tuple[dict[Base, Bools], tuple[int, int]]:
    """Choose the zones of which most addresses lie in these cells, for every base.

    Returns
    -------
    chosen : dict of Base to ndarray of bool, shape (zones,)
    snapped : tuple of int
        Addresses outside the cells that come in with a whole zone, and addresses inside that fall out.
    """
    chosen = {}
    snapped = (0, 0)
    for base, zones in geography.zones.base.items():
        in_cells = np.where(np.isin(zones.cell, cells), zones.cell_addresses, 0)
        inside = _add_up(zones.cell_zone, in_cells, len(zones.zone))
        chosen[base] = 2 * inside > zones.addresses
        if base is Base.ALL:
            snapped = (
                int((zones.addresses - inside)[chosen[base]].sum()),
                int(inside[~chosen[base]].sum()),
            )
    return chosen, snapped


def in_gemeenten(protected: Protected, geography: Geography, chosen: Mapping[Base, Bools]) -> Protected:
    """Keep the rows of the gemeenten in which the chosen zones lie: the region an area is compared with."""
    regions = geography.regions
    gemeente = regions.at_level("gemeente")
    zones = geography.zones.base[Base.ALL]
    wanted = np.unique(gemeente[zones.region[chosen[Base.ALL]]])
    codes = [code for index, code in enumerate(regions.codes) if gemeente[index] in wanted]
    keep = pc.is_in(protected.table["gebiedscode"], value_set=pa.array(codes, pa.string()))
    return Protected(protected.table.filter(keep), protected.profile, protected.zones_version, protected.k)


def in_area(
    protected: Protected, layers: Sequence[Layer], geography: Geography, chosen: Mapping[Base, Bools]
) -> Protected:
    """Keep the rows of the units that belong to the chosen zones; no value changes."""
    keep = np.zeros(protected.table.num_rows, dtype=bool)
    row_layer = np.array(protected.table["layer"].to_pylist(), dtype=object)
    row_level = np.array(protected.table["level"].to_pylist(), dtype=object)
    row_unit = np.array(protected.table["zone"].to_pylist(), dtype=object)
    for layer in layers:
        for level, wanted in units_in(layer, geography, chosen).items():
            rows = np.flatnonzero((row_layer == layer.id) & (row_level == level))
            keep[rows] = [unit in wanted for unit in row_unit[rows]]
    return Protected(protected.table.filter(pa.array(keep)), protected.profile, protected.zones_version, protected.k)


def units_in(layer: Layer, geography: Geography, chosen: Mapping[Base, Bools]) -> dict[str, set[str]]:
    """Give per level the units of a layer that belong to the chosen zones.

    A unit belongs when most of its addresses are chosen; a hexagon that is the atom of a layer, and a gemeente,
    already when any zone of it is, so that a small area still shows the layer.
    """
    zones, regions = geography.zones.base[layer.base], geography.regions
    smallest = atoms(zones, regions, layer.atom)
    found: dict[str, set[str]] = {}
    for level in LEVELS:
        hidden = level not in SHOWN[layer.atom]
        wider = units(zones, regions, Atom.ZONE if hidden else layer.atom, level)
        weight = _add_up(wider.of_zone, np.where(chosen[layer.base], zones.addresses, 0), len(wider.ids))
        most = weight > 0 if level == "gemeente" else 2 * weight > wider.addresses
        found[level] = {unit for unit, kept in zip(wider.ids, most.tolist(), strict=True) if kept}
    weight = _add_up(smallest.of_zone, np.where(chosen[layer.base], zones.addresses, 0), len(smallest.ids))
    touched = weight > 0 if layer.atom in (Atom.RES9, Atom.RES8) else 2 * weight > smallest.addresses
    levels = _levels_of(smallest, geography)
    for unit, level, kept in zip(smallest.ids, levels.tolist(), touched.tolist(), strict=True):
        if kept:
            found[level].add(unit)
    return found
