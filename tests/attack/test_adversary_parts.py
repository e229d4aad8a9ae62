"""The parts of the hostile program, on cases to check on paper: an attacker that cannot bite proves nothing."""

import dataclasses
import datetime as dt
import hashlib
import json
import math
import sqlite3
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.attack.adversary import bounds, claims, clip, inversion, isolation, keys, persons, scores, space
from tests.attack.adversary.case import Addresses, LayerFile, Zones
from tests.attack.adversary.harvest import Harvest
from tests.attack.adversary.insider import Differences, tightest
from tests.attack.adversary.moments import Moment, Total, covered, difference
from tests.attack.adversary.read_gpkg import _unused
from tests.attack.adversary.read_map import unpack
from tests.attack.adversary.report import Report, Result, absent, number
from tests.attack.adversary.units import Atoms, mainly
from tests.attack.adversary.words import Said, said

LAYER = LayerFile(
    id="proef",
    base="alle",
    atom="zone",
    b=5,
    clamp=1,
    capped=True,
    family="proef",
    part_of="",
    series="",
    series_level="buurt",
    title="Proef",
    weights={},
    texts=(),
    gemeenten=(),
)
YEAR = (dt.date(2024, 1, 1), dt.date(2025, 1, 1))


def moment(
    value: Sequence[int],
    totals: Sequence[Total] = (),
    *,
    base: int = 5,
    addresses: int = 100,
    period: tuple[dt.date, dt.date] = YEAR,
    series: Sequence[Total] = (),
    capped: Sequence[int] = (),
) -> Moment:
    """Say what was published of a few zones; -1 for a zone without a value."""
    count = len(value)
    ids = tuple(f"{number:x}" for number in range(count))
    numbers = np.full(count, addresses, dtype=np.int64)
    cells = np.arange(count, dtype=np.uint64)
    zones = Zones(ids, numbers, np.zeros(count, np.int64), cells, np.arange(count), numbers, cells)
    values = np.array(value, dtype=np.int64)
    return Moment(
        layer=LAYER,
        period=period,
        version="v",
        source="s",
        atoms=Atoms(ids, ("zone",) * count, np.arange(count), numbers, zones),
        pieces=tuple(((name, addresses),) for name in ids),
        value=values,
        base=np.full(count, base, dtype=np.int64),
        capped=np.isin(np.arange(count), capped),
        hidden=values < 0,
        firm=np.ones(count, dtype=bool),
        totals=tuple(totals),
        series=tuple(series),
    )


def total(value: int, atoms: Sequence[int], *, base: int = 5, lower: bool = True, upper: bool = True) -> Total:
    return Total(
        level="buurt",
        unit="BU1",
        window=YEAR,
        atoms=tuple(atoms),
        value=value,
        base=base,
        apart=True,
        terms=1,
        capped=False,
        lower=lower,
        upper=upper,
    )


def ranges(moments: Sequence[Moment], changes: bounds.Changes | None = None) -> list[tuple[int, int]]:
    wanted = [(index, atom) for index, each in enumerate(moments) for atom in range(len(each.value))]
    return [(each.low, each.high) for each in bounds.ranges(moments, wanted, changes).ranges]


# --- linear programming -----------------------------------------------------------------------------------------------


def test_two_zones_without_a_total_keep_all_that_their_values_allow() -> None:
    assert ranges([moment([0, 10])]) == [(0, 4), (6, 14)]


def test_two_zones_and_a_total_are_bounded_as_on_paper() -> None:
    # 20 <= n0 + n1 + C <= 24 with -2 <= C <= 6, so n0 + n1 >= 14; n1 <= 14 leaves n0 >= 0, n0 <= 4 leaves n1 >= 10
    assert ranges([moment([0, 10], [total(20, [0, 1])])]) == [(0, 4), (10, 14)]
    # 5 <= n0 + n1 + C: nothing new but that there is one
    assert ranges([moment([0], [total(5, [0])])]) == [(1, 4)]


