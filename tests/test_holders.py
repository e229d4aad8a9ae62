"""Lists for holders: whose keys are on them, what they do not say, who can read them, and bad input."""

import dataclasses
import datetime as dt
import io
import json
import re
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pytest
import xlsxwriter

from geoanalyse import demo, holders, key, publish
from geoanalyse.addresses import Addresses, Events
from geoanalyse.build import Request
from geoanalyse.errors import GeoanalyseError, InputError, ProtectionError
from geoanalyse.geography import nearest_cells
from geoanalyse.holderfile import Wish, read, slug
from geoanalyse.holders import ALSO, COLUMNS, MARK, lists, recognised, rows
from geoanalyse.layer import Base
from geoanalyse.release import Release
from geoanalyse.routes import EXPLORATION
from tests import town
from tests.small import small_parts

TODAY = dt.date(2026, 1, 1)
FIU = "FIU-Nederland"


def secret(letter: str) -> key.Key:
    return key.from_secret(letter.encode() * 32)


def wish(holder: str = FIU, letter: str = "a") -> Wish:
    return Wish(holder, "artikel 13, besluit 7", "afdeling analyse", dt.date(2027, 1, 1), secret(letter))


@pytest.fixture(scope="module")
def made() -> tuple[Release, town.Town, dict[str, Events]]:
    return small_parts()


def test_the_keys_are_those_of_the_holder_in_places_its_own_layers_point_at(
    made: tuple[Release, town.Town, dict[str, Events]],
) -> None:
    release, place, events = made
    base = place.geography.zones.base[Base.ALL]
    cell = base.cell[nearest_cells(base.cell, place.cells, place.geography.regions)]
    happened = set(events["fiu-signalen"].address.tolist())
    expected = set()
    for signal in release.signals:
        if any(code.endswith("fiu-signalen") for code, _ in signal.reasons) and signal.strength != EXPLORATION:
            inside = np.flatnonzero(np.isin(cell, np.array(signal.cells, dtype=np.uint64))).tolist()
            expected |= {(address, str(signal.theme)) for address in inside if address in happened}
    assert expected
    found = recognised(
        lists(release, [wish()], place.addresses, events)[f"{wish().file}.xlsx"], secret("a"), names(place)
    )
    number = {name: index for index, name in enumerate(names(place))}
    assert {(number[name], theme) for name, (_, theme, _, _) in found} == expected


def names(place: town.Town) -> list[str]:
    return place.addresses.keys.to_pylist()


def test_strength_and_the_other_holder_come_from_the_signals(
    made: tuple[Release, town.Town, dict[str, Events]],
) -> None:
    release, place, events = made
    found = rows(release, wish(), place.addresses, events)
    own = [
        signal
        for signal in release.signals
        if any(code.endswith("fiu-signalen") for code, _ in signal.reasons) and signal.strength != EXPLORATION
    ]
    assert {(row[1], row[2]) for row in found} <= {(str(signal.theme), signal.strength) for signal in own}
    alone = {str(signal.theme) for signal in own if signal.sources == 1} - {
        str(signal.theme) for signal in own if signal.sources > 1
    }
    assert all(row[3] == "" for row in found if row[1] in alone)
    assert {row[3] for row in found} <= {"", ALSO}


def test_a_list_holds_no_place_no_date_and_no_other_holder(
    made: tuple[Release, town.Town, dict[str, Events]],
) -> None:
    release, place, events = made
    content = lists(release, [wish()], place.addresses, events)[f"{wish().file}.xlsx"]
    book = openpyxl.load_workbook(io.BytesIO(content))
    text = "\n".join(
        str(cell) for sheet in book for line in sheet.iter_rows(values_only=True) for cell in line if cell is not None
    )
    assert MARK in text
    assert [cell.value for cell in book["Lijst"][1]] == list(COLUMNS)
    assert not re.search(r"\b8[89a][0-9a-f]{13}\b", text)  # no cell
    assert not any(name in text for name in names(place))
    others = {layer.holder for layer in release.layers} - {FIU}
    assert not any(other in text for other in others if len(other) > 3)
    assert not any(region in text for region in release.geography.regions.names if region != release.area.title)
    assert not any(signal.id in text.split() for signal in release.signals)
    pseudonyms = [line[0] for line in book["Lijst"].iter_rows(min_row=2, values_only=True)]
    assert pseudonyms == sorted(pseudonyms)
    assert all(re.fullmatch(r"[0-9a-f]{32}", each) for each in pseudonyms)
    assert len(set(pseudonyms)) == len(pseudonyms)


def test_no_key_is_the_same_in_two_lists_or_releases(made: tuple[Release, town.Town, dict[str, Events]]) -> None:
    release, place, events = made
    one = rows(release, wish(), place.addresses, events)
    later = rows(dataclasses.replace(release, digest="f" * 64), wish(), place.addresses, events)
    other = rows(release, wish(letter="b"), place.addresses, events)
    assert len(one) == len(later) == len(other) > 0
    assert len({row[0] for row in (*one, *later, *other)}) == 3 * len(one)
    assert rows(release, wish(), place.addresses, events) == one


