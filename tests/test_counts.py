"""Counting distinct addresses, and cutting periods into whole calendar units."""

import datetime as dt
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoanalyse.addresses import Events
from geoanalyse.counts import calendar_windows, count, faults_in_period
from geoanalyse.layer import Unit
from tests import town

YEAR = (dt.date(2024, 1, 1), dt.date(2025, 1, 1))


def happened(*rows: tuple[int, str, int]) -> Events:
    address, day, amount = zip(*rows, strict=True)
    return Events(np.array(address), np.array(day, dtype="datetime64[D]"), np.array(amount))


def test_an_address_counts_once_per_window() -> None:
    # two atoms; address 0 and 1 lie in the first, 2 in the second, 3 in none
    events = happened(
        (0, "2024-01-01", 1), (0, "2024-02-01", 1), (0, "2024-05-01", 1), (1, "2024-12-31", 1),
        (2, "2023-12-31", 1), (2, "2025-01-01", 1), (3, "2024-06-01", 1),
    )  # fmt: skip
    counts = count(town.layer("kvk-registraties"), events, np.array([0, 0, 1, -1], dtype=np.int32), 2, YEAR)
    assert counts.total.tolist() == [2, 0]
    assert counts.series.tolist() == [[1, 0], [1, 0], [0, 0], [1, 0]]
    assert counts.outside == 1
    assert repr(counts) == "Counts(kvk-registraties, 2 units)"


def test_an_amount_is_clamped_per_address_and_window() -> None:
    layer = town.layer("fiu-signalen", clamp=3, b=15)
    events = happened(
        (0, "2024-01-01", 2), (0, "2024-01-02", 2), (0, "2024-04-01", 1), (1, "2024-01-01", 50), (1, "2024-02-01", 0)
    )
    counts = count(layer, events, np.array([0, 0], dtype=np.int32), 1, YEAR)
    assert counts.total.tolist() == [3 + 3]
    assert counts.series[:, 0].tolist() == [3 + 3, 1, 0, 0]


def test_a_period_of_one_window_has_no_series() -> None:
    # it would round one count twice
    quarter = (dt.date(2024, 1, 1), dt.date(2024, 4, 1))
    counts = count(
        town.layer("fiu-signalen"), happened((0, "2024-01-01", 1)), np.array([0], dtype=np.int32), 1, quarter
    )
    assert counts.windows == ()
    assert counts.total.tolist() == [1]


def test_an_amount_of_zero_is_no_signal() -> None:
    counts = count(town.layer("fiu-signalen"), happened((0, "2024-01-01", 0)), np.array([0], dtype=np.int32), 1, YEAR)
    assert counts.total.tolist() == [0]


def test_no_events_is_zero_everywhere() -> None:
    nothing = Events(np.empty(0, dtype=np.int64), np.empty(0, dtype="datetime64[D]"), np.empty(0, dtype=np.int64))
    counts = count(town.layer("kvk-registraties"), nothing, np.array([0], dtype=np.int32), 1, YEAR)
    assert counts.total.tolist() == [0]
    assert counts.series.sum() == 0


@given(seed=st.integers(0, 2**32))
def test_counts_are_those_of_sets(seed: int) -> None:
    random = np.random.default_rng(seed)
    owner = random.integers(-1, 4, 30).astype(np.int32)
    size = int(random.integers(0, 60))
    days = np.datetime64("2023-12-01") + random.integers(0, 430, size).astype("timedelta64[D]")
    events = Events(random.integers(0, 30, size), days, np.ones(size, dtype=np.int64))
    counts = count(town.layer("kvk-registraties"), events, owner, 4, YEAR)
    windows = [YEAR, *counts.windows]
    for (start, end), row in zip(windows, [counts.total, *counts.series], strict=True):
        for atom in range(4):
            seen = {
                address
                for address, day in zip(events.address.tolist(), events.day.astype(object), strict=True)
                if start <= day < end and owner[address] == atom
            }
            assert row[atom] == len(seen)


@pytest.mark.parametrize(
    ("unit", "first", "last", "number"),
    [
        (Unit.MONTH, (2024, 2), (2024, 5), 3),
        (Unit.QUARTER, (2023, 10), (2024, 4), 2),
        (Unit.YEAR, (2020, 1), (2024, 1), 4),
    ],
)
def test_windows_join_up(unit: Unit, first: tuple[int, int], last: tuple[int, int], number: int) -> None:
    period = (dt.date(*first, 1), dt.date(*last, 1))
    windows = calendar_windows(period, unit)
    assert len(windows) == number
    assert (windows[0][0], windows[-1][1]) == period
    assert all(left[1] == right[0] for left, right in pairwise(windows))


@pytest.mark.parametrize(
    ("unit", "first", "last"),
    [
        (Unit.QUARTER, (2024, 2, 1), (2024, 7, 1)),
        (Unit.MONTH, (2024, 1, 2), (2024, 2, 1)),
        (Unit.YEAR, (2024, 1, 1), (2024, 1, 1)),
    ],
)
def test_parts_of_units_are_refused(unit: Unit, first: tuple[int, int, int], last: tuple[int, int, int]) -> None:
    period = (dt.date(*first), dt.date(*last))
    with pytest.raises(ValueError, match="hele"):
        calendar_windows(period, unit)
    layer = town.layer("kvk-registraties", period_unit=unit, series=None)
    assert len(faults_in_period([layer], period)) == 1
