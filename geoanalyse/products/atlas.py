"""The atlas: a factsheet of every buurt of a release, made in a few processes, and a page that leads to them."""

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from geoanalyse.errors import GeoanalyseError, ReleaseError
from geoanalyse.products import atlaspagina, factsheet, verantwoording
from geoanalyse.products.factsheet.subjects import Subject, buurten
from geoanalyse.products.folder import Product
from geoanalyse.products.sentence import Sentence
from geoanalyse.products.shapes import Shapes
from geoanalyse.release import Release

Made = tuple[dict[str, bytes], list[Sentence]]
Progress = Callable[[int, int], None]

PROCESSES = 2
FEWEST = 12
"""Factsheets below which starting processes takes longer than it saves."""

_PATIENCE = 120.0  # seconds without any news from a process; a factsheet takes less than one
_STOPPED = (
    "de atlas is niet gemaakt: het proces dat de factsheet van {place} maakte, is gestopt, misschien door te weinig "
    "geheugen; probeer het met --taken 1"
)


def atlas(release: Release, progress: Progress = lambda _, __: None, *, processes: int = PROCESSES) -> Product:
    """Make a factsheet of every buurt, and the page that leads to them.

    Parameters
    ----------
    release : Release
    progress : callable
        Told how many factsheets are finished, and of how many.
    processes : int
        That work at once; the files are the same whatever their number.

    Returns
    -------
    Product

    Raises
    ------
    ReleaseError
        When there is nothing to make, a factsheet cannot be made, or a process dies.
    """
    subjects = buurten(release)
    if not subjects:
        raise ReleaseError("van dit gebied heeft geen enkele buurt of wijk een cijfer; er is geen atlas te maken")
    apart = min(processes, len(subjects)) if len(subjects) >= FEWEST else 1
    files: dict[str, bytes] = {}
    said: dict[str, list[Sentence]] = {}
    progress(0, len(subjects))
    for subject, (made, sentences) in zip(subjects, _sheets(release, subjects, apart), strict=True):
        files |= made
        said[factsheet.name_of(subject)] = sentences
        progress(len(said), len(subjects))
    page, sentences = atlaspagina.index(release, subjects)
    return Product(
        kind=verantwoording.ATLAS,
        name="atlas",
        files={"index.html": page} | files,
        said={"index": sentences} | said,
        regions=tuple(subject.region for subject in subjects),
    )


def _sheets(release: Release, subjects: tuple[Subject, ...], processes: int) -> Iterator[Made]:
    """Make the factsheets in their order, here or in processes that take turns."""
    if processes == 1:
        known = Shapes(release)
        yield from (_sheet(release, subject, known) for subject in subjects)
        return
    with _workers(release, processes) as news:
        yield from (_received(news[number % processes], subject, release) for number, subject in enumerate(subjects))


def _sheet(release: Release, subject: Subject, known: Shapes) -> Made:
    return factsheet.files(release, subject, known=known, suffixes=(".pdf",))


def _received(news: Connection, subject: Subject, release: Release) -> Made:
    """Wait for the factsheet of a subject."""
    try:
        result: Made | str = news.recv() if news.poll(_PATIENCE) else ""
    except (EOFError, OSError):
        result = ""  # the process is gone
    if isinstance(result, str):
        place = f"{release.geography.regions.name(subject.region)} ({subject.region})"
        raise ReleaseError(result or _STOPPED.format(place=place))
    return result


@contextmanager
def _workers(release: Release, processes: int) -> Iterator[list[Connection]]:
    """Start processes that each make one factsheet in so many; they end with this block, whatever happens."""
    context = multiprocessing.get_context("spawn")  # the one way that Windows has too
    started, news = [], []
    try:
        for number in range(processes):
            here, there = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(there, release, number, processes), daemon=True)
            process.start()
            there.close()
            started.append(process)
            news.append(here)
        yield news
    finally:
        for process in started:
            process.kill()
            process.join()
        for connection in news:
            connection.close()


def _work(there: Connection, release: Release, first: int, step: int) -> None:
    """Make the factsheets of one process and send them."""
    sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - the one who waits tells what went wrong
    known = Shapes(release)
    try:
        for subject in buurten(release)[first::step]:
            there.send(_sheet(release, subject, known))
    except GeoanalyseError as error:
        there.send(str(error))
