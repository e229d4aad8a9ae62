"""Casusbeeld: page and slides say the same, nothing that the release does not bear, and the same bytes each time."""

import dataclasses
import datetime as dt
import io
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pikepdf
import pptx
import pyarrow as pa
import pyarrow.compute as pc
import pypdf
import pytest

from geoanalyse import casus, cli
from geoanalyse.casus import Casus, Intervention
from geoanalyse.errors import InputError
from geoanalyse.layer import Theme
from geoanalyse.products import casusbeeld, dutch, figures, gate, timeline, typeset
from geoanalyse.products.folder import Product
from geoanalyse.products.labels import printable
from geoanalyse.products.pdftext import page_texts
from geoanalyse.products.sentence import Sentence, sentences
from geoanalyse.products.timeline import Lane, Marker
from geoanalyse.release import Release
from tests.sample import sample_release
from tests.test_casus import EXAMPLE
from tests.test_cutout import HOSTILE, renamed
from tests.test_factsheet import public, squeezed, with_statistics, without_values

CASE = Casus(
    name="winkelstraat",
    title="Panden in de winkelstraat",
    theme=Theme.DRUGS,
    place="BU0363TA01",
    signals=("D01",),
    occasion=("Ondernemers wisselen vaak.", "In 2023 stonden 17 panden leeg."),
    findings=("Bij 3 controles was het gebruik anders dan ingeschreven.",),
    next_steps=("De gemeente kijkt naar de vergunningen.", "De casustafel kijkt over een half jaar opnieuw."),
    interventions=(
        Intervention(dt.date(2024, 2, 1), "Gesprekken met eigenaren", "gemeente"),
        Intervention(dt.date(2025, 6, 1), "Gezamenlijke controle", "gemeente en Belastingdienst"),
        Intervention(dt.date(2025, 6, 1), "Voorlichting aan ondernemers", "RIEC"),
    ),
)
PLACES = ("", "WK0363TC", "BU0363TC03", "BU0363TA01", "D02")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release(cells=300)


@pytest.fixture(scope="module")
def told(release: Release) -> dict[str, Any]:
    return casusbeeld.content(release, CASE)


@pytest.fixture(scope="module")
def made(release: Release) -> Product:
    return casusbeeld.casusbeeld(release, CASE)


@pytest.fixture(scope="module")
def page(made: Product) -> str:
    """Text of the page, with a space between cells, which not every reader gives."""
    (only,) = page_texts(made.files["casusbeeld-winkelstraat.pdf"])
    return only


@pytest.fixture(scope="module")
def show(made: Product) -> Any:  # noqa: ANN401 - the library has no type for it
    return pptx.Presentation(io.BytesIO(made.files["casusbeeld-winkelstraat.pptx"]))


def at(place: str, **changes: Any) -> Casus:  # noqa: ANN401
    return dataclasses.replace(CASE, place=place, signals=(), **changes)


def numbers(text: str) -> set[str]:
    return set(NUMBER.findall(text))


def shapes(show: Any) -> Iterator[tuple[int, Any]]:  # noqa: ANN401
    for number, slide in enumerate(show.slides, start=1):
        for shape in slide.shapes:
            yield number, shape


def words(show: Any) -> list[str]:  # noqa: ANN401
    """Every paragraph and cell on the slides, outside the drawings."""
    found = []
    for _, shape in shapes(show):
        if shape.has_text_frame:
            found += [paragraph.text for paragraph in shape.text_frame.paragraphs]
        if shape.has_table:
            found += [cell.text for row in shape.table.rows for cell in row.cells]
    return found


# --- what it says -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("theme", Theme)
def test_every_number_in_a_computed_sentence_is_one_of_its_figures(release: Release, place: str, theme: Theme) -> None:
    if place == "D02" and theme is not Theme.DRUGS:
        place = "W01"
    content = casusbeeld.content(release, at(place, theme=theme))
    names = "|".join(map(re.escape, sorted(release.geography.regions.names, key=len, reverse=True)))
    for sentence in sentences(content):
        if not sentence.quoted:
            own = re.sub(f"{names}|[DW]0\\d", "", sentence.text)
            said = set().union(*(numbers(figure.words) for figure in sentence.figures))
            assert numbers(own) <= said, sentence
            assert all(figure.words in sentence.text for figure in sentence.figures), sentence


