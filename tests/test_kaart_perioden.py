"""The map through time, in a real Chromium: one period, two beside one another, and what differs between them."""

import re
from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from playwright.sync_api import Locator

from geoanalyse import grid
from geoanalyse.products import kaart, palette
from geoanalyse.release import Release
from tests.browser_fixtures import Open, Visit
from tests.sample import QUARTERS, sample_release
from tests.test_kaart_browser import choose_layer, on_screen, opened, panel, view

pytestmark = pytest.mark.browser

LAST, YEAR_BEFORE, MISSING = (QUARTERS[at].isoformat() for at in (7, 3, 2))
FIU = "#laag=fiu-signalen&niveau=buurt&uit=spots,borders,names"


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release(jump=6)


@pytest.fixture(scope="module")
def page(release: Release) -> str:
    return kaart.map_html(release)


def middles(release: Release, level: str) -> dict[str, tuple[float, float]]:
    """A point of every region of a level, in degrees: the centre of one of its inhabited cells in the area."""
    found = {}
    zones = release.geography.zones.base["alle"]
    rows = release.statistics.to_pandas()
    for code in rows[(rows["layer"] == "fiu-signalen") & (rows["level"] == level)]["zone"]:
        cells = release.geography.regions.under(code)
        cells = np.intersect1d(np.intersect1d(cells, zones.cell), release.area.cells)
        if len(cells):
            found[code] = tuple(grid.centres(cells[:1])[0])
    return found


def drawn(visit: Visit, release: Release, level: str, which: str = "#beeld1") -> dict[str, str]:
    """Colour of each region on one of the maps."""
    points = middles(release, level)
    lon, lat = np.array(list(points.values())).T
    left, top = on_screen(visit, lon, lat)
    if which != "#beeld1":
        one, other = (visit.page.locator(f"{each} .leaflet-container").bounding_box() for each in ("#beeld1", which))
        left, top = left + other["x"] - one["x"], top + other["y"] - one["y"]
    colours = visit.page.evaluate(
        """([which, points]) => {
          const canvas = document.querySelector(which + " canvas.cellen"), box = canvas.getBoundingClientRect();
          return points.map(([x, y]) => {
            const at = [Math.round(x - box.left), Math.round(y - box.top)];
            const [r, g, b] = canvas.getContext("2d").getImageData(...at, 1, 1).data;
            return "#" + [r, g, b].map((v) => v.toString(16).padStart(2, "0")).join("");
          });
        }""",
        [which, np.column_stack([left, top]).tolist()],
    )
    return dict(zip(points, colours, strict=True))


def classes(release: Release, level: str, start: str) -> dict[str, int]:
    rows = release.windows.to_pandas()
    rows = rows[(rows["layer"] == "fiu-signalen") & (rows["level"] == level) & (rows["start"].astype(str) == start)]
    rows = rows[rows["class"].notna()]
    return dict(zip(rows["zone"], rows["class"].astype(int), strict=True))


def test_a_period_is_drawn_with_the_classes_of_that_period(chromium: Open, page: str, release: Release) -> None:
    for start in (LAST, YEAR_BEFORE):
        visit = opened(chromium, page, f"{FIU}&periode={start}")
        assert visit.problems == []
        colours, known = drawn(visit, release, "buurt"), classes(release, "buurt", start)
        assert len(known) == 2
        for code, number in known.items():
            assert colours[code] == palette.CLASS_COLOURS[number]


def test_what_has_no_series_is_dotted_and_what_has_no_data_is_hatched(
    chromium: Open, page: str, release: Release
) -> None:
    visit = opened(chromium, page, f"{FIU}&periode={LAST}")
    dotted = {palette.EMPTY["onderdrukt"].ground, palette.EMPTY["onderdrukt"].mark}
    colours, known = drawn(visit, release, "buurt"), classes(release, "buurt", LAST)
    assert {colours[code] for code in colours if code not in known} <= dotted
    assert "geen eigen reeks" in visit.page.locator("#legenda").inner_text()
    visit = opened(chromium, page, f"{FIU}&periode={MISSING}")
    hatched = {palette.EMPTY["geen_data"].ground, palette.EMPTY["geen_data"].mark}
    colours = drawn(visit, release, "buurt")
    assert {colours[code] for code in known} <= hatched
    assert visit.page.locator("#tijd").get_attribute("aria-valuetext") == "Derde kwartaal van 2024: geen gegevens"
    assert visit.page.locator(".tik.leeg").count() == 1


