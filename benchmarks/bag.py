"""Time the reading of a large BAG in both official forms, beside readers that keep less, in the same run.

Run from the root of the checkout: ``python -m benchmarks.bag [--objecten 1000000] [--map MAP]``

A BAG of so many verblijfsobjecten (1.3 per pand, one in ten with an ended voorkomen as well) is made once in
both forms in a temporary folder, and one of a tenth of that size. Each reading is a process of its own: wall and
processor seconds, and peak memory. The extract stands beside lxml that only counts the objects in the same zips; the
GeoPackage beside pyogrio and geopandas that read its tables whole and join nothing.
"""
# ruff: noqa: PLC0415 - the imports inside functions are part of what is timed

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from tests import bagmaker
from tests.bagmaker import Number, Pand, Period, Street, Thing, Town

_DAY, _STAMP, _ISSUER = "2021-10-15", "15102021", "0457"
_STREETS = 2_000
_PER_PAND = 1.3
_EARLY = Period(begin="2010-12-01")


def numbers(count: int) -> Iterator[Number]:
    """Give a nummeraanduiding per object: 40 in each postcode, one in eight with a letter."""
    for place in range(count):
        area, house = divmod(place, 40)
        code = f"{1000 + area // 676 % 8000}{chr(65 + area // 26 % 26)}{chr(65 + area % 26)}"
        letter = "A" if place % 8 == 0 else None
        street = f"{_ISSUER}30{area % _STREETS:010d}"
        yield Number(f"{_ISSUER}20{place:010d}", house + 1, letter, None, code, street, period=_EARLY)


def things(count: int) -> Iterator[Thing]:
    """Give a verblijfsobject per number, and an ended voorkomen before one in ten."""
    for place in range(count):
        number, pand = f"{_ISSUER}20{place:010d}", f"{_ISSUER}10{int(place / _PER_PAND):010d}"
        east, north = 100_000 + place % 1000 * 25.5, 400_000 + place // 1000 * 25.5
        uses = ("woonfunctie", "winkelfunctie") if place % 20 == 0 else ("woonfunctie",)
        thing = Thing(
            f"{_ISSUER}01{place:010d}", number, (), east, north, uses, 50 + place % 100, None, (pand,), _EARLY
        )
        if place % 10 == 0:
            yield bagmaker.replace(thing, period=Period(0, "2005-01-01", "2010-12-01"))
        yield thing


def panden(count: int) -> Iterator[Pand]:
    """Give the panden that objects lie in."""
    for place in range(int((count - 1) / _PER_PAND) + 1):
        yield Pand(f"{_ISSUER}10{place:010d}", 1900 + place % 120, period=_EARLY)


def streets() -> list[Street]:
    """Give the streets that numbers lie on."""
    return [Street(f"{_ISSUER}30{place:010d}", f"Straat {place}weg", period=_EARLY) for place in range(_STREETS)]


def make_extract(path: Path, count: int) -> None:
    """Write an extract, piece by piece."""
    town = Town(period=_EARLY)
    kinds = {
        "WPL": map(bagmaker.town_xml, [town]),
        "OPR": map(bagmaker.street_xml, streets()),
        "NUM": map(bagmaker.number_xml, numbers(count)),
        "VBO": map(bagmaker.thing_xml, things(count)),
        "PND": map(bagmaker.pand_xml, panden(count)),
    }
    folder = path.with_suffix(".delen")
    folder.mkdir()
    inner = {}
    for kind, objects in kinds.items():
        name = folder / f"{_ISSUER}{kind}{_STAMP}.zip"
        with name.open("wb") as target, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
            for file, piece in enumerate(_pieces(objects), 1):
                content = "".join(bagmaker.stand(kind, piece, _DAY, _ISSUER))
                package.writestr(f"{_ISSUER}{kind}{_STAMP}-{file:06d}.xml", content)
        inner[name.name] = name
    group = folder / f"{_ISSUER}GEM{_STAMP}.zip"
    for target, files in ((group, list(inner.values())), (path, [group])):
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
            for file in files:
                package.write(file, file.name)
            if target == path:
                package.writestr("Leveringsdocument-BAG-Extract.xml", bagmaker.delivery(_DAY, _ISSUER))
    shutil.rmtree(folder)


def _pieces(objects: Iterator[str]) -> Iterator[list[str]]:
    piece = []
    for each in objects:
        piece.append(each)
        if len(piece) == bagmaker.PER_FILE:
            yield piece
            piece = []
    if piece:
        yield piece


def make_light(path: Path, count: int) -> None:
    """Write ``bag-light.gpkg``, table by table."""
    named, town = streets(), Town()
    current = (each for each in things(count) if each.period.end is None)

    def rows() -> Iterator[dict[str, object]]:
        for thing, number in zip(current, numbers(count), strict=True):
            one = bagmaker.Bag([thing], [number], [named[int(number.street[-10:])]], (town,), ())
            yield from (row for table, row in bagmaker.light_rows(one) if table == "verblijfsobject")

    with closing(bagmaker.empty_gpkg(path)) as made:
        small = bagmaker.Bag((), (), (), (town,), ())
        bagmaker.insert(made, "woonplaats", (row for _, row in bagmaker.light_rows(small)))
        for table, each in (("pand", _pand_rows(count)), ("verblijfsobject", rows())):
            for piece in _pieces(each):  # type: ignore[arg-type] # of rows, here
                bagmaker.insert(made, table, piece)  # type: ignore[arg-type]
        made.commit()


