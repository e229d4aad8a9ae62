"""Surroundings on the map: in order as made, and one planted fault, with its digest adjusted, is found."""

import datetime as dt
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from geoanalyse.dressing import Dressing
from geoanalyse.products.audit import audit
from geoanalyse.products.folder import write_release
from geoanalyse.release import Release
from tests.around import around
from tests.small import small_release
from tests.spoiled import Header, in_manifest, in_map, signed

TODAY = dt.date(2026, 11, 23)
Columns = list[np.ndarray]
Plant = Callable[[Path], None]


@pytest.fixture(scope="module")
def release() -> Release:
    return small_release()


@pytest.fixture(scope="module")
def made(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    dressing = Dressing(surroundings=around(release))
    return write_release(release, {}, tmp_path_factory.mktemp("uitgave"), dressing=dressing) / "deelbaar"


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """The map and the manifest alone: what else there is would only take time."""
    for name in ("kaart.html", "manifest.json"):
        shutil.copy(made / name, tmp_path / name)
    in_manifest(lambda known: known.update(bestanden={"kaart.html": {}}))(tmp_path)
    return tmp_path


def faults(folder: Path, release: Release) -> tuple[str, ...]:
    return audit(folder, release.geography.regions, TODAY).faults


def test_what_is_planted_in_was_in_order(folder: Path, release: Release) -> None:
    signed(folder)
    assert not [fault for fault in faults(folder, release) if "ontbreekt" not in fault]


def test_a_release_with_surroundings_agrees_with_itself(made: Path, release: Release) -> None:
    found = audit(made, release.geography.regions, TODAY)
    assert (found.faults, found.remarks) == ((), ())


def test_a_map_alone_with_surroundings_is_in_order(made: Path, release: Release) -> None:
    assert audit(made / "kaart.html", release.geography.regions, TODAY).faults == ()


def quays(header: Header) -> Header:
    return next(each for each in header["surroundings"] if each["id"] == "kades")


def value_at(layer: str, level: str, position: int, change: Callable[[float], float]) -> Plant:
    """Change one value of a layer."""

    def spoil(header: Header, columns: Columns) -> None:
        entry = next(each for each in header["surroundings"] if each["id"] == layer)["levels"][level]
        values = columns[entry["value"]].copy()
        values[position] = change(values[position])
        columns[entry["value"]] = values

    return in_map(spoil)


def other_seen(header: Header, columns: Columns) -> None:
    entry = header["surroundings"][0]["levels"]["res8"]
    seen = columns[entry["seen"]].copy()
    seen[0] = 700
    columns[entry["seen"]] = seen


def other_grade(header: Header, columns: Columns) -> None:
    entry = header["surroundings"][0]["levels"]["cel"]
    grades = columns[entry["confidence"]].copy()
    grades[0] = 9
    columns[entry["confidence"]] = grades


def other_ground(header: Header, columns: Columns) -> None:
    """Draw the first cell with the value of the second."""
    units = header["unit_sets"][quays(header)["levels"]["cel"]["units"]]
    of_cell = columns[units["of_cell"]].copy()
    of_cell[np.flatnonzero(of_cell == 0)[0]] = 1
    columns[units["of_cell"]] = of_cell


def other_place(header: Header, columns: Columns) -> None:
    """Name a cell that is not of the area: the last one moves."""
    units = header["unit_sets"][quays(header)["levels"]["cel"]["units"]]
    low = columns[units["ids"][1]].copy()
    low[-1] += 4096 * 7
    columns[units["ids"][1]] = low


def posing(header: Header, _: Columns) -> None:
    """Let a layer of the surroundings stand among those that count."""
    counting = next(each for each in header["layers"] if each["id"] == "fiu-signalen")
    header["layers"].append({**counting, "id": "kades", "title": "Kades"})


def posing_only(header: Header, _: Columns) -> None:
    header["surroundings"] = [each for each in header["surroundings"] if each["id"] != "kades"]
    posing(header, _)


def set_in_quays(**values: object) -> Plant:
    return in_map(lambda header, _: quays(header).update(values))


def extra(header: Header, _: Columns) -> None:
    header["surroundings"].append({**quays(header), "id": "havens", "title": "Havens"})


def twice(header: Header, _: Columns) -> None:
    header["surroundings"].append(quays(header))


def without_levels(header: Header, _: Columns) -> None:
    del quays(header)["levels"]["cel"]


def of_zones(header: Header, _: Columns) -> None:
    """Give the values of the ground to units that count addresses."""
    header["unit_sets"][quays(header)["levels"]["res9"]["units"]]["base"] = "alle"


PLANTED: dict[str, tuple[Plant, str]] = {
    "a value of a cell": (value_at("kades", "cel", 3, lambda value: value + 400), "niet uit de cellen volgt"),
    "a value of a hexagon": (value_at("kades", "res9", 0, lambda value: value * 1.3), "niet uit de cellen volgt"),
    "a value of a buurt": (value_at("daken", "buurt", 0, lambda value: value + 0.2), "niet uit de cellen volgt"),
    "a value where nothing is known": (
        value_at("maaiveld", "cel", 0, lambda _: 1.0),
        "niet uit de cellen volgt",
    ),
    "no value where all is known": (
        value_at("kades", "wijk", 0, lambda _: float("nan")),
        "niet uit de cellen volgt",
    ),
    "a share of the ground": (in_map(other_seen), "niet uit de cellen volgt"),
    "a confidence that is none": (in_map(other_grade), "een zekerheid van laag daken"),
    "a cell drawn with another": (in_map(other_ground), "niet van het gebied of niet van de plek"),
    "a place outside the area": (in_map(other_place), "niet van het gebied of niet van de plek"),
    "a break on the map": (
        set_in_quays(
            breaks=[150.0, 250.0, 500.0, 1000.0],
            classes=[
                *("minder dan 150 meter", "150 tot 250 meter", "250 tot 500 meter", "500 tot 1.000 meter"),
                "1.000 meter of meer",
            ],
        ),
        "beschrijft laag kades van de omgeving anders",
    ),
    "a break without its words": (
        set_in_quays(breaks=[150.0, 250.0, 500.0, 1000.0]),
        "andere klassen dan haar grenzen",
    ),
    "words of a class": (
        set_in_quays(classes=["dichtbij", "100 tot 250 meter", "250 tot 500 meter", "500 tot 1.000 meter", "ver"]),
        "andere klassen dan haar grenzen",
    ),
    "shades the other way round": (set_in_quays(shades=[0, 1, 3, 4, 5]), "andere klassen dan haar grenzen"),
    "a unit": (set_in_quays(unit="voet"), "andere klassen dan haar grenzen"),
    "a title": (set_in_quays(title="Wietkades"), "beschrijft laag kades van de omgeving anders"),
    "an opportunity": (set_in_quays(opportunity="smokkel"), "beschrijft laag kades van de omgeving anders"),
    "a day": (set_in_quays(reference_date="1 juli 2026"), "beschrijft laag kades van de omgeving anders"),
    "a unit in the manifest": (
        in_manifest(lambda known: known["omgeving"][1].update(eenheid="voet")),
        "anders dan de kaart",
    ),
    "a break in the manifest": (
        in_manifest(lambda known: known["omgeving"][1]["grenzen"].__setitem__(0, 50.0)),
        "anders dan de kaart",
    ),
    "an extra layer on the map": (in_map(extra), "andere lagen van de omgeving dan de kaart"),
    "a layer twice": (in_map(twice), "zoals een laag die telt"),
    "a layer that the manifest lacks": (
        in_manifest(lambda known: known["omgeving"].pop()),
        "andere lagen van de omgeving",
    ),
    "no surroundings in the manifest": (
        in_manifest(lambda known: known.pop("omgeving")),
        "andere lagen van de omgeving",
    ),
    "nonsense in the manifest": (in_manifest(lambda known: known.update(omgeving=7)), "andere lagen van de omgeving"),
    "nonsense for breaks": (set_in_quays(breaks=[10**400, None]), "andere klassen dan haar grenzen"),
    "a name that is no text": (set_in_quays(id=7), "andere opbouw"),
    "cells of nowhere": (
        in_map(lambda header, _: quays(header)["levels"]["cel"].update(units=9999)),
        "andere opbouw",
    ),
    "a layer posing as one that counts": (in_map(posing), "zoals een laag die telt"),
    "a layer moved to those that count": (in_map(posing_only), "1 lagen niet die op de kaart meetellen"),
    "a layer without cells": (in_map(without_levels), "op andere niveaus"),
    "values of ground at units that count": (in_map(of_zones), "andere opbouw"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found(folder: Path, release: Release, name: str) -> None:
    plant, words = PLANTED[name]
    plant(folder)
    signed(folder)
    found = faults(folder, release)
    assert any(words in fault for fault in found), found


def test_a_map_of_a_version_before_the_surroundings_is_still_read(folder: Path, release: Release) -> None:
    def older(header: Header, _: Columns) -> None:
        del header["surroundings"]

    in_map(older)(folder)
    in_manifest(lambda known: known.pop("omgeving"))(folder)
    signed(folder)
    assert not [fault for fault in faults(folder, release) if "omgeving" in fault or "opbouw" in fault]


def test_the_manifest_names_what_the_map_names(made: Path) -> None:
    known = json.loads((made / "manifest.json").read_text(encoding="utf-8"))
    assert [each["id"] for each in known["omgeving"]] == ["daken", "kades", "maaiveld"]
