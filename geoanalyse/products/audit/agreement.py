"""Whether files tell the same of the same places: one changed number is found where another file holds it too."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from geoanalyse import digest
from geoanalyse.classes import CLASS_BREAKS, COMPOSITE_FLOOR
from geoanalyse.geography import Regions
from geoanalyse.products import dutch
from geoanalyse.products.audit.figures import Figure, Place, differing, named
from geoanalyse.products.audit.margins import OPEN, Margin
from geoanalyse.products.audit.opening import plain
from geoanalyse.products.audit.table import Published
from geoanalyse.products.audit.themap import TheMap

_SHOWN = ("waarde", "cap")
_STATUSES = (*_SHOWN, "geen_data", "onderdrukt")
_THEME = "thema_"
_DIGITS = 0.006  # of a ratio with three significant digits
_RATE_DIGITS = 1e-3


def of_table(rows: Published) -> dict[Place, Figure]:
    """Give the figures of the published table over the whole period."""
    found: dict[Place, Figure] = {}
    columns = (rows.whole, rows.layer, rows.level, rows.zone, rows.status, rows.value, rows.addresses)
    for whole, layer, level, zone, status, value, addresses in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        if whole:
            found[named(layer), level, zone] = Figure(status, value if value >= 0 else None, addresses)
    return found


def with_words(figures: Mapping[Place, Figure]) -> dict[Place, Figure]:
    """Say every figure of the map in the words that the list and the GeoPackage use for it."""
    return {place: figure._replace(words=_words(figure)) for place, figure in figures.items()}


def _words(figure: Figure) -> str | None:
    if figure.status is None or (figure.value is None) == (figure.status in _SHOWN):
        return None
    return dutch.value_words(figure.value, figure.status, 1, figure.low, figure.high)


def between(told: Mapping[str, Mapping[Place, Figure]]) -> Iterator[str]:
    """Compare every two files: same figures for the same places, and no place with a figure in one of them alone.

    Parameters
    ----------
    told : mapping of str to mapping of Place to Figure
        By file name.
    """
    for one, other in combinations(told, 2):
        common = _kinds(told[one]) & _kinds(told[other])
        for difference in differing(told[one], told[other]):
            yield f"{one} en {other}: {difference} voor dezelfde plek"
        for left, right in ((one, other), (other, one)):
            alone = sum(
                figure.status in _SHOWN
                for place, figure in told[left].items()
                if place not in told[right] and _kind(place) in common
            )
            if alone:
                yield f"{right}: {alone} plekken ontbreken die in {left} een getal hebben"


def _kinds(figures: Mapping[Place, Figure]) -> set[tuple[bool, bool]]:
    """Give what a file tells at all: the table has no themes, and the map no gemeenten."""
    return {_kind(place) for place in figures}


def _kind(place: Place) -> tuple[bool, bool]:
    return place[0].startswith(_THEME), place[1] == "gemeente"


def of_margins(figures: Mapping[Place, Figure], rows: Published, margins: Mapping[int, Margin]) -> Iterator[str]:
    """Hold the margins that a file names to those that follow from the published table."""
    wrong = 0
    for row, margin in margins.items():
        figure = figures.get((named(rows.layer[row]), rows.level[row], rows.zone[row]))
        if figure is None or figure.status not in _SHOWN or figure.value is None:
            continue
        if figure.low is not None:
            high = OPEN if figure.high is None else figure.high
            wrong += figure.low not in margin.low or high not in margin.high
        elif figure.words is not None:
            wrong += figure.words not in _possible(figure, margin)
    if wrong:
        yield f"{wrong} keer een marge die niet uit de tabel volgt"


def _possible(figure: Figure, margin: Margin) -> set[str | None]:
    return {
        _words(figure._replace(low=low, high=None if high == OPEN else high))
        for low in margin.low
        for high in margin.high
    }


def of_figures(figures: Mapping[Place, Figure]) -> Iterator[str]:
    """Hold the figures of a map or GeoPackage to what must hold whatever the table says."""
    strange = sum(
        figure.status not in _STATUSES or (not place[0].startswith(_THEME) and _is_odd(figure))
        for place, figure in figures.items()
    )
    if strange:
        yield f"{strange} keer een getal of marge die niet kan"
    steps = sum(not _is_step(figure, place[0].startswith(_THEME)) for place, figure in figures.items())
    if steps:
        yield f"{steps} keer een klasse die niet bij de verhouding hoort"


def _is_odd(figure: Figure) -> bool:
    """Whether value and status, or value and margin, contradict each other."""
    shown = figure.status in _SHOWN
    if shown != (figure.value is not None) or figure.value is None:
        return shown != (figure.value is not None)
    if figure.low is None:  # a file that writes words only
        return False
    closed = figure.high is not None
    return closed != (figure.status == "waarde") or (figure.high is not None and figure.high <= figure.low)


def _is_step(figure: Figure, theme: bool) -> bool:  # noqa: FBT001 - of two kinds
    """Whether the class follows from the ratio, which has three digits: close to a break both sides are right."""
    if figure.step is None or figure.ratio is None:
        return True
    if not theme and figure.value == 0:
        return figure.step == 0
    steps = {
        0 if theme and ratio < COMPOSITE_FLOOR else 1 + sum(ratio >= each for each in CLASS_BREAKS)
        for ratio in (figure.ratio * (1 - _DIGITS), figure.ratio * (1 + _DIGITS))
    }
    return figure.step in steps


def of_series(told: TheMap, rows: Published) -> Iterator[str]:
    """Compare the series on the map with those of the published table."""
    series = ~rows.whole
    columns = (rows.layer, rows.zone, rows.start.astype(str), rows.status, rows.value)
    own = {
        (named(layer), zone, start): value if value >= 0 else -1 if status == "geen_data" else -2
        for layer, zone, start, status, value in zip(*(column[series].tolist() for column in columns), strict=True)
    }
    off = sum(value != own.get(place) for place, value in told.series.items()) + len(own.keys() - told.series.keys())
    if off:
        yield f"{off} keer een ander getal in het verloop"


def of_counts(known: Mapping[str, Any], rows: Published) -> Iterator[str]:
    """Compare the number of rows that the manifest tells with the published table."""
    counted = Counter(zip(rows.layer.tolist(), rows.status.tolist(), strict=True))
    per_status = known["tabel"].get("rijen_per_status")
    told = {
        (layer, status): times
        for layer, statuses in (per_status if isinstance(per_status, dict) else {}).items()
        for status, times in (statuses if isinstance(statuses, dict) else {}).items()
    }
    if known["tabel"].get("rijen") != len(rows) or told != dict(counted):
        yield "noemt een ander aantal rijen dan zones.parquet heeft"


def layers(known: Mapping[str, Any] | None, maps: Iterable[TheMap]) -> tuple[dict[str, str], dict[str, str]]:
    """Give the layer of each title, and the base of addresses of each layer, from the manifest or a map."""
    titles: dict[str, str] = {}
    bases: dict[str, str] = {}
    entries = known.get("lagen") if known is not None else None
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict):
            titles[str(entry.get("titel"))], bases[str(entry.get("id"))] = str(entry.get("id")), str(entry.get("basis"))
    for told in maps:
        for layer in told.header["layers"]:
            titles.setdefault(str(layer.get("title")), layer["id"])
            bases.setdefault(layer["id"], str(layer.get("base")))
    return titles, bases


_DESCRIBED = {
    "titel": "title",
    "eenheid": "unit",
    "bron": "source",
    "bronhouder": "holder",
    "grondslag": "legal_basis",
    "betrouwbaarheid": "reliability",
    "vertekening": "bias",
    "weging": "themes",
    "basis": "base",
    "b": "b",
}


def of_words(known: Mapping[str, Any], told: TheMap, regions: Regions) -> Iterator[str]:
    """Compare what the manifest and the map say of the layers, the area and its regions."""
    entries = known.get("lagen")
    described = {entry.get("id"): entry for entry in entries} if isinstance(entries, list) else {}
    for layer in told.header["layers"]:
        entry = described.get(layer["id"])
        if entry and any(entry.get(own) != layer.get(other) for own, other in _DESCRIBED.items()):
            yield f"beschrijft laag {plain(layer['id'])} anders dan de kaart"
    if told.header.get("snapped") != [known["gebied"].get("adressen_erbij"), known["gebied"].get("adressen_eraf")]:
        yield "noemt een ander aantal adressen van buiten het gebied dan de kaart"
    background = told.header.get("background") or {}
    if known.get("ondergrond") != background.get("host"):
        yield "noemt een andere achtergrond dan de kaart"
    names = dict(zip(regions.codes, regions.names, strict=True))
    if any(names.get(code, name) != name for code, name, *_ in told.header["regions"]):
        yield "hoort bij een kaart met andere namen van gebieden"


def _follow_up(told: Mapping[str, Any] | None) -> str:
    if told is None:
        return ""
    totals = {stage: (each["ongeveer"], each["minstens"], each["hooguit"]) for stage, each in told["totalen"].items()}
    return digest.of_follow_up(totals, told["leidden_nooit_tot_iets"])


def of_digest(known: Mapping[str, Any], rows: Published) -> Iterator[str]:
    """Work the digest of the release out again, from the published table and what the manifest says."""
    layers = {entry.get("id"): entry.get("definitie_sha256") for entry in known["lagen"]}
    own = digest.of_release(
        area=known["gebied"].get("naam"),
        layers=layers,
        period=(known["periode"].get("van"), known["periode"].get("tot")),
        reference_date=known.get("peildatum", ""),
        profile=known["bescherming"].get("profiel"),
        seed=known.get("seed", 0),
        zones=known["bescherming"].get("zones_versie"),
        uses=known["bescherming"].get("gebruik_kenmerk", ""),
        caveat=known["bescherming"].get("voorbehoud") or "",
        routes=known["routes"].get("sha256", ""),
        top=known["routes"].get("per_buurt", 0),
        followed=_follow_up(known.get("opvolging")),
        version=known["product"].get("versie"),
        table=rows.digest,
        reference=known["tabel"].get("vergeleken_met_sha256"),
    )
    if rows.digest != known["tabel"].get("sha256"):
        yield "hoort bij een andere tabel dan zones.parquet"
    if own != known["kenmerk"]:
        yield "het kenmerk volgt niet uit de tabel en de gegevens van de uitgave"


def of_rates(known: Mapping[str, Any], told: TheMap) -> Iterator[str]:
    """Compare the rates of the region in the manifest with those on the map, and the number of signals."""
    rates = known.get("gemiddelden")
    own = {layer["id"]: layer.get("rate") for layer in told.header["layers"] if not layer["id"].startswith("thema:")}
    for name, rate in own.items():
        other = rates.get(name) if isinstance(rates, dict) else None
        if not _same(rate, other):
            yield f"noemt een ander gemiddelde voor {name} dan de kaart"
    signals = Counter(str(signal.get("theme")) for signal in told.header["signals"])
    if any(signals[theme] != times for theme, times in known["signalen"].items()) or signals.keys() - known["signalen"]:
        yield "noemt een ander aantal signalen dan de kaart"


def _same(one: object, other: object) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= _RATE_DIGITS * max(abs(one), abs(other))
    return one is None and other is None
