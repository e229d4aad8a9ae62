"""The pages of a Parquet file, by their own headers: what they would become, before anything is unpacked.

The footer only claims how much there is; a reader sets memory aside for what the header of each page says. Headers are
Thrift structs in the compact protocol (parquet.thrift of the format's specification).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from geoanalyse.products.contents import UnreadError

DATA, DICTIONARY, DATA_V2 = 0, 2, 3
"""Kinds of page."""
PLAIN, PLAIN_DICTIONARY, RLE, RLE_DICTIONARY = 0, 2, 3, 8
"""Encodings that geoanalyse writes; others repeat parts of texts and can grow without end."""

_HEADERS = {DATA: 5, DICTIONARY: 7, DATA_V2: 8}  # field of the page header with the header of its own kind
_DEEPEST = 4
_TRUE, _FALSE, _BINARY, _STRUCT = 1, 2, 8, 12
_SKIPPED = {_TRUE: 0, _FALSE: 0, 3: 1, 7: 8}  # bytes of a boolean (none), a byte and a double
_WHOLE = (4, 5, 6)
_LISTS = (9, 10)
_MOST_ITEMS = 64

Struct = dict[int, "int | Struct"]


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its kind and encoding, and how many values and bytes it becomes."""

    kind: int
    encoding: int
    values: int
    unpacked: int


def pages(content: bytes, start: int, end: int) -> Iterator[Page]:
    """Read the headers of the pages of one column chunk.

    Parameters
    ----------
    content : bytes
        The whole file.
    start, end : int
        Where the chunk lies; its pages fill it exactly.

    Raises
    ------
    UnreadError
        When they do not, or a header is no page header.
    """
    at = start
    while at < end:
        try:
            header, at = _struct(content, at)
            kind, unpacked, packed = header[1], header[2], header[3]
            own = header[_HEADERS[kind]]  # type: ignore[index]
            values, encoding = own[1], own[4 if kind == DATA_V2 else 2]  # type: ignore[index]
            found = Page(*map(_count, (kind, encoding, values, unpacked)))
            at += _count(packed)
        except (KeyError, TypeError, IndexError, struct.error):
            raise UnreadError("een bladzijde van het Parquet-bestand is niet te lezen") from None
        yield found
    if at != end:
        raise UnreadError("een bladzijde van het Parquet-bestand is afgebroken")


def _count(value: object) -> int:
    if not isinstance(value, int) or value < 0:
        raise TypeError
    return value


def _struct(content: bytes, at: int, depth: int = 0) -> tuple[Struct, int]:
    """Read the whole numbers and structs of a struct, by field, and where it ends; the rest is skipped."""
    if depth > _DEEPEST:
        raise TypeError
    found: Struct = {}
    field = 0
    while content[at]:
        step, kind = content[at] >> 4, content[at] & 15
        at += 1
        if step:
            field += step
        else:
            field, at = _zigzag(content, at)
        value, at = _value(content, at, kind, depth)
        if value is not None:
            found[field] = value
    return found, at + 1


def _value(content: bytes, at: int, kind: int, depth: int) -> "tuple[int | Struct | None, int]":
    if kind in _SKIPPED:
        return None, at + _SKIPPED[kind]
    if kind in _WHOLE:
        return _zigzag(content, at)
    if kind == _BINARY:
        size, at = _varint(content, at)
        return None, at + size
    if kind == _STRUCT:
        return _struct(content, at, depth + 1)
    if kind in _LISTS:
        return None, _after_list(content, at, depth)
    raise TypeError


def _after_list(content: bytes, at: int, depth: int) -> int:
    size, kind = content[at] >> 4, content[at] & 15
    at += 1
    if size == 15:  # noqa: PLR2004 - the size follows
        size, at = _varint(content, at)
    if size > _MOST_ITEMS or depth > _DEEPEST:
        raise TypeError
    for _ in range(size):
        _, at = _value(content, at + (kind in (_TRUE, _FALSE)), kind, depth + 1)
    return at


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 64:  # noqa: PLR2004 - bits of the largest number
        byte = content[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:  # noqa: PLR2004 - the last byte
            return value, at
    raise TypeError


def _zigzag(content: bytes, at: int) -> tuple[int, int]:
    value, at = _varint(content, at)
    return (value >> 1) ^ -(value & 1), at