def test_a_side_of_a_total_that_is_not_certain_bounds_nothing() -> None:
    assert ranges([moment([0, 10], [total(20, [0, 1], lower=False)])]) == [(0, 4), (6, 14)]


def test_hidden_zones_beside_exact_ones_are_found_by_subtraction() -> None:
    found = ranges([moment([7, 9, -1], [total(19, [0, 1, 2], base=1)], base=1)])
    assert found == [(7, 7), (9, 9), (3, 3)]


def test_what_lies_above_a_cap_is_not_bounded_by_a_total() -> None:
    # the capped zone counts for at most 10 in the total, and may hold all of its 20 addresses
    found = ranges([moment([0, 10], [total(10, [0, 1])], addresses=20, capped=[1])])
    assert found == [(0, 4), (6, 20)]


def test_a_fixed_threshold_ties_a_growing_count_to_its_earlier_values() -> None:
    early = moment([5], period=(YEAR[0], dt.date(2024, 7, 1)))
    late = moment([5])
    # n <= n' and both n + c, n' + c lie in 5..9: each end stays possible
    assert ranges([early, late]) == [(1, 9), (1, 9)]
    # a count that fell in a window that only grows cannot be
    fallen = bounds.ranges([moment([10], period=early.period), moment([0])], [(0, 0)])
    assert fallen.impossible == 1


def test_thresholds_of_totals_that_never_change_narrow_over_releases() -> None:
    # first: each n is 0..4, and a total of 10 means n0 + n1 + n2 >= 4; then the total says 0: none, or at most 4 - C
    first, second = moment([0, 0, 0], [total(10, [0, 1, 2])]), moment([0, 0, 0], [total(0, [0, 1, 2])])
    second = dataclasses.replace(second, period=(dt.date(2023, 1, 1), dt.date(2024, 1, 1)))
    found = ranges([first, second])
    assert found[:3] == [(0, 4)] * 3
    assert found[3:] == [(0, 4)] * 3
    stronger = dataclasses.replace(first, totals=(total(15, [0, 1, 2]),))  # n0 + n1 + n2 + C >= 15: C >= 3
    assert ranges([stronger, second])[3:] == [(0, 2)] * 3  # 1 and C = 3, between them and 0 and C = 6 the convex set


def test_who_knows_that_a_count_hardly_changes_learns_more() -> None:
    early, late = moment([0], period=(dt.date(2023, 1, 1), dt.date(2024, 1, 1))), moment([10])
    # 0..4 and 6..14 at most one apart: no threshold fits both values
    assert bounds.ranges([early, late], [(0, 0), (1, 0)], {1: np.array([True])}).impossible == 1
    late = moment([5])
    found = bounds.ranges([early, late], [(0, 0), (1, 0)], {1: np.array([True])}).ranges
    assert [(each.low, each.high) for each in found] == [(0, 4), (1, 5)]


def test_a_window_counts_at_most_its_period_and_all_windows_at_least_that() -> None:
    halves = (YEAR[0], dt.date(2024, 7, 1)), (dt.date(2024, 7, 1), YEAR[1])
    series = [
        dataclasses.replace(total(value, [0, 1, 2]), window=half) for value, half in zip((0, 0), halves, strict=True)
    ]
    # each half holds at most 6, so the year at most 12
    found = ranges([moment([10, 5, 0], series=series)])
    assert found == [(6, 11), (1, 6), (0, 4)]


def test_a_large_block_is_cut_and_the_rest_seen_as_an_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    city = dataclasses.replace(total(20, range(6)), level="gemeente", unit="GM1")
    parts = [dataclasses.replace(total(5, at), unit=f"BU{at[0]}") for at in ([0, 1, 2], [3, 4, 5])]
    whole = ranges([moment([0] * 6, [*parts, city])])
    monkeypatch.setattr(bounds, "LARGEST_BLOCK", 8)
    cut = ranges([moment([0] * 6, [*parts, city])])
    assert all(low <= left and right <= high for (low, high), (left, right) in zip(cut, whole, strict=True))
    assert max(high - low for low, high in cut) <= 4


