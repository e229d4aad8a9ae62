"""The files of the geocoder: rows with written addresses, and the address base."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from geoanalyse import tables
from geoanalyse.errors import InputError
from geoanalyse.geocoding.match import Base, Bools
from geoanalyse.tables import Fault, Kind

PARTS = ("postcode", "huisnummer", "huisletter", "toevoeging", "straat", "plaats")
COLUMNS = ("datum", "aantal", "adres", *PARTS)
"""All columns an input may have; `WAYS` says which of them must be there."""
WAYS = (("adres",), ("postcode", "huisnummer"), ("straat", "huisnummer", "plaats"))
BASE_COLUMNS = (
    *("adresseerbaarobject_id", "postcode", "huisnummer", "huisletter", "toevoeging", "straat", "woonplaats"),
)
_FIRST_DAY = np.datetime64("1900-01-01")
_ISO = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?)?"
)
_DUTCH = re.compile(r"([0-9]{1,2})[-/]([0-9]{1,2})[-/]([0-9]{4})")


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Rows:
    """Rows of an input.

    Attributes
    ----------
    parts : pyarrow.Table
        The columns of `PARTS` that the file has; without columns when it has ``adres``.
    texts : pyarrow.StringArray, optional
        The column ``adres``.
    day : ndarray of datetime64[D]
        NaT where it is no day that an event can have had.
    amount : ndarray of int64, optional
        -1 where it is no amount.
    """

    parts: pa.Table
    texts: pa.Array | None
    day: npt.NDArray[np.datetime64]
    amount: npt.NDArray[np.int64] | None

    def __len__(self) -> int:
        return len(self.day)

    def __repr__(self) -> str:
        return f"Rows({len(self)} rows)"


def read_rows(path: Path, today: dt.date) -> Rows:
    """Read rows with a written address and a day.

    Parameters
    ----------
    path : Path
        Of a form of `geoanalyse.tables.FORMATS`, with ``datum``, perhaps ``aantal``, and ``adres``, or ``postcode`` and
        ``huisnummer``, or ``straat``, ``huisnummer`` and ``plaats``; ``huisletter`` and ``toevoeging`` may be added.
    today : datetime.date
        No event lies after it.

    Returns
    -------
    Rows

    Raises
    ------
    InputError
        With one line per fault of the file's form.
    """
    if path.suffix.lower().removeprefix(".") not in tables.FORMATS:
        raise InputError(f"{path.name}: is geen {', '.join(tables.FORMATS)}; sla het bestand op als een van deze")
    table = tables.read(path, COLUMNS)
    given = set(table.columns)
    if not table.rows and all(fault.kind is Kind.MISSING for fault in table.faults):
        raise InputError(str(Fault(Kind.NO_ROWS, path.name)))
    faults = [str(fault) for fault in table.faults if fault.kind is not Kind.MISSING or fault.column == "datum"]
    if given and not any(given.issuperset(way) for way in WAYS):
        faults.append(
            f"{path.name}: een adres ontbreekt; geef de kolom adres, of postcode en huisnummer, "
            "of straat, huisnummer en plaats"
        )
    if "adres" in given and not given.isdisjoint(PARTS):
        faults.append(f"{path.name}: adres staat naast kolommen met delen van een adres; houd een van beide over")
    if faults:
        raise InputError(faults)
    columns = table.columns
    texts = columns.get("adres")
    return Rows(
        parts=pa.table({name: columns[name] for name in PARTS if name in columns}),
        texts=None if texts is None else texts.cast(pa.string()),
        day=_days(columns["datum"], today),
        amount=_amounts(columns["aantal"]) if "aantal" in columns else None,
    )


def read_base(path: Path) -> Base:
    """Read the address base that ``geoanalyse bag lees`` wrote.

    Raises
    ------
    InputError
        When it is another file, or damaged.
    """
    try:
        if not path.is_file():
            raise InputError(f"{path}: is geen bestand; maak het met `geoanalyse bag lees`")
        with pq.ParquetFile(path) as source:
            schema = source.schema_arrow
            absent = [name for name in BASE_COLUMNS if name not in schema.names]
            wrong = [name for name in BASE_COLUMNS if name not in absent and not _fits(schema.field(name))]
            if absent or wrong:
                raise InputError(
                    f"{path.name}: kolom {', '.join(absent or wrong)} ontbreekt of is van een ander soort; "
                    "maak het bestand met `geoanalyse bag lees`"
                )
            table = source.read(columns=list(BASE_COLUMNS))
        table.validate(full=True)
    except (pa.ArrowException, OSError):
        raise InputError(f"{path.name}: is geen leesbaar Parquet-bestand; maak het met `geoanalyse bag lees`") from None
    if not table.num_rows or table["adresseerbaarobject_id"].null_count or table["huisnummer"].null_count:
        raise InputError(f"{path.name}: bevat geen volledige adressen; maak het bestand met `geoanalyse bag lees`")
    return Base(table)


def _fits(field: pa.Field) -> bool:
    return bool(pa.types.is_int32(field.type) if field.name == "huisnummer" else pa.types.is_string(field.type))


def _days(column: pa.Array, today: dt.date) -> npt.NDArray[np.datetime64]:
    """Days; NaT where there is none, and for a day before 1900 or after today."""
    if pa.types.is_string(column.type):
        coded = column.dictionary_encode()  # few days, many rows
        known: Sequence[dt.date | None] = [*map(_day, coded.dictionary.to_pylist()), None]
        days = np.array(known, dtype="datetime64[D]")[coded.indices.fill_null(len(known) - 1).to_numpy()]
    elif pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
        days = column.cast(pa.date32(), safe=False).to_numpy(zero_copy_only=False).astype("datetime64[D]")
    else:
        days = np.full(len(column), np.datetime64("NaT", "D"), dtype="datetime64[D]")
    right: Bools = (days >= _FIRST_DAY) & (days <= np.datetime64(today))
    return np.where(right, days, np.datetime64("NaT", "D"))


def _day(text: str) -> dt.date | None:
    iso, dutch = _ISO.fullmatch(text), _DUTCH.fullmatch(text)
    parts = iso.groups() if iso else dutch.groups()[::-1] if dutch else None
    if parts is None:
        return None
    try:
        return dt.date(*(int(part) for part in parts))
    except ValueError:
        return None


def _amounts(column: pa.Array) -> npt.NDArray[np.int64]:
    """Whole numbers of 0 or more; -1 where there is none."""
    text = column.cast(pa.string()) if not pa.types.is_floating(column.type) else _whole(column)
    plain = pc.match_substring_regex(text, "^[0-9]{1,15}$").fill_null(fill_value=False)
    numbers: npt.NDArray[np.int64] = pc.if_else(plain, text, "-1").cast(pa.int64()).to_numpy(zero_copy_only=False)
    return numbers


def _whole(column: pa.Array) -> pa.Array:
    whole = pc.and_(pc.equal(pc.floor(column), column), pc.less(pc.abs(column), 1e15))
    return pc.if_else(whole, column, pa.scalar(None, column.type)).cast(pa.int64()).cast(pa.string())
