"""The command line: parse, call the library, print; each command stands in :mod:`geoanalyse.commands`."""

import re
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from geoanalyse import __version__
from geoanalyse.commands import (
    advice,
    atlas,
    bag,
    build,
    casus,
    checks,
    conversion,
    followup,
    geocoding,
    geographies,
    holderlists,
    inputs,
    keys,
    lists,
    postgis,
    products,
    retention,
    scan,
    schemas,
    scores,
    surface,
    surroundings,
    why,
    zones,
)
from geoanalyse.commands.shared import Group
from geoanalyse.errors import GeoanalyseError

INPUT_FAULT = 1
USAGE_FAULT = 2


@click.group(cls=Group, context_settings={"help_option_names": ["--help", "-h"]})
@click.version_option(__version__, "--versie", message="geoanalyse %(version)s", help="Toon de versie.")
def command() -> None:
    """Geografische analyse zonder persoonsgegevens: kaart, factsheets en signaallijst.

    \b
    Voorbeeld: geoanalyse build --gebied zuidoost
    """


for each in (
    build.build,
    atlas.atlas,
    scan.scan,
    casus.casusbeeld,
    surface.vlak,
    surroundings.omgeving,
    checks.verifieer,
    followup.opvolging,
    retention.opruimen,
    products.register,
    lists.gebieden,
    lists.lagen,
    schemas.schema,
    inputs.controleer,
    advice.advies,
    scores.toets,
    why.waarom,
    holderlists.houderlijst,
    inputs.demo,
    bag.bag,
    geocoding.geocodeer,
    conversion.omreken,
    postgis.postgis,
    zones.zones,
    keys.sleutel,
    geographies.geografie,
):
    command.add_command(each)


def _in_dutch(error: click.UsageError) -> str:  # noqa: PLR0911 - one line per kind
    """Say in Dutch what is wrong with the arguments."""
    if isinstance(error, click.NoSuchOption):
        near = f"; bedoelt u {', '.join(sorted(error.possibilities))}?" if error.possibilities else ""
        return f"optie {error.option_name} bestaat niet{near}"
    if isinstance(error, click.MissingParameter):
        name = error.param.make_metavar(error.ctx) if isinstance(error.param, click.Argument) and error.ctx else None
        name = name or (error.param.opts[0] if error.param else "")
        return f"{name} ontbreekt"
    if isinstance(error, click.BadParameter):
        return f"{error.param.opts[0] if error.param else ''}: {error.message}"
    if isinstance(error, click.BadOptionUsage):
        takes_none = "does not take" in error.message
        return f"optie {error.option_name} {'krijgt geen waarde' if takes_none else 'heeft een waarde nodig'}"
    command = re.search(r"[Cc]ommand '([^']*)'", error.message)
    if command:
        return f"opdracht '{command.group(1)}' bestaat niet"
    if "extra argument" in error.message:
        return "er staan te veel woorden achter de opdracht"
    return error.message


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with 0, 1 (the input is refused) or 2 (the arguments are wrong)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        command.main(
            args=list(arguments) if arguments is not None else None, prog_name="geoanalyse", standalone_mode=False
        )
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "")
        sys.exit(USAGE_FAULT)
    except click.UsageError as error:
        click.echo(f"Fout: {_in_dutch(error)}", err=True)
        path = error.ctx.command_path if error.ctx else "geoanalyse"
        click.echo(f"Uitleg: {path} --help", err=True)
        sys.exit(USAGE_FAULT)
    except GeoanalyseError as error:
        for line in str(error).splitlines():
            click.echo(f"Fout: {line}", err=True)
        sys.exit(INPUT_FAULT)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Afgebroken; er is niets half geschreven.", err=True)
        sys.exit(INPUT_FAULT)
    sys.exit(0)
