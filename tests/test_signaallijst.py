"""The signaallijst: what a casustafel reads, and what a spreadsheet may never run."""

import csv
import dataclasses
import datetime as dt
import io
import math
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from geoanalyse.followup import words
from geoanalyse.layer import TAKEN_TITLES, Theme
from geoanalyse.products import signaallijst, verantwoording
from geoanalyse.release import Release
from tests.sample import sample_release


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release()


@pytest.fixture(scope="module")
def book(release: Release) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(signaallijst.xlsx(release)))


def with_reason(release: Release, text: str) -> Release:
    """The release with a hostile text in every place of its signals that holds text."""
    signals = tuple(
        dataclasses.replace(signal, region_name=text, unknown=text, reasons=(("code", text),))
        for signal in release.signals
    )
    return dataclasses.replace(release, signals=signals)


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


# --- what is in it ----------------------------------------------------------------------------------------------------


def test_a_sheet_per_theme_and_one_that_explains(book: Workbook) -> None:
    assert book.sheetnames == ["Drugs", "Witwassen", "Toelichting"]
    assert all(sheet.sheet_state == "visible" for sheet in book)


def test_every_signal_is_a_row_with_typed_cells(release: Release, book: Workbook) -> None:
    for theme in release.themes:
        sheet = book[str(theme).capitalize()]
        head = [cell.value for cell in sheet[2]]
        rows = [dict(zip(head, (cell.value for cell in row), strict=True)) for row in sheet.iter_rows(min_row=3)]
        signals = {signal.id: signal for signal in release.signals if signal.theme == theme}
        assert {row["Signaal"] for row in rows} == set(signals)
        for row in rows:
            signal = signals[row["Signaal"]]
            assert row["Plek"] == signal.zone
            assert row["Buurt"] == signal.region_name
            assert row["Rang"] == signal.rank
            assert row["Sterkte"] == signal.strength
            assert row["Route"] == signal.route
            assert (row["Niet bekend"] or "") == signal.unknown
            assert [(row["Codes"], row["Redenen"])] == list(signal.reasons)
            assert row["Van"] == dt.datetime(2024, 1, 1)  # noqa: DTZ001 - a cell has no time zone
            assert row["Tot en met"] == dt.datetime(2025, 12, 31)  # noqa: DTZ001
            assert isinstance(row["Adressen"], int)


def test_a_place_that_was_drawn_says_so(release: Release, book: Workbook) -> None:
    *ranked, drawn = sorted(signaallijst.rows(release, Theme.LAUNDERING), key=lambda row: int(row["Rang"]))
    assert (drawn["Sterkte"], drawn["Bronnen"], drawn["Codes"]) == ("verkenning", 0, "VERKENNING")
    assert "verkenning" not in {row["Sterkte"] for row in ranked}
    explained = {row[0].value: str(row[1].value) for row in book["Toelichting"].iter_rows()}
    assert "(20%, als er genoeg zulke plekken zijn)" in explained["Wat is verkenning"]


def test_values_are_intervals_in_words(release: Release) -> None:
    for row in signaallijst.rows(release, Theme.DRUGS):
        assert "tot" in str(row["FIU-signalen"]) or "of meer" in str(row["FIU-signalen"])
        assert row["Pandsluitingen"] == "op dit niveau niet betrouwbaar"


def test_rows_go_by_gemeente_wijk_buurt_and_rank(release: Release) -> None:
    first, second = (signal for signal in release.signals if signal.theme == Theme.DRUGS)
    same_place = {"region_name": "Buurt", "wijk_name": "Wijk", "gemeente_name": "Amsterdam"}
    places = (
        dataclasses.replace(first, id="D03", rank=3, **same_place),
        dataclasses.replace(second, id="D02", rank=2, **same_place),
        dataclasses.replace(first, id="D01", rank=1, **same_place | {"gemeente_name": "Diemen"}),
    )
    rows = signaallijst.rows(dataclasses.replace(release, signals=places), Theme.DRUGS)
    assert [row["Signaal"] for row in rows] == ["D02", "D03", "D01"]


def test_every_column_is_explained(release: Release, book: Workbook) -> None:
    explained = {row[0].value for row in book["Toelichting"].iter_rows()}
    for column in (*signaallijst.PRINTED, *signaallijst.ONLY_ON_SCREEN, *signaallijst.TO_FILL_IN):
        assert f"Kolom: {column.title}" in explained
    for layer in release.layers:
        assert f"Bron: {layer.title}" in explained
    text = " ".join(str(row[1].value) for row in book["Toelichting"].iter_rows())
    for expected in (release.grondslag.decision, release.digest, "minder dan 10 adressen", "geen bewijs"):
        assert expected in text


