"""The rates of the region by use, in words: what a place with such uses is compared with."""

import pyarrow.compute as pc

from geoanalyse.layer import Layer, Use
from geoanalyse.products import dutch
from geoanalyse.release import Release

WORDS = {
    Use.HOSPITALITY: "horeca en bijeenkomst",
    Use.SHOP: "winkel",
    Use.INDUSTRY: "industrie",
    Use.OFFICE: "kantoor",
    Use.OTHER: "ander gebruik",
    Use.HOME: "woning",
}


def rates(release: Release, layer: Layer) -> str:
    """Say how often a layer occurs per use; empty where the uses are not known, or there is only one.

    Parameters
    ----------
    release : Release
    layer : Layer
        One of the release.
    """
    mine = release.use_rates.filter(pc.equal(release.use_rates["layer"], layer.id)).to_pylist()
    if not mine:
        return ""
    said = [f"{WORDS[Use(row['use'])]} {_per_thousand(row['rate'])} ({_range(row)})" for row in mine]
    return f"Geschat per 1.000 {dutch.BASES[layer.base][1]} naar gebruik (met ruwe marge): {'; '.join(said)}."


def _per_thousand(rate: float) -> str:
    return dutch.significant(1000 * rate)


def _range(row: dict[str, float]) -> str:
    return f"{_per_thousand(row['low'])} tot {_per_thousand(row['high'])}"
