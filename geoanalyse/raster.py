"""Rasters: one value per polygon, change between two dates, and a surface as a file; the only module with rasterio.

Rasters hold no persons: heights, vegetation, noise, imagery. A pixel counts for the part of it that lies inside a
polygon, exactly (`coverage`). A raster is read window by window, each made of whole blocks of the file, so memory does
not grow with the raster; only the windows that some polygon reaches are read.

Polygons are brought into the raster's own system and pixels stay what they are: a value is never resampled to fit a
polygon. Weights are areas in that system. In a projected one these differ from true areas by the square of its scale
(RD: less than 0.03 %; Web Mercator: the same factor for all pixels of a cell). In degrees a pixel is weighted by its
true area on the ellipsoid, as exactextract does only when asked for ``coverage_weight=area_spherical_m2``.
"""

import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import rasterio
import rasterio.shutil
import shapely
from pyproj.exceptions import ProjError
from rasterio._err import CPLE_BaseError
from rasterio.enums import MaskFlags, Resampling
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import MemoryFile
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window
from scipy import ndimage

from geoanalyse import coverage, grid
from geoanalyse.coverage import Floats, Integers, Shapes
from geoanalyse.errors import InputError
from geoanalyse.files import write_whole

Bools = npt.NDArray[np.bool_]
Span = tuple[int, int]

RD = 28992
DEGREES = (4258, 4326)
"""EPSG codes of longitude and latitude: ETRS89 and WGS 84, here the same."""

SIDE = 1024
"""Pixels along a side of a window, where the blocks of the file allow it: 8 MB as numbers to compute with. Twice that
is no faster and takes 200 MB more."""
CACHE = 128 << 20
"""Bytes of decoded blocks that GDAL keeps, whatever the machine."""
LARGEST_BLOCK = 64 << 20
"""Bytes of one decoded block; a file that needs more at once is refused."""
MOST_PIXELS = 2 * 10**11
"""Pixels inside the polygons: more is hours of work, and a sign of a file that lies about its size."""
LARGEST_UNIT = 1000
"""Pixels of the smallest change that counts; as many rows and columns are read round a window at worst."""
NEAR = 64
"""Rows and columns that are read round a window at first: few patches are both longer than this and small."""
LARGEST_SURFACE = 10**9
"""Pixels of a surface that is written."""
SAMPLE = 250_000
"""Pixels from which noise is estimated: the median absolute deviation is then right to half a percent."""
MAD_TO_SD = 1.4826
"""Median absolute deviation to standard deviation, for a normal distribution (Rousseeuw and Croux 1993)."""
ROUNDED_TWICE = math.sqrt(2 / 12)
"""Standard deviation of the difference of two numbers that were rounded to whole ones."""
LARGEST_VALUE = 1e100
"""A pixel beyond this, infinite or not a number, has no value: nothing that is measured comes near it, and sums of them
would leave what a number can hold."""
NO_CLASS = 255
"""Value of a pixel outside every cell of a surface, or in a cell without a class."""

_EDGE = 200.0  # metres: a straight line of this length bends by less than 2 mm in another system
_EDGE_DEGREES = 0.002
_COG = "zet het met QGIS of gdal_translate om naar een COG"
_DAMAGED = "is beschadigd of niet compleet; haal het bestand opnieuw op"
_OPTIONS = {"GDAL_CACHEMAX": CACHE, "GDAL_PAM_ENABLED": False}  # a .aux.xml may name other files, also far away
_FAULTS = (RasterioError, CPLE_BaseError)


class Direction(StrEnum):
    """Which change counts."""

    RISE = "stijging"
    FALL = "daling"
    BOTH = "beide"


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """One value of each kind per polygon; NaN is missing: no pixel with a value lies in the polygon.

    Attributes
    ----------
    mean : ndarray of float64, shape (n,)
        Weighted by area.
    total : ndarray of float64, shape (n,)
        Value times the share of the pixel inside the polygon, added up: of persons per pixel it makes persons.
    least, most : ndarray of float64, shape (n,)
        Over all pixels of which a part lies inside.
    coverage : ndarray of float64, shape (n,)
        Share of the polygon's area that has a value, 0 to 1; 0 and never NaN where it has none.
    above : ndarray of float64, shape (n,), or None
        Share of the area that has a value where that is above the threshold; None without a threshold.
    """

    mean: Floats
    total: Floats
    least: Floats
    most: Floats
    coverage: Floats
    above: Floats | None


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """Change between two rasters per polygon; NaN is missing.

    Attributes
    ----------
    changed : ndarray of float64, shape (n,)
        Square metres with a change that counts: above the threshold, in a patch of at least the smallest unit.
    share : ndarray of float64, shape (n,)
        The same as a part of the area with a value on both dates.
    net : ndarray of float64, shape (n,)
        Mean difference (after less before) over the area with a value on both dates, large or small.
    coverage : ndarray of float64, shape (n,)
        Share of the polygon's area with a value on both dates.
    size : ndarray of float64, shape (n,)
        Mean of the absolute difference over what counts; NaN where nothing does.
    strength : ndarray of float64, shape (n,)
        `size` less the shift, in standard deviations of the noise of one pixel; infinite where rasters are the same to
        the last digit, NaN when everything changed, so that nothing tells the noise (confidence is then low).
    confidence : ndarray of int8, shape (n,)
        0 nothing counts, 1 low (strength below 3), 2 medium (3 to 5), 3 high (5 or more), -1 missing.
    noise, shift : float
        Standard deviation and median of the difference where nothing changed, over all polygons together.
    """

    changed: Floats
    share: Floats
    net: Floats
    coverage: Floats
    size: Floats
    strength: Floats
    confidence: npt.NDArray[np.int8]
    noise: float
    shift: float


