"""The page as text: what it holds, what it cannot hold, and that it is the same every time."""

import base64
import dataclasses
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import folium
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from geoanalyse import grid
from geoanalyse.products import kaart, kaartbron, kaartmodel, lattice, verantwoording
from geoanalyse.release import Release
from tests.browser_fixtures import Open
from tests.sample import sample_layers, sample_release
from tests.test_factsheet import public

STATIC = Path(kaart.__file__).parent / "static"
HOSTILE = "'\"`</script><img src=x onerror=alert(1)>${alert(1)}{{7*7}}{%x%}\u202e\u0000<!--" + "lang " * 2000


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release()


@pytest.fixture(scope="module")
def page(release: Release) -> str:
    return kaart.map_html(release)


def hostile(release: Release) -> Release:
    """The same release with a hostile text in every text that reaches the page."""
    layers = tuple(
        dataclasses.replace(
            layer, **dict.fromkeys(("title", "description", "unit", "holder", "source", "text"), HOSTILE)
        )
        for layer in release.layers
    )
    regions = dataclasses.replace(release.geography.regions, names=(HOSTILE,) * len(release.geography.regions.names))
    return dataclasses.replace(
        release,
        layers=layers,
        area=dataclasses.replace(release.area, title=HOSTILE, source=HOSTILE),
        geography=dataclasses.replace(release.geography, regions=dataclasses.replace(regions, source=HOSTILE)),
        grondslag=dataclasses.replace(
            release.grondslag,
            decision=HOSTILE,
            purpose=HOSTILE,
            question=HOSTILE,
            follow_up=HOSTILE,
            classification=HOSTILE,
        ),
        signals=tuple(
            dataclasses.replace(signal, region_name=HOSTILE, unknown=HOSTILE, reasons=(("x", HOSTILE),))
            for signal in release.signals
        ),
    )


def test_same_release_gives_the_same_bytes(page: str) -> None:
    assert kaart.map_html(sample_release()) == page


