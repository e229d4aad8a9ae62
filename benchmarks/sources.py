"""Everything about reading sources beside the libraries one would use instead, in one run, with the aims.

Run from the root of the checkout: ``python -m benchmarks.sources [--snel]``

Runs `benchmarks.tables` (files, and PostGIS where ``GEOANALYSE_POSTGIS`` names a database), `benchmarks.geocoding`,
`benchmarks.raster` and `benchmarks.bag` one after the other, so that none is beside another; each says what it holds
itself to. ``--snel`` takes a tenth of the rows and one round: to see that all of it runs, not to measure.
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

AIMS = (
    "bestanden en PostGIS: hooguit 1,2 keer de tijd van DuckDB of pyogrio alleen",
    "geocoderen: minstens 200.000 rijen per seconde tegen 800.000 adressen",
    "rasters: minstens zo snel als exactextract",
    "BAG: geheugen per object gelijk, hoe groot het extract ook is",
)
RUNS = (
    ("tables", (), ("--rijen", "100000", "--rondes", "1", "--excel", "10000")),
    ("geocoding", (), ("--basis", "80000", "--rijen", "100000", "--rondes", "1")),
    ("raster", (), ("--rondes", "1")),
    ("bag", (), ("--objecten", "100000")),
)
"""Module, its arguments, and those of a quick run."""


def main() -> None:
    """Run them all; ends with the first that fails."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--snel", action="store_true")
    quick = parser.parse_args().snel
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"{platform.platform()}, Python {platform.python_version()}; belasting {load:.1f} op {os.cpu_count()} kernen")
    for aim in AIMS:
        print(f"- streefwaarde {aim}")
    for name, usual, less in RUNS:
        begun = time.perf_counter()
        print(f"\n## {name}\n", flush=True)
        call = [sys.executable, "-m", f"benchmarks.{name}", *(less if quick else usual)]
        subprocess.run(call, check=True, env=os.environ | {"PYTHONPATH": str(Path.cwd())})
        print(f"\n({time.perf_counter() - begun:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
