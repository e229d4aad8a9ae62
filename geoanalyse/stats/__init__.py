"""Statistics of the published table: everything here is a function of it and of public geography."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geoanalyse.classes import CLASS_BREAKS, COMPOSITE_FLOOR
from geoanalyse.geography import LEVELS, Geography, Regions, Units, ZoneSet
from geoanalyse.layer import Base, Layer, Theme
from geoanalyse.published import Protected, shows
from geoanalyse.rounding import DISPLACEMENT
from geoanalyse.stats import composite, graph, hotspots, rates

Bools = npt.NDArray[np.bool_]

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

``low`` and ``high`` are the least and greatest exact count that the value leaves possible (``high`` is null for "or
more"); ``rate`` is value / addresses, ``rate_mean``, ``rate_low`` and ``rate_high`` the posterior mean and 95 %
interval of the rate per address, ``p_double`` the probability that it is above twice the region's, ``ratio`` the
posterior mean over the region's rate (for a composite the weighted mean of the ratios of its layers). ``class`` is 0
for a published 0 and otherwise the number of `CLASS_BREAKS` that the ratio reaches, plus 1. ``hotspot`` is null where
it was not tested.
"""

BORROWED = pa.schema(
    [
        ("theme", pa.string()),
        ("level", pa.string()),
        ("zone", pa.string()),
        ("layer", pa.string()),
        ("ratio", pa.float64()),
    ]
)
"""One row per unit of a composite and layer whose part in it is not a figure of that unit.

Such a layer has no row of its own there: it has a coarser atom, or counts on another base. ``ratio`` is what the
composite takes instead, the mean over the unit's cells of the units that cover them; no row where it says nothing.
"""

TESTED = ("zone", "res9", "res8")
"""Levels on which hot spots are looked for: those whose units form a lattice."""
DIGITS = 4
_THREADS = 2


