"""How well the earlier windows of a release told where the later events were: the scorecard of its series."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geoanalyse.geography import Geography, Regions
from geoanalyse.layer import Layer
from geoanalyse.published import Protected
from geoanalyse.rounding import DISPLACEMENT
from geoanalyse.stats import DIGITS, significant
from geoanalyse.stats.frames import windows_of
from geoanalyse.stats.rates import Published, fit_prior, posterior_mean
from geoanalyse.stats.scorecard import SHARES, extremes, parts_chosen
from geoanalyse.stats.spacetime import MIN_WINDOWS, TOO_FEW

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SCHEMA = pa.schema(
    [
        ("layer", pa.string()),
        ("level", pa.string()),
        ("size", pa.string()),
        ("share", pa.float64()),
        ("forecast", pa.string()),
        ("regions", pa.int32()),
        ("trained_start", pa.date32()),
        ("start", pa.date32()),
        ("end", pa.date32()),
        ("hit_low", pa.float64()),
        ("hit_high", pa.float64()),
        ("gain_low", pa.float64()),
        ("gain_high", pa.float64()),
        ("verdict", pa.string()),
    ]
)
"""One row per layer with a series, level, size, share and forecast; or one with only a verdict.

``forecast`` is one of `FORECASTS`, ``size`` one of `SIZES`, ``share`` the share of that size that is chosen.
``trained_start`` to ``start`` is the period the forecast was made from, ``start`` to ``end`` the one it was tested on,
ends exclusive. The share of the later events that lay where the forecast is highest is certain to lie between
``hit_low`` and ``hit_high``, and that of the map less that of this forecast between ``gain_low`` and ``gain_high``:
the least and the most over all counts that the published values leave possible. ``verdict`` says of the map whether
the latter two lie above 0 (``beter``), below it (``slechter``) or on both sides (``niet te zeggen``). Where nothing can
be scored ``verdict`` says why: one of `NO_SCORE`.
"""

MAP, LAST, DENSITY, RANDOM = "kaart", "vorige periode", "adresdichtheid", "willekeurig"
FORECASTS: Final = (MAP, LAST, DENSITY, RANDOM)
"""What is scored: the estimated rate of the earlier windows, the published counts of the last of them (as many windows
as are tested), addresses per area, and nothing."""
SIZES: Final = ("adressen", "oppervlakte")
LEVELS: Final = ("buurt", "wijk")
"""Levels of which a forecast is scored."""
BETTER, WORSE, UNKNOWN = "beter", "slechter", "niet te zeggen"
NO_SERIES, FEW_REGIONS, NO_EVENTS = "geen eigen reeksen", "te weinig gebieden", "geen gevallen"
NO_SCORE: Final = (TOO_FEW, NO_SERIES, FEW_REGIONS, NO_EVENTS)
LATER: Final = 4
"""One in this many windows is tested on: the last."""
MIN_REGIONS: Final = 10
"""Fewest regions of a level among which a choice is scored."""

_SMALLEST: Final = 1e-12  # differences of floating point


@dataclass(frozen=True, slots=True)
class _Units:
    """The regions of one level that are chosen from, shape (n,) each.

    ``expected`` is what the earlier windows lead to expect, ``last`` the published counts of the last of them, ``low``
    and ``high`` bound the later counts.
    """

    size: Mapping[str, Floats]
    expected: Floats
    last: Floats
    low: Floats
    high: Floats


def hindsight(reference: Protected, layers: Sequence[Layer], geography: Geography) -> pa.Table:
    """Score what the earlier windows of each series told about the later ones.

    All windows of a region are rounded by one threshold, so what is rounded up before is rounded up after. Scored on
    published values that passes for foresight; hence only what is certain whatever the thresholds are.

    Parameters
    ----------
    reference : Protected
        Published table of the gemeenten an area lies in: the choice is made among all their regions, so that every map
        of them has the same scorecard.
    layers : sequence of Layer
    geography : Geography

    Returns
    -------
    pyarrow.Table
        Schema `SCHEMA`, in the order of the layers, `LEVELS`, `SIZES`, shares and `FORECASTS`.
    """
    frame = windows_of(reference)
    rows = []
    for layer in layers if len(frame) else ():
        mine = frame[frame["layer"] == layer.id]
        if len(mine):
            rows += [{"layer": layer.id} | row for row in _layer(mine, layer, geography)]
    columns: dict[str, Any] = {name: [row.get(name) for row in rows] for name in SCHEMA.names}
    for name in ("hit_low", "hit_high", "gain_low", "gain_high"):
        numbers = np.array([np.nan if value is None else value for value in columns[name]], dtype=float)
        columns[name] = pa.array(_outward(numbers, up=name.endswith("high")), pa.float64(), from_pandas=True)
    return pa.table(columns, schema=SCHEMA)


def _outward(numbers: Floats, *, up: bool) -> Floats:
    """Round to few digits, never inward: what is certain must stay so.

    Examples
    --------
    >>> _outward(np.array([0.123449, -0.123441, 0.0, 0.25]), up=True).tolist()
    [0.1235, -0.1234, 0.0, 0.25]
    """
    plain = significant(numbers)
    step = 10.0 ** (np.floor(np.log10(np.maximum(np.abs(plain), _SMALLEST))) - DIGITS + 1)
    inward = plain < numbers if up else plain > numbers
    away = np.where(inward & (np.abs(plain - numbers) > _SMALLEST), step if up else -step, 0.0)
    return significant(plain + away)


def _layer(rows: pd.DataFrame, layer: Layer, geography: Geography) -> Iterator[dict[str, Any]]:
    """Score the series of one layer at every level that has enough of them."""
    starts = sorted(rows["start"].unique())
    if len(starts) < MIN_WINDOWS:
        yield {"level": str(rows["level"].iloc[0]), "verdict": TOO_FEW}
        return
    own = rows[rows["apart"] & rows["level"].isin(LEVELS)]
    own = own[own.groupby("zone")["value"].transform("count") == len(starts)].sort_values(["zone", "start"])
    if own.empty:
        yield {"level": str(rows["level"].iloc[0]), "verdict": NO_SERIES}
        return
    names = own["zone"].to_numpy()[:: len(starts)].tolist()
    leaf = _units(own, layer, len(starts))
    end = rows["end"].max()
    when = {"trained_start": starts[0], "start": starts[-(len(starts) // LATER)], "end": end}
    for level in LEVELS:
        counted = rows[rows["level"] == level].groupby("zone")["value"].count()
        units = _joined(leaf, names, set(counted.index[counted == len(starts)]), level, geography.regions)
        about = {"level": level, "regions": len(units.low)}
        if not about["regions"]:
            continue
        if units.low.size < MIN_REGIONS:
            yield about | {"verdict": FEW_REGIONS}
        elif not units.expected.any() or not units.high.any():
            yield about | {"verdict": NO_EVENTS}
        else:
            yield from (about | when | row for row in _scores(units))


def _units(own: pd.DataFrame, layer: Layer, windows: int) -> _Units:
    """Describe the regions that are rounded by themselves; all windows of each are known."""

    def whole(name: str, missing: int = 0) -> Ints:
        numbers: Ints = own[name].astype("Int64").fillna(missing).to_numpy(dtype=np.int64).reshape(-1, windows)
        return numbers

    tested = windows // LATER
    value, low, high, base, addresses = (
        whole("value"),
        whole("low"),
        whole("high", -1),
        whole("b"),
        whole("addresses"),
    )
    people = addresses[:, 0]
    most = np.where(high < 0, layer.clamp * addresses, high)
    before = value[:, :-tested].sum(axis=1)
    return _Units(
        size={"adressen": people.astype(float)},
        expected=_expected(before, base[:, 0], people, windows - tested, layer.clamp),
        last=value[:, -2 * tested : -tested].sum(axis=1).astype(float),
        low=low[:, -tested:].sum(axis=1).astype(float),
        high=most[:, -tested:].sum(axis=1).astype(float),
    )


def _expected(total: Ints, base: Ints, addresses: Ints, windows: int, clamp: int) -> Floats:
    """Give what the map makes of the sum of the earlier windows: its estimated rate, times the addresses."""
    if not total.any():
        return np.zeros(len(total))
    kinds = {number: np.flatnonzero(base == number) for number in np.unique(base).tolist()}
    parts = [
        Published(
            value=total[at],
            addresses=addresses[at],
            capped=np.zeros(len(at), dtype=bool),
            base=number,
            terms=np.full(len(at), windows, dtype=np.int64),
            clamp=clamp * windows,
            displacement=DISPLACEMENT,
        )
        for number, at in kinds.items()
    ]
    prior = fit_prior(parts)
    expected = np.zeros(len(total))
    for part, at in zip(parts, kinds.values(), strict=True):
        expected[at] = posterior_mean(part, prior) * part.addresses
    return expected


def _joined(leaf: _Units, names: Sequence[str], shown: set[str], level: str, regions: Regions) -> _Units:
    """Add up the regions with a series of their own to those of a level that is shown."""
    at_level = regions.at_level(level)
    known, of_leaf = np.unique(at_level[[regions.index(name) for name in names]], return_inverse=True)
    keep = np.array([number >= 0 and regions.codes[number] in shown for number in known.tolist()], dtype=bool)

    def total(numbers: Floats) -> Floats:
        summed: Floats = np.bincount(of_leaf, weights=numbers, minlength=len(known))[keep]
        return summed

    cells = np.bincount(at_level[regions.region] + 1, minlength=len(regions.codes) + 1)[known + 1]
    return _Units(
        size={"adressen": total(leaf.size["adressen"]), "oppervlakte": cells[keep].astype(float)},
        expected=total(leaf.expected),
        last=total(leaf.last),
        low=total(leaf.low),
        high=total(leaf.high),
    )


def _scores(units: _Units) -> Iterator[dict[str, Any]]:
    """Bound the score of every forecast on every size and share."""
    people, area = (units.size[name] for name in SIZES)
    for name in SIZES:
        size = units.size[name]
        forecasts = {
            MAP: units.expected / size,
            LAST: units.last / size,
            DENSITY: people / area,
            RANDOM: np.zeros(len(size)),
        }
        for share in SHARES:
            chosen = {forecast: parts_chosen(by, size, share) for forecast, by in forecasts.items()}
            for forecast, parts in chosen.items():
                low, high = extremes(parts, units.low, units.high)
                row = {"size": name, "share": share, "forecast": forecast, "hit_low": low, "hit_high": high}
                if forecast != MAP:
                    least, most = extremes(chosen[MAP] - parts, units.low, units.high)
                    verdict = BETTER if least > 0 else WORSE if most < 0 else UNKNOWN
                    row |= {"gain_low": least, "gain_high": most, "verdict": verdict}
                yield row