@dataclass(frozen=True, slots=True, eq=False)
class _Band:
    """One band of an open raster (or of a raster read on the grid of another)."""

    name: str
    data: Any
    number: int
    crs: pyproj.CRS
    scale: float
    offset: float

    @property
    def to_pixels(self) -> tuple[float, float, float, float, float, float]:
        a, b, c, d, e, f = tuple(~self.data.transform)[:6]
        return a, b, c, d, e, f

    @property
    def square(self) -> float:
        """Square metres of a pixel of a projected raster."""
        return abs(float(self.data.transform.determinant)) * float(self.crs.axis_info[0].unit_conversion_factor) ** 2

    @property
    def whole_numbers(self) -> bool:
        return np.dtype(self.data.dtypes[self.number - 1]).kind in "iu"

    def read(self, rows: Span, columns: Span) -> tuple[Floats, Bools | None]:
        """Give the values of a window row by row with a spare one behind them, 0 where missing, and which are valid.

        The second is None when all are.
        """
        window = Window(columns[0], rows[0], columns[1] - columns[0], rows[1] - rows[0])
        valid: Bools | None = None
        try:
            raw = self.data.read(self.number, window=window)
            if MaskFlags.all_valid not in self.data.mask_flag_enums[self.number - 1]:
                valid = self.data.read_masks(self.number, window=window) != 0
        except _FAULTS:
            raise InputError(f"{self.name}: {_DAMAGED}") from None
        values = np.zeros(raw.size + 1)
        values[:-1] = raw.ravel()
        scaled = (self.scale, self.offset) != (1.0, 0.0)
        if scaled:
            with np.errstate(over="ignore", invalid="ignore"):
                values *= self.scale
                values += self.offset
        if scaled or raw.dtype.kind == "f":
            finite = (np.abs(values[:-1]) <= LARGEST_VALUE).reshape(raw.shape)
            valid = finite if valid is None else valid & finite
        if valid is None or valid.all():
            return values, None
        valid = np.append(valid.ravel(), False)
        values[~valid] = 0.0
        return values, valid


