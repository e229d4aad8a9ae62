"""The lists of words behind the detectors, kept in ``lijsten.toml``."""

import importlib.resources
import tomllib
from functools import cache


@cache
def _lists() -> dict[str, str]:
    text = importlib.resources.files("geoanalyse.personal").joinpath("lijsten.toml").read_text(encoding="utf-8")
    return {name: str(words) for name, words in tomllib.loads(text).items()}


@cache
def words(*names: str) -> frozenset[str]:
    """Give the words of one or more lists, as the file writes them.

    Examples
    --------
    >>> "jansen" in words("achternamen"), "bos" in words("achternamen", "achternamen_ook_woord")
    (True, True)
    """
    return frozenset(word for name in names for word in _lists()[name].split())
