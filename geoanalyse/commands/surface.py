"""``geoanalyse vlak``."""

from pathlib import Path

import click

from geoanalyse.commands.shared import Choice, Command, Number, PathType, geography, regions_of, size_of, today


@click.command(cls=Command)
@click.argument("map_", metavar="DEELBAAR-MAP", type=PathType())
@click.option("--thema", type=Choice(("drugs", "witwassen")), required=True, help="Thema van het totaalbeeld.")
@click.option(
    "--niveau",
    type=Choice(("zone", "res9", "res8", "buurt", "wijk")),
    default="zone",
    show_default=False,
    help="Niveau van de klassen (anders: zone).",
)
@click.option(
    "--pixel", type=Number(least=1), default=25, show_default=False, help="Meters van een pixel (anders: 25)."
)
@click.option("--uit", type=PathType(), required=True, help="Bestand dat wordt gemaakt (.tif).")
@geography
def vlak(map_: Path, thema: str, niveau: str, pixel: int, uit: Path, geografie: Path | None) -> None:
    """Maak van een uitgave een rasterbestand met het totaalbeeld van een thema.

    De uitgave wordt eerst gecontroleerd, als door `geoanalyse verifieer`. Het bestand is een Cloud Optimised GeoTIFF
    in RD, met kleuren, legenda en het kenmerk van de uitgave erin; waar geen klasse is, is nodata.

    \b
    Voorbeeld: geoanalyse vlak uitvoer/zuidoost/2026-01-01/deelbaar --thema drugs --uit zuidoost-drugs.tif
    """
    from geoanalyse.errors import InputError
    from geoanalyse.layer import Theme
    from geoanalyse.products.checked import checked
    from geoanalyse.products.surface import surface

    if uit.suffix.lower() not in (".tif", ".tiff"):
        raise InputError(f"{uit.name}: kies met --uit een naam die op .tif eindigt")
    release = checked(map_, regions_of(geografie), today())
    for remark in release.remarks:
        click.echo(f"Let op: {remark}.", err=True)
    count = surface(release.package, release.marks, Theme(thema), uit, level=niveau, resolution=float(pixel))
    click.echo(f"{uit}  {size_of(uit)}, {count} plekken met een klasse")
