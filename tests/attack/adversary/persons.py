"""Simple detectors of personal data in texts; the adversary's own, not those of the package."""

import re
from collections.abc import Iterable, Mapping

_TUSSEN = r"(?:van|de|der|den|het|ter|ten|te|'t|in|op|van de|van der|van den|van het)"
_STREETS = (
    "straat|laan|weg|plein|gracht|kade|dijk|singel|steeg|dreef|hof|pad|plantsoen|boulevard|park|markt|wal|haven|"
    "dwarsstraat"
)
_DAY, _MONTH, _BIRTH_YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19\d\d|200\d)"
DETECTORS: Mapping[str, re.Pattern[str]] = {
    "e-mail": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}", re.IGNORECASE),
    "iban": re.compile(r"\bNL ?\d{2} ?[A-Z]{4}(?: ?\d){10}\b"),
    "btw": re.compile(r"\bNL ?\d{9} ?B ?\d{2}\b"),
    "telefoon": re.compile(
        r"(?<![\w.,])(?:(?:\+|00)31[ -]?|0)(?:6[ -]?(?:\d[ -]?){8}|[1-9]\d[ -]?(?:\d[ -]?){7})(?![\w])"
    ),
    "postcode": re.compile(r"\b[1-9]\d{3} ?(?!SA|SD|SS)[A-Z]{2}\b[ ,]*\d{1,5}"),
    "straat": re.compile(rf"\b[A-Z][a-z]+(?:{_STREETS})\s+\d{{1,5}}(?!\d|[.,]\d)", re.IGNORECASE),
    "kenteken": re.compile(
        r"(?<![\w-])(?:[A-Z]{2}-\d{2}-\d{2}|\d{2}-\d{2}-[A-Z]{2}|\d{2}-[A-Z]{2}-\d{2}|[A-Z]{2}-\d{2}-[A-Z]{2}|"
        r"[A-Z]{2}-[A-Z]{2}-\d{2}|\d{2}-[A-Z]{2}-[A-Z]{2}|\d{2}-[A-Z]{3}-\d|\d-[A-Z]{3}-\d{2}|[A-Z]{2}-\d{3}-[A-Z]|"
        r"[A-Z]-\d{3}-[A-Z]{2})(?![\w-])"
    ),
    "geboortedatum": re.compile(rf"\b{_DAY}[-/.]{_MONTH}[-/.]{_BIRTH_YEAR}\b|\b{_BIRTH_YEAR}-(?:0[1-9]|1[0-2])-\d\d\b"),
    "naam": re.compile(
        rf"\b(?:[A-Z]\.){{1,4}} ?(?:{_TUSSEN} )?[A-Z][a-z]{{2,}}|"
        rf"\b(?:dhr|mevr|mw|de heer|mevrouw)\.? (?:[A-Z]\. ?)*(?:{_TUSSEN} )?[A-Z][a-z]+"
    ),
    "coordinaat": re.compile(r"\b[3-7]\.\d{4,}\s*[,; ]\s*5[0-3]\.\d{4,}|\b5[0-3]\.\d{4,}\s*[,; ]\s*[3-7]\.\d{4,}"),
}
_NINE = re.compile(r"(?<![\w.,-])\d{8,9}(?![\w.,-])")


def is_bsn(digits: str) -> bool:
    """Say whether eight or nine digits pass the test of eleven and are not all equal.

    Examples
    --------
    >>> is_bsn("111222333"), is_bsn("123456789")
    (True, False)
    """
    padded = digits.zfill(9)
    weighted = sum(int(digit) * weight for digit, weight in zip(padded, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True))
    return weighted % 11 == 0 and len(set(padded)) > 1


def hits(text: str) -> list[str]:
    """Name the kinds of personal data that a text seems to hold."""
    found = [kind for kind, pattern in DETECTORS.items() if pattern.search(text)]
    if any(is_bsn(digits) for digits in _NINE.findall(text)):
        found.append("bsn")
    return found


class Cleaner:
    """Takes out what everyone may read: names of regions, texts of layer files."""

    def __init__(self, known: Iterable[str]) -> None:
        longest = sorted({text for text in known if len(text) > 2}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest))) if longest else None

    def clean(self, text: str) -> str:
        flat = " ".join(text.split())
        return self._known.sub(" ", flat) if self._known else flat
