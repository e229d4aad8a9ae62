"""``geoanalyse casusbeeld``."""

from pathlib import Path
from typing import Any

import click

from geoanalyse.commands.shared import (
    Command,
    PathType,
    analysis,
    area,
    out,
    progress,
    quiet,
    request,
    size_of,
    source,
)


@click.command(cls=Command)
@area("zie `geoanalyse gebieden`.")
@click.option("--casus", type=PathType(), required=True, help="Verplicht. TOML-bestand met de casus.")
@source
@analysis
@out
@quiet
def casusbeeld(
    gebied: str,
    casus: Path,
    uit: Path,
    stil: bool,  # noqa: FBT001
    **given: Any,  # noqa: ANN401 - of `source` and `analysis`
) -> None:
    """Maak van één casus een pagina (PDF) en dia's (PPTX) voor de casustafel.

    Het bestand met de casus heeft de aanleiding, eigen bevindingen, mogelijke vervolgstappen en interventies; de
    cijfers komen uit de gegevens. Zie docs/casusbeeld.md.

    \b
    Voorbeeld: geoanalyse casusbeeld --gebied zuidoost --casus casus.toml
    """
    from geoanalyse import casus as cases
    from geoanalyse.products import casusbeeld as beeld
    from geoanalyse.publish import publish_product

    case = cases.read(casus)
    asked = request(gebied, **given)
    with progress(8, quiet=stil) as show:
        release, folder = publish_product(asked, uit, lambda release: beeld.casusbeeld(release, case), show)
    if stil:
        return
    demo = " (DEMO: verzonnen gegevens)" if release.grondslag.demo else ""
    click.echo(f"Casusbeeld {case.name}{demo}: {release.area.title}, peildatum {release.reference_date:%d-%m-%Y}")
    click.echo(f"Geschreven in {folder / 'deelbaar'}:")
    files = sorted((folder / "deelbaar").iterdir())
    width = max(len(file.name) for file in files)
    for file in files:
        click.echo(f"  {file.name:<{width}}  {size_of(file):>8}")
    click.echo(f"Controleer het met: geoanalyse verifieer {folder}")
