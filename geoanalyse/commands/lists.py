"""``geoanalyse gebieden`` and ``geoanalyse lagen``."""

from pathlib import Path

import click

from geoanalyse.commands.shared import Command, PathType, geography, print_table, regions_of


@click.command(cls=Command)
@geography
def gebieden(geografie: Path | None) -> None:
    """Noem de gebieden die met naam bekend zijn.

    \b
    Voorbeeld: geoanalyse gebieden
    """
    from geoanalyse import area

    rows = [("naam", "gebied", "buurten", "wijken", "bron")]
    rows += [
        (preset.name, preset.title, str(preset.buurten), str(preset.wijken), preset.source)
        for preset in area.presets(regions_of(geografie))
    ]
    print_table(rows)
    click.echo(
        "\nOok goed: een CBS-code (WK0363TA, BU0363TC03, GM0362), een postcodegebied (1102) of een polygoonbestand."
    )


@click.command(cls=Command)
@click.option("--lagenmap", type=PathType(), help="Map met eigen laagbestanden (*.toml).")
def lagen(lagenmap: Path | None) -> None:
    """Noem de lagen en wat zij zeggen.

    \b
    Voorbeeld: geoanalyse lagen
    """
    from geoanalyse.layer import read_layers, shipped_folder

    folder = lagenmap or shipped_folder()
    rows = [("laag", "titel", "bronhouder", "betrouwbaarheid", "basis", "kleinste eenheid", "b")]
    rows += [
        (layer.id, layer.title, layer.holder, str(layer.reliability), str(layer.base), str(layer.atom), str(layer.b))
        for layer in read_layers(folder)
    ]
    print_table(rows)
    click.echo(
        f"\nDe laagbestanden staan in {folder}; kopieer de map en geef haar met --lagenmap om lagen aan te passen."
    )
