"""What the map knows: one release as a JSON header with columns of numbers (`kaartblok` packs them)."""

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

import geoanalyse
from geoanalyse import grid
from geoanalyse.classes import CLASS_BREAKS, COMPOSITE_FLOOR, HIGHEST_RATIO
from geoanalyse.dressing import Background, Dressing
from geoanalyse.errors import ReleaseError
from geoanalyse.geography import Regions, ZoneSet, distinct_pairs
from geoanalyse.layer import Base, Layer
from geoanalyse.products import (
    dutch,
    gebruik,
    kaartlagen,
    kaartomgeving,
    kaartperiodes,
    opgevolgd,
    palette,
    terugblik,
    toegankelijkheid,
    toezicht,
    verantwoording,
)
from geoanalyse.products.kaartblok import Columns, three_digits
from geoanalyse.products.lattice import Lattice, centres, encode
from geoanalyse.published import Surroundings
from geoanalyse.release import Release
from geoanalyse.signals import Signal
from geoanalyse.theme import Theme

LEVELS = ("zone", "res9", "res8", "buurt", "wijk")
"""Levels the map draws, from fine to coarse; the numbers of a gemeente are in zones.parquet."""

CELL_WORDS = ("cel", "cellen")
"""Of the finest level of the surroundings, in singular and plural."""

STATUSES = ("waarde", "cap", "geen_data", "onderdrukt")
HOTSPOTS = ("geen", "hotspot", "coldspot")
STABILITY = ("stabiel", "wisselt")
CALLS = tuple(dutch.PER_INSPECTION)

NO_ADDRESSES, NO_FIGURE, NOT_DRAWN = -1, -2, -3
"""Instead of the position of a unit: no address of the base here; its addresses count in a unit beside it; outside."""

FINEST = 10
"""Resolution of a cell."""
REGIONS = ("buurt", "wijk")

Names = grid.Cells | list[str]
"""H3 indexes of hexagons and zones, CBS codes of regions; ascending."""

_CONTEXT = 0.3  # share of the area's extent that is drawn around it, as outlines only
_CONTEXT_MOST = 60_000  # cells


# --- the model --------------------------------------------------------------------------------------------------------


def model(release: Release, dressing: Dressing) -> tuple[dict[str, Any], Columns]:
    """Turn a release and what is added to it into the header and columns of the map."""
    columns = Columns()
    regions = release.geography.regions
    drawn = _drawn_cells(release)
    own = centres(drawn)
    bounds = np.stack([own.min(axis=0), own.max(axis=0)])
    context = _context(regions, bounds)
    every = _union(drawn, context)
    region = regions.region_of(every)
    used = _used_regions(release, regions, region)
    number = np.full(len(regions.codes) + 1, -1, dtype=np.int32)
    number[used] = np.arange(len(used))
    whole = _whole_period(release)
    grids = _Grids(release, regions, every, drawn, number, columns)
    layers = [_layer(layer, release, whole, grids, columns) for layer in release.layers]
    composites = [_composite(theme, release, whole, grids, columns) for theme in map(str, release.themes)]
    header = {
        "format": 1,
        "version": geoanalyse.__version__,
        **_about(release),
        "regions": [
            [regions.codes[index], regions.names[index], regions.levels[index], int(number[regions.parents[index]])]
            for index in used.tolist()
        ],
        "cell_region": columns.integers(number[regions.region_of(grids.lattice[10].cells)], difference=True),
        "inside": columns.integers(_within(grids.lattice[10].cells, drawn), difference=True),
        "bounds": np.round(bounds, 5).tolist(),
        "lattices": grids.lattices,
        "unit_sets": grids.written,
        "layers": [entry for entry in composites + layers if entry["levels"]],
        "series": kaartperiodes.series(release, number, columns),
        "signals": [_signal(signal) for signal in release.signals],
        "highest_ratio": HIGHEST_RATIO,
        "class_breaks": CLASS_BREAKS,
        "words": words(),
        "colours": colours(dressing.theme),
        "background": background_entry(dressing.background),
        "overlays": [kaartlagen.columns_of(each, bounds, columns) for each in dressing.overlays],
        # Last, so that with them all else of the map has the same columns as without.
        "surroundings": kaartomgeving.entries(_around(release, dressing), grids.ground, columns),
    }
    return header, columns


