"""The published table of a release, as its zones.parquet gives it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

Ints = npt.NDArray[np.int64]
Window = tuple[dt.date, dt.date]
Key = tuple[str, str, Window]
"""Layer, level and window."""

NO_VALUE = -1


@dataclass(frozen=True)
class Table:
    """Rows of one release; ``value`` is -1 where there is none.

    ``cells`` of row i are ``cells[starts[i]:starts[i + 1]]``.
    """

    layer: tuple[str, ...]
    level: tuple[str, ...]
    unit: tuple[str, ...]
    start: tuple[dt.date, ...]
    end: tuple[dt.date, ...]
    value: Ints
    base: Ints
    status: tuple[str, ...]
    rounding: tuple[str | None, ...]
    atoms: Ints
    addresses: Ints
    buildings: Ints
    basis: tuple[str, ...]
    region: tuple[str, ...]
    cells: npt.NDArray[np.uint64]
    starts: Ints
    shape: tuple[bytes | None, ...]
    marks: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.unit)

    @property
    def version(self) -> str:
        return self.marks.get("zones_versie", "")

    @property
    def profile(self) -> str:
        return self.marks.get("profiel", "")

    @cached_property
    def period(self) -> Window:
        """The whole period of the release."""
        return dt.date.fromisoformat(self.marks["periode_van"]), dt.date.fromisoformat(self.marks["periode_tot"])

    @cached_property
    def groups(self) -> Mapping[Key, Ints]:
        """Rows per layer, level and window."""
        found: dict[Key, list[int]] = {}
        for row, key in enumerate(zip(self.layer, self.level, zip(self.start, self.end, strict=True), strict=True)):
            found.setdefault(key, []).append(row)
        return {key: np.array(rows, dtype=np.int64) for key, rows in found.items()}

    @cached_property
    def place(self) -> Mapping[tuple[str, str, str], int]:
        """Row of each (layer, level, unit) over the whole period."""
        return {
            (self.layer[row], self.level[row], self.unit[row]): row
            for row in range(len(self))
            if (self.start[row], self.end[row]) == self.period
        }

    @cached_property
    def layers(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.layer)))

    def cells_of(self, row: int) -> npt.NDArray[np.uint64]:
        return self.cells[self.starts[row] : self.starts[row + 1]]


def read_table(path: Path) -> Table:
    """Read zones.parquet; columns that are not declared are left to the harvest."""
    table = pq.read_table(path)
    marks = {
        key.decode().removeprefix("geoanalyse:"): text.decode() for key, text in (table.schema.metadata or {}).items()
    }
    lists = table["cells"].combine_chunks()
    if isinstance(lists, pa.ChunkedArray):
        lists = pa.concat_arrays(lists.chunks) if lists.num_chunks else pa.array([], lists.type)
    sizes = np.asarray(pc.fill_null(pc.list_value_length(lists), 0), dtype=np.int64)

    def texts(name: str) -> tuple[str, ...]:
        return tuple(table[name].to_pylist())

    def numbers(name: str) -> Ints:
        return np.asarray(pc.fill_null(table[name], NO_VALUE), dtype=np.int64)

    return Table(
        layer=texts("layer"),
        level=texts("level"),
        unit=texts("zone"),
        start=tuple(table["start"].to_pylist()),
        end=tuple(table["end"].to_pylist()),
        value=numbers("value"),
        base=numbers("base"),
        status=texts("status"),
        rounding=texts("rounding"),
        atoms=numbers("atoms"),
        addresses=numbers("addresses"),
        buildings=numbers("buildings"),
        basis=texts("basis"),
        region=texts("gebiedscode"),
        cells=np.asarray(pc.list_flatten(lists), dtype=np.uint64),
        starts=np.concatenate([[0], np.cumsum(sizes)]),
        shape=tuple(table["geometry"].to_pylist()),
        marks=marks,
    )
