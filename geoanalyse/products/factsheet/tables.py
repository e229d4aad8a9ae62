"""The tables and charts of a factsheet: key figures, regions, signals, and the course of time."""

from collections.abc import Mapping, Sequence
from typing import Any

from geoanalyse.geography import SHOWN
from geoanalyse.layer import Layer
from geoanalyse.products import chart, dutch, figures, ontwikkeling
from geoanalyse.products.factsheet.notes import short
from geoanalyse.products.factsheet.subjects import Kind, Subject
from geoanalyse.products.labels import printable, text_width
from geoanalyse.products.palette import CLASS_COLOURS
from geoanalyse.products.sentence import Figure, Sentence, joined, say
from geoanalyse.release import Release

Content = dict[str, Any]
Row = Mapping[str, Any]

NOTHING = "\N{EN DASH}"
"""A layer shows no figure of its own here."""

_SIGNALS = 5
_REASONS = 2
_CHARTS = 2
_CHART_MM = (85.0, 21.0)
_SMALL_TEXT = 265  # 7.5 pt, in hundredths of a millimetre
_INSET = 2.4  # millimetres beside the text of a cell
_DIGITS = 3  # of a rate: two make 128 and 133 the same


# --- key figures ------------------------------------------------------------------------------------------------------


def key_figures(release: Release, subject: Subject) -> Content:
    """Give one row per layer: its total here, per 1.000 addresses, and how that compares with the region."""
    rows = []
    for layer in subject.layers:
        total = total_of(release, subject, layer)
        rate = release.rates.get(layer.id, 0.0)
        if total.value is None or not total.addresses:
            rows.append([layer.title, _count(release, subject, total), *3 * [NOTHING]])
        else:
            own = _per_thousand(total)
            region = dutch.significant(1000 * rate, _DIGITS)
            words = _count(release, subject, total)
            rows.append([layer.title, words, own, region, figures.comparison(total, rate)])
    known = release.geography.regions
    here = f"In deze {known.levels[known.index(subject.region)]}" if subject.region else "In dit gebied"
    return {
        "kop": ["Bron", here, "Per 1.000*", "Regio per 1.000*", "Vergeleken met de regio"],
        "rijen": rows,
        "noot": Sentence(
            "Tussen haakjes staat het bereik waarin het echte aantal zeker ligt. * Per 1.000 adressen waarvoor de bron "
            f"kan gelden (zie Bronnen). Regio: {dutch.listing(figures.gemeenten(release))}."
        ),
    }


def total_of(release: Release, subject: Subject, layer: Layer) -> figures.Total:
    """Give the total of a layer over the subject: the area, or its buurt."""
    if subject.region:
        return figures.in_region(release, layer, subject.region)
    return figures.area_total(release, layer)


def _count(release: Release, subject: Subject, total: figures.Total) -> str:
    """Say a total; of a buurt exactly as the map and the table of buurten do."""
    if not subject.region:
        return figures.total_words(total)
    own = next(
        (row for row in figures.rows(release, total.layer.id, total.level) if row["zone"] == subject.region), None
    )
    if own is None:  # no unit of the layer lies mainly here
        return NOTHING
    return dutch.value_words(own["value"], own["status"], total.layer.b, own["low"], own["high"])


def _per_thousand(total: figures.Total) -> str:
    """Rate of a total per 1.000 addresses; of a published 0 the range, for it may not be 0."""
    if total.high is None:
        return f"{dutch.significant(1000 * (total.low or 0) / total.addresses, _DIGITS)} of meer"
    if total.value:
        return dutch.significant(1000 * total.value / total.addresses, _DIGITS)
    return f"0 tot {dutch.significant(1000 * total.high / total.addresses, _DIGITS)}"


# --- regions ----------------------------------------------------------------------------------------------------------


