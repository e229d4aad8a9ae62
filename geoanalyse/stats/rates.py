"""Rates per address with their uncertainty, from rounded counts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy import optimize, sparse, special

from geoanalyse.rounding import variance

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_INTERVAL = 0.95
_MOST_TERMS = 64  # sums of more rounded values are as good as normal
_SMALLEST_SHAPE = 0.01  # rates that lie further apart than any
_FEW_TERMS = np.array([1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64])  # numbers of terms that are told apart in the tails


@dataclass(frozen=True, slots=True)
class Prior:
    """Gamma distribution of the rates of a region: shape, and rate parameter in addresses."""

    shape: float
    addresses: float


@dataclass(frozen=True, slots=True)
class Priors:
    """Gamma distributions of one shape, each with a mean rate of its own: shape, and means of shape (n,)."""

    shape: float
    mean: Floats


@dataclass(frozen=True, slots=True)
class Published:
    """Published values of units of one kind.

    Attributes
    ----------
    value : ndarray of int64, shape (n,)
    addresses : ndarray of int64, shape (n,)
        Addresses of the base; at least 1.
    capped : ndarray of bool, shape (n,)
        The value stands for "or more".
    base : int
        Rounding base of each term.
    terms : ndarray of int64, shape (n,)
        Number of rounded values added up.
    clamp : int
        Most that one address counts for, so that no count exceeds ``clamp * addresses``.
    displacement : int
        Most that the threshold of each term is displaced; above 0 for totals that stand apart, and sums of those.
    """

    value: Ints
    addresses: Ints
    capped: Bools
    base: int
    terms: Ints
    clamp: int = 1
    displacement: int = 0

    def take(self, rows: npt.NDArray[np.intp]) -> "Published":
        """Give the units at these positions."""
        return replace(
            self,
            value=self.value[rows],
            addresses=self.addresses[rows],
            capped=self.capped[rows],
            terms=self.terms[rows],
        )


@dataclass(frozen=True, slots=True)
class Rates:
    """Posterior of the rate per address of each unit: mean, 95 % interval, and P(rate > threshold); shape (n,) each."""

    mean: Floats
    low: Floats
    high: Floats
    above: Floats


def together(parts: Sequence[Published]) -> list[Published]:
    """Join units that were rounded in one way.

    Examples
    --------
    >>> ones = np.ones(2, dtype=np.int64)
    >>> one, other = (Published(base * ones, 10 * ones, ones == 0, base, ones) for base in (3, 5))
    >>> [len(kind.value) for kind in together([one, other, one])]
    [4, 2]
    """
    kinds: dict[tuple[int, int, int], list[Published]] = {}
    for part in parts:
        kinds.setdefault((part.base, part.clamp, part.displacement), []).append(part)
    return [
        replace(
            same[0],
            value=np.concatenate([part.value for part in same]),
            addresses=np.concatenate([part.addresses for part in same]),
            capped=np.concatenate([part.capped for part in same]),
            terms=np.concatenate([part.terms for part in same]),
        )
        for same in kinds.values()
    ]


def rounding_likelihood(base: int, terms: int) -> Floats:
    """Give P(published - exact = d), d = -terms (base-1) .. terms (base-1), for `terms` rounded counts above zero.

    With an unknown threshold, uniform on 0..base-1, one count n is published as n + d, a multiple of the base, with
    probability ``(base - |d|) / base``; a sum of rounded counts has the convolution of these. A count of zero is always
    published as 0, so a total of n has at most n terms that can be off.

    Returns
    -------
    ndarray of float, shape (2 terms (base-1) + 1,)

    Examples
    --------
    >>> rounding_likelihood(3, 1).round(3).tolist()
    [0.333, 0.667, 1.0, 0.667, 0.333]
    """
    likelihood: Floats = _likelihoods(base, terms)[terms]
    return likelihood


def _likelihoods(base: int, terms: int, displacement: int = 0) -> Floats:
    """Stack the likelihoods for 0..terms terms, centred, shape (terms + 1, 2 terms (base-1+displacement) + 1)."""
    width = 2 * displacement + 1
    one = np.convolve((base - np.abs(np.arange(-(base - 1), base))) / base**2, np.ones(width) / width)
    reach = terms * (base - 1 + displacement)
    table = np.zeros((terms + 1, 2 * reach + 1))
    kernel = np.ones(1)
    table[0, reach] = 1
    for number in range(1, terms + 1):
        kernel = np.convolve(kernel, one)
        mine = number * (base - 1 + displacement)
        table[number, reach - mine : reach + mine + 1] = kernel * base  # only multiples of the base occur
    return table


def _candidates(published: Published) -> tuple[Ints, Floats]:
    """Exact counts that each value leaves possible, and how likely each makes the value; shape (n, candidates).

    All units of `published` have the same number of terms and the same ``capped``.
    """
    terms, base, displacement = int(published.terms[0]), published.base, published.displacement
    if displacement and terms == 1:
        return _candidates_apart(published)
    if published.capped[0] and terms == 1:
        lowest = published.value - (base - 1)
        width = int((published.clamp * published.addresses - lowest).max()) + 1
        exact = lowest[:, None] + np.arange(max(width, 1))
        likelihood = np.clip((exact - published.value[:, None] + base) / base, 0, 1)
        return exact, np.where(exact <= published.clamp * published.addresses[:, None], likelihood, 0.0)
    if terms > _MOST_TERMS:
        off = np.sqrt(terms * variance(base, displacement)) * np.linspace(-4, 4, 65)
        exact = np.rint(published.value[:, None] + off).astype(np.int64)
        return exact, np.where(exact >= 0, np.exp(-(np.linspace(-4, 4, 65) ** 2) / 2), 0.0)
    reach = terms * (base - 1 + displacement)
    off = np.arange(-reach, reach + 1)
    exact = published.value[:, None] + off
    number = np.clip(exact, 0, terms)
    return exact, np.where(exact >= 0, _likelihoods(base, terms, displacement)[number, reach - off], 0.0)


def _candidates_apart(published: Published) -> tuple[Ints, Floats]:
    """Do the same for totals that stand apart: their threshold is the sum of two uniform numbers.

    A count of zero is published as 0, and what would be rounded to below 0 too.
    """
    base, width = published.base, 2 * published.displacement + 1
    reach = base - 1 + published.displacement
    off = np.arange(-reach, reach + 1)
    one = (base - np.abs(np.arange(-(base - 1), base))) / base
    table = np.convolve(one, np.ones(width)) / width
    exact = published.value[:, None] + off
    likelihood = np.broadcast_to(table, exact.shape).copy()
    below = np.clip(off + reach + base, 0, 2 * reach)  # these would have become minus the base
    none = published.value == 0
    likelihood[none] += np.where((off > 0) & (off + base <= reach), table[below], 0.0)
    likelihood[exact <= 0] = 0.0
    likelihood[exact == 0] = np.broadcast_to(none[:, None], exact.shape)[exact == 0]
    return exact, likelihood


def value_distribution(
    addresses: Ints, terms: Ints, base: int, prior: Prior, length: int, clamp: int = 1, displacement: int = 0
) -> Floats:
    """Give P(value = base k), k = 0..length-1, of units whose rates are drawn from the prior, independently.

    Parameters
    ----------
    addresses, terms : ndarray of int64, shape (n,)
    base : int
    prior : Prior
    length : int
    clamp, displacement : int
        As in `Published`. What a displaced threshold would round to below 0 is 0.

    Returns
    -------
    ndarray of float, shape (n, length)
        Rows add up to 1, but for what lies beyond `length`.
    """
    result = np.zeros((len(addresses), length))
    rounded_up = _FEW_TERMS[np.minimum(np.searchsorted(_FEW_TERMS, terms), len(_FEW_TERMS) - 1)]
    for number in np.unique(rounded_up).tolist():
        rows = np.flatnonzero(rounded_up == number)
        given = _rounding_chances(base, number, displacement, length)
        counts = np.arange(given.shape[0])[None, :]
        logs = _log_marginal(counts, addresses[rows], prior.shape, prior.addresses, clamp)
        result[rows] = np.exp(logs) @ given
    return result


@cache
def _rounding_chances(base: int, terms: int, displacement: int, length: int) -> sparse.csr_array:
    """Give P(value = base k | count), shape (counts, length): the same for every layer and window."""
    table, reach = _likelihoods(base, terms, displacement), terms * (base - 1 + displacement)
    exact = np.arange(base * length + reach)
    off = base * np.arange(length)[None, :] - exact[:, None] + reach
    inside = (off >= 0) & (off <= 2 * reach)
    given = np.where(inside, table[np.minimum(exact, terms)[:, None], np.clip(off, 0, 2 * reach)], 0.0)
    for count in range(1, reach - base + 1 if displacement else 1):  # these may go below 0
        below = np.arange(-base, -(reach - count) - 1, -base) - count + reach
        given[count, 0] += table[min(count, terms), below].sum()
    return sparse.csr_array(given)


def _log_marginal(exact: Ints, addresses: Ints, shape: float, size: float | Floats, clamp: int = 1) -> Floats:
    """Log of the probability of each count: Poisson, its rate from a Gamma, never more than there are addresses.

    `size` is the rate parameter of the Gamma, in addresses: one, or one per unit, shape (n, 1).
    """
    count = np.maximum(exact, 0)
    total = size + addresses[:, None]
    most = clamp * addresses[:, None]
    within = special.betainc(shape, most + 1.0, size / total)
    per_unit = shape * np.log(size / total) - special.gammaln(shape) - np.log(np.maximum(within, 1e-300))
    logs = _log_ways(count, shape) + count * np.log(addresses[:, None] / total) + per_unit
    return np.asarray(np.where(count <= most, logs, -np.inf))


def _log_ways(count: Ints, shape: float) -> Floats:
    """Give log(Gamma(shape + count) / count!); each distinct count is worked out once where that is less work."""
    highest = int(count.max(initial=0))
    distinct = np.arange(highest + 1) if highest < count.size else count
    ways: Floats = special.gammaln(shape + distinct) - special.gammaln(distinct + 1)
    return ways if distinct is count else ways[count]


def _groups(published: Published) -> list[tuple[Published, npt.NDArray[np.intp], Floats]]:
    """Distinct (value, addresses) pairs, kind by kind, where each row went, and how often each pair occurs."""
    groups = []
    for terms in np.unique(published.terms).tolist():
        for capped in (False, True):
            rows = np.flatnonzero((published.terms == terms) & (published.capped == capped))
            if len(rows):
                pairs = np.stack([published.value[rows], published.addresses[rows]])
                distinct, inverse, times = np.unique(pairs, axis=1, return_inverse=True, return_counts=True)
                size = distinct.shape[1]
                one = replace(
                    published,
                    value=distinct[0],
                    addresses=distinct[1],
                    capped=np.full(size, capped),
                    terms=np.full(size, terms, dtype=np.int64),
                )
                place = np.full(len(published.value), -1, dtype=np.intp)
                place[rows] = inverse.ravel()
                groups.append((one, place, times.astype(float)))
    return groups


def fit_prior(parts: Sequence[Published], mean: float | None = None) -> Prior:
    """Fit the Gamma prior of the rates (empirical Bayes): mean from the region, spread by maximum marginal likelihood.

    The Poisson-Gamma form is that of Clayton & Kaldor, Biometrics 43 (1987) 671-681. The likelihood of the rounding is
    part of it, so the prior describes exact rates, not rounded ones. It never weighs more than all addresses it was
    fitted on: a handful of events cannot make anyone sure of a rate.

    Parameters
    ----------
    parts : sequence of Published
        Units of one level, by rounding base.
    mean : float, optional
        Rate of the region; that of the units themselves when absent.

    Examples
    --------
    >>> ones = np.ones(200, dtype=np.int64)
    >>> value = np.tile([0, 3, 3, 6], 50)
    >>> prior = fit_prior([Published(value, 100 * ones, ones == 0, 3, ones)])
    >>> round(prior.shape / prior.addresses, 2)
    0.03
    """
    addresses = float(sum(part.addresses.sum() for part in parts))
    middle = mean or max(float(sum(part.value.sum() for part in parts)), 0.5) / addresses
    prepared = [(one, *_candidates(one), times) for part in parts for one, _, times in _groups(part)]

    def cost(log_size: float) -> float:
        prior = Prior(middle * np.exp(log_size), np.exp(log_size))
        total = 0.0
        for one, exact, likelihood, times in prepared:
            logs = _log_marginal(exact, one.addresses, prior.shape, prior.addresses, one.clamp)
            marginal = (likelihood * np.exp(logs)).sum(axis=1)
            total -= float(times @ np.log(np.maximum(marginal, 1e-300)))
        return total

    found = optimize.minimize_scalar(cost, bounds=(0.0, np.log(addresses)), method="bounded", options={"xatol": 0.02})
    return Prior(float(middle * np.exp(found.x)), float(np.exp(found.x)))


def posterior(published: Published, prior: Prior, threshold: float) -> Rates:
    """Give the posterior of each rate: a mixture of Gammas over the counts that the published value leaves possible.

    Parameters
    ----------
    published : Published
        Shape (n,).
    prior : Prior
    threshold : float
        Rate whose exceedance is asked for, as a fraction of the addresses: c times the region's rate, for any c.

    Returns
    -------
    Rates

    Examples
    --------
    >>> one = np.ones(1, dtype=np.int64)
    >>> rates = posterior(Published(6 * one, 100 * one, one == 0, 3, one), Prior(2.0, 100.0), threshold=0.04)
    >>> round(float(rates.mean[0]), 3), bool(rates.low[0] < 0.04 < rates.high[0])
    (0.037, True)
    """
    result = Rates(*(np.full(len(published.value), np.nan) for _ in range(4)))
    for one, place, _ in _groups(published):
        columns = _summary(*_mixture(one, prior.shape, prior.addresses), threshold)
        rows = np.flatnonzero(place >= 0)
        for target, column in zip((result.mean, result.low, result.high, result.above), columns, strict=True):
            target[rows] = np.minimum(column, one.clamp)[place[rows]]  # no rate exceeds what an address counts for
    return result


def _summary(
    weight: Floats, shape: Floats, size: Floats, threshold: float | Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Give mean, both ends of the interval and P(rate > threshold) of each mixture."""
    mean = (weight * shape).sum(axis=1) / size[:, 0]
    tail = (1 - _INTERVAL) / 2
    return (
        mean,
        _quantile(weight, shape, size, mean, tail),
        _quantile(weight, shape, size, mean, 1 - tail),
        (weight * special.gammaincc(shape, threshold * size)).sum(axis=1),
    )


