"""``geoanalyse opruimen``."""

import datetime as dt
import sys
from pathlib import Path

import click

from geoanalyse.commands.shared import Command, Day, PathType, print_table, today

_OVERDUE = 1  # exit code that a scheduler can warn on


@click.command(cls=Command)
@click.argument("map_", metavar="[MAP]", type=PathType(), default="uitvoer")
@click.option("--voor", type=Day(), help="Kijk vooruit: wat is op deze dag over de bewaartermijn?")
def opruimen(map_: Path, voor: dt.date | None) -> None:
    """Noem de uitgaven die te lang worden bewaard; weggooien doet u zelf.

    \b
    Voorbeeld: geoanalyse opruimen
    Voorbeeld: geoanalyse opruimen archief --voor 2027-01-01
    """
    from geoanalyse import retention
    from geoanalyse.products import dutch

    day = voor or today()
    found = retention.find(map_)
    late, unclear = retention.overdue(found, day), retention.unreadable(found)
    if late:
        click.echo(f"Over de bewaartermijn op {dutch.date(day)}:")
        print_table(
            [(f"  {each.folder}", f"tot en met {each.until:%d-%m-%Y}", _days(each.days_over(day))) for each in late]
        )
    if unclear:
        click.echo("Bewaartermijn onbekend:")
        print_table([(f"  {each.folder}", each.fault) for each in unclear])
    if late or unclear:
        click.echo("Er is niets weggegooid. Gooi dit zelf weg, met alle kopieën, of zet het manifest terug.")
        sys.exit(_OVERDUE)
    lists = sum(each.holder_list for each in found)
    counted = [dutch.plural(len(found) - lists, "uitgave", "uitgaven")]
    counted += [dutch.plural(lists, "houderlijst", "houderlijsten")] if lists else []
    click.echo(f"In orde: {dutch.listing(counted)}, geen over de bewaartermijn.")


def _days(count: int) -> str:
    return f"{count} {'dag' if count == 1 else 'dagen'} te lang"
