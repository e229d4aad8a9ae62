"""The round trip: build, hand out, fill in, read back, read again, contradict, choose, and count."""

import csv
import dataclasses
import datetime as dt
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from geoanalyse import cli
from geoanalyse.commands import followup as command
from geoanalyse.errors import InputError
from geoanalyse.followup import intake, issued, overview, store, words
from geoanalyse.followup.history import Answer, Kind
from geoanalyse.followup.intake import Taken
from tests.handed_out import filled, hand_out, rows_of, write_csv, write_xlsx
from tests.sample import sample_release

NOW = dt.datetime(2026, 6, 30, 9, 30, tzinfo=dt.UTC)
DONE = {"Status": "afgerond", "Datum": "03-02-2026", "Uitkomst": "niets gevonden", "Eigenaar": "gemeente"}
HIT = DONE | {"Uitkomst": "leidde tot iets: strafrecht"}
BUSY = {"Status": "in behandeling", "Eigenaar": "gemeente"}


@dataclasses.dataclass(frozen=True)
class Office:
    """An output folder with one release, a store, and a desk on which returned files arrive."""

    home: Path

    @property
    def shareable(self) -> Path:
        return next((self.home / "uit").glob("*/*/deelbaar"))

    @property
    def store(self) -> Path:
        return self.home / "uit" / "vertrouwelijk" / "opvolging.duckdb"

    def back(self, name: str, told: Mapping[str, Mapping[str, Any]]) -> Path:
        if name.endswith(".xlsx"):
            return write_xlsx(self.shareable, self.home / name, told)
        return write_csv(self.home / name, filled(self.shareable, told))

    def take(self, *paths: Path, chosen: tuple[Path, ...] = (), now: dt.datetime = NOW) -> tuple[Taken, ...]:
        return intake.take_in(paths, chosen, issued.find(self.home / "uit"), self.store, now)

    def known(self) -> dict[str, Answer]:
        with store.looked_into(self.store) as kept:
            return {signal: answer for (_, signal), answer in overview.answers(kept.history()).items()}

    def events(self) -> int:
        with store.looked_into(self.store) as kept:
            return sum(map(len, kept.history().values()))


@pytest.fixture
def office(tmp_path: Path) -> Office:
    hand_out(sample_release(), tmp_path / "uit")
    return Office(tmp_path)


# --- taking in --------------------------------------------------------------------------------------------------------


def test_the_same_file_twice_changes_nothing(office: Office) -> None:
    path = office.back("terug.xlsx", {"D01": DONE, "W01": BUSY})
    (first,) = office.take(path)
    assert (first.rows, first.filled, first.kinds) == (5, 2, {Kind.NEWER: 2})
    before = office.store.read_bytes()
    (again,) = office.take(path, now=NOW + dt.timedelta(days=3))
    assert again.before == NOW.replace(tzinfo=None)
    renamed = path.rename(path.with_name("anders.xlsx"))
    assert office.take(renamed)[0].before is not None
    assert office.store.read_bytes() == before


def test_every_accepted_row_is_an_event_with_its_file_and_moment(office: Office) -> None:
    office.take(office.back("een.csv", {"D01": BUSY, "W01": BUSY}))
    later = NOW + dt.timedelta(days=7)
    (taken,) = office.take(office.back("twee.csv", {"D01": DONE, "W01": BUSY}), now=later)
    assert taken.kinds == {Kind.NEWER: 1, Kind.REPEATED: 1}
    with store.looked_into(office.store) as kept:
        (events,) = [each for (_, signal), each in kept.history().items() if signal == "D01"]
        files = kept.files()
    assert [each.read for each in events] == [NOW.replace(tzinfo=None), later.replace(tzinfo=None)]
    assert [each.file for each in events] == list(files)
    assert office.events() == 4
    assert office.known()["D01"].status == "afgerond"


def test_a_contradiction_is_shown_and_does_not_count_until_a_file_is_chosen(office: Office) -> None:
    one, other = office.back("een.csv", {"D01": DONE, "W01": BUSY}), office.back("ander.csv", {"D01": HIT, "D02": BUSY})
    office.take(one)
    (taken,) = office.take(other)
    assert taken.kinds == {Kind.CONFLICT: 1, Kind.NEWER: 1}
    assert [(each.signal, each.columns) for each in taken.conflicts] == [("D01", ("Uitkomst",))]
    assert office.known()["D01"].outcome == "niets gevonden"
    assert office.known()["D02"].status == "in behandeling"  # the rest of the file counts
    assert office.events() == 4
    (chosen,) = office.take(other, chosen=(other,))
    assert chosen.kinds == {Kind.CHOSEN: 1, Kind.REPEATED: 1}
    assert office.known()["D01"].outcome == "leidde tot iets: strafrecht"
    assert office.events() == 5
    assert office.take(other, chosen=(other,))[0].kinds == {Kind.REPEATED: 2}  # nothing left to choose
    assert office.events() == 5


