"""A figure about a place, as one file tells it, and whether two files tell the same."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

Place = tuple[str, str, str]
"""Layer (`named`), level, name of the unit."""


class Figure(NamedTuple):
    """What a file says of a place; None for what it does not say."""

    status: str | None = None
    value: int | None = None
    addresses: int | None = None
    low: int | None = None
    high: int | None = None
    words: str | None = None
    step: int | None = None
    hotspot: str | None = None
    ratio: float | None = None


_DUTCH = {
    "status": "een andere status",
    "value": "een ander getal",
    "addresses": "een ander aantal adressen",
    "words": "een ander aantal in woorden",
    "step": "een andere klasse",
    "hotspot": "een andere hotspot",
    "ratio": "een andere verhouding",
}
_DIGITS = 0.006  # of a ratio with three significant digits


def named(layer: str) -> str:
    """Give the name of a layer as the columns of a GeoPackage have it, so that all files name it alike.

    Examples
    --------
    >>> named("fiu-signalen"), named("thema:drugs")
    ('fiu_signalen', 'thema_drugs')
    """
    return layer.replace("-", "_").replace(":", "_")


def differing(one: Mapping[Place, Figure], other: Mapping[Place, Figure]) -> Iterator[str]:
    """Say in what way two files differ about the places that both know, with how often."""
    counted: Counter[str] = Counter()
    for place in one.keys() & other.keys():
        counted.update(_fields(one[place], other[place]))
    yield from (f"{times} keer {_DUTCH[field]}" for field, times in counted.items())


def _fields(one: Figure, other: Figure) -> Iterator[str]:
    for field in _DUTCH:
        left, right = getattr(one, field), getattr(other, field)
        if field == "ratio":
            if left is not None and right is not None and abs(left - right) > _DIGITS * max(abs(left), abs(right)):
                yield field
        elif field == "value":
            if one.status is not None and other.status is not None and left != right:
                yield field
        elif left is not None and right is not None and left != right:
            yield field
