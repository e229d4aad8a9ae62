"""Match written addresses to the address base: exact first, then by named relaxations, never by a guess.

At each step all addresses are looked up that the written one could be; one object is a match, two or more are not, and
no further step is tried. The steps, in order, with the class each gives:

A. same place, number, house letter and addition (first as written, then without regard to capitals);
B. the same after bringing the spelling to one form (``12 hs`` and ``12-H``, ``12 II`` and ``12-2``, ``12A1`` and
   ``12 A-1``; ``St. Jansstr.`` and ``Sint Jansstraat``);
C. no letter or addition was written, and the number has one object, with a letter or addition;
D. a letter or addition was written that does not exist, and the number has one object, without any.

A place is a postcode, or a street in a town when no postcode was written. When street or town were written beside a
postcode, the address must lie in them. A lone H, I, V or X is a floor only at a number without other doors by letter.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geoanalyse.geocoding.spelling import (
    LONE,
    HouseNumber,
    Reading,
    floored,
    folded,
    spelled,
    street_forms,
    town_form,
    town_without_quarter,
)

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_NUMBERS = 100_000  # house numbers have five digits at most
_NONE = -1
_FREE = 2
_LETTER_BEFORE_H = "G"


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
    CONTRADICTION = "straat of plaats hoort niet bij de postcode"
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
    """One way to name a place: its numbers in the base, with a level for each form of an addition.

    `freedom` says of each number how surely a lone H, I, V or X there is a floor: 0 where additions go by letter (the
    doors A to K, say), 1 where house letters come as far as G, so that H may be the next, `_FREE` elsewhere.
    """

    __slots__ = ("_levels", "_widths", "all", "areas", "bare", "freedom", "names", "things")

    def __init__(self, area: Ints, number: Ints, things: Ints, additions: "_Additions") -> None:
        keys = np.where(area >= 0, area * _NUMBERS + number, _NONE)
        self.areas = np.unique(area[area >= 0])
        self.names = np.unique(keys[keys >= 0])
        index = np.where(keys >= 0, np.searchsorted(self.names, keys), _NONE)
        self.all = _Level(index, things)
        self.bare = _Level(np.where(additions.codes[0] == 0, index, _NONE), things)
        self.things, self._widths = things, [len(names) + 1 for names in additions.names]
        self.freedom = np.full(len(self.names) + 1, _FREE, dtype=np.int64)
        self.freedom[index[(index >= 0) & additions.door]] = 1
        self.freedom[index[(index >= 0) & additions.door_as_suffix]] = 0
        floors = np.where(additions.lone & (self.freedom[index] == 0), _NONE, index)
        self._levels = [
            _Level(np.where(place >= 0, place * width + code, _NONE), things)
            for place, width, code in zip((index, index, index, floors), self._widths, additions.codes, strict=True)
        ]

    def index(self, area: Ints, number: Ints) -> Ints:
        """Give the place of each number in `names`; -1 where it is not there."""
        return _index(self.names, np.where((area >= 0) & (number > 0), area * _NUMBERS + number, _NONE))

    def find(self, place: Ints, ways: Sequence[tuple[int, Ints]]) -> tuple[Ints, Ints]:
        """Give how many objects fit one of the ways, each a level and codes (2 stands for more), and a row of one."""
        many, row = np.zeros(len(place), dtype=np.int64), np.full(len(place), _NONE, dtype=np.int64)
        thing = np.full(len(place), _NONE, dtype=np.int64)
        for level, way in ways:
            its, first = self._levels[level].find(np.where(way >= 0, place * self._widths[level] + way, _NONE))
            mine = np.where(first >= 0, self.things[first], _NONE)
            other = (many == 1) & (its == 1) & (mine == thing)
            many = np.where(other, 1, np.minimum(many + its, 2))
            row, thing = np.where(row >= 0, row, first), np.where(thing >= 0, thing, mine)
        return many, row


def _index(names: Ints, wanted: Ints) -> Ints:
    """Give the place of each number in sorted `names`; -1 where it is not there."""
    if not len(names):
        return np.full(len(wanted), _NONE, dtype=np.int64)
    found = np.minimum(np.searchsorted(names, wanted), len(names) - 1)
    return np.where((wanted >= 0) & (names[found] == wanted), found, _NONE).astype(np.int64)


class _Additions:
    """House letters and additions of the base, numbered in each form; 0 is none at all."""

    __slots__ = ("codes", "door", "door_as_suffix", "lone", "names")

    def __init__(self, table: pa.Table) -> None:
        joined = pc.binary_join_element_wise(
            pc.fill_null(table["huisletter"], ""), pc.fill_null(table["toevoeging"], ""), "|"
        )
        texts, index = _coded(joined)
        readings = [_reading(text) for text in texts]
        self.names = [_numbered(["", *(form(each) for each in readings)]) for form in _FORMS]
        self.codes = [
            _of(index, [names[form(each)] for each in readings]) for names, form in zip(self.names, _FORMS, strict=True)
        ]
        doors = [[_is_door(part) for part in each] for each in readings]
        self.lone = np.array([suffix.upper() in LONE for _, suffix in readings] + [False])[index]
        self.door = np.array(
            [each[0] and letter.upper() >= _LETTER_BEFORE_H for each, (letter, _) in zip(doors, readings, strict=True)]
            + [False]
        )[index]
        self.door_as_suffix = np.array([each[1] for each in doors] + [False])[index]


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
        self._things = self.keys.dictionary_encode().indices.to_numpy().astype(np.int64)
        self._number = _ints(table["huisnummer"])
        self.postcode = postcode_codes(table["postcode"].combine_chunks())
        streets, street = _coded(table["straat"])
        towns, town = _coded(table["woonplaats"])
        self.street_names = _numbered([folded(text) for text in streets])
        self.street_forms = _by_form(streets, self.street_names)
        self.town_forms = _numbered([town_form(text) for text in towns])
        self.town = _of(town, [self.town_forms[town_form(text)] for text in towns])
        self.street = _of(street, [self.street_names[folded(text)] for text in streets])
        self._additions = _Additions(table)

    def __repr__(self) -> str:
        return f"Base({len(self.keys)} rows)"

    @property
    def additions(self) -> list[dict[str, int]]:
        """Number of each letter and addition, per form."""
        return self._additions.names

    @cached_property
    def postcodes(self) -> Ints:
        """All postcodes, sorted."""
        return np.unique(self.postcode[self.postcode >= 0])

    @cached_property
    def streets_in_towns(self) -> Ints:
        """All streets with their town, as `with_street` numbers them, sorted."""
        streets = self.with_street(self.town, self.street)
        return np.unique(streets[streets >= 0])

    @cached_property
    def by_postcode(self) -> _Places:
        """Numbers by postcode."""
        return self._by(self.postcode)

    @cached_property
    def by_postcode_and_street(self) -> _Places:
        """Numbers by postcode and street."""
        return self._by(self.with_street(self.postcode, self.street))

    @cached_property
    def by_town_and_street(self) -> _Places:
        """Numbers by town and street."""
        return self._by(self.with_street(self.town, self.street))

    def _by(self, area: Ints) -> _Places:
        return _Places(area, self._number, self._things, self._additions)

    def with_street(self, area: Ints, street: Ints) -> Ints:
        """Give one number to a street in a postcode or a town."""
        return np.where((area >= 0) & (street >= 0), area * (len(self.street_names) + 1) + street, _NONE)

    def knows_street(self, text: str) -> bool:
        """Whether a street has this name, perhaps spelled otherwise."""
        return any(form in self.street_forms for form in street_forms(text))

    def street_choices(self, text: str) -> list[int]:
        """Numbers of the streets that this can be."""
        found = {number for form in street_forms(text) for number in self.street_forms.get(form, ())}
        return sorted(found)

    def town_of(self, postcode: Ints) -> Ints:
        """Town of each postcode, of the first address that has it."""
        names, first = np.unique(self.postcode, return_index=True)
        index = _index(names, postcode)
        return np.where(index >= 0, self.town[first][index], _NONE)

    @cached_property
    def town_digits(self) -> set[tuple[str, int]]:
        """Towns by form, each with the digits of its postcodes."""
        known = np.unique(
            np.where((self.postcode >= 0) & (self.town >= 0), self.town * 10_000 + self.postcode // 26**2, _NONE)
        )
        names = list(self.town_forms)
        return {(names[each // 10_000], each % 10_000) for each in known[known >= 0].tolist()}


def _by_form(streets: Sequence[str], names: dict[str, int]) -> dict[str, list[int]]:
    """Give the numbers of the streets that each form stands for."""
    forms: defaultdict[str, list[int]] = defaultdict(list)
    for text in streets:
        for form in street_forms(text):
            if (number := names[folded(text)]) not in forms[form]:
                forms[form].append(number)
    return dict(forms)


def _of(index: Ints, values: Sequence[int]) -> Ints:
    return np.array([*values, _NONE], dtype=np.int64)[index]


def _written_form(reading: Reading) -> str:
    return "" if reading == ("", "") else "|".join(reading)


_FORMS: tuple[Callable[[Reading], str], ...] = (
    _written_form,
    lambda reading: _written_form(reading).upper(),
    spelled,
    floored,
)
_EXACT, _UPPER, _SPELLED, _FLOORED = range(len(_FORMS))


def _reading(text: str) -> Reading:
    letter, _, suffix = text.partition("|")
    return letter.strip(), suffix.strip()


def _is_door(part: str) -> bool:
    return len(part) == 1 and part.isalpha() and part.upper() not in LONE


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

    read = _Read.of(written, base)
    rows = found.open()
    rows = rows[written.postcode[rows] >= 0]
    found.refuse(rows[_index(base.postcodes, written.postcode[rows]) < 0], Miss.POSTCODE)
    rows = rows[found.miss[rows] < 0]
    alone = written.street[rows] < 0
    if alone.any():
        place = base.by_postcode.index(written.postcode[rows[alone]], number[rows[alone]])
        _look(found, base.by_postcode, rows[alone], place, read, np.ones(len(place), dtype=bool))
    _match_in_streets(found, rows[~alone], written, base, number, read, by_postcode=True)
    _check_town(found, rows, written, base)

    rows = found.open()
    rows = rows[written.postcode[rows] == _NONE]
    town = _named(written.towns, base.town_forms, town_form)[written.town]
    found.refuse(rows[town[rows] < 0], Miss.TOWN)
    rows = rows[town[rows] >= 0]
    _match_in_streets(found, rows, written, base, number, read, by_postcode=False)
    return Match(found.row, np.where(found.row >= 0, found.quality, _NONE), found.miss)


@dataclass(frozen=True, slots=True)
class _Read:
    """What stands behind the house numbers, per row of the input; lists have one entry per reading.

    Attributes
    ----------
    codes : list of list of ndarray
        Per form: number of the reading in the base; -1 where the base does not have it.
    guard : list of ndarray
        How free of doors by letter a number must be before a lone letter is a floor; see `_Places.freedom`.
    bare, apart, near, droppable : ndarray of bool
        As of `HouseNumber`.
    """

    codes: list[list[Ints]]
    guard: list[Ints]
    bare: Bools
    apart: Bools
    near: Bools
    droppable: Bools

    @classmethod
    def of(cls, written: Written, base: Base) -> "_Read":
        def per_reading(value: Callable[[HouseNumber, Reading], int]) -> list[Ints]:
            return [
                _of(
                    written.number,
                    [value(one, one.readings[at]) if one and at < len(one.readings) else _NONE for one in numbers],
                )
                for at in range(2)
            ]

        def mask(said: Callable[[HouseNumber], bool]) -> Bools:
            return np.array([*(one is not None and said(one) for one in numbers), False], dtype=bool)[written.number]

        numbers = written.numbers
        return cls(
            codes=[
                per_reading(lambda _, reading, form=form, names=names: names.get(form(reading), _NONE))  # type: ignore[misc]
                for form, names in zip(_FORMS, base.additions, strict=True)
            ],
            guard=per_reading(_guard),
            bare=mask(lambda one: one.bare),
            apart=mask(lambda one: one.apart),
            near=mask(lambda one: one.near),
            droppable=mask(lambda one: one.droppable),
        )

    def ways(self, form: int, rows: Ints) -> list[tuple[int, Ints]]:
        """Both readings of these rows in a form; only the first where the columns say which it is."""
        first, second = self.codes[form]
        return [(form, first[rows]), (form, np.where(self.apart[rows], _NONE, second[rows]))]

    def spelled(self, rows: Ints, freedom: Ints) -> list[tuple[int, Ints]]:
        """All that these rows can be in another spelling."""
        ways = [(_SPELLED, code[rows]) for code in self.codes[_SPELLED]]
        floors = zip(self.codes[_FLOORED], self.guard, strict=True)
        return ways + [(_FLOORED, np.where(guard[rows] <= freedom, code[rows], _NONE)) for code, guard in floors]


def _guard(number: HouseNumber, reading: Reading) -> int:
    letter, suffix = reading
    if suffix.upper() not in LONE:
        return 0
    if number.glued and not letter and suffix.upper() != "H":  # 12V is a door, 12H the ground floor or a door
        return _FREE + 1
    return 1 if letter else _FREE


def _look(found: _Found, places: _Places, rows: Ints, place: Ints, read: _Read, best: Bools) -> None:
    """Go through the steps for these rows.

    `place` is the place of each row in `places`, -1 where the number is not there; `best` says of each whether its
    street was written as the base has it.
    """
    found.refuse(rows[place < 0], Miss.NUMBER)
    rows, place, best = rows[place >= 0], place[place >= 0], best[place >= 0]

    def settle(many: Ints, row: Ints, same: Bools) -> None:
        nonlocal rows, place, best
        one = many == 1
        found.take(rows[one & same & best], row[one & same & best], Quality.A)
        found.take(rows[one & ~(same & best)], row[one & ~(same & best)], Quality.B)
        found.refuse(rows[many > 1], Miss.AMBIGUOUS)
        rows, place, best = rows[many == 0], place[many == 0], best[many == 0]

    for form in (_EXACT, _UPPER):
        ways = read.ways(form, rows)
        likely, _ = places.find(place, ways[:1])
        many, row = places.find(place, ways)
        if form == _EXACT:  # the other reading waits for the likely one in other capitals
            many = np.where((many == 1) & (likely == 0), 0, many)
        settle(many, row, likely == 1)
    many, row = places.find(place, read.spelled(rows, places.freedom[place]))
    settle(np.where(read.near[rows], 0, many), row, np.zeros(len(rows), dtype=bool))

    bare, droppable = read.bare[rows], read.droppable[rows]
    many, first = places.all.find(place)
    without, its = places.bare.find(place)
    alone, dropped = bare & (many == 1), ~bare & droppable & (many == 1) & (without == 1)
    found.take(rows[alone], first[alone], Quality.C)
    found.take(rows[dropped], its[dropped], Quality.D)
    found.refuse(rows[bare & ~alone], Miss.AMBIGUOUS)
    found.refuse(rows[~bare & ~dropped], Miss.SUFFIX)


def _match_in_streets(
    found: _Found, rows: Ints, written: Written, base: Base, number: Ints, read: _Read, *, by_postcode: bool
) -> None:
    """Match rows with a street in an area: a postcode or a town."""
    if not len(rows):
        return
    towns = _named(written.towns, base.town_forms, town_form)[written.town]
    area, street = (written.postcode if by_postcode else towns)[rows], written.street[rows]
    places = base.by_postcode_and_street if by_postcode else base.by_town_and_street
    name = _named(written.streets, base.street_names, folded)[street]
    exact = base.with_street(area, name)
    same = _index(places.areas, exact) >= 0
    place, many = np.where(same, exact, _NONE), same.astype(np.int64)
    other = np.flatnonzero(~same)
    if by_postcode:  # a street that has this very name elsewhere in the town is meant
        elsewhere = base.with_street(base.town_of(area[other]), name[other])
        other = other[_index(base.streets_in_towns, elsewhere) < 0]
    open_ones = np.isin(np.arange(len(written.streets)), street[other])
    choices = [
        base.street_choices(text) if wanted else [] for text, wanted in zip(written.streets, open_ones, strict=True)
    ]
    for at in range(max(map(len, choices), default=0)):
        choice = _of(street[other], [each[at] if at < len(each) else _NONE for each in choices])
        choice = base.with_street(area[other], choice)
        there = _index(places.areas, choice) >= 0
        place[other[there]] = choice[there]
        many[other] += there
    found.refuse(rows[many == 0], Miss.CONTRADICTION if by_postcode else Miss.STREET)
    found.refuse(rows[many > 1], Miss.AMBIGUOUS)
    rows, place, same = rows[many == 1], place[many == 1], same[many == 1]
    _look(found, places, rows, places.index(place, number[rows]), read, same | by_postcode)


def _check_town(found: _Found, rows: Ints, written: Written, base: Base) -> None:
    """Refuse what the postcode gave where another town was written."""
    rows = rows[found.row[rows] >= 0]
    own, wrong = base.town[found.row[rows]], np.ones(len(rows), dtype=bool)
    for form in (town_form, town_without_quarter):
        town = _named(written.towns, base.town_forms, form, unknown=_NONE - 1)[written.town[rows]]
        wrong &= (town != _NONE) & (town != own) & (own >= 0)
    found.row[rows[wrong]] = _NONE
    found.refuse(rows[wrong], Miss.CONTRADICTION)


def _named(texts: Sequence[str], names: dict[str, int], form: Callable[[str], str], unknown: int = _NONE) -> Ints:
    """Give the number of each text by its form, and -1 behind them for a row without a text."""
    return np.array([*(names.get(form(text), unknown) for text in texts), _NONE], dtype=np.int64)
