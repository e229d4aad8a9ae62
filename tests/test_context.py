"""Public layers of the surroundings: files, measures that can be checked on paper, and the door they go through."""

import datetime as dt
import json
import math
import struct
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyogrio
import pytest
import rasterio
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoanalyse import context, grid, protection
from geoanalyse.build import Request, surroundings
from geoanalyse.context import ContextLayer, Kind, Measured
from geoanalyse.errors import InputError, ProtectionError
from geoanalyse.geography import shipped_regions
from geoanalyse.published import CONTEXT_SCHEMA

MIDDLE = (127_000.0, 480_500.0)
TEXTS = {
    "titel": "Kades",
    "omschrijving": "Afstand tot de dichtstbijzijnde kade.",
    "soort": "afstand",
    "bestand": "kades.gpkg",
    "gelegenheid": "aan- en afvoer over water",
    "tekst": "Dicht bij een kade is gelegenheid, geen aanwijzing.",
    "bron": "verzonnen voorbeeld",
    "licentie": "CC0",
    "openbaar": True,
    "grenzen": [100, 250, 500],
}


def toml(values: dict[str, object], day: str = "2026-01-01") -> str:
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items()) + f"peildatum = {day}\n"


def folder(home: Path, shapes: list[shapely.Geometry], crs: object = 28992, **values: object) -> Path:
    gpd.GeoDataFrame(geometry=shapes, crs=crs).to_file(home / "kades.gpkg")
    (home / "kades.toml").write_text(toml(TEXTS | values), encoding="utf-8")
    return home


def layer(**values: object) -> ContextLayer:
    made = ContextLayer(
        *("kades", "Kades", "", "", "", Kind.RASTER, "meter", "bron", "CC0"),
        *(dt.date(2026, 1, 1), True, (1.0, 2.0), ()),
    )
    return replace(made, **values)  # type: ignore[arg-type]


# --- measures ---------------------------------------------------------------------------------------------------------


def test_a_distance_is_that_from_the_middle_of_the_cell_to_ten_metres(tmp_path: Path) -> None:
    home = folder(tmp_path, [shapely.Point(MIDDLE), shapely.Point(140_000, 500_000)])
    cell = grid.cells_at(*MIDDLE)
    found = context.measure(context.read_layers(home)[0], cell)
    lon, lat = grid.centres(cell).T
    east, north = grid.rd(lon, lat)
    exact = math.hypot(east[0] - MIDDLE[0], north[0] - MIDDLE[1])
    assert found.values.tolist() == [round(exact / 10) * 10]
    assert found.seen.tolist() == [1.0]


@given(st.lists(st.tuples(st.floats(0, 2000), st.floats(0, 2000)), min_size=1, max_size=12), st.integers(50, 900))
def test_a_density_of_points_counts_those_within_the_radius(places: list[tuple[float, float]], radius: int) -> None:
    at = np.array([[1000.0, 1000.0], [0.0, 0.0]])
    found = context.densities(shapely.points(at), shapely.points(np.array(places)), 0, radius)
    for (east, north), value in zip(at, found.tolist(), strict=True):
        near = sum(math.hypot(e - east, n - north) <= radius for e, n in places)
        assert value * math.pi * (radius / 1000) ** 2 == pytest.approx(near)


def test_a_line_through_the_middle_has_the_length_of_the_diameter() -> None:
    line = np.array([shapely.LineString([(-5000, 0), (5000, 0)])])
    found = context.densities(shapely.points([[0.0, 0.0], [0.0, 600.0]]), line, 1, 500.0)
    assert found == pytest.approx([1.0 / (math.pi * 0.25), 0.0], rel=2e-3)


def test_ground_in_two_surfaces_counts_once() -> None:
    square = shapely.box(-1000, -1000, 0, 1000)  # the western half of the circle
    one, two = (context.densities(shapely.points([[0.0, 0.0]]), np.array([square] * n), 2, 500.0) for n in (1, 2))
    assert one == pytest.approx([50.0])
    assert two == pytest.approx(one)


def test_a_larger_unit_is_the_mean_of_its_known_ground() -> None:
    found = Measured(
        layer(), np.arange(5, dtype=np.uint64), np.array([2.0, 4, 6, np.nan, 1]), np.array([1.0, 1, 0.5, 0, 0.4]), ()
    )
    values, seen = context.at_level(found, [0, 0, 0, 1, 2], 3)
    assert values[0] == pytest.approx((2 + 4 + 3) / 2.5)
    assert np.isnan(values[1:]).all(), "no ground, and less than half of it"
    assert seen == pytest.approx([2.5 / 3, 0, 0.4])


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_three_digits_are_within_half_a_percent(numbers: list[float]) -> None:
    values = np.array(numbers)
    assert context.significant(values) == pytest.approx(values, rel=5.1e-3, abs=1e-300)


