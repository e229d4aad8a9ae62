import re
import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geoanalyse import area, grid
from geoanalyse.errors import AreaError, InputError
from geoanalyse.geography import Regions, shipped_regions

PRESETS = tomllib.loads((Path(area.__file__).parent / "data" / "areas.toml").read_text(encoding="utf-8"))
FIELD = shapely.box(124_000, 480_000, 125_000, 481_000)  # RD, in Zuidoost


@pytest.fixture(scope="module")
def regions() -> Regions:
    return shipped_regions()


def field(path: Path, crs: int | None, shapes: list[shapely.Geometry] | None = None) -> Path:
    frame = gpd.GeoDataFrame({"id": [1] * len(shapes or [1])}, geometry=shapes or [FIELD], crs=28992)
    frame = frame.to_crs(crs) if crs else frame.set_crs(None, allow_override=True)
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path)
    return path


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_has_cells_known_codes_and_a_source(name: str, regions: Regions) -> None:
    entry = PRESETS[name]
    assert set(entry) - {"codes", "pc4"} == {"titel", "bron"}
    assert ("codes" in entry) != ("pc4" in entry)
    assert name == area.slug(name)
    found = area.find(name, regions)
    assert (found.name, found.title, found.source) == (name, entry["titel"], entry["bron"])
    assert found.regions == tuple(entry.get("codes", ()))
    expected = [regions.under(code) for code in found.regions] or [regions.cells[np.isin(regions.pc4, entry["pc4"])]]
    assert np.array_equal(found.cells, np.unique(np.concatenate(expected)))
    assert len(found.cells) == sum(map(len, expected)) > 0  # no code twice, none inside another


def test_presets_of_the_plan_are_all_there(regions: Regions) -> None:
    listed = {preset.name: preset for preset in area.presets(regions)}
    assert list(listed) == list(PRESETS)
    assert set(listed) >= {
        "zuidoost", "amsterdamse-poort", "ganzenpoort", "nieuw-west", "centrum", "1012", "westelijk-havengebied",
        "noordzeekanaalgebied", "bloemenveiling", "aalsmeer", "amstelveen", "diemen", "ouder-amstel", "uithoorn",
        "amsterdam", "amsterdam-amstelland", "weesp",
    }  # fmt: skip
    assert listed["amsterdam"][2:4] == (518, 0)
    assert listed["noordzeekanaalgebied"][2:4] == (14, 10)
    assert listed["amsterdam-amstelland"][2:4] == (518, 37)


def test_presets_lie_inside_one_another_as_the_plan_says(regions: Regions) -> None:
    def inside(small: str, large: str) -> bool:
        return bool(np.isin(area.find(small, regions).cells, area.find(large, regions).cells).all())

    assert inside("amsterdamse-poort", "zuidoost")
    assert inside("ganzenpoort", "zuidoost")
    assert inside("weesp", "amsterdam")
    assert inside("amsterdam", "amsterdam-amstelland")
    assert inside("westelijk-havengebied", "noordzeekanaalgebied")
    assert not inside("zaanstad", "amsterdam-amstelland")


def test_stadsdeel_presets_name_every_wijk_of_the_stadsdeel(regions: Regions) -> None:
    letters = {"zuidoost": "T", "nieuw-west": "F", "centrum": "A", "westelijk-havengebied": "B", "weesp": "S"}
    for name, letter in letters.items():
        wijken = {code for code in regions.codes if code.startswith(f"WK0363{letter}")}
        assert set(area.find(name, regions).regions) == wijken


def test_bloemenveiling_is_one_piece_across_the_border(regions: Regions) -> None:
    aalsmeer, uithoorn = (set(regions.under(code).tolist()) for code in area.find("bloemenveiling", regions).regions)
    border = {int(other) for cell in uithoorn for other in grid.neighbours(cell)} & aalsmeer
    assert len(border) > 8


def test_1012_is_mostly_the_burgwallen(regions: Regions) -> None:
    cells = area.find("1012", regions).cells
    burgwallen = np.concatenate([regions.under("WK0363AD"), regions.under("WK0363AE")])
    assert np.isin(cells, burgwallen).mean() > 0.95


