"""``geoanalyse omgeving``."""

from pathlib import Path

import click

from geoanalyse.commands.shared import Command, PathType, area, geography, regions_of, size_of, today


@click.command(cls=Command)
@click.argument("map_", metavar="MAP", type=PathType())
@area("zie `geoanalyse gebieden`.")
@click.option("--uit", type=PathType(), required=True, help="GeoPackage dat wordt gemaakt (.gpkg).")
@geography
def omgeving(map_: Path, gebied: str, uit: Path, geografie: Path | None) -> None:
    """Bekijk openbare lagen van de omgeving in QGIS, voordat zij op een kaart gaan.

    MAP heeft per laag een TOML-bestand en het bestand dat het noemt (docs/omgeving.md).

    \b
    Voorbeeld: geoanalyse omgeving omgeving --gebied zuidoost --uit omgeving-zuidoost.gpkg
    """
    from geoanalyse import area as places
    from geoanalyse.build import Request, surroundings
    from geoanalyse.errors import InputError
    from geoanalyse.files import keep_apart, write_whole
    from geoanalyse.products.omgeving import geopackage

    if uit.suffix.lower() != ".gpkg":
        raise InputError(f"{uit.name}: kies met --uit een naam die op .gpkg eindigt")
    regions = regions_of(geografie)
    found = surroundings(map_, Request(area=gebied, geography=geografie, today=today()))
    keep_apart(uit, *(path for layer in found.layers for path in layer.paths))
    made = geopackage(found, places.find(gebied, regions), regions)
    write_whole(uit, lambda partial: partial.write_bytes(made))
    for layer in found.layers:
        click.echo(f"{layer.title}: {layer.unit}, {layer.reference_date:%d-%m-%Y}, {layer.source}")
    click.echo(f"{uit}  {size_of(uit)}")
