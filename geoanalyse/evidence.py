"""Which figures point at which places, with the reasons in words."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from geoanalyse.geography import Geography, Regions, atoms, cells_of_units, main_region
from geoanalyse.layer import Atom, Base, Layer, Reliability

if TYPE_CHECKING:
    import pandas as pd  # half a second, which readers of a release need not wait for

CERTAIN: Final = 0.95
"""Probability from which a rate is called more than twice the region's."""

_PER_INSPECTION: Final = {
    "hotspot": ", ook per controle",
    "geen": ", maar per controle is dat niet aantoonbaar",
    "niet te zeggen": ", en of dat per controle ook zo is, is niet te zeggen",
}
"""What is said of a hot spot by its call with inspections in place of addresses (`stats.inspections`)."""

SAME_USE: Final = ", en vaker dan bij dit gebruik te verwachten is"
NOT_FOR_ITS_USE: Final = ", maar bij dit gebruik (winkels, horeca, woningen) is dat niet aantoonbaar veel"
"""What is said of a high rate beside places with the same uses (`stats.by_use`)."""

Reason = tuple[str, str]
"""Code and text; no text holds a semicolon, for lists put that between them."""
Pattern = tuple[str, str]
"""Kind of reason, and what is said of a region with that pattern."""

_PATTERNS: Final[Mapping[str, Pattern]] = {
    "nieuw": ("NIEUW", "pas in de laatste periode een hotspot"),
    "opeenvolgend": ("NIEUW", "sinds kort een hotspot, enkele perioden op rij"),
    "toenemend": ("AANHOUDEND", "bijna steeds een hotspot, en het wordt meer"),
    "aanhoudend": ("AANHOUDEND", "bijna steeds een hotspot"),
}
"""Patterns over time that are a reason more to look; of `stats.spacetime.PATTERNS`."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """A figure that points at its unit.

    ``firm``: it is as good as certainly above twice the region's rate, or its hot spot is stable.
    """

    layer: Layer
    unit: tuple[str, str]
    reasons: tuple[Reason, ...]
    firm: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Resolution-10 cells of a unit, and the smallest CBS region that holds most of its addresses."""

    cells: tuple[int, ...]
    region: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the layers say about one place."""

    layers: tuple[Layer, ...]
    reasons: tuple[Reason, ...]
    firm: bool

    @property
    def holders(self) -> frozenset[str]:
        """Data holders of these layers."""
        return frozenset(layer.holder for layer in self.layers)

    @property
    def best(self) -> Reliability:
        """Reliability of the best of these layers."""
        order = list(Reliability)
        return min((layer.reliability for layer in self.layers), key=order.index)


def places_of(frame: "pd.DataFrame", layers: Sequence[Layer], geography: Geography) -> Mapping[tuple[str, str], Place]:
    """Give the place of every atom of every layer in the statistics (`stats.SCHEMA`), by (layer id, unit)."""
    known: dict[str, set[str]] = {layer.id: set() for layer in layers}
    for layer_id, zone in zip(frame["layer"], frame["zone"], strict=True):
        if layer_id in known:
            known[layer_id].add(zone)
    places = {}
    for layer in layers:
        mine = placed(known[layer.id], layer.base, layer.atom, geography)
        places.update({(layer.id, unit): place for unit, place in mine})
    return places


def placed(wanted: Collection[str], base: Base, atom: Atom, geography: Geography) -> Iterator[tuple[str, Place]]:
    """Give the units of an atom that are wanted, each with its place."""
    zones = geography.zones.base[base]
    units = atoms(zones, geography.regions, atom)
    cells, starts = cells_of_units(zones, units.of_zone, len(units.ids))
    region = main_region(zones, units.of_zone, len(units.ids))
    for index, unit in enumerate(units.ids):
        if unit in wanted:
            own = cells[starts[index] : starts[index + 1]]
            yield unit, Place(tuple(own.tolist()), geography.regions.codes[region[index]])


def pointers(
    frame: "pd.DataFrame",
    layers: Sequence[Layer],
    places: Mapping[tuple[str, str], Place],
    inspections: pa.Table,
    standardised: pa.Table,
) -> list[Pointer]:
    """Give every figure that points at its unit: a hot spot, or as good as certainly above twice the region's rate."""
    found = []
    per_inspection, least = _by_unit(inspections, "hotspot"), _by_unit(standardised, "low")
    by_id = {layer.id: layer for layer in layers}
    own = frame[frame["layer"].isin(list(by_id)) & frame["value"].notna() & (frame["value"] > 0)]
    for row in own.itertuples():
        if (row.layer, row.zone) not in places:
            continue  # a sum: its atoms speak for themselves
        unit = (row.layer, row.level, row.zone)
        reasons = (
            *_hot(row.hotspot == "hotspot", per_inspection.get(unit), by_id[row.layer]),
            *_high(row.p_double >= CERTAIN, least.get(unit), by_id[row.layer]),
        )
        if reasons:
            firm = row.p_double >= CERTAIN or (row.hotspot == "hotspot" and row.stability == "stabiel")
            found.append(Pointer(by_id[row.layer], (row.level, row.zone), reasons, bool(firm)))
    return found


