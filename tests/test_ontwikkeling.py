"""Where something changes, in words: what is named, what is counted, and what is said when nothing does."""

import dataclasses
import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from geoanalyse.layer import Theme
from geoanalyse.products import factsheet, ontwikkeling
from geoanalyse.release import Release
from geoanalyse.stats.trends import SCHEMA
from tests.sample import QUARTERS, sample_release

SAMPLE = sample_release()
REGIONS = SAMPLE.geography.regions
BUURTEN = [code for code, level in zip(REGIONS.codes, REGIONS.levels, strict=True) if level == "buurt"][:6]
FIU = next(layer for layer in SAMPLE.layers if layer.id == "fiu-signalen")


def with_trends(*rows: dict[str, Any]) -> Release:
    plain = {"layer": FIU.id, "level": "buurt", "windows": 16, "trend": "geen", "pattern": "geen"}
    table = pa.Table.from_pylist([plain | row for row in rows], schema=SCHEMA)
    return dataclasses.replace(SAMPLE, trends=table)


def said(*rows: dict[str, Any]) -> list[str]:
    return [each.text for each in ontwikkeling.sentences(with_trends(*rows), SAMPLE.layers)]


def names(*positions: int) -> list[str]:
    return [REGIONS.name(BUURTEN[position]) for position in positions]


def test_what_changes_is_named_by_buurt() -> None:
    one, two, three = names(0, 1, 2)
    found = said(
        {"zone": BUURTEN[0], "trend": "stijgend", "pattern": "nieuw"},
        {"zone": BUURTEN[1], "trend": "dalend", "pattern": "voorbij"},
        {"zone": BUURTEN[2], "trend": "stijgend"},
    )
    assert found == [f"{FIU.title}: stijgend in {one} en {three}; dalend in {two}; nieuwe hotspot in {one}."]


def test_of_many_only_the_number_is_given() -> None:
    found = said(*({"zone": code, "trend": "stijgend"} for code in BUURTEN[:4]))
    assert found == [f"{FIU.title}: stijgend in 4 buurten."]


@pytest.mark.parametrize(("window", "told"), [(-2, True), (-3, True), (-4, False)])
def test_only_an_early_warning_of_the_last_two_windows_counts(window: int, *, told: bool) -> None:
    starts = sorted(set(SAMPLE.windows["start"].to_pylist()))
    assert starts[-1] == QUARTERS[-2]
    (sentence,) = said({"zone": BUURTEN[0], "alarm": QUARTERS[window]})
    assert (sentence == f"{FIU.title}: vroege waarschuwing in {names(0)[0]}.") == told


def test_nothing_that_stands_out_is_said_and_too_few_windows_are_not_tested() -> None:
    quiet = f"Niets aantoonbaar veranderd en geen blijvende hotspot: {FIU.title}."
    assert said({"zone": BUURTEN[0]}) == [quiet]
    assert said({"zone": BUURTEN[0], "trend": "te weinig perioden", "pattern": "te weinig perioden"}) == []
    assert said({"zone": "WK0363TA", "level": "wijk", "trend": "stijgend"}) == []  # the finest level speaks
    assert ontwikkeling.sentences(dataclasses.replace(SAMPLE, trends=SCHEMA.empty_table()), SAMPLE.layers) == []


def test_the_factsheet_says_it_under_the_course() -> None:
    release = with_trends({"zone": BUURTEN[0], "trend": "stijgend", "alarm": dt.date(1999, 1, 1)})
    theme = next(iter(FIU.themes))
    made = factsheet.content(release, factsheet.subjects.of_theme(release, Theme(theme)))
    assert [each.text for each in made["verloop"]["punten"]] == [f"{FIU.title}: stijgend in {names(0)[0]}."]
