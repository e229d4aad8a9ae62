"""Advice on how to follow a signal up: a table of rules that a RIEC owns, checked in full before it is used."""

import hashlib
import importlib.resources
import json
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from geoanalyse.errors import InputError
from geoanalyse.grondslag import text_faults
from geoanalyse.layer import Reliability, Theme

ROUTES: Final = ("mono", "duaal", "integraal")
EXPLORATION: Final = "verkenning"
"""Strength of a place that was drawn by lot and not ranked; see `exploration`."""
STRENGTHS: Final = ("sterk", "matig", "licht", EXPLORATION)
REASONS: Final = ("HOTSPOT", "HOOG", "NIEUW", "AANHOUDEND", "SAMENLOOP", "VERKENNING")
"""Kinds of reasons; behind some of them stands the layer, as in ``HOOG-fiu-signalen``."""

_WORDS = {"partners": "partners", "interventies": "interventie", "fasen": "fase"}
"""List of words in the file, and the key of a rule that takes from it."""
_CHOICES: Final[Mapping[str, Collection[str]]] = {
    "thema": tuple(Theme),
    "sterkte": STRENGTHS,
    "betrouwbaar": tuple(Reliability),
    "redenen": REASONS,
}
_FREE = ("lagen", "bronhouders")
_CONDITIONS = ("bronnen", *_CHOICES, *_FREE)
_RULE = ("naam", "als", "route", "partners", "interventie", "fase", "kansrijk")
_FILE = ("versie", "eigenaar", "woorden", "regel")


