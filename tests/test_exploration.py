"""The places on the list that were drawn by lot: who may be drawn, how many, and that nothing chooses but the lot."""

import random
from collections import Counter

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from geoanalyse import stats
from geoanalyse.evidence import Place
from geoanalyse.exploration import EXPLORED, by_lot, quota, unclear
from geoanalyse.layer import Base, Theme
from geoanalyse.release import Release
from geoanalyse.routes import EXPLORATION
from geoanalyse.signals import PER_BUURT, Signal, _Candidate, _within_cap
from tests.small import listed

NAMES = st.lists(st.text("0123456789abcdef", min_size=1, max_size=6), min_size=1, max_size=30, unique=True)

# --- about which places the figures cannot tell -----------------------------------------------------------------------


def figures(*rows: tuple[str, str, int, int, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["zone", "layer", "addresses", "low", "high"])


@pytest.mark.parametrize(
    ("rate", "low", "high", "may_be_both"),
    [
        # of 10 addresses; the upper ends for 0, 2 and 4 events (Garwood, 1936) are 3.69, 7.22 and 10.24
        (0.184, 0, 0, True),
        (0.185, 0, 0, False),
        (0.361, 0, 2, True),
        (0.362, 0, 2, False),
        (0.512, 0, 4, True),
        (0.513, 0, 4, False),
        (0.01, 1, 5, False),  # somebody saw something
        (0.5, 0, np.nan, True),  # no upper end
        (0.0, 0, 2, True),  # nothing was seen in all of the region
    ],
)
def test_a_figure_tells_when_it_leaves_out_none_or_double(
    *, rate: float, low: int, high: float, may_be_both: bool
) -> None:
    found = unclear(["a"], figures(("a", "x", 10, low, high)), {"x": rate})
    assert found == (["a"] if may_be_both else [])


def test_one_layer_that_tells_is_enough_and_a_place_without_figures_may_be_drawn() -> None:
    known = figures(("a", "x", 10, 0, 2), ("a", "y", 10, 0, 2), ("b", "x", 10, 0, 2), ("b", "y", 10, 1, 5))
    assert unclear(["c", "b", "a"], known, {"x": 0.1, "y": 0.1}) == ["c", "a"]
    assert unclear(["b", "a"], known, {"x": 0.1, "y": 0.4}) == []
    assert unclear(["c", "b"], figures(), {}) == ["c", "b"]


# --- how many ---------------------------------------------------------------------------------------------------------


@given(st.integers(1, 100_000))
def test_the_quota_is_the_least_number_that_makes_up_the_share(ranked: int) -> None:
    drawn = quota(ranked)
    assert drawn >= EXPLORED * (ranked + drawn)
    assert drawn - 1 < EXPLORED * (ranked + drawn - 1)


def test_without_ranked_places_nothing_is_drawn() -> None:
    assert quota(0) == 0


def test_drawn_places_fill_up_what_the_ranked_ones_leave_of_a_buurt() -> None:
    def place(name: str, region: str, strength: str) -> _Candidate:
        return _Candidate(name, "zone", Place((), region), strength, "laag", (), (), 1.0)

    full = [place(f"a{number}", "A", "licht") for number in range(PER_BUURT + 2)]
    nearly = [place(f"b{number}", "B", "licht") for number in range(PER_BUURT - 1)]
    drawn = [place(f"{region}-{number}", region, EXPLORATION) for number in range(2) for region in "ABC"]
    kept = [each.zone for each in _within_cap([*full, *nearly, *drawn], PER_BUURT)]
    assert kept == ["a0", "a1", "a2", "a3", "a4", "b0", "b1", "b2", "b3", "B-0", "C-0", "C-1"]


# --- the draw ---------------------------------------------------------------------------------------------------------


@given(NAMES, st.integers(0, 1000), st.randoms(use_true_random=False))
def test_the_order_of_two_zones_depends_on_nothing_else(names: list[str], seed: int, mixed: random.Random) -> None:
    order = by_lot(names, "drugs", seed)
    assert sorted(order) == sorted(names)
    shuffled = list(names)
    mixed.shuffle(shuffled)
    assert by_lot(shuffled, "drugs", seed) == order
    some = set(names[::2])
    assert by_lot(some, "drugs", seed) == [name for name in order if name in some]


def test_every_zone_is_as_likely_to_be_first() -> None:
    """With 4000 seeds and 8 zones, 500 each: chi-square of 7 degrees is below 24.3 with a probability of 99.9 %."""
    first = Counter(by_lot("abcdefgh", "drugs", seed)[0] for seed in range(4000))
    assert sum((first[zone] - 500) ** 2 / 500 for zone in "abcdefgh") < 24.3


# --- in a release -----------------------------------------------------------------------------------------------------


def ranked_again(release: Release, statistics: pd.DataFrame, seed: int = 0) -> tuple[Signal, ...]:
    return listed(release, pa.Table.from_pandas(statistics, schema=stats.SCHEMA, preserve_index=False), seed)


def of_theme(found: tuple[Signal, ...], theme: Theme) -> tuple[list[Signal], list[Signal]]:
    """Ranked and drawn."""
    mine = [each for each in found if each.theme is theme]
    return [each for each in mine if each.strength != EXPLORATION], [
        each for each in mine if each.strength == EXPLORATION
    ]


@pytest.fixture(scope="module")
def frame(zuidoost: Release) -> pd.DataFrame:
    return zuidoost.statistics.to_pandas()


@pytest.mark.parametrize("theme", Theme)
def test_the_list_of_a_release_has_its_quota(zuidoost: Release, theme: Theme) -> None:
    ranked, drawn = of_theme(zuidoost.signals, theme)
    assert ranked
    assert len(drawn) == -(-len(ranked) // 4)
    assert {(each.rank, each.reliability, each.route, each.sources, each.level) for each in drawn} == {
        (len(ranked) + 1, "laag", "mono", 0, "zone")
    }
    assert all([code for code, _ in each.reasons] == ["VERKENNING"] for each in drawn)


@pytest.mark.parametrize("theme", Theme)
def test_no_layer_points_at_a_drawn_place_and_none_can_tell(
    zuidoost: Release, frame: pd.DataFrame, theme: Theme
) -> None:
    ranked, drawn = of_theme(zuidoost.signals, theme)
    assert not {cell for each in ranked for cell in each.cells} & {cell for each in drawn for cell in each.cells}
    for each in drawn:
        for layer in zuidoost.layers:
            own = frame[(frame["layer"] == layer.id) & (frame["level"] == "zone") & (frame["zone"] == each.zone)]
            if theme not in layer.themes or layer.base is not Base.ALL or own["value"].isna().all():
                continue
            row = own.iloc[0]
            assert row["hotspot"] != "hotspot"
            assert row["p_double"] < 0.95
            assert row["low"] == 0
            assert poisson.cdf(row["high"], 2 * zuidoost.rates[layer.id] * row["addresses"]) >= 0.025


def test_the_order_of_rows_and_other_figures_do_not_choose(zuidoost: Release, frame: pd.DataFrame) -> None:
    assert ranked_again(zuidoost, frame.sample(frac=1, random_state=1)) == zuidoost.signals
    _, before = of_theme(zuidoost.signals, Theme.DRUGS)
    other = frame.copy()
    at_zone = (other["level"] == "zone") & ~other["zone"].isin({each.zone for each in before})
    other.loc[at_zone & other["value"].notna(), ["low", "high"]] = [0, 4]
    other.loc[at_zone, ["rate_low", "rate_high"]] *= 1.5
    other.loc[at_zone & other["layer"].str.startswith("thema:"), "ratio"] *= 2
    _, after = of_theme(ranked_again(zuidoost, other), Theme.DRUGS)
    stayed = [each.zone for each in after if each.zone in {one.zone for one in before}]
    assert stayed == [each.zone for each in before][: len(stayed)]
    assert stayed


def test_a_place_that_something_is_told_about_leaves_the_draw_to_the_next(
    zuidoost: Release, frame: pd.DataFrame
) -> None:
    ranked, before = of_theme(zuidoost.signals, Theme.DRUGS)
    told = frame.copy()
    told.loc[(told["zone"] == before[0].zone) & (told["level"] == "zone") & (told["value"].notna()), "low"] = 1
    same, after = of_theme(ranked_again(zuidoost, told), Theme.DRUGS)
    assert same == ranked
    assert [each.zone for each in after[:-1]] == [each.zone for each in before[1:]]
    assert after[-1].zone not in {each.zone for each in before}


def test_a_seed_gives_its_own_draw_and_the_same_ranking(zuidoost: Release, frame: pd.DataFrame) -> None:
    found = [ranked_again(zuidoost, frame, seed) for seed in (0, 1, 1)]
    assert found[0] == zuidoost.signals
    assert found[1] == found[2]
    for theme in Theme:
        (ranked, drawn), (again, other) = (of_theme(each, theme) for each in found[:2])
        assert ranked == again
        assert {each.zone for each in drawn} != {each.zone for each in other}


def test_where_all_is_told_only_a_blind_spot_is_drawn_and_it_has_no_score(
    zuidoost: Release, frame: pd.DataFrame
) -> None:
    ranked, drawn = of_theme(zuidoost.signals, Theme.DRUGS)
    blind = drawn[0].zone
    told = frame.copy()
    at_zone = told["level"] == "zone"
    here = at_zone & (told["zone"] == blind)
    told.loc[at_zone & told["value"].notna(), "low"] = 1
    told.loc[here, ["value", "ratio", "low"]] = None
    told.loc[here, "status"] = "geen_data"
    same, found = of_theme(ranked_again(zuidoost, told), Theme.DRUGS)
    assert same == ranked
    assert [(each.zone, each.score) for each in found] == [(blind, None)]
    assert "geen enkele bron heeft een eigen cijfer" in found[0].reasons[0][1]
    assert found[0].unknown.startswith("geen gegevens over: ")
    told.loc[here & ~told["layer"].str.startswith("thema:"), ["value", "low"]] = 1
    assert of_theme(ranked_again(zuidoost, told), Theme.DRUGS)[1] == []
