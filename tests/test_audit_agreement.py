"""One changed number in one file, its digest in the manifest adjusted, is found by another file that has it too."""

import dataclasses
import datetime as dt
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from geoanalyse.layer import Theme
from geoanalyse.products import factsheet
from geoanalyse.products.audit import audit
from geoanalyse.products.folder import write_release
from geoanalyse.release import Release
from tests.small import small_release
from tests.spoiled import column, in_manifest, in_map, in_package, in_part, in_pattern, in_text, signed

TODAY = dt.date(2026, 11, 23)
Plant = Callable[[Path], None]


@pytest.fixture(scope="module")
def release() -> Release:
    return small_release()


@pytest.fixture(scope="module")
def made(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_release(release, {}, tmp_path_factory.mktemp("uitgave")) / "deelbaar"


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "deelbaar"))


def faults(folder: Path, release: Release) -> tuple[str, ...]:
    return audit(folder, release.geography.regions, TODAY).faults


@pytest.mark.parametrize("profile", ["casustafel", "streng", "openbaar"])
def test_a_release_agrees_with_itself(profile: str, tmp_path: Path) -> None:
    release = small_release(profile, 7)
    found = audit(write_release(release, {}, tmp_path), release.geography.regions, TODAY)
    assert (found.faults, found.remarks) == ((), ())


def at(position: int, value: float) -> Callable[[np.ndarray], np.ndarray]:
    def change(values: np.ndarray) -> np.ndarray:
        values[position] = value
        return values

    return change


def plus(number: float) -> Callable[[np.ndarray], np.ndarray]:
    """Add to the first that is more than nothing."""

    def change(values: np.ndarray) -> np.ndarray:
        values[np.flatnonzero(values > 0)[0]] += number
        return values

    return change


def in_table(where: str, **values: object) -> Plant:
    """Change the first row of the published table that fits."""

    def spoil(folder: Path) -> None:
        path = folder / "zones.parquet"
        table = pq.read_table(path)
        row = int(table.drop_columns(["cells", "geometry"]).to_pandas().query(where).index[0])
        for name, value in values.items():
            column = table[name].to_pylist()
            column[row] = value(column[row]) if callable(value) else value
            index = table.schema.get_field_index(name)
            table = table.set_column(index, table.schema.field(name), pa.array(column, table.schema.field(name).type))
        pq.write_table(table, path, compression="zstd")

    return spoil


def in_series(header: dict, columns: list[np.ndarray]) -> None:
    series = header["series"]["fiu-signalen"]
    columns[series["values"]] = at(0, 95)(columns[series["values"]].copy())


def other_cells(header: dict, columns: list[np.ndarray]) -> None:
    """Draw a cell of the first zone with the second."""
    units = next(each for each in header["unit_sets"] if each["level"] == "zone" and each["base"] == "alle")
    of_cell = columns[units["of_cell"]].copy()
    of_cell[np.flatnonzero(of_cell == 0)[0]] = 1
    columns[units["of_cell"]] = of_cell


def other_run(header: dict, columns: list[np.ndarray]) -> None:
    runs = header["lattices"]["10"]["faces"][0]["runs"]
    columns[runs[1]] = columns[runs[1]] + 1


def entry(*path: str | int) -> Callable[[dict], dict]:
    def find(content: dict) -> dict:
        for step in path:
            content = content[step]
        return content

    return find


def put(value: object, *path: str | int) -> Callable[..., None]:
    """Put a value at a path in parsed JSON."""

    def change(content: dict, _: object = None) -> None:
        entry(*path[:-1])(content)[path[-1]] = value

    return change


