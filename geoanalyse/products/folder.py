"""The folder of a release: all files of one area and peildatum, written together or not at all."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from geoanalyse.dressing import Dressing
from geoanalyse.errors import ReleaseError
from geoanalyse.products import gate, gis, measured, shapes, signaallijst, verantwoording, verantwoordingspagina
from geoanalyse.products.sentence import Sentence
from geoanalyse.release import Release
from geoanalyse.retention import CONFIDENTIAL, MANIFEST, SHAREABLE

_WORK = ".bezig"
_LOCK = ".slot"


def write_release(
    release: Release,
    build_report: Mapping[str, Any],
    out: Path,
    *,
    dressing: Dressing | None = None,
    progress: Callable[[str], None] | None = None,
    confidential: Mapping[str, bytes] = MappingProxyType({}),
) -> Path:
    """Write every product of a release to ``<out>/<gebied>/<peildatum>/``.

    The files are made in a folder beside the target and get their place by one rename, after the gate for person
    data. An earlier release of the same area and peildatum is replaced as a whole. When the process dies at any moment,
    the earlier or the new release is there whole; only between the two renames of a replacement the earlier one lies,
    whole, in ``<out>/<gebied>/.bezig/oud``, and the next run puts it back. What dead runs left goes with the next run.

    Parameters
    ----------
    release : Release
    build_report : mapping
        What is known from raw data (digests of input, rejected rows, fidelity); goes to ``vertrouwelijk/`` only.
    out : Path
        Made when it does not exist.
    dressing : Dressing, optional
        What is added to the map: a background, lines and water, colours.
    progress : callable, optional
        Called with the name of each file that is finished.
    confidential : mapping of str to bytes
        More files for ``vertrouwelijk/``, by name.

    Returns
    -------
    Path
        The folder, with ``deelbaar/`` and ``vertrouwelijk/``.

    Raises
    ------
    ReleaseError
        When the folder cannot be written, another run is writing there, or a file seems to hold person data.
    """
    own = {"bouwverslag.json": verantwoording.canonical_json(build_report), **confidential}
    make = partial(_products, release, dressing or Dressing(), progress=progress or (lambda _: None))
    return _write_at_once(release, out, release.reference_date.isoformat(), make, own)


@dataclass(frozen=True, slots=True)
class Product:
    """Something made from a release that is no part of it.

    Attributes
    ----------
    kind : str
        `verantwoording.ATLAS` or `verantwoording.CASE`.
    name : str
        Such as ``atlas`` or ``casusbeeld-winkelstraat``; lower-case letters, digits and hyphens.
    files : mapping of str to bytes
        By name.
    said : mapping of str to sequence of Sentence
        What stands on the files in words, by their name without suffix.
    regions : tuple of str
        Codes of the regions that have a file of their own, as in an atlas.
    """

    kind: str
    name: str
    files: Mapping[str, bytes]
    said: Mapping[str, Sequence[Sentence]]
    regions: tuple[str, ...] = ()


def write_product(release: Release, out: Path, product: Product) -> Path:
    """Write a product that was made from a release beside it, to ``<out>/<gebied>/<peildatum>-<name>/``.

    As `write_release`: all of it or nothing, and not before the gate for person data.

    Parameters
    ----------
    release : Release
    out : Path
    product : Product

    Returns
    -------
    Path
        The folder, with ``deelbaar/``: the files and their ``manifest.json``.

    Raises
    ------
    ReleaseError
        As `write_release`.
    """
    manifest = verantwoording.manifest(
        release,
        product.files,
        versions=verantwoording.package_versions(),
        measured=measured.shipped(),
        said=product.said,
        product=product.kind,
        regions=product.regions,
    )
    name = f"{release.reference_date.isoformat()}-{product.name}"
    return _write_at_once(release, out, name, lambda _: {**product.files, MANIFEST: manifest}, {})


def _write_at_once(
    release: Release,
    out: Path,
    name: str,
    make: Callable[[Path], Mapping[str, bytes]],
    confidential: Mapping[str, bytes],
) -> Path:
    """Make files beside their place, let the gate look at them, and give them their place by one rename."""
    home = out / release.area.name
    with _dutch_errors(home), _alone(home):
        work = home / _WORK
        _recover(home, work)
        try:
            staged = work / "nieuw" / name
            (staged / SHAREABLE).mkdir(parents=True)
            files = make(staged / SHAREABLE)
            gate.check_files(release, files)
            for file, content in files.items():
                _write(staged / SHAREABLE / file, content)
            if confidential:
                (staged / CONFIDENTIAL).mkdir(mode=0o700)
            for file, content in confidential.items():
                _write(staged / CONFIDENTIAL / file, content, mode=0o600)
            _sync_folders(staged)
            _swap(staged, home / name, work / "oud" / name)
        finally:
            _recover(home, work)
    return home / name


def check_place(out: Path) -> None:
    """Refuse a folder in which no release can be written, before one is made; nothing is made or changed.

    Raises
    ------
    ReleaseError
    """
    with _dutch_errors(out):
        nearest = next(place for place in (out.absolute(), *out.absolute().parents) if os.path.lexists(place))
        if not nearest.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "no folder", str(nearest))
        if not os.access(nearest, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "not writable", str(nearest))


# --- what is in it ----------------------------------------------------------------------------------------------------


def _products(
    release: Release, dressing: Dressing, folder: Path, *, progress: Callable[[str], None]
) -> dict[str, bytes]:
    """Make every file of ``deelbaar/``, by name; the GeoPackage is made in `folder`, since SQLite writes to a path."""
    from geoanalyse.products import factsheet, kaart  # noqa: PLC0415 - typst and folium

    def geopackage() -> bytes:
        path = folder / f"{release.area.name}.gpkg"
        gis.geopackage(release, path)
        return path.read_bytes()

    figures = measured.shipped()
    said: dict[str, Sequence[Sentence]] = {}
    makers: dict[str, Callable[[], bytes]] = {
        "kaart.html": lambda: kaart.map_html(release, dressing).encode(),
        f"{release.area.name}.gpkg": geopackage,
        "zones.parquet": partial(gis.zones_parquet, release),
        **({} if release.profile == "openbaar" else _lists(release)),
        "verantwoording.html": lambda: verantwoordingspagina.verantwoording_html(release, figures).encode(),
    }
    subjects, known = factsheet.subjects.of_release(release), shapes.Shapes(release)
    with ThreadPoolExecutor(max_workers=2) as pool:
        waiting = {file: pool.submit(make) for file, make in makers.items()}
        sheets = [pool.submit(factsheet.files, release, subject, known=known) for subject in subjects]
        files = {}
        for file, future in waiting.items():
            files[file] = future.result()
            progress(file)
        for subject, sheet in zip(subjects, sheets, strict=True):
            name = factsheet.name_of(subject)
            made, said[name] = sheet.result()
            files |= made
            for file in made:
                progress(file)
    files[MANIFEST] = verantwoording.manifest(
        release, files, versions=verantwoording.package_versions(), measured=figures, dressing=dressing, said=said
    )
    progress(MANIFEST)
    return files


def _lists(release: Release) -> dict[str, Callable[[], bytes]]:
    """Places to look at are for the casustafel; a public release names none."""
    return {
        "signaallijst.xlsx": partial(signaallijst.xlsx, release),
        "signaallijst.csv": partial(signaallijst.csv, release),
    }


# --- writing it at once -----------------------------------------------------------------------------------------------


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Let one run at a time write below `home`; the lock goes when the process ends, however it ends.

    An SQLite lock is the one lock in the standard library that works the same on Windows. The empty file stays: a run
    that removed it could let two others in.
    """
    home.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(home / _LOCK, timeout=0, isolation_level=None)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        yield