@pytest.mark.parametrize(
    ("name", "slug", "title", "codes"),
    [
        ("WK0363TA", "wk0363ta", "Amstel III/Bullewijk (wijk, Amsterdam)", ("WK0363TA",)),
        ("wk0363ta", "wk0363ta", "Amstel III/Bullewijk (wijk, Amsterdam)", ("WK0363TA",)),
        ("ta", "wk0363ta", "Amstel III/Bullewijk (wijk, Amsterdam)", ("WK0363TA",)),
        ("TC03", "bu0363tc03", "Amsterdamse Poort (buurt, Amsterdam)", ("BU0363TC03",)),
        ("gm0437", "gm0437", "Ouder-Amstel", ("GM0437",)),
        ("Ouder-Amstel", "ouder-amstel", "Ouder-Amstel", ("GM0437",)),
        (" Nieuw West ", "nieuw-west", "Amsterdam Nieuw-West", tuple(PRESETS["nieuw-west"]["codes"])),
        ("1102", "1102", "Postcodegebied 1102", ()),
    ],
)
def test_areas_are_found_by_name_code_and_postcode(
    name: str, slug: str, title: str, codes: tuple[str, ...], regions: Regions
) -> None:
    found = area.find(name, regions)
    assert (found.name, found.title, found.regions) == (slug, title, codes)
    assert found.year == 2022
    assert len(found.cells)
    if codes:
        assert np.array_equal(found.cells, np.sort(np.concatenate([regions.under(code) for code in codes])))
    else:
        assert np.array_equal(found.cells, regions.cells[regions.pc4 == int(name)])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("zuidost", "gebied 'zuidost' is onbekend; bedoelt u zuidoost? Zie `geoanalyse gebieden`"),
        ("venserpolder", "bedoelt u WK0363TB (wijk Venserpolder) of BU0363TB01"),
        ("kudelstraat", "bedoelt u WK035801 (wijk Wijk 01 Kudelstraat en Kalslagen)?"),
        ("qqq", "gebied 'qqq' is onbekend; kies een naam uit `geoanalyse gebieden`"),
        ("", "gebied '' is onbekend; kies een naam uit `geoanalyse gebieden`"),
        ("BU04511500", "de geografie kent hier alleen wijken; kies WK045115 (Wijk 15 Dorpscentrum)"),
        ("9999", "postcodegebied 9999 komt niet voor in de geografie van 2022; kijk het nummer na"),
    ],
)
def test_unknown_names_get_one_line_with_the_nearest(name: str, message: str, regions: Regions) -> None:
    with pytest.raises(AreaError, match=re.escape(message)) as refused:
        area.find(name, regions)
    assert "\n" not in str(refused.value)


def test_polygon_file_takes_the_cells_with_their_centre_inside(tmp_path: Path, regions: Regions) -> None:
    found = area.find(str(field(tmp_path / "Terrein Zuid.gpkg", 28992)), regions)
    assert (found.name, found.title, found.regions) == ("eigen-terrein-zuid", "Eigen gebied: Terrein Zuid", ())
    assert found.source == "Bestand Terrein Zuid.gpkg"
    centres = grid.centres(regions.cells)
    easting, northing = grid.rd(centres[:, 0], centres[:, 1])
    inside = (abs(easting - 124_500) < 500) & (abs(northing - 480_500) < 500)
    assert np.array_equal(found.cells, regions.cells[inside])
    assert 70 < len(found.cells) < 85  # 100 ha, cells of 1.3 ha


@pytest.mark.parametrize(
    ("name", "crs"), [("t.geojson", 4326), ("t.shp", 28992), ("t.parquet", 25831), ("t.gpkg", 3857)]
)
def test_polygon_files_of_any_kind_and_system_agree(name: str, crs: int, tmp_path: Path, regions: Regions) -> None:
    expected = area.find(str(field(tmp_path / "rd.gpkg", 28992)), regions).cells
    assert np.array_equal(area.find(str(field(tmp_path / name, crs)), regions).cells, expected)


def test_polygons_of_one_file_are_taken_together_and_may_overlap(tmp_path: Path, regions: Regions) -> None:
    west = shapely.box(124_000, 480_000, 124_600, 481_000)
    east = shapely.box(124_400, 480_000, 125_000, 481_000)
    whole = area.find(str(field(tmp_path / "rd.gpkg", 28992)), regions).cells
    halves = area.find(str(field(tmp_path / "twee.gpkg", 28992, [west, east])), regions).cells
    assert np.array_equal(halves, whole)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
