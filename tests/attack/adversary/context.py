"""What the tests share: the case, what was read of each release, and what follows from all of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.attack.adversary import claims, inversion, persons
from tests.attack.adversary.case import Case, Folder, read_case
from tests.attack.adversary.harvest import Fault, Harvest
from tests.attack.adversary.isolation import Isolation, Smallest
from tests.attack.adversary.moments import Moment, moments
from tests.attack.adversary.published import Table, read_table
from tests.attack.adversary.release import read_release
from tests.attack.adversary.truth import Truth

_DIGEST = re.compile(r"(?<![0-9a-zA-Z])[0-9a-fA-F]{8,128}(?![0-9a-zA-Z])|[A-Za-z0-9+/]{22,88}={0,2}")


@dataclass(frozen=True)
class Read:
    """What stays of a release after it was read."""

    release: Folder
    table: Table
    manifest: Mapping[str, object]
    files: int
    values: int
    faults: tuple[Fault, ...]
    solved: tuple[inversion.Solved, ...]
    worked_out: int
    wrong: int
    fixed: Mapping[str, str]


class Context:
    """Reads what a test asks for, once."""

    def __init__(self, folder: Path, truth: Path | None) -> None:
        self.case: Case = read_case(folder)
        self.truth = Truth(self.case, truth) if truth is not None else None
        self.person_hits: dict[tuple[str, str], int] = {}
        self.digests: dict[str, str] = {}
        self._isolation = Isolation(self.case)
        self._texts: dict[str, list[str]] = {}

    @cached_property
    def tables(self) -> list[tuple[Folder, Table]]:
        """The published tables alone."""
        return [(release, read_table(release.path / "zones.parquet")) for release in self.case.releases]

    @cached_property
    def moments(self) -> dict[str, list[Moment]]:
        known = [(release.series, table) for release, table in self.tables if table.version in self.case.zones]
        return moments(self.case, known)

    @cached_property
    def reads(self) -> list[Read]:
        """Every file of every release; texts are looked through on the way and then let go."""
        cleaner = persons.Cleaner(
            [*self.case.regions.names, *(text for layer in self.case.layers.values() for text in layer.texts)]
        )
        return [self._read(release, cleaner) for release in self.case.releases]

    @cached_property
    def smallest(self) -> list[Smallest]:
        _ = self.reads
        return self._isolation.smallest()

    @cached_property
    def faults(self) -> dict[str, dict[tuple[str, str], int]]:
        """Per test what was found, with the number of releases in which it was."""
        found: dict[str, dict[tuple[str, str], int]] = {}
        for read in self.reads:
            for fault in read.faults:
                own = found.setdefault(fault.test, {})
                own[(fault.file, fault.what)] = own.get((fault.file, fault.what), 0) + 1
        return found

    def _read(self, release: Folder, cleaner: persons.Cleaner) -> Read:
        harvest = read_release(self.case, release)
        claims.check(harvest)
        self._isolation.add(harvest)
        solved = tuple(inversion.invert(harvest))
        worked_out, wrong = inversion.composites(harvest)
        self._look_through(harvest, cleaner)
        table = harvest.table
        return Read(
            release=release,
            table=table,
            manifest=harvest.manifest,
            files=sum(1 for _ in release.path.iterdir()),
            values=len(table) + sum(len(column.values) for column in harvest.columns),
            faults=tuple(harvest.faults),
            solved=solved,
            worked_out=worked_out,
            wrong=wrong,
            fixed=harvest.fixed,
        )

    def _look_through(self, harvest: Harvest, cleaner: persons.Cleaner) -> None:
        for file, text in harvest.texts:
            if text not in self._texts:
                self._texts[text] = persons.hits(cleaner.clean(text))
                self.digests |= dict.fromkeys(_DIGEST.findall(text), file)
            for kind in self._texts[text]:
                key = (f"{harvest.release.name}/{file}", kind)
                self.person_hits[key] = self.person_hits.get(key, 0) + 1


def worst(faults: Mapping[tuple[str, str], int], most: int = 3) -> str:
    """Say the findings that occur most, and how many more there are."""
    order = sorted(faults.items(), key=lambda item: (-item[1], item[0]))
    said = "; ".join(f"{file}: {what} ({count} uitgaven)" for (file, what), count in order[:most])
    return said + (f"; en {len(order) - most} andere" if len(order) > most else "")
