"""The small print of page two: how sure this is, what it does not say, sources, legal basis, protection, retention."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from geoanalyse.layer import Layer
from geoanalyse.products import dutch, figures, terugblik, toezicht, verantwoording
from geoanalyse.products.factsheet.subjects import Subject
from geoanalyse.products.labels import printable
from geoanalyse.products.sentence import Figure, Sentence, joined, say
from geoanalyse.release import Release

Content = dict[str, Any]

LONGEST = 240
"""Characters of one text that people wrote."""

FOOT = "Een hoge score is een signaal, geen bewijs. Deze factsheet gaat over plekken, niet over personen."


def short(text: str) -> str:
    """Make a text that people wrote printable, and cut it where it is too long for its place.

    Examples
    --------
    >>> short("een zin. "), len(short("x" * 1000)) == LONGEST
    ('een zin', True)
    """
    kept = printable(text).rstrip(". ")
    return kept if len(kept) <= LONGEST else kept[: LONGEST - 1].rstrip() + "…"


def quoted(text: str) -> Sentence:
    """Give a text that people wrote as a sentence of theirs."""
    return Sentence(dutch.stop(dutch.sentence(short(text))), quoted=True)


def day(when: dt.date, quantity: str) -> Figure:
    """Give a day as a figure.

    Examples
    --------
    >>> day(dt.date(2099, 12, 31), "bewaren_tot").words
    '31 december 2099'
    """
    return Figure(dutch.date(when), when.isoformat(), quantity)


def period(release: Release) -> Sentence:
    """Say the period and the reference date."""
    words = dutch.sentence(dutch.period(release.start, release.end))
    return say(
        "{period}. Peildatum {day}.",
        period=Figure(words, f"{release.start.isoformat()}/{release.end.isoformat()}", "periode"),
        day=day(release.reference_date, "peildatum"),
    )


def decision(release: Release) -> Sentence:
    """Say which decision this rests on, and of which day it is."""
    basis = release.grondslag
    return joined(
        Sentence(f"{dutch.sentence(basis.kind)}: {short(basis.decision)}", quoted=True),
        say("({day}).", day=day(basis.date, "besluit")),
    )


def retention(release: Release) -> Sentence:
    """Say until when this may be kept, and until when the decision is valid."""
    return say(
        "Bewaren tot en met {until}. Geldig tot en met {valid}.",
        until=day(release.grondslag.retain_until, "bewaren_tot"),
        valid=day(release.grondslag.valid_until, "geldig_tot"),
    )


def promise(release: Release) -> Sentence:
    """Say the promise of protection, as every product does."""
    k = release.geography.zones.k
    return Sentence(verantwoording.short_promise(k), (Figure(f"minder dan {k} adressen", k, "k"),))


def made_from(release: Release) -> Sentence:
    """Say which release, zones, key and profile this is of."""
    return say(
        "Gemaakt met geoanalyse uit één release: {digest}. Zones {zones}, sleutel {key}. Profiel {profile}.",
        digest=Figure(release.digest, release.digest, "kenmerk"),
        zones=Figure(release.zones_version, release.zones_version, "zones_versie"),
        key=Figure(release.key_mark, release.key_mark, "sleutelmerk"),
        profile=Figure(dutch.PROFILES[release.profile], release.profile, "profiel"),
    )


def columns(release: Release, subject: Subject, level: str) -> list[list[Content]]:
    """Give the notes in three columns, each with titled lists."""
    basis, layers = release.grondslag, subject.layers
    not_said = (
        "Een hoge score is een signaal, geen bewijs.",
        "Het gaat over plekken, nooit over personen of bedrijven.",
        "Weinig signalen betekent niet dat er niets speelt. Waar niemand kijkt, wordt niets gevonden.",
        "De factsheet voorspelt niets. Een mens beslist.",
    )
    legal = [
        decision(release),
        Sentence(f"Reikwijdte: {basis.scope}. Doel: {dutch.stop(short(basis.purpose))}", quoted=True),
        Sentence(f"Opvolging: {dutch.stop(short(basis.follow_up))}", quoted=True),
        *(Sentence(f"{layer.title}: {dutch.stop(short(layer.legal_basis))}", quoted=True) for layer in layers),
    ]
    keep = [
        retention(release),
        Sentence(f"Rubricering: {dutch.stop(short(basis.classification))}", quoted=True),
    ]
    earlier = terugblik.sentences(release, layers)
    return [
        [
            _part("Hoe zeker is dit?", sure(release, subject, level)),
            _part("Wat dit niet zegt", map(Sentence, not_said)),
        ],
        [_part("Grondslag", legal), _part("Bewaren", keep)],
        [_part("Bescherming", _protection(release, layers)), *([_part(terugblik.TITLE, earlier)] if earlier else [])],
    ]


def sure(release: Release, subject: Subject, level: str) -> list[Sentence]:
    """Say how sure the figures, the hot spots and the order are."""
    said = [
        Sentence("Elk aantal is afgerond. Het bereik erachter is zeker."),
        say(
            "Een hotspot is getoetst: van alle hotspots is naar verwachting hooguit {share} toeval.",
            share=Figure("5%", 0.05, "vals_alarm"),
        ),
        *(_firmness(release, layer, level) for layer in subject.drawn),
    ]
    if not subject.region:
        said.append(_first_place(release, subject))
    said += [
        Sentence("Bij weinig adressen trekt de schatting naar het gemiddelde. Zo telt één geval niet te zwaar."),
        Sentence("'Niet aantoonbaar anders' betekent: het verschil kan toeval of afronding zijn."),
    ]
    return list(dict.fromkeys(each for each in said if each.text))


def _firmness(release: Release, layer: str, level: str) -> Sentence:
    """Say how many hot spots of what is drawn stand firm; of a composite nothing is known of that."""
    called = [row["stability"] for row in figures.hotspots(release, layer, level)]
    if not called:
        return Sentence("")
    if set(called) == {"niet getoetst"}:
        return Sentence("Hoe vast de hotspots van het totaalbeeld staan, is niet getoetst.")
    firm = called.count("stabiel")
    return say(
        "Van {count} {are} er {firm} stabiel: zij blijven een hotspot als de kaart iets anders wordt ingedeeld.",
        count=Figure(dutch.plural(len(called), "hotspot", "hotspots"), len(called), "hotspots", layer, level),
        are="is" if firm == 1 else "zijn",
        firm=Figure(dutch.small(firm), firm, "stabiele hotspots", layer, level),
    )


def _first_place(release: Release, subject: Subject) -> Sentence:
    """Say between which places the first of the table may stand; known of composites only."""
    (layer,) = subject.drawn
    level = figures.region_level(release, layer)
    first = next(iter(figures.ranking(release, layer, level)), None)
    if first is None or first["ratio"] is None or first["rank_low"] is None:
        return Sentence("")
    about = {"layer": layer, "level": level, "place": first["zone"]}
    low, high = (
        Figure(dutch.number(first[name]), first[name], quantity, **about)
        for name, quantity in (("rank_low", "plaats_minstens"), ("rank_high", "plaats_hooguit"))
    )
    if first["rank_low"] == first["rank_high"]:
        return say("De eerste plaats in de tabel staat vast: {name}, ook als de weging anders was.", name=first["name"])
    return say(
        "De volgorde in de tabel is niet zeker: {name} kan op plaats {low} tot {high} horen.",
        name=first["name"],
        low=low,
        high=high,
    )


def _protection(release: Release, layers: Sequence[Layer]) -> list[Sentence]:
    bases = {f"b{base}": Figure(str(base), base, "b") for base in sorted({layer.b for layer in layers})}
    return [
        *([caveat(release)] if release.caveat else []),
        promise(release),
        say(
            f"Aantallen zijn afgerond op veelvouden van {dutch.listing([f'{{{name}}}' for name in bases])} of meer, "
            "met een grens die nooit verandert.",
            **bases,
        ),
        Sentence("Een ander getal dan 0 zegt dat er ten minste één geval is. '0 tot 4' kan ook 0 zijn."),
        Sentence("Alle grenzen van de belofte staan in verantwoording.html, bij de uitgave."),
    ]


def caveat(release: Release) -> Sentence:
    """Give what every product of this release must say."""
    return Sentence(dutch.stop(short(release.caveat)), quoted=True)


def sources(release: Release, layers: Sequence[Layer]) -> Content:
    """Give the table of sources."""
    rows = [
        [
            layer.title,
            f"{layer.holder}: {layer.unit}, op {dutch.BASES[layer.base][1]}",
            str(layer.reliability),
            joined(
                Sentence(f"{dutch.sentence(layer.bias_text)}. {layer.text}", quoted=True),
                toezicht.hot_spots(release, layer),
            ),
        ]
        for layer in layers
    ]
    return {
        "titel": "Bronnen",
        "kop": ["Bron", "Bronhouder en wat is geteld", "Betrouwbaar", "Let op"],
        "rijen": rows,
    }


def origin(release: Release) -> Sentence:
    """Say what this was made from, and how the area was put on whole zones."""
    came, left = release.snapped_in, release.snapped_out
    area = say(
        "Gebied: {source}, indeling {year}. Door hele zones kwamen er {came} bij en vielen er {left} af.",
        source=printable(release.area.source),
        year=Figure(str(release.area.year), release.area.year, "indeling"),
        came=Figure(dutch.plural(came, "adres", "adressen"), came, "adressen_erbij"),
        left=Figure(dutch.number(left), left, "adressen_eraf"),
    )
    return joined(made_from(release), area)


def _part(title: str, points: Iterable[Sentence]) -> Content:
    return {"titel": title, "punten": list(points)}