# --- where a total may have been moved --------------------------------------------------------------------------------


def test_at_the_ends_of_its_interval_only_one_side_of_a_total_is_certain() -> None:
    value, fives = np.array([5, 10, 15, 0]), np.full(4, 5)
    least, most = np.array([3, 3, 3, -2]), np.array([17, 17, 17, 17])
    sides = clip.certain_sides(value, fives, least, most, np.array([True] * 4))
    assert sides.lower.tolist() == [False, True, True, True]  # a 0 was not moved up from anywhere
    assert sides.upper.tolist() == [True, True, False, True]
    unknown = clip.certain_sides(value, fives, least, most, np.array([False] * 4))
    assert not unknown.lower.any()
    assert not unknown.upper.any()


def test_nodes_add_up_and_keep_the_widest_interval() -> None:
    value = np.array([0, 10, 5])
    nodes = clip.of_atoms(value, np.ones(3, int), np.array([4, 14, 9]), np.array([True, True, False]), 5)
    joined = clip.joined(nodes, np.array([0, 0, -1]), 1)
    assert (joined.low.tolist(), joined.high.tolist(), joined.widest.tolist()) == ([6, 1], [18, 9], [8, 8])
    assert joined.known.tolist() == [True, False]


# --- isolation --------------------------------------------------------------------------------------------------------


