"""How much of the exact counts is left: formulas on paper, their laws, and a town and the demo measured."""

import dataclasses
import json
import math
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoanalyse import cli, fidelity
from geoanalyse.build import Request, prepare
from geoanalyse.counts import Counts
from geoanalyse.demo import REFERENCE_DATE
from geoanalyse.fidelity import Fidelity, Measured, advised, hellinger, overlap, rank_correlation, top_members
from geoanalyse.geography import LEVELS, units_at
from geoanalyse.protection import protect
from geoanalyse.published import Protected
from geoanalyse.stats.frames import whole_period
from tests import town
from tests.test_cli import Ended

SECRET = bytes(range(32))
NAN = math.nan
COUNTS = st.lists(st.integers(0, 500), min_size=1, max_size=60)


def two_sides(least: int = 1) -> st.SearchStrategy[tuple[list[int], list[int]]]:
    """Counts of the same units, twice."""
    return st.integers(least, 60).flatmap(
        lambda size: st.tuples(*[st.lists(st.integers(0, 500), min_size=size, max_size=size)] * 2)
    )


# --- on paper ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exact", "published", "distance"),
    [
        ([1, 3], [1, 1], math.sqrt(1 - math.sqrt(1 / 8) - math.sqrt(3 / 8))),  # shares 1/4 3/4 and 1/2 1/2
        ([4, 4, 4, 4], [4, 4, 0, 0], math.sqrt(1 - math.sqrt(1 / 2))),
        ([9, 0], [0, 3], 1.0),
        ([2, 5, 1], [0, 0, 0], 1.0),
        ([0, 0], [0, 0], NAN),
    ],
)
def test_the_hellinger_distance_of_known_distributions(exact: list[int], published: list[int], distance: float) -> None:
    assert hellinger(exact, published) == pytest.approx(distance, nan_ok=True)


@pytest.mark.parametrize(
    ("exact", "published", "index"),
    [
        # two places in the top of twenty
        ([*range(20)], [*range(19), 0], 1 / 3),  # {18, 19} and {17, 18}
        ([*range(20)], [*range(18), 99, 50], 1.0),  # the same two, the other way round
        ([7, 5, 5] + [1] * 17, [7, 5] + [1] * 18, (1 + 1 / 2) / (1 + 1 + 1 / 2)),  # the second place is shared by two
        ([7, 5, 5] + [1] * 17, [0, 5, 5] + [1] * 17, 1 / 2 * 2 / 3),
        ([7] + [0] * 19, [7, 3] + [0] * 18, 1 / 2),  # an empty place in the top is not filled with a zero
        ([7] + [0] * 19, [0] * 20, 0.0),
        ([0] * 20, [0] * 20, NAN),
    ],
)
def test_the_overlap_of_tops_with_and_without_ties(exact: list[int], published: list[int], index: float) -> None:
    assert overlap(exact, published) == pytest.approx(index, nan_ok=True)


@pytest.mark.parametrize(
    ("exact", "published", "rank"),
    [
        ([10, 20, 30, 40, 50], [1, 2, 3, 5, 4], 1 - 6 * 2 / (5 * 24)),
        ([1, 2, 3, 4], [9, 6, 3, 0], -1.0),
        ([1, 2, 2, 3], [0, 5, 5, 5], 3 / math.sqrt(4.5 * 3)),  # ranks 1 2.5 2.5 4 and 1 3 3 3
        ([1, 2, 3], [4, 4, 4], NAN),
    ],
)
def test_the_rank_correlation_with_and_without_ties(exact: list[int], published: list[int], rank: float) -> None:
    assert rank_correlation(exact, published) == pytest.approx(rank, nan_ok=True)


# --- laws -------------------------------------------------------------------------------------------------------------


