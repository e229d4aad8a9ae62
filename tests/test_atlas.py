"""The atlas: a factsheet of every buurt and an index, the same however many processes made it, and read back."""

import html
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from geoanalyse import cli, geography
from geoanalyse.errors import ReleaseError
from geoanalyse.products import atlas, atlaspagina, dutch, factsheet, figures, folder, verantwoording
from geoanalyse.products.audit import audit
from geoanalyse.products.audit.pages import faults
from geoanalyse.release import Release
from geoanalyse.retention import MANIFEST
from tests.browser_fixtures import Open
from tests.sample import sample_release

ROW = re.compile(r'<tr><th scope="row"><a href="factsheet-(\w+)\.pdf">(.*?)</tr>')
CELL = re.compile(r"<td[^>]*>(.*?)</td>")


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release(cells=40)


@pytest.fixture(scope="module")
def product(release: Release) -> folder.Product:
    return atlas.atlas(release)


@pytest.fixture
def made(release: Release, product: folder.Product, tmp_path: Path) -> Path:
    return folder.write_product(release, tmp_path, product) / "deelbaar"


def verdict(release: Release, path: Path) -> tuple[str, ...]:
    return audit(path, geography.shipped_regions(), release.reference_date).faults


def rows(page: str) -> dict[str, list[str]]:
    """Words in the cells of each row, by code."""
    return {
        code: [html.unescape(re.sub("<[^>]*>", "", cell)) for cell in CELL.findall(row)]
        for code, row in ROW.findall(page)
    }


# --- what is in it ----------------------------------------------------------------------------------------------------


def test_every_buurt_has_a_factsheet_and_a_row(release: Release, product: folder.Product) -> None:
    codes = [row["zone"] for row in figures.rows(release, "thema:drugs", "buurt")]
    assert product.kind == verantwoording.ATLAS
    assert list(product.regions) == sorted(codes)
    assert set(product.files) == {"index.html", *(f"factsheet-{code}.pdf" for code in codes)}
    assert set(product.said) == {"index", *(f"factsheet-{code}" for code in codes)}
    assert set(rows(product.files["index.html"].decode())) == set(codes)


def test_links_lead_to_files_of_the_folder(product: folder.Product) -> None:
    links = set(re.findall(r'href="([^"#]*)"', product.files["index.html"].decode()))
    assert {link for link in links if not link.startswith("data:image/")} == set(product.files) - {"index.html"}


def test_every_row_has_the_figures_of_the_release(release: Release, product: folder.Product) -> None:
    told = rows(product.files["index.html"].decode())
    chain = release.geography.regions.chain
    for position, theme in enumerate(release.themes):
        known = {row["zone"]: row for row in figures.rows(release, f"thema:{theme}", "buurt")}
        hot = figures.hotspots_by_region(release, f"thema:{theme}", "buurt", "zone")
        for code, cells in told.items():
            row = known[code]
            listed = [each for each in figures.theme_signals(release, theme) if code in chain(each.region).values()]
            place = sorted({dutch.number(row["rank_low"]), dutch.number(row["rank_high"])}, key=int)
            expected = [dutch.times(row["ratio"]), " tot ".join(place), str(hot[code]), str(len(listed))]
            assert cells[4 * position : 4 * position + 4] == expected


def test_it_says_of_which_release_it_is(release: Release, product: folder.Product) -> None:
    page = product.files["index.html"].decode()
    for words in (
        *(release.area.title, release.digest, release.zones_version, release.key_mark, dutch.DEMO),
        *(release.grondslag.classification, dutch.PROFILES[release.profile], "Bewaren tot en met 31 december 2099"),
        *("Januari 2024 tot en met december 2025. Peildatum 1 januari 2026.", verantwoording.short_promise(10)),
    ):
        assert html.escape(words, quote=False) in page


