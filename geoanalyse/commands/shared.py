"""What the commands share: click in Dutch, kinds of arguments, the clock, progress and tables."""

import datetime as dt
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

if TYPE_CHECKING:
    from geoanalyse.build import Request
    from geoanalyse.geography import Regions


# --- click in Dutch ---------------------------------------------------------------------------------------------------


class DutchHelp(click.Command):
    """A command whose help has Dutch headings."""

    def __init__(self, *args: Any, **settings: Any) -> None:  # noqa: ANN401 - click's own
        super().__init__(*args, **({"options_metavar": "[OPTIES]"} | settings))

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix="Gebruik: ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        records = [record for option in options if (record := option.get_help_record(ctx)) is not None]
        records = [(name, text.replace("[required]", "").rstrip()) for name, text in records]
        with formatter.section("Opties"):
            formatter.write_dl(records)
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "Toon deze uitleg."
        return option


class Command(DutchHelp):
    """A command of `Group`."""


class Group(DutchHelp, click.Group):
    """A group whose commands stand in the order of the work."""

    command_class = Command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Opdrachten"):
            formatter.write_dl([(name, self.commands[name].get_short_help_str(90)) for name in self.list_commands(ctx)])

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return ["[OPTIES]", "OPDRACHT ..."]

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self.commands)  # in the order of the work, not of the alphabet


Group.group_class = Group


class Choice(click.ParamType[str]):
    """One of a few words."""

    def __init__(self, choices: Sequence[str]) -> None:
        self.name = "keuze"
        self.choices = choices

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002
        return f"[{'|'.join(self.choices)}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401
        if value not in self.choices:
            self.fail(f"kies uit {', '.join(self.choices)}", param, ctx)
        return str(value)


class Number(click.ParamType[int]):
    """A whole number of at least ``least``."""

    name = "getal"

    def __init__(self, least: int = 0) -> None:
        self.least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401
        if not re.fullmatch(r"[0-9]{1,18}", str(value)):
            self.fail("schrijf een heel getal", param, ctx)
        if int(value) < self.least:
            self.fail(f"schrijf een getal vanaf {self.least}", param, ctx)
        return int(value)


class Day(click.ParamType[dt.date]):
    """A date, jjjj-mm-dd."""

    name = "jjjj-mm-dd"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:  # noqa: ANN401
        try:
            day = value if isinstance(value, dt.date) else dt.date.fromisoformat(value)
        except ValueError:
            day = dt.date.min
        if not 1900 <= day.year < 2100:  # noqa: PLR2004 - years that can be meant
            self.fail("schrijf een datum als 2026-01-01", param, ctx)
        return day


