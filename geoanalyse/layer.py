"""Layer files: one TOML file per indicator, checked in full before anything is counted."""

import datetime as dt
import importlib.resources
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from geoanalyse.errors import LayerError


class Base(StrEnum):
    """Addresses a layer can be true of, by BAG gebruiksdoel; ``k`` is counted on these alone."""

    ALL = "alle"
    HOMES = "woningen"
    PREMISES = "bedrijven"
    HOSPITALITY = "horeca"


class Atom(StrEnum):
    """Smallest unit a layer publishes a value for: the zone, or a union of zones."""

    ZONE = "zone"
    RES9 = "res9"
    RES8 = "res8"
    BUURT = "buurt"
    WIJK = "wijk"


class Count(StrEnum):
    """What is counted: addresses with the feature, or a magnitude clamped per address."""

    ADDRESSES = "adressen"
    AMOUNT = "aantal"


class Unit(StrEnum):
    """Calendar unit of a window."""

    MONTH = "maand"
    QUARTER = "kwartaal"
    YEAR = "jaar"


class Window(StrEnum):
    """How the zone window moves from release to release; never both for one layer."""

    CUMULATIVE = "cumulatief"
    ROLLING = "rollend"


class Theme(StrEnum):
    """What a layer says something about."""

    DRUGS = "drugs"
    LAUNDERING = "witwassen"


class Reliability(StrEnum):
    """How far one observation can be trusted; only layers above ``laag`` can lift a signal to the top class."""

    HIGH = "hoog"
    MIDDLE = "middel"
    LOW = "laag"


class Bias(StrEnum):
    """What drives the observation: who looked, or what happened."""

    INSPECTION = "toezicht"
    REPORT = "melding"
    REGISTER = "register"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Where and when the source of a layer looks; elsewhere is ``geen_data``, never zero.

    ``gemeenten`` is empty when the source covers every gemeente; ``end`` is exclusive, ``None`` is open.
    """

    gemeenten: frozenset[str]
    start: dt.date
    end: dt.date | None

    def covers(self, gemeente: str, start: dt.date, end: dt.date) -> bool:
        """Whether the whole window [start, end) in this gemeente was observed."""
        where = not self.gemeenten or gemeente in self.gemeenten
        return where and self.start <= start and (self.end is None or end <= self.end)


@dataclass(frozen=True, slots=True)
class Layer:
    """One indicator, as its TOML file defines it.

    Attributes
    ----------
    id : str
        File name without extension; also the name of the input table.
    family : str
        Layers of one family share their rounding thresholds (a category has those of its parent).
    weights : mapping of Theme to float
        Weight in the composite of each theme, between 0 and 1; a missing theme does not use the layer.
    b : int
        Rounding base of zone values.
    clamp : int
        Most that one address counts for (1 unless ``count`` is an amount).
    capped : bool
        Whether values are capped so that no group of addresses is known to be mostly flagged.
    part_of : str or None
        Layer that contains this one; the two must show at different levels.
    series : Unit or None
        Calendar unit of the series for regions, if there is one.
    """

    id: str
    title: str
    description: str
    unit: str
    holder: str
    themes: Mapping[Theme, float]
    reliability: Reliability
    bias: Bias
    bias_text: str
    legal_basis: str
    text: str
    source: str
    family: str
    count: Count
    base: Base
    b: int
    clamp: int
    atom: Atom
    capped: bool
    cap_reason: str
    part_of: str | None
    period_unit: Unit
    window: Window
    series: Unit | None
    coverage: Coverage
