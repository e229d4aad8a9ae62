"""The command line: Dutch help with examples, exit codes, refusals in one line, and nothing half written."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import pytest

import geoanalyse
from geoanalyse import area, cli, grid
from geoanalyse.geography import shipped_regions
from geoanalyse.layer import read_layers, shipped_folder

ROOT = Path(__file__).parents[1]
ORDER = [
    "build",
    "atlas",
    "scan",
    "casusbeeld",
    "vlak",
    "omgeving",
    "verifieer",
    "opvolging",
    "opruimen",
    "register",
    "gebieden",
    "lagen",
    "schema",
    "controleer",
    "advies",
    "toets",
    "waarom",
    "houderlijst",
    "demo",
    "bag",
    "geocodeer",
    "omreken",
    "postgis",
    "zones",
    "sleutel",
    "geografie",
]
OPTIONS = {
    *("--gebied", "--invoer", "--uit", "--lagen", "--lagenmap", "--profiel", "--periode", "--peildatum", "--sleutel"),
    *("--max-fouten", "--seed", "--stil", "--geografie", "--help"),
    *(
        "--ondergrond",
        "--grenzen",
        "--water",
        "--wegen",
        "--omgeving",
        "--thema",
        "--routes",
        "--top",
        "--houderlijsten",
        "--opvolging",
    ),
}
PRODUCTS = {
    *("kaart.html", "factsheet-drugs.pdf", "factsheet-witwassen.pdf", "signaallijst.xlsx", "signaallijst.csv"),
    *("factsheet-drugs.html", "factsheet-witwassen.html"),
    *("uithoorn.gpkg", "zones.parquet", "manifest.json", "verantwoording.html"),
}
ENGLISH = re.compile(
    r"\b(usage|options?|commands?|show this|message|exit|required|default|errors?|missing|arguments?|invalid|valid|"
    r"such|file|directory|permission|denied|exists|does|not|with|please|try|text|integer|float|boolean|path|traceback)\b",
    re.IGNORECASE,
)
GRONDSLAG = """\
soort = "ander besluit"
besluit = "proefbesluit 2026-01"
datum = 2026-01-15
reikwijdte = "gebied"
doel = "proef"
vraag = "waar komen meldingen vaker voor"
opvolging = "niemand"
rubricering = "intern"
geldig_tot = 2099-12-31
bewaren_tot = 2099-12-31
peildatum = 2026-01-01
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    def refused(self, code: int) -> list[str]:
        """Lines of a refusal: each says Fout, in Dutch, without a trace of Python."""
        lines = self.err.splitlines()
        assert self.code == code
        assert lines
        assert all(line.startswith(("Fout: ", "Uitleg: ") if code == cli.USAGE_FAULT else "Fout: ") for line in lines)
        assert not ENGLISH.search(
            re.sub(r"geoanalyse [^`]*--help|--[a-z-]+|`[^`]*`|'[^']*'|[\w./\\-]+\.\w+", "", self.err)
        )
        return lines


Run = Callable[..., Ended]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a way to call the command line as a shell would, from an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> Ended:
        with pytest.raises(SystemExit) as end:
            cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ended(int(end.value.code or 0), captured.out, captured.err)

    return call


