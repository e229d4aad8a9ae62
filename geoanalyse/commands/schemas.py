"""``geoanalyse schema``."""

import click

from geoanalyse.commands.shared import Command, print_table


@click.command(cls=Command)
@click.argument("naam", metavar="[NAAM]", required=False)
def schema(naam: str | None) -> None:
    """Noem de schema's van alle bestanden, of toon er een (JSON Schema 2020-12).

    \b
    Voorbeeld: geoanalyse schema
    Voorbeeld: geoanalyse schema adressen
    """
    from geoanalyse import schemas

    if naam is not None:
        click.echo(schemas.text(naam), nl=False)
        return
    for heading, known in (("Invoer:", schemas.INPUTS), ("Uitvoer:", schemas.OUTPUTS)):
        click.echo(heading)
        print_table([(f"  {name}", schemas.schema(name)["title"]) for name in known])
