"""The map for everyone: WCAG in every state, the keyboard alone, twice the size, forced colours, less motion."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from geoanalyse.products import kaart
from geoanalyse.release import Release
from tests.browser_fixtures import Open, Visit
from tests.sample import QUARTERS, sample_release
from tests.test_kaart_browser import opened, view

pytestmark = pytest.mark.browser

LAST = QUARTERS[7].isoformat()


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release(jump=6)


@pytest.fixture(scope="module")
def page(release: Release) -> str:
    return kaart.map_html(release)


def violations(visit: Visit) -> list[tuple[str, list[str]]]:
    found = Axe().run(visit.page).response["violations"]
    return [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found]


STATES = {
    "thema": "",
    "laag": "#laag=fiu-signalen&cel=chosen",
    "periode": f"#laag=fiu-signalen&niveau=buurt&periode={LAST}&cel=chosen",
    "geen gegevens": f"#laag=fiu-signalen&niveau=buurt&periode={QUARTERS[2].isoformat()}&cel=chosen",
    "naast": f"#laag=fiu-signalen&niveau=buurt&periode={LAST}&weergave=naast&cel=chosen",
    "verschil": f"#laag=fiu-signalen&niveau=wijk&periode={LAST}&weergave=verschil&cel=chosen",
    "beamer": "#laag=fiu-signalen&niveau=buurt&cel=chosen&beamer=1",
    "beamer naast": f"#laag=fiu-signalen&periode={LAST}&weergave=naast&beamer=1",
}


@pytest.mark.parametrize("size", [(1366, 768), (683, 384)])
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(chromium: Open, page: str, release: Release, state: str, size: tuple[int, int]) -> None:
    fragment = STATES[state].replace("chosen", release.signals[0].zone)
    visit = opened(chromium, page, fragment, width=size[0], height=size[1])
    for details in visit.page.locator("details:visible").all():
        details.evaluate("(each) => { each.open = true; }")
    assert violations(visit) == []


def test_axe_finds_nothing_while_searching(chromium: Open, page: str) -> None:
    visit = opened(chromium, page)
    visit.page.get_by_label("Zoek een buurt of wijk").fill("a")
    visit.page.keyboard.press("ArrowDown")
    assert visit.page.locator("#zoeklijst li").count() > 1
    assert violations(visit) == []


@pytest.mark.parametrize("paper", ["a4l", "a4s"])
def test_axe_finds_nothing_on_the_sheet(chromium: Open, page: str, paper: str) -> None:
    visit = opened(chromium, page, f"#laag=fiu-signalen&periode={LAST}&weergave=naast")
    visit.page.evaluate("window.print = () => {}")
    visit.page.locator("#bewaarmenu summary").click()
    visit.page.locator(f'[data-blad="{paper}"]').click()
    visit.page.emulate_media(media="print")
    visit.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert violations(visit) == []


def test_axe_finds_nothing_in_a_narrowed_table(chromium: Open, page: str) -> None:
    visit = opened(chromium, page, "#laag=fiu-signalen&niveau=zone")
    visit.page.locator("#tabelklasse").select_option(index=1)
    visit.page.get_by_label("Zoek in de tabel").fill("zzz")
    assert violations(visit) == []


WHERE = """() => {
  const here = document.activeElement, moved = here !== window.__before;
  const round = here === document.body || here === window.__first;
  window.__before = here;
  window.__first ??= here;
  return [round ? "" : here.id || here.dataset.key || here.name || here.className || here.tagName, moved];
}"""


@pytest.mark.parametrize("state", ["laag", "naast", "verschil", "beamer"])
def test_tab_goes_through_every_function_and_out_at_the_end(
    chromium: Open, page: str, release: Release, state: str
) -> None:
    visit = opened(chromium, page, STATES[state].replace("chosen", release.signals[0].zone))
    walked: list[str] = []
    for _ in range(160):
        visit.page.keyboard.press("Tab")
        here, moved = visit.page.evaluate(WHERE)
        if not here:
            break
        assert moved, f"Tab blijft staan op {here}"
        walked.append(here)
    else:
        pytest.fail(f"Tab komt niet aan het eind: {walked[-5:]}")
    wanted = {"kaart", "tijd", "weergave", "beamer"}
    if state == "naast":
        wanted |= {"kaart2", "anders"}
    if state != "beamer":
        wanted |= {"laag", "niveau", "zoek", "tabelfilter", "tabelklasse", "naam", "adressen"}
    assert wanted <= set(walked), wanted - set(walked)
    assert visit.problems == []


def test_every_focus_can_be_seen(chromium: Open, page: str) -> None:
    visit = opened(chromium, page, f"#laag=fiu-signalen&periode={LAST}&weergave=naast")
    for _ in range(45):
        visit.page.keyboard.press("Tab")
        shown = visit.page.evaluate(
            """() => {
              const here = document.activeElement;
              const line = (each) => (each ? getComputedStyle(each) : { outlineStyle: "none" });
              const seen = (each) => line(each).outlineStyle !== "none" && parseFloat(line(each).outlineWidth) >= 2;
              return [here.outerHTML.slice(0, 80), seen(here) || seen(here.nextElementSibling)];
            }"""
        )
        assert shown[1], shown[0]


def test_the_keyboard_alone_compares_two_periods_and_prints(chromium: Open, page: str) -> None:
    visit = opened(chromium, page, "#laag=fiu-signalen&niveau=wijk")
    keyboard = visit.page.keyboard
    visit.page.locator('.weergave input[value="kaart"]').focus()
    keyboard.press("ArrowRight")
    keyboard.press("ArrowRight")
    assert "weergave=verschil" in visit.page.url
    assert visit.page.evaluate("document.activeElement.value") == "verschil"
    keyboard.press("Tab")
    keyboard.press("ArrowUp")
    assert "met=2024-07-01" in visit.page.url
    assert visit.page.locator("#melding").inner_text() == "Vergeleken met het derde kwartaal van 2024."
    keyboard.press("Tab")
    keyboard.press("Enter")
    assert visit.page.locator('[data-blad="a4l"]').is_visible()
    keyboard.press("Escape")
    assert not visit.page.locator('[data-blad="a4l"]').is_visible()
    assert visit.page.evaluate("document.activeElement.tagName") == "SUMMARY"
    visit.page.evaluate("window.print = () => { window.__printed = document.documentElement.dataset; }")
    for key in ("Enter", "Tab", "Tab", "Enter"):
        keyboard.press(key)
    assert visit.page.evaluate("Boolean(window.__printed)")
    assert visit.problems == []


@pytest.mark.parametrize("size", [(683, 384), (320, 640)])
@pytest.mark.parametrize("state", STATES)
def test_twice_and_four_times_the_size_needs_no_sideways_scrolling(
    chromium: Open, page: str, release: Release, state: str, size: tuple[int, int]
) -> None:
    fragment = STATES[state].replace("chosen", release.signals[0].zone)
    visit = opened(chromium, page, fragment, width=size[0], height=size[1])
    visit.page.locator("#bewaarmenu").evaluate("(each) => { each.open = true; }")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= size[0]
    cut = visit.page.evaluate(
        """() => [...document.querySelectorAll("button, select, input, summary, .tijdlijn, .kaartkop")]
          .filter((each) => each.offsetParent && !each.closest(".rol, .alleen-voorlezen"))
          .map((each) => [each.getBoundingClientRect(), each.outerHTML.slice(0, 80)])
          .filter(([box]) => box.left < -1 || box.right > innerWidth + 1).map(([, html]) => html)"""
    )
    assert cut == []


def order(visit: Visit) -> list[str]:
    """Parts beside the map, in the order of the document; what stands higher or more to the left comes first."""
    found: list[list[str]] = visit.page.evaluate(
        """() => {
          const all = [...document.querySelector(".werkblad").children], at = (each) => each.getBoundingClientRect();
          const seen = [...all].sort((a, b) => at(a).top - at(b).top || at(a).left - at(b).left);
          return [all, seen].map((list) => list.map(({ id }) => id));
        }"""
    )
    assert found[0] == found[1]
    return found[0]


@pytest.mark.parametrize("size", [(400, 800), (683, 384), (320, 640)])
def test_a_narrow_screen_begins_with_the_whole_map(
    chromium: Open, page: str, release: Release, size: tuple[int, int]
) -> None:
    visit = opened(chromium, page, width=size[0], height=size[1])
    assert visit.page.evaluate("document.querySelector('#kaart').getBoundingClientRect().bottom") <= size[1]
    assert order(visit) == ["kaartvak", "lagenvak", "paneel"]
    visit.page.locator("#lagen input").nth(1).focus()
    visit.page.set_viewport_size({"width": 1366, "height": 768})
    visit.wait("document.querySelector('#lagenvak').nextElementSibling.id === 'kaartvak'")
    assert order(visit) == ["lagenvak", "kaartvak", "paneel"]
    assert visit.page.evaluate("document.activeElement === document.querySelectorAll('#lagen input')[1]")
    chosen = opened(chromium, page, f"#cel={release.signals[0].zone}", width=size[0], height=size[1])
    assert order(chosen) == ["kaartvak", "paneel", "lagenvak"]
    assert visit.problems == chosen.problems == []


def test_less_motion_means_no_playing_and_no_moving(chromium: Open, page: str) -> None:
    less = "window.matchMedia = (query) => ({ matches: query.includes('motion'), addEventListener() {} });"
    visit = opened(chromium, page, "#laag=fiu-signalen", before=less)
    assert not visit.page.locator("#speel").is_visible()
    visit.page.get_by_label("Volgende periode").click()
    assert "periode=2024-01-01" in visit.page.url
    visit.page.get_by_label("Inzoomen").click()
    assert visit.page.locator(".leaflet-zoom-anim").count() == 0
    visit.page.get_by_label("Vorige periode").click()
    assert visit.page.locator("#tijdnaam").inner_text() == "Hele periode"


def test_forced_colours_leave_the_map_and_its_choices(chromium: Open, page: str) -> None:
    visit = opened(chromium, page, f"#laag=fiu-signalen&niveau=buurt&periode={LAST}&weergave=verschil")
    picture = "document.querySelector('canvas.cellen').toDataURL()"
    before = visit.page.evaluate(picture)
    visit.page.emulate_media(forced_colors="active")
    assert visit.page.evaluate(picture) == before
    chosen, other = (
        visit.page.locator(f'.weergave input[value="{name}"] + span').evaluate(
            "(each) => getComputedStyle(each).backgroundColor"
        )
        for name in ("verschil", "kaart")
    )
    assert chosen != other
    swatch = visit.page.locator("#legenda canvas").first
    assert swatch.evaluate("(each) => getComputedStyle(each).forcedColorAdjust") == "none"


def test_the_area_cannot_be_lost(chromium: Open, page: str) -> None:
    visit = opened(chromium, page)
    visit.page.locator("#kaart").focus()
    for _ in range(30):
        visit.page.keyboard.press("Shift+ArrowRight")
    visit.page.wait_for_timeout(800)
    (west, south), (east, north) = kaart.read_map(page)[0]["bounds"]
    _, lat, lon = view(visit)
    assert abs(lon - (west + east) / 2) < 3 * (east - west)
    assert abs(lat - (south + north) / 2) < 3 * (north - south)