def test_rows_are_the_published_ones(release: Release, told: dict[str, Any]) -> None:
    for layer, row in zip(figures.theme_layers(release, Theme.DRUGS), told["tabel"]["rijen"], strict=True):
        if layer.id == "pandsluitingen":  # a coarser atom: nothing is known of a buurt
            assert [cell.text for cell in row[1:]] == [dutch.WITHHELD, *["\N{EN DASH}"] * 3]
            continue
        (own,) = [each for each in figures.rows(release, layer.id, "buurt") if each["zone"] == "BU0363TA01"]
        assert row[0].text == layer.title
        assert row[1].text == dutch.value_words(own["value"], own["status"], layer.b, own["low"], own["high"])
        held = {figure.quantity: figure.value for figure in row[1].figures}
        assert held.items() <= {"aantal": own["value"], "minstens": own["low"], "hooguit": own["high"]}.items()
        assert row[3].text == dutch.significant(1000 * release.rates[layer.id], 3)


def test_the_whole_area_has_its_totals(release: Release) -> None:
    content = casusbeeld.content(release, at(""))
    for layer, row in zip(figures.theme_layers(release, Theme.DRUGS), content["tabel"]["rijen"], strict=True):
        total = figures.area_total(release, layer)
        assert row[1].text == figures.total_words(total)
        assert row[4].text == figures.comparison(total, release.rates[layer.id])


def test_a_zone_has_only_figures_of_its_own_cells(release: Release) -> None:
    content = casusbeeld.content(release, at("W01", theme=Theme.LAUNDERING))
    rows = {row[0].text: row[1].text for row in content["tabel"]["rijen"]}
    assert rows["FIU-signalen"] not in {"geen eigen cijfer", dutch.WITHHELD}
    # a zone of that name on another base of addresses is another place
    (signal,) = [each for each in release.signals if each.id == "W01"]
    elsewhere = dataclasses.replace(signal, cells=(*signal.cells, int(release.area.cells[0])))
    moved = dataclasses.replace(release, signals=(elsewhere,))
    rows = casusbeeld.content(moved, at("W01", theme=Theme.LAUNDERING))["tabel"]["rijen"]
    assert {row[1].text for row in rows} == {"geen eigen cijfer"}


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (1.2, 3.0, "Die hele marge ligt boven het gemiddelde."),
        (0.2, 0.9, "Die hele marge ligt onder het gemiddelde."),
        (0.9, 3.0, "Daar ligt het gemiddelde zelf ook in."),
        (1.04, 3.0, "Daar ligt het gemiddelde zelf ook in."),  # as it is printed: 1 tot 3 keer
    ],
)
def test_no_more_is_claimed_than_the_band_bears(release: Release, low: float, high: float, verdict: str) -> None:
    count = release.statistics.num_rows
    bands = {"ratio_low": pa.array([low] * count), "ratio_high": pa.array([high] * count)}
    found = casusbeeld.content(with_statistics(release, **bands), CASE)["bevindingen"][0]
    assert found.text.endswith(verdict)


def test_unknown_is_not_little(release: Release) -> None:
    content = casusbeeld.content(without_values(release), at("WK0363TC"))
    text = " ".join(sentence.text for sentence in content["bevindingen"])
    assert "is geen samengesteld beeld van drugshandel bekend" in text
    assert "Onbekend is niet hetzelfde als weinig." in text
    assert {row[1].text for row in content["tabel"]["rijen"]} == {dutch.NO_DATA}
    assert not re.search(r"\b0\b", " ".join(row[1].text for row in content["tabel"]["rijen"]))
    assert content["verloop"]["banen"] == []
    assert casusbeeld.pdf(content, release)
    assert casusbeeld.pptx(content, release)