def regions(release: Release, subject: Subject, drawn: str) -> Content:
    """Give the table of regions, the highest first; of a buurt those of its wijk, the subject itself marked.

    Parameters
    ----------
    release : Release
    subject : Subject
    drawn : str
        Level of the main cut-out, whose hot spots are counted.
    """
    level, ranked = _ranked(release, subject)
    one, many = dutch.LEVELS[level]
    others = [layer for layer in subject.layers if layer.id not in subject.drawn]
    layers = [layer for layer in others if level in SHOWN[layer.atom]]
    values = {layer.id: {row["zone"]: row for row in figures.rows(release, layer.id, level)} for layer in layers}
    together = {name: {row["zone"]: row for row in figures.rows(release, name, level)} for name in subject.drawn}
    hot = {name: figures.hotspots_by_region(release, name, level, drawn) for name in subject.drawn}
    rows = [
        {
            "naam": row["name"],
            "code": row["zone"],
            "zelf": row["zone"] == subject.region,
            "samen": [_times(together[name].get(row["zone"])) for name in subject.drawn],
            "waarden": [_cell(layer, values[layer.id].get(row["zone"])) for layer in layers],
            "hotspots": _hot([hot[name].get(row["zone"]) for name in subject.drawn]),
        }
        for row in ranked
    ]
    wijk = release.geography.regions.chain(subject.region).get("wijk", "") if subject.region else ""
    where = f" in {release.geography.regions.name(wijk)}" if wijk else " van hoog naar laag"
    missing = [layer.title for layer in others if layer not in layers]
    untested = any(row["hotspots"] == NOTHING for row in rows)
    return {
        "soort": [one, many],
        "titel": f"{dutch.sentence(many)}{where}",
        "kop": [
            dutch.sentence(one),
            *(_heading(release, subject, name) for name in subject.drawn),
            *(layer.title for layer in layers),
            "Hotspots",
        ],
        "breedtes": _widths(rows) or [1.0] * (len(layers) + len(subject.drawn) + 2),
        "rijen": rows,
        "noot": joined(
            Sentence(_NOTE[subject.kind]),
            Sentence("Aantallen zijn afgerond; tussen haakjes staat het bereik waarin het echte aantal ligt."),
            Sentence(f"Hotspots: het aantal {dutch.LEVELS[drawn][1]} met een rode lijn op de kaart."),
            Sentence(f"{NOTHING} bij Hotspots: niet getoetst." if untested else ""),
            Sentence(
                f"{NOTHING}: de bron toont hier geen eigen aantal."
                if any(NOTHING in row["waarden"] for row in rows)
                else ""
            ),
            Sentence(f"{dutch.listing(missing)}: {dutch.WITHHELD}." if missing else ""),
        ),
    }


_NOTE = {
    Kind.THEME: "Samengesteld: 1 keer is het gemiddelde van de regio.",
    Kind.BUURT: "Drugshandel en witwassen: de bronnen samen; 1 keer is het gemiddelde van de regio.",
    Kind.MODUS: "In de eerste kolom is 1 keer het gemiddelde van de regio.",
}


def _ranked(release: Release, subject: Subject) -> tuple[str, list[dict[str, Any]]]:
    if not subject.region:
        level = figures.region_level(release, subject.drawn[0])
        return level, figures.ranking(release, subject.drawn[0], level)
    known = release.geography.regions
    level = known.levels[known.index(subject.region)]
    above = "wijk" if level == "buurt" else "gemeente"
    inside = known.chain(subject.region).get(above)
    ranked = figures.ranking(release, subject.drawn[0], level)
    return level, [row for row in ranked if known.chain(row["zone"]).get(above) == inside]


def _heading(release: Release, subject: Subject, name: str) -> str:
    if subject.kind is Kind.THEME:
        return "Samengesteld"
    if subject.kind is Kind.BUURT:
        return dutch.sentence(dutch.THEMES[name.removeprefix("thema:")])
    return next(layer.title for layer in release.layers if layer.id == name)


def _times(row: Row | None) -> list[str]:
    """Give the colour and the words of a ratio."""
    if row is None or row["ratio"] is None:
        return ["", NOTHING if row is None else dutch.value_words(None, row["status"], 1)]
    return ["" if row["class"] is None else CLASS_COLOURS[row["class"]], dutch.times(row["ratio"])]


def _widths(rows: list[Content]) -> list[float]:
    """Share of the width for each column of the table of regions, after its longest text."""
    texts = [
        [row["naam"], *(words + "mmm" for _, words in row["samen"]), *row["waarden"], row["hotspots"]] for row in rows
    ]
    longest = [max(text_width(printable(text), _SMALL_TEXT) for text in column) for column in zip(*texts, strict=True)]
    least, most = 17.0, 42.0  # millimetres
    return [min(max(width / 100 + _INSET, least), most) for width in longest]


def first_rows(table: Content, limit: int) -> Content:
    """Keep the first rows, and that of the subject itself; say how many are left out."""
    rows = table["rijen"]
    if len(rows) <= limit:
        return table
    kept = rows[:limit]
    own = next((row for row in rows[limit:] if row.get("zelf")), None)
    if own is not None:
        kept = [*kept[:-1], own]
    rest = len(rows) - len(kept)
    left_out = say(
        "Nog {rest} met een lagere score: zie de kaart.",
        rest=Figure(dutch.plural(rest, *table["soort"]), rest, "weggelaten"),
    )
    return table | {"rijen": kept, "noot": joined(table["noot"], left_out)}


def _hot(counts: Sequence[int | None]) -> str:
    """Write the number of hot spots; nothing where none of what is drawn was tested."""
    tested = [count for count in counts if count is not None]
    return dutch.number(sum(tested)) if tested else NOTHING


def _cell(layer: Layer, row: Row | None) -> str:
    """Write a value in a narrow column: the rounded number, and the range in brackets."""
    if row is None:  # no unit of the layer lies mainly here
        return NOTHING
    words = dutch.value_words(row["value"], row["status"], layer.b, row["low"], row["high"])
    return words.removeprefix("ongeveer ")


# --- signals ----------------------------------------------------------------------------------------------------------


