"""What a reader takes from the map: paper, a picture, a table, a link; and the map on a beamer."""

import csv
import io
import re
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image

from geoanalyse.products import kaart, palette
from geoanalyse.release import Release
from tests.browser_fixtures import Open, Visit
from tests.sample import QUARTERS, sample_release
from tests.test_kaart import hostile
from tests.test_kaart_browser import opened, panel, view

pytestmark = pytest.mark.browser

PAPERS = {"a4l": (297, 210), "a4s": (210, 297), "a3l": (420, 297), "a3s": (297, 420)}
LAST = QUARTERS[7].isoformat()


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release(jump=6)


@pytest.fixture(scope="module")
def page(release: Release) -> str:
    return kaart.map_html(release)


def printed(visit: Visit, paper: str) -> pdfium.PdfDocument:
    """Choose a paper in the menu, and print as the browser then does."""
    visit.page.evaluate("window.print = () => {}")
    visit.page.locator("#bewaarmenu summary").click()
    visit.page.locator(f'[data-blad="{paper}"]').click()
    return pdfium.PdfDocument(visit.page.pdf(prefer_css_page_size=True, print_background=True))


def text_of(document: pdfium.PdfDocument, number: int) -> str:
    return " ".join(document[number].get_textpage().get_text_range().split())


def colours_of(picture: Image.Image) -> set[str]:
    """Colours that fill at least one pixel in a thousand."""
    counted = picture.convert("RGB").getcolors(picture.width * picture.height)
    return {
        "#{:02x}{:02x}{:02x}".format(*colour)
        for count, colour in counted
        if count * 1000 > picture.width * picture.height
    }


def saved(visit: Visit, button: str) -> tuple[str, bytes]:
    visit.page.locator("#bewaarmenu summary").click()
    with visit.page.expect_download() as waiting:
        visit.page.locator(button).click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


@pytest.mark.parametrize("paper", PAPERS)
def test_one_sheet_holds_the_map_and_all_that_must_go_with_it(
    chromium: Open, page: str, release: Release, paper: str
) -> None:
    visit = opened(chromium, page, "#laag=fiu-signalen&niveau=buurt")
    document = printed(visit, paper)
    size = tuple(round(side / 72 * 25.4) for side in document[0].get_size())
    assert size == PAPERS[paper]
    first = text_of(document, 0)
    for words in (
        release.area.title,
        "FIU-signalen",
        "per buurt",
        release.grondslag.classification,
        "Geen persoonsgegevens",
        "DEMO: verzonnen gegevens",
        "keer het gemiddelde",
        "3 of meer",
        "geen adressen",
        "Een hoge score is een signaal, geen bewijs.",
        "Bewaren tot en met 31 december 2099",
        release.digest,
        release.geography.regions.source,
    ):
        assert words in first, words
    assert re.search(r"\bN \d+ k?m\b", first)  # north arrow and scale bar
    drawn = colours_of(document[0].render(scale=1).to_pil())
    shown = {
        int(row["class"])
        for row in release.statistics.to_pylist()
        if row["layer"] == "fiu-signalen" and row["level"] == "buurt" and row["class"] is not None
    }
    assert {palette.CLASS_COLOURS[number] for number in shown} <= drawn
    for number in range(len(document)):
        foot = text_of(document, number)
        assert release.grondslag.classification in foot
        assert release.digest in foot
        assert f"{number + 1} / {len(document)}" in foot
    assert "Zoek een buurt" not in first
    assert "Afspelen" not in first


def test_the_whole_sheet_is_used_and_nothing_falls_off(chromium: Open, page: str) -> None:
    for paper, (wide, _) in PAPERS.items():
        visit = opened(chromium, page, "#laag=fiu-signalen&niveau=buurt")
        visit.page.evaluate("window.print = () => {}")
        visit.page.emulate_media(media="print")
        visit.page.locator("#bewaarmenu summary").click()
        visit.page.locator(f'[data-blad="{paper}"]').click()
        visit.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        millimetre = 96 / 25.4
        room = (wide - 20) * millimetre
        overflowing = visit.page.evaluate(
            """(room) => [...document.querySelectorAll("body *")]
              .filter((each) => !each.closest(".leaflet-container, .alleen-voorlezen"))
              .filter((each) => each.getBoundingClientRect().right > room + 1)
              .map((each) => each.outerHTML.slice(0, 80))""",
            room,
        )
        assert overflowing == []
        sheet = visit.page.locator(".scherm").bounding_box()
        assert sheet["width"] == pytest.approx(room, abs=2)
        high = (PAPERS[paper][1] - 25) * millimetre
        assert 0.85 * high <= sheet["height"] <= high


