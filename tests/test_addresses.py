"""Every refusal of docs/invoer.md, and what comes through unharmed."""
# ruff: noqa: E501 - a message stands here whole, as an analyst reads it

import datetime as dt
import io
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pyogrio
import pytest
from hypothesis import HealthCheck, given, settings

from geoanalyse import addresses
from geoanalyse.addresses import ADDRESS_COLUMNS, USES, Addresses, check_folder, read_addresses, read_folder, use_bits
from geoanalyse.errors import InputError
from geoanalyse.layer import Base, read_layers, shipped_folder
from geoanalyse.tables import TEXTS, Kind

TODAY = dt.date(2026, 3, 1)
IN_FORMS = {  # tested in test_tables.py
    *(Kind.FOLDER_NAMED, Kind.OTHER_FORM, Kind.TOO_LARGE, Kind.MERGED, Kind.TOTAL, Kind.HIDDEN, Kind.ABOVE),
    *(Kind.COMPANION, Kind.NO_SYSTEM, Kind.OTHER_SYSTEM, Kind.METRES_AS_DEGREES, Kind.TURNED, Kind.NO_POINTS),
}
LAYERS = read_layers(shipped_folder(), ["fiu-signalen", "leegstand"])
ALLOWED = ", ".join(ADDRESS_COLUMNS)
GRONDSLAG = """soort = "handhavingsknelpunt"
besluit = "besluit 2026-01"
datum = 2026-01-15
reikwijdte = "gebied"
doel = "inzicht in ondermijning"
vraag = "waar stapelen signalen zich op"
opvolging = "gemeente"
rubricering = "intern"
geldig_tot = 2026-12-31
bewaren_tot = 2027-12-31
"""

Rows = list[list[str]]


def address_rows(count: int = 20) -> Rows:
    return [
        [f"a{i:06d}", f"12{i:04d},5", f"48{i:04d}", "EPSG:28992", "woonfunctie", f"p{i // 2:06d}"] for i in range(count)
    ]


def text(header: str, rows: Rows, delimiter: str = ";") -> str:
    return "\n".join([header, *(delimiter.join(row) for row in rows)]) + "\n"


def with_value(column: str, *values: str) -> bytes:
    """Address file with the first rows of one column replaced."""
    rows = address_rows()
    for row, value in zip(rows, values, strict=False):
        row[ADDRESS_COLUMNS.index(column)] = value
    return text(";".join(ADDRESS_COLUMNS), rows).encode()


def vacancies(*rows: str) -> bytes:
    return text("sleutel;datum", [row.split(";") for row in rows]).encode()


def write(folder: Path, **files: bytes | None) -> Path:
    """Write a good folder, with some files replaced, added or (None) left out."""
    whole: dict[str, bytes | None] = {
        "adressen.csv": text(";".join(ADDRESS_COLUMNS), address_rows()).encode(),
        "leegstand.csv": vacancies("a000000;2025-02-01", "a000003;17-03-2025"),
        "fiu-signalen.csv": b"sleutel;datum;aantal\na000001;01-02-2025;3\n",
        "grondslag.toml": GRONDSLAG.encode(),
    }
    folder.mkdir(exist_ok=True)
    for name, content in (whole | files).items():
        if content is not None:
            (folder / name).write_bytes(content)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


def faults(folder: Path, max_faults: float = 0.0) -> list[str]:
    before = contents(folder)
    _, found = check_folder(folder, LAYERS, today=TODAY, max_faults=max_faults)
    if found:
        with pytest.raises(InputError) as caught:
            read_folder(folder, LAYERS, today=TODAY, max_faults=max_faults)
        assert caught.value.faults == found
    assert contents(folder) == before  # nothing is written beside the input
    return list(found)


