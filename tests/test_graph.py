"""Neighbours of cells against H3 itself, of units against their cells, and of points against their distances."""

from types import SimpleNamespace

import h3.api.basic_int as h3
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import sparse

from geoanalyse import grid, stats
from geoanalyse.stats import graph

PLACES = {
    "Amsterdam": (52.37, 4.9),
    "the edge of the icosahedron west of Zeeland": (51.6, 2.2),
    "the North Pole": (90.0, 0.0),
    "the date line": (-17.0, 180.0),
}


def by_h3(cells: np.ndarray, width: int) -> set[tuple[int, int]]:
    position = {cell: place for place, cell in enumerate(cells.tolist())}
    return {
        (place, position[other])
        for cell, place in position.items()
        for other in h3.grid_disk(cell, width)
        if other in position and other != cell
    }


def entries(weights: sparse.csr_array) -> set[tuple[int, int]]:
    assert (weights.data == 1).all()
    assert weights.has_sorted_indices
    found = weights.tocoo()
    pairs = set(zip(found.row.tolist(), found.col.tolist(), strict=True))
    assert len(pairs) == weights.nnz  # none twice
    return pairs


def thinned(cells: list[int], keep: float, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    shuffled = random.permutation(np.array(cells, dtype=np.uint64))
    return shuffled[random.random(len(cells)) < keep]


@given(
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 180),
    resolution=st.integers(0, 15),
    width=st.integers(1, 4),
    keep=st.floats(0.1, 1),
    seed=st.integers(0, 2**32),
)
@example(lat=51.6, lon=2.2, resolution=9, width=1, keep=1.0, seed=0)
def test_anywhere_on_earth_neighbours_are_those_of_h3(
    lat: float, lon: float, resolution: int, width: int, keep: float, seed: int
) -> None:
    around = h3.grid_disk(h3.latlng_to_cell(lat, lon, resolution), 7)
    cells = thinned(around, keep, seed)
    assert entries(graph.from_cells(cells, width)) == by_h3(cells, width)


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("resolution", [0, 1, 2, 3, 5, 8, 10])
def test_round_every_pentagon_neighbours_are_those_of_h3(resolution: int, width: int) -> None:
    for number, pentagon in enumerate(h3.get_pentagons(resolution)):
        cells = thinned(h3.grid_disk(pentagon, 6), 0.8, number)
        assert entries(graph.from_cells(cells, width)) == by_h3(cells, width)


@pytest.mark.parametrize("resolution", [0, 1, 2, 3])
def test_of_all_cells_of_the_earth_at_once(resolution: int) -> None:
    cells = np.array([cell for base in h3.get_res0_cells() for cell in h3.cell_to_children(base, resolution)])
    weights = graph.from_cells(cells.astype(np.uint64))
    assert entries(weights) == by_h3(cells, 1)
    degree = np.diff(weights.indptr)
    assert (degree == 5).sum() == 12
    assert (degree == 6).sum() == len(cells) - 12


@pytest.mark.parametrize("resolution", [4, 6, 9])
def test_along_an_edge_between_base_cells(resolution: int) -> None:
    # the cells west of Zeeland from 0 to 4 degrees east: the edge of the icosahedron lies between
    cells = {h3.latlng_to_cell(51.6 + 0.1 * k, lon, resolution) for k in (-1, 0, 1) for lon in np.linspace(0, 4, 300)}
    known = np.array([other for cell in cells for other in h3.grid_disk(cell, 1)], dtype=np.uint64)
    cells = np.random.default_rng(3).permutation(np.unique(known))
    assert entries(graph.from_cells(cells)) == by_h3(cells, 1)


@pytest.mark.parametrize("place", PLACES)
def test_a_wide_ring(place: str) -> None:
    cells = np.array(h3.grid_disk(h3.latlng_to_cell(*PLACES[place], 8), 12), dtype=np.uint64)
    assert entries(graph.from_cells(cells, 9)) == by_h3(cells, 9)


def test_none_one_and_far_apart() -> None:
    assert graph.from_cells(np.empty(0, dtype=np.uint64)).shape == (0, 0)
    assert graph.from_cells([0x8A1969528DAFFFF]).nnz == 0
    apart = [h3.latlng_to_cell(lat, lon, 10) for lat, lon in PLACES.values()]
    assert graph.from_cells(apart).nnz == 0


def test_what_is_no_set_of_cells_of_one_resolution_is_refused() -> None:
    with pytest.raises(ValueError, match="distinct"):
        graph.from_cells([0x8A1969528DAFFFF, 0x8A1969528DAFFFF])
    with pytest.raises(ValueError, match="one resolution"):
        graph.from_cells([0x8A1969528DAFFFF, 0x881969528DFFFFF])
    with pytest.raises(ValueError, match="width"):
        graph.from_cells([0x8A1969528DAFFFF], 0)


