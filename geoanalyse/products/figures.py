"""What a page says of a release: totals of the area, rankings, series and sentences, all from the published table.

Sentences come from fixed templates, each tied to a figure; nothing is claimed that the intervals do not bear.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import pdtr, pdtrc

from geoanalyse.geography import SHOWN
from geoanalyse.layer import Layer, Theme
from geoanalyse.products import dutch
from geoanalyse.release import Release
from geoanalyse.rounding import largest_variance, reach
from geoanalyse.routes import EXPLORATION, STRENGTHS
from geoanalyse.signals import Signal

_CHANCE = 0.025  # on either side: 95 %
_SAME_AREA = 0.05  # share of addresses by which a tiling may differ from the area


@dataclass(frozen=True, slots=True)
class Total:
    """A layer over the whole area, as the sum of published values.

    Attributes
    ----------
    layer : Layer
    level : str
        Level whose units were added up.
    units, unknown : int
        Units that were added up, and those without a value.
    addresses : int
        Addresses of the base in the units that were added up.
    value : int or None
        ``None`` when no unit has a value.
    low, high : int or None
        Least and greatest true number; ``high`` is ``None`` when a value is capped.
    """

    layer: Layer
    level: str
    units: int
    unknown: int
    addresses: int
    value: int | None
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Window:
    """One window of a series over the whole area; ``value`` is ``None`` where a part has none."""

    start: dt.date
    end: dt.date
    value: int | None
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Series:
    """A layer per window; ``place`` names the larger region it is about, and is empty when it is the area itself."""

    place: str
    windows: tuple[Window, ...]


def theme_layers(release: Release, theme: Theme) -> tuple[Layer, ...]:
    """Give the layers of a theme, the heaviest weight first."""
    layers = [layer for layer in release.layers if theme in layer.themes]
    return tuple(sorted(layers, key=lambda layer: (-layer.themes[theme], layer.id)))


def theme_signals(release: Release, theme: Theme) -> tuple[Signal, ...]:
    """Give the ranked signals of a theme, the strongest first; not the places that were drawn by lot."""
    ranked = (each for each in release.signals if each.theme == theme and each.strength != EXPLORATION)
    return tuple(sorted(ranked, key=lambda each: each.rank))


def explored(release: Release, theme: Theme) -> int:
    """Count the places on the list of a theme that were drawn by lot."""
    return sum(each.theme == theme and each.strength == EXPLORATION for each in release.signals)


def gemeenten(release: Release) -> tuple[str, ...]:
    """Give the names of the gemeenten that the area lies in: together the region it is compared with."""
    regions = release.geography.regions
    smallest = regions.region_of(release.area.cells)
    found = set(regions.at_level("gemeente")[smallest[smallest >= 0]].tolist())
    return tuple(sorted(regions.names[position] for position in found))


def rows(release: Release, layer: str, level: str) -> list[dict[str, Any]]:
    """Give the rows of the statistics for one layer (or ``thema:<thema>``) and level."""
    table: pa.Table = release.statistics
    wanted = pc.and_(pc.equal(table["layer"], layer), pc.equal(table["level"], level))
    return list(table.filter(wanted).to_pylist())


def area_total(release: Release, layer: Layer) -> Total:
    """Add a layer up over the area, at the level that leaves the smallest range.

    Every level that covers the same addresses is tried: a few totals that were rounded apart often say more than
    hundreds of zones. The range holds for certain: it is the sum of what every part leaves possible.
    """
    totals = [_add(layer, level, _parts(release, layer, level)) for level in SHOWN[layer.atom]]
    known = [total for total in totals if total.units and total.value is not None]
    if not known:
        return next((total for total in totals if total.unknown), totals[0])
    whole = known[0].addresses  # the finest level is the area itself
    same = [total for total in known if abs(total.addresses - whole) <= _SAME_AREA * whole]
    return min(same, key=_range)


def _parts(release: Release, layer: Layer, level: str) -> list[dict[str, Any]]:
    """Give the rows that make up the area at a level; with buurten, the wijken of gemeenten that have none."""
    own = rows(release, layer.id, level)
    if level != "buurt":
        return own
    regions = release.geography.regions
    divided = {
        regions.chain(code)["wijk"] for code, at in zip(regions.codes, regions.levels, strict=True) if at == "buurt"
    }
    return own + [row for row in rows(release, layer.id, "wijk") if row["zone"] not in divided]


def _add(layer: Layer, level: str, parts: Sequence[dict[str, Any]]) -> Total:
    known = [part for part in parts if part["value"] is not None]
    open_ended = any(part["high"] is None for part in known)
    return Total(
        layer=layer,
        level=level,
        units=len(known),
        unknown=len(parts) - len(known),
        addresses=sum(part["addresses"] for part in known),
        value=sum(part["value"] for part in known) if known else None,
        low=sum(part["low"] for part in known) if known else None,
        high=None if open_ended or not known else sum(part["high"] for part in known),
    )


def _range(total: Total) -> tuple[int, int]:
    """Order of totals: fewest units without a value, then the smallest range (a capped one counts as all addresses)."""
    high = total.addresses if total.high is None else total.high
    return total.unknown, high - (total.low or 0)


def total_words(total: Total) -> str:
    """Say a total as an interval.

    Examples
    --------
    >>> from unittest.mock import sentinel
    >>> total_words(Total(sentinel.layer, "wijk", 3, 0, 900, 30, 21, 39))
    'ongeveer 30 (21 tot 39)'
    """
    if total.value is None or total.low is None:
        return dutch.NO_DATA
    if total.high is None:
        return f"{dutch.number(total.low)} of meer"
    return dutch.value_words(total.value, "waarde", 1, total.low, total.high)


def comparison(total: Total, rate: float) -> str:
    """Compare a total with what the region's rate would give: ``hoger``, ``lager`` or ``niet aantoonbaar anders``.

    It is called higher only when even the least possible number would be unlikely (2.5 %) at the rate of the region,
    lower only when even the greatest would be.

    Parameters
    ----------
    total : Total
    rate : float
        Published rate of the reference region, as a fraction of its addresses.

    Examples
    --------
    >>> from unittest.mock import sentinel
    >>> comparison(Total(sentinel.layer, "wijk", 3, 0, 1000, 30, 21, 39), 0.01)
    'hoger'
    >>> comparison(Total(sentinel.layer, "wijk", 3, 0, 1000, 30, 12, 48), 0.01)
    'niet aantoonbaar anders'
    """
    if total.value is None or total.low is None:
        return dutch.NO_DATA
    expected = rate * total.addresses
    if total.low > 0 and pdtrc(total.low - 1, expected) < _CHANCE:
        return "hoger"
    if total.high is not None and pdtr(total.high, expected) < _CHANCE:
        return "lager"
    return "niet aantoonbaar anders"


def region_level(release: Release, theme: Theme) -> str:
    """Give the level of the table of regions: wijken, or buurten where the area has at most three wijken."""
    few = 3
    wijken = rows(release, f"thema:{theme}", "wijk")
    buurten = [row for row in rows(release, f"thema:{theme}", "buurt") if row["class"] is not None]
    return "buurt" if buurten and len(wijken) <= few else "wijk"


def ranking(release: Release, theme: Theme, level: str) -> list[dict[str, Any]]:
    """Give the regions of a level by composite ratio, the highest first; those without one last, by name."""
    name = release.geography.regions.name
    found = [row | {"name": name(row["zone"])} for row in rows(release, f"thema:{theme}", level)]
    return sorted(found, key=lambda row: (row["ratio"] is None, -(row["ratio"] or 0), row["name"], row["zone"]))


def series(release: Release, layer: Layer) -> Series | None:
    """Add the series of a layer up over the area; ``None`` when too little of the area has one.

    Only regions of the layer's own series level are added up: they are rounded apart, each by a threshold of its own.
    So their errors are independent, and the variance of each is at most a quarter of its base squared and that of its
    displacement: hence a margin of 95 %. Where that level is larger than the area, the series is that of the larger
    region, and says so.
    """
    if layer.series is None:
        return None
    table: pa.Table = release.protected.table
    whole = pc.and_(pc.equal(table["start"], release.start), pc.equal(table["end"], release.end))
    table = table.filter(pc.and_(pc.equal(table["layer"], layer.id), pc.invert(whole)))
    found = table.filter(pc.equal(table["rounding"], "apart")).to_pylist()
    lowest = [row for row in found if row["level"] == layer.series_level] or found
    parts = sorted({row["zone"] for row in lowest})
    addresses = sum({row["zone"]: row["addresses"] for row in lowest}.values())
    inside = area_total(release, layer).addresses
    if not parts or addresses < (1 - _SAME_AREA) * inside:
        return None
    names = tuple(release.geography.regions.name(code) for code in parts)
    windows = sorted(set(zip(table["start"].to_pylist(), table["end"].to_pylist(), strict=True)))
    return Series(
        place="" if addresses <= (1 + _SAME_AREA) * inside else dutch.listing(names),
        windows=tuple(
            _window(start, end, [row for row in lowest if row["start"] == start], len(parts)) for start, end in windows
        ),
    )


def _window(start: dt.date, end: dt.date, parts: Sequence[dict[str, Any]], expected: int) -> Window:
    if len(parts) < expected:
        return Window(start, end, None, None, None)
    value = sum(part["value"] for part in parts)
    certain = sum(reach(part["b"]) for part in parts)
    likely = 1.96 * sum(largest_variance(part["b"]) for part in parts) ** 0.5
    margin = min(certain, round(likely))
    return Window(start, end, value, max(0, value - margin), value + margin)


def is_telling(windows: Sequence[Window]) -> bool:
    """Whether a series says more than its margins: the mean value lies above the mean margin."""
    known = [window for window in windows if window.value is not None]
    return bool(known) and sum(2 * (w.value or 0) for w in known) >= sum((w.high or 0) - (w.low or 0) for w in known)


def window_words(window: Window) -> str:
    """Say the value of a window as an interval."""
    if window.value is None:
        return dutch.NO_DATA
    return dutch.value_words(window.value, "waarde", 1, window.low, window.high)


def hotspots_by_region(release: Release, theme: Theme, level: str, drawn: str) -> Counter[str]:
    """Count the hot spots of the level that is drawn per region of a coarser level, by code."""
    regions = release.geography.regions
    hot = {row["zone"] for row in rows(release, f"thema:{theme}", drawn) if row["hotspot"] == "hotspot"}
    region = _region_of(release, drawn)
    return Counter(regions.chain(region[zone]).get(level, "") for zone in sorted(hot))


def _region_of(release: Release, level: str) -> dict[str, str]:
    """Smallest region that each unit of a level belongs to, by the unit's name."""
    table: pa.Table = release.protected.table
    table = table.filter(pc.equal(table["level"], level))
    return dict(zip(table["zone"].to_pylist(), table["gebiedscode"].to_pylist(), strict=True))


