"""``grondslag.toml``: the legal basis without which own input is not built."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class Decision(StrEnum):
    """Kind of decision the analysis rests on."""

    ENFORCEMENT = "handhavingsknelpunt"
    OTHER = "ander besluit"


class Scope(StrEnum):
    """What the decision is about; ``personen`` is refused by name, it is not a member."""

    AREA = "gebied"
    BRANCH = "branche"


@dataclass(frozen=True, slots=True)
class Grondslag:
    """Decision, purpose and retention; printed on every product.

    ``reference_date`` (peildatum) is optional; ``demo`` marks the files of ``geoanalyse demo``.
    """

    kind: Decision
    decision: str
    date: dt.date
    scope: Scope
    purpose: str
    question: str
    follow_up: str
    classification: str
    valid_until: dt.date
    retain_until: dt.date
    reference_date: dt.date | None = None
    demo: bool = False
