"""A raster becomes one value per cell: exactly, in bounded memory, and with every fault named in one line of Dutch."""

import math
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import pytest
import rasterio
import shapely
from exactextract import exact_extract
from hypothesis import given, settings
from hypothesis import strategies as st
from rio_cogeo.cogeo import cog_validate

from geoanalyse import coverage, grid, raster
from geoanalyse.errors import GeoanalyseError, InputError
from geoanalyse.raster import Direction, change, values_per_cell, write_cog

WEST, NORTH = 120_000.0, 480_000.0
NODATA = -9999.0

Array = npt.NDArray[np.float64]
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Give a function that writes a raster in a file of its own; the corner is (120000, 480000) in RD."""
    count = iter(range(1000))

    def made(values: npt.ArrayLike, size: float = 1.0, mask: npt.ArrayLike | None = None, **profile: object) -> Path:
        bands = np.asarray(values)
        bands = bands if bands.ndim == 3 else bands[None]
        path = tmp_path / f"raster{next(count)}.tif"
        chosen = {
            "driver": "GTiff",
            "count": bands.shape[0],
            "height": bands.shape[1],
            "width": bands.shape[2],
            "dtype": bands.dtype,
            "crs": "EPSG:28992",
            "transform": rasterio.Affine(size, 0, WEST, 0, -size, NORTH),
            **profile,
        }
        with rasterio.open(path, "w", **chosen) as data:
            data.write(bands)
            if mask is not None:
                data.write_mask(np.asarray(mask, dtype=np.uint8) * 255)
        return path

    return made


def box(west: float, north: float, east: float, south: float) -> shapely.Polygon:
    """Give a rectangle in pixels of a metre from the corner of the raster, rows downwards."""
    return shapely.box(WEST + west, NORTH - south, WEST + east, NORTH - north)


def hexagon(column: float, row: float, radius: float, turn: float = 0.2) -> shapely.Polygon:
    angle = turn + np.arange(6) * np.pi / 3
    return shapely.Polygon(
        np.column_stack([WEST + column + radius * np.cos(angle), NORTH - row + radius * np.sin(angle)])
    )


def star(random: np.random.Generator, corners: int, size: float, reach: float) -> shapely.Geometry:
    """Give a polygon with corners anywhere; half of them with a hole or in two parts."""
    centre = random.uniform(0, reach, 2)
    angle = np.sort(random.uniform(0, 2 * np.pi, corners))
    radius = random.uniform(0.2, 1, corners) * size
    points = np.column_stack([WEST + centre[0] + radius * np.cos(angle), NORTH - centre[1] + radius * np.sin(angle)])
    shape = shapely.Polygon(points).buffer(0)  # without crossings
    if random.random() < 0.5:
        shape = shape.difference(shape.centroid.buffer(size / 5))
    return shape


def shares(shapes: list[shapely.Geometry], height: int, width: int, batch: int = coverage.BATCH) -> Array:
    """Give the covered share of every pixel of a small window, one table per polygon."""
    made = coverage.outlines(np.array(shapes, dtype=object), (1, 0, -WEST, 0, -1, NORTH))
    found = np.zeros((len(shapes), height * width))
    for cover in coverage.covered(made, np.arange(len(shapes)), (0, height), (0, width), batch):
        np.add.at(found, (cover.polygons[cover.owner], cover.pixel), cover.share)
        ends = cover.ends.reshape(-1, 2)
        for owner, (begin, end), share in zip(cover.run_owner, ends, cover.run_share, strict=True):
            found[cover.polygons[owner], begin:end] += share
    return found.reshape(-1, height, width)


# --- on paper ---------------------------------------------------------------------------------------------------------


def test_a_square_over_half_a_pixel_counts_for_half(write: Write) -> None:
    path = write(np.array([[1.0, 3.0]]))
    found = values_per_cell(path, [box(0.5, 0, 2, 1)], threshold=2)
    assert found.mean.tolist() == pytest.approx([(0.5 * 1 + 1 * 3) / 1.5])
    assert found.total.tolist() == pytest.approx([3.5])
    assert (found.least.tolist(), found.most.tolist(), found.coverage.tolist()) == ([1.0], [3.0], [1.0])
    assert found.above is not None
    assert found.above.tolist() == pytest.approx([1 / 1.5])


def test_a_hexagon_inside_one_pixel_has_the_value_of_that_pixel(write: Write) -> None:
    path = write(np.arange(9.0).reshape(3, 3))
    shape = hexagon(1.5, 1.5, 0.3)
    found = values_per_cell(path, [shape])
    assert found.mean.tolist() == pytest.approx([4.0])
    assert found.total.tolist() == pytest.approx([4.0 * shape.area])
    assert found.least.tolist() == found.most.tolist() == [4.0]
    assert found.coverage.tolist() == [1.0]


def test_a_hole_does_not_count(write: Write) -> None:
    values = np.ones((5, 5))
    values[2, 2] = 1000
    found = values_per_cell(write(values), [box(0, 0, 5, 5).difference(box(2, 2, 3, 3))])
    assert (found.mean[0], found.total[0], found.most[0]) == pytest.approx((1.0, 24.0, 1.0))


def test_a_polygon_on_the_edges_of_pixels_touches_no_neighbour(write: Write) -> None:
    values = np.full((6, 6), 99.0)
    values[1:4, 2:5] = 7
    found = values_per_cell(write(values), [box(2, 1, 5, 4)])
    assert (found.least[0], found.most[0], found.mean[0], found.total[0]) == (7.0, 7.0, 7.0, 63.0)


def test_level_edges_through_the_middle_of_pixels_cover_them_half() -> None:
    found = shares([box(0, 0.5, 4, 1.5)], 3, 5)[0]
    assert found.tolist() == [[0.5] * 4 + [0], [0.5] * 4 + [0], [0] * 5]


def test_zero_is_a_value_and_nodata_is_none(write: Write) -> None:
    path = write(np.array([[0.0, NODATA, NODATA]]), nodata=NODATA)
    found = values_per_cell(path, [box(0, 0, 1, 1), box(0, 0, 2, 1), box(1, 0, 3, 1)])
    assert found.mean[:2].tolist() == found.total[:2].tolist() == [0.0, 0.0]
    assert found.coverage.tolist() == [1.0, 0.5, 0.0]
    for of in (found.mean, found.total, found.least, found.most):
        assert np.isnan(of[2])


def test_a_polygon_that_reaches_out_of_the_raster_is_partly_covered(write: Write) -> None:
    found = values_per_cell(write(np.full((4, 4), 2.0)), [box(-4, 0, 4, 4), box(10, 10, 11, 11)])
    assert found.coverage.tolist() == [0.5, 0.0]
    assert found.mean[0] == 2.0
    assert np.isnan(found.mean[1])


@pytest.mark.parametrize("kind", ["value", "nan", "infinity", "mask", "alpha"])
def test_every_way_to_say_nodata_is_heard(write: Write, kind: str) -> None:
    values = np.array([[5.0, 6.0], [7.0, 8.0]])
    known = np.array([[True, False], [True, True]])
    if kind == "value":
        path = write(np.where(known, values, NODATA).astype(np.float32), nodata=NODATA)
    elif kind in {"nan", "infinity"}:
        path = write(np.where(known, values, np.nan if kind == "nan" else np.inf))
    elif kind == "mask":
        path = write(values, mask=known)
    else:
        path = write(np.stack([values, known * 255]).astype(np.uint8), photometric="MINISBLACK", alpha="YES")
    found = values_per_cell(path, [box(0, 0, 2, 2)])
    assert (found.mean[0], found.total[0], found.least[0], found.most[0]) == pytest.approx((20 / 3, 20.0, 5.0, 8.0))
    assert found.coverage[0] == pytest.approx(0.75)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int32", "float32", "float64"])
def test_scale_and_offset_are_applied_to_every_type(write: Write, dtype: str) -> None:
    path = write(np.array([[10, 20], [30, 40]], dtype=dtype), nodata=40)
    with rasterio.open(path, "r+") as data:
        data.scales, data.offsets = (-0.5,), (100.0,)
    found = values_per_cell(path, [box(0, 0, 2, 2)], threshold=91)
    assert (found.mean[0], found.total[0], found.least[0], found.most[0]) == pytest.approx((90, 270, 85, 95))
    assert found.above is not None
    assert found.above[0] == pytest.approx(1 / 3)


@pytest.mark.parametrize("dtype", ["int16", "float32", "float64"])
def test_a_value_that_is_no_number_after_scaling_is_missing(write: Write, dtype: str) -> None:
    path = write(np.array([[1, 2], [3, 4]], dtype=dtype))
    with rasterio.open(path, "r+") as data:
        data.scales = (1e308,)  # 2 and more leave what a number can hold, and 1 is no measurement
    refused(path, "geen enkele waarde", shapes=[box(0, 0, 2, 2)])


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("what", ["scales", "offsets"])
def test_a_scale_that_is_no_number_is_refused(write: Write, value: float, what: str) -> None:
    path = write(np.array([[1, 2], [3, 4]], dtype="int16"))
    with rasterio.open(path, "r+") as data:
        setattr(data, what, (value,))
    refused(path, "schaal of nulpunt is geen getal")


@pytest.mark.parametrize("wild", [math.inf, -math.inf, math.nan, 1e300])
def test_a_pixel_that_is_no_number_is_missing(write: Write, wild: float) -> None:
    path = write(np.array([[1.0, wild], [3.0, 5.0]]))
    found = values_per_cell(path, [box(0, 0, 2, 2)])
    assert (found.mean[0], found.coverage[0]) == pytest.approx((3.0, 0.75))


def test_a_rotated_raster_is_read_exactly(write: Write) -> None:
    values = np.random.default_rng(0).random((20, 20))
    cosine, sine = math.cos(math.radians(30)), math.sin(math.radians(30))
    path = write(values, transform=rasterio.Affine(cosine, sine, WEST, sine, -cosine, NORTH))
    inside = box(3, 4, 11.5, 9.25)
    rotated = shapely.affinity.rotate(inside, 30, origin=(WEST, NORTH))
    expected = values_per_cell(write(values), [inside])
    assert values_per_cell(path, [rotated]).mean == pytest.approx(expected.mean, rel=1e-9)


def test_degrees_weigh_a_pixel_by_its_area(write: Write) -> None:
    values = np.array([[1.0], [0.0]])  # between 62 and 61, and between 61 and 60 degrees north
    path = write(values, crs="EPSG:4326", transform=rasterio.Affine(1, 0, 5, 0, -1, 62))
    shape = shapely.box(5, 60, 6, 62)
    geod = pyproj.Geod(ellps="WGS84")
    # parallels are no geodesics: a thousand corners along them
    areas = [
        abs(geod.geometry_area_perimeter(shapely.segmentize(shapely.box(5, low, 6, low + 1), 0.001))[0])
        for low in (61, 60)
    ]
    found = values_per_cell(path, [shape], crs=4326)
    assert found.mean[0] == pytest.approx(areas[0] / sum(areas), rel=1e-7)
    assert found.total[0] == pytest.approx(1.0)  # a total is of pixels, so no area takes part
    assert found.coverage[0] == 1.0


@pytest.mark.parametrize("crs", [4326, 4258, 25831, 32631, 3035, 3857, 7415])
def test_cells_find_their_place_in_any_system(write: Write, crs: int) -> None:
    centre = grid.cells_at([121_000.0], [487_000.0])
    cells = np.append(grid.neighbours(int(centre[0])), centre)
    lon, lat = grid.centres(cells).T
    to = pyproj.Transformer.from_crs(4258, crs, always_xy=True)
    size = 1e-4 if crs in {4326, 4258} else 5.0
    west, north = np.min(to.transform(lon, lat)[0]) - 200 * size, np.max(to.transform(lon, lat)[1]) + 200 * size
    rows, columns = np.mgrid[:400, :400]
    back = pyproj.Transformer.from_crs(crs, 4258, always_xy=True)
    _, value = back.transform(west + (columns + 0.5) * size, north - (rows + 0.5) * size)
    path = write(value, crs=f"EPSG:{crs}", transform=rasterio.Affine(size, 0, west, 0, -size, north))
    # every pixel holds its own latitude: a cell must have that of its centre
    for shapes, known in (
        (grid.polygons(cells), 4326),
        (shapely.transform(grid.polygons(cells), raster._to_rd), 28992),
    ):
        found = values_per_cell(path, shapes, crs=known)
        assert np.abs(found.mean - lat).max() < 2e-6
        assert found.coverage.tolist() == [1.0] * 7


@pytest.mark.parametrize("crs", [28992, 7415])
def test_cells_in_rd_are_not_moved_for_a_raster_in_rd(write: Write, crs: int) -> None:
    assert raster._way(28992, opened(write(SMALL, crs=f"EPSG:{crs}"))[0]) == ([], False)


def test_long_edges_bend_with_the_system(write: Write) -> None:
    shape = shapely.box(20_000, 350_000, 250_000, 600_000)
    path = write(np.ones((60, 60)), crs="EPSG:4326", transform=rasterio.Affine(0.1, 0, 2.5, 0, -0.1, 54.5))
    source = next(iter(opened(path)))
    made = raster._outlines([shape], 28992, source)
    lon, lat = grid.lonlat([135_000.0], [600_000.0])
    column, row = (lon[0] - 2.5) / 0.1, (54.5 - lat[0]) / 0.1
    at = np.argmin(np.hypot(made.low[0] - column, made.low[1] - row))
    assert np.hypot(made.low[0, at] - column, made.low[1, at] - row) < 0.05  # not 0.2 pixel (2 km) off


def opened(path: Path) -> list[raster._Band]:
    with raster._opened(path, 1) as source:
        return [source]


# --- laws -------------------------------------------------------------------------------------------------------------

seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=60, deadline=None)
@given(seed=seeds, batch=st.sampled_from([1, 30, 10**6]))
def test_the_share_of_every_pixel_is_that_of_the_overlap(seed: int, batch: int) -> None:
    random = np.random.default_rng(seed)
    shapes = [star(random, int(random.integers(3, 12)), random.uniform(0.1, 8), 9) for _ in range(4)]
    if seed % 2:  # corners and edges that coincide with those of pixels
        shapes = [shapely.transform(shape, lambda at: np.round(at * 2) / 2).buffer(0) for shape in shapes]
    pixels = np.array([box(column, row, column + 1, row + 1) for row in range(8) for column in range(9)])
    expected = shapely.area(shapely.intersection(np.array(shapes, dtype=object)[:, None], pixels[None]))
    found = shares(shapes, 8, 9, batch)
    assert np.abs(found.reshape(len(shapes), -1) - expected).max(initial=0) < 1e-8


@settings(max_examples=40, deadline=None)
@given(seed=seeds)
def test_shares_add_up_to_the_area_and_those_of_parts_to_the_whole(seed: int) -> None:
    random = np.random.default_rng(seed)
    shape = shapely.intersection(star(random, 9, 8, 20), box(0, 0, 20, 20))
    cut = random.uniform(2, 18)
    parts = [shapely.intersection(shape, box(-50, -50, cut, 50)), shapely.intersection(shape, box(cut, -50, 50, 50))]
    kinds = {part.geom_type for part in (shape, *parts)}
    if kinds <= {"Polygon", "MultiPolygon"}:
        whole, one, other = shares([shape, *parts], 20, 20)
        assert whole.sum() == pytest.approx(shape.area, abs=1e-7)
        assert np.abs(whole - one - other).max() < 1e-7


@settings(max_examples=40, deadline=None)
@given(seed=seeds, columns=st.integers(-5, 5), rows=st.integers(-5, 5))
def test_moving_polygon_and_pixels_together_changes_nothing(seed: int, columns: int, rows: int) -> None:
    random = np.random.default_rng(seed)
    shape = star(random, 8, 4, 10)
    moved = shapely.affinity.translate(shape, columns, -rows)
    here, there = shares([shape, moved], 40, 40)
    there = np.roll(there, (-rows, -columns), (0, 1))
    assert np.abs(here[5:20, 5:20] - there[5:20, 5:20]).max() < 1e-8


@settings(max_examples=12, deadline=None)
@given(seed=seeds)
def test_laws_of_values(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    random = np.random.default_rng(seed)
    path = tmp_path_factory.mktemp("laws") / "raster.tif"
    shapes = np.array([star(random, 8, random.uniform(0.2, 12), 40) for _ in range(12)], dtype=object)
    profile = {
        "driver": "GTiff", "count": 1, "height": 40, "width": 40, "dtype": "float32", "nodata": NODATA,
        "crs": "EPSG:28992", "transform": rasterio.Affine(1, 0, WEST, 0, -1, NORTH),
    }  # fmt: skip
    values = random.normal(3, 50, (40, 40)).astype(np.float32)
    gone = random.random((40, 40)) < 0.2

    def found(pixels: npt.NDArray[np.float32], **options: object) -> raster.Values:
        with rasterio.open(path, "w", **{**profile, **options}) as data:
            data.write(pixels, 1)
        return values_per_cell(path, shapes)

    full = found(values)
    constant = found(np.full((40, 40), 7.25, np.float32))
    here = full.coverage > 0
    assert constant.mean[here] == pytest.approx(np.full(here.sum(), 7.25), rel=1e-12)

    # nodata takes away what it covers, and nothing else
    some = found(np.where(gone, NODATA, values))
    parts = found(np.where(gone, values, NODATA))
    total = np.nan_to_num(some.total) + np.nan_to_num(parts.total)
    assert total[here] == pytest.approx(full.total[here], rel=1e-9, abs=1e-6)
    assert some.coverage + parts.coverage == pytest.approx(full.coverage, abs=1e-8)
    untouched = some.coverage == full.coverage
    assert some.mean[untouched & here] == pytest.approx(full.mean[untouched & here], rel=1e-12)

    # the layout of the file and the order of the polygons make no difference
    tiled = found(np.where(gone, NODATA, values), tiled=True, blockxsize=16, blockysize=16, compress="deflate")
    order = random.permutation(len(shapes))
    shuffled = values_per_cell(path, shapes[order])
    small = windows_of(path, shapes, 16)
    for name in ("mean", "total", "least", "most", "coverage"):
        expected = getattr(some, name)
        for other in (getattr(tiled, name), small[name]):
            assert other == pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True)
        assert getattr(shuffled, name) == pytest.approx(expected[order], rel=1e-9, abs=1e-9, nan_ok=True)


def windows_of(path: Path, shapes: npt.NDArray[np.object_], side: int) -> dict[str, Array]:
    """Give values as read in windows of another size."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raster._windows, "__defaults__", (side,))
        patch.setattr(coverage.covered, "__defaults__", (20,))
        found = values_per_cell(path, shapes)
    return {name: getattr(found, name) for name in ("mean", "total", "least", "most", "coverage")}


