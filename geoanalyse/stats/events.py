"""Are events near in space also near in time? For public event data only.

These tests need the place and moment of single events. Records of persons or addresses never come here: the package
counts and rounds those before anything else sees them. Open data of events whose places were made public, such as
published crime incidents, are what this is for; no product of a release uses it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import spatial, stats

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Knox:
    """Result of a Knox test.

    Attributes
    ----------
    pairs : int
        Pairs of events that are close in space and in time.
    expected : float
        Pairs close in space, times pairs close in time, over all pairs.
    p_poisson : float
        P(X > pairs) of a Poisson number with that mean.
    p : float
        Share of orders, the permutations and this one, with at least as many pairs; not a number without permutations.
    """

    pairs: int
    expected: float
    p_poisson: float
    p: float


@dataclass(frozen=True, slots=True)
class NearRepeats:
    """Pairs of events by their distance in space (rows) and in time (columns), shape (s, t) each.

    Attributes
    ----------
    observed : ndarray of int64
    expected : ndarray of float
        Mean of the permutations.
    ratio : ndarray of float
        Observed over expected; not a number where nothing is expected.
    p : ndarray of float
        Share of orders, the permutations and this one, with at least as many pairs in that cell.
    """

    observed: Ints
    expected: Floats
    ratio: Floats
    p: Floats


def knox(
    place: npt.ArrayLike,
    time: npt.ArrayLike,
    near: float,
    soon: float,
    *,
    rng: np.random.Generator | None = None,
    permutations: int = 999,
) -> Knox:
    """Count pairs of events that are close in both space and time, and say whether that is more than chance.

    Knox, Applied Statistics 13 (1964) 25-29. Permutations keep all places and all moments, and hand the moments out
    over the places anew, all orders being equally likely: so neither a busy place nor a busy season is a cluster, only
    their meeting is. The Poisson p-value is quick, and too small when many pairs share events.

    Parameters
    ----------
    place : array_like of float, shape (n, 2)
        Coordinates in metres, or any unit that `near` is in.
    time : array_like of float, shape (n,)
        Moments in days, or any unit that `soon` is in.
    near, soon : float
        Pairs at most this far apart are close; at least 0.
    rng : numpy.random.Generator, optional
        No permutations without one.
    permutations : int

    Returns
    -------
    Knox

    Raises
    ------
    ValueError
        For fewer than two events, shapes that do not fit, or missing numbers.

    Notes
    -----
    Memory and time go with the number of pairs that are close in space, not with that of all pairs.

    Examples
    --------
    >>> found = knox([[0, 0], [1, 0], [9, 9], [9, 8]], [1, 2, 30, 60], near=1, soon=5, rng=np.random.default_rng(1))
    >>> found.pairs, round(found.expected, 3), round(found.p, 1)
    (1, 0.333, 0.3)
    """
    where, when = _checked(place, time, near, soon)
    left, right = _close(where, near)
    count = len(when)
    together = _together(when, soon)
    pairs = int((np.abs(when[left] - when[right]) <= soon).sum())
    expected = len(left) * together / (count * (count - 1) / 2)
    p = float("nan")
    if rng is not None:
        drawn = np.empty(permutations, dtype=np.int64)
        for number in range(permutations):
            order = rng.permutation(when)
            drawn[number] = (np.abs(order[left] - order[right]) <= soon).sum()
        p = float((1 + (drawn >= pairs).sum()) / (1 + permutations))
    return Knox(pairs, float(expected), float(stats.poisson.sf(pairs, expected)), p)


def near_repeats(
    place: npt.ArrayLike,
    time: npt.ArrayLike,
    distances: npt.ArrayLike,
    intervals: npt.ArrayLike,
    *,
    rng: np.random.Generator,
    permutations: int = 999,
) -> NearRepeats:
    """Tabulate pairs of events by distance in space and time, against what permuted moments give.

    Ratcliffe & Rengert, Security Journal 21 (2008) 58-76; Johnson et al., Journal of Quantitative Criminology 23 (2007)
    201-219. Moments are handed out over the places as in `knox`. Every cell has a p-value of its own; with many cells
    some are small by chance.

    Parameters
    ----------
    place, time : array_like
        As in `knox`.
    distances, intervals : array_like of float, shape (s,), (t,)
        Upper ends of the bands, ascending, each end belonging to its own band. The first band begins at 0, so that a
        first end of 0 is a band of its own: the very same place.
    rng : numpy.random.Generator
    permutations : int

    Returns
    -------
    NearRepeats

    Raises
    ------
    ValueError
        As `knox`; and for ends that do not ascend.

    Examples
    --------
    >>> place, time = [[0, 0], [0, 0], [50, 0], [500, 0], [500, 0]], [1, 2, 3, 80, 81]
    >>> near_repeats(place, time, [0, 100], [7, 100], rng=np.random.default_rng(1)).observed.tolist()
    [[2, 0], [2, 0]]
    """
    far, late = np.asarray(distances, dtype=float), np.asarray(intervals, dtype=float)
    for ends in (far, late):
        if ends.ndim != 1 or len(ends) == 0 or not (np.diff(ends) > 0).all():
            raise ValueError("distances and intervals must be ascending")
    where, when = _checked(place, time, min(far[0], late[0]), max(far[-1], late[-1]))
    left, right = _close(where, far[-1])
    row = np.searchsorted(far, np.hypot(*(where[left] - where[right]).T), side="left")
    row = np.minimum(row, len(far) - 1)  # the tree and the square root may differ in the last digit
    width = len(late) + 1

    def table(moments: Floats) -> Ints:
        column = np.searchsorted(late, np.abs(moments[left] - moments[right]), side="left")
        cells = np.bincount(row * width + column, minlength=len(far) * width)
        return cells.reshape(len(far), width)[:, :-1].astype(np.int64)

    observed = table(when)
    total, reached = np.zeros(observed.shape), np.zeros(observed.shape)
    for _ in range(permutations):
        drawn = table(rng.permutation(when))
        total += drawn
        reached += drawn >= observed
    expected = total / permutations
    ratio = np.divide(observed, expected, out=np.full(observed.shape, np.nan), where=expected > 0)
    return NearRepeats(observed, expected, ratio, (1 + reached) / (1 + permutations))


def _checked(place: npt.ArrayLike, time: npt.ArrayLike, least: float, most: float) -> tuple[Floats, Floats]:
    where, when = np.asarray(place, dtype=float), np.asarray(time, dtype=float)
    if when.ndim != 1 or where.shape != (len(when), 2) or len(when) < 2:  # noqa: PLR2004 - a pair
        raise ValueError("place must hold two coordinates, and time one moment, for each of at least two events")
    if not np.isfinite(where).all() or not np.isfinite(when).all():
        raise ValueError("place and time must be finite")
    if not (min(least, most) >= 0 and np.isfinite(max(least, most))):
        raise ValueError("distances and intervals must be finite and at least 0")
    return where, when


def _close(where: Floats, near: float) -> tuple[Ints, Ints]:
    """Pairs of events at most this far apart, each once."""
    pairs = spatial.cKDTree(where).query_pairs(near, output_type="ndarray").reshape(-1, 2)
    return pairs[:, 0].astype(np.int64), pairs[:, 1].astype(np.int64)


def _together(when: Floats, soon: float) -> int:
    """Count pairs of events at most this long apart."""
    ordered = np.sort(when)
    later = np.searchsorted(ordered - soon, ordered, side="right")  # t_j - soon <= t_i, as |t_j - t_i| <= soon
    return int((later - np.arange(1, len(when) + 1)).sum())
