"""Zones of a later version only join those of an earlier one."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoanalyse.addresses import Addresses, Events
from geoanalyse.errors import InputError
from geoanalyse.geography import Geography, K, Regions, nearest_cells, zone_of
from geoanalyse.layer import Base
from geoanalyse.protection import protect
from geoanalyse.rounding import rounded, thresholds
from geoanalyse.zonefile import read_previous, read_zones, write_zones
from geoanalyse.zoning import make_zones, too_small
from tests import town

SECRET = bytes(range(32))


def later(place: town.Town, random: np.random.Generator, gone: float, new: int) -> town.Town:
    """Let a share of the addresses go and others come, also in cells that held none; join the zones."""
    tree, base = place.geography.regions, place.addresses
    kept = np.flatnonzero(random.random(len(base)) >= gone)
    cells = np.concatenate([place.cells[kept], random.choice(tree.cells, new)])
    building = np.concatenate([base.building[kept], 10**6 + np.arange(new)])
    uses = np.concatenate([base.uses[kept], random.choice(base.uses, new)])
    keys = [*base.keys.take(pa.array(kept)).to_pylist(), *(f"n{index:05d}" for index in range(new))]
    nowhere = np.zeros(len(cells))  # cells are given; coordinates are not needed
    addresses = Addresses(pa.array(keys), nowhere, nowhere, uses, building)
    eligible = {kind: addresses.eligible(kind) for kind in Base}
    zones = make_zones(cells, building, eligible, tree, place.geography.zones)
    return town.Town(Geography(tree, zones), addresses, cells)


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32), gone=st.sampled_from([0.0, 0.2, 0.6, 0.95]), new=st.sampled_from([0, 30]))
def test_a_later_version_only_joins_and_every_zone_is_large_enough(seed: int, gone: float, new: int) -> None:
    random = np.random.default_rng(seed)
    place = town.town(random, 1200)
    try:
        after = later(place, random, gone, new)
    except InputError:
        if gone < 0.5:  # only a base of which next to nothing is left is refused
            raise
        return
    assert after.geography.zones.ancestors == (place.geography.zones.version,)
    for base, old in place.geography.zones.base.items():
        now = after.geography.zones.base[base]
        if not len(old.zone):
            continue  # what was never published may begin now
        assert set(now.part.tolist()) == set(old.part.tolist())
        for zone in range(len(old.zone)):
            inside = now.cell_zone[np.isin(now.cell, old.cells_of([zone]))]
            assert len(set(inside.tolist())) == 1
        assert set(old.cell.tolist()) <= set(now.cell.tolist())
        mine = after.addresses.eligible(base)
        zone = zone_of(now, after.geography.regions, after.cells[mine])
        assert too_small(zone, after.addresses.building[mine], len(now.zone)) == 0
        assert np.bincount(zone, minlength=len(now.zone)).tolist() == now.addresses.tolist()
        assert now.part_addresses.sum() == now.addresses.sum() == mine.sum()


def test_zones_never_disappear_to_come_back_as_others() -> None:
    random = np.random.default_rng(8)
    place = town.town(random, 900)
    with pytest.raises(InputError, match=r"zones van zones-[0-9a-f]+ zouden verdwijnen"):
        later(place, random, 0.995, 0)


def test_zones_made_in_other_regions_have_no_separate_totals() -> None:
    random = np.random.default_rng(9)
    place = town.town(random, 1500)
    tree = place.geography.regions
    moved = Regions(
        tree.cells, np.roll(tree.region, 20), tree.pc4, tree.codes, tree.names, tree.levels, tree.parents, 2025, ""
    )
    eligible = {kind: place.addresses.eligible(kind) for kind in Base}
    zones = make_zones(place.cells, place.addresses.building, eligible, moved, place.geography.zones)
    assert zones.redrawn
    assert not place.geography.zones.redrawn
    after = town.Town(Geography(moved, zones), place.addresses, place.cells)
    counts = town.counted(after, town.layer(), town.events(random, after, 0.05))
    table = protect([counts], after.geography, SECRET, "casustafel").table.to_pandas()
    assert set(table["rounding"].dropna()) == {"zone", "som"}
    assert set(table["start"]) == {town.PERIOD[0]}
    again = make_zones(place.cells, place.addresses.building, eligible, moved, zones)
    assert again.redrawn  # for ever after


def test_a_new_address_goes_with_the_nearest_cell() -> None:
    random = np.random.default_rng(2)
    place = town.town(random, 800)
    after = later(place, random, 0.0, 40)
    old, now = (which.geography.zones.base[Base.ALL] for which in (place, after))
    new = np.setdiff1d(now.cell, old.cell)
    assert len(new)
    near = nearest_cells(old.cell, new, place.geography.regions)
    assert now.part[now.cell_part[np.searchsorted(now.cell, new)]].tolist() == old.zone[old.cell_zone[near]].tolist()


def test_without_change_nothing_is_joined_and_every_value_stays() -> None:
    random = np.random.default_rng(3)
    place = town.town(random, 900)
    after = later(place, random, 0.0, 0)
    happened = town.events(random, place, 0.05)
    tables = [
        protect([town.counted(which, town.layer(), happened)], which.geography, SECRET, "casustafel").table
        for which in (place, after)
    ]
    assert tables[0].equals(tables[1])
    assert after.geography.zones.version != place.geography.zones.version


def test_a_joined_zone_shows_the_sum_of_the_values_of_its_old_parts() -> None:
    random = np.random.default_rng(4)
    place = town.town(random, 1500)
    after = later(place, random, 0.5, 0)
    zones = after.geography.zones.base[Base.ALL]
    assert len(zones.part) > len(zones.zone)
    index = np.flatnonzero(random.random(len(after.addresses)) < 0.05)
    day = np.full(len(index), np.datetime64("2024-05-01"))
    counts = town.counted(after, town.layer(series=None), Events(index, day, np.ones(len(index), dtype=np.int64)))
    table = protect([counts], after.geography, SECRET, "casustafel").table.to_pandas()
    shown = table[table["level"] == "zone"].set_index("zone")
    names = [f"alle|zone|{part:x}" for part in zones.part.tolist()]
    value = rounded(counts.total, thresholds(SECRET, names, "fiu-signalen", 5), 5)
    for zone, name in enumerate(zones.zone.tolist()):
        mine = zones.part_zone == zone
        row = shown.loc[f"{name:x}"]
        assert row["atoms"] == mine.sum()
        assert row["addresses"] == zones.part_addresses[mine].sum()
        if row["status"] == "waarde":
            assert row["value"] == value[mine].sum()
            assert row["low"] <= counts.total[mine].sum() <= row["high"]


def test_versions_form_a_chain_and_parts_stay_those_of_the_first() -> None:
    random = np.random.default_rng(5)
    first = town.town(random, 1500)
    second = later(first, random, 0.4, 10)
    third = later(second, random, 0.4, 10)
    versions = [which.geography.zones for which in (first, second, third)]
    assert versions[2].ancestors == (versions[1].version, versions[0].version)
    assert set(versions[2].base[Base.ALL].part.tolist()) == set(versions[0].base[Base.ALL].zone.tolist())


def test_joined_zones_survive_the_round_trip_and_can_be_joined_under_other_regions(tmp_path: Path) -> None:
    random = np.random.default_rng(6)
    after = later(town.town(random, 1500), random, 0.5, 20)
    zones, tree = after.geography.zones, after.geography.regions
    path = tmp_path / "zones.parquet"
    write_zones(zones, tree, path)
    again = read_zones(path, tree)
    assert (again.version, again.ancestors) == (zones.version, zones.ancestors)
    for name in ("part", "part_zone", "part_addresses", "cell_part"):
        assert np.array_equal(getattr(zones.base[Base.ALL], name), getattr(again.base[Base.ALL], name)), name
    other = Regions(
        cells=tree.cells,
        region=np.flip(tree.region),
        pc4=tree.pc4,
        codes=tree.codes,
        names=tree.names,
        levels=tree.levels,
        parents=tree.parents,
        year=2025,
        source=tree.source,
    )
    with pytest.raises(InputError, match="een andere geografie"):
        read_zones(path, other)
    eligible = {kind: after.addresses.eligible(kind) for kind in Base}
    moved = make_zones(after.cells, after.addresses.building, eligible, other, read_previous(path))
    assert moved.ancestors[0] == zones.version
    assert np.array_equal(moved.base[Base.ALL].part, zones.base[Base.ALL].part)


def test_zones_that_are_too_small_are_counted() -> None:
    # ten in three buildings; ten of which six in one; nine; ten in two
    zone = np.repeat(np.array([0, 1, 2, 3], dtype=np.int32), [10, 10, 9, 10])
    building = np.array(
        [1] * 5 + [2] * 3 + [3] * 2 + [4] * 6 + [5] * 3 + [6] + [7] * 3 + [8] * 3 + [9] * 3 + [10] * 5 + [11] * 5
    )
    assert too_small(zone, building, 4) == 3
    assert too_small(zone[:10], building[:10], 1) == 0
    assert too_small(zone[:10], building[:10], 2) == 1  # a zone without any address
    assert K == 10