@given(both=two_sides())
def test_the_hellinger_distance_is_a_distance_between_shares(both: tuple[list[int], list[int]]) -> None:
    left, right = both
    distance = hellinger(left, right)
    assert math.isnan(distance) == (not any(left) and not any(right))
    if any(left) and any(right):
        assert 0 <= distance <= 1
        assert distance == hellinger(right, left)
        same = all(a * sum(right) == b * sum(left) for a, b in zip(left, right, strict=True))
        assert (distance < 1e-9) == same
        apart = sum(abs(a / sum(left) - b / sum(right)) for a, b in zip(left, right, strict=True)) / 2
        assert (
            distance**2 - 1e-9 <= apart <= distance * math.sqrt(2 - distance**2) + 1e-9
        )  # what MOST_DISTANCE rests on


@given(both=two_sides())
def test_the_overlap_lies_between_nothing_and_all(both: tuple[list[int], list[int]]) -> None:
    index = overlap(*both)
    if any(both[0]) or any(both[1]):
        assert 0 <= index <= 1
        assert index == pytest.approx(overlap(both[1], both[0]))


@given(values=COUNTS)
def test_a_top_has_a_tenth_of_the_places_and_no_zeros(values: list[int]) -> None:
    member = top_members(values)
    places, filled = math.ceil(len(values) / 10), sum(value > 0 for value in values)
    assert member.sum() == pytest.approx(places if filled >= places else member.sum())
    assert member.sum() <= min(places, filled) + 1e-9
    for value in set(values):
        assert len({part for part, own in zip(member.tolist(), values, strict=True) if own == value}) == 1
    by_value = sorted(zip(values, member.tolist(), strict=True))
    assert [part for _, part in by_value] == sorted(part for _, part in by_value)


@given(both=two_sides(least=2), order=st.randoms(use_true_random=False))
def test_no_figure_depends_on_the_order_of_the_units(both: tuple[list[int], list[int]], order: object) -> None:
    place = [*range(len(both[0]))]
    order.shuffle(place)  # type: ignore[attr-defined]
    other = tuple([side[index] for index in place] for side in both)
    for figure in (hellinger, overlap, rank_correlation):
        assert figure(*other) == pytest.approx(figure(*both), nan_ok=True)


@given(values=COUNTS)
def test_equal_counts_are_perfect(values: list[int]) -> None:
    if any(values):
        assert hellinger(values, values) == 0
        assert overlap(values, values) == 1
    if len(set(values)) > 1:
        assert rank_correlation(values, values) == pytest.approx(1)


# --- a town -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def place() -> town.Town:
    return town.town(np.random.default_rng(11), addresses=6000, size=24)


def counted(place: town.Town, name: str, share: float) -> Counts:
    return town.counted(place, town.layer(name), town.events(np.random.default_rng(5), place, share))


def with_exact_values(published: Protected, item: Counts, place: town.Town) -> Protected:
    """Put the exact counts where the rounded ones stand."""
    zones = place.geography.zones.base[item.layer.base]
    exact = {}
    for level in LEVELS:
        exact |= fidelity._exact(item, level, zones, place.geography)
    table = published.table
    values = [None if old is None else exact[unit] for unit, old in zip(*_columns(table, "zone", "value"), strict=True)]
    column = table.schema.get_field_index("value")
    return dataclasses.replace(published, table=table.set_column(column, "value", pa.array(values, pa.int64())))


def _columns(table: pa.Table, *names: str) -> tuple[list[object], ...]:
    return tuple(table[name].to_pylist() for name in names)


@pytest.mark.parametrize("name", ["fiu-signalen", "kvk-registraties"])
def test_what_is_published_exactly_loses_nothing(name: str, place: town.Town) -> None:
    item = counted(place, name, 0.2)
    exact = with_exact_values(protect([item], place.geography, SECRET, "casustafel"), item, place)
    found = fidelity.measure([item], exact, place.geography)
    assert [figures.level for figures in found] == ["zone", "res9", "res8", "buurt", "wijk"]
    measured = [figures for figures in found if figures.units >= fidelity.FEWEST]
    assert measured
    for figures in measured:
        assert (figures.distance, figures.overlap) == (0, 1)
        assert (figures.rank, figures.rank_of_rates) == pytest.approx((1, 1))
        assert figures.moran_exact == figures.moran_published
    assert advised(found) == "zone"


