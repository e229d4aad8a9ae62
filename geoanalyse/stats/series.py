"""The windows of a series: the class of each region in each, and which windows differ more than chance allows."""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from scipy import special

from geoanalyse.geography import LEVELS, Geography
from geoanalyse.layer import Layer
from geoanalyse.published import Protected
from geoanalyse.rounding import DISPLACEMENT
from geoanalyse.stats import area_figures, region_figures, significant
from geoanalyse.stats.frames import windows_of
from geoanalyse.stats.multiple import benjamini_hochberg

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SCHEMA = pa.schema(
    [
        ("layer", pa.string()),
        ("level", pa.string()),
        ("zone", pa.string()),
        ("start", pa.date32()),
        ("end", pa.date32()),
        ("addresses", pa.int64()),
        ("value", pa.int64()),
        ("status", pa.string()),
        ("low", pa.int64()),
        ("high", pa.int64()),
        ("rate_mean", pa.float64()),
        ("rate_low", pa.float64()),
        ("rate_high", pa.float64()),
        ("ratio", pa.float64()),
        ("class", pa.int8()),
        ("region_rate", pa.float64()),
    ]
)
"""One row per region and window of a series. The columns mean what they mean in `geoanalyse.stats.SCHEMA`, except that
``ratio`` compares with ``region_rate``: the rate of an average window of the reference region."""

CHANGES = pa.schema(
    [
        ("layer", pa.string()),
        ("level", pa.string()),
        ("zone", pa.string()),
        ("earlier", pa.date32()),
        ("later", pa.date32()),
        ("change", pa.string()),
    ]
)
"""One row per region and pair of windows, by their first days, whose difference cannot well be chance: ``meer`` or
``minder`` in the later one. A pair that is not here is not shown to differ, which is not the same as equal."""

LEVEL: Final = 0.05
"""Share of false discoveries that is accepted among the regions called different in one pair of windows."""


def series(
    protected: Protected, reference: Protected, layers: Sequence[Layer], geography: Geography
) -> tuple[pa.Table, pa.Table]:
    """Compute estimates and classes per window, and the differences between windows that stand out.

    Parameters
    ----------
    protected : Protected
        Published table of the area.
    reference : Protected
        That of the gemeenten the area lies in. Priors, the average window and the correction for many comparisons come
        from all of it, so that a region has the same figures on every map.
    layers : sequence of Layer
    geography : Geography

    Returns
    -------
    windows : pyarrow.Table
        Schema `SCHEMA`, sorted by layer, level, region and window.
    changes : pyarrow.Table
        Schema `CHANGES`, sorted likewise.
    """
    frame = windows_of(reference)
    wanted = set(zip(*(protected.table[name].to_pylist() for name in ("layer", "level", "zone")), strict=True))
    rows: list[pd.DataFrame] = []
    found: list[tuple[Any, ...]] = []
    for layer in layers:
        mine = frame[frame["layer"] == layer.id]
        rate = _average(mine)
        for level in (each for each in LEVELS if (mine["level"] == each).any()):
            part = mine[mine["level"] == level].copy()
            inside = np.array([(layer.id, level, zone) in wanted for zone in part["zone"]])
            everywhere = region_figures(part, layer, rate, geography.zones.base[layer.base])
            here = area_figures(everywhere.rows[inside].copy(), layer, rate, everywhere.prior)
            rows.append(here.assign(region_rate=rate))
            found += ((layer.id, level, *each) for each in _changes(part) if (layer.id, level, each[0]) in wanted)
    table = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=SCHEMA.names)
    for column in ("rate_mean", "rate_low", "rate_high", "ratio", "region_rate"):
        table[column] = significant(table[column].to_numpy(dtype=float))
    columns = list(zip(*found, strict=True)) or [()] * len(CHANGES)
    arrays = [pa.array(each, field.type) for each, field in zip(columns, CHANGES, strict=True)]
    return (
        pa.Table.from_pandas(table[SCHEMA.names], schema=SCHEMA, preserve_index=False),
        pa.Table.from_arrays(arrays, schema=CHANGES),
    )


def _average(rows: pd.DataFrame) -> float:
    """Rate of an average window: values of the level that is rounded apart, over its addresses."""
    own = rows[rows["apart"] & rows["value"].notna()]
    finest = own[own["level"] == next((level for level in LEVELS if (own["level"] == level).any()), "")]
    addresses = finest["addresses"].sum()
    return float(finest["value"].sum() / addresses) if addresses else 0.0


