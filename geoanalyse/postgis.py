"""An address base or the table of a layer out of PostGIS, as the file of the contract: still the raw side.

Only the columns of the contract are asked for, in a transaction that cannot change anything. The rows come as CSV by
COPY, which Arrow reads in blocks as they arrive.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from geoanalyse.contract import PLACE, SYSTEM
from geoanalyse.database import Access, ExecStatus, connected, errors, psycopg, sql
from geoanalyse.errors import GeoanalyseError, InputError
from geoanalyse.faults import Fault, Kind
from geoanalyse.files import write_private

_RD = (28992, 7415)
_WHOLE, _FRACTION, _EXACT, _MOMENT = (20, 21, 23), (700, 701), (1700,), (1114, 1184)  # numbers of PostgreSQL's types
_BLOCK = 1 << 24  # bytes


@dataclass(frozen=True, slots=True)
class Source:
    """What is read: a table, as ``schema.tabel`` or ``tabel``; or the text of one SELECT.

    Attributes
    ----------
    name : str
        How messages call it.
    table, query : str
        One of both.
    """

    name: str
    table: str = ""
    query: str = ""


def fetch(access: Access, source: Source, listed: Sequence[str], more: Sequence[str] = ()) -> pa.Table:
    """Read the listed columns of a table or query, sorted by them: a database has no order.

    Parameters
    ----------
    access : Access
    source : Source
    listed : sequence of str
        Columns of the contract, all required; points in RD stand for ``oost``, ``noord`` and ``crs``.
    more : sequence of str
        Columns that are taken where they are there.

    Returns
    -------
    pyarrow.Table
        Text, whole numbers and fractions; a day is text, jjjj-mm-dd.

    Raises
    ------
    InputError
        When a column misses, or the geometry is no point in RD.
    GeoanalyseError
        For whatever the server says.
    """
    with connected(access, read_only=True) as connection:
        rows = _rows_of(source)
        types = _types(connection, rows)
        columns = (*listed, *(name for name in more if name in types))
        space, shapes = _shapes(connection, types)
        drawn = set(PLACE) <= set(listed) and not set(PLACE) & set(types) and bool(shapes)
        missing = [name for name in columns if name not in types and not (drawn and name in PLACE)]
        if missing:
            contract = ", ".join(listed)
            raise InputError([str(Fault(Kind.MISSING, source.name, name, detail=contract)) for name in missing])
        places: dict[str, sql.Composable] = {}
        if drawn:
            places = _checked_places(connection, source.name, rows, space, shapes)
        wanted = {name: places.get(name) or _as_read(name, types[name]) for name in columns}
        table = _copied(connection, rows, wanted, _arrow_types(columns, types, places))
    if not table.num_rows:
        raise InputError(str(Fault(Kind.NO_ROWS, source.name)))
    return table.sort_by([(name, "ascending") for name in columns])


def write(table: pa.Table, path: Path) -> None:
    """Write what was fetched as a Parquet file that only its owner may read, whole or not at all.

    Raises
    ------
    GeoanalyseError
        When it cannot be written.
    """
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, version="2.6", compression="zstd", row_group_size=1 << 20)
    write_private(path, bytes(sink.getvalue()))


def _rows_of(source: Source) -> sql.Composable:
    """Write SQL for the rows: names are quoted as names, and a query stands between brackets on lines of its own."""
    if source.query:
        query = source.query.strip().removesuffix(";")
        return sql.SQL("(\n{}\n) AS vraag").format(sql.SQL(query))
    if source.table.count(".") > 1 or source.table.startswith('"') or '."' in source.table:
        raise InputError(
            f"{source.name}: schrijf bij --tabel tabel of schema.tabel, zonder aanhalingstekens; heeft een naam zelf"
            " een punt, gebruik dan --query"
        )
    schema, dot, table = source.table.partition(".")
    return sql.Identifier(schema, table) if dot else sql.Identifier(schema)


def _types(connection: psycopg.Connection, rows: sql.Composable) -> dict[str, int]:
    """Name and type of each column, without running anything; the server takes one statement here, never two."""
    text = sql.SQL("SELECT * FROM {}").format(rows).as_bytes(connection)
    for result in (connection.pgconn.prepare(b"", text), connection.pgconn.describe_prepared(b"")):
        if result.status != ExecStatus.COMMAND_OK:
            raise errors.error_from_result(result)
    return {(result.fname(place) or b"").decode(): result.ftype(place) for place in range(result.nfields)}


def _shapes(connection: psycopg.Connection, types: Mapping[str, int]) -> tuple[str, list[str]]:
    """Find the schema of PostGIS, and the columns that are geometry or geography."""
    found = connection.execute(
        "SELECT n.nspname, array_agg(t.oid::int) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace"
        " JOIN pg_type t ON t.typnamespace = n.oid AND t.typname IN ('geometry', 'geography')"
        " WHERE e.extname = 'postgis' GROUP BY 1"
    ).fetchone()
    if found is None:
        return "", []
    return found[0], [name for name, kind in types.items() if kind in found[1]]


def _checked_places(
    connection: psycopg.Connection, name: str, rows: sql.Composable, space: str, shapes: Sequence[str]
) -> dict[str, sql.Composable]:
    """Write SQL for oost, noord and crs, once every geometry is a point in RD."""
    if len(shapes) > 1:
        raise InputError(f"{name}: heeft {len(shapes)} geometriekolommen; kies er een met --query")
    shape = sql.Identifier(shapes[0])

    def call(function: str, *arguments: sql.Composable) -> sql.Composable:
        return sql.SQL("{}({})").format(sql.Identifier(space, function), sql.SQL(", ").join(arguments))

    # of several points that are one, that one; a geography is degrees, which its number says
    drawn = sql.SQL("{}::{}").format(shape, sql.Identifier(space, "geometry"))
    single = sql.SQL("CASE WHEN {kind} LIKE 'MULTIPOINT%' AND {count} = 1 THEN {first} ELSE {drawn} END").format(
        kind=call("geometrytype", drawn),
        count=call("st_numgeometries", drawn),
        first=call("st_geometryn", drawn, sql.Literal(1)),
        drawn=drawn,
    )
    srid, kind, east, north = (call(name, single) for name in ("st_srid", "geometrytype", "st_x", "st_y"))
    question = sql.SQL(
        "SELECT count(*) FILTER (WHERE {kind} NOT LIKE 'POINT%'), min({srid}) FILTER (WHERE {srid} <> ALL({known}))"
        " FROM {rows} WHERE {shape} IS NOT NULL"
    ).format(kind=kind, srid=srid, rows=rows, shape=shape, known=sql.Literal(list(_RD)))
    lines, other = connection.execute(question).fetchone() or (0, None)
    if other == 0:
        raise InputError(
            f"{name}: de geometrie noemt geen coördinatenstelsel; ken het toe met ST_SetSRID in een --query"
        )
    if other is not None:
        raise InputError(
            f"{name}: de geometrie staat in EPSG:{other}; reken om met ST_Transform({shapes[0]}::geometry, 28992)"
            " in een --query"
        )
    if lines:
        raise InputError(str(Fault(Kind.NO_POINTS, name, rows=lines)))
    return dict(zip(PLACE, (east, north, sql.Literal(SYSTEM)), strict=True))


def _as_read(name: str, kind: int) -> sql.Composable:
    """Write SQL for a column: numbers as numbers, of a moment the day, and all else as text."""
    column = sql.Identifier(name)
    if kind in (*_WHOLE, *_FRACTION):
        return column
    if kind in _EXACT and name in ("oost", "noord", "aantal"):
        return sql.SQL("{}::float8").format(column)
    return sql.SQL("{}::date::text" if kind in _MOMENT else "{}::text").format(column)


def _arrow_types(
    columns: Sequence[str], types: Mapping[str, int], places: Mapping[str, object]
) -> dict[str, pa.DataType]:
    found = {}
    for name in columns:
        number = name in ("oost", "noord") if name in places else types[name] in (*_FRACTION, *_EXACT)
        if number and (name in ("oost", "noord", "aantal") or types.get(name) in _FRACTION):
            found[name] = pa.float64()
        else:
            found[name] = pa.int64() if types.get(name) in _WHOLE else pa.string()
    return found


def _copied(
    connection: psycopg.Connection,
    rows: sql.Composable,
    wanted: Mapping[str, sql.Composable],
    types: Mapping[str, pa.DataType],
) -> pa.Table:
    import pyarrow.csv as pv  # noqa: PLC0415

    text = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT csv)").format(sql.SQL(", ").join(wanted.values()), rows)
    result = connection.pgconn.exec_(text.as_bytes(connection))
    if result.status != ExecStatus.COPY_OUT:
        raise errors.error_from_result(result)
    options = pv.ConvertOptions(
        column_types=dict(types), null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
    )
    empty = pa.schema(list(types.items())).empty_table()
    try:
        parts = [
            pv.read_csv(
                pa.BufferReader(block),
                read_options=pv.ReadOptions(column_names=list(wanted), block_size=len(block)),
                parse_options=pv.ParseOptions(newlines_in_values=True),
                convert_options=options,
            )
            for block in _arriving(connection.pgconn)
        ]
    except pa.ArrowInvalid:
        raise GeoanalyseError(
            "database: de rijen zijn niet te lezen; maak van de kolommen tekst met ::text in een --query"
        ) from None
    return pa.concat_tables([empty, *parts])


def _arriving(connection: Any) -> Iterator[bytes]:  # noqa: ANN401 - psycopg has one type per way it was built
    """Rows as the server sends them, whole; fails when it did not send them all."""
    rows, size = list[bytes](), 0
    while True:
        length, row = connection.get_copy_data(0)
        if length > 0:
            rows.append(bytes(row))
            size += length
        if rows and (length <= 0 or size >= _BLOCK):
            yield b"".join(rows)
            rows, size = [], 0
        if length <= 0:
            break
    while (result := connection.get_result()) is not None:
        if result.status != ExecStatus.COMMAND_OK:
            raise errors.error_from_result(result)
