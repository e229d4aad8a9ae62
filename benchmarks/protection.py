"""Time and attack `geoanalyse.protection.protect` beside four usual ways to publish the same counts.

Run: ``python benchmarks/protection.py [--rondes 5]``

Twelve layers on the demo's 800,000 addresses and its zones, 36 months. What is timed starts with exact counts per zone
in memory (and sums of record keys, for the one alternative that uses them) and ends with a table in memory: every zone,
buurt, wijk and gemeente over the period, and every buurt, wijk and gemeente per month. geoanalyse also makes hexagons,
margins and statuses. Every run is a process of its own; a round runs all of them once. The workload is made by
`protection_work.py`, the alternatives stand in `usual_protection.py`, the attack in `protection_attack.py`.
"""
# ruff: noqa: PLC0415 - the alternatives must not pay for the packages that only geoanalyse loads

import argparse
import datetime as dt
import importlib.metadata
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from build_area import middle, spend
from protection_attack import OURS, SECRET, judge
from protection_work import LAYERS, LEVELS, MONTHS, PERIOD, Work, load, make_layers, prepare, read_geography
from usual_protection import BASE, HIDDEN, METHODS

PACKAGES = ("geoanalyse", "numpy", "pyarrow", "scipy")
WARM_UP = 1
RESULT = "uitkomst.json"
"""Where a part leaves what it found."""
PRINTED = (0.003, 0.02, 0.08)
"""Shares of addresses whose accuracy is printed."""


# --- what is timed ----------------------------------------------------------------------------------------------------


def ours(work: Work) -> Callable[[], pa.Table]:
    """Make ready what a build has in memory before it protects."""
    from geoanalyse import protection
    from geoanalyse.counts import Counts, calendar_windows

    geography, layers = read_geography()[0], make_layers()
    windows = calendar_windows(PERIOD, layers[0].series)
    counted = [
        Counts(layer, PERIOD, total[0], windows, series, 0)
        for layer, total, series in zip(layers, work.data["total"], work.data["series"], strict=True)
    ]
    return lambda: protection.protect(counted, geography, SECRET, "casustafel").table


