"""The casusbeeld as slides (PPTX): native tables, charts and shapes, the same texts and figures as the page.

Every picture has a text for who does not see it, shapes stand in the order of reading, and titles are titles.
The file is packed again with the reference date, so that the same content gives the same bytes.
"""

import datetime as dt
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pptx as library
import xlsxwriter
from lxml import etree
from pptx.chart.chart import Chart
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_TICK_LABEL_POSITION
from pptx.enum.lang import MSO_LANGUAGE_ID
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.presentation import Presentation
from pptx.slide import Slide
from pptx.util import Mm, Pt

from geoanalyse.products import drawingml, dutch, figures, timeline
from geoanalyse.products.labels import printable, wrapped
from geoanalyse.products.palette import CLASS_COLOURS, COLD, HOT, INK, INK_SOFT
from geoanalyse.products.sentence import Sentence
from geoanalyse.products.timeline import Lane

Content = dict[str, Any]

WIDE_MM, HIGH_MM = 338.67, 190.5
"""Size of a slide: 16 to 9."""
MAP_MM = (148.0, 90.0)
"""Size of the cut-out as it is drawn; on the slide it is `MAP_SCALE` times as large."""
MAP_SCALE = 1.42

_EDGE = 14.0  # millimetres
_TOP = 36.0  # below the title
_BOTTOM = 176.0  # above the footer
_LAYOUT = 5  # "Title Only" of the template that comes with the library
_SIZES = (18.0, 16.0, 15.0, 14.0, 13.0, 12.0, 11.0, 10.0, 9.0)  # points
_POINT = 25.4 / 72  # millimetres
_LEADING = 1.22  # height of a line, in sizes
_BETWEEN = 0.45  # space between paragraphs, in sizes
_HANG = 5.0  # millimetres before the text of a list
_BAR = "8F9BB3"
_RULE = "55585C"
_PLAIN_TABLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # no style, no grid: known to every PowerPoint
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_A = f"{{{drawingml.A}}}"
_RED = RGBColor.from_string(HOT.lstrip("#").upper())
_INK = RGBColor.from_string(INK.lstrip("#").upper())
_SOFT = RGBColor.from_string(INK_SOFT.lstrip("#").upper())
_WHITE = RGBColor(255, 255, 255)
_APP = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    "<Application>geoanalyse</Application></Properties>"
)


@dataclass(frozen=True, slots=True)
class _Box:
    """A place on a slide, millimetres from the top left."""

    left: float
    top: float
    width: float
    height: float


def pptx(told: Content, chart: str) -> bytes:
    """Lay out what `casusbeeld.content` gives on slides.

    Parameters
    ----------
    told : dict
    chart : str
        The cut-out, as SVG of `MAP_MM`.

    Returns
    -------
    bytes
        A PPTX; same arguments, same bytes.
    """
    year, month, day = told["peildatum"]
    moment = dt.datetime(year, month, day, tzinfo=dt.UTC)
    show = _empty(told, moment)
    _of_occasion(show, told, chart)
    _of_findings(show, told)
    if told["verloop"]["banen"]:
        _of_series(show, told, moment)
    _of_course(show, told)
    _of_next_steps(show, told)
    for number, slide in enumerate(show.slides, start=1):
        _foot(slide, told, number, len(show.slides))
    packed = BytesIO()
    show.save(packed)
    return _repacked(packed.getvalue(), moment)


# --- the file ---------------------------------------------------------------------------------------------------------


