"""zones.parquet and the GeoPackage: their contract, their geometry, their styles."""

import dataclasses
import json
import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing
from pathlib import Path

import geopandas
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from geoanalyse import grid
from geoanalyse.errors import ReleaseError
from geoanalyse.products import gis, palette
from geoanalyse.release import Release
from tests.sample import END, START, sample_release


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release()


@pytest.fixture(scope="module")
def zones(release: Release) -> pa.Table:
    return pq.read_table(pa.BufferReader(gis.zones_parquet(release)))


@pytest.fixture(scope="module")
def package(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gis") / "voorbeeld.gpkg"
    gis.geopackage(release, path)
    return path


# --- zones.parquet ----------------------------------------------------------------------------------------------------


def test_zones_parquet_holds_the_contract_and_every_published_row(release: Release, zones: pa.Table) -> None:
    contract = [
        *("zone", "level", "cells", "addresses", "buildings", "gebiedscode", "layer", "base"),
        *("profile", "start", "end", "value", "status", "rounding"),
    ]
    assert zones.column_names[: len(contract)] == contract
    assert zones.schema.field("cells").type == pa.list_(pa.uint64())
    published = release.protected.table
    assert zones["base"].to_pylist() == published["b"].to_pylist()
    assert zones["basis"].to_pylist() == published["base"].to_pylist()
    for name in (
        "zone",
        "level",
        "cells",
        "addresses",
        "layer",
        "start",
        "end",
        "value",
        "status",
        "rounding",
        "atoms",
    ):
        assert zones[name].to_pylist() == published[name].to_pylist(), name


def test_each_layer_draws_each_unit_once(zones: pa.Table) -> None:
    whole = pc.and_(pc.equal(zones["start"], START), pc.equal(zones["end"], END))
    assert zones["geometry"].is_valid().to_pylist() == whole.to_pylist()
    assert 0 < zones["geometry"].null_count < zones.num_rows


def test_geometry_is_public_cell_geometry(release: Release, zones: pa.Table) -> None:
    for row in zones.filter(zones["geometry"].is_valid()).to_pylist():
        shape = shapely.from_wkb(row["geometry"])
        assert shape.is_valid
        corners = {tuple(corner) for corner in shapely.get_coordinates(shape).tolist()}
        if row["level"] in ("res9", "res8"):
            allowed = grid.boundary(int(row["zone"], 16))
        elif row["level"] == "zone":
            allowed = np.concatenate([grid.boundary(cell) for cell in row["cells"]])
            expected = shapely.union_all(grid.polygons(row["cells"])).area
            assert shape.area == pytest.approx(expected, rel=1e-3)
        else:
            allowed = np.concatenate([grid.boundary(cell) for cell in release.geography.regions.under(row["zone"])])
        assert corners <= {tuple(corner) for corner in allowed.round(7).tolist()}


def test_geopandas_reads_it_as_lonlat(release: Release, tmp_path: Path) -> None:
    path = tmp_path / "zones.parquet"
    path.write_bytes(gis.zones_parquet(release))
    frame = geopandas.read_parquet(path)
    assert frame.crs == "OGC:CRS84"
    drawn = frame[frame.geometry.notna()]
    assert set(drawn.geom_type) == {"MultiPolygon"}
    west, south, east, north = drawn.total_bounds
    assert 3 < west < east < 8
    assert 50 < south < north < 54
    geo = json.loads(pq.read_schema(path).metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    assert geo["columns"]["geometry"]["bbox"] == [west, south, east, north]


def test_the_file_says_how_it_was_protected(release: Release, zones: pa.Table) -> None:
    marks = {key.decode(): value.decode() for key, value in zones.schema.metadata.items()}
    assert marks["geoanalyse:k"] == "10"
    assert marks["geoanalyse:zones_versie"] == release.zones_version
    assert marks["geoanalyse:profiel"] == "casustafel"
    assert marks["geoanalyse:kenmerk"] == release.digest
    assert marks["geoanalyse:let_op"] == "DEMO: verzonnen gegevens"


def test_only_demo_is_marked_demo() -> None:
    marks = gis.release_marks(sample_release(demo=False))
    assert "let_op" not in marks


def test_an_area_without_published_rows_gives_an_empty_file(release: Release) -> None:
    table = release.protected.table
    bare = dataclasses.replace(release, protected=dataclasses.replace(release.protected, table=table.slice(0, 0)))
    written = pq.read_table(pa.BufferReader(gis.zones_parquet(bare)))
    assert written.num_rows == 0
    assert written.schema.names == gis.ZONES_SCHEMA.names


# --- the GeoPackage ---------------------------------------------------------------------------------------------------


def test_a_layer_per_level_and_zones_per_base(package: Path) -> None:
    names = [name for name, kind in pyogrio.list_layers(package) if kind is not None]
    assert names == [
        *("zones_alle", "zones_bedrijven", "hexagonen_res9", "hexagonen_res8", "buurten", "wijken", "gemeenten")
    ]


def test_rows_are_units_in_order_with_the_values_of_the_release(release: Release, package: Path) -> None:
    frame = geopandas.read_file(package, layer="zones_alle")
    assert frame.crs.to_epsg() == 28992
    assert list(frame["zone"]) == sorted(set(frame["zone"]))
    rows = release.statistics.filter(
        pc.and_(pc.equal(release.statistics["layer"], "fiu-signalen"), pc.equal(release.statistics["level"], "zone"))
    ).to_pylist()
    expected = {row["zone"]: row for row in rows}
    assert set(frame["zone"]) == set(expected)
    for seen in frame.to_dict("records"):
        row = expected[seen["zone"]]
        assert seen["fiu_signalen_waarde"] == row["value"]
        assert seen["fiu_signalen_adressen"] == row["addresses"]
        assert seen["fiu_signalen_klasse"] == row["class"]
        assert seen["fiu_signalen_per_1000"] == pytest.approx(1000 * row["rate"])


def test_empties_stay_apart(package: Path) -> None:
    zones = geopandas.read_file(package, layer="zones_alle")
    zero = zones[zones["fiu_signalen_waarde"] == 0]
    assert set(zero["fiu_signalen_tekst"]) == {"0 tot 4"}
    assert set(zero["fiu_signalen_status"]) <= {"waarde", "cap"}
    assert zones["pandsluitingen_waarde"].isna().all()
    assert set(zones["pandsluitingen_status"]) == {"onderdrukt"}
    assert set(zones["pandsluitingen_tekst"]) == {"op dit niveau niet betrouwbaar"}


def test_a_unit_that_a_layer_does_not_have_is_not_called_zero(release: Release, tmp_path: Path) -> None:
    statistics = release.statistics
    unit = statistics.filter(pc.equal(statistics["level"], "res9"))["zone"][0].as_py()
    gone = pc.and_(pc.equal(statistics["zone"], unit), pc.equal(statistics["layer"], "kvk-registraties"))
    path = tmp_path / "leeg.gpkg"
    gis.geopackage(dataclasses.replace(release, statistics=statistics.filter(pc.invert(gone))), path)
    frame = geopandas.read_file(path, layer="hexagonen_res9").set_index("zone")
    own = [name for name in frame.columns if name.startswith("kvk_registraties_")]
    assert frame.loc[unit, own].isna().all()
    assert len(own) == 7
    assert frame.loc[unit, "fiu_signalen_status"] == "waarde"


def test_geometry_is_rd_within_a_metre(release: Release, package: Path) -> None:
    frame = geopandas.read_file(package, layer="zones_alle").set_index("zone")
    for row in release.protected.table.slice(0, 5).to_pylist():
        outline = grid.outline(row["cells"])
        easting, northing = grid.rd([outline.centroid.x], [outline.centroid.y])
        assert frame.geometry[row["zone"]].centroid.distance(shapely.Point(easting[0], northing[0])) < 1


def test_every_table_opens_with_one_style_over_its_own_columns(package: Path) -> None:
    with closing(sqlite3.connect(package)) as database:
        styles = database.execute(
            "SELECT f_table_name, styleName, styleQML, useAsDefault FROM layer_styles ORDER BY id"
        ).fetchall()
        columns = {
            table: {name for _, name, *_ in database.execute(f'PRAGMA table_info("{table}")')} for table, *_ in styles
        }
    assert {table for table, *_ in styles} == {name for name, kind in pyogrio.list_layers(package) if kind is not None}
    for table in columns:
        defaults = [name for owner, name, _, default in styles if owner == table and default]
        assert len(defaults) == 1
        assert defaults[0] == ("KvK-registraties" if table == "zones_bedrijven" else "thema drugs")
    for table, _, qml, _ in styles:
        root = ET.fromstring(qml.split("\n", 1)[1])  # noqa: S314 - our own
        used = {rule.attrib["filter"].split('"')[1] for rule in root.iter("rule")}
        assert used <= columns[table]
        colours = {option.attrib["value"] for option in root.iter("Option") if option.attrib.get("name") == "color"}
        assert {",".join(map(str, (*bytes.fromhex(colour[1:]), 255))) for colour in palette.CLASS_COLOURS} <= colours


def test_the_style_has_its_own_fill_for_every_status(package: Path) -> None:
    with closing(sqlite3.connect(package)) as database:
        (qml,) = database.execute("SELECT styleQML FROM layer_styles WHERE styleName = 'Pandsluitingen'").fetchone()
    root = ET.fromstring(qml.split("\n", 1)[1])  # noqa: S314
    filters = [rule.attrib["filter"] for rule in root.iter("rule")]
    for status in ("geen_data", "onderdrukt"):
        assert f"\"pandsluitingen_status\" = '{status}'" in filters
    symbols = {symbol.attrib["name"]: ET.tostring(symbol) for symbol in root.iter("symbol")}
    bodies = [body.split(b">", 1)[1] for body in symbols.values()]
    assert len(set(bodies)) == len(bodies) == len(filters)


def test_the_package_says_what_it_is_and_hides_nothing(package: Path) -> None:
    with closing(sqlite3.connect(package)) as database:
        contents = database.execute("SELECT table_name, description, last_change FROM gpkg_contents").fetchall()
        assert database.execute("PRAGMA freelist_count").fetchone() == (0,)
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        titles = dict(
            database.execute(
                "SELECT column_name, name FROM gpkg_data_columns WHERE table_name = 'zones_alle'"
            ).fetchall()
        )
    assert {moment for *_, moment in contents} == {"2026-01-01T00:00:00.000Z"}
    for table, description, _ in contents:
        if table != "layer_styles":
            assert description.startswith("DEMO: verzonnen gegevens.")
            assert "Intern gebruik casustafel" in description
            assert "k 10" in description
    listed = {table for table, *_ in contents}
    own = {name for name in tables if not name.startswith(("gpkg_", "rtree_", "sqlite_"))}
    assert own == listed
    assert titles["fiu_signalen_per_1000"] == "FIU-signalen: per 1.000 adressen"


def test_a_place_where_nothing_can_be_written_is_said_in_dutch(release: Release, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="niet te schrijven"):
        gis.geopackage(release, tmp_path / "bestaat-niet" / "x.gpkg")


def test_the_schema_page_names_every_column() -> None:
    page = (Path(__file__).parents[1] / "docs" / "schema.md").read_text(encoding="utf-8")
    for name in gis.ZONES_SCHEMA.names:
        assert f"`{name}`" in page, name
    for key in gis.release_marks(sample_release()):
        assert f"`geoanalyse:{key}`" in page, key
