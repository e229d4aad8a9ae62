"""The key: new each time, for its owner only, replaced and restored without losing sight of what was issued."""

import dataclasses
import datetime as dt
import json
import os
from pathlib import Path

import pytest

from geoanalyse import cli, key, register, registerfile
from geoanalyse.errors import ProtectionError
from geoanalyse.layer import Atom
from geoanalyse.register import Register, Span
from tests import town

START, END = dt.date(2022, 1, 1), dt.date(2026, 1, 1)
TODAY = dt.date(2026, 7, 5)


class CutOff(BaseException):
    """What a killed process looks like from inside: nothing catches it."""


LAYER = town.layer()


def issue(start: dt.date = START, end: dt.date = END, **changes: object) -> register.Issue:
    entry = register.described(dataclasses.replace(LAYER, **changes), start, end, ["zone"])
    return register.Issue(f"{start} {end}", "zuidoost", "2026-01-01", "casustafel", "z1", (entry,))


# --- a new key --------------------------------------------------------------------------------------------------------


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


def test_a_key_is_for_its_owner_only_before_the_secret_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []
    limit = key.limit_access
    monkeypatch.setattr(key, "limit_access", lambda path: sizes.append(path.stat().st_size) or limit(path))
    key.make(tmp_path / "a")
    assert sizes == [0]


def test_a_system_that_cannot_limit_access_says_so_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").touch()
    monkeypatch.setenv("SYSTEMROOT", str(tmp_path / "weg"))
    assert key._limit_on_windows(tmp_path / "a") is False
    monkeypatch.setattr(key, "limit_access", key._limit_on_windows)
    said: list[str] = []
    key.make(tmp_path / "b", said.append)
    assert [line for line in said if "beperk zelf de toegang" in line and str(tmp_path / "b") in line]


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
    registerfile.add(tmp_path / "a", own.mark, issue())
    (tmp_path / "a").rename(tmp_path / "weg")
    with pytest.raises(ProtectionError, match="register van een andere sleutel"):
        key.make(tmp_path / "a")
    (tmp_path / "weg").rename(tmp_path / "a")
    assert len(registerfile.read(tmp_path / "a", own.mark).issued) == 1


def cut_off_at(monkeypatch: pytest.MonkeyPatch, moment: int) -> None:
    """End the run at the so-manieth time that something is made lasting or gets its name."""
    left = [moment]

    def counted(name: str) -> None:
        done = getattr(os, name)

        def call(*arguments: object, **options: object) -> object:
            left[0] -= 1
            if left[0] == 0:
                raise CutOff
            return done(*arguments, **options)

        monkeypatch.setattr(os, name, call)

    for name in ("fsync", "replace", "rename"):
        counted(name)


MOMENTS = range(1, 20)


def test_a_key_that_was_cut_off_is_made_by_the_same_command(tmp_path: Path) -> None:
    ended = set()
    for moment in MOMENTS:
        path = tmp_path / f"k{moment}"
        with pytest.MonkeyPatch.context() as patch:
            cut_off_at(patch, moment)
            try:
                key.make(path)
                ended.add(moment)
            except CutOff:
                pass
        if not path.exists():  # nothing that could be built with
            key.make(path)
        own, known = key.check(path)
        assert known == Register(own.mark)
        assert not list(tmp_path.glob(f"k{moment}*.nieuw"))
    assert min(ended) > 5  # so the moments before it were all tried
    assert max(ended) == max(MOMENTS)


# --- a successor ------------------------------------------------------------------------------------------------------


