"""From our own SVG to native shapes of PowerPoint (DrawingML): a group that can be edited, without pixels.

It knows exactly what :mod:`geoanalyse.products.svg` and the drawings made with it write, and refuses the rest: a shape
that was left out would say less than the drawing does.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

import shapely
from lxml import etree

from geoanalyse.products.labels import LINE, text_width
from geoanalyse.products.palette import EMPTY, Pattern

A: Final = "http://schemas.openxmlformats.org/drawingml/2006/main"
P: Final = "http://schemas.openxmlformats.org/presentationml/2006/main"
EMU: Final = 360
"""English metric units per drawing unit: a hundredth of a millimetre."""
LANGUAGE: Final = "nl-NL"

_SVG = "{http://www.w3.org/2000/svg}"
_PATTERNS = {Pattern.HATCH: "wdUpDiag", Pattern.DOTS: "pct20", Pattern.CROSS: "openDmnd"}
_BASE_LINE = 0.952  # of Calibri: from the top of a line to its base line, in sizes
_COMMAND = re.compile(r"([MLlHhVvz])([^MLlHhVvz]*)")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LOOKS = {
    "rect": {"x", "y", "width", "height"},
    "circle": {"cx", "cy", "r"},
    "path": {"d"},
    "text": {"x", "y", "font-size", "font-weight", "text-anchor", "paint-order"},
}
_PAINT = {"fill", "stroke", "stroke-width", "stroke-linejoin", "stroke-linecap", "stroke-dasharray"}
_BOLD = 600

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where a drawing goes on a slide.

    Attributes
    ----------
    left, top : int
        EMU.
    scale : float
        Of the drawing; 1 is its own size.
    face : str
        Typeface of its texts.
    """

    left: int
    top: int
    scale: float = 1.0
    face: str = "Calibri"

    def long(self, units: float) -> int:
        """Turn a length of the drawing into EMU."""
        return round(units * EMU * self.scale)


@dataclass(frozen=True, slots=True)
class _Line:
    """A walk of points; closed or open."""

    points: tuple[Point, ...]
    closed: bool


def group(svg: str, sheet: Sheet, *, number: int, name: str) -> etree._Element:
    """Turn a drawing into a group of shapes, with its description as the text for who does not see it.

    Parameters
    ----------
    svg : str
        As `geoanalyse.products.svg.document` writes it.
    sheet : Sheet
    number : int
        Id of the group; its shapes have the numbers behind it.
    name : str
        Of the group, in the list of shapes.

    Returns
    -------
    lxml element ``p:grpSp``

    Raises
    ------
    ValueError
        When the drawing holds something that this module does not know.
    """
    root = ET.fromstring(svg)  # noqa: S314 - our own drawing
    numbers = count(number + 1)
    _, _, width, height = map(int, root.attrib["viewBox"].split())
    described = root.find(f"{_SVG}desc")
    found = etree.Element(f"{{{P}}}grpSp", nsmap={"a": A, "p": P})
    about = etree.SubElement(found, f"{{{P}}}nvGrpSpPr")
    words = "" if described is None else described.text or ""
    etree.SubElement(about, f"{{{P}}}cNvPr", id=str(number), name=name, descr=words)
    etree.SubElement(about, f"{{{P}}}cNvGrpSpPr")
    etree.SubElement(about, f"{{{P}}}nvPr")
    place = etree.SubElement(etree.SubElement(found, f"{{{P}}}grpSpPr"), f"{{{A}}}xfrm")
    left, top = (
        {"x": str(sheet.left), "y": str(sheet.top)},
        {"cx": str(sheet.long(width)), "cy": str(sheet.long(height))},
    )
    for tag, where in (("off", left), ("ext", top), ("chOff", left), ("chExt", top)):
        etree.SubElement(place, f"{{{A}}}{tag}", where)
    for shape in _shapes(root, sheet, shapely.box(0, 0, width, height), numbers):
        found.append(shape)
    return found