def shell(*command: str, cwd: Path) -> Ended:
    """Run a command in a process of its own, with this checkout whatever is installed."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


# --- help -------------------------------------------------------------------------------------------------------------


def every_command() -> Iterator[tuple[str, click.Command]]:
    waiting: list[tuple[str, click.Command]] = [("", cli.command)]
    while waiting:
        path, command = waiting.pop(0)
        yield path, command
        if isinstance(command, click.Group):
            waiting += [(f"{path} {name}".strip(), each) for name, each in command.commands.items()]


COMMANDS = dict(every_command())


def test_the_commands_stand_in_the_order_of_the_work(run: Run) -> None:
    listed = run("--help").out.split("Opdrachten:")[1]
    assert re.findall(r"^  (\w+)", listed, re.MULTILINE) == ORDER
    assert set(COMMANDS) - {""} == {
        *ORDER,
        *("zones maak", "zones toepassen"),
        *("sleutel maak", "sleutel controleer", "sleutel vervang", "sleutel herstel"),
        *("opvolging lees", "opvolging overzicht"),
        "geografie lees",
        "bag lees",
        *("postgis haal", "postgis zet"),
        *("register toon", "register noteer"),
    }


def test_build_has_the_options_that_were_promised(run: Run) -> None:
    assert set(re.findall(r"^  (?:-h, )?(--[a-z-]+)", run("build", "--help").out, re.MULTILINE)) == OPTIONS


@pytest.mark.parametrize("path", COMMANDS)
def test_every_help_is_dutch_and_has_an_example(path: str, run: Run) -> None:
    shown = run(*path.split(), "--help")
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.startswith("Gebruik: geoanalyse")
    assert "Opties:" in shown.out
    assert not ENGLISH.search(shown.out.replace("--help", ""))
    assert run(*path.split(), "-h").out == shown.out
    options = [each for each in COMMANDS[path].params if isinstance(each, click.Option)]
    assert all(each.help for each in options)


@pytest.mark.parametrize("path", COMMANDS)
def test_every_example_can_be_typed(path: str) -> None:
    examples = re.findall(r"Voorbeeld: geoanalyse (.*)", COMMANDS[path].help or "")
    assert examples
    for example in examples:
        words = shlex.split(example)
        command: click.Command = cli.command
        while isinstance(command, click.Group):
            _, found, words = command.resolve_command(click.Context(command), words)
            assert found is not None
            command = found
        with command.make_context("geoanalyse", words) as parsed:  # parses and checks, runs nothing
            assert parsed.params
        if not isinstance(COMMANDS[path], click.Group):
            assert command is COMMANDS[path]


def test_the_version(run: Run) -> None:
    assert run("--versie") == Ended(0, f"geoanalyse {geoanalyse.__version__}\n", "")


# --- wrong arguments: 2 -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [[], ["sleutel"], ["geografie"]])
def test_without_a_command_the_help_is_shown(arguments: list[str], run: Run) -> None:
    ended = run(*arguments)
    assert (ended.code, ended.err) == (2, "")
    assert ended.out == run(*arguments, "--help").out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--gebied zuidoost", "optie --gebied bestaat niet"),
        ("maak", "opdracht 'maak' bestaat niet"),
        ("sleutel breek", "opdracht 'breek' bestaat niet"),
        ("build", "--gebied ontbreekt"),
        ("build zuidoost --gebied zuidoost", "te veel woorden"),
        ("build --gebeid zuidoost", "optie --gebeid bestaat niet; bedoelt u --gebied"),
        ("build --gebied", "optie --gebied heeft een waarde nodig"),
        ("build --gebied zuidoost --stil=ja", "optie --stil krijgt geen waarde"),
        ("build --gebied zuidoost --profiel los", "--profiel: kies uit casustafel, streng"),
        ("build --gebied zuidoost --peildatum 1-1-2026", "--peildatum: schrijf een datum als 2026-01-01"),
        ("build --gebied zuidoost --peildatum 0001-01-01", "--peildatum: schrijf een datum als 2026-01-01"),
        ("build --gebied zuidoost --peildatum 2026-02-30", "--peildatum: schrijf een datum als 2026-01-01"),
        ("build --gebied zuidoost --periode 2024", "--periode: schrijf de eerste en de laatste maand"),
        ("build --gebied zuidoost --periode 2025-01..2024-12", "--periode: schrijf de eerste en de laatste maand"),
        ("build --gebied zuidoost --periode 2024-00..2024-13", "--periode: schrijf de eerste en de laatste maand"),
        ("build --gebied zuidoost --periode 9999-01..9999-12", "--periode: schrijf de eerste en de laatste maand"),
        ("build --gebied zuidoost --max-fouten 1", "--max-fouten: schrijf een percentage onder 100"),
        ("build --gebied zuidoost --max-fouten 100%", "--max-fouten: schrijf een percentage onder 100"),
        ("build --gebied zuidoost --seed een", "--seed: schrijf een heel getal"),
        ("controleer", "MAP ontbreekt"),
        ("zones maak", "MAP ontbreekt"),
        ("sleutel maak", "BESTAND ontbreekt"),
        ("geografie lees", "BESTAND ontbreekt"),
        ("geografie lees kaart.gpkg --jaar nu", "--jaar: schrijf een heel getal"),
        ("demo", "--uit ontbreekt"),
        ("lagen alle", "te veel woorden"),
    ],
)
def test_wrong_arguments_are_named(line: str, said: str, run: Run, tmp_path: Path) -> None:
    ended = run(*line.split())
    first, second = ended.refused(cli.USAGE_FAULT)
    assert said in first
    assert first.startswith("Fout: ")
    assert re.fullmatch(r"Uitleg: geoanalyse( \w+){0,2} --help", second)
    assert ended.out == ""
    assert not list(tmp_path.iterdir())


# --- refused input: 1 -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a small folder of one's own data: 600 addresses in Diemen, 40 reports, zones and a key."""
    folder = tmp_path_factory.mktemp("eigen")
    cells = np.repeat(shipped_regions().under("GM0384")[:60], 10)
    easting, northing = grid.rd(*grid.centres(cells).T)
    rows = [
        f"a{i:04d};{east:.1f};{north:.1f};EPSG:28992;woonfunctie;p{i // 2:04d}"
        for i, (east, north) in enumerate(zip(easting, northing, strict=True))
    ]
    reports = [f"a{i * 15:04d};2025-0{i % 9 + 1}-15" for i in range(40)]
    for name, header, lines in (
        ("adressen.csv", "sleutel;oost;noord;crs;gebruik;pand", rows),
        ("mma-meldingen.csv", "sleutel;datum", reports),
    ):
        (folder / name).write_text("\n".join([header, *lines, ""]), encoding="utf-8", newline="\n")
    (folder / "grondslag.toml").write_text(GRONDSLAG, encoding="utf-8", newline="\n")
    return folder


