"""What a new answer does to the earlier ones, what is kept, and what the counts say, on cases that fit on paper."""

import dataclasses
import datetime as dt
import itertools
import os
import subprocess
import sys
from collections.abc import Sequence
from math import comb
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoanalyse.errors import ReleaseError
from geoanalyse.followup import overview, proportion, report, store, words
from geoanalyse.followup.history import Answer, Event, Kind, conflicts, continues, current, differing, judge
from geoanalyse.followup.issued import Listed
from geoanalyse.followup.overview import Group

MOMENT = dt.datetime(2026, 3, 1, 12)  # noqa: DTZ001 - the store keeps UTC
DAY = dt.date(2026, 2, 1)
LATER = dt.date(2026, 3, 1)
OPEN = Answer("open")
BUSY = Answer("in behandeling", "gemeente", "mono", DAY)
NOTHING = Answer("afgerond", "gemeente", "mono", LATER, "niets gevonden")
HIT = dataclasses.replace(NOTHING, outcome="leidde tot iets: strafrecht")
DECLINED = Answer("niet opgevolgd", reason="geen capaciteit")


# --- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (OPEN, OPEN, True),
        (OPEN, BUSY, True),
        (BUSY, NOTHING, True),
        (OPEN, NOTHING, True),
        (OPEN, DECLINED, True),
        (NOTHING, BUSY, False),  # a way back
        (NOTHING, HIT, False),  # another ending
        (NOTHING, DECLINED, False),
        (BUSY, dataclasses.replace(NOTHING, owner="politie"), False),  # another owner
        (BUSY, dataclasses.replace(NOTHING, owner=""), False),  # what was filled in is gone
        (BUSY, dataclasses.replace(NOTHING, route="duaal"), False),
        (BUSY, dataclasses.replace(NOTHING, day=dt.date(2026, 1, 1)), False),  # finished before it began
        (BUSY, dataclasses.replace(NOTHING, day=None), False),
        (BUSY, dataclasses.replace(BUSY, day=LATER), False),  # the same stage on another day
        (dataclasses.replace(BUSY, day=None), BUSY, True),  # filled in later
        (BUSY, dataclasses.replace(BUSY, remark="wacht op politie"), True),
        (dataclasses.replace(BUSY, remark="wacht"), dataclasses.replace(BUSY, remark="wacht op politie"), True),
        (dataclasses.replace(BUSY, remark="wacht"), dataclasses.replace(BUSY, remark="klaar"), False),
        (dataclasses.replace(BUSY, remark="wacht"), NOTHING, True),  # a remark goes with its stage
    ],
)
def test_an_answer_goes_on_from_an_earlier_one_or_contradicts_it(old: Answer, new: Answer, expected: bool) -> None:  # noqa: FBT001
    assert continues(old, new) is expected


def told(*answers: Answer | tuple[Answer, bool]) -> list[Event]:
    """Events of one signal, judged one after the other; a pair says whether the file was chosen."""
    events: list[Event] = []
    for number, each in enumerate(answers):
        answer, chosen = each if isinstance(each, tuple) else (each, False)
        events.append(Event("a" * 64, "D01", answer, f"{number}", MOMENT, judge(events, answer, chosen=chosen)))
    return events


def kinds(events: Sequence[Event]) -> list[Kind]:
    return [each.kind for each in events]


def test_the_first_answer_and_what_goes_on_from_it_count() -> None:
    events = told(OPEN, BUSY, NOTHING)
    assert kinds(events) == [Kind.NEWER] * 3
    assert current(events) == NOTHING


def test_what_was_known_changes_nothing() -> None:
    events = told(BUSY, NOTHING, BUSY, NOTHING, OPEN)
    assert kinds(events)[2:] == [Kind.REPEATED] * 3
    assert current(events) == NOTHING


