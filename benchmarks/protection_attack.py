"""The accuracy of what `protection.py` times, and a small attack on it.

The attacker knows the method, the map and all that is published about the period. Intervals are propagated up and down
the hierarchy, which for sums inside sums gives the exact bounds of a linear program. A guess per zone uses how often
each count gives each value in the whole city.
"""
# ruff: noqa: PLC0415 - the alternatives must not pay for the packages that only geoanalyse loads

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from protection_work import LAYERS, LEVELS, PERIOD, RELEASES, SEED, SHARES, Work, load, make_layers, read_geography
from usual_protection import BASE, HIDDEN, KEYS, METHODS, Ints

OURS = "geoanalyse"
SECRET = b"benchmark: this key protects nothing"
LARGEST = 40
"""Larger counts are one kind to the guesser."""


@dataclass(frozen=True)
class Shown:
    """What one release shows of the period: values, and what each alone leaves possible; shape (units, layers)."""

    value: Ints
    low: Ints
    high: Ints


def show(name: str, work: Work, total: Ints, key: Ints) -> Shown:
    """Publish the period of every layer; ``total`` and ``key`` have shape (layers, zones)."""
    room = (work.inside @ work.data["addresses"])[:, None]
    if name != OURS:
        value = METHODS[name].publish(work.inside, total.T, key.T)
        low, high = METHODS[name].possible(value)
        return Shown(value, np.maximum(low, 0), np.minimum(high, room))
    from geoanalyse import protection
    from geoanalyse.counts import Counts

    none = np.zeros((0, total.shape[1]), dtype=np.int64)
    counted = [
        Counts(replace(layer, series=None), PERIOD, exact, (), none, 0)
        for layer, exact in zip(make_layers(), total, strict=True)
    ]
    table = protection.protect(counted, read_geography()[0], SECRET, "casustafel").table.to_pandas()
    table = table[table["level"].isin(LEVELS)]
    unit = {unit: number for number, unit in enumerate(work.data["ids"].tolist())}
    at = table["zone"].map(unit).to_numpy(), table["layer"].str[-2:].astype(int).to_numpy()
    value, low, high = (np.full((work.inside.shape[0], LAYERS), HIDDEN) for _ in range(3))
    value[at], low[at] = table["value"].astype(np.int64), table["low"].astype(np.int64)
    high[at] = table["high"].fillna(room.max()).astype(np.int64)  # "or more"
    return Shown(value, low, np.minimum(high, room))


