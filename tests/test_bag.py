"""The BAG is read from both official forms, every trap is counted, and a damaged file gives one line."""

import csv
import datetime as dt
import gzip
import io
import os
import re
import sqlite3
import string
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoanalyse import bag
from geoanalyse.addresses import USES, read_addresses
from geoanalyse.bag import Reason, Report, addressbase, extract, light, objects
from geoanalyse.errors import GeoanalyseError, InputError
from tests import bagmaker
from tests.bagmaker import Bag, Number, Pand, Period, Street, Thing, Town, ring, square

VBO, LIG, STA = "0457010000000001", "0457020000000002", "0457030000000003"
NUM = "045720000000000{}".format
PND = "045710000000000{}".format


def read(
    path: Path, day: dt.date | None = None, municipality: int | None = None
) -> tuple[list[dict[str, Any]], Report]:
    table, report = bag.join(bag.read(path, day=day, municipality=municipality), municipality)
    return table.to_pylist(), report


def both(made: Bag, folder: Path) -> tuple[list[dict[str, Any]], dict[Reason, int]]:
    """Read a BAG from both forms; they must agree."""
    full, told = read(bagmaker.extract(made, folder / "extract.zip"))
    short, light_told = read(bagmaker.light(made, folder / "bag-light.gpkg"))
    assert [without_dates(row) for row in full] == [without_dates(row) for row in short]
    counts, others = dict(told.counts), dict(light_told.counts)
    assert {each: number for each, number in counts.items() if each in SAME} == {
        each: number for each, number in others.items() if each in SAME
    }
    return full, counts


SAME = frozenset(Reason) - {Reason.SKIPPED_PART, Reason.NO_DATE, Reason.TAKE_ON, Reason.SURFACE, Reason.NO_OBJECT}
"""What both forms can tell; the others are about dates, zips and numbers without an object."""


def without_dates(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"geldig_van": None, "geldig_tot": None}


def one(made: Bag, folder: Path, day: dt.date | None = None) -> tuple[list[dict[str, Any]], dict[Reason, int]]:
    rows, report = read(bagmaker.extract(made, folder / "extract.zip"), day)
    return rows, dict(report.counts)


def refusal(path: Path, day: dt.date | None = None) -> str:
    with pytest.raises(InputError) as caught:
        bag.join(bag.read(path, day=day))
    assert "\n" not in str(caught.value)
    return str(caught.value)


# --- what an address looks like ---------------------------------------------------------------------------------------


def test_an_address_has_every_column(tmp_path: Path) -> None:
    rows, counts = both(Bag(), tmp_path)
    assert rows == [
        {
            "nummeraanduiding_id": NUM(1),
            "adresseerbaarobject_id": VBO,
            "hoofdadres": True,
            "objecttype": "verblijfsobject",
            "pand_ids": [PND(1)],
            "gebruik": "woonfunctie",
            "oppervlakte": 80,
            "bouwjaar": 1921,
            "status": "Verblijfsobject in gebruik",
            "geldig_van": dt.date(2015, 1, 1),
            "geldig_tot": None,
            "postcode": "1381AA",
            "huisnummer": 12,
            "huisletter": None,
            "toevoeging": None,
            "straat": "Buitenveer",
            "woonplaats": "Weesp",
            "woonplaatscode": "3631",
            "gemeentecode": "0457",
            "oost": 131000.5,
            "noord": 480000.25,
            "crs": "EPSG:28992",
        }
    ]
    assert counts == {Reason.SKIPPED_PART: 3}


def test_a_berth_and_a_pitch_are_their_own_building_and_are_lived_on(tmp_path: Path) -> None:
    made = Bag(
        things=(Thing(LIG, NUM(1), panden=()), Thing(STA, NUM(2), panden=(), easting=131200)),
        numbers=(Number(kind="Ligplaats"), Number(NUM(2), 14, kind="Standplaats")),
    )
    rows, counts = both(made, tmp_path)
    assert [(row["objecttype"], row["pand_ids"], row["gebruik"], row["oppervlakte"]) for row in rows] == [
        ("ligplaats", [], None, None),
        ("standplaats", [], None, None),
    ]
    assert counts[Reason.BERTHS] == counts[Reason.PITCHES] == 1
    table, _ = bag.join(bag.read(tmp_path / "extract.zip"))
    assert [(row["sleutel"], row["pand"], row["gebruik"]) for row in bag.contract(table).to_pylist()] == [
        (LIG, LIG, "woonfunctie"),
        (STA, STA, "woonfunctie"),
    ]


def test_more_uses_and_buildings_stand_in_a_fixed_order(tmp_path: Path) -> None:
    made = Bag(
        things=(
            Thing(uses=("winkelfunctie", "woonfunctie"), panden=(PND(2), PND(1))),
            Thing("0457010000000004", NUM(4)),
        ),
        numbers=(Number(), Number(NUM(4), 4)),
        panden=(Pand(), Pand(PND(2), 2001)),
    )
    rows, counts = both(made, tmp_path)
    assert rows[0]["gebruik"] == "woonfunctie|winkelfunctie"
    assert rows[0]["pand_ids"] == [PND(1), PND(2)]
    assert rows[0]["bouwjaar"] == 1921  # of the first
    assert (counts[Reason.MORE_USES], counts[Reason.MORE_BUILDINGS], counts[Reason.SHARED_BUILDING]) == (1, 1, 1)
    table, _ = bag.join(bag.read(tmp_path / "extract.zip"))
    assert bag.contract(table)["pand"].to_pylist() == [PND(1), PND(1)]


