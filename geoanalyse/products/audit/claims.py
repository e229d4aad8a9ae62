"""The figures behind the sentences, as the manifest lists them, against the map they are about.

A figure whose quantity is not among those that a map can answer is not compared; that its words stand on the product
is looked at elsewhere.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePath
from typing import Any

from geoanalyse.products import dutch
from geoanalyse.products.audit.factsheet import Known
from geoanalyse.products.audit.figures import Figure, named
from geoanalyse.products.audit.manifest import Manifest
from geoanalyse.routes import EXPLORATION

_DOUBLE = 4
_RATIO = 0.006  # of a ratio with three significant digits, as the map has it

_ROUNDING = 0.051  # of a value that is said in two digits
_TELLING = re.compile(r"(?:factsheet|casusbeeld)-[\w-]+\.(?:pdf|html|pptx)|index\.html")
_NUMBER = re.compile(r"\d+(?:\.\d{3})*(?:,\d+)?")
_WORDS = ("geen", "[eé]én", "twee|beide", *(dutch.small(number) for number in range(3, 13)))

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


def untrue(known: Manifest) -> Iterator[str]:
    """Say what is wrong with the sentences of a manifest in themselves: none for a product, or words of other numbers.

    Parameters
    ----------
    known : Manifest
    """
    told = known.get("zinnen")
    sentences = told if isinstance(told, dict) else {}
    files = known["bestanden"]
    stems = {PurePath(name).stem for name in files if _TELLING.fullmatch(str(name))}
    silent = sum(not any(_figures({stem: sentences.get(stem) or []})) for stem in stems)
    if silent:
        yield f"noemt van {silent} producten geen zinnen met cijfers"
    wrong = sum(
        str(figure.get("als")) not in str(sentence.get("tekst")) or not _agree(figure)
        for listed in sentences.values()
        if isinstance(listed, list)
        for sentence in listed
        if isinstance(sentence, dict)
        for figure in _of_sentence(sentence)
    )
    if wrong:
        yield f"{wrong} cijfers achter de zinnen zijn anders dan de zin zegt"


def _agree(figure: Entry) -> bool:
    """Whether the words of a figure can be those of its value; days and other words are not worked out.

    Examples
    --------
    >>> _agree({"als": "2,6 keer", "waarde": 2.571}), _agree({"als": "drie", "waarde": 3})
    (True, True)
    >>> _agree({"als": "18 zones", "waarde": 19}), _agree({"als": "0 tot 4", "waarde": 7})
    (False, False)
    """
    value, words = figure.get("waarde"), str(figure.get("als"))
    if isinstance(value, str):
        return True
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    found = [float(each.replace(".", "").replace(",", ".")) for each in _NUMBER.findall(words)]
    shares = "%" in words
    if shares:
        found = [each / 100 for each in found]
    found += [number for number, word in enumerate(_WORDS) if re.search(rf"(?i)\b{word}\b", words)]
    allowed = _ROUNDING * abs(value) if isinstance(value, float) else 0
    if shares:  # whole, or with one decimal
        allowed = max(allowed, 0.0005001 if "," in words else 0.005001)
    return any(abs(each - value) <= allowed for each in found)


def _figures(entries: object) -> Iterator[Entry]:
    every = entries.values() if isinstance(entries, dict) else ()
    sentences = [each for listed in every if isinstance(listed, list) for each in listed]
    for sentence in sentences:
        if isinstance(sentence, dict):
            yield from _of_sentence(sentence)


def _of_sentence(sentence: Entry) -> Iterator[Entry]:
    figures = sentence.get("cijfers")
    yield from (figure for figure in figures if isinstance(figure, dict)) if isinstance(figures, list) else ()


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