def test_a_contradiction_waits_and_does_not_count() -> None:
    events = told(BUSY, NOTHING, HIT, HIT)
    assert kinds(events)[2:] == [Kind.CONFLICT] * 2
    assert current(events) == NOTHING
    assert [each.answer for each in conflicts(events)] == [HIT, HIT]
    assert differing(events, HIT) == ("Uitkomst",)


@pytest.mark.parametrize("choice", [HIT, NOTHING])
def test_a_choice_ends_it_either_way(choice: Answer) -> None:
    events = told(NOTHING, HIT, (choice, True))
    assert kinds(events)[-1] is Kind.CHOSEN
    assert current(events) == choice
    assert conflicts(events) == ()
    loser = HIT if choice is NOTHING else NOTHING
    assert judge(events, loser, chosen=False) is Kind.REPEATED  # it lost, and is no news
    third = dataclasses.replace(HIT, outcome="niet vast te stellen")
    assert judge(events, third, chosen=False) is Kind.CONFLICT


def test_choosing_a_file_moves_nothing_that_is_not_in_dispute() -> None:
    assert kinds(told(BUSY, NOTHING, (BUSY, True)))[-1] is Kind.REPEATED  # the file is older than what followed
    assert kinds(told(BUSY, (NOTHING, True)))[-1] is Kind.NEWER
    assert kinds(told(NOTHING, (NOTHING, True)))[-1] is Kind.REPEATED
    events = told(NOTHING, (BUSY, True))  # never said before: a correction
    assert kinds(events)[-1] is Kind.CHOSEN
    assert current(events) == BUSY


some = st.sampled_from([OPEN, BUSY, NOTHING, HIT, DECLINED, dataclasses.replace(BUSY, owner="politie")])


@given(st.lists(some, min_size=1, max_size=8))
def test_nothing_is_lost_and_reading_again_changes_nothing(answers: list[Answer]) -> None:
    events = told(*answers)
    assert [each.answer for each in events] == answers
    again = told(*answers, *answers)
    assert current(again) == current(events)
    assert {each.answer for each in conflicts(again)} == {each.answer for each in conflicts(events)}
    assert Kind.NEWER not in kinds(again)[len(answers) :]


@pytest.mark.parametrize("order", list(itertools.permutations([OPEN, BUSY, NOTHING])))
def test_one_story_ends_the_same_in_whatever_order_it_is_read(order: tuple[Answer, ...]) -> None:
    events = told(*order)
    assert current(events) == NOTHING
    assert conflicts(events) == ()


# --- the store --------------------------------------------------------------------------------------------------------


def listed(number: int, **changed: object) -> Listed:
    common = {"theme": "drugs", "route": "mono", "strength": "sterk", "codes": ("HOOG-a", "HOTSPOT-a")}
    place = {"region": "BU03630000", "region_name": "Buurt", "reference_date": dt.date(2026, 1, 1), "demo": False}
    return Listed(**({"release": "a" * 64, "id": f"D{number:02d}"} | common | place | changed))  # type: ignore[arg-type]


def event(number: int, answer: Answer, kind: Kind = Kind.NEWER) -> Event:
    return Event("a" * 64, f"D{number:02d}", answer, "b" * 64, MOMENT, kind)


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "uit" / "vertrouwelijk" / "opvolging.duckdb"
    events = [event(1, BUSY), event(2, DECLINED), event(1, NOTHING), event(1, HIT, Kind.CONFLICT)]
    with store.opened(path) as kept:
        kept.add({"b" * 64: 12}, MOMENT, events[:2], [listed(1), listed(2)])
    with store.opened(path) as kept:
        kept.add({"c" * 64: 3}, MOMENT, events[2:], [listed(2), listed(3)])
    with store.looked_into(path) as kept:
        assert kept.files() == {"b" * 64: MOMENT, "c" * 64: MOMENT}
        assert kept.history() == {
            ("a" * 64, "D01"): [events[0], events[2], events[3]],
            ("a" * 64, "D02"): [events[1]],
        }
        assert kept.signals() == {("a" * 64, each.id): each for each in (listed(1), listed(2), listed(3))}