def test_the_slider_walks_from_the_whole_period_through_every_window(chromium: Open, page: str) -> None:
    visit = opened(chromium, page, "#laag=fiu-signalen&niveau=buurt")
    slider, name = visit.page.locator("#tijd"), visit.page.locator("#tijdnaam")
    assert name.inner_text() == "Hele periode"
    slider.focus()
    seen = []
    for _ in range(8):
        visit.page.keyboard.press("ArrowRight")
        seen.append(name.inner_text())
    assert seen[0] == "Eerste kwartaal van 2024"
    assert seen[7] == "Vierde kwartaal van 2025"
    assert len(set(seen)) == 8
    assert visit.page.evaluate("document.activeElement.id") == "tijd"
    assert visit.page.locator("#melding").inner_text() == "Vierde kwartaal van 2025."
    assert f"periode={LAST}" in visit.page.url
    visit.page.keyboard.press("Home")
    assert name.inner_text() == "Hele periode"
    assert "periode=" not in visit.page.url


def test_zones_have_no_periods_and_the_map_says_so(chromium: Open, page: str) -> None:
    visit = opened(chromium, page, f"#laag=fiu-signalen&niveau=zone&periode={LAST}")
    assert "Per kwartaal is er geen cijfer per zone" in visit.page.locator("#niveaunoot").inner_text()
    assert "per buurt" in visit.page.locator("#kaartkop").inner_text()
    choose_layer(visit, "thema:drugs")
    assert "Een totaalbeeld heeft geen perioden" in visit.page.locator("#tijdbalk").inner_text()
    assert not visit.page.locator("#tijd").is_visible()
    assert "periode=" not in visit.page.url


def test_playing_goes_on_by_itself_and_stops_at_the_end(chromium: Open, page: str) -> None:
    visit = opened(chromium, page, f"#laag=fiu-signalen&periode={QUARTERS[5].isoformat()}")
    visit.page.locator("#speel").click()
    assert "Pauze" in visit.page.locator("#speel").inner_text()
    visit.wait(f"location.hash.includes('periode={LAST}')")
    visit.wait("document.getElementById('speel').textContent.includes('Afspelen')")
    assert visit.page.locator("#melding").inner_text() == "Gestopt bij Vierde kwartaal van 2025."


def test_playing_can_be_paused(chromium: Open, page: str) -> None:
    visit = opened(chromium, page, "#laag=fiu-signalen")
    visit.page.locator("#speel").click()
    visit.page.locator("#speel").click()
    at = visit.page.locator("#tijdnaam").inner_text()
    visit.page.wait_for_timeout(1800)
    assert visit.page.locator("#tijdnaam").inner_text() == at


def test_side_by_side_shows_each_its_own_period(chromium: Open, page: str, release: Release) -> None:
    visit = opened(chromium, page, f"{FIU}&periode={LAST}&met={YEAR_BEFORE}&weergave=naast")
    assert visit.page.locator("#kaartkop").inner_text() == "Vierde kwartaal van 2024"
    assert visit.page.locator("#kaartkop2").inner_text() == "Vierde kwartaal van 2025"
    assert visit.problems == []
    for which, start in (("#beeld1", YEAR_BEFORE), ("#tweede", LAST)):
        colours, known = drawn(visit, release, "buurt", which), classes(release, "buurt", start)
        assert {code: colours[code] for code in known} == {
            code: palette.CLASS_COLOURS[number] for code, number in known.items()
        }


