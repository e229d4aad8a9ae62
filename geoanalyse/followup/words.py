"""What may be filled in on a signaallijst: its columns and their closed lists of words.

Words stand in lists that were handed out: add to them, but take none away and change none.
"""

import re
from dataclasses import dataclass
from typing import Final

from geoanalyse.routes import ROUTES

OPEN: Final = "open"
BUSY: Final = "in behandeling"
DONE: Final = "afgerond"
DECLINED: Final = "niet opgevolgd"

STAGES: Final = {OPEN: 0, BUSY: 1, DONE: 2, DECLINED: 2}
"""How far each status is; a later answer never goes back."""
FOLLOWED: Final = frozenset({BUSY, DONE})
"""Statuses of a signal that somebody took up."""

NOTHING: Final = "niets gevonden"
UNKNOWN: Final = "niet vast te stellen"
"""An outcome that says nothing about the signal: neither that it led to something nor that it did not."""
_LED: Final = "leidde tot iets: "
OUTCOMES: Final = (
    f"{_LED}bestuurlijke maatregel",
    f"{_LED}strafrecht",
    f"{_LED}fiscaal of toeslagen",
    f"{_LED}andere maatregel",
    f"{_LED}nader onderzoek",
    NOTHING,
    UNKNOWN,
)
REASONS: Final = (
    "geen capaciteit",
    "was al bekend",
    "er loopt al iets",
    "te weinig aanknopingspunten",
    "geen bevoegdheid",
    "andere prioriteit",
    "andere reden",
)
OWNERS: Final = (
    *("gemeente", "politie", "OM", "Belastingdienst", "Douane", "FIOD", "Koninklijke Marechaussee"),
    *("Nederlandse Arbeidsinspectie", "NVWA", "IND", "UWV", "provincie", "omgevingsdienst", "waterschap"),
    *("woningcorporatie", "KvK", "RIEC", "andere organisatie"),
)
"""Organisations, so that nobody has to type one and no person can be named."""

MARK: Final = "Kenmerk"
SIGNAL: Final = "Signaal"
_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Field:
    """A column to fill in: its title, what it means, its width in characters, and the words it takes (none: free)."""

    title: str
    meaning: str
    width: int
    choices: tuple[str, ...] = ()


OWNER: Final = Field("Eigenaar", "Invullen: welke organisatie dit signaal oppakt. Nooit een persoon.", 18, OWNERS)
ROUTE: Final = Field("Gekozen route", "Invullen: mono, duaal of integraal; mag anders zijn dan het advies.", 15, ROUTES)
DAY: Final = Field("Datum", "Invullen: dag van de opvolging, zoals de controle of het gesprek (dd-mm-jjjj).", 12)
STATUS: Final = Field("Status", "Invullen: open, in behandeling, afgerond of niet opgevolgd.", 15, tuple(STAGES))
OUTCOME: Final = Field("Uitkomst", "Invullen bij afgerond: wat de opvolging opleverde.", 24, OUTCOMES)
REASON: Final = Field("Reden niet opgevolgd", "Invullen bij niet opgevolgd: waarom niet.", 22, REASONS)
REMARK: Final = Field("Opmerking", "Mag leeg blijven. Geen namen, adressen, kentekens of nummers.", 40)

FIELDS: Final = (OWNER, ROUTE, DAY, STATUS, OUTCOME, REASON, REMARK)
"""The columns to fill in, in the order of the list; all are empty in a release."""


def determined(status: str, outcome: str) -> bool:
    """Whether a signal is finished with an outcome that says something about it.

    Examples
    --------
    >>> determined(DONE, NOTHING), determined(DONE, UNKNOWN), determined(BUSY, "")
    (True, False, False)
    """
    return status == DONE and outcome != UNKNOWN


def led_to_something(outcome: str) -> bool:
    """Whether an outcome means that the signal was right.

    Examples
    --------
    >>> [led_to_something(each) for each in ("leidde tot iets: strafrecht", "niets gevonden", "niet vast te stellen")]
    [True, False, False]
    """
    return outcome.startswith(_LED)


def mark(digest: str) -> str:
    """Give what ties a row to its release: the first twelve digits of the digest.

    More when those read as a number (``12e45``), since a spreadsheet that opens a CSV would turn them into one.

    Examples
    --------
    >>> mark("3f0c" * 16), mark("12345678901e2345b6" + "0" * 46)
    ('3f0c3f0c3f0c', '12345678901e2345b')
    """
    return next((digest[:each] for each in range(_DIGITS, len(digest) + 1) if is_mark(digest[:each])), digest)


def is_mark(text: str) -> bool:
    """Whether a text has the shape of `mark`: twelve or more hexadecimal digits that no spreadsheet reads as a number.

    Examples
    --------
    >>> is_mark("3f0c3f0c3f0c"), is_mark("123456789012"), is_mark("D01")
    (True, False, False)
    """
    return re.fullmatch(r"(?=.*[abcdf])[0-9a-f]{12,64}", text) is not None
