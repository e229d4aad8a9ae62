"""The releases a list that comes back may belong to, found in the folder they were written to."""

import csv
import datetime as dt
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from geoanalyse import retention
from geoanalyse.followup import words
from geoanalyse.formulas import unguarded
from geoanalyse.routes import EXPLORATION

LIST = "signaallijst.csv"

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Listed:
    """A signal that was handed out, as far as it matters afterwards: no place, no figure.

    Attributes
    ----------
    release : str
        Digest.
    id, theme, route, strength, region, region_name : str
        As on the list; `region` is its CBS code.
    codes : tuple of str
        Reasons.
    reference_date : datetime.date
    demo : bool
        Whether it is made up.
    """

    release: str
    id: str
    theme: str
    route: str
    strength: str
    codes: tuple[str, ...]
    region: str
    region_name: str
    reference_date: dt.date
    demo: bool

    @property
    def drawn(self) -> bool:
        """Whether it was drawn by lot and not ranked."""
        return self.strength == EXPLORATION


@dataclass(frozen=True, slots=True)
class Issued:
    """A release with a list: its rows by signal as they were handed out, and public texts that may read as a person."""

    digest: str
    reference_date: dt.date
    rows: Mapping[str, Row]
    texts: frozenset[str]
    demo: bool

    def signals(self) -> tuple[Listed, ...]:
        """Give what is kept of its signals."""
        return tuple(_listed(self, row) for row in self.rows.values())


@dataclass(frozen=True, slots=True)
class Shelf:
    """What lies in an output folder: releases by `words.mark`, and in Dutch what could not be read."""

    folder: Path
    releases: Mapping[str, Issued]
    unreadable: tuple[str, ...]

    def texts(self) -> frozenset[str]:
        """Give the public texts of all of them."""
        return frozenset[str]().union(*(each.texts for each in self.releases.values()))

    def signals(self) -> dict[tuple[str, str], Listed]:
        """Give the signals of all of them, by digest and number."""
        return {(each.release, each.id): each for one in self.releases.values() for each in one.signals()}

    def titles(self) -> frozenset[str]:
        """Give the columns of all of them."""
        return frozenset(title for each in self.releases.values() for row in each.rows.values() for title in row)


def find(folder: Path) -> Shelf:
    """Find every release with a list below a folder.

    Parameters
    ----------
    folder : Path
        Such as the ``--uit`` of a build.

    Raises
    ------
    ReleaseError
        When the folder does not exist.
    """
    releases, unreadable = dict[str, Issued](), list[str]()
    for kept in retention.find(folder):
        if kept.holder_list:
            continue
        shareable = kept.folder / retention.SHAREABLE
        try:
            release = _read(shareable)
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, csv.Error):
            unreadable.append(f"{shareable}: de signaallijst of het manifest is beschadigd; zet de uitgave terug")
            continue
        if release is not None:
            releases[words.mark(release.digest)] = release
    return Shelf(folder, releases, tuple(unreadable))


def _read(shareable: Path) -> Issued | None:
    """Read the list of a release, byte for byte the one its manifest names; None when it has none."""
    manifest = json.loads((shareable / retention.MANIFEST).read_text(encoding="utf-8"))
    if LIST not in manifest["bestanden"]:
        return None  # a public release names no places
    content = (shareable / LIST).read_bytes()
    if hashlib.sha256(content).hexdigest() != manifest["bestanden"][LIST]["sha256"]:
        raise ValueError(LIST)
    digest, day = str(manifest["kenmerk"]), dt.date.fromisoformat(manifest["peildatum"])
    table = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";", strict=True)
    rows = {row[words.SIGNAL]: {title: unguarded(text) for title, text in row.items()} for row in table}
    if any(row[words.MARK] != words.mark(digest) for row in rows.values()):
        raise ValueError(LIST)
    texts = {row[title] for row in rows.values() for title in ("Gemeente", "Wijk", "Buurt", "Gebiedscode", "Plek")}
    texts |= {str(manifest["gebied"]["titel"]), str(manifest["bescherming"]["zones_versie"])}
    texts |= {digest, words.mark(digest)}
    found = Issued(digest, day, rows, frozenset(texts), demo=bool(manifest["grondslag"]["demo"]))
    found.signals()  # has all columns
    return found


def _listed(release: Issued, row: Row) -> Listed:
    return Listed(
        release=release.digest,
        id=row[words.SIGNAL],
        theme=row["Thema"],
        route=row["Route"],
        strength=row["Sterkte"],
        codes=tuple(row["Codes"].split(", ")),
        region=row["Gebiedscode"],
        region_name=row["Buurt"],
        reference_date=release.reference_date,
        demo=release.demo,
    )
