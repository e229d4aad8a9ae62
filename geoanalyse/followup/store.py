"""The file that keeps what came back: embedded DuckDB, for its owner only, changed by whole imports or not at all.

DuckDB keeps other processes out while the file is open, and undoes an import that did not end. Nothing in it reaches
outside the file, and it fetches no extension.
"""

import contextlib
import datetime as dt
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from geoanalyse.errors import ReleaseError
from geoanalyse.followup.history import Answer, Event, Kind
from geoanalyse.followup.issued import Listed
from geoanalyse.key import limit_access

if TYPE_CHECKING:
    import types

    import duckdb

VERSION = 1
"""Version of the file."""

_CLOSED_IN: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "threads": 1,
}
_TABLES = """
CREATE TABLE versie (versie INTEGER NOT NULL);
CREATE TABLE signaal (
    uitgave VARCHAR NOT NULL, signaal VARCHAR NOT NULL, thema VARCHAR NOT NULL, route VARCHAR NOT NULL,
    sterkte VARCHAR NOT NULL, codes VARCHAR[] NOT NULL, gebiedscode VARCHAR NOT NULL, buurt VARCHAR NOT NULL,
    peildatum DATE NOT NULL, demo BOOLEAN NOT NULL, PRIMARY KEY (uitgave, signaal));
CREATE TABLE bestand (sha256 VARCHAR PRIMARY KEY, gelezen TIMESTAMP NOT NULL, rijen INTEGER NOT NULL);
CREATE TABLE gebeurtenis (
    nummer BIGINT PRIMARY KEY, uitgave VARCHAR NOT NULL, signaal VARCHAR NOT NULL, soort VARCHAR NOT NULL,
    status VARCHAR NOT NULL, eigenaar VARCHAR NOT NULL, gekozen_route VARCHAR NOT NULL, datum DATE,
    uitkomst VARCHAR NOT NULL, reden VARCHAR NOT NULL, opmerking VARCHAR NOT NULL,
    bestand VARCHAR NOT NULL, gelezen TIMESTAMP NOT NULL);
"""
_SIGNALS = pa.schema(
    [(name, pa.string()) for name in ("uitgave", "signaal", "thema", "route", "sterkte")]
    + [
        ("codes", pa.list_(pa.string())),
        ("gebiedscode", pa.string()),
        ("buurt", pa.string()),
        ("peildatum", pa.date32()),
        ("demo", pa.bool_()),
    ]
)
_EVENTS = pa.schema(
    [("nummer", pa.int64())]
    + [(name, pa.string()) for name in ("uitgave", "signaal", "soort", "status", "eigenaar", "gekozen_route")]
    + [("datum", pa.date32())]
    + [(name, pa.string()) for name in ("uitkomst", "reden", "opmerking", "bestand")]
    + [("gelezen", pa.timestamp("us"))]
)

History = Mapping[tuple[str, str], Sequence[Event]]
"""Events by release and signal, in order."""


@dataclass(frozen=True, slots=True)
class Store:
    """An open store; what is added counts when `opened` ends without an error."""

    _database: "duckdb.DuckDBPyConnection"

    def files(self) -> dict[str, dt.datetime]:
        """Give the files that were read, by digest, and when (UTC)."""
        return dict(self._database.execute("SELECT sha256, gelezen FROM bestand").fetchall())

    def signals(self) -> dict[tuple[str, str], Listed]:
        """Give the signals of every release of which a list came back."""
        names = "uitgave, signaal, thema, route, sterkte, codes, gebiedscode, buurt, peildatum, demo"
        rows = self._database.execute(f"SELECT {names} FROM signaal ORDER BY ALL").fetchall()  # noqa: S608 - our names
        found = (
            Listed(release, signal, theme, route, strength, tuple(codes), region, name, day, demo)
            for release, signal, theme, route, strength, codes, region, name, day, demo in rows
        )
        return {(each.release, each.id): each for each in found}

    def history(self) -> dict[tuple[str, str], list[Event]]:
        """Give every event, by signal."""
        names = "uitgave, signaal, status, eigenaar, gekozen_route, datum, uitkomst, reden, opmerking, bestand, gelezen"
        found = self._database.execute(f"SELECT {names}, soort FROM gebeurtenis ORDER BY nummer").fetchall()  # noqa: S608
        events: dict[tuple[str, str], list[Event]] = {}
        for release, signal, *answer, file, read, kind in found:
            event = Event(release, signal, Answer(*answer), file, read, Kind(kind))
            events.setdefault((release, signal), []).append(event)
        return events

    def add(
        self, files: Mapping[str, int], read: dt.datetime, events: Sequence[Event], listed: Iterable[Listed]
    ) -> None:
        """Add files that were read at one moment (UTC; rows by digest), what they say, and the signals it is about."""
        known = self.signals().keys()
        for digest, rows in files.items():
            self._database.execute("INSERT INTO bestand VALUES (?, ?, ?)", [digest, read, rows])
        self._insert("signaal", _SIGNALS, [_row_of(each) for each in listed if (each.release, each.id) not in known])
        (last,) = self._database.execute("SELECT coalesce(max(nummer), 0) FROM gebeurtenis").fetchall()[0]
        self._insert(
            "gebeurtenis", _EVENTS, [(last + place, *_event_row(each)) for place, each in enumerate(events, 1)]
        )

    def _insert(self, table: str, schema: pa.Schema, rows: Sequence[Sequence[object]]) -> None:
        """Insert rows as columns: one by one, ten thousand take seconds."""
        if not rows:
            return
        columns = zip(*rows, strict=True)
        arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
        self._database.register("nieuw", pa.table(arrays, schema=schema))
        self._database.execute(f"INSERT INTO {table} SELECT * FROM nieuw")  # noqa: S608 - our own names
        self._database.unregister("nieuw")


