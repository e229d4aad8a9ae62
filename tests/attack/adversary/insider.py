"""The insider: who knows every other zone's count, and what cell-key noise would have told that person."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tests.attack.adversary import clip
from tests.attack.adversary.moments import Moment, Total, contains
from tests.attack.adversary.truth import Truth
from tests.attack.adversary.units import SHOWN, unit_of_atom

Ints = npt.NDArray[np.int64]

_FAR = 10**9
_LEVELS = ("buurt", "wijk", "gemeente")
_LARGEST_BASE = 10


@dataclass(frozen=True)
class Known:
    """Small counts that were looked at, and those that come out exactly."""

    looked_at: int
    exact: int

    @property
    def share(self) -> float:
        return self.exact / self.looked_at if self.looked_at else 0.0


def tightest(distance: Ints) -> Ints:
    """Give shortest paths between all pairs, in place over many small graphs: shape (graphs, nodes, nodes).

    Differences that are bounded on both sides follow from each other along paths, so this is exact.
    """
    for middle in range(distance.shape[1]):
        np.minimum(distance, distance[:, :, middle, None] + distance[:, None, middle, :], out=distance)
    return distance


class Differences:
    """Bounds of differences of unknowns, one graph per zone; unknown 0 is the number 0.

    The unknowns are the zone's counts at each moment and in each window, minus its threshold, and minus the thresholds
    of the totals and of the series that it is part of: every published value bounds the difference of two of them.
    """

    def __init__(self, zones: int, moments: int, windows: int) -> None:
        self.moment, self.window = 1, 1 + moments
        self.threshold = self.window + windows
        self.total = self.threshold + 1
        self.series = self.total + len(_LEVELS)
        nodes = self.series + 1
        self.graph = np.full((zones, nodes, nodes), _FAR, dtype=np.int64)
        self.graph[:, range(nodes), range(nodes)] = 0
        every = np.arange(zones)
        # what holds for a count above 0 only: zone, unknown, threshold, and the most that both are together
        self.when_any: list[tuple[int, int, int, int]] = []
        for node in range(self.total, nodes):
            self.between(every, node, 0, -clip.reach(_LARGEST_BASE), clip.DISPLACEMENT)

    def between(self, rows: Ints | int, one: int, other: int, low: Ints | int, high: Ints | int) -> None:
        """Bound the difference of two unknowns."""
        self.graph[rows, other, one] = np.minimum(self.graph[rows, other, one], high)
        self.graph[rows, one, other] = np.minimum(self.graph[rows, one, other], -np.asarray(low))

    def rounded(self, row: int, count: int, threshold: int, total: Total, others: int) -> None:
        """Write what a total says of one zone, when the others in it count for `others`."""
        self.between(row, threshold, 0, -clip.reach(total.base), clip.DISPLACEMENT)
        low = total.value - others if total.lower and total.value else -_FAR
        high = total.value + total.base - 1 - others if total.upper else _FAR
        if total.value and total.lower and not others:
            self.between(row, count, 0, 1, _FAR)
        if total.value or others or high == _FAR:
            self.between(row, count, threshold, low, high)
        else:  # nothing at all is published as 0 whatever the threshold
            self.between(row, count, 0, 0, clip.reach(total.base))
            self.when_any.append((row, count, threshold, high))

    def solve(self) -> None:
        """Bound every difference; what holds above 0 is used once a count is known to be."""
        while True:
            tightest(self.graph)
            open_, self.when_any = self.when_any, []
            for row, count, threshold, high in open_:
                if -self.graph[row, count, 0] >= 1:
                    self.between(row, count, threshold, -_FAR, high)
                else:
                    self.when_any.append((row, count, threshold, high))
            if len(self.when_any) == len(open_):
                return


def insider(truth: Truth, moments: Sequence[Moment], *, totals: bool) -> Known:
    """Bound the count of every zone, when all others are known, over all releases together.

    Parameters
    ----------
    truth : Truth
    moments : sequence of Moment
        Of one layer and one version, in the order of time.
    totals : bool
        Whether separate totals and series are used, or the values of zones only.
    """
    wanted = sorted({int(atom) for moment in moments for atom in truth.small(moment)})
    row_of = {atom: row for row, atom in enumerate(wanted)}
    windows = sorted({total.window for moment in moments for total in moment.series}) if totals else []
    known = Differences(len(wanted), len(moments), len(windows))
    for time, moment in enumerate(moments):
        _own(known, moments, time, wanted)
        if totals:
            _from_totals(known, truth, moment, time, row_of)
            _from_series(known, truth, moment, time, row_of, windows)
    known.solve()
    looked_at = exact = 0
    for time, moment in enumerate(moments):
        for atom in truth.small(moment).tolist():
            row, node = row_of[atom], known.moment + time
            looked_at += 1
            exact += int(known.graph[row, 0, node] == -known.graph[row, node, 0])
    return Known(looked_at, exact)


def _own(known: Differences, moments: Sequence[Moment], time: int, wanted: list[int]) -> None:
    """Write what the value of each zone itself says."""
    moment, every, node = moments[time], np.arange(len(wanted)), known.moment + time
    value, reach = moment.value[wanted], moment.base[wanted] - 1
    seen = moment.seen[wanted]
    bounded = seen & ~moment.capped[wanted] & moment.firm[wanted]
    known.between(every, known.threshold, 0, -reach, 0)
    known.between(every, node, 0, 0, moment.most[wanted])
    known.between(every, node, known.threshold, np.where(seen, value, -_FAR), np.where(bounded, value + reach, _FAR))
    if time and contains(moment.period, moments[time - 1].period):
        known.between(every, node, node - 1, 0, _FAR)


def _from_totals(known: Differences, truth: Truth, moment: Moment, time: int, row_of: dict[int, int]) -> None:
    counted = np.minimum(truth.atoms(moment), moment.most)
    for total in (each for each in moment.totals if each.apart):
        whole = int(counted[list(total.atoms)].sum())
        for atom in row_of.keys() & set(total.atoms):
            threshold = known.total + _LEVELS.index(total.level)
            known.rounded(row_of[atom], known.moment + time, threshold, total, whole - int(counted[atom]))


def _from_series(
    known: Differences, truth: Truth, moment: Moment, time: int, row_of: dict[int, int], windows: list[object]
) -> None:
    for total in moment.series:
        counted = np.minimum(truth.atoms(moment, total.window), moment.most)
        whole, node = int(counted[list(total.atoms)].sum()), known.window + windows.index(total.window)
        for atom in row_of.keys() & set(total.atoms):
            row = row_of[atom]
            known.between(row, node, 0, 0, int(moment.most[atom]))
            known.rounded(row, node, known.series, total, whole - int(counted[atom]))
            if contains(moment.period, total.window):
                known.between(row, known.moment + time, node, 0, _FAR)


def cell_key(truth: Truth, moments: Sequence[Moment], seed: int = 0) -> Known:
    """Do the same against cell-key noise on the same truth.

    Every address has a random key; the noise of a published place follows from the sum of the keys of the addresses
    that count in it, and lies within the base of the layer, as rounding does. The places are the zone, its hexagons,
    buurt, wijk and gemeente.
    """
    looked_at = exact = 0
    for moment in moments:
        layer, version = moment.layer, moment.version
        reach, small = layer.b - 1, truth.small(moment)
        keys = np.random.default_rng(seed).integers(0, 2**63, len(truth.case.addresses(version).ids), dtype=np.uint64)
        address, _ = truth.flagged(layer.id, version, moment.period, layer.base, layer.clamp)
        zone = truth.case.zone_of_address(version, layer.base)[address]
        atom = np.where(zone >= 0, moment.atoms.of_zone[zone], -1)
        address, atom = address[atom >= 0], atom[atom >= 0]
        low, high = np.zeros(len(small), dtype=np.int64), np.full(len(small), _FAR)
        for level in SHOWN[layer.atom]:
            names = unit_of_atom(moment.atoms, layer.atom, level, truth.case.regions)
            place = np.unique([name or "" for name in names], return_inverse=True)[1]
            total = np.zeros(len(names) + 1, dtype=np.uint64)
            np.add.at(total, place[atom], keys[address])
            mixed = (total * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(33)
            noise = (mixed % np.uint64(2 * reach + 1)).astype(np.int64) - reach
            left = truth.atoms(moment)[small] + noise[place[small]]  # what is left when the others are taken off
            low, high = np.maximum(low, left - reach), np.minimum(high, left + reach)
        looked_at += len(small)
        exact += int((low == high).sum())
    return Known(looked_at, exact)
