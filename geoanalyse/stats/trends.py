"""What the series of a region say together: trend, emerging hot spot, early warning."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geoanalyse import grid
from geoanalyse.geography import LEVELS, Geography
from geoanalyse.layer import Layer
from geoanalyse.published import Protected
from geoanalyse.rounding import DISPLACEMENT
from geoanalyse.stats import hotspots, region_pairs, significant
from geoanalyse.stats.frames import windows_of
from geoanalyse.stats.multiple import benjamini_hochberg
from geoanalyse.stats.rates import Published
from geoanalyse.stats.series import maybe_raised, tied_to_threshold
from geoanalyse.stats.spacetime import (
    MIN_WINDOWS,
    TOO_FEW,
    alarms,
    emerging,
    limit_for,
    mann_kendall,
    per_window,
    scores,
    theil_sen,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

SCHEMA = pa.schema(
    [
        ("layer", pa.string()),
        ("level", pa.string()),
        ("zone", pa.string()),
        ("windows", pa.int16()),
        ("s", pa.int32()),
        ("p", pa.float64()),
        ("q", pa.float64()),
        ("trend", pa.string()),
        ("slope", pa.float64()),
        ("pattern", pa.string()),
        ("hot", pa.int16()),
        ("alarm", pa.date32()),
    ]
)
"""One row per region with a series.

