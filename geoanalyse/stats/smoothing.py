"""Empirical Bayes by the method of moments, for exact counts that are public."""

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoanalyse.stats.hotspots import closed

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def empirical_bayes(cases: Ints, total: Ints, *, family: str = "binomial", pairs: Ints | None = None) -> Floats:
    """Give rates drawn to their mean by the method of moments, for exact counts that are public.

    With p_i = cases_i / total_i, m = sum of cases / sum of totals and k units::

        poisson     A = max(0, sum of n_i (p_i - m)^2 / N - m k / N)         weight_i = A / (A + m / n_i)
        binomial    rho = max(0, (sum of n_i (p_i - m)^2 / (m (1-m)) - k) / (N - k))
                                                            weight_i = n_i rho / (1 + (n_i - 1) rho)
        estimate_i = m + weight_i (p_i - m)

    Poisson: Marshall, Applied Statistics 40 (1991) 283-294. Binomial: Martuzzi & Elliott, Statistics in Medicine 15
    (1996) 1867-1873.

    Parameters
    ----------
    cases, total : ndarray of int64, shape (n,)
        Finite; cases at least 0, total above 0; cases at most total where the family is binomial.
    family : str
        ``binomial``, or ``poisson`` for rare events.
    pairs : ndarray of int64, shape (m, 2), optional
        Each pair of neighbours once: then m, A and rho are those of each unit with its neighbours (Marshall's local
        estimate).

    Raises
    ------
    ValueError
        When counts or family are not as above.

    Examples
    --------
    >>> empirical_bayes(np.array([1, 5, 9]), np.array([20, 20, 20])).round(3).tolist()
    [0.113, 0.25, 0.387]
    """
    n, x = np.asarray(total, dtype=float), np.asarray(cases, dtype=float)
    if family not in ("binomial", "poisson"):
        raise ValueError(f"family: expected binomial or poisson, got {family}")
    if x.ndim != 1 or x.shape != n.shape or not (np.isfinite(x) & np.isfinite(n) & (x >= 0) & (n > 0)).all():
        raise ValueError("cases and total: expected one number each per unit, cases at least 0 and total above 0")
    if family == "binomial" and (x > n).any():
        raise ValueError("cases: expected at most total; family poisson takes more")
    count = len(n)
    around = sparse.csr_array(np.ones((1, count))) if pairs is None else closed(pairs, count)
    units, people = around @ np.ones(count), around @ n
    mean, p = (around @ x) / people, x / n
    # sum of n (p - m)^2, with m that of the row
    off = around @ (n * p**2) - people * mean**2
    if family == "poisson":
        spread = np.maximum(0.0, (off - mean * units) / people)
        noise = mean / n
        weight = np.divide(spread, spread + noise, out=np.zeros(count), where=spread + noise > 0)
    else:
        variance_of_one = mean * (1 - mean)
        excess = np.divide(off, variance_of_one, out=units.copy(), where=variance_of_one > 0) - units
        rho = np.divide(np.maximum(excess, 0.0), people - units, out=np.zeros(len(units)), where=people > units)
        weight = n * rho / (1 + (n - 1) * rho)
    return np.asarray(mean + weight * (p - mean))
