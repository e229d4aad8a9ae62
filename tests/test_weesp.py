"""Real addresses, real events: `examples/weesp` from the source files to every product, by the command line."""

import datetime as dt
import hashlib
import importlib.util
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import geopandas as gpd
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pypdf
import pytest

from geoanalyse import grid, key
from geoanalyse.build import Request, run
from geoanalyse.errors import AreaError, InputError, ProtectionError
from geoanalyse.geography import MIN_BUILDINGS, MIN_OUTSIDE_LARGEST, K, shipped_regions
from geoanalyse.products.folder import write_release
from geoanalyse.products.gis import ZONES_SCHEMA
from geoanalyse.release import Release
from geoanalyse.rounding import DISPLACEMENT
from geoanalyse.totals import BUURT_BASE, REGION_BASE
from tests.browser_fixtures import Open

EXAMPLE = Path(__file__).parents[1] / "examples" / "weesp"
LAYERS = ("bedrijfsruimte-in-gebruik", "bouwstart", "nieuwe-adressen", "verbouwingen")
START, END = dt.date(2019, 1, 1), dt.date(2021, 10, 1)
TODAY = dt.date(2026, 6, 1)
UNIT = ["layer", "level", "zone", "start", "end"]
REGIONS = ("buurt", "wijk", "gemeente")


@dataclass(frozen=True)
class Input:
    """The folder that the adapter made, with zones and a key beside it."""

    folder: Path
    key: Path
    counted: dict[str, int]


@pytest.fixture
def copy(source: Input, tmp_path: Path) -> Input:
    folder = tmp_path / "invoer"
    shutil.copytree(source.folder, folder)
    return Input(folder, source.key, source.counted)


@dataclass(frozen=True)
class Made:
    """What the command line wrote, and what it said."""

    folder: Path
    said: str

    @property
    def shareable(self) -> Path:
        return self.folder / "deelbaar"


def geoanalyse(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "geoanalyse", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False)


def build_weesp(source: Input, out: Path, *more: str | Path) -> subprocess.CompletedProcess[str]:
    period = ("--periode", "2019-01..2021-09", "--peildatum", "2021-10-15")
    folders = ("--invoer", source.folder, "--lagenmap", EXAMPLE / "lagen", "--uit", out)
    return geoanalyse("build", "--gebied", "weesp", *folders, *period, *more)


