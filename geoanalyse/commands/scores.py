"""``geoanalyse toets``."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from geoanalyse.commands.shared import Command, area, print_table, progress, request, source

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
@area("getoetst wordt over de gemeenten waarin het ligt.")
@source
@click.option("--lagen", metavar="LAGEN", help="Alleen deze lagen, met komma's ertussen.")
@click.option("--stil", is_flag=True, help="Toon geen voortgang.")
def toets(gebied: str, lagen: str | None, stil: bool, **given: Any) -> None:  # noqa: ANN401, FBT001 - of `source`
    """Toets hoe goed eerdere perioden aanwezen waar later iets was.

    Alles is berekend uit getallen zoals die worden uitgegeven. Er wordt niets geschreven.

    \b
    Voorbeeld: geoanalyse toets --gebied zuidoost
    """
    from geoanalyse.build import run

    with progress(4, quiet=stil) as show:
        release = run(request(gebied, lagen=lagen, **given), show).release
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
