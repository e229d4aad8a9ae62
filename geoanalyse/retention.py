"""How long finished releases may be kept: finds them in a folder and says which are past their date.

Reads manifests and nothing else; deletes nothing. What cannot be read is named as well: unknown is not in order.
"""

import datetime as dt
import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from geoanalyse.errors import ReleaseError

SHAREABLE, CONFIDENTIAL = "deelbaar", "vertrouwelijk"
MANIFEST = "manifest.json"
_LIST = re.compile(r"signaallijst-.+\.xlsx")


@dataclass(frozen=True, slots=True)
class Kept:
    """A release, or a list for a holder, that lies somewhere.

    Attributes
    ----------
    folder : Path
        The folder that holds ``deelbaar/``, or the file of the list.
    until : datetime.date or None
        Last day it may be kept; ``None`` when that cannot be read.
    fault : str
        Why not, in Dutch; empty when `until` is known.
    holder_list : bool
        It is a list, and no release.
    """

    folder: Path
    until: dt.date | None
    fault: str = ""
    holder_list: bool = False

    def days_over(self, day: dt.date) -> int:
        """Give the days that the last day to keep it lies before `day`; 0 when it may still be kept, or is unknown.

        Examples
        --------
        >>> kept = Kept(Path("uitvoer/diemen/2025-01-01"), dt.date(2025, 12, 31))
        >>> kept.days_over(dt.date(2025, 12, 31)), kept.days_over(dt.date(2026, 1, 2))
        (0, 2)
        """
        return 0 if self.until is None else max(0, (day - self.until).days)


def overdue(releases: Iterable[Kept], day: dt.date) -> list[Kept]:
    """Give the releases that may no longer be kept on a day, the longest overdue first.

    Parameters
    ----------
    releases : iterable of Kept
    day : datetime.date
        Today, or a day to look ahead to; the last day of the retention period still counts.
    """
    late = [each for each in releases if each.days_over(day)]
    return sorted(late, key=lambda each: (-each.days_over(day), each.folder.as_posix()))


def unreadable(releases: Iterable[Kept]) -> list[Kept]:
    """Give the releases of which the last day is unknown, by folder."""
    return sorted((each for each in releases if each.until is None), key=lambda each: each.folder.as_posix())


def find(folder: Path) -> list[Kept]:
    """Find every release and list for a holder below a folder, at any depth; links to other folders are not followed.

    Parameters
    ----------
    folder : Path
        Such as the ``--uit`` of a build, or a folder that holds copies.

    Returns
    -------
    list of Kept
        By folder; a folder that may not be read counts as a release that cannot be read.

    Raises
    ------
    ReleaseError
        When the folder does not exist.
    """
    if not folder.is_dir():
        raise ReleaseError(f"{folder}: deze map bestaat niet; noem de map waarin uitgaven staan")
    closed: list[OSError] = []
    found = []
    for path, names, files in os.walk(folder, onerror=closed.append):
        if SHAREABLE in names:
            found.append(_read(Path(path)))
        found += [_read_list(Path(path, file)) for file in files if _is_list(Path(path), file, files)]
    if folder.name == SHAREABLE:
        found.append(_read(folder.parent))
    closed_folders = (Path(error.filename) for error in closed)
    found += [Kept(path, None, "deze map kan niet worden geopend") for path in closed_folders if path.name != SHAREABLE]
    return sorted(found, key=lambda each: each.folder.as_posix())


def _is_list(folder: Path, file: str, files: Sequence[str]) -> bool:
    """Whether a file is a list for a holder, and no shareable list that somebody gave another name."""
    return _LIST.fullmatch(file) is not None and (
        folder.name == CONFIDENTIAL or f"{Path(file).stem}.{MANIFEST}" in files
    )


def _read(folder: Path) -> Kept:
    """Read the last day of one release."""
    return _last_day(folder, folder / SHAREABLE / MANIFEST, ("grondslag", "bewaren_tot"))


def _read_list(path: Path) -> Kept:
    """Read the last day of one list for a holder."""
    return replace(_last_day(path, path.with_name(f"{path.stem}.{MANIFEST}"), ("bewaren_tot",)), holder_list=True)


def _last_day(kept: Path, manifest: Path, where: Sequence[str]) -> Kept:
    name = manifest.name
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
        for key in where:
            content = content[key]
        return Kept(kept, dt.date.fromisoformat(content))
    except FileNotFoundError:
        return Kept(kept, None, f"{name} ontbreekt")
    except OSError:
        return Kept(kept, None, f"{name} kan niet worden geopend")
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        return Kept(kept, None, f"{name} is beschadigd")
    except (KeyError, TypeError, ValueError):
        return Kept(kept, None, f"{name} noemt geen geldige bewaartermijn")
