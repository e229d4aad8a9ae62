"""Person data that has a form: numbers with a check digit, addresses, plates, coordinates, dates of birth."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import numpy as np
import numpy.typing as npt

from geoanalyse.personal.lists import words


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


@dataclass(frozen=True, slots=True)
class Format:
    """A kind recognised in running text; ``pattern`` means the same to RE2 (whole columns at once) and to ``re``.

    Attributes
    ----------
    kind : PersonData
    pattern : str
        What has the shape.
    valid : callable
        Whether a match is one, by its check digit and by what stands around it.
    share : float
        Part of a column's values that must match; 0 means one value is enough.
    in_columns : bool
        False where whole columns have a rule of their own.
    """

    kind: PersonData
    pattern: str
    valid: Callable[[re.Match[str]], bool]
    share: float = 0.0
    in_columns: bool = True

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Find every value; what has the shape and is none may still hold the start of one."""
        pattern, at = _compiled(self.pattern), 0
        while match := pattern.search(text, at):
            good = self.valid(match)
            if good:
                yield match.span()
            at = match.end() if good else match.start() + 1


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


# --- what stands around a match ---------------------------------------------------------------------------------------


def alone(match: re.Match[str]) -> bool:
    """Whether a match is no part of a longer word, number, decimal or dashed code."""
    text, start, end = match.string, match.start(), match.end()
    before, after = text[max(start - 2, 0) : start], text[end : end + 2]
    if before[-1:].isalnum() or before[-1:] in {"_", "#"}:
        return False
    if before[-1:] in {"-", ".", "/"} and (before[:1].isdigit() or before[-1:] == "-"):
        return False
    return not (
        after[:1].isalnum() or after[:1] == "_" or (len(after) > 1 and after[0] in "-.,/" and after[1].isdigit())
    )


def _in_row(match: re.Match[str]) -> bool:
    """Whether a match with spaces in it stands in a row of numbers, such as those of a table."""
    text = match.string
    around = text[max(match.start() - 2, 0) : match.start()].strip() + text[match.end() : match.end() + 2].strip()
    return " " in match[0] and any(sign.isdigit() for sign in around)


def _always(_: re.Match[str]) -> bool:
    return True


# --- numbers of persons and companies ---------------------------------------------------------------------------------


def eleven(digits: Sequence[str]) -> npt.NDArray[np.bool_]:
    """11-proef of BSN and RSIN on strings of 8 or 9 digits; an 8-digit number lost its leading zero.

    Examples
    --------
    >>> eleven(["111222333", "123456789", "000000000"]).tolist()
    [True, False, False]
    """
    number = np.asarray(digits, dtype=np.int64)
    place = [number // 10**power % 10 for power in range(9)]
    total = sum(place[power] * (power + 1) for power in range(1, 9)) - place[0]
    varied = np.any([column != place[0] for column in place[1:8]], axis=0)
    passed: npt.NDArray[np.bool_] = (total % 11 == 0) & varied
    return passed


def _bsn(match: re.Match[str]) -> bool:
    return alone(match) and not _in_row(match) and bool(eleven([re.sub(r"\D", "", match[0])])[0])


def _iban(match: re.Match[str]) -> bool:
    from stdnum import iban  # noqa: PLC0415 - half the start-up time of a check, needed only on a candidate

    text = re.sub(r"\W", "", match[0])
    return any(iban.is_valid(text[:length]) for length in range(15, len(text) + 1))


def _vat(match: re.Match[str]) -> bool:
    from stdnum.nl import btw  # noqa: PLC0415

    return bool(btw.is_valid(re.sub(r"\W", "", match[0])))


def _company(match: re.Match[str]) -> bool:
    """Whether eight digits behind a telling word are a number: two years (2022-2025) are not."""
    return not re.search(r"(?:19|20)[0-9]{2}[ .-](?:19|20)[0-9]{2}$", match[0])


def _phone(match: re.Match[str]) -> bool:
    import phonenumbers  # noqa: PLC0415

    if not alone(match) or re.match(r"[0-9]{2}[-/. ][0-9]{2}[-/. ](?:19|20)[0-9]{2}", match[0]):
        return False
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(match[0], "NL")))
    except phonenumbers.NumberParseException:
        return False


