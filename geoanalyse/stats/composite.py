"""One score per theme: the weighted mean of how many times the region's rate each layer shows."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoanalyse import grid
from geoanalyse.classes import HIGHEST_RATIO
from geoanalyse.geography import Geography, Units, atoms, units
from geoanalyse.layer import Atom, Base, Layer

Floats = npt.NDArray[np.float64]

LEVELS = ("zone", "res9", "res8", "buurt", "wijk")


def units_at(level: str, geography: Geography) -> Units:
    """Give the units of a level on the base of all addresses."""
    zones = geography.zones.base[Base.ALL]
    return (
        atoms(zones, geography.regions, Atom.ZONE)
        if level == "zone"
        else units(zones, geography.regions, Atom.ZONE, level)
    )


def units_of(level: str, geography: Geography, chosen: npt.NDArray[np.bool_]) -> set[str]:
    """Give the units of a level of which most addresses lie in the chosen zones."""
    found = units_at(level, geography)
    inside = found.of_zone >= 0
    weight = np.where(chosen, geography.zones.base[Base.ALL].addresses, 0)[inside]
    total = np.bincount(found.of_zone[inside], weights=weight, minlength=len(found.ids))
    return {unit for unit, most in zip(found.ids, (2 * total > found.addresses).tolist(), strict=True) if most}


def ratio_per_unit(single: pd.DataFrame, layer: Layer, level: str, found: Units, geography: Geography) -> Floats:
    """Give the ratio of one layer for each unit: its own row at this level, else the mean over the unit's cells.

    A layer with a coarser atom, or on another base, has no row of its own for a zone; each cell then takes the ratio
    of the smallest unit of the layer that covers it.

    Returns
    -------
    ndarray of float, shape (n,)
        NaN where the layer says nothing.
    """
    rows = single[(single["layer"] == layer.id) & single["ratio"].notna()]
    if has_own(single, layer, level):
        at_level = rows[rows["level"] == level]
        own = dict(zip(at_level["zone"], at_level["ratio"], strict=True))
        return np.array([own.get(unit, np.nan) for unit in found.ids], dtype=float)
    cells, ratio = _ratio_per_cell(rows, layer, geography)
    zones = geography.zones.base[Base.ALL]
    _, here, there = np.intersect1d(zones.cell, cells, assume_unique=True, return_indices=True)
    owner = found.of_zone[zones.cell_zone[here]]
    inside = owner >= 0
    count = len(found.ids)
    number = np.bincount(owner[inside], minlength=count)
    total = np.bincount(owner[inside], weights=ratio[there][inside], minlength=count)
    mean: Floats = np.divide(total, number, out=np.full(count, np.nan), where=number > 0)
    return mean


def has_own(single: pd.DataFrame, layer: Layer, level: str) -> bool:
    """Whether a layer has rows of its own for the units of a composite at this level."""
    at_level = (single["layer"] == layer.id) & (single["level"] == level) & single["ratio"].notna()
    return layer.base is Base.ALL and bool(at_level.any()) and level not in _finer_than(layer)


def _finer_than(layer: Layer) -> tuple[str, ...]:
    """Levels finer than the atom of the layer, where it has no rows with a value."""
    order = ("zone", "res9", "res8", "buurt", "wijk")
    return order[: order.index(str(layer.atom))]


def _ratio_per_cell(rows: pd.DataFrame, layer: Layer, geography: Geography) -> tuple[grid.Cells, Floats]:
    """Ratio of the atom that covers each cell; cells ascending."""
    zones = geography.zones.base[layer.base]
    smallest = atoms(zones, geography.regions, layer.atom)
    by_unit = dict(zip(rows["zone"], rows["ratio"], strict=True))
    ratio = np.array([by_unit.get(unit, np.nan) for unit in smallest.ids], dtype=float)
    of_cell = ratio[smallest.of_zone[zones.cell_zone]]
    known = np.isfinite(of_cell)
    return zones.cell[known], of_cell[known]


def weighted(ratio: Mapping[str, Floats], weights: Mapping[str, float]) -> Floats:
    """Give the weighted mean of the ratios over the layers that say something, NaN where none does.

    Examples
    --------
    >>> ratio = {"a": np.array([1.0, 9.0, np.nan]), "b": np.array([2.0, np.nan, np.nan])}
    >>> weighted(ratio, {"a": 1.0, "b": 3.0}).tolist()
    [1.75, 5.0, nan]
    """
    total = np.zeros(len(next(iter(ratio.values()))))
    weight = np.zeros(len(total))
    for layer, values in ratio.items():
        known = np.isfinite(values)
        total[known] += weights[layer] * np.minimum(values[known], HIGHEST_RATIO)
        weight[known] += weights[layer]
    mean: Floats = np.divide(total, weight, out=np.full(len(total), np.nan), where=weight > 0)
    return mean
