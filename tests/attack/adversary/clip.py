"""Where a separate total may have been moved: worked out from published values, as the method text says.

A total T says ``T <= n + C <= T + B-1``, with C from -2 to B+1; no events are always published as 0. It is moved into
the interval that lets every zone keep its least and greatest value, so at an end of that interval only one of the two
sides is certain. Lows and highs here are themselves intervals (pairs of arrays), for what an outsider cannot work out
exactly: the parts of a joined zone.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

DISPLACEMENT = 2
"""Most that the threshold of a separate total lies outside 0..B-1."""


@dataclass(frozen=True)
class Nodes:
    """What is known of the largest units so far; ``of_atom`` is the node of each atom.

    The least count of a node lies between ``low`` and ``low_most``, the greatest between ``high_least`` and ``high``.
    A node with an atom that nobody saw is not ``known``.
    """

    of_atom: Ints
    low: Ints
    low_most: Ints
    high: Ints
    high_least: Ints
    widest: Ints
    known: Bools


@dataclass(frozen=True)
class Sides:
    """Which sides of ``T <= n + C <= T + B-1`` are certain."""

    lower: Bools
    upper: Bools


def reach(base: int) -> int:
    """Give the most that a separate total is off; of an array, of each."""
    return base - 1 + DISPLACEMENT


def proven(value: Ints, base: Ints | int) -> Ints:
    """Give the least count that a separate total proves: anything above 0 proves one."""
    return np.maximum(value - reach(base), value > 0)


def of_atoms(value: Ints, pieces: Ints, most: Ints, known: Bools, b: int) -> Nodes:
    """Give what the value of each atom alone says; ``most`` is the highest count that enters a sum."""
    one, several = b - 1, pieces * (b - 1)
    low, high = np.maximum(0, value - several), np.minimum(most, value + several)
    low_most, high_least = np.maximum(0, value - one), np.minimum(most, value)
    high_least = np.where(pieces == 1, high, high_least)
    return Nodes(np.arange(len(value)), low, low_most, high, high_least, high - low, known)


def joined(below: Nodes, unit_of_atom: Ints, count: int) -> Nodes:
    """Join nodes that lie in one unit of the next level; units come first, then the nodes that lie in none."""
    of_node = np.full(len(below.low), -1, dtype=np.int64)
    of_node[below.of_atom] = unit_of_atom
    rest = np.flatnonzero(of_node < 0)
    of_node[rest] = count + np.arange(len(rest))
    size = count + len(rest)
    widest = np.zeros(size, dtype=np.int64)
    np.maximum.at(widest, of_node, below.widest)

    def total(numbers: Ints) -> Ints:
        return np.bincount(of_node, weights=numbers, minlength=size).astype(np.int64)

    return Nodes(
        of_atom=of_node[below.of_atom],
        low=total(below.low),
        low_most=total(below.low_most),
        high=total(below.high),
        high_least=total(below.high_least),
        widest=widest,
        known=total(~below.known) == 0,
    )


def certain_sides(value: Ints, base: Ints, least: Ints, most: Ints, known: Bools) -> Sides:
    """Say which sides hold for totals that were moved into [least, most], in multiples of the base."""
    lowest = base * -(-np.maximum(least, 0) // base)
    highest = base * (most // base)
    return Sides(lower=known & ((value > lowest) | (lowest <= 0)), upper=known & (value < highest))


def after_totals(nodes: Nodes, apart: Bools, value: Ints, base: Ints) -> Nodes:
    """Narrow nodes by the totals that were published apart, as the method does."""
    count = len(apart)

    def lifted(low: Ints) -> Ints:
        result = low.copy()
        result[:count] = np.where(apart, np.maximum(low[:count], proven(value, base)), low[:count])
        return result

    def lowered(high: Ints) -> Ints:
        result = high.copy()
        result[:count] = np.where(apart, np.minimum(high[:count], value + reach(base)), high[:count])
        return result

    return replace(
        nodes,
        low=lifted(nodes.low),
        low_most=lifted(nodes.low_most),
        high=lowered(nodes.high),
        high_least=lowered(nodes.high_least),
    )
