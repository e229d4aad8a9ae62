"""Surroundings of a release, made up: a distance, heights below zero of which a part is unknown, and a change."""

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np

from geoanalyse import protection
from geoanalyse.context import ContextLayer, Kind, Measured
from geoanalyse.published import Surroundings
from geoanalyse.release import Release

KADES = ContextLayer(
    id="kades",
    title="Kades",
    description="Afstand tot de dichtstbijzijnde kade.",
    opportunity="aan- en afvoer over water",
    text="Dicht bij een kade is gelegenheid, geen aanwijzing.",
    kind=Kind.DISTANCE,
    unit="meter",
    source="verzonnen kaart van kades",
    licence="CC BY 4.0",
    reference_date=dt.date(2025, 7, 1),
    public=True,
    breaks=(100.0, 250.0, 500.0, 1000.0),
    paths=(Path("kades.gpkg"),),
)


def layer(**changes: Any) -> ContextLayer:  # noqa: ANN401 - any field
    """A layer like that of the quays."""
    return ContextLayer(**{name: getattr(KADES, name) for name in ContextLayer.__slots__} | changes)


def measured_over(release: Release) -> tuple[Measured, ...]:
    """Measure three layers over the cells of a release: by their order, so that a test can know every value."""
    cells = np.sort(np.asarray(release.area.cells, dtype=np.uint64))
    count = len(cells)
    step = np.arange(count)
    heights = np.round(-4 + 6 * step / count, 2)
    seen = np.where(step % 5 == 0, 0.2, np.where(step % 5 == 1, 0.75, 1.0))
    heights[step % 7 == 0], seen[step % 7 == 0] = np.nan, 0.0
    height = layer(
        id="maaiveld",
        title="Maaiveld",
        description="Hoogte van de grond.",
        opportunity="",
        text="De hoogte beschrijft alleen de grond.",
        kind=Kind.RASTER,
        unit="meter",
        paths=(Path("ahn.tif"),),
        breaks=(-3.0, -1.5, 0.0, 0.5, 1.0),
    )
    roofs = layer(
        id="daken",
        title="Veranderde daken",
        description="Deel van de grond waar het dak veranderde.",
        opportunity="verbouwing die niemand meldde",
        kind=Kind.CHANGE,
        unit="% van de grond veranderd",
        paths=(Path("2023.tif"), Path("2025.tif")),
        breaks=(1.0,),
    )
    return (
        Measured(KADES, cells, 10.0 * (step % 130), np.ones(count), ("a" * 64,)),
        Measured(height, cells, heights, seen, ("b" * 64,)),
        Measured(roofs, cells, (step % 40) / 8.0, np.ones(count), ("c" * 64, "d" * 64), (step % 4).astype(np.int8)),
    )


def around(release: Release) -> Surroundings:
    """Let them through the door."""
    return protection.publish(measured_over(release), release.geography.regions)
