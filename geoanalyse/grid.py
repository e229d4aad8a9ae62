"""H3 cells: the only module that imports h3.

Cells are ``numpy.uint64`` H3 indexes. A coarser cell is always the *parent by index* of a resolution-10 cell: indexing
the coordinate again would put some 7 % of points in a hexagon that is not the parent.
"""

from functools import cache
from itertools import chain

import h3.api.basic_int as h3
import numpy as np
import numpy.typing as npt
import pyproj
import shapely

Cells = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]

FINEST = 10
"""Finest resolution that is counted or drawn (edge about 71 m in the Netherlands, 1.3 ha)."""

PENTAGON_BASES = (4, 14, 24, 38, 49, 58, 63, 72, 83, 97, 107, 117)
"""Base cells that are pentagons, centred on the corners of the icosahedron."""

_BASE = 45  # bits of an index below the number of its base cell
_DIGITS = ((0, 0), (-1, -1), (0, 1), (-1, 0), (1, 0), (0, -1), (1, 1))  # a + b w of the digits 0 to 6
_ROW = 1 << 24  # a step of w: wider than a base cell at resolution 15
_COARSER = (4, 2)  # ancestors that are asked for many cells at once, from far to near

# Amersfoort / RD New to ETRS89 without the RDNAPTRANS2018 correction grid (EPSG operation with accuracy 0.25 m; at most
# 0.23 m off on land). Pinned, because pyproj silently picks another operation when a grid happens to be installed.
RD_TO_ETRS89 = (
    "+proj=pipeline "
    "+step +inv +proj=sterea +lat_0=52.1561605555556 +lon_0=5.38763888888889 +k=0.9999079 "
    "+x_0=155000 +y_0=463000 +ellps=bessel "
    "+step +proj=push +v_3 +step +proj=cart +ellps=bessel "
    "+step +proj=helmert +x=565.7381 +y=50.4018 +z=465.2904 "
    "+rx=0.395025981036064 +ry=-0.330772431242031 +rz=1.87607329462821 +s=4.07244 +convention=coordinate_frame "
    "+step +inv +proj=cart +ellps=GRS80 +step +proj=pop +v_3 "
    "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
)


@cache
def _transformer() -> pyproj.Transformer:
    return pyproj.Transformer.from_pipeline(RD_TO_ETRS89)


