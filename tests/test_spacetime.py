"""Trends, emerging hot spots and early warnings: by hand, by enumeration, and the share of false calls."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from geoanalyse.rounding import DISPLACEMENT, reach, rounded_apart
from geoanalyse.stats import spacetime
from geoanalyse.stats.spacetime import (
    PATTERNS,
    TOO_FEW,
    alarms,
    emerging,
    limit_for,
    mann_kendall,
    per_window,
    run_length,
    scores,
    theil_sen,
)

small = st.lists(st.integers(0, 4), min_size=2, max_size=6)


def thresholds(random: np.random.Generator, regions: int, base: int) -> np.ndarray:
    """Give one displaced threshold per region."""
    drawn = random.integers(0, base, (regions, 1)) + random.integers(-DISPLACEMENT, DISPLACEMENT + 1, (regions, 1))
    return np.asarray(drawn)


# --- Mann-Kendall and Theil-Sen ---------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(small)
def test_the_exact_p_is_the_share_of_all_orders_that_are_as_far_off(values: list[int]) -> None:
    def s(row: tuple[int, ...]) -> int:
        return int(sum(np.sign(row[j] - row[i]) for i in range(len(row)) for j in range(i + 1, len(row))))

    found = mann_kendall(np.array([values], dtype=float), minimum=2)
    every = np.array([s(order) for order in permutations(values)])
    assert found.s[0] == s(tuple(values))
    assert found.variance[0] == pytest.approx(every.var())
    assert found.p[0] == pytest.approx((np.abs(every) >= abs(found.s[0])).mean())


def test_without_ties_it_is_kendalls_exact_test() -> None:
    random = np.random.default_rng(1)
    values = random.permuted(np.tile(np.arange(14.0), (40, 1)), axis=1)
    found = mann_kendall(values)
    want = [scipy_stats.kendalltau(np.arange(14), row, method="exact").pvalue for row in values]
    assert found.p == pytest.approx(want, rel=1e-9)


def test_a_long_series_has_the_normal_p_with_ties_and_continuity() -> None:
    """By hand: ten values of which three and two are equal."""
    values = np.array([[1.0, 2, 2, 2, 3, 5, 4, 6, 6, 7]])
    s = 45 - 3 - 1 - 2 * 1  # all pairs, less those that are equal, and one that falls
    variance = (10 * 9 * 25 - 3 * 2 * 11 - 2 * 1 * 9) / 18
    found = mann_kendall(values, exact=0)
    assert (found.s[0], found.variance[0]) == (s, pytest.approx(variance))
    assert found.p[0] == pytest.approx(2 * scipy_stats.norm.sf((s - 1) / variance**0.5))


@pytest.mark.parametrize("windows", [20, 40])
def test_exact_and_normal_agree_for_long_series(windows: int) -> None:
    values = 5 * np.random.default_rng(2).integers(0, 6, (200, windows)).astype(float)
    exact, about = (mann_kendall(values, exact=limit).p for limit in (40, 0))
    assert np.abs(exact - about).max() < 0.02


def test_missing_windows_are_passed_over_and_few_are_not_tested() -> None:
    nan = np.nan
    values = np.array([[1.0, nan, 2, 3, nan, 4, 5, 6, 7, 8], [1.0, nan, 2, 3, nan, 4, nan, 6, 7, 8], [nan] * 10])
    found = mann_kendall(values)
    assert found.p[0] == mann_kendall(np.arange(8.0)[None, :]).p[0]
    assert found.windows.tolist() == [8, 7, 0]
    assert np.isnan(found.p[1:]).all()
    assert mann_kendall(np.full((1, 9), 5.0)).p[0] == 1


def test_what_is_no_series_is_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        mann_kendall(np.arange(5.0))
    with pytest.raises(ValueError, match="finite"):
        mann_kendall(np.array([[1.0, np.inf]]))
    with pytest.raises(ValueError, match="ascending"):
        theil_sen(np.ones((1, 2)), np.array([1.0, 0.0]))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), slope=st.floats(-3, 3))
def test_theil_sen_follows_a_line_that_is_spoiled_here_and_there(seed: int, slope: float) -> None:
    random = np.random.default_rng(seed)
    times = np.cumsum(random.uniform(0.5, 1.5, 15))
    values = (4 + slope * times)[None, :]
    values[0, random.choice(15, 3, replace=False)] += 100
    assert theil_sen(values, times)[0] == pytest.approx(slope, abs=0.5 + abs(slope) * 1e-9 if slope else 0.5)
    values[0, 5] = np.nan
    assert np.isfinite(theil_sen(values, times)[0])


def test_theil_sen_is_that_of_scipy() -> None:
    random = np.random.default_rng(3)
    values, times = random.normal(size=(5, 12)), np.arange(12.0) * 0.25
    want = [scipy_stats.theilslopes(row, times).slope for row in values]
    assert theil_sen(values, times) == pytest.approx(want)


@pytest.mark.parametrize("months", [False, True])
@pytest.mark.parametrize("rate", [1.0, 6.0, 60.0])
def test_without_a_trend_the_published_series_seldom_has_one(rate: float, *, months: bool) -> None:
    """Counts of one rate per day, in windows of unequal length, rounded with one threshold per region."""
    random = np.random.default_rng(4)
    days = np.tile([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] if months else [90, 91, 92, 92], 2 if months else 4)
    exact = random.poisson(rate * days / days.mean(), (6000, len(days)))
    value = rounded_apart(exact, thresholds(random, 6000, 5), 5)
    p = mann_kendall(per_window(value.astype(float), days, 5)).p
    for level in (0.05, 0.01):
        allowed = level + 3 * (level * (1 - level) / 6000) ** 0.5
        assert (p <= level).mean() <= allowed
    if rate == 60:
        assert (p <= 0.05).mean() > 0.035


def test_a_trend_in_the_counts_is_found_in_the_published_values() -> None:
    random = np.random.default_rng(5)
    exact = random.poisson(np.linspace(20, 50, 16), (400, 16))
    value = rounded_apart(exact, thresholds(random, 400, 5), 5).astype(float)
    found, of_counts = mann_kendall(value), mann_kendall(exact.astype(float))
    assert (found.p <= 0.05).mean() > 0.95
    assert (found.s > 0).mean() > 0.99
    assert (found.p <= 0.05).mean() <= (of_counts.p <= 0.05).mean() + 0.02


# --- emerging hot spots -----------------------------------------------------------------------------------------------

HOT, COLD = 1, -1
CASES = [
    ("nieuw", [0] * 9 + [1], 0),
    ("nieuw", [-1] + [0] * 8 + [1], 1),  # cold before: Esri names "new" first
    ("opeenvolgend", [0] * 7 + [1] * 3, 0),
    ("opeenvolgend", [0] * 2 + [1] * 8, 1),
    ("toenemend", [1] * 10, 1),
    ("toenemend", [0] + [1] * 9, 1),  # nine of ten is ninety percent
    ("aanhoudend", [1] * 10, 0),
    ("aanhoudend", [1] * 4 + [0] + [1] * 5, 0),
    ("afnemend", [1] * 10, -1),
    ("terugkerend", [0, 1, 1, 0, 1, 0, 0, 1, 0, 1], 0),
    ("wisselend", [0, 1, -1, 0, 1, 0, 0, 1, 0, 1], 0),
    ("voorbij", [1] * 9 + [0], -1),
    ("geen", [1] * 8 + [0] * 2, 0),
    ("geen", [0] * 10, 1),
    ("geen", [-1] * 10, 0),
    (TOO_FEW, [1] * 7, 0),
]


@pytest.mark.parametrize(("pattern", "calls", "trend"), CASES)
def test_a_pattern_by_hand(pattern: str, calls: list[int], trend: int) -> None:
    assert emerging(np.array([calls], dtype=float), np.array([trend])).tolist() == [pattern]


def test_every_pattern_has_a_case() -> None:
    assert {pattern for pattern, _, _ in CASES} == set(PATTERNS)


def test_windows_without_a_figure_are_passed_over() -> None:
    calls = np.array([[np.nan, 0, 0, 0, 0, 0, 0, 0, 1, np.nan, 1, np.nan]])
    assert emerging(calls, np.array([0])).tolist() == ["opeenvolgend"]


def naive(calls: list[float], trend: int) -> set[str]:
    """All patterns whose definition holds, each written down by itself."""
    seen = [call for call in calls if not np.isnan(call)]
    if len(seen) < spacetime.MIN_WINDOWS:
        return {TOO_FEW}
    hot = [call == HOT for call in seen]
    run = next((index for index, here in enumerate(hot[::-1]) if not here), len(hot))
    often, now, once = 10 * sum(hot) >= 9 * len(hot), hot[-1], sum(hot) == 1
    only_run = now and run == sum(hot)
    rules = {
        "nieuw": now and once,
        "opeenvolgend": only_run and run > 1 and not often,
        "toenemend": now and often and trend > 0,
        "afnemend": now and often and trend < 0,
        "aanhoudend": now and often and trend == 0,
        "terugkerend": now and not often and not only_run and COLD not in seen,
        "wisselend": now and not often and not only_run and COLD in seen,
        "voorbij": often and not now,
        "geen": not often and not now,
    }
    return {name for name, holds in rules.items() if holds}


@given(
    calls=st.lists(st.sampled_from([0.0, 1.0, 1.0, -1.0, np.nan]), min_size=1, max_size=20),
    trend=st.sampled_from([-1, 0, 1]),
)
def test_a_unit_has_exactly_one_pattern(calls: list[float], trend: int) -> None:
    wanted = naive(calls, trend)
    assert len(wanted) == 1
    assert set(emerging(np.array([calls]), np.array([trend])).tolist()) == wanted


def test_what_is_no_call_is_refused() -> None:
    with pytest.raises(ValueError, match="calls"):
        emerging(np.array([[2.0] * 9]), np.array([0]))
    with pytest.raises(ValueError, match="trend"):
        emerging(np.zeros((2, 9)), np.array([0]))


# --- early warning ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("limit", "published"), [(4.0, 2 * 168), (5.0, 2 * 465)])
def test_run_lengths_are_the_published_ones(limit: float, published: float) -> None:
    # Montgomery, Introduction to Statistical Quality Control: two-sided, k = 1/2; one-sided is twice as long
    assert run_length(limit) == pytest.approx(published, rel=0.005)


def test_normal_scores_alarm_as_often_as_the_chain_says() -> None:
    random = np.random.default_rng(6)
    limit = limit_for(50)
    found = alarms(random.normal(size=(1, 2000, 500)), limit)
    assert run_length(limit) == pytest.approx(50, rel=1e-4)
    assert 1 / found.mean() == pytest.approx(50, rel=0.02)


@given(
    counts=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=12),
    seed=st.integers(0, 99),
)
def test_no_count_that_is_possible_scores_lower_than_said(counts: list[tuple[int, int, int]], seed: int) -> None:
    exact, below, above = np.array(counts).T
    days = np.random.default_rng(seed).integers(28, 93, len(exact))
    said = scores(np.maximum(0, exact - below), exact + above, days)
    assert (said <= scores(exact, exact, days) + 1e-9)[1:].all()
    assert np.isnan(said[0])


def possible(value: np.ndarray, days: np.ndarray, base: int) -> np.ndarray:
    """Scores of published values under every threshold."""
    return np.array(
        [
            scores(np.maximum(value - c, value > 0), np.maximum(value - c + base - 1, 0), days)
            for c in range(-DISPLACEMENT, reach(base) + 1)
        ]
    )


@pytest.mark.parametrize(("rate", "base"), [(2.0, 1), (40.0, 1), (8.0, 5), (60.0, 5)])
def test_without_a_rise_alarms_are_no_more_often_than_said(rate: float, base: int) -> None:
    random = np.random.default_rng(7)
    days = np.tile([90, 91, 92, 92], 6)
    exact = random.poisson(rate * days / 91, (4000, len(days)))
    limit = limit_for(100)
    if base == 1:
        found = alarms(scores(exact, exact, days)[None], limit)
    else:
        found = alarms(possible(rounded_apart(exact, thresholds(random, 4000, base), base), days, base), limit)
    assert found.mean() <= 0.01 + 3 * (0.01 / found.size) ** 0.5


def test_rounding_never_makes_an_alarm_more() -> None:
    random = np.random.default_rng(8)
    days = np.full(20, 91)
    exact = random.poisson(np.repeat([10, 22], 10), (500, 20))
    value = rounded_apart(exact, thresholds(random, 500, 5), 5)
    limit = limit_for()
    published = alarms(possible(value, days, 5), limit).sum(axis=1)
    of_counts = alarms(scores(exact, exact, days)[None], limit).sum(axis=1)
    assert (published <= of_counts).all()
    assert published.sum() < of_counts.sum()  # what it costs


def test_a_doubling_of_many_is_seen_within_a_year() -> None:
    random = np.random.default_rng(9)
    days = np.full(16, 91)
    exact = random.poisson(np.repeat([40, 80], [12, 4]), (500, 16))
    found = alarms(possible(rounded_apart(exact, thresholds(random, 500, 5), 5), days, 5), limit_for())
    assert found[:, 12:].any(axis=1).mean() > 0.95
    assert found[:, :12].mean() <= 0.002


def test_a_missing_window_is_passed_over() -> None:
    counts = np.array([[10, 10, -1, 10, 40, 40]])
    found = scores(counts, counts, np.full(6, 91))
    assert np.isnan(found[0]).tolist() == [True, False, True, False, False, False]
    assert alarms(found[None], 4.0)[0].tolist() == [False, False, False, False, True, False]


def test_a_run_length_out_of_reach_is_refused() -> None:
    with pytest.raises(ValueError, match="windows"):
        limit_for(3)
