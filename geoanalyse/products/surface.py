"""The risk surface of a finished release: the classes of one theme as a Cloud Optimised GeoTIFF with a palette."""

import sqlite3
import warnings
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import shapely

from geoanalyse import raster
from geoanalyse.errors import ReleaseError
from geoanalyse.layer import Theme
from geoanalyse.products import dutch, palette

LEVELS = {
    "zone": "zones_alle",
    "res9": "hexagonen_res9",
    "res8": "hexagonen_res8",
    "buurt": "buurten",
    "wijk": "wijken",
}
"""Layer of the GeoPackage that holds the units of each level."""

RESOLUTION = 25.0
"""Metres of a pixel: a fifth of the width of a cell."""


def surface(
    package: bytes,
    marks: Mapping[str, str],
    theme: Theme,
    path: Path,
    *,
    level: str = "zone",
    resolution: float = RESOLUTION,
) -> int:
    """Write the classes of a theme, as the GeoPackage of a release has them.

    Parameters
    ----------
    package : bytes
        The GeoPackage of a release that was found in order.
    marks : mapping of str to str
        What tells the release from another; ``kenmerk`` and ``rubricering`` are among them. Become tags.
    theme : Theme
    path : Path
        Written whole or not at all.
    level : str
        One of `LEVELS`.
    resolution : float
        Metres of a pixel.

    Returns
    -------
    int
        Units that have a class; the others are nodata, which is not class 0.

    Raises
    ------
    ReleaseError
        When the release says nothing about this theme at this level.
    InputError, GeoanalyseError
        As `raster.write_cog`.
    """
    import pyogrio  # noqa: PLC0415 - brings all of GDAL

    column, table = f"thema_{theme}_klasse", LEVELS[level]
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(package)
        known = {str(name) for _, name, *_ in database.execute(f"PRAGMA table_info({table})")}  # a name of ours
    if column not in known:
        raise ReleaseError(
            f"deze uitgave heeft geen totaalbeeld {theme} voor {dutch.LEVELS[level][1]}; kies een ander niveau"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GDAL's notes on the name of a file in memory
        meta, rows = pyogrio.read_arrow(package, layer=table, columns=[column])
    classes = np.asarray(pc.fill_null(rows[column], -1), dtype=np.int64)
    raster.write_cog(
        path,
        shapely.from_wkb(np.array(rows[meta["geometry_name"] or "wkb_geometry"].to_pylist(), dtype=object)),
        classes,
        resolution=resolution,
        colours=palette.CLASS_COLOURS,
        legend=[dutch.class_label(index) for index in range(len(palette.CLASS_COLOURS))],
        title=f"Totaalbeeld {theme}, per {dutch.LEVELS[level][0]}",
        release=marks["kenmerk"],
        restriction=marks["rubricering"],
        tags={name.upper(): text for name, text in marks.items() if name not in ("kenmerk", "rubricering")},
    )
    return int((classes >= 0).sum())
