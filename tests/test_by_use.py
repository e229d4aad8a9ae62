"""Rates by use and what they lead to expect: on paper, by the whole chain, without uses, and in words."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoanalyse.addresses import Addresses, Events, use_bits
from geoanalyse.errors import InputError
from geoanalyse.evidence import NOT_FOR_ITS_USE, SAME_USE, places_of, pointers
from geoanalyse.geography import Geography, Regions, shipped_regions
from geoanalyse.layer import Base, Layer, Use
from geoanalyse.products import gebruik
from geoanalyse.products.kaart import map_html, read_map
from geoanalyse.products.measured import shipped
from geoanalyse.products.verantwoording import manifest
from geoanalyse.protection import protect
from geoanalyse.published import Protected
from geoanalyse.stats.by_use import FLOOR, RATES, SCHEMA, by_use, use_rates
from geoanalyse.zonefile import read_zones, write_zones
from geoanalyse.zoning import make_zones
from tests import town
from tests.small import small_release

SECRET = b"geheim" * 6
HOME, SHOP = (int(use_bits([text])[0]) for text in ("woonfunctie", "winkelfunctie"))


def test_rates_of_units_that_mix_two_uses_are_solved_on_paper() -> None:
    # 100 r = 2 and 100 r + 10 s = 5: r = 0.02, s = 0.3. Twice each, so that what is known beforehand hardly counts
    addresses = np.array([[10000, 0], [10000, 1000]] * 2)
    rate, covariance = use_rates([200, 500] * 2, addresses, shape=1e6)
    assert rate == pytest.approx([0.02, 0.3], rel=5e-3)
    # two Poisson counts of 400 and 1,000: the variance of r is 400 / 20,000^2, of s it is (400 + 1,000) / 2,000^2
    assert np.diag(covariance) == pytest.approx([400 / 20000**2, 1400 / 2000**2], rel=0.05)


def test_a_rate_is_never_below_zero() -> None:
    rate, _ = use_rates([5, 0, 4, 0], [[50, 0], [50, 50], [50, 0], [50, 40]], shape=5.0)
    assert rate[1] == 0
    assert rate[0] > 0


def test_a_use_without_addresses_to_speak_of_has_the_rate_of_all() -> None:
    addresses = np.column_stack([np.full(50, 1000), np.zeros(50), np.arange(50) == 0])
    rate, covariance = use_rates(np.full(50, 20), addresses, shape=100.0)
    assert rate[2] == pytest.approx(0.02, rel=0.2)
    assert covariance[2, 2] ** 0.5 > 2 * rate[2]  # and next to nothing is known of it


@given(seed=st.integers(0, 2**32), uses=st.integers(2, 6))
def test_the_order_of_units_and_uses_does_not_matter(seed: int, uses: int) -> None:
    random = np.random.default_rng(seed)
    addresses = random.integers(0, 40, (30, uses))
    addresses[:, 0] += 1
    value = 3 * random.binomial(addresses.sum(axis=1), 0.05)
    value[0] += 3
    units, columns = random.permutation(30), random.permutation(uses)
    rate, covariance = use_rates(value, addresses, 2.0)
    other, other_covariance = use_rates(value[units], addresses[units][:, columns], 2.0)
    assert other == pytest.approx(rate[columns], rel=1e-5, abs=1e-9)
    assert other_covariance == pytest.approx(covariance[np.ix_(columns, columns)], rel=1e-4, abs=1e-9)
    assert (rate >= 0).all()
    assert (np.diag(covariance) > 0).all()


@pytest.mark.parametrize(("zones", "base", "least"), [(150, 3, 0.88), (150, 5, 0.81), (500, 5, 0.9), (1500, 5, 0.93)])
def test_margins_of_a_rare_layer_hold_about_as_often_as_they_say(zones: int, base: int, least: float) -> None:
    """Shops in one zone in ten, ten times as often affected as homes; a rate of 0 is not sure of itself."""
    random = np.random.default_rng(8)
    inside = trials = 0
    for _ in range(150):
        homes = random.integers(20, 80, zones)
        shops = np.where(random.random(zones) < 0.1, random.integers(3, 30, zones), 0)
        exact = random.binomial(homes, 0.005) + random.binomial(shops, 0.05)
        value = np.where(exact > 0, base * ((exact + random.integers(0, base, zones)) // base), 0)
        rate, covariance = use_rates(value, np.column_stack([homes, shops]), 1.0)
        inside += abs(rate[1] - 0.05) <= 1.96 * covariance[1, 1] ** 0.5
        trials += 1
    assert inside / trials >= least  # 94, 87, 96 and 99 % in 400 trials, less three standard errors of these 150


# --- the whole chain --------------------------------------------------------------------------------------------------


def shopping_town(random: np.random.Generator) -> town.Town:
    """Give a town whose cells hold anything between no shops and only shops."""
    place = town.town(random, 6000, 20)
    cells = np.unique(place.cells)
    share = np.where(random.random(len(cells)) < 0.3, random.random(len(cells)), 0.02)
    shop = random.random(len(place.cells)) < share[np.searchsorted(cells, place.cells)]
    base = dataclasses.replace(place.addresses, uses=np.where(shop, SHOP, HOME).astype(np.uint16))
    eligible = {kind: base.eligible(kind) for kind in Base}
    tree = place.geography.regions
    zones = make_zones(place.cells, base.building, eligible, tree, use=base.main_use())
    return town.Town(Geography(tree, zones), base, place.cells)


def published(place: town.Town, layer: Layer, chance: np.ndarray, random: np.random.Generator) -> Protected:
    """Let something happen on each address with its chance, and protect the counts."""
    address = np.flatnonzero(random.random(len(chance)) < chance)
    day = np.full(len(address), np.datetime64(town.PERIOD[0], "D"))
    events = Events(address, day, np.ones(len(address), dtype=np.int64))
    return protect([town.counted(place, layer, events)], place.geography, SECRET, "casustafel")


def test_intervals_of_rates_by_use_hold_the_truth() -> None:
    random = np.random.default_rng(1)
    layer = town.layer("fiu-signalen", b=3)
    inside = trials = 0
    for _ in range(12):
        place = shopping_town(random)
        shop = place.addresses.uses == SHOP
        table = published(place, layer, np.where(shop, 0.2, 0.02), random)
        _, rates = by_use(table, table, [layer], place.geography)
        for row in rates.to_pylist():
            truth = {"winkel": 0.2, "woning": 0.02}[row["use"]]
            inside += row["low"] <= truth <= row["high"]
            trials += 1
    assert trials == 24
    assert inside >= 20  # 95 % of 24 less three standard errors


def test_a_shopping_street_is_compared_with_shopping_streets() -> None:
    random = np.random.default_rng(2)
    layer = town.layer("fiu-signalen", b=3)
    place = shopping_town(random)
    shop = place.addresses.uses == SHOP
    zones = place.geography.zones.base[Base.ALL]
    assert zones.by_use is not None
    share = zones.by_use[:, list(Use).index(Use.SHOP)] / zones.addresses
    street = int(np.argmax(np.where(share > 0.7, zones.addresses, 0)))
    homes = int(np.argmax(np.where(share < 0.1, zones.addresses, 0)))
    chance = np.where(shop, 0.25, 0.01)
    chance[np.isin(place.cells, zones.cells_of([homes]))] = 0.25  # as often as in a shop, where there are no shops
    table = published(place, layer, chance, random)
    found, _ = by_use(table, table, [layer], place.geography)
    row_of = {row["zone"]: row for row in found.to_pylist() if row["level"] == "zone"}
    names = [f"{cell:x}" for cell in zones.zone[[street, homes]].tolist()]
    shops, planted = (row_of[name] for name in names)
    counted = {row["zone"]: row["value"] for row in table.table.to_pylist() if row["level"] == "zone"}
    overall = sum(counted.values()) / zones.addresses.sum()
    assert counted[names[0]] / zones.addresses[street] > 2 * overall  # high for the region,
    assert shops["low"] < 1 < shops["high"]  # as expected for what it is
    assert planted["low"] > 2


def test_what_is_expected_adds_up_the_rates_of_a_zone() -> None:
    release = small_release()
    zones = release.geography.zones.base[Base.ALL]
    assert zones.by_use is not None
    rates = {row["use"]: row for row in release.use_rates.to_pylist() if row["layer"] == "fiu-signalen"}
    assert set(rates) == {"kantoor", "woning"}
    assert sum(row["addresses"] for row in rates.values()) == zones.addresses.sum()
    overall = sum(row["addresses"] * row["rate"] for row in rates.values()) / zones.addresses.sum()
    of_use = np.array([max(rates[use]["rate"], FLOOR * overall) if use in rates else 0.0 for use in Use])
    expected = dict(zip((f"{cell:x}" for cell in zones.zone.tolist()), zones.by_use @ of_use, strict=True))
    rows = [row for row in release.standardised.to_pylist() if (row["layer"], row["level"]) == ("fiu-signalen", "zone")]
    assert len(rows) == len(zones.zone)
    for row in rows:
        assert row["expected"] == pytest.approx(expected[row["zone"]], rel=1e-3)
        assert row["low"] <= row["ratio"]
        assert row["high"] is None or row["ratio"] <= row["high"]


def test_a_layer_on_one_use_has_nothing_to_compare() -> None:
    release = small_release()
    homes_only = {row["layer"] for row in release.use_rates.to_pylist()}
    premises = next(layer for layer in release.layers if layer.base is Base.PREMISES)
    assert premises.id not in homes_only  # the offices of this town are its only premises
    assert gebruik.rates(release, premises) == ""


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_no_event_or_all_of_them(share: float) -> None:
    random = np.random.default_rng(3)
    layer = town.layer("fiu-signalen", b=3)
    place = shopping_town(random)
    table = published(place, layer, np.full(len(place.cells), share), random)
    found, rates = by_use(table, table, [layer], place.geography)
    assert (len(found) > 0) == (len(rates) > 0) == (share > 0)
    if share:
        assert all(row["high"] is None for row in found.to_pylist() if row["level"] == "zone")  # all at their cap


# --- the file of the zones --------------------------------------------------------------------------------------------


@pytest.fixture
def written(tmp_path: Path) -> tuple[Path, Regions]:
    place = town.town(np.random.default_rng(5))
    path = tmp_path / "zones.parquet"
    write_zones(place.geography.zones, place.geography.regions, path)
    return path, place.geography.regions


def test_every_address_has_one_main_use() -> None:
    texts = [
        "woonfunctie", "woonfunctie|winkelfunctie", "winkelfunctie|logiesfunctie", "kantoorfunctie|industriefunctie",
        "kantoorfunctie|onderwijsfunctie", "celfunctie", "woonfunctie|sportfunctie", "bijeenkomstfunctie",
    ]  # fmt: skip
    count = len(texts)
    base = Addresses(pa.array(texts), np.zeros(count), np.zeros(count), use_bits(texts), np.arange(count))
    words = [list(Use)[use].value for use in base.main_use()]
    assert words == ["woning", "winkel", "horeca", "industrie", "kantoor", "overig", "overig", "horeca"]


def test_uses_are_counted_and_kept_beside_the_version(written: tuple[Path, Regions]) -> None:
    path, tree = written
    place = town.town(np.random.default_rng(5))
    zones = read_zones(path, tree)
    assert zones.uses == place.geography.zones.uses != ""
    for base, found in zones.base.items():
        mask = place.addresses.eligible(base)
        assert found.by_use is not None
        assert np.array_equal(found.by_use.sum(axis=1), found.addresses)
        assert found.by_use.sum() == mask.sum()
    eligible = {base: place.addresses.eligible(base) for base in Base}
    without = make_zones(place.cells, place.addresses.building, eligible, tree)
    assert (without.version, without.uses) == (zones.version, "")


def test_zones_of_before_are_read_and_say_nothing_of_use(written: tuple[Path, Regions]) -> None:
    path, tree = written
    table = pq.read_table(path)
    header = json.loads(table.schema.metadata[b"geoanalyse"])
    del header["gebruik"]
    table = table.drop_columns(["gebruik"]).replace_schema_metadata({"geoanalyse": json.dumps(header)})
    pq.write_table(table, path)
    zones = read_zones(path, tree)
    assert zones.uses == ""
    assert all(found.by_use is None for found in zones.base.values())
    layer = town.layer()
    place = town.town(np.random.default_rng(5))
    counts = town.counted(place, layer, town.events(np.random.default_rng(5), place, 0.1))
    protected = protect([counts], Geography(tree, zones), SECRET, "casustafel")
    assert by_use(protected, protected, [layer], Geography(tree, zones)) == (SCHEMA.empty_table(), RATES.empty_table())
    write_zones(zones, tree, path)
    assert "gebruik" not in pq.read_schema(path).names


def test_uses_that_do_not_fit_are_refused(written: tuple[Path, Regions]) -> None:
    path, tree = written
    table = pq.read_table(path)
    values = table["gebruik"].to_pylist()
    first, second = values[0][-1], values[0][-2]
    for wrong in ([*values[0][:-1], first + 1], [*values[0][:-2], second + 1, first - 1], values[0][:-1], None):
        place = table.schema.get_field_index("gebruik")
        column = pa.array([wrong, *values[1:]], table.schema.field("gebruik").type)
        pq.write_table(table.set_column(place, table.schema.field("gebruik"), column), path)
        with pytest.raises(InputError, match="hoort niet bij de versie"):
            read_zones(path, tree)


# --- in words ---------------------------------------------------------------------------------------------------------


def test_a_high_rate_says_whether_it_is_one_for_its_use() -> None:
    release = small_release()
    frame, layers = release.statistics.to_pandas(), release.layers
    places = places_of(frame, layers, release.geography)
    least = {(row["layer"], row["level"], row["zone"]): row["low"] for row in release.standardised.to_pylist()}
    said = 0
    for found in pointers(frame, layers, places, release.inspections, release.standardised):
        for code, text in found.reasons:
            if code.startswith("HOOG-"):
                low = least.get((found.layer.id, *found.unit))
                assert text.endswith(SAME_USE) == (low is not None and low > 1)
                assert text.endswith(NOT_FOR_ITS_USE) == (low is not None and low <= 1)
                said += 1
    assert said


def test_map_and_manifest_say_the_same_rates() -> None:
    release = small_release()
    told = json.loads(manifest(release, {}, versions={}, measured=shipped()))
    rows = [row for row in told["cijfers_naar_gebruik"] if row["laag"] == "fiu-signalen"]
    assert [row["gebruik"] for row in rows] == ["kantoor", "woning"]
    layer = next(layer for layer in release.layers if layer.id == "fiu-signalen")
    text = gebruik.rates(release, layer)
    assert text.startswith("Geschat per 1.000 adressen naar gebruik (met ruwe marge): kantoor ")
    header, _ = read_map(map_html(release))
    entry = next(each for each in header["layers"] if each["id"] == "fiu-signalen")
    assert entry["uses"] == text
    assert set(entry["levels"]["zone"]["by_use"]) == {"expected", "ratio", "low", "high"}


def test_the_demo_knows_its_uses() -> None:
    from geoanalyse.build import shipped_zones  # noqa: PLC0415 - reads half a megabyte

    zones = shipped_zones(shipped_regions())
    found = zones.base[Base.ALL].by_use
    assert found is not None
    assert (found.sum(axis=0) > 0).all()