@pytest.mark.parametrize("level", ["zone", "res9", "res8", "buurt", "wijk", "gemeente"])
def test_exact_counts_of_larger_units_are_those_of_their_addresses(level: str, place: town.Town) -> None:
    happened = town.events(np.random.default_rng(5), place, 0.1)
    item = town.counted(place, town.layer("fiu-signalen"), happened)
    zones = place.geography.zones.base[item.layer.base]
    wider = units_at(zones, place.geography.regions, item.layer.atom, level)
    zone_of_cell = dict(zip(zones.cell.tolist(), zones.cell_zone.tolist(), strict=True))
    hit = np.unique(happened.address)
    by_hand = Counter(wider.ids[wider.of_zone[zone_of_cell[cell]]] for cell in place.cells[hit].tolist())
    found = fidelity._exact(item, level, zones, place.geography)
    assert {unit: found[unit] for unit in wider.ids if found[unit]} == dict(by_hand)
    assert sum(by_hand.values()) == len(hit)


def test_regions_are_neighbours_where_their_cells_touch(place: town.Town) -> None:
    zones = place.geography.zones.base[town.layer().base]
    buurten = ["BU99990101", "BU99990102", "BU99990201", "BU99990202"]  # quarters: two below, two above
    sides = {(0, 1), (0, 2), (1, 3), (2, 3)}
    pairs = {tuple(pair) for pair in fidelity._neighbours("buurt", buurten, zones, place.geography).tolist()}
    assert sides <= pairs <= sides | {(0, 3), (1, 2)}  # in the middle one of the two diagonals touches
    assert len(pairs) < 6
    turned = fidelity._neighbours("buurt", buurten[::-1], zones, place.geography)
    assert {tuple(sorted(3 - unit for unit in pair)) for pair in turned.tolist()} == pairs
    assert fidelity._neighbours("wijk", ["WK999901", "WK999902"], zones, place.geography).tolist() == [[0, 1]]


def test_fewer_than_ten_units_give_no_figure_and_no_advice() -> None:
    small = town.town(np.random.default_rng(2), addresses=300, size=4)
    item = counted(small, "pandsluitingen", 0.3)
    found = fidelity.measure([item], protect([item], small.geography, SECRET, "casustafel"), small.geography)
    assert [figures.level for figures in found] == ["res8", "wijk"]
    for figures in found:
        assert 0 < figures.units < 10
        assert np.isnan([*figures.sizes, *dataclasses.astuple(figures)[4:]]).all()
        assert not figures.judged
        assert not figures.good
    assert advised(found) == ""


@pytest.mark.parametrize("units", [9, 10])
def test_ten_units_are_just_enough(units: int, place: town.Town) -> None:
    item = counted(place, "kvk-registraties", 0.3)
    published = protect([item], place.geography, SECRET, "casustafel")
    zones = [level == "zone" for level in published.table["level"].to_pylist()]
    few = dataclasses.replace(published, table=published.table.filter(pa.array(zones)).slice(0, units))
    (zone, *others) = fidelity.measure([item], few, place.geography)
    assert zone.units == units
    assert zone.judged == (units == 10)
    assert np.isnan(zone.margin) == (units == 9)
    assert {figures.units for figures in others} == {0}


