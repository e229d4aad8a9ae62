"""Dutch words: what a reader sees never says more than the published value does."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoanalyse.products import dutch

days = st.dates(dt.date(1990, 1, 1), dt.date(2100, 12, 31))


@given(st.integers(-(10**9), 10**9))
def test_a_number_reads_back_as_itself(value: int) -> None:
    assert int(dutch.number(value).replace(".", "")) == value


@given(st.floats(-1e9, 1e9), st.integers(0, 4))
def test_a_number_has_at_most_one_comma_and_the_decimals_asked_for(value: float, decimals: int) -> None:
    text = dutch.number(value, decimals)
    assert text.count(",") == (decimals > 0)
    assert decimals == 0 or len(text.split(",")[1]) == decimals
    assert float(text.replace(".", "").replace(",", ".")) == pytest.approx(value, abs=0.51 * 10**-decimals)
    assert text.strip("-0,.") or not text.startswith("-")  # no minus zero


@given(st.floats(1e-6, 1e9), st.integers(1, 4))
def test_significant_digits_keep_the_size(value: float, digits: int) -> None:
    text = dutch.significant(value, digits)
    assert float(text.replace(".", "").replace(",", ".")) == pytest.approx(value, rel=0.51 * 10 ** (1 - digits))
    assert not text.endswith(",")


@given(days, st.integers(1, 4000))
def test_a_period_names_its_last_day_or_month_never_the_exclusive_end(start: dt.date, length: int) -> None:
    end = start + dt.timedelta(days=length)
    text = dutch.period(start, end)
    last = end - dt.timedelta(days=1)
    assert str(start.year) in text
    assert text.endswith(str(last.year))
    assert f"{dutch.MONTHS[last.month - 1]} {last.year}" in text


def test_an_empty_period_is_an_error() -> None:
    with pytest.raises(ValueError, match="leeg"):
        dutch.period(dt.date(2025, 1, 1), dt.date(2025, 1, 1))


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (dt.date(2022, 1, 1), dt.date(2026, 1, 1), "januari 2022 tot en met december 2025"),
        (dt.date(2025, 12, 1), dt.date(2026, 1, 1), "december 2025"),
        (dt.date(2024, 2, 29), dt.date(2024, 3, 1), "29 februari 2024"),
        (dt.date(2025, 3, 3), dt.date(2025, 4, 1), "3 maart 2025 tot en met 31 maart 2025"),
    ],
)
def test_periods(start: dt.date, end: dt.date, words: str) -> None:
    assert dutch.period(start, end) == words


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (dt.date(2025, 10, 1), dt.date(2026, 1, 1), "vierde kwartaal van 2025"),
        (dt.date(2025, 12, 1), dt.date(2026, 1, 1), "december 2025"),
        (dt.date(2025, 1, 1), dt.date(2026, 1, 1), "2025"),
        (dt.date(2025, 2, 1), dt.date(2025, 5, 1), "februari 2025 tot en met april 2025"),
    ],
)
def test_calendar_units(start: dt.date, end: dt.date, words: str) -> None:
    assert dutch.calendar_unit(start, end) == words


@given(st.integers(0, 1000), st.sampled_from([3, 5, 10]))
def test_a_rounded_value_is_always_said_as_an_interval(multiple: int, b: int) -> None:
    value = multiple * b
    words = dutch.value_words(value, "waarde", b)
    assert f"{dutch.number(max(0, value - b + 1))} tot {dutch.number(value + b - 1)}" in words
    assert words.startswith("ongeveer") == (value > 0)


def test_zero_missing_and_suppressed_are_three_things() -> None:
    said = {
        dutch.value_words(0, "waarde", 5),
        dutch.value_words(None, "geen_data", 5),
        dutch.value_words(None, "onderdrukt", 5),
        dutch.NO_ADDRESSES,
        dutch.BLIND_SPOT,
    }
    assert len(said) == 5


def test_an_exact_value_is_not_called_about() -> None:
    assert dutch.value_words(7, "waarde", 5, 7, 7) == "7"


def test_a_cap_says_or_more_and_no_upper_end() -> None:
    assert dutch.value_words(1060, "cap", 5, 1056, None) == "1.056 of meer"


@pytest.mark.parametrize(("value", "status"), [(None, "waarde"), (None, "cap"), (3, "onderdrukt"), (3, "geen_data")])
def test_a_status_that_contradicts_the_value_is_an_error(value: int | None, status: str) -> None:
    with pytest.raises(ValueError, match="hoort"):
        dutch.value_words(value, status, 5)


def test_every_class_of_every_kind_has_its_own_words() -> None:
    for b in (None, 3, 5):
        assert len({dutch.class_label(index, b=b) for index in range(6)}) == 6
    statuses = ("geen_data", "onderdrukt", "geen_adressen", "blinde_vlek")
    assert len({dutch.class_label(None, status=status) for status in statuses}) == 4


def test_a_difference_is_only_called_one_when_the_interval_lies_on_one_side() -> None:
    assert dutch.compared(0.011, 0.02, 0.01).startswith("hoger")
    assert dutch.compared(0.001, 0.0099, 0.01).startswith("lager")
    assert dutch.compared(0.01, 0.02, 0.01).startswith("niet aantoonbaar")


@given(st.lists(st.text("abc", min_size=1), max_size=6))
def test_a_listing_joins_the_last_with_en(items: list[str]) -> None:
    text = dutch.listing(items)
    assert text.count(" en ") == (len(items) > 1)
    assert text.count(",") == max(0, len(items) - 2)


@pytest.mark.parametrize(("text", "said"), [("één", "Eén"), ("ijdok", "IJdok"), ("", ""), ("A", "A"), ("'t", "'t")])
def test_a_sentence_starts_with_a_capital(text: str, said: str) -> None:
    assert dutch.sentence(text) == said
