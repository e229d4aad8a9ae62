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
import warnings
from collections.abc import Callable
from pathlib import Path

import esda
import geopandas as gpd
import h3.api.basic_int as h3
import libpysal
import numpy as np
import shapely
from local_statistics import PERMUTATIONS, SEED, clocked


def with_polygons(cells: np.ndarray, build: Callable[[gpd.GeoDataFrame], object], seconds: dict[str, float]) -> object:
    """Draw the cells and let libpysal find out which touch."""
    with clocked(seconds, "polygons"):
        shapes = [shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(cell)]) for cell in cells.tolist()]
        frame = gpd.GeoDataFrame(geometry=shapes, crs=4326)
    with clocked(seconds, "graph"):
        return build(frame)


def from_indexes(cells: np.ndarray, seconds: dict[str, float]) -> object:
    """Let libpysal ask H3 for the ring of each cell."""
    with clocked(seconds, "graph"):
        return libpysal.graph.Graph.build_h3([h3.int_to_str(cell) for cell in cells.tolist()])


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
        with clocked(seconds, "statistic"):
            found = gi_star(permutations=0)
        np.save("usual_z.npy", found.Zs)
    if part == "permutations":
        for call in ("first", "again"):
            with clocked(seconds, call):
                found = gi_star(permutations=PERMUTATIONS, seed=SEED, n_jobs=1, keep_simulations=False)
        np.save("usual_p.npy", found.p_sim)
    Path("seconds.json").write_text(json.dumps(seconds), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
