"""What stands out, in three findings: fixed templates, each number tied to the published table.

Nothing is claimed that the intervals do not bear: "hoger" means demonstrably so, and where nothing can be shown the
sentence says that.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from geoanalyse.geography import SHOWN
from geoanalyse.layer import Layer
from geoanalyse.products import dutch, figures
from geoanalyse.products.factsheet.subjects import Kind, Subject
from geoanalyse.products.sentence import Figure, Sentence, joined, say
from geoanalyse.release import Release
from geoanalyse.routes import STRENGTHS

Row = Mapping[str, Any]

_NAMED = 2  # wijken that are named


def findings(release: Release, subject: Subject, level: str) -> tuple[Sentence, ...]:
    """Say in three findings what stands out: where signals meet, which source stands out, what the list advises.

    Parameters
    ----------
    release : Release
    subject : Subject
    level : str
        Level of the main cut-out, whose hot spots are counted.
    """
    if subject.kind is Kind.BUURT:
        return _of_buurt(release, subject), _sources_of_buurt(release, subject), _hot_in_buurt(release, subject, level)
    return _where(release, subject, level), _which(release, subject), _advice(release, subject)


# --- an area ----------------------------------------------------------------------------------------------------------


def _where(release: Release, subject: Subject, level: str) -> Sentence:
    (layer,) = subject.drawn
    rows = figures.rows(release, layer, level, "zone", "hotspot")
    tested = [row for row in rows if row["hotspot"] is not None]
    hot = {row["zone"] for row in tested if row["hotspot"] == "hotspot"}
    about = _about(release, subject)
    if not tested:
        return Sentence(f"{dutch.sentence(about)} zijn in dit gebied niet getoetst. Er zijn te weinig gegevens.")
    if not hot:
        start = dutch.sentence(about)
        return Sentence(f"{start} komen nergens in dit gebied aantoonbaar vaker samen dan door toeval.")
    found = say(
        "In {spots} komen {about} vaker samen dan door toeval.",
        spots=Figure(dutch.plural(len(hot), *dutch.LEVELS[level]), len(hot), "hotspots", layer, level),
        about=about,
    )
    wijken = _wijken_of(release, level, hot)
    if len(wijken) == 1:
        name = release.geography.regions.name(next(iter(wijken)))
        return joined(found, say("Al deze hotspots liggen in {name}.", name=name))
    regions = release.geography.regions
    most = wijken.most_common(_NAMED)
    counts = {
        f"count{number}": Figure(dutch.number(count), count, "hotspots", layer, level, code)
        for number, (code, count) in enumerate(most)
    }
    names = {f"name{number}": regions.name(code) for number, (code, _) in enumerate(most)}
    places = dutch.listing([f"{{name{number}}} ({{count{number}}})" for number in range(len(most))])
    return joined(found, say(f"De meeste van deze hotspots liggen in {places}.", **counts, **names))


def _about(release: Release, subject: Subject) -> str:
    """Name what is drawn."""
    if subject.kind is Kind.THEME:
        return f"signalen van {subject.words}"
    titles = {layer.id: layer.title for layer in release.layers}
    return f"hoge cijfers van {titles[subject.drawn[0]]}"


def _wijken_of(release: Release, level: str, zones: set[str]) -> Counter[str]:
    """Count units per wijk by code, most first and then by name."""
    regions = release.geography.regions
    region = figures.region_of(release, level)
    chains = (regions.chain(region[zone]) for zone in sorted(zones))
    counted = Counter(chain.get("wijk", chain["gemeente"]) for chain in chains)
    return Counter(dict(sorted(counted.items(), key=lambda item: (-item[1], regions.name(item[0])))))


def _which(release: Release, subject: Subject) -> Sentence:
    """Name the heaviest source that is demonstrably above the region somewhere, and where most of all."""
    measured = False
    for layer in subject.layers:
        level = next((level for level in ("wijk", "buurt", "gemeente") if level in SHOWN[layer.atom]), "wijk")
        own = figures.own_regions(release, level)
        known = [
            row for row in figures.rows(release, layer.id, level) if row["zone"] in own and row["rate_low"] is not None
        ]
        measured |= bool(known)
        higher = [row for row in known if _is_higher(row, release.rates[layer.id])]
        if higher:
            return _layer_finding(release, layer, level, known, higher)
    if measured:
        return Sentence("Geen enkele bron ligt in een van de wijken aantoonbaar boven het gemiddelde van de regio.")
    return Sentence("Hierover zijn voor dit gebied geen cijfers bekend. Onbekend is niet hetzelfde als weinig.")


def _is_higher(row: Row, rate: float) -> bool:
    """Whether a figure is demonstrably above the region's; a published 0 may be a true 0 and never proves it."""
    return bool(row["ratio"] and row["rate_low"] > rate and row["low"])


