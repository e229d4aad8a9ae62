"""Who neighbours whom: sparse weights between cells, between units made of cells, and between points.

Weights are a square `scipy.sparse.csr_array` of float64 with sorted indices: row i holds the weights w_ij of the
neighbours of unit i. What is made here is binary and symmetric, without a unit itself; `with_self` and
`row_standardised` make the other two customary forms of it.
"""

import numpy as np
import numpy.typing as npt
from scipy import sparse, spatial

from geoanalyse import grid

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def from_pairs(pairs: Ints, count: int) -> sparse.csr_array:
    """Give the binary weights of pairs of neighbours.

    Parameters
    ----------
    pairs : ndarray of int64, shape (m, 2)
        Positions of two different units; a pair counts once, however often and whichever way it is given.
    count : int
        Number of units.

    Raises
    ------
    ValueError
        When a position is not one of 0 to ``count - 1``, or a unit is paired with itself.

    Examples
    --------
    >>> from_pairs(np.array([[0, 1], [1, 2]]), 3).toarray().tolist()
    [[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    """
    given = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    if len(given) and not 0 <= given.min() <= given.max() < count:
        raise ValueError(f"pairs must be positions from 0 to {count - 1}")
    if (given[:, 0] == given[:, 1]).any():
        raise ValueError("a unit is no neighbour of itself: see with_self")
    left, right = given.T.astype(np.int32 if count < 2**31 else np.int64)
    ones = np.ones(2 * len(given))
    ends = np.concatenate([left, right]), np.concatenate([right, left])
    weights = sparse.coo_array((ones, ends), shape=(count, count)).tocsr()
    weights.sum_duplicates()
    weights.data[:] = 1.0
    return weights


def from_cells(cells: npt.ArrayLike, width: int = 1) -> sparse.csr_array:
    """Give the binary weights between H3 cells that are at most `width` steps apart; a step crosses an edge.

    Equal to ``h3.grid_disk`` for every cell, also over the edges of the icosahedron and round pentagons. Time and
    memory grow with the number of cells and of pairs.

    Parameters
    ----------
    cells : array_like of uint64, shape (n,)
        Distinct cells of one resolution, in any order; the rows follow it. Where there are gaps between the cells,
        steps over the gaps count as well.
    width : int
        Steps, at least 1. Six neighbours for 1, eighteen for 2, at most ``3 width (width + 1)``.

    Raises
    ------
    ValueError
        When a cell is given twice, resolutions differ or `width` is less than 1.

    Examples
    --------
    >>> middle = grid.from_hex("8a1969528daffff")
    >>> cells = np.append(grid.neighbours(middle), np.uint64(middle))
    >>> from_cells(cells).sum(axis=1).tolist()  # each of the ring has two beside it, and the middle
    [3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 6.0]
    """
    values = np.asarray(cells, dtype=np.uint64)
    return from_pairs(grid.near_pairs(values, width), len(values))


