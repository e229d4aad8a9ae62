"""The workload of `protection.py`: twelve made-up layers on the demo's addresses, and the hierarchy as matrices."""
# ruff: noqa: PLC0415 - the alternatives must not pay for the packages that only geoanalyse loads

import datetime as dt
import functools
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from usual_protection import BASE, KEYS, Ints

SEED = 20260301
LAYERS, MONTHS, RELEASES = 12, 36, 12
SHARES = (0.003, 0.01, 0.02, 0.08)
"""Share of addresses with the feature; three layers of each."""
AGAIN = 0.25
"""Share of those with the feature in a second month too."""
SPREAD = 0.5
"""How uneven zones are: standard deviation of the logarithm of their risk."""
LEVELS = ("zone", "buurt", "wijk", "gemeente")
PERIOD = (dt.date(2023, 1, 1), dt.date(2026, 1, 1))


def prepare(folder: Path) -> dict[str, float]:
    """Draw the layers, count them and write all to one file; give the seconds that the package's counting took.

    ``total`` has shape (layers, zones), ``series`` (layers, months, zones), ``releases`` (layers, releases, zones):
    distinct addresses in the period, in each month, and so far at the end of each of the last twelve months.
    ``key_total`` and so on are the same sums, of record keys.
    """
    from geoanalyse import counts, demo, grid
    from geoanalyse.addresses import Events
    from geoanalyse.geography import units, zone_of

    random = np.random.default_rng(SEED)
    geography, zones = read_geography()
    base = demo.make(geography.regions).addresses
    zone = zone_of(zones, geography.regions, grid.cells_at(base.easting, base.northing))
    size, key = len(zones.zone), random.integers(0, KEYS, len(zone))
    found: dict[str, list[Ints]] = {}
    seconds = 0.0
    for number, layer in enumerate(make_layers()):
        risk = np.exp(SPREAD * random.standard_normal(size) - SPREAD**2 / 2)
        hit = np.flatnonzero(random.random(len(zone)) < SHARES[number % len(SHARES)] * risk[zone])
        address = np.concatenate([hit, hit[random.random(len(hit)) < AGAIN]])
        month = random.integers(0, MONTHS, len(address))
        day = (np.datetime64(PERIOD[0], "M") + month).astype("datetime64[D]")
        before = time.perf_counter()
        counted = counts.count(layer, Events(address, day, np.ones_like(address)), zone, size, PERIOD)
        seconds += time.perf_counter() - before
        first = np.full(len(zone), MONTHS)
        np.minimum.at(first, address, month)
        windows = {
            "total": [hit],
            "series": [np.unique(address[month == one]) for one in range(MONTHS)],
            "releases": [hit[first[hit] < end] for end in range(MONTHS - RELEASES + 1, MONTHS + 1)],
        }
        for name, members in windows.items():
            for what, weight in ((name, np.ones_like(key)), (f"key_{name}", key)):
                per_zone = [np.bincount(zone[one], weights=weight[one], minlength=size) for one in members]
                found.setdefault(what, []).append(np.array(per_zone).astype(np.int64))
        same = (np.array_equal(found[name][-1], np.atleast_2d(getattr(counted, name))) for name in ("total", "series"))
        if not all(same):
            raise ArithmeticError("two ways of counting differ")
    wider = [units(zones, geography.regions, make_layers()[0].atom, level) for level in LEVELS[1:]]
    names = [grid.to_hex(zones.zone), *(level.ids for level in wider)]
    np.savez(
        folder / "work.npz",
        **{name: np.stack(parts) for name, parts in found.items()},
        owner=np.stack([level.of_zone for level in wider]),
        addresses=zones.addresses,
        ids=np.concatenate([list(some) for some in names]),
        sizes=np.array([len(some) for some in names]),
    )
    return {"addresses": float(len(zone)), "zones": float(size), "counting": seconds}


@functools.cache
def read_geography() -> tuple[Any, Any]:
    """Read what is public: geography, and the zones of all addresses."""
    from geoanalyse.build import shipped_zones
    from geoanalyse.geography import Geography, shipped_regions
    from geoanalyse.layer import Base

    regions = shipped_regions()
    zones = shipped_zones(regions)
    return Geography(regions, zones), zones.base[Base.ALL]


def make_layers() -> list[Any]:
    """Make twelve layers like one that is shipped: on zones of all addresses, with a series per month."""
    from geoanalyse.layer import Unit, read_layers, shipped_folder

    (like,) = read_layers(shipped_folder(), ["fiu-signalen"])  # on zones of all addresses
    names = [f"laag-{number:02d}" for number in range(LAYERS)]
    return [replace(like, id=name, family=name, series=Unit.MONTH, b=BASE) for name in names]


@dataclass(frozen=True)
class Work:
    """The workload, and the hierarchy as matrices of zeros and ones.

    Units stand in the order zones, buurten, wijken, gemeenten; those of one level from ``starts[level]`` on.
    ``inside`` has shape (units, zones), ``child`` (units, units) marks what lies just below. Series are published for
    regions only: their leaves are buurten, or wijken without any; ``leaf`` has shape (leaves, zones), ``inside_leaf``
    (regions, leaves).
    """

    data: Mapping[str, Ints]
    starts: Ints
    inside: sparse.csr_array
    child: sparse.csr_array
    leaf: sparse.csr_array
    inside_leaf: sparse.csr_array


def load(folder: Path, parts: Iterable[str]) -> Work:
    """Read what `prepare` wrote: the hierarchy, and these parts of the counts."""
    with np.load(folder / "work.npz") as file:
        data = {name: file[name] for name in ("owner", "addresses", "ids", "sizes", *parts)}
    starts = np.r_[0, np.cumsum(data["sizes"])]
    zones, units = int(starts[1]), int(starts[4])
    zone = np.arange(zones)
    buurt, wijk, gemeente = np.where(data["owner"] >= 0, data["owner"] + starts[1:4, None], -1)
    smallest = np.where(buurt >= 0, buurt, wijk)
    leaves, of_zone = np.unique(smallest, return_inverse=True)

    def marks(pairs: list[tuple[Ints, Ints]], shape: tuple[int, int]) -> sparse.csr_array:
        both = np.concatenate([np.stack(pair) for pair in pairs], axis=1)
        both = np.unique(both[:, (both >= 0).all(axis=0)], axis=1)
        return sparse.csr_array((np.ones(both.shape[1], dtype=np.int64), tuple(both)), shape=shape)

    regions = [np.where(owner >= 0, owner - zones, -1) for owner in (buurt, wijk, gemeente)]
    return Work(
        data=data,
        starts=starts,
        inside=marks([(owner, zone) for owner in (zone, buurt, wijk, gemeente)], (units, zones)),
        child=marks([(smallest, zone), (wijk, buurt), (gemeente, wijk)], (units, units)),
        leaf=marks([(of_zone, zone)], (len(leaves), zones)),
        inside_leaf=marks([(region, of_zone) for region in regions], (units - zones, len(leaves))),
    )
