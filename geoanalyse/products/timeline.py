"""A timeline as SVG without pixels: one lane per series under one axis of time, and one for what was done when.

Nothing is placed more finely than the windows of the series; readable in greyscale.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from geoanalyse.products import dutch, svg
from geoanalyse.products.chart import BAND, round_above
from geoanalyse.products.figures import Window
from geoanalyse.products.labels import Box, text_width, wrapped
from geoanalyse.products.palette import EMPTY, INK, INK_SOFT

LANE_MM = 12.5
"""Height of a lane where there is room, millimetres."""

_SIZE, _SMALL = 255, 225
_LABELS = 3900  # width of the column with names
_AXIS = 480  # below the lanes: years
_DISC = 185  # radius of a marker
_ROW = 460  # height of a row of markers
_SHADE = "#e9ebee"
_LINE = "#b9bdc2"


@dataclass(frozen=True, slots=True)
class Lane:
    """A series: its name, the place it is about where that is another than that of the drawing, and its windows."""

    title: str
    place: str
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Marker:
    """Something that was done: its number in the list beside the drawing, and the window that holds it."""

    number: int
    start: dt.date
    end: dt.date


def holding(lanes: Sequence[Lane], day: dt.date, start: dt.date, end: dt.date) -> tuple[dt.date, dt.date]:
    """Give the longest window of the series that holds a day, or its calendar year within the period.

    Examples
    --------
    >>> from datetime import date
    >>> quarter = Window(date(2025, 4, 1), date(2025, 7, 1), 5, 1, 9)
    >>> holding([Lane("Sluitingen", "", (quarter,))], date(2025, 6, 1), date(2024, 1, 1), date(2026, 1, 1))
    (datetime.date(2025, 4, 1), datetime.date(2025, 7, 1))
    >>> holding([], date(2025, 6, 1), date(2024, 1, 1), date(2025, 7, 1))
    (datetime.date(2025, 1, 1), datetime.date(2025, 7, 1))
    """
    windows = {(each.start, each.end) for lane in lanes for each in lane.windows if each.start <= day < each.end}
    year = max(dt.date(day.year, 1, 1), start), min(dt.date(day.year + 1, 1, 1), end)
    return max(windows, key=lambda window: window[1] - window[0], default=year)


def height_mm(
    lanes: Sequence[Lane],
    markers: Sequence[Marker],
    width_mm: float,
    period: tuple[dt.date, dt.date],
    *,
    lane_mm: float = LANE_MM,
) -> float:
    """Give the height that a timeline of this width takes, millimetres."""
    plot = _plot(round(width_mm * svg.UNITS), period)
    rows = max([label.row for label in _placed(markers, plot)], default=-1) + 1
    return len(lanes) * lane_mm + ((rows * _ROW + 150) if rows else 0) / svg.UNITS + _AXIS / svg.UNITS


def timeline_svg(
    lanes: Sequence[Lane],
    markers: Sequence[Marker],
    *,
    period: tuple[dt.date, dt.date],
    width_mm: float,
    title: str,
    description: str,
    lane_mm: float = LANE_MM,
) -> str:
    """Draw lanes and markers under one another.

    Parameters
    ----------
    lanes : sequence of Lane
        A band per window for its margin, a line for the value, an arrow where the margin has no upper end; a pattern
        where there is no value, another for what is unknown than for what is withheld.
    markers : sequence of Marker
        By number: a label in the middle of each window that holds some, which is shaded through all lanes.
    period : (datetime.date, datetime.date)
        First day, and the day after the last.
    width_mm : float
        Width on paper, millimetres; `height_mm` gives the height.
    title, description : str
        Read aloud by a screen reader.
    lane_mm : float
        Height of a lane, millimetres.

    Returns
    -------
    str
        An SVG document; same arguments, same bytes.
    """
    plot = _plot(round(width_mm * svg.UNITS), period)
    height, lane_high = height_mm(lanes, markers, width_mm, period, lane_mm=lane_mm), lane_mm * svg.UNITS
    bottom = round(height * svg.UNITS) - _AXIS
    body = [svg.patterns()]
    for start, end in sorted({(marker.start, marker.end) for marker in markers}):
        left = plot.at(start)
        body.append(svg.rectangle(Box(left, 0, plot.at(end) - left, bottom), fill=_SHADE))
    for year in range(period[0].year, period[1].year + 1):
        day = max(dt.date(year, 1, 1), period[0])
        if day < period[1]:
            body.append(svg.tag("path", d=f"M{plot.at(day)} 0V{bottom + 120}", stroke=_LINE, stroke_width=12))
            room = plot.at(min(dt.date(year + 1, 1, 1), period[1])) - plot.at(day)
            if room > text_width(str(year), _SIZE) + 80:
                body.append(svg.text(str(year), plot.at(day) + 60, bottom + 340, _SIZE, fill=INK))
    for index, lane in enumerate(lanes):
        body += _lane(lane, Box(0, round(index * lane_high), plot.right, round(lane_high)), plot)
    body += _markers(markers, plot, round(len(lanes) * lane_high))
    body.append(svg.tag("path", d=f"M{plot.left} {bottom}H{plot.right}", stroke=INK, stroke_width=14))
    return svg.document(body, size_mm=(width_mm, height), title=title, description=description)


def top_of(lane: Lane) -> int:
    """Give the top of the axis of a lane."""
    # of "or more" the top is unknown: the band reaches as far up as it does down, and the arrow says that it goes on
    tops = [
        2 * window.value - (window.low or 0) if window.high is None else window.high
        for window in lane.windows
        if window.value is not None
    ]
    return round_above(max(tops, default=1))


@dataclass(frozen=True, slots=True)
class _Plot:
    """From days to paper."""

    left: int
    right: int
    start: dt.date
    end: dt.date

    def at(self, day: dt.date) -> int:
        """Turn a day into drawing units from the left."""
        return self.left + round((self.right - self.left) * (day - self.start).days / (self.end - self.start).days)


def _plot(width: int, period: tuple[dt.date, dt.date]) -> _Plot:
    return _Plot(_LABELS + 600, width - 20, *period)


def _lane(lane: Lane, box: Box, plot: _Plot) -> list[str]:
    top = top_of(lane)
    above, floor = box.top + 130, box.top + box.height - 60

    def down(value: int) -> int:
        return floor - round(min(value, top) / top * (floor - above))

    drawn = []
    for window in lane.windows:
        start, end = plot.at(window.start), plot.at(window.end)
        inset = round((end - start) * 0.14)
        left, width = start + inset, end - start - 2 * inset
        if window.value is None or window.low is None:
            empty = Box(left, above, width, floor - above)
            style = EMPTY[window.status]
            drawn.append(svg.rectangle(empty, fill=f"url(#{window.status})", stroke=style.mark, stroke_width=6))
            continue
        high = top if window.high is None else window.high
        band = Box(left, down(high), width, max(down(window.low) - down(high), 20))
        drawn.append(svg.rectangle(band, fill=BAND))
        drawn.append(svg.rectangle(Box(left, down(window.value) - 17, width, 34), fill=INK))
        if window.high is None:
            arrow = f"M{left + width // 2 - 80} {above - 10}l80 -100l80 100z"
            drawn.append(svg.tag("path", d=arrow, fill=INK))
    drawn.append(svg.tag("path", d=f"M{plot.left} {floor}H{plot.right}", stroke=_LINE, stroke_width=10))
    step = round(_SIZE * 1.15)
    names = wrapped(lane.title, _LABELS, _SIZE)[:2]
    drawn += [
        svg.text(line, 0, above + (index + 1) * step - 60, _SIZE, font_weight=600, fill=INK)
        for index, line in enumerate(names)
    ]
    if lane.place:
        place = wrapped(lane.place, _LABELS, _SMALL)[0]
        drawn.append(svg.text(place, 0, above + (len(names) + 1) * step - 60, _SMALL, fill=INK_SOFT))
    edge = plot.left - 90
    drawn.append(svg.text(dutch.number(top), edge, above + 120, _SMALL, text_anchor="end", fill=INK_SOFT))
    drawn.append(svg.text("0", edge, floor + 20, _SMALL, text_anchor="end", fill=INK_SOFT))
    return drawn


@dataclass(frozen=True, slots=True)
class _Label:
    """The numbers of one window: where they stand."""

    words: str
    row: int
    middle: int
    half: int


def _placed(markers: Sequence[Marker], plot: _Plot) -> list[_Label]:
    """Give the markers of each window one label and a row, from above; no two labels touch."""
    windows = {(marker.start, marker.end): list[int]() for marker in markers}
    for marker in markers:
        windows[marker.start, marker.end].append(marker.number)
    ends: list[int] = []
    found = []
    for (start, end), numbers in windows.items():
        words = str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}\N{EN DASH}{numbers[-1]}"
        half = max(_DISC, text_width(words, 215) // 2 + 60)
        middle = (plot.at(start) + plot.at(end)) // 2
        row = next((row for row, reached in enumerate(ends) if middle - half > reached), len(ends))
        ends[row : row + 1] = [middle + half + 40]
        found.append(_Label(words, row, middle, half))
    return found


def _markers(markers: Sequence[Marker], plot: _Plot, top: int) -> list[str]:
    if not markers:
        return []
    drawn = [svg.text("Interventies", 0, top + 75 + _ROW // 2 + 90, _SIZE, font_weight=600, fill=INK)]
    look: dict[str, svg.Look] = {"fill": INK, "stroke": "#ffffff", "stroke_width": 24}
    for label in _placed(markers, plot):
        down = top + 75 + label.row * _ROW + _ROW // 2
        if label.half == _DISC:
            drawn.append(svg.tag("circle", cx=label.middle, cy=down, r=_DISC, **look))
        else:
            drawn.append(svg.rectangle(Box(label.middle - label.half, down - _DISC, 2 * label.half, 2 * _DISC), **look))
        drawn += svg.centred([label.words], label.middle, down, 215, font_weight=600, fill="#ffffff")
    return drawn