def values_per_cell(
    path: Path, shapes: npt.ArrayLike, *, crs: int = RD, band: int = 1, threshold: float | None = None
) -> Values:
    """Give one value per polygon from a GeoTIFF, with exact weights.

    Parameters
    ----------
    path : Path
        A GeoTIFF or COG in any known system, also rotated; scale and offset in its tags are applied. Nodata is what the
        file says (value, alpha band or mask), NaN and infinity.
    shapes : array_like of shapely (multi)polygons, shape (n,)
        They may overlap, have holes, reach out of the raster and be empty.
    crs : int
        EPSG code of the shapes: 28992, or 4258 or 4326 (longitude, latitude).
    band : int
        From 1.
    threshold : float, optional
        In units of the raster, after scale and offset.

    Returns
    -------
    Values

    Raises
    ------
    InputError
        When the file is no readable GeoTIFF with a place on earth, does not reach the polygons or has no value there.

    Examples
    --------
    >>> import tempfile
    >>> cell = shapely.box(120_000, 480_000, 120_010, 480_010)
    >>> half_outside = shapely.box(120_005, 480_000, 120_015, 480_010)
    >>> words = {"title": "Risico", "release": "ab12", "restriction": "openbaar"}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "risico.tif"
    ...     write_cog(path, [cell], [1], resolution=1, colours=["#ffffff", "#00224e"], legend=["laag", "hoog"], **words)
    ...     found = values_per_cell(path, [cell, half_outside])
    >>> found.mean.tolist(), found.total.tolist(), found.coverage.tolist()
    ([1.0, 1.0], [100.0, 50.0], [1.0, 0.5])
    """
    with _opened(path, band) as source:
        made = _outlines(shapes, crs, source)
        count = len(made.area)
        inside, whole, held, weighted, total, above = np.zeros((6, count))
        least, most = np.full(count, np.inf), np.full(count, -np.inf)
        for rows, columns, some in _windows(source, made):
            values, valid = source.read(rows, columns)
            known = None if valid is None else valid.astype(float)
            low = values if valid is None else np.where(valid, values, np.inf)
            high = values if valid is None else np.where(valid, values, -np.inf)
            over = None if threshold is None else (high > threshold).astype(float)
            areas = _row_areas(source, rows) if source.crs.is_geographic else None
            for cover in coverage.covered(made, some, rows, columns):
                true = cover if areas is None else cover.weighted(areas, columns[1] - columns[0])
                of = cover.polygons
                inside[of] += cover.total()
                whole[of] += true.total()
                held[of] += true.total(known)
                total[of] += cover.total(values)
                weighted[of] += true.total(values)
                least[of] = np.minimum(least[of], cover.extreme(np.minimum, low, np.inf))
                most[of] = np.maximum(most[of], cover.extreme(np.maximum, high, -np.inf))
                if over is not None:
                    above[of] += true.total(over)
    some_value = held > 0
    if count and not some_value.any():
        raise InputError(
            f"{source.name}: heeft in het gebied geen enkele waarde (alles is nodata); kies een ander raster"
        )

    def where_known(numbers: Floats, divide: Floats | None = None) -> Floats:
        numbers = numbers if divide is None else _divide(numbers, divide)
        return np.where(some_value, numbers, np.nan)

    return Values(
        mean=where_known(weighted, held),
        total=where_known(total),
        least=where_known(least),
        most=where_known(most),
        coverage=_part(held, whole, inside, made.area),
        above=None if threshold is None else where_known(above, held),
    )


def change(
    before: Path,
    after: Path,
    shapes: npt.ArrayLike,
    threshold: float,
    *,
    crs: int = RD,
    band: int = 1,
    direction: Direction = Direction.BOTH,
    smallest: float = 0.0,
    resampling: str = "bilinear",
    side: int = SIDE,
) -> Change:
    """Give the change between two rasters per polygon.

    A pixel has changed when it differs by more than the threshold. Pixels that changed in the same direction and touch,
    also at a corner, are one patch; a patch below `smallest` does not count. A patch is judged whole, also where it
    reaches out of the polygon or the window.

    Noise is estimated from the pixels that did not change: 1.4826 times the median absolute deviation of their
    difference, over a fixed lattice of at most 250,000 places inside the polygons. Two rasters of whole numbers differ
    by rounding at least. Neighbouring pixels err together, so a patch gets no credit for its number of pixels.

    Parameters
    ----------
    before, after : Path
        GeoTIFFs in the same unit. When their grids differ, the second is read on the grid of the first.
    shapes, crs, band
        As for `values_per_cell`.
    threshold : float
        Above 0, in units of the rasters.
    direction : Direction
        Whether a rise, a fall or both count.
    smallest : float
        Square metres of the smallest patch that counts, at most 1,000 pixels.
    resampling : {"nearest", "bilinear", "cubic", "average"}
        How the second raster is read on another grid; nodata does not take part.
    side : int
        Pixels along a side of a window; makes no difference to what is found.

    Raises
    ------
    InputError
        As for `values_per_cell`, and when the first raster is in degrees, or a patch of `smallest` is too many pixels.

    Examples
    --------
    A cell of which the western half goes from class 0 to 1:

    >>> import tempfile
    >>> cell, west = shapely.box(120_000, 480_000, 120_010, 480_010), shapely.box(120_000, 480_000, 120_005, 480_010)
    >>> words = {"title": "Verhard", "release": "ab12", "restriction": "openbaar"}
    >>> words |= {"resolution": 1, "colours": ["#ffffff", "#00224e"], "legend": ["nee", "ja"]}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     before, after = Path(folder) / "2023.tif", Path(folder) / "2024.tif"
    ...     write_cog(before, [cell], [0], **words)
    ...     write_cog(after, [cell, west], [0, 1], **words)
    ...     found = change(before, after, [cell], 0.5, direction=Direction.RISE, smallest=50)
    >>> found.changed.tolist(), found.share.tolist(), found.net.tolist(), found.confidence.tolist()
    ([50.0], [0.5], [0.5], [1])
    """
    if not (math.isfinite(threshold) and threshold > 0):
        raise InputError("drempel: moet een getal boven 0 zijn, in de eenheid van het raster")
    with _opened(before, band) as first, _opened(after, band) as other, _on_grid_of(first, other, resampling) as second:
        if first.crs.is_geographic:
            raise InputError(f"{first.name}: staat in graden, niet in meters; zet het om naar EPSG:28992")
        unit = max(1, math.ceil(smallest / first.square - 1e-9))
        if unit > LARGEST_UNIT:
            raise InputError(
                f"{first.name}: de kleinste verandering is meer dan {LARGEST_UNIT} pixels; kies een kleiner oppervlak"
                " of een grover raster"
            )
        made = _outlines(shapes, crs, first)
        count = len(made.area)
        inside, held, net, counted, sizes = np.zeros((5, count))
        places, found = _lattice(made, first.data.shape), []
        for rows, columns, some in _windows(first, made, side):
            difference, valid, counts = _counting((first, second), rows, columns, threshold, direction, unit)
            known = None if valid is None else valid.astype(float)
            marks = counts.astype(float)
            found.append(_sampled(places, difference, valid, rows, columns))
            for cover in coverage.covered(made, some, rows, columns):
                of = cover.polygons
                inside[of] += cover.total()
                held[of] += cover.total(known)
                net[of] += cover.total(difference)
                if counts.any():
                    counted[of] += cover.total(marks)
                    sizes[of] += cover.total(marks * np.abs(difference))
        square, rounded = first.square, first.whole_numbers and other.whole_numbers
        least_noise = ROUNDED_TWICE * max(abs(first.scale), abs(other.scale)) if rounded else 0.0
    known_at = held > 0
    if count and not known_at.any():
        raise InputError(
            f"{first.name}, {other.name}: hebben in het gebied nergens beide een waarde; kies andere rasters"
        )
    shift, noise = _noise(np.concatenate(found) if found else np.empty(0), threshold, least_noise)
    size = np.where(counted > 0, _divide(sizes, counted), np.nan)
    strength = np.full(count, np.nan)
    seen = counted > 0
    strength[seen] = np.inf if noise == 0 else np.maximum(size[seen] - abs(shift), 0.0) / noise
    confidence = np.where(seen, 1 + (strength >= 3) + (strength >= 5), 0).astype(np.int8)  # noqa: PLR2004 - documented
    return Change(
        changed=np.where(known_at, counted * square, np.nan),
        share=np.where(known_at, _divide(counted, held), np.nan),
        net=np.where(known_at, _divide(net, held), np.nan),
        coverage=_part(held, inside, inside, made.area),
        size=size,
        strength=strength,
        confidence=np.where(known_at, confidence, -1).astype(np.int8),
        noise=noise,
        shift=shift,
    )


