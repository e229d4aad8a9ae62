"""Trend, pattern and alarm of regions: one row each, the same on every map, and seldom by chance."""

import dataclasses

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from geoanalyse.published import SCHEMA as PUBLISHED
from geoanalyse.published import Protected
from geoanalyse.rounding import DISPLACEMENT, proven, reach, rounded_apart
from geoanalyse.stats import hotspots
from geoanalyse.stats.rates import Prior, Published, value_distribution
from geoanalyse.stats.spacetime import PATTERNS, TOO_FEW
from geoanalyse.stats.trends import SCHEMA, trends
from tests.sample import QUARTERS, sample_layers, sample_release

RELEASE = sample_release()
FIU = sample_layers()[0]
BUURTEN = [code for code in RELEASE.geography.regions.codes if code.startswith("BU0363T")]
BASE = 5


def published(value: np.ndarray, *, raised: tuple[int, int] | None = None) -> Protected:
    """A published table with a series for some buurten of Zuidoost: values (buurten x quarters), -1 for no figure."""
    rows = []
    for unit, values in enumerate(value.tolist()):
        common = {
            "zone": BUURTEN[unit],
            "level": "buurt",
            "gebiedscode": BUURTEN[unit],
            "addresses": 1000,
            "buildings": 10,
            "layer": FIU.id,
            "base": "alle",
            "b": BASE,
            "profile": "casustafel",
        }
        whole = {"value": 200, "low": 196, "high": 204, "status": "waarde", "rounding": "apart", "atoms": 1}
        rows.append(common | whole | {"start": QUARTERS[0], "end": QUARTERS[len(values)]})
        for k, shown in enumerate(values):
            least = 0 if raised == (unit, k) else int(proven(np.array(shown), BASE))
            figure = {"value": shown, "low": least, "high": shown + reach(BASE), "status": "waarde", "atoms": 1}
            none = {"value": None, "low": None, "high": None, "status": "geen_data", "atoms": None}
            window = {"start": QUARTERS[k], "end": QUARTERS[k + 1], "rounding": "apart"}
            rows.append(common | window | (none if shown < 0 else figure))
    rows.sort(key=lambda row: (row["zone"], row["start"], row["end"]))
    return Protected(pa.Table.from_pylist(rows, schema=PUBLISHED), "casustafel", "v", 10)


def found(table: Protected) -> list[dict[str, object]]:
    return trends(table, table, (FIU,), RELEASE.geography).to_pylist()


def test_a_rise_a_fall_and_an_alarm() -> None:
    value = np.full((8, 8), 40)
    value[1] = 20 + 10 * np.arange(8)
    value[2] = value[1, ::-1]
    value[3, 6] = 120
    rows = found(published(value))
    assert [row["trend"] for row in rows] == ["geen", "stijgend", "dalend", *["geen"] * 5]
    assert [row["s"] for row in rows[:3]] == [0, 28, -28]
    assert rows[1]["p"] == pytest.approx(2 / 40320, rel=1e-3)
    assert rows[1]["q"] == pytest.approx(8 / 2 * rows[1]["p"], rel=1e-3)
    assert rows[1]["slope"] == pytest.approx(40, rel=0.02)
    assert rows[3]["alarm"] == QUARTERS[6]
    assert rows[0]["alarm"] is None


def test_an_alarm_waits_for_what_rounding_may_hide() -> None:
    """By published values 20 to 45 looks like a doubling; 26 to 39 is as possible."""
    value = np.full((4, 8), 20)
    value[0, 7] = 45
    value[1, 7] = 90
    rows = found(published(value))
    assert [row["alarm"] for row in rows] == [None, QUARTERS[7], None, None]


def test_a_value_that_may_have_been_raised_is_no_part_of_a_trend() -> None:
    value = np.tile(20 + 5 * np.arange(8), (4, 1))
    plain, raised = (found(published(value, raised=cell)) for cell in (None, (0, 7)))
    assert plain[0]["s"] == 28
    assert raised[0]["s"] == 21
    assert raised[0]["trend"] == TOO_FEW
    assert raised[0]["windows"] == 8


def test_without_figures_there_is_a_row_that_says_nothing() -> None:
    value = np.full((3, 8), 20)
    value[1] = -1
    value[2, 2:] = -1
    rows = found(published(value))
    assert [row["windows"] for row in rows] == [8, 0, 2]
    for row in rows[1:]:
        assert (row["trend"], row["pattern"]) == (TOO_FEW, TOO_FEW)
        assert row["p"] is row["q"] is row["slope"] is row["alarm"] is None


def test_a_place_that_becomes_hot_is_new_then_consecutive() -> None:
    random = np.random.default_rng(1)
    value = 5 * random.integers(0, 3, (40, 8))
    for first, pattern in ((7, "nieuw"), (5, "opeenvolgend")):
        planted = value.copy()
        planted[:3, first:] = 60
        rows = found(published(planted))
        patterns = [row["pattern"] for row in rows]
        assert pattern in patterns[:3]
        assert all(row["hot"] == 8 - first for row in rows if row["pattern"] == pattern)


def test_a_region_has_the_same_row_on_every_map() -> None:
    random = np.random.default_rng(3)
    value = 5 * random.integers(0, 12, (9, 8))
    value[3] = 10 * np.arange(8)
    reference = published(value)
    mine = pc.equal(reference.table["zone"], BUURTEN[3])
    part = Protected(reference.table.filter(mine), "casustafel", "v", 10)
    whole = trends(reference, reference, (FIU,), RELEASE.geography)
    alone = trends(part, reference, (FIU,), RELEASE.geography)
    assert alone.equals(whole.filter(pc.equal(whole["zone"], BUURTEN[3])))
    assert alone.num_rows == 1


