"""Readers and checks of address rows and layer rows: the raw side starts here.

One folder holds ``adressen``, one table per layer and ``grondslag.toml`` (docs/invoer.md). Every fault of every file
is collected before anything is refused, and rows never leave memory.
"""

import datetime as dt
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geoanalyse import grondslag as legal
from geoanalyse import tables
from geoanalyse.errors import InputError
from geoanalyse.grondslag import Grondslag
from geoanalyse.layer import Base, Count, Layer, Use
from geoanalyse.personal import PersonData, kinds_in_column
from geoanalyse.tables import Fault, Kind, Table

ADDRESS_COLUMNS = ("sleutel", "oost", "noord", "crs", "gebruik", "pand")
ZONE_COLUMN = "zone"
"""In a layer file of a holder who sends zones instead of addresses (``geoanalyse zones toepassen``)."""
CRS = "EPSG:28992"
#: Gebruiksdoelen of the BAG; the place in this tuple is the bit in :attr:`Addresses.uses`.
USES = (
    "woonfunctie",
    "bijeenkomstfunctie",
    "celfunctie",
    "gezondheidszorgfunctie",
    "industriefunctie",
    "kantoorfunctie",
    "logiesfunctie",
    "onderwijsfunctie",
    "sportfunctie",
    "winkelfunctie",
    "overige gebruiksfunctie",
)
EASTING = (-7_000.0, 300_000.0)
NORTHING = (289_000.0, 629_000.0)
_LONGITUDE = (3.0, 7.5)
_LATITUDE = (50.5, 54.0)
_FIRST_DAY = np.datetime64("1900-01-01")
_REMEDY = {
    "pand": "vul het BAG-pandnummer in, en voor een lig- of standplaats de eigen sleutel",
    "gebruik": "vul een gebruiksdoel van de BAG in, voor een woonboot of woonwagen woonfunctie",
    "crs": f"schrijf {CRS}",
}
# Kinds that a value is judged by when it does not fit its column; the others need the whole column.
_IN_MISFITS = frozenset(
    {
        PersonData.ADDRESS,
        PersonData.EMAIL,
        PersonData.IBAN,
        PersonData.NAME,
        PersonData.PHONE,
        PersonData.POSTCODE,
        PersonData.VAT,
    }
)

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Addresses:
    """The address base, sorted by key, so that the order of the rows in the file is forgotten.

    Attributes
    ----------
    keys : pyarrow.StringArray of length n
        Unique keys of the data holder.
    easting, northing : ndarray of float64, shape (n,)
        Metres, EPSG:28992.
    uses : ndarray of uint16, shape (n,)
        Bit ``i`` is set when the address has gebruiksdoel ``USES[i]``.
    building : ndarray of int64, shape (n,)
        Equal for addresses in one building (pand); the numbers mean nothing else.
    """

    keys: pa.Array
    easting: npt.NDArray[np.float64]
    northing: npt.NDArray[np.float64]
    uses: npt.NDArray[np.uint16]
    building: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.keys)

    def __repr__(self) -> str:
        return f"Addresses({len(self)} rows)"

    def eligible(self, base: Base) -> Bools:
        """Which addresses a layer with this base can be true of.

        Parameters
        ----------
        base : Base
            ``alle``; ``woningen``: woonfunctie; ``bedrijven``: any other gebruiksdoel, also next to woonfunctie;
            ``horeca``: bijeenkomstfunctie or logiesfunctie.

        Returns
        -------
        ndarray of bool, shape (n,)

        Examples
        --------
        >>> base = Addresses(
        ...     keys=pa.array(["a", "b", "c"]), easting=np.zeros(3), northing=np.zeros(3),
        ...     uses=use_bits(["woonfunctie", "woonfunctie|winkelfunctie", "logiesfunctie"]), building=np.arange(3),
        ... )
        >>> base.eligible(Base.PREMISES).tolist(), base.eligible(Base.HOSPITALITY).tolist()
        ([False, True, True], [False, False, True])
        """
        home = _bit("woonfunctie")
        wanted = {
            Base.HOMES: home,
            Base.PREMISES: np.uint16(2 ** len(USES) - 1) & ~home,
            Base.HOSPITALITY: _bit("bijeenkomstfunctie") | _bit("logiesfunctie"),
        }
        if base is Base.ALL:
            return np.ones(len(self), dtype=bool)
        chosen: Bools = (self.uses & wanted[base]) != 0
        return chosen

    def main_use(self) -> npt.NDArray[np.int8]:
        """Say what each address is mainly used for.

        Returns
        -------
        ndarray of int8, shape (n,)
            Position in `Use`: ``horeca`` (bijeenkomstfunctie or logiesfunctie), else ``winkel``, ``industrie``,
            ``kantoor``, any other gebruiksdoel that is no woonfunctie (``overig``), and what only has that
            (``woning``).

        Examples
        --------
        >>> base = Addresses(
        ...     keys=pa.array(["a", "b", "c"]), easting=np.zeros(3), northing=np.zeros(3),
        ...     uses=use_bits(["woonfunctie", "woonfunctie|winkelfunctie", "logiesfunctie"]), building=np.arange(3),
        ... )
        >>> [list(Use)[use].value for use in base.main_use()]
        ['woning', 'winkel', 'horeca']
        """
        wanted = {
            Use.HOSPITALITY: _bit("bijeenkomstfunctie") | _bit("logiesfunctie"),
            Use.SHOP: _bit("winkelfunctie"),
            Use.INDUSTRY: _bit("industriefunctie"),
            Use.OFFICE: _bit("kantoorfunctie"),
            Use.OTHER: np.uint16(2 ** len(USES) - 1) & ~_bit("woonfunctie"),
        }
        fits = [(self.uses & wanted[use]) != 0 for use in wanted]
        return np.select(fits, [list(Use).index(use) for use in wanted], list(Use).index(Use.HOME)).astype(np.int8)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Events:
    """Rows of one layer, sorted by address, day and amount.

    Attributes
    ----------
    address : ndarray of int64, shape (m,)
        Index into :class:`Addresses`; into `zone` where the holder delivered zones.
    day : ndarray of datetime64[D], shape (m,)
    amount : ndarray of int64, shape (m,)
        As reported, not clamped; 1 where the layer counts addresses.
    zone : ndarray of uint64, optional
        Name of the zone of each delivered key, where the holder sent zones instead of addresses.
    """

    address: npt.NDArray[np.int64]
    day: npt.NDArray[np.datetime64]
    amount: npt.NDArray[np.int64]
    zone: npt.NDArray[np.uint64] | None = None

    def __len__(self) -> int:
        return len(self.address)

    def __repr__(self) -> str:
        return f"Events({len(self)} rows)"


