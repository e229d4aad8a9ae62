"""``factsheet-<thema>.pdf``: the figures in its tables and legend against those of the map it was made with.

What a table should say is worked out from the map, the GeoPackage and the published table, and looked for in the text
of the pages. The three findings in words, and the drawings, are not compared.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geoanalyse.geography import SHOWN, Regions
from geoanalyse.products import dutch
from geoanalyse.products.audit.figures import Figure, Place, named
from geoanalyse.products.audit.lists import level_of
from geoanalyse.products.audit.margins import OPEN, Margin
from geoanalyse.products.audit.settings import Setting
from geoanalyse.products.audit.table import Published
from geoanalyse.products.audit.themap import TheMap
from geoanalyse.products.labels import printable
from geoanalyse.routes import EXPLORATION

_NOTHING = "\N{EN DASH}"
_DIGITS = 3
_FEW = 3
_SIGNALS, _REASONS, _LONGEST = 5, 2, 240
_HOTSPOT = "hotspot: meer dan toeval"
_DRAWN = re.compile(r"Samengesteld beeld \w+ per ([a-z ]+),")
_INTERVAL = re.compile(r"([\d.]+) tot ([\d.]+)")
_LEFT_OUT = re.compile(r"Nog ([\d.]+) \w+ met een lagere score")


@dataclass(frozen=True, slots=True)
class Known:
    """What other files say that a factsheet says too.

    Attributes
    ----------
    drawn : TheMap
    figures : mapping of Place to Figure
        Of the map, with what the GeoPackage adds: ratios that are not rounded, and gemeenten.
    rows : Published
    margins : mapping of int to Margin
        By row of the table.
    settings : mapping of str to Setting
    regions : Regions
    """

    drawn: TheMap
    figures: Mapping[Place, Figure]
    rows: Published
    margins: Mapping[int, Margin]
    settings: Mapping[str, Setting]
    regions: Regions


def broken(text: str, theme: str, known: Known) -> Iterator[str]:
    """Name the tables of a factsheet with a number or word that the other files do not have.

    Parameters
    ----------
    text : str
        Text of its pages.
    theme : str
    known : Known
    """
    flat = " ".join(text.split())
    found = _DRAWN.search(flat)
    level = level_of(found[1]) if found else ""
    for title, lines in (
        ("de legenda", _legend(theme, level, known, flat)),
        ("de kerncijfers", _totals(theme, known)),
        ("de tabel van gebieden", _regions(theme, level, known, flat)),
        ("de signalen", _signals(theme, known)),
    ):
        wrong = sum(not any(_says(flat, each) for each in options) for options in lines)
        if wrong:
            yield f"{wrong} regels in {title} zijn niet wat de kaart en de tabel zeggen"


def _says(flat: str, words: str) -> bool:
    """Whether a text holds these words, and the number at their end does not go on; a hyphen at a line end is lost."""
    wanted = re.escape(" ".join(words.split())).replace(r"\-", r"(?:\- ?)?")
    return re.search(rf"(?<!\w){wanted}(?![\d.,]*\d)", flat) is not None


def _legend(theme: str, level: str, known: Known, flat: str) -> Iterator[list[str]]:
    own = _of_layer(f"thema:{theme}", level, known)
    steps = Counter(figure.step for figure in own.values())
    for step in range(6):
        yield [f"{dutch.class_label(step)} {dutch.number(steps[step])}"]
    hot = sum(figure.hotspot == "hotspot" for figure in own.values())
    if hot or _HOTSPOT in flat:
        yield [f"{_HOTSPOT} {dutch.number(hot)}"]


def _of_layer(layer: str, level: str, known: Known) -> dict[str, Figure]:
    name = named(layer)
    return {zone: each for (other, at, zone), each in known.figures.items() if other == name and at == level}


def _layers(theme: str, known: Known) -> list[Mapping[str, Any]]:
    """Give the layers of a theme as the map describes them, the heaviest first; only those whose settings are known."""
    own = [layer for layer in known.drawn.header["layers"] if theme in layer.get("themes", {})]
    own = [layer for layer in own if layer["id"] in known.settings]
    return sorted(own, key=lambda layer: (-layer["themes"][theme], layer["id"]))


# --- totals of the area -----------------------------------------------------------------------------------------------

Total = tuple[int, int, int | None, int]  # value, low, high, addresses


def _totals(theme: str, known: Known) -> Iterator[list[str]]:
    for layer in _layers(theme, known):
        options = [*_sums(layer["id"], known), *_whole(layer["id"], known)]
        title, region = printable(layer["title"]), dutch.significant(1000 * (layer["rate"] or 0.0), _DIGITS)
        if None not in options:
            yield [f"{title} {_total_words(each)} {_per_thousand(each)} {region}" for each in options if each] or [
                f"{title} {dutch.NO_DATA} {_NOTHING} {_NOTHING} {_NOTHING}"
            ]


def _sums(layer: str, known: Known) -> Iterator[Total]:
    """Add the layer up at every level of the map: the factsheet takes the one with the smallest range."""
    regions = known.regions
    divided = {
        regions.chain(code).get("wijk") for code, at in zip(regions.codes, regions.levels, strict=True) if at == "buurt"
    }
    for level in SHOWN[known.settings[layer].atom]:
        own = _of_layer(layer, level, known)
        if level == "buurt":  # with the wijken of gemeenten that have no buurten
            own |= {zone: each for zone, each in _of_layer(layer, "wijk", known).items() if zone not in divided}
        parts = [each for each in own.values() if each.value is not None]
        if parts and level != "gemeente":
            highs = [each.high for each in parts]
            yield (
                sum(each.value or 0 for each in parts),
                sum(each.low or 0 for each in parts),
                None if None in highs else sum(each or 0 for each in highs),
                sum(each.addresses or 0 for each in parts),
            )


def _whole(layer: str, known: Known) -> Iterator[Total | None]:
    """Add up the gemeenten, by the margins that follow from the table or else the GeoPackage's words."""
    rows, lows, highs = known.rows, {0}, {0}
    found = np.flatnonzero(rows.whole & rows.shown & (rows.layer == layer) & (rows.level == "gemeente"))
    for row in found.tolist():
        margin = known.margins.get(row) or _told(known.figures.get((named(layer), "gemeente", rows.zone[row])))
        if margin is None:
            yield None  # nothing says what the margin is
            return
        lows = {before + low for before in lows for low in margin.low}
        highs = {OPEN if OPEN in (before, high) else before + high for before in highs for high in margin.high}
    if len(found):
        value, addresses = int(rows.value[found].sum()), int(rows.addresses[found].sum())
        for low in lows:
            yield from ((value, low, None if high == OPEN else high, addresses) for high in highs)


