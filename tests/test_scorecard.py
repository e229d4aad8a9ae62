"""Scores of forecasts: on paper, against choosing in every order, and the coverage of their intervals."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoanalyse.rounding import rounded
from geoanalyse.stats import scorecard
from geoanalyse.stats.rates import Prior, Published
from geoanalyse.stats.scorecard import score


def test_ten_cells_on_paper() -> None:
    # 2 of 10 cells with 12 + 3 of 30 events: PAI 0.5 / 0.2; best two cells hold 12 + 6; the best cell alone 0.4 / 0.1
    later = np.array([12, 3, 6, 4, 2, 1, 1, 1, 0, 0])
    earlier = np.array([10, 8, 5, 5, 4, 3, 2, 1, 1, 1])
    found = score(earlier, later, np.full(10, 0.25), 0.2, earlier=earlier)
    assert found.hit_rate == pytest.approx(0.5)
    assert found.pai == pytest.approx(2.5)
    assert found.pei == pytest.approx(2.5 / 4)
    assert found.pei_star == pytest.approx(15 / 18)
    assert found.rri == pytest.approx((15 / 18) / (30 / 40))
    assert np.isnan(found.low)


def test_the_unit_at_the_border_counts_in_part() -> None:
    assert scorecard.captured([3, 2, 1], [4, 6, 0], [1, 2, 7], 0.2) == pytest.approx(4 + 6 / 2)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9)), min_size=2, max_size=6), st.integers(1, 6))
def test_ties_are_the_mean_over_all_orders(units: list[tuple[int, int]], chosen: int) -> None:
    forecast, later = (np.array(each, dtype=float) for each in zip(*units, strict=True))
    chosen = min(chosen, len(units))
    orders = [order for order in permutations(range(len(units))) if (np.diff(forecast[list(order)]) <= 0).all()]
    mean = np.mean([later[list(order[:chosen])].sum() for order in orders])
    assert scorecard.captured(forecast, later, np.ones(len(units)), chosen / len(units)) == pytest.approx(mean)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.floats(0.02, 1.0))
def test_no_forecast_beats_the_best_and_no_forecast_is_one(seed: int, share: float) -> None:
    random = np.random.default_rng(seed)
    later, size = random.poisson(2.0, 20), random.integers(1, 9, 20)
    later[0] += 1
    found = score(random.random(20), later, size, share)
    assert 0 <= found.pei <= found.pei_star + 1e-9 <= 1 + 2e-9
    assert score(later / size, later, size, share).pei_star == pytest.approx(1)
    assert score(np.zeros(20), later, size, share).pai == pytest.approx(1)
    assert score(random.random(20), later, size, 1.0).hit_rate == pytest.approx(1)


def test_the_interval_covers_the_expected_hit_rate() -> None:
    forecast, chance = np.arange(40.0), np.random.default_rng(1).dirichlet(np.full(40, 0.7))
    truth = float(scorecard.captured(forecast, chance, np.ones(40), 0.2))
    inside = 0
    for seed in range(200):
        random = np.random.default_rng(seed)
        found = score(forecast, random.multinomial(150, chance), np.ones(40), 0.2, rng=random, draws=200)
        inside += found.low <= truth <= found.high
    assert 0.89 <= inside / 200 <= 0.99  # 95 % and three standard errors of 1.5 %, less what 200 draws cost


def test_the_interval_of_published_values_is_wider_and_covers() -> None:
    prior, addresses = Prior(1.2, 30.0), np.full(60, 100)
    inside, wider = 0, 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        chance = random.gamma(1.2, 1 / 30.0, 60)
        exact = np.minimum(random.poisson(chance * addresses), addresses)
        value = rounded(exact, random.integers(0, 5, 60), 5)
        seen = Published(value, addresses, value < 0, 5, np.ones(60, dtype=np.int64))
        found = score(np.arange(60), seen, addresses, 0.2, prior=prior, rng=random, draws=200)
        plain = score(np.arange(60), exact, addresses, 0.2, rng=random, draws=200)
        inside += found.low <= chance[48:].sum() / chance.sum() <= found.high
        wider += found.high - found.low > plain.high - plain.low
    assert inside >= 51  # 95 % of 60 is 57; fewer than 51 has a chance below 1 %
    assert wider >= 45


def corners(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Every combination of ends; a fraction of sums is at its least and its most at one of them."""
    return np.array(np.meshgrid(*zip(low, high, strict=True))).reshape(len(low), -1).T


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 7))
def test_bounds_are_those_of_every_combination(seed: int, count: int) -> None:
    """With equal forecasts, units of no size, counts that may be 0, and counts that are known."""
    random = np.random.default_rng(seed)
    low = random.integers(0, 3, count)
    high = low + random.integers(0, 4, count)
    high[0] += 1
    size = random.integers(0, 4, count)
    size[0] += 1
    forecast, share = random.integers(0, 3, count), float(random.uniform(0.02, 1.0))
    every = corners(low, high)
    every = every[every.sum(axis=1) > 0]
    rates = scorecard.captured(forecast, every, size, share) / every.sum(axis=1)
    found = scorecard.bounds(forecast, low, high, size, share)
    assert found == pytest.approx((rates.min(), rates.max()))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32))
def test_a_difference_of_two_choices_is_bounded_by_every_combination_and_no_count_lies_outside(seed: int) -> None:
    random = np.random.default_rng(seed)
    low = random.integers(0, 3, 6)
    high = low + random.integers(1, 4, 6)
    one, other = (scorecard.parts_chosen(random.integers(0, 3, 6).astype(float), np.ones(6), 0.4) for _ in range(2))
    every = corners(low, high)
    every = every[every.sum(axis=1) > 0]
    gains = every @ (one - other) / every.sum(axis=1)
    found = scorecard.extremes(one - other, low.astype(float), high.astype(float))
    assert found == pytest.approx((gains.min(), gains.max()))
    some = random.integers(low, high + 1, (50, 6))
    some = some[some.sum(axis=1) > 0]
    inside = some @ (one - other) / some.sum(axis=1)
    assert (inside >= found[0] - 1e-12).all()
    assert (inside <= found[1] + 1e-12).all()


def test_nothing_can_have_happened_has_no_bounds() -> None:
    assert np.isnan(scorecard.bounds([2, 1], [0, 0], [0, 0], [1, 1], 0.5)).all()


def test_no_later_events_have_no_score() -> None:
    found = score([2, 1], np.zeros(2, dtype=int), np.ones(2), 0.5, rng=np.random.default_rng(1))
    assert np.isnan([found.hit_rate, found.pai, found.pei, found.pei_star, found.low]).all()


@pytest.mark.parametrize(
    ("forecast", "later", "size", "share"),
    [
        ([1, np.nan], [1, 1], [1, 1], 0.5),
        ([1, 2, 3], [1, 1], [1, 1], 0.5),
        ([1, 2], [1, -1], [1, 1], 0.5),
        ([1, 2], [1, 1], [0, 0], 0.5),
        ([1, 2], [1, 1], [1, 1], 0.0),
    ],
)
def test_what_makes_no_sense_is_refused(forecast: list, later: list, size: list, share: float) -> None:
    with pytest.raises(ValueError, match="must"):
        score(forecast, np.array(later), size, share)