def adapter() -> ModuleType:
    spec = importlib.util.spec_from_file_location("weesp_maak_invoer", EXAMPLE / "maak_invoer.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def with_secret(path: Path, number: int) -> Path:
    """Put a known secret in a new key, so that a test sees the same figures every time."""
    made = geoanalyse("sleutel", "maak", path)
    assert made.returncode == 0, made.stderr
    known = key.from_secret(hashlib.sha256(f"weesp {number}".encode()).digest())
    drawn = key.read(path)
    path.write_text(path.read_text(encoding="utf-8").replace(drawn.secret.hex(), known.secret.hex()), encoding="utf-8")
    register = key.register_path(path)
    register.write_text(register.read_text(encoding="utf-8").replace(drawn.mark, known.mark), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def source(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Input:
    home = tmp_path_factory.mktemp("weesp")
    counted = adapter().main(shared / "addresses", home / "invoer")
    done = geoanalyse("zones", home / "invoer")
    assert done.returncode == 0, done.stderr
    return Input(home / "invoer", with_secret(home / "weesp.sleutel", 3), counted)


@pytest.fixture(scope="module")
def made(source: Input, tmp_path_factory: pytest.TempPathFactory) -> Made:
    out = tmp_path_factory.mktemp("uit")
    done = build_weesp(source, out, "--sleutel", source.key)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return Made(out / "weesp" / "2021-10-15", done.stdout)


@pytest.fixture(scope="module")
def published(made: Made) -> pd.DataFrame:
    return pq.read_table(made.shareable / "zones.parquet").to_pandas()


@pytest.fixture(scope="module")
def addresses(source: Input) -> pd.DataFrame:
    """The same input, read with pandas alone, with the cell of each address."""
    frame = pd.read_csv(source.folder / "adressen.csv", sep=";", decimal=",", dtype={"sleutel": str, "pand": str})
    frame["cell"] = grid.cells_at(frame["oost"].to_numpy(), frame["noord"].to_numpy())
    uses = frame["gebruik"].str.split("|")
    frame["bedrijven"] = [any(use != "woonfunctie" for use in mine) for mine in uses]
    frame["alle"] = True
    return frame


@pytest.fixture(scope="module")
def flagged(source: Input) -> Callable[[str, dt.date, dt.date], set[str]]:
    """Keys of the addresses with an event of a layer in a window."""
    tables = {
        layer: pd.read_csv(source.folder / f"{layer}.csv", sep=";", dtype=str).assign(
            datum=lambda frame: pd.to_datetime(frame["datum"], format="%d-%m-%Y")
        )
        for layer in LAYERS
    }

    def keys(layer: str, start: dt.date, end: dt.date) -> set[str]:
        table = tables[layer]
        window = (table["datum"] >= pd.Timestamp(start)) & (table["datum"] < pd.Timestamp(end))
        return set(table.loc[window, "sleutel"])

    return keys


def in_memory(source: Input, area: str, **more: object) -> Release:
    options = {"key_file": source.key, "layer_folder": EXAMPLE / "lagen", "period": (START, END)} | more
    return run(Request(area, TODAY, source.folder, **options)).release  # type: ignore[arg-type]


# --- the adapter ------------------------------------------------------------------------------------------------------


def test_every_trap_of_the_source_is_counted(source: Input) -> None:
    counted = dict(source.counted)
    rows = {name: counted.pop(f"laag {name}: rijen (adres en dag)") for name in LAYERS}
    assert rows == {
        "bedrijfsruimte-in-gebruik": 1154,
        "bouwstart": 1293,
        "nieuwe-adressen": 1838,
        "verbouwingen": 142,
    }
    assert counted == {
        "adressen": 12030,
        "ligplaatsen en standplaatsen zonder pand (eigen sleutel als pand, woonfunctie)": 172,
        "adressen in meer panden (het eerste telt)": 168,
        "adressen met een nummer van Muiden (0424)": 5,
        "verblijfsobjecten gevormd, nog niet in gebruik (doen mee)": 812,
        "statuswijzigingen in de bron": 35248,
        "wijziging met plaatsvervangende datum 0001-01-01 (vervalt)": 1,
        "wijziging van voor de BAG, voor 2010 (vervalt)": 10600,
        "wijziging uit 2010, opname in de BAG (vervalt)": 8745,
        "wijziging van een soort die geen laag is (vervalt)": 10375,
        "wijziging van een pand zonder adres op de peildatum (vervalt)": 952,
        "wijziging van een verblijfsobject zonder adres op de peildatum (vervalt)": 367,
        "wijziging van een pand met adres (gebruikt)": 1112,
        "wijziging van een verblijfsobject met adres (gebruikt)": 3096,
    }


def test_no_status_change_falls_out_unseen(source: Input) -> None:
    fates = [number for what, number in source.counted.items() if what.startswith("wijziging ")]
    assert sum(fates) == source.counted["statuswijzigingen in de bron"]


def test_the_readme_has_the_figures_that_the_adapter_counts(source: Input) -> None:
    readme = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    for what, number in source.counted.items():
        if not what.startswith("laag "):
            assert f"{number:,}".replace(",", ".") in readme, what


def test_ids_keep_their_leading_zero_and_moorings_are_their_own_building(addresses: pd.DataFrame) -> None:
    assert addresses["sleutel"].str.fullmatch("0[0-9]{15}").all()
    assert addresses["sleutel"].is_unique
    moored = addresses["sleutel"].str[4:6].isin(["02", "03"])
    assert (addresses["pand"] == addresses["sleutel"]).equals(moored)
    assert set(addresses.loc[moored, "gebruik"]) == {"woonfunctie"}
    assert addresses.loc[~moored, "pand"].str[4:6].eq("10").all()


def test_the_input_passes_the_check(source: Input) -> None:
    done = geoanalyse("controleer", source.folder, "--lagenmap", EXAMPLE / "lagen")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "adressen.csv: 12030 rijen gelezen",
        *[f"{name}.csv: {source.counted[f'laag {name}: rijen (adres en dag)']} rijen gelezen" for name in LAYERS],
        "In orde.",
    ]


# --- every product is there and opens ---------------------------------------------------------------------------------


def test_all_products_are_there_and_the_command_names_them(made: Made) -> None:
    names = {
        "kaart.html",
        "factsheet-drugs.html",
        "factsheet-drugs.pdf",
        "factsheet-witwassen.html",
        "factsheet-witwassen.pdf",
        "signaallijst.xlsx",
        "signaallijst.csv",
        "weesp.gpkg",
        "zones.parquet",
        "verantwoording.html",
        "manifest.json",
    }
    assert {file.name for file in made.shareable.iterdir()} == names
    assert {file.name for file in (made.folder / "vertrouwelijk").iterdir()} == {"bouwverslag.json"}
    assert all(f"  {name}" in made.said for name in names)
    assert "Weesp (met Driemond), peildatum 15-10-2021" in made.said
    assert "DEMO" not in made.said


@pytest.mark.parametrize("theme", ["drugs", "witwassen"])
def test_the_factsheets_open_and_carry_question_and_period(made: Made, theme: str) -> None:
    pdf = pypdf.PdfReader(made.shareable / f"factsheet-{theme}.pdf")
    text = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pdf.pages))
    assert len(pdf.pages) == 2
    assert "Weesp (met Driemond)" in text
    assert "waar in Weesp is gebouwd, verbouwd en in gebruik genomen" in text
    assert "Januari 2019 tot en met september 2021" in text
    assert "Verbouwing en leegstand" in text
    assert "DEMO" not in text


