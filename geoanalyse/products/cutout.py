"""Cut-outs of the map: one function from a release to a vector image (SVG), without browser and without pixels.

Everything is drawn in hundredths of a millimetre on paper, as whole numbers, from RD metres: the same release gives the
same bytes on every machine. Nothing finer is drawn than the published table holds.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geoanalyse import grid
from geoanalyse.layer import Base
from geoanalyse.products import dutch, svg
from geoanalyse.products.labels import LINE, Box, Label, place, printable, wrapped
from geoanalyse.products.palette import BORDER, CLASS_COLOURS, COLD, EDGE, EMPTY, HOT, INK, INK_SOFT, Pattern
from geoanalyse.release import Release

Bounds = tuple[float, float, float, float]
"""Least and greatest easting and northing: (easting, northing, easting, northing), RD metres."""

LEGEND_MM = 52.0
"""Width that the legend and the gap beside it take from the drawing, millimetres."""

_SIZE = 265  # text, about 7.5 pt
_SMALL = 245
_LEGEND = 4800  # width of the legend
_GAP = 400
_MARK = 235  # radius of a mark; holds a text like D01
_DOT = 45  # radius of the point that a mark belongs to
_FEW_WIJKEN = 3  # up to this many wijken, the buurten are named instead
_SMALLEST_OUTLINE = 400.0  # of regions that are drawn
_SMALLEST_NAMED = 600.0  # of regions that are named
_TRIES = 80  # places tried for one label, of this many cells:
_SAMPLE = 800
_CONTEXT = "#9a9da1"
_OUTSIDE = "#f2f3f5"
_SPOTS: dict[str, dict[str, svg.Look]] = {
    "coldspot": {"stroke": COLD, "stroke_dasharray": "70 45"},
    "hotspot": {"stroke": HOT},
}
_SPOT_WORDS = {"hotspot": "hotspot: meer dan toeval", "coldspot": "coldspot: minder dan toeval"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark on the map: a short text, such as the id of a signal, at the middle of some cells."""

    text: str
    cells: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Unit:
    """One drawn unit, and what the statistics say of it."""

    cells: grid.Cells
    shape: shapely.Geometry
    index: int | None
    status: str
    hotspot: str | None


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

    def middles(self, cells: grid.Cells) -> npt.NDArray[np.int64]:
        """Give the centres of cells on paper."""
        return self.paper(_centres(cells))


def extent(release: Release, margin: float = 0.03) -> Bounds:
    """Give the bounds of the area of a release and its zones, a share of its size wider on every side."""
    zones = _where(release.protected.table, level="zone")["cells"].drop_null().combine_chunks().flatten().to_numpy()
    outline = grid.outline(np.union1d(release.area.cells, zones))
    west, south, east, north = shapely.bounds(_metres([outline])[0]).tolist()
    edge = margin * max(east - west, north - south)
    return west - edge, south - edge, east + edge, north + edge


def bounds_around(cells: grid.Cells, least: float = 250.0) -> Bounds:
    """Give the bounds of some cells, a sixth of their size wider on every side, and at least this many metres."""
    west, south, east, north = shapely.bounds(_metres([grid.outline(cells)])[0]).tolist()
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
    outlined: grid.Cells | None = None,
) -> str:
    """Draw one layer of a release at one level.

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
    legend, locator : bool
        Whether the legend, and in it the place of the frame in the region, are drawn.
    marks : sequence of Mark
        Places with a short text, for a list beside the image.
    outlined : ndarray of uint64, optional
        Cells of the place that the drawing is about: a heavy line runs round it.

    Returns
    -------
    str
        An SVG document; same arguments, same bytes.
    """
    width, height = (round(side * svg.UNITS) for side in size_mm)
    frame = Box(10, 10, width - 20 - (_LEGEND + _GAP if legend else 0), height - 20)
    view = _view(bounds or extent(release), frame)
    units = _units(release, layer, level)
    heading = printable(title or layer)
    body = [
        svg.patterns(),
        _clipped(
            frame,
            [
                *_ground(release, view),
                *_fills(units, view),
                *_lines(release, view),
                *_spots(units, view),
                *_place(outlined, view),
            ],
        ),
        _clipped(frame, _texts(release, view, marks)),
        svg.rectangle(frame, fill="none", stroke=INK_SOFT, stroke_width=18),
    ]
    if legend:
        column = Box(width - _LEGEND, 0, _LEGEND, height)
        body += _legend(release, layer, level, units, heading, column, view, locator=locator)
    return svg.document(body, size_mm=size_mm, title=heading, description=description)