@pytest.mark.skipif(sys.platform == "win32", reason="de rechten van Windows staan niet in de mode")
def test_only_the_owner_can_read_it_at_any_moment(tmp_path: Path) -> None:
    path = tmp_path / "uit" / "vertrouwelijk" / "opvolging.duckdb"
    before = os.umask(0o022)
    try:
        with store.opened(path) as kept:
            kept.add({}, MOMENT, [event(1, BUSY)], [])
            assert {file.stat().st_mode & 0o077 for file in path.parent.iterdir()} == {0}
        assert [file.name for file in path.parent.iterdir()] == [path.name]
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert os.umask(0o022) == 0o022  # put back
    finally:
        os.umask(before)


@pytest.mark.parametrize("fault", [RuntimeError, KeyboardInterrupt])
def test_an_import_that_breaks_off_leaves_nothing(tmp_path: Path, fault: type[BaseException]) -> None:
    path = tmp_path / "opvolging.duckdb"
    with store.opened(path) as kept:
        kept.add({"b" * 64: 1}, MOMENT, [event(1, BUSY)], [listed(1)])

    def broken_off() -> None:
        with store.opened(path) as kept:
            kept.add({"c" * 64: 1}, MOMENT, [event(1, NOTHING)], [listed(2)])
            raise fault

    with pytest.raises(fault):
        broken_off()
    with store.looked_into(path) as kept:
        assert list(kept.files()) == ["b" * 64]
        assert list(kept.history().values()) == [[event(1, BUSY)]]
        assert len(kept.signals()) == 1


def test_a_killed_import_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "opvolging.duckdb"
    with store.opened(path) as kept:
        kept.add({"b" * 64: 1}, MOMENT, [event(1, BUSY)], [])
    script = f"""
import os, pathlib
from geoanalyse.followup import store
from tests.test_followup_history import MOMENT, NOTHING, event
with store.opened(pathlib.Path({str(path)!r})) as kept:
    kept.add({{"c" * 64: 1}}, MOMENT, [event(1, NOTHING)], [])
    os._exit(9)
"""
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, check=False, env=os.environ | {"PYTHONPATH": str(root)}
    )
    assert done.returncode == 9
    with store.opened(path) as kept:
        assert list(kept.history().values()) == [[event(1, BUSY)]]


def test_one_command_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "opvolging.duckdb"
    script = f"""
import pathlib
from geoanalyse.errors import ReleaseError
from geoanalyse.followup import store
try:
    with store.opened(pathlib.Path({str(path)!r})):
        pass
except ReleaseError as error:
    print(error)
"""
    root = Path(__file__).parents[1]
    with store.opened(path):
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=root,
            check=True,
            capture_output=True,
            text=True,
            env=os.environ | {"PYTHONPATH": str(root)},
        )
    assert "een andere opdracht werkt nu met dit bestand" in done.stdout


def test_a_file_that_is_no_store_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "opvolging.duckdb"
    with pytest.raises(ReleaseError, match="er is nog niets teruggelezen"), store.looked_into(path):
        pass
    path.write_text("iets anders", encoding="utf-8")
    for look in (store.opened, store.looked_into):
        with pytest.raises(ReleaseError, match="is geen opvolgingsbestand"), look(path):
            pass
    assert path.read_text(encoding="utf-8") == "iets anders"
    path.unlink()
    duckdb.connect(str(path)).close()
    with pytest.raises(ReleaseError, match="dit is geen opvolgingsbestand van geoanalyse"), store.opened(path):
        pass
    path.unlink()
    with store.opened(path):
        pass
    with duckdb.connect(str(path)) as database:
        database.execute("UPDATE versie SET versie = 2")
    with pytest.raises(ReleaseError, match="van een nieuwere versie van geoanalyse \\(2\\)"), store.looked_into(path):
        pass


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "bestand").write_text("", encoding="utf-8")
    with pytest.raises(ReleaseError, match="kan niet worden"), store.opened(tmp_path / "bestand" / "a.duckdb"):
        pass


