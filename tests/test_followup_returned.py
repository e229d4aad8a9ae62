"""Lists that come back: what is read whatever happened to the file, and every way in which one is refused."""

import contextlib
import csv
import dataclasses
import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from geoanalyse.errors import InputError, ReleaseError
from geoanalyse.followup import issued, returned, words
from geoanalyse.followup.history import Answer
from geoanalyse.followup.issued import Shelf
from geoanalyse.followup.returned import Returned
from geoanalyse.products import signaallijst
from geoanalyse.release import Release
from tests.handed_out import Row, filled, hand_out, rows_of, write_csv, write_xlsx
from tests.sample import sample_release

TODAY = dt.date(2026, 6, 30)
DONE = {"Status": "afgerond", "Datum": "03-02-2026", "Uitkomst": "niets gevonden", "Eigenaar": "gemeente"}
BUSY = {"Status": "in behandeling", "Gekozen route": "duaal", "Opmerking": "in maart wordt gekeken"}
TOLD = {"D01": DONE, "W02": BUSY}
ANSWERS = {
    "D01": Answer("afgerond", "gemeente", "", dt.date(2026, 2, 3), "niets gevonden"),
    "W02": Answer("in behandeling", "", "duaal", remark="in maart wordt gekeken"),
}


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release()


@pytest.fixture(scope="module")
def uit(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an output folder with one release: its lists and manifest."""
    out = tmp_path_factory.mktemp("uit")
    hand_out(release, out)
    return out


@pytest.fixture(scope="module")
def shareable(uit: Path) -> Path:
    return next(uit.glob("*/*/deelbaar"))


@pytest.fixture(scope="module")
def shelf(uit: Path) -> Shelf:
    return issued.find(uit)


def of(path: Path, shelf: Shelf) -> Returned:
    return returned.read(path.name, returned.content_of(path, path.name), shelf, TODAY)


def said(path: Path, shelf: Shelf) -> dict[str, Answer]:
    return {signal: answer for (_, signal), answer in of(path, shelf).said.items()}


def faults(path: Path, shelf: Shelf) -> list[str]:
    with pytest.raises(InputError) as refused:
        of(path, shelf)
    lines = list(refused.value.faults)
    assert all(line.startswith(path.name) and "\n" not in line for line in lines), lines
    return lines


# --- what is read -----------------------------------------------------------------------------------------------------


def test_a_workbook_and_a_csv_say_the_same(shareable: Path, shelf: Shelf, release: Release, tmp_path: Path) -> None:
    book = write_xlsx(shareable, tmp_path / "terug.xlsx", TOLD)
    text = write_csv(tmp_path / "terug.csv", filled(shareable, TOLD))
    for path in (book, text):
        found = of(path, shelf)
        assert found.said == {(release.digest, signal): answer for signal, answer in ANSWERS.items()}
        assert (found.rows, found.added) == (len(release.signals), 0)


def test_the_list_as_it_was_handed_out_says_nothing(shareable: Path, shelf: Shelf, release: Release) -> None:
    for name in ("signaallijst.xlsx", "signaallijst.csv"):
        found = of(shareable / name, shelf)
        assert (found.rows, found.said) == (len(release.signals), {})


def test_rows_and_columns_may_be_in_any_order_and_some_missing(shareable: Path, shelf: Shelf, tmp_path: Path) -> None:
    rows = [row for row in filled(shareable, TOLD) if row["Signaal"] in TOLD]
    turned = [dict(reversed(row.items())) for row in reversed(rows)]
    few = ["Opmerking", "Kenmerk", "Signaal", "Status", "Datum", "Uitkomst", "Reden niet opgevolgd", "Eigenaar"]
    cut = [{title: row[title] for title in [*few, "Gekozen route"]} for row in rows]
    for version in (turned, cut):
        assert said(write_csv(tmp_path / "terug.csv", version), shelf) == ANSWERS


def test_added_columns_are_counted_and_not_kept(shareable: Path, shelf: Shelf, tmp_path: Path) -> None:
    rows = [row | {"Zaak": "Z-17", "": "bekeken"} for row in filled(shareable, TOLD)]
    rows = [{"": "", "  ": ""} | row for row in rows]  # columns without a name in front
    found = of(write_csv(tmp_path / "terug.csv", rows), shelf)
    assert found.added == 2
    assert {signal: answer for (_, signal), answer in found.said.items()} == ANSWERS

    def widened(sheet: Worksheet) -> None:
        sheet.insert_cols(3)
        sheet.cell(2, 3).value, sheet.cell(3, 3).value = "Eigen nummer", 12
        sheet.row_dimensions[3].hidden = True  # filtered away

    book = write_xlsx(shareable, tmp_path / "terug.xlsx", TOLD, widened)
    assert (of(book, shelf).added, said(book, shelf)) == (1, ANSWERS)


@pytest.mark.parametrize(
    ("delimiter", "encoding", "above"),
    [
        (",", "utf-8", ""),
        ("\t", "utf-16", ""),
        (";", "cp1252", ""),
        (";", "utf-8-sig", "Signaallijst drugs: é;;;\r\n"),
        (",", "utf-8", '"Let op: a, b",,\r\n\r\n'),
    ],
)
def test_a_csv_of_any_spreadsheet(
    delimiter: str, encoding: str, above: str, shareable: Path, shelf: Shelf, tmp_path: Path
) -> None:
    told = TOLD | {"W01": {"Status": "open", "Opmerking": 'café "de hoek"; nog, niet\nbezocht'}}
    path = write_csv(
        tmp_path / "terug.csv", filled(shareable, told), delimiter=delimiter, encoding=encoding, above=above
    )
    assert said(path, shelf) == ANSWERS | {"W01": Answer("open", remark=told["W01"]["Opmerking"])}


def test_a_row_whose_last_cells_are_gone_is_read(shareable: Path, shelf: Shelf, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "terug.csv", filled(shareable, {"D01": DONE}))
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text("\r\n".join([lines[0], *(line.rstrip(";") for line in lines[1:])]), encoding="utf-8", newline="")
    assert said(path, shelf) == {"D01": ANSWERS["D01"]}


@pytest.mark.parametrize(
    "day",
    [
        *("3-2-2026", "03-02-26", "2026-02-03", "3/2/2026", "3.2.2026", "3 feb 2026", "3 februari 2026", "46056"),
        *("2026-02-03 00:00:00", "03-02-2026 00:00", "2026-02-03T00:00:00"),
    ],
)
def test_dates_as_text_are_read(day: str, shareable: Path, shelf: Shelf, tmp_path: Path) -> None:
    told = {"D01": DONE | {"Datum": day}}
    assert said(write_csv(tmp_path / "terug.csv", filled(shareable, told)), shelf)["D01"] == ANSWERS["D01"]
    assert said(write_xlsx(shareable, tmp_path / "terug.xlsx", told), shelf)["D01"] == ANSWERS["D01"]


def test_days_are_read_in_the_order_in_which_the_file_writes_those_that_were_handed_out(
    shareable: Path, shelf: Shelf, tmp_path: Path
) -> None:
    rows = filled(shareable, {"D01": DONE | {"Datum": "02/03/2026"}})
    dutch = [row | {"Van": "01/01/2024", "Tot en met": "31/12/2025"} for row in rows]
    american = [row | {"Van": "01/01/2024", "Tot en met": "12/31/2025"} for row in rows]
    for version, day in ((dutch, dt.date(2026, 3, 2)), (american, dt.date(2026, 2, 3))):
        assert said(write_csv(tmp_path / "terug.csv", version), shelf)["D01"].day == day


@pytest.mark.parametrize("day", [dt.date(2026, 2, 3), dt.datetime(2026, 2, 3, 14, 30), 46056])  # noqa: DTZ001
def test_dates_as_dates_are_read(day: object, shareable: Path, shelf: Shelf, tmp_path: Path) -> None:
    path = write_xlsx(shareable, tmp_path / "terug.xlsx", {"D01": DONE | {"Datum": day}})
    assert said(path, shelf)["D01"] == ANSWERS["D01"]


def test_words_are_read_in_any_case_and_kept_as_the_list_writes_them(
    shareable: Path, shelf: Shelf, tmp_path: Path
) -> None:
    told = {"D01": DONE | {"Status": " AFGEROND ", "Uitkomst": "Niets  gevonden", "Eigenaar": "Gemeente"}}
    assert said(write_csv(tmp_path / "terug.csv", filled(shareable, told)), shelf)["D01"] == ANSWERS["D01"]


def test_public_names_may_stand_in_a_remark(release: Release, tmp_path: Path) -> None:
    named = tuple(dataclasses.replace(each, region_name="P.C. Hooftbuurt") for each in release.signals)
    shareable = hand_out(dataclasses.replace(release, signals=named), tmp_path / "uit")
    told = {"D01": DONE | {"Opmerking": "ook in de P.C. Hooftbuurt bekend"}}
    path = write_csv(tmp_path / "terug.csv", filled(shareable, told))
    assert said(path, issued.find(tmp_path / "uit"))["D01"].remark == "ook in de P.C. Hooftbuurt bekend"


def test_a_release_without_signals_for_a_theme_comes_back(release: Release, tmp_path: Path) -> None:
    few = dataclasses.replace(release, signals=release.signals[:2])
    shareable = hand_out(few, tmp_path / "uit")
    found = of(shareable / "signaallijst.xlsx", issued.find(tmp_path / "uit"))
    assert (found.rows, found.added) == (2, 0)


# --- rows that are refused --------------------------------------------------------------------------------------------

PLANTED = "zzgeheim"
"""In every value that is refused: no message may hold it."""


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"Signaal": f"D{PLANTED}"}, "kolom Signaal: in 1 rij een signaal dat niet op de lijst van die uitgave staat"),
        ({"Kenmerk": f"{PLANTED}"}, "kolom Kenmerk: in 1 rij een kenmerk dat bij geen uitgave in"),
        ({"Kenmerk": ""}, "kolom Kenmerk: in 1 rij een kenmerk dat bij geen uitgave in"),
        ({"Codes": f"HOTSPOT-{PLANTED}"}, "kolom Codes: in 1 rij iets anders dan er stond"),
        ({"Codes": ""}, "kolom Codes: in 1 rij iets anders dan er stond"),
        ({"Redenen": PLANTED}, "kolom Redenen: in 1 rij iets anders dan er stond"),
        ({"Route": "mono", "Rang": "7"}, "kolom Route: in 1 rij iets anders dan er stond"),
        ({"Van": "01-01-2023"}, "kolom Van: in 1 rij iets anders dan er stond"),
        ({"Status": PLANTED}, "kolom Status: in 1 rij iets dat niet in de keuzelijst staat; kies uit: open, in behand"),
        ({"Status": ""}, "kolom Status: in 1 rij geen status, terwijl er wel iets is ingevuld"),
        ({"Uitkomst": PLANTED}, "kolom Uitkomst: in 1 rij iets dat niet in de keuzelijst staat"),
        ({"Uitkomst": ""}, "kolom Uitkomst: in 1 rij niets ingevuld, bij status afgerond"),
        ({"Status": "open"}, "kolom Uitkomst: in 1 rij iets ingevuld, bij een andere status dan afgerond"),
        (
            {"Status": "niet opgevolgd", "Uitkomst": ""},
            "kolom Reden niet opgevolgd: in 1 rij niets ingevuld, bij status niet opgevolgd",
        ),
        (
            {"Reden niet opgevolgd": "was al bekend"},
            "kolom Reden niet opgevolgd: in 1 rij iets ingevuld, bij een andere status dan niet opgevolgd",
        ),
        (
            {"Eigenaar": f"J. {PLANTED}"},
            "kolom Eigenaar: in 1 rij iets dat niet in de keuzelijst staat; kies uit: geme",
        ),
        ({"Gekozen route": "samen"}, "kolom Gekozen route: in 1 rij iets dat niet in de keuzelijst staat"),
        ({"Datum": f"{PLANTED}"}, "kolom Datum: in 1 rij geen datum; schrijf dd-mm-jjjj"),
        ({"Datum": "02/14/2026"}, "kolom Datum: in 1 rij geen datum"),
        ({"Datum": "31-12-2025"}, "kolom Datum: in 1 rij een datum van vóór de peildatum van de lijst"),
        ({"Datum": "01-07-2026"}, "kolom Datum: in 1 rij een datum in de toekomst"),
        ({"Opmerking": f"{PLANTED} " * 60}, "kolom Opmerking: in 1 rij meer dan 500 tekens"),
        (
            {"Opmerking": f"=HYPERLINK({PLANTED})"},
            "kolom Opmerking: in 1 rij een tekst die een spreadsheet als formule",
        ),
        ({"Opmerking": f"@{PLANTED}"}, "kolom Opmerking: in 1 rij een tekst die een spreadsheet als formule leest"),
    ],
)
def test_a_wrong_row_is_named_by_column_and_never_by_value(
    change: dict[str, str], line: str, shareable: Path, shelf: Shelf, tmp_path: Path
) -> None:
    rows = filled(shareable, TOLD)
    place = next(place for place, row in enumerate(rows) if row["Signaal"] == "D01")
    rows[place] |= change
    found = faults(write_csv(tmp_path / "terug.csv", rows), shelf)
    assert any(line in fault for fault in found), found
    assert not any(PLANTED in fault for fault in found)


@pytest.mark.parametrize("place", ["Opmerking", "Zaak"])
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("gesproken met J. de Vries", "naam van een persoon"),
        ("jan jansen", "naam van een persoon"),
        ("De heer Yilmaz was er niet", "naam van een persoon"),
        ("bel 06-12345678", "telefoonnummer"),
        ("bsn 111222333", "bsn of rsin"),
        ("Kalverstraat 12, 1012 NX Amsterdam", "adres"),
        ("mail naar piet@voorbeeld.nl", "e-mailadres"),
    ],
)
def test_person_data_is_refused_with_column_and_count(
    place: str, text: str, kind: str, shareable: Path, shelf: Shelf, tmp_path: Path
) -> None:
    told = {signal: TOLD[signal] | {"Opmerking": ""} for signal in TOLD}
    rows = [row | ({"Zaak": ""} if place == "Zaak" else {}) for row in filled(shareable, told)]
    for row in rows:
        row[place] = text if row["Signaal"] in TOLD else ""
    found = faults(write_csv(tmp_path / "terug.csv", rows), shelf)
    assert len(found) == 1
    assert f"terug.csv, kolom {place}: in 2 rijen iets dat lijkt op persoonsgegevens (" in found[0]
    assert kind in found[0]
    assert text not in found[0]


def test_a_name_on_top_of_a_column_or_on_another_sheet_is_refused(
    shareable: Path, shelf: Shelf, tmp_path: Path
) -> None:
    rows = [row | {"J. de Vries": "ja"} for row in filled(shareable, TOLD)]
    (found,) = faults(write_csv(tmp_path / "terug.csv", rows), shelf)
    assert found.startswith("terug.csv: buiten de lijst 1 cel met iets dat lijkt op persoonsgegevens")
    assert "Vries" not in found

    def noted(sheet: Worksheet) -> None:
        sheet.parent.create_sheet("Blad1")["B2"] = "navragen bij mevrouw Van den Berg"

    (found,) = faults(write_xlsx(shareable, tmp_path / "terug.xlsx", TOLD, noted), shelf)
    assert found.startswith("terug.xlsx: buiten de lijst 1 cel met iets dat lijkt op persoonsgegevens")


def test_every_fault_is_named_at_once_and_counted(shareable: Path, shelf: Shelf, tmp_path: Path) -> None:
    told = {
        "D01": DONE | {"Status": "klaar"},
        "D02": DONE | {"Status": "klaar", "Datum": "gisteren"},
        "W01": BUSY | {"Opmerking": "mevrouw Jansen weet meer"},
    }
    rows = filled(shareable, told)
    rows[0]["Codes"] = "ANDERS"
    found = faults(write_csv(tmp_path / "terug.csv", rows), shelf)
    assert [line.split(": in ")[0] for line in found] == [
        "terug.csv, kolom Codes",
        "terug.csv, kolom Status",
        "terug.csv, kolom Datum",
        "terug.csv, kolom Opmerking",
    ]
    assert "in 2 rijen iets dat niet in de keuzelijst staat" in found[1]


def test_one_signal_twice_in_a_file(shareable: Path, shelf: Shelf, tmp_path: Path) -> None:
    rows = filled(shareable, {"D01": DONE})
    path = write_csv(tmp_path / "terug.csv", [*rows, *rows])
    assert said(path, shelf) == {"D01": ANSWERS["D01"]}  # the same row pasted twice
    other = filled(shareable, {"D01": DONE | {"Uitkomst": "leidde tot iets: strafrecht"}})
    (found,) = faults(write_csv(tmp_path / "terug.csv", [*rows, *other]), shelf)
    assert "kolom Signaal: in 1 rij een signaal dat er vaker staat, met iets anders ingevuld" in found


# --- columns ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("title", ["Signaal", "Kenmerk", *(field.title for field in words.FIELDS)])
def test_a_column_that_is_gone_is_named(title: str, shareable: Path, shelf: Shelf, tmp_path: Path) -> None:
    rows = [{name: text for name, text in row.items() if name != title} for row in filled(shareable, TOLD)]
    found = faults(write_csv(tmp_path / "terug.csv", rows), shelf)
    if title in {"Signaal", "Kenmerk"}:
        assert found == [
            "terug.csv: heeft geen regel met de kolomnamen Signaal en Kenmerk; stuur de signaallijst zelf terug"
        ]
    else:
        assert found == [f"terug.csv: kolom {title} ontbreekt; laat alle kolommen staan"]


def test_a_column_that_stands_there_twice_is_named(shareable: Path, shelf: Shelf, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "terug.csv", filled(shareable, TOLD))
    path.write_text(
        path.read_text(encoding="utf-8-sig").replace(";Uitkomst;", ";Status;", 1), encoding="utf-8", newline=""
    )
    found = faults(path, shelf)
    assert "terug.csv, kolom Status: staat er 2 keer in; houd er één over" in found


def test_a_broken_csv_is_named(shareable: Path, shelf: Shelf, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "terug.csv", filled(shareable, TOLD))
    text = path.read_text(encoding="utf-8-sig")
    path.write_text(text.replace(";afgerond;", ';"afgerond;', 1), encoding="utf-8", newline="")
    assert "sluit elk aanhalingsteken" in faults(path, shelf)[0]
    path.write_text(text.replace(";afgerond;", ";afgerond;;;;;;;", 1), encoding="utf-8", newline="")
    assert "in 1 rij meer velden dan kolomnamen" in faults(path, shelf)[0]


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_file_that_is_empty_or_something_else_is_named(shareable: Path, shelf: Shelf, tmp_path: Path) -> None:
    def fault(name: str, content: bytes) -> str:
        (tmp_path / name).write_bytes(content)
        return faults(tmp_path / name, shelf)[0]

    assert fault("leeg.csv", b"") == "leeg.csv: is leeg"
    assert fault("leeg.xlsx", b"") == "leeg.xlsx: is leeg"
    head = (shareable / "signaallijst.csv").read_bytes().split(b"\r\n", 1)[0]
    assert fault("kop.csv", head) == "kop.csv: bevat geen rijen van een signaallijst"
    assert "geen regel met de kolomnamen" in fault("brief.csv", b"Geachte heer,\r\n")
    assert "is geen leesbaar Excel-bestand" in fault("brief.xlsx", b"Geachte heer,")
    assert "is geen leesbaar Excel-bestand" in fault("slot.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert "is geen Excel-werkmap of CSV" in fault("lijst.ods", b"PK")
    assert "is geen Excel-werkmap of CSV" in fault("lijst.xls", b"\xd0\xcf\x11\xe0")
    assert "bestand bestaat niet" in faults(tmp_path / "weg.csv", shelf)[0]


def with_part(path: Path, name: str, content: bytes, change: Callable[[bytes], bytes] | None = None) -> Path:
    """Add a part to a workbook, or change one that it has."""
    with zipfile.ZipFile(path) as book:
        parts = {each: book.read(each) for each in book.namelist()}
    parts[name] = change(parts[name]) if change else content
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for each, part in parts.items():
            book.writestr(each, part)
    return path


@pytest.mark.parametrize(
    ("part", "line"),
    [
        ("xl/vbaProject.bin", "bevat een macro; sla het op als gewone Excel-werkmap (xlsx)"),
        ("xl/macrosheets/sheet1.xml", "bevat een macro"),
        ("xl/activeX/activeX1.bin", "bevat een macro"),
        ("xl/externalLinks/externalLink1.xml", "heeft een koppeling met een ander bestand"),
        ("xl/connections.xml", "heeft een koppeling met een ander bestand"),
        ("xl/embeddings/oleObject1.bin", "heeft een koppeling met een ander bestand"),
    ],
)
def test_a_workbook_that_runs_or_links_is_named(
    part: str, line: str, shareable: Path, shelf: Shelf, tmp_path: Path
) -> None:
    path = with_part(write_xlsx(shareable, tmp_path / "terug.xlsx", TOLD), part, b"<a/>")
    assert any(line in fault for fault in faults(path, shelf))
    macro = path.rename(tmp_path / "terug.xlsm")
    assert any(line in fault for fault in faults(macro, shelf))


def test_a_formula_is_named_by_column(shareable: Path, shelf: Shelf, tmp_path: Path) -> None:
    def worked_out(sheet: Worksheet) -> None:
        head = {cell.value: cell.column for cell in sheet[2]}
        for line in (3, 4):
            sheet.cell(line, head["Opmerking"]).value = '="zz"&"geheim"'
        sheet.cell(3, head["Codes"]).value = "=A1"
        sheet.parent["Toelichting"]["D1"] = "=1+1"

    found = faults(write_xlsx(shareable, tmp_path / "terug.xlsx", TOLD, worked_out), shelf)
    assert any("kolom Opmerking: in 2 rijen een formule; plak de kolom als waarden" in line for line in found)
    assert any("kolom Codes: in 1 rij een formule" in line for line in found)
    assert any("1 formule op een blad zonder lijst" in line for line in found)
    assert not any("zz" in line for line in found)


def test_a_workbook_that_hides_or_swells_is_refused_before_it_is_read(
    shareable: Path, shelf: Shelf, tmp_path: Path
) -> None:
    sheet = "xl/worksheets/sheet1.xml"
    path = write_xlsx(shareable, tmp_path / "terug.xlsx", TOLD)
    entity = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    for content, line in (
        (entity, "eigen definitie van tekens"),
        (entity.decode().encode("utf-16-le"), "eigen definitie van tekens"),
        (b"<a>" + b" " * 70_000_000, "is te groot om te lezen"),
        (b"<worksheet", "is een beschadigd Excel-bestand"),
    ):
        with_part(path, sheet, content)
        assert line in faults(path, shelf)[0]
    path = write_xlsx(shareable, tmp_path / "terug.xlsx", TOLD)
    with_part(path, "xl/workbook.xml", b"", lambda part: part.replace(b"r:id=", b"r:no="))
    assert "is een beschadigd Excel-bestand" in faults(path, shelf)[0]


def test_days_of_an_old_mac_count_from_1904(shareable: Path, shelf: Shelf, tmp_path: Path) -> None:
    def bare(sheet: Worksheet) -> None:
        for place in range(sheet.max_column, 0, -1):
            if sheet.cell(2, place).value in {"Van", "Tot en met"}:
                sheet.delete_cols(place)  # its own dates would have to move as well
        for other in sheet.parent.worksheets[1:]:
            sheet.parent.remove(other)

    path = write_xlsx(shareable, tmp_path / "terug.xlsx", {"D01": DONE | {"Datum": 46056 - 1462}}, bare)
    with_part(path, "xl/workbook.xml", b"", lambda part: part.replace(b"<workbookPr", b'<workbookPr date1904="1"'))
    assert said(path, shelf)["D01"] == ANSWERS["D01"]


@given(st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_is_read_or_refused_and_nothing_else(shareable: Path, shelf: Shelf, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["signaallijst.xlsx", "signaallijst.csv"]))
    content = bytearray((shareable / name).read_bytes())
    for place, byte in data.draw(
        st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), max_size=6)
    ):
        content[place] = byte
    del content[data.draw(st.integers(len(content) // 2, len(content))) :]
    with contextlib.suppress(InputError):
        returned.read(name, bytes(content), shelf, TODAY)


@given(st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_part_is_read_or_refused_and_nothing_else(shareable: Path, shelf: Shelf, data: st.DataObject) -> None:
    with zipfile.ZipFile(shareable / "signaallijst.xlsx") as book:
        parts = {each: book.read(each) for each in book.namelist()}
    part = data.draw(st.sampled_from(sorted(parts)))
    old = data.draw(st.sampled_from([b'"', b"<", b"</", b"1", b"r=", b"xl/", b"t=", b"main", b"A", b"s"]))
    new = data.draw(st.sampled_from([b"", b"9" * 30, b"-1", b"x", b"<a/>", b"&#0;", "é".encode(), b"\xff"]))
    times = data.draw(st.sampled_from([1, 3, -1]))
    parts[part] = parts[part].replace(old, new, times)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as book:
        for each, content in parts.items():
            book.writestr(each, content)
    with contextlib.suppress(InputError):
        returned.read("terug.xlsx", target.getvalue(), shelf, TODAY)


# --- releases ---------------------------------------------------------------------------------------------------------


def test_a_list_of_another_release_is_refused(release: Release, shareable: Path, tmp_path: Path) -> None:
    other = dataclasses.replace(release, digest="ab" * 32)
    hand_out(other, tmp_path / "uit")
    shelf = issued.find(tmp_path / "uit")
    (found,) = faults(write_csv(tmp_path / "terug.csv", filled(shareable, TOLD)), shelf)
    assert f"kolom Kenmerk: in {len(release.signals)} rijen een kenmerk dat bij geen uitgave in" in found


def test_a_release_is_known_by_the_bytes_of_its_list(release: Release, tmp_path: Path) -> None:
    shareable = hand_out(release, tmp_path / "uit")
    with pytest.raises(ReleaseError, match="deze map bestaat niet"):
        issued.find(tmp_path / "weg")
    assert issued.find(tmp_path / "uit").unreadable == ()
    content = (shareable / "signaallijst.csv").read_bytes()
    for broken in (content.replace(b"integraal", b"mono"), b"", b"\xff\xfe"):
        (shareable / "signaallijst.csv").write_bytes(broken)
        shelf = issued.find(tmp_path / "uit")
        assert not shelf.releases
        assert len(shelf.unreadable) == 1
    (shareable / "signaallijst.csv").write_bytes(content)
    (shareable / "manifest.json").write_text("[]", encoding="utf-8")
    assert len(issued.find(tmp_path / "uit").unreadable) == 1


def test_a_public_release_has_no_list_and_is_no_fault(release: Release, tmp_path: Path) -> None:
    shareable = hand_out(release, tmp_path / "uit")
    text = (shareable / "manifest.json").read_text(encoding="utf-8")
    (shareable / "manifest.json").write_text(text.replace("signaallijst.csv", "zones.parquet"), encoding="utf-8")
    shelf = issued.find(tmp_path / "uit")
    assert (dict(shelf.releases), shelf.unreadable) == ({}, ())


def test_a_drawn_signal_is_called_as_on_the_list(release: Release, shelf: Shelf) -> None:
    drawn = {each.id for each in shelf.signals().values() if each.drawn}
    assert drawn == {each.id for each in release.signals if each.strength == "verkenning"}


def test_what_was_read_shows_no_answer() -> None:
    shown = repr(Returned("terug.csv", "ab", 3, {("a", "D01"): Answer("open", remark=PLANTED)}, 0))
    assert shown == "Returned(terug.csv, 1 van 3 rijen)"


def test_rows_of_a_spreadsheet_come_back_as_they_went(shareable: Path) -> None:
    rows: list[Row] = rows_of(shareable)
    again = list(
        csv.DictReader(io.StringIO((shareable / "signaallijst.csv").read_text("utf-8-sig"), newline=""), delimiter=";")
    )
    assert rows == again
    assert [column.title for column in signaallijst.TO_FILL_IN] == list(rows[0])[-7:]
