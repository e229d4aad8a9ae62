"""What stands on a slide: words that fit their box, tables, and drawings as shapes; each with its name and its text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree
from pptx.dml.color import RGBColor
from pptx.enum.lang import MSO_LANGUAGE_ID
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.slide import Slide
from pptx.util import Mm, Pt

from geoanalyse.products import drawingml
from geoanalyse.products.labels import printable, wrapped
from geoanalyse.products.palette import INK, INK_SOFT
from geoanalyse.products.sentence import Sentence

INK_RGB = RGBColor.from_string(INK.lstrip("#").upper())
SOFT_RGB = RGBColor.from_string(INK_SOFT.lstrip("#").upper())

_POINT = 25.4 / 72  # millimetres
_LEADING = 1.22  # height of a line, in sizes
_BETWEEN = 0.45  # space between paragraphs, in sizes
_HANG = 5.0  # millimetres before the text of a list
_RULE = "55585C"
_PLAIN_TABLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # no style, no grid: known to every PowerPoint
_A = f"{{{drawingml.A}}}"


@dataclass(frozen=True, slots=True)
class Box:
    """A place on a slide, millimetres from the top left."""

    left: float
    top: float
    width: float
    height: float


def text_of(words: Sentence | str) -> str:
    """Give the text that is written."""
    return printable(words.text if isinstance(words, Sentence) else words)


def placed(box: Box) -> tuple[Mm, Mm, Mm, Mm]:
    """Give a box in units of the library."""
    return Mm(box.left), Mm(box.top), Mm(box.width), Mm(box.height)


def run(
    line: Any,  # noqa: ANN401 - a paragraph of the library, which has no types for it
    words: Sentence | str,
    *,
    size: float | None = None,
    bold: bool | None = None,
    colour: RGBColor | None = None,
) -> None:
    """Write words in a paragraph."""
    run = line.add_run()
    run.text = text_of(words)
    run.font.language_id = MSO_LANGUAGE_ID.DUTCH
    if size is not None:
        run.font.size = Pt(size)
    if bold is not None:
        run.font.bold = bold
    if colour is not None:
        run.font.color.rgb = colour


def lines_high(words: Sequence[Sentence | str], width: float, size: float) -> float:
    """Height that paragraphs take, millimetres."""
    unit = round(size * _POINT * 100)
    lines = sum(len(wrapped(text_of(each), round(width * 100), unit)) for each in words)
    return size * _POINT * (lines * _LEADING + (len(words) - 1) * _BETWEEN)


def bullets_high(words: Sequence[Sentence | str], width: float, size: float) -> float:
    """Height that a list takes, millimetres."""
    return lines_high(words, width - _HANG, size)


def words_on(
    slide: Slide,
    name: str,
    box: Box,
    words: Sequence[Sentence | str],
    *,
    size: float | None = None,
    sizes: Sequence[float] = (),
    bold: bool = False,
    first_bold: bool = False,
    bullets: bool = False,
    right: bool = False,
    colour: RGBColor = INK_RGB,
) -> None:
    """Write paragraphs, in the largest of the sizes that fits."""
    inner = box.width - (_HANG if bullets else 0.0)
    fits = (each for each in sizes if lines_high(words, inner, each) <= box.height)
    chosen = size or next(fits, min(sizes, default=10.0))
    shape = slide.shapes.add_textbox(*placed(box))
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
        run(line, each, size=chosen, bold=bold or (first_bold and index == 0), colour=colour)


def drawing_on(slide: Slide, svg: str, left: float, top: float, scale: float, name: str) -> None:
    """Put a drawing on a slide as a group of shapes."""
    sheet = drawingml.Sheet(Mm(left), Mm(top), scale)
    tree = slide.element.find(".//{*}spTree")
    number = 1 + max(int(each) for each in slide.element.xpath("//p:cNvPr/@id"))
    tree.append(drawingml.group(svg, sheet, number=number, name=name))


def told_of(shape: Any, name: str, words: str) -> None:  # noqa: ANN401 - a graphic frame of the library
    """Name a shape, and say what it shows to who does not see it."""
    shape.name = name
    shape.element.xpath("./*[1]/p:cNvPr")[0].set("descr", printable(words))


def table_on(
    slide: Slide,
    name: str,
    box: Box,
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
        max(lines_high([cell], width - 3.5, size) for cell, width in zip(row, widths, strict=True)) + 2 * padding
        for row in rows
    ]
    place = Box(box.left, box.top, box.width, sum(heights))
    shape = slide.shapes.add_table(len(rows), len(shares), *placed(place))
    told_of(shape, name, words)
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
            look = {"bold": number == 0 or index == 0, "colour": INK_RGB if number else SOFT_RGB}
            run(line, words_of_cell, size=size, **look)
            _underlined(cell, 12700 if number == 0 else 3175)
    return box.top + sum(heights)


def _underlined(cell: Any, width: int) -> None:  # noqa: ANN401 - a cell of the library
    look = cell._tc.get_or_add_tcPr()  # noqa: SLF001 - the library has no word for borders
    line = etree.SubElement(look, f"{_A}lnB", w=str(width))
    etree.SubElement(etree.SubElement(line, f"{_A}solidFill"), f"{_A}srgbClr", val=_RULE)
