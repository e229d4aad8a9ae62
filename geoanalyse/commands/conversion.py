"""``geoanalyse omreken``."""

from pathlib import Path

import click

from geoanalyse.commands.shared import Command, PathType, size_of


@click.command(cls=Command)
@click.argument("bestand", metavar="BESTAND", type=PathType())
@click.option(
    "--uit", type=PathType(), required=True, help="CSV-bestand dat wordt gemaakt, zoals mijn-map/adressen.csv."
)
@click.option("--rd-rooster", type=PathType(), help="Correctierooster van NSGI (rdtrans2018.txt, of de zip daarvan).")
def omreken(bestand: Path, uit: Path, rd_rooster: Path | None) -> None:
    """Reken een adressenbestand in graden om naar RD-meters.

    BESTAND heeft de kolommen sleutel, lon, lat, gebruik en pand. Met het correctierooster is de uitkomst op een
    millimeter goed, zonder op een kwart meter.

    \b
    Voorbeeld: geoanalyse omreken adressen-wgs84.csv --uit mijn-map/adressen.csv
    """
    from geoanalyse import coordinates
    from geoanalyse.conversion import as_csv, in_metres
    from geoanalyse.errors import InputError
    from geoanalyse.files import keep_apart, write_private

    if uit.suffix.lower() != ".csv":
        raise InputError(f"{uit.name}: kies met --uit een naam die op .csv eindigt")
    keep_apart(uit, bestand, *filter(None, [rd_rooster]))
    correction = coordinates.read_grid(rd_rooster) if rd_rooster else coordinates.installed_grid()
    table = in_metres(bestand, correction)
    write_private(uit, as_csv(table))
    how = coordinates.described(correction)
    accuracy = "1 millimeter" if correction else "25 centimeter"
    click.echo(f"{uit}  {size_of(uit)}. Dit zijn persoonsgegevens.")
    click.echo(f"{table.num_rows} adressen omgerekend: {how['methode']}, op {accuracy} nauwkeurig.")