def from_units(cells: npt.ArrayLike, unit: npt.ArrayLike, count: int, width: int = 1) -> sparse.csr_array:
    """Give the binary weights between units made of cells: neighbours where cells of both are near.

    Parameters
    ----------
    cells : array_like of uint64, shape (n,)
        Distinct cells of one resolution, in any order.
    unit : array_like of int, shape (n,)
        Unit of each cell, 0 to ``count - 1``; a negative number for a cell of none.
    count : int
        Number of units; one without cells has no neighbours.
    width : int
        Units are neighbours when a cell of one is at most this many steps from a cell of the other: 1 when they touch.

    Raises
    ------
    ValueError
        As `from_cells`; when there is not one unit per cell, or a unit is not below `count`.

    Examples
    --------
    >>> middle = grid.from_hex("8a1969528daffff")
    >>> ring = grid.neighbours(middle)
    >>> from_units(np.append(ring, np.uint64(middle)), [0, 0, 0, 0, 0, 0, 1], 2).toarray().tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    return from_pairs(unit_pairs(cells, unit, width), count)


def unit_pairs(cells: npt.ArrayLike, unit: npt.ArrayLike, width: int = 1) -> Ints:
    """Give the pairs of units of `from_units`, each once, left < right, ascending, shape (m, 2).

    Examples
    --------
    >>> middle = grid.from_hex("8a1969528daffff")
    >>> ring = grid.neighbours(middle)
    >>> unit_pairs(np.append(ring, np.uint64(middle)), [4, 4, 4, 4, 4, -1, 2]).tolist()
    [[2, 4]]
    """
    values, owner = np.asarray(cells, dtype=np.uint64), np.asarray(unit, dtype=np.int64)
    if values.shape != owner.shape:
        raise ValueError("every cell must have one unit")
    inside = owner >= 0
    return merged_pairs(grid.near_pairs(values[inside], width), owner[inside])


def merged_pairs(pairs: Ints, unit: npt.ArrayLike) -> Ints:
    """Give the pairs of units that pairs of their parts make, each once, left < right, ascending, shape (m, 2).

    Parameters
    ----------
    pairs : ndarray of int64, shape (k, 2)
        Positions in `unit`.
    unit : array_like of int, shape (n,)
        Unit of each part; a negative number for a part of none.

    Examples
    --------
    >>> merged_pairs(np.array([[0, 1], [1, 2], [2, 3], [3, 4]]), [7, 7, 5, 7, -1]).tolist()
    [[5, 7]]
    """
    owner = np.asarray(unit, dtype=np.int64)
    left, right = np.sort(owner[pairs], axis=1).T
    across = (left >= 0) & (left != right)
    span = int(owner.max(initial=0)) + 1
    distinct = np.unique(left[across] * span + right[across])
    return np.column_stack(np.divmod(distinct, span))


def from_points(points: npt.ArrayLike, distance: float) -> sparse.csr_array:
    """Give the binary weights between points at most `distance` apart.

    Parameters
    ----------
    points : array_like of float, shape (n, 2)
        Plane coordinates, in the unit of `distance`. Points on one spot are neighbours.
    distance : float
        The greatest distance of two neighbours, itself included; above 0. Give a little more where a distance that was
        computed must not fall short by rounding.

    Raises
    ------
    ValueError
        When a coordinate is not finite or `distance` is not above 0.

    Examples
    --------
    >>> from_points([(0, 0), (3, 4), (9, 9)], 5).toarray().tolist()
    [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """
    place = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    if not np.isfinite(place).all():
        raise ValueError("points must be finite")
    if not distance > 0:
        raise ValueError("distance must be above 0")
    if not len(place):
        return from_pairs(np.empty((0, 2), dtype=np.int64), 0)
    return from_pairs(spatial.cKDTree(place).query_pairs(distance, output_type="ndarray"), len(place))


def with_self(weights: sparse.csr_array) -> sparse.csr_array:
    """Add every unit to its own neighbours, with weight 1.

    Examples
    --------
    >>> with_self(from_pairs(np.array([[0, 1]]), 3)).toarray().tolist()
    [[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    own: sparse.csr_array = (without_self(weights) + sparse.eye_array(weights.shape[0], format="csr")).tocsr()
    own.sort_indices()
    return own


def without_self(weights: sparse.csr_array) -> sparse.csr_array:
    """Take every unit from its own neighbours; weights that have none come back as they are.

    Examples
    --------
    >>> without_self(sparse.csr_array([[1.0, 1.0], [1.0, 1.0]])).toarray().tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    if not weights.diagonal().any():
        return weights
    entries = weights.tocoo()
    other = entries.row != entries.col
    ends = entries.row[other], entries.col[other]
    return sparse.coo_array((entries.data[other], ends), shape=weights.shape).tocsr()


def row_standardised(weights: sparse.csr_array) -> sparse.csr_array:
    """Divide the weights of each unit by their sum; a unit without neighbours keeps none.

    Raises
    ------
    ValueError
        When a weight is negative.

    Examples
    --------
    >>> row_standardised(from_pairs(np.array([[0, 1], [1, 2]]), 4)).toarray().tolist()[1]
    [0.5, 0.0, 0.5, 0.0]
    """
    if (weights.data < 0).any():
        raise ValueError("weights must not be negative")
    total = np.asarray(weights.sum(axis=1))
    scale = np.divide(1.0, total, out=np.zeros(len(total)), where=total > 0)
    standard: sparse.csr_array = (sparse.diags_array(scale) @ weights).tocsr()
    standard.sort_indices()
    return standard


def checked(values: npt.ArrayLike, weights: sparse.csr_array) -> tuple[Floats, sparse.csr_array]:
    """Give values as floats, and weights as floats with each entry once.

    Raises
    ------
    ValueError
        When a value or a weight is not finite, or the shapes do not fit.

    Examples
    --------
    >>> checked([1, 2], from_pairs(np.array([[0, 1]]), 2))[0].tolist()
    [1.0, 2.0]
    """
    x, known = np.asarray(values, dtype=np.float64), sparse.csr_array(weights, dtype=np.float64)
    if x.ndim != 1 or known.shape != (len(x), len(x)):
        raise ValueError(f"values of shape {x.shape} do not fit weights of shape {known.shape}")
    if not np.isfinite(x).all():
        raise ValueError("values must be finite")
    if not np.isfinite(known.data).all():
        raise ValueError("weights must be finite")
    if not known.has_canonical_format:
        known = known.copy()
        known.sum_duplicates()
    return x, known
