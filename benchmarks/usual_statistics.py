"""The usual ways to local statistics of H3 cells with libpysal and esda: what `local_statistics.py` is timed beside.

It runs this in an interpreter that has them. ``cells.npy`` (uint64) and ``values.npy`` stand in the working folder;
``usual_z.npy``, ``usual_p.npy`` and ``seconds.json`` are written there.

Run: ``python benchmarks/usual_statistics.py queen|graph|graph-h3 read|gi|permutations``

``queen`` makes polygons and classic weights, ``graph`` polygons and a Graph of shared edges, ``graph-h3`` a Graph from
the indexes alone. Making the polygons counts by itself. Binary weights, since esda's analytic variance holds for those
only; simulations are not kept and one process is used, which is lighter and was faster on two cores.
"""

import functools
import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import esda
import geopandas as gpd
import h3.api.basic_int as h3
import libpysal
import numpy as np
import shapely

PERMUTATIONS = 999
SEED = 1


def with_polygons(cells: np.ndarray, build: Callable[[gpd.GeoDataFrame], object], seconds: dict[str, float]) -> object:
    """Draw the cells and let libpysal find out which touch."""
    start = time.perf_counter()
    shapes = shapely.polygons([[(lon, lat) for lat, lon in h3.cell_to_boundary(cell)] for cell in cells.tolist()])
    frame = gpd.GeoDataFrame(geometry=shapes, crs=4326)
    drawn = time.perf_counter()
    seconds["polygons"] = drawn - start
    weights = build(frame)
    seconds["graph"] = time.perf_counter() - drawn
    return weights


def from_indexes(cells: np.ndarray, seconds: dict[str, float]) -> object:
    """Let libpysal ask H3 for the ring of each cell."""
    start = time.perf_counter()
    weights = libpysal.graph.Graph.build_h3([h3.int_to_str(cell) for cell in cells.tolist()])
    seconds["graph"] = time.perf_counter() - start
    return weights


def main(way: str, part: str) -> None:
    """Time one part of one way."""
    warnings.simplefilter("ignore")
    cells, values = np.load("cells.npy"), np.load("values.npy")
    seconds = {"polygons": 0.0}
    if part != "read":
        make = {
            "queen": functools.partial(libpysal.weights.Queen.from_dataframe, use_index=False),
            "graph": libpysal.graph.Graph.build_contiguity,
        }
        weights = from_indexes(cells, seconds) if way == "graph-h3" else with_polygons(cells, make[way], seconds)
        gi_star = functools.partial(esda.G_Local, values, weights, transform="B", star=True)
    if part == "gi":
        start = time.perf_counter()
        found = gi_star(permutations=0)
        seconds["statistic"] = time.perf_counter() - start
        np.save("usual_z.npy", found.Zs)
    if part == "permutations":
        for call in ("first", "again"):
            start = time.perf_counter()
            found = gi_star(permutations=PERMUTATIONS, seed=SEED, n_jobs=1, keep_simulations=False)
            seconds[call] = time.perf_counter() - start
        np.save("usual_p.npy", found.p_sim)
    Path("seconds.json").write_text(json.dumps(seconds), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
