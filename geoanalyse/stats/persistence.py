"""How much of what was, comes back: earlier and later counts that were rounded by one threshold, taken together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_SPAN: Final = 4.0  # natural logarithms to either side of the common rate: from 55 times less to 55 times more
_BINS: Final = 36
_LENGTHS: Final = 20  # lengths of windows are told apart by this part of their mean
_WITHIN: Final = 2  # parts of a bin over which a likelihood is averaged
_SPREADS: Final = (0.03, 2.5)  # least and greatest standard deviation of log rates
_ZOOMS: Final = 3
_POINTS: Final = 9
_ATANHS: Final = (-1.8, 3.2)  # of correlations from -0.95 to 0.997
_TEMPER: Final = 0.6  # the first look at r is at the likelihood to this power: wider, so that nothing is missed
_WIDER: Final = 1.5  # proposals have variances this much larger
_TILTS: Final = (-1, 0, 1)
_SIZES: Final = (np.inf, 10.0, 2.5)
_FEW: Final = 120  # units on which the size is chosen
_FARTHEST: Final = 6.0  # standard deviations; beyond it a normal distribution is of no use
_COARSE: Final = 11
_TRIES: Final = (40, 48)
_KEPT: Final = 24
_LEAST: Final = 1e-35  # of single precision
_TINY: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Windows:
    """Published counts of units in some windows, every one of them known.

    Attributes
    ----------
    value, low, high : ndarray of int64, shape (n, windows)
        Published value, and the least and greatest count that it leaves possible; `high` is -1 for no upper end.
    tied : ndarray of bool, shape (n, windows)
        The value is the count rounded by the one threshold of its unit. Of others only `low` and `high` are used.
    days : ndarray of int64, shape (windows,)
    addresses, base : ndarray of int64, shape (n,)
    displacement : int
        Most that a threshold is displaced.
    """

    value: Ints
    low: Ints
    high: Ints
    tied: Bools
    days: Ints
    addresses: Ints
    base: Ints
    displacement: int = 0


@dataclass(frozen=True, slots=True)
class Persistence:
    """What is known of the later windows, and what was expected of them.

    Attributes
    ----------
    forecast : ndarray of float, shape (n,)
        Rate per address and window that the earlier windows lead to expect; the later ones play no part in it.
    counts : ndarray of int64, shape (draws, n)
        Later counts that could have been, all windows together.
    rates : ndarray of float, shape (draws, n)
        Later rates per address and window that go with them.
    correlation : ndarray of float, shape (draws,)
        Of the logarithms of earlier and later rates.
    """

    forecast: Floats
    counts: Ints
    rates: Floats
    correlation: Floats


@dataclass(frozen=True, slots=True)
class _Part:
    """The likelihood of the values of some windows, given threshold and rate.

    ``fine`` has shape (n, thresholds, bins * _WITHIN), ``binned`` (n, thresholds, bins): its mean over each bin; the
    largest of each unit is 1, and ``largest`` the sum of the logarithms of what that stands for.
    """

    fine: Singles
    binned: Singles
    largest: float


@dataclass(frozen=True, slots=True)
class _Shape:
    """A family of distributions on the nodes: normal, or leaning to low (1, Gamma) or to high log rates (-1)."""

    nodes: Floats
    tilt: int


@dataclass(frozen=True, slots=True)
class _Alone:
    """Mean and covariance of (mean, log spread) given one part only, and how likely its values are."""

    mean: Floats
    covariance: Floats
    evidence: float


def persistence(earlier: Windows, later: Windows, rng: np.random.Generator, draws: int) -> Persistence:
    """Draw the later counts and rates that published values leave possible, the earlier values taken into account.

    All windows of a unit share one unknown threshold: what is rounded up before is rounded up after, which passes for
    persistence. So both are modelled together, with that threshold::

        (log x_i, log y_i) ~ Normal(means m1, m2; standard deviations s1, s2; correlation r)
        C_i                ~ uniform on 0..b-1, plus uniform on -d..d
        n_it               ~ Poisson(addresses_i days_t x_i), with y_i for x_i in the later windows
        v_it               = max(0, b floor((n_it + C_i) / b)), and 0 for n_it = 0

    The rates are on a grid, so that thresholds and rates are summed over and not sampled. The five numbers of the first
    line are unknown too: sets of them are drawn round what either part says by itself and weighed by the likelihood of
    both (importance sampling), with r uniform on (-1, 1) and s half-normal beforehand. Nothing is taken for granted
    about r: with r = 0 the earlier windows say nothing about the later ones.

    Parameters
    ----------
    earlier, later : Windows
        Of the same units.
    rng : numpy.random.Generator
    draws : int

    Returns
    -------
    Persistence

    Notes
    -----
    Rates are taken to be as far apart among units with few addresses as among those with many, and to have no outliers
    beyond the tails of the three families. Where that fails intervals are too narrow, most of all when a few units are
    chosen: ``docs/methoden.md`` has the figures. That is why no release prints these numbers.

    Raises
    ------
    ValueError
        When the two are not about the same units, or no event was published in one of them.

    Examples
    --------
    Thirty streets with few cases and thirty with many, and the same again a year later:

    >>> value = np.repeat([[5, 0, 5, 5], [20, 25, 20, 25]], 30, axis=0)
    >>> many, days = np.full(60, 1000), np.full(4, 91)
    >>> year = Windows(value, np.maximum(value - 4, 0), value + 4, value >= 0, days, many, np.full(60, 5))
    >>> found = persistence(year, year, np.random.default_rng(1), 200)
    >>> bool(found.correlation.mean() > 0.7), bool((found.forecast[30:] > 3 * found.forecast[0]).all())
    (True, True)
    >>> bool((found.counts[:, 30:] > found.counts[:, :30]).mean() > 0.99)
    True
    """
    if earlier.value.shape[:1] != later.value.shape[:1] or not np.array_equal(earlier.base, later.base):
        raise ValueError("earlier and later must be about the same units")
    if not (earlier.value.any() and later.value.any()):
        raise ValueError("some event must have been published in both parts")
    days = float(np.concatenate([earlier.days, later.days]).mean())
    events = float(earlier.value.sum())
    exposure = float(earlier.addresses.sum()) * float(earlier.days.sum()) / days
    edges = np.log(events / exposure) + np.linspace(-_SPAN, _SPAN, _BINS + 1)
    nodes = (edges[1:] + edges[:-1]) / 2
    step = float(edges[1] - edges[0])
    finer = edges[0] + step * (np.arange(_BINS * _WITHIN) + 0.5) / _WITHIN
    chances = _threshold_chances(earlier)
    size = _size_of(earlier, nodes, days)
    before, after = (_part(part, np.exp(finer), part.days / days, size) for part in (earlier, later))
    shapes = [_Shape(nodes, tilt) for tilt in _TILTS]
    each = [[_alone(part.binned, chances, shape) for part in (before, after)] for shape in shapes]
    best = int(np.argmax([sum(one.evidence for one in pair) for pair in each]))
    shape, alone = shapes[best], each[best]
    joint = np.einsum("nc,nck->nck", chances.astype(np.float32), before.binned)
    own = int(np.argmax([pair[0].evidence for pair in each]))  # the later values play no part in the forecast
    forecast = _forecast(joint, shapes[own], each[own][0].mean)
    tries, weight = _tries(joint, after.binned, shape, alone, rng)
    kept = np.searchsorted(np.cumsum(weight), (np.arange(_KEPT) + rng.random()) / _KEPT).clip(0, len(tries) - 1)
    chosen = np.sort(kept[np.arange(draws) % _KEPT])
    places = [
        _draw_places(joint, after, _transition(shape, tries[number]), rng, int((chosen == number).sum()))
        for number in np.unique(chosen).tolist()
    ]
    threshold, place = (np.concatenate(each) for each in zip(*places, strict=True))
    rates = np.exp(finer[place] + step / _WITHIN * (rng.random(place.shape) - 0.5))
    counts = _draw_counts(later, threshold - later.displacement, rates, later.days / days, size, rng)
    return Persistence(forecast, counts, rates, tries[chosen, 4])


# --- what was published, given threshold and rate ---------------------------------------------------------------------


def _threshold_chances(windows: Windows) -> Floats:
    """Give the chance of each threshold, -d up, of each unit, shape (n, thresholds)."""
    width = 2 * windows.displacement + 1
    chances = np.zeros((len(windows.base), int(windows.base.max()) + width - 1))
    for base in np.unique(windows.base).tolist():
        one = np.convolve(np.full(base, 1 / base), np.full(width, 1 / width))
        chances[windows.base == base, : len(one)] = one
    return chances


def _size_of(earlier: Windows, nodes: Floats, days: float) -> float:
    """Choose how uneven the windows of a unit are: the size under which the earlier values are most likely."""
    some = np.unique(np.linspace(0, len(earlier.base) - 1, _FEW).astype(np.intp))
    few = replace(
        earlier,
        **{name: getattr(earlier, name)[some] for name in ("value", "low", "high", "tied", "addresses", "base")},
    )
    chances, shape = _threshold_chances(few), _Shape(nodes, 0)
    parts = [_part(few, np.exp(nodes), few.days / days, size, within=1) for size in _SIZES]
    # a likelihood counts from the largest of each unit, which differs from size to size
    found = [_alone(part.binned, chances, shape).evidence + part.largest for part in parts]
    return _SIZES[int(np.argmax(found))]


def _part(windows: Windows, rates: Floats, length: Floats, size: float, within: int = _WITHIN) -> _Part:
    """Give the likelihood of all windows of each unit, the largest of each unit 1."""
    units, thresholds = len(windows.base), int(windows.base.max()) + 2 * windows.displacement
    logs = np.zeros((units, thresholds, len(rates)), dtype=np.float32)
    # windows that are as good as equally long are taken as one kind
    lengths, which = np.unique(np.round(length * _LENGTHS) / _LENGTHS, return_inverse=True)
    for base in np.unique(windows.base).tolist():
        of_base = windows.base == base
        for tied in (True, False):
            at = np.nonzero((windows.tied == tied) & of_base[:, None])
            if not len(at[0]):
                continue
            seen = np.stack([at[0], windows.value[at], windows.low[at], windows.high[at], which[at[1]]])
            kinds, times = _distinct(seen)
            expected = (windows.addresses[kinds[0]] * lengths[kinds[4]])[:, None] * rates
            if tied:
                chance = _chance_of_value(kinds[1:4], expected, base, windows.displacement, size)
            else:
                chance = _chance_between(kinds[2], kinds[3], expected, size)[:, None, :]
            starts = np.flatnonzero(np.diff(kinds[0], prepend=-1))
            chance = times.astype(np.float32)[:, None, None] * np.log(np.maximum(chance, _LEAST))
            total = np.add.reduceat(chance, starts, axis=0)
            logs[kinds[0][starts], : total.shape[1] if tied else thresholds] += total
    largest = logs.max(axis=(1, 2), keepdims=True)
    found = np.exp(logs - largest)
    found[found < _TINY] = 0.0  # numbers that small are slow, and say nothing
    return _Part(found, found.reshape(units, thresholds, -1, within).mean(axis=3), float(largest.sum(dtype=float)))


def _distinct(columns: Ints) -> tuple[Ints, Ints]:
    """Give the distinct columns in order of the first row, and how often each occurs."""
    ordered = columns[:, np.lexsort(columns[::-1])]
    first = np.flatnonzero(np.append(True, (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)))
    return ordered[:, first], np.diff(first, append=columns.shape[1])


def _chance_of_value(seen: Ints, expected: Floats, base: int, displacement: int, size: float) -> Singles:
    """Give P(value | threshold, expected count), shape (n, thresholds, rates), by adding up the chances of counts.

    `seen` has the values, the least and the greatest counts, shape (3, n).
    """
    value, low, high = seen
    off = base - 1 + displacement
    exact = value[:, None] + np.arange(-off, off + 1)
    possible = (exact >= np.maximum(low, 0)[:, None]) & ((exact <= high[:, None]) | (high[:, None] < 0))
    count = np.maximum(exact, 0)
    constant, per_event, of_none = -special.gammaln(count + 1), np.log(expected), -expected
    if np.isfinite(size):
        constant += special.gammaln(count + size) - special.gammaln(size)
        of_none = -size * np.log1p(expected / size)
        per_event -= np.log(expected + size)
    constant = np.where(possible, constant, -np.inf)
    logs = count.astype(np.float32)[:, :, None] * per_event.astype(np.float32)[:, None, :]
    logs += of_none.astype(np.float32)[:, None, :]
    logs += constant.astype(np.float32)[:, :, None]
    chance = np.exp(logs, out=logs)
    result = np.empty((len(value), off + displacement + 1, expected.shape[1]), dtype=np.float32)
    for zero in (True, False):
        rows = np.flatnonzero((value == 0) == zero)
        result[rows] = _leads_to(base, displacement, zero=zero) @ chance[rows]
    return result


def _leads_to(base: int, displacement: int, *, zero: bool) -> Singles:
    """Say which counts each threshold rounds to the value: thresholds, and counts from `off` below the value up."""
    off = base - 1 + displacement
    threshold = np.arange(-displacement, off + 1)[:, None]
    away = np.arange(-off, off + 1)[None, :]
    leads = (away + threshold >= 0) & (away + threshold < base)
    if zero:  # what would be rounded to below 0 is 0, and so is a count of 0 whatever the threshold
        leads = (away == 0) | ((away > 0) & (away + threshold < base))
    single: Singles = leads.astype(np.float32)
    return single


def _chance_between(low: Ints, high: Ints, expected: Floats, size: float) -> Singles:
    """Give P(low <= count <= high)."""

    def at_least(count: Ints) -> Floats:
        least = np.maximum(count, 1)[:, None].astype(float)
        tail = special.gammainc(least, expected)
        if np.isfinite(size):
            tail = special.betainc(least, size, expected / (expected + size))
        return np.where(count[:, None] > 0, tail, 1.0)

    above = np.where(high[:, None] < 0, 0.0, at_least(high + 1))
    between: Singles = np.maximum(at_least(low) - above, 0.0).astype(np.float32)
    return between


# --- what either part says by itself ----------------------------------------------------------------------------------


def _weights(shape: _Shape, mean: npt.ArrayLike, spread: npt.ArrayLike) -> Floats:
    """Give the distribution of log rates on the nodes, shape (nodes, ...)."""
    middle, width = (np.asarray(each, dtype=float) for each in (mean, spread))
    away = shape.nodes.reshape(-1, *[1] * middle.ndim) - middle
    if shape.tilt:
        away = shape.tilt * away
        logs = (away - np.exp(np.minimum(away, 50.0))) / width**2
    else:
        logs = -((away / width) ** 2) / 2
    weight = np.exp(logs - logs.max(axis=0))
    return np.asarray(weight / weight.sum(axis=0))


def _alone(binned: Singles, chances: Floats, shape: _Shape) -> _Alone:
    """Look on a grid that is drawn, some times over, round what the one before found."""
    nodes = shape.nodes
    low, high = np.array([nodes[0], np.log(_SPREADS[0])]), np.array([nodes[-1], np.log(_SPREADS[1])])
    mean, covariance, evidence = (low + high) / 2, np.eye(2), 0.0
    for _ in range(_ZOOMS):
        middles, spreads = (np.linspace(low[axis], high[axis], _POINTS) for axis in (0, 1))
        points = np.stack(np.meshgrid(middles, spreads, indexing="ij")).reshape(2, -1)
        weights = _weights(shape, points[0], np.exp(points[1])).astype(np.float32)
        weights[weights < _TINY] = 0.0
        given = (binned.reshape(-1, len(nodes)) @ weights).reshape(*binned.shape[:2], -1)
        likely = np.log(np.einsum("nc,ncp->np", chances, given) + _LEAST).sum(axis=0)
        likely += points[1] - np.exp(2 * points[1]) / 2  # half-normal
        weight = np.exp(likely - likely.max())
        steps = np.array([middles[1] - middles[0], spreads[1] - spreads[0]])
        evidence = float(likely.max() + np.log(weight.sum() * steps.prod()))
        weight /= weight.sum()
        mean = points @ weight
        apart = points - mean[:, None]
        covariance = (weight * apart) @ apart.T + np.diag(steps**2) / 12
        reach = 3.5 * np.sqrt(np.diag(covariance))
        low, high = mean - reach, np.minimum(mean + reach, [np.inf, np.log(_SPREADS[1])])
    return _Alone(mean, covariance, evidence)


def _forecast(joint: Singles, shape: _Shape, known: Floats) -> Floats:
    """Give the posterior mean of each rate."""
    weight = joint.sum(axis=1) * _weights(shape, known[0], np.exp(known[1]))
    return np.asarray(weight @ np.exp(shape.nodes) / weight.sum(axis=1))


# --- both together ----------------------------------------------------------------------------------------------------


def _transition(shape: _Shape, one: Floats) -> Singles:
    """Give P(earlier rate, later rate) on the nodes, shape (nodes, nodes): both shapes, tied by a normal copula."""
    r = one[4]
    weights = [_weights(shape, one[at], np.exp(one[at + 1])) for at in (0, 2)]
    x, y = (
        np.clip(special.ndtri(np.clip(np.cumsum(weight) - weight / 2, 0, 1)), -_FARTHEST, _FARTHEST)  # at its middle
        for weight in weights
    )
    logs = (2 * r * np.outer(x, y) - r**2 * (x[:, None] ** 2 + y**2)) / (2 * (1 - r**2))
    given = np.exp(logs - logs.max(axis=1, keepdims=True)) * weights[1]
    given += _TINY * weights[1]  # so that no row is empty
    both = weights[0][:, None] * given / given.sum(axis=1, keepdims=True)
    both[both < _TINY] = 0.0
    single: Singles = both.astype(np.float32)
    return single


def _tries(
    joint: Singles, later: Singles, shape: _Shape, alone: Sequence[_Alone], rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draw sets of the five numbers, shape (tries, 5), and weigh them by their posterior over how they were drawn."""

    def likelihood(one: Floats) -> float:
        given = (joint.reshape(-1, len(shape.nodes)) @ _transition(shape, one)).reshape(joint.shape)
        of_unit = np.einsum("nck,nck->n", given, later)
        return float(np.log(of_unit.astype(float) + _LEAST).sum())

    centre = np.concatenate([part.mean for part in alone])
    coarse = np.linspace(*_ATANHS, _COARSE)
    along = np.array([likelihood(np.append(centre, np.tanh(one))) for one in coarse])
    weight = np.exp(_TEMPER * (along - along.max())) / np.cosh(coarse) ** 2  # uniform in r beforehand
    weight /= weight.sum()
    mean = np.append(centre, coarse @ weight)
    covariance = np.zeros((5, 5))
    covariance[:2, :2], covariance[2:4, 2:4] = (part.covariance for part in alone)
    covariance[4, 4] = weight @ (coarse - mean[4]) ** 2 + (coarse[1] - coarse[0]) ** 2 / 12
    for number in _TRIES:  # the second time round what the first found, which ties the five numbers together
        drawn = rng.standard_normal((number, 5))
        tries = mean + drawn @ np.linalg.cholesky(_WIDER * covariance).T
        inside = (tries[:, 4] > _ATANHS[0]) & (tries[:, 4] < _ATANHS[1])
        before = (tries[:, [1, 3]] - np.exp(2 * tries[:, [1, 3]]) / 2).sum(axis=1) - 2 * np.log(np.cosh(tries[:, 4]))
        plain = np.column_stack([tries[:, :4], np.tanh(np.clip(tries[:, 4], *_ATANHS))])
        logs = np.array([likelihood(one) for one in plain]) + before + (drawn**2).sum(axis=1) / 2
        logs = np.where(inside, logs, -np.inf)
        weight = np.exp(logs - logs.max())
        weight /= weight.sum()
        found = weight @ tries
        apart = tries - found
        effective = 1 / (weight**2).sum()
        mean, trust = found, effective / (effective + 5)  # of few effective tries the spread says little
        covariance = trust * (weight * apart.T) @ apart + (1 - trust) * covariance
    return plain, weight