@settings(max_examples=40, deadline=None)
@given(seed=seeds)
def test_neighbours_share_no_pixel_and_leave_none_out(seed: int) -> None:
    random = np.random.default_rng(seed)
    points = shapely.MultiPoint(np.column_stack([WEST + random.uniform(0, 30, 12), NORTH - random.uniform(0, 30, 12)]))
    parts = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=box(-5, -5, 35, 35)))
    made = coverage.outlines(parts, (1, 0, -WEST, 0, -1, NORTH))
    place = np.concatenate([at for _, at in coverage.centred(made, np.arange(len(parts)), (0, 30), (0, 30), 50)])
    assert np.sort(place).tolist() == list(range(900))


# --- beside exactextract ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float64", "float32", "int16", "uint8"])
@pytest.mark.parametrize("nodata", [False, True])
def test_values_are_those_of_exactextract(write: Write, dtype: str, *, nodata: bool) -> None:
    random = np.random.default_rng(3)
    values = random.uniform(1, 250, (120, 150)).astype(dtype)
    gone = (random.random(values.shape) < 0.2) & nodata
    path = write(np.where(gone, 0, values).astype(dtype), nodata=0, tiled=True, blockxsize=32, blockysize=32)
    shapes = [star(random, int(random.integers(3, 40)), 10 ** random.uniform(-1, 1.6), 110) for _ in range(150)]
    shapes += [hexagon(*random.uniform(5, 110, 2), radius) for radius in (0.05, 0.4, 1, 3, 20)]
    found = values_per_cell(path, shapes, threshold=100)
    frame = gpd.GeoDataFrame(geometry=shapes, crs=28992)
    other = exact_extract(str(path), frame, ["mean", "sum", "count", "min", "max"], output="pandas")
    known = other["count"].to_numpy() > 1e-6
    assert known.sum() > 100
    for ours, theirs in ((found.mean, "mean"), (found.total, "sum"), (found.least, "min"), (found.most, "max")):
        assert ours[known] == pytest.approx(other[theirs].to_numpy()[known], rel=1e-6)
    area = shapely.area(np.array(shapes, dtype=object))
    assert found.coverage == pytest.approx(other["count"].to_numpy() / area, rel=1e-6, abs=1e-6)
    assert np.isnan(found.mean[other["count"].to_numpy() == 0]).all()


