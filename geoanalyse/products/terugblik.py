"""How well earlier figures told where later events were, in Dutch: the same sentences on map and factsheet."""

from collections.abc import Mapping, Sequence
from typing import Any

from geoanalyse.layer import Layer
from geoanalyse.products import dutch
from geoanalyse.products.sentence import Figure, Sentence, joined, say
from geoanalyse.release import Release
from geoanalyse.stats.hindsight import BETTER, DENSITY, LAST, MAP, RANDOM, SIZES, UNKNOWN, WORSE

Row = Mapping[str, Any]

TITLE = "Hoe goed waren eerdere cijfers?"

BASELINES = {
    LAST: "de aantallen van de periode ervoor",
    DENSITY: "het aantal adressen per hectare",
    RANDOM: "blind kiezen",
}
"""What the map is compared with, in the words of a reader."""

ON_THE_MAP = (
    "Hieronder staat per laag hoe goed cijfers van toen aanwezen waar later iets was. Geleerd is van de eerste "
    "perioden, getoetst op de laatste, over alle gebieden van de regio. De echte aantallen zijn niet bekend. Daarom "
    "staat er alleen wat zeker is, en dat is vaak weinig. Het zegt niets over één plek."
)

_SHARE = 0.05
_BELOW_ONE = 0.1  # shares under this get a decimal


def sentences(release: Release, layers: Sequence[Layer]) -> list[Sentence]:
    """Say per layer how much of what came later was found, and what did as well or better.

    Parameters
    ----------
    release : Release
    layers : sequence of Layer
        Those to speak of; one without a series is left out.

    Returns
    -------
    list of Sentence
    """
    known = rows(release)
    return [_of_layer(layer, known[layer.id]) for layer in layers if layer.id in known]


def rows(release: Release) -> dict[str, list[Row]]:
    """Give the rows of the scorecard per layer."""
    found: dict[str, list[Row]] = {}
    for row in release.scorecard.to_pylist():
        found.setdefault(row["layer"], []).append(row)
    return found


def share_words(fraction: float) -> str:
    """Write a share, with a decimal where it is small.

    Examples
    --------
    >>> share_words(0.0364), share_words(0.117), share_words(0.05)
    ('3,6%', '12%', '5%')
    """
    return dutch.percentage(fraction, 1 if 0 < fraction < _BELOW_ONE else 0).replace(",0%", "%")


def range_words(low: float, high: float) -> str:
    """Write a range of shares.

    Examples
    --------
    >>> range_words(0.003, 0.947)
    '0,3% tot 95%'
    """
    return f"{share_words(low)} tot {share_words(high)}"


def verdicts(compared: Sequence[Row]) -> str:
    """Say what the map did better than, and plainly what did better than the map.

    Examples
    --------
    >>> verdicts([{"forecast": LAST, "verdict": WORSE}, {"forecast": RANDOM, "verdict": BETTER}])
    'Dat is zeker beter dan blind kiezen. De aantallen van de periode ervoor wezen het zeker beter aan.'
    """
    names = {
        verdict: [BASELINES[row["forecast"]] for row in compared if row["verdict"] == verdict]
        for verdict in (BETTER, WORSE, UNKNOWN)
    }
    parts = []
    if names[BETTER]:
        parts.append(f"Dat is zeker beter dan {dutch.listing(names[BETTER])}.")
    if names[WORSE]:
        many = len(names[WORSE]) > 1 or BASELINES[LAST] in names[WORSE]
        verb = "wezen" if many else "wees"
        parts.append(f"{dutch.sentence(dutch.listing(names[WORSE]))} {verb} het zeker beter aan.")
    if names[UNKNOWN]:
        parts.append(f"Of dit beter is dan {_either(names[UNKNOWN])}, is niet te zeggen.")
    return " ".join(parts)


def _either(items: Sequence[str]) -> str:
    return " of ".join(items) if len(items) < 3 else f"{', '.join(items[:-1])} of {items[-1]}"  # noqa: PLR2004


def _of_layer(layer: Layer, known: Sequence[Row]) -> Sentence:
    chosen = [row for row in known if row["size"] == SIZES[0] and row["share"] == _SHARE]
    if not chosen:
        return Sentence(f"{layer.title}: niet getoetst ({known[0]['verdict']}).")
    finest = [row for row in chosen if row["level"] == chosen[0]["level"]]
    ours = next(row for row in finest if row["forecast"] == MAP)
    about = {"layer": layer.id, "level": ours["level"]}
    found = say(
        "{layer}: in de {share} van de adressen met vooraf de hoogste cijfers lag in {tested} tussen {low} en {high} "
        "van de gevallen.",
        layer=layer.title,
        share=Figure(share_words(_SHARE), _SHARE, "aandeel", **about),
        tested=Figure(dutch.calendar_unit(ours["start"], ours["end"]), ours["start"].isoformat(), "getoetst_van"),
        low=Figure(share_words(ours["hit_low"]), ours["hit_low"], "treffers_minstens", **about),
        high=Figure(share_words(ours["hit_high"]), ours["hit_high"], "treffers_hooguit", **about),
    )
    return joined(found, Sentence(verdicts([row for row in finest if row["forecast"] != MAP])))
