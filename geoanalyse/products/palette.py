"""Colours and patterns that the map, the cut-outs and the GIS styles share.

Six classes from cividis reversed (Nuñez, Anderton and Renslow 2018), by equal steps of lightness, with a muted lowest
class and a calmer yellow above it: what lies below the average must not shout. Classes 2 to 5 reach 3:1 on white; in
greyscale and for the three kinds of colour blindness no two classes come closer than 14 in CIELAB (tested).
"""

from dataclasses import dataclass
from enum import StrEnum

CLASS_COLOURS = ("#e8e3d4", "#c8ba7c", "#9a9376", "#686a71", "#36466c", "#00224e")
"""Fill per class 0..5 of the published statistics."""

CLASS_INK = ("#1b1b1b", "#1b1b1b", "#1b1b1b", "#ffffff", "#ffffff", "#ffffff")
"""Text colour on each class, at least 4.5:1."""

SURROUNDINGS = ("#d5f7eb", "#89d2bb", "#46aa90", "#228069", "#145646", "#0e2f27")
"""Fill of the surroundings, from little to much: one hue, which no class of incidents has, in steps of lightness."""

HOT = "#b2182b"
"""Outline of a hot spot; always with a mark, never colour alone."""

COLD = "#2166ac"
"""Outline of a cold spot; always with a mark, never colour alone."""

INK = "#1b1b1b"
"""Text and outlines."""

INK_SOFT = "#55585c"
"""Secondary text, 7:1 on white."""

EDGE = "#ffffff"
"""Line between two filled units."""

BORDER = "#3d4043"
"""Outline of a buurt or wijk."""


class Pattern(StrEnum):
    """How an empty unit is filled, so that it differs from every class without colour."""

    NONE = "geen"
    HATCH = "arcering"
    CROSS = "ruit"
    DOTS = "stippen"


@dataclass(frozen=True, slots=True)
class Style:
    """Fill of a unit without a class: ``ground`` under lines or dots of colour ``mark``."""

    ground: str
    mark: str
    pattern: Pattern


EMPTY = {
    "geen_adressen": Style("#ffffff", "#ffffff", Pattern.NONE),
    "geen_data": Style("#ffffff", "#6f7378", Pattern.HATCH),
    "onderdrukt": Style("#f3f3f3", "#6f7378", Pattern.DOTS),
    "blinde_vlek": Style("#ffffff", "#6f7378", Pattern.CROSS),
}
"""Style per kind of empty; the four are never drawn as a class."""

CHANGE = {
    "meer": Style("#b2182b", "#b2182b", Pattern.NONE),
    "minder": Style("#2166ac", "#ffffff", Pattern.DOTS),
    "niet_anders": Style("#cbd1d6", "#cbd1d6", Pattern.NONE),
    "niet_te_vergelijken": Style("#ffffff", "#6f7378", Pattern.HATCH),
}
"""Style per outcome of a comparison of two windows; more and less also carry a mark, never colour alone."""


def shades(count: int, *, falling: bool = False) -> list[int]:
    """Give the place in `SURROUNDINGS` of each of some classes, as far apart as they can be.

    Parameters
    ----------
    count : int
        Number of classes, 2 to 6.
    falling : bool
        Whether the first class is the darkest: near is what stands out, not far.

    Examples
    --------
    >>> shades(3), shades(5, falling=True)
    ([0, 3, 5], [5, 4, 3, 1, 0])
    """
    last = len(SURROUNDINGS) - 1
    places = [(2 * step * last + count - 1) // (2 * (count - 1)) for step in range(count)]
    return places[::-1] if falling else places
