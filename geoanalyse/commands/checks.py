"""``geoanalyse verifieer``."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from geoanalyse.commands.shared import Command, PathType, geography, regions_of, today
from geoanalyse.errors import GeoanalyseError

if TYPE_CHECKING:
    from geoanalyse.products.audit import Verdict


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
    from geoanalyse.products.apart import apart

    found = apart(_verdict, pad, geografie, today())
    for remark in found.remarks:
        click.echo(f"Let op: {remark}.", err=True)
    if found.faults:
        raise GeoanalyseError("\n".join(found.faults))
    many = 20  # an atlas has hundreds
    what = ", ".join(found.files) if len(found.files) <= many else f"{len(found.files)} bestanden"
    click.echo(f"In orde: {what}.")


def _verdict(say: Callable[[str], None], path: Path, geografie: Path | None, day: dt.date) -> "Verdict":
    """Check in a process of its own: files come from anywhere."""
    from geoanalyse.products.audit import audit

    return audit(path, regions_of(geografie), day, say)
