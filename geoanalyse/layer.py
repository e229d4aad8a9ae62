"""Layer files: one TOML file per indicator, checked in full before anything is counted."""

import datetime as dt
import hashlib
import importlib.resources
import json
import re
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


class Use(StrEnum):
    """What an address is mainly used for: its BAG gebruiksdoelen as one word, the first of these that fits."""

    HOSPITALITY = "horeca"
    SHOP = "winkel"
    INDUSTRY = "industrie"
    OFFICE = "kantoor"
    OTHER = "overig"
    HOME = "woning"


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


class SeriesLevel(StrEnum):
    """Regions with a series of their own; a rare layer needs larger ones."""

    BUURT = "buurt"
    WIJK = "wijk"
    GEMEENTE = "gemeente"


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
    MEASUREMENT = "meting"


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
    inspections : str or None
        Layer that counts how often was looked, for rates per inspection beside those per address.
    series : Unit or None
        Calendar unit of the series for regions, if there is one.
    series_level : str
        Regions that have a series of their own; larger ones show the sum.
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
    series: Unit | None
    series_level: str
    coverage: Coverage
    inspections: str | None = None


LONGEST = 500
"""Characters in a text of a layer file."""
TAKEN_TITLES = frozenset(
    {
        *("let op", "voorbehoud", "rubricering", "thema", "signaal", "gemeente", "wijk", "buurt", "ligging"),
        *("soort plek", "rang", "sterkte", "betrouwbaar", "bronnen", "route", "advies", "redenen", "niet bekend"),
        *("fase", "kansrijk", "regel", "score", "codes", "plek", "gebiedscode", "van", "tot en met", "adressen"),
        *("kenmerk", "eigenaar", "gekozen route", "datum", "status", "uitkomst", "reden niet opgevolgd", "opmerking"),
    }
)
"""Columns of the signaallijst, in small letters: a layer with such a title would take one over."""
RESERVED = ("adressen", "grondslag")
"""Names of other input files."""

_TEXT = (str, f"een tekst van hoogstens {LONGEST} tekens op één regel")
_NUMBER = (int, "een geheel getal")
_DATE = (dt.date, "een datum (jjjj-mm-dd)")
_LIST = (list, 'een lijst met gemeentecodes, of ["alle"]')

# Section and key of a layer file -> (type, words for it); a trailing ? marks a key that may be left out.
_KEYS: Mapping[str, Mapping[str, Any]] = {
    "": {
        "id": _TEXT,
        "titel": _TEXT,
        "omschrijving": _TEXT,
        "eenheid": _TEXT,
        "bronhouder": _TEXT,
        "bron": _TEXT,
        "betrouwbaarheid": Reliability,
        "rechtsgrond": _TEXT,
        "tekst": _TEXT,
        "familie?": _TEXT,
        "onderdeel_van?": _TEXT,
    },
    "telling": {
        "soort": Count,
        "basis": Base,
        "b": _NUMBER,
        "klem?": _NUMBER,
        "atoom": Atom,
        "plafond?": ("geen",),
        "plafond_reden?": _TEXT,
    },
    "vensters": {"periode": Unit, "reeks?": Unit, "reeks_niveau?": SeriesLevel},
    "dekking": {"gemeenten": _LIST, "van": _DATE, "tot?": _DATE},
    "vertekening": {"soort": Bias, "tekst": _TEXT, "controles?": _TEXT},
    "weging": {theme + "?": (float, "een getal van 0 tot en met 1") for theme in Theme},
}

# Levels that hold several atoms of a layer.
SERIES_LEVELS: Mapping[Atom, tuple[str, ...]] = {
    Atom.ZONE: ("buurt", "wijk", "gemeente"),
    Atom.RES9: ("buurt", "wijk", "gemeente"),
    Atom.RES8: ("wijk", "gemeente"),
    Atom.BUURT: ("wijk", "gemeente"),
    Atom.WIJK: ("gemeente",),
}

