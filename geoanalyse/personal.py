"""Detectors of person data: the second line, behind the allow-list of columns in :mod:`geoanalyse.addresses`.

Used on values on the way in and on texts of finished files. A format that a library knows is judged by that library;
a format without a check digit needs a telling column name or most of the column. Nothing here returns a value it
found, only the kind and how often.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


class PersonData(StrEnum):
    """Kinds of person data, in the words an analyst reads."""

    BSN = "bsn of rsin"
    IBAN = "iban"
    VAT = "btw-id"
    COMPANY = "kvk-nummer"
    BRANCH = "vestigingsnummer"
    EMAIL = "e-mailadres"
    PHONE = "telefoonnummer"
    PLATE = "kenteken"
    POSTCODE = "postcode"
    ADDRESS = "adres"
    COORDINATE = "coördinaat"
    NAME = "naam van een persoon"
    BIRTH = "geboortedatum"


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
    PersonData.NAME: re.compile(
        r"achternaam|voornaam|voorletters|familienaam|geslachtsnaam|roepnaam|bewoner|bestuurder|betrokkene",
        re.IGNORECASE,
    ),
}

# Common names (facts, kept short). Names that are also ordinary words or places (Bos, Mark, Roos, Koning) are left out.
_FIRST = (
    "Aad|Abdel|Abdullah|Achmed|Adriaan|Ahmed|Ali|Amina|Anja|Anneke|Annemarie|Anouk|Arjan|Arjen|Astrid|Ayse|Bart|Bas|"
    "Bert|Bianca|Bram|Carla|Carlos|Caroline|Chantal|Charlotte|Corrie|Daan|Daniël|Danny|Dennis|Diederik|Dirk|Eline|"
    "Els|Emma|Eric|Erik|Esther|Eva|Fatima|Femke|Fleur|Floor|Floris|Frank|Frans|Fred|Gerard|Gerrit|Gijs|Hamza|Hans|"
    "Hassan|Hendrik|Henk|Hugo|Ibrahim|Ilse|Ingrid|Isa|Jaap|Jacqueline|Jan|Janneke|Jasper|Jelle|Jeroen|Jesse|Johan|"
    "Johannes|Joost|Joris|Julia|Karin|Kees|Khalid|Kim|Klaas|Koen|Lars|Laura|Leo|Lieke|Linda|Lisa|Lotte|Luuk|Maaike|"
    "Maarten|Marco|Maria|Marieke|Marijke|Marjan|Martijn|Mehmet|Miriam|Mohamed|Mohammed|Monique|Mustafa|Nadia|Niels|"
    "Nienke|Noor|Omar|Patrick|Paul|Peter|Petra|Piet|Pieter|Rachid|Richard|Rob|Robert|Ronald|Ruben|Rutger|Samira|"
    "Sander|Sandra|Sanne|Saskia|Simone|Sjoerd|Sophie|Stefan|Sven|Thijs|Thomas|Tim|Tom|Vera|Vincent|Wendy|Willem|"
    "Wim|Wouter|Yasmina|Youssef|Yusuf"
)
_LAST = (
    "Aalbers|Abdi|Aydin|Bakker|Benali|Bosman|Bouzid|Brouwer|Çelik|Dekker|Demir|Dijkstra|Driessen|El Amrani|Evers|"
    "Gerritsen|Groen|Haan|Hermans|Hendriks|Hendriksen|Hoekstra|Huisman|Jacobs|Jansen|Janssen|Janssens|Kaya|Koster|"
    "Kramer|Kuijpers|Kuipers|Martens|Meijer|Mulder|Nguyen|Özdemir|Öztürk|Peeters|Peters|Pietersen|Postma|Prins|"
    "Ramdin|Sahin|Sanders|Schouten|Scholten|Singh|Smit|Smits|Timmermans|Veenstra|Verhoeven|Vermeulen|Verbeek|Visser|"
    "Wagenaar|Willems|Willemsen|Yildiz|Yilmaz"
)
# Only after a tussenvoegsel: alone these are words (dijk, berg, boer) or places.
_AFTER_VAN = (
    "Beek|Berg|Bosch|Brink|Broek|Dam|Dijk|Heijden|Hoek|Horst|Leeuwen|Linden|Loon|Meer|Meulen|Rooij|Steen|Veen|Velde|"
    "Velden|Ven|Vliet|Wal|Zanden"
)
_AFTER_DE = "Boer|Bruijn|Graaf|Groot|Haan|Jong|Jonge|Kok|Ridder|Ruiter|Vries|Waal|Wilde|Wit"
_PARTICLE = (
    r"(?:[Vv]an|[Vv]on|[Dd]e[rn]?|[Hh]et|'t|[Tt]e[rn]?|[Ii]n|[Oo]p|[Dd]a|[Dd]os|[Ll]a|[Ee]l|[Aa]l|[Bb]en|[Oo]ul?d)"
)
_SURNAME = r"[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ'-]{2,30}(?:[A-Z][a-z]{2,20})?"
_TITLE = (
    r"(?:[Dd]hr\.?|[Mm]w\.?|[Mm]evr\.?|[Mm]evrouw|[Mm]eneer|[Dd]e heer|[Mm]r\.|[Dd]rs\.?|[Ii]ng\.|[Ii]r\.|[Pp]rof\.?|"
    r"[Ff]am\.)"
)
_PLACE = re.compile(
    r"(?:straat|laan|weg|plein|gracht|kade|dreef|singel|steeg|dijk|plantsoen|pad|hof|park|wal|buurt|wijk|kwartier|"
    r"polder|eiland|haven|brug|school|huis|ziekenhuis)(?:-\w+)?$"
)
_DATE = r"(?:[0-9]{1,2}[-/. ][0-9]{1,2}[-/. ](?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2})"
_PLATE_BLOCKS = (
    "XX-99-99|99-99-XX|99-XX-99|XX-99-XX|XX-XX-99|99-XX-XX|99-XXX-9|9-XXX-99|XX-999-X|X-999-XX|XXX-99-X|X-99-XXX|"
    "9-XX-999|999-XX-9"
)
_PLATE = _PLATE_BLOCKS.replace("X", "[A-Z]").replace("9", "[0-9]")
# Without dashes 99-99-XX is a postcode.
_BARE_PLATE = _PLATE_BLOCKS.replace("99-99-XX|", "").replace("-", "").replace("X", "[A-Z]").replace("9", "[0-9]")


def _alone(match: re.Match[str]) -> bool:
    """Whether a match is no part of a longer word, number, decimal or dashed code."""
    text, start, end = match.string, match.start(), match.end()
    before, after = text[max(start - 1, 0) : start], text[end : end + 2]
    if before and (before.isalnum() or before in "_-./@#"):
        return False
    return not (
        after[:1].isalnum() or after[:1] == "_" or (len(after) > 1 and after[0] in "-.,/" and after[1].isdigit())
    )


def _eleven(digits: Sequence[str]) -> npt.NDArray[np.bool_]:
    """11-proef of BSN and RSIN on strings of 8 or 9 digits; an 8-digit number lost its leading zero."""
    number = np.asarray(digits, dtype=np.int64)
    place = [number // 10**power % 10 for power in range(9)]
    total = sum(place[power] * (power + 1) for power in range(1, 9)) - place[0]
    varied = np.any([column != place[0] for column in place[1:8]], axis=0)
    passed: npt.NDArray[np.bool_] = (total % 11 == 0) & varied
    return passed


def _bsn(match: re.Match[str]) -> bool:
    return _alone(match) and bool(_eleven([re.sub(r"\D", "", match[0])])[0])


def _iban(match: re.Match[str]) -> bool:
    from stdnum import iban  # noqa: PLC0415 - half the start-up time of a check, needed only on a candidate

    text = re.sub(r"\W", "", match[0])
    return any(iban.is_valid(text[:length]) for length in range(15, len(text) + 1))


def _vat(match: re.Match[str]) -> bool:
    from stdnum.nl import btw  # noqa: PLC0415

    return bool(btw.is_valid(match[0]))


def _phone(match: re.Match[str]) -> bool:
    import phonenumbers  # noqa: PLC0415

    if not _alone(match) or re.match(r"\d{2}[- ]\d{2}[- ](?:19|20)\d{2}", match[0]):
        return False
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(match[0], "NL")))
    except phonenumbers.NumberParseException:
        return False


def _postcode(match: re.Match[str]) -> bool:
    return _alone(match) and not re.search(r"\d ?S[ADS]\b", match[0])


def _name(match: re.Match[str]) -> bool:
    """Whether a match is a person, not a street or buurt named after one (P.C. Hooftbuurt) or a legal form (N.V.)."""
    initials = re.match(r"(?:[A-Z]\. ?)+", match[0])
    if initials and re.sub(r"\W", "", initials[0]) in {"BV", "NV", "VOF", "CV", "EU", "VS", "US"}:
        return False
    word = re.match(r"[\w'-]*", match.string[match.end() :])
    before = match.string[max(match.start() - 1, 0) : match.start()]
    return not before.isalnum() and not _PLACE.search(match[0] + (word[0] if word else ""))


@dataclass(frozen=True, slots=True)
class _Format:
    """A kind recognised in running text; ``pattern`` means the same to RE2 (whole columns at once) and to ``re``.

    ``share`` is the part of a column's values that must match; 0 means one value is enough.
    """

    kind: PersonData
    pattern: str
    valid: Callable[[re.Match[str]], bool]
    share: float = 0.0
    in_columns: bool = True


_FORMATS = (
    _Format(
        PersonData.EMAIL,
        r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}",
        lambda _: True,
    ),
    _Format(PersonData.IBAN, r"(?i)\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b", _iban),
    _Format(PersonData.VAT, r"(?i)\bNL ?[0-9]{4}\.?[0-9]{2}\.?[0-9]{3}\.?B\.?[0-9]{2}\b", _vat),
    _Format(
        PersonData.ADDRESS,
        r"\b[1-9][0-9]{3} ?[A-Z]{2}[ ,]*(?:nr\.? ?|huisnummer )?[0-9]{1,5}\b"
        r"|\b[0-9]{1,5} ?[A-Za-z]?[ ,]+[1-9][0-9]{3} ?[A-Z]{2}\b",
        _postcode,
    ),
    _Format(
        PersonData.ADDRESS,
        r"(?:[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ'.-]{1,40}(?:straat|str\.|gracht|plein|dreef|singel|steeg|kade|plantsoen)"
        r"|[A-Z][A-Za-zÀ-ÿ'.-]{1,40}(?:laan|weg|dijk|pad|hof|park|wal|markt|eiland|werf|veld|weide|erf|hoek|schans|veer)|\bDamrak|\bRokin|\bSpui|\bDam|\bSingel)"
        r" +[0-9]{1,5}",
        lambda _: True,
    ),
    _Format(
        PersonData.PHONE,
        r"(?:(?:\+31|0031)[ -]?(?:\(0\)[ -]?)?|\(?0)[1-9](?:\)?[ .-]{0,3}[0-9]){8}",
        _phone,
        share=0.2,
    ),
    _Format(PersonData.PLATE, rf"\b(?:{_PLATE})\b", _alone, share=0.2),
    _Format(
        PersonData.NAME,
        rf"(?:[A-Z]\. ?){{1,5}}(?:{_PARTICLE} ){{0,3}}{_SURNAME}"
        rf"|{_TITLE} (?:[A-Z]\.? ?){{0,5}}(?:{_PARTICLE} ){{0,3}}{_SURNAME}"
        rf"|\b(?:{_FIRST}) (?:{_PARTICLE} ){{0,3}}{_SURNAME}"
        rf"|\b[Vv]an (?:de[rn]? )?(?:{_AFTER_VAN})\b|\b[Dd]e (?:{_AFTER_DE})\b"
        rf"|\b(?:{_LAST})\b"
        rf"|{_SURNAME}, (?:[A-Z]\. ?){{1,5}}",
        _name,
        share=0.1,
    ),
    _Format(PersonData.BIRTH, rf"(?i)(?:geboren|geb\.|geboortedatum)[^0-9]{{0,12}}{_DATE}", lambda _: True),
    _Format(PersonData.BSN, r"\b[0-9]{9}\b|\b[0-9]{4}[ .][0-9]{2}[ .][0-9]{3}\b", _bsn, in_columns=False),
    _Format(
        PersonData.BSN,
        r"(?i)\b(?:bsn|rsin|sofinummer|burgerservicenummer)[^0-9]{0,12}[0-9]{8,9}\b",
        lambda _: True,
        in_columns=False,
    ),
    _Format(PersonData.COMPANY, r"(?i)\bkvk[^0-9]{0,12}[0-9]{8}\b", lambda _: True, in_columns=False),
    _Format(
        PersonData.COORDINATE,
        r"\b5[0-3][.,][0-9]{4,}[^0-9A-Za-z]{1,4}[3-7][.,][0-9]{4,}|\b[3-7][.,][0-9]{4,}[^0-9A-Za-z]{1,4}5[0-3][.,][0-9]{4,}"
        r"|\b[0-9]{5,6}[.,][0-9]{1,3}[^0-9A-Za-z]{1,4}[3-6][0-9]{5}[.,][0-9]{1,3}\b",
        _alone,
    ),
)
_CURLY = "\N{RIGHT SINGLE QUOTATION MARK}"
_FEWEST = 8  # values a column must hold before a share of it means anything
_FEWEST_STREETS = 5  # different street names
_LIFETIME = 50  # years
_SAMPLE = 1000  # candidates of a kind that are confirmed one by one
_COMPILED = tuple((form, re.compile(form.pattern)) for form in _FORMATS)


def kinds_in_text(text: str, *, allowed: Collection[str] = ()) -> dict[PersonData, int]:
    """Count person data in running text.

    Parameters
    ----------
    text : str
        Finished text, of a page, a cell or a metadata field.
    allowed : collection of str
        Strings the package supplies itself (names of buurten, templates). They are taken out first, as whole words.

    Returns
    -------
    dict of PersonData to int
        Number of hits per kind; empty when nothing was found.

    Examples
    --------
    >>> kinds_in_text("Bel mw. De Vries op 020 624 1111")
    {<PersonData.PHONE: 'telefoonnummer'>: 1, <PersonData.NAME: 'naam van een persoon'>: 1}
    >>> kinds_in_text("Figuur 2: Gein 3 en de P.C. Hooftbuurt", allowed=["Gein 3", "P.C. Hooftbuurt"])
    {}
    """
    text = text.replace(_CURLY, "'")
    found = _hits(text)
    present = [known for known in allowed if known and known in text] if found else []
    for known in sorted(present, key=lambda known: (-len(known), known)):
        text = re.sub(rf"(?<!\w){re.escape(known)}(?!\w)", "\n|\n", text)  # the bar keeps neighbours from joining
    return _hits(text) if present else found


def _hits(text: str) -> dict[PersonData, int]:
    found: dict[PersonData, int] = {}
    for form, pattern in _COMPILED:
        hits = sum(form.valid(match) for match in pattern.finditer(text))
        if hits:
            found[form.kind] = found.get(form.kind, 0) + hits
    return found


def kinds_in_column(name: str, values: Any) -> dict[PersonData, int]:  # noqa: ANN401 - Arrow ships no types
    """Count values of a column that look like person data, by the rules for whole columns.

    Parameters
    ----------
    name : str
        Column name; a telling name (``bsn``, ``achternaam``) needs no further proof than one value.
    values : pyarrow.Array, pyarrow.ChunkedArray or numpy.ndarray
        Text or whole numbers, any length; nulls and empty strings are skipped. Columns of fractions are clean here:
        numbers are checked against the schema of the file.

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
    rest = pc.replace_substring(texts.filter(pc.invert(pc.match_substring_regex(texts, _CLEAN))), _CURLY, "'")
    if len(rest) == 0:
        return found
    checks: tuple[tuple[PersonData, int, float], ...] = (
        *_numbers(rest, total),
        (PersonData.PLATE, _rows(rest, rf"^(?:{_BARE_PLATE})$"), 0.2),
        (PersonData.POSTCODE, _rows(rest, r"^[1-9][0-9]{3} ?(?:[A-RT-Z][A-Z]|S[B-CE-RT-Z])$"), 0.2),
        (PersonData.ADDRESS, _streets(rest), 0.2),
        (PersonData.NAME, _rows(rest, rf"(?i)\b(?:{_FIRST}|{_LAST})\b"), 0.1),
        (PersonData.BIRTH, _births(rest), 0.5),
        *((form.kind, _confirmed(rest, form), form.share) for form in _FORMATS if form.in_columns),
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


def _rows(texts: pa.Array, pattern: str) -> int:
    return int(pc.sum(pc.match_substring_regex(texts, pattern)).as_py() or 0)


def _numbers(texts: pa.Array, total: int) -> tuple[tuple[PersonData, int, float], ...]:
    """Kinds written as a bare number: BSN by its check digit, KvK numbers by length and by being unique."""
    bare = pc.replace_substring_regex(texts, "[ .]", "")
    digits = bare.filter(pc.match_substring_regex(bare, "^[0-9]{8,9}$")).to_numpy(zero_copy_only=False).astype("U9")
    passed = int(_eleven(digits).sum()) if len(digits) else 0
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
        pc.match_substring_regex(texts, r"^[A-Z][A-Za-zÀ-ÿ'. -]+ [0-9]{1,5}(?: ?[A-Za-z]| ?[-/] ?[0-9A-Za-z]+)?$")
    )
    names = pc.replace_substring_regex(hits, r" [0-9].*$", "")
    return len(hits) if pc.count_distinct(names).as_py() >= _FEWEST_STREETS else 0