@dataclass(frozen=True, slots=True)
class FileReport:
    """What was read from one file. ``rejected`` counts rows per (kind, column); ``rows_rejected`` counts a row once."""

    file: str
    format: str
    digest: str
    rows: int
    rows_rejected: int
    rejected: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class InputReport:
    """For ``vertrouwelijk/bouwverslag.json``: figures made from raw rows, which stay with the holder.

    Attributes
    ----------
    files : tuple of FileReport
        ``adressen`` first, then layers by id.
    absent : tuple of str
        Ids of layers without a file; they are no part of the build.
    max_faults : float
        Share of a file's rows that was allowed to be rejected.
    """

    files: tuple[FileReport, ...]
    absent: tuple[str, ...]
    max_faults: float


def read_folder(
    folder: Path, layers: Sequence[Layer], *, today: dt.date, max_faults: float = 0.0, unread: Collection[str] = ()
) -> tuple[Addresses, dict[str, Events], Grondslag, InputReport]:
    """Read and check a folder of input: address base, layer tables and grondslag.

    Parameters
    ----------
    folder : Path
        Folder with ``adressen.*``, ``<layer id>.*`` (a form of :data:`geoanalyse.tables.FORMATS`) and
        ``grondslag.toml``.
    layers : sequence of Layer
        Layers that may have a table.
    today : datetime.date
        No event lies after it, and the grondslag is still valid on it.
    max_faults : float, default 0
        Share (0 to 1) of a file's rows that may be wrong; those rows are dropped and reported.
    unread : collection of str, default ()
        Ids of other layers, whose files may lie in the folder and are not opened.

    Returns
    -------
    addresses : Addresses
        Empty when every layer was delivered by zone.
    events : dict of str to Events
        By layer id; a layer without a file is not in it.
    grondslag : Grondslag
    report : InputReport

    Raises
    ------
    InputError
        With one line per kind of fault, for all files together. Nothing is written.
    """
    found = _inspect(folder, layers, today, max_faults, unread)
    if found.faults or found.addresses is None or found.grondslag is None:
        raise InputError(found.faults)
    return found.addresses, found.events, found.grondslag, found.report


