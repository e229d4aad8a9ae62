"""Making zones from public addresses, and joining those of an earlier version.

A later version only joins: what was ever published about a zone stays one term of every later sum, with the threshold
it always had.
"""

import hashlib
import heapq
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from geoanalyse import grid
from geoanalyse.errors import InputError
from geoanalyse.geography import (
    MIN_BUILDINGS,
    MIN_OUTSIDE_LARGEST,
    SHOWN,
    Indexes,
    Ints,
    K,
    Regions,
    Zones,
    ZoneSet,
    distinct_pairs,
    mainly_inside,
    nearest_cells,
    rd_decimetres,
    units_at,
)
from geoanalyse.layer import Atom, Base, Use


@dataclass(slots=True)
class _Piece:
    """A growing zone: whole cells, with what is needed to see whether it is large enough.

    ``parts`` are the names of the zones of an earlier version inside it.
    """

    cells: list[int]
    addresses: int
    buildings: Counter[int]
    moment: npt.NDArray[np.int64]  # sum of weighted cell centres in RD decimetres: exact, whatever the order
    weight: int
    parts: list[int] = field(default_factory=list)

    @property
    def name(self) -> int:
        return min(self.parts or self.cells)

    @property
    def centre(self) -> grid.Floats:
        return self.moment / self.weight

    def is_zone(self) -> bool:
        return large_enough(self.buildings.values())

    def absorb(self, other: "_Piece") -> None:
        self.cells += other.cells
        self.addresses += other.addresses
        self.buildings += other.buildings
        self.moment = self.moment + other.moment
        self.weight += other.weight
        self.parts += other.parts


def large_enough(buildings: Iterable[int]) -> bool:
    """Say whether addresses per building make a zone.

    Examples
    --------
    >>> large_enough([5, 4, 1]), large_enough([6, 4, 1]), large_enough([10, 10]), large_enough([5, 3, 1])
    (True, True, False, False)
    >>> large_enough([8, 2, 1])
    False
    """
    numbers = list(buildings)
    total = sum(numbers)
    return total >= K and len(numbers) >= MIN_BUILDINGS and total - max(numbers) >= MIN_OUTSIDE_LARGEST


def too_small(zone: Indexes, building: Ints, count: int) -> int:
    """Count the zones in which these addresses are too few.

    Parameters
    ----------
    zone : ndarray of int32, shape (n,)
        Zone of each address, -1 for none.
    building : ndarray of int64, shape (n,)
    count : int
        Number of zones.
    """
    inside = zone >= 0
    owner, _, _, times = distinct_pairs(zone[inside], building[inside])
    addresses = np.bincount(owner, weights=times, minlength=count)
    largest = np.zeros(count)
    np.maximum.at(largest, owner, times)
    houses = np.bincount(owner, minlength=count)
    fits = (addresses >= K) & (houses >= MIN_BUILDINGS) & (addresses - largest >= MIN_OUTSIDE_LARGEST)
    return int((~fits).sum())


def make_zones(
    cells: grid.Cells,
    buildings: npt.NDArray[np.int64],
    eligible: Mapping[Base, npt.NDArray[np.bool_]],
    regions: Regions,
    previous: Zones | None = None,
    use: npt.NDArray[np.int8] | None = None,
) -> Zones:
    """Make one version of the zones from a full, public address base.

    Within each buurt the smallest piece that is no zone yet is joined with the nearest piece, until all are zones;
    what is left over is joined within its wijk, then within its gemeente. A gemeente that fails as a whole gets no
    zones. The pieces are cells; with `previous` they are the zones of that version, and a cell that is new belongs to
    the zone of the nearest one.

    Parameters
    ----------
    cells : ndarray of uint64, shape (n,)
        Resolution-10 cell of each address.
    buildings : ndarray of int64, shape (n,)
        Code of the building (pand) of each address.
    eligible : mapping of Base to ndarray of bool, shape (n,)
        Which addresses belong to each base.
    regions : Regions
        Addresses in cells outside it are left out.
    previous : Zones, optional
        Version that releases were made with; the new one names it, and its ancestors, as its own.
    use : ndarray of int8, shape (n,), optional
        What each address is mainly used for, as a position in `Use`; no part of the version.

    Raises
    ------
    InputError
        When a zone of `previous` would have no place in the new version.
    """
    inside = regions.region_of(cells) >= 0
    sets = {
        base: _make_zone_set(
            cells[inside & mask],
            buildings[inside & mask],
            regions,
            previous.base.get(base) if previous else None,
            use[inside & mask] if use is not None else None,
        )
        for base, mask in eligible.items()
    }
    uses = uses_of(sets)
    if previous is None:
        return Zones(version=version(sets, mark_of(regions)), k=K, base=sets, regions=mark_of(regions), uses=uses)
    gone = sum(len(np.setdiff1d(zones.part, sets[base].part)) for base, zones in previous.base.items() if base in sets)
    if gone:  # a later version would make them afresh, on the same counts
        raise InputError(
            f"{gone} zones van zones-{previous.version} zouden verdwijnen, omdat er in hun gemeente te weinig adressen "
            "over zijn; geef het volledige adressenbestand en een geografie met dezelfde gemeenten"
        )
    ancestors = (previous.version, *previous.ancestors)
    redrawn = previous.redrawn or previous.regions != mark_of(regions)
    return Zones(
        version=version(sets, mark_of(regions), ancestors, redrawn=redrawn),
        k=K,
        base=sets,
        regions=mark_of(regions),
        ancestors=ancestors,
        redrawn=redrawn,
        uses=uses,
    )