def test_the_chosen_place_and_the_sources_follow_the_sheet(chromium: Open, page: str, release: Release) -> None:
    zone = release.signals[0].zone
    document = printed(opened(chromium, page, f"#laag=fiu-signalen&niveau=zone&cel={zone}"), "a4l")
    rest = " ".join(text_of(document, number) for number in range(1, len(document)))
    assert "95% zeker" in text_of(document, 1)
    assert f"H3-cel {zone}" in rest
    for words in ("Grondslag", release.grondslag.purpose, "Waar de belofte ophoudt", "Leaflet 1.9.4"):
        assert words in rest, words


def test_a_comparison_prints_both_maps(chromium: Open, page: str) -> None:
    visit = opened(chromium, page, f"#laag=fiu-signalen&niveau=buurt&periode={LAST}&weergave=naast")
    document = printed(visit, "a4l")
    first = text_of(document, 0)
    assert "Vierde kwartaal van 2024" in first
    assert "Vierde kwartaal van 2025" in first
    assert visit.problems == []


def test_after_printing_the_page_is_as_it_was(chromium: Open, page: str) -> None:
    visit = opened(chromium, page, "#laag=fiu-signalen&niveau=zone")
    visit.page.get_by_label("Inzoomen").click()
    visit.page.wait_for_timeout(500)
    before = view(visit), visit.page.locator("#kaart").bounding_box(), visit.page.locator("details[open]").count()
    printed(visit, "a3s")
    visit.wait("!document.documentElement.dataset.papier")
    visit.page.wait_for_timeout(200)
    after = view(visit), visit.page.locator("#kaart").bounding_box(), visit.page.locator("details[open]").count()
    assert before[1:] == after[1:]
    assert before[0] == pytest.approx(after[0], abs=2e-5)
    assert visit.page.locator(".drukbeeld").count() == 0


def test_printing_without_the_menu_gives_a_sheet_too(chromium: Open, page: str, release: Release) -> None:
    visit = opened(chromium, page, "#laag=fiu-signalen")
    document = pdfium.PdfDocument(visit.page.pdf(prefer_css_page_size=True, print_background=True))
    assert release.digest in text_of(document, 0)
    assert "Afspelen" not in text_of(document, 0)


def test_hostile_texts_stay_texts_on_paper(chromium: Open, release: Release) -> None:
    visit = opened(chromium, kaart.map_html(hostile(release)))
    document = printed(visit, "a4l")
    assert "alert(1)" in text_of(document, 0)
    assert visit.page.locator("img, iframe").count() == 0
    name, content = saved(visit, "#afbeelding")
    assert name.endswith(".png")
    Image.open(io.BytesIO(content)).load()
    assert visit.problems == []


def test_a_picture_holds_the_map_with_its_colours(chromium: Open, page: str, release: Release) -> None:
    visit = opened(chromium, page, f"#laag=fiu-signalen&niveau=buurt&periode={LAST}")
    name, content = saved(visit, "#afbeelding")
    assert name == f"voorbeeld-fiu-signalen-buurt-{LAST}.png"
    picture = Image.open(io.BytesIO(content))
    box = visit.page.locator("#kaart").bounding_box()
    assert picture.width > 2 * box["width"]
    shown = {
        int(row["class"])
        for row in release.windows.to_pylist()
        if row["layer"] == "fiu-signalen" and row["level"] == "buurt" and str(row["start"]) == LAST
    }
    assert {palette.CLASS_COLOURS[number] for number in shown} <= colours_of(picture)
    assert visit.problems == []


def test_a_picture_is_what_is_on_screen(chromium: Open, page: str) -> None:
    """The map in the picture, halved, has the colour of the screen nearly everywhere."""
    visit = opened(chromium, page, "#laag=fiu-signalen&niveau=zone&uit=spots,borders,names")
    screen = Image.open(io.BytesIO(visit.page.locator("canvas.cellen").screenshot())).convert("RGB")
    box = visit.page.locator("#kaart").bounding_box()
    full = Image.open(io.BytesIO(visit.page.screenshot())).convert("RGB")
    screen = full.crop(
        [round(box[k]) for k in ("x", "y")] + [round(box["x"] + box["width"]), round(box["y"] + box["height"])]
    )
    _, content = saved(visit, "#afbeelding")
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    inner = picture.crop((48, (24 + 70) * 2, 48 + 2 * screen.width, (24 + 70) * 2 + 2 * screen.height)).resize(
        screen.size, Image.Resampling.BOX
    )
    middle = slice(150, 450), slice(150, 600)
    difference = np.abs(np.asarray(inner, dtype=int)[middle] - np.asarray(screen, dtype=int)[middle]).max(axis=2)
    assert (difference < 40).mean() > 0.97


