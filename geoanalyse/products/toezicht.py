"""What drives the figures of a layer, and whether its hot spots follow the inspections: one text for every product."""

from collections import Counter
from dataclasses import replace

import pyarrow.compute as pc

from geoanalyse.layer import Bias, Layer
from geoanalyse.products import dutch
from geoanalyse.products.sentence import Figure, Sentence, joined, say
from geoanalyse.release import Release
from geoanalyse.stats import TESTED
from geoanalyse.stats.inspections import HOT, NOT_HOT, UNDECIDED

DRIVERS = {
    Bias.INSPECTION: "Dit cijfer komt uit controles: waar meer wordt gekeken, wordt meer gevonden.",
    Bias.REPORT: "Dit cijfer komt uit meldingen: waar meer wordt gemeld, lijkt meer te gebeuren.",
    Bias.REGISTER: "Dit cijfer komt uit een register: het volgt wat is ingeschreven, niet wat er gebeurt.",
    Bias.MEASUREMENT: "Dit cijfer is gemeten: het hangt niet af van wie er kijkt of meldt.",
}
"""What an observation of a layer comes about by."""

NO_INSPECTIONS = "Hoe vaak waar is gecontroleerd, is niet bekend: een hotspot kan ook het toezicht volgen."


def drives(release: Release, layer: Layer) -> str:
    """Say what drives a layer, and how many of its hot spots are one per inspection too.

    Parameters
    ----------
    release : Release
    layer : Layer
        One of the release.
    """
    unknown = layer.bias is Bias.INSPECTION and not follow_up(release, layer)
    return f"{DRIVERS[layer.bias]} {NO_INSPECTIONS if unknown else hot_spots(release, layer).text}".rstrip()


def hot_spots(release: Release, layer: Layer) -> Sentence:
    """Say how many hot spots of a layer are one per inspection too; empty where that is not known or there are none."""
    return joined(*(_words(layer, level, found) for level, found in follow_up(release, layer).items()))


def follow_up(release: Release, layer: Layer) -> dict[str, Counter[str]]:
    """Count per level how the hot spots of a layer are called with inspections in place of addresses.

    Returns
    -------
    dict of str to Counter
        `HOT`, `NOT_HOT`, `UNDECIDED`, and an empty word for a hot spot without a published number of inspections; of no
        level when the release has no inspections for this layer.
    """
    looked = release.inspections.filter(pc.equal(release.inspections["layer"], layer.id))
    if not len(looked):
        return {}
    called = {(row["level"], row["zone"]): row["hotspot"] for row in looked.to_pylist()}
    mine = release.statistics.filter(
        pc.and_(pc.equal(release.statistics["layer"], layer.id), pc.equal(release.statistics["hotspot"], "hotspot"))
    )
    hot = list(zip(mine["level"].to_pylist(), mine["zone"].to_pylist(), strict=True))
    return {level: Counter(called.get(key) or "" for key in hot if key[0] == level) for level in TESTED}


def _words(layer: Layer, level: str, found: Counter[str]) -> Sentence:
    """Say it for one level; nothing where there is no hot spot."""
    total = found.total()
    if not total:
        return Sentence("")
    also, not_so, open_ = found[HOT], found[NOT_HOT], found[UNDECIDED] + found[""]

    def count(number: int, quantity: str) -> Figure:
        return Figure(dutch.number(number), number, quantity, layer.id, level)

    said = say(
        "Van {total} {units} als hotspot {are} er {also} dat ook per controle",
        total=count(total, "hotspots"),
        units=dutch.LEVELS[level][0 if total == 1 else 1],
        are="is" if also == 1 else "zijn",
        also=count(also, "ook per controle"),
    )
    if not_so:
        less = count(not_so, "niet per controle")
        said = joined(said, say("{less} niet: daar volgt het cijfer mogelijk het toezicht", less=less), by="; ")
    if open_:
        said = joined(said, say("van {open} is het niet te zeggen", open=count(open_, "niet te zeggen")), by="; ")
    return replace(said, text=f"{said.text}.")
