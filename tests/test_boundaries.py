import csv
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geoanalyse import boundaries, grid
from geoanalyse.data import make_region
from geoanalyse.errors import InputError
from geoanalyse.geography import Regions, shipped_regions

SIDE = 400.0
EAST, NORTH = 125_000.0, 480_000.0


def blocks(columns: int, rows: int) -> np.ndarray:
    """Square blocks in RD, row by row from the south-west."""
    return np.array(
        [
            shapely.box(EAST + SIDE * col, NORTH + SIDE * row, EAST + SIDE * (col + 1), NORTH + SIDE * (row + 1))
            for row in range(rows)
            for col in range(columns)
        ]
    )


def hexagons(cells: np.ndarray) -> list[shapely.Polygon]:
    """Each cell as a polygon in RD, made corner by corner."""
    return [shapely.Polygon(np.column_stack(grid.rd(*grid.boundary(int(cell)).T))) for cell in cells]


def largest(cell: shapely.Polygon, shapes: np.ndarray) -> int:
    return int(np.argmax([cell.intersection(shape).area for shape in shapes]))


def cbs_frame(shapes: np.ndarray) -> gpd.GeoDataFrame:
    """Buurten in the form of CBS: every four blocks a wijk, two wijken of GM9901 and the rest of GM9902."""
    number = np.arange(len(shapes))
    wijk = [f"99{1 + (n >= 8):02d}{n // 4:02d}" for n in number]
    return gpd.GeoDataFrame(
        {
            "buurtcode": [f"BU{code}{n % 4:02d}" for code, n in zip(wijk, number, strict=True)],
            "buurtnaam": [f"Buurt {n}" for n in number],
            "wijkcode": [f"WK{code}" for code in wijk],
            "gemeentecode": [f"GM{code[:4]}" for code in wijk],
            "gemeentenaam": ["Voorstad" if n < 8 else "Achterveld" for n in number],
            "water": "NEE",
            "aantal_inwoners": -99997,
        },
        geometry=shapes,
        crs=28992,
    )


def write_cbs(path: Path, buurten: gpd.GeoDataFrame, wijken: str = "wijken", buurt_layer: str = "buurten") -> Path:
    buurten.to_file(path, layer=buurt_layer)
    wijk = buurten[["wijkcode", "water", "geometry"]].drop_duplicates("wijkcode")
    wijk = wijk.assign(wijknaam=["Wijk 00", *(f"Wijk 0{n} Zuid" for n in range(1, len(wijk)))])
    wijk.to_file(path, layer=wijken)
    return path


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return write_cbs(tmp_path / "wijkenbuurten_2023_v1.gpkg", cbs_frame(blocks(4, 4)))


def test_every_cell_goes_to_the_polygon_with_the_largest_part_of_it() -> None:
    random = np.random.default_rng(7)
    points = shapely.MultiPoint(random.uniform([EAST, NORTH], [EAST + 2000, NORTH + 2000], (30, 2)))
    frame = shapely.box(EAST, NORTH, EAST + 2000, NORTH + 2000)
    shapes = shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(points)), frame)
    cells, winner = boundaries.assign(shapes, np.arange(len(shapes)))
    assert len(cells) > 250
    assert winner.tolist() == [largest(cell, shapes) for cell in hexagons(cells)]
    outside = np.setdiff1d(np.concatenate([grid.neighbours(int(cell)) for cell in cells]), cells)
    assert not any(cell.intersects(frame) for cell in hexagons(outside))


def test_order_of_polygons_does_not_matter_and_equal_parts_go_to_the_lowest_owner() -> None:
    shapes = blocks(3, 3)
    order = np.random.default_rng(1).permutation(9)
    expected = boundaries.assign(shapes, np.arange(9))
    shuffled = boundaries.assign(shapes[order], order)
    assert np.array_equal(expected[0], shuffled[0])
    assert np.array_equal(expected[1], shuffled[1])
    _, twice = boundaries.assign(np.repeat(shapes[:1], 2), [5, 3])
    assert set(twice.tolist()) == {3}


