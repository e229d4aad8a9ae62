"""Layers of the surroundings: quays, exits, storage boxes, heights. Public, without incidents, and never a count.

A folder holds one TOML file per layer and the files they name (docs/omgeving.md). Only shapes are read from a vector
file, never an attribute: a name or number in it cannot reach a product.
"""

import datetime as dt
import hashlib
import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from geoanalyse import grid, overlay
from geoanalyse.errors import InputError
from geoanalyse.grondslag import LONGEST, text_faults
from geoanalyse.personal import kinds_in_text

Floats = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]

LEVELS = ("cel", "res9", "res8", "buurt", "wijk", "gemeente")
"""Levels of a layer of the surroundings; ``cel`` is one H3 cell of resolution 10, with or without addresses."""

LEAST_SEEN = 0.5
"""Share of a unit's ground that a raster must cover before the unit has a value."""

MOST_CLASSES = 6
DENSITY_UNITS = ("per km²", "km per km²", "% van de grond")
"""Dutch unit of a density of points, lines and surfaces."""
_LARGEST = 100_000  # bytes of a layer file
_RADIUS = 500.0  # metres
_STEP = 10.0  # metres that a distance is rounded to: a cell is 130 m wide
_SQUARE = 1e6  # square metres in a square kilometre
_SURFACES = 2
_DEGREES = 4258


class Kind(StrEnum):
    """How a file becomes one value per cell."""

    DISTANCE = "afstand"
    DENSITY = "dichtheid"
    RASTER = "raster"
    CHANGE = "verandering"


class Measure(StrEnum):
    """What is taken from the pixels of a raster under a cell."""

    MEAN = "gemiddelde"
    SHARE = "aandeel"


@dataclass(frozen=True, slots=True)
class ContextLayer:
    """One layer of the surroundings, as its TOML file defines it.

    Attributes
    ----------
    id : str
        File name without suffix.
    opportunity : str
        Dutch: the opportunity this gives (``gelegenheid``); empty for a layer that only describes the ground.
    unit : str
        Dutch unit of the values.
    breaks : tuple of float
        Ascending: classes are below the first, between two, and from the last on. Fixed, so that two areas compare.
    paths : tuple of Path
        The file; for `Kind.CHANGE` that of before and that of after.
    radius : float
        Metres round the middle of a cell within which a density counts.
    threshold : float or None
        Of a raster whose share above it is taken, or of a change that counts as one.
    direction : str
        Of a change: ``stijging``, ``daling`` or ``beide``.
    smallest : float
        Square metres: a smaller patch of change does not count.
    """

    id: str
    title: str
    description: str
    opportunity: str
    text: str
    kind: Kind
    unit: str
    source: str
    licence: str
    reference_date: dt.date
    public: bool
    breaks: tuple[float, ...]
    paths: tuple[Path, ...]
    measure: Measure = Measure.MEAN
    radius: float = _RADIUS
    threshold: float | None = None
    direction: str = "beide"
    smallest: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """One layer, measured over cells.

    Attributes
    ----------
    layer : ContextLayer
    cells : ndarray of uint64, shape (n,)
        Resolution-10 cells, ascending.
    values : ndarray of float64, shape (n,)
        NaN where nothing is known, which is not 0.
    seen : ndarray of float64, shape (n,)
        Share of the cell's ground that the file says something about, 0 to 1.
    confidence : ndarray of int8, shape (n,), or None
        Of a change: as `raster.Change.confidence`, -1 where it is missing.
    sha256 : tuple of str
        Digests of the files.
    """

    layer: ContextLayer
    cells: grid.Cells
    values: Floats
    seen: Floats
    sha256: tuple[str, ...]
    confidence: npt.NDArray[np.int8] | None = None


# --- layer files ------------------------------------------------------------------------------------------------------

