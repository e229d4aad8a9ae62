"""The scan statistic against SaTScan's published output, cases on paper, brute force, and its false alarm rate."""

import json
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from geoanalyse.rounding import rounded
from geoanalyse.stats import clusters, windows
from geoanalyse.stats.clusters import scan
from geoanalyse.stats.rates import Prior, Published, fit_prior
from geoanalyse.stats.windows import Circles, Rings, distances, gumbel_p, log_likelihood_ratio, nested

LINE = np.stack([np.arange(6.0), np.zeros(6)], axis=1)


def lattice(size: int) -> np.ndarray:
    return np.array(list(product(range(size), repeat=2)), dtype=float)


def touching(place: np.ndarray) -> sparse.csr_array:
    apart = np.abs(place[:, None, :] - place[None, :, :]).sum(axis=2)
    return sparse.csr_array((apart == 1).astype(float))


def published(value: np.ndarray, addresses: np.ndarray, base: int) -> Published:
    return Published(value, addresses, np.zeros(len(value), dtype=bool), base, np.ones(len(value), dtype=np.int64))


def every_window(windows: Circles | Rings, people: np.ndarray, share: float) -> list[frozenset[int]]:
    """All windows by their definition: whoever is no further than some other unit."""
    if isinstance(windows, Circles):
        apart = np.hypot(*(windows.place[:, None, :] - windows.place[None, :, :]).T)
    else:
        reached = sparse.csgraph.shortest_path(windows.graph, unweighted=True)
        apart = np.where(reached <= windows.most, reached, np.inf)
    found = []
    for row in apart:
        for limit in np.unique(row[np.isfinite(row)]):
            inside = np.flatnonzero(row <= limit * (1 + 1e-9))
            if people[inside].sum() <= share * people.sum() * (1 + 1e-9):
                found.append(frozenset(inside.tolist()))
    return found


def highest(cases: np.ndarray, people: np.ndarray, found: list[frozenset[int]]) -> float:
    total, whole = cases.sum(), people.sum()
    best = 0.0
    for members in found:
        rows = sorted(members)
        seen, mean = int(cases[rows].sum()), total * people[rows].sum() / whole
        if seen > mean > 0:
            outside = (total - seen) * np.log((total - seen) / (total - mean)) if seen < total else 0.0
            best = max(best, seen * np.log(seen / mean) + outside)
    return best


# --- published and worked by hand -------------------------------------------------------------------------------------


def test_leukaemia_in_new_york_has_the_clusters_of_satscan(shared: Path) -> None:
    # SaTScan 9.6 with "Cartesian" coordinates: straight distances on plain degrees (jfrench/smerc tests/, GPL-2+)
    frame = pd.read_csv(shared / "published" / "ny_leukemia_281.csv")
    text = (shared / "published" / "ny_leukemia_satscan_circular_50pct.json").read_text(encoding="utf-8")
    expected = json.loads(text)["clusters"]
    windows = Circles(frame[["lat", "lon"]].to_numpy(), "plane")
    found = scan(frame["cases"].to_numpy(), frame["population"].to_numpy(), windows, seed=1, most=6).clusters
    for mine, theirs in zip(found, expected, strict=True):
        assert set((mine.members + 1).tolist()) == set(theirs["location_ids"])
        assert mine.members[0] + 1 == theirs["location_ids"][0]
        assert mine.observed == theirs["observed"]
        assert mine.expected == pytest.approx(theirs["expected"], abs=0.005)
        assert mine.relative_risk == pytest.approx(theirs["rr"], abs=0.005)
        assert mine.llr == pytest.approx(theirs["llr"], abs=5e-7)
        error = 4 * np.sqrt(2 * theirs["p_value"] * (1 - theirs["p_value"]) / 999) + 0.001
        assert abs(mine.p - theirs["p_value"]) < error
        assert mine.p_gumbel == pytest.approx(theirs["p_value"], abs=0.03)


def test_six_units_on_a_line_by_hand() -> None:
    # 13 of the 16 cases in the first three units, where 8 are expected: 13 ln(13/8) + 3 ln(3/8)
    cases = np.array([1, 6, 6, 1, 1, 1])
    first, *rest = scan(cases, np.full(6, 50), Circles(LINE, "plane"), seed=3, replicas=99).clusters
    # 1 has 0 and 2 at equal distance, and 2 has 1 and 3: no circle holds 1 and 2 only
    assert sorted(first.members.tolist()) == [0, 1, 2]
    assert first.observed == 13
    assert first.expected == pytest.approx(8)
    assert first.llr == pytest.approx(13 * np.log(13 / 8) + 3 * np.log(3 / 8))
    assert first.relative_risk == pytest.approx(13 / 3)
    assert rest == []


def test_ties_in_distance_enter_together() -> None:
    windows = Circles(LINE, "plane")
    order, ends = nested(distances(windows, np.array([2]))[0], np.full(6, 1 / 6), 0.99)
    assert order.tolist() == [2, 1, 3, 0, 4]
    assert ends.tolist() == [True, False, True, False, True]


