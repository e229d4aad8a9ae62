"""What the map knows: one release as a JSON header with packed columns, and back again.

The page holds all of it in one block of base64 text that no browser runs. `pack` and `unpack` are the two ends of the
format; geoanalyse/products/static/decode.js reads it in the browser.

The block is zlib( length of header as uint32, header as UTF-8 JSON, columns ). The header's ``arrays`` lists the
columns in order: kind and number of values. Numbers are stored byte plane by byte plane (all lowest bytes first), which
compresses better. Kinds: ``i1 i2 i4`` signed integers, ``d1 d2 d4`` differences of successive integers, ``s3`` numbers
of three significant digits in 16 bits (``900 * (exponent + 12) + mantissa - 99``; 0 is zero, -1 is no value).
"""

import base64
import datetime as dt
import json
import struct
import unicodedata
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

import geoanalyse
from geoanalyse import grid
from geoanalyse.geography import Regions, ZoneSet
from geoanalyse.layer import Base, Layer
from geoanalyse.products import dutch, palette, verantwoording
from geoanalyse.products.lattice import Lattice, encode
from geoanalyse.release import Release
from geoanalyse.stats import CLASS_BREAKS, COMPOSITE_FLOOR
from geoanalyse.stats.composite import HIGHEST_RATIO

LEVELS = ("zone", "res9", "res8", "buurt", "wijk")
"""Levels the map draws, from fine to coarse; the numbers of a gemeente are in zones.parquet."""

STATUSES = ("waarde", "cap", "geen_data", "onderdrukt")
HOTSPOTS = ("geen", "hotspot", "coldspot")

NO_ADDRESSES, NO_FIGURE, NOT_DRAWN = -1, -2, -3
"""Instead of the position of a unit: no address of the base here; its addresses count in a unit beside it; outside."""

_CONTROL = ("Cc", "Cs")
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SMALLEST = 1e-11  # smaller numbers are written as 0
_CONTEXT = 0.3  # share of the area's extent that is drawn around it, as outlines only
_CONTEXT_MOST = 60_000  # cells


@dataclass(slots=True)
class Columns:
    """Columns of numbers on their way into the block; equal columns are stored once."""

    specs: list[list[str | int]] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)
    _known: dict[tuple[str, bytes], int] = field(default_factory=dict)

    def integers(self, values: npt.ArrayLike, *, difference: bool = False) -> int:
        """Add whole numbers within 32 bits, give the number of the column."""
        numbers = np.asarray(values).astype(np.int64).ravel()
        if difference:
            numbers = np.diff(numbers, prepend=0)
            numbers = (numbers + 2**31) % 2**32 - 2**31
        size = next(
            size
            for size in (1, 2, 4)
            if not len(numbers) or (-(2 ** (8 * size - 1)) <= numbers.min() and numbers.max() < 2 ** (8 * size - 1))
        )
        return self._add(f"{'d' if difference else 'i'}{size}", numbers.astype(f"<i{size}"))

    def significant(self, values: npt.ArrayLike) -> int:
        """Add non-negative numbers (nan for none), rounded to three significant digits."""
        return self._add("s3", to_three_digits(np.asarray(values, dtype=float)).astype("<i2"))

    def cells(self, values: npt.ArrayLike) -> list[int]:
        """Add H3 indexes as two columns: the high and the low 32 bits."""
        numbers = np.asarray(values, dtype=np.uint64)
        high, low = numbers >> np.uint64(32), numbers & np.uint64(0xFFFFFFFF)
        return [self.integers(high, difference=True), self.integers(low, difference=True)]

    def _add(self, kind: str, values: npt.NDArray[Any]) -> int:
        planes = values.view(np.uint8).reshape(len(values), values.itemsize).T.tobytes()
        if (kind, planes) not in self._known:
            self._known[(kind, planes)] = len(self.specs)
            self.specs.append([kind, len(values)])
            self.parts.append(planes)
        return self._known[(kind, planes)]


