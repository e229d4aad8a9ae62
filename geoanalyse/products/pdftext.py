"""Every text of a PDF: of the pages, as PDFium reads them, and of all that stands beside them.

PDFium gives the words of a page, whatever the font calls its glyphs. What is not on a page (metadata, outlines,
alternative texts, names, attachments) is swept from the bytes themselves: every string, every stream unpacked, every
comment. So an object that nothing points at is read too.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from geoanalyse.products.contents import LARGEST, Piece, Text, UnreadError, decoded, inflated

FORBIDDEN = (
    *("AA", "AcroForm", "AP", "EF", "EmbeddedFile", "EmbeddedFiles", "Encrypt", "F", "FFilter", "Filespec"),
    *("FS", "GoToE", "GoToR", "Hide", "ImportData", "JS", "JavaScript", "Launch", "Movie", "Named", "ObjStm"),
    *("OpenAction", "PieceInfo", "Rendition", "ResetForm", "RichMedia", "Sound", "SubmitForm", "Thread", "URI", "XFA"),
)
"""Names of what our factsheets never have: what opens, loads, runs, or hides a file or a second version."""

PAGE = "bladzijde "
"""Start of the name of the part that holds what a page shows."""

_MOST_PAGES = 100
_HYPHENS = re.compile("[\x02\xad\ufffe](?:\r?\n)?")  # of words that run on in the next line
_FONTS = (b"\x00\x01\x00\x00", b"OTTO", b"true", b"\x01\x00\x04")
_STREAM = re.compile(rb"stream\r?\n")
_BRACKET = re.compile(rb"\\.|[()]", re.DOTALL)
_HEX = re.compile(rb"<((?:[0-9A-Fa-f]\s*)+)>")
_NAME = re.compile(rb"/([^\x00-\x20/<>\[\]()%{}]+)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_COMMENT = re.compile(rb"%[^\r\n]*")
_DIGEST = rb"\(([A-Za-z0-9+/]{22}==)\)"
_IDENTIFIERS = re.compile(rb"/ID ?\[" + _DIGEST + _DIGEST + rb"\]")
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b""}


class _Swept(NamedTuple):
    """The bytes of a PDF, apart: its objects without their streams, and each stream with the object in front of it."""

    objects: bytes
    streams: list[tuple[bytes, bytes]]

    @property
    def heads(self) -> Iterator[bytes]:
        """All that is no stream."""
        yield self.objects
        yield from (head for head, _ in self.streams)


def of_pdf(content: bytes) -> Iterator[Piece]:
    """Read the pages of a PDF, and everything that is no page.

    Raises
    ------
    UnreadError
        When it is damaged, has something behind its end, or holds what has no place in a factsheet.
    """
    if not content.startswith(b"%PDF-1.") or len(content) > LARGEST:
        raise UnreadError("is geen leesbare PDF")
    if content.count(b"%%EOF") != 1 or content.rstrip()[-5:] != b"%%EOF":
        raise UnreadError("achter het einde van de PDF staat nog iets")
    swept = _sweep(content)
    names = set(map(_name, {name for head in swept.heads for name in _NAME.findall(_split(head)[1])}))
    unwanted = sorted(names & set(FORBIDDEN))
    if unwanted:
        raise UnreadError(f"in de PDF staat een onderdeel dat hier niet hoort: {', '.join(unwanted)}")
    digests = {digest.decode("ascii") for found in _IDENTIFIERS.findall(content)[-1:] for digest in found}

    def read(texts: Iterable[str]) -> str:
        """Put texts together, without the digests that name the file: in their chance signs anything may seem to be."""
        joined = "\n".join(texts)
        for digest in digests:
            joined = joined.replace(digest, "")
        return joined

    yield Text("namen", "\n".join(sorted(names)))
    yield Text("metagegevens en structuur", read(_said(swept.objects)))
    room = LARGEST
    for head, stream in swept.streams:
        raw = _unpacked(head, stream, room)
        room -= len(raw)
        yield Text("stromen", read(_of_stream(head, raw)))
    for number, text in enumerate(page_texts(content), 1):
        yield Text(f"{PAGE}{number}", text)


def page_texts(content: bytes) -> Iterator[str]:
    """Give the text of each page, with lines that run on joined.

    Raises
    ------
    UnreadError
        When PDFium cannot read it.
    """
    import pypdfium2  # noqa: PLC0415 - loads PDFium

    try:
        document = pypdfium2.PdfDocument(content)
        try:
            if len(document) > _MOST_PAGES:
                raise UnreadError("de PDF heeft te veel bladzijden om na te kijken")
            for page in document:
                text = page.get_textpage().get_text_range()
                yield re.sub(r"\s*\r?\n", " ", _HYPHENS.sub("", text))
        finally:
            document.close()
    except pypdfium2.PdfiumError:
        raise UnreadError("is geen leesbare PDF") from None


def _sweep(content: bytes) -> _Swept:
    objects, streams, at = [], [], 0
    for match in _STREAM.finditer(content):
        if match.start() < at or content[match.start() - 3 : match.start()] == b"end":
            continue
        end = content.find(b"endstream", match.end())
        head = content[content.rfind(b" obj", at, match.start()) : match.start()]
        if end < 0:
            raise UnreadError("de PDF is afgebroken")
        objects.append(content[at : match.start()])
        streams.append((head, content[match.end() : end]))
        at = end + len(b"endstream")
    objects.append(content[at:])
    return _Swept(b"\n".join(objects), streams)


def _unpacked(head: bytes, stream: bytes, most: int) -> bytes:
    filters = set(re.findall(rb"/(\w+)", b" ".join(re.findall(rb"/Filter\s*(\[[^\]]*\]|/\w+)", head))))
    if filters - {b"FlateDecode"}:
        raise UnreadError("een deel van de PDF is ingepakt op een manier die hier niet hoort")
    return inflated(stream, most=most) if filters else stream


def _of_stream(head: bytes, raw: bytes) -> Iterator[str]:
    if b"/XML" in head:
        yield decoded(raw)
    elif raw.startswith(_FONTS):
        yield from (run.decode("ascii") for run in re.findall(rb"[\x20-\x7e]{12,}", raw))
    else:
        yield from _said(raw)


def _name(name: bytes) -> str:
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda code: bytes([int(code[1], 16)]), name).decode("latin-1")


def _split(source: bytes) -> tuple[list[bytes], bytes]:
    """Take the strings in brackets out: they, and what is left. Brackets in pairs may stand inside a string."""
    strings, rest, depth, start, at = list[bytes](), list[bytes](), 0, 0, 0
    for match in _BRACKET.finditer(source):
        if match[0] == b"(":
            depth += 1
            if depth == 1:
                rest.append(source[at : match.start()])
                start = match.end()
        elif match[0] == b")" and depth:
            depth -= 1
            if depth == 0:
                strings.append(source[start : match.start()])
                at = match.end()
    return strings + ([source[start:]] if depth else []), b" ".join([*rest, b"" if depth else source[at:]])


def _said(source: bytes) -> Iterator[str]:
    """Give the strings that are text, and the comments; strings of glyph numbers are read from the page."""
    literals, rest = _split(source)
    for string in (*map(_unescaped, literals), *map(_from_hex, _HEX.findall(rest))):
        text = _text(string)
        if text and not _CONTROL.search(text):
            yield text
    yield from (comment.decode("latin-1") for comment in _COMMENT.findall(rest))


def _from_hex(digits: bytes) -> bytes:
    packed = b"".join(digits.split()).decode("ascii")
    return bytes.fromhex(packed + "0" * (len(packed) % 2))


def _unescaped(literal: bytes) -> bytes:
    def sign(match: re.Match[bytes]) -> bytes:
        code = match[1]
        return bytes([int(code, 8) & 255]) if code[0:1].isdigit() else _ESCAPES.get(code, code)

    return re.sub(rb"\\([0-7]{1,3}|\r\n|.)", sign, literal, flags=re.DOTALL)


def _text(string: bytes) -> str:
    if string.startswith(codecs.BOM_UTF16_BE):
        return string[2:].decode("utf-16-be", "replace")
    if string.startswith(codecs.BOM_UTF8):
        return string[3:].decode("utf-8", "replace")
    return string.decode("latin-1")
