"""Small charts of a series with its margins, as SVG without pixels; readable in greyscale."""

from collections.abc import Sequence

from geoanalyse.products import dutch, svg
from geoanalyse.products.figures import Window
from geoanalyse.products.labels import Box, text_width
from geoanalyse.products.palette import EMPTY, INK, INK_SOFT

_SIZE = 235
BAND = "#c3cad8"
_OPEN = "#eef0f3"


def round_above(number: int) -> int:
    """Give the least of 1, 2, 4, 5, 6, 8 times a power of ten that is not below a number: the top of an axis.

    Examples
    --------
    >>> [round_above(number) for number in (0, 1, 9, 49, 102, 8048)]
    [1, 1, 10, 50, 200, 10000]
    """
    power = int("1" + "0" * (len(str(max(number, 1))) - 1))
    return next(times * power for times in (1, 2, 4, 5, 6, 8, 10) if times * power >= number)


def series_svg(windows: Sequence[Window], *, size_mm: tuple[float, float], title: str, description: str) -> str:
    """Draw a series: a band per window for its margin, a line for the value, a pattern where there is none.

    A band of "or more" is lighter, and runs on to the top.

    Parameters
    ----------
    windows : sequence of Window
        At least one, in the order of time.
    size_mm : tuple of float
        Width and height on paper, millimetres.
    title, description : str
        Read aloud by a screen reader.

    Returns
    -------
    str
        An SVG document; same arguments, same bytes.
    """
    width, height = (round(side * svg.UNITS) for side in size_mm)
    ends = [
        window.high if window.high is not None else 2 * (window.value or 0) - (window.low or 0) for window in windows
    ]
    top = round_above(
        max((end for window, end in zip(windows, ends, strict=True) if window.value is not None), default=1)
    )
    words = dutch.number(top)
    left = text_width(words, _SIZE) + 120
    plot = Box(left, 150, width - left - 20, height - 150 - 420)
    bottom = plot.top + plot.height
    step = plot.width / len(windows)

    def down(value: int) -> int:
        return bottom - round(value / top * plot.height)

    body = [svg.patterns()]
    for index, window in enumerate(windows):
        start, end = plot.left + round(index * step), plot.left + round((index + 1) * step)
        across = Box(start + round(step * 0.15), plot.top, round(step * 0.7), plot.height)
        if window.value is None or window.low is None:
            style = EMPTY[window.status]
            body.append(svg.rectangle(across, fill=f"url(#{window.status})", stroke=style.mark, stroke_width=6))
        else:
            above = plot.top if window.high is None else down(window.high)
            band = Box(across.left, above, across.width, down(window.low) - above)
            line = Box(across.left, down(window.value) - 15, across.width, 30)
            ground = _OPEN if window.high is None else BAND
            body += [svg.rectangle(band, fill=ground), svg.rectangle(line, fill=INK)]
        if window.start.month == 1 or index == 0:
            body.append(svg.tag("path", d=f"M{start} {bottom}v110", stroke=INK_SOFT, stroke_width=12))
        if window.start.month == 1 and len(windows) - index > 1:
            body.append(svg.text(str(window.start.year), start + 50, bottom + 300, _SIZE, fill=INK))
        if index == len(windows) - 1:
            body.append(svg.tag("path", d=f"M{end} {bottom}v110", stroke=INK_SOFT, stroke_width=12))
    body += [
        svg.tag("path", d=f"M{plot.left} {bottom}h{plot.width}", stroke=INK, stroke_width=14),
        svg.text(words, left - 80, plot.top + 90, _SIZE, text_anchor="end", fill=INK),
        svg.text("0", left - 80, bottom, _SIZE, text_anchor="end", fill=INK),
    ]
    return svg.document(body, size_mm=size_mm, title=title, description=description)
