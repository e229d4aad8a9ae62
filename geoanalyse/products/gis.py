"""The release for GIS: ``zones.parquet`` (GeoParquet) and ``<gebied>.gpkg`` (GeoPackage with QGIS styles).

Both hold the published table and its statistics, and public cell geometry; docs/schema.md says what every column means.
"""

import dataclasses
import datetime as dt
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from geoanalyse import grid
from geoanalyse.errors import ReleaseError
from geoanalyse.geography import LEVELS
from geoanalyse.layer import Base, Layer, Theme
from geoanalyse.products import dutch, palette, qgis
from geoanalyse.release import Release

if TYPE_CHECKING:
    import geopandas as gpd

Shapes = npt.NDArray[np.object_]
Columns = dict[str, tuple[str, pa.Array]]  # name of the column: title that GIS software shows, values

SIDES = ("xmin", "ymin", "xmax", "ymax")
"""Sides of a box, by the names and in the order of GeoParquet: west, south, east, north."""
ZONES_SCHEMA = pa.schema(
    [
        ("zone", pa.string()),
        ("level", pa.string()),
        ("cells", pa.list_(pa.uint64())),
        ("addresses", pa.int64()),
        ("buildings", pa.int64()),
        ("gebiedscode", pa.string()),
        ("layer", pa.string()),
        ("base", pa.int32()),
        ("profile", pa.string()),
        ("start", pa.date32()),
        ("end", pa.date32()),
        ("value", pa.int64()),
        ("status", pa.string()),
        ("rounding", pa.string()),
        ("basis", pa.string()),
        ("atoms", pa.int32()),
        ("geometry", pa.binary()),
        ("bbox", pa.struct([(side, pa.float32()) for side in SIDES])),
    ]
)
"""Columns of ``zones.parquet``; ``base`` is the rounding base b or B, ``basis`` the addresses that are counted."""

CRS = "EPSG:28992"
"""System of the GeoPackage; that of ``zones.parquet`` is OGC:CRS84."""
NULLABLE = frozenset({"cells", "value", "rounding", "atoms", "geometry", "bbox"})
"""Columns of ``zones.parquet`` that may be empty; docs/schema.md says when."""

LEVEL_TITLES = {
    "zone": "Zones",
    "res9": "Hexagonen van 10 hectare (H3 resolutie 9)",
    "res8": "Hexagonen van 75 hectare (H3 resolutie 8)",
    "buurt": "Buurten",
    "wijk": "Wijken",
    "gemeente": "Gemeenten",
}
"""Title of a GeoPackage layer per level."""

_TABLES = {
    "zone": "zones",
    "res9": "hexagonen_res9",
    "res8": "hexagonen_res8",
    "buurt": "buurten",
    "wijk": "wijken",
    "gemeente": "gemeenten",
}
_EMPTIES = {
    "geen_data": (dutch.NO_DATA, palette.EMPTY["geen_data"]),
    "onderdrukt": (dutch.WITHHELD, palette.EMPTY["onderdrukt"]),
}
_GROUP = 1 << 15  # rows; see `_groups`
_DEGREES = 7  # decimals: 1 cm; the last bits of a coordinate differ between machines
_MILLIMETRES = 3


# --- zones.parquet ----------------------------------------------------------------------------------------------------


def zones_parquet(release: Release) -> bytes:
    """Write the published table as GeoParquet 1.1.

    Parameters
    ----------
    release : Release

    Returns
    -------
    bytes
        A Parquet file with `ZONES_SCHEMA`, sorted by layer, level, zone and start. ``geometry`` is WKB in OGC:CRS84 on
        rows over the whole period and null on rows of a series, so that each layer draws each unit once; ``bbox`` is
        its covering (`boxes`). Version of the zones, k, profile and digest stand in the file's metadata under keys that
        start with ``geoanalyse:``.
    """
    table = release.protected.table
    units = list(zip(*(table[name].to_pylist() for name in ("level", "zone", "cells")), strict=True))
    whole = _whole_period(release, table).to_numpy(zero_copy_only=False)
    drawn = unit_shapes(release, (unit for unit, each in zip(units, whole, strict=True) if each))
    shapes: Shapes = np.full(len(units), None, dtype=object)
    shapes[whole] = drawn
    wkb = pa.array(shapely.to_wkb(shapes, byte_order=1), pa.binary())
    renamed = {"base": table["b"], "basis": table["base"], "geometry": wkb, "bbox": _struct(boxes(shapes))}
    columns = [renamed[name] if name in renamed else table[name] for name in ZONES_SCHEMA.names]
    written = pa.table(columns, schema=ZONES_SCHEMA.with_metadata(_file_metadata(release, drawn)))
    sink = pa.BufferOutputStream()
    plain = {
        "cells",
        "bbox",
    }  # come back in the same order layer after layer, which compresses better than a dictionary
    with pq.ParquetWriter(
        sink,
        written.schema,
        version="2.6",
        compression="zstd",
        compression_level=9,
        use_dictionary=[name for name in ZONES_SCHEMA.names if name not in plain],
        dictionary_pagesize_limit=1 << 28,  # a geometry that comes back for every layer is stored once
    ) as writer:
        for first, end in pairwise(_groups(written["layer"])):
            writer.write_table(written.slice(first, end - first), row_group_size=max(1, end - first))
    return bytes(sink.getvalue())


