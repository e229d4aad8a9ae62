"""The forms of input files: what comes through unharmed, and one Dutch line for what does not."""
# ruff: noqa: E501 - a message stands here whole, as an analyst reads it

import datetime as dt
import io
import json
import shutil
import subprocess
import sys
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import escape

import geopandas
import hypothesis.strategies as st
import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings

from geoanalyse import csvfile, geofile, spreadsheet, tables
from geoanalyse.addresses import ADDRESS_COLUMNS, read_addresses, read_folder
from geoanalyse.contract import PLACE
from geoanalyse.faults import Kind
from tests.test_addresses import IN_FORMS, LAYERS, TODAY, address_rows, damage, damage_part, faults, workbook, write

EVENTS = ("sleutel", "datum")
HEAD = ["sleutel", "datum"]
ROWS = [["a000000", "2025-02-01"], ["a000003", "2025-03-17"]]
WITHOUT = {"leegstand.csv": None, "fiu-signalen.csv": None}
SOLE = {"adressen.csv": None, **WITHOUT}
REST = ("sleutel", "gebruik", "pand")


def said(folder: Path, **files: bytes | None) -> list[str]:
    folder.mkdir(exist_ok=True)
    return faults(write(folder / "in", **files))


def days(folder: Path, **files: bytes | None) -> list[str]:
    """Days of the layer leegstand, once it is read without a fault."""
    folder.mkdir(exist_ok=True)
    _, events, _, _ = read_folder(write(folder / "in", **{"leegstand.csv": None, **files}), LAYERS, today=TODAY)
    return events["leegstand"].day.astype(str).tolist()


def ods(*sheets: tuple[str, list[list[object]]], rows: str = "", styles: str = "", attributes: str = "") -> bytes:
    """A workbook as LibreOffice writes it, with only what must be there; `rows` come below those of the last sheet."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text", "style")
    )
    body = ""
    for place, (name, cells) in enumerate(sheets, 1):
        lines = "".join(f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in cells)
        more = (rows, attributes) if place == len(sheets) else ("", "")
        body += f'<table:table table:name="{name}" {more[1]}>{lines}{more[0]}</table:table>'
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}><office:automatic-styles>{styles}'
        f"</office:automatic-styles><office:body><office:spreadsheet>{body}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    return archive({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": content.encode()})


def ods_cell(value: object) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, dt.date):
        return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
    if isinstance(value, (int, float)):
        return f'<table:table-cell office:value-type="float" office:value="{value!r}"/>'
    if str(value).startswith("="):
        return f'<table:table-cell table:formula="of:{value}" office:value-type="float" office:value="3"/>'
    return f'<table:table-cell office:value-type="string"><text:p>{escape(str(value))}</text:p></table:table-cell>'


def archive(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def on_sheet(rows: list[list[object]], title: str, hidden: str = "") -> Callable[[openpyxl.Workbook], object]:
    """Add a sheet to a workbook."""

    def change(book: openpyxl.Workbook) -> None:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = hidden or "visible"

    return change


@contextmanager
def within(most: int) -> Iterator[None]:
    """What happens inside takes no more memory of Python than this."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


# --- which sheet, which row -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_titles_and_empty_rows_above_the_names_are_skipped(tmp_path: Path, suffix: str) -> None:
    top: list[list[object]] = [["Leegstand in Zuidoost"], [None], ["datum", None, "export"], [None], HEAD]
    rows = [*top, *ROWS]
    content = workbook(rows) if suffix == "xlsx" else ods(("Blad1", rows))
    assert days(tmp_path, **{f"leegstand.{suffix}": content}) == ["2025-02-01", "2025-03-17"]


@pytest.mark.parametrize("above", [19, 20])
def test_the_names_stand_in_the_first_twenty_rows(tmp_path: Path, above: int) -> None:
    lines = said(tmp_path, **{"leegstand.csv": None, "leegstand.xlsx": workbook([*[["x"]] * above, HEAD, *ROWS])})
    missing = (
        "leegstand.xlsx: geen rij met kolomnamen uit het contract gevonden; begin met de kolomnamen sleutel, datum"
    )
    assert lines == ([] if above < 20 else [missing])


def test_names_that_were_sorted_into_the_data_are_no_heading(tmp_path: Path) -> None:
    for suffix, content in (("xlsx", workbook([*ROWS, HEAD, *ROWS])), ("ods", ods(("x", [*ROWS, HEAD, *ROWS])))):
        assert said(tmp_path / suffix, **{"leegstand.csv": None, f"leegstand.{suffix}": content}) == [
            f"leegstand.{suffix}: 2 rijen boven de kolomnamen lijken op gegevens; zet de kolomnamen op de eerste rij"
        ]


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Leegstand", [HEAD, ["a000001", "2024-01-01"]]),  # called like the table
        ("Blad2", []),  # the only one that is filled
        ("Blad2", [["Toelichting"], ["Dit zijn de gegevens van maart"]]),  # the only one with names
    ],
)
def test_the_sheet_that_is_meant_is_read(tmp_path: Path, title: str, other: list[list[object]]) -> None:
    content = workbook(other, on_sheet([HEAD, *ROWS], title))
    assert days(tmp_path / "xlsx", **{"leegstand.xlsx": content}) == ["2025-02-01", "2025-03-17"]
    content = ods(("Blad1", other), (title, [HEAD, *ROWS]))
    assert days(tmp_path / "ods", **{"leegstand.ods": content}) == ["2025-02-01", "2025-03-17"]


def test_a_hidden_sheet_is_not_looked_at(tmp_path: Path) -> None:
    hidden = on_sheet([HEAD, ["a000001", "2024-01-01"]], "leegstand", "veryHidden")
    assert days(tmp_path / "a", **{"leegstand.xlsx": workbook([HEAD, *ROWS], hidden)}) == ["2025-02-01", "2025-03-17"]
    content = ods(
        ("Blad1", [HEAD, *ROWS]),
        ("leegstand", [HEAD, ["a000001", "2024-01-01"]]),
        styles='<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style>',
        attributes='table:style-name="ta2"',
    )
    assert days(tmp_path / "b", **{"leegstand.ods": content}) == ["2025-02-01", "2025-03-17"]