def lonlat(easting: npt.ArrayLike, northing: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Turn RD metres into ETRS89 degrees (the same as WGS84 to well under a metre).

    Parameters
    ----------
    easting, northing : array_like of float, shape (n,)
        EPSG:28992, metres.

    Returns
    -------
    lon, lat : ndarray of float64, shape (n,)
        Degrees.

    Examples
    --------
    >>> lon, lat = lonlat([155000.0], [463000.0])  # the tower of Amersfoort
    >>> round(float(lon[0]), 4), round(float(lat[0]), 4)
    (5.3872, 52.1552)
    """
    lon, lat = _transformer().transform(np.atleast_1d(easting).astype(float), np.atleast_1d(northing).astype(float))
    return np.asarray(lon), np.asarray(lat)


def rd(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Turn ETRS89 degrees into RD metres; the inverse of `lonlat`.

    Examples
    --------
    >>> easting, northing = rd([5.387203], [52.155172])
    >>> round(float(easting[0])), round(float(northing[0]))
    (155000, 463000)
    """
    easting, northing = _transformer().transform(
        np.atleast_1d(lon).astype(float), np.atleast_1d(lat).astype(float), direction="INVERSE"
    )
    return np.asarray(easting), np.asarray(northing)


def cells_at(easting: npt.ArrayLike, northing: npt.ArrayLike, resolution: int = FINEST) -> Cells:
    """Give the H3 cell that holds each point.

    Parameters
    ----------
    easting, northing : array_like of float, shape (n,)
        EPSG:28992, metres; every value finite.
    resolution : int
        H3 resolution.

    Returns
    -------
    ndarray of uint64, shape (n,)

    Examples
    --------
    >>> to_hex(cells_at([125500.0], [480300.0]))
    ['8a1969528daffff']
    """
    # the addresses of one building share a point: look each point up once
    points, of_point = np.unique(
        np.atleast_1d(easting).astype(float) + 1j * np.atleast_1d(northing), return_inverse=True
    )
    lon, lat = lonlat(points.real, points.imag)
    cells = np.fromiter(
        (h3.latlng_to_cell(la, lo, resolution) for la, lo in zip(lat.tolist(), lon.tolist(), strict=True)),
        dtype=np.uint64,
        count=len(lat),
    )
    return cells[of_point]


def parent(cells: npt.ArrayLike, resolution: int) -> Cells:
    """Give the coarser cell that holds each cell, by index.

    An index keeps its resolution in bits 52-55 and one octal digit per resolution below them; digits finer than the
    resolution are 7 (H3 documentation, "Index representation").

    Examples
    --------
    >>> to_hex(parent(np.array([from_hex("8a1969528daffff")]), 8))
    ['881969528dfffff']
    """
    values = np.asarray(cells, dtype=np.uint64)
    unused = np.uint64((1 << (3 * (15 - resolution))) - 1)
    return (values & ~np.uint64(0xF << 52)) | np.uint64(resolution << 52) | unused


def to_hex(cells: npt.ArrayLike) -> list[str]:
    """Write cells as H3 does: 15 lower-case hexadecimal digits."""
    return [f"{cell:x}" for cell in np.asarray(cells, dtype=np.uint64).tolist()]


def from_hex(text: str) -> int:
    """Read a cell from its hexadecimal text.

    Raises
    ------
    ValueError
        When the text is no valid H3 cell.
    """
    cell = int(text, 16)
    if not h3.is_valid_cell(cell):
        raise ValueError("geen geldige H3-cel")
    return cell


def are_cells(numbers: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Say which numbers are H3 cells.

    Examples
    --------
    >>> are_cells([0x8a1969528daffff, 12]).tolist()
    [True, False]
    """
    distinct, place = np.unique(np.asarray(numbers, dtype=np.uint64), return_inverse=True)
    known = np.array([h3.is_valid_cell(number) for number in distinct.tolist()], dtype=bool)
    return np.asarray(known[place])


def centres(cells: npt.ArrayLike) -> Floats:
    """Give the centre of each cell as lon/lat degrees, shape (n, 2)."""
    values = np.asarray(cells, dtype=np.uint64)
    latlon = [h3.cell_to_latlng(cell) for cell in values.tolist()]
    return np.array(latlon, dtype=float).reshape(-1, 2)[:, ::-1]


def boundary(cell: int) -> Floats:
    """Give the corners of a cell as lon/lat degrees, shape (k, 2), counter-clockwise, not closed.

    ``k`` is 6; a cell on an icosahedron edge may have more.
    """
    return np.array(h3.cell_to_boundary(int(cell)), dtype=float)[:, ::-1]


def polygons(cells: npt.ArrayLike) -> npt.NDArray[np.object_]:
    """Give each cell as a shapely polygon in lon/lat degrees."""
    rings = [boundary(cell) for cell in np.asarray(cells, dtype=np.uint64).tolist()]
    coordinates = np.concatenate(rings) if rings else np.empty((0, 2))
    owner = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    return np.asarray(shapely.polygons(shapely.linearrings(coordinates, indices=owner)))


def outline(cells: npt.ArrayLike) -> shapely.MultiPolygon:
    """Give the union of cells in lon/lat degrees, without inner lines.

    H3 joins equal edges by index, so no sliver appears between neighbours.
    """
    shape = h3.cells_to_h3shape(np.asarray(cells, dtype=np.uint64).tolist(), tight=False)
    parts = [
        shapely.Polygon(
            [(lon, lat) for lat, lon in part.outer],
            [[(lon, lat) for lat, lon in hole] for hole in part.holes],
        )
        for part in shape.polys
    ]
    return shapely.MultiPolygon(parts)


def rings(cells: npt.ArrayLike) -> list[Floats]:
    """Give the outline of cells as rings in lon/lat degrees, not closed: the outer one of a part, then its holes.

    H3 joins equal edges by index, so no sliver appears between neighbours.
    """
    shape = h3.cells_to_h3shape(np.asarray(cells, dtype=np.uint64).tolist(), tight=False)
    return [np.array(ring)[:, ::-1] for part in shape.polys for ring in (part.outer, *part.holes)]


def neighbours(cell: int) -> Cells:
    """Give the cells that share an edge with this one (six, or five for a pentagon), in ascending order."""
    return np.array(sorted(set(h3.grid_disk(int(cell), 1)) - {int(cell)}), dtype=np.uint64)


def near_pairs(cells: npt.ArrayLike, width: int = 1) -> npt.NDArray[np.int64]:
    """Give the pairs of positions in `cells` that are at most `width` steps apart, as ``h3.grid_disk`` counts them.

    Inside one of the 122 base cells, unless it is one of the twelve pentagons, the cells of a resolution form one
    lattice of hexagons, and the digits of an index are the digits of the place in it (`_places`). Only cells whose
    disk may reach out of their base cell are asked from H3.

    Parameters
    ----------
    cells : array_like of uint64, shape (n,)
        Distinct cells of one resolution, in any order.
    width : int
        Steps, at least 1.

    Returns
    -------
    ndarray of int64, shape (m, 2)
        Each pair once, left < right, in no particular order.

    Raises
    ------
    ValueError
        When a cell is given twice, resolutions differ or `width` is less than 1.

    Examples
    --------
    >>> middle = from_hex("8a1969528daffff")
    >>> cells = np.append(neighbours(middle), np.uint64(middle))
    >>> len(near_pairs(cells)), len(near_pairs(cells, 2))  # six to the middle and six round the ring; then all
    (12, 21)
    """
    values = np.asarray(cells, dtype=np.uint64)
    if width < 1:
        raise ValueError("width must be at least 1")
    if len(values) < 2:  # noqa: PLR2004 - a pair takes two
        return np.empty((0, 2), dtype=np.int64)
    if np.ptp(values >> np.uint64(52)):
        raise ValueError("cells must be of one resolution")
    left, right = _lattice_pairs(values, width)
    pentagon = np.isin(values >> np.uint64(_BASE) & np.uint64(0x7F), np.array(PENTAGON_BASES, dtype=np.uint64))
    near = np.bincount(left, minlength=len(values)) + np.bincount(right, minlength=len(values))
    inside = ~pentagon & (near == 3 * width * (width + 1))  # a whole disk on the lattice is the disk
    unknown = np.flatnonzero(~inside)
    inside[unknown] = _disk_in_base(values[unknown], width)
    known = inside[left] | inside[right]
    asked = _asked_pairs(values, np.flatnonzero(~inside), width)
    one, other = (np.concatenate(parts) for parts in zip((left[known], right[known]), asked, strict=True))
    return np.column_stack([np.minimum(one, other), np.maximum(one, other)]).astype(np.int64, copy=False)


def _lattice_pairs(cells: Cells, width: int) -> tuple[Positions, Positions]:
    """Pairs of one base cell that are near by their places."""
    place = _places(cells)
    order = np.argsort(place, kind="stable")
    place = place[order]
    if (place[1:] == place[:-1]).any():
        raise ValueError("cells must be distinct")
    one, other = [], []
    for b in range(width + 1):
        for a in range(b - width, width + 1):
            if b == 0 and a <= 0:  # the other half of the disk gives the same pairs
                continue
            wanted = place + (b * _ROW + a)
            at = np.minimum(np.searchsorted(place, wanted), len(place) - 1)
            hit = np.flatnonzero(place[at] == wanted)
            one.append(order[hit])
            other.append(order[at[hit]])
    return np.concatenate(one), np.concatenate(other)


def _asked_pairs(cells: Cells, asked: Positions, width: int) -> tuple[Positions, Positions]:
    """Pairs of which both are among `asked`, by H3."""
    order = asked[np.argsort(cells[asked])]
    known = cells[order]
    disks = [h3.grid_disk(cell, width) for cell in known.tolist()]
    owner = np.repeat(np.arange(len(disks)), [len(disk) for disk in disks])
    others = np.fromiter(chain.from_iterable(disks), dtype=np.uint64, count=len(owner))
    at = np.searchsorted(known, others)
    hit = np.flatnonzero(at < len(known))
    hit = hit[(known[at[hit]] == others[hit]) & (at[hit] > owner[hit])]
    return order[owner[hit]], order[at[hit]]


def _disk_in_base(cells: Cells, width: int) -> npt.NDArray[np.bool_]:
    """Say for which cells the disk is known to lie in their own base cell, which is no pentagon.

    The parent of a neighbour is the parent, or a neighbour of it: where the disk of an ancestor stays in the base cell,
    so do those of all cells in it.
    """
    inside = np.zeros(len(cells), dtype=bool)
    resolution = int(cells[0] >> np.uint64(52)) & 0xF if len(cells) else 0
    for coarser in (resolution - step for step in _COARSER if step <= resolution):
        rest = np.flatnonzero(~inside)
        ancestors, of_cell = np.unique(parent(cells[rest], coarser), return_inverse=True)
        whole = [_in_base(ancestor, width) for ancestor in ancestors.tolist()]
        inside[rest] = np.array(whole, dtype=bool)[of_cell]
    return inside


def _in_base(cell: int, width: int) -> bool:
    bases = {other >> _BASE & 0x7F for other in h3.grid_disk(cell, width)}
    return len(bases) == 1 and bases.isdisjoint(PENTAGON_BASES)


def _places(cells: Cells) -> npt.NDArray[np.int64]:
    """Give the place of each cell of one resolution in the lattice of its base cell, as one number.

    A place is an Eisenstein integer a + b w (w a third of a turn), written as ``b * _ROW + a`` behind the number of
    the base cell. A resolution finer multiplies it by 2 - w or 3 + w, which both have length sqrt(7), by turns, and
    adds one of the seven digits (H3 documentation, "Index representation" and "Aperture 7 hexagons"). It takes no
    rounding.
    """
    resolution = int(cells[0] >> np.uint64(52)) & 0xF
    place = (cells >> np.uint64(_BASE) & np.uint64(0x7F)).astype(np.int64) * _ROW**2
    a, b = 1, 0
    for level in range(resolution, 0, -1):
        step = np.array([(b * d + a * e - b * e) * _ROW + a * d - b * e for d, e in _DIGITS])
        place += step[(cells >> np.uint64(3 * (15 - level)) & np.uint64(7)).astype(np.intp)]
        a, b = (2 * a + b, 3 * b - a) if level % 2 else (3 * a - b, a + 2 * b)
    return place


def cells_touching(shape: shapely.Geometry, resolution: int = FINEST) -> Cells:
    """Give every cell that overlaps a (multi)polygon in lon/lat degrees, ascending."""
    found: set[int] = set()
    for part in getattr(shape, "geoms", [shape]):
        outer = [(lat, lon) for lon, lat in part.exterior.coords]
        holes = [[(lat, lon) for lon, lat in ring.coords] for ring in part.interiors]
        found.update(h3.h3shape_to_cells_experimental(h3.LatLngPoly(outer, *holes), resolution, contain="overlap"))
    return np.array(sorted(found), dtype=np.uint64)
