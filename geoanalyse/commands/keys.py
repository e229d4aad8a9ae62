"""``geoanalyse sleutel``."""

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from geoanalyse.commands.shared import Group, PathType, print_table, today

if TYPE_CHECKING:
    from geoanalyse.register import Register


@click.group(cls=Group)
def sleutel() -> None:
    """Maak, controleer of vervang de sleutel van uw organisatie.

    \b
    Voorbeeld: geoanalyse sleutel maak riec.sleutel
    """


def _warn(text: str) -> None:
    click.echo(f"Let op: {text}", err=True)


@sleutel.command("maak")
@click.argument("bestand", metavar="BESTAND", type=PathType())
def sleutel_maak(bestand: Path) -> None:
    """Maak een nieuwe sleutel met een leeg register ernaast.

    \b
    Voorbeeld: geoanalyse sleutel maak riec.sleutel
    """
    from geoanalyse import key, registerfile

    made = key.make(bestand, _warn)
    click.echo(f"{bestand}: nieuwe sleutel, kenmerk {made.mark}")
    click.echo(f"{registerfile.register_path(bestand)}: register van wat met deze sleutel wordt uitgegeven")
    click.echo("Bewaar beide samen, met een reservekopie, en geef de sleutel aan niemand buiten uw organisatie.")


@sleutel.command("controleer")
@click.argument("bestand", metavar="BESTAND", type=PathType())
def sleutel_controleer(bestand: Path) -> None:
    """Kijk of een sleutel en zijn register in orde zijn, en wat ermee is uitgegeven.

    \b
    Voorbeeld: geoanalyse sleutel controleer riec.sleutel
    """
    from geoanalyse import key, register

    own, known = key.check(bestand)
    click.echo(f"{bestand}: sleutel in orde, kenmerk {own.mark}")
    if os.name != "posix":
        click.echo("Wie dit bestand kan lezen, ziet u bij Eigenschappen, Beveiliging; geoanalyse kan dat niet nagaan.")
    _say_what_was_issued(known)
    if known.replaces:
        click.echo(f"Deze sleutel vervangt: {', '.join(known.replaces)}.")
    if known.replaced_by:
        click.echo(f"Deze sleutel is vervangen door {known.replaced_by}; bouwen gaat alleen met de nieuwe.")
    if known.lost:
        click.echo(f"Op elk product staat: {register.caveat(known)}")


def _say_what_was_issued(known: "Register") -> None:
    if not known.issued:
        click.echo("In het register staat nog geen uitgave.")
        return
    versions = dict.fromkeys(one.zones_version for one in known.issued)
    last = known.issued[-1]
    click.echo(f"Uitgaven: {len(known.issued)}, op zones {', '.join(versions)}")
    click.echo(f"Laatste: {last.area}, peildatum {dt.date.fromisoformat(last.reference_date):%d-%m-%Y}")
    periods: dict[str, set[tuple[str, str]]] = {}
    for one in known.issued:
        for layer in one.layers:
            periods.setdefault(layer["laag"], set()).add((layer["van"], layer["tot"]))
    rows = [("laag", "perioden", "van", "tot en met")]
    for name, spans in sorted(periods.items()):
        last_day = max(dt.date.fromisoformat(end) for _, end in spans) - dt.timedelta(days=1)
        rows.append((name, str(len(spans)), min(start for start, _ in spans)[:7], f"{last_day:%Y-%m}"))
    print_table(rows)


@sleutel.command("vervang")
@click.argument("oud", metavar="OUD", type=PathType())
@click.argument("nieuw", metavar="NIEUW", type=PathType())
def sleutel_vervang(oud: Path, nieuw: Path) -> None:
    """Begin een nieuwe reeks met een nieuwe sleutel; de oude kan daarna niet meer bouwen.

    Wat met de oude sleutel is uitgegeven, wordt met de nieuwe niet nog eens uitgegeven. Doe dit alleen als het
    moet: bijvoorbeeld als de oude sleutel is uitgelekt, of als een laag andere instellingen nodig heeft.

    \b
    Voorbeeld: geoanalyse sleutel vervang riec.sleutel riec-2027.sleutel
    """
    from geoanalyse import key, registerfile

    made = key.replace(oud, nieuw, _warn)
    click.echo(f"{nieuw}: nieuwe sleutel, kenmerk {made.mark}")
    click.echo(f"{registerfile.register_path(nieuw)}: register, met de perioden die al zijn uitgegeven")
    click.echo(f"{oud}: is nu vervangen. Bewaar de oude sleutel en zijn register; gooi ze niet weg.")


@sleutel.command("herstel")
@click.argument("bestand", metavar="BESTAND", type=PathType())
@click.option(
    "--op-gezag-van",
    required=True,
    metavar="TEKST",
    show_default=False,
    help="Verplicht. Functie of organisatie die dit besluit; geen naam van een persoon.",
)
def sleutel_herstel(bestand: Path, op_gezag_van: str) -> None:
    """Begin een leeg register als het oude weg is, en er geen kopie van is.

    Zoek eerst de reservekopie. Zonder het oude register is niet na te gaan of nieuwe uitgaven samen met oude
    nog beschermen wat is beloofd. Dat staat daarna op elk product, met wie dit besloot.

    \b
    Voorbeeld: geoanalyse sleutel herstel riec.sleutel --op-gezag-van "directeur RIEC"
    """
    from geoanalyse import key, register, registerfile

    restored = key.restore(bestand, op_gezag_van, today())
    click.echo(f"{registerfile.register_path(bestand)}: leeg register. Op elk product staat voortaan:")
    click.echo(register.caveat(restored))
