"""Faults in the published table: other regions, other thresholds, other rounding."""

import dataclasses
import hmac
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from scipy import optimize, sparse

from tests.attack.patching import Original, Patches, RawSide, Row, Unit, reworked, summed, unit_of, wrapped

BUURT_BASE, REGION_BASE = 5, 10
SMALLEST_SHOWN = 5

# --- other regions ----------------------------------------------------------------------------------------------------


def h3_per_resolution() -> Patches:
    """Hexagons of resolution 9 count the points that lie in them, not the zones that lie mainly in them."""
    from geoanalyse import grid  # noqa: PLC0415

    raw = RawSide()
    yield raw.watching

    def rework(rows: list[Row]) -> Iterator[Row]:
        base = raw.prepared.source.addresses
        addresses = _tally(grid.cells_at(base.easting, base.northing, 9))
        flagged = {layer: _tally(grid.cells_at(*raw.flagged(layer), 9)) for layer in raw.layers}
        for row in rows:
            layer, cell = raw.layers[row["layer"]], int(row["zone"], 16) if row["level"] == "res9" else 0
            if cell in addresses and layer.base == "alle" and row["value"] is not None:
                value = _rounded(raw, row, flagged[layer.id].get(cell, 0), layer.b)
                yield row | _alone(value, layer.b) | {"cells": [cell], "addresses": addresses[cell]}
            else:
                yield row

    yield reworked(rework)


def exact_borders() -> Patches:
    """Buurten count the points inside the exact border of CBS, and are drawn so."""
    (path,) = Path().glob("wijkenbuurten_*.gpkg")
    borders = gpd.read_file(path, layer="buurten")
    shapes = dict(zip(borders["buurtcode"], borders.geometry, strict=True))
    raw = RawSide()
    yield raw.watching

    def within(easting: np.ndarray, northing: np.ndarray) -> dict[str, int]:
        points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(easting, northing), crs=borders.crs)
        found: dict[str, int] = points.sjoin(borders, predicate="within")["buurtcode"].value_counts().to_dict()
        return found

    def rework(rows: list[Row]) -> Iterator[Row]:
        base = raw.prepared.source.addresses
        addresses = within(base.easting, base.northing)
        flagged = {layer: within(*raw.flagged(layer)) for layer in raw.layers}
        for row in rows:
            if row["level"] == "buurt" and row["base"] == "alle" and row["value"] is not None and raw.is_whole(row):
                value = _rounded(raw, row, flagged[row["layer"]].get(row["zone"], 0), BUURT_BASE)
                yield row | _alone(value, BUURT_BASE) | {"addresses": addresses[row["zone"]]}
            else:
                yield row

    yield reworked(rework)

    def make(original: Original) -> Original:
        def shape(release: object, level: str, unit: Any) -> object:  # noqa: ANN401
            if level != "buurt":
                return original(release, level, unit)
            return shapely.MultiPolygon([gpd.GeoSeries([shapes[unit]], crs=borders.crs).to_crs(4326).iloc[0]])

        return shape

    yield wrapped("products.gis._shape", make)


def _tally(cells: np.ndarray) -> dict[int, int]:
    found, number = np.unique(cells, return_counts=True)
    return dict(zip(found.tolist(), number.tolist(), strict=True))


def _rounded(raw: RawSide, row: Row, count: int, base: int) -> int:
    """Round a count by a fixed threshold of its own, as the program would."""
    from geoanalyse import rounding  # noqa: PLC0415

    limit = rounding.thresholds(raw.secret, [f"{row['level']}|{row['zone']}"], row["layer"], base)
    return int(rounding.rounded(np.array([count]), limit, base)[0])


def _alone(value: int, base: int) -> Row:
    """Give the columns of a value that stands by itself."""
    bounds = {"low": max(0, value - base + 1), "high": value + base - 1}
    return {"value": value, "b": base, "status": "waarde", "rounding": "apart", "atoms": 1} | bounds


# --- other thresholds -------------------------------------------------------------------------------------------------


def rekeyed_monthly() -> Patches:
    """Thresholds are drawn again every month."""
    return _rekeyed("%Y-%m")


def rekeyed_yearly() -> Patches:
    """Thresholds are drawn again every year."""
    return _rekeyed("%Y")


def _rekeyed(moment: str) -> Patches:
    raw = RawSide()
    yield raw.watching

    def make(original: Original) -> Original:
        def protect(counts: object, geography: object, secret: bytes, *others: object) -> object:
            when = raw.prepared.reference_date.strftime(moment)
            return original(counts, geography, hmac.digest(secret, when.encode(), "sha256"), *others)

        return protect

    yield wrapped("protection.protect", make)


