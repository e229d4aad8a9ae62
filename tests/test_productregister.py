"""What was made and handed out stays known: entries, notes, warnings, and files that are damaged."""

import dataclasses
import datetime as dt
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoanalyse import key, retention
from geoanalyse.cli import main
from geoanalyse.errors import InputError, ReleaseError
from geoanalyse.productregister import DELETED, HANDED_OUT, HOLDER_LIST, MADE, RELEASE, Entry, add, note, overdue, read

DAY = dt.date(2026, 3, 1)


def entry(**changes: object) -> Entry:
    plain = Entry(
        event=MADE,
        product=RELEASE,
        day=DAY,
        area="Zuidoost",
        reference_date="2026-01-01",
        digest="3f9a0c21d7be" + "0" * 52,
        file="",
        recipient="",
        legal_basis="besluit 7",
        classification="intern",
        retain_until=dt.date(2027, 1, 1),
        demo=False,
    )
    return dataclasses.replace(plain, **changes)


def test_what_is_added_is_read_back_once_and_in_order(tmp_path: Path) -> None:
    later = entry(day=DAY + dt.timedelta(days=1), area="Aalsmeer")
    add(tmp_path, [later, entry(), entry()])
    add(tmp_path, [entry()])
    assert read(tmp_path) == ([entry(), later], [])
    files = list((tmp_path / "vertrouwelijk" / "register").iterdir())
    assert len(files) == 2
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)


@given(
    digest=st.text("0123456789abcdef", min_size=64, max_size=64),
    recipient=st.text(max_size=30),
    demo=st.booleans(),
    day=st.dates(dt.date(2020, 1, 1), dt.date(2090, 1, 1)),
)
def test_every_entry_survives(
    digest: str,
    recipient: str,
    demo: bool,  # noqa: FBT001
    day: dt.date,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    out = tmp_path_factory.mktemp("uit")
    one = entry(digest=digest, recipient=recipient, demo=demo, day=day)
    add(out, [one])
    assert read(out) == ([one], [])


def test_a_hand_out_is_a_new_entry_and_the_old_one_stays(tmp_path: Path) -> None:
    lists = entry(
        product=HOLDER_LIST, file="signaallijst-kvk.xlsx", recipient="afdeling", retain_until=dt.date(2026, 9, 1)
    )
    add(tmp_path, [entry(), lists])
    noted = note(tmp_path, HANDED_OUT, "3f9a0c", "casustafel Zuidoost ", DAY)
    assert noted == entry(event=HANDED_OUT, recipient="casustafel Zuidoost")
    of_list = note(
        tmp_path, HANDED_OUT, "3f9a0c21d7be/signaallijst-kvk.xlsx", "KvK, handhaving", DAY + dt.timedelta(days=3)
    )
    assert (of_list.product, of_list.retain_until, of_list.event) == (HOLDER_LIST, dt.date(2026, 9, 1), HANDED_OUT)
    known, _ = read(tmp_path)
    assert len(known) == 4
    assert entry() in known


@pytest.mark.parametrize(
    ("digest", "recipient", "day", "fault"),
    [
        ("3f9a0", "tafel", DAY, "geen|neem de twaalf"),
        ("ffffffffffff", "tafel", DAY, "geen enkel product"),
        ("3f9a0c21d7be/signaallijst-niemand.xlsx", "tafel", DAY, "geen enkel product"),
        ("3f9a0c21d7be", "", DAY, "ontvanger: is leeg"),
        ("3f9a0c21d7be", "mevr. J. de Vries", DAY, "lijkt op persoonsgegevens"),
        ("3f9a0c21d7be", "tafel", DAY - dt.timedelta(days=1), "de dag ligt voor"),
    ],
)
def test_a_hand_out_that_cannot_be_is_refused(
    tmp_path: Path, digest: str, recipient: str, day: dt.date, fault: str
) -> None:
    add(tmp_path, [entry()])
    with pytest.raises(InputError, match=fault):
        note(tmp_path, HANDED_OUT, digest, recipient, day)
    assert read(tmp_path) == ([entry()], [])


def test_two_releases_with_one_beginning_are_not_guessed_between(tmp_path: Path) -> None:
    add(tmp_path, [entry(), entry(digest="3f9a0c21d7be" + "1" * 52)])
    with pytest.raises(InputError, match="2 producten"):
        note(tmp_path, HANDED_OUT, "3f9a0c21d7be", "tafel", DAY)
    assert note(tmp_path, HANDED_OUT, "3f9a0c21d7be1", "tafel", DAY).digest.endswith("1")


def test_lists_of_one_name_in_two_releases_are_told_apart(tmp_path: Path) -> None:
    one = entry(product=HOLDER_LIST, file="signaallijst-kvk.xlsx")
    other = dataclasses.replace(one, digest="aaaaaaaaaaaa" + "0" * 52, area="Diemen")
    add(tmp_path, [one, other])
    assert note(tmp_path, HANDED_OUT, "aaaaaaaaaaaa/signaallijst-kvk.xlsx", "KvK", DAY).area == "Diemen"
    with pytest.raises(InputError, match="schuine streep"):
        note(tmp_path, HANDED_OUT, "signaallijst-kvk.xlsx", "KvK", DAY)


def test_a_warning_ends_when_the_recipient_has_deleted_it(tmp_path: Path) -> None:
    add(tmp_path, [entry()])
    note(tmp_path, HANDED_OUT, "3f9a0c21d7be", "tafel", DAY)
    note(tmp_path, HANDED_OUT, "3f9a0c21d7be", "politie", DAY)
    late, until = dt.date(2027, 1, 2), dt.date(2027, 1, 1)
    assert overdue(read(tmp_path)[0], until) == []
    assert overdue(read(tmp_path)[0], late) == [("politie", until), ("tafel", until)]
    note(tmp_path, DELETED, "3f9a0c21d7be", "tafel", late)
    assert overdue(read(tmp_path)[0], late) == [("politie", until)]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"event": 3}', "null", "\x00"])
