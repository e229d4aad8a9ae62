"""The one door to the public side: fixed thresholds, caps, and totals clipped so that they narrow nothing.

A published value depends on its own unit only, by a threshold that never changes. ``docs/privacy.md`` holds the
reasoning; what is computed here is exactly what it says.
"""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geoanalyse.counts import Counts, Interval
from geoanalyse.geography import (
    LEVELS,
    REGION_LEVELS,
    SHOWN,
    Geography,
    Indexes,
    Ints,
    Pieces,
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
from geoanalyse.published import OPEN_LEVELS, SCHEMA, Protected

Bools = npt.NDArray[np.bool_]

_THREADS = 2

BUURT_BASE = 5
REGION_BASE = 10
"""Rounding bases of separate totals: B of a buurt, and of a wijk or gemeente."""
DISPLACEMENT = 2
"""Most that the fixed displacement of a separate total adds to its threshold or takes off it."""
MIN_ATOMS = 3
"""Fewest atoms in a region with a separate total or a series."""
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
    drawn = b"".join([hmac.digest(secret, name.encode() + tail, "sha256")[:8] for name in names])
    return (np.frombuffer(drawn, dtype=">u8") % base).astype(np.int64)


def displaced(secret: bytes, names: Iterable[str], family: str, base: int) -> Ints:
    """Give the fixed threshold of each separate total: uniform modulo the base, plus a displacement of at most 2.

    Who knows all but one of the zones of a region learns, over many releases, where the total turns: the count that is
    missing plus this threshold. At either end of its range that gives the count away, and a sum of two uniform numbers
    seldom lies at an end: one time in ``base * (2 * DISPLACEMENT + 1)``.

    Returns
    -------
    ndarray of int64, shape (n,)
        From ``-DISPLACEMENT`` to ``base - 1 + DISPLACEMENT``.

    Examples
    --------
    >>> names = [f"wijk|alle|{number}" for number in range(10_000)]
    >>> drawn = displaced(b"secret" * 6, names, "fiu", 5)
    >>> drawn.min(), drawn.max(), round(float((drawn == -2).mean()), 2)
    (np.int64(-2), np.int64(6), 0.04)
    """
    both = thresholds(secret, names, family, base * (2 * DISPLACEMENT + 1))
    return both % base + both // base - DISPLACEMENT


def reach(base: int) -> int:
    """Give the most that a separate total is off.

    Examples
    --------
    >>> reach(5), reach(10)
    (6, 11)
    """
    return base - 1 + DISPLACEMENT


def proven(total: Ints, base: int) -> Ints:
    """Give the least count that separate totals prove: anything above 0 proves at least one.

    Examples
    --------
    >>> proven(np.array([0, 5, 20]), 5).tolist()
    [0, 1, 14]
    """
    return np.maximum(total - reach(base), (total > 0).astype(np.int64))


def variance(base: int, displacement: int = 0) -> float:
    """Give the mean squared error of a rounded count: (base^2 - 1) / 6, and that of a uniform displacement.

    The error is base - remainder with chance remainder / base, and else -remainder; over all remainders its square is
    (base^2 - 1) / 6 on average. A uniform number from -d to d has the variance d (d + 1) / 3.

    Examples
    --------
    >>> variance(3), variance(5), variance(5, 2)
    (1.3333333333333333, 4.0, 6.0)
    """
    return (base**2 - 1) / 6 + displacement * (displacement + 1) / 3


def rounded(count: Ints, threshold: Ints, base: int) -> Ints:
    """Round counts to a multiple of the base: ``base * floor((count + threshold) / base)``.

    Over all thresholds the mean is the count itself; the value is never more than ``base - 1`` off.

    Examples
    --------
    >>> rounded(np.array([0, 4, 7]), np.array([4, 0, 3]), 5).tolist()
    [0, 0, 10]
    """
    return base * ((count + threshold) // base)


def rounded_apart(count: Ints, threshold: Ints, base: int) -> Ints:
    """Round totals by their displaced thresholds; no events stay 0, and nothing becomes negative.

    Examples
    --------
    >>> rounded_apart(np.array([0, 1, 1, 9]), np.array([6, -2, 6, -2]), 5).tolist()
    [0, 0, 5, 5]
    """
    return np.where(count > 0, np.maximum(0, rounded(count, threshold, base)), 0)


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
    found: dict[str, tuple[list[pa.Table], _Bounds]] = {}

    def work(item: Counts) -> tuple[list[pa.Table], _Bounds]:
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


@dataclass(frozen=True, slots=True)
class _Bounds:
    """The highest count that is left possible for every region, and the widest interval inside, by CBS code.

    What bounds a layer that is part of this one: of its addresses a region has at most as many.
    """

    high: Mapping[str, int]
    widest: Mapping[str, int]

    def of(self, ids: Sequence[str]) -> tuple[Ints, Ints]:
        high, widest = ([known[code] for code in ids] for known in (self.high, self.widest))
        return np.array(high, dtype=np.int64), np.array(widest, dtype=np.int64)


def _protect_layer(
    counts: Counts, geography: Geography, secret: bytes, profile: str, whole: _Bounds | None = None
) -> tuple[list[pa.Table], _Bounds]:
    """Give the tables of one layer, and what they bound; `whole` is what bounds this layer itself."""
    layer, regions, zones = counts.layer, geography.regions, geography.zones.base[counts.layer.base]
    smallest = atoms(zones, regions, layer.atom)
    covered = _covered(layer, geography, smallest, counts.period)
    own, exact, series = _atom_rows(counts, smallest, pieces(zones, regions, layer.atom), covered, secret)
    if whole is not None:
        own = _within_whole(
            layer, smallest, own, whole, [units(zones, regions, layer.atom, level) for level in ("wijk", "gemeente")]
        )
    nodes, bounds = _atom_nodes(layer, own, len(series)), _Bounds({}, {})
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
        sums = _sums(wider.of_atom, len(wider.ids), own)
        rows, windows = sums, list[_Rows]()
        if level in REGION_LEVELS:
            # worked out in every profile, so that what bounds a part does not depend on what is shown
            nodes = _joined(nodes, wider)
            most = _most(layer, wider, nodes, whole)
            totals, nodes = _totals(layer, wider, sums, nodes, most, exact, secret)
            series_rows, nodes = _series(layer, wider, totals, sums.high, nodes, most, series, secret, geography)
            if profile != "streng" and not geography.zones.redrawn:
                rows, windows = totals, series_rows
            bounds = _bounded(bounds, wider, nodes, uncounted)
        level_tables = [_table(layer, profile, of, rows, counts.period)]
        for window, part in zip(counts.windows, windows, strict=False):
            seen = add_up(wider.of_atom, ~_covered(layer, geography, smallest, window), len(wider.ids)) == 0
            level_tables.append(_table(layer, profile, of, replace(part, observed=seen), window))
        tables += [table.filter(pa.array(~of.own)) for table in level_tables] if of.own.any() else level_tables
    return tables, bounds


def _names(layer: Layer, ids: Iterable[str]) -> list[str]:
    return [f"{layer.base}|{layer.atom}|{unit}" for unit in ids]


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


def _atom_rows(counts: Counts, smallest: Units, by: Pieces, covered: Bools, secret: bytes) -> tuple[_Rows, Ints, Ints]:
    """Round every piece by its own fixed threshold, at most its cap, and add up the pieces of each atom.

    Also gives the exact total per atom and the series, shape (windows, atoms): what a cap hides stays hidden in those.
    """
    layer, count, seen = counts.layer, len(smallest.ids), covered[by.atom]
    value = rounded(counts.total, thresholds(secret, _names(layer, by.names), layer.family, layer.b), layer.b)
    cap = caps(by.addresses, layer.b, layer.clamp)
    capped = (value >= cap) & (by.addresses > 0) & layer.capped
    # a value above what is there would give part of the threshold away
    value = np.where(capped, cap, np.minimum(value, layer.b * (by.addresses * layer.clamp // layer.b)))
    ones = np.ones(len(value), dtype=np.int64)
    pieces_rows = _Rows(
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
    return _sums(by.atom, count, pieces_rows), exact(counts.total), series


def _within_whole(layer: Layer, smallest: Units, own: _Rows, whole: _Bounds, regions: Sequence[Units]) -> _Rows:
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


def _bounded(bounds: _Bounds, wider: Units, nodes: _Nodes, uncounted: Ints) -> _Bounds:
    """Add the regions of one level; what lies above a cap or was not observed is not bounded."""
    count = len(wider.ids)
    high = nodes.high[:count] + add_up(wider.of_atom, uncounted, count)
    return _Bounds(
        {**bounds.high, **dict(zip(wider.ids, high.tolist(), strict=True))},
        {**bounds.widest, **dict(zip(wider.ids, nodes.widest[:count].tolist(), strict=True))},
    )


def _sums(owner: Indexes, count: int, parts: _Rows) -> _Rows:
    """Add up published values; a unit with a part that was not observed has none."""

    def total(numbers: npt.NDArray[Any]) -> Ints:
        return add_up(owner, np.where(parts.observed, numbers, 0), count)

    observed = add_up(owner, ~parts.observed, count) == 0
    return _Rows(
        value=total(parts.value),
        low=total(parts.low),
        high=total(parts.high),
        base=np.full(count, parts.base.max(initial=1)),
        terms=total(parts.terms),
        capped=total(parts.capped) > 0,
        apart=np.zeros(count, dtype=bool),
        observed=observed,
        shown=observed,
    )


# --- totals that narrow nothing ---------------------------------------------------------------------------------------


def _atom_nodes(layer: Layer, own: _Rows, windows: int) -> _Nodes:
    nothing = np.zeros((windows, len(own.value)), dtype=np.int64)
    high = np.minimum(own.high, own.value + own.terms * (layer.b - 1))
    return _Nodes(
        of_atom=np.arange(len(own.value), dtype=np.int32),
        low=own.low,
        high=high,
        widest=high - own.low,
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
    without = add_up(of_node, below.series_terms == 0, size) > 0

    def total(numbers: Ints) -> Ints:
        summed = [add_up(of_node, row, size) for row in numbers]
        return np.array(summed, dtype=np.int64).reshape(len(numbers), size)

    return _Nodes(
        of_atom=of_node[below.of_atom],
        low=add_up(of_node, below.low, size),
        high=add_up(of_node, below.high, size),
        widest=widest,
        series=total(below.series),
        series_low=total(below.series_low),
        series_high=total(below.series_high),
        series_terms=np.where(without, 0, add_up(of_node, below.series_terms, size)),
    )


def _totals(
    layer: Layer, wider: Units, sums: _Rows, nodes: _Nodes, most: Ints, exact: Ints, secret: bytes
) -> tuple[_Rows, _Nodes]:
    """Round the totals of one level apart, where there are three atoms and that is more accurate than their sum.

    A total T says that the exact total lies within ``reach(B)`` of it. It is moved to the nearest multiple of B that
    leaves the least and the greatest value of every atom inside possible: with L and U the sums of what is known below
    and w the widest interval of an atom, ``proven(T) <= U - w`` and ``T + reach(B) >= L + w``. Where no multiple fits,
    the sum stands.
    """
    count, base = len(wider.ids), _base(wider)
    low, high, widest = nodes.low[:count], nodes.high[:count], nodes.widest[:count]
    least = low + widest - reach(base)
    drawn = rounded_apart(
        add_up(wider.of_atom, exact, count), displaced(secret, _names(layer, wider.ids), layer.family, base), base
    )
    value, fits = clipped(drawn, base, least, most)
    better = sums.terms * variance(layer.b) >= variance(base, DISPLACEMENT)
    apart = better & _three_atoms(wider) & sums.observed & fits
    # what readers are told must hold: a total that may have been moved says nothing on the side it came from
    at_most, _ = clipped(most, base, least, most)
    at_least, _ = clipped(least, base, least, most)
    true_low = np.where(value > at_least, np.maximum(sums.low, proven(value, base)), sums.low)
    true_high = np.where(value < at_most, np.minimum(sums.high, value + reach(base)), sums.high)
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
    known_low[:count] = np.where(apart, np.maximum(low, proven(value, base)), low)
    known_high[:count] = np.where(apart, np.minimum(high, value + reach(base)), high)
    return rows, replace(nodes, low=known_low, high=known_high)


def _series(
    layer: Layer,
    wider: Units,
    totals: _Rows,
    most_counted: Ints,
    nodes: _Nodes,
    most: Ints,
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
    leaf = _three_atoms(wider) & totals.observed & _is_leaf(layer, wider, geography)
    names = [f"{name}|reeks" for name in _names(layer, wider.ids)]
    limits = displaced(secret, names, layer.family, base)
    needed = nodes.low[:count] + nodes.widest[:count]
    values = np.zeros((len(series), count), dtype=np.int64)
    for index, row in enumerate(series):
        least = np.maximum(0, needed - reach(base)) if index == len(series) - 1 else np.zeros_like(needed)
        drawn = rounded_apart(add_up(wider.of_atom, row, count), limits, base)
        values[index], fits = clipped(drawn, base, least, most)
        leaf &= fits
        needed = needed - (values[index] + reach(base))
    highest, _ = clipped(most, base, np.zeros_like(most), most)
    high = np.maximum(values, np.where(values < highest, np.minimum(values + reach(base), most_counted), most_counted))
    low_of_window = proven(values, base)
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
        least = proven(np.max(values, axis=0), base)
        room = values.sum(axis=0) + len(values) * reach(base)
        low[:count] = np.where(leaf, np.maximum(low[:count], least), low[:count])
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


def _most(layer: Layer, wider: Units, nodes: _Nodes, whole: _Bounds | None) -> Ints:
    """Give the highest total that leaves every atom its least value and proves at most half of the addresses.

    A total of a layer that is part of another also leaves every zone of that one its least value.
    """
    count, base = len(wider.ids), _base(wider)
    room = nodes.high[:count] - nodes.widest[:count]
    if whole is not None:
        high, widest = whole.of(wider.ids)
        room = np.minimum(room, high - np.maximum(widest, nodes.widest[:count]))
    if layer.capped:
        room = np.minimum(room, wider.addresses * layer.clamp // 2)
    return np.where(room >= 1, room + reach(base), 0)  # anything above 0 proves at least one


def _three_atoms(wider: Units) -> Bools:
    inside: Bools = np.bincount(wider.of_atom[wider.of_atom >= 0], minlength=len(wider.ids)) >= MIN_ATOMS
    return inside


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
