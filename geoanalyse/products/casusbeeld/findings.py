"""What the figures say of a case: a table of its sources, and findings by rule; no more than the intervals bear."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geoanalyse.casus import Casus
from geoanalyse.layer import Layer
from geoanalyse.products import dutch, figures, shapes
from geoanalyse.products.casusbeeld import fixed
from geoanalyse.products.casusbeeld.place import REGIONS, Place, lies_in
from geoanalyse.products.casusbeeld.themap import level_of
from geoanalyse.products.figures import Total
from geoanalyse.products.sentence import Figure, Sentence
from geoanalyse.release import Release

Content = dict[str, Any]

_NOTHING = "\N{EN DASH}"
_NO_FIGURE = "geen eigen cijfer"
_DIGITS = 3
_OUTCOMES = {
    "Aantoonbaar hoger dan in de regio": "hoger",
    "Aantoonbaar lager": "lager",
    "Niet aantoonbaar anders": "niet aantoonbaar anders",
    "Niet bekend": "",
}
"""What is said of a source, by what `figures.comparison` finds."""


# --- the table --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """What a source says of the place."""

    layer: Layer
    level: str
    code: str
    words: str
    total: Total | None
    rate: float

    @property
    def outcome(self) -> str:
        """How it compares with the region; empty when that cannot be said."""
        known = self.total is not None and self.total.value is not None and self.total.addresses
        return figures.comparison(self.total, self.rate) if known and self.total else ""


def row_of(release: Release, layer: Layer, place: Place) -> Row:
    """Find what a source says of a place."""
    rate = release.rates.get(layer.id, 0.0)
    if not place.code:
        total = figures.area_total(release, layer)
        return Row(layer, total.level, "", figures.total_words(total), total, rate)
    row = _own(release, layer, place)
    if row is None:
        return Row(layer, place.level, place.code, _NO_FIGURE, None, rate)
    words = dutch.value_words(row["value"], row["status"], layer.b, row["low"], row["high"])
    total = Total(layer, place.level, 1, 0, row["addresses"], row["value"], row["low"], row["high"])
    return Row(layer, place.level, place.code, words, total, rate)


def _own(release: Release, layer: Layer, place: Place) -> dict[str, Any] | None:
    """Find the row of a layer for the place itself: equal names of zones on two bases are two places."""
    found = next((row for row in figures.rows(release, layer.id, place.level) if row["zone"] == place.code), None)
    if found is None or place.level in (*REGIONS, "gemeente"):
        return found
    cells = shapes.unit_cells(release, layer.id, place.level).get(place.code)
    return found if cells is not None and np.array_equal(np.sort(cells), place.cells) else None


def table(release: Release, place: Place, rows: Sequence[Row]) -> Content:
    """Give the table of sources."""
    note = (
        "Tussen haakjes staat het bereik waarin het echte aantal zeker ligt. * Per 1.000 adressen waarvoor de bron kan "
        f"gelden. Regio: {dutch.listing(figures.gemeenten(release))}."
    )
    return {
        "kop": list(fixed.TABLE),
        "rijen": [_cells(row) for row in rows],
        "noot": Sentence(note, (Figure("1.000", 1000, "noemer"),)),
        "over": Sentence(dutch.stop(f"Dit zijn de aantallen in {place.title}")),
    }


def _cells(row: Row) -> list[Sentence]:
    total, where = row.total, {"layer": row.layer.id, "level": row.level, "place": row.code}
    nothing = Sentence(_NOTHING)
    if total is None or total.value is None:
        return [Sentence(row.layer.title), Sentence(row.words), nothing, nothing, nothing]
    counted = _counted(row.words, total, **where)
    if not total.addresses:
        return [Sentence(row.layer.title), counted, nothing, nothing, nothing]
    region = dutch.significant(1000 * row.rate, _DIGITS)
    return [
        Sentence(row.layer.title),
        counted,
        _per_thousand(total, **where),
        Sentence(region, (Figure(region, 1000 * row.rate, "regio per 1.000", row.layer.id),)),
        Sentence(row.outcome),
    ]


def _counted(words: str, total: Total, **where: str) -> Sentence:
    """Give a count in words with the figures in it: the value and its range, as far as they are said."""
    told = (("aantal", total.value), ("minstens", total.low), ("hooguit", total.high))
    said = [(dutch.number(value), value, what) for what, value in told if value is not None]
    found = tuple(Figure(shown, value, what, **where) for shown, value, what in said if shown in words)
    return Sentence(words, found)


def _per_thousand(total: Total, **where: str) -> Sentence:
    """Rate of a total per 1.000 addresses; of a published 0 the range, for it may not be 0."""
    if total.high is None:
        words = dutch.significant(least := 1000 * (total.low or 0) / total.addresses, _DIGITS)
        return Sentence(f"{words} of meer", (Figure(words, least, "per 1.000, minstens", **where),))
    if total.value:
        words = dutch.significant(rate := 1000 * total.value / total.addresses, _DIGITS)
        return Sentence(words, (Figure(words, rate, "per 1.000", **where),))
    words = dutch.significant(most := 1000 * total.high / total.addresses, _DIGITS)
    return Sentence(
        f"0 tot {words}", (Figure("0", 0, "per 1.000", **where), Figure(words, most, "per 1.000, hooguit", **where))
    )


# --- findings ---------------------------------------------------------------------------------------------------------


def findings(release: Release, casus: Casus, place: Place, rows: Sequence[Row]) -> Iterator[Sentence]:
    """Say what the figures say, by rule."""
    if place.code:
        yield _composite(release, casus, place)
    yield _hot_spots(release, casus, place)
    yield _sources(rows)
    yield _signals(release, casus, place)


def _composite(release: Release, casus: Casus, place: Place) -> Sentence:
    """Say the composite of the place and its band, and no more than the band bears."""
    layer, subject = f"thema:{casus.theme}", dutch.THEMES[casus.theme]
    row = next((row for row in figures.rows(release, layer, place.level) if row["zone"] == place.code), None)
    if row is None or row["ratio"] is None:
        return Sentence(
            f"Voor {place.title} is geen samengesteld beeld van {subject} bekend. Onbekend is niet hetzelfde als "
            "weinig."
        )
    where = {"layer": layer, "level": place.level, "place": place.code}
    told = [Figure(dutch.times(row["ratio"]), row["ratio"], "verhouding", **where)]
    text = (
        f"Alle bronnen samen: signalen van {subject} liggen in {place.title} op {told[0].words} het gemiddelde van de "
        "regio."
    )
    low, high = row["ratio_low"], row["ratio_high"]
    if low is not None and high is not None:
        least, most = dutch.significant(low), dutch.times(high)
        told += [
            Figure(least, low, "verhouding, minstens", **where),
            Figure(most, high, "verhouding, hooguit", **where),
        ]
        # what is said of the band must hold for the numbers as they are printed
        above, below = float(f"{low:.2g}") > 1, float(f"{high:.2g}") < 1
        side = "boven" if above else "onder" if below else ""
        meaning = f"Die hele marge ligt {side} het gemiddelde." if side else "Daar ligt het gemiddelde zelf ook in."
        text += f" De marge is {least} tot {most}. {meaning}"
    return Sentence(text, tuple(told))


def _hot_spots(release: Release, casus: Casus, place: Place) -> Sentence:
    """Count the hot spots that lie mainly in the place, at the level that is drawn."""
    layer, level = f"thema:{casus.theme}", level_of(release, place)
    cells = shapes.unit_cells(release, layer, level)
    own = place.cells
    tested = [
        row
        for row in figures.rows(release, layer, level)
        if row["hotspot"] is not None
        and 2 * np.isin(cells.get(row["zone"], own[:0]), own).sum() > len(cells[row["zone"]])
    ]
    _, many = dutch.LEVELS[level]
    if not tested:
        return Sentence(f"Hotspots: {place.title} is op dit niveau niet getoetst. Er zijn te weinig gegevens.")
    hot, where = sum(row["hotspot"] == "hotspot" for row in tested), {"layer": layer, "level": level}
    if len(tested) == 1 and tested[0]["zone"] == place.code:
        verdict = "is een hotspot: meer dan door toeval te verwachten is" if hot else "is geen hotspot"
        return Sentence(f"{dutch.sentence(place.title)} {verdict}.")
    total = Figure(dutch.number(len(tested)), len(tested), f"getoetste {many}", place=place.code, **where)
    if not hot:
        return Sentence(f"Geen van de {total.words} getoetste {many} in {place.title} is een hotspot.", (total,))
    count = Figure(dutch.number(hot), hot, "hotspots", place=place.code, **where)
    verb = "is een hotspot" if hot == 1 else "zijn een hotspot"
    return Sentence(
        f"{count.words} van de {total.words} getoetste {many} in {place.title} {verb}: daar is het meer dan door "
        "toeval te verwachten is.",
        (count, total),
    )


def _sources(rows: Sequence[Row]) -> Sentence:
    """Say of each source how it compares with the region."""
    by_outcome = {
        words: [row.layer.title for row in rows if row.outcome == outcome] for words, outcome in _OUTCOMES.items()
    }
    parts = [f"{words}: {dutch.listing(titles)}." for words, titles in by_outcome.items() if titles]
    if not any(row.outcome for row in rows):
        return Sentence("Geen enkele bron heeft hier een eigen cijfer. Onbekend is niet hetzelfde als weinig.")
    return Sentence(" ".join(parts))


def _signals(release: Release, casus: Casus, place: Place) -> Sentence:
    """Count the signals of the theme in the place, and give the advice of the first."""
    if release.profile == "openbaar":
        return Sentence("Een openbare uitgave noemt geen signalen.")
    found = [each for each in figures.theme_signals(release, casus.theme) if lies_in(each, place)]
    if not found:
        return Sentence(f"In {place.title} heeft de signaallijst geen signaal. Dat betekent niet dat er niets speelt.")
    first = found[0]
    name = Figure(first.id, first.rank, "signaal", level=first.level, place=first.zone)
    advice = f"{dutch.advised(first.advice)}"
    if len(found) == 1:
        return Sentence(
            f"De signaallijst heeft hier één signaal: {name.words}. Het advies is {first.route} ({advice}).", (name,)
        )
    count = Figure(dutch.number(len(found)), len(found), "signalen", place=place.code)
    return Sentence(
        f"In {place.title} telt de signaallijst {count.words} signalen. Het advies bij het eerste ({name.words}) is "
        f"{first.route} ({advice}).",
        (count, name),
    )