def _make_zone_set(
    cells: grid.Cells,
    buildings: Ints,
    regions: Regions,
    previous: ZoneSet | None,
    use: npt.NDArray[np.int8] | None,
) -> ZoneSet:
    known = np.unique(cells)
    if previous is not None:  # a cell that lost its addresses stays in its zone: they may come back
        known = np.union1d(known, previous.cell[regions.region_of(previous.cell) >= 0])
    of_address = np.searchsorted(known, cells)
    cell_addresses = np.bincount(of_address, minlength=len(known)).astype(np.int64)
    houses = [Counter[int]() for _ in known]
    owner, house, _, times = distinct_pairs(of_address, buildings)
    for cell, building, count in zip(owner.tolist(), house.tolist(), times.tolist(), strict=True):
        houses[cell][building] = count
    region = regions.region_of(known)
    part = _parts_of(known, previous, regions)
    pieces = _pieces(known, cell_addresses, houses, part)
    # as one array of the same type: beside a number of Python all of `known` is made float64, once per piece
    lowest = np.array([min(piece.cells) for piece in pieces], dtype=np.uint64)
    first = np.searchsorted(known, lowest).astype(np.int64)
    grouped = _grouped(pieces, region[first])
    for level in ("smallest", "wijk", "gemeente"):
        grouped = {group: _joined(members) for group, members in grouped.items()}
        if level != "gemeente":
            above = regions.at_level("wijk" if level == "smallest" else "gemeente")
            grouped = _regrouped(grouped, above)
    zones = sorted((piece for group in grouped.values() for piece in group if piece.is_zone()), key=lambda p: p.name)
    made = _as_arrays(zones, known, cell_addresses, part, region, of_address, buildings, regions)
    if use is None:
        return made
    cell_use = np.bincount(of_address * len(Use) + use, minlength=len(known) * len(Use)).reshape(len(known), len(Use))
    by_use = np.zeros((len(zones), len(Use)), dtype=np.int64)
    np.add.at(by_use, made.cell_zone, cell_use[np.searchsorted(known, made.cell)])
    return replace(made, by_use=by_use)


def _parts_of(cells: grid.Cells, previous: ZoneSet | None, regions: Regions) -> grid.Cells:
    """Give the name of the earlier part each cell belongs to; 0 where there is none yet."""
    if previous is None or not len(previous.cell):
        return np.zeros(len(cells), dtype=np.uint64)
    near = nearest_cells(previous.cell, cells, regions)
    return np.where(near >= 0, previous.part[previous.cell_part[near]], 0).astype(np.uint64)


def _pieces(cells: grid.Cells, addresses: Ints, houses: list[Counter[int]], part: grid.Cells) -> list[_Piece]:
    """Give the pieces that zones are joined from: cells, or whole zones of an earlier version."""
    centre = rd_decimetres(cells)
    found: dict[int, _Piece] = {}
    for cell, number, inside, middle, old in zip(
        cells.tolist(), addresses.tolist(), houses, centre, part.tolist(), strict=True
    ):
        weight = max(number, 1)  # a place without addresses still lies somewhere
        piece = _Piece([cell], number, inside, middle * weight, weight, [old] if old else [])
        if old and old in found:
            piece.parts = []
            found[old].absorb(piece)
        else:
            found[old or cell] = piece
    return list(found.values())


def _grouped(pieces: Iterable[_Piece], keys: Indexes) -> dict[int, list[_Piece]]:
    groups: dict[int, list[_Piece]] = {}
    for piece, key in zip(pieces, keys.tolist(), strict=True):
        groups.setdefault(key, []).append(piece)
    return groups


def _regrouped(groups: Mapping[int, list[_Piece]], above: Indexes) -> dict[int, list[_Piece]]:
    """Bring the pieces of each region under the region that holds it."""
    wider: dict[int, list[_Piece]] = {}
    for key, pieces in groups.items():
        holder = int(above[key])
        wider.setdefault(holder if holder >= 0 else key, []).extend(pieces)
    return wider


def _joined(pieces: list[_Piece]) -> list[_Piece]:
    """Join the smallest piece that is no zone with its nearest until every piece is a zone, or one is left."""
    pieces = sorted(pieces, key=lambda piece: piece.name)
    centres = np.array([piece.centre for piece in pieces])
    alive = np.ones(len(pieces), dtype=bool)
    failing = [(piece.addresses, piece.name, index) for index, piece in enumerate(pieces) if not piece.is_zone()]
    heapq.heapify(failing)
    while failing and alive.sum() > 1:
        size, name, index = heapq.heappop(failing)
        if not alive[index] or (pieces[index].addresses, pieces[index].name) != (size, name):
            continue  # joined with another piece since it was queued
        away = ((centres - centres[index]) ** 2).sum(axis=1)
        away[~alive] = np.inf
        away[index] = np.inf
        nearest = int(np.argmin(away))
        pieces[index].absorb(pieces[nearest])
        alive[nearest] = False
        centres[index] = pieces[index].centre
        if not pieces[index].is_zone():
            heapq.heappush(failing, (pieces[index].addresses, pieces[index].name, index))
    return [piece for piece, lives in zip(pieces, alive, strict=True) if lives]


