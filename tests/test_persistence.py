"""The joint model of earlier and later counts: its rounding exactly, draws within what is possible, its coverage."""

import dataclasses
from itertools import product

import numpy as np
import pytest

from geoanalyse.rounding import proven, reach, rounded_apart
from geoanalyse.stats import persistence as joint
from geoanalyse.stats.persistence import Windows, persistence
from geoanalyse.stats.scorecard import parts_chosen

BASE, EARLIER, WINDOWS = 5, 12, 16


def seen(exact: np.ndarray, threshold: np.ndarray, addresses: np.ndarray) -> tuple[Windows, Windows]:
    """What is published of exact counts, shape (n, windows), before and after."""
    value = rounded_apart(exact, threshold[:, None], BASE)
    whole = Windows(
        value=value,
        low=proven(value, BASE),
        high=value + reach(BASE),
        tied=value >= 0,
        days=np.full(exact.shape[1], 91),
        addresses=addresses,
        base=np.full(len(exact), BASE),
        displacement=2,
    )
    return part(whole, slice(0, EARLIER)), part(whole, slice(EARLIER, None))


def part(whole: Windows, which: slice) -> Windows:
    names = ("value", "low", "high", "tied")
    return dataclasses.replace(
        whole, days=whole.days[which], **{name: getattr(whole, name)[:, which] for name in names}
    )


def town(seed: int, *, same: bool, count: int = 120) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """About one case per unit and window; later rates are the earlier ones, or have nothing to do with them."""
    random = np.random.default_rng(seed)
    addresses = random.lognormal(np.log(1500), 0.7, count).clip(60, 8000).astype(np.int64)
    before = random.gamma(1.5, 0.0007 / 1.5, count)
    after = before if same else random.gamma(1.5, 0.0007 / 1.5, count)
    means = np.concatenate([np.repeat(before[:, None], EARLIER, 1), np.repeat(after[:, None], WINDOWS - EARLIER, 1)], 1)
    threshold = random.integers(0, BASE, count) + random.integers(-2, 3, count)
    return random.poisson(means * addresses[:, None]), threshold, addresses, after


@pytest.mark.parametrize(("base", "displacement"), [(5, 0), (5, 2), (10, 2)])
def test_a_value_is_led_to_by_exactly_the_counts_that_are_rounded_to_it(base: int, displacement: int) -> None:
    off = base - 1 + displacement
    for value in (0, base, 3 * base):
        leads = joint._leads_to(base, displacement, zero=value == 0)
        for (row, threshold), away in product(enumerate(range(-displacement, off + 1)), range(-off, off + 1)):
            count = value + away
            if count < 0 or (value > 0 and count == 0):  # no count, or left out because a value above 0 proves one
                continue
            gives = int(rounded_apart(np.array([count]), np.array([threshold]), base)[0])
            assert (leads[row, away + off] == 1) == (gives == value), (value, count, threshold)


def test_the_chance_of_a_value_by_hand() -> None:
    # base 5, threshold 3: a value of 5 comes from the counts 2 to 6; with a mean of 2 that is
    # e^-2 (2 + 4/3 + 2/3 + 4/15 + 4/45) = 0.5895
    found = joint._chance_of_value(np.array([[5], [1], [9]]), np.array([[2.0]]), 5, 0, np.inf)
    assert found[0, 3, 0] == pytest.approx(np.exp(-2) * (2 + 4 / 3 + 2 / 3 + 4 / 15 + 4 / 45), rel=1e-5)
    assert found[0, 0, 0] == pytest.approx(np.exp(-2) * (4 / 15 + 4 / 45 + 8 / 315 + 2 / 315 + 4 / 2835), rel=1e-4)


def test_draws_are_possible_and_the_forecast_sees_nothing_of_what_came_later() -> None:
    exact, threshold, addresses, _ = town(1, same=True)
    earlier, later = seen(exact, threshold, addresses)
    found = persistence(earlier, later, np.random.default_rng(1), 60)
    assert (found.counts >= later.low.sum(axis=1)).all()
    assert (found.counts <= later.high.sum(axis=1)).all()
    assert (found.rates > 0).all()
    other = exact.copy()
    other[:, EARLIER:] += 3
    again = persistence(*seen(other, threshold, addresses), np.random.default_rng(1), 60)
    assert np.array_equal(again.forecast, found.forecast)
    repeated = persistence(earlier, later, np.random.default_rng(1), 60)
    assert np.array_equal(repeated.counts, found.counts)


def test_untied_and_open_values_use_their_interval_only() -> None:
    exact, threshold, addresses, _ = town(2, same=True)
    earlier, later = seen(exact, threshold, addresses)
    loose = later.tied.copy()
    loose[:20] = False
    most = later.high.copy()
    most[:10] = -1
    found = persistence(earlier, dataclasses.replace(later, tied=loose, high=most), np.random.default_rng(3), 60)
    assert (found.counts >= later.low.sum(axis=1)).all()
    assert (found.counts[:, 10:] <= later.high.sum(axis=1)[10:]).all()


@pytest.mark.parametrize("same", [True, False])
def test_intervals_cover_the_truth_and_what_does_not_persist_is_not_said_to(*, same: bool) -> None:
    """Forty towns of 120 units, 5 % of the addresses. Fewer than 33 of 40 has a chance of 1 in 1000 at 95 %."""
    inside, above, estimates, naive = 0, 0, [], []
    for seed in range(40):
        exact, threshold, addresses, after = town(seed, same=same)
        earlier, later = seen(exact, threshold, addresses)
        found = persistence(earlier, later, np.random.default_rng(seed), 200)
        choice = parts_chosen(found.forecast, addresses.astype(float), 0.05)
        truth = float(choice @ (after * addresses) / (after @ addresses))
        expected = found.rates * addresses
        rates = expected @ choice / expected.sum(axis=1)
        low, high = np.quantile(rates, [0.025, 0.975])
        inside += low <= truth <= high
        above += low > 0.05 and np.quantile(found.correlation, 0.025) > 0
        estimates.append(rates.mean() - truth)
        naive.append(choice @ later.value.sum(axis=1) / later.value.sum() - truth)
    assert inside >= 33
    assert abs(np.mean(estimates)) < 0.012 < np.mean(naive)
    assert above >= 35 if same else above <= 4


def test_parts_that_do_not_fit_are_refused() -> None:
    exact, threshold, addresses, _ = town(1, same=True)
    earlier, later = seen(exact, threshold, addresses)
    with pytest.raises(ValueError, match="same units"):
        persistence(earlier, seen(exact[:5], threshold[:5], addresses[:5])[1], np.random.default_rng(1), 10)
    with pytest.raises(ValueError, match="some event"):
        persistence(earlier, dataclasses.replace(later, value=0 * later.value), np.random.default_rng(1), 10)
