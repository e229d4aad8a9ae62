"""The public schemas say what the readers take and the writers make: real files fit, planted faults do not."""

import copy
import csv
import dataclasses
import datetime as dt
import io
import itertools
import json
import sqlite3
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from geoanalyse import cli, schemas
from geoanalyse.commands.schemas import schema as command
from geoanalyse.dressing import BACKGROUNDS, Dressing
from geoanalyse.errors import InputError
from geoanalyse.levels import Flag
from geoanalyse.levels import text as levels_text
from geoanalyse.products import gis, signaallijst, verantwoording
from geoanalyse.products.folder import write_release
from geoanalyse.release import Release
from geoanalyse.theme import Theme as Colours
from tests.small import small_release

ROOT = Path(__file__).parents[1]
NAMES = (*schemas.INPUTS, *schemas.OUTPUTS)
Plant = Callable[[Any], object]


def faults(name: str, value: object) -> list[str]:
    """Where a value does not fit, and what is wrong with it there."""
    validator = jsonschema.Draft202012Validator(schemas.schema(name), format_checker=jsonschema.FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(schemas.as_json(value))]


def toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def release() -> Release:
    return small_release()


@pytest.fixture(scope="module")
def made(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_release(release, {}, tmp_path_factory.mktemp("uitgave")) / "deelbaar"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "invoer"
    with pytest.raises(SystemExit) as left:
        cli.main(["demo", "--uit", str(folder)])
    assert left.value.code == 0
    return folder


# --- the documents ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_document_is_what_the_code_says_now(name: str) -> None:
    path = ROOT / "docs" / "schemas" / f"{name}.json"
    assert path.read_text(encoding="utf-8") == schemas.text(name), f"geoanalyse schema {name} > {path}"


def test_there_is_no_other_document() -> None:
    assert {path.stem for path in (ROOT / "docs" / "schemas").iterdir()} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_a_schema_with_a_name_and_words_for_people(name: str) -> None:
    document = schemas.schema(name)
    jsonschema.Draft202012Validator.check_schema(document)
    assert document["$id"] == f"urn:geoanalyse:schema:{name}"
    assert document["title"]
    assert document["description"]
    assert "urn:" not in schemas.text(name).replace(document["$id"], ""), "a schema stands on its own"


@pytest.mark.parametrize("name", NAMES)
def test_every_object_says_what_else_it_may_hold(name: str) -> None:
    def objects(shape: object) -> Iterator[dict[str, Any]]:
        if isinstance(shape, dict):
            if "properties" in shape and shape.get("type") in ("object", ["object", "null"]):
                yield shape
            for each in shape.values():
                yield from objects(each)
        elif isinstance(shape, list):
            for each in shape:
                yield from objects(each)

    if name != "gebied":  # GeoJSON allows more, and nothing of it is read
        assert all("additionalProperties" in each for each in objects(schemas.schema(name)))


def test_the_command_lists_and_prints_them() -> None:
    listed = CliRunner().invoke(command, [])
    assert listed.exit_code == 0
    assert [line.split()[0] for line in listed.output.splitlines() if line.startswith("  ")] == list(NAMES)
    shown = CliRunner().invoke(command, ["adressen"])
    assert json.loads(shown.output) == schemas.schema("adressen")
    with pytest.raises(InputError, match="schema 'adres' bestaat niet; kies uit adressen, laagrijen"):
        CliRunner().invoke(command, ["adres"], catch_exceptions=False, standalone_mode=False)


# --- what is handed in ------------------------------------------------------------------------------------------------

LAYER_FILES = [*sorted((ROOT / "layers").glob("*.toml")), *sorted((ROOT / "examples").glob("*/lagen/*.toml"))]
OTHER_FILES = [
    *(("grondslag", path) for path in sorted((ROOT / "examples").glob("*/grondslag.toml"))),
    *(("casus", path) for path in sorted((ROOT / "examples").glob("casus/*.toml"))),
    ("gebieden", ROOT / "geoanalyse/data/areas.toml"),
    ("modi", ROOT / "geoanalyse/data/modi.toml"),
    ("routes", ROOT / "geoanalyse/data/routes.toml"),
]


@pytest.mark.parametrize("path", LAYER_FILES, ids=lambda path: path.stem)
def test_every_layer_file_fits(path: Path) -> None:
    assert faults("laag", toml(path)) == []


@pytest.mark.parametrize(("name", "path"), OTHER_FILES, ids=lambda each: each if isinstance(each, str) else each.stem)
def test_every_other_file_that_comes_along_fits(name: str, path: Path) -> None:
    assert faults(name, toml(path)) == []


def test_the_folder_of_the_demo_fits(demo: Path) -> None:
    assert faults("grondslag", toml(demo / "grondslag.toml")) == []
    tables = sorted(demo.glob("*.csv")) + sorted(demo.glob("*.parquet"))
    assert len(tables) == 7
    for path in tables:
        name = "adressen" if path.stem == "adressen" else "laagrijen"
        rows = list(itertools.islice(typed_rows(path), 400))
        assert len(rows) > 100, path.name
        assert [fault for row in rows for fault in faults(name, row)] == [], path.name


def typed_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a table of input, with numbers and days as such."""
    if path.suffix == ".parquet":
        yield from pq.read_table(path).slice(0, 1000).to_pylist()
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            yield {key: typed(key, value) for key, value in row.items()}


def typed(column: str, value: str) -> object:
    if column in ("oost", "noord"):
        return float(value.replace(",", "."))
    if column == "aantal":
        return int(value)
    if column == "datum" and value[2:3] == "-":
        return "-".join(reversed(value.split("-")))
    return value


def test_levels_that_are_written_fit() -> None:
    flag = Flag("buurt", dt.date(2026, 1, 1), dt.date(2027, 1, 1), "", "a1", "directie")
    for written in ({}, {"leegstand": flag}, {"leegstand": dataclasses.replace(flag, advised="wijk", authority="")}):
        assert faults("niveaus", tomllib.loads(levels_text(written))) == []


def test_an_area_drawn_in_qgis_fits() -> None:
    ring = [[4.9, 52.3], [5.0, 52.3], [5.0, 52.4], [4.9, 52.3]]
    feature = {"type": "Feature", "properties": {"naam": "x"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    assert faults("gebied", {"type": "FeatureCollection", "name": "gebied", "features": [feature]}) == []
    point = feature | {"geometry": {"type": "Point", "coordinates": [4.9, 52.3]}}
    assert faults("gebied", {"type": "FeatureCollection", "features": [point]})


def test_colours_and_surroundings_fit() -> None:
    colours = {"klassen": ["#000000"] * 6, "hotspot": "#b2182b", "coldspot": "#2166ac"}
    assert faults("thema", {"kaart": colours, "pagina": {"nadruk": "#123456"}}) == []
    texts = dict.fromkeys(("titel", "omschrijving", "tekst", "bron", "licentie"), "tekst")
    quay = texts | {
        "soort": "afstand",
        "peildatum": "2026-01-01",
        "openbaar": True,
        "grenzen": [100, 250],
        "bestand": "kades.gpkg",
    }
    assert faults("omgeving", quay) == []
    assert faults("omgeving", quay | {"straal": 500}), "belongs to another kind"
    assert faults("omgeving", quay | {"soort": "verandering"}), "needs two files"


# --- what is made -----------------------------------------------------------------------------------------------------


def test_every_row_of_the_table_fits(made: Path) -> None:
    table = pq.read_table(made / "zones.parquet")
    validator = jsonschema.Draft202012Validator(schemas.schema("zones"), format_checker=jsonschema.FormatChecker())
    rows = table.to_pylist()
    assert len(rows) > 400
    assert [error.message for row in rows for error in validator.iter_errors(schemas.as_json(row))] == []


def test_every_row_of_the_package_fits(made: Path) -> None:
    seen = 0
    with closing(sqlite3.connect(made / "testdam.gpkg")) as database:
        database.row_factory = sqlite3.Row
        for (name,) in database.execute("SELECT table_name FROM gpkg_geometry_columns").fetchall():
            for row in database.execute(f'SELECT * FROM "{name}" LIMIT 40'):  # noqa: S608 - our own names
                assert faults("geopackage", dict(row)) == []
                seen += 1
    assert seen > 50


def test_every_row_of_the_list_fits(made: Path) -> None:
    rows = list(csv.DictReader(io.StringIO((made / "signaallijst.csv").read_text("utf-8-sig")), delimiter=";"))
    assert rows
    assert [fault for row in rows for fault in faults("signaallijst", row)] == []


def test_the_manifest_of_a_release_fits(made: Path) -> None:
    assert faults("manifest", json.loads((made / "manifest.json").read_text(encoding="utf-8"))) == []


@pytest.mark.full
def test_every_row_and_the_manifest_of_the_demo_fit(zuidoost: Release, tmp_path: Path) -> None:
    test_every_row_of_the_table_fits(made := write_release(zuidoost, {}, tmp_path) / "deelbaar")
    test_the_manifest_of_a_release_fits(made)
    test_every_row_of_the_list_fits(made)


def test_the_manifest_fits_of_a_map_with_more_an_atlas_and_a_case(release: Release) -> None:
    colours = Colours(("#000000",) * 6, "#b2182b", "#2166ac", "#123456")
    plain = signaallijst.csv(release)
    for product, regions, dressing in (
        (verantwoording.RELEASE, (), Dressing(background=BACKGROUNDS["pdok"], theme=colours)),
        (verantwoording.ATLAS, ("BU0363TC03",), Dressing()),
        (verantwoording.CASE, (), Dressing()),
    ):
        content = verantwoording.manifest(
            release,
            {"signaallijst.csv": plain},
            versions=verantwoording.package_versions(),
            measured=verantwoording.Measured(),
            dressing=dressing,
            product=product,
            regions=regions,
        )
        assert faults("manifest", json.loads(content)) == [], product


def test_the_columns_of_the_list_are_those_of_the_schema() -> None:
    known = schemas.schema("signaallijst")["properties"]
    columns = (*signaallijst.PRINTED, *signaallijst.ONLY_ON_SCREEN, *signaallijst.TO_FILL_IN)
    assert [*known][4:] == [column.title for column in columns]


def test_the_columns_of_the_table_are_those_of_the_schema() -> None:
    known = schemas.schema("zones")["properties"]
    assert list(known) == gis.ZONES_SCHEMA.names
    for name, shape in known.items():
        empty = None in shape.get("enum", []) or "null" in shape.get("type", [])
        assert empty == (name in gis.NULLABLE), name
    whole = [name for name in known if pa.types.is_integer(gis.ZONES_SCHEMA.field(name).type)]
    assert all("integer" in known[name]["type"] for name in whole)


# --- planted faults ---------------------------------------------------------------------------------------------------


def put(value: object, *path: str | int) -> Plant:
    def change(content: Any) -> None:  # noqa: ANN401 - any JSON
        for step in path[:-1]:
            content = content[step]
        content[path[-1]] = value

    return change


def without(*path: str | int) -> Plant:
    def change(content: Any) -> None:  # noqa: ANN401 - any JSON
        for step in path[:-1]:
            content = content[step]
        del content[path[-1]]

    return change


ADDRESS = {
    "sleutel": "a000017",
    "oost": 127000.5,
    "noord": 480500.0,
    "crs": "EPSG:28992",
    "gebruik": "woonfunctie|winkelfunctie",
    "pand": "p1",
}
ROW = {"sleutel": "a000017", "datum": "2025-03-17", "aantal": 3}
PLANTS: dict[str, list[tuple[Plant, str]]] = {
    "adressen": [
        (put("Kerkstraat", "gebruik"), "$.gebruik"),
        (put(400_000, "oost"), "$.oost"),
        (put("EPSG:4326", "crs"), "$.crs"),
        (put("J. Jansen", "naam"), "'naam' was unexpected"),
        (without("pand"), "'pand' is a required property"),
        (put("", "sleutel"), "$.sleutel"),
    ],
    "laagrijen": [
        (put("17-03-2025", "datum"), "$.datum"),
        (put(-1, "aantal"), "$.aantal"),
        (put(1.5, "aantal"), "$.aantal"),
        (put("tekst", "opmerking"), "'opmerking' was unexpected"),
        (put("8a19", "zone"), "$.zone"),
    ],
    "laag": [
        (put("zeker", "betrouwbaarheid"), "$.betrouwbaarheid"),
        (put(1, "telling", "b"), "$.telling.b"),
        (put(1.5, "weging", "drugs"), "$.weging.drugs"),
        (put("x" * 501, "tekst"), "$.tekst"),
        (put("ja", "telling", "plafond"), "$.telling.plafond"),
        (put(["Amsterdam"], "dekking", "gemeenten"), "$.dekking.gemeenten[0]"),
        (put(1, "teling"), "'teling' was unexpected"),
        (without("telling", "atoom"), "'atoom' is a required property"),
        (without("dekking"), "'dekking' is a required property"),
    ],
    "grondslag": [
        (put("personen", "reikwijdte"), "$.reikwijdte"),
        (put("31-12-2026", "geldig_tot"), "$.geldig_tot"),
        (put("een\nregel", "doel"), "$.doel"),
        (put("ja", "demo"), "$.demo"),
        (without("besluit"), "'besluit' is a required property"),
    ],
    "casus": [
        (put("Mijn casus", "naam"), "$.naam"),
        (put("x" * 200, "aanleiding", 0), "$.aanleiding[0]"),
        (put(["D01"] * 10, "signalen"), "$.signalen"),
        (put([{"maand": "juni", "wat": "x", "partner": "y"}], "interventie"), "$.interventie[0].maand"),
    ],
    "gebieden": [
        (put([1102], "zuidoost", "pc4"), "is valid under each of"),
        (put(["TA"], "zuidoost", "codes"), "$.zuidoost.codes[0]"),
    ],
    "modi": [(put([], "dekmantelbedrijf", "lagen"), "$.dekmantelbedrijf.lagen")],
    "routes": [
        (put("solo", "regel", 0, "route"), "$.regel[0].route"),
        (put(0, "regel", 1, "als", "bronnen"), "$.regel[1].als.bronnen"),
    ],
    "zones": [
        (put("zeker", "status"), "$.status"),
        (put(-1, "value"), "$.value"),
        (put(None, "zone"), "$.zone"),
        (put("Jan", "naam"), "'naam' was unexpected"),
        (put({"xmin": 1.0}, "bbox"), "$.bbox"),
    ],
    "manifest": [
        (put(0, "bescherming", "k"), "$.bescherming.k"),
        (put("abc", "kenmerk"), "$.kenmerk"),
        (put(1, "extra"), "'extra' was unexpected"),
        (put(1, "tabel", "extra"), "'extra' was unexpected"),
        (put("pakket", "product", "soort"), "$.product.soort"),
        (without("grondslag", "bewaren_tot"), "'bewaren_tot' is a required property"),
        (put(1.5, "lagen", 0, "weging", "drugs"), "$.lagen[0].weging.drugs"),
    ],
    "signaallijst": [
        (put("", "Signaal"), "$.Signaal"),
        (put("misschien", "Status"), "$.Status"),
        (put("Jan", "Eigenaar"), "$.Eigenaar"),
        (without("Kenmerk"), "'Kenmerk' is a required property"),
    ],
    "geopackage": [
        (put(9, "thema_drugs_klasse"), "$.thema_drugs_klasse"),
        (put("x", "fiu_signalen_waarde"), "$.fiu_signalen_waarde"),
        (put("Jan", "eigenaar"), "eigenaar"),
    ],
}


def sound(name: str, made: Path, demo: Path) -> object:  # noqa: PLR0911 - one file per name
    """A value that fits."""
    if name == "adressen":
        return dict(ADDRESS)
    if name == "laagrijen":
        return dict(ROW)
    if name == "laag":
        return toml(ROOT / "layers" / "mma-meldingen.toml")
    if name == "zones":
        return pq.read_table(made / "zones.parquet").slice(0, 1).to_pylist()[0]
    if name == "manifest":
        return json.loads((made / "manifest.json").read_text(encoding="utf-8"))
    if name == "signaallijst":
        file = io.StringIO((made / "signaallijst.csv").read_text("utf-8-sig"))
        return next(csv.DictReader(file, delimiter=";"))
    if name == "geopackage":
        with closing(sqlite3.connect(made / "testdam.gpkg")) as database:
            database.row_factory = sqlite3.Row
            return dict(database.execute("SELECT * FROM wijken").fetchone())
    if name == "grondslag":
        return toml(demo / "grondslag.toml")
    return toml(dict(OTHER_FILES)[name])


def test_every_table_and_file_has_planted_faults() -> None:
    assert set(NAMES) - set(PLANTS) == {"niveaus", "gebied", "thema", "omgeving", "houderlijsten"}


@pytest.mark.parametrize(
    ("name", "number"), [(name, number) for name, each in PLANTS.items() for number in range(len(each))]
)
def test_a_planted_fault_is_found_where_it_is(name: str, number: int, made: Path, demo: Path) -> None:
    plant, said = PLANTS[name][number]
    value = copy.deepcopy(schemas.as_json(sound(name, made, demo)))
    assert faults(name, value) == []
    plant(value)
    found = faults(name, value)
    assert any(said in fault for fault in found), found


def test_levels_and_colours_that_are_wrong_are_found() -> None:
    entry = {"niveau": "straat", "advies": "", "vastgesteld": "2026-01-01", "geldig_tot": "2027-01-01", "zones": "a"}
    assert any("$.leegstand.niveau" in fault for fault in faults("niveaus", {"leegstand": entry}))
    colours = {"klassen": ["#000"] * 5, "hotspot": "rood", "coldspot": "#2166ac"}
    found = faults("thema", {"kaart": colours, "pagina": {"nadruk": "#123456"}})
    assert any("$.kaart.hotspot" in fault for fault in found)
    assert any("$.kaart.klassen" in fault for fault in found)
