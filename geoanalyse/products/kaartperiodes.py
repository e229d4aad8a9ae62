"""What the map knows about time: the windows of a series, and which of them differ."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geoanalyse.products import dutch
from geoanalyse.products.kaartblok import Columns, three_digits
from geoanalyse.release import Release

NO_DATA, WITHHELD = -1, -2
"""Instead of a value."""


def series(release: Release, number: npt.NDArray[np.int32], columns: Columns) -> dict[str, Any]:
    """Give per layer its windows, the regions with a series, and a column per figure, shape (regions x windows).

    ``values`` holds `NO_DATA` or `WITHHELD` where there is no figure; ``high`` is -1 where there is no upper end, and
    ``class`` where there is none. ``changes`` are three columns: position of the earlier window, of the later one, and
    that of the region plus 1, negative when the later window has less. ``trends`` are three columns with a number per
    region: position of its trend in `dutch.TRENDS`, of its pattern in `dutch.PATTERNS`, and of the window of its latest
    early warning; -1 for none.

    Parameters
    ----------
    release : Release
    number : ndarray of int32
        Position of each region among those of the map.
    columns : Columns
        The columns are added to it.
    """
    position = {code: int(number[index]) for index, code in enumerate(release.geography.regions.codes)}
    trends = release.trends.to_pylist()
    found = {}
    for name in pc.unique(release.windows["layer"]).to_pylist():
        rows = release.windows.filter(pc.equal(release.windows["layer"], name))
        windows = sorted(set(zip(rows["start"].to_pylist(), rows["end"].to_pylist(), strict=True)))
        codes = sorted(set(rows["zone"].to_pylist()), key=lambda code: (position[code], code))
        when = {start: index for index, (start, _) in enumerate(windows)}
        where = {code: index for index, code in enumerate(codes)}
        cell = np.array([where[code] for code in rows["zone"].to_pylist()]) * len(windows)
        cell += np.array([when[start] for start in rows["start"].to_pylist()])
        size = len(codes) * len(windows)
        no_data = pc.equal(rows["status"], "geen_data")
        values = pc.coalesce(rows["value"], pc.if_else(no_data, NO_DATA, WITHHELD))
        changes = release.changes.filter(pc.equal(release.changes["layer"], name))
        trend = {row["zone"]: row for row in trends if row["layer"] == name}
        sign = [1 if change == "meer" else -1 for change in changes["change"].to_pylist()]
        found[name] = {
            "windows": [[start.isoformat(), dutch.calendar_unit(start, end)] for start, end in windows],
            "rate": rows["region_rate"][0].as_py(),
            "regions": columns.integers([position[code] for code in codes]),
            **columns.figures(
                {
                    "values": _spread(values, cell, size, WITHHELD),
                    **{each: _spread(rows[each], cell, size, -1) for each in ("low", "high", "class")},
                },
                {
                    each: three_digits(_spread(rows[each], cell, size, np.nan))
                    for each in ("ratio", "rate_mean", "rate_low", "rate_high")
                },
            ),
            "changes": [
                columns.integers([when[day] for day in changes["earlier"].to_pylist()]),
                columns.integers([when[day] for day in changes["later"].to_pylist()]),
                columns.integers(
                    [each * (where[code] + 1) for each, code in zip(sign, changes["zone"].to_pylist(), strict=True)]
                ),
            ],
            "trends": [
                columns.integers([_place(trend.get(code, {}).get(column), order) for code in codes])
                for column, order in (
                    ("trend", list(dutch.TRENDS)),
                    ("pattern", list(dutch.PATTERNS)),
                    ("alarm", list(when)),
                )
            ],
        }
    return found


def _place(value: Any, order: list[Any]) -> int:  # noqa: ANN401 - a word or a day
    return -1 if value is None else order.index(value)


def _spread(column: pa.ChunkedArray, cell: npt.NDArray[np.int64], size: int, nothing: float) -> npt.NDArray[Any]:
    """Put the values of a column in their places; `nothing` where there is no row or no value."""
    kind = pa.int64() if isinstance(nothing, int) else pa.float64()
    spread: npt.NDArray[Any] = np.full(size, nothing)
    spread[cell] = np.asarray(pc.fill_null(column.cast(kind), nothing))
    return spread
