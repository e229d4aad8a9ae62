"""The one door to the public side: fixed thresholds, caps, and totals clipped so that they narrow nothing.

A published value depends on its own unit only, by a threshold that never changes. ``docs/privacy.md`` holds the
reasoning; what is computed here is exactly what it says.
"""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
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

_THREADS = 2

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
    with ThreadPoolExecutor(_THREADS) as pool:  # layers do not depend on each other
        found = pool.map(lambda item: _protect_layer(item, geography, secret, profile), counts)
        parts = [part for tables in found for part in tables]
    table = pa.concat_tables(parts) if parts else SCHEMA.empty_table()
    return Protected(table, profile, geography.zones.version, geography.zones.k)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Values of the units of one level and window, before they become table rows.

    ``low`` and ``high`` bound the exact (capped) count as a reader can know it; ``base`` is what each value is a
    multiple of.
    """

    value: Ints
    low: Ints
    high: Ints
    base: Ints
    terms: Ints
    capped: Bools
    apart: Bools
    observed: Bools
    shown: Bools


@dataclass(frozen=True, slots=True)
class _Nodes:
    """The largest units published so far, as an attacker knows them; together they hold every atom once.

    ``low`` and ``high`` bound the exact (capped) total of each node, ``widest`` is the widest interval of one atom
    inside. The series of a node, shape (windows, nodes), is the sum of ``series_terms`` published ones, 0 where one is
    missing.
    """

    of_atom: Indexes
    low: Ints
    high: Ints
    widest: Ints
    series: Ints
    series_low: Ints
    series_high: Ints
    series_terms: Ints


def _protect_layer(counts: Counts, geography: Geography, secret: bytes, profile: str) -> list[pa.Table]:
    layer, regions, zones = counts.layer, geography.regions, geography.zones.base[counts.layer.base]
    smallest = atoms(zones, regions, layer.atom)
    covered = _covered(layer, geography, smallest, counts.period)
    own = _atom_rows(layer, smallest, counts.total, covered, secret)
    # what a cap hides stays hidden in every total and every window
    exact = np.where(covered, np.minimum(counts.total, own.high), 0)
    series = np.where(covered, np.minimum(counts.series, own.high), 0)
    nodes = _atom_nodes(own, len(series))
    level_of = _levels_of(smallest, geography)
    of_atoms = _described(layer, geography, smallest, smallest, layer.atom)
    tables = []
    for level in LEVELS:
        if level not in SHOWN[layer.atom]:
            hidden = _described(layer, geography, units(zones, regions, Atom.ZONE, level), smallest, Atom.ZONE)
            tables.append(_table(layer, profile, hidden, None, counts.period))
            continue
        mine = level_of == level
        if mine.any():
            tables.append(_table(layer, profile, of_atoms, own, counts.period).filter(pa.array(mine)))
        if mine.all():
            continue
        wider = units(zones, regions, layer.atom, level)
        of = _described(layer, geography, wider, smallest, layer.atom)
        rows, windows = _sums(wider, own), list[_Rows]()
        if level in REGION_LEVELS and profile != "streng":
            rows, nodes = _totals(layer, wider, rows, nodes, exact, secret)
            windows, nodes = _series(layer, wider, rows, _sums(wider, own).high, nodes, series, secret, geography)
        level_tables = [_table(layer, profile, of, rows, counts.period)]
        for window, part in zip(counts.windows, windows, strict=False):
            seen = _sums(wider, replace(own, observed=_covered(layer, geography, smallest, window))).observed
            level_tables.append(_table(layer, profile, of, replace(part, observed=seen), window))
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
    if not layer.coverage.gemeenten:  # everywhere alike
        return np.full(len(smallest.ids), layer.coverage.covers("", *window))
    regions = geography.regions
    gemeente = regions.at_level("gemeente")[geography.zones.base[layer.base].region]
    seen = {code: layer.coverage.covers(regions.codes[code], *window) for code in np.unique(gemeente).tolist()}
    zone_seen = np.array([seen[code] for code in gemeente.tolist()], dtype=bool)
    whole: Bools = np.bincount(smallest.of_zone[~zone_seen], minlength=len(smallest.ids)) == 0
    return whole


def _atom_rows(layer: Layer, smallest: Units, total: Ints, covered: Bools, secret: bytes) -> _Rows:
    """Round the count of every atom by its own fixed threshold, at most its cap."""
    value = rounded(total, thresholds(secret, _names(layer, smallest), layer.family, layer.b), layer.b)
    cap = caps(smallest.addresses, layer.b, layer.clamp)
    capped = (value >= cap) & layer.capped
    value = np.where(capped, cap, value)
    ones = np.ones(len(value), dtype=np.int64)
    return _Rows(
        value=value,
        low=np.maximum(0, value - (layer.b - 1)),
        high=np.where(capped, cap, np.minimum(smallest.addresses * layer.clamp, value + layer.b - 1)),
        base=layer.b * ones,
        terms=ones,
        capped=capped,
        apart=ones == 0,
        observed=covered,
        shown=covered,
    )


def _sums(wider: Units, own: _Rows) -> _Rows:
    """Add up published values; a unit with an atom that was not observed has none."""
    count = len(wider.ids)

    def total(numbers: npt.NDArray[Any]) -> Ints:
        return _add_up(wider.of_atom, np.where(own.observed, numbers, 0), count)

    observed = _add_up(wider.of_atom, ~own.observed, count) == 0
    return _Rows(
        value=total(own.value),
        low=total(own.low),
        high=total(own.high),
        base=np.full(count, own.base.max(initial=1)),
        terms=total(own.terms),
        capped=total(own.capped) > 0,
        apart=np.zeros(count, dtype=bool),
        observed=observed,
        shown=observed,
    )


def _add_up(owner: Indexes, numbers: npt.NDArray[Any], count: int) -> Ints:
    inside = owner >= 0
    return np.bincount(owner[inside], weights=numbers[inside], minlength=count).astype(np.int64)


# --- totals that narrow nothing ---------------------------------------------------------------------------------------


def _atom_nodes(own: _Rows, windows: int) -> _Nodes:
    nothing = np.zeros((windows, len(own.value)), dtype=np.int64)
    return _Nodes(
        of_atom=np.arange(len(own.value), dtype=np.int32),
        low=own.low,
        high=own.high,
        widest=own.high - own.low,
        series=nothing,
        series_low=nothing,
        series_high=nothing,
        series_terms=np.zeros(len(own.value), dtype=np.int64),
    )


def _joined(below: _Nodes, wider: Units) -> _Nodes:
    """Join the nodes that lie in one unit of the next level; the units come first, then the nodes that lie in none."""
    count = len(wider.ids)
    of_node = np.full(len(below.low), -1, dtype=np.int32)
    of_node[below.of_atom] = wider.of_atom
    rest = np.flatnonzero(of_node < 0)
    of_node[rest] = count + np.arange(len(rest), dtype=np.int32)
    size = count + len(rest)
    widest = np.zeros(size, dtype=np.int64)
    np.maximum.at(widest, of_node, below.widest)
    without = _add_up(of_node, below.series_terms == 0, size) > 0

    def total(numbers: Ints) -> Ints:
        summed = [_add_up(of_node, row, size) for row in numbers]
        return np.array(summed, dtype=np.int64).reshape(len(numbers), size)

    return _Nodes(
        of_atom=of_node[below.of_atom],
        low=_add_up(of_node, below.low, size),
        high=_add_up(of_node, below.high, size),
        widest=widest,
        series=total(below.series),
        series_low=total(below.series_low),
        series_high=total(below.series_high),
        series_terms=np.where(without, 0, _add_up(of_node, below.series_terms, size)),
    )


def _totals(layer: Layer, wider: Units, sums: _Rows, below: _Nodes, exact: Ints, secret: bytes) -> tuple[_Rows, _Nodes]:
    """Round the totals of one level apart, where there are at least three atoms.

    A total T says that the exact total lies within ``B - 1`` of it. It is moved to the nearest multiple of B that
    leaves the least and the greatest value of every atom inside possible: with L and U the sums of what is known below
    and w the widest interval of an atom, ``T - (B-1) <= U - w`` and ``T + (B-1) >= L + w``. Where no multiple fits,
    the sum stands.
    """
    nodes, count, base = _joined(below, wider), len(wider.ids), _base(wider)
    low, high, widest = nodes.low[:count], nodes.high[:count], nodes.widest[:count]
    least, most = low + widest - (base - 1), _most(layer, wider, nodes)
    drawn = rounded(
        _add_up(wider.of_atom, exact, count), thresholds(secret, _names(layer, wider), layer.family, base), base
    )
    value, fits = clipped(drawn, base, least, most)
    apart = (sums.terms >= MIN_ATOMS) & sums.observed & fits
    # what readers are told must hold: a total that may have been moved says nothing on the side it came from
    at_most, _ = clipped(most, base, least, most)
    at_least, _ = clipped(least, base, least, most)
    true_low = np.where(value > at_least, np.maximum(sums.low, value - (base - 1)), sums.low)
    true_high = np.where(value < at_most, np.minimum(sums.high, value + (base - 1)), sums.high)
    rows = replace(
        sums,
        value=np.where(apart, value, sums.value),
        low=np.where(apart, np.minimum(true_low, value), sums.low),
        high=np.where(apart, np.maximum(true_high, value), sums.high),
        base=np.where(apart, base, sums.base),
        terms=np.where(apart, 1, sums.terms),
        apart=apart,
    )
    known_low, known_high = nodes.low.copy(), nodes.high.copy()
    known_low[:count] = np.where(apart, np.maximum(low, value - (base - 1)), low)
    known_high[:count] = np.where(apart, np.minimum(high, value + (base - 1)), high)
    return rows, replace(nodes, low=known_low, high=known_high)


def _series(
    layer: Layer,
    wider: Units,
    totals: _Rows,
    most_counted: Ints,
    nodes: _Nodes,
    series: Ints,
    secret: bytes,
    geography: Geography,
) -> tuple[list[_Rows], _Nodes]:
    """Give the windows of the series of one level: rounded apart at the layer's own level, sums of those above it.

    A window counts at most what the period counts, and all windows together at least that; so each window is held to
    the first test of `_totals` and their sum to the second. Rounding two levels apart could narrow a window of the
    lower one, so only one level is.
    """
    count, base = len(wider.ids), _base(wider)
    leaf = totals.apart & _is_leaf(layer, wider, geography)
    names = [f"{name}|reeks" for name in _names(layer, wider)]
    limits = thresholds(secret, names, layer.family, base)
    most = _most(layer, wider, nodes)
    needed = nodes.low[:count] + nodes.widest[:count]
    values = np.zeros((len(series), count), dtype=np.int64)
    for index, row in enumerate(series):
        least = np.maximum(0, needed - (base - 1)) if index == len(series) - 1 else np.zeros_like(needed)
        drawn = rounded(_add_up(wider.of_atom, row, count), limits, base)
        values[index], fits = clipped(drawn, base, least, most)
        leaf &= fits
        needed = needed - (values[index] + base - 1)
    highest, _ = clipped(most, base, np.zeros_like(most), most)
    high = np.maximum(values, np.where(values < highest, np.minimum(values + base - 1, most_counted), most_counted))
    low_of_window = np.maximum(0, values - (base - 1))
    low_of_window[-1:] = 0  # the last window may have been moved up
    series_columns = {}
    for name, own in (("series", values), ("series_low", low_of_window), ("series_high", high)):
        column = getattr(nodes, name).copy()
        column[:, :count] = np.where(leaf, own, column[:, :count])
        series_columns[name] = column
    terms = nodes.series_terms.copy()
    terms[:count] = np.where(leaf, 1, terms[:count])
    low, high_all = nodes.low.copy(), nodes.high.copy()
    if len(values):
        proven = np.max(values, axis=0) - (base - 1)
        room = values.sum(axis=0) + len(values) * (base - 1)
        low[:count] = np.where(leaf, np.maximum(low[:count], proven), low[:count])
        high_all[:count] = np.where(leaf, np.minimum(high_all[:count], room), high_all[:count])
    shown = (terms[:count] > 0) & totals.observed
    from_buurten = _has_buurten(wider, geography) & (layer.series_level == "buurt")
    below_base = np.where(from_buurten & ~leaf, BUURT_BASE, base)
    windows = [
        replace(
            totals,
            value=series_columns["series"][index, :count],
            low=series_columns["series_low"][index, :count],
            high=series_columns["series_high"][index, :count],
            base=below_base,
            terms=terms[:count],
            apart=leaf,
            shown=shown,
        )
        for index in range(len(values))
    ]
    return windows, replace(nodes, low=low, high=high_all, series_terms=terms, **series_columns)


def _base(wider: Units) -> int:
    return BUURT_BASE if wider.level == "buurt" else REGION_BASE


def _most(layer: Layer, wider: Units, nodes: _Nodes) -> Ints:
    """Give the highest total that leaves every atom its least value and proves at most half of the addresses."""
    count, base = len(wider.ids), _base(wider)
    most = nodes.high[:count] - nodes.widest[:count] + (base - 1)
    return np.minimum(most, wider.addresses * layer.clamp // 2 + base - 1) if layer.capped else most


def _is_leaf(layer: Layer, wider: Units, geography: Geography) -> Bools:
    """Say which units have a series of their own: those of the layer's level, or wijken where there are no buurten."""
    if wider.level == layer.series_level:
        return np.ones(len(wider.ids), dtype=bool)
    if wider.level == "wijk" and layer.series_level == "buurt":
        return ~_has_buurten(wider, geography)
    return np.zeros(len(wider.ids), dtype=bool)


