"""``geoanalyse houderlijst``: at the holder."""

import csv
import io
from pathlib import Path

import click

from geoanalyse.commands.shared import Command, PathType, max_faults
from geoanalyse.errors import InputError


@click.command(cls=Command)
@click.argument("lijst", metavar="LIJST", type=PathType())
@click.option("--invoer", type=PathType(), required=True, help="Map met het adressenbestand, met uw eigen sleutels.")
@click.option("--geheim", type=PathType(), required=True, help="Uw geheim waarmee de lijst is gemaakt.")
@click.option("--naar", type=PathType(), required=True, help="CSV-bestand voor uw eigen sleutels.")
@max_faults
def houderlijst(lijst: Path, invoer: Path, geheim: Path, naar: Path, max_fouten: float) -> None:
    """Vind als bronhouder de eigen sleutels achter een houderlijst terug.

    Het nieuwe bestand zegt welke adressen het zijn: het is een persoonsgegeven en blijft bij u.

    \b
    Voorbeeld: geoanalyse houderlijst signaallijst-kvk.xlsx --invoer mijn-map --geheim kvk.sleutel --naar herkend.csv
    """
    from geoanalyse import files, holders, key
    from geoanalyse.addresses import read_addresses
    from geoanalyse.formulas import guarded

    try:
        content = lijst.read_bytes()
    except OSError:
        raise InputError(f"{lijst}: kan niet worden gelezen") from None
    base, _ = read_addresses(invoer, max_faults=max_fouten)
    found = holders.recognised(content, key.read(geheim), base.keys.to_pylist())
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow(["sleutel", *(title.lower() for title in holders.COLUMNS[1:])])
    writer.writerows(map(guarded, (name, *row[1:])) for name, row in found)
    files.write_private(naar, target.getvalue().encode("utf-8-sig"))
    click.echo(f"{naar}: {len(found)} eigen sleutels. Dit is een persoonsgegeven; het blijft bij u.")
