"""Measure ranking the signals of the region, and reading back 10,000 filled-in lines of signaallijsten.

Run from the root of the checkout: ``python -m benchmarks.signals [--regels 10000] [--rondes 5]``

Seconds of ``geoanalyse opvolging lees`` from the start of the process to a store that holds every line, and again for
the same file, as a workbook and as a CSV. The list is that of a made-up release with as many signals; every line is
filled in, six in ten with a remark, and no two remarks are the same.

Seconds of ``signals.signals`` for all of Amsterdam-Amstelland with 12 layers: those of the demo, and each of them once
more under another name and of another holder.
"""

import argparse
import dataclasses
import datetime as dt
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from statistics import median

import pyarrow as pa
import pyarrow.compute as pc

from geoanalyse.build import build
from geoanalyse.followup import words
from geoanalyse.release import Release
from geoanalyse.routes import shipped
from geoanalyse.signals import Signal, signals
from tests.handed_out import filled, hand_out, rows_of, write_csv, write_xlsx
from tests.sample import sample_release

TARGET, TO_RANK = 3.0, 2.0
"""Seconds to read back, and to rank."""
_WORDS = ("pand", "leeg", "bezocht", "winkel", "loket", "gesloten", "vergunning", "nagekeken", "melding", "overleg")
_ANSWERS = (
    ("gemeente", "mono", "afgerond", "niets gevonden", ""),
    ("politie", "duaal", "afgerond", "leidde tot iets: strafrecht", ""),
    ("Belastingdienst", "integraal", "in behandeling", "", ""),
    ("gemeente", "", "niet opgevolgd", "", "geen capaciteit"),
    ("", "", "open", "", ""),
)


def long_release(count: int) -> Release:
    """Give the made-up release of the tests with this many signals."""
    release = sample_release()
    return dataclasses.replace(release, signals=tuple(_signals(release.signals, count)))


def _signals(known: tuple[Signal, ...], count: int) -> Iterator[Signal]:
    for number, signal in zip(range(count), cycle(known), strict=False):
        yield dataclasses.replace(signal, id=f"{signal.id[0]}{number:05d}", rank=number)


def answers(count: int) -> Iterator[tuple[str | dt.date, ...]]:
    """Give what is filled in, in the order of `words.FIELDS`."""
    for number, (owner, route, status, outcome, reason) in zip(range(count), cycle(_ANSWERS), strict=False):
        day = dt.date(2026, 1, 1) + dt.timedelta(days=number % 300)
        spoken = " ".join(_WORDS[(number * step) % len(_WORDS)] for step in (1, 3, 5, 7))
        remark = f"{spoken}, ronde {number}" if number % 5 < 3 else ""
        yield owner, route, day, status, outcome, reason, remark


def fill_in(shareable: Path, away: Path) -> tuple[Path, Path]:
    """Fill in the lists of a release, and give the workbook and the CSV that come back."""
    signals = [row[words.SIGNAL] for row in rows_of(shareable)]
    titles = [field.title for field in words.FIELDS]
    told = {
        signal: {title: each for title, each in zip(titles, answer, strict=True) if each}
        for signal, answer in zip(signals, answers(len(signals)), strict=True)
    }
    written = {
        signal: {title: f"{each:%d-%m-%Y}" if isinstance(each, dt.date) else each for title, each in row.items()}
        for signal, row in told.items()
    }
    return (
        write_xlsx(shareable, away / "terug.xlsx", told),
        write_csv(away / "terug.csv", filled(shareable, written)),
    )


def seconds(file: Path, out: Path, store: Path) -> tuple[float, float]:
    """Run the command once; gives the time it took and that of the processor."""
    command = [sys.executable, "-m", "geoanalyse", "opvolging", "lees", file, "--uit", out, "--bestand", store]
    begun, before = time.perf_counter(), os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": str(Path.cwd())})
    took, after = time.perf_counter() - begun, os.times()
    return took, after.children_user + after.children_system - before.children_user - before.children_system


def main() -> None:
    """Print one row per kind of file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--regels", type=int, default=10_000)
    parser.add_argument("--rondes", type=int, default=5)
    chosen = parser.parse_args()
    layers, found, ranking = rank(chosen.rondes)
    print(f"{layers} lagen, {found} signalen: {_spread(ranking)} s; streefwaarde {TO_RANK:.0f} s\n")
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        made = hand_out(long_release(chosen.regels), home / "uit")
        load = f"belasting {os.getloadavg()[0]:.1f} op {os.cpu_count()} kernen"
        print(f"{chosen.regels} regels; streefwaarde {TARGET:.0f} s; {load}")
        print("| bestand | MB | lezen (s) | processor (s) | nog eens (s) | opslag (MB) |")
        print("| --- | ---: | ---: | ---: | ---: | ---: |")
        for file in fill_in(made, home):
            first, again = [], []
            for number in range(chosen.rondes):
                store = home / f"{file.suffix[1:]}-{number}.duckdb"
                first.append(seconds(file, home / "uit", store))
                again.append(seconds(file, home / "uit", store))
            size, kept = (each.stat().st_size / 1e6 for each in (file, store))
            wall, processor = zip(*first, strict=True)
            repeated, _ = zip(*again, strict=True)
            times = " | ".join(map(_spread, (wall, processor, repeated)))
            print(f"| {file.name} | {size:.1f} | {times} | {kept:.1f} |")


def rank(rounds: int) -> tuple[int, int, tuple[float, ...]]:
    """Rank the region with every layer of the demo twice: the number of layers and signals, and seconds per round."""
    release = build("amsterdam-amstelland")
    layers = [
        *release.layers,
        *(dataclasses.replace(each, id=f"{each.id}-2", holder=f"{each.holder} 2") for each in release.layers),
    ]
    names = {layer.id for layer in release.layers}

    def doubled(table: pa.Table) -> pa.Table:
        place = table.schema.get_field_index("layer")
        again = table.filter(pc.is_in(table["layer"], value_set=pa.array(sorted(names))))
        other = pc.binary_join_element_wise(again["layer"], "2", "-")
        return pa.concat_tables([table, again.set_column(place, table.schema.field("layer"), other)])

    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        found = signals(
            doubled(release.statistics),
            layers,
            release.geography,
            release.start,
            release.end,
            rates=release.rates | {f"{name}-2": rate for name, rate in release.rates.items()},
            inspections=doubled(release.inspections),
            standardised=doubled(release.standardised),
            trends=doubled(release.trends),
            routes=shipped(),
            seed=release.seed,
        )
        times.append(time.perf_counter() - begun)
    return len(layers), len(found), tuple(times)


def _spread(times: tuple[float, ...]) -> str:
    return f"{median(times):.1f} ({min(times):.1f}-{max(times):.1f})"


if __name__ == "__main__":
    main()
