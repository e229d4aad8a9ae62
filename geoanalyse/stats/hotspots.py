"""Hot spots: where high values stand together more than chance would have it."""

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse, special

Floats = npt.NDArray[np.float64]

LEVEL: Final = 0.05
"""Share of false discoveries that is accepted among the places called hot or cold."""


def gi_star(values: Floats, pairs: npt.NDArray[np.int64]) -> Floats:
    """Give the Getis-Ord Gi* z-score of each unit, with binary weights over its neighbours and itself.

    Formula 14.3 of Ord & Getis, Geographical Analysis 27 (1995) 286-306, with every weight 1::

        (sum of neighbours - W mean) / (s sqrt((n W - W^2) / (n - 1)))

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        Finite.
    pairs : ndarray of int64, shape (m, 2)
        Each pair of neighbours once.

    Returns
    -------
    ndarray of float, shape (n,)
        0 where all values are equal or a unit neighbours all others.

    Examples
    --------
    >>> line = np.array([[0, 1], [1, 2], [2, 3], [3, 4]])
    >>> gi_star(np.array([0.0, 0.0, 0.0, 1.0, 1.0]), line).round(3).tolist()
    [-1.333, -2.0, -0.333, 1.333, 2.0]
    """
    count = len(values)
    ones = np.ones(len(pairs))
    half = sparse.coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    weights = (half + half.T + sparse.eye_array(count)).tocsr()
    neighbours = np.asarray(weights.sum(axis=1)).ravel()
    spread = values.std()
    if count < 2 or spread == 0:  # noqa: PLR2004 - one unit has no other to differ from
        return np.zeros(count)
    scale = spread * np.sqrt(np.maximum(count * neighbours - neighbours**2, 0) / (count - 1))
    excess = weights @ values - neighbours * values.mean()
    return np.divide(excess, scale, out=np.zeros(count), where=scale > 0)


def two_sided(z: Floats) -> Floats:
    """Give the two-sided p-value of a z-score under the normal distribution."""
    return np.asarray(special.erfc(np.abs(z) / np.sqrt(2)))


def benjamini_hochberg(p: Floats) -> Floats:
    """Give q-values: the share of false discoveries when everything up to this p-value is called.

    Benjamini & Hochberg, J. R. Statist. Soc. B 57 (1995) 289-300.

    Examples
    --------
    >>> benjamini_hochberg(np.array([0.01, 0.02, 0.03, 0.5])).tolist()
    [0.04, 0.04, 0.04, 0.5]
    """
    order = np.argsort(p, kind="stable")[::-1]
    rank = np.arange(len(p), 0, -1)
    q = np.empty(len(p))
    q[order] = np.minimum.accumulate(np.minimum(p[order] * len(p) / rank, 1.0))
    return q


def classes(values: Floats, pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.str_]:
    """Call each unit ``hotspot``, ``coldspot`` or ``geen``; only the class leaves, never the score."""
    z = gi_star(values, pairs)
    found = benjamini_hochberg(two_sided(z)) <= LEVEL
    return np.where(found & (z > 0), "hotspot", np.where(found & (z < 0), "coldspot", "geen"))


def standardised(value: Floats, addresses: Floats, rate: float, base: int, terms: Floats) -> Floats:
    """Give how many standard deviations each published value lies from what the region's rate leads to expect.

    The variance is that of a Poisson count plus that of the rounding, ``(base**2 - 1) / 6`` per term, so that small units with
    few addresses do not look extreme.

    Examples
    --------
    >>> standardised(np.array([6.0]), np.array([100.0]), 0.02, 3, np.array([1.0])).round(2).tolist()
    [2.19]
    """
    expected = addresses * rate
    return np.asarray((value - expected) / np.sqrt(np.maximum(expected, 1e-12) + terms * (base * base - 1) / 6))