# --- other windows ----------------------------------------------------------------------------------------------------


def overlapping_windows() -> Patches:
    """The register lets a window move on over days that were in the one before."""
    yield wrapped("register._faults_of_windows", lambda _: lambda _layer, _kin: [])


# --- other rounding ---------------------------------------------------------------------------------------------------


def hide_only() -> Patches:
    """Exact counts, and those under five hidden: the usual rule."""
    raw = RawSide()
    yield raw.watching

    def rework(rows: list[Row]) -> Iterator[Row]:
        exact = raw.exact()
        hidden = {"value": None, "low": None, "high": None, "status": "onderdrukt", "rounding": None, "atoms": None}
        for row in filter(raw.is_whole, rows):
            count = exact.get(unit_of(row))
            if row["value"] is None or count is None:
                yield row
            else:
                shown = {"value": count, "low": count, "high": count, "status": "waarde"}
                yield row | {"b": 1} | (shown if count >= SMALLEST_SHOWN else hidden)

    yield reworked(rework)


def linear_rounding() -> Patches:
    """Each zone goes up or down so that all totals fit, chosen by linear programming in each release."""
    raw = RawSide()
    yield raw.watching

    def rework(rows: list[Row]) -> Iterator[Row]:
        random = np.random.default_rng(raw.prepared.reference_date.toordinal())
        values: dict[Unit, int] = {}
        for layer in (layer for layer in raw.layers.values() if str(layer.atom) == "zone"):
            values |= _controlled(raw, layer, random)
        for row in filter(raw.is_whole, rows):
            if row["value"] is None or unit_of(row) not in values:
                yield row
            else:
                yield row | _alone(values[unit_of(row)], row["b"]) | {"rounding": row["rounding"]}

    yield reworked(rework)


def _controlled(raw: RawSide, layer: Any, random: np.random.Generator) -> dict[Unit, int]:  # noqa: ANN401
    """Round every count of a layer to a neighbouring multiple of b, so that region sums are rounded likewise."""
    from geoanalyse import geography  # noqa: PLC0415

    space, exact = raw.prepared.geography, raw.exact()
    zones = space.zones.base[layer.base]
    ids = geography.atoms(zones, space.regions, layer.atom).ids
    wider = {level: geography.units(zones, space.regions, layer.atom, level) for level in geography.LEVELS[1:]}
    counts = np.array([exact[(layer.id, "zone", zone)] for zone in ids])
    floor, left = layer.b * (counts // layer.b), counts % layer.b
    rows, least, most = [], [], []
    for level in ("buurt", "wijk", "gemeente"):
        for unit in range(len(wider[level].ids)):
            inside = wider[level].of_atom == unit
            total = left[inside].sum()
            rows.append(sparse.csr_array(inside.astype(float)))
            least.append(total // layer.b)
            most.append(-(-total // layer.b))
    matrix = sparse.vstack(rows)
    found = optimize.linprog(
        random.random(len(counts)) - left / layer.b,
        A_ub=sparse.vstack([matrix, -matrix]),
        b_ub=np.concatenate([np.array(most, dtype=float), -np.array(least, dtype=float)]),
        bounds=np.stack([np.zeros(len(counts)), left > 0], axis=1),
        method="highs-ds",
    )
    value = floor + layer.b * np.rint(found.x).astype(np.int64)
    values = {(layer.id, "zone", zone): int(number) for zone, number in zip(ids, value, strict=True)}
    for level, units in wider.items():
        sums = summed(units.of_atom, value, len(units.ids))
        values |= {
            (layer.id, level, unit): round(number) for unit, number in zip(units.ids, sums.tolist(), strict=True)
        }
    return values


def not_clamped() -> Patches:
    """An address counts for all its signals, and the cap follows."""

    def make(original: Original) -> Original:
        def count(layer: Any, *others: object) -> object:  # noqa: ANN401
            return original(dataclasses.replace(layer, clamp=1000) if layer.clamp > 1 else layer, *others)

        return count

    yield wrapped("counts.count", make)


def uncapped_total() -> Patches:
    """Zones are capped; the totals of buurten, wijken and gemeenten beside them are not."""
    raw = RawSide()
    yield raw.watching

    def rework(rows: list[Row]) -> Iterator[Row]:
        exact = raw.exact()
        for row in rows:
            if row["rounding"] == "apart" and raw.is_whole(row):
                yield row | _alone(_rounded(raw, row, exact[unit_of(row)], row["b"]), row["b"])
            else:
                yield row

    yield reworked(rework)
