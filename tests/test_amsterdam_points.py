"""A whole city of real places, from `examples/amsterdam-adressen`: every area shows the same figure for one zone."""

import datetime as dt
import hashlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geoanalyse import grid, key, registerfile
from geoanalyse.addresses import read_addresses
from geoanalyse.build import Request, run, zones_of
from geoanalyse.errors import AreaError
from geoanalyse.geography import K, shipped_regions
from geoanalyse.products.folder import write_release
from geoanalyse.release import Release
from geoanalyse.zonefile import write_zones

EXAMPLE = Path(__file__).parents[1] / "examples" / "amsterdam-adressen"
START, END = dt.date(2018, 1, 1), dt.date(2019, 7, 1)
TODAY = dt.date(2026, 6, 1)
UNIT = ["layer", "level", "zone", "start", "end"]


@dataclass(frozen=True)
class Input:
    """The folder that the adapter made, with zones in it and a key beside it."""

    folder: Path
    key: Path
    counted: dict[str, int]


@pytest.fixture(scope="module")
def source(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Input:
    spec = importlib.util.spec_from_file_location("amsterdam_maak_invoer", EXAMPLE / "maak_invoer.py")
    assert spec
    assert spec.loader
    adapter = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(adapter)
    home = tmp_path_factory.mktemp("amsterdam")
    counted = adapter.main(shared / "events", home / "invoer")
    regions = shipped_regions()
    base, report = read_addresses(home / "invoer")
    assert sum(file.rows_rejected for file in report.files) == 0
    zones = zones_of(base, regions)
    write_zones(zones, regions, home / "invoer" / f"zones-{zones.version}.parquet")
    drawn = key.make(home / "punten.sleutel")
    known = key.from_secret(hashlib.sha256(b"punten").digest())  # the same figures in every run
    for file, old, new in (
        (home / "punten.sleutel", drawn.secret.hex(), known.secret.hex()),
        (key.register_path(home / "punten.sleutel"), drawn.mark, known.mark),
    ):
        file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return Input(home / "invoer", home / "punten.sleutel", counted)


@pytest.fixture(scope="module")
def built(source: Input) -> Callable[[str], Release]:
    done: dict[str, Release] = {}

    def build(area: str) -> Release:
        if area not in done:
            options = {"key_file": source.key, "layer_folder": EXAMPLE / "lagen", "period": (START, END)}
            made = run(Request(area, TODAY, source.folder, **options))  # type: ignore[arg-type]
            registerfile.add(source.key, made.key.mark, made.issue)
            done[area] = made.release
        return done[area]

    return build


def table(release: Release) -> pd.DataFrame:
    return release.protected.table.to_pandas()


def test_every_point_is_an_address_and_a_building(source: Input, built: Callable[[str], Release]) -> None:
    assert source.counted == {
        "punten (elk een eigen pand)": 18949,
        "hotelkamers (logiesfunctie, de rest woonfunctie)": 225,
        "punten op dezelfde plek als een eerder punt": 75,
        "punten met een laatste recensie": 16619,
        "punten zonder recensie (geen rij in de laag)": 2330,
    }
    zones = table(built("amsterdam")).query("level == 'zone'")
    assert (zones["addresses"] == zones["buildings"]).all()
    assert zones["addresses"].min() >= K
    assert zones["addresses"].sum() == 18922  # 9 lie outside the geography, 18 in other gemeenten of it


@pytest.mark.parametrize("area", ["1012", "centrum", "WK0363AD", "BU0363AD04"])
def test_the_same_zone_has_the_same_value_in_every_area(built: Callable[[str], Release], area: str) -> None:
    everywhere, here = table(built("amsterdam")), table(built(area))
    both = here.merge(everywhere, on=UNIT, suffixes=("", "_city"), how="left", indicator=True)
    assert (both["_merge"] == "both").all()
    assert (both["level"] == "zone").sum() >= 3
    for column in ("value", "status", "addresses", "buildings", "gebiedscode", "rounding", "low", "high"):
        assert both[column].equals(both[f"{column}_city"]), column
    cells = zip(both["cells"], both["cells_city"], strict=True)
    assert all(left is right or np.array_equal(left, right) for left, right in cells)


def test_areas_inside_one_another_have_the_zones_of_the_larger_one(built: Callable[[str], Release]) -> None:
    zones = {
        area: set(table(built(area)).query("level == 'zone'")["zone"]) for area in ("1012", "centrum", "amsterdam")
    }
    assert 25 <= len(zones["1012"]) < len(zones["centrum"]) < len(zones["amsterdam"]) == 1092
    assert zones["1012"] <= zones["centrum"] <= zones["amsterdam"]


def test_an_area_is_set_on_whole_zones_and_says_by_how_many_addresses(
    built: Callable[[str], Release], source: Input
) -> None:
    addresses = pd.read_csv(source.folder / "adressen.csv")
    cells = grid.cells_at(addresses["oost"].to_numpy(), addresses["noord"].to_numpy())
    for area in ("1012", "centrum"):
        release = built(area)
        zones = table(release).query("level == 'zone'")
        chosen = np.isin(cells, np.concatenate(zones["cells"].to_list()).astype(np.uint64))
        named = np.isin(cells, release.area.cells)
        assert release.snapped_in == (chosen & ~named).sum()
        assert release.snapped_out == (named & ~chosen).sum()
    assert built("amsterdam").snapped_in == built("amsterdam").snapped_out == 0


def test_every_zone_of_the_city_is_within_b_of_an_independent_count(
    built: Callable[[str], Release], source: Input
) -> None:
    addresses = pd.read_csv(source.folder / "adressen.csv")
    cell = grid.cells_at(addresses["oost"].to_numpy(), addresses["noord"].to_numpy())
    events = pd.read_csv(source.folder / "laatste-recensie.csv", parse_dates=["datum"])
    events = events[(events["datum"] >= pd.Timestamp(START)) & (events["datum"] < pd.Timestamp(END))]
    zones = table(built("amsterdam")).query("level == 'zone'")
    owner = zones.explode("cells")[["zone", "cells"]].set_index("cells")["zone"]
    hit = addresses.assign(zone=pd.Series(cell).map(owner))[addresses["sleutel"].isin(events["sleutel"])]
    exact = hit.groupby("zone")["sleutel"].nunique().reindex(zones["zone"], fill_value=0).to_numpy()
    capped = (zones["status"] == "cap").to_numpy()
    off = zones["value"].to_numpy(dtype=float) - exact
    assert exact.sum() > 3600
    assert (abs(off[~capped]) <= 2).all()
    assert (off[capped] <= 2).all()
    assert abs(off.mean()) < 0.1  # unbiased: 1092 zones, each with a standard deviation of at most 1


def test_outside_amsterdam_nobody_looked(built: Callable[[str], Release]) -> None:
    """Some blurred points lie in Diemen, enough for one zone there; the layer covers Amsterdam only."""
    with pytest.raises(AreaError, match="geen enkele laag gegevens"):
        built("diemen")
    assert "geen_data" not in set(table(built("amsterdam"))["status"])


def test_all_products_of_1012_are_written(built: Callable[[str], Release], tmp_path: Path) -> None:
    folder = write_release(built("1012"), {}, tmp_path)
    names = {file.name for file in (folder / "deelbaar").iterdir()}
    assert names == {
        "kaart.html",
        "factsheet-witwassen.html",
        "factsheet-witwassen.pdf",
        "signaallijst.xlsx",
        "signaallijst.csv",
        "1012.gpkg",
        "zones.parquet",
        "verantwoording.html",
        "manifest.json",
    }
    assert "Postcodegebied 1012" in (folder / "deelbaar" / "kaart.html").read_text(encoding="utf-8")
