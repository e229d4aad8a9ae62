"""Local priors, standardised ratios and empirical Bayes: by hand, against published rates, and by coverage."""

import numpy as np
import pytest

from geoanalyse.rounding import rounded
from geoanalyse.stats.rates import (
    Prior,
    Priors,
    Published,
    fit_prior,
    fit_priors,
    neighbourhood_means,
    posterior,
    posterior_each,
    standardised,
)
from geoanalyse.stats.smoothing import empirical_bayes


def published(value: np.ndarray, addresses: np.ndarray, base: int = 3) -> Published:
    ones = np.ones(len(value), dtype=np.int64)
    return Published(value, addresses, ones == 0, base, ones)


def lattice(size: int) -> np.ndarray:
    number = np.arange(size * size).reshape(size, size)
    across = np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()], axis=1)
    return np.concatenate([across, np.stack([number[:-1].ravel(), number[1:].ravel()], axis=1)])


# --- exact counts -----------------------------------------------------------------------------------------------------


# spData huddersfield (CC0), and spdep's EBest(family = "binomial") of it in percent, published to two decimals
# fmt: off
CASES = np.array([
    21, 22, 47, 3, 8, 25, 31, 26, 12, 5, 73, 27, 66, 41, 39, 26, 16, 10, 9, 4, 19, 7, 32, 23, 12, 26, 6, 4, 28, 7, 33,
    6, 18, 12, 14, 11, 19, 6, 34, 19, 22, 8, 5, 3, 32, 5, 16, 20, 7, 29, 19, 14, 16, 4, 8, 8, 4, 5, 0, 5, 43, 6, 42,
    3, 27, 33, 52, 26, 49, 25, 50,
])
TOTAL = np.array([
    49, 76, 166, 14, 24, 81, 92, 57, 45, 17, 263, 80, 202, 179, 114, 77, 55, 63, 22, 10, 66, 18, 113, 69, 86, 77, 19,
    12, 105, 11, 96, 30, 94, 47, 58, 25, 75, 33, 107, 59, 84, 42, 30, 15, 97, 10, 43, 61, 18, 116, 73, 46, 81, 8, 37,
    36, 11, 16, 1, 17, 138, 18, 124, 10, 89, 81, 112, 76, 202, 85, 106,
])
PUBLISHED = np.array([
    34.44, 29.56, 28.94, 28.93, 30.72, 30.43, 31.85, 35.93, 28.95, 29.95, 28.36, 31.75, 31.84, 25.36, 32.33, 31.72,
    29.69, 24.36, 32.11, 31.01, 29.53, 31.47, 29.1, 31.44, 22.36, 31.72, 30.31, 30.42, 28.26, 33.57, 32.24, 27.62,
    24.6, 28.54, 27.79, 32.98, 27.95, 26.96, 30.97, 30.88, 28.23, 26.65, 26.81, 28.66, 31.54, 31.97, 32.3, 31.13,
    31.47, 27.26, 28.29, 30.18, 25.28, 31.61, 27.67, 27.88, 30.71, 30.22, 29.73, 29.95, 30.71, 30.58, 32.22, 30.04,
    30.19, 35, 38.96, 31.91, 26.1, 29.75, 39.13,
])
# fmt: on


def test_the_published_rates_of_huddersfield() -> None:
    assert len(CASES) == len(TOTAL) == len(PUBLISHED) == 71
    assert np.abs(100 * empirical_bayes(CASES, TOTAL) - PUBLISHED).max() <= 0.005


def test_moments_by_hand() -> None:
    cases, total = np.array([1, 5, 9]), np.array([20, 20, 20])
    rho = (20 * 2 * 0.2**2 / (0.25 * 0.75) - 3) / 57
    weight = 20 * rho / (1 + 19 * rho)
    assert empirical_bayes(cases, total) == pytest.approx([0.25 - 0.2 * weight, 0.25, 0.25 + 0.2 * weight])
    spread = 20 * 2 * 0.2**2 / 60 - 0.25 * 3 / 60
    weight = spread / (spread + 0.25 / 20)
    found = empirical_bayes(cases, total, family="poisson")
    assert found == pytest.approx([0.25 - 0.2 * weight, 0.25, 0.25 + 0.2 * weight])


@pytest.mark.parametrize("family", ["binomial", "poisson"])
def test_what_differs_less_than_chance_is_the_mean(family: str) -> None:
    assert empirical_bayes(np.array([5, 5, 6]), np.array([20, 20, 20]), family=family) == pytest.approx(16 / 60)
    assert (empirical_bayes(np.array([0, 0]), np.array([7, 9]), family=family) == 0).all()


@pytest.mark.parametrize("family", ["binomial", "poisson"])
def test_local_estimates_are_those_of_the_neighbourhood(family: str) -> None:
    random = np.random.default_rng(1)
    total = random.integers(20, 200, 6)
    cases = random.binomial(total, random.uniform(0.05, 0.5, 6))
    pairs = np.array([[0, 1], [1, 2], [2, 3], [0, 4]])
    around = {0: [0, 1, 4], 1: [0, 1, 2], 2: [1, 2, 3], 3: [2, 3], 4: [0, 4], 5: [5]}
    found = empirical_bayes(cases, total, family=family, pairs=pairs)
    for unit, mine in around.items():
        alone = empirical_bayes(cases[mine], total[mine], family=family)
        assert found[unit] == pytest.approx(alone[mine.index(unit)])


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="cases"):
        empirical_bayes(np.array([3]), np.array([2]))
    with pytest.raises(ValueError, match="cases"):
        empirical_bayes(np.array([np.nan, 1]), np.array([2, 2]), family="poisson")
    with pytest.raises(ValueError, match="family"):
        empirical_bayes(np.array([1]), np.array([2]), family="normal")