def test_the_same_release_gives_the_same_bytes_and_a_manifest_of_its_own(
    made: tuple[Release, town.Town, dict[str, Events]],
) -> None:
    release, place, events = made
    files = lists(release, [wish()], place.addresses, events)
    assert files == lists(release, [wish()], place.addresses, events)
    told = json.loads(files[f"{wish().file}.manifest.json"])
    assert told["soort"] == MARK
    assert (told["bronhouder"], told["grondslag"], told["bewaren_tot"]) == (FIU, "artikel 13, besluit 7", "2027-01-01")
    assert told["rijen"] == len(rows(release, wish(), place.addresses, events)) == sum(told["per_sterkte"].values())
    assert told["uitgave"] == release.digest
    assert secret("a").secret.hex() not in files[f"{wish().file}.manifest.json"].decode()


def test_only_the_secret_and_the_keys_of_the_list_read_it(
    made: tuple[Release, town.Town, dict[str, Events]],
) -> None:
    release, place, events = made
    content = lists(release, [wish()], place.addresses, events)[f"{wish().file}.xlsx"]
    with pytest.raises(InputError, match="niet terug te vinden"):
        recognised(content, secret("b"), names(place))
    with pytest.raises(InputError, match="niet terug te vinden"):
        recognised(content, secret("a"), names(place)[:3])
    for wrong in (b"", b"PK", (Path(__file__).parents[1] / "README.md").read_bytes()):
        with pytest.raises(InputError, match="geen houderlijst"):
            recognised(wrong, secret("a"), names(place))


def test_a_layer_that_came_as_zones_has_no_keys_here(made: tuple[Release, town.Town, dict[str, Events]]) -> None:
    release, place, events = made
    mine = events["fiu-signalen"]
    sent = Events(mine.address, mine.day, mine.amount, np.zeros(1, dtype=np.uint64))
    with pytest.raises(InputError, match="laag fiu-signalen is geleverd als zones"):
        rows(release, wish(), place.addresses, events | {"fiu-signalen": sent})


def test_no_addresses_give_an_empty_list(made: tuple[Release, town.Town, dict[str, Events]]) -> None:
    release, _, events = made
    none = Events(*(np.empty(0, dtype=kind) for kind in ("int64", "datetime64[D]", "int64")))
    empty = Addresses(pa.array([], pa.string()), *(np.empty(0, kind) for kind in ("f8", "f8", "u2", "i8")))
    assert rows(release, wish(), empty, dict.fromkeys(events, none)) == []
    assert (
        recognised(lists(release, [wish()], empty, dict.fromkeys(events, none))[f"{wish().file}.xlsx"], secret("a"), [])
        == []
    )


@pytest.mark.parametrize(("name", "file"), [("KvK", "kvk"), ("Bureau Café & Co", "bureau-cafe-co"), ("  A--b ", "a-b")])
def test_a_holder_gives_its_name_to_the_file(name: str, file: str) -> None:
    assert slug(name) == file


# --- what is asked ----------------------------------------------------------------------------------------------------

ASKED = """
[[lijst]]
bronhouder = "FIU-Nederland"
grondslag = "artikel 13, besluit 7"
ontvanger = "afdeling analyse"
geheim = "fiu.sleutel"
bewaren_tot = 2027-01-01
"""


def asked(tmp_path: Path, text: str, release: Release) -> tuple[Wish, ...]:
    path = tmp_path / "lijsten.toml"
    path.write_text(text, encoding="utf-8")
    if not (tmp_path / "fiu.sleutel").exists():
        key.make(tmp_path / "fiu.sleutel")
    return read(path, release.layers, TODAY, secret("z"))


def test_a_file_that_is_right_gives_a_wish_per_list(
    tmp_path: Path, made: tuple[Release, town.Town, dict[str, Events]]
) -> None:
    (found,) = asked(tmp_path, ASKED, made[0])
    assert (found.holder, found.recipient, found.file) == (FIU, "afdeling analyse", "signaallijst-fiu-nederland")
    assert found.secret.mark == key.read(tmp_path / "fiu.sleutel").mark
    assert "secret" not in repr(found)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('grondslag = "artikel 13, besluit 7"\n', "", "lijst 1: grondslag ontbreekt"),
        ('grondslag = "artikel 13, besluit 7"', 'grondslag = " "', "lijst 1: grondslag: is leeg"),
        ('ontvanger = "afdeling analyse"', 'ontvanger = "dhr. A. de Vries"', "lijkt op persoonsgegevens"),
        ('ontvanger = "afdeling analyse"', "ontvanger = 3", "lijst 1: ontvanger: is geen tekst"),
        ("2027-01-01", "2025-12-31", "lijst 1: bewaren_tot: ligt in het verleden"),
        ("2027-01-01", '"morgen"', "lijst 1: bewaren_tot: is geen datum"),
        ("FIU-Nederland", "Kadaster", "lijst 1: bronhouder: geen laag van deze uitgave is van die; kies uit "),
        ("geheim =", "sleutel =", "lijst 1: 1 onbekende sleutels"),
        ("[[lijst]]", "[lijst]", "onder een eigen [[lijst]]"),
        ("[[lijst]]", "x = 1\n[[lijst]]", "onder een eigen [[lijst]]"),
        ("[[lijst]]", "[[lijst", "geen geldige TOML"),
        ("\n[[lijst]]", f"{ASKED}\n[[lijst]]", "twee lijsten voor één bronhouder"),
        ("fiu.sleutel", "weg.sleutel", "sleutelbestand bestaat niet"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    tmp_path: Path, made: tuple[Release, town.Town, dict[str, Events]], old: str, new: str, fault: str
) -> None:
    assert old in ASKED
    with pytest.raises(GeoanalyseError) as refused:
        asked(tmp_path, ASKED.replace(old, new, 1), made[0])
    assert fault in str(refused.value)
    assert "Traceback" not in str(refused.value)


