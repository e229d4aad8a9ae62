"""Documentation that cannot rot: what it says of commands, files, names and numbers is true of the code."""

import importlib
import re
import shlex
import shutil
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import jsonschema
import numpy as np
import pandas as pd
import pytest

from geoanalyse import addresses, cli, demo, schemas
from geoanalyse.build import build
from geoanalyse.geography import shipped_regions
from geoanalyse.layer import Theme, read_layers, shipped_folder
from geoanalyse.products import dutch, kaart
from geoanalyse.release import Release
from tests.diemen import keep_diemen

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
RUNNABLE = [
    page
    for page in [*PAGES, *sorted((ROOT / "examples").rglob("*.md"))]
    if "\n```python\n" in page.read_text(encoding="utf-8")
]
TOML = {
    "docs/casusbeeld.md": "casus",
    "docs/handleiding.md": "thema",
    "docs/houderlijsten.md": "houderlijsten",
    "docs/invoer.md": "grondslag",
    "docs/omgeving.md": "omgeving",
    "docs/routes.md": "routes",
}
"""Schema of the TOML that a page shows."""
NOT_RUN = {
    "README.md": "pip, and pytest itself: .ci/run does both; the ten lines run in a test of their own",
    "docs/index.md": "the first command of the README",
    "docs/gegevens.md": "in test_gegevens.py, on generated files; the commands in its tables need files of others",
    "docs/invoer.md": "PostGIS: run against a server by its own tests",
    "docs/handleiding.md": "pip for Windows without internet; chapter 6 runs in `walked`, chapter 10 needs a CBS file",
}
"""Pages with shell lines that no test here runs as they stand, and why; all others are in `CONSOLE`."""


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)


def table_after(page: str, heading: str) -> list[list[str]]:
    """Rows of the first table below a heading, without its head."""
    section = page.split(f"\n{heading}\n", 1)[1].split("\n#", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows[2:]]


def commands(group: click.Group = cli.command, path: str = "geoanalyse") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


# --- commands ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "command"), list(commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_and_option_is_in_the_handleiding(name: str, command: click.Command) -> None:
    section = text("docs/handleiding.md").split(f"\n### `{name}`\n", 1)[1].split("\n##", 1)[0]
    documented = set(re.findall(r"`(--[a-z-]+)`", section))
    known = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    assert documented == known


def shell_lines(page: str) -> list[str]:
    lines = [line.split("  #")[0] for block in blocks(page, "shell") for line in block.splitlines()]
    return [part.strip() for line in lines for part in line.split("&&") if part.strip().startswith("geoanalyse ")]


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_command_that_is_shown_is_understood(page: Path) -> None:
    for line in shell_lines(page.read_text(encoding="utf-8")):
        words = shlex.split(line)[1:]
        command: click.Command = cli.command
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            _, found, words = command.resolve_command(click.Context(command), words)
            assert found is not None
            command = found
        if not isinstance(command, click.Group):
            parent = click.Context(cli.command, **cli.command.context_settings)  # a command keeps its help option
            command.make_context(line, words, parent=parent)  # raises on an unknown option or a missing argument


def test_the_readme_begins_with_the_two_commands() -> None:
    first, second = blocks(text("README.md"), "shell")[:2]
    assert first == "pip install . && geoanalyse build --gebied zuidoost\n"
    assert second == 'pip install -e ".[test]" && pytest\n'


def test_own_data_takes_ten_lines() -> None:
    section = text("README.md").split("\n## Your own data, in ten lines\n", 1)[1]
    assert len(blocks(section, "shell")[0].splitlines()) == 10


@pytest.mark.parametrize("page", RUNNABLE, ids=relative)
def test_python_blocks_run(page: Path) -> None:
    found = blocks(page.read_text(encoding="utf-8"), "python")
    assert found
    for block in found:
        names: dict[str, object] = {}
        exec(compile(block, page.name, "exec"), names)  # noqa: S102 - our own text
        assert isinstance(names["release"], Release)


def test_the_pages_with_python_are_known() -> None:
    assert [relative(page) for page in RUNNABLE] == ["README.md", "docs/api/index.md", "docs/handleiding.md"]


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page.read_text("utf-8"), "toml")], ids=relative)
def test_toml_that_is_shown_fits_its_schema(page: Path) -> None:
    shape = schemas.schema(TOML[relative(page)])
    for block in blocks(page.read_text(encoding="utf-8"), "toml"):
        content = schemas.as_json(tomllib.loads(block))
        checker = jsonschema.Draft202012Validator(shape, format_checker=jsonschema.FormatChecker())
        assert [error.message for error in checker.iter_errors(content)] == []