def usual(work: Work, name: str) -> Callable[[], pa.Table]:
    """Publish with an alternative, layers side by side on two threads as geoanalyse does."""
    publish, data, regions = METHODS[name].publish, work.data, slice(int(work.starts[1]), None)
    level = np.repeat(LEVELS, data["sizes"])
    months = [dt.date(PERIOD[0].year + month // 12, month % 12 + 1, 1) for month in range(MONTHS)]

    def one(number: int) -> list[pa.Table]:
        period = publish(work.inside, data["total"][number].T, data["key_total"][number].T)
        series = publish(work.inside_leaf, *(work.leaf @ data[part][number].T for part in ("series", "key_series")))
        parts = [(slice(None), PERIOD[0], period[:, 0])]
        parts += [(regions, month, values) for month, values in zip(months, series.T, strict=True)]
        return [
            pa.table(
                {
                    "zone": data["ids"][rows],
                    "level": level[rows],
                    "layer": pa.repeat(f"laag-{number:02d}", len(values)),
                    "start": pa.repeat(start, len(values)),
                    "value": pa.array(values, mask=values == HIDDEN),
                }
            )
            for rows, start, values in parts
        ]

    def run() -> pa.Table:
        with ThreadPoolExecutor(2) as pool:
            return pa.concat_tables([part for parts in pool.map(one, range(LAYERS)) for part in parts])

    return run


def ready(name: str, folder: Path) -> Callable[[], pa.Table]:
    """Read what a method needs, up to where the clock starts."""
    counts = ("total", "series")
    if name == OURS:
        return ours(load(folder, counts))
    return usual(load(folder, (*counts, "key_total", "key_series")), name)


def clock(name: str, folder: Path) -> dict[str, float]:
    """Time one method in this process."""
    run = ready(name, folder)
    wall, cpu = time.perf_counter(), time.process_time()
    table = run()
    return {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "rows": float(table.num_rows),
    }


# --- the run ----------------------------------------------------------------------------------------------------------


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rondes", type=int, default=5)
    parser.add_argument("--deel", help=argparse.SUPPRESS)
    parser.add_argument("--wijze", help=argparse.SUPPRESS)
    options = parser.parse_args()
    parts: dict[str, Callable[[], object]] = {
        "klaarzetten": lambda: prepare(Path()),
        "lezen": lambda: ready(options.wijze, Path()) and {},
        "meten": lambda: clock(options.wijze, Path()),
        "aanvallen": lambda: judge(options.wijze, Path()),
    }
    if options.deel:
        Path(RESULT).write_text(json.dumps(parts[options.deel](), default=float), encoding="utf-8")
        return
    with tempfile.TemporaryDirectory() as temporary:
        measure(max(5, options.rondes), Path(temporary))


def measure(rounds: int, work: Path) -> None:
    """Run every method once per round, attack each once, and print three tables."""

    def part(kind: str, name: str = "") -> dict[str, Any]:
        # in a process of its own: Linux starts the peak of a child at that of its parent
        command = [sys.executable, str(Path(__file__).resolve()), "--deel", kind, "--wijze", name]
        peak = spend(command, work).peak
        result: dict[str, Any] = json.loads((work / RESULT).read_text(encoding="utf-8"))
        return result | {"peak": peak}

    names = (OURS, *METHODS)
    made = part("klaarzetten")
    before = {name: part("lezen", name)["peak"] for name in names}
    spent: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    loads = [_load()]
    for turn in range(WARM_UP + rounds):
        for name in names:
            found = part("meten", name)
            if turn >= WARM_UP:
                spent[name].append(found)
    loads.append(_load())
    judged = {name: part("aanvallen", name) for name in names}
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{system}; load {' before, '.join(loads)} after")
    print(", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES))
    print(
        f"{LAYERS} layers, {made['addresses']:,.0f} addresses, {made['zones']:,.0f} zones, {MONTHS} months, b = {BASE}"
    )
    print(f"counting, not in the times: {made['counting']:.2f} s for all layers")
    print(f"medians of {rounds} rounds (smallest-largest), after {WARM_UP} to warm up\n")
    print_cost(spent, before)
    print_accuracy(judged)
    print_attack(judged)


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"  # Windows


def _megabytes(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{statistics.median(known):.0f}" if known else "not measured"


def print_cost(spent: Mapping[str, list[dict[str, Any]]], before: Mapping[str, float | None]) -> None:
    """Print time and memory; ratios are taken within a round."""
    print("| method | wall, s | cpu, s | wall of geoanalyse / its own | cpu | peak, MB | before it starts, MB | rows |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, each in spent.items():
        pairs = list(zip(spent[OURS], each, strict=True))
        columns = [middle([one[what] for one in each]) for what in ("wall", "cpu")]
        columns += [
            f"{statistics.median(mine[what] / one[what] for mine, one in pairs):.1f}" for what in ("wall", "cpu")
        ]
        columns += [_megabytes([one["peak"] for one in each]), _megabytes([before[name]]), f"{each[0]['rows']:,.0f}"]
        print(f"| {name} | {' | '.join(columns)} |")


def print_accuracy(judged: Mapping[str, dict[str, Any]]) -> None:
    """Print errors over all layers, and those that depend on how rare a layer is."""
    shares = " / ".join(f"{100 * share:g}" for share in PRINTED)
    print("\n| method | rmse of a zone | buurt | wijk | gemeente |", end="")
    print(f" sum of all zones off by, layers of {shares} % | median error of a buurt, same layers |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, found in judged.items():
        columns = [f"{found[f'rmse {level}']:.1f}" for level in LEVELS]
        columns.append(" / ".join(f"{100 * found[f'bias {share}']:+.1f} %" for share in PRINTED))
        columns.append(" / ".join(f"{100 * found[f'relative {share}']:.0f} %" for share in PRINTED))
        print(f"| {name} | {' | '.join(columns)} |")


def print_attack(judged: Mapping[str, dict[str, Any]]) -> None:
    """Print what the attacker finds of the small counts of zones."""
    first = judged[OURS]
    blind = f"{100 * first['guess blind']:.0f} % are guessed without any release"
    print(f"\n{first['small']:,} counts of 1 to {BASE - 1}; {blind}")
    print("\nOne release / 12 with constant counts / 12 with growing counts:\n")
    print("| method | known exactly | narrowest interval | guessed right | value moves, count does not |")
    print("| --- | --- | --- | --- | --- |")
    for name, found in judged.items():
        times = ("one", "constant", "growing")
        columns = [
            " / ".join(f"{100 * found[f'known {when}']:.2g} %" for when in times),
            " / ".join(str(found[f"width {when}"]) for when in times),
            " / ".join(f"{100 * found[f'guess {when}']:.0f} %" for when in times[:2]),
            f"{100 * found['moved']:.2g} %",
        ]
        print(f"| {name} | {' | '.join(columns)} |")


if __name__ == "__main__":
    main()
