"""``grondslag.toml``: the legal basis without which own input is not built."""

import datetime as dt
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from geoanalyse.errors import InputError
from geoanalyse.personal import kinds_in_text


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


LONGEST = 500  # characters of a text that is printed
_CHOICES: Mapping[str, type[StrEnum]] = {"soort": Decision, "reikwijdte": Scope}
_TEXTS = ("besluit", "doel", "vraag", "opvolging", "rubricering")
_DATES = ("datum", "geldig_tot", "bewaren_tot")
_OPTIONAL = ("peildatum", "demo")
_KEYS = ("soort", "besluit", "datum", "reikwijdte", *_TEXTS[1:], "geldig_tot", "bewaren_tot", *_OPTIONAL)


def read(path: Path) -> Grondslag:
    """Read and check a ``grondslag.toml``; the keys are in docs/invoer.md.

    Parameters
    ----------
    path : Path
        The file itself.

    Returns
    -------
    Grondslag

    Raises
    ------
    InputError
        With every fault of the file: it is missing or no TOML, a key is missing, unknown or of the wrong type, the
        scope is ``personen``, dates contradict, a text is too long or looks like person data.
    """
    name = path.name
    try:
        text = path.read_bytes().decode("utf-8-sig")
        values = tomllib.loads(text.replace("\r\n", "\n"))
    except FileNotFoundError:
        raise InputError(f"{name}: ontbreekt; maak het bestand met {', '.join(_KEYS[:-2])}") from None
    except OSError:
        raise InputError(f"{name}: kan niet worden geopend; sluit het in andere programma's") from None
    except UnicodeDecodeError:
        raise InputError(f"{name}: is geen UTF-8; sla het bestand op als UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        where = f"regel {line[1]}" if line else "de laatste regel"
        raise InputError(
            f'{name}: is geen geldige TOML ({where}); schrijf: naam = "tekst" of naam = jjjj-mm-dd'
        ) from None
    faults = [*_faults(values)]
    if faults:
        raise InputError(f"{name}, {fault}" for fault in faults)
    return Grondslag(
        kind=Decision(values["soort"]),
        decision=values["besluit"].strip(),
        date=values["datum"],
        scope=Scope(values["reikwijdte"]),
        purpose=values["doel"].strip(),
        question=values["vraag"].strip(),
        follow_up=values["opvolging"].strip(),
        classification=values["rubricering"].strip(),
        valid_until=values["geldig_tot"],
        retain_until=values["bewaren_tot"],
        reference_date=values.get("peildatum"),
        demo=values.get("demo", False),
    )


def expired(grondslag: Grondslag, today: dt.date) -> None:
    """Refuse a grondslag that is not in force on a day.

    Parameters
    ----------
    grondslag : Grondslag
    today : datetime.date
        The day of the build; the last day of validity and of retention still counts.

    Raises
    ------
    InputError
        When the decision is still to be taken, is no longer valid, or the products should already be gone.

    Examples
    --------
    >>> from datetime import date
    >>> basis = Grondslag(Decision.OTHER, "besluit 12", date(2025, 1, 1), Scope.AREA, "doel", "vraag", "gemeente",
    ...     "intern", date(2025, 12, 31), date(2026, 12, 31))
    >>> expired(basis, date(2025, 12, 31))
    >>> expired(basis, date(2026, 1, 1))
    Traceback (most recent call last):
    geoanalyse.errors.InputError: grondslag.toml, geldig_tot: het besluit is verlopen; vraag een nieuw besluit
    """
    file = "grondslag.toml"
    faults = []
    if today < grondslag.date:
        faults.append(f"{file}, datum: het besluit is nog niet genomen; wacht op het besluit of verbeter de datum")
    if today > grondslag.valid_until:
        faults.append(f"{file}, geldig_tot: het besluit is verlopen; vraag een nieuw besluit")
    if today > grondslag.retain_until:
        faults.append(
            f"{file}, bewaren_tot: de bewaartermijn is verstreken; verwijder de gegevens of vraag een nieuw besluit"
        )
    if faults:
        raise InputError(faults)


def _faults(values: Mapping[str, Any]) -> list[str]:
    faults = [
        f"{_shown(key)}: onbekende naam; toegestaan zijn {', '.join(_KEYS)}" for key in values if key not in _KEYS
    ]
    faults += [f"{key}: ontbreekt; voeg de regel toe" for key in _KEYS if key not in values and key not in _OPTIONAL]
    for key in _KEYS:
        if key in values:
            faults += [f"{key}: {fault}" for fault in _value_faults(key, values[key])]
    decided = values.get("datum")
    for key in ("geldig_tot", "bewaren_tot"):
        if _is_date(decided) and _is_date(values.get(key)) and values[key] < decided:
            faults.append(f"{key}: ligt vóór de datum van het besluit; verbeter een van de twee")
    return faults


def _value_faults(key: str, value: Any) -> list[str]:  # noqa: ANN401
    if key == "demo":
        return [] if isinstance(value, bool) else ["is geen ja of nee; schrijf true of false, zonder aanhalingstekens"]
    if key in (*_DATES, "peildatum"):
        return (
            [] if _is_date(value) else ["is geen datum; schrijf jjjj-mm-dd zonder aanhalingstekens, zoals 2026-12-31"]
        )
    if not isinstance(value, str):
        return ["is geen tekst; zet de tekst tussen dubbele aanhalingstekens"]
    if key in _CHOICES:
        if value == "personen":
            return ["een analyse over personen mag niet; het besluit moet over een gebied of een branche gaan"]
        known = [choice.value for choice in _CHOICES[key]]
        return [] if value in known else [f"onbekende keuze; kies uit {', '.join(known)}"]
    return text_faults(value)


def text_faults(text: str) -> list[str]:
    """Faults of a text that is printed on every product."""
    faults = []
    if not text.strip():
        faults.append("is leeg; vul een tekst in")
    if len(text) > LONGEST:
        faults.append(f"is langer dan {LONGEST} tekens; maak de tekst korter")
    if any(unicodedata.category(sign)[0] == "C" or unicodedata.category(sign) in {"Zl", "Zp"} for sign in text):
        faults.append("bevat een regeleinde of onzichtbaar teken; schrijf de tekst op één regel")
    faults += [
        f"lijkt op persoonsgegevens ({kind.value}); schrijf een functie of organisatie"
        for kind in sorted(kinds_in_text(text))
    ]
    return faults


def _is_date(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, dt.date) and not isinstance(value, dt.datetime)


def _shown(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z_-]{1,40}", key) else "een regel"
