"""The space-time permutation scan: where and when events stand together more than their places and their days explain.

For public event data only: it needs the unit and the period of every event, which no release holds.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geoanalyse.stats.windows import (
    TIE,
    Bools,
    Circles,
    Floats,
    Ints,
    Rings,
    check,
    groups,
    gumbel_p,
    log_likelihood_ratio,
    rank_p,
    steepness,
)

Counted = npt.NDArray[np.signedinteger[Any]]

_COLUMNS: Final = 32  # replicas that are worked on together
_SHORT: Final = 2**15  # fewer events than this are counted in half the memory


@dataclass(frozen=True, slots=True)
class Outbreak:
    """A cylinder, units over some periods, with more events than expected.

    Attributes
    ----------
    members : ndarray of int64
        Positions of its units; the centre first, then in the order in which they enter.
    start, end : int
        Its first period, and the one after its last.
    observed : int
    expected : float
        If time and place of the events had nothing to do with each other.
    llr : float
        Log likelihood ratio.
    p : float
        Share of maps, the replicas and this one, whose highest LLR is at least this.
    p_gumbel : float
        As in `geoanalyse.stats.clusters.Cluster`.
    """

    members: Ints
    start: int
    end: int
    observed: int
    expected: float
    llr: float
    p: float
    p_gumbel: float


@dataclass(frozen=True, slots=True)
class Outbreaks:
    """Outbreaks that share no unit in the same period, by descending LLR, and the highest LLR of each replica."""

    found: tuple[Outbreak, ...]
    maxima: Floats


@dataclass(frozen=True, slots=True)
class _Best:
    """The most surprising cylinder: its LLR, what it holds, and its size in units times periods."""

    llr: float
    size: int
    members: npt.NDArray[np.intp]
    start: int
    days: int


def permutation_scan(
    unit: Ints,
    period: Ints,
    windows: Circles | Rings,
    *,
    seed: int,
    longest: int,
    replicas: int = 999,
    share: float = 0.5,
    most: int = 10,
    threads: int = 1,
) -> Outbreaks:
    """Find cylinders in which events are more frequent than their places and their periods explain.

    Kulldorff, Heffernan, Hartman, Assuncao & Mostashari, PLoS Medicine 2 (2005) e59. With n events in the units of a
    cylinder over all periods, m events everywhere in its periods, and C events in all, ``E = n m / C`` are expected in
    it. The statistic of a map is the highest `log_likelihood_ratio` over all cylinders. A replica keeps the place of
    every event and deals out the periods anew, so that each unit and each period keeps its number of events: a place
    that always has many, or a week that has many everywhere, is no outbreak. No population is needed.

    Cylinders have the windows of `geoanalyse.stats.clusters.scan` for their base, of at most `share` of the events, and
    1 to `longest` periods for their height. Those that come after the first share no unit in the same period with one
    before, and are compared with the same maxima, which is conservative. Of equal LLR (to nine digits) the cylinder
    with the fewest units times periods comes first, then the earliest, then the one whose centre comes first.

    Parameters
    ----------
    unit : ndarray of int, shape (events,)
        Position of the unit of each event among those of `windows`.
    period : ndarray of int, shape (events,)
        Number of its period, from 0 on; periods are of equal length.
    windows : Circles or Rings
    seed : int
        Replica number r is drawn with the counter-based generator Philox with the key (seed, r).
    longest : int
        Most periods in a cylinder; at most half of them is usual.
    replicas : int
    share : float
        Largest share of the events in the base of a cylinder; above 0, below 1.
    most : int
        Number of outbreaks to give at most.
    threads : int

    Returns
    -------
    Outbreaks

    Raises
    ------
    ValueError
        For shapes that do not fit, numbers that are no position, or a longest cylinder that is not among the periods.

    Notes
    -----
    The expected number is that of a cylinder whose events are few among all; the permutations make the p-value right
    whatever the shape of the statistic.

    Examples
    --------
    Two events in each of five places, one per period, and four more in the third place in period 5.

    >>> place = np.stack([np.arange(5.0), np.zeros(5)], axis=1)
    >>> unit = np.array([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 2, 2, 2, 2])
    >>> period = np.array([0, 1, 2, 3, 4, 6, 7, 8, 9, 0, 5, 5, 5, 5])
    >>> found = permutation_scan(unit, period, Circles(place, "plane"), seed=1, longest=3, replicas=99).found
    >>> found[0].members.tolist(), found[0].start, found[0].end, found[0].observed, round(found[0].expected, 2)
    ([2], 5, 6, 4, 1.71)
    """
    events, when = np.asarray(unit), np.asarray(period)
    count = len(windows.place) if isinstance(windows, Circles) else windows.graph.shape[0]
    _check_events(events, when, count, longest)
    check(windows, count, share, replicas)
    shape = (count, int(when.max(initial=0)) + 1)
    of_unit, of_period = (np.bincount(each, minlength=size) for each, size in zip((events, when), shape, strict=True))
    best = np.zeros(replicas)
    if len(events) == 0:
        return Outbreaks((), best)
    bases = [base for group in groups(windows, of_unit / len(events), share) for base in group if len(base[0])]
    blocks = [range(at, min(at + _COLUMNS, replicas)) for at in range(0, replicas, _COLUMNS)]

    def highest(block: range) -> Floats:
        maps = np.stack([_replica(events, when, shape, seed, number) for number in block], axis=2)
        found = np.zeros(len(block))
        for order, ends in bases:
            for counted, expected, _ in _cylinders(order, maps, of_unit, of_period, longest):
                found = _raised(counted, expected, ends, len(events), found)
        return found

    with ThreadPoolExecutor(threads) as pool:
        for block, found in zip(blocks, pool.map(highest, blocks), strict=True):
            best[block.start : block.stop] = found
    counts = np.zeros(shape, dtype=np.int32)
    np.add.at(counts, (events, when), 1)
    return Outbreaks(tuple(_outbreaks(counts, bases, of_unit, of_period, longest, most, best)), best)


def _check_events(unit: Ints, period: Ints, count: int, longest: int) -> None:
    if unit.ndim != 1 or unit.shape != period.shape:
        raise ValueError("unit and period must have one number per event")
    if not (np.issubdtype(unit.dtype, np.integer) and np.issubdtype(period.dtype, np.integer)):
        raise ValueError("unit and period must be whole numbers")
    if len(unit) and (unit.min() < 0 or unit.max() >= count or period.min() < 0):
        raise ValueError("every event needs the position of a unit, and a period of at least 0")
    if not 1 <= longest <= max(int(period.max(initial=0)), 1):
        raise ValueError("the longest cylinder must be at least 1 period and shorter than all of them")


def _replica(unit: Ints, period: Ints, shape: tuple[int, int], seed: int, number: int) -> Counted:
    """Count the events per unit and period, after the periods were dealt out anew."""
    random = np.random.Generator(np.random.Philox(key=np.array([seed, number], dtype=np.uint64)))
    place = unit * shape[1] + random.permutation(period)
    kind = np.int16 if len(unit) < _SHORT else np.int32
    return np.bincount(place, minlength=shape[0] * shape[1]).reshape(shape).astype(kind)


def _cylinders(
    order: npt.NDArray[np.intp], maps: Counted, of_unit: Ints, of_period: Ints, longest: int
) -> Iterator[tuple[Counted, Floats, int]]:
    """Give the events in each cylinder round one centre, what is expected, and its height, height by height.

    Shapes (bases, starts, maps) and (bases, starts).
    """
    inside = np.cumsum(maps[order], axis=0, dtype=maps.dtype)
    upto = np.zeros((len(order), maps.shape[1] + 1, maps.shape[2]), dtype=maps.dtype)
    np.cumsum(inside, axis=1, out=upto[:, 1:])
    base = np.cumsum(of_unit[order]) / of_period.sum()
    until = np.concatenate([[0], np.cumsum(of_period)])
    for days in range(1, longest + 1):
        yield upto[:, days:] - upto[:, :-days], base[:, None] * (until[days:] - until[:-days]), days


def _raised(counted: Counted, expected: Floats, ends: Bools, total: int, best: Floats) -> Floats:
    """Give the highest LLR of each map so far; logarithms are taken only where a bound exceeds it."""
    steep = steepness(expected / total)
    above = np.divide(np.sqrt(best.min() * total), steep, out=np.full(steep.shape, float(total)), where=steep > 0)
    # above this the count may exceed the lowest of the best so far
    limit = np.minimum(np.where(ends[:, None], np.floor((expected + above) * (1 - TIE)), total), total)
    row, start, column = np.nonzero(counted > limit.astype(counted.dtype)[..., None])
    if len(row) == 0:
        return best
    value = log_likelihood_ratio(counted[row, start, column], expected[row, start], total)
    raised = best.copy()
    np.maximum.at(raised, column, value)
    return raised


def _outbreaks(
    counts: npt.NDArray[np.int32],
    bases: list[tuple[npt.NDArray[np.intp], Bools]],
    of_unit: Ints,
    of_period: Ints,
    longest: int,
    most: int,
    maxima: Floats,
) -> Iterator[Outbreak]:
    """Give the cylinders that share no unit in the same period, from the highest LLR on."""
    total = int(of_period.sum())
    taken = np.zeros(counts.shape, dtype=np.int32)
    for _ in range(most):
        maps = np.stack([counts, taken], axis=2)
        best = _Best(0.0, 0, np.empty(0, dtype=np.intp), 0, 0)
        for order, ends in bases:
            for counted, expected, days in _cylinders(order, maps, of_unit, of_period, longest):
                llr = log_likelihood_ratio(counted[..., 0], expected, total)
                free = ends[:, None] & (counted[..., 1] == 0)
                best = _better(best, np.where(free, llr, 0.0), order, days)
        if best.llr <= 0:
            return
        periods = slice(best.start, best.start + best.days)
        taken[best.members, periods] = 1
        yield Outbreak(
            members=best.members.astype(np.int64),
            start=best.start,
            end=best.start + best.days,
            observed=int(counts[best.members, periods].sum()),
            expected=float(of_unit[best.members].sum() * of_period[periods].sum() / total),
            llr=best.llr,
            p=rank_p(best.llr, maxima),
            p_gumbel=gumbel_p(best.llr, maxima),
        )


def _better(best: _Best, llr: Floats, order: npt.NDArray[np.intp], days: int) -> _Best:
    """Give the better of what was found before and the best of these; of equal ones the smallest, then the earliest."""
    highest = float(llr.max(initial=0.0))
    if highest <= 0 or highest < best.llr * (1 - TIE):
        return best
    rows, starts = np.nonzero(llr >= max(highest, best.llr) * (1 - TIE))
    row, start = min(zip(rows.tolist(), starts.tolist(), strict=True))
    size = (row + 1) * days
    if highest <= best.llr * (1 + TIE) and (size, start) >= (best.size, best.start):
        return best
    return _Best(float(llr[row, start]), size, order[: row + 1], start, days)