def test_degrees_are_weighted_as_exactextract_does_when_asked(write: Write) -> None:
    random = np.random.default_rng(5)
    path = write(random.random((60, 60)), crs="EPSG:4326", transform=rasterio.Affine(0.5, 0, 0, 0, -0.5, 70))
    shapes = [shapely.Point(*at).buffer(6) for at in random.uniform((8, 48), (22, 62), (20, 2))]
    frame = gpd.GeoDataFrame(geometry=shapes, crs=4326)
    found = values_per_cell(path, shapes, crs=4326).mean
    weighted = exact_extract(str(path), frame, "mean(coverage_weight=area_spherical_m2)", output="pandas")["mean"]
    plain = exact_extract(str(path), frame, "mean", output="pandas")["mean"]
    assert found == pytest.approx(weighted.to_numpy(), rel=2e-4)  # a sphere there, an ellipsoid here
    assert np.abs(found / plain.to_numpy() - 1).max() > 2e-3  # by default it does not


# --- faults -----------------------------------------------------------------------------------------------------------

HERE = [box(1, 1, 3, 3)]
SMALL = np.arange(16, dtype=np.float32).reshape(4, 4)


def refused(path: Path, words: str, **options: object) -> None:
    """The file is refused in one line that names it."""
    with pytest.raises(InputError, match=words) as fault:
        values_per_cell(path, options.pop("shapes", HERE), **options)  # type: ignore[arg-type]
    assert "\n" not in str(fault.value)
    assert str(fault.value).startswith((path.name, "vlakken"))


