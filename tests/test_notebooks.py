"""Every notebook runs as it stands, offline and on the public names alone, and says what its release says."""

import ast
import json
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib.font_manager  # noqa: F401 - lists the fonts once, before a kernel would do so and say it on stderr
import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

import geoanalyse
from geoanalyse import demo, fidelity
from geoanalyse.build import Request, prepare
from geoanalyse.release import Release
from tests.browser_fixtures import Open

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
MAY_IMPORT = {
    *("datetime", "json", "subprocess", "sys", "tempfile", "pathlib.Path"),
    *("geoanalyse", "geopandas", "pandas", "matplotlib.pyplot"),
    "matplotlib_inline.backend_inline.set_matplotlib_formats",
}
DODGES = {"getattr", "vars", "globals", "locals", "eval", "exec", "compile", "__import__"}
OF_A_RELEASE = {name for name in dir(Release) if not name.startswith("_")}
RAW_COLUMNS = {"sleutel", "oost", "noord", "pand"}
PAGE = '<!DOCTYPE html><html lang="nl"><meta charset="utf-8"><title>Notebook</title><body>{}</body></html>'


def cells(path: Path, kind: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


# --- what stands in the cells -----------------------------------------------------------------------------------------


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def outside_the_public_names(code: str) -> list[str]:
    """Everything in the code of a notebook that is no public name of geoanalyse, or could reach one by a detour."""
    tree = ast.parse(code)
    found = [f"import {name}" for name in imported(tree) if name not in MAY_IMPORT]
    owner = {node.value: node for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    releases = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("geoanalyse.build(")
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            found.append("logic that belongs in the package")
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            found.append(f"private: {node.attr}")
        if not isinstance(node, ast.Name):
            continue
        taken = owner.get(node)
        if node.id in DODGES:
            found.append(f"detour: {node.id}")
        if node.id == "geoanalyse" and (taken is None or taken.attr not in geoanalyse.__all__ or taken in owner):
            found.append(f"no public name: {ast.unparse(owner.get(taken) or taken or node)}")
        if node.id in releases and isinstance(node.ctx, ast.Load) and (taken is None or taken.attr not in OF_A_RELEASE):
            found.append(f"no attribute of a release: {ast.unparse(taken or node)}")
        if node.id == "subprocess" and (taken is None or not runs_our_command(tree, taken)):
            found.append(f"another program: {ast.unparse(taken or node)}")
    return found


def runs_our_command(tree: ast.AST, function: ast.Attribute) -> bool:
    (call,) = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.func is function] or [None]
    return (
        call is not None
        and function.attr == "run"
        and isinstance(call.args[0], ast.List)
        and [ast.unparse(word) for word in call.args[0].elts[:3]] == ["sys.executable", "'-m'", "'geoanalyse'"]
    )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_uses_public_names_only(path: Path) -> None:
    code = "\n".join(cell.source for cell in cells(path, "code"))
    assert outside_the_public_names(code) == []
    assert "geoanalyse.build(" in code


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("from geoanalyse import demo", "import geoanalyse.demo"),
        ("import geoanalyse.fidelity", "import geoanalyse.fidelity"),
        ("import geoanalyse\ngeoanalyse.fidelity.measure", "no public name: geoanalyse.fidelity.measure"),
        ("import geoanalyse\ngeoanalyse.build.prepare(vraag)", "no public name: geoanalyse.build.prepare"),
        ("import geoanalyse\npakket = geoanalyse", "no public name: geoanalyse"),
        ("release = geoanalyse.build('x')\nrelease.geheim", "no attribute of a release: release.geheim"),
        ("release = geoanalyse.build('x')\nander = release", "no attribute of a release: release"),
        ("release = geoanalyse.build('x')\nrelease.protected._raw", "private: _raw"),
        ("getattr(release, naam)", "detour: getattr"),
        ("import subprocess\nsubprocess.run(['curl'])", "another program: subprocess.run"),
        ("import requests", "import requests"),
        ("f = lambda x: x", "logic that belongs in the package"),
    ],
)
def test_a_notebook_that_reaches_further_is_caught(code: str, fault: str) -> None:
    assert fault in outside_the_public_names(code)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_short_and_kept_without_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert 8 <= len(notebook.cells) <= 14
    assert [cell.id for cell in notebook.cells] == [f"cel-{number:02}" for number in range(len(notebook.cells))]
    assert all(not cell.outputs and cell.execution_count is None for cell in cells(path, "code"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_says_that_it_is_a_demo_and_what_may_be_concluded(path: Path) -> None:
    texts = [cell.source for cell in cells(path, "markdown")]
    assert texts[0].startswith("# ")
    assert "**DEMO: verzonnen gegevens.**" in texts[0]
    assert "## Wat mag u zeggen, en wat niet" in texts[-1]
    assert {"**Wel:**", "**Niet:**"} <= set(re.findall(r"\*\*\w+:\*\*", texts[-1]))


def test_the_readme_names_every_notebook_and_what_it_links_to_is_there() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"\]\(([^)]+)\.ipynb\)", readme)) == [path.stem for path in NOTEBOOKS]
    texts = [readme, *(cell.source for path in NOTEBOOKS for cell in cells(path, "markdown"))]
    links = {link for text in texts for link in re.findall(r"\]\(([^)#]+)", text)}
    assert links
    assert [link for link in sorted(links) if not (FOLDER / link).is_file()] == []


