"""How a fault gets into the real program: by a function in the place of another, and a look at the raw side."""

import dataclasses
import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

import numpy as np
import pyarrow as pa

Original = Callable[..., Any]
Patch = AbstractContextManager[object]
Patches = Iterator[Patch]
Row = dict[str, Any]
"""A row of the published table."""
Unit = tuple[str, str, str]
"""Layer, level and unit."""


def wrapped(place: str, make: Callable[[Original], Original]) -> Patch:
    """Put ``make(original)`` in the place of a function of the package, such as ``products.gis.geopackage``."""
    module, name = f"geoanalyse.{place}".rsplit(".", 1)
    home = importlib.import_module(module)
    return mock.patch.object(home, name, make(getattr(home, name)))


def reworked(rework: Callable[[list[Row]], Iterable[Row]]) -> Patch:
    """Change the rows of the published table on their way out of `protection.protect`."""

    def make(original: Original) -> Original:
        def protect(*raw: object) -> object:
            made = original(*raw)
            rows = list(rework(made.table.to_pylist()))
            return dataclasses.replace(made, table=pa.Table.from_pylist(rows, schema=made.table.schema))

        return protect

    return wrapped("protection.protect", make)


def with_values(published: Any, values: Callable[[Row], int | None]) -> Any:  # noqa: ANN401 - a Protected or a Release
    """Give a published table, or the statistics of a release, other values."""
    name = "table" if hasattr(published, "table") else "statistics"
    table = getattr(published, name)
    column = pa.array([values(row) for row in table.to_pylist()], pa.int64())
    table = table.set_column(table.schema.get_field_index("value"), "value", column)
    return dataclasses.replace(published, **{name: table})


class RawSide:
    """What was read and counted in this job, which no product may know."""

    def __init__(self) -> None:
        self.prepared: Any = None
        self.watching = wrapped("build.prepare", self._watch)

    def _watch(self, original: Original) -> Original:
        def prepare(*args: object, **options: object) -> object:
            self.prepared = original(*args, **options)
            return self.prepared

        return prepare

    @property
    def secret(self) -> bytes:
        return bytes(self.prepared.source.key.secret)

    @property
    def layers(self) -> Mapping[str, Any]:
        return {item.layer.id: item.layer for item in self.prepared.counts}

    def is_whole(self, row: Row) -> bool:
        """Say whether a row is about the whole period, as the exact counts are."""
        return (row["start"], row["end"]) == tuple(self.prepared.period)

    def exact(self) -> dict[Unit, int]:
        """Give the exact count of every unit of every layer over the whole period."""
        from geoanalyse import geography  # noqa: PLC0415 - only in the process of the runner

        found: dict[Unit, int] = {}
        space = self.prepared.geography
        for item in self.prepared.counts:
            layer, zones = item.layer, space.zones.base[item.layer.base]
            by = geography.pieces(zones, space.regions, layer.atom)
            smallest = geography.atoms(zones, space.regions, layer.atom)
            counts = np.bincount(by.atom, weights=item.total, minlength=len(smallest.ids))
            found |= _named(layer.id, str(layer.atom), smallest.ids, counts)
            for level in geography.SHOWN[layer.atom]:
                if level != str(layer.atom):
                    wider = geography.units(zones, space.regions, layer.atom, level)
                    found |= _named(layer.id, level, wider.ids, summed(wider.of_atom, counts, len(wider.ids)))
        return found

    def flagged(self, layer: str) -> tuple[np.ndarray, np.ndarray]:
        """Give the RD coordinates of the addresses of a layer on which something happened in the period."""
        events, (start, end) = self.prepared.source.events[layer], self.prepared.period
        inside = (events.day >= np.datetime64(start)) & (events.day < np.datetime64(end))
        address = np.unique(events.address[inside])
        base = self.prepared.source.addresses
        return base.easting[address], base.northing[address]


def summed(owner: np.ndarray, numbers: np.ndarray, count: int) -> np.ndarray:
    """Add up numbers per owner; those of owner -1 are left out."""
    return np.bincount(owner[owner >= 0], weights=numbers[owner >= 0], minlength=count)


def _named(layer: str, level: str, ids: Iterable[str], counts: np.ndarray) -> dict[Unit, int]:
    return {(layer, level, unit): round(number) for unit, number in zip(ids, counts.tolist(), strict=True)}


def unit_of(row: Row) -> Unit:
    return row["layer"], row["level"], row["zone"]