@pytest.mark.parametrize("kept", [200, 500, 5000])
def test_a_file_that_was_cut_off_is_called_so_and_not_a_file_without_a_system(write: Write, kept: int) -> None:
    for profile in ({}, {"compress": "deflate"}, {"tiled": True, "blockxsize": 16, "blockysize": 16}):
        path = write(np.random.default_rng(0).random((100, 100)), **profile)
        path.write_bytes(path.read_bytes()[:kept])
        refused(path, "beschadigd", shapes=[box(0, 0, 100, 100)])


def test_a_raster_without_a_system_or_a_place_is_refused(write: Write) -> None:
    refused(write(SMALL, crs=None), "noemt geen coördinatenstelsel")
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        path = write(SMALL, transform=rasterio.Affine.identity())
    refused(path, "geen ligging")


def test_a_raster_in_degrees_that_is_rotated_is_refused(write: Write) -> None:
    refused(write(SMALL, crs="EPSG:4326", transform=rasterio.Affine(1, 0.1, 5, 0.1, -1, 53)), "gedraaid")


def test_a_system_of_nowhere_is_refused(write: Write) -> None:
    local = 'LOCAL_CS["bouwplaats",UNIT["metre",1],AXIS["Easting",EAST],AXIS["Northing",NORTH]]'
    refused(write(SMALL, crs=local), "stelsel")