def check_folder(
    folder: Path, layers: Sequence[Layer], *, today: dt.date, max_faults: float = 0.0
) -> tuple[InputReport, tuple[str, ...]]:
    """Check a folder as :func:`read_folder` does, without refusing: what was read, and every fault.

    Returns
    -------
    report : InputReport
    faults : tuple of str
        Dutch lines; empty when the folder can be built.
    """
    found = _inspect(folder, layers, today, max_faults)
    return found.report, found.faults


def read_addresses(folder: Path, *, max_faults: float = 0.0) -> tuple[Addresses, InputReport]:
    """Read and check the address base alone, for ``geoanalyse zones``; other files of the folder are not looked at.

    Raises
    ------
    InputError
        With one line per kind of fault.
    """
    files, faults = _files(folder, ())
    base = _address_base(files.get("adressen"), max_faults)
    lines = tuple(
        str(fault) for fault in (*(fault for fault in faults if fault.kind is not Kind.UNKNOWN_FILE), *base.faults)
    )
    if lines or base.addresses is None:
        raise InputError(lines)
    return base.addresses, InputReport(base.reports, (), max_faults)


def layer_columns(layer: Layer) -> tuple[str, ...]:
    """Give the columns of the table of a layer; `ZONE_COLUMN` comes with them when zones are delivered."""
    return ("sleutel", "datum", "aantal") if layer.count is Count.AMOUNT else ("sleutel", "datum")


def use_bits(texts: Sequence[str]) -> npt.NDArray[np.uint16]:
    """Gebruiksdoelen separated by ``|`` as bits; 0 where a name is unknown.

    Examples
    --------
    >>> use_bits(["woonfunctie", "woonfunctie|bijeenkomstfunctie", "iets"]).tolist()
    [1, 3, 0]
    """
    bits = {name: 1 << place for place, name in enumerate(USES)}
    masks = []
    for text in texts:
        parts = [bits.get(part.strip(), 0) for part in text.split("|")]
        masks.append(sum(set(parts)) if all(parts) else 0)
    return np.array(masks, dtype=np.uint16)


def _bit(use: str) -> np.uint16:
    return np.uint16(1 << USES.index(use))


class _Inspection(NamedTuple):
    addresses: Addresses | None
    events: dict[str, Events]
    grondslag: Grondslag | None
    report: InputReport
    faults: tuple[str, ...]


class _BaseResult(NamedTuple):
    """Address base: ``keys`` are those of the file, also of rejected rows; None when the column is not there."""

    addresses: Addresses | None
    keys: pa.Array | None
    reports: tuple[FileReport, ...]
    faults: tuple[Fault, ...]


class _Finding(NamedTuple):
    """Rows (a mask over the table) with one kind of fault in one column."""

    kind: Kind
    column: str
    rows: Bools
    detail: str = ""


def _inspect(
    folder: Path, layers: Sequence[Layer], today: dt.date, max_faults: float, unread: Collection[str] = ()
) -> _Inspection:
    if not 0 <= max_faults < 1:
        raise ValueError("max_faults is a share: at least 0, less than 1")
    files, faults = _files(folder, [layer.id for layer in layers], unread)
    if any(fault.kind is Kind.FOLDER for fault in faults):
        return _Inspection(None, {}, None, InputReport((), (), max_faults), tuple(map(str, faults)))
    base = _address_base(files.get("adressen"), max_faults)
    reports, faults = [*base.reports], [*base.faults, *faults]
    missing = [fault for fault in base.faults if fault.kind is Kind.NO_FILE]
    events: dict[str, Events] = {}
    for layer in sorted(layers, key=lambda layer: layer.id):
        if layer.id not in files:
            continue
        rows, report, wrong = _layer_rows(files[layer.id], layer, base, today, max_faults)
        reports.append(report)
        faults += wrong
        if rows is not None:
            events[layer.id] = rows
    if missing and events and all(rows.zone is not None for rows in events.values()):
        # nothing but zones was delivered: no address is needed here
        base = base._replace(addresses=_no_addresses())
        faults = [fault for fault in faults if fault not in missing]
    lines = [str(fault) for fault in faults]
    grondslag = None
    try:
        grondslag = legal.read(folder / "grondslag.toml")
        legal.expired(grondslag, today)
    except InputError as error:
        lines += error.faults
    absent = tuple(sorted(layer.id for layer in layers if layer.id not in files))
    return _Inspection(base.addresses, events, grondslag, InputReport(tuple(reports), absent, max_faults), tuple(lines))


