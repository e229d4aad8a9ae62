"""Cut-outs of the map: one function from a release to a vector image (SVG), without browser and without pixels.

Everything is drawn in hundredths of a millimetre on paper, as whole numbers, from RD metres: the same release gives the
same bytes on every machine. Nothing finer is drawn than the published table holds.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geoanalyse import grid
from geoanalyse.products import dutch, shapes, svg
from geoanalyse.products.labels import LINE, Box, Label, place, printable, text_width, wrapped
from geoanalyse.products.palette import BORDER, CLASS_COLOURS, COLD, EDGE, EMPTY, HOT, INK, INK_SOFT, Pattern
from geoanalyse.products.shapes import Rings, Shapes
from geoanalyse.release import Release

Bounds = tuple[float, float, float, float]
"""Least and greatest easting and northing: (easting, northing, easting, northing), RD metres."""

LEGEND_MM = 52.0
"""Width that the legend and the gap beside it take from the drawing, millimetres."""

_SIZE = 265  # text, about 7.5 pt
_SMALL = 245
_LEGEND = 4800  # width of the legend
_GAP = 400
_REACH = 800.0  # metres: a res-8 hexagon reaches 530 m from its centre, its res-10 cells a little further
_STRIP = 520  # height of the scale bar and the north arrow below a map
_CORNER = 1150  # side of a locator in a corner
_MARK = 235  # radius of a mark; holds a text like D01
_DOT = 45  # radius of the point that a mark belongs to
_FEW_WIJKEN = 3  # up to this many wijken, the buurten are named instead
_SMALLEST_OUTLINE = 400.0  # of regions that are drawn
_SMALLEST_NAMED = 600.0  # of regions that are named
_LARGE = 1200.0  # buurten from here are named in place of wijken
_TRIES = 80  # places tried for one label, of this many cells:
_SAMPLE = 800
_CONTEXT = "#9a9da1"
_OUTSIDE = "#f2f3f5"
_SPOTS: dict[str, dict[str, svg.Look]] = {
    "coldspot": {"stroke": COLD, "stroke_dasharray": "70 45"},
    "hotspot": {"stroke": HOT},
}
_ON_STRIP = ("geen_data", "geen_adressen")
_SPOT_WORDS = {"hotspot": "hotspot: meer dan toeval", "coldspot": "coldspot: minder dan toeval"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark on the map: a short text, such as the id of a signal, at the middle of some cells."""

    text: str
    cells: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the map that is drawn larger elsewhere: the letter it goes by, and its bounds in RD metres."""

    text: str
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class _Unit:
    """One drawn unit, and what the statistics say of it."""

    cells: grid.Cells
    outline: Rings
    index: int | None
    status: str
    hotspot: str | None
    seen: bool
    """Its middle lies in the frame."""


@dataclass(frozen=True, slots=True)
class _View:
    """From RD metres to paper."""

    west: float
    north: float
    scale: float  # drawing units per metre
    frame: Box

    def paper(self, metres: grid.Floats) -> npt.NDArray[np.int64]:
        """Turn easting, northing (n, 2) into whole drawing units, downwards."""
        right = self.frame.left + (metres[:, 0] - self.west) * self.scale
        down = self.frame.top + (self.north - metres[:, 1]) * self.scale
        return np.rint(np.stack([right, down], axis=1)).astype(np.int64)


def extent(release: Release, margin: float = 0.03) -> Bounds:
    """Give the bounds of the area of a release and its zones, a share of its size wider on every side."""
    table = shapes.where(release.protected.table, level="zone")
    zones = table["cells"].drop_null().combine_chunks().flatten().to_numpy()
    west, south, east, north = shapes.bounds(shapes.rings([np.union1d(release.area.cells, zones)]))
    edge = margin * max(east - west, north - south)
    return west - edge, south - edge, east + edge, north + edge


def bounds_around(cells: grid.Cells, least: float = 250.0) -> Bounds:
    """Give the bounds of some cells, a sixth of their size wider on every side, and at least this many metres."""
    west, south, east, north = shapes.bounds(shapes.rings([cells]))
    edge = max(least, max(east - west, north - south) / 6)
    return west - edge, south - edge, east + edge, north + edge


def cutout_svg(
    release: Release,
    layer: str,
    level: str,
    *,
    bounds: Bounds | None = None,
    size_mm: tuple[float, float] = (178.0, 118.0),
    title: str = "",
    description: str = "",
    legend: bool = True,
    locator: bool = True,
    marks: Sequence[Mark] = (),
    parts: Sequence[Part] = (),
    outlined: grid.Cells | None = None,
    known: Shapes | None = None,
) -> str:
    """Draw one layer of a release at one level: the one function behind every map on paper or on a slide.

    Parameters
    ----------
    release : Release
        What is drawn; nothing else is read.
    layer : str
        Layer id, or ``thema:<thema>`` for a composite.
    level : str
        ``zone``, ``res9``, ``res8``, ``buurt`` or ``wijk``.
    bounds : tuple of float, optional
        Part of the area in RD metres; the whole area when left out.
    size_mm : tuple of float
        Width and height on paper, millimetres, legend included.
    title, description : str
        Read aloud by a screen reader; the title also heads the legend.
    legend : bool
        Whether the legend is drawn beside the map; without it the scale bar and the north arrow stand below the map.
    locator : bool
        Whether the place of the frame is drawn: in the region with a legend, and in the area, in a corner, without.
    marks : sequence of Mark
        Places with a short text, for a list beside the image.
    parts : sequence of Part
        Parts that are drawn larger elsewhere; each gets a thin frame with its letter.
    outlined : ndarray of uint64, optional
        Cells of the place that the drawing is about: a heavy line runs round it.
    known : Shapes, optional
        Shapes of this release that other drawings have worked out already; saves time and changes nothing.

    Returns
    -------
    str
        An SVG document; same arguments, same bytes.
    """
    width, height = (round(side * svg.UNITS) for side in size_mm)
    beside, below = (_LEGEND + _GAP, 0) if legend else (0, _STRIP)
    frame = Box(10, 10, width - 20 - beside, height - 20 - below)
    view = _view(bounds or extent(release), frame)
    drawn = known or Shapes(release)
    around = _around(drawn, view)
    units = _units(drawn, layer, level, view)
    seen = [unit for unit in units if unit.seen or bounds is None]  # a large hexagon may reach out of the area
    heading = printable(title or layer)
    corner = None if legend or not locator else _corner(drawn, seen, marks, view)
    body = [
        svg.patterns(),
        _clipped(
            frame,
            [
                *_ground(drawn, around, view),
                *_fills(units, view),
                *_lines(drawn, view),
                *_spots(drawn, units, view),
                *_place(outlined, view),
            ],
        ),
        _clipped(frame, _texts(drawn, around, view, marks, parts, [corner] if corner else [])),
        svg.rectangle(frame, fill="none", stroke=INK_SOFT, stroke_width=18),
    ]
    if corner:
        body += [
            svg.rectangle(corner, fill="#ffffff", stroke=INK_SOFT, stroke_width=12),
            *_locator(drawn, view, corner, release.area.cells),
        ]
    if legend:
        column = Box(width - _LEGEND, 0, _LEGEND, height)
        body += _legend(drawn, layer, level, heading, column, view, locator=locator)
    else:
        body += _ruler(view, Box(frame.left, height - _STRIP, frame.width, _STRIP))
    return svg.document(body, size_mm=size_mm, title=heading, description=description)


# --- paths ------------------------------------------------------------------------------------------------------------


def _clipped(frame: Box, body: Sequence[str]) -> str:
    """Cut a drawing off at the frame; a nested image needs no id that two drawings on one page would share."""
    view = f"{frame.left} {frame.top} {frame.width} {frame.height}"
    return svg.tag("svg", body, x=frame.left, y=frame.top, width=frame.width, height=frame.height, viewBox=view)


def _path(outlines: Iterable[Rings], view: _View, **look: svg.Look) -> str:
    """Draw outlines; in whole units and relative steps, so that a city stays small."""
    rings = [ring for outline in outlines for ring in outline]
    if not rings:
        return svg.tag("path", d="", **look)
    sizes = np.array([len(ring) for ring in rings])
    last = np.cumsum(sizes) - 1
    points = view.paper(np.concatenate(rings))
    steps = np.diff(points, axis=0, append=0)
    kept: npt.NDArray[np.bool_] = np.any(steps, axis=1)
    kept[last] = False  # from one ring to the next
    walk = [f"{right} {down}" for right, down in steps[kept].tolist()]
    data, begin = [], 0
    for (right, down), end in zip(points[last - sizes + 1].tolist(), np.cumsum(kept)[last].tolist(), strict=True):
        if end - begin > 1:
            data.append(f"M{right} {down}l{' '.join(walk[begin:end])}z")
        begin = end
    return svg.tag("path", d="".join(data), **look)


# --- from the release to shapes ---------------------------------------------------------------------------------------


def _units(known: Shapes, layer: str, level: str, view: _View) -> list[_Unit]:
    """Give the units in and near the frame, in the order of the statistics."""
    every = known.units(layer, level)
    if not every.rows:
        return []
    away = view.paper(every.centres) - (view.frame.left, view.frame.top)
    room, far = _REACH * view.scale, np.array([view.frame.width, view.frame.height])
    near = np.logical_or.reduceat(np.all((away > -room) & (away < far + room), axis=1), every.first)
    middle = np.add.reduceat(away, every.first) / every.sizes[:, None]
    seen = np.all((middle >= 0) & (middle <= far), axis=1)
    kept = np.flatnonzero(near).tolist()
    return [
        _Unit(every.cells[index], outline, row["class"], row["status"], row["hotspot"], bool(seen[index]))
        for index, outline in zip(kept, known.rings(every.cells[index] for index in kept), strict=True)
        for row in (every.rows[index],)
    ]


def _view(bounds: Bounds, frame: Box) -> _View:
    west, south, east, north = bounds
    scale = min(frame.width / (east - west), frame.height / (north - south))
    right = (frame.width / scale - (east - west)) / 2
    down = (frame.height / scale - (north - south)) / 2
    return _View(west - right, north + down, scale, frame)


def _around(known: Shapes, view: _View) -> dict[str, grid.Cells]:
    """Cells in and near the frame per gemeente, by name."""
    regions = known.release.geography.regions
    hexagons, inverse = known.hexagons()
    away = view.paper(known.centres(hexagons)) - (view.frame.left, view.frame.top)
    room = _REACH * view.scale
    far = np.array([view.frame.width + room, view.frame.height + room])
    near = np.all((away > -room) & (away < far), axis=1)
    cells = regions.cells[near[inverse]]
    holder = regions.at_level("gemeente")[regions.region_of(cells)]
    return {regions.names[position]: cells[holder == position] for position in np.unique(holder).tolist()}


# --- the drawing ------------------------------------------------------------------------------------------------------


def _ground(known: Shapes, around: Mapping[str, grid.Cells], view: _View) -> list[str]:
    """Draw the gemeenten around as a grey sheet, and the area as a white one on it."""
    outside = shapes.rings(around.values())  # another part in every drawing: not worth remembering
    area = known.rings([known.release.area.cells])
    return [
        svg.rectangle(view.frame, fill=_OUTSIDE),
        _path(outside, view, fill=_OUTSIDE, stroke=_CONTEXT, stroke_width=18, stroke_dasharray="90 60"),
        _path(area, view, fill=EMPTY["geen_adressen"].ground),
    ]


def _fill(index: int | None, status: str) -> str:
    if index is not None:
        return CLASS_COLOURS[index]
    return EMPTY[status].ground if EMPTY[status].pattern is Pattern.NONE else f"url(#{status})"


def _fills(units: Sequence[_Unit], view: _View) -> list[str]:
    groups: dict[tuple[str, str], list[Rings]] = {}
    for unit in units:
        look = _fill(unit.index, unit.status), INK_SOFT if unit.index is None else EDGE
        groups.setdefault(look, []).append(unit.outline)
    return [_path(groups[fill, edge], view, fill=fill, stroke=edge, stroke_width=9) for fill, edge in sorted(groups)]


def _named_level(known: Shapes, view: _View) -> str:
    """Level of the regions that are named: wijken; buurten where they are large; gemeenten where wijken are small."""
    wijken, buurten = known.parts("wijk"), known.parts("buurt")
    if buurten and (len(wijken) <= _FEW_WIJKEN or _across(buurten.values(), view) >= _LARGE):
        return "buurt"
    return "wijk" if _across(wijken.values(), view) >= _SMALLEST_NAMED else "gemeente"


def _lines(known: Shapes, view: _View) -> list[str]:
    """Outline the area, the regions that are named, and more thinly the regions inside them that are not too small."""
    named = _named_level(known, view)
    finer = {"wijk": "buurt", "gemeente": "wijk"}.get(named)
    inner = list(known.parts(finer).values()) if finer else []
    outer = list(known.parts(named).values())
    drawn = [(inner, 12)] if _across(inner, view) >= _SMALLEST_OUTLINE else []
    return [
        _path(
            known.rings(outlines),
            view,
            fill="none",
            stroke=BORDER,
            stroke_width=width,
            stroke_linejoin="round",
        )
        for outlines, width in [*drawn, (outer, 34), ([known.release.area.cells], 50)]
    ]


def _across(parts: Collection[grid.Cells], view: _View) -> float:
    """How wide the middle one of some regions is on paper, in drawing units."""
    cell = 122.0  # metres: the side of a square as large as a res-10 cell
    return float(np.median([len(cells) for cells in parts]) ** 0.5) * cell * view.scale if parts else 0.0


def _spots(known: Shapes, units: Sequence[_Unit], view: _View) -> list[str]:
    """Outline cold spots (a broken line) and hot spots (a full line), neighbours joined."""
    drawn = []
    for kind, look in _SPOTS.items():
        cells = [unit.cells for unit in units if unit.hotspot == kind]
        if cells:
            joined = known.rings([np.unique(np.concatenate(cells))])
            drawn.append(_path(joined, view, fill="none", stroke="#ffffff", stroke_width=95, stroke_linejoin="round"))
            drawn.append(_path(joined, view, fill="none", stroke_width=52, stroke_linejoin="round", **look))
    return drawn


def _place(cells: grid.Cells | None, view: _View) -> list[str]:
    """Draw a heavy line round the place that the drawing is about."""
    if cells is None:
        return []
    outline = shapes.rings([cells])
    ring: dict[str, svg.Look] = {"fill": "none", "stroke_linejoin": "round"}
    return [
        _path(outline, view, stroke="#ffffff", stroke_width=130, **ring),
        _path(outline, view, stroke=INK, stroke_width=80, **ring),
    ]


def _texts(
    known: Shapes,
    around: Mapping[str, grid.Cells],
    view: _View,
    marks: Sequence[Mark],
    parts: Sequence[Part],
    hidden: Sequence[Box],
) -> list[str]:
    """Draw the frames of parts and the marks, then the names where there is room."""
    frames, letters, edges = _frames(parts, view)
    marks = [mark for mark in marks if view.frame.holds(Box(*_middle(mark.cells, view), 0, 0))]
    points = [_middle(mark.cells, view) for mark in marks]
    boxes = _beside(points, view, [*letters, *hidden])
    lines, discs = [], []
    for mark, (right, down), box in zip(marks, points, boxes, strict=True):
        middle = box.left + _MARK, box.top + _MARK
        line = f"M{right} {down}L{middle[0]} {middle[1]}"
        lines += [
            svg.tag("path", d=line, stroke="#ffffff", stroke_width=60),
            svg.tag("path", d=line, stroke=INK, stroke_width=28),
            svg.tag("circle", cx=right, cy=down, r=_DOT, fill=INK, stroke="#ffffff", stroke_width=24),
        ]
        discs += [
            svg.tag("circle", cx=middle[0], cy=middle[1], r=_MARK, fill=INK, stroke="#ffffff", stroke_width=30),
            *svg.centred([mark.text], *middle, 215, font_weight=600, fill="#ffffff"),
        ]
    drawn = [*frames, *lines, *discs]
    taken = [
        *hidden,
        *letters,
        *edges,
        *boxes,
        *(Box(right - _DOT, down - _DOT, 2 * _DOT, 2 * _DOT) for right, down in points),
    ]
    halo: dict[str, Any] = {
        "paint_order": "stroke",
        "stroke": "#ffffff",
        "stroke_width": 90,
        "stroke_linejoin": "round",
    }
    for label, box in place(_names(known, around, view), view.frame, taken):
        weight, ink = (600, INK) if label.size == _SIZE else (400, INK_SOFT)
        middle = box.left + box.width // 2, box.top + box.height // 2
        drawn += svg.centred(label.lines, *middle, label.size, font_weight=weight, fill=ink, **halo)
    return drawn


def _frames(parts: Sequence[Part], view: _View) -> tuple[list[str], list[Box], list[Box]]:
    """Draw a thin frame round each part with its letter in the first free corner; also gives letters and edges."""
    drawn: list[str] = []
    letters: list[Box] = []
    side = 2 * _MARK
    boxes = []
    for part in parts:
        west, south, east, north = part.bounds
        (left, top), (right, bottom) = view.paper(np.array([[west, north], [east, south]])).tolist()
        boxes.append(Box(left, top, right - left, bottom - top))
    for part, box in zip(parts, boxes, strict=True):
        right, bottom = box.left + box.width, box.top + box.height
        corners = [
            Box(left, top, side, side)
            for top in (box.top - side, bottom, box.top, bottom - side)
            for left in (box.left, right - side, box.left - side, right)
        ]
        others = [*letters, *(other for other in boxes if other != box)]
        free = (each for each in corners if view.frame.holds(each) and not any(map(each.overlaps, others)))
        letter = next(free, Box(box.left, box.top, side, side))
        letters.append(letter)
        middle = letter.left + _MARK, letter.top + _MARK
        drawn += [
            svg.rectangle(box, fill="none", stroke="#ffffff", stroke_width=44),
            svg.rectangle(box, fill="none", stroke=INK, stroke_width=20),
            svg.rectangle(letter, fill=INK),
            *svg.centred([part.text], *middle, 265, font_weight=700, fill="#ffffff"),
        ]
    thin = 50
    edges = [
        edge
        for box in boxes
        for edge in (
            Box(box.left, box.top, box.width, thin),
            Box(box.left, box.top + box.height - thin, box.width, thin),
            Box(box.left, box.top, thin, box.height),
            Box(box.left + box.width - thin, box.top, thin, box.height),
        )
    ]
    return drawn, letters, edges


def _middle(cells: Sequence[int], view: _View) -> tuple[int, int]:
    right, down = (
        np.rint(view.paper(shapes.centres(np.array(cells, dtype=np.uint64))).mean(axis=0)).astype(int).tolist()
    )
    return right, down


def _beside(points: Sequence[tuple[int, int]], view: _View, hidden: Sequence[Box]) -> list[Box]:
    """Give each mark a place near its point, away from the others, where it hides no point and touches no mark."""
    if not points:
        return []
    room = min(round(80 * view.scale) + _DOT, 180)  # half a cell, so that what is marked stays in sight
    taken = [*hidden, *(Box(right - room, down - room, 2 * room, 2 * room) for right, down in points)]
    centre = [sum(each) // len(points) for each in zip(*points, strict=True)]
    # Eighths of a turn as literals: a sine may differ in its last digit between machines.
    turns = ((0.7, -0.7), (-0.7, -0.7), (0.7, 0.7), (-0.7, 0.7), (1, 0), (-1, 0), (0, -1), (0, 1))
    found: list[Box] = []
    for right, down in points:
        outwards = sorted(turns, key=lambda turn: -(turn[0] * (right - centre[0]) + turn[1] * (down - centre[1])))
        steps = ((ring * across, ring * along) for ring in range(2, 20) for across, along in outwards)
        corners = (
            (right + round(across * _MARK) - _MARK, down + round(along * _MARK) - _MARK) for across, along in steps
        )
        boxes = (Box(left, top, 2 * _MARK, 2 * _MARK) for left, top in corners)
        free = (box for box in boxes if view.frame.holds(box) and not any(map(box.overlaps, [*taken, *found])))
        found.append(next(free, Box(right - _MARK, down - _MARK, 2 * _MARK, 2 * _MARK)))
    return found


def _names(known: Shapes, around: Mapping[str, grid.Cells], view: _View) -> list[Label]:
    """Labels of the regions of the area, the largest first, then of the gemeenten around."""
    parts = known.parts(_named_level(known, view))
    name, area = known.release.geography.regions.name, known.release.area.cells
    own = sorted(parts.items(), key=lambda part: (-len(part[1]), name(part[0]), part[0]))
    outside = [(name, np.setdiff1d(cells, area)) for name, cells in around.items()]
    others = sorted(outside, key=lambda part: (-len(part[1]), part[0]))
    named = [*((name(code), cells, _SIZE) for code, cells in own), *((text, cells, _SMALL) for text, cells in others)]
    return [
        Label(wrapped(printable(text), 2600, size), size, middles)
        for text, cells, size in named
        if (middles := _candidates(known, cells, view))
    ]


def _candidates(known: Shapes, cells: grid.Cells, view: _View) -> tuple[tuple[int, int], ...]:
    """Places for the middle of a label: cell centres within the frame, the nearest to their mean first."""
    points = view.paper(known.centres(cells[:: max(1, len(cells) // _SAMPLE)]))
    corner, size = (view.frame.left, view.frame.top), (view.frame.width, view.frame.height)
    seen = points[((points > corner) & (points < np.add(corner, size))).all(axis=1)]
    if not len(seen):
        return ()
    away = np.rint(((seen - seen.mean(axis=0)) ** 2).sum(axis=1))
    order = np.lexsort((seen[:, 1], seen[:, 0], away))
    return tuple((right, down) for right, down in seen[order][:: max(1, len(seen) // _TRIES)].tolist())


# --- legend -----------------------------------------------------------------------------------------------------------


def _legend(
    known: Shapes,
    layer: str,
    level: str,
    heading: str,
    column: Box,
    view: _View,
    *,
    locator: bool,
) -> list[str]:
    """Draw what every colour, pattern and line means, with the number of units, and the scale below."""
    release = known.release
    period = f"per {dutch.LEVELS[level][0]}, {dutch.period(release.start, release.end)}"
    drawn, down = _lines_of_text(heading, column, column.top, 320, font_weight=600, fill=INK)
    more, down = _lines_of_text(period, column, down + 40, _SMALL, fill=INK_SOFT)
    drawn += more
    down += 150
    edge = column.left + column.width - 20
    for look, words, count in _entries(known.release, layer, known.units(layer, level).rows):
        sample = Box(column.left + 30, down + 40, 460, 280)
        beside = Box(column.left + 640, down, column.width - 640 - 600, column.height)
        more, bottom = _lines_of_text(words, beside, down + 20, _SIZE, fill=INK)
        number = svg.text(count, edge, down + 20 + round(_SIZE * 0.95), _SIZE, text_anchor="end", fill=INK)
        drawn += [svg.rectangle(sample, **look), *more, number]
        down = max(bottom, down + 360) + 55
    ruler = Box(column.left, column.top + column.height - _STRIP, column.width, _STRIP)
    drawn += _ruler(view, ruler)
    room = min(ruler.top - 350 - down, 2600)
    if locator and room > 1300:  # noqa: PLR2004 - smaller than 13 mm a locator says nothing
        region, _ = known.hexagons()
        drawn += _locator(known, view, Box(column.left, ruler.top - 250 - room, column.width, room), region)
    return drawn


def _lines_of_text(text: str, column: Box, top: int, size: int, **look: svg.Look) -> tuple[list[str], int]:
    """Wrap a text in a column from ``top``; also gives where it ends."""
    lines = wrapped(text, column.width, size)
    step = round(size * LINE)
    drawn = [
        svg.text(line, column.left, top + (index + 1) * step - round(size * 0.25), size, **look)
        for index, line in enumerate(lines)
    ]
    return drawn, top + len(lines) * step


def _entries(
    release: Release, layer: str, rows: Sequence[Mapping[str, Any]]
) -> list[tuple[dict[str, svg.Look], str, str]]:
    """Entries of the legend: how the sample looks, its words, and the number of units in the whole area.

    Not of those in the frame: then two sizes of one drawing would say different numbers.
    """
    base = next((each.b for each in release.layers if each.id == layer), None)
    edge: dict[str, svg.Look] = {"stroke": INK_SOFT, "stroke_width": 10}
    entries: list[tuple[dict[str, svg.Look], str, str]] = []
    for index in reversed(range(len(CLASS_COLOURS))):
        count = sum(row["class"] == index for row in rows)
        words = dutch.class_label(index, b=base)
        entries.append(({"fill": CLASS_COLOURS[index], **edge}, words, dutch.number(count)))
    for status in EMPTY:
        count = sum(row["class"] is None and row["status"] == status for row in rows)
        if count or status == "geen_adressen":
            words = dutch.class_label(None, status=status)
            entries.append(({"fill": _fill(None, status), **edge}, words, dutch.number(count) if count else ""))
    for kind, look in _SPOTS.items():
        count = sum(row["hotspot"] == kind for row in rows)
        if count:
            entries.append(({"fill": "none", "stroke_width": 52, **look}, _SPOT_WORDS[kind], dutch.number(count)))
    return entries


def _ruler(view: _View, strip: Box) -> list[str]:
    """Draw a scale bar of a round length, in four parts, and a north arrow."""
    left, top = strip.left, strip.top
    widest = min(2600, strip.width // 2) / view.scale
    rounds = [times * 10**power for power in range(6) for times in (1, 2, 5)]
    length = max([each for each in rounds if each <= widest], default=1)
    quarter = length * view.scale / 4
    words = f"{dutch.significant(length / 1000)} km" if length >= 1000 else f"{length} m"  # noqa: PLR2004 - a kilometre
    arrow = left + strip.width - 520
    blocks = [
        svg.rectangle(
            Box(left + round(index * quarter), top + 330, round(quarter), 75),
            fill="#ffffff" if index % 2 else INK,
            stroke=INK,
            stroke_width=12,
        )
        for index in range(4)
    ]
    return [
        *blocks,
        svg.text("0", left, top + 250, _SMALL, fill=INK),
        svg.text(words, left + round(4 * quarter), top + 250, _SMALL, text_anchor="middle", fill=INK),
        svg.tag("path", d=f"M{arrow} {top + 60}l130 350l-130 -80l-130 80z", fill=INK),
        svg.text("N", arrow + 300, top + 380, _SIZE, font_weight=700, text_anchor="middle", fill=INK),
    ]


def _locator(known: Shapes, view: _View, box: Box, whole: grid.Cells) -> list[str]:
    """Draw the place of the frame in something larger, with the area filled."""
    around = known.rings([whole])
    margin = round(0.06 * min(box.width, box.height))
    inner = Box(box.left + margin, box.top + margin, box.width - 2 * margin, box.height - 2 * margin)
    inset = _view(shapes.bounds(around), inner)
    area = known.release.area.cells
    left, top = inset.paper(np.array([[view.west, view.north]]))[0].tolist()
    width, height = (round(side / view.scale * inset.scale) for side in (view.frame.width, view.frame.height))
    shown = _within(Box(left, top, width, height), box)
    return [
        _path(around, inset, fill="#e4e6e9", stroke=_CONTEXT, stroke_width=8),
        *([_path(known.rings([area]), inset, fill=INK)] if len(whole) != len(area) else []),
        svg.rectangle(shown, fill="none", stroke=HOT, stroke_width=22),
    ]


def _within(box: Box, frame: Box) -> Box:
    """Give the part of a box that lies in a frame."""
    left, top = max(box.left, frame.left), max(box.top, frame.top)
    right = min(box.left + box.width, frame.left + frame.width)
    bottom = min(box.top + box.height, frame.top + frame.height)
    return Box(left, top, max(right - left, 0), max(bottom - top, 0))


def _corner(known: Shapes, units: Sequence[_Unit], marks: Sequence[Mark], view: _View) -> Box:
    """Give the corner of a map in which a locator hides least: no hot spot or mark, then the fewest units."""
    frame = view.frame
    side = min(_CORNER, frame.width // 4, frame.height // 4)
    right, bottom = frame.left + frame.width - side, frame.top + frame.height - side
    corners = [Box(left, top, side, side) for top in (frame.top, bottom) for left in (right, frame.left)]
    told = [unit.cells for unit in units if unit.hotspot == "hotspot"]
    told += [np.array(mark.cells, dtype=np.uint64) for mark in marks]
    filled = [unit.cells for unit in units if unit.index is not None]

    def inside(box: Box, cells: Sequence[grid.Cells]) -> int:
        if not cells:
            return 0
        at = view.paper(known.centres(np.concatenate(cells))) - (box.left, box.top)
        return int(((at > -_MARK) & (at < side + _MARK)).all(axis=1).sum())

    return min(corners, key=lambda box: (inside(box, told), inside(box, filled)))


def legend_svg(release: Release, layer: str, *, size_mm: tuple[float, float], description: str) -> str:
    """Draw the legend of cut-outs that have none of their own, on one line.

    Parameters
    ----------
    release : Release
    layer : str
        Layer id, or ``thema:<thema>``.
    size_mm : tuple of float
        Width and height on paper, millimetres.
    description : str
        Read aloud by a screen reader.
    """
    base = next((each.b for each in release.layers if each.id == layer), None)
    edge: dict[str, svg.Look] = {"stroke": INK_SOFT, "stroke_width": 10}
    entries: list[tuple[dict[str, svg.Look], str]] = [
        ({"fill": colour, **edge}, dutch.class_short(index, b=base)) for index, colour in enumerate(CLASS_COLOURS)
    ]
    entries += [({"fill": _fill(None, status), **edge}, dutch.class_label(None, status=status)) for status in _ON_STRIP]
    entries.append(({"fill": "none", "stroke_width": 40, **_SPOTS["hotspot"]}, "hotspot"))
    width, height = (round(side * svg.UNITS) for side in size_mm)
    needed = [420 + text_width(words, _SMALL) for _, words in entries]
    gap = max((width - 40 - sum(needed)) // (len(entries) - 1), 60)
    drawn, left, middle = [svg.patterns()], 20, height // 2
    for (look, words), room in zip(entries, needed, strict=True):
        drawn.append(svg.rectangle(Box(left, middle - 110, 330, 220), **look))
        drawn.append(svg.text(words, left + 400, middle + 85, _SMALL, fill=INK))
        left += room + gap
    return svg.document(drawn, size_mm=size_mm, title="Legenda", description=description)
