"""What must be the same: bytes of twins and repetitions, and values of counts that stay constant."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.attack.adversary.case import Folder
from tests.attack.adversary.published import Table


def digests(folder: Path) -> Mapping[str, str]:
    """Give a digest of every file in a folder, by its path inside."""
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def different(first: Path, second: Path) -> list[str]:
    """Name the files that two folders do not share byte for byte."""
    one, other = digests(first), digests(second)
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def twins(root: Path) -> list[tuple[str, list[str]]]:
    """Compare the two releases of every pair of inputs with one protected table; gives name and files that differ."""
    found = []
    for pair in sorted((root / "tweelingen").glob("*")):
        first, second = pair / "a" / "deelbaar", pair / "b" / "deelbaar"
        if first.is_dir() and second.is_dir():
            found.append((pair.name, different(first, second)))
    return found


def repeated(root: Path) -> list[tuple[str, list[str]]]:
    """Compare releases that were made again; all of them are of one input."""
    folders = sorted((root / "herhaald").glob("*/*/deelbaar"))
    return [
        (f"{folder.parent.parent.name}/{folder.parent.name}", different(folders[0], folder)) for folder in folders[1:]
    ]


STEADY = ("constant", "gelijk")
"""Series in which every count stays the same while other addresses take the place of those that leave."""


def changed(releases: Sequence[tuple[Folder, Table]]) -> tuple[int, int, int]:
    """Count releases, values and values that change in the series with constant counts, over the whole period."""
    first: dict[tuple[object, ...], int] = {}
    number = compared = wrong = 0
    for release, table in sorted(releases, key=lambda each: each[0].day):
        if release.series not in STEADY:
            continue
        number += 1
        for (layer, level, unit), row in table.place.items():
            key = (release.series, release.area, layer, level, unit, table.version)
            value = int(table.value[row])
            if key in first:
                compared += 1
                wrong += first[key] != value
            else:
                first[key] = value
    return number, compared, wrong