# --- sentences --------------------------------------------------------------------------------------------------------


def findings(release: Release, theme: Theme, level: str) -> tuple[str, ...]:
    """Say in three findings what stands out: where signals meet, which source stands out, what the list advises.

    Parameters
    ----------
    release : Release
    theme : Theme
    level : str
        Level of the main cut-out, whose hot spots are counted.
    """
    return _where(release, theme, level), _which(release, theme), _advice(release, theme)


def _where(release: Release, theme: Theme, level: str) -> str:
    tested = [row for row in rows(release, f"thema:{theme}", level) if row["hotspot"] is not None]
    hot = {row["zone"] for row in tested if row["hotspot"] == "hotspot"}
    about = f"Signalen van {dutch.THEMES[theme]}"
    if not tested:
        return f"{about} zijn in dit gebied niet getoetst. Er zijn te weinig gegevens."
    if not hot:
        return f"{about} komen nergens in dit gebied aantoonbaar vaker samen dan door toeval te verwachten is."
    wijken = _wijken_of(release, level, hot)
    places = [f"{name} ({count})" for name, count in wijken.most_common(2)]
    spots = dutch.plural(len(hot), *dutch.LEVELS[level])
    start = f"In {spots} komen signalen van {dutch.THEMES[theme]} vaker samen dan door toeval te verwachten is."
    if len(wijken) == 1:
        return dutch.stop(f"{start} Al deze hotspots liggen in {next(iter(wijken))}")
    return f"{start} De meeste van deze hotspots liggen in {dutch.listing(places)}."


