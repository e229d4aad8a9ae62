"""Work for a process of its own; little is imported here, since that process imports it first."""

import os
from collections.abc import Callable
from threading import Event

from geoanalyse.errors import GeoanalyseError

Say = Callable[[str], None]


def hangs(say: Say, name: str) -> None:
    say(name)
    Event().wait()


def falls_over(say: Say, name: str) -> None:
    say(name)
    os.abort()


def goes_wrong(say: Say, name: str) -> None:
    say(name)
    raise ZeroDivisionError


def refuses(_: Say, name: str) -> None:
    raise GeoanalyseError(name)


def says(say: Say, name: str) -> str:
    say(name)
    return name.upper()
