"""The rules of the architecture hold: one door, values in and out, same bytes, and what must not exist."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "geoanalyse"
RAW = {
    *(
        "addresses",
        "bag",
        "contract",
        "conversion",
        "csvfile",
        "faults",
        "geofile",
        "geocoding",
        "postgis",
        "spreadsheet",
        "tables",
        "counts",
        "demo",
        "build",
        "exchange",
        "holderfile",
        "holders",
        "engines",
        "fidelity",
        "key",
    ),
    *("protection", "totals", "register", "registerfile"),
}
PUBLIC = ("analyse", "published", "selection", "stats", "signals", "products", "release")
DOOR = "protection"
TOP_LEVEL = {
    *("geoanalyse", "layers", "notebooks", "cli.py", "tests", "examples", "pyproject.toml", "README.md", "docs"),
    *("benchmarks", "CHANGELOG.md", "LICENSE", "SECURITY.md", "CONTRIBUTING.md", ".ci", ".gitignore"),
}
HEAVY = {
    *("geopandas", "duckdb", "rasterio", "pandas", "pyarrow", "numpy", "scipy", "shapely", "pyproj", "pyogrio", "h3"),
    *("folium", "jinja2", "typst", "openpyxl", "xlsxwriter", "rich", "phonenumbers", "stdnum", "pptx", "lxml"),
    "psycopg",
}
POSIX_ONLY = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"}


def name_of(file: Path) -> str:
    """``stats/rates.py`` is ``stats.rates``; a package's own file is the package."""
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {name_of(file): file for file in sorted(PACKAGE.rglob("*.py"))}
TREES = {name: ast.parse(file.read_text(encoding="utf-8")) for name, file in SOURCES.items()}
EVERYWHERE = {
    file: ast.parse(file.read_text(encoding="utf-8"))
    for folder in ("geoanalyse", "tests", "examples", "benchmarks", "notebooks")
    for file in sorted((ROOT / folder).rglob("*.py"))
}


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported anywhere in a file, also inside functions and for types only."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own(tree: ast.AST) -> set[str]:
    """The package's modules that a file imports, or reaches as an attribute of the package."""
    found = {name.removeprefix("geoanalyse.") for name in imported(tree) if name.startswith("geoanalyse.")}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "geoanalyse":
            found.add(node.attr)
    return {name for name in found if name in SOURCES}


GRAPH = {name: own(tree) for name, tree in TREES.items()}


def inside(name: str, parts: set[str] | tuple[str, ...]) -> bool:
    return name.partition(".")[0] in parts