# --- plates -----------------------------------------------------------------------------------------------------------

_BLOCKS = (
    *("XX-99-99", "99-99-XX", "99-XX-99", "XX-99-XX", "XX-XX-99", "99-XX-XX", "99-XXX-9", "9-XXX-99", "XX-999-X"),
    *("X-999-XX", "XXX-99-X", "X-99-XXX", "9-XX-999", "999-XX-9"),
)
# Without dashes 99-99-XX is a postcode, and XX-99-99 the code of a region (GM0363).
_BARE = _BLOCKS[2:4] + _BLOCKS[6:]
_FOUR = _BLOCKS[4:6]  # four letters in a row may be a word: base64
_LONGEST = 8  # signs of a plate
_WORDS = {"KVK", "BTW", "BSN", "GPS", "PDF", "SQL", "XML", "CSV", "WGS"}
_LETTER = "[BDFGHJKLNPRSTVXZ]"  # the letters in use since 1978


def _plates(blocks: Sequence[str], sign: str, letter: str = "[A-Z]") -> str:
    return "|".join(blocks).replace("-", sign).replace("X", letter).replace("9", "[0-9]")


def _plate(match: re.Match[str]) -> bool:
    """Whether letters and digits are a plate: in small letters without dashes, a short digest may look like one."""
    value = match[0].rsplit(" ", 1)[-1] if len(match[0]) > _LONGEST else match[0]
    mixed = not (value.isupper() or value.islower())
    digest = value.islower() and "-" not in value and set(re.sub(r"[^a-z]", "", value)) <= set("abcdef")
    return alone(match) and not mixed and not digest and not _WORDS & set(match[0].split())


PLATE = (
    rf"(?i)^(?:{_plates(_BLOCKS, '-')}|{_plates(_BLOCKS[:1] + _BLOCKS[2:], '')}|{_plates(_BLOCKS, '[ .]', _LETTER)})$"
)
"""A value that is nothing but a plate."""


# --- addresses --------------------------------------------------------------------------------------------------------

_NUMBER = r"[ ,]*(?:(?:nr|no|huisnr|huisnummer|nummer)\b\.?:?)? *[0-9]{1,5}"


def _postcode(match: re.Match[str]) -> bool:
    found = re.search(r"[1-9][0-9]{3}([ -]?)([A-Za-z]{2})(?![A-Za-z])", match[0])
    if found is None or found[2].upper() in {"SA", "SD", "SS"} or not alone(match):
        return False
    return found[2].isupper() or found[2].lower() not in words("twee_letters" if found[1] else "eenheden")


# Endings of streets: sure ones, those that need no capital but may be another word, and those that need a capital.
_SURE = (
    r"straat(?:je)?|str\.|gracht|plein|dreef|singel|steeg(?:je)?|kade|plantsoen|burgwal|laan|boulevard|passage|hofje|allee|"
    "promenade"
)
_LIKELY = "weg|dijk|pad|hof|park|wal"
_POSSIBLE = (
    "markt|eiland|werf|veld|velden|weide|erf|hoek|schans|veer|baan|berg|horst|kamp|oord|rade|stein|stede|zoom|tuin|tuinen|"
    "oever|haven|meent|heem|dal|brink|hage|donk|geest|akker|poort|rak|burg|stee|zicht|sluis|brug|hove|hoeve|eind|lust|kolk|"
    "gouw|lanen|krocht|gaarde|gaard|bergen|hout"
)
_WHOLE = (
    "damrak|rokin|spui|dam|singel|nes|binnenhof|buitenhof|coolsingel|weena|vrijthof|straat|laan|weg|plein|dijk|kade|gracht|"
    "steeg"
)
_ENDING = re.compile(
    rf"(?:(?P<whole>^(?:{_WHOLE}))|\w\w(?:(?P<sure>{_SURE})|(?P<likely>{_LIKELY})|{_POSSIBLE}))\.?$", re.IGNORECASE
)
_LETTERS = r"A-Za-zÀ-ÖØ-öø-ÿ"