def workbook(rows: list[list[object]], change: Callable[[openpyxl.Workbook], object] = lambda _: None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    change(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def parquet(**columns: object) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


def parquet_addresses(**changes: object) -> bytes:
    table = dict(zip(ADDRESS_COLUMNS, map(list, zip(*address_rows(), strict=True)), strict=True))
    return parquet(**(table | changes))


def geopackage(path: Path, table: pa.Table, layer: str = "adressen") -> bytes:
    pyogrio.write_arrow(table, path, layer=layer, driver="GPKG", geometry_name=None)
    return path.read_bytes()


EMPTY_ROW = "vul elke rij"
BAG = [f"036301{i:010d}" for i in range(20)]
GOOD = with_value("sleutel")

# (name of the case, files, lines, values that may stand in no line)
REFUSALS: list[tuple[str, dict[str, bytes | None], list[str], list[str]]] = [
    (
        "no address file",
        {"adressen.csv": None, "leegstand.csv": None, "fiu-signalen.csv": None},
        [
            f"adressen: ontbreekt; maak het bestand met de kolommen {ALLOWED} (csv, parquet, gpkg, xlsx, ods, shp, geojson)"
        ],
        [],
    ),
    (
        "two files for one table",
        {"adressen.parquet": parquet_addresses()},
        ["adressen: staat er meer dan een keer (adressen.csv, adressen.parquet); houd één bestand over"],
        [],
    ),
    (
        "data file of no layer",
        {"klanten.csv": b"naam\nVerhoeven\n", "notities.txt": b"", "zones-1.parquet": b"", "~$leegstand.xlsx": b""},
        [
            "klanten.csv: hoort bij geen laag; verwijder het of geef het een van de namen adressen, fiu-signalen, leegstand"
        ],
        ["Verhoeven"],
    ),
    (
        "unlisted column",
        {"adressen.csv": GOOD.replace(b"\n", b";Jansen\n").replace(b"pand;Jansen", b"pand;achternaam")},
        [
            f"adressen.csv, kolom achternaam: staat niet in het contract en is niet gelezen (20 rijen); verwijder de kolom, toegestaan zijn {ALLOWED}"
        ],
        ["Jansen"],
    ),
    (
        "column without a name, or named by a value",
        {"leegstand.csv": b"sleutel;datum;;0612345678\na000000;2025-02-01;x;y\n"},
        [
            f"leegstand.csv, kolom nummer {place}: staat niet in het contract en is niet gelezen (1 rij); verwijder de kolom, toegestaan zijn sleutel, datum"
            for place in (3, 4)
        ],
        ["0612345678"],
    ),
    (
        "amount in a layer that counts addresses",
        {"leegstand.csv": b"sleutel;datum;aantal\na000000;2025-02-01;7\n"},
        [
            "leegstand.csv, kolom aantal: staat niet in het contract en is niet gelezen (1 rij); verwijder de kolom, toegestaan zijn sleutel, datum"
        ],
        [],
    ),
    (
        "missing column",
        {"fiu-signalen.csv": b"sleutel;datum\na000001;01-02-2025\n"},
        ["fiu-signalen.csv, kolom aantal: ontbreekt; voeg de kolom toe, de kolommen zijn sleutel, datum, aantal"],
        [],
    ),
    (
        "no zone, and a key in two",
        {
            "leegstand.csv": (
                b"sleutel;zone;datum\np1;8a1969cc2167fff;2025-02-01\np1;8a1969cc216ffff;2025-02-01\n"
                b"p2;Dam 1;2025-02-01\np3;8a1969cc2167fff;2025-02-01\n"
            )
        },
        [
            "leegstand.csv, kolom zone: 1 rij heeft geen zone; maak het bestand met `geoanalyse zones toepassen`",
            "leegstand.csv, kolom zone: 2 rijen hebben een sleutel die in twee zones voorkomt; geef elk adres een eigen sleutel",
        ],
        ["8a1969", "Dam 1"],
    ),
    (
        "repeated column",
        {"leegstand.csv": b"sleutel;datum;datum\na000000;2025-02-01;2025-02-01\n"},
        ["leegstand.csv, kolom datum: staat er 2 keer in; houd één kolom over"],
        [],
    ),
    (
        "no row of names",
        {"leegstand.csv": b"a000000;2025-02-01\n"},
        ["leegstand.csv: geen rij met kolomnamen uit het contract gevonden; begin met de kolomnamen sleutel, datum"],
        ["a000000", "2025-02-01"],
    ),
    (
        "empty file, and one with names only",
        {"leegstand.csv": b"", "fiu-signalen.csv": b"sleutel;datum;aantal\n"},
        [
            f"{name}: bevat geen rijen; vul het bestand, of laat het bestand van een laag zonder gegevens weg"
            for name in ("fiu-signalen.csv", "leegstand.csv")
        ],
        [],
    ),
    (
        "neither UTF-8 nor Windows-1252",
        {
            "leegstand.csv": "sleutel;datum\ncafé;2025-02-01\na000001;2025-02-01\n".encode("cp1252")
            + b"\x81;2025-02-01\n"
        },
        ["leegstand.csv: 2 rijen zijn geen UTF-8 en ook niet Windows-1252; sla het bestand op als 'CSV UTF-8'"],
        ["caf"],
    ),
    (
        "decimal comma between commas",
        {"adressen.csv": text(",".join(ADDRESS_COLUMNS), address_rows(), ",").encode(), "leegstand.csv": None}
        | {"fiu-signalen.csv": None},
        [
            "adressen.csv: 20 rijen hebben een ander aantal velden dan de kolomnamen; zet tekst met een scheidingsteken, en een getal met een komma in een bestand met komma's, tussen dubbele aanhalingstekens, sluit elk aanhalingsteken en haal scheidingstekens aan het eind van de rijen weg"
        ],
        [],
    ),
    (
        "quote that swallows a line",
        {"leegstand.csv": b'sleutel;datum\n"a000000;2025-02-01\na000001";2025-02-01\n'},
        [
            "leegstand.csv: 1 rij heeft een regeleinde tussen aanhalingstekens; haal het regeleinde weg en sluit elk aanhalingsteken",
            "leegstand.csv, kolom sleutel: 1 rij heeft een sleutel die niet in adressen staat; voeg het adres toe aan adressen of verwijder de rij",
        ],
        ["a000000"],
    ),
    (
        "not a number",
        {"adressen.csv": with_value("oost", "121000,5 m", "1.2e5", "120.000,5", "nan")},
        ["adressen.csv, kolom oost: 4 rijen zijn geen getal; schrijf meters in het RD-stelsel, bijvoorbeeld 127000,5"],
        ["121000", "1.2e5"],
    ),
    (
        "degrees",
        {"adressen.csv": GOOD.replace(b"120000,5;480000", b"4,95;52,31").replace(b"120001,5;480001", b"52.31;4.95")},
        [
            "adressen.csv, kolommen oost en noord: 2 rijen zijn lengte- en breedtegraden; reken om naar RD-meters (EPSG:28992)"
        ],
        ["52"],
    ),
    (
        "swapped",
        {"adressen.csv": GOOD.replace(b"120000,5;480000", b"480000;120000,5")},
        [
            "adressen.csv, kolommen oost en noord: 1 rij is verwisseld; oost ligt tussen -7000 en 300000, noord tussen 289000 en 629000"
        ],
        ["480000", "120000"],
    ),
    (
        "outside the Netherlands",
        {"adressen.csv": with_value("noord", "0", "900000", "480.001")},
        [
            "adressen.csv, kolommen oost en noord: 3 rijen liggen buiten Nederland; schrijf RD-meters (EPSG:28992) zonder punten voor duizendtallen"
        ],
        ["900000"],
    ),
    (
        "another reference system",
        {"adressen.csv": with_value("crs", "EPSG:4326", "RD")},
        [
            "adressen.csv, kolom crs: 2 rijen hebben een ander stelsel; reken de coördinaten om naar RD en schrijf EPSG:28992"
        ],
        ["4326"],
    ),
    (
        "unknown use",
        {"adressen.csv": with_value("gebruik", "wonen", "woonfunctie|", "woonfunctie,winkelfunctie")},
        [
            "adressen.csv, kolom gebruik: 3 rijen hebben een onbekend gebruiksdoel; schrijf de namen van de BAG, gescheiden door een verticale streep"
        ],
        ["wonen"],
    ),
    (
        "empty values",
        {
            "adressen.csv": with_value("pand", "", " ")
            .replace(b"a000004;", b";")
            .replace(b"480004", b"")
            .replace(b"480005;EPSG:28992;woonfunctie", b"480005;;")
        },
        [
            f"adressen.csv, kolom sleutel: 1 rij is leeg; {EMPTY_ROW}",
            f"adressen.csv, kolom noord: 1 rij is leeg; {EMPTY_ROW}",
            "adressen.csv, kolom crs: 1 rij is leeg; schrijf EPSG:28992",
            "adressen.csv, kolom gebruik: 1 rij is leeg; vul een gebruiksdoel van de BAG in, voor een woonboot of woonwagen woonfunctie",
            "adressen.csv, kolom pand: 2 rijen zijn leeg; vul het BAG-pandnummer in, en voor een lig- of standplaats de eigen sleutel",
        ],
        [],
    ),
    (
        "duplicate key",
        {"adressen.csv": with_value("sleutel", "a000001", "a000001", "a000001")},
        [
            "adressen.csv, kolom sleutel: 3 rijen hebben een sleutel die vaker voorkomt; geef elk adres één rij en een eigen sleutel",
            "leegstand.csv, kolom sleutel: 1 rij heeft een sleutel die niet in adressen staat; voeg het adres toe aan adressen of verwijder de rij",
        ],
        ["a000001"],
    ),
    (
        "lost leading zero",
        {
            "adressen.csv": with_value("sleutel", *BAG[:15], *(key[1:] for key in BAG[15:])),
            "leegstand.csv": vacancies(f"{BAG[0]};2025-02-01"),
            "fiu-signalen.csv": f"sleutel;datum;aantal\n{BAG[1][1:]};2025-02-01;1\n".encode(),
        },
        [
            f"{place}, kolom sleutel: {rows} een BAG-nummer van 15 cijfers, de voorloopnul is weg; sla de kolom op als tekst"
            for place, rows in (("adressen.csv", "5 rijen hebben"), ("fiu-signalen.csv", "1 rij heeft"))
        ],
        [key[1:] for key in BAG],
    ),
    (
        "BAG ids of a wrong length",
        {
            "adressen.csv": with_value("sleutel", *BAG[:18], BAG[18] + "1", "3,6301E+14"),
            "leegstand.csv": vacancies(f"{BAG[0]};2025-02-01"),
            "fiu-signalen.csv": None,
        },
        [
            "adressen.csv, kolom sleutel: 2 rijen hebben geen BAG-nummer van 16 cijfers, zoals de andere; vul het hele nummer in, met de kolom als tekst"
        ],
        ["E+14", BAG[18]],
    ),
    (
        "unknown key",
        {"leegstand.csv": vacancies("zzz;2025-02-01", "a000000;2025-02-01")},
        [
            "leegstand.csv, kolom sleutel: 1 rij heeft een sleutel die niet in adressen staat; voeg het adres toe aan adressen of verwijder de rij"
        ],
        ["zzz"],
    ),
    (
        "dates that are none, too early and to come",
        {
            "leegstand.csv": vacancies(
                *(f"a000000;{day}" for day in ("31-02-2025", "2025/02/01", "02-13-2025", "1-2-25", "45352")),
                "a000001;0001-01-01",
                "a000001;31-12-1899",
                "a000002;2026-03-02",
                "a000002;01-03-2026",
            )
        },
        [
            "leegstand.csv, kolom datum: 5 rijen zijn geen datum; schrijf dd-mm-jjjj of jjjj-mm-dd",
            "leegstand.csv, kolom datum: 2 rijen liggen vóór 1900; verbeter de datum of verwijder de rij",
            "leegstand.csv, kolom datum: 1 rij ligt in de toekomst; verbeter de datum of verwijder de rij",
        ],
        ["31-02-2025", "45352", "1899", "2026"],
    ),
    (
        "amounts",
        {
            "fiu-signalen.csv": b"sleutel;datum;aantal\n"
            + b"a000001;01-02-2025;%s\n" * 5 % (b"-1", b"2,5", b"veel", b"0", b"3.0")
        },
        ["fiu-signalen.csv, kolom aantal: 3 rijen zijn geen heel getal van 0 of meer; schrijf bijvoorbeeld 3"],
        ["veel", "2,5"],
    ),
    *(
        (
            f"damaged {name}",
            {"leegstand.csv": None, f"leegstand.{suffix}": content},
            [f"leegstand.{suffix}: is geen leesbaar {name}-bestand; sla het opnieuw op, zonder wachtwoord"],
            [],
        )
        for name, suffix, content in (
            ("Parquet", "parquet", parquet(sleutel=["a000000"], datum=["2025-02-01"])[:-20]),
            ("Excel", "xlsx", workbook([["sleutel", "datum"], ["a000000", "2025-02-01"]])[:-50]),
            ("Excel", "xlsx", b"\xd0\xcf\x11\xe0 with a password"),
            ("GeoPackage", "gpkg", b"SQLite format 3\0 and then nothing"),
            ("GeoPackage", "gpkg", b"<OGRVRTDataSource></OGRVRTDataSource>"),
        )
    ),
    (
        "types that are no text, number or date",
        {"leegstand.csv": None, "leegstand.parquet": parquet(sleutel=[["a000000"]], datum=[dt.time(1)])},
        [
            f"leegstand.parquet, kolom {name}: is geen tekst, getal of datum zonder tijdzone; zet de kolom om naar tekst"
            for name in ("sleutel", "datum")
        ],
        [],
    ),
    (
        "formulas",
        {"leegstand.csv": None, "leegstand.xlsx": workbook([["sleutel", "datum"], ["a000000", "=TODAY()"]])},
        ["leegstand.xlsx, kolom datum: 1 rij heeft een formule; plak de kolom als waarden"],
        ["TODAY"],
    ),
    (
        "two sheets",
        {
            "leegstand.csv": None,
            "leegstand.xlsx": workbook(
                [["sleutel", "datum"], ["a000000", "2025-02-01"]],
                lambda book: book.create_sheet("Jansen").append(["sleutel", "datum"]),
            ),
        },
        [
            "leegstand.xlsx: heeft 2 tabbladen of tabellen die bedoeld kunnen zijn; bewaar één tabel per bestand, of geef een van de tabbladen de naam van het bestand"
        ],
        ["Jansen"],
    ),
    (
        "merged names",
        {
            "leegstand.csv": None,
            "leegstand.xlsx": workbook(
                [["sleutel", None, "datum"], ["a000000", "x", "2025-02-01"]],
                lambda book: book.active.merge_cells("A1:B1"),
            ),
        },
        [
            "leegstand.xlsx, kolom nummer 2: staat niet in het contract en is niet gelezen (1 rij); verwijder de kolom, toegestaan zijn sleutel, datum"
        ],
        [],
    ),
    (
        "cells beside the table",
        {"leegstand.csv": None, "leegstand.xlsx": workbook([["sleutel", "datum"], ["a000000", "2025-02-01", "tip"]])},
        [
            "leegstand.xlsx: 1 rij heeft een ander aantal velden dan de kolomnamen; zet tekst met een scheidingsteken, en een getal met een komma in een bestand met komma's, tussen dubbele aanhalingstekens, sluit elk aanhalingsteken en haal scheidingstekens aan het eind van de rijen weg"
        ],
        ["tip"],
    ),
    (
        "BAG ids as numbers in a workbook",
        {
            "adressen.csv": with_value("sleutel", *BAG),
            "leegstand.csv": None,
            "leegstand.xlsx": workbook(
                [["sleutel", "datum"], [int(BAG[0]), dt.date(2025, 2, 1)], [3.63e15, "1-2-2025"]]
            ),
            "fiu-signalen.csv": None,
        },
        [
            "leegstand.xlsx, kolom sleutel: 1 rij heeft een BAG-nummer van 15 cijfers, de voorloopnul is weg; sla de kolom op als tekst",
            "leegstand.xlsx, kolom sleutel: 1 rij heeft geen BAG-nummer van 16 cijfers, zoals de andere; vul het hele nummer in, met de kolom als tekst",
        ],
        ["363"],
    ),
    *(
        (
            f"person data: {kind}",
            {"adressen.csv": with_value("pand", *values)},
            [
                f"adressen.csv, kolom pand: {rows} op persoonsgegevens ({kind}); verwijder ze of vervang ze door een pseudonieme sleutel met letters en cijfers"
            ],
            list(values),
        )
        for kind, rows, values in (
            ("e-mailadres", "1 rij lijkt", ["iemand@voorbeeld.nl"]),
            ("iban", "1 rij lijkt", ["NL91ABNA0417164300"]),
            ("bsn of rsin", "20 rijen lijken", ["111222333", "123456782"] * 10),
            ("telefoonnummer", "5 rijen lijken", ["06-12345678"] * 5),
            ("kenteken", "5 rijen lijken", ["12-AB-34"] * 5),
            ("adres", "1 rij lijkt", ["1102AB 12"]),
            ("adres", "1 rij lijkt", ["Bijlmerdreef 12"]),
            ("naam van een persoon", "3 rijen lijken", ["P. de Vries", "Jansen, A.B.", "Fatima el Amrani"]),
        )
    ),
    (
        "person data where a date should be",
        {"leegstand.csv": vacancies("a000000;2025-02-01", "a000001;iemand@voorbeeld.nl")},
        [
            "leegstand.csv, kolom datum: 1 rij lijkt op persoonsgegevens (e-mailadres); verwijder ze of vervang ze door een pseudonieme sleutel met letters en cijfers",
            "leegstand.csv, kolom datum: 1 rij is geen datum; schrijf dd-mm-jjjj of jjjj-mm-dd",
        ],
        ["voorbeeld"],
    ),
    (
        "no grondslag",
        {"grondslag.toml": None},
        [
            "grondslag.toml: ontbreekt; maak het bestand met soort, besluit, datum, reikwijdte, doel, vraag, opvolging, rubricering, geldig_tot, bewaren_tot"
        ],
        [],
    ),
    (
        "expired grondslag",
        {"grondslag.toml": GRONDSLAG.replace("2026-12-31", "2026-02-28").encode()},
        ["grondslag.toml, geldig_tot: het besluit is verlopen; vraag een nieuw besluit"],
        [],
    ),
    (
        "faults of several files together",
        {
            "adressen.csv": with_value("oost", "hier"),
            "leegstand.csv": vacancies("a000000;ooit"),
            "grondslag.toml": GRONDSLAG.replace('"gebied"', '"personen"').encode(),
            "kvk.parquet": b"",
        },
        [
            "adressen.csv, kolom oost: 1 rij is geen getal; schrijf meters in het RD-stelsel, bijvoorbeeld 127000,5",
            "kvk.parquet: hoort bij geen laag; verwijder het of geef het een van de namen adressen, fiu-signalen, leegstand",
            "leegstand.csv, kolom datum: 1 rij is geen datum; schrijf dd-mm-jjjj of jjjj-mm-dd",
            "grondslag.toml, reikwijdte: een analyse over personen mag niet; het besluit moet over een gebied of een branche gaan",
        ],
        ["hier", "ooit"],
    ),
]


@pytest.mark.parametrize(
    ("files", "lines", "values"), [case[1:] for case in REFUSALS], ids=[case[0] for case in REFUSALS]
)
def test_each_refusal_is_one_line_without_a_value(
    tmp_path: Path, files: dict[str, bytes | None], lines: list[str], values: list[str]
) -> None:
    found = faults(write(tmp_path / "in", **files))
    assert found == lines
    for line in found:
        assert "\n" not in line
        message = line.partition(": ")[2]
        assert not [value for value in values if value in message.replace("28992", "").replace("-7000 en 300000", "")]


def test_the_table_above_and_the_manual_have_every_kind() -> None:
    manual = (Path(__file__).parents[1] / "docs" / "invoer.md").read_text(encoding="utf-8")
    for kind, line in TEXTS.items():
        remedy = line.rpartition("; ")[2].partition("{")[0].strip()
        assert remedy in manual, kind
    tested = " ".join(" ".join(case[2]) for case in REFUSALS)
    elsewhere = {Kind.FOLDER, Kind.CLOSED, Kind.TOO_MANY, Kind.REFUSED_KEY, *IN_FORMS}
    missing = {kind for kind, line in TEXTS.items() if line.rpartition("; ")[2].partition("{")[0].strip() not in tested}
    assert missing <= elsewhere


def test_a_good_folder_comes_through_sorted_and_whole(tmp_path: Path) -> None:
    folder = write(tmp_path / "in")
    base, events, grondslag, report = read_folder(folder, LAYERS, today=TODAY)
    assert base.keys.to_pylist() == [f"a{i:06d}" for i in range(20)]
    assert base.easting.tolist() == [120000.5 + i for i in range(20)]
    assert base.northing[3] == 480003
    assert base.building.tolist() == [i // 2 for i in range(20)]
    assert events["leegstand"].day.astype(str).tolist() == ["2025-02-01", "2025-03-17"]
    assert events["leegstand"].address.tolist() == [0, 3]
    assert events["leegstand"].amount.tolist() == [1, 1]
    assert events["fiu-signalen"].amount.tolist() == [3]
    assert grondslag.follow_up == "gemeente"
    assert [(file.file, file.format, file.rows, file.rows_rejected) for file in report.files] == [
        ("adressen.csv", "csv", 20, 0),
        ("fiu-signalen.csv", "csv", 1, 0),
        ("leegstand.csv", "csv", 2, 0),
    ]
    assert all(len(file.digest) == 64 for file in report.files)


def test_the_order_of_the_rows_is_forgotten(tmp_path: Path) -> None:
    rows = address_rows()
    turned = text(";".join(ADDRESS_COLUMNS), rows[::-1]).encode()
    first, _ = read_addresses(write(tmp_path / "a"))
    second, _ = read_addresses(write(tmp_path / "b", **{"adressen.csv": turned}))
    assert first.keys.equals(second.keys)
    for name in ("easting", "northing", "uses", "building"):
        assert np.array_equal(getattr(first, name), getattr(second, name))


def test_nothing_shows_a_row(tmp_path: Path) -> None:
    base, events, _, _ = read_folder(write(tmp_path / "in"), LAYERS, today=TODAY)
    assert repr(base) == "Addresses(20 rows)"
    assert repr(events["leegstand"]) == "Events(2 rows)"


def test_a_layer_without_a_file_is_absent_not_zero(tmp_path: Path) -> None:
    _, events, _, report = read_folder(write(tmp_path / "in", **{"leegstand.csv": None}), LAYERS, today=TODAY)
    assert set(events) == {"fiu-signalen"}
    assert report.absent == ("leegstand",)


def test_a_layer_that_was_not_asked_for_is_not_opened(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", **{"leegstand.csv": b"onzin"})
    asked = [layer for layer in LAYERS if layer.id == "fiu-signalen"]
    with pytest.raises(InputError, match="hoort bij geen laag"):
        read_folder(folder, asked, today=TODAY)
    _, events, _, report = read_folder(folder, asked, today=TODAY, unread=["leegstand"])
    assert set(events) == {"fiu-signalen"}
    assert report.absent == ()


def test_one_folder_in_four_formats_reads_the_same(tmp_path: Path) -> None:
    names = dict.fromkeys(("adressen.csv", "leegstand.csv", "fiu-signalen.csv"))
    rows = address_rows()
    plain = [[key, float(east.replace(",", ".")), int(north), *rest] for key, east, north, *rest in rows]
    table = pa.table(dict(zip(ADDRESS_COLUMNS, map(list, zip(*plain, strict=True)), strict=True)))
    fiu = pa.table({"sleutel": ["a000001"], "datum": [dt.date(2025, 2, 1)], "aantal": [3]})
    vacancy = pa.table({"sleutel": ["a000000", "a000003"], "datum": [dt.date(2025, 2, 1), dt.date(2025, 3, 17)]})
    timed = vacancy.set_column(1, "datum", vacancy["datum"].cast(pa.timestamp("ms")))
    coded = timed.set_column(0, "sleutel", timed["sleutel"].dictionary_encode())
    stream = io.BytesIO()
    pq.write_table(table, stream)
    folders = [
        write(tmp_path / "csv"),
        write(
            tmp_path / "parquet",
            **names,
            **{"adressen.parquet": stream.getvalue(), "fiu-signalen.parquet": parquet(**fiu.to_pydict())},
            **{"leegstand.parquet": parquet(**{name: coded[name] for name in coded.column_names})},
        ),
        write(
            tmp_path / "gpkg",
            **names,
            **{"adressen.gpkg": geopackage(tmp_path / "1.gpkg", table)},
            **{"fiu-signalen.gpkg": geopackage(tmp_path / "2.gpkg", fiu)},
            **{"leegstand.gpkg": geopackage(tmp_path / "3.gpkg", timed)},
        ),
        write(
            tmp_path / "xlsx",
            **names,
            **{"adressen.xlsx": workbook([list(ADDRESS_COLUMNS), *plain])},
            **{"fiu-signalen.XLSX": workbook([["sleutel", "datum", "aantal"], ["a000001", dt.date(2025, 2, 1), 3]])},
            **{
                "leegstand.xlsx": workbook(
                    [
                        ["sleutel", "datum"],
                        ["a000000", "1-2-2025"],
                        ["a000003", dt.datetime.combine(dt.date(2025, 3, 17), dt.time(9))],
                        [None, None],
                    ]
                )
            },
        ),
    ]
    expected, *others = [read_folder(folder, LAYERS, today=TODAY)[:2] for folder in folders]
    for base, events in others:
        assert base.keys.equals(expected[0].keys)
        for name in ("easting", "northing", "uses", "building"):
            assert np.array_equal(getattr(base, name), getattr(expected[0], name))
        for layer, rows_read in expected[1].items():
            for name in ("address", "day", "amount"):
                assert np.array_equal(getattr(events[layer], name), getattr(rows_read, name))


def test_csv_may_have_a_mark_commas_quotes_windows_lines_and_blank_rows(tmp_path: Path) -> None:
    rows = [[row[0], f'"{row[1]}"', *row[2:]] for row in address_rows()]
    data = (
        b"\xef\xbb\xbf" + text(", ".join(ADDRESS_COLUMNS), rows, ",").replace("\n", "\r\n").encode() + b",,,,,\r\n\r\n"
    )
    base, report = read_addresses(write(tmp_path / "in", **{"adressen.csv": data}))
    assert base.easting.tolist() == [120000.5 + i for i in range(20)]
    assert report.files[0].rows == 20


def test_whole_numbers_as_keys_match_text(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "in",
        **{
            "adressen.csv": None,
            "adressen.parquet": parquet_addresses(sleutel=[float(i) for i in range(20)]),
            "leegstand.csv": vacancies("7;2025-02-01"),
            "fiu-signalen.csv": None,
        },
    )
    base, events, _, _ = read_folder(folder, LAYERS, today=TODAY)
    assert base.keys[int(events["leegstand"].address[0])].as_py() == "7"


def test_a_geometry_column_is_not_read(tmp_path: Path) -> None:
    import geopandas  # noqa: PLC0415 - only here
    from shapely import Point  # noqa: PLC0415

    columns = list(zip(*address_rows(), strict=True))
    frame = geopandas.GeoDataFrame(
        dict(zip(ADDRESS_COLUMNS, columns, strict=True)), geometry=[Point(0, 0)] * 20, crs="EPSG:28992"
    )
    frame.to_file(tmp_path / "adressen.gpkg")
    base, _ = read_addresses(tmp_path)
    assert base.easting.min() == 120000.5


def test_a_stated_share_of_rows_is_dropped_and_reported(tmp_path: Path) -> None:
    rows = address_rows(200)
    rows[0][1] = rows[0][4] = "fout"
    rows[1][3] = "EPSG:4326"
    data = text(";".join(ADDRESS_COLUMNS), rows).encode()
    events = vacancies(*(f"a{i:06d};2025-02-01" for i in range(100)), *("a000150;2025-02-01" for _ in range(100)))
    folder = write(tmp_path / "in", **{"adressen.csv": data, "leegstand.csv": events, "fiu-signalen.csv": None})
    assert len(faults(folder)) == 3
    base, read, _, report = read_folder(folder, LAYERS, today=TODAY, max_faults=0.01)
    assert len(base) == 198
    assert len(read["leegstand"]) == 198
    address, layer = report.files
    assert (address.rows, address.rows_rejected) == (200, 2)
    assert address.rejected == (
        ("geen getal", "oost", 1),
        ("ander stelsel", "crs", 1),
        ("gebruiksdoel onbekend", "gebruik", 1),
    )
    assert layer.rejected == (("adres afgekeurd", "sleutel", 2),)
    assert faults(folder, 0.009)[-2:] == [
        "adressen.csv, kolom gebruik: 1 rij heeft een onbekend gebruiksdoel; schrijf de namen van de BAG, gescheiden door een verticale streep",
        "adressen.csv: 2 rijen zijn afgekeurd, meer dan het toegestane deel (0,9 %); verbeter de rijen hierboven",
    ]


def test_rows_of_rejected_addresses_count_against_the_share_of_their_layer(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", **{"adressen.csv": with_value("oost", "fout")})
    assert faults(folder, 0.1) == [
        "leegstand.csv, kolom sleutel: 1 rij hoort bij een afgekeurd adres; verbeter de rij in adressen",
        "leegstand.csv: 1 rij is afgekeurd, meer dan het toegestane deel (10 %); verbeter de rijen hierboven",
    ]


@pytest.mark.parametrize(
    "files",
    [
        {"adressen.csv": with_value("pand", "iemand@voorbeeld.nl")},
        {"leegstand.csv": b"sleutel;datum;naam\na000000;2025-02-01;x\n"},
        {"leegstand.csv": b"sleutel;datum\na000000;2025-02-01;x\n" + b"a000000;2025-02-01\n" * 99},
        {"leegstand.csv": b""},
    ],
    ids=["person data", "unlisted column", "ragged", "empty"],
)
def test_no_share_excuses_person_data_or_a_broken_form(tmp_path: Path, files: dict[str, bytes]) -> None:
    folder = write(tmp_path / "in", **files)
    assert faults(folder, 0.99) == faults(folder) != []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    folder = tmp_path / "weg"
    assert faults(folder) == [f"{folder}: is geen leesbare map; geef de map met adressen, lagen en grondslag.toml"]


def test_a_file_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path / "in")

    def refuse(path: Path, *_: object, **__: object) -> object:
        raise PermissionError(path)

    monkeypatch.setattr(Path, "open", refuse)  # root reads everything, so the system's refusal is played
    with pytest.raises(InputError, match=r"^adressen\.csv: kan niet worden geopend; sluit het in andere programma's"):
        read_addresses(folder)


def test_the_address_base_alone_needs_no_grondslag_and_no_layers(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", **{"grondslag.toml": None, "leegstand.csv": b"onzin"})
    base, report = read_addresses(folder)
    assert len(base) == 20
    assert [file.file for file in report.files] == ["adressen.csv"]


def test_eligible_addresses_follow_the_bag_use() -> None:
    uses = use_bits([*USES, "woonfunctie|winkelfunctie"])
    base = Addresses(pa.array([str(i) for i in range(12)]), np.zeros(12), np.zeros(12), uses, np.arange(12))
    assert base.eligible(Base.ALL).all()
    assert np.flatnonzero(base.eligible(Base.HOMES)).tolist() == [0, 11]
    assert np.flatnonzero(~base.eligible(Base.PREMISES)).tolist() == [0]
    assert np.flatnonzero(base.eligible(Base.HOSPITALITY)).tolist() == [1, 6]


@given(day=st.dates(dt.date(1900, 1, 1), TODAY), style=st.sampled_from(["%Y-%m-%d", "%d-%m-%Y", "%Y-%m-%dT%H:%M:%S"]))
def test_a_date_survives_every_spelling(day: dt.date, style: str) -> None:
    days, misfit = addresses._days(pa.array([dt.datetime.combine(day, dt.time(23, 59)).strftime(style), None]))
    assert days[0] == np.datetime64(day)
    assert np.isnat(days[1])
    assert not misfit.any()


@given(
    metres=st.decimals(-7000, 629000, places=3),
    sign=st.sampled_from([".", ","]),
    plus=st.booleans(),
)
def test_a_number_survives_decimal_comma_and_point(metres: object, sign: str, plus: bool) -> None:  # noqa: FBT001
    spelled = f"{metres:.3f}"
    spelled = f"+{spelled}" if plus and not spelled.startswith("-") else spelled
    values, misfit = addresses._numbers(pa.array([spelled.replace(".", sign)]))
    assert values[0] == float(spelled)
    assert not misfit[0]


@given(st.text(max_size=12))
def test_any_text_is_a_day_or_a_misfit(junk: str) -> None:
    days, misfit = addresses._days(pa.array([junk]))
    assert misfit[0] == np.isnat(days[0])


@given(uses=st.sets(st.sampled_from(USES), min_size=1))
def test_uses_survive_their_spelling(uses: set[str]) -> None:
    bits = use_bits([" | ".join(sorted(uses))])[0]
    assert {use for place, use in enumerate(USES) if bits >> place & 1} == uses


def whole(suffix: str, path: Path) -> bytes:
    table = pa.table({"sleutel": [f"a{i:06d}" for i in range(20)], "datum": ["2025-02-01"] * 20})
    if suffix == "csv":
        stream = io.BytesIO()
        pa_csv.write_csv(table, stream)
        return stream.getvalue()
    if suffix == "parquet":
        return parquet(**table.to_pydict())
    if suffix == "gpkg":
        return geopackage(path, table, "leegstand")
    return workbook([["sleutel", "datum"], *map(list, zip(*table.to_pydict().values(), strict=True))])


def damage(data: bytes, random: np.random.Generator) -> bytes:
    """Cut the end off, or overwrite eight bytes."""
    start = int(random.integers(1, len(data) - 8))
    return data[:start] if random.random() < 0.5 else data[:start] + random.bytes(8) + data[start + 8 :]


def damage_part(data: bytes, random: np.random.Generator) -> bytes:
    """Damage one part of a workbook and close the archive again, so that its checksums are right."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as book, zipfile.ZipFile(stream, "w") as other:
        chosen = book.namelist()[int(random.integers(len(book.namelist())))]
        for part in book.namelist():
            other.writestr(part, damage(book.read(part), random) if part == chosen else book.read(part))
    return stream.getvalue()


@pytest.mark.parametrize("suffix", ["csv", "parquet", "gpkg", "xlsx"])
def test_no_damage_gives_a_traceback(tmp_path: Path, suffix: str) -> None:
    """Truncated and overwritten files are read or refused, never anything else."""
    good = whole(suffix, tmp_path / "whole.gpkg")
    random = np.random.default_rng(4)
    folder = write(tmp_path / "in", **{"leegstand.csv": None})
    for attempt in range(40):
        harm = damage_part if suffix == "xlsx" and attempt % 4 else damage
        (folder / f"leegstand.{suffix}").write_bytes(harm(good, random))
        assert all(line.startswith(f"leegstand.{suffix}") for line in faults(folder))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(data=st.binary(max_size=200), suffix=st.sampled_from(["csv", "parquet", "gpkg", "xlsx"]))
def test_no_bytes_give_a_traceback(tmp_path: Path, data: bytes, suffix: str) -> None:
    folder = tmp_path / "in"
    shutil.rmtree(folder, ignore_errors=True)
    write(folder, **{"leegstand.csv": None, f"leegstand.{suffix}": data})
    assert all(line.startswith(f"leegstand.{suffix}") for line in faults(folder))
