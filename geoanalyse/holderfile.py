"""The file that asks for lists for data holders (``--houderlijsten``): what is asked, checked in full."""

import datetime as dt
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoanalyse import key
from geoanalyse.errors import InputError, ProtectionError
from geoanalyse.grondslag import text_faults
from geoanalyse.layer import Layer

_KEYS = ("bronhouder", "grondslag", "ontvanger", "geheim", "bewaren_tot")


@dataclass(frozen=True, slots=True, repr=False)
class Wish:
    """What is asked for one holder; ``secret`` is the holder's own."""

    holder: str
    legal_basis: str
    recipient: str
    retain_until: dt.date
    secret: key.Key

    @property
    def file(self) -> str:
        """Name of the list, without extension."""
        return f"signaallijst-{slug(self.holder)}"


def slug(name: str) -> str:
    """Write the name of a holder as part of a file name.

    Examples
    --------
    >>> slug("Belastingdienst / FIOD"), slug("gemeente Ouder-Amstel")
    ('belastingdienst-fiod', 'gemeente-ouder-amstel')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def read(path: Path, layers: Sequence[Layer], today: dt.date, own: key.Key) -> tuple[Wish, ...]:
    """Read and check the file that asks for lists (``--houderlijsten``); docs/houderlijsten.md has the keys.

    Parameters
    ----------
    path : Path
        TOML; paths of secrets are relative to it.
    layers : sequence of Layer
        Those of this release.
    today : datetime.date
    own : Key
        Of the organisation that makes the release: no holder may have the same secret.

    Raises
    ------
    InputError, ProtectionError
        With every fault of the file, or what is wrong with a secret.
    """
    name = path.name
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"))
    except OSError:
        raise InputError(f"{path}: kan niet worden gelezen; kies met --houderlijsten een TOML-bestand") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise InputError(f"{name}: is geen geldige TOML in UTF-8; vergelijk met docs/houderlijsten.md") from None
    entries = content.get("lijst")
    if (
        set(content) != {"lijst"}
        or not isinstance(entries, list)
        or not all(isinstance(each, dict) for each in entries)
    ):
        raise InputError(f"{name}: schrijf elke lijst onder een eigen [[lijst]], en niets anders")
    faults = [
        f"{name}: lijst {number}: {fault}"
        for number, entry in enumerate(entries, start=1)
        for fault in _faults(entry, layers, today)
    ]
    if not faults:
        names = [slug(entry["bronhouder"]) for entry in entries]
        if len(set(names)) < len(names):
            faults.append(f"{name}: twee lijsten voor één bronhouder; houd er één")
    if faults:
        raise InputError(faults)
    wishes = tuple(
        Wish(
            holder=entry["bronhouder"],
            legal_basis=entry["grondslag"],
            recipient=entry["ontvanger"],
            retain_until=entry["bewaren_tot"],
            secret=key.read(path.parent / entry["geheim"]),
        )
        for entry in entries
    )
    marks = [own.mark, *(wish.secret.mark for wish in wishes)]
    if len(set(marks)) < len(marks):
        raise ProtectionError(
            f"{name}: elke bronhouder heeft een eigen geheim, en een ander dan de sleutel van de uitgave"
        )
    return wishes


def _faults(entry: Mapping[str, Any], layers: Sequence[Layer], today: dt.date) -> list[str]:
    unknown = sum(name not in _KEYS for name in entry)
    faults = [f"{unknown} onbekende sleutels; toegestaan zijn {', '.join(_KEYS)}"] if unknown else []
    faults += [f"{name} ontbreekt" for name in _KEYS if name not in entry]
    if faults:
        return faults
    for name in ("bronhouder", "grondslag", "ontvanger", "geheim"):
        wrong = text_faults(entry[name]) if isinstance(entry[name], str) else ["is geen tekst"]
        faults += [f"{name}: {fault}" for fault in wrong]
    day = entry["bewaren_tot"]
    if not isinstance(day, dt.date) or isinstance(day, dt.datetime):
        faults.append("bewaren_tot: is geen datum; schrijf jjjj-mm-dd zonder aanhalingstekens")
    elif day < today:
        faults.append("bewaren_tot: ligt in het verleden")
    known = sorted({layer.holder for layer in layers})
    if not faults and entry["bronhouder"] not in known:
        faults.append(f"bronhouder: geen laag van deze uitgave is van die; kies uit {', '.join(known)}")
    return faults
