"""The factsheet: two pages A4 per theme, from a release and nothing else."""

from collections.abc import Sequence
from typing import Any

import pyarrow.compute as pc

from geoanalyse.geography import SHOWN
from geoanalyse.layer import Layer, Theme
from geoanalyse.products import (
    chart,
    cutout,
    dutch,
    figures,
    ontwikkeling,
    terugblik,
    toezicht,
    typeset,
    verantwoording,
)
from geoanalyse.products.labels import printable, text_width
from geoanalyse.products.palette import CLASS_COLOURS, HOT, INK, INK_SOFT
from geoanalyse.release import Release

MAP_MM = (178.0, 158.0)
"""Size of the main cut-out on paper."""

Content = dict[str, Any]

_CELL_WIDTH = {"zone": 130.0, "res9": 345.0, "res8": 910.0}  # metres across a hexagon
_LEGIBLE = 1.5  # millimetres: a smaller hexagon cannot be read
# Size of the small text of page two (points) and rows of its table, tried until two pages hold everything.
_FITS = ((8.5, 14), (8.0, 14), (7.5, 14), (7.5, 11), (7.5, 8), (7.5, 5), (7.0, 3))
_NOTHING = "\N{EN DASH}"
_SIGNALS = 5
_REASONS = 2
_LONGEST = 240  # characters of one user-given text
_CHARTS = 2
_SMALL_TEXT = 265  # 7.5 pt, in hundredths of a millimetre
_INSET = 2.4  # millimetres beside the text of a cell
_DIGITS = 3  # of a rate: two make 128 and 133 the same
_DOUBLE = 4  # lowest class of twice the average and more


def factsheet_pdf(release: Release, theme: Theme) -> bytes:
    """Make the factsheet of one theme.

    Parameters
    ----------
    release : Release
    theme : Theme

    Returns
    -------
    bytes
        PDF 1.7, PDF/UA-1, two pages; same release, same bytes.

    Raises
    ------
    ReleaseError
        When the font package is missing, or the texts do not fit on two pages.
    """
    content = factsheet_content(release, theme)
    sizes = ({"maat": size, "tabel": _first_rows(content["tabel"], rows)} for size, rows in _FITS)
    return typeset.pdf("factsheet.typ", [content | each for each in sizes], what=f"factsheet {theme}")


# --- content ----------------------------------------------------------------------------------------------------------


def factsheet_content(release: Release, theme: Theme) -> Content:
    """Give everything the factsheet says, as plain data: the model that the template only lays out.

    Parameters
    ----------
    release : Release
    theme : Theme

    Returns
    -------
    dict
        Texts, lists and SVG documents; can be written as JSON.
    """
    level = map_level(release)
    subject = dutch.THEMES[theme]
    period = dutch.period(release.start, release.end)
    area = release.area.title
    basis = release.grondslag
    day = release.reference_date
    return {
        "titel": f"Factsheet {subject}: {area}",
        "omschrijving": f"Waar signalen van {subject} samenkomen in {area}, {period}. Geen persoonsgegevens.",
        "trefwoorden": ["geografische analyse", subject, area],
        "peildatum": [day.year, day.month, day.day],
        "demo": dutch.DEMO if basis.demo else "",
        "soort": f"Factsheet {subject}",
        "gebied": area,
        "periode": f"{dutch.sentence(period)}. Peildatum {dutch.date(day)}.",
        "merken": ["Geen persoonsgegevens", f"Rubricering: {short(basis.classification)}", *_public(release)],
        "voorbehoud": ["Let op:", _caveat(release)] if release.caveat else [],
        "vraag": short(basis.question),
        "koppen": {"vraag": "De vraag:", "opvalt": "Wat opvalt", "kerncijfers": "Kerncijfers"},
        "bevindingen": list(figures.findings(release, theme, level)),
        "kaart": _map(release, theme, level),
        "kerncijfers": _key_figures(release, theme),
        "tabel": _regions(release, theme, level),
        "signalen": _signals(release, theme),
        "verloop": _course(release, theme),
        "bronnen": _sources(release, theme),
        "kolommen": _columns(release, theme),
        "herkomst": _origin(release),
        "voet": "Een hoge score is een signaal, geen bewijs. Deze factsheet gaat over plekken, niet over personen.",
        "pagina": f"{'DEMO · ' if basis.demo else ''}{release.digest[:12]} · bladzijde",
        "kleuren": {"inkt": INK, "zacht": INK_SOFT, "alarm": HOT},
    }


