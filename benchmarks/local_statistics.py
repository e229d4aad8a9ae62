"""Time neighbours, Gi* and its permutations on the H3 cells of a country, beside libpysal and esda in the same rounds.

Run: ``python benchmarks/local_statistics.py LAND.geojson.gz --python /path/to/python/with/esda [--rondes 3]``

The cells are those of resolution 8 and 9 that touch the land and each other, the values made-up counts. A round runs
every way once, each in a process of its own; ratios are taken within a round. Modules are loaded before the clock
starts. The peak is the largest resident memory of a process; what it had before the work is measured apart. The other
ways stand in `usual_statistics.py`. (This file is not named ``statistics.py``: that would hide Python's own module from
all scripts here.)
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
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyogrio
import shapely
from build_area import middle, spend

from geoanalyse import grid
from geoanalyse.stats import graph, local

OURS = "geoanalyse"
USUAL = {
    "queen": "polygons, `Queen` weights, `G_Local`",
    "graph": "polygons, `Graph.build_contiguity`, `G_Local`",
    "graph-h3": "`Graph.build_h3`, `G_Local`",
}
PERMUTED = ("queen", "graph")
"""Usual ways whose permutations are timed: the classic and the fastest; the third has the same Graph as the second."""
RESOLUTIONS = (8, 9)
PERMUTATIONS = 999
THREADS = (1, 2)
SEED = 1
PACKAGES = ("numpy", "scipy", "h3")
OTHERS = ("esda", "libpysal", "numba", "numpy", "shapely", "geopandas")

Rounds = Mapping[str, list[dict[str, float]]]


def prepare(land: Path, resolution: int, folder: Path) -> int:
    """Write cells and values; give the number of cells."""
    frame = pyogrio.read_dataframe(f"/vsigzip/{land.resolve()}" if land.suffix == ".gz" else land)
    cells = grid.cells_touching(shapely.union_all(frame.to_crs(4326).geometry.to_numpy()), resolution)
    cells = cells[np.diff(graph.from_cells(cells).indptr) > 0]  # `build_h3` leaves out cells without neighbours
    random = np.random.default_rng(SEED)
    np.save(folder / "cells.npy", cells)
    np.save(folder / "values.npy", random.poisson(3 * random.gamma(1.0, size=len(cells))).astype(float))
    return len(cells)


def clock(part: str, threads: int) -> dict[str, float]:
    """Time one part here; the results go to ``ours_z.npy`` and ``ours_p.npy``."""
    cells, values = np.load("cells.npy"), np.load("values.npy")
    seconds = {"polygons": 0.0}
    if part != "read":
        start = time.perf_counter()
        weights = graph.with_self(graph.from_cells(cells))
        seconds["graph"] = time.perf_counter() - start
    if part == "gi":
        start = time.perf_counter()
        z = local.gi_star(values, weights)
        seconds["statistic"] = time.perf_counter() - start
        np.save("ours_z.npy", z)
    if part == "permutations":
        start = time.perf_counter()
        p = local.gi_permuted_p(values, weights, PERMUTATIONS, SEED, threads)
        seconds["first"] = time.perf_counter() - start
        np.save("ours_p.npy", p)
    return seconds


def timed(command: Sequence[str], folder: Path) -> dict[str, float]:
    """Run one part in a process of its own; give its seconds and its peak (MB)."""
    peak = spend(command, folder).peak
    found: dict[str, float] = json.loads((folder / "seconds.json").read_text(encoding="utf-8"))
    return found | {"peak": float("nan") if peak is None else peak}


def measure(python: str, folder: Path, rounds: int) -> tuple[Rounds, Rounds, Rounds]:
    """Run all ways: what each needs before it works (once), Gi*, and the permutations."""
    here, other = str(Path(__file__).resolve()), str(Path(__file__).with_name("usual_statistics.py").resolve())

    def ours(part: str, threads: int = 1) -> dict[str, float]:
        return timed([sys.executable, here, "--deel", part, "--draden", str(threads)], folder)

    def usual(way: str, part: str) -> dict[str, float]:
        return timed([python, other, way, part], folder)

    before = {OURS: [ours("read")], "usual": [usual("queen", "read")]}
    gi: dict[str, list[dict[str, float]]] = {name: [] for name in (OURS, *USUAL)}
    permuted: dict[str, list[dict[str, float]]] = {name: [] for name in (*map(str, THREADS), *PERMUTED)}
    for _ in range(rounds):
        gi[OURS].append(ours("gi"))
        for way in USUAL:
            gi[way].append(usual(way, "gi"))
        for threads in THREADS:
            permuted[str(threads)].append(ours("permutations", threads))
        for way in PERMUTED:
            permuted[way].append(usual(way, "permutations"))
    return before, gi, permuted


def whole(one: Mapping[str, float]) -> float:
    """Graph and statistic together, without drawing polygons."""
    return one["graph"] + one["statistic"]


def ratio(mine: Sequence[float], others: Sequence[float]) -> str:
    """Give how many times as long the other took, within rounds."""
    return f"{statistics.median(b / a for a, b in zip(mine, others, strict=True)):.0f}"


def show(count: int, before: Rounds, gi: Rounds, permuted: Rounds) -> None:
    """Print a table of each."""
    start = {name: each[0]["peak"] for name, each in before.items()}
    mine = [whole(one) for one in gi[OURS]]
    print(
        f"\n**{count:,} cells**; before the work geoanalyse takes {start[OURS]:.0f} MB, esda {start['usual']:.0f} MB\n"
    )
    print("| graph and Gi* | polygons, s | graph, s | Gi*, s | graph + Gi*, times ours | with polygons | peak, MB |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, each in gi.items():
        columns = [middle([one[what] for one in each]) for what in ("polygons", "graph", "statistic")]
        if name == OURS:
            columns = ["-", *(f"{statistics.median(one[what] for one in each):.3f}" for what in ("graph", "statistic"))]
        columns.append(ratio(mine, [whole(one) for one in each]))
        columns.append(ratio(mine, [whole(one) + one["polygons"] for one in each]))
        columns.append(f"{statistics.median(one['peak'] for one in each):.0f}")
        print(f"| {USUAL.get(name, name)} | {' | '.join(columns)} |")
    print(f"\n| {PERMUTATIONS} permutations | first call, s | next call, s | first, times ours | next | peak, MB |")
    print("| --- | --- | --- | --- | --- | --- |")
    first = [one["first"] for one in permuted[str(max(THREADS))]]
    for name, each in permuted.items():
        again = [one.get("again", one["first"]) for one in each]
        columns = [middle([one["first"] for one in each]), middle(again)]
        columns += [ratio(first, [one["first"] for one in each]), ratio(first, again)]
        columns.append(f"{statistics.median(one['peak'] for one in each):.0f}")
        label = f"esda, {USUAL[name].split('`')[1]}" if name in USUAL else f"{OURS}, threads={name}"
        print(f"| {label} | {' | '.join(columns)} |")


def compare(folder: Path) -> None:
    """Print how far the results are apart; esda's p-value is that of one side."""
    z = np.abs(np.load(folder / "ours_z.npy") - np.load(folder / "usual_z.npy")).max()
    apart = np.abs(np.load(folder / "ours_p.npy") / 2 - np.load(folder / "usual_p.npy"))
    print(f"\ngreatest difference of z {z:.1e}; of one-sided p on average {apart.mean():.3f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("land", type=Path, nargs="?")
    parser.add_argument("--python", help="interpreter with esda, libpysal, numba and geopandas")
    parser.add_argument("--rondes", type=int, default=3)
    parser.add_argument("--deel", help=argparse.SUPPRESS)
    parser.add_argument("--draden", type=int, default=1, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.deel:
        Path("seconds.json").write_text(json.dumps(clock(options.deel, options.draden)), encoding="utf-8")
        return
    if not options.land or not options.python:
        parser.error("give a file of polygons, and --python")
    names = f"import importlib.metadata as m; print(', '.join(f'{{n}} {{m.version(n)}}' for n in {OTHERS}))"
    versions = subprocess.run([options.python, "-c", names], check=True, capture_output=True, text=True).stdout.strip()
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(
        f"{system}; {', '.join(f'{name} {importlib.metadata.version(name)}' for name in PACKAGES)}; beside {versions}"
    )
    for resolution in RESOLUTIONS:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            count = prepare(options.land, resolution, folder)
            load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
            show(count, *measure(options.python, folder, options.rondes))
            compare(folder)
            print(f"load {load:.1f} before; medians of {options.rondes} rounds (smallest-largest)", flush=True)


if __name__ == "__main__":
    main()
