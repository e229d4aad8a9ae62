"""zones.parquet and the GeoPackage: their contract, their geometry, their styles."""

import dataclasses
import datetime as dt
import json
import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoanalyse import grid
from geoanalyse.errors import ReleaseError
from geoanalyse.products import gis, palette, qgis
from geoanalyse.products.audit import audit
from geoanalyse.release import Release
from tests.sample import END, START, sample_release
from tests.small import small_release


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


def test_the_box_of_a_row_holds_its_shape_and_nothing_less_does(zones: pa.Table) -> None:
    boxes = zones["bbox"].to_pylist()
    assert [box is not None for box in boxes] == zones["geometry"].is_valid().to_pylist()
    for box, wkb in zip(boxes, zones["geometry"].to_pylist(), strict=True):
        if box is not None:
            bounds = shapely.from_wkb(wkb).bounds
            assert list(box) == list(gis.SIDES)
            for side, edge, outward in zip(box.values(), bounds, (-1, -1, 1, 1), strict=True):
                inner = float(np.nextafter(np.float32(side), np.float32(-1000 * outward)))
                assert outward * side >= outward * edge > outward * inner


@given(
    st.lists(
        st.tuples(st.floats(-180, 180), st.floats(-90, 90), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=5
    )
)
def test_a_box_always_holds_its_shape(corners: list[tuple[float, float, float, float]]) -> None:
    shapes = np.array([shapely.box(lon, lat, lon + wide, lat + high) for lon, lat, wide, high in corners])
    boxes, bounds = gis.boxes(shapes).astype(np.float64), shapely.bounds(shapes)
    assert (boxes[:, :2] <= bounds[:, :2]).all()
    assert (boxes[:, 2:] >= bounds[:, 2:]).all()
    assert (np.abs(boxes - bounds) <= np.spacing(np.float32(360))).all()


def test_geopandas_filters_by_the_box_without_reading_shapes(release: Release, tmp_path: Path) -> None:
    path = tmp_path / "zones.parquet"
    path.write_bytes(gis.zones_parquet(release))
    frame = geopandas.read_parquet(path)
    drawn = frame[frame.geometry.notna()]
    bounds = drawn.geometry.bounds
    west, south, east, north = drawn.total_bounds
    window = (west, south, (west + east) / 2, (south + north) / 2)
    found = geopandas.read_parquet(path, bbox=window)
    touching = drawn[
        (bounds["minx"] <= window[2])
        & (bounds["maxx"] >= window[0])
        & (bounds["miny"] <= window[3])
        & (bounds["maxy"] >= window[1])
    ]
    assert 0 < len(found) < len(drawn)
    key = ["layer", "level", "basis", "zone"]
    assert found[key].to_records(index=False).tolist() == touching[key].to_records(index=False).tolist()


def test_a_reader_of_one_layer_skips_the_others_by_their_statistics(
    release: Release, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    one = pq.ParquetFile(pa.BufferReader(gis.zones_parquet(release)))
    assert one.num_row_groups == 1
    monkeypatch.setattr(gis, "_GROUP", 50)  # as in a region of fifty thousand rows
    path = tmp_path / "zones.parquet"
    path.write_bytes(gis.zones_parquet(release))
    file = pq.ParquetFile(path)
    assert file.read().equals(one.read())
    place = file.schema_arrow.names.index("layer")
    parts = [file.metadata.row_group(number) for number in range(file.num_row_groups)]
    spans = [(part.column(place).statistics.min, part.column(place).statistics.max) for part in parts]
    assert len(spans) > 2
    assert all(before[1] < after[0] for before, after in pairwise(spans))
    columns = {part.column(number).path_in_schema: part.column(number) for part in parts for number in range(21)}
    assert all(columns[f"bbox.{side}"].statistics.has_min_max for side in gis.SIDES)
    fragment = next(ds.dataset(path).get_fragments())
    assert len(fragment.split_by_row_group(pc.field("layer") == spans[0][0])) == 1


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
        own = {"zones_bedrijven": "KvK-registraties", "gemeenten": "FIU-signalen"}
        assert defaults[0] == own.get(table, "thema drugs")
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


def test_a_level_without_a_composite_opens_with_an_indicator(package: Path) -> None:
    columns = set(geopandas.read_file(package, layer="gemeenten").columns)
    assert not {name for name in columns if name.startswith("thema_")}
    with closing(sqlite3.connect(package)) as database:
        query = "SELECT styleName FROM layer_styles WHERE f_table_name = 'gemeenten' AND useAsDefault"
        assert database.execute(query).fetchall() == [("FIU-signalen",)]


def test_each_table_has_metadata_where_the_standard_and_qgis_look(release: Release, package: Path) -> None:
    with closing(sqlite3.connect(package)) as database:
        told = database.execute(
            "SELECT table_name, md_scope, md_standard_uri, mime_type, metadata, timestamp FROM gpkg_metadata_reference"
            " JOIN gpkg_metadata ON md_file_id = id WHERE reference_scope = 'table' ORDER BY id"
        ).fetchall()
        extensions = database.execute("SELECT table_name, extension_name FROM gpkg_extensions").fetchall()
        spans = {
            name: sides
            for name, *sides in database.execute("SELECT table_name, min_x, min_y, max_x, max_y FROM gpkg_contents")
        }
        indexed = {name for name, kind in extensions if kind == "gpkg_rtree_index"}
    assert {("gpkg_metadata", "gpkg_metadata"), ("gpkg_metadata_reference", "gpkg_metadata")} <= set(extensions)
    names = [name for name, kind in pyogrio.list_layers(package) if kind is not None]
    assert [name for name, *_ in told] == names
    assert indexed == set(names)
    for name, scope, uri, mime, text, moment in told:
        assert (scope, uri, mime) == ("dataset", qgis.STANDARD, "text/xml")
        assert moment == "2026-01-01T00:00:00.000Z"
        root = ET.fromstring(text)  # noqa: S314 - our own
        assert root.findtext("identifier") == f"{release.digest}/{name}"
        assert root.findtext("contact/organization") == release.grondslag.follow_up
        assert root.find("contact/name") is None
        place = root.find("extent/spatial")
        assert place is not None
        sides = [int(place.attrib[side]) for side in ("minx", "miny", "maxx", "maxy")]
        assert [abs(side - own) < 1 for side, own in zip(sides, spans[name], strict=True)] == [True] * 4
        period = [root.findtext(f"extent/temporal/period/{end}") for end in ("start", "end")]
        assert period == [f"{START}T00:00:00Z", f"{END - dt.timedelta(days=1)}T00:00:00Z"]


def test_a_place_where_nothing_can_be_written_is_said_in_dutch(release: Release, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="niet te schrijven"):
        gis.geopackage(release, tmp_path / "bestaat-niet" / "x.gpkg")


def test_the_schema_page_names_every_column() -> None:
    page = (Path(__file__).parents[1] / "docs" / "schema.md").read_text(encoding="utf-8")
    for name in gis.ZONES_SCHEMA.names:
        assert f"`{name}`" in page, name
    for key in gis.release_marks(sample_release()):
        assert f"`geoanalyse:{key}`" in page, key


# --- read back by the check of a release ------------------------------------------------------------------------------

Change = Callable[[pa.Table], pa.Table]


@pytest.fixture(scope="module")
def small() -> Release:
    return small_release()


@pytest.fixture(scope="module")
def table(small: Release) -> pa.Table:
    return pq.read_table(pa.BufferReader(gis.zones_parquet(small)))


@pytest.fixture(scope="module")
def sound(small: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gis") / "testdam.gpkg"
    gis.geopackage(small, path)
    return path


def faults_of(path: Path, small: Release) -> tuple[str, ...]:
    return audit(path, small.geography.regions, dt.date(2026, 11, 23)).faults


def boxed(change: Callable[[list[dict[str, float] | None]], object]) -> Change:
    def spoil(table: pa.Table) -> pa.Table:
        boxes = table["bbox"].to_pylist()
        change(boxes)
        place = table.schema.get_field_index("bbox")
        return table.set_column(place, table.schema.field(place), pa.array(boxes, table.schema.field(place).type))

    return spoil


def described(change: Callable[[dict[str, Any]], object]) -> Change:
    def spoil(table: pa.Table) -> pa.Table:
        geo = json.loads(table.schema.metadata[b"geo"])
        change(geo)
        return table.replace_schema_metadata(table.schema.metadata | {b"geo": json.dumps(geo).encode()})

    return spoil


def at(boxes: list[dict[str, float] | None], *, drawn: bool) -> int:
    return next(place for place, box in enumerate(boxes) if (box is not None) == drawn)


def smaller(boxes: list[dict[str, float] | None]) -> None:
    box = boxes[at(boxes, drawn=True)]
    assert box is not None
    box["xmin"] = float(np.nextafter(np.float32(box["xmin"]), np.float32(180)))


def larger(boxes: list[dict[str, float] | None]) -> None:
    box = boxes[at(boxes, drawn=True)]
    assert box is not None
    box["ymax"] = float(np.nextafter(np.float32(box["ymax"]), np.float32(90)))


def swapped(boxes: list[dict[str, float] | None]) -> None:
    places = [place for place, box in enumerate(boxes) if box is not None]
    boxes[places[0]], boxes[places[-1]] = boxes[places[-1]], boxes[places[0]]


def test_what_is_written_is_found_in_order(small: Release, sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "zones.parquet"
    path.write_bytes(gis.zones_parquet(small))
    assert faults_of(path, small) == ()
    assert faults_of(sound, small) == ()


@pytest.mark.parametrize(
    "spoil",
    [
        boxed(smaller),
        boxed(larger),
        boxed(swapped),
        boxed(lambda boxes: boxes.__setitem__(at(boxes, drawn=True), None)),
        boxed(lambda boxes: boxes.__setitem__(at(boxes, drawn=False), boxes[at(boxes, drawn=True)])),
        boxed(lambda boxes: boxes.__setitem__(at(boxes, drawn=True), dict.fromkeys(gis.SIDES, float("nan")))),
    ],
    ids=["too small", "too large", "of another", "left out", "where nothing is drawn", "no number"],
)
def test_a_box_that_is_not_that_of_its_shape_is_found(
    spoil: Change, small: Release, table: pa.Table, tmp_path: Path
) -> None:
    path = tmp_path / "zones.parquet"
    pq.write_table(spoil(table), path)
    assert any("een omhullende (bbox) die niet om hun vorm past" in fault for fault in faults_of(path, small))


@pytest.mark.parametrize(
    "spoil",
    [
        described(lambda geo: geo["columns"]["geometry"].update(crs=None)),
        described(lambda geo: geo["columns"]["geometry"].update(bbox=[0, 0, 1, 1])),
        described(lambda geo: geo["columns"]["geometry"]["covering"]["bbox"].update(xmin=["bbox", "xmax"])),
        described(lambda geo: geo.update(edges="spherical")),
        lambda table: table.replace_schema_metadata(table.schema.metadata | {b"geo": b"{"}),
    ],
    ids=["crs", "bounds", "covering", "more", "no JSON"],
)
def test_metadata_that_does_not_follow_from_the_shapes_is_found(
    spoil: Change, small: Release, table: pa.Table, tmp_path: Path
) -> None:
    path = tmp_path / "zones.parquet"
    pq.write_table(spoil(table), path)
    assert any("in de metagegevens (geo) iets anders" in fault for fault in faults_of(path, small))


def in_metadata(found: str, put: str) -> str:
    return f"UPDATE gpkg_metadata SET metadata = replace(metadata, '{found}', '{put}') WHERE id = 1"  # noqa: S608 - our own text


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (in_metadata("<title>", "<links><link /></links><title>"), "meer doen dan de laag beschrijven"),
        (in_metadata("<role>user", "<role>mailto:x"), "meer doen dan de laag beschrijven"),
        (
            "UPDATE gpkg_metadata SET md_standard_uri = 'http://elders' WHERE id = 1",
            "meer doen dan de laag beschrijven",
        ),
        (in_metadata("<abstract>", "<abstract>Geen demo. "), "1 lagen met metagegevens die iets anders zeggen"),
        (in_metadata("<history>k 10", "<history>k 50"), "1 lagen met metagegevens die iets anders zeggen"),
        (in_metadata("Rubricering: Intern", "Rubricering: Extern"), "1 lagen met metagegevens die iets anders zeggen"),
        (in_metadata('minx="1', 'minx="2'), "1 lagen met metagegevens die iets anders zeggen"),
        (in_metadata("<history>kenmerk ", "<history>kenmerk f"), "1 lagen met metagegevens die iets anders zeggen"),
        ("DELETE FROM gpkg_metadata_reference WHERE md_file_id = 1", "1 lagen met metagegevens die iets anders zeggen"),
        ("UPDATE gpkg_metadata SET metadata = '<qgis>' WHERE id = 1", "1 lagen met metagegevens die iets anders"),
    ],
)
def test_metadata_of_a_layer_that_says_something_else_is_found(
    spoil: str, said: str, small: Release, sound: Path, tmp_path: Path
) -> None:
    path = tmp_path / sound.name
    path.write_bytes(sound.read_bytes())
    with closing(sqlite3.connect(path)) as database:
        assert database.execute(spoil).rowcount == 1
        database.commit()
        database.execute("VACUUM")
    assert any(said in fault for fault in faults_of(path, small)), faults_of(path, small)