``windows`` is the number of windows with a figure, ``s`` Kendall's S of the values, ``p`` its two-sided p-value and
``q`` that after correction for all regions of the level; ``trend`` is ``stijgend`` or ``dalend`` where q <= `LEVEL`,
else ``geen``, or ``te weinig perioden``. ``slope`` is the Theil-Sen slope: how much the value of a window of average
length changes per year. ``pattern`` is one of `spacetime.PATTERNS`, ``hot`` the number of windows in which the region
was called a hot spot; both null at levels that are not tested. ``alarm`` is the first day of the latest window in which
the CUSUM passed its limit, null for none.
"""

LEVEL: Final = 0.05
"""Share of false discoveries that is accepted among the regions of a level said to rise or fall."""
TESTED: Final = ("buurt", "wijk")
"""Levels of regions on which hot spots per window are looked for."""
_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class _Series:
    """The windows of the regions of one layer and level: shape (regions, windows), -1 where there is no figure.

    ``tied``: all counts of a region lie in one interval of its one threshold; ``moved``: the value may have been
    raised after rounding.
    """

    zones: tuple[str, ...]
    starts: tuple[dt.date, ...]
    days: Ints
    value: Ints
    low: Ints
    high: Ints
    base: Ints
    addresses: Ints
    terms: Ints
    tied: Bools
    moved: Bools


def trends(protected: Protected, reference: Protected, layers: Sequence[Layer], geography: Geography) -> pa.Table:
    """Compute trend, emerging hot-spot pattern and early warning of every region with a series.

    Parameters
    ----------
    protected : Protected
        Published table of the area.
    reference : Protected
        That of the gemeenten the area lies in. Neighbours, the distribution of the rates and the corrections for many
        comparisons come from all of it, so that a region has the same row on every map.
    layers : sequence of Layer
    geography : Geography

    Returns
    -------
    pyarrow.Table
        Schema `SCHEMA`, sorted by layer, level and region.
    """
    frame = windows_of(reference)
    if frame.empty:
        return SCHEMA.empty_table()
    wanted = set(zip(*(protected.table[name].to_pylist() for name in ("layer", "level", "zone")), strict=True))
    touching = grid.near_pairs(geography.regions.cells)
    limit = limit_for()
    rows: list[dict[str, Any]] = []
    for layer in layers:
        mine = frame[frame["layer"] == layer.id]
        for level in (each for each in LEVELS if (mine["level"] == each).any()):
            seen = _series(mine[mine["level"] == level])
            pairs = region_pairs(level, seen.zones, geography.regions, touching) if level in TESTED else None
            columns = _trend(seen) | _pattern(seen, pairs, layer.clamp) | {"alarm": _latest_alarm(seen, limit)}
            found = pd.DataFrame({"layer": layer.id, "level": level, "zone": seen.zones} | columns).to_dict("records")
            rows += [row for row in found if (layer.id, level, row["zone"]) in wanted]
    columns = {name: [_plain(row[name]) for row in rows] for name in SCHEMA.names}
    return pa.table(columns, schema=SCHEMA)


def _plain(value: Any) -> Any:  # noqa: ANN401 - a cell of a table
    """Give null for what is not a number."""
    return None if isinstance(value, float) and np.isnan(value) else value


def _series(rows: pd.DataFrame) -> _Series:
    """Lay the windows of each region beside each other."""
    known = rows[rows["value"].notna()]
    marked = rows.assign(
        tied=tied_to_threshold(known).reindex(rows.index, fill_value=False).astype(int),
        moved=maybe_raised(known).reindex(rows.index, fill_value=False).astype(int),
    )
    names = ["value", "low", "high", "b", "addresses", "atoms", "tied", "moved"]
    wide = marked.set_index(["zone", "start"])[names].unstack()  # noqa: PD010
    starts = tuple(wide["value"].columns)
    ends = rows.groupby("start")["end"].first()

    def whole(name: str) -> Ints:
        numbers: Ints = wide[name].astype("Int64").fillna(-1).to_numpy(dtype=np.int64)
        return numbers

    return _Series(
        zones=tuple(wide.index),
        starts=starts,
        days=np.array([(ends[start] - start).days for start in starts], dtype=np.int64),
        value=whole("value"),
        low=whole("low"),
        high=whole("high"),
        base=whole("b").max(axis=1),
        addresses=whole("addresses"),
        terms=whole("atoms"),
        tied=whole("tied") == 1,
        moved=whole("moved") == 1,
    )


# --- trend ------------------------------------------------------------------------------------------------------------


def _trend(seen: _Series) -> dict[str, Any]:
    """Columns of the trend of each region by itself."""
    values = _of_average_window(seen, np.where((seen.value < 0) | seen.moved, np.nan, seen.value))
    found = mann_kendall(values)
    q = benjamini_hochberg(found.p)
    words = np.where(found.s > 0, "stijgend", "dalend")
    middle = np.array([start.toordinal() for start in seen.starts]) + seen.days / 2
    return {
        "windows": (seen.value >= 0).sum(axis=1),
        "s": found.s,
        "p": significant(found.p),
        "q": significant(q),
        "trend": np.where(np.isnan(q), TOO_FEW, np.where(q <= LEVEL, words, "geen")),
        "slope": significant(np.where(np.isnan(q), np.nan, theil_sen(values, middle / _YEAR))),
    }


def _of_average_window(seen: _Series, values: Floats) -> Floats:
    return per_window(values, seen.days, seen.base[:, None])


# --- emerging hot spots -----------------------------------------------------------------------------------------------


def _pattern(seen: _Series, pairs: Ints | None, clamp: int) -> dict[str, Any]:
    """Columns of the hot spots over time; a region has as neighbours only those that are rounded as it is."""
    if pairs is None:
        return {"pattern": None, "hot": None}
    pairs = pairs[seen.base[pairs[:, 0]] == seen.base[pairs[:, 1]]]
    calls = _calls(seen, pairs, clamp)
    weights = hotspots.closed(pairs, len(seen.zones))
    # a total needs the same regions in every window
    total = weights @ np.where(seen.value >= 0, seen.value, np.nan)
    found = mann_kendall(_of_average_window(seen, total))
    called = benjamini_hochberg(found.p) <= LEVEL
    return {
        "pattern": emerging(calls, np.where(called, np.sign(found.s), 0)),
        "hot": (calls == 1).sum(axis=1),
    }


def _calls(seen: _Series, pairs: Ints, clamp: int) -> Floats:
    """Call each region hot (1), cold (-1) or neither (0) in each window; NaN without a figure."""
    windows, places = [], []
    for base in np.unique(seen.base).tolist():
        for number in range(len(seen.starts)):
            rows = np.flatnonzero((seen.base == base) & (seen.value[:, number] >= 0))
            published = Published(
                value=seen.value[rows, number],
                addresses=seen.addresses[rows, number],
                capped=np.zeros(len(rows), dtype=bool),
                base=base,
                terms=seen.terms[rows, number],
                clamp=clamp,
                displacement=DISPLACEMENT,
            )
            windows.append(hotspots.Window(published, _among(pairs, rows, len(seen.zones)), number))
            places.append(rows)
    calls = np.full(seen.value.shape, np.nan)
    for window, rows, called in zip(windows, places, hotspots.classes_of_windows(windows), strict=True):
        calls[rows, window.number] = (called == "hotspot").astype(int) - (called == "coldspot").astype(int)
    return calls


def _among(pairs: Ints, rows: npt.NDArray[np.intp], count: int) -> Ints:
    """Give the pairs of which both are among these rows, as positions in them."""
    place = np.full(count, -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    found = place[pairs]
    return found[(found >= 0).all(axis=1)]


# --- early warning ----------------------------------------------------------------------------------------------------


def _latest_alarm(seen: _Series, limit: float) -> list[dt.date | None]:
    """Give the first day of the latest window in which every possible history alarms.

    All tied windows of a region have one threshold C, which ties their counts: v - C .. v - C + b - 1. Each C is one
    history.
    """
    known = (seen.value >= 0) & (seen.tied | (seen.high >= 0))
    possible = []
    for step in range(int(seen.base.max(initial=1)) + 2 * DISPLACEMENT):
        threshold = np.minimum(step - DISPLACEMENT, seen.base - 1 + DISPLACEMENT)[:, None]
        shifted = seen.value - threshold
        least = np.where(seen.tied, np.maximum(shifted, seen.value > 0), seen.low)
        most = np.where(seen.tied, np.maximum(shifted + seen.base[:, None] - 1, 0), seen.high)
        possible.append(scores(np.where(known, least, -1), np.where(known, most, -1), seen.days))
    alarmed = alarms(np.array(possible), limit)
    alarmed &= ((seen.value >= 0).sum(axis=1) >= MIN_WINDOWS)[:, None]
    latest = [np.flatnonzero(row) for row in alarmed]
    return [seen.starts[windows[-1]] if len(windows) else None for windows in latest]
