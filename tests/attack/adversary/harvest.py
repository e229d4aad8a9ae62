"""Everything that stands in the files of one release: figures, texts and shapes, and what was not declared."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.attack.adversary import space
from tests.attack.adversary.case import Case, Folder
from tests.attack.adversary.published import Table


@dataclass(frozen=True)
class Fault:
    """What is wrong: the test that fails by it, the file, and what."""

    test: str
    file: str
    what: str


@dataclass(frozen=True)
class Column:
    """One figure of many units, as a file gives it; None where there is none.

    ``field`` is one of `declared.FIELDS`, or ``?name`` for a figure that nobody declared.
    """

    file: str
    layer: str
    level: str
    field: str
    units: Sequence[str]
    values: Sequence[Any]


@dataclass(frozen=True)
class Drawn:
    """A shape in lon/lat that a file gives a unit."""

    file: str
    level: str
    unit: str
    shape: space.Shape


@dataclass
class Harvest:
    """What was read from one release."""

    case: Case
    release: Folder
    table: Table
    faults: list[Fault] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    drawn: list[Drawn] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    fixed: dict[str, str] = field(default_factory=dict)
    """Parts that are the same in every release of a version, by name: their digest."""
    manifest: Mapping[str, Any] = field(default_factory=dict)
    fills: list[tuple[str, str]] = field(default_factory=list)
    """Colours of filled shapes, per file."""
    bands: list[float] = field(default_factory=list)
    """Ends of the bands of composites and of their ranks, as the map has them."""
    explained: set[str] = field(default_factory=set)
    """Numbers that follow from what is published, as text."""

    def fault(self, test: str, file: str, what: str) -> None:
        """Note a fault; the same one is noted once."""
        found = Fault(test, file, what)
        if found not in self.faults:
            self.faults.append(found)

    def text(self, file: str, words: str) -> None:
        """Note a text that a reader, or a program, may see."""
        if words.strip():
            self.texts.append((file, words))


def leaves(value: object, free: Collection[str], path: str = "") -> Iterator[tuple[str, Any]]:
    """Give every leaf of JSON with its path; keys below a path in `free` are written as ``*``."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, free, f"{path}.{'*' if path in free else key}".lstrip("."))
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each, free, f"{path}[]")
    else:
        yield path, value


def strings(value: object) -> Iterator[str]:
    """Give every text in JSON, keys included."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield str(key)
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)
    elif isinstance(value, str):
        yield value


def read_json(data: bytes) -> Any:  # noqa: ANN401 - any JSON
    return json.loads(data.decode("utf-8"))