def _has_buurten(wider: Units, geography: Geography) -> Bools:
    regions = geography.regions
    buurten = [code for code, level in zip(regions.codes, regions.levels, strict=True) if level == "buurt"]
    divided = {code for buurt in buurten for code in regions.chain(buurt).values()}
    return np.array([code in divided for code in wider.ids], dtype=bool)


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
        lists, codes = pa.nulls(count, pa.list_(pa.uint64())), wider.ids
    else:
        cells, starts = cells_of_units(zones, wider.of_zone, count)
        lists = pa.ListArray.from_arrays(pa.array(starts), pa.array(cells))
        # a layer that shows no buurt is counted to the wijk that holds most of the unit
        within = None if "buurt" in SHOWN[atom] else regions.at_level("wijk")
        codes = tuple(regions.codes[code] for code in main_region(zones, wider.of_zone, count, within))
    columns = {
        "zone": pa.array(wider.ids, pa.string()),
        "level": pa.array(_levels_of(wider, geography).tolist(), pa.string()),
        "cells": lists,
        "addresses": pa.array(wider.addresses, pa.int64()),
        "buildings": pa.array(wider.buildings, pa.int64()),
        "gebiedscode": pa.array(codes, pa.string()),
        "layer": pa.repeat(layer.id, count),
        "base": pa.repeat(str(layer.base), count),
    }
    is_atom = np.ones(count, dtype=bool) if wider is smallest else np.isin(wider.ids, smallest.ids)
    own = is_atom if atom is layer.atom else np.zeros(count, dtype=bool)
    return _Described(wider, own, columns)


