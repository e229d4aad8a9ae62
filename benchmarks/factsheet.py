"""Measure factsheets and an atlas from a ready release.

Run from the root of the checkout: ``python -m benchmarks.factsheet [--rondes 5] [--buurten 100] [--gebied zuidoost]``

Each round is a new process that reads a release of the demo back from disk: seconds of the first factsheet of a theme
(content, and the PDF with the first start of typst), of the next one, and the peak of its memory. Then, in the same
run, the same words typeset by WeasyPrint if that is installed: it gets the offline page of the factsheet, with all its
drawings. Last the atlas: as many buurten as asked for (those of the area again and again), in two processes.
"""

import argparse
import dataclasses
import importlib.util
import json
import pickle
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from geoanalyse.build import build

AIM_SHEET, AIM_ATLAS, AIM_MEMORY = 1.0, 30.0, 500
"""Seconds for two pages, seconds for 100 buurten, MB."""


def one_round(stored: Path) -> dict[str, float]:
    """Make factsheets in this process and say how long each step took."""
    began = time.perf_counter()
    from geoanalyse.products import factsheet  # noqa: PLC0415 - the import is one of the steps

    release = pickle.loads(stored.read_bytes())  # noqa: S301 - written by this run
    first, second = (factsheet.subjects.of_theme(release, theme) for theme in release.themes)
    ready = time.perf_counter()
    made = factsheet.content(release, first)
    told = time.perf_counter()
    factsheet.pdf(made)
    done = time.perf_counter()
    factsheet.pdf(factsheet.content(release, second))
    again = time.perf_counter()
    page = factsheet.html(made)
    took = {
        "lezen en importeren": ready - began,
        "inhoud": told - ready,
        "typst": done - told,
        "factsheet": done - ready,
        "volgende factsheet": again - done,
        "geheugen (MB)": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    if importlib.util.find_spec("weasyprint") is not None:
        import weasyprint  # noqa: PLC0415 - not one of our dependencies

        began = time.perf_counter()
        weasyprint.HTML(string=page).write_pdf()
        took["WeasyPrint"] = time.perf_counter() - began
    return took


def an_atlas(release: Any, count: int) -> tuple[float, float]:  # noqa: ANN401 - Release
    """Make the factsheets of so many buurten in two processes; gives seconds and the peak of a process in MB."""
    from geoanalyse.products import atlas  # noqa: PLC0415 - after the rounds

    known = len(atlas.buurten(release))
    seconds, left = 0.0, count
    while left > 0:
        part = release
        if left < known:
            codes = {subject.region for subject in atlas.buurten(release)[:left]}
            table = release.statistics.to_pandas()
            kept = (table["level"] != "buurt") | table["zone"].isin(codes)
            part = dataclasses.replace(release, statistics=release.statistics.filter(kept.to_numpy()))
        began = time.perf_counter()
        made = atlas.atlas(part, processes=2)
        seconds += time.perf_counter() - began
        left -= len(made.regions)
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rondes", type=int, default=5)
    parser.add_argument("--buurten", type=int, default=100)
    parser.add_argument("--gebied", default="zuidoost")
    parser.add_argument("--ronde", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.ronde:
        sys.stdout.write(json.dumps(one_round(asked.ronde)))
        return
    release = build(asked.gebied)
    with tempfile.TemporaryDirectory() as temporary:
        stored = Path(temporary) / "release.pickle"
        stored.write_bytes(pickle.dumps(release))
        command = [sys.executable, "-m", "benchmarks.factsheet", "--ronde", str(stored)]
        rounds = [
            json.loads(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(asked.rondes)
        ]
    for step in rounds[0]:
        values = sorted(each[step] for each in rounds)
        sys.stdout.write(f"{step:24} {median(values):8.2f}   ({values[0]:.2f} tot {values[-1]:.2f})\n")
    if "WeasyPrint" in rounds[0]:
        ratios = [each["WeasyPrint"] / each["typst"] for each in rounds]
        sys.stdout.write(f"WeasyPrint / typst       {median(ratios):8.1f}\n")
    seconds, memory = an_atlas(release, asked.buurten)
    sys.stdout.write(f"atlas van {asked.buurten} buurten   {seconds:8.1f} s, {memory:.0f} MB per proces\n")
    sys.stdout.write(f"doel: {AIM_SHEET} s, {AIM_ATLAS} s, {AIM_MEMORY} MB\n")


if __name__ == "__main__":
    main()
