"""How well a map tells where the next period's events will be: hit rate, PAI, PEI, PEI*, RRI, and their margin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geoanalyse.stats.rates import Prior, Published, mixture_of_counts

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SHARES: Final = (0.01, 0.05, 0.10)
"""Shares of the area, or of the addresses, that are looked at unless others are asked for."""

_INTERVAL: Final = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class Score:
    """How much of the later period lies where the forecast is highest.

    Attributes
    ----------
    share : float
        Share of all area or addresses that is chosen.
    hit_rate : float
        Share of the later events in it; not a number when there are none.
    low, high : float
        95 % interval of the hit rate; not a number without draws.
    pai : float
        Hit rate over share (Chainey, Tompson & Uhlig 2008); its interval is that of the hit rate over `share`.
    pei : float
        PAI over the highest PAI that any choice of this size or smaller has (Hunt 2016).
    pei_star : float
        Hits over the most hits that a choice of this size can have (White, Hunt & Green 2023).
    rri : float
        Recapture rate index (Levine 2008); not a number without earlier counts.
    """

    share: float
    hit_rate: float
    low: float
    high: float
    pai: float
    pei: float
    pei_star: float
    rri: float


def captured(forecast: npt.ArrayLike, counts: npt.ArrayLike, size: npt.ArrayLike, share: float) -> Floats:
    """Give the events in the units of highest forecast that make up a share of the total size.

    The last unit counts in part, so that exactly the share is chosen and choices can be compared. Units with the same
    forecast count in proportion: that is the mean over all orders they could stand in.

    Parameters
    ----------
    forecast : array_like of float, shape (n,)
        Only its order matters. Where units differ in size, a forecast per unit of size chooses best.
    counts : array_like, shape (n,) or (m, n)
        Later events.
    size : array_like of float, shape (n,)
        Area or addresses, at least 0.
    share : float
        Above 0, at most 1.

    Returns
    -------
    ndarray of float, shape () or (m,)

    Raises
    ------
    ValueError
        For shapes that do not fit, missing or negative numbers, or a share outside (0, 1].

    Examples
    --------
    >>> captured([3, 2, 2, 1], [6, 4, 0, 2], np.ones(4), 0.5)  # all of the first, half of the two that are equal
    array(8.)
    """
    score, events, extent = (np.asarray(each, dtype=float) for each in (forecast, counts, size))
    if score.ndim != 1 or score.shape != extent.shape or events.shape[-1:] != score.shape or len(score) == 0:
        raise ValueError("forecast, counts and size must have one number per unit")
    if not (np.isfinite(score).all() and np.isfinite(extent).all() and np.isfinite(events).all()):
        raise ValueError("forecast, counts and size must be finite")
    if extent.min() < 0 or extent.sum() == 0 or events.min() < 0:
        raise ValueError("counts and size must be at least 0, and some size more")
    if not 0 < share <= 1:
        raise ValueError("share must lie above 0 and be at most 1")
    return np.asarray(events @ parts_chosen(score, extent, share))


def parts_chosen(score: Floats, extent: Floats, share: float) -> Floats:
    """Give the part of each unit that is chosen: 1, 0, or in between at the border and among equals.

    Examples
    --------
    >>> parts_chosen(np.array([3.0, 2, 2, 1]), np.ones(4), 0.5).tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    levels, level = np.unique(-score, return_inverse=True)
    sizes = np.bincount(level, weights=extent, minlength=len(levels))
    before = np.cumsum(sizes) - sizes
    room = np.clip(share * extent.sum() - before, 0, sizes)
    part = np.divide(room, sizes, out=np.ones(len(sizes)) * (before <= share * extent.sum()), where=sizes > 0)
    return np.asarray(part[level])


