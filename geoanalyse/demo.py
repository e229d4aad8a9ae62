"""Made-up input for trying things out: real households per buurt, invented addresses and events.

Nothing here is about anyone. Households per buurt and wijk are public figures; everything else is drawn from a seeded
generator, with a few planted concentrations that ``docs/demo.md`` names, so that one can see whether the map finds
them.
"""

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from geoanalyse import grid
from geoanalyse.addresses import CRS, USES, Addresses, Events
from geoanalyse.geography import Regions
from geoanalyse.grondslag import Decision, Grondslag, Scope

SEED = 20260101
START = dt.date(2022, 1, 1)
END = dt.date(2026, 1, 1)
REFERENCE_DATE = dt.date(2026, 1, 1)
KEY = hashlib.sha256(b"geoanalyse demo: deze sleutel is openbaar en beschermt niets").digest()
"""Published on purpose: the demo holds nothing to protect, and everyone must get the same map."""

GRONDSLAG = Grondslag(
    kind=Decision.ENFORCEMENT,
    decision="Demonstratie: verzonnen gegevens, geen besluit",
    date=dt.date(2025, 11, 3),
    scope=Scope.AREA,
    purpose="laten zien hoe een geografische analyse eruitziet",
    question="Waar komen signalen van drugshandel en witwassen samen?",
    follow_up="niemand: dit zijn verzonnen gegevens",
    classification="openbaar (demo)",
    valid_until=dt.date(2099, 12, 31),
    retain_until=dt.date(2099, 12, 31),
    reference_date=REFERENCE_DATE,
    demo=True,
)

BUSINESS_SHARE = 0.085
"""Businesses per household, on top of those that stand in the open."""
BUSINESSES_PER_CELL = 0.45
"""Extra business addresses per cell, so that harbours and business estates are not empty."""
EMPTY_CELLS = 0.18
"""Share of cells without any address: water, parks, rail."""

# Sizes of buildings (addresses in one pand), drawn with equal chance: sparse cells hold houses, dense cells hold flats.
_HOUSES = np.array([1, 1, 1, 1, 1, 1, 1, 2, 2, 4])
_FLATS = np.array([1, 2, 3, 4, 4, 6, 8, 8, 12, 16, 24, 40, 64])
_DENSE = 60

_BUSINESS_USES = (
    "kantoorfunctie",
    "kantoorfunctie",
    "winkelfunctie",
    "winkelfunctie",
    "industriefunctie",
    "industriefunctie",
    "bijeenkomstfunctie",
    "logiesfunctie",
    "overige gebruiksfunctie",
)


@dataclass(frozen=True, slots=True)
class Indicator:
    """How often a made-up indicator occurs: share of homes and of businesses over the four years."""

    homes: float
    businesses: float


INDICATORS: Mapping[str, Indicator] = {
    "pandsluitingen": Indicator(homes=0.00045, businesses=0.0025),
    "kvk-registraties": Indicator(homes=0.10, businesses=0.55),
    "fiu-signalen": Indicator(homes=0.010, businesses=0.045),
    "mma-meldingen": Indicator(homes=0.005, businesses=0.006),
    "domicilie": Indicator(homes=0.0, businesses=0.012),
    "leegstand": Indicator(homes=0.0, businesses=0.06),
}


# Risk is never even: each region and each cell multiplies the chance by a factor drawn from these, with mean about 1.
_REGION_FACTORS = np.array([0.5, 0.7, 0.8, 0.9, 0.9, 1.0, 1.1, 1.2, 1.3, 1.6])
_CELL_FACTORS = np.array([0.4, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.3, 1.5, 1.7])


@dataclass(frozen=True, slots=True)
class Planted:
    """A concentration put there on purpose: in `region`, `layer` occurs `times` as often, from `start` on."""

    region: str
    layer: str
    times: float
    start: dt.date = START


PLANTED = (
    Planted("BU0363TC03", "fiu-signalen", 5),  # Amsterdamse Poort
    Planted("BU0363TC03", "kvk-registraties", 2),
    Planted("BU0363TC03", "domicilie", 6),
    Planted("WK0363TE", "mma-meldingen", 9),  # Bijlmer-Oost, round Ganzenhoef
    Planted("WK0363TE", "pandsluitingen", 12),
    Planted("WK0363AD", "pandsluitingen", 12),  # Burgwallen-Nieuwe Zijde, in 1012
    Planted("WK0363AD", "fiu-signalen", 5),
    Planted("WK045155", "fiu-signalen", 6),  # Veilinggebied, Uithoorn
    Planted("WK0363BA", "leegstand", 5),  # Havens-West
    Planted("WK0363FA", "mma-meldingen", 9, dt.date(2025, 1, 1)),  # new in the last year
)


@dataclass(frozen=True, slots=True)
class Demo:
    """The made-up input, in the form a reader of files gives it."""

    addresses: Addresses
    events: Mapping[str, Events]


