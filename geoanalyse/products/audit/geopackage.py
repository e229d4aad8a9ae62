"""``<gebied>.gpkg``: the figures in its layers, their places, and what it says of the release."""

import math
import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from geoanalyse.errors import ReleaseError
from geoanalyse.geography import Regions
from geoanalyse.layer import Base
from geoanalyse.products import containers
from geoanalyse.products.audit.figures import Figure, Place
from geoanalyse.products.audit.table import Published
from geoanalyse.products.contents import UnreadError

LAYERS = {
    "hexagonen_res9": "res9",
    "hexagonen_res8": "res8",
    "buurten": "buurt",
    "wijken": "wijk",
    "gemeenten": "gemeente",
}
"""Level of each layer that is about one."""
ZONES = {f"zones_{base}": str(base) for base in Base}
"""Base of addresses of each layer of zones."""
THEME = "thema_"

_REGION = ("gebiedscode", "buurt", "wijk", "gemeente")
_DESCRIBED = "SELECT table_name, description FROM gpkg_contents WHERE table_name <> 'layer_styles'"
_ABOUT = (
    "SELECT table_name, metadata FROM gpkg_metadata_reference LEFT JOIN gpkg_metadata ON md_file_id = id"
    " WHERE reference_scope = 'table'"
)
_PER_THOUSAND = 6e-4  # of a rate with four significant digits
_HEADER = 8  # bytes in front of the WKB of a GeoPackage geometry, without its box
_BOXES = (0, 32, 48, 48, 64)  # bytes of the box by its kind


class PackageError(ReleaseError):
    """The layers are not those that geoanalyse makes."""


@dataclass(slots=True)
class Package:
    """What a GeoPackage holds.

    Attributes
    ----------
    figures : dict of Place to Figure
    shapes : dict of (str, str, str) to shapely geometry in RD metres
        By level, base of addresses (empty but for zones) and name of the unit.
    descriptions : dict of str to str
        What each layer says of the release.
    about : dict of str to str
        The metadata of each layer, as QGIS shows it.
    rates_off : int
        Rates per 1,000 that are not value / addresses.
    regions : dict of (str, str, str) to tuple
        Code, and names of buurt, wijk and gemeente, of every unit; keys as those of `shapes`.
    """

    figures: dict[Place, Figure] = field(default_factory=dict)
    shapes: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    about: dict[str, str] = field(default_factory=dict)
    rates_off: int = 0
    regions: dict[tuple[str, str, str], tuple[Any, ...]] = field(default_factory=dict)


def read(content: bytes) -> Package:
    """Read every layer of units.

    Raises
    ------
    PackageError
        When it cannot be read, or has a layer or column that geoanalyse does not make.
    """
    found = Package()
    try:
        with containers.geopackage(content) as database:
            described = database.execute(_DESCRIBED).fetchall()
            found.descriptions |= {str(name): str(text) for name, text in described}
            found.about |= {str(name): str(text) for name, text in database.execute(_ABOUT)}
            for name in found.descriptions:
                _add_layer(found, database, name)
    except (UnreadError, sqlite3.Error, sqlite3.Warning, UnicodeDecodeError, OverflowError):
        raise PackageError("is geen leesbare GeoPackage") from None
    except (KeyError, TypeError, ValueError, shapely.errors.GEOSException):
        raise PackageError("heeft een laag met een andere opbouw dan geoanalyse maakt") from None
    return found


def misnamed(package: Package, regions: Regions) -> int:
    """Count units with other names than those of the region they say to lie in."""
    known = set(regions.codes)
    right = {
        code: tuple(regions.name(chain[level]) if level in chain else None for level in _REGION[1:])
        for code in known & {code for code, *_ in package.regions.values()}
        if (chain := regions.chain(code))
    }
    return sum(right.get(code, tuple(names)) != tuple(names) for code, *names in package.regions.values())


def miscoded(package: Package, rows: Published) -> int:
    """Count units with another code than the first row of the published table about them."""
    told: dict[tuple[str, str, str], str] = {}
    for row in np.flatnonzero(rows.whole).tolist():
        basis = rows.basis[row] if rows.level[row] == "zone" else ""
        told.setdefault((rows.level[row], basis, rows.zone[row]), rows.gebiedscode[row])
    return sum(told.get(place, code) != code for place, (code, *_) in package.regions.items())


def misdescribed(package: Package, basis: Mapping[str, Any] | None) -> Iterator[str]:
    """Compare the metadata of each layer with its description, its shapes and the decision.

    Parameters
    ----------
    package : Package
    basis : mapping or None
        The decision, as the manifest has it; None when there is no manifest.
    """
    off = [name for name, text in package.descriptions.items() if not _describes(package, name, text, basis)]
    strange = set(package.about) - set(package.descriptions)
    if off or strange:
        yield f"{len(off) + len(strange)} lagen met metagegevens die iets anders zeggen dan de laag, of zonder"


