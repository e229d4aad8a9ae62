"""How counts are rounded: fixed thresholds, caps, and the small displacement of totals that stand apart.

Formulas only; ``docs/privacy.md`` says why each holds.
"""

import hmac
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

DISPLACEMENT = 2
"""Most that the fixed displacement of a separate total adds to its threshold or takes off it."""


def thresholds(secret: bytes, names: Iterable[str], family: str, base: int) -> Ints:
    """Give the fixed threshold of each unit: HMAC-SHA-256 of its name and the layer family, modulo the base.

    No year, month, window or release enters, so the threshold of a unit is the same for ever.

    Examples
    --------
    >>> once = thresholds(b"secret" * 6, ["zone|alle|8a1"], "fiu", 5)
    >>> again = thresholds(b"secret" * 6, ["zone|alle|8a1"], "fiu", 5)
    >>> bool(once == again), 0 <= int(once[0]) < 5
    (True, True)
    """
    tail = f"|{family}".encode()
    drawn = b"".join([hmac.digest(secret, name.encode() + tail, "sha256")[:8] for name in names])
    return (np.frombuffer(drawn, dtype=">u8") % base).astype(np.int64)


def displaced(secret: bytes, names: Iterable[str], family: str, base: int) -> Ints:
    """Give the fixed threshold of each separate total: uniform modulo the base, plus a displacement of at most 2.

    Who knows all but one of the zones of a region learns, over many releases, where the total turns: the count that is
    missing plus this threshold. At either end of its range that gives the count away, and a sum of two uniform numbers
    seldom lies at an end: one time in ``base * (2 * DISPLACEMENT + 1)``.

    Returns
    -------
    ndarray of int64, shape (n,)
        From ``-DISPLACEMENT`` to ``base - 1 + DISPLACEMENT``.

    Examples
    --------
    >>> names = [f"wijk|alle|{number}" for number in range(10_000)]
    >>> drawn = displaced(b"secret" * 6, names, "fiu", 5)
    >>> drawn.min(), drawn.max(), round(float((drawn == -2).mean()), 2)
    (np.int64(-2), np.int64(6), 0.04)
    """
    both = thresholds(secret, names, family, base * (2 * DISPLACEMENT + 1))
    return both % base + both // base - DISPLACEMENT


def reach(base: int) -> int:
    """Give the most that a separate total is off.

    Examples
    --------
    >>> reach(5), reach(10)
    (6, 11)
    """
    return base - 1 + DISPLACEMENT


def proven(total: Ints, base: int) -> Ints:
    """Give the least count that separate totals prove: anything above 0 proves at least one.

    Examples
    --------
    >>> proven(np.array([0, 5, 20]), 5).tolist()
    [0, 1, 14]
    """
    return np.maximum(total - reach(base), (total > 0).astype(np.int64))


def variance(base: int, displacement: int = 0) -> float:
    """Give the mean squared error of a rounded count: (base^2 - 1) / 6, and that of a uniform displacement.

    The error is base - remainder with chance remainder / base, and else -remainder; over all remainders its square is
    (base^2 - 1) / 6 on average. A uniform number from -d to d has the variance d (d + 1) / 3.

    Examples
    --------
    >>> variance(3), variance(5), variance(5, 2)
    (1.3333333333333333, 4.0, 6.0)
    """
    return (base**2 - 1) / 6 + displacement * (displacement + 1) / 3


def largest_variance(base: int) -> float:
    """Give the most that the mean squared error of a separate total can be, whatever the count.

    Examples
    --------
    >>> largest_variance(10)
    27.0
    """
    return base**2 / 4 + DISPLACEMENT * (DISPLACEMENT + 1) / 3


def rounded(count: Ints, threshold: Ints, base: int) -> Ints:
    """Round counts to a multiple of the base: ``base * floor((count + threshold) / base)``.

    Over all thresholds the mean is the count itself; the value is never more than ``base - 1`` off.

    Examples
    --------
    >>> rounded(np.array([0, 4, 7]), np.array([4, 0, 3]), 5).tolist()
    [0, 0, 10]
    """
    return base * ((count + threshold) // base)


def rounded_apart(count: Ints, threshold: Ints, base: int) -> Ints:
    """Round totals by their displaced thresholds; no events stay 0, and nothing becomes negative.

    Examples
    --------
    >>> rounded_apart(np.array([0, 1, 1, 9]), np.array([6, -2, 6, -2]), 5).tolist()
    [0, 0, 5, 5]
    """
    return np.where(count > 0, np.maximum(0, rounded(count, threshold, base)), 0)


def caps(addresses: Ints, base: int, clamp: int = 1) -> Ints:
    """Give the largest multiple of the base that says nothing certain about more than half of the addresses.

    The largest ``cap`` with ``(cap - (base - 1)) / (clamp * addresses) <= 0.5``.

    Examples
    --------
    >>> caps(np.array([10, 11, 40]), 5).tolist()
    [5, 5, 20]
    """
    return base * ((clamp * addresses // 2 + base - 1) // base)


def clipped(value: Ints, base: int, low: Ints, high: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Move values to the nearest multiple of the base in [low, high]; also say where there is none."""
    lowest = base * -(-np.maximum(low, 0) // base)
    highest = base * (high // base)
    return np.clip(value, lowest, np.maximum(lowest, highest)), lowest <= highest
