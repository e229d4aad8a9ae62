"""The key of an organisation: made once, replaced rarely, readable by its owner only."""

import contextlib
import dataclasses
import datetime as dt
import hmac
import os
import secrets
import subprocess
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from geoanalyse import files, registerfile
from geoanalyse.authority import faults_in_authority
from geoanalyse.errors import ProtectionError
from geoanalyse.register import Loss, Register, Span
from geoanalyse.registerfile import register_path

_BYTES = 32


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


def check(path: Path) -> tuple[Key, Register]:
    """Read a key and its register, and see that they belong together and are for their owner only.

    Raises
    ------
    ProtectionError
        With one Dutch line per fault.
    """
    own, faults = read(path), list[str]()
    if others_can_read(path):
        faults.append(f"{path}: is leesbaar voor anderen; zet de rechten op 600")
    try:
        known = registerfile.read(path, own.mark)
    except ProtectionError as error:
        faults.append(str(error))
    if faults:
        raise ProtectionError("\n".join(faults))
    return own, known


# --- make, replace, restore -------------------------------------------------------------------------------------------
#
# A new key gets its name last: a command that is cut off leaves nothing that can be built with, and the same command
# again goes on where it stopped.


def make(path: Path, warn: Callable[[str], None] = lambda _: None) -> Key:
    """Write a new key file, readable by its owner only, and an empty register beside it.

    Parameters
    ----------
    path : Path
    warn : callable
        Told in Dutch when access to the file could not be limited.

    Raises
    ------
    ProtectionError
        When the file exists already or cannot be written.
    """
    _refuse_taken(path)
    with registerfile.alone(path):
        _refuse_taken(path)
        own = _begun(path)
        _refuse_register(path, own)
        if own is None or not register_path(path).exists():
            own = _begin(path, warn)
            registerfile.write(path, Register(own.mark))
        _finish(path)
    return own


def replace(old: Path, new: Path, warn: Callable[[str], None] = lambda _: None) -> Key:
    """Start a new series with a new key; what was issued with the old one is never issued again.

    The files of the old key stay, and its register says that it was replaced. That is written before the new key can
    be used, so that nothing is issued with the old one that the new one does not know of.

    Parameters
    ----------
    old, new : Path
    warn : callable
        As of `make`.

    Raises
    ------
    ProtectionError
        When the old key or its register does not fit, it was replaced already, or the new one exists.
    """
    former = read(old)
    _refuse_taken(new)
    with registerfile.alone(old):
        known, own = registerfile.read(old, former.mark), _begun(new)
        if known.replaced_by and (own is None or own.mark != known.replaced_by):
            raise ProtectionError(f"{old}: is al vervangen, door de sleutel met kenmerk {known.replaced_by}")
        with registerfile.alone(new):
            _refuse_taken(new)
            if own is None or not known.replaced_by:
                _refuse_register(new)
                own = _begin(new, warn)
                registerfile.write(old, dataclasses.replace(known, replaced_by=own.mark))
            registerfile.write(new, _successor(known, own.mark))
            _finish(new)
    return own


def restore(path: Path, authority: str, day: dt.date) -> Register:
    """Start an empty register in the place of a lost one; it says so, and so does every product from then on.

    Parameters
    ----------
    path : Path
        Of the key.
    authority : str
        Function or organisation that decided so, never a person; 3 to 120 characters.
    day : datetime.date
        On which the loss was found.

    Raises
    ------
    ProtectionError
        When there is a register, the key does not fit, or the authority is or may be a person.
    """
    own, decided_by = read(path), authority.strip()
    faults = faults_in_authority(decided_by)
    if faults:
        raise ProtectionError("\n".join(f"--op-gezag-van: {fault}" for fault in faults))
    with registerfile.alone(path):
        if register_path(path).exists():
            raise ProtectionError(
                f"{register_path(path)}: hier ligt nog een register; herstel is alleen voor een register dat weg is"
            )
        restored = Register(own.mark, lost=(Loss(day, decided_by),))
        registerfile.write(path, restored)
    return restored


def _successor(known: Register, mark: str) -> Register:
    """Give the register of the key after this one: empty, but it knows every period that was issued before."""
    spans = {
        (entry["laag"], entry["familie"], dt.date.fromisoformat(entry["van"]), dt.date.fromisoformat(entry["tot"]))
        for one in known.issued
        for entry in one.layers
    }
    return Register(
        mark,
        replaces=(*known.replaces, known.mark),
        former=(*known.former, *(Span(*span) for span in sorted(spans))),
        lost=known.lost,
    )


def _refuse_taken(path: Path) -> None:
    if path.exists():
        raise ProtectionError(f"{path}: bestaat al; een sleutel wordt nooit overschreven, kies een andere naam")


def _unfinished(path: Path) -> Path:
    return path.with_name(path.name + ".nieuw")


def _begun(path: Path) -> Key | None:
    """Give the key that a command that was cut off left here without its name, if it got that far."""
    try:
        return read(_unfinished(path))
    except ProtectionError:
        return None


def _refuse_register(path: Path, own: Key | None = None) -> None:
    """Refuse a register that lies beside a key to come, unless it is that of `own`."""
    if not register_path(path).exists():
        return
    try:
        registerfile.read(path, own.mark if own else "")
    except ProtectionError:
        raise ProtectionError(
            f"{register_path(path)}: hier ligt het register van een andere sleutel; kies een andere naam"
        ) from None


def _begin(path: Path, warn: Callable[[str], None]) -> Key:
    """Write a new secret that has no name yet."""
    own, place = from_secret(secrets.token_bytes(_BYTES)), _unfinished(path)
    try:
        files.write_lasting(place, "")
        if not limit_access(place):
            warn(f"beperk zelf de toegang tot {path} (Eigenschappen, Beveiliging); dat lukte geoanalyse niet")
        files.write_lasting(place, f'soort = "geoanalyse-sleutel"\nversie = 1\nsleutel = "{own.secret.hex()}"\n')
    except OSError as error:
        with contextlib.suppress(OSError):
            place.unlink()
        raise ProtectionError(f"{path}: {files.reason(error)}") from None
    return own


def _finish(path: Path) -> None:
    try:
        _unfinished(path).rename(path)
        files.sync_folder(path.parent)
    except OSError as error:
        raise ProtectionError(f"{path}: {files.reason(error)}") from None


# --- who may read it --------------------------------------------------------------------------------------------------


def others_can_read(path: Path) -> bool:
    """Say whether others than the owner may read the file (never on Windows, where the mode says nothing)."""
    return os.name == "posix" and bool(path.stat().st_mode & 0o077)


def limit_access(path: Path) -> bool:
    """Let the owner of a file, and nobody else, read it; say whether that worked."""
    if os.name == "posix":
        path.chmod(0o600)
        return True
    return _limit_on_windows(path)


def _limit_on_windows(path: Path) -> bool:
    """Take away what the file inherits and give the current user full access, with what Windows itself brings.

    No test runs this on Windows. Whoever changes it tries it there: ``icacls BESTAND`` must list one user.
    """
    system = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32"  # never a program from this folder
    try:
        user = subprocess.run(  # noqa: S603 - fixed words
            [system / "whoami.exe", "/user", "/fo", "csv", "/nh"], check=True, capture_output=True, timeout=30
        ).stdout
        number = user.rsplit(b",", 1)[-1].strip(b'"\r\n ').decode("ascii")  # an account may have any name
        subprocess.run(  # noqa: S603
            [system / "icacls.exe", path, "/inheritance:r", "/grant:r", f"*{number}:F"],
            check=True,
            capture_output=True,
            timeout=30,
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return False
    return True