def to_three_digits(values: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Code non-negative numbers with three significant digits; nan becomes -1.

    Examples
    --------
    >>> from_three_digits(to_three_digits(np.array([0.0, 0.012345, 1.0, 999.6, np.nan]))).tolist()
    [0.0, 0.0123, 1.0, 1000.0, nan]
    """
    positive = values >= _SMALLEST
    safe = np.where(positive, values, 1.0)
    exponent = np.floor(np.log10(safe)).astype(np.int64)
    mantissa = np.rint(safe / 10.0 ** (exponent - 2)).astype(np.int64)
    over = mantissa >= 1000  # noqa: PLR2004 - rounded up to four digits
    exponent, mantissa = exponent + over, np.where(over, 100, np.maximum(mantissa, 100))
    code = 900 * (np.minimum(exponent, 20) + 12) + mantissa - 99
    return np.where(np.isnan(values), -1, np.where(positive, code, 0))


def from_three_digits(codes: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Decode what `to_three_digits` coded."""
    rest = codes.astype(np.int64) - 1
    text = [f"{100 + number % 900}e{number // 900 - 14}" for number in rest.tolist()]
    return np.where(codes < 0, np.nan, np.where(codes == 0, 0.0, np.array(text, dtype=str).astype(float)))


def pack(header: Mapping[str, Any], columns: Columns) -> str:
    """Write header and columns as one base64 text; same content, same text."""
    whole = _clean({**header, "arrays": columns.specs})
    encoded = json.dumps(whole, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")
    raw = b"".join([struct.pack("<I", len(encoded)), encoded, *columns.parts])
    return base64.b64encode(zlib.compress(raw, 6)).decode("ascii")


def _clean(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Drop control characters and those that reverse the reading direction of what follows; a name must stay a name."""
    if isinstance(value, str):
        return "".join(
            letter for letter in value if unicodedata.category(letter) not in _CONTROL and letter not in _BIDI
        )
    if isinstance(value, Mapping):
        return {_clean(key): _clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(each) for each in value]
    return value


def unpack(text: str) -> tuple[dict[str, Any], list[npt.NDArray[Any]]]:
    """Read what `pack` wrote: the header and the columns as numbers."""
    raw = zlib.decompress(base64.b64decode(text))
    length = struct.unpack_from("<I", raw)[0]
    header = json.loads(raw[4 : 4 + length])
    at = 4 + length
    columns: list[npt.NDArray[Any]] = []
    for kind, count in header["arrays"]:
        size = 2 if kind == "s3" else int(kind[1])
        planes = np.frombuffer(raw, np.uint8, size * count, at).reshape(size, count)
        values = np.ascontiguousarray(planes.T).view(f"<i{size}").ravel().astype(np.int64)
        if kind == "s3":
            columns.append(from_three_digits(values))
        elif kind[0] == "d":
            columns.append((np.cumsum(values) + 2**31) % 2**32 - 2**31)
        else:
            columns.append(values)
        at += size * count
    return header, columns


# --- the model --------------------------------------------------------------------------------------------------------


def model(release: Release) -> tuple[dict[str, Any], Columns]:
    """Turn a release into the header and columns of the map."""
    columns = Columns()
    regions = release.geography.regions
    drawn = _drawn_cells(release)
    context = _context(regions, drawn)
    every = np.union1d(drawn, context)
    used = _used_regions(release, regions, every)
    number = np.full(len(regions.codes) + 1, -1, dtype=np.int32)
    number[used] = np.arange(len(used))
    whole, series = _split(release)
    grids = _Grids(release, regions, every, drawn, number)
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
        "inside": columns.integers(np.isin(grids.lattice[10].cells, drawn), difference=True),
        "bounds": _bounds(drawn),
        "lattices": {str(resolution): _lattice(found, columns) for resolution, found in grids.lattice.items()},
        "unit_sets": grids.write(columns),
        "layers": [entry for entry in composites + layers if entry["levels"]],
        "series": _series(series, regions, number, columns),
        "signals": [_signal(signal) for signal in release.signals],
        "highest_ratio": HIGHEST_RATIO,
        "words": _words(),
        "colours": _colours(),
    }
    return header, columns


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
        "zones_version": release.zones_version,
        "k": release.geography.zones.k,
        "profile": release.profile,
        "profile_words": dutch.PROFILES[release.profile],
        "caveat": release.caveat,
        "promise": {
            "short": verantwoording.short_promise(release.geography.zones.k),
            "whole": verantwoording.promise(release.geography.zones.k),
            "limits": verantwoording.LIMITS,
        },
        "snapped": [release.snapped_in, release.snapped_out],
        "digest": release.digest,
    }


def _words() -> dict[str, Any]:
    return {
        "levels": {level: dutch.LEVELS[level] for level in LEVELS},
        "bases": dutch.BASES,
        "routes": dutch.ROUTES,
        "no_data": dutch.NO_DATA,
        "withheld": dutch.WITHHELD,
        "no_addresses": dutch.NO_ADDRESSES,
        "blind_spot": dutch.BLIND_SPOT,
        "hotspots": {name: dutch.hotspot_words(name) for name in HOTSPOTS},
    }


def _colours() -> dict[str, Any]:
    return {
        "classes": palette.CLASS_COLOURS,
        "class_ink": palette.CLASS_INK,
        "empty": {name: [style.ground, style.mark, str(style.pattern)] for name, style in palette.EMPTY.items()},
        "hot": palette.HOT,
        "cold": palette.COLD,
        "border": palette.BORDER,
        "edge": palette.EDGE,
        "ink": palette.INK,
        "ink_soft": palette.INK_SOFT,
    }


def _signal(signal: Any) -> dict[str, Any]:  # noqa: ANN401 - only its fields are used
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
        names = pc.unique(of_zone.filter(pc.is_in(of_zone["layer"], named))["zone"]).to_pylist()
        members = release.geography.zones.base[base]
        wanted = np.isin(members.zone, np.array([int(name, 16) for name in names], dtype=np.uint64))
        parts.append(members.cell[wanted[members.cell_zone]])
    return np.unique(np.concatenate(parts))


def _context(regions: Regions, drawn: grid.Cells) -> grid.Cells:
    """Cells around the area, for the outlines and names of what lies next to it."""
    if not len(drawn):
        return drawn
    every = grid.centres(regions.cells)
    low, high = grid.centres(drawn).min(axis=0), grid.centres(drawn).max(axis=0)
    margin = np.maximum((high - low) * _CONTEXT, 0.01)
    near = ((every >= low - margin) & (every <= high + margin)).all(axis=1)
    return regions.cells[near] if near.sum() <= _CONTEXT_MOST else drawn


def _bounds(drawn: grid.Cells) -> list[list[float]]:
    centre = grid.centres(drawn)
    return [[round(float(value), 5) for value in edge] for edge in (centre.min(axis=0), centre.max(axis=0))]


def _used_regions(release: Release, regions: Regions, cells: grid.Cells) -> npt.NDArray[np.int64]:
    """Positions of all regions that the map names, with everything above them."""
    here = regions.region_of(cells)
    used = set(here[here >= 0].tolist())
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
                "extra": [columns.integers(face.extra[:, part]) for part in range(3)],
            }
            for face in found.faces
        ],
        "cells": columns.cells(found.cells),
    }


class _Grids:
    """The lattices of a release, and the sets of units that were asked for on them."""

    def __init__(
        self, release: Release, regions: Regions, every: grid.Cells, drawn: grid.Cells, number: npt.NDArray[np.int32]
    ) -> None:
        self.zones = release.geography.zones
        self.regions, self.drawn, self.number = regions, drawn, number
        self.lattice = {10: encode(every)}
        for resolution in (9, 8):
            named = _unit_names(release, f"res{resolution}")
            parents, inside = np.unique(grid.parent(drawn, resolution), return_counts=True)
            mostly = parents[2 * inside > 7 ** (10 - resolution)]
            self.lattice[resolution] = encode(np.union1d(mostly, named))
        self.sets: dict[tuple[str, str, tuple[str, ...]], tuple[int, npt.NDArray[np.int32]]] = {}

    def unit_set(self, base: str, level: str, names: Sequence[str]) -> int:
        """Give the number of the set of these units; the same names, base and level give the same set."""
        key = (base, level, tuple(names))
        if key not in self.sets:
            self.sets[key] = (len(self.sets), self._unit_of_cell(self.zones.base[Base(base)], level, names))
        return self.sets[key][0]

    def _unit_of_cell(self, zones: ZoneSet, level: str, names: Sequence[str]) -> npt.NDArray[np.int32]:
        if level in ("res9", "res8"):
            return self._hexagons(zones, int(level.removeprefix("res")), names)
        cells = self.lattice[10].cells
        unit = np.full(len(cells), NO_ADDRESSES, dtype=np.int32)
        if level == "zone":
            owner = _position(zones.cell, cells)
            known = owner >= 0
            ids = np.array([int(name, 16) for name in names], dtype=np.uint64)
            unit[known] = _position(ids, zones.zone[zones.cell_zone[owner[known]]])
        else:
            region = self.regions.region_of(cells)
            holder = np.where(region >= 0, self.regions.at_level(level)[region], -1)
            of_region = np.full(len(self.regions.codes) + 1, NO_ADDRESSES, dtype=np.int32)
            lived_in = self.regions.at_level(level)[self.regions.region_of(zones.cell)]
            of_region[lived_in[lived_in >= 0]] = NO_FIGURE
            for position, name in enumerate(names):
                of_region[self.regions.index(name)] = position
            unit = of_region[holder]
        unit[~np.isin(cells, self.drawn)] = NOT_DRAWN
        return unit

    def _hexagons(self, zones: ZoneSet, resolution: int, names: Sequence[str]) -> npt.NDArray[np.int32]:
        cells = self.lattice[resolution].cells
        ids = np.array([int(name, 16) for name in names], dtype=np.uint64)
        unit = _position(ids, cells)
        hexagon = grid.parent(zones.cell, resolution)
        counted_in = _position(ids, (zones.res9 if resolution == 9 else zones.res8)[zones.cell_zone])  # noqa: PLR2004
        unit = np.where(unit >= 0, unit, _mostly(cells, hexagon, counted_in, zones.cell_addresses))
        return np.where((unit < 0) & np.isin(cells, hexagon), NO_FIGURE, unit).astype(np.int32)

    def write(self, columns: Columns) -> list[dict[str, Any]]:
        """Write every set: its level, the names of its units, and the unit of each cell of its lattice."""
        written = []
        for (base, level, names), (_, unit) in self.sets.items():
            hexagonal = level not in ("buurt", "wijk")
            ids = columns.cells([int(name, 16) for name in names]) if hexagonal else list(names)
            written.append(
                {"base": base, "level": level, "ids": ids, "of_cell": columns.integers(unit, difference=True)}
            )
        return written


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
    pairs, inverse = np.unique(np.stack([place[counted], unit[counted]]), axis=1, return_inverse=True)
    weight = np.bincount(inverse.ravel(), weights=addresses[counted], minlength=pairs.shape[1])
    order = np.lexsort((-pairs[1], weight))  # the heaviest last, so that it is what stays
    result[pairs[0][order]] = pairs[1][order]
    return result


def _unit_names(release: Release, level: str) -> grid.Cells:
    statistics = release.statistics
    names = pc.unique(statistics.filter(pc.equal(statistics["level"], level))["zone"]).to_pylist()
    return np.array(sorted(int(name, 16) for name in names), dtype=np.uint64)


# --- numbers ----------------------------------------------------------------------------------------------------------


def _split(release: Release) -> tuple[pa.Table, pa.Table]:
    """Split the published table, without cells, into rows of the whole period and rows of its parts."""
    table = release.protected.table.drop_columns(["cells"])
    whole = pc.and_(pc.equal(table["start"], release.start), pc.equal(table["end"], release.end))
    return table.filter(whole), table.filter(pc.invert(whole))


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
        "legal_basis": layer.legal_basis,
        "text": layer.text,
        "base": str(layer.base),
        "b": layer.b,
        "coverage": [", ".join(sorted(layer.coverage.gemeenten)), dutch.date(layer.coverage.start), until],
        "rate": release.rates.get(layer.id),
        "classes": [dutch.class_label(index, b=layer.b) for index in range(6)],
        "short": _short_classes(f"0 tot {layer.b - 1}", "minder dan 1"),
        "levels": _levels(layer.id, str(layer.base), release, rows, grids, columns),
    }


def _composite(theme: str, release: Release, whole: pa.Table, grids: _Grids, columns: Columns) -> dict[str, Any]:
    return {
        "id": f"thema:{theme}",
        "title": f"Totaalbeeld {theme}",
        "theme": theme,
        "base": str(Base.ALL),
        "classes": [dutch.class_label(index) for index in range(6)],
        "short": _short_classes(
            f"minder dan {dutch.significant(COMPOSITE_FLOOR)}", f"{dutch.significant(COMPOSITE_FLOOR)} tot 1"
        ),
        "levels": _levels(f"thema:{theme}", str(Base.ALL), release, whole, grids, columns),
    }


def _short_classes(*lowest: str) -> list[str]:
    """Words of the six classes beside their colours: times the region's average."""
    breaks = [dutch.significant(each) for each in CLASS_BREAKS]
    return [*lowest, *(f"{low} tot {high}" for low, high in pairwise(breaks)), f"{breaks[-1]} of meer"]


def _levels(
    name: str, base: str, release: Release, rows: pa.Table, grids: _Grids, columns: Columns
) -> dict[str, dict[str, Any]]:
    """Columns of one layer per level; a level at which it shows nothing is left out."""
    found = {}
    statistics = release.statistics.filter(pc.equal(release.statistics["layer"], name))
    for level in LEVELS:
        part = statistics.filter(pc.equal(statistics["level"], level)).sort_by("zone")
        status = part["status"].to_pylist()
        if not set(status) - {"onderdrukt"}:
            continue
        names = part["zone"].to_pylist()
        of_level = rows.filter(pc.equal(rows["level"], level))
        region = dict(zip(of_level["zone"].to_pylist(), of_level["gebiedscode"].to_pylist(), strict=True))
        bases = of_level["b"].to_pylist()
        found[level] = {
            "units": grids.unit_set(base, level, names),
            "b": bases[0] if bases else None,
            "region": columns.integers([_number(grids, region.get(each)) for each in names]),
            "addresses": columns.integers(part["addresses"]),
            "status": columns.integers([STATUSES.index(each) for each in status]),
            "value": _whole(part["value"], columns),
            "low": _whole(part["low"], columns),
            "high": _whole(part["high"], columns),
            "class": _whole(part["class"], columns),
            "hotspot": columns.integers(
                [-1 if each is None else HOTSPOTS.index(each) for each in part["hotspot"].to_pylist()]
            ),
            **{
                each: columns.significant(_floats(part[each]))
                for each in ("ratio", "rate_mean", "rate_low", "rate_high")
            },
            "p_double": columns.integers(np.rint(np.nan_to_num(_floats(part["p_double"]), nan=-0.01) * 100)),
        }
    return found


def _number(grids: _Grids, code: str | None) -> int:
    return -1 if code is None else int(grids.number[grids.regions.index(code)])


def _whole(column: pa.ChunkedArray, columns: Columns) -> int:
    return columns.integers(pc.fill_null(column, -1))


def _floats(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    return np.asarray(pc.fill_null(column.cast(pa.float64()), float("nan")))


def _series(rows: pa.Table, regions: Regions, number: npt.NDArray[np.int32], columns: Columns) -> dict[str, Any]:
    """Per layer: its windows, the regions with a series, and value (-1 no data, -2 withheld) per region and window."""
    found = {}
    for name in sorted(set(rows["layer"].to_pylist())):
        part = rows.filter(pc.equal(rows["layer"], name))
        starts, ends = part["start"].to_pylist(), part["end"].to_pylist()
        windows = sorted(set(zip(starts, ends, strict=True)))
        codes = sorted(set(part["zone"].to_pylist()), key=lambda code: int(number[regions.index(code)]))
        values = np.full((len(codes), len(windows)), -2)
        base = np.zeros(len(codes), dtype=np.int64)
        place = {code: index for index, code in enumerate(codes)}
        when = {window: index for index, window in enumerate(windows)}
        for code, start, end, value, status, b in zip(
            part["zone"].to_pylist(),
            starts,
            ends,
            part["value"].to_pylist(),
            part["status"].to_pylist(),
            part["b"].to_pylist(),
            strict=True,
        ):
            values[place[code], when[(start, end)]] = (
                value if value is not None else -1 if status == "geen_data" else -2
            )
            base[place[code]] = b
        found[name] = {
            "windows": [[start.isoformat(), dutch.calendar_unit(start, end)] for start, end in windows],
            "regions": columns.integers([number[regions.index(code)] for code in codes]),
            "b": columns.integers(base),
            "values": columns.integers(values),
        }
    return found
