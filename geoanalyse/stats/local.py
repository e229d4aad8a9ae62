"""Local statistics: which units stand out together with their neighbours.

Gi and Gi* of Ord & Getis (1995), local Moran's I of Anselin (1995) and its form for two variables, with analytic
z-scores; p-values by permutation are in `geoanalyse.stats.permutation`.

Everything is conditional on the unit itself: its value stays in place, and the values of all other units are permuted
over their places. Under it local Moran's I and Gi measure the same, the sum of the neighbours, and the z of the one is
that of the other or its opposite.

What is undefined is NaN, and its p-value 1: all values equal, all other values equal, a unit without neighbours (Gi* of
it is the z-score of its own value), a unit with the same weight on all others, fewer than three units (Gi* two).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse, special

from geoanalyse.stats.graph import checked, without_self

Floats = npt.NDArray[np.float64]

_EPSILON: Final = float(np.finfo(np.float64).eps)
_ROUNDING: Final = 8 * _EPSILON  # differences below this share of the largest value come from rounding
_NO_SPREAD: Final = 1e-12  # share of the sum of squared weights that rounding may leave where nothing can vary


@dataclass(frozen=True, slots=True)
class Moran:
    """Local Moran's I of each unit; all arrays have shape (n,).

    ``expected`` and ``variance`` are those of ``statistic`` under conditional permutation and ``z`` follows from them.
    ``quadrant`` compares a unit and its neighbours with the mean: 1 high among high, 2 low among high, 3 low among low,
    4 high among low; 0 where either is no different from it, or there are no neighbours.
    """

    statistic: Floats
    expected: Floats
    variance: Floats
    z: Floats
    quadrant: npt.NDArray[np.int8]


def gi(values: npt.ArrayLike, weights: sparse.csr_array) -> Floats:
    """Give the Getis-Ord Gi of each unit: a z-score of the total of its neighbours, itself left out.

    Ord & Getis, Geographical Analysis 27 (1995) 286-306, for weights of any kind::

        (sum_j w_ij x_j - W_i mean(i)) / (s(i) sqrt(((n - 1) S1_i - W_i^2) / (n - 2)))

    over all j other than i, with ``W_i = sum_j w_ij``, ``S1_i = sum_j w_ij^2``, and the mean and the standard deviation
    s(i) (with n - 1 as divisor) of the other values. Multiplying the weights of a unit changes nothing: they may be
    binary or row-standardised.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        In any unit.
    weights : sparse array, shape (n, n)
        Row i holds the weights of the neighbours of i (`geoanalyse.stats.graph`); a diagonal is left out.

    Returns
    -------
    ndarray of float, shape (n,)
        NaN where it is undefined (see the module).

    Raises
    ------
    ValueError
        When a value or a weight is not finite, or the shapes do not fit.

    Examples
    --------
    >>> from geoanalyse.stats import graph
    >>> line = graph.from_pairs(np.array([[0, 1], [1, 2], [2, 3], [3, 4]]), 5)
    >>> gi([0, 0, 0, 1, 1], line).round(3).tolist()
    [-1.0, -1.732, 0.0, 1.0, 1.732]
    """
    x, known = checked(values, weights)
    lag, expected, variance = _lag(deviations(x), without_self(known))
    z: Floats = (lag - expected) / np.sqrt(variance)
    return z


def gi_star(values: npt.ArrayLike, weights: sparse.csr_array) -> Floats:
    """Give the Getis-Ord Gi* of each unit: a z-score of the total of its neighbours and itself.

    Ord & Getis, Geographical Analysis 27 (1995) 286-306, for weights of any kind::

        (sum_j w_ij x_j - W_i mean) / (s sqrt((n S1_i - W_i^2) / (n - 1)))

    over all j, i as well, with ``W_i = sum_j w_ij``, ``S1_i = sum_j w_ij^2``, and the mean and the standard deviation s
    (with n as divisor) of all values. (Their chapter of 1996 prints a z with n - 1 as divisor.)

    Parameters
    ----------
    values : array_like of float, shape (n,)
        In any unit.
    weights : sparse array, shape (n, n)
        With a diagonal: the weight of the unit itself (`geoanalyse.stats.graph.with_self`).

    Returns
    -------
    ndarray of float, shape (n,)
        NaN where it is undefined (see the module).

    Raises
    ------
    ValueError
        When a value or a weight is not finite, the shapes do not fit, or a unit has no weight on itself.

    Examples
    --------
    >>> from geoanalyse.stats import graph
    >>> line = graph.from_pairs(np.array([[0, 1], [1, 2], [2, 3], [3, 4]]), 5)
    >>> gi_star([0, 0, 0, 1, 1], graph.with_self(line)).round(3).tolist()
    [-1.333, -2.0, -0.333, 1.333, 2.0]
    """
    x, known = checked(values, weights)
    if not known.diagonal().all():
        raise ValueError("Gi* counts a unit itself: weights must have a diagonal (graph.with_self)")
    centred, count = deviations(x), len(x)
    if not centred.any():
        return np.full(count, np.nan)
    total, square = _sums(known)
    sharing = count * square - total**2
    sharing[sharing <= _NO_SPREAD * count * square] = np.nan
    z: Floats = (known @ centred - total * centred.mean()) / (centred.std() * np.sqrt(sharing / (count - 1)))
    return z


def moran(values: npt.ArrayLike, weights: sparse.csr_array) -> Moran:
    """Give local Moran's I of each unit: how it and its neighbours differ from the mean alike.

    Anselin, Geographical Analysis 27 (1995) 93-115::

        I_i = (z_i / m2) sum_j w_ij z_j,    z_i = x_i - mean,    m2 = sum z_i^2 / n

    over all j other than i. The sum over all units is the sum of all weights times Moran's I. Expectation and variance
    are those under conditional permutation (Sokal, Oden & Thomson, Geographical Analysis 30 (1998) 331-354), with
    ``W_i = sum_j w_ij`` and ``S1_i = sum_j w_ij^2``::

        E(I_i)   = -z_i^2 W_i / ((n - 1) m2)
        Var(I_i) = (z_i / m2)^2 n / (n - 1) (m2 - z_i^2 / (n - 1)) ((n - 1) S1_i - W_i^2) / (n - 2)

    (esda divides I_i by n - 1 instead of n; spdep calls this ``conditional = TRUE``.)

    Parameters
    ----------
    values : array_like of float, shape (n,)
        In any unit.
    weights : sparse array, shape (n, n)
        Row i holds the weights of the neighbours of i (`geoanalyse.stats.graph`); a diagonal is left out.

    Returns
    -------
    Moran
        ``statistic`` is NaN where all values are equal, ``z`` where it is undefined (see the module) or the unit has
        the mean as its value.

    Raises
    ------
    ValueError
        When a value or a weight is not finite, or the shapes do not fit.

    Examples
    --------
    >>> from geoanalyse.stats import graph
    >>> line = graph.from_pairs(np.array([[0, 1], [1, 2], [2, 3], [3, 4]]), 5)
    >>> found = moran([0, 0, 0, 1, 1], line)
    >>> found.statistic.round(3).tolist(), found.quadrant.tolist()
    ([0.667, 1.333, -0.333, 0.5, 1.5], [3, 3, 2, 1, 1])
    """
    x, known = checked(values, weights)
    return _moran(x, x, without_self(known))


def bivariate_moran(values: npt.ArrayLike, others: npt.ArrayLike, weights: sparse.csr_array) -> Moran:
    """Give the bivariate local Moran's I of each unit: one variable there, and another round it.

    ``I_i = u_i sum_j w_ij v_j`` over all j other than i, with u and v the two variables as standard scores (with n as
    divisor). Anselin, Syabri & Smirnov, "Visualizing multivariate spatial correlation with dynamically linked windows",
    New tools for spatial data analysis: proceedings of the specialist meeting (CSISS, 2002). Expectation, variance and
    z are under permutation of the second variable over the places other than the unit's. It does not see how the two
    go together within one unit.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        Variable of the unit itself.
    others : array_like of float, shape (n,)
        Variable of its neighbours.
    weights : sparse array, shape (n, n)
        Row i holds the weights of the neighbours of i (`geoanalyse.stats.graph`); a diagonal is left out.

    Returns
    -------
    Moran
        As `moran`; the quadrant speaks of `values` at the unit and of `others` among its neighbours.

    Raises
    ------
    ValueError
        When a value or a weight is not finite, or the shapes do not fit.

    Examples
    --------
    >>> from geoanalyse.stats import graph
    >>> line = graph.from_pairs(np.array([[0, 1], [1, 2], [2, 3]]), 4)
    >>> found = bivariate_moran([1, 0, 0, 0], [0, 1, 0, 0], line)
    >>> found.statistic.round(3).tolist(), found.quadrant.tolist()
    ([3.0, 0.667, -0.667, 0.333], [1, 3, 2, 3])
    """
    x, known = checked(values, weights)
    y, _ = checked(others, weights)
    return _moran(x, y, without_self(known))


def normal_p(z: npt.ArrayLike) -> Floats:
    """Give the two-sided p-value of z-scores by the normal distribution; 1 where z is NaN.

    Where counts are small and skew it is far too small for high totals: use `geoanalyse.stats.permutation`.

    Examples
    --------
    >>> normal_p([1.959964, -1.959964, float("nan")]).round(4).tolist()
    [0.05, 0.05, 1.0]
    """
    score = np.asarray(z, dtype=np.float64)
    p: Floats = 2 * special.ndtr(-np.abs(score))
    return np.where(np.isnan(score), 1.0, p)


def _sums(weights: sparse.csr_array) -> tuple[Floats, Floats]:
    """Sum of the weights of each unit, and of their squares."""
    return np.asarray(weights.sum(axis=1)), np.asarray(weights.power(2).sum(axis=1))


def deviations(x: Floats) -> Floats:
    """Give values over the largest of them, less their mean, so that no square overflows; all 0 if all are equal.

    Values that differ by rounding only are equal.

    Examples
    --------
    >>> deviations(np.array([1.0, 2.0, 6.0])).tolist(), deviations(np.full(3, 0.1)).tolist()
    ([-0.33333333333333337, -0.16666666666666669, 0.5], [0.0, 0.0, 0.0])
    """
    scaled = x / (np.abs(x).max(initial=0) or 1.0)
    centred = scaled - (scaled.mean() if len(x) else 0.0)
    return centred if (np.abs(centred) > _ROUNDING).any() else np.zeros(len(x))


def from_mean(x: Floats) -> Floats:
    """Give the values of `deviations`, 0 where a unit differs from the mean by rounding only."""
    centred = deviations(x)
    return np.where(np.abs(centred) > _ROUNDING, centred, 0.0)


def _lag(centred: Floats, weights: sparse.csr_array) -> tuple[Floats, Floats, Floats]:
    """Weighted sum of the neighbours of each unit, and its mean and variance when the other values are permuted.

    Values are those of `deviations`; weights have no diagonal. The variance is NaN where there is nothing to permute.
    """
    count = len(centred)
    if not centred.any():
        return np.zeros(count), np.zeros(count), np.full(count, np.nan)
    total, square = _sums(weights)
    mean = (centred.sum() - centred) / (count - 1)
    spread = (centred @ centred - centred**2) / (count - 1) - mean**2
    farthest = np.abs(centred).argmax()
    spread[farthest] = np.delete(centred, farthest).var()  # by subtraction nothing is left of it beside an outlier
    sharing = (count - 1) * square - total**2
    fixed = (spread <= _ROUNDING**2) | (sharing <= _NO_SPREAD * (count - 1) * square)
    variance = np.where(fixed, np.nan, spread * sharing / max(count - 2, 1))
    return weights @ centred, total * mean, variance


def _moran(x: Floats, y: Floats, weights: sparse.csr_array) -> Moran:
    """Local Moran's I of the values of the unit and those of its neighbours; weights have no diagonal."""
    here, around = from_mean(x), deviations(y)
    lag, expected, variance = _lag(around, weights)
    equal = not here.any() or not around.any()
    factor = np.full(len(x), np.nan) if equal else here / (here.std() * around.std())
    z = np.where(here == 0, np.nan, np.sign(here) * (lag - expected) / np.sqrt(variance))
    clear = np.where(np.abs(lag) > margin(weights), lag, 0.0)
    high, low = clear > 0, clear < 0
    quadrant = np.select([(here > 0) & high, (here < 0) & high, (here < 0) & low, (here > 0) & low], [1, 2, 3, 4])
    return Moran(factor * lag, factor * expected, factor**2 * variance, z, quadrant.astype(np.int8))


def margin(weights: sparse.csr_array) -> Floats:
    """Give what equal sums of values of `deviations` may differ by rounding."""
    most: Floats = _ROUNDING * (np.diff(weights.indptr) + 1) * np.asarray(abs(weights).sum(axis=1))
    return most