def heights(path: Path, values: np.ndarray, corner: tuple[float, float], size: float = 10.0) -> None:
    shape = values.shape
    transform = rasterio.Affine(size, 0, corner[0], 0, -size, corner[1])
    profile = {"driver": "GTiff", "height": shape[0], "width": shape[1], "count": 1, "dtype": "float32", "nodata": -99}
    with rasterio.open(path, "w", crs="EPSG:28992", transform=transform, **profile) as file:
        file.write(values.astype("float32"), 1)


def test_a_raster_gives_the_mean_of_the_pixels_and_unknown_ground_no_zero(tmp_path: Path) -> None:
    cells = grid.cells_at([127_000.0, 128_000.0], [480_500.0, 480_500.0])
    values = np.full((300, 300), -3.0)
    values[:, 120:] = -99  # from 127,700 on nothing is known
    heights(tmp_path / "hoogte.tif", values, (126_500.0, 482_000.0))
    (tmp_path / "hoogte.toml").write_text(
        toml({**TEXTS, "soort": "raster", "bestand": "hoogte.tif", "eenheid": "meter", "grenzen": [-2, 0]}),
        encoding="utf-8",
    )
    found = context.measure(context.read_layers(tmp_path)[0], np.sort(cells))
    known = found.seen > 0
    assert found.seen[known] == pytest.approx([1.0])
    assert found.values[known] == pytest.approx([-3.0])
    assert np.isnan(found.values[~known]).all()


def test_a_change_is_the_share_of_the_ground_in_patches_that_are_large_enough(tmp_path: Path) -> None:
    cell = grid.cells_at(*MIDDLE)
    before, after = np.zeros((300, 300)), np.zeros((300, 300))
    rng = np.random.default_rng(1)
    before, after = before + rng.normal(0, 0.05, before.shape), after + rng.normal(0, 0.05, after.shape)
    after[148:152, 148:152] += 3.0  # a shed of 40 by 40 metres in the middle of the cell
    after[140, 140] += 3.0  # a tree
    for name, values in (("voor.tif", before), ("na.tif", after)):
        heights(tmp_path / name, values, (MIDDLE[0] - 1500, MIDDLE[1] + 1500))
    (tmp_path / "schuren.toml").write_text(
        toml(
            {
                **{key: value for key, value in TEXTS.items() if key != "bestand"},
                "soort": "verandering",
                "bestand_voor": "voor.tif",
                "bestand_na": "na.tif",
                "grenzen": [1, 5],
                "drempel": 2,
                "richting": "stijging",
                "kleinste": 200,
            }
        ),
        encoding="utf-8",
    )
    found = context.measure(context.read_layers(tmp_path)[0], cell)
    shape = shapely.transform(
        grid.polygons(cell)[0], lambda points: np.stack(grid.rd(points[:, 0], points[:, 1]), axis=1)
    )
    square = shapely.box(MIDDLE[0] - 20, MIDDLE[1] - 20, MIDDLE[0] + 20, MIDDLE[1] + 20)
    assert found.values == pytest.approx([100 * shape.intersection(square).area / shape.area], rel=1e-3)
    assert found.confidence is not None
    assert found.confidence.tolist() == [3]


# --- the door ---------------------------------------------------------------------------------------------------------


def test_every_cell_of_the_area_has_its_own_value_and_each_level_follows_from_them(tmp_path: Path) -> None:
    regions = shipped_regions()
    found = surroundings(
        folder(tmp_path, [shapely.Point(MIDDLE)]), Request(area="ganzenpoort", today=dt.date(2026, 3, 1))
    )
    assert found.table.schema == CONTEXT_SCHEMA
    rows = found.table.to_pandas()
    cells = rows[rows["level"] == "cel"]
    codes = np.array([grid.from_hex(unit) for unit in cells["unit"]], dtype=np.uint64)
    assert set(codes.tolist()) == set(regions.under("WK0363TE").tolist())
    (wijk,) = rows[rows["level"] == "wijk"].itertuples()
    assert wijk.unit == "WK0363TE"
    assert wijk.value == pytest.approx(cells["value"].mean(), rel=5e-3)
    assert (rows["status"] == "waarde").all()
    assert rows["class"].tolist() == np.searchsorted([100, 250, 500], rows["value"], side="right").tolist()


