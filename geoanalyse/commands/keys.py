"""``geoanalyse sleutel``."""

from pathlib import Path

import click

from geoanalyse.commands.shared import Group, PathType


@click.group(cls=Group)
def sleutel() -> None:
    """Maak de sleutel van uw organisatie.

    \b
    Voorbeeld: geoanalyse sleutel maak riec.sleutel
    """


@sleutel.command("maak")
@click.argument("bestand", metavar="BESTAND", type=PathType())
def sleutel_maak(bestand: Path) -> None:
    """Maak een nieuwe sleutel met een leeg register ernaast.

    \b
    Voorbeeld: geoanalyse sleutel maak riec.sleutel
    """
    import os

    from geoanalyse import key

    made = key.make(bestand)
    click.echo(f"{bestand}: nieuwe sleutel, kenmerk {made.mark}")
    click.echo(f"{key.register_path(bestand)}: register van wat met deze sleutel wordt uitgegeven")
    click.echo("Bewaar beide samen, met een reservekopie, en geef de sleutel aan niemand buiten uw organisatie.")
    if os.name != "posix":
        click.echo("Let op: beperk onder Windows de toegang tot dit bestand (Eigenschappen, Beveiliging).", err=True)