NUMBERS: dict[str, tuple[Plant, str]] = {
    # zones.parquet
    "value in the table": (
        in_table("layer == 'domicilie' and level == 'buurt' and value > 0", value=lambda value: value + 3),
        "zones.parquet en kaart.html: 1 keer een ander getal",
    ),
    "addresses in the table": (
        in_table("layer == 'pandsluitingen' and level == 'res8'", addresses=lambda value: value + 1),
        "zones.parquet en kaart.html: 1 keer een ander aantal adressen",
    ),
    "status in the table": (
        in_table("layer == 'mma-meldingen' and level == 'res8'", status="waarde"),
        "zones.parquet en kaart.html: 1 keer een andere status",
    ),
    "series in the table": (
        in_table("layer == 'fiu-signalen' and level == 'gemeente' and atoms > 1", value=lambda value: value + 5),
        "kaart.html: 1 keer een ander getal in het verloop",
    ),
    "value of the gemeente": (
        in_table("layer == 'pandsluitingen' and level == 'gemeente'", value=lambda value: value + 10),
        "zones.parquet en testdam.gpkg: 1 keer een ander getal",
    ),
    # kaart.html
    "value on the map": (column("value", plus(5)), "zones.parquet en kaart.html: 1 keer een ander getal"),
    "addresses on the map": (column("addresses", plus(1)), "keer een ander aantal adressen"),
    "status on the map": (column("status", at(0, 2)), "1 keer een andere status"),
    "low on the map": (column("low", plus(1)), "kaart.html: 1 keer een marge die niet uit de tabel volgt"),
    "high on the map": (column("high", plus(-1)), "kaart.html: 1 keer een marge die niet uit de tabel volgt"),
    "margin of a total": (
        column("low", plus(3), level="wijk"),
        "kaart.html: 1 keer een marge die niet uit de tabel volgt",
    ),
    "margin in words": (column("low", plus(1)), "kaart.html en testdam.gpkg: 1 keer een ander aantal in woorden"),
    "class on the map": (column("class", at(0, 5)), "kaart.html en testdam.gpkg: 1 keer een andere klasse"),
    "hotspot on the map": (column("hotspot", at(0, 2)), "keer een andere hotspot"),
    "ratio on the map": (column("ratio", at(0, 9.0)), "1 keer een klasse die niet bij de verhouding hoort"),
    "ratio of a theme": (
        column("ratio", lambda values: values * 1.1, layer="thema:drugs"),
        "keer een andere verhouding",
    ),
    "a place less on the map": (column("status", at(0, 3)), "keer een andere status"),
    "series on the map": (in_map(in_series), "kaart.html: 1 keer een ander getal in het verloop"),
    "cells on the map": (in_map(other_cells), "kaart.html: tekent 2 zones met andere cellen"),
    "drawing on the map": (in_map(other_run), "kaart.html: tekent cellen op een andere plek"),
    "rate on the map": (
        in_map(lambda header, _: header["layers"][-1].update(rate=0.5)),
        "manifest.json: noemt een ander gemiddelde voor pandsluitingen",
    ),
    "signal on the map": (
        in_map(put("integraal", "signals", 0, "route")),
        "signaallijst.csv en kaart.html: 1 signalen met iets anders bij Route",
    ),
    "signal less on the map": (in_map(lambda header, _: header["signals"].pop()), "ander aantal signalen"),
    # the GeoPackage
    "value in the package": (
        in_package("UPDATE zones_alle SET fiu_signalen_waarde = fiu_signalen_waarde + 5 WHERE fid = 3"),
        "testdam.gpkg: 1 keer een ander getal",
    ),
    "words in the package": (
        in_package("UPDATE wijken SET fiu_signalen_tekst = '0 tot 9' WHERE fid = 1"),
        "kaart.html en testdam.gpkg: 1 keer een ander aantal in woorden",
    ),
    "words of the gemeente": (
        in_package("UPDATE gemeenten SET fiu_signalen_tekst = 'ongeveer 1.000 (998 tot 1.002)' WHERE fid = 1"),
        "testdam.gpkg: 1 keer een marge die niet uit de tabel volgt",
    ),
    "addresses in the package": (
        in_package("UPDATE buurten SET fiu_signalen_adressen = 12 WHERE fid = 1"),
        "testdam.gpkg: 1 keer een ander aantal adressen",
    ),
    "rate in the package": (
        in_package("UPDATE buurten SET fiu_signalen_per_1000 = fiu_signalen_per_1000 * 1.01 WHERE fid = 1"),
        "testdam.gpkg: 1 keer een ander aantal per 1.000",
    ),
    "class in the package": (
        in_package("UPDATE wijken SET thema_drugs_klasse = 0 WHERE fid = 1"),
        "kaart.html en testdam.gpkg: 1 keer een andere klasse",
    ),
    "hotspot in the package": (
        in_package("UPDATE zones_alle SET fiu_signalen_hotspot = 'coldspot' WHERE fid = 1"),
        "1 keer een andere hotspot",
    ),
    "ratio in the package": (
        in_package("UPDATE wijken SET thema_drugs_verhouding = 4.5 WHERE fid = 1"),
        "kaart.html en testdam.gpkg: 1 keer een andere verhouding",
    ),
    "status in the package": (
        in_package("UPDATE zones_alle SET fiu_signalen_status = 'cap' WHERE fid = 1"),
        "testdam.gpkg: 1 keer een andere status",
    ),
    "a row less in the package": (
        in_package("DELETE FROM zones_alle WHERE fid = 1"),
        "plekken ontbreken die in zones.parquet een getal hebben",
    ),
    "a layer less in the package": (
        in_package("DELETE FROM gpkg_contents WHERE table_name = 'zones_alle'"),
        "plekken ontbreken die in zones.parquet een getal hebben",
    ),
    "shapes in the package": (
        in_package(
            "CREATE TEMP TABLE ruil AS SELECT geom FROM wijken WHERE fid = 1",
            "UPDATE wijken SET geom = (SELECT geom FROM wijken WHERE fid = 2) WHERE fid = 1",
            "UPDATE wijken SET geom = (SELECT geom FROM ruil) WHERE fid = 2",
        ),
        "testdam.gpkg: 2 plekken liggen ergens anders dan in zones.parquet",
    ),
    # the lists
    "rank in the csv": (in_pattern("signaallijst.csv", r";(\d);(licht|matig|sterk)", r";7;\2"), "kolom Rang"),
    "value in the csv": (
        in_pattern("signaallijst.csv", r"ongeveer \d+ \(\d+ tot \d+\)", "ongeveer 35 (31 tot 39)"),
        "signaallijst.csv en kaart.html: 1 keer een ander aantal bij",
    ),
    "addresses in the csv": (
        in_pattern("signaallijst.csv", r"31-12-2024;\d+;", "31-12-2024;99;"),
        "signaallijst.csv en kaart.html: 1 keer een ander aantal bij Adressen",
    ),
    "place in the csv": (
        in_pattern("signaallijst.csv", r";8a[0-9a-f]{9}ffff;", ";8a1969528daffff;"),
        "signaallijst.csv en signaallijst.xlsx: 1 keer iets anders in kolom Plek",
    ),
    "row less in the csv": (in_pattern("signaallijst.csv", r"\r\n[^\r]*\r\n$", "\r\n"), "andere signalen"),
    "value in the workbook": (
        in_part("xl/sharedStrings.xml", "<t>ongeveer ", "<t>ongeveer 1"),
        "signaallijst.xlsx en kaart.html: ",
    ),
    # the manifest
    "rows in the manifest": (in_manifest(put(7, "tabel", "rijen")), "een ander aantal rijen dan zones.parquet heeft"),
    "rows per status": (
        in_manifest(put(70, "tabel", "rijen_per_status", "domicilie", "waarde")),
        "een ander aantal rijen dan zones.parquet heeft",
    ),
    "rate in the manifest": (in_manifest(put(0.5, "gemiddelden", "domicilie")), "ander gemiddelde voor domicilie"),
    "signals in the manifest": (in_manifest(put(99, "signalen", "drugs")), "ander aantal signalen dan de kaart"),
    "digest of the table": (
        in_table("layer == 'domicilie' and level == 'buurt' and value > 0", value=lambda value: value + 3),
        "manifest.json: hoort bij een andere tabel dan zones.parquet",
    ),
    "digest of the release": (in_manifest(put(5, "seed")), "het kenmerk volgt niet uit de tabel"),
    "what it is compared with": (
        in_manifest(put("0" * 64, "tabel", "vergeleken_met_sha256")),
        "het kenmerk volgt niet uit de tabel",
    ),
    "definition of a layer": (
        in_manifest(put("0" * 64, "lagen", 0, "definitie_sha256")),
        "het kenmerk volgt niet uit de tabel",
    ),
    "layer in the manifest": (in_manifest(put(4, "lagen", 0, "b")), "laag domicilie is anders beschreven"),
    "layers in the manifest": (in_manifest(put("x", "lagen", 0, "b")), "de lagen zijn niet beschreven"),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_changed_number_is_found(name: str, folder: Path, release: Release) -> None:
    plant, said = NUMBERS[name]
    plant(folder)
    signed(folder)
    found = faults(folder, release)
    assert any(said in fault for fault in found), found
    assert not any("is veranderd sinds" in fault for fault in found)


DIGEST = "0" * 64
MARKS: dict[str, tuple[Plant, str]] = {
    "period": (in_manifest(put("2023-01-01", "periode", "van")), "zones.parquet: noemt een ander(e) periode"),
    "reference date": (in_manifest(put("2025-02-01", "peildatum")), "zones.parquet: noemt een ander(e) peildatum"),
    "zones": (in_manifest(put("x", "bescherming", "zones_versie")), "zones.parquet: noemt een ander(e) zoneversie"),
    "key": (in_manifest(put("ffffffff", "bescherming", "sleutelmerk")), "noemt een ander(e) sleutelmerk"),
    "profile": (in_manifest(put("streng", "bescherming", "profiel")), "kaart.html: noemt een ander(e) profiel"),
    "layers": (in_manifest(lambda known: known["lagen"].pop()), "zones.parquet: noemt een ander(e) lagen"),
    "until": (
        in_manifest(put("2098-12-31", "grondslag", "bewaren_tot")),
        "kaart.html: noemt een ander(e) bewaartermijn",
    ),
    "classification": (in_manifest(put("Openbaar", "grondslag", "rubricering")), "noemt een ander(e) rubricering"),
    "caveat": (in_manifest(put("Let op.", "bescherming", "voorbehoud")), "kaart.html: noemt een ander(e) voorbehoud"),
    "k": (in_map(put(11, "k")), "kaart.html: noemt een ander(e) kleinste groep dan manifest.json"),
    "area of the map": (in_map(put("elders", "area")), "kaart.html: noemt een ander(e) gebied dan manifest.json"),
    "digest of the map": (in_map(put(DIGEST, "digest")), "kaart.html: noemt een ander kenmerk dan het manifest"),
    "demo of the map": (in_map(put("", "demo")), "kaart.html: noemt een ander(e) merkteken van de demo"),
    "digest of the account": (
        in_pattern("verantwoording.html", "[0-9a-f]{64}", DIGEST),
        "verantwoording.html: noemt een ander kenmerk dan het manifest",
    ),
    "period of the account": (
        in_text("verantwoording.html", "Januari 2024", "Januari 2023"),
        "verantwoording.html: noemt een ander(e) periode of peildatum",
    ),
    "until in the account": (
        in_text("verantwoording.html", "Bewaren tot en met 31 december 2099", "Bewaren tot en met 1 december 2099", 9),
        "verantwoording.html: noemt een ander(e) bewaartermijn",
    ),
    "profile of the account": (
        in_text("verantwoording.html", "casustafel: zones", "streng: zones"),
        "verantwoording.html: noemt een ander(e) profiel",
    ),
    "description of the package": (
        in_package("UPDATE gpkg_contents SET description = replace(description, 'profiel c', 'profiel x')"),
        "testdam.gpkg: noemt een ander(e) profiel",
    ),
    "digest of the package": (
        in_package("UPDATE gpkg_contents SET description = 'geen' WHERE table_name = 'wijken'"),
        "testdam.gpkg: noemt een ander(e) periode_van",
    ),
    "explanation of the workbook": (
        in_part("xl/sharedStrings.xml", "<t>0123abcd</t>", "<t>76543210</t>"),
        "signaallijst.xlsx: noemt een ander(e) sleutelmerk",
    ),
    "days of the csv": (
        in_text("signaallijst.csv", ";01-01-2024;", ";01-01-2023;", 1),
        "signaallijst.csv: noemt een ander(e) van dan manifest.json",
    ),
    "mark of a row in the csv": (
        in_pattern("signaallijst.csv", r";[0-9a-f]{12,14};", ";0123456789ab;"),
        "signaallijst.csv: noemt een ander(e) kenmerk van een rij",
    ),
    "an answer in the csv": (
        in_pattern("signaallijst.csv", r";\r\n(?!\Z)", ";gesloten\r\n"),
        "signaallijst.csv: is ingevuld: 1 keer iets in kolom Opmerking",
    ),
    "a column to fill in of the csv": (
        in_text("signaallijst.csv", ";Uitkomst;", ";Einde;", 1),
        "signaallijst.csv: mist de kolom Uitkomst om in te vullen",
    ),
    "classification of the csv": (
        in_text("signaallijst.csv", "Intern gebruik casustafel", "Openbaar", 1),
        "signaallijst.csv: noemt een ander(e) rubricering",
    ),
    "words of the map": (in_map(put("nul", "words", "no_data")), "kaart.html: heeft andere woorden of kleuren"),
    "signals in public": (in_map(put("openbaar", "profile")), "kaart.html: noemt signalen in een openbare uitgave"),
    "title of a layer": (
        in_map(lambda header, _: header["layers"][-1].update(title="Iets anders")),
        "manifest.json: beschrijft laag pandsluitingen anders dan de kaart",
    ),
    "weight of a layer": (
        in_map(lambda header, _: header["layers"][-1]["themes"].update(drugs=0.01)),
        "manifest.json: beschrijft laag pandsluitingen anders dan de kaart",
    ),
    "addresses from outside": (
        in_manifest(put(77, "gebied", "adressen_erbij")),
        "een ander aantal adressen van buiten het gebied",
    ),
    "name of a region": (
        in_map(lambda header, _: header["regions"][0].__setitem__(1, "Elders")),
        "een kaart met andere namen van gebieden",
    ),
    "name of a region in the package": (
        in_package("UPDATE zones_alle SET wijk = 'Elders' WHERE fid = 2"),
        "testdam.gpkg: 1 plekken met andere namen",
    ),
    "code of a region in the package": (
        in_package("UPDATE zones_alle SET gebiedscode = 'BU00000000' WHERE fid = 2"),
        "testdam.gpkg: 1 plekken met andere codes",
    ),
    "breaks of the map": (
        in_map(put([1.0, 1.2, 2.0, 3.0], "class_breaks")),
        "kaart.html: begint klassen bij andere waarden",
    ),
    "background of the manifest": (
        in_manifest(put("service.pdok.nl", "ondergrond")),
        "manifest.json: noemt een andere achtergrond dan de kaart",
    ),
    "promise of the map": (in_map(put([], "promise", "limits")), "kaart.html: heeft een andere belofte"),
    "promise of the manifest": (in_manifest(put([], "bescherming", "belofte")), "de belofte is niet die van"),
    "limits of the manifest": (in_manifest(put([], "bescherming", "grenzen")), "de grenzen van de belofte"),
    "attack of the manifest": (in_manifest(put({}, "bescherming", "aanval")), "de gemeten cijfers van de aanval"),
    "accuracy of the manifest": (in_manifest(put({}, "nauwkeurigheid")), "de gemeten nauwkeurigheid"),
    "least group": (in_manifest(put(2, "bescherming", "minste_panden")), "de kleinste groep is niet die van"),
}


@pytest.mark.parametrize("name", MARKS)
def test_another_release_is_found(name: str, folder: Path, release: Release) -> None:
    plant, said = MARKS[name]
    plant(folder)
    signed(folder)
    found = faults(folder, release)
    assert any(said in fault for fault in found), found


@pytest.mark.parametrize("name", ["factsheet-drugs.pdf", "verantwoording.html", "signaallijst.xlsx", "testdam.gpkg"])
def test_a_file_of_another_release_of_the_same_area_is_found(
    name: str, folder: Path, release: Release, other: Path
) -> None:
    shutil.copy(other / name, folder / name)
    signed(folder)
    assert f"{name}: noemt een ander kenmerk dan het manifest, of geen" in faults(folder, release)


def changed(release: Release, where: str, **values: object) -> Release:
    """Give a release that says something else of the first row of its statistics that fits."""
    table = release.statistics
    row = int(table.to_pandas().query(where).index[0])
    for name, value in values.items():
        cells = table[name].to_pylist()
        cells[row] = value(cells[row]) if callable(value) else value
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(name), pa.array(cells, table.schema.field(name).type))
    return dataclasses.replace(release, statistics=table)


