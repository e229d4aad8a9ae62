"""Many tests at once: q-values that hold the share of false discoveries."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def benjamini_hochberg(p: npt.ArrayLike) -> Floats:
    """Give q-values: the share of false discoveries when everything up to this p-value is called.

    ``q_(i) = min over j >= i of min(1, m p_(j) / j)`` for the p-values in ascending order, m in all. It holds for
    tests that are independent or positively dependent, as those of overlapping neighbourhoods are. Benjamini &
    Hochberg, J. R. Statist. Soc. B 57 (1995) 289-300.

    Parameters
    ----------
    p : array_like of float, shape (n,)
        From 0 to 1. NaN is a test that was not made: it stays NaN and does not count among the m.

    Returns
    -------
    ndarray of float, shape (n,)

    Raises
    ------
    ValueError
        When a p-value is below 0 or above 1.

    Examples
    --------
    >>> benjamini_hochberg(np.array([0.01, 0.02, 0.03, 0.5])).tolist()
    [0.04, 0.04, 0.04, 0.5]
    """
    return _stepped_up(p, dependent=False)


def benjamini_yekutieli(p: npt.ArrayLike) -> Floats:
    """Give q-values that hold under any dependence between the tests.

    Those of `benjamini_hochberg` times ``1 + 1/2 + ... + 1/m``, at most 1. Benjamini & Yekutieli, Annals of Statistics
    29 (2001) 1165-1188, theorem 1.3.

    Parameters
    ----------
    p : array_like of float, shape (n,)
        From 0 to 1. NaN is a test that was not made: it stays NaN and does not count among the m.

    Returns
    -------
    ndarray of float, shape (n,)

    Raises
    ------
    ValueError
        When a p-value is below 0 or above 1.

    Examples
    --------
    >>> benjamini_yekutieli([0.01, 0.02, 0.5, float("nan")]).round(4).tolist()  # times 11/6
    [0.055, 0.055, 0.9167, nan]
    """
    return _stepped_up(p, dependent=True)


def _stepped_up(p: npt.ArrayLike, *, dependent: bool) -> Floats:
    given = np.asarray(p, dtype=np.float64)
    made = ~np.isnan(given)
    tested = given[made]
    if ((tested < 0) | (tested > 1)).any():
        raise ValueError("p-values must lie between 0 and 1")
    count = len(tested)
    order = np.argsort(tested, kind="stable")[::-1]
    rank = np.arange(count, 0, -1)
    larger = float(np.sum(1 / rank)) if dependent else 1.0
    q = np.full(given.shape, np.nan)
    q[np.flatnonzero(made)[order]] = np.minimum.accumulate(np.minimum(tested[order] * count * larger / rank, 1.0))
    return q