class Period(click.ParamType[tuple[dt.date, dt.date]]):
    """First and last month; gives the first day, and the day after the last."""

    name = "jjjj-mm..jjjj-mm"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's own
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[dt.date, dt.date]:
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"((?:19|20)\d\d)-(\d\d)\.\.((?:19|20)\d\d)-(\d\d)", value)
        if found:
            first, first_month, last, last_month = map(int, found.groups())
            if 1 <= first_month <= 12 and 1 <= last_month <= 12 and 1900 <= first <= last < 2200:  # noqa: PLR2004 - months
                start = dt.date(first, first_month, 1)
                end = dt.date(last + last_month // 12, last_month % 12 + 1, 1)
                if start < end:
                    return start, end
        return self.fail("schrijf de eerste en de laatste maand, zoals 2022-01..2025-12", param, ctx)


class Share(click.ParamType[float]):
    """A percentage; gives a fraction."""

    name = "percentage"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401
        if isinstance(value, float):
            return value
        found = re.fullmatch(r"(\d{1,2}(?:[.,]\d+)?) ?%", value)
        if found is None:
            self.fail("schrijf een percentage onder 100, zoals 1%", param, ctx)
        return float(found.group(1).replace(",", ".")) / 100


class PathType(click.ParamType[Path]):
    """A path, whether or not it exists."""

    name = "pad"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:  # noqa: ANN401, ARG002
        return Path(value)


# --- what commands share ----------------------------------------------------------------------------------------------


def now() -> dt.datetime:
    """Read the clock: to say when something was read."""
    return dt.datetime.now().astimezone()


def today() -> dt.date:
    """Read the clock: only to see whether something has expired or lies in the future."""
    return now().date()


def size_of(path: Path) -> str:
    """Say how large a file is."""
    size = path.stat().st_size
    return f"{size / 1e6:.1f} MB".replace(".", ",") if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"  # noqa: PLR2004


class Show(Protocol):
    """Says what is busy, and moves the bar one step; or with ``of`` begins anew with so many steps."""

    def __call__(self, what: str, of: int | None = None) -> None:
        """Say it."""


@contextmanager
def progress(steps: int, *, quiet: bool, counted: bool = False) -> Iterator[Show]:
    """Show a bar on a terminal; say nothing in a pipe or with ``--stil``.

    Parameters
    ----------
    steps : int
    quiet : bool
    counted : bool
        Whether the number of steps, their share and the time left are shown as well.
    """

    def nothing(what: str, of: int | None = None) -> None:
        pass

    if quiet or not sys.stderr.isatty():
        yield nothing
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    more = (MofNCompleteColumn(), TaskProgressColumn(), TextColumn("nog"), TimeRemainingColumn()) if counted else ()
    columns = (TextColumn("{task.description:<28}"), BarColumn(), *more, TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("beginnen", total=steps)

        def show(what: str, of: int | None = None) -> None:
            if of is None:
                bars.update(task, description=what, advance=1)
            else:
                bars.reset(task, description=what, total=of)

        yield show


def listed(text: str) -> tuple[str, ...]:
    """Cut a list with commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def regions_of(path: Path | None) -> "Regions":
    """Read the given table of regions, or the shipped one."""
    from geoanalyse.geography import Regions, shipped_regions

    return Regions.read(path) if path else shipped_regions()


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows in aligned columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


# --- what a build is made from ----------------------------------------------------------------------------------------

geography = click.option("--geografie", type=PathType(), help="Eigen tabel van `geoanalyse geografie lees`.")
max_faults = click.option(
    "--max-fouten", type=Share(), default=0.0, help="Aandeel foute rijen dat mag wegvallen, zoals 1%."
)
out = click.option("--uit", type=PathType(), default="uitvoer", help="Map voor de producten (anders: uitvoer).")
quiet = click.option("--stil", is_flag=True, help="Toon geen voortgang en geen overzicht.")
_SOURCE = (
    click.option("--invoer", type=PathType(), help="Map met eigen gegevens; zonder deze optie de demo."),
    click.option("--lagenmap", type=PathType(), help="Map met eigen laagbestanden (*.toml)."),
    click.option(
        "--profiel",
        type=Choice(("casustafel", "streng", "openbaar")),
        default="casustafel",
        help="Hoe streng er wordt beschermd.",
    ),
    click.option("--periode", type=Period(), help="Eerste en laatste maand, zoals 2022-01..2025-12."),
    click.option("--peildatum", type=Day(), help="Datum waarop de gegevens gelden; anders die uit grondslag.toml."),
    click.option("--sleutel", type=PathType(), help="Sleutelbestand van uw organisatie; nodig bij eigen gegevens."),
    max_faults,
    geography,
)


_ANALYSIS = (
    click.option("--lagen", metavar="LAGEN", help="Alleen deze lagen, met komma's ertussen."),
    click.option(
        "--seed", type=Number(), metavar="GETAL", default=0, help="Startgetal voor loting; wordt in het manifest gezet."
    ),
    click.option("--routes", type=PathType(), help="TOML-bestand met eigen regels voor het advies bij een signaal."),
    click.option(
        "--top",
        type=Number(least=1),
        metavar="GETAL",
        default=5,
        show_default=False,
        help="Hooguit zo veel signalen per buurt en thema (anders: 5).",
    ),
    click.option(
        "--opvolging",
        type=PathType(),
        help="Bestand van `geoanalyse opvolging`: toon wat eerdere signalen opleverden.",
    ),
)


def area(more: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give the option that names the area, which every build needs."""
    text = f"Verplicht. Naam, CBS-code, PC4 of polygoonbestand; {more}"
    return click.option("--gebied", required=True, metavar="GEBIED", show_default=False, help=text)


def source(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say what a build is made from; `request` takes what they give."""
    for option in reversed(_SOURCE):
        command = option(command)
    return command


def analysis(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that shape a release: with equal ones, everything made of it has its digest."""
    for option in reversed(_ANALYSIS):
        command = option(command)
    return command


def request(
    gebied: str,
    *,
    invoer: Path | None,
    lagenmap: Path | None,
    profiel: str,
    periode: tuple[dt.date, dt.date] | None,
    peildatum: dt.date | None,
    sleutel: Path | None,
    max_fouten: float,
    geografie: Path | None,
    lagen: str | None = None,
    seed: int = 0,
    routes: Path | None = None,
    top: int = 5,
    opvolging: Path | None = None,
) -> "Request":
    """Say what is asked for, from the options of `area`, `source` and `analysis`."""
    from geoanalyse.build import Request

    return Request(
        area=gebied,
        today=today(),
        folder=invoer,
        layer_ids=listed(lagen) if lagen is not None else None,
        layer_folder=lagenmap,
        profile=profiel,
        period=periode,
        reference_date=peildatum,
        key_file=sleutel,
        max_faults=max_fouten,
        seed=seed,
        geography=geografie,
        routes=routes,
        top=top,
        follow_up=opvolging,
    )