EVERYWHERE = "alle"
"""Value of ``gemeenten`` in ``[dekking]`` for a source that covers every gemeente."""


def shipped_folder() -> Path:
    """Give the folder of layer files: beside the module when installed, beside the package in a checkout."""
    package = Path(str(importlib.resources.files("geoanalyse")))
    installed = package / "layers"
    return installed if installed.is_dir() else package.parent / "layers"


def read_layers(folder: Path, ids: Iterable[str] | None = None) -> tuple[Layer, ...]:
    """Read every layer file of a folder, in the order of their ids.

    Parameters
    ----------
    folder : Path
        Holds one TOML file per layer.
    ids : iterable of str, optional
        Keep only these layers. All files are checked either way.

    Raises
    ------
    LayerError
        With every fault of every file: unreadable TOML, an unknown or missing key, a wrong type, an unknown choice, an
        id that is not the file name, settings that would break the protection.

    Examples
    --------
    >>> [layer.id for layer in read_layers(shipped_folder(), ["mma-meldingen", "leegstand"])]
    ['leegstand', 'mma-meldingen']
    """
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise LayerError(f"{folder}: geen laagbestanden (*.toml) gevonden")
    faults: list[str] = []
    layers: dict[str, Layer] = {}
    for file in files:
        found = _read_layer(file, faults)
        if found is not None:
            layers[found.id] = found
    for layer in layers.values():
        faults += _faults_between(layer, layers)
    wanted = list(layers) if ids is None else list(ids)
    if not faults:
        faults += [
            f"laag '{name}' bestaat niet; kies uit {', '.join(sorted(layers))}" for name in wanted if name not in layers
        ]
    if faults:
        raise LayerError(faults)
    return tuple(layers[name] for name in sorted(set(wanted)))


def definition(layer: Layer) -> dict[str, str]:
    """Give every setting of a layer as text, in a fixed order, for the digest of a release."""
    settings = {name: str(getattr(layer, name)) for name in Layer.__dataclass_fields__}
    where = layer.coverage
    settings["coverage"] = f"{sorted(where.gemeenten)} {where.start} {where.end}"
    settings["themes"] = str(sorted((str(theme), weight) for theme, weight in layer.themes.items()))
    return settings


def layer_digest(layer: Layer) -> str:
    """Give the SHA-256 of the whole definition of a layer."""
    return hashlib.sha256(json.dumps(definition(layer), sort_keys=True).encode()).hexdigest()


def _read_layer(file: Path, faults: list[str]) -> Layer | None:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        faults.append(f"{file.name}: niet te lezen; sla het op als tekst in UTF-8")
        return None
    except tomllib.TOMLDecodeError as error:
        faults.append(f"{file.name}: geen geldige TOML ({error})")
        return None
    before = len(faults)
    values = _checked(file.name, content, faults)
    if len(faults) == before:
        layer = _as_layer(values)
        faults += [f"{file.name}: {fault}" for fault in _faults_within(layer, file.stem)]
        if len(faults) == before:
            return layer
    return None


def _checked(name: str, content: Mapping[str, Any], faults: list[str]) -> dict[str, dict[str, Any]]:
    """Check sections, keys, types and choices against ``_KEYS``; give the values by section."""
    sections = {section: content.get(section) for section in _KEYS if section}
    top = {key: value for key, value in content.items() if key not in sections}
    values: dict[str, dict[str, Any]] = {}
    for section, keys in _KEYS.items():
        given = sections[section] if section else top
        if not isinstance(given, dict):
            faults.append(f"{name}: sectie [{section}] ontbreekt")
            continue
        where = f"[{section}] " if section else ""
        known = {key.rstrip("?") for key in keys}
        faults += [f"{name}: {where}onbekende sleutel '{key}'" for key in given if key not in known]
        values[section] = {}
        for key, kind in keys.items():
            bare = key.rstrip("?")
            if bare in given:
                values[section][bare] = _value(f"{name}: {where}{bare}", given[bare], kind, faults)
            elif not key.endswith("?"):
                faults.append(f"{name}: {where}sleutel '{bare}' ontbreekt")
    return values


