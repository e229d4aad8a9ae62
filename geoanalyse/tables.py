"""Input files as typed columns, read against a list of allowed columns.

A column that is not listed is never parsed. A file is read once; the digest and every parser see the same bytes, and
nothing is ever written beside the input (SQLite would).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from geoanalyse import csvfile, geofile, spreadsheet
from geoanalyse.contract import Found, shown
from geoanalyse.faults import TEXTS, Fault, Kind

__all__ = ["FORMATS", "OTHER_FORMATS", "TEXTS", "Fault", "Kind", "Table", "read", "shown"]

FORMATS: Mapping[str, Callable[[Path, Sequence[str]], Found]] = {
    "csv": csvfile.read,
    "parquet": geofile.parquet,
    "gpkg": geofile.geopackage,
    "xlsx": spreadsheet.read,
    "ods": spreadsheet.read,
    "shp": geofile.shapefile,
    "geojson": geofile.geojson,
}
OTHER_FORMATS = frozenset(
    {
        *("", "accdb", "arrow", "db", "dbf", "dta", "feather", "fgb", "fods", "gdb", "gml", "json", "jsonl", "kml"),
        *("kmz", "mdb", "ndjson", "numbers", "orc", "pq", "rds", "sav", "sqlite", "tab", "tsv", "txt", "xls", "xlsb"),
        *("xlsm", "7z", "bz2", "gz", "rar", "tar", "tgz", "xz", "zip", "zst"),
    }
)
"""Forms of a table that are not read: one that is called like a table is refused, as it would be missed."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Table:
    """Listed columns of one file, typed but unchecked, with what is wrong with the file itself.

    Attributes
    ----------
    file, format, digest : str
        File name, form (suffix without dot, and the encoding where it is not the usual one), SHA-256 of the bytes.
    rows : int
        Rows with at least one value.
    columns : mapping of str to pyarrow.Array
        Text (trimmed), whole numbers, fractions, dates or times without zone; null where empty.
    faults : tuple of Fault
        Faults that no share of rows excuses.
    """

    file: str
    format: str
    digest: str
    rows: int = 0
    columns: Mapping[str, pa.Array] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    def __repr__(self) -> str:
        return f"Table({self.file}, {self.rows} rows)"


def read(path: Path, listed: Sequence[str]) -> Table:
    """Read the listed columns of a file.

    Parameters
    ----------
    path : Path
        File with a suffix of :data:`FORMATS`.
    listed : sequence of str
        All columns of the contract; each is required. In a file with points in RD, their geometry stands for ``oost``,
        ``noord`` and ``crs``.

    Returns
    -------
    Table
        With every fault of the file's form; it does not raise on bad input.
    """
    suffix = path.suffix.lower().removeprefix(".")
    try:
        if path.stat().st_size == 0:
            return Table(path.name, suffix, _NOTHING, faults=(Fault(Kind.NO_ROWS, path.name),))
        found = FORMATS[suffix](path, listed)
    except OSError:
        return Table(path.name, suffix, "", faults=(Fault(Kind.CLOSED, path.name),))
    form, digest, rows = found.form or suffix, found.digest, found.rows
    columns, faults, waiting = {}, list(found.faults), dict(found.columns)
    del found  # so that what a column was read as goes when it has been made plain
    for name in tuple(waiting):
        plain = _plain(waiting.pop(name))
        if isinstance(plain, Kind):
            faults.append(Fault(plain, path.name, name, detail="2 GB tekst" if plain is Kind.TOO_LARGE else ""))
        else:
            columns[name] = plain
    columns = _without_blank_rows(columns)
    rows = len(next(iter(columns.values()))) if columns else rows
    if rows == 0 and not faults:
        faults.append(Fault(Kind.NO_ROWS, path.name))
    return Table(path.name, form, digest, rows, columns, tuple(faults))


_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # SHA-256 of no bytes


def _plain(column: Any) -> pa.Array | Kind:  # noqa: ANN401
    """Text, int64, float64, date32 or a naive timestamp; what is wrong for any other type."""
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    made = [_plain_part(chunk) for chunk in chunks] or [_plain_part(pa.array([], column.type))]
    if any(part is None for part in made):
        return Kind.TYPE
    try:
        return made[0] if len(made) == 1 else pa.concat_arrays(made)
    except pa.ArrowInvalid:  # more text than one array can point at
        return Kind.TOO_LARGE


def _plain_part(array: pa.Array) -> pa.Array | None:
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    kind = array.type
    if pa.types.is_null(kind):
        return array.cast(pa.string())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _trimmed(array.cast(pa.string()))
    if pa.types.is_integer(kind) or pa.types.is_date(kind):
        return array
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        number = array.cast(pa.float64())
        nan = pc.is_nan(number)  # pandas writes missing as NaN
        return pc.if_else(nan, pa.scalar(None, pa.float64()), number) if pc.any(nan).as_py() else number
    if pa.types.is_timestamp(kind) and kind.tz is None:
        return array
    return None


def _trimmed(text: pa.Array) -> pa.Array:
    """Text without space around it; null where nothing is left. Most columns need neither."""
    trimmed = pc.utf8_trim_whitespace(text)
    empty = pc.equal(pc.binary_length(trimmed), 0)
    return pc.if_else(empty, pa.scalar(None, pa.string()), trimmed) if pc.any(empty).as_py() else trimmed


def _without_blank_rows(columns: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
    """Drop rows without any value: spreadsheets leave them at the end."""
    filled = None
    for column in columns.values():
        if column.null_count == 0:
            return dict(columns)
        valid = column.is_valid()
        filled = valid if filled is None else pc.or_(filled, valid)
    if filled is None or pc.all(filled).as_py():
        return dict(columns)
    return {name: column.filter(filled) for name, column in columns.items()}
