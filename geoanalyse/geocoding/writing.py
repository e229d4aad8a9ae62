"""Columns and texts of a file taken apart into postcode, house number, street and town.

Everything is done per column or per distinct text, never per row.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from geoanalyse.geocoding.match import Base, Bools, Ints, Written, postcode_codes
from geoanalyse.geocoding.spelling import house_number, town_form

_APART = "\x1f"
_PIECE = 200_000  # rows taken apart at a time
_POSTCODE = r"[1-9][0-9]{3} ?[A-Za-z]{2}"
_WITH_POSTCODE = rf"^(?P<before>|.*[ ,])(?P<postcode>{_POSTCODE})(?P<after>|[ ,0-9].*)$"
_COUNTRY = "(?i)[ ,]+(?:nederland|the netherlands|netherlands|holland|nl)[ .]*$"
_NR = r"(?:(?i:nr|no|nummer|huisnummer)\.? ?)?"
# one way to read each sign, which RE2 does ten times faster than looking ahead
_WORD = "(?:[^0-9 ,][^ ,]*|[0-9]+[^0-9 ,/-][^ ,]*)"  # also 1e and 2de
_FIRST_NUMBER = rf"^(?P<street>{_WORD}[ ,]+(?:[^0-9 ,][^ ,]*[ ,]+)*)(?P<number>[0-9].*)$"
_LAST_NUMBER = r"^(?P<street>.*\pL.*)[ ,]+(?P<number>[0-9]+[^ ]*(?: [^0-9 ]+)*)[ ,]*$"
_ONLY_NUMBER = rf"^(?P<number>{_NR}[0-9].*)$"
_STREET_BEFORE, _NOTHING_BEFORE = r".*?\pL.*?[ ,]+", _NR
# what may stand between a number and a town and is no part of the town
_ADDITION = (
    r"(?i:[0-9]{1,4}[a-z]{0,4}|[a-z]{1,2}[0-9]{0,3}|[ivx]{1,4}|huis|beg|begane|grond|parterre|bis|rood|zwart"
    r"|boven|bov|beneden|ben|hoog|etage|verd|verdieping|links|rechts)\.?"
)
_MOST_ADDITIONS = 3
_TOWN = r"(?:\pL|')[^0-9]*"
_WITH_COMMA = rf"^(?P<first>.*[0-9][^,]*?) ?, ?(?P<town>{_TOWN})$"
_WITH_DIGITS = rf"^(?P<first>.*?)[ ,]+(?P<digits>[1-9][0-9]{{3}}),? (?P<town>{_TOWN})$"


def by_columns(table: pa.Table) -> Written:
    """Take addresses apart that stand in columns.

    Parameters
    ----------
    table : pyarrow.Table
        Columns postcode, huisnummer, huisletter, toevoeging, straat and plaats; each may be absent, as text or numbers.

    Returns
    -------
    Written
    """
    size = table.num_rows
    columns = {name: _text(table[name].combine_chunks()) for name in table.column_names}
    nothing = pa.nulls(size, pa.string())
    return _written(
        columns.get("postcode", nothing),
        [columns.get(name, nothing) for name in ("huisnummer", "huisletter", "toevoeging")],
        columns.get("straat", nothing),
        columns.get("plaats", nothing),
        np.zeros(size, dtype=bool),
    )


def by_text(texts: pa.Array, base: Base) -> Written:
    """Take addresses apart that are written as one text.

    ``Straat 12 A-1, 1012 AB Plaats``, ``1012AB 12``, ``Straat 12, Plaats`` and ``Straat 12 Plaats`` are understood.
    Where a text can be taken apart in two ways, the one with a street or town that the base knows is taken.

    Parameters
    ----------
    texts : pyarrow.StringArray
    base : Base
        Only to see which streets and towns exist.

    Returns
    -------
    Written

    Examples
    --------
    >>> base = Base(pa.table({
    ...     "adresseerbaarobject_id": ["0457010000000001"], "postcode": ["1381AA"], "huisnummer": [12],
    ...     "huisletter": ["a"], "toevoeging": [None], "straat": ["Plein 1945"], "woonplaats": ["Weesp"]},
    ...     schema=pa.schema([("adresseerbaarobject_id", "string"), ("postcode", "string"), ("huisnummer", "int32"),
    ...     ("huisletter", "string"), ("toevoeging", "string"), ("straat", "string"), ("woonplaats", "string")])))
    >>> made = by_text(pa.array(["Plein 1945 12 a, 1381 AA Weesp", "Plein 1945 12a Weesp", "1381AA 12-a"]), base)
    >>> [(made.numbers[each].number, made.numbers[each].readings[0]) for each in made.number]
    [(12, ('a', '')), (12, ('a', '')), (12, ('', 'a'))]
    >>> made.streets, made.towns
    (['Plein 1945'], ['Weesp'])
    """
    pieces = [texts.slice(start, _PIECE) for start in range(0, max(len(texts), 1), _PIECE)]
    with ThreadPoolExecutor() as pool:  # expressions run outside Python's lock
        found = list(pool.map(lambda piece: _parts(piece, base), pieces))
    postcode, street, number, town, unread = (
        pa.concat_arrays([each[name] for each in found]) for name in ("postcode", "street", "number", "town", "unread")
    )
    nothing = pa.nulls(len(texts), pa.string())
    return _written(postcode, [number, nothing, nothing], street, town, _mask(unread))


Parts = dict[str, pa.Array]


def _parts(texts: pa.Array, base: Base) -> Parts:
    plain = pc.replace_substring_regex(pc.replace_substring_regex(texts, "[ \\t\\r\\n\u00a0]+", " "), _COUNTRY, "")
    plain = _filled(pc.utf8_trim(plain, " ,"))
    nothing = pa.nulls(len(plain), pa.string())
    found = {"postcode": nothing, "street": nothing, "number": nothing, "town": nothing}
    found = _with_postcode(found, pc.extract_regex(plain, _WITH_POSTCODE), base)
    found = _without_postcode(found, plain, base)
    return found | {"unread": pc.and_(plain.is_valid(), found["number"].is_null())}


def _with_postcode(found: Parts, coded: pa.Array, base: Base) -> Parts:
    """Take apart what has a postcode: the number stands in front of it and the town behind, or both behind."""
    here = coded.is_valid()
    before, code, after = (pc.struct_field(coded.filter(here), place) for place in range(3))
    before, after = pc.utf8_trim(before, " ,"), pc.utf8_trim(after, " ,")
    street, number = _split(before, base)
    number = pc.coalesce(number, _group(before, _ONLY_NUMBER))
    behind, town = _apart(after, _NOTHING_BEFORE, base)
    behind = pc.coalesce(behind, _group(after, _ONLY_NUMBER))
    town = pc.if_else(number.is_null(), town, _filled(after))
    street = pc.coalesce(street, _filled(pc.if_else(number.is_null(), before, None)))
    number = pc.coalesce(number, behind)
    known = number.is_valid()
    parts = {"postcode": code, "street": street, "number": number, "town": town}
    return _put(found, here, {name: _where(known, part) for name, part in parts.items()})


def _without_postcode(found: Parts, texts: pa.Array, base: Base) -> Parts:
    """Take the others apart: street, number and town, with or without a comma between number and town."""
    here = pc.and_(texts.is_valid(), found["number"].is_null())
    first, town = _apart(_without_digits(texts.filter(here), base), _STREET_BEFORE, base)
    street, number = _split(first, base)
    return _put(found, here, {"street": street, "number": number, "town": town})


def _without_digits(texts: pa.Array, base: Base) -> pa.Array:
    """Leave out the four digits of a postcode before a town that has them; they are no house number."""
    found = pc.extract_regex(texts, _WITH_DIGITS)
    first, digits, town = (_field(found, place) for place in range(3))
    known = base.town_digits if found.null_count < len(found) else set()
    pairs = pc.binary_join_element_wise(digits, town, " ")
    theirs = _known(pairs, lambda pair: (town_form(pair[5:]), int(pair[:4])) in known)
    return pc.if_else(theirs, pc.binary_join_element_wise(first, town, ", "), texts)


def _apart(texts: pa.Array, lead: str, base: Base) -> tuple[pa.Array, pa.Array]:
    """Take a town off behind a number: by a comma, or else the longest known one; all that is no addition counts."""
    comma = pc.extract_regex(texts, _WITH_COMMA)
    first, town = _field(comma, 0), _field(comma, 1)
    none = comma.is_null()
    spaced = texts.filter(none)
    its = _group(spaced, rf"^(?P<first>{lead}[0-9]{{1,5}}[^ ,]*(?:(?: ?[-/] ?| ){_ADDITION})*)$")
    its_town = pa.nulls(len(spaced), pa.string())
    known = its.is_valid()
    for additions in range(_MOST_ADDITIONS + 1):  # fewer additions leave a longer town
        addition = rf"(?:(?: ?[-/] ?| ){_ADDITION}){{{additions}}}"
        shorter = pc.extract_regex(spaced, rf"^(?P<first>{lead}[0-9]{{1,5}}[^ ,]*{addition}) (?P<town>{_TOWN})$")
        better = pc.and_(shorter.is_valid(), pc.invert(known))
        its, its_town = (pc.if_else(better, _field(shorter, place), part) for place, part in enumerate((its, its_town)))
        known = pc.or_(known, _known_town(_field(shorter, 1), base))
    return pc.replace_with_mask(first, none, its), pc.replace_with_mask(town, none, its_town)


def _split(texts: pa.Array, base: Base) -> tuple[pa.Array, pa.Array]:
    """Take a street and a number apart; the number is the first one, unless only the last leaves a known street."""
    first = pc.extract_regex(texts, _FIRST_NUMBER)
    street, number = (pc.utf8_rtrim(_field(first, place), " ,") for place in range(2))
    odd = pc.and_(street.is_valid(), pc.invert(_known_street(street, base)))
    last = pc.extract_regex(texts.filter(odd), _LAST_NUMBER)
    better = _known_street(_field(last, 0), base)
    parts = ((street, 0), (number, 1))
    street, number = (
        pc.replace_with_mask(part, odd, pc.if_else(better, _field(last, place), part.filter(odd)))
        for part, place in parts
    )
    return street, number


def _known_street(texts: pa.Array, base: Base) -> pa.Array:
    return _known(texts, base.knows_street)


def _known_town(texts: pa.Array, base: Base) -> pa.Array:
    return _known(texts, lambda text: town_form(text) in base.town_forms)


def _known(texts: pa.Array, known: Callable[[str], bool]) -> pa.Array:
    coded = texts.dictionary_encode()
    fits = pa.array([*map(known, coded.dictionary.to_pylist()), False])
    return fits.take(coded.indices.fill_null(len(fits) - 1))


def _put(found: Parts, here: pa.Array, parts: Parts) -> Parts:
    return found | {name: pc.replace_with_mask(found[name], here, part) for name, part in parts.items()}


def _field(found: pa.Array, place: int) -> pa.Array:
    return pc.struct_field(found, place)


def _group(texts: pa.Array, pattern: str) -> pa.Array:
    return _field(pc.extract_regex(texts, pattern), 0)


def _where(mask: pa.Array, texts: pa.Array) -> pa.Array:
    return pc.if_else(mask, texts, pa.scalar(None, pa.string()))


def _filled(texts: pa.Array) -> pa.Array:
    return _where(pc.not_equal(texts, ""), texts)


def _mask(values: pa.Array) -> Bools:
    mask: Bools = values.fill_null(fill_value=False).to_numpy(zero_copy_only=False)
    return mask


def _text(column: pa.Array) -> pa.Array:
    """Column as trimmed text; a whole number without its decimal part, row by row."""
    if pa.types.is_floating(column.type):
        whole = pc.and_(pc.equal(pc.floor(column), column), pc.less(pc.abs(column), 1e15))
        numbers = pc.if_else(whole, column, pa.scalar(None, column.type)).cast(pa.int64()).cast(pa.string())
        return pc.coalesce(numbers, column.cast(pa.string()))
    return _filled(pc.utf8_trim_whitespace(column.cast(pa.string())))


def _written(
    postcode: pa.Array, number: Sequence[pa.Array], street: pa.Array, town: pa.Array, unread: Bools
) -> Written:
    parts = [number[0], *(pc.fill_null(part, "") for part in number[1:])]
    numbers, number_at = _coded(pc.binary_join_element_wise(*parts, _APART))
    streets, street_at = _coded(street)
    towns, town_at = _coded(town)
    return Written(
        postcode=postcode_codes(postcode),
        number=number_at,
        street=street_at,
        town=town_at,
        numbers=[house_number(*text.split(_APART)[:3]) for text in numbers],
        streets=streets,
        towns=towns,
        unread=unread,
    )


def _coded(column: pa.Array) -> tuple[list[str], Ints]:
    """Distinct texts, and for each row which one; -1 for none."""
    coded = column.dictionary_encode()
    return coded.dictionary.to_pylist(), coded.indices.fill_null(-1).to_numpy().astype(np.int64)
