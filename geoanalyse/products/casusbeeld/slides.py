"""The casusbeeld as slides (PPTX): native tables, charts and shapes, the same texts and figures as the page.

Every picture has a text for who does not see it, shapes stand in the order of reading, and titles are titles.
The file is packed again with the reference date, so that the same content gives the same bytes.
"""

import datetime as dt
import re
import zipfile
from io import BytesIO
from typing import Any

import pptx as library
from lxml import etree
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.presentation import Presentation
from pptx.slide import Slide
from pptx.util import Mm

from geoanalyse.products import drawingml, timeline
from geoanalyse.products.casusbeeld.charts import BAR, chart_on
from geoanalyse.products.casusbeeld.parts import (
    INK_RGB,
    SOFT_RGB,
    Box,
    bullets_high,
    drawing_on,
    placed,
    run,
    table_on,
    text_of,
    words_on,
)
from geoanalyse.products.labels import printable
from geoanalyse.products.palette import CLASS_COLOURS, COLD, HOT

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
_A = f"{{{drawingml.A}}}"
_RED = RGBColor.from_string(HOT.lstrip("#").upper())
_WHITE = RGBColor(255, 255, 255)
_APP = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    "<Application>geoanalyse</Application></Properties>"
)


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
        box = Box(_EDGE, 11.0 if title else _TOP, WIDE_MM - 2 * _EDGE, 20.0 if title else _BOTTOM - _TOP)
        shape.left, shape.top, shape.width, shape.height = placed(box)
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
    for number, colour in enumerate((BAR, *(each.lstrip("#") for each in (*CLASS_COLOURS[1:4], HOT, COLD))), start=1):
        root.find(f".//{_A}accent{number}/{_A}srgbClr").set("val", colour.upper())
    for font in root.findall(f".//{_A}font"):
        font.getparent().remove(font)
    return _written(root)


# --- slides -----------------------------------------------------------------------------------------------------------


def _slide(show: Presentation, told: Content, title: str) -> Slide:
    """Add a slide: its title comes first, then the mark of the demo."""
    slide = show.slides.add_slide(show.slide_layouts[0])
    run(slide.shapes.title.text_frame.paragraphs[0], title, colour=INK_RGB)
    if told["demo"]:
        band = slide.shapes.add_textbox(*placed(Box(0.0, 0.0, WIDE_MM, 8.5)))
        band.name = "DEMO"
        band.fill.solid()
        band.fill.fore_color.rgb = _RED
        band.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        band.text_frame.word_wrap = True
        line = band.text_frame.paragraphs[0]
        line.alignment = PP_ALIGN.CENTER
        run(line, told["demo"], size=12, bold=True, colour=_WHITE)
    return slide


def _foot(slide: Slide, told: Content, number: int, count: int) -> None:
    half = (WIDE_MM - 2 * _EDGE) / 2
    words_on(slide, "voettekst", Box(_EDGE, 181.0, half * 1.4, 6.0), [told["voet"]], size=10, colour=SOFT_RGB)
    page = f"{told['pagina']} · dia {number} van {count}"
    box = Box(_EDGE + half * 1.4, 181.0, half * 0.6, 6.0)
    words_on(slide, "kenmerk en dia", box, [page], size=10, colour=SOFT_RGB, right=True)


def _of_occasion(show: Presentation, told: Content, chart: str) -> None:
    slide = _slide(show, told, told["kop"])
    width = WIDE_MM - 2 * _EDGE - MAP_MM[0] * MAP_SCALE - 8.0
    about = [told["soort"], told["gebied"], told["periode"]]
    words_on(slide, "waarover", Box(_EDGE, 33.0, width, 26.0), about, sizes=_SIZES[3:], first_bold=True)
    badges = [*told["merken"], *told["voorbehoud"]]
    high = 12.0 + 12.0 * len(told["voorbehoud"])
    words_on(slide, "merken", Box(_EDGE, 61.0, width, high), badges, sizes=_SIZES[5:], colour=SOFT_RGB)
    top = 63.0 + high
    words_on(slide, "kop aanleiding", Box(_EDGE, top, width, 8.0), [told["koppen"]["aanleiding"]], size=16, bold=True)
    box = Box(_EDGE, top + 9.0, width, _BOTTOM - top - 9.0)
    words_on(slide, "aanleiding", box, told["aanleiding"], sizes=_SIZES[1:], bullets=True)
    left = WIDE_MM - _EDGE - MAP_MM[0] * MAP_SCALE
    drawing_on(slide, chart, left, 34.0, MAP_SCALE, "kaart")
    below = Box(left, 34.0 + MAP_MM[1] * MAP_SCALE + 2.0, MAP_MM[0] * MAP_SCALE, 12.0)
    words_on(slide, "bij de kaart", below, [told["kaart"]["bijschrift"]], size=11, colour=SOFT_RGB)


