"""What the attacker holds: public addresses, regions, zones and layer files, and a folder of releases."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from tests.attack.adversary import space

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

LEVELS = ("zone", "res9", "res8", "buurt", "wijk", "gemeente")
REGION_LEVELS = ("buurt", "wijk", "gemeente")


class CaseError(Exception):
    """The folder holds no case: says what is missing."""


@dataclass(frozen=True)
class Addresses:
    """The public address base; ``house`` numbers the buildings."""

    ids: tuple[str, ...]
    lon: space.Floats
    lat: space.Floats
    east: space.Floats
    north: space.Floats
    cell: space.Cells
    house: Ints
    houses: tuple[str, ...]
    uses: npt.NDArray[np.str_]
    _on: dict[str, Bools] = field(default_factory=dict)

    def on(self, base: str) -> Bools:
        """Say which addresses a layer with this base can be true of."""
        if base not in self._on:
            self._on[base] = on_base(self.uses, base)
        return self._on[base]


def on_base(uses: npt.NDArray[np.str_], base: str) -> Bools:
    """Read a base from public uses, joined with ``|``.

    Raises
    ------
    CaseError
        When the base is unknown.
    """
    known, of_row = np.unique(uses, return_inverse=True)
    parts = [set(text.split("|")) for text in known.tolist()]
    meaning = {
        "alle": lambda _: True,
        "woningen": lambda use: "woonfunctie" in use,
        "bedrijven": lambda use: bool(use - {"woonfunctie"}),
        "horeca": lambda use: bool(use & {"bijeenkomstfunctie", "logiesfunctie"}),
    }
    if base not in meaning:
        raise CaseError(f"onbekende basis {base}")
    chosen = np.array([meaning[base](part) for part in parts], dtype=bool)
    return chosen[of_row] if len(known) else np.zeros(0, dtype=bool)


@dataclass(frozen=True)
class Regions:
    """Which region each cell lies in, and the tree of regions."""

    cell: space.Cells
    of_cell: Ints
    codes: tuple[str, ...]
    names: tuple[str, ...]
    levels: tuple[str, ...]
    above: Ints

    @cached_property
    def index(self) -> Mapping[str, int]:
        return {code: number for number, code in enumerate(self.codes)}

    def at(self, level: str) -> Ints:
        """Give for each region the region of this level that holds it, or -1."""
        found = np.full(len(self.codes), -1, dtype=np.int64)
        for number in range(len(self.codes)):
            at = number
            while at >= 0 and self.levels[at] != level:
                at = int(self.above[at])
            found[number] = at
        return found

    def of(self, cells: space.Cells) -> Ints:
        """Give the smallest region of each cell, or -1."""
        spot = np.minimum(np.searchsorted(self.cell, cells), len(self.cell) - 1)
        return np.where(self.cell[spot] == cells, self.of_cell[spot], -1)


@dataclass(frozen=True)
class Zones:
    """The zones of one base in one version; cells ascend."""

    ids: tuple[str, ...]
    addresses: Ints
    region: Ints
    cell: space.Cells
    of_cell: Ints
    numbers: Ints
    part: space.Cells
    """For each cell the lasting name of the old zone that it came from."""

    @cached_property
    def index(self) -> Mapping[str, int]:
        return {name: number for number, name in enumerate(self.ids)}

    def zone_of(self, cells: space.Cells) -> Ints:
        """Give the zone of each cell, -1 for a cell that held no address when the zones were made."""
        if not len(self.cell):
            return np.full(len(cells), -1, dtype=np.int64)
        spot = np.minimum(np.searchsorted(self.cell, cells), len(self.cell) - 1)
        return np.where(self.cell[spot] == cells, self.of_cell[spot], -1)


@dataclass(frozen=True)
class LayerFile:
    """What the public layer file says."""

    id: str
    base: str
    atom: str
    b: int
    clamp: int
    capped: bool
    family: str
    part_of: str
    series: str
    series_level: str
    title: str
    weights: Mapping[str, float]
    texts: tuple[str, ...]
    gemeenten: tuple[str, ...]

    @property
    def prefix(self) -> str:
        return self.id.replace("-", "_")


@dataclass(frozen=True)
class Folder:
    """One release on disk."""

    series: str
    area: str
    day: str
    path: Path

    @property
    def name(self) -> str:
        return f"{self.series}/{self.area}/{self.day}"


@dataclass(frozen=True)
class Case:
    """Everything the attacker starts with."""

    root: Path
    regions: Regions
    zones: Mapping[str, Mapping[str, Zones]]
    layers: Mapping[str, LayerFile]
    releases: tuple[Folder, ...]
    _addresses: dict[str, Addresses] = field(default_factory=dict)
    _lasting: dict[str, frozenset[str]] = field(default_factory=dict)
    by_use: dict[tuple[str, str], Ints] = field(default_factory=dict)
    """Addresses of every zone by use, by version and base, once they were counted (`expected`)."""

    def addresses(self, version: str = "") -> Addresses:
        """Give the address base of a version of the zones, or the general one."""
        path = self.root / "openbaar" / f"adressen-{version}.parquet"
        key = version if path.exists() else ""
        if key not in self._addresses:
            self._addresses[key] = _read_addresses(path if key else self.root / "openbaar" / "adressen.parquet")
        return self._addresses[key]

    def lasting(self, base: str) -> frozenset[str]:
        """Name the lasting parts that hold the same addresses in every version of the zones."""
        if base not in self._lasting:
            held = [self._held(version, base) for version in self.zones]
            same = set(held[0]).intersection(*held)
            self._lasting[base] = frozenset(part for part in same if all(held[0][part] == each[part] for each in held))
        return self._lasting[base]

    def _held(self, version: str, base: str) -> dict[str, set[str]]:
        """Give the addresses on each lasting part; one in a new cell may be on any part of its zone."""
        addresses, zones = self.addresses(version), self.zones[version][base]
        zone = self.zone_of_address(version, base)
        parts_of_cell = {cell: (part,) for cell, part in zip(zones.cell.tolist(), zones.part.tolist(), strict=True)}
        found: dict[str, set[str]] = {}
        for row in np.flatnonzero(zone >= 0).tolist():
            cell, id_ = int(addresses.cell[row]), addresses.ids[row]
            known = cell in parts_of_cell
            parts = parts_of_cell[cell] if known else np.unique(zones.part[zones.of_cell == zone[row]]).tolist()
            for part in parts:
                found.setdefault(f"{part:x}", set()).add(id_ if known else f"{id_} {version}")
        return found

    def lists(self) -> list[Path]:
        return sorted((self.root / "lijsten").glob("*.xlsx"))

    def zone_of_address(self, version: str, base: str) -> Ints:
        """Give the zone of each address of the version's address base; -1 when it is not on the base.

        An address in a cell that the zones do not know belongs to the zone of the nearest cell of its gemeente.
        """
        addresses, zones = self.addresses(version), self.zones[version][base]
        found = np.where(addresses.on(base), zones.zone_of(addresses.cell), -2)
        gemeente = self.regions.at("gemeente")
        here = gemeente[self.regions.of(addresses.cell)]
        there = gemeente[zones.region[zones.of_cell]] if len(zones.cell) else np.empty(0, dtype=np.int64)
        centres = np.array([_centre(cell) for cell in zones.cell.tolist()]) if (found == -1).any() else None
        for row in np.flatnonzero(found == -1).tolist():
            near = np.flatnonzero(there == here[row])
            if centres is not None and len(near):
                away = centres[near] - _centre(int(addresses.cell[row]))
                found[row] = zones.of_cell[near[np.argmin((away**2).sum(axis=1))]]
        return np.maximum(found, -1)


def _centre(cell: int) -> space.Floats:
    """Centre of a cell on a plane; only distances matter."""
    middle = space.corners(cell).mean(axis=0)
    return np.array([middle[0] * np.cos(np.radians(middle[1])), middle[1]])


# --- reading ----------------------------------------------------------------------------------------------------------


def read_case(root: Path) -> Case:
    """Read a folder laid out as the brief of this program says.

    Raises
    ------
    CaseError
        When the public part is missing, or the table of a release.
    """
    public = root / "openbaar"
    if not (public / "geografie.parquet").exists():
        raise CaseError(f"{root}: geen openbaar/geografie.parquet")
    regions = _read_regions(public / "geografie.parquet")
    zones = dict(_read_zones(file, regions) for file in sorted(public.glob("zones-*.parquet")))
    layers = {file.stem: _read_layer(file) for file in sorted((public / "lagen").glob("*.toml"))}
    releases = tuple(
        Folder(*found.relative_to(root / "uitgaven").parts[:3], path=found)
        for found in sorted((root / "uitgaven").glob("*/*/*/deelbaar"))
    )
    for release in releases:
        if not (release.path / "zones.parquet").exists():
            raise CaseError(f"{release.name}: geen zones.parquet")
    return Case(root, regions, zones, layers, releases)


def _read_addresses(path: Path) -> Addresses:
    table = pq.read_table(path)
    east, north = (np.asarray(table[name], dtype=float) for name in ("oost", "noord"))
    points, of_address = np.unique(east + 1j * north, return_inverse=True)
    lon, lat = space.lonlat(points.real, points.imag)
    cells = space.cells_of(lon, lat)
    houses, house = np.unique(np.array(table["pand"].to_pylist(), dtype=str), return_inverse=True)
    return Addresses(
        ids=tuple(table["id"].to_pylist()),
        lon=lon[of_address],
        lat=lat[of_address],
        east=east,
        north=north,
        cell=cells[of_address],
        house=house.astype(np.int64),
        houses=tuple(houses.tolist()),
        uses=np.array(table["gebruik"].to_pylist(), dtype=str),
    )


def _header(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(pq.read_schema(path).metadata[b"geoanalyse"])
    return content


def _read_regions(path: Path) -> Regions:
    table, tree = pq.read_table(path), _header(path)["gebieden"]
    cell = np.asarray(table["cell"], dtype=np.uint64)
    order = np.argsort(cell)
    return Regions(
        cell=cell[order],
        of_cell=np.asarray(table["region"], dtype=np.int64)[order],
        codes=tuple(entry[0] for entry in tree),
        names=tuple(entry[1] for entry in tree),
        levels=tuple(entry[2] for entry in tree),
        above=np.array([entry[3] for entry in tree], dtype=np.int64),
    )


def _read_zones(path: Path, regions: Regions) -> tuple[str, dict[str, Zones]]:
    table = pq.read_table(path)
    rows = [row for row in table.to_pylist() if row["niveau"] == "zone"]
    return _header(path)["versie"], {
        base: _zones([row for row in rows if row["basis"] == base], regions)
        for base in sorted({row["basis"] for row in rows})
    }


def _zones(rows: list[dict[str, Any]], regions: Regions) -> Zones:
    rows = sorted(rows, key=lambda row: int(row["id"], 16))
    sizes = [len(row["cellen"]) for row in rows]
    cell = np.array([cell for row in rows for cell in row["cellen"]], dtype=np.uint64)
    own = [[int(row["id"], 16)] * size for row, size in zip(rows, sizes, strict=True)]
    part = [row.get("cel_deel") or mine for row, mine in zip(rows, own, strict=True)]
    order = np.argsort(cell)
    return Zones(
        ids=tuple(row["id"] for row in rows),
        addresses=np.array([row["adressen"] for row in rows], dtype=np.int64),
        region=np.array([regions.index.get(row["gebiedscode"], -1) for row in rows], dtype=np.int64),
        cell=cell[order],
        of_cell=np.repeat(np.arange(len(rows)), sizes)[order],
        numbers=np.array([number for row in rows for number in row["cel_adressen"]], dtype=np.int64)[order],
        part=np.array([each for parts in part for each in parts], dtype=np.uint64)[order],
    )


def _read_layer(path: Path) -> LayerFile:
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    counting, windows = content["telling"], content["vensters"]
    return LayerFile(
        id=content["id"],
        base=counting["basis"],
        atom=counting["atoom"],
        b=counting["b"],
        clamp=counting.get("klem", 1),
        capped=counting.get("plafond") != "geen",
        family=content.get("familie", content["id"]),
        part_of=content.get("onderdeel_van", ""),
        series=windows.get("reeks", ""),
        series_level=windows.get("reeks_niveau", "buurt"),
        title=content["titel"],
        weights={theme: weight for theme, weight in content.get("weging", {}).items() if weight},
        texts=tuple(_texts(content)),
        gemeenten=tuple(content.get("dekking", {}).get("gemeenten", ())),
    )


def _texts(content: Mapping[str, Any]) -> Iterator[str]:
    for value in content.values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from _texts(value)