def _street(match: re.Match[str]) -> bool:
    """Whether a word and a number are an address, not a place in a year (``Sportpark 2024``)."""
    text, start, end = match.string, match.start(), match.end()
    word = re.split(r"[ ,0-9]", match[0], maxsplit=1)[0]
    ending = _ENDING.search(word)
    whole_word = not text[max(start - 1, 0) : start].isalnum() and re.match(r"[A-Za-z]{0,4}(?!\w)", text[end : end + 5])
    if ending is None or word.lower() in words("geen_straat") or not whole_word:
        return False
    if ending["whole"] or ending["sure"]:
        return True
    return not re.search(r"\b(?:19|20)[0-9]{2}$", match[0]) and bool(ending["likely"] or word.strip("'")[0].isupper())


# --- places and dates -------------------------------------------------------------------------------------------------

_LATITUDE, _LONGITUDE = r"5[0-3][.,][0-9]{4,}", r"[3-7][.,][0-9]{4,}"
_BETWEEN = r"(?:°? ?[NnEeOo]\b)?[^0-9A-Za-z]{1,4}(?:(?:lon|lng|long|[EeOoYyNn])\w{0,8}[^0-9A-Za-z]{0,4})?"
_MINUTES = r"[ °]{1,3}[0-5]?[0-9][ ']{1,3}(?:[0-5]?[0-9](?:[.,][0-9]+)?[ \"']{0,3})?"


def _place(match: re.Match[str]) -> bool:
    before = match.string[max(match.start() - 1, 0) : match.start()]
    after = match.string[match.end() : match.end() + 1]
    return not (before.isalnum() or before in {".", "-"} or after.isalnum())


_MONTH = r"(?:jan|feb|maa|mrt|apr|mei|jun|jul|aug|sep|okt|nov|dec)[a-z]{0,6}\.?"
DATE = (
    r"(?:[0-3]?[0-9] ?[-/. ] ?[01]?[0-9] ?[-/. ] ?(?:19|20)?[0-9]{2}|(?:19|20)[0-9]{2}[-/. ]?[01][0-9][-/. ]?[0-3][0-9]"
    rf"|[0-3]?[0-9](?:e|ste|de)?[ -]{_MONTH}[ -](?:19|20)?[0-9]{{2}})"
)
"""A full date: day, month and year."""

_MONTH_AND_YEAR = re.compile(rf"\b{_MONTH} (?:19|20)[0-9]{{2}}$", re.IGNORECASE)


def _no_month(match: re.Match[str]) -> bool:
    """Whether it is no month: ``op één adres`` may stand above ``Westelijk Havengebied Januari 2022``."""
    return _MONTH_AND_YEAR.search(match[0]) is None


_BORN = r"\b(?:geboren|geboorte(?:datum|dag)?|geb(?:oren)?\.? ?(?:dat(?:um)?)?|gebdat|dob|birth ?date|date of birth)"
_DIGITS = "(?:[ .-]?[0-9])"