def _told(figure: Figure | None) -> Margin | None:
    """Read a margin from words, such as "ongeveer 350 (341 tot 359)"."""
    found = _INTERVAL.search(figure.words or "") if figure is not None else None
    if found is None:
        return None
    low, high = (int(text.replace(".", "")) for text in found.groups())
    return Margin(frozenset({low}), frozenset({high}))


def _total_words(total: Total) -> str:
    value, low, high, _ = total
    return f"{dutch.number(low)} of meer" if high is None else dutch.value_words(value, "waarde", 1, low, high)


def _per_thousand(total: Total) -> str:
    value, low, high, addresses = total
    if high is None:
        return f"{dutch.significant(1000 * low / addresses, _DIGITS)} of meer"
    if value:
        return dutch.significant(1000 * value / addresses, _DIGITS)
    return f"0 tot {dutch.significant(1000 * high / addresses, _DIGITS)}"


# --- regions and signals ----------------------------------------------------------------------------------------------


def _regions(theme: str, drawn: str, known: Known, flat: str) -> Iterator[list[str]]:
    """Give the rows that are printed: all of them, but for the last ones that a note counts."""
    wijken = _of_layer(f"thema:{theme}", "wijk", known)
    buurten = _of_layer(f"thema:{theme}", "buurt", known)
    fine = len(wijken) <= _FEW and any(each.step is not None for each in buurten.values())
    level, own = ("buurt", buurten) if fine else ("wijk", wijken)
    names = dict(zip(known.regions.codes, known.regions.names, strict=True))
    if not own.keys() <= names.keys():
        return  # another division: said as a remark
    ranked = sorted(own, key=lambda code: (own[code].ratio is None, -(own[code].ratio or 0), names[code], code))
    layers = [layer for layer in _layers(theme, known) if level in SHOWN[known.settings[layer["id"]].atom]]
    values = [_of_layer(layer["id"], level, known) for layer in layers]
    hot = _hotspots(theme, drawn, level, known)
    note = _LEFT_OUT.search(flat)
    shown = len(ranked) - (int(note[1].replace(".", "")) if note else 0)
    for code in ranked[: max(shown, 0)]:
        ratio = own[code].ratio
        together = dutch.NO_DATA if ratio is None else dutch.times(ratio)
        cells = [_cell(each.get(code)) for each in values]
        spots = dutch.number(hot[code]) if code in hot else _NOTHING
        yield [" ".join([printable(names[code]), together, *cells, spots])]


def _cell(figure: Figure | None) -> str:
    words = _NOTHING if figure is None else figure.words or ""
    return words.removeprefix("ongeveer ")


def _hotspots(theme: str, drawn: str, level: str, known: Known) -> dict[str, int]:
    """Count the hot spots per region; one in which nothing was tested is left out."""
    rows = known.rows
    own = rows.level == drawn
    region = dict(zip(rows.zone[own].tolist(), rows.gebiedscode[own].tolist(), strict=True))
    codes = set(known.regions.codes)
    found: dict[str, int] = {}
    for zone, each in _of_layer(f"thema:{theme}", drawn, known).items():
        if each.hotspot is not None and region.get(zone) in codes:
            code = known.regions.chain(region[zone]).get(level, "")
            found[code] = found.get(code, 0) + (each.hotspot == "hotspot")
    return found


def _signals(theme: str, known: Known) -> Iterator[list[str]]:
    own: Sequence[Mapping[str, Any]] = [
        each
        for each in known.drawn.header["signals"]
        if each["theme"] == theme and each["strength"] != EXPLORATION  # on the list, but not on a factsheet
    ]
    for signal in sorted(own, key=lambda each: each["rank"])[:_SIGNALS]:
        reasons = printable("; ".join(signal["reasons"][:_REASONS])).rstrip(". ")
        short = reasons if len(reasons) <= _LONGEST else reasons[: _LONGEST - 1].rstrip() + "…"
        words = (signal["id"], signal["region"], short, signal["strength"], signal["reliability"], signal["route"])
        yield [" ".join(map(printable, words))]
