"""Where a layer rises, falls, stays a hot spot or gives an early warning, in Dutch, from the series of its regions."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow.compute as pc

from geoanalyse.layer import Layer
from geoanalyse.products import dutch
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


def sentences(release: Release, layers: Sequence[Layer]) -> list[str]:
    """Say per layer where something changes, on the finest level at which it has a series.

    Parameters
    ----------
    release : Release
    layers : sequence of Layer
        Those to speak of; one without a series that is long enough is left out.

    Returns
    -------
    list of str
        The last names the layers of which nothing stands out.
    """
    found, quiet = [], []
    for layer in layers:
        mine = release.trends.filter(pc.equal(release.trends["layer"], layer.id))
        rows = mine.filter(pc.equal(mine["level"], layer.series_level)).to_pylist()
        tested = [row for row in rows if row["trend"] != TOO_FEW]
        said = _of_layer(release, layer, tested)
        if said:
            found.append(said)
        elif tested:
            quiet.append(layer.title)
    if quiet:
        found.append(f"Niets aantoonbaar veranderd en geen blijvende hotspot: {dutch.listing(quiet)}.")
    return found


def _of_layer(release: Release, layer: Layer, rows: Sequence[Mapping[str, Any]]) -> str:
    parts = [
        _named(release, trend, [row["zone"] for row in rows if row["trend"] == trend])
        for trend in ("stijgend", "dalend")
    ]
    parts += [
        _named(release, words, [row["zone"] for row in rows if row["pattern"] == pattern])
        for pattern, words in _HOT.items()
    ]
    windows = release.windows.filter(pc.equal(release.windows["layer"], layer.id))
    starts = sorted(pc.unique(windows["start"]).to_pylist())[-_RECENT:]
    parts.append(_named(release, "vroege waarschuwing", [row["zone"] for row in rows if row["alarm"] in starts]))
    said = "; ".join(filter(None, parts))
    return f"{layer.title}: {said}." if said else ""


def _named(release: Release, words: str, codes: list[str]) -> str:
    """Name the regions, or count them where there are many; empty where there are none."""
    if not codes:
        return ""
    regions = release.geography.regions
    if len(codes) > _NAMED:
        level = regions.levels[regions.index(codes[0])]
        return f"{words} in {dutch.number(len(codes))} {dutch.LEVELS[level][1]}"
    return f"{words} in {dutch.listing([regions.name(code) for code in codes])}"
