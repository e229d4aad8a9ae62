"""The truth, opened by the scorer only: exact counts per atom and window."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from tests.attack.adversary.case import Case
from tests.attack.adversary.moments import Moment
from tests.attack.adversary.published import Window

Ints = npt.NDArray[np.int64]


class Truth:
    """Events per layer, and the counts that follow from them."""

    def __init__(self, case: Case, folder: Path) -> None:
        self.case = case
        self.folder = folder
        table = pq.read_table(folder / "waarheid.parquet")
        names = table.column_names
        self.layer = np.array(table["layer"].to_pylist(), dtype=str)
        self.id = np.array(
            table[next(name for name in ("id", "address", "adres") if name in names)].to_pylist(), dtype=str
        )
        self.day = np.array(table["day"].to_pylist(), dtype="datetime64[D]")
        self.amount = np.asarray(table["amount"], dtype=np.int64)
        self._counts: dict[tuple[object, ...], Ints] = {}

    @cached_property
    def _rows(self) -> dict[str, Ints]:
        return {layer: np.flatnonzero(self.layer == layer) for layer in np.unique(self.layer).tolist()}

    @cached_property
    def _place(self) -> dict[str, dict[str, int]]:
        return {}

    def _address(self, version: str, rows: Ints) -> Ints:
        """Give the position of the address of each event in the address base of a version, -1 when it is gone."""
        if version not in self._place:
            self._place[version] = {name: number for number, name in enumerate(self.case.addresses(version).ids)}
        place = self._place[version]
        return np.array([place.get(name, -1) for name in self.id[rows].tolist()], dtype=np.int64)

    def flagged(self, layer: str, version: str, window: Window, base: str, clamp: int) -> tuple[Ints, Ints]:
        """Give the addresses on a base that count in a window, and for how much."""
        rows = self._rows.get(layer, np.empty(0, dtype=np.int64))
        start, end = (np.datetime64(day) for day in window)
        rows = rows[(self.day[rows] >= start) & (self.day[rows] < end) & (self.amount[rows] > 0)]
        address = self._address(version, rows)
        on = np.append(self.case.addresses(version).on(base), False)[address]
        address, amount = address[on & (address >= 0)], self.amount[rows][on & (address >= 0)]
        each, of_row = np.unique(address, return_inverse=True)
        total = np.bincount(of_row, weights=amount, minlength=len(each)).astype(np.int64)
        return each, np.minimum(total, clamp)

    def zones(self, moment: Moment, window: Window | None = None) -> Ints:
        """Count per zone of the layer's base."""
        window = window or moment.period
        layer, version = moment.layer, moment.version
        key = (layer.id, version, window)
        if key not in self._counts:
            address, number = self.flagged(layer.id, version, window, layer.base, layer.clamp)
            zone = self.case.zone_of_address(version, layer.base)[address]
            size = len(moment.atoms.zones.ids)
            self._counts[key] = np.bincount(zone[zone >= 0], weights=number[zone >= 0], minlength=size).astype(np.int64)
        return self._counts[key]

    def atoms(self, moment: Moment, window: Window | None = None) -> Ints:
        """Count per atom of the layer."""
        per_zone, of_zone = self.zones(moment, window), moment.atoms.of_zone
        inside = of_zone >= 0
        return np.bincount(of_zone[inside], weights=per_zone[inside], minlength=len(moment.atoms.ids)).astype(np.int64)

    def small(self, moment: Moment) -> Ints:
        """Give the atoms with a small count: at least 1, less than the base."""
        exact = self.atoms(moment)
        return np.flatnonzero((moment.seen | moment.hidden) & (exact >= 1) & (exact < moment.layer.b))


def dishonest(truth: Truth, moments: Sequence[Moment]) -> int:
    """Count values that do not say what they claim: an exact count outside the margin of its own value."""
    wrong = 0
    for moment in moments:
        exact, (low, high) = truth.atoms(moment), moment.default
        wrong += int((moment.seen & ((exact < low) | (exact > high))).sum())
    return wrong


def moving(truth: Truth, moments: Sequence[Moment]) -> tuple[int, int]:
    """Count atoms whose values no fixed threshold explains, and atoms that were looked at.

    With a threshold c that never changes, ``value <= count + c <= value + b-1`` holds in every release.
    """
    least: dict[tuple[str, str], int] = {}
    most: dict[tuple[str, str], int] = {}
    for moment in moments:
        exact = truth.atoms(moment)
        for atom in np.flatnonzero(moment.seen).tolist():
            parts = moment.pieces[atom]
            if len(parts) > 1:
                continue
            key = (f"{moment.layer.base} {moment.layer.atom} {parts[0][0]}", moment.layer.family)
            value, count = int(moment.value[atom]), int(exact[atom])
            least[key] = max(least.get(key, 0), value - count)
            if moment.firm[atom] and not moment.capped[atom]:
                most[key] = min(most.get(key, int(moment.base[atom]) - 1), value + int(moment.base[atom]) - 1 - count)
    return sum(least[key] > most.get(key, 10**9) for key in least), len(least)
