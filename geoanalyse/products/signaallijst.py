"""The shareable signaallijst: the strongest signals per theme and buurt, and some places drawn by lot; no addresses.

Its last columns are empty, to fill in and send back (:mod:`geoanalyse.followup`).
"""

import csv as csv_writer
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from geoanalyse.exploration import EXPLORED
from geoanalyse.followup import words
from geoanalyse.formulas import guarded
from geoanalyse.layer import Base, Layer, Theme
from geoanalyse.products import dutch, ligging, opgevolgd, palette, verantwoording
from geoanalyse.release import Release
from geoanalyse.signals import Signal

Cell = str | int | float | dt.date
Row = dict[str, Cell]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the list: what it is called, what it means, and how wide it is in characters."""

    title: str
    meaning: str
    width: int


PRINTED = (
    Column("Signaal", "Nummer van het signaal; hetzelfde als op de kaart en het factsheet.", 8),
    Column("Gemeente", "Gemeente waarin de plek ligt.", 13),
    Column("Wijk", "Wijk waarin de plek ligt.", 18),
    Column("Buurt", "Buurt waarin de meeste adressen liggen (de wijk, waar geen buurten bekend zijn).", 20),
    Column("Ligging", "In welk deel van die buurt de plek ligt: een windrichting of het midden.", 12),
    Column("Soort plek", "zone, groot vak (hexagon van 75 hectare) of buurt: het kleinste dat de bronnen tonen.", 11),
    Column(
        "Rang",
        "Volgorde binnen het thema: 1 is het sterkste signaal; gelijke delen een rang. Verkenning staat achteraan.",
        6,
    ),
    Column(
        "Sterkte", "sterk, matig of licht: hoeveel bronnen naar deze plek wijzen, en hoe duidelijk. Of: verkenning.", 11
    ),
    Column("Betrouwbaar", "hoog, middel of laag: hoe goed die bronnen zijn en of zij elkaar steunen.", 12),
    Column("Bronnen", "Aantal bronhouders met aanwijzingen voor deze plek.", 8),
    Column("Route", "Advies: mono (één partner), duaal (twee partners) of integraal (alle partners aan tafel).", 10),
    Column("Advies", "Welke partners, de eerste voorop, en wat zij het best eerst doen.", 30),
    Column("Redenen", "Waarom deze plek in de lijst staat, in woorden.", 52),
    Column("Niet bekend", "Wat over deze plek niet bekend is. Onbekend is niet hetzelfde als laag.", 26),
)
"""Columns that go on paper."""

ONLY_ON_SCREEN = (
    Column("Fase", "Stap in de integrale casusaanpak waarin dit signaal past.", 12),
    Column("Kansrijk", "ja, als het een integrale casus kan worden volgens de regel hiernaast.", 10),
    Column("Regel", "Regel van de tabel met routes waaruit het advies volgt.", 22),
    Column("Score", "Totaalbeeld van het thema op deze plek, in keer het gemiddelde van de regio; kan leeg zijn.", 8),
    Column("Codes", "De redenen als code, om op te filteren.", 34),
    Column("Plek", "Naam van de plek: de laagste H3-cel van de zone, de H3-hexagon of de CBS-code.", 18),
    Column("Gebiedscode", "CBS-code van de buurt (of wijk).", 13),
    Column("Van", "Eerste dag van de periode waarover is geteld.", 12),
    Column("Tot en met", "Laatste dag van die periode.", 12),
    Column("Adressen", "Aantal adressen op de plek; openbaar gegeven.", 10),
    Column(words.MARK, "Begin van het kenmerk van de uitgave: zo hoort een ingevulde rij bij deze lijst.", 16),
)
"""Columns that follow; after them comes a column per layer of the theme."""

TO_FILL_IN = tuple(Column(field.title, field.meaning, field.width) for field in words.FIELDS)
"""The last columns, empty in a release."""

_LAYER_WIDTH = 24
_DAY = "dd-mm-yyyy"
_ASKED, _ANSWER = "#ffd966", "#fff9e5"  # heads and cells of the columns to fill in
_ALLOWED = ("autofilter", "sort", "format_columns", "format_rows", "insert_columns")
_FEWEST_LINES = 2  # of a row: what is filled in takes two
_LATEST = dt.date(2099, 12, 31)


def columns(release: Release, theme: Theme) -> tuple[Column, ...]:
    """Give the columns for one theme: those of every list, the published value per layer, and those to fill in."""
    layers = tuple(Column(layer.title, _layer_meaning(layer), _LAYER_WIDTH) for layer in _layers(release, theme))
    return (*PRINTED, *ONLY_ON_SCREEN, *layers, *TO_FILL_IN)


def rows(release: Release, theme: Theme) -> list[Row]:
    """Give the signals of one theme, ordered by gemeente, wijk, buurt and rank, as one mapping per row.

    Parameters
    ----------
    release : Release
    theme : Theme

    Returns
    -------
    list of dict
        Keys are the titles of `columns`; values are text, whole numbers and dates.
    """
    found = [signal for signal in release.signals if signal.theme == theme]
    found.sort(key=lambda each: (each.gemeente_name, each.wijk_name, each.region_name, each.rank, each.zone))
    named = pa.array([signal.zone for signal in found], pa.string())
    places = release.statistics.filter(pc.is_in(release.statistics["zone"], value_set=named))
    known = {(row["layer"], row["level"], row["zone"]): row for row in places.to_pylist()}
    regions, layers = release.geography.regions, _layers(release, theme)
    fixed: Row = {words.MARK: words.mark(release.digest), **{column.title: "" for column in TO_FILL_IN}}
    return [_row(signal, ligging.of_signal(signal, regions), layers, known) | fixed for signal in found]


def _layers(release: Release, theme: Theme) -> tuple[Layer, ...]:
    return tuple(layer for layer in release.layers if theme in layer.themes)


def _layer_meaning(layer: Layer) -> str:
    return (
        f"{dutch.sentence(layer.unit)}, afgerond met b = {layer.b}: tussen haakjes de aantallen die mogelijk zijn. "
        f"Bron: {layer.holder}; betrouwbaarheid {layer.reliability}; {layer.bias_text}."
    )


def _row(
    signal: Signal, where: str, layers: Iterable[Layer], known: Mapping[tuple[str, str, str], Mapping[str, Any]]
) -> Row:
    rows = {
        layer.id: known.get((layer.id, signal.level, signal.zone)) for layer in layers if _same_units(layer, signal)
    }
    composite = known.get((f"thema:{signal.theme}", signal.level, signal.zone))
    row: Row = {
        "Signaal": signal.id,
        "Gemeente": signal.gemeente_name,
        "Wijk": signal.wijk_name,
        "Buurt": signal.region_name,
        "Ligging": where,
        "Soort plek": dutch.LEVELS[signal.level][0],
        "Rang": signal.rank,
        "Sterkte": signal.strength,
        "Betrouwbaar": signal.reliability,
        "Bronnen": signal.sources,
        "Route": signal.route,
        "Advies": dutch.advised(signal.advice),
        "Redenen": "; ".join(text for _, text in signal.reasons),
        "Niet bekend": signal.unknown,
        "Fase": signal.advice.phase,
        "Kansrijk": "ja" if signal.advice.promising else "",
        "Regel": signal.advice.rule,
        "Score": "" if signal.score is None else float(signal.score),
        "Codes": ", ".join(code for code, _ in signal.reasons),
        "Plek": signal.zone,
        "Gebiedscode": signal.region,
        "Van": signal.start,
        "Tot en met": signal.end - dt.timedelta(days=1),
        "Adressen": next(each["addresses"] for each in (composite, *rows.values()) if each),
    }
    return row | {layer.title: _value_words(layer, rows.get(layer.id)) for layer in layers}


def _same_units(layer: Layer, signal: Signal) -> bool:
    """Whether a layer's row with the signal's name is about the same place: each base has its own zones."""
    return signal.level != "zone" or layer.base is Base.ALL


def _value_words(layer: Layer, row: Mapping[str, Any] | None) -> str:
    if row is None:
        return dutch.WITHHELD
    return dutch.value_words(row["value"], row["status"], layer.b, row["low"], row["high"])


# --- xlsx -------------------------------------------------------------------------------------------------------------


def xlsx(release: Release) -> bytes:
    """Write the list as an Excel workbook: a sheet per theme and a sheet that explains it.

    Parameters
    ----------
    release : Release

    Returns
    -------
    bytes
        Typed cells, no formula, link, name of an author or hidden sheet; same release, same bytes.
    """
    target = io.BytesIO()
    options = {"in_memory": True, "default_date_format": "dd-mm-yyyy", "remove_timezone": True}
    with xlsxwriter.Workbook(target, options) as book:
        book.set_properties({"created": dt.datetime.combine(release.reference_date, dt.time(), tzinfo=dt.UTC)})
        head = {"bold": True, "text_wrap": True, "valign": "top"}
        # rows are unlocked, also those that nobody should change: Excel sorts no locked cells
        line = {"align": "left", "valign": "top", "bottom": 1, "bottom_color": "#d0d0d0", "locked": False}
        formats = {
            "banner": book.add_format({"bold": True, "font_size": 12}),
            "head": book.add_format({**head, "bg_color": palette.CLASS_COLOURS[4], "font_color": "#ffffff"}),
            "asked": book.add_format({**head, "bg_color": _ASKED, "font_color": "#000000"}),
            "text": book.add_format({"text_wrap": True, **line}),
            "date": book.add_format({"num_format": _DAY, **line}),
            "answer": book.add_format({"text_wrap": True, "bg_color": _ANSWER, **line}),
            "answer_date": book.add_format({"num_format": _DAY, "bg_color": _ANSWER, **line}),
            "bold": book.add_format({"bold": True, "text_wrap": True, "valign": "top"}),
        }
        for theme in release.themes:
            _theme_sheet(book.add_worksheet(dutch.sentence(str(theme))), release, theme, formats)
        _explanation_sheet(book.add_worksheet("Toelichting"), release, formats)
    return target.getvalue()


def _theme_sheet(sheet: Worksheet, release: Release, theme: Theme, formats: Mapping[str, Format]) -> None:
    head, body = columns(release, theme), rows(release, theme)
    sheet.write_string(0, 0, banner(release, theme), formats["banner"])
    first = 2 if release.caveat else 1
    if release.caveat:
        _write_caveat(sheet, release.caveat, formats["bold"])
    for number, column in enumerate(head):
        sheet.set_column(number, number, column.width)
        sheet.write_string(first, number, column.title, formats["asked" if column in TO_FILL_IN else "head"])
    for line, row in enumerate(body, start=first + 1):
        sheet.set_row(line, 15 * max(_FEWEST_LINES, *(_lines(row[column.title], column.width) for column in head)))
        for number, column in enumerate(head):
            if column not in TO_FILL_IN:
                _write(sheet, line, number, row[column.title], formats)
    if body:
        _ask(sheet, (first, first + len(body)), len(head) - len(TO_FILL_IN), release.reference_date, formats)
    else:
        sheet.write_string(
            first + 1, 0, "Geen signalen voor dit thema in dit gebied en deze periode.", formats["banner"]
        )
    sheet.protect("", dict.fromkeys(_ALLOWED, True))
    last = first + max(len(body), 1)
    sheet.freeze_panes(first + 1, 1)
    sheet.autofilter(first, 0, last, len(head) - 1)
    _print_setup(sheet, release)
    sheet.repeat_rows(0, first)
    sheet.print_area(0, 0, last, len(PRINTED) - 1)


def _ask(
    sheet: Worksheet, lines: tuple[int, int], start: int, earliest: dt.date, formats: Mapping[str, Format]
) -> None:
    """Lay out the cells to fill in: lists of words, dates, and what each column asks; no cell holds anything.

    The note is of a rule for input and no comment: a comment has a maker's name and a drawing.
    """
    head, last = lines
    for number, field in enumerate(words.FIELDS, start=start):
        dated = field is words.DAY
        for line in range(head + 1, last + 1):
            sheet.write_blank(line, number, None, formats["answer_date" if dated else "answer"])
        note = {"input_title": field.title, "input_message": field.meaning}
        rule: dict[str, Any] = {"validate": "any"}
        if dated:
            rule = {"validate": "date", "criteria": "between", "minimum": earliest, "maximum": _LATEST}
            rule["error_message"] = f"Schrijf een datum vanaf {earliest:%d-%m-%Y}, als dd-mm-jjjj."
        elif field.choices:
            rule = {"validate": "list", "source": list(field.choices)}
            rule["error_message"] = "Kies een van de woorden uit de lijst."
        sheet.data_validation(head + 1, number, last, number, rule | note | {"error_title": field.title})
        sheet.data_validation(head, number, head, number, {"validate": "any"} | note)


def _write_caveat(sheet: Worksheet, text: str, look: Format) -> None:
    """Write the caveat over the columns that go on paper, below the banner."""
    sheet.merge_range(1, 0, 1, len(PRINTED) - 1, "", look)
    sheet.write_string(1, 0, f"Let op: {text}", look)  # as text: a merged range would make a formula of "=..."
    sheet.set_row(1, 15 * _lines(f"Let op: {text}", sum(column.width for column in PRINTED)))


def banner(release: Release, theme: Theme) -> str:
    """Give the first line of a sheet: what it is, of where and when, and who may see it."""
    parts = [
        f"Signaallijst {theme}: {release.area.title}",
        dutch.period(release.start, release.end),
        release.grondslag.classification,
    ]
    return " · ".join(([dutch.DEMO] if release.grondslag.demo else []) + parts)


def _lines(value: Cell, width: int) -> int:
    """Lines that a text takes in a column; Excel does not measure them by itself when a file is written for it."""
    return -(-len(value) // width) if isinstance(value, str) and value else 1


def _write(sheet: Worksheet, line: int, number: int, value: Cell, formats: Mapping[str, Format]) -> None:
    if isinstance(value, str):
        sheet.write_string(line, number, value, formats["text"])  # write() would make a formula of "=..."
    elif isinstance(value, int | float):
        sheet.write_number(line, number, value, formats["text"])
    else:
        sheet.write_datetime(line, number, dt.datetime.combine(value, dt.time()), formats["date"])


def _print_setup(sheet: Worksheet, release: Release) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    mark = dutch.DEMO if release.grondslag.demo else release.grondslag.classification
    sheet.set_footer(f"&L{mark.replace('&', '&&')}&CEen hoge score is een signaal, geen bewijs&RPagina &P van &N")


def _explanation_sheet(sheet: Worksheet, release: Release, formats: Mapping[str, Format]) -> None:
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 105)
    for line, (subject, text) in enumerate(explanation(release)):
        sheet.set_row(line, 15 * max(_lines(subject, 30), _lines(text, 105)))
        sheet.write_string(line, 0, subject, formats["bold"])
        sheet.write_string(line, 1, text, formats["text"])
    _print_setup(sheet, release)


_WHAT_IT_IS = (
    "Plekken die uitkomen boven de regio, per thema, met de reden, en enkele gelote plekken. Een plek is een zone (de "
    "kleinste groep adressen waarover iets wordt gedeeld: minstens {k}) of groter. De lijst noemt geen adressen, "
    "bedrijven of personen."
)
_WHAT_IT_IS_NOT = (
    "Een signaal is een reden om te kijken, geen bewijs en geen oordeel. De lijst voorspelt niets over personen. "
    "Onbekend is niet hetzelfde als laag."
)
_EXPLORATION = (
    "Een deel van elke lijst ({share}, als er genoeg zulke plekken zijn) is geloot, en niet gekozen op een cijfer: "
    "zones waar geen bron naar wijst en weinig is waargenomen, zodat zowel gewoon als twee keer zo vaak mogelijk is. "
    "Zo kijkt ook iemand waar niemand keek. Houd bij wat er wordt gevonden: daarmee is te vergelijken wat de rangorde "
    "oplevert."
)
_SOURCE = (
    "{layer.text} Bronhouder: {layer.holder}. Betrouwbaarheid: {layer.reliability}. Let op: {layer.bias_text}. "
    "Wettelijke grondslag: {layer.legal_basis}."
)
_VALUES = (
    "Het gepubliceerde aantal, met tussen haakjes de aantallen die mogelijk zijn. '0 tot b-1' is iets anders dan "
    f"'{dutch.NO_DATA}' (de bron kijkt hier niet) en dan '{dutch.WITHHELD}'."
)


_RETURN = (
    "De gele kolommen zijn om in te vullen. Vul minstens Status in. Sorteren, filteren en kolommen toevoegen mag; "
    "wijzig de andere kolommen niet. Eigen kolommen worden niet bewaard. Stuur het bestand terug als Excel-werkmap "
    "of CSV. Een bestand met namen, adressen of andere persoonsgegevens wordt geweigerd. De bladen zijn beveiligd "
    "zonder wachtwoord, zodat de kopregel blijft staan."
)


def explanation(release: Release) -> Iterator[tuple[str, str]]:
    """Give the lines of the sheet ``Toelichting`` as subject and text."""
    basis = release.grondslag
    if basis.demo:
        yield "Let op", f"{dutch.DEMO}. Deze lijst gaat niet over echte adressen, bedrijven of gebeurtenissen."
    if release.caveat:
        yield "Voorbehoud", release.caveat
    yield "Wat is dit", _WHAT_IT_IS.format(k=release.geography.zones.k)
    yield "Wat is dit niet", _WHAT_IT_IS_NOT
    yield "Wat is verkenning", _EXPLORATION.format(share=dutch.percentage(float(EXPLORED)))
    yield "Gebied", release.area.title
    yield "Periode", dutch.period(release.start, release.end)
    yield "Peildatum", dutch.date(release.reference_date)
    yield "Grondslag", f"{dutch.sentence(str(basis.kind))}: {basis.decision} ({dutch.date(basis.date)})"
    yield "Reikwijdte", str(basis.scope)
    yield "Doel", basis.purpose
    yield "Vraag", basis.question
    yield "Opvolging", basis.follow_up
    yield "Rubricering", basis.classification
    yield "Geldig tot", dutch.date(basis.valid_until)
    yield "Bewaren tot", dutch.date(basis.retain_until)
    for layer in release.layers:
        yield f"Bron: {layer.title}", _SOURCE.format(layer=layer)
    for column in (*PRINTED, *ONLY_ON_SCREEN):
        yield f"Kolom: {column.title}", column.meaning
    yield "Kolommen per bron", _VALUES
    for column in TO_FILL_IN:
        yield f"Kolom: {column.title}", column.meaning
    yield "Invullen en terugsturen", _RETURN
    yield "Afdruk", "Op papier komen de kolommen tot en met 'Niet bekend'; de overige staan alleen in het bestand."
    for text in opgevolgd.sentences(release):
        yield "Opvolging", text
    yield "Bescherming", verantwoording.short_promise(release.geography.zones.k)
    for text in verantwoording.promise(release.geography.zones.k):
        yield "", text
    for number, text in enumerate(verantwoording.LIMITS):
        yield "Grenzen daarvan" if number == 0 else "", text
    yield "Profiel", dutch.PROFILES[release.profile]
    yield "Zoneversie", release.zones_version
    yield "Sleutelmerk", release.key_mark
    yield "Kenmerk", release.digest


# --- csv --------------------------------------------------------------------------------------------------------------


def csv(release: Release) -> bytes:
    r"""Write the list as one CSV for Dutch Excel: ``;``, UTF-8 with BOM, CRLF, dates as dd-mm-jjjj.

    The first columns say the theme and who may see it (and DEMO, and the caveat). A column of a layer is empty for a
    theme that does not use the layer. A text that a spreadsheet would run as a formula gets a quote in front.
    """
    per_theme = [(theme, rows(release, theme)) for theme in release.themes]
    asked = [column.title for column in TO_FILL_IN]
    titles = dict.fromkeys(column.title for theme in release.themes for column in columns(release, theme))
    head = [*(title for title in titles if title not in asked), *asked]  # themes have other layers
    mark = {"Let op": dutch.DEMO} if release.grondslag.demo else {}
    mark |= {"Voorbehoud": release.caveat} if release.caveat else {}
    mark["Rubricering"] = release.grondslag.classification
    target = io.StringIO(newline="")
    writer = csv_writer.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow([*mark, "Thema", *head])
    for theme, each in per_theme:
        for row in each:
            values = [*mark.values(), str(theme), *(row.get(title, "") for title in head)]
            writer.writerow([csv_text(value) for value in values])
    return target.getvalue().encode("utf-8-sig")


def csv_text(value: Cell) -> str:
    """Text of a cell that no spreadsheet runs.

    Examples
    --------
    >>> csv_text("=1+1"), csv_text(3), csv_text(2.5), csv_text(dt.date(2026, 1, 31))
    ("'=1+1", '3', '2,5', '31-01-2026')
    """
    if isinstance(value, dt.date):
        return value.strftime("%d-%m-%Y")
    text = f"{value:g}".replace(".", ",") if isinstance(value, float) else str(value)
    return guarded(text)
