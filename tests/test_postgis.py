"""Input out of PostGIS, and a release into it: against a real server, which is started here."""
# ruff: noqa: E501, S608 - a message stands here whole, as an analyst reads it; names in SQL are those of these tests

import datetime as dt
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import shapely

from geoanalyse import cli, database, postgis
from geoanalyse.addresses import ADDRESS_COLUMNS, check_folder, read_addresses
from geoanalyse.commands import postgis as command
from geoanalyse.database import Access, access
from geoanalyse.errors import GeoanalyseError, InputError
from geoanalyse.postgis import Source, fetch, write
from geoanalyse.products import postgis as writing
from geoanalyse.products.checked import Checked, checked
from geoanalyse.products.folder import write_release
from geoanalyse.products.postgis import publish
from tests.small import small_release
from tests.test_addresses import LAYERS
from tests.test_addresses import write as write_folder
from tests.town import regions

psycopg = database.psycopg
TODAY = dt.date(2026, 11, 23)
REGIONS = regions()
SECRET = "Zeer-Geheim-1"  # noqa: S105 - of a server that lives for as long as these tests
EVENTS = ("sleutel", "datum")

ADDRESSES = """
CREATE SCHEMA bag;
CREATE TABLE bag.adressen (
    sleutel varchar(20), gebruik text, pand text, bewoner text, nr numeric(16, 0), plek geometry(PointZ, 7415)
);
INSERT INTO bag.adressen
SELECT 'a' || lpad(i::text, 6, '0'), 'woonfunctie', '036310' || lpad((i / 2)::text, 10, '0'), 'P. de Vries', 363100000000000 + i,
    ST_SetSRID(ST_MakePoint(120000.5 + i, 480000 + i, 2), 7415)
FROM generate_series(19, 0, -1) i;
CREATE TABLE bag.vlak (sleutel text, oost numeric, noord float8, crs text, gebruik text, pand text);
INSERT INTO bag.vlak SELECT 'a' || i, 120000.5 + i, 480000 + i, 'EPSG:28992', 'woonfunctie', 'p' || i FROM generate_series(10, 29) i;
CREATE TABLE bag.graden AS SELECT sleutel, gebruik, pand, ST_Transform(ST_Force2D(plek), 4326) AS plek FROM bag.adressen;
CREATE TABLE leegstand (sleutel text, datum timestamptz, "Aantal" int, naam text);
INSERT INTO leegstand VALUES ('a000003', '2025-03-16 23:30+00', 1, 'x'), ('a000000', '2025-02-01 12:00+00', 1, NULL);
CREATE ROLE lezer LOGIN PASSWORD 'Zeer-Geheim-1';
GRANT USAGE ON SCHEMA bag TO lezer;
GRANT SELECT ON ALL TABLES IN SCHEMA bag TO lezer;
CREATE DATABASE kaal;
"""


def newest() -> Path | None:
    """Find the programs of the newest server that has PostGIS."""
    homes = sorted(Path("/usr/lib/postgresql").glob("[0-9]*"), key=lambda home: int(home.name.split(".")[0]))
    for home in reversed(homes):
        if (
            Path(f"/usr/share/postgresql/{home.name}/extension/postgis.control").exists()
            and (home / "bin/initdb").exists()
        ):
            return home / "bin"
    return None


