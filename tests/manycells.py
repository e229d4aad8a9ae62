"""A made-up release of any number of cells anywhere: each resolution-10 cell is a zone of its own.

One layer on four levels (zone, res9, res8, buurt; a buurt is a resolution-7 hexagon). Addresses and values follow a
smooth field with chance on top, as real ones do; rates are those of a Gamma prior. ``figures=False`` leaves only the
class of each unit, to see what geometry and one column cost. ``scattered=True`` gives each unit a class that follows
from its name, so that a cell drawn in the wrong place shows.
"""

import datetime as dt
import zlib
from types import MappingProxyType

import h3.api.basic_int as h3
import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import stats as distributions

from geoanalyse import stats
from geoanalyse.area import Area
from geoanalyse.geography import Geography, Regions, Zones, ZoneSet
from geoanalyse.grid import centres, parent, to_hex
from geoanalyse.grondslag import Decision, Grondslag, Scope
from geoanalyse.layer import Atom, Base, Bias, Count, Coverage, Layer, Reliability, Theme, Unit
from geoanalyse.published import SCHEMA, Protected
from geoanalyse.release import Release
from geoanalyse.stats.by_use import RATES as NO_USE_RATES
from geoanalyse.stats.by_use import SCHEMA as NO_RATIOS
from geoanalyse.stats.hindsight import SCHEMA as NO_SCORES
from geoanalyse.stats.inspections import SCHEMA as NO_INSPECTIONS
from geoanalyse.stats.series import CHANGES as NO_CHANGES
from geoanalyse.stats.series import SCHEMA as NO_WINDOWS
from geoanalyse.stats.trends import SCHEMA as NO_TRENDS

START, END = dt.date(2024, 1, 1), dt.date(2026, 1, 1)
MIDDLE = (5.3, 52.2)  # longitude and latitude of the middle of the Netherlands
FACE_EDGE = (3.925, 51.5)  # in the west of Zeeland, on an edge of the icosahedron under H3
RATE = 0.1  # events per address
BASE = 5
PRIOR = 1.5  # shape of the Gamma prior


