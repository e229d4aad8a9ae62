"""The figures behind the sentences, as the manifest lists them, against the map they are about.

A figure whose quantity is not among those that a map can answer is not compared; that its words stand on the product
is looked at elsewhere.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from geoanalyse.products import dutch
from geoanalyse.products.audit.factsheet import Known
from geoanalyse.products.audit.figures import Figure, named
from geoanalyse.routes import EXPLORATION

_DOUBLE = 4
_RATIO = 0.006  # of a ratio with three significant digits, as the map has it

Entry = Mapping[str, Any]


def broken(entries: object, known: Known) -> Iterator[str]:
    """Say how many figures behind the sentences are not those of the map.

    Parameters
    ----------
    entries : object
        ``zinnen`` of a manifest: by product, sentences with ``cijfers``.
    known : Known
        What the map says.
    """
    wrong = 0
    for entry in _figures(entries):
        answer = _ANSWERS.get(str(entry.get("grootheid")))
        told = entry.get("waarde")
        if answer is None or not isinstance(told, int | float):
            continue
        right = answer(entry, known)
        allowed = _RATIO * abs(right or 0) if answer is _ratio else 0
        wrong += right is not None and abs(right - told) > allowed
    if wrong:
        yield f"{wrong} cijfers achter de zinnen zijn niet die van de kaart"


def _figures(entries: object) -> Iterator[Entry]:
    sentences = [each for listed in entries.values() for each in listed] if isinstance(entries, dict) else []
    for sentence in sentences:
        if isinstance(sentence, dict):
            yield from (figure for figure in sentence.get("cijfers", ()) if isinstance(figure, dict))


def _here(entry: Entry, known: Known) -> list[Figure]:
    """Give the figures of a layer and level on the map, of the units in a place where one is named."""
    layer, level, place = (str(entry.get(key, "")) for key in ("laag", "niveau", "plek"))
    mine = {zone: figure for (name, at, zone), figure in known.figures.items() if name == named(layer) and at == level}
    if not place:
        return list(mine.values())
    rows = known.rows
    own = rows.level == level
    region = dict(zip(rows.zone[own].tolist(), rows.gebiedscode[own].tolist(), strict=True))
    codes = set(known.regions.codes)
    return [
        figure
        for zone, figure in mine.items()
        if zone == place or (region.get(zone) in codes and place in known.regions.chain(region[zone]).values())
    ]


def _hot(entry: Entry, known: Known) -> float:
    return sum(figure.hotspot == "hotspot" for figure in _here(entry, known))


def _double(entry: Entry, known: Known) -> float:
    return sum(figure.step is not None and figure.step >= _DOUBLE for figure in _here(entry, known))


def _ratio(entry: Entry, known: Known) -> float | None:
    place = (named(str(entry.get("laag"))), str(entry.get("niveau")), str(entry.get("plek")))
    figure = known.figures.get(place)
    if figure is None or figure.ratio is None:
        return None
    told = entry.get("waarde")
    same = isinstance(told, float | int) and dutch.times(float(told)) == str(entry.get("als")).removeprefix("ongeveer ")
    return figure.ratio if same else 0.0  # words that say another number than the value beside them


def _listed(entry: Entry, known: Known) -> float:
    layer, place = str(entry.get("laag", "")), str(entry.get("plek", ""))
    names = dict(zip(known.regions.codes, known.regions.names, strict=True))
    signals = [each for each in known.drawn.header["signals"] if each["strength"] != EXPLORATION]
    mine = [each for each in signals if layer in ("", f"thema:{each['theme']}")]
    return sum(
        not place or names.get(place) in (each["region"], each.get("wijk"), each.get("gemeente")) for each in mine
    )


_ANSWERS: Mapping[str, Callable[[Entry, Known], float | None]] = {
    "hotspots": _hot,
    "twee keer of hoger": _double,
    "verhouding": _ratio,
    "signalen": _listed,
}
