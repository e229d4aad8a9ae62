"""An address file in degrees, turned into the address file of the contract, in metres."""

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geoanalyse import coordinates, tables
from geoanalyse.addresses import ADDRESS_COLUMNS, CRS, EASTING, NORTHING
from geoanalyse.coordinates import Grid
from geoanalyse.errors import InputError

COLUMNS = ("sleutel", "lon", "lat", "gebruik", "pand")
"""Columns of an address file in degrees (ETRS89 or WGS84), all required and no other allowed."""

LONGITUDE = (3.0, 7.5)
LATITUDE = (50.5, 54.0)
_MILLIMETRES = 3
_TEXTS = ("sleutel", "gebruik", "pand")

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def in_metres(path: Path, correction: Grid | None = None) -> pa.Table:
    """Read an address file in degrees and give it in metres, row by row.

    Parameters
    ----------
    path : Path
        Any form that `tables.read` reads.
    correction : Grid, optional
        See `coordinates.to_rd`.

    Returns
    -------
    pyarrow.Table
        Columns of the contract (`addresses.ADDRESS_COLUMNS`), to the millimetre; other columns as they were.

    Raises
    ------
    InputError
        With a line per kind of fault: of the form of the file, or rows that are no number, swapped, metres already, or
        outside the Netherlands.
    """
    table = tables.read(path, COLUMNS)
    faults = [str(fault) for fault in table.faults]
    if not faults:
        lon, lat = (_numbers(table.columns[name]) for name in ("lon", "lat"))
        faults = list(_faults(path.name, lon, lat))
        faults += _faults_of_texts(path.name, {name: table.columns[name] for name in _TEXTS})
    if faults:
        raise InputError(faults)
    easting, northing = coordinates.to_rd(lon, lat, correction)
    columns: Mapping[str, Any] = {
        **{name: table.columns[name] for name in _TEXTS},
        "oost": np.round(easting, _MILLIMETRES),
        "noord": np.round(northing, _MILLIMETRES),
        "crs": pa.array([CRS] * table.rows, pa.string()),
    }
    return pa.table({name: columns[name] for name in ADDRESS_COLUMNS})


def as_csv(table: pa.Table) -> bytes:
    r"""Write a table with ``;`` between values.

    Examples
    --------
    >>> as_csv(pa.table({"sleutel": ["a"], "oost": [121000.5]}))
    b'"sleutel";"oost"\n"a";121000.5\n'
    """
    import pyarrow.csv as pv  # noqa: PLC0415 - only to write

    target = io.BytesIO()
    pv.write_csv(table, target, pv.WriteOptions(delimiter=";"))
    return target.getvalue()


def _faults_of_texts(file: str, columns: Mapping[str, pa.Array]) -> Iterator[str]:
    for name, column in columns.items():
        if not (pa.types.is_string(column.type) or pa.types.is_integer(column.type)):
            yield f"{file}, kolom {name}: is geen tekst en geen heel getal; sla de kolom op als tekst"


def _numbers(column: pa.Array) -> Floats:
    """Numbers, with a decimal comma or point; NaN for what is none."""
    if pa.types.is_string(column.type):
        plain = pc.match_substring_regex(column, r"^[+-]?[0-9]+(?:[.,][0-9]+)?$")
        column = pc.if_else(plain, pc.replace_substring(column, ",", "."), pa.scalar(None, pa.string()))
    elif not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        column = pa.nulls(len(column), pa.float64())
    return np.asarray(pc.fill_null(column.cast(pa.float64()), float("nan")), dtype=np.float64)


def _faults(file: str, lon: Floats, lat: Floats) -> Iterator[str]:
    where = f"{file}, kolommen lon en lat"
    wrong = ~(np.isfinite(lon) & np.isfinite(lat))
    right = _within(lon, LONGITUDE) & _within(lat, LATITUDE)
    swapped = _within(lat, LONGITUDE) & _within(lon, LATITUDE)
    metres = _within(lon, EASTING) & _within(lat, NORTHING)
    for rows, words in (
        (wrong, "geen getal of leeg; schrijf graden, bijvoorbeeld 4,9 en 52,3"),
        (swapped, "verwisseld; lon ligt tussen 3 en 7,5, lat tussen 50,5 en 54"),
        (metres, "al in RD-meters; noem de kolommen oost en noord, omrekenen is niet nodig"),
        (~(wrong | right | swapped | metres), "buiten Nederland; schrijf graden in ETRS89 of WGS84"),
    ):
        count = int(rows.sum())
        if count:
            yield f"{where}: {count} {'rij is' if count == 1 else 'rijen zijn'} {words}"


def _within(values: Floats, bounds: tuple[float, float]) -> Bools:
    inside: Bools = (values >= bounds[0]) & (values <= bounds[1])
    return inside