@pytest.mark.parametrize(("area", "year"), [(1, 9999), (999_999, 1005)])
def test_placeholders_are_unknown(tmp_path: Path, area: int, year: int) -> None:
    rows, counts = both(Bag(things=(Thing(area=area),), panden=(Pand(year=year),)), tmp_path)
    assert (rows[0]["oppervlakte"], rows[0]["bouwjaar"]) == (None, None)
    assert (counts[Reason.NO_AREA], counts[Reason.NO_YEAR]) == (1, 1)


def test_what_is_missing_is_empty_and_counted(tmp_path: Path) -> None:
    made = Bag(
        things=(Thing(), Thing("0457010000000004", NUM(4), panden=("0457100000000009",))),
        numbers=(Number(postcode=None), Number(NUM(4), 4)),
    )
    rows, counts = both(made, tmp_path)
    assert [row["postcode"] for row in rows] == [None, "1381AA"]
    assert (counts[Reason.NO_POSTCODE], counts[Reason.UNKNOWN_BUILDING]) == (1, 1)


def test_an_object_may_have_a_number_of_another_municipality(tmp_path: Path) -> None:
    made = Bag(
        things=(Thing(), Thing("0424010000000004", "0424200000000004")),
        numbers=(Number(), Number("0424200000000004", 4)),
    )
    rows, counts = both(made, tmp_path)
    assert [row["gemeentecode"] for row in rows] == ["0457", "0457"]
    assert counts[Reason.OTHER_ISSUER] == 1


def test_the_town_of_the_number_goes_before_that_of_the_street(tmp_path: Path) -> None:
    made = Bag(
        things=(Thing(), Thing("0457010000000004", NUM(4))),
        numbers=(Number(town="1012"), Number(NUM(4), 4)),
        towns=(Town(), Town("1012", "Muiden", "0424")),
    )
    rows, _ = both(made, tmp_path)
    assert [(row["woonplaats"], row["woonplaatscode"], row["gemeentecode"]) for row in rows] == [
        ("Muiden", "1012", "0424"),
        ("Weesp", "3631", "0457"),
    ]


def test_one_municipality_can_be_taken(tmp_path: Path) -> None:
    made = Bag(
        things=(Thing(), Thing("0457010000000004", NUM(4))),
        numbers=(Number(town="1012"), Number(NUM(4), 4)),
        towns=(Town(), Town("1012", "Muiden", "0424")),
    )
    for path in (bagmaker.extract(made, tmp_path / "a.zip"), bagmaker.light(made, tmp_path / "a.gpkg")):
        rows, report = read(path, municipality=424)
        assert [row["woonplaats"] for row in rows] == ["Muiden"]
        assert dict(report.counts)[Reason.ELSEWHERE] == 1
        with pytest.raises(InputError, match="geen enkel adres in gemeente 0363"):
            read(path, municipality=363)


def test_an_object_may_have_side_addresses(tmp_path: Path) -> None:
    made = Bag(
        things=(Thing(others=(NUM(3), NUM(2), NUM(8))),),
        numbers=(Number(), Number(NUM(2), 14), Number(NUM(3), 16, letter="B")),
    )
    rows, counts = one(made, tmp_path)
    assert [(row["nummeraanduiding_id"], row["hoofdadres"]) for row in rows] == [
        (NUM(1), True),
        (NUM(2), False),
        (NUM(3), False),
    ]
    assert {row["adresseerbaarobject_id"] for row in rows} == {VBO}
    assert (counts[Reason.SIDE], counts[Reason.SIDE_UNKNOWN]) == (2, 1)
    table, _ = bag.join(bag.read(tmp_path / "extract.zip"))
    assert bag.contract(table).num_rows == 1


def test_objects_and_numbers_without_each_other_are_counted(tmp_path: Path) -> None:
    made = Bag(
        things=(Thing(), Thing("0457010000000004", NUM(9)), Thing("0457010000000005", NUM(8), others=(NUM(2),))),
        numbers=(Number(), Number(NUM(2), 14), Number(NUM(3), 16), Number(NUM(4), 18, status="Naamgeving ingetrokken")),
    )
    rows, counts = one(made, tmp_path)
    assert [row["adresseerbaarobject_id"] for row in rows] == [VBO, "0457010000000005"]
    assert counts[Reason.NO_ADDRESS] == counts[Reason.NO_OBJECT] == counts[Reason.ONLY_SIDE] == 1
    assert counts[Reason.WITHDRAWN] == 1


