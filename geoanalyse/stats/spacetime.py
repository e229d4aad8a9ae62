"""Trends, emerging hot spots and early warnings in many short series: functions on values, without tables."""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MIN_WINDOWS: Final = 8
"""Fewest windows with a figure in a series about which anything is said: two years of quarters, so that one season is
no trend."""
EXACT: Final = 40
"""Longest series whose p-value is exact; longer ones get the normal approximation."""
OFTEN: Final = 0.9
"""Share of the windows in which a place that is nearly always a hot spot is one."""
RUN_LENGTH: Final = 1000
"""Windows between two false alarms of one region, on average."""
SLACK: Final = 0.5
"""Standard deviations above what is expected that count for nothing: half of the smallest rise worth an alarm."""

TOO_FEW: Final = "te weinig perioden"
PATTERNS: Final = (
    *("nieuw", "opeenvolgend", "toenemend", "aanhoudend", "afnemend"),
    *("terugkerend", "wisselend", "voorbij", "geen", TOO_FEW),
)
"""What `emerging` can say: new, consecutive, intensifying, persistent, diminishing, sporadic, oscillating, historical,
no pattern, too few windows."""

_MOST_SLOPES = 4_000_000  # slopes that are held in memory at once
_STATES = 101  # of the Markov chain: three digits of the run length
_MOST_SCORE = 40.0  # beyond it a normal probability is 0 in double precision


@dataclass(frozen=True, slots=True)
class Trend:
    """Outcome of `mann_kendall` per series; shape (n,) each.

    Attributes
    ----------
    windows : ndarray of int64
        Windows with a figure.
    s : ndarray of int64
        Kendall's S: pairs that rise less pairs that fall.
    variance : ndarray of float
        Of S under the null hypothesis, given the ties.
    p : ndarray of float
        Two-sided; NaN with too few windows.
    """

    windows: Ints
    s: Ints
    variance: Floats
    p: Floats


def mann_kendall(values: Floats, *, minimum: int = MIN_WINDOWS, exact: int = EXACT) -> Trend:
    """Test many series for a trend in one direction.

    With x_1 .. x_n the known values of a series in the order of time (Mann, Econometrica 13 (1945) 245-259)::

        S = sum over i < j of sign(x_j - x_i)
        Var S = (n (n-1) (2n+5) - sum over groups of t equal values of t (t-1) (2t+5)) / 18

    (Kendall, Rank Correlation Methods, 4th ed. (1975), ch. 4). Up to `exact` windows p is P(abs(S) >= seen) over all
    orders of the very values that were seen, ties included; beyond, p is that of the normal distribution with the
    continuity correction ``(abs(S) - 1) / sqrt(Var S)``.

    The test only asks that without a trend every order of the windows is equally likely. One and the same function of
    each window's count, such as rounding with one threshold or a sum over regions, leaves that so: the test of
    published values is a valid test of the counts, with more ties and so less power.

    Parameters
    ----------
    values : ndarray of float, shape (n, t)
        One series per row, in the order of time; NaN where there is no figure.
    minimum : int
        Fewest figures that are tested.
    exact : int
        Longest series whose p is worked out exactly.

    Raises
    ------
    ValueError
        When `values` has another shape or is infinite.

    Examples
    --------
    Five values that only rise: one of 120 orders, and one that only falls.

    >>> found = mann_kendall(np.array([[1.0, 2.0, 4.0, np.nan, 7.0, 9.0]]), minimum=5)
    >>> int(found.s[0]), round(float(found.variance[0]), 3), round(float(found.p[0]), 4)
    (10, 16.667, 0.0167)
    """
    series = _checked(values)
    known = np.isfinite(series)
    windows = known.sum(axis=1).astype(np.int64)
    s = np.zeros(len(series), dtype=np.int64)
    tied = np.zeros(series.shape, dtype=np.int64)
    for index in range(series.shape[1]):
        later = series[:, index + 1 :] - series[:, [index]]
        s += ((later > 0).sum(axis=1) - (later < 0).sum(axis=1)).astype(np.int64)
        tied += series == series[:, [index]]
    of_ties = np.where(known, (tied - 1) * (2 * tied + 5), 0).sum(axis=1)  # each of t equal values adds (t-1)(2t+5)
    variance = (windows * (windows - 1) * (2 * windows + 5) - of_ties) / 18
    score = np.divide(np.abs(s) - 1, np.sqrt(variance), out=np.zeros(len(series)), where=variance > 0)
    p = np.minimum(1.0, 2 * special.ndtr(-np.maximum(score, 0)))
    short = np.flatnonzero((windows <= exact) & (windows >= minimum))
    by_ties: dict[tuple[int, ...], list[int]] = {}
    for row in short.tolist():
        sizes = np.unique(series[row, known[row]], return_counts=True)[1]
        by_ties.setdefault(tuple(np.sort(sizes).tolist()), []).append(row)
    for groups, rows in by_ties.items():
        chance = np.cumsum(_discordant(groups))
        fewest = (len(chance) - 1 - np.abs(s[rows])) // 2
        p[rows] = np.where(s[rows] == 0, 1.0, np.minimum(1.0, 2 * chance[fewest]))
    return Trend(windows, s, variance, np.where(windows >= minimum, p, np.nan))


