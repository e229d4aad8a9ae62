"""Writing SVG: elements whose attributes and texts are always escaped, in hundredths of a millimetre on paper."""

import math
import re
from collections.abc import Iterable, Sequence
from html import escape, unescape

from geoanalyse.products.labels import LINE, Box, printable, text_width
from geoanalyse.products.palette import EMPTY, Pattern

FONT = "Source Sans Pro"
"""Family that texts are measured with (`labels.text_width`); the factsheet embeds it."""

FAMILY = f"'{FONT}', 'Source Sans 3', Arial, sans-serif"

UNITS = 100
"""Drawing units per millimetre."""

NAMESPACE = "http://www.w3.org/2000/svg"
"""Name that a drawing of its own needs; in a page it stands without."""

Look = str | float

_TEXT = re.compile(r"<text ([^<>]*)>([^<>]*)</text>")
_SIZE = re.compile(r'font-size="(\d+)"')
_WEIGHT = re.compile(r'font-weight="(\d+)"')
_WIDER = {400: 0.972, 600: 1.0, 700: 1.029}  # than the semibold weight that `labels.text_width` measures


def tag(element: str, body: str | Iterable[str] = "", /, **attributes: Look) -> str:
    """Write an element; attribute values are escaped, a body is SVG already. ``_`` in a name becomes ``-``.

    Examples
    --------
    >>> tag("rect", x=1, stroke_width=2, id='"')
    '<rect x="1" stroke-width="2" id="&quot;"/>'
    """
    names = "".join(f' {name.replace("_", "-")}="{escape(f"{value}")}"' for name, value in attributes.items())
    inner = "".join(body)
    return f"<{element}{names}>{inner}</{element}>" if inner else f"<{element}{names}/>"


def rectangle(box: Box, **look: Look) -> str:
    """Draw a box."""
    return tag("rect", x=box.left, y=box.top, width=box.width, height=box.height, **look)


def text(words: str, right: int, down: int, size: int, **look: Look) -> str:
    """Write one line of text on the base line ``down``."""
    return tag("text", escape(printable(words)), x=right, y=down, font_size=size, **look)


def centred(lines: Sequence[str], right: int, down: int, size: int, **look: Look) -> list[str]:
    """Write lines of text around a middle."""
    first = down - round((len(lines) - 1) * size * LINE / 2) + round(size * 0.33)
    return [
        text(line, right, first + round(index * size * LINE), size, text_anchor="middle", **look)
        for index, line in enumerate(lines)
    ]


def patterns() -> str:
    """Define the patterns of the empties; every drawing on a page may repeat them, they are the same."""
    strokes = {
        Pattern.HATCH: ("M0 0V110", 36),
        Pattern.CROSS: ("M0 0V110M0 0H110", 26),
        Pattern.DOTS: ("M30 30h0.1", 44),
    }
    turned = {"patternUnits": "userSpaceOnUse", "patternTransform": "rotate(45)"}
    drawn = []
    for name, style in EMPTY.items():
        if style.pattern in strokes:
            data, width = strokes[style.pattern]
            ground = rectangle(Box(0, 0, 110, 110), fill=style.ground)
            stroke = tag("path", d=data, stroke=style.mark, stroke_width=width, stroke_linecap="round")
            drawn.append(tag("pattern", [ground, stroke], id=name, width=110, height=110, **turned))
    return tag("defs", drawn)


def document(body: Iterable[str], *, size_mm: tuple[float, float], title: str, description: str) -> str:
    """Write a drawing with its title and description, which a screen reader reads."""
    width, height = size_mm
    return tag(
        "svg",
        [tag("title", escape(printable(title))), tag("desc", escape(printable(description))), *body],
        xmlns=NAMESPACE,
        width=f"{width:g}mm",
        height=f"{height:g}mm",
        viewBox=f"0 0 {round(width * UNITS)} {round(height * UNITS)}",
        font_family=FAMILY,
        role="img",
        aria_label=printable(title),
        lang="nl",
    )


def fitted(drawing: str) -> str:
    """Tell a browser how wide each text was measured: no font that it has instead can make one wider.

    Examples
    --------
    >>> fitted('<text x="1" y="2" font-size="1000" font-weight="600">Gein</text>')
    '<text x="1" y="2" font-size="1000" font-weight="600" textLength="1957" lengthAdjust="spacingAndGlyphs">Gein</text>'
    """

    def fit(found: re.Match[str]) -> str:
        look, words = found.groups()
        size, weight = _SIZE.search(look), _WEIGHT.search(look)
        wide = text_width(unescape(words), int(size[1]) if size else 0) * _WIDER[int(weight[1]) if weight else 400]
        return f'<text {look} textLength="{math.ceil(wide)}" lengthAdjust="spacingAndGlyphs">{words}</text>'

    return _TEXT.sub(fit, drawing)
