"""``casus.toml``: what an analyst writes about one case beside what a release says; checked before it is used."""

import datetime as dt
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from geoanalyse.errors import InputError
from geoanalyse.grondslag import LONGEST, text_faults
from geoanalyse.layer import Theme

LARGEST: Final = 100_000
"""Bytes of the file; a full one takes some five thousand."""
LENGTHS: Final[Mapping[str, int]] = {"naam": 40, "titel": 60, "tekst": 140, "wat": 80, "partner": 50}
"""Most signs of each kind of text: all of them together fit on one page."""
MOST: Final[Mapping[str, int]] = {
    "aanleiding": 3,
    "bevindingen": 3,
    "mogelijke_vervolgstappen": 4,
    "interventie": 6,
    "signalen": 9,
}
"""Most texts in each block."""

_BLOCKS = ("aanleiding", "bevindingen", "mogelijke_vervolgstappen")
_NEEDED = ("naam", "titel", "thema", "aanleiding", "mogelijke_vervolgstappen")
_KEYS = ("naam", "titel", "thema", "plek", "signalen", *_BLOCKS, "interventie")
_INTERVENTION = ("maand", "wat", "partner")
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CODE = re.compile(r"(?:BU|WK)[0-9]{4}[0-9A-Z]{2,4}")
_SIGNAL = re.compile(r"[A-Z][0-9]{2,3}")
_MONTH = re.compile(r"((?:19|20)[0-9]{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Intervention:
    """What was done, in which month (its first day), and by which organisation."""

    month: dt.date
    what: str
    partner: str


@dataclass(frozen=True, slots=True)
class Casus:
    """One case.

    Attributes
    ----------
    name : str
        Lower-case letters, digits and hyphens: part of a file name.
    title : str
    theme : Theme
    place : str
        CBS code of a buurt or wijk, or the id of a signal; empty for the whole area.
    signals : tuple of str
        Ids of the signals to mark; empty for those of the theme in the place.
    occasion, findings, next_steps : tuple of str
        The blocks aanleiding, bevindingen and mogelijke vervolgstappen: short texts, none about a person.
    interventions : tuple of Intervention
        By month.
    file : str
        Name of the file, for errors that need a release to be seen.
    """

    name: str
    title: str
    theme: Theme
    place: str
    signals: tuple[str, ...]
    occasion: tuple[str, ...]
    findings: tuple[str, ...]
    next_steps: tuple[str, ...]
    interventions: tuple[Intervention, ...]
    file: str = "casus.toml"


def read(path: Path) -> Casus:
    """Read and check a casus; docs/casusbeeld.md has the keys.

    Parameters
    ----------
    path : Path
        The file itself.

    Returns
    -------
    Casus

    Raises
    ------
    InputError
        With every fault of the file, a line each; no line holds a value.
    """
    name = path.name
    values = _parsed(path)
    faults = list(_faults(values))
    if faults:
        raise InputError(f"{name}, {fault}" for fault in faults)
    given = [
        Intervention(_month(each["maand"]), each["wat"].strip(), each["partner"].strip())
        for each in values.get("interventie", ())
    ]
    return Casus(
        name=values["naam"],
        title=values["titel"].strip(),
        theme=Theme(values["thema"]),
        place=values.get("plek", ""),
        signals=tuple(values.get("signalen", ())),
        occasion=_texts(values, "aanleiding"),
        findings=_texts(values, "bevindingen"),
        next_steps=_texts(values, "mogelijke_vervolgstappen"),
        interventions=tuple(sorted(given, key=lambda each: each.month)),
        file=name,
    )


def _parsed(path: Path) -> Mapping[str, Any]:
    if path.exists() and not path.is_file():
        raise InputError(f"{path}: is geen bestand; noem met --casus een TOML-bestand")
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise InputError(f"{path}: ontbreekt; maak het bestand met {', '.join(_KEYS)}") from None
    except (OSError, ValueError):
        raise InputError(f"{path.name}: kan niet worden geopend; sluit het in andere programma's") from None
    if len(data) > LARGEST:
        raise InputError(f"{path.name}: is groter dan {LARGEST // 1000} kB; een casus heeft alleen korte teksten")
    try:
        return tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError:
        raise InputError(f"{path.name}: is geen UTF-8; sla het bestand op als UTF-8") from None
    except (ValueError, RecursionError) as error:
        line = re.search(r"line (\d+)", str(error))
        where = f" (regel {line[1]})" if line else ""
        raise InputError(f"{path.name}: is geen geldige TOML{where}; vergelijk met docs/casusbeeld.md") from None


def _texts(values: Mapping[str, Any], block: str) -> tuple[str, ...]:
    return tuple(text.strip() for text in values.get(block, ()))


def _month(text: str) -> dt.date:
    return dt.date.fromisoformat(f"{text}-01")


# --- checks -----------------------------------------------------------------------------------------------------------


def _faults(values: Mapping[str, Any]) -> Iterator[str]:
    yield from _of_keys(values, _KEYS, _NEEDED)
    if "naam" in values:
        yield from (f"naam: {fault}" for fault in _of_name(values["naam"]))
    if "titel" in values:
        yield from (f"titel: {fault}" for fault in _of_text(values["titel"], "titel"))
    if "thema" in values and values["thema"] not in tuple(Theme):
        yield f"thema: onbekende keuze; kies uit {', '.join(Theme)}"
    place = values.get("plek", "")
    if "plek" in values and not (isinstance(place, str) and (_CODE.fullmatch(place) or _SIGNAL.fullmatch(place))):
        yield 'plek: schrijf de CBS-code van een buurt of wijk, of een signaal zoals "D01"; laat plek weg voor alles'
    signals = values.get("signalen", [])
    if not isinstance(signals, list) or not all(isinstance(each, str) and _SIGNAL.fullmatch(each) for each in signals):
        yield 'signalen: schrijf een lijst van nummers van de signaallijst, zoals ["D01", "D02"]'
    elif len(signals) > MOST["signalen"]:
        yield f"signalen: noem er hooguit {MOST['signalen']}"
    for block in _BLOCKS:
        if block in values:
            yield from _of_block(values[block], block)
    if "interventie" in values:
        yield from _of_interventions(values["interventie"])


def _of_keys(given: Mapping[str, Any], known: Collection[str], needed: Collection[str]) -> Iterator[str]:
    yield from (
        f"{_shown(key)}: onbekende naam; toegestaan zijn {', '.join(known)}" for key in given if key not in known
    )
    yield from (f"{key}: ontbreekt; voeg het toe" for key in needed if key not in given)


def _shown(key: str) -> str:
    """Give a key that is one; anything else may be a text of somebody."""
    return key if re.fullmatch(r"[a-z_]{1,30}", key) else "een regel"


def _of_name(value: Any) -> list[str]:  # noqa: ANN401 - TOML holds anything
    if not isinstance(value, str) or not _NAME.fullmatch(value) or len(value) > LENGTHS["naam"]:
        return [f"schrijf hooguit {LENGTHS['naam']} kleine letters, cijfers en streepjes; het wordt een bestandsnaam"]
    words = value.replace("-", " ")
    return list(dict.fromkeys([*text_faults(words), *text_faults(words.title())]))  # names are written with capitals


def _of_text(value: Any, kind: str) -> list[str]:  # noqa: ANN401
    if not isinstance(value, str):
        return ["is geen tekst; zet de tekst tussen dubbele aanhalingstekens"]
    faults = text_faults(value[:LONGEST])
    if len(value.strip()) > LENGTHS[kind]:
        faults.append(f"is langer dan {LENGTHS[kind]} tekens; maak de tekst korter")
    return faults


def _of_block(value: Any, block: str) -> Iterator[str]:  # noqa: ANN401
    if not isinstance(value, list) or (not value and block in _NEEDED):
        yield f'{block}: schrijf een lijst van korte zinnen, zoals ["Eerste zin.", "Tweede zin."]'
        return
    if len(value) > MOST[block]:
        yield f"{block}: heeft meer dan {MOST[block]} zinnen; kies de belangrijkste"
        return
    for number, text in enumerate(value, start=1):
        yield from (f"{block}, zin {number}: {fault}" for fault in _of_text(text, "tekst"))


def _of_interventions(value: Any) -> Iterator[str]:  # noqa: ANN401
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        yield "interventie: schrijf elke interventie onder een eigen [[interventie]]"
        return
    if len(value) > MOST["interventie"]:
        yield f"interventie: er zijn er meer dan {MOST['interventie']}; kies de belangrijkste"
        return
    for number, each in enumerate(value, start=1):
        where = f"interventie {number}"
        yield from (f"{where}, {fault}" for fault in _of_keys(each, _INTERVENTION, _INTERVENTION))
        month = each.get("maand", "2000-01")
        if not isinstance(month, str) or not _MONTH.fullmatch(month):
            yield f'{where}, maand: schrijf jaar en maand tussen aanhalingstekens, zoals "2025-06"'
        for key in ("wat", "partner"):
            if key in each:
                yield from (f"{where}, {key}: {fault}" for fault in _of_text(each[key], key))
