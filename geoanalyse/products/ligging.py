"""In which part of a region a place lies, in words."""

import numpy as np

from geoanalyse import grid
from geoanalyse.geography import Regions
from geoanalyse.signals import Signal

_WINDS = ("oosten", "noordoosten", "noorden", "noordwesten", "westen", "zuidwesten", "zuiden", "zuidoosten")
_MIDDLE = 0.6  # of the average distance of its cells to the middle of the region: nearer is in the middle


def of_signal(signal: Signal, regions: Regions) -> str:
    """Say in which part of its region a signal lies; a signal about a region lies in no part of it."""
    cells = np.array([] if signal.zone == signal.region else signal.cells, dtype=np.uint64)
    return direction(cells, regions.under(signal.region))


def direction(cells: grid.Cells, around: grid.Cells) -> str:
    """Say in which part of a region a place lies, by the middle of its cells.

    Parameters
    ----------
    cells : ndarray of uint64
        Cells of the place.
    around : ndarray of uint64
        Cells of the region.

    Returns
    -------
    str
        A quarter of the compass or ``midden``; empty where one of the two has no cells, or the region only one.

    Examples
    --------
    >>> around = grid.cells_at(*np.meshgrid(np.arange(125000.0, 127000, 50), np.arange(480000.0, 482000, 50)))
    >>> around = np.unique(around)
    >>> [direction(grid.cells_at([east], [north]), around) for east, north in ((126900, 481900), (126000, 481000))]
    ['noordoosten', 'midden']
    """
    if not len(cells) or len(around) < 2:  # noqa: PLR2004 - one cell has no parts
        return ""
    mine, theirs = (np.stack(grid.rd(*grid.centres(each).T), axis=1) for each in (cells, around))
    middle = theirs.mean(axis=0)
    away = mine.mean(axis=0) - middle
    if np.hypot(*away) < _MIDDLE * np.hypot(*(theirs - middle).T).mean():
        return "midden"
    return _WINDS[round(4 * np.arctan2(away[1], away[0]) / np.pi) % 8]
