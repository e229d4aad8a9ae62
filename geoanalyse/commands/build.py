"""``geoanalyse build``."""

import gc
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from geoanalyse.commands.shared import (
    Choice,
    Command,
    PathType,
    analysis,
    area,
    out,
    progress,
    quiet,
    request,
    size_of,
    source,
)


@click.command(cls=Command)
@area("zie `geoanalyse gebieden`.")
@source
@analysis
@out
@click.option(
    "--ondergrond",
    type=Choice(("pdok",)),
    help="Achtergrondkaart die de lezer kan aanzetten; vraagt dan beelden op bij service.pdok.nl.",
)
@click.option("--grenzen", type=PathType(), help="GeoPackage met precieze grenzen, voor op de kaart.")
@click.option("--water", type=PathType(), help="GeoPackage met water, voor op de kaart.")
@click.option("--wegen", type=PathType(), help="GeoPackage met wegen, voor op de kaart.")
@click.option(
    "--omgeving", type=PathType(), help="Map met openbare lagen van de omgeving (docs/omgeving.md), apart op de kaart."
)
@click.option("--thema", type=PathType(), help="TOML-bestand met eigen kleuren voor de kaart.")
@click.option(
    "--houderlijsten",
    type=PathType(),
    help="TOML-bestand dat zegt welke bronhouders een lijst met eigen sleutels krijgen, en op welke grond.",
)
@quiet
def build(
    gebied: str,
    uit: Path,
    ondergrond: str | None,
    grenzen: Path | None,
    water: Path | None,
    wegen: Path | None,
    omgeving: Path | None,
    thema: Path | None,
    houderlijsten: Path | None,
    stil: bool,  # noqa: FBT001
    **given: Any,  # noqa: ANN401 - of `source` and `analysis`
) -> None:
    """Maak kaart, factsheets en signaallijst van een gebied.

    \b
    Voorbeeld: geoanalyse build --gebied zuidoost
    Voorbeeld: geoanalyse build --gebied 1102 --invoer mijn-map --sleutel riec.sleutel
    """
    from geoanalyse import dressing, key
    from geoanalyse.build import surroundings
    from geoanalyse.publish import publish

    asked = replace(request(gebied, **given), holder_lists=houderlijsten)
    around = surroundings(omgeving, asked) if omgeving else None
    added = dressing.read(
        background=ondergrond, borders=grenzen, water=water, roads=wegen, colours=thema, surroundings=around
    )
    if asked.key_file and asked.key_file.exists() and key.others_can_read(asked.key_file):
        click.echo(f"Let op: {asked.key_file} is leesbaar voor anderen; zet de rechten op 600.", err=True)
    gc.disable()  # one short run with little that is cyclic: collecting would only cost time
    with progress(14, quiet=stil) as show:
        release, folder = publish(asked, uit, show, added)
    if asked.follow_up is not None and release.followed is None:
        click.echo("Let op: er zijn te weinig eerdere signalen om te zeggen wat zij opleverden.", err=True)
    if not stil:
        _say_what_was_made(release, folder)


def _say_what_was_made(release: Any, folder: Path) -> None:  # noqa: ANN401 - Release is imported late
    demo = " (DEMO: verzonnen gegevens)" if release.grondslag.demo else ""
    click.echo(f"{release.area.title}{demo}, peildatum {release.reference_date:%d-%m-%Y}")
    if release.snapped_in or release.snapped_out:
        click.echo(
            f"Het gebied is op hele zones gezet: {release.snapped_in} adressen erbij, {release.snapped_out} eraf."
        )
    click.echo(f"Geschreven in {folder / 'deelbaar'}:")
    files = sorted((folder / "deelbaar").iterdir())
    width = max(len(file.name) for file in files)
    for file in files:
        click.echo(f"  {file.name:<{width}}  {size_of(file):>8}")
    click.echo(f"Alleen voor uzelf: {folder / 'vertrouwelijk'}")
    for file in sorted((folder / "vertrouwelijk").glob("signaallijst-*.xlsx")):
        click.echo(f"  {file.name}: gepseudonimiseerd, blijft persoonsgegeven; alleen voor die bronhouder")
    click.echo(f"Open de kaart: dubbelklik op {folder / 'deelbaar' / 'kaart.html'} (internet is niet nodig).")