def _as_arrays(
    pieces: list[_Piece],
    cell: grid.Cells,
    cell_addresses: Ints,
    part: grid.Cells,
    region: Indexes,
    of_address: npt.NDArray[np.intp],
    buildings: Ints,
    regions: Regions,
) -> ZoneSet:
    cell_zone = np.full(len(cell), -1, dtype=np.int32)
    for position, piece in enumerate(pieces):
        cell_zone[np.searchsorted(cell, np.array(piece.cells, dtype=np.uint64))] = position
    of_zone = cell_zone[of_address]
    used = of_zone >= 0
    kept = cell_zone >= 0
    building_zone, building, _, _ = distinct_pairs(of_zone[used], buildings[used])

    def mainly(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        choices, inverse = np.unique(values[kept], return_inverse=True)
        owner = mainly_inside(cell_zone[kept], inverse.astype(np.int32), cell_addresses[kept], len(pieces))
        return choices[owner] if len(pieces) else choices[:0]

    names = np.array([piece.name for piece in pieces], dtype=np.uint64)
    own_part = np.where(part[kept] > 0, part[kept], names[cell_zone[kept]] if len(pieces) else part[kept])
    parts, first, cell_part = np.unique(own_part, return_index=True, return_inverse=True)
    bare = ZoneSet(
        zone=names,
        addresses=np.array([piece.addresses for piece in pieces], dtype=np.int64),
        buildings=np.array([len(piece.buildings) for piece in pieces], dtype=np.int64),
        region=mainly(region),
        res9=mainly(grid.parent(cell, 9)),
        res8=mainly(grid.parent(cell, 8)),
        cell=cell[kept],
        cell_zone=cell_zone[kept],
        cell_addresses=cell_addresses[kept],
        part=parts,
        part_zone=cell_zone[kept][first],
        part_addresses=np.bincount(cell_part, weights=cell_addresses[kept], minlength=len(parts)).astype(np.int64),
        cell_part=cell_part.astype(np.int32),
        buildings_of=_NoBuildings(),
    )
    counted: dict[tuple[Atom, str], dict[str, int]] = {}
    for atom, levels in SHOWN.items():
        for level in levels:
            wider = units_at(bare, regions, atom, level)
            counted[(atom, level)] = _distinct(wider.of_zone[building_zone], building, wider.ids)
    return replace(bare, buildings_of=counted)


class _NoBuildings(dict[tuple[Atom, str], Mapping[str, int]]):
    """Stands in while buildings per unit are being counted: every unit has 0."""

    def __missing__(self, key: tuple[Atom, str]) -> Mapping[str, int]:
        return Counter()


def _distinct(unit: Indexes, building: Ints, ids: tuple[str, ...]) -> dict[str, int]:
    inside = unit >= 0
    counts = np.bincount(distinct_pairs(unit[inside], building[inside])[0], minlength=len(ids))
    return dict(zip(ids, counts.tolist(), strict=True))


def version(sets: Mapping[Base, ZoneSet], mark: str, ancestors: tuple[str, ...] = (), *, redrawn: bool = False) -> str:
    """Name a version after its content and the regions it was made in: other regions make other totals."""
    digest = hashlib.sha256(json.dumps([mark, K, ancestors, redrawn]).encode())
    for base in sorted(sets):
        zones = sets[base]
        digest.update(f"|{base}|".encode())
        for column in (
            *(zones.zone, zones.addresses, zones.buildings, zones.cell, zones.cell_zone, zones.cell_addresses),
            *(zones.part, zones.cell_part),
        ):
            digest.update(column.astype("<u8").tobytes())
        counted = sorted((atom, level, sorted(found.items())) for (atom, level), found in zones.buildings_of.items())
        digest.update(json.dumps(counted).encode())
    return digest.hexdigest()[:12]


def uses_of(sets: Mapping[Base, ZoneSet]) -> str:
    """Give a digest of the addresses by use; empty when they are not known."""
    known = {base: found.by_use for base, found in sorted(sets.items()) if found.by_use is not None}
    digest = hashlib.sha256()
    for base, by_use in known.items():
        digest.update(f"|{base}|".encode() + by_use.astype("<u8").tobytes())
    return digest.hexdigest()[:12] if known else ""


def mark_of(regions: Regions) -> str:
    """Give a digest of the cells and the tree of regions."""
    digest = hashlib.sha256(json.dumps([regions.codes, regions.levels, regions.parents.tolist()]).encode())
    digest.update(regions.cells.astype("<u8").tobytes() + regions.region.astype("<i4").tobytes())
    return digest.hexdigest()