def test_a_raster_elsewhere_is_refused(write: Write) -> None:
    refused(write(SMALL), "overlapt het gebied nergens", shapes=[box(1000, 1000, 1001, 1001)])


def test_a_raster_of_nodata_is_refused(write: Write) -> None:
    refused(write(np.full((4, 4), NODATA), nodata=NODATA), "geen enkele waarde")
    refused(write(np.full((4, 4), np.nan)), "geen enkele waarde")


def test_a_band_that_is_not_there_is_refused(write: Write) -> None:
    refused(write(SMALL), "heeft geen band 2; kies een band van 1 tot en met 1", band=2)


def test_complex_numbers_are_refused(write: Write) -> None:
    refused(write(SMALL.astype(np.complex64)), "geen gewone getallen")


def test_what_is_no_geotiff_is_refused(tmp_path: Path, write: Write) -> None:
    refused(tmp_path / "weg.tif", "bestaat niet")
    folder = tmp_path / "map.tif"
    folder.mkdir()
    refused(folder, "is een map")
    text = tmp_path / "tekst.tif"
    text.write_text("geen raster", encoding="utf-8")
    refused(text, "geen leesbare GeoTIFF")
    empty = tmp_path / "leeg.tif"
    empty.write_bytes(b"")
    refused(empty, "geen leesbare GeoTIFF")
    png = tmp_path / "plaatje.tif"
    with rasterio.open(write(SMALL.astype(np.uint8))) as data, rasterio.Env():
        rasterio.shutil.copy(data, png, driver="PNG")
    refused(png, "geen leesbare GeoTIFF")
    refused(Path("/vsicurl/http://127.0.0.1:9/raster.tif"), "bestaat niet")


@pytest.mark.parametrize("source", ["raster0.tif", "/vsicurl/http://127.0.0.1:9/raster.tif"])
def test_a_vrt_that_reaches_for_other_files_is_refused(tmp_path: Path, write: Write, source: str) -> None:
    write(SMALL)
    path = tmp_path / "ver.tif"
    path.write_text(
        '<VRTDataset rasterXSize="4" rasterYSize="4"><SRS>EPSG:28992</SRS><GeoTransform>120000,1,0,480000,0,-1'
        '</GeoTransform><VRTRasterBand dataType="Float32" band="1"><SimpleSource><SourceFilename relativeToVRT="1">'
        f"{source}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>",
        encoding="utf-8",
    )
    refused(path, "geen leesbare GeoTIFF")


def test_a_file_beside_the_raster_does_not_change_it(write: Write) -> None:
    path = write(SMALL)
    path.with_name(path.name + ".aux.xml").write_text(
        '<PAMDataset><PAMRasterBand band="1"><Scale>100</Scale><NoDataValue>5</NoDataValue></PAMRasterBand>'
        "</PAMDataset>",
        encoding="utf-8",
    )
    found = values_per_cell(path, HERE)
    assert (found.mean.tolist(), found.coverage.tolist()) == ([7.5], [1.0])


@pytest.mark.parametrize("compress", ["deflate", "none"])
@pytest.mark.parametrize("left", [0.3, 0.9])
def test_a_truncated_file_is_refused(write: Write, compress: str, left: float) -> None:
    values = np.random.default_rng(0).random((600, 600))
    path = write(values, compress=compress, tiled=True, blockxsize=128, blockysize=128)
    content = path.read_bytes()
    path.write_bytes(content[: int(left * len(content))])
    refused(path, "beschadigd", shapes=[box(0, 0, 600, 600)])


def test_blocks_that_need_much_memory_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bom.tif"
    place = rasterio.Affine(0.001, 0, WEST, 0, -0.001, NORTH)
    profile = {"driver": "GTiff", "count": 1, "dtype": "uint8", "crs": "EPSG:28992", "transform": place}
    tiles = {"tiled": True, "blockxsize": 32_768, "blockysize": 32_768}
    one_strip = {"blockysize": 200_000}  # which GDAL reads row by row, and finds nothing there
    for layout, words in ((tiles, "blokken die te groot zijn"), (one_strip, "is beschadigd")):
        sparse = {"SPARSE_OK": "TRUE", "compress": "deflate", **layout}
        with rasterio.open(path, "w", width=200_000, height=200_000, **sparse, **profile):
            pass
        assert path.stat().st_size < 10_000  # and 40 GB when unpacked
        refused(path, words, shapes=[box(0, 0, 200, 200)])


def test_a_sparse_file_of_enormous_size_costs_only_what_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "groot.tif"
    place = rasterio.Affine(0.5, 0, WEST, 0, -0.5, NORTH)
    with rasterio.open(
        path, "w", driver="GTiff", count=1, dtype="uint8", crs="EPSG:28992", transform=place, width=400_000,
        height=400_000, tiled=True, blockxsize=4096, blockysize=4096, SPARSE_OK="TRUE", compress="deflate",
    ):  # fmt: skip
        pass
    assert values_per_cell(path, [hexagon(9_000, 9_000, 70)]).mean.tolist() == [0.0]
    finer = rasterio.Affine(0.0001, 0, WEST, 0, -0.0001, NORTH)
    with rasterio.open(path, "r+") as data:
        data.transform = finer
    refused(path, "te veel pixels", shapes=[box(-50, -50, 100, 100)])


