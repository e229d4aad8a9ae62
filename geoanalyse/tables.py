"""Input files as typed columns: CSV, Parquet, GeoPackage and Excel, read against a list of allowed columns.

A column that is not listed is never parsed. A file is read into memory once; the digest and every parser see the same
bytes, and nothing is ever written beside the input (SQLite would).
"""

import csv
import datetime as dt
import hashlib
import io
import re
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from geoanalyse.personal import kinds_in_text


class Kind(StrEnum):
    """Kinds of fault; the value is the name in the build report."""

    FOLDER = "map onleesbaar"
    NO_FILE = "bestand ontbreekt"
    TWO_FILES = "dubbel bestand"
    UNKNOWN_FILE = "onbekend bestand"
    CLOSED = "bestand gesloten"
    UNREADABLE = "bestand onleesbaar"
    ENCODING = "geen utf-8"
    RAGGED = "verkeerd aantal velden"
    SHEETS = "meer dan een tabblad"
    NO_HEADER = "geen kolomnamen"
    MISSING = "kolom ontbreekt"
    UNLISTED = "kolom niet in contract"
    REPEATED = "kolomnaam dubbel"
    NO_ROWS = "geen rijen"
    TYPE = "kolomtype onleesbaar"
    FORMULA = "formule"
    PERSON = "persoonsgegevens"
    TOO_MANY = "te veel fouten"
    EMPTY = "leeg"
    BAG_ZERO = "voorloopnul weg"
    BAG_LENGTH = "bag-nummer verkeerde lengte"
    DUPLICATE = "sleutel dubbel"
    UNKNOWN_KEY = "sleutel onbekend"
    REFUSED_KEY = "adres afgekeurd"
    NUMBER = "geen getal"
    DEGREES = "graden in plaats van meters"
    SWAPPED = "oost en noord verwisseld"
    OUTSIDE = "buiten Nederland"
    CRS = "ander stelsel"
    USE = "gebruiksdoel onbekend"
    DATE = "geen datum"
    EARLY = "datum voor 1900"
    FUTURE = "datum in de toekomst"
    AMOUNT = "geen aantal"
    ZONE = "geen zone"
    TWO_ZONES = "sleutel in twee zones"


