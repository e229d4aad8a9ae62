"""Labels: what text can be printed, how wide it is, and where it finds a place without touching another."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LINE = 1.2
"""Line height, in sizes."""

# Advance widths of Source Sans Pro Semibold from space to tilde, in thousandths of the size.
_WIDTHS = (
    "200 315 482 513 513 841 639 275 324 324 438 513 275 322 275 344 513 513 513 513 513 513 513 513 513 513 275 275 "
    "513 513 513 444 875 558 597 576 625 538 510 628 663 282 494 597 502 745 656 674 582 674 592 545 546 655 536 800 "
    "541 501 540 324 344 324 513 500 549 516 563 462 564 507 317 520 558 262 263 522 271 843 560 549 564 564 373 431 "
    "361 556 495 748 481 495 443 324 255 324 513"
)
_WIDTH = {chr(32 + index): int(width) for index, width in enumerate(_WIDTHS.split())}
_WIDEST = 1000
_LATIN = frozenset(map(chr, [*range(0x20, 0x7F), *range(0xA1, 0x17F)])) - {"\xad"}
_KEPT = _LATIN | frozenset("…•€≤≥±→\ufffd\u2013\u2014\u2018\u2019\u201c\u201d")
_ALL_KEPT = re.compile(f"[{re.escape(''.join(sorted(_KEPT)))}]*")


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on paper, hundredths of a millimetre from the top left."""

    left: int
    top: int
    width: int
    height: int

    def overlaps(self, other: "Box") -> bool:
        """Whether the two share more than an edge."""
        return (
            self.left < other.left + other.width
            and other.left < self.left + self.width
            and self.top < other.top + other.height
            and other.top < self.top + self.height
        )

    def holds(self, other: "Box") -> bool:
        """Whether the other lies wholly inside."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.left + other.width <= self.left + self.width
            and other.top + other.height <= self.top + self.height
        )


@dataclass(frozen=True, slots=True)
class Label:
    """A text that wants a place: its lines, and the middles it may have, best first."""

    lines: tuple[str, ...]
    size: int
    middles: tuple[tuple[int, int], ...]


def printable(text: str) -> str:
    r"""Keep what every font and every format of the products can show; the rest becomes a replacement mark.

    Control characters and line ends become spaces, so that a name can neither break a layout nor a file.

    Examples
    --------
    >>> printable("Gein\n3"), printable("De Éénhoorn"), printable("x\u6f22\u202ey")
    ('Gein 3', 'De Éénhoorn', 'x��y')
    """
    if not _ALL_KEPT.fullmatch(text):
        text = "".join(map(_shown, unicodedata.normalize("NFC", text)))
    return " ".join(text.split())


def _shown(character: str) -> str:
    kind = unicodedata.category(character)
    if character.isspace() or kind == "Cc":
        return " "
    if character in _KEPT:
        return character
    return "" if kind == "Mn" else "\ufffd"  # an accent that joins no known letter is dropped


def text_width(text: str, size: int) -> int:
    """Width of a text in the semibold weight, rounded up; an unknown character counts as the widest.

    Examples
    --------
    >>> text_width("Gein", 1000), text_width("Geïn", 1000) == text_width("Gein", 1000)
    (1957, True)
    """
    plain = "".join(unicodedata.normalize("NFD", each)[0] for each in text)
    return -(-sum(_WIDTH.get(each, _WIDEST) for each in plain) * size // 1000)


def wrapped(text: str, width: int, size: int) -> tuple[str, ...]:
    """Break a text into lines no wider than ``width``, at spaces, hyphens and slashes; a longer word is cut.

    Examples
    --------
    >>> wrapped("Amsterdamse Poort e.o.", 3000, 265)
    ('Amsterdamse Poort e.o.',)
    >>> wrapped("Geerdinkhof/Kantershof", 2000, 265)
    ('Geerdinkhof/', 'Kantershof')
    """
    parts = text.replace("-", "-\x00").replace("/", "/\x00").replace(" ", " \x00").split("\x00")
    lines: list[str] = [""]
    for part in parts:
        rest = part
        if lines[-1] and text_width((lines[-1] + rest).rstrip(), size) > width:
            lines.append("")
        while text_width((lines[-1] + rest).rstrip(), size) > width and len(rest) > 1:
            cut = next(
                (end for end in range(len(rest) - 1, 1, -1) if text_width(rest[:end], size) <= width), 1
            )  # at least one character a line
            lines[-1] += rest[:cut]
            rest = rest[cut:]
            lines.append("")
        lines[-1] += rest
    return tuple(line.strip() for line in lines if line.strip())


def place(labels: Iterable[Label], frame: Box, taken: Sequence[Box] = ()) -> list[tuple[Label, Box]]:
    """Give each label the first of its middles where it lies in the frame and touches nothing; else leave it out.

    Parameters
    ----------
    labels : iterable of Label
        Most important first.
    frame : Box
        Where labels may lie.
    taken : sequence of Box
        Places that are already in use.

    Returns
    -------
    list of (Label, Box)
        The labels that found a place, and their boxes; no two overlap each other or a taken place.

    Examples
    --------
    >>> frame = Box(0, 0, 5000, 1000)
    >>> twice = Label(("Gein",), 265, ((2500, 500),))
    >>> len(place([twice, twice], frame))
    1
    """
    busy = list(taken)
    placed = []
    for label in labels:
        width = max(text_width(line, label.size) for line in label.lines) + label.size // 3
        height = round(len(label.lines) * label.size * LINE)
        for right, down in label.middles:
            box = Box(right - width // 2, down - height // 2, width, height)
            if frame.holds(box) and not any(box.overlaps(other) for other in busy):
                busy.append(box)
                placed.append((label, box))
                break
    return placed