def write_cog(
    path: Path,
    shapes: npt.ArrayLike,
    classes: npt.ArrayLike,
    *,
    resolution: float,
    colours: Sequence[str],
    legend: Sequence[str],
    title: str,
    release: str,
    restriction: str,
    tags: Mapping[str, str] | None = None,
    crs: int = RD,
) -> None:
    """Write classes of cells as a Cloud Optimised GeoTIFF in RD with a palette; same input, same bytes.

    A pixel gets the class of the polygon that holds its centre (of the last one, where they overlap) and 255, nodata,
    where there is none; class 0 is a class. Overviews show the most frequent class.

    Parameters
    ----------
    path : Path
        Written whole or not at all.
    shapes : array_like of shapely (multi)polygons, shape (n,)
    classes : array_like of int, shape (n,)
        0 up to the number of colours; -1 for a cell without a class.
    resolution : float
        Metres; the grid starts at a multiple of it, so that two surfaces fit each other.
    colours : sequence of str
        ``#rrggbb`` per class.
    legend : sequence of str
        Dutch text per class.
    title, release, restriction : str
        Description of the band, digest of the release and classification of the product, kept as tags.
    tags : mapping of str to str, optional
        More tags.
    crs : int
        EPSG code of the shapes, as for `values_per_cell`.

    Raises
    ------
    InputError
        When there is no cell, or the surface would have more than a thousand million pixels.
    GeoanalyseError
        When the file cannot be written.
    """
    codes = np.asarray(classes, dtype=np.int64)
    cells = np.asarray(shapes, dtype=object)
    if len(colours) != len(legend) or not 0 < len(colours) <= NO_CLASS:
        raise ValueError("one colour and one text per class, at most 255")
    if codes.shape != cells.shape or ((codes < -1) | (codes >= len(colours))).any():
        raise ValueError("one class per cell, from -1 up to the number of colours")
    cells = _checked(cells, crs)
    cells = cells if crs == RD else np.asarray(shapely.transform(cells, _to_rd))
    possible = len(cells) and resolution > 0
    west, south, east, north = shapely.total_bounds(cells) / resolution if possible else (math.nan,) * 4
    if not math.isfinite(west + south + east + north):
        raise InputError("raster: er zijn geen cellen of de resolutie is niet boven 0; kies een gebied met cellen")
    west, north = math.floor(west), math.ceil(north)
    width, height = math.ceil(east) - west, north - math.floor(south)
    if width * height > LARGEST_SURFACE:
        raise InputError("raster: wordt groter dan een miljard pixels; kies een grovere resolutie")
    made = coverage.outlines(cells, (1 / resolution, 0.0, -west, 0.0, -1 / resolution, north))
    values = np.where(codes < 0, NO_CLASS, codes).astype(np.uint8)
    place = rasterio.Affine(resolution, 0, west * resolution, 0, -resolution, north * resolution)
    profile = {
        "driver": "GTiff", "width": width, "height": height, "count": 1, "dtype": "uint8", "nodata": NO_CLASS,
        "crs": f"EPSG:{RD}", "transform": place,
        "tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate",
    }  # fmt: skip
    with rasterio.Env(**_OPTIONS), MemoryFile() as plain, MemoryFile() as optimised:
        with plain.open(**profile) as data:
            pixels = np.zeros(NO_CLASS + 1, dtype=np.int64)
            step = max(512, SIDE * SIDE // width // 512 * 512)
            for top in range(0, height, step):
                rows = top, min(top + step, height)
                band = np.full((rows[1] - rows[0]) * width, NO_CLASS, dtype=np.uint8)
                some = coverage.near(made, np.arange(len(cells)), rows, (0, width))
                for owner, place in coverage.centred(made, some, rows, (0, width)):
                    band[place] = values[owner]
                pixels += np.bincount(band, minlength=NO_CLASS + 1)
                data.write(band.reshape(-1, width), 1, window=Window(0, rows[0], width, rows[1] - rows[0]))
            rgb = [tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5)) for colour in colours]
            data.write_colormap(1, {code: (*each, 255) for code, each in enumerate(rgb)} | {NO_CLASS: (0, 0, 0, 0)})
            data.set_band_description(1, title)
            data.update_tags(1, **_statistics(pixels))
            words = {f"KLASSE_{code}": text for code, text in enumerate(legend)} | {f"KLASSE_{NO_CLASS}": "geen waarde"}
            data.update_tags(
                **{"TITEL": title, "UITGAVE": release, "RUBRICERING": restriction, **words, **(tags or {})}
            )
        rasterio.shutil.copy(
            plain.name,
            optimised.name,
            driver="COG",
            compress="DEFLATE",
            level=9,
            blocksize=512,
            overview_resampling="MODE",
        )
        content = optimised.read()
    write_whole(path, lambda partial: partial.write_bytes(content))


