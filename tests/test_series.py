"""Windows of a series: classes per window, and which of two windows differ more than chance and rounding allow."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from geoanalyse.geography import Geography
from geoanalyse.published import SCHEMA as PUBLISHED
from geoanalyse.published import Protected
from geoanalyse.rounding import DISPLACEMENT, proven, reach, rounded_apart
from geoanalyse.stats import CLASS_BREAKS
from geoanalyse.stats.frames import described, kinds, whole_period, windows_of
from geoanalyse.stats.rates import Prior, posterior
from geoanalyse.stats.series import LEVEL, _most_likely, chance, series
from tests.sample import QUARTERS, sample_layers, sample_release

counts = st.integers(0, 400)
RELEASE = sample_release()
FIU = sample_layers()[0]


def protected(value: np.ndarray, *, base: int = 5, low: np.ndarray | None = None, capped: bool = False) -> Protected:
    """A published table with one series per buurt: values (buurten x quarters), -1 for no figure."""
    low = proven(value, base) if low is None else low
    rows = []
    for unit, (values, lows) in enumerate(zip(value.tolist(), low.tolist(), strict=True)):
        whole = {"start": QUARTERS[0], "end": QUARTERS[-1], "value": 200, "low": 196, "high": 204, "status": "waarde"}
        windows = [
            {
                "start": QUARTERS[k],
                "end": QUARTERS[k + 1],
                "value": None if shown < 0 else shown,
                "low": None if shown < 0 else least,
                "high": None if shown < 0 or capped else shown + reach(base),
                "status": "geen_data" if shown < 0 else "cap" if capped else "waarde",
            }
            for k, (shown, least) in enumerate(zip(values, lows, strict=True))
        ]
        rows += [
            {
                "zone": f"BU{unit:08d}",
                "level": "buurt",
                "gebiedscode": f"BU{unit:08d}",
                "addresses": 1000,
                "buildings": 10,
                "layer": FIU.id,
                "base": "alle",
                "b": base,
                "profile": "casustafel",
                "rounding": "apart",
                "atoms": 1,
                **window,
            }
            for window in [whole, *windows]
        ]
    rows.sort(key=lambda row: (row["zone"], row["start"], row["end"]))
    return Protected(pa.Table.from_pylist(rows, schema=PUBLISHED), "casustafel", "v", 10)


def changes(table: Protected) -> list[tuple[str, dt.date, dt.date, str]]:
    found = series(table, table, (FIU,), RELEASE.geography)[1]
    return [tuple(row[name] for name in ("zone", "earlier", "later", "change")) for row in found.to_pylist()]


def test_five_against_none_is_one_in_sixteen() -> None:
    assert chance(np.array([5]), np.array([0]), 0.5).tolist() == [2 / 2**5]


@given(least=st.integers(1, 300), most=counts, share=st.floats(0.2, 0.8))
def test_chance_is_the_exact_conditional_test(least: int, most: int, share: float) -> None:
    want = min(1, 2 * scipy_stats.binomtest(least, least + most, share, alternative="greater").pvalue)
    assert chance(np.array([least]), np.array([most]), share)[0] == pytest.approx(want, rel=1e-9, abs=1e-300)


@given(least=counts, most=counts, more=counts, less=counts, share=st.floats(0.2, 0.8))
def test_no_count_within_the_margins_is_more_likely_than_said(
    least: int, most: int, more: int, less: int, share: float
) -> None:
    """The worst case within two intervals bounds every exact pair in them."""
    said = chance(np.array([least]), np.array([most]), share)[0]
    exact = chance(np.array([least + more]), np.array([max(0, most - less)]), share)[0]
    assert exact <= said * (1 + 1e-9)


@given(
    counts=st.tuples(st.integers(0, 120), st.integers(0, 120)),
    threshold=st.integers(-DISPLACEMENT, 4 + DISPLACEMENT),
    share=st.floats(0.2, 0.8),
)
def test_no_counts_that_give_the_values_are_more_likely_than_said(
    counts: tuple[int, int], threshold: int, share: float
) -> None:
    """Two counts, rounded with one threshold: the chance said of their values is never below that of the counts."""
    more, less = max(counts), min(counts)
    value, other = rounded_apart(np.array([more, less]), np.array([threshold] * 2), 5).tolist()
    span = reach(5) + DISPLACEMENT
    said = _most_likely(np.array([value + DISPLACEMENT]), np.array([other + reach(5)]), np.array([span]), share)[0]
    assert chance(np.array([more]), np.array([less]), share)[0] <= said * (1 + 1e-9)


def test_one_threshold_in_both_windows_says_more_than_two_margins() -> None:
    """5 and 30 with b = 5: with two thresholds 11 and 24 are possible, with one at worst 11 and 32."""
    tied = _most_likely(np.array([32]), np.array([11]), np.array([8]), 0.5)[0]
    assert tied == chance(np.array([32]), np.array([11]), 0.5)[0] < chance(np.array([24]), np.array([11]), 0.5)[0]


def test_a_planted_change_is_found_with_its_direction_and_nothing_else_is() -> None:
    value = np.full((6, 8), 30)
    value[2, 5:] = 100
    value[4, 5:] = 0
    found = changes(protected(value))
    assert {(zone[-1], change) for zone, _, _, change in found} == {("2", "meer"), ("4", "minder")}
    pairs = {(earlier, later) for _, earlier, later, _ in found}
    assert pairs == {(QUARTERS[i], QUARTERS[j]) for i in range(5) for j in range(5, 8)}


def test_a_wider_margin_hides_a_change() -> None:
    value = np.array([[30, 60]])
    assert changes(protected(value))
    assert not changes(protected(value, base=30))


def test_a_value_that_may_have_been_moved_counts_with_its_whole_margin() -> None:
    value = np.array([[20, 45]])
    assert changes(protected(value))
    assert not changes(protected(value, low=np.array([[14, 0]])))


def test_without_a_figure_or_an_upper_end_nothing_is_called_less() -> None:
    assert not changes(protected(np.array([[100, 0]]), capped=True))
    assert not changes(protected(np.array([[100, -1]])))
    assert changes(protected(np.array([[100, 0]])))


def test_a_longer_window_may_have_more() -> None:
    """Ninety days against twenty: four times as many is what is to be expected."""
    many, few = np.array([80]), np.array([20])
    assert chance(many, few, 90 / 110)[0] > 0.5
    assert chance(many, few, 0.5)[0] < 1e-6


@pytest.mark.parametrize("base", [1, 5])
def test_chance_alone_is_seldom_called_a_change(base: int) -> None:
    """Poisson counts of one rate per region, rounded with a fixed threshold: few pairs with an alarm."""
    rng = np.random.default_rng(11)
    alarms = pairs = 0
    for _ in range(40):
        exact = rng.poisson(rng.uniform(2, 80, (12, 1)), (12, 8))
        threshold = rng.integers(0, base, (12, 1)) + rng.integers(-DISPLACEMENT, DISPLACEMENT + 1, (12, 1))
        value = rounded_apart(exact, threshold, base)
        found = changes(protected(value, base=base))
        alarms += len({(earlier, later) for _, earlier, later, _ in found})
        pairs += 28
    assert alarms / pairs <= LEVEL


def test_a_region_has_the_same_figures_on_every_map() -> None:
    rng = np.random.default_rng(3)
    value = 5 * rng.integers(0, 12, (9, 8))
    value[3, 4:] += 90
    reference = protected(value)
    part = Protected(reference.table.filter(pc.equal(reference.table["zone"], "BU00000003")), "casustafel", "v", 10)
    whole_windows, whole_changes = series(reference, reference, (FIU,), RELEASE.geography)
    windows, found = series(part, reference, (FIU,), RELEASE.geography)
    mine = pc.equal(whole_windows["zone"], "BU00000003")
    assert windows.equals(whole_windows.filter(mine))
    assert found.equals(whole_changes.filter(pc.equal(whole_changes["zone"], "BU00000003")))
    assert found.num_rows


def test_classes_compare_with_an_average_window_of_the_region() -> None:
    table = protected(np.array([[20] * 8, [60] * 8, [-1] * 8, [5] * 8]))
    windows = series(table, table, (FIU,), RELEASE.geography)[0].to_pandas()
    rate = windows["region_rate"].iloc[0]
    assert rate == pytest.approx((20 + 60 + 5) / 3 / 1000, rel=1e-3)
    rows = windows.set_index(["zone", "start"])
    known = rows[rows["value"].notna()]
    assert (known["ratio"] * rate).to_numpy() == pytest.approx(known["rate_mean"].to_numpy(), rel=2e-3)
    steps = np.searchsorted(CLASS_BREAKS, known["ratio"], side="right") + 1
    assert (known["class"].to_numpy() == steps).all()
    assert rows[rows["value"].isna()]["class"].isna().all()
    assert (known["rate_low"] < known["rate_mean"]).all()


def test_a_sum_in_a_window_adds_up_totals_that_are_displaced() -> None:
    """Over the whole period it adds up zones, which are not; so the same sum leaves more open in a window."""
    table = protected(np.array([[20] * 8, [40] * 8])).table
    summed = table.set_column(table.column_names.index("rounding"), "rounding", pa.array(["som"] * len(table)))
    som = Protected(summed, "casustafel", "v", 10)
    rows = windows_of(som).assign(atoms=4)
    (found,) = kinds(rows)
    assert described(found, FIU).displacement == DISPLACEMENT
    (whole,) = kinds(whole_period(som).assign(atoms=4))
    assert described(whole, FIU).displacement == 0
    prior = Prior(2.0, 100.0)
    wide, narrow = (
        posterior(replace(described(found, FIU), displacement=each), prior, 1.0) for each in (DISPLACEMENT, 0)
    )
    assert (wide.high - wide.low > narrow.high - narrow.low).all()


def test_a_published_zero_is_its_own_class() -> None:
    table = protected(np.array([[20, 20, 0, 20, 20, 20, 20, 20]]))
    classes = series(table, table, (FIU,), RELEASE.geography)[0]["class"].to_pylist()
    assert classes.count(0) == 1


def test_a_level_without_a_figure_has_rows_and_no_differences() -> None:
    table = protected(np.full((2, 3), -1))
    windows, found = series(table, table, (FIU,), RELEASE.geography)
    assert windows["class"].null_count == windows.num_rows == 6
    assert found.num_rows == 0


def test_no_series_gives_empty_tables() -> None:
    release = sample_release()
    table = release.protected.table
    whole = pc.and_(pc.equal(table["start"], release.start), pc.equal(table["end"], release.end))
    bare = Protected(table.filter(whole), "casustafel", "v", 10)
    windows, found = series(bare, bare, release.layers, Geography(release.geography.regions, release.geography.zones))
    assert (windows.num_rows, found.num_rows) == (0, 0)


def test_the_same_table_gives_the_same_series() -> None:
    again = sample_release()
    assert again.windows.equals(RELEASE.windows)
    assert again.changes.equals(RELEASE.changes)