def test_a_number_of_two_objects_belongs_to_the_one_that_has_it_as_main_address(tmp_path: Path) -> None:
    made = Bag(
        things=(Thing(main=NUM(2), others=(NUM(1),)), Thing("0457010000000004", NUM(1))),
        numbers=(Number(), Number(NUM(2), 14)),
    )
    rows, counts = one(made, tmp_path)
    assert {row["nummeraanduiding_id"]: row["adresseerbaarobject_id"] for row in rows} == {
        NUM(1): "0457010000000004",
        NUM(2): VBO,
    }
    assert counts[Reason.SHARED_NUMBER] == 1


# --- history and status -----------------------------------------------------------------------------------------------

HISTORY = (
    Thing(area=10, period=Period(1, "0001-01-01", "2019-01-15")),
    Thing(area=20, period=Period(2, "2019-01-15", "2019-01-15")),  # corrected the same day: never true
    Thing(area=30, period=Period(3, "2019-01-15", "2021-11-01")),
    Thing(area=40, period=Period(4, "2021-11-01")),
    Thing(area=50, period=Period(5, "2018-01-01", None, "tijdstipInactief")),
    Thing(area=60, period=Period(6, "2018-01-01", None, "tijdstipInactiefLV")),
    Thing(area=70, period=Period(7, "2018-01-01", None, "tijdstipNietBagLV")),
)


@pytest.mark.parametrize(
    ("day", "area", "begin"),
    [
        (None, 30, dt.date(2019, 1, 15)),
        (dt.date(2019, 1, 15), 30, dt.date(2019, 1, 15)),
        (dt.date(2019, 1, 14), 10, None),
    ],
)
def test_the_record_that_holds_on_the_day_counts(
    tmp_path: Path, day: dt.date | None, area: int, begin: dt.date | None
) -> None:
    early = {
        "numbers": (Number(period=Period(begin="1990-01-01")),),
        "streets": (Street(period=Period(begin="1990-01-01")),),
        "towns": (Town(period=Period(begin="1990-01-01")),),
    }
    rows, counts = one(Bag(things=HISTORY, **early), tmp_path, day)
    assert [(row["oppervlakte"], row["geldig_van"]) for row in rows] == [(area, begin)]
    assert counts[Reason.INACTIVE] == 3
    assert counts[Reason.NO_DATE] == 1
    assert counts.get(Reason.ENDED, 0) + counts.get(Reason.FUTURE, 0) == 3


def test_the_latest_of_doubles_counts(tmp_path: Path) -> None:
    made = Bag(
        things=(Thing(area=20, period=Period(2)), Thing(area=10, period=Period(1)), Thing(area=20, period=Period(2)))
    )
    rows, counts = one(made, tmp_path)
    assert [row["oppervlakte"] for row in rows] == [20]
    assert counts[Reason.DOUBLE] == 2


def test_the_take_on_of_2010_is_counted(tmp_path: Path) -> None:
    _, counts = one(Bag(things=(Thing(period=Period(begin="2010-09-28")),)), tmp_path)
    assert counts[Reason.TAKE_ON] == 1


@pytest.mark.parametrize(
    ("status", "exists"),
    [
        ("Verblijfsobject gevormd", True),
        ("Verblijfsobject in gebruik (niet ingemeten)", True),
        ("Verbouwing verblijfsobject", True),
        ("Verblijfsobject buiten gebruik", True),
        ("Niet gerealiseerd verblijfsobject", False),
        ("Verblijfsobject ingetrokken", False),
        ("Verblijfsobject ten onrechte opgevoerd", False),
    ],
)
def test_a_status_says_whether_an_object_exists(tmp_path: Path, status: str, exists: bool) -> None:  # noqa: FBT001
    made = Bag(
        things=(Thing(), Thing("0457010000000004", NUM(4), status=status)), numbers=(Number(), Number(NUM(4), 4))
    )
    rows, counts = both(made, tmp_path)
    assert [row["status"] for row in rows][1:] == ([status] if exists else [])
    assert counts.get(Reason.STATUS, 0) == (not exists)


# --- places -----------------------------------------------------------------------------------------------------------

HOLE = (ring(square(131000, 480000, 10)), ring(square(131000, 480000, 9), "interior"))


@pytest.mark.parametrize(
    "shape",
    [
        bagmaker.polygon(ring(square(131000, 480000))),
        bagmaker.polygon(ring(square(131000, 480000, height=1.5)), dimension=3),
        bagmaker.surface(ring(square(131000, 480000))),
        bagmaker.surface(*HOLE),
        bagmaker.polygon(*HOLE),
        bagmaker.polygon(ring(square(131000, 480000, height=1.5))).replace(' srsDimension="2"', ""),
        re.sub(' (srsDimension|count)="[0-9]+"', "", bagmaker.polygon(ring(square(131000, 480000, height=1.5)))),
        re.sub(' (srsDimension|count)="[0-9]+"', "", bagmaker.polygon(ring(square(131000, 480000)))),
    ],
)
def test_a_surface_gives_a_point_inside_it(tmp_path: Path, shape: str) -> None:
    made = Bag(things=(Thing(LIG, shape=shape),))
    rows, counts = one(made, tmp_path)
    holes = [square(131000, 480000, 9)] if "interior" in shape else []
    area = shapely.Polygon(square(131000, 480000, 10 if holes else 4), holes)
    assert area.contains(shapely.Point(rows[0]["oost"], rows[0]["noord"]))
    assert counts[Reason.SURFACE] == 1


