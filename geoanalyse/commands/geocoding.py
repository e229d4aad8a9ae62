"""``geoanalyse geocodeer``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from geoanalyse.commands.shared import Choice, Command, PathType, print_table, size_of, today

if TYPE_CHECKING:
    import pyarrow as pa

    from geoanalyse.geocoding import Base, Match, Outcome, Written


@click.command(cls=Command)
@click.argument("bestand", metavar="BESTAND", type=PathType())
@click.option("--basis", type=PathType(), required=True, help="adresbasis.parquet van `geoanalyse bag lees`.")
@click.option(
    "--uit", type=PathType(), required=True, help="Bestand voor sleutels en datums, zoals pandsluitingen.csv."
)
@click.option(
    "--minstens",
    type=Choice(("A", "B", "C", "D")),
    default="D",
    show_default=False,
    help="Laagste klasse die meetelt (anders: D).",
)
@click.option("--web", type=Choice(("pdok",)), help="Vraag onbekende adressen na bij PDOK; dat verstrekt ze aan PDOK.")
@click.option(
    "--akkoord-verstrekken", is_flag=True, help="U mag postcodes en nummers van onbekende adressen verstrekken."
)
def geocodeer(
    bestand: Path,
    basis: Path,
    uit: Path,
    minstens: str,
    web: str | None,
    akkoord_verstrekken: bool,  # noqa: FBT001 - of click
) -> None:
    """Zet geschreven adressen om in sleutels van de BAG, zonder iets te versturen.

    Het bestand heeft de kolommen datum en zo nodig aantal, en het adres als adres (één tekst), als postcode en
    huisnummer, of als straat, huisnummer en plaats; huisletter en toevoeging mogen erbij.

    \b
    Klassen: A zelfde adres; B anders gespeld; C letter of toevoeging weggelaten
    en maar één object op dit nummer; D letter of toevoeging bestaat niet en maar
    één object zonder. Past een adres bij meer objecten, dan wordt niet gekozen.

    \b
    Voorbeeld: geoanalyse geocodeer lijst.xlsx --basis bag/adresbasis.parquet --uit mijn-map/pandsluitingen.csv
    """
    from geoanalyse import geocoding
    from geoanalyse.errors import InputError
    from geoanalyse.files import keep_apart, write_private

    if uit.suffix.lower() != ".csv":
        raise InputError(f"{uit.name}: geef bij --uit een naam die op .csv eindigt, zoals pandsluitingen.csv")
    keep_apart(uit, bestand, basis)
    if web and not akkoord_verstrekken:
        raise InputError(
            "--web pdok stuurt postcode en nummer van elk onbekend adres naar PDOK, een derde; "
            "geef --akkoord-verstrekken als u dat mag en wilt"
        )
    rows = geocoding.read_rows(bestand, today())
    base = geocoding.read_base(basis)
    written = geocoding.by_columns(rows.parts) if rows.texts is None else geocoding.by_text(rows.texts, base)
    found, keys = geocoding.match(written, base), base.keys
    if web:
        found, keys = _from_web(written, found, base)
    outcome = geocoding.settle(rows, found, keys, next(each for each in geocoding.Quality if each.name == minstens))
    write_private(uit, geocoding.as_csv(outcome.table))
    _say(outcome)
    click.echo(f"{uit}  {size_of(uit)}. Dit zijn persoonsgegevens.")


def _from_web(written: "Written", found: "Match", base: "Base") -> "tuple[Match, pa.Array]":
    from geoanalyse.geocoding import locatieserver

    pairs = locatieserver.asked(written, found)
    click.echo(f"Let op: {len(pairs)} postcodes met nummer worden verstrekt aan PDOK (Locatieserver).", err=True)
    return locatieserver.add(written, found, base, locatieserver.ask(pairs))


def _say(outcome: "Outcome") -> None:
    share = f"{100 * outcome.table.num_rows / outcome.rows:.1f}".replace(".", ",")
    print_table(
        [
            ("klasse of reden", "rijen"),
            *((str(each), str(number)) for each, number in outcome.qualities.items()),
            *((f"niet: {each}", str(number)) for each, number in outcome.misses.items()),
        ]
    )
    click.echo(f"{outcome.table.num_rows} van {outcome.rows} rijen hebben een sleutel ({share} %).")
