"""The surroundings on a map: on the area's own ground, values and classes that follow, and apart from what counts."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from geoanalyse import grid
from geoanalyse.context import LEAST_SEEN, Kind
from geoanalyse.geography import Regions
from geoanalyse.products import dutch, palette
from geoanalyse.products.audit.opening import plain
from geoanalyse.products.audit.themap import HEXAGONAL, Ground, TheMap, indexes
from geoanalyse.products.kaartmodel import NO_FIGURE, NOT_DRAWN
from geoanalyse.products.kaartomgeving import LEVELS, class_words

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_ROUNDED = 0.0051  # of a value of three significant digits, and a little for the sum
_HIGH = 3  # grade of confidence
_SEEN = 0.0011  # of a share that is rounded to a thousandth, twice
_TOLD = {
    "titel": "title",
    "omschrijving": "description",
    "gelegenheid": "opportunity",
    "tekst": "text",
    "soort": "kind",
    "eenheid": "unit",
    "bron": "source",
    "licentie": "licence",
    "grenzen": "breaks",
}


def broken(told: TheMap, regions: Regions) -> Iterator[str]:
    """Say what of the surroundings does not follow from the rest of the map.

    Parameters
    ----------
    told : TheMap
    regions : Regions
        Whose cells lie in which region is public; regions that it does not know are not looked at.
    """
    layers = told.header.get("surroundings", [])
    ids = [str(layer["id"]) for layer in layers]
    counted = {str(layer["id"]) for layer in told.header["layers"]}
    if len(set(ids)) < len(ids) or counted & set(ids) or any(name.startswith("thema:") for name in ids):
        yield "noemt een laag van de omgeving zoals een laag die telt"
    for layer in layers:
        if not _cut_right(layer):
            yield f"verdeelt laag {plain(layer['id'])} van de omgeving in andere klassen dan haar grenzen zeggen"
        if set(layer["levels"]) - set(LEVELS) or "cel" not in layer["levels"]:
            yield f"toont laag {plain(layer['id'])} van de omgeving op andere niveaus dan deze versie van geoanalyse"
    try:
        off = sum(not _on_ground(found, level, told, regions) for (_, level), found in _sets(told).items())
    except (KeyError, IndexError, TypeError, ValueError):
        off = 1
    if off:
        yield f"tekent de omgeving op {off} niveaus op grond die niet van het gebied of niet van de plek is"
        return
    for (name, level), found in told.ground.items():
        if not _graded_right(found, level):
            yield f"noemt een zekerheid van laag {plain(name)} van de omgeving waar zij niet hoort"
        if wrong := _not_following(found, level, told.ground.get((name, "cel")), regions):
            yield f"noemt {wrong} keer een waarde van laag {plain(name)} van de omgeving die niet uit de cellen volgt"


def of_manifest(known: Mapping[str, Any], told: TheMap) -> Iterator[str]:
    """Compare what the manifest and the map say of the surroundings, and of what counts.

    Parameters
    ----------
    known : mapping
        The manifest.
    told : TheMap
    """
    entries, counting = (_listed(known.get(name, [])) for name in ("omgeving", "lagen"))
    layers = told.header.get("surroundings", [])
    described = {str(entry.get("id")): entry for entry in entries if isinstance(entry, dict)}
    if len(described) != len(entries) or set(described) != {each["id"] for each in layers}:
        yield "noemt andere lagen van de omgeving dan de kaart"
    for layer in layers:
        entry = described.get(layer["id"])
        if entry is not None and not _same(entry, layer):
            yield f"beschrijft laag {plain(layer['id'])} van de omgeving anders dan de kaart"
    counts = {str(entry.get("id")) for entry in counting if isinstance(entry, dict)}
    posing = {layer["id"] for layer in told.header["layers"] if not layer["id"].startswith("thema:")} - counts
    if posing:
        yield f"noemt {len(posing)} lagen niet die op de kaart meetellen"


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _same(entry: Mapping[str, Any], layer: Mapping[str, Any]) -> bool:
    try:
        day = dutch.date(dt.date.fromisoformat(entry["peildatum"]))
        return day == layer["reference_date"] and all(
            (entry[own] or "") == layer[other] for own, other in _TOLD.items()
        )
    except (KeyError, TypeError, ValueError):
        return False


def _cut_right(layer: Mapping[str, Any]) -> bool:
    """Whether words and shades of the classes are those of the breaks."""
    try:
        breaks = [float(each) for each in layer["breaks"]]
        return (
            all(low < high for low, high in pairwise(breaks))
            and layer["kind"] in tuple(Kind)
            and layer["classes"] == class_words(breaks, str(layer["unit"]))
            and layer["shades"] == palette.shades(len(breaks) + 1, falling=layer["kind"] == Kind.DISTANCE)
        )
    except (KeyError, IndexError, TypeError, ValueError, ArithmeticError):
        return False


# --- places -----------------------------------------------------------------------------------------------------------


def _sets(told: TheMap) -> dict[tuple[int, str], Ground]:
    """One layer of each set of units: what lies where is the same for all."""
    return {(found.units, level): found for (_, level), found in told.ground.items()}


def _on_ground(found: Ground, level: str, told: TheMap, regions: Regions) -> bool:
    """Whether units lie in the area, and each cell is drawn with the unit it lies in."""
    header, names = told.header, found.names
    resolution = int(level.removeprefix("res")) if level.startswith("res") else 10
    cells = indexes(header["lattices"][str(resolution)]["cells"], told.columns)
    finest = indexes(header["lattices"]["10"]["cells"], told.columns)
    inside = told.columns[header["inside"]].astype(bool)
    place = {name: position for position, name in enumerate(names)}
    if level in HEXAGONAL:
        owner = grid.to_hex(cells)
        own = finest[inside] if level == "cel" else grid.parent(finest[inside], resolution)
        area = set(grid.to_hex(np.unique(own)))
    elif set(names) <= set(regions.codes):
        owner, area = _regions_of(cells, level, regions), set(_regions_of(finest[inside], level, regions))
    else:
        return True  # of another division: nothing is known of it
    expected = np.array([place.get(name, NO_FIGURE) for name in owner], dtype=np.int64)
    if resolution == 10:  # noqa: PLR2004
        expected[~inside] = NOT_DRAWN
    drawn = told.columns[header["unit_sets"][found.units]["of_cell"]]
    return names == sorted(set(names)) and set(names) <= area and np.array_equal(drawn, expected)


def _regions_of(cells: npt.NDArray[np.uint64], level: str, regions: Regions) -> list[str]:
    region = regions.region_of(cells)
    holder = np.where(region >= 0, regions.at_level(level)[region], -1)
    return [regions.codes[each] if each >= 0 else "" for each in holder.tolist()]


# --- values -----------------------------------------------------------------------------------------------------------


def _not_following(found: Ground, level: str, cells: Ground | None, regions: Regions) -> int:
    """Count the units whose value or share is not that of their cells, as far as those leave no doubt."""
    known = ~np.isnan(found.value)
    off = int((known & (found.seen < LEAST_SEEN - _SEEN)).sum()) + int(((found.seen < 0) | (found.seen > 1)).sum())
    if level == "cel" or cells is None:
        return off
    owner = _owners(found.names, level, cells.names, regions)
    inside = owner >= 0
    count = len(found.names)
    many = np.bincount(owner[inside], minlength=count)
    weight = np.bincount(owner[inside], weights=cells.seen[inside], minlength=count)
    seen = weight / np.maximum(many, 1)
    value = np.nan_to_num(cells.value)
    silent = np.isnan(cells.value) & (cells.seen > 0)  # too little to tell, and yet part of the mean of more
    clear = (np.bincount(owner[inside & silent], minlength=count) == 0) & (many > 0)
    sure = np.maximum(weight, 1e-9)
    mean, size = (
        np.bincount(owner[inside], weights=(part * cells.seen)[inside], minlength=count) / sure
        for part in (value, np.abs(value))
    )
    spread = np.zeros(count)
    np.maximum.at(spread, owner[inside], np.abs(value[inside] - mean[owner[inside]]))
    slack = _ROUNDED * (size + np.abs(np.nan_to_num(found.value))) + _SEEN * spread / np.maximum(seen, _SEEN)
    wrong = known & (np.abs(found.value - mean) > slack)
    lost = ~known & (seen > LEAST_SEEN + _SEEN)
    share = (many > 0) & (np.abs(found.seen - seen) > _SEEN)
    return off + int((clear & (wrong | lost) | share).sum())


def _graded_right(found: Ground, level: str) -> bool:
    """Whether confidence is said of cells alone, in known grades, and not of what is not known."""
    sure = found.confidence
    return sure is None or (
        level == "cel"
        and bool(((sure >= -1) & (sure <= _HIGH)).all())
        and bool((sure[np.isnan(found.value)] == -1).all())
    )


def _owners(names: Sequence[str], level: str, cells: Sequence[str], regions: Regions) -> Ints:
    """Give the position of the unit of each cell, -1 for none on the map."""
    place = {name: position for position, name in enumerate(names)}
    numbers = np.array([int(name, 16) for name in cells], dtype=np.uint64)
    if level in HEXAGONAL:
        owner = grid.to_hex(grid.parent(numbers, int(level.removeprefix("res"))))
    elif set(names) <= set(regions.codes):
        owner = _regions_of(numbers, level, regions)
    else:
        owner = [""] * len(cells)
    return np.array([place.get(name, -1) for name in owner], dtype=np.int64)
