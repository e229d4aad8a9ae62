"""Statistics of the published table: everything here is a function of it and of public geography."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geoanalyse import grid
from geoanalyse.geography import LEVELS, Geography, ZoneSet
from geoanalyse.layer import Base, Layer, Theme
from geoanalyse.protection import Protected
from geoanalyse.stats import composite, hotspots, rates

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
    ]
)
"""One row per unit, level and layer over the whole period; a composite is the layer ``thema:<theme>``.

``low`` and ``high`` are the least and greatest exact count that the value leaves possible (``high`` is null for "or more");
``rate`` is value / addresses, ``rate_mean``, ``rate_low`` and ``rate_high`` the posterior mean and 95 % interval of the rate per
address, ``p_double`` the probability that it is above twice the region's, ``ratio`` the posterior mean over the region's rate
(for a composite the weighted mean of the ratios of its layers). ``class`` is 0 for a published 0 and otherwise the number of
`CLASS_BREAKS` that the ratio reaches, plus 1. ``hotspot`` is null where it was not tested.
"""

CLASS_BREAKS = (1.0, 1.5, 2.0, 3.0)
"""Times the rate of the region."""
COMPOSITE_FLOOR = 0.5
"""A composite below this share of the region's mean is in the lowest class."""
TESTED = ("zone", "res9", "res8")
"""Levels on which hot spots are looked for: those whose units form a lattice."""
DIGITS = 4


def statistics(
    protected: Protected, layers: Sequence[Layer], geography: Geography
) -> tuple[pa.Table, Mapping[str, float]]:
    """Compute rates, intervals, classes, hot spots and composites of every unit in the table.

    Parameters
    ----------
    protected : Protected
        All units of the reference region: the gemeenten that the area lies in. The same reference gives the same figures for a
        zone, whatever part of it is looked at.
    layers : sequence of Layer
    geography : Geography

    Returns
    -------
    table : pyarrow.Table
        Schema `SCHEMA`, sorted by layer, level and unit.
    region_rates : mapping of str to float
        Published rate of the reference region per layer: the sum of its atoms over their addresses.
    """
    frame = whole_period(protected)
    parts, region_rates = [], {}
    for layer in layers:
        rows = frame[frame["layer"] == layer.id]
        finest = _atom_rows(rows)
        addresses = finest["addresses"].sum()
        rate = float(finest["value"].sum() / addresses) if addresses else 0.0
        region_rates[layer.id] = rate
        zones = geography.zones.base[layer.base]
        parts += [_level(part.copy(), layer, rate, zones) for _, part in rows.groupby("level", sort=False)]
    single = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=SCHEMA.names)
    composites = [_composite(single, frame, theme, layers, geography) for theme in Theme]
    table = pd.concat([single, *composites], ignore_index=True)
    table["order"] = table["level"].map({level: position for position, level in enumerate(LEVELS)})
    table = table.sort_values(["layer", "order", "zone"], kind="stable")[SCHEMA.names]
    for column in ("rate", "rate_mean", "rate_low", "rate_high", "p_double", "ratio"):
        table[column] = _significant(table[column].to_numpy(dtype=float))
    return pa.Table.from_pandas(table, schema=SCHEMA, preserve_index=False), region_rates


def in_area(
    table: pa.Table, protected: Protected, geography: Geography, chosen: Mapping[Base, npt.NDArray[np.bool_]]
) -> pa.Table:
    """Keep the units of one area: those of its published rows, and the composites of its zones and what they make up."""
    frame = table.to_pandas()
    published = whole_period(protected)
    wanted = set(zip(published["layer"], published["level"], published["zone"], strict=True))
    for level in composite.LEVELS:
        found = composite.units_of(level, geography, chosen[Base.ALL])
        wanted |= {(f"thema:{theme}", level, unit) for theme in Theme for unit in found}
    keep = [entry in wanted for entry in zip(frame["layer"], frame["level"], frame["zone"], strict=True)]
    return table.filter(pa.array(keep, pa.bool_()))


def whole_period(protected: Protected) -> pd.DataFrame:
    """Give the rows over the whole period, without the windows of series."""
    table = protected.table
    frame = table.drop_columns(["cells"]).to_pandas()
    frame["value"] = frame["value"].astype("Int64")
    if frame.empty:
        return frame
    return frame[(frame["start"] == frame["start"].min()) & (frame["end"] == frame["end"].max())]


