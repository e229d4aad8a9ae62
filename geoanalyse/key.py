"""The key of an organisation, and beside it the register of everything that was issued with it."""

import hmac
import json
import os
import secrets
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoanalyse.counts import Interval
from geoanalyse.errors import ProtectionError
from geoanalyse.layer import Layer, Window

_BYTES = 32
_REGISTER_VERSION = 1
_FIXED = ("familie", "soort", "basis", "atoom", "b", "klem", "plafond", "venster", "reeks", "reeks_niveau")
"""Settings that change what a threshold means: a layer keeps them for as long as the key lives."""


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """A secret of 32 bytes; ``mark`` tells two keys apart and reveals neither."""

    secret: bytes
    mark: str

    def __repr__(self) -> str:
        """Show the mark only."""
        return f"Key({self.mark})"


def from_secret(secret: bytes) -> Key:
    """Make a key of its bytes."""
    return Key(secret, hmac.digest(secret, b"kenmerk", "sha256").hex()[:8])


def make(path: Path) -> Key:
    """Write a new key file, readable by its owner only, and an empty register beside it.

    Raises
    ------
    ProtectionError
        When the file exists already or cannot be written.
    """
    key = from_secret(secrets.token_bytes(_BYTES))
    text = f'soort = "geoanalyse-sleutel"\nversie = 1\nsleutel = "{key.secret.hex()}"\n'
    if register_path(path).exists() and not path.exists():
        raise ProtectionError(
            f"{register_path(path)}: hier ligt het register van een andere sleutel; kies een andere naam"
        )
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        _write_register(path, key, [])
    except FileExistsError:
        raise ProtectionError(
            f"{path}: bestaat al; een sleutel wordt nooit overschreven, kies een andere naam"
        ) from None
    except OSError:
        raise ProtectionError(f"{path}: kan niet worden geschreven; kies een andere map") from None
    return key


def read(path: Path) -> Key:
    """Read a key file.

    Raises
    ------
    ProtectionError
        When the file is missing or is no key file.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        secret = bytes.fromhex(content["sleutel"])
    except FileNotFoundError:
        raise ProtectionError(f"{path}: sleutelbestand bestaat niet; maak het met `geoanalyse sleutel maak`") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError):
        raise ProtectionError(f"{path}: dit is geen sleutelbestand van geoanalyse") from None
    if content.get("soort") != "geoanalyse-sleutel" or len(secret) != _BYTES:
        raise ProtectionError(f"{path}: dit is geen sleutelbestand van geoanalyse")
    return from_secret(secret)


def others_can_read(path: Path) -> bool:
    """Say whether others than the owner may read the file (never on Windows, where the mode says nothing)."""
    return os.name == "posix" and bool(path.stat().st_mode & 0o077)


# --- the register -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Issue:
    """One release as the register remembers it: no figure, only what was issued about what."""

    digest: str
    area: str
    reference_date: str
    profile: str
    zones_version: str
    layers: tuple[Mapping[str, Any], ...]


def issue(
    digest: str,
    area: str,
    reference_date: str,
    profile: str,
    zones_version: str,
    layers: Sequence[Layer],
    period: Interval,
) -> Issue:
    """Describe a release for the register."""
    described = tuple(
        {
            "laag": layer.id,
            "familie": layer.family,
            "soort": str(layer.count),
            "basis": str(layer.base),
            "atoom": str(layer.atom),
            "b": layer.b,
            "klem": layer.clamp,
            "plafond": layer.capped,
            "reeks": str(layer.series),
            "reeks_niveau": layer.series_level,
            "venster": str(layer.window),
            "van": period[0].isoformat(),
            "tot": period[1].isoformat(),
        }
        for layer in layers
    )
    return Issue(digest, area, reference_date, profile, zones_version, described)


def register_path(key_path: Path) -> Path:
    """Give the place of the register: beside the key, not beside the outputs."""
    return key_path.with_name(key_path.name + ".register.json")


def read_register(key_path: Path, key: Key) -> list[Issue]:
    """Read what was issued with this key.

    Raises
    ------
    ProtectionError
        When the register is missing, unreadable, from a newer version or of another key.
    """
    path = register_path(key_path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        issued = [Issue(**(entry | {"layers": tuple(entry["layers"])})) for entry in content["uitgegeven"]]
    except FileNotFoundError:
        raise ProtectionError(
            f"{path}: het register bij deze sleutel ontbreekt; zet het terug, "
            "want zonder register is niet na te gaan wat al is uitgegeven"
        ) from None
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError):
        raise ProtectionError(f"{path}: het register is beschadigd; zet een kopie terug") from None
    if content.get("versie") != _REGISTER_VERSION:
        raise ProtectionError(f"{path}: het register is van een andere versie van geoanalyse; werk geoanalyse bij")
    if content.get("sleutel") != key.mark:
        raise ProtectionError(f"{path}: het register hoort bij een andere sleutel")
    return issued


def faults(new: Issue, issued: Sequence[Issue]) -> list[str]:
    """Give the reasons, in Dutch, why a release would break the promise together with earlier ones."""
    found = []
    for version in sorted({old.zones_version for old in issued} - {new.zones_version}):
        found.append(
            f"eerder is met deze sleutel uitgegeven op zones {version}; gebruik die zones, of een nieuwe sleutel"
        )
        break
    earlier = [layer for old in issued for layer in old.layers]
    for layer in new.layers:
        same = [old for old in earlier if layer["familie"] == old["familie"] or layer["laag"] == old["laag"]]
        found += [
            f"laag {layer['laag']}: {setting} verschilt van een eerdere uitgave met deze sleutel"
            for setting in _FIXED
            if any(old[setting] != layer[setting] for old in same)
        ]
        if layer["venster"] == Window.CUMULATIVE and any(old["van"] != layer["van"] for old in same):
            found.append(
                f"laag {layer['laag']}: is cumulatief uitgegeven vanaf een andere maand; "
                "kies met --periode hetzelfde begin als eerder"
            )
        if layer["venster"] == Window.ROLLING and any(_months(old) != _months(layer) for old in same):
            found.append(
                f"laag {layer['laag']}: is eerder met een langere of kortere periode uitgegeven; "
                "kies met --periode dezelfde lengte"
            )
    return found


def _months(layer: Mapping[str, Any]) -> int:
    first, last = ([int(part) for part in layer[name].split("-")[:2]] for name in ("van", "tot"))
    return (last[0] - first[0]) * 12 + last[1] - first[1]


def record(key_path: Path, key: Key, new: Issue) -> None:
    """Add a release to the register; one that stands there already is not added again."""
    issued = read_register(key_path, key)
    if new not in issued:
        _write_register(key_path, key, [*issued, new])


def _write_register(key_path: Path, key: Key, issued: Sequence[Issue]) -> None:
    entries = [{name: getattr(entry, name) for name in Issue.__dataclass_fields__} for entry in issued]
    content = {"versie": _REGISTER_VERSION, "sleutel": key.mark, "uitgegeven": entries}
    path = register_path(key_path)
    new = path.with_name(path.name + ".nieuw")
    try:
        new.write_text(
            json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8", newline="\n"
        )
        new.replace(path)
    except OSError:
        raise ProtectionError(
            f"{path}: het register kan niet worden geschreven; geef uzelf schrijfrecht op de map"
        ) from None