def test_the_way_over_the_globe_is_not_that_on_plain_degrees() -> None:
    # at 60 degrees north a degree of longitude is half as long as one of latitude
    place = np.array([[5.0, 60.0], [6.5, 60.0], [5.0, 61.0], [40.0, 60.0]])
    risk = np.full(4, 0.25)
    orders = [
        nested(distances(Circles(place, metric), np.array([0]))[0], risk, 0.8)[0].tolist()
        for metric in ("sphere", "plane")
    ]
    assert orders == [[0, 1, 2], [0, 2, 1]]


def test_rings_do_not_cross_a_gap() -> None:
    # two halves of a line without a link: no window holds units of both
    left, right = np.array([0, 1, 3, 4]), np.array([1, 2, 4, 5])
    graph = sparse.coo_array((np.ones(4), (left, right)), shape=(6, 6)).tocsr()
    first, *_ = scan(np.array([0, 1, 9, 9, 1, 0]), np.ones(6), Rings(graph, 5), seed=1, replicas=9).clusters
    assert first.members.tolist() == [2]  # neighbours 1 only, in spite of 3 being as high
    assert first.llr == pytest.approx(9 * np.log(9 / (20 / 6)) + 11 * np.log(11 / (20 * 5 / 6)))


def test_the_gumbel_p_of_gumbel_numbers_is_their_tail() -> None:
    maxima = np.random.default_rng(1).gumbel(5.0, 0.8, 200_000)
    assert gumbel_p(9.0, maxima) == pytest.approx(1 - np.exp(-np.exp(-(9 - 5) / 0.8)), rel=0.05)
    assert np.isnan(gumbel_p(1.0, np.ones(5)))


# --- for any map ------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32), share=st.sampled_from([0.2, 0.5, 0.9]), kind=st.sampled_from(["random", "grid", "k"])
)
def test_the_fast_search_finds_what_brute_force_finds(seed: int, share: float, kind: str) -> None:
    random = np.random.default_rng(seed)
    place = random.random((30, 2)) if kind == "random" else lattice(6)
    people = random.integers(0, 50, len(place)) * (random.random(len(place)) < 0.9) + 1.0 * (kind == "k")
    people[0] += 1
    windows = Rings(touching(place), 3) if kind == "k" else Circles(place, "plane")
    cases = random.poisson(people * random.gamma(1.0, 0.1, len(people))) + (people > 0)
    found = scan(cases, people, windows, seed=seed % 1000, share=share, replicas=5)
    sets = every_window(windows, people, share)
    best = highest(cases, people, sets)
    assert (found.clusters[0].llr if found.clusters else 0.0) == pytest.approx(best, abs=1e-9)
    risk = people / people.sum()
    for number in range(5):
        drawn = clusters._replica(cases, int(cases.sum()), risk, None, seed % 1000, number)
        assert found.maxima[number] == pytest.approx(highest(drawn, people, sets), abs=1e-9)
    taken = [set(cluster.members.tolist()) for cluster in found.clusters]
    assert sum(map(len, taken)) == len(set().union(*taken)) if taken else best == 0
    assert all(frozenset(members) in sets for members in taken)
    assert all(one.llr >= other.llr for one, other in zip(found.clusters, found.clusters[1:], strict=False))
    if len(taken) > 1:  # the second is the best of what does not touch the first
        apart = [window for window in sets if not window & taken[0]]
        assert found.clusters[1].llr == pytest.approx(highest(cases, people, apart), abs=1e-9)


@pytest.mark.parametrize(("size", "total"), [(12, 500), (25, 40_000), (25, 3_000_000)])
def test_the_bound_never_hides_the_highest(size: int, total: int) -> None:
    place = np.random.default_rng(2).random((size**2, 2))
    people = np.random.default_rng(3).gamma(0.5, 100.0, size**2)
    risk = people / people.sum()
    found = scan(
        np.random.default_rng(4).multinomial(total, risk), people, Circles(place, "plane"), seed=5, replicas=6,
        prior=Prior(2.0, 1.0),
    )  # fmt: skip
    apart = np.hypot(*(place[:, None, :] - place[None, :, :]).T)
    for number in range(6):
        drawn = clusters._replica(np.zeros(size**2, dtype=int), total, risk, Prior(2.0, 1.0), 5, number)
        order = np.argsort(apart, axis=1)
        within = np.cumsum(risk[order], axis=1)
        ratio = log_likelihood_ratio(np.cumsum(drawn[order], axis=1), total * within, total)
        assert found.maxima[number] == pytest.approx(ratio[within <= 0.5].max(), rel=1e-9)


