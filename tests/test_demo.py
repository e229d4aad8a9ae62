"""The demo is the same everywhere, of the right size, and where it should be."""

import csv
import hashlib
from pathlib import Path

import numpy as np
import pytest

from geoanalyse import demo, grid
from geoanalyse.demo import Demo
from geoanalyse.geography import Regions, shipped_regions


@pytest.fixture(scope="module")
def regions() -> Regions:
    return shipped_regions()


@pytest.fixture(scope="module")
def made(regions: Regions) -> Demo:
    return demo.make(regions)


def test_every_address_lies_in_a_cell_of_the_region(made: Demo, regions: Regions) -> None:
    cells = grid.cells_at(made.addresses.easting, made.addresses.northing)
    region = regions.region_of(cells)
    assert (region >= 0).all()
    with (Path(demo.__file__).parent / "data" / "households.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader((line for line in file if not line.startswith("#")), delimiter=";"))[1:]
    households = {code: int(float(number or 0)) for code, number in rows}
    homes = np.bincount(region[made.addresses.uses == 1], minlength=len(regions.codes))
    busy = [index for index, code in enumerate(regions.codes) if households.get(code, 0) > 2000]
    expected = np.array([households[regions.codes[index]] for index in busy])
    assert len(busy) > 50
    assert np.abs(homes[busy] / expected - 1).max() < 0.1


def test_closures_are_at_the_real_scale(made: Demo, regions: Regions) -> None:
    # about 350 in four years in Amsterdam
    cells = grid.cells_at(made.addresses.easting, made.addresses.northing)
    gemeente = regions.at_level("gemeente")[regions.region_of(cells)]
    hit = np.unique(made.events["pandsluitingen"].address)
    assert 250 < (gemeente[hit] == regions.index("GM0363")).sum() < 500


def test_fiu_amounts_have_a_heavy_tail(made: Demo) -> None:
    amount = made.events["fiu-signalen"].amount
    assert np.median(amount) <= 3
    assert amount.max() > 100


def test_domicilie_is_a_part_of_the_registrations(made: Demo) -> None:
    registered = set(made.events["kvk-registraties"].address.tolist())
    assert set(made.events["domicilie"].address.tolist()) <= registered


@pytest.mark.parametrize("planted", demo.PLANTED, ids=lambda planted: f"{planted.region}-{planted.layer}")
def test_what_was_planted_is_there(made: Demo, regions: Regions, planted: demo.Planted) -> None:
    cells = grid.cells_at(made.addresses.easting, made.addresses.northing)
    position = regions.index(planted.region)
    inside = (regions.at_level(regions.levels[position]) == position)[regions.region_of(cells)]
    events = made.events[planted.layer]
    late = events.day >= np.datetime64(planted.start)
    hit = np.zeros(len(cells), dtype=bool)
    hit[events.address[late]] = True
    business = made.addresses.uses != 1
    chance = np.where(business, demo.INDICATORS[planted.layer].businesses, demo.INDICATORS[planted.layer].homes)
    if planted.layer == "domicilie":
        registered = np.isin(np.arange(len(cells)), made.events["kvk-registraties"].address)
        chance = np.where(registered, chance, 0)
    expected = chance[inside].sum()
    assert hit[inside].sum() > 0.5 * planted.times * expected


def test_the_same_seed_gives_the_same_bytes(made: Demo, regions: Regions) -> None:
    first, second = (
        {name: hashlib.sha256(content).hexdigest() for name, content in demo.files(one).items()}
        for one in (made, demo.make(regions))
    )
    assert first == second
    digests = {name: digest for name, digest in first.items() if name.endswith(".csv")}
    assert demo.is_unchanged(digests, regions)
    assert demo.is_unchanged({name: first[name] for name in ("adressen.csv", "fiu-signalen.csv")}, regions)
    assert not demo.is_unchanged(digests | {"adressen.csv": "0" * 64}, regions)
    assert not demo.is_unchanged(digests | {"eigen-laag.csv": first["fiu-signalen.csv"]}, regions)
    other = demo.make(regions, seed=1)
    assert not np.array_equal(other.addresses.easting, made.addresses.easting)