def test_two_files_at_once_that_contradict_each_other_are_refused(office: Office) -> None:
    one, other = office.back("een.csv", {"D01": DONE, "W01": BUSY}), office.back("ander.csv", {"D01": HIT})
    with pytest.raises(InputError) as refused:
        office.take(one, other)
    (fault,) = refused.value.faults
    assert fault == (
        "een.csv en ander.csv, kolom Signaal: in 1 rij iets anders over hetzelfde signaal; verbeter een van beide, of "
        "kies met --neem welk bestand geldt"
    )
    assert not office.store.exists()
    office.take(one, other, chosen=(one,))
    assert office.known()["D01"].outcome == "niets gevonden"
    assert office.events() == 3


@pytest.mark.parametrize("turned", [False, True])
def test_two_files_at_once_of_which_one_goes_on_from_the_other(office: Office, turned: bool) -> None:  # noqa: FBT001
    paths = [office.back("een.csv", {"D01": BUSY}), office.back("later.xlsx", {"D01": HIT})]
    office.take(*(reversed(paths) if turned else paths))
    assert office.known()["D01"].status == "afgerond"
    assert office.events() == 2


def test_every_fault_of_every_file_is_named_and_nothing_is_kept(office: Office) -> None:
    good = office.back("goed.csv", {"D01": DONE})
    bad = office.back("fout.csv", {"D01": DONE | {"Status": "klaar"}, "W01": {"Status": "open", "Datum": "morgen"}})
    empty = office.home / "leeg.csv"
    empty.write_bytes(b"")
    with pytest.raises(InputError) as refused:
        office.take(good, bad, empty, office.home / "weg.xlsx")
    assert [fault.split(":")[0] for fault in refused.value.faults] == [
        "leeg.csv",
        "weg.xlsx",
        "fout.csv, kolom Status",
        "fout.csv, kolom Datum",
    ]
    assert not office.store.parent.exists()


def test_files_of_one_name_are_told_apart(office: Office) -> None:
    paths = []
    for folder, told in (("politie", HIT), ("gemeente", DONE | {"Datum": "morgen"})):
        (office.home / folder).mkdir()
        paths.append(office.back(f"{folder}/lijst.csv", {"D01": told}))
    with pytest.raises(InputError) as refused:
        office.take(*paths)
    assert [fault.split(",")[0] for fault in refused.value.faults] == [str(paths[1])]


def test_a_refused_name_is_in_no_file(office: Office) -> None:
    office.take(office.back("goed.csv", {"D01": BUSY}))
    before = office.store.read_bytes()
    remark = "gesproken met mevrouw Achterberg"
    with pytest.raises(InputError):
        office.take(office.back("fout.csv", {"D01": DONE | {"Opmerking": remark}}))
    rows = [row | {"Zaak": "dossier zzgeheim"} for row in filled(office.shareable, {"D01": DONE})]
    office.take(write_csv(office.home / "ruim.csv", rows))  # an added column is read over
    assert office.store.read_bytes() != before
    for file in (office.home / "uit").rglob("*"):
        if file.is_file():
            assert not any(word in file.read_bytes() for word in (b"Achterberg", b"zzgeheim"))