def test_a_dwelling_may_be_a_surface(tmp_path: Path) -> None:
    shape = f"<Objecten:vlak>{bagmaker.polygon(ring(square(131000, 480000)))}</Objecten:vlak>"
    rows, _ = one(Bag(things=(Thing(shape=shape),)), tmp_path)
    assert (rows[0]["oost"], rows[0]["noord"]) == (131000, 480000)


@pytest.mark.parametrize(
    "shape",
    [
        bagmaker.pos(5.03, 52.3),
        bagmaker.pos(131000, 480000).replace("131000.000", "nan"),
        bagmaker.pos(131000, 480000).replace("131000.000", "oost"),
        "",
        bagmaker.polygon(ring(square(131000, 480000)[:2])),
        bagmaker.polygon(ring(square(131000, 480000)[:4])),  # not closed
        bagmaker.polygon(ring(square(131000, 480000, height=1.5))),  # three numbers a corner, and says two
    ],
)
def test_an_object_without_a_place_stays_out_of_the_contract_file(tmp_path: Path, shape: str) -> None:
    made = Bag(
        things=(Thing(), Thing("0457010000000004", NUM(4), shape=shape or " ")), numbers=(Number(), Number(NUM(4), 4))
    )
    rows, counts = one(made, tmp_path)
    assert [(row["oost"], row["noord"]) for row in rows] == [(131000.5, 480000.25), (None, None)]
    assert counts[Reason.NO_PLACE] == 1
    table, report = bag.join(bag.read(tmp_path / "extract.zip"))
    assert bag.contract(table)["sleutel"].to_pylist() == [VBO]
    assert (report.addresses, report.contract) == (2, 1)


def test_an_object_without_a_known_use_or_building_is_counted(tmp_path: Path) -> None:
    made = Bag(
        things=(Thing(uses=("speelfunctie",)), Thing("0457010000000004", NUM(4), panden=())),
        numbers=(Number(), Number(NUM(4), 4)),
    )
    _, counts = both(made, tmp_path)
    assert counts[Reason.NO_USE] == counts[Reason.NO_BUILDING] == 1
    table, _ = bag.join(bag.read(tmp_path / "bag-light.gpkg"))
    assert bag.contract(table).select(["sleutel", "pand"]).to_pylist() == [
        {"sleutel": "0457010000000004", "pand": "0457010000000004"}
    ]


# --- the zip ----------------------------------------------------------------------------------------------------------


def test_the_extract_of_the_country_has_the_zips_one_level_up(tmp_path: Path) -> None:
    rows, _ = read(bagmaker.extract(Bag(), tmp_path / "a.zip"))
    national, _ = read(bagmaker.extract(Bag(), tmp_path / "b.zip", national=True))
    assert rows == national


def test_parts_that_are_not_read_are_counted(tmp_path: Path) -> None:
    path = bagmaker.extract(Bag(), tmp_path / "a.zip", more={"leesmij.pdf": b"%PDF", "9999PNDoud.zip": b""})
    _, report = read(path)
    assert dict(report.counts) == {Reason.SKIPPED_PART: 3, Reason.UNKNOWN_PART: 2}


def test_objects_over_more_files_are_all_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bagmaker, "PER_FILE", 2)
    monkeypatch.setattr(extract, "ROWS", 3)
    ids = range(1, 8)
    made = Bag(
        things=tuple(Thing(f"045701000000{place:04d}", f"045720000000{place:04d}") for place in ids),
        numbers=tuple(Number(f"045720000000{place:04d}", place) for place in ids),
    )
    rows, _ = one(made, tmp_path)
    assert [row["huisnummer"] for row in rows] == list(ids)


def test_a_day_after_the_extract_is_refused(tmp_path: Path) -> None:
    path = bagmaker.extract(Bag(), tmp_path / "a.zip")
    assert "peildatum ligt na de stand" in refusal(path, day=dt.date(2021, 10, 16))
    assert "geen geschiedenis" in refusal(bagmaker.light(Bag(), tmp_path / "a.gpkg"), day=dt.date(2021, 1, 1))
    assert "er is geen NUM" in refusal(path, day=dt.date(2014, 1, 1)) or "VBO" in refusal(path, day=dt.date(2014, 1, 1))


Change = Callable[[dict[str, bytes]], dict[str, bytes]]


def _in_xml(old: str, new: str) -> Change:
    """Change the text of every XML file of an extract."""
    return lambda files: {name: content.replace(old.encode(), new.encode()) for name, content in files.items()}