def test_rows_that_are_shown_fit_their_schema() -> None:
    shown = [block.splitlines() for block in blocks(text("docs/invoer.md"), "") if block.startswith("sleutel;")]
    assert [lines[0] for lines in shown] == ["sleutel;oost;noord;crs;gebruik;pand", "sleutel;datum;aantal"]
    for name, (head, *rows) in zip(("adressen", "laagrijen"), shown, strict=True):
        for row in rows:
            values: dict[str, object] = dict(zip(head.split(";"), row.split(";"), strict=True))
            values |= {key: float(str(values[key]).replace(",", ".")) for key in ("oost", "noord") if key in values}
            values |= {"aantal": int(str(values["aantal"]))} if "aantal" in values else {}
            values |= {"datum": "-".join(reversed(str(values["datum"]).split("-")))} if "datum" in values else {}
            jsonschema.validate(values, schemas.schema(name), format_checker=jsonschema.FormatChecker())


# --- console blocks, run as they stand --------------------------------------------------------------------------------


def ran(line: str) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(shlex.split(line)[1:])
    assert not left.value.code, line


def example_case(folder: Path) -> None:
    (folder / "casus.toml").write_text(blocks(text("docs/casusbeeld.md"), "toml")[0], encoding="utf-8")


def own_layers(folder: Path) -> None:
    shutil.copytree(shipped_folder(), folder / "mijn-lagen")


CONSOLE: list[tuple[str, Callable[[Path], object], Callable[[str], bool]]] = [
    ("docs/casusbeeld.md", example_case, lambda _: True),
    ("docs/handleiding.md", own_layers, lambda line: "mijn-lagen" in line or line.endswith("build --gebied zuidoost")),
]
"""Page, what lies in the folder beforehand, and which of its lines."""