def _shapes(root: ET.Element, sheet: Sheet, frame: shapely.Polygon, numbers: Iterator[int]) -> Iterator[etree._Element]:
    for element in root:
        tag = element.tag.removeprefix(_SVG)
        if tag in {"title", "desc", "defs"}:
            continue
        if tag == "svg":
            left, top, width, height = (int(element.attrib[key]) for key in ("x", "y", "width", "height"))
            if element.attrib["viewBox"] != f"{left} {top} {width} {height}":
                raise ValueError("a nested drawing is moved or scaled")
            yield from _shapes(element, sheet, shapely.box(left, top, left + width, top + height), numbers)
        elif tag in _LOOKS:
            if strange := set(element.attrib) - _LOOKS[tag] - _PAINT:
                raise ValueError(f"{tag}: unknown {', '.join(sorted(strange))}")
            yield from _DRAWN[tag](element, sheet, frame, numbers)
        else:
            raise ValueError(f"unknown element {tag}")


# --- shapes -----------------------------------------------------------------------------------------------------------


def _rectangle(
    element: ET.Element, sheet: Sheet, frame: shapely.Polygon, numbers: Iterator[int]
) -> Iterator[etree._Element]:
    left, top, width, height = (int(element.attrib[key]) for key in ("x", "y", "width", "height"))
    inside = shapely.box(left, top, left + width, top + height).intersection(frame)
    if not inside.is_empty:
        west, north, east, south = map(round, inside.bounds)
        yield _shape("rect", (west, north, east - west, south - north), element.attrib, sheet, numbers)


def _circle(
    element: ET.Element, sheet: Sheet, frame: shapely.Polygon, numbers: Iterator[int]
) -> Iterator[etree._Element]:
    right, down, radius = (int(element.attrib[key]) for key in ("cx", "cy", "r"))
    if frame.intersects(shapely.Point(right, down)):
        box = right - radius, down - radius, 2 * radius, 2 * radius
        yield _shape("ellipse", box, element.attrib, sheet, numbers)


def _path(
    element: ET.Element, sheet: Sheet, frame: shapely.Polygon, numbers: Iterator[int]
) -> Iterator[etree._Element]:
    lines, look = list(_walks(element.attrib["d"])), dict(element.attrib)
    if not lines:
        return
    every = shapely.MultiPoint([point for line in lines for point in line.points])
    if frame.covers(every):
        yield _freeform(lines, look, sheet, numbers)
        return
    west, north, east, south = frame.bounds
    if look.get("fill", "#000000") != "none" and any(line.closed for line in lines):
        kept = [part for line in lines if line.closed for part in _cut(line, frame)]
        if kept:
            yield _freeform(kept, look | {"stroke": "none"}, sheet, numbers)
    if look.get("stroke", "none") != "none":
        half = float(look.get("stroke-width", "1")) / 2
        inner = shapely.box(west + half, north + half, east - half, south - half)
        kept = [part for line in lines for part in _cut_line(line, inner)]
        if kept:
            yield _freeform(kept, look | {"fill": "none"}, sheet, numbers)


def _cut(line: _Line, frame: shapely.Polygon) -> Iterator[_Line]:
    """Cut a ring off at the frame; it keeps its direction, which says whether it is a hole."""
    ring = shapely.Polygon(line.points)
    ccw = shapely.is_ccw(ring.exterior)
    for part in shapely.get_parts(
        ring.buffer(0).intersection(frame) if not ring.is_valid else ring.intersection(frame)
    ):
        if part.geom_type == "Polygon" and not part.is_empty:
            points = [(round(right), round(down)) for right, down in part.exterior.coords[:-1]]
            yield _Line(tuple(points if shapely.is_ccw(part.exterior) == ccw else reversed(points)), closed=True)


def _cut_line(line: _Line, frame: shapely.Polygon) -> Iterator[_Line]:
    points = (*line.points, line.points[0]) if line.closed else line.points
    walk = shapely.LineString(points)
    if frame.covers(walk):
        yield line
        return
    cut = shapely.line_merge(walk.intersection(frame))
    for part in shapely.get_parts(cut):
        if part.geom_type == "LineString" and not part.is_empty:
            yield _Line(tuple((round(right), round(down)) for right, down in part.coords), closed=False)