def test_demo_stands_on_every_sheet_and_line_and_only_there() -> None:
    demo, real = sample_release(), sample_release(demo=False)
    marked = openpyxl.load_workbook(io.BytesIO(signaallijst.xlsx(demo)))
    assert all("DEMO: verzonnen gegevens" in f"{sheet['A1'].value} {sheet['B1'].value}" for sheet in marked)
    assert all("DEMO" in sheet.oddFooter.left.text for sheet in marked)
    assert {row["Let op"] for row in read_csv(signaallijst.csv(demo))} == {"DEMO: verzonnen gegevens"}
    assert b"DEMO" not in signaallijst.csv(real)
    with zipfile.ZipFile(io.BytesIO(signaallijst.xlsx(real))) as parts:
        assert not any(b"DEMO" in parts.read(name) for name in parts.namelist())


def test_the_promise_stands_on_it_in_one_line(book: Workbook) -> None:
    explained = {row[0].value: row[1].value for row in book["Toelichting"].iter_rows() if row[0].value}
    assert explained["Bescherming"] == verantwoording.short_promise(10)


@pytest.mark.parametrize("caveat", ["Uitgegeven zonder register, op gezag van het hoofd toezicht.", "=1+1", "x" * 400])
def test_a_caveat_stands_above_every_list_and_on_every_line(release: Release, caveat: str) -> None:
    told = dataclasses.replace(release, caveat=caveat)
    wide = sum(column.width for column in signaallijst.PRINTED)
    book = openpyxl.load_workbook(io.BytesIO(signaallijst.xlsx(told)))
    for name in ("Drugs", "Witwassen"):
        sheet = book[name]
        assert sheet["A2"].value == f"Let op: {caveat}"
        assert sheet["A2"].data_type == "s"
        assert sheet["A3"].value == "Signaal"
        assert sheet.freeze_panes == "B4"
        assert sheet.auto_filter.ref.startswith("A3:")
        assert sheet.print_title_rows == "$1:$3"
        assert (sheet.row_dimensions[2].height or 15) >= 15 * math.ceil(len(caveat) / wide)
        ids = [row[0].value for row in sheet.iter_rows(min_row=4)]
        assert ids == [row["Signaal"] for row in signaallijst.rows(told, Theme(name.lower()))]
    assert caveat in {row[1].value for row in book["Toelichting"].iter_rows()}
    guarded = f"'{caveat}" if caveat.startswith("=") else caveat
    assert {row["Voorbehoud"] for row in read_csv(signaallijst.csv(told))} == {guarded}
    assert "Voorbehoud" not in read_csv(signaallijst.csv(release))[0]


def test_a_theme_without_signals_says_so(release: Release) -> None:
    only_drugs = tuple(signal for signal in release.signals if signal.theme == Theme.DRUGS)
    book = openpyxl.load_workbook(io.BytesIO(signaallijst.xlsx(dataclasses.replace(release, signals=only_drugs))))
    assert book["Witwassen"]["A3"].value == "Geen signalen voor dit thema in dit gebied en deze periode."


# --- how it opens and prints ------------------------------------------------------------------------------------------


def test_header_stays_filters_and_repeats_on_paper(book: Workbook) -> None:
    for name in ("Drugs", "Witwassen"):
        sheet = book[name]
        assert sheet.freeze_panes == "B3"
        assert sheet.auto_filter.ref.startswith("A2:")
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.paperSize == 9
        assert sheet.print_title_rows == "$1:$2"
        assert sheet["K3"].alignment.wrap_text


def test_the_last_columns_are_empty_and_to_fill_in(release: Release, book: Workbook) -> None:
    for theme in release.themes:
        sheet = book[str(theme).capitalize()]
        head = [cell.value for cell in sheet[2]]
        assert head[-7:] == [field.title for field in words.FIELDS]
        for row in sheet.iter_rows(min_row=3, min_col=len(head) - 6):
            assert [cell.value for cell in row] == [None] * 7
            assert not any(cell.protection.locked for cell in row)
            assert row[2].number_format == "dd-mm-yyyy"
    rows = read_csv(signaallijst.csv(release))
    assert [list(row.values())[-7:] for row in rows] == [[""] * 7] * len(release.signals)


def test_every_row_names_its_release(release: Release, book: Workbook) -> None:
    for row in read_csv(signaallijst.csv(release)):
        assert release.digest.startswith(row["Kenmerk"])
        assert len(row["Kenmerk"]) >= 12
        assert not row["Kenmerk"].isdigit()
    for name in ("Drugs", "Witwassen"):
        place = [cell.value for cell in book[name][2]].index("Kenmerk")
        assert {row[place].value for row in book[name].iter_rows(min_row=3)} == {words.mark(release.digest)}