@pytest.mark.full
@pytest.mark.parametrize(("page", "prepare", "wanted"), CONSOLE, ids=[page for page, *_ in CONSOLE])
def test_console_blocks_run(
    page: str,
    prepare: Callable[[Path], object],
    wanted: Callable[[str], bool],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    prepare(tmp_path)
    lines = [line for line in shell_lines(text(page)) if wanted(line)]
    assert lines
    for line in lines:
        ran(line)
    made = list((tmp_path / "uitvoer" / "zuidoost").rglob("manifest.json"))
    assert made


@pytest.mark.full
def test_own_data_in_ten_lines_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    section = text("README.md").split("\n## Your own data, in ten lines\n", 1)[1].split("\n## ", 1)[0]
    *lines, elsewhere = shell_lines(section)
    assert elsewhere.startswith("geoanalyse geografie lees"), "needs a file of CBS"
    for line in lines:
        ran(line)
        if line.startswith("geoanalyse demo"):
            keep_diemen(tmp_path / "mijn-map")
    assert list((tmp_path / "uitvoer").rglob("kaart.html"))


def test_every_page_with_commands_is_run_or_says_why_not() -> None:
    shown = {relative(page) for page in PAGES if shell_lines(page.read_text(encoding="utf-8"))}
    assert shown == {*NOT_RUN, *(page for page, *_ in CONSOLE), "docs/houderlijsten.md"}


# --- from nothing to a map of own data --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Do what chapter 6 says, with the addresses of Diemen for one's own data."""
    folder = tmp_path_factory.mktemp("handleiding")
    chapter = text("docs/handleiding.md").split("\n## 6. ", 1)[1].split("\n## 7. ", 1)[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for line in shell_lines(chapter):
            with pytest.raises(SystemExit) as left:
                cli.main(shlex.split(line)[1:])
            assert left.value.code == 0, line
            if line.startswith("geoanalyse demo"):
                keep_diemen(folder / "mijn-map")
    return folder


def test_the_handleiding_leads_to_a_map_of_own_data(walked: Path) -> None:
    header, _ = kaart.read_map((walked / "uitvoer/diemen/2026-01-01/deelbaar/kaart.html").read_text(encoding="utf-8"))
    assert header["title"] == "Diemen"
    assert not header["demo"]
    assert (walked / "riec.sleutel.register.json").stat().st_size > 500  # the release is in the register


def test_every_file_that_is_made_is_in_the_handleiding_and_the_readme(walked: Path) -> None:
    made = [file for file in (walked / "uitvoer").rglob("*") if file.is_file() and not file.name.startswith(".")]
    assert len(made) >= 9
    handleiding, readme = text("docs/handleiding.md"), text("README.md")
    for file in made:
        shown = f"{file.parent.name}/{file.name}".replace("diemen.gpkg", "<gebied>.gpkg")
        shown = re.sub(r"register/.+\.json", "register/….json", shown)
        shown = re.sub(r"factsheet-modus-[\w-]+", "factsheet-modus-<modus>", shown)
        assert f"`{shown}`" in handleiding, shown
        short = re.sub(r"factsheet-modus-[\w-]+", "factsheet-modus-<modus>", shown)
        short = re.sub(r"factsheet-(drugs|witwassen)", "factsheet-<thema>", short)
        known = f"`{short}`" in readme or (f"`{file.name}`" in readme or f"`.{file.suffix.lstrip('.')}`" in readme)
        assert known, shown


# --- links ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [*PAGES, *sorted((ROOT / "examples").rglob("*.md"))], ids=relative)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    content = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)", content) + re.findall(r'src="([^"]+)"', content)
    for target in targets:
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
            assert anchor in {slug(heading) for heading in headings}, target


def test_every_page_that_the_code_names_is_there() -> None:
    named = {
        page
        for file in sorted((ROOT / "geoanalyse").rglob("*.py"))
        for page in re.findall(r"docs/[\w/-]+\.md", file.read_text(encoding="utf-8"))
    }
    assert named
    assert [page for page in sorted(named) if not (ROOT / page).is_file()] == []


def slug(heading: str) -> str:
    """Anchor of a heading, as code forges make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


# --- names and numbers ------------------------------------------------------------------------------------------------


def test_every_layer_is_explained_with_its_settings() -> None:
    documented = table_after(text("docs/methoden.md"), "## Lagen")
    expected = [
        [
            f"`{layer.id}`",
            str(layer.base),
            str(layer.b),
            str(layer.atom),
            str(layer.reliability),
            *(dutch.number(layer.themes[theme], 1) if theme in layer.themes else "-" for theme in Theme),
        ]
        for layer in read_layers(shipped_folder())
    ]
    assert documented == expected


def test_every_constant_has_the_value_that_is_documented() -> None:
    rows = table_after(text("docs/methoden.md"), "## Vaste getallen")
    assert len(rows) > 10
    for _, value, where in rows:
        module, _, name = where.strip("`").rpartition(".")
        constant = getattr(importlib.import_module(f"geoanalyse.{module}"), name)
        written = [float(part.replace(",", ".")) for part in value.split("; ")]
        assert written == list(np.atleast_1d(constant).astype(float)), where


def test_every_reliability_and_strength_rule_is_explained() -> None:
    page = text("docs/methoden.md")
    for word in ("sterk", "matig", "licht", "betrouwbaar: hoog", "betrouwbaar: middel", "betrouwbaar: laag"):
        assert f"| {word} |" in page


def test_the_columns_of_the_input_are_those_of_the_contract() -> None:
    documented = [row[0].strip("`") for row in table_after(text("docs/invoer.md"), "## `adressen`")]
    assert tuple(documented) == addresses.ADDRESS_COLUMNS
    for column in addresses.ADDRESS_COLUMNS:
        assert f"`{column}`" in text("docs/handleiding.md")


def test_every_message_in_the_table_of_troubles_is_one_of_ours() -> None:
    source = "".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "geoanalyse").rglob("*.py")))
    source = re.sub(r'"\s*\n\s*f?"', "", source)  # join texts that go on on the next line
    rows = table_after(text("docs/handleiding.md"), "## 13. Als het misgaat")
    assert len(rows) > 10
    for message, *_ in rows:
        assert message.strip("`") in source, message


def test_every_decision_has_its_three_parts() -> None:
    files = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [file.name[:4] for file in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    for file in files:
        page = file.read_text(encoding="utf-8")
        assert page.startswith(f"# {file.name[:4]}: ")
        assert "\n## Decision\n" in page
        assert "\n## Consequences\n" in page


# --- the demo ---------------------------------------------------------------------------------------------------------


def test_the_indicators_are_those_of_the_generator() -> None:
    documented = table_after(text("docs/demo.md"), "## Wat verzonnen is")
    expected = [
        [f"`{layer}`", share(indicator.homes), share(indicator.businesses)]
        for layer, indicator in demo.INDICATORS.items()
    ]
    assert documented == expected


def share(fraction: float) -> str:
    return f"{100 * fraction:.3f}".rstrip("0").rstrip(".").replace(".", ",") + "%" if fraction else "-"


def test_the_planted_concentrations_are_those_of_the_generator() -> None:
    documented = table_after(text("docs/demo.md"), "## Wat er is geplant")
    name = shipped_regions().name
    expected = [
        [f"`{each.region}`", name(each.region), f"`{each.layer}`", f"{each.times:g}", f"{each.start:%d-%m-%Y}"]
        for each in demo.PLANTED
    ]
    assert documented == expected


@pytest.fixture(scope="module")
def seen() -> dict[str, tuple[Release, pd.DataFrame]]:
    """Releases that hold all that was planted, with the region of each row."""
    found = {}
    for area in ("amsterdam", "uithoorn"):
        release = build(area)
        table = release.protected.table.select(["layer", "level", "zone", "gebiedscode"]).to_pandas().drop_duplicates()
        found[area] = release, release.statistics.to_pandas().merge(table, on=["layer", "level", "zone"])
    return found


def inside(release: Release, code: str, region: str) -> bool:
    return region in release.geography.regions.chain(code).values()


def test_what_the_map_shows_of_each_is_as_documented(seen: dict[str, tuple[Release, pd.DataFrame]]) -> None:
    expected = []
    for each in demo.PLANTED:
        release, frame = seen["uithoorn" if each.region.startswith("WK0451") else "amsterdam"]
        mine = frame[frame["layer"] == each.layer]
        mine = mine[[inside(release, code, each.region) for code in mine["gebiedscode"]]]
        row = [f"`{each.region}`", f"`{each.layer}`"]
        for level in ("zone", "res9", "res8"):
            units = mine[(mine["level"] == level) & mine["value"].notna()]
            row.append(f"{(units['hotspot'] == 'hotspot').sum()} van {len(units)}" if len(units) else "-")
        own = mine[mine["zone"] == each.region].iloc[0]
        signals = [
            signal
            for signal in release.signals
            if inside(release, signal.region, each.region)
            and any(code.endswith(f"-{each.layer}") for code, _ in signal.reasons)
        ]
        row += [dutch.number(own["ratio"], 1), dutch.percentage(own["p_double"]), str(len(signals))]
        expected.append(row)
    documented = table_after(text("docs/demo.md"), "## Wat de kaart ervan laat zien")
    assert documented == expected, "\n" + "\n".join(f"| {' | '.join(row)} |" for row in expected)


def test_what_is_hot_elsewhere_is_as_documented(seen: dict[str, tuple[Release, pd.DataFrame]]) -> None:
    release, frame = seen["amsterdam"]
    codes = dict(zip(frame["layer"] + frame["level"] + frame["zone"], frame["gebiedscode"], strict=True))
    expected = []
    for layer in release.layers:
        regions = [each.region for each in demo.PLANTED if each.layer == layer.id]
        row = [f"`{layer.id}`"]
        for level in ("zone", "res9", "res8"):
            units = release.frame(level, layer.id)
            units = units[units["value"].notna()]
            where = [codes[layer.id + level + unit] for unit in units["zone"]]
            planted = np.array([any(inside(release, code, region) for region in regions) for code in where], dtype=bool)
            hot = (units["hotspot"] == "hotspot").to_numpy()
            elsewhere = units.geometry[hot & ~planted]
            near = elsewhere.intersects(units.geometry[planted].union_all()).sum()
            row.append(f"{hot.sum()}; {len(elsewhere)}; {near}" if len(units) else "-")
        expected.append(row)
    documented = table_after(text("docs/demo.md"), "## Wat elders opvalt")
    assert documented == expected, "\n" + "\n".join(f"| {' | '.join(row)} |" for row in expected)


def test_the_new_concentration_shows_in_the_series(seen: dict[str, tuple[Release, pd.DataFrame]]) -> None:
    table = seen["amsterdam"][0].protected.table.drop_columns(["cells"]).to_pandas()
    mine = table[(table["layer"] == "mma-meldingen") & (table["zone"] == "BU0363FA08")].sort_values(["start", "end"])
    windows = mine[(pd.to_datetime(mine["end"]) - pd.to_datetime(mine["start"])).dt.days < 100]
    values = windows["value"].astype(int).tolist()
    assert len(values) == 16
    assert "twaalf kwartalen 0, dan " + dutch.listing([str(value) for value in values[12:]]) in text("docs/demo.md")
    assert values[:12] == [0] * 12
