"""``geoanalyse toets``."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoanalyse.commands.shared import (
    Choice,
    Command,
    Day,
    PathType,
    Period,
    Share,
    geography,
    listed,
    print_table,
    progress,
    today,
)

if TYPE_CHECKING:
    from geoanalyse.release import Release

_LEGEND = """
Kaart: hoeveel van de latere gevallen lag waar de eerdere perioden het hoogst waren. De echte aantallen zijn niet
bekend; tussen deze grenzen ligt het aandeel zeker.
Daarnaast hetzelfde voor de gepubliceerde aantallen van de periode ervoor en voor adressen per hectare; blind kiezen
vindt evenveel als er is gekozen. Erachter staat wat zeker is: "kaart beter" of "kaart slechter". Een ? betekent dat
het niet te zeggen is."""
_MARKS = {"beter": "kaart beter", "slechter": "kaart slechter", "niet te zeggen": "?"}


@click.command(cls=Command)
@click.option(
    "--gebied",
    required=True,
    metavar="GEBIED",
    show_default=False,
    help="Verplicht. Naam, CBS-code, PC4 of polygoonbestand; getoetst wordt over de gemeenten waarin het ligt.",
)
@click.option("--invoer", type=PathType(), help="Map met eigen gegevens; zonder deze optie de demo.")
@click.option("--lagen", metavar="LAGEN", help="Alleen deze lagen, met komma's ertussen.")
@click.option("--lagenmap", type=PathType(), help="Map met eigen laagbestanden (*.toml).")
@click.option(
    "--profiel",
    type=Choice(("casustafel", "streng", "openbaar")),
    default="casustafel",
    help="Hoe streng er wordt beschermd.",
)
@click.option("--periode", type=Period(), help="Eerste en laatste maand, zoals 2022-01..2025-12.")
@click.option("--peildatum", type=Day(), help="Datum waarop de gegevens gelden; anders die uit grondslag.toml.")
@click.option("--sleutel", type=PathType(), help="Sleutelbestand van uw organisatie; nodig bij eigen gegevens.")
@click.option("--max-fouten", type=Share(), default=0.0, help="Aandeel foute rijen dat mag wegvallen, zoals 1%.")
@geography
@click.option("--stil", is_flag=True, help="Toon geen voortgang.")
def toets(
    gebied: str,
    invoer: Path | None,
    lagen: str | None,
    lagenmap: Path | None,
    profiel: str,
    periode: tuple[dt.date, dt.date] | None,
    peildatum: dt.date | None,
    sleutel: Path | None,
    max_fouten: float,
    geografie: Path | None,
    stil: bool,  # noqa: FBT001
) -> None:
    """Toets hoe goed eerdere perioden aanwezen waar later iets was.

    Alles is berekend uit getallen zoals die worden uitgegeven. Er wordt niets geschreven.

    \b
    Voorbeeld: geoanalyse toets --gebied zuidoost
    """
    from geoanalyse.build import Request, run

    request = Request(
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
        geography=geografie,
    )
    with progress(4, quiet=stil) as show:
        release = run(request, show).release
    _say(release)


def _say(release: "Release") -> None:
    from geoanalyse.products import dutch, figures, terugblik

    known = terugblik.rows(release)
    demo = f" ({dutch.DEMO})" if release.grondslag.demo else ""
    click.echo(f"{release.area.title}{demo}. Getoetst over {dutch.listing(figures.gemeenten(release))}.")
    if not known:
        click.echo("Geen enkele laag heeft hier een reeks, dus er is niets te toetsen.")
        return
    titles = {layer.id: layer.title for layer in release.layers}
    for name, found in known.items():
        scored = [row for row in found if row["share"] is not None]
        click.echo(f"\n{titles[name]}")
        for row in found:
            if row["share"] is None:
                click.echo(f"  {dutch.LEVELS[row['level']][1]}: {row['verdict']}")
        if scored:
            learned = dutch.period(scored[0]["trained_start"], scored[0]["start"])
            click.echo(f"  geleerd van {learned}, getoetst op {dutch.period(scored[0]['start'], scored[0]['end'])}")
            print_table([_HEAD, *_table(scored)])
    click.echo(_LEGEND)


_HEAD = ("niveau", "gekozen", "kaart", "periode ervoor", "adresdichtheid", "blind")


def _table(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    """One line per level, size and share."""
    from geoanalyse.products import dutch, terugblik
    from geoanalyse.stats.hindsight import FORECASTS, RANDOM

    for first in range(0, len(rows), len(FORECASTS)):
        ours, *others = rows[first : first + len(FORECASTS)]
        yield (
            f"{ours['regions']} {dutch.LEVELS[ours['level']][1]}",
            f"{terugblik.share_words(ours['share'])} van {ours['size']}",
            terugblik.range_words(ours["hit_low"], ours["hit_high"]),
            *(
                f"{_words(row) if row['forecast'] != RANDOM else terugblik.share_words(row['share'])} "
                f"{_MARKS[row['verdict']]}"
                for row in others
            ),
        )


def _words(row: Mapping[str, Any]) -> str:
    from geoanalyse.products import terugblik

    return terugblik.range_words(row["hit_low"], row["hit_high"])