def _recover(home: Path, work: Path) -> None:
    """Put back an earlier release that was moved aside for one that never came, and remove what else is left."""
    for old in (work / "oud").glob("*"):
        if not (home / old.name).exists():
            old.rename(home / old.name)
    shutil.rmtree(work, ignore_errors=True)


def _swap(staged: Path, target: Path, aside: Path) -> None:
    """Give the staged folder its place; `_recover` undoes the first rename when the second fails."""
    if target.exists():
        aside.parent.mkdir(parents=True, exist_ok=True)
        target.rename(aside)
    staged.rename(target)
    _sync(target.parent)


def _write(path: Path, content: bytes, mode: int = 0o666) -> None:
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folders(top: Path) -> None:
    for folder in (*filter(Path.is_dir, (top / SHAREABLE, top / CONFIDENTIAL)), top):
        _sync(folder)


def _sync(folder: Path) -> None:
    """Make names in a folder lasting; Windows has no such call and needs none."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _dutch_errors(home: Path) -> Iterator[None]:
    """Say in Dutch why a folder could not be written; an error about a file elsewhere is no fault of the folder."""
    try:
        yield
    except ReleaseError:
        raise
    except sqlite3.Error as error:
        raise ReleaseError(f"{home}: {_SQLITE_REASONS.get(error.sqlite_errorname, _UNKNOWN)}") from error
    except OSError as error:
        where, place = Path(error.filename or home).absolute(), home.absolute()
        if not (where.is_relative_to(place) or place.is_relative_to(where)):
            raise
        raise ReleaseError(f"{home}: {_REASONS.get(error.errno or 0, _UNKNOWN)}") from error


_DENIED = (
    "geen recht om hier te schrijven, of een bestand uit de vorige uitgave staat nog open (Excel, QGIS); sluit het"
)
_FULL = "de schijf is vol; maak ruimte of kies met --uit een andere map"
_READ_ONLY = "deze schijf is alleen te lezen; kies met --uit een andere map"
_NO_FOLDER = "dit is geen map, of een deel van het pad is een bestand; kies met --uit een andere map"
_UNKNOWN = "de uitgave kon niet worden geschreven; kies met --uit een map op een lokale schijf en probeer opnieuw"
_BUSY = "een andere opdracht schrijft nu in deze map; wacht tot die klaar is"
_REASONS = {
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.EBUSY: _DENIED,
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EROFS: _READ_ONLY,
    errno.ENOTDIR: _NO_FOLDER,
    errno.EEXIST: _NO_FOLDER,
    errno.ENAMETOOLONG: "het pad is te lang; kies met --uit een kortere map",
}
_SQLITE_REASONS = {
    "SQLITE_BUSY": _BUSY,
    "SQLITE_FULL": _FULL,
    "SQLITE_CANTOPEN": _DENIED,
    "SQLITE_READONLY": _READ_ONLY,
}