def posterior_mean(published: Published, prior: Prior) -> Floats:
    """Give only the mean of each posterior, for the many units that are no part of the area."""
    mean = np.full(len(published.value), np.nan)
    for one, place, _ in _groups(published):
        weight, shape, size = _mixture(one, prior.shape, prior.addresses)
        rows = np.flatnonzero(place >= 0)
        mean[rows] = np.minimum((weight * shape).sum(axis=1) / size[:, 0], one.clamp)[place[rows]]
    return mean


def mixture_of_counts(published: Published, prior: Prior) -> Iterator[tuple[npt.NDArray[np.intp], Ints, Floats]]:
    """Give the exact counts that values leave possible, and how likely each is, kind by kind.

    Yields
    ------
    place : ndarray of intp, shape (n,)
        Row of each unit in the other two; -1 for units of another kind.
    exact : ndarray of int64, shape (kinds, candidates)
        At least 0.
    weight : ndarray of float, shape (kinds, candidates)
        Rows add up to 1.
    """
    for one, place, _ in _groups(published):
        weight, shape, _ = _mixture(one, prior.shape, prior.addresses)
        yield place, np.rint(shape - prior.shape).astype(np.int64), weight


def _mixture(published: Published, shape: float, size: float | Floats) -> tuple[Floats, Floats, Floats]:
    """Give weights, shapes and sizes of the Gammas of each posterior; shape (n, candidates), sizes (n, 1)."""
    exact, likelihood = _candidates(published)
    logs = _log_marginal(exact, published.addresses, shape, size, published.clamp)
    weight = likelihood * np.exp(logs - logs.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    total = np.asarray(size + published.addresses[:, None], dtype=float)
    return weight, shape + np.maximum(exact, 0), total


def _quantile(weight: Floats, shape: Floats, size: Floats, mean: Floats, probability: float) -> Floats:
    """Solve CDF = probability for each mixture by bisection."""
    low, high = np.zeros_like(mean), mean * 2
    short = np.ones(len(mean), dtype=bool)
    while short.any():
        short = (weight * special.gammainc(shape, high[:, None] * size)).sum(axis=1) < probability
        high = np.where(short, high * 2, high)
    for _ in range(26):  # to seven digits
        middle = (low + high) / 2
        below = (weight * special.gammainc(shape, middle[:, None] * size)).sum(axis=1) < probability
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return (low + high) / 2


# --- a mean for each unit: its neighbourhood, or what the uses of its addresses lead to expect ------------------------


def neighbourhood_means(published: Published, pairs: Ints, prior: Prior) -> Floats:
    """Give the rate that the neighbours of each unit lead to expect, the unit itself left out.

    The neighbourhood mean of Marshall, Applied Statistics 40 (1991) 283-294, after Clayton & Kaldor (1987), drawn to
    that of the region so far as the neighbours have few addresses: ``(shape + sum of values) / (size + sum of
    addresses)``. Marshall counts the unit itself too; then its value is used twice, and intervals become too narrow.

    Parameters
    ----------
    published : Published
        Shape (n,).
    pairs : ndarray of int64, shape (m, 2)
        Each pair of neighbours once.
    prior : Prior
        Of the region.

    Returns
    -------
    ndarray of float, shape (n,)
        The region's own where a unit has no neighbour.

    Examples
    --------
    >>> ones = np.ones(3, dtype=np.int64)
    >>> values = Published(np.array([0, 6, 30]), 100 * ones, ones == 0, 3, ones)
    >>> neighbourhood_means(values, np.array([[0, 1]]), Prior(1.0, 10.0)).round(4).tolist()
    [0.0636, 0.0091, 0.1]
    """
    events, addresses = np.zeros(len(published.value)), np.zeros(len(published.value))
    for one, other in (pairs.T, pairs.T[::-1]):
        np.add.at(events, one, published.value[other])
        np.add.at(addresses, one, published.addresses[other])
    return (prior.shape + events) / (prior.addresses + addresses)


def fit_priors(published: Published, mean: Floats) -> Priors:
    """Fit how far rates lie from the means that are expected: one shape, by maximum marginal likelihood.

    The rate of unit i is Gamma(shape, shape / mean_i); a count is Poisson given it, and rounded. The prior never weighs
    more than all events that are expected together.

    Parameters
    ----------
    published : Published
        Shape (n,).
    mean : ndarray of float, shape (n,)
        Above 0.

    Raises
    ------
    ValueError
        When a mean is not above 0, or not every unit has one.

    Examples
    --------
    >>> ones = np.ones(200, dtype=np.int64)
    >>> values = Published(np.tile([0, 3, 3, 6], 50), 100 * ones, ones == 0, 3, ones)
    >>> fit_priors(values, np.full(200, 0.03)).shape > 1
    True
    """
    means = np.asarray(mean, dtype=float)
    return Priors(fit_shape([(published, means)]), means)


def fit_shape(parts: Sequence[tuple[Published, Floats]]) -> float:
    """Fit the shape of `fit_priors` on units that were rounded in several ways.

    Parameters
    ----------
    parts : sequence of (Published, ndarray of float)
        Units of one kind, and the rate that is expected of each, above 0.

    Raises
    ------
    ValueError
        When a mean is not above 0, or not every unit has one.

    Examples
    --------
    >>> ones = np.ones(200, dtype=np.int64)
    >>> values = Published(np.tile([0, 3, 3, 6], 50), 100 * ones, ones == 0, 3, ones)
    >>> fit_shape([(values, np.full(200, 0.03))]) > 1
    True
    """
    for published, means in parts:
        if means.shape != published.value.shape or not (means > 0).all() or not np.isfinite(means).all():
            raise ValueError("mean: expected a rate above 0 for every unit")
    prepared = [
        (one, *_candidates(one), means[rows, None]) for published, means in parts for one, rows in _alike(published)
    ]
    expected = sum(float(means @ published.addresses) for published, means in parts)

    def cost(log_shape: float) -> float:
        shape, total = float(np.exp(log_shape)), 0.0
        for one, exact, likelihood, middle in prepared:
            logs = _log_marginal(exact, one.addresses, shape, shape / middle, one.clamp)
            marginal = (likelihood * np.exp(logs)).sum(axis=1)
            total -= float(np.log(np.maximum(marginal, 1e-300)).sum())
        return total

    bounds = (np.log(_SMALLEST_SHAPE), np.log(max(expected, 2 * _SMALLEST_SHAPE)))
    found = optimize.minimize_scalar(cost, bounds=bounds, method="bounded", options={"xatol": 0.02})
    return float(np.exp(found.x))


def posterior_each(published: Published, priors: Priors, threshold: float | Floats) -> Rates:
    """Give the posterior of each rate when every unit has a prior mean of its own; else as `posterior`.

    Parameters
    ----------
    published : Published
        Shape (n,).
    priors : Priors
    threshold : float, or ndarray of float, shape (n,)
        Rate whose exceedance is asked for.

    Examples
    --------
    >>> one = np.ones(1, dtype=np.int64)
    >>> values = Published(6 * one, 100 * one, one == 0, 3, one)
    >>> own = posterior_each(values, Priors(2.0, np.array([0.02])), 0.04)
    >>> common = posterior(values, Prior(2.0, 100.0), 0.04)
    >>> bool(np.isclose(own.mean, common.mean)[0])
    True
    """
    limit = np.broadcast_to(np.asarray(threshold, dtype=float), published.value.shape)
    result = Rates(*(np.full(len(published.value), np.nan) for _ in range(4)))
    for one, rows in _alike(published):
        columns = _summary(*_mixture(one, priors.shape, priors.shape / priors.mean[rows, None]), limit[rows, None])
        for target, column in zip((result.mean, result.low, result.high, result.above), columns, strict=True):
            target[rows] = np.minimum(column, one.clamp)
    return result


def _alike(published: Published) -> list[tuple[Published, npt.NDArray[np.intp]]]:
    """Take apart what differs in number of terms or in being capped."""
    kinds = np.stack([published.terms, published.capped.astype(np.int64)])
    return [
        (published.take(rows), rows)
        for kind in np.unique(kinds, axis=1).T
        for rows in [np.flatnonzero((kinds == kind[:, None]).all(axis=0))]
    ]


def standardised(published: Published, expected: Floats, threshold: float = 2.0, shape: float | None = None) -> Rates:
    """Compare each unit with what the uses of its addresses lead to expect: the standardised ratio.

    Indirect standardisation (Breslow & Day, Statistical Methods in Cancer Research II (1987), ch. 2): with a_iu
    addresses of use u in unit i, and r_u the rate of that use in the whole gemeente, ``expected_i = sum of a_iu r_u``.
    The ratio of what happened to what is expected is Gamma with mean 1 a priori, and what was published is the count
    rounded: so a few expected events make no ratio of ten.

    Parameters
    ----------
    published : Published
        Shape (n,).
    expected : ndarray of float, shape (n,)
        Expected count, above 0: ``addresses_by_use @ rates_by_use``.
    threshold : float
        Ratio whose exceedance is asked for.
    shape : float, optional
        How far ratios lie apart (`fit_shape`); fitted on these units when absent.

    Returns
    -------
    Rates
        Of the ratio, 1 for as expected.

    Raises
    ------
    ValueError
        When an expected count is not above 0.

    Examples
    --------
    Twenty streets of forty shops: of a shop one in ten has the feature, of a house one in a hundred.

    >>> by_use = np.tile([40, 60], (20, 1))
    >>> expected = by_use @ np.array([0.1, 0.01])
    >>> ones = np.ones(20, dtype=np.int64)
    >>> value = np.where(np.arange(20) == 0, 30, np.tile([3, 6], 10))
    >>> found = standardised(Published(value, 100 * ones, ones == 0, 3, ones), expected)
    >>> round(float(expected[0]), 1), found.above[:2].round(2).tolist()
    (4.6, [1.0, 0.04])
    """
    means = np.asarray(expected, dtype=float) / published.addresses
    priors = fit_priors(published, means) if shape is None else Priors(shape, means)
    found = posterior_each(published, priors, threshold * means)
    return Rates(found.mean / means, found.low / means, found.high / means, found.above)
