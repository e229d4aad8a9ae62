"""Drawings in a page: SVG as `products.svg` writes it and nothing else, so that none can fetch, link or run.

A drawing is held to a grammar: which elements, which attributes of each, and what each attribute may say. No value can
hold an address, and there is no element that points anywhere.
"""

import re
from html import escape

from geoanalyse.products import svg
from geoanalyse.products.palette import EMPTY, Pattern

HOLE = "<svg>"
"""What stands in a page for a drawing that was taken out; no drawing of ours begins like this."""

_ENDS = re.compile(r"<svg(?=[ >])|</svg>")
_TOKEN = re.compile(r'<([a-z]+)((?: [A-Za-z-]+="[^"<>]*")*)(/?)>|</([a-z]+)>|([^<>]+)')
_LOOK = re.compile(r' ([A-Za-z-]+)="([^"]*)"')
_WORDED = {"title", "desc", "text"}

_NUMBER = r"-?\d{1,9}(?:\.\d{1,3})?"
_PATTERNS = "|".join(name for name, style in EMPTY.items() if style.pattern is not Pattern.NONE)
_COLOUR = r"none|#[0-9a-f]{6}"
_VALUES = {
    **dict.fromkeys(("x", "y", "cx", "cy", "r", "stroke-width", "font-size", "textLength"), _NUMBER),
    **dict.fromkeys(("width", "height"), f"{_NUMBER}(?:mm)?"),
    "viewBox": rf"{_NUMBER}(?: {_NUMBER}){{3}}",
    "d": r"[MLlhvHVz0-9. -]*",
    "fill": rf"{_COLOUR}|url\(#(?:{_PATTERNS})\)",
    "stroke": _COLOUR,
    "stroke-dasharray": r"\d+ \d+",
    "stroke-linejoin": "round",
    "stroke-linecap": "round",
    "paint-order": "stroke",
    "font-weight": "[467]00",
    "text-anchor": "middle|end",
    "lengthAdjust": "spacingAndGlyphs",
    "id": _PATTERNS,
    "patternUnits": "userSpaceOnUse",
    "patternTransform": r"rotate\(45\)",
    "font-family": re.escape(escape(svg.FAMILY)),
    "role": "img",
    "aria-label": "[^<>]*",
    "lang": "nl",
}
_BOX = {"x", "y", "width", "height"}
_LINE = {"fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "stroke-linecap"}
_ATTRIBUTES = {
    "svg": {*_BOX, "viewBox", "font-family", "role", "aria-label", "lang"},
    "title": set[str](),
    "desc": set[str](),
    "defs": set[str](),
    "pattern": {"id", "width", "height", "patternUnits", "patternTransform"},
    "rect": _BOX | _LINE,
    "path": {"d"} | _LINE,
    "circle": {"cx", "cy", "r"} | _LINE,
    "text": {"x", "y", "font-size", "font-weight", "text-anchor", "paint-order", "textLength", "lengthAdjust"} | _LINE,
}


def apart(page: str) -> tuple[str, list[str]]:
    """Take the drawings out of a page.

    Returns
    -------
    str, list of str
        The page with `HOLE` for each drawing, and the drawings; one that does not end is left in the page.

    Examples
    --------
    >>> apart('a<svg x="1"><svg y="1"></svg></svg>b')
    ('a<svg>b', ['<svg x="1"><svg y="1"></svg></svg>'])
    """
    rest, drawings, depth, start, done = list[str](), list[str](), 0, 0, 0
    for end in _ENDS.finditer(page):
        if not depth:
            start = end.start()
        depth = max(depth + (-1 if end[0] == "</svg>" else 1), 0)
        if not depth and start < end.start():
            rest += [page[done:start], HOLE]
            drawings.append(page[start : end.end()])
            done = end.end()
    return "".join([*rest, page[done:]]), drawings


def is_ours(drawing: str) -> bool:
    """Whether a drawing holds only what geoanalyse draws, well nested.

    Examples
    --------
    >>> is_ours('<svg><rect x="1" fill="url(#geen_data)"/></svg>'), is_ours('<svg><rect fill="url(//a)"/></svg>')
    (True, False)
    """
    within: list[str] = []
    at = 0
    for token in _TOKEN.finditer(drawing):
        name, look, empty, ended, words = token.groups()
        worded = bool(within) and within[-1] in _WORDED
        if token.start() != at or (within == [] and at):
            return False
        if name and (worded or not _is_known(name, look)):
            return False
        if name and not empty:
            within.append(name)
        if ended and (not within or within.pop() != ended):
            return False
        if words and not worded:
            return False
        at = token.end()
    return at == len(drawing) and not within


def _is_known(name: str, look: str) -> bool:
    named = _LOOK.findall(look)
    known = _ATTRIBUTES.get(name)
    return (
        known is not None
        and len({key for key, _ in named}) == len(named)
        and all(key in known and re.fullmatch(_VALUES[key], value) for key, value in named)
    )
