"""Lines and water laid over the map: cut out around the area, simplified until they fit, as columns of the map's block.

The browser draws in Web Mercator as a unit square (``static/mercator.js``), so that is what is stored, in steps of
2^-27: some 20 centimetres in the Netherlands.
"""

import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from geoanalyse import grid
from geoanalyse.overlay import Overlay, Shapes
from geoanalyse.products.kaartblok import Columns

BUDGET = 60_000
"""Most characters of one overlay in the page."""

_STEP = 2.0**-27
_FIRST = 0.5  # metres; the tolerance doubles until the shapes fit
_MARGIN = 0.3  # share of the area's extent that is drawn around it
_LEAST = 500.0  # metres of margin around a small area

Floats = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]


def columns_of(overlay: Overlay, bounds: Floats, columns: Columns) -> dict[str, Any]:
    """Add an overlay to the columns and give its entry in the header.

    Parameters
    ----------
    overlay : Overlay
    bounds : ndarray, shape (2, 2)
        Lowest and highest lon/lat of the area, in degrees.
    columns : Columns
        Gets x, y and the number of points of each ring of the surfaces, and of each line.

    Returns
    -------
    dict
        ``kind``, ``file``, ``tolerance`` in metres, and columns ``surfaces`` and ``lines`` (x, y, points per ring).
    """
    near = shapely.clip_by_rect(overlay.shapes, *_box(bounds))
    parts = shapely.get_parts(shapely.get_parts(near[~shapely.is_empty(near)]))  # twice: collections hold collections
    kind = shapely.get_type_id(parts)
    surfaces = parts[kind == shapely.GeometryType.POLYGON]
    lines = parts[(kind == shapely.GeometryType.LINESTRING) | (kind == shapely.GeometryType.LINEARRING)]
    tolerance = _FIRST
    while True:
        found = [
            _rings(shapely.simplify(surfaces, tolerance)),
            _lines(shapely.simplify(lines, tolerance, preserve_topology=False)),
        ]
        if tolerance > _LEAST or sum(map(_size, found)) <= BUDGET:
            break
        tolerance *= 2
    named = ("surfaces", "lines")
    return {
        "kind": overlay.kind,
        "file": overlay.file,
        "tolerance": tolerance,
        **{
            name: [columns.integers(x, difference=True), columns.integers(y, difference=True), columns.integers(points)]
            for name, (x, y, points) in zip(named, found, strict=True)
        },
    }


def _box(bounds: Floats) -> Box:
    lon, lat = bounds[[0, 0, 1, 1], 0], bounds[[0, 1, 0, 1], 1]
    easting, northing = grid.rd(lon, lat)
    wide = max(_MARGIN * float(np.ptp(easting)), _LEAST)
    high = max(_MARGIN * float(np.ptp(northing)), _LEAST)
    return (easting.min() - wide, northing.min() - high, easting.max() + wide, northing.max() + high)


Points = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]


def _rings(surfaces: Shapes) -> Points:
    """Rings of surfaces, outer ones one way round and holes the other, so that one fill draws them all."""
    surfaces = shapely.orient_polygons(surfaces[~shapely.is_empty(surfaces)])
    rings = shapely.get_rings(surfaces)
    return _points(rings, closed=True)


def _lines(lines: Shapes) -> Points:
    return _points(lines[~shapely.is_empty(lines)], closed=False)


def _points(parts: Shapes, *, closed: bool) -> Points:
    coordinates, owner = shapely.get_coordinates(parts, return_index=True)
    if closed:  # the last point repeats the first
        last = np.ones(len(owner), dtype=bool)
        last[:-1] = owner[1:] != owner[:-1]
        coordinates, owner = coordinates[~last], owner[~last]
    lon, lat = grid.lonlat(coordinates[:, 0], coordinates[:, 1])
    x = lon / 360 + 0.5
    y = 0.5 - np.arcsinh(np.tan(np.radians(lat))) / (2 * np.pi)
    steps = [np.rint(each / _STEP).astype(np.int64) for each in (x, y)]
    return steps[0], steps[1], np.bincount(owner, minlength=len(parts))


def _size(points: Points) -> int:
    """Characters in the page, about: what these columns take by themselves."""
    alone = Columns()
    for each in points[:2]:
        alone.integers(each, difference=True)
    alone.integers(points[2])
    return len(zlib.compress(b"".join(alone.parts), 6)) * 4 // 3