def _pand_rows(count: int) -> Iterator[dict[str, object]]:
    for pand in panden(count):
        shape = bagmaker.blob(bagmaker.shapely.Polygon(bagmaker.square(pand.easting, pand.northing, 5)))
        yield {"geom": shape, "identificatie": pand.id, "bouwjaar": pand.year, "status": pand.status}


# --- one reading ------------------------------------------------------------------------------------------------------


def ours(path: Path) -> int:
    """Read, join and write the address base."""
    from geoanalyse import bag

    table, report = bag.join(bag.read(path))
    with tempfile.TemporaryDirectory() as out:
        bag.write(table, Path(out))
    return report.objects


def counting(path: Path) -> int:
    """Count the objects in the zips with lxml, and keep nothing."""
    from lxml import etree

    tag, found = "{http://www.kadaster.nl/schemas/standlevering-generiek/1.0}stand", 0
    with (
        zipfile.ZipFile(path) as outer,
        outer.open(f"{_ISSUER}GEM{_STAMP}.zip") as part,
        zipfile.ZipFile(part) as group,
    ):
        for name in group.namelist():
            with group.open(name) as inside, zipfile.ZipFile(inside) as package:
                for file in package.namelist():
                    with package.open(file) as content:
                        for _, element in etree.iterparse(content, tag=tag):
                            found += 1
                            element.clear()
                            while element.getprevious() is not None:
                                del element.getparent()[0]
    return found


def with_pyogrio(path: Path) -> int:
    """Read the two large tables whole with pyogrio."""
    import pyogrio

    read = [pyogrio.read_arrow(path, layer=name)[1] for name in ("pand", "verblijfsobject")]
    return len(read[1])


def with_geopandas(path: Path) -> int:
    """Read the two large tables whole with geopandas."""
    import geopandas as gpd

    return [len(gpd.read_file(path, layer=name)) for name in ("pand", "verblijfsobject")][1]


READERS = {"geoanalyse": ours, "lxml, telt alleen": counting, "pyogrio": with_pyogrio, "geopandas": with_geopandas}


def one(reader: str, path: Path) -> dict[str, float]:
    """Read once in this process."""
    begun, before = time.perf_counter(), time.process_time()
    found = READERS[reader](path)
    return {"wand": time.perf_counter() - begun, "processor": time.process_time() - before, "objecten": found}


def _run(reader: str, path: Path) -> dict[str, Any]:
    """Read in a process of its own; adds its peak memory (MB), 0 where the system does not tell."""
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
    call = [sys.executable, "-m", "benchmarks.bag", "--een", reader, str(path)]
    process, peak = subprocess.Popen(call, stdout=subprocess.PIPE, env=environment), 0.0
    told = process.stdout.read() if process.stdout else b""
    if hasattr(os, "wait4"):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        peak = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    if process.wait():
        raise SystemExit(f"{reader} {path.name} ended with {process.returncode}")
    return {"piek": peak} | json.loads(told)


def _made(folder: Path, count: int) -> dict[str, Path]:
    """Make both forms in a process of its own: its memory would count as that of the readers."""
    paths = {"extract": folder / f"bag-{count}.zip", "bag-light": folder / f"bag-{count}.gpkg"}
    if not all(path.exists() for path in paths.values()):
        call = [sys.executable, "-m", "benchmarks.bag", "--maak", str(count), "--map", str(folder)]
        subprocess.run(call, check=True, env=os.environ | {"PYTHONPATH": str(Path.cwd())})
    return paths


def _measure(folder: Path, count: int) -> None:
    load = f"belasting {os.getloadavg()[0]:.1f} op {os.cpu_count()} kernen" if hasattr(os, "getloadavg") else ""
    print(f"{platform.platform()}, Python {platform.python_version()}; {load}\n")
    for form, readers in (("extract", list(READERS)[:2]), ("bag-light", ["geoanalyse", "pyogrio", "geopandas"])):
        print(f"| {form} | objecten | bestand (MB) | wand (s) | processor (s) | piek (MB) | keer geoanalyse |")
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
        for size in dict.fromkeys((count // 10, count)):
            path, own = _made(folder, size)[form], 0.0
            for reader in readers:
                found = _run(reader, path)
                own = own or found["processor"]
                figures = (path.stat().st_size / 1e6, found["wand"], found["processor"], found["piek"])
                told = " | ".join(f"{figure:.1f}" for figure in figures)
                print(f"| {reader} | {size} | {told} | {found['processor'] / own:.2f} |", flush=True)
        print()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objecten", type=int, default=1_000_000)
    parser.add_argument("--map", type=Path, help="folder to keep what was made; a temporary one otherwise")
    parser.add_argument("--een", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--maak", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.een:
        print(json.dumps(one(chosen.een[0], Path(chosen.een[1]))))
    elif chosen.maak:
        make_extract(chosen.map / f"bag-{chosen.maak}.zip", chosen.maak)
        make_light(chosen.map / f"bag-{chosen.maak}.gpkg", chosen.maak)
    elif chosen.map:
        _measure(chosen.map, chosen.objecten)
    else:
        with tempfile.TemporaryDirectory() as place:
            _measure(Path(place), chosen.objecten)


if __name__ == "__main__":
    main()
