"""What ``--gebied`` names: a preset, a CBS code, a postcode area, a gemeente or a polygon file, turned into cells."""

import difflib
import os
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import shapely

from geoanalyse import grid
from geoanalyse.errors import AreaError, InputError
from geoanalyse.geography import Regions

POLYGON_FILES = (".gpkg", ".geojson", ".json", ".shp", ".parquet")
SUGGESTIONS = 3
SHORTEST = 4  # letters of a name's part that is worth a suggestion


_OWN = "eigen-"


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """The cells an analysis is about.

    Attributes
    ----------
    name : str
        Lower-case letters, digits and hyphens: the name of the output folder.
    title : str
        Dutch title for readers.
    cells : ndarray of uint64, shape (n,)
        Resolution-10 cells, ascending; never empty.
    regions : tuple of str
        CBS codes the area was named by; empty for a postcode area or a polygon.
    source : str
        Dutch line saying who drew the area.
    year : int
        Year of the division.
    """

    name: str
    title: str
    cells: grid.Cells
    regions: tuple[str, ...]
    source: str
    year: int

    @property
    def own(self) -> bool:
        """Whether a user drew and named it: then its title is not one of ours."""
        return self.name.startswith(_OWN)


class Preset(NamedTuple):
    """One line of ``geoanalyse gebieden``; ``buurten`` and ``wijken`` count the smallest regions with cells in it."""

    name: str
    title: str
    buurten: int
    wijken: int
    source: str


class _Definition(NamedTuple):
    title: str
    codes: tuple[str, ...]
    pc4: tuple[int, ...]
    source: str


def find(name: str, regions: Regions, *, path_ok: bool = True) -> Area:
    """Find the area that a user names.

    Parameters
    ----------
    name : str
        Preset (``zuidoost``), CBS code (``WK0363TA``; Amsterdam codes also without ``WK0363``: ``TA``, ``TC03``), PC4
        (``1102``), gemeente (``Ouder-Amstel``) or path of a polygon file with a coordinate system.
    regions : Regions
        Table to look in.
    path_ok : bool
        Whether a polygon file may be read.

    Raises
    ------
    AreaError
        When nothing has that name (the nearest names are given), or the area holds no cell.
    InputError
        When a polygon file cannot be read or has no coordinate system.

    Examples
    --------
    >>> from geoanalyse.geography import shipped_regions
    >>> regions = shipped_regions()
    >>> area = find("tc03", regions)
    >>> area.name, area.title, area.regions, len(area.cells)
    ('bu0363tc03', 'Amsterdamse Poort (buurt, Amsterdam)', ('BU0363TC03',), 34)
    >>> find("zuidost", regions)
    Traceback (most recent call last):
        ...
    geoanalyse.errors.AreaError: gebied 'zuidost' is onbekend; bedoelt u zuidoost? Zie `geoanalyse gebieden`
    """
    text = name.strip()
    if Path(text).suffix.lower() in POLYGON_FILES and path_ok:
        return _from_file(Path(text), regions)
    definitions = _definitions()
    if slug(text) in definitions:
        return _from_preset(slug(text), definitions[slug(text)], regions)
    code = _code(text, regions)
    if code:
        return _from_code(code, regions)
    if re.fullmatch(r"[1-9]\d{3}", text):
        return Area(text, f"Postcodegebied {text}", _in_pc4(regions, [int(text)]), (), regions.source, regions.year)
    raise AreaError(_unknown(text, regions, definitions))


def presets(regions: Regions) -> list[Preset]:
    """Give the named areas that lie in this table of regions, in the order of their file.

    Examples
    --------
    >>> from geoanalyse.geography import shipped_regions
    >>> presets(shipped_regions())[1][:4]
    ('amsterdamse-poort', 'Amsterdamse Poort e.o.', 5, 0)
    """
    found = []
    levels = np.array(regions.levels)
    for name, definition in _definitions().items():
        try:
            area = _from_preset(name, definition, regions)
        except AreaError:
            continue
        smallest = levels[np.unique(regions.region_of(area.cells))]
        buurten, wijken = int((smallest == "buurt").sum()), int((smallest == "wijk").sum())
        found.append(Preset(name, area.title, buurten, wijken, area.source))
    return found


def slug(text: str) -> str:
    """Reduce a name to lower-case letters, digits and single hyphens, fit for a folder on every system.

    Examples
    --------
    >>> slug("Ouder-Amstel"), slug("  IJmuiden / Café  Noord.gpkg ")
    ('ouder-amstel', 'ijmuiden-cafe-noord-gpkg')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _definitions() -> dict[str, _Definition]:
    with (Path(__file__).parent / "data" / "areas.toml").open("rb") as file:
        entries = tomllib.load(file)
    return {
        name: _Definition(entry["titel"], tuple(entry.get("codes", ())), tuple(entry.get("pc4", ())), entry["bron"])
        for name, entry in entries.items()
    }


def _code(text: str, regions: Regions) -> str | None:
    """Give the CBS code that a text stands for: a code, an Amsterdam code without its head, or a gemeente's name."""
    known = set(regions.codes)
    upper = text.upper()
    for code in (upper, f"WK0363{upper}", f"BU0363{upper}"):
        if code in known:
            return code
    wanted = slug(text)
    named = (
        code
        for code, name, level in zip(regions.codes, regions.names, regions.levels, strict=True)
        if level == "gemeente" and slug(name) == wanted
    )
    return next(named, None)


