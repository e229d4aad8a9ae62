"""Match written addresses to the address base: exact first, then by named relaxations, never by a guess.

At each step all addresses are looked up that the written one could be; one object is a match, two or more are not, and
no further step is tried. The steps, in order, with the class each gives:

A. same place, number, house letter and addition (first as written, then without regard to capitals);
B. the same after bringing the spelling to one form (``12 hs`` and ``12-H``, ``12 II`` and ``12-2``, ``12A1`` and
   ``12 A-1``; ``St. Jansstr.`` and ``Sint Jansstraat``);
C. no letter or addition was written, and the number has one object, with a letter or addition;
D. a letter or addition was written that does not exist, and the number has one object, without any.

A place is a postcode, or a street in a town when no postcode was written. When both were written, the street must be
that of the address that the postcode gives.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geoanalyse.geocoding.spelling import HouseNumber, Reading, folded, spelled, street_form, town_form

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_NUMBERS = 100_000  # house numbers have five digits at most
_NONE = -1


class Quality(StrEnum):
    """Classes, best first; the value is what the analyst sees."""

    A = "A: zelfde adres"
    B = "B: zelfde adres, anders gespeld"
    C = "C: letter of toevoeging weggelaten, één object op dit nummer"
    D = "D: letter of toevoeging bestaat niet, één object zonder op dit nummer"


class Miss(StrEnum):
    """Why a row has no match; the value is what the analyst sees."""

    EMPTY = "geen adres ingevuld"
    DATE = "datum ontbreekt, is onleesbaar, ligt vóór 1900 of in de toekomst"
    AMOUNT = "aantal ontbreekt of is geen heel getal van 0 of meer"
    UNREAD = "adres niet te ontleden: schrijf straat, nummer en plaats, of postcode en nummer"
    BAD_POSTCODE = "postcode onleesbaar"
    BAD_NUMBER = "huisnummer onleesbaar"
    POSTCODE = "postcode onbekend"
    TOWN = "plaats ontbreekt of is onbekend"
    STREET = "straat onbekend in de plaats"
    NUMBER = "nummer onbekend op deze postcode of in deze straat"
    SUFFIX = "letter of toevoeging onbekend"
    AMBIGUOUS = "meer dan één adres"
    CONTRADICTION = "straat hoort niet bij de postcode"
    TOO_LOW = "klasse lager dan gevraagd"


QUALITIES, MISSES = tuple(Quality), tuple(Miss)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Written:
    """Written addresses in columns of equal length n; each index is -1 where nothing was written.

    Attributes
    ----------
    postcode : ndarray of int64
        By :func:`postcode_codes`; -2 where it is none.
    number : ndarray of int64
        Index into `numbers`.
    street, town : ndarray of int64
        Index into `streets` and `towns`.
    numbers : sequence of HouseNumber or None
        Distinct house numbers; None where one could not be read.
    streets, towns : sequence of str
    unread : ndarray of bool
        Rows with a text that could not be taken apart.
    """

    postcode: Ints
    number: Ints
    street: Ints
    town: Ints
    numbers: Sequence[HouseNumber | None]
    streets: Sequence[str]
    towns: Sequence[str]
    unread: Bools

    def __len__(self) -> int:
        return len(self.postcode)

    def __repr__(self) -> str:
        return f"Written({len(self)} rows)"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Match:
    """What each written address is.

    Attributes
    ----------
    row : ndarray of int64, shape (n,)
        Row of the base; -1 without a match.
    quality, miss : ndarray of int64, shape (n,)
        Place in `Quality` and in `Miss`; -1 for the other of the two.
    """

    row: Ints
    quality: Ints
    miss: Ints

    def __repr__(self) -> str:
        return f"Match({len(self.row)} rows)"


class _Level:
    """Rows of the base by a whole number, each object once per number."""

    __slots__ = ("keys", "rows", "things")

    def __init__(self, keys: Ints, things: Ints) -> None:
        order = np.lexsort((things, keys)).astype(np.int64)
        keys, things = keys[order], things[order]
        first = np.ones(len(keys), dtype=bool)
        first[1:] = (keys[1:] != keys[:-1]) | (things[1:] != things[:-1])
        first &= keys >= 0
        self.keys, self.things, self.rows = keys[first], things[first], order[first]

    def find(self, wanted: Ints) -> tuple[Ints, Ints]:
        """Give how many objects each number has, and the row of the first of them (-1 for none)."""
        start = np.searchsorted(self.keys, wanted)
        many = np.where(wanted >= 0, np.searchsorted(self.keys, wanted, side="right") - start, 0).astype(np.int64)
        row = np.full(len(wanted), _NONE, dtype=np.int64)
        row[many > 0] = self.rows[start[many > 0]]
        return many, row


class _Places:
    """One way to name a place: its numbers in the base, with a level for each form of an addition."""

    __slots__ = ("_levels", "_widths", "all", "bare", "names", "things")

    def __init__(self, place: Ints, number: Ints, things: Ints, forms: Sequence[Ints], widths: Sequence[int]) -> None:
        keys = np.where(place >= 0, place * _NUMBERS + number, _NONE)
        self.names = np.unique(keys[keys >= 0])
        index = np.where(keys >= 0, np.searchsorted(self.names, keys), _NONE)
        self.all = _Level(index, things)
        self.bare = _Level(np.where(forms[0] == 0, index, _NONE), things)
        self.things, self._widths = things, widths
        self._levels = [
            _Level(np.where(index >= 0, index * width + form, _NONE), things)
            for form, width in zip(forms, widths, strict=True)
        ]

    def index(self, place: Ints, number: Ints) -> Ints:
        """Give the place of each number in `names`; -1 where it is not there."""
        wanted = place * _NUMBERS + number
        if not len(self.names):
            return np.full(len(wanted), _NONE, dtype=np.int64)
        found = np.minimum(np.searchsorted(self.names, wanted), len(self.names) - 1)
        return np.where((place >= 0) & (number > 0) & (self.names[found] == wanted), found, _NONE).astype(np.int64)

    def find(self, step: int, place: Ints, ways: Sequence[Ints]) -> tuple[Ints, Ints]:
        """Give how many objects fit one of the ways to read an addition (2 stands for more), and a row of the first."""
        level, width = self._levels[step], self._widths[step]
        many, row = np.zeros(len(place), dtype=np.int64), np.full(len(place), _NONE, dtype=np.int64)
        thing = np.full(len(place), _NONE, dtype=np.int64)
        for way in ways:
            its, first = level.find(np.where(way >= 0, place * width + way, _NONE))
            mine = np.where(first >= 0, self.things[first], _NONE)
            other = (many == 1) & (its == 1) & (mine == thing)
            many = np.where(other, 1, np.minimum(many + its, 2))
            row, thing = np.where(row >= 0, row, first), np.where(thing >= 0, thing, mine)
        return many, row


class Base:
    """The address base, ready to be looked up in.

    Parameters
    ----------
    table : pyarrow.Table
        ``adresbasis.parquet`` of ``geoanalyse bag lees``; of it are used adresseerbaarobject_id, postcode, huisnummer,
        huisletter, toevoeging, straat and woonplaats.

    Notes
    -----
    Built once, read by :func:`match`. The order of the rows does not matter to what is matched.
    """

    def __init__(self, table: pa.Table) -> None:
        self.keys = table["adresseerbaarobject_id"].combine_chunks()
        self.things = self.keys.dictionary_encode().indices.to_numpy().astype(np.int64)
        self.number = _ints(table["huisnummer"])
        self.postcode = postcode_codes(table["postcode"].combine_chunks())
        self.postcodes = np.unique(self.postcode[self.postcode >= 0])
        streets, self._streets = _coded(table["straat"])
        towns, self._towns = _coded(table["woonplaats"])
        self.street_forms = _numbered([street_form(text) for text in streets])
        self.street_names = _numbered([folded(text) for text in streets])
        self.town_forms = _numbered([town_form(text) for text in towns])
        self._town = self._of(self._towns, [self.town_forms[town_form(text)] for text in towns])
        self.street = self._of(self._streets, [self.street_forms[street_form(text)] for text in streets])
        self._name = self._of(self._streets, [self.street_names[folded(text)] for text in streets])
        self.additions, self._forms = self._additions(table)
        self._by_postcode: _Places | None = None
        self._by_street: tuple[_Places, _Places] | None = None

    def __repr__(self) -> str:
        return f"Base({len(self.keys)} rows)"

    @staticmethod
    def _of(index: Ints, values: Sequence[int]) -> Ints:
        return np.array([*values, _NONE], dtype=np.int64)[index]

    @staticmethod
    def _additions(table: pa.Table) -> tuple[list[dict[str, int]], list[Ints]]:
        """Give a number to each letter and addition: as written, in capitals, by spelling; 0 is none at all."""
        joined = pc.binary_join_element_wise(
            pc.fill_null(table["huisletter"], ""), pc.fill_null(table["toevoeging"], ""), "|"
        )
        texts, index = _coded(joined)
        readings = [_reading(text) for text in texts]
        numbered = [_numbered(["", *(form(each) for each in readings)]) for form in _FORMS]
        codes = [
            Base._of(index, [names[form(each)] for each in readings])
            for names, form in zip(numbered, _FORMS, strict=True)
        ]
        return numbered, codes

    def _places(self, place: Ints) -> _Places:
        widths = [len(names) + 1 for names in self.additions]
        return _Places(place, self.number, self.things, self._forms, widths)

    @property
    def by_postcode(self) -> _Places:
        """Numbers by postcode."""
        if self._by_postcode is None:
            self._by_postcode = self._places(self.postcode)
        return self._by_postcode

    @property
    def by_street(self) -> tuple[_Places, _Places]:
        """Numbers by name of the street in a town, and by its form."""
        if self._by_street is None:
            self._by_street = (
                self._places(self.in_town(self._name, self._town)),
                self._places(self.in_town(self.street, self._town)),
            )
        return self._by_street

    def in_town(self, street: Ints, town: Ints) -> Ints:
        """Give one number to a street in a town."""
        return np.where((street >= 0) & (town >= 0), street * (len(self.town_forms) + 1) + town, _NONE)

    @property
    def streets_by_name(self) -> Ints:
        """Streets in their towns, by name."""
        return np.unique(self.in_town(self._name, self._town))

    @property
    def streets_by_form(self) -> Ints:
        """Streets in their towns, by the form of their name."""
        return np.unique(self.in_town(self.street, self._town))


def _written_form(reading: Reading) -> str:
    return "" if reading == ("", "") else "|".join(reading)


_FORMS: tuple[Callable[[Reading], str], ...] = (
    _written_form,
    lambda reading: _written_form(reading).upper(),
    spelled,
)


def _reading(text: str) -> Reading:
    letter, _, suffix = text.partition("|")
    return letter.strip(), suffix.strip()


def _numbered(texts: Sequence[str]) -> dict[str, int]:
    """Give a number to each distinct text, in the order in which they come."""
    return {text: place for place, text in enumerate(dict.fromkeys(texts))}


def _coded(column: pa.ChunkedArray) -> tuple[list[str], Ints]:
    """Distinct texts of a column, and for each row which one; -1 for none."""
    coded = (column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column).dictionary_encode()
    return coded.dictionary.to_pylist(), coded.indices.fill_null(_NONE).to_numpy().astype(np.int64)


def _ints(column: pa.ChunkedArray) -> Ints:
    numbers: Ints = column.combine_chunks().cast(pa.int64()).fill_null(_NONE).to_numpy(zero_copy_only=False)
    return numbers


def postcode_codes(column: pa.Array) -> Ints:
    """Write postcodes as whole numbers: ``1012 ab`` and ``1012AB`` alike.

    Parameters
    ----------
    column : pyarrow.StringArray

    Returns
    -------
    ndarray of int64
        -1 where there is none, -2 where it is no postcode.

    Examples
    --------
    >>> codes = postcode_codes(pa.array(["1012AB", " 1012 ab", "1012-AB", "0123AB", "", None]))
    >>> bool(codes[0] == codes[1] == codes[2]), codes[3:].tolist()
    (True, [-2, -1, -1])
    """
    plain = pc.utf8_upper(pc.replace_substring_regex(column, "[ \\t\u00a0.-]+", ""))
    right = pc.match_substring_regex(plain, "^[1-9][0-9]{3}[A-Z]{2}$").fill_null(fill_value=False)
    fixed = pc.if_else(right, plain, "1000AA").cast(pa.binary()).cast(pa.binary(6))
    signs = np.frombuffer(fixed.buffers()[1], dtype=np.uint8)[: 6 * len(fixed)].reshape(-1, 6).astype(np.int64)
    code = (signs[:, :4] - ord("0")) @ np.array([1000, 100, 10, 1]) * 26**2 + (signs[:, 4:] - ord("A")) @ np.array(
        [26, 1]
    )
    empty = pc.equal(plain, "").fill_null(fill_value=True).to_numpy(zero_copy_only=False)
    return np.where(right.to_numpy(zero_copy_only=False), code, np.where(empty, _NONE, -2)).astype(np.int64)


# --- matching ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Found:
    """Matches as they come; ``miss`` is -1 as long as a row is open."""

    row: Ints
    quality: Ints
    miss: Ints

    def open(self) -> Ints:
        return np.flatnonzero((self.row < 0) & (self.miss < 0))

    def take(self, rows: Ints, place: Ints, quality: Quality) -> None:
        self.row[rows], self.quality[rows] = place, QUALITIES.index(quality)

    def refuse(self, rows: Ints | Bools, miss: Miss) -> None:
        self.miss[rows] = MISSES.index(miss)


def match(written: Written, base: Base) -> Match:
    """Match written addresses to the base.

    Parameters
    ----------
    written : Written
    base : Base

    Returns
    -------
    Match

    Examples
    --------
    >>> base = Base(pa.table({
    ...     "adresseerbaarobject_id": ["0457010000000001", "0457010000000002"], "postcode": ["1381AA", "1381AA"],
    ...     "huisnummer": [12, 14], "huisletter": [None, "a"], "toevoeging": ["1", None],
    ...     "straat": ["Singel", "Singel"], "woonplaats": ["Weesp", "Weesp"]}))
    >>> from geoanalyse.geocoding.writing import by_columns
    >>> rows = pa.table({"postcode": ["1381 aa"] * 4, "huisnummer": ["12-1", "12 I", "14", "16"]})
    >>> found = match(by_columns(rows), base)
    >>> found.row.tolist(), [QUALITIES[each].name for each in found.quality[:3]], MISSES[found.miss[3]].name
    ([0, 0, 1, -1], ['A', 'B', 'C'], 'NUMBER')
    """
    size = len(written)
    found = _Found(*(np.full(size, _NONE, dtype=np.int64) for _ in range(3)))
    number = np.array([each.number if each else -2 for each in written.numbers] + [_NONE], dtype=np.int64)[
        written.number
    ]
    nothing = (written.postcode == _NONE) & (number == _NONE) & (written.street < 0)
    found.refuse(nothing & written.unread, Miss.UNREAD)
    found.refuse(nothing & ~written.unread, Miss.EMPTY)
    found.refuse(~nothing & (number < 0), Miss.BAD_NUMBER)
    found.refuse((found.miss < 0) & (written.postcode < _NONE), Miss.BAD_POSTCODE)

    codes = [_codes(written, names, form) for names, form in zip(base.additions, _FORMS, strict=True)]
    bare = np.array([bool(each and each.bare) for each in written.numbers] + [False])[written.number]
    by_postcode = found.open()[written.postcode[found.open()] >= 0]
    if len(by_postcode):
        place = base.by_postcode.index(written.postcode[by_postcode], number[by_postcode])
        known = np.isin(written.postcode[by_postcode], base.postcodes)
        found.refuse(by_postcode[~known], Miss.POSTCODE)
        _look(found, base.by_postcode, by_postcode[known], place[known], codes, bare, Quality.A)
        _check_street(found, by_postcode, written, base)
    by_street = found.open()[written.postcode[found.open()] == _NONE]
    if len(by_street):
        _match_streets(found, by_street, written, base, number, codes, bare)
    return Match(found.row, np.where(found.row >= 0, found.quality, _NONE), found.miss)


def _codes(written: Written, names: dict[str, int], form: Callable[[Reading], str]) -> list[Ints]:
    """Give the number of each reading of what stands behind the house number; -1 where the base does not have it."""
    made = []
    for place in range(2):
        codes = [
            names.get(form(each.readings[place]), _NONE) if each and place < len(each.readings) else _NONE
            for each in written.numbers
        ]
        made.append(np.array([*codes, _NONE], dtype=np.int64)[written.number])
    return made


def _look(
    found: _Found,
    places: _Places,
    rows: Ints,
    place: Ints,
    codes: Sequence[Sequence[Ints]],
    bare: Bools,
    best: Quality,
) -> None:
    """Go through the steps for these rows, each with its place in `places` (-1: the number is not there)."""
    found.refuse(rows[place < 0], Miss.NUMBER)
    rows, place = rows[place >= 0], place[place >= 0]
    for step, ways in enumerate(codes):
        last = step == len(codes) - 1  # only spelling reads an addition both ways; before that it is as written
        many, first = places.find(step, place, [way[rows] for way in (ways if last else ways[:1])])
        found.take(rows[many == 1], first[many == 1], max(best, Quality.B if last else Quality.A))
        found.refuse(rows[many > 1], Miss.AMBIGUOUS)
        rows, place = rows[many == 0], place[many == 0]
    plain = bare[rows]
    many, first = places.all.find(place)
    without, its = places.bare.find(place)
    alone, dropped = plain & (many == 1), ~plain & (many == 1) & (without == 1)
    found.take(rows[alone], first[alone], max(best, Quality.C))
    found.take(rows[dropped], its[dropped], max(best, Quality.D))
    found.refuse(rows[plain & ~alone], Miss.AMBIGUOUS)
    found.refuse(rows[~plain & ~dropped], Miss.SUFFIX)


def _check_street(found: _Found, rows: Ints, written: Written, base: Base) -> None:
    """Refuse what the postcode gave where another street was written."""
    forms = _named(written.streets, base.street_forms, street_form, unknown=_NONE - 1)[written.street[rows]]
    wrong = rows[(found.row[rows] >= 0) & (forms != _NONE) & (forms != base.street[found.row[rows]])]
    found.row[wrong] = _NONE
    found.refuse(wrong, Miss.CONTRADICTION)


def _match_streets(
    found: _Found,
    rows: Ints,
    written: Written,
    base: Base,
    number: Ints,
    codes: Sequence[Sequence[Ints]],
    bare: Bools,
) -> None:
    town = _named(written.towns, base.town_forms, town_form)[written.town[rows]]
    found.refuse(rows[town < 0], Miss.TOWN)
    rows, town = rows[town >= 0], town[town >= 0]
    named, formed = base.by_street
    name = base.in_town(_named(written.streets, base.street_names, folded)[written.street[rows]], town)
    form = base.in_town(_named(written.streets, base.street_forms, street_form)[written.street[rows]], town)
    exact = np.isin(name, base.streets_by_name)
    spelt = ~exact & np.isin(form, base.streets_by_form)
    found.refuse(rows[~exact & ~spelt], Miss.STREET)
    for which, place, places, best in ((exact, name, named, Quality.A), (spelt, form, formed, Quality.B)):
        mine = rows[which]
        _look(found, places, mine, places.index(place[which], number[mine]), codes, bare, best)


def _named(texts: Sequence[str], names: dict[str, int], form: Callable[[str], str], unknown: int = _NONE) -> Ints:
    """Give the number of each text by its form, and -1 behind them for a row without a text."""
    return np.array([*(names.get(form(text), unknown) for text in texts), _NONE], dtype=np.int64)