def test_parts_of_one_owner_count_together() -> None:
    cell = hexagons(grid.cells_at([EAST], [NORTH]))[0]
    west, south, east, north = cell.bounds
    third = (east - west) / 3
    strips = np.array([shapely.box(west + n * third, south, west + (n + 1) * third, north) for n in range(3)])
    cells, winner = boundaries.assign(strips, [1, 0, 1])
    # The middle strip is the largest of the three, but the outer two together are larger still.
    areas = shapely.area(shapely.intersection(strips, cell))
    assert areas[1] == max(areas)
    assert areas[0] + areas[2] > areas[1]
    assert winner[cells == grid.cells_at([EAST], [NORTH])].tolist() == [1]


def test_water_between_polygons_belongs_to_nobody() -> None:
    shores = np.array([blocks(1, 1)[0], shapely.box(EAST + 2 * SIDE, NORTH, EAST + 3 * SIDE, NORTH + SIDE)])
    cells, winner = boundaries.assign(shores, [0, 1])
    assert grid.cells_at([EAST + 1.5 * SIDE], [NORTH + 0.5 * SIDE])[0] not in cells
    assert np.bincount(winner).min() > 10


def test_nothing_in_gives_nothing_out() -> None:
    cells, winner = boundaries.assign(np.array([], dtype=object), [])
    assert len(cells) == len(winner) == 0


def test_cbs_geopackage_gives_buurt_wijk_gemeente(package: Path) -> None:
    shares: list[float] = []
    regions = boundaries.read_cbs(package, report=shares.append)
    assert regions.year == 2023
    assert regions.source == "CBS en Kadaster, Wijk- en buurtkaart 2023 (CC BY 4.0)"
    assert [regions.levels.count(level) for level in ("buurt", "wijk", "gemeente")] == [16, 4, 2]
    assert regions.chain("BU99020301") == {"buurt": "BU99020301", "wijk": "WK990203", "gemeente": "GM9902"}
    assert regions.name("WK990100") == "Wijk 00 Voorstad"
    assert regions.name("WK990101") == "Wijk 01 Zuid"
    assert list(regions.codes) == sorted(regions.codes)
    assert not regions.pc4.any()
    assert regions.region.tolist() == [
        regions.index(cbs_frame(blocks(4, 4))["buurtcode"][largest(cell, blocks(4, 4))])
        for cell in hexagons(regions.cells)
    ]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_table_survives_writing_and_reading(package: Path, tmp_path: Path) -> None:
    regions = boundaries.read_cbs(package)
    for name in ("een.parquet", "twee.parquet"):
        regions.write(tmp_path / name)
    assert (tmp_path / "een.parquet").read_bytes() == (tmp_path / "twee.parquet").read_bytes()
    again = Regions.read(tmp_path / "een.parquet")
    assert again.codes == regions.codes
    assert np.array_equal(again.region, regions.region)


def test_one_gemeente_gets_the_cells_it_has_in_the_whole_country(package: Path) -> None:
    whole = boundaries.read_cbs(package)
    part = boundaries.read_cbs(package, gemeenten={"GM9901"})
    assert np.array_equal(part.cells, whole.under("GM9901"))
    assert [whole.codes[i] for i in whole.region_of(part.cells)] == [part.codes[i] for i in part.region]
    assert {code[2:6] for code in part.codes} == {"9901"}


def test_large_water_and_land_abroad_are_left_out(tmp_path: Path) -> None:
    frame = cbs_frame(blocks(4, 4))
    frame.loc[3, ["buurtcode", "buurtnaam", "water"]] = ["BU99019997", "Groot binnenwater", "JA"]
    frame.loc[7, ["buurtcode", "buurtnaam", "gemeentecode", "water"]] = ["BU09989999", "Buitenland", "GM0998", "B"]
    regions = boundaries.read_cbs(write_cbs(tmp_path / "kaart.gpkg", frame), 2024)
    assert not {"BU99019997", "BU09989999", "GM0998"} & set(regions.codes)
    middle = shapely.centroid(blocks(4, 4)[3])
    assert regions.region_of(grid.cells_at([middle.x], [middle.y])).tolist() == [-1]


