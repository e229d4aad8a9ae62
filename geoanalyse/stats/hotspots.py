"""Hot spots: where high values stand together more than chance would have it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse, special

from geoanalyse.rounding import variance
from geoanalyse.stats import graph
from geoanalyse.stats.multiple import benjamini_hochberg
from geoanalyse.stats.rates import Prior, Published, fit_prior, together, value_distribution

Floats = npt.NDArray[np.float64]

_ROUNDS: Final = 3
_NEAR_ABOVE: Final = 1.5  # standard deviations within which nothing is worked out: never rare enough to be called
_NEAR_BELOW: Final = 1.0  # counts are skew: the tail below is the shorter one
_FAR: Final = 12.0  # standard deviations beyond which nothing is kept
_LENGTHS: Final = (16, 64, 256)  # totals, in units of the base, that are worked out exactly

LEVEL: Final = 0.05
"""Share of false discoveries that is accepted among the places called hot or cold."""


def classes(published: Published, prior: Prior, pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.str_]:
    """Call each unit ``hotspot``, ``coldspot`` or ``geen``; only the class leaves, never the score.

    The statistic is the numerator of Gi*: the total of a unit and its neighbours, against what its addresses lead to
    expect. Its p-value is not that of the normal distribution, which calls chance hot when counts are small and skew;
    it is that of the same total when every unit draws its rate from the region's distribution by itself, so that
    nothing stands together but by chance, and is then counted and rounded as it was.

    Parameters
    ----------
    published : Published
        Shape (n,).
    prior : Prior
        Distribution of the rates of the region.
    pairs : ndarray of int64, shape (m, 2)
        Each pair of neighbours once.

    Returns
    -------
    ndarray of str, shape (n,)
    """
    weights = closed(pairs, len(published.value))
    called = np.full(len(published.value), "geen", dtype="<U8")
    for _ in range(_ROUNDS):
        upper, lower = tails(published, prior, weights)
        q = benjamini_hochberg(np.minimum(1.0, 2 * np.minimum(upper, lower)))
        before, called = called, np.where(q > LEVEL, "geen", np.where(upper < lower, "hotspot", "coldspot"))
        # what was called must not pass for the ordinary spread of the region: fit that on the rest
        ordinary = np.flatnonzero(weights @ (called != "geen").astype(float) == 0)
        if np.array_equal(before, called) or len(ordinary) < len(called) / 2:
            break
        prior = fit_prior([published.take(ordinary)])
    return called


@dataclass(frozen=True, slots=True)
class Window:
    """What was published of the units of one kind in one window.

    Attributes
    ----------
    published : Published
        Shape (n,).
    pairs : ndarray of int64, shape (m, 2)
        Each pair of neighbours once, as positions in `published`.
    number : int
        Which window; those of several kinds of units share one mean.
    """

    published: Published
    pairs: npt.NDArray[np.int64]
    number: int


def classes_of_windows(windows: Sequence[Window]) -> list[npt.NDArray[np.str_]]:
    """Call each unit in each window ``hotspot``, ``coldspot`` or ``geen``.

    The test is that of `classes`. The spread of the rates is that of all windows together, since one window has too
    little to tell it; their mean is that of the window itself. So a window in which everything happens more often has
    no more hot spots: `mann_kendall` is for that. `benjamini_hochberg` goes over all units in all windows.

    Parameters
    ----------
    windows : sequence of Window

    Returns
    -------
    list of ndarray of str
        One per item of `windows`.
    """
    parts = [window for window in windows if len(window.published.value)]
    if not parts:
        return [np.empty(0, dtype="<U8") for _ in windows]
    weights = [closed(part.pairs, len(part.published.value)) for part in parts]
    called = [np.full(len(part.published.value), "geen", dtype="<U8") for part in parts]
    ends = np.cumsum([len(one) for one in called])[:-1]
    ordinary = [np.arange(len(one)) for one in called]
    for _ in range(_ROUNDS):
        shape = fit_prior(
            together([part.published.take(rows) for part, rows in zip(parts, ordinary, strict=True)])
        ).shape
        means = _means(parts, ordinary)
        found = [
            tails(part.published, Prior(shape, shape / means[part.number]), weight)
            for part, weight in zip(parts, weights, strict=True)
        ]
        upper, lower = (np.concatenate(side) for side in zip(*found, strict=True))
        q = benjamini_hochberg(np.minimum(1.0, 2 * np.minimum(upper, lower)))
        before = called
        called = np.split(np.where(q > LEVEL, "geen", np.where(upper < lower, "hotspot", "coldspot")), ends)
        ordinary = [
            np.flatnonzero(weight @ (one != "geen").astype(float) == 0)
            for weight, one in zip(weights, called, strict=True)
        ]
        few = any(len(rows) < len(one) / 2 for rows, one in zip(ordinary, called, strict=True))
        if few or all(np.array_equal(*both) for both in zip(before, called, strict=True)):
            break
    found_of = iter(called)
    return [next(found_of) if len(window.published.value) else np.empty(0, dtype="<U8") for window in windows]


def _means(parts: Sequence[Window], rows: Sequence[npt.NDArray[np.intp]]) -> dict[int, float]:
    """Give the rate of each window; half an event where there is none."""
    events: dict[int, float] = {}
    addresses: dict[int, float] = {}
    for part, mine in zip(parts, rows, strict=True):
        events[part.number] = events.get(part.number, 0) + float(part.published.value[mine].sum())
        addresses[part.number] = addresses.get(part.number, 0) + float(part.published.addresses[mine].sum())
    return {number: max(events[number], 0.5) / max(addresses[number], 1.0) for number in events}


def tails(published: Published, prior: Prior, weights: sparse.csr_array) -> tuple[Floats, Floats]:
    """Give P(total >= seen) and P(total <= seen) of each unit with its neighbours, if rates were independent.

    Totals near what is expected cannot be told from chance; they get 1 without being worked out. Small totals are
    worked out exactly; large ones by the Gamma distribution with the same three moments (Pearson type III).

    Parameters
    ----------
    published : Published
        Shape (n,).
    prior : Prior
    weights : sparse array, shape (n, n)
        1 for a unit and its neighbours.
    """
    base = published.base
    mean = published.addresses * (prior.shape / prior.addresses)
    more = mean / prior.shape
    rounding = np.minimum(published.terms, mean) * variance(base, published.displacement)
    total, expected = weights @ published.value, weights @ mean
    spread = np.sqrt(weights @ (mean * (1 + more)))
    upper, lower = np.ones(len(total)), np.ones(len(total))
    reach = np.maximum(expected + _FAR * spread, total) / base + 2
    away = (total - expected) / np.maximum(spread, 1e-12)
    open_question = (away > _NEAR_ABOVE) | (away < -_NEAR_BELOW)
    shortest = 0
    for longest in _LENGTHS:
        rows = np.flatnonzero(open_question & (reach > shortest) & (reach <= longest))
        if len(rows):
            upper[rows], lower[rows] = _exact_tails(published, prior, weights[rows], total[rows], longest)
        shortest = longest
    rows = np.flatnonzero(open_question & (reach > shortest))
    squares = weights[rows] @ (mean * (1 + more) + rounding)
    third = weights[rows] @ (mean * (1 + more) * (1 + 2 * more))
    shape, scale = 4 * squares**3 / third**2, third / (2 * squares)
    start = expected[rows] - shape * scale
    upper[rows] = special.gammaincc(shape, np.maximum(total[rows] - base / 2 - start, 0) / scale)
    lower[rows] = special.gammainc(shape, np.maximum(total[rows] + base / 2 - start, 0) / scale)
    return upper, lower


def closed(pairs: npt.NDArray[np.int64], count: int) -> sparse.csr_array:
    """Give the weights of each unit and its neighbours: 1, shape (n, n).

    Parameters
    ----------
    pairs : ndarray of int64, shape (m, 2)
        Each pair of neighbours once.
    count : int
    """
    return graph.with_self(graph.from_pairs(pairs, count))


def _exact_tails(
    published: Published, prior: Prior, weights: sparse.csr_array, total: Floats, length: int
) -> tuple[Floats, Floats]:
    """Convolve the distributions of each unit and its neighbours, by multiplying their Fourier transforms."""
    members = weights.indices
    kinds, kind = np.unique(
        np.stack([published.addresses[members], published.terms[members]]), axis=1, return_inverse=True
    )
    single = value_distribution(
        kinds[0], kinds[1], published.base, prior, length, published.clamp, published.displacement
    )
    transform = np.fft.rfft(single, 2 * length, axis=1)
    product = np.ones((weights.shape[0], transform.shape[1]), dtype=complex)
    degree = np.diff(weights.indptr)
    kind = kind.ravel()
    for number in range(int(degree.max(initial=0))):
        rows = np.flatnonzero(degree > number)
        product[rows] *= transform[kind[weights.indptr[rows] + number]]
    chance = np.maximum(np.fft.irfft(product, axis=1)[:, :length], 0)
    seen = np.rint(total / published.base).astype(np.int64)
    upward = np.cumsum(chance[:, ::-1], axis=1)[:, ::-1]
    downward = np.cumsum(chance, axis=1)
    rows = np.arange(len(seen))
    return np.minimum(upward[rows, seen], 1.0), np.minimum(downward[rows, seen], 1.0)
