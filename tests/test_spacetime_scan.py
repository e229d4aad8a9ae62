"""The space-time permutation scan: against every cylinder by its definition, and what must not alarm."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from geoanalyse.stats import spacetime_scan
from geoanalyse.stats.spacetime_scan import permutation_scan
from geoanalyse.stats.windows import Circles, Rings

LATTICE = np.array(list(product(range(3), range(3))), dtype=float)


def bases(place: np.ndarray, unit: np.ndarray, share: float) -> list[frozenset[int]]:
    """Whoever is no further from some unit than some other, with at most a share of the events."""
    apart = np.hypot(*(place[:, None, :] - place[None, :, :]).T)
    found = {frozenset(np.flatnonzero(row <= reach * (1 + 1e-9)).tolist()) for row in apart for reach in row.tolist()}
    return [base for base in found if np.isin(unit, list(base)).sum() <= share * len(unit) * (1 + 1e-9)]


def ratio(seen: int, mean: float, total: int) -> float:
    """The formula, written out."""
    if not 0 < mean < seen or mean >= total:
        return 0.0
    rest = (total - seen) * np.log((total - seen) / (total - mean)) if seen < total else 0.0
    return float(seen * np.log(seen / mean) + rest)


def every_cylinder(
    place: np.ndarray, unit: np.ndarray, period: np.ndarray, share: float, longest: int
) -> dict[tuple[frozenset[int], int, int], float]:
    last = int(period.max()) + 1
    found = {}
    for base in bases(place, unit, share):
        inside = np.isin(unit, list(base))
        for start in range(last):
            for end in range(start + 1, min(start + longest, last) + 1):
                during = (period >= start) & (period < end)
                mean = float(inside.sum() * during.sum() / len(unit))
                found[base, start, end] = ratio(int((inside & during).sum()), mean, len(unit))
    return found


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    events=st.integers(2, 40),
    periods=st.integers(2, 7),
    share=st.sampled_from([0.3, 0.5, 0.9]),
    data=st.data(),
)
def test_the_first_is_the_best_of_all_cylinders_and_no_two_overlap(
    seed: int, events: int, periods: int, share: float, data: st.DataObject
) -> None:
    random = np.random.default_rng(seed)
    unit, period = random.integers(0, 9, events), random.integers(0, periods, events)
    if period.max() < 1:
        return
    longest = data.draw(st.integers(1, int(period.max())))
    found = permutation_scan(unit, period, Circles(LATTICE, "plane"), seed=1, longest=longest, share=share, replicas=3)
    every = every_cylinder(LATTICE, unit, period, share, longest)
    highest = max(every.values(), default=0.0)
    if highest <= 0:
        assert found.found == ()
        return
    taken: set[tuple[int, int]] = set()
    free = dict(every)
    for each in found.found:
        mine = {(member, when) for member in each.members.tolist() for when in range(each.start, each.end)}
        assert not taken & mine
        assert each.llr == pytest.approx(max(free.values()))
        assert every[frozenset(each.members.tolist()), each.start, each.end] == pytest.approx(each.llr)
        taken |= mine
        free = {
            key: value
            for key, value in free.items()
            if not taken & {(member, when) for member in key[0] for when in range(key[1], key[2])}
        }
    assert len(found.found) == 10 or max(free.values(), default=0.0) <= 1e-9
    for number, best in enumerate(found.maxima.tolist()):
        counts = spacetime_scan._replica(unit, period, (9, int(period.max()) + 1), 1, number)
        assert counts.sum(axis=1).tolist() == np.bincount(unit, minlength=9).tolist()
        assert counts.sum(axis=0).tolist() == np.bincount(period).tolist()
        again_unit, again_period = (np.repeat(axis, counts.ravel()) for axis in np.indices(counts.shape).reshape(2, -1))
        again = every_cylinder(LATTICE, again_unit, again_period, share, longest)
        assert best == pytest.approx(max(again.values(), default=0.0))


def test_on_paper() -> None:
    """Two of four events in unit 0 and period 0, where 1 is expected: 2 ln 2 + 2 ln (2/3)."""
    place = np.array([[0.0, 0.0], [1.0, 0.0]])
    unit, period = np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1])
    first, second = permutation_scan(unit, period, Circles(place, "plane"), seed=1, longest=1, replicas=9).found
    assert (first.observed, first.expected) == (2, 1.0)
    assert first.llr == pytest.approx(2 * np.log(2) + 2 * np.log(2 / 3))
    assert (first.members.tolist(), first.start, second.members.tolist(), second.start) == ([0], 0, [1], 1)


def town(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Places that differ tenfold and a trend in time, but nothing together."""
    random = np.random.default_rng(seed)
    often = random.gamma(1.0, 1.0, 25)
    unit = random.choice(25, 300, p=often / often.sum())
    trend = np.linspace(1, 4, 20)
    return unit, random.choice(20, 300, p=trend / trend.sum())


