"""The workload of the attack is what it says: skewed, clustered, with constant counts where it needs them."""

import datetime as dt
import importlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geoanalyse import grid
from tests.attack import city, faults, indicators, twins, workload
from tests.attack.runner import Job, RunFailedError, run
from tests.attack.workload import SMALL_SIZE, TRIAL, Ground, last_months, yearly

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return workload.draw(SMALL_SIZE, 1, tmp_path_factory.mktemp("klein") / "houder")


@pytest.fixture(scope="module")
def large() -> city.City:
    return city.make_city(workload.STANDARD_SIZE, np.random.default_rng(1))


@pytest.fixture(scope="module")
def events(large: city.City) -> pd.DataFrame:
    nowhere, one_zone = np.zeros(len(large.addresses), dtype=bool), np.zeros(len(large.addresses), dtype=np.int64)
    return indicators.happen(large.addresses, nowhere, one_zone, (), np.random.default_rng(1))


def in_window(events: pd.DataFrame, layer: str, window: tuple[object, object]) -> pd.DataFrame:
    start, end = map(np.datetime64, window)
    return events[(events["layer"] == layer) & (events["day"] >= start) & (events["day"] < end)]


# --- the city ---------------------------------------------------------------------------------------------------------


def test_the_standard_city_is_large_and_skewed(large: city.City) -> None:
    assert len(large.addresses) >= 50_000
    assert large.addresses["id"].is_unique
    assert large.buurten["buurtcode"].nunique() == 60
    assert large.buurten["wijkcode"].nunique() == 12
    assert large.buurten["gemeentecode"].nunique() == 2
    in_cell = np.unique(grid.cells_at(large.addresses["oost"], large.addresses["noord"]), return_counts=True)[1]
    assert np.percentile(in_cell, 95) > 5 * np.median(in_cell)
    assert large.addresses.groupby("pand").size().max() >= 40


def test_eighteen_percent_of_the_cells_of_a_city_hold_no_address(large: city.City) -> None:
    west, south, east, north = large.buurten.total_bounds
    step = np.meshgrid(np.arange(west + 200, east - 200, 30), np.arange(south + 200, north - 200, 30))
    cells = np.unique(grid.cells_at(*(each.ravel() for each in step)))
    lived_in = np.isin(cells, grid.cells_at(large.addresses["oost"], large.addresses["noord"]))
    assert 0.18 <= 1 - lived_in.mean() <= 0.4  # thin cells stay empty by chance, over those that must


def test_borders_do_not_follow_cells(large: city.City) -> None:
    addresses = large.addresses.assign(
        buurt=city.buurt_of(large), cell=grid.cells_at(large.addresses["oost"], large.addresses["noord"])
    )
    buurten = addresses.drop_duplicates(["cell", "buurt"])["cell"].value_counts()
    assert (buurten > 1).mean() > 0.05


@pytest.mark.parametrize(("layer", "share"), [("schaars", 0.003), ("matig", 0.02), ("druk", 0.08)])
def test_a_layer_is_true_of_its_share_of_addresses_in_a_year(
    large: city.City, events: pd.DataFrame, layer: str, share: float
) -> None:
    flagged = in_window(events, layer, TRIAL)["id"].nunique()
    assert flagged / len(large.addresses) == pytest.approx(share, rel=0.15)


def test_amounts_have_a_heavy_tail(ground: Ground) -> None:
    amount = ground.events["amount"][ground.events["layer"] == "bedragen"]
    assert amount.max() >= indicators.HEAVY
    assert amount.median() <= 2


def test_one_buurt_is_wholly_flagged_in_every_window(ground: Ground) -> None:
    buurt = city.buurt_of(ground.city)
    for window in (TRIAL, *yearly(12)):
        flagged = set(in_window(ground.events, "druk", window)["id"])
        share = ground.city.addresses["id"].isin(flagged).groupby(buurt).mean()
        assert share.max() == 1


