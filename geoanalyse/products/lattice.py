"""The exact lattice under H3 cells, and its encoding for the map.

H3 lays its hexagons on the twenty faces of an icosahedron by gnomonic projection, the face centre at the origin. On
one face the centres of all cells of a resolution therefore form a regular lattice in a plane, and the plane is a linear
image of directions in space: ``direction ~ M @ (i, j, 1)`` with one 3 x 3 matrix per resolution and face. Nothing has
to be fitted: the corners of the icosahedron are the centres of H3's twelve pentagons, and the step follows from the
golden ratio. Centres come out within 1e-8 m of H3's own (tested). The browser turns a pixel into a cell with the
inverse matrix.

Axes i and j stand 120 degrees apart, so the neighbours of a cell lie at (1, 0), (1, 1), (0, 1) and their opposites.
"""

from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np
import numpy.typing as npt

from geoanalyse import grid

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

PENTAGONS = tuple(0x8001FFFFFFFFFFF | base << 45 for base in grid.PENTAGON_BASES)
"""The twelve pentagons of resolution 0, centred on the corners of the icosahedron."""

CORNERS = np.array([(2, 1), (1, 2), (-1, 1), (-2, -1), (-1, -2), (1, -1)]) / 3
"""Corners of the cell at (0, 0), in steps of the lattice, counter-clockwise."""

_STEPS = np.array([(1, 0), (1, 1), (0, 1), (-1, 0), (-1, -1), (0, -1)])  # each 60 degrees on from the one before
_GOLDEN = (1 + 5**0.5) / 2
_HALF_WAY = float(np.cos(np.pi / 2))  # neighbouring corners stand 63 degrees apart, others at least 117
_TURN = float(np.arcsin((3 / 28) ** 0.5))  # odd resolutions are turned by this much (H3's "class III")
_NUDGE = 1e-3  # of the way from a corner to the centre: well inside the cell, yet near its corner
_COARSER = 3  # resolutions between a cell and the parent whose digits place it
_MARGIN = 64  # empty steps before the lowest i and j, so that pixels just outside have positive coordinates


@dataclass(frozen=True, slots=True)
class Face:
    """Part of a lattice on one icosahedron face.

    ``matrix`` (3 x 3) gives the direction of (i, j, 1); ``runs`` (r, 3) holds j, first i and length of each row of
    cells; ``extra`` (e, 4) holds i, j, the position and the turn of cells of another face that reach into this one: the
    lattice goes on over an edge, turned by that many times 60 degrees (`turn`).
    """

    matrix: Floats
    runs: Ints
    extra: Ints


@dataclass(frozen=True, slots=True)
class Lattice:
    """Cells of one resolution in lattice order: the runs of the faces, one after the other, give ``cells``."""

    resolution: int
    cells: grid.Cells
    faces: tuple[Face, ...]


def directions(lonlat: Floats) -> Floats:
    """Turn lon/lat degrees (n, 2) into unit vectors (n, 3)."""
    lon, lat = np.radians(lonlat[:, 0]), np.radians(lonlat[:, 1])
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)


@cache
def matrices(resolution: int) -> Floats:
    """Give the matrix of each of the twenty faces, shape (20, 3, 3): columns are the i step, the j step and the centre.

    Examples
    --------
    >>> ams = directions(np.array([[4.9, 52.37]]))[0]
    >>> matrix = matrices(10)[face_of(ams[None])[0]]
    >>> i, j, w = np.linalg.solve(matrix, ams)
    >>> bool(w > 0.7)  # cosine of the angle between the direction and the centre of its face
    True
    """
    points = directions(grid.centres(np.array(PENTAGONS, dtype=np.uint64)))
    near = points @ points.T > _HALF_WAY
    step = _step(resolution)
    turn = _TURN if resolution % 2 else 0.0
    found = []
    for corners in combinations(range(12), 3):
        if all(near[a, b] for a, b in combinations(corners, 2)):
            centre = points[list(corners)].sum(axis=0)
            centre /= np.linalg.norm(centre)
            ahead = points[corners[0]] - (points[corners[0]] @ centre) * centre
            ahead /= np.linalg.norm(ahead)
            aside = np.cross(centre, ahead)
            i_step, j_step = (
                step * (np.cos(angle) * ahead + np.sin(angle) * aside) for angle in (turn, turn + 2 * np.pi / 3)
            )
            found.append(np.stack([i_step, j_step, centre], axis=1))
    return np.array(found)


def _step(resolution: int) -> float:
    """Distance between neighbouring centres at the centre of a face, in radii."""
    return float(_GOLDEN**-2 / 7 ** (resolution / 2))


def face_of(direction: Floats) -> Ints:
    """Give the face (position in `matrices`) that each direction (n, 3) lies on: the one with the nearest centre."""
    nearest: Ints = np.argmax(direction @ matrices(0)[:, :, 2].T, axis=1).astype(np.int32)
    return nearest