def _births(texts: pa.Array) -> int:
    """Rows that are a full date, when the dates span more than fifty years."""
    dates = texts.filter(pc.match_substring_regex(texts, rf"^{_DATE}$"))
    years = pc.extract_regex(dates, r"(?P<year>(?:19|20)[0-9]{2}-|(?:19|20)[0-9]{2}$)").field("year")
    span = pc.min_max(pc.cast(pc.utf8_slice_codeunits(years, 0, 4), pa.int32())).as_py()
    return len(dates) if len(dates) and span["max"] - span["min"] > _LIFETIME else 0


def _confirmed(texts: pa.Array, form: _Format) -> int:
    """Rows in which RE2 sees the shape and the format's own check agrees.

    Kinds that need a share of the column are confirmed on an even sample of the candidates, since a library takes
    tens of microseconds a value.
    """
    pattern = re.compile(form.pattern)
    counts = texts.filter(pc.match_substring_regex(texts, form.pattern)).value_counts()
    values, rows = counts.field("values"), counts.field("counts").to_numpy()
    step = max(1, len(values) // _SAMPLE) if form.share else 1
    sample = values[::step].to_pylist()
    good = np.array([any(form.valid(match) for match in pattern.finditer(value)) for value in sample], dtype=bool)
    if step == 1:
        return int(rows[good].sum())
    return round(float(rows.sum()) * float(good.mean()))
