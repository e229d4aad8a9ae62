"""The least and the greatest exact count that a published value leaves possible, worked out from the table alone.

``zones.parquet`` names no margins; the map, the list and the GeoPackage do. What they say must follow from here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from geoanalyse.products.audit.laws import proven, reach
from geoanalyse.products.audit.settings import Setting
from geoanalyse.products.audit.table import Ints, Published
from geoanalyse.products.audit.units import OfLayer

OPEN = -1
"""Highest count of a value that says "or more"."""


@dataclass(frozen=True, slots=True)
class Margin:
    """What the least and the greatest count of a row can be; a total that was moved has two answers for each."""

    low: frozenset[int]
    high: frozenset[int]


def bounds(rows: Published, atoms: Ints, setting: Setting) -> tuple[Ints, Ints]:
    """Give the least and greatest exact (capped) count of units that were rounded by themselves.

    A unit that was joined from several has the widest bounds that its terms allow.
    """
    value, off, most = rows.value[atoms], reach(rows)[atoms], rows.addresses[atoms] * setting.clamp
    low = np.maximum(0, value - off)
    high = np.where(rows.status[atoms] == "cap", value, np.minimum(most, value + off))
    return low, np.maximum(high, low)


def margins(rows: Published, found: Sequence[OfLayer], settings: Mapping[str, Setting]) -> dict[int, Margin]:
    """Give the margin of each row of which it follows from the table.

    Parameters
    ----------
    rows : Published
    found : sequence of OfLayer
    settings : mapping of str to Setting

    Returns
    -------
    dict of int to Margin
        By row. Left out are rows that were made from units outside the area, and units joined from several.
    """
    known: dict[int, Margin] = {}
    off, proved = reach(rows), proven(rows)
    for each in (each for each in found if each.layer in settings):
        setting = settings[each.layer]
        low, high = bounds(rows, each.atoms, setting)
        if setting.part_of is not None:  # a value lowered to fit the whole layer has no upper limit of its own
            high = rows.addresses[each.atoms] * setting.clamp
        position = {row: place for place, row in enumerate(each.atoms.tolist())}
        for row, place in position.items():
            if rows.terms[row] == 1:
                top = {int(high[place]), int(min(rows.addresses[row] * setting.clamp, rows.value[row] + off[row]))}
                known[row] = _margin(rows, row, {int(low[place])}, top)
        for unit in each.made:
            if not unit.whole or (rows.terms[unit.atoms] > 1).any() or setting.part_of is not None:
                continue
            inner = [position[row] for row in unit.atoms.tolist()]
            least, most, value = int(low[inner].sum()), int(high[inner].sum()), int(rows.value[unit.row])
            if rows.rounding[unit.row] == "som":
                known[unit.row] = _margin(rows, unit.row, {least}, {most})
            else:  # a total that was moved says nothing on the side it came from
                reached = int(off[unit.row])
                lows = {min(value, least), min(value, max(least, int(proved[unit.row])))}
                highs = {max(value, most), max(value, min(most, value + reached))}
                known[unit.row] = _margin(rows, unit.row, lows, highs)
    return known


def _margin(rows: Published, row: int, low: set[int], high: set[int]) -> Margin:
    return Margin(frozenset(low), frozenset({OPEN} if rows.status[row] == "cap" else high))
