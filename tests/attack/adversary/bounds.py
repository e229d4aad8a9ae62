"""Linear programming: the least and greatest count of every atom under everything published."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import optimize, sparse

from tests.attack.adversary import clip
from tests.attack.adversary.case import LayerFile
from tests.attack.adversary.moments import Moment, Total, contains, covered, difference
from tests.attack.adversary.published import Window

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LARGEST_BLOCK = 1500
"""Counts and thresholds up to which a block is kept whole; beyond it the totals of larger regions see the rest as an
interval."""
_NEAR = 1e-6
_LEVELS = ("buurt", "wijk", "gemeente")


@dataclass(frozen=True)
class Target:
    """The count of one atom at one moment: the sum of these variables."""

    moment: int
    atom: int
    variables: tuple[int, ...]


@dataclass(frozen=True)
class Range:
    """What was found of one target; ``low`` and ``high`` are whole numbers."""

    moment: Moment
    atom: int
    low: int
    high: int

    @property
    def width(self) -> int:
        return self.high - self.low


@dataclass(frozen=True)
class Found:
    """Ranges of all targets, the number of blocks that contradict themselves, and of programs that were solved."""

    ranges: tuple[Range, ...]
    impossible: int
    solved: int


@dataclass
class _Row:
    terms: list[tuple[int, float]]
    low: float
    high: float
    level: str = ""


@dataclass
class System:
    """Variables with bounds, and rows; built for some moments of some layers."""

    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    rows: list[_Row] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    shared: dict[tuple[object, ...], int] = field(default_factory=dict)
    rises: dict[tuple[int, int], int] = field(default_factory=dict)
    """How much one count is above another, 0 when it is not: the variable of each pair of counts."""

    def variable(self, low: float, high: float) -> int:
        self.lower.append(low)
        self.upper.append(high)
        return len(self.lower) - 1

    def known_as(self, key: tuple[object, ...], low: float, high: float) -> int:
        """Give the variable of this name: a threshold is the same in every release."""
        if key not in self.shared:
            self.shared[key] = self.variable(low, high)
        return self.shared[key]

    def row(self, terms: Iterable[tuple[int, float]], low: float, high: float, level: str = "") -> None:
        self.rows.append(_Row(list(terms), low, high, level))


# --- from moments to a system -----------------------------------------------------------------------------------------


Changes = Mapping[int, npt.NDArray[np.bool_]]
"""Per moment the atoms of which the count is known to differ by at most one from the moment before."""


def system_of(moments: Sequence[Moment], changes: Changes | None = None) -> tuple[System, list[list[tuple[int, ...]]]]:
    """Write everything that these moments say as rows.

    Parameters
    ----------
    moments : sequence of Moment
        Of one layer, or of a layer and those that are part of it.
    changes : mapping of int to ndarray of bool, optional

    Returns
    -------
    system : System
        Without targets.
    counts : list of list of tuple of int
        Variables of each atom of each moment.
    """
    system = System()
    counts = [_atoms(system, moment) for moment in moments]
    for moment, own in zip(moments, counts, strict=True):
        for total in moment.totals:
            _total(system, moment, own, total)
        _series(system, moment, own)
    by_layer: dict[tuple[str, str, str], list[int]] = {}
    for number, moment in enumerate(moments):
        by_layer.setdefault((moment.layer.id, moment.version, moment.source), []).append(number)
    for chain in _chains(moments, counts):
        _stay(system, chain)
    for numbers in by_layer.values():
        for before, after in pairwise(numbers):
            few = (changes or {}).get(after)
            _between(system, (moments[before], counts[before]), (moments[after], counts[after]), few)
    for number, moment in enumerate(moments):
        for other, whole in enumerate(moments):
            same = (moment.period, moment.version) == (whole.period, whole.version)
            if same and moment.layer.part_of == whole.layer.id and moment.source == whole.source:
                _part(system, (moment, counts[number]), (whole, counts[other]))
    return system, counts


def _atoms(system: System, moment: Moment) -> list[tuple[int, ...]]:
    layer, result = moment.layer, []
    for number, parts in enumerate(moment.pieces):
        most = int(moment.most[number])
        own = []
        terms: list[tuple[int, float]] = []
        for name, addresses in parts:
            every = addresses * layer.clamp
            cap = layer.b * ((every // 2 + layer.b - 1) // layer.b) if layer.capped else every
            limit = most if len(parts) == 1 else min(every, cap)
            variable = system.variable(0, max(limit, 0))
            own.append(variable)
            base = int(moment.base[number])
            terms += [(variable, 1.0), (system.known_as(_threshold(layer, name, base), 0, base - 1), 1.0)]
        value = int(moment.value[number])
        if moment.seen[number]:
            reach = value + len(parts) * (int(moment.base[number]) - 1)
            system.row(terms, value, np.inf if moment.capped[number] or not moment.firm[number] else reach)
        result.append(tuple(own))
    return result


def _threshold(layer: LayerFile, part: str, base: int) -> tuple[object, ...]:
    return ("c", layer.base, layer.atom, part, layer.family, base)


def _total(system: System, moment: Moment, own: Sequence[tuple[int, ...]], total: Total) -> None:
    layer = moment.layer
    terms = [(variable, 1.0) for atom in total.atoms for variable in own[atom]]
    if total.apart or total.base == 1:
        _apart(system, terms, ("C", layer.base, layer.atom, total.unit, layer.family), total)
    elif not moment.seen[list(total.atoms)].all() and not layer.part_of:
        parts = [(atom, name) for atom in total.atoms for name, _ in moment.pieces[atom]]
        bases = [int(moment.base[atom]) for atom, _ in parts]
        terms += [
            (system.known_as(_threshold(layer, name, base), 0, base - 1), 1.0)
            for (_, name), base in zip(parts, bases, strict=True)
        ]
        high = np.inf if total.capped else total.value + sum(bases) - len(bases)
        system.row(terms, total.value, high, total.level)


def _apart(system: System, counted: list[tuple[int, float]], key: tuple[object, ...], total: Total) -> None:
    """Write what a total with a threshold of its own says of what it counts.

    A value above 0 proves one. A 0 says that nothing was counted, whatever the threshold, or that the count with its
    threshold stays below the base: the smallest convex set that holds both is one row.
    """
    base = total.base
    if base == 1:  # nothing was rounded
        system.row(counted, total.value, total.value, total.level)
        return
    threshold = system.known_as(key, -clip.DISPLACEMENT, clip.reach(base))
    if total.value:
        low = total.value if total.lower else -np.inf
        high = total.value + base - 1 if total.upper else np.inf
        system.row([*counted, (threshold, 1.0)], low, high, total.level)
        if total.lower:
            system.row(counted, 1, np.inf, total.level)
    elif total.upper:
        # through (count 0, threshold B-1+d) and (count B-1+d, threshold -d)
        most, width = clip.reach(base), base - 1 + 2 * clip.DISPLACEMENT
        row = [(variable, times * width) for variable, times in counted]
        system.row([*row, (threshold, float(most))], -np.inf, most**2, total.level)


def _window(system: System, moment: Moment, total: Total) -> int:
    layer = moment.layer
    key = ("n", layer.id, moment.version, moment.source, total.unit, total.window)
    return system.known_as(key, 0, float(moment.most[list(total.atoms)].sum()))


def _series(system: System, moment: Moment, own: Sequence[tuple[int, ...]]) -> None:
    layer = moment.layer
    by_unit: dict[str, list[Total]] = {}
    for total in moment.series:
        by_unit.setdefault(total.unit, []).append(total)
        variable = _window(system, moment, total)
        _apart(system, [(variable, 1.0)], ("S", layer.base, layer.atom, total.unit, layer.family), total)
        counted = [(each, -1.0) for atom in total.atoms for each in own[atom]]
        if contains(moment.period, total.window):
            system.row([(variable, 1.0), *counted], -np.inf, 0, total.level)
    for windows in by_unit.values():
        if covered([total.window for total in windows], moment.period):
            counted = [(each, -1.0) for atom in windows[0].atoms for each in own[atom]]
            system.row(
                [(_window(system, moment, total), 1.0) for total in windows] + counted, 0, np.inf, windows[0].level
            )


def _between(
    system: System,
    before: tuple[Moment, list[tuple[int, ...]]],
    after: tuple[Moment, list[tuple[int, ...]]],
    few: npt.NDArray[np.bool_] | None,
) -> None:
    """Write what two moments of one layer and version say of each other."""
    (old, first), (new, second) = before, after
    grows = contains(new.period, old.period)
    for number, (one, other) in enumerate(zip(first, second, strict=True)):
        terms = [(variable, 1.0) for variable in other] + [(variable, -1.0) for variable in one]
        if few is not None and few[number]:
            system.row(terms, 0 if grows else -1, 1)
        elif grows:
            system.row(terms, 0, np.inf)
    for (earlier, lesser), (later, greater) in ((before, after), (after, before)):
        gaps = difference(later.period, earlier.period)
        windows: dict[str, dict[object, Total]] = {}
        for total in (*earlier.series, *later.series):
            if any(contains(gap, total.window) for gap in gaps):
                windows.setdefault(total.unit, {})[total.window] = total
        for found in windows.values():
            if all(covered([total.window for total in found.values()], gap) for gap in gaps):
                some = next(iter(found.values()))
                terms = [(_window(system, later, total), -1.0) for total in found.values()]
                pairs = (each for atom in some.atoms for each in zip(lesser[atom], greater[atom], strict=True))
                for low, high in pairs:
                    terms += [(high, 1.0), (low, -1.0)] if grows else [(_rise(system, low, high), 1.0)]
                system.row(terms, -np.inf, 0, some.level)


def _chains(moments: Sequence[Moment], counts: Sequence[list[tuple[int, ...]]]) -> Iterable[list[tuple[Window, int]]]:
    """Give the periods and counts, in the order of time, of each group of addresses that stays the same.

    Where a value was lowered, its variable is not the count: such a moment is left out.
    """
    chains: dict[tuple[str, ...], list[tuple[Window, int]]] = {}
    for moment, own in zip(moments, counts, strict=True):
        for atom in np.flatnonzero(moment.firm).tolist():
            for (name, _), variable in zip(moment.pieces[atom], own[atom], strict=True):
                version = "" if name in moment.lasting else moment.version
                chains.setdefault((moment.layer.id, moment.source, version, name), []).append((moment.period, variable))
    return chains.values()


def _stay(system: System, chain: Sequence[tuple[Window, int]]) -> None:
    """Write that addresses that came into a window are in every later window that holds the day on which they came.

    What a count rises by came in after the window before ended. Until a window starts after that day these addresses
    are all counted, so a count is at least the sum of the rises since. A later event of the same address only makes
    it stay longer, one that comes back is in a new rise, and what a clamp or a cap hides makes a rise smaller.
    """
    if all(contains(after, before) for (before, _), (after, _) in pairwise(chain)):
        return  # windows that only grow say so themselves
    came: list[tuple[dt.date, int]] = []
    for (old, before), (new, after) in pairwise(chain):
        if old[0] > new[0] or old[1] > new[1]:
            return
        came.append((max(old[1], new[0]), _rise(system, before, after)))
        staying = [(rise, -1.0) for day, rise in came if new[0] <= day]
        system.row([(after, 1.0), *staying], 0, np.inf)


def _rise(system: System, low: int, high: int) -> int:
    """Give how much the second count is above the first, 0 when it is not."""
    if (low, high) not in system.rises:
        system.rises[(low, high)] = rise = system.variable(0, system.upper[high])
        system.row([(rise, 1.0), (low, 1.0), (high, -1.0)], 0, np.inf)
    return system.rises[(low, high)]


def _part(
    system: System, part: tuple[Moment, list[tuple[int, ...]]], whole: tuple[Moment, list[tuple[int, ...]]]
) -> None:
    """Write that a place has at most as many addresses of a part as of the whole."""
    (small, first), (large, second) = part, whole
    if small.layer.base != large.layer.base:
        return
    every = large.atoms.addresses * large.layer.clamp
    for number, variables in enumerate(first):
        inside = np.flatnonzero(_holder(small, large) == number)
        if not len(inside):
            continue
        room = sum(int(every[atom]) for atom in inside if large.capped[atom] or not large.seen[atom])
        sums = [(each, -1.0) for atom in inside if large.seen[atom] and not large.capped[atom] for each in second[atom]]
        system.row([(each, 1.0) for each in variables] + sums, -np.inf, room)


def _holder(small: Moment, large: Moment) -> Ints:
    """Give for each atom of the whole layer the atom of its part that holds it, -1 where it lies in several."""
    holder = np.full(len(large.atoms.ids), -2, dtype=np.int64)
    for one, other in zip(large.atoms.of_zone.tolist(), small.atoms.of_zone.tolist(), strict=True):
        if one >= 0:
            holder[one] = other if holder[one] in {-2, other} else -1
    return holder


# --- from a system to ranges ------------------------------------------------------------------------------------------


def ranges(
    moments: Sequence[Moment],
    wanted: Sequence[tuple[int, int]],
    changes: Changes | None = None,
) -> Found:
    """Bound the counts of some atoms.

    Parameters
    ----------
    moments : sequence of Moment
    wanted : sequence of (moment, atom)
    changes : mapping, optional
        As in `system_of`.
    """
    system, counts = system_of(moments, changes)
    system.targets = [Target(moment, atom, counts[moment][atom]) for moment, atom in wanted]
    found: list[Range] = []
    impossible = solved = 0
    for block in _blocks(system):
        if block.targets:
            mine, ok, number = _solve(block, moments)
            solved += number
            impossible += not ok
            found += mine
    return Found(tuple(found), impossible, solved)


def _blocks(system: System) -> Iterable[System]:
    """Cut a system into parts that do not touch; where one is too large, larger regions see the rest as an interval."""
    wide: set[str] = set()
    counted = np.ones(len(system.lower))
    counted[list(system.rises.values())] = 0
    for level in (None, *reversed(_LEVELS)):
        wide |= {level} if level else set()
        label = _components(system, wide)
        if np.bincount(label, weights=counted, minlength=1).max() <= LARGEST_BLOCK:
            break
    members: dict[int, list[int]] = {}
    for variable, block in enumerate(label.tolist()):
        members.setdefault(block, []).append(variable)
    rows: dict[int, list[_Row]] = {}
    targets: dict[int, list[Target]] = {}
    for target in system.targets:
        targets.setdefault(int(label[target.variables[0]]), []).append(target)
    for row in system.rows:
        touched = {int(label[variable]) for variable, _ in row.terms}
        for block in touched & set(targets):
            rows.setdefault(block, []).append(row)
    for block, own in targets.items():
        yield _cut(system, set(members[block]), rows.get(block, []), own)


def _components(system: System, wide: set[str]) -> Ints:
    size = len(system.lower)
    left: list[int] = []
    right: list[int] = []
    for row in system.rows:
        if row.level not in wide:
            first = row.terms[0][0]
            for variable, _ in row.terms[1:]:
                left.append(first)
                right.append(variable)
    graph = sparse.coo_array((np.ones(len(left)), (left, right)), shape=(size, size))
    return np.asarray(sparse.csgraph.connected_components(graph, directed=False)[1])


def _cut(system: System, mine: set[int], rows: list[_Row], targets: list[Target]) -> System:
    """Keep the variables of a block; what a row says of others becomes one variable within their bounds."""
    part = System()
    number: dict[int, int] = {}

    def own(variable: int) -> int:
        if variable not in number:
            number[variable] = part.variable(system.lower[variable], system.upper[variable])
        return number[variable]

    thresholds = {variable for key, variable in system.shared.items() if key[0] != "n"}
    for row in rows:
        terms: list[tuple[int, float]] = []
        low = high = 0.0
        outside = False
        for variable, times in row.terms:
            if variable in mine or variable in thresholds:
                terms.append((own(variable), times))
            else:
                ends = sorted((times * system.lower[variable], times * system.upper[variable]))
                low, high, outside = low + ends[0], high + ends[1], True
        if outside:
            terms.append((part.variable(low, high), 1.0))
        part.row(terms, row.low, row.high)
    part.targets = [Target(each.moment, each.atom, tuple(own(v) for v in each.variables)) for each in targets]
    return part


class _Program:
    """Rows of a block as matrices, and what the targets were seen to take."""

    def __init__(self, block: System) -> None:
        size = len(block.lower)
        data = [(row, variable, times) for row, each in enumerate(block.rows) for variable, times in each.terms]
        at, columns, times = (np.array(part) for part in zip(*data, strict=True)) if data else ([], [], [])
        matrix = sparse.csr_array((times, (at, columns)), shape=(len(block.rows), size))
        self.rows = optimize.LinearConstraint(matrix, [row.low for row in block.rows], [row.high for row in block.rows])
        self.bounds = optimize.Bounds(np.array(block.lower), np.array(block.upper))
        self.size = size
        index = [(number, v) for number, target in enumerate(block.targets) for v in target.variables]
        self.pick = sparse.csr_array(
            (np.ones(len(index)), ([i for i, _ in index], [v for _, v in index])), shape=(len(block.targets), size)
        )
        self.least = np.full(len(block.targets), np.inf)
        self.most = np.full(len(block.targets), -np.inf)
        self.solved = 0

    def push(self, chosen: Ints, sign: float) -> Floats | None:
        """Minimise (1) or maximise (-1) the sum of some targets; None when there is no solution at all."""
        weight = np.zeros(len(self.least))
        weight[chosen] = sign
        self.solved += 1
        answer = optimize.milp(self.pick.T @ weight, constraints=self.rows, bounds=self.bounds)
        if answer.x is None:
            return None
        seen: Floats = self.pick @ answer.x
        self.least, self.most = np.minimum(self.least, seen), np.maximum(self.most, seen)
        return seen


def _solve(block: System, moments: Sequence[Moment]) -> tuple[list[Range], bool, int]:
    """Find the range of every target of a block.

    One program often shows that many targets reach the end that their own value allows; only the others are then
    asked for one by one.
    """
    program = _Program(block)
    own = [(moments[target.moment].default, target.atom) for target in block.targets]
    low = np.array([ends[0][atom] for ends, atom in own], dtype=float)
    counted = [moments[target.moment].most[target.atom] for target in block.targets]
    high = np.minimum(np.array([ends[1][atom] for ends, atom in own], dtype=float), np.array(counted, dtype=float))
    everything = np.arange(len(low))
    if program.push(everything, 1.0) is None:
        return [], False, 1
    program.push(everything, -1.0)
    atoms = np.array([f"{moments[t.moment].layer.id}|{t.atom}|{moments[t.moment].version}" for t in block.targets])
    for sign, found in ((1.0, low.copy()), (-1.0, high.copy())):
        for atom in np.unique(atoms).tolist():
            open_ = _open(program, low, high, sign) & (atoms == atom)
            if open_.any():
                program.push(np.flatnonzero(open_), sign)
        for target in np.flatnonzero(_open(program, low, high, sign)).tolist():
            if _open(program, low, high, sign)[target]:
                seen = program.push(np.array([target]), sign)
                found[target] = seen[target] if seen is not None else found[target]
        if sign > 0:
            least = found
        else:
            most = found
    result = []
    for number, target in enumerate(block.targets):
        moment = moments[target.moment]
        bottom, top = int(np.ceil(least[number] - _NEAR)), int(np.floor(most[number] + _NEAR))
        if moment.capped[target.atom] and top == int(moment.most[target.atom]):
            top = int(moment.default[1][target.atom])  # "or more"
        result.append(Range(moment, target.atom, bottom, top))
    return result, True, program.solved


def _open(program: _Program, low: Floats, high: Floats, sign: float) -> npt.NDArray[np.bool_]:
    """Say which targets were not yet seen at the end that their own value allows."""
    return program.least > low + _NEAR if sign > 0 else program.most < high - _NEAR
