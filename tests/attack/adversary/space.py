"""Points, cells and shapes, from public formulas only."""

import struct
from functools import cache

import h3.api.basic_int as h3
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Cells = npt.NDArray[np.uint64]
Bools = npt.NDArray[np.bool_]
Ring = Floats
Shape = tuple[tuple[Ring, ...], ...]
"""Polygons, each an outer ring and its holes; a ring is an array of shape (n, 2)."""

FINEST = 10

# --- RD New (EPSG:28992) to degrees -----------------------------------------------------------------------------------

_BESSEL = (6377397.155, 1 / 299.1528128)
_GRS80 = (6378137.0, 1 / 298.257222101)
_ORIGIN = (np.radians(52.1561605555556), np.radians(5.38763888888889))
_SCALE, _FALSE_EAST, _FALSE_NORTH = 0.9999079, 155000.0, 463000.0
_SHIFT = np.array([565.7381, 50.4018, 465.2904])
_TURN = np.radians(np.array([0.395025981036064, -0.330772431242031, 1.87607329462821]) / 3600)
_STRETCH = 1 + 4.07244e-6


def lonlat(east: npt.ArrayLike, north: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Turn RD metres into ETRS89 degrees: stereographic projection, then the seven parameters of the Kadaster."""
    latitude, longitude = _unproject(np.asarray(east, dtype=float), np.asarray(north, dtype=float))
    point = _cartesian(latitude, longitude, *_BESSEL)
    rx, ry, rz = _TURN  # coordinate frame convention
    turn = np.array([[1, rz, -ry], [-rz, 1, rx], [ry, -rx, 1]])
    return _geodetic(_SHIFT[:, None] + _STRETCH * (turn @ point), *_GRS80)


def _unproject(east: Floats, north: Floats) -> tuple[Floats, Floats]:
    """Invert the oblique stereographic projection by way of the conformal sphere (EPSG method 9809)."""
    a, f = _BESSEL
    e2 = f * (2 - f)
    e = np.sqrt(e2)
    lat0, lon0 = _ORIGIN
    radius = a * np.sqrt(1 - e2) / (1 - e2 * np.sin(lat0) ** 2)
    n = np.sqrt(1 + e2 * np.cos(lat0) ** 4 / (1 - e2))
    s1, s2 = (1 + np.sin(lat0)) / (1 - np.sin(lat0)), (1 - e * np.sin(lat0)) / (1 + e * np.sin(lat0))
    w1 = (s1 * s2**e) ** n
    sin_chi = (w1 - 1) / (w1 + 1)
    c = (n + np.sin(lat0)) * (1 - sin_chi) / ((n - np.sin(lat0)) * (1 + sin_chi))
    w2 = c * w1
    chi0 = np.arcsin((w2 - 1) / (w2 + 1))
    right, up = east - _FALSE_EAST, north - _FALSE_NORTH
    g = 2 * radius * _SCALE * np.tan(np.pi / 4 - chi0 / 2)
    h = 4 * radius * _SCALE * np.tan(chi0) + g
    i = np.arctan2(right, h + up)
    j = np.arctan2(right, g - up) - i
    chi = chi0 + 2 * np.arctan((up - right * np.tan(j / 2)) / (2 * radius * _SCALE))
    longitude = (j + 2 * i) / n + lon0
    psi = 0.5 * np.log((1 + np.sin(chi)) / (c * (1 - np.sin(chi)))) / n
    latitude = 2 * np.arctan(np.exp(psi)) - np.pi / 2
    for _ in range(6):
        sine = e * np.sin(latitude)
        isometric = np.log(np.tan(latitude / 2 + np.pi / 4) * ((1 - sine) / (1 + sine)) ** (e / 2))
        latitude = latitude - (isometric - psi) * np.cos(latitude) * (1 - sine**2) / (1 - e2)
    return latitude, longitude


def _cartesian(latitude: Floats, longitude: Floats, a: float, f: float) -> Floats:
    e2 = f * (2 - f)
    normal = a / np.sqrt(1 - e2 * np.sin(latitude) ** 2)
    return np.stack(
        [
            normal * np.cos(latitude) * np.cos(longitude),
            normal * np.cos(latitude) * np.sin(longitude),
            normal * (1 - e2) * np.sin(latitude),
        ]
    )


def _geodetic(point: Floats, a: float, f: float) -> tuple[Floats, Floats]:
    e2 = f * (2 - f)
    across = np.hypot(point[0], point[1])
    latitude = np.arctan2(point[2], across * (1 - e2))
    for _ in range(6):
        normal = a / np.sqrt(1 - e2 * np.sin(latitude) ** 2)
        latitude = np.arctan2(point[2] + e2 * normal * np.sin(latitude), across)
    return np.degrees(np.arctan2(point[1], point[0])), np.degrees(latitude)


# --- cells ------------------------------------------------------------------------------------------------------------


def cells_of(lon: Floats, lat: Floats, resolution: int = FINEST) -> Cells:
    """Give the cell of each point; equal points are looked up once."""
    points, of_point = np.unique(np.asarray(lon) + 1j * np.asarray(lat), return_inverse=True)
    found = [h3.latlng_to_cell(p.imag, p.real, resolution) for p in points.tolist()]
    return np.array(found, dtype=np.uint64)[of_point] if found else np.empty(0, dtype=np.uint64)


def parents(cells: Cells, resolution: int) -> Cells:
    """Give the parent of each cell, by index."""
    unused = np.uint64((1 << (3 * (15 - resolution))) - 1)
    return (cells & ~np.uint64(0xF << 52)) | np.uint64(resolution << 52) | unused


@cache
def corners(cell: int) -> Floats:
    """Give the corners of a cell in lon/lat."""
    return np.array(h3.cell_to_boundary(cell))[:, ::-1]


@cache
def around(cell: int) -> tuple[int, ...]:
    """Give the cells that share an edge with this one."""
    return tuple(other for other in h3.grid_disk(cell, 1) if other != cell)


def of_whole_cells(points: Floats, resolution: int, tolerance: float = 6e-7) -> bool:
    """Say whether every vertex is the corner of a cell: of any cell that meets there, so of the one it lies in."""
    apart = [
        np.abs(corners(h3.latlng_to_cell(lat, lon, resolution)) - [lon, lat]).max(axis=1).min()
        for lon, lat in np.unique(points.round(8), axis=0).tolist()
    ]
    return not apart or max(apart) <= tolerance


# --- shapes -----------------------------------------------------------------------------------------------------------


def read_wkb(data: bytes) -> Shape:
    """Read a polygon or multipolygon in well-known binary."""
    kind = struct.unpack_from("<I", data, 1)[0] % 1000
    if kind == 3:
        return (_polygon(data, 5)[0],)
    if kind != 6:
        raise ValueError("geen vlak")
    count, at = struct.unpack_from("<I", data, 5)[0], 9
    polygons = []
    for _ in range(count):
        polygon, at = _polygon(data, at + 5)
        polygons.append(polygon)
    return tuple(polygons)


def _polygon(data: bytes, at: int) -> tuple[tuple[Ring, ...], int]:
    count = struct.unpack_from("<I", data, at)[0]
    at += 4
    rings = []
    for _ in range(count):
        size = struct.unpack_from("<I", data, at)[0]
        rings.append(np.frombuffer(data, "<f8", 2 * size, at + 4).reshape(size, 2))
        at += 4 + 16 * size
    return tuple(rings), at


def read_geopackage_shape(data: bytes) -> Shape:
    """Read a GeoPackage geometry: a header with an envelope, then well-known binary."""
    envelope = (data[3] >> 1) & 7
    return read_wkb(data[8 + {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}[envelope] :])


def vertices(shape: Shape) -> Floats:
    """Give all vertices of a shape, shape (n, 2)."""
    rings = [ring for polygon in shape for ring in polygon]
    return np.concatenate(rings) if rings else np.empty((0, 2))


def inside(shape: Shape, points: Floats) -> Bools:
    """Say which points (lon, lat) lie in a shape: a line eastward crosses its rings an odd number of times."""
    result = np.zeros(len(points), dtype=bool)
    every = vertices(shape)
    if not len(every):
        return result
    low, high = every.min(axis=0), every.max(axis=0)
    near = np.flatnonzero(((points >= low) & (points <= high)).all(axis=1))
    lon, lat = points[near].T
    odd = np.zeros(len(near), dtype=bool)
    for ring in (ring for polygon in shape for ring in polygon):
        for (lon0, lat0), (lon1, lat1) in zip(ring[:-1].tolist(), ring[1:].tolist(), strict=True):
            if lat0 != lat1:
                crosses = (lat0 > lat) != (lat1 > lat)
                odd[crosses] ^= lon[crosses] < lon0 + (lat[crosses] - lat0) * (lon1 - lon0) / (lat1 - lat0)
    result[near] = odd
    return result
