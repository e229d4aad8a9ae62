"""A list that came back: read with every fault in it, against the releases it may belong to.

People sort, filter, add columns, and save with Excel or LibreOffice; dates become texts and texts become dates. What
they filled in is read whatever happened to the rest, but what was handed out must still be what was handed out. No
fault ever holds a value.
"""

import csv
import datetime as dt
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from geoanalyse.errors import InputError
from geoanalyse.followup import words, workbook
from geoanalyse.followup.history import Answer
from geoanalyse.followup.issued import Issued, Shelf, unguarded
from geoanalyse.personal import PersonData, kinds_in_column, kinds_in_lines
from geoanalyse.personal.names import is_name
from geoanalyse.products import dutch
from geoanalyse.products.contents import LARGEST, UnreadError
from geoanalyse.tables import shown

Said = Mapping[tuple[str, str], Answer]
"""Answers by release (its digest) and signal."""

LONGEST = 500
"""Characters of a remark."""
_DAYS = ("Van", "Tot en met")  # that are handed out
_HEAD_WITHIN = 20  # lines in which the names of the columns stand
_RUNS = re.compile(r"[=+@\t\r]|-\S")  # what a spreadsheet takes for a formula; a dash and a space is none
_YEARS = range(2000, 2100)
_MONTHS = ("jan", "feb", "mrt maa mar", "apr", "mei may", "jun", "jul", "aug", "sep", "okt oct", "nov", "dec")
_CLOSED = {each.title: {word.casefold(): word for word in each.choices} for each in words.FIELDS if each.choices}


@dataclass(frozen=True, slots=True, repr=False)
class Returned:
    """What was read of one file.

    Attributes
    ----------
    file, digest : str
        Name, and SHA-256 of the bytes.
    rows : int
        Rows of a list in it, filled in or not.
    said : mapping
        Answers of the rows in which something was filled in.
    added : int
        Columns that are not of the list; none of what is in them is kept.
    """

    file: str
    digest: str
    rows: int
    said: Said
    added: int

    def __repr__(self) -> str:
        return f"Returned({self.file}, {len(self.said)} van {self.rows} rijen)"