def _atom_rows(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[(rows["rounding"] == "zone") & rows["value"].notna()]


def _level(rows: pd.DataFrame, layer: Layer, region_rate: float, zones: ZoneSet) -> pd.DataFrame:
    """Add the statistics of one layer at one level."""
    reach = (rows["b"] - 1) * rows["atoms"].fillna(1).astype(int)
    reach = np.where(rows["rounding"] == "apart", rows["b"] - 1, reach)
    has = rows["value"].notna().to_numpy()
    low = (rows["value"] - reach).clip(lower=0)
    high = np.minimum(rows["value"] + reach, rows["addresses"] * layer.clamp)
    rows["low"], rows["high"] = low, high.where(rows["status"] != "cap")
    rows["rate"] = (rows["value"] / rows["addresses"]).astype("Float64").astype(float)
    for column in ("rate_mean", "rate_low", "rate_high", "p_double", "ratio"):
        rows[column] = np.nan
    rows["class"] = pd.array([pd.NA] * len(rows), dtype="Int8")
    rows["hotspot"] = None
    for base in np.unique(rows["b"].to_numpy()[has]):
        mine = has & (rows["b"] == base).to_numpy()
        published = rates.Published(
            value=rows["value"].to_numpy()[mine].astype(np.int64),
            addresses=rows["addresses"].to_numpy()[mine],
            capped=(rows["status"] == "cap").to_numpy()[mine],
            base=int(base),
            terms=rows["atoms"].to_numpy()[mine].astype(np.int64),
        )
        found = rates.posterior(published, rates.fit_prior(published), 2 * region_rate)
        rows.loc[mine, "rate_mean"] = found.mean
        rows.loc[mine, "rate_low"] = found.low
        # a sum with "or more" among its terms has no upper end
        open_end = published.capped & (published.terms > 1)
        rows.loc[mine, "rate_high"] = np.where(open_end, np.nan, found.high)
        rows.loc[mine, "p_double"] = found.above
    if region_rate > 0:
        rows["ratio"] = rows["rate_mean"] / region_rate
        reached = np.searchsorted(CLASS_BREAKS, rows["ratio"].to_numpy(), side="right") + 1
        number = np.where(rows["value"].fillna(0).to_numpy() == 0, 0, reached)
    else:
        number = np.zeros(len(rows))
    rows["class"] = pd.array(number.astype(int), dtype="Int8")
    rows.loc[~has, "class"] = pd.NA
    level = rows["level"].iloc[0]
    if level in TESTED and has.any() and region_rate > 0:
        measured = rows[has]
        score = hotspots.standardised(
            measured["value"].to_numpy(dtype=float),
            measured["addresses"].to_numpy(dtype=float),
            region_rate,
            layer.b,
            measured["atoms"].to_numpy(dtype=float),
        )
        rows.loc[has, "hotspot"] = hotspots.classes(score, neighbour_pairs(level, measured["zone"].tolist(), zones))
    return rows


def neighbour_pairs(level: str, units: Sequence[str], zones: ZoneSet) -> npt.NDArray[np.int64]:
    """Give the pairs of units with touching cells, as positions in `units`, each once, shape (m, 2)."""
    wanted = np.array([int(unit, 16) for unit in units], dtype=np.uint64)
    if level != "zone":
        order = np.argsort(wanted)
        pairs = grid.touching_pairs(wanted[order])
        return np.sort(order[pairs], axis=1)
    place = np.full(len(zones.zone), -1, dtype=np.int64)
    place[np.searchsorted(zones.zone, wanted)] = np.arange(len(wanted))
    of_cell = place[zones.cell_zone]
    cells = zones.cell[of_cell >= 0]
    pairs = of_cell[of_cell >= 0][grid.touching_pairs(cells)]
    pairs = np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1)
    return np.unique(pairs, axis=0)


def _composite(
    single: pd.DataFrame, published: pd.DataFrame, theme: Theme, layers: Sequence[Layer], geography: Geography
) -> pd.DataFrame:
    """Combine the layers of a theme into one score per unit of the base ``alle``."""
    weights = {layer.id: layer.themes[theme] for layer in layers if theme in layer.themes}
    if not weights or single.empty:
        return pd.DataFrame(columns=SCHEMA.names)
    zones = geography.zones.base[Base.ALL]
    rows = []
    for level in composite.LEVELS:
        unit_cells, addresses = composite.units_at(level, zones, geography.regions)
        wanted = composite.inside(level, unit_cells, published, geography)
        if not wanted:
            continue
        ratio = {
            layer.id: composite.ratio_per_unit(single, layer, level, wanted, unit_cells, geography)
            for layer in layers
            if layer.id in weights
        }
        score = composite.weighted(ratio, weights)
        has = np.isfinite(score)
        number = np.where(score < COMPOSITE_FLOOR, 0, np.searchsorted(CLASS_BREAKS, score, side="right") + 1)
        part = pd.DataFrame(
            {
                "layer": f"thema:{theme}",
                "level": level,
                "zone": wanted,
                "addresses": [addresses[unit] for unit in wanted],
                "status": np.where(has, "waarde", "geen_data"),
                "ratio": score,
                "class": pd.array(np.where(has, number, 0).astype(int), dtype="Int8"),
                "hotspot": None,
            }
        )
        part.loc[~has, "class"] = pd.NA
        if level in TESTED and has.any():
            pairs = neighbour_pairs(level, part["zone"][has].tolist(), zones)
            part.loc[has, "hotspot"] = hotspots.classes(score[has], pairs)
        rows.append(part)
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=SCHEMA.names)


def _significant(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Round to four significant digits: more would only be noise, and would differ between machines."""
    return np.array([float(f"{value:.{DIGITS}g}") for value in values.tolist()])