def test_the_sample_has_a_row_per_region_with_a_series() -> None:
    table = RELEASE.trends
    assert table.schema.equals(SCHEMA)
    windows = RELEASE.windows.select(["layer", "level", "zone"]).to_pandas().drop_duplicates()
    keys = table.select(["layer", "level", "zone"]).to_pandas()
    assert sorted(map(tuple, windows.to_numpy())) == sorted(map(tuple, keys.to_numpy()))
    tested = table.filter(pc.is_in(table["level"], pa.array(["buurt", "wijk"])))
    assert set(tested["pattern"].to_pylist()) <= set(PATTERNS)
    assert sample_release().trends.equals(table)


def test_no_series_gives_an_empty_table() -> None:
    table = RELEASE.protected.table
    whole = pc.and_(pc.equal(table["start"], RELEASE.start), pc.equal(table["end"], RELEASE.end))
    bare = Protected(table.filter(whole), "casustafel", "v", 10)
    assert trends(bare, bare, RELEASE.layers, RELEASE.geography).num_rows == 0


# --- hot spots per window ---------------------------------------------------------------------------------------------


def thresholds(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return random.integers(0, BASE, shape) + random.integers(-DISPLACEMENT, DISPLACEMENT + 1, shape)


@pytest.mark.parametrize("terms", [1, 3])
def test_the_distribution_of_displaced_values_is_that_of_rounding_them(terms: int) -> None:
    random = np.random.default_rng(4)
    prior, size = Prior(1.3, 400.0), 300_000
    count = random.poisson(random.gamma(prior.shape, 1 / prior.addresses, size) * 3000)
    parts = random.multinomial(count, [1 / terms] * terms)
    value = rounded_apart(parts, thresholds(random, parts.shape), BASE).sum(axis=1)
    seen = np.bincount(value // BASE, minlength=16)[:16] / size
    said = value_distribution(np.array([3000]), np.array([terms]), BASE, prior, 16, 1, DISPLACEMENT)[0]
    assert np.abs(seen - said).max() < (0.003 if terms == 1 else 0.01)


def lattice(size: int) -> np.ndarray:
    """Pairs of neighbours on a square grid."""
    number = np.arange(size * size).reshape(size, size)
    across = np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()], axis=1)
    return np.concatenate([across, np.stack([number[:-1].ravel(), number[1:].ravel()], axis=1)])


def as_windows(value: np.ndarray, addresses: np.ndarray, pairs: np.ndarray) -> list[hotspots.Window]:
    ones = np.ones(len(value), dtype=np.int64)
    return [
        hotspots.Window(
            Published(column, addresses, ones == 0, BASE, ones, displacement=DISPLACEMENT),
            pairs,
            number,
        )
        for number, column in enumerate(value.T)
    ]


@pytest.mark.parametrize(
    ("rate", "shape", "lasting"), [(0.005, 1e6, False), (0.002, 3.0, True), (0.02, 1.5, True), (0.02, 1.5, False)]
)
def test_where_nothing_stands_together_hardly_anything_is_called(rate: float, shape: float, *, lasting: bool) -> None:
    """Rates of their own but no pattern, the same in all windows or drawn anew: every call is false."""
    size, windows = 12, 8
    pairs = lattice(size)
    maps_with_a_call = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        addresses = np.maximum(60, random.gamma(2.0, 400.0, size**2)).astype(np.int64)
        truth = random.gamma(shape, rate / shape, (size**2, 1 if lasting else windows))
        season = random.uniform(0.6, 1.4, windows)
        count = random.poisson(truth * addresses[:, None] * season)
        value = rounded_apart(count, thresholds(random, (size**2, 1)), BASE)
        called = hotspots.classes_of_windows(as_windows(value, addresses, pairs))
        maps_with_a_call += any((each != "geen").any() for each in called)
    assert maps_with_a_call <= 5  # 5 % of 40 is 2; more than 5 has a chance of 1 %


def test_a_planted_concentration_is_found_in_its_windows() -> None:
    size = 15
    random = np.random.default_rng(5)
    addresses = np.maximum(60, random.gamma(2.0, 400.0, size**2)).astype(np.int64)
    row, column = np.divmod(np.arange(size**2), size)
    planted = (abs(row - 7) <= 1) & (abs(column - 7) <= 1)
    rate = np.full((size**2, 8), 0.005)
    rate[planted, 4:] *= 6
    value = rounded_apart(random.poisson(rate * addresses[:, None]), thresholds(random, (size**2, 1)), BASE)
    called = hotspots.classes_of_windows(as_windows(value, addresses, lattice(size)))
    hot = np.array(called).T == "hotspot"
    assert hot[planted, 4:].mean() > 0.6
    near = (abs(row - 7) <= 2) & (abs(column - 7) <= 2)
    assert hot[~near].mean() < 0.01
    assert hot[:, :4].mean() < 0.01


def test_units_of_another_rounding_share_the_mean_of_the_window() -> None:
    pairs = np.empty((0, 2), dtype=np.int64)
    ones = np.ones(30, dtype=np.int64)
    value = BASE * np.random.default_rng(6).integers(0, 4, 30)
    one = hotspots.Window(Published(value, 500 * ones, ones == 0, BASE, ones), pairs, 0)
    other = dataclasses.replace(one, published=dataclasses.replace(one.published, base=10, value=2 * value))
    none = dataclasses.replace(one, published=one.published.take(np.empty(0, dtype=np.intp)))
    assert [len(each) for each in hotspots.classes_of_windows([one, none, other])] == [30, 0, 30]
    assert [len(each) for each in hotspots.classes_of_windows([none])] == [0]
