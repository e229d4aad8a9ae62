"""The block of data in the map: a JSON header with columns of numbers as one base64 text, and back.

`pack` and `unpack` are the two ends of the format; ``static/decode.js`` reads it in the browser. The block is
zlib( length of header as uint32, header as UTF-8 JSON, columns ). The header's ``arrays`` lists the columns in order.
Those that are stored have a kind and a number of values; their bytes stand plane by plane (all lowest bytes first),
which compresses better:

- ``i1 i2 i4``: signed integers; ``d1 d2 d4``: differences of successive integers (they wrap at 32 bits)
- ``s3``: numbers of three significant digits in 16 bits, also negative ones (`three_digits`)

Two more kinds follow from earlier columns and take no bytes:

- ``["look", index, table]``: the values of ``table`` at the positions in ``index``. Units with the same count and the
  same number of addresses have the same margin, rate and class, so that all figures together cost about one column.
- ``["home", offset, none, high, low]``: the unit of each cell, for units that are named after one of their cells and
  stand in the order of their names. The unit of cell c is named after cell c + offset[c], whose name is (high, low);
  where ``none`` is negative there is no unit, and that is the value.
"""

import base64
import json
import struct
import unicodedata
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from geoanalyse.grid import Cells

Ints = npt.NDArray[np.int64]

_CONTROL = ("Cc", "Cs")
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SMALLEST = 1e-11  # smaller numbers are written as 0
MOST_NUMBERS = 50_000_000
"""Numbers in all columns of one map."""
_WORTH = 4  # a table of distinct rows is used when there are this many times fewer of them


@dataclass(slots=True)
class Columns:
    """Columns of numbers on their way into the block; equal columns are stored once."""

    specs: list[list[str | int]] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)
    _known: dict[tuple[str, bytes], int] = field(default_factory=dict)

    def integers(self, values: npt.ArrayLike, *, difference: bool = False) -> int:
        """Add whole numbers within 32 bits, give the number of the column."""
        numbers = np.asarray(values).astype(np.int64).ravel()
        if difference:
            numbers = np.diff(numbers, prepend=0)
            numbers = (numbers + 2**31) % 2**32 - 2**31
        low, high = (int(numbers.min()), int(numbers.max())) if len(numbers) else (0, 0)
        size = next(size for size in (1, 2, 4) if -(2 ** (8 * size - 1)) <= low and high < 2 ** (8 * size - 1))
        return self._add(f"{'d' if difference else 'i'}{size}", numbers.astype(f"<i{size}"))

    def coded(self, codes: Ints) -> int:
        """Add numbers that `three_digits` coded."""
        return self._add("s3", codes.astype("<i2"))

    def cells(self, values: npt.ArrayLike) -> list[int]:
        """Add H3 indexes as two columns: the high and the low 32 bits."""
        numbers = np.asarray(values, dtype=np.uint64)
        high, low = numbers >> np.uint64(32), numbers & np.uint64(0xFFFFFFFF)
        return [self.integers(high, difference=True), self.integers(low, difference=True)]

    def figures(self, integers: Mapping[str, Ints], coded: Mapping[str, Ints]) -> dict[str, int]:
        """Add columns of one length that go together: as a table of distinct rows where few rows are distinct."""
        row, first = _distinct([*integers.values(), *coded.values()])
        few = len(first) * _WORTH <= len(row)
        rows = first if few else np.arange(len(row))
        added = {name: self.integers(values[rows]) for name, values in integers.items()}
        added |= {name: self.coded(values[rows]) for name, values in coded.items()}
        if few:
            index = self.integers(row)
            added = {name: self._derived("look", index, table) for name, table in added.items()}
        return added

    def owners(self, unit: npt.NDArray[np.int32], names: Cells, cells: Cells, named: Sequence[int]) -> int:
        """Add the unit of each cell, negative for none; `names` are those of the units and ascend.

        Where every unit is named after one of the cells it holds, only the way to that cell is kept.
        """
        has = unit >= 0
        order = np.argsort(cells)
        spot = np.minimum(np.searchsorted(cells[order], names), len(cells) - 1)
        at = order[spot]
        if not len(names) or (cells[at] != names).any() or (unit[at] != np.arange(len(names))).any():
            return self.integers(unit, difference=True)
        offset = np.where(has, at[np.maximum(unit, 0)] - np.arange(len(unit)), 0)
        return self._derived("home", self.integers(offset), self.integers(np.where(has, 0, unit)), *named)

    def _add(self, kind: str, values: npt.NDArray[Any]) -> int:
        planes = values.view(np.uint8).reshape(len(values), values.itemsize).T.tobytes()
        if (kind, planes) not in self._known:
            self._known[(kind, planes)] = len(self.specs)
            self.specs.append([kind, len(values)])
            self.parts.append(planes)
        return self._known[(kind, planes)]

    def _derived(self, kind: str, *of: int) -> int:
        key = (kind, repr(of).encode())
        if key not in self._known:
            self._known[key] = len(self.specs)
            self.specs.append([kind, *of])
        return self._known[key]


