"""What is added to the map: background, lines and water, colours; what is refused, and what a reader then sees."""

import json
import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
import xyzservices.providers
from axe_playwright_python.sync_playwright import Axe

from geoanalyse import dressing, grid, overlay, theme
from geoanalyse.errors import InputError
from geoanalyse.products import gate, kaart, kaartlagen, palette
from geoanalyse.products.kaartblok import Columns
from geoanalyse.release import Release
from tests.browser_fixtures import Open, Visit
from tests.sample import QUARTERS, sample_release
from tests.test_kaart_browser import on_screen, pixels

READY = "document.documentElement.dataset.klaar === 'alles'"


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release()


def middle(release: Release) -> tuple[float, float]:
    centre = grid.centres(release.area.cells).mean(axis=0)
    easting, northing = grid.rd([centre[0]], [centre[1]])
    return float(easting[0]), float(northing[0])


def lake(release: Release) -> shapely.Polygon:
    """A square of 1 km with an island of 200 m, over the middle of the area."""
    east, north = middle(release)
    island = shapely.box(east - 100, north - 100, east + 100, north + 100)
    return shapely.box(east - 500, north - 500, east + 500, north + 500) - island


def written(path: Path, shapes: list[Any], crs: int | str | None = 28992, layer: str | None = None) -> Path:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'crs' was not provided")
        gpd.GeoDataFrame({"naam": ["J. Jansen"] * len(shapes)}, geometry=shapes, crs=crs).to_file(path, layer=layer)
    return path


# --- what is read and what is refused ---------------------------------------------------------------------------------


def test_shapes_are_read_and_nothing_else(release: Release, tmp_path: Path) -> None:
    read = overlay.read(written(tmp_path / "plas.gpkg", [lake(release)]), "water")
    assert (read.kind, read.file, len(read.shapes)) == ("water", "plas.gpkg", 1)
    page = kaart.map_html(release, dressing.Dressing(overlays=(read,)))
    assert "Jansen" not in str(kaart.read_map(page)[0])


@pytest.mark.parametrize("crs", [28992, 4258, 4326, 3857, 25831])
def test_known_systems_give_the_same_shapes(release: Release, tmp_path: Path, crs: int) -> None:
    frame = gpd.GeoDataFrame(geometry=[lake(release)], crs=28992).to_crs(crs)
    frame.to_file(tmp_path / "plas.gpkg")
    read = overlay.read(tmp_path / "plas.gpkg", "water")
    assert shapely.hausdorff_distance(read.shapes[0], lake(release)) < 0.6


def empty_database(path: Path) -> Path:
    path.write_bytes(b"geen database")
    return path


@pytest.mark.parametrize(
    ("kind", "make", "words"),
    [
        ("water", lambda path, _: path / "weg.gpkg", "bestand bestaat niet"),
        ("water", lambda path, _: empty_database(path / "x.gpkg"), "is geen GeoPackage"),
        ("water", lambda path, shape: written(path / "x.gpkg", [shape], None), "coördinatenstelsel ontbreekt"),
        ("water", lambda path, shape: written(path / "x.gpkg", [shape], 31370), "EPSG:31370 is hier niet bekend"),
        ("water", lambda path, shape: written(path / "x.gpkg", [shape], "+proj=ortho"), "zonder EPSG-code"),
        ("wegen", lambda path, shape: written(path / "x.gpkg", [shape.centroid, shape.centroid]), "2 punten"),
        ("grenzen", lambda path, shape: written(path / "x.gpkg", [shape.centroid.buffer(20)]), "panden en percelen"),
        ("water", lambda path, _: written(path / "x.gpkg", [shapely.box(4.9, 52.3, 5, 52.4)]), "buiten Nederland"),
        ("water", lambda path, shape: two_layers(path / "x.gpkg", shape), "2 lagen met vormen"),
        ("water", lambda path, _: written(path / "x.gpkg", [None]), "geen enkele vorm"),
    ],
)
def test_what_cannot_be_trusted_is_refused_in_one_dutch_line(
    release: Release, tmp_path: Path, kind: str, make: Callable[..., Path], words: str
) -> None:
    path = make(tmp_path, lake(release))
    with pytest.raises(InputError) as caught:
        overlay.read(path, kind)
    assert words in str(caught.value)
    assert str(caught.value).startswith(f"--{kind} {path.name}: ")
    assert len(caught.value.faults) == 1


