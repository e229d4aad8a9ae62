"""Knox and near repeats against published figures, cases on paper, and chance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from geoanalyse.stats import events
from geoanalyse.stats.events import knox, near_repeats

# Burkitt's lymphoma in West Nile, Uganda: x, y, day (Williams et al., British Journal of Cancer 37 (1978) 109-122), as
# shipped by PySAL libpysal, examples/burkitt (BSD-3)
BURKITT = """
    300,302,413 291,270,472 326,263,511 299,376,689 267,327,730 266,356,847 267,345,871 262,338,899 268,335,921
    335,275,1134 302,272,1190 301,304,1214 302,272,1224 324,337,1322 260,338,1399 306,385,1480 284,362,1503
    293,332,1549 274,353,1567 263,333,1607 307,386,1615 274,357,1657 297,282,1688 288,365,1695 283,366,1714
    290,352,1811 284,341,1813 286,341,1910 282,350,1986 292,278,1996 305,381,2049 298,378,2053 299,381,2075
    287,342,2081 276,380,2103 261,345,2204 273,347,2209 284,357,2215 266,361,2239 285,360,2272 278,350,2281
    305,321,2349 293,332,2351 297,375,2373 332,273,2377 256,345,2388 275,357,2411 267,350,2412 267,301,2419
    286,379,2424 322,332,2488 278,349,2510 280,356,2512 276,354,2533 261,343,2545 323,298,2588 260,346,2616
    283,352,2617 282,361,2629 308,390,2658 293,275,2695 331,272,2715 266,308,2766 280,354,2772 301,271,2800
    279,361,2888 321,280,2996 292,391,3027 315,307,3118 323,333,3153 282,302,3149 269,348,3149 330,349,3173
    281,302,3237 330,396,3245 328,341,3266 264,323,3275 303,382,3286 264,285,3302 259,337,3308 329,350,3323
    328,351,3342 284,351,3346 309,370,3422 329,270,3453 273,347,3453 295,267,3500 262,353,3530 281,352,3570
    325,335,3576 288,341,3614 302,248,3636 315,273,3661 295,377,3693 284,358,3716 272,376,3773 305,369,3790
    279,318,3806 290,339,3843 311,376,3848 288,256,3848 324,284,3851 287,353,3973 283,364,3976 267,337,3878
    280,298,3963 275,326,3985 281,299,4079 313,365,4080 273,332,4107 283,363,4118 304,366,4133 308,387,4156
    330,275,4194 260,339,4195 289,335,4207 268,314,4212 329,268,4213 264,298,4213 274,342,4216 286,373,4235
    263,346,4258 265,335,4273 269,340,4277 260,359,4290 279,355,4336 284,399,4339 270,337,4352 267,363,4383
    320,282,4385 282,315,4441 303,377,4492 303,247,4518 264,297,4554 303,337,4565 289,380,4610 270,330,4628
    262,335,4637 274,342,4638 262,333,4700 262,333,4700 267,369,4701 255,290,4708 267,336,4750 273,309,4751
    270,328,4764 270,339,4780 265,334,4806 276,360,4822 276,360,4848 283,363,4858 305,374,4861 264,326,4862
    286,361,4888 278,333,4891 257,344,4914 302,395,4918 275,378,4932 290,361,4944 279,362,4948 300,255,4964
    270,357,4975 290,356,5001 291,368,5002 283,361,5072 270,325,5135 266,332,5199 267,367,5353 300,364,5358
    268,390,5361 276,337,5489 293,396,5495 273,345,5505 267,338,5530 278,367,5578 310,387,5583 298,268,5588
    266,332,5599 279,340,5641 266,361,5643 267,344,5650 272,370,5661 327,383,5702 265,335,5728 310,387,5752
    279,339,5753 277,379,5755 258,350,5775