def test_own_data_from_check_to_map(own: Path, run: Run, tmp_path: Path) -> None:
    checked = run("controleer", own)
    assert (checked.code, checked.err) == (0, "")
    assert "adressen.csv: 600 rijen gelezen" in checked.out
    assert "laag fiu-signalen: geen bestand, doet niet mee" in checked.out
    assert checked.out.endswith("In orde.\n")
    build = ("build", "--gebied", "diemen", "--invoer", own, "--uit", "uit")
    assert "--sleutel" in run(*build).refused(1)[0]
    made = run("sleutel", "maak", "proef.sleutel")
    assert made.code == 0
    assert "proef.sleutel.register.json" in made.out
    assert "geoanalyse zones" in run(*build, "--sleutel", "proef.sleutel").refused(1)[0]
    zones = run("zones", own)
    assert zones.code == 0
    assert re.search(r"^alle +\d+ +600 ", zones.out, re.MULTILINE)
    assert not (tmp_path / "uit").exists()
    built = run(*build, "--sleutel", "proef.sleutel")
    assert (built.code, built.err) == (0, "")
    assert "DEMO" not in built.out
    (folder,) = (tmp_path / "uit").glob("diemen/*/deelbaar")
    assert {file.name for file in folder.iterdir()} >= {"kaart.html", "manifest.json", "zones.parquet"}
    register = (tmp_path / "proef.sleutel.register.json").read_text(encoding="utf-8")
    assert register.count('"digest"') == 1
    assert run(*build, "--sleutel", "proef.sleutel", "--stil") == Ended(0, "", "")
    assert (tmp_path / "proef.sleutel.register.json").read_text(encoding="utf-8") == register
    (tmp_path / "proef.sleutel.register.json").unlink()
    assert "register bij deze sleutel ontbreekt" in run(*build, "--sleutel", "proef.sleutel").refused(1)[0]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("build --gebied zuidoots", "gebied 'zuidoots' is onbekend; bedoelt u zuidoost?"),
        ("build --gebied GM9999", "GM9999"),
        ("build --gebied weg.gpkg", "weg.gpkg"),
        ("build --gebied ganzenpoort --lagen fiu,leegstand", "laag 'fiu' bestaat niet"),
        ("build --gebied ganzenpoort --lagenmap weg", "weg: geen laagbestanden"),
        ("build --gebied ganzenpoort --invoer weg", "weg: is geen leesbare map"),
        ("build --gebied ganzenpoort --geografie weg.parquet", "weg.parquet: bestand bestaat niet"),
        ("build --gebied ganzenpoort --geografie los", "los: dit is geen geografie-bestand"),
        ("build --gebied ganzenpoort --periode 2022-01..2026-12", "--periode: loopt door na de peildatum"),
        ("build --gebied ganzenpoort --periode 2022-02..2023-01", "bestaat niet uit hele delen van een kwartaal"),
        ("build --gebied ganzenpoort --uit los", "dit is geen map"),
        ("build --gebied ganzenpoort --uit los/er", "dit is geen map"),
        ("lagen --lagenmap weg", "weg: geen laagbestanden"),
        ("gebieden --geografie weg.parquet", "weg.parquet: bestand bestaat niet"),
        ("controleer weg", "weg: is geen leesbare map"),
        ("controleer los", "los: is geen leesbare map"),
        ("zones weg", "weg: is geen leesbare map"),
        ("demo --uit los", "los: kan niet worden geschreven"),
        ("demo --uit los/er", "kan niet worden geschreven"),
        ("sleutel maak los", "los: bestaat al"),
        ("sleutel maak weg/riec.sleutel", "kan niet worden geschreven"),
        ("geografie lees weg.gpkg", "weg.gpkg: bestand bestaat niet"),
        ("geografie lees los", "los: bestand is onvolledig of geen GeoPackage"),
    ],
)
def test_refusals_are_one_line_and_leave_nothing(line: str, said: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "los").write_text("iets", encoding="utf-8")
    ended = run(*line.split())
    assert said in " ".join(ended.refused(cli.INPUT_FAULT)).replace("\\", "/")
    assert ended.out == ""
    assert [file.name for file in tmp_path.iterdir()] == ["los"]
    assert (tmp_path / "los").read_text(encoding="utf-8") == "iets"


