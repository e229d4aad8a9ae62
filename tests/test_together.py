"""Two layers together: standardised rates against R, a made-up table, and the demo."""

from types import SimpleNamespace

import h3.api.basic_int as h3
import numpy as np
import pyarrow as pa
import pytest

from geoanalyse import grid, stats
from geoanalyse.release import Release
from geoanalyse.stats import together as two

CELLS = np.array(h3.grid_disk(h3.latlng_to_cell(52.3, 4.9, 9), 12), dtype=np.uint64)
"""From the middle outward."""


def layer(name: str, base: str = "alle") -> SimpleNamespace:
    return SimpleNamespace(id=name, base=base)


def table(**values: np.ndarray) -> pa.Table:
    rows = [
        {"layer": name, "level": "res9", "zone": zone, "addresses": 100, "value": value}
        for name, each in values.items()
        for zone, value in zip(grid.to_hex(CELLS), each.tolist(), strict=True)
    ]
    return pa.Table.from_pylist(rows, schema=stats.SCHEMA)


def found(statistics: pa.Table, first: str = "a", second: str = "b", seed: int = 1) -> dict[str, dict[str, object]]:
    geography = SimpleNamespace(zones=SimpleNamespace(base={"alle": None}))
    made = two.together(statistics, layer(first), layer(second), "res9", geography, permutations=19_999, seed=seed)
    assert made.schema == two.SCHEMA
    return {row["zone"]: row for row in made.to_pylist()}


def test_standardised_rates_are_those_of_r() -> None:
    # R 4.2.2, spdep 1.2-7: EBest, and the z of EBImoran.mc
    z = [-0.0402096365900, -0.9669172381337, 1.5195953989814, -0.8330678279816, 1.4468658119776, 0.0505941759944]
    people = [100, 80, 60, 250, 120, 30]
    assert two.standardised_rates([3, 0, 5, 2, 9, 1], people) == pytest.approx(z, abs=1e-11)


def test_where_nothing_happened_there_is_no_rate_that_stands_out() -> None:
    assert two.standardised_rates([0, 0], [10, 20]).tolist() == [0, 0]
    assert two.standardised_rates([], []).shape == (0,)


@pytest.mark.parametrize(
    ("counts", "people"), [([1], [0]), ([-1], [5]), ([np.nan], [5]), ([1], [np.inf]), ([1, 2], [5])]
)
def test_what_is_no_rate_is_refused(counts: list[float], people: list[float]) -> None:
    with pytest.raises(ValueError, match="population"):
        two.standardised_rates(counts, people)


def test_one_layer_in_the_middle_and_the_other_round_it() -> None:
    random = np.random.default_rng(4)
    first, second = random.poisson(3, (2, len(CELLS)))
    first[:7] += 40
    second[:19] += 40
    rows = found(table(a=first, b=second))
    assert {rows[zone]["together"] for zone in grid.to_hex(CELLS[:7])} == {"hoog-hoog"}
    called = {zone for zone, row in rows.items() if row["together"] != "geen"}
    near = set(grid.to_hex(CELLS[:37]))
    assert called <= near  # where the second layer is high within a step
    assert all(row["q"] >= row["p"] for row in rows.values())
    assert found(table(a=first, b=second)) == rows


def test_two_layers_without_a_pattern_are_nowhere_together() -> None:
    calls = 0
    for seed in range(20):
        random = np.random.default_rng(seed)
        rows = found(table(a=random.poisson(3, len(CELLS)), b=random.poisson(3, len(CELLS))), seed=seed)
        calls += any(row["together"] != "geen" for row in rows.values())
    assert calls <= 4  # 5 % of 20 is 1; five or more has a chance of 0.3 %


def test_a_layer_of_zeros_stands_together_with_nothing() -> None:
    values = np.arange(len(CELLS))
    for rows in (found(table(a=values * 0, b=values)), found(table(a=values, b=values * 0))):
        assert {row["together"] for row in rows.values()} == {"geen"}
        assert {row["p"] for row in rows.values()} == {1.0}


def test_a_unit_without_a_value_is_left_out() -> None:
    whole = table(a=np.arange(len(CELLS)), b=np.arange(len(CELLS)))
    rows = whole.to_pylist()
    rows[0]["value"] = None
    assert len(found(pa.Table.from_pylist(rows, schema=stats.SCHEMA))) == len(CELLS) - 1
    assert found(whole.slice(0, 0)) == {}


def test_zones_of_other_bases_and_levels_without_neighbours_are_refused() -> None:
    for level, message in (("zone", "andere zones"), ("gemeente", "niveau gemeente")):
        with pytest.raises(ValueError, match=message):
            two.together(table(), layer("a"), layer("b", "bedrijven"), level, SimpleNamespace(), permutations=9, seed=1)


@pytest.mark.parametrize("level", two.LEVELS)
def test_the_demo_has_it_at_every_level(zuidoost: Release, level: str) -> None:
    made = zuidoost.together("mma-meldingen", "fiu-signalen", level, permutations=199)
    assert set(made["together"].to_pylist()) <= set(two.WORDS)
    shown = zuidoost.statistics.to_pandas().query("level == @level and value.notna()")
    both = set(shown["zone"][shown["layer"] == "mma-meldingen"]) & set(shown["zone"][shown["layer"] == "fiu-signalen"])
    assert set(made["zone"].to_pylist()) == both
    assert both


def test_a_layer_that_is_not_there_is_named(zuidoost: Release) -> None:
    with pytest.raises(KeyError, match="geen laag onbekend"):
        zuidoost.together("mma-meldingen", "onbekend")