def test_a_list_of_a_release_that_is_damaged_says_so(office: Office) -> None:
    path = office.back("terug.csv", {"D01": DONE})
    (office.shareable / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        office.take(path)
    assert "kolom Kenmerk: in 5 rijen een kenmerk dat bij geen uitgave" in refused.value.faults[0]
    assert "de signaallijst of het manifest is beschadigd" in refused.value.faults[1]


def test_what_was_read_outlives_its_release(office: Office) -> None:
    office.take(office.back("terug.csv", {"D01": DONE}))
    shutil.rmtree(office.shareable)
    with store.looked_into(office.store) as kept:
        found = overview.groups(kept.signals().values(), overview.answers(kept.history()))
    assert [(each.name, each.signals) for each in found if each.by == "soort"] == [
        ("gekozen op cijfers", 4),
        ("verkenning", 1),
    ]


# --- the commands, on a release that was built ------------------------------------------------------------------------

Run = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a way to call the command line from an empty folder; gives the code and the lines of both streams."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "now", lambda: NOW)

    def call(*arguments: object) -> tuple[int, list[str]]:
        with pytest.raises(SystemExit) as end:
            cli.main([str(argument) for argument in arguments])
        told = capsys.readouterr()
        return int(end.value.code or 0), (told.out + told.err).splitlines()

    return call


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the output folder of a build of the demo."""
    out = tmp_path_factory.mktemp("bouw") / "uitvoer"
    with pytest.raises(SystemExit) as end:
        cli.main(
            ["build", "--gebied", "uithoorn", "--lagen", "mma-meldingen,fiu-signalen", "--uit", str(out), "--stil"]
        )
    assert not end.value.code
    return out


def all_told(shareable: Path) -> dict[str, dict[str, str]]:
    """Fill in every signal: what the ranking chose is a hit, what was drawn is not."""
    return {
        row["Signaal"]: (DONE if row["Sterkte"] == "verkenning" else HIT) | {"Datum": "05-01-2026"}
        for row in rows_of(shareable)
    }


def test_the_round_trip_of_a_built_list(built: Path, tmp_path: Path, run: Run) -> None:
    shutil.copytree(built, tmp_path / "uitvoer")
    (shareable,) = (tmp_path / "uitvoer").glob("*/*/deelbaar")
    told = all_told(shareable)
    ranked = [row["Signaal"] for row in rows_of(shareable) if row["Sterkte"] != "verkenning"]
    book = write_xlsx(shareable, tmp_path / "gemeente.xlsx", told)
    code, lines = run("opvolging", "lees", book)
    assert (code, lines[0]) == (0, f"gemeente.xlsx: {len(told)} rijen, {len(told)} ingevuld: {len(told)} nieuw")
    assert lines[-1] == "Bewaard in uitvoer/vertrouwelijk/opvolging.duckdb; dit bestand is vertrouwelijk."
    code, lines = run("opvolging", "lees", book)
    assert (code, lines[0]) == (0, "gemeente.xlsx: al gelezen op 30-06-2026; er is niets veranderd")
    other = write_csv(tmp_path / "politie.csv", filled(shareable, {ranked[0]: DONE | {"Datum": "05-01-2026"}}))
    code, lines = run("opvolging", "lees", other)
    assert code == 1
    assert lines[0] == f"politie.csv: {len(told)} rijen, 1 ingevuld: 1 strijdig"
    assert lines[1].startswith(f"  strijdig: {ranked[0]} van lijst ")
    assert lines[1].endswith(", bij Uitkomst")
    code, lines = run("opvolging", "overzicht", "--csv", "cijfers.csv")
    assert code == 0
    assert lines[0] == "DEMO: verzonnen gegevens"
    assert any(
        line.startswith("gekozen op cijfers") and f"{len(ranked)} van {len(ranked)} (100%)" in line for line in lines
    )
    assert "Over 1 signaal spreken bestanden elkaar tegen" in "\n".join(lines)
    assert "Vertrouwelijk: deze cijfers blijven bij u." in lines
    assert run("opvolging", "lees", "politie.csv", "--neem", "politie.csv")[0] == 0
    code, lines = run("opvolging", "overzicht", "--csv", "cijfers.csv")
    assert not any("spreken bestanden elkaar tegen" in line for line in lines)
    with (tmp_path / "cijfers.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {(row["groep"], row["naam"]): row for row in csv.DictReader(file, delimiter=";")}
    assert rows["soort", "gekozen op cijfers"]["leidde_tot_iets"] == str(len(ranked) - 1)
    assert {name for by, name in rows if by == "reden"} == {
        code for row in rows_of(shareable) if row["Signaal"] in ranked for code in row["Codes"].split(", ")
    }
    if os.name == "posix":
        assert (tmp_path / "cijfers.csv").stat().st_mode & 0o077 == 0
    assert run("verifieer", shareable.parent)[0] == 0  # nothing of it is in the release
    write_csv(shareable / "signaallijst.csv", filled(shareable, told))
    code, lines = run("verifieer", shareable.parent)
    assert code == 1
    assert any("signaallijst.csv: is ingevuld" in line for line in lines)


def test_refusals_are_dutch_lines_and_leave_nothing(built: Path, tmp_path: Path, run: Run) -> None:
    shutil.copytree(built, tmp_path / "uitvoer")
    code, (line,) = run("opvolging", "overzicht")
    assert code == 1
    assert line == (
        "Fout: uitvoer/vertrouwelijk/opvolging.duckdb: er is nog niets teruggelezen; doe dat met "
        "`geoanalyse opvolging lees BESTAND...`"
    )
    (tmp_path / "brief.csv").write_text("Geachte heer", encoding="utf-8")
    code, lines = run("opvolging", "lees", "brief.csv", "weg.xlsx")
    assert code == 1
    assert [line.split(":")[1] for line in lines] == [" weg.xlsx", " brief.csv"]
    assert run("opvolging", "lees", "brief.csv", "--uit", "weg")[1] == [
        "Fout: weg: deze map bestaat niet; noem de map waarin uitgaven staan"
    ]
    code, lines = run("opvolging", "lees")
    assert (code, lines[0]) == (2, "Fout: BESTAND... ontbreekt")
    assert not list((tmp_path / "uitvoer" / "vertrouwelijk").glob("opvolging*"))


# --- LibreOffice ------------------------------------------------------------------------------------------------------


def test_a_workbook_saved_by_libreoffice_comes_back(office: Office, libreoffice: Callable[..., Path]) -> None:
    book = office.back("terug.xlsx", {"D01": DONE, "W02": BUSY | {"Opmerking": "volgt in maart"}})
    saved = libreoffice(book, "xlsx", office.home / "opgeslagen")
    assert saved.read_bytes() != book.read_bytes()
    open_document = libreoffice(book, "ods", office.home / "ods")
    twice = libreoffice(open_document, "xlsx", office.home / "nogmaals")
    (first,) = office.take(book)
    for path in (saved, twice):
        (taken,) = office.take(path)
        assert (taken.rows, taken.kinds) == (first.rows, {Kind.REPEATED: 2})


@pytest.mark.parametrize("language", ["1043,false,true,true", "1033,false,true,false", "0,true,false,false"])
def test_a_csv_that_libreoffice_made_comes_back(
    language: str, office: Office, libreoffice: Callable[..., Path]
) -> None:
    """In Dutch as shown; in American, where the month comes first; and with every cell between quotes."""
    book = office.back("terug.xlsx", {"D01": DONE | {"Datum": dt.date(2026, 2, 3)}})
    settings = f"csv:Text - txt - csv (StarCalc):59,34,76,1,,{language}"  # ; and UTF-8
    saved = libreoffice(book, settings, office.home / "csv")
    office.take(saved)
    assert office.known() == {"D01": Answer("afgerond", "gemeente", "", dt.date(2026, 2, 3), "niets gevonden")}


def test_a_csv_filled_in_with_libreoffice_comes_back(office: Office, libreoffice: Callable[..., Path]) -> None:
    """LibreOffice reads the texts of the CSV as somebody types them: dates become dates."""
    typed = office.back("terug.csv", {"D01": DONE, "D02": BUSY | {"Opmerking": "loket is dicht"}})
    book = libreoffice(typed, "xlsx", office.home / "xlsx", "--infilter=CSV:59,34,76,1,,1043,false,true")
    office.take(book)
    assert {signal: answer.status for signal, answer in office.known().items()} == {
        "D01": "afgerond",
        "D02": "in behandeling",
    }


def test_libreoffice_keeps_the_lists_of_words_and_the_locked_heads(
    office: Office, libreoffice: Callable[..., Path]
) -> None:
    saved = libreoffice(office.shareable / "signaallijst.xlsx", "xlsx", office.home / "opgeslagen")
    sheet = openpyxl.load_workbook(saved)["Drugs"]
    head = {cell.value: cell for cell in sheet[2]}
    assert sheet.protection.sheet
    for field in words.FIELDS:
        assert head[field.title].protection.locked
        below = sheet.cell(3, head[field.title].column)
        assert not below.protection.locked
        rules = [rule for rule in sheet.data_validations.dataValidation if below.coordinate in rule.sqref]
        if field.choices:
            assert [rule.formula1.strip('"').split(",") for rule in rules] == [list(field.choices)]
    assert sheet.cell(3, head["Datum"].column).number_format.lower().replace("\\", "") == "dd-mm-yyyy"
