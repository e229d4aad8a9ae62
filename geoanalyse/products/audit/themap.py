"""``kaart.html``: the figures, series, signals and cells in its block of data, without trust in any of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geoanalyse import grid
from geoanalyse.errors import ReleaseError
from geoanalyse.products.audit.figures import Figure, Place, named
from geoanalyse.products.contents import Page, UnreadError, map_block
from geoanalyse.products.kaartblok import numbers
from geoanalyse.products.kaartmodel import HOTSPOTS, STATUSES
from geoanalyse.products.kaartomgeving import GROUND, THOUSAND

Numbers = npt.NDArray[Any]

BLOCK = "application/octet-stream"
HEXAGONAL = ("zone", "cel", "res9", "res8")
_HIDDEN = -2  # of a window


class MapError(ReleaseError):
    """The block of data is not one that geoanalyse made."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One layer of the surroundings at one level.

    Attributes
    ----------
    units : int
        Number of the set of units among those of the map.
    names : list of str
        Of its units.
    value : ndarray of float64, shape (n,)
        NaN where nothing is known.
    seen : ndarray of float64, shape (n,)
        Share of the ground that is known.
    confidence : ndarray of int64, shape (n,), or None
        Of a change: 0 nothing changed, 1 low to 3 high; -1 for none.
    """

    units: int
    names: list[str]
    value: Numbers
    seen: Numbers
    confidence: Numbers | None = None


@dataclass(frozen=True, slots=True)
class TheMap:
    """What a map holds.

    Attributes
    ----------
    header : mapping
        As written; texts and lists of a release.
    figures : dict of Place to Figure
    series : dict of (str, str, str) to int
        Value (-1 no data, -2 withheld) by layer, region and first day of the window.
    cells : dict of (str, str) to ndarray of uint64
        Cells of each zone, by basis and name of the unit; only what is drawn.
    ground : dict of (str, str) to Ground
        The surroundings, by layer and level.
    columns : sequence of ndarray
        All columns, as the header numbers them.
    """

    header: Mapping[str, Any]
    figures: dict[Place, Figure]
    series: dict[tuple[str, str, str], int]
    cells: dict[tuple[str, str], Numbers]
    ground: dict[tuple[str, str], Ground]
    columns: Sequence[Numbers]


def is_map(page: Page) -> bool:
    """Whether a page is a map, and no account."""
    return any(kind == BLOCK for kind, _ in page.blocks)


def read(page: Page) -> TheMap:
    """Read the block of data of a page.

    Raises
    ------
    MapError
        When something in it is missing, or of another kind or size than it should be.
    """
    blocks = ["".join(parts) for kind, parts in page.blocks if kind == BLOCK]
    if len(blocks) != 1:
        raise MapError("heeft meer dan één gegevensblok")
    try:
        header, raw = map_block(blocks[0])
        columns = numbers(header["arrays"], raw)  # type: ignore[arg-type]  # its sizes have been checked
        return TheMap(
            header,
            dict(_figures(header, columns)),
            dict(_series(header, columns)),
            dict(_cells(header, columns)),
            dict(_ground(header, columns)),
            columns,
        )
    except UnreadError as error:
        raise MapError(str(error.args[0])) from None
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError):
        raise MapError("heeft een gegevensblok met een andere opbouw dan geoanalyse maakt") from None


def _figures(header: Mapping[str, Any], columns: Sequence[Numbers]) -> Iterator[tuple[Place, Figure]]:
    for layer in header["layers"]:
        for level, entry in layer["levels"].items():
            names = _names(header["unit_sets"][entry["units"]], columns)
            read = {
                name: _column(columns, entry[name], len(names)).tolist()
                for name in ("addresses", "status", "value", "low", "high", "class", "hotspot", "ratio")
            }
            for position, name in enumerate(names):
                row = {key: values[position] for key, values in read.items()}
                yield (named(layer["id"]), level, name), _figure(row)


def _ground(header: Mapping[str, Any], columns: Sequence[Numbers]) -> Iterator[tuple[tuple[str, str], Ground]]:
    for layer in header.get("surroundings", ()):  # versions before this one had none
        for level, entry in layer["levels"].items():
            units = header["unit_sets"][_place(entry["units"])]
            if (units["level"], units["base"]) != (level, GROUND):
                raise ValueError
            names = _names(units, columns)
            value, seen = (_column(columns, entry[name], len(names)) for name in ("value", "seen"))
            sure = _column(columns, entry["confidence"], len(names)) if "confidence" in entry else None
            told = Ground(entry["units"], names, value.astype(float), seen / THOUSAND, sure)
            yield (named(layer["id"]), level), told


def _figure(row: Mapping[str, Any]) -> Figure:
    return Figure(
        status=STATUSES[_place(row["status"])],
        value=_known(row["value"]),
        addresses=row["addresses"],
        low=_known(row["low"]),
        high=_known(row["high"]),
        step=_known(row["class"]),
        hotspot=None if row["hotspot"] < 0 else HOTSPOTS[row["hotspot"]],
        ratio=None if row["ratio"] != row["ratio"] else row["ratio"],
    )


def _known(value: int) -> int | None:
    return None if value < 0 else value


def _place(value: int) -> int:
    if value < 0:
        raise ValueError
    return value


def _column(columns: Sequence[Numbers], number: int, count: int) -> Numbers:
    column = columns[_place(number)]
    if len(column) != count:
        raise ValueError
    return column


def _names(units: Mapping[str, Any], columns: Sequence[Numbers]) -> list[str]:
    if units["level"] not in HEXAGONAL:
        return [str(code) for code in units["ids"]]
    return grid.to_hex(indexes(units["ids"], columns))


def indexes(pair: Sequence[int], columns: Sequence[Numbers]) -> npt.NDArray[np.uint64]:
    """Give the H3 indexes of which two columns hold the high and the low half."""
    high, low = (columns[_place(number)] for number in pair)
    return (high.astype(np.uint64) << np.uint64(32)) | (low.astype(np.int64) & 0xFFFFFFFF).astype(np.uint64)


def _series(header: Mapping[str, Any], columns: Sequence[Numbers]) -> Iterator[tuple[tuple[str, str, str], int]]:
    codes = [region[0] for region in header["regions"]]
    for layer, entry in header["series"].items():
        starts = [start for start, _ in entry["windows"]]
        places = [codes[_place(number)] for number in columns[_place(entry["regions"])].tolist()]
        values = _column(columns, entry["values"], len(starts) * len(places)).reshape(len(places), len(starts))
        for code, row in zip(places, values.tolist(), strict=True):
            for start, value in zip(starts, row, strict=True):
                yield (named(layer), code, start), value


def _cells(header: Mapping[str, Any], columns: Sequence[Numbers]) -> Iterator[tuple[tuple[str, str], Numbers]]:
    """Give the cells that are drawn for each zone, by basis and name."""
    every = indexes(header["lattices"]["10"]["cells"], columns)
    for units in header["unit_sets"]:
        if units["level"] != "zone":
            continue  # hexagons and regions are drawn by what they are
        names = _names(units, columns)
        of_cell = _column(columns, units["of_cell"], len(every))
        order = np.lexsort((every, of_cell))
        bounds = np.searchsorted(of_cell[order], np.arange(len(names) + 1))
        for position, name in enumerate(names):
            yield (units["base"], name), every[order[bounds[position] : bounds[position + 1]]]
