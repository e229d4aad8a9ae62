"""``geoanalyse build``."""

import datetime as dt
import gc
from pathlib import Path
from typing import Any

import click

from geoanalyse.commands.shared import (
    Choice,
    Command,
    Day,
    Number,
    PathType,
    Period,
    Share,
    geography,
    listed,
    progress,
    size_of,
    today,
)


@click.command(cls=Command)
@click.option(
    "--gebied",
    required=True,
    metavar="GEBIED",
    show_default=False,
    help="Verplicht. Naam, CBS-code, PC4 of polygoonbestand; zie `geoanalyse gebieden`.",
)
@click.option("--invoer", type=PathType(), help="Map met eigen gegevens; zonder deze optie de demo.")
@click.option("--uit", type=PathType(), default="uitvoer", help="Map voor de producten (anders: uitvoer).")
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
@click.option(
    "--seed", type=Number(), metavar="GETAL", default=0, help="Startgetal voor loting; wordt in het manifest gezet."
)
@click.option(
    "--ondergrond",
    type=Choice(("pdok",)),
    help="Achtergrondkaart die de lezer kan aanzetten; vraagt dan beelden op bij service.pdok.nl.",
)
@click.option("--grenzen", type=PathType(), help="GeoPackage met precieze grenzen, voor op de kaart.")
@click.option("--water", type=PathType(), help="GeoPackage met water, voor op de kaart.")
@click.option("--wegen", type=PathType(), help="GeoPackage met wegen, voor op de kaart.")
@click.option("--thema", type=PathType(), help="TOML-bestand met eigen kleuren voor de kaart.")
@click.option("--stil", is_flag=True, help="Toon geen voortgang en geen overzicht.")
@geography
def build(
    gebied: str,
    invoer: Path | None,
    uit: Path,
    lagen: str | None,
    lagenmap: Path | None,
    profiel: str,
    periode: tuple[dt.date, dt.date] | None,
    peildatum: dt.date | None,
    sleutel: Path | None,
    max_fouten: float,
    seed: int,
    ondergrond: str | None,
    grenzen: Path | None,
    water: Path | None,
    wegen: Path | None,
    thema: Path | None,
    stil: bool,  # noqa: FBT001
    geografie: Path | None,
) -> None:
    """Maak kaart, factsheets en signaallijst van een gebied.

    \b
    Voorbeeld: geoanalyse build --gebied zuidoost
    Voorbeeld: geoanalyse build --gebied 1102 --invoer mijn-map --sleutel riec.sleutel
    """
    from geoanalyse import dressing, key
    from geoanalyse.build import Request
    from geoanalyse.publish import publish

    added = dressing.read(background=ondergrond, borders=grenzen, water=water, roads=wegen, colours=thema)
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
        seed=seed,
        geography=geografie,
    )
    if sleutel and sleutel.exists() and key.others_can_read(sleutel):
        click.echo(f"Let op: {sleutel} is leesbaar voor anderen; zet de rechten op 600.", err=True)
    gc.disable()  # one short run with little that is cyclic: collecting would only cost time
    with progress(14, quiet=stil) as show:
        release, folder = publish(request, uit, show, added)
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
    click.echo(f"Open de kaart: dubbelklik op {folder / 'deelbaar' / 'kaart.html'} (internet is niet nodig).")