def _describes(package: Package, name: str, description: str, basis: Mapping[str, Any] | None) -> bool:
    try:
        root = containers.xml(package.about.get(name, "").encode())
    except UnreadError:
        return False
    identifier, _, table = root.findtext("identifier", "").partition("/")
    limits = {each.get("type"): each.text or "" for each in root.iter("constraints")}
    repeated = [
        *(identifier, root.findtext("parentidentifier", ""), root.findtext("rights", ""), limits.get("grondslag", "")),
        *(each.text or "" for each in root.iter("history")),
    ]
    told = (limits.get("doel"), root.findtext("contact/organization"), root.findtext("license", "")[-11:-1])
    return (
        table == name
        and root.findtext("abstract") == description
        and all(text and text in description for text in repeated)
        and (basis is None or told == _decided(basis))
        and _extent(root) == _drawn(package, name)
    )


def _decided(basis: Mapping[str, Any]) -> tuple[str, str, str]:
    day = "-".join(reversed(str(basis.get("bewaren_tot")).split("-")))
    return f"{basis.get('doel')}; vraag: {basis.get('vraag')}", str(basis.get("opvolging")), day


def _extent(root: ET.Element) -> list[float] | None:
    place = root.find("extent/spatial")
    return None if place is None else [float(place.get(side, "nan")) for side in ("minx", "miny", "maxx", "maxy")]


def _drawn(package: Package, name: str) -> list[float] | None:
    """Give the whole metres around all that a layer draws."""
    level, basis = ("zone", ZONES[name]) if name in ZONES else (LAYERS[name], "")
    shapes = [shape for (own, on, _), shape in package.shapes.items() if (own, on) == (level, basis) and shape]
    if not shapes:
        return None
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    return [math.floor(west), math.floor(south), math.ceil(east), math.ceil(north)]


def _add_layer(found: Package, database: sqlite3.Connection, name: str) -> None:
    level, basis = ("zone", ZONES[name]) if name in ZONES else (LAYERS[name], "")
    rows = database.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - one of the names above
    columns = [column for column, *_ in rows.description]
    records = [dict(zip(columns, row, strict=True)) for row in rows]
    zones = [_text(record["zone"]) for record in records]
    if len(set(zones)) < len(zones):
        raise ValueError
    found.regions |= {
        (level, basis, zone): tuple(record[name] for name in _REGION)
        for zone, record in zip(zones, records, strict=True)
    }
    found.shapes |= {
        (level, basis, zone): shape
        for zone, shape in zip(zones, _shapes([record["geom"] for record in records]), strict=True)
    }
    for prefix in sorted(column.removesuffix("_status") for column in columns if column.endswith("_status")):
        figure = _of_theme if prefix.startswith(THEME) else _of_layer
        for zone, record in zip(zones, records, strict=True):
            if record[f"{prefix}_status"] is not None:
                found.figures[prefix, level, zone] = figure(record, prefix)
                found.rates_off += _is_off(record, prefix)


def _of_theme(record: Mapping[str, Any], prefix: str) -> Figure:
    return Figure(
        status=_text(record[f"{prefix}_status"]),
        step=record[f"{prefix}_klasse"],
        hotspot=record[f"{prefix}_hotspot"],
        ratio=record[f"{prefix}_verhouding"],
    )


def _of_layer(record: Mapping[str, Any], prefix: str) -> Figure:
    return Figure(
        status=_text(record[f"{prefix}_status"]),
        value=_whole(record[f"{prefix}_waarde"]),
        addresses=_whole(record[f"{prefix}_adressen"]),
        words=_text(record[f"{prefix}_tekst"]),
        step=_whole(record[f"{prefix}_klasse"]),
        hotspot=record[f"{prefix}_hotspot"],
    )


def _is_off(record: Mapping[str, Any], prefix: str) -> bool:
    """Whether a rate per 1,000 is not that of the value and the addresses beside it."""
    rate, value = record.get(f"{prefix}_per_1000"), record.get(f"{prefix}_waarde")
    if value is None or rate is None:
        return (value is None) != (rate is None) and not prefix.startswith(THEME)
    right = 1000 * value / max(record[f"{prefix}_adressen"], 1)
    return bool(abs(float(rate) - right) > _PER_THOUSAND * right)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _whole(value: object) -> int | None:
    if value is not None and not isinstance(value, int):
        raise TypeError
    return value


def _shapes(blobs: Sequence[object]) -> np.ndarray:
    return np.asarray(shapely.from_wkb(list(_wkb(blobs))), dtype=object)


def _wkb(blobs: Sequence[object]) -> Iterator[bytes]:
    for blob in blobs:
        if not isinstance(blob, bytes) or blob[:2] != b"GP" or (blob[3] >> 1 & 7) >= len(_BOXES):
            raise ValueError
        yield blob[_HEADER + _BOXES[blob[3] >> 1 & 7] :]
