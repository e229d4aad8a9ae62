"""How firmly a call or a score stands: at another level, without a neighbour, within the rounding, by other weights."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoanalyse.classes import HIGHEST_RATIO
from geoanalyse.stats.hotspots import Calls, closed, limits, tails, verdict
from geoanalyse.stats.rates import Prior, Published, mixture_of_counts

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Indexes = npt.NDArray[np.intp]
Texts = npt.NDArray[np.str_]

DRAWS: Final = 200
STABLE: Final = 0.9
"""Share of the trials in which a call must stay as it is."""
WEIGHT_FACTOR: Final = 2.0
"""A weight is as good as certainly (95 %) right to within this factor."""
BAND: Final = 0.95
RANK_BAND: Final = 0.90
STABLE_WORDS: Final = ("stabiel", "wisselt", "niet getoetst")
SAME_WORDS: Final = ("gelijk", "anders", "niet getoetst")

_Z = 1.959963984540054  # 97.5 % point of the normal distribution
_AT_ONCE = 1 << 14  # totals worked out together; the rest of memory is for others


# --- the call of a unit -----------------------------------------------------------------------------------------------


def without_a_neighbour(published: Published, calls: Calls, pairs: npt.NDArray[np.int64], rows: Indexes) -> Floats:
    """Give the share of its neighbours that each unit can do without, one at a time, and be called the same.

    The total of a unit and its other neighbours is held against what those others lead to expect, by the yardstick of
    the call itself. It is the jackknife (Quenouille, Biometrika 43 (1956) 353-360) over the members of one total. The
    line that the correction for many comparisons drew stays where it was.

    Parameters
    ----------
    published : Published
        Shape (n,).
    calls : Calls
        What `hotspots.call` gave for it.
    pairs : ndarray of int64, shape (m, 2)
        Each pair of neighbours once.
    rows : ndarray of intp, shape (k,)
        Units that are asked about.

    Returns
    -------
    ndarray of float, shape (k,)
        NaN for a unit without neighbours.

    Examples
    --------
    In a row of units that expect 1 each, one of 15 makes its neighbours hot; they are not without it.

    >>> line, ones = np.stack([np.arange(6), np.arange(1, 7)], axis=1), np.ones(7, dtype=np.int64)
    >>> seen = Published(np.array([0, 0, 0, 15, 0, 0, 0]), 50 * ones, ones == 0, 5, ones)
    >>> called = np.array(["geen", "geen", "hotspot", "hotspot", "hotspot", "geen", "geen"])
    >>> calls = Calls(called, Prior(2.0, 100.0), 0.02)
    >>> without_a_neighbour(seen, calls, line, np.arange(7)).tolist()
    [1.0, 1.0, 0.5, 1.0, 0.5, 1.0, 1.0]
    """
    weights = closed(pairs, len(published.value))[rows]
    owner = np.repeat(np.arange(len(rows)), np.diff(weights.indptr))
    drop = weights.indices != rows[owner]
    left_out, of = weights.indices[drop], owner[drop]
    same = np.zeros(len(of), dtype=bool)
    for first in range(0, len(of), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        count = len(of[part])
        gone = sparse.csr_array((np.ones(count), left_out[part], np.arange(count + 1)), (count, weights.shape[1]))
        rest = sparse.csr_array(weights[of[part]] - gone)
        rest.eliminate_zeros()
        found = verdict(*tails(published, calls.prior, rest), calls.cut)
        same[part] = found == calls.called[rows[of[part]]]
    number = np.bincount(of, minlength=len(rows))
    kept = np.bincount(of, weights=same, minlength=len(rows))
    share: Floats = np.divide(kept, number, out=np.full(len(rows), np.nan), where=number > 0)
    return share


def within_rounding(
    published: Published,
    prior: Prior,
    calls: Calls,
    pairs: npt.NDArray[np.int64],
    rows: Indexes,
    names: Sequence[str],
    seed: int,
) -> Floats:
    """Give the share of draws of the exact counts in which each unit is called the same.

    The counts are drawn from those that the published values leave possible, each unit by itself and as likely as the
    posterior of its rate has it. Their total is held against the distribution of exact totals: rounding is part of the
    p-value of what was published, and has no place in that of a count that is not rounded.

    Parameters
    ----------
    published : Published
        Shape (n,).
    prior : Prior
        Distribution of the rates, from which the counts are drawn.
    calls : Calls
        What `hotspots.call` gave.
    pairs : ndarray of int64, shape (m, 2)
        Each pair of neighbours once.
    rows : ndarray of intp, shape (k,)
        Units that are asked about.
    names : sequence of str, length n
        Names of the units; no two are equal.
    seed : int

    Returns
    -------
    ndarray of float, shape (k,)

    Examples
    --------
    In a row of units that expect 1 each, 15 is hot whatever it was before rounding; 10 may have been too little.

    >>> line, ones = np.stack([np.arange(6), np.arange(1, 7)], axis=1), np.ones(7, dtype=np.int64)
    >>> seen = Published(np.array([15, 0, 0, 0, 0, 0, 10]), 50 * ones, ones == 0, 5, ones)
    >>> called = np.array(["hotspot", "hotspot", "geen", "geen", "geen", "hotspot", "hotspot"])
    >>> prior = Prior(2.0, 100.0)
    >>> calls = Calls(called, prior, 0.02)
    >>> within_rounding(seen, prior, calls, line, np.array([0, 3, 6]), list("abcdefg"), seed=1).round(1).tolist()
    [1.0, 1.0, 0.5]
    """
    if not len(rows):
        return np.empty(0)
    weights = closed(pairs, len(published.value))[rows]
    used = np.unique(weights.indices)
    weights, near = weights[:, used], published.take(used)
    counts = drawn_counts(near, prior, [names[unit] for unit in used.tolist()], seed)
    totals = weights @ counts
    ones = np.ones(len(used), dtype=np.int64)
    exact = Published(near.value, near.addresses, ones == 0, 1, ones, near.clamp)
    cold, hot = limits(exact, calls.prior, weights, calls.cut, totals.max(axis=1).astype(float))
    called = calls.called[rows][:, None]
    is_hot, is_cold = totals >= hot[:, None], totals <= cold[:, None]
    same = np.where(called == "hotspot", is_hot, np.where(called == "coldspot", is_cold, ~(is_hot | is_cold)))
    share: Floats = same.mean(axis=1)
    return share


def word(coarser: Texts, edge: Floats, interval: Floats) -> Texts:
    """Say in one word how firmly each call stands; see `STABLE_WORDS`.

    ``stabiel``: it stays in a share of `STABLE` of both trials, and the coarser level does not say otherwise.

    Examples
    --------
    >>> edge, interval = np.array([1.0, 0.5, np.nan, np.nan]), np.array([0.95, 1.0, 0.9, np.nan])
    >>> word(np.array(["gelijk", "gelijk", "niet getoetst", "gelijk"]), edge, interval).tolist()
    ['stabiel', 'wisselt', 'stabiel', 'niet getoetst']
    """
    firm = (coarser != "anders") & ~(edge < STABLE) & (interval >= STABLE)
    return np.where(np.isnan(interval), "niet getoetst", np.where(firm, "stabiel", "wisselt"))


# --- draws ------------------------------------------------------------------------------------------------------------


def streams(seed: int, names: Iterable[str]) -> Iterator[np.random.Generator]:
    """Give random numbers to one name after another, each its own: not those of the others, nor of their order.

    One counter-based generator (Philox) that is set to the key of each name: take from it before the next.

    Examples
    --------
    >>> one, other = ([stream.random() for stream in streams(7, names)] for names in (["a", "b"], ["b"]))
    >>> one[1] == other[0]
    True
    """
    bits = np.random.Philox(key=0)
    random, nothing = np.random.Generator(bits), np.zeros(4, dtype=np.uint64)
    for name in names:
        key = np.frombuffer(hashlib.blake2b(f"{seed}|{name}".encode(), digest_size=16).digest(), dtype="<u8")
        bits.state = {
            "bit_generator": "Philox",
            "state": {"counter": nothing, "key": key},
            "buffer": nothing,
            "buffer_pos": 4,
            "has_uint32": 0,
            "uinteger": 0,
        }
        yield random


def drawn_counts(published: Published, prior: Prior, names: Sequence[str], seed: int, draws: int = DRAWS) -> Ints:
    """Draw exact counts from those that each published value leaves possible.

    Parameters
    ----------
    published : Published
        Shape (n,).
    prior : Prior
    names : sequence of str, length n
        Name of each unit, which its random numbers go with.
    seed, draws : int

    Returns
    -------
    ndarray of int64, shape (n, draws)

    Examples
    --------
    >>> one = np.ones(1, dtype=np.int64)
    >>> seen = Published(6 * one, 100 * one, one == 0, 3, one)
    >>> np.unique(drawn_counts(seen, Prior(2.0, 50.0), ["a"], 1, 500)).tolist()
    [4, 5, 6, 7, 8]
    """
    chance = np.empty((len(names), draws))
    for row, random in zip(chance, streams(seed, names), strict=True):
        random.random(out=row)
    counts = np.zeros(chance.shape, dtype=np.int64)
    for place, exact, weight in mixture_of_counts(published, prior):
        rows = np.flatnonzero(place >= 0)
        kind, mine = place[rows], chance[rows]
        reached = np.cumsum(weight, axis=1)
        number = np.zeros(mine.shape, dtype=np.int32)
        for candidate in range(exact.shape[1] - 1):
            number += mine > reached[kind, candidate][:, None]
        counts[rows] = exact[kind[:, None], number]
    return counts


def drawn_rates(published: Published, prior: Prior, names: Sequence[str], seed: int, draws: int = DRAWS) -> Floats:
    """Draw rates per address from the posterior of `rates.posterior`, shape (n, draws); as `drawn_counts`.

    Examples
    --------
    >>> from geoanalyse.stats.rates import posterior_mean
    >>> one = np.ones(1, dtype=np.int64)
    >>> seen = Published(5 * one, 100 * one, one == 0, 5, one)
    >>> drawn = drawn_rates(seen, Prior(2.0, 50.0), ["a"], 1, 20000)
    >>> bool(abs(drawn.mean() - posterior_mean(seen, Prior(2.0, 50.0))[0]) < 0.0005)
    True
    """
    shape = prior.shape + drawn_counts(published, prior, names, seed, draws)
    gamma = np.empty(shape.shape)
    for row, mine, random in zip(gamma, shape, streams(seed, (f"{name}|rate" for name in names)), strict=True):
        random.standard_gamma(mine, out=row)
    rates: Floats = np.minimum(gamma / (prior.addresses + published.addresses)[:, None], published.clamp)
    return rates


# --- the score of a theme ---------------------------------------------------------------------------------------------


def drawn_weights(weights: Mapping[str, float], seed: int, draws: int = DRAWS) -> Floats:
    """Draw weights of layers, shape (layers, draws): each times a log-normal factor, by itself.

    The factor lies between 1 / `WEIGHT_FACTOR` and `WEIGHT_FACTOR` with a probability of 95 %. Nobody has measured how
    far a weight can be off: this says what a score owes to numbers that a careful colleague might have set otherwise.

    Examples
    --------
    >>> found = drawn_weights({"a": 0.3}, 1, 10000)
    >>> bool(abs(((found > 0.15) & (found < 0.6)).mean() - 0.95) < 0.01)
    True
    """
    normal = np.stack([random.standard_normal(draws) for random in streams(seed, weights)])
    varied: Floats = np.array(list(weights.values()))[:, None] * np.exp(np.log(WEIGHT_FACTOR) / _Z * normal)
    return varied


def drawn_scores(ratios: Sequence[Floats], weights: Floats) -> Floats:
    """Give the weighted mean of drawn ratios under drawn weights, as `composite.weighted` does for the estimates.

    Parameters
    ----------
    ratios : sequence of ndarray of float, shape (n, draws)
        One per layer: times the region's rate. A row of NaN is a unit about which the layer says nothing.
    weights : ndarray of float, shape (layers, draws)
        One set of weights per draw, the same for every unit.

    Returns
    -------
    ndarray of float, shape (n, draws)
        NaN where no layer says anything.

    Examples
    --------
    >>> one, other = np.array([[1.0, 9.0]]), np.array([[2.0, 2.0]])
    >>> drawn_scores([one, other], np.array([[1.0, 1.0], [1.0, 2.0]])).tolist()
    [[1.5, 3.0]]
    """
    total, weight = np.zeros(ratios[0].shape), np.zeros(ratios[0].shape)
    for ratio, mine in zip(ratios, weights, strict=True):
        known = ~np.isnan(ratio[:, :1])
        total += np.where(known, mine * np.minimum(ratio, HIGHEST_RATIO), 0.0)
        weight += known * mine
    scores: Floats = np.divide(total, weight, out=np.full(total.shape, np.nan), where=weight > 0)
    return scores


def bands(score: Floats, drawn: Floats, most: Floats) -> tuple[Floats, Floats, Ints, Ints]:
    """Give the band of each score, and that of its rank among these units, the highest score first.

    Both hold the score, or its rank, itself. Equal scores have every rank that they share, so that where nothing tells
    units apart the band spans them all.

    Parameters
    ----------
    score : ndarray of float, shape (n,)
        Finite.
    drawn : ndarray of float, shape (n, draws)
        Finite.
    most : ndarray of float, shape (n, draws)
        Draws for the upper end; at least `drawn`.

    Returns
    -------
    low, high : ndarray of float, shape (n,)
        Central `BAND` of the draws.
    rank_low, rank_high : ndarray of int64, shape (n,)
        Central `RANK_BAND` of the ranks: best and worst. 1 is the highest score.

    Examples
    --------
    >>> drawn = np.array([[5.0, 6.0, 5.0], [1.0, 2.0, 3.0], [2.0, 2.5, 1.0]])
    >>> [found.tolist() for found in bands(np.array([5.0, 2.0, 1.5]), drawn, drawn)]
    [[5.0, 1.0, 1.0], [6.0, 3.0, 2.5], [1, 2, 2], [1, 3, 3]]
    """
    if not np.isfinite(score).all() or not np.isfinite(drawn).all() or not np.isfinite(most).all():
        raise ValueError("scores and draws must be finite")
    beyond, rank_beyond = ((1 - share) / 2 for share in (BAND, RANK_BAND))
    best, worst = _ranks(drawn)
    first, last = _ranks(score[:, None])
    return (
        np.minimum(_lowest(drawn, beyond), score),
        np.maximum(-_lowest(-most, beyond), score),
        np.minimum(_lowest(best, rank_beyond), first[:, 0]),
        np.maximum(-_lowest(-worst, rank_beyond), last[:, 0]),
    )


def _lowest(drawn: npt.NDArray[Any], share: float) -> npt.NDArray[Any]:
    """Give the end of each row below which one more draw would lie with this probability: place share (draws + 1)."""
    below = max(int(share * (drawn.shape[1] + 1) + 1e-9) - 1, 0)
    least: npt.NDArray[Any] = np.partition(drawn, below, axis=1)[:, below]
    return least


def _ranks(drawn: Floats) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Give the best and worst rank of each row in each column; they differ only among equals."""
    count = len(drawn)
    best, worst = (np.empty(drawn.shape[::-1], dtype=np.int32) for _ in range(2))
    place = np.arange(count, dtype=np.int32)
    for draw, column in enumerate(np.ascontiguousarray(-drawn.T)):
        order = np.argsort(column)
        ordered = column[order]
        new = np.ones(count + 1, dtype=bool)
        new[1:-1] = ordered[1:] != ordered[:-1]
        if new.all():
            best[draw, order] = worst[draw, order] = place + 1
            continue
        starts = np.flatnonzero(new)
        group = np.cumsum(new[:-1]) - 1
        best[draw, order] = starts[group] + 1
        worst[draw, order] = starts[group + 1]
    return np.ascontiguousarray(best.T), np.ascontiguousarray(worst.T)
