"""Rates per inspection: where there is much looking much is found, and what rounding leaves open is said."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from geoanalyse import grid
from geoanalyse.errors import LayerError
from geoanalyse.geography import Geography
from geoanalyse.layer import Base, Bias, Layer, read_layers, shipped_folder
from geoanalyse.published import SCHEMA as PUBLISHED
from geoanalyse.published import Protected
from geoanalyse.rounding import rounded
from geoanalyse.stats import region_figures
from geoanalyse.stats.frames import whole_period
from geoanalyse.stats.inspections import HOT, NOT_HOT, SCHEMA, UNDECIDED, inspections
from tests.sample import sample_release

RELEASE = sample_release()
GEOGRAPHY = Geography(RELEASE.geography.regions, RELEASE.geography.zones)
ZONES = GEOGRAPHY.zones.base[Base.ALL]
NAMES = [f"{zone:x}" for zone in ZONES.zone.tolist()]
BASE = 5


def named(name: str, **changes: object) -> Layer:
    layer = next(layer for layer in RELEASE.layers if layer.id == "fiu-signalen")
    return dataclasses.replace(layer, id=name, b=BASE, **changes)  # type: ignore[arg-type]  # fields of a layer


FOUND = named("vondsten", inspections="controles", bias=Bias.INSPECTION)
LOOKED = named("controles", clamp=20)


def table(found: np.ndarray, looked: np.ndarray, addresses: int = 100, capped: int = -1) -> Protected:
    """The published table of two layers at the level of zones, of values that are multiples of the base already."""
    rows = []
    for layer, values in ((FOUND, found), (LOOKED, looked)):
        for number, (zone, value) in enumerate(zip(NAMES, values.tolist(), strict=True)):
            more = layer is FOUND and number == capped
            rows.append(
                {
                    "zone": zone, "level": "zone", "cells": None, "addresses": addresses, "buildings": 9,
                    "gebiedscode": GEOGRAPHY.regions.codes[ZONES.region[number]], "layer": layer.id,
                    "base": "alle", "b": BASE, "profile": "casustafel", "start": RELEASE.start, "end": RELEASE.end,
                    "value": value, "low": max(0, value - BASE + 1), "high": None if more else value + BASE - 1,
                    "status": "cap" if more else "waarde", "rounding": "zone", "atoms": 1,
                }
            )  # fmt: skip
    return Protected(pa.Table.from_pylist(rows, schema=PUBLISHED), "casustafel", "proef", 10)


def computed(protected: Protected, area: Protected | None = None) -> list[dict[str, object]]:
    return inspections(area or protected, protected, (FOUND, LOOKED), GEOGRAPHY).to_pylist()


def per_address(protected: Protected) -> list[str]:
    """The calls with addresses, in the order of the zones."""
    wide = whole_period(protected)
    rows = wide[wide["layer"] == FOUND.id]
    rate = float(rows["value"].sum() / rows["addresses"].sum())
    return list(region_figures(rows.copy(), FOUND, rate, ZONES).rows["hotspot"])


def cluster() -> np.ndarray:
    """Twelve zones around one in the middle."""
    place = grid.centres(ZONES.cell)
    lon, lat = (np.bincount(ZONES.cell_zone, axis) / np.bincount(ZONES.cell_zone) for axis in place.T)
    middle = len(NAMES) // 2
    return np.argsort(np.hypot(0.61 * (lon - lon[middle]), lat - lat[middle]))[:12]


def words(calls: Sequence[object], zones: np.ndarray) -> set[object]:
    return {calls[zone] for zone in zones.tolist()}


def test_more_looking_makes_a_hot_spot_of_addresses_but_none_of_inspections() -> None:
    looked, found = np.full(len(NAMES), 50), np.full(len(NAMES), 5)
    many = cluster()
    looked[many], found[many] = 500, 50
    assert words(per_address(table(found, looked)), many) == {"hotspot"}
    rows = computed(table(found, looked))
    assert words([row["hotspot"] for row in rows], many) == {NOT_HOT}
    assert rows[int(many[0])]["mean"] == pytest.approx(0.1, rel=0.15)
    assert rows[int(many[0])]["inspections"] == 500


def test_more_found_with_the_same_looking_is_hot_both_ways() -> None:
    looked, found = np.full(len(NAMES), 50), np.full(len(NAMES), 5)
    many = cluster()
    found[many] = 50
    assert words(per_address(table(found, looked)), many) == {"hotspot"}
    assert words([row["hotspot"] for row in computed(table(found, looked))], many) == {HOT}


def test_where_rounding_of_the_inspections_decides_it_says_so() -> None:
    """With 5 inspections published there were 1 to 9: enough to be ordinary, few enough to be hot."""
    said = set()
    many = cluster()
    for much in range(5, 60, 10):
        looked, found = np.full(len(NAMES), 10), np.full(len(NAMES), 5)
        found[many] = much
        said |= words([row["hotspot"] for row in computed(table(found, looked))], many)
    assert said == {HOT, NOT_HOT, UNDECIDED}


def test_without_a_published_inspection_there_is_no_rate_and_nothing_found_is_zero() -> None:
    looked, found = np.full(len(NAMES), 50), np.zeros(len(NAMES), dtype=int)
    looked[3] = 0
    rows = computed(table(found, looked))
    assert NAMES[3] not in {row["zone"] for row in rows}
    assert len(rows) == len(NAMES) - 1
    assert {(row["mean"], row["low"], row["hotspot"]) for row in rows} == {(0.0, None, NOT_HOT)}


def test_ends_that_are_not_known_are_open() -> None:
    looked, found = np.full(len(NAMES), 50), np.full(len(NAMES), 5)
    found[7] = 50
    rows = {row["zone"]: row for row in computed(table(found, looked, capped=7))}
    assert rows[NAMES[7]]["high"] is None
    assert all(row["high"] is not None for zone, row in rows.items() if zone != NAMES[7])
    looked[:] = 5  # 1 to 9; with a base above the value, none is possible too
    assert all(row["high"] is not None for row in computed(table(found, looked)))
    rows_of = table(found, looked).table
    zero = pa.array(np.zeros(len(rows_of), dtype=np.int64))
    none = rows_of.set_column(rows_of.column_names.index("low"), rows_of.schema.field("low"), zero)
    assert all(row["high"] is None for row in computed(Protected(none, "casustafel", "proef", 10)))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_interval_holds_the_rate_that_made_the_counts(seed: int) -> None:
    random = np.random.default_rng(seed)
    rate = random.gamma(4.0, 0.1 / 4, len(NAMES))
    exact = random.integers(20, 200, len(NAMES))
    found = random.poisson(rate * exact)
    both = (rounded(each, random.integers(0, BASE, len(NAMES)), BASE) for each in (found, exact))
    rows = computed(table(*both))
    of_zone = dict(zip(NAMES, rate.tolist(), strict=True))
    held = [row["low"] <= of_zone[str(row["zone"])] <= row["high"] for row in rows]  # type: ignore[operator]
    assert len(held) == len(NAMES)
    assert np.mean(held) >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / len(held))
    assert all(row["low"] <= row["mean"] <= row["high"] for row in rows)  # type: ignore[operator]


def test_a_part_of_the_region_has_the_same_figures() -> None:
    random = np.random.default_rng(5)
    whole = table(*(5 * random.integers(1, 12, len(NAMES)) for _ in range(2)))
    mine = pa.array([zone in NAMES[:20] for zone in whole.table["zone"].to_pylist()])
    part = dataclasses.replace(whole, table=whole.table.filter(mine))
    everywhere = {row["zone"]: row for row in computed(whole)}
    inside = computed(whole, part)
    assert [row["zone"] for row in inside] == sorted(NAMES[:20])
    assert all(row == everywhere[row["zone"]] for row in inside)


def test_without_a_layer_that_names_its_inspections_there_is_nothing() -> None:
    protected = table(np.full(len(NAMES), 5), np.full(len(NAMES), 50))
    alone = inspections(protected, protected, (dataclasses.replace(FOUND, inspections=None), LOOKED), GEOGRAPHY)
    assert (alone.schema.equals(SCHEMA), alone.num_rows) == (True, 0)
    unread = inspections(protected, protected, (FOUND,), GEOGRAPHY)  # built with --lagen vondsten
    assert unread.num_rows == 0


# --- layer files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("controle", "[vertekening] controles: 'controle' is geen laag in deze map"),
        ("pandsluitingen", "[vertekening] controles: noem een andere laag dan deze zelf"),
        ("leegstand", "[vertekening] controles: leegstand moet dezelfde basis hebben"),
    ],
)
def test_inspections_that_do_not_fit_are_refused(name: str, fault: str, tmp_path: Path) -> None:
    for file in shipped_folder().glob("*.toml"):
        text = file.read_text(encoding="utf-8")
        if file.stem == "pandsluitingen":
            text = text.replace("[weging]", f'controles = "{name}"\n\n[weging]')
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    with pytest.raises(LayerError) as refused:
        read_layers(tmp_path)
    assert f"pandsluitingen.toml: {fault}" in str(refused.value)


def test_inspections_may_not_be_coarser(tmp_path: Path) -> None:
    for file in shipped_folder().glob("*.toml"):
        text = file.read_text(encoding="utf-8")
        if file.stem == "fiu-signalen":
            text = text.replace("[weging]", 'controles = "pandsluitingen"\n\n[weging]')
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    with pytest.raises(LayerError, match="pandsluitingen mag geen grover atoom hebben"):
        read_layers(tmp_path)
