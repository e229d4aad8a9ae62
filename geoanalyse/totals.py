"""Separate totals and series of regions, kept where they narrow nothing that the zones leave possible.

Sections 4.4 to 4.6 of ``docs/privacy.md`` prove what is done here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from geoanalyse.geography import Geography, Indexes, Ints, Units, add_up
from geoanalyse.layer import Layer
from geoanalyse.rounding import DISPLACEMENT, clipped, displaced, proven, reach, rounded_apart, variance

Bools = npt.NDArray[np.bool_]

BUURT_BASE = 5
REGION_BASE = 10
"""Rounding bases of separate totals: B of a buurt, and of a wijk or gemeente."""
MIN_ATOMS = 3
"""Fewest atoms in a region with a separate total or a series."""


@dataclass(frozen=True, slots=True)
class Rows:
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
class Nodes:
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
class Bounds:
    """The highest count that is left possible for every region, and the widest interval inside, by CBS code.

    What bounds a layer that is part of this one: of its addresses a region has at most as many.
    """

    high: Mapping[str, int]
    widest: Mapping[str, int]

    def of(self, ids: Sequence[str]) -> tuple[Ints, Ints]:
        """Give both for some regions, in the order of their codes."""
        high, widest = ([known[code] for code in ids] for known in (self.high, self.widest))
        return np.array(high, dtype=np.int64), np.array(widest, dtype=np.int64)


def names_of(layer: Layer, ids: Iterable[str]) -> list[str]:
    """Give the names under which the units of a layer have their thresholds."""
    return [f"{layer.base}|{layer.atom}|{unit}" for unit in ids]


def bounded(bounds: Bounds, wider: Units, nodes: Nodes, uncounted: Ints) -> Bounds:
    """Add the regions of one level; what lies above a cap or was not observed is not bounded."""
    count = len(wider.ids)
    high = nodes.high[:count] + add_up(wider.of_atom, uncounted, count)
    return Bounds(
        {**bounds.high, **dict(zip(wider.ids, high.tolist(), strict=True))},
        {**bounds.widest, **dict(zip(wider.ids, nodes.widest[:count].tolist(), strict=True))},
    )


def sums_of(owner: Indexes, count: int, parts: Rows) -> Rows:
    """Add up published values; a unit with a part that was not observed has none."""

    def total(numbers: npt.NDArray[Any]) -> Ints:
        return add_up(owner, np.where(parts.observed, numbers, 0), count)

    observed = add_up(owner, ~parts.observed, count) == 0
    return Rows(
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


def nodes_of_atoms(layer: Layer, own: Rows, windows: int) -> Nodes:
    """Give what the value of each atom alone says."""
    nothing = np.zeros((windows, len(own.value)), dtype=np.int64)
    high = np.minimum(own.high, own.value + own.terms * (layer.b - 1))
    return Nodes(
        of_atom=np.arange(len(own.value), dtype=np.int32),
        low=own.low,
        high=high,
        widest=high - own.low,
        series=nothing,
        series_low=nothing,
        series_high=nothing,
        series_terms=np.zeros(len(own.value), dtype=np.int64),
    )


def joined(below: Nodes, wider: Units) -> Nodes:
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

    return Nodes(
        of_atom=of_node[below.of_atom],
        low=add_up(of_node, below.low, size),
        high=add_up(of_node, below.high, size),
        widest=widest,
        series=total(below.series),
        series_low=total(below.series_low),
        series_high=total(below.series_high),
        series_terms=np.where(without, 0, add_up(of_node, below.series_terms, size)),
    )


def totals_of(
    layer: Layer, wider: Units, sums: Rows, nodes: Nodes, most: Ints, exact: Ints, secret: bytes
) -> tuple[Rows, Nodes]:
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
        add_up(wider.of_atom, exact, count), displaced(secret, names_of(layer, wider.ids), layer.family, base), base
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


def series_of(
    layer: Layer,
    wider: Units,
    totals: Rows,
    most_counted: Ints,
    nodes: Nodes,
    most: Ints,
    series: Ints,
    secret: bytes,
    geography: Geography,
) -> tuple[list[Rows], Nodes]:
    """Give the windows of the series of one level: rounded apart at the layer's own level, sums of those above it.

    A window counts at most what the period counts, and all windows together at least that; so each window is held to
    the first test of `totals_of` and their sum to the second. Rounding two levels apart could narrow a window of the
    lower one, so only one level is.
    """
    count, base = len(wider.ids), _base(wider)
    leaf = _three_atoms(wider) & totals.observed & _is_leaf(layer, wider, geography)
    names = [f"{name}|reeks" for name in names_of(layer, wider.ids)]
    limits = displaced(secret, names, layer.family, base)
    needed = nodes.low[:count] + nodes.widest[:count]
    values = np.zeros((len(series), count), dtype=np.int64)
    least = np.zeros_like(needed)
    for index, row in enumerate(series):
        if index == len(series) - 1:
            least = np.maximum(0, needed - reach(base))
        drawn = rounded_apart(add_up(wider.of_atom, row, count), limits, base)
        values[index], fits = clipped(drawn, base, least, most)
        leaf &= fits
        needed = needed - (values[index] + reach(base))
    highest, _ = clipped(most, base, np.zeros_like(most), most)
    high = np.maximum(values, np.where(values < highest, np.minimum(values + reach(base), most_counted), most_counted))
    low_of_window = proven(values, base)
    # only the last window can have been moved up, and then it lies as low as the test allows
    lowest, _ = clipped(least, base, least, most)
    low_of_window[-1:] = np.where(values[-1:] > lowest, low_of_window[-1:], 0)
    series_columns = {}
    for name, own in (("series", values), ("series_low", low_of_window), ("series_high", high)):
        column = getattr(nodes, name).copy()
        column[:, :count] = np.where(leaf, own, column[:, :count])
        series_columns[name] = column
    terms = nodes.series_terms.copy()
    terms[:count] = np.where(leaf, 1, terms[:count])
    low, high_all = nodes.low.copy(), nodes.high.copy()
    if len(values):
        at_least = proven(np.max(values, axis=0), base)
        room = values.sum(axis=0) + len(values) * reach(base)
        low[:count] = np.where(leaf, np.maximum(low[:count], at_least), low[:count])
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


def most_of(layer: Layer, wider: Units, nodes: Nodes, whole: Bounds | None) -> Ints:
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