def test_three_overlapping_sets_isolate_what_paper_says() -> None:
    # 0-5 | 4-9 | 8-13: pieces 0-3, 4-5, 6-7, 8-9, 10-13; nothing is said of 14 and 15
    place = np.arange(16)
    sets = [(place >= low) & (place <= high) for low, high in ((0, 5), (4, 9), (8, 13))]
    assert isolation.classes(sets, place) == (2, 2)
    assert isolation.classes(sets, place // 4)[1] == 1
    assert isolation.classes([], place) == (0, 0)


def test_the_first_of_equal_units_holds_a_group() -> None:
    of_zone, unit, weight = np.array([0, 0, 1, 2]), np.array([3, 1, 2, -1]), np.array([5, 5, 1, 9])
    assert mainly(of_zone, unit, weight, 3).tolist() == [1, 2, -1]


# --- space ------------------------------------------------------------------------------------------------------------


def test_known_points_get_their_degrees_and_cell() -> None:
    lon, lat = space.lonlat([155000.0, 125500.0], [463000.0, 480300.0])
    assert lon[0] == pytest.approx(5.387203, abs=2e-6)
    assert lat[0] == pytest.approx(52.155172, abs=2e-6)
    assert f"{space.cells_of(lon, lat)[1]:x}" == "8a1969528daffff"
    assert f"{space.parents(space.cells_of(lon, lat), 8)[1]:x}" == "881969528dfffff"


def test_points_in_a_shape_with_a_hole() -> None:
    square = np.array([[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]], dtype=float)
    shape = ((square, square / 2 + 1),)
    points = np.array([[0.5, 0.5], [2, 2], [5, 1], [3.5, 2]])
    assert space.inside(shape, points).tolist() == [True, False, False, True]


def test_a_shape_of_cells_is_told_from_an_exact_border() -> None:
    cell = int("8a1969528daffff", 16)
    assert space.of_whole_cells(space.corners(cell), 10)
    assert not space.of_whole_cells(space.corners(cell) + 1e-4, 10)


# --- inversion --------------------------------------------------------------------------------------------------------


def grid_graph(side: int) -> np.ndarray:
    place = np.arange(side * side).reshape(side, side)
    right = np.stack([place[:, :-1].ravel(), place[:, 1:].ravel()], axis=1)
    down = np.stack([place[:-1].ravel(), place[1:].ravel()], axis=1)
    return np.concatenate([right, down])


@pytest.fixture
def planted() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(4)
    counts = random.poisson(3.0, 49)
    value = 5 * ((counts + random.integers(0, 5, 49)) // 5)
    return counts, np.maximum(0, value - 4.0), value + 4.0


def test_gi_scores_with_three_decimals_give_back_every_count(planted: tuple[np.ndarray, ...]) -> None:
    counts, low, high = planted
    weights = inversion.closed(grid_graph(7), 49)
    degree = np.asarray(weights.sum(axis=1)).ravel()
    spread = counts.std() * np.sqrt((49 * degree - degree**2) / 48)
    score = (weights @ counts - degree * counts.mean()) / spread
    assert np.array_equal(inversion.solve_gi(np.round(score, 3), weights, low, high), counts)
    assert inversion.solve_gi(np.round(score), weights, low, high) is None


def test_means_over_neighbours_give_back_every_count(planted: tuple[np.ndarray, ...]) -> None:
    counts, low, high = planted
    weights = inversion.closed(grid_graph(7), 49)
    mean = (weights @ counts) / np.asarray(weights.sum(axis=1)).ravel()
    assert np.array_equal(inversion.solve_smooth(np.round(mean, 4), weights, low, high), counts)
    noise = np.random.default_rng(1).normal(size=49)
    assert inversion.solve_smooth(mean + noise, weights, low, high) is None


# --- guessing ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def addresses() -> Addresses:
    ids = tuple(f"0363010{number:09d}" for number in range(40))
    zeros = np.zeros(40)
    return Addresses(
        ids, zeros, zeros, zeros, zeros, np.zeros(40, np.uint64), np.zeros(40, int), ("p",), np.array(["x"] * 40)
    )


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256", "blake2b", "crc32"])
def test_plain_hashes_of_public_numbers_are_guessed(name: str, addresses: Addresses) -> None:
    made = [keys.HASHES[name](each.lstrip("0").encode()).hex() for each in addresses.ids[:5]]
    assert set(keys.guessed(made, addresses)) == set(made)


def test_shortened_encoded_and_bare_keys_are_guessed_and_keyed_ones_are_not(addresses: Addresses) -> None:
    short = hashlib.sha256(addresses.ids[3].encode()).hexdigest()[:16]
    assert set(keys.guessed([short, addresses.ids[7]], addresses)) == {short, addresses.ids[7]}
    keyed = [hashlib.blake2b(each.encode(), key=b"geheim", digest_size=32).hexdigest() for each in addresses.ids]
    assert keys.guessed(keyed, addresses) == {}


def test_an_order_that_follows_the_strength_is_seen_and_a_random_one_is_not() -> None:
    random = np.random.default_rng(2)
    strength = random.choice(["sterk", "matig", "licht"], 60)
    assert not keys.ordered(strength.tolist())
    assert keys.ordered(sorted(strength.tolist()))


# --- personal data ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("bsn", "nummer 111222333"),
        ("e-mail", "mail naar j.jansen@voorbeeld.nl"),
        ("iban", "NL91 ABNA 0417 1643 00"),
        ("telefoon", "bel 06-12345678"),
        ("postcode", "1102 AB 12"),
        ("straat", "Dorpsstraat 12"),
        ("kenteken", "auto 12-ABC-3"),
        ("geboortedatum", "geboren 03-04-1971"),
        ("naam", "A.B. van den Berg"),
        ("coordinaat", "4.95123, 52.31234"),
    ],
)
def test_planted_personal_data_is_found(kind: str, text: str) -> None:
    assert kind in persons.hits(text)


@pytest.mark.parametrize(
    "text",
    ["8a1969528daffff", "BU0363TC03", "ongeveer 15 (11 tot 19)", "01-01-2024", "december 2023", "123456789", "1.234"],
)
def test_codes_counts_and_periods_are_no_personal_data(text: str) -> None:
    assert persons.hits(text) == []


def test_names_that_everyone_may_read_are_taken_out_first() -> None:
    cleaner = persons.Cleaner(["P.C. Hooftbuurt", "Gein 3"])
    assert persons.hits("P.C. Hooftbuurt") != []
    assert persons.hits(cleaner.clean("hotspot in P.C. Hooftbuurt")) == []