def test_the_signal_list_opens_in_excel_and_as_csv(made: Made) -> None:
    book = openpyxl.load_workbook(made.shareable / "signaallijst.xlsx", read_only=True)
    cells = [
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None
    ]
    table = pd.read_csv(made.shareable / "signaallijst.csv", sep=";", encoding="utf-8-sig", dtype=str)
    assert len(table) > 0
    assert set(table["Signaal"]) <= set(cells)
    assert set(table["Gemeente"]) == {"Amsterdam"}
    assert set(table["Van"]) == {"01-01-2019"}
    assert set(table["Tot en met"]) == {"30-09-2021"}


def test_the_geopackage_opens_with_all_its_layers(made: Made) -> None:
    path = made.shareable / "weesp.gpkg"
    spatial = [name for name, kind in pyogrio.list_layers(path) if kind is not None]
    assert len(spatial) >= 3
    for name in spatial:
        frame = pyogrio.read_dataframe(path, layer=name)
        assert len(frame) > 0, name
        assert frame.geometry.is_valid.all(), name
        west, south, east, north = frame.to_crs(28992).total_bounds
        assert 475_000 < south < north < (500_000 if name == "gemeenten" else 486_000), name
        assert (100_000 if name == "gemeenten" else 126_000) < west < east < 137_000, name


def test_zones_parquet_keeps_its_contract(made: Made) -> None:
    table = pq.read_table(made.shareable / "zones.parquet")
    assert table.schema.remove_metadata().equals(ZONES_SCHEMA)
    marks = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    assert marks["geoanalyse:gebied"] == "weesp"
    assert marks["geoanalyse:k"] == str(K)
    assert marks["geoanalyse:periode_tot"] == "2021-10-01"
    assert marks["geoanalyse:profiel"] == "casustafel"
    assert "geoanalyse:let_op" not in marks
    frame = gpd.read_parquet(made.shareable / "zones.parquet")
    assert set(frame["layer"]) == set(LAYERS)
    assert set(frame["status"]) <= {"waarde", "cap", "geen_data", "onderdrukt"}
    assert frame["value"].isna().equals(~frame["status"].isin(["waarde", "cap"]))
    assert frame["cells"].isna().equals(frame["level"].isin(["buurt", "wijk", "gemeente"]))
    rounded = frame[frame["rounding"].isin(["zone", "apart"])]
    assert ((rounded["value"] % rounded["base"] == 0) | (rounded["status"] == "cap")).all()


