"""The surroundings for GIS: ``omgeving.gpkg``, public layers per cell, hexagon and region, with styles for QGIS."""

import dataclasses
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geoanalyse import grid
from geoanalyse.area import Area
from geoanalyse.context import LEVELS, ContextLayer, Kind
from geoanalyse.geography import Regions
from geoanalyse.products import dutch, gis, palette, qgis
from geoanalyse.products.kaartomgeving import class_words
from geoanalyse.published import Surroundings

TABLES = {
    "cel": ("omgeving_cellen", "Omgeving per cel (H3 resolutie 10, 1,3 hectare)"),
    "res9": ("omgeving_res9", "Omgeving per middelgroot vak (H3 resolutie 9)"),
    "res8": ("omgeving_res8", "Omgeving per groot vak (H3 resolutie 8)"),
    "buurt": ("omgeving_buurten", "Omgeving per buurt"),
    "wijk": ("omgeving_wijken", "Omgeving per wijk"),
    "gemeente": ("omgeving_gemeenten", "Omgeving per gemeente"),
}
"""Name and title of the layer of each level."""

SAYS = "Openbare gegevens over de plek. Dit zijn geen meldingen; gelegenheid is geen aanwijzing."


def geopackage(around: Surroundings, area: Area, regions: Regions) -> bytes:
    """Make a GeoPackage of the surroundings of an area, in EPSG:28992; same input, same bytes.

    Parameters
    ----------
    around : Surroundings
        Of this area.
    area : Area
    regions : Regions

    Raises
    ------
    ReleaseError
        When GDAL cannot write in the folder for temporary files.
    """
    day = max(layer.reference_date for layer in around.layers)
    sheets = [sheet for level in LEVELS if (sheet := _sheet(around, regions, level)) is not None]
    sources = " ".join(dutch.stop(f"{layer.title}: {layer.source}, {layer.licence}") for layer in around.layers)
    with tempfile.TemporaryDirectory() as folder:  # GDAL wants a name that ends on .gpkg
        path = Path(folder) / "omgeving.gpkg"
        gis.write_sheets(path, sheets, f"{dutch.stop(area.title)} {SAYS} {sources}", day)
        return path.read_bytes()


def _sheet(around: Surroundings, regions: Regions, level: str) -> gis.Sheet | None:
    rows = around.table.filter(pc.equal(around.table["level"], level))
    if not rows.num_rows:
        return None
    units = rows.filter(pc.equal(rows["layer"], around.layers[0].id))["unit"].to_pylist()
    columns: gis.Columns = {"eenheid": ("Cel, hexagon of CBS-code", pa.array(units, pa.string()))}
    if level in ("buurt", "wijk", "gemeente"):
        columns["naam"] = ("Naam", pa.array([regions.name(unit) for unit in units], pa.string()))
    styles = []
    for layer in around.layers:
        mine = rows.filter(pc.equal(rows["layer"], layer.id))
        columns |= _columns(layer, mine, level)
        styles.append(_style(layer))
    titles = {name: title for name, (title, _) in columns.items()}
    shapes = gis.in_rd(np.array([_shape(unit, level, regions) for unit in units], dtype=object))
    fields = [
        pa.field(name, values.type, metadata={"GDAL:OGR:alternative_name": title})
        for name, (title, values) in columns.items()
    ]
    table = pa.table([values for _, values in columns.values()], schema=pa.schema(fields))
    table = table.append_column("geometry", pa.array(shapely.to_wkb(shapes, byte_order=1), pa.binary()))
    name, title = TABLES[level]
    return gis.Sheet(name, title, table, tuple(dataclasses.replace(style, titles=titles) for style in styles))


def _columns(layer: ContextLayer, rows: pa.Table, level: str) -> gis.Columns:
    prefix = layer.id.replace("-", "_")
    columns: gis.Columns = {
        f"{prefix}_waarde": (f"{layer.title} ({layer.unit})", rows["value"]),  # a unit may be "klasse"
        f"{prefix}_klasse": (f"{layer.title}: klasse", rows["class"]),
        f"{prefix}_status": (f"{layer.title}: status", rows["status"]),
        f"{prefix}_dekking": (f"{layer.title}: deel van de grond waarvan iets bekend is", rows["seen"]),
    }
    if layer.kind is Kind.CHANGE and level == "cel":
        columns[f"{prefix}_zekerheid"] = (f"{layer.title}: zekerheid (0 niets, 1 laag, 3 hoog)", rows["confidence"])
    return columns


def _style(layer: ContextLayer) -> qgis.ClassStyle:
    count = len(layer.breaks) + 1
    shades = palette.shades(count, falling=layer.kind is Kind.DISTANCE)
    return qgis.ClassStyle(
        name=layer.title,
        prefix=layer.id.replace("-", "_"),
        classes=class_words(layer.breaks, layer.unit),
        empties={"geen_data": (dutch.NO_DATA, palette.EMPTY["geen_data"])},
        colours=[palette.SURROUNDINGS[shade] for shade in shades],
        spots=False,
    )


def _shape(unit: str, level: str, regions: Regions) -> shapely.MultiPolygon:
    if level in ("buurt", "wijk", "gemeente"):
        return grid.outline(regions.under(unit))
    return grid.outline(np.array([grid.from_hex(unit)], dtype=np.uint64))