# --- files ------------------------------------------------------------------------------------------------------------


def test_values_in_words_are_read() -> None:
    assert said("ongeveer 1.050 (1.041 tot 1.059)") == Said(1050, 1041, 1059)
    assert said("0 tot 4") == Said(None, 0, 4)
    assert said("56 of meer") == Said(None, 56, None)
    assert said("7") == Said(7, 7, 7, bare=True)
    assert said("geen gegevens") is None
    with pytest.raises(ValueError, match="geen waarde"):
        said("zeven")


def test_the_block_of_the_map_is_read_by_its_description() -> None:
    import base64  # noqa: PLC0415
    import struct  # noqa: PLC0415
    import zlib  # noqa: PLC0415

    header = json.dumps({"arrays": [["i2", 2], ["d1", 3], ["s3", 3]]}).encode()
    columns = (
        bytes([1, 255, 0, 255])
        + bytes([5, 1, 255])
        + np.array([0, -1, 900 * 12 + 1], "<i2").view("u1").reshape(3, 2).T.tobytes()
    )
    text = base64.b64encode(zlib.compress(struct.pack("<I", len(header)) + header + columns)).decode()
    _, (two, steps, digits) = unpack(text)
    assert (two.tolist(), steps.tolist()) == ([1, -1], [5, 6, 5])
    assert digits[[0, 2]].tolist() == [0.0, pytest.approx(1.0)]
    assert np.isnan(digits[1])
    extra = base64.b64encode(zlib.compress(struct.pack("<I", len(header)) + header + columns + b"x")).decode()
    with pytest.raises(ValueError, match="laatste kolom"):
        unpack(extra)


def test_erased_rows_are_read_from_the_free_bytes_of_a_database(tmp_path: Path) -> None:
    path = tmp_path / "resten.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA secure_delete = OFF")
        database.execute("CREATE TABLE plek (naam TEXT)")
        database.executemany("INSERT INTO plek VALUES (?)", [("blijft staan",), ("verborgen getal 7",)])
        database.commit()
        database.execute("DELETE FROM plek WHERE naam LIKE 'verborgen%'")
        database.commit()
    data = path.read_bytes()
    size = int.from_bytes(data[16:18], "big")
    found = b"".join(part for page in _pages(data, size) for part in _unused(*page))
    assert b"getal 7" in found
    assert b"blijft staan" not in found


