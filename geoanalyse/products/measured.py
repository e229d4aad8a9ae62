"""Figures measured on the standard workload: constants of a version, made by scripts and shipped with the package.

``data/aanval.json`` says what the attacker of ``tests/attack`` could and could not learn, ``data/nauwkeurigheid.json``
how far the published figures are off. They are never about a release. A version that was not measured yet has no
file, and every product then says so.
"""

import importlib.resources
import json
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Any, TypedDict


class Check(TypedDict):
    """One test of the attacker; the keys are those of the file."""

    toets: str
    wat: str
    uitkomst: str
    geslaagd: bool


class Planted(TypedDict):
    """How many faults were planted, and how many of them the attacker caught."""

    geplant: int
    gevangen: int


class Attack(TypedDict):
    """``aanval.json``: three headline figures (addresses, fraction, addresses), and every test."""

    versie: str
    proef: str
    kleinste_groep: int
    aandeel_exact: float
    smalste_interval: int
    toetsen: list[Check]
    ingezette_fouten: Planted


class Line(TypedDict):
    """One figure of accuracy, in words."""

    wat: str
    uitkomst: str


class Accuracy(TypedDict):
    """``nauwkeurigheid.json``."""

    versie: str
    proef: str
    regels: list[Line]


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of this version; ``None`` is not measured yet."""

    attack: Attack | None = None
    accuracy: Accuracy | None = None


def shipped() -> Measured:
    """Read the figures that come with the package."""
    return read(importlib.resources.files("geoanalyse.data"))


def read(folder: Traversable) -> Measured:
    """Read the figures in a folder.

    Parameters
    ----------
    folder : Traversable
        Folder with ``aanval.json`` and ``nauwkeurigheid.json``; either may be absent.
    """
    return Measured(attack=_read(folder / "aanval.json"), accuracy=_read(folder / "nauwkeurigheid.json"))


def _read(file: Traversable) -> Any:  # noqa: ANN401 - tests hold the shipped files to the types above
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None
