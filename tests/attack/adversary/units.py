"""Which zones make up which unit: the public rule, worked out anew from the public files."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tests.attack.adversary import space
from tests.attack.adversary.case import REGION_LEVELS, Case, Regions, Zones

Ints = npt.NDArray[np.int64]

SHOWN: Mapping[str, tuple[str, ...]] = {
    "zone": ("zone", "res9", "res8", "buurt", "wijk", "gemeente"),
    "res9": ("res9", "res8", "buurt", "wijk", "gemeente"),
    "res8": ("res8", "wijk", "gemeente"),
    "buurt": ("buurt", "wijk", "gemeente"),
    "wijk": ("wijk", "gemeente"),
}
"""Levels at which a layer with each atom has values."""


@dataclass(frozen=True)
class Atoms:
    """The smallest units of a layer: names, levels, addresses, and the zones of each."""

    ids: tuple[str, ...]
    levels: tuple[str, ...]
    of_zone: Ints
    addresses: Ints
    zones: Zones

    @cached_property
    def index(self) -> Mapping[str, int]:
        return {name: number for number, name in enumerate(self.ids)}


def mainly(of_zone: Ints, unit: Ints, weight: Ints, count: int) -> Ints:
    """Give for each of `count` groups of zones the unit with most of their addresses; the first of equals."""
    best: dict[int, tuple[int, int]] = {}
    total: dict[tuple[int, int], int] = {}
    for group, each, number in zip(of_zone.tolist(), unit.tolist(), weight.tolist(), strict=True):
        total[(group, each)] = total.get((group, each), 0) + number
    for (group, each), number in sorted(total.items()):
        if group >= 0 and number > best.get(group, (-1, -1))[0]:
            best[group] = (number, each)
    return np.array([best.get(group, (0, -1))[1] for group in range(count)], dtype=np.int64)


def atoms_of(case: Case, version: str, base: str, atom: str) -> Atoms:
    """Give the smallest units of a layer with this base and atom."""
    zones, regions = case.zones[version][base], case.regions
    count = len(zones.ids)
    if atom == "zone":
        return Atoms(zones.ids, ("zone",) * count, np.arange(count), zones.addresses, zones)
    if atom in {"res9", "res8"}:
        own = _hexagon(zones, int(atom[3:]))
        names = [f"{cell:x}" for cell in np.unique(own).tolist()]
        of_zone = np.unique(own, return_inverse=True)[1]
        levels = (atom,) * len(names)
    else:
        region = zones.region if atom == "buurt" else regions.at("wijk")[zones.region]
        used = sorted(set(region[region >= 0].tolist()), key=lambda number: regions.codes[number])
        place = {number: index for index, number in enumerate(used)}
        of_zone = np.array([place.get(number, -1) for number in region.tolist()], dtype=np.int64)
        names, levels = [regions.codes[number] for number in used], tuple(regions.levels[number] for number in used)
    inside = of_zone >= 0
    addresses = np.bincount(of_zone[inside], weights=zones.addresses[inside], minlength=len(names)).astype(np.int64)
    return Atoms(tuple(names), levels, of_zone.astype(np.int64), addresses, zones)


def unit_of_atom(atoms: Atoms, atom: str, level: str, regions: Regions) -> list[str | None]:
    """Give for each atom the unit of a level that it counts in."""
    zones, count = atoms.zones, len(atoms.ids)
    if level == atom or (level == "zone" and atom == "zone"):
        return list(atoms.ids)
    if level in {"res9", "res8"}:
        own = _hexagon(zones, int(level[3:]))
        cells, of_zone = np.unique(own, return_inverse=True)
        names = [f"{cell:x}" for cell in cells.tolist()]
    else:
        first = regions.at("wijk")[zones.region] if atom == "res8" else zones.region
        chosen = mainly(atoms.of_zone, first, zones.addresses, count)
        at = regions.at(level)
        held = [int(at[number]) if number >= 0 else -1 for number in chosen.tolist()]
        return [regions.codes[number] if number >= 0 else None for number in held]
    chosen = mainly(atoms.of_zone, of_zone.astype(np.int64), zones.addresses, count)
    return [names[number] if number >= 0 else None for number in chosen.tolist()]


def _hexagon(zones: Zones, resolution: int) -> space.Cells:
    """Give for each zone the hexagon that holds most of its addresses."""
    cells, of_cell = np.unique(space.parents(zones.cell, resolution), return_inverse=True)
    chosen = mainly(zones.of_cell, of_cell.astype(np.int64), zones.numbers, len(zones.ids))
    return cells[chosen] if len(chosen) else cells


def zones_of_region(zones: Zones, regions: Regions, code: str) -> npt.NDArray[np.bool_]:
    """Say which zones count in a region."""
    number = regions.index[code]
    return np.asarray(regions.at(regions.levels[number])[zones.region] == number)


__all__ = ["REGION_LEVELS", "SHOWN", "Atoms", "atoms_of", "mainly", "unit_of_atom", "zones_of_region"]