def _walks(data: str) -> Iterator[_Line]:
    """Read the commands of a path that our drawings use."""
    if re.sub(_COMMAND, "", data).strip():
        raise ValueError("unknown command in a path")
    points: list[Point] = []
    for command, given in _COMMAND.findall(data):
        numbers = list(map(int, given.split()))
        if command in "MLl" and (len(numbers) % 2 or not numbers):
            raise ValueError("a path with half a point")
        if command == "M":
            if len(points) > 1:
                yield _Line(tuple(points), closed=False)
            points = []
        if command == "z":
            yield _Line(tuple(points), closed=True)
            points = []
        elif command in "HhVv":
            right, down = points[-1]
            (step,) = numbers
            moved = {"H": (step, down), "h": (right + step, down), "V": (right, step), "v": (right, down + step)}
            points.append(moved[command])
        else:
            for right, down in zip(numbers[::2], numbers[1::2], strict=True):
                here = points[-1] if command == "l" else (0, 0)
                points.append((here[0] + right, here[1] + down))
    if len(points) > 1:
        yield _Line(tuple(points), closed=False)


def _freeform(lines: Sequence[_Line], look: Mapping[str, str], sheet: Sheet, numbers: Iterator[int]) -> etree._Element:
    rights = [right for line in lines for right, _ in line.points]
    downs = [down for line in lines for _, down in line.points]
    left, top = min(rights), min(downs)
    width, height = max(max(rights) - left, 1), max(max(downs) - top, 1)
    shape = _shape("", (left, top, width, height), look, sheet, numbers)
    form = shape.find(f"{{{P}}}spPr/{{{A}}}custGeom/{{{A}}}pathLst")
    path = etree.SubElement(form, f"{{{A}}}path", w=str(width), h=str(height))
    for line in lines:
        for index, (right, down) in enumerate(line.points):
            step = etree.SubElement(path, f"{{{A}}}{'lnTo' if index else 'moveTo'}")
            etree.SubElement(step, f"{{{A}}}pt", x=str(right - left), y=str(down - top))
        if line.closed:
            etree.SubElement(path, f"{{{A}}}close")
    return shape


def _text(
    element: ET.Element, sheet: Sheet, frame: shapely.Polygon, numbers: Iterator[int]
) -> Iterator[etree._Element]:
    words, look = element.text or "", element.attrib
    right, down, size = int(look["x"]), int(look["y"]), float(look["font-size"])
    if not words or not frame.intersects(shapely.Point(right, down)):
        return
    width = round(text_width(words, round(size)))
    anchor = look.get("text-anchor", "start")
    left = right - {"start": 0, "middle": width / 2, "end": width}[anchor]
    top, height = down - _BASE_LINE * size, LINE * size
    name = f"tekst: {words}"
    shape = _sp(name, (round(left), round(top), width, round(height)), sheet, numbers, box_of_text=True)
    body = shape.find(f"{{{P}}}spPr")
    etree.SubElement(etree.SubElement(body, f"{{{A}}}prstGeom", prst="rect"), f"{{{A}}}avLst")
    etree.SubElement(body, f"{{{A}}}noFill")
    text = etree.SubElement(shape, f"{{{P}}}txBody")
    inset = dict.fromkeys(("lIns", "tIns", "rIns", "bIns"), "0")
    etree.SubElement(text, f"{{{A}}}bodyPr", {"wrap": "none", "anchor": "t", **inset})
    etree.SubElement(text, f"{{{A}}}lstStyle")
    line = etree.SubElement(text, f"{{{A}}}p")
    aligned = {"start": "l", "middle": "ctr", "end": "r"}[anchor]
    etree.SubElement(line, f"{{{A}}}pPr", algn=aligned)
    run = etree.SubElement(line, f"{{{A}}}r")
    points = round(size * 72 / 25.4 * sheet.scale)  # hundredths of a point; the drawing has hundredths of a millimetre
    bold = {"b": "1"} if int(look.get("font-weight", "400")) >= _BOLD else {}
    said = etree.SubElement(run, f"{{{A}}}rPr", {"lang": LANGUAGE, "sz": str(points), **bold})
    _solid(said, look.get("fill", "#000000"))
    if look.get("stroke", "none") != "none":  # a halo, so that words can be read on any colour
        halo = etree.SubElement(etree.SubElement(said, f"{{{A}}}effectLst"), f"{{{A}}}glow", rad=str(sheet.long(45)))
        etree.SubElement(halo, f"{{{A}}}srgbClr", val=look["stroke"].lstrip("#"))
        plate = etree.Element(f"{{{A}}}solidFill")
        colour = etree.SubElement(plate, f"{{{A}}}srgbClr", val=look["stroke"].lstrip("#"))
        etree.SubElement(colour, f"{{{A}}}alpha", val="72000")
        body.replace(body[-1], plate)
    etree.SubElement(said, f"{{{A}}}latin", typeface=sheet.face)
    etree.SubElement(run, f"{{{A}}}t").text = words
    yield shape


