"""Every example runs as its own first lines say."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from geoanalyse.layer import read_layers

EXAMPLES = Path(__file__).parents[1] / "examples"
ADAPTERS = {"weesp": "addresses", "amsterdam-adressen": "events"}


def ran(script: Path, *arguments: str | Path) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script), *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_no_example_is_forgotten_here() -> None:
    scripts = {path.relative_to(EXAMPLES).as_posix() for path in EXAMPLES.rglob("*.py")}
    assert scripts == {"verken_demo.py", "eigen_gegevens.py", *(f"{name}/maak_invoer.py" for name in ADAPTERS)}
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert all(name in readme for name in ("verken_demo.py", "eigen_gegevens.py", *ADAPTERS))


def test_the_demo_can_be_explored() -> None:
    said = ran(EXAMPLES / "verken_demo.py")
    assert said.startswith("DEMO: verzonnen gegevens\n")
    found = re.search(r"(\d+) van (\d+) zones liggen in een hotspot", said)
    assert found
    assert 0 < int(found[1]) < int(found[2])
    assert "Amsterdamse Poort e.o." in said


def test_own_data_become_a_map(tmp_path: Path) -> None:
    said = ran(EXAMPLES / "eigen_gegevens.py", tmp_path / "eigen")
    page = Path(said.removeprefix("Open de kaart: ").strip())
    assert page.is_relative_to(tmp_path)
    assert {file.name for file in page.parent.iterdir()} >= {"kaart.html", "zones.parquet", "manifest.json"}
    manifest = json.loads((page.parent / "manifest.json").read_text(encoding="utf-8"))
    assert [layer["id"] for layer in manifest["lagen"]] == ["mma-meldingen"]
    assert manifest["grondslag"]["demo"] is False
    assert (tmp_path / "eigen" / "eigen.sleutel.register.json").read_text(encoding="utf-8").count('"digest"') == 1


def test_own_data_do_not_overwrite_a_folder(tmp_path: Path) -> None:
    script = EXAMPLES / "eigen_gegevens.py"
    done = subprocess.run([sys.executable, str(script), str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "nog niet bestaat" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ADAPTERS)
def test_the_adapters_make_a_table_for_every_layer_of_theirs(name: str, shared: Path, tmp_path: Path) -> None:
    said = ran(EXAMPLES / name / "maak_invoer.py", shared / ADAPTERS[name], tmp_path / "invoer")
    assert all(re.fullmatch(r" *[0-9]+  \S.*", line) for line in said.splitlines())
    layers = [layer.id for layer in read_layers(EXAMPLES / name / "lagen")]
    assert {file.name for file in (tmp_path / "invoer").iterdir()} == {
        "adressen.csv",
        "grondslag.toml",
        *(f"{layer}.csv" for layer in layers),
    }


@pytest.mark.parametrize("name", ADAPTERS)
def test_the_adapters_say_how_they_are_used(name: str) -> None:
    script = EXAMPLES / name / "maak_invoer.py"
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "Gebruik: python maak_invoer.py BRON UIT\n")
    assert f"examples/{name}/maak_invoer.py BRON" in (EXAMPLES / name / "README.md").read_text(encoding="utf-8")
