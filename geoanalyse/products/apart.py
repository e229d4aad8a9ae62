"""Work in a process of its own: a reader that hangs, crashes or eats all memory takes nobody along."""

import multiprocessing
import os
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TypeVar

from geoanalyse.errors import GeoanalyseError

Result = TypeVar("Result")
Say = Callable[[str], None]

PATIENCE = 120.0
"""Seconds without any news before the work is given up; the largest release takes a tenth of it in all."""


class StoppedError(GeoanalyseError):
    """The work did not come to an end."""


def apart(work: Callable[..., Result], *arguments: object, patience: float = PATIENCE) -> Result:
    """Run ``work(say, *arguments)`` in another process and give its result.

    Parameters
    ----------
    work : callable
        A function of a module. Its first argument is a function that tells what it is busy with.
    *arguments
        Whatever can be sent to another process.
    patience : float
        Seconds to wait for the next news or the result.

    Raises
    ------
    StoppedError
        When the process hangs or ends without a result; names what it was busy with.
    GeoanalyseError
        As `work` raises it.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(there, work, arguments), daemon=True)
    process.start()
    there.close()
    busy = "het bestand"
    try:
        while here.poll(patience):
            kind, news = here.recv()
            if kind == "klaar":
                return news  # type: ignore[no-any-return]
            if kind == "fout":
                raise GeoanalyseError(news)
            busy = news
    except (EOFError, OSError):
        pass  # it ended without a result
    finally:
        process.kill()
        process.join()
        here.close()
    raise StoppedError(f"{busy}: is niet na te kijken: te groot, te traag of beschadigd; vertrouw het niet")


def _run(there: Connection, work: Callable[..., object], arguments: tuple[object, ...]) -> None:
    sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - the one who waits tells what went wrong
    try:
        result = work(lambda busy: there.send(("bezig", busy)), *arguments)
    except GeoanalyseError as error:
        there.send(("fout", str(error)))
    else:
        there.send(("klaar", result))
