"""Isolation: which groups of addresses do all published places together single out?"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tests.attack.adversary import space
from tests.attack.adversary.case import REGION_LEVELS, Case
from tests.attack.adversary.harvest import Drawn, Harvest
from tests.attack.adversary.units import SHOWN, atoms_of, unit_of_atom, zones_of_region

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_DEGREES = 180  # coordinates beyond it are metres


@dataclass(frozen=True)
class Smallest:
    """The smallest group of one base in one version of the zones, and from how many places it follows."""

    version: str
    base: str
    addresses: int
    buildings: int
    sets: int


def classes(sets: Iterable[Bools], house: Ints) -> tuple[int, int]:
    """Give addresses and buildings of the smallest non-empty groups that overlapping sets tell apart.

    Addresses that lie in no set are no group: nothing is said of them.

    Parameters
    ----------
    sets : iterable of ndarray of bool, shape (addresses,)
    house : ndarray of int, shape (addresses,)
        Building of each address.
    """
    draw = np.random.default_rng(0)
    signature = np.zeros((2, len(house)), dtype=np.uint64)
    covered = np.zeros(len(house), dtype=bool)
    for each in sets:
        marks = draw.integers(0, 2**63, 2, dtype=np.uint64)
        signature ^= np.where(each[None, :], marks[:, None], np.uint64(0))
        covered |= each
    if not covered.any():
        return 0, 0
    pairs = signature[:, covered].T.copy().view([("", np.uint64)] * 2).ravel()
    group = np.unique(pairs, return_inverse=True)[1].ravel()
    homes = np.unique(np.stack([group, house[covered]], axis=1), axis=0)
    return int(np.bincount(group).min()), int(np.bincount(homes[:, 0]).min())


class Public:
    """What is worked out once of the addresses on one base and one version of the zones."""

    def __init__(self, case: Case, version: str, base: str) -> None:
        self.case, self.version, self.base = case, version, base
        self.addresses = case.addresses(version)
        self.zones = case.zones[version][base]
        self.on = self.addresses.on(base)

    @cached_property
    def zone(self) -> Ints:
        """Zone of each address; one more than the last for those without."""
        found = self.case.zone_of_address(self.version, self.base)
        return np.where(found < 0, len(self.zones.ids), found)

    @cached_property
    def region(self) -> Ints:
        return self.case.regions.of(self.addresses.cell)

    @cached_property
    def indexed_anew(self) -> Mapping[int, space.Cells]:
        """Hexagon of each coordinate: not the parent of its cell for 7 % of points."""
        return {level: space.cells_of(self.addresses.lon, self.addresses.lat, level) for level in (8, 9)}

    def in_zones(self, chosen: Bools) -> Bools:
        return np.append(chosen, False)[self.zone] & self.on

    def region_sets(self, level: str, code: str, atom: str) -> Iterator[Bools]:
        """Give what a row about a region may be about, the declared set first."""
        if code not in self.case.regions.index:
            return
        if level not in SHOWN[atom]:  # a level that is not shown is described by zones
            atom = "zone"
        if atom == "zone":
            yield self.in_zones(zones_of_region(self.zones, self.case.regions, code))
        else:
            atoms = atoms_of(self.case, self.version, self.base, atom)
            named = unit_of_atom(atoms, atom, level, self.case.regions)
            yield self.in_zones(np.isin(atoms.of_zone, [at for at, name in enumerate(named) if name == code]))
        at_level = self.case.regions.at(level)[self.region]
        yield (at_level == self.case.regions.index[code]) & self.on

    def cell_sets(self, level: str, unit: str, cells: space.Cells) -> Iterator[Bools]:
        """Give what a row about cells may be about, the declared set first."""
        held = np.isin(self.zones.cell, cells)
        touched = np.isin(np.arange(len(self.zones.ids)), self.zones.of_cell[held])
        if held.any() and held.sum() == touched[self.zones.of_cell].sum():  # whole zones
            yield self.in_zones(touched)
        yield np.isin(self.addresses.cell, cells) & self.on
        if level in {"res9", "res8"}:
            hexagon, resolution = np.uint64(int(unit, 16)), int(level[3:])
            yield (space.parents(self.addresses.cell, resolution) == hexagon) & self.on
            yield (self.indexed_anew[resolution] == hexagon) & self.on

    def within(self, drawn: Drawn) -> Bools:
        """Say which addresses lie in a shape."""
        in_metres = np.abs(space.vertices(drawn.shape)).max() > _DEGREES
        where = (self.addresses.east, self.addresses.north) if in_metres else (self.addresses.lon, self.addresses.lat)
        return space.inside(drawn.shape, np.stack(where, axis=1)) & self.on


class Isolation:
    """Collects the sets of addresses of all releases, per version of the zones and base."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.sets: dict[tuple[str, str], dict[tuple[object, ...], Bools]] = {}
        self._public: dict[tuple[str, str], Public] = {}
        self._of_cells: dict[tuple[str, bytes], bool] = {}

    def add(self, harvest: Harvest) -> None:
        """Add every place that a release says something about."""
        table, version = harvest.table, harvest.table.version
        if version not in self.case.zones:
            harvest.fault("T0", "zones.parquet", "een zoneversie die niet openbaar is")
            return
        foreign = self._foreign(harvest)
        for row in range(len(table)):
            layer = self.case.layers.get(table.layer[row])
            if layer is None or layer.base not in self.case.zones[version]:
                continue
            level, unit, told = table.level[row], table.unit[row], int(table.addresses[row])
            shape = foreign.get((level, unit))
            atom = layer.atom if level in REGION_LEVELS else ""
            key = (level, unit, atom, told, table.cells_of(row).tobytes(), _mark(shape) if shape else b"")
            own = self.sets.setdefault((version, layer.base), {})
            if key in own:
                continue
            public = self._of(version, layer.base)
            candidates = (
                public.region_sets(level, unit, layer.atom)
                if level in REGION_LEVELS
                else public.cell_sets(level, unit, table.cells_of(row))
            )
            every = list(candidates)
            if shape is not None:
                own[(*key, "vlak")] = public.within(shape)  # a set of its own, whatever the count says
                every.append(own[(*key, "vlak")])
            matching = [each for each in every if int(each.sum()) == told]
            if not matching:
                what = f"{layer.base} {level}: adressen die bij geen openbare verzameling passen"
                harvest.fault("T0", "zones.parquet", what)
            own[key] = next(iter([*matching, *every]), np.zeros(len(public.on), dtype=bool))

    def smallest(self) -> list[Smallest]:
        """Give the smallest group per version and base."""
        found = []
        for (version, base), sets in sorted(self.sets.items()):
            public = self._of(version, base)
            least = classes((each[public.on] for each in sets.values()), public.addresses.house[public.on])
            found.append(Smallest(version, base, *least, len(sets)))
        return found

    def _of(self, version: str, base: str) -> Public:
        if (version, base) not in self._public:
            self._public[(version, base)] = Public(self.case, version, base)
        return self._public[(version, base)]

    def _foreign(self, harvest: Harvest) -> dict[tuple[str, str], Drawn]:
        """Find shapes that do not consist of whole cells: those say where else a border runs."""
        found = {}
        for drawn in harvest.drawn:
            key = (drawn.level, _mark(drawn))
            if key not in self._of_cells:
                points = space.vertices(drawn.shape)
                if len(points) and np.abs(points).max() > _DEGREES:
                    points = np.stack(space.lonlat(*points.T), axis=1)
                resolution = {"res9": 9, "res8": 8}.get(drawn.level, space.FINEST)
                self._of_cells[key] = space.of_whole_cells(points, resolution)
            if not self._of_cells[key]:
                found[(drawn.level, drawn.unit)] = drawn
                harvest.fault("T0", drawn.file, f"{drawn.level}: een vlak dat niet uit hele cellen bestaat")
        return found


def _mark(drawn: Drawn) -> bytes:
    return b"".join(ring.tobytes() for polygon in drawn.shape for ring in polygon)
