"""GeoPackage, Parquet, Shapefile and GeoJSON as columns; a point geometry in RD stands for oost, noord and crs.

Coordinates of another system are refused, not converted: what a file says of its system is then seen by a person.
GDAL is given the bytes of a file of which the format is known, so that it opens and writes nothing else.
"""

import hashlib
import io
import json
import math
import re
import struct
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geoanalyse.contract import PLACE, SYSTEM, Found, as_listed, header_faults, places
from geoanalyse.faults import Fault, Kind

LARGEST_JSON = 256_000_000
"""Bytes of a GeoJSON file: parsed it takes some ten times as much memory."""
_RD = (28992, 7415)
_EASTING, _NORTHING = (-7_000.0, 300_000.0), (289_000.0, 629_000.0)
_LONGITUDE, _LATITUDE = (3.0, 7.5), (50.5, 54.0)
_SHAPE_HEADER = 100  # bytes
_LANGUAGE = 29  # place of the code page in the header of a dBASE table; 0 when it does not say
_POINT = 21  # bytes of a point as WKB: order of bytes, type, two numbers

Points = npt.NDArray[np.float64]
# arrow and json, on parts that are cut off or say what is not so
_DAMAGED = (pa.ArrowException, ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)


def parquet(path: Path, listed: Sequence[str]) -> Found:
    """Read the listed columns of a Parquet or GeoParquet file."""
    data = path.read_bytes()
    with ThreadPoolExecutor(1) as pool:
        digest = pool.submit(_digest, data)
        found = _parquet(path.name, data, listed)
    return replace(found, digest=digest.result())


def _digest(data: bytes) -> str:
    """SHA-256; on another core than the parser."""
    return hashlib.sha256(data).hexdigest()


def _parquet(file: str, data: bytes, listed: Sequence[str]) -> Found:
    import pyarrow.parquet as pq  # noqa: PLC0415 - each format loads its own parser

    try:
        source = pq.ParquetFile(pa.BufferReader(data))
        rows = source.metadata.num_rows
        geometry, more = _geo(source.schema_arrow)
        written = [name for name in source.schema_arrow.names if name not in more]
        names = as_listed(written, listed)
        drawn = geometry is not None and _placeless(names, listed)
        found = places(names, listed)
        faults = header_faults(file, [*names, *PLACE] if drawn else names, listed, rows)
        if not found:
            return Found("", rows=rows, faults=faults)
        wanted = {name: written[place] for name, place in found.items()}
        table = source.read(columns=[*wanted.values(), *([geometry["name"]] if drawn and geometry else [])])
        table.validate(full=True)  # damaged text would otherwise surface in the middle of a check
        columns = {name: table.column(column) for name, column in wanted.items()}
        if not (drawn and geometry):
            return Found("", columns, rows, faults)
        place, wrong = _placed(file, table.column(geometry["name"]), geometry["crs"])
    except (OSError, *_DAMAGED):
        return Found("", faults=(Fault(Kind.UNREADABLE, file, detail="Parquet"),))
    return Found("", columns | place, rows, (*faults, *wrong))


def geopackage(path: Path, listed: Sequence[str]) -> Found:
    """Read the listed columns of one layer of a GeoPackage."""
    data = path.read_bytes()
    if in_use(path):
        return Found(_digest(data), faults=(Fault(Kind.CLOSED, path.name),))
    if not data.startswith(b"SQLite format 3\0"):  # GDAL would try any format, also those that point at other files
        return Found(_digest(data), faults=(Fault(Kind.UNREADABLE, path.name, detail="GeoPackage"),))
    with ThreadPoolExecutor(1) as pool:
        digest = pool.submit(_digest, data)
        found = _by_gdal(path, data, listed, "GeoPackage")
    return replace(found, digest=digest.result())


def in_use(path: Path) -> bool:
    """Whether rows of a SQLite file are in a file beside it, as another program has it open or was stopped.

    Examples
    --------
    >>> in_use(Path("leegstand.gpkg"))
    False
    """
    beside = (path.with_name(f"{path.name}-{kind}") for kind in ("wal", "journal"))
    return any(each.is_file() and each.stat().st_size > 0 for each in beside)


