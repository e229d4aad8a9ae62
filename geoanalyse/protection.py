"""The one door to the public side: fixed thresholds, caps, and totals clipped so that they narrow nothing.

A published value depends on its own unit only, by a threshold that never changes. ``docs/privacy.md`` holds the
reasoning; what is computed here is exactly what it says.
"""

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geoanalyse import grid
from geoanalyse.context import LEVELS as CONTEXT_LEVELS
from geoanalyse.context import Measured, at_level, significant
from geoanalyse.counts import Counts, Interval
from geoanalyse.errors import ProtectionError
from geoanalyse.geography import (
    LEVELS,
    REGION_LEVELS,
    SHOWN,
    Geography,
    Ints,
    Pieces,
    Regions,
    Units,
    add_up,
    atoms,
    cells_of_units,
    levels_of,
    main_region,
    pieces,
    units,
)
from geoanalyse.layer import Atom, Layer
from geoanalyse.levels import finer_rows
from geoanalyse.published import (
    CONTEXT_SCHEMA,
    OPEN_LEVELS,
    SCHEMA,
    STAGES,
    FollowedUp,
    Protected,
    Surroundings,
)
from geoanalyse.rounding import caps, displaced, proven, reach, rounded, rounded_apart, thresholds
from geoanalyse.totals import (
    REGION_BASE,
    Bounds,
    Rows,
    bounded,
    joined,
    most_of,
    names_of,
    nodes_of_atoms,
    series_of,
    sums_of,
    totals_of,
)

Bools = npt.NDArray[np.bool_]

MIN_SIGNALS = 30
"""Fewest earlier signals of an area of which it is said what they led to."""

_THREADS = 2


# --- from counts to the published table -------------------------------------------------------------------------------


