"""A release that was changed, by accident or on purpose, is found out; a sound one is not."""

import base64
import datetime as dt
import io
import json
import os
import shutil
import sqlite3
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from geoanalyse import cli
from geoanalyse.errors import GeoanalyseError
from geoanalyse.geography import shipped_regions
from geoanalyse.products import kaartbron
from geoanalyse.products.apart import StoppedError, apart
from geoanalyse.products.audit import Verdict, audit
from geoanalyse.products.audit.opening import MOST_FILES
from geoanalyse.products.folder import write_release
from geoanalyse.release import Release
from tests import work
from tests.small import small_release
from tests.town import regions

TODAY = dt.date(2026, 11, 23)
REGIONS = regions()


@pytest.fixture(scope="module")
def release() -> Release:
    return small_release()


@pytest.fixture(scope="module")
def made(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a release."""
    return write_release(release, {}, tmp_path_factory.mktemp("uitgave"))


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """Give a copy of it, to spoil."""
    return Path(shutil.copytree(made, tmp_path / "uitgave")) / "deelbaar"


def check(path: Path) -> Verdict:
    return audit(path, REGIONS, TODAY)


def test_a_release_and_each_of_its_files_are_in_order(made: Path) -> None:
    whole = check(made)
    assert (whole.faults, whole.remarks) == ((), ())
    assert set(whole.files) == {file.name for file in (made / "deelbaar").iterdir()}
    assert check(made / "deelbaar") == whole
    for file in sorted((made / "deelbaar").iterdir()):
        alone = check(file)
        assert alone.faults == (), file.name
        assert alone.remarks, file.name  # says what one file alone cannot tell


def test_a_release_of_the_demo_is_in_order(demo: Path) -> None:
    whole = audit(demo, shipped_regions(), TODAY)
    assert (whole.faults, whole.remarks) == ((), ())


@pytest.fixture(scope="module")
def demo(zuidoost: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_release(zuidoost, {}, tmp_path_factory.mktemp("demo"))


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


def test_files_of_two_releases_are_found(folder: Path, release: Release) -> None:
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(release.digest, "0" * 64), encoding="utf-8")
    assert "kaart.html: noemt een ander kenmerk dan het manifest, of geen" in check(folder).faults


def test_another_promise_than_that_of_this_version_is_found(folder: Path) -> None:
    manifest = folder / "manifest.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    content["bescherming"]["k"] = 3
    manifest.write_text(json.dumps(content), encoding="utf-8")
    assert any("de kleinste groep is niet die van" in fault for fault in check(folder).faults)


def test_a_retention_date_that_has_passed_is_a_remark(folder: Path) -> None:
    late = audit(folder, REGIONS, dt.date(2100, 1, 1))
    assert late.faults == ()
    assert late.remarks == ("de bewaartermijn is voorbij sinds 31-12-2099; gooi de uitgave weg",)


# --- files from anywhere ----------------------------------------------------------------------------------------------


def workbook(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        for name, part in parts.items():
            book.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def map_of(raw: bytes) -> bytes:
    block = base64.b64encode(zlib.compress(raw)).decode()
    return f"<!DOCTYPE html>{kaartbron.DATA.format(block)}</html>".encode()


def hostile() -> dict[str, bytes]:
    """Files from anywhere."""
    bomb = io.BytesIO()
    pq.write_table(pa.table({"a": pa.array([0] * 1_000_000)}), bomb)
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE x (y)")
    deep = b'{"a":' * 50_000
    header = json.dumps({"arrays": [], "layers": [[]] * 50}).encode()
    laughs = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    return {
        "leeg.html": b"",
        "kaart.html": b"\xff\xfe\x00",
        "geen.html": b"<!DOCTYPE html>\xff\xfe</html>",
        "commentaar.html": b"<!DOCTYPE html>" + b"<!--" * 5000 + b"</html>",
        "bom.html": map_of(bytes(70_000_000)),
        "diep.html": map_of(struct.pack("<I", len(deep)) + deep),
        "vorm.html": map_of(struct.pack("<I", len(header)) + header),
        "kort.html": map_of(b"\xff\xff\xff\xff{}"),
        "basis64.html": b'<!DOCTYPE html><script type="application/octet-stream" id="gegevens">@@</script></html>',
        "half.pdf": b"%PDF-1.7\n1 0 obj",
        "schijn.pdf": b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF",
        "zones.parquet": b"PAR1PAR1",
        "lang.parquet": b"PAR1" + bytes(40) + struct.pack("<I", 2**32 - 1) + b"PAR1",
        "ander.parquet": bomb.getvalue(),
        "half.parquet": bomb.getvalue()[:-500],
        "lijst.xlsx": b"PK\x03\x04" + bytes(50),
        "bom.xlsx": workbook({"xl/workbook.xml": bytes(70_000_000)}),
        "lach.xlsx": workbook({"xl/workbook.xml": b'<!DOCTYPE a [<!ENTITY a0 "ha">' + laughs + b"]><a>&a9;</a>"}),
        "diep.xlsx": workbook({"xl/workbook.xml": b"<a>" * 300_000}),
        "lijst.csv": b"\xe9\xe9",
        "rafel.csv": b"\xef\xbb\xbfSignaal;Thema\r\n1\r\n",
        "breed.csv": b"\xef\xbb\xbf" + b";" * 100_000,
        "gebied.gpkg": database.serialize(),
        "half.gpkg": b"SQLite format 3\x00" + bytes(40),
        "manifest.json": b"[" * 100_000,
        "manifest-diep.json": deep,
        "manifest-leeg.json": b"{}",
        "manifest-vreemd.json": b'{"product": {}, "gebied": {}, "periode": {}}',
        "programma.exe": b"MZ",
        "zonder": b"tekst",
        "pagina.pdf": b"<!DOCTYPE html></html>",
        "kaart.parquet": b"%PDF-1.7 %%EOF",
        "lijst.html": b"PK\x03\x04",
    }


@pytest.mark.parametrize("name", sorted(hostile()))
def test_a_file_from_anywhere_is_refused_in_dutch(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(hostile()[name])
    for path in (tmp_path / name, tmp_path):
        found = check(path).faults
        assert found
        assert all("\n" not in fault and "Traceback" not in fault for fault in found)


def test_half_of_any_file_is_refused(folder: Path, tmp_path: Path) -> None:
    for file in sorted(folder.iterdir()):
        for share in (0.2, 0.5, 0.98):
            content = file.read_bytes()
            half = tmp_path / file.name
            half.write_bytes(content[: int(len(content) * share)])
            if file.suffix != ".csv":  # a list that stops after a row is a list
                assert check(half).faults, (file.name, share)


def test_content_of_another_kind_than_the_name_says_is_not_read(folder: Path) -> None:
    shutil.copy(folder / "kaart.html", folder / "factsheet-drugs.pdf")
    assert "factsheet-drugs.pdf: is geen PDF, al zegt de naam van wel, of is afgebroken" in check(folder).faults


def test_what_is_no_plain_file_is_not_opened(folder: Path, tmp_path: Path) -> None:
    if shutil.which("mkfifo") is None:
        pytest.skip("dit systeem kent geen pijpen")
    subprocess.run(["mkfifo", str(folder / "pijp.html")], check=True)
    (folder / "schakel.html").symlink_to(folder / "kaart.html")
    (folder / "kring.html").symlink_to(folder / "kring.html")
    found = check(folder).faults
    for name in ("pijp.html", "schakel.html", "kring.html"):
        assert f"{name}: hoort niet in een uitgave; haal het weg" in found
    assert check(folder / "pijp.html").faults == ("pijp.html: hoort niet in een uitgave; haal het weg",)
    assert check(folder / "kring.html").faults == ("kring.html: hoort niet in een uitgave; haal het weg",)
    (tmp_path / "map").symlink_to(folder)
    assert check(tmp_path / "map").faults == found


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="dit systeem kent geen apparaten als bestand")
def test_a_device_is_not_read() -> None:
    assert check(Path("/dev/zero")).faults == ("zero: hoort niet in een uitgave; haal het weg",)


def test_a_folder_that_is_too_full_is_not_read(tmp_path: Path) -> None:
    for number in range(MOST_FILES + 1):
        (tmp_path / f"{number}.html").touch()
    (fault,) = check(tmp_path).faults
    assert f"heeft meer dan {MOST_FILES} bestanden; dit is geen uitgave" in fault


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "manifest.json").open("wb") as file:
        file.truncate(10**12)
    assert check(tmp_path / "manifest.json").faults == ("manifest.json: is te groot voor een uitgave",)


def test_a_folder_that_may_not_be_read_is_said(tmp_path: Path) -> None:
    closed = tmp_path / "dicht"
    closed.mkdir()
    closed.chmod(0)
    try:
        if os.access(closed, os.R_OK):
            pytest.skip("deze gebruiker mag alles lezen")
        assert "kan niet worden geopend" in check(closed).faults[0]
    finally:
        closed.chmod(0o700)


@pytest.mark.parametrize("name", ["a\x00b", "a" * 5000, "kaart.html/x"])
def test_a_path_that_cannot_be_is_said(name: str, tmp_path: Path) -> None:
    (tmp_path / "kaart.html").touch()
    (fault,) = check(tmp_path / name).faults
    assert "kan niet worden geopend" in fault
    assert len(fault) < 250


@pytest.mark.parametrize("name", ["a\nFout: b.html", "a\x1b[2Jb.html", "a\u202eb.html"])
def test_a_name_cannot_write_on_the_screen(name: str, folder: Path) -> None:
    (folder / name).write_bytes((folder / "verantwoording.html").read_bytes())
    found = check(folder).faults
    assert any("de naam heeft tekens die niet te lezen zijn" in fault for fault in found)
    assert all(fault.isprintable() for fault in found)


def test_names_and_texts_in_a_manifest_cannot_write_on_the_screen(folder: Path) -> None:
    path = folder / "manifest.json"
    known = json.loads(path.read_text(encoding="utf-8"))
    known["bestanden"]["a\nFout: b\x1b[2J"] = {}
    known["gebied"]["naam"] = "x\ny"
    known["product"]["versie"] = "9\nIn orde: alles"
    known["lagen"][0]["id"] = "x\ny"
    path.write_text(json.dumps(known), encoding="utf-8")
    found = check(folder)
    assert all(line.isprintable() for line in (*found.faults, *found.remarks))


# --- in a process of its own ------------------------------------------------------------------------------------------


def test_work_apart_gives_its_result_and_its_own_errors() -> None:
    assert apart(work.says, "a") == "A"
    with pytest.raises(GeoanalyseError, match="reden"):
        apart(work.refuses, "reden")


@pytest.mark.parametrize(("job", "patience"), [(work.hangs, 15), (work.falls_over, 120), (work.goes_wrong, 120)])
def test_a_reader_that_hangs_or_crashes_is_one_line(
    job: Callable[[work.Say, str], None], patience: float, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(StoppedError) as stopped:
        apart(job, "kaart.html", patience=patience)
    assert str(stopped.value).startswith("kaart.html: is niet na te kijken")
    assert capfd.readouterr() == ("", "")


# --- the command ------------------------------------------------------------------------------------------------------


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    assert "kan niet worden geopend" in check(tmp_path / "weg.html").faults[0]
    assert "hier staat geen uitgave" in check(tmp_path).faults[0]


def test_the_command_ends_with_0_or_1(demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["verifieer", str(demo)])
    assert not ended.value.code
    assert capsys.readouterr().out.startswith("In orde: factsheet-drugs.html, factsheet-drugs.pdf, ")
    with pytest.raises(SystemExit) as ended:
        cli.main(["verifieer", str(tmp_path)])
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith("Fout: ")
