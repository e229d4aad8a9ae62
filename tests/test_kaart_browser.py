"""The map in a real Chromium: what it asks, says, draws and lets a reader do."""

import json
import math
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import h3.api.basic_int as h3
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from geoanalyse import grid
from geoanalyse.products import kaart, ligging, palette, terugblik
from geoanalyse.release import Release
from tests.browser_fixtures import Open, Visit
from tests.sample import sample_release
from tests.test_kaart import hostile

pytestmark = pytest.mark.browser

READY = "document.documentElement.dataset.klaar === 'alles'"


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release()


@pytest.fixture(scope="module")
def page(release: Release) -> str:
    return kaart.map_html(release)


def opened(chromium: Open, page: str, fragment: str = "", **size: int) -> Visit:
    visit = chromium(page, fragment, **size)
    visit.wait(READY)
    return visit


def view(visit: Visit) -> tuple[float, float, float]:
    """Zoom, latitude and longitude of the middle of the map, from the address bar."""
    return tuple(float(part) for part in re.search(r"beeld=([-\d.,]+)", visit.page.url)[1].split(","))


def on_screen(visit: Visit, lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where points in degrees lie on the page, in pixels."""
    zoom, mid_lat, mid_lon = view(visit)
    box = visit.page.locator("#kaart").bounding_box()
    size = 256 * 2**zoom

    def up(value: np.ndarray | float) -> np.ndarray:
        return np.arcsinh(np.tan(np.radians(value))) / (2 * math.pi)

    left = (lon - mid_lon) / 360 * size + box["x"] + box["width"] / 2
    top = (up(mid_lat) - up(lat)) * size + box["y"] + box["height"] / 2
    return left, top


def panel(visit: Visit) -> str:
    return visit.page.locator("#paneel").inner_text()


def choose_layer(visit: Visit, layer: str) -> None:
    visit.page.locator(f'#lagen input[value="{layer}"]').check()


def pixels(visit: Visit, left: np.ndarray, top: np.ndarray) -> list[str]:
    """Colours of the cell canvas at points of the page, as #rrggbb."""
    points = np.column_stack([left, top]).tolist()
    return visit.page.evaluate(
        """(points) => {
          const canvas = document.querySelector("canvas.cellen"), box = canvas.getBoundingClientRect();
          const context = canvas.getContext("2d"), scale = canvas.width / box.width;
          return points.map(([x, y]) => {
            const at = [(x - box.left) * scale, (y - box.top) * scale].map(Math.round);
            const [r, g, b] = context.getImageData(...at, 1, 1).data;
            return "#" + [r, g, b].map((v) => v.toString(16).padStart(2, "0")).join("");
          });
        }""",
        points,
    )


def test_opens_with_one_request_and_not_a_word(chromium: Open, page: str) -> None:
    visit = opened(chromium, page)
    for layer in ("fiu-signalen", "pandsluitingen", "thema:witwassen"):
        choose_layer(visit, layer)
    visit.page.get_by_label("Inzoomen").click()
    visit.page.mouse.click(660, 420)
    visit.page.get_by_text("Licenties").click()
    assert "Leaflet" in visit.page.locator("details pre").inner_text()
    assert len(visit.requests) == 1
    assert visit.problems == []


def test_map_fits_a_small_laptop(chromium: Open, page: str) -> None:
    visit = opened(chromium, page)
    box = visit.page.locator("#kaart").bounding_box()
    assert box["y"] + box["height"] <= 768
    assert box["width"] > 600
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 1366


def test_legend_needs_no_scrolling_on_a_small_laptop(chromium: Open, page: str) -> None:
    visit = opened(chromium, page)
    for layer in kaart.read_map(page)[0]["layers"]:
        choose_layer(visit, layer["id"])
        for level in visit.page.locator("#niveau option").all():
            visit.page.locator("#niveau").select_option(level.get_attribute("value"))
            column, legend = (visit.page.locator(each).bounding_box() for each in (".links", "#legenda"))
            assert legend["y"] + legend["height"] <= column["y"] + column["height"]
    heights = visit.page.locator(".laag").evaluate_all("(all) => all.map((each) => each.offsetHeight)")
    assert min(heights) >= 24  # a target of WCAG 2.2


def test_says_what_it_is(chromium: Open, page: str, release: Release) -> None:
    visit = opened(chromium, page)
    text = visit.page.locator("body").inner_text()
    for words in (
        "Voorbeeld Zuidoost",
        "Januari 2024 tot en met december 2025",
        "Geen persoonsgegevens",
        "Intern gebruik casustafel",
        "DEMO: verzonnen gegevens",
        "Een hoge score is een signaal, geen bewijs.",
        release.grondslag.purpose,
        release.digest,
        release.zones_version,
        "31 december 2099",
        "Vertekening",
        release.geography.regions.source,
    ):
        assert words.lower() in text.lower(), words


def test_no_demo_mark_on_real_input(chromium: Open) -> None:
    visit = opened(chromium, kaart.map_html(sample_release(demo=False)))
    assert not visit.page.locator("#demo").is_visible()
    assert not visit.page.locator("#watermerk").is_visible()


def test_clicks_at_random_points_choose_the_cell_h3_gives(chromium: Open, page: str) -> None:
    visit = opened(chromium, page, "#laag=fiu-signalen&niveau=zone")
    header, _ = kaart.read_map(page)
    (west, south), (east, north) = header["bounds"]
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(west, east, 400), rng.uniform(south, north, 400)
    easting, northing = grid.rd(lon, lat)
    cell = grid.cells_at(easting, northing)
    # The address bar rounds the middle of the map to about a metre: leave out points that near to an edge.
    clear = np.ones(400, dtype=bool)
    for east_by, north_by in ((3, 3), (-3, 3), (3, -3), (-3, -3)):
        clear &= grid.cells_at(easting + east_by, northing + north_by) == cell
    left, top = on_screen(visit, lon, lat)
    under = visit.page.evaluate(
        "(points) => points.map(([x, y]) => document.elementFromPoint(x, y)?.id === 'kaart')",
        np.column_stack([left, top]).tolist(),
    )
    chosen = 0
    for index in np.flatnonzero(clear & np.array(under))[:60]:
        visit.page.mouse.click(left[index], top[index])
        shown = re.search(r"H3-cel (\w+)", panel(visit))
        if shown:
            assert shown[1] == grid.to_hex(cell[index : index + 1])[0]
            chosen += 1
    assert chosen > 40


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
@pytest.mark.parametrize("level", ["zone", "res9"])
def test_colours_on_the_map_are_those_of_the_legend(
    chromium: Open, page: str, release: Release, level: str, size: tuple[int, int]
) -> None:
    visit = opened(chromium, page, f"#laag=fiu-signalen&niveau={level}", width=size[0], height=size[1])
    for row in visit.page.locator("#lijnen input").all():
        row.uncheck()
    legend = visit.page.evaluate(
        """() => [...document.querySelectorAll("#legenda .klassen:not(.leeg) li")].map((row) => {
          const canvas = row.querySelector("canvas"), [r, g, b] = canvas.getContext("2d").getImageData(9, 9, 1, 1).data;
          return [Number(row.dataset.code) - 1, "#" + [r, g, b].map((v) => v.toString(16).padStart(2, "0")).join("")];
        })"""
    )
    colours = dict(legend)
    assert [colours[index] for index in range(6)] == list(palette.CLASS_COLOURS)
    rows = release.statistics.to_pandas()
    rows = rows[(rows["layer"] == "fiu-signalen") & (rows["level"] == level) & rows["class"].notna()]
    centre = grid.centres(np.array([int(name, 16) for name in rows["zone"]], dtype=np.uint64))
    left, top = on_screen(visit, centre[:, 0], centre[:, 1])
    assert pixels(visit, left, top) == [colours[int(index)] for index in rows["class"]]


def test_empties_are_drawn_as_empties(chromium: Open, page: str, release: Release) -> None:
    visit = opened(chromium, page, "#laag=fiu-signalen&niveau=zone")
    for row in visit.page.locator("#lijnen input").all():
        row.uncheck()
    zones = release.geography.zones.base["alle"]
    empty = np.setdiff1d(release.area.cells, zones.cell)
    centre = grid.centres(empty)
    left, top = on_screen(visit, centre[:, 0], centre[:, 1])
    assert set(pixels(visit, left, top)) == {palette.EMPTY["geen_adressen"].ground}
    visit.page.mouse.click(left[0], top[0])
    assert "Hier liggen geen adressen. Dat is iets anders dan nul." in panel(visit)


def test_switching_layers_changes_legend_drawing_and_table(chromium: Open, page: str) -> None:
    visit = opened(chromium, page)
    picture = "document.querySelector('canvas.cellen').toDataURL()"
    before = (
        visit.page.evaluate(picture),
        visit.page.locator("#legenda").inner_text(),
        visit.page.locator("tbody").first.inner_text(),
    )
    choose_layer(visit, "kvk-registraties")
    after = (
        visit.page.evaluate(picture),
        visit.page.locator("#legenda").inner_text(),
        visit.page.locator("tbody").first.inner_text(),
    )
    assert all(a != b for a, b in zip(before, after, strict=True))
    assert "geen bedrijfsadressen" in after[1]
    assert "laag=kvk-registraties" in visit.page.url


def test_legend_counts_the_units_of_each_class(chromium: Open, page: str, release: Release) -> None:
    visit = opened(chromium, page, "#laag=fiu-signalen&niveau=zone")
    rows = release.statistics.to_pandas()
    rows = rows[(rows["layer"] == "fiu-signalen") & (rows["level"] == "zone")]
    want = {str(index): int((rows["class"] == index).sum()) for index in range(6)}
    found = visit.page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll("#legenda .klassen:not(.leeg) li")]
          .map((row) => [row.dataset.code - 1, Number(row.querySelector(".aantal").textContent)]))"""
    )
    assert found == want


def groups(cells: np.ndarray) -> int:
    """How many groups of neighbouring cells there are."""
    left, found = {int(cell) for cell in cells}, 0
    while left:
        found, edge = found + 1, {left.pop()}
        while edge:
            edge = {near for cell in edge for near in h3.grid_disk(cell, 1)} & left
            left -= edge
    return found


def test_a_composite_says_of_which_layers_its_hot_spots_are(chromium: Open, page: str, release: Release) -> None:
    rows = release.statistics.to_pandas()
    rows = rows[(rows["level"] == "zone") & (rows["hotspot"] == "hotspot")]
    said = 0
    for theme in map(str, release.themes):
        visit = opened(chromium, page, f"#laag=thema:{theme}&niveau=zone")
        text = visit.page.locator("#legenda .tekens").inner_text()
        hot = {}
        for layer in release.layers:
            names = rows["zone"][rows["layer"] == layer.id] if theme in layer.themes else []
            zones = release.geography.zones.base[layer.base]
            of = np.searchsorted(zones.zone, np.array([int(name, 16) for name in names], dtype=np.uint64))
            hot[layer.title] = np.unique(zones.cells_of(of)) if len(of) else []
        for title, cells in hot.items():
            assert (f"{title} ({groups(cells)})" in text) is bool(len(cells)), (title, text)
        for zone in rows["zone"][rows["layer"] == f"thema:{theme}"][:3]:
            cell = int(zone, 16)
            layers = sorted(title for title, cells in hot.items() if cell in cells)
            chosen = opened(chromium, page, f"#laag=thema:{theme}&niveau=zone&cel={zone}")
            words = chosen.page.locator("#paneel dd", has_text="hotspot in").inner_text()
            left, top = on_screen(chosen, *grid.centres(np.array([cell], dtype=np.uint64)).T)
            chosen.page.mouse.move(left[0], top[0])
            assert words in chosen.page.locator("#wijzer").inner_text()
            chosen.page.locator("#kaart").focus()
            chosen.page.mouse.click(left[0], top[0])
            assert words.replace("hotspot", "Hotspot", 1) in chosen.page.locator("#melding").inner_text()
            assert all(title in words for title in layers)
            said += len(layers)
    assert said


def test_a_coarse_layer_shows_at_its_own_level_and_says_so(chromium: Open, page: str) -> None:
    visit = opened(chromium, page, "#laag=pandsluitingen&niveau=auto")
    assert (
        "Getoond per groot vak, haar fijnste niveau. Per zone is deze laag niet betrouwbaar"
        in visit.page.locator("#niveaunoot").inner_text()
    )
    box = visit.page.locator("#kaart").bounding_box()
    left, top = np.meshgrid(np.arange(box["x"], box["x"] + box["width"], 20), np.arange(80, 760, 20))
    colours = set(pixels(visit, left.ravel(), top.ravel()))
    assert colours & set(palette.CLASS_COLOURS)


def test_the_chosen_place_is_the_same_after_a_look_at_a_coarser_layer(
    chromium: Open, page: str, release: Release
) -> None:
    rows = release.statistics.to_pylist()
    zones = [row["zone"] for row in rows if (row["layer"], row["level"]) == ("fiu-signalen", "zone")]
    moved = 0
    for zone in zones[:: max(1, len(zones) // 8)]:
        visit = opened(chromium, page, f"#laag=fiu-signalen&niveau=auto&cel={zone}")
        before = panel(visit)
        assert before.startswith("ZONE")
        choose_layer(visit, "pandsluitingen")
        moved += panel(visit) != before
        choose_layer(visit, "fiu-signalen")
        assert panel(visit) == before
    assert moved > 0


def test_keyboard_alone_reaches_a_cell_and_hears_it(chromium: Open, page: str) -> None:
    visit = opened(chromium, page, "#laag=fiu-signalen&niveau=zone")
    keyboard, heard = visit.page.keyboard, visit.page.locator("#melding")
    visit.page.locator("#kaart").focus()
    keyboard.press("Enter")
    assert re.search(r"Zone in .+\. FIU-signalen: |geen adressen", heard.inner_text())
    first = panel(visit)
    keyboard.press("Alt+ArrowRight")
    assert panel(visit) != first
    zoom = view(visit)[0]
    keyboard.press("+")
    visit.wait(f"Number(/beeld=([\\d.]+)/.exec(location.hash)[1]) > {zoom}")
    before = view(visit)
    keyboard.press("ArrowUp")
    visit.wait(f"Number(/beeld=[\\d.]+,([\\d.]+)/.exec(location.hash)[1]) > {before[1]}")
    for _ in range(40):
        keyboard.press("Alt+ArrowLeft")
    assert heard.inner_text() == "Rand van het gebied."
    keyboard.press("Escape")
    assert "Kies een plek" in panel(visit)
    assert visit.problems == []


def test_tab_leaves_the_map(chromium: Open, page: str) -> None:
    visit = opened(chromium, page)
    visit.page.locator("#kaart").focus()
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.activeElement.id") == "zoek"


def test_panel_says_value_interval_and_contributions(chromium: Open, page: str, release: Release) -> None:
    rows = release.statistics.to_pandas()
    row = (
        rows[(rows["layer"] == "fiu-signalen") & (rows["level"] == "zone") & (rows["status"] == "waarde")]
        .nlargest(1, "value")
        .iloc[0]
    )
    visit = opened(chromium, page, f"#laag=fiu-signalen&niveau=zone&cel={row['zone']}")
    text = panel(visit)
    assert f"ongeveer {row['value']:.0f} ({row['low']:.0f} tot {row['high']:.0f})" in text
    assert "95% zeker" in text
    choose_layer(visit, "thema:drugs")
    text = panel(visit)
    assert "van de score" in text
    assert "Pandsluitingen" in text
    assert "in het grote vak eromheen" in text  # not the zone's own
    signal = next(each for each in release.signals if each.zone == row["zone"])
    assert f"Signaal {signal.id}" in text


def test_a_place_that_was_drawn_is_not_among_the_strongest_and_says_why_it_is_listed(
    chromium: Open, page: str, release: Release
) -> None:
    drawn = next(each for each in release.signals if each.strength == "verkenning")
    themes = next(layer for layer in release.layers if layer.id == "fiu-signalen").themes
    visit = opened(chromium, page, "#laag=fiu-signalen&niveau=zone")
    strongest = panel(visit).partition("Sterkste signalen")[2]
    for signal in release.signals:
        listed = signal != drawn and signal.theme == max(themes, key=themes.__getitem__)
        assert (f"{signal.id}, {signal.strength}" in strongest) == listed
    visit = opened(chromium, page, f"#laag=fiu-signalen&niveau=zone&cel={drawn.zone}")
    text = panel(visit)
    assert f"Signaal {drawn.id}: verkenning, betrouwbaarheid laag" in text
    assert drawn.reasons[0][1] in text


def listed_name(visit: Visit, number: int) -> str:
    """Name of a place in the last list of the panel, and in the panel after it was chosen there."""
    button = visit.page.locator("#paneel .lijst").last.locator("button").nth(number)
    name = button.locator(".naam").inner_text()
    button.click()
    visit.wait("document.querySelector('#paneel .soort') !== null")
    return name


def test_a_signal_leads_to_its_place_on_a_layer_that_is_coarser(chromium: Open, page: str, release: Release) -> None:
    visit = opened(chromium, page, "#laag=pandsluitingen&niveau=wijk")
    visit.page.locator("#paneel .lijst").first.locator("button").first.click()
    visit.wait("document.querySelector('#paneel .soort') !== null")
    assert visit.problems == []
    assert visit.page.locator("#paneel .soort").inner_text().lower() == "wijk"
    first = next(signal for signal in release.signals if signal.theme == "drugs")
    assert visit.page.locator("#paneel h2").inner_text() == first.wijk_name


@pytest.mark.parametrize("fragment", ["#laag=pandsluitingen&niveau=res8", "#laag=fiu-signalen&niveau=zone"])
def test_a_place_has_one_name_in_list_and_panel(chromium: Open, page: str, fragment: str) -> None:
    visit = opened(chromium, page, fragment)
    name = listed_name(visit, 0)
    head = visit.page.locator("#paneel h2").inner_text()
    where = visit.page.locator("#paneel .kop .zacht").inner_text().split(", ")
    assert name == ", ".join([head, *where[: name.count(", ")]])
    assert name.count(", ") == 1


def test_a_signal_lies_where_the_list_of_signals_says(chromium: Open, page: str, release: Release) -> None:
    visit = opened(chromium, page, "#laag=thema:witwassen&niveau=zone")
    names = visit.page.locator("#paneel .lijst").first.locator(".naam").all_inner_texts()
    mine = [each for each in release.signals if each.theme == "witwassen" and each.strength != "verkenning"]
    where = [ligging.of_signal(each, release.geography.regions) for each in mine]
    assert names == [f"{each.region_name}, in het {part}" for each, part in zip(mine, where, strict=True)]


def test_trend_has_the_same_numbers_in_words(chromium: Open, page: str, release: Release) -> None:
    table = release.protected.table.to_pandas()
    series = table[
        (table["layer"] == "fiu-signalen") & (table["level"] == "buurt") & (table["end"] == date(2024, 4, 1))
    ]
    code = series["zone"].iloc[0]
    cell = release.geography.regions.under(code)
    cell = grid.to_hex(cell[np.isin(cell, release.geography.zones.base["alle"].cell)])[0]
    visit = opened(chromium, page, f"#laag=fiu-signalen&niveau=zone&cel={cell}")
    rows = visit.page.locator("#paneel figure table tr").all_inner_texts()
    assert len(rows) == 8
    assert rows[0].startswith("eerste kwartaal van 2024")
    assert "geen gegevens" in rows[2]
    assert visit.page.locator("#paneel svg .gat").count() == 1


def test_table_holds_every_unit_and_leads_to_the_map(chromium: Open, page: str, release: Release) -> None:
    visit = opened(chromium, page, "#laag=fiu-signalen&niveau=zone")
    rows = release.statistics.to_pandas()
    rows = rows[(rows["layer"] == "fiu-signalen") & (rows["level"] == "zone")]
    assert f"van {len(rows)} zones" in visit.page.locator("#tabelvak").inner_text()
    visit.page.locator('#tabelvak button[data-key="adressen"]').click()
    first = visit.page.locator("#tabelvak tbody tr").first
    assert str(rows["addresses"].max()) in first.inner_text()
    first.locator("button").click()
    assert "ZONE" in panel(visit)
    assert visit.page.locator("#tabelvak tr.gekozen").count() == 1
    visit.page.get_by_label("Zoek in de tabel").fill("zzz")
    assert "Geen zones gevonden" in visit.page.locator("#tabelvak").inner_text()


def test_the_table_names_a_zone_as_the_list_of_signals_does(chromium: Open, page: str, release: Release) -> None:
    visit = opened(chromium, page, "#laag=thema:witwassen&niveau=zone")
    first = visit.page.locator("#tabelvak tbody tr").first
    sought = visit.page.get_by_label("Zoek in de tabel")
    assert visit.page.locator("#tabelvak thead th").first.inner_text() == "Plek"
    for signal in release.signals:
        if signal.theme != "witwassen" or signal.level != "zone":
            continue
        name = f"{signal.region_name}, in het {ligging.of_signal(signal, release.geography.regions)}"
        sought.fill(signal.zone)
        assert first.locator("th").inner_text() == name
        sought.fill(name)
        assert set(visit.page.locator("#tabelvak tbody th").all_inner_texts()) == {name}
    sought.fill("")
    visit.page.locator('#tabelvak button[data-key="naam"]').click()
    up = visit.page.locator("#tabelvak tbody th").all_inner_texts()
    assert len(set(up)) > 1
    assert up == sorted(up)
    with visit.page.expect_download() as waiting:
        visit.page.get_by_text("Opslaan als CSV").click()
    head = Path(waiting.value.path()).read_bytes().decode("utf-8-sig").splitlines()[0]
    assert head.startswith('"Plek";"Zone";"Adressen"')
    assert '"Buurt of wijk"' in head


def test_csv_is_what_the_table_shows(chromium: Open, page: str) -> None:
    visit = opened(chromium, page, "#laag=fiu-signalen&niveau=buurt")
    with visit.page.expect_download() as waiting:
        visit.page.get_by_text("Opslaan als CSV").click()
    text = Path(waiting.value.path()).read_bytes().decode("utf-8-sig")
    assert text.startswith('"Buurt";"Code";"Adressen"')
    assert len(text.splitlines()) == 1 + 9
    assert visit.problems == []


@pytest.mark.parametrize("fragment", ["", "#laag=fiu-signalen&cel={}"])
def test_the_panel_leads_to_how_good_earlier_figures_were(
    chromium: Open, page: str, release: Release, fragment: str
) -> None:
    visit = opened(chromium, page, fragment.format(release.signals[0].zone))
    visit.page.locator("#paneel .terug button").press("Enter")
    title = visit.page.locator("#terugblik h2")
    assert title.inner_text() == terugblik.TITLE
    assert title.evaluate("(each) => document.activeElement === each")
    visit.wait("Math.abs(document.querySelector('#terugblik').getBoundingClientRect().top) < 100")
    without = replace(release, scorecard=release.scorecard.slice(0, 0))
    visit = opened(chromium, kaart.map_html(without), fragment.format(release.signals[0].zone))
    assert visit.page.locator(".terug, #terugblik").count() == 0
    assert visit.problems == []


def test_search_finds_a_buurt(chromium: Open, page: str) -> None:
    visit = opened(chromium, page)
    visit.page.get_by_label("Zoek een buurt of wijk").fill("hop")
    visit.page.keyboard.press("ArrowDown")
    visit.page.keyboard.press("Enter")
    assert panel(visit).startswith("BUURT\n\nHoptille")
    assert visit.page.locator("#niveau").input_value() == "auto"  # the map stays as it was
    visit.page.get_by_label("Zoek een buurt of wijk").fill("bestaat niet")
    assert "heet zo" in visit.page.locator(".zoek .niets").inner_text()
    visit.page.locator("#paneel").focus()
    visit.page.keyboard.press("Escape")
    assert panel(visit).startswith("Kies een plek")


def test_a_link_shows_what_its_sender_saw(chromium: Open, page: str) -> None:
    first = opened(chromium, page, "#laag=fiu-signalen&niveau=res9")
    first.page.get_by_label("Inzoomen").click()
    first.page.locator("#kaart").focus()
    first.wait("!document.querySelector('.leaflet-zoom-anim')")
    first.page.keyboard.press("Enter")
    second = opened(chromium, page, first.page.evaluate("location.hash"))
    assert panel(second) == panel(first)
    assert view(second) == pytest.approx(view(first), abs=2e-5)


@pytest.mark.parametrize(
    "fragment", ["#laag=x&niveau=y&beeld=a,b,c&cel=zz", "#cel=8affffffffffffff", "#%%%", "#beeld=99,0,0"]
)
def test_a_spoilt_link_still_opens_the_map(chromium: Open, page: str, fragment: str) -> None:
    visit = opened(chromium, page, fragment)
    assert visit.problems == []


def test_hostile_texts_do_nothing(chromium: Open, release: Release) -> None:
    visit = opened(chromium, kaart.map_html(hostile(release)))
    visit.page.mouse.click(660, 420)
    visit.page.mouse.move(700, 400)
    for layer in ("fiu-signalen", "kvk-registraties", "thema:witwassen"):
        choose_layer(visit, layer)
    visit.page.get_by_label("Zoek een buurt of wijk").fill("script")
    visit.page.keyboard.press("ArrowDown")
    visit.page.keyboard.press("Enter")
    assert visit.page.locator("img, iframe, object, embed").count() == 0
    assert visit.page.evaluate("document.scripts.length") == 5
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 1366
    box = visit.page.locator("#kaart").bounding_box()
    assert box["y"] + box["height"] <= 768
    assert len(visit.requests) == 1
    assert visit.problems == []


def test_retention_banner_appears_by_itself(chromium: Open, release: Release) -> None:
    over = replace(release, grondslag=replace(release.grondslag, retain_until=date(2020, 1, 31)))
    visit = opened(chromium, kaart.map_html(over))
    assert "bewaartermijn van deze kaart is voorbij (31-01-2020)" in visit.page.locator("#bewaren").inner_text()
    assert not opened(chromium, kaart.map_html(release)).page.locator("#bewaren").is_visible()


def test_damaged_data_gives_plain_words(chromium: Open, page: str) -> None:
    broken = re.sub(r'(id="gegevens">)[^<]{200}', r"\1" + "A" * 200, page)
    visit = chromium(broken)
    visit.wait("document.getElementById('start').textContent.includes('beschadigd')")


def test_notebook_shows_the_map(chromium: Open, release: Release) -> None:
    shown = kaart.folium_map(release)._repr_html_()
    visit = chromium(f"<!DOCTYPE html><meta charset=utf-8><body>{shown}</body>")
    frame = visit.page.frame_locator("iframe")
    frame.locator("#paneel h2").wait_for()
    assert frame.locator("#titel").inner_text() == "Voorbeeld Zuidoost"
    frame.locator('#lagen input[value="fiu-signalen"]').check()
    assert visit.problems == []


def test_nothing_is_kept_in_the_browser(chromium: Open, page: str) -> None:
    visit = opened(chromium, page)
    stored = visit.page.evaluate(
        "JSON.stringify([document.cookie, (() => { try { return localStorage.length } catch { return 0 } })()])"
    )
    assert json.loads(stored) == ["", 0]


@pytest.mark.parametrize("fragment", ["", "#laag=fiu-signalen&cel=chosen", "#laag=pandsluitingen&niveau=wijk"])
def test_axe_finds_nothing(chromium: Open, page: str, release: Release, fragment: str) -> None:
    zone = release.signals[0].zone
    visit = opened(chromium, page, fragment.replace("chosen", zone))
    found = Axe().run(visit.page).response["violations"]
    assert [(each["id"], [node["html"][:100] for node in each["nodes"]]) for each in found] == []
