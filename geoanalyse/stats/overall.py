"""Overall statistics: whether values stand together at all, before one asks where.

Weights are those of `geoanalyse.stats.graph`, of any kind; a diagonal is left out. What is undefined is NaN.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoanalyse.stats.graph import checked, without_self
from geoanalyse.stats.local import deviations

_FEWEST = 4  # units that the fourth moment of a permutation takes


@dataclass(frozen=True, slots=True)
class Overall:
    """A statistic, its expectation and variance when all values are permuted, and the ``z`` that follows from them."""

    statistic: float
    expected: float
    variance: float
    z: float


def moran(values: npt.ArrayLike, weights: sparse.csr_array) -> Overall:
    """Give Moran's I: how far neighbours are alike; near 1 when neighbours are equal.

    With d the distance to the mean and S0 the sum of all weights (Moran, Biometrika 37 (1950) 17-23)::

        I = (n / S0) sum_ij w_ij d_i d_j / sum_i d_i^2,    E(I) = -1 / (n - 1)

    The variance is that under randomisation (Cliff & Ord, Spatial Processes (1981), chapter 2), with
    ``S1 = sum_ij (w_ij + w_ji)^2 / 2``, ``S2 = sum_i (w_i. + w_.i)^2`` and the kurtosis ``k = m4 / m2^2``::

        (n ((n^2 - 3n + 3) S1 - n S2 + 3 S0^2) - k ((n^2 - n) S1 - 2n S2 + 6 S0^2))
            / ((n - 1) (n - 2) (n - 3) S0^2) - E(I)^2

    Parameters
    ----------
    values : array_like of float, shape (n,)
        In any unit.
    weights : sparse array, shape (n, n)

    Returns
    -------
    Overall
        All NaN when all values are equal or nothing has a neighbour; no variance with fewer than four units.

    Raises
    ------
    ValueError
        When a value or a weight is not finite, or the shapes do not fit.

    Examples
    --------
    >>> from geoanalyse.stats import graph
    >>> block = graph.from_pairs(np.array([(0, 1), (0, 2), (1, 3), (2, 3)]), 4)  # four cells: 0 1 above 2 3
    >>> moran([1, 0, 0, 1], block).statistic, moran([1, 1, 0, 0], block).statistic
    (-1.0, 0.0)
    """
    x, known = checked(values, weights)
    near, away, n = without_self(known), deviations(x), len(x)
    s0, s1, s2 = _sums(near)
    if not away.any() or not s0:
        return Overall(np.nan, np.nan, np.nan, np.nan)
    second = float(away @ away) / n
    kurtosis = float((away**4).mean()) / second**2
    spread = n * _moment(n, s0, s1, s2) - kurtosis * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    expected = -1 / (n - 1)
    square = spread / ((n - 1) * (n - 2) * (n - 3) * s0**2) if n >= _FEWEST else np.nan
    return _overall(float(away @ (near @ away)) / (s0 * second), expected, square - expected**2)


def general_g(values: npt.ArrayLike, weights: sparse.csr_array) -> Overall:
    """Give the general G: the share of all products of two values that neighbours have; high when high stands by high.

    With S0, S1 and S2 as in `moran`, ``m_k = sum_i x_i^k`` and the sum below over all pairs i, j that differ::

        G = sum_ij w_ij x_i x_j / sum_ij x_i x_j,    E(G) = S0 / (n (n - 1))

    The variance is that under randomisation: Getis & Ord, Geographical Analysis 24 (1992) 189-206.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        On a scale with a natural zero, such as counts.
    weights : sparse array, shape (n, n)

    Returns
    -------
    Overall
        All NaN when fewer than two values differ from zero; no variance with fewer than four units.

    Raises
    ------
    ValueError
        When a value is negative, a value or a weight is not finite, or the shapes do not fit.

    Examples
    --------
    >>> from geoanalyse.stats import graph
    >>> found = general_g([4, 3, 0, 0, 1], graph.from_pairs(np.array([[0, 1], [1, 2], [2, 3], [3, 4]]), 5))
    >>> round(found.statistic, 4), found.expected  # 12 of 12 + 4 + 3
    (0.6316, 0.4)
    """
    x, known = checked(values, weights)
    if (x < 0).any():
        raise ValueError("values must not be negative")
    near, n = without_self(known), len(x)
    scaled = x / (x.max(initial=0) or 1.0)
    m1, m2, m3, m4 = (float((scaled**power).sum()) for power in (1, 2, 3, 4))
    if np.count_nonzero(scaled) < 2:  # noqa: PLR2004 - a product takes two
        return Overall(np.nan, np.nan, np.nan, np.nan)
    s0, s1, s2 = _sums(near)
    products = m1**2 - m2
    expected = s0 / (n * (n - 1))
    spread = (
        _moment(n, s0, s1, s2) * m2**2
        - ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2) * m4
        - (2 * n * s1 - (n + 3) * s2 + 6 * s0**2) * m1**2 * m2
        + (4 * (n - 1) * s1 - 2 * (n + 1) * s2 + 8 * s0**2) * m1 * m3
        + (s1 - s2 + s0**2) * m1**4
    )
    square = spread / (products**2 * n * (n - 1) * (n - 2) * (n - 3)) if n >= _FEWEST else np.nan
    return _overall(float(scaled @ (near @ scaled)) / products, expected, square - expected**2)


def join_counts(marked: npt.ArrayLike, weights: sparse.csr_array) -> tuple[float, float, float]:
    """Give the joins between two marked units, between a marked and another, and between two others.

    Sums of the weights, each pair once (Moran, J. R. Statist. Soc. B 10 (1948) 243-251)::

        BB = sum_ij w_ij x_i x_j / 2,    BW = sum_ij w_ij (x_i - x_j)^2 / 2,    WW = S0 / 2 - BB - BW

    Parameters
    ----------
    marked : array_like of bool, shape (n,)
    weights : sparse array, shape (n, n)

    Examples
    --------
    >>> from geoanalyse.stats import graph
    >>> join_counts([True, True, False, False], graph.from_pairs(np.array([[0, 1], [1, 2], [2, 3]]), 4))
    (1.0, 1.0, 1.0)
    """
    x, known = checked(np.asarray(marked, dtype=bool), weights)
    near = without_self(known)
    both, neither = (float(side @ (near @ side)) / 2 for side in (x, 1 - x))
    return both, float(near.sum()) / 2 - both - neither, neither


def _sums(weights: sparse.csr_array) -> tuple[float, float, float]:
    """S0, S1 and S2 of the weights."""
    there_and_back = weights + weights.T
    both = np.asarray(weights.sum(axis=1)) + np.asarray(weights.sum(axis=0))
    return float(weights.sum()), float(there_and_back.power(2).sum()) / 2, float(both @ both)


def _moment(n: int, s0: float, s1: float, s2: float) -> float:
    return (n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2


def _overall(statistic: float, expected: float, variance: float) -> Overall:
    z = (statistic - expected) / np.sqrt(variance) if variance > 0 else np.nan
    return Overall(statistic, expected, variance, float(z))
