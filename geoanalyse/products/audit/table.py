"""``zones.parquet`` as columns of numbers: the published table, without trust in a single cell of it."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geoanalyse import digest
from geoanalyse.errors import ReleaseError
from geoanalyse.products.containers import parquet
from geoanalyse.products.contents import UnreadError
from geoanalyse.products.gis import NULLABLE, SIDES, ZONES_SCHEMA

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]

HEXAGONAL = ("zone", "res9", "res8")
MARK = "geoanalyse:"
_LARGEST = 10**9
_OWN = {"base": "b", "basis": "base"}  # what the published table calls them before it is written


class TableError(ReleaseError):
    """The table cannot be judged row by row."""


@dataclass(frozen=True, slots=True)
class Published:
    """The rows of the table, as equally long columns.

    Attributes
    ----------
    zone, level, gebiedscode, layer, basis, profile, status, rounding : ndarray of str (object), shape (n,)
        Empty text where `rounding` is null.
    addresses, buildings, b, value, terms : ndarray of int64, shape (n,)
        `value` and `terms` are -1 where they are null.
    start, end : ndarray of datetime64[D], shape (n,)
    cells : ndarray of uint64
        Those of row ``i`` are ``cells[first[i]:first[i + 1]]``.
    first : ndarray of int64, shape (n + 1,)
    celled : ndarray of bool, shape (n,)
        Whether `cells` is not null.
    geometry : pyarrow.DictionaryArray
        WKB.
    boxes : ndarray of float32, shape (n, 4)
        Covering of each geometry: west, south, east, north; NaN where there is none.
    geo : object
        What the file says of its geometry, as parsed JSON; None when that is none.
    period : tuple of datetime.date
        The first start and the last end.
    shown, whole : ndarray of bool, shape (n,)
        Whether a row has a figure, and whether it is about the whole period.
    digest : str
        SHA-256 of the rows (`digest.of_table`).
    marks : mapping of str to str
        Metadata under ``geoanalyse:``, by the rest of the key.
    """

    zone: Texts
    level: Texts
    gebiedscode: Texts
    layer: Texts
    basis: Texts
    profile: Texts
    status: Texts
    rounding: Texts
    addresses: Ints
    buildings: Ints
    b: Ints
    value: Ints
    terms: Ints
    start: npt.NDArray[np.datetime64]
    end: npt.NDArray[np.datetime64]
    cells: npt.NDArray[np.uint64]
    first: Ints
    celled: Bools
    geometry: pa.Array
    boxes: Floats
    geo: object
    period: tuple[dt.date, dt.date]
    shown: Bools
    whole: Bools
    digest: str
    marks: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.zone)

    @property
    def wide(self) -> Ints:
        """Give the number of cells of each row."""
        return np.diff(self.first)

    def cells_of(self, row: int) -> npt.NDArray[np.uint64]:
        """Give the cells of one row."""
        return self.cells[self.first[row] : self.first[row + 1]]


def published(content: bytes) -> Published:
    """Read the table.

    Raises
    ------
    TableError
        When it is no Parquet, has other columns, an empty cell where there must be none, or a number that cannot be.
    """
    try:
        file, table = parquet(content)
    except UnreadError as error:
        raise TableError(str(error.args[0])) from None
    if file.schema_arrow.remove_metadata() != ZONES_SCHEMA.remove_metadata():
        raise TableError("heeft niet de kolommen van de gepubliceerde tabel (docs/schema.md)")
    empty = [name for name in ZONES_SCHEMA.names if name not in NULLABLE and table[name].null_count]
    if empty:
        raise TableError(f"heeft lege cellen in {', '.join(empty)}")
    if not table.num_rows:
        raise TableError("heeft geen enkele rij")
    cells = table["cells"].combine_chunks()
    if cells.values.null_count:
        raise TableError("heeft lege cellen in cells")
    numbers = {name: _whole(table[name]) for name in ("addresses", "buildings", "base", "value", "atoms")}
    if any(values.max() > _LARGEST or (pc.min(table[name]).as_py() or 0) < 0 for name, values in numbers.items()):
        raise TableError("heeft een getal onder nul, of een dat te groot is")
    start, end = (table[name].combine_chunks().cast(pa.int32()).to_numpy() for name in ("start", "end"))
    status = _texts(table["status"])
    metadata = {key.decode("utf-8", "replace"): text for key, text in (file.metadata.metadata or {}).items()}
    return Published(
        **{name: _texts(table[name]) for name in ("zone", "level", "gebiedscode", "layer", "basis", "profile")},
        status=status,
        rounding=_texts(table["rounding"]),
        addresses=numbers["addresses"],
        buildings=numbers["buildings"],
        b=numbers["base"],
        value=numbers["value"],
        terms=numbers["atoms"],
        start=start.astype("datetime64[D]"),
        end=end.astype("datetime64[D]"),
        cells=cells.flatten().to_numpy(),
        first=np.concatenate([[0], np.cumsum(_whole(pc.list_value_length(cells), 0))]),
        celled=cells.is_valid().to_numpy(zero_copy_only=False),
        geometry=table["geometry"].combine_chunks(),
        boxes=_boxes(table["bbox"]),
        geo=_geo(metadata.get("geo", b"")),
        period=_period(start, end),
        shown=(status == "waarde") | (status == "cap"),
        whole=(start == start.min()) & (end == end.max()),
        digest=digest.of_table(table.rename_columns([_OWN.get(name, name) for name in table.column_names])),
        marks={
            key.removeprefix(MARK): text.decode("utf-8", "replace")
            for key, text in metadata.items()
            if key.startswith(MARK)
        },
    )


def _period(start: Ints, end: Ints) -> tuple[dt.date, dt.date]:
    days = np.concatenate([start, end]).astype(np.int64) + dt.date(1970, 1, 1).toordinal()
    if days.min() < dt.date(1900, 1, 1).toordinal() or days.max() > dt.date(2200, 1, 1).toordinal():
        raise TableError("heeft een datum die niet kan")
    first, last = int(days[: len(start)].min()), int(days[len(start) :].max())
    return dt.date.fromordinal(first), dt.date.fromordinal(last)


def _boxes(column: pa.ChunkedArray) -> Floats:
    sides = [np.asarray(column.combine_chunks().flatten()[place].fill_null(np.nan)) for place in range(len(SIDES))]
    return np.stack(sides, axis=1)


def _geo(text: bytes) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _texts(column: pa.ChunkedArray) -> Texts:
    return np.asarray(pc.fill_null(column.cast(pa.string()), ""), dtype=object)


def _whole(column: pa.ChunkedArray | pa.Array, empty: int = -1) -> Ints:
    return np.asarray(pc.fill_null(column.cast(pa.int64()), empty), dtype=np.int64)
