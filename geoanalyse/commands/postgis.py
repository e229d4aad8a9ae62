"""``geoanalyse postgis``: input out of a database, and a finished release into it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoanalyse.commands.shared import Group, Number, PathType, geography, regions_of, size_of, today
from geoanalyse.errors import GeoanalyseError

if TYPE_CHECKING:
    from geoanalyse.database import Access

_ACCESS = (
    click.option("--url", metavar="URL", help="Adres van de database, zonder wachtwoord."),
    click.option(
        "--url-bestand", type=PathType(), help="Bestand met het adres (rechten 0600); anders GEOANALYSE_POSTGIS."
    ),
    click.option(
        "--wachttijd",
        type=Number(least=1),
        metavar="SECONDEN",
        default=600,
        show_default=False,
        help="Hoe lang een vraag mag duren (anders: 600).",
    ),
)


def _access(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_ACCESS):
        command = option(command)
    return command


def _found(url: str | None, url_bestand: Path | None, wachttijd: int) -> "Access":
    from geoanalyse.database import access

    return access(os.environ, url=url, file=url_bestand, patience=wachttijd)


@click.group(cls=Group)
def postgis() -> None:
    """Haal invoer uit PostGIS, of zet een uitgave erin.

    \b
    Voorbeeld: geoanalyse postgis haal --tabel bag.adressen --als adressen --uit mijn-map
    """


@postgis.command("haal")
@click.option("--tabel", metavar="SCHEMA.TABEL", help="Tabel of view om te lezen.")
@click.option("--query", "vraag", type=PathType(), help="Bestand met één SELECT (.sql), in plaats van --tabel.")
@click.option("--als", "table", metavar="NAAM", required=True, help="adressen, of de id van een laag.")
@click.option("--uit", type=PathType(), required=True, help="Invoermap waarin het bestand komt.")
@click.option("--vervang", is_flag=True, help="Vervang het bestand dat er al staat.")
@click.option("--lagenmap", type=PathType(), help="Map met eigen laagbestanden (*.toml).")
@_access
def haal(
    tabel: str | None,
    vraag: Path | None,
    table: str,
    uit: Path,
    lagenmap: Path | None,
    url: str | None,
    url_bestand: Path | None,
    wachttijd: int,
    *,
    vervang: bool,
) -> None:
    """Schrijf een tabel of vraag als invoerbestand.

    Alleen de kolommen van het contract worden gelezen (docs/invoer.md); punten in RD staan voor oost, noord en crs.

    \b
    Voorbeeld: geoanalyse postgis haal --tabel bag.adressen --als adressen --uit mijn-map
    Voorbeeld: geoanalyse postgis haal --query leegstand.sql --als leegstand --uit mijn-map
    """
    from geoanalyse import postgis as database
    from geoanalyse.addresses import ADDRESS_COLUMNS, ZONE_COLUMN, layer_columns
    from geoanalyse.layer import read_layers, shipped_folder

    if (tabel is None) == (vraag is None):
        raise click.UsageError("geef --tabel of --query, een van beide")
    layers = {layer.id: layer for layer in read_layers(lagenmap or shipped_folder())}
    if table != "adressen" and table not in layers:
        raise click.UsageError(f"--als: kies uit adressen, {', '.join(sorted(layers))}")
    listed = ADDRESS_COLUMNS if table == "adressen" else layer_columns(layers[table])
    path = uit / f"{table}.parquet"
    there = sorted(each.name for each in uit.glob(f"{table}.*") if not (vervang and each == path))
    if there:
        raise GeoanalyseError(f"{uit}: {', '.join(there)} staat er al; verwijder het, of geef --vervang")
    source = database.Source(table, table=tabel) if tabel else database.Source(table, query=_text(vraag))
    found = database.fetch(
        _found(url, url_bestand, wachttijd), source, listed, () if table == "adressen" else (ZONE_COLUMN,)
    )
    try:
        uit.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise GeoanalyseError(f"{uit}: kan niet worden gemaakt; kies met --uit een andere map") from None
    database.write(found, path)
    click.echo(f"{path}  {size_of(path)}, {found.num_rows} rijen")
    click.echo(f"Controleer de map nu met: geoanalyse controleer {uit}")


def _text(path: Path | None) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig").strip() if path else ""
    except (OSError, UnicodeDecodeError):
        raise GeoanalyseError(f"{path}: kan niet worden gelezen; geef een bestand met één SELECT in UTF-8") from None
    if not text or "\0" in text:
        raise GeoanalyseError(f"{path}: bevat geen vraag; geef een bestand met één SELECT")
    return text


@postgis.command("zet")
@click.argument("map_", metavar="DEELBAAR-MAP", type=PathType())
@click.option("--schema", metavar="NAAM", required=True, help="Schema voor de tabellen; wordt zo nodig gemaakt.")
@geography
@_access
def zet(
    map_: Path, schema: str, geografie: Path | None, url: str | None, url_bestand: Path | None, wachttijd: int
) -> None:
    """Zet de kaartlagen van een uitgave in PostGIS.

    De uitgave wordt eerst gecontroleerd, als door `geoanalyse verifieer`. Tabellen van een eerdere uitgave van
    hetzelfde gebied worden vervangen, alle tegelijk of geen.

    \b
    Voorbeeld: geoanalyse postgis zet uitvoer/zuidoost/2026-01-01/deelbaar --schema riec
    """
    from geoanalyse.products.checked import checked
    from geoanalyse.products.postgis import publish

    access = _found(url, url_bestand, wachttijd)
    release = checked(map_, regions_of(geografie), today())
    for remark in release.remarks:
        click.echo(f"Let op: {remark}.", err=True)
    for name, rows in publish(access, release, schema).items():
        click.echo(f"{schema}.{name}: {rows} rijen")
