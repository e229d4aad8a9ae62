"""Ranking: the same order always, and no weak source at the top."""

from collections import Counter

import pytest

from geoanalyse.build import build
from geoanalyse.layer import Reliability, Theme
from geoanalyse.release import Release
from geoanalyse.routes import EXPLORATION, STRENGTHS
from geoanalyse.signals import PER_BUURT
from tests.small import listed


def test_every_signal_has_a_place_and_a_reason(zuidoost: Release) -> None:
    layers = {layer.id for layer in zuidoost.layers}
    assert zuidoost.signals
    for signal in zuidoost.signals:
        assert signal.cells
        assert zuidoost.geography.regions.name(signal.region) == signal.region_name
        assert signal.reasons
        for code, text in signal.reasons:
            kind, _, layer = code.partition("-")
            assert kind in (("VERKENNING",) if signal.strength == EXPLORATION else ("HOTSPOT", "HOOG", "SAMENLOOP"))
            assert layer in layers or kind in ("SAMENLOOP", "VERKENNING")
            assert text


def test_reasons_are_what_the_statistics_say(zuidoost: Release) -> None:
    rows = {(row["layer"], row["level"], row["zone"]): row for row in zuidoost.statistics.to_pylist()}
    checked = 0
    for signal in zuidoost.signals:
        for code, _ in signal.reasons:
            kind, _, layer = code.partition("-")
            row = rows.get((layer, signal.level, signal.zone))
            if row is None or row["value"] is None:
                continue  # a coarser unit that supports this one
            checked += 1
            assert row["hotspot"] == "hotspot" if kind == "HOTSPOT" else row["p_double"] >= 0.95
    assert checked > 5


@pytest.mark.parametrize("theme", Theme)
def test_the_order_is_strength_then_score(zuidoost: Release, theme: Theme) -> None:
    found = [signal for signal in zuidoost.signals if signal.theme == theme]
    ranked = [signal for signal in found if signal.strength != EXPLORATION]
    order = [(STRENGTHS.index(signal.strength), -(signal.score or 0.0)) for signal in ranked]
    assert order == sorted(order)
    assert found[: len(ranked)] == ranked
    assert {signal.rank for signal in found[len(ranked) :]} == {len(ranked) + 1}
    assert [signal.id for signal in found] == [
        f"{str(theme)[0].upper()}{number:02d}" for number in range(1, len(found) + 1)
    ]
    assert [signal.rank for signal in found] == sorted(signal.rank for signal in found)


def test_a_weak_source_alone_is_never_strong() -> None:
    alone = build("zuidoost", layer_ids=("mma-meldingen",))
    assert {layer.reliability for layer in alone.layers} == {Reliability.LOW}
    assert len(alone.signals) > 3
    assert {(signal.strength, signal.reliability, signal.route) for signal in alone.signals} == {
        ("licht", "laag", "mono"),
        ("verkenning", "laag", "mono"),
    }


def test_route_and_reliability_follow_the_number_of_holders(zuidoost: Release) -> None:
    holder = {layer.id: layer.holder for layer in zuidoost.layers}
    for signal in zuidoost.signals:
        involved = {holder[code.partition("-")[2]] for code, _ in signal.reasons if "-" in code}
        assert signal.sources == len(involved)
        assert (signal.sources == 0) == (signal.strength == EXPLORATION)
        assert signal.route == {0: "mono", 1: "mono", 2: "duaal"}.get(len(involved), "integraal")


def test_no_buurt_fills_the_list(zuidoost: Release) -> None:
    per_buurt = Counter((signal.theme, signal.region) for signal in zuidoost.signals)
    assert max(per_buurt.values()) <= PER_BUURT


def test_the_same_statistics_give_the_same_list(zuidoost: Release) -> None:
    again = listed(zuidoost, zuidoost.statistics, zuidoost.seed)
    assert again == zuidoost.signals


def test_without_statistics_there_is_no_signal(zuidoost: Release) -> None:
    nothing = zuidoost.statistics.slice(0, 0)
    assert listed(zuidoost, nothing, zuidoost.seed) == ()
