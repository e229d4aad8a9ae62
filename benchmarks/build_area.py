"""Time ``geoanalyse build`` from process start to written products, beside a named alternative in the same run.

Run: ``python benchmarks/build_area.py [--gebied zuidoost] [--rondes 5]``

Every round runs all commands once, so that a busy machine slows them alike; ratios are taken within a round. ``wall``
is what one waits for, ``cpu`` what all cores together spent, ``peak`` the largest resident memory of the process. The
alternative is `usual_stack.py`: geopandas, an h3 call per address and folium.GeoJson, on the demo's CSV files.
"""
# ruff: noqa: PLC0415 - the imports inside functions are part of what is timed

import argparse
import importlib.metadata
import itertools
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACKAGES = ("geoanalyse", "numpy", "pyarrow", "pandas", "h3", "scipy", "typst", "geopandas", "folium")
WARM_UP = 1


@dataclass(frozen=True)
class Spent:
    """What one process took; ``cpu`` (seconds) and ``peak`` (MB) are None where the system does not tell."""

    wall: float
    cpu: float | None
    peak: float | None


def spend(command: Sequence[str], folder: Path) -> Spent:
    """Run a command to its end; it must succeed."""
    before = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    if not hasattr(os, "wait4"):  # Windows
        code, cpu, peak = process.wait(), None, None
    else:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = code = os.waitstatus_to_exitcode(status)
        cpu = usage.ru_utime + usage.ru_stime
        peak = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    if code:
        raise SystemExit(f"{' '.join(command)} ended with {code}")
    return Spent(time.perf_counter() - before, cpu, peak)


def split(area: str, out: Path) -> dict[str, list[float]]:
    """Do in this process what the command does; give wall and cpu seconds of each step, in the order of the work."""
    marks = [("modules laden", *_clocks())]

    def mark(what: str) -> None:
        marks.append((what, *_clocks()))

    from geoanalyse import demo
    from geoanalyse.build import Request, run
    from geoanalyse.products.folder import write_release

    mark("gebied en lagen opzoeken")
    built = run(Request(area=area, today=demo.REFERENCE_DATE), mark)
    mark("producten maken")
    made: list[tuple[float, float]] = []
    write_release(built.release, built.report, out, progress=lambda _: made.append(_clocks()))
    marks.append(("controleren en wegschrijven", *made[-1]))
    mark("klaar")
    pairs = itertools.pairwise(marks)
    return {what: [after - before, cpu - cpu_before] for (what, before, cpu_before), (_, after, cpu) in pairs}


def floor() -> dict[str, list[float]]:
    """Time what no arrangement of this work can do without: loading the packages, and one H3 look-up per building."""
    before = _clocks()
    import folium  # noqa: F401
    import h3.api.basic_int as h3
    import numpy as np
    import pyarrow.parquet  # noqa: F401
    import scipy.optimize  # noqa: F401
    import typst  # noqa: F401

    loaded = _clocks()
    from geoanalyse import demo, grid
    from geoanalyse.geography import shipped_regions

    addresses = demo.make(shipped_regions()).addresses
    lon, lat = grid.lonlat(addresses.easting, addresses.northing)
    points = np.unique(np.stack([lat, lon], axis=1), axis=0).tolist()
    made = _clocks()
    for point in points:
        h3.latlng_to_cell(*point, 10)
    done = _clocks()
    return {
        "pakketten laden": [loaded[0] - before[0], loaded[1] - before[1]],
        f"H3-cel van {len(points)} panden": [done[0] - made[0], done[1] - made[1]],
    }


def _clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def prepare(area: str, work: Path) -> list[int]:
    """Write the demo's CSV files, of all addresses and of those of the area; give both numbers."""
    import numpy as np
    import pyarrow as pa

    from geoanalyse import demo, grid
    from geoanalyse.area import find
    from geoanalyse.geography import shipped_regions

    regions = shipped_regions()
    made = demo.make(regions)
    cells = grid.cells_at(made.addresses.easting, made.addresses.northing)
    kept = set(made.addresses.keys.filter(pa.array(np.isin(cells, find(area, regions).cells))).to_pylist())
    for folder in (work / "alles", work / "gebied"):
        folder.mkdir()
    for name, content in demo.files(made).items():
        if name.endswith(".csv"):
            head, *rows = content.decode().splitlines(keepends=True)
            mine = [row for row in rows if row.split(";", 1)[0] in kept]
            (work / "alles" / name).write_bytes(content)
            (work / "gebied" / name).write_text("".join([head, *mine]), encoding="utf-8", newline="")
    return [len(made.addresses), len(kept)]


