"""The surroundings on the map: public layers with columns of their own, apart from all that counts incidents."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geoanalyse.context import ContextLayer, Kind
from geoanalyse.products import dutch, palette
from geoanalyse.products.kaartblok import Columns, three_digits
from geoanalyse.published import Surroundings

GROUND = "omgeving"
"""Instead of a base of addresses: units of all ground, with or without addresses."""
LEVELS = ("cel", "res9", "res8", "buurt", "wijk")
"""Levels the map draws of the surroundings, from fine to coarse."""
THOUSAND = 1000
"""What `seen` is counted in: thousandths of the ground."""

Place = Callable[[str, list[str]], tuple[int, npt.NDArray[np.bool_]]]


def entries(surroundings: Surroundings | None, place: Place, columns: Columns) -> list[dict[str, Any]]:
    """Describe each layer, and add the columns of its values.

    Parameters
    ----------
    surroundings : Surroundings or None
    place : callable
        Of a level and the names of units: the number of the map's set of these, and which of them are on the map.
    columns : Columns
        The columns are added to it.

    Returns
    -------
    list of dict
        Per layer, its definition as a reader sees it, and per level ``units``, ``value`` (nan where nothing is known)
        and ``seen`` (`THOUSAND` for all ground); of a change also ``confidence``, -1 for none. The class of a value is
        not stored: it follows from ``breaks``.
    """
    if surroundings is None:
        return []
    found = []
    placed: dict[str, tuple[pa.ChunkedArray, tuple[int, npt.NDArray[np.bool_]]]] = {}  # the same for all layers
    for layer in surroundings.layers:
        rows = surroundings.table.filter(pc.equal(surroundings.table["layer"], layer.id))
        added = {}
        for level in LEVELS:
            part = rows.filter(pc.equal(rows["level"], level))
            if not len(part):
                continue
            if level not in placed or not placed[level][0].equals(part["unit"]):
                placed[level] = part["unit"], place(level, part["unit"].to_pylist())
            added[level] = _level(part, *placed[level][1], columns)
        found.append({**definition(layer), "levels": added})
    return found


def _level(rows: pa.Table, units: int, drawn: npt.NDArray[np.bool_], columns: Columns) -> dict[str, int]:
    value, seen = (np.asarray(pc.fill_null(rows[name], np.nan))[drawn] for name in ("value", "seen"))
    whole = {"seen": np.rint(seen * THOUSAND).astype(np.int64)}
    if rows["confidence"].null_count < len(rows):  # of a change, per cell
        whole["confidence"] = np.asarray(pc.fill_null(rows["confidence"], -1)).astype(np.int64)[drawn]
    figures = columns.figures(whole, {"value": three_digits(value)})
    return {"units": units, **figures}


def definition(layer: ContextLayer) -> dict[str, Any]:
    """Give what a reader of the map learns of a layer."""
    return {
        "id": layer.id,
        "title": layer.title,
        "description": layer.description,
        "opportunity": layer.opportunity,
        "text": layer.text,
        "kind": str(layer.kind),
        "unit": layer.unit,
        "source": layer.source,
        "licence": layer.licence,
        "reference_date": dutch.date(layer.reference_date),
        "breaks": list(layer.breaks),
        "classes": class_words(layer.breaks, layer.unit),
        "shades": palette.shades(len(layer.breaks) + 1, falling=layer.kind is Kind.DISTANCE),
    }


def class_words(breaks: Sequence[float], unit: str) -> list[str]:
    """Name the classes that start at some values, with their unit.

    Examples
    --------
    >>> class_words([100.0, 1000.0], "meter")
    ['minder dan 100 meter', '100 tot 1.000 meter', '1.000 meter of meer']
    >>> class_words([-0.5, 12.25], "% van de grond")
    ['minder dan -0,5% van de grond', '-0,5 tot 12,25% van de grond', '12,25% van de grond of meer']
    """
    told = [_exact(value) for value in breaks]
    return [
        f"minder dan {with_unit(told[0], unit)}",
        *(f"{low} tot {with_unit(high, unit)}" for low, high in pairwise(told)),
        f"{with_unit(told[-1], unit)} of meer",
    ]


def with_unit(number: str, unit: str) -> str:
    """Put a unit behind a number in words."""
    return f"{number}{unit}" if unit.startswith("%") else f"{number} {unit}"


def _exact(value: float) -> str:
    """Write a number with all the decimals it has."""
    digits = Decimal(repr(value)).normalize().as_tuple().exponent
    return dutch.number(value, max(0, -digits) if isinstance(digits, int) else 0)
