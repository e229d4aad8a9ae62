"""Person data in whole columns: what one value cannot prove, most of a column can."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from geoanalyse.personal.formats import DATE, FORMATS, PLATE, Format, PersonData, eleven
from geoanalyse.personal.names import is_name, names
from geoanalyse.personal.texts import plain

# Shapes that cannot hold person data and fill whole columns: BAG ids, H3 indexes, HMACs, UUIDs, CBS codes and
# pseudonymous keys such as demo0000123 (two letters and four digits would be a kenteken, hence five).
_CLEAN = (
    r"^(?:[0-9]{16}|[0-9a-f]{15,16}|[0-9a-f]{32,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?:BU|WK|GM)[0-9]{4}[0-9A-Z]{0,4}|[a-z]{2,12}[-_]?[0-9]{5,})$"
)
_TELLING = {
    PersonData.BSN: re.compile(r"(?<![a-z])(?:bsn|burgerservice|sofi|rsin)", re.IGNORECASE),
    PersonData.COMPANY: re.compile(r"^kvk$|kvk[-_ ]?(?:nummer|nr)|handelsregister|dossiernummer", re.IGNORECASE),
    PersonData.BRANCH: re.compile(r"vestigings?[-_ ]?(?:nummer|nr)", re.IGNORECASE),
    PersonData.BIRTH: re.compile(r"geboorte|geboren|geb_?dat|birth", re.IGNORECASE),
    PersonData.PLATE: re.compile(r"kenteken", re.IGNORECASE),
    PersonData.PHONE: re.compile(r"telefoon|mobiel|(?<![a-z])tel[-_ ]?(?:nr|nummer)", re.IGNORECASE),
    PersonData.NAME: re.compile(
        r"achternaam|voornaam|voorletters|familienaam|geslachtsnaam|roepnaam|bewoner|bestuurder|betrokkene",
        re.IGNORECASE,
    ),
}
_FEWEST = 8  # values a column must hold before a share of it means anything
_FEWEST_STREETS = 5  # different street names
_LIFETIME = 50  # years
_SAMPLE = 1000  # candidates of a kind that are confirmed one by one
_PROSE = 4  # words a value has on average in a column of free text


def kinds_in_column(
    name: str,
    values: Any,  # noqa: ANN401 - Arrow ships no types
    *,
    as_text: bool = True,
) -> dict[PersonData, int]:
    """Count values of a column that look like person data, by the rules for whole columns.

    Parameters
    ----------
    name : str
        Column name; a telling name (``bsn``, ``achternaam``) needs no further proof than one value.
    values : pyarrow.Array, pyarrow.ChunkedArray or numpy.ndarray
        Text or whole numbers, any length; nulls and empty strings are skipped. Columns of fractions are clean here:
        numbers are checked against the schema of the file.
    as_text : bool
        False when the values were searched one by one already; what is left is what only a whole column can tell.

    Returns
    -------
    dict of PersonData to int
        Rows per kind; empty when the column is clean.

    Examples
    --------
    >>> kinds_in_column("sleutel", ["0363010000603488", "0363010000603489"])
    {}
    >>> kinds_in_column("bsn", ["111222333"])
    {<PersonData.BSN: 'bsn of rsin'>: 1}
    """
    texts = _texts(values)
    total = len(texts)
    if total == 0:
        return {}
    found = {kind: total for kind, telling in _TELLING.items() if telling.search(name)}
    rest = _plain(texts.filter(pc.invert(pc.match_substring_regex(texts, _CLEAN))))
    if len(rest) == 0:
        return found
    checks: tuple[tuple[PersonData, int, float], ...] = (
        *_numbers(rest, total),
        (PersonData.PLATE, _rows(rest, PLATE), 0.2),
        (PersonData.POSTCODE, _rows(rest, r"(?i)^[1-9][0-9]{3}[ -]?(?:[A-RT-Z][A-Z]|S[B-CE-RT-Z])$"), 0.2),
        (PersonData.ADDRESS, _streets(rest), 0.2),
        (PersonData.BIRTH, _births(rest), 0.5),
        *_names(rest, as_text=as_text),
        *((form.kind, _confirmed(rest, form), form.share) for form in FORMATS if as_text and form.in_columns),
    )
    for kind, rows, share in checks:
        if rows and rows >= share * total:
            found[kind] = max(rows, found.get(kind, 0))
    return found


def _texts(values: Any) -> pa.Array:  # noqa: ANN401
    """Trimmed, non-empty strings of a column; empty for a column that cannot hold text or whole numbers."""
    array = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    array = array if isinstance(array, pa.Array) else pa.array(array)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    kind = array.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind)):
        return pa.array([], pa.string())
    texts = pc.utf8_trim_whitespace(array.cast(pa.string())).drop_null()
    return texts.filter(pc.not_equal(texts, ""))


def _plain(texts: pa.Array) -> pa.Array:
    """Write signs in one way, as in running text; only values that need it are touched."""
    if pc.all(pc.string_is_ascii(texts)).as_py() in {True, None}:
        return texts
    return pa.array([plain(text) for text in texts.to_pylist()], pa.string())


def _rows(texts: pa.Array, pattern: str) -> int:
    return int(pc.sum(pc.match_substring_regex(texts, pattern)).as_py() or 0)


def _numbers(texts: pa.Array, total: int) -> tuple[tuple[PersonData, int, float], ...]:
    """Kinds written as a bare number: BSN by its check digit, KvK numbers by length and by being unique."""
    bare = pc.replace_substring_regex(
        texts.filter(pc.invert(pc.match_substring_regex(texts, rf"(?i)^{DATE}$"))), "[ .-]", ""
    )
    digits = bare.filter(pc.match_substring_regex(bare, "^[0-9]{8,9}$")).to_numpy(zero_copy_only=False).astype("U9")
    passed = int(eleven(digits).sum()) if len(digits) else 0
    enough = total >= _FEWEST
    eights, twelves = (bare.filter(pc.match_substring_regex(bare, f"^[0-9]{{{size}}}$")) for size in (8, 12))
    return (
        (PersonData.BSN, passed if enough else 0, 0.5),
        (PersonData.COMPANY, len(eights) if enough and _unique(eights) else 0, 0.9),
        (PersonData.BRANCH, len(twelves) if enough and _unique(twelves) else 0, 0.9),
    )


def _unique(texts: pa.Array) -> bool:
    return bool(pc.count_distinct(texts).as_py() == len(texts))


def _streets(texts: pa.Array) -> int:
    """Rows that read as a capitalised name and a number, when the names differ (a street, not ``Zone 12``)."""
    hits = texts.filter(
        pc.match_substring_regex(texts, r"^[A-Z'][A-Za-zÀ-ÿ'. -]+ [0-9]{1,5}(?: ?[A-Za-z]| ?[-/] ?[0-9A-Za-z]+)?$")
    )
    names_ = pc.replace_substring_regex(hits, r" [0-9].*$", "")
    return len(hits) if pc.count_distinct(names_).as_py() >= _FEWEST_STREETS else 0


def _births(texts: pa.Array) -> int:
    """Rows that are a full date, when the dates span more than fifty years."""
    dates = texts.filter(pc.match_substring_regex(texts, rf"(?i)^{DATE}$"))
    years = pc.extract_regex(dates, r"(?P<year>^(?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}$)").field("year")
    years = years.filter(pc.not_equal(years, ""))
    span = pc.min_max(pc.cast(years, pa.int32())).as_py()
    return len(dates) if len(years) and span["max"] - span["min"] > _LIFETIME else 0


def _names(texts: pa.Array, *, as_text: bool) -> tuple[tuple[PersonData, int, float], ...]:
    """Rows with a name: a tenth of a column, half of it for names that are also words, one row of free text."""
    prose = pc.mean(pc.count_substring(texts, " ")).as_py() >= _PROSE - 1
    inside = _share(texts, lambda value: bool(names(value))) if as_text and prose else 0
    sure = _share(texts, lambda value: is_name(value) or (as_text and bool(names(value))))
    doubtful = _share(texts, lambda value: is_name(value, doubtful=True))
    return (PersonData.NAME, inside, 0.0), (PersonData.NAME, sure, 0.1), (PersonData.NAME, doubtful, 0.5)


def _confirmed(texts: pa.Array, form: Format) -> int:
    """Rows in which RE2 sees the shape and the format's own check agrees.

    Kinds that need a share of the column are confirmed on an even sample of the candidates, since a library takes
    tens of microseconds a value.
    """
    candidates = texts.filter(pc.match_substring_regex(texts, form.pattern))
    return _share(candidates, lambda value: any(form.spans(value)), every=not form.share)


def _share(texts: pa.Array, fits: Callable[[str], bool], *, every: bool = False) -> int:
    """Count rows that fit; over an even sample of the distinct values, unless every one must be seen."""
    counts = texts.value_counts()
    values, rows = counts.field("values"), counts.field("counts").to_numpy()
    step = 1 if every else max(1, len(values) // _SAMPLE)
    good = np.array([fits(value) for value in values[::step].to_pylist()], dtype=bool)
    if step == 1:
        return int(rows[good].sum())
    return round(float(rows.sum()) * float(good.mean()))
