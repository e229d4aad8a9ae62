"""A release appears whole or not at all, and never with person data in it."""

import dataclasses
import errno
import hashlib
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from geoanalyse.errors import ReleaseError
from geoanalyse.products import folder, gate, gis, kaart, kaartblok, signaallijst
from geoanalyse.release import Release
from tests.sample import sample_release
from tests.test_factsheet import public

REPORT = {"invoer": {"adressen.csv": "0123"}, "afgekeurd": 0}
DELIVERED = {
    *("kaart.html", "signaallijst.xlsx", "signaallijst.csv"),
    *(
        f"factsheet-{name}.{kind}"
        for name in ("drugs", "witwassen", "modus-dekmantelbedrijf")
        for kind in ("pdf", "html")
    ),
    *("voorbeeld.gpkg", "zones.parquet", "manifest.json", "verantwoording.html"),
}
CHILD = """
import os, sys
from pathlib import Path
from tests.sample import sample_release
from geoanalyse.products import folder

out, event, number = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
seen = 0

def die(name, arguments):  # as a power cut would: no `finally` runs
    global seen
    if name == event and ".bezig" in str(arguments[0]) + str(arguments[1:2]):
        seen += 1
        if seen == number:
            os._exit(9)

sys.addaudithook(die)
folder.write_release(sample_release(), {"poging": "nieuw"}, out)
"""


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release()


@pytest.fixture(scope="module")
def finished() -> list[str]:
    """Names that were reported while `written` was made."""
    return []


