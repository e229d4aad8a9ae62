"""One score per theme: the weighted mean of how many times the region's rate each layer shows."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

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


@dataclass(frozen=True, slots=True)
class Source:
    """Which figures of a layer the units of a level take theirs from.

    Attributes
    ----------
    level : str
        Level of those figures.
    names : tuple of str, length m
        Units they are about.
    ratio : ndarray of float, shape (m,)
        Times the region's rate.
    share : sparse array, shape (n, m)
        Weight of each figure in that of each unit; rows add up to 1, or are empty where the layer says nothing.
    own : sparse array, shape (n, m)
        The part of `share` that is about the unit itself: the rest comes from units that lie mainly outside it.
    """

    level: str
    names: tuple[str, ...]
    ratio: Floats
    share: sparse.csr_array
    own: sparse.csr_array

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Say about which units the layer says something."""
        known: npt.NDArray[np.bool_] = np.diff(self.share.indptr) > 0
        return known

    @property
    def ratio_per_unit(self) -> Floats:
        """Give the ratio of each unit, shape (n,); NaN where the layer says nothing."""
        return self.over_units(self.ratio)

    def over_units(self, figures: Floats) -> Floats:
        """Take the mean of figures, shape (m,) or (m, k), for each unit; NaN where the layer says nothing."""
        mean: Floats = np.where(self.known if figures.ndim == 1 else self.known[:, None], self.share @ figures, np.nan)
        return mean

    @property
    def own_part(self) -> Floats:
        """Give the part of each unit's ratio about the unit itself, shape (n,); 0 where the ratio is 0 or NaN."""
        ratio = np.nan_to_num(self.ratio_per_unit)
        part: Floats = np.divide(self.own @ self.ratio, ratio, out=np.zeros(len(ratio)), where=ratio > 0)
        return part

    def take(self, units: npt.NDArray[np.bool_]) -> "Source":
        """Give the source of these units, with only the figures that they use."""
        share = self.share[units]
        used = np.unique(share.indices)
        names = tuple(self.names[figure] for figure in used.tolist())
        return Source(self.level, names, self.ratio[used], share[:, used], self.own[units][:, used])


def source(single: pd.DataFrame, layer: Layer, level: str, found: Units, geography: Geography) -> Source:
    """Find where each unit takes the ratio of one layer from: its own row at this level, else the rows over its cells.

    A layer with a coarser atom, or on another base, has no row of its own for a zone; each cell then takes the ratio
    of the smallest unit of the layer that covers it, and the unit the mean over its cells.

    Parameters
    ----------
    single : pandas.DataFrame
        Rows of the layer in the whole region, with their ``ratio``.
    layer : Layer
    level : str
    found : Units
        Units of that level on the base ``alle``.
    geography : Geography
    """
    rows = single[single["ratio"].notna()]
    at_level = rows[rows["level"] == level]
    count = len(found.ids)
    if layer.base is Base.ALL and len(at_level) and level not in _finer_than(layer):
        place = {unit: position for position, unit in enumerate(found.ids)}
        unit = np.array([place.get(name, -1) for name in at_level["zone"]], dtype=np.intp)
        figure = np.flatnonzero(unit >= 0)
        shape = (count, len(at_level))
        share = sparse.csr_array((np.ones(len(figure)), (unit[figure], figure)), shape)
        return Source(level, tuple(at_level["zone"]), at_level["ratio"].to_numpy(dtype=float), share, share)
    return _over_cells(rows, layer, found, geography)


def _over_cells(rows: pd.DataFrame, layer: Layer, found: Units, geography: Geography) -> Source:
    """Take each unit's figure as the mean over its cells, of the atom that covers each."""
    theirs, zones = geography.zones.base[layer.base], geography.zones.base[Base.ALL]
    smallest = atoms(theirs, geography.regions, layer.atom)
    by_unit = dict(zip(rows["zone"], rows["ratio"], strict=True))
    ratio = np.array([by_unit.get(unit, np.nan) for unit in smallest.ids], dtype=float)
    atom = smallest.of_zone[theirs.cell_zone]
    covered = (atom >= 0) & np.isfinite(ratio[atom])
    _, here, there = np.intersect1d(zones.cell, theirs.cell[covered], assume_unique=True, return_indices=True)
    unit, figure = found.of_zone[zones.cell_zone[here]], atom[covered][there]
    inside = unit >= 0
    shape = (len(found.ids), len(ratio))
    cells = sparse.csr_array((np.ones(inside.sum()), (unit[inside], figure[inside])), shape)
    cells.sum_duplicates()
    number = np.repeat(cells.sum(axis=1), np.diff(cells.indptr))
    mainly = 2 * cells.data > np.bincount(atom[covered], minlength=len(ratio))[cells.indices]
    share = sparse.csr_array((cells.data / number, cells.indices, cells.indptr), shape)
    own = sparse.csr_array((share.data * mainly, cells.indices, cells.indptr), shape)
    return Source(str(layer.atom), smallest.ids, np.nan_to_num(ratio), share, own)


def _finer_than(layer: Layer) -> tuple[str, ...]:
    """Levels finer than the atom of the layer, where it has no rows with a value."""
    order = ("zone", "res9", "res8", "buurt", "wijk")
    return order[: order.index(str(layer.atom))]


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


def own_share(sources: Mapping[str, Source], weights: Mapping[str, float]) -> Floats:
    """Give the share of each score that comes from figures of the unit itself, not of a larger unit around it.

    Parameters
    ----------
    sources : mapping of str to Source
    weights : mapping of str to float

    Returns
    -------
    ndarray of float, shape (n,)
        0 to 1; NaN where there is no score, or it is 0.

    Examples
    --------
    Two zones in one buurt: one layer knows the zones, the other only the buurt.

    >>> each, both = sparse.csr_array(np.eye(2)), sparse.csr_array(np.ones((2, 1)))
    >>> zones = Source("zone", ("a", "b"), np.array([3.0, 1.0]), each, each)
    >>> buurt = Source("buurt", ("c",), np.array([2.0]), both, both * 0.0)
    >>> own_share({"x": zones, "y": buurt}, {"x": 1.0, "y": 0.5}).round(3).tolist()
    [0.75, 0.5]
    """
    own = np.zeros(next(iter(sources.values())).share.shape[0])
    total = np.zeros(len(own))
    for layer, one in sources.items():
        counted = weights[layer] * np.minimum(np.nan_to_num(one.ratio_per_unit), HIGHEST_RATIO)
        total += counted
        own += counted * one.own_part
    share: Floats = np.divide(own, total, out=np.full(len(own), np.nan), where=total > 0)
    return share