# --- paths ------------------------------------------------------------------------------------------------------------


def _clipped(frame: Box, body: Sequence[str]) -> str:
    """Cut a drawing off at the frame; a nested image needs no id that two drawings on one page would share."""
    view = f"{frame.left} {frame.top} {frame.width} {frame.height}"
    return svg.tag("svg", body, x=frame.left, y=frame.top, width=frame.width, height=frame.height, viewBox=view)


def _path(shapes: Iterable[shapely.Geometry], view: _View, **look: svg.Look) -> str:
    """Draw polygons; in whole units and relative steps, so that a city stays small."""
    data = []
    for shape in shapes:
        for ring in shapely.get_rings(shapely.get_parts(shape)):
            points = view.paper(shapely.get_coordinates(ring)[:-1])
            steps = np.diff(points, axis=0)
            steps = steps[steps.any(axis=1)]
            if len(steps) > 1:
                walk = " ".join(f"{right} {down}" for right, down in steps.tolist())
                data.append(f"M{points[0, 0]} {points[0, 1]}l{walk}z")
    return svg.tag("path", d="".join(data), **look)


# --- from the release to shapes ---------------------------------------------------------------------------------------


def _where(table: pa.Table, **equal: str) -> pa.Table:
    """Rows of a table in which every named column equals its value."""
    for column, value in equal.items():
        table = table.filter(pc.equal(table[column], value))
    return table


def unit_cells(release: Release, layer: str, level: str) -> Mapping[str, grid.Cells]:
    """Give the H3 cells that each unit of a layer and level is drawn with, by zone or code.

    A zone is drawn as its own cells and a region as its cells within the area. A hexagon is drawn as itself, together
    with the hexagons that hold addresses but are no unit: these are drawn with the unit that most of their cells belong
    to, so that what stays white has no addresses. A composite has no rows of its own in the published table; its units
    are those of all addresses.
    """
    regions = release.geography.regions
    names = _where(release.statistics, layer=layer, level=level)["zone"].to_pylist()
    if level in ("buurt", "wijk", "gemeente"):
        return {name: np.intersect1d(regions.under(name), release.area.cells) for name in names}
    whose = {"base": str(Base.ALL)} if layer.startswith("thema:") else {"layer": layer}
    table = _where(release.protected.table, level=level, **whose)
    table = table.filter(pc.is_valid(table["cells"]))
    found: dict[str, grid.Cells] = {}
    for name, cells in zip(table["zone"].to_pylist(), table["cells"], strict=True):
        if name not in found:
            found[name] = cells.values.to_numpy()
    return found if level == "zone" else _hexagons(found, int(level.removeprefix("res")))


def _hexagons(cells: Mapping[str, grid.Cells], resolution: int) -> Mapping[str, grid.Cells]:
    """Give each unit its own hexagon and those without a unit of their own that lie mainly in it."""
    if not cells:
        return {}
    names = sorted(cells)
    units = np.array([grid.from_hex(name) for name in names], dtype=np.uint64)
    parents = np.concatenate([grid.parent(cells[name], resolution) for name in names])
    owner = np.repeat(np.arange(len(names)), [len(cells[name]) for name in names])
    pairs, count = np.unique(np.stack([parents, owner.astype(np.uint64)]), axis=1, return_counts=True)
    order = np.lexsort((pairs[1], -count, pairs[0]))
    hexagons, first = np.unique(pairs[0][order], return_index=True)
    holder = pairs[1][order][first].astype(int)
    adopted = ~np.isin(hexagons, units)
    return {
        name: np.unique(np.append(hexagons[adopted & (holder == index)], units[index]))
        for index, name in enumerate(names)
    }


def _units(release: Release, layer: str, level: str) -> list[_Unit]:
    cells = unit_cells(release, layer, level)
    rows: list[dict[str, Any]] = _where(release.statistics, layer=layer, level=level).to_pylist()
    rows = [row for row in rows if len(cells.get(row["zone"], ()))]
    shapes = _metres([grid.outline(cells[row["zone"]]) for row in rows])
    return [
        _Unit(cells[row["zone"]], shape, row["class"], row["status"], row["hotspot"])
        for row, shape in zip(rows, shapes, strict=True)
    ]


def _centres(cells: grid.Cells) -> grid.Floats:
    """Centres of cells as easting and northing, RD metres, shape (n, 2)."""
    centre = grid.centres(cells)
    return np.stack(grid.rd(centre[:, 0], centre[:, 1]), axis=1)


