"""``geoanalyse atlas``."""

import gc
from pathlib import Path
from typing import Any

import click

from geoanalyse.commands.shared import (
    Command,
    Number,
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
@source
@analysis
@out
@click.option(
    "--taken",
    type=Number(least=1),
    metavar="GETAL",
    default=2,
    show_default=False,
    help="Hoeveel factsheets tegelijk worden gemaakt (anders: 2). De bestanden blijven gelijk.",
)
@quiet
def atlas(
    gebied: str,
    uit: Path,
    taken: int,
    stil: bool,  # noqa: FBT001
    **given: Any,  # noqa: ANN401 - of `source` and `analysis`
) -> None:
    """Maak een factsheet van elke buurt, en een bladzijde die ernaar verwijst.

    \b
    Voorbeeld: geoanalyse atlas --gebied zuidoost
    Voorbeeld: geoanalyse atlas --gebied 0363 --invoer mijn-map --sleutel riec.sleutel
    """
    from geoanalyse.products import atlas as products
    from geoanalyse.products.folder import Product
    from geoanalyse.publish import publish_product
    from geoanalyse.release import Release

    asked = request(gebied, **given)
    gc.disable()  # one short run with little that is cyclic: collecting would only cost time
    with progress(4, quiet=stil, counted=True) as show:

        def told(done: int, of: int) -> None:
            show("factsheets", of if done == 0 else None)
            if done == of:
                show("nakijken en schrijven")

        def make(release: Release) -> Product:
            return products.atlas(release, told, processes=taken)

        release, folder = publish_product(asked, uit, make, show)
    if not stil:
        files = sorted((folder / "deelbaar").glob("factsheet-*.pdf"))
        demo = " (DEMO: verzonnen gegevens)" if release.grondslag.demo else ""
        size = f"{sum(file.stat().st_size for file in files) / 1e6:.1f} MB".replace(".", ",")
        click.echo(f"{release.area.title}{demo}, peildatum {release.reference_date:%d-%m-%Y}")
        click.echo(f"Geschreven in {folder / 'deelbaar'}:")
        click.echo(f"  {len(files)} factsheets ({size}), index.html ({size_of(folder / 'deelbaar' / 'index.html')})")
        click.echo(f"Begin met {folder / 'deelbaar' / 'index.html'} (internet is niet nodig).")