def _groups(layers: pa.ChunkedArray) -> list[int]:
    """Give where row groups begin, and the number of rows: whole layers together, until there are enough rows.

    A reader that wants one layer skips the other groups by their statistics. Every group stores its geometry anew, so
    a group per layer would make the file of a large city four times as large.

    Examples
    --------
    >>> _groups(pa.chunked_array([["a"] * 40_000 + ["b"] * 20_000 + ["c"] * 20_000 + ["d"] * 5]))
    [0, 40000, 80000, 80005]
    """
    ends = np.cumsum(pc.value_counts(layers).field("counts").to_numpy()).tolist()
    starts = [0]
    for end in ends[:-1]:
        if end - starts[-1] >= _GROUP:
            starts.append(end)
    return [*starts, len(layers)]


def boxes(shapes: Shapes) -> npt.NDArray[np.float32]:
    """Give the box around each shape in single precision, rounded outwards so that it holds all of it.

    Parameters
    ----------
    shapes : ndarray of shapely geometry or None, shape (n,)
        Degrees lon/lat.

    Returns
    -------
    ndarray of float32, shape (n, 4)
        In the order of `SIDES`; NaN where there is no shape.

    Examples
    --------
    >>> west, _, east, _ = boxes(np.array([shapely.Point(4.9, 52.3)]))[0].tolist()
    >>> west < 4.9 < east
    True
    """
    bounds = shapely.bounds(shapes).reshape(-1, 4)
    near = bounds.astype(np.float32)
    low, high = near[:, :2], near[:, 2:]
    return np.hstack(
        [
            np.where(low > bounds[:, :2], np.nextafter(low, np.float32(-np.inf)), low),
            np.where(high < bounds[:, 2:], np.nextafter(high, np.float32(np.inf)), high),
        ]
    )


def _struct(sides: npt.NDArray[np.float32]) -> pa.StructArray:
    none = np.isnan(sides).any(axis=1)
    kind = ZONES_SCHEMA.field("bbox").type
    columns = [pa.array(sides[:, place], pa.float32(), mask=none) for place in range(len(SIDES))]
    return pa.StructArray.from_arrays(columns, fields=list(kind), mask=pa.array(none))


def _whole_period(release: Release, table: pa.Table) -> pa.ChunkedArray:
    """Whether each row is about the whole period of the release."""
    return pc.and_(
        pc.equal(table["start"], pa.scalar(release.start, pa.date32())),
        pc.equal(table["end"], pa.scalar(release.end, pa.date32())),
    )


def _file_metadata(release: Release, drawn: Shapes) -> dict[str, str]:
    marks = {f"geoanalyse:{key}": text for key, text in release_marks(release).items()}
    return {"geo": json.dumps(geo_metadata(drawn))} | marks


def geo_metadata(drawn: Shapes) -> dict[str, object]:
    """Give what GeoParquet 1.1 says of the geometry of a file.

    Parameters
    ----------
    drawn : ndarray of shapely.MultiPolygon or None
        Degrees lon/lat, rounded as `unit_shapes` does.

    Examples
    --------
    >>> geo_metadata(np.array([shapely.box(4.9, 52.3, 5.0, 52.4)]))["columns"]["geometry"]["bbox"]
    [4.9, 52.3, 5.0, 52.4]
    """
    column: dict[str, object] = {
        "encoding": "WKB",
        "geometry_types": ["MultiPolygon"],
        "orientation": "counterclockwise",
        "covering": {"bbox": {side: ["bbox", side] for side in SIDES}},
    }
    if any(shape is not None for shape in drawn):
        column["bbox"] = shapely.total_bounds(drawn).round(_DEGREES).tolist()
    # No "crs": by the GeoParquet specification that is OGC:CRS84.
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}