@pytest.fixture(scope="module")
def written(release: Release, finished: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder.write_release(release, REPORT, tmp_path_factory.mktemp("uit"), progress=finished.append)


def is_whole(target: Path) -> bool:
    """Whether every file that the manifest names is there with its digest."""
    manifest = json.loads((target / "deelbaar" / "manifest.json").read_text(encoding="utf-8"))
    return (target / "vertrouwelijk" / "bouwverslag.json").is_file() and all(
        hashlib.sha256((target / "deelbaar" / name).read_bytes()).hexdigest() == entry["sha256"]
        for name, entry in manifest["bestanden"].items()
    )


def run_child(
    out: Path, event: str = "nooit", number: int = 1, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    checkout = str(Path(__file__).parents[1])
    path = os.pathsep.join([checkout, *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(
        [sys.executable, "-c", CHILD, str(out), event, str(number)],
        env=os.environ | {"PYTHONPATH": path} | environment,
        check=False,
        capture_output=True,
    )


# --- what is in it ----------------------------------------------------------------------------------------------------


def test_a_release_has_every_product_and_nothing_else(written: Path) -> None:
    assert written.parts[-2:] == ("voorbeeld", "2026-01-01")
    assert {path.name for path in (written / "deelbaar").iterdir()} == DELIVERED
    assert [path.name for path in (written / "vertrouwelijk").iterdir()] == ["bouwverslag.json"]
    assert is_whole(written)
    assert not (written.parent / ".bezig").exists()


def test_a_public_release_has_no_list_of_places_to_look_at(release: Release, tmp_path: Path) -> None:
    made = folder.write_release(public(release), REPORT, tmp_path)
    assert {path.name for path in (made / "deelbaar").iterdir()} == DELIVERED - {
        "signaallijst.xlsx",
        "signaallijst.csv",
    }
    assert is_whole(made)


def test_a_caveat_stands_in_every_product(release: Release, tmp_path: Path) -> None:
    caveat = "Uitgegeven zonder register, op gezag van het hoofd toezicht"
    told = folder.write_release(dataclasses.replace(release, caveat=caveat), REPORT, tmp_path)
    for path in (told / "deelbaar").iterdir():
        if path.suffix != ".pdf":  # tests/test_factsheet.py reads those
            assert caveat in "\n".join(gate.texts_of(path.name, path.read_bytes())), path.name


def test_what_comes_from_raw_data_stays_confidential(written: Path) -> None:
    report = written / "vertrouwelijk" / "bouwverslag.json"
    assert json.loads(report.read_text(encoding="utf-8")) == REPORT
    assert b"0123" not in (written / "deelbaar" / "manifest.json").read_bytes()
    if os.name == "posix":
        assert stat.S_IMODE(report.stat().st_mode) == 0o600
        assert stat.S_IMODE(report.parent.stat().st_mode) == 0o700


@pytest.mark.usefixtures("written")
def test_progress_names_each_file_once(finished: list[str]) -> None:
    assert sorted(finished) == sorted(DELIVERED)


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    one, two = tmp_path / "een", tmp_path / "twee"
    assert run_child(one, PYTHONHASHSEED="1", TZ="UTC").returncode == 0
    assert run_child(two, PYTHONHASHSEED="2", TZ="Asia/Tokyo", LC_ALL="C").returncode == 0
    for name in DELIVERED:
        first, second = (path / "voorbeeld" / "2026-01-01" / "deelbaar" / name for path in (one, two))
        assert first.read_bytes() == second.read_bytes(), name


# --- whole or not at all ----------------------------------------------------------------------------------------------


def test_a_new_release_replaces_the_old_one_whole(written: Path, release: Release, tmp_path: Path) -> None:
    out = tmp_path / "uit"
    target = Path(shutil.copytree(written, out / "voorbeeld" / "2026-01-01"))
    (target / "deelbaar" / "oud.txt").write_text("van de vorige keer", encoding="utf-8")
    assert folder.write_release(release, {"poging": "nieuw"}, out) == target
    assert {path.name for path in (target / "deelbaar").iterdir()} == DELIVERED
    assert "nieuw" in (target / "vertrouwelijk" / "bouwverslag.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("event", "number"),
    [("open", 5), ("os.rename", 1), ("os.rename", 2), ("shutil.rmtree", 2)],
    ids=["halfway", "before-moving-aside", "between-the-renames", "cleaning-up"],
)
def test_a_killed_run_leaves_the_old_or_the_new_release(
    event: str, number: int, written: Path, release: Release, tmp_path: Path
) -> None:
    out = tmp_path / "uit"
    target = Path(shutil.copytree(written, out / "voorbeeld" / "2026-01-01"))
    killed = run_child(out, event, number)
    assert killed.returncode == 9, killed.stderr.decode()
    aside = out / "voorbeeld" / ".bezig" / "oud" / "2026-01-01"
    assert is_whole(target) if target.exists() else is_whole(aside)
    assert target.exists() or (event, number) == ("os.rename", 2)
    with pytest.raises(RuntimeError, match="kaart"):  # even a run that fails puts the old one back
        failing_write(release, out)
    assert is_whole(target)
    assert not (out / "voorbeeld" / ".bezig").exists()


def failing_write(release: Release, out: Path) -> None:
    def broken(*_: object) -> str:
        raise RuntimeError("kaart")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kaart, "map_html", broken)
        folder.write_release(release, REPORT, out)


def test_a_product_that_fails_leaves_nothing(release: Release, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="kaart"):
        failing_write(release, tmp_path)
    assert [path.name for path in (tmp_path / "voorbeeld").iterdir()] == [".slot"]


def test_two_runs_do_not_write_at_once(release: Release, tmp_path: Path) -> None:
    home = tmp_path / "voorbeeld"
    home.mkdir()
    with closing(sqlite3.connect(home / ".slot", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ReleaseError, match="een andere opdracht schrijft nu in deze map"):
            folder.write_release(release, REPORT, tmp_path)
    assert [path.name for path in home.iterdir()] == [".slot"]


def test_a_path_through_a_file_is_refused(release: Release, tmp_path: Path) -> None:
    (tmp_path / "bestand").write_text("", encoding="utf-8")
    with pytest.raises(ReleaseError, match="dit is geen map"):
        folder.write_release(release, REPORT, tmp_path / "bestand")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "de schijf is vol"),
        (errno.EACCES, "nog open"),
        (errno.EROFS, "alleen te lezen"),
        (errno.EIO, "lokale"),
    ],
)
def test_errors_of_the_disk_are_said_in_dutch(number: int, words: str, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=words), folder._dutch_errors(tmp_path):
        raise OSError(number, "english")


def test_a_file_missing_elsewhere_is_not_blamed_on_the_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="ergens"), folder._dutch_errors(tmp_path / "uit"):
        (tmp_path / "ergens-anders").read_text(encoding="utf-8")


