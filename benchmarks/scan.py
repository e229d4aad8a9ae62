"""Measure the spatial scan of 5,000 units with 999 replicas: seconds, and the most memory that was in use.

Run: ``python benchmarks/scan.py [--eenheden 5000] [--replicas 999] [--draden 2]``

Made-up counts without clusters at random places; circles up to half of the population, and rings up to 10 steps.
"""

import argparse
import time
import tracemalloc

import numpy as np
from scipy import sparse, spatial

from geoanalyse.stats.clusters import scan
from geoanalyse.stats.windows import Circles, Rings

SEED = 1
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
        begun = time.perf_counter()
        scan(cases, people, windows, seed=SEED, replicas=chosen.replicas, threads=chosen.draden)
        seconds = time.perf_counter() - begun
        tracemalloc.start()  # apart, because it slows
        scan(cases, people, windows, seed=SEED, replicas=min(chosen.replicas, 256), threads=chosen.draden)
        memory = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        print(f"| {name} | {count} | {chosen.replicas} | {chosen.draden} | {seconds:.1f} | {memory:.0f} |")


if __name__ == "__main__":
    main()