def release_marks(release: Release) -> dict[str, str]:
    """Give what tells one release from another, as Dutch keys and texts for the metadata of a file."""
    marks = {
        "gebied": release.area.name,
        "periode_van": release.start.isoformat(),
        "periode_tot": release.end.isoformat(),
        "peildatum": release.reference_date.isoformat(),
        "zones_versie": release.zones_version,
        "k": str(release.geography.zones.k),
        "profiel": release.profile,
        "sleutelmerk": release.key_mark,
        "kenmerk": release.digest,
        "rubricering": release.grondslag.classification,
    }
    marks |= {"let_op": dutch.DEMO} if release.grondslag.demo else {}
    return marks | ({"voorbehoud": release.caveat} if release.caveat else {})


# --- geometry ---------------------------------------------------------------------------------------------------------


def unit_shapes(release: Release, units: Iterable[tuple[str, str, list[int] | None]]) -> Shapes:
    """Draw units of the published table.

    Parameters
    ----------
    release : Release
    units : iterable of (level, zone, cells)
        As in the columns of the published table.

    Returns
    -------
    ndarray of shapely.MultiPolygon, shape (n,)
        Degrees lon/lat, rounded to 1 cm, outer rings counter-clockwise: the union of a zone's cells, the hexagon itself
        for res 9 and 8, the union of all cells of a CBS region. None where a unit has no cell.
    """
    known: dict[tuple[str, str | tuple[int, ...]], shapely.Geometry | None] = {}
    shapes = []
    for level, zone, cells in units:
        key = (level, tuple(cells or ()) if level == "zone" else zone)
        if key not in known:
            known[key] = _shape(release, *key)
        shapes.append(known[key])
    drawn: Shapes = np.empty(len(shapes), dtype=object)
    drawn[:] = shapes
    return drawn


def _shape(release: Release, level: str, unit: str | tuple[int, ...]) -> shapely.Geometry | None:
    if isinstance(unit, tuple):
        cells = np.array(unit, dtype=np.uint64)
    elif level in ("res9", "res8"):
        cells = np.array([grid.from_hex(unit)], dtype=np.uint64)
    else:
        cells = release.geography.regions.under(unit)
    if not len(cells):
        return None
    return shapely.transform(shapely.orient_polygons(grid.outline(cells)), lambda points: points.round(_DEGREES))


def in_rd(shapes: Shapes) -> Shapes:
    """Turn degrees into RD metres (EPSG:28992), rounded to the millimetre."""
    return np.asarray(
        shapely.transform(shapes, lambda points: np.stack(grid.rd(*points.T), axis=1).round(_MILLIMETRES)), dtype=object
    )


# --- <gebied>.gpkg ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sheet:
    """One layer of a GeoPackage; ``about`` is its metadata, where it has any."""

    name: str
    title: str
    table: pa.Table
    styles: tuple[qgis.ClassStyle, ...]
    about: qgis.About | None = None


def geopackage(release: Release, path: Path) -> None:
    """Write the release as a GeoPackage in EPSG:28992, with QGIS styles and metadata that open by themselves.

    One layer per level, and for the zones one per base of addresses (each base has its own zones). A row is a unit;
    each theme and each indicator has its own group of columns, over the whole period. Rows are sorted by unit.

    Parameters
    ----------
    release : Release
    path : Path
        Must not exist yet.

    Raises
    ------
    ReleaseError
        When GDAL cannot write there.
    """
    write_sheets(path, list(_sheets(release)), _description(release), release.reference_date)


def write_sheets(path: Path, sheets: Sequence[Sheet], description: str, day: dt.date) -> None:
    """Write layers as a GeoPackage in EPSG:28992, with their styles and metadata; same input, same bytes.

    Parameters
    ----------
    path : Path
        Must not exist yet.
    sheets : sequence of Sheet
        With a column ``geometry``, WKB in RD metres.
    description : str
        Dutch text about every layer.
    day : datetime.date
        Stands as the time of the last change.

    Raises
    ------
    ReleaseError
        When GDAL cannot write there.
    """
    import pyogrio  # noqa: PLC0415 - brings all of GDAL

    try:
        for sheet in sheets:
            pyogrio.raw.write_arrow(
                sheet.table,
                path,
                layer=sheet.name,
                driver="GPKG",
                geometry_name="geometry",
                geometry_type="MultiPolygon",
                crs=CRS,
                dataset_options={"VERSION": "1.2"},  # older QGIS warns about later ones
                layer_options={"IDENTIFIER": sheet.title, "DESCRIPTION": description},
            )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise ReleaseError(f"{path.name}: niet te schrijven; is de schijf vol of alleen te lezen?") from error
    about = {sheet.name: sheet.about for sheet in sheets if sheet.about is not None}
    with closing(sqlite3.connect(path)) as database:
        qgis.write_styles(database, {sheet.name: sheet.styles for sheet in sheets}, day)
        if about:
            qgis.write_about(database, about, day)
        database.execute("UPDATE gpkg_contents SET last_change = ?", (qgis.timestamp(day),))
        database.commit()
        database.execute("VACUUM")  # no free page, no order of writing


