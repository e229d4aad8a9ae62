"""The command line: parse, call the library, print. Heavy imports stand inside the commands."""

import datetime as dt
import gc
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from geoanalyse import __version__
from geoanalyse.errors import GeoanalyseError

if TYPE_CHECKING:
    from geoanalyse.geography import Regions, Zones

INPUT_FAULT = 1
USAGE_FAULT = 2


# --- click in Dutch ---------------------------------------------------------------------------------------------------


class _DutchHelp(click.Command):
    """A command whose help has Dutch headings."""

    def __init__(self, *args: Any, **settings: Any) -> None:  # noqa: ANN401 - click's own
        super().__init__(*args, **({"options_metavar": "[OPTIES]"} | settings))

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix="Gebruik: ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        records = [record for option in options if (record := option.get_help_record(ctx)) is not None]
        records = [(name, text.replace("[required]", "").rstrip()) for name, text in records]
        with formatter.section("Opties"):
            formatter.write_dl(records)
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "Toon deze uitleg."
        return option


class _Command(_DutchHelp):
    pass


class _Group(_DutchHelp, click.Group):
    command_class = _Command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Opdrachten"):
            formatter.write_dl([(name, self.commands[name].get_short_help_str(90)) for name in self.list_commands(ctx)])

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return ["[OPTIES]", "OPDRACHT ..."]

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self.commands)  # in the order of the work, not of the alphabet


_Group.group_class = _Group


class _Choice(click.ParamType[str]):
    def __init__(self, choices: Sequence[str]) -> None:
        self.name = "keuze"
        self.choices = choices

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002
        return f"[{'|'.join(self.choices)}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401
        if value not in self.choices:
            self.fail(f"kies uit {', '.join(self.choices)}", param, ctx)
        return str(value)


class _Number(click.ParamType[int]):
    name = "getal"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401
        if not re.fullmatch(r"[0-9]{1,18}", str(value)):
            self.fail("schrijf een heel getal", param, ctx)
        return int(value)


class _Day(click.ParamType[dt.date]):
    name = "jjjj-mm-dd"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:  # noqa: ANN401
        try:
            day = value if isinstance(value, dt.date) else dt.date.fromisoformat(value)
        except ValueError:
            day = dt.date.min
        if not 1900 <= day.year < 2100:  # noqa: PLR2004 - years that can be meant
            self.fail("schrijf een datum als 2026-01-01", param, ctx)
        return day


class _Period(click.ParamType[tuple[dt.date, dt.date]]):
    name = "jjjj-mm..jjjj-mm"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's own
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[dt.date, dt.date]:
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"((?:19|20)\d\d)-(\d\d)\.\.((?:19|20)\d\d)-(\d\d)", value)
        if found:
            first, first_month, last, last_month = map(int, found.groups())
            if 1 <= first_month <= 12 and 1 <= last_month <= 12 and 1900 <= first <= last < 2200:  # noqa: PLR2004 - months
                start = dt.date(first, first_month, 1)
                end = dt.date(last + last_month // 12, last_month % 12 + 1, 1)
                if start < end:
                    return start, end
        return self.fail("schrijf de eerste en de laatste maand, zoals 2022-01..2025-12", param, ctx)


class _Share(click.ParamType[float]):
    name = "percentage"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401
        if isinstance(value, float):
            return value
        found = re.fullmatch(r"(\d{1,2}(?:[.,]\d+)?) ?%", value)
        if found is None:
            self.fail("schrijf een percentage onder 100, zoals 1%", param, ctx)
        return float(found.group(1).replace(",", ".")) / 100


class _Path(click.ParamType[Path]):
    name = "pad"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:  # noqa: ANN401, ARG002
        return Path(value)


def _in_dutch(error: click.UsageError) -> str:  # noqa: PLR0911 - one line per kind
    """Say in Dutch what is wrong with the arguments."""
    if isinstance(error, click.NoSuchOption):
        near = f"; bedoelt u {', '.join(sorted(error.possibilities))}?" if error.possibilities else ""
        return f"optie {error.option_name} bestaat niet{near}"
    if isinstance(error, click.MissingParameter):
        name = error.param.make_metavar(error.ctx) if isinstance(error.param, click.Argument) and error.ctx else None
        name = name or (error.param.opts[0] if error.param else "")
        return f"{name} ontbreekt"
    if isinstance(error, click.BadParameter):
        return f"{error.param.opts[0] if error.param else ''}: {error.message}"
    if isinstance(error, click.BadOptionUsage):
        takes_none = "does not take" in error.message
        return f"optie {error.option_name} {'krijgt geen waarde' if takes_none else 'heeft een waarde nodig'}"
    command = re.search(r"[Cc]ommand '([^']*)'", error.message)
    if command:
        return f"opdracht '{command.group(1)}' bestaat niet"
    if "extra argument" in error.message:
        return "er staan te veel woorden achter de opdracht"
    return error.message


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with 0, 1 (the input is refused) or 2 (the arguments are wrong)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        command.main(
            args=list(arguments) if arguments is not None else None, prog_name="geoanalyse", standalone_mode=False
        )
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "")
        sys.exit(USAGE_FAULT)
    except click.UsageError as error:
        click.echo(f"Fout: {_in_dutch(error)}", err=True)
        path = error.ctx.command_path if error.ctx else "geoanalyse"
        click.echo(f"Uitleg: {path} --help", err=True)
        sys.exit(USAGE_FAULT)
    except GeoanalyseError as error:
        for line in str(error).splitlines():
            click.echo(f"Fout: {line}", err=True)
        sys.exit(INPUT_FAULT)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Afgebroken; er is niets half geschreven.", err=True)
        sys.exit(INPUT_FAULT)
    sys.exit(0)