def _wijken_of(release: Release, level: str, zones: set[str]) -> Counter[str]:
    """Count units per wijk, most first and then by name."""
    regions = release.geography.regions
    region = _region_of(release, level)
    chains = (regions.chain(region[zone]) for zone in sorted(zones))
    counted = Counter(regions.name(chain.get("wijk", chain["gemeente"])) for chain in chains)
    return Counter(dict(sorted(counted.items(), key=lambda item: (-item[1], item[0]))))


def _which(release: Release, theme: Theme) -> str:
    """Name the heaviest source that is demonstrably above the region somewhere, and where most of all."""
    measured = False
    for layer in theme_layers(release, theme):
        level = next((level for level in ("wijk", "buurt", "gemeente") if level in SHOWN[layer.atom]), "wijk")
        own = _own_regions(release, level)
        known = [row for row in rows(release, layer.id, level) if row["zone"] in own and row["rate_low"] is not None]
        measured |= bool(known)
        # A published 0 may be a true 0: it never proves that something is higher.
        higher = [row for row in known if row["ratio"] and row["rate_low"] > release.rates[layer.id] and row["low"]]
        if higher:
            return _layer_finding(release, layer, dutch.LEVELS[level][1], known, higher)
    if measured:
        return "Geen enkele bron ligt in een van de wijken aantoonbaar boven het gemiddelde van de regio."
    return "Over dit thema zijn voor dit gebied geen cijfers bekend. Onbekend is niet hetzelfde als weinig."


