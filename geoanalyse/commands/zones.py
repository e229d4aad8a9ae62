"""``geoanalyse zones``: make them, and put them in the place of addresses."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from geoanalyse.commands.shared import Group, PathType, geography, max_faults, print_table, regions_of, size_of

if TYPE_CHECKING:
    from geoanalyse.geography import Regions, Zones


class _ZonesGroup(Group):
    """``zones MAP`` is short for ``zones maak MAP``."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["maak", *args]
        return super().resolve_command(ctx, args)


@click.group(cls=_ZonesGroup)
def zones() -> None:
    """Maak eenmalig de zones van een volledig adressenbestand, of pas ze toe.

    `geoanalyse zones MAP` is hetzelfde als `geoanalyse zones maak MAP`.

    \b
    Voorbeeld: geoanalyse zones mijn-map
    """


@zones.command("maak")
@click.argument("map_", metavar="MAP", type=PathType())
@click.option(
    "--vorige", type=PathType(), help="Zones waarop al is uitgegeven; de nieuwe versie voegt die alleen samen."
)
@max_faults
@geography
def maak(map_: Path, vorige: Path | None, max_fouten: float, geografie: Path | None) -> None:
    """Maak de zones van het adressenbestand in MAP.

    \b
    Voorbeeld: geoanalyse zones maak mijn-map
    Voorbeeld: geoanalyse zones maak mijn-map --vorige mijn-map/zones-0eff99e1d8ad.parquet
    """
    from geoanalyse.addresses import read_addresses
    from geoanalyse.build import zones_of
    from geoanalyse.errors import InputError
    from geoanalyse.files import write_whole
    from geoanalyse.zonefile import read_previous, write_zones

    regions = regions_of(geografie)
    previous = read_previous(vorige) if vorige else None
    base, report = read_addresses(map_, max_faults=max_fouten)
    made = zones_of(base, regions, previous)
    if not any(len(zone_set.zone) for zone_set in made.base.values()):
        raise InputError(f"{map_}: te weinig adressen voor een zone binnen de geografie van {regions.year}")
    known = {f"zones-{version}.parquet" for version in (made.version, *made.ancestors)}
    earlier = [file for file in map_.glob("zones-*.parquet") if file.name not in known]
    if earlier:
        raise InputError(
            f"{earlier[0]}: er is al een andere versie van de zones; geef die met --vorige, "
            "of begin met een nieuwe sleutel in een nieuwe map"
        )
    path = map_ / f"zones-{made.version}.parquet"
    write_whole(path, lambda partial: write_zones(made, regions, partial))
    rejected = sum(file.rows_rejected for file in report.files)
    click.echo(f"{path}  {size_of(path)}" + (f" ({rejected} rijen geweigerd)" if rejected else ""))
    _say_zones(made)
    if previous is not None:
        joined = sum(len(found.part) - len(found.zone) for found in made.base.values())
        click.echo(f"Samengevoegd met een andere zone: {joined} zones van zones-{previous.version}.")


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


@zones.command("toepassen")
@click.argument("map_", metavar="MAP", type=PathType())
@click.option("--uit", type=PathType(), required=True, help="Nieuwe map voor wat u levert.")
@click.option(
    "--aan", metavar="TEKST", required=True, help="Organisatie die ontvangt; elke ontvanger krijgt andere pseudoniemen."
)
@click.option("--zones", "zonebestand", type=PathType(), help="Zones van de ontvanger; anders die in MAP.")
@click.option(
    "--sleutel", type=PathType(), required=True, help="Sleutelbestand van uzelf; de ontvanger krijgt het niet."
)
@click.option("--lagenmap", type=PathType(), help="Map met eigen laagbestanden (*.toml).")
@max_faults
@geography
def toepassen(
    map_: Path,
    uit: Path,
    aan: str,
    zonebestand: Path | None,
    sleutel: Path,
    lagenmap: Path | None,
    max_fouten: float,
    geografie: Path | None,
) -> None:
    """Vervang adressen door zones, om ze te leveren.

    Per laag ontstaat een bestand met een pseudoniem, een zone en een datum; zonder adres of coördinaat.

    \b
    Voorbeeld: geoanalyse zones toepassen mijn-map --sleutel eigen.sleutel --aan "RIEC Amsterdam" --uit levering
    """
    import io

    import pyarrow.csv as pa_csv

    from geoanalyse import key
    from geoanalyse.addresses import read_folder
    from geoanalyse.commands.shared import today
    from geoanalyse.errors import InputError
    from geoanalyse.exchange import delivery
    from geoanalyse.files import write_folder
    from geoanalyse.layer import read_layers, shipped_folder

    regions = regions_of(geografie)
    layers = read_layers(lagenmap or shipped_folder())
    secret = key.read(sleutel).secret
    base, events, grondslag, _ = read_folder(map_, layers, today=today(), max_faults=max_fouten)
    delivered = [layer.id for layer in layers if layer.id in events and events[layer.id].zone is not None]
    if delivered:
        raise InputError(f"{map_}: {', '.join(delivered)} heeft al zones in plaats van adressen")
    if grondslag.reference_date is None:
        raise InputError(f"{map_}: peildatum ontbreekt in grondslag.toml; zet die erin, de levering geldt voor die dag")
    made = _zones_for(map_, zonebestand, regions)
    occasion = grondslag.reference_date.isoformat()
    rows: list[tuple[str, ...]] = [("bestand", "rijen", "adressen", "buiten de zones")]
    files: dict[str, str] = {}
    for layer in layers:
        if layer.id in events:
            table, outside = delivery(layer, events[layer.id], base, made, regions, secret, f"{aan}|{occasion}")
            addresses = len(table["sleutel"].unique())
            name = f"{layer.id}.csv" if table.num_rows else "-"
            rows.append((name, str(table.num_rows), str(addresses), str(outside)))
            if table.num_rows:  # a file without rows says nothing, and would be refused
                buffer = io.BytesIO()
                pa_csv.write_csv(table, buffer)
                files[name] = buffer.getvalue().decode()
    write_folder(uit, files)
    print_table(rows)
    click.echo(f"Geschreven in {uit}, op zones-{made.version}. Dit zijn gepseudonimiseerde persoonsgegevens.")


def _zones_for(folder: Path, file: Path | None, regions: "Regions") -> "Zones":
    from geoanalyse.build import newest_zones
    from geoanalyse.errors import InputError
    from geoanalyse.zonefile import read_zones

    if file is not None:
        return read_zones(file, regions)
    found = sorted(folder.glob("zones-*.parquet"))
    if not found:
        raise InputError(f"{folder}: geen zones-*.parquet; geef met --zones het bestand van de ontvanger")
    return newest_zones(found, regions)
