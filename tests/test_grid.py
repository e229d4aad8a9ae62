"""Cells are those of H3, whatever way they are computed."""

from pathlib import Path

import h3
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from geoanalyse import grid

Points = tuple[np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def points() -> Points:
    random = np.random.default_rng(0)
    return random.uniform(10_000, 280_000, 20_000), random.uniform(306_000, 615_000, 20_000)


def test_cells_are_those_of_h3_and_pyproj(points: Points) -> None:
    lon, lat = pyproj.Transformer.from_pipeline(grid.RD_TO_ETRS89).transform(*points)
    expected = [int(h3.latlng_to_cell(la, lo, 10), 16) for la, lo in zip(lat, lon, strict=True)]
    assert grid.cells_at(*points).tolist() == expected


def test_the_pinned_pipeline_is_that_of_epsg(points: Points) -> None:
    lon, lat = grid.lonlat(*points)
    other = pyproj.Transformer.from_crs(28992, 4326, always_xy=True).transform(*points)
    assert np.abs(lon - other[0]).max() < 2e-6
    assert np.abs(lat - other[1]).max() < 2e-6


def test_there_and_back_is_exact_to_the_millimetre(points: Points) -> None:
    easting, northing = grid.rd(*grid.lonlat(*points))
    assert np.abs(easting - points[0]).max() < 1e-3
    assert np.abs(northing - points[1]).max() < 1e-3


def test_official_validation_points(shared: Path) -> None:
    frame = pd.read_csv(shared / "published" / "rdnaptrans2018_validation.csv.gz")
    inside = frame[(frame["x_rd"].between(13_600, 278_000)) & (frame["y_rd"].between(306_900, 619_300))]
    lon_column, lat_column = (next(c for c in frame.columns if name in c.lower()) for name in ("lon", "lat"))
    easting, northing = grid.rd(inside[lon_column], inside[lat_column])
    apart = np.hypot(easting - inside["x_rd"].to_numpy(), northing - inside["y_rd"].to_numpy())
    assert len(inside) > 300
    assert np.median(apart) < 0.1
    assert np.quantile(apart, 0.99) < 0.3


@pytest.mark.parametrize("resolution", [7, 8, 9])
def test_a_parent_is_the_parent_by_index(points: Points, resolution: int) -> None:
    cells = grid.cells_at(*points)
    expected = [int(h3.cell_to_parent(f"{cell:x}", resolution), 16) for cell in cells]
    assert grid.parent(cells, resolution).tolist() == expected


def test_outline_is_the_union_without_inner_lines() -> None:
    cell = grid.cells_at([125_000.0], [480_000.0])[0]
    cells = np.append(grid.neighbours(int(cell)), cell)
    union = shapely.union_all(grid.polygons(cells), grid_size=1e-9)
    outline = grid.outline(cells)
    assert len(outline.geoms) == 1
    assert not outline.geoms[0].interiors
    assert outline.area == pytest.approx(union.area, rel=1e-6)


def test_near_pairs_are_the_neighbours() -> None:
    cell = int(grid.cells_at([125_000.0], [480_000.0])[0])
    cells = np.sort(np.append(grid.neighbours(cell), np.uint64(cell)))
    pairs = {tuple(pair) for pair in grid.near_pairs(cells).tolist()}
    assert len(pairs) == 12  # six to the middle, six round the ring
    assert all(int(cells[b]) in grid.neighbours(int(cells[a])) for a, b in pairs)


def test_text_and_back() -> None:
    cells = grid.cells_at([125_000.0], [480_000.0])
    assert [grid.from_hex(text) for text in grid.to_hex(cells)] == cells.tolist()
    with pytest.raises(ValueError, match="geen geldige H3-cel"):
        grid.from_hex("123")
