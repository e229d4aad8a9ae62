"""Local statistics against published values, sums worked out on paper, and each other."""

import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from geoanalyse.stats import graph, local

SIX = np.array([(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)], dtype=float)
SIX_VALUES = np.array([2, 3, 3.2, 5, 8, 7])


def test_the_six_points_of_esda() -> None:
    # PySAL esda, esda/tests/test_getisord.py (BSD-3): binary weights within 15, z of the first point
    weights = graph.from_points(SIX, 15)
    assert local.gi(SIX_VALUES, weights)[0] == pytest.approx(-1.0136729, abs=1e-7)
    assert local.gi_star(SIX_VALUES, graph.with_self(weights))[0] == pytest.approx(-1.39727626, abs=1e-8)


def test_the_grid_of_getis_and_ord_1996(shared: Path) -> None:
    # spdep, localG (data of spData, CC0): the cell at x = y = 210
    frame = pd.read_csv(shared / "published" / "getisord_1996_grid.csv")
    place, values = frame[["x", "y"]].to_numpy(), frame["val"].to_numpy()
    marked = np.flatnonzero((place == 210).all(axis=1))
    published = {30: 1.221979, 60: 1.748098, 90: 1.986135, 120: 1.893374, 150: 1.237454}
    for distance, z in published.items():
        assert local.gi(values, graph.from_points(place, distance))[marked] == pytest.approx(z, abs=1e-6)
    near = graph.with_self(graph.from_points(place, 30))
    assert local.gi_star(values, near)[marked] == pytest.approx(1.45078, abs=1e-5)


def test_local_morans_i_adds_up_to_morans_i() -> None:
    values = np.arange(1.0, 10)
    lattice = graph.from_points(list(itertools.product(range(3), range(3))), 1)
    away = values - values.mean()
    whole = 9 / lattice.sum() * (away @ (lattice @ away)) / (away @ away)
    assert local.moran(values, lattice).statistic.sum() == pytest.approx(lattice.sum() * whole)


def test_two_units_have_a_statistic_but_nothing_to_permute() -> None:
    found = local.moran([0, 1], graph.from_pairs(np.array([[0, 1]]), 2))
    assert found.statistic == pytest.approx([-1, -1])
    assert np.isnan(found.z).all()


@given(seed=st.integers(0, 2**32))
def test_moments_are_those_of_all_permutations(seed: int) -> None:
    random = np.random.default_rng(seed)
    values, weights = random.random(6), random.random((6, 6)) * (random.random((6, 6)) < 0.6)
    np.fill_diagonal(weights, 0)
    found = local.moran(values, sparse.csr_array(weights))
    away = (values - values.mean()) / values.std()
    sums = np.array([[0, *order] for order in itertools.permutations(range(1, 6))])
    every = away[0] * (away[sums] @ weights[0])
    assert found.expected[0] == pytest.approx(every.mean(), abs=1e-9)
    if np.isfinite(found.variance[0]):
        assert found.variance[0] == pytest.approx(every.var(), abs=1e-9)


@given(seed=st.integers(0, 2**32), shift=st.floats(-5, 5), scale=st.floats(0.1, 10))
def test_shifting_and_scaling_changes_nothing(seed: int, shift: float, scale: float) -> None:
    random = np.random.default_rng(seed)
    values, weights = random.random(12), graph.with_self(graph.from_points(random.random((12, 2)), 0.4))
    moved = local.gi_star(values * scale + shift, weights)
    assert moved == pytest.approx(local.gi_star(values, weights), abs=1e-6, nan_ok=True)


@pytest.mark.parametrize("count", [0, 1, 5])
def test_one_value_everywhere_says_nothing(count: int) -> None:
    weights = graph.from_pairs(np.array([[0, 1]] if count > 1 else np.empty((0, 2))), count)
    for values in (np.zeros(count), np.full(count, 0.1)):
        assert np.isnan(local.gi(values, weights)).all()
        assert np.isnan(local.gi_star(values, graph.with_self(weights))).all()
        assert np.isnan(local.moran(values, weights).z).all()
        assert (local.gi_permuted_p(values, weights, 9, 1) == 1).all()


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused(wrong: float) -> None:
    weights = graph.from_pairs(np.array([[0, 1]]), 3)
    with pytest.raises(ValueError, match="finite"):
        local.gi([wrong, 1, 2], weights)
    with pytest.raises(ValueError, match="finite"):
        local.gi_permuted_p([wrong, 1, 2], weights, 9, 1)


def test_p_values_come_near_those_of_all_permutations_and_repeat() -> None:
    values = np.array([5.0, 4, 1, 0, 2, 7, 3, 6])
    weights = graph.from_pairs(np.array([[0, 5], [0, 7], [1, 2], [3, 4]]), 8)
    sums = np.array([values[list(pair)].sum() for pair in itertools.combinations(range(1, 8), 2)])
    exact = 2 * (sums >= values[5] + values[7]).mean()  # of unit 0: one pair of 21
    p = local.gi_permuted_p(values, weights, 19_999, 4)
    assert p[0] == pytest.approx(exact, abs=0.01)
    assert p[6] == 1  # no neighbours
    assert (p == local.gi_permuted_p(values, weights, 19_999, 4)).all()


@pytest.mark.parametrize("size", [500, 200])
def test_robberies_in_memphis(size: int, shared: Path) -> None:
    # sfhotspot, hotspot_gistar (MIT): the first ten cells of the grid
    shapely, pyproj = pytest.importorskip("shapely"), pytest.importorskip("pyproj")
    frame = pd.read_csv(shared / "published" / "memphis_robberies_2019_jan.csv")
    known = json.loads((shared / "published" / "memphis_expected.json").read_text(encoding="utf-8"))[f"cell_{size}"]
    metres = pyproj.Transformer.from_crs(4326, 32615, always_xy=True).transform(frame["lon"], frame["lat"])
    points = np.column_stack(metres)
    hull = shapely.MultiPoint(points).convex_hull.buffer(size / 2)
    west, south, east, north = hull.bounds
    x, y = np.meshgrid(np.arange(west, east, size), np.arange(south, north, size))
    kept = shapely.intersects(shapely.box(x, y, x + size, y + size), hull)
    column, row = ((points - [west, south]) // size).astype(int).T
    total = np.zeros(x.shape)
    np.add.at(total, (row, column), 1)
    corner, count = np.column_stack([x[kept], y[kept]]), total[kept]
    assert len(count) == known["n_cells"]
    z = local.gi_star(count, graph.with_self(graph.from_points(corner, size * 1.5)))
    assert count[:10].tolist() == known["n_first10"]
    assert z[:10] == pytest.approx(known["gistar_first10"], rel=2e-3, abs=6e-4)
    assert local.normal_p(z[:10]) == pytest.approx(known["pvalue_first10"], rel=4e-3)