def patterns(trends: pa.Table) -> dict[tuple[str, str], Pattern]:
    """Give the patterns over time that are a reason, by layer and region (`stats.trends.SCHEMA`)."""
    keys = (trends[name].to_pylist() for name in ("layer", "zone", "pattern"))
    return {(layer, zone): _PATTERNS[found] for layer, zone, found in zip(*keys, strict=True) if found in _PATTERNS}


def recent(
    layers: Iterable[Layer], region: str, over_time: Mapping[tuple[str, str], Pattern], regions: Regions
) -> Iterator[Reason]:
    """Say of layers that point at a place whether the smallest region round it with a series is new or persistent."""
    around = list(regions.chain(region).values())
    for layer in layers:
        code = next((each for each in around if (layer.id, each) in over_time), None)
        if code is not None:
            kind, said = over_time[layer.id, code]
            yield f"{kind}-{layer.id}", f"{layer.title}: {regions.name(code)} is als geheel {said}"


def _by_unit(table: pa.Table, column: str) -> dict[tuple[str, str, str], Any]:
    keys = (table[name].to_pylist() for name in ("layer", "level", "zone"))
    return dict(zip(zip(*keys, strict=True), table[column].to_pylist(), strict=True))


def gathered(pointing: Iterable[Pointer], places: Mapping[tuple[str, str], Place]) -> dict[tuple[str, str], Evidence]:
    """Collect for each unit which layers point at it, with reasons in words."""
    direct: dict[tuple[str, str], list[Pointer]] = {}
    coarse_by_cell: dict[int, list[Pointer]] = {}
    for each in pointing:
        level, zone = each.unit
        at_zone_of_all = level == "zone" and each.layer.base is Base.ALL
        if not at_zone_of_all:
            for cell in places[(each.layer.id, zone)].cells:
                coarse_by_cell.setdefault(cell, []).append(each)
        if at_zone_of_all or level != "zone":
            direct.setdefault(each.unit, []).append(each)
    evidence = {}
    for (level, zone), parts in direct.items():
        supporting = list(parts)
        if level == "zone":
            named = {each.layer.id for each in parts}
            cells = places[(parts[0].layer.id, zone)].cells
            near = {each.layer.id: each for cell in cells for each in coarse_by_cell.get(cell, [])}
            supporting += [_from_around(near[layer_id]) for layer_id in sorted(near) if layer_id not in named]
        involved = tuple(each.layer for each in supporting)
        reasons = tuple(reason for each in supporting for reason in each.reasons)
        if len({layer.holder for layer in involved}) > 1:
            reasons = (*reasons, ("SAMENLOOP", f"{len(involved)} lagen wijzen naar dezelfde plek"))
        evidence[(level, zone)] = Evidence(involved, reasons, any(each.firm for each in supporting))
    return evidence


def _from_around(pointer: Pointer) -> Pointer:
    """Say of reasons that they were measured on a larger unit, or on other zones, that holds this place."""
    reasons = tuple((code, f"{text} (gemeten in een groter gebied hieromheen)") for code, text in pointer.reasons)
    return replace(pointer, reasons=reasons)


def _hot(hot: bool, per_inspection: str | None, layer: Layer) -> Iterator[Reason]:  # noqa: FBT001
    if hot:
        also = _PER_INSPECTION.get(per_inspection or "", "")
        yield f"HOTSPOT-{layer.id}", f"{layer.title}: hotspot, hoge waarden liggen hier bij elkaar{also}"


def _high(high: bool, least: float | None, layer: Layer) -> Iterator[Reason]:  # noqa: FBT001
    """Say that a rate is high, and whether it is beside places with the same uses (`least` is None when not known)."""
    if high:
        also = "" if least is None else SAME_USE if least > 1 else NOT_FOR_ITS_USE
        yield f"HOOG-{layer.id}", f"{layer.title}: met 95% zekerheid meer dan twee keer zo vaak als in de regio{also}"
