"""Calls of hot and cold: tails against simulation, and the share of false discoveries."""

import numpy as np
import pytest

from geoanalyse import grid
from geoanalyse.rounding import rounded
from geoanalyse.stats import hotspots
from geoanalyse.stats.rates import Prior, Published, fit_prior


def lattice(size: int) -> tuple[np.ndarray, np.ndarray]:
    easting, northing = np.meshgrid(118_000 + np.arange(2 * size) * 55.0, 478_000 + np.arange(2 * size) * 55.0)
    cells = np.unique(grid.cells_at(easting.ravel(), northing.ravel()))
    return cells, grid.near_pairs(cells)


def seen(value: np.ndarray, addresses: np.ndarray, base: int) -> Published:
    return Published(value, addresses, np.zeros(len(value), dtype=bool), base, np.ones(len(value), dtype=np.int64))


@pytest.mark.parametrize(("mean", "seen_total"), [(40.0, 300), (40.0, 180)])
def test_large_totals_have_about_the_same_tails_worked_out_and_approximated(
    mean: float, seen_total: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    prior = Prior(3.0, 300.0 / 4)
    addresses = np.full(4, int(mean / (prior.shape / prior.addresses)))
    published = seen(np.array([seen_total, 0, 0, 0]), addresses, 3)
    weights = hotspots.closed(np.array([[0, 1], [0, 2], [0, 3]]), 4)
    exact = hotspots.tails(published, prior, weights)
    monkeypatch.setattr(hotspots, "_LENGTHS", ())
    about = hotspots.tails(published, prior, weights)
    assert about[0][0] == pytest.approx(exact[0][0], rel=0.1)
    assert about[1][0] == pytest.approx(exact[1][0], rel=0.1)


def test_the_tail_of_two_neighbours_is_the_convolution_of_their_distributions() -> None:
    prior = Prior(1.3, 40.0)
    published = seen(np.array([10, 0]), np.array([30, 22]), 5)
    upper, lower = hotspots.tails(published, prior, hotspots.closed(np.array([[0, 1]]), 2))
    random = np.random.default_rng(0)
    rate = random.gamma(prior.shape, 1 / prior.addresses, (400_000, 2))
    count = random.poisson(rate * [30, 22])
    total = rounded(count, random.integers(0, 5, count.shape), 5).sum(axis=1)
    assert upper[0] == pytest.approx((total >= 10).mean(), rel=0.03)
    assert lower[0] == pytest.approx((total <= 10).mean(), rel=0.01)


@pytest.mark.parametrize("shape", [1e6, 1.0])
@pytest.mark.parametrize(("rate", "base"), [(0.13, 3), (0.014, 5), (0.005, 5)])
def test_where_nothing_stands_together_hardly_anything_is_called(rate: float, base: int, shape: float) -> None:
    # units with one rate, or with rates of their own but no pattern: every call is false
    cells, pairs = lattice(36)
    maps_with_a_call = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        addresses = np.maximum(10, random.gamma(1.0, 45.0, len(cells))).astype(np.int64)
        truth = random.gamma(shape, rate / shape, len(cells))
        value = rounded(random.poisson(truth * addresses), random.integers(0, base, len(cells)), base)
        published = seen(value, addresses, base)
        maps_with_a_call += int((hotspots.classes(published, fit_prior([published]), pairs) != "geen").any())
    assert maps_with_a_call <= 5  # 5 % of 40 is 2; more than 5 has a chance of 1 %


def test_a_planted_concentration_is_found() -> None:
    cells, pairs = lattice(40)
    random = np.random.default_rng(1)
    addresses = np.maximum(10, random.gamma(1.0, 45.0, len(cells))).astype(np.int64)
    centre = grid.centres(cells)
    apart = np.hypot(*((centre - centre[len(cells) // 2]) * [68_000, 111_000]).T)
    planted = apart < 450
    truth = np.where(planted, 0.14, 0.014)
    value = rounded(random.poisson(truth * addresses), random.integers(0, 5, len(cells)), 5)
    published = seen(value, addresses, 5)
    found = hotspots.classes(published, fit_prior([published]), pairs) == "hotspot"
    assert found[planted].mean() > 0.5
    assert (found & (apart > 650)).sum() <= 0.1 * found.sum()