def _files(folder: Path, ids: Sequence[str], unread: Collection[str] = ()) -> tuple[dict[str, Path], list[Fault]]:
    """Find the file of each table; names are compared without regard to case, as Windows does."""
    try:
        inside = sorted(folder.iterdir(), key=lambda path: path.name)
        paths = [path for path in inside if path.is_file()]
    except OSError:
        return {}, [Fault(Kind.FOLDER, str(folder))]
    data = [path for path in paths if path.suffix.lower().removeprefix(".") in tables.FORMATS]
    names = ("adressen", *sorted(ids))
    files: dict[str, Path] = {}
    faults = []
    for name in names:
        same = [path for path in data if path.stem.lower() == name]
        if len(same) > 1:
            faults.append(Fault(Kind.TWO_FILES, name, detail=", ".join(path.name for path in same)))
        if same:
            files[name] = same[0]
    for path in inside:
        suffix = path.suffix.lower().removeprefix(".")
        table = path.name.partition(".")[0].lower() in names  # leegstand.csv.gz
        if path.is_dir() and suffix in tables.FORMATS and (table or path.stem.lower() not in unread):
            faults.append(Fault(Kind.FOLDER_NAMED, path.name))
        elif table and suffix in tables.OTHER_FORMATS and (path.is_file() or suffix):  # a .gdb is a folder
            shape = f"{path.stem}.shp".lower()
            part = suffix == "dbf" and any(each.name.lower() == shape for each in data)
            faults += [] if part else [Fault(Kind.OTHER_FORM, path.name)]
    for path in data:
        own = path.suffix.lower() == ".parquet" and path.stem.lower().startswith(("zones-", "adresbasis"))
        lock = path.name.startswith(("~$", "."))  # left behind by an open spreadsheet
        if not (own or lock or path.stem.lower() in (*names, *unread)):
            faults.append(Fault(Kind.UNKNOWN_FILE, path.name, detail=", ".join(names)))
    return files, faults


def _address_base(path: Path | None, max_faults: float) -> _BaseResult:
    if path is None:
        missing = Fault(Kind.NO_FILE, "adressen", detail=", ".join(ADDRESS_COLUMNS))
        return _BaseResult(None, None, (), (missing,))
    table = tables.read(path, ADDRESS_COLUMNS)
    columns = table.columns
    texts = {name: _text(columns[name]) for name in ("sleutel", "crs", "gebruik", "pand") if name in columns}
    findings = [_empty(name, column) for name, column in columns.items()]
    for name in ("sleutel", "pand"):
        if name in texts:
            findings += _bag(name, texts[name])
    if "sleutel" in texts:
        findings.append(_Finding(Kind.DUPLICATE, "sleutel", _repeated(texts["sleutel"])))
    east, north, places = _places(columns)
    findings += places
    if "crs" in texts:
        findings.append(_Finding(Kind.CRS, "crs", _mask(pc.not_equal(texts["crs"], CRS))))
    uses = np.zeros(table.rows, dtype=np.uint16)
    if "gebruik" in texts:
        uses = _uses(texts["gebruik"])
        findings.append(_Finding(Kind.USE, "gebruik", (uses == 0) & _mask(texts["gebruik"].is_valid())))
    keep, report, faults = _settle(table, findings, _person(table, texts, findings), max_faults)
    keys = texts.get("sleutel")
    if faults or keys is None:
        return _BaseResult(None, keys, (report,), faults)
    chosen = pa.array(np.flatnonzero(keep))
    chosen = chosen.take(pc.sort_indices(keys.take(chosen)))
    order = chosen.to_numpy()
    building = texts["pand"].take(chosen).dictionary_encode().indices.to_numpy().astype(np.int64)
    addresses = Addresses(keys.take(chosen), east[order], north[order], uses[order], building)
    return _BaseResult(addresses, keys, (report,), ())


def _no_addresses() -> Addresses:
    empty = np.zeros(0)
    return Addresses(pa.array([], pa.string()), empty, empty, empty.astype(np.uint16), empty.astype(np.int64))