def _statistics(pixels: Integers) -> dict[str, str]:
    """Describe classes, of which these are the numbers of pixels, as GDAL does."""
    of, number = np.arange(NO_CLASS), pixels[:NO_CLASS]
    known = int(number.sum())
    if not known:
        return {"STATISTICS_VALID_PERCENT": "0"}
    mean = float((of * number).sum() / known)
    spread = math.sqrt(float(((of - mean) ** 2 * number).sum() / known))
    lowest, highest = (int(of[number > 0][at]) for at in (0, -1))
    found = {"MINIMUM": lowest, "MAXIMUM": highest, "MEAN": round(mean, 6), "STDDEV": round(spread, 6)}
    found["VALID_PERCENT"] = round(100 * known / int(pixels.sum()), 2)
    return {f"STATISTICS_{name}": str(value) for name, value in found.items()}


# --- files ------------------------------------------------------------------------------------------------------------


@contextmanager
def _opened(path: Path, band: int) -> Iterator[_Band]:
    """Open a GeoTIFF, and refuse whatever cannot be right or cannot be read in bounded memory."""
    name = path.name
    if path.is_dir():
        raise InputError(f"{name}: is een map; geef een GeoTIFF-bestand")
    if not path.is_file():  # also whatever GDAL would take for an address on the internet or inside an archive
        raise InputError(f"{name}: bestaat niet; geef het pad van een GeoTIFF-bestand")
    with rasterio.Env(**_OPTIONS):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NotGeoreferencedWarning)
                data = rasterio.open(path.resolve(), driver="GTiff")
        except _FAULTS:
            raise InputError(f"{name}: is geen leesbare GeoTIFF of is beschadigd; {_COG}") from None
        with data:
            yield _band(name, data, band)