_DRAWN = {"rect": _rectangle, "circle": _circle, "path": _path, "text": _text}


# --- how they look ----------------------------------------------------------------------------------------------------


def _sp(
    name: str, box: tuple[int, int, int, int], sheet: Sheet, numbers: Iterator[int], *, box_of_text: bool = False
) -> etree._Element:
    shape = etree.Element(f"{{{P}}}sp", nsmap={"a": A, "p": P})
    about = etree.SubElement(shape, f"{{{P}}}nvSpPr")
    number = next(numbers)
    etree.SubElement(about, f"{{{P}}}cNvPr", id=str(number), name=name)
    etree.SubElement(about, f"{{{P}}}cNvSpPr", {"txBox": "1"} if box_of_text else {})
    etree.SubElement(about, f"{{{P}}}nvPr")
    place = etree.SubElement(etree.SubElement(shape, f"{{{P}}}spPr"), f"{{{A}}}xfrm")
    left, top, width, height = box
    corner = {"x": str(sheet.left + sheet.long(left)), "y": str(sheet.top + sheet.long(top))}
    etree.SubElement(place, f"{{{A}}}off", corner)
    etree.SubElement(place, f"{{{A}}}ext", cx=str(sheet.long(width)), cy=str(sheet.long(height)))
    return shape


def _shape(
    form: str, box: tuple[int, int, int, int], look: Mapping[str, str], sheet: Sheet, numbers: Iterator[int]
) -> etree._Element:
    """Make a shape of a known form, or an empty freeform, filled and lined as the drawing says."""
    fill = look.get("fill", "#000000")
    shape = _sp(f"{form or 'vorm'} {fill}", box, sheet, numbers)
    body = shape.find(f"{{{P}}}spPr")
    if form:
        etree.SubElement(etree.SubElement(body, f"{{{A}}}prstGeom", prst=form), f"{{{A}}}avLst")
    else:
        custom = etree.SubElement(body, f"{{{A}}}custGeom")
        for part in ("avLst", "gdLst", "ahLst", "cxnLst"):
            etree.SubElement(custom, f"{{{A}}}{part}")
        etree.SubElement(custom, f"{{{A}}}rect", l="0", t="0", r="r", b="b")
        etree.SubElement(custom, f"{{{A}}}pathLst")
    _filled(body, fill)
    _lined(body, look, sheet)
    return shape


def _filled(body: etree._Element, fill: str) -> None:
    if fill == "none":
        etree.SubElement(body, f"{{{A}}}noFill")
    elif fill.startswith("url(#"):
        style = EMPTY.get(fill.removeprefix("url(#").removesuffix(")"))
        if style is None or style.pattern not in _PATTERNS:
            raise ValueError(f"unknown pattern {fill}")
        pattern = etree.SubElement(body, f"{{{A}}}pattFill", prst=_PATTERNS[style.pattern])
        for tag, colour in (("fgClr", style.mark), ("bgClr", style.ground)):
            etree.SubElement(
                etree.SubElement(pattern, f"{{{A}}}{tag}"), f"{{{A}}}srgbClr", val=colour.lstrip("#").upper()
            )
    else:
        _solid(body, fill)


def _solid(body: etree._Element, colour: str) -> None:
    if not _COLOUR.fullmatch(colour):
        raise ValueError(f"unknown colour {colour}")
    etree.SubElement(etree.SubElement(body, f"{{{A}}}solidFill"), f"{{{A}}}srgbClr", val=colour.lstrip("#").upper())


def _lined(body: etree._Element, look: Mapping[str, str], sheet: Sheet) -> None:
    stroke = look.get("stroke", "none")
    if stroke == "none":
        etree.SubElement(etree.SubElement(body, f"{{{A}}}ln"), f"{{{A}}}noFill")
        return
    thick = float(look.get("stroke-width", "1"))
    line = etree.SubElement(body, f"{{{A}}}ln", w=str(sheet.long(thick)))
    _solid(line, stroke)
    if dashes := look.get("stroke-dasharray"):
        on, off = (round(100_000 * float(each) / thick) for each in dashes.split())
        etree.SubElement(etree.SubElement(line, f"{{{A}}}custDash"), f"{{{A}}}ds", d=str(on), sp=str(off))
    etree.SubElement(line, f"{{{A}}}round")
