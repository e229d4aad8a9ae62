"""QGIS styles that travel inside a GeoPackage, in the ``layer_styles`` table that QGIS reads by itself."""

import datetime as dt
import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from geoanalyse.products import palette

_TABLE = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
  styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT CURRENT_TIMESTAMP
)
"""
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
    """

    name: str
    prefix: str
    classes: Sequence[str]
    empties: Mapping[str, tuple[str, palette.Style]]

    def qml(self) -> str:
        """Write the style as a QGIS style document: one rule per class, per kind of empty and per kind of spot."""
        root = ET.Element("qgis", version="3.22.0", styleCategories="Symbology")
        renderer = ET.SubElement(root, "renderer-v2", type="RuleRenderer", symbollevels="1")
        rules = ET.SubElement(renderer, "rules", key="alle")
        symbols = ET.SubElement(renderer, "symbols")

        def rule(column: str, value: str, label: str) -> ET.Element:
            number = str(len(symbols))
            condition = f'"{self.prefix}_{column}" = {value}'
            ET.SubElement(rules, "rule", key=f"regel-{number}", symbol=number, filter=condition, label=label)
            return ET.SubElement(symbols, "symbol", name=number, type="fill", alpha="1")

        for index, (label, colour) in enumerate(zip(self.classes, palette.CLASS_COLOURS, strict=True)):
            _fill(rule("klasse", str(index), label), colour, "solid", outline=palette.EDGE)
        for status, (label, style) in self.empties.items():
            symbol = rule("status", f"'{status}'", label)
            _fill(symbol, style.ground, "solid", outline=palette.EDGE)
            if style.pattern is not palette.Pattern.NONE:
                _fill(symbol, style.mark, _BRUSHES[style.pattern])
        for spot, label, colour, line in _MARKS:
            _fill(rule("hotspot", f"'{spot}'", label), colour, "no", outline=colour, line=line, on_top=True)
        return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(root, encoding="unicode")


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