def chance(least: Ints, most: Ints, share: float) -> Floats:
    """Give the probability that the larger of two counts is this much larger by chance, as a two-sided p-value.

    Both counts are Poisson with one rate per day. Given their sum n, the larger is then binomial with n and the `share`
    of the days that its window has (Przyborowski & Wilenski, Biometrika 31 (1940) 313-323). What was published leaves
    several counts possible; with the least value of the larger and the greatest of the smaller, p is never below that
    of the exact counts: it falls with the larger count and rises with the smaller.

    Parameters
    ----------
    least : ndarray of int64, shape (n,)
        Least possible value of the larger count.
    most : ndarray of int64, shape (n,)
        Greatest possible value of the smaller count.
    share : float
        Days in the window of the larger count, as a fraction of the days of both.

    Returns
    -------
    ndarray of float, shape (n,)

    Examples
    --------
    >>> chance(np.array([5, 16, 4]), np.array([0, 4, 9]), 0.5).round(4).tolist()
    [0.0625, 0.0118, 1.0]
    """
    tail = special.betainc(np.maximum(least, 1), most + 1.0, share)  # P(Binomial(least + most, share) >= least)
    p: Floats = np.where(least > 0, np.minimum(1.0, 2 * tail), 1.0)
    return p


def _changes(rows: pd.DataFrame) -> Iterator[tuple[str, dt.date, dt.date, str]]:
    """Region, first days of the two windows and direction of every difference that stands out, by region and window.

    Both counts of a region lie in v - C .. v - C + b - 1, with the same C, where `tied_to_threshold` says so. Elsewhere
    the least value of one window goes with the greatest of the other.
    """
    known = rows[rows["value"].notna()].copy()
    if known.empty:
        return
    known["span"] = np.where(tied_to_threshold(known), known["b"] - 1 + 2 * DISPLACEMENT, -1)
    wide = known.set_index(["zone", "start"])[["value", "low", "high", "span"]].unstack()  # noqa: PD010
    # -1: no figure, or no upper end, or no tie
    value, least, greatest, spans = (
        wide[name].fillna(-1).to_numpy(dtype=np.int64) for name in ("value", "low", "high", "span")
    )
    units, starts = wide.index, wide["value"].columns
    ends = known.groupby("start")["end"].first()
    days = [(ends[start] - start).days for start in starts]
    found = []
    for first, second in combinations(range(least.shape[1]), 2):
        both = (least[:, first] >= 0) & (least[:, second] >= 0)
        p = np.ones(len(least))
        change = np.zeros(len(least), dtype=int)
        for direction, more, less in ((1, second, first), (-1, first, second)):
            free = np.where((spans[:, more] >= 0) & (spans[:, less] >= 0), spans[:, more], 0)
            larger = np.where(free > 0, value[:, more] + DISPLACEMENT, least[:, more])
            at = np.flatnonzero(both & (greatest[:, less] >= 0) & (larger > greatest[:, less]))
            share = days[more] / (days[more] + days[less])
            p[at], change[at] = _most_likely(larger[at], greatest[at, less], free[at], share), direction
        if p.min(initial=1) > LEVEL:
            continue
        q = np.ones(len(p))
        q[both] = benjamini_hochberg(p[both])
        found += [(unit, first, second, change[unit]) for unit in np.flatnonzero(q <= LEVEL).tolist()]
    for unit, first, second, direction in sorted(found):
        yield units[unit], starts[first], starts[second], "meer" if direction > 0 else "minder"


def tied_to_threshold(known: pd.DataFrame) -> pd.Series:
    """Say which windows with a figure have the one threshold of their region, and nothing else.

    All windows of a region that is rounded apart have one threshold C, -d to b - 1 + d (d is `DISPLACEMENT`). A value
    that may have been moved after rounding, or is a sum, has no such tie.
    """
    off = known["b"] - 1 + DISPLACEMENT
    below = (known["high"] <= known["value"] + off).fillna(value=True)
    return known["apart"] & ~maybe_raised(known) & below


def maybe_raised(known: pd.DataFrame) -> pd.Series:
    """Say which windows that are rounded apart may have been raised: those that prove less than their value does."""
    off = known["b"] - 1 + DISPLACEMENT
    return known["apart"] & (known["low"] < np.maximum(known["value"] - off, known["value"] > 0))


def _most_likely(larger: Ints, smaller: Ints, free: Ints, share: float) -> Floats:
    """Give the highest `chance` over all thresholds: both counts less the same number, 0 to `free`."""
    each = (np.minimum(threshold, free) for threshold in range(int(free.max(initial=0)) + 1))
    tries = [chance(np.maximum(larger - less, 0), np.maximum(smaller - less, 0), share) for less in each]
    highest: Floats = np.max(tries, axis=0)
    return highest
