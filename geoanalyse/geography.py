"""The public side of space: cells, regions and zones, made from public addresses only.

A *zone* is the smallest set of addresses anything is published about: a union of whole resolution-10 cells of one
buurt (or, where too few people live, of one wijk or gemeente) that holds at least ``K`` addresses in at least three
buildings, five of them outside the largest building. Zones depend on nothing secret, so they are the same for every
layer with one base, every month and every area.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
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
REGION_LEVELS = ("buurt", "wijk", "gemeente")

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
        table, tree = read_own_parquet(path, "geografie", "geoanalyse geografie lees")
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
        Lowest cell of each zone when it was first made, ascending: its lasting name.
    addresses, buildings : ndarray of int64, shape (z,)
    region : ndarray of int32, shape (z,)
        Position of the smallest region that holds most of its addresses.
    res9, res8 : ndarray of uint64, shape (z,)
        Hexagon that holds most of its addresses.
    cell : ndarray of uint64, shape (c,)
        Cells that hold, or in an earlier version held, an address of the base; ascending.
    cell_zone : ndarray of int32, shape (c,)
        Position of the zone of each cell.
    cell_addresses : ndarray of int64, shape (c,)
    part : ndarray of uint64, shape (p,)
        Names of the zones of earlier versions that these were joined from, ascending; in a first version the zones
        themselves. A part is what is rounded, by a threshold that goes with its name for ever.
    part_zone : ndarray of int32, shape (p,)
        Position of the zone each part lies in.
    part_addresses : ndarray of int64, shape (p,)
    cell_part : ndarray of int32, shape (c,)
        Position of the part of each cell.
    buildings_of : mapping of (Atom, level) to dict of id to int
        Distinct buildings per unit; they cannot be added up, a building may lie in two zones.
    by_use : ndarray of int64, shape (z, uses), or None
        Addresses of each zone by what they are mainly used for, in the order of `Use`; None when that is not known.
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
    part: grid.Cells
    part_zone: Indexes
    part_addresses: Ints
    cell_part: Indexes
    buildings_of: Mapping[tuple[Atom, str], Mapping[str, int]]
    by_use: Ints | None = None
    _units: dict[tuple[Atom, str], "Units"] = field(default_factory=dict, init=False, repr=False, compare=False)

    def cells_of(self, zones: npt.ArrayLike) -> grid.Cells:
        """Give the cells of the zones at these positions, ascending."""
        return self.cell[np.isin(self.cell_zone, np.asarray(zones))]


@dataclass(frozen=True, slots=True)
class Zones:
    """One version of the zones.

    Attributes
    ----------
    version : str
    k : int
    base : mapping of Base to ZoneSet
    regions : str
        Digest of the regions they were made in.
    ancestors : tuple of str
        Versions it joins, newest first.
    redrawn : bool
        An ancestor was made in other regions: totals of both would cut the same counts in two ways, so there are none.
    uses : str
        Digest of the addresses by use, which are no part of the version; empty when they are not known.
    """

    version: str
    k: int
    base: Mapping[Base, ZoneSet]
    regions: str = ""
    ancestors: tuple[str, ...] = ()
    redrawn: bool = False
    uses: str = ""


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
        owner = mainly_inside(smallest.of_zone, of_zone, zones.addresses, len(smallest.ids))
    elif level in ("res9", "res8"):
        of_zone, names = _hexagons(zones, level)
        owner = mainly_inside(smallest.of_zone, of_zone, zones.addresses, len(smallest.ids))
    else:
        first = zones.region if atom is not Atom.RES8 else regions.at_level("wijk")[zones.region]
        region = mainly_inside(smallest.of_zone, first, zones.addresses, len(smallest.ids))
        owner, names = _holders(regions.at_level(level)[region], regions)
    used = np.unique(owner[owner >= 0])
    compact = np.full(len(names) + 1, -1, dtype=np.int32)
    compact[used] = np.arange(len(used), dtype=np.int32)
    owner = compact[owner]
    return _units(zones, atom, level, tuple(names[unit] for unit in used), owner[smallest.of_zone], owner)


def units_at(zones: ZoneSet, regions: Regions, atom: Atom, level: str) -> Units:
    """Give the units of one level, which may be that of the atom itself."""
    return atoms(zones, regions, atom) if level == str(atom) else units(zones, regions, atom, level)


def _hexagons(zones: ZoneSet, level: str) -> tuple[Indexes, tuple[str, ...]]:
    hexagons, inverse = np.unique(zones.res9 if level == "res9" else zones.res8, return_inverse=True)
    return inverse.astype(np.int32), tuple(grid.to_hex(hexagons))


def _holders(region: Indexes, regions: Regions) -> tuple[Indexes, tuple[str, ...]]:
    """Positions of regions (-1 for none) as positions in the list of the codes that occur."""
    codes = np.unique(region[region >= 0])
    owner = np.where(region >= 0, np.searchsorted(codes, region), -1).astype(np.int32)
    return owner, tuple(regions.codes[code] for code in codes)


def mainly_inside(atom_of_zone: Indexes, unit_of_zone: Indexes, weight: Ints, count: int) -> Indexes:
    """For each atom the unit with most of its addresses; the first of equals; -1 when most lie in no unit."""
    atom, unit, inverse, _ = distinct_pairs(atom_of_zone, unit_of_zone)
    totals = np.bincount(inverse, weights=weight).astype(np.int64)
    order = np.lexsort((unit, -totals, atom))
    first = np.unique(atom[order], return_index=True)[1]
    owner = np.full(count, -1, dtype=np.int32)
    owner[atom[order][first]] = unit[order][first]
    return owner


def distinct_pairs(
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


def levels_of(smallest: Units, regions: Regions) -> npt.NDArray[np.str_]:
    """Level of each atom: the atom ``buurt`` is a wijk where a gemeente has no buurten."""
    if smallest.level not in REGION_LEVELS:
        return np.full(len(smallest.ids), smallest.level)
    return np.array([regions.levels[regions.index(code)] for code in smallest.ids], dtype=np.str_)


def add_up(owner: Indexes, numbers: npt.NDArray[Any], count: int) -> Ints:
    """Add up numbers per owner, shape (count,); what belongs to -1 is left out."""
    inside = owner >= 0
    return np.bincount(owner[inside], weights=numbers[inside], minlength=count).astype(np.int64)


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
    return mainly_inside(of_zone[inside], region[inside], zones.addresses[inside], count)


@dataclass(frozen=True, slots=True)
class Pieces:
    """What a layer is rounded by, one by one: its atoms, or the older zones that a zone was joined from.

    Attributes
    ----------
    names : tuple of str, length q
    addresses : ndarray of int64, shape (q,)
    of_part : ndarray of int32, shape (parts,)
        Position of the piece of each part of the zones.
    atom : ndarray of int32, shape (q,)
        Position of the atom each piece lies in.
    """

    names: tuple[str, ...]
    addresses: Ints
    of_part: Indexes
    atom: Indexes


def pieces(zones: ZoneSet, regions: Regions, atom: Atom) -> Pieces:
    """Give what a layer with this atom is rounded by."""
    if atom is Atom.ZONE:
        own = np.arange(len(zones.part), dtype=np.int32)
        return Pieces(tuple(grid.to_hex(zones.part)), zones.part_addresses, own, zones.part_zone)
    smallest = atoms(zones, regions, atom)
    own = np.arange(len(smallest.ids), dtype=np.int32)
    return Pieces(smallest.ids, smallest.addresses, smallest.of_zone[zones.part_zone], own)


def owners(of: Indexes, index: Indexes) -> Indexes:
    """Give ``of[index]``, and -1 where `index` is -1; `of` may be empty then."""
    found = np.full(len(index), -1, dtype=np.int32)
    found[index >= 0] = of[index[index >= 0]]
    return found


def part_of(zones: ZoneSet, regions: Regions, cells: npt.ArrayLike) -> Indexes:
    """Give the position of the part of each cell.

    A cell that held no address of the base when the zones were made goes with the nearest cell of its gemeente that
    did; -1 where the gemeente has no zone or the cell lies outside the regions.
    """
    return owners(zones.cell_part, nearest_cells(zones.cell, np.asarray(cells, dtype=np.uint64), regions))


def zone_of(zones: ZoneSet, regions: Regions, cells: npt.ArrayLike) -> Indexes:
    """Give the position of the zone of each cell; as `part_of`."""
    return owners(zones.part_zone, part_of(zones, regions, cells))


def nearest_cells(known: grid.Cells, cells: grid.Cells, regions: Regions) -> Indexes:
    """Give the position in `known` of each cell itself, or else of the nearest known cell of its gemeente; or -1."""
    if not len(known):
        return np.full(cells.shape, -1, dtype=np.int32)
    spot = np.minimum(np.searchsorted(known, cells), len(known) - 1)
    found = np.where(known[spot] == cells, spot, -1).astype(np.int32)
    unknown = np.unique(cells[found < 0])
    if len(unknown):
        nearest = _nearest(known, unknown, regions)
        missing = found < 0
        found[missing] = nearest[np.searchsorted(unknown, cells[missing])]
    return found


def _nearest(known: grid.Cells, cells: grid.Cells, regions: Regions) -> Indexes:
    of_cell, of_known = (_gemeente_of(which, regions) for which in (cells, known))
    position, known_position = rd_decimetres(cells), rd_decimetres(known)
    nearest = np.full(len(cells), -1, dtype=np.int32)
    for code in np.unique(of_cell[of_cell >= 0]):
        candidates = np.flatnonzero(of_known == code)
        if len(candidates):
            for index in np.flatnonzero(of_cell == code):
                away = ((known_position[candidates] - position[index]) ** 2).sum(axis=1)
                nearest[index] = candidates[np.argmin(away)]
    return nearest


def _gemeente_of(cells: grid.Cells, regions: Regions) -> Indexes:
    region = regions.region_of(cells)
    return np.where(region >= 0, regions.at_level("gemeente")[region], -1).astype(np.int32)


def rd_decimetres(cells: grid.Cells) -> npt.NDArray[np.int64]:
    """Cell centres in whole RD decimetres, shape (n, 2): sums of these are exact on every machine."""
    centre = grid.centres(cells)
    easting, northing = grid.rd(centre[:, 0], centre[:, 1])
    return np.rint(np.stack([easting, northing], axis=1) * 10).astype(np.int64)


def read_own_parquet(path: Path, kind: str, command: str) -> tuple[pa.Table, dict[str, Any]]:
    """Read a Parquet file of our own making, with its JSON header."""
    try:
        table = pq.read_table(path)
        header = json.loads((table.schema.metadata or {})[b"geoanalyse"])
    except FileNotFoundError:
        raise InputError(f"{path}: bestand bestaat niet; maak het met `{command}`") from None
    except (OSError, pa.ArrowException, KeyError, ValueError):
        header = {}
    if not isinstance(header, dict) or header.get("soort") != kind:
        raise InputError(f"{path}: dit is geen {kind}-bestand van geoanalyse; maak het met `{command}`")
    return table, header