def test_what_is_unknown_has_no_value_and_is_not_zero() -> None:
    regions = shipped_regions()
    cells = regions.under("BU0363TC03")
    seen = np.zeros(len(cells))
    found = protection.publish([Measured(layer(), cells, np.full(len(cells), np.nan), seen, ("a",))], regions)
    assert set(found.table["status"].to_pylist()) == {"geen_data"}
    assert found.table["value"].null_count == found.table["class"].null_count == found.table.num_rows


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"public": False}, "niet openbaar"), ({"licence": ""}, "bron of licentie"), ({"id": "leegstand"}, "zo heet al")],
    ids=["niet openbaar", "zonder licentie", "naam van een laag die telt"],
)
def test_the_door_lets_nothing_through_that_does_not_say_where_it_comes_from(
    wrong: dict[str, object], words: str
) -> None:
    regions = shipped_regions()
    cells = regions.under("BU0363TC03")
    made = Measured(layer(**wrong), cells, np.ones(len(cells)), np.ones(len(cells)), ())
    with pytest.raises(ProtectionError, match=words):
        protection.publish([made], regions, ["leegstand"])


def test_no_attribute_of_a_file_is_read(tmp_path: Path) -> None:
    home = folder(tmp_path, [shapely.Point(MIDDLE)])
    (home / "kades.gpkg").unlink()
    frame = gpd.GeoDataFrame({"naam": ["J. Jansen, Dorpsstraat 1"]}, geometry=[shapely.Point(MIDDLE)], crs=28992)
    frame.to_file(home / "kades.gpkg")
    found = surroundings(home, Request(area="ganzenpoort", today=dt.date(2026, 3, 1)))
    assert "Jansen" not in str(found.table.to_pydict()) + str(found.layers)


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (
            {"soort": "iets"},
            "kades.toml, soort: ontbreekt of onbekend; kies uit afstand, dichtheid, raster, verandering",
        ),
        ({"grenzen": [3, 2]}, "kades.toml, grenzen: schrijf 1 tot 5 oplopende getallen, zoals [100, 250, 500]"),
        ({"grenzen": []}, "kades.toml, grenzen: schrijf 1 tot 5 oplopende getallen, zoals [100, 250, 500]"),
        ({"bestand": "../geheim.gpkg"}, "kades.toml, bestand: noem een bestand in dezelfde map, zonder pad"),
        ({"bestand": "weg.gpkg"}, "kades.toml, bestand: dit bestand staat niet in de map"),
        ({"openbaar": "ja"}, "kades.toml, openbaar: schrijf true of false"),
        ({"straal": 300}, "kades.toml, straal: hoort niet bij soort afstand"),
        ({"soort": "dichtheid", "straal": 9}, "kades.toml, straal: schrijf een getal van 50 tot en met 5000"),
        ({"titel": 3}, "kades.toml, titel: is geen tekst"),
        ({"tekst": "bel jan@voorbeeld.nl"}, "kades.toml, tekst: "),
        ({"soort": "raster", "eenheid": "m", "drempel": 2}, 'kades.toml, drempel: hoort bij maat = "aandeel"'),
        ({"soort": "raster", "eenheid": "m", "maat": "aandeel"}, "kades.toml, drempel: ontbreekt"),
        ({"grenzen": [10**400]}, "kades.toml, grenzen: schrijf 1 tot 5 oplopende getallen"),
        ({"grenzen": [1e300]}, "kades.toml, grenzen: schrijf 1 tot 5 oplopende getallen"),
        ({"bestand": "0612345678.gpkg"}, "kades.toml, bestand: de naam van het bestand lijkt op persoonsgegevens"),
        ({"bestand": "map.gpkg"}, "kades.toml, bestand: dit is een map en geen bestand"),
        ({"bestand": "elders.gpkg"}, "kades.toml, bestand: dit is een verwijzing naar een andere map"),
        ({"bestand": "leeg.gpkg"}, "kades.toml, bestand: dit is een verwijzing naar een bestand dat er niet is"),
        ({"bestand": "jansen-dorpsstraat-12.gpkg"}, "kades.toml, bestand: de naam van het bestand lijkt op"),
    ],
)
def test_a_fault_in_a_layer_file_is_one_line(tmp_path: Path, values: dict[str, object], line: str) -> None:
    (tmp_path / "map").mkdir()
    home = folder(tmp_path / "map", [shapely.Point(MIDDLE)], **values)
    (home / "map.gpkg").mkdir()
    (tmp_path / "elders.gpkg").write_bytes(b"")
    (home / "elders.gpkg").symlink_to(tmp_path / "elders.gpkg")
    (home / "leeg.gpkg").symlink_to(home / "weg.gpkg")
    with pytest.raises(InputError) as error:
        context.read_layers(home)
    assert [fault for fault in error.value.faults if fault.startswith(line)] == list(error.value.faults)


