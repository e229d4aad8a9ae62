import datetime as dt
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from geoanalyse.errors import InputError
from geoanalyse.grondslag import Decision, Grondslag, Scope, expired, read

GOOD = """soort = "handhavingsknelpunt"
besluit = "besluit 2026-01, Jan van Galenstraat en P.C. Hooftbuurt"
datum = 2026-01-15
reikwijdte = "branche"
doel = "inzicht in ondermijning"
vraag = "waar stapelen signalen zich op?"
opvolging = "burgemeester van Amsterdam"
rubricering = "intern"
geldig_tot = 2026-12-31
bewaren_tot = 2027-12-31
"""
ALL = "soort, besluit, datum, reikwijdte, doel, vraag, opvolging, rubricering, geldig_tot, bewaren_tot, peildatum, demo"


def save(folder: Path, text: str | bytes) -> Path:
    path = folder / "grondslag.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_good_file_is_read_whole(tmp_path: Path) -> None:
    expected = Grondslag(
        kind=Decision.ENFORCEMENT,
        decision="besluit 2026-01, Jan van Galenstraat en P.C. Hooftbuurt",
        date=dt.date(2026, 1, 15),
        scope=Scope.BRANCH,
        purpose="inzicht in ondermijning",
        question="waar stapelen signalen zich op?",
        follow_up="burgemeester van Amsterdam",
        classification="intern",
        valid_until=dt.date(2026, 12, 31),
        retain_until=dt.date(2027, 12, 31),
        reference_date=dt.date(2026, 2, 28),
        demo=True,
    )
    text = GOOD + "peildatum = 2026-02-28\ndemo = true\n"
    assert read(save(tmp_path, text)) == expected
    assert read(save(tmp_path, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())) == expected


def test_peildatum_and_demo_are_optional(tmp_path: Path) -> None:
    grondslag = read(save(tmp_path, GOOD))
    assert (grondslag.reference_date, grondslag.demo) == (None, False)