_TEXTS = {"titel": 60, "omschrijving": LONGEST, "gelegenheid": 80, "tekst": LONGEST, "bron": LONGEST, "licentie": 60}
_NEEDED = ("titel", "omschrijving", "soort", "tekst", "bron", "licentie", "peildatum", "openbaar", "grenzen")
_OF_KIND: Mapping[Kind, tuple[tuple[str, ...], tuple[str, ...]]] = {  # keys a kind needs, and may have besides
    Kind.DISTANCE: (("bestand",), ()),
    Kind.DENSITY: (("bestand",), ("straal",)),
    Kind.RASTER: (("bestand", "eenheid"), ("maat", "drempel")),
    Kind.CHANGE: (("bestand_voor", "bestand_na", "drempel"), ("richting", "kleinste")),
}
_FILES = ("bestand", "bestand_voor", "bestand_na")
_FIRST_DAY, _LAST_DAY = dt.date(1900, 1, 1), dt.date(2100, 12, 31)
_LARGEST_NUMBER = 1e15
_MOST_LAYERS = 100  # each has several columns, of which a table holds 2,000
_DIRECTIONS = ("stijging", "daling", "beide")


def read_layers(folder: Path, taken: Collection[str] = (), today: dt.date = _LAST_DAY) -> tuple[ContextLayer, ...]:
    """Read every layer file of a folder, in the order of their names.

    Parameters
    ----------
    folder : Path
        Holds ``<id>.toml`` per layer, and the files that these name.
    taken : collection of str
        Ids of the layers that count; no other may bear such a name.
    today : datetime.date
        No reference date may lie after it.

    Raises
    ------
    InputError
        With every fault of every file, a line each.
    """
    files = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    if not files:
        raise InputError(f"{folder}: geen laagbestanden (*.toml) gevonden; docs/omgeving.md zegt wat erin staat")
    if len(files) > _MOST_LAYERS:
        raise InputError(f"{folder}: meer dan {_MOST_LAYERS} laagbestanden; verdeel ze over meer mappen")
    faults: list[str] = []
    layers = [found for file in files if (found := _layer(file, faults)) is not None]
    faults += [fault for layer in layers for fault in _faults_of_names(layer, layers, taken, today)]
    if faults:
        raise InputError(faults)
    return tuple(layers)


def _faults_of_names(
    layer: ContextLayer, layers: Sequence[ContextLayer], taken: Collection[str], today: dt.date
) -> Iterator[str]:
    if layer.id in taken or layer.id.startswith("thema-"):
        yield f"{layer.id}.toml: zo heet al een laag die telt, of een totaalbeeld; kies een andere bestandsnaam"
    twins = [each.id for each in layers if each.title.casefold() == layer.title.casefold()]
    if twins[0] != layer.id:
        yield f"{layer.id}.toml, titel: is dezelfde als die van {twins[0]}.toml; geef elke laag een eigen titel"
    if layer.reference_date > today:
        yield f"{layer.id}.toml, peildatum: ligt na vandaag; schrijf de dag waarvan de gegevens zijn"


def _layer(file: Path, faults: list[str]) -> ContextLayer | None:
    values = _parsed(file, faults)
    if values is None:
        return None
    found = [f"{file.name}, {fault}" for fault in _faults(file, values)]
    faults += found
    if found:
        return None
    kind = Kind(values["soort"])
    units = {Kind.DISTANCE: "meter", Kind.DENSITY: DENSITY_UNITS[0], Kind.CHANGE: "% van de grond veranderd"}
    share = values.get("maat") == Measure.SHARE
    return ContextLayer(
        id=file.stem,
        title=values["titel"].strip(),
        description=values["omschrijving"].strip(),
        opportunity=values.get("gelegenheid", "").strip(),
        text=values["tekst"].strip(),
        kind=kind,
        unit="% van de grond" if share else units.get(kind) or values["eenheid"].strip(),
        source=values["bron"].strip(),
        licence=values["licentie"].strip(),
        reference_date=values["peildatum"],
        public=values["openbaar"],
        breaks=tuple(float(each) for each in values["grenzen"]),
        paths=tuple(file.parent / values[key] for key in _FILES if key in values),
        measure=Measure(values.get("maat", Measure.MEAN)),
        radius=float(values.get("straal", _RADIUS)),
        threshold=None if "drempel" not in values else float(values["drempel"]),
        direction=values.get("richting", "beide"),
        smallest=float(values.get("kleinste", 0.0)),
    )


def _parsed(file: Path, faults: list[str]) -> Mapping[str, Any] | None:
    try:
        with file.open("rb") as opened:
            data = opened.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            faults.append(
                f"{file.name}: is groter dan {_LARGEST // 1000} kB; een laagbestand heeft alleen korte teksten"
            )
            return None
        return tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n"))
    except (OSError, UnicodeDecodeError):
        faults.append(f"{file.name}: niet te lezen; sla het op als tekst in UTF-8")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = re.search(r"line (\d+)", str(error))
        where = f" (regel {line[1]})" if line else ""
        faults.append(f"{file.name}: is geen geldige TOML{where}; vergelijk met docs/omgeving.md")
    return None