def _draw_places(
    joint: Singles, after: _Part, both: Singles, rng: np.random.Generator, draws: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Draw a threshold and a place on the fine grid of later rates for each unit, shape (draws, n)."""
    units, _, bins = joint.shape
    every = np.arange(units)
    given = (joint.reshape(-1, bins) @ both).reshape(joint.shape)
    running = np.cumsum((given * after.binned).reshape(units, -1), axis=1, dtype=np.float64)
    running /= running[:, -1:]
    running += every[:, None]  # one sorted row, so that all units are looked up at once
    found = np.searchsorted(running.ravel(), rng.random((draws, units)) + every, side="right")
    found = np.minimum(found - running.shape[1] * every, running.shape[1] - 1)
    threshold, place = found // bins, found % bins
    inside = after.fine.reshape(*joint.shape, _WITHIN)[every, threshold, place].cumsum(axis=2)
    part = (inside < rng.random((draws, units, 1)) * inside[:, :, -1:]).sum(axis=2)
    return threshold, place * _WITHIN + np.minimum(part, _WITHIN - 1)


def _draw_counts(
    later: Windows, threshold: Ints, rates: Floats, length: Floats, size: float, rng: np.random.Generator
) -> Ints:
    """Draw the count of each window from those that its value and threshold leave possible, and add them up."""
    total = np.zeros(rates.shape, dtype=np.int64)
    for window, days in enumerate(length.tolist()):
        for tied in (True, False):
            units = np.flatnonzero(later.tied[:, window] == tied)
            if not len(units):
                continue
            value, low, high = (each[units, window] for each in (later.value, later.low, later.high))
            expected = rates[:, units] * (later.addresses[units] * days)
            least, most = np.broadcast_to(low, expected.shape), np.broadcast_to(high, expected.shape)
            if tied:
                shifted = value - threshold[:, units]
                least = np.maximum(low, np.where(value > 0, shifted, 0))
                last = np.maximum(shifted + later.base[units] - 1, 0)
                most = np.where(high < 0, last, np.minimum(last, high))
            else:
                most = np.where(high < 0, np.maximum(low, expected + 6 * np.sqrt(expected + 1)).astype(np.int64), most)
            total[:, units] += _truncated(expected, least, np.maximum(most, least), size, rng)
    return total


def _truncated(expected: Floats, least: Ints, most: Ints, size: float, rng: np.random.Generator) -> Ints:
    """Draw counts that lie between two numbers, both included, by their distribution function."""
    width = int((most - least).max()) + 1
    running = np.empty((width, *expected.shape), dtype=np.float32)
    term = np.ones(expected.shape, dtype=np.float32)  # chance of each count over that of the least
    total = np.zeros(expected.shape, dtype=np.float32)
    rate, last = expected.astype(np.float32), (most - least).astype(np.float32)
    count = least.astype(np.float32)
    for step in range(width):
        np.add(total, term * (last >= step), out=total)
        running[step] = total
        term *= rate
        if np.isfinite(size):
            term *= (count + size) / (rate + size)
        count += 1
        term /= count
    wanted = rng.random(expected.shape, dtype=np.float32) * total
    counts: Ints = np.minimum(least + (running < wanted).sum(axis=0), most)
    return counts