# --- shares -----------------------------------------------------------------------------------------------------------


def tail(hits: int, of: int, share: float) -> float:
    """Chance of at least so many hits, summed by hand."""
    return sum(comb(of, each) * share**each * (1 - share) ** (of - each) for each in range(hits, of + 1))


@pytest.mark.parametrize(("hits", "of"), [(1, 3), (2, 7), (7, 20), (19, 20), (50, 400)])
def test_the_interval_ends_where_the_tails_are_two_and_a_half_percent(hits: int, of: int) -> None:
    low, high = proportion.interval(hits, of)
    assert tail(hits, of, low) == pytest.approx(0.025)
    assert 1 - tail(hits + 1, of, high) == pytest.approx(0.025)


def test_the_interval_of_none_and_all() -> None:
    assert proportion.interval(0, 0) == (0.0, 1.0)
    assert proportion.interval(0, 4) == (0.0, pytest.approx(1 - 0.025**0.25))
    assert proportion.interval(4, 4) == (pytest.approx(0.025**0.25), 1.0)
    with pytest.raises(ValueError, match="hits"):
        proportion.interval(3, 2)


@pytest.mark.parametrize("of", [1, 5, 20, 60])
@pytest.mark.parametrize("share", [0.01, 0.1, 0.37, 0.5, 0.9])
def test_the_interval_holds_the_share_often_enough(of: int, share: float) -> None:
    chance = 0.0
    for hits in range(of + 1):
        low, high = proportion.interval(hits, of)
        if low <= share <= high:
            chance += comb(of, hits) * share**hits * (1 - share) ** (of - hits)
    assert chance >= 0.95


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ((3, 4, 1, 4), 34 / 70),
        ((10, 10, 0, 10), 2 / 184756),
        ((1, 10, 11, 14), 0.0027594561852200836),  # Fisher's criminal twins, as R's fisher.test gives it
        ((0, 5, 0, 7), 1.0),
    ],
)
def test_two_shares_are_tested_exactly(table: tuple[int, int, int, int], expected: float) -> None:
    assert proportion.differ(*table) == pytest.approx(expected)
    assert proportion.differ(*table[2:], *table[:2]) == pytest.approx(expected)


# --- counts -----------------------------------------------------------------------------------------------------------


def test_what_nobody_reported_is_not_counted_as_not_followed_up() -> None:
    signals = [listed(number) for number in range(1, 7)]
    answers = {("a" * 64, "D01"): HIT, ("a" * 64, "D02"): NOTHING, ("a" * 64, "D03"): BUSY, ("a" * 64, "D04"): DECLINED}
    found = overview.group("route", "mono", signals, answers)
    assert (found.signals, found.reported, found.unreported) == (6, 4, 2)
    assert (found.followed, found.finished, found.led) == (3, 2, 1)
    assert (found.followed_share, found.led_share) == (3 / 4, 1 / 2)
    assert (found.low, found.high) == proportion.interval(1, 2)
    assert found.days == 59  # of 31, 59 and 59 days after the reference date
    nobody = overview.group("route", "mono", signals, {})
    assert (nobody.followed_share, nobody.led_share, nobody.days) == (None, None, None)