def test_more_events_than_expected_are_no_fault_of_a_poisson_count() -> None:
    found = empirical_bayes(np.array([30, 4]), np.array([12, 11]), family="poisson")
    assert 4 / 11 < found[1] < 34 / 23 < found[0] < 30 / 12


# --- a mean for each unit ---------------------------------------------------------------------------------------------


def test_one_mean_for_all_is_the_global_posterior() -> None:
    values = published(np.array([0, 3, 9, 30]), np.array([50, 80, 100, 300]))
    common, own = (
        posterior(values, Prior(1.5, 30.0), 0.07),
        posterior_each(values, Priors(1.5, np.full(4, 0.05)), np.full(4, 0.07)),
    )
    for name in ("mean", "low", "high", "above"):
        assert getattr(own, name) == pytest.approx(getattr(common, name))


def test_a_higher_threshold_is_passed_less_surely() -> None:
    values = published(np.array([0, 3, 9, 30]), np.array([50, 80, 100, 300]))
    chances = [posterior(values, Prior(1.5, 30.0), c * 0.05).above for c in (0.5, 1.0, 1.5, 2.0, 5.0)]
    assert (np.diff(chances, axis=0) < 0).all()


def test_neighbours_lead_to_an_expectation_and_the_unit_itself_does_not() -> None:
    one, other = (
        neighbourhood_means(published(np.array([value, 6, 30]), np.full(3, 100)), np.array([[0, 1]]), Prior(1.0, 10.0))
        for value in (0, 60)
    )
    assert one[0] == other[0] == pytest.approx(7 / 110)
    assert one[2] == pytest.approx(0.1)
    assert other[1] == pytest.approx(61 / 110)


@pytest.mark.parametrize("base", [3, 5])
def test_local_intervals_cover_where_rates_go_up_and_down_over_space(base: int) -> None:
    random = np.random.default_rng(2)
    size = 60
    row, column = np.divmod(np.arange(size**2), size)
    smooth = 0.08 * np.exp(0.8 * np.sin(row / 6) * np.cos(column / 7))
    truth = random.gamma(6.0, smooth / 6.0)
    addresses = random.integers(20, 200, size**2)
    value = rounded(random.poisson(truth * addresses), random.integers(0, base, size**2), base)
    values = published(value, addresses, base)
    means = neighbourhood_means(values, lattice(size), fit_prior([values]))
    local = posterior_each(values, fit_priors(values, means), 2 * means)
    assert 0.93 < ((local.low <= truth) & (truth <= local.high)).mean() < 0.97
    common = posterior(values, fit_prior([values]), 0.16)
    assert ((local.mean - truth) ** 2).mean() < ((common.mean - truth) ** 2).mean()


def test_the_fitted_shape_is_that_of_the_truth() -> None:
    random = np.random.default_rng(3)
    addresses, means = random.integers(50, 400, 8000), random.uniform(0.02, 0.1, 8000)
    count = random.poisson(random.gamma(3.0, means / 3.0) * addresses)
    values = published(rounded(count, random.integers(0, 3, 8000), 3), addresses)
    assert fit_priors(values, means).shape == pytest.approx(3.0, rel=0.1)


# --- standardised ratios ----------------------------------------------------------------------------------------------


def test_standardised_intervals_cover_the_ratio() -> None:
    random = np.random.default_rng(4)
    by_use = np.stack([random.integers(10, 200, 4000), random.integers(0, 80, 4000)], axis=1)
    expected = by_use @ np.array([0.01, 0.1])
    ratio = random.gamma(4.0, 1 / 4.0, 4000)
    count = np.minimum(random.poisson(ratio * expected), by_use.sum(axis=1))
    found = standardised(
        published(rounded(count, random.integers(0, 3, 4000), 3), by_use.sum(axis=1)), expected, threshold=1.5
    )
    assert 0.935 < ((found.low <= ratio) & (ratio <= found.high)).mean() < 0.97
    sure = found.above > 0.9
    assert (ratio[sure] > 1.5).mean() > 0.88


def test_a_shopping_street_is_compared_with_shopping_streets() -> None:
    """As many events per address as elsewhere is few for shops, and many for houses."""
    random = np.random.default_rng(5)
    by_use = np.concatenate([np.tile([100, 0], (200, 1)), np.tile([0, 100], (200, 1))])
    expected = by_use @ np.array([0.02, 0.2])
    count = random.poisson(expected)
    count[[0, 200]] = 12
    found = standardised(published(rounded(count, random.integers(0, 3, 400), 3), np.full(400, 100)), expected)
    assert found.mean[0] > 1 > found.mean[200]


def test_nothing_expected_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        standardised(published(np.array([3, 0]), np.array([20, 20])), np.array([1.0, 0.0]))
