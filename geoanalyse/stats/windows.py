"""Windows that a scan statistic looks at, how surprising one is, and the chance that the highest of all is so high."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse, special
from scipy.sparse import csgraph

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Nested = tuple[npt.NDArray[np.intp], Bools]
"""Units in the order in which they enter the windows round one centre, and after which of them a window ends."""

TIE: Final = 1e-9
"""Relative difference up to which two distances, or two log likelihood ratios, are equal."""
_CENTRES: Final = 2_000_000  # distances that are held at a time


@dataclass(frozen=True, slots=True)
class Circles:
    """Windows of a unit with the units nearest to it.

    Attributes
    ----------
    place : ndarray of float, shape (n, 2)
        Centroids: lon/lat in degrees for ``sphere``, or coordinates in any one unit of length for ``plane``.
    metric : {"sphere", "plane"}
        Great-circle or straight distance.
    """

    place: Floats
    metric: Literal["sphere", "plane"]


@dataclass(frozen=True, slots=True)
class Rings:
    """Windows of a unit with all units at most k steps away over a graph of neighbours, k = 0 .. `most`.

    Attributes
    ----------
    graph : sparse array, shape (n, n)
        Not zero where two units are neighbours. A path leads over units that are in the graph only, so each window is
        connected.
    most : int
    """

    graph: sparse.csr_array
    most: int


def check(windows: Circles | Rings, count: int, share: float, replicas: int) -> None:
    """Raise ValueError for windows that do not fit `count` units, and for a share or number that cannot be."""
    if isinstance(windows, Circles):
        if windows.metric not in {"sphere", "plane"}:
            raise ValueError("the metric must be 'sphere' or 'plane'")
        if windows.place.shape != (count, 2) or not np.isfinite(windows.place).all():
            raise ValueError("place must hold two finite coordinates per unit")
    elif windows.graph.shape != (count, count) or windows.most < 0:
        raise ValueError("the graph must have one row and column per unit, and most must be at least 0")
    if not 0 < share < 1:
        raise ValueError("share must lie between 0 and 1")
    if replicas < 1:
        raise ValueError("at least one replica is needed")


def groups(windows: Circles | Rings, risk: Floats, share: float) -> Iterator[list[Nested]]:
    """Give the windows round each centre, for a number of centres at a time."""
    for centres in portions(np.arange(len(risk)), len(risk)):
        yield [nested(apart, risk, share) for apart in distances(windows, centres)]


def portions(centres: npt.NDArray[np.intp], count: int) -> Iterator[npt.NDArray[np.intp]]:
    """Take so many centres at a time that their distances to all units fit the memory."""
    size = max(1, _CENTRES // count)
    for start in range(0, len(centres), size):
        yield centres[start : start + size]


def distances(windows: Circles | Rings, centres: npt.NDArray[np.intp]) -> Floats:
    """Distance from each centre to every unit, shape (centres, n): in units that keep the order; infinite is never."""
    if isinstance(windows, Rings):
        graph = windows.graph.astype(bool)
        steps = csgraph.dijkstra(graph, directed=False, indices=centres, unweighted=True, limit=windows.most)
        return np.asarray(steps, dtype=float)
    place = windows.place.astype(float)
    if windows.metric == "sphere":  # the straight line through the globe has the same order as the way over it
        lon, lat = np.radians(place).T
        place = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
    squares = sum((place[centres, axis, None] - place[None, :, axis]) ** 2 for axis in range(place.shape[1]))
    return np.asarray(np.sqrt(squares))


def nested(apart: Floats, risk: Floats, share: float) -> Nested:
    """Give the windows round one centre: who is no further than some unit, with at most `share` of the risk.

    Parameters
    ----------
    apart : ndarray of float, shape (n,)
        Distance of each unit; infinite is never in a window.
    risk : ndarray of float, shape (n,)
        Adds up to 1.
    share : float

    Examples
    --------
    >>> order, ends = nested(np.array([0.0, 1.0, 1.0, 2.0]), np.full(4, 0.25), 0.75)
    >>> order.tolist(), ends.tolist()
    ([0, 1, 2], [True, False, True])
    """
    near = np.flatnonzero(np.isfinite(apart))
    order = near[np.argsort(apart[near], kind="stable")]
    reached = np.cumsum(risk[order])
    allowed = int(np.searchsorted(reached, share * (1 + TIE), side="right"))
    way = apart[order[: allowed + 1]]
    ends = np.ones(allowed, dtype=bool)
    further = way[1:] - way[:-1] > TIE * way[1:]
    ends[: len(further)] = further[:allowed]
    last = int(np.flatnonzero(ends)[-1]) + 1 if ends.any() else 0
    return order[:last], ends[:last]


def log_likelihood_ratio(observed: npt.ArrayLike, expected: npt.ArrayLike, total: npt.ArrayLike) -> Floats:
    """Give the log likelihood ratio of windows with more cases than expected; 0 for the others.

    With c cases in a window where E of the C cases are expected, formula 3 of Kulldorff, Communications in Statistics -
    Theory and Methods 26 (1997) 1481-1496, for the Poisson model::

        c ln(c / E) + (C - c) ln((C - c) / (C - E))        where c > E

    Parameters
    ----------
    observed, expected, total : array_like, shapes that broadcast
        ``0 < expected < total``, or the result is 0.

    Returns
    -------
    ndarray of float

    Examples
    --------
    >>> log_likelihood_ratio([8, 2], 4.0, 16).round(4).tolist()  # 8 ln 2 + 8 ln(8/12)
    [2.3015, 0.0]
    """
    seen, mean, whole = (np.asarray(each, dtype=float) for each in (observed, expected, total))
    more = (seen > mean) & (mean > 0) & (mean < whole)
    inside = np.divide(seen, mean, out=np.ones(more.shape), where=more)
    outside = np.divide(whole - seen, whole - mean, out=np.ones(more.shape), where=more)
    value: Floats = np.where(more, special.xlogy(seen, inside) + special.xlogy(whole - seen, outside), 0.0)
    return value


def steepness(within: Floats) -> Floats:
    """Give the root of the most that LLR / C can be of (p - q)^2; 0 where nothing or everything is inside.

    For a window with a share q of what is expected and p of the cases, the LLR over C is the Kullback-Leibler
    divergence of q from p. Over (p - q)^2 it is an average of 1 / (t (1 - t)) over t between them, a convex function,
    so it is convex in p and highest at one end: LLR <= C (p - q)^2 max(1 / (2 q (1 - q)), -ln q / (1 - q)^2).

    Examples
    --------
    >>> steepness(np.array([0.0, 0.5, 1.0])).round(3).tolist()
    [0.0, 1.665, 0.0]
    """
    some = (within > 0) & (within < 1 - TIE)
    q = np.where(some, within, 0.5)
    return np.where(some, np.sqrt(np.maximum(1 / (2 * q * (1 - q)), -np.log(q) / (1 - q) ** 2)), 0.0)


def rank_p(llr: float, maxima: Floats) -> float:
    """Give the share of maps, the replicas and the one at hand, whose highest LLR is at least this.

    Dwass, Annals of Mathematical Statistics 28 (1957) 181-187. Equal to nine digits counts as at least.

    Examples
    --------
    >>> rank_p(5.0, np.array([3.0, 4.0, 5.0, 6.0]))
    0.6
    """
    return float((1 + (maxima >= llr * (1 - TIE)).sum()) / (1 + len(maxima)))


def gumbel_p(llr: float, maxima: Floats) -> float:
    """Give P(highest LLR >= llr) under the Gumbel distribution with the mean and variance of the replicas.

    Abrams, Kulldorff & Kleinman, International Journal of Health Geographics 9 (2010) 61. The moments fit has scale
    sqrt(6) s / pi and location mean - 0.5772 scale.

    Examples
    --------
    >>> round(gumbel_p(9.0, np.array([3.0, 4.0, 5.0, 6.0])), 4)
    0.0064
    """
    if len(maxima) < 2 or np.ptp(maxima) == 0:  # noqa: PLR2004 - one value has no variance
        return float("nan")
    scale = np.sqrt(6) / np.pi * maxima.std(ddof=1)
    location = maxima.mean() - np.euler_gamma * scale
    return float(-np.expm1(-np.exp(-(llr - location) / scale)))