def raised(value: int) -> int:
    return value + 5


FACTSHEETS: dict[str, tuple[Callable[[Release], Release], str]] = {
    "value": (
        lambda release: changed(
            release,
            "layer == 'fiu-signalen' and level == 'buurt' and status == 'waarde'",
            value=raised,
            low=raised,
            high=raised,
        ),
        "1 regels in de tabel van gebieden",
    ),
    "ratio": (
        lambda release: changed(release, "layer == 'thema:drugs' and level == 'buurt'", ratio=4.4),
        "regels in de tabel van gebieden",
    ),
    "class": (
        lambda release: changed(release, "layer == 'thema:drugs' and level == 'zone'", **{"class": 5}),
        "regels in de legenda",
    ),
    "hotspot": (
        lambda release: changed(
            release, "layer == 'thema:drugs' and level == 'zone' and hotspot == 'geen'", hotspot="hotspot"
        ),
        "regels in de legenda",
    ),
    "total": (
        lambda release: changed(
            release, "layer == 'pandsluitingen' and level == 'res8'", value=raised, low=raised, high=raised
        ),
        "1 regels in de kerncijfers",
    ),
    "rate": (
        lambda release: dataclasses.replace(release, rates=release.rates | {"pandsluitingen": 0.123}),
        "1 regels in de kerncijfers",
    ),
    "signal": (
        lambda release: dataclasses.replace(
            release,
            signals=(
                dataclasses.replace(
                    release.signals[0], advice=dataclasses.replace(release.signals[0].advice, route="integraal")
                ),
                *release.signals[1:],
            ),
        ),
        "1 regels in de signalen",
    ),
}


