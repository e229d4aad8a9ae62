"""What all releases together say about one layer in one period, on one version of the zones."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tests.attack.adversary import clip
from tests.attack.adversary.case import REGION_LEVELS, Case, LayerFile
from tests.attack.adversary.published import NO_VALUE, Table, Window
from tests.attack.adversary.units import SHOWN, Atoms, atoms_of, unit_of_atom

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Total:
    """A published sum or separate total; ``atoms`` are the positions of what it counts.

    ``apart`` tells a total with a threshold of its own, ``terms`` how many rounded values a sum holds. ``lower`` and
    ``upper`` say which sides of ``value <= count + threshold <= value + base - 1`` are certain; the second of a value 0
    holds for counts above 0 only, and the first of a value 0 for none.
    """

    level: str
    unit: str
    window: Window
    atoms: tuple[int, ...]
    value: int
    base: int
    apart: bool
    terms: int
    capped: bool
    lower: bool
    upper: bool


@dataclass(frozen=True)
class Moment:
    """Values of all atoms of a layer in one period; -1 for an atom that no release shows.

    ``pieces`` are the lasting parts of each atom, with their addresses.
    """

    layer: LayerFile
    period: Window
    version: str
    source: str
    atoms: Atoms
    pieces: tuple[tuple[tuple[str, int], ...], ...]
    value: Ints
    base: Ints
    """Per atom what its value is a multiple of."""
    capped: Bools
    hidden: Bools
    """Atoms without a value, where others of the layer have one."""
    firm: Bools
    """Values that were surely not lowered for the sake of another layer."""
    totals: tuple[Total, ...]
    series: tuple[Total, ...]
    lasting: frozenset[str] = frozenset()
    """Pieces that hold the same addresses in every version of the zones."""
    sums: tuple[tuple[str, int, int], ...] = ()
    """Sums of series: level, value, and what the series inside add up to."""

    @cached_property
    def seen(self) -> Bools:
        return self.value != NO_VALUE

    @cached_property
    def number(self) -> Ints:
        """Parts of each atom."""
        return np.array([len(parts) for parts in self.pieces], dtype=np.int64)

    @cached_property
    def most(self) -> Ints:
        """Highest count that enters a sum: what a cap hides stays hidden."""
        every = self.atoms.addresses * self.layer.clamp
        caps = self.layer.b * ((every // 2 + self.layer.b - 1) // self.layer.b)
        reach = self.value + (self.number - self.capped) * (self.base - 1)
        most = np.where(self.capped & (self.number == 1), self.value, np.minimum(every, reach))
        hidden = np.where(self.number == 1, caps, every) if self.layer.capped else every
        return np.where(self.seen, most, hidden)

    @cached_property
    def promised(self) -> tuple[Ints, Ints]:
        """What must stay possible: all counts less than a base away."""
        every, reach = self.atoms.addresses * self.layer.clamp, self.layer.b - 1
        high = np.where(self.capped | ~self.seen, every, np.minimum(every, self.value + reach))
        return np.where(self.seen, np.maximum(0, self.value - reach), 0), high

    @cached_property
    def default(self) -> tuple[Ints, Ints]:
        """What the value of an atom alone says of its count: at least, at most."""
        every = self.atoms.addresses * self.layer.clamp
        reach = self.number * (self.base - 1)
        low = np.where(self.seen, np.maximum(0, self.value - reach), 0)
        bounded = self.seen & ~self.capped & self.firm
        return low, np.where(bounded, np.minimum(every, self.value + reach), every)


def moments(case: Case, tables: Sequence[tuple[str, Table]]) -> dict[str, list[Moment]]:
    """Gather, per layer, the moments in the order of time.

    Parameters
    ----------
    case : Case
    tables : sequence of (series, Table)

    Notes
    -----
    Releases of the same period belong together whatever their series, as long as they agree on every atom. They are
    named after the series with most releases, so that one that was made under two profiles stays in its series.
    """
    gathered: dict[tuple[str, Window, str], list[tuple[str, Table]]] = {}
    often = Counter(series for series, _ in tables)
    for series, table in sorted(tables, key=lambda item: -often[item[0]]):
        for layer in table.layers:
            gathered.setdefault((layer, table.period, table.version), []).append((series, table))
    found: dict[str, list[Moment]] = {}
    wholes: dict[tuple[Window, str, str], dict[str, tuple[Ints, Ints]]] = {}
    order = sorted(gathered, key=lambda key: (case.layers[key[0]].part_of != "", key[1], key[2], key[0]))
    for layer, period, version in order:
        for source, group in _agreeing(layer, gathered[(layer, period, version)]):
            known = wholes.get((period, version, case.layers[layer].part_of))
            moment, bounds = _moment(case, case.layers[layer], period, version, source, group, known)
            wholes.setdefault((period, version, layer), bounds)
            found.setdefault(layer, []).append(moment)
    return found


def _agreeing(layer: str, group: list[tuple[str, Table]]) -> Iterable[tuple[str, list[Table]]]:
    """Split releases of one period into those that agree on every atom: others are about other events."""
    pools: list[tuple[str, dict[tuple[str, str], int], list[Table]]] = []
    for series, table in group:
        rows = table.groups
        mine = {
            (level, table.unit[row]): int(table.value[row])
            for (name, level, window), numbers in rows.items()
            if name == layer and window == table.period
            for row in numbers.tolist()
            if table.rounding[row] == "zone"
        }
        for _, values, members in pools:
            if all(values.get(key, value) == value for key, value in mine.items()):
                values.update(mine)
                members.append(table)
                break
        else:
            pools.append((series, dict(mine), [table]))
    return [(series, members) for series, _, members in pools]


def _moment(
    case: Case,
    layer: LayerFile,
    period: Window,
    version: str,
    source: str,
    tables: list[Table],
    whole: Mapping[str, tuple[Ints, Ints]] | None,
) -> tuple[Moment, dict[str, tuple[Ints, Ints]]]:
    atoms = atoms_of(case, version, layer.base, layer.atom)
    value = np.full(len(atoms.ids), NO_VALUE, dtype=np.int64)
    base = np.full(len(atoms.ids), layer.b, dtype=np.int64)
    capped, hidden = np.zeros(len(atoms.ids), dtype=bool), np.zeros(len(atoms.ids), dtype=bool)
    others: dict[tuple[str, str, Window], tuple[Table, int]] = {}
    for table in tables:
        for (name, level, window), rows in table.groups.items():
            if name != layer.id:
                continue
            for row in rows.tolist():
                if table.value[row] == NO_VALUE:
                    own = level == layer.atom and window == period and table.status[row] == "onderdrukt"
                    if own and table.unit[row] in atoms.index:
                        hidden[atoms.index[table.unit[row]]] = True
                    continue
                if table.rounding[row] == "zone" and table.unit[row] in atoms.index and window == period:
                    number = atoms.index[table.unit[row]]
                    value[number], capped[number] = table.value[row], table.status[row] == "cap"
                    base[number] = table.base[row]
                else:
                    others.setdefault((level, table.unit[row], window), (table, row))
    seen = value != NO_VALUE
    hidden &= ~seen & seen.any()
    pieces = _pieces(atoms, layer.atom)
    firm = np.ones(len(value), dtype=bool)
    bare = Moment(layer, period, version, source, atoms, pieces, value, base, capped, hidden, firm, (), ())
    if layer.atom == "zone":
        bare = replace(bare, lasting=case.lasting(layer.base))
    if layer.part_of:
        bare = replace(bare, firm=_not_lowered(case, bare, whole or {}))
    return _with_totals(case, bare, others, whole)


def _pieces(atoms: Atoms, atom: str) -> tuple[tuple[tuple[str, int], ...], ...]:
    """Give the lasting parts of each atom, with their addresses: old zones that were joined, or the atom itself."""
    if atom != "zone":
        return tuple(((name, int(number)),) for name, number in zip(atoms.ids, atoms.addresses, strict=True))
    zones = atoms.zones
    found: list[dict[str, int]] = [{} for _ in atoms.ids]
    for zone, part, number in zip(zones.of_cell.tolist(), zones.part.tolist(), zones.numbers.tolist(), strict=True):
        found[zone][f"{part:x}"] = found[zone].get(f"{part:x}", 0) + number
    return tuple(tuple(sorted(each.items())) for each in found)


def _not_lowered(case: Case, part: Moment, whole: Mapping[str, tuple[Ints, Ints]]) -> Bools:
    """Say which values of a layer that is part of another were surely not lowered to keep within the whole.

    A value is lowered to what the whole layer leaves room for, place by place; then, where the least counts of a wijk
    or gemeente together leave its zones no room, all values in it by one step at a time.
    """
    ids, b = part.atoms.ids, part.layer.b
    reach = b - 1
    firm = np.zeros(len(ids), dtype=bool)
    for number, name in enumerate(ids):
        if name in whole:
            high, widest = (int(each) for each in whole[name])
            firm[number] = part.value[number] < b * (min(high - reach, high - widest + reach) // b)
    for level in ("wijk", "gemeente"):
        named = unit_of_atom(part.atoms, part.layer.atom, level, case.regions)
        for region in {name for name in named if name is not None}:
            inside = np.array([name == region for name in named])
            before = np.maximum(0, np.maximum(part.value[inside], 0) + b - reach).sum()
            known = region in whole and part.seen[inside].all()
            if not known or before + max(int(whole[region][1]), 2 * reach) > whole[region][0]:
                firm[inside] = False
    return firm


# --- totals -----------------------------------------------------------------------------------------------------------


def _with_totals(
    case: Case,
    bare: Moment,
    others: Mapping[tuple[str, str, Window], tuple[Table, int]],
    whole: Mapping[str, tuple[Ints, Ints]] | None,
) -> tuple[Moment, dict[str, tuple[Ints, Ints]]]:
    """Add sums, totals and series, level by level upward, with the sides that are certain."""
    layer, atoms = bare.layer, bare.atoms
    nodes = clip.of_atoms(np.maximum(bare.value, 0), bare.number, bare.most, bare.seen, layer.b)
    uncounted = np.where(bare.seen & ~bare.capped, 0, atoms.addresses * layer.clamp)
    totals: list[Total] = []
    series: list[Total] = []
    bounds: dict[str, tuple[Ints, Ints]] = {}
    for level in SHOWN[layer.atom]:
        if level == layer.atom:
            continue
        named = unit_of_atom(atoms, layer.atom, level, case.regions)
        units = sorted({name for name in named if name is not None and name not in atoms.index})
        place = {name: index for index, name in enumerate(units)}
        of_atom = np.array([place.get(name, -1) if name else -1 for name in named], dtype=np.int64)
        members = [tuple(np.flatnonzero(of_atom == index).tolist()) for index in range(len(units))]
        if level not in REGION_LEVELS:
            totals += [
                _total(*others[(level, name, bare.period)], members[index], (False, False))
                for name, index in place.items()
                if (level, name, bare.period) in others
            ]
            continue
        nodes = clip.joined(nodes, of_atom, len(units))
        rows = [others.get((level, name, bare.period)) for name in units]
        apart = np.array([row is not None and row[0].rounding[row[1]] == "apart" for row in rows], dtype=bool)
        value = np.array([row[0].value[row[1]] if row else 0 for row in rows], dtype=np.int64)
        usual = 5 if level == "buurt" else 10
        base = np.array([row[0].base[row[1]] if row else usual for row in rows], dtype=np.int64)
        base = np.where(apart, base, usual)
        least, most, known = _interval(bare, nodes, of_atom, units, base, whole)
        sides = clip.certain_sides(value, base, least, most, known)
        totals += [
            _total(*row, members[index], (bool(sides.lower[index]), bool(sides.upper[index])))
            for index, row in enumerate(rows)
            if row is not None
        ]
        nodes = clip.after_totals(nodes, apart, value, base)
        _, most, known = _interval(bare, nodes, of_atom, units, base, whole, upper_of=most)
        series += _series(bare, level, units, members, others, nodes, most, known)
        high = nodes.high_least[: len(units)] + np.bincount(
            of_atom[of_atom >= 0], weights=uncounted[of_atom >= 0], minlength=len(units)
        ).astype(np.int64)
        bounds |= {name: (high[index], nodes.widest[index]) for name, index in place.items() if nodes.known[index]}
    sums = _sums_of_series(others, series, totals, bare.period)
    return replace(bare, totals=tuple(totals), series=tuple(series), sums=sums), bounds


def _interval(
    bare: Moment,
    nodes: clip.Nodes,
    of_atom: Ints,
    units: list[str],
    base: Ints,
    whole: Mapping[str, tuple[Ints, Ints]] | None,
    upper_of: Ints | None = None,
) -> tuple[Ints, Ints, Bools]:
    """Give where a total of each unit may lie, and whether an outsider can tell."""
    layer, count = bare.layer, len(units)
    widest, known = nodes.widest[:count], nodes.known[:count].copy()
    least = nodes.low_most[:count] + widest - clip.reach(base)
    if upper_of is not None:
        return least, upper_of, known
    room = nodes.high_least[:count] - widest
    if layer.part_of:
        known &= np.array([whole is not None and name in whole for name in units], dtype=bool)
        if whole is not None:
            above = np.array([whole[n][0] if n in whole else 0 for n in units], dtype=np.int64)
            wide = np.array([whole[n][1] if n in whole else 0 for n in units], dtype=np.int64)
            room = np.minimum(room, above - np.maximum(wide, widest))
    if layer.capped:
        inside = of_atom >= 0
        addresses = np.bincount(of_atom[inside], weights=bare.atoms.addresses[inside], minlength=count).astype(np.int64)
        room = np.minimum(room, addresses * layer.clamp // 2)
    return least, np.where(room >= 1, room + clip.reach(base), 0), known


def _total(table: Table, row: int, atoms: tuple[int, ...], sides: tuple[bool, bool]) -> Total:
    return Total(
        level=table.level[row],
        unit=table.unit[row],
        window=(table.start[row], table.end[row]),
        atoms=atoms,
        value=int(table.value[row]),
        base=int(table.base[row]),
        apart=table.rounding[row] == "apart",
        terms=int(table.atoms[row]),
        capped=table.status[row] == "cap",
        lower=sides[0],
        upper=sides[1],
    )


def _series(
    bare: Moment,
    level: str,
    units: list[str],
    members: list[tuple[int, ...]],
    others: Mapping[tuple[str, str, Window], tuple[Table, int]],
    nodes: clip.Nodes,
    most: Ints,
    known: Bools,
) -> list[Total]:
    """Give the windows that were rounded apart; the last one may have been moved up, each may have been moved down."""
    found = []
    for index, name in enumerate(units):
        rows = sorted(
            (window, table, row)
            for (where, unit, window), (table, row) in others.items()
            if where == level and unit == name and window != bare.period and table.rounding[row] == "apart"
        )
        needed = int(nodes.low_most[index] + nodes.widest[index])
        for number, (_, table, row) in enumerate(rows):
            value, base = int(table.value[row]), int(table.base[row])
            last = number == len(rows) - 1
            lowest = base * -(-max(0, needed - clip.reach(base)) // base) if last else 0
            highest = base * (int(most[index]) // base)
            sure = bool(known[index])
            sides = (sure and (value > lowest or lowest == 0)) or not last, sure and value < highest
            found.append(_total(table, row, members[index], sides))
            needed -= value + clip.reach(base)
    return found


def _sums_of_series(
    others: Mapping[tuple[str, str, Window], tuple[Table, int]],
    series: Sequence[Total],
    totals: Sequence[Total],
    period: Window,
) -> tuple[tuple[str, int, int], ...]:
    """Compare every window of a larger region with the series inside it, where all of those are seen."""
    inside = {(total.level, total.unit): set(total.atoms) for total in totals}
    found = []
    for (level, unit, window), (table, row) in others.items():
        mine = inside.get((level, unit))
        if window == period or mine is None or table.rounding[row] != "som":
            continue
        parts = [each for each in series if each.window == window and set(each.atoms) <= mine and each.level != level]
        if {atom for each in parts for atom in each.atoms} == mine and sum(len(each.atoms) for each in parts) == len(
            mine
        ):
            found.append((level, int(table.value[row]), sum(each.value for each in parts)))
    return tuple(found)


def contains(outer: Window, inner: Window) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def covered(by: Iterable[Window], gap: Window) -> bool:
    """Say whether windows together cover every day of a gap."""
    at = gap[0]
    for start, end in sorted(by):
        if start <= at < end:
            at = end
    return at >= gap[1]


def difference(later: Window, earlier: Window) -> list[Window]:
    """Give the parts of a window that lie outside another."""
    parts: list[tuple[dt.date, dt.date]] = []
    if later[0] < earlier[0]:
        parts.append((later[0], min(later[1], earlier[0])))
    if later[1] > earlier[1]:
        parts.append((max(later[0], earlier[1]), later[1]))
    return parts