LAUGHS = '<!DOCTYPE a [<!ENTITY b "1381ZZ"><!ENTITY c "&b;&b;&b;&b;">]>'


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_in_xml("</sl:standBestand>", ""), "geen geldige XML"),
        (lambda files: {name: content[: len(content) // 2] for name, content in files.items()}, "geen geldige XML"),
        (lambda files: dict.fromkeys(files, b""), "geen geldige XML"),
        (_in_xml("extract-deelbestand-lvc/v20200601", "extract-deelbestand-lvc/v20990101"), "geen LV BAG 2.0-extract"),
        (_in_xml("<sl-bag-extract:bagStand", f"{LAUGHS}<sl-bag-extract:bagStand"), "geen LV BAG 2.0-extract"),
        (_in_xml("2021-10-15</selecties", "0001-01-01</selecties"), "standdatum"),
        (_in_xml("Objecten:Nummeraanduiding>", "Objecten:Pand>"), "NUM bevat iets anders"),
        (lambda _: {}, "bevat geen onderdelen"),
    ],
)
def test_a_damaged_part_gives_one_line(tmp_path: Path, change: Change, says: str) -> None:
    assert says in refusal(bagmaker.extract(Bag(), tmp_path / "a.zip", change=change))


@pytest.mark.parametrize("name", ["a.zip", "a.gpkg", "a.xml", "a"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"<xml/>", bytes(5000), b"SQLite format 3\0" + bytes(500)])
def test_any_other_file_gives_one_line(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert refusal(path).startswith(f"{name}: ")


def test_a_folder_and_a_missing_file_give_one_line(tmp_path: Path) -> None:
    for name in ("a.zip", "a.gpkg"):
        (tmp_path / name).mkdir()
        assert "is geen bestand" in refusal(tmp_path / name)
        assert "is geen bestand" in refusal(tmp_path / f"geen-{name}")


def test_an_empty_moment_of_withdrawal_is_none(tmp_path: Path) -> None:
    none = '<Historie:tijdstipInactief xsi:nil="true"/><Historie:BeschikbaarLV>'
    path = bagmaker.extract(Bag(), tmp_path / "a.zip", change=_in_xml("<Historie:BeschikbaarLV>", none))
    table, report = bag.join(bag.read(path))
    assert (table.num_rows, dict(report.counts).get(Reason.INACTIVE)) == (1, None)


@pytest.mark.parametrize("code", ["36310", "363", "0363x", "\u0663\u0666\u0663\u0661"])
def test_a_code_of_a_town_or_municipality_has_four_digits(tmp_path: Path, code: str) -> None:
    for place, town in enumerate((Town(id=code), Town(municipality=code))):
        register = bag.read(bagmaker.extract(Bag(towns=(town,)), tmp_path / f"{place}.zip"))
        assert register.belongs.num_rows == 0


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_damage_in_a_part_that_is_packed_otherwise_gives_one_line(tmp_path: Path, method: int) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as package:
        package.writestr("0457NUM15102021-000001.xml", b"<a/>" * 1000)
    data = bytearray(path.read_bytes())
    start = data.index(b"000001.xml") + len(b"000001.xml")
    data[start + 9 : start + 24] = b"\xff" * 15
    path.write_bytes(data)
    assert refusal(path).startswith("a.zip: ")


def test_another_zip_and_a_locked_one_give_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(bagmaker.zipped({"foto.jpg": b"jpg"}))
    assert "bevat geen onderdelen" in refusal(path)
    inner = bytearray(bagmaker.zipped({"0457NUM15102021-000001.xml": b"<a/>"}))
    inner[inner.index(b"PK\x01\x02") + 8] |= 1  # locked, says the list
    inner[6] |= 1
    path.write_bytes(inner)
    assert "geen leesbare zip" in refusal(path)


def test_a_truncated_extract_gives_one_line(tmp_path: Path) -> None:
    whole = bagmaker.extract(Bag(), tmp_path / "heel.zip").read_bytes()
    for size in (10, len(whole) // 2, len(whole) - 1):
        (tmp_path / "a.zip").write_bytes(whole[:size])
        assert refusal(tmp_path / "a.zip").startswith("a.zip: ")


@pytest.mark.parametrize("place", range(40, 4000, 395))
def test_a_damaged_byte_gives_one_line_or_is_not_met(tmp_path: Path, place: int) -> None:
    content = bytearray(bagmaker.extract(Bag(), tmp_path / "a.zip").read_bytes())
    content[place] ^= 0x55
    (tmp_path / "a.zip").write_bytes(content)
    try:
        rows, _ = read(tmp_path / "a.zip")
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either is right
    else:
        assert len(rows) == 1


def test_a_zip_that_unpacks_too_large_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract, "ALLOWANCE", 2_000_000)
    path = bagmaker.extract(
        Bag(), tmp_path / "a.zip", change=_in_xml("</sl:standBestand>", f"{' ' * 20_000_000}</sl:standBestand>")
    )
    assert path.stat().st_size < 100_000
    tracemalloc.start()
    try:
        assert "groter dan een BAG-extract" in refusal(path)
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()


def test_one_object_cannot_take_all_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract, "MOST_OBJECT", 1_000_000)
    path = bagmaker.extract(
        Bag(),
        tmp_path / "a.zip",
        change=_in_xml("<Objecten:geconstateerd>", f"{'<a/>' * 500_000}<Objecten:geconstateerd>"),
    )
    assert "groter dan een BAG-extract" in refusal(path)


def test_zips_in_zips_end(tmp_path: Path) -> None:
    content: bytes = b"<a/>"
    for _ in range(8):
        content = bagmaker.zipped({"0457GEM15102021.zip": content})
    (tmp_path / "a.zip").write_bytes(content)
    assert "groter dan een BAG-extract" in refusal(tmp_path / "a.zip")


# --- the GeoPackage ---------------------------------------------------------------------------------------------------


def test_rows_that_repeat_an_object_are_joined(tmp_path: Path) -> None:
    made = Bag(things=(Thing(), Thing(uses=("winkelfunctie",), panden=(PND(2),))), panden=(Pand(), Pand(PND(2), 2001)))
    rows, report = read(bagmaker.light(made, tmp_path / "a.gpkg"))
    assert [(row["gebruik"], row["pand_ids"]) for row in rows] == [("woonfunctie|winkelfunctie", [PND(1), PND(2)])]
    assert dict(report.counts)[Reason.DOUBLE] == 2  # the object and its number


def test_nothing_is_written_beside_the_input(tmp_path: Path) -> None:
    path = bagmaker.light(Bag(), tmp_path / "a.gpkg")
    with closing(sqlite3.connect(path)) as opened:
        assert opened.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
    before = path.read_bytes()
    read(path)
    assert [file.name for file in tmp_path.iterdir()] == ["a.gpkg"]
    assert path.read_bytes() == before


@pytest.mark.parametrize("table", sorted(bagmaker.TABLES))
def test_a_table_or_column_that_is_not_there_is_named(tmp_path: Path, table: str) -> None:
    path = bagmaker.light(Bag(), tmp_path / "a.gpkg")
    with closing(sqlite3.connect(path)) as opened:
        opened.execute(f'ALTER TABLE "{table}" RENAME COLUMN identificatie TO id')
        opened.commit()
    assert refusal(path).startswith(f"a.gpkg, tabel {table}: kolom identificatie ontbreekt")
    with closing(sqlite3.connect(path)) as opened:
        opened.execute(f'DROP TABLE "{table}"')
        opened.execute(f'CREATE VIEW "{table}" AS SELECT 1 AS identificatie')  # a query in the place of a table
        opened.commit()
    assert refusal(path).startswith(f"a.gpkg: tabel {table} ontbreekt")


def test_other_coordinates_are_refused(tmp_path: Path) -> None:
    path = bagmaker.light(Bag(), tmp_path / "a.gpkg")
    with closing(sqlite3.connect(path)) as opened:
        opened.execute("UPDATE gpkg_geometry_columns SET srs_id = 4326 WHERE table_name = 'verblijfsobject'")
        opened.commit()
    assert "niet in RD" in refusal(path)


@pytest.mark.parametrize("column", ["identificatie", "huisnummer", "bouwjaar", "geom"])
def test_values_that_do_not_fit_leave_no_traceback(tmp_path: Path, column: str) -> None:
    made = Bag(things=(Thing(), Thing("0457010000000004", NUM(4))), numbers=(Number(), Number(NUM(4), 4)))
    path = bagmaker.light(made, tmp_path / "a.gpkg")
    with closing(sqlite3.connect(path)) as opened:
        opened.execute(f"UPDATE verblijfsobject SET \"{column}\" = 'iets anders' WHERE rowid = 2")  # noqa: S608
        opened.commit()
    rows, report = read(path)
    assert len(rows) == (2 if column in {"bouwjaar", "geom"} else 1)
    if column == "geom":
        assert dict(report.counts)[Reason.NO_PLACE] == 1


def test_a_geopackage_that_is_open_elsewhere_is_refused(tmp_path: Path) -> None:
    path = bagmaker.light(Bag(), tmp_path / "a.gpkg")
    (tmp_path / "a.gpkg-wal").write_bytes(b"rows")
    assert refusal(path) == "a.gpkg: is open in een ander programma; sluit het daar en probeer het opnieuw"


def test_a_damaged_geopackage_gives_one_line_or_whole_rows(tmp_path: Path) -> None:
    content = bytearray(bagmaker.light(Bag(), tmp_path / "a.gpkg").read_bytes())
    for place in range(100, len(content), 4096):
        content[place : place + 300] = bytes(300)
    (tmp_path / "a.gpkg").write_bytes(content)
    assert refusal(tmp_path / "a.gpkg").startswith("a.gpkg")


# --- both forms agree -------------------------------------------------------------------------------------------------

letters = st.none() | st.sampled_from(string.ascii_letters)
suffixes = st.none() | st.text(string.ascii_letters + string.digits, min_size=1, max_size=4)


@st.composite
def bags(draw: st.DrawFn) -> Bag:
    """BAGs of a few objects; each has its own number, some share a street or a pand."""
    streets = [
        Street(
            f"045730000000000{place}", draw(st.sampled_from(("Singel", "'t Nauwe Steegje", "Bührmann & Zn"))), "3631"
        )
        for place in range(2)
    ]
    panden = [Pand(PND(place), draw(st.sampled_from((1500, 1921, 9999, 2020)))) for place in range(3)]
    things, numbers = [], []
    for place in range(draw(st.integers(1, 6))):
        issuer = draw(st.sampled_from(("0457", "0424")))
        kind = draw(st.sampled_from(("01", "02", "03")))
        number = f"{issuer}20{place:010d}"
        dwelling = kind == "01"
        things.append(
            Thing(
                f"{issuer}{kind}{place:010d}",
                number,
                easting=draw(st.integers(0, 280_000_000)) / 1000,
                northing=draw(st.integers(300_000_000, 620_000_000)) / 1000,
                uses=tuple(draw(st.lists(st.sampled_from(USES), min_size=1, max_size=3, unique=True))),
                area=draw(st.sampled_from((1, 2, 80, 999_998, 999_999))),
                panden=tuple(draw(st.lists(st.sampled_from([PND(0), PND(1), PND(2)]), unique=True)))
                if dwelling
                else (),
                status=draw(st.none() | st.just("Verblijfsobject ingetrokken")) if dwelling else None,
            )
        )
        numbers.append(
            Number(
                number,
                draw(st.integers(1, 99_999)),
                draw(letters),
                draw(suffixes),
                draw(st.none() | st.just("1381AB")),
                draw(st.sampled_from([each.id for each in streets])),
                draw(st.none() | st.just("1012")),
            )
        )
    things.append(Thing("0457010000000099", "0457200000000099"))
    numbers.append(Number("0457200000000099"))
    towns = (Town(), Town("1012", "Muiden", "0424"))
    return Bag(things, numbers, streets, towns, panden)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=bags())