def _description(release: Release) -> str:
    basis = release.grondslag
    sentences = [
        f"{release.area.title}, {dutch.period(release.start, release.end)}.",
        f"Rubricering: {basis.classification}. Grondslag: {basis.decision}.",
        "Waarden zijn afgeronde aantallen; 0 betekent 0 tot b-1. Een hoge score is een signaal, geen bewijs.",
        ", ".join(f"{key} {text}" for key, text in release_marks(release).items()),
    ]
    first = [text for text in (dutch.DEMO if basis.demo else "", release.caveat) if text]
    return " ".join([*map(dutch.stop, first), *sentences])


def _about(release: Release, table: str, title: str, shapes: Shapes) -> qgis.About:
    """Say what a layer is, for its metadata; `shapes` in RD."""
    basis = release.grondslag
    known = shapes[shapely.get_type_id(shapes) >= 0]
    return qgis.About(
        table=table,
        release=release.digest,
        title=title,
        abstract=_description(release),
        purpose=f"{basis.purpose}; vraag: {basis.question}",
        legal_basis=basis.decision,
        classification=basis.classification,
        retain_until=basis.retain_until,
        function=basis.follow_up,
        start=release.start,
        end=release.end,
        bounds=tuple(shapely.total_bounds(known).tolist()) if len(known) else None,
        marks=release_marks(release),
    )


def _sheets(release: Release) -> Iterator[Sheet]:
    published = release.protected.table
    published = published.filter(_whole_period(release, published))
    for level in LEVELS:
        at_level = published.filter(pc.equal(published["level"], level))
        for base in sorted(pc.unique(at_level["base"]).to_pylist()) if level == "zone" else [None]:
            rows = at_level if base is None else at_level.filter(pc.equal(at_level["base"], base))
            if rows["value"].null_count < rows.num_rows:
                yield _sheet(release, level, base, rows)


def _sheet(release: Release, level: str, base: str | None, rows: pa.Table) -> Sheet:
    names, first = np.unique(rows["zone"].to_numpy(zero_copy_only=False), return_index=True)
    zones, units = names.tolist(), rows.take(pa.array(first))
    shapes = unit_shapes(release, zip([level] * len(zones), zones, units["cells"].to_pylist(), strict=True))
    statistics = release.statistics.filter(pc.equal(release.statistics["level"], level))
    columns = _places(release, zones, units)
    styles = []
    for theme in release.themes if base in {None, Base.ALL} else ():
        mine = _rows_of(statistics, f"thema:{theme}", zones)
        if mine["status"].null_count < mine.num_rows:  # gemeenten have no composite
            columns |= _theme_columns(theme, mine)
            styles.append(_theme_style(theme))
    for layer in release.layers if base is None else [layer for layer in release.layers if layer.base == base]:
        mine = _rows_of(statistics, layer.id, zones)
        columns |= _layer_columns(layer, mine)
        if mine["value"].null_count < mine.num_rows:
            styles.append(_layer_style(layer, level))
    titles = {name: title for name, (title, _) in columns.items()}
    shapes = in_rd(shapes)
    columns["geometry"] = ("", pa.array(shapely.to_wkb(shapes, byte_order=1), pa.binary()))
    fields = [
        pa.field(name, values.type, metadata={"GDAL:OGR:alternative_name": title} if title else None)
        for name, (title, values) in columns.items()
    ]
    name = _TABLES[level] if base is None else f"{_TABLES[level]}_{base}"
    title = LEVEL_TITLES[level] if base is None else f"{LEVEL_TITLES[level]} ({dutch.BASES[base][1]})"
    return Sheet(
        name=name,
        title=title,
        table=pa.table([values for _, values in columns.values()], schema=pa.schema(fields)),
        styles=tuple(dataclasses.replace(style, titles=titles) for style in styles),
        about=_about(release, name, title, shapes),
    )


def _places(release: Release, zones: Sequence[str], units: pa.Table) -> Columns:
    """Say what each unit is and in which buurt, wijk and gemeente it lies."""
    regions = release.geography.regions
    codes = units["gebiedscode"].to_pylist()
    chains = {code: regions.chain(code) for code in set(codes)}
    columns: Columns = {
        "zone": ("Zone (laagste cel), hexagon of CBS-code", pa.array(zones, pa.string())),
        "gebiedscode": ("CBS-code van het kleinste gebied", pa.array(codes, pa.string())),
    }
    for level in ("buurt", "wijk", "gemeente"):
        names = [regions.name(chains[code][level]) if level in chains[code] else None for code in codes]
        columns[level] = (level.capitalize(), pa.array(names, pa.string()))
    return columns