def _layer_finding(release: Release, layer: Layer, level: str, known: Sequence[Row], higher: Sequence[Row]) -> Sentence:
    top = min(higher, key=lambda row: (-row["ratio"], row["zone"]))
    many = dutch.LEVELS[level][1]
    told: dict[str, Figure | str] = {
        "layer": layer.title,
        "name": release.geography.regions.name(top["zone"]),
        "ratio": Figure(dutch.times(top["ratio"]), top["ratio"], "verhouding", layer.id, level, top["zone"]),
        "higher": Figure(dutch.small(len(higher)), len(higher), "aantoonbaar hoger", layer.id, level),
        "known": Figure(dutch.number(len(known)), len(known), "met cijfer", layer.id, level),
    }
    if len(known) == 1:
        return say(
            "{layer}: het aantal in {name} is aantoonbaar hoger dan gemiddeld in de regio. Het is ongeveer {ratio} het "
            "gemiddelde.",
            **{key: told[key] for key in ("layer", "name", "ratio")},
        )
    if len(higher) == 1:
        return say(
            f"{{layer}}: in {{higher}} van de {{known}} {many} is het aantal aantoonbaar hoger dan gemiddeld in de "
            "regio. Dat is {name}, met ongeveer {ratio} het gemiddelde.",
            **told,
        )
    where = f"{{higher}} van de {{known}} {many}"
    if len(higher) == len(known):
        both = len(known) == 2  # noqa: PLR2004
        told["known"] = Figure("beide" if both else f"alle {len(known)}", len(known), "met cijfer", layer.id, level)
        where = f"{{known}} {many}"
        del told["higher"]
    return say(
        f"{{layer}}: in {where} is het aantal aantoonbaar hoger dan gemiddeld in de regio. Het verschil is het grootst "
        "in {name}: ongeveer {ratio} het gemiddelde.",
        **told,
    )


def _advice(release: Release, subject: Subject) -> Sentence:
    if release.profile == "openbaar":
        return Sentence("Een openbare uitgave heeft geen signaallijst. Zij noemt geen plekken om te gaan kijken.")
    signals = subject.signals
    if not signals:
        return Sentence("De signaallijst telt hiervoor geen signalen. Dat betekent niet dat er niets speelt.")
    first = signals[0]
    whose = f"thema:{first.theme}"
    quantity = "signalen" if subject.kind is Kind.THEME else "signalen van deze bronnen"
    by_theme = subject.kind is Kind.THEME
    if len(signals) == 1:
        start = "De signaallijst telt {count} signaal" if by_theme else "{count} signaal noemt een van deze bronnen"
        return say(
            f"{start} ({{strength}}): {{id}}, in {{name}}. Het advies is {{route}}.",
            count=Figure("één" if by_theme else "Eén", 1, quantity, whose),
            strength=first.strength,
            id=first.id,
            name=first.region_name,
            route=first.route,
        )
    counted = Counter(signal.strength for signal in signals)
    kinds = [kind for kind in STRENGTHS if counted[kind]]
    shares = {
        f"share{number}": Figure(dutch.small(counted[kind]), counted[kind], f"{quantity}: {kind}", whose)
        for number, kind in enumerate(kinds)
    }
    split = dutch.listing([f"{{share{number}}} {kind}" for number, kind in enumerate(kinds)])
    if len(kinds) == 1:
        shares, split = {}, f"alle {kinds[0]}"
    start = "De signaallijst telt {count} signalen" if by_theme else "{count} signalen noemen een van deze bronnen"
    return say(
        f"{start}: {split}. Het eerste ({{id}}) ligt in {{name}}; het advies is {{route}}.",
        count=Figure(dutch.number(len(signals)), len(signals), quantity, whose),
        **shares,
        id=first.id,
        name=first.region_name,
        route=first.route,
    )


# --- a buurt ----------------------------------------------------------------------------------------------------------