def _band(name: str, data: Any, band: int) -> _Band:  # noqa: ANN401 - rasterio has no types
    if not 1 <= band <= data.count:
        raise InputError(f"{name}: heeft geen band {band}; kies een band van 1 tot en met {data.count}")
    if np.dtype(data.dtypes[band - 1]).kind not in "uif":
        raise InputError(f"{name}: bevat geen gewone getallen; {_COG} met gehele of kommagetallen")
    high, wide = data.block_shapes[band - 1]
    together = data.count if str(data.profile.get("interleave", "band")) == "pixel" else 1
    if high * wide * together * np.dtype(data.dtypes[band - 1]).itemsize > LARGEST_BLOCK:
        raise InputError(
            f"{name}: staat in blokken die te groot zijn om in te lezen; {_COG} met blokken van 512 bij 512"
        )
    if not data.crs:
        _refuse_cut(name, data, band)
        raise InputError(f"{name}: noemt geen coördinatenstelsel; wijs het toe in QGIS (voor RD: EPSG:28992)")
    if data.transform.is_identity or data.transform.is_degenerate:
        _refuse_cut(name, data, band)
        raise InputError(f"{name}: heeft geen ligging op de kaart; georefereer het raster in QGIS")
    try:
        crs = pyproj.CRS.from_wkt(data.crs.to_wkt())
    except (ProjError, *_FAULTS):
        raise InputError(f"{name}: noemt een onbekend coördinatenstelsel; zet het om naar EPSG:28992") from None
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if crs.is_bound and crs.source_crs is not None:
        crs = crs.source_crs
    if crs.is_geographic and (data.transform.b or data.transform.d):
        raise InputError(f"{name}: is gedraaid en staat in graden; zet het om naar EPSG:28992")
    return _Band(name, data, band, crs, *_scaling(name, data, band))


def _refuse_cut(name: str, data: Any, band: int) -> None:  # noqa: ANN401
    """Refuse a file that was cut off: then its system and place may miss only because they stood further on."""
    height, width = data.shape
    try:
        data.read(band, window=Window(width - 1, height - 1, 1, 1))
    except _FAULTS:
        raise InputError(f"{name}: {_DAMAGED}") from None


def _scaling(name: str, data: Any, band: int) -> tuple[float, float]:  # noqa: ANN401
    scale, offset = float(data.scales[band - 1]), float(data.offsets[band - 1])
    if not (math.isfinite(scale) and math.isfinite(offset)):
        raise InputError(f"{name}: schaal of nulpunt is geen getal; {_COG} en geef de schaal opnieuw op")
    return scale, offset


@contextmanager
def _on_grid_of(first: _Band, other: _Band, resampling: str) -> Iterator[_Band]:
    """Give the other raster as it is, or read on the grid of the first."""
    ways = {name: Resampling[name] for name in ("nearest", "bilinear", "cubic", "average")}
    if resampling not in ways:
        raise ValueError(f"resampling must be one of {', '.join(ways)}")
    here, there = first.data, other.data
    pixel = math.hypot(here.transform.a, here.transform.d)
    if (
        here.shape == there.shape
        and here.transform.almost_equals(there.transform, precision=1e-6 * pixel)
        and first.crs.equals(other.crs)
    ):
        yield other
        return
    missing = math.nan if there.nodata is None else there.nodata
    try:
        warped = WarpedVRT(
            there,
            crs=here.crs,
            transform=here.transform,
            width=here.width,
            height=here.height,
            resampling=ways[resampling],
            tolerance=1e-6,  # pixels: exact, so that the result does not depend on the window
            dtype="float64",
            nodata=math.nan,  # outside the source, and where its mask or alpha band says so
            src_nodata=missing,
        )
    except _FAULTS:
        raise InputError(
            f"{other.name}: past niet op het stelsel van {first.name}; zet beide om naar EPSG:28992"
        ) from None
    with warped:
        yield _Band(other.name, warped, other.number, first.crs, other.scale, other.offset)


# --- place ------------------------------------------------------------------------------------------------------------


def _to_rd(points: Floats) -> Floats:
    return np.column_stack(grid.rd(points[:, 0], points[:, 1]))


def _to_degrees(points: Floats) -> Floats:
    return np.column_stack(grid.lonlat(points[:, 0], points[:, 1]))


def _checked(shapes: Shapes, crs: int) -> Shapes:
    """Refuse shapes that are no polygons, or cross themselves."""
    if crs not in (RD, *DEGREES):
        raise InputError("vlakken: het coördinatenstelsel moet EPSG:28992, 4258 of 4326 zijn; reken ze om")
    kinds = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
    wrong = int((~np.isin(shapely.get_type_id(shapes), kinds)).sum())
    if wrong:
        raise InputError(f"vlakken: {wrong} van {len(shapes)} zijn geen vlak; geef alleen (multi)polygonen")
    wrong = int((~shapely.is_valid(shapes)).sum())
    if wrong:
        raise InputError(
            f"vlakken: {wrong} van {len(shapes)} kruisen zichzelf; herstel ze in QGIS (geometrie repareren)"
        )
    return shapes


