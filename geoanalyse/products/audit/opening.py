"""Which files are looked at, and their bytes: plain files of a kind and size that a release has, and nothing else."""

import itertools
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import NamedTuple

from geoanalyse.retention import SHAREABLE

MOST_FILES = 2_000
"""Files in a folder; a release has some ten, an atlas one per buurt."""
MOST_BYTES = 1_000_000_000
"""Of all files together; an atlas of 600 buurten takes some 100 MB."""
_LONGEST_NAME = 80


class Kind(NamedTuple):
    """A kind of file: what it is called, how it starts and ends, and the most bytes it may have."""

    words: str
    start: bytes
    end: bytes
    most: int


KINDS = {
    ".csv": Kind("CSV met puntkomma's", b"\xef\xbb\xbf", b"", 16_000_000),
    ".gpkg": Kind("GeoPackage", b"SQLite format 3\x00", b"", 256_000_000),
    ".html": Kind("webpagina", b"<!DOCTYPE html>", b"</html>", 128_000_000),
    ".json": Kind("JSON", b"{", b"}", 16_000_000),
    ".parquet": Kind("Parquet-bestand", b"PAR1", b"PAR1", 256_000_000),
    ".pdf": Kind("PDF", b"%PDF-1.", b"%%EOF", 32_000_000),
    ".pptx": Kind("PowerPoint-bestand", b"PK\x03\x04", b"", 32_000_000),
    ".xlsx": Kind("Excel-bestand", b"PK\x03\x04", b"", 32_000_000),
}
"""By suffix. The map of 400,000 hexagons takes some 50 MB."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What lies at a path.

    Attributes
    ----------
    files : dict of str to bytes
        By name.
    faults : list of str
        One Dutch line per thing that was not read, with the reason.
    names : set of str
        Names of all that lies there, read or not.
    folder : bool
        Whether it is a folder, so that all files of a release should be there.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    folder: bool = False


def plain(text: str) -> str:
    r"""Make a name from elsewhere fit to print: no control characters, none that turn the direction, not endless.

    Examples
    --------
    >>> plain("kaart.html"), plain("a\nFout: b\x1b[2J"), len(plain("a" * 5000))
    ('kaart.html', 'a?Fout: b?[2J', 80)
    """
    kept = "".join(sign if sign.isprintable() else "?" for sign in text)
    return kept if len(kept) <= _LONGEST_NAME else kept[: _LONGEST_NAME - 1] + "…"


def opened(path: Path) -> Opened:
    """Read the files of a release, or one file.

    Parameters
    ----------
    path : Path
        The folder ``deelbaar``, the folder above it, or one file.
    """
    try:
        folder = path / SHAREABLE if (path / SHAREABLE).is_dir() else path
        if not folder.is_dir():
            return _one(path)
        with os.scandir(folder) as entries:
            found = sorted(entry.name for entry in itertools.islice(entries, MOST_FILES + 1))
    except (OSError, ValueError):  # a path with a zero byte is a ValueError
        return Opened(faults=[f"{plain(path.name)}: kan niet worden geopend; noem een map of bestand dat u mag lezen"])
    if len(found) > MOST_FILES:
        return Opened(faults=[f"{plain(folder.name)}: heeft meer dan {MOST_FILES} bestanden; dit is geen uitgave"])
    if not found:
        return Opened(faults=[f"{plain(str(path))}: hier staat geen uitgave; noem de map of een bestand ervan"])
    if sum(_size(folder / name) for name in found) > MOST_BYTES:
        return Opened(faults=[f"{plain(folder.name)}: is samen te groot voor een uitgave"])
    every = Opened(folder=True)
    for name in found:
        _add(every, folder / name)
    return every


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0  # told when it is read


def _one(path: Path) -> Opened:
    """Read the one file that was named; a link to it is followed, since whoever named it chose it."""
    alone = Opened()
    _add(alone, Path(os.path.realpath(path)) if path.is_symlink() else path)  # of a link in a circle: itself
    return alone


def _add(found: Opened, path: Path) -> None:
    name = plain(path.name)
    found.names.add(name)
    content, fault = _read(path)
    if fault or name != path.name:
        found.faults.append(f"{name}: {fault or 'de naam heeft tekens die niet te lezen zijn; haal het weg'}")
    else:
        found.files[name] = content


def _read(path: Path) -> tuple[bytes, str]:
    """Give the bytes of a file, or why not."""
    kind = KINDS.get(PurePath(path.name).suffix)
    try:
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode) and kind is not None:
            # what was exchanged in between does not make us wait, and no link is followed
            flags = (getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOFOLLOW", "O_BINARY"))
            with os.fdopen(os.open(path, os.O_RDONLY | sum(flags)), "rb") as file:
                content = file.read(kind.most + 1)
    except (OSError, ValueError):
        return b"", "kan niet worden geopend; noem een bestand dat er is en dat u mag lezen"
    if not stat.S_ISREG(mode):
        return b"", "hoort niet in een uitgave; haal het weg"
    if kind is None:
        return b"", "is geen soort bestand dat geoanalyse maakt"
    if len(content) > kind.most:
        return b"", "is te groot voor een uitgave"
    if not content.startswith(kind.start) or not content[-99:].rstrip().endswith(kind.end):
        return b"", f"is geen {kind.words}, al zegt de naam van wel, of is afgebroken"
    return content, ""
