"""casus.toml: what is read from it, and that every fault is one Dutch line that holds no value."""

import datetime as dt
from pathlib import Path

import pytest

from geoanalyse import casus
from geoanalyse.casus import Intervention
from geoanalyse.errors import InputError
from geoanalyse.layer import Theme

EXAMPLE = Path(__file__).parents[1] / "examples" / "casus" / "casus.toml"
GOOD = """
naam = "winkelstraat"
titel = "Panden in de winkelstraat"
thema = "drugs"
plek = "BU0363TD01"
signalen = ["D01", "D02"]
aanleiding = ["Ondernemers wisselen vaak."]
bevindingen = ["Meerdere panden staan leeg."]
mogelijke_vervolgstappen = ["De gemeente kijkt naar de vergunningen."]

[[interventie]]
maand = "2025-06"
wat = "Gezamenlijke controle"
partner = "gemeente"

[[interventie]]
maand = "2024-02"
wat = "Gesprekken met eigenaren"
partner = "politie"
"""


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "casus.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def faults(folder: Path, text: str | bytes) -> tuple[str, ...]:
    with pytest.raises(InputError) as caught:
        casus.read(written(folder, text))
    assert all("\n" not in fault for fault in caught.value.faults)
    return caught.value.faults


def test_a_casus_is_read_with_its_interventions_in_order(tmp_path: Path) -> None:
    case = casus.read(written(tmp_path, GOOD))
    assert (case.name, case.title, case.theme) == ("winkelstraat", "Panden in de winkelstraat", Theme.DRUGS)
    assert (case.place, case.signals) == ("BU0363TD01", ("D01", "D02"))
    assert case.occasion == ("Ondernemers wisselen vaak.",)
    assert case.findings == ("Meerdere panden staan leeg.",)
    assert case.next_steps == ("De gemeente kijkt naar de vergunningen.",)
    assert case.interventions == (
        Intervention(dt.date(2024, 2, 1), "Gesprekken met eigenaren", "politie"),
        Intervention(dt.date(2025, 6, 1), "Gezamenlijke controle", "gemeente"),
    )


def test_the_example_is_in_order() -> None:
    case = casus.read(EXAMPLE)
    assert case.place
    assert case.interventions


def test_windows_saves_are_read(tmp_path: Path) -> None:
    assert casus.read(written(tmp_path, b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())).name == "winkelstraat"