def _metres(shapes: Sequence[shapely.Geometry]) -> list[shapely.Geometry]:
    """Turn shapes in lon/lat degrees into RD metres, all at once."""
    if not shapes:
        return []
    return list(shapely.transform(np.array(shapes, dtype=object), lambda at: np.stack(grid.rd(*at.T), axis=1)))


def _view(bounds: Bounds, frame: Box) -> _View:
    west, south, east, north = bounds
    scale = min(frame.width / (east - west), frame.height / (north - south))
    right = (frame.width / scale - (east - west)) / 2
    down = (frame.height / scale - (north - south)) / 2
    return _View(west - right, north + down, scale, frame)


def _parts(release: Release, level: str) -> dict[str, grid.Cells]:
    """Cells of the area per region of a level, by code."""
    regions = release.geography.regions
    smallest = regions.region_of(release.area.cells)
    holder = np.where(smallest >= 0, regions.at_level(level)[smallest], -1)
    known = np.unique(holder[holder >= 0]).tolist()
    return {regions.codes[position]: release.area.cells[holder == position] for position in known}


def _around(release: Release, view: _View) -> dict[str, grid.Cells]:
    """Cells in and near the frame per gemeente, by name."""
    regions = release.geography.regions
    hexagons, inverse = np.unique(grid.parent(regions.cells, 8), return_inverse=True)
    away = view.middles(hexagons) - (view.frame.left, view.frame.top)
    room = 800 * view.scale  # a res-8 hexagon reaches 530 m from its centre, its res-10 cells a little further
    far = np.array([view.frame.width + room, view.frame.height + room])
    near = np.all((away > -room) & (away < far), axis=1)
    cells = regions.cells[near[inverse]]
    holder = regions.at_level("gemeente")[regions.region_of(cells)]
    return {regions.names[position]: cells[holder == position] for position in np.unique(holder).tolist()}


# --- the drawing ------------------------------------------------------------------------------------------------------


def _ground(release: Release, view: _View) -> list[str]:
    """Draw the gemeenten around as a grey sheet, and the area as a white one on it."""
    around = _metres([grid.outline(cells) for cells in _around(release, view).values()])
    area = _metres([grid.outline(release.area.cells)])
    return [
        svg.rectangle(view.frame, fill=_OUTSIDE),
        _path(around, view, fill=_OUTSIDE, stroke=_CONTEXT, stroke_width=18, stroke_dasharray="90 60"),
        _path(area, view, fill=EMPTY["geen_adressen"].ground),
    ]


def _fill(index: int | None, status: str) -> str:
    if index is not None:
        return CLASS_COLOURS[index]
    return EMPTY[status].ground if EMPTY[status].pattern is Pattern.NONE else f"url(#{status})"


def _fills(units: Sequence[_Unit], view: _View) -> list[str]:
    groups: dict[tuple[str, str], list[shapely.Geometry]] = {}
    for unit in units:
        look = _fill(unit.index, unit.status), INK_SOFT if unit.index is None else EDGE
        groups.setdefault(look, []).append(unit.shape)
    return [
        _path(shapes, view, fill=fill, stroke=edge, stroke_width=9) for (fill, edge), shapes in sorted(groups.items())
    ]


def _named_level(release: Release, view: _View) -> str:
    """Level of the regions that are named: wijken; buurten in a small area; gemeenten where wijken get too small."""
    wijken = _parts(release, "wijk")
    if len(wijken) <= _FEW_WIJKEN and _parts(release, "buurt"):
        return "buurt"
    return "wijk" if _across(wijken.values(), view) >= _SMALLEST_NAMED else "gemeente"


def _lines(release: Release, view: _View) -> list[str]:
    """Outline the area, the regions that are named, and more thinly the regions inside them that are not too small."""
    named = _named_level(release, view)
    finer = {"wijk": "buurt", "gemeente": "wijk"}.get(named)
    inner = list(_parts(release, finer).values()) if finer else []
    outer = list(_parts(release, named).values())
    drawn = [(inner, 12)] if _across(inner, view) >= _SMALLEST_OUTLINE else []
    return [
        _path(
            _metres([grid.outline(cells) for cells in outlines]),
            view,
            fill="none",
            stroke=BORDER,
            stroke_width=width,
            stroke_linejoin="round",
        )
        for outlines, width in [*drawn, (outer, 34), ([release.area.cells], 50)]
    ]


