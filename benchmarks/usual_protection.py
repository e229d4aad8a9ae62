"""Four usual ways to publish counts of small areas: the named alternatives that `protection.py` times and attacks.

Each takes exact counts of leaves (zones, or buurten) and publishes a value for every row of ``inside``, the matrix that
says which leaves lie in which published unit; columns are windows. ``keys`` are sums of record keys, used by one only.
They are written to be simple and fair, not to be fast at any price.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, sparse

BASE = 5
"""Base of both ways of rounding; suppression hides the counts below it."""
NOISE = BASE - 1
"""Greatest cell-key noise: the same greatest error as rounding to `BASE`."""
VARIANCE = 2.0
"""Variance of that noise: half of that of rounding with a uniform threshold."""
KEYS = 1 << 32
"""Record keys are whole numbers below this."""
HIDDEN = -1

Ints = npt.NDArray[np.int64]


def rounded(inside: sparse.csr_array, counts: Ints, keys: Ints) -> Ints:  # noqa: ARG001 - alike in form
    """Round every unit by itself to the nearest multiple."""
    return BASE * ((inside @ counts + BASE // 2) // BASE)


def suppressed(inside: sparse.csr_array, counts: Ints, keys: Ints) -> Ints:  # noqa: ARG001
    """Hide 1 to 4 in every unit; zero and larger counts are exact, and nothing is hidden to guard a hidden count."""
    exact = inside @ counts
    return np.where((exact > 0) & (exact < BASE), HIDDEN, exact)


def noisy(inside: sparse.csr_array, counts: Ints, keys: Ints) -> Ints:
    """Add the noise that a fixed table gives for the count and the sum of the record keys in the unit."""
    exact = inside @ counts
    chance = (inside @ keys % KEYS) / KEYS
    return exact - NOISE + (chance[..., None] >= noise_table()[np.minimum(exact, NOISE)]).sum(axis=-1)


@functools.cache
def noise_table() -> npt.NDArray[np.float64]:
    """Give the cumulative chance of noise -4 to 3, a row per count 0 to 4 (or more).

    The flattest distribution (largest entropy) with mean 0 and the set variance that never goes below zero; a count of
    0 stays 0.
    """
    noise = np.arange(-NOISE, NOISE + 1)
    table = [(noise == 0).astype(float)]
    for count in range(1, NOISE + 1):
        allowed = noise[noise >= -count]

        def dual(slope: npt.NDArray[np.float64], allowed: Ints = allowed) -> float:
            return float(np.logaddexp.reduce(slope[0] * allowed + slope[1] * allowed**2) - slope[1] * VARIANCE)

        slope = optimize.minimize(dual, np.array([0.0, -0.25]), tol=1e-10).x
        weight = np.where(noise >= -count, np.exp(slope[0] * noise + slope[1] * noise**2), 0.0)
        table.append(weight / weight.sum())
    return np.cumsum(table, axis=1)[:, :-1]


def controlled(inside: sparse.csr_array, counts: Ints, keys: Ints) -> Ints:  # noqa: ARG001
    """Round all units together: every one up or down to a multiple next to it, sums add up, least total change.

    Units that lie inside one another give a linear program whose corners are whole numbers, so no branching is needed.
    """
    wide = inside[inside.sum(axis=1) > 1]
    both = sparse.vstack([wide, -wide]).tocsr()
    values = np.empty((inside.shape[0], counts.shape[1]), dtype=np.int64)
    for column, count in enumerate(counts.T):
        below, rest = count // BASE, count % BASE
        total, sure = wide @ count, wide @ below
        limits = np.concatenate([-(-total // BASE) - sure, sure - total // BASE])
        up = optimize.linprog(
            BASE - 2.0 * rest, both, limits, bounds=np.stack([0 * rest, rest > 0], axis=1), method="highs-ds"
        ).x
        if np.abs(up - np.rint(up)).max(initial=0) > 1e-6:
            raise ArithmeticError("a corner is not whole")
        values[:, column] = inside @ (BASE * (below + np.rint(up).astype(np.int64)))
    return values


@dataclass(frozen=True)
class Method:
    """One way to publish; ``possible`` gives the least and greatest count behind a value, as any reader knows them."""

    publish: Callable[[sparse.csr_array, Ints, Ints], Ints]
    possible: Callable[[Ints], tuple[Ints, Ints]]


METHODS = {
    "plain rounding": Method(rounded, lambda value: (value - BASE // 2, value + BASE // 2)),
    "cell-key noise": Method(
        noisy, lambda value: (np.where(value > 0, np.maximum(1, value - NOISE), 0), value + NOISE)
    ),
    "controlled rounding by LP": Method(controlled, lambda value: (value - (BASE - 1), value + (BASE - 1))),
    "suppression below 5": Method(
        suppressed,
        lambda value: (np.where(value == HIDDEN, 1, value), np.where(value == HIDDEN, BASE - 1, value)),
    ),
}
