"""What an answer says of a signal, and what it does to the answers before it.

Nothing is ever changed or taken away: every answer in a file that is accepted becomes an event behind the others.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from geoanalyse.followup import words


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody filled in for one signal; empty where nothing was."""

    status: str
    owner: str = ""
    route: str = ""
    day: dt.date | None = None
    outcome: str = ""
    reason: str = ""
    remark: str = ""


TITLES: Mapping[str, str] = {
    "owner": words.OWNER.title,
    "route": words.ROUTE.title,
    "day": words.DAY.title,
    "status": words.STATUS.title,
    "outcome": words.OUTCOME.title,
    "reason": words.REASON.title,
    "remark": words.REMARK.title,
}
"""Column of each part of an answer."""


class Kind(StrEnum):
    """What an answer did when it was read."""

    NEWER = "gemeld"
    """It goes on from what was known, and is what counts from then on."""
    REPEATED = "herhaald"
    """It says what was known already, or less."""
    CONFLICT = "strijdig"
    """It says something else, and does not count until somebody chooses."""
    CHOSEN = "gekozen"
    """Somebody chose it over the others."""


@dataclass(frozen=True, slots=True)
class Event:
    """An answer that was read: in which file (by its SHA-256), when, and what it did."""

    release: str
    signal: str
    answer: Answer
    file: str
    read: dt.datetime
    kind: Kind


def continues(old: Answer, new: Answer) -> bool:
    """Whether a new answer can have been written by somebody who started from the old one.

    It repeats what was filled in and adds to it, or its status is further (`words.STAGES`). A day may move on with the
    status, a remark may be rewritten with it. Anything else is another story of the same signal: another owner or
    route, a way back, another ending.

    Parameters
    ----------
    old, new : Answer

    Examples
    --------
    >>> busy = Answer("in behandeling", owner="gemeente", day=dt.date(2026, 2, 1))
    >>> done = Answer("afgerond", owner="gemeente", day=dt.date(2026, 3, 1), outcome="niets gevonden")
    >>> continues(busy, done), continues(done, busy), continues(busy, Answer("afgerond", owner="politie"))
    (True, False, False)
    """
    further = words.STAGES[new.status] - words.STAGES[old.status]
    kept = all(was in {"", now} for was, now in ((old.owner, new.owner), (old.route, new.route)))
    if further > 0:
        return kept and (old.day is None or (new.day is not None and new.day >= old.day))
    same = new.status == old.status and (new.outcome, new.reason) == (old.outcome, old.reason)
    return kept and same and old.day in {None, new.day} and old.remark in new.remark


def current(events: Sequence[Event]) -> Answer | None:
    """Give the answer that counts, of the events of one signal in order; None when nobody answered."""
    return next((each.answer for each in reversed(events) if each.kind in {Kind.NEWER, Kind.CHOSEN}), None)


def conflicts(events: Sequence[Event]) -> tuple[Event, ...]:
    """Give the answers of one signal that contradict the one that counts, and that nobody chose between yet."""
    chosen = max((place for place, each in enumerate(events) if each.kind is Kind.CHOSEN), default=-1)
    return tuple(each for each in events[chosen + 1 :] if each.kind is Kind.CONFLICT)


def differing(events: Sequence[Event], answer: Answer) -> tuple[str, ...]:
    """Name the columns in which an answer differs from the one that counts."""
    known = current(events)
    return tuple(title for part, title in TITLES.items() if getattr(known, part, None) != getattr(answer, part))


def judge(events: Sequence[Event], answer: Answer, *, chosen: bool) -> Kind:
    """Say what an answer does to the events of its signal.

    Parameters
    ----------
    events : sequence of Event
        Of this signal, in order.
    answer : Answer
    chosen : bool
        Whether somebody asked for this file to count where files contradict each other.
    """
    known, waiting = current(events), [each.answer for each in conflicts(events)]
    if known is None:
        return Kind.NEWER
    overtaken = answer in [each.answer for each in events] and answer not in [known, *waiting]
    if chosen and not overtaken and (waiting or not (answer == known or continues(known, answer))):
        return Kind.CHOSEN
    if answer in waiting:
        return Kind.CONFLICT
    if overtaken or continues(answer, known):
        return Kind.REPEATED  # what counts started from it, or was chosen over it
    return Kind.NEWER if continues(known, answer) else Kind.CONFLICT