def _around(release: Release, dressing: Dressing) -> Surroundings | None:
    """Give the surroundings, measured over the cells of the area and no others."""
    around = dressing.surroundings
    if around is None or not around.layers:
        return None
    rows = around.table.filter(pc.equal(around.table["level"], "cel"))
    first = rows.filter(pc.equal(rows["layer"], around.layers[0].id))
    if not np.array_equal(np.sort(_indexes(first["unit"])), np.sort(np.asarray(release.area.cells))):
        raise ReleaseError("de omgeving is over een ander gebied gemeten dan de uitgave; meet haar over dit gebied")
    return around


def _about(release: Release) -> dict[str, Any]:
    basis = release.grondslag
    regions = release.geography.regions
    return {
        "title": release.area.title,
        "area": release.area.name,
        "area_source": release.area.source,
        "period": dutch.period(release.start, release.end),
        "start": release.start.isoformat(),
        "end": release.end.isoformat(),
        "reference_date": dutch.date(release.reference_date),
        "demo": dutch.DEMO if basis.demo else "",
        "classification": basis.classification,
        "retain_until": basis.retain_until.isoformat(),
        "grondslag": [
            ["Besluit", f"{basis.kind}: {basis.decision} ({dutch.date(basis.date)})"],
            ["Gaat over", f"een {basis.scope}, niet over personen"],
            ["Doel", basis.purpose],
            ["Vraag", basis.question],
            ["Opvolging", basis.follow_up],
            ["Geldig tot en met", dutch.date(basis.valid_until)],
            ["Bewaren tot en met", dutch.date(basis.retain_until)],
            ["Rubricering", basis.classification],
        ],
        "geography": [regions.source, regions.year],
        "compared": dutch.listing(_compared_with(release)),
        "zones_version": release.zones_version,
        "k": release.geography.zones.k,
        "profile": release.profile,
        "profile_words": dutch.PROFILES[release.profile],
        "caveat": release.caveat,
        "hindsight": [
            terugblik.TITLE,
            terugblik.ON_THE_MAP,
            [*(each.text for each in terugblik.sentences(release, release.layers)), *opgevolgd.sentences(release)],
        ],
        "promise": {
            "short": verantwoording.short_promise(release.geography.zones.k),
            "whole": verantwoording.promise(release.geography.zones.k),
            "limits": verantwoording.LIMITS,
        },
        "accessibility": {
            "status": toegankelijkheid.STATUS,
            "tested": [claim.text for claim in toegankelijkheid.TESTED],
            "by_whom": toegankelijkheid.BY_WHOM,
            "limits": toegankelijkheid.LIMITS,
            "contact": toegankelijkheid.CONTACT,
        },
        "snapped": [release.snapped_in, release.snapped_out],
        "digest": release.digest,
    }


def _compared_with(release: Release) -> list[str]:
    """Names of the gemeenten the area lies in: the region that everything is compared with."""
    regions = release.geography.regions
    known = pc.unique(release.protected.table["gebiedscode"]).to_pylist()
    return sorted({regions.name(regions.chain(code)["gemeente"]) for code in known})


def words() -> dict[str, Any]:
    """Give the words of a version that the map's script uses."""
    return {
        "levels": {"cel": CELL_WORDS, **{level: dutch.LEVELS[level] for level in LEVELS}},
        "bases": dutch.BASES,
        "routes": dutch.ROUTES,
        "no_data": dutch.NO_DATA,
        "withheld": dutch.WITHHELD,
        "no_addresses": dutch.NO_ADDRESSES,
        "blind_spot": dutch.BLIND_SPOT,
        "strength": dutch.STRENGTH,
        "trends": list(dutch.TRENDS.values()),
        "patterns": list(dutch.PATTERNS.values()),
        "per_inspection": list(dutch.PER_INSPECTION.values()),
        "hotspots": {name: dutch.hotspot_words(name) for name in HOTSPOTS},
    }


