"""How firmly a call and a score stand: checked on paper, against the posterior, and for what must not matter."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as reference

from geoanalyse import stats
from geoanalyse.geography import LEVELS
from geoanalyse.layer import Base, Theme
from geoanalyse.published import Protected
from geoanalyse.stats import composite, hotspots, rates, stability
from geoanalyse.stats.hotspots import Calls, call, closed, limits, tails, verdict
from geoanalyse.stats.rates import Prior, Published
from tests.sample import sample_release

RELEASE = sample_release()
NEW = ("edge", "interval", "ratio_low", "ratio_high", "rank_low", "rank_high")


def units(value: list[int], addresses: int = 50, base: int = 5) -> Published:
    ones = np.ones(len(value), dtype=np.int64)
    return Published(np.array(value, dtype=np.int64), addresses * ones, ones == 0, base, ones)


def ring(count: int) -> np.ndarray:
    pairs = np.stack([np.arange(count), (np.arange(count) + 1) % count], axis=1)
    return np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0)


def figures(protected: Protected = RELEASE.protected, seed: int = 3) -> pd.DataFrame:
    zones = RELEASE.geography.zones.base[Base.ALL]
    chosen = np.ones(len(zones.zone), dtype=bool)
    table, *_ = stats.statistics(protected, protected, RELEASE.layers, RELEASE.geography, chosen, seed)
    return table.to_pandas()


FIGURES = figures()
THEMES = FIGURES[FIGURES["layer"].str.startswith("thema:")]


# --- calls ------------------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_line_of_the_calls_is_where_the_correction_drew_it(seed: int) -> None:
    random = np.random.default_rng(seed)
    seen = units((5 * random.poisson(random.gamma(0.5, 3, 40))).tolist(), addresses=800)
    prior = rates.fit_prior([seen])
    found = call(seen, prior, ring(40))
    again = verdict(*tails(seen, found.prior, closed(ring(40), 40)), found.cut)
    assert found.called.tolist() == again.tolist()
    assert found.called.tolist() == hotspots.classes(seen, prior, ring(40)).tolist()


@settings(max_examples=25, deadline=None)
@given(
    base=st.sampled_from([1, 3, 5]),
    shape=st.floats(0.3, 8),
    addresses=st.sampled_from([20, 60, 400, 4000]),
    cut=st.sampled_from([0.05, 0.01, 1e-4]),
)
def test_limits_are_the_totals_at_which_the_verdict_changes(
    base: int, shape: float, addresses: int, cut: float
) -> None:
    """Except for totals near what is expected, which `tails` never calls; both use the same approximation above 256."""
    prior, weights = Prior(shape, shape / 0.05), closed(ring(3), 3)
    expected = 3 * addresses * 0.05
    spread = np.sqrt(expected * (1 + expected / 3 / shape))
    most = expected + 8 * spread
    cold, hot = limits(units([0] * 3, addresses, base), prior, weights, cut, np.full(3, most))
    for value in range(0, int(most), max(base, base * (int(most) // base // 40))):
        found = verdict(*tails(units([value, 0, 0], addresses, base), prior, weights), cut)[0]
        if -spread <= value - expected <= 1.5 * spread:
            continue
        assert found == ("hotspot" if value >= hot[0] else "coldspot" if value <= cold[0] else "geen")


def test_a_hot_spot_that_leans_on_one_neighbour() -> None:
    """On a ring of 12 that expect 1 each, one unit has 20: itself needs nobody, its neighbours need it."""
    seen = units([20, *[0] * 11])
    prior = Prior(2.0, 100.0)
    calls = Calls(verdict(*tails(seen, prior, closed(ring(12), 12)), 0.02), prior, 0.02)
    assert calls.called[[11, 0, 1]].tolist() == ["hotspot"] * 3
    edge = stability.without_a_neighbour(seen, calls, ring(12), np.arange(12))
    assert edge.tolist() == [1.0, 0.5, *[1.0] * 9, 0.5]


def test_a_count_that_is_not_rounded_cannot_be_another() -> None:
    seen = units([9, 8, 0, 1, 0, 2, 1, 0, 0, 1], base=1)
    prior = rates.fit_prior([seen])
    found = call(seen, prior, ring(10))
    names = [str(unit) for unit in range(10)]
    assert stability.within_rounding(seen, prior, found, ring(10), np.arange(10), names, 1).tolist() == [1.0] * 10


def test_a_wider_interval_leaves_a_call_less_sure() -> None:
    """The same values, rounded to 3 and to 15: 30 is hot on this ring from exact totals of 22 on."""
    share = []
    for base in (3, 15):
        seen, prior = units([30, *[0] * 11], addresses=200, base=base), Prior(2.0, 100.0)
        calls = Calls(np.array(["hotspot", *["geen"] * 11]), prior, 0.05)
        names = [str(unit) for unit in range(12)]
        share.append(stability.within_rounding(seen, prior, calls, ring(12), np.array([0]), names, 1)[0])
    assert share[0] > share[1]


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_order_of_units_and_who_else_is_asked_about_do_not_matter(seed: int) -> None:
    random = np.random.default_rng(seed)
    count = 14
    seen = units((5 * random.poisson(random.gamma(0.4, 4, count))).tolist(), addresses=800)
    prior = rates.fit_prior([seen])
    calls, names = call(seen, prior, ring(count)), [str(unit) for unit in range(count)]
    edge = stability.without_a_neighbour(seen, calls, ring(count), np.arange(count))
    interval = stability.within_rounding(seen, prior, calls, ring(count), np.arange(count), names, 5)
    order = random.permutation(count)
    place = np.argsort(order)
    turned = np.sort(place[ring(count)], axis=1)
    other = dataclasses.replace(calls, called=calls.called[order])
    mixed = seen.take(order)
    some = np.arange(0, count, 3)
    assert stability.without_a_neighbour(mixed, other, turned, some) == pytest.approx(edge[order][some], nan_ok=True)
    found = stability.within_rounding(mixed, prior, other, turned, some, [names[unit] for unit in order], 5)
    assert found.tolist() == interval[order][some].tolist()


def test_a_unit_alone_has_no_neighbour_to_do_without() -> None:
    seen, nobody = units([5]), np.empty((0, 2), dtype=np.int64)
    prior = rates.fit_prior([seen])
    calls = call(seen, prior, nobody)
    assert np.isnan(stability.without_a_neighbour(seen, calls, nobody, np.array([0]))).all()
    assert stability.within_rounding(seen, prior, calls, nobody, np.array([0]), ["a"], 1).tolist() == [1.0]
    none = np.empty(0, dtype=np.intp)
    assert len(stability.without_a_neighbour(seen, calls, nobody, none)) == 0
    assert len(stability.within_rounding(seen, prior, calls, nobody, none, ["a"], 1)) == 0


# --- draws ------------------------------------------------------------------------------------------------------------


def test_counts_are_drawn_as_often_as_the_posterior_has_them() -> None:
    seen = Published(
        np.array([0, 10, 25]), np.array([40, 60, 50]), np.array([False, False, True]), 5, np.array([1, 2, 1])
    )
    prior = Prior(1.5, 20.0)
    drawn = stability.drawn_counts(seen, prior, ["a", "b", "c"], 2, 20000)
    for place, exact, weight in rates.mixture_of_counts(seen, prior):
        for unit in np.flatnonzero(place >= 0):
            chance, possible = weight[place[unit]], exact[place[unit]]
            keep = chance * 20000 > 5
            times = np.array([(drawn[unit] == count).sum() for count in possible[keep]])
            expected = chance[keep] / chance[keep].sum() * times.sum()
            assert times.sum() > 19900
            assert reference.chisquare(times, expected).pvalue > 1e-4


def test_the_band_of_one_layer_is_the_interval_of_its_rate() -> None:
    """Weights cancel, so that nothing but the posterior is left; 8,000 draws are within 3 % of a quantile here."""
    seen, prior = units([0, 5, 10, 20]), Prior(3.0, 60.0)
    found = rates.posterior(seen, prior, 0.1)
    drawn = stability.drawn_rates(seen, prior, list("abcd"), 4, 8000) / 0.2
    weights = stability.drawn_weights({"w": 0.3}, 4, 8000)
    scores = stability.drawn_scores([drawn], weights)
    low, high, _, _ = stability.bands(found.mean / 0.2, scores, scores)
    assert low == pytest.approx(found.low / 0.2, rel=0.05)
    assert high == pytest.approx(found.high / 0.2, rel=0.05)


def test_a_negative_seed_and_a_great_one_are_seeds_too() -> None:
    first = [next(stability.streams(seed, ["a"])).random() for seed in (-1, 0, 1, 2**70)]
    assert len(set(first)) == 4


# --- scores -----------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(count=st.integers(1, 8), draws=st.integers(1, 60), seed=st.integers(0, 2**32))
def test_bands_hold_the_point_and_grow_with_the_draws(count: int, draws: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    score = random.integers(0, 4, count).astype(float)
    off = random.normal(size=(count, draws))
    narrow, wide = (stability.bands(score, score[:, None] + k * off, score[:, None] + k * off) for k in (0.5, 2.0))
    order = random.permutation(count)
    turned = stability.bands(score[order], (score[:, None] + 2 * off)[order], (score[:, None] + 2 * off)[order])
    for low, high, best, worst in (narrow, wide):
        assert (low <= score).all()
        assert (score <= high).all()
        for unit in range(count):
            assert 1 <= best[unit] <= 1 + (score > score[unit]).sum()
            assert (score >= score[unit]).sum() <= worst[unit] <= count
    assert (wide[0] <= narrow[0]).all()
    assert (wide[1] >= narrow[1]).all()
    for mine, other in zip(wide, turned, strict=True):
        assert mine[order].tolist() == other.tolist()


def test_equal_scores_have_every_rank() -> None:
    same = np.ones((3, 20))
    _, _, best, worst = stability.bands(np.ones(3), same, same)
    assert best.tolist() == [1, 1, 1]
    assert worst.tolist() == [3, 3, 3]
    assert [found.tolist() for found in stability.bands(np.ones(1), same[:1], same[:1])] == [[1.0], [1.0], [1], [1]]


def test_not_a_number_is_no_score() -> None:
    with pytest.raises(ValueError, match="finite"):
        stability.bands(np.array([np.nan]), np.ones((1, 2)), np.ones((1, 2)))


def test_the_scale_of_the_weights_does_not_matter() -> None:
    random = np.random.default_rng(1)
    ratios = [random.gamma(1, 1, (6, 50)) for _ in range(3)]
    weights = stability.drawn_weights({"a": 0.2, "b": 0.3, "c": 1.0}, 1, 50)
    assert stability.drawn_scores(ratios, 7 * weights) == pytest.approx(stability.drawn_scores(ratios, weights))


def test_where_all_layers_agree_weights_change_nothing() -> None:
    ratio = np.array([[1.0] * 9, [2.0] * 9, [8.0] * 9])
    weights = stability.drawn_weights({"a": 0.2, "b": 1.0}, 1, 9)
    scores = stability.drawn_scores([ratio, ratio], weights)
    assert scores == pytest.approx(np.minimum(ratio, 5.0))
    assert [ends.tolist() for ends in stability.bands(scores[:, 0], scores, scores)[2:]] == [[3, 2, 1], [3, 2, 1]]


def test_a_layer_that_says_nothing_has_no_weight() -> None:
    nothing, ratio = np.full((2, 4), np.nan), np.array([[3.0] * 4, [np.nan] * 4])
    scores = stability.drawn_scores([nothing, ratio], np.ones((2, 4)))
    assert scores[0].tolist() == [3.0] * 4
    assert np.isnan(scores[1]).all()


# --- a release --------------------------------------------------------------------------------------------------------


def test_every_unit_has_a_word_and_shares_are_shares() -> None:
    assert set(FIGURES["stability"]) <= set(stability.STABLE_WORDS)
    assert set(FIGURES["coarser"]) <= set(stability.SAME_WORDS)
    single = FIGURES[~FIGURES["layer"].str.startswith("thema:")]
    tested = single["hotspot"].notna()
    assert (single.loc[~tested, "stability"] == "niet getoetst").all()
    assert (single.loc[tested, "stability"] != "niet getoetst").all()
    assert (single.loc[single["level"] == "res8", "coarser"] == "niet getoetst").all()
    assert "gelijk" in set(single["coarser"][single["level"] == "zone"])
    for column in ("edge", "interval", "own"):
        assert FIGURES[column].dropna().between(0, 1).all()
    assert single.loc[tested, "interval"].notna().all()


def test_a_composite_has_a_band_that_holds_it_and_ranks_among_its_level() -> None:
    known = THEMES["ratio"].notna()
    assert (THEMES.loc[known, "ratio_low"] <= THEMES.loc[known, "ratio"]).all()
    assert (THEMES.loc[known, "ratio"] <= THEMES.loc[known, "ratio_high"]).all()
    assert THEMES.loc[~known, list(NEW)].isna().all(axis=None)
    for _, rows in THEMES[known].groupby(["layer", "level"]):
        first, last = (rows["ratio"].rank(method=method, ascending=False) for method in ("min", "max"))
        assert (rows["rank_low"] >= 1).all()
        assert (rows["rank_low"] <= last).all()  # ratios that are equal in four digits need not have been
        assert (first <= rows["rank_high"]).all()
        assert (rows["rank_high"] <= len(rows)).all()
    assert FIGURES.loc[~FIGURES["layer"].str.startswith("thema:"), ["ratio_low", "own"]].isna().all(axis=None)


def test_a_zone_borrows_what_a_layer_shows_at_res8_only() -> None:
    """A zone that is all of its hexagon borrows nothing; there is one."""
    zones = THEMES[(THEMES["layer"] == "thema:drugs") & (THEMES["level"] == "zone")].set_index("zone")
    assert (zones["own"] == 1).sum() == 1
    zones = zones[zones["own"] < 1]
    layers = {layer.id: layer for layer in RELEASE.layers}
    fiu = FIGURES[(FIGURES["layer"] == "fiu-signalen") & (FIGURES["level"] == "zone")].set_index("zone")["ratio"]
    weight = layers["fiu-signalen"].themes[Theme.DRUGS]
    others = layers["pandsluitingen"].themes[Theme.DRUGS]
    mine = weight * np.minimum(fiu.loc[zones.index], 5)
    assert zones["own"].to_numpy() == pytest.approx((mine / (zones["ratio"] * (weight + others))).to_numpy(), abs=2e-3)
    large = THEMES[(THEMES["layer"] == "thema:drugs") & (THEMES["level"] == "res8")]
    assert (large["own"] > zones["own"].median()).all()


def test_zones_that_borrow_one_figure_share_its_draws() -> None:
    layer = next(layer for layer in RELEASE.layers if layer.id == "pandsluitingen")
    single = FIGURES[FIGURES["layer"] == layer.id]
    found = composite.units_at("zone", RELEASE.geography)
    source = composite.source(single, layer, "zone", found, RELEASE.geography)
    assert source.level == "res8"
    assert source.share.sum() == len(found.ids)
    drawn = source.over_units(np.random.default_rng(1).random((len(source.names), 5)))
    assert len(np.unique(drawn.round(9), axis=0)) < len(found.ids) / 3


def test_the_same_seed_gives_the_same_and_another_only_other_bands() -> None:
    again, other = figures(), figures(seed=4)
    pd.testing.assert_frame_equal(FIGURES, again)
    may_differ = {"interval", "stability", "ratio_low", "ratio_high", "rank_low", "rank_high"}
    same = [column for column in FIGURES if column not in may_differ]
    pd.testing.assert_frame_equal(FIGURES[same], other[same])
    assert not FIGURES["ratio_low"].equals(other["ratio_low"])


def test_the_order_of_the_published_table_does_not_matter() -> None:
    table = RELEASE.protected.table
    mixed = dataclasses.replace(RELEASE.protected, table=table.take(np.random.default_rng(1).permutation(len(table))))
    pd.testing.assert_frame_equal(FIGURES, figures(mixed))


def test_nothing_anywhere_is_not_tested_and_has_every_rank() -> None:
    table = RELEASE.protected.table.to_pandas()
    some = table["value"].notna()
    table.loc[some, ["value", "low"]] = 0
    table.loc[some, "high"] = table.loc[some, "b"] - 1
    table.loc[some, "status"] = "waarde"
    empty = dataclasses.replace(
        RELEASE.protected,
        table=RELEASE.protected.table.from_pandas(table, schema=RELEASE.protected.table.schema, preserve_index=False),
    )
    found = figures(empty)
    assert (found["stability"] == "niet getoetst").all()
    themes = found[found["layer"].str.startswith("thema:") & found["ratio"].notna()]
    assert (themes[["ratio", "ratio_low", "ratio_high"]] == 0).all(axis=None)
    assert (themes["rank_low"] == 1).all()
    assert (themes["rank_high"] == themes.groupby(["layer", "level"])["zone"].transform("size")).all()
    assert themes["own"].isna().all()


@pytest.mark.parametrize("kept", [("fiu-signalen",), ("pandsluitingen",)])
def test_one_layer(kept: tuple[str, ...]) -> None:
    table = RELEASE.protected.table.to_pandas()
    table = table[table["layer"].isin(kept)]
    part = dataclasses.replace(
        RELEASE.protected,
        table=RELEASE.protected.table.from_pandas(table, schema=RELEASE.protected.table.schema, preserve_index=False),
    )
    zones = RELEASE.geography.zones.base[Base.ALL]
    layers = [layer for layer in RELEASE.layers if layer.id in kept]
    chosen = np.ones(len(zones.zone), dtype=bool)
    found, *_ = stats.statistics(part, part, layers, RELEASE.geography, chosen, 1)
    assert found.schema.names == stats.SCHEMA.names
    assert set(found["level"].to_pylist()) <= set(LEVELS)


def test_the_band_holds_the_score_of_the_true_rates_as_often_as_it_says() -> None:
    """Rates from the prior, counts Poisson, rounded by a threshold nobody knows; each map has weights of its own."""
    random, held, maps, count = np.random.default_rng(8), [], 40, 60
    weights, priors = {"a": 1.0, "b": 0.5, "c": 0.3}, [Prior(2.0, 40.0), Prior(1.0, 30.0), Prior(4.0, 40.0)]
    for number in range(maps):
        addresses = random.integers(30, 200, count)
        factor = np.exp(np.log(stability.WEIGHT_FACTOR) / 1.96 * random.standard_normal(3))
        true, drawn = [], []
        for layer, prior in enumerate(priors):
            rate = np.minimum(random.gamma(prior.shape, 1 / prior.addresses, count), 1)
            exact = np.minimum(random.poisson(rate * addresses), addresses)
            value = 5 * ((exact + random.integers(0, 5, count)) // 5)
            seen = Published(value, addresses, value < 0, 5, np.ones(count, dtype=np.int64))
            names = [f"{layer}|{unit}" for unit in range(count)]
            mean = prior.shape / prior.addresses
            drawn.append(stability.drawn_rates(seen, prior, names, number) / mean)
            true.append((rate / mean)[:, None])
        scores = stability.drawn_scores(drawn, stability.drawn_weights(weights, number))
        truth = stability.drawn_scores(true, (np.array(list(weights.values())) * factor)[:, None])[:, 0]
        low, high, _, _ = stability.bands(scores.mean(axis=1), scores, scores)
        held.append(((low <= truth) & (truth <= high)).mean())
    assert np.mean(held) == pytest.approx(0.95, abs=0.02)
