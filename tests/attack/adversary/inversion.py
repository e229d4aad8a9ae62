"""Inversion: can a count be solved from a figure that was computed from counts?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import linalg

from tests.attack.adversary import claims, space
from tests.attack.adversary.case import Zones
from tests.attack.adversary.harvest import Column, Harvest
from tests.attack.adversary.published import NO_VALUE

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_ENOUGH = 8
"""Fewest units from which anything is solved."""
_WHOLE = 0.1
"""How near to a whole number a solved count must come."""
_CONVINCING = 0.85


@dataclass(frozen=True)
class Solved:
    """Counts that an inversion gave, by unit, and how."""

    file: str
    layer: str
    level: str
    how: str
    counts: Mapping[str, int]


# --- who touches whom -------------------------------------------------------------------------------------------------


def zone_neighbours(zones: Zones) -> npt.NDArray[np.int64]:
    """Give pairs of zones with cells that touch, each once."""
    place = dict(zip(zones.cell.tolist(), zones.of_cell.tolist(), strict=True))
    pairs = {
        (min(zone, place[other]), max(zone, place[other]))
        for cell, zone in place.items()
        for other in space.around(cell)
        if other in place and place[other] != zone
    }
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)


def closed(pairs: npt.NDArray[np.int64], count: int) -> sparse.csr_array:
    """Give the matrix with 1 for each unit and its neighbours."""
    half = sparse.coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return (half + half.T + sparse.eye_array(count)).tocsr()


# --- inverting --------------------------------------------------------------------------------------------------------


def solve_gi(score: Floats, weights: sparse.csr_array, low: Floats, high: Floats) -> Ints | None:
    """Solve counts from Gi* scores of all units.

    ``score = (A n - W mean) / (s q)`` with ``q = sqrt((N W - W^2) / (N - 1))``, so ``n = mean + s u`` with
    ``u = A^-1 (q score)``: only the mean and the scale are unknown, and counts are whole numbers between the bounds
    that the published values give.

    Parameters
    ----------
    score : ndarray of float, shape (n,)
    weights : sparse array, shape (n, n)
        1 for a unit and its neighbours.
    low, high : ndarray of float, shape (n,)
        Published bounds of the counts.
    """
    count = len(score)
    degree = np.asarray(weights.sum(axis=1)).ravel()
    scale = np.sqrt(np.maximum(count * degree - degree**2, 0) / max(count - 1, 1))
    return _whole(_apply_inverse(weights, scale * score), low, high)


def solve_smooth(smooth: Floats, weights: sparse.csr_array, low: Floats, high: Floats) -> Ints | None:
    """Solve counts from means (or sums) over each unit and its neighbours."""
    degree = np.asarray(weights.sum(axis=1)).ravel()
    for total in (smooth * degree, smooth):
        counts = _apply_inverse(weights, total)
        if _convinces(counts, low, high):
            return np.rint(counts).astype(np.int64)
    return None


def _apply_inverse(weights: sparse.csr_array, right: Floats) -> Floats:
    if weights.shape[0] <= 3000:
        return np.asarray(np.linalg.lstsq(weights.toarray(), right, rcond=1e-9)[0])
    return np.asarray(linalg.lsqr(weights, right, atol=1e-10, btol=1e-10, iter_lim=5000)[0])


def _whole(shape: Floats, low: Floats, high: Floats) -> Ints | None:
    """Find mean and scale for which ``mean + scale * shape`` are whole numbers between the bounds."""
    open_end = ~np.isfinite(high)
    middle = np.where(open_end, low, (low + np.where(open_end, low, high)) / 2)
    spread = shape - shape.mean()
    if not spread.any():
        return None
    first = float(spread @ (middle - middle.mean()) / (spread @ spread))
    if first <= 0:
        return None
    best: tuple[float, Floats] | None = None
    for scale in first * np.geomspace(0.4, 2.5, 3001):
        for fine in scale * (1 + np.linspace(-3e-4, 3e-4, 5)):
            part = fine * shape
            # whatever the mean, all parts must have the same fraction
            turn = np.exp(2j * np.pi * part).mean()
            if best is None or abs(turn) > best[0]:
                offset = -np.angle(turn) / (2 * np.pi)
                best = (abs(turn), part + offset)
    if best is None or best[0] < _CONVINCING:
        return None
    # the mean is known up to a whole number: take the one that fits the bounds best
    shifts = np.arange(-50, 51) + np.rint((middle - best[1]).mean())
    fits = [((best[1] + shift >= low - 0.5) & (best[1] + shift <= high + 0.5)).mean() for shift in shifts]
    counts = best[1] + shifts[int(np.argmax(fits))]
    return np.rint(counts).astype(np.int64) if _convinces(counts, low, high) else None


def _convinces(counts: Floats, low: Floats, high: Floats) -> bool:
    """Say whether counts are whole, vary, and lie between the bounds."""
    whole = np.abs(counts - np.rint(counts)) < _WHOLE
    inside = (counts >= low - 0.5) & (counts <= high + 0.5)
    return bool(np.ptp(np.rint(counts)) > 0 and (whole & inside).mean() > _CONVINCING)


# --- over a release ---------------------------------------------------------------------------------------------------


def invert(harvest: Harvest) -> list[Solved]:
    """Try to solve counts from every column of numbers that is no published value."""
    found = []
    for column in harvest.columns:
        if column.field.startswith("?") and column.layer in harvest.case.layers:
            found += _unknown(harvest, column)
        elif column.field in {"rate_mean", "rate_low", "rate_high", "ratio", "rate"}:
            found += _times_addresses(harvest, column)
    return found


def _numbers(column: Column) -> tuple[list[str], Floats]:
    pairs = [(u, v) for u, v in zip(column.units, column.values, strict=True) if isinstance(v, int | float)]
    return [unit for unit, _ in pairs], np.array([value for _, value in pairs], dtype=float)


def _bounds(harvest: Harvest, column: Column, units: Sequence[str]) -> tuple[Floats, Floats, Floats]:
    """Give published bounds of counts, and addresses; nothing known is 0 to the number of addresses."""
    table = harvest.table
    low, high, addresses = np.zeros(len(units)), np.full(len(units), np.inf), np.full(len(units), np.nan)
    for number, unit in enumerate(units):
        row = table.place.get((column.layer, column.level, unit))
        if row is None:
            continue
        addresses[number] = table.addresses[row]
        if table.value[row] != NO_VALUE:
            off = claims.reach(table, row)
            low[number] = max(0, int(table.value[row]) - off)
            high[number] = np.inf if table.status[row] == "cap" else int(table.value[row]) + off
    return low, high, addresses


def _unknown(harvest: Harvest, column: Column) -> list[Solved]:
    """Try an undeclared column as counts, rates, Gi* scores and smoothed counts."""
    units, numbers = _numbers(column)
    if len(units) < _ENOUGH:
        return []
    low, high, addresses = _bounds(harvest, column, units)
    ways: list[tuple[str, Ints | None]] = [("aantal", _plain(numbers, low, high))]
    for factor, name in ((1.0, "aandeel"), (0.01, "percentage"), (0.001, "per 1.000")):
        ways.append((name, _plain(numbers * factor * addresses, low, high)))
    layer = harvest.case.layers[column.layer]
    zones = harvest.case.zones.get(harvest.table.version, {}).get(layer.base)
    if column.level == "zone" and zones is not None and layer.atom == "zone":
        place = np.array([zones.index.get(unit, -1) for unit in units], dtype=np.int64)
        if (place >= 0).all():
            number = np.full(len(zones.ids), -1, dtype=np.int64)
            number[place] = np.arange(len(place))
            pairs = number[zone_neighbours(zones)]
            weights = closed(pairs[(pairs >= 0).all(axis=1)], len(units))
            ways.append(("Gi*", solve_gi(numbers, weights, low, high)))
            ways.append(("gemiddelde met de buren", solve_smooth(numbers, weights, low, high)))
    return [
        Solved(
            column.file,
            column.layer,
            column.level,
            f"{column.field[1:]} als {how}",
            dict(zip(units, counts.tolist(), strict=True)),
        )
        for how, counts in ways
        if counts is not None
    ]


def _plain(numbers: Floats, low: Floats, high: Floats) -> Ints | None:
    if not np.isfinite(numbers).all() or not _convinces(numbers, low, high):
        return None
    return np.rint(numbers).astype(np.int64)


def _times_addresses(harvest: Harvest, column: Column) -> list[Solved]:
    """Try a declared rate times the addresses: whole numbers that are not the published values would be counts."""
    units, numbers = _numbers(column)
    layer, table = harvest.case.layers.get(column.layer), harvest.table
    if len(units) < _ENOUGH or layer is None:
        return []
    low, high, addresses = _bounds(harvest, column, units)
    factor = {"rate": 0.001, "ratio": float(harvest.manifest.get("gemiddelden", {}).get(layer.id, 0) or 0)}
    counts = numbers * factor.get(column.field, 1.0) * addresses
    rows = [table.place.get((column.layer, column.level, unit)) for unit in units]
    published = np.array([table.value[row] if row is not None else NO_VALUE for row in rows], dtype=float)
    known = np.isfinite(counts) & (counts > 0.5) & (counts < 100) & (np.abs(counts - published) > 0.5)
    if known.sum() < max(_ENOUGH, len(units) / 4) or not _convinces(counts[known], low[known], high[known]):
        return []
    kept = [unit for unit, own in zip(units, known.tolist(), strict=True) if own]
    whole = np.rint(counts[known]).astype(np.int64).tolist()
    return [Solved(column.file, column.layer, column.level, column.field, dict(zip(kept, whole, strict=True)))]


# --- composites -------------------------------------------------------------------------------------------------------

HIGHEST = 5.0
_SLACK = 1.2  # figures are rounded twice: to four digits, then to three


def _half(number: float) -> float:
    """Give half of the last of three significant digits."""
    return 0.5 * 10.0 ** (np.floor(np.log10(number)) - 2) if number > 0 else 0.0


def composites(harvest: Harvest) -> tuple[int, int]:
    """Work composites out from the ratios that are published; gives how many could be, and how many are something else.

    A layer counts for at most five times the average. Only units for which every layer of the theme has a ratio at the
    same level are worked out.
    """
    ratios: dict[tuple[str, str, str], dict[str, float]] = {}
    for column in harvest.columns:
        if column.field == "ratio" and column.file == "kaart.html":
            ratios[(column.layer, column.level, "")] = {
                unit: value for unit, value in zip(column.units, column.values, strict=True) if value is not None
            }
    worked_out = wrong = 0
    for (name, level, _), found in ratios.items():
        if not name.startswith("thema:"):
            continue
        theme = name.removeprefix("thema:")
        layers = [harvest.case.layers[each] for each in harvest.table.layers if each in harvest.case.layers]
        parts = [layer for layer in layers if theme in layer.weights]
        if any((layer.base != "alle" and level == "zone") or level not in _levels(layer.atom) for layer in parts):
            continue
        for unit, score in found.items():
            own = [(layer.weights[theme], ratios.get((layer.id, level, ""), {}).get(unit)) for layer in parts]
            if all(ratio is not None for _, ratio in own) and all(layer.base == "alle" for layer in parts):
                weight = sum(each for each, _ in own)
                right = sum(each * min(float(ratio or 0), HIGHEST) for each, ratio in own) / weight
                worked_out += 1
                room = _half(score) + sum(each * _half(float(ratio or 0)) for each, ratio in own) / weight
                wrong += abs(score - right) > _SLACK * room
    return worked_out, wrong


def _levels(atom: str) -> tuple[str, ...]:
    order = ("zone", "res9", "res8", "buurt", "wijk")
    return order[order.index(atom) :]