def background_entry(background: Background | None) -> dict[str, Any] | None:
    """Describe a background as the map's script reads it."""
    if background is None:
        return None
    return {name: getattr(background, name) for name in ("name", "credit", "host", "template", "deepest")}


def colours(theme: Theme | None = None) -> dict[str, Any]:
    """Give the colours that the map's script uses: those of a version, or some of a user's own."""
    return {
        "classes": theme.classes if theme else palette.CLASS_COLOURS,
        "surroundings": palette.SURROUNDINGS,
        "class_ink": theme.class_ink if theme else palette.CLASS_INK,
        "accent": theme.accent if theme else None,
        "empty": {name: [style.ground, style.mark, str(style.pattern)] for name, style in palette.EMPTY.items()},
        "change": {name: [style.ground, style.mark, str(style.pattern)] for name, style in palette.CHANGE.items()},
        "hot": theme.hot if theme else palette.HOT,
        "cold": theme.cold if theme else palette.COLD,
        "border": palette.BORDER,
        "edge": palette.EDGE,
        "ink": palette.INK,
        "ink_soft": palette.INK_SOFT,
    }


def _signal(signal: Signal) -> dict[str, Any]:
    return {
        "id": signal.id,
        "theme": str(signal.theme),
        "rank": signal.rank,
        "zone": signal.zone,
        "level": signal.level,
        "region": signal.region_name,
        "wijk": signal.wijk_name,
        "strength": signal.strength,
        "reliability": signal.reliability,
        "route": signal.route,
        "advice": dutch.advice(signal.advice),
        "reasons": [text for _, text in signal.reasons],
        "unknown": signal.unknown,
    }


# --- space ------------------------------------------------------------------------------------------------------------


def _drawn_cells(release: Release) -> grid.Cells:
    """Cells of the area and of every published zone."""
    of_zone = release.statistics.filter(pc.equal(release.statistics["level"], "zone"))
    base_of = {layer.id: layer.base for layer in release.layers} | {
        f"thema:{name}": Base.ALL for name in release.themes
    }
    parts = [np.asarray(release.area.cells, dtype=np.uint64)]
    for base in sorted(set(base_of.values())):
        named = pa.array([name for name, own in base_of.items() if own is base])
        names = np.sort(_indexes(pc.unique(of_zone.filter(pc.is_in(of_zone["layer"], named))["zone"])))
        members = release.geography.zones.base[base]
        wanted = _within(members.zone, names)
        parts.append(members.cell[wanted[members.cell_zone]])
    return _union(*parts)


def _union(*parts: grid.Cells) -> grid.Cells:
    """Cells that are in any of the parts, ascending; for whole numbers NumPy sorts faster than it makes a set."""
    values = np.sort(np.concatenate(parts))
    new = np.ones(len(values), dtype=bool)
    new[1:] = values[1:] != values[:-1]
    cells: grid.Cells = values[new]
    return cells


def _within(cells: grid.Cells, known: grid.Cells) -> npt.NDArray[np.bool_]:
    """Which cells occur in `known`, which ascends."""
    return _position(known, cells) >= 0


def _context(regions: Regions, bounds: npt.NDArray[np.float64]) -> grid.Cells:
    """Cells around the area, for the outlines and names of what lies next to it; none when they would be too many."""
    margin = np.maximum((bounds[1] - bounds[0]) * _CONTEXT, 0.01)
    every = centres(regions.cells)
    near = ((every >= bounds[0] - margin) & (every <= bounds[1] + margin)).all(axis=1)
    return regions.cells[near] if near.sum() <= _CONTEXT_MOST else regions.cells[:0]


