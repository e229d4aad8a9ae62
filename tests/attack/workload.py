"""What an attacker gets to see: many releases of a synthetic city, and public geography. The truth lies elsewhere.

A case is a folder that the real command line filled (`make_case` says what is in it). The raw input, the key and the
truth stay in folders that the adversary is not given.
"""

import datetime as dt
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as pq
import shapely

from geoanalyse import grid
from tests.attack import city, indicators
from tests.attack.city import City, Size
from tests.attack.indicators import CUMULATIVE, FIRST, INDICATORS, LAST, STEADY, YEARLY
from tests.attack.runner import Job, run

GRONDSLAG = """\
soort = "ander besluit"
besluit = "Proef met verzonnen gegevens"
datum = 2025-01-01
reikwijdte = "gebied"
doel = "meten wat een aanvaller kan leren"
vraag = "Welk aantal is te vinden?"
opvolging = "geen: verzonnen gegevens"
rubricering = "proef"
geldig_tot = 2099-12-31
bewaren_tot = 2099-12-31
"""
KEY, TRIAL_KEY, MOVING_KEY = "riec.sleutel", "proef.sleutel", "schuivend.sleutel"
"""The holder's key, another for releases that are no part of the series, and one for windows that overlap."""
HOLDER_KEY, LISTS, LISTED = "bronhouder.sleutel", "houderlijsten.toml", 2
"""The secret of whoever gets its own keys back, the file that asks for those lists, and with how many releases."""
_ASKED = f"""
[[lijst]]
bronhouder = "proef"
grondslag = "verzonnen gegevens"
ontvanger = "proef"
geheim = "{HOLDER_KEY}"
bewaren_tot = 2099-12-31
"""
WHOLE, INSIDE, CROSSING = "GM9901", "WK990102", "rand"
"""A gemeente, a wijk inside it, and a drawn area that crosses the borders of wijken and gemeenten."""
LATER = "invoer-later"
_WHOLLY_FLAGGED = 60  # fewest addresses of the buurt that is


@dataclass(frozen=True, slots=True)
class Plan:
    """How many releases of each kind a case holds.

    Attributes
    ----------
    areas : tuple of str
    yearly : int
        Monthly releases of windows that grow and start anew after a year, of each area.
    renewed : int
        The last of those are on a later version of the zones, with addresses that came and went.
    cumulative, steady : int
        Monthly releases of a window that grows; and of windows of one month, of a layer whose counts never change.
    others : tuple of str
        Other profiles under which one in six of the yearly releases, and at least one, is made again.
    """

    areas: tuple[str, ...]
    yearly: int
    renewed: int
    cumulative: int
    steady: int
    others: tuple[str, ...] = ("streng", "openbaar")


AREAS = (WHOLE, INSIDE, f"{CROSSING}.gpkg")
STANDARD_SIZE = Size(addresses=52_000, buurten=60, wijken=12, bands=4)
STANDARD = Plan(AREAS, yearly=12, renewed=4, cumulative=24, steady=12)
SMALL_SIZE = Size(addresses=3_000, buurten=9, wijken=3, bands=3)
SMALL = Plan(AREAS, yearly=4, renewed=1, cumulative=3, steady=3)
EDGE = Plan((WHOLE,), yearly=2, renewed=0, cumulative=2, steady=2)


@dataclass(frozen=True, slots=True)
class Ground:
    """A city with its raw input on disk; the holder's side.

    Attributes
    ----------
    city, later : City
        Now, and a year later.
    events : DataFrame
        ``layer``, ``id``, ``day``, ``amount``.
    folder : Path
        Holds ``invoer``, ``lagen``, ``geografie.parquet``, the keys and ``rand.gpkg``.
    """

    city: City
    later: City
    events: pd.DataFrame
    folder: Path

    @property
    def input(self) -> Path:
        return self.folder / "invoer"

    @property
    def zones(self) -> Path:
        (found,) = self.input.glob("zones-*.parquet")
        return found


# --- the holder's side ------------------------------------------------------------------------------------------------