# {n}: number of rows with its noun, {are} and {have} agree with it; {detail}: names from the contract, never a value.
TEXTS: Mapping[Kind, str] = {
    Kind.FOLDER: "is geen leesbare map; geef de map met adressen, lagen en grondslag.toml",
    Kind.NO_FILE: "ontbreekt; maak het bestand met de kolommen {detail} (csv, parquet, gpkg of xlsx)",
    Kind.TWO_FILES: "staat er meer dan een keer ({detail}); houd één bestand over",
    Kind.UNKNOWN_FILE: "hoort bij geen laag; verwijder het of geef het een van de namen {detail}",
    Kind.CLOSED: "kan niet worden geopend; sluit het in andere programma's en controleer de leesrechten",
    Kind.UNREADABLE: "is geen leesbaar {detail}-bestand; sla het opnieuw op, zonder wachtwoord",
    Kind.ENCODING: "{n} {are} geen UTF-8; sla het bestand op als 'CSV UTF-8'",
    Kind.RAGGED: (
        "{n} {have} een ander aantal velden dan de kolomnamen; zet tekst met een scheidingsteken, en een getal met een"
        " komma in een bestand met komma's, tussen dubbele aanhalingstekens en sluit elk aanhalingsteken"
    ),
    Kind.SHEETS: "heeft {detail} tabbladen of tabellen; bewaar één tabel per bestand",
    Kind.NO_HEADER: "de eerste rij noemt geen enkele kolom uit het contract; begin met de kolomnamen {detail}",
    Kind.MISSING: "ontbreekt; voeg de kolom toe, de kolommen zijn {detail}",
    Kind.UNLISTED: "staat niet in het contract en is niet gelezen ({n}); verwijder de kolom, toegestaan zijn {detail}",
    Kind.REPEATED: "staat er {detail} keer in; houd één kolom over",
    Kind.NO_ROWS: "bevat geen rijen; vul het bestand, of laat het bestand van een laag zonder gegevens weg",
    Kind.TYPE: "is geen tekst, getal of datum zonder tijdzone; zet de kolom om naar tekst",
    Kind.FORMULA: "{n} {have} een formule; plak de kolom als waarden",
    Kind.PERSON: (
        "{n} {look} op persoonsgegevens ({detail}); verwijder ze of vervang ze door een pseudonieme sleutel met letters"
        " en cijfers"
    ),
    Kind.TOO_MANY: "{n} {are} afgekeurd, meer dan het toegestane deel ({detail}); verbeter de rijen hierboven",
    Kind.EMPTY: "{n} {are} leeg; {detail}",
    Kind.BAG_ZERO: "{n} {have} een BAG-nummer van 15 cijfers, de voorloopnul is weg; sla de kolom op als tekst",
    Kind.BAG_LENGTH: (
        "{n} {have} geen BAG-nummer van 16 cijfers, zoals de andere; vul het hele nummer in, met de kolom als tekst"
    ),
    Kind.DUPLICATE: "{n} {have} een sleutel die vaker voorkomt; geef elk adres één rij en een eigen sleutel",
    Kind.UNKNOWN_KEY: (
        "{n} {have} een sleutel die niet in adressen staat; voeg het adres toe aan adressen of verwijder de rij"
    ),
    Kind.REFUSED_KEY: "{n} {belong} bij een afgekeurd adres; verbeter de rij in adressen",
    Kind.NUMBER: "{n} {are} geen getal; schrijf meters in het RD-stelsel, bijvoorbeeld 127000,5",
    Kind.DEGREES: "{n} {are} lengte- en breedtegraden; reken om naar RD-meters (EPSG:28992)",
    Kind.SWAPPED: "{n} {are} verwisseld; oost ligt tussen -7000 en 300000, noord tussen 289000 en 629000",
    Kind.OUTSIDE: "{n} {lie} buiten Nederland; schrijf RD-meters (EPSG:28992) zonder punten voor duizendtallen",
    Kind.CRS: "{n} {have} een ander stelsel; reken de coördinaten om naar RD en schrijf EPSG:28992",
    Kind.USE: "{n} {have} een onbekend gebruiksdoel; schrijf de namen van de BAG, gescheiden door een verticale streep",
    Kind.DATE: "{n} {are} geen datum; schrijf dd-mm-jjjj of jjjj-mm-dd",
    Kind.EARLY: "{n} {lie} vóór 1900; verbeter de datum of verwijder de rij",
    Kind.FUTURE: "{n} {lie} in de toekomst; verbeter de datum of verwijder de rij",
    Kind.ZONE: "{n} {have} geen zone; maak het bestand met `geoanalyse zones toepassen`",
    Kind.TWO_ZONES: "{n} {have} een sleutel die in twee zones voorkomt; geef elk adres een eigen sleutel",
    Kind.AMOUNT: "{n} {are} geen heel getal van 0 of meer; schrijf bijvoorbeeld 3",
}
_ONE = {"are": "is", "have": "heeft", "lie": "ligt", "look": "lijkt", "belong": "hoort"}
_MANY = {"are": "zijn", "have": "hebben", "lie": "liggen", "look": "lijken", "belong": "horen"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault in one column of one file.

    ``rows`` counts rows; ``column`` is empty for the file as a whole; ``detail`` holds names from the contract.
    """

    kind: Kind
    file: str
    column: str = ""
    rows: int = 0
    detail: str = ""

    def __str__(self) -> str:
        """Return the Dutch line: what is wrong, where, what to do.

        Examples
        --------
        >>> str(Fault(Kind.FUTURE, "leegstand.csv", "datum", 1))
        'leegstand.csv, kolom datum: 1 rij ligt in de toekomst; verbeter de datum of verwijder de rij'
        """
        number = f"{self.rows:,}".replace(",", ".")
        words = _ONE if self.rows == 1 else _MANY
        text = TEXTS[self.kind].format(
            n=f"{number} {'rij' if self.rows == 1 else 'rijen'}", detail=self.detail, **words
        )
        noun = "kolommen" if " en " in self.column else "kolom"
        return f"{self.file}, {noun} {self.column}: {text}" if self.column else f"{self.file}: {text}"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Table:
    """Listed columns of one file, typed but unchecked, with what is wrong with the file itself.

    Attributes
    ----------
    file, format, digest : str
        File name, suffix without dot, SHA-256 of the bytes.
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
        All columns of the contract; each is required.

    Returns
    -------
    Table
        With every fault of the file's form; it does not raise on bad input.
    """
    suffix = path.suffix.lower().removeprefix(".")
    try:
        data = path.read_bytes()
    except OSError:
        return Table(path.name, suffix, "", faults=(Fault(Kind.CLOSED, path.name),))
    digest = hashlib.sha256(data).hexdigest()
    if not data:
        return Table(path.name, suffix, digest, faults=(Fault(Kind.NO_ROWS, path.name),))
    raw = FORMATS[suffix](path.name, data, listed)
    columns, faults = {}, list(raw.faults)
    for name, column in raw.columns.items():
        plain = _plain(column)
        if plain is None:
            faults.append(Fault(Kind.TYPE, path.name, name))
        else:
            columns[name] = plain
    columns = _without_blank_rows(columns)
    rows = len(next(iter(columns.values()))) if columns else raw.rows
    if rows == 0 and not faults:
        faults.append(Fault(Kind.NO_ROWS, path.name))
    return Table(path.name, suffix, digest, rows, columns, tuple(faults))


@dataclass(frozen=True, slots=True)
class _Raw:
    columns: Mapping[str, Any] = field(default_factory=dict)
    rows: int = 0
    faults: tuple[Fault, ...] = ()


def _plain(column: Any) -> pa.Array | None:  # noqa: ANN401
    """Text, int64, float64, date32 or a naive timestamp; None for any other type."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    kind = array.type
    if pa.types.is_null(kind):
        return array.cast(pa.string())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        text = pc.utf8_trim_whitespace(array.cast(pa.string()))
        return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    if pa.types.is_integer(kind) or pa.types.is_date(kind):
        return array
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        number = array.cast(pa.float64())
        return pc.if_else(pc.is_nan(number), pa.scalar(None, pa.float64()), number)  # pandas writes missing as NaN
    if pa.types.is_timestamp(kind) and kind.tz is None:
        return array
    return None


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


def _places(names: Sequence[str], listed: Sequence[str]) -> dict[str, int]:
    """Position of each listed column that stands in the file once."""
    return {name: names.index(name) for name in listed if names.count(name) == 1}


def _header_faults(file: str, names: Sequence[str], listed: Sequence[str], rows: int) -> tuple[Fault, ...]:
    contract = ", ".join(listed)
    counts = Counter(names)
    if not any(counts[name] for name in listed):
        return (Fault(Kind.NO_HEADER, file, detail=contract),)
    return (
        *(Fault(Kind.REPEATED, file, name, detail=str(counts[name])) for name in listed if counts[name] > 1),
        *(Fault(Kind.MISSING, file, name, detail=contract) for name in listed if not counts[name]),
        *(
            Fault(Kind.UNLISTED, file, shown(name, place), rows, contract)
            for place, name in enumerate(names, 1)
            if name not in listed
        ),
    )


def shown(name: str, place: int) -> str:
    """Name a column; by its place when the name itself may be data (a file without a first row of names)."""
    safe = re.fullmatch(r"[^\W\d][\w .()/-]{0,39}", name) and not re.search(r"\d{4}", name) and not kinds_in_text(name)
    return name if safe else f"nummer {place}"


def _csv(file: str, data: bytes, listed: Sequence[str]) -> _Raw:
    body = data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    lines = body.count(b"\n") or body.count(b"\r")
    try:
        body.decode("utf-8")  # all of it: the columns that are not read must be text too, or rows end in odd places
    except UnicodeDecodeError:
        return _Raw(faults=(Fault(Kind.ENCODING, file, rows=_undecodable(body)),))
    first = re.match(rb"[^\r\n]*", body)
    head = (first[0] if first else b"").decode("utf-8")
    delimiter = ";" if ";" in head else ","
    try:
        names = [name.strip() for name in next(csv.reader([head], delimiter=delimiter), [])]
    except csv.Error:
        return _Raw(faults=(Fault(Kind.UNREADABLE, file, detail="CSV"),))
    rest = body[len(head.encode()) :]
    rows = (not rest.endswith((b"\n", b"\r"))) + lines - 1
    found, faults = _places(names, listed), _header_faults(file, names, listed, rows)
    if not found or not rest or rest.isspace():
        return _Raw(rows=0, faults=faults)
    return _csv_rows(file, rest, len(names), delimiter, found, faults)


def _csv_rows(
    file: str, rest: bytes, width: int, delimiter: str, found: Mapping[str, int], faults: tuple[Fault, ...]
) -> _Raw:
    import pyarrow.csv as pv  # noqa: PLC0415 - each format loads its own parser

    ragged: list[int] = []

    def skip(row: Any) -> str:  # noqa: ANN401
        ragged.append(row.actual_columns)
        return "skip"

    names = [str(place) for place in range(width)]
    wanted = {str(place): name for name, place in found.items()}
    try:
        table = pv.read_csv(
            pa.BufferReader(rest),
            read_options=pv.ReadOptions(column_names=names),
            parse_options=pv.ParseOptions(delimiter=delimiter, invalid_row_handler=skip),
            convert_options=pv.ConvertOptions(
                include_columns=list(wanted),
                column_types=dict.fromkeys(wanted, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        return _Raw(faults=(*faults, Fault(Kind.UNREADABLE, file, detail="CSV")))
    columns = {name: table.column(place) for place, name in wanted.items()}
    broken = len(ragged)
    if b'"' in rest:  # an open quote swallows lines
        broken += max(_rows(column, r"[\r\n]") for column in columns.values())
    if broken:
        faults = (*faults, Fault(Kind.RAGGED, file, rows=broken))
    return _Raw(columns, table.num_rows, faults)


def _rows(column: Any, pattern: str) -> int:  # noqa: ANN401
    return int(pc.sum(pc.match_substring_regex(column, pattern)).as_py() or 0)


def _undecodable(data: bytes) -> int:
    """Lines that are not UTF-8; a file in UTF-16 has none that are."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.count(b"\n")
    return sum(not _decodes(line) for line in data.splitlines())


def _decodes(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _parquet(file: str, data: bytes, listed: Sequence[str]) -> _Raw:
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        source = pq.ParquetFile(pa.BufferReader(data))
        rows = source.metadata.num_rows
        names = source.schema_arrow.names
        found, faults = _places(names, listed), _header_faults(file, names, listed, rows)
        if not found:
            return _Raw(rows=rows, faults=faults)
        table = source.read(columns=list(found))
        table.validate(full=True)  # damaged text would otherwise surface in the middle of a check
    except (pa.ArrowException, OSError):
        return _Raw(faults=(Fault(Kind.UNREADABLE, file, detail="Parquet"),))
    return _Raw({name: table.column(name) for name in found}, rows, faults)


def _gpkg(file: str, data: bytes, listed: Sequence[str]) -> _Raw:
    import pyogrio  # noqa: PLC0415
    from pyogrio.errors import DataLayerError, DataSourceError  # noqa: PLC0415

    if not data.startswith(b"SQLite format 3\0"):  # GDAL would try any format, also those that point at other files
        return _Raw(faults=(Fault(Kind.UNREADABLE, file, detail="GeoPackage"),))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL's notes on the name of a file in memory
            layers = len(pyogrio.list_layers(data))
            if layers > 1:
                return _Raw(faults=(Fault(Kind.SHEETS, file, detail=str(layers)),))
            about = pyogrio.read_info(data, force_feature_count=True)
            names, rows = list(about["fields"]), int(about["features"])
            found, faults = _places(names, listed), _header_faults(file, names, listed, rows)
            if not found:
                return _Raw(rows=rows, faults=faults)
            # The position is in oost and noord; a geometry column is not read.
            _, table = pyogrio.read_arrow(data, columns=list(found), read_geometry=False)
            table.validate(full=True)
    except (DataSourceError, DataLayerError, pa.ArrowException):
        return _Raw(faults=(Fault(Kind.UNREADABLE, file, detail="GeoPackage"),))
    return _Raw({name: _as_written(table.column(name)) for name in found}, rows, faults)


def _as_written(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Drop the time zone: a GeoPackage marks every moment as UTC, also the local midnight most programs write."""
    kind = column.type
    return column.cast(pa.timestamp(kind.unit)) if pa.types.is_timestamp(kind) and kind.tz == "UTC" else column


def _xlsx(file: str, data: bytes, listed: Sequence[str]) -> _Raw:
    import openpyxl  # noqa: PLC0415
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    damaged = (
        *(InvalidFileException, zipfile.BadZipFile, zlib.error, SyntaxError, EOFError, OSError),
        *(
            KeyError,
            ValueError,
            TypeError,
            AttributeError,
            RuntimeError,
        ),  # openpyxl, on parts that miss or lie; every XML parser raises a SyntaxError
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and validation rules of the sheet, not about values
        try:
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
            if len(book.sheetnames) != 1:
                return _Raw(faults=(Fault(Kind.SHEETS, file, detail=str(len(book.sheetnames))),))
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # the stated size is often wrong
            return _sheet(file, sheet.iter_rows(), listed)
        except damaged:
            return _Raw(faults=(Fault(Kind.UNREADABLE, file, detail="Excel"),))


def _sheet(file: str, rows: Iterator[tuple[Any, ...]], listed: Sequence[str]) -> _Raw:
    names = ["" if cell.value is None else str(cell.value).strip() for cell in next(rows, ())]
    while names and not names[-1]:
        names.pop()
    found = _places(names, listed)
    values: dict[str, list[str | None]] = {name: [] for name in found}
    formulas: Counter[str] = Counter()
    filled = ragged = 0
    for row in rows:
        filled += any(cell.value is not None for cell in row)
        ragged += any(cell.value is not None for cell in row[len(names) :])
        for name, place in found.items():
            cell = row[place] if place < len(row) else None
            formulas[name] += cell is not None and cell.data_type == "f"
            values[name].append(_cell(cell))
    faults = (
        *_header_faults(file, names, listed, filled),
        *((Fault(Kind.RAGGED, file, rows=ragged),) if ragged else ()),
        *(Fault(Kind.FORMULA, file, name, formulas[name]) for name in found if formulas[name]),
    )
    columns = {name: pa.array(column, pa.string()) for name, column in values.items() if not formulas[name]}
    return _Raw(columns, filled, faults)


def _cell(cell: Any) -> str | None:  # noqa: ANN401
    """Cell as text. Excel keeps 15 digits of a number, so a longer one is written as Excel shows it (3,63E+15)."""
    value = cell.value if cell is not None and cell.data_type not in "fe" else None
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(int(value)) if float(value).is_integer() and abs(value) < _EXACT else f"{value:.15g}"
    return str(value)


_EXACT = 10**15

FORMATS: Mapping[str, Callable[[str, bytes, Sequence[str]], _Raw]] = {
    "csv": _csv,
    "parquet": _parquet,
    "gpkg": _gpkg,
    "xlsx": _xlsx,
}