def test_a_holder_never_has_the_key_of_the_release(
    tmp_path: Path, made: tuple[Release, town.Town, dict[str, Events]]
) -> None:
    own = key.make(tmp_path / "fiu.sleutel")
    path = tmp_path / "lijsten.toml"
    path.write_text(ASKED, encoding="utf-8")
    with pytest.raises(ProtectionError, match="eigen geheim"):
        read(path, made[0].layers, TODAY, own)
    with pytest.raises(InputError, match="kan niet worden gelezen"):
        read(tmp_path / "niets.toml", made[0].layers, TODAY, own)


def test_lists_are_written_beside_the_build_report_and_nowhere_else(tmp_path: Path) -> None:
    key.make(tmp_path / "fiu.sleutel")
    path = tmp_path / "lijsten.toml"
    path.write_text(ASKED, encoding="utf-8")
    request = Request("ganzenpoort", demo.REFERENCE_DATE, layer_ids=("fiu-signalen",), holder_lists=path)
    release, folder = publish.publish(request, tmp_path / "uit")
    confidential = {file.name for file in (folder / "vertrouwelijk").iterdir()}
    assert confidential == {
        "bouwverslag.json", "signaallijst-fiu-nederland.xlsx", "signaallijst-fiu-nederland.manifest.json",
    }  # fmt: skip
    assert all(file.stat().st_mode & 0o077 == 0 for file in (folder / "vertrouwelijk").iterdir())
    again, plain = publish.publish(
        Request("ganzenpoort", demo.REFERENCE_DATE, layer_ids=("fiu-signalen",)), tmp_path / "zonder"
    )
    assert again.digest == release.digest
    for file in (folder / "deelbaar").iterdir():
        assert file.read_bytes() == (plain / "deelbaar" / file.name).read_bytes(), file.name
    assert {file.name for file in (plain / "vertrouwelijk").iterdir()} == {"bouwverslag.json"}
    assert holders.MARK in (folder / "vertrouwelijk" / "signaallijst-fiu-nederland.manifest.json").read_text("utf-8")


def test_a_public_release_names_no_signals_so_it_has_no_lists(tmp_path: Path) -> None:
    (tmp_path / "lijsten.toml").write_text(ASKED, encoding="utf-8")
    request = Request("ganzenpoort", demo.REFERENCE_DATE, profile="openbaar", holder_lists=tmp_path / "lijsten.toml")
    with pytest.raises(InputError, match="--houderlijsten: het profiel openbaar noemt geen signalen"):
        publish.publish(request, tmp_path / "uit")
    assert not (tmp_path / "uit").exists()


@pytest.mark.parametrize(
    "sheets",
    [
        [],
        [[]],
        [[], []],
        [[COLUMNS], [("Lijst",)]],
        [[COLUMNS], [("Lijst", "a")]],
        [[], [("Lijst", "a"), ("Kenmerk", "b")]],
        [[("Sleutel",)], [("Lijst", "a"), ("Kenmerk", "b")]],
        [[COLUMNS, ("zo",)], [("Lijst", "a"), ("Kenmerk", "b")]],
        [[COLUMNS], [("Lijst", "a"), ("Kenmerk", "b")], []],
    ],
)
def test_another_workbook_is_refused_in_one_line(sheets: list[list[tuple[str, ...]]]) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        for rows_of in sheets:
            sheet = book.add_worksheet()
            for number, row in enumerate(rows_of):
                sheet.write_row(number, 0, row)
    with pytest.raises(InputError) as refused:
        recognised(target.getvalue(), secret("a"), ["1"])
    assert "\n" not in str(refused.value)


def test_a_file_that_is_no_workbook_is_refused() -> None:
    for content in (b"", b"PK\x03\x04", b"Sleutel;Thema"):
        with pytest.raises(InputError, match="geen houderlijst"):
            recognised(content, secret("a"), ["1"])