def test_a_workbook_without_anything_has_no_rows(tmp_path: Path) -> None:
    for suffix, content in (("xlsx", workbook([])), ("ods", ods(("Blad1", [])))):
        assert said(tmp_path / suffix, **{"leegstand.csv": None, f"leegstand.{suffix}": content}) == [
            f"leegstand.{suffix}: bevat geen rijen; vul het bestand, of laat het bestand van een laag zonder gegevens weg"
        ]


# --- cells that would make a wrong number -----------------------------------------------------------------------------

SPANS = (
    '<table:table-row><table:table-cell table:number-rows-spanned="2" office:value-type="string"><text:p>a000001</text:p>'
    '</table:table-cell><table:table-cell office:value-type="date" office:date-value="2025-02-01"/></table:table-row>'
    '<table:table-row><table:covered-table-cell/><table:table-cell office:value-type="date" office:date-value="2025-02-02"/>'
    "</table:table-row>"
)
CELLS: list[tuple[str, dict[str, bytes], list[str]]] = [
    (
        "merged",
        {
            "xlsx": workbook(
                [["Leegstand", None], HEAD, *ROWS, ["a000001", "2025-02-01"], [None, "2025-02-02"]],
                lambda book: [book.active.merge_cells("A1:B1"), book.active.merge_cells("A5:A6")],
            ),
            "ods": ods(("x", [HEAD, *ROWS]), rows=SPANS),
        },
        [
            "2 rijen hebben samengevoegde cellen; hef de samenvoeging op en vul elke cel",
            "kolom sleutel: 1 rij is leeg; vul elke rij",
        ],
    ),
    *(
        (
            f"total: {row[0]}",
            {"xlsx": workbook([HEAD, *ROWS, [None], row]), "ods": ods(("x", [HEAD, *ROWS, [None], row]))},
            ["1 rij is een totaal en geen gegeven; verwijder de totaalrijen"],
        )
        for row in (
            ["Totaal", 2],
            ["Eindtotaal:", "=COUNTA(B2:B3)"],
            [None, "subtotaal"],
            [None, "=SUM(B2:B3)"],
            ["=SUBTOTAL(103,A2:A3)", "=SUBTOTAL(103,B2:B3)"],
        )
    ),
    (
        "formulas",
        {
            "xlsx": workbook([HEAD, *ROWS, ["a000001", "=TODAY()"]]),
            "ods": ods(("x", [HEAD, *ROWS, ["a000001", "=TODAY()"]])),
        },
        ["kolom datum: 1 rij heeft een formule; plak de kolom als waarden"],
    ),
    (
        "hidden rows",
        {
            "xlsx": workbook(
                [HEAD, *ROWS, ["a000001", "2025-02-01"]],
                lambda book: book.active.row_dimensions.__getitem__(3).__setattr__("hidden", True),
            ),
            "ods": ods(
                ("x", [HEAD, *ROWS]),
                rows='<table:table-row table:visibility="filter">'
                + "".join(map(ods_cell, ["a000001", "2025-02-01"]))
                + "</table:table-row>"
                '<table:table-row table:visibility="collapse" table:number-rows-repeated="1000"><table:table-cell/></table:table-row>',
            ),
        },
        ["1 rij is verborgen, bijvoorbeeld door een filter; maak ze zichtbaar of verwijder ze"],
    ),
]


@pytest.mark.parametrize(("contents", "lines"), [case[1:] for case in CELLS], ids=[case[0] for case in CELLS])
@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_a_cell_that_would_make_a_wrong_number_is_refused(
    tmp_path: Path, suffix: str, contents: dict[str, bytes], lines: list[str]
) -> None:
    name = f"leegstand.{suffix}"
    expected = [f"{name}, {line}" if line.startswith("kolom") else f"{name}: {line}" for line in lines]
    assert said(tmp_path, **{"leegstand.csv": None, name: contents[suffix]}) == expected


def changed_sheet(change: Callable[[str], str]) -> bytes:
    """A workbook whose sheet is rewritten by hand."""
    with zipfile.ZipFile(io.BytesIO(workbook([HEAD, *ROWS]))) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    parts["xl/worksheets/sheet1.xml"] = change(parts["xl/worksheets/sheet1.xml"].decode()).encode()
    return archive(parts)


@pytest.mark.parametrize(
    "attributes", ['r="2" hidden="1"', "r='2' hidden = 'true'", 'hidden="1" spans="1:2" r="2"', 'hidden="1"']
)
def test_a_hidden_row_is_seen_however_it_is_written(tmp_path: Path, attributes: str) -> None:
    data = changed_sheet(lambda sheet: sheet.replace('r="2"', attributes, 1))
    assert said(tmp_path, **{"leegstand.csv": None, "leegstand.xlsx": data}) == [
        "leegstand.xlsx: 1 rij is verborgen, bijvoorbeeld door een filter; maak ze zichtbaar of verwijder ze"
    ]


@pytest.mark.parametrize("number", ["2", "1", "x", "-1"])
def test_a_row_number_that_comes_twice_is_damage(tmp_path: Path, number: str) -> None:
    data = changed_sheet(lambda sheet: sheet.replace('<row r="3"', f'<row r="{number}"'))
    assert said(tmp_path, **{"leegstand.csv": None, "leegstand.xlsx": data}) == [
        "leegstand.xlsx: is geen leesbaar Excel-bestand; sla het opnieuw op, zonder wachtwoord"
    ]