def make(regions: Regions, seed: int = SEED) -> Demo:
    """Make the demo input: about 800,000 addresses and four years of events.

    Only uniform random numbers and table look-ups are used, so that every machine draws the same.

    Examples
    --------
    >>> from geoanalyse.geography import shipped_regions
    >>> demo = make(shipped_regions())
    >>> 750_000 < len(demo.addresses) < 850_000
    True
    """
    random = np.random.Generator(np.random.PCG64(seed))
    cell, business = _place(regions, random)
    building, easting, northing = _build(cell, random)
    uses = np.full(len(cell), 1 << USES.index("woonfunctie"), dtype=np.uint16)
    kinds = np.array([1 << USES.index(use) for use in _BUSINESS_USES], dtype=np.uint16)
    uses[business] = kinds[(random.random(int(business.sum())) * len(kinds)).astype(np.int64)]
    addresses = Addresses(_keys(len(cell)), easting, northing, uses, building)
    events: dict[str, Events] = {}
    registered = np.zeros(len(cell), dtype=bool)
    for layer, indicator in INDICATORS.items():
        events[layer] = _happen(layer, indicator, regions, cell, business, registered, random)
        if layer == "kvk-registraties":
            registered[events[layer].address] = True
    return Demo(addresses, events)


def _households() -> dict[str, float]:
    path = Path(__file__).parent / "data" / "households.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader((line for line in file if not line.startswith("#")), delimiter=";")
        next(rows)
        return {code: float(number or 0) for code, number in rows}


def _place(regions: Regions, random: np.random.Generator) -> tuple[grid.Cells, npt.NDArray[np.bool_]]:
    """Spread the addresses of each region over its cells, more in some than in others; give cell and use of each."""
    households = _households()
    order = np.argsort(regions.region, kind="stable")
    cells, owner = regions.cells[order], regions.region[order]
    draw = random.random(len(cells))
    weight = np.where(draw < EMPTY_CELLS, 0.0, draw * draw)
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    numbers = np.zeros(len(cells), dtype=np.int64)
    businesses = np.zeros(len(cells), dtype=np.float64)
    for first, last in zip(starts, np.r_[starts[1:], len(cells)], strict=True):
        homes = households.get(regions.codes[owner[first]], 0.0)
        firms = round(homes * BUSINESS_SHARE + (last - first) * BUSINESSES_PER_CELL)
        share = weight[first:last]
        total = int(homes) + firms
        if not total or not share.any():
            continue
        numbers[first:last] = _largest_remainder(share, total)
        businesses[first:last] = firms / total
    cell = np.repeat(cells, numbers)
    business = random.random(len(cell)) < np.repeat(businesses, numbers)
    return cell, business


def _largest_remainder(weight: grid.Floats, total: int) -> npt.NDArray[np.int64]:
    exact = weight / weight.sum() * total
    whole: npt.NDArray[np.int64] = np.floor(exact).astype(np.int64)
    rest = np.argsort(whole - exact, kind="stable")[: total - int(whole.sum())]
    whole[rest] += 1
    return whole


def _build(cell: grid.Cells, random: np.random.Generator) -> tuple[npt.NDArray[np.int64], grid.Floats, grid.Floats]:
    """Cut the addresses of each cell into buildings and give each building a place within 42 m of the cell's centre."""
    known, of_address, numbers = np.unique(cell, return_inverse=True, return_counts=True)
    order = np.argsort(of_address, kind="stable")  # the addresses of one cell may not stand together
    starts = np.zeros(len(cell), dtype=bool)
    starts[np.cumsum(numbers) - numbers] = True
    dense = np.repeat(numbers > _DENSE, numbers)
    for sizes, here in ((_HOUSES, ~dense), (_FLATS, dense)):
        drawn = sizes[(random.random(len(cell)) * len(sizes)).astype(np.int64)]
        breaks = np.cumsum(drawn)
        cut = np.zeros(len(cell), dtype=bool)
        cut[breaks[breaks < len(cell)]] = True
        starts |= cut & here
    building = np.empty(len(cell), dtype=np.int64)
    building[order] = np.cumsum(starts) - 1
    centre = grid.centres(known)
    middle = np.stack(grid.rd(centre[:, 0], centre[:, 1]), axis=1)
    count = int(building.max()) + 1
    shift = np.floor((random.random((count, 2)) - 0.5) * 6000) / 100
    cell_of_building = np.empty(count, dtype=np.int64)
    cell_of_building[building] = of_address
    place = np.round(middle[cell_of_building] + shift, 2)
    return building, place[building, 0], place[building, 1]


def _keys(count: int) -> pa.Array:
    return pc.binary_join_element_wise("demo", _digits(np.arange(1, count + 1)), "")


def _digits(numbers: npt.NDArray[np.int64]) -> pa.Array:
    return pc.utf8_lpad(pa.array(numbers).cast(pa.string()), 7, "0")