def tighten(work: Work, low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """Bound every unit by what lies in it and by what it lies in: once up and once down is all there is to find."""
    low, high = low.copy(), high.copy()
    levels = [slice(first, last) for first, last in zip(work.starts[1:], work.starts[2:], strict=False)]
    for rows in levels:
        low[rows] = np.maximum(low[rows], work.child[rows] @ low)
        high[rows] = np.minimum(high[rows], work.child[rows] @ high)
    for rows in reversed(levels):
        parent, part = work.child[rows].nonzero()
        spare = high[rows] - work.child[rows] @ low  # by how much parts may together exceed their least
        short = work.child[rows] @ high - low[rows]
        high[part], low[part] = (
            np.minimum(high[part], low[part] + spare[parent]),
            np.maximum(low[part], high[part] - short[parent]),
        )
    return low, high


def over_time(work: Work, shown: list[Shown]) -> tuple[Ints, Ints]:
    """Bound the last of several releases of counts that only grow; until nothing narrows any more."""
    low, high = np.stack([one.low for one in shown]), np.stack([one.high for one in shown])
    while True:
        tight = [tighten(work, *pair) for pair in zip(low, high, strict=True)]
        next_low = np.maximum.accumulate([pair[0] for pair in tight])
        next_high = np.minimum.accumulate([pair[1] for pair in tight][::-1])[::-1]
        if np.array_equal(next_low, low) and np.array_equal(next_high, high):
            return low[-1], high[-1]
        low, high = next_low, next_high


def guessed(count: Ints, values: Ints) -> Ints:
    """Give the likeliest count of each zone; ``values`` of shape (releases, zones) are drawn apart.

    The guesser knows how often each count occurs in the city, and how often a count gives a value.
    """
    kind = np.minimum(count, LARGEST)
    seen = np.zeros((LARGEST + 1, values.max() + 2))
    np.add.at(seen, (np.broadcast_to(kind, values.shape), values + 1), 1)  # HIDDEN is -1
    with np.errstate(divide="ignore"):
        chance = np.log(seen / np.maximum(1, seen.sum(axis=1, keepdims=True)))
        likely = np.log(np.bincount(kind, minlength=LARGEST + 1))[:, None] + chance[:, values + 1].sum(axis=1)
    return np.argmax(likely, axis=0)


def judge(name: str, folder: Path) -> dict[str, Any]:
    """Measure accuracy and attack one method."""
    parts = ("total", "key_total", "releases", "key_releases")
    work, random = load(folder, parts), np.random.default_rng(SEED + 1)
    total, key = work.data["total"][:, 0], work.data["key_total"][:, 0]
    exact, zones = work.inside @ total.T, slice(0, int(work.starts[1]))
    once = show(name, work, total, key)
    # the same counts, other addresses behind them: only record keys see the difference
    other = [random.integers(0, KEYS, total.shape) * (total > 0) for _ in range(RELEASES - 1)]
    again = [once, *(show(name, work, total, one) for one in other)] if name == "cell-key noise" else [once]
    grown = [
        show(name, work, work.data["releases"][:, step], work.data["key_releases"][:, step]) for step in range(RELEASES)
    ]
    least, most = np.max([one.low for one in again], axis=0), np.min([one.high for one in again], axis=0)
    bounds = {
        "one": tighten(work, once.low, once.high),
        "constant": tighten(work, least, most),
        "growing": over_time(work, grown),
    }
    small = (exact[zones] > 0) & (exact[zones] < BASE)
    found: dict[str, Any] = {"small": int(small.sum())}
    for when, (low, high) in bounds.items():
        if not ((low <= exact) & (exact <= high)).all():
            raise ArithmeticError(f"{name}: the attack excludes the truth")
        width = (high - low)[zones][small]
        found |= {f"known {when}": (width == 0).mean(), f"width {when}": int(width.min())}
    for when, draws in (("one", [once]), ("constant", again)):
        guess = [guessed(count, np.stack([one.value[zones, i] for one in draws])) for i, count in enumerate(total)]
        found[f"guess {when}"] = (np.stack(guess, axis=1) == exact[zones])[small].mean()
    blind = np.array([np.bincount(count).argmax() for count in total])
    found["guess blind"] = (blind == exact[zones])[small].mean()
    steady = small & (np.ptp(work.data["releases"], axis=1) == 0).T
    moved = np.ptp([one.value[zones] for one in grown], axis=0) > 0
    found["moved"] = moved[steady].mean()
    return found | accuracy(work, exact, once.value)


def accuracy(work: Work, exact: Ints, shown: Ints) -> dict[str, float]:
    """Compare values with counts; a hidden value is read as 2.5."""
    value = np.where(shown == HIDDEN, BASE / 2, shown)
    rows = {level: slice(work.starts[i], work.starts[i + 1]) for i, level in enumerate(LEVELS)}
    found = {f"rmse {level}": np.sqrt(np.mean((value - exact)[at] ** 2)) for level, at in rows.items()}
    for i, share in enumerate(SHARES):
        mine, here = value[:, i :: len(SHARES)], exact[:, i :: len(SHARES)]
        found[f"bias {share}"] = mine[rows["zone"]].sum() / here[rows["zone"]].sum() - 1
        some = here[rows["buurt"]] > 0
        found[f"relative {share}"] = np.median((np.abs(mine - here)[rows["buurt"]][some]) / here[rows["buurt"]][some])
    return found
