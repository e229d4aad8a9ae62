"""``geoanalyse zones``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from geoanalyse.commands.shared import Command, PathType, Share, geography, print_table, regions_of, size_of
from geoanalyse.errors import GeoanalyseError

if TYPE_CHECKING:
    from geoanalyse.geography import Zones


@click.command(cls=Command)
@click.argument("map_", metavar="MAP", type=PathType())
@click.option("--max-fouten", type=Share(), default=0.0, help="Aandeel foute rijen dat mag wegvallen, zoals 1%.")
@geography
def zones(map_: Path, max_fouten: float, geografie: Path | None) -> None:
    """Maak eenmalig de zones van een volledig adressenbestand.

    \b
    Voorbeeld: geoanalyse zones mijn-map
    """
    from geoanalyse.addresses import read_addresses
    from geoanalyse.build import zones_of
    from geoanalyse.errors import InputError
    from geoanalyse.geography import write_zones

    regions = regions_of(geografie)
    base, report = read_addresses(map_, max_faults=max_fouten)
    made = zones_of(base, regions)
    if not any(len(zone_set.zone) for zone_set in made.base.values()):
        raise InputError(f"{map_}: te weinig adressen voor een zone binnen de geografie van {regions.year}")
    earlier = [file for file in map_.glob("zones-*.parquet") if file.name != f"zones-{made.version}.parquet"]
    if earlier:
        raise InputError(
            f"{earlier[0]}: er is al een andere versie van de zones; "
            "houd die aan zolang u ermee uitgeeft, of begin met een nieuwe sleutel in een nieuwe map"
        )
    path = map_ / f"zones-{made.version}.parquet"
    partial = path.with_name(path.name + ".deel")
    try:
        write_zones(made, regions, partial)
        partial.replace(path)
    except OSError:
        raise GeoanalyseError(f"{path}: kan niet worden geschreven; controleer de rechten op de map") from None
    rejected = sum(file.rows_rejected for file in report.files)
    click.echo(f"{path}  {size_of(path)}" + (f" ({rejected} rijen geweigerd)" if rejected else ""))
    _say_zones(made)


def _say_zones(made: "Zones") -> None:
    import numpy as np

    rows: list[tuple[str, ...]] = [("basis", "zones", "adressen", "kleinste", "middelste", "grootste")]
    for base, found in made.base.items():
        if len(found.zone):
            numbers = (found.addresses.sum(), found.addresses.min(), np.median(found.addresses), found.addresses.max())
            rows.append((str(base), str(len(found.zone)), *(f"{number:.0f}" for number in numbers)))
        else:
            rows.append((str(base), "0", "0", "-", "-", "-"))
    print_table(rows)