def read(file: str, content: bytes, shelf: Shelf, today: dt.date) -> Returned:
    """Read a list that came back.

    Parameters
    ----------
    file : str
        What the user calls it; the suffix says whether it is an Excel workbook or a CSV.
    content : bytes
    shelf : Shelf
        The releases it may be of.
    today : datetime.date
        No day of follow-up lies behind it.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    form = _form(file, content)
    faults = list(form.faults)
    grids = [grid for grid in form.grids if grid.head is not None]
    if not grids and not faults:
        raise InputError(
            f"{file}: heeft geen regel met de kolomnamen Signaal en Kenmerk; stuur de signaallijst zelf terug"
        )
    reading = _Reading(file, shelf, today, form.day_zero)
    for grid in grids:
        reading.add(grid)
    reading.look_elsewhere(text for grid in form.grids for line in grid.above for text in line)
    faults += reading.faults()
    if not reading.rows and not faults:
        faults.append(f"{file}: bevat geen rijen van een signaallijst")
    if faults:
        raise InputError(faults)
    return Returned(file, digest_of(content), reading.rows, reading.said, len(reading.added))


def content_of(path: Path, file: str) -> bytes:
    """Read the bytes of a file; `file` is what the user calls it.

    Raises
    ------
    InputError
        When it is not there, is empty or is too large.
    """
    try:
        size = path.stat().st_size
        content = path.read_bytes() if 0 < size <= LARGEST else b""
    except FileNotFoundError:
        raise InputError(f"{file}: bestand bestaat niet") from None
    except OSError:
        raise InputError(
            f"{file}: kan niet worden geopend; sluit het in andere programma's en controleer de leesrechten"
        ) from None
    if not content:
        raise InputError(f"{file}: {'is te groot om te lezen' if size else 'is leeg'}")
    return content


def digest_of(content: bytes) -> str:
    """Give what tells two files apart."""
    return hashlib.sha256(content).hexdigest()


# --- the form: sheets and lines ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Grid:
    """One table: the lines above it, the names of its columns (None: this sheet holds no list), its rows."""

    above: Sequence[Sequence[str]]
    head: Sequence[str] | None
    body: Sequence[Sequence[str]]
    formulas: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Form:
    grids: Sequence[_Grid] = ()
    day_zero: dt.date = workbook.DAY_ZERO
    faults: tuple[str, ...] = ()


def _form(file: str, content: bytes) -> _Form:
    suffix = Path(file).suffix.lower()
    try:
        if suffix in {".xlsx", ".xlsm"}:
            return _of_workbook(file, workbook.read(content))
        if suffix == ".csv":
            return _of_csv(file, content)
    except UnreadError as error:
        return _Form(faults=(f"{file}: {error.args[0]}",))
    return _Form(faults=(f"{file}: is geen Excel-werkmap of CSV; sla het op als xlsx of csv",))


def _of_workbook(file: str, book: workbook.Book) -> _Form:
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
    return _Form(grids, book.day_zero, tuple(faults))


def _of_csv(file: str, content: bytes) -> _Form:
    text = _decoded(content)
    first = text[:100_000].splitlines()[:_HEAD_WITHIN]
    for delimiter in ";,\t":
        if any(_is_head(next(csv.reader([line], delimiter=delimiter), [])) for line in first):
            try:
                rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
            except csv.Error:
                break
            grid = _grid(rows)
            width = len(grid.head or ())
            long = sum(any(cell.strip() for cell in row[width:]) for row in grid.body)
            fault = (
                f"{file}: in {_rows(long)} meer velden dan kolomnamen; zet tekst met een scheidingsteken tussen "
                "dubbele aanhalingstekens"
            )
            return _Form([grid], faults=(fault,) if long else ())
    else:
        return _Form([_Grid([], None, [])])
    return _Form(faults=(f"{file}: is geen leesbare CSV; sluit elk aanhalingsteken, of sla het op als xlsx",))


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


def _grid(rows: Sequence[Sequence[str]]) -> _Grid:
    for place, row in enumerate(rows[:_HEAD_WITHIN]):
        if _is_head(row):
            return _Grid(rows[:place], [cell.strip() for cell in row], rows[place + 1 :])
    return _Grid(rows, None, [])


# --- the rows ---------------------------------------------------------------------------------------------------------


def _rows(count: int) -> str:
    return dutch.plural(count, "rij", "rijen")


class _Reading:
    """Goes through the rows of one file, and counts what is wrong in which column."""

    def __init__(self, file: str, shelf: Shelf, today: dt.date, day_zero: dt.date) -> None:
        self._file, self._shelf, self._today, self._day_zero = file, shelf, today, day_zero
        self._ours = shelf.titles() | {each.title for each in words.FIELDS}
        self._faults = Counter[tuple[str, str]]()
        self._lines = list[str]()
        self._days = dict[str, dt.date | None]()
        self._month_first = False
        self._loose = list[str]()  # titles that are not ours
        self.rows = 0
        self.added = set[str]()
        self.said = dict[tuple[str, str], Answer]()

    def faults(self) -> Iterator[str]:
        """Give a line per column and kind, and those about columns as a whole."""
        yield from self._lines
        for (column, fault), rows in self._faults.items():
            yield f"{self._file}, kolom {column}: in {_rows(rows)} {fault}"

    def add(self, grid: _Grid) -> None:
        """Read one table."""
        head = grid.head or ()
        times = Counter(title for title in head if title)
        wanted = (words.SIGNAL, words.MARK, *(each.title for each in words.FIELDS))
        for title in wanted:
            if times[title] == 0:
                self._lines.append(f"{self._file}: kolom {title} ontbreekt; laat alle kolommen staan")
        for place, title in enumerate(head, 1):
            if times[title] > 1 and list(head).index(title) == place - 1:
                name = shown(title, place)
                self._lines.append(f"{self._file}, kolom {name}: staat er {times[title]} keer in; houd er één over")
        for place, cells in grid.formulas.items():
            self._faults[_name(head, place), "een formule; plak de kolom als waarden"] += cells
        if all(times[title] == 1 for title in wanted):
            self._read(grid.body, {title: place for place, title in enumerate(head) if times[title] == 1})
        width = max(map(len, grid.body), default=0)
        for place in range(max(width, len(head))):
            title = head[place] if place < len(head) else ""
            if title not in self._ours and title not in wanted:
                values = [text for row in grid.body if place < len(row) and (text := row[place].strip())]
                if values or title:
                    self._loose.append(title)
                    self.added.add(_name(head, place))
                    self._look(_name(head, place), title, values)

    def look_elsewhere(self, texts: Iterator[str]) -> None:
        """Look for person data in what stands around the tables, on top of added columns, and on other sheets."""
        told = [text for text in (*texts, *self._loose) if text.strip()]
        found = _persons("", told, self._shelf.texts(), columns=False)
        if found:
            self._lines.append(
                f"{self._file}: buiten de lijst {dutch.plural(found[0], 'cel', 'cellen')} met iets dat lijkt op "
                f"persoonsgegevens ({found[1]}); haal dat weg"
            )

    def _look(self, name: str, title: str, values: Sequence[str]) -> None:
        found = _persons(title, values, self._shelf.texts())
        if found:
            self._faults[name, f"iets dat lijkt op persoonsgegevens ({found[1]}); haal dat weg"] += found[0]

    def _read(self, body: Sequence[Sequence[str]], places: Mapping[str, int]) -> None:
        asked = [(each, places[each.title]) for each in words.FIELDS]
        fixed = [(title, place) for title, place in places.items() if title in self._ours]
        fixed = [(title, place) for title, place in fixed if title not in {each.title for each in words.FIELDS}]
        signal, mark = places[words.SIGNAL], places[words.MARK]
        self._learn_order(body, places)
        remarks = []
        for row in body:
            cells = [*row, *[""] * (len(places) - len(row))] if len(row) < len(places) else row
            texts = {each.title: cells[place].strip() for each, place in asked}
            filled = any(texts.values())
            if not filled and not cells[mark].strip():
                continue  # a blank line, or one that says that there are no signals
            self.rows += 1
            release = self._shelf.releases.get(cells[mark].strip())
            known = release.rows.get(cells[signal].strip()) if release else None
            self._hold(cells, fixed, known)
            if release is None:
                self._fault(
                    words.MARK,
                    f"een kenmerk dat bij geen uitgave in {self._shelf.folder} hoort: van een andere uitgave of "
                    "bronhouder, of gewijzigd; geef met --uit de map van die uitgave",
                )
            elif known is None:
                self._fault(
                    words.SIGNAL, "een signaal dat niet op de lijst van die uitgave staat; zet het nummer terug"
                )
            if filled:
                remarks.append(texts[words.REMARK.title])
                answer = self._answer(texts, release)
                if known is not None and release is not None and answer is not None:
                    self._keep((release.digest, cells[signal].strip()), answer)
        self._look(words.REMARK.title, words.REMARK.title, [text for text in remarks if text])

    def _learn_order(self, body: Sequence[Sequence[str]], places: Mapping[str, int]) -> None:
        """See by the days that were handed out whether a program wrote the month first."""
        for row in body:
            cells = {title: row[place].strip() for title, place in places.items() if place < len(row)}
            release = self._shelf.releases.get(cells.get(words.MARK, ""))
            known = release.rows.get(cells.get(words.SIGNAL, "")) if release else None
            for title in _DAYS if known else ():
                told, was = cells.get(title, ""), read_day(known[title]) if known else None
                if "/" in told and read_day(told) != was == read_day(told, month_first=True):
                    self._month_first = True
                    return
            if known:
                return  # all rows of a list have the same days

    def _fault(self, column: str, fault: str) -> None:
        self._faults[column, fault] += 1

    def _hold(self, cells: Sequence[str], fixed: Sequence[tuple[str, int]], known: Mapping[str, str] | None) -> None:
        """Hold a row to the one that was handed out."""
        if known is None:
            return
        for title, place in fixed:
            told, was = cells[place], known.get(title, "")
            if told != was and not self._same(told, was):
                self._fault(title, "iets anders dan er stond toen de lijst werd uitgegeven; zet dat terug")

    def _same(self, told: str, was: str) -> bool:
        told, was = (" ".join(unguarded(text.strip()).split()) for text in (told, was))
        if told == was:
            return True
        day = self._day(was) if "-" in was else None
        return day is not None and self._day(told) == day

    def _keep(self, key: tuple[str, str], answer: Answer) -> None:
        if self.said.setdefault(key, answer) != answer:
            self._fault(words.SIGNAL, "een signaal dat er vaker staat, met iets anders ingevuld; houd één rij over")

    def _answer(self, texts: Mapping[str, str], release: Issued | None) -> Answer | None:
        """Read what was filled in; None when something in it is wrong."""
        before = self._faults.total()
        chosen = {title: self._word(title, texts[title], allowed) for title, allowed in _CLOSED.items()}
        status, outcome, reason = (chosen[each.title] for each in (words.STATUS, words.OUTCOME, words.REASON))
        if not texts[words.STATUS.title]:
            self._fault(words.STATUS.title, "geen status, terwijl er wel iets is ingevuld; kies een status")
        elif status:
            for each, told, when in ((words.OUTCOME, outcome, words.DONE), (words.REASON, reason, words.DECLINED)):
                if status == when and not texts[each.title]:
                    self._fault(each.title, f"niets ingevuld, bij status {when}; kies een woord uit de lijst")
                elif status != when and told:
                    self._fault(each.title, f"iets ingevuld, bij een andere status dan {when}; maak een van beide leeg")
        day, remark = self._dated(texts[words.DAY.title], release), texts[words.REMARK.title]
        if len(remark) > LONGEST:
            self._fault(words.REMARK.title, f"meer dan {LONGEST} tekens; schrijf het korter")
        if _RUNS.match(remark):
            self._fault(words.REMARK.title, "een tekst die een spreadsheet als formule leest; begin met een letter")
        if self._faults.total() > before:
            return None
        owner, route = chosen[words.OWNER.title], chosen[words.ROUTE.title]
        return Answer(status, owner, route, day, outcome, reason, remark)

    def _word(self, title: str, text: str, allowed: Mapping[str, str]) -> str:
        word = allowed.get(" ".join(text.split()).casefold(), "") if text else ""
        if text and not word:
            self._fault(title, f"iets dat niet in de keuzelijst staat; kies uit: {', '.join(allowed.values())}")
        return word

    def _dated(self, text: str, release: Issued | None) -> dt.date | None:
        if not text:
            return None
        day = self._day(text)
        if day is None:
            self._fault(words.DAY.title, "geen datum; schrijf dd-mm-jjjj")
        elif day > self._today:
            self._fault(words.DAY.title, "een datum in de toekomst; verbeter die")
        elif release is not None and day < release.reference_date:
            self._fault(words.DAY.title, "een datum van vóór de peildatum van de lijst; verbeter die")
        return day

    def _day(self, text: str) -> dt.date | None:
        if text not in self._days:
            self._days[text] = read_day(text, self._day_zero, month_first=self._month_first)
        return self._days[text]


def _name(head: Sequence[str], place: int) -> str:
    return shown(head[place] if place < len(head) else "", place + 1)


def read_day(text: str, day_zero: dt.date = workbook.DAY_ZERO, *, month_first: bool = False) -> dt.date | None:
    """Read a date as people and spreadsheets write it; None when it is none.

    Parameters
    ----------
    text : str
    day_zero : datetime.date
        What a spreadsheet counts its days from.
    month_first : bool
        Whether ``02/03/2026`` is the third of February, as American programs write it.

    Examples
    --------
    >>> texts = ("31-1-2026", "2026-01-31 00:00:00", "31 jan. 2026", "46053", "31/01/26", "01/31/2026", "morgen")
    >>> [str(read_day(text) or "-") for text in texts]
    ['2026-01-31', '2026-01-31', '2026-01-31', '2026-01-31', '2026-01-31', '-', '-']
    """
    text = text.strip().lower()
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text):
        day = day_zero + dt.timedelta(days=int(text[:5]))
        return day if day.year in _YEARS else None
    text = re.sub(r"(?<=\d{4})[t ]+[\d:.z]+$", "", re.sub(r"(?<=-\d\d)[t ]+[\d:.z]+$", "", text))
    if found := re.fullmatch(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", text):
        year, month, number = map(int, found.groups())
    elif found := re.fullmatch(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d\d)", text):
        number, month, year = map(int, found.groups())
        if month_first and "/" in text:
            number, month = month, number
    elif found := re.fullmatch(r"(\d{1,2})[- ]([a-z]{3,9})\.?[- ](\d{4}|\d\d)", text):
        number, year = int(found[1]), int(found[3])
        month = next((place for place, names in enumerate(_MONTHS, 1) if found[2][:3] in names.split()), 0)
    else:
        return None
    try:
        day = dt.date(year + 2000 * (year < 100), month, number)  # noqa: PLR2004 - years of two digits
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def _persons(
    title: str, values: Sequence[str], allowed: frozenset[str], *, columns: bool = True
) -> tuple[int, str] | None:
    """Look for person data in texts: how many of them, and what kinds; None when there is nothing.

    A line in a remark may be a name and nothing else, in small letters too; a whole column may be numbers.
    """
    times = Counter(" ".join(value.split()) for value in values if value not in allowed)
    kinds = {line: set(found) for line, found in kinds_in_lines(times.keys(), allowed=allowed).items()}
    if columns:
        for line in times:
            if is_name(line):
                kinds.setdefault(line, set()).add(PersonData.NAME)
    count = sum(times[line] for line in kinds)
    names = {str(kind) for found in kinds.values() for kind in found}
    if columns and times:
        whole = kinds_in_column(title, pa.array(list(times.elements()), pa.string()), as_text=False)
        count = max([count, *whole.values()])
        names |= set(map(str, whole))
    return (count, ", ".join(sorted(names))) if count else None
