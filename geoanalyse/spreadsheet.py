"""Workbooks (xlsx, ods) as columns of text: one sheet, the row with names, the rows below it.

Both formats are an archive of XML from anywhere: what it unpacks to is bounded before it is parsed, a sheet is read by
row and never held as cells, and a cell that would make a wrong number is refused with the number of its rows.
"""

import datetime as dt
import hashlib
import io
import re
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from geoanalyse.contract import Found, as_listed, header_faults, places
from geoanalyse.faults import Fault, Kind

LARGEST = 512_000_000
"""Bytes that an archive may unpack to: a full sheet of 1,048,576 rows and six columns is some 350 MB."""
MOST_TEXT = 256_000_000
"""Bytes of the texts of a workbook (xlsx keeps them in memory)."""
MOST_ROWS = 1_048_576
HEADER_WITHIN = 20
"""Rows in which the names of the columns must be found."""
_SMALL = 16_000_000  # bytes of any other part, which is parsed as a tree
_MOST_PARTS = 2_000
_MOST_CELLS = 50_000_000
_EXACT = 10**15
_TOTAL = re.compile(
    r"(?:(?:sub|eind|deel)[- ]?totaal|(?:algemeen |generaal )?totaal|totalen|som|(?:grand |sub)?total)\b.{0,60}",
    re.IGNORECASE | re.DOTALL,
)
_SUMS = re.compile(r"\b(?:SUM|SUBTOTAL|SOM|SUBTOTAAL)\(", re.IGNORECASE)


class Formula(NamedTuple):
    """A cell that is computed; ``sums`` when it adds up other cells."""

    sums: bool