def _of_findings(show: Presentation, told: Content) -> None:
    slide, heads = _slide(show, told, told["koppen"]["bevindingen"]), told["koppen"]
    width, own = 146.0, told["eigen"]
    room = _BOTTOM - _TOP - (22.0 if own else 8.0)
    size = next(
        (each for each in _SIZES[1:] if bullets_high([*told["bevindingen"], *own], width, each) <= room), _SIZES[-1]
    )
    high = bullets_high(told["bevindingen"], width, size)
    words_on(slide, "kop cijfers", Box(_EDGE, _TOP, width, 7.0), [heads["cijfers"]], size=16, bold=True)
    box = Box(_EDGE, _TOP + 8.0, width, high)
    words_on(slide, "uit de cijfers", box, told["bevindingen"], size=size, bullets=True)
    if own:
        top = _TOP + 8.0 + high + 6.0
        words_on(slide, "kop analist", Box(_EDGE, top, width, 7.0), [heads["dossier"]], size=16, bold=True)
        box = Box(_EDGE, top + 8.0, width, room - high)
        words_on(slide, "van de analist", box, own, size=size, bullets=True)
    left = _EDGE + width + 10.0
    beside = Box(left, _TOP, WIDE_MM - _EDGE - left, 0.0)
    rows = [told["tabel"]["kop"], *told["tabel"]["rijen"]]
    words = f"Tabel: {text_of(told['tabel']['over'])}"
    end = table_on(slide, "tabel", beside, rows, (2.1, 2.1, 0.9, 0.9, 1.4), 12.0, words, right=(2, 3))
    note = [told["tabel"]["over"], told["tabel"]["noot"]]
    words_on(slide, "bij de tabel", Box(left, end + 3.0, beside.width, 20.0), note, sizes=_SIZES[5:], colour=SOFT_RGB)


def _of_series(show: Presentation, told: Content, moment: dt.datetime) -> None:
    """Show the series as charts that can be edited: at most two beside one another."""
    slide, lanes = _slide(show, told, told["koppen"]["reeksen"]), told["verloop"]["banen"]
    across = 1 if len(lanes) == 1 else 2
    down = -(-len(lanes) // across)
    wide = (WIDE_MM - 2 * _EDGE - 8.0 * (across - 1)) / across
    high = (_BOTTOM - 10.0 - _TOP - 4.0 * (down - 1)) / down
    for index, lane in enumerate(lanes):
        box = Box(_EDGE + index % across * (wide + 8.0), _TOP + index // across * (high + 4.0), wide, high)
        chart_on(slide, lane, told["gebied"].text, box, moment)
    note = Box(_EDGE, _BOTTOM - 7.0, WIDE_MM - 2 * _EDGE, 6.0)
    words_on(slide, "bij de grafieken", note, [told["verloop"]["leeswijzer"]], size=11, colour=SOFT_RGB)


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
        drawing_on(slide, drawing, _EDGE, top, scale, "tijdlijn")
        top += high + 2.0
    words_on(slide, "bij de tijdlijn", Box(_EDGE, top, wide, 6.0), [course["noot"]], size=11, colour=SOFT_RGB)
    top += 9.0
    words_on(
        slide, "kop interventies", Box(_EDGE, top, wide, 7.0), [told["koppen"]["interventies"]], size=14, bold=True
    )
    top += 8.0
    if course["rijen"]:
        rows = [course["kop"], *course["rijen"]]
        size = 13.0 if len(rows) <= 4 else 9.0  # noqa: PLR2004 - a header and three rows leave room
        table_on(
            slide, "interventies", Box(_EDGE, top, wide, 0.0), rows, (0.3, 1.6, 3.6, 2.0), size, "Tabel: interventies"
        )
    else:
        words_on(slide, "geen interventies", Box(_EDGE, top, wide, 8.0), course["leeg"], size=13)


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
    words_on(slide, "vervolgstappen", Box(_EDGE, _TOP, half, low - _TOP), told["vervolg"], sizes=_SIZES, bullets=True)
    left = _EDGE + half + 12.0
    words_on(slide, "kop grenzen", Box(left, _TOP, half, 8.0), [heads["grenzen"]], size=16, bold=True)
    box = Box(left, _TOP + 9.0, half, low - _TOP - 9.0)
    words_on(slide, "wat dit niet zegt", box, told["grenzen"], sizes=_SIZES[1:], bullets=True)
    wide = WIDE_MM - 2 * _EDGE
    words_on(slide, "kop herkomst", Box(_EDGE, low + 3.0, wide, 7.0), [heads["herkomst"]], size=13, bold=True)
    box = Box(_EDGE, low + 11.0, wide, _BOTTOM - low - 11.0)
    words_on(slide, "herkomst", box, told["herkomst"], sizes=_SIZES[5:], colour=SOFT_RGB)
