"""Measure validity: whether hot places stay hot, and whether planted clusters are found and nothing else.

Run: ``python benchmarks/validity.py --data .../events [--python /path/to/python/with/scikit-learn]``

Part one needs the folder with ``crime_stlouis_2024_2026.parquet`` and ``crime_stlouis_boundary.geojson``: open data of
24 months. Cells of H3 resolution 9 over the city; 18 months to learn from, 6 to test on. There is no address base, so
every cell has the same denominator. The kernel density comes from scikit-learn, in an environment of its own.

Part two plants clusters on a made-up city whose rates vary by themselves, and rounds as a release does.
"""

import argparse
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import h3.api.basic_int as h3
import numpy as np
import numpy.typing as npt
import pandas as pd

from geoanalyse import grid
from geoanalyse.rounding import rounded
from geoanalyse.stats import hotspots, local
from geoanalyse.stats.clusters import scan
from geoanalyse.stats.multiple import benjamini_hochberg
from geoanalyse.stats.rates import Published, fit_prior, posterior_mean
from geoanalyse.stats.scorecard import SHARES, score
from geoanalyse.stats.windows import Circles

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

BASE = 5
LEVEL = 0.05
SEED = 1
MAPS = 40
REPLICAS = 199
PLANTED = (("niets", 0, 1.0), ("7 cellen x 3", 150, 3.0), ("19 cellen x 2,5", 290, 2.5))
"""Clusters: name, metres from the middle, times the rate of elsewhere."""
BANDWIDTHS = (150, 250, 400)
"""Metres."""
KERNEL = """
import json, sys
import numpy as np
from sklearn.neighbors import KernelDensity
asked = json.load(sys.stdin)
points, centres = np.array(asked["points"]), np.array(asked["centres"])
out = {}
for width in asked["widths"]:
    fitted = KernelDensity(bandwidth=width, kernel="gaussian", rtol=1e-4).fit(points)
    out[width] = fitted.score_samples(centres).tolist()
json.dump(out, sys.stdout)
"""


def seen(value: Ints, addresses: Ints, clamp: int) -> Published:
    """Describe values that were rounded one by one."""
    return Published(
        value, addresses, np.zeros(len(value), dtype=bool), BASE, np.ones(len(value), dtype=np.int64), clamp
    )


def gi_hot(values: Floats, pairs: Ints) -> Bools:
    """Hot by Gi*, its z taken for normal, as is usual, with Benjamini and Hochberg's correction (two-sided)."""
    z = local.gi_star(values, hotspots.closed(pairs, len(values)))
    return (benjamini_hochberg(local.normal_p(z)) <= LEVEL) & (z > 0)


# --- part one: does the next period happen there? ---------------------------------------------------------------------


def in_metres(lon: Floats, lat: Floats) -> Floats:
    """Give metres east and north on a plane that touches the globe in the middle of the points."""
    scale = 6_371_000 * np.pi / 180
    return np.stack([lon * scale * np.cos(np.radians(38.63)), lat * scale], axis=1)


def kernel(python: str, points: Floats, centres: Floats) -> dict[int, Floats]:
    """Give the kernel density at each centre, per bandwidth."""
    asked = json.dumps({"points": points.tolist(), "centres": centres.tolist(), "widths": BANDWIDTHS})
    done = subprocess.run([python, "-c", KERNEL], input=asked, capture_output=True, check=True, text=True)
    return {int(width): np.array(found) for width, found in json.loads(done.stdout).items()}


def next_period(folder: Path, python: str | None) -> None:
    """Print hit rates and PAI of each forecast for the last six months."""
    frame = pd.read_parquet(folder / "crime_stlouis_2024_2026.parquet", columns=["datetime_local", "lat", "lon"])
    moment = pd.to_datetime(frame["datetime_local"])
    lon, lat = frame["lon"].to_numpy(), frame["lat"].to_numpy()
    city = gpd.read_file(folder / "crime_stlouis_boundary.geojson").to_crs(4326).union_all()
    cells = grid.cells_touching(city, 9)
    of_event = np.array([h3.latlng_to_cell(*place, 9) for place in zip(lat, lon, strict=True)], dtype=np.uint64)
    place = np.minimum(np.searchsorted(cells, of_event), len(cells) - 1)
    known = cells[place] == of_event
    middle = moment.min().normalize() + pd.DateOffset(months=18)
    learn, test = known & (moment < middle).to_numpy(), known & (moment >= middle).to_numpy()
    last = learn & (moment >= middle - pd.DateOffset(months=6)).to_numpy()
    before, later, recent = (np.bincount(place[rows], minlength=len(cells)) for rows in (learn, test, last))
    print(
        f"\n{len(cells)} cells, {learn.sum()} events to learn from, {test.sum()} to test on, {(~known).sum()} outside"
    )

    random = np.random.default_rng(SEED)
    pairs = grid.near_pairs(cells)
    weights = hotspots.closed(pairs, len(cells))
    value = rounded(before, random.integers(0, BASE, len(cells)), BASE)
    published = seen(value, np.full(len(cells), 1000), 100)
    prior = fit_prior([published])
    rate = posterior_mean(published, prior)
    called = hotspots.classes(published, prior, pairs)
    print(f"hot {(called == 'hotspot').sum()}, Gi* normal with BH {gi_hot(before.astype(float), pairs).sum()}")
    rank = np.select([called == "hotspot", called == "coldspot"], [1.0, -1.0], 0.0)
    forecasts = {
        "geschat cijfer, uit afgeronde aantallen": rate,
        "hotspotklasse alleen": rank,
        "hotspotklasse, daarbinnen geschat cijfer": rank + rate / rate.max() / 2,
        "som van de plek en haar buren (afgerond)": weights @ value,
        "exacte aantallen, 18 maanden": before,
        "exacte aantallen, laatste 6 maanden": recent,
        "Gi* (z, exact)": np.nan_to_num(local.gi_star(before, weights)),
        "Gi*-klasse alleen": gi_hot(before.astype(float), pairs),
        "willekeurig": np.zeros(len(cells)),
    }
    if python:
        centre = grid.centres(cells)
        density = kernel(python, in_metres(lon[learn], lat[learn]), in_metres(centre[:, 0], centre[:, 1]))
        forecasts |= {f"kerndichtheid, {width} m": found for width, found in density.items()}
    print(
        "| voorspelling | " + " | ".join(f"{share:.0%}: treffers (95 %), PAI" for share in SHARES) + " | PEI* bij 5% |"
    )
    print("| --- |" + " ---: |" * (len(SHARES) + 1))
    area = np.ones(len(cells))
    for name, forecast in forecasts.items():
        found = [score(forecast, later, area, share, rng=np.random.default_rng(SEED)) for share in SHARES]
        columns = [f"{each.hit_rate:.1%} ({each.low:.1%}-{each.high:.1%}), {each.pai:.1f}" for each in found]
        print(f"| {name} | " + " | ".join(columns) + f" | {found[1].pei_star:.2f} |")