def _from_preset(name: str, definition: _Definition, regions: Regions) -> Area:
    if not set(definition.codes) <= set(regions.codes):
        raise AreaError(
            f"gebied '{name}' ligt niet geheel in de geografie van {regions.year}; kies een gebied met een CBS-code"
        )
    cells = _in_pc4(regions, definition.pc4) if definition.pc4 else _under(regions, definition.codes)
    return Area(name, definition.title, cells, definition.codes, definition.source, regions.year)


def _from_code(code: str, regions: Regions) -> Area:
    chain = regions.chain(code)
    level = next(iter(chain))
    title = regions.name(code)
    if level != "gemeente":
        title = f"{title} ({level}, {regions.name(chain['gemeente'])})"
    return Area(slug(code), title, _under(regions, [code]), (code,), regions.source, regions.year)


def _from_file(path: Path, regions: Regions) -> Area:
    """Take the cells whose centre lies inside the polygons of a file."""
    # geopandas costs most of a second, and only this form of `--gebied` needs it.
    import geopandas as gpd  # noqa: PLC0415
    import pyogrio.errors  # noqa: PLC0415

    from geoanalyse import boundaries  # noqa: PLC0415

    if not os.path.isfile(path):  # noqa: PTH113 - Path.is_file fails on a name that is too long
        raise InputError(
            f"{path}: bestand bestaat niet; geef een naam uit `geoanalyse gebieden` of een bestand met vlakken"
        )
    try:
        frame = gpd.read_parquet(path) if path.suffix.lower() == ".parquet" else gpd.read_file(path)
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.FeatureError,
        ValueError,
        OSError,
    ) as error:
        raise InputError(f"{path.name}: bestand kan niet worden gelezen; sla het in QGIS op als GeoPackage") from error
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty:
        raise InputError(f"{path.name}: bestand heeft geen vlakken; teken het gebied als polygoon")
    if frame.crs is None:
        raise InputError(
            f"{path.name}: coördinatenstelsel ontbreekt; sla het op met EPSG:28992 (RD) of EPSG:4326 (WGS 84)"
        )
    if not frame.geom_type.isin(["Polygon", "MultiPolygon"]).all():
        raise InputError(f"{path.name}: bestand heeft punten, lijnen of lege vormen; teken het gebied als polygoon")
    shape = shapely.union_all(boundaries.in_rd(frame))
    shapely.prepare(shape)
    centres = grid.centres(regions.cells)
    easting, northing = grid.rd(centres[:, 0], centres[:, 1])
    cells = regions.cells[shapely.contains_xy(shape, easting, northing)]
    if not len(cells):
        raise AreaError(
            f"{path.name}: geen cel van de geografie van {regions.year} ligt in dit gebied; kijk na of het "
            "coördinatenstelsel klopt en of het gebied groter is dan een cel (1,3 ha)"
        )
    return Area(
        f"{_OWN}{slug(path.stem) or 'gebied'}",
        f"Eigen gebied: {path.stem}",
        cells,
        (),
        f"Bestand {path.name}",
        regions.year,
    )


def _under(regions: Regions, codes: Sequence[str]) -> grid.Cells:
    """Give the cells of several regions and of all below them, in one pass."""
    chosen = np.zeros(len(regions.codes), dtype=bool)
    chosen[[regions.index(code) for code in codes]] = True
    for _ in range(2):  # gemeente to wijk, wijk to buurt
        chosen |= (regions.parents >= 0) & chosen[regions.parents]
    cells = regions.cells[chosen[regions.region]]
    if not len(cells):
        raise AreaError(f"{', '.join(codes)} is kleiner dan een cel (1,3 ha); kies de wijk of gemeente eromheen")
    return cells


def _in_pc4(regions: Regions, postcodes: Sequence[int]) -> grid.Cells:
    cells = regions.cells[np.isin(regions.pc4, postcodes)]
    if not len(cells):
        known = f"komt niet voor in de geografie van {regions.year}" if regions.pc4.any() else "is niet bekend"
        remedy = "kijk het nummer na" if regions.pc4.any() else "deze geografie kent geen postcodes, kies een CBS-code"
        raise AreaError(f"postcodegebied {', '.join(map(str, postcodes))} {known}; {remedy}")
    return cells


def _unknown(text: str, regions: Regions, definitions: Iterable[str]) -> str:
    """Say what comes nearest to an unknown name."""
    wijk = f"WK{text[2:8].upper()}"
    if text[:2].upper() == "BU" and wijk in regions.codes:
        known = f"{wijk} ({regions.name(wijk)})"
        return f"buurt {text.upper()} is onbekend: de geografie kent hier alleen wijken; kies {known}"
    spoken: dict[str, str] = {}
    for code, name, level in zip(regions.codes, regions.names, regions.levels, strict=True):
        spoken.setdefault(slug(code), f"{code} ({name})")
        spoken.setdefault(slug(name), f"{code} ({level} {name})")
    spoken |= {name: name for name in definitions}
    wanted = slug(text)
    near = difflib.get_close_matches(wanted, spoken, n=SUGGESTIONS, cutoff=0.8)
    if not near and len(wanted) >= SHORTEST:
        near = sorted(name for name in spoken if wanted in name)[:SUGGESTIONS]
    question = f"bedoelt u {' of '.join(spoken[name] for name in near)}? Zie" if near else "kies een naam uit"
    return f"gebied '{text}' is onbekend; {question} `geoanalyse gebieden`"