def signals(release: Release, subject: Subject) -> Content:
    """Give the strongest signals, with their reasons and advised route."""
    found = subject.signals
    rows = [
        [
            signal.id,
            signal.region_name,
            Sentence(short("; ".join(text for _, text in signal.reasons[:_REASONS])), quoted=True),
            signal.strength,
            signal.reliability,
            signal.route,
        ]
        for signal in found[:_SIGNALS]
    ]
    more = Sentence("")
    if len(found) > _SIGNALS:
        whose = f"thema:{found[0].theme}" if subject.kind is not Kind.BUURT else ""
        quantity = {Kind.MODUS: "signalen van deze bronnen"}.get(subject.kind, "signalen")
        count = Figure(dutch.number(len(found)), len(found), quantity, whose, "", subject.region)
        more = say("De signaallijst telt er {count}.", count=count)
    empty = {
        Kind.THEME: "Er zijn voor dit thema geen signalen. Dat betekent niet dat er niets speelt.",
        Kind.BUURT: "Er zijn hier geen signalen. Dat betekent niet dat er niets speelt.",
        Kind.MODUS: "Er zijn geen signalen van deze bronnen. Dat betekent niet dat er niets speelt.",
    }
    nothing = "Een openbare uitgave noemt geen signalen." if release.profile == "openbaar" else empty[subject.kind]
    return {
        "titel": "De sterkste signalen",
        "kop": ["Nr.", "Buurt", "Reden", "Sterkte", "Betrouwbaar", "Route"],
        "rijen": rows,
        "leeg": Sentence("" if rows else nothing),
        "noot": joined(
            more,
            _explored(subject),
            Sentence("Mono: één partner. Duaal: twee partners. Integraal: alle partners aan tafel." if rows else ""),
        ),
    }


def _explored(subject: Subject) -> Sentence:
    """Say how many places on the list were drawn by lot."""
    if not subject.explored:
        return Sentence("")
    words = dutch.plural(subject.explored, "gelote plek", "gelote plekken", words=True)
    return say(
        f"Ter verkenning {'staat' if subject.explored == 1 else 'staan'} op de signaallijst ook {{places}}.",
        places=Figure(words, subject.explored, "verkenning", subject.drawn[0]),
    )


# --- the course of time -----------------------------------------------------------------------------------------------


def course(release: Release, subject: Subject) -> Content:
    """Give the series that say more than their margins, and what changes where."""
    charts: list[Content] = []
    faint: list[str] = []
    for layer in subject.layers:
        if layer.series is None:
            continue
        series = _series(release, subject, layer)
        if series is None or not figures.is_telling(series.windows):
            faint.append(layer.title)
        elif len(charts) < _CHARTS:
            charts.append(_chart(release, subject, layer, series))
    notes = []
    if charts:
        margin = "Vlak: het zekere bereik." if subject.region else "Vlak: de marge door het afronden (95%)."
        notes.append(f"Streep: het afgeronde aantal. {margin} Arcering: geen gegevens.")
    if any(each["withheld"] for each in charts):
        notes.append(f"Stippen: {dutch.WITHHELD}.")
    if any(each["open"] for each in charts):
        notes.append("Een licht vlak tot boven betekent: dit aantal of meer.")
    if faint:
        reason = (
            "een openbare uitgave toont hiervan geen verloop"
            if release.profile == "openbaar"
            else "te weinig per periode om een verloop te tonen"
        )
        notes.append(f"{dutch.listing(faint)}: {reason}.")
    return {
        "titel": "Verloop",
        "grafieken": charts,
        "kop": ontwikkeling.TITLE,
        "punten": [] if subject.region else ontwikkeling.sentences(release, subject.layers),
        "noot": joined(*map(Sentence, notes)) if notes else Sentence("Hiervan is er geen reeks in de tijd."),
    }


def _series(release: Release, subject: Subject, layer: Layer) -> figures.Series | None:
    if subject.region:
        return figures.series_of(release, layer, subject.region)
    return figures.series(release, layer)


def _chart(release: Release, subject: Subject, layer: Layer, series: figures.Series) -> Content:
    own = release.geography.regions.name(subject.region) if subject.region else release.area.title
    place = series.place or own
    title = f"{layer.title} per {layer.series}" + (f", heel {place}" if series.place else "")
    last = series.windows[-1]
    told: dict[str, Figure | str] = {
        "layer": layer.title,
        "unit": str(layer.series),
        "place": place,
        "window": Figure(dutch.calendar_unit(last.start, last.end), last.start.isoformat(), "laatste periode"),
        "words": figures.window_words(last),
    }
    if last.value is not None:
        words = figures.window_words(last)
        least = last.low if last.high is None else last.value  # of "or more" the words say the least
        told["words"] = Figure(words, least or 0, "laatste aantal", layer.id, "", subject.region)
    alt = say("Grafiek: {layer} per {unit} in {place}. In het {window}: {words}.", **told)
    drawn = chart.series_svg(series.windows, size_mm=_CHART_MM, title=title, description=alt.text)
    return {
        "titel": title,
        "svg": drawn,
        "alt": alt,
        "open": any(window.value is not None and window.high is None for window in series.windows),
        "withheld": any(window.status == "onderdrukt" for window in series.windows),
    }
