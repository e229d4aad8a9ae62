"""Writing files and folders whole or not at all, so that they last."""

import contextlib
import errno
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from geoanalyse.errors import GeoanalyseError, InputError


def private(path: str, flags: int) -> int:
    """Open a file that only its owner may read, as the opener of `open`."""
    return os.open(path, flags, 0o600)


def keep_apart(target: Path, *sources: Path) -> None:
    """See that a file that will be written is none of those that are read.

    Raises
    ------
    InputError
        When it is, also by another name.
    """
    for source in sources:
        if target.exists() and source.exists() and target.samefile(source):
            raise InputError(f"{target}: is de invoer zelf; kies met --uit een ander bestand")


def write_lasting(path: Path, text: str) -> None:
    """Write a file that only its owner may read, and have it on the disk before this returns."""
    with open(path, "w", encoding="utf-8", newline="\n", opener=private) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all.

    Raises
    ------
    GeoanalyseError
        When it cannot be written.
    """

    def write(partial: Path) -> None:
        with open(partial, "wb", opener=private) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    write_whole(path, write)


def sync_folder(folder: Path) -> None:
    """Make names in a folder lasting; Windows has no such call and needs none."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def reason(error: OSError) -> str:
    """Say in Dutch why a file could not be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "kan niet worden geschreven: de schijf is vol; maak ruimte"
    return "kan niet worden geschreven; geef uzelf schrijfrecht op de map, en sluit het bestand als het open staat"


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a file beside `path`, and give it its place; nothing is left when that fails.

    Raises
    ------
    GeoanalyseError
        When the file cannot be written.
    """
    partial = path.with_name(path.name + ".deel")
    try:
        write(partial)
        partial.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise GeoanalyseError(f"{path}: {reason(error)}") from None
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()


def write_folder(path: Path, files: Mapping[str, str]) -> None:
    """Write a new folder of files that only their owner may read.

    Raises
    ------
    GeoanalyseError
        When there is something at `path` already, or it cannot be written.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise GeoanalyseError(f"{path}: bestaat al en is niet leeg; kies een nieuwe map")
    partial = path.with_name(path.name + ".deel")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700, parents=True)
        for name, text in files.items():
            write_lasting(partial / name, text)
        if path.exists():
            path.rmdir()
        partial.rename(path)
        sync_folder(path.parent)
    except OSError as error:
        raise GeoanalyseError(f"{path}: {reason(error)}") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
