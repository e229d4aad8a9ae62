"""What must hold of the places and windows themselves: each stands once, none overlaps, none is cut."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from geoanalyse.geography import REGION_LEVELS
from geoanalyse.layer import Unit
from geoanalyse.products.audit.table import Ints, Published
from geoanalyse.products.audit.units import flattened, inside

_MONTHS = {1: Unit.MONTH, 3: Unit.QUARTER, 12: Unit.YEAR}


def broken(rows: Published) -> Iterator[str]:
    """Name what is wrong with the places and windows, with how many rows are.

    Parameters
    ----------
    rows : Published
    """
    for law, count in (*_of_rows(rows), *_of_zones(rows), *_of_windows(rows)):
        if count:
            yield f"{count} rijen: {law}"


def _of_rows(rows: Published) -> Iterator[tuple[str, int]]:
    unit = _codes(rows.layer, rows.level, rows.zone)
    window = _codes(unit, rows.start, rows.end)
    yield "een plek staat er twee keer in, met dezelfde laag en periode", len(rows) - len(np.unique(window))
    yield "een laag telt op meer dan één basis van adressen", _differing(_codes(rows.layer), _codes(rows.basis))
    facts = _codes(rows.addresses, rows.buildings, rows.gebiedscode, rows.basis)
    yield "een plek verandert in de loop van de tijd", _differing(unit, facts)
    zones = np.flatnonzero((rows.level == "zone") & rows.celled)
    same = _codes(rows.basis[zones], rows.zone[zones])
    _, first, place = np.unique(same, return_index=True, return_inverse=True)
    like = zones[first][place]  # the first row of the same zone
    wide = rows.wide
    odd = (facts[zones] != facts[like]) | (wide[zones] != wide[like])
    alike = np.flatnonzero(~odd)
    cells, owner = flattened(rows, zones[alike])
    odd[alike[owner[cells != flattened(rows, like[alike])[0]]]] = True
    yield "een zone is niet in elke laag dezelfde", int(odd.sum())


def _of_zones(rows: Published) -> Iterator[tuple[str, int]]:
    """Zones of one base share no cell; a hexagon is a union of them, and shares none with its neighbours."""
    for basis in sorted(set(rows.basis.tolist())):
        mine = rows.whole & (rows.basis == basis) & rows.celled
        zones = np.flatnonzero(mine & (rows.level == "zone"))
        zones = zones[np.unique(_codes(rows.zone[zones]), return_index=True)[1]]
        yield "zones overlappen elkaar", _shared(rows, zones)
        for level in ("res9", "res8"):
            hexagons = np.flatnonzero(mine & (rows.level == level))
            yield "een hexagon neemt een deel van een zone, en niet de hele", len(inside(rows, zones, hexagons)[1])
            for layer in sorted(set(rows.layer[hexagons].tolist())):
                yield "hexagonen overlappen elkaar", _shared(rows, hexagons[rows.layer[hexagons] == layer])


def _shared(rows: Published, chosen: Ints) -> int:
    """Count rows with a cell that another of them has too."""
    cells, owner = flattened(rows, chosen)
    _, place, times = np.unique(cells, return_inverse=True, return_counts=True)
    return len(np.unique(owner[times[place] > 1]))


def _of_windows(rows: Published) -> Iterator[tuple[str, int]]:
    series = ~rows.whole
    yield "een verloop van iets anders dan een gebied", int((series & ~np.isin(rows.level, REGION_LEVELS)).sum())
    for layer in sorted(set(rows.layer[series].tolist())):
        mine = np.flatnonzero(series & (rows.layer == layer))
        windows = sorted(set(zip(rows.start[mine].tolist(), rows.end[mine].tolist(), strict=True)))
        if not _is_calendar(windows, rows):
            yield f"de laag {layer} heeft geen aaneengesloten maanden, kwartalen of jaren", len(mine)
        _, times = np.unique(_codes(rows.level[mine], rows.zone[mine]), return_counts=True)
        yield "een verloop waarin een deel van de periode ontbreekt", int((times != len(windows)).sum())


def _is_calendar(windows: Sequence[tuple[Any, Any]], rows: Published) -> bool:
    """Whether windows are calendar units of one kind that fill the period, one after another."""
    edges = [start for start, _ in windows] + [windows[-1][1]]
    if list(pairwise(edges)) != list(windows):
        return False
    if (edges[0], edges[-1]) != rows.period or any(edge.day != 1 for edge in edges):
        return False
    months = {12 * (end.year - start.year) + end.month - start.month for start, end in windows}
    return len(months) == 1 and months <= set(_MONTHS) and (edges[0].month - 1) % months.pop() == 0


def _codes(*columns: np.ndarray) -> Ints:
    """Give each distinct combination of columns a number."""
    code = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        if column.dtype == object:
            own = np.asarray(pa.array(column, pa.string()).dictionary_encode().indices, dtype=np.int64)
        else:
            own = np.unique(column, return_inverse=True)[1]
        code = np.unique(code * (int(own.max(initial=0)) + 1) + own, return_inverse=True)[1]
    return code


def _differing(unit: Ints, facts: Ints) -> int:
    """Count units with more than one set of facts."""
    pairs = np.unique(np.stack([unit, facts]), axis=1)
    return int((np.unique(pairs[0], return_counts=True)[1] > 1).sum())