@pytest.mark.parametrize("threshold", [0, -1])
def test_a_change_has_a_threshold_above_zero(tmp_path: Path, threshold: int) -> None:
    values = {key: value for key, value in TEXTS.items() if key != "bestand"}
    change = {"soort": "verandering", "bestand_voor": "a.tif", "bestand_na": "a.tif", "drempel": threshold}
    (tmp_path / "a.tif").write_bytes(b"")
    (tmp_path / "schuren.toml").write_text(toml(values | change), encoding="utf-8")
    with pytest.raises(InputError, match=r"schuren\.toml, drempel: schrijf een getal boven 0"):
        context.read_layers(tmp_path)


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2101-01-01"])
def test_a_reference_date_is_of_our_time(tmp_path: Path, day: str) -> None:
    home = folder(tmp_path, [shapely.Point(MIDDLE)])
    (home / "kades.toml").write_text(toml(TEXTS, day), encoding="utf-8")
    with pytest.raises(InputError, match=r"kades\.toml, peildatum: ligt niet tussen 1900 en 2100"):
        context.read_layers(home)


def test_a_reference_date_that_is_still_to_come_is_refused(tmp_path: Path) -> None:
    home = folder(tmp_path, [shapely.Point(MIDDLE)])  # of 1 January 2026
    assert len(context.read_layers(home, today=dt.date(2026, 1, 1))) == 1
    with pytest.raises(InputError, match=r"kades\.toml, peildatum: ligt na vandaag"):
        context.read_layers(home, today=dt.date(2025, 12, 31))


@pytest.mark.parametrize("name", ["leegstand", "thema-drugs"])
def test_a_name_of_the_program_itself_is_refused_before_anything_is_measured(tmp_path: Path, name: str) -> None:
    home = folder(tmp_path, [shapely.Point(MIDDLE)])
    (home / "kades.toml").rename(home / f"{name}.toml")
    (home / "kades.gpkg").write_bytes(b"")
    with pytest.raises(InputError, match=rf"^{name}\.toml: zo heet al een laag die telt, of een totaalbeeld"):
        surroundings(home, Request(area="ganzenpoort", today=dt.date(2026, 3, 1)))


@pytest.mark.parametrize("title", ["Kades", "kades ", "KADES"])
def test_two_layers_have_two_titles(tmp_path: Path, title: str) -> None:
    home = folder(tmp_path, [shapely.Point(MIDDLE)])
    (home / "oevers.toml").write_text(toml(TEXTS | {"titel": title}), encoding="utf-8")
    with pytest.raises(InputError) as error:
        context.read_layers(home)
    assert error.value.faults == (
        "oevers.toml, titel: is dezelfde als die van kades.toml; geef elke laag een eigen titel",
    )


def test_a_folder_of_more_layers_than_a_table_holds_is_refused(tmp_path: Path) -> None:
    for number in range(101):
        (tmp_path / f"laag-{number}.toml").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="meer dan 100 laagbestanden"):
        context.read_layers(tmp_path)


@pytest.mark.parametrize("name", ["0612345678", "1012ab-12", "jansen-dorpsstraat-12"])
def test_a_layer_that_is_called_like_a_person_is_refused(tmp_path: Path, name: str) -> None:
    home = folder(tmp_path, [shapely.Point(MIDDLE)])
    (home / "kades.toml").rename(home / f"{name}.toml")
    with pytest.raises(InputError, match="bestandsnaam: lijkt op persoonsgegevens"):
        context.read_layers(home)


@pytest.mark.parametrize(
    "shape", [shapely.Point(*MIDDLE, 3.0), shapely.LineString([(*MIDDLE, 1.0), (MIDDLE[0] + 9, MIDDLE[1], 2.0)])]
)
def test_heights_and_empty_shapes_make_no_difference(tmp_path: Path, shape: shapely.Geometry) -> None:
    found = []
    for place, shapes in enumerate(([shape], [shapely.force_2d(shape)], [shape, None, shapely.Point()])):
        (tmp_path / str(place)).mkdir()
        made = context.read_layers(folder(tmp_path / str(place), shapes))[0]
        found.append(context.measure(made, grid.cells_at(*MIDDLE)).values.tolist())
    assert found[0] == found[1] == found[2]


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    home = folder(tmp_path, [shapely.Point(MIDDLE)], openbaar="ja")
    (home / "b.toml").write_text("titel = ", encoding="utf-8")
    (home / "c.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError) as error:
        context.read_layers(home)
    assert [fault.split(",")[0].split(":")[0] for fault in error.value.faults] == ["b.toml", "c.toml", "kades.toml"]


def test_a_folder_without_layers_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "weg"):
        with pytest.raises(InputError, match="geen laagbestanden"):
            context.read_layers(path)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")  # that is what is tested
