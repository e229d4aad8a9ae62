"""How each layer is protected, from ``manifest.json`` or, for one file alone, from the layers that come along."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from geoanalyse.errors import LayerError
from geoanalyse.layer import Atom, Base, Coverage, Layer, read_layers, shipped_folder


@dataclass(frozen=True, slots=True)
class Setting:
    """What the laws of a layer's rows depend on; as in `Layer`."""

    base: str
    atom: Atom
    b: int
    clamp: int
    capped: bool
    part_of: str | None
    coverage: Coverage


def shipped() -> dict[str, Layer]:
    """Give the layers that come with the package, by id; none when their files are damaged."""
    try:
        return {layer.id: layer for layer in read_layers(shipped_folder())}
    except LayerError:
        return {}


def of_layers(layers: Iterable[Layer]) -> dict[str, Setting]:
    """Give the settings of layers."""
    return {
        layer.id: Setting(
            str(layer.base), layer.atom, layer.b, layer.clamp, layer.capped, layer.part_of, layer.coverage
        )
        for layer in layers
    }


def of_manifest(entries: object) -> dict[str, Setting] | None:
    """Read the settings from ``lagen`` of a manifest; None when an entry is not complete.

    Examples
    --------
    >>> entry = {"id": "a", "basis": "alle", "atoom": "zone", "b": 5, "klem": 1, "plafond": True, "onderdeel_van": None}
    >>> seen = {"gemeenten": [], "van": "2020-01-01", "tot": None}
    >>> of_manifest([entry | {"dekking": seen}])["a"].b, of_manifest([entry])
    (5, None)
    """
    if not isinstance(entries, list):
        return None
    try:
        return {_text(entry, "id"): _setting(entry) for entry in entries}
    except (KeyError, TypeError, ValueError):
        return None


def _setting(entry: Mapping[str, Any]) -> Setting:
    b, clamp, capped, part_of = (entry[name] for name in ("b", "klem", "plafond", "onderdeel_van"))
    if not isinstance(capped, bool) or not isinstance(part_of, str | None):
        raise TypeError
    if type(b) is not int or type(clamp) is not int or not 1 < b < 1000 or not 0 < clamp < 10**6:  # noqa: PLR2004
        raise ValueError
    return Setting(
        str(Base(entry["basis"])), Atom(entry["atoom"]), b, clamp, capped, part_of, _coverage(entry["dekking"])
    )


def _coverage(told: Mapping[str, Any]) -> Coverage:
    until = None if told["tot"] is None else dt.date.fromisoformat(told["tot"])
    return Coverage(frozenset(map(str, told["gemeenten"])), dt.date.fromisoformat(told["van"]), until)


def _text(entry: Mapping[str, Any], name: str) -> str:
    if not isinstance(entry[name], str):
        raise TypeError
    return str(entry[name])
