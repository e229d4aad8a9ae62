"""The key, and the register that refuses what would break the promise together with earlier releases."""

import datetime as dt
import json
import os
from pathlib import Path

import pytest

from geoanalyse import key
from geoanalyse.counts import Interval
from geoanalyse.errors import ProtectionError
from geoanalyse.layer import Atom, Window
from tests import town

PERIOD = (dt.date(2022, 1, 1), dt.date(2026, 1, 1))


def issue(digest: str = "d1", zones: str = "z1", period: Interval = PERIOD, **changes: object) -> key.Issue:
    return key.issue(digest, "zuidoost", "2026-01-01", "casustafel", zones, [town.layer(**changes)], period)


def test_a_key_is_new_each_time_and_for_its_owner_only(tmp_path: Path) -> None:
    first, second = (key.make(tmp_path / name) for name in ("a", "b"))
    assert first.secret != second.secret
    assert len(first.secret) == 32
    assert key.read(tmp_path / "a").secret == first.secret
    assert first.secret.hex() not in repr(first)
    if os.name == "posix":
        assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
        assert not key.others_can_read(tmp_path / "a")
        (tmp_path / "a").chmod(0o644)
        assert key.others_can_read(tmp_path / "a")


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    key.make(tmp_path / "a")
    before = (tmp_path / "a").read_bytes()
    with pytest.raises(ProtectionError, match="bestaat al"):
        key.make(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == before


@pytest.mark.parametrize(
    "content", ["", "soort = 1", 'soort = "geoanalyse-sleutel"\nsleutel = "abc"', 'soort = "x"\nsleutel = "00"', "= ="]
)
def test_what_is_no_key_file_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "a").write_text(content, encoding="utf-8")
    with pytest.raises(ProtectionError, match="geen sleutelbestand"):
        key.read(tmp_path / "a")


def test_a_missing_key_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ProtectionError, match="geoanalyse sleutel maak"):
        key.read(tmp_path / "a")


def test_a_register_is_never_emptied(tmp_path: Path) -> None:
    own = key.make(tmp_path / "a")
    key.record(tmp_path / "a", own, issue())
    (tmp_path / "a").rename(tmp_path / "weg")
    with pytest.raises(ProtectionError, match="register van een andere sleutel"):
        key.make(tmp_path / "a")
    (tmp_path / "weg").rename(tmp_path / "a")
    assert len(key.read_register(tmp_path / "a", own)) == 1


def test_the_register_remembers_each_release_once(tmp_path: Path) -> None:
    own = key.make(tmp_path / "a")
    assert key.read_register(tmp_path / "a", own) == []
    key.record(tmp_path / "a", own, issue())
    key.record(tmp_path / "a", own, issue())
    key.record(tmp_path / "a", own, issue("d2"))
    assert [entry.digest for entry in key.read_register(tmp_path / "a", own)] == ["d1", "d2"]


def test_a_lost_register_is_an_error(tmp_path: Path) -> None:
    own = key.make(tmp_path / "a")
    key.register_path(tmp_path / "a").unlink()
    with pytest.raises(ProtectionError, match="register bij deze sleutel ontbreekt"):
        key.read_register(tmp_path / "a", own)


@pytest.mark.parametrize(
    ("change", "message"),
    [({"versie": 2}, "andere versie"), ({"sleutel": "0"}, "andere sleutel"), ({"uitgegeven": 3}, "beschadigd")],
)
def test_a_register_that_does_not_fit_is_refused(tmp_path: Path, change: dict[str, object], message: str) -> None:
    own = key.make(tmp_path / "a")
    path = key.register_path(tmp_path / "a")
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change), encoding="utf-8")
    with pytest.raises(ProtectionError, match=message):
        key.read_register(tmp_path / "a", own)


def test_the_same_request_may_be_made_again() -> None:
    assert key.faults(issue(), [issue(), issue("d0")]) == []


def test_a_longer_cumulative_window_is_fine_and_another_start_is_not() -> None:
    longer = (PERIOD[0], dt.date(2026, 4, 1))
    later = (dt.date(2023, 1, 1), PERIOD[1])
    assert key.faults(issue(period=longer), [issue()]) == []
    (fault,) = key.faults(issue(period=later), [issue()])
    assert "hetzelfde begin" in fault


def test_a_rolling_window_keeps_its_length() -> None:
    rolling = {"window": Window.ROLLING}
    moved, shorter = (dt.date(2022, 4, 1), dt.date(2026, 4, 1)), (dt.date(2023, 1, 1), PERIOD[1])
    assert key.faults(issue(period=moved, **rolling), [issue(**rolling)]) == []
    (fault,) = key.faults(issue(period=shorter, **rolling), [issue(**rolling)])
    assert "dezelfde lengte" in fault


@pytest.mark.parametrize(
    "change",
    [
        {"b": 10},
        {"atom": Atom.RES9},
        {"window": Window.ROLLING},
        {"family": "anders"},
        {"capped": False},
        {"clamp": 2},
        {"series_level": "wijk"},
        {"series": None},
    ],
)
def test_a_layer_keeps_its_settings(change: dict[str, object]) -> None:
    assert any("verschilt van een eerdere uitgave" in fault for fault in key.faults(issue(**change), [issue()]))


def test_one_series_has_one_version_of_the_zones() -> None:
    (fault,) = key.faults(issue(zones="z2"), [issue(), issue("d2")])
    assert "zones z1" in fault


def test_another_family_is_not_held_to_it() -> None:
    assert key.faults(issue(family="iets-anders", id="iets-anders", b=10), [issue()]) == []
