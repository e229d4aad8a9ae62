"""From everything that is published to the rows about one area; no value changes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geoanalyse.geography import LEVELS, SHOWN, Geography, add_up, atoms, levels_of, units
from geoanalyse.layer import Atom, Base, Layer
from geoanalyse.published import Protected

Bools = npt.NDArray[np.bool_]


def choose(geography: Geography, cells: npt.NDArray[np.uint64]) -> tuple[dict[Base, Bools], tuple[int, int]]:
    """Choose the zones of which most addresses lie in these cells, for every base.

    Returns
    -------
    chosen : dict of Base to ndarray of bool, shape (zones,)
    snapped : tuple of int
        Addresses outside the cells that come in with a whole zone, and addresses inside that fall out.
    """
    chosen = {}
    snapped = (0, 0)
    for base, zones in geography.zones.base.items():
        in_cells = np.where(np.isin(zones.cell, cells), zones.cell_addresses, 0)
        inside = add_up(zones.cell_zone, in_cells, len(zones.zone))
        chosen[base] = 2 * inside > zones.addresses
        if base is Base.ALL:
            snapped = (
                int((zones.addresses - inside)[chosen[base]].sum()),
                int(inside[~chosen[base]].sum()),
            )
    return chosen, snapped


def in_gemeenten(
    protected: Protected, layers: Sequence[Layer], geography: Geography, chosen: Mapping[Base, Bools]
) -> Protected:
    """Keep the rows of the gemeenten in which the chosen zones lie: the region an area is compared with.

    A hexagon that is the atom of a layer belongs to it as soon as one of its zones does.
    """
    regions = geography.regions
    gemeente = regions.at_level("gemeente")
    wanted = np.unique(gemeente[geography.zones.base[Base.ALL].region[chosen[Base.ALL]]])
    codes = [code for index, code in enumerate(regions.codes) if gemeente[index] in wanted]
    keep = pc.is_in(protected.table["gebiedscode"], value_set=pa.array(codes, pa.string()))
    for layer in layers:
        if layer.atom in (Atom.RES9, Atom.RES8):
            zones = geography.zones.base[layer.base]
            smallest = atoms(zones, regions, layer.atom)
            inside = np.isin(gemeente[zones.region], wanted)
            reached = pa.array([smallest.ids[unit] for unit in np.unique(smallest.of_zone[inside])], pa.string())
            mine = pc.and_(pc.equal(protected.table["layer"], layer.id), pc.is_in(protected.table["zone"], reached))
            keep = pc.or_(keep, pc.and_(mine, pc.equal(protected.table["level"], str(layer.atom))))
    return replace(protected, table=protected.table.filter(keep))


def in_area(
    protected: Protected, layers: Sequence[Layer], geography: Geography, chosen: Mapping[Base, Bools]
) -> Protected:
    """Keep the rows of the units that belong to the chosen zones; no value changes."""
    keep = np.zeros(protected.table.num_rows, dtype=bool)
    row_layer = np.array(protected.table["layer"].to_pylist(), dtype=object)
    row_level = np.array(protected.table["level"].to_pylist(), dtype=object)
    row_unit = np.array(protected.table["zone"].to_pylist(), dtype=object)
    for layer in layers:
        for level, wanted in units_in(layer, geography, chosen).items():
            rows = np.flatnonzero((row_layer == layer.id) & (row_level == level))
            keep[rows] = [unit in wanted for unit in row_unit[rows]]
    return replace(protected, table=protected.table.filter(pa.array(keep)))


def units_in(layer: Layer, geography: Geography, chosen: Mapping[Base, Bools]) -> dict[str, set[str]]:
    """Give per level the units of a layer that belong to the chosen zones.

    A unit belongs when most of its addresses are chosen; a hexagon that is the atom of a layer, and a gemeente,
    already when any zone of it is, so that a small area still shows the layer.
    """
    zones, regions = geography.zones.base[layer.base], geography.regions
    smallest = atoms(zones, regions, layer.atom)
    found: dict[str, set[str]] = {}
    for level in LEVELS:
        hidden = level not in SHOWN[layer.atom]
        wider = units(zones, regions, Atom.ZONE if hidden else layer.atom, level)
        weight = add_up(wider.of_zone, np.where(chosen[layer.base], zones.addresses, 0), len(wider.ids))
        most = weight > 0 if level == "gemeente" else 2 * weight > wider.addresses
        found[level] = {unit for unit, kept in zip(wider.ids, most.tolist(), strict=True) if kept}
    weight = add_up(smallest.of_zone, np.where(chosen[layer.base], zones.addresses, 0), len(smallest.ids))
    touched = weight > 0 if layer.atom in (Atom.RES9, Atom.RES8) else 2 * weight > smallest.addresses
    levels = levels_of(smallest, regions)
    for unit, level, kept in zip(smallest.ids, levels.tolist(), touched.tolist(), strict=True):
        if kept:
            found[level].add(unit)
    return found