def test_what_may_be_left_out_may_be_left_out(tmp_path: Path) -> None:
    lines = GOOD.split("[[interventie]]", maxsplit=1)[0].splitlines()
    short = "\n".join(line for line in lines if not line.startswith(("plek", "signalen", "bevindingen")))
    case = casus.read(written(tmp_path, short))
    assert (case.place, case.signals, case.findings, case.interventions) == ("", (), (), ())


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('naam = "winkelstraat"', 'naam = "Winkel straat"', "naam"),
        ('naam = "winkelstraat"', 'naam = "../../etc/passwd"', "naam"),
        ('naam = "winkelstraat"', f'naam = "{"a" * 41}"', "naam"),
        ('naam = "winkelstraat"', 'naam = "jan-jansen"', "naam: lijkt op persoonsgegevens"),
        ('naam = "winkelstraat"', "naam = 3", "naam"),
        ('naam = "winkelstraat"', "", "naam: ontbreekt"),
        ('titel = "Panden in de winkelstraat"', f'titel = "{"p" * 61}"', "titel: is langer dan 60 tekens"),
        ('titel = "Panden in de winkelstraat"', 'titel = ""', "titel: is leeg"),
        ('titel = "Panden in de winkelstraat"', 'titel = "Pand van mw. De Vries"', "titel: lijkt op persoonsgegevens"),
        ('thema = "drugs"', 'thema = "personen"', "thema: onbekende keuze"),
        ('thema = "drugs"', 'thema = ["drugs"]', "thema: onbekende keuze"),
        ('plek = "BU0363TD01"', 'plek = "Hoptille"', "plek"),
        ('plek = "BU0363TD01"', "plek = 1102", "plek"),
        ('signalen = ["D01", "D02"]', 'signalen = "D01"', "signalen"),
        ('signalen = ["D01", "D02"]', 'signalen = ["eerste"]', "signalen"),
        ('signalen = ["D01", "D02"]', f"signalen = {['D01'] * 10}", "signalen: noem er hooguit 9"),
        ('["Ondernemers wisselen vaak."]', '"Ondernemers wisselen vaak."', "aanleiding: schrijf een lijst"),
        ('["Ondernemers wisselen vaak."]', "[]", "aanleiding: schrijf een lijst"),
        ('["Ondernemers wisselen vaak."]', "[1, 2]", "aanleiding, zin 1: is geen tekst"),
        ('["Ondernemers wisselen vaak."]', f"{['Zin.'] * 4}", "aanleiding: heeft meer dan 3 zinnen"),
        ("Ondernemers wisselen vaak.", "w" * 201, "aanleiding, zin 1: is langer dan 140 tekens"),
        (
            "Ondernemers wisselen vaak.",
            "Verdachte J. de Boer woont er.",
            "aanleiding, zin 1: lijkt op persoonsgegevens",
        ),
        ("Ondernemers wisselen vaak.", "Bel 06 12345678 voor meer.", "aanleiding, zin 1: lijkt op persoonsgegevens"),
        ("Ondernemers wisselen vaak.", "Regel een\\nregel twee", "aanleiding, zin 1: bevat een regeleinde"),
        (
            "Meerdere panden staan leeg.",
            "Volgens melder Van den Berg.",
            "bevindingen, zin 1: lijkt op persoonsgegevens",
        ),
        ('maand = "2025-06"', "maand = 2025-06-01", "interventie 1, maand"),
        ('maand = "2025-06"', 'maand = "2025-13"', "interventie 1, maand"),
        ('maand = "2025-06"', 'maand = "juni 2025"', "interventie 1, maand"),
        ('maand = "2025-06"', "", "interventie 1, maand: ontbreekt"),
        ('partner = "politie"', 'partner = "P. Jansen"', "interventie 2, partner: lijkt op persoonsgegevens"),
        ('partner = "politie"', f'partner = "{"p" * 51}"', "interventie 2, partner: is langer dan 50 tekens"),
        ('wat = "Gezamenlijke controle"', "wat = true", "interventie 1, wat: is geen tekst"),
        ('wat = "Gezamenlijke controle"', 'wat = "x"\ndader = "y"', "interventie 1, dader: onbekende naam"),
        ("aanleiding =", "verdachten =", "verdachten: onbekende naam"),
        ('thema = "drugs"', 'thema = "drugs"\n"Jan Jansen" = 1', "een regel: onbekende naam"),
    ],
)
def test_a_fault_is_one_line_that_says_where(tmp_path: Path, old: str, new: str, where: str) -> None:
    assert old in GOOD
    found = faults(tmp_path, GOOD.replace(old, new, 1))
    assert any(fault.startswith(f"casus.toml, {where}") for fault in found), found
    assert not any("Jansen" in fault or "Vries" in fault or "Boer" in fault for fault in found)


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace('"drugs"', '"wapens"').replace('"winkelstraat"', '""').replace("2024-02", "2024-2")
    assert len(faults(tmp_path, text)) == 3


def test_interventions_are_a_list_of_tables(tmp_path: Path) -> None:
    plain = GOOD.split("[[interventie]]", maxsplit=1)[0]
    assert "eigen [[interventie]]" in faults(tmp_path, f"{plain}\ninterventie = 3")[0]
    many = plain + '[[interventie]]\nmaand = "2025-01"\nwat = "controle"\npartner = "gemeente"\n' * 7
    assert "meer dan 6" in faults(tmp_path, many)[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"naam = ", "is geen geldige TOML"),
        (b"\xff\xfe\x00", "is geen UTF-8"),
        (b"a = " + b"[" * 5000, "is geen geldige TOML"),
        (b"a = " + b"9" * 5000, "is geen geldige TOML"),
        (b"PK\x03\x04", "is geen geldige TOML"),
        (b"#" * (casus.LARGEST + 1), "is groter dan 100 kB"),
    ],
    ids=["half", "binary", "deep", "number", "zip", "huge"],
)
def test_what_is_no_casus_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    (fault,) = faults(tmp_path, content)
    assert words in fault


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path, words in ((tmp_path / "weg.toml", "ontbreekt"), (tmp_path, "is geen bestand")):
        with pytest.raises(InputError, match=words):
            casus.read(path)
