"""Tests on counts: what linear programming, insiders and Bayes find; scored against the truth at the end."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from tests.attack.adversary import bayes, insider
from tests.attack.adversary.bounds import Changes, Found, Range, ranges
from tests.attack.adversary.context import Context
from tests.attack.adversary.moments import Moment, contains
from tests.attack.adversary.report import Result, absent, number, percent
from tests.attack.adversary.truth import Truth, dishonest, moving

MOST_TARGETS = 24_000
"""Counts that are bounded release by release; of more, a part of the releases is taken, evenly over time."""
CLOSE, BELOW = 0.2, 10
INSIDER, CHANGES, BETTER = 0.05, 0.01, 0.05
NOTHING = "er zijn geen waarden"


@dataclass(frozen=True)
class Scored:
    """Ranges of small counts: all of them when the truth is known, else of all that may be small.

    ``untrue`` are ranges without the true count: an error of this program, not of what it attacks.
    """

    looked_at: int
    exact: int
    narrowest: int | None
    too_narrow: int
    narrowed: int
    untrue: int


class Counts:
    """Runs the programs once, for all tests that use them."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.truth = context.truth

    @cached_property
    def groups(self) -> dict[str, list[Moment]]:
        """Moments of each layer, with those of the layers that are part of it."""
        found: dict[str, list[Moment]] = {}
        for layer, group in self.context.moments.items():
            found.setdefault(self.context.case.layers[layer].part_of or layer, []).extend(group)
        return found

    @cached_property
    def single(self) -> Found:
        """Every release by itself."""
        apart: list[list[Moment]] = []
        for group in self.groups.values():
            keys = dict.fromkeys((moment.period, moment.version, moment.source) for moment in group)
            apart += [[m for m in group if (m.period, m.version, m.source) == key] for key in keys]
        every = sum(len(wanted(moments, BELOW)) for moments in apart)
        step = max(1, -(-every // MOST_TARGETS))
        return merged(ranges(moments, wanted(moments, BELOW)) for moments in apart[::step])

    def joint(self, layer: str, changes: Changes | None = None) -> Found:
        """All releases of a layer together."""
        key = (layer, changes is not None)
        if key not in self._joint:
            self._joint[key] = ranges(self.groups[layer], wanted(self.groups[layer]), changes)
        return self._joint[key]

    @cached_property
    def _joint(self) -> dict[tuple[str, bool], Found]:
        return {}

    def small(self, found: Iterable[Range]) -> list[Range]:
        """Keep the small counts; without the truth, all that may be small."""
        if self.truth is None:
            return [each for each in found if each.moment.value[each.atom] <= each.moment.base[each.atom]]
        known: dict[int, set[int]] = {}
        kept = []
        for each in found:
            key = id(each.moment)
            if key not in known:
                known[key] = set(self.truth.small(each.moment).tolist())
            if each.atom in known[key]:
                kept.append(each)
        return kept

    def score(self, found: Iterable[Range]) -> Scored:
        """Count what is exact and what is too narrow among the small counts."""
        small = self.small(found)
        widths = [each.width for each in small]
        promised = [min(each.moment.layer.b - 1, ends(each)[1] - ends(each)[0]) for each in small]
        return Scored(
            looked_at=len(small),
            exact=sum(width <= 0 for width in widths),
            narrowest=min(widths, default=None),
            too_narrow=sum(width < least for width, least in zip(widths, promised, strict=True)),
            narrowed=sum(each.low > ends(each)[0] or each.high < ends(each)[1] for each in small),
            untrue=self._untrue(small),
        )

    def _untrue(self, found: Sequence[Range]) -> int:
        if self.truth is None:
            return 0
        exact = {id(each.moment): self.truth.atoms(each.moment) for each in found}
        return sum(not each.low <= exact[id(each.moment)][each.atom] <= each.high for each in found)


def ends(each: Range) -> tuple[int, int]:
    """Give what must stay possible of a count."""
    low, high = each.moment.promised
    return int(low[each.atom]), int(high[each.atom])


def wanted(moments: Sequence[Moment], below: int | None = None) -> list[tuple[int, int]]:
    """Give the atoms that may have a small count: less than the base, or less than `below`."""
    found = []
    for index, moment in enumerate(moments):
        most = moment.base if below is None else np.maximum(moment.base, below + moment.base - 2)
        chosen = (moment.seen & (moment.value <= most)) | moment.hidden
        found += [(index, atom) for atom in np.flatnonzero(chosen).tolist()]
    return found


def merged(parts: Iterable[Found]) -> Found:
    """Join what was found in several programs."""
    every = list(parts)
    return Found(
        tuple(each for part in every for each in part.ranges),
        sum(part.impossible for part in every),
        sum(part.solved for part in every),
    )


def _who(counts: Counts) -> str:
    return "kleine aantallen" if counts.truth is not None else "waarden die klein kunnen zijn"


# --- one release ------------------------------------------------------------------------------------------------------


def t2(counts: Counts) -> Result:
    """Small counts that one release gives exactly."""
    if not counts.groups:
        return absent("T2", NOTHING)
    found = counts.single
    score = counts.score(found.ranges)
    untrue = dishonest(counts.truth, every_moment(counts)) if counts.truth is not None else 0
    line = (
        f"{score.exact} van {number(score.looked_at)} {_who(counts)} exact bekend, per uitgave "
        f"({number(found.solved)} programma's)"
    )
    if found.impossible:
        line += f"; {found.impossible} keer spreken waarden elkaar tegen"
    if untrue:
        line += f"; {untrue} waarden zeggen iets anders dan zij beweren"
    share = score.exact / score.looked_at if score.looked_at else 0.0
    if score.untrue:
        line += f"; {score.untrue} keer ligt de waarheid buiten de marge: deze aanval rekent fout"
    passed = not score.exact and not found.impossible and not untrue and not score.untrue
    return Result("T2", passed, line, {"aandeel_exact": share, "bekeken": score.looked_at, "onwaar": untrue})


def t3(counts: Counts) -> Result:
    """Width of the margins that one release leaves."""
    if not counts.groups:
        return absent("T3", NOTHING)
    score = counts.score(counts.single.ranges)
    if score.narrowest is None:
        return absent("T3", "er zijn geen kleine aantallen")
    line = f"{score.narrowest} breed; {score.too_narrow} van {number(score.looked_at)} smaller dan b-1"
    return Result("T3", not score.too_narrow, line, {"smalste_interval": score.narrowest, "te_smal": score.too_narrow})


def t4(counts: Counts) -> Result:
    """Counts under ten that are known to within a fifth."""
    if not counts.groups:
        return absent("T4", NOTHING)
    if counts.truth is None:
        return absent("T4", "zonder de waarheid is niet te zeggen hoe dichtbij een gok komt")
    exact = {id(moment): counts.truth.atoms(moment) for moment in every_moment(counts)}
    looked_at = close = 0
    for each in counts.single.ranges:
        count = int(exact[id(each.moment)][each.atom])
        if 1 <= count < BELOW:
            looked_at += 1
            close += max(each.high - count, count - each.low) <= CLOSE * count
    return Result("T4", not close, f"{close} van {number(looked_at)}", {"dichtbij": close, "bekeken": looked_at})


# --- all releases -----------------------------------------------------------------------------------------------------


def t9(counts: Counts) -> Result:
    """All releases together, thresholds fixed; then with a known bound of one on each change."""
    return _together("T9", counts, {layer: group for layer, group in counts.groups.items() if len(group) > 1})


def t18(counts: Counts) -> Result:
    """Windows that only grow."""
    chosen = {layer: group for layer, group in counts.groups.items() if len(group) > 1 and grows(group)}
    if not chosen:
        return absent("T18", "er is geen laag met een venster dat groeit")
    return _together("T18", counts, chosen)


def grows(group: Sequence[Moment]) -> bool:
    """Say whether every period holds the one before it."""
    return all(contains(after.period, before.period) for before, after in pairwise(group))


def _together(test: str, counts: Counts, chosen: Mapping[str, list[Moment]]) -> Result:
    if not chosen:
        return absent(test, "er is van geen laag meer dan één uitgave")
    found = merged(counts.joint(layer) for layer in chosen)
    score = counts.score(found.ranges)
    if not score.looked_at and not found.impossible:
        return absent(test, "er zijn geen kleine aantallen")
    moments = [moment for group in chosen.values() for moment in group]
    most = max(len(group) for group in chosen.values())
    line = (
        f"{score.exact} van {number(score.looked_at)} {_who(counts)} exact, smalste marge {score.narrowest}, "
        f"{score.too_narrow} smaller dan b-1, {score.narrowed} aan een kant ingeperkt; tot {most} uitgaven per laag"
    )
    share = score.exact / score.looked_at if score.looked_at else 0.0
    figures: dict[str, float | int | str] = {
        "aandeel_exact": share,
        "te_smal": score.too_narrow,
        "ingeperkt": score.narrowed,
        "bekeken": score.looked_at,
    }
    if score.narrowest is not None:
        figures["smalste_interval"] = score.narrowest
    if score.untrue:
        line += f"; {score.untrue} keer ligt de waarheid buiten de marge: deze aanval rekent fout"
    passed = not score.exact and not score.too_narrow and not found.impossible and not score.untrue
    if found.impossible:
        line += f"; {found.impossible} keer spreken uitgaven elkaar tegen: drempels liggen niet vast"
    if counts.truth is not None:
        odd, looked_at = moving(counts.truth, moments)
        if odd:
            line += f"; {odd} van {looked_at} drempels liggen niet vast"
        passed &= not odd
        if test == "T9":
            more = _with_changes(counts, counts.truth, chosen)
            line += f"; wie weet dat een aantal hooguit 1 verandert: {percent(more, score.looked_at)} smaller dan b-1"
            figures["smaller_met_kennis"] = more
            passed &= more <= CHANGES * score.looked_at
    jumps, pairs = visible_jumps(chosen)
    line += f"; {percent(jumps, pairs)} van de waarden verandert zichtbaar"
    figures["zichtbare_sprongen"] = jumps
    return Result(test, passed, line, figures)


def _with_changes(counts: Counts, truth: Truth, chosen: Mapping[str, list[Moment]]) -> int:
    """Count small counts that become too narrow for who knows which counts change by at most one."""
    found = merged(counts.joint(layer, changes=known_changes(truth, group)) for layer, group in chosen.items())
    return counts.score(found.ranges).too_narrow


def known_changes(truth: Truth, group: Sequence[Moment]) -> Changes:
    """Give per moment the atoms whose count differs by at most one from the moment before, of that layer."""
    changes: dict[int, np.ndarray] = {}
    last: dict[tuple[str, str, str], Moment] = {}
    for index, moment in enumerate(group):
        key = (moment.layer.id, moment.version, moment.source)
        if key in last:
            changes[index] = np.abs(truth.atoms(moment) - truth.atoms(last[key])) <= 1
        last[key] = moment
    return changes


def visible_jumps(chosen: Mapping[str, list[Moment]]) -> tuple[int, int]:
    """Count values that differ from the release before, and pairs that were compared."""
    jumps = pairs = 0
    for group in chosen.values():
        last: dict[tuple[str, str, str], Moment] = {}
        for moment in group:
            key = (moment.layer.id, moment.version, moment.source)
            if key in last:
                both = moment.seen & last[key].seen
                pairs += int(both.sum())
                jumps += int((moment.value[both] != last[key].value[both]).sum())
            last[key] = moment
    return jumps, pairs


def every_moment(counts: Counts) -> list[Moment]:
    return [moment for group in counts.groups.values() for moment in group]


# --- who knows more ---------------------------------------------------------------------------------------------------


def t10(counts: Counts) -> Result:
    """The insider, beside cell-key noise on the same truth."""
    if counts.truth is None:
        return absent("T10", "zonder de waarheid is er geen insider")
    zones = totals = noise = looked_at = 0
    worst = (0.0, "")
    for layer, group in counts.context.moments.items():
        for key in dict.fromkeys((moment.version, moment.source) for moment in group):
            own = [moment for moment in group if (moment.version, moment.source) == key]
            alone = insider.insider(counts.truth, own, totals=False)
            known = insider.insider(counts.truth, own, totals=True)
            zones, totals, looked_at = zones + alone.exact, totals + known.exact, looked_at + known.looked_at
            noise += insider.cell_key(counts.truth, own).exact
            worst = max(worst, (known.share, layer))
    if not looked_at:
        return absent("T10", "er zijn geen kleine aantallen")
    line = (
        f"uit zones {zones}, met totalen en reeksen {percent(totals, looked_at)} van {number(looked_at)} kleine "
        f"aantallen "
        f"(hoogste laag {worst[1] or '-'}: {percent(worst[0], 1)}); met ruis per cel {percent(noise, looked_at)}"
    )
    passed = not zones and totals <= INSIDER * looked_at and totals <= noise
    return Result(
        "T10",
        passed,
        line,
        {
            "uit_zones": zones,
            "met_totalen": totals / looked_at,
            "ruis_per_cel": noise / looked_at,
            "hoogste_laag": worst[0],
        },
    )


def t11(counts: Counts) -> Result:
    """Bayes with the distribution over the city."""
    if counts.truth is None:
        return absent("T11", "zonder de waarheid is geen gok na te gaan")
    parts = [bayes.hit_rates(counts.truth, group) for group in counts.context.moments.values()]
    looked_at, hits, blind = (sum(part[index] for part in parts) for index in range(3))
    if not looked_at:
        return absent("T11", "er zijn geen kleine aantallen")
    line = f"met de kaart {percent(hits, looked_at)} goed, zonder {percent(blind, looked_at)}, van {number(looked_at)}"
    figures = {"met_kaart": hits / looked_at, "zonder_kaart": blind / looked_at}
    return Result("T11", hits - blind <= BETTER * looked_at, line, figures)