def _pages(data: bytes, size: int) -> Iterator[tuple[bytes, int]]:
    for page in range(len(data) // size):
        yield data[page * size : (page + 1) * size], 100 if page == 0 else 0


def test_hidden_sheets_rows_and_formulas_are_seen(tmp_path: Path) -> None:
    from openpyxl import Workbook  # noqa: PLC0415

    from tests.attack.adversary.read_lists import sheets  # noqa: PLC0415

    book = Workbook()
    book.active.append(["a", "b"])
    secret = book.create_sheet("weg")
    secret.sheet_state = "hidden"
    formula = book.create_sheet("som")
    formula["B2"] = "=1+1"
    book.save(tmp_path / "lijst.xlsx")
    with zipfile.ZipFile(tmp_path / "lijst.xlsx") as package:
        found = {name: (rows, hidden) for name, rows, hidden in sheets(package)}
    assert found["Sheet"] == ([["a", "b"]], False)
    assert found["weg"][1]
    assert found["som"][1]


def test_a_list_that_is_filled_in_is_no_release() -> None:
    from tests.attack.adversary import declared, read_lists  # noqa: PLC0415

    place = {name: number for number, name in enumerate(("Plek", *declared.TO_FILL_IN))}
    empty = ["8a1969528c1ffff", *[""] * 7]
    for rows, found in (
        ([empty, empty[:1]], []),
        ([empty, [*empty[:4], "open"]], ["kolom om in te vullen is niet leeg: Status"]),
    ):
        harvest = Harvest(None, None, None)  # type: ignore[arg-type]  # only faults are noted
        read_lists._answers(harvest, "signaallijst.csv", place, rows)
        assert [fault.what for fault in harvest.faults] == found


def test_margins_narrower_than_a_value_leaves_are_not_accepted() -> None:
    table = _table(value=5)
    assert claims._words(table, LAYER, 0, "ongeveer 5 (1 tot 9)")
    assert not claims._words(table, LAYER, 0, "ongeveer 5 (3 tot 9)")
    assert not claims._words(table, LAYER, 0, "5")
    assert claims._words(_table(value=0), LAYER, 0, "0 tot 4")
    assert not claims._words(_table(value=0), LAYER, 0, "0 tot 3")


def _table(value: int) -> "claims.Table":
    one = np.ones(1, dtype=np.int64)
    return claims.Table(
        *(("proef",), ("zone",), ("a",), (YEAR[0],), (YEAR[1],), value * one, 5 * one, ("waarde",), ("zone",), one),
        *(100 * one, 10 * one, ("alle",), ("BU1",), np.empty(0, np.uint64), np.zeros(2, np.int64), (None,)),
        marks={"periode_van": "2024-01-01", "periode_tot": "2025-01-01"},
    )


# --- time, insiders, report -------------------------------------------------------------------------------------------


def test_periods_are_compared_by_what_lies_between_them() -> None:
    later = (dt.date(2024, 2, 1), dt.date(2025, 2, 1))
    assert difference(later, YEAR) == [(dt.date(2025, 1, 1), dt.date(2025, 2, 1))]
    assert difference(YEAR, later) == [(dt.date(2024, 1, 1), dt.date(2024, 2, 1))]
    assert covered([(dt.date(2024, 6, 1), YEAR[1]), (YEAR[0], dt.date(2024, 6, 1))], YEAR)
    assert not covered([(dt.date(2024, 6, 1), YEAR[1])], YEAR)


def test_differences_follow_from_each_other() -> None:
    far = 10**9
    # a - 0 <= 3, b - a <= 2, 0 - b <= -5: only a = 3 and b = 5 fit
    graph = np.array([[[0, 3, far], [far, 0, 2], [-5, far, 0]]])
    found = tightest(graph)
    assert (found[0, 0, 1], -found[0, 1, 0], found[0, 0, 2], -found[0, 2, 0]) == (3, 3, 5, 5)


@given(
    counts=st.lists(st.integers(0, 4), min_size=1, max_size=8),
    others=st.lists(st.integers(0, 9), min_size=8, max_size=8),
    base=st.sampled_from([5, 10]),
    uniform=st.integers(0, 9),
    moved=st.integers(-2, 2),
)
def test_an_insider_never_excludes_the_truth(
    counts: list[int], others: list[int], base: int, uniform: int, moved: int
) -> None:
    threshold = uniform % base + moved
    known = Differences(1, len(counts), 0)
    for time, (count, rest) in enumerate(zip(counts, others, strict=False)):
        value = max(0, base * ((count + rest + threshold) // base)) if count + rest else 0
        known.between(0, known.moment + time, 0, 0, 20)
        known.rounded(0, known.moment + time, known.total, total(value, [0], base=base), rest)
    known.solve()
    for time, count in enumerate(counts):
        node = known.moment + time
        assert -known.graph[0, node, 0] <= count <= known.graph[0, 0, node]


def test_an_insider_finds_a_count_at_the_end_of_the_range_of_a_threshold() -> None:
    # with C = 6 the total turns from 5 to 10 when 3 others come to 4: 4 + n + 6 >= 10 > 3 + n + 6 says n + C = 6
    known = Differences(1, 2, 0)
    for time, (value, rest) in enumerate([(5, 3), (10, 4)]):
        known.between(0, known.moment + time, 0, 0, 4)
        known.rounded(0, known.moment + time, known.total, total(value, [0]), rest)
    known.between(0, known.moment, known.moment + 1, 0, 0)  # and nothing changed in the zone
    known.solve()
    assert (-known.graph[0, 1, 0], known.graph[0, 0, 1]) == (0, 4)
    known.between(0, known.total, 0, -6, -6)  # who knew the threshold would know the count
    known.solve()
    assert (-known.graph[0, 1, 0], known.graph[0, 0, 1]) == (0, 0)


def test_a_report_says_what_failed_and_what_had_no_material() -> None:
    report = Report(
        (Result("T1", passed=False, line="3 adressen", figures={"kleinste_groep": 3}), absent("T6", "niets"))
    )
    assert not report.passed
    assert report.headlines()["kleinste_groep"] == 3
    assert report.lines()[0].startswith("T1  GEZAKT")
    assert "niet van toepassing, niets" in report.lines()[1]
    assert report.as_json()["toetsen"][1]["van_toepassing"] is False
    assert number(12345.0) == "12.345"


# --- the score of a theme ---------------------------------------------------------------------------------------------


def scored(
    ratio: float,
    borrowed: float,
    low: float = 1.0,
    last: int = 2,
    stable: int = -1,
    looked: float = 0.2,
    trend: int = 3,
) -> list[str]:
    """Two zones: one layer knows both, of weight 1; the other is borrowed, of weight 0.5. Scores 2 and 1 on paper."""
    own, taken = np.array([2.5, 1.0]), np.array([1.0, borrowed])
    bands = ([1.0, low], [3.0, 2.0], [1, 1], [2, last])
    more = ([stable, 1], [-1, 2], [math.nan, looked], [math.nan, 0.1], [math.nan, 0.3], [trend])
    columns = [own, taken, np.array([2.0, ratio]), *(np.array(each) for each in (*bands, *more))]
    figures = {
        "stability": 7,
        "units": 0,
        "ratio": 2,
        "ratio_low": 3,
        "ratio_high": 4,
        "rank_low": 5,
        "rank_high": 6,
        "borrowed": {"b": [1, 1]},
    }
    looks = {"hotspot": 8, "mean": 9, "low": 10, "high": 11}
    a = {"units": 0, "ratio": 0, "stability": 7, "per_inspection": looks}
    header = {
        "highest_ratio": 5.0,
        "words": {"per_inspection": ["ja", "nee", "?"], "trends": [""] * 4, "patterns": [""] * 10},
        "series": {"a": {"windows": [0] * 4, "trends": [12] * 3}},
        "layers": [
            {"id": "thema:drugs", "levels": {"zone": figures}},
            {"id": "a", "themes": {"drugs": 1.0}, "levels": {"zone": a}},
            {"id": "b", "themes": {"drugs": 0.5}, "levels": {}},
        ],
    }
    harvest = Harvest(None, None, None)  # type: ignore[arg-type]  # only faults are noted
    scores.check(harvest, "kaart.html", header, columns, lambda _: ["p", "q"])
    return [fault.what.split(",")[0] for fault in harvest.faults]


def test_a_score_follows_from_the_ratios_beside_it() -> None:
    assert scored(1.0, 1.0) == []
    assert scored(math.nan, 1.0, math.nan, 1) != []
    assert scored(1.0, 1.2) == ["thema:drugs zone: een score die niet uit de lagen volgt"]
    assert scored(1.1, 1.0) == ["thema:drugs zone: een score die niet uit de lagen volgt"]
    assert scored(1.0, 1.0, low=1.5) == ["thema:drugs zone: een score buiten haar band"]
    assert scored(1.0, 1.0, stable=2) == [
        f"{each} zone stability: een code die er niet is" for each in ("thema:drugs", "a")
    ]
    assert scored(1.0, 1.0, looked=0.4) == ["a zone: een cijfer per controle buiten zijn marge"]
    assert scored(1.0, 1.0, trend=4)[0] == "a trends: een code die er niet is"
    assert scored(1.0, 1.0, last=3) == ["thema:drugs zone: een rang die niet kan"]