GRID = np.array(list(product(range(5), range(5))), dtype=float)


def test_places_with_many_and_times_with_many_are_no_outbreak() -> None:
    alarms = 0
    for seed in range(40):
        unit, period = town(seed)
        found = permutation_scan(unit, period, Circles(GRID, "plane"), seed=seed, longest=5, replicas=19, most=1)
        alarms += found.found[0].p <= 0.05
    assert alarms / 40 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 40)


@pytest.mark.parametrize("kind", ["circles", "rings"])
def test_a_planted_outbreak_is_found_where_and_when_it_was(kind: str) -> None:
    random = np.random.default_rng(3)
    unit, period = random.integers(0, 25, 200), random.integers(0, 20, 200)
    near = [12, 11, 13, 7, 17]
    unit = np.concatenate([unit, np.repeat(near, 12)])
    period = np.concatenate([period, np.tile([8, 9], 30)])
    if kind == "circles":
        windows: Circles | Rings = Circles(GRID, "plane")
    else:
        apart = np.abs(GRID[:, None, :] - GRID[None, :, :]).sum(axis=2)
        windows = Rings(sparse.csr_array(apart == 1), 3)
    found = permutation_scan(unit, period, windows, seed=1, longest=6, replicas=99)
    first = found.found[0]
    assert first.p == 0.01
    assert set(first.members.tolist()) == set(near)
    assert (first.start, first.end) == (8, 10)
    twice = permutation_scan(unit, period, windows, seed=1, longest=6, replicas=99, threads=2)
    assert twice.maxima.tolist() == found.maxima.tolist()
    more = permutation_scan(unit, period, windows, seed=1, longest=6, replicas=120)
    assert more.maxima[:99].tolist() == found.maxima.tolist()


@pytest.mark.parametrize(
    ("unit", "period", "longest", "fault"),
    [
        ([0, 1], [0], 1, "one number per event"),
        ([0, 9], [0, 1], 1, "the position of a unit"),
        ([0, 1], [0, -1], 1, "a period of at least 0"),
        ([0.5, 1.0], [0, 1], 1, "whole numbers"),
        ([0, 1], [0, 3], 4, "shorter than all of them"),
        ([0, 1], [0, 3], 0, "at least 1 period"),
    ],
)
def test_what_cannot_be_is_refused(unit: list[float], period: list[int], longest: int, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        permutation_scan(np.array(unit), np.array(period), Circles(LATTICE, "plane"), seed=1, longest=longest)


def test_without_events_or_with_one_period_nothing_stands_out() -> None:
    nothing = np.empty(0, dtype=int)
    none = permutation_scan(nothing, nothing, Circles(LATTICE, "plane"), seed=1, longest=1, replicas=5)
    assert (none.found, none.maxima.tolist()) == ((), [0.0] * 5)
    once = permutation_scan(np.array([0, 1, 2]), np.zeros(3, dtype=int), Circles(LATTICE, "plane"), seed=1, longest=1)
    assert once.found == ()