def test_shapes_that_are_no_polygons_are_refused(write: Write) -> None:
    path = write(SMALL)
    refused(path, "1 van 2 zijn geen vlak", shapes=[HERE[0], shapely.Point(WEST, NORTH)])
    refused(path, "1 van 1 zijn geen vlak", shapes=[None])
    bow = shapely.Polygon([(WEST, NORTH), (WEST + 2, NORTH - 2), (WEST + 2, NORTH), (WEST, NORTH - 2)])
    refused(path, "1 van 1 kruisen zichzelf", shapes=[bow])
    refused(path, "stelsel moet", crs=31370)


def test_no_cells_and_empty_cells_are_no_fault(write: Write) -> None:
    assert len(values_per_cell(write(SMALL), []).mean) == 0
    found = values_per_cell(write(SMALL), [shapely.Polygon(), HERE[0]])
    assert np.isnan(found.mean[0])
    assert found.coverage.tolist() == [0.0, 1.0]


@pytest.mark.parametrize("layout", [{"tiled": True, "blockxsize": 64, "blockysize": 64}, {"blockysize": 1}])
def test_memory_does_not_grow_with_the_raster(tmp_path: Path, layout: dict[str, object]) -> None:
    peaks = []
    for height in (1024, 8192):
        path, place = tmp_path / "groot.tif", rasterio.Affine(1, 0, WEST, 0, -1, NORTH)
        with rasterio.open(
            path, "w", driver="GTiff", width=1024, height=height, count=1, dtype="uint8", crs="EPSG:28992",
            transform=place, SPARSE_OK="TRUE", **layout,
        ):  # fmt: skip
            pass
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(raster._windows, "__defaults__", (256,))
            tracemalloc.start()
            values_per_cell(path, [box(0, 0, 1024, height)])
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


# --- change -----------------------------------------------------------------------------------------------------------


def pair(write: Write, before: npt.ArrayLike, after: npt.ArrayLike, **profile: object) -> tuple[Path, Path]:
    return write(before, **profile), write(after, **profile)


def test_a_new_shed_is_found_and_a_single_pixel_is_not(write: Write) -> None:
    random = np.random.default_rng(1)
    ground = random.normal(0, 0.1, (100, 100))
    after = ground + random.normal(0, 0.1, ground.shape)
    after[10:20, 10:16] += 4.0  # 60 m2
    after[70, 70] += 9.0  # a bird
    shapes = [box(0, 0, 50, 50), box(50, 50, 100, 100), box(0, 50, 50, 100), box(13, 0, 50, 50)]
    found = change(*pair(write, ground, after), shapes, 2.0, direction=Direction.RISE, smallest=50)
    assert found.changed.tolist() == pytest.approx([60, 0, 0, 30])  # a patch counts whole, each cell has its part
    assert found.share.tolist() == pytest.approx([60 / 2500, 0, 0, 30 / (37 * 50)])
    assert found.noise == pytest.approx(0.1, rel=0.1)
    assert found.confidence.tolist() == [3, 0, 0, 3]
    assert found.strength[0] == pytest.approx(40, rel=0.1)
    assert np.isnan(found.strength[1:3]).all()
    assert found.net[0] == pytest.approx(4 * 60 / 2500, abs=0.02)


def test_directions_are_apart_and_patches_of_both_do_not_join(write: Write) -> None:
    before, after = np.zeros((20, 20)), np.zeros((20, 20))
    after[5:8, 5:8], after[5:8, 8:11] = 3.0, -3.0  # a heap beside a pit: 9 m2 each
    files, whole = pair(write, before, after), [box(0, 0, 20, 20)]
    for direction, area in ((Direction.RISE, 9.0), (Direction.FALL, 9.0), (Direction.BOTH, 18.0)):
        assert change(*files, whole, 1.0, direction=direction, smallest=9).changed.tolist() == [area]
        assert change(*files, whole, 1.0, direction=direction, smallest=10).changed.tolist() == [0.0]
    assert change(*files, whole, 1.0).net.tolist() == [0.0]


def test_patches_touch_at_corners(write: Write) -> None:
    after = np.eye(12)
    files, whole = pair(write, np.zeros((12, 12)), after), [box(0, 0, 12, 12)]
    assert change(*files, whole, 0.5, smallest=12).changed.tolist() == [12.0]
    assert change(*files, whole, 0.5, smallest=13).changed.tolist() == [0.0]