# --- what commands share ----------------------------------------------------------------------------------------------


def _today() -> dt.date:
    """Read the clock: only to see whether something has expired or lies in the future."""
    return dt.datetime.now().astimezone().date()


def _size(path: Path) -> str:
    size = path.stat().st_size
    return f"{size / 1e6:.1f} MB".replace(".", ",") if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"  # noqa: PLR2004


@contextmanager
def _progress(steps: int, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show a bar on a terminal; say nothing in a pipe or with ``--stil``."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<28}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("beginnen", total=steps)

        def show(what: str) -> None:
            bars.update(task, description=what, advance=1)

        yield show


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _regions(path: Path | None) -> "Regions":
    from geoanalyse.geography import Regions, shipped_regions

    return Regions.read(path) if path else shipped_regions()


def _table(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


_geography = click.option("--geografie", type=_Path(), help="Eigen tabel van `geoanalyse geografie lees`.")


# --- the commands -----------------------------------------------------------------------------------------------------


@click.group(cls=_Group, context_settings={"help_option_names": ["--help", "-h"]})
@click.version_option(__version__, "--versie", message="geoanalyse %(version)s", help="Toon de versie.")
def command() -> None:
    """Geografische analyse zonder persoonsgegevens: kaart, factsheets en signaallijst.

    \b
    Voorbeeld: geoanalyse build --gebied zuidoost
    """


@command.command()
@click.option(
    "--gebied",
    required=True,
    metavar="GEBIED",
    show_default=False,
    help="Verplicht. Naam, CBS-code, PC4 of polygoonbestand; zie `geoanalyse gebieden`.",
)
@click.option("--invoer", type=_Path(), help="Map met eigen gegevens; zonder deze optie de demo.")
@click.option("--uit", type=_Path(), default="uitvoer", help="Map voor de producten (anders: uitvoer).")
@click.option("--lagen", metavar="LAGEN", help="Alleen deze lagen, met komma's ertussen.")
@click.option("--lagenmap", type=_Path(), help="Map met eigen laagbestanden (*.toml).")
@click.option(
    "--profiel", type=_Choice(("casustafel", "streng")), default="casustafel", help="Hoe streng er wordt beschermd."
)
@click.option("--periode", type=_Period(), help="Eerste en laatste maand, zoals 2022-01..2025-12.")
@click.option("--peildatum", type=_Day(), help="Datum waarop de gegevens gelden; anders die uit grondslag.toml.")
@click.option("--sleutel", type=_Path(), help="Sleutelbestand van uw organisatie; nodig bij eigen gegevens.")
@click.option("--max-fouten", type=_Share(), default=0.0, help="Aandeel foute rijen dat mag wegvallen, zoals 1%.")
@click.option(
    "--seed", type=_Number(), metavar="GETAL", default=0, help="Startgetal voor loting; wordt in het manifest gezet."
)
@click.option("--stil", is_flag=True, help="Toon geen voortgang en geen overzicht.")
@_geography
def build(
    gebied: str,
    invoer: Path | None,
    uit: Path,
    lagen: str | None,
    lagenmap: Path | None,
    profiel: str,
    periode: tuple[dt.date, dt.date] | None,
    peildatum: dt.date | None,
    sleutel: Path | None,
    max_fouten: float,
    seed: int,
    stil: bool,  # noqa: FBT001
    geografie: Path | None,
) -> None:
    """Maak kaart, factsheets en signaallijst van een gebied.

    \b
    Voorbeeld: geoanalyse build --gebied zuidoost
    Voorbeeld: geoanalyse build --gebied 1102 --invoer mijn-map --sleutel riec.sleutel
    """
    from geoanalyse import key
    from geoanalyse.build import Request
    from geoanalyse.publish import publish

    request = Request(
        area=gebied,
        today=_today(),
        folder=invoer,
        layer_ids=_listed(lagen) if lagen is not None else None,
        layer_folder=lagenmap,
        profile=profiel,
        period=periode,
        reference_date=peildatum,
        key_file=sleutel,
        max_faults=max_fouten,
        seed=seed,
        geography=geografie,
    )
    if sleutel and sleutel.exists() and key.others_can_read(sleutel):
        click.echo(f"Let op: {sleutel} is leesbaar voor anderen; zet de rechten op 600.", err=True)
    gc.disable()  # one short run with little that is cyclic: collecting would only cost time
    with _progress(13, quiet=stil) as show:
        release, folder = publish(request, uit, show)
    if not stil:
        _say_what_was_made(release, folder)


def _say_what_was_made(release: Any, folder: Path) -> None:  # noqa: ANN401 - Release is imported late
    demo = " (DEMO: verzonnen gegevens)" if release.grondslag.demo else ""
    click.echo(f"{release.area.title}{demo}, peildatum {release.reference_date:%d-%m-%Y}")
    if release.snapped_in or release.snapped_out:
        click.echo(
            f"Het gebied is op hele zones gezet: {release.snapped_in} adressen erbij, {release.snapped_out} eraf."
        )
    click.echo(f"Geschreven in {folder / 'deelbaar'}:")
    files = sorted((folder / "deelbaar").iterdir())
    width = max(len(file.name) for file in files)
    for file in files:
        click.echo(f"  {file.name:<{width}}  {_size(file):>8}")
    click.echo(f"Alleen voor uzelf: {folder / 'vertrouwelijk'}")
    click.echo(f"Open de kaart: dubbelklik op {folder / 'deelbaar' / 'kaart.html'} (internet is niet nodig).")


@command.command()
@_geography
def gebieden(geografie: Path | None) -> None:
    """Noem de gebieden die met naam bekend zijn.

    \b
    Voorbeeld: geoanalyse gebieden
    """
    from geoanalyse import area

    rows = [("naam", "gebied", "buurten", "wijken", "bron")]
    rows += [
        (preset.name, preset.title, str(preset.buurten), str(preset.wijken), preset.source)
        for preset in area.presets(_regions(geografie))
    ]
    _table(rows)
    click.echo(
        "\nOok goed: een CBS-code (WK0363TA, BU0363TC03, GM0362), een postcodegebied (1102) of een polygoonbestand."
    )


@command.command()
@click.option("--lagenmap", type=_Path(), help="Map met eigen laagbestanden (*.toml).")
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
    _table(rows)
    click.echo(
        f"\nDe laagbestanden staan in {folder}; kopieer de map en geef haar met --lagenmap om lagen aan te passen."
    )


@command.command()
@click.argument("map_", metavar="MAP", type=_Path())
@click.option("--lagenmap", type=_Path(), help="Map met eigen laagbestanden (*.toml).")
@click.option("--max-fouten", type=_Share(), default=0.0, help="Aandeel foute rijen dat mag wegvallen, zoals 1%.")
def controleer(map_: Path, lagenmap: Path | None, max_fouten: float) -> None:
    """Controleer eigen gegevens zonder iets te maken.

    \b
    Voorbeeld: geoanalyse controleer mijn-map
    """
    from geoanalyse.addresses import check_folder
    from geoanalyse.errors import InputError
    from geoanalyse.layer import read_layers, shipped_folder

    report, faults = check_folder(
        map_, read_layers(lagenmap or shipped_folder()), today=_today(), max_faults=max_fouten
    )
    for file in report.files:
        rejected = f", waarvan {file.rows_rejected} geweigerd" if file.rows_rejected else ""
        click.echo(f"{file.file}: {file.rows} rijen gelezen{rejected}")
    for name in report.absent:
        click.echo(f"laag {name}: geen bestand, doet niet mee")
    if faults:
        raise InputError(faults)
    click.echo("In orde.")


@command.command()
@click.option("--uit", type=_Path(), required=True, help="Map voor de bestanden.")
def demo(uit: Path) -> None:
    """Schrijf de demogegevens als voorbeeld voor eigen gegevens.

    \b
    Voorbeeld: geoanalyse demo --uit voorbeeld
    """
    from geoanalyse import demo as made
    from geoanalyse.geography import shipped_regions

    try:
        files = made.write(made.make(shipped_regions()), uit)
    except OSError:
        raise GeoanalyseError(f"{uit}: kan niet worden geschreven; kies met --uit een andere map") from None
    for file in files:
        click.echo(f"{file}  {_size(file)}")
    click.echo(
        "De gegevens zijn verzonnen. Vervang ze door eigen gegevens met dezelfde kolommen en pas grondslag.toml aan."
    )


@command.command()
@click.argument("map_", metavar="MAP", type=_Path())
@click.option("--max-fouten", type=_Share(), default=0.0, help="Aandeel foute rijen dat mag wegvallen, zoals 1%.")
@_geography
def zones(map_: Path, max_fouten: float, geografie: Path | None) -> None:
    """Maak eenmalig de zones van een volledig adressenbestand.

    \b
    Voorbeeld: geoanalyse zones mijn-map
    """
    from geoanalyse.addresses import read_addresses
    from geoanalyse.build import zones_of
    from geoanalyse.errors import InputError
    from geoanalyse.geography import write_zones

    regions = _regions(geografie)
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
    click.echo(f"{path}  {_size(path)}" + (f" ({rejected} rijen geweigerd)" if rejected else ""))
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
    _table(rows)


@command.group()
def sleutel() -> None:
    """Maak de sleutel van uw organisatie.

    \b
    Voorbeeld: geoanalyse sleutel maak riec.sleutel
    """


@sleutel.command("maak")
@click.argument("bestand", metavar="BESTAND", type=_Path())
def sleutel_maak(bestand: Path) -> None:
    """Maak een nieuwe sleutel met een leeg register ernaast.

    \b
    Voorbeeld: geoanalyse sleutel maak riec.sleutel
    """
    import os

    from geoanalyse import key

    made = key.make(bestand)
    click.echo(f"{bestand}: nieuwe sleutel, kenmerk {made.mark}")
    click.echo(f"{key.register_path(bestand)}: register van wat met deze sleutel wordt uitgegeven")
    click.echo("Bewaar beide samen, met een reservekopie, en geef de sleutel aan niemand buiten uw organisatie.")
    if os.name != "posix":
        click.echo("Let op: beperk onder Windows de toegang tot dit bestand (Eigenschappen, Beveiliging).", err=True)


@command.group()
def geografie() -> None:
    """Maak de tabel van cellen en gebieden voor een andere regio.

    \b
    Voorbeeld: geoanalyse geografie lees wijkenbuurten_2024.gpkg --uit nederland.parquet
    """


@geografie.command("lees")
@click.argument("bestand", metavar="BESTAND", type=_Path())
@click.option(
    "--uit", type=_Path(), default="geografie.parquet", help="Bestand voor de tabel (anders: geografie.parquet)."
)
@click.option("--jaar", type=_Number(), metavar="JAAR", help="Jaar van de indeling; anders uit de bestandsnaam.")
@click.option("--gemeenten", metavar="CODES", help="Alleen deze gemeenten, met komma's ertussen, zoals GM0363,GM0384.")
@click.option("--stil", is_flag=True, help="Toon geen voortgang.")
def geografie_lees(bestand: Path, uit: Path, jaar: int | None, gemeenten: str | None, stil: bool) -> None:  # noqa: FBT001
    """Lees de wijken en buurten van het CBS (GeoPackage).

    \b
    Voorbeeld: geoanalyse geografie lees wijkenbuurten_2024.gpkg --gemeenten GM0363,GM0384
    """
    from geoanalyse.boundaries import read_cbs

    wanted = _listed(gemeenten) if gemeenten else ()
    with _progress(101, quiet=stil) as show:
        seen = [0]

        def report(share: float) -> None:
            while seen[0] < round(100 * share):
                seen[0] += 1
                show("cellen verdelen")

        regions = read_cbs(bestand, jaar, gemeenten=wanted, report=report)
    partial = uit.with_name(uit.name + ".deel")
    try:
        regions.write(partial)
        partial.replace(uit)
    except OSError:
        raise GeoanalyseError(f"{uit}: kan niet worden geschreven; kies met --uit een andere plaats") from None
    number = {level: regions.levels.count(level) for level in ("buurt", "wijk", "gemeente")}
    click.echo(
        f"{uit}: {len(regions.cells)} cellen, {number['buurt']} buurten, {number['wijk']} wijken, "
        f"{number['gemeente']} gemeenten ({regions.year})"
    )
    click.echo(f"Gebruik hem met: geoanalyse build --geografie {uit} ...")