def test_the_steady_layer_keeps_its_counts_on_other_addresses(ground: Ground) -> None:
    zone = workload.zones_of(ground.city.addresses, ground.zones).set_index("id")["zone"]
    seen = [in_window(ground.events, "gelijk", window)["id"] for window in last_months(12)]
    counts = [zone.loc[ids.unique()].value_counts().sort_index() for ids in seen]
    assert counts[0].sum() > 50
    assert all(count.equals(counts[0]) for count in counts)
    assert not set(seen[0]) & set(seen[-1])


def test_windows_grow_to_a_year_and_start_anew() -> None:
    first, *_, before, anew, _, last = yearly(6)
    assert (first, before) == ((day(2023, 7), day(2024, 5)), (day(2023, 7), day(2024, 7)))
    assert (anew, last) == ((day(2024, 7), day(2025, 5)), (day(2024, 7), day(2025, 7)))
    assert last_months(2) == [(day(2025, 5), day(2025, 6)), (day(2025, 6), day(2025, 7))]


def day(year: int, month: int) -> dt.date:
    return dt.date(year, month, 1)


def test_the_edge_city_has_a_zone_of_exactly_k_and_a_silent_layer(tmp_path: Path) -> None:
    edge = workload.draw_edge(1, tmp_path / "houder")
    zones = workload.zones_of(edge.city.addresses, edge.zones)
    size = zones.groupby("zone").size()
    assert size.min() == 10
    ten = set(zones["id"][zones["zone"].isin(size.index[size == 10])])
    assert ten <= set(in_window(edge.events, "druk", yearly(2)[0])["id"])
    assert in_window(edge.events, "schaars", (yearly(2)[0][0], yearly(2)[-1][1])).empty
    assert set(edge.events["layer"]) == set(indicators.INDICATORS)


# --- twins ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", twins.KINDS)
def test_twins_differ_in_what_went_in_and_not_in_the_table(ground: Ground, kind: str, tmp_path: Path) -> None:
    other = twins.other_input(ground, kind, np.random.default_rng(1))
    columns = ["layer", "id", "day", "amount"]
    moved = pd.concat([ground.events[columns], other[columns]]).value_counts()
    assert (moved == 1).sum() > 20
    profile = twins.STRICT if kind == twins.STRICT else twins.ROOMY
    folder = tmp_path / "invoer"
    folder.mkdir()
    for file in ground.input.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    before = twins.published(ground, folder, profile)
    workload.write_events(other, folder)
    assert twins.published(ground, folder, profile).equals(before)


# --- the runner -------------------------------------------------------------------------------------------------------


def test_a_command_line_that_is_refused_stops_the_run_and_says_why(tmp_path: Path) -> None:
    with pytest.raises(RunFailedError, match=r"build --gebied nergens[\s\S]*gebied 'nergens' is onbekend"):
        run([Job(["build", "--gebied", "nergens"]), Job(["demo", "--uit", "later"])], tmp_path)
    assert not (tmp_path / "later").exists()


def test_jobs_run_one_after_another_in_the_folder_they_are_given(tmp_path: Path) -> None:
    run([Job(["sleutel", "maak", "een.sleutel"]), Job(["sleutel", "maak", "twee.sleutel"], threads=1)], tmp_path)
    assert {"een.sleutel", "twee.sleutel"} <= {file.name for file in tmp_path.iterdir()}


# --- the faults -------------------------------------------------------------------------------------------------------


def test_there_are_eighteen_faults_and_each_is_planted_somewhere() -> None:
    names = [fault.name for fault in faults.FAULTS]
    assert len(set(names)) == len(names) == 18
    assert set(names) == set(faults.PATCHES) | set(faults.PLANTS)
    assert not set(faults.PATCHES) & set(faults.PLANTS)


@pytest.mark.parametrize("name", sorted(faults.PATCHES))
def test_a_patched_fault_changes_the_package_and_is_taken_out_again(
    name: str, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ground.folder)
    places = ("build", "counts", "protection", "stats", "products.gis", "products.kaart", "products.factsheet")
    modules = [
        importlib.import_module(f"geoanalyse.{place}") for place in (*places, "products.verantwoording", "register")
    ]
    before = [dict(vars(module)) for module in modules]
    with faults.planted(name):
        assert [dict(vars(module)) for module in modules] != before
    assert [dict(vars(module)) for module in modules] == before