def test_spellings_of_earlier_years_are_known(tmp_path: Path, package: Path) -> None:
    old = {
        "buurtcode": "BU_CODE",
        "buurtnaam": "BU_NAAM",
        "gemeentecode": "GM_CODE",
        "gemeentenaam": "GM_NAAM",
        "water": "H2O",
    }
    path = tmp_path / "WijkBuurtkaart_2020_v1.gpkg"
    write_cbs(path, cbs_frame(blocks(4, 4)), wijken="cbs_wijken_2020", buurt_layer="tijdelijk")
    cbs_frame(blocks(4, 4)).rename(columns=old | {"wijkcode": "WK_CODE"}).to_file(path, layer="cbs_buurten_2020")
    regions = boundaries.read_cbs(path)
    assert regions.year == 2020
    assert np.array_equal(regions.region, boundaries.read_cbs(package).region)


def spoil_column(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.drop(columns=["wijkcode", "buurtnaam"])


def spoil_codes(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    frame.loc[[1, 2], "buurtcode"] = ["9901", None]
    return frame


def spoil_names(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    frame.loc[4, "gemeentenaam"] = None
    return frame


def spoil_shape(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    frame.loc[4, "geometry"] = None
    return frame


def spoil_crs(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.set_crs(None, allow_override=True)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (spoil_column, "laag buurten: kolom buurtnaam, wijkcode ontbreekt"),
        (spoil_codes, "laag buurten, kolom buurtcode: 2 rijen zonder CBS-code"),
        (spoil_names, "laag buurten, kolom gemeentenaam: 1 rijen zonder waarde"),
        (spoil_shape, "laag buurten: 1 rijen zonder vlak"),
        (spoil_crs, "laag buurten: coördinatenstelsel ontbreekt"),
    ],
)
def test_wrong_layers_are_refused_in_one_line(tmp_path: Path, spoil, message: str) -> None:  # noqa: ANN001
    path = tmp_path / "kaart.gpkg"
    spoil(cbs_frame(blocks(4, 4))).to_file(path, layer="buurten")
    with pytest.raises(InputError, match=re.escape(f"kaart.gpkg, {message}; geef het bestand zoals CBS het levert")):
        boundaries.read_cbs(path, 2023)


def test_wrong_files_are_refused_in_one_line(tmp_path: Path, package: Path) -> None:
    for size in (0, 1000, len(package.read_bytes()) // 2, len(package.read_bytes()) - 5000):
        (tmp_path / "half_2023.gpkg").write_bytes(package.read_bytes()[:size])
        with pytest.raises(InputError, match=r"^half_2023.gpkg: bestand is onvolledig of geen GeoPackage; download"):
            boundaries.read_cbs(tmp_path / "half_2023.gpkg")
    with pytest.raises(InputError, match="dit is een map; pak de download van CBS uit"):
        boundaries.read_cbs(tmp_path)
    (tmp_path / "kaart.zip").write_bytes(b"PK")
    with pytest.raises(InputError, match="dit is een zip-bestand; pak de download van CBS uit"):
        boundaries.read_cbs(tmp_path / "kaart.zip")
    with pytest.raises(InputError, match="bestand bestaat niet; download"):
        boundaries.read_cbs(tmp_path / "nergens.gpkg")
    cbs_frame(blocks(2, 2)).to_file(tmp_path / "anders.gpkg", layer="gemeenten")
    with pytest.raises(InputError, match=r"^anders.gpkg: laag buurten ontbreekt; geef de Wijk- en buurtkaart"):
        boundaries.read_cbs(tmp_path / "anders.gpkg")


def test_year_and_gemeente_must_be_known(tmp_path: Path, package: Path) -> None:
    undated = package.rename(tmp_path / "kaart.gpkg")
    with pytest.raises(InputError, match="het jaar van de indeling staat niet in de bestandsnaam; geef het met --jaar"):
        boundaries.read_cbs(undated)
    with pytest.raises(InputError, match="gemeente GM0001 staat niet in dit bestand"):
        boundaries.read_cbs(undated, 2023, gemeenten=["GM0001"])


def test_shipped_table_is_complete() -> None:
    regions = shipped_regions()
    assert (regions.cells[1:] > regions.cells[:-1]).all()
    assert [regions.levels.count(level) for level in ("buurt", "wijk", "gemeente")] == [518, 187, 9]
    assert (
        sum(
            regions.levels[i] == "wijk" and regions.chain(c)["gemeente"] == "GM0363"
            for i, c in enumerate(regions.codes)
        )
        == 110
    )
    above = set(regions.parents.tolist())
    smallest = {i for i in range(len(regions.codes)) if i not in above}
    assert set(regions.region.tolist()) == smallest
    assert regions.name("WK045185") == "Wijk 85 De Kwakel"
    assert regions.name("WK043700") == "Wijk 00 Ouder-Amstel"
    assert regions.name("GM0479") == "Zaanstad"
    assert regions.chain("BU0363SA01")["gemeente"] == "GM0363"


def test_households_name_the_smallest_regions() -> None:
    path = Path(make_region.__file__).parent / "households.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader((line for line in file if not line.startswith("#")), delimiter=";"))
    regions = shipped_regions()
    above = set(regions.parents.tolist())
    assert [row["code"] for row in rows] == [code for i, code in enumerate(regions.codes) if i not in above]
    known = [int(row["huishoudens"]) for row in rows if row["huishoudens"]]
    assert len(rows) - len(known) == 32
    assert sum(known) == 736_865


def test_shipped_table_is_what_the_script_makes(shared: Path, tmp_path: Path) -> None:
    make_region.main(shared / "boundaries", tmp_path)
    made, shipped = Regions.read(tmp_path / "geografie.parquet"), shipped_regions()
    for name in ("cells", "region", "pc4", "parents"):
        assert np.array_equal(getattr(made, name), getattr(shipped, name)), name
    assert (made.codes, made.names, made.levels, made.source) == (
        shipped.codes,
        shipped.names,
        shipped.levels,
        shipped.source,
    )
    assert (tmp_path / "households.csv").read_bytes() == (
        Path(make_region.__file__).parent / "households.csv"
    ).read_bytes()


def test_real_boundaries_in_the_form_of_cbs_give_the_shipped_table(shared: Path, tmp_path: Path) -> None:
    """The reader of any region and the script agree on 42,134 real cells."""
    city = gpd.read_file(f"/vsigzip/{shared / 'boundaries' / 'ams_buurten.geojson.gz'}")
    around = gpd.read_file(f"/vsigzip/{shared / 'boundaries' / 'cbs_wijken_2022_regio_rd.geojson.gz'}")
    around = around[~around["gemeentecode"].isin(["GM0363", "GM0457"])]
    frames = [
        gpd.GeoDataFrame(
            {"buurtcode": city["cbs_buurtcode"], "wijkcode": "WK0363" + city["wijkcode"], "gemeentecode": "GM0363"},
            geometry=boundaries.in_rd(city),
            crs=28992,
        ),
        gpd.GeoDataFrame(
            {
                "buurtcode": "BU" + around["code"].str[2:] + "00",
                "wijkcode": around["code"],
                "gemeentecode": around["gemeentecode"],
            },
            geometry=np.asarray(around.geometry.array),
            crs=28992,
        ),
    ]
    buurten = pd.concat(frames, ignore_index=True)
    buurten = buurten.assign(buurtnaam="Buurt", gemeentenaam="Gemeente", water="NEE")
    path = tmp_path / "wijkenbuurten_2022_v3.gpkg"
    buurten.to_file(path, layer="buurten")
    buurten[["wijkcode", "water", "geometry"]].drop_duplicates("wijkcode").assign(wijknaam="Wijk").to_file(
        path, layer="wijken"
    )
    made, shipped = boundaries.read_cbs(path), shipped_regions()
    found = made.region_of(shipped.cells)
    assert (found >= 0).all()
    expected = [code if code.startswith("BU") else f"BU{code[2:]}00" for code in shipped.codes]
    assert [made.codes[i] for i in found] == [expected[i] for i in shipped.region]