def _checked(values: Floats) -> Floats:
    series = np.asarray(values, dtype=float)
    if series.ndim != 2:  # noqa: PLR2004 - series by windows
        raise ValueError(f"values: expected shape (series, windows), got {series.shape}")
    if np.isinf(series).any():
        raise ValueError("values: must be finite, or NaN where there is no figure")
    return series


def _discordant(groups: tuple[int, ...]) -> Floats:
    """Give P(number of pairs that fall = k), k = 0.., over all orders of values of which groups are equal.

    The number of orders by falling pairs is the Gaussian multinomial coefficient, a product of binomial ones.
    """
    chance, total = np.ones(1), 0
    for size in groups:
        ways = np.ones(1, dtype=np.int64)
        for step in range(1, size + 1):  # times (1 - q^(total + step)), by (1 - q^step); whole numbers all the way
            longer = np.zeros(len(ways) + total + step, dtype=np.int64)
            longer[: len(ways)] += ways
            longer[total + step :] -= ways
            for first in range(step):
                longer[first::step] = np.cumsum(longer[first::step])
            ways = longer[: total * step + 1]
        total += size
        chance = np.convolve(chance, ways / ways.sum())
    return chance


def theil_sen(values: Floats, times: Floats) -> Floats:
    """Give the median of the slopes of all pairs of windows, per series.

    Sen, J. Am. Statist. Ass. 63 (1968) 1379-1389.

    Parameters
    ----------
    values : ndarray of float, shape (n, t)
        NaN where there is no figure.
    times : ndarray of float, shape (t,)
        When each window was, ascending; the slope is per unit of it.

    Returns
    -------
    ndarray of float, shape (n,)
        NaN with fewer than two figures.

    Raises
    ------
    ValueError
        When the shapes do not fit, or the times do not ascend.

    Examples
    --------
    >>> theil_sen(np.array([[1.0, 3.0, 100.0, 7.0]]), np.arange(4.0)).tolist()
    [2.0]
    """
    series = _checked(values)
    if np.shape(times) != (series.shape[1],) or (np.diff(times) <= 0).any():
        raise ValueError("times: expected one per window, ascending")
    first, second = np.triu_indices(series.shape[1], k=1)
    slope = np.full(len(series), np.nan)
    usable = np.flatnonzero(np.isfinite(series).sum(axis=1) > 1)
    at_once = max(1, _MOST_SLOPES // max(1, len(first)))
    for start in range(0, len(usable), at_once):
        rows = usable[start : start + at_once]
        slopes = (series[rows][:, second] - series[rows][:, first]) / (times[second] - times[first])
        slope[rows] = np.nanmedian(slopes, axis=1)
    return slope


def per_window(values: Floats, days: Ints, base: int | Ints) -> Floats:
    """Give values as of windows of average length, again as multiples of the base.

    A quarter has 90 to 92 days. Dividing by them would order windows of one value by their length, which says nothing;
    so a value moves only where the difference is more than rounding can tell: ``base * round(v / base * mean / days)``.

    Parameters
    ----------
    values : ndarray of float, shape (n, t)
    days : ndarray of int64, shape (t,)
    base : int, or ndarray of int64, shape (n, 1)

    Examples
    --------
    >>> per_window(np.array([[5.0, 5.0], [100.0, 100.0]]), np.array([28, 31]), 5).tolist()
    [[5.0, 5.0], [105.0, 95.0]]
    """
    step = np.asarray(base, dtype=float)
    scaled: Floats = step * np.rint(np.asarray(values, dtype=float) / step * (np.mean(days) / days))
    return scaled


def emerging(calls: Floats, trend: Ints, *, minimum: int = MIN_WINDOWS) -> npt.NDArray[np.str_]:
    """Say how long each unit has been a hot spot, and which way it goes: exactly one of `PATTERNS`.

    The patterns are those of Esri (ArcGIS Pro documentation, "How Emerging Hot Spot Analysis works"), looked at in
    this order; "the end" is the last window with a figure, "often" at least `OFTEN` of the windows:

    ============== ====================================================================================
    voorbij        often hot, not at the end
    geen           not hot at the end
    nieuw          hot at the end, never before
    toenemend      often hot, and at the end, with a trend upwards
    afnemend       the same with a trend downwards
    aanhoudend     the same without a trend
    opeenvolgend   hot in two or more windows up to the end, and never before those
    wisselend      hot at the end, on and off before, and a cold spot in some window
    terugkerend    hot at the end, on and off before, and never a cold spot
    ============== ====================================================================================

    Esri's definitions overlap where a place was cold before its only hot window or run (its first two win here, as
    they stand first there) and where one that is often hot is not so at the end (`voorbij` wins).

    Parameters
    ----------
    calls : ndarray of float, shape (n, t)
        1 hot, -1 cold, 0 neither, NaN where there is no figure. Of ``-calls`` it gives the patterns of cold spots.
    trend : ndarray of int64, shape (n,)
        1 upwards, -1 downwards, 0 no trend.
    minimum : int
        Fewest windows with a figure.

    Raises
    ------
    ValueError
        When the shapes do not fit, or anything else is called.

    Examples
    --------
    >>> calls = np.array([[0.0] * 9 + [1.0], [1.0] * 10, [-1.0] + [0.0] * 6 + [1.0, 0.0, 1.0]])
    >>> emerging(calls, np.array([0, 1, 0])).tolist()
    ['nieuw', 'toenemend', 'wisselend']
    """
    seen = _checked(calls)
    way = np.asarray(trend)
    if way.shape != (len(seen),) or not np.isin(way, (-1, 0, 1)).all():
        raise ValueError("trend: expected -1, 0 or 1 per unit")
    known = ~np.isnan(seen)
    if not np.isin(seen[known], (-1, 0, 1)).all():
        raise ValueError("calls: expected -1, 0, 1 or NaN")
    hot, windows = (seen == 1).sum(axis=1), known.sum(axis=1)
    run, unbroken = np.zeros(len(seen), dtype=np.int64), np.ones(len(seen), dtype=bool)
    for window in range(seen.shape[1] - 1, -1, -1):
        unbroken &= ~known[:, window] | (seen[:, window] == 1)
        run += unbroken & known[:, window]
    often = hot >= OFTEN * windows - 1e-9  # nine of ten is ninety percent
    found: npt.NDArray[np.str_] = np.select(
        [
            windows < minimum,
            (run == 0) & often,
            run == 0,
            hot == 1,
            often & (way > 0),
            often & (way < 0),
            often,
            run == hot,
            (seen == -1).any(axis=1),
        ],
        [TOO_FEW, "voorbij", "geen", "nieuw", "toenemend", "afnemend", "aanhoudend", "opeenvolgend", "wisselend"],
        "terugkerend",
    )
    return found


# --- early warning ----------------------------------------------------------------------------------------------------


def run_length(limit: float, slack: float = SLACK) -> float:
    """Give the windows between two false alarms of `alarms`, on average, when every score is standard normal.

    The sum is a Markov chain (Brook & Evans, Biometrika 59 (1972) 539-549): with m states of width w, the first one
    reaching to 0, and Q the chances to go from one to another, the run length from 0 is the first element of
    ``(I - Q)^-1 1``.

    Parameters
    ----------
    limit : float
        Above 0.
    slack : float

    Examples
    --------
    Known for a two-sided scheme of limit 4 and 5: 168 and 465, half of this (Montgomery, Introduction to Statistical
    Quality Control, table 9.3).

    >>> round(run_length(4.0)), round(run_length(5.0))
    (335, 930)
    """
    width = 2 * limit / (2 * _STATES - 1)
    state = np.arange(_STATES)
    upper = special.ndtr((state[None, :] - state[:, None] + 0.5) * width + slack)
    lower = special.ndtr((state[None, :] - state[:, None] - 0.5) * width + slack)
    lower[:, 0] = 0.0
    return float(np.linalg.solve(np.eye(_STATES) - (upper - lower), np.ones(_STATES))[0])


@cache
def limit_for(length: float = RUN_LENGTH, slack: float = SLACK) -> float:
    """Give the limit at which false alarms are this many windows apart, on average.

    Parameters
    ----------
    length : float
    slack : float

    Raises
    ------
    ValueError
        When `length` is not between 10 and a million windows.

    Examples
    --------
    >>> round(limit_for(1000), 2)
    5.07
    """
    if not 10 <= length <= 1e6:  # noqa: PLR2004 - said in the docstring
        raise ValueError(f"length: expected 10 to 1,000,000 windows, got {length}")
    highest = 2.0
    while run_length(highest, slack) < length:
        highest *= 2

    def over(limit: float) -> float:  # nearly a straight line
        return float(np.log(run_length(limit, slack) / length))

    return float(optimize.brentq(over, 1e-3, highest, xtol=1e-6))


def scores(least: Ints, most: Ints, days: Ints) -> Floats:
    """Give each count a normal score against all earlier windows of its series, at what is least alarming.

    Given the sum of the counts up to a window, Poisson counts of one rate per day leave the last one binomial, with
    the share of its days (Quesenberry, J. Quality Technology 23 (1991) 296-303)::

        z = -Phi^-1( P( Binomial(n + earlier, days / all days) >= n ) )

    No rate has to be known or estimated. Because counts are whole, z lies stochastically below a standard normal, also
    when all later windows are given, so that a series of them alarms no more often than independent normal scores; and
    with the least n and the greatest earlier counts that were left possible it is never above that of the exact counts.
    So there are fewer false alarms than said, and rises are seen later.

    Parameters
    ----------
    least, most : ndarray of int64, shape (..., t)
        Least and greatest possible count of each window, -1 where there is no figure.
    days : ndarray of int64, shape (t,)

    Returns
    -------
    ndarray of float, shape (..., t)
        NaN where there is no figure, and in the first window that has one.

    Examples
    --------
    >>> counts = np.array([[10, 10, 12, 30]])
    >>> scores(counts, counts, np.array([90, 91, 92, 92])).round(2).tolist()
    [[nan, -0.25, 0.29, 3.81]]
    """
    known = least >= 0
    earlier = np.cumsum(np.where(known, most, 0), axis=-1) - np.where(known, most, 0)
    length = np.cumsum(np.where(known, days, 0), axis=-1)
    share = np.divide(days, length, out=np.ones(known.shape), where=length > 0)
    tail = special.betainc(np.maximum(least, 1), earlier + 1.0, np.minimum(share, 1.0))
    score = -special.ndtri(np.where(least > 0, tail, 1.0))
    usable = known & (length > np.where(known, days, 0))
    found: Floats = np.where(usable, np.clip(score, -_MOST_SCORE, _MOST_SCORE), np.nan)
    return found


def alarms(possible: Floats, limit: float, slack: float = SLACK) -> Bools:
    """Add up what lies above expectation, and give the windows in which the sum passes the limit.

    A one-sided CUSUM (Page, Biometrika 41 (1954) 100-115) on the scores of `scores`, hence a self-starting one (Hawkins
    & Olwell, Cumulative Sum Charts, 1998, ch. 7)::

        C_k = max(0, C_(k-1) + z_k - slack)        alarm when C_k > limit; then C_k = 0

    The sum is kept for each of the `possible` histories, and the alarm waits for the lowest: a history that is the
    true one never alarms less.

    Parameters
    ----------
    possible : ndarray of float, shape (h, n, t)
        Scores of n series under each of h histories; NaN in a window without a figure, which is passed over.
    limit : float
        Of `limit_for`.
    slack : float

    Returns
    -------
    ndarray of bool, shape (n, t)

    Examples
    --------
    >>> alarms(np.array([[[0.1, 2.0, 3.0, 3.0, -1.0]]]), 5.0).tolist()
    [[False, False, False, True, False]]
    """
    total = np.zeros(possible.shape[:2])
    found = np.zeros(possible.shape[1:], dtype=bool)
    for window in range(possible.shape[2]):
        step = possible[:, :, window]
        total = np.where(np.isnan(step), total, np.maximum(0.0, total + step - slack))
        found[:, window] = total.min(axis=0) > limit
        total = np.where(found[:, window], 0.0, total)
    return found