def test_the_manifest_and_the_build_report_say_what_went_in(made: Made, source: Input) -> None:
    manifest = json.loads((made.shareable / "manifest.json").read_text(encoding="utf-8"))
    report = json.loads((made.folder / "vertrouwelijk" / "bouwverslag.json").read_text(encoding="utf-8"))
    assert set(manifest["bestanden"]) == {file.name for file in made.shareable.iterdir()} - {"manifest.json"}
    assert manifest["grondslag"]["demo"] is False
    assert [layer["id"] for layer in manifest["lagen"]] == list(LAYERS)
    assert report["adressen"] == {"totaal": 12030, "buiten_de_geografie": 7, "in_geen_zone": 0}
    files = {entry["bestand"]: entry for entry in report["invoer"]["bestanden"]}
    assert {name: (entry["rijen"], entry["rijen_geweigerd"]) for name, entry in files.items()} == {
        "adressen.csv": (12030, 0),
        **{f"{name}.csv": (source.counted[f"laag {name}: rijen (adres en dag)"], 0) for name in LAYERS},
    }
    assert report["invoer"]["max_fouten"] == 0
    assert report["invoer"]["lagen_zonder_bestand"] == []


def test_the_build_report_counts_exactly_what_lies_outside_base_and_zones(
    made: Made, addresses: pd.DataFrame, source: Input, flagged: Callable[[str, dt.date, dt.date], set[str]]
) -> None:
    report = json.loads((made.folder / "vertrouwelijk" / "bouwverslag.json").read_text(encoding="utf-8"))
    inside = addresses[shipped_regions().region_of(addresses["cell"].to_numpy()) >= 0]
    bases = {name: "bedrijven" if name.startswith("bedrijf") else "alle" for name in LAYERS}
    for layer, base in bases.items():
        usable = set(inside.loc[inside[base], "sleutel"])
        rows = pd.read_csv(source.folder / f"{layer}.csv", sep=";", dtype=str)["sleutel"]
        assert report["buiten_basis"][layer] == (~rows.isin(usable)).sum(), layer
        exact = len(flagged(layer, START, END) & usable)
        assert report["hele_adressenbestand"][layer]["exact"] == exact, layer


@pytest.mark.browser
def test_the_map_asks_for_nothing_and_says_nothing(made: Made, chromium: Open) -> None:
    page = (made.shareable / "kaart.html").read_text(encoding="utf-8")
    visit = chromium(page)
    visit.wait("document.body.innerText.includes('Weesp')")
    assert visit.problems == []
    assert [url for url in visit.requests if not url.startswith("file:")] == []
    assert "Nieuwe adressen" in visit.page.inner_text("body")


# --- the figures, against an independent count ------------------------------------------------------------------------


def atoms_of(published: pd.DataFrame) -> pd.DataFrame:
    """Rows of the smallest units of each layer that are no region, over the whole period."""
    own = published[(published["rounding"] == "zone") & published["cells"].notna()]
    assert set(own["layer"]) == set(LAYERS)
    return own


def members(rows: pd.DataFrame, addresses: pd.DataFrame) -> pd.DataFrame:
    """One row per unit of one layer and address of its base inside."""
    cells = rows.explode("cells").rename(columns={"cells": "cell"})[["zone", "cell"]]
    cells["cell"] = cells["cell"].astype("uint64")
    base = rows["basis"].iloc[0]
    return cells.merge(addresses[addresses[base]], on="cell")


def test_every_published_unit_is_within_b_of_an_independent_count(
    published: pd.DataFrame, addresses: pd.DataFrame, flagged: Callable[[str, dt.date, dt.date], set[str]]
) -> None:
    checked = Counter[str]()
    for layer, rows in atoms_of(published).groupby("layer"):
        inside = members(rows, addresses)
        keys = flagged(str(layer), START, END)
        exact = inside[inside["sleutel"].isin(keys)].groupby("zone")["sleutel"].nunique()
        exact = exact.reindex(rows["zone"], fill_value=0).to_numpy()
        value, base = rows["value"].to_numpy(dtype=float), rows["base"].to_numpy()
        capped = (rows["status"] == "cap").to_numpy()
        assert (abs(value - exact)[~capped] <= base[~capped] - 1).all(), layer
        assert (exact[capped] >= value[capped] - (base[capped] - 1)).all(), layer
        assert (value[exact == 0] == 0).all(), layer
        assert exact.sum() > 0, layer
        checked[str(layer)] = len(rows)
    assert checked == {"bedrijfsruimte-in-gebruik": 80, "bouwstart": 87, "nieuwe-adressen": 294, "verbouwingen": 28}


def test_public_counts_of_units_are_those_of_the_addresses(published: pd.DataFrame, addresses: pd.DataFrame) -> None:
    for layer, rows in atoms_of(published).groupby("layer"):
        inside = members(rows, addresses)
        for column, of in (("addresses", "sleutel"), ("buildings", "pand")):
            counted = inside.groupby("zone")[of].nunique().reindex(rows["zone"]).to_numpy()
            assert (rows[column].to_numpy() == counted).all(), (layer, column)


