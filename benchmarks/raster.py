"""One value per cell from a raster: beside exactextract and rasterstats, and beside reading the pixels alone.

Run from the root of the checkout: ``python -m benchmarks.raster [--rondes 3] [--rasterstats]``

Four cases: every hexagon (resolution 10) of Amsterdam over pixels of 5 m and of 100 m, the hexagons inside a square
of 5 km over pixels of 0.5 m, and the wijken of Amsterdam over pixels of 5 m. All give mean, sum, lowest, highest and
covered area, one process each, with the shapes ready in RD; both strategies of exactextract are measured and the
faster one is compared. The floor is reading every block once with rasterio. Rasters are made by this run: heights in
centimetres, one pixel in a hundred without a value, tiles of 512 pixels, deflate. A last table shows peak memory for a
square of 2.5, 5 and 10 km in pixels of 0.5 m.
"""
# ruff: noqa: PLC0415 - a child counts the peak of the process that started it as its own, so that one loads nothing

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

SOME = 100
"""Polygons that rasterstats gets; its time is that of all in proportion."""
CORNER = 118_000.0, 490_000.0
"""North-west corner of the squares of 0.5 m, in RD."""


CASES = ("hexagonen op 5 m", "wijken op 5 m", "hexagonen op 100 m", "hexagonen op 0,5 m")
SIDES = (2500, 5000, 10_000)


def prepare(folder: Path) -> dict[str, Any]:
    """Write the rasters and shapes of all cases; their names, with the numbers of shapes and pixels."""
    import numpy as np
    import rasterio
    import shapely
    from rasterio.windows import Window

    from geoanalyse import grid
    from geoanalyse.geography import shipped_regions

    random = np.random.default_rng(0)

    def shapes(name: str, polygons: Any) -> tuple[str, int]:  # noqa: ANN401
        place = folder / f"{name}.json"
        in_rd = shapely.transform(polygons, lambda points: np.column_stack(grid.rd(points[:, 0], points[:, 1])))
        place.write_text(json.dumps([shape.hex() for shape in shapely.to_wkb(in_rd)]), encoding="utf-8")
        return str(place), len(in_rd)

    def surface(bounds: Any, size: float) -> tuple[str, float]:  # noqa: ANN401
        west, north = np.floor(bounds[0] / size) * size, np.ceil(bounds[3] / size) * size
        width, height = int(np.ceil((bounds[2] - west) / size)), int(np.ceil((north - bounds[1]) / size))
        path = folder / f"{size}-{width}.tif"
        with rasterio.open(
            path, "w", driver="GTiff", width=width, height=height, count=1, dtype="float32", nodata=-9999,
            crs="EPSG:28992", transform=rasterio.Affine(size, 0, west, 0, -size, north), tiled=True, blockxsize=512,
            blockysize=512, compress="deflate", predictor=3,
        ) as data:  # fmt: skip
            for top in range(0, height, 512):
                rows = min(512, height - top)
                values = random.normal(5, 2, (rows, width)).round(2).astype(np.float32)
                values[random.random(values.shape) < 0.01] = -9999
                data.write(values, 1, window=Window(0, top, width, rows))
        return str(path), width * height / 1e6

    regions = shipped_regions()
    cells = regions.under("GM0363")
    wijken = [code for code, level in zip(regions.codes, regions.levels, strict=True) if level == "wijk"]
    held = [regions.under(code) for code in wijken if code.startswith("WK0363")]
    easting, northing = grid.rd(*grid.centres(cells).T)
    bounds = easting.min() - 200, northing.min() - 200, easting.max() + 200, northing.max() + 200
    every = shapes("hexagonen", grid.polygons(cells))
    areas = shapes("wijken", np.array([grid.outline(part) for part in held if len(part)], dtype=object))
    coarse = surface(bounds, 5)
    squares = []
    for side in SIDES:
        west, south, east, north = CORNER[0], CORNER[1] - side, CORNER[0] + side, CORNER[1]
        inside = (easting > west + 100) & (easting < east - 100) & (northing > south + 100) & (northing < north - 100)
        squares.append((*surface((west, south, east, north), 0.5), *shapes(str(side), grid.polygons(cells[inside]))))
    return {
        "cases": [(*coarse, *every), (*coarse, *areas), (*surface(bounds, 100), *every), squares[1]],
        "squares": squares,
    }