def _row_of(signal: Listed) -> tuple[object, ...]:
    what = (signal.release, signal.id, signal.theme, signal.route, signal.strength, list(signal.codes))
    return (*what, signal.region, signal.region_name, signal.reference_date, signal.demo)


def _event_row(event: Event) -> tuple[object, ...]:
    told = event.answer
    said = (told.status, told.owner, told.route, told.day, told.outcome, told.reason, told.remark)
    return (event.release, event.signal, str(event.kind), *said, event.file, event.read)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Store]:
    """Open a store to add to it; make it when there is none.

    Everything that is added until the end is kept together, or nothing is when an error or interruption comes first.

    Raises
    ------
    ReleaseError
        When it cannot be opened, is no store, or another command has it open.
    """
    import duckdb  # noqa: PLC0415 - a tenth of a second, for this command only

    with _dutch(path, duckdb), _for_its_owner():
        if not path.exists():
            _make(path, duckdb)
        with contextlib.closing(duckdb.connect(path, config=_CLOSED_IN)) as database:
            _check(path, database)
            database.begin()
            yield Store(database)
            database.commit()  # what is not committed is gone when the database closes


@contextlib.contextmanager
def looked_into(path: Path) -> Iterator[Store]:
    """Open a store to read it.

    Raises
    ------
    ReleaseError
        As `opened`, and when there is none.
    """
    import duckdb  # noqa: PLC0415

    if not path.exists():
        raise ReleaseError(f"{path}: er is nog niets teruggelezen; doe dat met `geoanalyse opvolging lees BESTAND...`")
    with _dutch(path, duckdb), contextlib.closing(duckdb.connect(path, read_only=True, config=_CLOSED_IN)) as database:
        _check(path, database)
        yield Store(database)


def _make(path: Path, duckdb: "types.ModuleType") -> None:
    """Make an empty store under another name, so that it has its own name only when it is whole."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(path.name + ".nieuw")
    new.unlink(missing_ok=True)
    with contextlib.closing(duckdb.connect(new, config=_CLOSED_IN)) as database:
        database.execute(_TABLES)
        database.execute("INSERT INTO versie VALUES (?)", [VERSION])
    limit_access(new)
    new.rename(path)


def _check(path: Path, database: "duckdb.DuckDBPyConnection") -> None:
    tables = {name for (name,) in database.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if "versie" not in tables:
        raise ReleaseError(f"{path}: dit is geen opvolgingsbestand van geoanalyse")
    (version,) = database.execute("SELECT max(versie) FROM versie").fetchall()[0]
    if version != VERSION:
        raise ReleaseError(f"{path}: is van een nieuwere versie van geoanalyse ({version}); werk geoanalyse bij")


@contextlib.contextmanager
def _for_its_owner() -> Iterator[None]:
    """Let only the owner read what DuckDB writes beside the store while it is open."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


@contextlib.contextmanager
def _dutch(path: Path, duckdb: "types.ModuleType") -> Iterator[None]:
    try:
        yield
    except ReleaseError:
        raise
    except duckdb.IOException as error:
        busy = "lock" in str(error)
        raise ReleaseError(
            f"{path}: een andere opdracht werkt nu met dit bestand; wacht tot die klaar is en probeer opnieuw"
            if busy
            else f"{path}: kan niet worden geopend of geschreven, of is geen opvolgingsbestand; kies met --bestand een "
            "bestand op een lokale schijf waarin u mag schrijven"
        ) from None
    except duckdb.Error:
        raise ReleaseError(f"{path}: het opvolgingsbestand is beschadigd; zet de nieuwste kopie terug") from None
    except OSError:
        raise ReleaseError(f"{path}: kan niet worden geschreven; geef uzelf schrijfrecht op de map") from None