@pytest.fixture(scope="module")
def release(source: Input) -> Release:
    return in_memory(source, "weesp")


def totals(
    published: pd.DataFrame,
    addresses: pd.DataFrame,
    flagged: Callable[[str, dt.date, dt.date], set[str]],
    layer: str,
    window: tuple[dt.date, dt.date] = (START, END),
) -> pd.Series:
    """True number per buurt, wijk and gemeente: of the addresses in the units that lie mainly inside."""
    regions = shipped_regions()
    atoms = atoms_of(published)
    own = atoms[atoms["layer"] == layer]
    inside = members(own, addresses)
    inside = inside[inside["sleutel"].isin(flagged(layer, *window))]
    exact = inside.groupby("zone")["sleutel"].nunique().reindex(own["zone"], fill_value=0).to_numpy()
    levels = [own["gebiedscode"].map(lambda code, at=at: regions.chain(code).get(at)) for at in REGIONS]
    return pd.concat([pd.Series(exact).groupby(level.to_numpy()).sum() for level in levels])


@pytest.mark.parametrize(
    "layer",
    [
        "bedrijfsruimte-in-gebruik",
        "nieuwe-adressen",
        "verbouwingen",
        "bouwstart",
    ],
)
def test_the_margins_of_regions_hold_the_true_number(
    release: Release,
    published: pd.DataFrame,
    addresses: pd.DataFrame,
    flagged: Callable[[str, dt.date, dt.date], set[str]],
    layer: str,
) -> None:
    exact = totals(published, addresses, flagged, layer)
    rows = release.statistics.to_pandas()
    rows = rows[(rows["layer"] == layer) & rows["level"].isin(REGIONS) & rows["value"].notna()]
    exact = exact.reindex(rows["zone"]).to_numpy()
    assert len(rows) >= 5
    assert (rows["low"] <= exact).all()
    assert (exact <= rows["high"].fillna(10**9)).all()


def test_totals_apart_are_multiples_of_their_base_and_close(
    published: pd.DataFrame, addresses: pd.DataFrame, flagged: Callable[[str, dt.date, dt.date], set[str]]
) -> None:
    """A layer without caps, over the period: apart within B + 1, a sum within b - 1 for each of its terms."""
    exact = totals(published, addresses, flagged, "nieuwe-adressen")
    whole = published[(published["start"] == START) & (published["end"] == END)]
    rows = whole[(whole["layer"] == "nieuwe-adressen") & whole["level"].isin(REGIONS)]
    assert set(rows["rounding"]) == {"apart"}
    assert rows["base"].eq(rows["level"].map({"buurt": BUURT_BASE}).fillna(REGION_BASE)).all()
    off = (rows["value"] - exact.reindex(rows["zone"]).to_numpy()).abs()
    assert (off <= (rows["base"] - 1 + DISPLACEMENT) * rows["atoms"]).all()


def test_a_series_counts_every_window_by_itself(
    published: pd.DataFrame, addresses: pd.DataFrame, flagged: Callable[[str, dt.date, dt.date], set[str]]
) -> None:
    series = published[(published["start"] > START) | (published["end"] < END)]
    rows = series[(series["layer"] == "verbouwingen") & (series["level"] == "gemeente")].sort_values("start")
    assert len(rows) == 11
    assert set(rows["rounding"]) == {"apart"}
    exact = [
        totals(published, addresses, flagged, "verbouwingen", window)["GM0363"]
        for window in zip(rows["start"], rows["end"], strict=True)
    ]
    assert sum(exact) >= 130
    assert (rows["value"] - exact).abs().max() <= REGION_BASE - 1 + DISPLACEMENT


def new_addresses(release: Release) -> pd.DataFrame:
    return release.statistics.to_pandas().query("layer == 'nieuwe-adressen' and level == 'zone'")


def test_the_new_neighbourhood_has_the_highest_class(release: Release) -> None:
    """Of 294 zones 38 are new for more than half, all but two in the Bloemendalerpolder or on its edge."""
    zones = new_addresses(release)
    new = zones[zones["rate"] > 0.5]
    assert 36 <= len(new) <= 40
    assert set(new["class"]) == {5}
    assert new["p_double"].min() > 0.99
    where = release.protected.table.to_pandas().query("layer == 'nieuwe-adressen' and level == 'zone'")
    wijk = where.set_index("zone")["gebiedscode"].str[:8].reindex(new["zone"])
    assert wijk.eq("BU0363SB").mean() > 0.9