@pytest.mark.parametrize("style", ["[h]:mm", "[hh]:mm:ss", "[$-413][h]:mm", '[h]" uur"', "[mm]:ss"])
def test_a_duration_is_no_day(tmp_path: Path, style: str) -> None:
    def styled(book: openpyxl.Workbook) -> None:
        book.active["B2"].number_format = style

    time = (
        '<table:table-row><table:table-cell office:value-type="string"><text:p>a000001</text:p></table:table-cell>'
        '<table:table-cell office:value-type="time" office:time-value="PT1080000H00M00S"/></table:table-row>'
    )
    contents = {"xlsx": workbook([HEAD, ["a000001", 45000]], styled), "ods": ods(("x", [HEAD]), rows=time)}
    for suffix, content in contents.items():
        name = f"leegstand.{suffix}"
        assert said(tmp_path / suffix, **{"leegstand.csv": None, name: content}) == [
            f"{name}, kolom datum: 1 rij is geen datum; schrijf dd-mm-jjjj of jjjj-mm-dd"
        ]


def test_true_is_no_amount(tmp_path: Path) -> None:
    rows = [["sleutel", "datum", "aantal"], ["a000001", "2025-02-01", True]]
    assert said(tmp_path, **{"fiu-signalen.csv": None, "fiu-signalen.xlsx": workbook(rows)}) == [
        "fiu-signalen.xlsx, kolom aantal: 1 rij is geen heel getal van 0 of meer; schrijf bijvoorbeeld 3"
    ]


def test_an_error_in_a_cell_is_an_empty_cell(tmp_path: Path) -> None:
    content = workbook([HEAD, *ROWS, ["a000001", "#N/A"]])
    assert said(tmp_path, **{"leegstand.csv": None, "leegstand.xlsx": content}) == [
        "leegstand.xlsx, kolom datum: 1 rij is leeg; vul elke rij"
    ]


def test_a_remark_on_a_cell_is_no_part_of_it(tmp_path: Path) -> None:
    cell = (
        '<table:table-row><table:table-cell office:value-type="string"><office:annotation><text:p>bel Jansen</text:p>'
        "</office:annotation><text:p>a00<text:span>0001</text:span></text:p></table:table-cell>"
        '<table:table-cell office:value-type="string"><text:p>17-03-2025</text:p></table:table-cell></table:table-row>'
    )
    assert days(tmp_path, **{"leegstand.ods": ods(("x", [HEAD]), rows=cell)}) == ["2025-03-17"]


def test_what_libreoffice_saves_reads_as_what_excel_saves(tmp_path: Path, libreoffice: Callable[..., Path]) -> None:
    rows = [["Adressen"], list(ADDRESS_COLUMNS)]
    for key, east, north, *rest in address_rows():
        rows.append([key, float(east.replace(",", ".")), int(north), *rest])  # type: ignore[list-item]
    book = tmp_path / "adressen.xlsx"
    book.write_bytes(workbook([*rows], on_sheet([["Toelichting"]], "uitleg")))
    saved = libreoffice(book, "ods", tmp_path / "ods")
    first, second = (tables.read(path, ADDRESS_COLUMNS) for path in (book, saved))
    assert first.faults == second.faults == ()
    assert first.rows == 20
    assert {name: column.to_pylist() for name, column in first.columns.items()} == {
        name: column.to_pylist() for name, column in second.columns.items()
    }


# --- size and damage --------------------------------------------------------------------------------------------------


def lying(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return archive(
            {name: change(package.read(name)) if name == part else package.read(name) for name in package.namelist()}
        )


GOOD_BOOK = workbook([HEAD, *ROWS])
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "%s">' % (b"x" * 1000) + b"".join(
    b'<!ENTITY %c "%s">' % (place + 1, b"&%c;" % place * 50) for place in range(ord("b"), ord("h"))
)
BOMBS = {
    "a part of zeros": ("xlsx", lying(GOOD_BOOK, "xl/styles.xml", lambda _: bytes(20_000_000)), "te groot"),
    "many parts": ("xlsx", archive({f"xl/{number}.xml": b"" for number in range(3000)}), "te groot"),
    "a row far below": (
        "xlsx",
        lying(GOOD_BOOK, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'<row r="3"', b'<row r="99999999999"')),
        "te groot",
    ),
    "a cell that comes back": (
        "ods",
        ods(
            ("x", [HEAD]),
            rows='<table:table-row table:number-rows-repeated="1000000"><table:table-cell office:value-type="float"'
            ' office:value="1" table:number-columns-repeated="16000"/></table:table-row>',
        ),
        "te groot",
    ),
    "a cell far away": (
        "ods",
        ods(
            ("x", [HEAD]),
            rows='<table:table-row><table:table-cell table:number-columns-repeated="2000000000"/>'
            '<table:table-cell office:value-type="float" office:value="1"/></table:table-row>',
        ),
        "te groot",
    ),
    "signs of its own": (
        "ods",
        archive({"content.xml": ENTITIES + b']><a b="&h;">&h;</a>'}),
        "geen leesbaar ODS-bestand",
    ),
    "a password": ("ods", archive({"content.xml": bytes(range(256)) * 20}), "geen leesbaar ODS-bestand"),
    "an old workbook": ("xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "geen leesbaar Excel-bestand"),
}


@pytest.mark.parametrize(("suffix", "content", "words"), BOMBS.values(), ids=BOMBS.keys())
def test_what_is_small_on_disk_and_large_in_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, content: bytes, words: str
) -> None:
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 5_000)  # or the test would count to a million
    folder = write(tmp_path / "in", **{"leegstand.csv": None, f"leegstand.{suffix}": content})
    with within(60_000_000):
        (line,) = faults(folder)
    assert line.startswith(f"leegstand.{suffix}: ")
    assert words in line


def test_a_large_file_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "LARGEST", 2_000_000)
    monkeypatch.setattr(geofile, "LARGEST_JSON", 2_000_000)
    folder = write(
        tmp_path / "in",
        **{"adressen.csv": None, "adressen.geojson": b" " * 2_000_001, "leegstand.csv": None},
        **{"leegstand.ods": archive({"content.xml": bytes(2_000_001)}), "fiu-signalen.csv": None},
    )
    remedy = "lever het als Parquet of CSV, of in delen per periode"
    assert faults(folder) == [
        f"adressen.geojson: is te groot om te lezen (grens: 2 MB); {remedy}",
        f"leegstand.ods: is te groot om te lezen (grens: 2 MB uitgepakt); {remedy}",
    ]


