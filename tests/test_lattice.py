"""The lattice gives the cells that H3 gives, also across an edge of the icosahedron."""

import h3.api.basic_int as h3
import numpy as np
import pytest

from geoanalyse import geography, grid
from geoanalyse.products import lattice

EARTH = 6371007.0  # metres
ZEELAND = (3.925, 51.5)  # an icosahedron edge runs through the west of Zeeland


def cells_of_degrees(lon: np.ndarray, lat: np.ndarray, resolution: int) -> np.ndarray:
    pairs = zip(lat.tolist(), lon.tolist(), strict=True)
    return np.array([h3.latlng_to_cell(*pair, resolution) for pair in pairs], dtype=np.uint64)


def lookup(found: lattice.Lattice, direction: np.ndarray) -> np.ndarray:
    """What the browser does: choose the face, apply the inverse matrix, round to the nearest cell, look it up."""
    normals = np.array([np.cross(face.matrix[:, 0], face.matrix[:, 1]) for face in found.faces])
    normals /= np.linalg.norm(normals, axis=1)[:, None]
    choice = np.argmax(direction @ normals.T, axis=1)
    result = np.zeros(len(direction), dtype=np.uint64)
    start = 0
    for number, face in enumerate(found.faces):
        known = {}
        for j, first, length in face.runs.tolist():
            for step in range(length):
                known[(first + step, j)] = start + step
            start += length
        known |= {(i, j): position for i, j, position, _ in face.extra.tolist()}
        for row in np.flatnonzero(choice == number):
            projected = np.linalg.solve(face.matrix, direction[row])
            i, j = projected[:2] / projected[2]
            cube = np.array([i, -j, j - i])
            nearest = np.rint(cube)
            worst = np.argmax(np.abs(nearest - cube))
            nearest[worst] -= nearest.sum()
            position = known.get((int(nearest[0]), int(-nearest[1])), -1)
            result[row] = found.cells[position] if position >= 0 else 0
    return result


@pytest.mark.parametrize("resolution", [7, 8, 9, 10, 11])
def test_centres_lie_on_the_lattice_to_a_hundred_millionth_of_a_metre(resolution: int) -> None:
    rng = np.random.default_rng(1)
    cells = np.unique(grid.cells_at(rng.uniform(20e3, 270e3, 3000), rng.uniform(310e3, 610e3, 3000), resolution))
    direction = lattice.directions(grid.centres(cells))
    face = lattice.face_of(direction)
    steps, _ = lattice.locate(direction, face, resolution)
    again = np.einsum("nij,nj->ni", lattice.matrices(resolution)[face], np.column_stack([steps, np.ones(len(steps))]))
    again /= np.linalg.norm(again, axis=1)[:, None]
    assert np.linalg.norm(again - direction, axis=1).max() * EARTH < 2e-8


@pytest.mark.parametrize("resolution", [3, 6, 8, 9, 10, 11, 15])
def test_cells_anywhere_on_earth_are_placed_as_h3_places_them(resolution: int) -> None:
    rng = np.random.default_rng(resolution)
    direction = rng.normal(size=(4000, 3))
    direction /= np.linalg.norm(direction, axis=1)[:, None]
    near = lattice.directions(grid.centres(np.array(lattice.PENTAGONS, dtype=np.uint64)))
    direction = np.concatenate([direction, np.repeat(near, 20, axis=0) + rng.normal(0, 1e-3, (240, 3))])
    lon, lat = (
        np.degrees(np.arctan2(direction[:, 1], direction[:, 0])),
        np.degrees(np.arcsin(np.clip(direction[:, 2], -1, 1))),
    )
    cells = np.unique(cells_of_degrees(lon, lat, resolution))
    apart = lattice.directions(lattice.centres(cells)) - lattice.directions(grid.centres(cells))
    assert np.linalg.norm(apart, axis=1).max() * EARTH < 1e-6