def draw(size: Size, seed: int, folder: Path) -> Ground:
    """Draw a city with everything that happens in it, and write what releases are made from."""
    random = np.random.default_rng(seed)
    made = city.make_city(size, random)
    buurt = city.buurt_of(made)
    number = buurt.value_counts()
    smallest = number[number >= _WHOLLY_FLAGGED].index[-1]
    return _prepare(made, np.asarray(buurt == smallest), (), random, folder)


def draw_edge(seed: int, folder: Path) -> Ground:
    """Draw the city of edges: a zone of exactly k addresses, all of them flagged, and a layer without any event."""
    random = np.random.default_rng(seed)
    made, exactly_k = city.make_edge_city(random)
    return _prepare(made, exactly_k, ("schaars",), random, folder)


def _prepare(
    made: City, flagged: npt.NDArray[np.bool_], silent: Sequence[str], random: np.random.Generator, folder: Path
) -> Ground:
    folder.mkdir(parents=True)
    city.write_borders(made, folder / f"wijkenbuurten_{city.YEAR}.gpkg")
    _crossing(made).to_file(folder / f"{CROSSING}.gpkg")
    indicators.write_layers(folder / "lagen")
    write_addresses(made, folder / "invoer")
    run(
        [
            Job(["geografie", "lees", f"wijkenbuurten_{city.YEAR}.gpkg", "--uit", "geografie.parquet", "--stil"]),
            Job(["zones", "invoer", "--geografie", "geografie.parquet"]),
            Job(["sleutel", "maak", KEY], seed=int(random.integers(1 << 30))),
            Job(["sleutel", "maak", TRIAL_KEY], seed=int(random.integers(1 << 30))),
            Job(["sleutel", "maak", MOVING_KEY], seed=1),
            Job(["sleutel", "maak", HOLDER_KEY], seed=2),
        ],
        folder,
    )
    (folder / LISTS).write_text(_ASKED, encoding="utf-8", newline="\n")
    (zones,) = (folder / "invoer").glob("zones-*.parquet")
    zone, _ = pd.factorize(zones_of(made.addresses, zones)["zone"])
    events = indicators.happen(made.addresses, flagged, zone, silent, random)
    write_events(events, folder / "invoer")
    quiet = np.flatnonzero(~made.addresses["id"].isin(events["id"]))
    gone = random.choice(quiet, max(1, len(made.addresses) // 200), replace=False)
    return Ground(made, city.renew(made, random, gone), events, folder)


def _crossing(made: City) -> gpd.GeoDataFrame:
    """Draw an area in the middle, across borders of wijken and of gemeenten."""
    west, south, east, north = made.buurten.total_bounds
    wide, high = east - west, north - south
    box = shapely.box(west + 0.35 * wide, south + 0.3 * high, west + 0.85 * wide, south + 0.75 * high)
    return gpd.GeoDataFrame({"naam": [CROSSING]}, geometry=[box], crs=made.buurten.crs)


def write_addresses(made: City, folder: Path) -> None:
    """Write the address base and the legal basis of an input folder."""
    folder.mkdir(parents=True, exist_ok=True)
    table = made.addresses.rename(columns={"id": "sleutel"}).assign(crs="EPSG:28992")
    table.to_csv(folder / "adressen.csv", sep=";", decimal=",", index=False, encoding="utf-8")
    (folder / "grondslag.toml").write_text(GRONDSLAG, encoding="utf-8", newline="\n")


def write_events(events: pd.DataFrame, folder: Path) -> None:
    """Write a table per layer."""
    for layer, rows in events.groupby("layer"):
        table = rows.rename(columns={"id": "sleutel", "day": "datum", "amount": "aantal"})
        columns = ["sleutel", "datum", "aantal"] if INDICATORS[str(layer)].clamp else ["sleutel", "datum"]
        table[columns].to_csv(folder / f"{layer}.csv", sep=";", index=False, date_format="%Y-%m-%d", encoding="utf-8")


def zones_of(addresses: pd.DataFrame, zones_file: Path, base: str = "alle") -> pd.DataFrame:
    """Give ``id``, ``zone`` and ``region`` (its CBS code) of each address; null where it has none."""
    table = pq.read_table(zones_file, columns=["basis", "niveau", "id", "cellen", "gebiedscode"]).to_pandas()
    zones = table[(table["basis"] == base) & (table["niveau"] == "zone")].explode("cellen").set_index("cellen")
    found = zones.reindex(grid.cells_at(addresses["oost"], addresses["noord"]))
    columns = {"id": addresses["id"], "zone": found["id"], "region": found["gebiedscode"]}
    return pd.DataFrame({name: column.to_numpy() for name, column in columns.items()})


# --- a case -----------------------------------------------------------------------------------------------------------


def make_case(ground: Ground, plan: Plan, case: Path, truth: Path) -> None:
    """Make the releases of a plan and lay them out for the adversary.

    Notes
    -----
    ::

        openbaar/adressen.parquet                          id, oost, noord, pand, gebruik
        openbaar/adressen-<zones version>.parquet          the same of a year later
        openbaar/geografie.parquet, wijkenbuurten_*.gpkg   cells of the regions; exact borders
        openbaar/zones-<version>.parquet, lagen/*.toml
        uitgaven/<series>/<area>/<day>/deelbaar/...        series: jaarlijks, cumulatief, gelijk, streng, openbaar
        herhaald/{zelfde,geschud,draden}/<n>/deelbaar/...  one release, made again

    """
    windows = yearly(plan.yearly)
    earlier, later = windows[: plan.yearly - plan.renewed], windows[plan.yearly - plan.renewed :]
    jobs = [
        *_yearly(ground, plan, earlier),
        *_growing(ground, plan.cumulative),
        *_steady(ground, plan.steady),
        *_under_other_profiles(ground, plan),
        *_again(ground, plan),
    ]
    run(jobs, ground.folder, at_once=2)
    if later:  # once a release stands on later zones, nothing is issued on earlier ones
        run([_join_zones(ground)], ground.folder)
        run(list(_yearly(ground, plan, later, invoer=LATER)), ground.folder, at_once=2)
    collect(ground, case, ground.folder / "uit")
    truth.mkdir(parents=True)
    ground.events.to_parquet(truth / "waarheid.parquet", index=False)
    for file in ground.folder.glob(f"{KEY}*"):
        shutil.copy(file, truth / file.name)


def collect(ground: Ground, case: Path, out: Path) -> None:
    """Move what may be shared of every release below `out` to the case, and add what everyone knows."""
    for found in sorted(out.glob("**/deelbaar")):
        series, *rest = found.parent.relative_to(out).parts
        place = Path("uitgaven", series, *rest) if series not in ("herhaald", "tweelingen") else Path(series, *rest[:2])
        (case / place).mkdir(parents=True)
        for made in (found.parent / "vertrouwelijk").glob("signaallijst-*.xlsx"):
            (case / "lijsten").mkdir(exist_ok=True)
            made.rename(case / "lijsten" / f"{'-'.join(place.parts)}-{made.name}")
        found.rename(case / place / "deelbaar")
    shutil.rmtree(out)
    write_public(ground, case / "openbaar")


def write_public(ground: Ground, folder: Path) -> None:
    """Write what everyone knows: addresses, borders, zones and layer files."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    ground.city.addresses.to_parquet(folder / "adressen.parquet", index=False)
    for file in (ground.folder / "geografie.parquet", ground.folder / f"wijkenbuurten_{city.YEAR}.gpkg", ground.zones):
        shutil.copy(file, folder / file.name)
    shutil.copytree(ground.folder / "lagen", folder / "lagen")
    for file in (ground.folder / LATER).glob("zones-*.parquet"):
        shutil.copy(file, folder / file.name)
        ground.later.addresses.to_parquet(folder / file.name.replace("zones", "adressen"), index=False)


# --- which releases ---------------------------------------------------------------------------------------------------


Window = tuple[dt.date, dt.date]
"""First day and end (exclusive)."""
TRIAL: Window = (dt.date(2024, 1, 1), dt.date(2025, 1, 1))
"""A year for releases that are no part of the series."""


def yearly(count: int) -> list[Window]:
    """Give windows that grow month by month to a year, and start anew for the second half of them."""
    second = LAST.astype(dt.date)
    halves = (second.replace(year=second.year - 1), count - count // 2), (second, count // 2)
    return [
        (end.replace(year=end.year - 1), later(end, number - size + 1))
        for end, size in halves
        for number in range(size)
    ]


def last_months(count: int) -> list[Window]:
    """Give the last months of the data, one by one."""
    end = LAST.astype(dt.date)
    return [(later(end, number - count), later(end, number - count + 1)) for number in range(count)]


def later(day: dt.date, months: int) -> dt.date:
    """Give the first day of a month so many months after another."""
    month = 12 * day.year + day.month - 1 + months
    return dt.date(month // 12, month % 12 + 1, 1)


def build(ground: Ground, series: str, area: str, window: Window, layers: Sequence[str], **other: str) -> list[str]:
    """Give the command line of one release; its peildatum is the end of its window (exclusive)."""
    start, end = window
    options = {
        "gebied": area,
        "invoer": ground.input.name,
        "uit": f"uit/{series}",
        "lagen": ",".join(layers),
        "lagenmap": "lagen",
        "sleutel": KEY,
        "geografie": "geografie.parquet",
        "peildatum": end.isoformat(),
        "periode": f"{start:%Y-%m}..{end - dt.timedelta(days=1):%Y-%m}",
    } | other
    return ["build", "--stil", *(part for name, value in options.items() for part in (f"--{name}", value))]


def _yearly(ground: Ground, plan: Plan, windows: Sequence[Window], **other: str) -> Iterator[Job]:
    for number, window in enumerate(windows):
        for area in plan.areas:
            listed = {"houderlijsten": LISTS} if area == WHOLE and number < LISTED else {}
            yield Job(build(ground, "jaarlijks", area, window, list(YEARLY), **listed, **other))


def _growing(ground: Ground, releases: int) -> Iterator[Job]:
    start = FIRST.astype(dt.date)
    for month in range(start.month, start.month + releases):  # the first window is one month
        day = dt.date(start.year + month // 12, month % 12 + 1, 1)
        yield Job(build(ground, "cumulatief", WHOLE, (start, day), list(CUMULATIVE)))


def _steady(ground: Ground, releases: int) -> Iterator[Job]:
    for window in last_months(releases):
        yield Job(build(ground, "gelijk", WHOLE, window, list(STEADY)))


def _under_other_profiles(ground: Ground, plan: Plan) -> Iterator[Job]:
    with_parts = {part for each in YEARLY.items() if each[1].part_of for part in (each[0], each[1].part_of)}
    for profile in plan.others:
        # a layer with parts keeps its profile for as long as the key lives
        layers = [layer for layer in YEARLY if profile != "streng" or layer not in with_parts]
        for window in yearly(plan.yearly)[: max(1, plan.yearly // 6)]:
            yield Job(build(ground, profile, WHOLE, window, layers, profiel=profile))


def _again(ground: Ground, plan: Plan) -> Iterator[Job]:
    """Make one release again: as it was, from shuffled rows, with one thread and with three."""
    shuffled = ground.folder / "invoer-geschud"
    shutil.copytree(ground.input, shuffled)
    for file in sorted(shuffled.glob("*.csv")):
        head, *rows = file.read_text(encoding="utf-8").splitlines()
        order = np.random.default_rng(len(rows)).permutation(len(rows))
        file.write_text("\n".join([head, *(rows[row] for row in order), ""]), encoding="utf-8")
    kinds = (("zelfde/0", ground.input, None), ("geschud/0", shuffled, None))
    for name, source, threads in (*kinds, ("draden/1", ground.input, 1), ("draden/3", ground.input, 3)):
        window, area = yearly(plan.yearly)[0], plan.areas[-1]
        arguments = build(ground, f"herhaald/{name}", area, window, list(YEARLY), invoer=source.name)
        yield Job(arguments, threads=threads)


def _join_zones(ground: Ground) -> Job:
    """Write the input of a year later, with other addresses, and give the job that joins the zones of before."""
    folder = ground.folder / LATER
    write_addresses(ground.later, folder)
    write_events(ground.events, folder)
    previous = ground.zones.relative_to(ground.folder)
    return Job(["zones", LATER, "--vorige", str(previous), "--geografie", "geografie.parquet"])
