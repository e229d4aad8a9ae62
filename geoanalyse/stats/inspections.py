"""Rates per inspection beside rates per address: what is often found where there is much looking.

Who looks more finds more (Lum & Isaac, Significance 13 (2016) 14-19). Where a layer names the layer that counts its
inspections, each unit gets the rate per inspection, and each hot spot is looked for once more with inspections in place
of addresses. Both counts are known from published values only, and what rounding leaves open goes into the interval and
into the word.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geoanalyse.geography import Geography
from geoanalyse.layer import Layer
from geoanalyse.published import Protected
from geoanalyse.stats import TESTED, hotspots, neighbour_pairs, rates, significant
from geoanalyse.stats.frames import described, kinds, whole_period

Ints = npt.NDArray[np.int64]

SCHEMA = pa.schema(
    [
        ("layer", pa.string()),
        ("level", pa.string()),
        ("zone", pa.string()),
        ("inspections", pa.int64()),
        ("mean", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("hotspot", pa.string()),
    ]
)
"""One row per unit and level at which a layer shows a value and the layer of its inspections one above 0.

``inspections`` is the latter. ``mean`` is the posterior mean of the rate per inspection, ``low`` and ``high`` a 95 %
interval of it that holds for every number of inspections that the value leaves possible; ``high`` is null when that may
be none, or when the counted value has no upper end. ``hotspot`` is the call with inspections in place of addresses: one
of `HOT`, `NOT_HOT` and `UNDECIDED`, null where hot spots are not looked for.
"""
HOT: Final = "hotspot"
NOT_HOT: Final = "geen"
UNDECIDED: Final = "niet te zeggen"
"""The number of inspections that was rounded decides whether it is one."""


def inspections(protected: Protected, reference: Protected, layers: Sequence[Layer], geography: Geography) -> pa.Table:
    """Compute the rates per inspection of every unit of an area.

    The count N of a unit is Poisson with mean r M, with M its inspections and r from a Gamma distribution fitted on the
    region, as `geoanalyse.stats.rates` does for addresses. The interval of r runs from the lower end with the most
    inspections that the published value leaves possible to the upper end with the fewest.

    A unit is a hot spot per inspection when it is called so with the most inspections it and its neighbours can have
    had; it is none when it is not even called so with the fewest (at least 1 each).

    Parameters
    ----------
    protected : Protected
        Published table of the area.
    reference : Protected
        That of the gemeenten the area lies in, on which priors are fitted and hot spots are looked for.
    layers : sequence of Layer
    geography : Geography

    Returns
    -------
    pyarrow.Table
        Schema `SCHEMA`, sorted by layer, level and unit; empty when no layer names its inspections.
    """
    by_id = {layer.id: layer for layer in layers}
    pairs = [(layer, by_id[layer.inspections]) for layer in layers if layer.inspections in by_id]
    if not pairs:
        return SCHEMA.empty_table()
    wide, here = whole_period(reference), whole_period(protected)
    parts = [part for layer, looked in pairs for part in _of_layer(wide, layer, looked, geography)]
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=SCHEMA.names)
    found = found.merge(here[["layer", "level", "zone"]], on=["layer", "level", "zone"])
    found = found.sort_values(["layer", "level", "zone"], kind="stable")
    for column in ("mean", "low", "high"):
        found[column] = significant(found[column].to_numpy(dtype=float))
    return pa.Table.from_pandas(found[SCHEMA.names], schema=SCHEMA, preserve_index=False)


def _of_layer(wide: pd.DataFrame, layer: Layer, looked: Layer, geography: Geography) -> Iterator[pd.DataFrame]:
    """Give the rows of one layer, level by level."""
    counted, visits = (wide[(wide["layer"] == each.id) & wide["value"].notna()] for each in (layer, looked))
    bounds = visits.assign(
        inspections=visits["value"].astype(np.int64),
        fewest=visits["low"].astype(np.int64),
        most=visits["high"].fillna(looked.clamp * visits["addresses"]).astype(np.int64),  # no upper end: every address
    )[["level", "zone", "inspections", "fewest", "most"]]
    both = counted.merge(bounds, on=["level", "zone"])
    both = both[both["inspections"] > 0]
    for level, rows in both.groupby("level", sort=False):
        yield _of_level(rows.reset_index(drop=True), str(level), layer, geography)


def _of_level(rows: pd.DataFrame, level: str, layer: Layer, geography: Geography) -> pd.DataFrame:
    found = rows.assign(mean=np.nan, low=np.nan, high=np.nan, hotspot=None)
    if rows["value"].sum() == 0:  # nothing anywhere: there is no rate to speak of
        found["mean"] = 0.0
        found["hotspot"] = NOT_HOT if level in TESTED else None
        return found
    prior = rates.fit_prior([_per_inspection(part, layer, "inspections") for part in kinds(rows)])
    for part in kinds(rows):
        mean, least, greatest = (
            rates.posterior(_per_inspection(part, layer, column), prior, 1.0)
            for column in ("inspections", "most", "fewest")
        )
        open_end = part["or_more"] | part["open_end"] | (part["fewest"] == 0)
        found.loc[part.index, "mean"] = mean.mean
        found.loc[part.index, "low"] = least.low
        found.loc[part.index, "high"] = np.where(open_end, np.nan, greatest.high)
    if level in TESTED:
        found["hotspot"] = _hot(rows, level, layer, prior, geography)
    return found


def _hot(
    rows: pd.DataFrame, level: str, layer: Layer, prior: rates.Prior, geography: Geography
) -> npt.NDArray[np.str_]:
    """Call each unit with inspections in place of addresses, with the most and with the fewest there can have been."""
    pairs = neighbour_pairs(level, rows["zone"].tolist(), geography.zones.base[layer.base])
    calls = hotspots.call(_per_inspection(rows, layer, "inspections"), prior, pairs)
    weights = hotspots.closed(pairs, len(rows))
    surely, maybe = (
        hotspots.verdict(*hotspots.tails(_per_inspection(rows, layer, column), calls.prior, weights), calls.cut) == HOT
        for column in ("most", "fewest")
    )
    return np.where(surely, HOT, np.where(maybe, UNDECIDED, NOT_HOT))


def _per_inspection(rows: pd.DataFrame, layer: Layer, exposure: str) -> rates.Published:
    """Describe rows with a number of inspections, at least 1, for addresses; several may be found in one of them."""
    given = described(rows, layer)
    looked: Ints = np.maximum(rows[exposure].to_numpy(), 1)
    reach = given.terms * (given.base + given.displacement)
    return replace(
        given,
        addresses=looked,
        capped=np.zeros(len(rows), dtype=bool),
        clamp=int(np.ceil(((given.value + reach) / looked).max(initial=1.0))),
    )
