"""What a finished file holds: its texts and columns, each with the part it stands in; what cannot be read is refused.

Here are the formats that are text themselves; :mod:`geoanalyse.products.containers` and
:mod:`geoanalyse.products.pdftext` read the others.
"""

import base64
import binascii
import csv
import io
import json
import re
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

import pyarrow as pa
import pyarrow.compute as pc

from geoanalyse.errors import ReleaseError

LARGEST = 64_000_000
"""Bytes that the packed parts of a file may become; releases stay far below it."""
MOST_TEXT = 16_000_000
"""Signs of JSON, CSV or XML: parsed they take some thirty times as much memory."""
MOST_MARKS = 500_000
"""Elements of a page or of XML, lines of a CSV."""
_MOST_COLUMNS = 500

UNSEEN = "wat de lezer niet ziet"
"""Part of a page that is neither shown nor spoken: other attributes, comments, programs and styles."""

_PROGRAMS = {"module", "text/javascript"}
_INLINE = {
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
    "code",
    "em",
    "i",
    "mark",
    "q",
    "s",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "u",
}
_OUTLINE = re.compile(r"(?:[MLHVlhvz .-]|[0-9]{1,6}(?![0-9]))*")
"""A line in a drawing, steps in numbers: side by side these would read as addresses or numbers of people."""
_SPOKEN = {"alt", "aria-label", "content", "placeholder", "summary", "title", "value"}


class UnreadError(ReleaseError, KeyError):
    """A file holds something that nobody can read, so nobody can say what it is."""


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of running text, and the part of the file it stands in."""

    part: str
    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of text or whole numbers, and its name; ``told`` when its values stand in a `Text` as well."""

    part: str
    values: pa.Array
    told: bool = False

    @property
    def text(self) -> str:
        """The distinct values, one a line."""
        return "" if self.told else "\n".join(pc.unique(self.values.cast(pa.string())).drop_null().to_pylist())


Piece = Text | Column


def decoded(content: bytes, encoding: str = "utf-8") -> str:
    """Read bytes as text.

    Raises
    ------
    UnreadError
        When they are no text in this encoding.
    """
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise UnreadError("is geen tekst in UTF-8") from None


def inflated(content: bytes, window: int = zlib.MAX_WBITS, most: int = LARGEST) -> bytes:
    """Unpack a deflated part.

    Parameters
    ----------
    content : bytes
    window : int
        Of zlib; negative for a part without a head.
    most : int
        Bytes it may become; never more than this is unpacked.

    Raises
    ------
    UnreadError
        When it is damaged, becomes too large, or something stands behind it.
    """
    packed = zlib.decompressobj(window)
    try:
        raw = packed.decompress(content, most + 1)
    except zlib.error:
        raise UnreadError("een ingepakt deel is beschadigd") from None
    if len(raw) > most:
        raise UnreadError("een ingepakt deel is te groot om na te kijken")
    if not packed.eof or packed.unused_data.strip():
        raise UnreadError("een ingepakt deel is afgebroken, of er staat iets achter")
    return raw


# --- csv and json -----------------------------------------------------------------------------------------------------


def of_csv(content: bytes) -> Iterator[Piece]:
    """Read a CSV with semicolons: every cell, and every column under its title."""
    text = decoded(content, "utf-8-sig")
    if len(text) > MOST_TEXT or text.count("\n") > MOST_MARKS:
        raise UnreadError("is te groot om na te kijken")
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True))
    except csv.Error:
        raise UnreadError("is geen CSV met puntkomma's") from None
    head, *body = rows or [[]]
    yield Text("titels", "\n".join(head))
    widest = max(map(len, rows), default=0)
    if widest > _MOST_COLUMNS:
        raise UnreadError("heeft te veel kolommen om na te kijken")
    for number in range(widest):
        title = head[number] if number < len(head) else f"kolom {number + 1}"
        yield Column(title, pa.array([row[number] for row in body if number < len(row)], pa.string()))


def of_json(content: bytes) -> Iterator[Piece]:
    """Read every key and every text of JSON."""
    yield Text("tekst", "\n".join(strings(parsed_json(decoded(content)))))


def parsed_json(text: str) -> object:
    """Read JSON; of a key that stands twice, both count.

    Raises
    ------
    UnreadError
        When it is no JSON, or too large.
    """
    if len(text) > MOST_TEXT:
        raise UnreadError("is te groot om na te kijken")
    try:
        return json.loads(text, object_pairs_hook=_pairs)
    except (ValueError, RecursionError):
        raise UnreadError("is geen JSON") from None


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnreadError("een sleutel staat er twee keer in")
    return found


def strings(value: object) -> Iterator[str]:
    """Give every text in parsed JSON: keys and values, from the outside in, however deep."""
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, str):
            yield here
        elif isinstance(here, dict):
            waiting += [each for pair in reversed(here.items()) for each in reversed(pair)]
        elif isinstance(here, list):
            waiting += reversed(here)