def _rows_of(statistics: pa.Table, layer: str, zones: Sequence[str]) -> pa.Table:
    """Give the statistics of one layer in the order of `zones`; nulls where the layer has no such unit."""
    mine = statistics.filter(pc.equal(statistics["layer"], layer))
    return mine.take(pc.index_in(pa.array(zones, pa.string()), value_set=mine["zone"].combine_chunks()))


def _theme_columns(theme: Theme, rows: pa.Table) -> Columns:
    prefix, title = _prefix(theme), f"Thema {theme}"
    return {
        f"{prefix}_verhouding": (f"{title}: keer het gemiddelde van de regio", rows["ratio"]),
        f"{prefix}_klasse": (f"{title}: klasse 0-5", rows["class"]),
        f"{prefix}_hotspot": (f"{title}: hotspot", rows["hotspot"]),
        f"{prefix}_status": (f"{title}: status", rows["status"]),
    }


def _layer_columns(layer: Layer, rows: pa.Table) -> Columns:
    prefix, title = _prefix(layer), layer.title
    seen = zip(*(rows[name].to_pylist() for name in ("value", "status", "low", "high")), strict=True)
    words = [
        None if status is None else dutch.value_words(value, status, layer.b, low, high)
        for value, status, low, high in seen
    ]
    per_thousand = pc.multiply(rows["rate"], 1000.0)
    return {
        f"{prefix}_waarde": (f"{title}: afgerond aantal", rows["value"]),
        f"{prefix}_tekst": (f"{title}: aantal in woorden", pa.array(words, pa.string())),
        f"{prefix}_adressen": (f"{title}: {dutch.BASES[layer.base][1]} in de eenheid", rows["addresses"]),
        f"{prefix}_per_1000": (f"{title}: per 1.000 {dutch.BASES[layer.base][1]}", per_thousand),
        f"{prefix}_klasse": (f"{title}: klasse 0-5", rows["class"]),
        f"{prefix}_hotspot": (f"{title}: hotspot", rows["hotspot"]),
        f"{prefix}_status": (f"{title}: status", rows["status"]),
    }


def _theme_style(theme: Theme) -> qgis.ClassStyle:
    blind = (dutch.BLIND_SPOT, palette.EMPTY["blinde_vlek"])
    return qgis.ClassStyle(
        name=f"thema {theme}",
        prefix=_prefix(theme),
        classes=[dutch.class_label(index) for index in range(len(palette.CLASS_COLOURS))],
        empties=_EMPTIES | {"geen_data": blind},
    )


def _layer_style(layer: Layer, level: str) -> qgis.ClassStyle:
    zero = dutch.class_label(0, b=layer.b) if level == "zone" else "afgerond op 0"
    return qgis.ClassStyle(
        name=layer.title,
        prefix=_prefix(layer),
        classes=[zero, *(dutch.class_label(index) for index in range(1, len(palette.CLASS_COLOURS)))],
        empties=_EMPTIES,
    )


def _prefix(of: Theme | Layer) -> str:
    """Start of the names of its columns.

    Examples
    --------
    >>> _prefix(Theme.DRUGS)
    'thema_drugs'
    """
    return (f"thema_{of}" if isinstance(of, Theme) else of.id).replace("-", "_")


def frame(release: Release, level: str = "zone", layer: str | None = None) -> "gpd.GeoDataFrame":
    """Give the statistics of one level as a GeoDataFrame; see `Release.frame`."""
    import geopandas as gpd  # noqa: PLC0415 - heavy, and only notebooks need it

    table = release.statistics.to_pandas()
    table = table[table["level"] == level]
    if layer is not None:
        table = table[table["layer"] == layer]
    if table.empty:
        raise KeyError(f"geen figuren voor niveau {level} en laag {layer}")
    cells = {
        (row["layer"], row["zone"]): row["cells"]
        for row in release.protected.table.select(["layer", "level", "zone", "cells"]).to_pylist()
        if row["level"] == level
    }
    every = {unit: own for (_, unit), own in cells.items()}
    units = [(level, row.zone, cells.get((row.layer, row.zone), every.get(row.zone))) for row in table.itertuples()]
    return gpd.GeoDataFrame(table.reset_index(drop=True), geometry=unit_shapes(release, units), crs="EPSG:4326")
