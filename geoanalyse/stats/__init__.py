"""Statistics of the published table: everything here is a function of it and of public geography."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geoanalyse import grid
from geoanalyse.classes import CLASS_BREAKS, COMPOSITE_FLOOR
from geoanalyse.geography import LEVELS, Geography, Regions, Units, ZoneSet
from geoanalyse.layer import Base, Layer, Theme
from geoanalyse.published import Protected, shows
from geoanalyse.stats import composite, graph, hotspots, rates, stability
from geoanalyse.stats.frames import described, kinds, whole_period

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

SCHEMA = pa.schema(
    [
        ("layer", pa.string()),
        ("level", pa.string()),
        ("zone", pa.string()),
        ("addresses", pa.int64()),
        ("value", pa.int64()),
        ("status", pa.string()),
        ("low", pa.int64()),
        ("high", pa.int64()),
        ("rate", pa.float64()),
        ("rate_mean", pa.float64()),
        ("rate_low", pa.float64()),
        ("rate_high", pa.float64()),
        ("p_double", pa.float64()),
        ("ratio", pa.float64()),
        ("class", pa.int8()),
        ("hotspot", pa.string()),
        ("coarser", pa.string()),
        ("edge", pa.float64()),
        ("interval", pa.float64()),
        ("stability", pa.string()),
        ("ratio_low", pa.float64()),
        ("ratio_high", pa.float64()),
        ("rank_low", pa.int64()),
        ("rank_high", pa.int64()),
        ("own", pa.float64()),
    ]
)
"""One row per unit, level and layer over the whole period; a composite is the layer ``thema:<theme>``.