def test_shares_of_sizes_and_margins_are_those_of_the_published_units(place: town.Town) -> None:
    item = counted(place, "fiu-signalen", 0.1)
    published = protect([item], place.geography, SECRET, "casustafel")
    found = {figures.level: figures for figures in fidelity.measure([item], published, place.geography)}
    rows = whole_period(published)
    for level, figures in found.items():
        mine = rows[(rows["level"] == level) & rows["value"].notna()]
        assert figures.units == len(mine)
        if figures.units >= fidelity.FEWEST:
            for share, low, high in zip(figures.sizes, (10, 20, 50, 100), (20, 50, 100, 10**9), strict=True):
                inside = (mine["addresses"] >= low) & (mine["addresses"] < high)
                assert share == pytest.approx(mine["addresses"][inside].sum() / mine["addresses"].sum())
    assert sum(found["zone"].sizes) == pytest.approx(1)
    assert found["zone"].margin == 4  # b - 1
    zones, regions = place.geography.zones.base[item.layer.base], place.geography.regions
    terms = np.bincount(units_at(zones, regions, item.layer.atom, "res9").of_atom)
    assert found["res9"].margin == 4 * np.median(terms)  # each zone in a sum may be off


# --- the advice -------------------------------------------------------------------------------------------------------


def figures(level: str, distance: float = 0.1, top: float = 0.9, rank: float = 0.9, units: int = 50) -> Fidelity:
    return Fidelity("laag", level, units, (0.0, 0.0, 0.0, 1.0), 4, 0.5, distance, top, rank, 0.5, 0.1, 0.1)


@pytest.mark.parametrize(
    ("found", "level"),
    [
        ([figures("zone"), figures("res9")], "zone"),
        ([figures("zone", distance=0.36), figures("res9"), figures("buurt")], "res9"),
        ([figures("zone", top=0.49), figures("res9", rank=0.74), figures("buurt")], "buurt"),
        ([figures("buurt"), figures("zone", rank=NAN), figures("res8")], "res8"),  # whatever their order
        ([figures("zone", distance=0.9), figures("wijk", NAN, NAN, NAN, units=4)], "gemeente"),
        ([figures("buurt", NAN, NAN, NAN), figures("wijk", NAN, NAN, NAN)], ""),
        ([figures("zone", fidelity.MOST_DISTANCE, fidelity.LEAST_OVERLAP, fidelity.LEAST_RANK)], "zone"),
    ],
)
def test_the_finest_good_level_is_advised(found: list[Fidelity], level: str) -> None:
    assert advised(found) == level


def test_the_bound_on_the_rank_says_what_it_promises() -> None:
    correlation = 2 * math.sin(math.pi / 6 * fidelity.LEAST_RANK)  # of two normal variables
    tau = 2 / math.pi * math.asin(correlation)
    assert (1 + tau) / 2 == pytest.approx(0.78, abs=0.005)


# --- the demo ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo() -> Measured:
    return fidelity.measure_around(prepare(Request(area="zuidoost", today=REFERENCE_DATE)), "casustafel")


def test_the_demo_is_shown_at_the_levels_of_the_design(demo: Measured) -> None:
    assert demo.gemeenten == ("GM0363",)  # all of Amsterdam, not Zuidoost alone
    assert demo.advice["kvk-registraties"] == "zone"
    assert demo.advice["fiu-signalen"] in {"res9", "buurt"}
    assert demo.advice["pandsluitingen"] in {"res8", "wijk"}
    assert demo.advice["domicilie"] == "wijk"  # one in thirty registrations: too rare for anything finer


def test_coarser_levels_of_the_demo_are_closer_to_the_exact_counts(demo: Measured) -> None:
    for name in ("fiu-signalen", "kvk-registraties", "mma-meldingen", "leegstand"):
        found = {item.level: item for item in demo.figures[name]}
        for finer, coarser in (("zone", "res9"), ("res9", "res8"), ("zone", "buurt"), ("buurt", "wijk")):
            assert found[finer].distance > found[coarser].distance, name
        assert abs(found["zone"].moran_published) < abs(found["zone"].moran_exact), name  # noise hides likeness