def _of_buurt(release: Release, subject: Subject) -> Sentence:
    """Say how high the composites are here, how sure that is, and what place that is among the others."""
    level = release.geography.regions.levels[release.geography.regions.index(subject.region)]
    said = []
    for layer in subject.drawn:
        rows = figures.rows(release, layer, level)
        own = next((row for row in rows if row["zone"] == subject.region), None)
        title = dutch.sentence(dutch.THEMES[layer.removeprefix("thema:")])
        if own is None or own["ratio"] is None:
            said.append(Sentence(f"{title}: geen totaalbeeld, want er zijn te weinig gegevens."))
            continue

        def figure(words: str, name: str, quantity: str, *, layer: str = layer, own: Row = own) -> Figure:
            return Figure(words, own[name], quantity, layer, level, subject.region)

        ratio = figure(dutch.times(own["ratio"]), "ratio", "verhouding")
        if own["ratio_low"] is None or own["rank_low"] is None:
            said.append(say("{title}: ongeveer {ratio} het gemiddelde van de regio.", title=title, ratio=ratio))
            continue
        low, high = (dutch.significant(own[name]) for name in ("ratio_low", "ratio_high"))
        ranked = sum(row["ratio"] is not None for row in rows)
        said.append(
            say(
                "{title}: ongeveer {ratio} het gemiddelde van de regio ({low} tot {high} keer). Dat is plaats {first} "
                "tot {last} van de {count} {many} in dit gebied.",
                title=title,
                ratio=ratio,
                low=figure(low, "ratio_low", "verhouding_minstens"),
                high=figure(high, "ratio_high", "verhouding_hooguit"),
                first=figure(dutch.number(own["rank_low"]), "rank_low", "plaats_minstens"),
                last=figure(dutch.number(own["rank_high"]), "rank_high", "plaats_hooguit"),
                count=Figure(dutch.number(ranked), ranked, "met cijfer", layer, level),
                many=dutch.LEVELS[level][1],
            )
        )
    return joined(*said)


def _sources_of_buurt(release: Release, subject: Subject) -> Sentence:
    """Name the sources that are demonstrably higher or lower here than in the region."""
    called: dict[str, list[str]] = {}
    for layer in subject.layers:
        total = figures.in_region(release, layer, subject.region)
        if total.value is not None:
            called.setdefault(figures.comparison(total, release.rates[layer.id]), []).append(layer.title)
    parts = [
        f"Aantoonbaar {word} dan gemiddeld in de regio: {dutch.listing(called[word])}."
        for word in ("hoger", "lager")
        if word in called
    ]
    if not called:
        return Sentence("Geen enkele bron heeft een eigen cijfer van deze plek. Onbekend is niet hetzelfde als weinig.")
    if not parts:
        return Sentence("Geen enkele bron is hier aantoonbaar hoger of lager dan gemiddeld in de regio.")
    return Sentence(" ".join(parts))


def _hot_in_buurt(release: Release, subject: Subject, level: str) -> Sentence:
    """Count the hot spots and signals here, per theme."""
    spots, signals = [], []
    region = figures.region_of(release, level)
    regions = release.geography.regions
    for layer in subject.drawn:
        words = dutch.THEMES[layer.removeprefix("thema:")]
        called = [
            row["hotspot"]
            for row in figures.rows(release, layer, level)
            if row["hotspot"] is not None and subject.region in regions.chain(region[row["zone"]]).values()
        ]
        mine = [signal for signal in subject.signals if f"thema:{signal.theme}" == layer]
        hot = called.count("hotspot")
        if called:
            spots.append((words, Figure(dutch.small(hot), hot, "hotspots", layer, level, subject.region)))
        signals.append((words, Figure(dutch.small(len(mine)), len(mine), "signalen", layer, "", subject.region)))
    many = dutch.LEVELS[level][1]
    if not spots:
        hot_spots = Sentence("Of er hier hotspots zijn, is niet getoetst. Er zijn te weinig gegevens.")
    elif not any(figure.value for _, figure in spots):
        hot_spots = Sentence(f"Er zijn hier geen {many} die een hotspot zijn.")
    else:
        hot_spots = _counted(f"Hotspots ({many})", spots)
    if release.profile == "openbaar":
        return joined(hot_spots, Sentence("Een openbare uitgave heeft geen signaallijst."))
    if not any(figure.value for _, figure in signals):
        return joined(
            hot_spots, Sentence("Op de signaallijst staat hier niets. Dat betekent niet dat er niets speelt.")
        )
    return joined(hot_spots, _counted("Op de signaallijst", signals))


def _counted(what: str, counts: Sequence[tuple[str, Figure]]) -> Sentence:
    parts = {f"count{number}": figure for number, (_, figure) in enumerate(counts)}
    listed = dutch.listing([f"{{count{number}}} voor {words}" for number, (words, _) in enumerate(counts)])
    return say(f"{what}: {listed}.", **parts)