``low`` and ``high`` are the least and greatest exact count that the value leaves possible (``high`` is null for "or
more"); ``rate`` is value / addresses, ``rate_mean``, ``rate_low`` and ``rate_high`` the posterior mean and 95 %
interval of the rate per address, ``p_double`` the probability that it is above twice the region's, ``ratio`` the
posterior mean over the region's rate (for a composite the weighted mean of the ratios of its layers). ``class`` is 0
for a published 0 and otherwise the number of `CLASS_BREAKS` that the ratio reaches, plus 1. ``hotspot`` is null where
it was not tested.

How firmly a call stands (`stability`): ``coarser`` says whether the unit of the next coarser level that holds most of
it is called the same (``gelijk``, ``anders``, ``niet getoetst``), ``edge`` is the share of its neighbours that it can
do without, ``interval`` the share of draws of the exact counts in which it is called the same, and ``stability`` one
word for all three: ``stabiel``, ``wisselt`` or ``niet getoetst``. The shares are null where there is no test.

Only composites have the last five: a 95 % band of the ratio and a 90 % band of the rank among the units of its level in
the area (1 is the highest ratio), both with rates drawn from their posterior and weights varied; and ``own``, the share
of the ratio that comes from figures of the unit itself and not from a larger unit around it. The upper
end of the ratio takes a sum with "or more" among its terms for as high as can be.
"""

BORROWED = pa.schema(
    [
        ("theme", pa.string()),
        ("level", pa.string()),
        ("zone", pa.string()),
        ("layer", pa.string()),
        ("ratio", pa.float64()),
        ("own", pa.float64()),
    ]
)
"""One row per unit of a composite and layer whose part in it is no figure of that unit in the table of the area.

Such a layer has no row of its own there: it has a coarser atom, counts on another base, or its own unit of that name
lies mainly outside the area; then there is a row for every unit of the level. ``ratio`` is what the
composite takes instead, the mean over the unit's cells of the units that cover them; no row where it says nothing.
``own`` is the part of it (0 to 1) from units that lie mainly inside this one, as zones of another base do.
"""

TESTED = ("zone", "res9", "res8")
"""Levels on which hot spots are looked for: those whose units form a lattice."""
DIGITS = 4


def statistics(
    protected: Protected,
    reference: Protected,
    layers: Sequence[Layer],
    geography: Geography,
    chosen: Bools,
    seed: int,
) -> tuple[pa.Table, pa.Table, Mapping[str, float]]:
    """Compute rates, intervals, classes, hot spots and composites of every unit of an area.

    Parameters
    ----------
    protected : Protected
        Published table of the area.
    reference : Protected
        That of the gemeenten the area lies in. Priors, hot spots and the region's rate come from all of it, so that a
        zone has the same figures whatever part of it is looked at.
    layers : sequence of Layer
    geography : Geography
    chosen : ndarray of bool, shape (zones,)
        Zones of the base ``alle`` that make up the area.
    seed : int
        Start of the random numbers behind how firmly calls and composites stand. Each unit has its own, so that all but
        its rank is the same whatever part of the region is looked at.

    Returns
    -------
    table : pyarrow.Table
        Schema `SCHEMA`, sorted by layer, level and unit.
    borrowed : pyarrow.Table
        Schema `BORROWED`, sorted by level, theme, layer and unit.
    region_rates : mapping of str to float
        Published rate of the reference region per layer: the sum of its atoms over their addresses.
    """
    frame, wide = whole_period(protected), whole_period(reference)
    region_rates = {layer.id: _region_rate(wide[wide["layer"] == layer.id]) for layer in layers}
    wanted = frame.set_index(["layer", "level"])["zone"]

    def work(part: pd.DataFrame, layer: Layer) -> tuple[InRegion, pd.DataFrame]:
        rate = region_rates[layer.id]
        found = region_figures(part.copy(), layer, rate, geography.zones.base[layer.base])
        here = (layer.id, part["level"].iloc[0])
        inside = part["zone"].isin(wanted[wanted.index == here]).to_numpy()
        return found, _firmness(found, inside, layer, seed).join(
            area_figures(found.rows[inside].copy(), layer, rate, found.prior)
        )

    tasks = [
        (part, layer) for layer in layers for _, part in wide[wide["layer"] == layer.id].groupby("level", sort=False)
    ]
    found = [work(*task) for task in tasks]  # one by one: two threads would wait for each other, and take longer
    regions = {
        (layer.id, part["level"].iloc[0]): region for (part, layer), (region, _) in zip(tasks, found, strict=True)
    }
    parts = [_with_coarser(part, regions, layer, geography) for (_, layer), (_, part) in zip(tasks, found, strict=True)]
    rows_of = {key: set(zones) for key, zones in frame.groupby(["layer", "level"], sort=False)["zone"]}
    composites, borrowed = _composites(
        regions, region_rates, layers, geography, chosen, rows_of, protected.profile, seed
    )
    table = pd.concat([part for part in (*parts, *composites) if len(part)], ignore_index=True)
    for column in ("coarser", "stability"):
        table[column] = table[column].fillna("niet getoetst")
    table["order"] = table["level"].map({level: position for position, level in enumerate(LEVELS)})
    table = table.sort_values(["layer", "order", "zone"], kind="stable")[SCHEMA.names]
    for column in (field.name for field in SCHEMA if field.type == pa.float64()):
        table[column] = significant(table[column].to_numpy(dtype=float))
    return pa.Table.from_pandas(table, schema=SCHEMA, preserve_index=False), borrowed, region_rates


def _region_rate(rows: pd.DataFrame) -> float:
    """Give the published rate of the region: the sum of its atoms over their addresses."""
    finest = finest_rows(rows)
    addresses = finest["addresses"].sum()
    return float(finest["value"].sum() / addresses) if addresses else 0.0


def finest_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the units that hold every place once: of the finest level shown, and atoms where a gemeente has no such."""
    shown = rows[rows["value"].notna()]
    finest = next((level for level in LEVELS if level in _complete(rows)), "gemeente")
    coarser = shown["level"].isin(LEVELS[LEVELS.index(finest) :])
    return shown[(shown["level"] == finest) | (coarser & (shown["rounding"] == "zone"))]


def _complete(rows: pd.DataFrame) -> set[str]:
    """Levels at which a layer shows something and hides nothing."""
    return set(rows["level"][rows["value"].notna()]) - set(rows["level"][rows["status"] == "onderdrukt"])


@dataclass(frozen=True, slots=True)
class InRegion:
    """One layer at one level in the whole region: its rows, and what their figures were worked out with.

    ``calls`` and ``pairs`` are about the rows with a value; ``calls`` is absent where hot spots are not looked for.
    """

    rows: pd.DataFrame
    prior: rates.Prior | None
    calls: hotspots.Calls | None
    pairs: npt.NDArray[np.int64]


def region_figures(rows: pd.DataFrame, layer: Layer, region_rate: float, zones: ZoneSet) -> InRegion:
    """Fit the prior of one layer at one level, and add hot spots and ratios of every unit in the region."""
    has = rows["value"].notna().to_numpy()
    parts = [described(part, layer) for part in kinds(rows[has])]
    prior = rates.fit_prior(parts, region_rate) if parts else None
    rows["hotspot"], rows["ratio"] = None, np.nan
    level = rows["level"].iloc[0]
    if prior is None or region_rate == 0:  # nothing anywhere: no place stands out
        rows.loc[has, "ratio"] = 0.0
        rows.loc[has, "hotspot"] = "geen" if level in TESTED else None
        return InRegion(rows, prior, None, np.empty((0, 2), dtype=np.int64))
    for part in kinds(rows[has]):
        rows.loc[part.index, "ratio"] = rates.posterior_mean(described(part, layer), prior) / region_rate
    if level not in TESTED:
        return InRegion(rows, prior, None, np.empty((0, 2), dtype=np.int64))
    pairs = neighbour_pairs(level, rows["zone"][has].tolist(), zones)
    calls = hotspots.call(described(rows[has], layer), prior, pairs)
    rows.loc[has, "hotspot"] = calls.called
    return InRegion(rows, prior, calls, pairs)


def _firmness(found: InRegion, inside: Bools, layer: Layer, seed: int) -> pd.DataFrame:
    """Say of the units of the area in how many trials their call stays as it is."""
    share = pd.DataFrame({"edge": np.nan, "interval": np.nan}, index=found.rows.index[inside])
    if found.calls is None or found.prior is None:
        return share
    has = found.rows["value"].notna().to_numpy()
    rows = found.rows[has]
    asked = np.flatnonzero(inside[has])
    published = described(rows, layer)
    names = [f"{layer.id}|{level}|{zone}" for level, zone in zip(rows["level"], rows["zone"], strict=True)]
    here = rows.index[asked]
    share.loc[here, "edge"] = stability.without_a_neighbour(published, found.calls, found.pairs, asked)
    share.loc[here, "interval"] = stability.within_rounding(
        published, found.prior, found.calls, found.pairs, asked, names, seed
    )
    return share


def _with_coarser(
    rows: pd.DataFrame, regions: Mapping[tuple[str, str], InRegion], layer: Layer, geography: Geography
) -> pd.DataFrame:
    """Add whether each unit is called the same at the next coarser level, and the word for all of it."""
    level = rows["level"].iloc[0] if len(rows) else "gemeente"
    coarser = np.full(len(rows), "niet getoetst", dtype="<U13")
    if level in TESTED[:-1]:
        above = TESTED[TESTED.index(level) + 1]
        units = np.array([int(unit, 16) for unit in rows["zone"]], dtype=np.uint64)
        zones = geography.zones.base[layer.base]
        holder = zones.res9[np.searchsorted(zones.zone, units)] if level == "zone" else grid.parent(units, 8)
        there = regions[layer.id, above].rows if (layer.id, above) in regions else rows[:0]
        called = dict(zip(there["zone"], there["hotspot"], strict=True))
        theirs = pd.Series([called.get(name) for name in grid.to_hex(holder)], index=rows.index, dtype=object)
        tested = (rows["hotspot"].notna() & theirs.notna()).to_numpy()
        coarser[tested] = np.where(theirs[tested] == rows["hotspot"][tested], "gelijk", "anders")
    word = stability.word(coarser, rows["edge"].to_numpy(), rows["interval"].to_numpy())
    return rows.assign(coarser=coarser, stability=word)


def area_figures(rows: pd.DataFrame, layer: Layer, region_rate: float, prior: rates.Prior | None) -> pd.DataFrame:
    """Add intervals, probabilities and classes of the units of the area."""
    has = rows["value"].notna().to_numpy()
    rate = (rows["value"] / rows["addresses"]).astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    rows["rate"] = np.minimum(rate, layer.clamp)
    for column in ("rate_mean", "rate_low", "rate_high", "p_double"):
        rows[column] = np.nan
    for part in kinds(rows[has]):
        if prior is None or region_rate == 0:  # without a single event in the region there is no rate to speak of
            break
        published = described(part, layer)
        found = rates.posterior(published, prior, 2 * region_rate)
        rows.loc[part.index, "rate_mean"] = found.mean
        rows.loc[part.index, "rate_low"] = found.low
        rows.loc[part.index, "rate_high"] = np.where(part["open_end"], np.nan, found.high)
        rows.loc[part.index, "p_double"] = found.above
    reached = np.searchsorted(CLASS_BREAKS, rows["ratio"].to_numpy(), side="right") + 1
    zero = (rows["value"].fillna(0) == 0).to_numpy() | (region_rate == 0)
    rows["class"] = pd.array(np.where(zero, 0, reached), dtype="Int8")
    rows.loc[~has | (rows["ratio"].isna().to_numpy() & ~zero), "class"] = pd.NA
    return rows


def neighbour_pairs(level: str, units: Sequence[str], zones: ZoneSet) -> npt.NDArray[np.int64]:
    """Give the pairs of units with touching cells, as positions in `units`, each once, shape (m, 2)."""
    wanted = np.array([int(unit, 16) for unit in units], dtype=np.uint64)
    if level != "zone":
        return graph.unit_pairs(wanted, np.arange(len(wanted)))
    place = np.full(len(zones.zone), -1, dtype=np.int64)
    place[np.searchsorted(zones.zone, wanted)] = np.arange(len(wanted))
    return graph.unit_pairs(zones.cell, place[zones.cell_zone])


def region_pairs(
    level: str, codes: Sequence[str], regions: Regions, touching: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Give the pairs of regions with touching cells, as positions in `codes`, each once, shape (m, 2).

    ``touching`` are the pairs of ``regions.cells`` that touch (`grid.near_pairs`).
    """
    place = np.full(len(regions.codes) + 1, -1, dtype=np.int64)  # the last one is that of a cell without such a region
    place[[regions.index(code) for code in codes]] = np.arange(len(codes))
    return graph.merged_pairs(touching, place[regions.at_level(level)[regions.region]])


def _composites(
    regions: Mapping[tuple[str, str], InRegion],
    region_rates: Mapping[str, float],
    layers: Sequence[Layer],
    geography: Geography,
    chosen: Bools,
    rows_of: Mapping[tuple[str, str], set[str]],
    profile: str,
    seed: int,
) -> tuple[list[pd.DataFrame], pa.Table]:
    """Combine the layers of each theme into one score per unit of the base ``alle``; at no level the profile hides.

    `rows_of` has the units of which the area has a row, by layer and level.
    """
    parts: list[pd.DataFrame] = []
    borrowed = [BORROWED.empty_table()]
    used = [layer for layer in layers if layer.themes and any(name == layer.id for name, _ in regions)]
    single = {
        layer.id: pd.concat([region.rows for (name, _), region in regions.items() if name == layer.id])
        for layer in used
    }
    for level in composite.LEVELS:
        found = composite.units_at(level, geography)
        inside = np.isin(found.ids, list(composite.units_of(level, geography, chosen)))
        mine = {
            layer.id: composite.source(single[layer.id], layer, level, found, geography).take(inside) for layer in used
        }
        shown = used if shows(profile, level) else []
        drawn = {layer.id: _drawn(mine[layer.id], regions, region_rates[layer.id], layer, seed) for layer in shown}
        for theme in Theme:
            weights = {layer.id: layer.themes[theme] for layer in used if theme in layer.themes}
            if not weights:
                continue
            score = composite.weighted({name: mine[name].ratio_per_unit for name in weights}, weights)
            has = np.isfinite(score)
            number = np.where(score < COMPOSITE_FLOOR, 0, np.searchsorted(CLASS_BREAKS, score, side="right") + 1)
            hot = _hot_in_any(regions, theme, level, found, layers, geography) if level in TESTED else None
            part = pd.DataFrame(
                {
                    "layer": f"thema:{theme}",
                    "level": level,
                    "zone": np.array(found.ids, dtype=object)[inside],
                    "addresses": found.addresses[inside],
                    "status": np.where(has, "waarde", "geen_data"),
                    "ratio": score,
                    "class": pd.array(np.where(has, number, 0).astype(int), dtype="Int8"),
                    "hotspot": None if hot is None else np.array(hot, dtype=object)[inside],
                }
            )
            if drawn:
                part = part.join(_bands(score, {name: drawn[name] for name in weights}, weights, seed))
                part["own"] = composite.own_share({name: mine[name] for name in weights}, weights)
            else:
                part["status"], part["ratio"], has = "onderdrukt", np.nan, np.zeros(len(part), dtype=bool)
            part.loc[~has, "class"] = pd.NA
            part.loc[~has, "hotspot"] = None
            parts.append(part)
            borrowed += [
                _borrowed(theme, level, layer.id, part["zone"], mine[layer.id])
                for layer in shown
                if layer.id in weights
                and not (
                    layer.base is Base.ALL
                    and mine[layer.id].level == level
                    and set(part["zone"][mine[layer.id].known]) <= rows_of.get((layer.id, level), set())
                )
            ]
    return parts, pa.concat_tables(borrowed)


def _borrowed(theme: Theme, level: str, layer: str, zone: "pd.Series[str]", taken: composite.Source) -> pa.Table:
    known = taken.known
    same = {"theme": str(theme), "level": level, "layer": layer}
    columns = {name: pa.array([text] * known.sum(), pa.string()) for name, text in same.items()}
    figures = {"ratio": taken.ratio_per_unit, "own": taken.own_part}
    columns |= {name: pa.array(significant(figure[known])) for name, figure in figures.items()}
    columns["zone"] = pa.array(zone[known], pa.string())
    return pa.table(columns).select(BORROWED.names)


def _drawn(
    source: composite.Source,
    regions: Mapping[tuple[str, str], InRegion],
    region_rate: float,
    layer: Layer,
    seed: int,
) -> tuple[Floats, Floats]:
    """Draw the ratio of one layer for each unit, and the same with sums that have no upper end at their most.

    Both have shape (units, draws), NaN where the layer says nothing. A figure that several units borrow is drawn once.
    """
    if not source.names:
        nothing = source.over_units(np.empty((0, stability.DRAWS)))
        return nothing, nothing
    names = pd.Index(source.names)
    ratio = np.zeros((len(names), stability.DRAWS))
    open_end = np.zeros(len(names), dtype=bool)
    for level in (
        (source.level, "wijk") if source.level == "buurt" else (source.level,)
    ):  # a gemeente may have no buurten
        region = regions.get((layer.id, level))
        if region is None:
            continue
        rows = region.rows[region.rows["zone"].isin(names)]
        open_end[names.get_indexer(rows["zone"])] = rows["open_end"]
        if region.prior is None or region_rate == 0:
            continue
        for part in kinds(rows):
            drawn = stability.drawn_rates(
                described(part, layer), region.prior, [f"{layer.id}|{level}|{zone}" for zone in part["zone"]], seed
            )
            ratio[names.get_indexer(part["zone"])] = drawn / region_rate
    per_unit = source.over_units(ratio)
    if not open_end.any():
        return per_unit, per_unit
    return per_unit, source.over_units(np.where(open_end[:, None], layer.clamp / region_rate, ratio))


def _bands(
    score: Floats, drawn: Mapping[str, tuple[Floats, Floats]], weights: Mapping[str, float], seed: int
) -> pd.DataFrame:
    """Give the bands of one composite at one level."""
    columns = {"ratio_low": np.nan, "ratio_high": np.nan, "rank_low": pd.NA, "rank_high": pd.NA}
    bands = pd.DataFrame(columns, index=range(len(score))).astype({"rank_low": "Int64", "rank_high": "Int64"})
    has = np.isfinite(score)
    if not has.any():
        return bands
    varied = stability.drawn_weights(weights, seed)
    usual, most = (stability.drawn_scores([drawn[layer][which][has] for layer in weights], varied) for which in (0, 1))
    for column, values in zip(columns, stability.bands(score[has], usual, most), strict=True):
        bands.loc[has, column] = values
    return bands


def _hot_in_any(
    regions: Mapping[tuple[str, str], InRegion],
    theme: Theme,
    level: str,
    found: Units,
    layers: Sequence[Layer],
    geography: Geography,
) -> list[str]:
    """Call a composite hot where a layer of the theme is; its own score is too smooth to be tested.

    Hexagons have one name on every base; zones do not: a hot zone on another base marks the zones that share its cells.
    """
    zones = geography.zones.base[Base.ALL]
    hot: set[str] = set()
    for layer in layers:
        if theme not in layer.themes or (layer.id, level) not in regions:
            continue
        rows = regions[layer.id, level].rows
        names = rows["zone"][rows["hotspot"] == "hotspot"]
        if level != "zone" or layer.base is Base.ALL:
            hot |= set(names)
            continue
        other = geography.zones.base[layer.base]
        wanted = np.array([int(name, 16) for name in names], dtype=np.uint64)
        cells = other.cells_of(np.searchsorted(other.zone, wanted))
        hot |= {found.ids[unit] for unit in found.of_zone[zones.cell_zone[np.isin(zones.cell, cells)]]}
    return ["hotspot" if unit in hot else "geen" for unit in found.ids]


def significant(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Round to four significant digits: more would only be noise, and would differ between machines."""
    return np.array([float(f"{value:.{DIGITS}g}") for value in values.tolist()])