def test_two_maps_are_always_on_one_view(chromium: Open, page: str) -> None:
    """The middle of both is the same cell, whatever was done to either."""
    visit = opened(chromium, page, f"{FIU}&periode={LAST}&weergave=naast")
    first, second = visit.page.locator("#kaart"), visit.page.locator("#kaart2")

    def middle(which: Locator) -> set[str]:
        """Cells around the middle; two maps may be half a pixel apart."""
        box, found = which.bounding_box(), set()
        for by in (3, 9, 15):
            visit.page.mouse.click(box["x"] + box["width"] / 2 + by, box["y"] + box["height"] / 2 + by)
            found.add((by, re.search(r"H3-cel (\w+)", panel(visit))[1]))
        return found

    def drag(which: Locator, by: int) -> None:
        box = which.bounding_box()
        visit.page.mouse.move(box["x"] + 150, box["y"] + 300)
        visit.page.mouse.down()
        visit.page.mouse.move(box["x"] + 150 + by, box["y"] + 300, steps=5)
        visit.page.mouse.up()

    seen = set()
    for act in (
        lambda: None,
        lambda: (first.focus(), visit.page.keyboard.press("ArrowRight")),
        lambda: (second.focus(), visit.page.keyboard.press("ArrowUp")),
        lambda: visit.page.get_by_label("Inzoomen").click(),
        lambda: drag(first, 60),
        lambda: drag(second, -45),
        lambda: (second.focus(), visit.page.keyboard.press("-")),
        lambda: visit.page.set_viewport_size({"width": 1200, "height": 700}),
    ):
        act()
        visit.page.wait_for_timeout(700)
        assert len(middle(first) & middle(second)) >= 2
        seen.add(view(visit))
    assert len(seen) >= 7
    sizes = [[round(each.bounding_box()[side]) for side in ("width", "height")] for each in (first, second)]
    assert sizes[0] == pytest.approx(sizes[1], abs=1)


def test_a_click_on_either_map_chooses_the_place_on_both(chromium: Open, page: str, release: Release) -> None:
    visit = opened(chromium, page, f"#laag=fiu-signalen&niveau=buurt&periode={LAST}&weergave=naast")
    code = next(iter(classes(release, "buurt", LAST)))
    lon, lat = middles(release, "buurt")[code]
    (left,), (top,) = on_screen(visit, np.array([lon]), np.array([lat]))
    one, other = (visit.page.locator(each).bounding_box() for each in ("#kaart", "#kaart2"))
    visit.page.mouse.click(left + other["x"] - one["x"], top)
    assert release.geography.regions.name(code) in panel(visit)
    names = "[...document.querySelectorAll('canvas.namen')].map((each) => each.toDataURL())"
    assert len(set(visit.page.evaluate(names))) <= 2
    rows = [
        row
        for row in release.windows.to_pylist()
        if row["zone"] == code and row["layer"] == "fiu-signalen" and str(row["start"]) in (LAST, YEAR_BEFORE)
    ]
    for row in rows:
        assert f"({row['low']} tot {row['high']})" in panel(visit)


@pytest.mark.parametrize("level", ["buurt", "wijk"])
def test_the_difference_shows_only_what_was_found_to_differ(
    chromium: Open, page: str, release: Release, level: str
) -> None:
    earlier = QUARTERS[4].isoformat()
    visit = opened(chromium, page, f"{FIU.replace('buurt', level)}&periode={LAST}&met={earlier}&weergave=verschil")
    changes = release.changes.to_pandas()
    changes = changes[
        (changes["layer"] == "fiu-signalen")
        & (changes["level"] == level)
        & (changes["earlier"].astype(str) == earlier)
        & (changes["later"].astype(str) == LAST)
    ]
    want = dict(zip(changes["zone"], changes["change"], strict=True))
    assert want
    assert visit.problems == []
    known = classes(release, level, LAST)
    colours = drawn(visit, release, level)
    for code in known:
        assert colours[code] == palette.CHANGE[want.get(code, "niet_anders")].ground
    style = palette.CHANGE["niet_te_vergelijken"]
    assert {colours[code] for code in colours if code not in known} <= {style.ground, style.mark}
    legend = visit.page.locator("#legenda").inner_text()
    assert "niet aantoonbaar anders" in legend
    assert re.search(r"▲ meer\s+1\b", legend)
    visit.page.get_by_text("Hoe is dit getoetst?").click()
    assert "Benjamini en Hochberg" in visit.page.locator("#legenda").inner_text()
    assert "▲ meer" in panel(visit)


def test_turning_the_pair_around_says_the_same(chromium: Open, page: str) -> None:
    texts = []
    for period, other in ((LAST, QUARTERS[4].isoformat()), (QUARTERS[4].isoformat(), LAST)):
        visit = opened(chromium, page, f"#laag=fiu-signalen&niveau=wijk&periode={period}&met={other}&weergave=verschil")
        texts.append((panel(visit), visit.page.locator("#legenda").inner_text()))
    assert texts[0] == texts[1]


def test_where_nothing_differs_the_map_says_that_this_is_not_equal(chromium: Open) -> None:
    visit = opened(chromium, kaart.map_html(sample_release()), "#laag=fiu-signalen&weergave=verschil")
    assert "nergens een verschil aantoonbaar. Dat is niet hetzelfde als geen verschil" in panel(visit)


