"""The factsheet as one offline page: it says what the PDF says, runs nothing, prints, and can be read by everyone."""

import dataclasses
import datetime as dt
import json
import re
import shutil
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw
import pytest
from axe_playwright_python.sync_playwright import Axe

from geoanalyse.layer import Theme
from geoanalyse.products import factsheet, gate, palette, svg
from geoanalyse.products.audit import audit, identity, pages, vector
from geoanalyse.products.contents import UNSEEN, Page
from geoanalyse.products.folder import write_release
from geoanalyse.products.labels import printable
from geoanalyse.release import Release
from tests.browser_fixtures import Open, Visit
from tests.sample import sample_grondslag, sample_release
from tests.small import small_release
from tests.spoiled import in_text, signed
from tests.test_cutout import HOSTILE, renamed

Content = dict[str, Any]
TODAY = dt.date(2026, 11, 23)
PAPER = 673  # CSS pixels between the margins of A4


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release(jump=6)


@pytest.fixture(scope="module")
def made(release: Release) -> dict[str, Content]:
    theme = factsheet.subjects.of_theme(release, Theme.DRUGS)
    buurt = factsheet.subjects.buurten(release)[0]
    return {"thema": factsheet.content(release, theme), "buurt": factsheet.content(release, buurt)}


@pytest.fixture(scope="module", params=["thema", "buurt"])
def content(made: dict[str, Content], request: pytest.FixtureRequest) -> Content:
    return made[request.param]


@pytest.fixture(scope="module")
def page(content: Content) -> str:
    return factsheet.html(content)


@pytest.fixture(scope="module")
def theme_page(made: dict[str, Content]) -> str:
    return factsheet.html(made["thema"])


@pytest.fixture(scope="module")
def small() -> Release:
    return small_release()


def words(page: str) -> str:
    """Everything people read or hear on a page, with single spaces."""
    return " ".join(" ".join(piece.text for piece in seen(page)).split())


def seen(page: str) -> list[Any]:
    return [piece for piece in gate.contents("factsheet-x.html", page.encode()) if piece.part != UNSEEN]


# --- what it says -----------------------------------------------------------------------------------------------------


def test_every_sentence_of_the_content_stands_on_it(content: Content, page: str) -> None:
    text = words(page)
    assert [each.text for each in factsheet.said(content) if printable(each.text) not in text] == []


def test_every_row_of_every_table_stands_on_it(content: Content, page: str) -> None:
    flow = " ".join("".join(Page(page).flow).split())
    rows = [[printable(getattr(cell, "text", cell)) for cell in row] for name in ("kerncijfers", "signalen", "bronnen")
            for row in content[name]["rijen"]]  # fmt: skip
    for row in content["tabel"]["rijen"]:
        own = [f"{row['naam']} deze {content['tabel']['soort'][0]}" if row["zelf"] else row["naam"]]
        rows.append([*own, *(text for _, text in row["samen"]), *row["waarden"], row["hotspots"]])
    assert [row for row in rows if " ".join(row) not in flow] == []
    for name in ("kerncijfers", "tabel", "signalen", "bronnen"):
        assert " ".join(content[name]["kop"]) in flow or not content[name]["rijen"]


def test_the_colour_of_a_cell_is_that_of_its_class(content: Content, page: str) -> None:
    colours = [colour for row in content["tabel"]["rijen"] for colour, _ in row["samen"]]
    wanted = [palette.CLASS_COLOURS.index(colour) for colour in colours if colour]
    assert [int(number) for number in re.findall(r'class="staal klasse-(\d)"', page)] == wanted
    for index, colour in enumerate(palette.CLASS_COLOURS):
        assert f".klasse-{index} {{ background: {colour}; }}" in factsheet.page.style()


def test_what_tells_one_release_from_another_stands_there_in_full(release: Release) -> None:
    long = "Rubricering die langer is dan er op een bladzijde past. " * 8
    caveat = "Het register van eerdere uitgaven was weg. " * 8
    other = dataclasses.replace(
        release, grondslag=dataclasses.replace(release.grondslag, classification=long), caveat=caveat
    )
    page = factsheet.html(factsheet.content(other, factsheet.subjects.of_theme(other, Theme.DRUGS)))
    basis = other.grondslag
    of = identity.Identity(
        digest=other.digest,
        title=other.area.title,
        start=other.start.isoformat(),
        end=other.end.isoformat(),
        reference_date=other.reference_date.isoformat(),
        zones_version=other.zones_version,
        profile=other.profile,
        key_mark=other.key_mark,
        classification=basis.classification,
        retain_until=basis.retain_until.isoformat(),
        caveat=other.caveat,
    )
    assert identity.missing_in_text(of, words(page), ".html") == []


