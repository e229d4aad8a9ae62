"""``geoanalyse controleer`` and ``geoanalyse demo``."""

from pathlib import Path

import click

from geoanalyse.commands.shared import Command, PathType, max_faults, size_of, today
from geoanalyse.errors import GeoanalyseError


@click.command(cls=Command)
@click.argument("map_", metavar="MAP", type=PathType())
@click.option("--lagenmap", type=PathType(), help="Map met eigen laagbestanden (*.toml).")
@max_faults
def controleer(map_: Path, lagenmap: Path | None, max_fouten: float) -> None:
    """Controleer eigen gegevens zonder iets te maken.

    \b
    Voorbeeld: geoanalyse controleer mijn-map
    """
    from geoanalyse.addresses import check_folder
    from geoanalyse.errors import InputError
    from geoanalyse.layer import read_layers, shipped_folder

    report, faults = check_folder(map_, read_layers(lagenmap or shipped_folder()), today=today(), max_faults=max_fouten)
    for file in report.files:
        rejected = f", waarvan {file.rows_rejected} geweigerd" if file.rows_rejected else ""
        click.echo(f"{file.file}: {file.rows} rijen gelezen{rejected}")
    for name in report.absent:
        click.echo(f"laag {name}: geen bestand, doet niet mee")
    if faults:
        raise InputError(faults)
    click.echo("In orde.")


@click.command(cls=Command)
@click.option("--uit", type=PathType(), required=True, help="Map voor de bestanden.")
def demo(uit: Path) -> None:
    """Schrijf de demogegevens als voorbeeld voor eigen gegevens.

    \b
    Voorbeeld: geoanalyse demo --uit voorbeeld
    """
    from geoanalyse import demo as made
    from geoanalyse.geography import shipped_regions

    try:
        files = made.write(made.make(shipped_regions()), uit)
    except OSError:
        raise GeoanalyseError(f"{uit}: kan niet worden geschreven; kies met --uit een andere map") from None
    for file in files:
        click.echo(f"{file}  {size_of(file)}")
    click.echo(
        "De gegevens zijn verzonnen. Vervang ze door eigen gegevens met dezelfde kolommen en pas grondslag.toml aan."
    )