FORMATS = (
    Format(
        PersonData.EMAIL,
        r"[A-Za-zÀ-ÖØ-öø-ÿ0-9._%+'-]{1,64}(?:@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
        r"|(?i: ?(?:@|[(\[{] ?(?:at|apenstaartje) ?[)\]}]) ?[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]+)*"
        r"\.(?:nl|com|org|net|eu|be|de|info|biz|uk|fr|tr|ma|pl|sr|cn|amsterdam)\b))",
        _always,
    ),
    Format(PersonData.IBAN, r"(?i)\b[A-Z]{2}[ .-]?[0-9]{2}(?:[ .-]?[A-Z0-9]){11,30}\b", _iban),
    Format(PersonData.VAT, rf"(?i)\b(?:NL[ .-]?)?[0-9]{_DIGITS}{{8}}[ .-]?B[ .-]?[0-9]{{2}}\b", _vat),
    Format(
        PersonData.ADDRESS,
        r"\b[1-9][0-9]{3}[ -]?[A-Za-z]{2}[ ,.-]*(?:(?:nr|no|huisnr|huisnummer|nummer)\b\.?:? ?)?[0-9]{1,5}"
        r"(?:[- ]?[A-Za-z]{1,4}|-[0-9]{1,4})?\b"
        r"|\b[0-9]{1,5}(?: ?[A-Za-z]|-[0-9]{1,4})?[ ,;]+[1-9][0-9]{3}[ -]?[A-Za-z]{2}\b",
        _postcode,
    ),
    Format(
        PersonData.ADDRESS,
        rf"[{_LETTERS}'][{_LETTERS}'.-]{{2,40}}{_NUMBER}",
        _street,
    ),
    Format(
        PersonData.ADDRESS,
        r"(?i:\badres(?: is| op| aan|:)?|\bwo(?:ont|nend|nende) (?:op|aan|in)(?: de| het)?) "
        rf"[A-Z][{_LETTERS}' -]{{2,30}} [0-9]{{1,5}}",
        _no_month,
    ),
    Format(
        PersonData.PHONE,
        r"(?:(?:\+31|0031)[ ./-]?(?:\(0\)[ -]?)?|\(?0)[1-9](?:\)?[ ./-]{0,3}[0-9]){8}"
        r"|(?:\+|00)[1-9](?:[ ()./-]{0,3}[0-9]){8,13}",
        _phone,
        share=0.2,
    ),
    Format(
        PersonData.PLATE,
        rf"(?i)\b(?:{_plates(_BLOCKS, '-')}|{_plates(_BARE, '')}|{_plates(_FOUR, '', _LETTER)})\b"
        r"|\b(?:kenteken(?:nummer)?|voertuig|auto|bestelbus|busje|scooter|taxi)[^0-9A-Za-z]{1,4}"
        rf"(?:{_plates(_BLOCKS, '[ .-]?')})\b",
        _plate,
        share=0.2,
    ),
    Format(PersonData.PLATE, rf"\b(?:{_plates(_BLOCKS, '[ .]', _LETTER)})\b", _plate, share=0.2),
    Format(PersonData.BIRTH, rf"(?i){_BORN}[^0-9]{{0,16}}{DATE}\b", _always),
    Format(
        PersonData.BSN,
        r"\b[0-9]{9}\b|\b[0-9]{4}[ .-][0-9]{2}[ .-][0-9]{3}\b|\b[0-9]{3}[ .-][0-9]{3}[ .-][0-9]{3}\b"
        r"|\b[0-9]{3}(?:[ .-][0-9]{2}){3}\b|\b[0-9]{2}[ .-][0-9]{3}[ .-][0-9]{2}[ .-][0-9]{2}\b",
        _bsn,
        in_columns=False,
    ),
    Format(
        PersonData.BSN,
        rf"(?i)\b(?:bsn|rsin|sofi|burgerservice|fiscaal nummer)[^0-9]{{0,16}}[0-9]{_DIGITS}{{7,8}}\b",
        _always,
    ),
    Format(
        PersonData.COMPANY,
        rf"(?i)\b(?:k\.?v\.?k|kamer van koophandel|handelsregister)[^0-9]{{0,24}}[0-9]{_DIGITS}{{7}}\b",
        _company,
    ),
    Format(
        PersonData.BRANCH,
        rf"(?i)\b(?:vest(?:igings?)?|k\.?v\.?k)[^0-9]{{0,24}}[0-9]{_DIGITS}{{11}}\b",
        _always,
    ),
    Format(
        PersonData.COORDINATE,
        rf"{_LATITUDE}{_BETWEEN}{_LONGITUDE}|{_LONGITUDE}{_BETWEEN}{_LATITUDE}"
        rf"|5[0-3]{_MINUTES}[Nn]\b[^0-9A-Za-z]{{0,4}}0?[3-7]{_MINUTES}[EeOo]\b"
        r"|[0-9]{5,6}(?:[.,][0-9]{1,3})?[^0-9A-Za-z]{1,4}(?:[YyNn]\w{0,8}[^0-9A-Za-z]{1,4})?[3-6][0-9]{5}(?:[.,][0-9]{1,3})?",
        _place,
    ),
)