def test_same_content_same_page_beside_the_pdf(release: Release, theme_page: str) -> None:
    files, _ = factsheet.files(release, factsheet.subjects.of_theme(release, Theme.DRUGS))
    assert set(files) == {"factsheet-drugs.pdf", "factsheet-drugs.html"}
    assert files["factsheet-drugs.html"] == theme_page.encode()


def test_a_demo_says_so_and_another_does_not(release: Release, theme_page: str) -> None:
    assert words(theme_page).count("DEMO") >= 1
    real = dataclasses.replace(release, grondslag=sample_grondslag(demo=False))
    page = factsheet.html(factsheet.content(real, factsheet.subjects.of_theme(real, Theme.DRUGS)))
    assert "DEMO" not in words(page)


# --- in a browser -----------------------------------------------------------------------------------------------------

TEXTS = """() => [...document.querySelectorAll("figure svg[role], .legenda svg[role]")].map((drawing) => ({
  frame: drawing.getBoundingClientRect().toJSON(),
  texts: [...drawing.querySelectorAll("text")].map((each) => [each.textContent, each.getBoundingClientRect().toJSON()]),
}))"""


def overlapping(one: dict[str, float], other: dict[str, float]) -> bool:
    """Whether two lines of text run through each other; lines below each other may share the room of their tails."""
    across = min(one["right"], other["right"]) - max(one["left"], other["left"])
    along = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
    return across > 1 and along > 0.25 * min(one["height"], other["height"])


@pytest.mark.browser
def test_it_asks_and_says_nothing(chromium: Open, page: str) -> None:
    visit = chromium(page)
    assert len(visit.requests) == 1
    assert visit.problems == []
    assert visit.page.evaluate("document.scripts.length + document.images.length") == 0
    assert visit.page.evaluate("document.querySelectorAll('[style]').length") == 0


@pytest.mark.browser
@pytest.mark.parametrize("width", [1366, 400])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(chromium: Open, page: str, width: int) -> None:
    visit = chromium(page, width=width, height=768)
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(visit) == []
    assert visit.page.evaluate("document.querySelectorAll('h1').length") == 1
    ids = visit.page.evaluate("[...document.querySelectorAll('[id]')].map((each) => each.id)")
    assert len(ids) == len(set(ids))


def violations(visit: Visit) -> list[tuple[str, list[str]]]:
    found = Axe().run(visit.page).response["violations"]
    return [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found]


@pytest.mark.browser
@pytest.mark.parametrize("width", [1366, 400])
def test_no_label_runs_through_another_whatever_the_font(chromium: Open, page: str, width: int) -> None:
    visit = chromium(page, width=width, height=768)
    drawings = visit.page.evaluate(TEXTS)
    assert sum(len(each["texts"]) for each in drawings) > 30
    for each in drawings:
        for index, (text, box) in enumerate(each["texts"]):
            assert box["left"] >= each["frame"]["left"] - 1, text
            assert box["right"] <= each["frame"]["right"] + 1, text
            assert [other for other, place in each["texts"][index + 1 :] if overlapping(box, place)] == [], text


@pytest.mark.browser
def test_an_empty_is_hatched_in_every_drawing(chromium: Open, theme_page: str) -> None:
    """The patterns are defined once, in the first drawing, and the others use them."""
    assert theme_page.count("<defs>") == 1
    assert "url(#geen_data)" not in theme_page.partition("</figure>")[0]
    visit = chromium(theme_page)
    used = set(re.findall(r'fill="url\(#(\w+)\)"', theme_page))
    assert all(visit.page.evaluate(f"Boolean(document.querySelector('pattern#{each}'))") for each in used)