def test_what_may_be_typed_is_in_lists(release: Release, book: Workbook) -> None:
    sheet = book["Drugs"]
    head = {cell.value: cell.column_letter for cell in sheet[2]}
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    for field in words.FIELDS:
        letter = head[field.title]
        rule, note = rules[f"{letter}3:{letter}4"], rules[f"{letter}2"]
        assert note.prompt == rule.prompt == field.meaning
        if field is words.DAY:
            assert (rule.type, rule.operator) == ("date", None)  # None: between
            assert int(rule.formula1) == (release.reference_date - dt.date(1899, 12, 30)).days
        elif field.choices:
            assert rule.type == "list"
            assert rule.formula1.strip('"').split(",") == list(field.choices)
            assert len(rule.formula1) <= 257  # Excel's limit, with quotes
        else:
            assert rule.type is None
    assert "Geen namen, adressen" in rules[f"{head['Opmerking']}2"].prompt


def test_heads_are_locked_and_rows_can_be_sorted_and_filtered(book: Workbook) -> None:
    for name in ("Drugs", "Witwassen"):
        sheet = book[name]
        assert sheet.protection.sheet
        assert sheet.protection.password is None
        assert {sheet.protection.sort, sheet.protection.autoFilter} == {False}  # not withheld
        assert all(cell.protection.locked for cell in sheet[2])
        assert not any(cell.protection.locked for row in sheet.iter_rows(min_row=3) for cell in row)


def test_nothing_runs_links_or_names_a_maker(book: Workbook) -> None:
    for sheet in book:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" and cell.hyperlink is None for cell in row)
    assert book.properties.creator in (None, "")
    assert book.properties.lastModifiedBy in (None, "")
    assert book.properties.created.date() == dt.date(2026, 1, 1)


@pytest.mark.parametrize("text", ["=1+1", "+31", "-2", "@SUM(A1)", "\tx", "\rx", "http://example.org", "{=1}"])
def test_no_text_becomes_a_formula_or_link(release: Release, text: str) -> None:
    hostile = with_reason(release, text)
    sheet = openpyxl.load_workbook(io.BytesIO(signaallijst.xlsx(hostile)))["Drugs"]
    cell = sheet["D3"]
    assert cell.data_type == "s"
    assert cell.hyperlink is None
    guarded = text[0] in "=+-@\t\r"
    assert {row["Buurt"] for row in read_csv(signaallijst.csv(hostile))} == {f"'{text}" if guarded else text}


def test_csv_opens_in_dutch_excel(release: Release) -> None:
    content = signaallijst.csv(release)
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == content.count(b"\n") == 1 + len(release.signals)
    rows = read_csv(content)
    assert {row["Thema"] for row in rows} == {"drugs", "witwassen"}
    assert {row["Van"] for row in rows} == {"01-01-2024"}
    assert {row["KvK-registraties"] for row in rows if row["Thema"] == "drugs"} == {""}


def test_csv_keeps_separators_and_line_ends_inside_a_text(release: Release) -> None:
    text = 'a;b "c"\nd'
    assert {row["Niet bekend"] for row in read_csv(signaallijst.csv(with_reason(release, text)))} == {text}


def test_same_release_same_bytes(release: Release) -> None:
    again = sample_release()
    assert signaallijst.xlsx(release) == signaallijst.xlsx(again)
    assert signaallijst.csv(release) == signaallijst.csv(again)


def test_the_pages_name_every_column() -> None:
    for name in ("schema.md", "signaallijst.md"):
        page = (Path(__file__).parents[1] / "docs" / name).read_text(encoding="utf-8")
        for column in (*signaallijst.PRINTED, *signaallijst.ONLY_ON_SCREEN, *signaallijst.TO_FILL_IN):
            assert f"`{column.title}`" in page, (name, column.title)


def test_the_page_for_analysts_names_every_word_that_may_be_chosen() -> None:
    page = (Path(__file__).parents[1] / "docs" / "signaallijst.md").read_text(encoding="utf-8")
    lines = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    for field in words.FIELDS:
        assert ", ".join(field.choices) in lines[field.title]


def test_no_layer_can_take_over_a_column() -> None:
    fixed = {"Let op", "Voorbehoud", "Rubricering", "Thema"}
    own = {column.title for column in (*signaallijst.PRINTED, *signaallijst.ONLY_ON_SCREEN, *signaallijst.TO_FILL_IN)}
    assert {title.casefold() for title in own | fixed} == TAKEN_TITLES