def test_threads_blocks_and_more_replicas_leave_the_figures_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(6)
    place, people = random.random((80, 2)), random.integers(10, 90, 80)
    cases = random.poisson(people * 0.05)
    once = scan(cases, people, Circles(place, "plane"), seed=11, replicas=150)
    for name, size in (("_COLUMNS", 7), ("_HELD", 1600)):
        monkeypatch.setattr(clusters, name, size)
    monkeypatch.setattr(windows, "_CENTRES", 800)
    again = scan(cases, people, Circles(place, "plane"), seed=11, replicas=199, threads=3)
    assert (again.maxima[:150] == once.maxima).all()
    assert [one.members.tolist() for one in again.clusters] == [one.members.tolist() for one in once.clusters]
    assert not np.array_equal(scan(cases, people, Circles(place, "plane"), seed=12, replicas=150).maxima, once.maxima)


@pytest.mark.parametrize(
    ("cases", "people", "message"),
    [
        (np.array([1.5, 1, 1, 1, 1, 1]), np.ones(6), "whole numbers"),
        (np.array([-1, 1, 1, 1, 1, 1]), np.ones(6), "at least 0"),
        (np.ones(6, dtype=int), np.array([0, 1, 1, 1, 1, 1]), "without population"),
        (np.ones(6, dtype=int), np.array([np.nan, 1, 1, 1, 1, 1]), "finite"),
        (np.ones(6, dtype=int), np.ones(5), "one number per unit"),
    ],
)
def test_what_makes_no_sense_is_refused(cases: np.ndarray, people: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        scan(cases, people, Circles(LINE, "plane"), seed=1)


def test_no_cases_no_clusters() -> None:
    assert scan(np.zeros(6, dtype=int), np.ones(6), Circles(LINE, "plane"), seed=1, replicas=9).clusters == ()


# --- false alarms and power -------------------------------------------------------------------------------------------


def alarms(shape: float | None, base: int, maps: int, *, allow: bool) -> float:
    """Share of maps without clusters with one at p <= 0.05; the prior is fitted on each map, as an analyst would."""
    place = lattice(12)
    graph = touching(place)
    called = 0
    for seed in range(maps):
        random = np.random.default_rng([seed, base, 77])
        addresses = np.maximum(10, random.gamma(1.0, 45.0, len(place))).astype(np.int64)
        rate = 0.04 * (random.gamma(shape, 1 / shape, len(place)) if shape else np.ones(len(place)))
        exact = random.poisson(rate * addresses)
        value = rounded(exact, random.integers(0, base, len(place)), base) if base > 1 else exact
        seen = published(value, addresses, base)
        prior = fit_prior([seen]) if allow else None
        found = scan(
            seen if base > 1 else value, addresses, Rings(graph, 4), seed=seed, replicas=99, prior=prior, most=1
        )
        called += bool(found.clusters) and found.clusters[0].p <= 0.05
    return called / maps


@pytest.mark.parametrize(
    ("shape", "base"),
    [(None, 5), (1.5, 3), *(pytest.param(*rest, marks=pytest.mark.full) for rest in ((None, 1), (1.5, 1), (1.5, 5)))],
)
def test_false_alarms_are_about_one_in_twenty(shape: float | None, base: int) -> None:
    assert alarms(shape, base, 120, allow=shape is not None) <= 0.11  # 5 % and three standard errors of 2 %


def test_without_the_rounding_or_the_spread_of_rates_false_alarms_abound() -> None:
    assert alarms(1.5, 1, 40, allow=False) > 0.5


def test_a_planted_cluster_is_found_through_the_rounding() -> None:
    place = lattice(15)
    random = np.random.default_rng(8)
    addresses = np.maximum(10, random.gamma(1.0, 45.0, len(place))).astype(np.int64)
    hot = np.hypot(*(place - [4, 10]).T) <= 2
    rate = np.where(hot, 0.10, 0.02) * random.gamma(3.0, 1 / 3, len(place))
    value = rounded(random.poisson(rate * addresses), random.integers(0, 5, len(place)), 5)
    seen = published(value, addresses, 5)
    (first,) = scan(seen, addresses, Circles(place, "plane"), seed=1, prior=fit_prior([seen]), most=1).clusters
    assert first.p <= 0.05
    assert hot[first.members].mean() > 0.5


@pytest.mark.parametrize(("terms", "displacement"), [(1, 0), (3, 0), (1, 2)])
def test_replicas_of_published_values_are_rounded_as_they_were(terms: int, displacement: int) -> None:
    units = np.ones(50, dtype=np.int64)
    seen = Published(20 * units, 400 * units, units == 0, 5, terms * units, displacement=displacement)
    drawn = np.stack([clusters._replica(seen, 1000, units / 50, None, 4, number) for number in range(400)])
    assert (drawn % 5 == 0).all()
    assert drawn.mean() == pytest.approx(20, rel=0.01)
    rounding = terms * ((5**2 - 1) / 6) + displacement * (displacement + 1) / 3
    assert drawn.var() == pytest.approx(20 * (1 - 1 / 50) + rounding, rel=0.06)


def test_replicas_of_published_values_keep_to_the_cap() -> None:
    units = np.ones(4, dtype=np.int64)
    seen = Published(10 * units, 12 * units, units == 1, 5, units)
    drawn = np.stack([clusters._replica(seen, 60, units / 4, None, 4, number) for number in range(50)])
    assert drawn.max() == 10
