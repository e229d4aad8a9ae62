"""The file of the register, beside the key: read, judged and written in one step, whole at any moment."""

import contextlib
import dataclasses
import datetime as dt
import json
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from geoanalyse.errors import ProtectionError
from geoanalyse.files import reason, sync_folder, write_lasting
from geoanalyse.layer import Atom
from geoanalyse.register import Issue, Loss, Register, Span, refuse

VERSION = 2
"""Version of the file; version 1 knew releases only, with less about each layer."""
WAIT = 5.0
"""Seconds that a second command waits for the first."""

_TEXTS = ("laag", "familie", "soort", "basis", "atoom", "reeks", "reeks_niveau")
_IN_ENTRY: Mapping[str, type] = dict.fromkeys(_TEXTS, str) | {"b": int, "klem": int, "plafond": bool}
"""What every layer of a release has, in both versions, apart from its period."""


def register_path(key_path: Path) -> Path:
    """Give the place of the register: beside the key, not beside the outputs."""
    return key_path.with_name(key_path.name + ".register.json")


def add(key_path: Path, mark: str, new: Issue) -> None:
    """Judge a release and remember it, in one step; one that stands there already is not added again.

    Raises
    ------
    ProtectionError
        When it is refused, the register does not fit, or another command keeps the register longer than `WAIT`;
        the register is as it was.
    """
    with alone(key_path):
        known = read(key_path, mark)
        refuse(new, known)
        if new not in known.issued:
            write(key_path, dataclasses.replace(known, issued=(*known.issued, new)))


def read(key_path: Path, mark: str) -> Register:
    """Read the register of the key with this mark; it is whole at any moment, so no lock is needed.

    Raises
    ------
    ProtectionError
        When the register is missing, damaged, from a newer version or of another key.
    """
    path = register_path(key_path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        version = _version(content)
        known = _parsed(content) if version <= VERSION else None
    except FileNotFoundError:
        raise ProtectionError(
            f"{path}: het register bij deze sleutel ontbreekt; zet de nieuwste kopie terug. "
            "Is die er niet, zie dan `geoanalyse sleutel herstel --help`"
        ) from None
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise ProtectionError(
            f"{path}: het register is beschadigd; zet de nieuwste kopie terug. "
            "Is die er niet, verplaats dit bestand dan en zie `geoanalyse sleutel herstel --help`"
        ) from None
    if known is None:
        raise ProtectionError(
            f"{path}: het register is van een nieuwere versie van geoanalyse ({version}); werk geoanalyse bij"
        )
    if known.mark != mark:
        raise ProtectionError(f"{path}: het register hoort bij een andere sleutel; zet het juiste terug")
    return known


def write(key_path: Path, known: Register) -> None:
    """Write the register whole or not at all; only within `alone`.

    Raises
    ------
    ProtectionError
        When that fails; the register is as it was.
    """
    content = {
        "versie": VERSION,
        "sleutel": known.mark,
        "uitgegeven": [dataclasses.asdict(entry) for entry in known.issued],
        "vervangt": known.replaces,
        "eerder_uitgegeven": [
            {"laag": span.layer, "familie": span.family, "van": str(span.start), "tot": str(span.end)}
            for span in known.former
        ],
        "vervangen_door": known.replaced_by,
        "verloren": [{"op": str(loss.day), "op_gezag_van": loss.authority} for loss in known.lost],
    }
    path = register_path(key_path)
    new = path.with_name(path.name + ".nieuw")
    try:
        write_lasting(new, json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True))
        new.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            new.unlink()
        raise ProtectionError(f"{path}: het register {reason(error)}") from None


@contextlib.contextmanager
def alone(key_path: Path) -> Iterator[None]:
    """Let one command at a time change what lies beside a key; the lock goes when the process ends, however it ends.

    An SQLite lock is the one lock in the standard library that works the same on Windows. Its empty file stays: a
    command that removed it could let two others in.

    Raises
    ------
    ProtectionError
        When another command is busy for longer than `WAIT`, or the folder cannot be written.
    """
    path = register_path(key_path)
    try:
        with contextlib.closing(sqlite3.connect(path.with_suffix(".slot"), timeout=WAIT, isolation_level=None)) as lock:
            lock.execute("BEGIN EXCLUSIVE")
            yield
    except sqlite3.Error as error:
        if error.sqlite_errorname == "SQLITE_BUSY":
            raise ProtectionError(
                f"{path}: een andere opdracht werkt nu met dit register; wacht tot die klaar is en probeer opnieuw"
            ) from None
        raise ProtectionError(
            f"{path}: kan niet worden geschreven; kies een map op een lokale schijf waarin u mag schrijven"
        ) from None


def _version(content: Mapping[str, Any]) -> int:
    version = content["versie"]
    if type(version) is not int or version < 1:
        raise ValueError
    return version


def _parsed(content: Mapping[str, Any]) -> Register:
    """Check every part of a register of a known version; any error means that it is damaged."""
    mark, issued = _text(content["sleutel"]), tuple(_issue(entry) for entry in content["uitgegeven"])
    if content["versie"] == 1:
        return Register(mark, issued)
    return Register(
        mark=mark,
        issued=issued,
        replaces=_texts(content["vervangt"]),
        former=tuple(
            Span(_text(entry["laag"]), _text(entry["familie"]), _day(entry["van"]), _day(entry["tot"]))
            for entry in content["eerder_uitgegeven"]
        ),
        replaced_by=_text(content["vervangen_door"]),
        lost=tuple(Loss(_day(entry["op"]), _text(entry["op_gezag_van"])) for entry in content["verloren"]),
    )


def _issue(entry: Mapping[str, Any]) -> Issue:
    for layer in entry["layers"]:
        for name, kind in _IN_ENTRY.items():
            if type(layer[name]) is not kind:
                raise TypeError
        Atom(layer["atoom"]), _day(layer["van"]), _day(layer["tot"])
    texts = {name: _text(value) for name, value in entry.items() if name not in {"layers", "zones_ancestors"}}
    return Issue(**texts, layers=tuple(entry["layers"]), zones_ancestors=_texts(entry.get("zones_ancestors", [])))


def _text(value: Any) -> str:  # noqa: ANN401 - JSON holds anything
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(values: Any) -> tuple[str, ...]:  # noqa: ANN401
    if not isinstance(values, list):
        raise TypeError
    return tuple(_text(value) for value in values)


def _day(value: Any) -> dt.date:  # noqa: ANN401
    return dt.date.fromisoformat(_text(value))