@pytest.mark.parametrize("name", FACTSHEETS)
def test_a_factsheet_with_another_number_is_found(name: str, folder: Path, release: Release) -> None:
    change, said = FACTSHEETS[name]
    changed = change(release)
    made = factsheet.content(changed, factsheet.subjects.of_theme(changed, Theme.DRUGS))
    (folder / "factsheet-drugs.pdf").write_bytes(factsheet.pdf(made))
    signed(folder)
    found = faults(folder, release)
    assert any(fault.startswith("factsheet-drugs.pdf: ") and said in fault for fault in found), found


@pytest.mark.parametrize(
    ("quantity", "value"), [("hotspots", 999), ("twee keer of hoger", 999), ("verhouding", 9.9), ("signalen", 999)]
)
def test_a_figure_behind_a_sentence_that_is_not_the_maps_is_found(
    folder: Path, release: Release, quantity: str, value: float
) -> None:
    def change(known: dict) -> None:
        listed = known["zinnen"]["factsheet-drugs"] + known["zinnen"]["factsheet-witwassen"]
        figures = [figure for sentence in listed for figure in sentence.get("cijfers", [])]
        own = [
            figure
            for figure in figures
            if figure["grootheid"] == quantity and figure["niveau" if quantity != "signalen" else "laag"]
        ]
        own[0]["waarde"] = value

    in_manifest(change)(folder)
    assert "manifest.json: 1 cijfers achter de zinnen zijn niet die van de kaart" in faults(folder, release)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_release(small_release(seed=6), {}, tmp_path_factory.mktemp("andere")) / "deelbaar"