# --- what they show ---------------------------------------------------------------------------------------------------


# Runs after the last cell, in the same kernel: what the release says, by other means than the notebook's own.
PROBE = """
import json as _json
print(_json.dumps({{name: eval(code) for name, code in {wanted!r}.items()}}, default=str))
"""
STATISTICS = "release.statistics.select(['layer', 'level', 'zone', 'value', 'status', 'low', 'high', 'hotspot'])"
WANTED = {
    "van-gegevens-naar-kaart": {"digest": "release.digest", "rows": f"{STATISTICS}.to_pylist()"},
    "hotspots": {"rows": f"{STATISTICS}.to_pylist()"},
    "bescherming-en-nauwkeurigheid": {
        profile: f"{name}.statistics.select(['layer', 'level', 'zone', 'value']).to_pylist()"
        for profile, name in (("casustafel", "release"), ("streng", "streng"), ("openbaar", "openbaar"))
    },
    "perioden-vergelijken": {
        "kwartaal": "release.windows.to_pylist()",
        "jaar": "jaaruitgave.windows.to_pylist()",
        "kwartaal_anders": "release.changes.to_pylist()",
        "jaar_anders": "jaaruitgave.changes.to_pylist()",
        "trends": "release.trends.to_pylist()",
        "names": "{code: release.geography.regions.name(code) for code in set(release.trends['zone'].to_pylist())}",
    },
}


@dataclass(frozen=True)
class Ran:
    """What a notebook showed, and what the release in its kernel said afterwards."""

    name: str
    outputs: Sequence[nbformat.NotebookNode]
    release: dict[str, Any]

    @property
    def pages(self) -> list[str]:
        """Every output that a browser would draw."""
        kinds = ("text/html", "image/svg+xml")
        shown = [output.data for output in self.outputs if "data" in output]
        return [next(data[kind] for kind in kinds if kind in data) for data in shown]

    @property
    def tables(self) -> list[pd.DataFrame]:
        return [table for page in self.pages if "<table" in page for table in read_tables(page)]

    @property
    def said(self) -> str:
        return "".join(output.text for output in self.outputs if output.get("name") == "stdout")


def read_tables(page: str) -> list[pd.DataFrame]:
    """Tables of an output, with the row of names of the index taken into the head."""
    found = []
    for table in pd.read_html(StringIO(page), decimal=",", thousands="."):
        if isinstance(table.columns, pd.MultiIndex):
            upper, lower = table.columns.get_level_values(0), table.columns.get_level_values(-1)
            table.columns = [
                low if not str(low).startswith("Unnamed") else up for up, low in zip(upper, lower, strict=True)
            ]
        found.append(table)
    return found


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def ran(request: pytest.FixtureRequest) -> Ran:
    path: Path = request.param
    notebook = nbformat.read(path, as_version=4)
    probe = PROBE.format(wanted=WANTED[path.stem])
    notebook.cells.append(nbformat.v4.new_code_cell(probe))
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}}
    ).execute()
    *shown, last = [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]
    return Ran(path.stem, [output for outputs in shown for output in outputs], json.loads(last[0].text))


def test_a_notebook_runs_without_a_warning_and_shows_something(ran: Ran) -> None:
    assert [output.text for output in ran.outputs if output.get("name") == "stderr"] == []
    assert len(ran.tables) >= 2
    assert any("<svg" in page or "srcdoc" in page for page in ran.pages)  # a chart or the map
    if "bescherming" not in ran.name:
        assert "srcdoc" in ran.pages[-1 if "van-gegevens" not in ran.name else 3]