class Server:
    """A server with a folder and a socket of its own."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.folder = Path(tempfile.mkdtemp(prefix="geoanalyse-"))
        self.folder.chmod(0o777)  # the server may not be root, and makes a folder of its own inside
        mine = self.folder.stat().st_uid
        self._user: dict[str, Any] = {"user": "postgres", "extra_groups": []} if mine == 0 else {}
        secret = self.folder / "wachtwoord"
        secret.write_text(SECRET, encoding="utf-8")
        secret.chmod(0o644)
        self._call(
            "initdb",
            "-D",
            "data",
            "-U",
            "baas",
            "--pwfile",
            str(secret),
            "--auth=scram-sha-256",
            "-E",
            "UTF8",
            "--no-locale",
        )
        self.start()

    def _call(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._home / program), *arguments],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=120,
            check=False,
            **self._user,
        )
        assert done.returncode == 0, done.stderr.decode()

    def start(self) -> None:
        options = f"-k {self.folder} -p 5432 -c listen_addresses= -c fsync=off -c max_connections=20"
        self._call("pg_ctl", "-D", "data", "-o", options, "-l", "data/verslag", "-w", "start")

    def stop(self) -> None:
        self._call("pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")

    def url(self, user: str = "baas", secret: str = SECRET, base: str = "postgres") -> str:
        word = f":{secret}" if secret else ""
        return f"postgresql://{user}{word}@/{base}?host={self.folder}"

    def access(self, *of: str, patience: int = 60) -> Access:
        return access({database.ENVIRONMENT: self.url(*of)}, patience=patience)

    def ask(self, text: str) -> list[tuple[Any, ...]]:
        """Run SQL as the one who may do all."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            cursor = connection.execute(text)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    home = newest()
    if home is None:
        if os.environ.get("CI"):
            pytest.fail("PostGIS ontbreekt (Debian: postgresql-postgis)")
        pytest.skip("PostGIS is hier niet (Debian: postgresql-postgis)")
    made = Server(home)
    try:
        made.ask("CREATE EXTENSION postgis")
        for text in ADDRESSES.split(";\n"):
            if text.strip():
                made.ask(text)
        yield made
    finally:
        made.stop()
        shutil.rmtree(made.folder, ignore_errors=True)


def refused(call: Callable[[], object]) -> str:
    """Give the one line of a refusal, that says nothing of who asked or where."""
    with pytest.raises(GeoanalyseError) as caught:
        call()
    line = str(caught.value)
    assert "\n" not in line
    assert not [word for word in (SECRET, "baas", "lezer", "geoanalyse-", "5432", "fout-woord") if word in line]
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return line


