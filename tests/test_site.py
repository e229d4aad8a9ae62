"""The documentation as a site: built without a warning, whole, offline, and in Dutch where an analyst reads."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Browser

import geoanalyse
from geoanalyse import schemas

pytest.importorskip("sphinx", reason="Sphinx is hier niet (pip install -e '.[docs]')")

ROOT = Path(__file__).parents[1]
PAGES = sorted(path.relative_to(ROOT / "docs").with_suffix("") for path in (ROOT / "docs").rglob("*.md"))
FETCHING = {
    *(("img", "src"), ("script", "src"), ("iframe", "src"), ("source", "src"), ("source", "srcset"), ("img", "srcset")),
    *(("object", "data"), ("embed", "src"), ("link", "href"), ("audio", "src"), ("video", "src")),
}


class Page(HTMLParser):
    """What a page fetches, and where its links lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched, self.links = list[str](), list[str]()
        self.language = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = known.get("lang", "")
        self.fetched += [value for name, value in known.items() if (tag, name) in FETCHING]
        if tag == "a" and "href" in known:
            self.links.append(known["href"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-d", folder / "tussen", "docs", folder / "site"],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return folder / "site"


def pages(site: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(site.rglob("*.html")):
        yield path, path.read_text(encoding="utf-8")


def test_every_page_of_the_documentation_is_in_the_site_and_can_be_reached(site: Path) -> None:
    missing = [page for page in PAGES if not (site / f"{page}.html").is_file()]
    assert missing == []
    reached, waiting = set[Path](), [site / "index.html"]
    while waiting:
        here = waiting.pop()
        if here not in reached:
            reached.add(here)
            targets = (link.partition("#")[0] for link in Page(here.read_text(encoding="utf-8")).links)
            files = [(here.parent / target).resolve() for target in targets if target and ":" not in target]
            assert [file for file in files if not file.exists()] == [], here
            waiting += [file for file in files if file.suffix == ".html"]
    assert {site / f"{page}.html" for page in PAGES} <= reached


def test_a_page_fetches_nothing_from_elsewhere(site: Path) -> None:
    seen = 0
    for path, text in pages(site):
        for address in Page(text).fetched:
            seen += 1
            assert not re.match(r"(?i)([a-z][a-z0-9+.-]*:)?//", address), f"{path.name}: {address}"
    assert seen > 100
    for path in site.rglob("*.css"):
        style = path.read_text(encoding="utf-8")
        assert not re.search(r"(?i)@import|url\(\s*[\"']?(https?:)?//", style), path.name


def test_the_site_is_dutch_and_so_are_its_buttons(site: Path) -> None:
    for path, text in pages(site):
        assert Page(text).language == "nl", path.name
    handleiding = (site / "handleiding.html").read_text(encoding="utf-8")
    for words in ("Op deze pagina", "Volgende", "Vorige", "Zoeken"):
        assert words in handleiding
    for words in ("On this page", ">Next<", ">Previous<"):
        assert words not in handleiding


def test_every_public_name_is_in_the_reference(site: Path) -> None:
    page = (ROOT / "docs/api/index.md").read_text(encoding="utf-8")
    assert [name for name in geoanalyse.__all__ if f"`{name}`" not in page] == []
    listed = re.findall(r"^\| \[?`(\w+)`", page, flags=re.MULTILINE)
    assert sorted(listed) == sorted(geoanalyse.__all__)
    shown = "".join(path.read_text(encoding="utf-8") for path in (site / "api").glob("*.html"))
    for name, module in geoanalyse._HOME.items():
        own = geoanalyse._NAMED.get(name, name)
        assert f'id="geoanalyse.{module}.{own}"' in shown, name


def test_every_schema_can_be_had_from_the_site(site: Path) -> None:
    page = Page((site / "schema.html").read_text(encoding="utf-8"))
    offered = {Path(link).name: site / link for link in page.links if link.endswith(".json")}
    assert set(offered) == {f"{name}.json" for name in (*schemas.INPUTS, *schemas.OUTPUTS)}
    for name, path in offered.items():
        assert path.read_text(encoding="utf-8") == schemas.text(name.removesuffix(".json"))


@pytest.mark.browser
@pytest.mark.parametrize("wide", [1366, 390])
def test_pages_open_from_disk_at_any_width_and_search_finds(
    site: Path,
    _browsers: Callable[..., Browser],  # noqa: PT019 - it gives a function that starts one
    wide: int,
) -> None:
    context = _browsers().new_context(offline=True, viewport={"width": wide, "height": 800})
    asked, said = list[str](), list[str]()
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for name in ("index", "handleiding", "methoden", "schema", "api/inputs", "decisions/0005-register"):
        page.goto((site / f"{name}.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= wide, name
    page.goto((site / "search.html").as_uri() + "?q=sleutel")
    page.wait_for_function("document.querySelectorAll('#search-results li').length > 2")
    page.wait_for_function("document.querySelector('.search-summary').innerText.length > 5")
    assert "Handleiding" in page.inner_text("#search-results")
    assert re.search(r"\d+ pagina's gevonden", page.inner_text("#search-results"))
    context.close()
    assert said == []
    assert [address for address in asked if not address.startswith(site.as_uri())] == []