def map_level(release: Release, *, bounds: cutout.Bounds | None = None, size_mm: tuple[float, float] = MAP_MM) -> str:
    """Give the finest level whose hexagons can still be read on a cut-out; the main one when nothing else is said."""
    west, south, east, north = bounds or cutout.extent(release)
    scale = min((size_mm[0] - cutout.LEGEND_MM) / (east - west), size_mm[1] / (north - south))
    shown = {level for level in _CELL_WIDTH if _has_classes(release, level)}
    legible = (level for level, width in _CELL_WIDTH.items() if width * scale >= _LEGIBLE and level in shown)
    return next(legible, "res8")


def _has_classes(release: Release, level: str) -> bool:
    """Whether anything can be coloured at a level: a public release has nothing finer than its largest hexagons."""
    table = release.statistics
    return bool(pc.any(pc.and_(pc.equal(table["level"], level), pc.is_valid(table["class"]))).as_py())


def _caveat(release: Release) -> str:
    return dutch.stop(short(release.caveat))


def _public(release: Release) -> list[str]:
    return [dutch.sentence(dutch.PROFILES["openbaar"])] if release.profile == "openbaar" else []


def short(text: str) -> str:
    """Make a user-given text printable, and cut it where it is too long for its place."""
    kept = printable(text).rstrip(". ")
    return kept if len(kept) <= _LONGEST else kept[: _LONGEST - 1].rstrip() + "…"


def _map(release: Release, theme: Theme, level: str) -> Content:
    layer = f"thema:{theme}"
    subject = dutch.THEMES[theme]
    signals = figures.theme_signals(release, theme)[:_SIGNALS]
    known = [row for row in figures.rows(release, layer, level) if row["class"] is not None]
    hot = sum(row["hotspot"] == "hotspot" for row in known)
    double = sum(row["class"] >= _DOUBLE for row in known)
    one, many = dutch.LEVELS[level]
    alt = (
        f"Kaart van {release.area.title}: het samengestelde beeld van {subject} per {one}. Van de "
        f"{dutch.plural(len(known), one, many)} liggen er {dutch.number(double)} op 2 keer het gemiddelde of hoger. Er "
        f"zijn {dutch.plural(hot, 'hotspot', 'hotspots')}. De cijfers staan in de tabel op bladzijde 2."
    )
    caption = (
        "De kaart telt de bronnen van dit thema samen en vergelijkt met het gemiddelde van de regio (1 keer). "
        f"Achter elke klasse staat het aantal {many}."
    )
    if signals:
        ids = signals[0].id if len(signals) == 1 else f"{signals[0].id} tot en met {signals[-1].id}"
        caption += f" {ids}: zie de signalen op bladzijde 2."
    drawn = cutout.cutout_svg(
        release,
        layer,
        level,
        size_mm=MAP_MM,
        title=f"Samengesteld beeld {subject}",
        description=alt,
        marks=[cutout.Mark(signal.id, signal.cells) for signal in signals],
    )
    return {"svg": drawn, "alt": alt, "bijschrift": caption}


def _key_figures(release: Release, theme: Theme) -> Content:
    rows = []
    for layer in figures.theme_layers(release, theme):
        total, rate = figures.area_total(release, layer), release.rates.get(layer.id, 0.0)
        if total.value is None or not total.addresses:
            rows.append([layer.title, figures.total_words(total), _NOTHING, _NOTHING, _NOTHING])
        else:
            own = _per_thousand(total)
            region = dutch.significant(1000 * rate, _DIGITS)
            rows.append([layer.title, figures.total_words(total), own, region, figures.comparison(total, rate)])
    return {
        "kop": ["Bron", "In dit gebied", "Per 1.000*", "Regio per 1.000*", "Vergeleken met de regio"],
        "rijen": rows,
        "noot": (
            "Tussen haakjes staat het bereik waarin het echte aantal zeker ligt. * Per 1.000 adressen waarvoor de bron "
            f"kan gelden (bladzijde 2). Regio: {dutch.listing(figures.gemeenten(release))}."
        ),
    }


def _per_thousand(total: figures.Total) -> str:
    """Rate of a total per 1.000 addresses; of a published 0 the range, for it may not be 0."""
    if total.value or total.high is None:
        return dutch.significant(1000 * (total.value or 0) / total.addresses, _DIGITS)
    return f"0 tot {dutch.significant(1000 * total.high / total.addresses, _DIGITS)}"


