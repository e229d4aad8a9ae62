"""Lists that came back, taken in: every file is read and judged before anything is kept."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from geoanalyse.errors import InputError
from geoanalyse.followup import returned, words
from geoanalyse.followup.history import Answer, Event, Kind, continues, differing, judge
from geoanalyse.followup.issued import Shelf
from geoanalyse.followup.returned import Returned
from geoanalyse.followup.store import looked_into, opened
from geoanalyse.products import dutch


@dataclass(frozen=True, slots=True)
class Conflict:
    """A signal of which the store knows another answer than a file gives: what differs, by column."""

    release: str
    signal: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What happened to one file.

    Attributes
    ----------
    file : str
    before : datetime.datetime or None
        When these very bytes were read earlier (UTC); None when they are new.
    rows, filled, added : int
        Rows of a list, those with something filled in, and columns of which nothing is kept.
    kinds : mapping of Kind to int
        What its answers did.
    conflicts : tuple of Conflict
    """

    file: str
    before: dt.datetime | None
    rows: int = 0
    filled: int = 0
    added: int = 0
    kinds: Mapping[Kind, int] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()


def take_in(
    paths: Sequence[Path], chosen: Collection[Path], shelf: Shelf, store: Path, now: dt.datetime
) -> tuple[Taken, ...]:
    """Read lists that came back and keep what they say, all of them or none.

    Parameters
    ----------
    paths : sequence of Path
        Files, in the order in which they are read.
    chosen : collection of Path
        Those that count where files contradict each other.
    shelf : Shelf
        The releases they belong to.
    store : Path
        Made when it does not exist and there is something to keep.
    now : datetime.datetime
        With its time zone.

    Raises
    ------
    InputError
        With every fault of every file.
    ReleaseError
        When the store cannot be opened.
    """
    came, faults = _came_in(paths, chosen)
    known = _known(store) if came else {}
    read: dict[str, Returned] = {}
    for digest, each in came.items():
        if digest in known and not each.chosen:
            continue
        try:
            read[digest] = returned.read(each.file, each.content, shelf, now.date())
        except InputError as error:
            faults += error.faults
    preferred = {digest for digest, each in came.items() if each.chosen}
    faults += _between(read.values(), preferred)
    if faults:
        raise InputError((*faults, *_of_shelf(shelf, faults)))
    if not read:
        return tuple(Taken(each.file, known[digest]) for digest, each in came.items())
    taken = _kept(read, preferred, shelf, store, now.astimezone(dt.UTC).replace(tzinfo=None))
    return tuple(taken.get(digest) or Taken(each.file, known[digest]) for digest, each in came.items())


@dataclass(frozen=True, slots=True)
class _Came:
    """A file as it came in: what the user calls it, its bytes, and whether it counts in a dispute."""

    file: str
    content: bytes
    chosen: bool


def _came_in(paths: Sequence[Path], chosen: Collection[Path]) -> tuple[dict[str, _Came], list[str]]:
    """Read files by digest, equal ones once; a name is enough where it tells them apart."""
    times = Counter(path.name for path in paths)
    found, faults = dict[str, _Came](), list[str]()
    for path in paths:
        file = path.name if times[path.name] == 1 else str(path)
        try:
            content = returned.content_of(path, file)
        except InputError as error:
            faults += error.faults
            continue
        digest = returned.digest_of(content)
        before = found.get(digest, _Came(file, content, chosen=False))
        found[digest] = _Came(before.file, content, chosen=before.chosen or path in chosen)
    return found, faults


def _known(store: Path) -> dict[str, dt.datetime]:
    if not store.exists():
        return {}
    with looked_into(store) as kept:
        return kept.files()


def _of_shelf(shelf: Shelf, faults: Iterable[str]) -> tuple[str, ...]:
    """Name releases that could not be read, when a file belongs to none of the others."""
    return shelf.unreadable if any(f"kolom {words.MARK}" in fault for fault in faults) else ()


def _between(files: Iterable[Returned], preferred: Collection[str]) -> list[str]:
    """Find files that contradict each other, where neither goes on from the other and none was chosen."""
    faults = []
    for one, other in combinations(files, 2):
        if len({one.digest, other.digest} & set(preferred)) == 1:
            continue
        both = one.said.keys() & other.said.keys()
        apart = sum(not _in_line(one.said[key], other.said[key]) for key in both)
        if apart:
            rows = dutch.plural(apart, "rij", "rijen")
            faults.append(
                f"{one.file} en {other.file}, kolom {words.SIGNAL}: in {rows} iets anders over hetzelfde signaal; "
                "verbeter een van beide, of kies met --neem welk bestand geldt"
            )
    return faults


def _in_line(one: Answer, other: Answer) -> bool:
    return continues(one, other) or continues(other, one)


def _kept(
    read: Mapping[str, Returned], preferred: Collection[str], shelf: Shelf, store: Path, moment: dt.datetime
) -> dict[str, Taken]:
    """Judge what was read and keep it, in one go; what is chosen comes last, and so has the last word."""
    taken, events = dict[str, Taken](), list[Event]()
    with opened(store) as kept:
        known, history = kept.files(), kept.history()
        for file in sorted(read.values(), key=lambda each: each.digest in preferred):
            chosen, again = file.digest in preferred, file.digest in known
            taken[file.digest], said = _judged(file, history, moment, chosen=chosen, again=again)
            events += said
        new = {digest: each.rows for digest, each in read.items() if digest not in known}
        about = {release for file in read.values() for release, _ in file.said}
        kept.add(new, moment, events, [each for each in shelf.signals().values() if each.release in about])
    return taken


def _judged(
    file: Returned,
    history: dict[tuple[str, str], list[Event]],
    moment: dt.datetime,
    *,
    chosen: bool,
    again: bool,
) -> tuple[Taken, list[Event]]:
    """Put the answers of one file behind the earlier ones, and give them.

    A file that is read `again` to be chosen adds what it decides and nothing else.
    """
    kinds: dict[Kind, int] = {}
    against, said = list[Conflict](), list[Event]()
    for (release, signal), answer in file.said.items():
        before = history.setdefault((release, signal), [])
        kind = judge(before, answer, chosen=chosen)
        kinds[kind] = kinds.get(kind, 0) + 1
        if kind is Kind.CONFLICT:
            against.append(Conflict(release, signal, differing(before, answer)))
        if not again or kind is Kind.CHOSEN:
            said.append(Event(release, signal, answer, file.digest, moment, kind))
            before.append(said[-1])
    return Taken(file.file, None, file.rows, len(file.said), file.added, kinds, tuple(against)), said