def _across(parts: Collection[grid.Cells], view: _View) -> float:
    """How wide the middle one of some regions is on paper, in drawing units."""
    cell = 122.0  # metres: the side of a square as large as a res-10 cell
    return float(np.median([len(cells) for cells in parts]) ** 0.5) * cell * view.scale if parts else 0.0


def _spots(units: Sequence[_Unit], view: _View) -> list[str]:
    """Outline cold spots (a broken line) and hot spots (a full line), neighbours joined."""
    drawn = []
    for kind, look in _SPOTS.items():
        cells = [unit.cells for unit in units if unit.hotspot == kind]
        if cells:
            shapes = _metres([grid.outline(np.unique(np.concatenate(cells)))])
            drawn.append(_path(shapes, view, fill="none", stroke="#ffffff", stroke_width=95, stroke_linejoin="round"))
            drawn.append(_path(shapes, view, fill="none", stroke_width=52, stroke_linejoin="round", **look))
    return drawn


def _place(cells: grid.Cells | None, view: _View) -> list[str]:
    """Draw a heavy line round the place that the drawing is about."""
    if cells is None:
        return []
    shape = _metres([grid.outline(cells)])
    ring = {"fill": "none", "stroke_linejoin": "round"}
    return [
        _path(shape, view, stroke="#ffffff", stroke_width=130, **ring),
        _path(shape, view, stroke=INK, stroke_width=80, **ring),
    ]


def _texts(release: Release, view: _View, marks: Sequence[Mark]) -> list[str]:
    """Draw the marks, then the names where there is room."""
    points = [_middle(mark.cells, view) for mark in marks]
    boxes = _beside(points, view)
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
    drawn = [*lines, *discs]
    taken = [*boxes, *(Box(right - _DOT, down - _DOT, 2 * _DOT, 2 * _DOT) for right, down in points)]
    halo: dict[str, Any] = {
        "paint_order": "stroke",
        "stroke": "#ffffff",
        "stroke_width": 90,
        "stroke_linejoin": "round",
    }
    for label, box in place(_names(release, view), view.frame, taken):
        weight, ink = (600, INK) if label.size == _SIZE else (400, INK_SOFT)
        middle = box.left + box.width // 2, box.top + box.height // 2
        drawn += svg.centred(label.lines, *middle, label.size, font_weight=weight, fill=ink, **halo)
    return drawn


def _middle(cells: Sequence[int], view: _View) -> tuple[int, int]:
    right, down = np.rint(view.middles(np.array(cells, dtype=np.uint64)).mean(axis=0)).astype(int).tolist()
    return right, down


def _beside(points: Sequence[tuple[int, int]], view: _View) -> list[Box]:
    """Give each mark a place near its point, away from the others, where it hides no point and touches no mark."""
    if not points:
        return []
    room = min(round(80 * view.scale) + _DOT, 180)  # half a cell, so that what is marked stays in sight
    taken = [Box(right - room, down - room, 2 * room, 2 * room) for right, down in points]
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


def _names(release: Release, view: _View) -> list[Label]:
    """Labels of the regions of the area, the largest first, then of the gemeenten around."""
    parts = _parts(release, _named_level(release, view))
    name = release.geography.regions.name
    own = sorted((-len(cells), name(code), cells, _SIZE) for code, cells in parts.items())
    outside = ((name, np.setdiff1d(cells, release.area.cells)) for name, cells in _around(release, view).items())
    around = sorted((-len(cells), name, cells, _SMALL) for name, cells in outside)
    return [
        Label(wrapped(printable(text), 2600, size), size, middles)
        for _, text, cells, size in (*own, *around)
        if (middles := _candidates(cells, view))
    ]