def _table(layer: Layer, profile: str, of: _Described, rows: _Rows | None, window: Interval) -> pa.Table:
    """Write units as rows; without `rows`, or where they are not shown, they are suppressed."""
    count = len(of.units.ids)
    if rows is None:
        zero, no = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=bool)
        rows = _Rows(zero, zero, zero, zero + layer.b, zero, no, no, ~no, no)
    filled = rows.observed & rows.shown
    status = np.where(
        filled, np.where(rows.capped, "cap", "waarde"), np.where(rows.observed, "onderdrukt", "geen_data")
    )
    rounding = np.where(rows.apart, "apart", np.where(of.own, "zone", "som"))
    return pa.table(
        dict(of.columns)
        | {
            "b": pa.array(rows.base, pa.int32()),
            "profile": pa.repeat(profile, count),
            "start": pa.repeat(pa.scalar(window[0], pa.date32()), count),
            "end": pa.repeat(pa.scalar(window[1], pa.date32()), count),
            "value": pa.array(rows.value, pa.int64(), mask=~filled),
            "low": pa.array(rows.low, pa.int64(), mask=~filled),
            "high": pa.array(rows.high, pa.int64(), mask=~filled | rows.capped),
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


def in_gemeenten(
    protected: Protected, layers: Sequence[Layer], geography: Geography, chosen: Mapping[Base, Bools]
) -> Protected:
    """Keep the rows of the gemeenten in which the chosen zones lie: the region an area is compared with.

    A hexagon that is the atom of a layer belongs to it as soon as one of its zones does.
    """
    regions = geography.regions
    gemeente = regions.at_level("gemeente")
    wanted = np.unique(gemeente[geography.zones.base[Base.ALL].region[chosen[Base.ALL]]])
    codes = [code for index, code in enumerate(regions.codes) if gemeente[index] in wanted]
    keep = pc.is_in(protected.table["gebiedscode"], value_set=pa.array(codes, pa.string()))
    for layer in layers:
        if layer.atom in (Atom.RES9, Atom.RES8):
            zones = geography.zones.base[layer.base]
            smallest = atoms(zones, regions, layer.atom)
            inside = np.isin(gemeente[zones.region], wanted)
            reached = pa.array([smallest.ids[unit] for unit in np.unique(smallest.of_zone[inside])], pa.string())
            mine = pc.and_(pc.equal(protected.table["layer"], layer.id), pc.is_in(protected.table["zone"], reached))
            keep = pc.or_(keep, pc.and_(mine, pc.equal(protected.table["level"], str(layer.atom))))
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