def test_the_trend_marks_the_period_on_screen(chromium: Open, page: str, release: Release) -> None:
    code = next(iter(classes(release, "buurt", LAST)))
    cells = release.geography.regions.under(code)
    cell = grid.to_hex(cells[np.isin(cells, release.geography.zones.base["alle"].cell)][:1])[0]
    for fragment, marked in ((f"periode={LAST}", 1), (f"periode={LAST}&weergave=naast", 2), ("", 0)):
        visit = opened(chromium, page, f"#laag=fiu-signalen&niveau=buurt&cel={cell}&{fragment}")
        assert visit.page.locator("#paneel .nu").count() == marked
        assert visit.page.locator("#paneel .gat").count() == 1
    assert "Hoe vast is de klasse" in panel(visit)


def test_keyboard_walks_and_hears_the_period(chromium: Open, page: str) -> None:
    visit = opened(chromium, page, f"#laag=fiu-signalen&niveau=buurt&periode={LAST}&weergave=verschil")
    visit.page.locator("#kaart").focus()
    visit.page.keyboard.press("Enter")
    heard = visit.page.locator("#melding")
    texts = {heard.inner_text()}
    for key in ("ArrowLeft", "ArrowLeft", "ArrowDown", "ArrowLeft", "ArrowDown"):
        visit.page.keyboard.press(f"Alt+{key}")
        texts.add(heard.inner_text())
    assert any("niet te vergelijken" in text for text in texts)
    assert any(
        re.search(r"vierde kwartaal van 2025 ongeveer \d+ \(\d+ tot \d+\): (niet )?aantoonbaar", text) for text in texts
    )


def test_the_pointer_tells_on_each_map_what_that_map_shows(chromium: Open, page: str, release: Release) -> None:
    visit = opened(chromium, page, f"{FIU}&periode={LAST}&weergave=naast")
    code = next(iter(classes(release, "buurt", LAST)))
    lon, lat = middles(release, "buurt")[code]
    (left,), (top,) = on_screen(visit, np.array([lon]), np.array([lat]))
    one, other = (visit.page.locator(each).bounding_box() for each in ("#kaart", "#kaart2"))
    rows = {str(row["start"]): row for row in release.windows.to_pylist() if row["zone"] == code}
    for x, start in ((left, YEAR_BEFORE), (left + other["x"] - one["x"], LAST)):
        visit.page.mouse.move(x, top)
        tip = visit.page.locator("#wijzer")
        assert f"({rows[start]['low']} tot {rows[start]['high']})" in tip.inner_text()
        box = tip.bounding_box()
        assert abs(box["x"] - x) < 250
        assert abs(box["y"] - top) < 60


def test_a_skip_link_leaves_the_period_as_it_is(chromium: Open, page: str) -> None:
    visit = opened(chromium, page, f"#laag=fiu-signalen&niveau=buurt&periode={LAST}")
    visit.page.get_by_text("Naar de tabel").focus()
    visit.page.keyboard.press("Enter")
    visit.wait("location.hash.includes('periode=')")
    assert visit.page.locator("#tijdnaam").inner_text() == "Vierde kwartaal van 2025"


def test_a_hundred_and_twenty_periods_fit(chromium: Open, release: Release) -> None:
    months = [date(2016 + number // 12, number % 12 + 1, 1) for number in range(121)]
    row = release.windows.filter(pc.equal(release.windows["layer"], "fiu-signalen")).slice(0, 1).to_pylist()[0]
    rows = [{**row, "start": start, "end": end} for start, end in pairwise(months)]
    windows = pa.Table.from_pylist(rows, schema=release.windows.schema)
    many = replace(release, windows=windows, changes=release.changes.schema.empty_table())
    visit = opened(
        chromium, kaart.map_html(many), f"#laag=fiu-signalen&periode={months[60].isoformat()}&weergave=naast"
    )
    assert visit.page.locator("#tijdnaam").inner_text() == "Januari 2021"
    assert visit.page.locator("#anders option").count() == 119
    labels = visit.page.locator(".tik:not(:empty)").all()
    boxes = sorted((label.bounding_box() for label in labels), key=lambda box: box["x"])
    texts = [label.inner_text() for label in labels]
    assert 4 <= len(texts) <= 9
    assert all(one["x"] + one["width"] <= other["x"] + 1 for one, other in pairwise(boxes))
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 1366
    assert visit.problems == []
