"""P-values of the local statistics by conditional permutation.

The value of a unit stays in place, and those of all other units are permuted over their places. Whatever is small and
skew, such as counts of a few addresses, the p-value has the distribution of a Monte Carlo test; an analytic z-score of
`geoanalyse.stats.local` has not.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoanalyse.stats.graph import checked, without_self
from geoanalyse.stats.local import deviations, from_mean, margin

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_BLOCK: Final = 128  # units that share their draws
_CHUNK: Final = 1024  # permutations held at once
_HELD: Final = 1 << 22  # positions held at once
_SEEDS: Final = 1 << 64


def gi_p(values: npt.ArrayLike, weights: sparse.csr_array, permutations: int, seed: int, threads: int = 1) -> Floats:
    """Give the two-sided p-value of Gi, and of Gi*, of each unit by conditional permutation.

    The value of the unit stays; its neighbours get values drawn from all other units without replacement. With `above`
    the number of permutations whose weighted sum is as large as the one seen or larger, and `below` as small or
    smaller::

        p = min(1, 2 min(above + 1, below + 1) / (permutations + 1))

    Equal sums count on both sides, and sums that differ by rounding only are equal. The unit itself adds the same to
    every sum, so Gi and Gi* have one p-value. 1 where there is nothing to permute.

    Each unit's draws are exact, but 128 units that follow each other share them (esda shares them among all units): its
    p-value has the distribution of a Monte Carlo test, and those of one block err together. Random numbers come from
    the counter-based generator Philox with the key (seed, block): the same seed gives the same p-values, with any
    number of threads.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        In any unit.
    weights : sparse array, shape (n, n)
        As for `gi` or `gi_star`; a diagonal makes no difference.
    permutations : int
        At least 1; the least p-value is ``2 / (permutations + 1)``. With m units, no q-value of `multiple` is below m
        times that over the number of units that reach it.
    seed : int
        From 0 to 2**64 - 1.
    threads : int

    Returns
    -------
    ndarray of float, shape (n,)

    Raises
    ------
    ValueError
        When a value or a weight is not finite, the shapes do not fit, or a number is out of bounds.

    Examples
    --------
    >>> from geoanalyse.stats import graph
    >>> line = graph.from_pairs(np.array([[k, k + 1] for k in range(199)]), 200)
    >>> high = np.where(np.arange(200) < 3, 9.0, 0.0)
    >>> gi_p(high, line, 999, seed=2)[[1, 100]].tolist()
    [0.002, 1.0]
    """
    x, known = checked(values, weights)
    return _p(x, without_self(known), permutations, seed, threads)


def moran_p(values: npt.ArrayLike, weights: sparse.csr_array, permutations: int, seed: int, threads: int = 1) -> Floats:
    """Give the two-sided p-value of local Moran's I of each unit by conditional permutation.

    That of `gi_p`, since with the value of the unit in place I is the sum of its neighbours times a constant;
    1 where the unit has the mean as its value, so that I is 0 whatever its neighbours are.

    Parameters, errors and random numbers are those of `gi_p`.

    Examples
    --------
    >>> from geoanalyse.stats import graph
    >>> line = graph.from_pairs(np.array([[k, k + 1] for k in range(199)]), 200)
    >>> high = np.where(np.arange(200) < 3, 9.0, 0.0)
    >>> moran_p(high, line, 999, seed=2)[[1, 100]].tolist()
    [0.002, 1.0]
    """
    x, known = checked(values, weights)
    p = _p(x, without_self(known), permutations, seed, threads)
    return np.where(from_mean(x) == 0, 1.0, p)


def bivariate_moran_p(
    values: npt.ArrayLike,
    others: npt.ArrayLike,
    weights: sparse.csr_array,
    permutations: int,
    seed: int,
    threads: int = 1,
) -> Floats:
    """Give the two-sided p-value of the bivariate local Moran's I of each unit by conditional permutation.

    `others` of the other units are permuted, as in `gi_p`; 1 where `values` of the unit is the mean.

    Parameters, errors and random numbers are those of `bivariate_moran` and `gi_p`.

    Examples
    --------
    >>> from geoanalyse.stats import graph
    >>> line = graph.from_pairs(np.array([[k, k + 1] for k in range(199)]), 200)
    >>> here, around = np.eye(200)[1], np.where(np.arange(200) < 3, 9.0, 0.0)
    >>> bivariate_moran_p(here, around, line, 999, seed=2)[[1, 100]].tolist()
    [0.002, 1.0]
    """
    x, known = checked(values, weights)
    y, _ = checked(others, weights)
    p = _p(y, without_self(known), permutations, seed, threads)
    return np.where(from_mean(x) == 0, 1.0, p)


def _p(x: Floats, weights: sparse.csr_array, permutations: int, seed: int, threads: int) -> Floats:
    if permutations < 1:
        raise ValueError("permutations must be at least 1")
    if not 0 <= seed < _SEEDS:
        raise ValueError("seed must lie between 0 and 2**64 - 1")
    centred, equal = deviations(x), margin(weights)
    if not centred.any():
        return np.ones(len(x))
    lag = weights @ centred
    bounds = np.stack([lag - equal, lag + equal])

    def exceeding(block: int) -> Ints:
        return _exceeding(centred, weights, bounds, permutations, (seed, block))

    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(exceeding, range(-(-len(x) // _BLOCK))))
    fewest = np.concatenate(found, axis=1).min(axis=0)
    p: Floats = np.minimum(1.0, 2 * (fewest + 1) / (permutations + 1))
    return p


def _exceeding(x: Floats, weights: sparse.csr_array, bounds: Floats, permutations: int, key: tuple[int, int]) -> Ints:
    """Count, for the units of one block, the permutations with a sum not below `bounds[0]` and not above `bounds[1]`.

    ``key`` holds the seed and the number of the block; the counts have shape (2, units).
    """
    start = key[1] * _BLOCK
    end = min(start + _BLOCK, len(x))
    first = weights.indptr[start : end + 1].astype(np.int64)
    degree = np.diff(first)
    widest = int(degree.max())
    if not widest:
        return np.full((2, end - start), permutations)
    share = np.zeros((end - start, widest))
    row = np.repeat(np.arange(end - start), degree)
    share[row, np.arange(first[0], first[-1]) - first[row]] = weights.data[first[0] : first[-1]]
    low, high = bounds[:, start:end, None]
    random = np.random.Generator(np.random.Philox(key=np.array(key, dtype=np.uint64)))
    chunk = max(1, min(_CHUNK, _HELD // (widest + 1)))
    counts = np.zeros((2, end - start), dtype=np.int64)
    for done in range(0, permutations, chunk):
        drawn = _draws(random, len(x), widest + 1, min(chunk, permutations - done))
        sample = x[drawn.T]
        sums = np.einsum("uk,kp->up", share, sample[:-1])  # BLAS starts threads, which cost more than such a product
        # a unit that is drawn as its own neighbour gives way to the last draw, which is a spare
        which, place = np.nonzero((drawn[:, :-1] >= start) & (drawn[:, :-1] < end))
        unit = drawn[which, place] - start
        sums[unit, which] += share[unit, place] * (sample[-1, which] - sample[place, which])
        counts += np.count_nonzero(sums >= low, axis=1), np.count_nonzero(sums <= high, axis=1)
    return counts


def _draws(random: np.random.Generator, count: int, size: int, times: int) -> Ints:
    """Draw `size` different positions out of `count`, so many times; shape (times, size), the order is random too."""
    if size * np.exp(min(size**2 / (2 * count), 700.0)) > count:  # drawing again would take more than shuffling all
        step = max(1, _HELD // count)
        every = np.arange(count, dtype=np.int64)
        parts = [
            random.permuted(np.tile(every, (min(step, times - done), 1)), axis=1)[:, :size]
            for done in range(0, times, step)
        ]
        return np.concatenate(parts)
    drawn = random.integers(count, size=(times, size))
    again = np.arange(times)
    while len(again):
        ordered = np.sort(drawn[again], axis=1)
        again = again[(ordered[:, 1:] == ordered[:, :-1]).any(axis=1)]
        drawn[again] = random.integers(count, size=(len(again), size))
    return drawn
