"""What each file may hold: the adversary's own table, declared.toml. Anything else is a finding."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

_TABLE = tomllib.loads(Path(__file__).with_name("declared.toml").read_text(encoding="utf-8"))

FILES = re.compile(
    r"kaart\.html|verantwoording\.html|factsheet-[a-z-]+\.(pdf|html)|[\w.-]+\.gpkg|zones\.parquet|"
    r"signaallijst\.(xlsx|csv)|manifest\.json"
)
FIELDS: Mapping[str, str] = _TABLE["fields"]
PARQUET: Mapping[str, str] = _TABLE["parquet"]
PARQUET_MARKS = set(_TABLE["parquet_marks"]["names"])

MAP_FREE = set(_TABLE["map"]["free"])
MAP: Mapping[str, str] = {path: kind for kind, paths in _TABLE["map"].items() if kind != "free" for path in paths}
MAP_FIELDS = ("value", "addresses", "status", "class", "hotspot", "low", "high")
MAP_FLOATS = ("ratio", "rate_mean", "rate_low", "rate_high", "p_double")
NOT_OF_COMPOSITES = {"value", "low", "high", "rate_mean", "rate_low", "rate_high", "p_double"}
STATUSES = ("waarde", "cap", "geen_data", "onderdrukt")
HOTSPOTS = ("geen", "hotspot", "coldspot")
THEMES = ("drugs", "witwassen")

HTML_TAGS, HTML_ATTRIBUTES = set(_TABLE["html"]["tags"]), set(_TABLE["html"]["attributes"])
SVG: Mapping[str, set[str]] = {tag: set(names) for tag, names in _TABLE["svg"].items()}

GPKG_SYSTEM: Mapping[str, set[str]] = {name: set(columns) for name, columns in _TABLE["gpkg_system"].items()}
GPKG_LEVELS: Mapping[str, str] = _TABLE["gpkg_levels"]
GPKG_FIXED = set(_TABLE["gpkg_columns"]["fixed"])
GPKG_LAYER: Mapping[str, str] = _TABLE["gpkg_columns"]["layer"]
GPKG_THEME: Mapping[str, str] = _TABLE["gpkg_columns"]["theme"]

LIST_COLUMNS: tuple[str, ...] = tuple(_TABLE["lists"]["columns"])
TO_FILL_IN: tuple[str, ...] = tuple(_TABLE["lists"]["to_fill_in"])
_XLSX_PARTS = set(_TABLE["lists"]["parts"])
HOLDER_COLUMNS = ("sleutel", "sterkte")

MANIFEST_FREE, MANIFEST = set(_TABLE["manifest"]["free"]), set(_TABLE["manifest"]["paths"])
DIGESTS = set(_TABLE["manifest"]["digests"])


def is_part(name: str) -> bool:
    """Say whether a workbook may have this part."""
    return name in _XLSX_PARTS or re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name) is not None
