"""``geoanalyse register``."""

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from geoanalyse.commands.shared import Command, Day, Group, PathType, print_table, today

if TYPE_CHECKING:
    from geoanalyse.productregister import Entry

_OVERDUE = 1  # exit code that a scheduler can warn on
_SHOWN = 12  # digits of a digest


class _RegisterGroup(Group):
    """``register`` is short for ``register toon``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["toon", *args]
        return super().parse_args(ctx, args)


_UIT = click.option("--uit", type=PathType(), default="uitvoer", help="Map waarin de uitgaven staan (anders: uitvoer).")


@click.group(cls=_RegisterGroup)
def register() -> None:
    """Toon wat is gemaakt en verstrekt, of leg vast aan wie iets is verstrekt.

    `geoanalyse register` is hetzelfde als `geoanalyse register toon`.

    \b
    Voorbeeld: geoanalyse register toon
    """


@register.command("toon", cls=Command)
@_UIT
def toon(uit: Path) -> None:
    """Toon wat is gemaakt en verstrekt, aan wie, en tot wanneer het bewaard mag worden.

    De code is 1 als er iets te lang wordt bewaard of niet te lezen is.

    \b
    Voorbeeld: geoanalyse register toon
    """
    from geoanalyse import productregister, retention
    from geoanalyse.products import dutch

    entries, unreadable = productregister.read(uit)
    if not entries and not unreadable:
        click.echo(f"{uit}: hier is nog niets gemaakt.")
        return
    print_table([("dag", "wat", "gebied", "kenmerk", "aan", "bewaren tot"), *map(_line, entries)])
    late = retention.overdue(retention.find(uit), today())
    for each in late:
        days = dutch.plural(each.days_over(today()), "dag", "dagen")
        click.echo(f"Te lang bewaard ({days}): {each.folder}; gooi het weg, met alle kopieën.", err=True)
    gone = productregister.overdue(entries, today())
    for recipient, until in gone:
        click.echo(
            f"Vraag {recipient} om te verwijderen wat tot en met {dutch.date(until)} bewaard mocht worden.", err=True
        )
    for path in unreadable:
        click.echo(f"{path}: is beschadigd of hoort hier niet; zet een kopie terug", err=True)
    if late or gone or unreadable:
        sys.exit(_OVERDUE)


def _line(entry: "Entry") -> tuple[str, ...]:
    what = entry.file or entry.product
    return (
        f"{entry.day:%d-%m-%Y}",
        f"{what} {entry.event}{' (demo)' if entry.demo else ''}",
        f"{entry.area}, {entry.reference_date}",
        entry.digest[:_SHOWN],
        entry.recipient or "-",
        f"{entry.retain_until:%d-%m-%Y}",
    )


@register.command("noteer", cls=Command)
@click.argument("kenmerk", metavar="KENMERK")
@click.option(
    "--aan",
    metavar="ORGANISATIE",
    required=True,
    help="Organisatie, afdeling of tafel die het product kreeg; geen persoon.",
)
@click.option("--op", type=Day(), help="Dag waarop (anders vandaag).")
@click.option("--verwijderd", is_flag=True, help="Wie het kreeg, heeft het verwijderd.")
@_UIT
def noteer(kenmerk: str, aan: str, op: dt.date | None, verwijderd: bool, uit: Path) -> None:  # noqa: FBT001
    """Leg vast aan wie een uitgave of houderlijst is verstrekt, of dat die haar heeft verwijderd.

    KENMERK is het begin van het kenmerk van de uitgave; voor een houderlijst met de naam van het bestand erachter.

    \b
    Voorbeeld: geoanalyse register noteer 3f9a0c21d7be --aan "casustafel Zuidoost"
    Voorbeeld: geoanalyse register noteer 3f9a0c21d7be/signaallijst-kvk.xlsx --aan KvK --verwijderd
    """
    from geoanalyse import productregister
    from geoanalyse.products import dutch

    event = productregister.DELETED if verwijderd else productregister.HANDED_OUT
    entry = productregister.note(uit, event, kenmerk, aan, op or today())
    what = entry.file or f"uitgave {entry.area}, {entry.reference_date}"
    click.echo(
        f"Genoteerd: {what}, {entry.event}{' door' if verwijderd else ' aan'} {entry.recipient} op "
        f"{dutch.date(entry.day)}; te bewaren tot en met {dutch.date(entry.retain_until)}."
    )
