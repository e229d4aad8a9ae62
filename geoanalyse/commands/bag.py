"""``geoanalyse bag``."""

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoanalyse.commands.shared import Day, Group, PathType, print_table, progress, size_of

if TYPE_CHECKING:
    from geoanalyse.bag import Report


class Municipality(click.ParamType[int]):
    """Code of a municipality: four digits, with or without GM in front."""

    name = "code"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401
        found = re.fullmatch(r"(?:GM)?([0-9]{4})", str(value).strip(), re.IGNORECASE)
        if found is None:
            self.fail("schrijf een gemeentecode van vier cijfers, zoals 0363 of GM0363", param, ctx)
        return int(found[1])


@click.group(cls=Group)
def bag() -> None:
    """Maak het adressenbestand van de BAG.

    \b
    Voorbeeld: geoanalyse bag lees BAGGEM0457L-15102021.zip --uit mijn-map
    """


@bag.command("lees")
@click.argument("bestand", metavar="BESTAND", type=PathType())
@click.option("--uit", type=PathType(), required=True, help="Map voor adresbasis.parquet en adressen.parquet.")
@click.option("--peildatum", type=Day(), help="Dag waarop de adressen gelden; anders die van het extract.")
@click.option("--gemeente", type=Municipality(), help="Alleen adressen in deze gemeente, zoals 0363.")
@click.option("--stil", is_flag=True, help="Toon geen voortgang en geen overzicht.")
def lees(bestand: Path, uit: Path, peildatum: dt.date | None, gemeente: int | None, stil: bool) -> None:  # noqa: FBT001
    """Lees het BAG-extract van het Kadaster (zip) of bag-light.gpkg van PDOK.

    \b
    Voorbeeld: geoanalyse bag lees BAGGEM0457L-15102021.zip --uit mijn-map --peildatum 2021-10-01
    Voorbeeld: geoanalyse bag lees bag-light.gpkg --uit mijn-map --gemeente 0363
    """
    from geoanalyse import bag as reading

    with progress(100, quiet=stil) as show:
        seen = [0]

        def report(share: float) -> None:
            while seen[0] < int(99 * share):
                seen[0] += 1
                show("BAG lezen")

        register = reading.read(bestand, day=peildatum, municipality=gemeente, report=report)
        base, told = reading.join(register, gemeente)
        show("schrijven")
        files = reading.write(base, uit)
    if not stil:
        _say(told)
    for file in files:
        click.echo(f"{file}  {size_of(file)}")


def _say(told: "Report") -> None:
    day = f", stand van {told.day:%d-%m-%Y}" if told.day else ""
    click.echo(f"{told.source}{day}: {told.addresses} adressen van {told.objects} objecten")
    print_table([("wat", "aantal"), *((str(each), str(number)) for each, number in told.counts)])
