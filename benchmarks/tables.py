"""Time the reading of input files beside the library that does nothing else, and what the checks add, in one run.

Run from the root of the checkout: ``python -m benchmarks.tables [--rijen 1000000] [--rondes 5] [--excel 100000]``

A made-up address base and layer file of so many rows are written once as CSV, Parquet and GeoPackage (with columns, and
with points). Every round reads each of them in processes of their own, in turn with the alternatives: DuckDB to Arrow
for CSV and Parquet, pyogrio to Arrow and geopandas for GeoPackage. Those take no digest, prove no encoding and trim
nothing. ``wall`` and ``cpu`` (all cores) are of the reading alone, after a file of ten rows in the same form, so that
all modules are there; ``peak`` is that of the whole process. Then the checks: a whole folder through `read_folder`, of
which reading is the part that was measured before. With ``GEOANALYSE_POSTGIS`` (a database in which a schema may be
made) the same rows are fetched from a table, beside psycopg alone and, where it is installed, ADBC.
"""
# ruff: noqa: PLC0415 - the imports inside functions are part of what is timed, or belong to one alternative

import argparse
import datetime as dt
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

ADDRESSES = ("sleutel", "oost", "noord", "crs", "gebruik", "pand")
EVENTS = ("sleutel", "datum", "aantal")
AIM = 1.2
"""What reading may take, as a multiple of the alternative."""
SCHEMA = "geoanalyse_meting"


