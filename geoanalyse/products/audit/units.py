"""Which rows make up which: the smallest units of a layer, and what every larger unit of it holds."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from geoanalyse.geography import REGION_LEVELS, Regions
from geoanalyse.products.audit.table import Bools, Ints, Published


@dataclass(frozen=True, slots=True)
class Made:
    """A unit, and the smallest units of its layer that it was made from; both as rows of the table.

    ``whole`` says whether all of them are there: part of a hexagon or gemeente may lie outside the area.
    """

    row: int
    atoms: Ints
    whole: bool


@dataclass(frozen=True, slots=True)
class OfLayer:
    """The rows with a figure of one layer over the whole period.

    Attributes
    ----------
    layer : str
    atoms : ndarray of int64
        Its smallest units: what is rounded by itself.
    made : tuple of Made
        Its larger units: hexagons, then regions from fine to coarse.
    split : ndarray of int64
        Hexagons that take a part of a unit and leave the rest: nothing published ever does.
    """

    layer: str
    atoms: Ints
    made: tuple[Made, ...]
    split: Ints


def of_layers(rows: Published, regions: Regions) -> Iterator[OfLayer]:
    """Find what the larger units of each layer are made from.

    Hexagons by their cells; regions by the smallest region of each unit, as `geography.units` does it.
    """
    alone = rows.whole & (rows.rounding == "zone")
    for layer in sorted(set(rows.layer[alone].tolist())):
        mine = rows.whole & (rows.layer == layer)
        atoms = np.flatnonzero(alone & mine)
        larger = mine & ~alone & rows.shown
        hexagons, split = inside(rows, atoms, np.flatnonzero(larger & rows.celled))
        yield OfLayer(layer, atoms, (*hexagons, *_regions(rows, atoms, larger & ~rows.celled, regions)), split)


def inside(rows: Published, parts: Ints, wholes: Ints) -> tuple[list[Made], Ints]:
    """Find by their cells which of the parts each of the wholes holds; also give wholes that split a part."""
    parts = parts[rows.celled[parts]]
    cells, owner = flattened(rows, parts)
    order = np.argsort(cells, kind="stable")
    cells, owner = cells[order], owner[order]
    wanted, holder = flattened(rows, wholes)
    if not len(cells) or not len(wanted):
        return [Made(int(row), np.empty(0, np.int64), whole=False) for row in wholes], np.empty(0, np.int64)
    spot = np.minimum(np.searchsorted(cells, wanted), len(cells) - 1)
    held = cells[spot] == wanted
    pairs, times = np.unique(np.stack([holder[held], owner[spot[held]]]), axis=1, return_counts=True)
    wide = rows.wide
    complete = times == wide[parts][pairs[1]]
    covered = np.bincount(pairs[0], weights=times, minlength=len(wholes)).astype(np.int64)
    bounds = np.searchsorted(pairs[0], np.arange(len(wholes) + 1))
    made = [
        Made(int(row), parts[pairs[1][start:end]], whole=bool(covered[index] == wide[row]))
        for index, (row, start, end) in enumerate(zip(wholes, bounds, bounds[1:], strict=False))
    ]
    return made, wholes[np.unique(pairs[0][~complete])]


def flattened(rows: Published, chosen: Ints) -> tuple[np.ndarray, Ints]:
    """Give the cells of some rows one after another, and the position in `chosen` that each belongs to."""
    wide = rows.wide[chosen]
    owner = np.repeat(np.arange(len(chosen)), wide)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(wide) - wide, wide)
    return rows.cells[np.repeat(rows.first[:-1][chosen], wide) + within], owner


def _regions(rows: Published, atoms: Ints, larger: Bools, regions: Regions) -> Iterator[Made]:
    members: dict[tuple[str, str], list[int]] = defaultdict(list)
    known = set(regions.codes)
    chains = {code: regions.chain(code) if code in known else {} for code in set(rows.gebiedscode[atoms].tolist())}
    for atom, code in zip(atoms.tolist(), rows.gebiedscode[atoms].tolist(), strict=True):
        for level, holder in chains[code].items():
            members[level, holder].append(atom)
    for level in REGION_LEVELS:
        for row in np.flatnonzero(larger & (rows.level == level)).tolist():
            inner = np.array(members.get((level, rows.zone[row]), []), dtype=np.int64)
            inner = inner[inner != row]
            yield Made(row, inner, whole=int(rows.addresses[inner].sum()) == rows.addresses[row] and len(inner) > 0)
