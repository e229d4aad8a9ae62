"""The scorecard of a release: certain whatever the thresholds, the earlier windows alone lead it, no false claims."""

import dataclasses
import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner

from geoanalyse import cli
from geoanalyse.dressing import Dressing
from geoanalyse.geography import Geography
from geoanalyse.layer import Layer
from geoanalyse.products import factsheet, terugblik, verantwoording
from geoanalyse.products.kaartmodel import model
from geoanalyse.products.measured import Measured
from geoanalyse.published import SCHEMA, Protected
from geoanalyse.release import Release
from geoanalyse.rounding import proven, reach, rounded_apart
from geoanalyse.stats import hindsight as card
from geoanalyse.stats.frames import windows_of
from geoanalyse.stats.hindsight import hindsight
from tests.sample import sample_release

RELEASE = sample_release(cells=300)
FIU = next(layer for layer in RELEASE.layers if layer.id == "fiu-signalen")
REGIONS = RELEASE.geography.regions
BUURTEN = [code for code, level in zip(REGIONS.codes, REGIONS.levels, strict=True) if level == "buurt"]
GEOGRAPHY = Geography(REGIONS, RELEASE.geography.zones)
QUARTERS = [dt.date(2022 + number // 4, 3 * (number % 4) + 1, 1) for number in range(17)]


def published(
    exact: np.ndarray, threshold: np.ndarray, addresses: np.ndarray, *, codes: list[str] | None = None
) -> Protected:
    """The table of the windows of some buurten, and one row of the whole period; counts of shape (n, windows)."""
    codes = codes or BUURTEN[: len(exact)]
    value = rounded_apart(exact, threshold[:, None], 5)
    whole = [
        {"zone": code, "start": QUARTERS[0], "end": QUARTERS[exact.shape[1]], "value": 0, "low": 0, "high": 0}
        for code in codes
    ]
    windows = [
        {
            "zone": code,
            "start": QUARTERS[number],
            "end": QUARTERS[number + 1],
            "value": int(value[unit, number]),
            "low": int(proven(value[unit], 5)[number]),
            "high": int(value[unit, number] + reach(5)),
        }
        for unit, code in enumerate(codes)
        for number in range(exact.shape[1])
    ]
    of_code = dict(zip(codes, addresses.tolist(), strict=True))
    common = {
        "level": "buurt",
        "cells": None,
        "buildings": 9,
        "layer": FIU.id,
        "base": str(FIU.base),
        "b": 5,
        "profile": "casustafel",
        "status": "waarde",
        "rounding": "apart",
        "atoms": 1,
    }
    rows: list[dict[str, Any]] = [
        common | row | {"addresses": of_code[row["zone"]], "gebiedscode": row["zone"]} for row in whole + windows
    ]
    return Protected(pa.Table.from_pylist(rows, schema=SCHEMA), "casustafel", "proef", 10)


def scored(table: Protected, layers: tuple[Layer, ...] = (FIU,)) -> list[dict[str, Any]]:
    return hindsight(table, layers, GEOGRAPHY).to_pylist()


def town(seed: int, *, same: bool, rate: float = 0.02, count: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Exact counts, thresholds and addresses; later rates are those of before, or have nothing to do with them."""
    random = np.random.default_rng(seed)
    addresses = random.integers(200, 3000, count)
    before = random.gamma(1.5, rate / 1.5, count)
    after = before if same else random.permutation(before)
    means = np.concatenate([np.repeat(before[:, None], 12, axis=1), np.repeat(after[:, None], 4, axis=1)], axis=1)
    threshold = random.integers(0, 5, count) + random.integers(-2, 3, count)
    return random.poisson(means * addresses[:, None]), threshold, addresses


@pytest.mark.parametrize("same", [True, False])
@pytest.mark.parametrize("rate", [0.0007, 0.02])
def test_the_truth_lies_within_the_bounds_and_no_claim_is_false(rate: float, *, same: bool) -> None:
    for seed in range(20):
        exact, threshold, addresses = town(seed, same=same, rate=rate)
        later = exact[:, 12:].sum(axis=1)
        table = published(exact, threshold, addresses)
        rows = [row for row in scored(table) if row["level"] == "buurt" and row["size"] == "adressen"]
        units = card._units(windows_of(table), FIU, 16)
        for share in (0.01, 0.05, 0.10):
            ours = card.parts_chosen(units.expected / addresses, addresses.astype(float), share)
            truth = float(ours @ later / later.sum())
            row = next(row for row in rows if row["share"] == share and row["forecast"] == "kaart")
            assert row["hit_low"] <= truth + 1e-12
            assert truth <= row["hit_high"] + 1e-12
            blind = next(row for row in rows if row["share"] == share and row["forecast"] == "willekeurig")
            assert blind["hit_low"] == pytest.approx(share)
            assert blind["verdict"] != "beter" or truth > share
            assert blind["verdict"] != "slechter" or truth < share
            assert blind["gain_low"] - 1e-12 <= truth - share <= blind["gain_high"] + 1e-12


def test_one_threshold_for_all_windows_makes_no_foresight() -> None:
    """Equal rates everywhere: ranked by thresholds alone, the values themselves look three times as good as chance."""
    random = np.random.default_rng(3)
    exact, addresses = random.poisson(1.0, (200, 16)), np.full(200, 1000)
    threshold = random.integers(0, 5, 200) + random.integers(-2, 3, 200)
    value = rounded_apart(exact, threshold[:, None], 5)
    before, later = value[:, :12].sum(axis=1), value[:, 12:].sum(axis=1)
    top = np.argsort(-before, kind="stable")[:10]
    assert later[top].sum() / later.sum() > 0.14
    rows = scored(published(exact, threshold, addresses))
    assert {row["verdict"] for row in rows if row["forecast"] == "willekeurig"} == {"niet te zeggen"}


def test_large_counts_that_come_back_are_certainly_better_than_blind_and_the_table_is_complete() -> None:
    exact = np.repeat(np.array([[400]] * 6 + [[20]] * 54), 16, axis=1)
    rows = scored(published(exact, np.full(60, 2), np.full(60, 1000)))
    here = [row for row in rows if row["level"] == "buurt"]
    assert [(row["size"], row["share"], row["forecast"]) for row in here] == [
        (size, share, forecast) for size in card.SIZES for share in (0.01, 0.05, 0.10) for forecast in card.FORECASTS
    ]
    ours, last, _, blind = (row for row in here if row["size"] == "adressen" and row["share"] == 0.10)
    # six buurten of 4 x 400 in 6 x 1600 + 54 x 80 = 13.920: 69 %; each count is at most 6 off, in each of 4 windows
    assert ours["hit_low"] < 9600 / 13920 < ours["hit_high"]
    assert ours["hit_high"] - ours["hit_low"] < 0.14
    assert blind["verdict"] == "beter"
    assert last["verdict"] == "niet te zeggen"
    assert (last["gain_low"], last["gain_high"]) == (0, 0)
    assert ours["start"] == dt.date(2025, 1, 1)
    assert ours["end"] == dt.date(2026, 1, 1)
    assert ours["verdict"] is None


def test_a_baseline_that_does_better_is_said_to() -> None:
    """What was high for two years moved: the year before tells it, three years together do not."""
    exact = np.full((60, 16), 20)
    exact[:6, :8], exact[6:12, 8:] = 900, 400
    rows = scored(published(exact, np.full(60, 2), np.full(60, 1000)))
    row = next(
        row
        for row in rows
        if row["size"] == "adressen" and row["share"] == 0.10 and row["forecast"] == "vorige periode"
    )
    assert row["verdict"] == "slechter"
    assert row["gain_high"] < 0
    compared = [row | {"forecast": "vorige periode"}]
    assert terugblik.verdicts(compared) == "De aantallen van de periode ervoor wezen het zeker beter aan."


def test_the_later_windows_play_no_part_in_the_choice() -> None:
    exact, threshold, addresses = town(5, same=True)
    other = exact.copy()
    other[:, 12:] = other[::-1, 12:]
    one, two = (card._units(windows_of(published(each, threshold, addresses)), FIU, 16) for each in (exact, other))
    assert np.array_equal(one.expected, two.expected)
    assert np.array_equal(one.last, two.last)
    assert not np.array_equal(one.low, two.low)


def test_what_cannot_be_scored_says_why() -> None:
    exact, threshold, addresses = town(1, same=True)

    def verdicts(table: Protected) -> set[str]:
        return {row["verdict"] for row in scored(table) if row["level"] == "buurt"}

    assert verdicts(published(exact[:, :7], threshold, addresses)) == {"te weinig perioden"}
    assert verdicts(published(exact[:9], threshold[:9], addresses[:9])) == {"te weinig gebieden"}
    assert verdicts(published(0 * exact, threshold, addresses)) == {"geen gevallen"}
    whole = published(exact, threshold, addresses)
    apart = whole.table.set_column(
        whole.table.schema.get_field_index("rounding"),
        SCHEMA.field("rounding"),
        pa.array(["som"] * whole.table.num_rows),
    )
    assert verdicts(Protected(apart, "casustafel", "proef", 10)) == {"geen eigen reeksen"}
    assert hindsight(whole, (), GEOGRAPHY).num_rows == 0
    assert hindsight(Protected(SCHEMA.empty_table(), "streng", "proef", 10), (FIU,), GEOGRAPHY).num_rows == 0


# --- where it is printed ----------------------------------------------------------------------------------------------


def printed() -> Release:
    exact = np.repeat(np.array([[400]] * 6 + [[20]] * 54), 16, axis=1)
    table = hindsight(published(exact, np.full(60, 2), np.full(60, 1000)), (FIU,), GEOGRAPHY)
    return dataclasses.replace(RELEASE, scorecard=table)


def test_map_factsheet_and_manifest_say_the_same() -> None:
    release = printed()
    said = terugblik.sentences(release, release.layers)
    assert len(said) == 1
    assert said[0].text.startswith("FIU")
    assert "in de 5% van de adressen met vooraf de hoogste cijfers lag in 2025 tussen " in said[0].text
    assert "Dat is zeker beter dan " in said[0].text
    assert model(release, Dressing())[0]["hindsight"][2] == [each.text for each in said]
    theme = next(iter(FIU.themes))
    parts = [
        part
        for column in factsheet.content(release, factsheet.subjects.of_theme(release, theme))["kolommen"]
        for part in column
    ]
    assert {"titel": terugblik.TITLE, "punten": said} in parts
    manifest = json.loads(verantwoording.manifest(release, {}, versions={}, measured=Measured()))
    assert len(manifest["scorecard"]) == release.scorecard.num_rows
    ours = next(row for row in manifest["scorecard"] if row.get("aandeel") == 0.05)
    assert {"laag", "niveau", "treffers_minstens", "treffers_hooguit", "getoetst_van"} <= set(ours)
    assert all(value is not None for row in manifest["scorecard"] for value in row.values())


def test_toets_prints_every_layer_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ["toets", "--gebied", "ganzenpoort", "--lagen", "kvk-registraties", "--stil"]
    found = CliRunner().invoke(cli.command, arguments)
    assert found.exit_code == 0, found.output
    assert not list(tmp_path.iterdir())
    assert "KvK-registraties" in found.output
    assert "5% van adressen" in found.output
    assert "getoetst op januari 2025 tot en met december 2025" in found.output
