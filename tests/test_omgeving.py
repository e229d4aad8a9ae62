"""The surroundings for GIS: every level, the same figures as the table, styles of their own, the same bytes."""

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geoanalyse import area
from geoanalyse.build import Request, surroundings
from geoanalyse.cli import main
from geoanalyse.geography import shipped_regions
from geoanalyse.products import kaart, omgeving, palette
from tests.test_context import MIDDLE, TEXTS, folder, heights, toml

QUAY = shapely.LineString([MIDDLE, (MIDDLE[0] + 300, MIDDLE[1])])


def made(home: Path) -> tuple[bytes, object]:
    regions = shipped_regions()
    found = surroundings(folder(home, [QUAY]), Request(area="ganzenpoort", today=dt.date(2026, 3, 1)))
    return omgeving.geopackage(found, area.find("ganzenpoort", regions), regions), found


def test_every_level_has_a_layer_with_the_figures_of_the_table(tmp_path: Path) -> None:
    content, found = made(tmp_path)
    (tmp_path / "uit.gpkg").write_bytes(content)
    rows = found.table.to_pandas()  # type: ignore[attr-defined]
    for level, (name, _) in omgeving.TABLES.items():
        layer = gpd.read_file(tmp_path / "uit.gpkg", layer=name)
        own = rows[rows["level"] == level]
        assert layer["eenheid"].tolist() == own["unit"].tolist(), level
        assert layer["kades_waarde"].tolist() == own["value"].tolist(), level
        assert layer["kades_klasse"].tolist() == own["class"].tolist(), level
        assert layer.crs.to_epsg() == 28992
        assert layer.geometry.is_valid.all()
    cells = gpd.read_file(tmp_path / "uit.gpkg", layer="omgeving_cellen")
    away = cells.geometry.centroid.distance(QUAY)
    assert cells["kades_waarde"].to_numpy() == pytest.approx(away.to_numpy(), abs=6)  # to ten metres


def test_it_opens_in_its_own_colours_with_words_and_a_unit(tmp_path: Path) -> None:
    content, _ = made(tmp_path)
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(content)
        styles = database.execute("SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault").fetchall()
        told = {text for (text,) in database.execute("SELECT description FROM gpkg_contents WHERE description <> ''")}
    assert {name for name, _ in styles} == {name for name, _ in omgeving.TABLES.values()}
    for _, qml in styles:
        assert "minder dan 100 meter" in qml
        assert "hotspot" not in qml
        nearest = ",".join(str(part) for part in bytes.fromhex(palette.SURROUNDINGS[-1][1:]))
        assert nearest in qml, "near stands out"
    assert all(omgeving.SAYS in text for text in told)


def test_the_same_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    assert made(tmp_path)[0] == made(tmp_path)[0]


def test_the_command_writes_it_whole_and_says_what_is_in_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder(tmp_path, [QUAY])
    for name, code, said in (("uit.gpkg", 0, "Kades: meter, 01-01-2026"), ("uit.tif", 1, "eindigt")):
        with pytest.raises(SystemExit) as end:
            main(["omgeving", str(tmp_path), "--gebied", "ganzenpoort", "--uit", str(tmp_path / name)])
        shown = capsys.readouterr()
        assert end.value.code == code
        assert said in shown.out + shown.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kades.gpkg", "kades.toml", "uit.gpkg"]


def test_the_file_that_a_layer_is_read_from_is_never_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder(tmp_path, [QUAY])
    before = (tmp_path / "kades.gpkg").read_bytes()
    (tmp_path / "ook.gpkg").hardlink_to(tmp_path / "kades.gpkg")
    for name in ("kades.gpkg", "ook.gpkg"):
        with pytest.raises(SystemExit) as end:
            main(["omgeving", str(tmp_path), "--gebied", "ganzenpoort", "--uit", str(tmp_path / name)])
        assert end.value.code == 1
        assert "is de invoer zelf" in capsys.readouterr().err
        assert (tmp_path / name).read_bytes() == before


def test_markup_in_a_title_pixels_without_end_and_a_unit_like_a_column_are_written_as_they_are(tmp_path: Path) -> None:
    title = "<b>Kades</b> & <img src=x onerror=alert(1)>"
    home = folder(tmp_path, [QUAY], titel=title)
    values = np.full((600, 600), 2.0)
    values[:, ::2] = np.inf
    heights(home / "hoogte.tif", values, (MIDDLE[0] - 3000, MIDDLE[1] + 3000))
    raster = {**TEXTS, "titel": "Hoogte", "soort": "raster", "bestand": "hoogte.tif", "eenheid": "klasse"}
    (home / "hoogte.toml").write_text(toml({**raster, "grenzen": [1, 3]}), encoding="utf-8")
    regions = shipped_regions()
    found = surroundings(home, Request(area="ganzenpoort", today=dt.date(2026, 3, 1)))
    (tmp_path / "uit.gpkg").write_bytes(omgeving.geopackage(found, area.find("ganzenpoort", regions), regions))
    cells = gpd.read_file(tmp_path / "uit.gpkg", layer="omgeving_cellen")
    known = cells["hoogte_status"] == "waarde"
    assert set(cells["hoogte_waarde"][known]) <= {2.0}
    assert cells["hoogte_waarde"][~known].isna().all()
    assert cells["hoogte_dekking"].between(0.4, 0.6).all()
    with closing(sqlite3.connect(tmp_path / "uit.gpkg")) as database:
        named = dict(database.execute("SELECT column_name, name FROM gpkg_data_columns"))
    assert (named["kades_waarde"], named["hoogte_waarde"]) == (f"{title} (meter)", "Hoogte (klasse)")


@pytest.mark.parametrize("profile", ["openbaar", "streng"])
def test_a_release_with_surroundings_of_a_drawn_area_is_made_and_found_in_order(tmp_path: Path, profile: str) -> None:
    drawn = shapely.force_3d(shapely.box(126_000, 480_000, 128_500, 481_500), 5.0)
    gpd.GeoDataFrame(geometry=[drawn, shapely.Polygon()], crs=28992).to_file(tmp_path / "gebied.gpkg")
    (tmp_path / "lagen").mkdir()
    home = folder(tmp_path / "lagen", [shapely.force_3d(QUAY, 1.0), None, shapely.LineString()])
    around = ["--gebied", str(tmp_path / "gebied.gpkg"), "--omgeving", str(home), "--profiel", profile]
    with pytest.raises(SystemExit) as end:
        main(["build", *around, "--uit", str(tmp_path / "uit"), "--stil"])
    assert end.value.code == 0
    (made,) = (tmp_path / "uit").glob("*/*/deelbaar")
    with pytest.raises(SystemExit) as end:
        main(["verifieer", str(made)])
    assert end.value.code == 0
    header, _ = kaart.read_map((made / "kaart.html").read_text(encoding="utf-8"))
    assert [each["id"] for each in header["surroundings"]] == ["kades"]
