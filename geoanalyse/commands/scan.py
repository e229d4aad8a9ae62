"""``geoanalyse scan``."""

import gc
import sys
from pathlib import Path
from typing import Any

import click

from geoanalyse.commands.shared import (
    Command,
    PathType,
    analysis,
    out,
    progress,
    quiet,
    regions_of,
    request,
    size_of,
    source,
)

_LARGEST = 1_000_000  # bytes of the list


@click.command(cls=Command)
@click.option(
    "--gebieden",
    type=PathType(),
    required=True,
    help="Tekstbestand met een gebied per regel: naam, CBS-code, PC4 of polygoonbestand.",
)
@source
@analysis
@out
@quiet
def scan(
    gebieden: Path,
    uit: Path,
    stil: bool,  # noqa: FBT001
    **given: Any,  # noqa: ANN401 - of `source` and `analysis`
) -> None:
    """Maak kaart, factsheets en signaallijst van veel gebieden tegelijk, met een overzicht.

    De gegevens worden een keer gelezen, geteld en beschermd. Elk gebied is gelijk aan wat `geoanalyse build` maakt.
    Over een gebied waarover niets kan worden uitgegeven, zegt het overzicht waarom; de code is dan 1.

    \b
    Voorbeeld: geoanalyse scan --gebieden lijst.txt --invoer mijn-map --sleutel riec.sleutel
    """
    from geoanalyse.files import write_whole
    from geoanalyse.products import overzicht
    from geoanalyse.publish import publish_areas

    regions = regions_of(given["geografie"])
    names, places = _read(gebieden, regions)
    asked = request(names[0], **given)
    gc.disable()  # one run with little that is cyclic: collecting would only cost time
    made: list[overzicht.Made] = []
    refused: list[overzicht.Refused] = []
    with progress(len(places) + 3, quiet=stil, counted=True) as show:
        for place, release, folder in publish_areas(asked, places, uit, show):
            if isinstance(release, str):
                refused.append((place, release))
            else:
                made.append((place, release, folder))
    for place, reason in refused:
        click.echo(f"Niet gemaakt: {reason if place.title in reason else f'{place.title}: {reason}'}", err=True)
    if made:
        target = uit / f"overzicht-{made[0][1].reference_date.isoformat()}.html"
        page = overzicht.page(made, refused, uit)
        write_whole(target, lambda partial: partial.write_bytes(page))
        if not stil:
            click.echo(f"{len(made)} van {len(places)} gebieden gemaakt. Begin met {target} ({size_of(target)}).")
    if refused:
        sys.exit(1)


def _read(path: Path, regions: Any) -> tuple[list[str], list[Any]]:  # noqa: ANN401 - Regions and Area are imported late
    """Read the list: a name per line, and what stands behind # does not count."""
    from geoanalyse import area
    from geoanalyse.errors import AreaError, InputError

    try:
        data = path.read_bytes()[: _LARGEST + 1]
        lines = data.decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{path}: kan niet worden gelezen; geef een tekstbestand in UTF-8") from None
    if len(data) > _LARGEST:
        raise InputError(f"{path}: is groter dan 1 MB; schrijf een gebied per regel")
    wanted = {place: name for place, line in enumerate(lines, 1) if (name := line.partition("#")[0].strip())}
    faults, found = [], dict[str, tuple[str, Any]]()
    for place, name in wanted.items():
        try:
            known = area.find(name, regions)
        except AreaError as error:
            faults.append(f"{path.name}, regel {place}: {error}")
            continue
        if known.name in found:
            faults.append(f"{path.name}, regel {place}: dit gebied staat er al; noem elk gebied een keer")
        found[known.name] = (name, known)
    if faults:
        raise InputError(faults)
    if not found:
        raise InputError(f"{path.name}: noemt geen gebied; schrijf een gebied per regel, zie `geoanalyse gebieden`")
    return [name for name, _ in found.values()], [place for _, place in found.values()]
