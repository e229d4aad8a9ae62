"""Values as the files say them in Dutch."""

import re
from dataclasses import dataclass

NO_DATA, WITHHELD = "geen gegevens", "op dit niveau niet getoond"
UNRELIABLE = "op dit niveau niet betrouwbaar"

_NUMBER = r"(\d{1,3}(?:\.\d{3})*|\d+)"
_ABOUT = re.compile(rf"(?:ongeveer )?{_NUMBER} \({_NUMBER} tot {_NUMBER}\)")
_RANGE = re.compile(rf"{_NUMBER} tot {_NUMBER}")
_OR_MORE = re.compile(rf"{_NUMBER} of meer")
_BARE = re.compile(_NUMBER)


@dataclass(frozen=True)
class Said:
    """What the words say; ``value`` is None when only what is possible is given, ``high`` for "or more"."""

    value: int | None
    low: int
    high: int | None
    bare: bool = False


def said(words: str) -> Said | None:
    """Read a value in words; None where it says that there is none.

    Raises
    ------
    ValueError
        When the words are no value.

    Examples
    --------
    >>> said("ongeveer 15 (11 tot 19)"), said("0 tot 4"), said("1.050 of meer").low
    (Said(value=15, low=11, high=19, bare=False), Said(value=None, low=0, high=4, bare=False), 1050)
    """
    if words in {NO_DATA, WITHHELD, UNRELIABLE}:
        return None
    for pattern in (_ABOUT, _RANGE, _OR_MORE, _BARE):
        found = pattern.fullmatch(words)
        if found:
            numbers = [int(each.replace(".", "")) for each in found.groups()]
            if pattern is _ABOUT:
                return Said(numbers[0], numbers[1], numbers[2])
            if pattern is _RANGE:
                return Said(None, numbers[0], numbers[1])
            if pattern is _OR_MORE:
                return Said(None, numbers[0], None)
            return Said(numbers[0], numbers[0], numbers[0], bare=True)
    raise ValueError("geen waarde in woorden")