def two_layers(path: Path, shape: shapely.Polygon) -> Path:
    written(path, [shape], layer="een")
    return written(path, [shape], layer="twee")


def test_shapes_are_simplified_until_they_fit(release: Release) -> None:
    east, north = middle(release)
    rng = np.random.default_rng(1)
    steps = rng.normal(0, 3, (200_000, 2)).cumsum(axis=0)
    wild = shapely.LineString(steps - steps.mean(axis=0) + [east, north])
    bounds = np.array([[4.9, 52.29], [4.99, 52.33]])
    columns = Columns()
    entry = kaartlagen.columns_of(overlay.Overlay("wegen", "x.gpkg", "", np.array([wild])), bounds, columns)
    assert entry["tolerance"] > 1
    small = kaartlagen.columns_of(
        overlay.Overlay("wegen", "x.gpkg", "", np.array([shapely.LineString([(east, north), (east + 9, north)])])),
        bounds,
        Columns(),
    )
    assert small["tolerance"] == 0.5


# --- colours ----------------------------------------------------------------------------------------------------------


COLOURS = """
[kaart]
klassen = ["#edf8fb", "#b3cde3", "#8c96c6", "#8856a7", "#5e2a78", "#2b0a3d"]
hotspot = "#a50026"
coldspot = "#1b5e9b"
[pagina]
nadruk = "#5b2a86"
"""


def test_colours_of_ones_own_are_read(tmp_path: Path) -> None:
    (tmp_path / "kleuren.toml").write_text(COLOURS, encoding="utf-8")
    read = theme.read(tmp_path / "kleuren.toml")
    assert read.classes[0] == "#edf8fb"
    assert read.class_ink == ("#1b1b1b", "#1b1b1b", "#1b1b1b", "#ffffff", "#ffffff", "#ffffff")


