"""The public side of space: cells, regions and zones, made from public addresses only.

A *zone* is the smallest set of addresses anything is published about: a union of whole resolution-10 cells of one
buurt (or, where too few people live, of one wijk or gemeente) that holds at least ``K`` addresses in at least three
buildings, five of them outside the largest building. Zones depend on nothing secret, so they are the same for every
layer with one base, every month and every area.
"""

import hashlib
import heapq
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from geoanalyse import grid
from geoanalyse.errors import InputError
from geoanalyse.layer import Atom, Base

K = 10
"""Fewest addresses in a zone."""
MIN_BUILDINGS = 3
MIN_OUTSIDE_LARGEST = 5

LEVELS = ("zone", "res9", "res8", "buurt", "wijk", "gemeente")
"""Levels of the published table, from fine to coarse."""

SHOWN = {
    Atom.ZONE: LEVELS,
    Atom.RES9: ("res9", "res8", "buurt", "wijk", "gemeente"),
    Atom.RES8: ("res8", "wijk", "gemeente"),
    Atom.BUURT: ("buurt", "wijk", "gemeente"),
    Atom.WIJK: ("wijk", "gemeente"),
}
"""Levels at which a layer with each atom is shown; a buurt is smaller than most res-8 hexagons, so it shows none."""

Ints = npt.NDArray[np.int64]
Indexes = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Regions:
    """Cells and the CBS regions they belong to.

    Attributes
    ----------
    cells : ndarray of uint64, shape (n,)
        Resolution-10 cells, ascending.
    region : ndarray of int32, shape (n,)
        Position of the smallest region of each cell: a buurt, or a wijk where no buurten are known.
    pc4 : ndarray of int16, shape (n,)
        Four-digit postcode area, 0 where unknown.
    codes, names, levels : tuple of str, length m
        CBS code, name and level (``buurt``, ``wijk``, ``gemeente``) of each region, ascending by code.
    parents : ndarray of int32, shape (m,)
        Position of the next larger region, -1 for a gemeente.
    year : int
    source : str
    """

    cells: grid.Cells
    region: Indexes
    pc4: npt.NDArray[np.int16]
    codes: tuple[str, ...]
    names: tuple[str, ...]
    levels: tuple[str, ...]
    parents: Indexes
    year: int
    source: str

    @cached_property
    def _position(self) -> dict[str, int]:
        return {code: index for index, code in enumerate(self.codes)}

    def index(self, code: str) -> int:
        """Give the position of a CBS code; KeyError when it is unknown."""
        return self._position[code]

    def name(self, code: str) -> str:
        """Give the name of a CBS code; KeyError when it is unknown."""
        return self.names[self._position[code]]

    def chain(self, code: str) -> dict[str, str]:
        """Give the code of the region itself and of every region that holds it, by level.

        Examples
        --------
        >>> shipped_regions().chain("BU0363TC03")
        {'buurt': 'BU0363TC03', 'wijk': 'WK0363TC', 'gemeente': 'GM0363'}
        """
        chain = {}
        position = self._position[code]
        while position >= 0:
            chain[self.levels[position]] = self.codes[position]
            position = int(self.parents[position])
        return chain

    def at_level(self, level: str) -> Indexes:
        """Give, for every region, the position of the region of `level` that holds it, or -1."""
        wanted = np.array([known == level for known in self.levels])
        found = np.where(wanted, np.arange(len(self.codes)), -1).astype(np.int32)
        above = self.parents.copy()
        while (above >= 0).any():
            hit = (found < 0) & (above >= 0) & wanted[above]
            found[hit] = above[hit]
            above = np.where(above >= 0, self.parents[above], -1).astype(np.int32)
        return found

    def under(self, code: str) -> grid.Cells:
        """Give the cells of a region and of all regions below it, ascending."""
        position = self.index(code)
        cells: grid.Cells = self.cells[self.at_level(self.levels[position])[self.region] == position]
        return cells

    def region_of(self, cells: npt.ArrayLike) -> Indexes:
        """Give the position of the smallest region of each cell, -1 outside the table."""
        values = np.asarray(cells, dtype=np.uint64)
        if not len(self.cells):
            return np.full(values.shape, -1, dtype=np.int32)
        spot = np.minimum(np.searchsorted(self.cells, values), len(self.cells) - 1)
        return np.where(self.cells[spot] == values, self.region[spot], -1).astype(np.int32)

    def write(self, path: Path) -> None:
        """Write the table as Parquet, the region tree in its metadata; same regions, same bytes."""
        tree = {
            "soort": "geografie",
            "jaar": self.year,
            "bron": self.source,
            "gebieden": [
                [code, name, level, int(parent)]
                for code, name, level, parent in zip(self.codes, self.names, self.levels, self.parents, strict=True)
            ],
        }
        columns = {"cell": self.cells, "region": self.region, "pc4": self.pc4}
        table = pa.table(columns).replace_schema_metadata({"geoanalyse": json.dumps(tree, ensure_ascii=False)})
        pq.write_table(table, path, compression="zstd", compression_level=19)

    @classmethod
    def read(cls, path: Path) -> "Regions":
        """Read a table that `write` wrote.

        Raises
        ------
        InputError
            When the file is not such a table.
        """
        table, tree = _read_parquet(path, "geografie", "geoanalyse geografie lees")
        regions = tree["gebieden"]
        return cls(
            cells=table["cell"].to_numpy(),
            region=table["region"].to_numpy(),
            pc4=table["pc4"].to_numpy(),
            codes=tuple(entry[0] for entry in regions),
            names=tuple(entry[1] for entry in regions),
            levels=tuple(entry[2] for entry in regions),
            parents=np.array([entry[3] for entry in regions], dtype=np.int32),
            year=int(tree["jaar"]),
            source=str(tree["bron"]),
        )