def test_another_version_is_a_remark_and_its_own_figures_are_not_judged(folder: Path, release: Release) -> None:
    in_manifest(put("0.0.1", "product", "versie"))(folder)
    in_manifest(put({}, "bescherming", "aanval"))(folder)
    found = audit(folder, release.geography.regions, TODAY)
    assert found.faults == ()
    assert any("gemaakt met geoanalyse 0.0.1" in remark for remark in found.remarks)


def test_a_list_that_names_what_does_not_belong_is_found(folder: Path, release: Release) -> None:
    def change(known: dict) -> None:
        known["bestanden"]["extra.html"] = known["bestanden"].pop("kaart.html")

    in_manifest(change)(folder)
    (folder / "kaart.html").rename(folder / "extra.html")
    found = faults(folder, release)
    assert "extra.html: hoort niet in een uitgave; haal het weg" in found
    assert "kaart.html: ontbreekt, ook in manifest.json" in found


def test_a_length_that_is_not_right_is_found(folder: Path, release: Release) -> None:
    in_manifest(put(5, "bestanden", "kaart.html", "bytes"))(folder)
    assert "manifest.json: noemt een andere lengte van kaart.html" in faults(folder, release)


def test_files_without_a_manifest_are_compared_too(folder: Path, release: Release) -> None:
    (folder / "manifest.json").unlink()
    column("value", plus(5))(folder)
    found = faults(folder, release)
    assert any("manifest.json: ontbreekt" in fault for fault in found)
    assert any("zones.parquet en kaart.html: 1 keer een ander getal" in fault for fault in found)


def test_a_manifest_without_a_section_is_no_manifest(folder: Path, release: Release) -> None:
    known = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for section in ("tabel", "kenmerk", "grondslag"):
        spoiled = {name: each for name, each in known.items() if name != section}
        (folder / "manifest.json").write_text(json.dumps(spoiled), encoding="utf-8")
        assert any(fault.startswith("manifest.json: ") for fault in faults(folder, release)), section


def test_the_table_is_read_from_bytes_alone(made: Path) -> None:
    assert pq.read_table(io.BytesIO((made / "zones.parquet").read_bytes())).num_rows