def _regions(release: Release, theme: Theme, drawn: str) -> Content:
    """Every wijk (or buurt), the highest composite first; hot spots are those of the level that is drawn."""
    level = figures.region_level(release, theme)
    one, many = dutch.LEVELS[level]
    ranked = figures.ranking(release, theme, level)
    layers = [layer for layer in figures.theme_layers(release, theme) if level in SHOWN[layer.atom]]
    values = {layer.id: {row["zone"]: row for row in figures.rows(release, layer.id, level)} for layer in layers}
    hot = figures.hotspots_by_region(release, theme, level, drawn)
    rows = [
        {
            "naam": row["name"],
            "kleur": "" if row["class"] is None else CLASS_COLOURS[row["class"]],
            "samen": dutch.NO_DATA if row["ratio"] is None else dutch.times(row["ratio"]),
            "waarden": [_cell(layer, values[layer.id].get(row["zone"])) for layer in layers],
            "hotspots": dutch.number(hot[row["zone"]]),
        }
        for row in ranked
    ]
    note = (
        "Samengesteld: 1 keer is het gemiddelde van de regio. Aantallen zijn afgerond; tussen haakjes staat het bereik "
        f"waarin het echte aantal ligt. Hotspots: het aantal {dutch.LEVELS[drawn][1]} met een rode lijn op de kaart."
    )
    if any(_NOTHING in row["waarden"] for row in rows):
        note += f" {_NOTHING}: de bron toont hier geen eigen aantal."
    missing = [layer.title for layer in figures.theme_layers(release, theme) if layer not in layers]
    if missing:
        note += f" {dutch.listing(missing)}: {dutch.WITHHELD}."
    return {
        "soort": [one, many],
        "titel": f"{dutch.sentence(many)} van hoog naar laag",
        "kop": [dutch.sentence(one), "Samengesteld", *(layer.title for layer in layers), "Hotspots"],
        "breedtes": _widths(rows) or [1.0] * (len(layers) + 3),
        "rijen": rows,
        "noot": note,
    }


def _widths(rows: list[Content]) -> list[float]:
    """Share of the width for each column of the table of regions, after its longest text."""
    texts = [[row["naam"], row["samen"] + "mmm", *row["waarden"], row["hotspots"]] for row in rows]
    longest = [max(text_width(printable(text), _SMALL_TEXT) for text in column) for column in zip(*texts, strict=True)]
    least, most = 17.0, 42.0  # millimetres
    return [min(max(width / 100 + _INSET, least), most) for width in longest]


def _first_rows(table: Content, limit: int) -> Content:
    """Keep the first rows, and say how many are left out."""
    rest = len(table["rijen"]) - limit
    if rest <= 0:
        return table
    left_out = f"Nog {dutch.plural(rest, *table['soort'])} met een lagere score: zie de kaart."
    return table | {"rijen": table["rijen"][:limit], "noot": f"{table['noot']} {left_out}"}


def _cell(layer: Layer, row: Content | None) -> str:
    """Write a value in a narrow column: the rounded number, and the range in brackets."""
    if row is None:  # no unit of the layer lies mainly here
        return _NOTHING
    words = dutch.value_words(row["value"], row["status"], layer.b, row["low"], row["high"])
    return words.removeprefix("ongeveer ")


def _signals(release: Release, theme: Theme) -> Content:
    found = figures.theme_signals(release, theme)
    rows = [
        [
            signal.id,
            signal.region_name,
            short("; ".join(text for _, text in signal.reasons[:_REASONS])),
            signal.strength,
            signal.reliability,
            signal.route,
        ]
        for signal in found[:_SIGNALS]
    ]
    more = f"De signaallijst telt er {dutch.number(len(found))}." if len(found) > _SIGNALS else ""
    drawn = dutch.explored(figures.explored(release, theme))
    routes = "Mono: één partner. Duaal: twee partners. Integraal: alle partners aan tafel."
    return {
        "titel": "De sterkste signalen",
        "kop": ["Nr.", "Buurt", "Reden", "Sterkte", "Betrouwbaar", "Route"],
        "rijen": rows,
        "leeg": (
            "Een openbare uitgave noemt geen signalen."
            if release.profile == "openbaar"
            else "Er zijn voor dit thema geen signalen. Dat betekent niet dat er niets speelt."
        ),
        "noot": " ".join(text for text in (more, drawn, routes) if text),
    }


def _course(release: Release, theme: Theme) -> Content:
    charts: list[Content] = []
    faint: list[str] = []
    for layer in figures.theme_layers(release, theme):
        series = figures.series(release, layer)
        if layer.series is None:
            continue
        if series is None or not figures.is_telling(series.windows):
            faint.append(layer.title)
            continue
        if len(charts) < _CHARTS:
            charts.append(_chart(release, layer, series))
    notes = []
    if charts:
        notes.append("Streep: het afgeronde aantal. Vlak: de marge door het afronden (95%). Arcering: geen gegevens.")
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
        "punten": ontwikkeling.sentences(release, figures.theme_layers(release, theme)),
        "noot": " ".join(notes) or "Voor dit thema is er geen reeks in de tijd.",
    }