def _faults(file: Path, values: Mapping[str, Any]) -> Iterator[str]:
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", file.stem):
        yield "bestandsnaam: gebruik kleine letters, cijfers en streepjes; het is de naam van de laag"
    elif kinds_in_text(_as_words(file.stem)) or kinds_in_text(file.stem):
        yield "bestandsnaam: lijkt op persoonsgegevens; geef de laag een andere naam"
    if values.get("soort") not in tuple(Kind):
        yield f"soort: ontbreekt of onbekend; kies uit {', '.join(Kind)}"
        return
    kind = Kind(values["soort"])
    needed, more = _OF_KIND[kind]
    known = {*_NEEDED, *needed, *more, "gelegenheid"}
    yield from (
        f"{_shown(key)}: hoort niet bij soort {kind}; toegestaan zijn {', '.join(sorted(known))}"
        for key in values
        if key not in known
    )
    yield from (f"{key}: ontbreekt; voeg het toe" for key in (*_NEEDED, *needed) if key not in values)
    for key, longest in {**_TEXTS, "eenheid": 20}.items():
        if key in values:
            yield from (f"{key}: {fault}" for fault in _faults_of_text(values[key], longest))
    yield from _faults_of_choices(values)
    yield from _faults_of_numbers(values)
    for key in _FILES:
        name = values.get(key)
        if name is not None:
            yield from (f"{key}: {fault}" for fault in _faults_of_file(file.parent, name))


def _faults_of_file(folder: Path, name: object) -> Iterator[str]:
    if not (isinstance(name, str) and re.fullmatch(r"[\w][\w .-]*", name)):
        yield "noem een bestand in dezelfde map, zonder pad"
    elif kinds_in_text(_as_words(name)):
        yield "de naam van het bestand lijkt op persoonsgegevens; geef het een andere naam"
    elif (folder / name).is_dir():
        yield "dit is een map en geen bestand"
    elif (folder / name).is_symlink() and not (folder / name).exists():
        yield "dit is een verwijzing naar een bestand dat er niet is; zet het bestand zelf in de map"
    elif not (folder / name).is_file():
        yield "dit bestand staat niet in de map"
    elif (folder / name).resolve().parent != folder.resolve():
        yield "dit is een verwijzing naar een andere map; zet het bestand zelf in de map"


def _as_words(name: str) -> str:
    """Name of a file as a text in which persons would be seen."""
    return re.sub(r"[-_.]+", " ", name)


def _faults_of_text(value: Any, longest: int) -> Iterator[str]:  # noqa: ANN401 - TOML holds anything
    if not isinstance(value, str):
        yield "is geen tekst; zet de tekst tussen dubbele aanhalingstekens"
        return
    yield from text_faults(value[:LONGEST])
    if len(value.strip()) > longest:
        yield f"is langer dan {longest} tekens; maak de tekst korter"


def _faults_of_choices(values: Mapping[str, Any]) -> Iterator[str]:
    day = values.get("peildatum", _FIRST_DAY)
    if not isinstance(day, dt.date) or isinstance(day, dt.datetime):
        yield "peildatum: schrijf een datum zonder aanhalingstekens (jjjj-mm-dd)"
    elif not _FIRST_DAY <= day <= _LAST_DAY:
        yield f"peildatum: ligt niet tussen {_FIRST_DAY.year} en {_LAST_DAY.year}; verbeter het jaar"
    if "openbaar" in values and not isinstance(values["openbaar"], bool):
        yield "openbaar: schrijf true of false"
    if "maat" in values and values["maat"] not in tuple(Measure):
        yield f"maat: kies uit {', '.join(Measure)}"
    if "richting" in values and values["richting"] not in _DIRECTIONS:
        yield f"richting: kies uit {', '.join(_DIRECTIONS)}"
    if values.get("maat") == Measure.SHARE and "drempel" not in values:
        yield "drempel: ontbreekt; het aandeel is dat van de grond boven de drempel"
    if "drempel" in values and values["soort"] == Kind.RASTER and values.get("maat") != Measure.SHARE:
        yield 'drempel: hoort bij maat = "aandeel"'