@pytest.mark.browser
def test_it_prints_on_a4_with_the_map_on_the_first_page(chromium: Open, content: Content, page: str) -> None:
    visit = chromium(page, width=PAPER, height=1000)
    visit.page.emulate_media(media="print")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= PAPER
    document = pypdfium2.PdfDocument(visit.page.pdf(prefer_css_page_size=True, print_background=True))
    sheets = [document[number] for number in range(len(document))]
    texts = [sheet.get_textpage().get_text_range() for sheet in sheets]
    assert 2 <= len(sheets) <= 4
    assert {tuple(round(side / 72 * 25.4) for side in sheet.get_size()) for sheet in sheets} == {(210, 297)}
    first, second = content["koppen"]["kerncijfers"], content["tabel"]["titel"]
    assert first in texts[0]
    assert printable(content["kerncijfers"]["rijen"][-1][0]) in texts[0]
    assert second not in texts[0]
    assert second in texts[1]
    for number, sheet in enumerate(sheets, 1):
        assert f"bladzijde {number} van {len(sheets)}" in texts[number - 1]
        assert "Een hoge score is een signaal" in texts[number - 1]
        kinds = {each.type for each in sheet.get_objects()}
        assert pypdfium2.raw.FPDF_PAGEOBJ_IMAGE not in kinds  # the drawings stay lines


@pytest.mark.browser
def test_a_table_of_every_layer_fits_the_paper(chromium: Open, small: Release) -> None:
    """Chromium makes a page that is too wide smaller as a whole."""
    buurt = factsheet.subjects.buurten(small)[0]
    visit = chromium(factsheet.html(factsheet.content(small, buurt)), width=PAPER, height=1000)
    visit.page.emulate_media(media="print")
    assert visit.page.locator(".gebieden thead th").count() > 7
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= PAPER


@pytest.mark.browser
def test_hostile_names_are_text_only(chromium: Open, release: Release) -> None:
    odd = renamed(dataclasses.replace(release, caveat=HOSTILE[0]), *HOSTILE)
    odd = dataclasses.replace(odd, area=dataclasses.replace(odd.area, title=HOSTILE[0] + HOSTILE[2]))
    page = factsheet.html(factsheet.content(odd, factsheet.subjects.buurten(odd)[0]))
    assert list(pages.faults(page)) == []
    visit = chromium(page)
    assert visit.problems == []
    assert visit.page.evaluate("document.scripts.length") == 0
    assert '<script>alert("x")</script>' in visit.page.evaluate("document.body.textContent")


# --- how it is checked ------------------------------------------------------------------------------------------------


def test_our_own_page_is_in_order(page: str) -> None:
    assert list(pages.faults(page)) == []


PLANTED = (
    '<a href="https://voorbeeld.nl/">x</a>',
    '<a href="#kop-kaart">x</a>',
    '<img src="data:image/png;base64,AA">',
    '<p style="color: red">x</p>',
    '<p onclick="alert(1)">x</p>',
    "<script>alert(1)</script>",
    "<style>p { color: red }</style>",
    "<em>nadruk</em>",
    "<rect/>",
    "<p/>",
    "<svg>",
    "<SVG></SVG>",
    "<svg/>",
    '<p title="<svg lang="nl"></svg>">x</p>',
)
IN_A_DRAWING = (
    '<a href="https://voorbeeld.nl/"><text>x</text></a>',
    '<image href="data:image/png;base64,AA"/>',
    '<use href="#geen_data"/>',
    "<foreignObject><p>x</p></foreignObject>",
    "<script>alert(1)</script>",
    "<style>text { fill: red }</style>",
    '<animate attributeName="x"/>',
    '<set attributeName="href"/>',
    '<rect onload="alert(1)"/>',
    '<rect style="fill: red"/>',
    '<rect fill="url(https://voorbeeld.nl/a.svg#b)"/>',
    '<rect fill="url(#elders)"/>',
    '<rect fill="red"/>',
    '<rect x="1" x="2"/>',
    '<rect transform="scale(9)"/>',
    "<text><tspan>x</tspan></text>",
    "<title><rect/></title>",
    "<p>x</p>",
    "los",
    "<!-- x -->",
    "<rect>",
    "</rect>",
)


@pytest.mark.parametrize("planted", PLANTED)
def test_what_a_factsheet_does_not_have_is_named(theme_page: str, planted: str) -> None:
    assert list(pages.faults(theme_page.replace("</main>", f"{planted}</main>")))


@pytest.mark.parametrize("planted", IN_A_DRAWING)
def test_what_is_not_drawn_by_us_is_named(theme_page: str, planted: str) -> None:
    for place in ("<defs>", "</svg></div>", "<desc>"):
        spoiled = theme_page.replace(place, f"{planted}{place}", 1)
        assert spoiled != theme_page
        assert "heeft een tekening met iets anders dan geoanalyse tekent" in list(pages.faults(spoiled))


