"""CSV as columns of text, read in blocks: only the listed columns are ever in memory.

The digest and the parser see the same bytes as they pass. Whether they are UTF-8 is known at the end. A line that is
not is passed on as Windows-1252; when another line has signs in UTF-8, the file is neither, and all of it is dropped.
"""

import codecs
import csv
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from geoanalyse.contract import Found, as_listed, header_faults, places
from geoanalyse.faults import Fault, Kind

BLOCK = 1 << 22
"""Bytes that are read at a time; no row is longer."""
_PIECE = 1 << 20  # bytes that are parsed at a time, on every core
_WIDE = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
# Bytes that Windows-1252 leaves undefined, and signs that no text has.
_NO_TEXT = bytes({*range(32)} - {*b"\t\n\v\f\r"}) + b"\x7f\x81\x8d\x8f\x90\x9d"


def read(path: Path, listed: Sequence[str]) -> Found:
    """Read the listed columns of a CSV file.

    Parameters
    ----------
    path : Path
        Separated by semicolons, commas or tabs; UTF-8, Windows-1252 (when it is surely that) or UTF-16 with its mark.
    listed : sequence of str

    Returns
    -------
    Found
        Columns of text; ``form`` names an encoding other than UTF-8.

    Raises
    ------
    OSError
        When it cannot be opened or read.
    """
    with path.open("rb") as file:
        passing = _Passing(file)
        try:
            found = _columns(path.name, passing, listed)
        except pa.ArrowInvalid:
            found = Found("", faults=(Fault(Kind.UNREADABLE, path.name, detail="CSV"),))
        passing.drain()
    digest = passing.digest.hexdigest()
    if passing.broken and not passing.windows:
        return Found(digest, faults=(Fault(Kind.ENCODING, path.name, rows=passing.broken),))
    # an open quote swallows lines
    swallowed = max(map(_swallowing, found.columns.values()), default=0) if passing.quoted else 0
    broken = {Kind.RAGGED: passing.ragged, Kind.LINE_END: swallowed}
    faults = (*found.faults, *(Fault(kind, path.name, rows=rows) for kind, rows in broken.items() if rows))
    form = "csv (utf-16)" if passing.decoder else "csv (cp1252)" if passing.broken else "csv"
    return Found(digest, found.columns, found.rows, faults, form)


def _columns(file: str, passing: "_Passing", listed: Sequence[str]) -> Found:
    head = passing.head()
    delimiter = next((sign for sign in ";\t," if sign in head), ",")
    try:
        names = [name.strip() for name in next(csv.reader([head], delimiter=delimiter), [])]
    except csv.Error:
        return Found("", faults=(Fault(Kind.UNREADABLE, file, detail="CSV"),))
    names = as_listed(names, listed)
    width = len(names)
    while names and not names[-1]:  # many programs end every line with a separator
        names.pop()
    found = places(names, listed)
    wanted = [*found.values(), *(range(len(names), width) if found else ())]
    parts = [_parse(block, passing, width, delimiter, wanted) for block in passing.blocks() if found and block.strip()]
    passing.drain()
    faults = header_faults(file, names, listed, passing.rows())
    if not parts:
        return Found("", faults=faults)
    passing.ragged += sum(_beyond(part, range(len(names), width)) for part in parts)
    columns = {
        name: pa.chunked_array([chunk for part in parts for chunk in part.column(str(place)).chunks], pa.string())
        for name, place in found.items()
    }
    return Found("", columns, sum(part.num_rows for part in parts), faults)


def _parse(block: bytes, passing: "_Passing", width: int, delimiter: str, at: Sequence[int]) -> Any:  # noqa: ANN401
    """Parse whole lines. Arrow does not read the file: its threads would go on reading after a fault."""
    import pyarrow.csv as pv  # noqa: PLC0415 - each format loads its own parser

    def skip(_: object) -> str:
        passing.ragged += 1
        return "skip"

    wanted = [str(place) for place in at]
    return pv.read_csv(
        pa.BufferReader(block),
        read_options=pv.ReadOptions(column_names=[str(place) for place in range(width)], block_size=_PIECE),
        parse_options=pv.ParseOptions(delimiter=delimiter, invalid_row_handler=skip),
        convert_options=pv.ConvertOptions(
            include_columns=wanted,
            column_types=dict.fromkeys(wanted, pa.string()),
            check_utf8=False,  # all lines are seen as they pass, also those of columns that are not read
            null_values=[""],
            strings_can_be_null=True,
        ),
    )


def _beyond(part: Any, nameless: Iterable[int]) -> int:  # noqa: ANN401
    """Count rows with a value in columns at the end that have no name."""
    filled = [pc.is_valid(part.column(str(place))) for place in nameless]
    return pc.sum(reduce(pc.or_, filled)).as_py() or 0 if filled else 0