def shapefile(path: Path, listed: Sequence[str]) -> Found:
    """Read the listed columns of a Shapefile; the digest is of all its parts, one after another.

    They are given to GDAL together in one archive in memory: those of another file cannot be taken for them.
    """
    parts = {}
    for suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
        beside = _beside(path, suffix)
        if beside is not None:
            parts[suffix] = beside.read_bytes()
    digest = _digest(b"".join(parts.values()))
    for suffix in (".shx", ".dbf"):
        if suffix not in parts:
            return Found(digest, faults=(Fault(Kind.COMPANION, path.name, detail=f"{path.stem}{suffix}"),))
    if not _whole_shape(parts):
        return Found(digest, faults=(Fault(Kind.UNREADABLE, path.name, detail="Shape"),))
    strange = [] if ".cpg" in parts else _not_utf8(parts[".dbf"])
    if strange:  # Windows-1252 is what programs in the Netherlands write; when it is surely that, as in a CSV
        if not _surely_windows(parts[".dbf"]):
            return Found(digest, faults=(Fault(Kind.ENCODING, path.name, rows=len(strange)),))
        parts[".cpg"] = b"1252"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        for suffix, part in parts.items():
            package.writestr(zipfile.ZipInfo(f"tabel{suffix}"), part)
    found = _by_gdal(path, archive.getvalue(), listed, "Shape")
    return replace(found, digest=digest, form="shp (cp1252)" if strange else "")


def _whole_shape(parts: Mapping[str, bytes]) -> bool:
    """Whether no part is cut off, and all have as many rows; GDAL passes over rows that are not there.

    Lengths as the headers say (ESRI Shapefile Technical Description, 1998; dBASE III).
    """
    try:
        lengths = [2 * struct.unpack_from(">24xI", parts[each])[0] for each in (".shp", ".shx")]
        rows, header, width = struct.unpack_from("<4xIHH", parts[".dbf"])
    except struct.error:
        return False
    return (
        parts[".shp"].startswith(b"\0\0\x27\x0a")
        and all(
            _SHAPE_HEADER <= length <= len(parts[each]) for each, length in zip((".shp", ".shx"), lengths, strict=True)
        )
        and width > 0
        and len(parts[".dbf"]) >= header + rows * width
        and lengths[1] == _SHAPE_HEADER + 8 * rows
    )


def _not_utf8(table: bytes) -> list[bytes]:
    """Rows that are no UTF-8 of a dBASE table that does not say how its texts are written."""
    header, width = struct.unpack_from("<8xHH", table)
    if table[_LANGUAGE] or _decodes(table[header:], "utf-8"):
        return []
    rows = (table[start : start + width] for start in range(header, len(table), width))
    return [row for row in rows if not _decodes(row, "utf-8")]


def _surely_windows(table: bytes) -> bool:
    """Whether nothing in a dBASE table looks like a sign in UTF-8, or is no sign in Windows-1252."""
    (header,) = struct.unpack_from("<8xH", table)
    return _decodes(table[header:], "cp1252") and not re.search(rb"[\xc2-\xf4][\x80-\xbf]", table[header:])


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _beside(path: Path, suffix: str) -> Path | None:
    """Find a part of a Shapefile, in capitals or not."""
    names = [path] if suffix == path.suffix.lower() else [path.with_suffix(suffix), path.with_suffix(suffix.upper())]
    return next((name for name in names if name.is_file()), None)


def _by_gdal(path: Path, data: bytes, listed: Sequence[str], kind: str) -> Found:
    import pyogrio  # noqa: PLC0415
    from pyogrio.errors import (  # noqa: PLC0415
        CRSError,
        DataLayerError,
        DataSourceError,
        FeatureError,
        FieldError,
        GeometryError,
    )

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL's notes on the name of a file in memory
            layers = [str(name) for name in pyogrio.list_layers(data)[:, 0]]
            named = [name for name in layers if name.lower() == path.stem.lower()]
            if len(layers) > 1 and len(named) != 1:
                return Found("", faults=(Fault(Kind.SHEETS, path.name, detail=str(len(layers))),))
            layer = named[0] if named else layers[0] if layers else None
            about = pyogrio.read_info(data, layer=layer, force_feature_count=True)
            written, rows = list(about["fields"]), int(about["features"])
            names = as_listed(written, listed)
            drawn = about["geometry_type"] is not None and _placeless(names, listed)
            found = places(names, listed)
            faults = header_faults(path.name, [*names, *PLACE] if drawn else names, listed, rows)
            if not found:
                return Found("", rows=rows, faults=faults)
            wanted = {name: written[place] for name, place in found.items()}
            meta, table = pyogrio.read_arrow(data, layer=layer, columns=list(wanted.values()), read_geometry=drawn)
            table.validate(full=True)
            columns = {name: _as_written(table.column(column)) for name, column in wanted.items()}
            if not drawn:
                return Found("", columns, rows, faults)
            place, wrong = _placed(path.name, table.column(meta["geometry_name"] or "wkb_geometry"), about["crs"])
    except (DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError, CRSError, *_DAMAGED):
        return Found("", faults=(Fault(Kind.UNREADABLE, path.name, detail=kind),))
    return Found("", columns | place, rows, (*faults, *wrong))