def test_the_colours_of_the_package_would_pass() -> None:
    assert theme._readable(theme.Theme(palette.CLASS_COLOURS, palette.HOT, palette.COLD, "#0b3d78")) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('"#2b0a3d"]', '"#2b0a3d", "#000000"]'), "lijst van 6 kleuren"),
        (('"#2b0a3d"', '"paars"'), '1 kleuren zijn niet geschreven als "#rrggbb"'),
        (('"#b3cde3"', '"#e9f4fa"'), "klasse 1 en 2 lijken te veel op elkaar voor iedereen"),
        (('"#b3cde3", "#8c96c6"', '"#8c96c6", "#b3cde3"'), "steeds donkerder"),
        (('hotspot = "#a50026"', 'hotspot = "#ffb0b0"'), "hotspot is te licht"),
        (('nadruk = "#5b2a86"', 'nadruk = "#9b7ab6"'), "nadruk is te licht"),
        (("[pagina]", "[bladzijde]"), "onbekend onderdeel"),
        (('coldspot = "#1b5e9b"', ""), "[kaart] moet precies deze namen hebben"),
        (("[kaart]", "[kaart"), "geen leesbaar TOML-bestand"),
    ],
)
def test_colours_that_cannot_be_read_are_refused(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    (tmp_path / "kleuren.toml").write_text(COLOURS.replace(*change), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        theme.read(tmp_path / "kleuren.toml")
    assert any(words in fault for fault in caught.value.faults)
    assert all(fault.startswith("--thema kleuren.toml: ") for fault in caught.value.faults)


# --- on the map -------------------------------------------------------------------------------------------------------


def hide_lines(visit: Visit) -> None:
    for name in ("Hotspots en coldspots", "Grenzen van buurten", "Namen van buurten"):
        visit.page.get_by_label(name).uncheck()


@pytest.mark.browser
def test_water_lies_under_the_cells_and_shows_where_no_one_lives(
    chromium: Open, release: Release, tmp_path: Path
) -> None:
    read = overlay.read(written(tmp_path / "plas.gpkg", [lake(release)]), "water")
    visit = chromium(kaart.map_html(release, dressing.Dressing(overlays=(read,))), "#laag=fiu-signalen&niveau=zone")
    visit.wait(READY)
    assert Axe().run(visit.page).response["violations"] == []
    assert visit.problems == []
    hide_lines(visit)
    zones = release.geography.zones.base["alle"]
    for cells, colours in (
        (np.setdiff1d(release.area.cells, zones.cell), {"#b7d0e2", palette.EMPTY["geen_adressen"].ground}),
        (zones.cell, set(palette.CLASS_COLOURS)),
    ):
        centre = grid.centres(cells)
        easting, northing = grid.rd(centre[:, 0], centre[:, 1])
        points = shapely.points(easting, northing)
        clear = shapely.distance(points, lake(release).boundary) > 40  # its outline is drawn over all
        left, top = on_screen(visit, centre[clear, 0], centre[clear, 1])
        found = pixels(visit, left, top)
        assert set(found) <= colours
        if "#b7d0e2" in colours:
            wet = shapely.contains(lake(release), points[clear])
            assert wet.any()
            assert found == ["#b7d0e2" if each else palette.EMPTY["geen_adressen"].ground for each in wet]
    visit.page.get_by_label("Water uit plas.gpkg").uncheck()
    assert "#b7d0e2" not in pixels(visit, left, top)
    assert len(visit.requests) == 1


@pytest.mark.browser
def test_exact_borders_take_the_place_of_those_of_cells(chromium: Open, release: Release, tmp_path: Path) -> None:
    read = overlay.read(
        written(tmp_path / "grens.gpkg", [shapely.LineString(lake(release).exterior.coords)]), "grenzen"
    )
    roads = overlay.read(written(tmp_path / "weg.gpkg", [shapely.LineString(lake(release).exterior.coords)]), "wegen")
    visit = chromium(kaart.map_html(release, dressing.Dressing(overlays=(read, roads))))
    visit.wait(READY)
    assert visit.page.get_by_label("Grenzen uit grens.gpkg").is_checked()
    assert visit.page.get_by_label("Wegen uit weg.gpkg").is_checked()
    assert not visit.page.get_by_label("Grenzen van buurten").is_checked()
    assert visit.problems == []


@pytest.mark.browser
def test_colours_of_ones_own_are_those_of_map_and_legend(chromium: Open, release: Release, tmp_path: Path) -> None:
    (tmp_path / "kleuren.toml").write_text(COLOURS, encoding="utf-8")
    own = theme.read(tmp_path / "kleuren.toml")
    visit = chromium(kaart.map_html(release, dressing.Dressing(theme=own)), "#laag=fiu-signalen&niveau=zone")
    visit.wait(READY)
    assert Axe().run(visit.page).response["violations"] == []
    assert visit.problems == []
    hide_lines(visit)
    rows = release.statistics.to_pandas()
    rows = rows[(rows["layer"] == "fiu-signalen") & (rows["level"] == "zone") & rows["class"].notna()]
    centre = grid.centres(np.array([int(name, 16) for name in rows["zone"]], dtype=np.uint64))
    left, top = on_screen(visit, centre[:, 0], centre[:, 1])
    assert pixels(visit, left, top) == [own.classes[int(index)] for index in rows["class"]]
    assert visit.page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--nadruk')") == "#5b2a86"


# --- the background ---------------------------------------------------------------------------------------------------


def test_the_address_is_that_of_pdok() -> None:
    theirs = xyzservices.providers.nlmaps.grijs
    own = dressing.BACKGROUNDS["pdok"]
    assert own.template == theirs.url.replace("{variant}", theirs.variant)
    assert own.deepest == theirs.max_zoom
    assert own.template.split("/")[2] == own.host
    assert "Kadaster" in own.credit


def test_one_host_is_open_and_only_for_pictures(release: Release) -> None:
    page = kaart.map_html(release, dressing.read(background="pdok"))
    found = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert found is not None
    assert re.findall(r"https?://[^\s;]+", found[1]) == ["https://service.pdok.nl"]
    assert "img-src data: blob: https://service.pdok.nl;" in found[1]
    assert "https://service.pdok.nl" not in kaart.map_html(release)
    gate.check_files(release, {"kaart.html": page.encode()})


@pytest.mark.browser
def test_the_background_waits_for_the_reader_and_says_who_sees_what(chromium: Open, release: Release) -> None:
    visit = chromium(kaart.map_html(release, dressing.read(background="pdok")))
    visit.wait(READY)
    box = visit.page.get_by_label("BRT-achtergrondkaart van PDOK")
    assert not box.is_checked()
    text = visit.page.locator("#ondergronduitleg").inner_text()
    assert "service.pdok.nl" in text
    assert "het internetadres van uw computer" in text
    assert len(visit.requests) == 1  # nothing is asked before
    box.check()
    visit.wait("document.querySelectorAll('.leaflet-tile').length > 0")
    assert visit.page.locator(".leaflet-tile").first.get_attribute("referrerpolicy") == "no-referrer"
    visit.wait("document.querySelector('#lijnen [role=status]').textContent.includes('niet te bereiken')")
    hosts = {url.split("/")[2] for url in visit.requests[1:]}
    assert hosts == {"service.pdok.nl"}
    assert "ondergrond" not in visit.page.url
    assert visit.page.locator(".bronvermelding").is_visible()
    assert visit.page.evaluate("window.__violations") == []
    box.uncheck()
    assert visit.page.locator(".leaflet-tile").count() == 0
    assert not visit.page.locator(".bronvermelding").is_visible()
    assert Axe().run(visit.page).response["violations"] == []


@pytest.mark.browser
def test_two_maps_side_by_side_have_the_same_background_and_water(
    chromium: Open, release: Release, tmp_path: Path
) -> None:
    water = written(tmp_path / "plas.gpkg", [lake(release)])
    page = kaart.map_html(release, dressing.read(background="pdok", water=water))
    last = QUARTERS[7].isoformat()
    visit = chromium(page, f"#laag=fiu-signalen&niveau=buurt&periode={last}&weergave=naast")
    visit.wait(READY)
    visit.page.get_by_label("BRT-achtergrondkaart van PDOK").check()
    for element in ("#kaart", "#kaart2"):
        visit.wait(f"document.querySelectorAll('{element} .leaflet-tile').length > 0")
        assert visit.page.locator(f"{element} .bronvermelding").is_visible()
    assert {url.split("/")[2] for url in visit.requests[1:]} == {"service.pdok.nl"}
    assert Axe().run(visit.page).response["violations"] == []


# --- as a command -----------------------------------------------------------------------------------------------------


def build(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "geoanalyse", "build", "--gebied", "ganzenpoort", "--lagen", "fiu-signalen"]
    command += ["--uit", str(folder), "--stil"]
    return subprocess.run([*command, *options], capture_output=True, text=True, check=False)


def test_a_build_with_all_of_it_names_it_in_the_manifest(release: Release, tmp_path: Path) -> None:
    water = written(tmp_path / "plas.gpkg", [lake(release)])
    (tmp_path / "kleuren.toml").write_text(COLOURS, encoding="utf-8")
    options = ["--ondergrond", "pdok", "--water", str(water), "--thema", str(tmp_path / "kleuren.toml")]
    done = build(tmp_path / "uit", *options)
    assert done.returncode == 0, done.stderr
    made = next((tmp_path / "uit").glob("ganzenpoort/*/deelbaar"))
    manifest = json.loads((made / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["ondergrond"] == "service.pdok.nl"
    assert [each["soort"] for each in manifest["kaartlagen"]] == ["water"]
    assert manifest["thema"]["hot"] == "#a50026"
    assert str(tmp_path) not in json.dumps(manifest)


def test_the_same_files_give_the_same_map(release: Release, tmp_path: Path) -> None:
    water = written(tmp_path / "plas.gpkg", [lake(release)])
    maps = {kaart.map_html(release, dressing.read(background="pdok", water=water)) for _ in range(2)}
    assert len(maps) == 1


def test_a_wrong_file_stops_before_anything_is_made(tmp_path: Path) -> None:
    done = build(tmp_path / "uit", "--water", str(tmp_path / "geen.gpkg"))
    assert done.returncode != 0
    assert "--water geen.gpkg: bestand bestaat niet" in done.stderr
    assert not (tmp_path / "uit").exists()