Cell = str | Formula | None
Row = tuple[int, list[Cell]]  # number from 1, cells from column A on


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One sheet.

    Attributes
    ----------
    name : str
    rows : callable
        Rows that have a value, in order; may be asked for more than once.
    marks : callable
        First and last row of each merged range, and numbers of hidden rows; known when the rows have been read.
    """

    name: str
    rows: Callable[[], Iterator[Row]]
    marks: Callable[[], tuple[list[tuple[int, int]], set[int]]]


class _LargeError(ValueError):
    """More than a workbook can mean to hold."""


# lxml and openpyxl, on parts that miss or lie; every XML parser raises a SyntaxError
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, SyntaxError, EOFError, OSError, NotImplementedError),
    *(KeyError, ValueError, TypeError, AttributeError, RuntimeError, IndexError, OverflowError),
)


def read(path: Path, listed: Sequence[str]) -> Found:
    """Read the listed columns of one sheet.

    The sheet that is called like the file, else the only filled one, else the only one with names of the contract;
    hidden sheets are not looked at.

    Parameters
    ----------
    path : Path
        ``.xlsx`` or ``.ods``.
    listed : sequence of str

    Returns
    -------
    Found
        Columns of text.

    Raises
    ------
    OSError
        When it cannot be opened.
    """
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    kind, sheets = ("ODS", _ods) if path.suffix.lower() == ".ods" else ("Excel", _xlsx)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and validation rules of the sheet, not about values
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as package:
                _bounded(package)
                found = _chosen(path, sheets(data, package), listed)
        except _LargeError:
            found = Found("", faults=(Fault(Kind.TOO_LARGE, path.name, detail=f"{LARGEST // 10**6} MB uitgepakt"),))
        except _DAMAGED:
            found = Found("", faults=(Fault(Kind.UNREADABLE, path.name, detail=kind),))
    return Found(digest, found.columns, found.rows, found.faults)


def _bounded(package: zipfile.ZipFile) -> None:
    """Refuse what unpacks to too much; zipfile never gives more of a part than the archive says."""
    parts = package.infolist()
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > LARGEST:
        raise _LargeError
    for part in parts:
        name = part.filename.lower()
        large = name.startswith(("xl/worksheets/", "xl/media/", "xl/pivotcache/")) or name == "content.xml"
        most = LARGEST if large else MOST_TEXT if name.endswith("sharedstrings.xml") else _SMALL
        if part.file_size > most:
            raise _LargeError


# --- which sheet, which row -------------------------------------------------------------------------------------------


def _chosen(path: Path, sheets: Sequence[_Sheet], listed: Sequence[str]) -> Found:
    named = [sheet for sheet in sheets if sheet.name.strip().lower() == path.stem.lower()]
    filled = {sheet.name: rows for sheet in named or sheets if (rows := _top(sheet))}
    meant = [name for name in filled if _header(filled[name], listed)[1]] if len(filled) > 1 else list(filled)
    if len(meant) > 1:
        return Found("", faults=(Fault(Kind.SHEETS, path.name, detail=str(len(meant))),))
    if not meant:
        none = Fault(Kind.NO_HEADER, path.name, detail=", ".join(listed)) if filled else None
        return Found("", faults=(none,) if none else ())
    sheet = next(sheet for sheet in named or sheets if sheet.name == meant[0])
    return _table(path.name, sheet, filled[sheet.name], listed)


def _top(sheet: _Sheet) -> list[Row]:
    """Give the filled rows among the first ones, or the first that is filled."""
    first = list(islice(sheet.rows(), HEADER_WITHIN))
    return [row for row in first if row[0] <= HEADER_WITHIN] or first[:1]


def _header(rows: Sequence[Row], listed: Sequence[str]) -> tuple[int, int]:
    """Place of the row that has most names of the contract, and how many; the first row when none has one."""
    counts = [len(set(listed) & set(_names(cells, listed))) for _, cells in rows]
    place = max(range(len(rows)), key=lambda place: (counts[place], -place))
    return place, counts[place]


def _names(cells: Sequence[Cell], listed: Sequence[str]) -> list[str]:
    return as_listed([cell.strip() if isinstance(cell, str) else "" for cell in cells], listed)


def _table(file: str, sheet: _Sheet, top: Sequence[Row], listed: Sequence[str]) -> Found:
    place, _ = _header(top, listed)
    header, cells = top[place]
    names = _names(cells, listed)
    while names and not names[-1]:
        names.pop()
    if not set(names) & set(listed):
        return Found("", faults=header_faults(file, names, listed, 0))
    found = places(names, listed)
    above = sum(all(at < len(row) and row[at] is not None for at in found.values()) for _, row in top[:place] if found)
    values: dict[str, list[str | None]] = {name: [] for name in found}
    formulas: Counter[str] = Counter()
    numbers: list[int] = []
    ragged = totals = 0
    for number, row in sheet.rows():
        if number <= header:
            continue
        numbers.append(number)
        if _is_total(row):
            totals += 1
            continue
        ragged += any(cell is not None for cell in row[len(names) :])
        for name, at in found.items():
            cell = row[at] if at < len(row) else None
            if isinstance(cell, Formula):
                formulas[name] += 1
                cell = None
            values[name].append(cell)
    merged, hidden = sheet.marks()
    counted = {
        Kind.ABOVE: above,
        Kind.RAGGED: ragged,
        Kind.MERGED: _covered(merged, header),
        Kind.HIDDEN: len(hidden.intersection(numbers)),
        Kind.TOTAL: totals,
    }
    faults = (
        *header_faults(file, names, listed, len(numbers)),
        *(Fault(kind, file, rows=rows) for kind, rows in counted.items() if rows),
        *(Fault(Kind.FORMULA, file, name, formulas[name]) for name in found if formulas[name]),
    )
    columns = {name: pa.array(column, pa.string()) for name, column in values.items() if not formulas[name]}
    return Found("", columns, len(numbers), faults)


def _is_total(row: Sequence[Cell]) -> bool:
    """Whether a row begins with a word for it, or has sums only."""
    filled = [cell for cell in row if cell is not None]
    first = filled[0]
    word = isinstance(first, str) and _TOTAL.fullmatch(first.strip()) is not None
    return word or all(isinstance(cell, Formula) and cell.sums for cell in filled)


def _covered(ranges: Sequence[tuple[int, int]], header: int) -> int:
    """How many rows below the one with names have merged cells."""
    rows, reached = 0, header
    for first, last in sorted(ranges):
        rows += max(0, last - max(first - 1, reached))
        reached = max(reached, last)
    return rows


# --- xlsx -------------------------------------------------------------------------------------------------------------


def _xlsx(data: bytes, package: zipfile.ZipFile) -> list[_Sheet]:
    import openpyxl  # noqa: PLC0415 - each format loads its own parser

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
    return [_xlsx_sheet(sheet, package) for sheet in book.worksheets if sheet.sheet_state == "visible"]


def _xlsx_sheet(sheet: Any, package: zipfile.ZipFile) -> _Sheet:  # noqa: ANN401 - openpyxl ships no types
    sheet.reset_dimensions()  # the stated size is often wrong

    def rows() -> Iterator[Row]:
        cells = 0
        for number, row in enumerate(sheet.iter_rows(), 1):
            cells += len(row) + 1
            if number > MOST_ROWS or cells > _MOST_CELLS:
                raise _LargeError
            values = [_xlsx_cell(cell) for cell in row]
            if any(value is not None for value in values):
                yield number, values

    return _Sheet(sheet.title, rows, lambda: _xlsx_marks(package, sheet._worksheet_path))  # noqa: SLF001 - a copy of the file's own list of parts would be another reader of it


def _xlsx_cell(cell: Any) -> Cell:  # noqa: ANN401
    if cell.value is None or cell.data_type == "e":
        return None
    if cell.data_type == "f":
        text = getattr(cell.value, "text", cell.value)  # a formula over several cells has a text of its own
        return Formula(_SUMS.search(str(text)) is not None)
    return _text(cell.value)


def _text(value: object) -> str | None:
    """Value as text. Excel keeps 15 digits of a number, so a longer one is written as Excel shows it (3,63E+15)."""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(int(value)) if float(value).is_integer() and abs(value) < _EXACT else f"{value:.15g}"
    return str(value)


_MAIN = "{*}"  # the namespace differs between what is transitional and what is strict
_RANGE = re.compile(r"[A-Z]{1,3}([0-9]{1,7})(?::[A-Z]{1,3}([0-9]{1,7}))?")


def _xlsx_marks(package: zipfile.ZipFile, part: str) -> tuple[list[tuple[int, int]], set[int]]:
    """Find merged ranges and hidden rows: openpyxl does not tell them of a sheet that is read by row.

    A row with a number that has been was passed over by openpyxl; the sheet is damaged then.
    """
    from lxml import etree  # noqa: PLC0415

    merged, hidden, number = list[tuple[int, int]](), set[int](), 0
    with package.open(part) as source:
        tags = (f"{_MAIN}row", f"{_MAIN}mergeCell")
        for _, element in etree.iterparse(source, tag=tags, resolve_entities=False, no_network=True):
            if etree.QName(element).localname == "mergeCell":
                if found := _RANGE.fullmatch(element.get("ref", "")):
                    merged.append((int(found[1]), int(found[2] or found[1])))
            else:
                before, number = number, int(element.get("r", number + 1))
                if number <= before:
                    raise ValueError
                if element.get("hidden", "0").strip() in {"1", "true", "on"}:
                    hidden.add(number)
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    return merged, hidden


# --- ods --------------------------------------------------------------------------------------------------------------

_OFFICE, _TABLE, _WORDS, _STYLE = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("office", "table", "text", "style")
)
_CELLS = {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}
_VALUES = {"date": f"{_OFFICE}date-value", "time": f"{_OFFICE}time-value", "boolean": f"{_OFFICE}boolean-value"}
_ASIDE = {f"{_OFFICE}annotation", f"{_WORDS}note"}
_MOST_COLUMNS = 16_384


def _ods(_: bytes, package: zipfile.ZipFile) -> list[_Sheet]:
    return [_ods_sheet(package, name) for name, row in _walk(package) if row is None]


def _walk(package: zipfile.ZipFile) -> Iterator[tuple[str, Any]]:
    """Each visible sheet as it begins, without a row, and then its rows; what has been read is forgotten."""
    from lxml import etree  # noqa: PLC0415

    style, table, row = f"{_STYLE}style", f"{_TABLE}table", f"{_TABLE}table-row"
    hidden = set[str]()
    name: str | None = None
    with package.open("content.xml") as source:
        found = etree.iterparse(
            source, events=("start", "end"), tag=(style, table, row), resolve_entities=False, no_network=True
        )
        for event, element in found:
            if element.tag == table:
                if event == "start":
                    name = element.get(f"{_TABLE}name", "")
                    name = None if element.get(f"{_TABLE}style-name") in hidden else name
                    if name is not None:
                        yield name, None
            elif event == "end" and element.tag == style:
                settings = element.find(f"{_STYLE}table-properties")
                if settings is not None and settings.get(f"{_TABLE}display") == "false":
                    hidden.add(element.get(f"{_STYLE}name", ""))
            elif event == "end":
                if name is not None:
                    yield name, element
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]


def _ods_sheet(package: zipfile.ZipFile, name: str) -> _Sheet:
    merged, hidden = list[tuple[int, int]](), set[int]()

    def rows() -> Iterator[Row]:
        merged.clear()
        hidden.clear()
        number, cells = 1, 0
        for sheet, element in _walk(package):
            if sheet != name or element is None:
                continue
            times = int(element.get(f"{_TABLE}number-rows-repeated", "1"))
            values, spans = _ods_row(element)
            merged.extend((number, number + span - 1) for span in spans)
            if values:
                cells += times * (len(values) + 1)
                if number + times - 1 > MOST_ROWS or cells > _MOST_CELLS:
                    raise _LargeError
                if element.get(f"{_TABLE}visibility", "visible") != "visible":
                    hidden.update(range(number, number + times))
                for each in range(times):
                    yield number + each, values
            number += times

    return _Sheet(name, rows, lambda: (merged, hidden))


def _ods_row(row: Any) -> tuple[list[Cell], list[int]]:  # noqa: ANN401 - lxml ships no types
    """Cells up to the last that is filled, and how many rows each merged cell spans."""
    values: list[Cell] = []
    spans, empty = list[int](), 0
    for cell in row:
        if cell.tag not in _CELLS:
            continue
        times = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        value = _ods_cell(cell)
        down, across = (int(cell.get(f"{_TABLE}number-{way}-spanned", "1")) for way in ("rows", "columns"))
        if down > 1 or across > 1:
            spans.append(down)
        if value is None:
            empty += times
            continue
        if len(values) + empty + times > _MOST_COLUMNS:
            raise _LargeError
        values += [None] * empty + [value] * times
        empty = 0
    return values, spans


def _ods_cell(cell: Any) -> Cell:  # noqa: ANN401
    formula = cell.get(f"{_TABLE}formula")
    if formula is not None:
        return Formula(_SUMS.search(formula) is not None)
    kind = cell.get(f"{_OFFICE}value-type")
    if kind is None:
        return None
    if kind in _VALUES:
        return cell.get(_VALUES[kind])  # type: ignore[no-any-return]
    number = cell.get(f"{_OFFICE}value")
    if number is not None:
        return _text(float(number))
    told = cell.get(f"{_OFFICE}string-value")
    return told if told is not None else "\n".join(_said(part) for part in cell if part.tag == f"{_WORDS}p")


def _said(element: Any) -> str:  # noqa: ANN401
    """Text of a paragraph, without remarks."""
    parts = [element.text or ""]
    for child in element:
        if child.tag == f"{_WORDS}s":
            parts.append(" " * min(int(child.get(f"{_WORDS}c", "1")), 1000))
        elif child.tag in {f"{_WORDS}tab", f"{_WORDS}line-break"}:
            parts.append("\t" if child.tag.endswith("tab") else "\n")
        elif child.tag not in _ASIDE:
            parts.append(_said(child))
        parts.append(child.tail or "")
    return "".join(parts)
