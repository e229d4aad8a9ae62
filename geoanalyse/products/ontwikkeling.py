"""Where a layer rises, falls, stays a hot spot or gives an early warning, in Dutch, from the series of its regions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow.compute as pc

from geoanalyse.layer import Layer
from geoanalyse.products import dutch
from geoanalyse.products.sentence import Figure, Sentence, joined, say
from geoanalyse.release import Release
from geoanalyse.stats.spacetime import TOO_FEW

TITLE = "Wat verandert waar?"
_NAMED = 3  # regions that are named; of more the number is given
_HOT = {
    "nieuw": "nieuwe hotspot",
    "opeenvolgend": "hotspot in de laatste perioden op rij",
    "toenemend": "bijna steeds hotspot en toenemend",
    "aanhoudend": "bijna steeds hotspot",
    "terugkerend": "af en toe hotspot, ook nu",
}
"""Patterns that are hot at the end; the others have nothing to look at now."""
_RECENT = 2  # windows at the end in which an early warning still counts


def sentences(release: Release, layers: Sequence[Layer]) -> list[Sentence]:
    """Say per layer where something changes, on the finest level at which it has a series.

    Parameters
    ----------
    release : Release
    layers : sequence of Layer
        Those to speak of; one without a series that is long enough is left out.

    Returns
    -------
    list of Sentence
        The last names the layers of which nothing stands out.
    """
    found: list[Sentence] = []
    quiet: list[str] = []
    for layer in layers:
        mine = release.trends.filter(pc.equal(release.trends["layer"], layer.id))
        rows = mine.filter(pc.equal(mine["level"], layer.series_level)).to_pylist()
        tested = [row for row in rows if row["trend"] != TOO_FEW]
        said = _of_layer(release, layer, tested)
        if said.text:
            found.append(said)
        elif tested:
            quiet.append(layer.title)
    if quiet:
        found.append(Sentence(f"Niets aantoonbaar veranderd en geen blijvende hotspot: {dutch.listing(quiet)}."))
    return found


def _of_layer(release: Release, layer: Layer, rows: Sequence[Mapping[str, Any]]) -> Sentence:
    parts = [
        _named(release, layer, trend, [row["zone"] for row in rows if row["trend"] == trend])
        for trend in ("stijgend", "dalend")
    ]
    parts += [
        _named(release, layer, words, [row["zone"] for row in rows if row["pattern"] == pattern])
        for pattern, words in _HOT.items()
    ]
    windows = release.windows.filter(pc.equal(release.windows["layer"], layer.id))
    starts = sorted(pc.unique(windows["start"]).to_pylist())[-_RECENT:]
    parts.append(_named(release, layer, "vroege waarschuwing", [row["zone"] for row in rows if row["alarm"] in starts]))
    said = joined(*parts, by="; ")
    return replace(said, text=dutch.stop(f"{layer.title}: {said.text}")) if said.text else said


def _named(release: Release, layer: Layer, words: str, codes: list[str]) -> Sentence:
    """Name the regions, or count them where there are many; empty where there are none."""
    if not codes:
        return Sentence("")
    regions = release.geography.regions
    if len(codes) > _NAMED:
        level = regions.levels[regions.index(codes[0])]
        count = Figure(dutch.number(len(codes)), len(codes), words, layer.id, level)
        return say("{words} in {count} {regions}", words=words, count=count, regions=dutch.LEVELS[level][1])
    return Sentence(f"{words} in {dutch.listing([regions.name(code) for code in codes])}")
