"""Which of the two files was given, and read by its own reader."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from geoanalyse.bag.extract import read_extract
from geoanalyse.bag.light import read_light
from geoanalyse.bag.objects import Register
from geoanalyse.errors import InputError


def read(
    path: Path,
    *,
    day: dt.date | None = None,
    municipality: int | None = None,
    report: Callable[[float], None] | None = None,
) -> Register:
    """Read an LV BAG 2.0 extract (zip) or ``bag-light.gpkg``.

    Parameters
    ----------
    path : Path
    day : datetime.date, optional
        Reference date, for an extract; that of the extract when not given.
    municipality : int, optional
        Code of the municipality that is wanted; `geoanalyse.bag.addressbase.join` leaves the others out.
    report : callable, optional
        Gets the share of the file that was read.

    Returns
    -------
    Register

    Raises
    ------
    InputError
        When it is neither, or a day is asked of a file without history.
    """
    if not path.is_file():
        raise InputError(f"{path}: is geen bestand; geef het BAG-extract (zip) of bag-light.gpkg")
    suffix = path.suffix.lower()
    if suffix == ".zip":
        return read_extract(path, day, report=report)
    if suffix == ".gpkg":
        if day is not None:
            raise InputError(
                f"{path.name}: bag-light heeft geen geschiedenis; laat --peildatum weg of lees het extract (zip)"
            )
        return read_light(path, municipality=municipality, report=report)
    raise InputError(f"{path.name}: is geen zip of gpkg; geef het BAG-extract (zip) of bag-light.gpkg")