def protect(
    counts: Sequence[Counts],
    geography: Geography,
    secret: bytes,
    profile: str,
    levels: Mapping[str, str] = MappingProxyType({}),
) -> Protected:
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
    levels : mapping of str to str
        Level from which a layer is shown, by layer id (`levels.read`): what is finer is taken out at the end.
    """
    found: dict[str, tuple[list[pa.Table], Bounds]] = {}

    def work(item: Counts) -> tuple[list[pa.Table], Bounds]:
        whole = found[item.layer.part_of][1] if item.layer.part_of is not None else None
        return _protect_layer(item, geography, secret, profile, whole)

    with ThreadPoolExecutor(_THREADS) as pool:  # layers do not depend on each other, but for parts on their whole
        for is_part in (False, True):
            batch = [item for item in counts if (item.layer.part_of is not None) == is_part]
            found |= zip((item.layer.id for item in batch), list(pool.map(work, batch)), strict=True)
    tables = [table for item in counts for table in found[item.layer.id][0]]
    table = pa.concat_tables(tables) if tables else SCHEMA.empty_table()
    hidden = finer_rows(table, levels)
    if profile == "openbaar":
        hidden = pc.or_(hidden, pc.invert(pc.is_in(table["level"], value_set=pa.array(OPEN_LEVELS))))
    table = _without(table, hidden)
    return Protected(table, profile, geography.zones.version, geography.zones.k)


def _without(table: pa.Table, hidden: pa.ChunkedArray) -> pa.Table:
    """Take out what a profile or the holder hides; a unit keeps its place, without figure and without series."""
    if not pc.any(hidden).as_py():
        return table
    whole_period = pc.and_(
        pc.equal(table["start"], pc.min(table["start"])), pc.equal(table["end"], pc.max(table["end"]))
    )
    keep = pc.or_(pc.invert(hidden), whole_period)
    return suppressed(table.filter(keep), hidden.filter(keep))


def suppressed(table: pa.Table, rows: pa.ChunkedArray) -> pa.Table:
    """Take the figures out of some rows of a published table; they read as not shown at this level.

    Parameters
    ----------
    table : pyarrow.Table
        Schema `SCHEMA`.
    rows : pyarrow.ChunkedArray of bool
    """
    for name in ("value", "low", "high", "rounding", "atoms"):
        column = table.schema.get_field_index(name)
        kind = table.schema.field(name).type
        table = table.set_column(column, table.schema.field(name), pc.if_else(rows, pa.scalar(None, kind), table[name]))
    column = table.schema.get_field_index("status")
    hidden = pc.and_(rows, pc.not_equal(table["status"], "geen_data"))
    return table.set_column(column, table.schema.field("status"), pc.if_else(hidden, "onderdrukt", table["status"]))


def follow_up(counts: Sequence[int], never: Sequence[str], regions: Sequence[str], secret: bytes) -> FollowedUp | None:
    """Round what earlier signals of an area led to, as the total of a wijk or gemeente is.

    How many signals there were is no secret: they stand on lists. Of fewer than `MIN_SIGNALS` nothing is said, since a
    single one that led to something could be pointed at. Reasons that never led to anything are only named when the
    totals prove that other signals did, so that they make no total exact.

    Parameters
    ----------
    counts : sequence of int
        One per stage, in the order of `STAGES`.
    never : sequence of str
        Codes of reasons.
    regions : sequence of str
        Codes of the regions whose signals were counted: the same regions have the same thresholds for ever, whatever
        the area is called.
    secret : bytes

    Returns
    -------
    FollowedUp or None

    Examples
    --------
    >>> found = follow_up([40, 30, 20, 10, 0], ["HOOG-leegstand"], ["BU0363TC03"], b"geheim" * 6)
    >>> found.totals["leidde_tot_iets"], found.never
    ((0, 0, 11), ())
    >>> follow_up([29, 29, 29, 29, 29], [], ["BU0363TC03"], b"geheim" * 6) is None
    True
    """
    exact = np.array(counts, dtype=np.int64)
    if exact[0] < MIN_SIGNALS:
        return None
    names = [f"{','.join(sorted(regions))}|{stage}" for stage in STAGES]
    value = rounded_apart(exact, displaced(secret, names, "opvolging", REGION_BASE), REGION_BASE)
    low, high = proven(value, REGION_BASE), value + reach(REGION_BASE)
    totals = zip(value.tolist(), low.tolist(), high.tolist(), strict=True)
    others_led = low[STAGES.index("leidde_tot_iets")] > 0
    return FollowedUp(dict(zip(STAGES, totals, strict=True)), tuple(sorted(never)) if others_led else ())


def publish(measured: Sequence[Measured], regions: Regions, taken: Collection[str] = ()) -> Surroundings:
    """Let layers of the surroundings through by the rule *public*: nothing in them was ever about addresses.

    Parameters
    ----------
    measured : sequence of Measured
        Over the same cells.
    regions : Regions
    taken : collection of str
        Ids of the layers that count; no other may bear such a name.

    Returns
    -------
    Surroundings
        Values to three significant digits: what lies behind them is coarser than that.

    Raises
    ------
    ProtectionError
        When a layer does not say that it is public, from which source and under which licence, or is called as a
        layer that counts.
    """
    faults = [
        f"omgeving {each.layer.id}: {reason}"
        for each in measured
        for holds, reason in (
            (
                each.layer.public,
                "de laag is niet openbaar; alleen openbare gegevens gaan zonder bescherming naar de kaart",
            ),
            (
                bool(each.layer.source and each.layer.licence),
                "bron of licentie ontbreekt; noem waar de gegevens vrij te krijgen zijn",
            ),
            (each.layer.id not in taken, "zo heet al een laag die telt; kies een andere bestandsnaam"),
        )
        if not holds
    ]
    if faults:
        raise ProtectionError("\n".join(faults))
    tables = [
        _surroundings_at(each, regions, level)
        for each in sorted(measured, key=lambda each: each.layer.id)
        for level in CONTEXT_LEVELS
    ]
    return Surroundings(
        tuple(sorted((each.layer for each in measured), key=lambda layer: layer.id)),
        pa.concat_tables(tables) if tables else CONTEXT_SCHEMA.empty_table(),
        {each.layer.id: each.sha256 for each in measured},
    )


def _surroundings_at(measured: Measured, regions: Regions, level: str) -> pa.Table:
    cells = measured.cells
    if level in ("cel", "res9", "res8"):
        names, owner = np.unique(cells if level == "cel" else grid.parent(cells, int(level[3:])), return_inverse=True)
        units = grid.to_hex(names)
    else:
        region = regions.region_of(cells)
        holder = np.where(region >= 0, regions.at_level(level)[region], -1)
        known, owner = np.unique(holder, return_inverse=True)
        owner = owner - int((known < 0).sum())  # the first of them, -1, is no region
        units = [regions.codes[position] for position in known.tolist() if position >= 0]
    values, seen = at_level(measured, owner, len(units))
    missing = np.isnan(values)
    values = significant(values)
    sure = measured.confidence if level == "cel" else None
    classes = np.searchsorted(np.array(measured.layer.breaks), values, side="right").astype(np.int8)
    return pa.table(
        [
            pa.array([measured.layer.id] * len(units), pa.string()),
            pa.array([level] * len(units), pa.string()),
            pa.array(units, pa.string()),
            pa.array(values, pa.float64(), mask=missing),
            pa.array(classes, pa.int8(), mask=missing),
            pa.array(np.round(seen, 3), pa.float64()),
            pa.array(np.where(missing, "geen_data", "waarde"), pa.string()),
            pa.nulls(len(units), pa.int8()) if sure is None else pa.array(sure, pa.int8(), mask=missing | (sure < 0)),
        ],
        schema=CONTEXT_SCHEMA,
    )


def _protect_layer(
    counts: Counts, geography: Geography, secret: bytes, profile: str, whole: Bounds | None = None
) -> tuple[list[pa.Table], Bounds]:
    """Give the tables of one layer, and what they bound; `whole` is what bounds this layer itself."""
    layer, regions, zones = counts.layer, geography.regions, geography.zones.base[counts.layer.base]
    smallest = atoms(zones, regions, layer.atom)
    covered = _covered(layer, geography, smallest, counts.period)
    own, exact, series = _atom_rows(counts, smallest, pieces(zones, regions, layer.atom), covered, secret)
    if whole is not None:
        own = _within_whole(
            layer, smallest, own, whole, [units(zones, regions, layer.atom, level) for level in ("wijk", "gemeente")]
        )
    nodes, bounds = nodes_of_atoms(layer, own, len(series)), Bounds({}, {})
    uncounted = np.where(own.observed & ~own.capped, 0, smallest.addresses * layer.clamp)
    level_of = levels_of(smallest, regions)
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
        sums = sums_of(wider.of_atom, len(wider.ids), own)
        rows, windows = sums, list[Rows]()
        if level in REGION_LEVELS:
            # worked out in every profile, so that what bounds a part does not depend on what is shown
            nodes = joined(nodes, wider)
            most = most_of(layer, wider, nodes, whole)
            totals, nodes = totals_of(layer, wider, sums, nodes, most, exact, secret)
            series_rows, nodes = series_of(layer, wider, totals, sums.high, nodes, most, series, secret, geography)
            if profile != "streng" and not geography.zones.redrawn:
                rows, windows = totals, series_rows
            bounds = bounded(bounds, wider, nodes, uncounted)
        level_tables = [_table(layer, profile, of, rows, counts.period)]
        for window, part in zip(counts.windows, windows, strict=False):
            seen = add_up(wider.of_atom, ~_covered(layer, geography, smallest, window), len(wider.ids)) == 0
            level_tables.append(_table(layer, profile, of, replace(part, observed=seen), window))
        tables += [table.filter(pa.array(~of.own)) for table in level_tables] if of.own.any() else level_tables
    return tables, bounds


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


def _atom_rows(counts: Counts, smallest: Units, by: Pieces, covered: Bools, secret: bytes) -> tuple[Rows, Ints, Ints]:
    """Round every piece by its own fixed threshold, at most its cap, and add up the pieces of each atom.

    Also gives the exact total per atom and the series, shape (windows, atoms): what a cap hides stays hidden in those.
    """
    layer, count, seen = counts.layer, len(smallest.ids), covered[by.atom]
    value = rounded(counts.total, thresholds(secret, names_of(layer, by.names), layer.family, layer.b), layer.b)
    cap = caps(by.addresses, layer.b, layer.clamp)
    capped = (value >= cap) & (by.addresses > 0) & layer.capped
    # a value above what is there would give part of the threshold away
    value = np.where(capped, cap, np.minimum(value, layer.b * (by.addresses * layer.clamp // layer.b)))
    ones = np.ones(len(value), dtype=np.int64)
    pieces_rows = Rows(
        value=value,
        low=np.maximum(0, value - (layer.b - 1)),
        high=np.where(capped, cap, np.minimum(by.addresses * layer.clamp, value + layer.b - 1)),
        base=layer.b * ones,
        terms=ones,
        capped=capped,
        apart=ones == 0,
        observed=seen,
        shown=seen,
    )

    def exact(numbers: Ints) -> Ints:
        return add_up(by.atom, np.where(seen, np.minimum(numbers, pieces_rows.high), 0), count)

    series = np.array([exact(row) for row in counts.series], dtype=np.int64).reshape(len(counts.series), count)
    return sums_of(by.atom, count, pieces_rows), exact(counts.total), series


def _within_whole(layer: Layer, smallest: Units, own: Rows, whole: Bounds, regions: Sequence[Units]) -> Rows:
    """Lower values that would narrow the layer this one is part of, or be narrowed by it.

    A region has at most as many addresses of this layer as of the whole one. With H the highest count that the whole
    layer leaves possible there and w its widest interval, a value v must keep ``v + (b-1) <= H`` (its own greatest
    count stays possible) and ``v - (b-1) <= H - w`` (every zone of the whole layer can still have its least count); the
    sums of the lowest counts in a wijk or gemeente likewise.
    """
    reach = layer.b - 1
    high, widest = whole.of(smallest.ids)
    room = np.minimum(high - reach, high - widest + reach)
    value = np.minimum(own.value, np.maximum(0, layer.b * (room // layer.b)))
    for wider in regions:
        high, widest = whole.of(wider.ids)
        while True:
            lowest = add_up(wider.of_atom, np.maximum(0, value - reach), len(wider.ids))
            over = lowest + np.maximum(widest, 2 * reach) > high
            lower = np.where(over[wider.of_atom], np.maximum(0, value - layer.b), value)
            if np.array_equal(lower, value):
                break
            value = lower
    lowered = value < own.value
    return replace(
        own,
        value=value,
        low=np.maximum(0, value - reach),
        high=np.where(lowered, smallest.addresses * layer.clamp, own.high),
        capped=own.capped & ~lowered,
    )


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
        "level": pa.array(levels_of(wider, geography.regions).tolist(), pa.string()),
        "cells": lists,
        "addresses": pa.array(wider.addresses, pa.int64()),
        "buildings": pa.array(wider.buildings, pa.int64()),
        "gebiedscode": pa.array(codes, pa.string()),
        "layer": pa.repeat(layer.id, count),
        "base": pa.repeat(str(layer.base), count),
    }
    known = set(smallest.ids)
    is_atom = np.array([unit in known for unit in wider.ids], dtype=bool)
    own = is_atom if atom is layer.atom else np.zeros(count, dtype=bool)
    return _Described(wider, own, columns)


def _table(layer: Layer, profile: str, of: _Described, rows: Rows | None, window: Interval) -> pa.Table:
    """Write units as rows; without `rows`, or where they are not shown, they are suppressed."""
    count = len(of.units.ids)
    if rows is None:
        zero, no = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=bool)
        rows = Rows(zero, zero, zero, zero + layer.b, zero, no, no, ~no, no)
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
