"""What windows of a fixed length say of each other: on paper, by enumeration, and never beside the truth."""

import dataclasses
import datetime as dt
import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.attack.adversary.moments import Moment, Total
from tests.attack.test_adversary_parts import moment, ranges, total

Window = tuple[dt.date, dt.date]


def months(first: int, number: int) -> Window:
    start, end = (dt.date(2023 + month // 12, month % 12 + 1, 1) for month in (first, first + number))
    return start, end


def rolling(values: Sequence[int], length: int, **more: int) -> list[Moment]:
    """Say what was published of one zone with b = 3, in a window of so many months that moves month by month."""
    return [moment([value], base=3, period=months(at, length), **more) for at, value in enumerate(values)]


NEVER_PART = ((0, 6, 0), (0, 12, 3), (12, 6, 0), (12, 12, 3), (24, 12, 0))
"""Start, length and value of windows of which two have one start, or no day in common."""


# --- on paper ---------------------------------------------------------------------------------------------------------


def test_values_that_go_up_and_down_within_one_length_leave_one_history() -> None:
    # each rise brings in one at least that stays, and the last value leaves room for two at most: c = 0
    assert ranges(rolling([0, 3, 0, 3, 0], 12)) == [(2, 2), (3, 3), (2, 2), (3, 3), (2, 2)]


def test_one_rise_and_fall_within_one_length_leaves_less_than_b() -> None:
    # whoever came in is there at the end, so n2 >= 1 and c <= 1; then n1 >= 2, of whom at most 2 - c came in
    assert ranges(rolling([0, 3, 0], 12)) == [(1, 2), (2, 4), (1, 2)]


def test_who_came_in_may_be_gone_when_a_window_starts_later() -> None:
    # of one month, windows share nothing; of two, a rise is there in one window more
    assert ranges(rolling([0, 3, 0], 1)) == [(0, 2), (1, 5), (0, 2)]
    assert ranges(rolling([0, 3, 0], 2)) == [(1, 2), (2, 4), (1, 2)]
    assert ranges(rolling([0, 3, 3, 0], 2)) == [(0, 2), (1, 5), (1, 5), (0, 2)]


def test_rises_of_several_zones_came_in_together() -> None:
    # one came in during the last month; the first zone rose, by one then: from 2 - c to 3 - c
    series = dataclasses.replace(total(1, [0, 1], base=1), window=months(12, 1))
    first = moment([0, 3], base=3, period=months(0, 12))
    second = moment([3, 0], base=3, period=months(1, 12), series=[series])
    assert ranges([first, second]) == [(0, 2), (1, 5), (1, 3), (0, 2)]


def test_another_version_of_the_zones_goes_on_where_a_zone_kept_its_addresses() -> None:
    *before, last = rolling([0, 3, 0], 12)
    renewed = dataclasses.replace(last, version="w")
    kept = [dataclasses.replace(each, lasting=frozenset({"0"})) for each in (*before, renewed)]
    assert ranges([*before, renewed]) == [(0, 2), (1, 5), (0, 2)]
    assert ranges(kept) == [(1, 2), (2, 4), (1, 2)]


def test_windows_that_grow_and_then_start_anew_beyond_all_before_lose_nothing() -> None:
    grown = [moment([value], base=3, period=months(start, length)) for start, length, value in NEVER_PART]
    assert ranges(grown) == [(0, 2), (1, 5), (0, 2), (1, 5), (0, 2)]


# --- against enumeration ----------------------------------------------------------------------------------------------


def histories(releases: int, length: int, addresses: int) -> np.ndarray:
    """Give every history of the count of so many addresses: each is in the windows that hold a month of its own."""
    busy = itertools.product((False, True), repeat=releases + length - 1)
    ways = sorted({tuple(any(each[at : at + length]) for at in range(releases)) for each in busy})
    chosen = itertools.combinations_with_replacement(np.array(ways, dtype=np.int64), addresses)
    return np.unique([np.sum(each, axis=0) for each in chosen], axis=0)


@pytest.mark.parametrize(("releases", "length", "addresses"), [(3, 2, 3), (4, 3, 4), (5, 5, 3)])
@given(data=st.data())
def test_the_bounds_are_those_of_every_possible_history(
    releases: int, length: int, addresses: int, data: st.DataObject
) -> None:
    every = histories(releases, length, addresses)
    threshold = data.draw(st.integers(0, 2))
    truth = every[data.draw(st.integers(0, len(every) - 1))]
    value = 3 * ((truth + threshold) // 3)
    fits = np.concatenate([every[(3 * ((every + each) // 3) == value).all(axis=1)] for each in range(3)])
    open_ = [
        dataclasses.replace(each, layer=dataclasses.replace(each.layer, b=3, capped=False))
        for each in rolling(value.tolist(), length, addresses=addresses)
    ]
    assert ranges(open_) == list(zip(fits.min(axis=0).tolist(), fits.max(axis=0).tolist(), strict=True))


# --- never beside the truth -------------------------------------------------------------------------------------------

ADDRESSES = 4
Events = list[tuple[int, int, int]]
"""Address, day and amount of what happens in a zone."""
EVENTS = st.lists(st.tuples(st.integers(0, ADDRESSES - 1), st.integers(0, 600), st.integers(1, 3)), max_size=14)


@given(
    zones=st.lists(EVENTS, min_size=1, max_size=2),
    starts=st.sets(st.integers(0, 12), min_size=2, max_size=6),
    length=st.integers(2, 8),
    clamp=st.integers(1, 3),
    b=st.integers(2, 5),
    threshold=st.integers(0, 4),
)
def test_the_truth_is_never_excluded(
    zones: list[Events], starts: set[int], length: int, clamp: int, b: int, threshold: int
) -> None:
    cap = b * ((clamp * ADDRESSES // 2 + b - 1) // b)
    said, truth = [], []
    for start in sorted(starts):
        period = months(start, length)
        count = np.array([counted(zone, period, clamp) for zone in zones])
        value = b * ((count + threshold % b) // b)
        each = moment(
            np.minimum(value, cap).tolist(),
            base=b,
            addresses=ADDRESSES,
            period=period,
            capped=np.flatnonzero(value >= cap).tolist(),
            series=[exact(zones, months(at, 1), clamp, cap) for at in (start, start + length - 1)],
        )
        said.append(dataclasses.replace(each, layer=dataclasses.replace(each.layer, b=b, clamp=clamp)))
        truth += count.tolist()
    found = ranges(said)
    assert len(found) == len(truth)  # no contradiction
    assert all(low <= count <= high for (low, high), count in zip(found, truth, strict=True))


def counted(zone: Events, period: Window, clamp: int) -> int:
    """Add up what each address of a zone counts for in a window."""
    amounts: dict[int, int] = {}
    for address, day, amount in zone:
        if period[0] <= dt.date(2023, 1, 1) + dt.timedelta(days=day) < period[1]:
            amounts[address] = amounts.get(address, 0) + amount
    return sum(min(amount, clamp) for amount in amounts.values())


def exact(zones: Sequence[Events], window: Window, clamp: int, cap: int) -> Total:
    """Say exactly how much one month counts in all zones together, each at most its cap."""
    count = sum(min(counted(zone, window, clamp), cap) for zone in zones)
    return dataclasses.replace(total(count, range(len(zones)), base=1), window=window)
