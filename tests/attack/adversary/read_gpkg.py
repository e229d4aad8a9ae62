"""The GeoPackage: every table, every free page, every style."""

import re
import sqlite3
import struct
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.attack.adversary import declared, space
from tests.attack.adversary.harvest import Column, Drawn, Harvest

_RTREE = re.compile(r"rtree_(\w+)_geom(_rowid|_node|_parent)?$")
_RULE = re.compile(r'filter="([^"]*)"')
_ALLOWED_RULE = re.compile(r"&quot;\w+_(klasse|status|hotspot)&quot; = (\d|'\w+')$")
_WORDS = re.compile(rb"[\x20-\x7e]{5,}")


def read_gpkg(harvest: Harvest, path: Path) -> None:
    """Read a GeoPackage as the SQLite file that it is."""
    file = path.name
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as database:
        features = _features(harvest, database)
        live = _other_tables(harvest, database, features, file)
        for name in features:
            live |= _feature_table(harvest, database, name, file)
        if database.execute("PRAGMA freelist_count").fetchone()[0]:
            harvest.fault("T0", file, "vrije bladzijden: resten van gewiste rijen")
        for kind, name, table, sql in database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"):
            live.add(_joined((kind, name, table, sql)))
            if kind == "view":
                harvest.fault("T0", file, f"view {name}")
    _left_overs(harvest, file, path.read_bytes(), "\n".join(live))


def _features(harvest: Harvest, database: sqlite3.Connection) -> list[str]:
    bases = {layer.base for layer in harvest.case.layers.values()}
    allowed = set(declared.GPKG_LEVELS) | {f"zones_{base}" for base in bases}
    names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return [name for name in names if name in allowed]


def _other_tables(harvest: Harvest, database: sqlite3.Connection, features: list[str], file: str) -> set[str]:
    live: set[str] = set()
    names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    listed = {row[0] for row in database.execute("SELECT table_name FROM gpkg_contents")}
    if listed - {"layer_styles"} != set(features):
        harvest.fault("T0", file, "de inhoudsopgave noemt andere tabellen dan er zijn")
    for name in names:
        columns = {row[1] for row in database.execute(f'PRAGMA table_info("{name}")')}
        tree = _RTREE.match(name)
        if tree and tree[1] in features:
            continue
        if name in features:
            continue
        if name not in declared.GPKG_SYSTEM or columns - declared.GPKG_SYSTEM[name]:
            harvest.fault("T0", file, f"tabel of kolom die niet is aangekondigd: {name}")
        for row in database.execute(f'SELECT * FROM "{name}"'):  # noqa: S608 - the name comes from the file itself
            live.add(_joined(row))
            for value in row:
                if isinstance(value, str):
                    live.add(value)
                    harvest.text(file, value)
                    if name == "layer_styles":
                        _style(harvest, file, value)
    return live


def _style(harvest: Harvest, file: str, text: str) -> None:
    """A style may only tell classes, statuses and hot spots apart."""
    if not text.startswith("<!DOCTYPE qgis"):
        return
    if 'type="RuleRenderer"' not in text or "graduated" in text.lower() or "data_defined" in text.lower():
        harvest.fault("T14", file, "een stijl die niet uit regels bestaat")
    for rule in _RULE.findall(text):
        if not _ALLOWED_RULE.match(rule):
            harvest.fault("T14", file, "een stijlregel over iets anders dan klasse, status of hotspot")
    if re.search(r"\b(src|href|xlink:href|url)=\"(https?:)?//", text):
        harvest.fault("T0", file, "een stijl haalt iets op")


def _feature_table(harvest: Harvest, database: sqlite3.Connection, name: str, file: str) -> set[str]:
    cursor = database.execute(f'SELECT * FROM "{name}" ORDER BY rowid')  # noqa: S608 - an allowed name
    columns = [entry[0] for entry in cursor.description]
    rows = cursor.fetchall()
    data: dict[str, list[Any]] = {column: [row[number] for row in rows] for number, column in enumerate(columns)}
    level = declared.GPKG_LEVELS.get(name, "zone")
    units = data.get("zone", [])
    if units != sorted(units):
        harvest.fault("T12", file, f"{name}: rijen niet op naam van de eenheid")
    if data.get("fid") != list(range(1, len(rows) + 1)):
        harvest.fault("T12", file, f"{name}: nummers van rijen lopen niet gewoon door")
    live = {_joined(row) for row in rows}
    for column, values in data.items():
        texts = {value for value in values if isinstance(value, str)}
        for text in texts:
            harvest.text(file, text)
        if column in declared.GPKG_FIXED:
            continue
        layer, field = _meaning(harvest, column)
        if field.startswith("?"):
            harvest.fault("T0", file, f"kolom die niet is aangekondigd: {name}.{column}")
        kept = [(unit, value) for unit, value in zip(units, values, strict=True) if value is not None]
        harvest.columns.append(
            Column(f"{file}:{name}", layer, level, field, [unit for unit, _ in kept], [value for _, value in kept])
        )
    for unit, data_ in zip(units, data.get("geom", []), strict=False):
        if data_ is not None:
            rings = space.read_geopackage_shape(bytes(data_))
            harvest.drawn.append(Drawn(file, level, unit, rings))
    return live


def _meaning(harvest: Harvest, column: str) -> tuple[str, str]:
    """Give the layer and the figure that a column is about."""
    for theme in declared.THEMES:
        head = f"thema_{theme}_"
        if column.startswith(head) and column.removeprefix(head) in declared.GPKG_THEME:
            return f"thema:{theme}", declared.GPKG_THEME[column.removeprefix(head)]
    for layer in sorted(harvest.case.layers.values(), key=lambda each: -len(each.prefix)):
        head = f"{layer.prefix}_"
        if column.startswith(head):
            return layer.id, declared.GPKG_LAYER.get(column.removeprefix(head), f"?{column}")
    return "", f"?{column}"


# --- what lies between the rows ---------------------------------------------------------------------------------------


def _joined(row: Sequence[Any]) -> str:
    """Write the texts of a row one after another, as a record holds them."""
    return "".join(value for value in row if isinstance(value, str))


def _left_overs(harvest: Harvest, file: str, data: bytes, live: str) -> None:
    """Read the unused bytes of every page: what was once written there."""
    size = struct.unpack_from(">H", data, 16)[0]
    size = 65536 if size == 1 else size
    for page in range(len(data) // size):
        for part in _unused(data[page * size : (page + 1) * size], 100 if page == 0 else 0):
            for words in _WORDS.findall(part):
                text = words.decode("ascii")
                if not _known(text, live):
                    harvest.fault("T0", file, "resten van tekst tussen de rijen")
                    harvest.text(file, text)


def _known(text: str, live: str) -> bool:
    """Say whether a left-over is a piece of what stands in the file anyway; its ends may be cut."""
    return text in live or text[1:-1] in live


def _unused(page: bytes, start: int) -> Iterator[bytes]:
    """Give the gap of a b-tree page and its free blocks (SQLite file format, section 1.6)."""
    if not page or page[start] not in {2, 5, 10, 13}:
        return
    free, cells, content = struct.unpack_from(">HHH", page, start + 1)
    header = start + (12 if page[start] in {2, 5} else 8)
    yield page[header + 2 * cells : content or len(page)]
    while free:
        following, length = struct.unpack_from(">HH", page, free)
        yield page[free + 4 : free + length]
        free = following