class Loads(HTMLParser):
    """What a page fetches from elsewhere: links that a reader may follow are no part of it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, text in attrs:
            value = text or ""
            if name == "srcdoc":
                self.found += fetched(value)
            elif name in {"src", "data", "poster"} or (name.endswith("href") and tag not in {"a", "area"}):
                self.found += re.findall(r"^\s*(?:https?:)?//\S+", value)
            elif name == "srcset":
                self.found += re.findall(r"(?:^|,)\s*(?:https?:)?//\S+", value)
            elif name == "style":
                self.found += fetched_by_style(value)

    def handle_data(self, data: str) -> None:
        if self.lasttag == "style":
            self.found += fetched_by_style(data)


def fetched_by_style(text: str) -> list[str]:
    return re.findall(r"""(?:url\(\s*|@import\s+)["']?(?:https?:)?//[^\s"')]+""", text)


def fetched(page: str) -> list[str]:
    parser = Loads()
    parser.feed(page)
    return parser.found


def test_no_output_loads_anything_from_elsewhere(ran: Ran) -> None:
    assert [address for page in ran.pages for address in fetched(page)] == []


@pytest.mark.parametrize(
    "page",
    [
        '<script src="https://cdn.example/vega.js"></script>',
        '<link rel="stylesheet" href="//cdn.example/a.css">',
        '<iframe srcdoc="&lt;img src=&quot;http://tegel.example/1.png&quot;&gt;"></iframe>',
        "<style>@import 'https://cdn.example/a.css';</style>",
        '<div style="background: url(https://cdn.example/a.png)"></div>',
        '<svg><image xlink:href="https://cdn.example/a.png"/></svg>',
        '<img srcset="data:image/png;base64,AAAA 1x, https://cdn.example/a.png 2x">',
    ],
)
def test_an_output_that_does_load_something_is_caught(page: str) -> None:
    assert len(fetched(page)) == 1


def test_a_link_and_a_name_space_load_nothing() -> None:
    page = """<link rel="icon" href="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>"><a href="https://a">bron</a>"""
    assert fetched(page) == []


@pytest.mark.browser
def test_a_browser_shows_the_outputs_and_asks_nobody_for_anything(chromium: Open, ran: Ran) -> None:
    visit = chromium(PAGE.format("".join(f"<div>{page}</div>" for page in ran.pages)))
    if any("srcdoc" in page for page in ran.pages):
        visit.page.frame_locator("iframe").locator("html[data-klaar=alles]").wait_for(timeout=20_000)
    charts = visit.page.locator("svg").count()
    assert charts == sum("<svg" in page and "srcdoc" not in page for page in ran.pages)
    assert visit.page.locator("table").count() == len(ran.tables)
    assert [address for address in visit.requests if not address.startswith(("file:", "data:", "blob:"))] == []
    assert visit.problems == []


def rows_of_addresses(texts: Sequence[str], tables: Sequence[pd.DataFrame]) -> list[str]:
    """Signs that an output shows rows of the input, or where they lay."""
    signs = [r"demo\d{7}", r"POINT \(", re.escape(tempfile.gettempdir()) + "/"]
    found = [match for text in texts for sign in signs for match in re.findall(sign, text)]
    return found + [name for table in tables for name in map(str, table.columns) if name in RAW_COLUMNS]


def test_no_output_holds_a_row_of_an_address(ran: Ran) -> None:
    plain = [output.data.get("text/plain", "") for output in ran.outputs if "data" in output]
    assert rows_of_addresses([*ran.pages, *plain, ran.said], ran.tables) == []


def test_an_output_with_addresses_is_caught() -> None:
    table = pd.DataFrame({"sleutel": ["a1"], "oost": [127000], "noord": [480500]})
    assert rows_of_addresses(["demo0000191;2025-02-08"], [table]) == ["demo0000191", "sleutel", "oost", "noord"]


# --- that it is true --------------------------------------------------------------------------------------------------


WORDS = {"middelgroot vak": "res9", "groot vak": "res8"}


def counted(rows: Sequence[dict[str, Any]], **wanted: Any) -> int:  # noqa: ANN401 - a cell of a table
    return sum(all(row[name] == value for name, value in wanted.items()) for row in rows)


def status_table(ran: Ran) -> None:
    """The table of what is shown at which level, and the digest of the files, are those of the release."""
    read, faults, statuses, files = ran.tables
    assert read.set_index("bestand")["geweigerd"].eq(0).all()
    assert len(faults) == 3
    seen = statuses.set_index(["laag", "wat er staat"])
    assert list(seen.columns) == ["zone", *WORDS, "buurt", "wijk"]
    for (layer, status), row in seen.iterrows():
        levels = [WORDS.get(name, name) for name in seen.columns]
        assert row.tolist() == [
            counted(ran.release["rows"], layer=layer, status=status, level=level) for level in levels
        ]
    assert ran.said.count(ran.release["digest"][:12]) == 2  # of the files and of the release
    assert {"kaart.html", "manifest.json", "zones.parquet"} <= set(files["bestand"])


def hotspot_tables(ran: Ran) -> None:
    """Tested places and hot spots per level, and the margins of each hot spot, are those of the release."""
    overview, _, firm = ran.tables
    rows = ran.release["rows"]
    assert len(overview) == 9
    for row in overview.to_dict("records"):
        here = {"layer": row["laag"], "level": WORDS.get(row["niveau"], row["niveau"])}
        hot = counted(rows, **here, hotspot="hotspot")
        tested = hot + counted(rows, **here, hotspot="geen") + counted(rows, **here, hotspot="coldspot")
        assert (row["getoetst"], row["hotspots"]) == (tested, hot)
    known = [row for row in rows if row["layer"] == "mma-meldingen" and row["level"] == "zone"]
    hot = [(row["low"], row["high"]) for row in known if row["hotspot"] == "hotspot"]
    assert sorted(zip(firm["minstens"], firm["hooguit"], strict=True)) == sorted(hot)
    assert 0 < len(hot) < len(known)


def errors_per_level(ran: Ran) -> None:
    """The errors are those of the published values beside the counts that the package itself makes."""
    layers = ("kvk-registraties", "mma-meldingen")
    made = prepare(Request("zuidoost", demo.REFERENCE_DATE, layer_ids=layers))
    exact = {
        (item.layer.id, level): fidelity._exact(item, level, made.geography.zones.base[item.layer.base], made.geography)
        for item in made.counts
        for level in ("zone", "buurt", "wijk")
    }
    errors = {
        profile: {
            place: [
                abs(row["value"] - of[row["zone"]])
                for row in rows
                if (row["layer"], row["level"]) == place and row["value"] is not None
            ]
            for place, of in exact.items()
        }
        for profile, rows in ran.release.items()
    }
    shown = ran.tables[-1].set_index(["laag", "niveau"])
    assert len(shown) == len(exact) == 6
    for place, row in shown.iterrows():
        here = errors["casustafel"][place]
        assert row["plekken"] == len(here)
        assert row["gemiddelde fout"] == pytest.approx(sum(here) / len(here), abs=0.051)
        assert row["grootste fout"] == max(here)
    assert "100% van" in ran.said
    chart = re.findall(r"<!-- ([0-9],[0-9]|-) -->", ran.pages[-1])  # a comment beside each text that is drawn
    bars = [
        f"{sum(found) / len(found):.1f}".replace(".", ",") if (found := errors[profile][layer, level]) else "-"
        for layer in reversed(layers)
        for profile in ("casustafel", "streng", "openbaar")
        for level in ("zone", "buurt", "wijk")
    ]
    assert chart == bars


def comparisons(ran: Ran) -> None:
    """The numbers of comparisons, the proven differences and the alarm are those of the release."""
    _, steps, proven, trends = ran.tables
    steps = steps.set_index(steps.columns[0])
    for column, name in (("per kwartaal", "kwartaal"), ("per jaar", "jaar")):
        windows: dict[str, list[int]] = {}
        for row in ran.release[name]:
            if row["level"] == "buurt" and row["value"] is not None:
                windows.setdefault(row["zone"], []).append(row["value"])
        pairs = [(a, b) for values in windows.values() for place, a in enumerate(values) for b in values[place + 1 :]]
        assert steps[column].tolist()[:2] == [len(pairs), sum(a != b for a, b in pairs)]
        assert steps.loc["aantoonbaar anders", column] == counted(ran.release[f"{name}_anders"], level="buurt")
        assert all(before >= after for before, after in pairwise(steps[column]))
    names = ran.release["names"]
    known = [(names[row["zone"]], row["change"]) for row in ran.release["jaar_anders"]]
    assert list(zip(proven["gebied"], proven["in het latere jaar"], strict=True)) == known
    assert known
    alarms = {names[row["zone"]] for row in ran.release["trends"] if row["alarm"]}
    assert alarms == set(trends.loc[trends["waarschuwing in kwartaal vanaf"] != "geen", "gebied"])


CHECKS: dict[str, Callable[[Ran], None]] = {
    "van-gegevens-naar-kaart": status_table,
    "hotspots": hotspot_tables,
    "bescherming-en-nauwkeurigheid": errors_per_level,
    "perioden-vergelijken": comparisons,
}


def test_a_notebook_says_what_the_release_says(ran: Ran) -> None:
    CHECKS[ran.name](ran)


def test_every_notebook_is_held_against_its_release() -> None:
    assert [path.stem for path in NOTEBOOKS] == sorted(CHECKS) == sorted(WANTED)