def test_signals_are_those_in_the_place(release: Release) -> None:
    for place, expected in (("BU0363TA03", "D02"), ("BU0363TD01", None)):
        said = casusbeeld.content(release, at(place))["bevindingen"][-1].text
        assert said.startswith("De signaallijst heeft hier één signaal: D02" if expected else "In Hoptille heeft de")


def test_a_public_release_names_no_signal_and_nothing_finer(release: Release) -> None:
    open_to_all = public(release)
    content = casusbeeld.content(open_to_all, at("WK0363TC"))
    assert "Een openbare uitgave noemt geen signalen." in [each.text for each in content["bevindingen"]]
    assert content["kaart"]["niveau"] == "res8"
    assert casusbeeld.pdf(content, open_to_all)
    for place in ("BU0363TC03", "D01"):
        with pytest.raises(InputError, match="openbare uitgave"):
            casusbeeld.content(open_to_all, at(place))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"place": "BU0363AA01"}, "plek: dit gebied heeft geen buurt of wijk met deze code"),
        ({"place": "WK0363TA"}, "plek: dit gebied heeft geen buurt of wijk met deze code"),  # mostly outside
        ({"place": "WK9999XX"}, "plek: dit gebied heeft geen buurt of wijk met deze code"),
        ({"place": "D77"}, "plek: de signaallijst van dit gebied heeft dit nummer niet"),
        ({"signals": ("D01", "D88")}, "signalen: 1 nummer niet op de signaallijst"),
        ({"signals": ("W01",)}, "signalen: 1 nummer niet op de signaallijst"),  # of another theme
        (
            {"interventions": (Intervention(dt.date(2026, 1, 1), "controle", "gemeente"),)},
            "interventie, maand: 1 maand ligt buiten de periode; kies uit januari 2024 tot en met december 2025",
        ),
    ],
)
def test_what_the_release_does_not_have_is_refused(release: Release, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as caught:
        casusbeeld.casusbeeld(release, dataclasses.replace(CASE, **changes))
    (fault,) = caught.value.faults
    assert fault.startswith(f"casus.toml, {words}")


# --- time -------------------------------------------------------------------------------------------------------------


def test_an_intervention_is_placed_no_finer_than_the_windows(told: dict[str, Any]) -> None:
    assert [row[1].text for row in told["verloop"]["rijen"]] == [
        "eerste kwartaal van 2024",
        "tweede kwartaal van 2025",
        "tweede kwartaal van 2025",
    ]
    assert "juni" not in " ".join(sentence.text for sentence in sentences(told["verloop"]))


def test_a_series_is_that_of_the_smallest_region_that_says_more_than_its_margins(release: Release) -> None:
    windows = release.windows.filter(
        pc.and_(pc.equal(release.windows["layer"], "fiu-signalen"), pc.equal(release.windows["zone"], "BU0363TA01"))
    ).sort_by("start")
    lanes = {lane.title: lane for lane in casusbeeld.content(release, at("BU0363TA01"))["verloop"]["banen"]}
    lane = lanes["FIU-signalen"]
    assert lane.place == ""
    assert [each.value for each in lane.windows] == windows["value"].to_pylist()
    assert None in [each.value for each in lane.windows]


LANE = Lane(
    "Sluitingen",
    "",
    tuple(
        figures.Window(dt.date(2024, month, 1), dt.date(2024, month + 3, 1), *told)
        for month, told in ((1, (0, 0, 4)), (4, (None, None, None, "geen_data")), (7, (20, 10, None)))
    ),
)
YEAR = (dt.date(2024, 1, 1), dt.date(2025, 1, 1))


def test_zero_missing_and_capped_windows_are_drawn_differently() -> None:
    drawn = timeline.timeline_svg([LANE], [], period=YEAR, width_mm=100, title="t", description="d")
    assert drawn.count('fill="url(#geen_data)"') == 1
    assert drawn.count('fill="#c3cad8"') == 2  # a published zero has a margin, a missing window has none
    assert drawn.count("l80 -100l80 100z") == 1


def test_markers_of_one_window_share_a_label_and_labels_do_not_touch() -> None:
    months = [dt.date(2024, month, 1) for month in (1, 4, 4, 4, 5, 6)]
    ends = [dt.date(2024, month.month + 1, 1) for month in months]
    markers = [Marker(number, *window) for number, window in enumerate(zip(months, ends, strict=True), start=1)]
    wide, narrow = (
        timeline.timeline_svg([LANE], markers, period=YEAR, width_mm=width, title="t", description="d")
        for width in (178, 70)
    )
    for drawn, rows in ((wide, 1), (narrow, 3)):
        assert re.findall(r">(\d|\d\N{EN DASH}\d)</text>", drawn)[-4:] == ["1", "2\N{EN DASH}4", "5", "6"]
        assert len(set(re.findall(r'<circle cx="\d+" cy="(\d+)"', drawn))) == rows


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_says_every_sentence(made: Product, page: str) -> None:
    flat = squeezed(page)
    for sentence in made.said["casusbeeld-winkelstraat"]:
        assert squeezed(printable(sentence.text)) in flat, sentence.text


def test_the_page_has_the_fixed_blocks_in_order(page: str) -> None:
    places = [page.index(head) for head in ("Aanleiding", "Bevindingen", "Tijdlijn", "Mogelijke vervolgstappen")]
    assert places == sorted(places)


def test_the_page_is_tagged_and_archival_and_every_picture_has_a_text(made: Product) -> None:
    with pikepdf.open(io.BytesIO(made.files["casusbeeld-winkelstraat.pdf"])) as pdf:
        assert len(pdf.pages) == 1
        assert str(pdf.Root.Lang) == "nl-NL"
        with pdf.open_metadata() as about:
            assert about["pdfuaid:part"] == "1"
            assert (about["pdfaid:part"], about["pdfaid:conformance"]) == ("2", "A")
            assert "Casusbeeld drugshandel" in about["dc:title"]
        pictures = [
            each for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and each.get("/S") == "/Figure"
        ]
        assert len(pictures) == 2
        assert all(str(each.Alt) for each in pictures)


# --- the slides -------------------------------------------------------------------------------------------------------


def test_the_slides_say_every_sentence(made: Product, show: Any) -> None:  # noqa: ANN401
    said = set(words(show))
    for sentence in made.said["casusbeeld-winkelstraat"]:
        assert printable(sentence.text) in said, sentence.text


def test_page_and_slides_hold_the_same_numbers(told: dict[str, Any], page: str, show: Any) -> None:  # noqa: ANN401
    known = set().union(*(numbers(sentence.text) for sentence in sentences(told)))
    fixed = numbers(" ".join(told["tabel"]["kop"] + [told["pagina"]]))
    drawn = numbers(re.sub("<[^>]*>", " ", casusbeeld.course.course_svg(told["verloop"], 178)))
    on_slides = set().union(*(numbers(text) for text in words(show)))
    assert known <= on_slides
    assert on_slides - known - fixed <= {str(number) for number in range(6)}  # dia 1 van 5
    assert {each for each in known if "," in each} <= numbers(page)
    legend = numbers(
        re.sub("<[^>]*>", " ", casusbeeld.themap.cut_out(sample_release(cells=300), told["kaart"], (178, 88)))
    )
    assert {each for each in numbers(page) if "," in each} <= known | drawn | legend


def test_charts_hold_the_series_and_their_margins(told: dict[str, Any], show: Any) -> None:  # noqa: ANN401
    charts = [shape.chart for _, shape in shapes(show) if shape.has_chart]
    lanes = told["verloop"]["banen"]
    assert len(charts) == len(lanes) > 0
    for chart, lane in zip(charts, lanes, strict=True):
        values = [each.value for each in lane.windows]
        (series,) = chart.plots[0].series
        assert list(series.values) == values  # a gap is a gap
        for tag, side in (("plus", lambda w: w.high and w.high - w.value), ("minus", lambda w: w.value - w.low)):
            held = series._element.find(f".//{C}errBars/{C}{tag}//{C}numCache")
            points = {int(each.get("idx")): int(each[0].text) for each in held.findall(f"{C}pt")}
            reach = {n: side(w) for n, w in enumerate(lane.windows) if w.value is not None}
            assert points == {n: number for n, number in reach.items() if number is not None}
        book = openpyxl.load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))
        rows = list(book.active.iter_rows(min_row=2, values_only=True))
        assert [row[2] for row in rows] == values
        assert book.properties.created == dt.datetime(2026, 1, 1)  # noqa: DTZ001 - as the file has it