def _candidates(cells: grid.Cells, view: _View) -> tuple[tuple[int, int], ...]:
    """Places for the middle of a label: cell centres within the frame, the nearest to their mean first."""
    points = view.middles(cells[:: max(1, len(cells) // _SAMPLE)])
    corner, size = (view.frame.left, view.frame.top), (view.frame.width, view.frame.height)
    seen = points[((points > corner) & (points < np.add(corner, size))).all(axis=1)]
    if not len(seen):
        return ()
    away = np.rint(((seen - seen.mean(axis=0)) ** 2).sum(axis=1))
    order = np.lexsort((seen[:, 1], seen[:, 0], away))
    return tuple((right, down) for right, down in seen[order][:: max(1, len(seen) // _TRIES)].tolist())


# --- legend -----------------------------------------------------------------------------------------------------------


def _legend(
    release: Release,
    layer: str,
    level: str,
    units: Sequence[_Unit],
    heading: str,
    column: Box,
    view: _View,
    *,
    locator: bool,
) -> list[str]:
    """Draw what every colour, pattern and line means, with the number of units, and the scale below."""
    period = f"per {dutch.LEVELS[level][0]}, {dutch.period(release.start, release.end)}"
    drawn, down = _lines_of_text(heading, column, column.top, 320, font_weight=600, fill=INK)
    more, down = _lines_of_text(period, column, down + 40, _SMALL, fill=INK_SOFT)
    drawn += more
    down += 150
    edge = column.left + column.width - 20
    for look, words, count in _entries(release, layer, units):
        sample = Box(column.left + 30, down + 40, 460, 280)
        beside = Box(column.left + 640, down, column.width - 640 - 600, column.height)
        more, bottom = _lines_of_text(words, beside, down + 20, _SIZE, fill=INK)
        number = svg.text(count, edge, down + 20 + round(_SIZE * 0.95), _SIZE, text_anchor="end", fill=INK)
        drawn += [svg.rectangle(sample, **look), *more, number]
        down = max(bottom, down + 360) + 55
    ruler = column.top + column.height - 520
    drawn += _ruler(column.left, ruler, view)
    room = min(ruler - 350 - down, 2600)
    if locator and room > 1300:  # noqa: PLR2004 - smaller than 13 mm a locator says nothing
        drawn += _locator(release, view, Box(column.left, ruler - 250 - room, column.width, room))
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


def _entries(release: Release, layer: str, units: Sequence[_Unit]) -> list[tuple[dict[str, svg.Look], str, str]]:
    """Entries of the legend: how the sample looks, its words, and the number of units."""
    base = next((each.b for each in release.layers if each.id == layer), None)
    edge: dict[str, svg.Look] = {"stroke": INK_SOFT, "stroke_width": 10}
    entries: list[tuple[dict[str, svg.Look], str, str]] = []
    for index in reversed(range(len(CLASS_COLOURS))):
        count = sum(unit.index == index for unit in units)
        words = dutch.class_label(index, b=base)
        entries.append(({"fill": CLASS_COLOURS[index], **edge}, words, dutch.number(count)))
    for status in EMPTY:
        count = sum(unit.index is None and unit.status == status for unit in units)
        if count or status == "geen_adressen":
            words = dutch.class_label(None, status=status)
            entries.append(({"fill": _fill(None, status), **edge}, words, dutch.number(count) if count else ""))
    for kind, look in _SPOTS.items():
        count = sum(unit.hotspot == kind for unit in units)
        if count:
            entries.append(({"fill": "none", "stroke_width": 52, **look}, _SPOT_WORDS[kind], dutch.number(count)))
    return entries


def _ruler(left: int, top: int, view: _View) -> list[str]:
    """Draw a scale bar of a round length, in four parts, and a north arrow."""
    widest = 2600 / view.scale
    rounds = [times * 10**power for power in range(6) for times in (1, 2, 5)]
    length = max([each for each in rounds if each <= widest], default=1)
    quarter = length * view.scale / 4
    words = f"{dutch.significant(length / 1000)} km" if length >= 1000 else f"{length} m"  # noqa: PLR2004 - a kilometre
    arrow = left + _LEGEND - 350
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
        svg.tag("path", d=f"M{arrow} {top - 90}l150 400l-150 -90l-150 90z", fill=INK),
        svg.text("N", arrow, top + 500, _SIZE, font_weight=700, text_anchor="middle", fill=INK),
    ]


def _locator(release: Release, view: _View, box: Box) -> list[str]:
    """Draw the place of the frame in the region: the region from res-8 hexagons, the area filled."""
    region = _metres([grid.outline(np.unique(grid.parent(release.geography.regions.cells, 8)))])
    west, south, east, north = shapely.bounds(region[0]).tolist()
    inset = _view((west, south, east, north), box)
    area = _metres([grid.outline(release.area.cells)])
    left, top = inset.paper(np.array([[view.west, view.north]]))[0].tolist()
    width, height = (round(side / view.scale * inset.scale) for side in (view.frame.width, view.frame.height))
    return [
        _path(region, inset, fill="#e4e6e9", stroke=_CONTEXT, stroke_width=8),
        _path(area, inset, fill=INK),
        svg.rectangle(Box(left, top, width, height), fill="none", stroke=HOT, stroke_width=22),
    ]