def test_the_new_neighbourhood_is_a_hot_spot(release: Release) -> None:
    """With 9,999 permutations of the residuals and the same correction, 31 of its zones are hot."""
    zones = new_addresses(release)
    assert (zones[zones["rate"] > 0.5]["hotspot"] == "hotspot").sum() >= 20


def test_no_interval_goes_beyond_all_addresses(release: Release) -> None:
    assert new_addresses(release)["rate_high"].max() <= 1


# --- G1 on the real addresses -----------------------------------------------------------------------------------------


def test_every_zone_is_large_enough_on_its_own_base(published: pd.DataFrame, addresses: pd.DataFrame) -> None:
    for _, rows in atoms_of(published).groupby("layer"):
        inside = members(rows, addresses)
        per_zone = inside.groupby("zone")["sleutel"].nunique()
        largest = inside.groupby(["zone", "pand"])["sleutel"].nunique().groupby("zone").max()
        assert per_zone.min() >= K
        assert inside.groupby("zone")["pand"].nunique().min() >= MIN_BUILDINGS
        assert (per_zone - largest).min() >= MIN_OUTSIDE_LARGEST


def test_zones_hold_every_address_of_the_geography_once(published: pd.DataFrame, addresses: pd.DataFrame) -> None:
    regions = shipped_regions()
    inside = addresses[regions.region_of(addresses["cell"].to_numpy()) >= 0]
    assert len(addresses) - len(inside) == 7
    zones = published[(published["level"] == "zone") & (published["layer"] == "nieuwe-adressen")]
    cells = zones.explode("cells")["cells"].astype("uint64")
    assert cells.is_unique
    assert set(cells) == set(inside["cell"])
    assert zones["addresses"].sum() == len(inside) == 12023


def test_units_of_coarser_levels_never_isolate_a_few_addresses(published: pd.DataFrame) -> None:
    """Units that are published with cells nest: no hexagon cuts a zone, so no difference leaves a part of one."""
    for _, rows in published[published["cells"].notna() & (published["start"] == START)].groupby("basis"):
        zones = rows[rows["level"] == "zone"].drop_duplicates("zone")
        owner = {int(cell): zone for zone, cells in zip(zones["zone"], zones["cells"], strict=True) for cell in cells}
        size = {zone: len(cells) for zone, cells in zip(zones["zone"], zones["cells"], strict=True)}
        for cells in rows.loc[rows["level"] != "zone", "cells"]:
            held = Counter(owner[int(cell)] for cell in cells)
            assert all(size[zone] == number for zone, number in held.items())


# --- the same again ---------------------------------------------------------------------------------------------------


def test_building_again_gives_the_same_bytes_and_no_second_entry_in_the_register(
    source: Input, made: Made, tmp_path: Path
) -> None:
    register = source.key.with_name("weesp.sleutel.register.json")
    before = register.read_bytes()
    assert made.folder.name == json.loads(before)["uitgegeven"][0]["reference_date"]
    done = build_weesp(source, tmp_path, "--sleutel", source.key, "--stil")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert register.read_bytes() == before
    again = tmp_path / "weesp" / "2021-10-15"
    for part in ("deelbaar", "vertrouwelijk"):
        files = sorted(file.name for file in (made.folder / part).iterdir())
        assert files == sorted(file.name for file in (again / part).iterdir())
        for name in files:
            assert (made.folder / part / name).read_bytes() == (again / part / name).read_bytes(), name


def test_a_second_key_gives_other_values_that_are_as_close(
    source: Input, published: pd.DataFrame, tmp_path: Path
) -> None:
    other_key = with_secret(tmp_path / "ander.sleutel", 2)
    other = in_memory(source, "weesp", key_file=other_key).protected.table.to_pandas()
    both = atoms_of(published).merge(other, on=UNIT, suffixes=("", "_other"))
    both = both[(both["status"] == "waarde") & (both["status_other"] == "waarde")]
    assert (both["value"] != both["value_other"]).any()
    # both are within b - 1 of one count
    assert ((both["value"] - both["value_other"]).abs() <= 2 * (both["base"] - 1)).all()


