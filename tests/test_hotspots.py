"""Gi* against published values, and the share of false discoveries."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoanalyse import grid
from geoanalyse.protection import rounded
from geoanalyse.stats import hotspots


def pairs_within(place: np.ndarray, distance: float) -> np.ndarray:
    apart = np.hypot(*(place[:, None, :] - place[None, :, :]).T)
    left, right = np.nonzero(np.triu(apart <= distance + 1e-9, k=1))
    return np.stack([left, right], axis=1)


def test_the_six_points_of_esda() -> None:
    # PySAL esda, tests/test_getisord.py (BSD-3): Gi* with binary weights within 15 of the first point is -1.39727626
    place = np.array([(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)], dtype=float)
    values = np.array([2, 3, 3.2, 5, 8, 7])
    z = hotspots.gi_star(values, pairs_within(place, 15))
    assert z[0] == pytest.approx(-1.39727626, abs=1e-8)


def test_the_grid_of_getis_and_ord_1996(shared) -> None:
    frame = pd.read_csv(shared / "published" / "getisord_1996_grid.csv")
    expected = json.loads((shared / "published" / "getisord_1996_expected.json").read_text())
    columns = list(frame.columns)
    place, values = frame[columns[:2]].to_numpy(dtype=float), frame[columns[2]].to_numpy(dtype=float)
    text = json.dumps(expected)
    assert "1.45078" in text
    z = hotspots.gi_star(values, pairs_within(place, 30.0))
    assert np.abs(z - 1.45078).min() < 1e-5


def test_a_line_by_hand() -> None:
    # mean 0.4, s^2 = 0.24; unit 3 sees itself, 2 and 4: sum 2 against 3 x 0.4
    line = np.array([[0, 1], [1, 2], [2, 3], [3, 4]])
    z = hotspots.gi_star(np.array([0.0, 0.0, 0.0, 1.0, 1.0]), line)
    assert z[3] == pytest.approx((2 - 3 * 0.4) / np.sqrt(0.24 * (5 * 3 - 9) / 4))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), shift=st.floats(-5, 5), scale=st.floats(0.1, 10))
def test_shifting_and_scaling_changes_nothing(seed: int, shift: float, scale: float) -> None:
    random = np.random.default_rng(seed)
    values = random.random(12)
    pairs = pairs_within(random.random((12, 2)), 0.4)
    assert hotspots.gi_star(values * scale + shift, pairs) == pytest.approx(hotspots.gi_star(values, pairs), abs=1e-6)


@pytest.mark.parametrize("values", [np.zeros(5), np.ones(1), np.empty(0)])
def test_equal_values_are_nowhere_hot(values: np.ndarray) -> None:
    pairs = np.empty((0, 2), dtype=np.int64)
    assert (hotspots.gi_star(values, pairs) == 0).all()
    assert (hotspots.classes(values, pairs) == "geen").all()


@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_q_values_keep_the_order_and_are_never_below_p(p: list[float]) -> None:
    found = np.array(p)
    q = hotspots.benjamini_hochberg(found)
    assert (q >= found - 1e-12).all()
    assert (q <= 1).all()
    order = np.argsort(found, kind="stable")
    assert (np.diff(q[order]) >= -1e-12).all()


def lattice(size: int) -> tuple[np.ndarray, np.ndarray]:
    easting, northing = np.meshgrid(118_000 + np.arange(size) * 100.0, 478_000 + np.arange(size) * 100.0)
    cells = np.unique(grid.cells_at(easting.ravel(), northing.ravel()))
    return cells, grid.touching_pairs(cells)


@pytest.mark.parametrize(("rate", "base"), [(0.13, 3), (0.014, 5), (0.005, 5)])
def test_where_nothing_stands_out_almost_nothing_is_called(rate: float, base: int) -> None:
    # every unit has the same rate: under that null any call is false, and there should be one in few maps
    cells, pairs = lattice(40)
    maps_with_a_call = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        addresses = np.maximum(10, random.gamma(1.0, 45.0, len(cells))).astype(np.int64)
        value = rounded(random.poisson(rate * addresses), random.integers(0, base, len(cells)), base)
        score = hotspots.standardised(value, addresses, rate, base, np.ones(len(cells)))
        maps_with_a_call += int((hotspots.classes(score, pairs) != "geen").any())
    assert maps_with_a_call <= 12


def test_a_planted_concentration_is_found() -> None:
    cells, pairs = lattice(40)
    random = np.random.default_rng(1)
    addresses = np.maximum(10, random.gamma(1.0, 45.0, len(cells))).astype(np.int64)
    centre = grid.centres(cells)
    apart = np.hypot(*((centre - centre[len(cells) // 2]) * [68_000, 111_000]).T)
    planted = apart < 450
    value = rounded(random.poisson(np.where(planted, 0.06, 0.014) * addresses), random.integers(0, 5, len(cells)), 5)
    rate = value.sum() / addresses.sum()
    found = hotspots.classes(hotspots.standardised(value, addresses, rate, 5, np.ones(len(cells))), pairs) == "hotspot"
    near = apart < 650
    assert found[planted].mean() > 0.5
    assert (found & ~near).sum() <= 0.1 * found.sum()