def test_signals_are_counted_in_every_group_and_drawn_ones_apart() -> None:
    drawn = listed(5, strength="verkenning", codes=("VERKENNING",), route="mono")
    signals = [listed(1), listed(2, route="duaal", codes=("HOOG-a",)), listed(3, theme="witwassen"), drawn]
    found = overview.groups(signals, {("a" * 64, "D01"): BUSY, ("a" * 64, "D05"): NOTHING})
    counted = {(each.by, each.name): each.signals for each in found}
    assert counted == {
        ("soort", "gekozen op cijfers"): 3,
        ("soort", "verkenning"): 1,
        ("thema", "drugs"): 2,
        ("thema", "witwassen"): 1,
        ("route", "duaal"): 1,
        ("route", "mono"): 2,
        ("eigenaar", "gemeente"): 1,
        ("reden", "HOOG-a"): 3,
        ("reden", "HOTSPOT-a"): 2,
        ("buurt", "Buurt (BU03630000)"): 3,
    }


def test_the_demo_and_real_lists_never_add_up() -> None:
    real, made_up = listed(1), listed(2, demo=True)
    assert overview.real([real, made_up]) == [real]
    assert overview.real([made_up]) == [made_up]


def kind(name: str, signals: int, finished: int, led: int) -> Group:
    low, high = proportion.interval(led, finished)
    return Group("soort", name, signals, finished, finished, finished, led, low, high, None)


@pytest.mark.parametrize(
    ("ranked", "drawn", "said"),
    [
        ((20, 20, 15), (20, 20, 3), "De rangorde vond vaker iets dan de loting: 15 van 20 (75%) tegen 3 van 20 (15%)"),
        ((20, 20, 2), (20, 20, 15), "De rangorde vond minder vaak iets dan de loting"),
        ((20, 20, 8), (5, 5, 1), "kan toeval zijn: 8 van 20 (40%) tegen 1 van 5 (20%)"),
        ((20, 20, 15), (20, 0, 0), "niet te vergelijken: van een van beide is nog niets afgerond"),
        ((50, 20, 15), (20, 20, 3), "niet te vergelijken: van een van beide is minder dan de helft afgerond"),
    ],
)
def test_ranking_and_lot_are_compared_where_that_holds(
    ranked: tuple[int, int, int], drawn: tuple[int, int, int], said: str
) -> None:
    assert said in report.comparison([kind("gekozen op cijfers", *ranked), kind("verkenning", *drawn)])


def test_nothing_is_compared_with_nothing() -> None:
    assert "niet te vergelijken" in report.comparison([kind("gekozen op cijfers", 3, 3, 1)])
    assert "niet te vergelijken" in report.comparison([])


def test_the_csv_says_on_every_line_that_it_is_confidential() -> None:
    text = report.comma_separated([kind("verkenning", 5, 4, 1), kind("leeg", 3, 0, 0)]).decode("utf-8-sig")
    head, *lines = text.split("\r\n")[:-1]
    assert head.split(";")[0] == "rubricering"
    assert all(line.startswith("vertrouwelijk;soort;") for line in lines)
    assert lines[0].split(";")[-5:] == ["1", "0,25", "0,006309", "0,8059", ""]
    assert lines[1].split(";")[-4:] == ["", "", "", ""]


# --- words ------------------------------------------------------------------------------------------------------------


def test_lists_of_words_fit_in_excel_and_leave_no_doubt() -> None:
    for field in words.FIELDS:
        assert len(",".join(field.choices)) <= 255  # of a list in a cell
        assert len({word.casefold() for word in field.choices}) == len(field.choices)
        assert not any("," in word or word != word.strip() for word in field.choices)
        assert len(field.title) <= 32
        assert len(field.meaning) <= 255  # of a note
    assert any(words.led_to_something(each) for each in words.OUTCOMES)
    assert not all(words.led_to_something(each) for each in words.OUTCOMES)


@given(st.text("0123456789abcdef", min_size=64, max_size=64))
def test_a_mark_is_the_start_of_its_digest_and_no_number(digest: str) -> None:
    mark = words.mark(digest)
    assert digest.startswith(mark)
    assert len(mark) >= 12
    if mark != digest:
        assert words.is_mark(mark)
        with pytest.raises(ValueError, match="could not convert"):
            float(mark)