def _faults_of_numbers(values: Mapping[str, Any]) -> Iterator[str]:
    breaks = values.get("grenzen", [0])
    rising = isinstance(breaks, list) and all(map(_is_number, breaks)) and all(a < b for a, b in pairwise(breaks))
    if not rising or not 1 <= len(breaks) < MOST_CLASSES:
        yield f"grenzen: schrijf 1 tot {MOST_CLASSES - 1} oplopende getallen, zoals [100, 250, 500]"
    for key, least, most in (("straal", 50, 5_000), ("kleinste", 0, 10_000)):
        if key in values and not (_is_number(values[key]) and least <= values[key] <= most):
            yield f"{key}: schrijf een getal van {least} tot en met {most}"
    above = values["soort"] == Kind.CHANGE
    if "drempel" in values and not (_is_number(values["drempel"]) and (not above or values["drempel"] > 0)):
        yield f"drempel: schrijf een getal{' boven 0' if above else ''}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST_NUMBER


def _shown(key: str) -> str:
    return key if re.fullmatch(r"[a-z_]{1,30}", key) else "een regel"


# --- measuring --------------------------------------------------------------------------------------------------------


def measure(layer: ContextLayer, cells: grid.Cells, progress: Callable[[str], None] = lambda _: None) -> Measured:
    """Give one value per cell.

    Parameters
    ----------
    layer : ContextLayer
    cells : ndarray of uint64, shape (n,)
        Resolution-10 cells, ascending.
    progress : callable
        Told in Dutch what starts.

    Raises
    ------
    InputError
        When a file cannot be used for this: its form, its coordinate system, or what it holds.
    """
    progress(layer.title)
    digests = tuple(_digest(path) for path in layer.paths)
    if layer.kind in (Kind.RASTER, Kind.CHANGE):
        return _of_raster(layer, cells, digests)
    shapes = overlay.shapes_of(layer.paths[0], layer.paths[0].name)
    lon, lat = grid.centres(cells).T
    middles = shapely.points(np.stack(grid.rd(lon, lat), axis=1))
    if layer.kind is Kind.DISTANCE:
        values = distances(middles, shapes)
    else:
        shapes = shapely.get_parts(shapes)
        dimension = _dimension(layer, shapes)
        values = densities(middles, shapes, dimension, layer.radius)
        layer = replace(layer, unit=DENSITY_UNITS[dimension])
    return Measured(layer, cells, values, np.ones(len(cells)), digests)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _of_raster(layer: ContextLayer, cells: grid.Cells, digests: tuple[str, ...]) -> Measured:
    from geoanalyse import raster  # noqa: PLC0415 - GDAL, for the few folders that hold one

    shapes = grid.polygons(cells)
    if layer.kind is Kind.RASTER:
        found = raster.values_per_cell(layer.paths[0], shapes, crs=_DEGREES, threshold=layer.threshold)
        values = found.mean if found.above is None else 100 * found.above
        return Measured(layer, cells, values, found.coverage, digests)
    before, after = layer.paths
    changed = raster.change(
        before,
        after,
        shapes,
        layer.threshold or 0.0,
        crs=_DEGREES,
        direction=raster.Direction(layer.direction),
        smallest=layer.smallest,
    )
    return Measured(layer, cells, 100 * changed.share, changed.coverage, digests, changed.confidence)


def distances(points: Shapes, shapes: Shapes) -> Floats:
    """Give the distance from each point to the nearest shape, rounded to 10 m.

    Parameters
    ----------
    points, shapes : ndarray of shapely geometries
        EPSG:28992; at least one shape.

    Returns
    -------
    ndarray of float64
        Metres; 0 inside a shape.

    Examples
    --------
    >>> quays = np.array([shapely.Point(0, 0), shapely.box(100, 0, 200, 100)])
    >>> distances(shapely.points([[0.0, 34.0], [150.0, 50.0]]), quays).tolist()
    [30.0, 0.0]
    """
    tree = shapely.STRtree(shapes)
    (at, _), away = tree.query_nearest(points, return_distance=True, all_matches=False)
    found = np.empty(len(points))
    found[at] = away
    return np.asarray(np.round(found / _STEP) * _STEP)