def score(
    forecast: npt.ArrayLike,
    later: Ints | Published,
    size: npt.ArrayLike,
    share: float,
    *,
    earlier: npt.ArrayLike | None = None,
    prior: Prior | None = None,
    rng: np.random.Generator | None = None,
    draws: int = 999,
) -> Score:
    """Score a forecast against the events of a later period.

    With n of the N later events in the chosen share a / A of the size::

        hit rate  n / N
        PAI       (n / N) / (a / A)            Chainey, Tompson & Uhlig, Security Journal 21 (2008) 4-28
        PEI       PAI / highest PAI            Hunt, dissertation, University of Texas at Dallas (2016)
        PEI*      n / most n for this a        White, Hunt & Green, Security Journal (2023)
        RRI       (n / n1) / (N / N1)          Levine, Security Journal 21 (2008) 295-302; n1, N1: the earlier period

    The highest PAI is that of the unit with most events per size (or of all that a still smaller share has of it): a
    choice smaller than the one that is asked for, which is why PEI* exists.

    **Interval.** Events are drawn anew, with replacement, and not units: the units are all there are, and the forecast
    is a given choice among them; what could have turned out otherwise is where each event fell. Events that come in
    series, as near repeats do, make the true interval wider. Of a `Published` later period each draw first takes an
    exact count for every unit from those that its value leaves possible, given `prior`; the point estimate is that of
    the values, which rounding leaves unbiased where the forecast does not depend on the same threshold.

    **Not for two windows of one published series**: a region has one threshold for all its windows, so what is rounded
    up before is rounded up after, and that passes for foresight.

    Parameters
    ----------
    forecast : array_like of float, shape (n,)
        Only its order matters.
    later : ndarray of int, shape (n,), or Published
    size : array_like of float, shape (n,)
        Area or addresses.
    share : float
    earlier : array_like, shape (n,), optional
        Counts of the period the forecast was made from, for the RRI.
    prior : Prior, optional
        Needed for published values when there is an `rng`.
    rng : numpy.random.Generator, optional
        No interval without one.
    draws : int

    Returns
    -------
    Score

    Raises
    ------
    ValueError
        As `captured`; and for published values with `rng` but without `prior`.

    Examples
    --------
    >>> found = score([4, 3, 2, 1], np.array([6, 2, 1, 1]), np.ones(4), 0.25, earlier=[4, 2, 2, 2])
    >>> found.hit_rate, found.pai, found.pei, round(found.rri, 2)
    (0.6, 2.4, 1.0, 1.5)
    """
    values = later.value if isinstance(later, Published) else np.asarray(later)
    extent = np.asarray(size, dtype=float)
    hits = float(captured(forecast, values, extent, share))
    total = float(values.sum())
    density = np.divide(values, extent, out=np.where(values > 0, np.inf, 0.0), where=extent > 0)
    best = float(captured(density, values, extent, share))
    densest = extent[density == density.max()].sum() / extent.sum()
    smaller = min(share, float(densest)) or share
    best_pai = float(captured(density, values, extent, smaller)) / smaller
    low = high = np.nan
    if rng is not None and total:
        rates = _hit_rates(forecast, later, extent, share, prior, rng, draws)
        low, high = (float(each) for each in np.quantile(rates, _INTERVAL))
    rri = np.nan
    if earlier is not None:
        then = np.asarray(earlier, dtype=float)
        rri = _ratio(_ratio(hits, float(captured(forecast, then, extent, share))), _ratio(total, float(then.sum())))
    return Score(
        share=share,
        hit_rate=_ratio(hits, total),
        low=low,
        high=high,
        pai=_ratio(hits, total) / share,
        pei=_ratio(hits / share, best_pai),
        pei_star=_ratio(hits, best),
        rri=rri,
    )


def scores(
    forecasts: Mapping[str, npt.ArrayLike],
    later: Ints | Published,
    sizes: Mapping[str, npt.ArrayLike],
    *,
    shares: Sequence[float] = SHARES,
    earlier: npt.ArrayLike | None = None,
    prior: Prior | None = None,
    rng: np.random.Generator | None = None,
    draws: int = 999,
) -> dict[tuple[str, str, float], Score]:
    """Score several forecasts on several sizes and shares; keys (forecast, size, share), in that order of nesting.

    Examples
    --------
    >>> later, area = np.array([5, 1, 0, 0]), np.ones(4)
    >>> table = scores(baselines(np.array([4, 0, 1, 0]), area, area), later, {"area": area}, shares=[0.25])
    >>> {name: round(found.pai, 2) for (name, _, _), found in table.items()}
    {'last period': 3.33, 'address density': 1.0, 'random': 1.0}
    """
    return {
        (name, by, share): score(
            forecast, later, size, share, earlier=earlier, prior=prior, rng=rng, draws=draws
        )
        for name, forecast in forecasts.items()
        for by, size in sizes.items()
        for share in shares
    }  # fmt: skip


def baselines(last: npt.ArrayLike, addresses: npt.ArrayLike, area: npt.ArrayLike) -> dict[str, Floats]:
    """Give the forecasts that anyone could make: counts of the last period, addresses per area, and none.

    ``random`` is the same everywhere: ties count in proportion, so its hit rate is exactly what random choice has on
    average over all choices when units are chosen by size.

    Examples
    --------
    >>> baselines([2, 0], [10, 30], [1, 2])["address density"].tolist()
    [10.0, 15.0]
    """
    people, extent = np.asarray(addresses, dtype=float), np.asarray(area, dtype=float)
    return {
        "last period": np.asarray(last, dtype=float),
        "address density": np.divide(people, extent, out=np.zeros(len(people)), where=extent > 0),
        "random": np.zeros(len(people)),
    }


