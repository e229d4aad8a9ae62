"""``geoanalyse advies``."""

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoanalyse.commands.shared import Command, PathType, area, print_table, progress, request, source
from geoanalyse.errors import GeoanalyseError, InputError

if TYPE_CHECKING:
    from geoanalyse.build import Prepared
    from geoanalyse.fidelity import Fidelity, Measured
    from geoanalyse.levels import Flag

MARK = "VERTROUWELIJK: berekend uit exacte aantallen. Alleen voor uzelf; neem niets hiervan over in een product."
_DEMO = "--vastleggen: dit is de demo; geef met --invoer een map met eigen gegevens"
_ADVICE = {
    "": "geen advies, te weinig eenheden of geen gevallen",
    "gemeente": "advies gemeente, want geen fijner niveau is goed genoeg",
}
_LEGEND = """
10-19, 20-49, 50-99, 100+: deel van de adressen dat in een eenheid van die grootte ligt.
marge, van waarde: hoeveel een getal er hooguit naast zit, en welk deel van het getal dat is; de middelste eenheid.
afstand: hoe anders de aantallen zijn verdeeld dan de exacte (Hellinger), van 0 tot 1; goed tot en met {distance}.
top: hoeveel van de hoogste tien procent hetzelfde is (Jaccard), van 0 tot 1; goed vanaf {overlap}.
rang: of de eenheden in dezelfde volgorde staan (Spearman), 1 is dezelfde; goed vanaf {rank}.
per adres: de rang van aantallen per adres; telt niet mee, want bij kleine verschillen bepaalt toeval de volgorde.
Moran: hoe sterk buren per adres op elkaar lijken, exact en uitgegeven.
Advies: het fijnste niveau waarop afstand, top en rang goed zijn."""
_LEVELS = ("zone", "res9", "res8", "buurt", "wijk", "gemeente")  # geography.LEVELS, which --help cannot wait for


class LayerLevel(click.ParamType[tuple[str, str]]):
    """A layer and its level, as ``fiu-signalen=res9``."""

    name = "laag=niveau"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's own
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"([a-z0-9-]+)=([a-z0-9]+)", value)
        if found is None or found[2] not in _LEVELS:
            self.fail(
                f"schrijf laag=niveau, zoals fiu-signalen=res9, met een niveau uit {', '.join(_LEVELS)}", param, ctx
            )
        return found[1], found[2]


@click.command(cls=Command)
@area("gemeten wordt over de gemeenten waarin het ligt.")
@source
@click.option("--uit", type=PathType(), help="Map met producten; de cijfers komen bij dit gebied in vertrouwelijk/.")
@click.option(
    "--vastleggen", is_flag=True, help="Zet het niveau van elke laag voor een jaar vast, in de map met invoer."
)
@click.option(
    "--niveau", type=LayerLevel(), multiple=True, help="Zet een laag vast op een ander niveau dan het advies."
)
@click.option(
    "--op-gezag-van",
    metavar="FUNCTIE",
    help="Functie of organisatie die besluit; nodig voor een fijner niveau dan het advies.",
)
@click.option("--opnieuw", is_flag=True, help="Vervang ook niveaus die nog gelden.")
@click.pass_context
def advies(
    ctx: click.Context,
    /,
    gebied: str,
    uit: Path | None,
    vastleggen: bool,  # noqa: FBT001
    niveau: Sequence[tuple[str, str]],
    op_gezag_van: str | None,
    opnieuw: bool,  # noqa: FBT001
    **given: Any,  # noqa: ANN401 - of `source`
) -> None:
    """Meet per laag op welk niveau zij nog goed te lezen is.

    De cijfers vergelijken exacte aantallen met wat er zou worden uitgegeven, en zijn dus vertrouwelijk.

    \b
    Voorbeeld: geoanalyse advies --gebied zuidoost
    Voorbeeld: geoanalyse advies --gebied diemen --invoer mijn-map --sleutel riec.sleutel --vastleggen
    """
    from geoanalyse import build, fidelity, levels

    needless = [
        name for name, given in (("niveau", niveau), ("op-gezag-van", op_gezag_van), ("opnieuw", opnieuw)) if given
    ]
    if needless and not vastleggen:
        raise click.UsageError(f"--{needless[0]} hoort bij --vastleggen", ctx)
    asked = request(gebied, **given)
    if vastleggen and asked.folder is None:
        raise InputError(_DEMO)
    authority = _authority(op_gezag_van)
    with progress(3, quiet=False) as show:
        prepared = build.prepare(asked, show)
        if vastleggen and prepared.source.grondslag.demo:
            raise InputError(_DEMO)
        show("meten")
        measured = fidelity.measure_around(prepared, asked.profile)
    written = []
    if uit is not None:
        folder = uit / prepared.area.name / prepared.reference_date.isoformat() / "vertrouwelijk"
        written.append((folder / "advies.json", _account(prepared, asked.profile, measured)))
    if asked.folder is not None and vastleggen:
        earlier = levels.flags(asked.folder, prepared.layers, unread=_layer_ids(asked.layer_folder))
        new = levels.decided(
            prepared.layers,
            measured.advice,
            dict(niveau),
            earlier,
            today=asked.today,
            zones=prepared.geography.zones.version,
            authority=authority,
            again=opnieuw,
        )
        written.append((asked.folder / levels.FILE, levels.text(earlier | new)))
    for path, text in written:
        _save(path, text)
    _say_figures(prepared, measured)
    click.echo()
    for path, _ in written:
        click.echo(f"Geschreven: {path}")
    if asked.folder is not None and vastleggen:
        _say_flags(measured.advice, new, earlier, asked.today)


