"""Time a factsheet from a ready release in a fresh process, and an atlas, beside WeasyPrint in the same run.

Run from the root of the checkout: ``python -m benchmarks.factsheet [--rondes 5] [--weasyprint PYTHON]``

Every round starts one process that makes the two pages of the theme drugs of a demo release (`--gebied`): first its
modules, then the release from a file, then what it says and draws (content), then the PDF, with the first start of
typst. The named alternative is WeasyPrint on the same texts, tables and drawings as simple HTML, in a process of its
own in the same round; it is no dependency, so name the Python of an environment that has it. It makes no tagged PDF and
fits nothing on two pages. Then the atlas of an area (`--atlas`) by one process and by two: made from a ready release,
through the gate, and written.
"""
# ruff: noqa: PLC0415 - the imports inside functions are part of what is timed

import argparse
import base64
import json
import os
import pickle
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from html import escape
from pathlib import Path
from statistics import median
from typing import Any

SHEET, PEAK, ATLAS = 1.0, 500.0, 30.0
"""Aims: seconds for a factsheet without loading modules, MB, and seconds for 100 buurten."""

_WEASYPRINT = """
import json, sys, time
begun = time.perf_counter()
import weasyprint
loaded = time.perf_counter()
made = weasyprint.HTML(filename=sys.argv[1]).write_pdf()
print(json.dumps({"modules": loaded - begun, "pdf": time.perf_counter() - loaded, "bytes": len(made),
                  "versie": weasyprint.__version__}))
"""


def one(release: Path, page: Path) -> dict[str, float]:
    """Make one factsheet in this process; seconds per step and peak memory. Also writes the content as HTML."""
    begun = time.perf_counter()
    from geoanalyse.products import factsheet

    loaded = time.perf_counter()
    ready = pickle.loads(release.read_bytes())  # noqa: S301 - written by this run
    first, before = time.perf_counter(), time.process_time()
    made = factsheet.content(ready, factsheet.subjects.of_release(ready)[0])
    told = time.perf_counter()
    pdf = factsheet.pdf(made)
    ended, spent = time.perf_counter(), time.process_time() - before
    page.write_text(f"<!DOCTYPE html><html lang='nl'><body>{''.join(_html(made))}</body></html>", encoding="utf-8")
    return {
        "modules": loaded - begun,
        "uitgave lezen": first - loaded,
        "inhoud": told - first,
        "pdf": ended - told,
        "processor": spent,
        "bytes": len(pdf),
    }


def _html(content: Any) -> Iterator[str]:  # noqa: ANN401 - whatever a factsheet holds
    """Write content as simple HTML: drawings, tables where rows are lists of texts, and paragraphs."""
    from geoanalyse.products.sentence import plain

    content = plain(content)
    if isinstance(content, dict):
        if "svg" in content:
            data = base64.b64encode(content["svg"].encode()).decode()
            yield f'<img alt="" src="data:image/svg+xml;base64,{data}">'
        for key, value in content.items():
            if key not in ("svg", "kleuren"):
                yield from _html(value)
    elif isinstance(content, list) and content and all(isinstance(row, list) for row in content):
        cells = ("".join(f"<td>{escape(str(cell))}</td>" for cell in row) for row in content)
        yield f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"
    elif isinstance(content, list):
        for value in content:
            yield from _html(value)
    elif isinstance(content, str):
        yield f"<p>{escape(content)}</p>"


def whole_atlas(release: Path, processes: int) -> dict[str, float]:
    """Make an atlas, have the gate look at it and write it; the number of factsheets, wall and processor seconds."""
    from geoanalyse.products import atlas
    from geoanalyse.products.folder import write_product

    ready = pickle.loads(release.read_bytes())  # noqa: S301 - written by this run
    begun, before = time.perf_counter(), os.times()
    made = atlas.atlas(ready, processes=processes)
    making = time.perf_counter() - begun
    with tempfile.TemporaryDirectory() as out:
        write_product(ready, Path(out), made)
    took, after = time.perf_counter() - begun, os.times()
    spent = sum(after[:4]) - sum(before[:4])
    return {"factsheets": len(made.regions), "making": making, "wall": took, "cpu": spent}


