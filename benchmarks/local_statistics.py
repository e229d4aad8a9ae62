"""Time neighbours, Gi* and its permutations on the H3 cells of a country, beside libpysal and esda in the same rounds.

Run: ``python benchmarks/local_statistics.py LAND.geojson.gz --python PYTHON_WITH_ESDA [--rondes 3] [--resoluties 8 9]``

The cells are those of resolution 8 and 9 that touch the land and each other, the values made-up counts. A round runs
every way once, each in a process of its own; ratios are taken within a round. ``cpu`` is what the process spent, which
a busy machine changes less than what one waits for. Modules are loaded before the clock starts. The peak is the largest
resident memory of a process; what it had before the work is measured apart. The other
ways stand in `usual_statistics.py`. (This file is not named ``statistics.py``: that would hide Python's own module from
all scripts here.)
"""

# ruff: noqa: PLC0415 - who measures must not hold the memory of what is measured: a child starts with its peak

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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from build_area import middle, spend

OURS = "geoanalyse"
USUAL = {
    "queen": "polygons, `Queen` weights, `G_Local`",
    "graph": "polygons, `Graph.build_contiguity`, `G_Local`",
    "graph-h3": "`Graph.build_h3`, `G_Local`",
}
PERMUTED = ("queen", "graph")
"""Usual ways whose permutations are timed: the classic and the fastest; the third has the same Graph as the second."""
PERMUTATIONS = 999
THREADS = (1, 2)
SEED = 1
PACKAGES = ("numpy", "scipy", "h3")
OTHERS = ("esda", "libpysal", "numba", "numpy", "shapely", "geopandas")

Rounds = Mapping[str, list[dict[str, float]]]


@contextmanager
def clocked(seconds: dict[str, float], what: str) -> Iterator[None]:
    """Write down what a block took: on the clock under its name, and of the processor under that with ``cpu``."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    seconds |= {what: time.perf_counter() - wall, f"{what} cpu": time.process_time() - cpu}


def prepare(land: Path, resolution: int) -> dict[str, float]:
    """Write ``cells.npy`` and ``values.npy``; give the number of cells."""
    import pyogrio
    import shapely

    from geoanalyse import grid
    from geoanalyse.stats import graph

    frame = pyogrio.read_dataframe(f"/vsigzip/{land.resolve()}" if land.suffix == ".gz" else land)
    cells = grid.cells_touching(shapely.union_all(frame.to_crs(4326).geometry.to_numpy()), resolution)
    cells = cells[np.diff(graph.from_cells(cells).indptr) > 0]  # `build_h3` leaves out cells without neighbours
    random = np.random.default_rng(SEED)
    np.save("cells.npy", cells)
    np.save("values.npy", random.poisson(3 * random.gamma(1.0, size=len(cells))).astype(float))
    return {"cells": float(len(cells))}


def clock(part: str, threads: int) -> dict[str, float]:
    """Time one part here; the results go to ``ours_z.npy`` and ``ours_p.npy``."""
    from geoanalyse.stats import graph, local, permutation

    cells, values = np.load("cells.npy"), np.load("values.npy")
    seconds = {"polygons": 0.0}
    if part != "read":
        with clocked(seconds, "graph"):
            weights = graph.with_self(graph.from_cells(cells))
    if part == "gi":
        with clocked(seconds, "statistic"):
            z = local.gi_star(values, weights)
        np.save("ours_z.npy", z)
    if part == "permutations":
        with clocked(seconds, "first"):
            p = permutation.gi_p(values, weights, PERMUTATIONS, SEED, threads)
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


def whole(one: Mapping[str, float], clock: str = "") -> float:
    """Graph and statistic together, without drawing polygons."""
    return one[f"graph{clock}"] + one[f"statistic{clock}"]


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
    print("| graph and Gi* | polygons, s | graph, s | Gi*, s | cpu | graph + Gi*, times ours | cpu | peak, MB |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, each in gi.items():
        columns = [middle([one[what] for one in each]) for what in ("polygons", "graph", "statistic")]
        if name == OURS:
            columns = ["-", *(f"{statistics.median(one[what] for one in each):.3f}" for what in ("graph", "statistic"))]
        columns.append(middle([whole(one, " cpu") for one in each]))
        columns.append(ratio(mine, [whole(one) for one in each]))
        columns.append(ratio(*([whole(one, " cpu") for one in some] for some in (gi[OURS], each))))
        columns.append(f"{statistics.median(one['peak'] for one in each):.0f}")
        print(f"| {USUAL.get(name, name)} | {' | '.join(columns)} |")
    print(
        f"\n| {PERMUTATIONS} permutations | first call, s | cpu | next call, s | first, times ours | next | peak, MB |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    first = [one["first"] for one in permuted[str(max(THREADS))]]
    for name, each in permuted.items():
        again = [one.get("again", one["first"]) for one in each]
        columns = [middle([one[what] for one in each]) for what in ("first", "first cpu")]
        columns.append(middle(again))
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
    parser.add_argument("--resoluties", type=int, nargs="+", default=[8, 9])
    parser.add_argument("--deel", help=argparse.SUPPRESS)
    parser.add_argument("--draden", type=int, default=1, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.deel:
        if options.deel == "klaarzetten":
            found = prepare(options.land, *options.resoluties)
        else:
            found = clock(options.deel, options.draden)
        Path("seconds.json").write_text(json.dumps(found), encoding="utf-8")
        return
    if not options.land or not options.python:
        parser.error("give a file of polygons, and --python")
    names = f"import importlib.metadata as m; print(', '.join(f'{{n}} {{m.version(n)}}' for n in {OTHERS}))"
    versions = subprocess.run([options.python, "-c", names], check=True, capture_output=True, text=True).stdout.strip()
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(
        f"{system}; {', '.join(f'{name} {importlib.metadata.version(name)}' for name in PACKAGES)}; beside {versions}"
    )
    for resolution in options.resoluties:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            here, land = str(Path(__file__).resolve()), str(options.land.resolve())
            make = [sys.executable, here, land, "--deel", "klaarzetten", "--resoluties", str(resolution)]
            count = int(timed(make, folder)["cells"])
            load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
            show(count, *measure(options.python, folder, options.rondes))
            compare(folder)
            print(f"load {load:.1f} before; medians of {options.rondes} rounds (smallest-largest)", flush=True)


if __name__ == "__main__":
    main()
