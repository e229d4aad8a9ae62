"""``geoanalyse verifieer``."""

from pathlib import Path

import click

from geoanalyse.commands.shared import Command, PathType, geography, regions_of, today
from geoanalyse.errors import GeoanalyseError


@click.command(cls=Command)
@click.argument("pad", metavar="PAD", type=PathType())
@geography
def verifieer(pad: Path, geografie: Path | None) -> None:
    """Controleer een uitgave, of één bestand dat is rondgestuurd.

    De code is 0 als alles klopt en anders 1, met een regel per reden.

    \b
    Voorbeeld: geoanalyse verifieer uitvoer/zuidoost/2026-01-01
    Voorbeeld: geoanalyse verifieer kaart.html
    """
    from geoanalyse.products.audit import audit

    found = audit(pad, regions_of(geografie), today())
    for remark in found.remarks:
        click.echo(f"Let op: {remark}.", err=True)
    if found.faults:
        raise GeoanalyseError("\n".join(found.faults))
    click.echo(f"In orde: {', '.join(found.files)}.")