def make(folder: Path, rows: int, excel: int) -> None:
    """Write the files; the same seed, so the same rows."""
    import geopandas
    import numpy as np
    import pyarrow as pa
    import pyarrow.csv as pv
    import pyarrow.parquet as pq
    import pyogrio
    import shapely

    draw = np.random.default_rng(1)
    numbers = np.arange(rows)
    keys = np.char.add("036301", np.char.zfill(numbers.astype(str), 10))
    uses = np.array(["woonfunctie", "winkelfunctie", "woonfunctie|winkelfunctie", "kantoorfunctie"])
    east, north = draw.uniform(110_000, 140_000, rows).round(1), draw.uniform(470_000, 500_000, rows).round(1)
    base = pa.table(
        [
            *(keys, east, north, ["EPSG:28992"] * rows, uses[draw.integers(0, 4, rows)]),
            np.char.add("036310", np.char.zfill((numbers // 3).astype(str), 10)),
        ],
        ADDRESSES,
    )
    days = np.datetime64("2022-01-01") + draw.integers(0, 1400, rows)
    events = pa.table(
        [keys[draw.integers(0, rows, rows)], days.astype("datetime64[D]"), draw.integers(1, 9, rows)], EVENTS
    )
    for name, table in (("adressen", base), ("fiu-signalen", events)):
        pv.write_csv(table, folder / f"{name}.csv", pv.WriteOptions(delimiter=";"))
        pq.write_table(table, folder / f"{name}.parquet")
        pyogrio.write_arrow(table, folder / f"{name}.gpkg", layer=name, driver="GPKG", geometry_name=None)
    rest = base.select(["sleutel", "gebruik", "pand"]).to_pandas()
    points = geopandas.GeoDataFrame(rest, geometry=shapely.points(east, north), crs="EPSG:28992")
    (folder / "punten").mkdir()
    points.to_file(folder / "punten" / "adressen.gpkg")
    points.to_parquet(folder / "punten" / "adressen.parquet")
    if excel:
        import openpyxl

        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("fiu-signalen")
        sheet.append(EVENTS)
        for row in events.slice(0, excel).to_pylist():
            sheet.append(list(row.values()))
        book.save(folder / "fiu-signalen.xlsx")


# --- readers, each called in a process of its own ---------------------------------------------------------------------


def geoanalyse(path: Path, columns: tuple[str, ...]) -> Callable[[], object]:
    """Read with the digest and all that is told of the file."""
    from geoanalyse import tables

    def read() -> object:
        table = tables.read(path, columns)
        assert not table.faults, [str(fault) for fault in table.faults]  # noqa: S101
        return table

    return read


def duckdb(path: Path, columns: tuple[str, ...]) -> Callable[[], object]:
    """DuckDB to Arrow: it finds out the types of a CSV by itself."""
    import duckdb as engine

    reader = "read_csv" if path.suffix == ".csv" else "read_parquet"
    names = ", ".join(columns)
    return lambda: engine.sql(f"SELECT {names} FROM {reader}('{path}')").to_arrow_table()  # noqa: S608


def pyogrio(path: Path, columns: tuple[str, ...]) -> Callable[[], object]:
    """GDAL to Arrow, with the geometry where the place is in it."""
    import pyogrio as reader

    drawn = path.parent.name == "punten"
    own = [name for name in columns if not drawn or name not in {"oost", "noord", "crs"}]
    return lambda: reader.read_arrow(path, columns=own, read_geometry=drawn)


def geopandas(path: Path, columns: tuple[str, ...]) -> Callable[[], object]:
    """Read as an analyst would write it."""
    import geopandas as reader

    read = reader.read_parquet if path.suffix == ".parquet" else reader.read_file
    return lambda: (read(path), columns)[0]


def openpyxl(path: Path, columns: tuple[str, ...]) -> Callable[[], object]:
    """Read every cell, and do nothing with it."""
    import openpyxl as reader

    return lambda: [
        row[: len(columns)] for row in reader.load_workbook(path, read_only=True).active.iter_rows(values_only=True)
    ]


def folder(path: Path, _: tuple[str, ...]) -> Callable[[], object]:
    """Read a whole folder with all its checks: the address base and one layer."""
    from geoanalyse.addresses import read_folder
    from geoanalyse.layer import read_layers, shipped_folder

    layers = read_layers(shipped_folder(), ["fiu-signalen"])
    return lambda: read_folder(path, layers, today=dt.date(2026, 3, 1))


def fetched(_: Path, columns: tuple[str, ...]) -> Callable[[], object]:
    """Read the table with the library: a transaction, COPY, sorted."""
    from geoanalyse.database import access
    from geoanalyse.postgis import Source, fetch

    return lambda: fetch(access(os.environ), Source("meting", table=f"{SCHEMA}.adressen"), columns)


def psycopg(_: Path, columns: tuple[str, ...]) -> Callable[[], object]:
    """Read the rows as Python values, and make columns of them."""
    import psycopg as driver
    import pyarrow as pa

    def read() -> object:
        with driver.connect(os.environ["GEOANALYSE_POSTGIS"]) as connection, connection.cursor(binary=True) as cursor:
            rows = cursor.execute(f"SELECT {', '.join(columns)} FROM {SCHEMA}.adressen").fetchall()  # noqa: S608
            return pa.table([list(column) for column in zip(*rows, strict=True)], columns)

    return read


def adbc(_: Path, columns: tuple[str, ...]) -> Callable[[], object]:
    """Let ADBC read to Arrow."""
    from adbc_driver_postgresql import dbapi

    def read() -> object:
        with dbapi.connect(os.environ["GEOANALYSE_POSTGIS"]) as connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(columns)} FROM {SCHEMA}.adressen")  # noqa: S608
            return cursor.fetch_arrow_table()

    return read


READERS = {
    each.__name__: each for each in (geoanalyse, duckdb, pyogrio, geopandas, openpyxl, folder, fetched, psycopg, adbc)
}


# --- the run ----------------------------------------------------------------------------------------------------------


def child(reader: str, path: Path, columns: str) -> dict[str, float]:
    """Read in a process of its own; adds its peak memory (MB), 0 where the system does not tell."""
    call = [sys.executable, "-m", "benchmarks.tables", "--een", reader, str(path), columns]
    process, peak = subprocess.Popen(call, stdout=subprocess.PIPE), 0.0
    told = process.stdout.read() if process.stdout else b""
    if hasattr(os, "wait4"):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        peak = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    else:
        process.wait()
    if process.returncode:
        raise SystemExit(f"{reader} {path.name}: mislukt")
    return {"peak": peak} | json.loads(told)


def one(reader: str, path: Path, columns: str) -> None:
    """Read once in this process and print what it took."""
    names = tuple(columns.split(","))
    small = Path(str(path).replace("/groot", "/klein"))
    if small.exists() and small != path:
        READERS[reader](small, names)()
    read = READERS[reader](path, names)
    wall, cpu = time.perf_counter(), time.process_time()
    read()
    print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}))


def fill(folder_: Path) -> None:
    """Put the address base in the database."""
    import psycopg as driver

    with driver.connect(os.environ["GEOANALYSE_POSTGIS"]) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
        types = {"oost": "float8", "noord": "float8"}
        columns = ", ".join(f"{name} {types.get(name, 'text')}" for name in ADDRESSES)
        connection.execute(f"CREATE TABLE {SCHEMA}.adressen ({columns})")
        text = f"COPY {SCHEMA}.adressen FROM STDIN (FORMAT csv, DELIMITER ';', HEADER)"
        with connection.cursor() as cursor, cursor.copy(text) as copy:
            copy.write((folder_ / "adressen.csv").read_bytes())