# --- html -------------------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """A page, taken apart.

    Attributes
    ----------
    shown : list of str
        What people read or hear, in pieces as the page holds them.
    flow : list of str
        What people read, as it runs on: a line per block, whatever is bold in it.
    unseen : list of str
        Other attributes, comments and declarations; not the lines of a drawing.
    programs, styles : list of str
        Each script that a browser runs, each style sheet.
    blocks : list of (str, list of str)
        Data that no browser runs: its type and its text.
    tags : list of (str, dict)
        Every element with its attributes, in order.
    """

    def __init__(self, content: str) -> None:
        super().__init__()
        self.shown: list[str] = []
        self.flow: list[str] = []
        self.unseen: list[str] = []
        self.programs: list[str] = []
        self.styles: list[str] = []
        self.blocks: list[tuple[str, list[str]]] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._into = self.shown
        self.feed(content)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Sort the attributes, and say where the text that follows goes."""
        named = {key: text or "" for key, text in attrs}
        self._break(tag)
        self.tags.append((tag, named))
        for key, text in attrs:
            if key == "d" and _OUTLINE.fullmatch(text or ""):
                continue
            (self.shown if key in _SPOKEN or key.startswith("data-") else self.unseen).append(text or "")
        if tag == "style":
            self.styles.append("")
            self._into = self.styles
        elif tag == "script" and (named.get("type") or "text/javascript") in _PROGRAMS:
            self.programs.append("")
            self._into = self.programs
        elif tag == "script":
            self.blocks.append((named["type"], []))
            self._into = self.blocks[-1][1]

    def handle_endtag(self, tag: str) -> None:
        """Go back to what is shown."""
        self._break(tag)
        if tag in {"script", "style"}:
            self._into = self.shown

    def handle_data(self, data: str) -> None:
        """Keep a text where it belongs."""
        if self._into is self.programs or self._into is self.styles:
            self._into[-1] += data
            return
        if self._into is self.shown:
            self.flow.append(" ".join(data.split("\n")))
        if data.strip():
            self._into.append(data)

    def _break(self, tag: str) -> None:
        if tag not in _INLINE:
            self.flow.append("\n")

    def handle_comment(self, data: str) -> None:
        """Keep a comment."""
        self.unseen.append(data)

    def handle_decl(self, decl: str) -> None:
        """Keep a declaration."""
        self.unseen.append(decl)

    def handle_pi(self, data: str) -> None:
        """Keep an instruction."""
        self.unseen.append(data)

    def unknown_decl(self, data: str) -> None:
        """Keep a marked section."""
        self.unseen.append(data)


def of_html(content: bytes) -> Iterator[Piece]:
    """Read a page as people, screen readers and programs do."""
    text = decoded(content)
    if text.count("<") > MOST_MARKS:
        raise UnreadError("heeft te veel onderdelen om na te kijken")
    page = Page(text)
    lines = (line.strip() for line in "\n".join([*page.shown, "".join(page.flow)]).split("\n"))
    yield Text("tekst", "\n".join(dict.fromkeys(filter(None, lines))))
    for text in (*page.programs, *page.styles, "\n".join(page.unseen)):
        yield Text(UNSEEN, text)
    for kind, parts in page.blocks:
        if kind not in _BLOCKS:
            raise UnreadError("een gegevensblok is van een onbekende soort")
        yield from _BLOCKS[kind]("".join(parts))


def map_block(text: str) -> tuple[dict[str, object], bytes]:
    """Unpack the data block of the map: its header, and the bytes of its columns.

    Raises
    ------
    UnreadError
        When it is no such block, or holds more than its header says.
    """
    try:
        raw = inflated(base64.b64decode(text, validate=True))
        length = struct.unpack_from("<I", raw)[0]
    except (binascii.Error, struct.error):
        raise UnreadError("het gegevensblok is niet te lezen") from None
    header = parsed_json(decoded(raw[4 : 4 + length]))
    columns = raw[4 + length :]
    arrays = header.get("arrays") if isinstance(header, dict) else None
    if not isinstance(header, dict) or not isinstance(arrays, list) or _sizes(arrays) != len(columns):
        raise UnreadError("het gegevensblok heeft een andere maat dan het zegt")
    return header, columns


def _sizes(arrays: list[object]) -> int:
    """Bytes of the columns, as the header counts them; -1 when it does not."""
    total = 0
    for array in arrays:
        match array:
            case ["s3", int(count)] if count >= 0:
                total += 2 * count
            case [("i1" | "i2" | "i4" | "d1" | "d2" | "d4") as kind, int(count)] if count >= 0:
                total += int(str(kind)[1]) * count
            case ["look", int(), int()] | ["home", int(), int(), int(), int()]:
                pass  # follows from earlier columns
            case _:
                return -1
    return total


def _map(text: str) -> Iterable[Piece]:
    header, _ = map_block(text)  # the rest is columns of numbers
    return [Text("gegevensblok", "\n".join(strings(header)))]


_BLOCKS: dict[str, Callable[[str], Iterable[Piece]]] = {
    "application/json": lambda text: [Text("gegevensblok", "\n".join(strings(parsed_json(text))))],
    "application/octet-stream": _map,
    "text/plain": lambda text: [Text("tekstblok", text)],
}
"""Readers of the data blocks of a page, by the type that keeps a browser from running them."""