def statistics(
    protected: Protected,
    reference: Protected,
    layers: Sequence[Layer],
    geography: Geography,
    chosen: Bools,
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

    Returns
    -------
    table : pyarrow.Table
        Schema `SCHEMA`, sorted by layer, level and unit.
    borrowed : pyarrow.Table
        Schema `BORROWED`, sorted by theme, level, layer and unit.
    region_rates : mapping of str to float
        Published rate of the reference region per layer: the sum of its atoms over their addresses.
    """
    frame, wide = whole_period(protected), whole_period(reference)
    region_rates = {layer.id: _region_rate(wide[wide["layer"] == layer.id]) for layer in layers}
    wanted = frame.set_index(["layer", "level"])["zone"]

    def work(part: pd.DataFrame, layer: Layer) -> tuple[pd.DataFrame, pd.DataFrame]:
        rate = region_rates[layer.id]
        everywhere, prior = region_figures(part.copy(), layer, rate, geography.zones.base[layer.base])
        here = (layer.id, part["level"].iloc[0])
        inside = part["zone"].isin(wanted[wanted.index == here]).to_numpy()
        return everywhere, area_figures(everywhere[inside].copy(), layer, rate, prior)

    tasks = [
        (part, layer) for layer in layers for _, part in wide[wide["layer"] == layer.id].groupby("level", sort=False)
    ]
    with ThreadPoolExecutor(_THREADS) as pool:  # NumPy leaves the other core free; the order stays that of the tasks
        found = list(pool.map(lambda task: work(*task), tasks))
    ratios, parts = [part for part, _ in found], [part for _, part in found]
    around = pd.concat(ratios, ignore_index=True)
    found_composites = [_composite(around, theme, layers, geography, chosen, protected.profile) for theme in Theme]
    composites = [part for part, _ in found_composites]
    table = pd.concat([part for part in (*parts, *composites) if len(part)], ignore_index=True)
    table["order"] = table["level"].map({level: position for position, level in enumerate(LEVELS)})
    table = table.sort_values(["layer", "order", "zone"], kind="stable")[SCHEMA.names]
    for column in ("rate", "rate_mean", "rate_low", "rate_high", "p_double", "ratio"):
        table[column] = significant(table[column].to_numpy(dtype=float))
    borrowed = pa.concat_tables([BORROWED.empty_table(), *(part for _, part in found_composites)])
    return pa.Table.from_pandas(table, schema=SCHEMA, preserve_index=False), borrowed, region_rates


def _region_rate(rows: pd.DataFrame) -> float:
    """Give the published rate of the region: the sum of its atoms over their addresses."""
    finest = _finest(rows)
    addresses = finest["addresses"].sum()
    return float(finest["value"].sum() / addresses) if addresses else 0.0


def _finest(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the units that hold every place once: of the finest level shown, and atoms where a gemeente has no such."""
    shown = rows[rows["value"].notna()]
    finest = next((level for level in LEVELS if level in _complete(rows)), "gemeente")
    coarser = shown["level"].isin(LEVELS[LEVELS.index(finest) :])
    return shown[(shown["level"] == finest) | (coarser & (shown["rounding"] == "zone"))]


def _complete(rows: pd.DataFrame) -> set[str]:
    """Levels at which a layer shows something and hides nothing."""
    return set(rows["level"][rows["value"].notna()]) - set(rows["level"][rows["status"] == "onderdrukt"])


def whole_period(protected: Protected) -> pd.DataFrame:
    """Give the rows over the whole period, without the windows of series."""
    table = protected.table
    frame = table.drop_columns(["cells"]).to_pandas()
    for column in ("value", "low", "high"):
        frame[column] = frame[column].astype("Int64")
    if frame.empty:
        return frame
    return frame[(frame["start"] == frame["start"].min()) & (frame["end"] == frame["end"].max())]


def region_figures(
    rows: pd.DataFrame, layer: Layer, region_rate: float, zones: ZoneSet
) -> tuple[pd.DataFrame, rates.Prior | None]:
    """Fit the prior of one layer at one level, and add hot spots and ratios of every unit in the region."""
    has = rows["value"].notna().to_numpy()
    parts = [_published(part, layer) for part in _kinds(rows[has])]
    prior = rates.fit_prior(parts, region_rate) if parts else None
    rows["hotspot"], rows["ratio"] = None, np.nan
    level = rows["level"].iloc[0]
    if prior is None or region_rate == 0:  # nothing anywhere: no place stands out
        rows.loc[has, "ratio"] = 0.0
        rows.loc[has, "hotspot"] = "geen" if level in TESTED else None
        return rows, prior
    for part in _kinds(rows[has]):
        rows.loc[part.index, "ratio"] = rates.posterior_mean(_published(part, layer), prior) / region_rate
    if level in TESTED:
        pairs = neighbour_pairs(level, rows["zone"][has].tolist(), zones)
        rows.loc[has, "hotspot"] = hotspots.classes(_published(rows[has], layer), prior, pairs)
    return rows, prior


def area_figures(rows: pd.DataFrame, layer: Layer, region_rate: float, prior: rates.Prior | None) -> pd.DataFrame:
    """Add intervals, probabilities and classes of the units of the area."""
    has = rows["value"].notna().to_numpy()
    rate = (rows["value"] / rows["addresses"]).astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    rows["rate"] = np.minimum(rate, layer.clamp)
    for column in ("rate_mean", "rate_low", "rate_high", "p_double"):
        rows[column] = np.nan
    for part in _kinds(rows[has]):
        if prior is None or region_rate == 0:  # without a single event in the region there is no rate to speak of
            break
        published = _published(part, layer)
        found = rates.posterior(published, prior, 2 * region_rate)
        # a sum with "or more" among its terms has no upper end
        open_end = (part["status"] == "cap").to_numpy() & ~_or_more(part)
        rows.loc[part.index, "rate_mean"] = found.mean
        rows.loc[part.index, "rate_low"] = found.low
        rows.loc[part.index, "rate_high"] = np.where(open_end, np.nan, found.high)
        rows.loc[part.index, "p_double"] = found.above
    reached = np.searchsorted(CLASS_BREAKS, rows["ratio"].to_numpy(), side="right") + 1
    zero = (rows["value"].fillna(0) == 0).to_numpy() | (region_rate == 0)
    rows["class"] = pd.array(np.where(zero, 0, reached), dtype="Int8")
    rows.loc[~has | (rows["ratio"].isna().to_numpy() & ~zero), "class"] = pd.NA
    return rows


def _kinds(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Take apart what was rounded in different ways."""
    for _, part in rows.groupby([rows["b"], rows["rounding"] == "apart"]):
        yield part


def _published(rows: pd.DataFrame, layer: Layer) -> rates.Published:
    """Describe rows that were rounded in one way."""
    return rates.Published(
        value=rows["value"].to_numpy(dtype=np.int64),
        addresses=rows["addresses"].to_numpy(dtype=np.int64),
        capped=_or_more(rows),
        base=int(rows["b"].iloc[0]),
        terms=rows["atoms"].to_numpy(dtype=np.int64),
        clamp=layer.clamp,
        displacement=DISPLACEMENT if rows["rounding"].iloc[0] == "apart" else 0,
    )


def _or_more(rows: pd.DataFrame) -> Bools:
    """Say which values stand for themselves or more; a sum with such a term is something else."""
    alone = (rows["rounding"] == "zone") & (rows["atoms"] == 1)
    capped: Bools = ((rows["status"] == "cap") & alone).to_numpy(dtype=bool)
    return capped


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


def _composite(
    single: pd.DataFrame, theme: Theme, layers: Sequence[Layer], geography: Geography, chosen: Bools, profile: str
) -> tuple[pd.DataFrame, pa.Table]:
    """Combine the layers of a theme into one score per unit of the base ``alle``; at no level the profile hides."""
    weights = {layer.id: layer.themes[theme] for layer in layers if theme in layer.themes}
    if not weights or single.empty:
        return pd.DataFrame(columns=SCHEMA.names), BORROWED.empty_table()
    parts, borrowed = [], []
    for level in composite.LEVELS:
        found = composite.units_at(level, geography)
        ratio = {
            layer.id: composite.ratio_per_unit(single, layer, level, found, geography)
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
                "zone": found.ids,
                "addresses": found.addresses,
                "status": np.where(has, "waarde", "geen_data"),
                "ratio": score,
                "class": pd.array(np.where(has, number, 0).astype(int), dtype="Int8"),
                "hotspot": _hot_in_any(single, theme, level, found, layers, geography) if level in TESTED else None,
            }
        )
        if not shows(profile, level):
            part["status"], part["ratio"], has = "onderdrukt", np.nan, np.zeros(len(part), dtype=bool)
        part.loc[~has, "class"] = pd.NA
        part.loc[~has, "hotspot"] = None
        inside = part["zone"].isin(composite.units_of(level, geography, chosen)).to_numpy()
        parts.append(part[inside])
        for layer in layers:
            if layer.id in weights and shows(profile, level) and not composite.has_own(single, layer, level):
                known = inside & np.isfinite(ratio[layer.id])
                columns = [part["zone"][known], significant(ratio[layer.id][known])]
                borrowed.append(_borrowed(theme, level, layer.id, *columns))
    return pd.concat(parts, ignore_index=True), pa.concat_tables([BORROWED.empty_table(), *borrowed])


def _borrowed(theme: Theme, level: str, layer: str, zone: "pd.Series[str]", ratio: npt.NDArray[np.float64]) -> pa.Table:
    same = {"theme": str(theme), "level": level, "layer": layer}
    columns = {name: pa.array([text] * len(ratio), pa.string()) for name, text in same.items()}
    return pa.table({**columns, "zone": pa.array(zone, pa.string()), "ratio": ratio}).select(BORROWED.names)


def _hot_in_any(
    single: pd.DataFrame, theme: Theme, level: str, found: Units, layers: Sequence[Layer], geography: Geography
) -> list[str]:
    """Call a composite hot where a layer of the theme is; its own score is too smooth to be tested.

    Hexagons have one name on every base; zones do not: a hot zone on another base marks the zones that share its cells.
    """
    rows = single[(single["level"] == level) & (single["hotspot"] == "hotspot")]
    zones = geography.zones.base[Base.ALL]
    hot: set[str] = set()
    for layer in layers:
        names = rows["zone"][rows["layer"] == layer.id] if theme in layer.themes else rows["zone"][:0]
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