def called(tree: ast.AST) -> Iterator[str]:
    """What is called: ``print``; ``.today`` for ``dt.date.today()``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id
            elif isinstance(node.func, ast.Attribute):
                yield f".{node.func.attr}"


def where(wanted: set[str]) -> dict[str, set[str]]:
    """In which modules of the package something of that name is called."""
    found = {name: wanted & set(called(tree)) for name, tree in TREES.items()}
    return {name: names for name, names in found.items() if names}


# --- 1: one door ------------------------------------------------------------------------------------------------------


def test_the_graph_sees_imports() -> None:
    assert {"counts", "geography", "layer"} <= GRAPH[DOOR]
    assert "products.gate" in GRAPH["products.folder"]
    assert {"addresses", "protection", "analyse"} <= GRAPH["build"]


@pytest.mark.parametrize("name", sorted(name for name in SOURCES if inside(name, PUBLIC)))
def test_the_public_side_reaches_nothing_of_the_raw_side(name: str) -> None:
    reached, waiting = set[str](), [name]
    while waiting:
        here = waiting.pop()
        if here not in reached:
            reached.add(here)
            waiting += GRAPH[here]
    assert not {other for other in reached if inside(other, RAW)}


def test_detectors_of_person_data_guard_the_way_in_and_the_finished_files() -> None:
    users = {name for name, others in GRAPH.items() if "personal" in others}
    assert {name for name in users if inside(name, PUBLIC)} == {"products.gate"}


def test_only_protection_makes_a_protected() -> None:
    assert set(where({"Protected"})) == {DOOR}


def test_only_protection_lets_the_surroundings_through() -> None:
    assert set(where({"Surroundings"})) == {DOOR}


def test_counts_and_protected_share_nothing() -> None:
    bases = {
        node.name: node.bases
        for name in ("counts", "published")
        for node in TREES[name].body
        if isinstance(node, ast.ClassDef) and node.name in {"Counts", "Protected"}
    }
    assert bases == {"Counts": [], "Protected": []}


@pytest.mark.parametrize(("library", "home"), [("h3", "grid"), ("rasterio", "raster")])
def test_one_module_knows_the_library(library: str, home: str) -> None:
    users = {name for name, tree in TREES.items() if any(part.partition(".")[0] == library for part in imported(tree))}
    assert users <= {home}


# --- 2: values in, values out -----------------------------------------------------------------------------------------


def test_what_computes_writes_nothing() -> None:
    writing = where(
        {"open", ".open", ".write_text", ".write_bytes", ".mkdir", ".unlink", ".rename", ".rmtree", ".fdopen"}
    )
    assert not {name for name in writing if inside(name, {"build", "counts", "protection", "signals", "stats"})}


def test_the_clock_is_read_in_the_command_line_only() -> None:
    assert set(where({".now", ".today", ".utcnow"})) == {"commands.shared"}
    assert not [name for name, tree in TREES.items() if "time" in set(imported(tree))]


def test_chance_comes_from_a_generator_that_is_passed_in() -> None:
    drawing = {
        name
        for name, tree in TREES.items()
        if {"random", "secrets", "uuid"} & {part.partition(".")[0] for part in imported(tree)}
    }
    assert drawing == {"key"}  # a new key is the one thing that must not be foreseen
    assert set(where({".default_rng"})) <= {"demo"}
    assert where({".urandom", ".seed", "hash", ".getenv"}) == {}


def test_nothing_global_is_changed() -> None:
    assert not [name for name, tree in TREES.items() if any(isinstance(node, ast.Global) for node in ast.walk(tree))]


# --- 3: anywhere the same ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", EVERYWHERE, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_nothing_runs_on_one_system_only(file: Path) -> None:
    assert not POSIX_ONLY & {part.partition(".")[0] for part in imported(EVERYWHERE[file])}
    assert not {".fork", ".getuid", ".geteuid", ".chown", ".mkfifo"} & set(called(EVERYWHERE[file]))


# --- what must not exist ----------------------------------------------------------------------------------------------


def test_no_module_is_called_after_nothing() -> None:
    assert not {name.split(".")[-1] for name in SOURCES} & {"utils", "util", "helpers", "common", "base", "misc"}


def test_no_class_is_called_after_a_pattern() -> None:
    classes = {node.name for tree in TREES.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    assert not {name for name in classes if re.search("(Manager|Handler|Processor|Factory|Helper|Mixin)$", name)}


def test_the_library_prints_and_runs_no_text() -> None:
    assert where({"print", "eval", "exec", "compile", "__import__"}) == {}
    assert not [name for name, tree in TREES.items() if {"pickle", "marshal", "shelve"} & set(imported(tree))]


def test_every_error_is_caught_by_its_name() -> None:
    broad = {"Exception", "BaseException"}
    found = []
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler):
                kinds = {kind.id for kind in ast.walk(node.type) if isinstance(kind, ast.Name)} if node.type else broad
                found += [f"{name}:{node.lineno}"] * bool(kinds & broad)
    assert not found


def test_modules_are_fetched_by_name_in_one_place() -> None:
    assert set(where({"import_module", ".import_module"})) == {""}  # the package itself, for its public names


def test_the_top_level_is_the_whole_layout() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("dit is geen git-checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
        encoding="utf-8",
    )
    files = [Path(name) for name in listed.stdout.split("\0") if name]
    assert {file.parts[0] for file in files if (ROOT / file).exists()} == TOP_LEVEL


# --- starting up ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        *(
            ["--help"],
            ["build", "--help"],
            ["geografie", "lees", "--help"],
            ["opvolging", "lees", "--help"],
            ["--versie"],
        ),
        *(["bag", "lees", "--help"], ["geocodeer", "--help"], ["omreken", "--help"]),
    ],
)
def test_help_waits_for_no_heavy_import(arguments: list[str]) -> None:
    script = f"""
import sys
from geoanalyse.cli import main
try:
    main({arguments!r})
except SystemExit as end:
    assert end.code == 0
print("loaded:", *sorted({{name.partition(".")[0] for name in sys.modules}}))
"""
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, encoding="utf-8", check=True, cwd=ROOT
    )
    loaded = set(result.stdout.split("loaded:")[1].split())
    assert "click" in loaded
    assert not loaded & HEAVY
