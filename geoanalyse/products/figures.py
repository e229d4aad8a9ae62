"""What a page shows of a release: totals of the area, rankings and series, all from the published table."""

import datetime as dt
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
from geoanalyse.routes import EXPLORATION
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
    status : str
        ``onderdrukt`` when there is no value because every unit without one is withheld; else ``geen_data``.
    """

    layer: Layer
    level: str
    units: int
    unknown: int
    addresses: int
    value: int | None
    low: int | None
    high: int | None
    status: str = "geen_data"


@dataclass(frozen=True, slots=True)
class Window:
    """One window of a series over the whole area.

    Attributes
    ----------
    start, end : datetime.date
    value : int or None
        ``None`` where a part has none; `status` says why.
    low, high : int or None
        ``high`` is ``None`` for "or more" as well.
    status : str
        ``waarde``, ``cap``, ``geen_data`` or ``onderdrukt``.
    """

    start: dt.date
    end: dt.date
    value: int | None
    low: int | None
    high: int | None
    status: str = "waarde"


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


def rows(release: Release, layer: str, level: str, *columns: str) -> list[dict[str, Any]]:
    """Give the rows of the statistics for one layer (or ``thema:<thema>``) and level; of some columns, or of all."""
    table = _rows(release, layer, level)
    return list((table.select(columns) if columns else table).to_pylist())


def hotspots(release: Release, layer: str, level: str) -> list[dict[str, Any]]:
    """Give the rows of the hot spots of one layer (or ``thema:<thema>``) and level."""
    table = _rows(release, layer, level)
    return list(table.filter(pc.equal(table["hotspot"], "hotspot")).to_pylist())


def _rows(release: Release, layer: str, level: str) -> pa.Table:
    table: pa.Table = release.statistics
    return table.filter(pc.and_(pc.equal(table["layer"], layer), pc.equal(table["level"], level)))


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
    columns = ("zone", "value", "low", "high", "addresses", "status")
    own = rows(release, layer.id, level, *columns)
    if level != "buurt":
        return own
    regions = release.geography.regions
    divided = {
        regions.chain(code)["wijk"] for code, at in zip(regions.codes, regions.levels, strict=True) if at == "buurt"
    }
    return own + [row for row in rows(release, layer.id, "wijk", *columns) if row["zone"] not in divided]


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
        status="onderdrukt"
        if {part["status"] for part in parts if part["value"] is None} == {"onderdrukt"}
        else "geen_data",
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
        return dutch.value_words(None, total.status, 1)
    return dutch.value_words(total.value, "cap" if total.high is None else "waarde", 1, total.low, total.high)


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


def region_level(release: Release, layer: str) -> str:
    """Give the level of the table of regions: wijken, or buurten where the area has at most three wijken.

    Parameters
    ----------
    release : Release
    layer : str
        Layer id, or ``thema:<thema>``.
    """
    few = 3
    wijken = rows(release, layer, "wijk")
    buurten = [row for row in rows(release, layer, "buurt") if row["class"] is not None]
    return "buurt" if buurten and len(wijken) <= few else "wijk"


def ranking(release: Release, layer: str, level: str) -> list[dict[str, Any]]:
    """Give the regions of a level by ratio, the highest first; those without one last, by name."""
    name = release.geography.regions.name
    found = [row | {"name": name(row["zone"])} for row in rows(release, layer, level)]
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
    table: pa.Table = release.protected.table.drop_columns("cells")
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
    every = table.group_by(["start", "end"]).aggregate([])
    windows = sorted(zip(every["start"].to_pylist(), every["end"].to_pylist(), strict=True))
    return Series(
        place="" if addresses <= (1 + _SAME_AREA) * inside else dutch.listing(names),
        windows=tuple(
            _window(start, end, [row for row in lowest if row["start"] == start], len(parts)) for start, end in windows
        ),
    )


def series_of(release: Release, layer: Layer, code: str) -> Series | None:
    """Give the published series of one region, or of the wijk or gemeente it lies in where it shows none of its own."""
    regions = release.geography.regions
    chain = regions.chain(code)
    above = [chain[level] for level in ("buurt", "wijk", "gemeente") if level in chain]
    for place in above[above.index(code) :]:
        windows = windows_of(release, layer, place)
        if any(window.status != "onderdrukt" for window in windows):
            return Series("" if place == code else regions.name(place), windows)
    return None


def windows_of(release: Release, layer: Layer, code: str) -> tuple[Window, ...]:
    """Give the windows of one region as they are published, in the order of time; none where it has no series."""
    mine = pc.and_(pc.equal(release.windows["layer"], layer.id), pc.equal(release.windows["zone"], code))
    names = ("start", "end", "value", "low", "high", "status")
    rows = release.windows.filter(mine).sort_by("start").to_pylist()
    return tuple(Window(*(row[name] for name in names)) for row in rows)


def _window(start: dt.date, end: dt.date, parts: Sequence[dict[str, Any]], expected: int) -> Window:
    if len(parts) < expected:
        return Window(start, end, None, None, None, "geen_data")
    value = sum(part["value"] for part in parts)
    certain = sum(reach(part["b"]) for part in parts)
    likely = 1.96 * sum(largest_variance(part["b"]) for part in parts) ** 0.5
    margin = min(certain, round(likely))
    if any(part["status"] == "cap" for part in parts):  # of a part with no upper end the sum has none either
        return Window(start, end, value, max(0, value - margin), None, "cap")
    return Window(start, end, value, max(0, value - margin), value + margin)


def is_telling(windows: Sequence[Window]) -> bool:
    """Whether a series says more than its margins: the mean value is more than half the mean range.

    Of "or more" only the least that is possible is known: half the range is then taken for what lies below the value.
    """
    known = [window for window in windows if window.value is not None]
    ranges = (((2 * (w.value or 0) if w.high is None else w.high + (w.low or 0)) - 2 * (w.low or 0)) for w in known)
    return bool(known) and sum(2 * (window.value or 0) for window in known) > sum(ranges)


def window_words(window: Window) -> str:
    """Say the value of a window as an interval.

    Examples
    --------
    >>> day = dt.date(2025, 1, 1)
    >>> window_words(Window(day, day, 10, 4, None, "cap")), window_words(Window(day, day, 10, 4, 16))
    ('4 of meer', 'ongeveer 10 (4 tot 16)')
    """
    return dutch.value_words(window.value, window.status, 1, window.low, window.high)


def hotspots_by_region(release: Release, layer: str, level: str, drawn: str) -> dict[str, int]:
    """Count the hot spots of the level that is drawn per region of a coarser level, by code.

    A region in which nothing was tested is left out: that is another thing than 0.
    """
    regions = release.geography.regions
    region = region_of(release, drawn)
    table = _rows(release, layer, drawn)
    tested = table.filter(pc.is_valid(table["hotspot"]))
    found: dict[str, int] = {}
    for zone, call in zip(tested["zone"].to_pylist(), tested["hotspot"].to_pylist(), strict=True):
        code = regions.chain(region[zone]).get(level, "")
        found[code] = found.get(code, 0) + (call == "hotspot")
    return found


def region_of(release: Release, level: str) -> dict[str, str]:
    """Smallest region that each unit of a level belongs to, by the unit's name."""
    table: pa.Table = release.protected.table.select(["level", "zone", "gebiedscode"])
    table = table.filter(pc.equal(table["level"], level))
    last = table.group_by("zone", use_threads=False).aggregate([("gebiedscode", "last")])
    return dict(zip(last["zone"].to_pylist(), last["gebiedscode_last"].to_pylist(), strict=True))


def own_regions(release: Release, level: str) -> set[str]:
    """Regions of a level that lie mainly in the area; a coarse layer may also publish a neighbour that it touches."""
    regions = release.geography.regions
    holder = regions.at_level(level)[regions.region]
    inside = np.isin(regions.cells, release.area.cells)
    codes, total = np.unique(holder[holder >= 0], return_counts=True)
    here = np.bincount(holder[(holder >= 0) & inside], minlength=len(regions.codes))[codes]
    return {regions.codes[code] for code in codes[2 * here > total].tolist()}


def in_region(release: Release, layer: Layer, code: str) -> Total:
    """Give a layer's published figure of one region, as a total; without a value where it has none there."""
    level = release.geography.regions.levels[release.geography.regions.index(code)]
    table = _rows(release, layer.id, level)
    return _add(layer, level, table.filter(pc.equal(table["zone"], code)).to_pylist())