def test_the_table_as_a_file_says_what_it_is_of(chromium: Open, page: str, release: Release) -> None:
    visit = opened(chromium, page, f"#laag=fiu-signalen&niveau=wijk&periode={LAST}&weergave=verschil")
    name, content = saved(visit, "#csv")
    assert name == f"voorbeeld-fiu-signalen-wijk-{QUARTERS[3].isoformat()}-{LAST}-verschil.csv"
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 4
    assert {row["Toets op toeval"] for row in rows} == {"meer", "niet aantoonbaar anders", "niet te vergelijken"}
    assert {row["Kenmerk"] for row in rows} == {release.digest}
    assert {row["Periode"] for row in rows} == {"vierde kwartaal van 2025 tegen vierde kwartaal van 2024"}
    assert rows[0]["Rubricering"] == release.grondslag.classification
    assert not any(cell[:1] in "=+-@" for row in rows for cell in row.values() if cell)


def test_a_narrowed_table_is_saved_narrowed(chromium: Open, page: str, release: Release) -> None:
    visit = opened(chromium, page, "#laag=fiu-signalen&niveau=zone")
    rows = release.statistics.to_pandas()
    rows = rows[(rows["layer"] == "fiu-signalen") & (rows["level"] == "zone")]
    visit.page.locator("#tabelklasse").select_option("hotspot")
    _, content = saved(visit, "#csv")
    assert len(content.decode("utf-8-sig").splitlines()) == 1 + int((rows["hotspot"] == "hotspot").sum())
    assert "tabel=keer,af,hotspot," in visit.page.url
    other = opened(chromium, page, visit.page.evaluate("location.hash"))
    assert other.page.locator("#tabelklasse").input_value() == "hotspot"
    assert other.page.locator("tbody").first.inner_text() == visit.page.locator("tbody").first.inner_text()


def test_a_link_holds_all_that_is_on_screen(chromium: Open, page: str) -> None:
    first = opened(chromium, page, f"#laag=fiu-signalen&niveau=wijk&periode={LAST}&weergave=naast")
    first.page.get_by_label("Namen van buurten").uncheck()
    first.page.locator('#tabelvak button[data-key="adressen"]').click()
    first.page.locator("#kaart").focus()
    first.page.keyboard.press("Enter")
    first.page.locator("#beamer").click()
    first.page.wait_for_timeout(300)
    second = opened(chromium, page, first.page.evaluate("location.hash"))
    assert second.page.evaluate("location.hash") == first.page.evaluate("location.hash")
    assert panel(second) == panel(first)
    assert second.page.locator("#kaartkop2").inner_text() == first.page.locator("#kaartkop2").inner_text()
    assert second.page.evaluate("document.documentElement.classList.contains('beamer')")
    assert not second.page.get_by_label("Namen van buurten").is_checked()


def test_a_beamer_has_large_letters_no_panels_and_a_legend(chromium: Open, page: str) -> None:
    visit = opened(chromium, page, "#laag=fiu-signalen&niveau=buurt")
    size = "parseFloat(getComputedStyle(document.querySelector('#legenda li')).fontSize)"
    wide, letters = visit.page.locator("#kaart").bounding_box()["width"], visit.page.evaluate(size)
    visit.page.locator("#beamer").click()
    assert visit.page.evaluate(size) >= 1.2 * letters
    assert visit.page.locator("#kaart").bounding_box()["width"] >= 1366 > 1.5 * wide
    assert visit.page.evaluate("document.documentElement.scrollHeight") <= 768
    for gone in ("#lagen", "#tabelvak", "#over", "#paneel", "#zoek"):
        assert not visit.page.locator(gone).is_visible()
    for kept in ("#titel", "#legenda", "#rubricering", "#demo", "#tijd"):
        assert visit.page.locator(kept).is_visible()
    visit.page.locator("#kaart").focus()
    visit.page.keyboard.press("Enter")
    assert visit.page.locator("#paneel h2").is_visible()
    visit.page.keyboard.press("Escape")
    assert visit.page.evaluate("document.documentElement.classList.contains('beamer')")
    visit.page.keyboard.press("Escape")
    assert not visit.page.evaluate("document.documentElement.classList.contains('beamer')")
    assert visit.page.locator("#lagen").is_visible()
    assert visit.problems == []