def _used_regions(release: Release, regions: Regions, here: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Positions of all regions that the map names, with everything above them; `here` are those of its cells."""
    used = set(np.flatnonzero(np.bincount(here[here >= 0])).tolist())
    known = {code: index for index, code in enumerate(regions.codes)}
    used |= {known[code] for code in pc.unique(release.protected.table["gebiedscode"]).to_pylist() if code in known}
    for index in tuple(used):
        above = int(regions.parents[index])
        while above >= 0:
            used.add(above)
            above = int(regions.parents[above])
    return np.array(sorted(used), dtype=np.int64)


def _lattice(found: Lattice, columns: Columns) -> dict[str, Any]:
    return {
        "faces": [
            {
                "matrix": face.matrix.ravel().tolist(),
                "runs": [
                    columns.integers(face.runs[:, 0], difference=True),
                    columns.integers(face.runs[:, 1], difference=True),
                    columns.integers(face.runs[:, 2]),
                ],
                "extra": [columns.integers(face.extra[:, part]) for part in range(4)],
            }
            for face in found.faces
        ],
        "cells": columns.cells(found.cells),
    }


class _Grids:
    """The lattices of a release, and the sets of units that were asked for on them."""

    def __init__(
        self,
        release: Release,
        regions: Regions,
        every: grid.Cells,
        drawn: grid.Cells,
        number: npt.NDArray[np.int32],
        columns: Columns,
    ) -> None:
        self.zones = release.geography.zones
        self.regions, self.drawn, self.number, self.columns = regions, drawn, number, columns
        self.lattice = {10: encode(every)}
        for resolution in (9, 8):
            named = _unit_names(release, f"res{resolution}")
            parents = grid.parent(drawn, resolution)  # these ascend, as cells do
            first = np.flatnonzero(np.append(True, parents[1:] != parents[:-1]))
            inside = np.diff(np.append(first, len(parents)))
            mostly = parents[first][2 * inside > 7 ** (10 - resolution)]
            self.lattice[resolution] = encode(_union(mostly, named))
        self.lattices = {str(resolution): _lattice(found, columns) for resolution, found in self.lattice.items()}
        self.sets: dict[tuple[str, str, bytes], int] = {}
        self.written: list[dict[str, Any]] = []

    def unit_set(self, base: str, level: str, names: Names) -> int:
        """Give the number of the set of these units; the same names, base and level give the same set.

        A set is its level, the names of its units, and the unit of each cell of its lattice.
        """
        key = (base, level, repr(names).encode() if isinstance(names, list) else names.tobytes())
        if key not in self.sets:
            ground = base == kaartomgeving.GROUND
            unit = (
                self._on_ground(level, names)
                if ground
                else self._unit_of_cell(self.zones.base[Base(base)], level, names)
            )
            self.sets[key] = self._write(base, level, names, unit)
        return self.sets[key]

    def ground(self, level: str, units: list[str]) -> tuple[int, npt.NDArray[np.bool_]]:
        """Give the number of the set of these units of ground, and which of them the map draws."""
        if level in REGIONS:
            return self.unit_set(kaartomgeving.GROUND, level, units), np.ones(len(units), dtype=bool)
        names = _indexes(pa.array(units))
        drawn = _within(names, np.sort(self.lattice[_resolution(level)].cells))
        return self.unit_set(kaartomgeving.GROUND, level, names[drawn]), drawn

    def _write(self, base: str, level: str, names: Names, unit: npt.NDArray[np.int32]) -> int:
        columns = self.columns
        if isinstance(names, list):
            written = {"ids": names, "of_cell": columns.integers(unit, difference=True)}
        else:
            resolution = _resolution(level)
            cells, named = self.lattice[resolution].cells, self.lattices[str(resolution)]["cells"]
            written = {"ids": columns.cells(names), "of_cell": columns.owners(unit, names, cells, named)}
        self.written.append({"base": base, "level": level, **written})
        return len(self.written) - 1

    def _on_ground(self, level: str, names: Names) -> npt.NDArray[np.int32]:
        """Give the unit of each cell where all ground counts: what is drawn without a unit, nothing is known of."""
        cells = self.lattice[_resolution(level)].cells
        if isinstance(names, list):
            region = self.regions.region_of(cells)
            of_region = np.full(len(self.regions.codes) + 1, NO_FIGURE, dtype=np.int32)
            for position, name in enumerate(names):
                of_region[self.regions.index(name)] = position
            unit = of_region[np.where(region >= 0, self.regions.at_level(level)[region], -1)]
        else:
            unit = _position(names, cells)
            unit[unit < 0] = NO_FIGURE
        if _resolution(level) == FINEST:
            unit[~_within(cells, self.drawn)] = NOT_DRAWN
        return unit

    def _unit_of_cell(self, zones: ZoneSet, level: str, names: Names) -> npt.NDArray[np.int32]:
        if not isinstance(names, list) and level != "zone":
            return self._hexagons(zones, int(level.removeprefix("res")), names)
        cells = self.lattice[10].cells
        unit = np.full(len(cells), NO_ADDRESSES, dtype=np.int32)
        if not isinstance(names, list):
            owner = _position(zones.cell, cells)
            known = owner >= 0
            found = _position(names, zones.zone[zones.cell_zone[owner[known]]])
            unit[known] = np.where(found < 0, NO_FIGURE, found)
        else:
            region = self.regions.region_of(cells)
            holder = np.where(region >= 0, self.regions.at_level(level)[region], -1)
            of_region = np.full(len(self.regions.codes) + 1, NO_ADDRESSES, dtype=np.int32)
            lived_in = self.regions.at_level(level)[self.regions.region_of(zones.cell)]
            of_region[lived_in[lived_in >= 0]] = NO_FIGURE
            for position, name in enumerate(names):
                of_region[self.regions.index(name)] = position
            unit = of_region[holder]
        unit[~_within(cells, self.drawn)] = NOT_DRAWN
        return unit

    def _hexagons(self, zones: ZoneSet, resolution: int, ids: grid.Cells) -> npt.NDArray[np.int32]:
        cells = self.lattice[resolution].cells
        unit = _position(ids, cells)
        hexagon = grid.parent(zones.cell, resolution)
        counted_in = _position(ids, (zones.res9 if resolution == 9 else zones.res8)[zones.cell_zone])  # noqa: PLR2004
        unit = np.where(unit >= 0, unit, _mostly(cells, hexagon, counted_in, zones.cell_addresses))
        return np.where((unit < 0) & _within(cells, hexagon), NO_FIGURE, unit).astype(np.int32)


def _resolution(level: str) -> int:
    """Resolution of the lattice that a level is drawn on."""
    return int(level.removeprefix("res")) if level.startswith("res") else FINEST


def _position(known: grid.Cells, wanted: grid.Cells) -> npt.NDArray[np.int32]:
    """Position of each wanted cell in `known` (ascending), -1 where it is not there."""
    if not len(known):
        return np.full(len(wanted), -1, dtype=np.int32)
    spot = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[spot] == wanted, spot, -1).astype(np.int32)


def _mostly(
    wanted: grid.Cells, hexagon: grid.Cells, unit: npt.NDArray[np.int32], addresses: npt.NDArray[np.int64]
) -> npt.NDArray[np.int32]:
    """Give the unit in which most addresses of each wanted hexagon count, NO_ADDRESSES for none.

    A hexagon without a unit of its own is drawn with the unit its addresses count in, as the cells of a zone are.
    """
    order = np.argsort(wanted)
    place = _position(wanted[order], hexagon)
    place[place >= 0] = order[place[place >= 0]]
    counted = (place >= 0) & (unit >= 0)
    result = np.full(len(wanted), NO_ADDRESSES, dtype=np.int32)
    hexagons, units, inverse, _ = distinct_pairs(place[counted], unit[counted])
    weight = np.bincount(inverse, weights=addresses[counted], minlength=len(hexagons))
    order = np.lexsort((-units, weight))  # the heaviest last, so that it is what stays
    result[hexagons[order]] = units[order]
    return result


def _unit_names(release: Release, level: str) -> grid.Cells:
    statistics = release.statistics
    return np.sort(_indexes(pc.unique(statistics.filter(pc.equal(statistics["level"], level))["zone"])))


def _indexes(names: pa.Array | pa.ChunkedArray) -> grid.Cells:
    """H3 indexes from texts of fifteen hexadecimal digits."""
    digits = np.array(names.to_pylist(), dtype="S15").view(np.uint8).reshape(-1, 15)
    numbers = np.where(digits >= ord("a"), digits - (ord("a") - 10), digits - ord("0")).astype(np.uint64)
    return np.asarray(numbers @ (np.uint64(16) ** np.arange(14, -1, -1, dtype=np.uint64)), dtype=np.uint64)


# --- numbers ----------------------------------------------------------------------------------------------------------


def _whole_period(release: Release) -> pa.Table:
    """Give the rows of the published table over the whole period, without their cells."""
    table = release.protected.table.drop_columns(["cells"])
    return table.filter(pc.and_(pc.equal(table["start"], release.start), pc.equal(table["end"], release.end)))


def _layer(layer: Layer, release: Release, whole: pa.Table, grids: _Grids, columns: Columns) -> dict[str, Any]:
    rows = whole.filter(pc.equal(whole["layer"], layer.id))
    until = "heden" if layer.coverage.end is None else dutch.date(layer.coverage.end - dt.timedelta(days=1))
    return {
        "id": layer.id,
        "title": layer.title,
        "description": layer.description,
        "unit": layer.unit,
        "holder": layer.holder,
        "source": layer.source,
        "themes": {str(theme): weight for theme, weight in layer.themes.items()},
        "reliability": str(layer.reliability),
        "bias": layer.bias_text,
        "drives": toezicht.drives(release, layer),
        "uses": gebruik.rates(release, layer),
        "legal_basis": layer.legal_basis,
        "text": layer.text,
        "base": str(layer.base),
        "atom": str(layer.atom),
        "b": layer.b,
        "coverage": [", ".join(sorted(layer.coverage.gemeenten)), dutch.date(layer.coverage.start), until],
        "rate": release.rates.get(layer.id),
        "classes": [dutch.class_label(index, b=layer.b) for index in range(6)],
        "short": _short_classes(f"0 tot {layer.b - 1}", "minder dan 1"),
        "levels": _compared(
            layer.id, release, _levels(layer.id, str(layer.base), release, rows, grids, columns), columns
        ),
    }


def _compared(
    layer: str, release: Release, levels: dict[str, dict[str, Any]], columns: Columns
) -> dict[str, dict[str, Any]]:
    """Add what is expected by use and the rates per inspection, at the levels that have them, by the map's units."""
    for level, found in levels.items():
        units = _of(release.statistics, layer, level)["zone"]
        mine = _of(release.standardised, layer, level)
        if len(mine):
            rows = mine.take(pc.index_in(units, value_set=mine["zone"].combine_chunks()))
            figures = {each: three_digits(_floats(rows[each])) for each in ("expected", "ratio", "low", "high")}
            found["by_use"] = columns.figures({}, figures)
        mine = _of(release.inspections, layer, level)
        if len(mine):
            rows = mine.take(pc.index_in(units, value_set=mine["zone"].combine_chunks()))
            found["per_inspection"] = {
                "hotspot": columns.integers(_place_in(CALLS, rows["hotspot"])),
                **columns.figures({}, {each: three_digits(_floats(rows[each])) for each in ("mean", "low", "high")}),
            }
    return levels


def _composite(theme: str, release: Release, whole: pa.Table, grids: _Grids, columns: Columns) -> dict[str, Any]:
    levels = _levels(f"thema:{theme}", str(Base.ALL), release, whole, grids, columns)
    for level, found in levels.items():
        part = _of(release.statistics, f"thema:{theme}", level)
        found["borrowed"] = _borrowed(theme, level, part["zone"], release, columns)
        found.update(
            columns.figures(
                {each: _whole(part[each]) for each in ("rank_low", "rank_high")},
                {each: three_digits(_floats(part[each])) for each in ("ratio_low", "ratio_high")},
            )
        )
    return {
        "id": f"thema:{theme}",
        "title": f"Totaalbeeld {theme}",
        "theme": theme,
        "base": str(Base.ALL),
        "classes": [dutch.class_label(index) for index in range(6)],
        "short": _short_classes(
            f"minder dan {dutch.significant(COMPOSITE_FLOOR)}", f"{dutch.significant(COMPOSITE_FLOOR)} tot 1"
        ),
        "levels": levels,
    }


def _of(statistics: pa.Table, layer: str, level: str) -> pa.Table:
    """Rows of one layer at one level, in the order of the map's units."""
    mine = pc.and_(pc.equal(statistics["layer"], layer), pc.equal(statistics["level"], level))
    return statistics.filter(mine).sort_by("zone")


def _borrowed(
    theme: str, level: str, units: pa.ChunkedArray, release: Release, columns: Columns
) -> dict[str, list[int]]:
    """Columns of what each unit of a composite takes from layers without a figure of its own: ratio, own part of it."""
    found = {}
    of_level = pc.and_(pc.equal(release.borrowed["theme"], theme), pc.equal(release.borrowed["level"], level))
    rows, units = release.borrowed.filter(of_level), units.combine_chunks()
    for layer in pc.unique(rows["layer"]).to_pylist():
        own = rows.filter(pc.equal(rows["layer"], layer))
        place = np.asarray(pc.index_in(own["zone"], value_set=units))
        figures = np.full((2, len(units)), np.nan)
        figures[:, place] = np.asarray(own["ratio"]), np.asarray(own["own"])
        found[layer] = [columns.coded(three_digits(figure)) for figure in figures]
    return found


def _short_classes(*lowest: str) -> list[str]:
    """Words of the six classes beside their colours: times the region's average."""
    breaks = [dutch.significant(each) for each in CLASS_BREAKS]
    return [*lowest, *(f"{low} tot {high}" for low, high in pairwise(breaks)), f"{breaks[-1]} of meer"]


def _levels(
    name: str, base: str, release: Release, rows: pa.Table, grids: _Grids, columns: Columns
) -> dict[str, dict[str, Any]]:
    """Columns of one layer per level; a level at which it shows nothing is left out."""
    found = {}
    for level in LEVELS:
        part = _of(release.statistics, name, level)
        if not set(pc.unique(part["status"]).to_pylist()) - {"onderdrukt"}:
            continue
        names = part["zone"].to_pylist() if level in REGIONS else _indexes(part["zone"])
        of_level = rows.filter(pc.equal(rows["level"], level))
        region = of_level["gebiedscode"].take(pc.index_in(part["zone"], value_set=of_level["zone"]))
        found[level] = {
            "units": grids.unit_set(base, level, names),
            "b": of_level["b"][0].as_py() if len(of_level) else None,
            "region": columns.integers(_numbers_of(region, grids)),
            "hotspot": columns.integers(_place_in(HOTSPOTS, part["hotspot"])),
            "stability": columns.integers(_place_in(STABILITY, part["stability"])),
            **columns.figures(
                {
                    "addresses": np.asarray(part["addresses"]),
                    "status": _place_in(STATUSES, part["status"]),
                    **{each: _whole(part[each]) for each in ("value", "low", "high", "class")},
                    "p_double": np.rint(np.nan_to_num(_floats(part["p_double"]), nan=-0.01) * 100).astype(np.int64),
                },
                {each: three_digits(_floats(part[each])) for each in ("ratio", "rate_mean", "rate_low", "rate_high")},
            ),
        }
    return found


def _place_in(words: Sequence[str], column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    return np.asarray(pc.fill_null(pc.index_in(column, value_set=pa.array(words)), -1)).astype(np.int64)


def _numbers_of(codes: pa.ChunkedArray, grids: _Grids) -> npt.NDArray[np.int64]:
    """Numbers on the map of regions by their CBS code, -1 for null."""
    known = pc.unique(codes)
    numbers = [-1 if code is None else int(grids.number[grids.regions.index(code)]) for code in known.to_pylist()]
    found: npt.NDArray[np.int64] = np.array(numbers)[np.asarray(pc.index_in(codes, value_set=known))]
    return found


def _whole(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    return np.asarray(pc.fill_null(column, -1)).astype(np.int64)


def _floats(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    return np.asarray(pc.fill_null(column.cast(pa.float64()), float("nan")))