def _outlines(shapes: npt.ArrayLike, crs: int, source: _Band) -> coverage.Outlines:
    """Bring polygons to the pixels of a raster, and refuse when it does not reach any."""
    polygons = _checked(np.asarray(shapes, dtype=object), crs)
    steps, bent = _way(crs, source)
    if bent:
        polygons = shapely.segmentize(polygons, _EDGE if crs == RD else _EDGE_DEGREES)
    for step in steps:
        polygons = shapely.transform(polygons, step)
    if not np.isfinite(shapely.get_coordinates(polygons)).all():
        raise InputError(
            f"{source.name}: het gebied ligt buiten het bereik van zijn stelsel; zet het om naar EPSG:28992"
        )
    made = coverage.outlines(polygons, source.to_pixels)
    height, width = source.data.shape
    if len(polygons) and not len(coverage.near(made, np.arange(len(polygons)), (0, height), (0, width))):
        raise InputError(f"{source.name}: overlapt het gebied nergens; kies een raster van dit gebied")
    if made.area.sum() > MOST_PIXELS:
        raise InputError(
            f"{source.name}: heeft te veel pixels in het gebied; maak het grover of kies een kleiner gebied"
        )
    return made


def _way(crs: int, source: _Band) -> tuple[list[Callable[[Floats], Floats]], bool]:
    """Give the steps from the shapes' system to the raster's, and whether straight lines bend on the way.

    RD to degrees is the pinned operation of `grid`; the rest goes by way of degrees and PROJ, which must know how.
    """
    known = source.crs.to_epsg(min_confidence=60)
    if known == crs or (known in DEGREES and crs in DEGREES):
        return [], False
    if known == RD:
        return [_to_rd], True
    steps: list[Callable[[Floats], Floats]] = [] if crs in DEGREES else [_to_degrees]
    if known in DEGREES:
        return steps, True
    try:
        onward = pyproj.Transformer.from_crs(DEGREES[0], source.crs, always_xy=True, allow_ballpark=False)
        onward.transform(5.0, 52.0, errcheck=True)
    except ProjError:
        raise InputError(
            f"{source.name}: staat in een stelsel zonder bekende omrekening; zet het om naar EPSG:28992"
        ) from None
    return [*steps, lambda points: np.column_stack(onward.transform(points[:, 0], points[:, 1]))], True


def _row_areas(source: _Band, rows: Span) -> Floats:
    """Give the true area of the pixels of each row of a raster in degrees, in square metres.

    Between two parallels on the ellipsoid: Snyder 1987, Map projections: a working manual, equation 3-12.
    """
    shape = source.crs.ellipsoid
    if shape is None:
        raise InputError(f"{source.name}: noemt een onbekend coördinatenstelsel; zet het om naar EPSG:28992")
    degree = float(source.crs.axis_info[0].unit_conversion_factor)
    transform = source.data.transform
    sine = np.sin((transform.f + transform.e * np.arange(rows[0], rows[1] + 1)) * degree)
    major, squared = shape.semi_major_metre, 1 - (shape.semi_minor_metre / shape.semi_major_metre) ** 2
    e = math.sqrt(squared)
    q = sine + 0.0 if not e else (1 - squared) * (sine / (1 - squared * sine**2) + np.arctanh(e * sine) / e)
    factor = 1.0 if e else 2.0
    return np.asarray(np.abs(np.diff(q)) * factor * major**2 / 2 * abs(transform.a) * degree)


# --- windows ----------------------------------------------------------------------------------------------------------


