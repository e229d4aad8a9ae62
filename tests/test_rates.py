"""Rates: formulas that can be checked by hand, published values, and the coverage of the intervals."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special

from geoanalyse.rounding import DISPLACEMENT, rounded, rounded_apart
from geoanalyse.stats import rates
from geoanalyse.stats.rates import Prior, Published, posterior, rounding_likelihood


def one(value: int, addresses: int, *, base: int = 3, terms: int = 1, capped: bool = False) -> Published:
    ones = np.ones(1, dtype=np.int64)
    return Published(value * ones, addresses * ones, np.array([capped]), base, terms * ones)


@given(base=st.integers(2, 12), count=st.integers(0, 100))
def test_the_likelihood_of_the_rounding_is_the_share_of_thresholds_that_give_the_value(base: int, count: int) -> None:
    values = rounded(np.full(base, count), np.arange(base), base)
    kernel = rounding_likelihood(base, 1)
    for value in np.unique(values):
        assert kernel[count - value + base - 1] == pytest.approx((values == value).mean())


def test_the_posterior_is_that_of_numerical_integration() -> None:
    prior, published = Prior(1.5, 60.0), one(6, 80)
    found = posterior(published, prior, 0.05)

    def density(rate: float) -> float:
        counts = np.arange(4, 9)
        likelihood = (3 - np.abs(counts - 6)) / 3
        poisson = np.exp(-80 * rate) * (80 * rate) ** counts / special.factorial(counts)
        return float((likelihood * poisson).sum() * rate ** (prior.shape - 1) * np.exp(-prior.addresses * rate))

    total = integrate.quad(density, 0, 1)[0]
    assert found.mean[0] == pytest.approx(integrate.quad(lambda rate: rate * density(rate), 0, 1)[0] / total, rel=1e-6)
    assert found.above[0] == pytest.approx(integrate.quad(density, 0.05, 1)[0] / total, rel=1e-6)
    assert integrate.quad(density, 0, found.low[0])[0] / total == pytest.approx(0.025, rel=1e-4)
    assert integrate.quad(density, 0, found.high[0])[0] / total == pytest.approx(0.975, rel=1e-4)


@settings(max_examples=30, deadline=None)
@given(base=st.integers(2, 6), counts=st.lists(st.integers(0, 6), min_size=1, max_size=5))
def test_a_sum_of_rounded_counts_has_the_convolved_likelihood(base: int, counts: list[int]) -> None:
    total = np.zeros(1, dtype=np.int64)
    for count in counts:  # every combination of thresholds
        total = (total[:, None] + rounded(np.full(base, count), np.arange(base), base)).ravel()
    kernel = rounding_likelihood(base, sum(count > 0 for count in counts))
    middle = len(kernel) // 2
    spread = sum(kernel[middle + off] * off**2 for off in range(-middle, middle + 1) if (sum(counts) + off) % base == 0)
    assert kernel.sum() == pytest.approx(base if any(counts) else 1)
    assert total.mean() == sum(counts)
    # the kernel takes the remainders as unknown, so it is right on average over them
    if all(count % base for count in counts):
        assert spread >= 0


def test_a_capped_value_leaves_everything_above_possible() -> None:
    capped, plain = (posterior(one(6, 12, capped=flag), Prior(2.0, 20.0), 0.1) for flag in (True, False))
    assert capped.mean[0] > plain.mean[0]
    assert capped.high[0] > plain.high[0]


@settings(max_examples=40, deadline=None)
@given(value=st.integers(0, 60).map(lambda n: 5 * n), addresses=st.integers(300, 3000), shape=st.floats(0.3, 20))
def test_the_mean_lies_between_the_prior_and_what_was_seen(value: int, addresses: int, shape: float) -> None:
    prior = Prior(shape, 500.0)
    found = posterior(one(value, addresses, base=5), prior, 0.1)
    seen = ((value - 4) / addresses, (value + 4) / addresses)
    middle = prior.shape / prior.addresses
    assert min(middle, *seen) - 1e-9 <= found.mean[0] <= max(middle, *seen) + 1e-9
    assert 0 <= found.low[0] <= found.mean[0] <= found.high[0]


@pytest.mark.parametrize(("base", "mean", "shape"), [(3, 0.14, 4.0), (5, 0.014, 1.2), (5, 0.005, 2.0), (3, 0.02, 0.6)])
def test_intervals_cover_in_95_percent_of_simulations(base: int, mean: float, shape: float) -> None:
    random = np.random.default_rng(3)
    addresses = random.integers(10, 300, 20_000)
    truth = random.gamma(shape, mean / shape, len(addresses))
    count = random.poisson(truth * addresses)
    value = rounded(count, random.integers(0, base, len(count)), base)
    published = Published(value, addresses, np.zeros(len(value), dtype=bool), base, np.ones(len(value), dtype=np.int64))
    found = posterior(published, rates.fit_prior([published]), 2 * mean)
    covered = ((found.low <= truth) & (truth <= found.high)).mean()
    assert 0.94 < covered < 0.965
    sure = found.above > 0.95
    if sure.sum() > 100:
        assert (truth[sure] > 2 * mean).mean() > 0.93


def test_the_fitted_spread_is_that_of_the_truth() -> None:
    random = np.random.default_rng(4)
    addresses = random.integers(50, 400, 8000)
    count = random.poisson(random.gamma(3.0, 0.05 / 3.0, len(addresses)) * addresses)
    value = rounded(count, random.integers(0, 3, len(count)), 3)
    prior = rates.fit_prior([Published(value, addresses, np.zeros(8000, dtype=bool), 3, np.ones(8000, dtype=np.int64))])
    assert prior.shape == pytest.approx(3.0, rel=0.1)
    assert prior.shape / prior.addresses == pytest.approx(0.05, rel=0.03)


def test_all_zero_and_one_unit_give_finite_figures() -> None:
    for published in (one(0, 25), one(3, 10)):
        found = posterior(published, rates.fit_prior([published]), 0.0)
        assert np.isfinite([found.mean, found.low, found.high, found.above]).all()


def test_a_few_events_make_nobody_sure() -> None:
    # fourteen units, nine events: all rates may be equal, but that rate itself is not known within a third
    addresses = np.full(14, 1000)
    value = np.array([3, 3, 3] + [0] * 11)
    published = Published(value, addresses, value < 0, 3, np.ones(14, dtype=np.int64))
    found = posterior(published, rates.fit_prior([published]), 0.0)
    assert (found.high / found.low > 2).all()
    assert found.mean[-1] < 9 / 14_000


@pytest.mark.parametrize("base", [5, 10])
def test_the_likelihood_of_a_total_apart_is_that_of_its_rounding(base: int) -> None:
    every = np.add.outer(np.arange(base), np.arange(-DISPLACEMENT, DISPLACEMENT + 1)).ravel()
    for value in (0, base, 4 * base):
        published = dataclasses.replace(one(value, 1000, base=base), displacement=DISPLACEMENT)
        exact, likelihood = rates._candidates(published)
        for count, chance in zip(exact[0].tolist(), likelihood[0].tolist(), strict=True):
            drawn = rounded_apart(np.full(len(every), count), every, base) == value
            assert chance == pytest.approx(drawn.mean() if count >= 0 else 0), (value, count)
        assert likelihood.sum() > 0