def _swallowing(column: pa.ChunkedArray) -> int:
    """Count values with a line end; whether there is one at all is soon seen."""
    rows = 0
    for chunk in column.chunks:
        signs = np.frombuffer(chunk.buffers()[2] or b"", np.uint8)
        if ((signs == ord("\n")) | (signs == ord("\r"))).any():
            rows += pc.sum(pc.match_substring_regex(chunk, r"[\r\n]")).as_py() or 0
    return rows


class _Passing:
    """The bytes of a file as they pass to the parser, in whole lines: their digest, and what encoding they can be.

    Attributes
    ----------
    broken : int
        Lines that are no text in UTF-8.
    windows : bool
        Whether they can be Windows-1252: no line has signs of UTF-8, and none has bytes that no text has.
    ragged : int
        Rows that the parser left out.
    quoted : bool
        Whether a quote has passed below the line with names.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.digest = hashlib.sha256()
        self.decoder: codecs.IncrementalDecoder | None = None
        self.broken = self.ragged = 0
        self.windows = True
        self.quoted = False
        self._feeds = self._returns = 0
        self._ended = True
        self._tail = b""
        self._file = file
        self._ahead = self._start()

    def _start(self) -> bytes:
        first = self._file.read(2)
        if first in _WIDE:
            self.digest.update(first)
            self.decoder = codecs.getincrementaldecoder(_WIDE[first])()
        else:
            self._file.seek(0)
        return self._next().removeprefix(codecs.BOM_UTF8)

    def head(self) -> str:
        """First line that is not blank, without its end; a line ``sep=;`` above it is meant for Excel."""
        line = self._line()
        while line and (not line.strip(b' \t;,"') or re.fullmatch(rb"(?i)\"?sep=.\"?", line)):
            line = self._line()
        self.quoted = b'"' in self._ahead
        return line.decode("utf-8", errors="replace")

    def _line(self) -> bytes:
        body = self._ahead.lstrip(b"\r\n")
        found = re.match(rb"[^\r\n]*", body)
        line = found[0] if found else b""
        self._ahead = body[len(line) :]
        return line

    def blocks(self) -> Iterator[bytes]:
        """Give the rest in whole lines."""
        yield self._ahead
        while block := self._next():
            yield block

    def drain(self) -> None:
        """Let the rest pass."""
        while self._next():
            pass

    def rows(self) -> int:
        """Lines below the one with names, when all have passed."""
        return max(0, (self._feeds or self._returns) + (not self._ended) - 1)

    def _next(self) -> bytes:
        """Next bytes as UTF-8; none at the end, and only then."""
        while True:
            block = self._file.read(BLOCK) or b""
            block += (
                self._file.readline(_PIECE) if self.decoder is None else b""
            )  # whole lines, without copying them again
            self.digest.update(block)
            lines = self._seen(block if self.decoder is None else self._narrow(self.decoder, block), end=not block)
            if lines or not block:
                return lines

    def _narrow(self, decoder: codecs.IncrementalDecoder, block: bytes) -> bytes:
        try:
            return decoder.decode(block, final=not block).encode()
        except UnicodeError:
            self.broken += 1
            self.windows = False
            decoder.reset()
            return b""

    def _seen(self, block: bytes, *, end: bool) -> bytes:
        self._feeds += (feeds := block.count(b"\n"))
        self._returns += 0 if feeds else block.count(b"\r")
        self.quoted = self.quoted or b'"' in block
        self._ended = block.endswith((b"\n", b"\r")) if block else self._ended
        whole, self._tail = self._tail + block, b""
        cut = whole.rfind(b"\n") + 1 or whole.rfind(b"\r") + 1
        if not end and len(whole) - cut <= BLOCK:  # no table has longer lines
            whole, self._tail = whole[:cut], whole[cut:]
        return whole if _ascii(whole) else self._weighed(whole)

    def _weighed(self, lines: bytes) -> bytes:
        """Count lines that are not UTF-8, see whether they can be Windows-1252, and take them for that."""
        if _decodes(lines):
            self.windows = False
            return lines
        for line in lines.splitlines():
            if not _ascii(line):
                right = _decodes(line)
                self.broken += not right
                self.windows = self.windows and not right
        self.windows = self.windows and len(lines.translate(None, _NO_TEXT)) == len(lines)
        return lines.decode("cp1252", errors="replace").encode()


def _ascii(data: bytes) -> bool:
    """Whether data reads the same in every encoding; UTF-16 without its mark is full of zeros."""
    return data.isascii() and b"\0" not in data


def _decodes(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in data