def shipped_regions() -> Regions:
    """Read the table that comes with the package: Amsterdam-Amstelland, Zaanstad, Velsen and Beverwijk."""
    return Regions.read(Path(__file__).parent / "data" / "geografie.parquet")


@dataclass(frozen=True, slots=True)
class Units:
    """The units of one level of one layer atom: what one row of the published table is about.

    Attributes
    ----------
    level : str
    ids : tuple of str, length u
        Hexadecimal cell, or CBS code; ascending.
    addresses, buildings : ndarray of int64, shape (u,)
        Public counts on the base.
    of_atom : ndarray of int32, shape (atoms,)
        Position of the unit each atom belongs to (the one that holds most of its addresses), -1 for none.
    of_zone : ndarray of int32, shape (zones,)
        Position of the unit each zone belongs to by way of its atom, -1 for none.
    """

    level: str
    ids: tuple[str, ...]
    addresses: Ints
    buildings: Ints
    of_atom: Indexes
    of_zone: Indexes


@dataclass(frozen=True)
class ZoneSet:
    """Zones of one base.

    Attributes
    ----------
    zone : ndarray of uint64, shape (z,)
        Lowest cell of each zone, ascending: its lasting name.
    addresses, buildings : ndarray of int64, shape (z,)
    region : ndarray of int32, shape (z,)
        Position of the smallest region that holds most of its addresses.
    res9, res8 : ndarray of uint64, shape (z,)
        Hexagon that holds most of its addresses.
    cell : ndarray of uint64, shape (c,)
        Cells with at least one address of the base, ascending.
    cell_zone : ndarray of int32, shape (c,)
        Position of the zone of each cell.
    cell_addresses : ndarray of int64, shape (c,)
    buildings_of : mapping of (Atom, level) to dict of id to int
        Distinct buildings per unit; they cannot be added up, a building may lie in two zones.
    """

    zone: grid.Cells
    addresses: Ints
    buildings: Ints
    region: Indexes
    res9: grid.Cells
    res8: grid.Cells
    cell: grid.Cells
    cell_zone: Indexes
    cell_addresses: Ints
    buildings_of: Mapping[tuple[Atom, str], Mapping[str, int]]
    _units: dict[tuple[Atom, str], "Units"] = field(default_factory=dict, init=False, repr=False, compare=False)

    def cells_of(self, zones: npt.ArrayLike) -> grid.Cells:
        """Give the cells of the zones at these positions, ascending."""
        return self.cell[np.isin(self.cell_zone, np.asarray(zones))]


