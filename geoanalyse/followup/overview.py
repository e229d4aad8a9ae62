"""What followed up signals led to: counts by route, theme, reason and place, and ranked signals beside drawn ones.

Pure functions of the signals that were handed out and of what came back. A signal of which nothing came back is
counted as that, and never as one that was not followed up.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from geoanalyse.followup import words
from geoanalyse.followup.history import Answer, Event, conflicts, current
from geoanalyse.followup.issued import Listed
from geoanalyse.followup.proportion import interval

RANKED, DRAWN = "gekozen op cijfers", "verkenning"
"""Groups of ``soort``: signals from the ranking, and those drawn by lot."""
ENOUGH = 0.5
"""Least share of both groups that must be finished before they are compared: else those who answered chose."""
SURE = 0.05
"""Greatest p-value of a difference that is said in words."""

Answers = Mapping[tuple[str, str], Answer]


@dataclass(frozen=True, slots=True)
class Group:
    """Signals that share something, and what became of them.

    Attributes
    ----------
    by, name : str
        What they share, such as ``route`` and ``mono``.
    signals : int
        Handed out.
    reported : int
        Of which somebody said something.
    followed : int
        Of the reported: taken up, whether or not it is finished.
    finished : int
        Of the followed: with an outcome that says something.
    led : int
        Of the finished: that led to something.
    low, high : float
        95 % interval of the share that led to something (`proportion.interval`).
    days : float or None
        Median number of days from the reference date of the list to the follow-up, of the followed that give a day.
    """

    by: str
    name: str
    signals: int
    reported: int
    followed: int
    finished: int
    led: int
    low: float
    high: float
    days: float | None

    @property
    def unreported(self) -> int:
        """Signals of which nothing came back."""
        return self.signals - self.reported

    @property
    def followed_share(self) -> float | None:
        """Of the reported, followed up; None when nothing was reported."""
        return self.followed / self.reported if self.reported else None

    @property
    def led_share(self) -> float | None:
        """Of the finished, led to something: the precision; None when nothing is finished."""
        return self.led / self.finished if self.finished else None


def answers(history: Mapping[tuple[str, str], Sequence[Event]]) -> dict[tuple[str, str], Answer]:
    """Give the answer that counts per signal."""
    return {key: answer for key, events in history.items() if (answer := current(events)) is not None}


def waiting(history: Mapping[tuple[str, str], Sequence[Event]]) -> int:
    """Count the signals with contradicting answers between which nobody chose yet."""
    return sum(bool(conflicts(events)) for events in history.values())


def real(signals: Iterable[Listed]) -> list[Listed]:
    """Give the signals of real lists; those of the demo when there are no others, since the two never add up."""
    found = list(signals)
    return [each for each in found if not each.demo] or found


def groups(signals: Iterable[Listed], told: Answers) -> list[Group]:
    """Count what became of signals, in all groups.

    First those from the ranking and those drawn by lot; then, of the ranking only, by theme, advised route, owner (of
    those that have one), reason code and buurt. A signal with several reasons counts for each.

    Parameters
    ----------
    signals : iterable of Listed
        Handed out.
    told : mapping
        From `answers`.

    Returns
    -------
    list of Group
    """
    all_signals = sorted(signals, key=lambda each: (each.release, each.id))
    members: dict[tuple[str, str], list[Listed]] = {("soort", RANKED): [], ("soort", DRAWN): []}
    for signal in all_signals:
        members[("soort", DRAWN if signal.drawn else RANKED)].append(signal)
    ranked = members[("soort", RANKED)]
    for by in ("thema", "route", "eigenaar", "reden", "buurt"):
        named = [(name, each) for each in ranked for name in _names(by, each, told)]
        for name, each in sorted(named, key=lambda pair: pair[0]):
            members.setdefault((by, name), []).append(each)
    return [group(by, name, each, told) for (by, name), each in members.items() if each]


def _names(by: str, signal: Listed, told: Answers) -> Iterator[str]:
    if by == "reden":
        yield from dict.fromkeys(signal.codes)
    elif by == "eigenaar":
        answer = told.get((signal.release, signal.id))
        yield from [answer.owner] if answer is not None and answer.owner else []
    else:
        yield {"thema": signal.theme, "route": signal.route, "buurt": f"{signal.region_name} ({signal.region})"}[by]


def group(by: str, name: str, signals: Sequence[Listed], told: Answers) -> Group:
    """Count what became of the signals of one group."""
    said = [(each, told[each.release, each.id]) for each in signals if (each.release, each.id) in told]
    followed = [(each, answer) for each, answer in said if answer.status in words.FOLLOWED]
    finished = [answer for _, answer in followed if words.determined(answer.status, answer.outcome)]
    led = sum(words.led_to_something(answer.outcome) for answer in finished)
    days = [(answer.day - each.reference_date).days for each, answer in followed if answer.day is not None]
    low, high = interval(led, len(finished))
    return Group(
        by=by,
        name=name,
        signals=len(signals),
        reported=len(said),
        followed=len(followed),
        finished=len(finished),
        led=led,
        low=low,
        high=high,
        days=median(days) if days else None,
    )
