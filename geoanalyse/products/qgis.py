"""QGIS styles and layer metadata that travel inside a GeoPackage, in the tables that QGIS reads by itself.

Styles stand in ``layer_styles``; metadata in ``gpkg_metadata``, the extension of the standard, under the address that
QGIS 3.20 and later look for.
"""

import datetime as dt
import math
import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from geoanalyse.products import palette

_TABLE = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
  styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT CURRENT_TIMESTAMP
)
"""
_METADATA = (
    """
    CREATE TABLE gpkg_metadata (
      id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, md_scope TEXT NOT NULL DEFAULT 'dataset',
      md_standard_uri TEXT NOT NULL, mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT ''
    )
    """,
    """
    CREATE TABLE gpkg_metadata_reference (
      reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT, row_id_value INTEGER,
      timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
      md_file_id INTEGER NOT NULL, md_parent_id INTEGER,
      CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
      CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id)
    )
    """,
)
STANDARD = "http://mrcc.com/qgis.dtd"
"""What QGIS calls its metadata by: a name, that nothing opens."""
_EXTENSION = "http://www.geopackage.org/spec120/#extension_metadata"
_DOCTYPE = f"<!DOCTYPE qgis PUBLIC '{STANDARD}' 'SYSTEM'>\n"
_CRS = "EPSG:28992"
_BRUSHES = {
    palette.Pattern.HATCH: "b_diagonal",
    palette.Pattern.CROSS: "diagonal_x",
    palette.Pattern.DOTS: "dense6",
}
_THIN, _THICK = "0.1", "0.6"  # millimetres
_MARKS = (
    ("hotspot", "hotspot", palette.HOT, "solid"),
    ("coldspot", "opvallend weinig (coldspot)", palette.COLD, "dash"),
)


@dataclass(frozen=True, slots=True)
class ClassStyle:
    """Fill by class, a pattern for every kind of empty, and an outline around hot and cold spots.

    Attributes
    ----------
    name : str
        As QGIS lists it; 30 characters at most are kept.
    prefix : str
        The columns are ``<prefix>_klasse``, ``<prefix>_status`` and ``<prefix>_hotspot``.
    classes : sequence of str
        Legend text of class 0..5.
    empties : mapping of str to (str, palette.Style)
        Legend text and fill per status without a class.
    titles : mapping of str to str
        What QGIS shows above each column of the table; before GDAL 3.7 it reads no titles from the table itself.
    colours : sequence of str
        Fill of each class.
    spots : bool
        Whether there are hot and cold spots to outline.
    """

    name: str
    prefix: str
    classes: Sequence[str]
    empties: Mapping[str, tuple[str, palette.Style]]
    titles: Mapping[str, str] = field(default_factory=dict)
    colours: Sequence[str] = palette.CLASS_COLOURS
    spots: bool = True

    def qml(self) -> str:
        """Write the style as a QGIS style document: one rule per class, per kind of empty and per kind of spot."""
        root = ET.Element("qgis", version="3.22.0", styleCategories="Symbology|Fields")
        renderer = ET.SubElement(root, "renderer-v2", type="RuleRenderer", symbollevels="1")
        rules = ET.SubElement(renderer, "rules", key="alle")
        symbols = ET.SubElement(renderer, "symbols")

        def rule(column: str, value: str, label: str) -> ET.Element:
            number = str(len(symbols))
            condition = f'"{self.prefix}_{column}" = {value}'
            ET.SubElement(rules, "rule", key=f"regel-{number}", symbol=number, filter=condition, label=label)
            return ET.SubElement(symbols, "symbol", name=number, type="fill", alpha="1")

        for index, (label, colour) in enumerate(zip(self.classes, self.colours, strict=True)):
            _fill(rule("klasse", str(index), label), colour, "solid", outline=palette.EDGE)
        for status, (label, style) in self.empties.items():
            symbol = rule("status", f"'{status}'", label)
            _fill(symbol, style.ground, "solid", outline=palette.EDGE)
            if style.pattern is not palette.Pattern.NONE:
                _fill(symbol, style.mark, _BRUSHES[style.pattern])
        for spot, label, colour, line in _MARKS if self.spots else ():
            _fill(rule("hotspot", f"'{spot}'", label), colour, "no", outline=colour, line=line, on_top=True)
        titles = ET.SubElement(root, "aliases")
        for column, title in self.titles.items():
            ET.SubElement(titles, "alias", field=column, name=title)
        return _DOCTYPE + ET.tostring(root, encoding="unicode")


def _fill(
    symbol: ET.Element,
    colour: str,
    brush: str,
    *,
    outline: str | None = None,
    line: str = "solid",
    on_top: bool = False,
) -> None:
    """Add one symbol layer; what is on top is drawn after all units have their fill."""
    layer = ET.SubElement(symbol, "layer", {"class": "SimpleFill", "enabled": "1", "pass": str(int(on_top))})
    options = {
        "color": _rgba(colour),
        "style": brush,
        "outline_color": _rgba(outline or colour),
        "outline_style": line if outline else "no",
        "outline_width": _THICK if on_top else _THIN,
        "joinstyle": "round",
    }
    values = ET.SubElement(layer, "Option", type="Map")
    for name, value in options.items():
        ET.SubElement(values, "Option", name=name, type="QString", value=value)


def _rgba(colour: str) -> str:
    """Write ``#rrggbb`` as QGIS does.

    Examples
    --------
    >>> _rgba("#b2182b")
    '178,24,43,255'
    """
    return ",".join(str(part) for part in (*bytes.fromhex(colour.removeprefix("#")), 255))


def timestamp(day: dt.date) -> str:
    """Write a date as GeoPackage writes a moment.

    Examples
    --------
    >>> timestamp(dt.date(2026, 1, 1))
    '2026-01-01T00:00:00.000Z'
    """
    return f"{day.isoformat()}T00:00:00.000Z"


def write_styles(database: sqlite3.Connection, styles: Mapping[str, Sequence[ClassStyle]], day: dt.date) -> None:
    """Store the styles of each table in an open GeoPackage; the first of a table opens with it.

    Parameters
    ----------
    database : sqlite3.Connection
        GeoPackage with one geometry column ``geom`` per named table.
    styles : mapping of str to sequence of ClassStyle
        Per table name.
    day : datetime.date
        Stands as the time of the last change.
    """
    database.execute(_TABLE)
    database.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change) VALUES (?, ?, ?, ?)",
        ("layer_styles", "attributes", "layer_styles", timestamp(day)),
    )
    rows = [
        (table, style.name[:30], style.qml(), index == 0, timestamp(day))
        for table, each in styles.items()
        for index, style in enumerate(each)
    ]
    database.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
        " styleQML, styleSLD, useAsDefault, description, owner, ui, update_time)"
        " VALUES ('', '', ?, 'geom', ?, ?, '', ?, '', '', NULL, ?)",
        rows,
    )


# --- metadata ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class About:
    """What a layer is, where and when, what it may be used for and who acts on it.

    Attributes
    ----------
    table, release : str
        Name of the table and digest of the release: together the identifier of the layer.
    title, abstract : str
    purpose, legal_basis, classification, function : str
        Of the grondslag; ``function`` is who follows up, by function and never by name.
    retain_until : datetime.date
    start, end : datetime.date
        Period, ``end`` exclusive.
    bounds : tuple of float or None
        West, south, east and north in RD metres; None when nothing is drawn.
    marks : mapping of str to str
        What tells one release from another.
    """

    table: str
    release: str
    title: str
    abstract: str
    purpose: str
    legal_basis: str
    classification: str
    retain_until: dt.date
    function: str
    start: dt.date
    end: dt.date
    bounds: tuple[float, float, float, float] | None
    marks: Mapping[str, str]

    def qmd(self) -> str:
        """Write it as a QGIS metadata document; the fields follow ISO 19115."""
        root = ET.Element("qgis", version="3.22.0")
        plain = {
            "identifier": f"{self.release}/{self.table}",
            "parentidentifier": self.release,
            "language": "nl",
            "type": "dataset",
            "title": self.title,
            "abstract": self.abstract,
        }
        for name, text in plain.items():
            ET.SubElement(root, name).text = text
        keywords = ET.SubElement(root, "keywords", vocabulary="gmd:topicCategory")
        ET.SubElement(keywords, "keyword").text = "society"
        contact = ET.SubElement(root, "contact")
        ET.SubElement(contact, "organization").text = self.function
        ET.SubElement(contact, "position").text = "opvolging van signalen"
        ET.SubElement(contact, "role").text = "user"
        for key, text in self.marks.items():
            ET.SubElement(root, "history").text = f"{key} {text}"
        for kind, text in (("doel", self.purpose), ("grondslag", self.legal_basis)):
            ET.SubElement(root, "constraints", type=kind).text = text
        ET.SubElement(root, "rights").text = f"Rubricering: {self.classification}"
        ET.SubElement(root, "license").text = (
            "Geen open licentie: te gebruiken voor het doel en volgens de rubricering van het besluit,"
            f" te bewaren tot en met {self.retain_until:%d-%m-%Y}."
        )
        crs = ET.SubElement(ET.SubElement(root, "crs"), "spatialrefsys")
        ET.SubElement(crs, "authid").text = _CRS
        self._add_extent(root)
        return ET.tostring(root, encoding="unicode")

    def _add_extent(self, root: ET.Element) -> None:
        extent = ET.SubElement(root, "extent")
        if self.bounds is not None:
            west, south, east, north = self.bounds
            sides = {
                "minx": math.floor(west),
                "miny": math.floor(south),
                "maxx": math.ceil(east),
                "maxy": math.ceil(north),
                "minz": 0,
                "maxz": 0,
            }
            places = {name: str(value) for name, value in sides.items()}
            ET.SubElement(extent, "spatial", {"crs": _CRS, "dimensions": "2", **places})
        period = ET.SubElement(ET.SubElement(extent, "temporal"), "period")
        ET.SubElement(period, "start").text = f"{self.start.isoformat()}T00:00:00Z"
        ET.SubElement(period, "end").text = f"{self.end - dt.timedelta(days=1)}T00:00:00Z"


def write_about(database: sqlite3.Connection, about: Mapping[str, About], day: dt.date) -> None:
    """Store the metadata of each table in an open GeoPackage, with the extension that the standard has for it.

    Parameters
    ----------
    database : sqlite3.Connection
        GeoPackage without metadata yet.
    about : mapping of str to About
        Per table name.
    day : datetime.date
        Stands as the time of the reference.
    """
    for definition in _METADATA:
        database.execute(definition)
    database.executemany(
        "INSERT INTO gpkg_extensions (table_name, extension_name, definition, scope) VALUES (?, ?, ?, ?)",
        [(table, "gpkg_metadata", _EXTENSION, "read-write") for table in ("gpkg_metadata", "gpkg_metadata_reference")],
    )
    for number, (table, each) in enumerate(about.items(), start=1):
        database.execute(
            "INSERT INTO gpkg_metadata (id, md_scope, md_standard_uri, mime_type, metadata) VALUES (?, ?, ?, ?, ?)",
            (number, "dataset", STANDARD, "text/xml", each.qmd()),
        )
        database.execute(
            "INSERT INTO gpkg_metadata_reference (reference_scope, table_name, timestamp, md_file_id)"
            " VALUES ('table', ?, ?, ?)",
            (table, timestamp(day), number),
        )
