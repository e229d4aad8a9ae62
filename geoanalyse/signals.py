"""From statistics to a ranked list of reasons to look somewhere."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from geoanalyse.geography import Geography, atoms, cells_of_units, main_region
from geoanalyse.layer import Base, Layer, Reliability, Theme

if TYPE_CHECKING:
    import pandas as pd  # half a second, which readers of a release need not wait for

CERTAIN: Final = 0.95
"""Probability from which a rate is called more than twice the region's."""
PER_BUURT: Final = 5
"""Most signals per buurt and theme: a list that names everything names nothing."""
STRENGTHS: Final = ("sterk", "matig", "licht")


@dataclass(frozen=True, slots=True)
class Signal:
    """One reason to look at one place; the place is a zone or a coarser unit, never an address.

    Attributes
    ----------
    id : str
        Letter of the theme and rank, as in ``D01``.
    rank : int
        1 for the strongest signal of the theme in this area; equal signals share a rank.
    zone, level : str
        Unit of the published table.
    cells : tuple of int
        Resolution-10 cells of the unit.
    region, region_name, wijk_name, gemeente_name : str
        Smallest CBS region that holds most of its addresses.
    strength : str
        ``sterk``, ``matig`` or ``licht``.
    reliability : str
        ``hoog``, ``middel`` or ``laag``: how many independent sources agree, and how good they are.
    sources : int
        Number of data holders with evidence.
    reasons : tuple of (code, text)
    unknown : str
        What nobody observed here.
    route : str
        ``mono``, ``duaal`` or ``integraal``: one, two or more holders have evidence.
    score : float
        Times the mean of the region.
    start, end : datetime.date
    """

    id: str
    theme: Theme
    rank: int
    zone: str
    level: str
    cells: tuple[int, ...]
    region: str
    region_name: str
    wijk_name: str
    gemeente_name: str
    strength: str
    reliability: str
    sources: int
    reasons: tuple[tuple[str, str], ...]
    unknown: str
    route: str
    score: float
    start: dt.date
    end: dt.date


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What the layers say about one place."""

    layers: tuple[Layer, ...]
    reasons: tuple[tuple[str, str], ...]

    @property
    def holders(self) -> frozenset[str]:
        return frozenset(layer.holder for layer in self.layers)

    @property
    def best(self) -> Reliability:
        order = list(Reliability)
        return min((layer.reliability for layer in self.layers), key=order.index)


def signals(
    statistics: pa.Table, layers: Sequence[Layer], geography: Geography, start: dt.date, end: dt.date
) -> tuple[Signal, ...]:
    """Rank the places of an area per theme.

    A place is a zone for which at least one layer of the theme is a hot spot, or is above twice the region's rate with
    a probability of 95 %; layers with a coarser atom give signals about that coarser unit, and support the zones
    inside it.

    Returns
    -------
    tuple of Signal
        By theme and rank: strength first, then score, then the name of the unit, so that the order is always the same.
    """
    frame = statistics.to_pandas()
    places = _places(frame, layers, geography)
    found: list[Signal] = []
    for theme in Theme:
        mine = tuple(layer for layer in layers if theme in layer.themes)
        score = frame[frame["layer"] == f"thema:{theme}"].set_index(["level", "zone"])["ratio"].to_dict()
        candidates = []
        for (level, zone), evidence in _evidence(frame, mine, places).items():
            value = score.get((level, zone))
            if value is None:
                continue  # a coarse unit that lies mainly outside the area
            strength = _strength(evidence)
            candidates.append((STRENGTHS.index(strength), -value, zone, level, evidence))
        found += _ranked(
            theme, sorted(candidates, key=lambda item: item[:4]), frame, mine, places, geography, start, end
        )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Place:
    cells: tuple[int, ...]
    region: str


def _places(frame: "pd.DataFrame", layers: Sequence[Layer], geography: Geography) -> Mapping[tuple[str, str], _Place]:
    """Cells and region of every atom of every layer in the statistics, by (layer id, unit)."""
    known = set(zip(frame["layer"], frame["zone"], strict=True))
    places = {}
    for layer in layers:
        zones = geography.zones.base[layer.base]
        units = atoms(zones, geography.regions, layer.atom)
        cells, starts = cells_of_units(zones, units.of_zone, len(units.ids))
        region = main_region(zones, units.of_zone, len(units.ids))
        for index, unit in enumerate(units.ids):
            if (layer.id, unit) in known:
                own = cells[starts[index] : starts[index + 1]]
                places[(layer.id, unit)] = _Place(tuple(own.tolist()), geography.regions.codes[region[index]])
    return places


def _evidence(
    frame: "pd.DataFrame", layers: Sequence[Layer], places: Mapping[tuple[str, str], _Place]
) -> dict[tuple[str, str], _Evidence]:
    """Collect for each unit which layers point at it, with reasons in words."""
    direct: dict[tuple[str, str], list[tuple[Layer, tuple[tuple[str, str], ...]]]] = {}
    coarse_by_cell: dict[int, list[tuple[Layer, tuple[tuple[str, str], ...]]]] = {}
    by_id = {layer.id: layer for layer in layers}
    own = frame[frame["layer"].isin(list(by_id)) & frame["value"].notna() & (frame["value"] > 0)]
    for row in own.itertuples():
        layer = by_id[row.layer]
        if (layer.id, row.zone) not in places:
            continue  # a sum: its atoms speak for themselves
        reasons = _reasons(row.hotspot == "hotspot", row.p_double, layer)
        if not reasons:
            continue
        at_zone_of_all = row.level == "zone" and layer.base is Base.ALL
        if not at_zone_of_all:
            for cell in places[(layer.id, row.zone)].cells:
                coarse_by_cell.setdefault(cell, []).append((layer, reasons))
        if at_zone_of_all or row.level != "zone":
            direct.setdefault((row.level, row.zone), []).append((layer, reasons))
    gathered = {}
    for (level, zone), parts in direct.items():
        supporting = list(parts)
        if level == "zone":
            named = {layer.id for layer, _ in parts}
            cells = places[(parts[0][0].id, zone)].cells
            near = {layer.id: (layer, why) for cell in cells for layer, why in coarse_by_cell.get(cell, [])}
            supporting += [_from_around(*near[layer_id]) for layer_id in sorted(near) if layer_id not in named]
        involved = tuple(layer for layer, _ in supporting)
        reasons = tuple(reason for _, why in supporting for reason in why)
        if len({layer.holder for layer in involved}) > 1:
            reasons = (*reasons, ("SAMENLOOP", f"{len(involved)} lagen wijzen naar dezelfde plek"))
        gathered[(level, zone)] = _Evidence(involved, reasons)
    return gathered


def _from_around(layer: Layer, why: tuple[tuple[str, str], ...]) -> tuple[Layer, tuple[tuple[str, str], ...]]:
    """Say of reasons that they were measured on a larger unit, or on other zones, that holds this place."""
    return layer, tuple((code, f"{text} (gemeten in een groter gebied hieromheen)") for code, text in why)


def _reasons(hot: bool, p_double: float, layer: Layer) -> tuple[tuple[str, str], ...]:  # noqa: FBT001
    reasons = []
    name = layer.title
    if hot:
        reasons.append((f"HOTSPOT-{layer.id}", f"{name}: hotspot, hoge waarden liggen hier bij elkaar"))
    if p_double >= CERTAIN:
        reasons.append((f"HOOG-{layer.id}", f"{name}: met 95% zekerheid meer dan twee keer zo vaak als in de regio"))
    return tuple(reasons)


def _strength(evidence: _Evidence) -> str:
    """One weak source alone never reaches the top class."""
    both = len({code.split("-", 1)[0] for code, _ in evidence.reasons} & {"HOTSPOT", "HOOG"}) == 2  # noqa: PLR2004
    if len(evidence.holders) > 1 and evidence.best is not Reliability.LOW:
        return "sterk"
    if evidence.best is not Reliability.LOW and (both or len(evidence.layers) > 1):
        return "matig"
    return "licht"


def _reliability(evidence: _Evidence) -> str:
    if len(evidence.holders) > 1 and evidence.best is Reliability.HIGH:
        return "hoog"
    if len(evidence.holders) > 1 or evidence.best is Reliability.HIGH:
        return "middel"
    return "laag"


def _route(holders: int) -> str:
    return {1: "mono", 2: "duaal"}.get(holders, "integraal")


def _ranked(
    theme: Theme,
    candidates: Sequence[tuple[int, float, str, str, _Evidence]],
    frame: "pd.DataFrame",
    layers: Sequence[Layer],
    places: Mapping[tuple[str, str], _Place],
    geography: Geography,
    start: dt.date,
    end: dt.date,
) -> list[Signal]:
    regions = geography.regions
    missing = _unobserved_cells(frame, layers, places)
    per_region: dict[str, int] = {}
    kept: list[Signal] = []
    rank, previous = 0, None
    for strength, negative, zone, level, evidence in candidates:
        place = places[(evidence.layers[0].id, zone)]
        per_region[place.region] = per_region.get(place.region, 0) + 1
        if per_region[place.region] > PER_BUURT:
            continue
        if (strength, negative) != previous:
            rank, previous = len(kept) + 1, (strength, negative)
        chain = regions.chain(place.region)
        unknown = [layer.title for layer in layers if layer.id in missing and missing[layer.id] & set(place.cells)]
        kept.append(
            Signal(
                id=f"{str(theme)[0].upper()}{len(kept) + 1:02d}",
                theme=theme,
                rank=rank,
                zone=zone,
                level=level,
                cells=place.cells,
                region=place.region,
                region_name=regions.name(place.region),
                wijk_name=regions.name(chain["wijk"]) if "wijk" in chain else "",
                gemeente_name=regions.name(chain["gemeente"]),
                strength=STRENGTHS[strength],
                reliability=_reliability(evidence),
                sources=len(evidence.holders),
                reasons=evidence.reasons,
                unknown=f"geen gegevens over: {', '.join(unknown)}" if unknown else "",
                route=_route(len(evidence.holders)),
                score=round(-negative, 2),
                start=start,
                end=end,
            )
        )
    return kept


def _unobserved_cells(
    frame: "pd.DataFrame", layers: Sequence[Layer], places: Mapping[tuple[str, str], _Place]
) -> dict[str, set[int]]:
    """Cells for which a layer has no data."""
    missing: dict[str, set[int]] = {}
    for layer in layers:
        rows = frame[(frame["layer"] == layer.id) & (frame["status"] == "geen_data")]
        for unit in rows["zone"]:
            if (layer.id, unit) in places:
                missing.setdefault(layer.id, set()).update(places[(layer.id, unit)].cells)
    return missing