def _value(where: str, value: object, kind: Any, faults: list[str]) -> Any:  # noqa: ANN401 - TOML holds anything
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        if isinstance(value, str) and value in list(kind):
            return kind(value)
        faults.append(f"{where}: kies uit {', '.join(kind)}")
        return None
    if kind == ("geen",):
        if value != "geen":
            faults.append(f"{where}: kies 'geen' of laat de sleutel weg")
        return value
    expected, words = kind
    number = isinstance(value, int | float) and not isinstance(value, bool)
    fits = {
        str: isinstance(value, str) and bool(value.strip()) and len(value) <= LONGEST and value.isprintable(),
        int: isinstance(value, int) and not isinstance(value, bool),
        float: number and 0 <= float(value) <= 1,  # type: ignore[arg-type]  # number implies int or float
        dt.date: isinstance(value, dt.date) and not isinstance(value, dt.datetime),
        list: isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value),
    }[expected]
    if not fits:
        faults.append(f"{where}: moet {words} zijn")
    return value


def _as_layer(values: Mapping[str, Mapping[str, Any]]) -> Layer:
    top, counting, windows = values[""], values["telling"], values["vensters"]
    where, bias = values["dekking"], values["vertekening"]
    gemeenten = frozenset() if where["gemeenten"] == [EVERYWHERE] else frozenset(where["gemeenten"])
    return Layer(
        id=top["id"],
        title=top["titel"],
        description=top["omschrijving"],
        unit=top["eenheid"],
        holder=top["bronhouder"],
        themes={theme: float(values["weging"][theme]) for theme in Theme if values["weging"].get(theme)},
        reliability=top["betrouwbaarheid"],
        bias=bias["soort"],
        bias_text=bias["tekst"],
        legal_basis=top["rechtsgrond"],
        text=top["tekst"],
        source=top["bron"],
        family=top.get("familie", top["id"]),
        count=counting["soort"],
        base=counting["basis"],
        b=counting["b"],
        clamp=counting.get("klem", 1),
        atom=counting["atoom"],
        capped=counting.get("plafond") != "geen",
        cap_reason=counting.get("plafond_reden", ""),
        part_of=top.get("onderdeel_van"),
        period_unit=windows["periode"],
        series=windows.get("reeks"),
        series_level=str(windows.get("reeks_niveau", SeriesLevel.BUURT)),
        coverage=Coverage(gemeenten, where["van"], where.get("tot")),
        inspections=bias.get("controles"),
    )


def _faults_within(layer: Layer, stem: str) -> list[str]:
    """Find settings that are each allowed but together wrong."""
    faults = []
    if layer.id != stem:
        faults.append("id is niet gelijk aan de bestandsnaam")
    if not layer.id.replace("-", "").isalnum() or not layer.id.isascii() or layer.id != layer.id.lower():
        faults.append("id mag alleen kleine letters, cijfers en streepjes bevatten")
    if ";" in layer.title:
        faults.append("titel: bevat een puntkomma; die scheidt redenen op de signaallijst")
    if layer.title.casefold() in TAKEN_TITLES:
        faults.append("titel: is de naam van een kolom van de signaallijst; kies een andere")
    if layer.b < 2:  # noqa: PLR2004 - a base of 1 rounds nothing
        faults.append("[telling] b: moet minstens 2 zijn, anders wordt er niets afgerond")
    if layer.clamp < 1:
        faults.append("[telling] klem: moet minstens 1 zijn")
    if layer.count is Count.ADDRESSES and layer.clamp != 1:
        faults.append("[telling] klem: hoort alleen bij soort 'aantal'")
    if layer.count is Count.AMOUNT and layer.b < 5 * layer.clamp:
        faults.append("[telling] b: moet bij soort 'aantal' minstens 5 keer de klem zijn")
    return [*faults, *_faults_in_coverage(layer)]