def _empty(told: Content, moment: dt.datetime) -> Presentation:
    """Give a presentation of the right size with one layout, and nothing of the template that nobody needs."""
    show = library.Presentation()
    show.slide_width, show.slide_height = Mm(WIDE_MM), Mm(HIGH_MM)
    for layout in [each for index, each in enumerate(show.slide_layouts) if index != _LAYOUT]:
        show.slide_layouts.remove(layout)
    package = show.part.package
    for relation in list(package.iter_rels()):
        if relation.reltype.endswith("/thumbnail"):
            package.drop_rel(relation.rId)
    for name, relation in list(show.part.rels.items()):
        if relation.reltype.endswith(("/printerSettings", "/viewProps")):
            show.part.drop_rel(name)
    for master in (show.slide_master, show.slide_layouts[0]):
        for shape in list(master.placeholders):
            kind = shape.element.xpath(".//p:ph/@type")[0]
            if kind in {"dt", "ftr", "sldNum"}:
                shape.element.getparent().remove(shape.element)
        master.name = "Titel"
    for shape in show.slide_master.placeholders:
        title = shape.element.xpath(".//p:ph/@type")[0] == "title"
        box = _Box(_EDGE, 11.0 if title else _TOP, WIDE_MM - 2 * _EDGE, 20.0 if title else _BOTTOM - _TOP)
        shape.left, shape.top, shape.width, shape.height = _placed(box)
        frame = shape.element.find(f".//{_A}bodyPr")
        frame.set("lIns", "0")
        frame.set("rIns", "0")
        frame.set("anchor", "ctr" if title else "t")
    style = show.slide_master.element.find(".//{*}titleStyle/{*}lvl1pPr")
    style.set("algn", "l")
    style.find(f"{_A}defRPr").set("sz", "2800")
    style.find(f"{_A}defRPr").set("b", "1")
    about = show.core_properties
    about.title, about.subject = printable(told["titel"]), printable(told["omschrijving"])
    about.author = about.last_modified_by = "geoanalyse"
    about.keywords, about.language, about.revision = printable("; ".join(told["trefwoorden"])), drawingml.LANGUAGE, 1
    about.created = about.modified = moment.replace(tzinfo=None)
    return show