def test_a_frequent_layer_keeps_more_than_a_rare_one(demo: Measured) -> None:
    zone = {name: found[0] for name, found in demo.figures.items() if found[0].level == "zone"}
    order = ["kvk-registraties", "fiu-signalen", "mma-meldingen"]  # from frequent to rare, on one base
    assert sorted(order, key=lambda name: zone[name].distance) == order
    assert sorted(order, key=lambda name: -zone[name].rank) == order


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ended]:
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> Ended:
        with pytest.raises(SystemExit) as end:
            cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ended(int(end.value.code or 0), captured.out, captured.err)

    return call


def test_the_demo_is_printed_as_confidential_and_written_to_vertrouwelijk_alone(
    run: Callable[..., Ended], tmp_path: Path, demo: Measured
) -> None:
    shown = run("advies", "--gebied", "zuidoost", "--uit", "uit")
    assert (shown.code, shown.err) == (0, "")
    lines = shown.out.splitlines()
    assert lines[0].startswith("VERTROUWELIJK")
    assert "DEMO: verzonnen gegevens" in lines[1]
    assert "Gemeten over Amsterdam." in lines[1]
    for name, level in demo.advice.items():
        assert any(line.startswith(f"{name}: advies {level}") for line in lines)
    (file,) = (file for file in tmp_path.rglob("*") if file.is_file())
    assert file.relative_to(tmp_path).as_posix() == "uit/zuidoost/2026-01-01/vertrouwelijk/advies.json"
    if os.name == "posix":
        assert file.stat().st_mode & 0o077 == 0
        assert file.parent.stat().st_mode & 0o077 == 0
    written = json.loads(file.read_text(encoding="utf-8"))
    assert written["let_op"] == lines[0]
    assert {name: entry["advies"] for name, entry in written["lagen"].items()} == demo.advice
    zone = written["lagen"]["fiu-signalen"]["niveaus"]["zone"]
    assert zone["hellinger"] == pytest.approx(demo.figures["fiu-signalen"][0].distance, rel=1e-3)
    assert zone["goed_genoeg"] is False


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--niveau fiu-signalen=res9", "--niveau hoort bij --vastleggen"),
        ("--op-gezag-van stuurgroep", "--op-gezag-van hoort bij --vastleggen"),
        ("--opnieuw", "--opnieuw hoort bij --vastleggen"),
        ("--vastleggen --niveau fiu-signalen=straat", "--niveau: schrijf laag=niveau"),
        ("--vastleggen --niveau res9", "--niveau: schrijf laag=niveau"),
        ("--profiel los", "--profiel: kies uit"),
    ],
)
def test_wrong_arguments_are_named(line: str, said: str, run: Callable[..., Ended], tmp_path: Path) -> None:
    ended = run("advies", "--gebied", "zuidoost", *line.split())
    assert said in ended.refused(cli.USAGE_FAULT)[0]
    assert ended.out == ""
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--gebied zuidoots", "gebied 'zuidoots' is onbekend"),
        ("--gebied zuidoost --invoer weg", "weg: is geen leesbare map"),
        ("--gebied zuidoost --vastleggen", "--vastleggen: dit is de demo"),
    ],
)
def test_refusals_are_one_line_and_leave_nothing(
    line: str, said: str, run: Callable[..., Ended], tmp_path: Path
) -> None:
    (tmp_path / "los").write_text("iets", encoding="utf-8")
    ended = run("advies", *line.split())
    (fault,) = ended.refused(cli.INPUT_FAULT)
    assert said in fault
    assert ended.out == ""
    assert [file.name for file in tmp_path.iterdir()] == ["los"]


def test_the_words_of_the_option_are_the_levels_of_the_table() -> None:
    from geoanalyse.commands import advice  # noqa: PLC0415 - the command line imports it late

    assert advice._LEVELS == LEVELS
    assert (*fidelity.LEVELS, fidelity.COARSEST) == LEVELS