def test_folium_map_saves_and_shows_the_same_page(release: Release, page: str, tmp_path: Path) -> None:
    shown = kaart.folium_map(release)
    assert isinstance(shown, folium.Map)
    shown.save(tmp_path / "kaart.html")
    assert (tmp_path / "kaart.html").read_bytes() == page.encode()
    notebook = shown._repr_html_()
    assert notebook.startswith("<iframe srcdoc=")
    assert "http" not in re.sub(r"&[^;]*;", "", notebook.split("srcdoc=")[0])
    shown.save(tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == page.encode()


def test_page_names_no_other_place(page: str) -> None:
    body = re.sub(r"<script>.*?</script>|<style>.*?</style>", "", page, flags=re.DOTALL)
    assert not re.search(r"(?:src|href)=[\"'](?!#|data:)", body)
    assert "sourceMappingURL" not in page
    assert not re.search(r"url\(\s*[\"']?(?:https?:)?//", page)


def test_policy_holds_the_hash_of_every_script_and_style(page: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    rules = policy[1].replace("&#39;", "'")
    for kind in ("script", "style"):
        blocks = re.findall(rf"<{kind}>(.*?)</{kind}>", page, flags=re.DOTALL)
        assert blocks
        for block in blocks:
            digest = base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in rules
    assert "unsafe" not in rules
    assert "http" not in rules


def test_data_never_changes_scripts_styles_or_policy(release: Release, page: str) -> None:
    def fixed(text: str) -> list[str]:
        return re.findall(r"<script>.*?</script>|<style>.*?</style>|<meta http-equiv[^>]*>", text, flags=re.DOTALL)

    assert fixed(kaart.map_html(hostile(release))) == fixed(page)


def test_scripts_and_styles_take_no_more_than_they_may() -> None:
    assert sum(len(each.encode()) for each in kaartbron.scripts() + kaartbron.styles()) <= 400_000  # decision 0013


def test_hostile_texts_reach_the_page_only_as_data(release: Release) -> None:
    page = kaart.map_html(hostile(release))
    body = re.sub(r"<script>.*?</script>|<style>.*?</style>", "", page, flags=re.DOTALL)
    assert "<img" not in body
    assert "onerror=alert(1)>" not in body
    assert "49" not in re.findall(r"<title>(.*?)</title>", body, flags=re.DOTALL)[0]
    header, _ = kaart.read_map(page)
    assert header["title"].startswith("'\"`</script>")
    assert "\u202e" not in json.dumps(header, ensure_ascii=False)


def test_model_holds_the_published_statistics(release: Release, page: str) -> None:
    header, columns = kaart.read_map(page)
    statistics = release.statistics.to_pandas()
    compared = 0
    for layer in header["layers"]:
        for level, given in layer["levels"].items():
            rows = statistics[(statistics["layer"] == layer["id"]) & (statistics["level"] == level)].sort_values("zone")
            for name in ("addresses", "value", "low", "high", "class"):
                assert columns[given[name]].tolist() == rows[name].fillna(-1).astype(int).tolist()
            for name in ("ratio", "rate_mean", "rate_low", "rate_high"):
                np.testing.assert_allclose(columns[given[name]], rows[name].astype(float), rtol=0.0051)
            compared += len(rows)
    shown = statistics[(statistics["level"] != "gemeente") & (statistics["status"] != "onderdrukt")]
    assert compared == len(shown)


def test_the_promise_its_limits_and_a_caveat_are_in_the_page(release: Release, page: str) -> None:
    header, _ = kaart.read_map(page)
    assert header["promise"]["short"] == verantwoording.short_promise(10)
    assert tuple(header["promise"]["whole"]) == verantwoording.promise(10)
    assert tuple(header["promise"]["limits"]) == verantwoording.LIMITS
    assert header["caveat"] == ""
    told, _ = kaart.read_map(kaart.map_html(dataclasses.replace(release, caveat="Uitgegeven zonder register.")))
    assert told["caveat"] == "Uitgegeven zonder register."


def test_the_footer_says_the_promise_and_leads_to_its_limits(chromium: Open, release: Release) -> None:
    visit = chromium(kaart.map_html(release))
    visit.wait("document.documentElement.dataset.klaar === 'alles'")
    footer = visit.page.locator(".voetregel")
    box = footer.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 768  # on screen with the map, without scrolling
    assert verantwoording.short_promise(10) in footer.inner_text()
    assert not visit.page.locator("#voorbehoud").is_visible()
    limit = visit.page.get_by_text(verantwoording.LIMITS[-1])
    assert not limit.is_visible()
    visit.page.get_by_role("button", name="Lees de hele belofte").press("Enter")
    assert limit.is_visible()
    assert visit.page.evaluate("document.activeElement.parentElement.id") == "helebelofte"
    assert all(visit.page.get_by_text(text).is_visible() for text in verantwoording.promise(10))
    assert Axe().run(visit.page).response["violations"] == []
    assert visit.problems == []


def test_a_caveat_is_in_sight_and_a_release_without_one_has_no_empty_bar(chromium: Open, release: Release) -> None:
    visit = chromium(kaart.map_html(dataclasses.replace(release, caveat="Uitgegeven zonder register.")))
    visit.wait("document.documentElement.dataset.klaar === 'alles'")
    assert visit.page.locator("#voorbehoud").inner_text() == "Let op. Uitgegeven zonder register."
    assert visit.page.locator("#bescherming").get_by_text("Uitgegeven zonder register.").count() == 1
    assert Axe().run(visit.page).response["violations"] == []
    box = visit.page.locator("#kaart").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 768


def test_a_layer_that_is_not_shown_at_a_level_is_called_unreliable_there(chromium: Open, page: str) -> None:
    visit = chromium(page, "#laag=pandsluitingen&niveau=zone")
    visit.wait("document.documentElement.dataset.klaar === 'alles'")
    assert visit.page.locator("#niveaunoot").inner_text().endswith("Per zone is deze laag niet betrouwbaar genoeg.")


def test_a_public_map_says_that_it_is(chromium: Open, release: Release) -> None:
    visit = chromium(kaart.map_html(public(release)), "#laag=fiu-signalen&niveau=zone")
    visit.wait("document.documentElement.dataset.klaar === 'alles'")
    assert (
        visit.page.locator("#niveaunoot")
        .inner_text()
        .endswith("Per zone wordt deze laag op een openbare kaart niet getoond.")
    )
    assert (
        "openbaar: niets fijner dan wijk of hexagonen van 75 hectare" in visit.page.locator("#bescherming").inner_text()
    )
    levels = visit.page.locator("#niveau option").evaluate_all("(all) => all.map((each) => each.value)")
    assert levels == ["auto", "res8", "wijk"]
    assert visit.problems == []


def test_a_level_at_which_a_layer_shows_nothing_is_left_out(page: str) -> None:
    header, _ = kaart.read_map(page)
    levels = {layer["id"]: list(layer["levels"]) for layer in header["layers"]}
    assert levels["pandsluitingen"] == ["res8", "wijk"]
    assert levels["fiu-signalen"] == ["zone", "res9", "res8", "buurt", "wijk"]


def test_each_cell_is_drawn_with_the_zone_that_holds_it(release: Release, page: str) -> None:
    header, columns = kaart.read_map(page)
    cells = lattice_cells(header, columns, 10)
    for base, zones in release.geography.zones.base.items():
        sets = [each for each in header["unit_sets"] if each["base"] == base and each["level"] == "zone"]
        assert sets
        ids = (columns[sets[0]["ids"][0]].astype(np.uint64) << np.uint64(32)) | (
            columns[sets[0]["ids"][1]].astype(np.uint64) & np.uint64(0xFFFFFFFF)
        )
        drawn = dict(zip(cells.tolist(), columns[sets[0]["of_cell"]].tolist(), strict=True))
        for cell, zone in zip(zones.cell.tolist(), zones.zone[zones.cell_zone].tolist(), strict=True):
            assert ids[drawn[cell]] == zone
        empty = set(release.area.cells.tolist()) - set(zones.cell.tolist())
        assert {drawn[cell] for cell in empty} == {kaartmodel.NO_ADDRESSES}


def test_no_figure_outside_the_published_table_is_in_the_page(release: Release, page: str) -> None:
    header, _ = kaart.read_map(page)
    text = json.dumps(header)
    assert release.key_mark not in text.replace('"voorbeeld"', "")
    assert str(release.seed) == "0"


def lattice_cells(header: dict, columns: list, resolution: int) -> np.ndarray:
    high, low = (columns[k].astype(np.uint64) for k in header["lattices"][str(resolution)]["cells"])
    return (high << np.uint64(32)) | (low & np.uint64(0xFFFFFFFF))


LOOKUP = """
import { decode } from "./decode.js";
import { makeModel, cellName } from "./model.js";
import { cellAt } from "./lattice.js";
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { data, points, resolution } = JSON.parse(Buffer.concat(chunks));
const model = makeModel(await decode(data)), lattice = model.lattice(resolution);
const nameAt = ([lon, lat]) => {
  const cell = cellAt(lattice, lon, lat);
  return cell < 0 ? "" : cellName(model, resolution, cell);
};
console.log(JSON.stringify(points.map(nameAt)));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is hier niet geïnstalleerd")
@pytest.mark.parametrize("resolution", [8, 9, 10])
def test_ten_thousand_points_give_the_cell_h3_gives_in_javascript_too(page: str, resolution: int) -> None:
    header, columns = kaart.read_map(page)
    (west, south), (east, north) = header["bounds"]
    rng = np.random.default_rng(resolution)
    lon, lat = rng.uniform(west - 0.01, east + 0.01, 10_000), rng.uniform(south - 0.01, north + 0.01, 10_000)
    truth = grid.cells_at(*grid.rd(lon, lat), resolution)
    known = lattice_cells(header, columns, resolution)
    want = [name if held else "" for name, held in zip(grid.to_hex(truth), np.isin(truth, known), strict=True)]
    data = re.search(r'id="gegevens">([^<]*)<', page)
    assert data is not None
    sent = json.dumps({"data": data[1], "points": np.column_stack([lon, lat]).tolist(), "resolution": resolution})
    found = subprocess.run(
        ["node", "--input-type=module", "-e", LOOKUP],
        cwd=STATIC,
        input=sent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(found.stdout) == want


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is hier niet geïnstalleerd")
def test_javascript_units() -> None:
    tests = sorted(str(path) for path in (Path(__file__).parent / "js").glob("*.test.mjs"))
    result = subprocess.run(["node", "--test", *tests], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_scripts_ask_for_every_file_before_it_is_used() -> None:
    seen: set[str] = set()
    for name in kaartbron.SCRIPTS:
        text = (STATIC / f"{name}.js").read_text(encoding="utf-8")
        wanted = set(re.findall(r'from "\./(\w+)\.js"', text))
        assert wanted <= seen, f"{name}.js"
        seen.add(name)
    files = {path.stem for path in STATIC.glob("*.js")}
    assert files == seen | {"trusted"}


def test_scripts_never_make_markup_or_reach_out() -> None:
    banned = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|fetch\(|XMLHttpRequest"
        r"|localStorage|import\("
    )
    for name in kaartbron.SCRIPTS:
        assert not re.search(banned, (STATIC / f"{name}.js").read_text(encoding="utf-8")), name


def test_the_page_without_folium_is_the_page(page: str, release: Release) -> None:
    data = re.search(r'id="gegevens">([^<]*)<', page)
    assert data is not None
    assert kaartbron.page(release.area.title, data[1]) == page


def test_broken_leaflet_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(kaartbron.LEAFLET, "leaflet.js", "0" * 64)
    with pytest.raises(ValueError, match="niet Leaflet"):
        kaartbron._leaflet("leaflet.js")


def test_a_page_without_data_cannot_be_read() -> None:
    with pytest.raises(ValueError, match="gegevensblok"):
        kaart.read_map("<html></html>")


def test_layers_of_the_sample_are_what_these_tests_think() -> None:
    assert [layer.id for layer in sample_layers()] == ["fiu-signalen", "kvk-registraties", "pandsluitingen"]
    assert lattice.CORNERS.shape == (6, 2)
