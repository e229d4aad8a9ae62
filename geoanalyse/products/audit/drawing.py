"""What a map says besides its figures: where it draws each cell, and the words and colours of its version."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from geoanalyse.classes import CLASS_BREAKS, HIGHEST_RATIO
from geoanalyse.dressing import BACKGROUNDS
from geoanalyse.products import kaartmodel, verantwoording
from geoanalyse.products.audit.themap import TheMap, indexes
from geoanalyse.products.lattice import encode

_NEAR = 1e-9  # of the numbers in a matrix; a cell is 1e-5 wide


def broken(found: TheMap) -> Iterator[str]:
    """Say what is not as this version makes it of the same cells.

    Parameters
    ----------
    found : TheMap
    """
    header = found.header
    k = header.get("k")
    promise = {
        "short": verantwoording.short_promise(k if isinstance(k, int) else 0),
        "whole": verantwoording.promise(k if isinstance(k, int) else 0),
        "limits": verantwoording.LIMITS,
    }
    if header.get("promise") != _plain(promise):
        yield "heeft een andere belofte dan deze versie van geoanalyse"
    own = header.get("colours")
    plain = not isinstance(own, dict) or own.get("accent") is None  # a user may have colours of his own
    if header.get("words") != _plain(kaartmodel.words()) or (plain and own != _plain(kaartmodel.colours())):
        yield "heeft andere woorden of kleuren dan deze versie van geoanalyse"
    if (header.get("class_breaks"), header.get("highest_ratio")) != (list(CLASS_BREAKS), HIGHEST_RATIO):
        yield "begint klassen bij andere waarden dan deze versie van geoanalyse"
    if header.get("background") not in (None, *map(kaartmodel.background_entry, BACKGROUNDS.values())):
        yield "haalt een achtergrond op bij een onbekend adres"
    if header.get("profile") == "openbaar" and header.get("signals"):
        yield "noemt signalen in een openbare uitgave"
    try:
        right = all(_drawn_right(lattice, found) for lattice in header["lattices"].values())
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        right = False
    if not right:
        yield "tekent cellen op een andere plek dan waar zij liggen"


def _plain(value: object) -> Any:  # noqa: ANN401 - any JSON
    return json.loads(json.dumps(value))


def _drawn_right(lattice: dict[str, Any], found: TheMap) -> bool:
    """Encode the cells again, and compare what the map's script is given to draw them."""
    cells = indexes(lattice["cells"], found.columns)
    made = encode(cells)
    return (
        np.array_equal(made.cells, cells)
        and len(made.faces) == len(lattice["faces"])
        and all(
            np.allclose(face.matrix.ravel(), told["matrix"], rtol=0, atol=_NEAR)
            and all(np.array_equal(face.runs[:, part], found.columns[told["runs"][part]]) for part in range(3))
            and all(np.array_equal(face.extra[:, part], found.columns[told["extra"][part]]) for part in range(3))
            for face, told in zip(made.faces, lattice["faces"], strict=True)
        )
    )