def _distinct(columns: Sequence[Ints]) -> tuple[Ints, Ints]:
    """Give the number of the distinct row of each row, and where each distinct row is found; distinct rows ascend."""
    import pandas as pd  # noqa: PLC0415 - half a second, which readers of a map need not wait for

    code = np.zeros(len(columns[0]), dtype=np.int64)
    for values in columns:
        own, known = pd.factorize(values)
        code = pd.factorize(code * (len(known) + 1) + own)[0].astype(np.int64)
    first = np.unique(code, return_index=True)[1]  # factorize numbers by first appearance, so this ascends
    order = np.lexsort([values[first] for values in reversed(columns)])
    rank = np.empty(len(first), dtype=np.int64)
    rank[order] = np.arange(len(first))
    return rank[code], first[order]


def three_digits(values: npt.NDArray[np.float64]) -> Ints:
    """Code numbers with three significant digits; 0 is zero, and nan becomes -1.

    The code of a positive number is ``900 * (exponent + 12) + mantissa - 99``; that of a negative one is -1 minus the
    code of its opposite.

    Examples
    --------
    >>> from_three_digits(three_digits(np.array([0.0, 0.012345, 1.0, 999.6, np.nan, -2.5]))).tolist()
    [0.0, 0.0123, 1.0, 1000.0, nan, -2.5]
    """
    size = np.abs(values)
    counts = size >= _SMALLEST
    safe = np.where(counts, size, 1.0)
    exponent = np.floor(np.log10(safe)).astype(np.int64)
    mantissa = np.rint(safe / 10.0 ** (exponent - 2)).astype(np.int64)
    over = mantissa >= 1000  # noqa: PLR2004 - rounded up to four digits
    exponent, mantissa = exponent + over, np.where(over, 100, np.maximum(mantissa, 100))
    code = 900 * (np.minimum(exponent, 20) + 12) + mantissa - 99
    code = np.where(values < 0, -1 - code, code)
    return np.where(np.isnan(values), -1, np.where(counts, code, 0))


def from_three_digits(codes: Ints) -> npt.NDArray[np.float64]:
    """Decode what `three_digits` coded."""
    sizes = np.where(codes < -1, -1 - codes.astype(np.int64), codes.astype(np.int64))
    rest = sizes - 1
    text = [f"{100 + number % 900}e{number // 900 - 14}" for number in rest.tolist()]
    numbers = np.array(text, dtype=str).astype(float) * np.where(codes < 0, -1.0, 1.0)
    return np.where(codes == -1, np.nan, np.where(codes == 0, 0.0, numbers))


def pack(header: Mapping[str, Any], columns: Columns) -> str:
    """Write header and columns as one base64 text; same content, same text."""
    whole = _clean({**header, "arrays": columns.specs})
    encoded = json.dumps(whole, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")
    raw = b"".join([struct.pack("<I", len(encoded)), encoded, *columns.parts])
    return base64.b64encode(zlib.compress(raw, 6)).decode("ascii")


def _clean(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Drop control characters and those that reverse the reading direction of what follows; a name must stay a name."""
    if isinstance(value, str):
        if value.isascii() and value.isprintable():
            return value
        return "".join(
            letter for letter in value if unicodedata.category(letter) not in _CONTROL and letter not in _BIDI
        )
    if isinstance(value, Mapping):
        return {_clean(key): _clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(each) for each in value]
    return value


def unpack(text: str) -> tuple[dict[str, Any], list[npt.NDArray[Any]]]:
    """Read what `pack` wrote: the header and the columns as numbers."""
    raw = zlib.decompress(base64.b64decode(text))
    length = struct.unpack_from("<I", raw)[0]
    header = json.loads(raw[4 : 4 + length])
    return header, numbers(header["arrays"], raw[4 + length :])


def numbers(arrays: Sequence[Sequence[Any]], raw: bytes) -> list[npt.NDArray[Any]]:
    """Read the columns behind a header.

    Parameters
    ----------
    arrays : sequence
        As the header lists them; those that are stored are together as long as `raw`.
    raw : bytes

    Raises
    ------
    ValueError
        When there are more than `MOST_NUMBERS`: columns that follow from others take no bytes.
    """
    at = 0
    columns: list[npt.NDArray[Any]] = []
    for kind, count, *more in arrays:
        if sum(map(len, columns)) > MOST_NUMBERS:
            raise ValueError("te veel getallen")
        if kind == "look":
            columns.append(columns[more[0]][columns[count]])
            continue
        if kind == "home":
            columns.append(_owners(*(columns[number] for number in (count, *more))))
            continue
        size = 2 if kind == "s3" else int(kind[1])
        planes = np.frombuffer(raw, np.uint8, size * count, at).reshape(size, count)
        values = np.ascontiguousarray(planes.T).view(f"<i{size}").ravel().astype(np.int64)
        if kind == "s3":
            columns.append(from_three_digits(values))
        elif kind[0] == "d":
            columns.append((np.cumsum(values) + 2**31) % 2**32 - 2**31)
        else:
            columns.append(values)
        at += size * count
    return columns


def _owners(offset: Ints, none: Ints, high: Ints, low: Ints) -> Ints:
    has = none >= 0
    home = (np.arange(len(offset)) + offset)[has]
    unit = none.copy()
    unit[has] = np.unique((high[home] % 2**32) * 2**32 + low[home] % 2**32, return_inverse=True)[1]
    return unit