def test_the_marker_gives_no_account_or_map_more_room(theme_page: str) -> None:
    unmarked = theme_page.replace(' data-product="factsheet"', "")
    assert any("andere regels voor de browser" in fault for fault in pages.faults(unmarked))
    assert any("(svg)" in fault for fault in pages.faults(unmarked))
    assert any("andere regels" in fault for fault in pages.faults(theme_page.replace("img-src data:", "img-src *")))
    assert any("opmaak" in fault for fault in pages.faults(theme_page.replace(".kop {", ".kop  {", 1)))


def test_the_grammar_knows_all_that_is_drawn(made: dict[str, Content]) -> None:
    drawings = [each["svg"] for content in made.values() for each in (*content["kaarten"], *content["uitsneden"])]
    drawings += [each["svg"] for content in made.values() for each in content["verloop"]["grafieken"]]
    for drawing in drawings:
        bare = drawing.replace(f' xmlns="{svg.NAMESPACE}"', "", 1)
        assert vector.is_ours(bare)
        assert vector.is_ours(svg.fitted(bare))
        assert unescape(re.sub("<[^>]*>", "", svg.fitted(bare))) == unescape(re.sub("<[^>]*>", "", bare))


@pytest.mark.parametrize("place", ["</text>", "</desc>", "</title><desc>"])
def test_a_name_in_a_drawing_is_caught_by_the_gate(release: Release, theme_page: str, place: str) -> None:
    clean = {"factsheet-drugs.html": theme_page.encode()}
    assert gate.hits(clean, gate.known_texts(release)) == ()
    for person in ("Bewoner: dhr. J. de Vries", "1102 AB 12"):
        spoiled = theme_page.replace(place, f" {person}{place}", 1)
        assert gate.hits({"factsheet-drugs.html": spoiled.encode()}, gate.known_texts(release))
    inside = theme_page.replace(' role="img" aria-label="', ' role="img" aria-label="Bewoner: dhr. J. de Vries ', 1)
    assert gate.hits({"factsheet-drugs.html": inside.encode()}, gate.known_texts(release))


def test_lines_of_a_drawing_are_no_numbers_of_people(release: Release) -> None:
    def found(data: str) -> tuple[gate.Hit, ...]:
        return gate.hits({"a.html": f'<svg><path d="{data}"></path></svg>'.encode()}, gate.known_texts(release))

    assert found("M995 2929l3822 -1549 -887 3820zM5092 15111l3822 -15z") == ()
    assert found("M1 1102AB 12")
    assert found("dhr. J. de Vries")


@pytest.fixture(scope="module")
def folder(small: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_release(small, {}, tmp_path_factory.mktemp("uitgave")) / "deelbaar"


Change = Callable[[Path], None]


def test_every_factsheet_has_its_page_and_a_changed_number_is_named(
    small: Release, folder: Path, tmp_path: Path
) -> None:
    names = set(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["bestanden"])
    sheets = {name.removesuffix(".pdf") for name in names if name.endswith(".pdf")}
    assert {f"{name}.html" for name in sheets} <= names
    assert {"factsheet-drugs", "factsheet-witwassen", "factsheet-modus-leegstaand-pand"} <= sheets
    own = Path(shutil.copytree(folder, tmp_path / "deelbaar"))
    page = (own / "factsheet-drugs.html").read_text(encoding="utf-8")
    first = re.search(r'<td class="getal">(\d[^<]*)</td>', page.split('class="gebieden"', 1)[1])
    assert first is not None
    change: Change = in_text("factsheet-drugs.html", first[0], first[0].replace(first[1], "987 (980 tot 994)"))
    change(own)
    signed(own)
    (own / "factsheet-modus-leegstaand-pand.html").unlink()
    found = audit(own, small.geography.regions, TODAY).faults
    assert "factsheet-modus-leegstaand-pand.html: ontbreekt" in found
    wrong = [fault for fault in found if fault.startswith("factsheet-drugs.html")]
    assert wrong, found
    assert all("in de tabel van gebieden" in fault for fault in wrong), wrong
    assert not [fault for fault in found if fault.startswith(("factsheet-witwassen", "factsheet-drugs.pdf"))], found