def _faults_in_coverage(layer: Layer) -> list[str]:
    """Find settings of caps, series and coverage that do not fit."""
    faults = []
    if not layer.capped and not layer.cap_reason:
        faults.append("[telling] plafond_reden: ontbreekt; zeg uit welk openbaar register de laag komt")
    if layer.id in RESERVED or layer.id.startswith("zones-"):
        faults.append("id is de naam van een ander invoerbestand; kies een andere")
    if any(not re.fullmatch(r"GM\d{4}", code) for code in layer.coverage.gemeenten):
        faults.append(f'[dekking] gemeenten: schrijf gemeentecodes zoals GM0363, of ["{EVERYWHERE}"]')
    if layer.series and layer.series_level not in SERIES_LEVELS[layer.atom]:
        faults.append("[vensters] reeks_niveau: moet grover zijn dan het atoom en de laag daar tonen")
    if layer.coverage.end is not None and layer.coverage.end <= layer.coverage.start:
        faults.append("[dekking] tot: moet na van liggen")
    return faults


def _misfits(part: Layer, whole: Layer) -> list[str]:
    """Say what keeps the values of a part from being bounded by those of its whole (protection._within_whole)."""
    rules = (
        (
            whole.part_of is None and whole.atom is Atom.ZONE,
            "onderdeel_van: het geheel moet een hele laag per zone zijn",
        ),
        (part.atom in (Atom.BUURT, Atom.WIJK), "[telling] atoom: moet buurt of wijk zijn"),
        (part.count is whole.count is Count.ADDRESSES, "[telling] soort: moet voor beide adressen zijn"),
        (part.base is whole.base, "[telling] basis: moet dezelfde zijn"),
        (part.b <= whole.b, "[telling] b: mag niet groter zijn"),
        (part.series is None, "[vensters] reeks: moet weg"),
    )
    return [fault for holds, fault in rules if not holds]


def _misfit_inspections(layer: Layer, layers: Mapping[str, Layer]) -> list[str]:
    """Say what keeps a layer from being held against the inspections it names."""
    looked = layers.get(layer.inspections or "")
    if looked is None:
        return [f"'{layer.inspections}' is geen laag in deze map"]
    rules = (
        (looked is not layer, "noem een andere laag dan deze zelf"),
        (looked.base is layer.base, f"{looked.id} moet dezelfde basis hebben"),
        (list(Atom).index(looked.atom) <= list(Atom).index(layer.atom), f"{looked.id} mag geen grover atoom hebben"),
    )
    return [fault for holds, fault in rules if not holds]


def _faults_between(layer: Layer, layers: Mapping[str, Layer]) -> list[str]:
    """Faults that only show when layers are seen together."""
    faults = []
    if layer.part_of is not None:
        whole = layers.get(layer.part_of)
        if whole is None:
            faults.append(f"{layer.id}.toml: onderdeel_van '{layer.part_of}' is geen laag in deze map")
        else:
            faults += [
                f"{layer.id}.toml: {fault}, want deze laag is een deel van {whole.id}"
                for fault in _misfits(layer, whole)
            ]
    if layer.inspections is not None:
        faults += [f"{layer.id}.toml: [vertekening] controles: {fault}" for fault in _misfit_inspections(layer, layers)]
    faults += [
        f"{layer.id}.toml: onderdeel_van: {other.id} is ook al een deel van {layer.part_of}; "
        "delen samen kunnen het geheel verraden, houd er een"
        for other in layers.values()
        if other.id < layer.id and layer.part_of is not None and other.part_of == layer.part_of
    ]
    faults += [
        f"{layer.id}.toml: [telling] b verschilt van die van {other.id} in dezelfde familie"
        for other in layers.values()
        if other.id < layer.id and other.family == layer.family and other.b != layer.b
    ]
    return faults