@dataclass(frozen=True, slots=True)
class Advice:
    """How to follow one signal up, and the rule that says so.

    Attributes
    ----------
    route : str
        One of `ROUTES`.
    partners : tuple of str
        In the order in which the rule names them; the first takes the lead.
    intervention, phase, rule : str
    promising : bool
        Whether it may be a case for all partners together (``kansrijk voor integrale casus``).
    """

    route: str
    partners: tuple[str, ...]
    intervention: str
    phase: str
    rule: str
    promising: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """What a rule can ask about a signal.

    ``reasons`` are kinds, without the layer behind them; ``layers`` and ``holders`` those with evidence.
    """

    theme: str
    sources: int
    strength: str
    reliability: str
    reasons: frozenset[str]
    layers: frozenset[str]
    holders: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table: what must hold, and what is advised then."""

    conditions: Mapping[str, Any]
    advice: Advice

    def holds(self, subject: Subject) -> bool:
        """Whether every condition holds; a list asks for at least one of its words."""
        known = {
            "thema": {subject.theme},
            "sterkte": {subject.strength},
            "betrouwbaar": {subject.reliability},
            "redenen": subject.reasons,
            "lagen": subject.layers,
            "bronhouders": subject.holders,
        }
        enough = subject.sources >= self.conditions.get("bronnen", 0)
        return enough and all(
            not known[name].isdisjoint(wanted) for name, wanted in self.conditions.items() if name != "bronnen"
        )


@dataclass(frozen=True, slots=True)
class Routes:
    """A table of rules, in order; the last one always holds."""

    version: str
    owner: str
    digest: str
    rules: tuple[Rule, ...]

    def advise(self, subject: Subject) -> Advice:
        """Give the advice of the first rule that holds.

        Examples
        --------
        >>> one = frozenset({"politie"})
        >>> subject = Subject("drugs", 1, "licht", "laag", frozenset({"HOTSPOT"}), frozenset({"mma-meldingen"}), one)
        >>> advice = shipped().advise(subject)
        >>> advice.route, advice.rule
        ('mono', 'één bron')
        """
        return next(rule.advice for rule in self.rules if rule.holds(subject))


def shipped() -> Routes:
    """Read the table that comes with the package."""
    return _parsed("routes.toml", importlib.resources.files("geoanalyse.data").joinpath("routes.toml").read_bytes())


def read(path: Path) -> Routes:
    """Read and check a table of rules; docs/routes.md has the keys.

    Raises
    ------
    InputError
        With every fault of the file, a line each.
    """
    try:
        data = path.read_bytes()
    except OSError:
        raise InputError(f"{path}: kan niet worden gelezen; kies met --routes een TOML-bestand") from None
    return _parsed(path.name, data)


def _parsed(name: str, data: bytes) -> Routes:
    try:
        content = tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        line = re.search(r"line (\d+)", str(error))
        where = f" (regel {line[1]})" if line else ""
        raise InputError(f"{name}: is geen geldige TOML in UTF-8{where}; vergelijk met docs/routes.md") from None
    faults = _faults(content)
    if faults:
        raise InputError(f"{name}: {fault}" for fault in faults)
    digest = hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return Routes(content["versie"], content["eigenaar"], digest, tuple(_rule(each) for each in content["regel"]))


def _rule(given: Mapping[str, Any]) -> Rule:
    advice = Advice(
        route=given["route"],
        partners=tuple(given["partners"]),
        intervention=given["interventie"],
        phase=given["fase"],
        rule=given["naam"],
        promising=given.get("kansrijk", False),
    )
    return Rule(given["als"], advice)


# --- checks -----------------------------------------------------------------------------------------------------------


def _faults(content: Mapping[str, Any]) -> list[str]:
    """Find what is wrong with a table; the words of the rules come after the lists they are taken from."""
    faults = [*_keys("", content, _FILE, _FILE)]
    for key in ("versie", "eigenaar"):
        faults += [f"{key}: {fault}" for fault in _text(content.get(key)) if key in content]
    words = content.get("woorden")
    if not isinstance(words, dict):
        return [*faults, "woorden: moet een sectie zijn"] if "woorden" in content else faults
    faults += _keys("[woorden] ", words, tuple(_WORDS), tuple(_WORDS))
    for key in _WORDS:
        if key in words:
            faults += [f"[woorden] {key}: {fault}" for fault in _texts(words[key])]
    rules = content.get("regel")
    if faults or "regel" not in content:
        return faults
    if not isinstance(rules, list) or not rules or not all(isinstance(rule, dict) for rule in rules):
        return ["regel: schrijf elke regel onder een eigen [[regel]]"]
    for number, rule in enumerate(rules, start=1):
        faults += [f"regel {number}: {fault}" for fault in _rule_faults(rule, words)]
    names = [rule.get("naam") for rule in rules]
    if not faults and len(set(names)) < len(names):
        faults.append("twee regels hebben dezelfde naam; geef elke regel een eigen naam")
    if not faults and rules[-1]["als"]:
        faults.append("de laatste regel moet altijd gelden; schrijf daar als = {}")
    return faults


def _rule_faults(rule: Mapping[str, Any], words: Mapping[str, list[str]]) -> list[str]:
    faults = _keys("", rule, _RULE, _RULE[:-1])
    if faults:
        return faults
    faults += [f"naam: {fault}" for fault in _text(rule["naam"])]
    if rule["route"] not in ROUTES:
        faults.append(f"route: kies uit {', '.join(ROUTES)}")
    for listed, key in _WORDS.items():
        chosen = rule[key] if key == "partners" else [rule[key]]
        if not isinstance(chosen, list) or not chosen or any(each not in words[listed] for each in chosen):
            faults.append(f"{key}: kies uit de woorden bij [woorden] {listed}")
    if not isinstance(rule.get("kansrijk", False), bool):
        faults.append("kansrijk: schrijf true of false")
    return faults + _condition_faults(rule["als"])


def _condition_faults(conditions: Any) -> list[str]:  # noqa: ANN401 - TOML holds anything
    if not isinstance(conditions, dict):
        return ["als: schrijf de voorwaarden tussen accolades, of {} voor geen"]
    faults = _keys("als: ", conditions, _CONDITIONS, ())
    sources = conditions.get("bronnen", 1)
    if not isinstance(sources, int) or isinstance(sources, bool) or sources < 1:
        faults.append("als: bronnen: schrijf een heel getal vanaf 1")
    for key, choices in _CHOICES.items():
        given = conditions.get(key, list(choices))
        if not isinstance(given, list) or not given or any(each not in choices for each in given):
            faults.append(f"als: {key}: kies uit {', '.join(choices)}")
    for key in _FREE:
        if key in conditions:
            faults += [f"als: {key}: {fault}" for fault in _texts(conditions[key])]
    return faults


def _keys(where: str, given: Mapping[str, Any], known: Collection[str], needed: Collection[str]) -> list[str]:
    unknown = sum(key not in known for key in given)
    faults = [f"{where}{unknown} onbekende sleutels; toegestaan zijn {', '.join(known)}"] if unknown else []
    return faults + [f"{where}{key} ontbreekt" for key in needed if key not in given]


def _texts(value: Any) -> list[str]:  # noqa: ANN401 - TOML holds anything
    if not isinstance(value, list) or not value:
        return ["moet een lijst van teksten zijn"]
    return sorted({fault for each in value for fault in _text(each)})


def _text(value: Any) -> list[str]:  # noqa: ANN401
    return text_faults(value) if isinstance(value, str) else ["is geen tekst; zet de tekst tussen aanhalingstekens"]
