"""An attacker who holds everything that was ever issued finds nothing that was promised to stay hidden.

The adversary shares no code with the package: it gets folders of finished files and public geography. That a clean
workload passes means something because each planted fault is caught.
"""

import ast
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.attack import adversary, cases
from tests.attack.faults import FAULTS, Fault
from tests.attack.workload import Ground

ROOT = Path(__file__).parents[2]
TESTS = tuple(f"T{number}" for number in range(20) if number != 17)
"""T17 is this file: the planted faults."""
HEADLINES = ("kleinste_groep", "aandeel_exact", "smalste_interval")
# None in place of a module makes every import of it fail.
WITHOUT_THE_PACKAGE = """
import runpy, sys
sys.modules["geoanalyse"] = None
sys.argv[0] = "adversary"
runpy.run_module("tests.attack.adversary", run_name="__main__", alter_sys=True)
"""


@dataclass(frozen=True, slots=True)
class Attacked:
    """What the program said about a case, in a process of its own that cannot import the package."""

    code: int
    said: str
    report: Mapping[str, Any]


def attack_apart(folder: Path) -> Attacked:
    report = folder / "verslag.json"
    result = subprocess.run(
        [
            *(sys.executable, "-c", WITHOUT_THE_PACKAGE, str(folder / "geval")),
            *("--waarheid", str(folder / "waarheid"), "--json", str(report)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert report.exists(), result.stderr
    return Attacked(result.returncode, result.stdout, json.loads(report.read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def short(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ground, Path]:
    folder = tmp_path_factory.mktemp("kort")
    return cases.make_short(folder), folder


@pytest.fixture(scope="session")
def clean(short: tuple[Ground, Path]) -> Attacked:
    return attack_apart(short[1])


@pytest.fixture(scope="session")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    folder = tmp_path_factory.mktemp("rand")
    cases.make_edge(folder)
    return attack_apart(folder)


@pytest.fixture(scope="session")
def faulty(short: tuple[Ground, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fouten")
    cases.make_faulty(short[0], folder)
    return folder


def outcome(attacked: Attacked, test: str) -> Mapping[str, Any]:
    (found,) = (each for each in attacked.report["toetsen"] if each["toets"] == test)
    return found


# --- a clean workload -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("test", TESTS)
def test_the_workload_withstands(test: str, clean: Attacked) -> None:
    found = outcome(clean, test)
    assert found["geslaagd"], found["uitkomst"]
    assert found["van_toepassing"], found["uitkomst"]


@pytest.mark.parametrize("test", TESTS)
def test_the_edges_withstand(test: str, edge: Attacked) -> None:
    found = outcome(edge, test)
    assert found["geslaagd"], found["uitkomst"]


def test_the_program_says_a_line_per_test_and_three_figures_and_ends_well(clean: Attacked) -> None:
    assert clean.code == 0
    lines = clean.said.splitlines()
    for test in TESTS:
        assert sum(line.startswith(f"{test} ") for line in lines) == 1
    for name in HEADLINES:
        assert clean.report[name] is not None


# --- teeth (T17) ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_caught(fault: Fault, faulty: Path, short: tuple[Ground, Path]) -> None:
    report = adversary.attack(faulty / fault.name, short[1] / "waarheid", only={fault.test})
    assert [(result.test, result.passed) for result in report.results] == [(fault.test, False)]


def test_the_same_releases_without_a_fault_are_not_held_against_it(faulty: Path, short: tuple[Ground, Path]) -> None:
    tests = {fault.test for fault in FAULTS}
    report = adversary.attack(faulty / "sound", short[1] / "waarheid", only=tests)
    assert {result.test for result in report.results} == tests
    assert not [str(result) for result in report.results if not (result.passed and result.applies)]


# --- apart from the package -------------------------------------------------------------------------------------------


def test_the_adversary_imports_nothing_of_the_package() -> None:
    files = sorted((ROOT / "tests" / "attack" / "adversary").rglob("*.py"))
    assert files
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        own = {name for name in imported if name.startswith(("geoanalyse", "tests"))}
        assert not {name for name in own if not f"{name}.".startswith("tests.attack.adversary.")}, file.name


def test_importing_the_package_fails_where_the_adversary_runs() -> None:
    script = WITHOUT_THE_PACKAGE.split("sys.argv", maxsplit=1)[0] + "import geoanalyse.layer"
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert "ModuleNotFoundError" in result.stderr


# --- the whole of it --------------------------------------------------------------------------------------------------


@pytest.mark.full
@pytest.mark.parametrize("seed", cases.SEEDS)
def test_the_standard_workload_withstands_every_test(seed: int, tmp_path: Path) -> None:
    cases.make_standard(tmp_path, seed)
    attacked = attack_apart(tmp_path)
    assert not [each for each in attacked.report["toetsen"] if not each["geslaagd"]]
    assert attacked.code == 0
