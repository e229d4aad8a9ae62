"""``signaallijst.csv`` and ``.xlsx``: the rows of signals, as the texts that a reader sees."""

import csv
import datetime as dt
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence

from geoanalyse.errors import ReleaseError
from geoanalyse.formulas import unguarded
from geoanalyse.products import dutch
from geoanalyse.products.containers import MAIN, SHARED, SHEETS, xml, zip_parts
from geoanalyse.products.contents import UnreadError, decoded

Row = Mapping[str, str]

_FIRST = "Signaal"
_DATES = ("Van", "Tot en met")
_FRACTIONS = ("Score",)
_MOST_ROWS = 50_000


class ListError(ReleaseError):
    """The list has not the form that geoanalyse gives it."""


def of_csv(content: bytes) -> list[Row]:
    """Read the rows of the CSV, without the quote that guards a text against spreadsheets.

    Raises
    ------
    ListError
        When it has not the columns of a list.
    """
    try:
        head, *body = csv.reader(io.StringIO(decoded(content, "utf-8-sig"), newline=""), delimiter=";", strict=True)
    except (csv.Error, UnreadError, ValueError):
        raise ListError("is geen CSV met puntkomma's") from None
    if _FIRST not in head or "Thema" not in head or len(set(head)) < len(head) or len(body) > _MOST_ROWS:
        raise ListError("heeft niet de kolommen van een signaallijst")
    if any(len(row) != len(head) for row in body):
        raise ListError("heeft een rij met te veel of te weinig cellen")
    return [{title: unguarded(text) for title, text in zip(head, row, strict=True)} for row in body]


def of_xlsx(content: bytes) -> tuple[list[Row], list[tuple[str, str]]]:
    """Read the rows of every sheet of signals, and the lines of the sheet that explains them.

    Returns
    -------
    rows : list of mapping of str to str
        Titles to texts, dates as dd-mm-jjjj, with the theme under ``Thema``.
    explanation : list of (str, str)

    Raises
    ------
    ListError
        When it is no workbook, or a sheet has not the form of a list.
    """
    try:
        parts = zip_parts(content)
        shared = [
            "".join(text.text or "" for text in item.iter(f"{MAIN}t"))
            for item in (xml(parts[SHARED]) if SHARED in parts else ())
        ]
        named = _sheet_names(parts)
        sheets = {name: _grid(xml(parts[part]), shared) for name, part in named.items()}
    except (UnreadError, KeyError, ValueError, IndexError):
        raise ListError("is geen leesbaar Excel-bestand van geoanalyse") from None
    rows: list[Row] = []
    for name, grid in sheets.items():
        if name != "Toelichting":
            rows += _rows(grid, name.lower())
    explanation = [(line.get("A", ""), line.get("B", "")) for line in sheets.get("Toelichting", [])]
    return rows, explanation


def _sheet_names(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Give the part of each sheet by its name; xlsxwriter numbers them in order."""
    names = [sheet.get("name", "") for sheet in xml(parts["xl/workbook.xml"]).iter(f"{MAIN}sheet")]
    return {name: f"{SHEETS}sheet{number}.xml" for number, name in enumerate(names, 1)}


def _grid(sheet: ET.Element, shared: Sequence[str]) -> list[dict[str, str]]:
    lines = []
    for row in sheet.iter(f"{MAIN}row"):
        line = {}
        for cell in row.iter(f"{MAIN}c"):
            text = "".join(part.text or "" for part in cell if part.tag == f"{MAIN}v")
            line[(cell.get("r") or "").rstrip("0123456789")] = shared[int(text)] if cell.get("t") == "s" else text
        lines.append(line)
    return lines


def _rows(grid: Sequence[Mapping[str, str]], theme: str) -> Iterator[Row]:
    heads = [place for place, line in enumerate(grid) if line.get("A") == _FIRST]
    if len(heads) != 1:
        raise ListError("heeft een blad zonder de kolommen van een signaallijst")
    titles = grid[heads[0]]
    for line in grid[heads[0] + 1 :]:
        if "B" not in line:
            continue  # says that there are no signals
        row = {title: line.get(letter, "") for letter, title in titles.items()}
        yield {title: _as_read(title, text) for title, text in row.items()} | {"Thema": theme}


def _as_read(title: str, text: str) -> str:
    """Give a cell of the workbook as a reader sees it."""
    if title in _FRACTIONS and re.fullmatch(r"[0-9.E+-]{1,24}", text):
        try:
            return f"{float(text):g}".replace(".", ",")
        except ValueError:
            return text
    return _date(text) if title in _DATES else text


def _date(text: str) -> str:
    """Write a day number of Excel as a date.

    Examples
    --------
    >>> _date("46023"), _date("niet")
    ('01-01-2026', 'niet')
    """
    if not text.isdigit() or len(text) > 6:  # noqa: PLR2004 - digits of a day in a thousand years
        return text
    return (dt.date(1899, 12, 30) + dt.timedelta(days=int(text))).strftime("%d-%m-%Y")


def level_of(words: str) -> str:
    """Give the level that a list calls by these words, empty when there is none."""
    return next((level for level, (one, _) in dutch.LEVELS.items() if one == words), "")