def replaced(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (replaced('vraag = "waar stapelen signalen zich op?"\n', ""), ["vraag: ontbreekt; voeg de regel toe"]),
        (
            replaced("vraag =", "vragen ="),
            [f"vragen: onbekende naam; toegestaan zijn {ALL}", "vraag: ontbreekt; voeg de regel toe"],
        ),
        (lambda text: text + '"06 12345678" = 1\n', [f"een regel: onbekende naam; toegestaan zijn {ALL}"]),
        (
            replaced("= 2026-01-15", '= "15-01-2026"'),
            ["datum: is geen datum; schrijf jjjj-mm-dd zonder aanhalingstekens, zoals 2026-12-31"],
        ),
        (
            replaced("= 2026-12-31", "= 2026-12-31T00:00:00"),
            ["geldig_tot: is geen datum; schrijf jjjj-mm-dd zonder aanhalingstekens, zoals 2026-12-31"],
        ),
        (replaced('"intern"', "3"), ["rubricering: is geen tekst; zet de tekst tussen dubbele aanhalingstekens"]),
        (
            lambda text: text + 'demo = "true"\n',
            ["demo: is geen ja of nee; schrijf true of false, zonder aanhalingstekens"],
        ),
        (
            replaced('"handhavingsknelpunt"', '"tip"'),
            ["soort: onbekende keuze; kies uit handhavingsknelpunt, ander besluit"],
        ),
        (replaced('"branche"', '"wijk"'), ["reikwijdte: onbekende keuze; kies uit gebied, branche"]),
        (
            replaced('"branche"', '"personen"'),
            ["reikwijdte: een analyse over personen mag niet; het besluit moet over een gebied of een branche gaan"],
        ),
        (
            replaced("2026-12-31", "2026-01-14"),
            ["geldig_tot: ligt vóór de datum van het besluit; verbeter een van de twee"],
        ),
        (
            replaced("2027-12-31", "2025-12-31"),
            ["bewaren_tot: ligt vóór de datum van het besluit; verbeter een van de twee"],
        ),
        (replaced('"intern"', '"  "'), ["rubricering: is leeg; vul een tekst in"]),
        (replaced('"intern"', f'"{"x" * 501}"'), ["rubricering: is langer dan 500 tekens; maak de tekst korter"]),
        *(
            (
                replaced('"intern"', f'"a\\u{sign}b"'),
                ["rubricering: bevat een regeleinde of onzichtbaar teken; schrijf de tekst op één regel"],
            )
            for sign in ("000a", "0000", "202e", "2028", "200b")
        ),
        *(
            (
                replaced("burgemeester van Amsterdam", text),
                [f"opvolging: lijkt op persoonsgegevens ({kind}); schrijf een functie of organisatie"],
            )
            for text, kind in (
                ("mw. A. de Vries", "naam van een persoon"),
                ("Fatima el Amrani", "naam van een persoon"),
                ("iemand@voorbeeld.nl", "e-mailadres"),
                ("bel 020-6241111", "telefoonnummer"),
                ("bsn 111222333", "bsn of rsin"),
                ("NL91 ABNA 0417 1643 00", "iban"),
                ("Bijlmerdreef 1289", "adres"),
            )
        ),
    ],
)
def test_each_fault_is_one_line(tmp_path: Path, change: Callable[[str], str], lines: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        read(save(tmp_path, change(GOOD)))
    assert list(caught.value.faults) == [f"grondslag.toml, {line}" for line in lines]


def test_all_faults_come_together(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(save(tmp_path, 'soort = 1\nreikwijdte = "personen"\n'))
    assert len(caught.value.faults) == 10


@pytest.mark.parametrize(
    ("content", "start"),
    [
        (b"doel = waar?\n", "grondslag.toml: is geen geldige TOML (regel 1); schrijf: "),
        (b'doel = "x"\ndoel = "y"\n', "grondslag.toml: is geen geldige TOML (regel 2); schrijf: "),
        (b'doel = "x', "grondslag.toml: is geen geldige TOML (de laatste regel); schrijf: "),
        (b'doel = "caf\xe9"\n', "grondslag.toml: is geen UTF-8; sla het bestand op als UTF-8"),
        (None, "grondslag.toml: ontbreekt; maak het bestand met soort, besluit, "),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes | None, start: str) -> None:
    path = tmp_path / "grondslag.toml" if content is None else save(tmp_path, content)
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(caught.value).startswith(start)
    assert "waar?" not in str(caught.value)


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "grondslag.toml").mkdir()
    with pytest.raises(InputError, match="kan niet worden geopend"):
        read(tmp_path / "grondslag.toml")


def test_a_grondslag_is_in_force_from_its_date_to_its_last_day(tmp_path: Path) -> None:
    grondslag = read(save(tmp_path, GOOD.replace("2027-12-31", "2026-06-30")))
    day = dt.timedelta(days=1)
    for today in (grondslag.date, grondslag.retain_until):
        expired(grondslag, today)
    refused = {
        grondslag.date - day: ["datum"],
        grondslag.retain_until + day: ["bewaren_tot"],
        grondslag.valid_until + day: ["geldig_tot", "bewaren_tot"],
    }
    for today, keys in refused.items():
        with pytest.raises(InputError) as caught:
            expired(grondslag, today)
        assert [line.split(":")[0] for line in caught.value.faults] == [f"grondslag.toml, {key}" for key in keys]


def test_the_example_in_the_manual_is_good(tmp_path: Path) -> None:
    manual = (Path(__file__).parents[1] / "docs" / "invoer.md").read_text(encoding="utf-8")
    block = list(itertools.takewhile(lambda line: line != "```", manual.split("```toml\n")[1].splitlines()))
    assert read(save(tmp_path, "\n".join(block))).scope is Scope.AREA
