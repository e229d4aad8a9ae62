"""Which columns a file has of those that are listed; the others are named and never parsed."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from geoanalyse.faults import Fault, Kind
from geoanalyse.personal import kinds_in_text

SYSTEM = "EPSG:28992"
PLACE = ("oost", "noord", "crs")
"""Columns that a point geometry in RD stands for."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Found:
    """What a reader found in a file.

    Attributes
    ----------
    digest : str
        SHA-256 of the bytes that were read.
    columns : mapping of str to pyarrow.Array or pyarrow.ChunkedArray
        Listed columns, as the file has them.
    rows : int
        Rows of the file, where no column says so.
    faults : tuple of Fault
    form : str
        What the file turned out to be, where its suffix does not say it all.
    """

    digest: str
    columns: Mapping[str, Any] = field(default_factory=dict)
    rows: int = 0
    faults: tuple[Fault, ...] = ()
    form: str = ""

    def __repr__(self) -> str:
        return f"Found({len(self.columns)} columns, {self.rows} rows)"


def as_listed(names: Sequence[str], listed: Sequence[str]) -> list[str]:
    """Names as the contract writes them, where a file has other capitals (dBASE writes all of them so).

    Examples
    --------
    >>> as_listed(["SLEUTEL", "Datum", "Opmerking"], ["sleutel", "datum"])
    ['sleutel', 'datum', 'Opmerking']
    """
    return [plain if (plain := name.lower()) in listed else name for name in names]


def places(names: Sequence[str], listed: Sequence[str]) -> dict[str, int]:
    """Position of each listed column that stands in the file once, of names that :func:`as_listed` gave."""
    return {name: names.index(name) for name in listed if names.count(name) == 1}


def header_faults(file: str, names: Sequence[str], listed: Sequence[str], rows: int) -> tuple[Fault, ...]:
    """Say which columns miss, stand there twice or are not listed."""
    contract = ", ".join(listed)
    counts = Counter(names)
    if not any(counts[name] for name in listed):
        return (Fault(Kind.NO_HEADER, file, detail=contract),)
    return (
        *(Fault(Kind.REPEATED, file, name, detail=str(counts[name])) for name in listed if counts[name] > 1),
        *(Fault(Kind.MISSING, file, name, detail=contract) for name in listed if not counts[name]),
        *(
            Fault(Kind.UNLISTED, file, shown(name, place), rows, contract)
            for place, name in enumerate(names, 1)
            if name not in listed
        ),
    )


def shown(name: str, place: int) -> str:
    """Name a column; by its place when the name itself may be data (a file without a first row of names)."""
    safe = re.fullmatch(r"[^\W\d][\w .()/-]{0,39}", name) and not re.search(r"\d{4}", name) and not kinds_in_text(name)
    return name if safe else f"nummer {place}"
