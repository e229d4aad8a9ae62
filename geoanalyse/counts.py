"""Distinct addresses per unit, layer and window: here the raw side ends."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from geoanalyse.addresses import Events
from geoanalyse.geography import Indexes, Ints
from geoanalyse.layer import Layer, Unit

Interval = tuple[dt.date, dt.date]
"""First day, and the day after the last."""


@dataclass(frozen=True, slots=True, repr=False)
class Counts:
    """Exact counts of one layer; never leaves memory, and its ``repr`` shows no number.

    Attributes
    ----------
    layer : Layer
    period : Interval
    total : ndarray of int64, shape (atoms,)
        Addresses with the feature in the period (or the sum of their clamped amounts), per atom of the layer.
    windows : tuple of Interval
        Windows of the series; empty when the layer has none.
    series : ndarray of int64, shape (windows, atoms)
    outside : int
        Rows on addresses that are not on the layer's base or lie in no zone.
    """

    layer: Layer
    period: Interval
    total: Ints
    windows: tuple[Interval, ...]
    series: Ints
    outside: int

    def __repr__(self) -> str:
        """Say which layer this is and how many units it has, nothing else."""
        return f"Counts({self.layer.id}, {len(self.total)} units)"


def count(layer: Layer, events: Events, atom_of_address: Indexes, atoms: int, period: Interval) -> Counts:
    """Count the addresses of each atom on which something happened.

    Parameters
    ----------
    layer : Layer
    events : Events
    atom_of_address : ndarray of int32, shape (addresses,)
        Position of the atom of each address, -1 when it is not on the layer's base or lies in no zone.
    atoms : int
        Number of atoms.
    period : Interval
    """
    owner = atom_of_address[events.address]
    usable = (owner >= 0) & (events.amount > 0)
    address, amount, day = events.address[usable], events.amount[usable], events.day[usable]
    windows = calendar_windows(period, layer.series) if layer.series else ()
    if len(windows) == 1:  # the one window is the period itself, which is published already
        windows = ()
    starts = np.array([start for start, _ in windows], dtype="datetime64[D]")
    ends = np.array([period[1]], dtype="datetime64[D]")
    inside = (day >= np.datetime64(period[0])) & (day < ends[0])
    address, amount, day = address[inside], amount[inside], day[inside]
    total = _per_atom(address, amount, np.zeros(len(address), dtype=np.int64), atom_of_address, (1, atoms), layer.clamp)
    window = np.searchsorted(starts, day, side="right") - 1 if windows else np.empty(0, dtype=np.int64)
    series = (
        _per_atom(address, amount, window, atom_of_address, (len(windows), atoms), layer.clamp)
        if windows
        else np.zeros((0, atoms), dtype=np.int64)
    )
    return Counts(layer, period, total[0], windows, series, int((owner < 0).sum()))


def _per_atom(
    address: Ints, amount: Ints, window: npt.NDArray[np.int64], owner: Indexes, shape: tuple[int, int], clamp: int
) -> Ints:
    """Sum per window and atom of what each address counts for: its amount in the window, at most ``clamp``."""
    pairs, inverse = np.unique(address * shape[0] + window, return_inverse=True)
    summed = np.zeros(len(pairs), dtype=np.int64)
    np.add.at(summed, inverse, np.minimum(amount, clamp))
    cell = (pairs % shape[0]) * shape[1] + owner[pairs // shape[0]]
    counts = np.bincount(cell, weights=np.minimum(summed, clamp), minlength=shape[0] * shape[1])
    return counts.astype(np.int64).reshape(shape)


_MONTHS = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}


def calendar_windows(period: Interval, unit: Unit) -> tuple[Interval, ...]:
    """Cut a period into calendar months, quarters or years.

    Raises
    ------
    ValueError
        When the period does not consist of whole units: a part of a unit would give a window in which a count can be
        known to be 0.

    Examples
    --------
    >>> windows = calendar_windows((dt.date(2024, 7, 1), dt.date(2025, 1, 1)), Unit.QUARTER)
    >>> [f"{start:%Y-%m}" for start, end in windows]
    ['2024-07', '2024-10']
    """
    step = _MONTHS[unit]
    first, last = (day.year * 12 + day.month - 1 for day in period)
    if any(day.day != 1 for day in period) or first % step or last % step or last <= first:
        raise ValueError(f"de periode bestaat niet uit hele delen van een {unit}")
    bounds = [dt.date(month // 12, month % 12 + 1, 1) for month in range(first, last + 1, step)]
    return tuple(pairwise(bounds))


def faults_in_period(layers: Sequence[Layer], period: Interval) -> list[str]:
    """Give one Dutch line per layer whose calendar unit does not fit the period."""
    faults = []
    for layer in layers:
        for unit in {layer.period_unit, layer.series or layer.period_unit}:
            try:
                calendar_windows(period, unit)
            except ValueError as error:
                faults.append(f"--periode: laag {layer.id} wordt per {layer.period_unit} uitgegeven; {error}")
                break
    return faults