def test_every_picture_chart_and_table_has_a_text(show: Any) -> None:  # noqa: ANN401
    spoken = [shape for _, shape in shapes(show) if shape.element.tag in {f"{P}grpSp", f"{P}graphicFrame", f"{P}pic"}]
    assert {shape.element.tag for shape in spoken} == {f"{P}grpSp", f"{P}graphicFrame"}  # nothing of pixels
    for shape in spoken:
        assert len(shape.element.xpath("./*[1]/p:cNvPr")[0].get("descr")) > 10


def test_reading_starts_with_the_title_and_ids_are_unique(show: Any) -> None:  # noqa: ANN401
    titles = []
    for slide in show.slides:
        first = slide.shapes[0]
        assert first.is_placeholder
        titles.append(first.text_frame.text)
        ids = slide.element.xpath("//p:cNvPr/@id")
        assert len(ids) == len(set(ids))
        assert [shape.name for shape in slide.shapes][-2:] == ["voettekst", "kenmerk en dia"]
    assert titles == [CASE.title, "Bevindingen", "Verloop per bron", "Tijdlijn", "Mogelijke vervolgstappen"]


def test_slides_are_dutch_and_bear_the_mark_of_the_demo(show: Any) -> None:  # noqa: ANN401
    assert (show.core_properties.language, show.core_properties.author) == ("nl-NL", "geoanalyse")
    for slide in show.slides:
        runs = slide.element.iter(f"{A}rPr")
        assert {run.get("lang") for run in runs} == {"nl-NL"}
        assert slide.shapes[1].text_frame.text == dutch.DEMO