def test_corners_are_those_of_h3() -> None:
    cell = grid.from_hex("8a1969528daffff")
    direction = lattice.directions(grid.centres([cell]))
    face = lattice.face_of(direction)
    steps, _ = lattice.locate(direction, face, 10)
    at = np.column_stack([steps + lattice.CORNERS, np.ones(6)])
    corners = at @ lattice.matrices(10)[face[0]].T
    corners /= np.linalg.norm(corners, axis=1)[:, None]
    theirs = lattice.directions(grid.boundary(cell))
    apart = np.linalg.norm(corners[:, None] - theirs[None], axis=2).min(axis=1)
    assert apart.max() * EARTH < 2e-8


@pytest.mark.parametrize("resolution", [8, 9, 10])
def test_corners_over_a_face_edge_are_those_of_h3(resolution: int) -> None:
    rng = np.random.default_rng(resolution)
    middle = grid.rd([ZEELAND[0]], [ZEELAND[1]])
    easting, northing = (axis[0] + rng.uniform(-4e3, 4e3, 3000) for axis in middle)
    found = lattice.encode(np.unique(grid.cells_at(easting, northing, resolution)))
    first, own = 0, {}
    for face in found.faces:
        for j, i, length in face.runs.tolist():
            for step in range(length):
                own[first + step] = (face, i + step, j)
            first += length
    centres = lattice.matrices(resolution)[:, :, 2]
    compared = 0
    for face in found.faces:
        for i, j, cell, turned in face.extra.tolist():
            home, own_i, own_j = own[cell]
            theirs = lattice.directions(grid.boundary(found.cells[cell]))
            for k, (di, dj) in enumerate(lattice.CORNERS):
                there = home.matrix @ [own_i + di, own_j + dj, 1]
                over_i, over_j = lattice.CORNERS[(k + turned) % 6]
                over = face.matrix @ [i + over_i, j + over_j, 1]
                here = np.argmax(centres @ there) == np.argmax(centres @ np.cross(*home.matrix[:, :2].T))
                corner = there if here else over
                corner = corner / np.linalg.norm(corner)
                assert np.linalg.norm(theirs - corner, axis=1).min() * EARTH < 2e-2
                compared += 1
    assert compared > 30


@pytest.mark.parametrize("resolution", [8, 9, 10])
def test_ten_thousand_points_fall_in_the_cell_h3_gives(resolution: int) -> None:
    rng = np.random.default_rng(resolution)
    easting, northing = rng.uniform(95e3, 135e3, 10_000), rng.uniform(465e3, 505e3, 10_000)
    truth = grid.cells_at(easting, northing, resolution)
    known = np.unique(truth)[::2]
    found = lookup(lattice.encode(known), lattice.directions(np.column_stack(grid.lonlat(easting, northing))))
    assert (found == np.where(np.isin(truth, known), truth, 0)).all()


@pytest.mark.parametrize("resolution", [8, 9, 10])
def test_points_across_a_face_edge_fall_in_the_cell_h3_gives(resolution: int) -> None:
    rng = np.random.default_rng(resolution)
    middle = grid.rd([ZEELAND[0]], [ZEELAND[1]])
    spread = {8: 12e3, 9: 6e3, 10: 2.5e3}[resolution]
    easting, northing = (axis[0] + rng.uniform(-spread, spread, 6000) for axis in middle)
    truth = grid.cells_at(easting, northing, resolution)
    found = lattice.encode(truth)
    assert len(found.faces) == 2
    got = lookup(found, lattice.directions(np.column_stack(grid.lonlat(easting, northing))))
    assert (got == truth).all()


def test_runs_hold_every_cell_once_in_order() -> None:
    cells = geography.shipped_regions().cells
    found = lattice.encode(cells)
    assert sorted(found.cells.tolist()) == cells.tolist()
    assert sum(face.runs[:, 2].sum() for face in found.faces) == len(cells)
    assert sum(len(face.runs) for face in found.faces) < len(cells) / 20


def test_no_cells_is_an_empty_lattice() -> None:
    assert lattice.encode(np.empty(0, dtype=np.uint64)).faces == ()