def _authority(name: str | None) -> str:
    from geoanalyse.authority import faults_in_authority

    faults = faults_in_authority(name) if name is not None else []
    if faults:
        raise InputError(f"--op-gezag-van: {fault}" for fault in faults)
    return (name or "").strip()


def _layer_ids(folder: Path | None) -> list[str]:
    from geoanalyse.layer import read_layers, shipped_folder

    return [layer.id for layer in read_layers(folder or shipped_folder())]


# --- what is written --------------------------------------------------------------------------------------------------


def _account(prepared: "Prepared", profile: str, measured: "Measured") -> str:
    from geoanalyse import __version__, fidelity
    from geoanalyse.products.verantwoording import canonical_json

    content = {
        "let_op": MARK,
        "versie": __version__,
        "gebied": prepared.area.name,
        "gemeten_in": measured.gemeenten,
        "peildatum": prepared.reference_date,
        "periode": {"van": prepared.period[0], "tot": prepared.period[1]},
        "profiel": profile,
        "zones": prepared.geography.zones.version,
        "goed_genoeg": {
            "hellinger_hooguit": fidelity.MOST_DISTANCE,
            "jaccard_minstens": fidelity.LEAST_OVERLAP,
            "rangcorrelatie_minstens": fidelity.LEAST_RANK,
            "eenheden_minstens": fidelity.FEWEST,
        },
        "lagen": {
            name: {"advies": measured.advice[name], "niveaus": {item.level: _described(item) for item in rows}}
            for name, rows in measured.figures.items()
        },
    }
    return canonical_json(content).decode()


def _described(item: "Fidelity") -> dict[str, Any]:
    """Give the figures to four significant digits; null is a figure that cannot be given."""
    from geoanalyse import fidelity

    def plain(value: float) -> float | None:
        return None if math.isnan(value) else float(f"{value:.4g}")

    return {
        "eenheden": item.units,
        "aandeel_adressen_per_grootte": dict(zip(fidelity.size_names(), map(plain, item.sizes), strict=True)),
        "marge": plain(item.margin),
        "marge_tegenover_waarde": plain(item.relative_margin),
        "hellinger": plain(item.distance),
        "jaccard_hoogste_tiende": plain(item.overlap),
        "rangcorrelatie": plain(item.rank),
        "rangcorrelatie_per_adres": plain(item.rank_of_rates),
        "moran_exact": plain(item.moran_exact),
        "moran_gepubliceerd": plain(item.moran_published),
        "goed_genoeg": item.good if item.judged else None,
    }


def _save(path: Path, text: str) -> None:
    """Write a file for its owner alone, whole or not at all."""
    from geoanalyse import files

    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise GeoanalyseError(f"{path}: {files.reason(error)}") from None
    files.write_whole(path, lambda partial: files.write_lasting(partial, text))


# --- what is printed --------------------------------------------------------------------------------------------------


def _say_figures(prepared: "Prepared", measured: "Measured") -> None:
    from geoanalyse import fidelity
    from geoanalyse.products import dutch

    regions = prepared.geography.regions
    demo = f" ({dutch.DEMO})" if prepared.source.grondslag.demo else ""
    names = dutch.listing([regions.name(code) for code in measured.gemeenten])
    click.echo(MARK)
    click.echo(f"{prepared.area.title}{demo}, {dutch.period(*prepared.period)}. Gemeten over {names}.")
    head = ("niveau", "eenheden", *fidelity.size_names(), "marge", "van waarde", "afstand", "top", "rang", "per adres")
    for name, rows in measured.figures.items():
        click.echo(f"\n{name}: {_ADVICE.get(measured.advice[name], f'advies {measured.advice[name]}')}")
        print_table([(*head, "Moran", "goed genoeg"), *(_row(item) for item in rows)])
    distance, least, rank = (
        dutch.number(bound, 2) for bound in (fidelity.MOST_DISTANCE, fidelity.LEAST_OVERLAP, fidelity.LEAST_RANK)
    )
    click.echo(_LEGEND.format(distance=distance, overlap=least, rank=rank))


def _row(item: "Fidelity") -> tuple[str, ...]:
    from geoanalyse import fidelity
    from geoanalyse.products import dutch

    def decimals(value: float, places: int = 2) -> str:
        return "-" if math.isnan(value) else dutch.number(value, places)

    def share(value: float) -> str:
        return "-" if math.isnan(value) else dutch.percentage(value)

    if item.judged:
        verdict = "ja" if item.good else "nee"
    else:
        verdict = "te weinig eenheden" if item.units < fidelity.FEWEST else "geen gevallen"
    return (
        item.level,
        dutch.number(item.units),
        *(share(size) for size in item.sizes),
        decimals(item.margin, 0),
        share(item.relative_margin),
        *(decimals(value) for value in (item.distance, item.overlap, item.rank, item.rank_of_rates)),
        f"{decimals(item.moran_exact)} / {decimals(item.moran_published)}",
        verdict,
    )


def _say_flags(
    advice: Mapping[str, str], new: Mapping[str, "Flag"], earlier: Mapping[str, "Flag"], day: dt.date
) -> None:
    from geoanalyse.products import dutch

    for name in advice:
        if name in new:
            until = dutch.date(new[name].valid_until)
            click.echo(f"  {name}: {new[name].level}, vastgesteld tot en met {until}")
        elif name in earlier and earlier[name].valid_until >= day:
            until = dutch.date(earlier[name].valid_until)
            click.echo(f"  {name}: blijft {earlier[name].level} tot en met {until}; met --opnieuw wordt dat vervangen")
        else:
            click.echo(f"  {name}: niet vastgesteld, te weinig om te meten; kies met --niveau en --op-gezag-van")