def test_nothing_of_the_template_is_left(made: Product) -> None:
    with zipfile.ZipFile(io.BytesIO(made.files["casusbeeld-winkelstraat.pptx"])) as book:
        names = book.namelist()
        assert not [name for name in names if not name.endswith((".xml", ".rels", ".xlsx"))]
        assert sum(name.startswith("ppt/slideLayouts/slideLayout") for name in names) == 1
        assert {info.date_time for info in book.infolist()} == {(2026, 1, 1, 0, 0, 0)}
        assert not any(b"Click to edit Master title" in book.read(name) for name in names if "slides/" in name)


def test_shapes_lie_on_the_slide(show: Any) -> None:  # noqa: ANN401
    for number, shape in shapes(show):
        assert 0 <= shape.left <= shape.left + shape.width <= show.slide_width + 2, (number, shape.name)
        assert 0 <= shape.top <= shape.top + shape.height <= show.slide_height + 2, (number, shape.name)


def test_libreoffice_opens_the_slides_and_makes_as_many_pages(
    made: Product,
    show: Any,  # noqa: ANN401
    libreoffice: Callable[..., Path],
    tmp_path: Path,
) -> None:
    if not (shutil.which("loimpress") or shutil.which("simpress")):
        pytest.skip("LibreOffice heeft hier geen Impress (Debian: libreoffice-impress)")
    path = tmp_path / "beeld.pptx"
    path.write_bytes(made.files["casusbeeld-winkelstraat.pptx"])
    pages = pypdf.PdfReader(libreoffice(path, "pdf", tmp_path / "pdf")).pages
    assert len(pages) == len(show.slides)
    for slide, printed in zip(show.slides, pages, strict=True):
        assert squeezed(slide.shapes[0].text_frame.text) in squeezed(printed.extract_text())


# --- both -------------------------------------------------------------------------------------------------------------


def test_same_release_and_casus_same_bytes(release: Release, made: Product) -> None:
    assert casusbeeld.casusbeeld(release, CASE).files == made.files