def _layer_rows(
    path: Path, layer: Layer, base: _BaseResult, today: dt.date, max_faults: float
) -> tuple[Events | None, FileReport, tuple[Fault, ...]]:
    listed = layer_columns(layer)
    table = tables.read(path, listed)
    delivered = any(fault.kind is Kind.UNLISTED and fault.column == ZONE_COLUMN for fault in table.faults)
    if delivered:
        table = tables.read(path, (*listed, ZONE_COLUMN))
    columns = table.columns
    texts = {"sleutel": _text(columns["sleutel"])} if "sleutel" in columns else {}
    findings = [_empty(name, column) for name, column in columns.items()]
    address = np.zeros(table.rows, dtype=np.int64)
    zone = None
    if delivered:
        if {"sleutel", ZONE_COLUMN} <= set(columns):
            address, zone, unknown = _delivered(texts["sleutel"], _text(columns[ZONE_COLUMN]))
            findings += unknown
    elif "sleutel" in texts:
        wrong = _bag("sleutel", texts["sleutel"])
        address, unknown = _lookup(texts["sleutel"], base)
        findings += wrong
        findings += [finding._replace(rows=finding.rows & ~_any(wrong, table.rows)) for finding in unknown]
    day = np.full(table.rows, np.datetime64("NaT", "D"), dtype="datetime64[D]")
    if "datum" in columns:
        day, misfit = _days(columns["datum"])
        findings += [
            _Finding(Kind.DATE, "datum", misfit),
            _Finding(Kind.EARLY, "datum", day < _FIRST_DAY),
            _Finding(Kind.FUTURE, "datum", day > np.datetime64(today)),
        ]
    amount = np.ones(table.rows, dtype=np.int64)
    if "aantal" in columns:
        amount, misfit = _amounts(columns["aantal"])
        findings.append(_Finding(Kind.AMOUNT, "aantal", misfit))
    keep, report, faults = _settle(table, findings, _person(table, texts, findings), max_faults)
    if faults or (base.addresses is None and not delivered):
        return None, report, faults
    address, day, amount = address[keep], day[keep], amount[keep]
    if zone is not None:  # only keys that are left, so that a refused row leaves no trace
        _, first, address = np.unique(address, return_index=True, return_inverse=True)
        zone = zone[keep][first]
    order = np.lexsort((amount, day, address))
    return Events(address[order], day[order], amount[order], zone), report, ()


def _settle(
    table: Table, findings: Sequence[_Finding], person: Sequence[Fault], max_faults: float
) -> tuple[Bools, FileReport, tuple[Fault, ...]]:
    """Decide which rows stay, and whether the file does: faults of its form and person data are never let through."""
    bad = _any(findings, table.rows)
    rejected = int(bad.sum())
    found = [
        Fault(finding.kind, table.file, finding.column, int(finding.rows.sum()), finding.detail)
        for finding in findings
        if finding.rows.any()
    ]
    report = FileReport(
        table.file,
        table.format,
        table.digest,
        table.rows,
        rejected,
        tuple((fault.kind.value, fault.column, fault.rows) for fault in found),
    )
    if rejected == 0 or rejected / table.rows <= max_faults:
        found = []
    elif max_faults > 0:
        share = f"{100 * max_faults:g} %".replace(".", ",")
        found.append(Fault(Kind.TOO_MANY, table.file, rows=rejected, detail=share))
    return ~bad, report, (*table.faults, *person, *found)


def _person(table: Table, texts: Mapping[str, pa.Array], findings: Sequence[_Finding]) -> list[Fault]:
    """Person data in the free columns, and in values that do not fit the others."""
    faults = [
        Fault(Kind.PERSON, table.file, name, rows, kind.value)
        for name in ("sleutel", "pand")
        if name in texts
        for kind, rows in sorted(kinds_in_column(name, texts[name]).items())
    ]
    for finding in findings:
        if finding.kind in {Kind.NUMBER, Kind.DATE, Kind.AMOUNT, Kind.USE, Kind.CRS} and finding.rows.any():
            misfits = _text(table.columns[finding.column]).filter(pa.array(finding.rows))
            kinds = kinds_in_column(finding.column, misfits)
            faults += [
                Fault(Kind.PERSON, table.file, finding.column, rows, kind.value)
                for kind, rows in sorted(kinds.items())
                if kind in _IN_MISFITS
            ]
    return faults


