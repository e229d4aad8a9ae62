"""The risk surface: a valid COG that says per pixel what the GeoPackage says of the zone, and of which release."""

import datetime as dt
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from rio_cogeo.cogeo import cog_validate

from geoanalyse.build import build
from geoanalyse.cli import main
from geoanalyse.errors import ReleaseError
from geoanalyse.geography import shipped_regions
from geoanalyse.layer import Theme
from geoanalyse.products import palette
from geoanalyse.products.checked import Checked, checked
from geoanalyse.products.folder import write_release
from geoanalyse.products.surface import surface


@pytest.fixture(scope="module")
def shareable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    release = build("ganzenpoort", layer_ids=("domicilie", "kvk-registraties"))
    return write_release(release, {}, tmp_path_factory.mktemp("uit")) / "deelbaar"


@pytest.fixture(scope="module")
def release(shareable: Path) -> Checked:
    return checked(shareable, shipped_regions(), dt.date(2026, 3, 1))


@pytest.mark.parametrize("level", ["zone", "res8", "wijk"])
def test_every_pixel_has_the_class_of_the_unit_it_lies_in(
    release: Checked, shareable: Path, tmp_path: Path, level: str
) -> None:
    count = surface(release.package, release.marks, Theme.LAUNDERING, tmp_path / "vlak.tif", level=level)
    layer = {"zone": "zones_alle", "res8": "hexagonen_res8", "wijk": "wijken"}[level]
    units = gpd.read_file(shareable / "ganzenpoort.gpkg", layer=layer)
    with rasterio.open(tmp_path / "vlak.tif") as file:
        pixels, place = file.read(1), file.transform
        assert (file.nodata, file.crs.to_epsg()) == (255, 28992)
    rows, columns = np.nonzero(np.ones_like(pixels))
    points = gpd.GeoDataFrame(
        {"pixel": pixels.ravel()},
        geometry=gpd.points_from_xy(place.c + (columns + 0.5) * place.a, place.f + (rows + 0.5) * place.e),
        crs=28992,
    )
    joined = points.sjoin(units[["thema_witwassen_klasse", "geometry"]], how="left", predicate="within")
    joined = joined[~joined.index.duplicated()]
    assert (joined["pixel"] == joined["thema_witwassen_klasse"].fillna(255)).all()
    assert count == units["thema_witwassen_klasse"].notna().sum() > 0


def test_it_is_a_valid_cog_with_colours_legend_and_the_marks_of_its_release(
    release: Checked, shareable: Path, tmp_path: Path
) -> None:
    for name in ("a.tif", "b.tif"):
        surface(release.package, release.marks, Theme.LAUNDERING, tmp_path / name)
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()
    assert cog_validate(tmp_path / "a.tif")[0]
    manifest = json.loads((shareable / "manifest.json").read_text(encoding="utf-8"))
    with rasterio.open(tmp_path / "a.tif") as file:
        tags, colours = file.tags(), file.colormap(1)
        assert "STATISTICS_MEAN" in file.tags(1)
    assert tags["UITGAVE"] == manifest["kenmerk"]
    assert tags["RUBRICERING"] == manifest["grondslag"]["rubricering"]
    assert tags["BEWAREN_TOT"] == manifest["grondslag"]["bewaren_tot"]
    assert tags["KLASSE_0"] == "minder dan de helft van het gemiddelde"
    assert [colours[code][:3] for code in range(6)] == [
        tuple(bytes.fromhex(each[1:])) for each in palette.CLASS_COLOURS
    ]


def test_a_theme_the_release_does_not_have_is_refused(release: Checked, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="geen totaalbeeld"):
        surface(release.package, release.marks, Theme.DRUGS, tmp_path / "x.tif")


def test_the_command_writes_only_what_was_found_in_order(
    shareable: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(folder: Path, name: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as end:
            main(["vlak", str(folder), "--thema", "witwassen", "--uit", str(tmp_path / name)])
        shown = capsys.readouterr()
        return int(end.value.code or 0), shown.out + shown.err

    code, said = run(shareable, "goed.tif")
    assert (code, "plekken met een klasse" in said) == (0, True)
    assert run(shareable, "goed.png")[0] == 1
    spoiled = tmp_path / "stuk"
    spoiled.mkdir()
    for file in shareable.iterdir():
        (spoiled / file.name).write_bytes(file.read_bytes())
    with (spoiled / "signaallijst.csv").open("ab") as file:
        file.write(b" ")
    code, said = run(spoiled, "fout.tif")
    assert (code, "is veranderd sinds de uitgave is gemaakt" in said) == (1, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["goed.tif", "stuk"]