def test_another_casus_gives_other_bytes(release: Release, made: Product) -> None:
    other = casusbeeld.casusbeeld(release, dataclasses.replace(CASE, title="Andere panden"))
    assert not set(other.files.values()) & set(made.files.values())


@pytest.mark.parametrize("place", PLACES[2:])
def test_the_gate_lets_it_pass(release: Release, place: str) -> None:
    gate.check_files(release, casusbeeld.casusbeeld(release, at(place)).files)


def fullest(theme: Theme = Theme.DRUGS) -> Casus:
    """Every block as long as it may be."""
    filler = "De partners kijken samen naar het gebruik van de panden en naar de vergunningen in deze straat, en komen "
    text = (filler * 3)[: casus.LENGTHS["tekst"] - 1] + "."
    months = [dt.date(2025, 4, 1)] * casus.MOST["interventie"]
    what = ("Gezamenlijke controle van panden en vergunningen " * 3)[: casus.LENGTHS["wat"]]
    partner = ("gemeente, Belastingdienst en arbeidsinspectie " * 2)[: casus.LENGTHS["partner"]]
    return dataclasses.replace(
        CASE,
        theme=theme,
        signals=(),
        title=("Panden rond het winkelplein en het station " * 2)[: casus.LENGTHS["titel"]],
        occasion=(text,) * casus.MOST["aanleiding"],
        findings=(text,) * casus.MOST["bevindingen"],
        next_steps=(text,) * casus.MOST["mogelijke_vervolgstappen"],
        interventions=tuple(Intervention(month, what, partner) for month in months),
    )


def test_the_longest_casus_fits_on_a_page(release: Release) -> None:
    caveat = "Het register van eerdere uitgaven was weg; tel deze uitgave daarom niet op bij een eerdere."
    content = casusbeeld.content(dataclasses.replace(release, caveat=caveat), fullest())
    (page,) = pypdf.PdfReader(io.BytesIO(casusbeeld.pdf(content, release))).pages
    flat = squeezed(page.extract_text())
    assert all(squeezed(printable(sentence.text)) in flat for sentence in sentences(content))
    show = pptx.Presentation(io.BytesIO(casusbeeld.pptx(content, release)))
    assert {printable(sentence.text) for sentence in sentences(content)} <= set(words(show))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text(release: Release, name: str) -> None:
    hostile = renamed(release, name)
    content = casusbeeld.content(hostile, at("BU0363TC03"))
    assert casusbeeld.pdf(content, hostile)
    show = pptx.Presentation(io.BytesIO(casusbeeld.pptx(content, hostile)))
    assert {printable(sentence.text) for sentence in sentences(content)} <= set(words(show))


def test_texts_are_never_typst_code(release: Release) -> None:
    sly = dataclasses.replace(CASE, occasion=('#read("/etc/passwd") *vet* $x$ <b>& "',), signals=())
    content = casusbeeld.content(release, sly)
    (page,) = pypdf.PdfReader(io.BytesIO(casusbeeld.pdf(content, release))).pages
    assert squeezed(sly.occasion[0]) in squeezed(page.extract_text())
    assert sly.occasion[0] in words(pptx.Presentation(io.BytesIO(casusbeeld.pptx(content, release))))


def test_what_does_not_fit_is_said(release: Release, told: dict[str, Any]) -> None:
    long = told | {"aanleiding": [Sentence("Zin. " * 3000)]}
    with pytest.raises(OSError, match=f"casusbeeld: {typeset.TOO_LONG}"):
        casusbeeld.pdf(long, release)


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_refuses_a_casus_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "casus.toml"
    wrong.write_text(EXAMPLE.read_text(encoding="utf-8").replace('"drugs"', '"wapens"'), encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        cli.main(
            ["casusbeeld", "--gebied", "ganzenpoort", "--casus", str(wrong), "--uit", str(tmp_path / "uit"), "--stil"]
        )
    assert left.value.code == cli.INPUT_FAULT
    assert capsys.readouterr().err == "Fout: casus.toml, thema: onbekende keuze; kies uit drugs, witwassen\n"
    assert not (tmp_path / "uit").exists()