def release(
    count: int,
    *,
    around: tuple[float, float] = MIDDLE,
    figures: bool = True,
    scattered: bool = False,
    seed: int = 1,
) -> Release:
    """Make the release of about `count` cells around a point (lon/lat degrees)."""
    rng = np.random.default_rng(seed)
    radius = int(np.ceil((-3 + np.sqrt(9 - 12 * (1 - count))) / 6))
    cells = np.sort(np.array(h3.grid_disk(h3.latlng_to_cell(around[1], around[0], 10), radius), dtype=np.uint64))
    regions = _regions(cells)
    zones = _zones(cells, regions, rng)
    hot = _field(cells)
    value = BASE * (rng.poisson(RATE * zones.addresses * hot) // BASE)
    parts = [_rows(level, names, zones.addresses, value, hot) for level, names in _units(cells, regions).items()]
    rows = pd.concat(parts, ignore_index=True)
    if not figures:
        for column in ("ratio", "rate_mean", "rate_low", "rate_high", "p_double"):
            rows[column] = np.nan
        rows[["value", "low", "high", "addresses", "hotspot"]] = [0, 0, 0, 10, "geen"]
    if scattered:
        rows["class"] = [hash_of(name) % 6 for name in rows["zone"]]
    return Release(
        area=Area("proef", "Proefgebied", cells, (), "verzonnen", 2024),
        geography=Geography(regions, Zones("proef", 10, MappingProxyType({Base.ALL: zones}))),
        layers=(_layer(),),
        protected=Protected(_published(rows, regions), "casustafel", "proef", 10),
        statistics=pa.Table.from_pandas(
            rows.reindex(columns=stats.SCHEMA.names), schema=stats.SCHEMA, preserve_index=False
        ),
        borrowed=stats.BORROWED.empty_table(),
        signals=(),
        grondslag=_grondslag(),
        start=START,
        end=END,
        reference_date=END,
        zones_version="proef",
        profile="casustafel",
        key_mark="proef",
        snapped_in=0,
        snapped_out=0,
        rates={"proeflaag": RATE},
        windows=NO_WINDOWS.empty_table(),
        changes=NO_CHANGES.empty_table(),
        trends=NO_TRENDS.empty_table(),
        scorecard=NO_SCORES.empty_table(),
        inspections=NO_INSPECTIONS.empty_table(),
        standardised=NO_RATIOS.empty_table(),
        use_rates=NO_USE_RATES.empty_table(),
        digest="0" * 64,
    )


def hash_of(name: str) -> int:
    """Give a number that follows from a name, the same on every machine."""
    return zlib.crc32(name.encode())


def classes(made: Release) -> pd.DataFrame:
    """Give cell, class and value of the finest level: what the other libraries draw."""
    frame = made.statistics.to_pandas()
    return frame.loc[frame["level"] == "zone", ["zone", "class", "value"]].reset_index(drop=True)


def _field(cells: np.ndarray) -> np.ndarray:
    """Give how many times the average each cell has: smooth hills, mean 1."""
    lon, lat = np.radians(centres(cells)).T * 6371
    hills = np.sin(lon / 0.9) * np.sin(lat / 0.6) + 0.6 * np.sin(lon / 2.7 + lat / 1.9)
    high = np.exp(1.2 * hills)
    return high / high.mean()


def _regions(cells: np.ndarray) -> Regions:
    buurten, of_cell = np.unique(parent(cells, 7), return_inverse=True)
    wijken, of_buurt = np.unique(parent(buurten, 6), return_inverse=True)
    numbers = range(len(wijken)), range(len(buurten))
    codes = ["GM9999", *(f"WK9999{n:04d}" for n in numbers[0]), *(f"BU9999{n:06d}" for n in numbers[1])]
    names = ["Proefgemeente", *(f"Wijk {n:02d} Proef" for n in numbers[0]), *(f"Buurt {n}" for n in numbers[1])]
    levels = ["gemeente", *["wijk"] * len(wijken), *["buurt"] * len(buurten)]
    parents = np.concatenate([[-1], np.zeros(len(wijken), int), 1 + of_buurt])
    region = 1 + len(wijken) + of_cell
    order = np.argsort(np.array(codes))
    place = np.argsort(order)
    return Regions(
        cells,
        place[region].astype(np.int32),
        np.zeros(len(cells), np.int16),
        tuple(codes[k] for k in order),
        tuple(names[k] for k in order),
        tuple(levels[k] for k in order),
        np.where(parents[order] < 0, -1, place[parents[order]]).astype(np.int32),
        2024,
        "verzonnen",
    )


def _zones(cells: np.ndarray, regions: Regions, rng: np.random.Generator) -> ZoneSet:
    addresses = rng.poisson(25 * _field(cells)[::-1]) + 10
    own = np.arange(len(cells), dtype=np.int32)
    return ZoneSet(
        zone=cells, addresses=addresses, buildings=addresses // 2, region=regions.region,
        res9=parent(cells, 9), res8=parent(cells, 8),
        cell=cells, cell_zone=own, cell_addresses=addresses,
        part=cells, part_zone=own, part_addresses=addresses, cell_part=own, buildings_of={},
    )  # fmt: skip


def _units(cells: np.ndarray, regions: Regions) -> dict[str, np.ndarray]:
    """Name of the unit of each cell, per level."""
    return {
        "zone": np.array(to_hex(cells)),
        "res9": np.array(to_hex(parent(cells, 9))),
        "res8": np.array(to_hex(parent(cells, 8))),
        "buurt": np.array(regions.codes)[regions.region],
    }


def _rows(level: str, names: np.ndarray, addresses: np.ndarray, value: np.ndarray, hot: np.ndarray) -> pd.DataFrame:
    units, of_cell = np.unique(names, return_inverse=True)
    total, count = (np.bincount(of_cell, weights=each).astype(np.int64) for each in (addresses, value))
    warm = np.bincount(of_cell, weights=hot) / np.bincount(of_cell)
    rate_mean = (count + PRIOR) / (total + PRIOR / RATE)
    pairs, of_unit = np.unique(np.column_stack([count, total]), axis=0, return_inverse=True)
    gamma = distributions.gamma(pairs[:, 0] + PRIOR, scale=1 / (pairs[:, 1] + PRIOR / RATE))
    ratio = rate_mean / RATE
    frame = pd.DataFrame(
        {
            "layer": "proeflaag",
            "level": level,
            "zone": units,
            "addresses": total,
            "value": count,
            "status": "waarde",
            "low": np.maximum(0, count - BASE + 1),
            "high": np.minimum(total, count + BASE - 1),
            "rate": count / total,
            "rate_mean": rate_mean,
            "rate_low": gamma.ppf(0.025)[of_unit.ravel()],
            "rate_high": gamma.ppf(0.975)[of_unit.ravel()],
            "p_double": gamma.sf(2 * RATE)[of_unit.ravel()],
            "ratio": ratio,
            "class": np.where(count == 0, 0, np.searchsorted(stats.CLASS_BREAKS, ratio, side="right") + 1),
            "hotspot": np.where((warm > 3) & (ratio > 2), "hotspot", "geen") if level != "buurt" else None,
        }
    )
    for column in ("rate", "rate_mean", "rate_low", "rate_high", "p_double", "ratio"):
        frame[column] = [float(f"{each:.4g}") for each in frame[column]]
    return frame


def _published(rows: pd.DataFrame, regions: Regions) -> pa.Table:
    table = rows[["zone", "level", "addresses", "layer", "value", "low", "high", "status"]].copy()
    table["buildings"] = table["addresses"] // 2
    named = table["level"] == "buurt"
    table["gebiedscode"] = table["zone"].where(named, _code_of(table["zone"], regions, ~named))
    table["base"], table["b"], table["profile"], table["atoms"] = "alle", BASE, "casustafel", 1
    table["start"], table["end"], table["rounding"], table["cells"] = START, END, "zone", None
    return pa.Table.from_pandas(table, schema=SCHEMA, preserve_index=False)


def _code_of(names: pd.Series, regions: Regions, wanted: pd.Series) -> pd.Series:
    """Buurt of a hexagon: that of its first cell, which is the cell itself at resolution 10."""
    cell = np.array([h3.cell_to_center_child(int(name, 16), 10) for name in names[wanted]], dtype=np.uint64)
    position = regions.region_of(cell)
    codes = np.array([*regions.codes, regions.codes[-1]])
    return pd.Series(codes[position], index=names.index[wanted]).reindex(names.index)


def _layer() -> Layer:
    return Layer(
        id="proeflaag",
        title="Proeflaag",
        description="Verzonnen.",
        unit="signalen",
        holder="niemand",
        source="verzonnen",
        themes={Theme.DRUGS: 1.0},
        reliability=Reliability.MIDDLE,
        bias=Bias.REPORT,
        bias_text="geen",
        legal_basis="geen",
        family="proeflaag",
        count=Count.AMOUNT,
        base=Base.ALL,
        b=BASE,
        atom=Atom.ZONE,
        series=None,
        text="Verzonnen.",
        clamp=1,
        capped=True,
        cap_reason="",
        part_of=None,
        period_unit=Unit.QUARTER,
        series_level="buurt",
        coverage=Coverage(frozenset(), dt.date(2015, 1, 1), None),
    )


def _grondslag() -> Grondslag:
    later = dt.date(2099, 12, 31)
    return Grondslag(
        kind=Decision.ENFORCEMENT,
        decision="proef",
        date=START,
        scope=Scope.AREA,
        purpose="meten",
        question="hoe snel?",
        follow_up="geen",
        classification="Proef",
        valid_until=later,
        retain_until=later,
        reference_date=END,
        demo=True,
    )