def test_both_forms_give_the_same_addresses(made: Bag, tmp_path: Path) -> None:
    rows, _ = both(made, tmp_path)
    ids = [row["adresseerbaarobject_id"] for row in rows]
    assert ids == sorted(each.id for each in made.things if each.status is None)


# --- what is written --------------------------------------------------------------------------------------------------


def test_what_is_written_is_read_as_input(tmp_path: Path) -> None:
    made = Bag(
        things=(Thing(), Thing(LIG, NUM(2), panden=())), numbers=(Number(), Number(NUM(2), 14, kind="Ligplaats"))
    )
    table, report = bag.join(bag.read(bagmaker.extract(made, tmp_path / "a.zip")))
    base, contract = bag.write(table, tmp_path / "uit")
    assert sorted(file.name for file in (tmp_path / "uit").iterdir()) == ["adresbasis.parquet", "adressen.parquet"]
    assert pq.read_schema(base).equals(addressbase.SCHEMA)
    assert pq.read_table(contract).column_names == ["sleutel", "oost", "noord", "crs", "gebruik", "pand"]
    addresses, _ = read_addresses(tmp_path / "uit")
    assert addresses.keys.to_pylist() == [VBO, LIG]
    assert report.contract == len(addresses)


def test_the_same_objects_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    ids = range(1, 6)
    things = tuple(Thing(f"045701000000{place:04d}", f"045720000000{place:04d}") for place in ids)
    numbers = tuple(Number(f"045720000000{place:04d}", place) for place in ids)
    written = []
    for name, made in {"a": Bag(things, numbers), "b": Bag(things[::-1], numbers[::-1])}.items():
        table, _ = bag.join(bag.read(bagmaker.extract(made, tmp_path / f"{name}.zip")))
        written.append([file.read_bytes() for file in bag.write(table, tmp_path / name)])
    assert written[0] == written[1]


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
def test_only_the_owner_may_read_what_is_written(tmp_path: Path) -> None:
    table, _ = bag.join(bag.read(bagmaker.extract(Bag(), tmp_path / "a.zip")))
    assert [path.stat().st_mode & 0o777 for path in bag.write(table, tmp_path / "uit")] == [0o600, 0o600]


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    table, _ = bag.join(bag.read(bagmaker.extract(Bag(), tmp_path / "a.zip")))
    (tmp_path / "uit").write_text("een bestand")
    with pytest.raises(GeoanalyseError, match="kan niet worden geschreven"):
        bag.write(table, tmp_path / "uit")
    folder = tmp_path / "vol"
    (folder / "adressen.parquet").mkdir(parents=True)
    with pytest.raises(GeoanalyseError, match="kan niet worden geschreven"):
        bag.write(table, folder)
    assert [file.name for file in folder.iterdir()] == ["adressen.parquet"]