def _own_regions(release: Release, level: str) -> set[str]:
    """Regions of a level that lie mainly in the area; a coarse layer may also publish a neighbour that it touches."""
    regions = release.geography.regions
    holder = regions.at_level(level)[regions.region]
    inside = np.isin(regions.cells, release.area.cells)
    codes, total = np.unique(holder[holder >= 0], return_counts=True)
    here = np.bincount(holder[(holder >= 0) & inside], minlength=len(regions.codes))[codes]
    return {regions.codes[code] for code in codes[2 * here > total].tolist()}


def _layer_finding(
    release: Release, layer: Layer, many: str, known: Sequence[dict[str, Any]], higher: Sequence[dict[str, Any]]
) -> str:
    top = min(higher, key=lambda row: (-row["ratio"], row["zone"]))
    name, ratio = release.geography.regions.name(top["zone"]), dutch.times(top["ratio"])
    if len(known) == 1:
        return (
            f"{layer.title}: het aantal in {name} is aantoonbaar hoger dan gemiddeld in de regio. "
            f"Het is ongeveer {ratio} het gemiddelde."
        )
    if len(higher) == 1:
        return (
            f"{layer.title}: in één van de {dutch.number(len(known))} {many} is het aantal aantoonbaar hoger dan "
            f"gemiddeld in de regio. Dat is {name}, met ongeveer {ratio} het gemiddelde."
        )
    if len(higher) == len(known):
        where = f"beide {many}" if len(known) == 2 else f"alle {dutch.number(len(known))} {many}"  # noqa: PLR2004
    else:
        where = f"{dutch.small(len(higher))} van de {dutch.number(len(known))} {many}"
    return (
        f"{layer.title}: in {where} is het aantal "
        "aantoonbaar hoger dan gemiddeld in de regio. Het verschil is het grootst in "
        f"{name}: ongeveer {ratio} het gemiddelde."
    )


def _advice(release: Release, theme: Theme) -> str:
    signals = theme_signals(release, theme)
    if release.profile == "openbaar":
        return "Een openbare uitgave heeft geen signaallijst. Zij noemt geen plekken om te gaan kijken."
    if not signals:
        return "De signaallijst telt geen signalen voor dit thema. Dat betekent niet dat er niets speelt."
    counted = Counter(signal.strength for signal in signals)
    kinds = [kind for kind in STRENGTHS if counted[kind]]
    first = signals[0]
    if len(signals) == 1:
        return (
            f"De signaallijst telt één signaal ({first.strength}): {first.id}, in {first.region_name}. "
            f"Het advies is {first.route}."
        )
    shares = f"alle {kinds[0]}" if len(kinds) == 1 else dutch.listing([f"{dutch.small(counted[k])} {k}" for k in kinds])
    return (
        f"De signaallijst telt {dutch.number(len(signals))} signalen: {shares}. Het eerste ({first.id}) ligt in "
        f"{first.region_name}; het advies is {first.route}."
    )