@pytest.mark.parametrize("suffix", ["ods", "geojson", "csv"])
def test_no_damage_to_other_forms_gives_a_traceback(tmp_path: Path, suffix: str) -> None:
    many = [["a000000", "2025-02-01"]] * 20
    good = {
        "ods": ods(("x", [HEAD, *many])),
        "geojson": geojson([{"sleutel": key, "datum": day} for key, day in many], [None] * 20),
        "csv": ("sleutel;datum\n" + "café;2025-02-01\n" * 20).encode("cp1252"),
    }[suffix]
    random = np.random.default_rng(4)
    folder = write(tmp_path / "in", **{"leegstand.csv": None})
    for attempt in range(40):
        harm = damage_part if suffix == "ods" and attempt % 4 else damage
        (folder / f"leegstand.{suffix}").write_bytes(harm(good, random))
        assert all(line.startswith(f"leegstand.{suffix}") for line in faults(folder))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(data=st.binary(max_size=200), suffix=st.sampled_from(["ods", "geojson", "shp"]))
def test_no_bytes_in_other_forms_give_a_traceback(tmp_path: Path, data: bytes, suffix: str) -> None:
    folder = tmp_path / "in"
    shutil.rmtree(folder, ignore_errors=True)
    write(folder, **{"leegstand.csv": None, f"leegstand.{suffix}": data})
    if suffix == "shp":
        (folder / "leegstand.shx").write_bytes(data)
        (folder / "leegstand.dbf").write_bytes(data)
    assert all(line.startswith(f"leegstand.{suffix}") for line in faults(folder))


@pytest.mark.parametrize("suffix", ["gpkg", "csv", "shp"])
def test_a_folder_that_is_called_like_a_file_is_named(tmp_path: Path, suffix: str) -> None:
    folder = write(tmp_path / "in", **{"leegstand.csv": None})
    (folder / f"leegstand.{suffix}").mkdir()
    _, found = tables_check(folder)
    assert found == (f"leegstand.{suffix}: is een map en geen bestand; zet het bestand zelf in de invoermap",)


def tables_check(folder: Path) -> tuple[object, tuple[str, ...]]:
    from geoanalyse.addresses import check_folder  # noqa: PLC0415 - `faults` reads every file back, a folder has no bytes

    return check_folder(folder, LAYERS, today=TODAY)


OTHER_FORM = "is een vorm die niet wordt gelezen; sla het op als csv, parquet, gpkg, xlsx, ods, shp of geojson"


@pytest.mark.parametrize("suffix", [".xls", ".xlsb", ".tsv", ".dbf", ".json", ".csv.gz", ".zip", ".txt", ".pq", ""])
def test_a_table_in_a_form_that_is_not_read_is_not_missed(tmp_path: Path, suffix: str) -> None:
    assert said(tmp_path, **{"leegstand.csv": None, f"leegstand{suffix}": b"x", f"leesmij{suffix}": b"x"}) == [
        f"leegstand{suffix}: {OTHER_FORM}"
    ]


