"""Shapes of a release in RD metres: centres and outlines of its units and regions, each worked out once.

A factsheet draws the same cells six times and an atlas hundreds of times; who draws more than once passes the same
`Shapes` along. It only remembers: what it gives follows from the release alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geoanalyse import grid
from geoanalyse.layer import Base
from geoanalyse.release import Release

Rings = tuple[grid.Floats, ...]
"""Rings of an outline, (n, 2) easting and northing each, not closed; the outer ring of a part before its holes."""


@dataclass(frozen=True, slots=True)
class Units:
    """The units of one layer and level that have cells.

    Attributes
    ----------
    rows : list of dict
        Their rows of the statistics.
    cells : list of ndarray of uint64
        What each is drawn with.
    centres : ndarray of float64, shape (n, 2)
        Of the cells of all units, one unit after another.
    first, sizes : ndarray of int64
        Where the cells of each begin in `centres`, and how many there are.
    """

    rows: list[dict[str, Any]]
    cells: list[grid.Cells]
    centres: grid.Floats
    first: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]


class Shapes:
    """What the drawings of one release share."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self._centres: dict[bytes, grid.Floats] = {}
        self._rings: dict[bytes, Rings] = {}
        self._units: dict[tuple[str, str], Units] = {}
        self._cells: dict[tuple[str, str], Mapping[str, grid.Cells]] = {}
        self._parts: dict[str, dict[str, grid.Cells]] = {}
        self._hexagons: tuple[grid.Cells, npt.NDArray[np.intp]] | None = None

    def centres(self, cells: grid.Cells) -> grid.Floats:
        """Give the centres of cells, shape (n, 2)."""
        key = cells.tobytes()
        if key not in self._centres:
            self._centres[key] = centres(cells)
        return self._centres[key]

    def rings(self, shapes: Iterable[grid.Cells]) -> list[Rings]:
        """Give the outline of each set of cells."""
        wanted = [(cells.tobytes(), cells) for cells in shapes]
        unknown = {key: cells for key, cells in wanted if key not in self._rings}
        self._rings.update(zip(unknown, rings(unknown.values()), strict=True))
        return [self._rings[key] for key, _ in wanted]

    def unit_cells(self, layer: str, level: str) -> Mapping[str, grid.Cells]:
        """As the function `unit_cells`."""
        if (layer, level) not in self._cells:
            self._cells[layer, level] = unit_cells(self.release, layer, level)
        return self._cells[layer, level]

    def units(self, layer: str, level: str) -> Units:
        """Give the units of a layer and level, in the order of the statistics."""
        if (layer, level) not in self._units:
            cells = self.unit_cells(layer, level)
            names = ["zone", "class", "status", "hotspot"]
            known = where(self.release.statistics, layer=layer, level=level).select(names).to_pylist()
            rows = [row for row in known if len(cells.get(row["zone"], ()))]
            own = [cells[row["zone"]] for row in rows]
            sizes = np.array([len(each) for each in own], dtype=np.int64)
            every = centres(np.concatenate(own)) if own else np.empty((0, 2))
            self._units[layer, level] = Units(rows, own, every, np.cumsum(sizes) - sizes, sizes)
        return self._units[layer, level]

    def parts(self, level: str) -> dict[str, grid.Cells]:
        """Give the cells of the area per region of a level, by code."""
        if level not in self._parts:
            regions, area = self.release.geography.regions, self.release.area.cells
            smallest = regions.region_of(area)
            holder = np.where(smallest >= 0, regions.at_level(level)[smallest], -1)
            known = np.unique(holder[holder >= 0]).tolist()
            self._parts[level] = {regions.codes[position]: area[holder == position] for position in known}
        return self._parts[level]

    def hexagons(self) -> tuple[grid.Cells, npt.NDArray[np.intp]]:
        """Give the largest hexagons of all regions, and which of them holds each cell of the regions."""
        if self._hexagons is None:
            self._hexagons = np.unique(grid.parent(self.release.geography.regions.cells, 8), return_inverse=True)
        return self._hexagons


def centres(cells: grid.Cells) -> grid.Floats:
    """Give the centres of cells, shape (n, 2)."""
    centre = grid.centres(cells)
    return np.stack(grid.rd(centre[:, 0], centre[:, 1]), axis=1)


def rings(shapes: Iterable[grid.Cells]) -> list[Rings]:
    """Give the outline of each set of cells; all corners are turned into metres at once."""
    found = [grid.rings(cells) for cells in shapes]
    every = [ring for outline in found for ring in outline]
    if not every:
        return [() for _ in found]
    corners = np.concatenate(every)
    metres = np.stack(grid.rd(corners[:, 0], corners[:, 1]), axis=1)
    pieces = iter(np.split(metres, np.cumsum([len(ring) for ring in every])[:-1]))
    return [tuple(next(pieces) for _ in outline) for outline in found]


def bounds(outlines: Sequence[Rings]) -> tuple[float, float, float, float]:
    """Give the least and greatest easting and northing of outlines: (easting, northing, easting, northing)."""
    corners = np.concatenate([ring for outline in outlines for ring in outline])
    west, south = corners.min(axis=0).tolist()
    east, north = corners.max(axis=0).tolist()
    return west, south, east, north


def where(table: pa.Table, **equal: str) -> pa.Table:
    """Rows of a table in which every named column equals its value."""
    for column, value in equal.items():
        table = table.filter(pc.equal(table[column], value))
    return table


def unit_cells(release: Release, layer: str, level: str) -> Mapping[str, grid.Cells]:
    """Give the H3 cells that each unit of a layer and level is drawn with, by zone or code.

    A zone is drawn as its own cells and a region as its cells within the area. A hexagon is drawn as itself, together
    with the hexagons that hold addresses but are no unit: these are drawn with the unit that most of their cells belong
    to, so that what stays white has no addresses. A composite has no rows of its own in the published table; its units
    are those of all addresses.
    """
    regions = release.geography.regions
    names = where(release.statistics, layer=layer, level=level)["zone"].to_pylist()
    if level in ("buurt", "wijk", "gemeente"):
        return {name: np.intersect1d(regions.under(name), release.area.cells) for name in names}
    whose = {"base": str(Base.ALL)} if layer.startswith("thema:") else {"layer": layer}
    table = where(release.protected.table, level=level, **whose)
    table = table.filter(pc.is_valid(table["cells"]))
    found: dict[str, grid.Cells] = {}
    for name, cells in zip(table["zone"].to_pylist(), table["cells"], strict=True):
        if name not in found:
            found[name] = cells.values.to_numpy()
    return found if level == "zone" else _hexagons(found, int(level.removeprefix("res")))


def _hexagons(cells: Mapping[str, grid.Cells], resolution: int) -> Mapping[str, grid.Cells]:
    """Give each unit its own hexagon and those without a unit of their own that lie mainly in it."""
    if not cells:
        return {}
    names = sorted(cells)
    units = np.array([grid.from_hex(name) for name in names], dtype=np.uint64)
    parents = np.concatenate([grid.parent(cells[name], resolution) for name in names])
    owner = np.repeat(np.arange(len(names)), [len(cells[name]) for name in names])
    pairs, count = np.unique(np.stack([parents, owner.astype(np.uint64)]), axis=1, return_counts=True)
    order = np.lexsort((pairs[1], -count, pairs[0]))
    hexagons, first = np.unique(pairs[0][order], return_index=True)
    holder = pairs[1][order][first].astype(int)
    adopted = ~np.isin(hexagons, units)
    return {
        name: np.unique(np.append(hexagons[adopted & (holder == index)], units[index]))
        for index, name in enumerate(names)
    }