def _chart(release: Release, layer: Layer, series: figures.Series) -> Content:
    place = series.place or release.area.title
    title = f"{layer.title} per {layer.series}" + (f", heel {place}" if series.place else "")
    last = series.windows[-1]
    alt = (
        f"Grafiek: {layer.title} per {layer.series} in {place}. In het {dutch.calendar_unit(last.start, last.end)}: "
        f"{figures.window_words(last)}."
    )
    drawn = chart.series_svg(series.windows, size_mm=(85.0, 21.0), title=title, description=alt)
    return {"titel": title, "svg": drawn, "alt": alt}


def _sources(release: Release, theme: Theme) -> Content:
    rows = [
        [
            layer.title,
            f"{layer.holder}: {layer.unit}, op {dutch.BASES[layer.base][1]}",
            str(layer.reliability),
            f"{dutch.sentence(layer.bias_text)}. {layer.text} {toezicht.hot_spots(release, layer)}".rstrip(),
        ]
        for layer in figures.theme_layers(release, theme)
    ]
    return {
        "titel": "Bronnen",
        "kop": ["Bron", "Bronhouder en wat is geteld", "Betrouwbaar", "Let op"],
        "rijen": rows,
    }


def _columns(release: Release, theme: Theme) -> list[list[Content]]:
    basis = release.grondslag
    layers = figures.theme_layers(release, theme)
    rounding = dutch.listing([str(base) for base in sorted({layer.b for layer in layers})])
    sure = (
        "Elk aantal is afgerond. Het bereik erachter is zeker.",
        "Een hotspot is getoetst: van alle hotspots is naar verwachting hooguit 5% toeval.",
        "Bij weinig adressen trekt de schatting naar het gemiddelde. Zo telt één geval niet te zwaar.",
        "'Niet aantoonbaar anders' betekent: het verschil kan toeval of afronding zijn.",
    )
    not_said = (
        "Een hoge score is een signaal, geen bewijs.",
        "Het gaat over plekken, nooit over personen of bedrijven.",
        "Weinig signalen betekent niet dat er niets speelt. Waar niemand kijkt, wordt niets gevonden.",
        "De factsheet voorspelt niets. Een mens beslist.",
    )
    legal = (
        f"{dutch.sentence(basis.kind)}: {short(basis.decision)} ({dutch.date(basis.date)}).",
        f"Reikwijdte: {basis.scope}. Doel: {short(basis.purpose)}.",
        f"Opvolging: {short(basis.follow_up)}.",
        *(f"{layer.title}: {short(layer.legal_basis)}." for layer in layers),
    )
    protection = (
        *([_caveat(release)] if release.caveat else []),
        verantwoording.short_promise(release.geography.zones.k),
        f"Aantallen zijn afgerond op veelvouden van {rounding} of meer, met een grens die nooit verandert.",
        "Een ander getal dan 0 zegt dat er ten minste één geval is. '0 tot 4' kan ook 0 zijn.",
        "Alle grenzen van de belofte staan in verantwoording.html.",
    )
    keep = (
        f"Bewaren tot en met {dutch.date(basis.retain_until)}. Geldig tot en met {dutch.date(basis.valid_until)}.",
        f"Rubricering: {short(basis.classification)}.",
    )
    return [
        [_part("Hoe zeker is dit?", sure), _part("Wat dit niet zegt", not_said)],
        [_part("Grondslag", legal), _part("Bewaren", keep)],
        [_part("Bescherming", protection), *_earlier(release, layers)],
    ]


def _earlier(release: Release, layers: Sequence[Layer]) -> list[Content]:
    """Say how good earlier figures were, where there are series to tell it from."""
    said = terugblik.sentences(release, layers)
    return [_part(terugblik.TITLE, tuple(said))] if said else []


def _part(title: str, points: tuple[str, ...]) -> Content:
    return {"titel": title, "punten": list(points)}


def _origin(release: Release) -> str:
    came = dutch.plural(release.snapped_in, "adres", "adressen")
    return (
        f"Gemaakt met geoanalyse uit één release: {release.digest}. Zones {release.zones_version}, sleutel "
        f"{release.key_mark}. Profiel {dutch.PROFILES[release.profile]}. Gebied: {release.area.source}, indeling "
        f"{release.area.year}. Door hele zones kwamen er {came} bij en vielen er "
        f"{dutch.number(release.snapped_out)} af."
    )