@dataclass(frozen=True, slots=True)
class Zones:
    """One version of the zones: for each base a `ZoneSet`."""

    version: str
    k: int
    base: Mapping[Base, ZoneSet]


@dataclass(frozen=True, slots=True)
class Geography:
    """Everything public about space that a release needs."""

    regions: Regions
    zones: Zones


# --- from zones to the units of a layer -------------------------------------------------------------------------------


def atoms(zones: ZoneSet, regions: Regions, atom: Atom) -> Units:
    """Give the smallest units that a layer with this atom publishes; each is its own atom.

    Where a gemeente has no buurten, the atom ``buurt`` is its wijk.
    """
    known = zones._units.get((atom, str(atom)))  # noqa: SLF001 - what was worked out for these zones is kept with them
    if known is not None:
        return known
    if atom is Atom.ZONE:
        of_zone, ids = np.arange(len(zones.zone), dtype=np.int32), tuple(grid.to_hex(zones.zone))
    elif atom in (Atom.RES9, Atom.RES8):
        of_zone, ids = _hexagons(zones, str(atom))
    else:
        of_zone, ids = _holders(zones.region if atom is Atom.BUURT else regions.at_level("wijk")[zones.region], regions)
    return _units(zones, atom, str(atom), ids, of_zone, np.arange(len(ids), dtype=np.int32))


def units(zones: ZoneSet, regions: Regions, atom: Atom, level: str) -> Units:
    """Give the units of one level as unions of the atoms that lie mainly inside.

    A wijk or gemeente takes its atoms by way of the smallest region each atom belongs to, so that regions nest.
    """
    known = zones._units.get((atom, level))  # noqa: SLF001
    if known is not None and level != str(atom):
        return known
    smallest = atoms(zones, regions, atom)
    if level == "zone":
        of_zone, names = np.arange(len(zones.zone), dtype=np.int32), tuple(grid.to_hex(zones.zone))
        owner = _mainly_inside(smallest.of_zone, of_zone, zones.addresses, len(smallest.ids))
    elif level in ("res9", "res8"):
        of_zone, names = _hexagons(zones, level)
        owner = _mainly_inside(smallest.of_zone, of_zone, zones.addresses, len(smallest.ids))
    else:
        first = zones.region if atom is not Atom.RES8 else regions.at_level("wijk")[zones.region]
        region = _mainly_inside(smallest.of_zone, first, zones.addresses, len(smallest.ids))
        owner, names = _holders(regions.at_level(level)[region], regions)
    used = np.unique(owner[owner >= 0])
    compact = np.full(len(names) + 1, -1, dtype=np.int32)
    compact[used] = np.arange(len(used), dtype=np.int32)
    owner = compact[owner]
    return _units(zones, atom, level, tuple(names[unit] for unit in used), owner[smallest.of_zone], owner)


def _at(zones: ZoneSet, regions: Regions, atom: Atom, level: str) -> Units:
    return atoms(zones, regions, atom) if level == str(atom) else units(zones, regions, atom, level)


def _hexagons(zones: ZoneSet, level: str) -> tuple[Indexes, tuple[str, ...]]:
    hexagons, inverse = np.unique(zones.res9 if level == "res9" else zones.res8, return_inverse=True)
    return inverse.astype(np.int32), tuple(grid.to_hex(hexagons))


def _holders(region: Indexes, regions: Regions) -> tuple[Indexes, tuple[str, ...]]:
    """Positions of regions (-1 for none) as positions in the list of the codes that occur."""
    codes = np.unique(region[region >= 0])
    owner = np.where(region >= 0, np.searchsorted(codes, region), -1).astype(np.int32)
    return owner, tuple(regions.codes[code] for code in codes)


