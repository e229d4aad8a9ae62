"""Lines and water that a user lays over the map: ``--grenzen``, ``--water`` and ``--wegen``.

Only shapes are read, never an attribute: a name or a number in such a file cannot reach a product.
"""

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from geoanalyse.errors import InputError

Shapes = npt.NDArray[np.object_]

KINDS = ("grenzen", "water", "wegen")
"""What can be laid over the map, each by an option of its name."""

KNOWN = (28992, 7415, 4258, 4326, 3857, 25831, 25832)
"""EPSG codes that are read: RD New (also with NAP heights), ETRS89, WGS 84, Web Mercator, UTM 31 and 32 in ETRS89."""

SMALLEST = 10_000.0
"""Square metres of the smallest surface in a file of borders: buildings and parcels point at people."""

_COUNTRY = np.array([0.0, 300_000.0, 300_000.0, 630_000.0])  # metres in RD: west, south, east, north
_WORDS = "EPSG:28992 (RD) of EPSG:4326 (WGS 84)"
_SAVE = f"sla het bestand in QGIS op als GeoPackage in {_WORDS}"
_POINTS = (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT)
_SURFACES = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """Shapes of one file.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    file : str
        Name of the file, without its folder.
    sha256 : str
        Digest of the file.
    shapes : ndarray of shapely geometries, shape (n,)
        Lines and polygons in EPSG:28992.
    """

    kind: str
    file: str
    sha256: str
    shapes: Shapes


def read(path: Path, kind: str) -> Overlay:
    """Read the lines and polygons of a GeoPackage.

    Parameters
    ----------
    path : Path
        With one layer of shapes, in one of the systems of `KNOWN`.
    kind : str
        One of `KINDS`.

    Raises
    ------
    InputError
        When the file is missing, unreadable, empty, or no GeoPackage, has several layers, no coordinate system or one
        that is not known, holds points, or as borders holds surfaces smaller than a hectare.
    """
    name = f"--{kind} {path.name}"
    shapes = shapes_of(path, name)
    types = shapely.get_type_id(shapes)
    if np.isin(types, _POINTS).any():
        raise InputError(f"{name}: {np.isin(types, _POINTS).sum()} punten; alleen lijnen en vlakken komen op de kaart")
    small = (shapely.area(shapes) < SMALLEST) & np.isin(shapely.get_type_id(shapes), _SURFACES)
    if kind == "grenzen" and small.any():
        raise InputError(
            f"{name}: {small.sum()} vlakken kleiner dan een hectare; panden en percelen horen niet op de kaart"
        )
    return Overlay(kind, path.name, hashlib.sha256(path.read_bytes()).hexdigest(), shapes)


def shapes_of(path: Path, name: str) -> Shapes:
    """Read the shapes of a GeoPackage of one layer, without any attribute.

    Parameters
    ----------
    path : Path
        With one layer of shapes, in one of the systems of `KNOWN`.
    name : str
        How errors call it.

    Returns
    -------
    ndarray of shapely geometries
        EPSG:28992, without heights; none is empty.

    Raises
    ------
    InputError
        When the file is missing, unreadable, empty, or no GeoPackage, has several layers, no coordinate system or one
        that is not known, or lies outside the Netherlands.
    """
    frame = _frame(path, name)
    code = None if frame.crs is None else frame.crs.to_epsg()
    if frame.crs is None:
        raise InputError(f"{name}: coördinatenstelsel ontbreekt; {_SAVE}")
    if code not in KNOWN:
        stated = f"EPSG:{code}" if code else "zonder EPSG-code"
        raise InputError(f"{name}: coördinatenstelsel {stated} is hier niet bekend; {_SAVE}")
    points, owner = shapely.get_coordinates(np.array(frame.geometry.array), return_index=True)
    wild = len(np.unique(owner[~np.isfinite(points).all(axis=1)]))
    if wild:
        shapes_told = "1 vorm" if wild == 1 else f"{wild} vormen"
        raise InputError(f"{name}: van {shapes_told} is een coördinaat geen getal; herstel of verwijder ze in QGIS")
    shapes: Shapes = shapely.force_2d(_in_rd(frame))
    shapes = shapes[~shapely.is_empty(shapes)]
    if not len(shapes):
        raise InputError(f"{name}: geen enkele vorm; kies een ander bestand of een andere laag")
    bounds = shapely.bounds(shapes)
    if not ((bounds[:, 2:] >= _COUNTRY[:2]) & (bounds[:, :2] <= _COUNTRY[2:])).all(axis=1).any():
        raise InputError(f"{name}: alles ligt buiten Nederland; kijk na of het coördinatenstelsel klopt")
    return shapes


def _frame(path: Path, name: str) -> Any:  # noqa: ANN401 - a GeoDataFrame
    import pyogrio  # noqa: PLC0415  with pandas it costs half a second that `--help` must not pay

    if not path.is_file():
        raise InputError(f"{name}: bestand bestaat niet; geef het pad van een GeoPackage")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            layers = [row[0] for row in database.execute("SELECT table_name FROM gpkg_geometry_columns")]
    except sqlite3.Error:
        raise InputError(f"{name}: is geen GeoPackage; {_SAVE}") from None
    if len(layers) != 1:
        raise InputError(f"{name}: {len(layers)} lagen met vormen; bewaar er één in een eigen bestand")
    try:
        return pyogrio.read_dataframe(path, layer=layers[0], columns=[])
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError) as error:
        raise InputError(f"{name}: kan niet worden gelezen; {_SAVE}") from error
    except shapely.errors.GEOSException:  # a surface of triangles, as of buildings in three dimensions
        raise InputError(f"{name}: heeft vormen die geen punt, lijn of vlak zijn; {_SAVE} met gewone vlakken") from None


def _in_rd(frame: Any) -> Shapes:  # noqa: ANN401 - a GeoDataFrame
    from geoanalyse import boundaries  # noqa: PLC0415

    given = np.array(frame.geometry.array)
    missing = np.array([shape is None for shape in given], dtype=bool)
    return boundaries.in_rd(frame[~missing])