# --- the gate ---------------------------------------------------------------------------------------------------------


def test_person_data_stops_the_release(release: Release, tmp_path: Path) -> None:
    grondslag = dataclasses.replace(release.grondslag, decision="Melding van mw. J. de Vries, 06-24681357")
    with pytest.raises(ReleaseError) as caught:
        folder.write_release(dataclasses.replace(release, grondslag=grondslag), REPORT, tmp_path)
    message = str(caught.value)
    for name in ("kaart.html", "manifest.json", "signaallijst.xlsx", "voorbeeld.gpkg", "verantwoording.html"):
        assert name in message
    assert "telefoonnummer" in message
    assert "naam van een persoon" in message
    assert "Vries" not in message
    assert "2468" not in message
    assert [path.name for path in (tmp_path / "voorbeeld").iterdir()] == [".slot"]


def test_person_data_in_a_reason_is_found_in_list_and_map(release: Release) -> None:
    first, *others = release.signals
    planted = dataclasses.replace(first, reasons=(("fiu-signalen", "Zie NL91ABNA0417164300."),))
    planted_release = dataclasses.replace(release, signals=(planted, *others))
    makers = {
        "kaart.html": lambda: kaart.map_html(planted_release).encode(),
        "signaallijst.xlsx": lambda: signaallijst.xlsx(planted_release),
        "signaallijst.csv": lambda: signaallijst.csv(planted_release),
    }
    for name, make in makers.items():
        with pytest.raises(ReleaseError, match=f"{name}: .*iban"):
            gate.check_files(planted_release, {name: make()})


def test_region_names_that_read_as_a_person_pass(release: Release) -> None:
    names = [name for name in release.geography.regions.names if name.startswith(("P.C.", "J.", "Van "))]
    assert names
    signals = tuple(dataclasses.replace(release.signals[0], region_name=name) for name in names)
    named = dataclasses.replace(release, signals=signals)
    gate.check_files(
        named, {"signaallijst.csv": signaallijst.csv(named), "signaallijst.xlsx": signaallijst.xlsx(named)}
    )


def test_every_text_of_a_geopackage_and_parquet_is_read(release: Release, tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    gis.geopackage(release, path)
    package = "\n".join(gate.texts_of(path.name, path.read_bytes()))
    for text in ("8a19", "ongeveer", "Zones (adressen)", "minder dan de helft", "FIU-signalen: afgerond aantal"):
        assert text in package
    parquet = "\n".join(gate.texts_of("zones.parquet", gis.zones_parquet(release)))
    for text in (release.digest, "onderdrukt", "BU0363"):
        assert text in parquet


def test_a_page_is_read_as_people_and_programs_read_it() -> None:
    data = kaartblok.pack({"a": ["diep", 1]}, kaartblok.Columns())
    page = (
        '<html lang="nl"><title>Titel</title><style>.x{}</style><script>var code = 1</script>'
        '<p title="hint" id="weg">zicht<b>baar</b></p>'
        f'<script type="application/octet-stream">{data}</script><script type="text/plain">licentie</script></html>'
    )
    words = set(" ".join(gate.texts_of("kaart.html", page.encode())).split())
    assert {"Titel", "hint", "zicht", "baar", "a", "diep", "licentie"} <= words
    assert not {"code", ".x{}", "weg"} & words


def test_a_block_that_nobody_can_read_does_not_leave() -> None:
    with pytest.raises(KeyError):
        list(gate.texts_of("kaart.html", b'<script type="application/x-geheim">niet te lezen</script>'))


def test_a_file_that_nobody_can_read_does_not_leave(release: Release) -> None:
    with pytest.raises(KeyError):
        gate.check_files(release, {"onbekend.bin": b""})