"""


def burkitt() -> tuple[np.ndarray, np.ndarray]:
    rows = np.array([row.split(",") for row in BURKITT.split()], dtype=float)
    return rows[:, :2], rows[:, 2]


def test_burkitt_has_the_figures_of_pointpats() -> None:
    # PySAL pointpats tests (BSD-3): 13 pairs within 20 and 5, Poisson p 0.14624558
    place, time = burkitt()
    assert len(time) == 188
    found = knox(place, time, near=20, soon=5, rng=np.random.default_rng(1))
    assert found.pairs == 13
    assert found.p_poisson == pytest.approx(0.14624558, abs=1e-8)
    assert 0.1 < found.p < 0.3


def test_five_events_on_paper() -> None:
    # close in space: 0-1, 2-3; in time: 0-1, 1-2, 3-4; both: 0-1. Expected 2 x 3 / 10, P(X > 1) = 1 - 1.6 e^-0.6
    found = knox([[0, 0], [3, 4], [100, 0], [100, 5], [300, 0]], [0, 2, 4, 20, 21], near=5, soon=2)
    assert found.pairs == 1
    assert found.expected == pytest.approx(0.6)
    assert found.p_poisson == pytest.approx(1 - 1.6 * np.exp(-0.6))
    assert np.isnan(found.p)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 30), st.integers(0, 12))
def test_pairs_are_those_of_all_pairs(seed: int, near: int, soon: int) -> None:
    random = np.random.default_rng(seed)
    place, time = random.integers(0, 60, (40, 2)).astype(float), random.integers(0, 50, 40).astype(float)
    first, second = np.triu_indices(40, 1)
    apart, between = np.hypot(*(place[first] - place[second]).T), np.abs(time[first] - time[second])
    found = knox(place, time, near, soon)
    assert found.pairs == ((apart <= near) & (between <= soon)).sum()
    assert found.expected == pytest.approx((apart <= near).sum() * (between <= soon).sum() / 780)
    table = near_repeats(place, time, [near, near + 9.5], [soon, soon + 4.5], rng=random, permutations=3).observed
    for row, (low, high) in enumerate(((-1, near), (near, near + 9.5))):
        for column, (early, late) in enumerate(((-1, soon), (soon, soon + 4.5))):
            inside = (apart > low) & (apart <= high) & (between > early) & (between <= late)
            assert table[row, column] == inside.sum()


def test_without_a_link_between_place_and_time_p_is_uniform() -> None:
    # place and season are both uneven: the permutations answer for that
    p = []
    for seed in range(150):
        random = np.random.default_rng(seed)
        place, time = random.normal(size=(120, 2)) * 100, random.gamma(2.0, 50.0, 120)
        p.append(knox(place, time, 30, 10, rng=random, permutations=99).p)
    assert np.mean(np.array(p) <= 0.05) <= 0.11  # 5 % and three standard errors
    assert stats.kstest(p, "uniform").statistic < 0.15


def test_planted_repeats_are_found_in_their_cell_only() -> None:
    random = np.random.default_rng(3)
    place, time = random.random((600, 2)) * 3000, random.random(600) * 365
    again = random.random((60, 2)) * 60 - 30
    place, time = np.concatenate([place, place[:60] + again]), np.concatenate([time, time[:60] + random.random(60) * 6])
    found = near_repeats(place, time, [50, 100, 200], [7, 14, 28], rng=random, permutations=199)
    assert found.p[0, 0] == pytest.approx(1 / 200)
    assert found.ratio[0, 0] > 5
    assert (found.p[1:, 1:] > 0.005).all()


def test_the_very_same_place_is_a_band_of_its_own() -> None:
    found = near_repeats([[1, 1]] * 3 + [[1, 3]], [0, 1, 5, 5], [0, 2], [1, 9], rng=np.random.default_rng(1))
    assert found.observed.tolist() == [[1, 2], [1, 2]]
    assert found.expected.sum() == pytest.approx(6)


def test_many_events_need_no_square_of_memory() -> None:
    random = np.random.default_rng(4)
    place, time = random.random((60_000, 2)) * 60_000, random.random(60_000) * 365
    found = knox(place, time, 100, 7)
    assert found.pairs == pytest.approx(found.expected, rel=0.1)


@pytest.mark.parametrize(
    ("place", "time", "near"),
    [([[0, 0]], [1], 1), ([[0, 0], [1, np.nan]], [1, 2], 1), ([[0, 0], [1, 1]], [1, 2], -1), ([0, 1], [1, 2], 1)],
)
def test_what_makes_no_sense_is_refused(place: list, time: list, near: float) -> None:
    with pytest.raises(ValueError, match="must"):
        knox(place, time, near, 1)


def test_bands_must_ascend() -> None:
    with pytest.raises(ValueError, match="ascending"):
        near_repeats([[0, 0], [1, 1]], [1, 2], [5, 5], [1], rng=np.random.default_rng(1))


def test_pairs_in_time_are_counted_once() -> None:
    assert events._together(np.array([3.0, 1.0, 1.0, 9.0]), 2.0) == 3