# --- part two: planted clusters ---------------------------------------------------------------------------------------


def planted() -> None:
    """Print, per size of cluster and method, how much of it is found and how much else is called."""
    side = np.arange(40) * 110.0
    easting, northing = np.meshgrid(118_000 + side, 478_000 + side)
    cells = np.unique(grid.cells_at(easting.ravel(), northing.ravel()))
    pairs = grid.near_pairs(cells)
    centre = grid.centres(cells)
    near = hotspots.closed(pairs, len(cells))
    metres = centre * [68_000, 111_000]
    print(f"\n{len(cells)} cells, {MAPS} maps each, rounded to {BASE}")
    print("| geplant | methode | gevonden cellen | geraakt | vals deel | vals, niet ernaast | iets geroepen |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for label, radius, times in PLANTED:
        rows: dict[str, list[tuple[float, bool, float, float, bool]]] = {}
        size = 0
        for number in range(MAPS):
            random = np.random.default_rng([SEED, number])
            middle = metres[random.integers(len(cells))]
            truth = (np.hypot(*(metres - middle).T) < radius) if radius else np.zeros(len(cells), dtype=bool)
            size += truth.sum()
            beside = near @ truth > 0
            addresses = np.maximum(10, random.gamma(1.0, 45.0, len(cells))).astype(np.int64)
            rate = 0.03 * random.gamma(2.0, 1 / 2, len(cells)) * np.where(truth, times, 1)
            exact = np.minimum(random.poisson(rate * addresses), addresses)
            value = rounded(exact, random.integers(0, BASE, len(cells)), BASE)
            for name, found in methods(value, addresses, metres, pairs, number).items():
                calls = int(found.sum())
                rows.setdefault(name, []).append((
                    found[truth].mean() if truth.any() else np.nan,
                    bool(found[truth].any()),
                    (found & ~truth).sum() / max(calls, 1),
                    (found & ~beside & ~truth).sum() / max(calls, 1),
                    calls > 0,
                ))  # fmt: skip
        for name, each in rows.items():
            mean = np.array(each, dtype=float).mean(axis=0)
            print(f"| {label} ({size / MAPS:.0f}) | {name} | " + " | ".join(f"{share:.0%}" for share in mean) + " |")


def methods(value: Ints, addresses: Ints, metres: Floats, pairs: Ints, seed: int) -> dict[str, Bools]:
    """Say which cells each method calls hot."""
    published = seen(value, addresses, 1)
    prior = fit_prior([published])

    def scanned(**settings: object) -> Bools:
        counts = published if settings else value
        found = scan(counts, addresses, Circles(metres, "plane"), seed=seed, replicas=REPLICAS, share=0.1, **settings)
        inside = np.zeros(len(value), dtype=bool)
        for cluster in found.clusters:
            inside[cluster.members] |= cluster.p <= LEVEL
        return inside

    tried: dict[str, Callable[[], Bools]] = {
        "onze hotspots": lambda: hotspots.classes(published, prior, pairs) == "hotspot",
        "Gi* op cijfers, normaal, BH": lambda: gi_hot(value / addresses, pairs),
        "Gi* op aantallen, normaal, BH": lambda: gi_hot(value.astype(float), pairs),
        "scan, kansmodel met spreiding en afronding": lambda: scanned(prior=prior),
        "scan, gewone Poisson": scanned,
    }
    return {name: method() for name, method in tried.items()}


def main() -> None:
    """Print both parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--python")
    chosen = parser.parse_args()
    if chosen.data:
        next_period(chosen.data, chosen.python)
    planted()


if __name__ == "__main__":
    main()
