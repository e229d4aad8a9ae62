"""The casusbeeld: one page A4 and the same as slides, from a release, and from what an analyst wrote about one case."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc

from geoanalyse import grid
from geoanalyse.casus import Casus
from geoanalyse.errors import InputError
from geoanalyse.layer import Layer
from geoanalyse.products import casusdias, cutout, dutch, figures, shapes, timeline, typeset, verantwoording
from geoanalyse.products.factsheet import maps, notes
from geoanalyse.products.figures import Total, Window
from geoanalyse.products.folder import Product
from geoanalyse.products.palette import HOT, INK, INK_SOFT
from geoanalyse.products.sentence import Figure, Sentence, sentences
from geoanalyse.products.timeline import Lane, Marker
from geoanalyse.release import Release
from geoanalyse.signals import Signal

Content = dict[str, Any]

PAGE_MM = (178.0, 64.0)
"""Size of a middling cut-out on paper, which the level that is drawn is chosen for."""

_FITS = (
    *((9.0, high, 12.5) for high in (104.0, 98.0, 92.0, 86.0, 80.0)),
    *((8.75, high, 12.0) for high in (80.0, 76.0)),
    *((8.5, high, 11.5) for high in (76.0, 72.0)),
    *((8.25, high, 11.0) for high in (72.0, 68.0)),
    *((8.0, high, 10.5) for high in (68.0, 64.0, 62.0)),
    *((size, 62.0, 10.0) for size in (7.75, 7.5)),
    *((size, 62.0, 9.0) for size in (7.25, 7.0, 6.75, 6.5)),
)
"""Size of the text (points), heights of the cut-out and of a lane (millimetres), from roomy to tight."""

_NOTHING = "\N{EN DASH}"
_NO_FIGURE = "geen eigen cijfer"
_LANES = 4
_MARKS = 6
_DIGITS = 3
_REGIONS = ("buurt", "wijk")
_OUTCOMES = {
    "Aantoonbaar hoger dan in de regio": "hoger",
    "Aantoonbaar lager": "lager",
    "Niet aantoonbaar anders": "niet aantoonbaar anders",
    "Niet bekend": "",
}
"""What is said of a source, by what `figures.comparison` finds."""


def casusbeeld(release: Release, casus: Casus) -> Product:
    """Make the casusbeeld of one case.

    Parameters
    ----------
    release : Release
    casus : Casus

    Returns
    -------
    Product
        A PDF (UA-1 and A-2a, one page) and a PPTX with the same texts and figures; same release and casus, same bytes.

    Raises
    ------
    InputError
        When the casus names a place, signal, theme or month that the release does not have.
    ReleaseError
        When the font package is missing, or the texts do not fit on a page.
    """
    told = content(release, casus)
    name = f"casusbeeld-{casus.name}"
    return Product(
        kind=verantwoording.CASE,
        name=name,
        files={f"{name}.pdf": pdf(told, release), f"{name}.pptx": pptx(told, release)},
        said={name: tuple(dict.fromkeys(sentences(told)))},
    )


def pdf(told: Content, release: Release) -> bytes:
    """Set what `content` gives on one page A4, as roomy as it can be."""
    chart, course = told["kaart"], told["verloop"]

    def page(form: tuple[float, float, float]) -> bytes:
        size, high, lane = form
        drawn = {"alt": chart["alt"], "bijschrift": chart["bijschrift"]}
        drawn["svg"] = cut_out(release, told, (PAGE_MM[0], high))
        time = {key: course[key] for key in ("alt", "noot", "kop", "rijen", "leeg")}
        time["svg"] = course_svg(course, PAGE_MM[0], lane)
        content = told | {"maat": size, "kaart": drawn, "verloop": time}
        return typeset.pdf("casusbeeld.typ", [content], what="casusbeeld")

    # what fits in a form, fits in every tighter one: halve what is left
    best, low, high = b"", 0, len(_FITS) - 1
    while low < high:
        middle = (low + high) // 2
        try:
            best, high = page(_FITS[middle]), middle
        except typeset.TooLongError:
            low = middle + 1
    return best or page(_FITS[high])


def course_svg(course: Content, width_mm: float, lane_mm: float = timeline.LANE_MM) -> str:
    """Draw the timeline that `content` describes; empty where there is nothing to draw."""
    if not course["banen"] and not course["tekens"]:
        return ""
    return timeline.timeline_svg(
        course["banen"],
        course["tekens"],
        period=course["periode"],
        width_mm=width_mm,
        title="Tijdlijn",
        description=course["alt"],
        lane_mm=lane_mm,
    )


def pptx(told: Content, release: Release) -> bytes:
    """Lay out what `content` gives on slides."""
    return casusdias.pptx(told, cut_out(release, told, casusdias.MAP_MM))


def cut_out(release: Release, told: Content, size_mm: tuple[float, float]) -> str:
    """Draw the cut-out that `content` describes."""
    chart = told["kaart"]
    return cutout.cutout_svg(
        release,
        chart["laag"],
        chart["niveau"],
        bounds=chart["grenzen"],
        size_mm=size_mm,
        title=chart["titel"],
        description=chart["alt"],
        marks=[cutout.Mark(name, cells) for name, cells in chart["tekens"]],
        outlined=None if chart["omlijnd"] is None else np.array(chart["omlijnd"], dtype=np.uint64),
    )


# --- the place --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """What a case is about: the whole area, a region in it, or the unit of a signal.

    Attributes
    ----------
    title : str
        As it stands in a sentence.
    level, code : str
        Of a unit; empty for the whole area.
    region : str
        Smallest region it lies in; empty for the whole area.
    cells : ndarray of uint64
    """

    title: str
    level: str
    code: str
    region: str
    cells: grid.Cells


def place_of(release: Release, casus: Casus) -> Place:
    """Find the place of a case in a release.

    Raises
    ------
    InputError
        With a line for everything in the casus that the release does not have.
    """
    faults = []
    found = _place(release, casus.place)
    public = release.profile == "openbaar"
    if found is None and casus.place.startswith(("BU", "WK")):
        faults.append(
            f"plek: dit gebied heeft geen buurt of wijk met deze code; kies een code binnen {release.area.title}, of "
            "laat plek weg"
        )
    elif found is None and public:
        faults.append("plek: een openbare uitgave noemt geen signalen; kies een wijk")
    elif found is None:
        faults.append(
            "plek: de signaallijst van dit gebied heeft dit nummer niet; neem een nummer uit signaallijst.xlsx"
        )
    elif public and found.level not in ("", "wijk"):
        faults.append("plek: een openbare uitgave toont niets fijner dan een wijk; kies een wijk")
    if casus.theme not in release.themes:
        faults.append(f"thema: geen laag van deze uitgave hoort erbij; kies uit {', '.join(release.themes)}")
    known = {signal.id for signal in release.signals if signal.theme == casus.theme}
    if unknown := sum(each not in known for each in casus.signals):
        what = "een openbare uitgave noemt er geen" if public else "neem nummers van dit thema uit signaallijst.xlsx"
        faults.append(f"signalen: {dutch.plural(unknown, 'nummer', 'nummers')} niet op de signaallijst; {what}")
    if outside := sum(not release.start <= each.month < release.end for each in casus.interventions):
        faults.append(
            f"interventie, maand: {dutch.plural(outside, 'maand ligt', 'maanden liggen')} buiten de periode; kies uit "
            f"{dutch.period(release.start, release.end)}"
        )
    if found is None or faults:
        raise InputError(f"{casus.file}, {fault}" for fault in faults)
    return found


def _place(release: Release, name: str) -> Place | None:
    regions, area = release.geography.regions, release.area.cells
    if not name:
        return Place(release.area.title, "", "", "", area)
    if name in regions.codes:
        cells = np.intersect1d(regions.under(name), area)
        level = regions.levels[regions.index(name)]
        inside = 2 * len(cells) > len(regions.under(name))
        return Place(regions.name(name), level, name, name, cells) if inside else None
    signal = next((each for each in release.signals if each.id == name), None)
    if signal is None:
        return None
    title = f"{dutch.LEVELS[signal.level][0]} {signal.id} in {signal.region_name}"
    cells = np.array(sorted(signal.cells), dtype=np.uint64)
    return Place(title, signal.level, signal.zone, signal.region, cells)


# --- content ----------------------------------------------------------------------------------------------------------


def content(release: Release, casus: Casus) -> Content:
    """Give everything a casusbeeld says, as plain data: both files lay out the same.

    Parameters
    ----------
    release : Release
    casus : Casus

    Returns
    -------
    dict
        Texts as `Sentence` with their figures, those of the analyst marked as quoted; rows, lanes and shapes.

    Raises
    ------
    InputError
        As `place_of`.
    """
    place = place_of(release, casus)
    subject, basis, day = dutch.THEMES[casus.theme], release.grondslag, release.reference_date
    rows = [_row(release, layer, place) for layer in figures.theme_layers(release, casus.theme)]
    where = dutch.sentence(place.title) if place.code else ""
    area = f"{where}, {release.area.title}" if where else release.area.title
    return {
        "titel": f"Casusbeeld {subject}: {casus.title}",
        "omschrijving": f"Casusbeeld van {area}. Geen persoonsgegevens.",
        "trefwoorden": ["casusbeeld", subject, release.area.title],
        "peildatum": [day.year, day.month, day.day],
        "demo": dutch.DEMO if basis.demo else "",
        "soort": Sentence(f"Casusbeeld {subject}"),
        "kop": Sentence(casus.title, quoted=True),
        "gebied": Sentence(area),
        "periode": _period(release),
        "merken": [
            Sentence("Geen persoonsgegevens"),
            Sentence(f"Rubricering: {notes.short(basis.classification)}", quoted=True),
            *([Sentence(dutch.sentence(dutch.PROFILES["openbaar"]))] if release.profile == "openbaar" else []),
        ],
        "voorbehoud": [Sentence(dutch.stop(notes.short(release.caveat)), quoted=True)] if release.caveat else [],
        "koppen": {
            "aanleiding": "Aanleiding",
            "bevindingen": "Bevindingen",
            "cijfers": "Uit de cijfers",
            "dossier": "Van de analist",
            "verloop": "Tijdlijn",
            "reeksen": "Verloop per bron",
            "interventies": "Interventies",
            "vervolg": "Mogelijke vervolgstappen",
            "grenzen": "Wat dit niet zegt",
            "herkomst": "Grondslag, bewaren en herkomst",
            "let_op": "Let op:",
        },
        "aanleiding": [Sentence(text, quoted=True) for text in casus.occasion],
        "bevindingen": list(_findings(release, casus, place, rows)),
        "eigen": [Sentence(text, quoted=True) for text in casus.findings],
        "tabel": _table(release, place, rows),
        "kaart": _map(release, casus, place),
        "verloop": _course(release, casus, place),
        "vervolg": [Sentence(text, quoted=True) for text in casus.next_steps],
        "grenzen": [
            Sentence("Een hoge score is een signaal, geen bewijs."),
            Sentence("Het gaat over plekken, nooit over personen of bedrijven."),
            Sentence("Onbekend is niet hetzelfde als weinig."),
            Sentence("Verandert er iets na een interventie, dan hoeft dat daar niet door te komen."),
            Sentence("Een mens beslist."),
        ],
        "herkomst": _origin(release),
        "voet": "Een hoge score is een signaal, geen bewijs. Dit beeld gaat over plekken, niet over personen.",
        "pagina": f"{'DEMO · ' if basis.demo else ''}{release.digest[:12]}",
        "kleuren": {"inkt": INK, "zacht": INK_SOFT, "alarm": HOT},
    }


def _period(release: Release) -> Sentence:
    period, day = dutch.sentence(dutch.period(release.start, release.end)), dutch.date(release.reference_date)
    span = f"{release.start.isoformat()}/{release.end.isoformat()}"
    return Sentence(
        f"{period}. Peildatum {day}.",
        (Figure(period, span, "periode"), Figure(day, release.reference_date.isoformat(), "peildatum")),
    )


def _origin(release: Release) -> list[Sentence]:
    basis = release.grondslag
    until, valid, decided = (dutch.date(day) for day in (basis.retain_until, basis.valid_until, basis.date))
    k = release.geography.zones.k
    return [
        Sentence(
            f"Bewaren tot en met {until}. Geldig tot en met {valid}.",
            (
                Figure(until, basis.retain_until.isoformat(), "bewaren tot"),
                Figure(valid, basis.valid_until.isoformat(), "geldig tot"),
            ),
        ),
        Sentence(
            f"{dutch.sentence(basis.kind)}: {notes.short(basis.decision)} ({decided}).",
            (Figure(decided, basis.date.isoformat(), "besluit"),),
            quoted=True,
        ),
        Sentence(verantwoording.short_promise(k), (Figure(str(k), k, "kleinste groep"),)),
        Sentence(
            f"Gemaakt met geoanalyse uit één release: {release.digest}. Zones {release.zones_version}, sleutel "
            f"{release.key_mark}. Profiel {dutch.PROFILES[release.profile]}.",
            tuple(
                Figure(words, words, what)
                for words, what in (
                    (release.digest, "kenmerk"),
                    (release.zones_version, "zoneversie"),
                    (release.key_mark, "sleutelmerk"),
                    (dutch.PROFILES[release.profile], "profiel"),
                )
            ),
        ),
    ]


# --- figures ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Row:
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


def _row(release: Release, layer: Layer, place: Place) -> _Row:
    rate = release.rates.get(layer.id, 0.0)
    if not place.code:
        total = figures.area_total(release, layer)
        return _Row(layer, total.level, "", figures.total_words(total), total, rate)
    row = _own(release, layer, place)
    if row is None:
        return _Row(layer, place.level, place.code, _NO_FIGURE, None, rate)
    words = dutch.value_words(row["value"], row["status"], layer.b, row["low"], row["high"])
    total = Total(layer, place.level, 1, 0, row["addresses"], row["value"], row["low"], row["high"])
    return _Row(layer, place.level, place.code, words, total, rate)


def _own(release: Release, layer: Layer, place: Place) -> dict[str, Any] | None:
    """Find the row of a layer for the place itself: equal names of zones on two bases are two places."""
    found = next((row for row in figures.rows(release, layer.id, place.level) if row["zone"] == place.code), None)
    if found is None or place.level in (*_REGIONS, "gemeente"):
        return found
    cells = shapes.unit_cells(release, layer.id, place.level).get(place.code)
    return found if cells is not None and np.array_equal(np.sort(cells), place.cells) else None


def _table(release: Release, place: Place, rows: Sequence[_Row]) -> Content:
    note = (
        "Tussen haakjes staat het bereik waarin het echte aantal zeker ligt. * Per 1.000 adressen waarvoor de bron kan "
        f"gelden. Regio: {dutch.listing(figures.gemeenten(release))}."
    )
    return {
        "kop": ["Bron", "Aantal hier", "Per 1.000*", "Regio per 1.000*", "Vergeleken met de regio"],
        "rijen": [_cells(row) for row in rows],
        "noot": Sentence(note, (Figure("1.000", 1000, "noemer"),)),
        "over": Sentence(dutch.stop(f"Dit zijn de aantallen in {place.title}")),
    }


def _cells(row: _Row) -> list[Sentence]:
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
    if total.value or total.high is None:
        words = dutch.significant(rate := 1000 * (total.value or 0) / total.addresses, _DIGITS)
        more = " of meer" if total.high is None else ""
        return Sentence(words + more, (Figure(words, rate, "per 1.000", **where),))
    words = dutch.significant(most := 1000 * total.high / total.addresses, _DIGITS)
    return Sentence(
        f"0 tot {words}", (Figure("0", 0, "per 1.000", **where), Figure(words, most, "per 1.000, hooguit", **where))
    )


# --- findings ---------------------------------------------------------------------------------------------------------


def _findings(release: Release, casus: Casus, place: Place, rows: Sequence[_Row]) -> Iterator[Sentence]:
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
    layer, level = f"thema:{casus.theme}", _level(release, place)
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
    if len(tested) == 1:
        verdict = "is een hotspot: meer dan door toeval te verwachten is" if hot else "is geen hotspot"
        return Sentence(f"{dutch.sentence(place.title)} {verdict}.")
    total = Figure(dutch.number(len(tested)), len(tested), f"getoetste {many}", place=place.code, **where)
    if not hot:
        return Sentence(f"Geen van de {total.words} {many} in {place.title} is een hotspot.", (total,))
    count = Figure(dutch.number(hot), hot, "hotspots", place=place.code, **where)
    verb = "is een hotspot" if hot == 1 else "zijn een hotspot"
    return Sentence(
        f"{count.words} van de {total.words} {many} in {place.title} {verb}: daar is het meer dan door toeval te "
        "verwachten is.",
        (count, total),
    )


def _sources(rows: Sequence[_Row]) -> Sentence:
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
    found = [each for each in figures.theme_signals(release, casus.theme) if _lies_in(each, place)]
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


def _lies_in(signal: Signal, place: Place) -> bool:
    cells = np.array(signal.cells, dtype=np.uint64)
    return bool(2 * np.isin(cells, place.cells).sum() > len(cells))


# --- the map ----------------------------------------------------------------------------------------------------------


def _bounds(place: Place, release: Release) -> cutout.Bounds:
    return cutout.bounds_around(place.cells) if place.code else cutout.extent(release)


def _level(release: Release, place: Place) -> str:
    layers = [f"thema:{theme}" for theme in release.themes]
    size = (PAGE_MM[0] - cutout.LEGEND_MM, PAGE_MM[1])
    return maps.legible_level(release, layers, _bounds(place, release), size)


def _map(release: Release, casus: Casus, place: Place) -> Content:
    subject, level = dutch.THEMES[casus.theme], _level(release, place)
    marked = [
        each
        for each in release.signals
        if each.theme == casus.theme
        and (each.id in casus.signals if casus.signals else each.strength != "verkenning" and _lies_in(each, place))
    ]
    marked = sorted(marked, key=lambda each: (each.rank, each.id))[: len(casus.signals) or _MARKS]
    line = dutch.stop(f" De dikke lijn ligt om {place.title}") if place.code else ""
    alt = (
        f"Kaart van {place.title}: het samengestelde beeld van {subject} per {dutch.LEVELS[level][0]}, met hotspots"
        f"{' en ' + dutch.plural(len(marked), 'signaal', 'signalen') if marked else ''}. De cijfers staan in de tabel."
    )
    caption = Sentence(
        f"Kleur: alle bronnen van {subject} samen, naast het gemiddelde van de regio (1 keer).{line} De legenda telt "
        f"alle {dutch.LEVELS[level][1]} van {release.area.title}.",
        (Figure("1 keer", 1, "verhouding"),),
    )
    return {
        "alt": alt,
        "bijschrift": caption,
        "titel": f"Samengesteld beeld {subject}",
        "laag": f"thema:{casus.theme}",
        "niveau": level,
        "grenzen": _bounds(place, release),
        "tekens": [(each.id, each.cells) for each in marked],
        "omlijnd": place.cells.tolist() if place.code else None,
    }


# --- time -------------------------------------------------------------------------------------------------------------


def _course(release: Release, casus: Casus, place: Place) -> Content:
    lanes, faint = list[Lane](), list[str]()
    for layer in figures.theme_layers(release, casus.theme):
        if layer.series is None:
            continue
        lane = _lane(release, layer, place)
        if lane is None or len(lanes) == _LANES:
            faint.append(layer.title)
        else:
            lanes.append(lane)
    period = release.start, release.end
    markers = [
        Marker(number, *timeline.holding(lanes, each.month, *period))
        for number, each in enumerate(casus.interventions, start=1)
    ]
    windows = [window for lane in lanes for window in lane.windows]
    notes = ["Streep: het afgeronde aantal. Vlak: de marge."] if lanes else []
    notes += (
        ["Pijl: dit aantal of meer."] if any(each.high is None and each.value is not None for each in windows) else []
    )
    notes += ["Arcering: geen gegevens."] if any(each.value is None for each in windows) else []
    notes += ["Grijze band: de periode van een interventie."] if markers and lanes else []
    if faint:
        reason = (
            "een openbare uitgave toont geen verloop" if release.profile == "openbaar" else "te weinig om te tekenen"
        )
        notes.append(f"{dutch.listing(faint)}: {reason}.")
    if not lanes and not faint:
        notes.append("Voor dit thema is er geen reeks in de tijd.")
    series = dutch.listing([lane.title for lane in lanes]) or "geen enkele bron"
    alt = f"Tijdlijn van {series}, {dutch.period(*period)}, met {_interventions(len(markers))}."
    return {
        "banen": lanes,
        "tekens": markers,
        "periode": period,
        "alt": alt,
        "noot": Sentence(" ".join(notes)),
        "leeswijzer": (
            "Kolom: het afgeronde aantal. Streep: de marge; alleen naar beneden: dit aantal of meer. Een streep zonder "
            "kolom: 0 en hooguit zo veel. Helemaal niets: geen gegevens."
        ),
        "kop": ["Nr.", "Wanneer", "Wat", "Wie"],
        "rijen": [
            _intervention(marker, each.what, each.partner)
            for marker, each in zip(markers, casus.interventions, strict=True)
        ],
        "leeg": [] if markers else [Sentence("In de casus staan geen interventies.")],
    }


def _interventions(count: int) -> str:
    return dutch.plural(count, "interventie", "interventies", words=True)


def _intervention(marker: Marker, what: str, partner: str) -> list[Sentence]:
    """Give a row of the list: not more finely than the windows of the series."""
    when = dutch.calendar_unit(marker.start, marker.end)
    span = f"{marker.start.isoformat()}/{marker.end.isoformat()}"
    return [
        Sentence(str(marker.number), (Figure(str(marker.number), marker.number, "interventie"),)),
        Sentence(when, (Figure(when, span, "interventie, periode"),)),
        Sentence(what, quoted=True),
        Sentence(partner, quoted=True),
    ]


def _lane(release: Release, layer: Layer, place: Place) -> Lane | None:
    """Give the series of the smallest region round the place that says more than its margins."""
    regions = release.geography.regions
    chain = regions.chain(place.region) if place.region else {}
    for level in _REGIONS:
        code = chain.get(level)
        windows = _windows(release, layer, code) if code else ()
        if code and figures.is_telling(windows):
            return Lane(layer.title, "" if code == place.code else regions.name(code), windows)
    series = figures.series(release, layer)
    if series is None or not figures.is_telling(series.windows):
        return None
    whole = series.place or release.area.title
    return Lane(layer.title, "" if not place.code and not series.place else f"heel {whole}", series.windows)


def _windows(release: Release, layer: Layer, code: str) -> tuple[Window, ...]:
    table = release.windows
    rows = table.filter(pc.and_(pc.equal(table["layer"], layer.id), pc.equal(table["zone"], code))).to_pylist()
    return tuple(
        Window(row["start"], row["end"], row["value"], row["low"], row["high"])
        for row in sorted(rows, key=lambda row: row["start"])
    )
