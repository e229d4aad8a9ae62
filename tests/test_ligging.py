"""In which part of a region a place lies: every quarter of the compass, and what has none."""

import numpy as np
import pytest

from geoanalyse import grid
from geoanalyse.products.ligging import direction

EAST, NORTH = 126_000.0, 481_000.0
STEPS = np.arange(-1000, 1001, 50)
AROUND = np.unique(grid.cells_at(*(axis.ravel() for axis in np.meshgrid(EAST + STEPS, NORTH + STEPS))))


@pytest.mark.parametrize(
    ("east", "north", "word"),
    [
        (900, 0, "oosten"),
        (700, 700, "noordoosten"),
        (0, 900, "noorden"),
        (-700, 700, "noordwesten"),
        (-900, 0, "westen"),
        (-700, -700, "zuidwesten"),
        (0, -900, "zuiden"),
        (700, -700, "zuidoosten"),
        (0, 0, "midden"),
        (200, -200, "midden"),
    ],
)
def test_a_place_lies_where_the_compass_says(east: float, north: float, word: str) -> None:
    assert direction(grid.cells_at([EAST + east], [NORTH + north]), AROUND) == word


def test_the_middle_of_a_place_of_several_cells_counts() -> None:
    both_ends = grid.cells_at([EAST - 900, EAST + 900], [NORTH, NORTH])
    assert direction(both_ends, AROUND) == "midden"


def test_without_cells_there_is_no_part() -> None:
    nothing = np.empty(0, dtype=np.uint64)
    assert direction(nothing, AROUND) == ""
    assert direction(AROUND[:1], nothing) == ""
    assert direction(AROUND[:1], AROUND[:1]) == ""