def sources(where: Path, excel: int) -> list[tuple[str, Path, tuple[str, ...], tuple[str, ...]]]:
    """Give what is read, and by whom: ours first, then the one it is held to."""
    found: list[tuple[str, Path, tuple[str, ...], tuple[str, ...]]] = []
    for name, columns in (("adressen", ADDRESSES), ("fiu-signalen", EVENTS)):
        found += [
            (f"{name}.csv", where / f"{name}.csv", columns, ("geoanalyse", "duckdb")),
            (f"{name}.parquet", where / f"{name}.parquet", columns, ("geoanalyse", "duckdb")),
            (f"{name}.gpkg", where / f"{name}.gpkg", columns, ("geoanalyse", "pyogrio", "geopandas")),
        ]
    for suffix, others in (("gpkg", ("pyogrio", "geopandas")), ("parquet", ("geopandas",))):
        path = where / "punten" / f"adressen.{suffix}"
        found.append((f"adressen.{suffix}, punten", path, ADDRESSES, ("geoanalyse", *others)))
    if excel:
        found.append(("fiu-signalen.xlsx", where / "fiu-signalen.xlsx", EVENTS, ("geoanalyse", "openpyxl")))
    if os.environ.get("GEOANALYSE_POSTGIS"):
        others = ("adbc", "psycopg") if importlib.util.find_spec("adbc_driver_postgresql") else ("psycopg",)
        found.append(("adressen, PostGIS", where, ADDRESSES, ("fetched", *others)))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rijen", type=int, default=1_000_000)
    parser.add_argument("--rondes", type=int, default=5)
    parser.add_argument("--excel", type=int, default=100_000)
    parser.add_argument("--een", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--maak", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.maak:
        make(Path(asked.maak), asked.rijen, asked.excel)
        return
    if asked.een:
        one(asked.een[0], Path(asked.een[1]), asked.een[2])
        return
    with tempfile.TemporaryDirectory() as made:
        where = Path(made) / "groot"
        for folder_, rows, excel in ((where, asked.rijen, asked.excel), (Path(made) / "klein", 10, 10)):
            folder_.mkdir()
            # in a process of its own: Linux starts the peak of a child at that of its parent
            sizes = ["--rijen", str(rows), "--excel", str(excel), "--maak", str(folder_)]
            subprocess.run([sys.executable, "-m", "benchmarks.tables", *sizes], check=True)
        if os.environ.get("GEOANALYSE_POSTGIS"):
            fill(where)
        measured(where, asked.rondes, asked.excel)
        checks(where, asked.rondes)


def measured(where: Path, rounds: int, excel: int) -> None:
    """Print a line per file and reader."""
    print("| file | reader | wall, s | cpu, s | peak, MB | ours / its wall |\n| --- | --- | --- | --- | --- | --- |")
    for name, path, columns, readers in sources(where, excel):
        taken: dict[str, list[dict[str, float]]] = {reader: [] for reader in readers}
        for _ in range(rounds):
            for reader in readers:
                taken[reader].append(child(reader, path, ",".join(columns)))
        ours = [each["wall"] for each in taken[readers[0]]]
        for reader, each in taken.items():
            ratio = median(own / other["wall"] for own, other in zip(ours, each, strict=True))
            told = "" if reader == readers[0] else f"{ratio:.2f}{' (over)' if ratio > AIM else ''}"
            wall = spread([took["wall"] for took in each])
            cpu, peak = (median(took[what] for took in each) for what in ("cpu", "peak"))
            print(f"| {name} | {reader} | {wall} | {cpu:.2f} | {peak:.0f} | {told} |", flush=True)


def checks(where: Path, rounds: int) -> None:
    """Print what a whole folder takes, and which part of it is reading."""
    for each in (where, where.parent / "klein"):
        (each / "invoer").mkdir()
        (each / "invoer" / "grondslag.toml").write_text(GRONDSLAG, encoding="utf-8")
        for name in ("adressen.csv", "fiu-signalen.csv"):
            (each / name).rename(each / "invoer" / name)
    base = where / "invoer"
    took: dict[str, list[Any]] = {"folder": [], "reading": []}
    for _ in range(rounds):
        took["folder"].append(child("folder", base, "x")["wall"])
        parts = (("adressen.csv", ADDRESSES), ("fiu-signalen.csv", EVENTS))
        took["reading"].append(
            sum(child("geoanalyse", base / name, ",".join(columns))["wall"] for name, columns in parts)
        )
    share = median(reading / whole for reading, whole in zip(took["reading"], took["folder"], strict=True))
    print(f"\nFolder of CSV with all checks: {spread(took['folder'])} s, of which reading {100 * share:.0f} %.")


def spread(values: list[float]) -> str:
    """Median, with the smallest and the largest."""
    return f"{median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


GRONDSLAG = """soort = "ander besluit"
besluit = "meting"
datum = 2026-01-15
reikwijdte = "gebied"
doel = "meting"
vraag = "hoe lang duurt lezen"
opvolging = "niemand"
rubricering = "intern"
geldig_tot = 2099-12-31
bewaren_tot = 2099-12-31
"""

if __name__ == "__main__":
    main()