def locate(direction: Floats, face: Ints, resolution: int) -> tuple[Ints, Floats]:
    """Give the lattice coordinates (n, 2) of the cell under each direction on its face, and how far off its centre.

    The distance is in steps: nearly 0 for cell centres.
    """
    inverse = np.linalg.inv(matrices(resolution))
    projected = np.einsum("nij,nj->ni", inverse[face], direction)
    exact = projected[:, :2] / projected[:, 2:]
    cube = np.stack([exact[:, 0], -exact[:, 1], exact[:, 1] - exact[:, 0]], axis=1)
    nearest = np.rint(cube)
    worst = np.argmax(np.abs(nearest - cube), axis=1)
    rows = np.arange(len(cube))
    nearest[rows, worst] -= nearest.sum(axis=1)
    steps = np.stack([nearest[:, 0], -nearest[:, 1]], axis=1)
    return steps.astype(np.int32), np.abs(exact - steps).max(axis=1, initial=0.0)


def place(cells: grid.Cells) -> tuple[Ints, Ints]:
    """Give the face (n,) and the lattice coordinates on it (n, 2) of cells of one resolution.

    The last digits of an index say where a cell lies from the centre of its parent, the same way for every parent of
    one base cell on one face. So only parents, and cells near the edge of a face, are asked from H3.

    Examples
    --------
    >>> cells = grid.neighbours(grid.from_hex("8a1969528daffff"))
    >>> _, steps = place(cells)
    >>> np.ptp(steps, axis=0).tolist()  # neighbours of one cell lie at most two steps apart
    [2, 2]
    """
    resolution = _resolution(cells)
    if resolution < 2 * _COARSER:
        return _place_each(cells, resolution)
    parents, of_cell = _parents(cells, resolution - _COARSER)
    centre = directions(grid.centres(parents))
    parent_face = face_of(centre)
    parent_steps, _ = locate(centre, parent_face, resolution)
    clear = _to_edge(centre) > 2 * _step(resolution - _COARSER)
    code = (cells >> np.uint64(3 * (15 - resolution)) & np.uint64(8**_COARSER - 1)).astype(np.intp)
    face, steps = parent_face[of_cell], parent_steps[of_cell]
    kind = (parents >> np.uint64(45) & np.uint64(0x7F)).astype(np.int64) * 20 + parent_face
    known = clear & ~np.isin(kind // 20, grid.PENTAGON_BASES)
    for each in np.unique(kind[known]):
        of_kind = known & (kind == each)
        first = int(np.flatnonzero(of_kind)[0])
        members = of_kind[of_cell]
        table = _offsets(parents[first], parent_face[first], parent_steps[first], resolution)
        steps[members] += table[code[members]]
    rest = ~known[of_cell]
    face[rest], steps[rest] = _place_each(cells[rest], resolution)
    return face, steps


def _place_each(cells: grid.Cells, resolution: int) -> tuple[Ints, Ints]:
    centre = directions(grid.centres(cells))
    face = face_of(centre)
    return face, locate(centre, face, resolution)[0]


def _parents(cells: grid.Cells, resolution: int) -> tuple[grid.Cells, npt.NDArray[np.intp]]:
    """Distinct parents, and which is that of each cell; cells that ascend have parents that ascend."""
    parents = grid.parent(cells, resolution)
    new = np.ones(len(parents), dtype=bool)
    new[1:] = parents[1:] != parents[:-1]
    distinct, inverse = np.unique(parents[new], return_inverse=True)
    return distinct, inverse[np.cumsum(new) - 1]


def _offsets(parent: np.uint64, face: np.int32, steps: Ints, resolution: int) -> Ints:
    """Lattice coordinates of the descendants of a parent as seen from its centre, by their last digits, (8**3, 2)."""
    code = np.arange(8**_COARSER, dtype=np.uint64)
    valid = np.all([(code >> np.uint64(3 * digit)) & np.uint64(7) != np.uint64(7) for digit in range(_COARSER)], axis=0)
    unused = np.uint64((1 << (3 * (15 - resolution + _COARSER))) - 1)
    shift = np.uint64(3 * (15 - resolution))
    last = np.uint64((1 << (3 * (15 - resolution))) - 1)
    head = (parent & ~unused & ~np.uint64(0xF << 52)) | np.uint64(resolution << 52)
    children = head | (code[valid] << shift) | last
    centre = directions(grid.centres(children))
    found, _ = locate(centre, np.full(len(children), face), resolution)
    table = np.zeros((8**_COARSER, 2), dtype=np.int32)
    table[valid] = found - steps
    return table


def centres(cells: grid.Cells) -> Floats:
    """Give the centre of each cell of one resolution as lon/lat degrees (n, 2); as `grid.centres`, for many cells."""
    if not len(cells):
        return np.empty((0, 2))
    face, steps = place(cells)
    at = _directions_of(face, steps, _resolution(cells))
    lon, lat = np.arctan2(at[:, 1], at[:, 0]), np.arctan2(at[:, 2], np.hypot(at[:, 0], at[:, 1]))
    lonlat: Floats = np.degrees(np.column_stack([lon, lat]))
    return lonlat


def _directions_of(face: Ints, steps: Ints, resolution: int) -> Floats:
    """Give the unit vectors (n, 3) of lattice points."""
    found = np.empty((len(face), 3))
    for number in np.unique(face):
        here = face == number
        step_i, step_j, centre = matrices(resolution)[number].T
        found[here] = steps[here, :1] * step_i + steps[here, 1:] * step_j + centre
    found /= np.sqrt((found**2).sum(axis=1))[:, None]
    return found


def _resolution(cells: grid.Cells) -> int:
    return int(cells[0] >> np.uint64(52)) & 0xF if len(cells) else 0


def _to_edge(direction: Floats) -> Floats:
    """How much nearer each direction is to the centre of its face than to that of the next, as a cosine."""
    nearness = direction @ matrices(0)[:, :, 2].T
    top = np.partition(nearness, -2, axis=1)
    edge: Floats = top[:, -1] - top[:, -2]
    return edge


@cache
def turn(resolution: int, face: int, other: int) -> int:
    """Give how many times 60 degrees the lattice of `face` is turned when it goes on over the edge with `other`.

    Folded about their common edge, the i step of one face is one of the six steps of the other.
    """
    a, b = matrices(resolution)[face], matrices(resolution)[other]
    axis = np.cross(a[:, 2], b[:, 2])
    sine = np.linalg.norm(axis)
    axis /= sine
    step = a[:, 0]
    folded = step * (a[:, 2] @ b[:, 2]) + np.cross(axis, step) * sine + axis * (axis @ step) * (1 - a[:, 2] @ b[:, 2])
    found = np.linalg.lstsq(b[:, :2], folded, rcond=None)[0]
    return int(np.argmin(np.abs(_STEPS - found).sum(axis=1)))


def encode(cells: npt.ArrayLike) -> Lattice:
    """Order cells of one resolution by face and lattice row, as runs.

    Parameters
    ----------
    cells : array_like of uint64, shape (n,)
        Distinct cells of one resolution, in any order.

    Examples
    --------
    >>> cell = grid.from_hex("8a1969528daffff")
    >>> lattice = encode(np.append(grid.neighbours(cell), np.uint64(cell)))
    >>> [run.tolist() for run in lattice.faces[0].runs[:, 2:].T]  # a hexagon of hexagons
    [[2, 3, 2]]
    """
    values = np.sort(np.asarray(cells, dtype=np.uint64))
    if not len(values):
        return Lattice(0, values, ())
    resolution = _resolution(values)
    face, steps = place(values)
    order = np.lexsort((steps[:, 0], steps[:, 1], face))
    values, face, steps = values[order], face[order], steps[order]
    extra_face, extra_steps, owner = _reaching_over(values, _directions_of(face, steps, resolution), face, resolution)
    faces = []
    for number in np.unique(np.concatenate([face, extra_face])):
        own, over = steps[face == number], extra_face == number
        low = np.concatenate([own, extra_steps[over]]).min(axis=0) - _MARGIN
        turned = [turn(resolution, each, number) for each in face[owner[over]].tolist()]
        extra = np.column_stack([extra_steps[over] - low, owner[over], turned]).astype(np.int32)
        faces.append(Face(_shifted(matrices(resolution)[number], low), _runs(own - low), extra))
    return Lattice(resolution, values, tuple(faces))


def _reaching_over(cells: grid.Cells, centre: Floats, face: Ints, resolution: int) -> tuple[Ints, Ints, Ints]:
    """Find cells with a corner on another face: that face, their coordinates on its lattice, and their position.

    The lattice bends at an edge, so the corners are asked from H3; only cells near an edge are.
    """
    near = np.flatnonzero(_to_edge(centre) < 2 * _step(resolution))
    corners = [grid.boundary(cell) for cell in cells[near].tolist()]
    if not corners:
        return np.empty(0, np.int32), np.empty((0, 2), np.int32), np.empty(0, np.int32)
    owner = np.repeat(near, [len(ring) for ring in corners])
    inside = directions(np.concatenate(corners)) * (1 - _NUDGE) + centre[owner] * _NUDGE
    there = face_of(inside)
    over = there != face[owner]
    steps, _ = locate(inside[over], there[over], resolution)
    every = np.unique(np.column_stack([there[over], steps, owner[over]]), axis=0).astype(np.int32)
    return every[:, 0], every[:, 1:3], every[:, 3]


def _shifted(matrix: Floats, low: Ints) -> Floats:
    """Move the origin to `low`; rounded far below a millimetre, so that the last bits of a machine do not show."""
    origin = matrix @ np.array([low[0], low[1], 1.0])
    return np.column_stack([np.round(matrix[:, :2], 18), np.round(origin, 15)])


def _runs(steps: Ints) -> Ints:
    """Rows of adjoining cells, from coordinates sorted by j and i: j, first i, length."""
    if not len(steps):
        return np.empty((0, 3), dtype=np.int32)
    new = np.ones(len(steps), dtype=bool)
    new[1:] = (np.diff(steps[:, 1]) != 0) | (np.diff(steps[:, 0]) != 1)
    first = np.flatnonzero(new)
    length = np.diff(np.append(first, len(steps)))
    return np.column_stack([steps[first, 1], steps[first, 0], length]).astype(np.int32)