@settings(max_examples=6, deadline=None)
@given(seed=seeds, unit=st.integers(1, 150))
def test_change_does_not_depend_on_the_windows(seed: int, unit: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    random = np.random.default_rng(seed)
    folder = tmp_path_factory.mktemp("change")
    before, after = np.zeros((160, 160), np.float32), random.normal(0, 1, (160, 160)).astype(np.float32)
    for _ in range(6):  # lines that wind through many windows
        at = random.integers(0, 160, 2)
        for step in random.integers(-1, 2, (150, 2)):
            at = np.clip(at + step, 0, 159)
            after[tuple(at)] = 9.0
    profile = {
        "driver": "GTiff", "count": 1, "height": 160, "width": 160, "dtype": "float32", "crs": "EPSG:28992",
        "tiled": True, "blockxsize": 16, "blockysize": 16, "transform": rasterio.Affine(1, 0, WEST, 0, -1, NORTH),
    }  # fmt: skip
    for name, values in (("before", before), ("after", after)):
        with rasterio.open(folder / name, "w", **profile) as data:
            data.write(values, 1)
    shapes = [star(random, 9, 40, 160) for _ in range(6)] + [box(0, 0, 160, 160)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raster, "NEAR", 4)  # so that some windows need the widest margin
        found = [
            change(folder / "before", folder / "after", shapes, 2.5, smallest=unit, side=side)
            for side in (16, 48, 1024)
        ]
    for name in ("changed", "net", "size", "strength", "noise", "coverage"):
        for other in found[:2]:
            assert getattr(other, name) == pytest.approx(getattr(found[2], name), rel=1e-9, abs=1e-9, nan_ok=True)
    # and it is what the whole at once gives
    label, count = raster.ndimage.label(after > 2.5, np.ones((3, 3)))
    large = np.bincount(label.ravel(), minlength=count + 1) >= unit
    other_label, count = raster.ndimage.label(after < -2.5, np.ones((3, 3)))
    other_large = np.bincount(other_label.ravel(), minlength=count + 1) >= unit
    expected = (large[label] & (label > 0)).sum() + (other_large[other_label] & (other_label > 0)).sum()
    assert found[2].changed[-1] == pytest.approx(expected)


def test_unknown_on_either_date_is_no_change(write: Write) -> None:
    before, after = np.zeros((4, 4)), np.full((4, 4), 5.0)
    before[0, 0] = after[1, 1] = NODATA
    before[2:, 2:] = NODATA
    found = change(*pair(write, before, after, nodata=NODATA), [box(0, 0, 2, 2), box(2, 2, 4, 4)], 1.0)
    assert found.changed[0] == 2.0
    assert found.coverage.tolist() == [0.5, 0.0]
    assert np.isnan([found.changed[1], found.net[1], found.share[1]]).all()
    assert found.confidence.tolist() == [1, -1]  # everything changed, so nothing tells the noise: low


def test_whole_numbers_are_never_more_certain_than_their_rounding(write: Write) -> None:
    before, after = np.zeros((30, 30), np.int16), np.zeros((30, 30), np.int16)
    after[3:5, 3:5] = 2
    found = change(*pair(write, before, after), [box(0, 0, 30, 30)], 1.0)
    assert found.noise == pytest.approx(math.sqrt(1 / 6))
    assert found.strength[0] == pytest.approx(2 / math.sqrt(1 / 6))
    exact = change(*pair(write, before.astype(float), after.astype(float)), [box(0, 0, 30, 30)], 1.0)
    assert (exact.noise, exact.strength[0], exact.confidence[0]) == (0.0, math.inf, 3)


@pytest.mark.parametrize("nodata", [None, NODATA])
def test_the_second_raster_is_read_on_the_grid_of_the_first(write: Write, nodata: float | None) -> None:
    rows, columns = np.mgrid[:40, :40] + 0.5
    before = write(columns + 2 * rows)
    wide = np.mgrid[:30, :30] * 2 + 1.0  # pixels of 2 m, the corner 10 m to the east and 4 m to the south
    tilted = wide[1] + 10 + 2 * (wide[0] + 4)
    place = rasterio.Affine(2, 0, WEST + 10, 0, -2, NORTH - 4)
    after = write(tilted + 5, transform=place, nodata=nodata)
    found = change(before, after, [box(15, 10, 35, 35), box(0, 0, 20, 8)], 1.0)
    assert found.net[0] == pytest.approx(5.0, abs=1e-9)  # a plane is a plane again after bilinear resampling
    assert found.coverage[0] == 1.0
    assert found.coverage[1] == pytest.approx(10 * 4 / 160)  # not zero, and not change, where there is no second


@pytest.mark.parametrize("kind", ["no nodata", "alpha", "mask", "nodata"])
def test_on_another_grid_zero_stays_a_value_and_what_is_masked_stays_out(write: Write, kind: str) -> None:
    before = write(np.ones((8, 8)))
    place = rasterio.Affine(2, 0, WEST, 0, -2, NORTH)
    values, known = np.zeros((4, 4), np.uint8), np.ones((4, 4), bool)
    known[:, 2:] = kind == "no nodata"
    if kind == "alpha":
        layers = np.stack([values, known * np.uint8(255)])
        after = write(layers, transform=place, photometric="MINISBLACK", alpha="YES")
    elif kind == "mask":
        after = write(values, transform=place, mask=known)
    else:
        after = write(
            np.where(known, values, 9).astype(np.uint8), transform=place, nodata=9 if kind == "nodata" else None
        )
    found = change(before, after, [box(0, 0, 4, 8), box(4, 0, 8, 8)], 0.5, resampling="nearest")
    assert found.changed[0] == 32.0
    assert found.net[0] == -1.0
    assert found.coverage.tolist() == [1.0, 1.0 if kind == "no nodata" else 0.0]


def test_a_second_raster_in_another_system_is_found_to_within_a_pixel(write: Write) -> None:
    before = write(np.zeros((100, 100)))
    to = pyproj.Transformer.from_crs(28992, 32631, always_xy=True)
    east, north = to.transform(WEST + 50, NORTH - 50)
    values = np.zeros((200, 200), np.uint8)
    values[90:110, 90:110] = 1
    after = write(values, crs="EPSG:32631", transform=rasterio.Affine(1, 0, east - 100, 0, -1, north + 100))
    found = change(before, after, [box(0, 0, 100, 100), box(35, 35, 65, 65)], 0.5, resampling="nearest")
    assert found.changed[1] == found.changed[0] == pytest.approx(400, rel=0.03)


def test_change_refuses_what_it_cannot_measure(write: Write) -> None:
    path = write(SMALL)
    degrees = write(SMALL, crs="EPSG:4326", transform=rasterio.Affine(0.001, 0, 4.9, 0, -0.001, 52.4))
    place = [shapely.box(4.9, 52.397, 4.903, 52.4)]
    cases = [
        ((degrees, degrees, place, 1.0), {"crs": 4326}, "staat in graden"),
        ((path, path, HERE, 1.0), {"smallest": 2000}, "kleinste verandering"),
        ((path, path, HERE, 0.0), {}, "drempel"),
        ((path, path, HERE, math.nan), {}, "drempel"),
        ((path, write(np.full((4, 4), np.nan)), HERE, 1.0), {}, "nergens beide een waarde"),
    ]
    for arguments, options, words in cases:
        with pytest.raises(InputError, match=words):
            change(*arguments, **options)


def test_the_raster_that_is_broken_is_the_one_that_is_named(write: Write) -> None:
    values = np.random.default_rng(0).random((300, 300))
    whole, broken = write(values), write(values)
    broken.write_bytes(broken.read_bytes()[:300_000])
    for files in ((whole, broken), (broken, whole)):
        with pytest.raises(InputError, match=f"{broken.name}: is beschadigd"):
            change(*files, [box(0, 0, 300, 300)], 1.0)


# --- a surface --------------------------------------------------------------------------------------------------------


COLOURS = ("#e8e3d4", "#c8ba7c", "#00224e")
WORDS = {
    "colours": COLOURS, "legend": ("laag", "midden", "hoog"), "title": "Risico in klassen", "release": "ab12cd34",
    "restriction": "RIEC vertrouwelijk",
}  # fmt: skip


@pytest.fixture
def cells() -> npt.NDArray[np.uint64]:
    middle = grid.cells_at([121_000.0], [487_000.0])
    found = set(middle.tolist())
    for _ in range(8):
        found |= {int(other) for cell in found for other in grid.neighbours(cell)}
    return np.array(sorted(found), dtype=np.uint64)


def test_a_surface_shows_the_class_of_the_hexagon_at_every_centre(
    tmp_path: Path, cells: npt.NDArray[np.uint64]
) -> None:
    classes = np.random.default_rng(2).integers(-1, 3, len(cells))
    path = tmp_path / "risico.tif"
    write_cog(path, grid.polygons(cells), classes, resolution=10, crs=4326, tags={"PERIODE": "2024"}, **WORDS)
    with rasterio.open(path) as data:
        band, place = data.read(1), data.transform
        assert (data.crs.to_epsg(), data.nodata, data.dtypes, data.res) == (28992, 255, ("uint8",), (10, 10))
        assert (place.c % 10, place.f % 10) == (0, 0)
        assert data.descriptions == ("Risico in klassen",)
        assert data.colorinterp[0] == rasterio.enums.ColorInterp.palette
        assert data.colormap(1)[2] == (0, 34, 78, 255)
        assert data.colormap(1)[255][3] == 0
        tags, counts = data.tags(), data.tags(1)
        overviews = data.overviews(1)
    rows, columns = np.indices(band.shape)
    east, north = place.c + 10 * (columns.ravel() + 0.5), place.f - 10 * (rows.ravel() + 0.5)
    class_of = dict(zip(cells.tolist(), np.where(classes < 0, 255, classes).tolist(), strict=True))
    expected = [class_of.get(cell, 255) for cell in grid.cells_at(east, north).tolist()]
    # H3 draws the edges of its cells as great circles, a shape draws them straight: 0.1 mm apart
    assert (band.ravel() != expected).mean() < 1e-4
    known = band[band != 255]
    assert tags["UITGAVE"] == "ab12cd34"
    assert tags["RUBRICERING"] == "RIEC vertrouwelijk"
    assert (tags["KLASSE_0"], tags["KLASSE_2"], tags["PERIODE"]) == ("laag", "hoog", "2024")
    assert float(counts["STATISTICS_MEAN"]) == pytest.approx(known.mean(), abs=1e-6)
    assert float(counts["STATISTICS_STDDEV"]) == pytest.approx(known.std(), abs=1e-6)
    assert float(counts["STATISTICS_VALID_PERCENT"]) == pytest.approx(100 * known.size / band.size, abs=0.01)
    assert overviews == [] or overviews[0] == 2


def test_a_surface_is_a_valid_cog_with_the_same_bytes_every_time(tmp_path: Path, cells: npt.NDArray[np.uint64]) -> None:
    classes = np.arange(len(cells)) % 3
    paths = [tmp_path / "een.tif", tmp_path / "twee.tif"]
    for path in paths:
        write_cog(path, grid.polygons(cells), classes, resolution=2, crs=4326, **WORDS)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    valid, errors, warnings = cog_validate(paths[0], strict=True)
    assert (valid, errors, warnings) == (True, [], [])
    with rasterio.open(paths[0]) as data:
        assert data.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert data.overviews(1)[0] == 2
        full = data.read(1)
    with rasterio.open(paths[0], overview_level=0) as data:
        half = data.read(1)
    rows, columns = full.shape[0] // 2, full.shape[1] // 2
    four = np.sort(full[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2).transpose(0, 2, 1, 3).reshape(-1, 4))
    clear = (four[:, 1] == four[:, 2]) & ((four[:, 0] == four[:, 1]) | (four[:, 2] == four[:, 3]))
    clear &= four[:, 3] != 255  # nodata has no vote
    assert clear.sum() > 1000
    assert (half[:rows, :columns].ravel()[clear] == four[clear, 1]).all()  # three of four pixels have their way
    assert sorted(file.name for file in tmp_path.iterdir()) == ["een.tif", "twee.tif"]


def test_class_zero_and_no_class_are_two_things_there_and_back(tmp_path: Path) -> None:
    path = tmp_path / "risico.tif"
    shapes = [box(0, 0, 10, 10), box(10, 0, 20, 10), box(20, 0, 30, 10)]
    write_cog(path, shapes, [0, -1, 2], resolution=1, **WORDS)
    found = values_per_cell(path, shapes)
    assert found.mean.tolist() == pytest.approx([0, math.nan, 2], nan_ok=True)
    assert found.coverage.tolist() == [1.0, 0.0, 1.0]


def test_a_surface_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "risico.tif"
    for shapes, classes, resolution, words in (
        ([], [], 1, "geen cellen"),
        (HERE, [0], 0, "geen cellen of de resolutie"),
        ([box(0, 0, 1e6, 1e6)], [0], 1, "miljard pixels"),
    ):
        with pytest.raises(InputError, match=words):
            write_cog(path, shapes, classes, resolution=resolution, **WORDS)
    with pytest.raises(ValueError, match="class per cell"):
        write_cog(path, HERE, [3], resolution=1, **WORDS)
    with pytest.raises(GeoanalyseError, match="kan niet worden geschreven"):
        write_cog(tmp_path / "weg" / "risico.tif", HERE, [0], resolution=1, **WORDS)
    assert list(tmp_path.iterdir()) == []
