"""A made-up town, small enough to check by hand and by linear programming."""

import dataclasses
import datetime as dt
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from geoanalyse import grid
from geoanalyse.addresses import Addresses, Events, use_bits
from geoanalyse.counts import Counts, count
from geoanalyse.geography import Geography, Regions, part_of, pieces
from geoanalyse.layer import Base, Layer, read_layers, shipped_folder
from geoanalyse.zoning import make_zones

PERIOD = (dt.date(2024, 1, 1), dt.date(2025, 1, 1))
CODES = (
    ("BU99990101", "Oost", "buurt", 5),
    ("BU99990102", "West", "buurt", 5),
    ("BU99990201", "Haven", "buurt", 6),
    ("BU99990202", "Eiland", "buurt", 6),
    ("GM9999", "Testdam", "gemeente", -1),
    ("WK999901", "Binnen", "wijk", 4),
    ("WK999902", "Buiten", "wijk", 4),
)


@dataclass(frozen=True)
class Town:
    geography: Geography
    addresses: Addresses
    cells: np.ndarray


def regions(size: int = 12) -> Regions:
    """Four buurten in two wijken: the quarters of a square block of cells in Zuidoost."""
    easting, northing = np.meshgrid(124000 + np.arange(size) * 90.0, 479000 + np.arange(size) * 90.0)
    cells = np.unique(grid.cells_at(easting.ravel(), northing.ravel()))
    centre = grid.centres(cells)
    middle = np.median(centre, axis=0)
    quarter = (centre[:, 0] > middle[0]) + 2 * (centre[:, 1] > middle[1])
    return Regions(
        cells=cells,
        region=quarter.astype(np.int32),
        pc4=np.zeros(len(cells), dtype=np.int16),
        codes=tuple(entry[0] for entry in CODES),
        names=tuple(entry[1] for entry in CODES),
        levels=tuple(entry[2] for entry in CODES),
        parents=np.array([entry[3] for entry in CODES], dtype=np.int32),
        year=2024,
        source="verzonnen",
    )


def town(random: np.random.Generator, addresses: int = 900, size: int = 12) -> Town:
    """Addresses in buildings, more of them in some cells than in others."""
    tree = regions(size)
    weight = random.random(len(tree.cells)) ** 3
    weight[random.random(len(tree.cells)) < 0.2] = 0
    cell = tree.cells[random.choice(len(tree.cells), addresses, p=weight / weight.sum())]
    centre = grid.centres(cell)
    easting, northing = grid.rd(centre[:, 0], centre[:, 1])
    house = random.integers(0, 8, addresses)
    building = np.unique(cell, return_inverse=True)[1] * 8 + house
    uses = np.where(random.random(addresses) < 0.15, use_bits(["kantoorfunctie"])[0], use_bits(["woonfunctie"])[0])
    base = Addresses(
        pa.array([f"a{index:05d}" for index in range(addresses)]),
        easting,
        northing,
        uses.astype(np.uint16),
        building.astype(np.int64),
    )
    eligible = {kind: base.eligible(kind) for kind in Base}
    zones = make_zones(cell, base.building, eligible, tree, use=base.main_use())
    return Town(Geography(tree, zones), base, cell)


def layer(name: str = "fiu-signalen", **changes: object) -> Layer:
    """Give a shipped layer, with other settings."""
    (found,) = read_layers(shipped_folder(), [name])
    return dataclasses.replace(found, **changes)


def events(random: np.random.Generator, place: Town, share: float) -> Events:
    """Let something happen on a share of the addresses, once or more, in the period."""
    hit = np.flatnonzero(random.random(len(place.addresses)) < share)
    address = np.sort(np.concatenate([hit, hit[random.random(len(hit)) < 0.3]]))
    day = np.datetime64(PERIOD[0], "D") + random.integers(0, 366, len(address)).astype("timedelta64[D]")
    return Events(address, day, np.ones(len(address), dtype=np.int64))


def counted(place: Town, what: Layer, happened: Events) -> Counts:
    """Count a layer of the town over the whole period."""
    zones = place.geography.zones.base[what.base]
    by = pieces(zones, place.geography.regions, what.atom)
    part = part_of(zones, place.geography.regions, place.cells)
    known = (part >= 0) & place.addresses.eligible(what.base)
    of_address = np.where(known, by.of_part[part], -1).astype(np.int32)
    return count(what, happened, of_address, len(by.names), PERIOD)
