"""Time ``geoanalyse build`` from process start to written products, beside a named alternative in the same run.

Run: ``python benchmarks/build_area.py [--gebied zuidoost] [--rondes 5]``

Every round runs all commands once, so that a busy machine slows them alike; ratios are taken within a round. ``wall`` is what
one waits for, ``cpu`` what all cores together spent, ``peak`` the largest resident memory of the process. The alternative is
`usual_stack.py`: geopandas, an h3 call per address and folium.GeoJson, on the same CSV files.
"""

import argparse
import importlib.metadata
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


def split(area: str, out: Path) -> dict[str, float]:
    """Do in this process what the command does, and give the seconds of each step in the order of the work."""
    started = time.perf_counter()
    marks: list[tuple[str, float]] = []

    def mark(what: str) -> None:
        marks.append((what, time.perf_counter()))

    mark("modules laden")
    from geoanalyse import demo
    from geoanalyse.build import Request, run
    from geoanalyse.products.folder import write_release

    mark("gebied en lagen opzoeken")
    built = run(Request(area=area, today=demo.REFERENCE_DATE), mark)
    mark("producten maken")
    written: list[float] = []
    write_release(built.release, built.report, out, progress=lambda _: written.append(time.perf_counter()))
    marks.append(("controleren en wegschrijven", written[-1]))
    ends = [moment for _, moment in marks[1:]] + [time.perf_counter()]
    taken = {what: end - max(begin, started) for (what, begin), end in zip(marks, ends, strict=True)}
    return {what: round(seconds, 3) for what, seconds in taken.items()}


def floor() -> dict[str, float]:
    """Time what no arrangement of this work can do without: loading the packages, and one H3 look-up per building."""
    before = time.perf_counter()
    import folium  # noqa: F401
    import h3.api.basic_int as h3
    import numpy as np
    import pyarrow.parquet  # noqa: F401
    import scipy.optimize  # noqa: F401
    import typst  # noqa: F401

    loaded = time.perf_counter()
    from geoanalyse import demo, grid
    from geoanalyse.geography import shipped_regions

    addresses = demo.make(shipped_regions()).addresses
    lon, lat = grid.lonlat(addresses.easting, addresses.northing)
    points = np.unique(np.stack([lat, lon], axis=1), axis=0).tolist()
    made = time.perf_counter()
    for point in points:
        h3.latlng_to_cell(*point, 10)
    return {"pakketten laden": loaded - before, f"H3 van {len(points)} punten": time.perf_counter() - made}


def prepare(area: str, folder: Path) -> int:
    """Write the demo's CSV files, of the addresses of the area only; give their number."""
    import numpy as np
    import pyarrow as pa

    from geoanalyse import demo, grid
    from geoanalyse.area import find
    from geoanalyse.geography import shipped_regions

    regions = shipped_regions()
    made = demo.make(regions)
    cells = grid.cells_at(made.addresses.easting, made.addresses.northing)
    kept = set(made.addresses.keys.filter(pa.array(np.isin(cells, find(area, regions).cells))).to_pylist())
    folder.mkdir()
    for name, content in demo.files(made).items():
        if name.endswith(".csv"):
            head, *rows = content.decode().splitlines(keepends=True)
            mine = [row for row in rows if row.split(";", 1)[0] in kept]
            (folder / name).write_text("".join([head, *mine]), encoding="utf-8", newline="")
    return len(kept)


def middle(spent: Sequence[Spent], pick: Callable[[Spent], float | None]) -> str:
    """Median over the rounds, with the smallest and largest."""
    values = [value for each in spent if (value := pick(each)) is not None]
    return f"{statistics.median(values):.2f} ({min(values):.2f}-{max(values):.2f})" if values else "not measured"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gebied", default="zuidoost")
    parser.add_argument("--rondes", type=int, default=5)
    parser.add_argument("--deel", choices=["stappen", "bodem"], help=argparse.SUPPRESS)
    parser.add_argument("--uit", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.deel:
        print(json.dumps(split(options.gebied, options.uit) if options.deel == "stappen" else floor()))
        return
    with tempfile.TemporaryDirectory() as temporary:
        measure(options.gebied, max(5, options.rondes), Path(temporary))


def measure(area: str, rounds: int, work: Path) -> None:
    """Run every command once per round and print medians, ratios and the split by step."""
    here = Path(__file__).resolve()
    addresses = prepare(area, work / "csv")
    tool = [sys.executable, "-m", "geoanalyse"]
    commands = {
        f"geoanalyse build --gebied {area}": [*tool, "build", "--gebied", area, "--uit", "uit", "--stil"],
        "usual stack": [sys.executable, str(here.parent / "usual_stack.py"), "csv", "usual.html"],
        "geoanalyse --help": [*tool, "--help"],
        "python -c pass": [sys.executable, "-c", "pass"],
    }
    spent: dict[str, list[Spent]] = {name: [] for name in commands}
    steps: list[dict[str, float]] = []
    floors: list[dict[str, float]] = []
    part = [sys.executable, str(here), "--gebied", area, "--uit", "uit", "--deel"]
    for turn in range(WARM_UP + rounds):
        for name, command in commands.items():
            found = spend(command, work)
            if turn >= WARM_UP:
                spent[name].append(found)
        if turn >= WARM_UP:
            for kind, into in (("stappen", steps), ("bodem", floors)):
                into.append(json.loads(subprocess.run([*part, kind], cwd=work, check=True, capture_output=True).stdout))
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions}")
    print(f"{area}: {addresses} addresses; medians of {rounds} rounds (smallest-largest), after {WARM_UP} to warm up\n")
    print("| command | wall, s | cpu, s | peak, MB |\n| --- | --- | --- | --- |")
    for name, each in spent.items():
        columns = (middle(each, lambda one: one.wall), middle(each, lambda one: one.cpu), middle(each, lambda one: one.peak))
        print(f"| {name} | {' | '.join(columns)} |")
    built, usual = spent[f"geoanalyse build --gebied {area}"], spent["usual stack"]
    ratios = [mine.wall / other.wall for mine, other in zip(built, usual, strict=True)]
    print(f"\nbuild / usual stack: {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}) in wall time")
    sizes = [(work / "usual.html").stat().st_size, *(file.stat().st_size for file in (work / "uit").rglob("kaart.html"))]
    print(f"map: {sizes[1] / 1e6:.2f} MB; of the usual stack: {sizes[0] / 1e6:.2f} MB")
    for title, found_parts in (("step", steps), ("floor", floors)):
        print(f"\n| {title} | s |\n| --- | --- |")
        medians = {what: statistics.median(found[what] for found in found_parts) for what in found_parts[0]}
        for what, seconds in medians.items():
            print(f"| {what} | {seconds:.2f} |")
        print(f"| together | {sum(medians.values()):.2f} |")


if __name__ == "__main__":
    main()