def test_every_fault_of_a_folder_is_named_at_once(own: Path, run: Run, tmp_path: Path) -> None:
    for file in ("adressen.csv", "grondslag.toml"):
        (tmp_path / file).write_bytes((own / file).read_bytes())
    lines = ["sleutel;datum", *(f"x{i};2025-01-01" for i in range(3)), "a0001;gisteren", ""]
    (tmp_path / "mma-meldingen.csv").write_text("\n".join(lines), encoding="utf-8", newline="\n")
    found = run("controleer", tmp_path)
    faults = found.refused(cli.INPUT_FAULT)
    assert len(faults) == 2
    assert all("mma-meldingen.csv" in line for line in faults)
    assert "gisteren" not in found.err
    report = tmp_path / "mma-meldingen.csv"
    report.write_text(
        "\n".join([*lines[:1], lines[-2], *(f"a{i:04d};2025-01-01" for i in range(99)), ""]), encoding="utf-8"
    )
    assert run("controleer", tmp_path).refused(cli.INPUT_FAULT)
    allowed = run("controleer", tmp_path, "--max-fouten", "1%")
    assert (allowed.code, allowed.err) == (0, "")
    assert "mma-meldingen.csv: 100 rijen gelezen, waarvan 1 geweigerd" in allowed.out


# --- what commands print ----------------------------------------------------------------------------------------------


def test_every_listed_area_can_be_built(run: Run) -> None:
    head, *rows, _, _ = run("gebieden").out.splitlines()
    assert head.split() == ["naam", "gebied", "buurten", "wijken", "bron"]
    regions = shipped_regions()
    for row in rows:
        assert len(area.find(row.split()[0], regions).cells)


def test_every_layer_is_listed(run: Run) -> None:
    shown = run("lagen").out
    for layer in read_layers(shipped_folder()):
        assert re.search(rf"^{layer.id} .*{re.escape(layer.title)} .* {layer.b}$", shown, re.MULTILINE)


def test_a_build_names_its_files_and_stil_says_nothing(run: Run, tmp_path: Path) -> None:
    few = ("--lagen", "mma-meldingen,fiu-signalen")
    loud = run("build", "--gebied", "uithoorn", *few)
    assert (loud.code, loud.err) == (0, "")
    (folder,) = (tmp_path / "uitvoer" / "uithoorn").glob("*/deelbaar")
    assert {file.name for file in folder.iterdir()} == PRODUCTS
    assert all(f"  {name} " in loud.out for name in PRODUCTS)
    assert "DEMO: verzonnen gegevens" in loud.out
    assert str(folder.relative_to(tmp_path) / "kaart.html") in loud.out
    assert run("build", "--gebied", "uithoorn", *few, "--uit", "stil", "--stil") == Ended(0, "", "")
    (quiet,) = (tmp_path / "stil" / "uithoorn").glob("*/deelbaar")
    assert {file.name: file.read_bytes() for file in quiet.iterdir()} == {
        file.name: file.read_bytes() for file in folder.iterdir()
    }


def test_a_key_is_for_its_owner_and_never_overwritten(run: Run, tmp_path: Path) -> None:
    assert run("sleutel", "maak", "riec.sleutel").code == 0
    before = (tmp_path / "riec.sleutel").read_bytes()
    if os.name == "posix":
        assert (tmp_path / "riec.sleutel").stat().st_mode & 0o077 == 0
    assert "bestaat al" in run("sleutel", "maak", "riec.sleutel").refused(1)[0]
    assert (tmp_path / "riec.sleutel").read_bytes() == before


# --- as a program -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [["-m", "geoanalyse"], [str(ROOT / "cli.py")]], ids=["module", "shim"])
def test_other_ways_to_start_do_the_same(start: list[str], run: Run, tmp_path: Path) -> None:
    for arguments in (["--help"], ["lagen"], ["build", "--gebeid", "x"], ["build", "--gebied", "zuidoots"]):
        assert shell(*start, *arguments, cwd=tmp_path) == run(*arguments)


INTERRUPTED = """
import signal, sys

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background hands it down as ignored
pressed = []

def interrupt(name, arguments):  # Ctrl-C as the first file of the release is made
    if name in ("open", "sqlite3.connect") and ".bezig" in str(arguments[0]) and not pressed:
        pressed.append(True)
        signal.raise_signal(signal.SIGINT)

sys.addaudithook(interrupt)
from geoanalyse.cli import main
main(["build", "--gebied", "uithoorn", "--lagen", "mma-meldingen"])
"""


def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    ended = shell("-c", INTERRUPTED, cwd=tmp_path)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.strip() == "Afgebroken; er is niets half geschreven."
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and file.stat().st_size]


def test_a_closed_pipe_is_no_traceback(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "geoanalyse", "lagen"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        assert "Traceback" not in program.stderr.read()