@pytest.mark.parametrize(
    ("name", "crs", "shapes", "error", "message"),
    [
        ("t.gpkg", None, [FIELD], InputError, "t.gpkg: coördinatenstelsel ontbreekt; sla het op met EPSG:28992"),
        ("t.gpkg", 28992, [shapely.Point(1, 2)], InputError, "t.gpkg: bestand heeft punten, lijnen of lege vormen"),
        ("t.gpkg", 28992, [shapely.box(0, 0, 9, 9)], AreaError, "t.gpkg: geen cel van de geografie van 2022 ligt in"),
        ("t.gpkg", 28992, [shapely.box(124_000, 480_000, 124_001, 480_001)], AreaError, "groter is dan een cel"),
    ],
)
def test_unusable_polygons_are_refused(
    name: str, crs: int | None, shapes: list[shapely.Geometry], error: type[Exception], message: str,
    tmp_path: Path, regions: Regions,
) -> None:  # fmt: skip
    path = field(tmp_path / name, crs, shapes)
    with pytest.raises(error, match=re.escape(message)):
        area.find(str(path), regions)


def test_rd_numbers_without_a_stated_system_are_not_read_as_degrees(tmp_path: Path, regions: Regions) -> None:
    """GeoJSON without a crs member is WGS 84 by its standard, whatever the numbers say."""
    path = tmp_path / "rd.geojson"
    path.write_text(f'{{"type":"Feature","properties":{{}},"geometry":{shapely.to_geojson(FIELD)}}}', encoding="utf-8")
    with pytest.raises(AreaError, match="kijk na of het coördinatenstelsel klopt"):
        area.find(str(path), regions)


def test_unreadable_files_are_refused(tmp_path: Path, regions: Regions) -> None:
    with pytest.raises(InputError, match="bestand bestaat niet; geef een naam uit `geoanalyse gebieden`"):
        area.find(str(tmp_path / "weg.gpkg"), regions)
    for name in ("t.gpkg", "t.geojson", "t.shp", "t.parquet"):
        (tmp_path / name).write_bytes(b"geen kaart")
        with pytest.raises(InputError, match=rf"^{name}: bestand kan niet worden gelezen"):
            area.find(str(tmp_path / name), regions)
    field(tmp_path / "leeg.gpkg", 28992)
    gpd.read_file(tmp_path / "leeg.gpkg").iloc[:0].to_file(tmp_path / "niets.gpkg")
    with pytest.raises(InputError, match=r"niets.gpkg: bestand heeft geen vlakken"):
        area.find(str(tmp_path / "niets.gpkg"), regions)


def test_files_are_not_read_where_only_names_are_allowed(tmp_path: Path, regions: Regions) -> None:
    path = field(tmp_path / "t.gpkg", 28992)
    with pytest.raises(AreaError, match="is onbekend"):
        area.find(str(path), regions, path_ok=False)


def test_presets_elsewhere_and_regions_without_cells_or_postcodes_say_so(regions: Regions) -> None:
    elsewhere = Regions(
        cells=regions.cells[:2],
        region=np.array([0, 0], np.int32),
        pc4=np.zeros(2, np.int16),
        codes=("BU99010000", "BU99010001", "GM9901", "WK990100"),
        names=("Dorp", "Kern", "Voorstad", "Wijk 00 Voorstad"),
        levels=("buurt", "buurt", "gemeente", "wijk"),
        parents=np.array([3, 3, -1, 2], np.int32),
        year=2030,
        source="proef",
    )
    assert area.presets(elsewhere) == []
    with pytest.raises(AreaError, match="gebied 'zuidoost' ligt niet geheel in de geografie van 2030"):
        area.find("zuidoost", elsewhere)
    with pytest.raises(AreaError, match="postcodegebied 1012 is niet bekend; deze geografie kent geen postcodes"):
        area.find("1012", elsewhere)
    with pytest.raises(AreaError, match="BU99010001 is kleiner dan een cel"):
        area.find("BU99010001", elsewhere)
    assert area.find("voorstad", elsewhere).regions == ("GM9901",)
