"""The form of a file that came back: which spreadsheet wrote it, and where in it the table stands."""

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from geoanalyse.followup import words, workbook
from geoanalyse.followup.days import DAY_ZERO
from geoanalyse.products import dutch
from geoanalyse.products.contents import UnreadError

_HEAD_WITHIN = 20  # lines in which the names of the columns stand


@dataclass(slots=True)
class Grid:
    """One table: the lines above it, the names of its columns (None: this sheet holds no list), its rows."""

    above: Sequence[Sequence[str]]
    head: Sequence[str] | None
    body: Sequence[Sequence[str]]
    formulas: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Form:
    """What a file holds: tables, the day that its dates count from, and what is wrong with it as a whole."""

    grids: Sequence[Grid] = ()
    day_zero: dt.date = DAY_ZERO
    faults: tuple[str, ...] = ()


def read(file: str, content: bytes) -> Form:
    """Read a workbook or a CSV as tables, with the faults of its form; `file` is what the user calls it."""
    suffix = Path(file).suffix.lower()
    try:
        if suffix in {".xlsx", ".xlsm"}:
            return _of_workbook(file, workbook.read(content))
        if suffix == ".csv":
            return _of_csv(file, content)
    except UnreadError as error:
        return Form(faults=(f"{file}: {error.args[0]}",))
    return Form(faults=(f"{file}: is geen Excel-werkmap of CSV; sla het op als xlsx of csv",))


def _of_workbook(file: str, book: workbook.Book) -> Form:
    faults = [f"{file}: bevat een macro; sla het op als gewone Excel-werkmap (xlsx)"] * book.macros
    faults += [f"{file}: heeft een koppeling met een ander bestand; verwijder die"] * book.links
    grids = []
    for sheet in book.sheets:
        grid = _grid(sheet.rows)
        grid.formulas = sheet.formulas
        grids.append(grid)
    loose = sum(sum(grid.formulas.values()) for grid in grids if grid.head is None)
    if loose:
        faults.append(f"{file}: {dutch.plural(loose, 'formule', 'formules')} op een blad zonder lijst; verwijder dat")
    return Form(grids, book.day_zero, tuple(faults))


def _of_csv(file: str, content: bytes) -> Form:
    text = _decoded(content)
    try:
        found = [sign for sign in ";,\t" if any(_is_head(line) for line in _first_lines(text, sign))]
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=(found or ";")[0], strict=bool(found)))
    except csv.Error:
        return Form(faults=(f"{file}: is geen leesbare CSV; sluit elk aanhalingsteken, of sla het op als xlsx",))
    grid = _grid(rows)
    width = len(grid.head or ())
    long = sum(any(cell.strip() for cell in row[width:]) for row in grid.body)
    fault = (
        f"{file}: in {dutch.plural(long, 'rij', 'rijen')} meer velden dan kolomnamen; zet tekst met een scheidingsteken"
        " tussen dubbele aanhalingstekens"
    )
    return Form([grid], faults=(fault,) if long else ())


def _first_lines(text: str, delimiter: str) -> Iterator[Sequence[str]]:
    lines = text[:100_000].splitlines()[:_HEAD_WITHIN]
    yield from (next(csv.reader([line], delimiter=delimiter), []) for line in lines)


def _decoded(content: bytes) -> str:
    """Read a CSV as Excel and LibreOffice write it: UTF-8, UTF-16, or the code page of Dutch Windows."""
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadError("is geen leesbare tekst; sla het bestand op als 'CSV UTF-8'")


def _is_head(row: Sequence[str]) -> bool:
    return {words.SIGNAL, words.MARK} <= {cell.strip() for cell in row}


def _grid(rows: Sequence[Sequence[str]]) -> Grid:
    for place, row in enumerate(rows[:_HEAD_WITHIN]):
        if _is_head(row):
            return Grid(rows[:place], [cell.strip() for cell in row], rows[place + 1 :])
    return Grid(rows, None, [])