def _happen(
    layer: str,
    indicator: Indicator,
    regions: Regions,
    cell: grid.Cells,
    business: npt.NDArray[np.bool_],
    registered: npt.NDArray[np.bool_],
    random: np.random.Generator,
) -> Events:
    """Draw which addresses are hit, how often and when."""
    days = (END - START).days
    chance = np.where(business, indicator.businesses, indicator.homes)
    region = regions.region_of(cell)
    first_day = np.zeros(len(cell), dtype=np.int64)
    by_region = _REGION_FACTORS[(random.random(len(regions.codes)) * len(_REGION_FACTORS)).astype(np.int64)]
    by_cell = _CELL_FACTORS[(random.random(len(regions.cells)) * len(_CELL_FACTORS)).astype(np.int64)]
    chance = np.minimum(chance * by_region[region] * by_cell[np.searchsorted(regions.cells, cell)], 0.9)
    for planted in (entry for entry in PLANTED if entry.layer == layer):
        here = _inside(regions, planted.region)[region]
        chance = np.where(here, chance * planted.times, chance)
        first_day[here] = (planted.start - START).days
    if layer == "domicilie":  # five registrations on one address: a part of the registrations
        chance = np.where(registered, chance, 0.0)
    if layer == "leegstand":  # only Amsterdam keeps the register
        chance = np.where(_inside(regions, "GM0363")[region], chance, 0.0)
    hit = np.flatnonzero(random.random(len(cell)) < chance)
    more = random.random(len(hit))
    times = 1 + (more > 0.75) + (more > 0.92) + (more > 0.98)  # noqa: PLR2004 - three in four happen once
    if layer in ("pandsluitingen", "domicilie", "leegstand"):
        times = np.ones(len(hit), dtype=np.int64)
    address = np.repeat(hit, times)
    span = days - first_day[address]
    day = first_day[address] + np.floor(random.random(len(address)) * span).astype(np.int64)
    amount = np.ones(len(address), dtype=np.int64)
    if layer == "fiu-signalen":  # heavy tail: one in a hundred has dozens of transactions
        tail = random.random(len(address))
        amount += np.floor(1 / (1.002 - tail)).astype(np.int64)
    return Events(address, np.datetime64(START, "D") + day.astype("timedelta64[D]"), amount)


def _inside(regions: Regions, code: str) -> npt.NDArray[np.bool_]:
    """Say for every region whether it is `code` or lies in it."""
    position = regions.index(code)
    inside: npt.NDArray[np.bool_] = regions.at_level(regions.levels[position]) == position
    return inside


GRONDSLAG_TOML = """\
# Voorbeeld van een grondslag. Vul voor eigen gegevens uw eigen besluit in en haal de regel met demo weg.
soort = "handhavingsknelpunt"
besluit = "Demonstratie: verzonnen gegevens, geen besluit"
datum = 2025-11-03
reikwijdte = "gebied"
doel = "laten zien hoe een geografische analyse eruitziet"
vraag = "Waar komen signalen van drugshandel en witwassen samen?"
opvolging = "niemand: dit zijn verzonnen gegevens"
rubricering = "openbaar (demo)"
geldig_tot = 2099-12-31
bewaren_tot = 2099-12-31
peildatum = 2026-01-01
demo = true
"""


def files(demo: Demo) -> dict[str, bytes]:
    """Give the demo as the input files of one's own data: CSV with ``;``, and ``grondslag.toml``; by file name."""
    addresses = demo.addresses
    words = pa.array([_use_words(mask) for mask in range(1 << len(USES))])
    tables = {
        "adressen": pa.table(
            {
                "sleutel": addresses.keys,
                "oost": addresses.easting,
                "noord": addresses.northing,
                "crs": pa.repeat(CRS, len(addresses)),
                "gebruik": words.take(pa.array(addresses.uses)),
                "pand": pc.binary_join_element_wise("pand", _digits(addresses.building), ""),
            }
        )
    }
    for layer, events in demo.events.items():
        columns = {"sleutel": addresses.keys.take(pa.array(events.address)), "datum": pa.array(events.day)}
        if layer == "fiu-signalen":
            columns["aantal"] = pa.array(events.amount)
        tables[layer] = pa.table(columns)
    options = pa_csv.WriteOptions(delimiter=";", quoting_style="none", quoting_header="none")
    written = {"grondslag.toml": GRONDSLAG_TOML.encode()}
    for name, table in tables.items():
        buffer = io.BytesIO()
        pa_csv.write_csv(table, buffer, options)
        written[f"{name}.csv"] = buffer.getvalue()
    return dict(sorted(written.items()))


def write(demo: Demo, folder: Path) -> list[Path]:
    """Write the files of `files` into a folder, which is made when it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in files(demo).items():
        (folder / name).write_bytes(content)
        written.append(folder / name)
    return written


def is_unchanged(digests: Mapping[str, str], regions: Regions) -> bool:
    """Say whether all input files, by name and SHA-256, are files of the demo; only then its published key serves."""
    made = {name: hashlib.sha256(content).hexdigest() for name, content in files(make(regions)).items()}
    return "adressen.csv" in digests and all(made.get(name) == digest for name, digest in digests.items())


def _use_words(mask: int) -> str:
    return "|".join(use for bit, use in enumerate(USES) if mask >> bit & 1)
