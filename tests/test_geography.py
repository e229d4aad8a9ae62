"""Zones: large enough, of whole cells, of nothing secret."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoanalyse import demo, grid
from geoanalyse.build import shipped_zones, zones_of
from geoanalyse.errors import InputError
from geoanalyse.geography import LEVELS, SHOWN, K, Regions, atoms, owners, shipped_regions, units, zone_of
from geoanalyse.layer import Atom, Base
from geoanalyse.zonefile import read_zones, write_zones
from geoanalyse.zoning import make_zones
from tests import town


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), addresses=st.integers(1, 1500))
def test_every_zone_is_large_enough_and_no_address_of_a_published_gemeente_is_left_out(
    seed: int, addresses: int
) -> None:
    place = town.town(np.random.default_rng(seed), addresses)
    zones = place.geography.zones.base[Base.ALL]
    zone = zone_of(zones, place.geography.regions, place.cells)
    if not len(zones.zone):
        assert (zone == -1).all()
        return
    assert (zone >= 0).all()
    for number in range(len(zones.zone)):
        _, houses = np.unique(place.addresses.building[zone == number], return_counts=True)
        assert houses.sum() >= K
        assert len(houses) >= 3
        assert houses.sum() - houses.max() >= 5
        assert houses.sum() == zones.addresses[number]
        assert len(houses) == zones.buildings[number]


def test_zones_of_a_line_of_cells_join_the_smallest_with_the_nearest() -> None:
    # three cells in one row with 4, 20 and 12 addresses: the first is too small and joins the one beside it
    tree = town.regions(3)
    row = tree.cells[tree.region == tree.region[0]][:1]
    ring = [cell for cell in grid.neighbours(int(row[0])) if cell in tree.cells]
    one_buurt = Regions(
        tree.cells,
        np.zeros(len(tree.cells), dtype=np.int32),
        tree.pc4,
        tree.codes,
        tree.names,
        tree.levels,
        tree.parents,
        2024,
        "",
    )
    far = max(tree.cells.tolist(), key=lambda cell: np.hypot(*(grid.centres([cell])[0] - grid.centres(row)[0])))
    cells = np.array([row[0]] * 4 + [ring[0]] * 20 + [far] * 12, dtype=np.uint64)
    buildings = np.arange(len(cells))
    zones = make_zones(cells, buildings, {Base.ALL: np.ones(36, dtype=bool)}, one_buurt).base[Base.ALL]
    assert sorted(zones.addresses.tolist()) == [12, 24]


def test_one_flat_is_no_zone() -> None:
    tree = town.regions(2)
    cells = np.repeat(tree.cells[:1], 300)
    flat = np.zeros(300, dtype=np.int64)
    assert not len(make_zones(cells, flat, {Base.ALL: flat == 0}, tree).base[Base.ALL].zone)


def test_zones_do_not_depend_on_the_order_of_the_addresses() -> None:
    random = np.random.default_rng(1)
    place = town.town(random)
    order = random.permutation(len(place.cells))
    eligible = {base: place.addresses.eligible(base)[order] for base in Base}
    again = make_zones(place.cells[order], place.addresses.building[order], eligible, place.geography.regions)
    assert again.version == place.geography.zones.version


def test_units_of_a_level_hold_every_zone_once() -> None:
    place = town.town(np.random.default_rng(2), 2000)
    zones, tree = place.geography.zones.base[Base.ALL], place.geography.regions
    for atom, levels in SHOWN.items():
        for level in levels:
            found = atoms(zones, tree, atom) if level == str(atom) else units(zones, tree, atom, level)
            assert (found.of_zone >= 0).all()
            assert found.addresses.sum() == len(place.cells)
            assert (found.buildings >= 3).all()


def test_regions_nest_for_every_atom() -> None:
    tree = shipped_regions()
    zones = shipped_zones(tree).base[Base.ALL]
    for atom in Atom:
        wijk, gemeente = (units(zones, tree, atom, level) for level in ("wijk", "gemeente"))
        for unit in range(len(wijk.ids)):
            inside = gemeente.of_zone[wijk.of_zone == unit]
            assert len(set(inside.tolist())) == 1


def test_distinct_buildings_per_unit_are_counted_once() -> None:
    place = town.town(np.random.default_rng(3))
    zones, tree = place.geography.zones.base[Base.ALL], place.geography.regions
    gemeente = units(zones, tree, Atom.ZONE, "gemeente")
    assert gemeente.buildings.tolist() == [len(np.unique(place.addresses.building))]


def test_an_owner_of_nothing_is_nothing() -> None:
    none = np.full(3, -1, dtype=np.int32)
    assert owners(np.empty(0, dtype=np.int32), none).tolist() == [-1, -1, -1]
    assert owners(np.array([7, 8], dtype=np.int32), np.array([1, -1, 0], dtype=np.int32)).tolist() == [8, -1, 7]


def test_a_new_address_goes_to_the_nearest_zone_of_its_gemeente() -> None:
    place = town.town(np.random.default_rng(4))
    zones, tree = place.geography.zones.base[Base.ALL], place.geography.regions
    empty = np.setdiff1d(tree.cells, zones.cell)
    found = zone_of(zones, tree, empty)
    for cell, zone in zip(empty, found, strict=True):
        apart = np.hypot(
            *(np.array(grid.rd(*grid.centres(zones.cell).T)).T - np.array(grid.rd(*grid.centres([cell]).T)).T).T
        )
        assert apart[zones.cell_zone == zone].min() == pytest.approx(apart.min(), abs=0.2)


def test_zones_survive_the_round_trip(tmp_path: Path) -> None:
    place = town.town(np.random.default_rng(5))
    path = tmp_path / "zones.parquet"
    write_zones(place.geography.zones, place.geography.regions, path)
    first = path.read_bytes()
    again = read_zones(path, place.geography.regions)
    assert again.version == place.geography.zones.version
    for base, zones in place.geography.zones.base.items():
        for name in ("zone", "addresses", "buildings", "region", "res9", "res8", "cell", "cell_zone", "cell_addresses"):
            assert np.array_equal(getattr(zones, name), getattr(again.base[base], name)), (base, name)
        for key, counted in zones.buildings_of.items():
            assert dict(counted) == again.base[base].buildings_of[key], (base, key)
    write_zones(again, place.geography.regions, path)
    assert path.read_bytes() == first


def test_a_changed_zones_file_is_refused(tmp_path: Path) -> None:
    place = town.town(np.random.default_rng(6))
    path = tmp_path / "zones.parquet"
    write_zones(place.geography.zones, place.geography.regions, path)
    table = pq.read_table(path)
    metadata = table.schema.metadata
    grown = pa.compute.add(table["adressen"], 1)
    pq.write_table(table.set_column(4, "adressen", grown).replace_schema_metadata(metadata), path)
    with pytest.raises(InputError, match="hoort niet bij de versie"):
        read_zones(path, place.geography.regions)


@pytest.mark.parametrize(
    "change",
    [
        {"bases": ["onbekend"]},
        {"bases": 3},
        {"voorgangers": None},
        {"voorgangers": ["x"]},
        {"geografie_kenmerk": 5},
        {"herzien": True},
        {"versie": "000000000000"},
    ],
)
def test_a_header_that_does_not_fit_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    place = town.town(np.random.default_rng(6))
    path = tmp_path / "zones.parquet"
    write_zones(place.geography.zones, place.geography.regions, path)
    table = pq.read_table(path)
    header = json.loads(table.schema.metadata[b"geoanalyse"]) | change
    pq.write_table(table.replace_schema_metadata({"geoanalyse": json.dumps(header)}), path)
    with pytest.raises(InputError):
        read_zones(path, place.geography.regions)


@pytest.mark.parametrize("column", ["id", "panden", "cellen", "cel_adressen", "basis", "niveau", "atoom"])
def test_a_column_that_was_tampered_with_is_refused(tmp_path: Path, column: str) -> None:
    place = town.town(np.random.default_rng(6))
    path = tmp_path / "zones.parquet"
    write_zones(place.geography.zones, place.geography.regions, path)
    table = pq.read_table(path)
    values = table[column].to_pylist()
    values[0] = {str: "zz", int: 3, list: None}[type(values[0])]
    where = table.schema.get_field_index(column)
    changed = table.set_column(where, table.schema.field(column), pa.array(values, table.schema.field(column).type))
    pq.write_table(changed, path)
    with pytest.raises(InputError, match="hoort niet bij de versie"):
        read_zones(path, place.geography.regions)


@pytest.mark.parametrize("content", [b"", b"geen parquet", b"PAR1" + bytes(20) + b"PAR1"])
def test_a_file_that_is_no_zones_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "zones-x.parquet"
    path.write_bytes(content)
    with pytest.raises(InputError, match="geen zones-bestand"):
        read_zones(path, town.regions())


def test_the_shipped_zones_are_those_of_the_demo() -> None:
    tree = shipped_regions()
    assert zones_of(demo.make(tree).addresses, tree).version == shipped_zones(tree).version


def test_the_shipped_regions_form_one_tree() -> None:
    tree = shipped_regions()
    assert np.all(np.diff(tree.cells.astype(np.int64)) > 0)
    assert list(tree.codes) == sorted(tree.codes)
    for code, level in zip(tree.codes, tree.levels, strict=True):
        chain = tree.chain(code)
        assert chain[level] == code
        assert list(chain) == [known for known in LEVELS if known in chain]
        assert "gemeente" in chain


def test_regions_survive_the_round_trip(tmp_path: Path) -> None:
    tree = town.regions()
    tree.write(tmp_path / "g.parquet")
    again = Regions.read(tmp_path / "g.parquet")
    assert np.array_equal(tree.cells, again.cells)
    assert (tree.codes, tree.names, tree.levels, tree.year) == (again.codes, again.names, again.levels, again.year)
    header = json.loads(pq.read_schema(tmp_path / "g.parquet").metadata[b"geoanalyse"])
    assert header["soort"] == "geografie"