@pytest.mark.parametrize("area", ["amsterdam", "WK0363SD", "BU0363SD03", "centrum-van-weesp.geojson"])
def test_an_area_selects_zones_and_changes_no_value(
    source: Input, published: pd.DataFrame, area: str, tmp_path: Path
) -> None:
    if area.endswith(".geojson"):
        square = gpd.GeoSeries.from_wkt(
            ["POLYGON((131500 479500, 132600 479500, 132600 480600, 131500 480600, 131500 479500))"], crs=28992
        )
        area = str(tmp_path / area)
        square.to_crs(4326).to_file(area, driver="GeoJSON")
    other = in_memory(source, area).protected.table.to_pandas()
    both = published.merge(other, on=UNIT, suffixes=("", "_other"))
    assert set(both["level"]) >= {"zone", "res9", "res8", "gemeente"}
    assert len(both) == len(other) or area == "amsterdam"
    assert both["value"].equals(both["value_other"])
    for column in ("addresses", "buildings", "status", "gebiedscode", "rounding"):
        assert both[column].equals(both[f"{column}_other"]), column


# --- zero, missing, suppressed ----------------------------------------------------------------------------------------


def test_before_the_source_looked_there_is_no_data_and_not_zero(source: Input, tmp_path: Path) -> None:
    earlier = (dt.date(2018, 1, 1), END)
    longer = with_secret(tmp_path / "langer.sleutel", 1)
    table = in_memory(source, "weesp", period=earlier, key_file=longer).protected.table.to_pandas()
    whole = table[(table["start"] == earlier[0]) & (table["end"] == END)]
    rebuilt = whole[whole["layer"] == "verbouwingen"]
    assert set(rebuilt["status"]) == {"geen_data", "onderdrukt"}
    assert rebuilt["value"].isna().all()
    assert set(rebuilt.loc[rebuilt["level"].isin(["res8", "wijk", "gemeente"]), "status"]) == {"geen_data"}
    assert (whole.loc[whole["layer"] == "nieuwe-adressen", "status"] == "waarde").all()
    quarters = table[
        (table["layer"] == "verbouwingen") & (table["level"] == "gemeente") & (table["start"] > earlier[0])
    ]
    assert set(quarters.loc[quarters["start"] < START, "status"]) == {"geen_data"}


def with_events(source: Input, rows: list[tuple[str, str]]) -> None:
    text = "sleutel;datum\n" + "".join(f"{address};{day}\n" for address, day in rows)
    for layer in LAYERS:
        (source.folder / f"{layer}.csv").write_text(text, encoding="utf-8", newline="\n")


def test_zero_everywhere_is_not_missing(copy: Input) -> None:
    with_events(copy, [("0457010000000134", "13-05-1999")])
    release = in_memory(copy, "weesp", key_file=with_secret(copy.folder.parent / "nul.sleutel", 1))
    whole = release.protected.table.to_pandas().query("rounding == 'zone'")
    assert whole["value"].eq(0).all()
    composite = release.statistics.to_pandas().query("layer == 'thema:witwassen' and level == 'zone'")
    assert len(composite) == 294
    assert set(composite["status"]) == {"waarde"}
    assert set(composite["class"]) == {0}


@pytest.mark.parametrize("events", [1, pytest.param(3, marks=pytest.mark.full)])
def test_a_handful_of_events_gives_every_product(
    copy: Input, addresses: pd.DataFrame, events: int, tmp_path: Path
) -> None:
    keys = addresses.sort_values(["oost", "noord"])["sleutel"].iloc[3000 : 3000 + events]
    with_events(copy, [(address, "01-05-2020") for address in keys])
    for number in range(1, 4):
        release = in_memory(copy, "weesp", key_file=with_secret(tmp_path / f"{number}.sleutel", number))
        folder = write_release(release, {}, tmp_path / f"uit{number}")
        assert len(list((folder / "deelbaar").iterdir())) == 11


def test_a_period_before_every_source_looked_is_refused(source: Input, tmp_path: Path) -> None:
    early = {"period": (dt.date(2005, 1, 1), dt.date(2009, 1, 1))}
    with pytest.raises(AreaError, match="in deze periode geen enkele laag gegevens"):
        in_memory(source, "weesp", key_file=with_secret(tmp_path / "vroeg.sleutel", 1), **early)