def _windows(source: _Band, made: coverage.Outlines, side: int = SIDE) -> Iterator[tuple[Span, Span, Integers]]:
    """Give rows, columns and the polygons that reach them; whole blocks, except at the edge of all that is needed."""
    height, width = source.data.shape
    high, wide = source.data.block_shapes[source.number - 1]
    across = min(width, max(wide, side // wide * wide), side * side)
    down = max(1, side * side // across // high * high or min(high, side * side // across))
    reach = coverage.near(made, np.arange(len(made.area)), (0, height), (0, width))
    for top in range(0, height, down):
        rows = top, min(top + down, height)
        level = coverage.near(made, reach, rows, (0, width))
        for left in range(0, width, across) if len(level) else ():
            columns = left, min(left + across, width)
            some = coverage.near(made, level, rows, columns)
            if len(some):
                box = made.bounds[:, some]
                yield (
                    (max(rows[0], math.floor(box[1].min())), min(rows[1], math.ceil(box[3].max()))),
                    (max(columns[0], math.floor(box[0].min())), min(columns[1], math.ceil(box[2].max()))),
                    some,
                )


def _divide(numbers: Floats, by: Floats) -> Floats:
    return np.asarray(np.divide(numbers, by, out=np.full(len(by), np.nan), where=by > 0))


def _part(held: Floats, whole: Floats, inside: Floats, area: Floats) -> Floats:
    """Give the share of polygons that has a value: of what lies in the raster, times the share that lies in it."""
    share = _divide(held, whole) * _divide(inside, area)
    share[~(held > 0)] = 0.0
    return np.where(share > 1 - coverage.TINY, 1.0, share)


# --- change -----------------------------------------------------------------------------------------------------------


def _counting(
    pair: tuple[_Band, _Band], rows: Span, columns: Span, threshold: float, direction: Direction, unit: int
) -> tuple[Floats, Bools | None, Bools]:
    """Give the difference in a window, where it is known, and where it counts.

    A patch of at least `unit` pixels that reaches into the window has that many within `unit` - 1 rows and columns
    round it, so that much round the window always decides; most patches are decided by less.
    """
    height, width = pair[0].data.shape
    for margin in dict.fromkeys((min(unit - 1, NEAR), unit - 1)):
        top, left = max(0, rows[0] - margin), max(0, columns[0] - margin)
        bottom, right = min(height, rows[1] + margin), min(width, columns[1] + margin)
        first, known_first = pair[0].read((top, bottom), (left, right))
        second, known_second = pair[1].read((top, bottom), (left, right))
        difference = second
        difference -= first
        for known in (known_first, known_second):
            if known is not None:
                difference[~known] = 0.0
        table = difference[:-1].reshape(bottom - top, right - left)
        core = slice(rows[0] - top, rows[1] - top), slice(columns[0] - left, columns[1] - left)
        open_sides = (top > 0, bottom < height, left > 0, right < width)
        sides = [table > threshold] * (direction != Direction.FALL) + [table < -threshold] * (
            direction != Direction.RISE
        )
        counts, decided = np.zeros((rows[1] - rows[0], columns[1] - columns[0]), dtype=bool), True
        for changed in sides:
            part, sure = _patches(changed, core, unit, open_sides)
            counts |= part
            decided &= sure
        if decided:
            break
    valid = None
    if known_first is not None or known_second is not None:
        both = np.ones(table.shape, dtype=bool)
        for known in (known_first, known_second):
            both &= True if known is None else known[:-1].reshape(table.shape)
        valid = np.append(both[core], False)
    return np.append(table[core], 0.0), valid, np.append(counts, False)


def _patches(
    changed: Bools, core: tuple[slice, slice], unit: int, open_sides: tuple[bool, bool, bool, bool]
) -> tuple[Bools, bool]:
    """Give which pixels of the core lie in a patch that is large enough, and whether that is certain."""
    if unit == 1:
        return changed[core], True
    label, count = ndimage.label(changed, np.ones((3, 3)))
    large = np.bincount(label.ravel(), minlength=count + 1) >= unit
    large[0] = False
    sides = (label[0], label[-1], label[:, 0], label[:, -1])
    cut = np.unique(np.concatenate([side for side, is_open in zip(sides, open_sides, strict=True) if is_open] or [[0]]))
    doubtful = np.zeros(count + 1, dtype=bool)
    doubtful[cut] = ~large[cut]
    doubtful[0] = False
    inner = label[core]
    return large[inner], not doubtful[inner].any()


def _lattice(made: coverage.Outlines, shape: Span) -> Integers:
    """Give rows and columns of at most about `SAMPLE` pixels inside polygons, at equal distances; ascending."""
    height, width = shape
    step = max(1, math.ceil(math.sqrt(made.area.sum() / SAMPLE)))
    coarse = coverage.every(made, step)
    rows, columns = (0, -(-height // step)), (0, -(-width // step))
    some = coverage.near(coarse, np.arange(len(made.area)), rows, columns)
    found = [np.unique(place) for _, place in coverage.centred(coarse, some, rows, columns)]
    places = np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)
    return np.stack(np.divmod(places, columns[1])) * step


def _sampled(places: Integers, difference: Floats, valid: Bools | None, rows: Span, columns: Span) -> Floats:
    """Give the difference at the places that lie in a window."""
    row, column = places[:, slice(*np.searchsorted(places[0], rows))]
    here = (column >= columns[0]) & (column < columns[1])
    at = (row[here] - rows[0]) * (columns[1] - columns[0]) + column[here] - columns[0]
    return np.asarray(difference[at if valid is None else at[valid[at]]])


def _noise(sample: Floats, threshold: float, least: float) -> tuple[float, float]:
    """Give median and standard deviation of the difference where nothing changed; NaN where all did."""
    stable = sample[np.abs(sample) <= threshold]
    if not len(stable):
        return math.nan, math.nan
    middle = float(np.median(stable))
    return middle, max(MAD_TO_SD * float(np.median(np.abs(stable - middle))), least)