def _empty(name: str, column: pa.Array) -> _Finding:
    return _Finding(Kind.EMPTY, name, _mask(column.is_null()), _REMEDY.get(name, "vul elke rij"))


def _bag(name: str, keys: pa.Array) -> list[_Finding]:
    """Wrong lengths in a column that holds BAG ids, that is when most of its values have 15 or 16 digits.

    A spreadsheet drops the leading zero (15 digits are left) or writes 3,63E+14.
    """
    right = _mask(pc.match_substring_regex(keys, "^[0-9]{16}$"))
    filled = _mask(keys.is_valid())
    if right.sum() == filled.sum():
        return []
    short = _mask(pc.match_substring_regex(keys, "^[0-9]{15}$"))
    rounded = _mask(pc.match_substring_regex(keys, r"^[0-9](?:[.,][0-9]+)?[eE][+]?1[45]$"))
    if 2 * (right | short | rounded).sum() <= filled.sum():
        return []
    return [
        _Finding(Kind.BAG_ZERO, name, short),
        _Finding(Kind.BAG_LENGTH, name, filled & ~right & ~short),
    ]


def _repeated(keys: pa.Array) -> Bools:
    """All rows of a key that occurs more than once: which of them is right cannot be known."""
    codes = keys.dictionary_encode().indices.fill_null(-1).to_numpy()
    if len(codes) == 0:
        return np.zeros(0, dtype=bool)
    times = np.bincount(codes + 1)
    repeated: Bools = (codes >= 0) & (times[codes + 1] > 1)
    return repeated


def _places(columns: Mapping[str, pa.Array]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], list[_Finding]]:
    """Easting and northing in metres (EPSG:28992), and rows that cannot be a place in the Netherlands."""
    findings = []
    numbers = {}
    for name in ("oost", "noord"):
        if name in columns:
            numbers[name], misfit = _numbers(columns[name])
            findings.append(_Finding(Kind.NUMBER, name, misfit))
    nowhere = np.zeros(0)
    if len(numbers) < 2:  # noqa: PLR2004 - a pair
        return nowhere, nowhere, findings
    east, north = numbers["oost"], numbers["noord"]
    known = np.isfinite(east) & np.isfinite(north)
    degrees = (_within(east, _LONGITUDE) & _within(north, _LATITUDE)) | (
        _within(east, _LATITUDE) & _within(north, _LONGITUDE)
    )
    right = _within(east, EASTING) & _within(north, NORTHING)
    swapped = _within(north, EASTING) & _within(east, NORTHING) & ~right
    findings += [
        _Finding(Kind.DEGREES, "oost en noord", degrees),
        _Finding(Kind.SWAPPED, "oost en noord", swapped),
        _Finding(Kind.OUTSIDE, "oost en noord", known & ~right & ~swapped & ~degrees),
    ]
    return east, north, findings


def _within(values: npt.NDArray[np.float64], bounds: tuple[float, float]) -> Bools:
    inside: Bools = (values >= bounds[0]) & (values <= bounds[1])
    return inside


def _lookup(keys: pa.Array, base: _BaseResult) -> tuple[npt.NDArray[np.int64], list[_Finding]]:
    """Index of each key in the address base; keys that are not there, and keys of rejected addresses, apart."""
    if base.keys is None:
        return np.zeros(len(keys), dtype=np.int64), []
    filled = _mask(keys.is_valid())
    kept = base.keys if base.addresses is None else base.addresses.keys
    index = pc.index_in(keys, value_set=kept, skip_nulls=True)
    missing = _mask(index.is_null()) & filled
    unknown = missing & ~_mask(pc.is_in(keys, value_set=base.keys)) if len(kept) < len(base.keys) else missing
    return index.fill_null(-1).to_numpy().astype(np.int64), [
        _Finding(Kind.UNKNOWN_KEY, "sleutel", unknown),
        _Finding(Kind.REFUSED_KEY, "sleutel", missing & ~unknown),
    ]


