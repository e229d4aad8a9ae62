"""``geoanalyse geografie``."""

from pathlib import Path

import click

from geoanalyse.commands.shared import Group, Number, PathType, listed, progress


@click.group(cls=Group)
def geografie() -> None:
    """Maak de tabel van cellen en gebieden voor een andere regio.

    \b
    Voorbeeld: geoanalyse geografie lees wijkenbuurten_2024.gpkg --uit nederland.parquet
    """


@geografie.command("lees")
@click.argument("bestand", metavar="BESTAND", type=PathType())
@click.option(
    "--uit", type=PathType(), default="geografie.parquet", help="Bestand voor de tabel (anders: geografie.parquet)."
)
@click.option("--jaar", type=Number(), metavar="JAAR", help="Jaar van de indeling; anders uit de bestandsnaam.")
@click.option("--gemeenten", metavar="CODES", help="Alleen deze gemeenten, met komma's ertussen, zoals GM0363,GM0384.")
@click.option("--stil", is_flag=True, help="Toon geen voortgang.")
def geografie_lees(bestand: Path, uit: Path, jaar: int | None, gemeenten: str | None, stil: bool) -> None:  # noqa: FBT001
    """Lees de wijken en buurten van het CBS (GeoPackage).

    \b
    Voorbeeld: geoanalyse geografie lees wijkenbuurten_2024.gpkg --gemeenten GM0363,GM0384
    """
    from geoanalyse.boundaries import read_cbs
    from geoanalyse.files import write_whole

    wanted = listed(gemeenten) if gemeenten else ()
    with progress(101, quiet=stil) as show:
        seen = [0]

        def report(share: float) -> None:
            while seen[0] < round(100 * share):
                seen[0] += 1
                show("cellen verdelen")

        regions = read_cbs(bestand, jaar, gemeenten=wanted, report=report)
    write_whole(uit, regions.write)
    number = {level: regions.levels.count(level) for level in ("buurt", "wijk", "gemeente")}
    click.echo(
        f"{uit}: {len(regions.cells)} cellen, {number['buurt']} buurten, {number['wijk']} wijken, "
        f"{number['gemeente']} gemeenten ({regions.year})"
    )
    click.echo(f"Gebruik hem met: geoanalyse build --geografie {uit} ...")
