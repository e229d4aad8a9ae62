"""A finished release into PostGIS: the layers of its GeoPackage as tables, all of them or none.

Only what `geoanalyse verifieer` finds in order is written. It takes one transaction, in which the tables of an earlier
release of the same area make way; a reader sees the old tables or the new ones.
"""

import io
import re
import sqlite3
import warnings
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, LiteralString

import pyarrow as pa
import pyarrow.csv as pa_csv
import shapely

from geoanalyse.database import Access, connected, psycopg, sql
from geoanalyse.errors import GeoanalyseError, ReleaseError
from geoanalyse.products.checked import Checked

_SYSTEM = 28992
_LONGEST = 63  # bytes of a name; PostgreSQL cuts the rest off without a word
_WAITING = "geoanalyse_nieuw_"


@dataclass(frozen=True, slots=True, repr=False)
class _Layer:
    """One layer of the GeoPackage, and what it says of itself and its columns."""

    name: str
    about: str
    table: pa.Table
    titles: Mapping[str, str]
    shape: str


def publish(access: Access, release: Checked, schema: str) -> dict[str, int]:
    """Write the layers of a release as tables, all of them or none.

    Parameters
    ----------
    access : Access
    release : Checked
    schema : str
        Is made when it is not there.

    Returns
    -------
    dict of str to int
        Rows per table.

    Raises
    ------
    GeoanalyseError
        What the server says; then the database is as it was.
    """
    layers = {_named(release.area, layer.name): layer for layer in _layers(release.package)}
    with connected(access, read_only=False) as connection:
        _written(connection, schema, release, layers)
        connection.commit()
    return {name: layer.table.num_rows for name, layer in layers.items()}


def _named(area: str, layer: str) -> str:
    name = re.sub(r"[^a-z0-9_]+", "_", f"{area}_{layer}".lower())
    if len(name.encode()) > _LONGEST:
        raise ReleaseError(
            f"{layer}: de naam van de tabel wordt langer dan {_LONGEST} tekens; kort de naam van het gebied in"
        )
    return name


def _layers(data: bytes) -> list[_Layer]:
    import pyogrio  # noqa: PLC0415 - brings all of GDAL

    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(data)
        contents = database.execute(
            "SELECT table_name, description FROM gpkg_contents WHERE data_type = 'features' ORDER BY table_name"
        ).fetchall()
        titles: dict[str, dict[str, str]] = {}
        for table, column, title in database.execute("SELECT table_name, column_name, name FROM gpkg_data_columns"):
            titles.setdefault(table, {})[column] = title or ""
    found = []
    for name, description in contents:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL's notes on the name of a file in memory
            meta, table = pyogrio.read_arrow(data, layer=name)
        shape = meta["geometry_name"] or "wkb_geometry"
        found.append(_Layer(name, description or "", table, titles.get(name, {}), shape))
    return found


# --- in the database --------------------------------------------------------------------------------------------------


def _written(
    connection: psycopg.Connection,
    schema: str,
    release: Checked,
    layers: Mapping[str, _Layer],
) -> None:
    if connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (schema,)).fetchone() is None:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
    space = connection.execute(
        "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'postgis'"
    ).fetchone()
    if space is None:
        raise GeoanalyseError("database: PostGIS ontbreekt; vraag de beheerder om CREATE EXTENSION postgis")
    owner, facts = f"geoanalyse {release.area}, kenmerk ", _named(release.area, "uitgave")
    earlier = _earlier(connection, schema, owner, (*layers, facts))
    for place, layer in enumerate(layers.values()):
        _load(connection, sql.Identifier(schema, f"{_WAITING}{place}"), layer, space[0])
    readers = {name: _make_way(connection, schema, name, number) for name, number in earlier.items()}
    connection.execute(
        sql.SQL("CREATE TABLE {} (naam text PRIMARY KEY, waarde text NOT NULL)").format(sql.Identifier(schema, facts))
    )
    for mark in release.marks.items():
        values = sql.SQL(", ").join(map(sql.Literal, mark))
        connection.execute(sql.SQL("INSERT INTO {} VALUES ({})").format(sql.Identifier(schema, facts), values))
    for place, (name, layer) in enumerate(layers.items()):
        table = sql.Identifier(schema, name)
        for text in (
            sql.SQL("ALTER TABLE {} RENAME TO {}").format(
                sql.Identifier(schema, f"{_WAITING}{place}"), sql.Identifier(name)
            ),
            sql.SQL("ALTER TABLE {} ADD PRIMARY KEY (fid)").format(table),
            sql.SQL("CREATE INDEX ON {} USING gist (geometry)").format(table),
            *(
                sql.SQL("CREATE INDEX ON {} ({})").format(table, sql.Identifier(column))
                for column in ("zone", "gebiedscode")
                if column in layer.table.column_names
            ),
            *(
                sql.SQL("COMMENT ON COLUMN {} IS {}").format(sql.Identifier(schema, name, column), sql.Literal(title))
                for column, title in _titles(layer).items()
            ),
        ):
            connection.execute(text)
    texts = {name: layer.about for name, layer in layers.items()} | {facts: "Van welke uitgave de tabellen zijn"}
    for name, about in texts.items():
        table = sql.Identifier(schema, name)
        comment = sql.Literal(f"{owner}{release.marks['kenmerk']}\n{about}")
        connection.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(table, comment))
        for reader in readers.get(name, ()):
            to = sql.SQL("PUBLIC") if reader == "PUBLIC" else sql.Identifier(reader)
            connection.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(table, to))