def test_nothing_of_an_address_stands_in_what_is_shown(tmp_path: Path) -> None:
    register = bag.read(bagmaker.extract(Bag(), tmp_path / "a.zip"))
    assert repr(register) == "Register(1 objects)"


def test_the_command_says_what_it_counted(tmp_path: Path) -> None:
    bagmaker.extract(Bag(), tmp_path / "a.zip")
    script = (
        "import sys; from geoanalyse.commands.bag import bag; from geoanalyse.errors import GeoanalyseError\n"
        "try: bag(sys.argv[1:])\nexcept GeoanalyseError as error: sys.exit(str(error))"
    )

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        call = [sys.executable, "-c", script, *map(str, arguments)]
        return subprocess.run(call, capture_output=True, text=True, encoding="utf-8", check=False)

    done = run("lees", tmp_path / "a.zip", "--uit", tmp_path / "uit", "--gemeente", "GM0457")
    assert done.returncode == 0, done.stderr
    assert "LV BAG-extract, stand van 15-10-2021: 1 adressen van 1 objecten" in done.stdout
    assert "onderdelen niet gelezen: Inactief, InOnderzoek en NietBag  3" in done.stdout
    wrong = run("lees", tmp_path / "geen.zip", "--uit", tmp_path / "uit")
    assert wrong.returncode == 1
    assert wrong.stderr.count("\n") == 1
    assert "gemeentecode van vier cijfers" in run("lees", "a", "--uit", "b", "--gemeente", "Weesp").stderr


