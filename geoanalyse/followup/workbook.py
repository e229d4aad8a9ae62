"""Read the cells of a workbook that came back: texts and numbers as text, and what it should not hold.

Own and small because ten thousand rows must be read in a second or so: openpyxl takes twice as long. A file may come
from anywhere, so its size is bounded, nothing in it defines signs of its own, and no other part than the sheets, their
texts and their names is read.
"""

import datetime as dt
import io
import re
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from geoanalyse.followup.days import DAY_ZERO, DAY_ZERO_1904
from geoanalyse.products.contents import LARGEST, UnreadError

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ROW, _VALUE, _FORMULA, _TEXT = (f"{_MAIN}{tag}" for tag in ("row", "v", "f", "t"))
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT = b"http://purl.oclc.org/ooxml/"
_MACRO = re.compile(r"(?i)vbaproject|macrosheets/|activex/|/ctrlprops/|customui")
_LINK = re.compile(r"(?i)externallinks/|/connections\.xml|/embeddings/|querytables/|/webextensions/")
_MOST_PARTS, _MOST_CELLS, _MOST_COLUMNS = 500, 4_000_000, 16_384


@dataclass(slots=True)
class Sheet:
    """One sheet.

    Attributes
    ----------
    rows : list of list of str
        Cells from column A on; a cell that holds nothing is an empty text, a number is written as Excel keeps it.
    formulas : Counter of int
        Cells with a formula, by column from 0.
    """

    rows: list[list[str]] = field(default_factory=list)
    formulas: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook: its sheets in order, the day that is number 0 in it, and the kinds of things that do not belong."""

    sheets: tuple[Sheet, ...]
    day_zero: dt.date
    macros: bool
    links: bool


def read(content: bytes) -> Book:
    """Read a workbook.

    Raises
    ------
    UnreadError
        When it is no workbook, is locked with a password, or is too large.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return _read(_Parts(package))
    except UnreadError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
        raise UnreadError("is geen leesbaar Excel-bestand; sla het opnieuw op, zonder wachtwoord") from None
    except (ET.ParseError, KeyError, ValueError, IndexError, OverflowError):
        raise UnreadError("is een beschadigd Excel-bestand; sla het opnieuw op") from None


class _Parts:
    """The parts of a package, which together unpack to no more than a limit."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self._package, self._room = package, LARGEST
        self.names = package.namelist()
        if len(self.names) > _MOST_PARTS:
            raise UnreadError("is te groot om te lezen")

    def read(self, name: str) -> bytes:
        with self._package.open(name) as part:
            data = part.read(self._room + 1)
        self._room -= len(data)
        if self._room < 0:
            raise UnreadError("is te groot om te lezen")
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"\0" in data:  # with \0 it is UTF-16 and hides the others
            raise UnreadError("heeft een eigen definitie van tekens; sla het opnieuw op")
        return data


def _read(parts: _Parts) -> Book:
    book = parts.read("xl/workbook.xml")
    if _STRICT in book:
        raise UnreadError("is een 'Strict Open XML'-werkmap; sla het op als gewone Excel-werkmap (xlsx)")
    root = ET.fromstring(book)  # noqa: S314 - without definitions of its own, see _Parts
    settings = root.find(f"{_MAIN}workbookPr")
    old = settings is not None and settings.get("date1904") in {"1", "true"}
    targets = {
        each.get("Id", ""): each.get("Target", "")
        for each in ET.fromstring(parts.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    }
    named = [targets[each.get(_RELATION, "")] for each in root.iter(f"{_MAIN}sheet")]
    shared = _shared(parts)
    places = [name.lstrip("/") if name.startswith("/") else f"xl/{name}" for name in named]
    return Book(
        sheets=tuple(_sheet(parts.read(place), shared) for place in places if "/worksheets/" in place),
        day_zero=DAY_ZERO_1904 if old else DAY_ZERO,
        macros=any(_MACRO.search(name) for name in parts.names),
        links=any(_LINK.search(name) for name in parts.names),
    )


def _shared(parts: _Parts) -> Sequence[str]:
    if "xl/sharedStrings.xml" not in parts.names:
        return ()
    texts = []
    for _, element in ET.iterparse(io.BytesIO(parts.read("xl/sharedStrings.xml"))):  # noqa: S314
        if element.tag == f"{_MAIN}si":
            texts.append(_text_of(element))
            element.clear()
    return texts


def _text_of(item: ET.Element) -> str:
    """Text of a shared or inline string, without the reading aid that Japanese has above it."""
    if len(item) == 1 and item[0].tag == _TEXT:
        return item[0].text or ""
    return "".join(text.text or "" for part in item if part.tag != f"{_MAIN}rPh" for text in part.iter(_TEXT))


def _sheet(data: bytes, shared: Sequence[str]) -> Sheet:
    found, cells, columns = Sheet(), 0, dict[str, int]()
    for _, element in ET.iterparse(io.BytesIO(data)):  # noqa: S314
        if element.tag != _ROW:
            continue
        row: list[str] = []
        for cell in element:
            letters = cell.get("r", "").rstrip("0123456789")
            place = columns[letters] if letters in columns else columns.setdefault(letters, _place(letters))
            if place > len(row):
                row += [""] * (place - len(row))
            row.append(_value(cell, shared))
            if len(cell) and cell[0].tag == _FORMULA:
                found.formulas[len(row) - 1] += 1
        cells += len(row) + 1
        if cells > _MOST_CELLS:
            raise UnreadError("is te groot om te lezen")
        found.rows.append(row)
        element.clear()
    return found


def _place(letters: str) -> int:
    """Column of a cell, from 0; -1, and so the one behind the last, for a cell that does not say."""
    place = -1
    for letter in letters:
        place = 26 * (place + 1) + ord(letter) - ord("A")
    if not -1 <= place < _MOST_COLUMNS:
        raise ValueError(place)
    return place


def _value(cell: ET.Element, shared: Sequence[str]) -> str:
    kind = cell.get("t")
    if kind == "inlineStr":
        return "".join(map(_text_of, cell))
    text = (cell[-1].text or "") if len(cell) and cell[-1].tag == _VALUE else ""
    if kind == "s" and text:
        return shared[int(text)]
    return text.removesuffix(".0") if kind in {None, "n"} else text