def densities(points: Shapes, shapes: Shapes, dimension: int, radius: float) -> Floats:
    """Give what lies within a radius of each point.

    Parameters
    ----------
    points, shapes : ndarray of shapely geometries
        EPSG:28992; the shapes are single ones, all of one dimension.
    dimension : int
        0 for points, 1 for lines, 2 for surfaces.
    radius : float
        Metres.

    Returns
    -------
    ndarray of float64
        In `DENSITY_UNITS`.

    Examples
    --------
    >>> near = densities(shapely.points([[0.0, 0.0]]), shapely.points([[0.0, 400.0], [0.0, 600.0]]), 0, 500.0)
    >>> round(float(near[0] * np.pi * 0.25), 6)  # one point in a quarter of pi square kilometres
    1.0
    """
    if dimension == _SURFACES:
        shapes = shapely.get_parts(np.atleast_1d(shapely.union_all(shapes)))  # ground that lies in two counts once
    tree = shapely.STRtree(shapes)
    if dimension == 0:
        at, _ = tree.query(points, predicate="dwithin", distance=radius)
        inside = np.bincount(at, minlength=len(points)).astype(float)
        return np.asarray(inside / (np.pi * radius**2 / _SQUARE))
    circles = shapely.buffer(points, radius, quad_segs=32)
    at, of = tree.query(circles, predicate="intersects")
    parts = shapely.intersection(circles[at], shapes[of])
    size = 100 * shapely.area(parts) / _SQUARE if dimension == _SURFACES else shapely.length(parts) / 1000
    return np.asarray(np.bincount(at, weights=size, minlength=len(points)) / (shapely.area(circles) / _SQUARE))


def _dimension(layer: ContextLayer, shapes: Shapes) -> int:
    kinds = np.unique(shapely.get_dimensions(shapes))
    if len(kinds) != 1:
        raise InputError(f"{layer.paths[0].name}: punten, lijnen en vlakken staan door elkaar; bewaar ze apart")
    return int(kinds[0])


def at_level(measured: Measured, owner: Sequence[int] | npt.NDArray[np.int64], count: int) -> tuple[Floats, Floats]:
    """Give the mean of the cells of each unit, by the ground that is known.

    Parameters
    ----------
    measured : Measured
    owner : array_like of int, shape (n,)
        Unit of each cell, negative for none.
    count : int
        Number of units.

    Returns
    -------
    values, seen : ndarray of float64, shape (count,)
        NaN where less than `LEAST_SEEN` of the ground is known.

    Examples
    --------
    >>> layer = ContextLayer("a", "A", "", "", "", Kind.RASTER, "m", "", "", dt.date(2026, 1, 1), True, (1.0,), ())
    >>> cells = np.array([1, 2, 3, 4], dtype=np.uint64)
    >>> found = Measured(layer, cells, np.array([1.0, 4.0, np.nan, np.nan]), np.array([1.0, 0.5, 0.0, 0.0]), ())
    >>> [part.tolist() for part in at_level(found, [0, 0, 1, -1], 2)]
    [[2.0, nan], [0.75, 0.0]]
    """
    of = np.asarray(owner)
    used = of >= 0
    known = used & np.isfinite(measured.values)
    cells = np.bincount(of[used], minlength=count)
    seen = np.bincount(of[used], weights=measured.seen[used], minlength=count) / np.maximum(cells, 1)
    weight = np.bincount(of[known], weights=measured.seen[known], minlength=count)
    total = np.bincount(of[known], weights=(measured.values * measured.seen)[known], minlength=count)
    values = np.divide(total, weight, out=np.full(count, np.nan), where=weight > 0)
    return np.where(seen >= LEAST_SEEN, values, np.nan), seen


def significant(values: Floats, digits: int = 3) -> Floats:
    """Round to significant digits; NaN stays.

    Examples
    --------
    >>> significant(np.array([0.0, -0.012345, 99_960.0])).tolist()
    [0.0, -0.0123, 100000.0]
    """
    size = np.where((values != 0) & np.isfinite(values), np.abs(values), 1.0)
    places = digits - 1 - np.floor(np.log10(size)).astype(np.int64)
    rounded = [round(value, place) for value, place in zip(values.tolist(), places.tolist(), strict=True)]
    return np.array(rounded, dtype=np.float64)