def test_a_new_key_never_issues_a_period_again(tmp_path: Path) -> None:
    old = key.make(tmp_path / "a")
    registerfile.add(tmp_path / "a", old.mark, issue())
    new = key.replace(tmp_path / "a", tmp_path / "b")
    own, known = key.check(tmp_path / "b")
    assert own == new != old
    assert known.issued == ()
    assert known.replaces == (old.mark,)
    for again in (
        issue(),
        issue(dt.date(2025, 10, 1), dt.date(2026, 4, 1)),
        issue(family="anders", b=10),
        issue(id="anders", family="fiu-signalen"),
    ):
        (fault,) = register.faults(again, known)
        assert "periode al uitgegeven met de vorige sleutel" in fault
        assert "een begin na 2025-12" in fault
    for apart in (
        issue(END, dt.date(2027, 1, 1)),
        issue(dt.date(2021, 1, 1), START),
        issue(id="anders", family="anders"),
    ):
        assert register.faults(apart, known) == []


def test_the_old_key_stays_and_builds_no_more(tmp_path: Path) -> None:
    old = key.make(tmp_path / "a")
    registerfile.add(tmp_path / "a", old.mark, issue())
    before = (tmp_path / "a").read_bytes()
    new = key.replace(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == before
    _, known = key.check(tmp_path / "a")
    assert known.replaced_by == new.mark
    assert known.issued == (issue(),)
    with pytest.raises(ProtectionError, match=f"deze sleutel is vervangen.*{new.mark}"):
        registerfile.add(tmp_path / "a", old.mark, issue())
    with pytest.raises(ProtectionError, match="is al vervangen"):
        key.replace(tmp_path / "a", tmp_path / "c")
    assert not list(tmp_path.glob("c*"))


def test_a_third_key_knows_what_the_first_issued(tmp_path: Path) -> None:
    first = key.make(tmp_path / "a")
    registerfile.add(tmp_path / "a", first.mark, issue())
    second = key.replace(tmp_path / "a", tmp_path / "b")
    later = issue(END, dt.date(2026, 7, 1))
    registerfile.add(tmp_path / "b", second.mark, later)
    third = key.replace(tmp_path / "b", tmp_path / "c")
    known = registerfile.read(tmp_path / "c", third.mark)
    name = "fiu-signalen"
    assert known.former == (Span(name, name, START, END), Span(name, name, END, dt.date(2026, 7, 1)))
    assert known.replaces == (first.mark, second.mark)
    assert register.faults(issue(), known)
    assert register.faults(later, known)


def test_a_successor_may_have_other_settings_and_other_zones(tmp_path: Path) -> None:
    old = key.make(tmp_path / "a")
    registerfile.add(tmp_path / "a", old.mark, issue())
    new = key.replace(tmp_path / "a", tmp_path / "b")
    known = registerfile.read(tmp_path / "b", new.mark)
    later = issue(END, dt.date(2027, 1, 1), b=10, atom=Atom.RES9)
    assert register.faults(register.Issue("d", "zuidoost", "2027-01-01", "casustafel", "z9", later.layers), known) == []


def test_a_replacement_that_was_cut_off_leaves_one_key_at_most_and_goes_on(tmp_path: Path) -> None:
    ended = set()
    for moment in MOMENTS:
        old_path, new_path = tmp_path / f"a{moment}", tmp_path / f"b{moment}"
        old = key.make(old_path)
        registerfile.add(old_path, old.mark, issue())
        with pytest.MonkeyPatch.context() as patch:
            cut_off_at(patch, moment)
            try:
                key.replace(old_path, new_path)
                ended.add(moment)
            except CutOff:
                pass
        _, known = key.check(old_path)  # the old one is whole at any moment
        if not new_path.exists():
            key.replace(old_path, new_path)
            _, known = key.check(old_path)
        own, fresh = key.check(new_path)
        assert known.replaced_by == own.mark
        assert fresh.former == (Span("fiu-signalen", "fiu-signalen", START, END),)
        assert not list(tmp_path.glob(f"?{moment}*.nieuw"))
    assert min(ended) > 8
    assert max(ended) == max(MOMENTS)


def test_a_replacement_that_was_cut_off_is_no_place_for_another(tmp_path: Path) -> None:
    for name in ("a", "x"):
        own = key.make(tmp_path / name)
        registerfile.add(tmp_path / name, own.mark, issue())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(key, "_finish", lambda _: (_ for _ in ()).throw(CutOff))
        with pytest.raises(CutOff):
            key.replace(tmp_path / "a", tmp_path / "b")
    with pytest.raises(ProtectionError, match="register van een andere sleutel"):
        key.replace(tmp_path / "x", tmp_path / "b")
    assert registerfile.read(tmp_path / "x", key.read(tmp_path / "x").mark).replaced_by == ""
    key.make(tmp_path / "b")  # finishes what was begun, with what was issued before
    assert key.check(tmp_path / "b")[1].former


@pytest.mark.parametrize("missing", ["a", "a.register.json"])
def test_only_a_whole_key_can_be_replaced(tmp_path: Path, missing: str) -> None:
    key.make(tmp_path / "a")
    (tmp_path / missing).unlink()
    with pytest.raises(ProtectionError):
        key.replace(tmp_path / "a", tmp_path / "b")
    assert not list(tmp_path.glob("b*"))


def test_a_key_does_not_replace_itself(tmp_path: Path) -> None:
    key.make(tmp_path / "a")
    with pytest.raises(ProtectionError, match="bestaat al"):
        key.replace(tmp_path / "a", tmp_path / "a")


# --- a lost register --------------------------------------------------------------------------------------------------


def lose(path: Path) -> key.Key:
    own = key.make(path)
    registerfile.register_path(path).unlink()
    return own


def test_a_restored_register_says_what_happened_from_then_on(tmp_path: Path) -> None:
    own = lose(tmp_path / "a")
    restored = key.restore(tmp_path / "a", "  directeur RIEC Amsterdam ", TODAY)
    assert key.check(tmp_path / "a") == (own, restored)
    said = register.caveat(restored)
    assert "verloren gegaan (vastgesteld op 05-07-2026, op gezag van directeur RIEC Amsterdam)" in said
    assert "kon niet worden nagegaan" in said
    registerfile.add(tmp_path / "a", own.mark, issue())
    assert register.caveat(registerfile.read(tmp_path / "a", own.mark)) == said
    new = key.replace(tmp_path / "a", tmp_path / "b")
    assert register.caveat(registerfile.read(tmp_path / "b", new.mark)) == said


def test_a_register_that_was_never_lost_has_nothing_to_say() -> None:
    assert register.caveat(Register("00000000")) == ""


@pytest.mark.parametrize(
    "authority",
    [
        "Jan de Vries",
        "jan de vries",
        "mw. Bakker, directeur",
        "directeur, p.jansen@riec.nl",
        "directeur 020 624 1111",
        "Kalverstraat 12",
    ],
)
def test_a_person_is_no_authority(tmp_path: Path, authority: str) -> None:
    lose(tmp_path / "a")
    with pytest.raises(ProtectionError, match="lijkt op persoonsgegevens") as refused:
        key.restore(tmp_path / "a", authority, TODAY)
    assert authority not in str(refused.value)
    assert not (tmp_path / "a.register.json").exists()


@pytest.mark.parametrize(
    "authority", ["", "  ab  ", "x" * 121, "directeur\nRIEC", "directeur\u202eRIEC", "\x00\x00\x00"]
)
def test_an_authority_is_a_name_that_can_be_printed(tmp_path: Path, authority: str) -> None:
    lose(tmp_path / "a")
    with pytest.raises(ProtectionError, match="3 tot 120 tekens"):
        key.restore(tmp_path / "a", authority, TODAY)
    assert not (tmp_path / "a.register.json").exists()


@pytest.mark.parametrize(
    "authority", ["RIEC", "burgemeester en wethouders", "commissaris van de Koning", "hoofd Toezicht & Handhaving"]
)
def test_a_function_or_an_organisation_is(tmp_path: Path, authority: str) -> None:
    lose(tmp_path / "a")
    assert authority in register.caveat(key.restore(tmp_path / "a", authority, TODAY))


def test_what_is_not_lost_is_not_restored(tmp_path: Path) -> None:
    own = key.make(tmp_path / "a")
    registerfile.add(tmp_path / "a", own.mark, issue())
    with pytest.raises(ProtectionError, match="hier ligt nog een register"):
        key.restore(tmp_path / "a", "directeur RIEC", TODAY)
    assert registerfile.read(tmp_path / "a", own.mark).issued == (issue(),)


# --- the commands -----------------------------------------------------------------------------------------------------


def sleutel(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, list[str]]:
    with pytest.raises(SystemExit) as end:
        cli.main(["sleutel", *map(str, arguments)])
    said = capsys.readouterr()
    return int(end.value.code or 0), said.out, said.err.splitlines()


def test_the_check_says_what_was_issued(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = key.make(tmp_path / "a")
    assert "nog geen uitgave" in sleutel(capsys, "controleer", tmp_path / "a")[1]
    registerfile.add(tmp_path / "a", own.mark, issue())
    registerfile.add(tmp_path / "a", own.mark, issue(end=dt.date(2026, 4, 1)))
    code, out, err = sleutel(capsys, "controleer", tmp_path / "a")
    assert (code, err) == (0, [])
    assert f"kenmerk {own.mark}" in out
    assert "Uitgaven: 2, op zones z1" in out
    assert "Laatste: zuidoost, peildatum 01-01-2026" in out
    assert out.splitlines()[-1].split() == ["fiu-signalen", "2", "2022-01", "2026-03"]


def test_the_check_names_every_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = sleutel(capsys, "controleer", tmp_path / "weg")
    assert code == 1
    assert "sleutelbestand bestaat niet" in err[0]
    key.make(tmp_path / "a")
    (tmp_path / "a.register.json").unlink()
    if os.name == "posix":
        (tmp_path / "a").chmod(0o640)
    code, out, err = sleutel(capsys, "controleer", tmp_path / "a")
    assert (code, out) == (1, "")
    assert len(err) == 1 + (os.name == "posix")
    assert "leesbaar voor anderen" in err[0] or os.name != "posix"
    assert "register bij deze sleutel ontbreekt" in err[-1]
    assert "geoanalyse sleutel herstel" in err[-1]


def test_the_check_says_that_a_key_was_replaced_or_its_register_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = lose(tmp_path / "a")
    assert sleutel(capsys, "herstel", tmp_path / "a")[0] == 2
    code, out, _ = sleutel(capsys, "herstel", tmp_path / "a", "--op-gezag-van", "directeur RIEC")
    assert code == 0
    assert "op gezag van directeur RIEC" in out
    code, out, _ = sleutel(capsys, "vervang", tmp_path / "a", tmp_path / "b")
    assert code == 0
    new = key.read(tmp_path / "b")
    assert f"kenmerk {new.mark}" in out
    assert f"Deze sleutel is vervangen door {new.mark}" in sleutel(capsys, "controleer", tmp_path / "a")[1]
    out = sleutel(capsys, "controleer", tmp_path / "b")[1]
    assert f"Deze sleutel vervangt: {old.mark}" in out
    assert "op gezag van directeur RIEC" in out


def test_no_command_shows_the_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for arguments in (("maak", "a"), ("controleer", "a"), ("vervang", "a", "b"), ("maak", "a"), ("controleer", "b")):
        _, out, err = sleutel(capsys, arguments[0], *(tmp_path / name for name in arguments[1:]))
        said += [out, *err]
    for name in ("a", "b"):
        assert not [line for line in said if key.read(tmp_path / name).secret.hex() in line]
        register_text = (tmp_path / f"{name}.register.json").read_text(encoding="utf-8")
        assert key.read(tmp_path / name).secret.hex() not in register_text
        assert json.loads(register_text)["sleutel"] == key.read(tmp_path / name).mark