def test_a_folder_and_a_loose_dbf_that_are_called_like_a_table_are_not_missed(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", **{"leegstand.dbf": b"x"})  # the csv is no part of a shapefile
    assert faults(folder) == [f"leegstand.dbf: {OTHER_FORM}"]
    (folder / "leegstand.dbf").unlink()
    (folder / "leegstand.gdb").mkdir()
    _, found = tables_check(folder)
    assert found == (f"leegstand.gdb: {OTHER_FORM}",)


def test_what_describes_a_table_may_stand_beside_it(tmp_path: Path) -> None:
    beside = {f"leegstand.{suffix}": b"x" for suffix in ("toml", "md", "qml", "qmd", "pdf")}
    assert said(tmp_path, **beside) == []


# --- CSV --------------------------------------------------------------------------------------------------------------


def test_windows_1252_is_read_and_said(tmp_path: Path) -> None:
    rows = [[f"café{key[-2:]}", *rest] for key, *rest in address_rows()]
    content = "\n".join(";".join(row) for row in [list(ADDRESS_COLUMNS), *rows]).encode("cp1252")
    base, report = read_addresses(write(tmp_path / "in", **{"adressen.csv": content}))
    assert base.keys.to_pylist() == [f"café{number:02}" for number in range(20)]
    assert report.files[0].format == "csv (cp1252)"


def test_one_bad_row_does_not_make_a_file_windows_1252(tmp_path: Path) -> None:
    """Read as Windows-1252, every other name with an accent would be a wrong key."""
    content = b"sleutel;datum\n" + "é;2025-02-01\n".encode() * 3 + "ë;2025-02-01\n".encode("cp1252")
    assert said(tmp_path, **{"leegstand.csv": content}) == [
        "leegstand.csv: 1 rij is geen UTF-8 en ook niet Windows-1252; sla het bestand op als 'CSV UTF-8'"
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_text_from_excel_is_read_with_its_tabs(tmp_path: Path, encoding: str) -> None:
    mark = "" if encoding == "utf-16" else "\ufeff"
    content = f"{mark}sleutel\tdatum\r\na000000\t2025-02-01\r\na000003\t17-03-2025\r\n".encode(encoding)
    folder = write(tmp_path / "in", **{"leegstand.csv": content})
    _, events, _, report = read_folder(folder, LAYERS, today=TODAY)
    assert events["leegstand"].address.tolist() == [0, 3]
    assert report.files[-1].format == "csv (utf-16)"


@pytest.mark.parametrize(
    "content",
    [
        "sleutel;datum\na000000;2025-02-01\n".encode("utf-16-le"),  # without its mark
        b"\xff\xfe" + "sleutel;datum\na000000;2025-02-01\n".encode("utf-16-le") + b"\x00",
        b"sleutel;datum\na00\0000;2025-02-01\n",
    ],
)
def test_what_is_no_text_is_named(tmp_path: Path, content: bytes) -> None:
    lines = said(tmp_path, **{"leegstand.csv": content})
    assert len(lines) == 1
    assert lines[0].endswith("geen UTF-8 en ook niet Windows-1252; sla het bestand op als 'CSV UTF-8'")


@pytest.mark.parametrize("above", ["   ", ";;", " ; ", '"";""', "\t\t"])
def test_a_line_without_anything_above_the_names_is_skipped(tmp_path: Path, above: str) -> None:
    data = f"{above}\nsleutel;datum\na000000;2025-02-01\n".encode()
    assert days(tmp_path, **{"leegstand.csv": data}) == ["2025-02-01"]


@pytest.mark.parametrize("sign", [";", ",", "\t"])
def test_a_separator_at_the_end_of_every_line_is_no_column(tmp_path: Path, sign: str) -> None:
    lines = ["sleutel;datum;;", "a000000;2025-02-01;;", 'a000003;2025-03-17;"";', ""]
    data = "\n".join(lines).replace(";", sign).encode()
    assert days(tmp_path, **{"leegstand.csv": data}) == ["2025-02-01", "2025-03-17"]


@pytest.mark.parametrize("rows", ["a000000;2025-02-01;;x", "a000000;2025-02-01;x;", "a000000;2025-02-01"])
def test_a_value_without_a_name_is_not_passed_over(tmp_path: Path, rows: str) -> None:
    (line,) = said(tmp_path, **{"leegstand.csv": f"sleutel;datum;;\n{rows}\na000003;2025-03-17;;\n".encode()})
    assert line.startswith("leegstand.csv: 1 rij heeft een ander aantal velden dan de kolomnamen; ")


def test_capitals_in_a_name_of_a_column_do_not_matter(tmp_path: Path) -> None:
    caps = ["SLEUTEL", "Datum"]
    contents = {
        "csv": "\n".join(";".join(row) for row in [caps, *ROWS]).encode(),
        "xlsx": workbook([caps, *ROWS]),
        "ods": ods(("x", [["Leegstand"], caps, *ROWS])),
    }
    for suffix, content in contents.items():
        assert days(tmp_path / suffix, **{f"leegstand.{suffix}": content}) == ["2025-02-01", "2025-03-17"]
    twice = b"sleutel;datum;Datum\na000000;2025-02-01;2024-02-01\n"
    assert said(tmp_path / "twice", **{"leegstand.csv": twice}) == [
        "leegstand.csv, kolom datum: staat er 2 keer in; houd \u00e9\u00e9n kolom over"
    ]


@pytest.mark.parametrize("suffix", ["gpkg", "parquet", "shp", "geojson"])
def test_capitals_do_not_matter_beside_a_geometry(tmp_path: Path, suffix: str) -> None:
    folder = drawn(tmp_path / "in", suffix)
    path = folder / f"adressen.{suffix}"
    frame = geopandas.read_parquet(path) if suffix == "parquet" else geopandas.read_file(path)
    frame = frame.rename(columns={"sleutel": "SLEUTEL", "pand": "Pand"})
    frame.to_parquet(path) if suffix == "parquet" else frame.to_file(path)
    assert base_faults(folder) == []


def test_the_line_that_tells_excel_the_separator_is_skipped(tmp_path: Path) -> None:
    assert days(tmp_path, **{"leegstand.csv": b"sep=,\r\nsleutel,datum\r\na000000,2025-02-01\r\n"}) == ["2025-02-01"]


VALUES = st.text(
    st.characters(codec="cp1252", exclude_characters=';"\r\n\t\0', exclude_categories=("Cc",)), max_size=12
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    values=st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=30),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    ends=st.sampled_from(["\n", "\r\n", "\r"]),
    last=st.booleans(),
    block=st.integers(40, 200),
)
def test_blocks_and_encodings_do_not_change_what_is_read(
    tmp_path: Path,
    values: list[tuple[str, str]],
    encoding: str,
    ends: str,
    last: bool,  # noqa: FBT001 - drawn by hypothesis
    block: int,
) -> None:
    lines = ["sleutel;datum", *(f"k{key};{day}" for key, day in values)]
    text = ends.join(lines) + ends * last
    path = tmp_path / "leegstand.csv"
    path.write_bytes(text.encode(encoding))
    whole = tables.read(path, EVENTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csvfile, "BLOCK", block)
        parts = tables.read(path, EVENTS)
    assert parts.digest == whole.digest
    if whole.faults:  # signs of UTF-8 in Windows-1252, which is then not surely that
        assert {fault.kind for fault in whole.faults} == {Kind.ENCODING}
        assert parts.faults == whole.faults
        return
    assert parts.columns["sleutel"].to_pylist() == whole.columns["sleutel"].to_pylist()
    assert whole.columns["sleutel"].to_pylist() == [f"k{key}".strip() for key, _ in values]
    assert whole.columns["datum"].to_pylist() == parts.columns["datum"].to_pylist()


def test_a_csv_takes_the_memory_of_the_columns_that_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "leegstand.csv"
    line = b"a000000;2025-02-01;" + b"x" * 1000 + b"\n"
    with path.open("wb") as file:
        file.write(b"sleutel;datum;toelichting\n")
        for _ in range(40):
            file.write(line * 1000)
    script = f"""
import tracemalloc
from pathlib import Path
import pyarrow as pa
from geoanalyse import tables
tracemalloc.start()
table = tables.read(Path({str(path)!r}), {EVENTS!r})
print(table.rows, pa.default_memory_pool().max_memory(), tracemalloc.get_traced_memory()[1])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, encoding="utf-8")
    rows, arrow, python = map(int, done.stdout.split())
    assert rows == 40_000
    assert arrow + python < 40_000_000 <= path.stat().st_size


# --- geometry ---------------------------------------------------------------------------------------------------------

EAST = [120000.5 + place for place in range(20)]
NORTH = [480000.0 + place for place in range(20)]
POINTS = [shapely.Point(east, north) for east, north in zip(EAST, NORTH, strict=True)]
DEGREES = [shapely.Point(4.9 + place / 1000, 52.3) for place in range(20)]
DRIVERS = {"gpkg": "GPKG", "shp": "ESRI Shapefile", "geojson": "GeoJSON"}


def geojson(properties: list[dict[str, object]], points: list[object], crs: str = "") -> bytes:
    whole: dict[str, object] = {"type": "FeatureCollection"}
    if crs:
        whole["crs"] = {"type": "name", "properties": {"name": crs}}
    whole["features"] = [
        {"type": "Feature", "properties": each, "geometry": point and json.loads(shapely.to_geojson(point))}
        for each, point in zip(properties, points, strict=True)
    ]
    return json.dumps(whole).encode()


def drawn(folder: Path, suffix: str, points: list[object] = POINTS, crs: str | None = "EPSG:28992") -> Path:  # type: ignore[assignment]
    """A folder with an address base whose place is in its geometry only."""
    folder = write(folder, **SOLE)
    columns = dict(zip(ADDRESS_COLUMNS, zip(*address_rows(), strict=True), strict=True))
    frame = geopandas.GeoDataFrame({name: columns[name] for name in REST}, geometry=points, crs=crs)
    path = folder / f"adressen.{suffix}"
    if suffix == "parquet":
        frame.to_parquet(path)
    elif suffix == "geojson":
        path.write_bytes(geojson(frame[list(REST)].to_dict("records"), points, crs if crs != "EPSG:4326" else ""))
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it has no system is the point
            frame.to_file(path, driver=DRIVERS[suffix])
    return folder


def base_faults(folder: Path) -> list[str]:
    _, found = tables_check(folder)
    return list(found)


@pytest.mark.parametrize("suffix", ["gpkg", "parquet", "shp", "geojson"])
@pytest.mark.parametrize("system", ["EPSG:28992", "EPSG:7415"])
def test_points_in_rd_stand_for_the_columns_of_a_place(tmp_path: Path, suffix: str, system: str) -> None:
    points = [shapely.Point(point.x, point.y, 1.5) for point in POINTS] if system == "EPSG:7415" else POINTS
    base, report = read_addresses(drawn(tmp_path / "in", suffix, points, system))
    assert base.easting.tolist() == EAST
    assert base.northing.tolist() == NORTH
    assert report.files[0].rows == 20


def test_points_as_arrow_keeps_them_are_read(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", **SOLE)
    columns = dict(zip(ADDRESS_COLUMNS, zip(*address_rows(), strict=True), strict=True))
    frame = geopandas.GeoDataFrame({name: columns[name] for name in REST}, geometry=POINTS, crs="EPSG:28992")
    frame.to_parquet(
        folder / "adressen.parquet", geometry_encoding="geoarrow", write_covering_bbox=True, schema_version="1.1.0"
    )
    assert read_addresses(folder)[0].easting.tolist() == EAST


def test_one_point_of_several_is_a_point(tmp_path: Path) -> None:
    points = [shapely.MultiPoint([point]) for point in POINTS]
    assert read_addresses(drawn(tmp_path / "in", "gpkg", points))[0].northing.tolist() == NORTH


SYSTEMS: dict[str, tuple[list[object], str | None, str]] = {
    "another system": (DEGREES, "EPSG:4326", "de geometrie staat in EPSG:4326; sla het bestand op in EPSG:28992 (RD)"),
    "another system in metres": (
        [shapely.Point(628000 + place, 5_802_000) for place in range(20)],
        "EPSG:25831",
        "de geometrie staat in EPSG:25831; sla het bestand op in EPSG:28992 (RD)",
    ),
    "no system": (POINTS, None, "de geometrie noemt geen coördinatenstelsel; sla het bestand op in EPSG:28992 (RD)"),
    "metres in a file in degrees": (
        POINTS,
        "EPSG:4326",
        "de geometrie zegt in graden te zijn en heeft RD-meters; ken het stelsel EPSG:28992 toe, zonder om te rekenen",
    ),
    "latitude before longitude": (
        [shapely.Point(52.3, 4.9 + place / 1000) for place in range(20)],
        "EPSG:4326",
        "de geometrie heeft breedte en lengte verwisseld; zet de lengte vooraan en sla het op in EPSG:28992 (RD)",
    ),
    "lines": (
        [shapely.LineString([(0, 0), (1, 1)])] * 20,
        "EPSG:28992",
        "20 rijen hebben een lijn of vlak in plaats van een punt; lever één punt per adres",
    ),
}


ELSEWHERE = [(suffix, case) for suffix in ("gpkg", "parquet", "shp", "geojson") for case in SYSTEMS]
ELSEWHERE.remove(("geojson", "no system"))  # GeoJSON that does not say is in degrees


@pytest.mark.parametrize(("suffix", "case"), ELSEWHERE)
def test_points_elsewhere_are_refused(tmp_path: Path, suffix: str, case: str) -> None:
    points, system, line = SYSTEMS[case]
    name = system if system != "EPSG:4326" or suffix != "geojson" else "OGC:CRS84"
    expected = line.replace("EPSG:4326", name or "")
    assert base_faults(drawn(tmp_path / "in", suffix, points, system)) == [f"adressen.{suffix}: {expected}"]


def test_degrees_in_a_file_that_says_rd_are_seen_by_row(tmp_path: Path) -> None:
    assert base_faults(drawn(tmp_path / "in", "gpkg", [*DEGREES[:3], *POINTS[3:]])) == [
        "adressen.gpkg, kolommen oost en noord: 3 rijen zijn lengte- en breedtegraden; reken om naar RD-meters (EPSG:28992)"
    ]


@pytest.mark.parametrize("suffix", ["gpkg", "parquet", "geojson"])
def test_a_row_without_a_point_is_an_empty_row(tmp_path: Path, suffix: str) -> None:
    found = base_faults(drawn(tmp_path / "in", suffix, [None, *POINTS[1:]]))
    assert found == [f"adressen.{suffix}, kolom {name}: 1 rij is leeg; vul elke rij" for name in ("oost", "noord")]


def test_a_column_of_a_place_is_not_made_up_from_the_geometry(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", **SOLE)
    columns = dict(zip(ADDRESS_COLUMNS, zip(*address_rows(), strict=True), strict=True))
    kept = {name: columns[name] for name in ADDRESS_COLUMNS if name != "crs"}
    geopandas.GeoDataFrame(kept, geometry=POINTS, crs="EPSG:28992").to_file(folder / "adressen.gpkg")
    assert base_faults(folder) == [
        f"adressen.gpkg, kolom crs: ontbreekt; voeg de kolom toe, de kolommen zijn {', '.join(ADDRESS_COLUMNS)}"
    ]


@pytest.mark.parametrize("part", ["dbf", "shx"])
def test_a_part_of_a_shapefile_that_misses_is_named(tmp_path: Path, part: str) -> None:
    folder = drawn(tmp_path / "in", "shp")
    (folder / f"adressen.{part}").unlink()
    assert base_faults(folder) == [
        f"adressen.shp: mist het bestand adressen.{part}; kopieer alle bestanden van de shapefile naar de map"
    ]


@pytest.mark.parametrize("part", ["shp", "shx", "dbf"])
@pytest.mark.parametrize("left", [0, 20, 99, 150, -40])
def test_a_shapefile_that_is_cut_off_is_refused(tmp_path: Path, part: str, left: int) -> None:
    folder = drawn(tmp_path / "in", "shp")
    path = folder / f"adressen.{part}"
    path.write_bytes(path.read_bytes()[:left])
    (line,) = base_faults(folder)
    assert line in {
        "adressen.shp: is geen leesbaar Shape-bestand; sla het opnieuw op, zonder wachtwoord",
        "adressen.shp: bevat geen rijen; vul het bestand, of laat het bestand van een laag zonder gegevens weg",
    }


def test_rows_that_miss_in_one_part_of_a_shapefile_are_missed(tmp_path: Path) -> None:
    folder, other = drawn(tmp_path / "in", "shp"), drawn(tmp_path / "less", "shp")
    geopandas.read_file(other / "adressen.shp").iloc[:19].to_file(other / "adressen.shp")
    shutil.copy(other / "adressen.dbf", folder / "adressen.dbf")
    assert base_faults(folder) == [
        "adressen.shp: is geen leesbaar Shape-bestand; sla het opnieuw op, zonder wachtwoord"
    ]


@pytest.mark.parametrize("told", [False, True])
def test_a_shapefile_in_windows_1252_is_read(tmp_path: Path, *, told: bool) -> None:
    path = tmp_path / "namen.shp"
    geopandas.GeoDataFrame({"naam": ["caf\u00e9"]}, geometry=POINTS[:1], crs=28992).to_file(path, encoding="cp1252")
    if not told:
        path.with_suffix(".cpg").unlink()
    table = tables.read(path, ["naam"])
    assert table.columns["naam"].to_pylist() == ["caf\u00e9"]
    assert table.format == ("shp" if told else "shp (cp1252)")


def test_a_shapefile_in_two_encodings_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "namen.shp"
    geopandas.GeoDataFrame({"naam": ["caf\u00e9", "caf\u00e9s"]}, geometry=POINTS[:2], crs=28992).to_file(path)
    path.with_suffix(".cpg").unlink()
    rows = path.with_suffix(".dbf").read_bytes()
    path.with_suffix(".dbf").write_bytes(rows.replace("caf\u00e9s".encode(), "caf\u00e9s ".encode("cp1252")))
    assert [str(fault) for fault in tables.read(path, ["naam"]).faults] == [
        "namen.shp: 1 rij is geen UTF-8 en ook niet Windows-1252; sla het bestand op als 'CSV UTF-8'"
    ]


@pytest.mark.parametrize("kind", ["wal", "journal"])
def test_a_geopackage_that_is_open_elsewhere_is_not_read_half(tmp_path: Path, kind: str) -> None:
    folder = drawn(tmp_path / "in", "gpkg")
    (folder / f"adressen.gpkg-{kind}").write_bytes(b"")
    assert base_faults(folder) == []
    (folder / f"adressen.gpkg-{kind}").write_bytes(b"rows that are not in the file itself")
    assert base_faults(folder) == [
        "adressen.gpkg: kan niet worden geopend; sluit het in andere programma's en controleer de leesrechten"
    ]


GEOJSON = '{"type": "FeatureCollection", %s "features": [%s]}'
FEATURE = '{"type": "Feature", "properties": {%s}, "geometry": {"type": "Point", "coordinates": %s}}'
REFUSED_JSON = "adressen.geojson: is geen leesbaar GeoJSON-bestand; sla het opnieuw op, zonder wachtwoord"


@pytest.mark.parametrize(
    ("crs", "properties", "coordinates", "says"),
    [
        ("", "", "[4.9]", REFUSED_JSON),
        ("", "", "[true, false]", REFUSED_JSON),
        ("", "", '["4.9", "52.3"]', REFUSED_JSON),
        ("", "", f"[{10**400}, 52.3]", REFUSED_JSON),
        ('"crs": "EPSG:28992",', "", "[4.9, 52.3]", REFUSED_JSON),
        ('"crs": {"properties": 3},', "", "[4.9, 52.3]", REFUSED_JSON),
        ("", f'"pand": {10**30}', "[4.9, 52.3]", "kolom pand: is geen tekst, getal of datum"),
        ("", '"pand": true', "[4.9, 52.3]", "kolom pand: is geen tekst, getal of datum"),
        ("", '"pand": ["a"]', "[4.9, 52.3]", "kolom pand: is geen tekst, getal of datum"),
    ],
)
def test_geojson_that_says_what_cannot_be_is_refused(
    tmp_path: Path, crs: str, properties: str, coordinates: str, says: str
) -> None:
    first = FEATURE % ('"sleutel": "a000000", "gebruik": "woonfunctie", "pand": "p1"', "[4.9, 52.3]")
    second = FEATURE % (
        f'"sleutel": "a000001", "gebruik": "woonfunctie", {properties or chr(34) + "pand" + chr(34) + ": 1.5"}',
        coordinates,
    )
    path = tmp_path / "adressen.geojson"
    path.write_text(GEOJSON % (crs, f"{first}, {second}"), encoding="utf-8")
    found = tables.read(path, ADDRESS_COLUMNS)
    assert any(says in str(fault) for fault in found.faults), [str(fault) for fault in found.faults]


def test_an_entry_of_geojson_that_is_no_feature_is_not_passed_over(tmp_path: Path) -> None:
    folder = drawn(tmp_path / "in", "geojson")
    path = folder / "adressen.geojson"
    path.write_text(path.read_text(encoding="utf-8").replace('"Feature"', '"Fiets"', 1), encoding="utf-8")
    assert base_faults(folder) == [REFUSED_JSON]


@pytest.mark.parametrize("damage_to", ["wkb", "text", "number", "primary", "columns"])
def test_geoparquet_that_says_what_cannot_be_is_refused(tmp_path: Path, damage_to: str) -> None:
    folder = drawn(tmp_path / "in", "parquet")
    table = pq.read_table(folder / "adressen.parquet")
    about = json.loads(table.schema.metadata[b"geo"])
    place = table.schema.get_field_index("geometry")
    other = {"wkb": pa.array([b"\1\2\3"] * 20), "text": pa.array(["POINT (1 2)"] * 20), "number": pa.array([1] * 20)}
    if damage_to in other:
        table = table.set_column(place, "geometry", other[damage_to])
    elif damage_to == "primary":
        about["primary_column"] = "elders"
    else:
        about["columns"] = ["geometry"]
    table = table.replace_schema_metadata({b"geo": json.dumps(about).encode()})
    pq.write_table(table, folder / "adressen.parquet")
    assert base_faults(folder) == [
        "adressen.parquet: is geen leesbaar Parquet-bestand; sla het opnieuw op, zonder wachtwoord"
    ]


def test_a_shapefile_is_another_when_one_of_its_parts_is(tmp_path: Path) -> None:
    folder = drawn(tmp_path / "in", "shp")
    before = tables.read(folder / "adressen.shp", ADDRESS_COLUMNS).digest
    data = bytearray((folder / "adressen.dbf").read_bytes())
    data[-3] ^= 1
    (folder / "adressen.dbf").write_bytes(data)
    assert tables.read(folder / "adressen.shp", ADDRESS_COLUMNS).digest != before


def test_the_layer_that_is_called_like_the_table_is_read(tmp_path: Path) -> None:
    folder = drawn(tmp_path / "in", "gpkg")
    pyogrio.write_arrow(
        pa.table({"naam": ["x"]}), folder / "adressen.gpkg", layer="stijlen", driver="GPKG", geometry_name=None
    )
    assert len(read_addresses(folder)[0]) == 20
    shutil.copy(folder / "adressen.gpkg", folder / "leegstand.gpkg")
    assert base_faults(folder)[0].startswith("leegstand.gpkg: heeft 2 tabbladen of tabellen die bedoeld kunnen zijn")


def test_every_kind_of_a_form_is_tested_here() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    for kind in IN_FORMS:
        assert tables.TEXTS[kind].rpartition("; ")[2].partition("{")[0].strip() in here, kind


# --- one table, every form --------------------------------------------------------------------------------------------

KEYS = st.text("abcdefghijklmnopqrstuvwxyzé0123456789_-", min_size=1, max_size=12).map("k".__add__)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            KEYS,
            st.integers(-7_000_000, 300_000_000).map(lambda number: number / 1000),
            st.integers(289_000_000, 629_000_000).map(lambda number: number / 1000),
            st.sampled_from(["woonfunctie", "overige gebruiksfunctie", "woonfunctie|winkelfunctie"]),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_a_table_reads_the_same_in_every_form(tmp_path: Path, rows: list[tuple[str, float, float, str]]) -> None:
    folder = tmp_path / "vormen"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    whole = [[key, east, north, "EPSG:28992", use, key] for key, east, north, use in rows]
    columns = dict(zip(ADDRESS_COLUMNS, map(list, zip(*whole, strict=True)), strict=True))
    points = shapely.points([row[1] for row in rows], [row[2] for row in rows])
    frame = geopandas.GeoDataFrame({name: columns[name] for name in REST}, geometry=points, crs="EPSG:28992")
    lines = [";".join(ADDRESS_COLUMNS), *(";".join(map(str, row)) for row in whole)]
    (folder / "adressen.csv").write_text("\n".join(lines), encoding="utf-8")
    (folder / "adressen.xlsx").write_bytes(workbook([list(ADDRESS_COLUMNS), *whole]))
    (folder / "adressen.ods").write_bytes(ods(("adressen", [list(ADDRESS_COLUMNS), *whole])))
    pq.write_table(pa.table(columns), folder / "adressen.parquet")
    frame.to_parquet(folder / "punten.parquet")
    frame.to_file(folder / "adressen.gpkg")
    frame.to_file(folder / "adressen.shp", encoding="utf-8")
    (folder / "adressen.geojson").write_bytes(geojson(frame[list(REST)].to_dict("records"), list(points), "EPSG:28992"))
    for path in folder.iterdir():
        if path.suffix.removeprefix(".") in tables.FORMATS:
            table = tables.read(path, ADDRESS_COLUMNS)
            assert table.faults == (), path.name
            read = {name: column.to_pylist() for name, column in table.columns.items()}
            places = {name: list(map(float, read[name])) for name in PLACE[:2]}
            assert read | places == columns, path.name
