"""Whether places are drawn where their cells lie, in every file."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from geoanalyse import grid
from geoanalyse.geography import REGION_LEVELS, Regions
from geoanalyse.products import gis
from geoanalyse.products.audit.table import Published

Floats = npt.NDArray[np.float64]
Cells = npt.NDArray[np.uint64]
Shapes = npt.NDArray[np.object_]

_NEAR = 1e-6  # degrees: ten centimetres
_SAME_SIZE = 1e-3  # of an area


def of_table(rows: Published, regions: Regions) -> Iterator[str]:
    """Compare each geometry of the published table with the cells of its row."""
    geometry = _encoded(rows)
    code = np.asarray(geometry.indices.fill_null(-1), dtype=np.int64)
    drawn = code >= 0
    if (drawn & ~rows.whole).any():
        yield "tekent een plek bij een deel van de periode"
    try:
        shapes = _shapes(geometry)
    except (shapely.errors.GEOSException, TypeError):
        yield "heeft een vorm die niet te lezen is"
        return
    units: dict[tuple[str, str, str, int], int] = {}
    for row in np.flatnonzero(rows.whole).tolist():
        units.setdefault(
            (rows.level[row], rows.basis[row] if rows.level[row] == "zone" else "", rows.zone[row], code[row]), row
        )
    chosen = np.array(list(units.values()), dtype=np.int64)
    named = [(level, zone) for level, _, zone, _ in units]
    cells = cells_of(named, {place: rows.cells_of(row) for place, row in enumerate(chosen.tolist())}, regions)
    known = np.array([each is not None and len(each) > 0 for each in cells], dtype=bool)
    if (known & ~drawn[chosen]).any():
        yield f"{int((known & ~drawn[chosen]).sum())} plekken zonder vorm"
    there = known & drawn[chosen]
    off = misplaced(shapes[code[chosen[there]]], [each for each, kept in zip(cells, there, strict=True) if kept])
    if off:
        yield f"{off} plekken liggen ergens anders dan hun cellen"
    yield from _of_boxes(rows, shapes, code)


def _of_boxes(rows: Published, shapes: Shapes, code: npt.NDArray[np.int64]) -> Iterator[str]:
    """Hold the box of each row, and of the file, to the geometry: a reader that filters trusts them unseen."""
    drawn = code >= 0
    around, inside = rows.boxes[drawn], shapely.bounds(shapes).reshape(-1, 4)[code[drawn]]
    outward = np.array([-1, -1, 1, 1], dtype=np.float32)
    smaller = np.nextafter(around, -np.inf * outward)
    fits = (outward * (around - inside) >= 0) & (outward * (smaller - inside) < 0)  # holds it, and nothing less does
    off = int((~fits.all(axis=1)).sum()) + int((~np.isnan(rows.boxes[~drawn])).any(axis=1).sum())
    if off:
        yield f"{off} plekken met een omhullende (bbox) die niet om hun vorm past"
    if not isinstance(rows.geo, dict) or rows.geo != gis.geo_metadata(shapes[np.unique(code[drawn])]):
        yield "zegt in de metagegevens (geo) iets anders over stelsel, bereik of omhullende dan uit de vormen volgt"


def of_package(package: Mapping[tuple[str, str, str], Any], rows: Published) -> Iterator[str]:
    """Compare each shape of a GeoPackage (RD metres) with that of the same place in the published table."""
    geometry = _encoded(rows)
    shapes, code = _shapes(geometry), np.asarray(geometry.indices.fill_null(-1), dtype=np.int64)
    told = {
        (rows.level[row], rows.basis[row] if rows.level[row] == "zone" else "", rows.zone[row]): code[row]
        for row in np.flatnonzero(rows.whole & (code >= 0)).tolist()
    }
    places = [place for place in package if place in told]
    drawn: Shapes = np.array([package[place] for place in places], dtype=object)
    lonlat = shapely.transform(drawn, lambda points: np.stack(grid.lonlat(*points.T), axis=1))
    off = _differing(np.asarray(lonlat, dtype=object), shapes[[told[place] for place in places]])
    if off:
        yield f"{off} plekken liggen ergens anders dan in zones.parquet"


def _differing(some: Shapes, others: Shapes) -> int:
    """Count shapes that have not the same corners in the same order."""
    own = shapely.get_coordinates(some, return_index=True)[1]
    counts = np.bincount(own, minlength=len(some))
    same = counts == np.bincount(shapely.get_coordinates(others, return_index=True)[1], minlength=len(others))
    left, right = (shapely.get_coordinates(each[same]) for each in (some, others))
    far = np.abs(left - right).max(axis=1) > _NEAR
    return int((~same).sum()) + len(np.unique(np.repeat(np.flatnonzero(same), counts[same])[far]))


def _encoded(rows: Published) -> pa.DictionaryArray:
    return rows.geometry if pa.types.is_dictionary(rows.geometry.type) else rows.geometry.dictionary_encode()


def _shapes(geometry: pa.DictionaryArray) -> Shapes:
    return np.asarray(shapely.from_wkb(geometry.dictionary.to_pylist()), dtype=object)


def of_map(drawn: Mapping[tuple[str, str], Cells], rows: Published) -> Iterator[str]:
    """Compare the cells that the map draws for each zone with those of the published table."""
    zones = np.flatnonzero(rows.whole & (rows.level == "zone"))
    told = {(rows.basis[row], rows.zone[row]): row for row in zones.tolist()}
    off = sum(not np.array_equal(cells, rows.cells_of(told[place])) for place, cells in drawn.items() if place in told)
    if off:
        yield f"tekent {off} zones met andere cellen"


def cells_of(named: Sequence[tuple[str, str]], own: Mapping[int, Cells], regions: Regions) -> list[Cells | None]:
    """Give the cells that each place is drawn with: its own, the hexagon itself, or all cells of a region."""
    known = set(regions.codes)
    at_level = {level: regions.at_level(level)[regions.region] for level in REGION_LEVELS}
    found: list[Cells | None] = []
    for place, (level, zone) in enumerate(named):
        if level in REGION_LEVELS:
            found.append(regions.cells[at_level[level] == regions.index(zone)] if zone in known else None)
        elif level == "zone":
            found.append(own.get(place))
        else:
            found.append(np.array([int(zone, 16)], dtype=np.uint64))
    return found


def misplaced(shapes: Shapes, cells: Sequence[Cells | None]) -> int:
    """Count the shapes (degrees) that have not the outer bounds and the size of their cells."""
    lists = [each for each in cells if each is not None]
    if not lists:
        return 0
    distinct, place = np.unique(np.concatenate(lists), return_inverse=True)
    polygons = grid.polygons(distinct)
    bounds, area = shapely.bounds(polygons)[place], shapely.area(polygons)[place]
    starts = np.concatenate([[0], np.cumsum([len(each) for each in lists])[:-1]])
    size = np.add.reduceat(area, starts)
    outer = np.hstack([np.minimum.reduceat(bounds[:, :2], starts), np.maximum.reduceat(bounds[:, 2:], starts)])
    usable = np.array([shape is not None and not shape.is_empty for shape in shapes], dtype=bool)
    own = np.where(usable, shapes, shapely.Point(0, 0))
    near = (np.abs(shapely.bounds(own) - outer).max(axis=1) < _NEAR) & (
        np.abs(shapely.area(own) - size) < _SAME_SIZE * size
    )
    return int((~near).sum())
