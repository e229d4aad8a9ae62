"""What is kept too long is named, what cannot be read is named as well, and nothing is thrown away."""

import dataclasses
import datetime as dt
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoanalyse import retention
from geoanalyse.commands.retention import opruimen
from geoanalyse.errors import ReleaseError
from geoanalyse.products import verantwoording
from geoanalyse.products.measured import Measured
from geoanalyse.release import Release
from tests.sample import sample_release

TODAY = dt.date(2026, 6, 1)


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release()


def keep(release: Release, folder: Path, until: dt.date) -> Path:
    """Lay down a release of which only the manifest matters here."""
    grondslag = dataclasses.replace(release.grondslag, retain_until=until)
    content = verantwoording.manifest(
        dataclasses.replace(release, grondslag=grondslag), {}, versions={}, measured=Measured()
    )
    (folder / "deelbaar").mkdir(parents=True)
    (folder / "deelbaar" / "manifest.json").write_bytes(content)
    return folder


def damage(folder: Path, content: bytes) -> Path:
    (folder / "deelbaar").mkdir(parents=True)
    (folder / "deelbaar" / "manifest.json").write_bytes(content)
    return folder


def files_below(folder: Path) -> dict[Path, bytes | None]:
    return {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


# --- what is found ----------------------------------------------------------------------------------------------------


def test_the_last_day_still_counts_and_the_day_after_does_not(release: Release, tmp_path: Path) -> None:
    keep(release, tmp_path / "diemen" / "2026-01-01", TODAY)
    found = retention.find(tmp_path)
    assert retention.overdue(found, TODAY) == []
    (late,) = retention.overdue(found, TODAY + dt.timedelta(days=1))
    assert late.days_over(TODAY + dt.timedelta(days=1)) == 1


def test_the_longest_overdue_comes_first(release: Release, tmp_path: Path) -> None:
    recent = keep(release, tmp_path / "a" / "2026-01-01", dt.date(2026, 5, 30))
    old = keep(release, tmp_path / "b" / "2024-01-01", dt.date(2025, 1, 1))
    keep(release, tmp_path / "c" / "2026-01-01", dt.date(2027, 1, 1))
    late = retention.overdue(retention.find(tmp_path), TODAY)
    assert [(each.folder, each.days_over(TODAY)) for each in late] == [(old, 516), (recent, 2)]


def test_copies_at_any_depth_and_what_a_dead_run_left_are_found(release: Release, tmp_path: Path) -> None:
    past = dt.date(2020, 1, 1)
    places = [
        keep(release, tmp_path / "diemen" / "2020-01-01", past),
        keep(release, tmp_path / "archief" / "oud" / "nog ouder" / "diemen" / "2019-01-01", past),
        keep(release, tmp_path / "diemen" / ".bezig" / "oud" / "2018-01-01", past),
    ]
    assert {each.folder for each in retention.overdue(retention.find(tmp_path), TODAY)} == set(places)


@pytest.mark.parametrize("named", ["", "deelbaar"])
def test_one_release_may_be_named_itself(release: Release, tmp_path: Path, named: str) -> None:
    folder = keep(release, tmp_path / "2020-01-01", dt.date(2020, 1, 1))
    assert [each.folder for each in retention.find(folder / named)] == [folder]


def test_other_files_of_that_name_are_no_release(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "manifest.json").write_text('{"name": "iets anders"}', encoding="utf-8")
    assert retention.find(tmp_path) == []


def test_a_folder_that_is_not_there_is_an_error_and_not_in_order(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="deze map bestaat niet; noem de map"):
        retention.find(tmp_path / "uitvor")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "beschadigd"),
        (b'{"grondslag": {"bewaren_tot": "2026-', "beschadigd"),
        (b"\xff\xfe\x00", "beschadigd"),
        (b"[" * 200_000, "beschadigd"),
        (b"[]", "geen geldige bewaartermijn"),
        (b"{}", "geen geldige bewaartermijn"),
        (b'{"grondslag": null}', "geen geldige bewaartermijn"),
        (b'{"grondslag": {"bewaren_tot": 20260101}}', "geen geldige bewaartermijn"),
        (b'{"grondslag": {"bewaren_tot": "2026-02-30"}}', "geen geldige bewaartermijn"),
        (b'{"grondslag": {"bewaren_tot": "31-12-2026"}}', "geen geldige bewaartermijn"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_manifest_that_says_no_date_is_named_with_what_is_wrong(tmp_path: Path, content: bytes, fault: str) -> None:
    folder = damage(tmp_path / "x" / "2026-01-01", content)
    (kept,) = retention.unreadable(retention.find(tmp_path))
    assert kept.folder == folder
    assert fault in kept.fault
    assert retention.overdue([kept], dt.date.max) == []


def test_a_release_without_a_manifest_is_named(tmp_path: Path) -> None:
    (tmp_path / "x" / "deelbaar").mkdir(parents=True)
    (tmp_path / "y" / "deelbaar" / "manifest.json").mkdir(parents=True)
    found = retention.unreadable(retention.find(tmp_path))
    assert [each.folder.name for each in found] == ["x", "y"]
    assert found[0].fault == "manifest.json ontbreekt"
    assert "manifest.json" in found[1].fault  # a folder of that name: Windows and Linux say it differently


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.integers(-5000, 5000))
def test_a_release_is_overdue_exactly_when_its_last_day_has_passed(until: dt.date, later: int) -> None:
    kept = retention.Kept(Path("x"), until)
    day = until + dt.timedelta(days=later)
    assert kept.days_over(day) == max(0, later)
    assert bool(retention.overdue([kept], day)) == (day > until)