def bounds(
    forecast: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike, size: npt.ArrayLike, share: float
) -> tuple[float, float]:
    """Give the least and the most that the hit rate can be when every later count lies between `low` and `high`.

    Certain, so much wider than the interval of `score`: all counts inside at one end and all outside at the other.
    A unit that is chosen in part has one count, for the part inside and the part outside.

    Examples
    --------
    >>> bounds([2, 1], [4, 4], [6, 8], np.ones(2), 0.5)
    (0.3333333333333333, 0.6)
    """
    least, most = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    captured(forecast, least, size, share)  # says what is wrong with the input
    captured(forecast, most, size, share)
    parts = parts_chosen(np.asarray(forecast, dtype=float), np.asarray(size, dtype=float), share)
    return extremes(parts, least, most)


def extremes(weight: Floats, low: Floats, high: Floats) -> tuple[float, float]:
    """Give the least and the most that sum(weight x) / sum(x) can be over all low <= x <= high.

    At the least, what weighs less than the least itself is at its most, and the rest at its least; so units in order of
    their weight need only be cut in two, in each of n + 1 places. With the parts of one choice for weights this bounds
    its hit rate; with the parts of one choice less those of another, the difference between both.

    Parameters
    ----------
    weight, low, high : ndarray of float, shape (n,)
        0 <= low <= high.

    Returns
    -------
    tuple of float
        Not a number when there can be no event.

    Examples
    --------
    >>> extremes(np.array([1.0, -1.0]), np.array([2.0, 1.0]), np.array([3.0, 2.0]))
    (0.0, 0.5)
    """
    return _least(weight, low, high), -_least(-weight, low, high)


def _least(weight: Floats, low: Floats, high: Floats) -> float:
    order = np.argsort(weight, kind="stable")
    upper = np.concatenate([[0.0], np.cumsum(high[order])])
    lower = np.concatenate([np.cumsum(low[order][::-1])[::-1], [0.0]])
    upper_in = np.concatenate([[0.0], np.cumsum((weight * high)[order])])
    lower_in = np.concatenate([np.cumsum((weight * low)[order][::-1])[::-1], [0.0]])
    total = upper + lower
    rate = np.divide(upper_in + lower_in, total, out=np.full(len(total), np.inf), where=total > 0)
    return float(rate.min()) if np.isfinite(rate).any() else float("nan")


def _ratio(above: float, below: float) -> float:
    return above / below if below else float("nan")


def _hit_rates(
    forecast: npt.ArrayLike,
    later: Ints | Published,
    size: Floats,
    share: float,
    prior: Prior | None,
    rng: np.random.Generator,
    draws: int,
) -> Floats:
    """Hit rates of `draws` later periods that could have been."""
    if isinstance(later, Published):
        if prior is None:
            raise ValueError("the interval of published values needs a prior")
        exact = exact_counts(later, prior, rng, draws)
        exact = exact[exact.sum(axis=1) > 0]
    else:
        exact = np.broadcast_to(np.asarray(later), (draws, len(later)))
    again = np.stack([rng.multinomial(row.sum(), row / row.sum()) for row in exact])
    rates: Floats = captured(forecast, again, size, share) / again.sum(axis=1)
    return rates


def exact_counts(published: Published, prior: Prior, rng: np.random.Generator, draws: int) -> Ints:
    """Draw exact counts from those that the published values leave possible, shape (draws, n).

    Each unit by itself, from its posterior given `prior` and the rounding (`rates.posterior` has the same weights).

    Examples
    --------
    >>> one = np.ones(1, dtype=np.int64)
    >>> seen = Published(6 * one, 100 * one, one == 0, 3, one)
    >>> np.unique(exact_counts(seen, Prior(2.0, 50.0), np.random.default_rng(1), 500)).tolist()
    [4, 5, 6, 7, 8]
    """
    drawn = np.zeros((draws, len(published.value)), dtype=np.int64)
    for place, exact, weight in mixture_of_counts(published, prior):
        for unit in np.flatnonzero(place >= 0).tolist():
            kind = place[unit]
            drawn[:, unit] = rng.choice(exact[kind], size=draws, p=weight[kind])
    return drawn
