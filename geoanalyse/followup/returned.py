"""A list that came back: read with every fault in it, against the releases it may belong to.

People sort, filter, add columns, and save with Excel or LibreOffice; dates become texts and texts become dates. What
they filled in is read whatever happened to the rest, but what was handed out must still be what was handed out. No
fault ever holds a value.
"""

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from geoanalyse.errors import InputError
from geoanalyse.followup import grids, words
from geoanalyse.followup.days import read_day
from geoanalyse.followup.grids import Grid
from geoanalyse.followup.history import Answer
from geoanalyse.followup.issued import Issued, Shelf
from geoanalyse.formulas import unguarded
from geoanalyse.personal import PersonData, kinds_in_column, kinds_in_lines
from geoanalyse.personal.names import is_name
from geoanalyse.products import dutch
from geoanalyse.products.contents import LARGEST
from geoanalyse.tables import shown

Said = Mapping[tuple[str, str], Answer]
"""Answers by release (its digest) and signal."""

LONGEST = 500
"""Characters of a remark."""
_DAYS = ("Van", "Tot en met")  # that are handed out
_RUNS = re.compile(r"[=+@\t\r]|-\S")  # what a spreadsheet takes for a formula; a dash and a space is none
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
    form = grids.read(file, content)
    faults = list(form.faults)
    tables = [grid for grid in form.grids if grid.head is not None]
    if not tables and not faults:
        raise InputError(
            f"{file}: heeft geen regel met de kolomnamen Signaal en Kenmerk; stuur de signaallijst zelf terug"
        )
    reading = _Reading(file, shelf, today, form.day_zero)
    for grid in tables:
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

    def add(self, grid: Grid) -> None:
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
        width, remarks = 1 + max(places.values()), list[str]()
        for row in body:
            cells = [*row, *[""] * (width - len(row))] if len(row) < width else row
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
        if told == was or _number(told) == _number(was) is not None:
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


def _number(text: str) -> float | None:
    """Read a fraction as a spreadsheet of any language writes it; None when it is none.

    Examples
    --------
    >>> _number("2,52"), _number("2.52"), _number("1.200,5"), _number("zone")
    (2.52, 2.52, None, None)
    """
    return float(text.replace(",", ".")) if re.fullmatch(r"[0-9]{1,6}[.,][0-9]{1,17}", text) else None
