"""The GeoPackage of a release in QGIS itself: it opens styled, with titles, in place and with its metadata."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas
import pyogrio
import pytest

from geoanalyse.products import dutch, gis, palette
from geoanalyse.release import Release

pytestmark = pytest.mark.full

SCRIPT = Path(__file__).with_name("qgis_check.py")


def python_with_qgis() -> str:
    """Give the Python of the system that has QGIS; skip without one, or fail where the full tests must run."""
    for program in ("/usr/bin/python3", shutil.which("python3") or ""):
        environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
        if program and Path(program).exists():
            done = subprocess.run(
                [program, "-c", "import qgis.core"], check=False, capture_output=True, env=environment, timeout=120
            )
            if done.returncode == 0:
                return program
    reason = "QGIS is hier niet (Debian: python3-qgis)"
    if os.environ.get("CI_FULL"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def package(zuidoost: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("qgis") / "zuidoost.gpkg"
    gis.geopackage(zuidoost, path)
    return path


@pytest.fixture(scope="module")
def opened(package: Path) -> Mapping[str, Mapping[str, Any]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "GDAL", "PROJ"))}
    done = subprocess.run(
        [python_with_qgis(), SCRIPT, package, package.parent],
        check=False,
        capture_output=True,
        text=True,
        env=environment | {"QT_QPA_PLATFORM": "offscreen"},
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["messages"] == []
    return found["layers"]


def test_every_layer_opens_in_place_with_all_its_rows(package: Path, opened: Mapping[str, Mapping[str, Any]]) -> None:
    tables = [name for name, kind in pyogrio.list_layers(package) if kind is not None]
    assert list(opened) == tables
    for name, layer in opened.items():
        frame = geopandas.read_file(package, layer=name)
        assert layer["valid"], name
        assert layer["crs"] == "EPSG:28992"
        assert layer["features"] == layer["rows"] == layer["geometries"] == len(frame)
        assert layer["invalid"] == 0
        assert layer["extent"] == [round(value) for value in frame.total_bounds]
        assert layer["spatial index"] == 2, "QgsFeatureSource.SpatialIndexPresent"


def test_every_layer_opens_styled_with_the_classes_and_colours_of_the_map(
    opened: Mapping[str, Mapping[str, Any]],
) -> None:
    for name, layer in opened.items():
        assert layer["renderer"] == "RuleRenderer", name
        assert layer["style errors"] == ""
        drawn = {"": layer} | layer["other styles"]
        assert layer["styles"][1:] == list(layer["other styles"]), name
        for style, each in drawn.items():
            where = f"{name} {style}"
            rules = each["rules"]
            assert [rule["fills"][0] for rule in rules[:6]] == list(palette.CLASS_COLOURS), where
            assert [rule["filter"].rpartition(" = ")[2] for rule in rules[:6]] == ["0", "1", "2", "3", "4", "5"]
            assert [rule["label"] for rule in rules[1:6]] == [dutch.class_label(index) for index in range(1, 6)]
            assert [rule["fills"][0] for rule in rules[6:8]] == [
                palette.EMPTY["blinde_vlek" if rules[0]["filter"].startswith('"thema_') else "geen_data"].ground,
                palette.EMPTY["onderdrukt"].ground,
            ]
            assert [rule["outline"] for rule in rules[8:]] == [palette.HOT, palette.COLD], where
            assert each["picture"]["errors"] == []
        assert layer["legend"] == [rule["label"] for rule in layer["rules"]]


def test_what_is_drawn_has_the_colours_of_its_classes(package: Path, opened: Mapping[str, Mapping[str, Any]]) -> None:
    for name, layer in opened.items():
        frame = geopandas.read_file(package, layer=name)
        for each in (layer, *layer["other styles"].values()):
            column = each["rules"][0]["filter"].split('"')[1]
            shown = {palette.CLASS_COLOURS[int(step)] for step in frame[column].dropna().unique()}
            seen = {colour for colour in each["picture"]["colours"] if colour in palette.CLASS_COLOURS}
            assert seen, f"{name} {column}: een lege kaart"
            assert seen <= shown, f"{name} {column}"
            largest = frame.dissolve(column).area.idxmax()
            assert palette.CLASS_COLOURS[int(largest)] in seen


def test_every_column_has_its_dutch_title_in_every_style(opened: Mapping[str, Mapping[str, Any]]) -> None:
    for name, layer in opened.items():
        titles = layer["aliases"]
        assert [column for column, title in titles.items() if column == title] == ["fid"], name
        assert titles["buurt"] == "Buurt"
        for style, each in layer["other styles"].items():
            assert each["aliases"] == titles, f"{name} {style}"
    assert opened["zones_alle"]["aliases"]["fiu_signalen_per_1000"] == "FIU-signalen: per 1.000 adressen"


def test_the_metadata_says_what_it_is_where_and_when_and_what_it_is_for(
    zuidoost: Release, opened: Mapping[str, Mapping[str, Any]]
) -> None:
    basis = zuidoost.grondslag
    for name, layer in opened.items():
        told = layer["metadata"]
        assert told["identifier"] == f"{zuidoost.digest}/{name}"
        assert told["parent"] == zuidoost.digest
        assert told["title"].startswith(tuple(gis.LEVEL_TITLES.values()))
        assert told["abstract"].startswith(dutch.DEMO)
        assert told["language"] == "nl"
        assert basis.purpose in told["constraints"]["doel"]
        assert told["constraints"]["grondslag"] == basis.decision
        assert told["rights"] == [f"Rubricering: {basis.classification}"]
        assert f"{basis.retain_until:%d-%m-%Y}" in told["licenses"][0]
        assert told["contacts"] == [["", basis.follow_up, "user"]]
        assert f"kenmerk {zuidoost.digest}" in told["history"]
        assert told["crs"] == "EPSG:28992"
        assert told["extent crs"] == ["EPSG:28992"]
        ((west, south, east, north),) = told["spatial"]
        assert all(0 <= layer["extent"][side] - low <= 1 for side, low in enumerate((west, south)))
        assert all(0 <= high - layer["extent"][2 + side] <= 1 for side, high in enumerate((east, north)))
        assert told["temporal"] == [["2022-01-01", "2025-12-31"]]
        assert told["links"] == 0