def _mainly_inside(atom_of_zone: Indexes, unit_of_zone: Indexes, weight: Ints, count: int) -> Indexes:
    """For each atom the unit with most of its addresses; the first of equals; -1 when most lie in no unit."""
    atom, unit, inverse, _ = _pairs(atom_of_zone, unit_of_zone)
    totals = np.bincount(inverse, weights=weight).astype(np.int64)
    order = np.lexsort((unit, -totals, atom))
    first = np.unique(atom[order], return_index=True)[1]
    owner = np.full(count, -1, dtype=np.int32)
    owner[atom[order][first]] = unit[order][first]
    return owner


def _pairs(
    left: npt.NDArray[Any], right: npt.NDArray[Any]
) -> tuple[Ints, Ints, npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Distinct pairs of whole numbers >= -1 in ascending order, where each row went, and how often each occurs."""
    width = int(right.max(initial=-1)) + 2
    code = left.astype(np.int64) * width + (right.astype(np.int64) + 1)
    distinct, inverse, times = np.unique(code, return_inverse=True, return_counts=True)
    return distinct // width, distinct % width - 1, inverse, times


def _units(zones: ZoneSet, atom: Atom, level: str, ids: tuple[str, ...], of_zone: Indexes, of_atom: Indexes) -> Units:
    inside = of_zone >= 0
    addresses = np.bincount(of_zone[inside], weights=zones.addresses[inside], minlength=len(ids)).astype(np.int64)
    known = zones.buildings_of[(atom, level)]
    buildings = np.array([known[unit] for unit in ids], dtype=np.int64)
    found = Units(level, ids, addresses, buildings, of_atom, of_zone)
    zones._units.setdefault((atom, level), found)  # noqa: SLF001
    return found


def cells_of_units(zones: ZoneSet, of_zone: Indexes, count: int) -> tuple[grid.Cells, npt.NDArray[np.int32]]:
    """Give the cells of all units one after another, and where each unit starts.

    Parameters
    ----------
    zones : ZoneSet
    of_zone : ndarray of int32, shape (zones,)
        Position of the unit of each zone, -1 for none.
    count : int
        Number of units.

    Returns
    -------
    cells : ndarray of uint64
        Those of unit ``i`` are ``cells[starts[i]:starts[i + 1]]``, ascending.
    starts : ndarray of int32, shape (count + 1,)
    """
    unit = of_zone[zones.cell_zone]
    order = np.argsort(unit, kind="stable")  # cells ascend already
    starts = np.searchsorted(unit[order], np.arange(count + 1))
    return zones.cell[order][starts[0] :], (starts - starts[0]).astype(np.int32)


def main_region(zones: ZoneSet, of_zone: Indexes, count: int, within: Indexes | None = None) -> Indexes:
    """Give the region that holds most addresses of each unit: the smallest, or the one that `within` names for it."""
    inside = of_zone >= 0
    region = zones.region if within is None else within[zones.region]
    return _mainly_inside(of_zone[inside], region[inside], zones.addresses[inside], count)


def zone_of(zones: ZoneSet, regions: Regions, cells: npt.ArrayLike) -> Indexes:
    """Give the position of the zone of each cell.

    A cell that held no address of the base when the zones were made goes to the zone of the nearest cell of its
    gemeente that did; -1 where the gemeente has no zone or the cell lies outside the regions.
    """
    values = np.asarray(cells, dtype=np.uint64)
    if not len(zones.cell):
        return np.full(values.shape, -1, dtype=np.int32)
    spot = np.minimum(np.searchsorted(zones.cell, values), len(zones.cell) - 1)
    found = np.where(zones.cell[spot] == values, zones.cell_zone[spot], -1).astype(np.int32)
    unknown = np.unique(values[found < 0])
    if len(unknown):
        nearest = _nearest_zone(zones, regions, unknown)
        missing = found < 0
        found[missing] = nearest[np.searchsorted(unknown, values[missing])]
    return found


def _nearest_zone(zones: ZoneSet, regions: Regions, cells: grid.Cells) -> Indexes:
    gemeente = regions.at_level("gemeente")
    here = regions.region_of(cells)
    of_cell = np.where(here >= 0, gemeente[here], -1)
    of_known = gemeente[zones.region[zones.cell_zone]]
    known_position, position = _rd_decimetres(zones.cell), _rd_decimetres(cells)
    nearest = np.full(len(cells), -1, dtype=np.int32)
    for code in np.unique(of_cell[of_cell >= 0]):
        candidates = np.flatnonzero(of_known == code)
        if len(candidates):
            for index in np.flatnonzero(of_cell == code):
                away = ((known_position[candidates] - position[index]) ** 2).sum(axis=1)
                nearest[index] = zones.cell_zone[candidates[np.argmin(away)]]
    return nearest


# --- making zones -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Piece:
    """A growing zone: whole cells, with what is needed to see whether it is large enough."""

    cells: list[int]
    addresses: int
    buildings: Counter[int]
    moment: npt.NDArray[np.int64]  # sum over addresses of the cell centre in RD decimetres: exact, whatever the order

    @property
    def name(self) -> int:
        return min(self.cells)

    @property
    def centre(self) -> grid.Floats:
        return self.moment / self.addresses

    def is_zone(self) -> bool:
        return (
            self.addresses >= K
            and len(self.buildings) >= MIN_BUILDINGS
            and self.addresses - max(self.buildings.values()) >= MIN_OUTSIDE_LARGEST
        )

    def absorb(self, other: "_Piece") -> None:
        self.cells += other.cells
        self.addresses += other.addresses
        self.buildings += other.buildings
        self.moment = self.moment + other.moment


def make_zones(
    cells: grid.Cells,
    buildings: npt.NDArray[np.int64],
    eligible: Mapping[Base, npt.NDArray[np.bool_]],
    regions: Regions,
) -> Zones:
    """Make one version of the zones from a full, public address base.

    Within each buurt the smallest piece that is no zone yet is joined with the nearest piece, until all are zones;
    what is left over is joined within its wijk, then within its gemeente. A gemeente that fails as a whole gets no
    zones.

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
    """
    inside = regions.region_of(cells) >= 0
    sets = {
        base: _make_zone_set(cells[inside & mask], buildings[inside & mask], regions) for base, mask in eligible.items()
    }
    return Zones(version=_version(sets, regions), k=K, base=sets)


def _make_zone_set(cells: grid.Cells, buildings: Ints, regions: Regions) -> ZoneSet:
    known, of_address = np.unique(cells, return_inverse=True)
    cell_addresses = np.bincount(of_address, minlength=len(known)).astype(np.int64)
    centre = _rd_decimetres(known)
    houses = [Counter[int]() for _ in known]
    owner, house, _, times = _pairs(of_address, buildings)
    for cell, building, count in zip(owner.tolist(), house.tolist(), times.tolist(), strict=True):
        houses[cell][building] = count
    region = regions.region_of(known)
    pieces = [
        _Piece([int(cell)], int(number), inside, middle * number)
        for cell, number, inside, middle in zip(known, cell_addresses, houses, centre, strict=True)
    ]
    grouped = _grouped(pieces, region)
    for level in ("smallest", "wijk", "gemeente"):
        grouped = {group: _joined(members) for group, members in grouped.items()}
        if level != "gemeente":
            above = regions.at_level("wijk" if level == "smallest" else "gemeente")
            grouped = _regrouped(grouped, above)
    zones = sorted((piece for group in grouped.values() for piece in group if piece.is_zone()), key=lambda p: p.name)
    return _as_arrays(zones, known, cell_addresses, region, of_address, buildings, regions)


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
    building_zone, building, _, _ = _pairs(of_zone[used], buildings[used])

    def mainly(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        choices, inverse = np.unique(values[kept], return_inverse=True)
        owner = _mainly_inside(cell_zone[kept], inverse.astype(np.int32), cell_addresses[kept], len(pieces))
        return choices[owner] if len(pieces) else choices[:0]

    bare = ZoneSet(
        zone=np.array([piece.name for piece in pieces], dtype=np.uint64),
        addresses=np.array([piece.addresses for piece in pieces], dtype=np.int64),
        buildings=np.array([len(piece.buildings) for piece in pieces], dtype=np.int64),
        region=mainly(region),
        res9=mainly(grid.parent(cell, 9)),
        res8=mainly(grid.parent(cell, 8)),
        cell=cell[kept],
        cell_zone=cell_zone[kept],
        cell_addresses=cell_addresses[kept],
        buildings_of=_NoBuildings(),
    )
    counted: dict[tuple[Atom, str], dict[str, int]] = {}
    for atom, levels in SHOWN.items():
        for level in levels:
            wider = _at(bare, regions, atom, level)
            counted[(atom, level)] = _distinct(wider.of_zone[building_zone], building, wider.ids)
    return replace(bare, buildings_of=counted)


class _NoBuildings(dict[tuple[Atom, str], Mapping[str, int]]):
    """Stands in while buildings per unit are being counted: every unit has 0."""

    def __missing__(self, key: tuple[Atom, str]) -> Mapping[str, int]:
        return Counter()


def _distinct(unit: Indexes, building: Ints, ids: tuple[str, ...]) -> dict[str, int]:
    inside = unit >= 0
    counts = np.bincount(_pairs(unit[inside], building[inside])[0], minlength=len(ids))
    return dict(zip(ids, counts.tolist(), strict=True))


def _rd_decimetres(cells: grid.Cells) -> npt.NDArray[np.int64]:
    """Cell centres in whole RD decimetres, shape (n, 2): sums of these are exact on every machine."""
    centre = grid.centres(cells)
    easting, northing = grid.rd(centre[:, 0], centre[:, 1])
    return np.rint(np.stack([easting, northing], axis=1) * 10).astype(np.int64)


# --- the file zones-<version>.parquet ---------------------------------------------------------------------------------

_SCHEMA = pa.schema(
    [
        ("basis", pa.string()),
        ("atoom", pa.string()),
        ("niveau", pa.string()),
        ("id", pa.string()),
        ("adressen", pa.int64()),
        ("panden", pa.int64()),
        ("cellen", pa.list_(pa.uint64())),
        ("cel_adressen", pa.list_(pa.int64())),
        ("gebiedscode", pa.string()),
    ]
)


def _version(sets: Mapping[Base, ZoneSet], regions: Regions) -> str:
    """Name a version after its content and the regions it was made in: other regions make other totals."""
    digest = hashlib.sha256(json.dumps([regions.codes, regions.levels, regions.parents.tolist()]).encode())
    digest.update(regions.cells.astype("<u8").tobytes() + regions.region.astype("<i4").tobytes())
    for base in sorted(sets):
        zones = sets[base]
        digest.update(f"{base}|{K}".encode())
        for column in (zones.zone, zones.addresses, zones.buildings, zones.cell, zones.cell_zone, zones.cell_addresses):
            digest.update(column.astype("<u8").tobytes())
    return digest.hexdigest()[:12]


def write_zones(zones: Zones, regions: Regions, path: Path) -> None:
    """Write the zones as one Parquet file: a row per zone with its cells, and a row per larger unit."""
    columns: dict[str, list[Any]] = {name: [] for name in _SCHEMA.names}
    for base in sorted(zones.base):
        members = zones.base[base]
        order = np.argsort(members.cell_zone, kind="stable")
        starts = np.searchsorted(members.cell_zone[order], np.arange(len(members.zone) + 1))
        for index, name in enumerate(grid.to_hex(members.zone)):
            rows = order[starts[index] : starts[index + 1]]
            _append(
                columns,
                (base, Atom.ZONE, "zone", name, members.addresses[index], members.buildings[index]),
                (members.cell[rows], members.cell_addresses[rows], regions.codes[members.region[index]]),
            )
        for atom, level in ((atom, level) for atom, levels in SHOWN.items() for level in levels):
            counted = members.buildings_of[(atom, level)]
            if level != "zone":
                wider = _at(members, regions, atom, level)
                for name, number in zip(wider.ids, wider.addresses, strict=True):
                    _append(columns, (base, atom, level, name, number, counted[name]), (None, None, None))
    header = {
        "soort": "zones",
        "versie": zones.version,
        "k": zones.k,
        "geografie": regions.year,
        "bases": sorted(zones.base),
    }
    table = pa.table(columns, schema=_SCHEMA).replace_schema_metadata({"geoanalyse": json.dumps(header)})
    pq.write_table(table, path, compression="zstd", compression_level=19)


def _append(columns: dict[str, list[Any]], first: tuple[Any, ...], second: tuple[Any, ...]) -> None:
    for name, value in zip(columns, (*first, *second), strict=True):
        columns[name].append(value)


def read_zones(path: Path, regions: Regions) -> Zones:
    """Read a file that `write_zones` wrote.

    Raises
    ------
    InputError
        When the file is no zones file, does not match its own version, or belongs to other regions.
    """
    table, header = _read_parquet(path, "zones", "geoanalyse zones")
    frame = table.to_pandas()
    sets = {}
    for base in header["bases"]:
        rows = frame[frame["basis"] == base]
        zone_rows = rows[rows["niveau"] == "zone"]
        unknown = set(zone_rows["gebiedscode"]) - set(regions.codes)
        if unknown:
            raise InputError(
                f"{path.name}: {len(unknown)} gebiedscodes staan niet in de geografie van {regions.year}; "
                "geef met --geografie de tabel waarmee de zones zijn gemaakt"
            )
        lengths = zone_rows["cellen"].str.len().to_numpy(dtype=np.int64)
        cell = np.concatenate([*zone_rows["cellen"], np.empty(0, dtype=np.uint64)]).astype(np.uint64)
        of_cell = np.repeat(np.arange(len(zone_rows), dtype=np.int32), lengths)
        numbers = np.concatenate([*zone_rows["cel_adressen"], np.empty(0, dtype=np.int64)]).astype(np.int64)
        order = np.argsort(cell, kind="stable")
        counted = {
            (Atom(atom), str(level)): dict(zip(part["id"], part["panden"].tolist(), strict=True))
            for (atom, level), part in rows.groupby(["atoom", "niveau"], sort=True)
        }
        for atom, levels in SHOWN.items():
            for level in levels:
                counted.setdefault((atom, level), {})
        sets[Base(base)] = ZoneSet(
            zone=np.array([int(name, 16) for name in zone_rows["id"]], dtype=np.uint64),
            addresses=zone_rows["adressen"].to_numpy(dtype=np.int64),
            buildings=zone_rows["panden"].to_numpy(dtype=np.int64),
            region=np.array([regions.index(code) for code in zone_rows["gebiedscode"]], dtype=np.int32),
            res9=_main_parent(of_cell, cell, numbers, len(zone_rows), 9),
            res8=_main_parent(of_cell, cell, numbers, len(zone_rows), 8),
            cell=cell[order],
            cell_zone=of_cell[order],
            cell_addresses=numbers[order],
            buildings_of=counted,
        )
    if _version(sets, regions) != header["versie"]:
        raise InputError(
            f"{path.name}: de inhoud hoort niet bij de versie in het bestand, of bij een andere geografie; "
            "geef met --geografie de tabel waarmee de zones zijn gemaakt, of maak ze opnieuw"
        )
    return Zones(version=str(header["versie"]), k=int(header["k"]), base=sets)


def _main_parent(of_cell: Indexes, cell: grid.Cells, numbers: Ints, zones: int, resolution: int) -> grid.Cells:
    hexagons, inverse = np.unique(grid.parent(cell, resolution), return_inverse=True)
    return hexagons[_mainly_inside(of_cell, inverse.astype(np.int32), numbers, zones)] if zones else hexagons[:0]


def _read_parquet(path: Path, kind: str, command: str) -> tuple[pa.Table, dict[str, Any]]:
    """Read a Parquet file of our own making, with its JSON header."""
    try:
        table = pq.read_table(path)
        header = json.loads((table.schema.metadata or {})[b"geoanalyse"])
    except FileNotFoundError:
        raise InputError(f"{path}: bestand bestaat niet; maak het met `{command}`") from None
    except (OSError, pa.ArrowException, KeyError, ValueError):
        header = {}
    if header.get("soort") != kind:
        raise InputError(f"{path}: dit is geen {kind}-bestand van geoanalyse; maak het met `{command}`")
    return table, header