# --- refusals: one line, and nothing is written -----------------------------------------------------------------------


def test_without_a_key_own_input_is_refused(source: Input, tmp_path: Path) -> None:
    done = build_weesp(source, tmp_path / "uit")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("Fout: eigen gegevens: geef uw sleutel met --sleutel BESTAND")
    assert not (tmp_path / "uit").exists()


def test_an_expired_grondslag_is_refused(copy: Input, tmp_path: Path) -> None:
    path = copy.folder / "grondslag.toml"
    text = path.read_text(encoding="utf-8").replace("geldig_tot = 2099-12-31", "geldig_tot = 2022-01-01")
    path.write_text(text, encoding="utf-8", newline="\n")
    done = build_weesp(copy, tmp_path / "uit", "--sleutel", copy.key)
    assert done.returncode == 1
    assert done.stderr == "Fout: grondslag.toml, geldig_tot: het besluit is verlopen; vraag een nieuw besluit\n"
    assert not (tmp_path / "uit").exists()


def test_the_raw_source_is_refused_unread_with_all_its_faults(copy: Input, shared: Path) -> None:
    """The extract as it is, without the adapter: columns that no contract names, and none of the ones it does."""
    raw = pd.read_csv(shared / "addresses" / "bag_weesp_adressen_20211015.csv.gz", dtype=str)
    raw.to_csv(copy.folder / "adressen.csv", index=False)
    with pytest.raises(InputError) as refused:
        in_memory(copy, "weesp")
    lines = list(refused.value.faults)
    assert all(line.startswith("adressen.csv") for line in lines)
    streets, postcodes = set(raw["straat"]), set(raw["postcode"].dropna())
    assert not any(word in line for line in lines for word in streets | postcodes)


def test_a_table_saved_by_a_spreadsheet_lost_its_zeros(copy: Input) -> None:
    path = copy.folder / "verbouwingen.csv"
    path.write_text(re.sub("(?m)^0", "", path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    with pytest.raises(InputError) as refused:
        in_memory(copy, "weesp")
    (line,) = refused.value.faults
    assert line.startswith("verbouwingen.csv, kolom sleutel: 142 rijen")
    assert "voorloopnul" in line


def test_zones_of_another_address_base_are_refused_with_a_used_key(copy: Input, made: Made) -> None:
    assert made.folder.is_dir()  # the key has been used
    (zones,) = copy.folder.glob("zones-*.parquet")
    zones.unlink()
    path = copy.folder / "adressen.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:6000]), encoding="utf-8", newline="\n")
    assert geoanalyse("zones", copy.folder).returncode == 0
    for layer in LAYERS[1:]:
        (copy.folder / f"{layer}.csv").unlink()
    with pytest.raises(ProtectionError, match=r"^eerder is met deze sleutel uitgegeven op zones"):
        in_memory(copy, "weesp", max_faults=0.99)


def test_zones_that_hold_other_addresses_are_refused(copy: Input) -> None:
    """Zones of the demo have ten made-up addresses; a zone of them may hold one real address."""
    (zones,) = copy.folder.glob("zones-*.parquet")
    zones.unlink()
    shutil.copy(Path(key.__file__).parent / "data" / "zones-demo.parquet", copy.folder)
    with pytest.raises((InputError, ProtectionError)):
        in_memory(copy, "weesp", key_file=with_secret(copy.folder.parent / "demo.sleutel", 1))


# --- nothing of an address leaves -------------------------------------------------------------------------------------


def test_no_bag_id_is_in_any_shareable_file(made: Made) -> None:
    """Ids of addresses and panden of Weesp: 16 digits that start with 0424 or 0457."""
    pattern = re.compile(rb"(?<![0-9])04(?:24|57)(?:01|02|03|10|20)[0-9]{10}(?![0-9])")
    for path in made.shareable.iterdir():
        content = path.read_bytes()
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(io.BytesIO(content)) as book:
                content = b"\n".join(book.read(name) for name in book.namelist())
        if path.suffix == ".pdf":
            pages = pypdf.PdfReader(path).pages
            content = "\n".join(page.extract_text() for page in pages).encode()
        if path.suffix == ".parquet":
            content = pd.read_parquet(path).drop(columns="geometry").to_csv().encode()
        assert not pattern.search(content), path.name
