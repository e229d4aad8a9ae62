"""Scan statistics: the places that stand out most as a whole, with one p-value for having searched everywhere."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geoanalyse.rounding import caps, rounded, rounded_apart
from geoanalyse.stats.rates import Prior, Published
from geoanalyse.stats.windows import (
    TIE,
    Circles,
    Floats,
    Ints,
    Nested,
    Rings,
    check,
    distances,
    groups,
    gumbel_p,
    log_likelihood_ratio,
    nested,
    portions,
    rank_p,
    steepness,
)

_STEP: Final = 16  # rows that are added up by one small matrix product: faster than adding one by one
_COLUMNS: Final = 128  # replicas that are worked on together: a block of them fits the cache
_HELD: Final = 25_000_000  # simulated counts that are held at a time
_SINGLE: Final = 1e5  # up to this total, single precision tells which windows may exceed the best so far
_MARGIN: Final = 1e-3  # more than single precision can be off then


@dataclass(frozen=True, slots=True)
class Cluster:
    """A window with more cases than expected.

    Attributes
    ----------
    members : ndarray of int64
        Positions of its units; the centre first, then in the order in which they enter.
    observed : int
    expected : float
        Of the same total number of cases, if the risk were the same everywhere.
    relative_risk : float
        Risk inside over risk outside; infinite when all cases lie inside.
    llr : float
        Log likelihood ratio.
    p : float
        Share of maps, the replicas and this one, whose highest LLR is at least this.
    p_gumbel : float
        The same from a Gumbel distribution with the mean and variance of the replicas; it can be below
        1 / (replicas + 1). Not a number when the replicas do not differ.
    """

    members: Ints
    observed: int
    expected: float
    relative_risk: float
    llr: float
    p: float
    p_gumbel: float


@dataclass(frozen=True, slots=True)
class Scan:
    """Clusters that share no unit, by descending LLR, and the highest LLR of each replica, shape (replicas,)."""

    clusters: tuple[Cluster, ...]
    maxima: Floats


def scan(
    counts: Ints | Published,
    population: npt.ArrayLike,
    windows: Circles | Rings,
    *,
    seed: int,
    replicas: int = 999,
    share: float = 0.5,
    prior: Prior | None = None,
    most: int = 10,
    threads: int = 1,
) -> Scan:
    """Find the windows with the most surprising excess of cases: the spatial scan statistic.

    Kulldorff & Nagarwalla, Statistics in Medicine 14 (1995) 799-810; Kulldorff, Communications in Statistics - Theory
    and Methods 26 (1997) 1481-1496; Poisson model, high clusters. The statistic of a map is the highest
    `log_likelihood_ratio` over all windows. A replica is a map without clusters; p is the share of maps, this one and
    the replicas, with a statistic at least as high (rank over replicas + 1, Dwass). One p-value per map answers for
    having looked everywhere. Windows grow from each unit, over its nearest units; units at equal distance (to nine
    digits) enter together; a window holds at most `share` of the population.

    Secondary clusters share no unit with a cluster of higher LLR, and are compared with the same maxima, which is
    conservative. Of windows with equal LLR (to nine digits) the one with the fewest units comes first, then the one
    whose centre comes first.

    **What is chance?** By default every case falls on a unit with chance proportional to its population, given the
    total: the multinomial of the Poisson model. Counts per address in a real region vary from place to place more than
    that, without any pattern. To the Poisson model this ordinary variation is unlikely, so it calls nearly every region
    clustered. With `prior` each replica first draws the rate of every unit, independently, from the Gamma distribution
    of the region; then only what stands *together* more than chance is a cluster. A single unit with a high rate of its
    own is ordinary then. Fit the prior with `rates.fit_prior`; only its shape matters, as the total is given.

    **Published values** are rounded, which makes small counts noisier. Given as `Published`, the statistic is that of
    the values, and each replica is drawn as exact counts (their total is that of the values, which rounding leaves
    unbiased), held to what the addresses can count for, rounded with a new uniform threshold per unit, 0 stays 0, and
    capped, as the values were. Units that are sums of several rounded values have their population split evenly over
    the terms, as the true split is not public.

    Parameters
    ----------
    counts : ndarray of int, shape (n,), or Published
        Cases per unit, or the published values that stand for them.
    population : array_like of float, shape (n,)
        Population or expected cases, in any unit; at least 0.
    windows : Circles or Rings
    seed : int
        Replica number r is drawn with the counter-based generator Philox with the key (seed, r): the same seed gives
        the same figures, with any number of threads; more replicas leave the earlier ones as they were.
    replicas : int
    share : float
        Largest share of the population in a window; above 0, below 1.
    prior : Prior, optional
        Distribution of rates without clusters; equal rates when absent.
    most : int
        Number of clusters to give at most.
    threads : int

    Returns
    -------
    Scan

    Raises
    ------
    ValueError
        For shapes that do not fit, negative or missing numbers, or cases where nobody lives.

    Notes
    -----
    The Gumbel approximation of the p-value: Abrams, Kulldorff & Kleinman, International Journal of Health Geographics 9
    (2010) 61.

    Logarithms are taken only where a bound on the LLR (`windows.steepness`) exceeds the best so far.

    Examples
    --------
    >>> place = np.stack([np.arange(9.0), np.zeros(9)], axis=1)
    >>> cases = np.array([2, 1, 2, 9, 8, 1, 2, 1, 2])
    >>> found = scan(cases, np.full(9, 100), Circles(place, "plane"), seed=1, replicas=99)
    >>> first = found.clusters[0]
    >>> first.members.tolist(), first.observed, round(first.llr, 3), first.p
    ([3, 2, 4], 19, 6.94, 0.01)
    """
    values = counts.value if isinstance(counts, Published) else np.asarray(counts)
    people = np.asarray(population, dtype=float)
    _check(values, people, windows, share, replicas)
    total = int(values.sum())
    if total == 0 or len(values) == 1:
        return Scan((), np.zeros(replicas))
    risk = people / people.sum()
    best = np.zeros(replicas)
    step = max(_COLUMNS, _HELD // len(values))
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, replicas, step):
            numbers = range(start, min(start + step, replicas))
            blocks = [numbers[at : at + _COLUMNS] for at in range(0, len(numbers), _COLUMNS)]

            def drawn(block: range) -> Ints:
                return np.stack([_replica(counts, total, risk, prior, seed, number) for number in block], axis=1)

            maps = list(pool.map(drawn, blocks))
            for group in groups(windows, risk, share):

                def raise_best(block: range, counted: Ints, rounds: list[Nested] = group) -> None:
                    rows = slice(block.start, block.stop)
                    best[rows] = _raised(rounds, risk, counted, counted.sum(axis=0), best[rows])

                list(pool.map(raise_best, blocks, maps))
    return Scan(tuple(_clusters(values, risk, windows, share, most, best)), best)


def _check(values: Ints, people: Floats, windows: Circles | Rings, share: float, replicas: int) -> None:
    count = len(values)
    if values.shape != (count,) or people.shape != (count,) or count == 0:
        raise ValueError("counts and population must have one number per unit")
    if not np.issubdtype(values.dtype, np.integer) or values.min() < 0:
        raise ValueError("counts must be whole numbers, at least 0")
    if not np.isfinite(people).all() or people.min() < 0 or people.sum() == 0:
        raise ValueError("population must be finite, at least 0, and more than 0 in all")
    if values[people == 0].any():
        raise ValueError("there are cases in a unit without population")
    check(windows, count, share, replicas)


# --- maps without clusters --------------------------------------------------------------------------------------------


def _replica(
    counts: Ints | Published, total: int, risk: Floats, prior: Prior | None, seed: int, number: int
) -> npt.NDArray[np.int32]:
    """Draw one map without clusters: what would be seen of it."""
    random = np.random.Generator(np.random.Philox(key=np.array([seed, number], dtype=np.uint64)))
    chance = risk
    if prior is not None:
        drawn = risk * random.standard_gamma(prior.shape, len(risk))
        chance = drawn / drawn.sum() if drawn.any() else risk
    if not isinstance(counts, Published):
        return np.asarray(random.multinomial(total, chance), dtype=np.int32)
    terms = np.maximum(counts.terms, 1)
    unit = np.repeat(np.arange(len(terms)), terms)
    addresses = counts.addresses[unit] / terms[unit]
    exact = random.multinomial(total, chance[unit] / terms[unit])
    exact = np.minimum(exact, np.ceil(counts.clamp * addresses).astype(np.int64))
    threshold = random.integers(0, counts.base, len(unit))
    if counts.displacement:
        threshold += random.integers(-counts.displacement, counts.displacement + 1, len(unit))
        value = rounded_apart(exact, threshold, counts.base)
    else:
        highest = caps(np.ceil(addresses).astype(np.int64), counts.base, counts.clamp)
        value = np.minimum(rounded(exact, threshold, counts.base), highest)
    return np.asarray(np.bincount(unit, weights=value, minlength=len(terms)), dtype=np.int32)


# --- the highest log likelihood ratio ---------------------------------------------------------------------------------


def _raised(rounds: list[Nested], risk: Floats, counts: Ints, total: npt.NDArray[np.integer], best: Floats) -> Floats:
    """Give the highest LLR of each map so far, with the windows round these centres, shape (maps,).

    `counts` has shape (n, maps), and `risk` is the share of each unit in what is expected.
    """
    kind = np.float32 if total.max(initial=0) <= _SINGLE else np.float64
    off = (counts - total * risk[:, None]).astype(kind)
    best = best.copy()
    slack = _MARGIN * np.sqrt(total)
    length = _whole_steps(max((len(order) for order, _ in rounds), default=0))
    room = np.empty((2, length, off.shape[1]), dtype=kind)  # once: new memory takes longer than the sums
    for order, ends in rounds:
        if len(order) == 0:
            continue
        within = np.cumsum(risk[order])
        steep = np.where(ends, steepness(within), 0.0)
        maps = np.flatnonzero(_bound(off, order, steep, room) * (1 + _MARGIN) + slack > np.sqrt(best * total))
        if len(maps) == 0:
            continue
        seen, whole = np.cumsum(counts[order[:, None], maps], axis=0), total[maps]
        window, column = np.nonzero((seen - whole * within[:, None]) * steep[:, None] > np.sqrt(best[maps] * whole))
        value = log_likelihood_ratio(seen[window, column], whole[column] * within[window], whole[column])
        np.maximum.at(best, maps[column], value)
    return best


def _bound(off: npt.NDArray[Any], order: npt.NDArray[np.intp], steep: Floats, room: npt.NDArray[Any]) -> Floats:
    """Give at least the highest of ``(c - E) * steep`` over the windows of each map, shape (maps,).

    Sums within steps of rows, as matrix products, then over the steps. Within a step the highest sum goes with the
    highest steepness; but in the first step, where windows still differ much in size.
    """
    length = _whole_steps(len(order))
    rows, weight = np.zeros(length, dtype=np.intp), np.zeros(length, dtype=off.dtype)
    rows[: len(order)], weight[: len(order)] = order, steep
    np.take(off, rows, axis=0, out=room[0, :length], mode="clip")
    steps, sums = (each[:length].reshape(-1, _STEP, off.shape[1]) for each in room)
    np.matmul(np.tril(np.ones((_STEP, _STEP), dtype=off.dtype)), steps, out=sums)
    before = np.cumsum(sums[:-1, -1], axis=0)
    later = weight.reshape(-1, _STEP)[1:].max(axis=1, initial=0)[:, None] * (before + sums[1:].max(axis=1))
    first = (weight[:_STEP, None] * sums[0]).max(axis=0)
    highest: Floats = np.maximum(first, later.max(axis=0, initial=0)).astype(float)
    return highest


def _whole_steps(length: int) -> int:
    return -(-length // _STEP) * _STEP


def _clusters(
    values: Ints, risk: Floats, windows: Circles | Rings, share: float, most: int, maxima: Floats
) -> Iterator[Cluster]:
    """Give the windows that share no unit, from the highest LLR on."""
    total = int(values.sum())
    count = len(values)
    llr, size, reach = np.zeros(count), np.zeros(count, dtype=np.int64), np.zeros(count)
    blocked = np.full(count, np.inf)  # distance to the nearest unit that is taken
    stale = np.arange(count)
    for _ in range(most):
        for centres in portions(stale, count):
            for centre, apart in zip(centres.tolist(), distances(windows, centres), strict=True):
                order, ends = nested(apart, risk, share)
                free = int(np.searchsorted(apart[order], blocked[centre] * (1 - TIE)))
                llr[centre], size[centre] = _best((order[:free], ends[:free]), values, risk, total)
                reach[centre] = apart[order[size[centre] - 1]] if size[centre] else -1.0
        highest = llr.max()
        if highest <= 0:
            return
        equal = np.flatnonzero(llr >= highest * (1 - TIE))
        centre = int(equal[np.argmin(size[equal])])
        members = nested(distances(windows, equal[[np.argmin(size[equal])]])[0], risk, share)[0][: size[centre]]
        yield _cluster(members, values[members].sum(), total * risk[members].sum(), total, maxima)
        for part in portions(members, count):
            blocked = np.minimum(blocked, distances(windows, part).min(axis=0))
        stale = np.flatnonzero(reach >= blocked * (1 - TIE))


def _best(window: Nested, values: Ints, risk: Floats, total: int) -> tuple[float, int]:
    """Highest LLR round a centre, and the least number of units that has it."""
    order, ends = window
    ratio = np.where(ends, log_likelihood_ratio(np.cumsum(values[order]), total * np.cumsum(risk[order]), total), 0.0)
    highest = float(ratio.max(initial=0.0))
    return highest, int(np.argmax(ratio >= highest * (1 - TIE))) + 1 if highest > 0 else 0


def _cluster(members: npt.NDArray[np.intp], observed: int, expected: float, total: int, maxima: Floats) -> Cluster:
    llr = float(log_likelihood_ratio(observed, expected, total))
    rest = (total - observed) / (total - expected)
    return Cluster(
        members=members.astype(np.int64),
        observed=int(observed),
        expected=float(expected),
        relative_risk=float(observed / expected / rest) if rest else float("inf"),
        llr=llr,
        p=rank_p(llr, maxima),
        p_gumbel=gumbel_p(llr, maxima),
    )