def _as_written(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Drop the time zone: a GeoPackage marks every moment as UTC, also the local midnight most programs write."""
    kind = column.type
    return column.cast(pa.timestamp(kind.unit)) if pa.types.is_timestamp(kind) and kind.tz == "UTC" else column


def geojson(path: Path, listed: Sequence[str]) -> Found:
    """Read the listed columns of a GeoJSON file.

    Not by GDAL: some of its formats in JSON are orders to open other files.
    """
    data = path.read_bytes()
    digest = _digest(data)
    if len(data) > LARGEST_JSON:
        large = Fault(Kind.TOO_LARGE, path.name, detail=f"{LARGEST_JSON // 10**6} MB")
        return Found(digest, faults=(large,))
    try:
        whole = json.loads(data.decode("utf-8-sig"))
        features = whole["features"]
        if any(feature["type"] != "Feature" for feature in features):
            raise ValueError
        rows = [feature["properties"] or {} for feature in features]
        written = list(dict.fromkeys(name for row in rows for name in row))
        names = as_listed(written, listed)
        drawn = _placeless(names, listed) and any(feature.get("geometry") for feature in features)
        found = places(names, listed)
        faults = list(header_faults(path.name, [*names, *PLACE] if drawn else names, listed, len(rows)))
        columns = {}
        for name, place in found.items():
            values = [row.get(written[place]) for row in rows]
            if _one_type(values):
                columns[name] = pa.array(values)
            else:
                faults.append(Fault(Kind.TYPE, path.name, name))
        if not drawn:
            return Found(digest, columns, len(rows), tuple(faults))
        points, lines = _json_points(features)
        system = whole["crs"]["properties"]["name"] if whole.get("crs") else "OGC:CRS84"
        lies, wrong = _located(path.name, points, lines, system)
    except _DAMAGED:
        return Found(digest, faults=(Fault(Kind.UNREADABLE, path.name, detail="GeoJSON"),))
    return Found(digest, columns | lies, len(rows), (*faults, *wrong))


_INTEGERS = range(-(2**63), 2**63)


def _one_type(values: Sequence[object]) -> bool:
    """Whether values of JSON make a column: texts, whole numbers that fit, or numbers."""
    types = {type(value) for value in values} - {type(None)}
    fits = all(value in _INTEGERS for value in values if type(value) is int)
    return fits and (types <= {str} or types <= {int, float})


def _json_points(features: Sequence[Any]) -> tuple[Points, int]:
    points = np.full((len(features), 2), math.nan)
    lines = 0
    for place, feature in enumerate(features):
        geometry = feature.get("geometry")
        if not geometry:
            continue
        if geometry["type"] != "Point":
            lines += 1
        elif geometry["coordinates"]:
            first, second = geometry["coordinates"][:2]
            if {type(first), type(second)} - {int, float}:
                raise TypeError
            points[place] = float(first), float(second)
    return points, lines


# --- geometry ---------------------------------------------------------------------------------------------------------


def _placeless(names: Sequence[str], listed: Sequence[str]) -> bool:
    """Whether the file must say where its rows lie, and has no column that does."""
    return set(PLACE) <= set(listed) and not set(PLACE) & set(names)


def _geo(schema: pa.Schema) -> tuple[dict[str, Any] | None, set[str]]:
    """Name and system of the main geometry of a GeoParquet file, and all columns that are geometry or its bounds."""
    told = (schema.metadata or {}).get(b"geo")
    if told is None:
        return None, set()
    about = json.loads(told)
    main = about["primary_column"]
    more = set(about["columns"])
    for column in about["columns"].values():
        for bounds in column.get("covering", {}).values():
            more |= {parts[0] for parts in bounds.values()}
    # By the specification a file that does not say is in degrees; null is what says that nobody knows.
    return {"name": main, "crs": about["columns"][main].get("crs", "OGC:CRS84")}, more


def _placed(file: str, geometry: pa.ChunkedArray, system: object) -> tuple[dict[str, Any], tuple[Fault, ...]]:
    points, lines = _points(geometry.combine_chunks())
    return _located(file, points, lines, system)


def _points(geometry: Any) -> tuple[Points, int]:  # noqa: ANN401
    """Coordinates of points, (n, 2), NaN where there is none; and how many rows are something else."""
    if isinstance(geometry, pa.ChunkedArray):
        geometry = pa.concat_arrays(geometry.chunks)
    if pa.types.is_struct(geometry.type):
        east, north = (pc.struct_field(geometry, name).cast(pa.float64()).fill_null(math.nan) for name in "xy")
        return np.stack([east.to_numpy(), north.to_numpy()], axis=1), 0
    plain = _plain_points(geometry)
    if plain is not None:
        return plain, 0
    import shapely  # noqa: PLC0415 - only for points that are not stored in the plain way

    try:
        shapes = shapely.from_wkb(geometry.to_numpy(zero_copy_only=False), on_invalid="raise")
    except shapely.errors.ShapelyError as error:
        raise ValueError from error
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    several = shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOINT
    one = several & (shapely.get_num_geometries(shapes) == 1)
    shapes = np.where(one, shapely.get_geometry(shapes, 0), shapes)
    right = single | one
    east, north = (
        np.where(right, get(np.where(right, shapes, None)), math.nan) for get in (shapely.get_x, shapely.get_y)
    )
    return np.stack([east, north], axis=1), int((~right & ~shapely.is_missing(shapes)).sum())


def _plain_points(geometry: pa.Array) -> Points | None:
    """Read points of two numbers, all of them there, as they lie in memory."""
    if not pa.types.is_binary(geometry.type) or geometry.null_count or not len(geometry):
        return None
    _, ends, data = geometry.buffers()
    offsets = np.frombuffer(ends, np.int32)[geometry.offset : geometry.offset + len(geometry) + 1]
    if not (np.diff(offsets) == _POINT).all():
        return None
    rows = np.frombuffer(data, np.uint8)[offsets[0] : offsets[-1]].reshape(-1, _POINT)
    if not (rows[:, :5] == (1, 1, 0, 0, 0)).all():
        return None
    return np.ascontiguousarray(rows[:, 5:]).view("<f8").astype(np.float64)


def _located(file: str, points: Points, lines: int, system: object) -> tuple[dict[str, Any], tuple[Fault, ...]]:
    """Oost, noord and crs of points in RD; else what to do about their system."""
    faults = [Fault(Kind.NO_POINTS, file, rows=lines)] if lines else []
    faults += _faults_of_system(file, points, system)
    if faults:
        return {}, tuple(faults)
    missing = np.isnan(points).any(axis=1)
    east, north = (pa.array(points[:, axis], mask=missing) for axis in (0, 1))
    crs = pa.array([SYSTEM]).take(pa.array(np.zeros(len(points), np.int32)))
    return dict(zip(PLACE, (east, north, crs), strict=True)), ()


def _faults_of_system(file: str, points: Points, system: object) -> Iterator[Fault]:
    from pyproj import CRS  # noqa: PLC0415
    from pyproj.exceptions import CRSError  # noqa: PLC0415

    if not system:
        yield Fault(Kind.NO_SYSTEM, file)
        return
    try:
        crs = CRS.from_user_input(system)
    except CRSError:
        yield Fault(Kind.NO_SYSTEM, file)
        return
    flat = next((each for each in crs.sub_crs_list if each.is_projected or each.is_geographic), crs)
    if crs.to_epsg() in _RD or flat.to_epsg() in _RD:
        return
    if crs.is_geographic:
        if _mostly(points, _EASTING, _NORTHING):
            yield Fault(Kind.METRES_AS_DEGREES, file)
            return
        if _mostly(points, _LATITUDE, _LONGITUDE):
            yield Fault(Kind.TURNED, file)
            return
    number = crs.to_authority()
    yield Fault(Kind.OTHER_SYSTEM, file, detail=":".join(number) if number else "een ander stelsel dan RD")


def _mostly(points: Points, first: tuple[float, float], second: tuple[float, float]) -> bool:
    """Whether more than half of the points lie within bounds."""
    inside = (points >= (first[0], second[0])) & (points <= (first[1], second[1]))
    return bool(2 * inside.all(axis=1).sum() > len(points))