# --- Weesp ------------------------------------------------------------------------------------------------------------


def weesp_bag(shared: Path) -> tuple[Bag, list[dict[str, str]]]:
    """Real addresses of Weesp as a BAG, and their rows in the file they come from."""
    with gzip.open(shared / "addresses" / "bag_weesp_adressen_20211015.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(io.StringIO(file.read())))
    streets = {name: f"04573{place:011d}" for place, name in enumerate(sorted({row["straat"] for row in rows}))}
    buildings = {row["pand_id"]: int(row["bouwjaar"]) for row in rows if row["pand_id"]}
    things = [
        Thing(
            row["adresseerbaarobject_id"],
            row["nummeraanduiding_id"],
            easting=float(row["x_rd"]),
            northing=float(row["y_rd"]),
            uses=tuple(row["gebruiksdoel"].split("|")) if row["gebruiksdoel"] else (),
            area=int(row["oppervlakte"] or 0),
            status=row["status"],
            panden=(row["pand_id"],) if row["pand_id"] else (),
            period=Period(begin=row["begin_geldigheid"]),
        )
        for row in rows
    ]
    early = Period(begin="1990-01-01")
    numbers = [
        Number(
            row["nummeraanduiding_id"],
            int(row["huisnummer"]),
            row["huisletter"] or None,
            row["toevoeging"] or None,
            row["postcode"] or None,
            streets[row["straat"]],
            period=early,
        )
        for row in rows
    ]
    made = Bag(
        things,
        numbers,
        [Street(number, name, period=early) for name, number in streets.items()],
        (Town(period=early),),
        [Pand(number, year) for number, year in buildings.items()],
    )
    return made, rows


def test_real_weesp_is_read_whole_from_both_forms(shared: Path, tmp_path: Path) -> None:
    made, source = weesp_bag(shared)
    full, told = bag.join(bag.read(bagmaker.extract(made, tmp_path / "BAGGEM0457L-15102021.zip")))
    short, _ = bag.join(bag.read(bagmaker.light(made, tmp_path / "bag-light.gpkg")))
    dates = ["geldig_van", "geldig_tot"]
    assert full.drop(dates).equals(short.drop(dates))
    counts = dict(told.counts)
    assert (told.addresses, told.objects, told.contract) == (12_030, 12_030, 12_030)
    assert (counts[Reason.BERTHS], counts[Reason.PITCHES]) == (167, 5)
    assert counts[Reason.OTHER_ISSUER] == sum(not row["adresseerbaarobject_id"].startswith("0457") for row in source)
    assert counts[Reason.NO_POSTCODE] == 107
    by_key = {row["sleutel"]: row for row in bag.contract(full).to_pylist()}
    for row, base in zip(sorted(source, key=lambda row: row["adresseerbaarobject_id"]), full.to_pylist(), strict=True):
        mine = by_key[row["adresseerbaarobject_id"]]
        assert base["objecttype"] == row["objecttype"]
        assert abs(mine["oost"] - float(row["x_rd"])) <= 0.001
        assert abs(mine["noord"] - float(row["y_rd"])) <= 0.001
        assert set(mine["gebruik"].split("|")) == set((row["gebruiksdoel"] or "woonfunctie").split("|"))
        assert mine["pand"] == (row["pand_id"] or row["adresseerbaarobject_id"])
        assert str(base["bouwjaar"] or "") == row["bouwjaar"]
        assert str(base["geldig_van"]) == row["begin_geldigheid"]
        texts = ("postcode", "huisletter", "toevoeging", "straat", "status")
        assert [base[name] or "" for name in texts] == [row[name] for name in texts]
    bag.write(full, tmp_path / "uit")
    addresses, _ = read_addresses(tmp_path / "uit")
    assert len(addresses) == 12_030


def test_schemas_hold_what_the_readers_make() -> None:
    empty = [objects.batch([], schema) for schema in (objects.OBJECTS, objects.NUMBERS, objects.BUILDINGS)]
    assert [len(each) for each in empty] == [0, 0, 0]
    assert isinstance(empty[0], pa.RecordBatch)
    assert set(light.COLUMNS) == set(bagmaker.TABLES)
    assert zipfile.is_zipfile(io.BytesIO(bagmaker.zipped({})))