def run(engine: str, path: Path, shapes: Any) -> dict[str, float]:  # noqa: ANN401
    """Let one alternative compute in this process; seconds, and the mean of the means as a check."""
    import numpy as np

    begun, before, times = time.perf_counter(), time.process_time(), 1.0
    if engine == "lezen":
        import rasterio

        begun, before = time.perf_counter(), time.process_time()
        with rasterio.open(path) as data:
            found = [float(data.read(1, window=window)[0, 0]) for _, window in data.block_windows(1)]
    elif engine == "geoanalyse":
        from geoanalyse.raster import values_per_cell

        begun, before = time.perf_counter(), time.process_time()
        found = values_per_cell(path, shapes).mean
    elif engine == "rasterstats":
        from rasterstats import zonal_stats

        begun, before = time.perf_counter(), time.process_time()
        part = shapes[:: max(1, len(shapes) // SOME)]  # it does one polygon after the other
        some = zonal_stats(list(part), str(path), stats="mean sum min max count")
        found = [np.nan if each["mean"] is None else each["mean"] for each in some]
        times = len(shapes) / len(part)
    else:
        import geopandas as gpd
        from exactextract import exact_extract

        frame = gpd.GeoDataFrame(geometry=shapes, crs=28992)
        kinds = ["mean", "sum", "min", "max", "count"]
        begun, before = time.perf_counter(), time.process_time()
        found = exact_extract(str(path), frame, kinds, output="pandas", strategy=engine)["mean"].to_numpy()
    took, spent = time.perf_counter() - begun, time.process_time() - before
    return {"wall": times * took, "cpu": times * spent, "check": float(np.nanmean(found))}


def _apart(*arguments: str) -> dict[str, Any]:
    """Run a part of this script in a process of its own; adds its peak memory in MB."""
    command = [sys.executable, "-m", "benchmarks.raster", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(Path.cwd())})
    told, peak = process.stdout.read() if process.stdout else b"", 0.0
    if hasattr(os, "wait4"):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        peak = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    if process.wait():
        raise SystemExit(f"{arguments} ended with {process.returncode}")
    return {"peak": peak} | json.loads(told)


def _spread(numbers: list[float]) -> str:
    return f"{median(numbers):.2f} ({min(numbers):.2f}-{max(numbers):.2f})"


def _case(title: str, case: list[Any], chosen: argparse.Namespace) -> None:
    """Print the table of one case."""
    path, pixels, shapes, count = case
    engines = ["lezen", "geoanalyse", "raster-sequential", "feature-sequential"]
    engines += ["rasterstats"] * chosen.rasterstats
    found: dict[str, list[dict[str, Any]]] = {engine: [] for engine in engines}
    for turn in range(chosen.rondes):
        for engine in engines:
            if engine != "rasterstats" or not turn:
                found[engine].append(_apart("--een", engine, path, shapes))
    print(f"| {title}: {count} vlakken, {pixels:.1f} miljoen pixels | wall (s) | processor (s) | piek (MB) |")
    print("| --- | ---: | ---: | ---: |")
    middle = {
        engine: {what: median(each[what] for each in many) for what in ("wall", "cpu")}
        for engine, many in found.items()
    }
    for engine, many in found.items():
        times = [_spread([each[what] for each in many]) for what in ("wall", "cpu")]
        print(f"| {engine} | {' | '.join(times)} | {max(each['peak'] for each in many):.0f} |")
    ours = middle["geoanalyse"]

    def ratios(*others: str) -> str:
        return " | ".join(f"{min(middle[name][what] for name in others) / ours[what]:.1f}" for what in ("wall", "cpu"))

    print(f"| exactextract (snelste) keer geoanalyse | {ratios('raster-sequential', 'feature-sequential')} | |")
    if chosen.rasterstats:
        print(f"| rasterstats keer geoanalyse | {ratios('rasterstats')} | |")
    floor = " | ".join(f"{ours[what] / middle['lezen'][what]:.1f}" for what in ("wall", "cpu"))
    print(f"| geoanalyse keer lezen (de vloer) | {floor} | |")
    apart = abs(found["geoanalyse"][0]["check"] / found["raster-sequential"][0]["check"] - 1)
    print(f"\nverschil in het gemiddelde van alle vlakken: {apart:.0e}\n", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rondes", type=int, default=3)
    parser.add_argument("--rasterstats", action="store_true")
    parser.add_argument("--maak", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--een", nargs=3, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.maak:
        print(json.dumps(prepare(chosen.maak)))
        return
    if chosen.een:
        import numpy as np
        import shapely

        engine, path, shapes = chosen.een
        texts = json.loads(Path(shapes).read_text(encoding="utf-8"))
        ready = shapely.from_wkb(np.array([bytes.fromhex(text) for text in texts], dtype=object))
        print(json.dumps(run(engine, Path(path), ready)))
        return
    load = f"belasting {os.getloadavg()[0]:.1f} op {os.cpu_count()} kernen" if hasattr(os, "getloadavg") else ""
    print(f"{platform.platform()}, Python {platform.python_version()}; {load}; {chosen.rondes} rondes\n")
    with tempfile.TemporaryDirectory() as place:
        made = _apart("--maak", place)
        for title, case in zip(CASES, made["cases"], strict=True):
            _case(title, case, chosen)
        heads = ("zijde op 0,5 m (km)", "miljoen pixels", "vlakken", "wall (s)", "processor (s)", "piek (MB)")
        print(f"| {' | '.join(heads)} |\n|{' ---: |' * len(heads)}")
        for side, (path, pixels, shapes, count) in zip(SIDES, made["squares"], strict=True):
            told = _apart("--een", "geoanalyse", path, shapes)
            times = f"{told['wall']:.1f} | {told['cpu']:.1f} | {told['peak']:.0f}"
            print(f"| {side / 1000} | {pixels:.0f} | {count} | {times} |", flush=True)


if __name__ == "__main__":
    main()