def _run(*arguments: object, python: str = sys.executable) -> dict[str, Any]:
    """Run a process that prints JSON; adds its peak memory (MB), 0 where the system does not tell."""
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
    process = subprocess.Popen([python, *map(str, arguments)], stdout=subprocess.PIPE, env=environment)
    told, peak = process.stdout.read() if process.stdout else b"", 0.0
    if hasattr(os, "wait4"):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        peak = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    if process.wait():
        raise SystemExit(f"{arguments} ended with {process.returncode}")
    return {"piek": peak} | json.loads(told)


def _ready(area: str, path: Path) -> Path:
    """Build a release in a process of its own: a child counts the peak of the process that started it as its own."""
    _run("-m", "benchmarks.factsheet", "--bouw", area, path)
    return path


def _spread(times: list[float], digits: int = 2) -> str:
    return f"{median(times):.{digits}f} ({min(times):.{digits}f}-{max(times):.{digits}f})"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rondes", type=int, default=5)
    parser.add_argument("--gebied", default="zuidoost")
    parser.add_argument("--atlas", default="nieuw-west")
    parser.add_argument("--weasyprint", help="Python that has WeasyPrint")
    parser.add_argument("--bouw", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--een", type=Path, nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--hele", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--taken", type=int, default=2)
    chosen = parser.parse_args()
    if chosen.bouw:
        from geoanalyse.build import build

        Path(chosen.bouw[1]).write_bytes(pickle.dumps(build(chosen.bouw[0])))
        print("{}")
    elif chosen.een:
        print(json.dumps(one(*chosen.een)))
    elif chosen.hele:
        print(json.dumps(whole_atlas(chosen.hele, chosen.taken)))
    else:
        _measure(chosen)


def _measure(chosen: argparse.Namespace) -> None:
    myself = ("-m", "benchmarks.factsheet")
    load = f"belasting {os.getloadavg()[0]:.1f} op {os.cpu_count()} kernen" if hasattr(os, "getloadavg") else ""
    print(f"{platform.platform()}, Python {platform.python_version()}; {load}; {chosen.rondes} rondes\n")
    with tempfile.TemporaryDirectory() as place:
        release, page = _ready(chosen.gebied, Path(place) / "uitgave.pkl"), Path(place) / "bladzijde.html"
        ours, theirs = [], []
        for _ in range(chosen.rondes):
            ours.append(_run(*myself, "--een", release, page))
            if chosen.weasyprint:
                theirs.append(_run("-c", _WEASYPRINT, page, python=chosen.weasyprint))
        print(f"| factsheet drugs, {chosen.gebied} | s |\n| --- | ---: |")
        for step in ("modules", "uitgave lezen", "inhoud", "pdf"):
            print(f"| {step} | {_spread([each[step] for each in ours])} |")
        both = [each["inhoud"] + each["pdf"] for each in ours]
        print(f"| inhoud en pdf; streefwaarde {SHEET:.0f} s | {_spread(both)} |")
        print(f"| processor daarvan | {_spread([each['processor'] for each in ours])} |")
        if theirs:
            ratios = [other["pdf"] / own["pdf"] for own, other in zip(ours, theirs, strict=True)]
            print(f"| WeasyPrint {theirs[0]['versie']}, modules | {_spread([each['modules'] for each in theirs])} |")
            print(f"| WeasyPrint, pdf | {_spread([each['pdf'] for each in theirs])} |")
            print(f"| WeasyPrint keer zo lang als typst | {_spread(ratios, 1)} |")
        print(f"\npiek {_spread([each['piek'] for each in ours], 0)} MB; streefwaarde {PEAK:.0f} MB\n")
        many = _ready(chosen.atlas, Path(place) / "atlas.pkl")
        heads = ("factsheets", "maken (s)", "alles (s)", "processor (s)", f"alles per 100; streefwaarde {ATLAS:.0f}")
        print(f"| atlas {chosen.atlas} | {' | '.join(heads)} |")
        print("| --- | ---: | ---: | ---: | ---: | ---: |")
        for processes in dict.fromkeys((1, chosen.taken)):
            found = [_run(*myself, "--hele", many, "--taken", processes) for _ in range(min(chosen.rondes, 3))]
            count = found[0]["factsheets"]
            spreads = [_spread([each[what] for each in found], 1) for what in ("making", "wall", "cpu")]
            spreads.append(_spread([100 * each["wall"] / count for each in found], 1))
            print(f"| {processes} | {count} | {' | '.join(spreads)} |")


if __name__ == "__main__":
    main()
