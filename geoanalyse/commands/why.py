"""``geoanalyse waarom``."""

import textwrap
from pathlib import Path

import click

from geoanalyse.commands.shared import Command, PathType
from geoanalyse.errors import InputError

WIDTH = 100
"""Characters of a line in the terminal."""


@click.command(cls=Command)
@click.argument("signaal", metavar="SIGNAAL")
@click.option("--uitgave", type=PathType(), help="Map van de uitgave; anders de enige in `uitvoer`.")
def waarom(signaal: str, uitgave: Path | None) -> None:
    """Leg uit waarom een signaal op de lijst staat, en waarom op die plaats.

    \b
    Voorbeeld: geoanalyse waarom D01
    Voorbeeld: geoanalyse waarom W03 --uitgave uitvoer/zuidoost/2026-01-01
    """
    from geoanalyse.products import waarom as why

    for line in why.explanation(*why.read(uitgave or _only_release()), signaal):
        indent = " " * (len(line) - len(line.lstrip()) + 4)
        click.echo(textwrap.fill(line, WIDTH, subsequent_indent=indent, break_on_hyphens=False) if line else "")


def _only_release() -> Path:
    found = sorted(path.parent.parent for path in Path("uitvoer").glob("*/*/deelbaar/signaallijst.csv"))
    if len(found) != 1:
        what = "geen uitgave" if not found else f"{len(found)} uitgaven"
        raise InputError(f"uitvoer: hier staan {what}; noem de map met --uitgave")
    return found[0]