def _delivered(keys: pa.Array, names: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64], list[_Finding]]:
    """Index of each row's key among the keys of the file, the zone of each row, and rows that name none or two."""
    index = keys.dictionary_encode().indices.fill_null(-1).to_numpy().astype(np.int64)
    right = _mask(pc.match_substring_regex(names, "^8a[0-9a-f]{13}$"))
    number = [int(name, 16) if fits else 0 for name, fits in zip(names.to_pylist(), right, strict=True)]
    zone = np.array(number, dtype=np.uint64)
    usable = right & (index >= 0)
    pairs = np.unique(np.stack([index[usable].astype(np.uint64), zone[usable]], axis=1), axis=0)
    double, times = np.unique(pairs[:, 0], return_counts=True)
    return (
        index,
        zone,
        [
            _Finding(Kind.ZONE, ZONE_COLUMN, ~right & _mask(names.is_valid())),
            _Finding(Kind.TWO_ZONES, ZONE_COLUMN, usable & np.isin(index, double[times > 1].astype(np.int64))),
        ],
    )


def _text(column: pa.Array) -> pa.Array:
    """Column as text; whole numbers without a decimal part, so that keys stored as numbers still match."""
    if pa.types.is_floating(column.type) and _mask(pc.equal(pc.floor(column), column)).sum() + column.null_count == len(
        column
    ):
        column = column.cast(pa.int64(), safe=False)
    return column.cast(pa.string())


def _numbers(column: pa.Array) -> tuple[npt.NDArray[np.float64], Bools]:
    """Numbers (NaN where there is none) and the filled rows that hold none. Decimal comma or point, no exponent."""
    filled = _mask(column.is_valid())
    if pa.types.is_string(column.type):
        plain = pc.match_substring_regex(column, r"^[+-]?[0-9]+(?:[.,][0-9]+)?$")
        column = pc.if_else(plain, pc.replace_substring(column, ",", "."), pa.scalar(None, pa.string()))
    elif not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        column = pa.nulls(len(column), pa.float64())
    values = column.cast(pa.float64()).fill_null(math.nan).to_numpy(zero_copy_only=False)
    return values, filled & ~np.isfinite(values)


def _amounts(column: pa.Array) -> tuple[npt.NDArray[np.int64], Bools]:
    values, misfit = _numbers(column)
    whole = np.isfinite(values) & (values >= 0) & (values < 2**53) & (np.floor(values) == values)
    return np.where(whole, values, 0).astype(np.int64), misfit | (np.isfinite(values) & ~whole)


def _days(column: pa.Array) -> tuple[npt.NDArray[np.datetime64], Bools]:
    """Days (NaT where there is none) and the filled rows that hold none."""
    filled = _mask(column.is_valid())
    if pa.types.is_string(column.type):
        coded = column.dictionary_encode()  # few days, many rows
        days = np.array([_day(text) for text in coded.dictionary.to_pylist()] + [None], dtype="datetime64[D]")
        values = days[coded.indices.fill_null(len(days) - 1).to_numpy()]
    elif pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
        values = column.cast(pa.date32(), safe=False).to_numpy(zero_copy_only=False).astype("datetime64[D]")
    else:
        values = np.full(len(column), np.datetime64("NaT", "D"), dtype="datetime64[D]")
    return values, filled & np.isnat(values)


_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?")
_DUTCH = re.compile(r"([0-9]{1,2})-([0-9]{1,2})-([0-9]{4})")


def _day(text: str) -> dt.date | None:
    """Day of a date as ISO or dd-mm-jjjj; a time of day is dropped, a time zone is not understood."""
    iso, dutch = _ISO.fullmatch(text), _DUTCH.fullmatch(text)
    parts = iso.groups() if iso else dutch.groups()[::-1] if dutch else None
    if parts is None:
        return None
    try:
        return dt.date(*(int(part) for part in parts))
    except ValueError:
        return None


def _uses(texts: pa.Array) -> npt.NDArray[np.uint16]:
    """Bits of the gebruiksdoelen; 0 where unknown or empty."""
    coded = texts.dictionary_encode()
    bits = np.append(use_bits(coded.dictionary.to_pylist()), np.uint16(0))
    taken: npt.NDArray[np.uint16] = bits[coded.indices.fill_null(len(bits) - 1).to_numpy()]
    return taken


def _mask(values: Any) -> Bools:  # noqa: ANN401
    mask: Bools = values.fill_null(fill_value=False).to_numpy(zero_copy_only=False)
    return mask


def _any(findings: Sequence[_Finding], rows: int) -> Bools:
    bad = np.zeros(rows, dtype=bool)
    for finding in findings:
        bad |= finding.rows
    return bad