@given(seed=st.integers(0, 2**32), count=st.integers(1, 12), width=st.integers(1, 2))
def test_units_touch_where_cells_of_them_do(seed: int, count: int, width: int) -> None:
    random = np.random.default_rng(seed)
    cells = thinned(h3.grid_disk(h3.latlng_to_cell(52.3, 4.9, 10), 5), 0.8, seed)
    unit = random.integers(-1, count, len(cells))
    expected = {
        (int(unit[a]), int(unit[b]))
        for a, b in by_h3(cells, width)
        if unit[a] != unit[b] and min(unit[a], unit[b]) >= 0
    }
    assert entries(graph.from_units(cells, unit, count, width)) == expected


def test_pairs_of_zones_and_of_hexagons_are_positions_in_what_was_given() -> None:
    # the ring of six, two by two, and the middle, which touches all three; the name of a zone is its lowest cell
    middle = h3.latlng_to_cell(52.3, 4.9, 10)
    one, two, three, four, five, six = (
        int(h3.local_ij_to_cell(middle, *np.add(h3.cell_to_local_ij(middle, middle), step)))
        for step in ((1, 0), (1, 1), (0, 1), (-1, 0), (-1, -1), (0, -1))
    )
    groups = sorted([sorted([one, two]), sorted([three, four]), sorted([five, six]), [middle]])
    owner = {cell: number for number, group in enumerate(groups) for cell in group}
    cells = np.array(sorted(owner), dtype=np.uint64)
    zone = np.array([group[0] for group in groups], dtype=np.uint64)
    zones = SimpleNamespace(zone=zone, cell=cells, cell_zone=np.array([owner[cell] for cell in cells.tolist()]))
    every = grid.to_hex(zone[::-1])
    assert stats.neighbour_pairs("zone", every, zones).tolist() == [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]
    outer = [name for name in every if int(name, 16) != middle]
    assert stats.neighbour_pairs("zone", outer[:2], zones).tolist() == [[0, 1]]
    assert stats.neighbour_pairs("zone", [], zones).shape == (0, 2)
    shuffled = cells[[3, 1, 6, 0, 2, 5, 4]]
    pairs = {tuple(pair) for pair in stats.neighbour_pairs("res10", grid.to_hex(shuffled), zones).tolist()}
    assert pairs == {(a, b) for a, b in by_h3(shuffled, 1) if a < b}
    assert len(pairs) == 12


@given(seed=st.integers(0, 2**32), count=st.integers(0, 40), distance=st.floats(0.01, 2))
def test_points_are_neighbours_up_to_the_distance(seed: int, count: int, distance: float) -> None:
    points = np.random.default_rng(seed).random((count, 2))
    apart = np.sqrt(((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2))
    expected = {(int(a), int(b)) for a, b in zip(*np.nonzero(apart <= distance), strict=True) if a != b}
    assert entries(graph.from_points(points, distance)) == expected


def test_points_on_one_spot_are_neighbours() -> None:
    assert graph.from_points([(1, 1), (1, 1), (1, 2)], 0.5).toarray().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize(
    ("points", "distance"), [([(np.nan, 0)], 1), ([(0, np.inf)], 1), ([(0, 0)], 0), ([(0, 0)], -1)]
)
def test_points_and_distances_that_mean_nothing_are_refused(points: list[tuple[float, float]], distance: float) -> None:
    with pytest.raises(ValueError, match="must be"):
        graph.from_points(points, distance)


@pytest.mark.parametrize("pairs", [[[0, 3]], [[-1, 0]], [[1, 1]]])
def test_pairs_that_are_none_are_refused(pairs: list[list[int]]) -> None:
    with pytest.raises(ValueError, match=r"positions|itself"):
        graph.from_pairs(np.array(pairs), 3)


def test_a_pair_counts_once() -> None:
    weights = graph.from_pairs(np.array([[0, 1], [1, 0], [0, 1]]), 2)
    assert weights.toarray().tolist() == [[0, 1], [1, 0]]


@given(seed=st.integers(0, 2**32), count=st.integers(1, 15))
def test_with_and_without_itself_and_standardised(seed: int, count: int) -> None:
    weights = graph.from_points(np.random.default_rng(seed).random((count, 2)), 0.4)
    own = graph.with_self(weights)
    assert (own.toarray() == weights.toarray() + np.eye(count)).all()
    assert (graph.with_self(own).toarray() == own.toarray()).all()
    assert (graph.without_self(own).toarray() == weights.toarray()).all()
    total = graph.row_standardised(weights).sum(axis=1)
    assert total == pytest.approx((np.diff(weights.indptr) > 0).astype(float))