@pytest.mark.parametrize(
    ("shapes", "crs", "words"),
    [
        ([shapely.Point(MIDDLE)], None, "coördinatenstelsel ontbreekt"),
        ([shapely.Point(4.9, 52.3)], 4289, "EPSG:4289 is hier niet bekend"),
        ([shapely.Point(4.9, 52.3)], 28992, "buiten Nederland"),
        ([None], 28992, "geen enkele vorm"),
    ],
    ids=["zonder stelsel", "ander stelsel", "graden als meters", "leeg"],
)
def test_a_file_in_the_wrong_place_is_refused(
    tmp_path: Path, shapes: list[shapely.Geometry], crs: object, words: str
) -> None:
    home = folder(tmp_path, shapes, crs)
    with pytest.raises(InputError, match=words):
        context.measure(context.read_layers(home)[0], grid.cells_at(*MIDDLE))


@pytest.mark.filterwarnings("ignore:invalid value")  # that is what is tested
@pytest.mark.parametrize("wild", [math.nan, math.inf])
@pytest.mark.parametrize("kind", ["afstand", "dichtheid"])
def test_a_coordinate_that_is_no_number_is_refused(tmp_path: Path, kind: str, wild: float) -> None:
    east, north = MIDDLE
    shapes = [shapely.LineString([MIDDLE, (east, wild), (east + 9, north)]), shapely.LineString([MIDDLE, (east, 0)])]
    home = folder(tmp_path, shapes, soort=kind)
    with pytest.raises(InputError, match=r"kades\.gpkg: van 1 vorm is een coördinaat geen getal"):
        context.measure(context.read_layers(home)[0], grid.cells_at(*MIDDLE))


@pytest.mark.filterwarnings("ignore:Registering non-standard")  # of GDAL, while the test writes it
def test_a_surface_of_triangles_is_refused_in_one_line(tmp_path: Path) -> None:
    home = folder(tmp_path, [shapely.Point(MIDDLE)])
    east, north = MIDDLE
    ring = (east, north, east + 9, north, east, north + 9, east, north)
    tin = struct.pack("<BII", 1, 16, 1) + struct.pack("<BIII8d", 1, 17, 1, 4, *ring)  # WKB: a TIN of one triangle
    rows = pa.table({"geometry": pa.array([tin], pa.binary())})
    (home / "kades.gpkg").unlink()
    options = {"driver": "GPKG", "geometry_name": "geometry", "geometry_type": "Unknown", "crs": "EPSG:28992"}
    pyogrio.raw.write_arrow(rows, home / "kades.gpkg", layer="kades", **options)
    with pytest.raises(InputError, match=r"kades\.gpkg: heeft vormen die geen punt, lijn of vlak zijn"):
        context.measure(context.read_layers(home)[0], grid.cells_at(*MIDDLE))


def test_points_lines_and_surfaces_together_have_no_density(tmp_path: Path) -> None:
    home = folder(tmp_path, [shapely.Point(MIDDLE), shapely.Point(MIDDLE).buffer(50)], soort="dichtheid")
    with pytest.raises(InputError, match=r"kades\.gpkg: punten, lijnen en vlakken staan door elkaar"):
        context.measure(context.read_layers(home)[0], grid.cells_at(*MIDDLE))


@pytest.mark.parametrize(
    ("shape", "unit"),
    [
        (shapely.Point(MIDDLE), "per km²"),
        (shapely.LineString([MIDDLE, (127_100, 480_500)]), "km per km²"),
        (shapely.Point(MIDDLE).buffer(50), "% van de grond"),
    ],
)
def test_the_unit_of_a_density_is_that_of_its_shapes(tmp_path: Path, shape: shapely.Geometry, unit: str) -> None:
    home = folder(tmp_path, [shape], soort="dichtheid")
    found = context.measure(context.read_layers(home)[0], grid.cells_at(*MIDDLE))
    assert (found.layer.unit, found.values[0] > 0) == (unit, True)
