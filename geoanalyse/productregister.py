"""What was made and handed out, to whom, when, and until when it may be kept: one small file per event, never changed.

The register lies in ``<uit>/vertrouwelijk/register``, beside the releases and not in them, so that a release that is
made again or thrown away stays known. It holds no figure and no key.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from geoanalyse.errors import InputError, ReleaseError
from geoanalyse.files import reason, write_private
from geoanalyse.grondslag import text_faults

RELEASE: Final = "uitgave"
HOLDER_LIST: Final = "houderlijst"
MADE: Final = "gemaakt"
HANDED_OUT: Final = "verstrekt"
DELETED: Final = "verwijderd"
_FOLDER = Path("vertrouwelijk", "register")
_SHORTEST = 6  # digits of a digest that name a release


@dataclass(frozen=True, slots=True)
class Entry:
    """One event in the life of a product.

    Attributes
    ----------
    event : str
        `MADE`, `HANDED_OUT` or `DELETED`.
    product : str
        `RELEASE` or `HOLDER_LIST`.
    day : datetime.date
    area, reference_date, digest : str
        Of the release.
    file : str
        Of a holder list; empty for a release.
    recipient : str
        A function or organisation; empty where it is not known to whom.
    legal_basis, classification : str
    retain_until : datetime.date
    demo : bool
    """

    event: str
    product: str
    day: dt.date
    area: str
    reference_date: str
    digest: str
    file: str
    recipient: str
    legal_basis: str
    classification: str
    retain_until: dt.date
    demo: bool

    @property
    def name(self) -> str:
        """Name of its file: equal events have one."""
        told = json.dumps(asdict(self), sort_keys=True, default=dt.date.isoformat)
        return f"{self.day.isoformat()}-{self.digest[:12]}-{hashlib.sha256(told.encode()).hexdigest()[:8]}.json"


def add(out: Path, entries: Iterable[Entry]) -> None:
    """Write events; one that stands there already is not written again.

    Raises
    ------
    ReleaseError
        When a file cannot be written.
    """
    folder = out / _FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ReleaseError(f"{folder}: {reason(error)}; het productregister is niet bijgewerkt") from None
    for entry in entries:
        text = json.dumps(asdict(entry), sort_keys=True, indent=2, ensure_ascii=False, default=dt.date.isoformat)
        write_private(folder / entry.name, f"{text}\n".encode())


def read(out: Path) -> tuple[list[Entry], list[Path]]:
    """Read all events, oldest first.

    Returns
    -------
    entries : list of Entry
    unreadable : list of Path
        Files that are damaged or something else.
    """
    entries, unreadable = [], []
    for path in sorted((out / _FOLDER).glob("*.json")):
        try:
            entry = _parsed(json.loads(path.read_text(encoding="utf-8")))
            entries.append(entry)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            unreadable.append(path)
    return sorted(entries, key=lambda each: (each.day, each.area, each.event, each.product, each.name)), unreadable


def _parsed(content: Mapping[str, Any]) -> Entry:
    days = {name: dt.date.fromisoformat(content[name]) for name in ("day", "retain_until")}
    entry = Entry(**(dict(content) | days))
    for name, value in asdict(entry).items():
        kind = {"day": dt.date, "retain_until": dt.date, "demo": bool}.get(name, str)
        if type(value) is not kind:
            raise TypeError(name)
    return entry


def note(out: Path, event: str, product: str, recipient: str, day: dt.date) -> Entry:
    """Note that a product was handed out, or deleted by whom it was handed out to, and give the entry.

    Parameters
    ----------
    out : Path
    event : str
        `HANDED_OUT` or `DELETED`.
    product : str
        The first digits of the digest of a release that stands in the register; for a holder list of it with the name
        of its file behind a slash, as in ``3f9a0c21d7be/signaallijst-kvk.xlsx``.
    recipient : str
        A function or organisation.
    day : datetime.date

    Raises
    ------
    InputError
        When no product, or more than one, is meant; or the recipient looks like a person.
    """
    faults = [f"ontvanger: {fault}" for fault in text_faults(recipient)]
    if faults:
        raise InputError(faults)
    digest, _, file = product.partition("/")
    known = [
        entry
        for entry in read(out)[0]
        if entry.event == MADE and entry.digest.startswith(digest.lower()) and entry.file == file
    ]
    latest = {(entry.product, entry.digest, entry.file): entry for entry in known}
    if len(digest) < _SHORTEST or len(latest) != 1:
        found = "geen enkel product" if not latest else f"{len(latest)} producten"
        raise InputError(
            f"{found} bij dit kenmerk in {out / _FOLDER}; neem de twaalf tekens uit `geoanalyse register`, en voor een "
            "houderlijst daarachter een schuine streep en de naam van het bestand"
        )
    (made,) = latest.values()
    if day < made.day:
        raise InputError("de dag ligt voor die waarop dit product is gemaakt")
    entry = replace(made, event=event, day=day, recipient=recipient.strip())
    add(out, [entry])
    return entry


def overdue(entries: Iterable[Entry], day: dt.date) -> list[tuple[str, dt.date]]:
    """Give whom to ask to delete something, and its last day: what was handed out and not deleted since."""
    lying: dict[tuple[str, str, str], Entry] = {}
    for entry in entries:
        place = (entry.digest, entry.file, entry.recipient)
        if entry.event == HANDED_OUT:
            lying[place] = entry
        elif entry.event == DELETED:
            lying.pop(place, None)
    return sorted({(each.recipient, each.retain_until) for each in lying.values() if each.retain_until < day})