def test_empties_stay_apart(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    subjects = factsheet.subjects.buurten(release)
    empty = {"class": None, "ratio": None, "rank_low": None}
    statuses = dict(zip((each.region for each in subjects), ("geen_data", "onderdrukt"), strict=False))
    known = [empty | {"zone": code, "status": status} for code, status in statuses.items()]
    monkeypatch.setattr(atlaspagina.figures, "rows", lambda *_: known)
    page, _ = atlaspagina.index(release, subjects)
    first = [cells[0] for cells in rows(page.decode()).values()]
    assert first[:3] == [dutch.NO_DATA, dutch.WITHHELD, atlaspagina.NOTHING]


def test_the_page_has_no_program_and_fetches_nothing(product: folder.Product) -> None:
    page = product.files["index.html"].decode()
    assert "<script" not in page
    assert "style=" not in page
    assert list(faults(page)) == []


# --- processes --------------------------------------------------------------------------------------------------------


def test_two_processes_make_the_same_bytes(
    release: Release, product: folder.Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atlas, "FEWEST", 1)
    told: list[tuple[int, int]] = []
    again = atlas.atlas(release, lambda done, of: told.append((done, of)), processes=2)
    assert dict(again.files) == dict(product.files)
    assert again.said == product.said
    count = len(product.regions)
    assert told == [(done, count) for done in range(count + 1)]


def test_few_buurten_start_no_process(product: folder.Product) -> None:
    assert len(product.regions) < atlas.FEWEST


def dies(*_: object) -> None:
    raise SystemExit(3)


def fails(there: object, *_: object) -> None:
    there.send("de factsheet van Ergens kon niet worden gemaakt")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("work", "words"), [(dies, r"factsheet van .+ \(BU\w+\) maakte, is gestopt"), (fails, "van Ergens")]
)
def test_a_worker_that_fails_gives_one_line(
    release: Release, monkeypatch: pytest.MonkeyPatch, work: Callable[..., None], words: str
) -> None:
    monkeypatch.setattr(atlas, "FEWEST", 1)
    monkeypatch.setattr(atlas, "_work", work)
    with pytest.raises(ReleaseError, match=words) as caught:
        atlas.atlas(release)
    assert "\n" not in str(caught.value)


# --- read back --------------------------------------------------------------------------------------------------------


def test_all_is_well(release: Release, made: Path) -> None:
    assert verdict(release, made) == ()


def test_the_command_says_how_many(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["verifieer", str(made)])
    assert left.value.code == 0
    assert "In orde" in capsys.readouterr().out


def change(made: Path, edit: Callable[[dict], None]) -> None:  # type: ignore[type-arg]
    """Change the manifest, as somebody who hides something would."""
    known = json.loads((made / MANIFEST).read_text(encoding="utf-8"))
    edit(known)
    (made / MANIFEST).write_bytes(verantwoording.canonical_json(known))


def test_a_factsheet_that_is_gone_is_missed(release: Release, product: folder.Product, made: Path) -> None:
    code = product.regions[0]
    name = f"factsheet-{code}.pdf"
    (made / name).unlink()
    assert f"{name}: ontbreekt" in verdict(release, made)
    change(made, lambda known: known["bestanden"].pop(name))
    assert f"{name}: ontbreekt, ook in {MANIFEST}" in verdict(release, made)
    change(made, lambda known: known["atlas"]["gebieden"].remove(code))
    assert f"index.html: noemt andere buurten dan {MANIFEST}" in verdict(release, made)


def test_a_link_elsewhere_is_found(product: folder.Product) -> None:
    page = product.files["index.html"].decode()
    code = product.regions[0]
    for elsewhere in ("https://example.com/x.pdf", "../factsheet-A.pdf", "factsheet-A.html", "kaart.html"):
        other = page.replace(f"factsheet-{code}.pdf", elsewhere)
        assert any("buiten het bestand" in fault for fault in faults(other)), elsewhere


def test_a_changed_number_is_found(release: Release, made: Path) -> None:
    def higher(known: dict) -> None:  # type: ignore[type-arg]
        sentences = known["zinnen"]["index"]
        figure = next(
            figure for each in sentences for figure in each.get("cijfers", ()) if figure["grootheid"] == "verhouding"
        )
        figure["waarde"] *= 3

    change(made, higher)
    found = verdict(release, made)
    assert any("anders dan wat er staat" in fault for fault in found)
    assert any("iets anders dan index.html" in fault for fault in found)


def test_a_changed_row_is_found(release: Release, made: Path) -> None:
    page = (made / "index.html").read_text(encoding="utf-8")
    (made / "index.html").write_text(page.replace(" keer</td>", "1 keer</td>", 1), encoding="utf-8", newline="\n")
    found = verdict(release, made)
    assert any("is veranderd" in fault for fault in found)
    assert f"index.html: 1 rijen met andere getallen dan {MANIFEST}" in found


def test_a_factsheet_of_another_buurt_is_found(release: Release, product: folder.Product, made: Path) -> None:
    one, other = product.regions[:2]
    (made / f"factsheet-{one}.pdf").write_bytes(product.files[f"factsheet-{other}.pdf"])
    assert f"factsheet-{one}.pdf: gaat niet over {one}" in verdict(release, made)


# --- in a browser -----------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("width", [1366, 400])
def test_axe_finds_nothing(chromium: Open, product: folder.Product, width: int) -> None:
    visit = chromium(product.files["index.html"].decode(), width=width)
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    assert Axe().run(visit.page).response["violations"] == []
    assert [each for each in visit.requests if not each.startswith(("file:", "data:"))] == []
    assert visit.problems == []