def _repacked(content: bytes, moment: dt.datetime) -> bytes:
    """Pack the parts again: in one order, with one date, in one language, without fonts for scripts we do not write."""
    with zipfile.ZipFile(BytesIO(content)) as book:
        parts = {info.filename: book.read(info) for info in book.infolist()}
    parts["docProps/app.xml"] = _APP.encode()
    for name, part in parts.items():
        if name.startswith("ppt/theme/"):
            parts[name] = _plain_theme(part)
        elif re.fullmatch(r"ppt/(?:presentation|presProps|slideMasters/\w+|slideLayouts/\w+)\.xml", name):
            parts[name] = _without_extensions(part.replace(b"en-US", drawingml.LANGUAGE.encode()))
    order = sorted(parts, key=lambda name: (name != "[Content_Types].xml", name != "_rels/.rels", name))
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        for name in order:
            info = zipfile.ZipInfo(name, (max(moment.year, 1980), moment.month, moment.day, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0  # else it tells on which system it was made
            book.writestr(info, parts[name])
    return target.getvalue()


def _without_extensions(part: bytes) -> bytes:
    """Leave out what one program keeps for itself."""
    root = etree.fromstring(part)
    for extension in root.findall(".//{*}extLst"):
        extension.getparent().remove(extension)
    return _written(root)


def _written(root: etree._Element) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _plain_theme(part: bytes) -> bytes:
    """Give the theme of the template our colours, and no fonts for scripts that we do not write."""
    root = etree.fromstring(part)
    root.set("name", "geoanalyse")
    for number, colour in enumerate((_BAR, *(each.lstrip("#") for each in (*CLASS_COLOURS[1:4], HOT, COLD))), start=1):
        root.find(f".//{_A}accent{number}/{_A}srgbClr").set("val", colour.upper())
    for font in root.findall(f".//{_A}font"):
        font.getparent().remove(font)
    return _written(root)


# --- slides -----------------------------------------------------------------------------------------------------------


def _slide(show: Presentation, told: Content, title: str) -> Slide:
    """Add a slide: its title comes first, then the mark of the demo."""
    slide = show.slides.add_slide(show.slide_layouts[0])
    _run(slide.shapes.title.text_frame.paragraphs[0], title, colour=_INK)
    if told["demo"]:
        band = slide.shapes.add_textbox(*_placed(_Box(0.0, 0.0, WIDE_MM, 8.5)))
        band.name = "DEMO"
        band.fill.solid()
        band.fill.fore_color.rgb = _RED
        band.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        band.text_frame.word_wrap = True
        line = band.text_frame.paragraphs[0]
        line.alignment = PP_ALIGN.CENTER
        _run(line, told["demo"], size=12, bold=True, colour=_WHITE)
    return slide


def _foot(slide: Slide, told: Content, number: int, count: int) -> None:
    half = (WIDE_MM - 2 * _EDGE) / 2
    _words(slide, "voettekst", _Box(_EDGE, 181.0, half * 1.4, 6.0), [told["voet"]], size=10, colour=_SOFT)
    page = f"{told['pagina']} · dia {number} van {count}"
    box = _Box(_EDGE + half * 1.4, 181.0, half * 0.6, 6.0)
    _words(slide, "kenmerk en dia", box, [page], size=10, colour=_SOFT, right=True)


def _of_occasion(show: Presentation, told: Content, chart: str) -> None:
    slide = _slide(show, told, told["kop"])
    width = WIDE_MM - 2 * _EDGE - MAP_MM[0] * MAP_SCALE - 8.0
    about = [told["soort"], told["gebied"], told["periode"]]
    _words(slide, "waarover", _Box(_EDGE, 33.0, width, 26.0), about, sizes=_SIZES[3:], first_bold=True)
    badges = [*told["merken"], *told["voorbehoud"]]
    high = 12.0 + 12.0 * len(told["voorbehoud"])
    _words(slide, "merken", _Box(_EDGE, 61.0, width, high), badges, sizes=_SIZES[5:], colour=_SOFT)
    top = 63.0 + high
    _words(slide, "kop aanleiding", _Box(_EDGE, top, width, 8.0), [told["koppen"]["aanleiding"]], size=16, bold=True)
    box = _Box(_EDGE, top + 9.0, width, _BOTTOM - top - 9.0)
    _words(slide, "aanleiding", box, told["aanleiding"], sizes=_SIZES[1:], bullets=True)
    left = WIDE_MM - _EDGE - MAP_MM[0] * MAP_SCALE
    _drawn(slide, chart, left, 34.0, MAP_SCALE, "kaart")
    below = _Box(left, 34.0 + MAP_MM[1] * MAP_SCALE + 2.0, MAP_MM[0] * MAP_SCALE, 12.0)
    _words(slide, "bij de kaart", below, [told["kaart"]["bijschrift"]], size=11, colour=_SOFT)


def _of_findings(show: Presentation, told: Content) -> None:
    slide, heads = _slide(show, told, told["koppen"]["bevindingen"]), told["koppen"]
    width, own = 146.0, told["eigen"]
    room = _BOTTOM - _TOP - (22.0 if own else 8.0)
    size = next(
        (each for each in _SIZES[1:] if _bullets([*told["bevindingen"], *own], width, each) <= room), _SIZES[-1]
    )
    high = _bullets(told["bevindingen"], width, size)
    _words(slide, "kop cijfers", _Box(_EDGE, _TOP, width, 7.0), [heads["cijfers"]], size=16, bold=True)
    box = _Box(_EDGE, _TOP + 8.0, width, high)
    _words(slide, "uit de cijfers", box, told["bevindingen"], size=size, bullets=True)
    if own:
        top = _TOP + 8.0 + high + 6.0
        _words(slide, "kop analist", _Box(_EDGE, top, width, 7.0), [heads["dossier"]], size=16, bold=True)
        box = _Box(_EDGE, top + 8.0, width, room - high)
        _words(slide, "van de analist", box, own, size=size, bullets=True)
    left = _EDGE + width + 10.0
    table = _Box(left, _TOP, WIDE_MM - _EDGE - left, 0.0)
    rows = [told["tabel"]["kop"], *told["tabel"]["rijen"]]
    words = f"Tabel: {_text(told['tabel']['over'])}"
    end = _table(slide, "tabel", table, rows, (2.1, 2.1, 0.9, 0.9, 1.4), 12.0, words, right=(2, 3))
    note = [told["tabel"]["over"], told["tabel"]["noot"]]
    _words(slide, "bij de tabel", _Box(left, end + 3.0, table.width, 20.0), note, sizes=_SIZES[5:], colour=_SOFT)


def _of_series(show: Presentation, told: Content, moment: dt.datetime) -> None:
    """Show the series as charts that can be edited: at most two beside one another."""
    slide, lanes = _slide(show, told, told["koppen"]["reeksen"]), told["verloop"]["banen"]
    across = 1 if len(lanes) == 1 else 2
    down = -(-len(lanes) // across)
    wide = (WIDE_MM - 2 * _EDGE - 8.0 * (across - 1)) / across
    high = (_BOTTOM - 10.0 - _TOP - 4.0 * (down - 1)) / down
    for index, lane in enumerate(lanes):
        box = _Box(_EDGE + index % across * (wide + 8.0), _TOP + index // across * (high + 4.0), wide, high)
        _chart(slide, lane, told["gebied"].text, box, moment)
    note = _Box(_EDGE, _BOTTOM - 7.0, WIDE_MM - 2 * _EDGE, 6.0)
    _words(slide, "bij de grafieken", note, [told["verloop"]["leeswijzer"]], size=11, colour=_SOFT)


def _of_course(show: Presentation, told: Content) -> None:
    slide, course = _slide(show, told, told["koppen"]["verloop"]), told["verloop"]
    top, wide = _TOP, WIDE_MM - 2 * _EDGE
    if course["banen"] or course["tekens"]:
        scale, high = _scaled(course, wide, (_BOTTOM - _TOP) * 0.56)
        drawing = timeline.timeline_svg(
            course["banen"],
            course["tekens"],
            period=course["periode"],
            width_mm=wide / scale,
            title="Tijdlijn",
            description=course["alt"],
        )
        _drawn(slide, drawing, _EDGE, top, scale, "tijdlijn")
        top += high + 2.0
    _words(slide, "bij de tijdlijn", _Box(_EDGE, top, wide, 6.0), [course["noot"]], size=11, colour=_SOFT)
    top += 9.0
    _words(slide, "kop interventies", _Box(_EDGE, top, wide, 7.0), [told["koppen"]["interventies"]], size=14, bold=True)
    top += 8.0
    if course["rijen"]:
        rows = [course["kop"], *course["rijen"]]
        size = 13.0 if len(rows) <= 4 else 9.0  # noqa: PLR2004 - a header and three rows leave room
        _table(
            slide, "interventies", _Box(_EDGE, top, wide, 0.0), rows, (0.3, 1.6, 3.6, 2.0), size, "Tabel: interventies"
        )
    else:
        _words(slide, "geen interventies", _Box(_EDGE, top, wide, 8.0), course["leeg"], size=13)


def _scaled(course: Content, wide: float, tall: float) -> tuple[float, float]:
    """Give the largest scale at which a timeline as wide as the slide is not too tall, and how tall it is then."""
    for scale in (1.45, 1.35, 1.25, 1.15, 1.05, 0.95, 0.85):
        high = scale * timeline.height_mm(course["banen"], course["tekens"], wide / scale, course["periode"])
        if high <= tall:
            break
    return scale, high


def _of_next_steps(show: Presentation, told: Content) -> None:
    slide, heads = _slide(show, told, told["koppen"]["vervolg"]), told["koppen"]
    half = (WIDE_MM - 2 * _EDGE - 12.0) / 2
    low = 122.0
    _words(slide, "vervolgstappen", _Box(_EDGE, _TOP, half, low - _TOP), told["vervolg"], sizes=_SIZES, bullets=True)
    left = _EDGE + half + 12.0
    _words(slide, "kop grenzen", _Box(left, _TOP, half, 8.0), [heads["grenzen"]], size=16, bold=True)
    box = _Box(left, _TOP + 9.0, half, low - _TOP - 9.0)
    _words(slide, "wat dit niet zegt", box, told["grenzen"], sizes=_SIZES[1:], bullets=True)
    wide = WIDE_MM - 2 * _EDGE
    _words(slide, "kop herkomst", _Box(_EDGE, low + 3.0, wide, 7.0), [heads["herkomst"]], size=13, bold=True)
    box = _Box(_EDGE, low + 11.0, wide, _BOTTOM - low - 11.0)
    _words(slide, "herkomst", box, told["herkomst"], sizes=_SIZES[5:], colour=_SOFT)


# --- what stands on a slide -------------------------------------------------------------------------------------------


def _text(words: Sentence | str) -> str:
    return printable(words.text if isinstance(words, Sentence) else words)


def _placed(box: _Box) -> tuple[Mm, Mm, Mm, Mm]:
    return Mm(box.left), Mm(box.top), Mm(box.width), Mm(box.height)


def _run(
    line: Any,  # noqa: ANN401 - a paragraph of the library, which has no types for it
    words: Sentence | str,
    *,
    size: float | None = None,
    bold: bool | None = None,
    colour: RGBColor | None = None,
) -> None:
    run = line.add_run()
    run.text = _text(words)
    run.font.language_id = MSO_LANGUAGE_ID.DUTCH
    if size is not None:
        run.font.size = Pt(size)
    if bold is not None:
        run.font.bold = bold
    if colour is not None:
        run.font.color.rgb = colour


def _lines(words: Sequence[Sentence | str], width: float, size: float) -> float:
    """Height that paragraphs take, millimetres."""
    unit = round(size * _POINT * 100)
    lines = sum(len(wrapped(_text(each), round(width * 100), unit)) for each in words)
    return size * _POINT * (lines * _LEADING + (len(words) - 1) * _BETWEEN)


def _bullets(words: Sequence[Sentence | str], width: float, size: float) -> float:
    """Height that a list takes, millimetres."""
    return _lines(words, width - _HANG, size)


def _words(
    slide: Slide,
    name: str,
    box: _Box,
    words: Sequence[Sentence | str],
    *,
    size: float | None = None,
    sizes: Sequence[float] = (),
    bold: bool = False,
    first_bold: bool = False,
    bullets: bool = False,
    right: bool = False,
    colour: RGBColor = _INK,
) -> None:
    """Write paragraphs, in the largest of the sizes that fits."""
    inner = box.width - (_HANG if bullets else 0.0)
    fits = (each for each in sizes if _lines(words, inner, each) <= box.height)
    chosen = size or next(fits, min(sizes, default=10.0))
    shape = slide.shapes.add_textbox(*_placed(box))
    shape.name = name
    frame = shape.text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for index, each in enumerate(words):
        line = frame.paragraphs[0] if index == 0 else frame.add_paragraph()
        if index:
            line.space_before = Pt(chosen * _BETWEEN)
        if right:
            line.alignment = PP_ALIGN.RIGHT
        if bullets:
            look = line._p.get_or_add_pPr()  # noqa: SLF001 - the library has no word for bullets
            look.set("marL", str(Mm(_HANG)))
            look.set("indent", str(-Mm(_HANG)))
            etree.SubElement(look, f"{_A}buFont", typeface="Arial")
            etree.SubElement(look, f"{_A}buChar", char="•")
        _run(line, each, size=chosen, bold=bold or (first_bold and index == 0), colour=colour)


def _drawn(slide: Slide, svg: str, left: float, top: float, scale: float, name: str) -> None:
    """Put a drawing on a slide as a group of shapes."""
    sheet = drawingml.Sheet(Mm(left), Mm(top), scale)
    tree = slide.element.find(".//{*}spTree")
    number = 1 + max(int(each) for each in slide.element.xpath("//p:cNvPr/@id"))
    tree.append(drawingml.group(svg, sheet, number=number, name=name))


def _told(shape: Any, name: str, words: str) -> None:  # noqa: ANN401 - a graphic frame of the library
    """Name a shape, and say what it shows to who does not see it."""
    shape.name = name
    shape.element.xpath("./*[1]/p:cNvPr")[0].set("descr", printable(words))


def _table(
    slide: Slide,
    name: str,
    box: _Box,
    rows: Sequence[Sequence[Sentence | str]],
    shares: Sequence[float],
    size: float,
    words: str,
    *,
    right: Sequence[int] = (),
) -> float:
    """Put a table on a slide; gives where it ends, millimetres."""
    widths = [box.width * share / sum(shares) for share in shares]
    padding = 1.2
    heights = [
        max(_lines([cell], width - 3.5, size) for cell, width in zip(row, widths, strict=True)) + 2 * padding
        for row in rows
    ]
    place = _Box(box.left, box.top, box.width, sum(heights))
    shape = slide.shapes.add_table(len(rows), len(shares), *_placed(place))
    _told(shape, name, words)
    table = shape.table
    table.horz_banding = False
    shape.element.find(f".//{_A}tableStyleId").text = _PLAIN_TABLE
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for number, (row, high) in enumerate(zip(rows, heights, strict=True)):
        table.rows[number].height = Mm(high)
        for index, words_of_cell in enumerate(row):
            cell = table.cell(number, index)
            cell.margin_left = cell.margin_right = Mm(1.5)
            cell.margin_top = cell.margin_bottom = Mm(padding)
            cell.vertical_anchor = MSO_ANCHOR.BOTTOM if number == 0 else MSO_ANCHOR.TOP
            line = cell.text_frame.paragraphs[0]
            line.alignment = PP_ALIGN.RIGHT if index in right else PP_ALIGN.LEFT
            look = {"bold": number == 0 or index == 0, "colour": _INK if number else _SOFT}
            _run(line, words_of_cell, size=size, **look)
            _underlined(cell, 12700 if number == 0 else 3175)
    return box.top + sum(heights)


def _underlined(cell: Any, width: int) -> None:  # noqa: ANN401 - a cell of the library
    look = cell._tc.get_or_add_tcPr()  # noqa: SLF001 - the library has no word for borders
    line = etree.SubElement(look, f"{_A}lnB", w=str(width))
    etree.SubElement(etree.SubElement(line, f"{_A}solidFill"), f"{_A}srgbClr", val=_RULE)


# --- charts -----------------------------------------------------------------------------------------------------------


def _chart(slide: Slide, lane: Lane, area: str, box: _Box, moment: dt.datetime) -> None:
    """Put a series on a slide: a column for each window, its margin, and a gap where there is no value."""
    data = CategoryChartData(number_format="0")
    names = [_window(each.start, each.end) for each in lane.windows]
    if any(part for _, part in names):
        for year in dict.fromkeys(year for year, _ in names):
            level = data.add_category(year)
            for of, part in names:
                if of == year:
                    level.add_sub_category(part)
    else:
        data.categories = [year for year, _ in names]
    title = printable(f"{lane.title}, {lane.place}" if lane.place else lane.title)
    data.add_series(title, [each.value for each in lane.windows])
    shape = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *_placed(box), data)
    last = lane.windows[-1]
    unknown = sum(each.value is None for each in lane.windows)
    gaps = f" {dutch.plural(unknown, 'periode', 'perioden')} zonder gegevens." if unknown else ""
    words = figures.window_words(last) if last.high is not None or last.value is None else f"{last.value} of meer"
    when = dutch.calendar_unit(last.start, last.end)
    _told(
        shape,
        f"grafiek {lane.title}",
        f"Grafiek: {lane.title} per periode in {lane.place or area}, met de marge. {dutch.sentence(when)}: {words}."
        f"{gaps}",
    )
    _styled(shape.chart, title, lane)
    chart = shape.chart
    _with_margins(chart, lane, depth=2 if any(part for _, part in names) else 1)
    chart.part.chart_workbook.update_from_xlsx_blob(_workbook(title, lane, names, moment))


def _styled(chart: Chart, title: str, lane: Lane) -> None:
    chart.has_legend = False
    chart.has_title = True
    chart.font.size = Pt(10)
    chart.font.color.rgb = _INK
    _run(chart.chart_title.text_frame.paragraphs[0], title, size=12, bold=True, colour=_INK)
    plot = chart.plots[0]
    plot.gap_width = 45
    plot.series[0].format.fill.solid()
    plot.series[0].format.fill.fore_color.rgb = RGBColor.from_string(_BAR)
    values, periods = chart.value_axis, chart.category_axis
    values.minimum_scale = 0
    values.maximum_scale = timeline.top_of(lane)
    values.major_gridlines.format.line.color.rgb = RGBColor(0xD9, 0xDC, 0xE0)
    values.format.line.fill.background()
    periods.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    periods.format.line.color.rgb = _SOFT


def _window(start: dt.date, end: dt.date) -> tuple[str, str]:
    """Give the year of a window, and its quarter or month; empty for a year."""
    months = 12 * (end.year - start.year) + end.month - start.month
    if months >= 12:  # noqa: PLR2004 - a year
        return str(start.year), ""
    if months == 3:  # noqa: PLR2004 - a quarter
        return str(start.year), str(1 + (start.month - 1) // 3)
    return str(start.year), str(start.month)


def _margins(lane: Lane) -> list[tuple[int | None, int | None]]:
    """How far each margin reaches above and below its value; nothing where there is no value or no upper end."""
    return [
        (
            None if each.value is None or each.high is None else each.high - each.value,
            None if each.value is None or each.low is None else each.value - each.low,
        )
        for each in lane.windows
    ]


def _with_margins(chart: Chart, lane: Lane, *, depth: int) -> None:
    """Add error bars of our own to the series: the library has none."""
    series = chart.plots[0].series[0]._element  # noqa: SLF001 - see above
    bars = etree.Element(f"{_C}errBars")
    for tag, value in (("errBarType", "both"), ("errValType", "cust"), ("noEndCap", "0")):
        etree.SubElement(bars, f"{_C}{tag}", val=value)
    count = len(lane.windows)
    for offset, (tag, side) in enumerate((("plus", 0), ("minus", 1)), start=1):
        column = "ABCDE"[depth + offset]
        held = etree.SubElement(etree.SubElement(bars, f"{_C}{tag}"), f"{_C}numRef")
        etree.SubElement(held, f"{_C}f").text = f"Sheet1!${column}$2:${column}${count + 1}"
        cache = etree.SubElement(held, f"{_C}numCache")
        etree.SubElement(cache, f"{_C}formatCode").text = "General"
        etree.SubElement(cache, f"{_C}ptCount", val=str(count))
        for index, reach in enumerate(_margins(lane)):
            if reach[side] is not None:
                point = etree.SubElement(cache, f"{_C}pt", idx=str(index))
                etree.SubElement(point, f"{_C}v").text = str(reach[side])
    line = etree.SubElement(etree.SubElement(bars, f"{_C}spPr"), f"{_A}ln", w="12700")
    etree.SubElement(etree.SubElement(line, f"{_A}solidFill"), f"{_A}srgbClr", val=INK.lstrip("#").upper())
    series.insert(series.index(series.find(f"{_C}cat")), bars)


def _workbook(title: str, lane: Lane, names: Sequence[tuple[str, str]], moment: dt.datetime) -> bytes:
    """Write the workbook behind a chart, which opens when somebody edits it."""
    target = BytesIO()
    parts = any(part for _, part in names)
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.set_properties({"created": moment})
        sheet = book.add_worksheet("Sheet1")
        first = 2 if parts else 1
        for index, head in enumerate((title, "marge naar boven", "marge naar beneden")):
            sheet.write_string(0, first + index, head)
        for row, (window, (year, part), reach) in enumerate(
            zip(lane.windows, names, _margins(lane), strict=True), start=1
        ):
            if not parts or row == 1 or names[row - 2][0] != year:
                sheet.write_string(row, 0, year)
            if parts:
                sheet.write_string(row, 1, part)
            for index, number in enumerate((window.value, *reach)):
                if number is not None:
                    sheet.write_number(row, first + index, number)
    return target.getvalue()