def tables(server: Server, schema: str) -> list[str]:
    rows = server.ask(f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{schema}' ORDER BY 1")
    return [name for (name,) in rows]


# --- out of the database ----------------------------------------------------------------------------------------------


def test_an_address_base_with_points_comes_out_as_the_contract_wants_it(server: Server, tmp_path: Path) -> None:
    found = fetch(server.access("lezer"), Source("adressen", table="bag.adressen"), ADDRESS_COLUMNS)
    assert found.column_names == list(ADDRESS_COLUMNS)
    write(found, tmp_path / "adressen.parquet")
    base, report = read_addresses(tmp_path)
    assert base.keys.to_pylist() == [f"a{i:06d}" for i in range(20)]
    assert base.easting.tolist() == [120000.5 + i for i in range(20)]
    assert base.building.tolist() == [i // 2 for i in range(20)]
    assert found["pand"][0].as_py() == "0363100000000000"
    assert report.files[0].format == "parquet"
    assert (tmp_path / "adressen.parquet").stat().st_mode & 0o077 == 0 or os.name != "posix"


def test_the_same_rows_give_the_same_file(server: Server, tmp_path: Path) -> None:
    source = Source("adressen", table="bag.adressen")
    write(fetch(server.access(), source, ADDRESS_COLUMNS), tmp_path / "a")
    server.ask("UPDATE bag.adressen SET gebruik = gebruik WHERE nr > 363100000000004")  # another order on disk
    write(fetch(server.access(), source, ADDRESS_COLUMNS), tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_one_point_of_several_is_a_point(server: Server) -> None:
    several = "SELECT sleutel, gebruik, pand, ST_Multi(plek) AS plek FROM bag.adressen"
    one, other = (
        fetch(server.access(), Source("adressen", **source), ADDRESS_COLUMNS)
        for source in ({"table": "bag.adressen"}, {"query": several})
    )
    assert one.equals(other)


def test_numbers_stand_for_a_place_too(server: Server) -> None:
    found = fetch(server.access(), Source("adressen", table="bag.vlak"), ADDRESS_COLUMNS)
    assert found["oost"].to_pylist() == [120000.5 + i for i in range(10, 30)]


def test_of_a_moment_the_day_in_the_netherlands_counts(server: Server) -> None:
    found = fetch(server.access(), Source("leegstand", table="leegstand"), EVENTS)
    assert found.to_pydict() == {"sleutel": ["a000000", "a000003"], "datum": ["2025-02-01", "2025-03-17"]}


def test_a_query_gives_other_names_and_signs_that_csv_uses(server: Server) -> None:
    query = """-- eerst een opmerking; met een puntkomma
    SELECT sleutel || E'";\\n,é' AS sleutel, NULL::date AS datum, "Aantal"::numeric AS aantal FROM leegstand -- en een erna
    """
    found = fetch(server.access(), Source("fiu-signalen", query=query), (*EVENTS, "aantal"), ("zone",))
    assert found["sleutel"].to_pylist() == ['a000000";\n,é', 'a000003";\n,é']
    assert found["datum"].to_pylist() == [None, None]
    assert found["aantal"].to_pylist() == [1.0, 1.0]


def test_one_bad_row_is_found_by_the_check_of_the_file(server: Server, tmp_path: Path) -> None:
    query = "SELECT sleutel, CASE WHEN sleutel = 'a12' THEN 'NaN' ELSE oost END::float8 AS oost, noord, crs, gebruik, pand FROM bag.vlak"
    folder = write_folder(tmp_path / "in", **{"adressen.csv": None, "leegstand.csv": None, "fiu-signalen.csv": None})
    write(fetch(server.access(), Source("adressen", query=query), ADDRESS_COLUMNS), folder / "adressen.parquet")
    assert check_folder(folder, LAYERS, today=dt.date(2026, 3, 1))[1] == (
        "adressen.parquet, kolom oost: 1 rij is leeg; vul elke rij",
    )


REFUSED: dict[str, tuple[dict[str, str], tuple[str, ...], str]] = {
    "no table": (
        {"table": "bag.weg"},
        EVENTS,
        "database: de tabel bestaat niet; controleer schema en naam, met hoofdletters als de tabel die heeft",
    ),
    "no column": (
        {"table": "bag.adressen"},
        EVENTS,
        "proef, kolom datum: ontbreekt; voeg de kolom toe, de kolommen zijn sleutel, datum",
    ),
    "no rows": (
        {"query": "SELECT * FROM leegstand WHERE false"},
        EVENTS,
        "proef: bevat geen rijen; vul het bestand, of laat het bestand van een laag zonder gegevens weg",
    ),
    "degrees": (
        {"table": "bag.graden"},
        ADDRESS_COLUMNS,
        "proef: de geometrie staat in EPSG:4326; reken om met ST_Transform(plek::geometry, 28992) in een --query",
    ),
    "geography": (
        {"query": "SELECT sleutel, gebruik, pand, ST_Transform(plek, 4326)::geography AS plek FROM bag.adressen"},
        ADDRESS_COLUMNS,
        "proef: de geometrie staat in EPSG:4326; reken om met ST_Transform(plek::geometry, 28992) in een --query",
    ),
    "two points": (
        {
            "query": "SELECT sleutel, gebruik, pand, ST_Collect(plek, ST_Translate(plek, 1, 1)) AS plek FROM bag.adressen"
        },
        ADDRESS_COLUMNS,
        "proef: 20 rijen hebben een lijn of vlak in plaats van een punt; lever één punt per adres",
    ),
    "a name of two tables": (
        {"query": "SELECT sleutel, datum FROM leegstand a JOIN leegstand b ON true"},
        EVENTS,
        "database: een kolomnaam kan van meer tabellen zijn; zet er in de vraag de tabel voor",
    ),
    "no system": (
        {"query": "SELECT sleutel, gebruik, pand, ST_SetSRID(plek, 0) AS plek FROM bag.adressen"},
        ADDRESS_COLUMNS,
        "proef: de geometrie noemt geen coördinatenstelsel; ken het toe met ST_SetSRID in een --query",
    ),
    "areas": (
        {"query": "SELECT sleutel, gebruik, pand, ST_Buffer(ST_Force2D(plek), 1) AS plek FROM bag.adressen"},
        ADDRESS_COLUMNS,
        "proef: 20 rijen hebben een lijn of vlak in plaats van een punt; lever één punt per adres",
    ),
    "two geometries": (
        {"query": "SELECT sleutel, gebruik, pand, plek, plek AS plek2 FROM bag.adressen"},
        ADDRESS_COLUMNS,
        "proef: heeft 2 geometriekolommen; kies er een met --query",
    ),
    "no question": (
        {"query": "SELEKT sleutel"},
        EVENTS,
        "database: de SQL is geen enkele geldige vraag; geef één SELECT",
    ),
    "two statements": (
        {"query": "SELECT 'a' AS sleutel, 'b' AS datum) AS x; COMMIT; DROP TABLE leegstand; SELECT * FROM (SELECT 1"},
        EVENTS,
        "database: de SQL is geen enkele geldige vraag; geef één SELECT",
    ),
    "a change": (
        {"query": "DELETE FROM leegstand RETURNING sleutel, datum"},
        EVENTS,
        "database: de SQL is geen enkele geldige vraag; geef één SELECT",
    ),
    "a change inside": (
        {"query": "SELECT setval(pg_get_serial_sequence('telt', 'nr'), 7)::text AS sleutel, 'b' AS datum"},
        EVENTS,
        "database: de vraag wil iets veranderen; er wordt alleen gelezen, gebruik SELECT",
    ),
    "a name with a dot": (
        {"table": "bag.naam.met.punt"},
        EVENTS,
        "proef: schrijf bij --tabel tabel of schema.tabel, zonder aanhalingstekens; heeft een naam zelf een punt, gebruik dan --query",
    ),
    "a name between quotes": (
        {"table": '"bag"."adressen"'},
        EVENTS,
        "proef: schrijf bij --tabel tabel of schema.tabel, zonder aanhalingstekens; heeft een naam zelf een punt, gebruik dan --query",
    ),
    "a value that does not fit": (
        {"query": "SELECT sleutel, naam::int::text AS datum FROM leegstand"},
        EVENTS,
        "database: een waarde past niet in de kolom; controleer het type van de kolommen",
    ),
}


@pytest.mark.parametrize(("what", "listed", "line"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_read_is_one_line(
    server: Server, what: dict[str, str], listed: tuple[str, ...], line: str
) -> None:
    server.ask("CREATE TABLE IF NOT EXISTS telt (nr serial)")
    assert refused(lambda: fetch(server.access(), Source("proef", **what), listed)) == line
    assert server.ask("SELECT count(*) FROM leegstand") == [(2,)]


@pytest.mark.parametrize(
    "name",
    [
        'leegstand"; DROP TABLE leegstand; --',
        "leegstand; DROP TABLE leegstand",
        "leegstand WHERE pg_sleep(100) IS NULL",
        "(SELECT * FROM leegstand) AS x",
        "bag.adressen UNION SELECT * FROM pg_shadow",
        "'; DROP SCHEMA bag CASCADE; --",
        "",
        ".",
        "%s%(naam)s{}",
    ],
)
def test_a_name_is_a_name_whatever_is_in_it(server: Server, name: str) -> None:
    line = refused(lambda: fetch(server.access(), Source("proef", table=name), EVENTS))
    assert line.startswith("database: de")
    assert server.ask("SELECT count(*) FROM leegstand") == [(2,)]
    assert "adressen" in tables(server, "bag")


def test_a_table_with_an_odd_name_is_read(server: Server) -> None:
    server.ask('CREATE TABLE IF NOT EXISTS bag."Mijn ""tabel""; --" AS SELECT sleutel, datum FROM leegstand')
    assert fetch(server.access(), Source("proef", table='bag.Mijn "tabel"; --'), EVENTS).num_rows == 2


def test_a_table_with_a_dot_in_its_name_is_read_by_a_question(server: Server) -> None:
    server.ask('CREATE TABLE IF NOT EXISTS bag."naam.met.punt" AS SELECT sleutel, datum FROM leegstand')
    query = 'SELECT sleutel, datum FROM bag."naam.met.punt"'
    assert fetch(server.access(), Source("proef", query=query), EVENTS).num_rows == 2


def test_many_rows_come_out_whole_and_sorted(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgis, "_BLOCK", 5_000)
    query = "SELECT lpad(i::text, 6, '0') AS sleutel, CASE WHEN i % 3 > 0 THEN E'a\\n\"b' END AS datum FROM generate_series(20000, 1, -1) i"
    found = fetch(server.access(), Source("proef", query=query), EVENTS)
    assert found["sleutel"].to_pylist() == [f"{i:06}" for i in range(1, 20_001)]
    assert found["datum"].to_pylist() == ['a\n"b' if i % 3 else None for i in range(1, 20_001)]


def test_a_number_without_end_is_left_to_the_check_of_the_file(server: Server) -> None:
    query = "SELECT sleutel, 'Infinity'::float8 AS oost, noord, crs, gebruik, pand FROM bag.vlak"
    found = fetch(server.access(), Source("adressen", query=query), ADDRESS_COLUMNS)
    assert found["oost"].to_pylist() == [float("inf")] * 20  # which the check of the file refuses


def test_a_question_that_takes_too_long_is_stopped(server: Server) -> None:
    source = Source("proef", query="SELECT 'a' AS sleutel, pg_sleep(60)::text AS datum")
    assert refused(lambda: fetch(server.access(patience=1), source, EVENTS)) == (
        "database: het duurde te lang en is gestopt; geef met --wachttijd meer seconden of vraag minder rijen"
    )


def test_a_connection_that_breaks_halfway_gives_nothing(server: Server) -> None:
    dying = "CASE WHEN i = 300000 THEN pg_terminate_backend(pg_backend_pid())::text ELSE '2025-01-01' END AS datum"
    source = Source("proef", query=f"SELECT 'a' || i AS sleutel, {dying} FROM generate_series(1, 400000) i")
    assert refused(lambda: fetch(server.access(), source, EVENTS)) == (
        "database: de server is gestopt of verbrak de verbinding; er is niets veranderd, probeer het opnieuw"
    )


# --- who may come in --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("user", "secret"), [("baas", "fout-woord"), ("lezer", ""), ("niemand", SECRET)])
def test_a_wrong_password_is_not_repeated(
    server: Server, monkeypatch: pytest.MonkeyPatch, user: str, secret: str
) -> None:
    monkeypatch.setenv("PGPASSFILE", "/nergens")
    assert refused(lambda: fetch(server.access(user, secret), Source("proef", table="leegstand"), EVENTS)) == (
        "database: gebruiker of wachtwoord klopt niet; controleer het adres van de database"
    )


def test_a_server_that_is_not_there_is_named_as_such(tmp_path: Path) -> None:
    nowhere = access({database.ENVIRONMENT: f"postgresql://baas:{SECRET}@/postgres?host={tmp_path}"})
    assert refused(lambda: fetch(nowhere, Source("proef", table="x"), EVENTS)).startswith("database: geen verbinding;")


def test_one_who_may_only_read_writes_nothing(server: Server, good: Checked) -> None:
    line = refused(lambda: fetch(server.access("lezer"), Source("proef", table="leegstand"), EVENTS))
    assert line == refused(lambda: publish(server.access("lezer"), good, "riec_lezer"))
    assert line.startswith("database: de gebruiker heeft daar geen recht op")


def test_the_address_comes_from_where_nobody_sees_it(tmp_path: Path) -> None:
    url = f"postgresql://baas:{SECRET}@server/riec"
    file = tmp_path / "adres"
    file.write_text(url + "\n", encoding="utf-8-sig")  # as Notepad saves it
    file.chmod(0o600)
    found = access({}, file=file)
    assert dict(found.parameters)["password"] == SECRET
    assert repr(found) == "Access(...)"
    assert dict(access({}, url="postgresql://baas@server/riec").parameters) == {
        "user": "baas",
        "host": "server",
        "dbname": "riec",
    }


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (
            {},
            "het adres van de database ontbreekt; zet het in de omgevingsvariabele GEOANALYSE_POSTGIS of geef --url-bestand",
        ),
        (
            {"url": f"postgresql://baas:{SECRET}@server/riec"},
            "--url: een wachtwoord hoort niet op de opdrachtregel, want anderen kunnen het daar zien; zet het adres in GEOANALYSE_POSTGIS of een bestand, of het wachtwoord in ~/.pgpass",
        ),
        (
            {"url": f"postgresql://server/riec?password={SECRET}"},
            "--url: een wachtwoord hoort niet op de opdrachtregel, want anderen kunnen het daar zien; zet het adres in GEOANALYSE_POSTGIS of een bestand, of het wachtwoord in ~/.pgpass",
        ),
        (
            {"url": f"mysql://baas:{SECRET}@server/riec"},
            "--url: is geen adres van een database; schrijf postgresql://gebruiker@server/database",
        ),
        (
            {"url": f"postgresql://baas:{SECRET}@server/riec?onzin=1"},
            "--url: is geen adres van een database; schrijf postgresql://gebruiker@server/database",
        ),
    ],
)
def test_an_address_that_will_not_do_is_refused(settings: dict[str, str], line: str) -> None:
    with pytest.raises(GeoanalyseError) as caught:
        access({}, **settings)  # type: ignore[arg-type]
    assert str(caught.value) == line


@pytest.mark.skipif(os.name != "posix", reason="Windows heeft geen rechten in cijfers")
def test_an_address_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "adres"
    file.write_text("postgresql://baas@server/riec", encoding="utf-8")
    file.chmod(0o644)
    with pytest.raises(GeoanalyseError, match=r"anderen kunnen dit bestand lezen; geef het de rechten 0600"):
        access({}, file=file)


def test_without_psycopg_it_says_how_to_install_it() -> None:
    script = "import sys; sys.modules['psycopg'] = None\nfrom geoanalyse.errors import GeoanalyseError\ntry:\n    import geoanalyse.database\nexcept GeoanalyseError as error:\n    print(error)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, encoding="utf-8")
    assert done.stdout.strip() == (
        "voor PostGIS is het pakket psycopg nodig; installeer het met: pip install 'geoanalyse[postgis]'"
    )


# --- into the database ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_release(small_release(), {}, tmp_path_factory.mktemp("uitgave")) / "deelbaar"


@pytest.fixture(scope="module")
def good(made: Path) -> Checked:
    return checked(made, REGIONS, TODAY)


def test_a_release_stands_in_the_database_as_in_its_geopackage(server: Server, good: Checked, made: Path) -> None:
    written = publish(server.access(), good, "riec")
    assert good.remarks == ()
    (package,) = made.glob("*.gpkg")
    layers = [name for name, shape in pyogrio.list_layers(package) if shape]
    assert tables(server, "riec") == sorted(
        [f"{package.stem}_{layer}" for layer in layers] + [f"{package.stem}_uitgave"]
    )
    for layer in layers:
        table = f"{package.stem}_{layer}"
        meta, rows = pyogrio.read_arrow(package, layer=layer)
        shape = meta["geometry_name"]
        names = [name for name in rows.column_names if name != shape]
        columns = ", ".join(f'"{name}"' for name in names)
        stored = server.ask(
            f"SELECT {columns}, ST_AsBinary(geometry), ST_SRID(geometry) FROM riec.{table} ORDER BY fid"
        )
        assert len(stored) == written[table] == rows.num_rows
        expected = rows.select(names).to_pylist()
        assert [dict(zip(names, row[:-2], strict=True)) for row in stored] == expected
        assert shapely.equals_exact(
            shapely.from_wkb([row[-2] for row in stored]), shapely.from_wkb(rows[shape].to_pylist())
        ).all()
        assert {row[-1] for row in stored} == {28992}


def test_tables_say_what_they_are(server: Server, good: Checked, made: Path) -> None:
    publish(server.access(), good, "riec")
    (package,) = made.glob("*.gpkg")
    marks = dict(server.ask(f"SELECT naam, waarde FROM riec.{package.stem}_uitgave"))
    assert len(marks["kenmerk"]) == 64
    assert marks["peildatum"] == str(small_release().reference_date)
    for name in tables(server, "riec"):
        ((comment,),) = server.ask(f"SELECT obj_description('riec.{name}'::regclass)")
        assert comment.startswith(f"geoanalyse {package.stem}, kenmerk {marks['kenmerk']}\n")
    bare = server.ask(
        "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE a.attnum > 0"
        " AND c.relnamespace = 'riec'::regnamespace AND c.relkind = 'r' AND c.relname NOT LIKE '%uitgave'"
        " AND col_description(c.oid, a.attnum) IS NULL"
    )
    assert bare == []
    ((indexes,),) = server.ask("SELECT count(*) FROM pg_indexes WHERE schemaname = 'riec' AND indexdef LIKE '%gist%'")
    assert indexes == len(tables(server, "riec")) - 1


def content(server: Server, schema: str) -> dict[str, list[tuple[Any, ...]]]:
    return {name: server.ask(f'SELECT * FROM "{schema}"."{name}" ORDER BY 1') for name in tables(server, schema)}


def test_a_later_release_takes_the_place_and_keeps_the_readers(server: Server, good: Checked) -> None:
    publish(server.access(), good, "vaker")
    before = content(server, "vaker")
    name = next(iter(before))
    server.ask(f"GRANT SELECT ON vaker.{name} TO lezer, PUBLIC")
    server.ask(f"UPDATE vaker.{name} SET zone = 'oud'" if "uitgave" not in name else "SELECT 1")
    publish(server.access(), good, "vaker")
    assert content(server, "vaker") == before
    grants = server.ask(
        f"SELECT grantee FROM information_schema.role_table_grants WHERE table_schema = 'vaker' AND table_name = '{name}' AND grantee <> 'baas' ORDER BY 1"
    )
    assert grants == [("PUBLIC",), ("lezer",)]


def test_a_table_of_another_is_not_touched(server: Server, good: Checked) -> None:
    publish(server.access(), good, "eigen")
    name = tables(server, "eigen")[0]
    server.ask(f"COMMENT ON TABLE eigen.{name} IS 'van een collega'")
    before = content(server, "eigen")
    assert refused(lambda: publish(server.access(), good, "eigen")) == (
        f"database: {name} bestaat al en is niet van een eerdere uitgave van dit gebied; kies met --schema een ander schema"
    )
    assert content(server, "eigen") == before


def test_only_a_release_that_is_in_order_is_written(made: Path, tmp_path: Path) -> None:
    spoiled = Path(shutil.copytree(made, tmp_path / "deelbaar"))
    (package,) = spoiled.glob("*.gpkg")
    data = bytearray(package.read_bytes())
    data[-10] ^= 1
    package.write_bytes(data)
    with pytest.raises(GeoanalyseError, match=r"\.gpkg"):
        checked(spoiled, REGIONS, TODAY)
    package.unlink()
    with pytest.raises(GeoanalyseError, match="0 GeoPackages"):
        checked(spoiled, REGIONS, TODAY)


@pytest.mark.parametrize("schema", ['x"; DROP SCHEMA bag CASCADE; --', "'; DROP TABLE leegstand; --", "%s {} {0}"])
def test_a_schema_is_a_name_whatever_is_in_it(server: Server, good: Checked, schema: str) -> None:
    publish(server.access(), good, schema)
    assert server.ask("SELECT count(*) FROM leegstand") == [(2,)]
    with psycopg.connect(server.url()) as connection:
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = %s", (schema,)).fetchone()
    assert found == (len(tables(server, "riec")),)


def test_a_server_that_kills_the_writer_keeps_the_old_tables(
    server: Server, good: Checked, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(server.access(), good, "heel")
    before = content(server, "heel")
    load, loaded = writing._load, list[object]()

    def dying(connection: Any, *of: Any) -> None:  # noqa: ANN401
        loaded.append(of)
        load(connection, *of)
        if len(loaded) == 2:
            server.ask(f"SELECT pg_terminate_backend({connection.info.backend_pid})")

    monkeypatch.setattr(writing, "_load", dying)
    assert refused(lambda: publish(server.access(), good, "heel")).endswith(
        "er is niets veranderd, probeer het opnieuw"
    )
    assert len(loaded) >= 2
    assert content(server, "heel") == before


def test_readers_see_the_old_tables_until_the_new_ones_are_there(server: Server, good: Checked) -> None:
    """A reader holds an old table; the writer waits, is ended by a third, and nothing has changed."""
    publish(server.access(), good, "bezet")
    before = content(server, "bezet")
    said: list[str] = []
    name = tables(server, "bezet")[0]
    with psycopg.connect(server.url()) as reader:
        reader.execute(f"SELECT count(*) FROM bezet.{name}")
        writer = threading.Thread(target=lambda: said.append(refused(lambda: publish(server.access(), good, "bezet"))))
        writer.start()
        waiting = "FROM pg_stat_activity WHERE application_name = 'geoanalyse' AND wait_event_type = 'Lock'"
        for _ in range(180):
            if server.ask(f"SELECT 1 {waiting}"):
                break
            time.sleep(0.05)
        assert server.ask(f"SELECT pg_terminate_backend(pid) {waiting}") == [(True,)]
        writer.join(60)
    assert said[0].startswith("database: de server is gestopt of verbrak de verbinding")
    assert content(server, "bezet") == before


def test_a_database_without_postgis_says_so(server: Server, good: Checked) -> None:
    assert refused(lambda: publish(server.access("baas", SECRET, "kaal"), good, "riec")) == (
        "database: PostGIS ontbreekt; vraag de beheerder om CREATE EXTENSION postgis"
    )
    with psycopg.connect(server.url(base="kaal")) as connection:
        assert connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'riec'").fetchone() is None


# --- the command ------------------------------------------------------------------------------------------------------

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Give a way to call the command line with the address in the environment."""
    monkeypatch.setenv(database.ENVIRONMENT, server.url())
    monkeypatch.setitem(cli.command.commands, "postgis", command.postgis)

    def call(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            cli.main(["postgis", *map(str, arguments)])
        told = capsys.readouterr()
        assert not [word for word in (SECRET, "baas", str(server.folder)) if word in told.out + told.err]
        return int(end.value.code or 0), told.out, told.err

    return call


def test_from_the_database_to_a_folder_that_can_be_built(run: Run, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", **{"adressen.csv": None, "leegstand.csv": None, "fiu-signalen.csv": None})
    query = tmp_path / "leegstand.sql"
    query.write_text("SELECT sleutel, datum::date FROM leegstand;\n", encoding="utf-8-sig")  # as Notepad saves it
    assert run("haal", "--tabel", "bag.adressen", "--als", "adressen", "--uit", folder)[0] == 0
    code, out, _ = run("haal", "--query", query, "--als", "leegstand", "--uit", folder)
    assert code == 0
    assert "2 rijen" in out
    assert check_folder(folder, LAYERS, today=dt.date(2026, 3, 1))[1] == ()
    code, _, err = run("haal", "--query", query, "--als", "leegstand", "--uit", folder)
    assert (code, err) == (1, f"Fout: {folder}: leegstand.parquet staat er al; verwijder het, of geef --vervang\n")
    assert run("haal", "--query", query, "--als", "leegstand", "--uit", folder, "--vervang")[0] == 0


def test_what_is_wrong_leaves_the_old_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "leegstand.parquet").write_bytes(b"oud")
    code, _, err = run("haal", "--tabel", "weg", "--als", "leegstand", "--uit", tmp_path, "--vervang")
    assert (code, err.count("\n")) == (1, 1)
    assert (tmp_path / "leegstand.parquet").read_bytes() == b"oud"
    assert [path.name for path in tmp_path.iterdir()] == ["leegstand.parquet"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["haal", "--als", "leegstand", "--uit", "x"],
        ["haal", "--tabel", "a", "--query", "b", "--als", "leegstand", "--uit", "x"],
        ["haal", "--tabel", "a", "--als", "klanten", "--uit", "x"],
        ["zet", "x"],
    ],
)
def test_arguments_that_miss_or_clash_are_named(run: Run, arguments: list[str]) -> None:
    code, _, err = run(*arguments)
    assert code == 2
    assert err.startswith("Fout: ")


def test_a_release_of_the_town_is_put_there_by_command(
    run: Run, server: Server, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "regions_of", lambda _: REGIONS)
    code, out, err = run("zet", made, "--schema", "opdracht")
    assert (code, err) == (0, "")
    assert out.count("opdracht.") == len(tables(server, "opdracht")) - 1


def test_input_faults_are_input_errors(server: Server) -> None:
    with pytest.raises(InputError):
        fetch(server.access(), postgis.Source("proef", table="bag.adressen"), EVENTS)
