"""``geoanalyse opvolging``."""

import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from geoanalyse.commands.shared import Group, PathType, now, print_table

if TYPE_CHECKING:
    from geoanalyse.followup.intake import Taken

_CONFLICTS = 1  # exit code that a scheduler can warn on
_MOST_SHOWN = 20
_KINDS = {"gemeld": "nieuw", "herhaald": "al bekend", "strijdig": "strijdig", "gekozen": "gekozen"}

_out = click.option("--uit", type=PathType(), default="uitvoer", help="Map met de uitgaven (anders: uitvoer).")
_store = click.option(
    "--bestand",
    type=PathType(),
    help="Bestand waarin de opvolging staat (anders: vertrouwelijk/opvolging.duckdb in de map van --uit).",
)


@click.group(cls=Group)
def opvolging() -> None:
    """Lees ingevulde signaallijsten terug, en zie wat signalen opleverden.

    \b
    Voorbeeld: geoanalyse opvolging lees terug/*.xlsx
    """


def _place(uit: Path, bestand: Path | None) -> Path:
    return bestand or uit / "vertrouwelijk" / "opvolging.duckdb"


@opvolging.command("lees")
@click.argument("bestanden", metavar="BESTAND...", type=PathType(), nargs=-1, required=True)
@click.option(
    "--neem",
    type=PathType(),
    multiple=True,
    help="Bij strijd geldt dit bestand; mag vaker, en mag eerder gelezen zijn.",
)
@_out
@_store
def lees(bestanden: Sequence[Path], neem: Sequence[Path], uit: Path, bestand: Path | None) -> None:
    """Bewaar wat er op teruggestuurde signaallijsten is ingevuld.

    Is er iets mis, dan wordt niets bewaard. De code is 1 als bestanden elkaar tegenspreken.

    \b
    Voorbeeld: geoanalyse opvolging lees terug/politie.xlsx terug/gemeente.csv
    Voorbeeld: geoanalyse opvolging lees politie.xlsx --neem politie.xlsx
    """
    from geoanalyse.followup import intake, issued

    gc.disable()  # one short run with little that is cyclic: collecting would only cost time
    paths, store = tuple(dict.fromkeys((*bestanden, *neem))), _place(uit, bestand)
    taken = intake.take_in(paths, neem, issued.find(uit), store, now())
    for each in taken:
        _say_what_was_read(each)
    if any(each.before is None for each in taken):
        click.echo(f"Bewaard in {store}; dit bestand is vertrouwelijk.")
    if any(each.conflicts for each in taken):
        click.echo(
            "Er geldt wat al bekend was. Moet een ander bestand gelden, lees het dan nog eens met --neem BESTAND."
        )
        sys.exit(_CONFLICTS)


def _say_what_was_read(taken: "Taken") -> None:
    from geoanalyse.followup import words
    from geoanalyse.products import dutch

    if taken.before is not None:
        click.echo(f"{taken.file}: al gelezen op {taken.before:%d-%m-%Y}; er is niets veranderd")
        return
    kinds = ", ".join(f"{dutch.number(count)} {_KINDS[kind]}" for kind, count in taken.kinds.items())
    added = dutch.plural(taken.added, "eigen kolom", "eigen kolommen")
    click.echo(
        f"{taken.file}: {dutch.plural(taken.rows, 'rij', 'rijen')}, {dutch.number(taken.filled)} ingevuld"
        f"{f': {kinds}' if kinds else ''}{f'; {added} niet bewaard' if taken.added else ''}"
    )
    for each in taken.conflicts[:_MOST_SHOWN]:
        click.echo(f"  strijdig: {each.signal} van lijst {words.mark(each.release)}, bij {', '.join(each.columns)}")
    if len(taken.conflicts) > _MOST_SHOWN:
        click.echo(f"  en nog {len(taken.conflicts) - _MOST_SHOWN} strijdige signalen")


@opvolging.command("overzicht")
@_out
@_store
@click.option("--csv", "als_csv", type=PathType(), help="Schrijf de cijfers ook naar dit CSV-bestand.")
def overzicht(uit: Path, bestand: Path | None, als_csv: Path | None) -> None:
    """Tel wat signalen opleverden, en vergelijk met de gelote plekken.

    Per thema, geadviseerde route, eigenaar, reden en buurt. De cijfers zijn vertrouwelijk.

    \b
    Voorbeeld: geoanalyse opvolging overzicht --csv uitvoer/vertrouwelijk/opvolging.csv
    """
    from geoanalyse.files import write_private
    from geoanalyse.followup import issued, overview, report, store
    from geoanalyse.products import dutch

    shelf = issued.find(uit)
    with store.looked_into(_place(uit, bestand)) as kept:
        signals, history = overview.real((kept.signals() | shelf.signals()).values()), kept.history()
    found = overview.groups(signals, overview.answers(history))
    for line in shelf.unreadable:
        click.echo(f"Let op: {line}; telt niet mee.", err=True)
    if signals and signals[0].demo:
        click.echo(f"{dutch.DEMO}\n")
    for heading, rows in report.tables(found):
        click.echo(f"{heading}:")
        print_table(rows)
        click.echo()
    for line in report.remarks(found, overview.waiting(history)):
        click.echo(line)
    if als_csv is not None:
        write_private(als_csv, report.comma_separated(found))
        click.echo(f"Geschreven: {als_csv}")
