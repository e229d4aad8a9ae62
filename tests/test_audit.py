"""A release that was changed, by accident or on purpose, is found out; a sound one is not."""

import datetime as dt
import io
import json
import shutil
import sqlite3
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from geoanalyse import cli
from geoanalyse.geography import shipped_regions
from geoanalyse.products.audit import Verdict, audit
from geoanalyse.products.folder import write_release
from geoanalyse.release import Release

TODAY = dt.date(2026, 11, 23)


@pytest.fixture(scope="module")
def made(zuidoost: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a release of the demo."""
    return write_release(zuidoost, {}, tmp_path_factory.mktemp("uitgave"))


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """Give a copy of it, to spoil."""
    return Path(shutil.copytree(made, tmp_path / "uitgave")) / "deelbaar"


def check(path: Path) -> Verdict:
    return audit(path, shipped_regions(), TODAY)


def test_a_release_and_each_of_its_files_are_in_order(made: Path) -> None:
    whole = check(made)
    assert (whole.faults, whole.remarks) == ((), ())
    assert len(whole.files) == 9
    assert check(made / "deelbaar") == whole
    for file in sorted((made / "deelbaar").iterdir()):
        alone = check(file)
        assert alone.faults == (), file.name
        assert alone.remarks, file.name  # says what one file alone cannot tell


def test_one_changed_byte_in_any_file_is_found(folder: Path) -> None:
    # but for the manifest: it vouches for the others, and only the digest in all of them vouches for it
    for file in sorted(set(folder.iterdir()) - {folder / "manifest.json"}):
        sound = file.read_bytes()
        middle = len(sound) // 2
        file.write_bytes(sound[:middle] + bytes([sound[middle] ^ 1]) + sound[middle + 1 :])
        found = check(folder).faults
        assert f"{file.name}: is veranderd sinds de uitgave is gemaakt; vraag een nieuw exemplaar" in found
        file.write_bytes(sound)
    assert check(folder).faults == ()


def test_a_file_too_many_and_a_file_too_few_are_found(folder: Path) -> None:
    (folder / "notities.csv").write_text("a;b\n", encoding="utf-8")
    (folder / "map").mkdir()
    (folder / "signaallijst.csv").unlink()
    assert set(check(folder).faults) >= {
        "notities.csv: hoort niet bij deze uitgave; haal het weg",
        "map: hoort niet in een uitgave; haal het weg",
        "signaallijst.csv: ontbreekt",
    }


@pytest.mark.parametrize(
    ("column", "where", "value", "law"),
    [
        ("value", "level == 'zone' and status == 'waarde'", 1, "geen veelvoud van b"),
        ("value", "status == 'onderdrukt'", 5, "een getal bij een status zonder getal"),
        ("addresses", "level == 'zone' and status == 'waarde'", 9, "een getal over minder dan 10 adressen"),
        ("buildings", "level == 'zone' and status == 'waarde'", 2, "een getal over minder dan 3 panden"),
        ("status", "status == 'waarde'", "geheim", "onbekende status"),
        ("profile", "status == 'waarde'", "los", "onbekend profiel"),
        ("profile", "level == 'zone' and status == 'waarde'", "openbaar", "fijner dan het profiel toestaat"),
        ("value", "rounding == 'som' and level == 'res9'", 999, "een som is niet de som van haar zones"),
    ],
)
def test_a_table_that_breaks_its_own_laws_is_found_without_a_manifest(
    folder: Path, tmp_path: Path, column: str, where: str, value: object, law: str
) -> None:
    table = pq.read_table(folder / "zones.parquet")
    rows = table.drop_columns(["cells", "geometry"]).to_pandas()
    first = int(rows.query(where).index[0])
    values = table[column].to_pylist()
    values[first] = value
    index = table.schema.get_field_index(column)
    field = table.schema.field(column)
    path = tmp_path / "zones.parquet"
    pq.write_table(table.set_column(index, field, pa.array(values, field.type)), path, compression="zstd")
    assert any(law in fault for fault in check(path).faults)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("</body>", '<img src="https://voorbeeld.nl/a.png"></body>', "haalt 1 keer iets op"),
        ("</body>", '<script src="//voorbeeld.nl/a.js"></script></body>', "haalt 1 keer iets op"),
        ("</head>", "<style>@import '//voorbeeld.nl/a.css';</style></head>", "een opmaak die iets ophaalt"),
        ("default-src", "geen-src", "geen regel die ophalen van internet verbiedt"),
        ("</body>", "<p>Bel Jan de Vries, jan@voorbeeld.nl</p></body>", "e-mailadres"),
    ],
)
def test_a_page_that_fetches_or_names_a_person_is_found(folder: Path, old: str, new: str, said: str) -> None:
    page = folder / "verantwoording.html"
    page.write_text(page.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert any(said in fault for fault in check(page).faults)


def test_files_of_two_releases_are_found(folder: Path, zuidoost: Release) -> None:
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(zuidoost.digest, "0" * 64), encoding="utf-8")
    assert "kaart.html: noemt een ander kenmerk dan het manifest, of geen" in check(folder).faults


def test_another_promise_than_that_of_this_version_is_found(folder: Path) -> None:
    manifest = folder / "manifest.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    content["bescherming"]["k"] = 3
    manifest.write_text(json.dumps(content), encoding="utf-8")
    assert any("de kleinste groep is niet die van" in fault for fault in check(folder).faults)


def test_a_retention_date_that_has_passed_is_a_remark(folder: Path) -> None:
    late = audit(folder, shipped_regions(), dt.date(2100, 1, 1))
    assert late.faults == ()
    assert late.remarks == ("de bewaartermijn is voorbij sinds 31-12-2099; gooi de uitgave weg",)


def hostile() -> dict[str, bytes]:
    """Files from anywhere."""
    bomb = io.BytesIO()
    pq.write_table(pa.table({"a": pa.array([0] * 1_000_000)}), bomb)
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE x (y)")
    return {
        "leeg.html": b"",
        "kaart.html": b"\xff\xfe\x00",
        "half.pdf": b"%PDF-1.7\n1 0 obj",
        "zones.parquet": b"PAR1PAR1",
        "ander.parquet": bomb.getvalue(),
        "lijst.xlsx": b"PK\x03\x04" + bytes(50),
        "lijst.csv": b"\xe9\xe9",
        "gebied.gpkg": database.serialize(),
        "half.gpkg": b"SQLite format 3\x00" + bytes(40),
        "manifest.json": b"[" * 100_000,
        "programma.exe": b"MZ",
        "zonder": b"tekst",
    }


@pytest.mark.parametrize("name", sorted(hostile()))
def test_a_file_from_anywhere_is_refused_in_dutch(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(hostile()[name])
    for path in (tmp_path / name, tmp_path):
        found = check(path).faults
        assert found
        assert all("\n" not in fault and "Traceback" not in fault for fault in found)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    assert "kan niet worden geopend" in check(tmp_path / "weg.html").faults[0]
    assert "hier staat geen uitgave" in check(tmp_path).faults[0]


def test_the_command_ends_with_0_or_1(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["verifieer", str(made)])
    assert not ended.value.code
    assert capsys.readouterr().out.startswith("In orde: factsheet-drugs.pdf, ")
    with pytest.raises(SystemExit) as ended:
        cli.main(["verifieer", str(tmp_path)])
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith("Fout: ")
