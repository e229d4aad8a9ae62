"""A small Release made by hand, for tests of the products: real regions and zones, invented values.

About seventy zones in Amsterdam Zuidoost (some of several cells), three layers (one on res-8 atoms, one on business
addresses only), composites, series for two buurten and wijken, and five signals, one of them drawn by lot. Same
arguments, same release; no part of the real pipeline runs.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from geoanalyse import geography, grid, stats, zoning
from geoanalyse.area import Area
from geoanalyse.geography import SHOWN, Geography, Regions, ZoneSet
from geoanalyse.grondslag import Decision, Grondslag, Scope
from geoanalyse.layer import Atom, Base, Bias, Count, Coverage, Layer, Reliability, Theme, Unit, Use
from geoanalyse.published import SCHEMA, Protected
from geoanalyse.release import Release
from geoanalyse.routes import Advice
from geoanalyse.signals import Signal
from geoanalyse.stats.by_use import by_use
from geoanalyse.stats.hindsight import hindsight
from geoanalyse.stats.inspections import inspections
from geoanalyse.stats.series import series
from geoanalyse.stats.trends import trends

START, END = dt.date(2024, 1, 1), dt.date(2026, 1, 1)
QUARTERS = [dt.date(2024 + n // 4, 1 + 3 * (n % 4), 1) for n in range(9)]
AMSTERDAM_ZUIDOOST = (4.95, 52.31)


def sample_layers() -> tuple[Layer, ...]:
    """Three layers, in the order of their ids."""
    common: dict[str, Any] = {
        "bias_text": "volgt de inzet van toezicht",
        "text": "Een telling van adressen, geen vaststelling.",
        "source": "verzonnen register",
        "clamp": 1,
        "capped": True,
        "cap_reason": "",
        "part_of": None,
        "period_unit": Unit.QUARTER,
        "series_level": "buurt",
        "coverage": Coverage(frozenset(), dt.date(2015, 1, 1), None),
    }
    drugs, laundering = Theme.DRUGS, Theme.LAUNDERING
    return (
        Layer(
            id="fiu-signalen",
            title="FIU-signalen",
            description="Adressen met een gemelde verdachte transactie.",
            unit="adressen met een signaal",
            holder="FIU-Nederland",
            themes={drugs: 0.3, laundering: 1.0},
            reliability=Reliability.MIDDLE,
            bias=Bias.REPORT,
            legal_basis="Wwft",
            family="fiu-signalen",
            count=Count.AMOUNT,
            base=Base.ALL,
            b=5,
            atom=Atom.ZONE,
            series=Unit.QUARTER,
            **common,
        ),
        Layer(
            id="kvk-registraties",
            title="KvK-registraties",
            description="Bedrijfsadressen met een nieuwe inschrijving.",
            unit="adressen met een inschrijving",
            holder="KvK",
            themes={laundering: 0.5},
            reliability=Reliability.HIGH,
            bias=Bias.REGISTER,
            legal_basis="Handelsregisterwet 2007",
            family="kvk-registraties",
            count=Count.ADDRESSES,
            base=Base.PREMISES,
            b=3,
            atom=Atom.ZONE,
            series=None,
            **common,
        ),
        Layer(
            id="pandsluitingen",
            title="Pandsluitingen",
            description="Adressen die door de burgemeester zijn gesloten.",
            unit="gesloten adressen",
            holder="gemeente",
            themes={drugs: 1.0, laundering: 0.3},
            reliability=Reliability.HIGH,
            bias=Bias.INSPECTION,
            legal_basis="artikel 13b Opiumwet",
            family="pandsluitingen",
            count=Count.ADDRESSES,
            base=Base.ALL,
            b=3,
            atom=Atom.RES8,
            series=Unit.QUARTER,
            **common,
        ),
    )


def sample_grondslag(*, demo: bool = True) -> Grondslag:
    """A decision that is valid until the end of 2099."""
    return Grondslag(
        kind=Decision.ENFORCEMENT,
        decision="Handhavingsknelpunt winkelgebied, vastgesteld door de stuurgroep",
        date=dt.date(2025, 9, 1),
        scope=Scope.AREA,
        purpose="tegengaan van drugshandel en witwassen in het gebied",
        question="Waar ligt de kans op ondermijning hoger dan elders?",
        follow_up="RIEC met gemeente, politie, OM en Belastingdienst",
        classification="Intern gebruik casustafel",
        valid_until=dt.date(2099, 12, 31),
        retain_until=dt.date(2099, 12, 31),
        reference_date=dt.date(2026, 1, 1),
        demo=demo,
    )


def sample_release(
    *,
    cells_around: tuple[float, float] = AMSTERDAM_ZUIDOOST,
    cells: int = 120,
    demo: bool = True,
    seed: int = 7,
    jump: float = 1,
) -> Release:
    """Make a release of the `cells` res-10 cells nearest to a point (lon/lat degrees), for the years 2024 and 2025.

    In the last two quarters of the first region of each series everything happens `jump` times as often.
    """
    rng = np.random.default_rng(seed)
    regions = geography.shipped_regions()
    home = _nearest_cells(regions, cells_around, cells)
    # Every third cell is open ground or water, so that "geen adressen" occurs.
    lived_in = home[np.arange(len(home)) % 3 != 0]
    per_cell = rng.integers(3, 50, len(lived_in))
    at = np.repeat(lived_in, per_cell)
    number = np.arange(len(at))
    homes, shops, offices = (list(Use).index(use) for use in (Use.HOME, Use.SHOP, Use.OFFICE))
    used = np.where(number % 8 == 0, shops, np.where(number % 4 == 0, offices, homes)).astype(np.int8)
    zones = zoning.make_zones(
        at, number // 2, {Base.ALL: np.ones(len(at), dtype=bool), Base.PREMISES: number % 4 == 0}, regions, use=used
    )
    layers = sample_layers()
    rows = [row for layer in layers for row in _layer_rows(layer, zones.base[layer.base], regions, rng, jump)]
    order = {level: position for position, level in enumerate(geography.LEVELS)}
    rows.sort(key=lambda row: (row["layer"], order[row["level"]], row["zone"], row["start"], row["end"]))
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    statistics = pa.Table.from_pylist(list(_statistics(rows, layers)), schema=stats.SCHEMA)
    protected = Protected(table, "casustafel", zones.version, zones.k)
    windows, changes = series(protected, protected, layers, Geography(regions, zones))
    standardised, use_rates = by_use(protected, protected, layers, Geography(regions, zones))
    codes = sorted({row["gebiedscode"] for row in rows if row["level"] == "zone"})
    return Release(
        area=Area("voorbeeld", "Voorbeeld Zuidoost", home, tuple(codes), "test", regions.year),
        geography=Geography(regions, zones),
        layers=layers,
        protected=protected,
        statistics=statistics,
        borrowed=stats.BORROWED.empty_table(),
        signals=tuple(_signals(rows, regions)),
        grondslag=sample_grondslag(demo=demo),
        start=START,
        end=END,
        reference_date=dt.date(2026, 1, 1),
        zones_version=zones.version,
        profile="casustafel",
        key_mark="voorbeeld",
        snapped_in=12,
        snapped_out=3,
        rates={"fiu-signalen": 0.1, "kvk-registraties": 0.2, "pandsluitingen": 0.01},
        windows=windows,
        changes=changes,
        trends=trends(protected, protected, layers, Geography(regions, zones)),
        scorecard=hindsight(protected, layers, Geography(regions, zones)),
        inspections=inspections(protected, protected, layers, Geography(regions, zones)),
        standardised=standardised,
        use_rates=use_rates,
        digest=hashlib.sha256(repr(rows).encode()).hexdigest(),
    )


def _nearest_cells(regions: Regions, point: tuple[float, float], count: int) -> grid.Cells:
    easting, northing = grid.rd([point[0]], [point[1]])
    steps = (np.arange(61) - 30) * 55.0
    east, north = (axis.ravel() for axis in np.meshgrid(steps + easting[0], steps + northing[0]))
    away = np.hypot(east - easting[0], north - northing[0])
    near = grid.cells_at(east, north)[np.argsort(away, kind="stable")]
    _, first = np.unique(near, return_index=True)
    ranked = near[np.sort(first)]
    return np.sort(ranked[np.isin(ranked, regions.cells)][:count])


def _layer_rows(
    layer: Layer, zones: ZoneSet, regions: Regions, rng: np.random.Generator, jump: float
) -> Iterator[dict[str, Any]]:
    chance = {"fiu-signalen": 0.12, "kvk-registraties": 0.25, "pandsluitingen": 0.01}[layer.id]
    shown = SHOWN[layer.atom]
    for level in geography.LEVELS:
        atom = layer.atom if level in shown else Atom.ZONE
        units = geography.units(zones, regions, atom, level)
        atom_of_zone = geography.atoms(zones, regions, atom).of_atom
        of_zone = np.where(atom_of_zone >= 0, units.of_atom[atom_of_zone], -1)
        base = layer.b if level in ("zone", "res9", "res8") else {"buurt": 5}.get(level, 10)
        for position, unit in enumerate(units.ids):
            members = np.flatnonzero(of_zone == position)
            hexagon = level in ("zone", "res9", "res8")
            addresses = int(units.addresses[position])
            cap = base * max(1, (addresses // 2 + base - 1) // base)
            value = min(cap, base * int((rng.binomial(addresses, chance) + rng.integers(0, base)) // base))
            status = "onderdrukt" if level not in shown else "cap" if value == cap else "waarde"
            rounding = "zone" if level == "zone" else "som" if hexagon else "apart"
            row = {
                "zone": unit,
                "level": level,
                "cells": zones.cells_of(members).tolist() if hexagon else None,
                "addresses": addresses,
                "buildings": int(units.buildings[position]),
                "gebiedscode": regions.codes[zones.region[members[0]]] if hexagon else unit,
                "layer": layer.id,
                "base": str(layer.base),
                "b": base,
                "profile": "casustafel",
                "start": START,
                "end": END,
                **_interval(None if status == "onderdrukt" else value, base, status),
                "status": status,
                "rounding": None if status == "onderdrukt" else rounding,
                "atoms": len(members) if rounding == "som" else 1,
            }
            yield row
            if layer.series is not None and level in shown and level in ("buurt", "wijk") and position < 2:
                yield from _series(row, chance, rng, 1 if position else jump)


def _interval(value: int | None, base: int, status: str) -> dict[str, int | None]:
    if value is None:
        return {"value": None, "low": None, "high": None}
    return {"value": value, "low": max(0, value - base + 1), "high": None if status == "cap" else value + base - 1}


def _series(row: dict[str, Any], chance: float, rng: np.random.Generator, jump: float) -> Iterator[dict[str, Any]]:
    for number, (start, end) in enumerate(pairwise(QUARTERS)):
        often = chance / 8 * (jump if number > 5 else 1)
        value = row["b"] * int((rng.binomial(row["addresses"], often) + rng.integers(0, row["b"])) // row["b"])
        missing = number == 2
        yield row | {
            "start": start,
            "end": end,
            **_interval(None if missing else value, row["b"], "waarde"),
            "status": "geen_data" if missing else "waarde",
            "rounding": None if missing else "apart",
        }


def _statistics(rows: list[dict[str, Any]], layers: tuple[Layer, ...]) -> Iterator[dict[str, Any]]:
    average = {"fiu-signalen": 0.1, "kvk-registraties": 0.2, "pandsluitingen": 0.01}
    known: dict[tuple[str, str], dict[str, float]] = {}
    addresses: dict[tuple[str, str], int] = {}
    whole = [row for row in rows if (row["start"], row["end"]) == (START, END)]
    for row in whole:
        value, expected = row["value"], average[row["layer"]]
        result = {key: row[key] for key in ("layer", "level", "zone", "addresses", "value", "status")}
        if value is not None:
            prior = 1 / expected
            mean = (value + 1) / (row["addresses"] + prior)
            spread = 1.96 * (value + 1) ** 0.5 / (row["addresses"] + prior)
            ratio = mean / expected
            capped = row["status"] == "cap"
            result |= {
                "low": max(0, value - row["b"] + 1),
                "high": None if capped else value + row["b"] - 1,
                "rate": _rounded(value / row["addresses"]),
                "rate_mean": _rounded(mean),
                "rate_low": _rounded(max(0.0, mean - spread)),
                "rate_high": _rounded(mean + spread),
                "p_double": _rounded(min(1.0, max(0.0, (ratio - 1) / 2))),
                "ratio": _rounded(ratio),
                "class": 0 if value == 0 else 1 + int(np.searchsorted((1, 1.5, 2, 3), ratio, side="right")),
                "hotspot": "hotspot" if ratio > 1.6 else "coldspot" if ratio < 0.35 else "geen",
                "coarser": "gelijk" if value % 2 else "anders",
                "edge": 0.8333,
                "interval": 0.95,
                "stability": "stabiel" if value % 2 else "wisselt",
            }
            known.setdefault((row["level"], row["zone"]), {})[row["layer"]] = ratio
        if row["base"] == "alle":
            addresses[(row["level"], row["zone"])] = row["addresses"]
        yield result
    for theme in Theme:
        weights = {layer.id: layer.themes[theme] for layer in layers if theme in layer.themes}
        for (level, zone), count in addresses.items():
            if level == "gemeente":
                continue
            ratios = {name: known.get((level, zone), {}).get(name) for name in weights}
            used = {name: ratio for name, ratio in ratios.items() if ratio is not None}
            result = {
                "layer": f"thema:{theme}",
                "level": level,
                "zone": zone,
                "addresses": count,
                "status": "geen_data",
            }
            if used:
                ratio = sum(weights[name] * ratio for name, ratio in used.items()) / sum(weights[name] for name in used)
                step = int(np.searchsorted((0.5, 1, 1.5, 2, 3), ratio, side="right"))
                result |= {"status": "waarde", "ratio": _rounded(ratio), "class": step}
                result |= {"ratio_low": _rounded(0.7 * ratio), "ratio_high": _rounded(1.5 * ratio)}
                result |= {"rank_low": 1, "rank_high": sum(other == level for other, _ in addresses)}
                result["own"] = _rounded(sum(weights[name] for name in used) / sum(weights.values()))
                result["hotspot"] = "hotspot" if ratio > 1.5 else "geen"
            yield result


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def _signals(rows: list[dict[str, Any]], regions: Regions) -> Iterator[Signal]:
    zones = [row for row in rows if row["level"] == "zone" and row["layer"] == "fiu-signalen"]
    zones.sort(key=lambda row: (-row["value"], row["zone"]))
    for number, row in enumerate([*zones[:4], zones[-1]]):
        theme = Theme.DRUGS if number < 2 else Theme.LAUNDERING
        chain = regions.chain(row["gebiedscode"])
        rank = (1, 2, 1, 2, 3)[number]
        drawn = number == 4
        yield Signal(
            id=f"{'D' if theme is Theme.DRUGS else 'W'}{rank:02d}",
            theme=theme,
            rank=rank,
            zone=row["zone"],
            level="zone",
            cells=tuple(row["cells"]),
            region=row["gebiedscode"],
            region_name=regions.name(row["gebiedscode"]),
            wijk_name=regions.name(chain["wijk"]),
            gemeente_name=regions.name(chain["gemeente"]),
            strength=("sterk", "matig", "licht", "matig", "verkenning")[number],
            reliability=("hoog", "middel", "laag", "middel", "laag")[number],
            sources=0 if drawn else 2,
            reasons=(
                ("VERKENNING", "verkenning: geloot, niet gekozen op een cijfer")
                if drawn
                else ("fiu-signalen", "Veel FIU-signalen voor het aantal adressen."),
            ),
            unknown="Over leegstand is hier niets bekend." if number == 1 else "",
            advice=_advice(("integraal", "duaal", "mono", "duaal", "mono")[number]),
            score=round(3.2 - 0.4 * number, 4),
            start=START,
            end=END,
        )


def _advice(route: str) -> Advice:
    partners = {"mono": 1, "duaal": 2, "integraal": 3}[route]
    return Advice(
        route,
        ("gemeente", "politie", "Belastingdienst")[:partners],
        "gezamenlijke controle",
        "weging",
        f"regel voor {route}",
        promising=route == "integraal",
    )
