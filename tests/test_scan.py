"""Many areas in one run: each as `build` makes it, with a page that leads to all of them."""

import dataclasses
import filecmp
import re
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from lxml import html

from geoanalyse import publish
from geoanalyse.build import Request
from geoanalyse.cli import main
from geoanalyse.demo import REFERENCE_DATE
from geoanalyse.errors import ReleaseError
from geoanalyse.products import overzicht
from geoanalyse.routes import EXPLORATION
from tests.sample import sample_release

LIST = "\ufeff# de gebieden van deze maand\nganzenpoort  # met uitleg\n\nbloemenveiling\nwater.gpkg\n"
SECOND = "bloemenveiling"
Told = tuple[int, str, str]


def scanned(home: Path, text: str | bytes) -> Told:
    """Scan the areas of a list in a process of its own; gives its code and what it said."""
    (home / "lijst.txt").write_bytes(text if isinstance(text, bytes) else text.encode())
    call = [sys.executable, "-m", "geoanalyse", "scan", "--gebieden", "lijst.txt", "--uit", "uit"]
    done = subprocess.run(call, cwd=home, capture_output=True, text=True, check=False, encoding="utf-8")
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scan")


@pytest.fixture(scope="module")
def told(home: Path) -> Told:
    """One scan of two areas, and of water, about which nothing can be said."""
    water = gpd.GeoDataFrame(geometry=[shapely.box(132_000, 488_000, 132_300, 488_300)], crs=28992)
    water.to_file(home / "water.gpkg")
    return scanned(home, LIST)


@pytest.fixture(scope="module")
def page(told: Told, home: Path) -> Path:
    assert told
    return home / "uit" / f"overzicht-{REFERENCE_DATE.isoformat()}.html"


def test_a_later_area_is_as_build_makes_it(page: Path, tmp_path: Path) -> None:
    release, folder = publish.publish(Request(area=SECOND, today=REFERENCE_DATE), tmp_path)
    other = page.parent / folder.relative_to(tmp_path)
    files = sorted(path.name for path in (folder / "deelbaar").iterdir())
    assert sorted(path.name for path in (other / "deelbaar").iterdir()) == files
    assert filecmp.cmpfiles(folder / "deelbaar", other / "deelbaar", files, shallow=False)[0] == files
    counts = [
        str(sum(each.theme == theme and each.strength != EXPLORATION for each in release.signals))
        for theme in sorted(release.themes)
    ]
    (row,) = html.fromstring(page.read_bytes()).xpath(f"//tr[th/bdi[text()='{release.area.title}']]")
    assert [cell.text for cell in row.findall("td")[:-1]] == counts


def test_the_page_leads_to_every_product_and_to_nothing_else(page: Path) -> None:
    links = [link.get("href") for link in html.fromstring(page.read_bytes()).findall(".//tbody//a")]
    assert len([link for link in links if link.endswith("kaart.html")]) == 2
    assert all((page.parent / link).is_file() for link in links)
    assert not any("vertrouwelijk" in link for link in links)


def test_the_page_has_no_script_and_asks_for_nothing(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text
    assert re.findall(r"https?://[^'\" ]+", text) == []
    assert "DEMO" in text


def test_an_area_about_which_nothing_can_be_said_does_not_stop_the_others(told: Told, page: Path) -> None:
    code, out, err = told
    assert code == 1
    assert "2 van 3 gebieden gemaakt" in out
    assert err.startswith("Niet gemaakt: over Eigen gebied: water kan niets worden uitgegeven")
    tree = html.fromstring(page.read_bytes())
    assert len(tree.findall(".//tbody/tr")) == 3
    (reason,) = tree.xpath("//td[@class='ruim reden']")
    assert "kan niets worden uitgegeven" in reason.text


def test_the_public_profile_names_no_signals(tmp_path: Path) -> None:
    release = dataclasses.replace(sample_release(), profile="openbaar")
    (tmp_path / "a" / "deelbaar").mkdir(parents=True)
    (tmp_path / "a" / "deelbaar" / "kaart.html").write_bytes(b"")
    text = overzicht.page([(release.area, release, tmp_path / "a")], [], tmp_path)
    tree = html.fromstring(text)
    assert [cell.text for cell in tree.findall(".//thead//th")] == ["Gebied", "Producten"]
    assert [link.get("href") for link in tree.findall(".//tbody//a")] == ["a/deelbaar/kaart.html"]


def test_a_name_that_reads_as_a_person_is_not_put_on_the_page(tmp_path: Path) -> None:
    release = sample_release()
    (tmp_path / "a" / "deelbaar").mkdir(parents=True)
    place = dataclasses.replace(release.area, title="bel 0612345678")
    with pytest.raises(ReleaseError, match="persoonsgegevens"):
        overzicht.page([(release.area, release, tmp_path / "a")], [(place, "te weinig adressen")], tmp_path)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ["lijst.txt: noemt geen gebied; schrijf een gebied per regel, zie `geoanalyse gebieden`"]),
        ("# niets\n", ["lijst.txt: noemt geen gebied; schrijf een gebied per regel, zie `geoanalyse gebieden`"]),
        (b"\xff\xfeg\x00", ["kan niet worden gelezen; geef een tekstbestand in UTF-8"]),
        (
            "ganzenpoort\nonbekendestad\nGanzenpoort\n",
            ["lijst.txt, regel 2: ", "lijst.txt, regel 3: dit gebied staat er al; noem elk gebied een keer"],
        ),
        ("x" * 1_000_001, ["is groter dan 1 MB; schrijf een gebied per regel"]),
    ],
)
def test_a_list_that_will_not_do_is_refused_before_anything_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | bytes, lines: list[str]
) -> None:
    (tmp_path / "lijst.txt").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SystemExit) as end:
        main(["scan", "--gebieden", str(tmp_path / "lijst.txt"), "--uit", str(tmp_path / "uit")])
    assert end.value.code == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == len(lines)
    assert all(line in one for line, one in zip(lines, said, strict=True))
    assert not (tmp_path / "uit").exists()