def test_a_damaged_file_is_named_and_hides_no_other(tmp_path: Path, content: str) -> None:
    add(tmp_path, [entry()])
    broken = tmp_path / "vertrouwelijk" / "register" / "2026-01-01-x.json"
    broken.write_text(content, encoding="utf-8")
    assert read(tmp_path) == ([entry()], [broken])
    told = dataclasses.asdict(entry()) | {"day": "2026-03-01", "retain_until": "2027-01-01", "demo": "ja"}
    broken.write_text(json.dumps(told), encoding="utf-8")
    assert read(tmp_path) == ([entry()], [broken])


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "vertrouwelijk").write_text("geen map", encoding="utf-8")
    with pytest.raises(ReleaseError, match="het productregister is niet bijgewerkt"):
        add(tmp_path, [entry()])


# --- the command ------------------------------------------------------------------------------------------------------


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    shown = capsys.readouterr()
    return int(left.value.code or 0), shown.out, shown.err


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.date], None]:
    def set_to(day: dt.date) -> None:
        for module in ("products", "shared", "build", "retention"):
            monkeypatch.setattr(f"geoanalyse.commands.{module}.today", lambda: day, raising=False)

    return set_to


def test_from_build_to_deletion(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], at: Callable[[dt.date], None]
) -> None:
    at(DAY)
    out = tmp_path / "uit"
    key.make(tmp_path / "fiu.sleutel")
    asked = tmp_path / "lijsten.toml"
    asked.write_text(
        '[[lijst]]\nbronhouder = "FIU-Nederland"\ngrondslag = "besluit 7"\nontvanger = "afdeling analyse"\n'
        'geheim = "fiu.sleutel"\nbewaren_tot = 2026-06-30\n',
        encoding="utf-8",
    )
    code, shown, _ = said(capsys, "register", "--uit", str(out))
    assert (code, shown) == (0, f"{out}: hier is nog niets gemaakt.\n")
    build = ["build", "--gebied", "ganzenpoort", "--lagen", "fiu-signalen", "--uit", str(out), "--stil"]
    assert said(capsys, *build, "--houderlijsten", str(asked))[0] == 0
    code, shown, faults = said(capsys, "register", "--uit", str(out))
    assert (code, faults) == (0, "")
    assert "uitgave gemaakt (demo)" in shown
    assert "signaallijst-fiu-nederland.xlsx gemaakt (demo)" in shown
    assert "afdeling analyse" in shown
    (digest,) = set(re.findall(r"\b[0-9a-f]{12}\b", shown))
    assert (
        said(
            capsys, "register", "noteer", f"{digest}/signaallijst-fiu-nederland.xlsx", "--aan", "FIU", "--uit", str(out)
        )[0]
        == 0
    )

    at(dt.date(2026, 7, 2))
    code, shown, faults = said(capsys, "register", "--uit", str(out))
    (listed,) = out.glob("*/*/vertrouwelijk/signaallijst-*.xlsx")
    assert code == 1
    assert f"Te lang bewaard (2 dagen): {listed}" in faults
    assert "Vraag FIU om te verwijderen wat tot en met 30 juni 2026 bewaard mocht worden." in faults
    assert [kept.folder for kept in retention.overdue(retention.find(out), dt.date(2026, 7, 2))] == [listed]
    for file in (listed, listed.with_name("signaallijst-fiu-nederland.manifest.json")):
        file.unlink()
    assert retention.overdue(retention.find(out), dt.date(2026, 7, 2)) == []
    assert said(capsys, "opvolging", "overzicht", "--uit", str(out))[0] == 1  # nothing came back, and no list is broken
    deleted = ("register", "noteer", f"{digest}/signaallijst-fiu-nederland.xlsx", "--aan", "FIU", "--verwijderd")
    assert said(capsys, *deleted, "--uit", str(out))[0] == 0
    assert said(capsys, "register", "--uit", str(out))[0] == 0
    assert "signaallijst-fiu-nederland.xlsx verstrekt (demo)" in said(capsys, "register", "--uit", str(out))[1]


def test_a_list_without_its_manifest_is_unclear_and_not_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "vertrouwelijk"
    folder.mkdir(parents=True)
    (folder / "signaallijst-kvk.xlsx").write_bytes(b"x")
    (found,) = retention.unreadable(retention.find(tmp_path))
    assert (found.folder.name, found.fault) == ("signaallijst-kvk.xlsx", "signaallijst-kvk.manifest.json ontbreekt")