# --- the command ------------------------------------------------------------------------------------------------------


def run(*arguments: str) -> int:
    try:
        opruimen.main(list(arguments), standalone_mode=False)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_in_order_is_said_and_leaves_with_zero(
    release: Release, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(release, tmp_path / "diemen" / "2026-01-01", dt.date(2099, 12, 31))
    assert run(str(tmp_path)) == 0
    assert capsys.readouterr().out == "In orde: 1 uitgave, geen over de bewaartermijn.\n"


def test_what_is_overdue_is_named_with_its_days_and_leaves_with_one(
    release: Release, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    late = keep(release, tmp_path / "diemen" / "2020-01-01", dt.date(2020, 1, 31))
    keep(release, tmp_path / "diemen" / "2026-01-01", dt.date(2099, 12, 31))
    assert run(str(tmp_path)) == 1
    said = capsys.readouterr().out
    assert f"{late}  tot en met 31-01-2020  " in said
    assert "dagen te lang" in said
    assert "2026-01-01" not in said


def test_looking_ahead_uses_that_day(release: Release, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep(release, tmp_path / "diemen" / "2026-01-01", dt.date(2090, 1, 31))
    assert run(str(tmp_path), "--voor", "2090-01-31") == 0
    capsys.readouterr()
    assert run(str(tmp_path), "--voor", "2090-02-01") == 1
    said = capsys.readouterr().out
    assert said.startswith("Over de bewaartermijn op 1 februari 2090:\n")
    assert "1 dag te lang" in said


def test_an_unknown_date_is_no_reason_to_say_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = damage(tmp_path / "x" / "2026-01-01", b"{")
    assert run(str(tmp_path)) == 1
    said = capsys.readouterr().out
    assert f"{folder}  manifest.json is beschadigd" in said
    assert "In orde" not in said


def test_nothing_is_thrown_away_or_changed(release: Release, tmp_path: Path) -> None:
    keep(release, tmp_path / "diemen" / "2020-01-01", dt.date(2020, 1, 31))
    damage(tmp_path / "x" / "2026-01-01", b"{")
    before = files_below(tmp_path)
    assert run(str(tmp_path)) == 1
    assert files_below(tmp_path) == before


def test_without_a_folder_it_looks_in_uitvoer(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(release, tmp_path / "uitvoer" / "diemen" / "2026-01-01", dt.date(2090, 1, 31))
    monkeypatch.chdir(tmp_path)
    assert run() == 0
    assert "1 uitgave" in capsys.readouterr().out


def test_a_day_that_is_no_day_is_refused(tmp_path: Path) -> None:
    with pytest.raises(click.BadParameter, match="schrijf een datum als 2026-01-01"):
        run(str(tmp_path), "--voor", "31-12-2026")