def middle(values: Sequence[float | None]) -> str:
    """Median over the rounds, with the smallest and largest."""
    known = [value for value in values if value is not None]
    return f"{statistics.median(known):.2f} ({min(known):.2f}-{max(known):.2f})" if known else "not measured"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gebied", default="zuidoost")
    parser.add_argument("--rondes", type=int, default=5)
    parser.add_argument("--deel", choices=["stappen", "bodem", "klaarzetten"], help=argparse.SUPPRESS)
    parser.add_argument("--uit", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.deel:
        parts: dict[str, Callable[[], object]] = {
            "stappen": lambda: split(options.gebied, options.uit),
            "bodem": floor,
            "klaarzetten": lambda: prepare(options.gebied, options.uit),
        }
        print(json.dumps(parts[options.deel]()))
        return
    with tempfile.TemporaryDirectory() as temporary:
        measure(options.gebied, max(5, options.rondes), Path(temporary))


def measure(area: str, rounds: int, work: Path) -> None:
    """Run every command once per round and print medians, ratios and the split by step."""
    here = Path(__file__).resolve()

    def part(kind: str) -> Any:  # noqa: ANN401 - whatever JSON holds
        # in a process of its own: Linux starts the peak of a child at that of its parent
        command = [sys.executable, str(here), "--gebied", area, "--uit", ".", "--deel", kind]
        return json.loads(subprocess.run(command, cwd=work, check=True, capture_output=True).stdout)

    everything, inside = part("klaarzetten")
    tool = [sys.executable, "-m", "geoanalyse"]
    usual = [sys.executable, str(here.parent / "usual_stack.py")]
    build = f"geoanalyse build --gebied {area}"
    commands = {
        build: [*tool, "build", "--gebied", area, "--uit", "uit", "--stil"],
        f"usual stack, {inside} addresses": [*usual, "gebied", "usual.html"],
        f"usual stack, {everything} addresses": [*usual, "alles", "usual-all.html"],
        "geoanalyse --help": [*tool, "--help"],
        "python -c pass": [sys.executable, "-c", "pass"],
    }
    spent: dict[str, list[Spent]] = {name: [] for name in commands}
    steps: list[dict[str, list[float]]] = []
    floors: list[dict[str, list[float]]] = []
    for turn in range(WARM_UP + rounds):
        for name, command in commands.items():
            found = spend(command, work)
            if turn >= WARM_UP:
                spent[name].append(found)
        if turn >= WARM_UP:
            steps.append(part("stappen"))
            floors.append(part("bodem"))
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(versions)
    print(f"{area}; medians of {rounds} rounds (smallest-largest), after {WARM_UP} to warm up\n")
    print("| command | wall, s | cpu, s | peak, MB | wall of build / its own |\n| --- | --- | --- | --- | --- |")
    for name, each in spent.items():
        ratio = [mine.wall / other.wall for mine, other in zip(spent[build], each, strict=True)]
        columns = ([one.wall for one in each], [one.cpu for one in each], [one.peak for one in each], ratio)
        print(f"| {name} | {' | '.join(map(middle, columns))} |")
    maps = {"geoanalyse": next((work / "uit").rglob("kaart.html")), "usual stack": work / "usual.html"}
    print("\nmap: " + ", ".join(f"{name} {file.stat().st_size / 1e6:.2f} MB" for name, file in maps.items()))
    for title, found_parts in (("step", steps), ("floor", floors)):
        print(f"\n| {title} | wall, s | cpu, s |\n| --- | --- | --- |")
        medians = {
            what: [statistics.median(found[what][clock] for found in found_parts) for clock in (0, 1)]
            for what in found_parts[0]
        }
        medians["together"] = [sum(pair[clock] for pair in medians.values()) for clock in (0, 1)]
        for what, (wall, cpu) in medians.items():
            print(f"| {what} | {wall:.2f} | {cpu:.2f} |")


if __name__ == "__main__":
    main()
