"""Measure the spatial scan of 5,000 units and the space-time scan of 3,000 events, with 999 replicas.

Run: ``python benchmarks/scan.py [--eenheden 5000] [--replicas 999] [--draden 2]``

Seconds, and the most memory that was in use. Made-up counts without clusters at random places; circles up to half of
the population, and rings up to 10 steps. The space-time permutation scan: 3,000 events over 200 of the places and 104
periods, circles up to half of the events, cylinders of up to 8 periods.
"""

import argparse
import time
import tracemalloc
from collections.abc import Callable
from functools import partial

import numpy as np
from scipy import sparse, spatial

from geoanalyse.stats.clusters import scan
from geoanalyse.stats.spacetime_scan import permutation_scan
from geoanalyse.stats.windows import Circles, Rings

SEED = 1
EVENTS, PLACES, PERIODS = 3000, 200, 104
NEIGHBOURS = 7
"""A unit and its six nearest, as on a map of hexagons."""


def main() -> None:
    """Print one row per kind of window."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--eenheden", type=int, default=5000)
    parser.add_argument("--replicas", type=int, default=999)
    parser.add_argument("--draden", type=int, default=2)
    chosen = parser.parse_args()
    random = np.random.default_rng(SEED)
    count = chosen.eenheden
    place = random.random((count, 2))
    people = np.maximum(10, random.gamma(1.0, 45.0, count)).astype(np.int64)
    cases = random.poisson(0.02 * people)
    _, near = spatial.cKDTree(place).query(place, NEIGHBOURS)
    graph = sparse.coo_array((np.ones(near.size), (np.repeat(np.arange(count), NEIGHBOURS), near.ravel()))).tocsr()
    print("| vensters | eenheden | replicas | draden | seconden | geheugen (MB) |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, windows in (("cirkels", Circles(place, "plane")), ("ringen", Rings(graph, 10))):
        run = partial(scan, cases, people, windows, seed=SEED, threads=chosen.draden)
        print(f"| {name} | {count} | {_measured(run, chosen)} |")
    unit, period = random.integers(0, PLACES, EVENTS), random.integers(0, PERIODS, EVENTS)
    run = partial(
        permutation_scan, unit, period, Circles(place[:PLACES], "plane"), seed=SEED, longest=8, threads=chosen.draden
    )
    print(f"| ruimte en tijd | {PLACES} x {PERIODS} | {_measured(run, chosen)} |")


def _measured(run: Callable[..., object], chosen: argparse.Namespace) -> str:
    """Time a scan, and trace its memory apart, because that slows."""
    begun = time.perf_counter()
    run(replicas=chosen.replicas)
    seconds = time.perf_counter() - begun
    tracemalloc.start()
    run(replicas=min(chosen.replicas, 256))
    memory = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return f"{chosen.replicas} | {chosen.draden} | {seconds:.1f} | {memory:.0f}"


if __name__ == "__main__":
    main()
