"""What is declared, shipped and run by CI: dependencies, the wheel, a bare checkout, and the README's commands."""

import ast
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import geoanalyse

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RUNTIME = [Requirement(line) for line in PROJECT["dependencies"]]
EXTRAS = PROJECT["optional-dependencies"].values()
TEST = [Requirement(line) for extra in EXTRAS for line in extra if not line.startswith("geoanalyse[")]
LEAST = {canonicalize_name(one.name): next(iter(one.specifier)).version for one in (*RUNTIME, *TEST)}
BUILD = "import sys, hatchling.build as backend; backend.build_{kind}(sys.argv[1])"


def text(*path: str) -> str:
    return ROOT.joinpath(*path).read_text(encoding="utf-8")


def pins(name: str) -> dict[str, str]:
    """Read a file of exact versions."""
    lines = [line for line in text(".ci", name).splitlines() if line and not line.startswith("#")]
    found = [re.fullmatch(r"([A-Za-z0-9._-]+)==([0-9][A-Za-z0-9.]*)", line) for line in lines]
    assert all(found), "only exact versions"
    return {canonicalize_name(match[1]): match[2] for match in found if match}


# --- dependencies -----------------------------------------------------------------------------------------------------


def test_lowest_holds_the_lower_bounds_and_nothing_else() -> None:
    assert pins("lowest.txt") == LEAST


def test_tested_holds_every_dependency_within_its_bounds() -> None:
    tested = pins("tested.txt")
    for one in (*RUNTIME, *TEST):
        assert one.specifier.contains(tested[canonicalize_name(one.name)])
        assert Version(tested[canonicalize_name(one.name)]) >= Version(LEAST[canonicalize_name(one.name)])


def test_every_dependency_has_a_lower_bound_and_a_reason() -> None:
    reasons = text("docs", "dependencies.md")
    for one in (*RUNTIME, *TEST):
        assert len(one.specifier) == 1
        assert next(iter(one.specifier)).operator in {">=", "=="}
        assert f"| {one.name} |" in reasons, f"docs/dependencies.md says nothing of {one.name}"


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in (ROOT / "geoanalyse").rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    imported = {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names) - {"geoanalyse"}
    owner = importlib.metadata.packages_distributions()
    found = {canonicalize_name(one) for name in imported for one in owner[name]}
    declared = {canonicalize_name(one.name) for one in RUNTIME}
    files_only = {"django-js-lib-leaflet", "font-source-sans-pro"}  # read as files, never run
    optional = {"psycopg"}  # an extra, with one message where it is missing
    assert found <= declared | optional
    assert declared - found <= files_only


def test_nothing_names_a_registry_or_a_machine() -> None:
    for name in ("tested.txt", "lowest.txt", "run"):
        assert not re.search(r"https?://|file:|--(extra-)?index-url|--hash|/work|/opt/", text(".ci", name))


# --- what is shipped --------------------------------------------------------------------------------------------------


def build(kind: str, folder: Path, source: Path = ROOT) -> Path:
    """Make a wheel or an sdist as pip would, without a network."""
    subprocess.run(
        [sys.executable, "-c", BUILD.format(kind=kind), str(folder)], cwd=source, check=True, capture_output=True
    )
    (made,) = folder.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("sdist", tmp_path_factory.mktemp("sdist"))


def below(folder: str) -> set[str]:
    """Every file of a folder of the checkout, as paths from the root."""
    files = (file for file in (ROOT / folder).rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    return {file.relative_to(ROOT).as_posix() for file in files}


def test_the_wheel_holds_the_package_and_the_layers_and_nothing_else(wheel: Path) -> None:
    assert wheel.name == f"geoanalyse-{geoanalyse.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        (licence,) = (name for name in archive.namelist() if name.endswith("licenses/LICENSE"))
        assert archive.read(licence) == (ROOT / "LICENSE").read_bytes()
    assert names == below("geoanalyse") | {f"geoanalyse/{name}" for name in below("layers")}
    assert {"geoanalyse/layers/fiu-signalen.toml", "geoanalyse/data/geografie.parquet"} <= names


def test_the_sdist_makes_the_same_wheel(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    assert (source / ".ci" / "run").is_file()
    (tmp_path / "out").mkdir()
    again = build("wheel", tmp_path / "out", source)
    with zipfile.ZipFile(wheel) as left, zipfile.ZipFile(again) as right:
        assert {name: left.read(name) for name in left.namelist()} == {
            name: right.read(name) for name in right.namelist()
        }


def layers_of(*command: str, cwd: Path, **environment: str) -> Path:
    """Ask an installation in which folder its layers are."""
    done = subprocess.run(
        [sys.executable, *command, "lagen"],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        check=True,
        text=True,
        encoding="utf-8",
    )
    return Path(re.findall(r"De laagbestanden staan in (.*?); kopieer", done.stdout)[0]).resolve()


def test_an_installed_wheel_finds_its_layers(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)  # noqa: S202 - our own wheel
    found = layers_of("-m", "geoanalyse", cwd=tmp_path, PYTHONPATH=str(site))
    assert found == (site / "geoanalyse" / "layers").resolve()


def test_a_bare_checkout_finds_its_layers(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    for folder in ("geoanalyse", "layers"):
        shutil.copytree(ROOT / folder, checkout / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "cli.py", checkout)
    assert layers_of(str(checkout / "cli.py"), cwd=tmp_path) == (checkout / "layers").resolve()


def test_the_version_has_one_home() -> None:
    assert importlib.metadata.version("geoanalyse") == geoanalyse.__version__
    assert f"## {geoanalyse.__version__}" in text("CHANGELOG.md")


# --- the README and CI ------------------------------------------------------------------------------------------------


def test_the_readme_has_the_two_commands_and_ci_runs_the_second() -> None:
    assert "pip install . && geoanalyse build --gebied zuidoost" in text("README.md")
    command = 'pip install -e ".[test]" && pytest'
    assert command in text("README.md")
    assert command in text(".ci", "run")
    assert "geoanalyse build --gebied" in text(".ci", "run").replace('"$work/installed/bin/geoanalyse"', "geoanalyse")


def test_every_switched_off_lint_rule_has_a_reason() -> None:
    section = text("pyproject.toml").split("[tool.ruff.lint]")[1].split("[tool.ruff.lint.pydocstyle]")[0]
    rules = re.findall(r'^  "[A-Z]+\d*",(.*)$', section, re.MULTILINE)
    assert len(rules) >= 10
    reasons = [comment.strip() for comment in rules]
    assert all(reason.startswith("# ") for reason in reasons)


@pytest.mark.skipif(shutil.which("bash") is None or os.name != "posix", reason="bash is hier niet")
def test_the_ci_script_is_a_program_that_bash_reads() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=True)