def _titles(layer: _Layer) -> dict[str, str]:
    own = {name: layer.titles.get(name, "") for name in layer.table.column_names if name != layer.shape}
    return {
        "fid": "Volgnummer",
        **{name: title for name, title in own.items() if title},
        "geometry": f"Omtrek in RD (EPSG:{_SYSTEM})",
    }


def _earlier(connection: psycopg.Connection, schema: str, owner: str, names: Sequence[str]) -> dict[str, int]:
    """Find the tables of an earlier release of this area, by name and number; another table of such a name is kept."""
    there = connection.execute(
        "SELECT c.oid::int8, c.relname, coalesce(obj_description(c.oid, 'pg_class'), '') FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relkind IN ('r', 'v', 'm', 'p', 'f')",
        (schema,),
    ).fetchall()
    strange = [name for _, name, comment in there if name in names and not comment.startswith(owner)]
    if strange:
        raise GeoanalyseError(
            f"database: {', '.join(sorted(strange))} bestaat al en is niet van een eerdere uitgave van dit gebied;"
            " kies met --schema een ander schema"
        )
    return {name: number for number, name, comment in there if comment.startswith(owner)}


def _make_way(connection: psycopg.Connection, schema: str, name: str, number: int) -> list[str]:
    """Drop a table, and give who could read it."""
    readers = connection.execute(
        "SELECT coalesce(r.rolname, 'PUBLIC') FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a"
        " LEFT JOIN pg_roles r ON r.oid = a.grantee"
        " WHERE c.oid = %s AND a.privilege_type = 'SELECT' AND a.grantee <> c.relowner ORDER BY 1",
        (number,),
    ).fetchall()
    connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(schema, name)))
    return [reader for (reader,) in readers]


def _load(connection: psycopg.Connection, table: Any, layer: _Layer, space: str) -> None:  # noqa: ANN401
    """Make a table and fill it by COPY."""
    names = [name for name in layer.table.column_names if name != layer.shape]
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(_type(layer.table.schema.field(name).type)))
        for name in names
    ]
    connection.execute(
        sql.SQL("CREATE TABLE {} (fid integer NOT NULL, {}, geometry {}(MultiPolygon, {}))").format(
            table, sql.SQL(", ").join(columns), sql.Identifier(space, "geometry"), sql.Literal(_SYSTEM)
        )
    )
    shapes = shapely.set_srid(shapely.from_wkb(layer.table.column(layer.shape).to_numpy(zero_copy_only=False)), _SYSTEM)
    hexes = shapely.to_wkb(shapes, hex=True, include_srid=True, byte_order=1)
    numbers = pa.array(range(1, len(hexes) + 1))
    whole = pa.table(
        [numbers, *(layer.table.column(name) for name in names), pa.array(hexes)], ["fid", *names, "geometry"]
    )
    sink = io.BytesIO()
    pa_csv.write_csv(whole, sink, pa_csv.WriteOptions(include_header=False))
    with connection.cursor() as cursor, cursor.copy(sql.SQL("COPY {} FROM STDIN (FORMAT csv)").format(table)) as copy:
        copy.write(sink.getvalue())


def _type(kind: pa.DataType) -> LiteralString:
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "bigint"
    if pa.types.is_floating(kind):
        return "double precision"
    return "date" if pa.types.is_date(kind) else "text"
