"""The file zones-<version>.parquet: public, made once, read by every build."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from geoanalyse import grid
from geoanalyse.errors import InputError
from geoanalyse.geography import (
    SHOWN,
    Indexes,
    Ints,
    K,
    Regions,
    Zones,
    ZoneSet,
    mainly_inside,
    read_own_parquet,
    units_at,
)
from geoanalyse.layer import Atom, Base, Use
from geoanalyse.zoning import mark_of, uses_of, version

_SCHEMA = pa.schema(
    [
        ("basis", pa.string()),
        ("atoom", pa.string()),
        ("niveau", pa.string()),
        ("id", pa.string()),
        ("adressen", pa.int64()),
        ("panden", pa.int64()),
        ("cellen", pa.list_(pa.uint64())),
        ("cel_adressen", pa.list_(pa.int64())),
        ("cel_deel", pa.list_(pa.uint64())),
        ("gebiedscode", pa.string()),
        ("gebruik", pa.list_(pa.int64())),
    ]
)
_WITHOUT_USES = pa.schema(list(_SCHEMA)[:-1])
"""Files of before the uses were kept, and of an address base without uses."""


_HEADER = {"versie", "voorgangers", "geografie_kenmerk", "bases", "herzien"}


def write_zones(zones: Zones, regions: Regions, path: Path) -> None:
    """Write the zones as one Parquet file: a row per zone with its cells, and a row per larger unit."""
    schema = _SCHEMA if zones.uses else _WITHOUT_USES
    columns: dict[str, list[Any]] = {name: [] for name in _SCHEMA.names}
    for base in sorted(zones.base):
        members = zones.base[base]
        order = np.argsort(members.cell_zone, kind="stable")
        joined = np.bincount(members.part_zone, minlength=len(members.zone)) > 1
        starts = np.searchsorted(members.cell_zone[order], np.arange(len(members.zone) + 1))
        for index, name in enumerate(grid.to_hex(members.zone)):
            rows = order[starts[index] : starts[index + 1]]
            _append(
                columns,
                (base, Atom.ZONE, "zone", name, members.addresses[index], members.buildings[index]),
                (
                    *(members.cell[rows], members.cell_addresses[rows]),
                    members.part[members.cell_part[rows]] if joined[index] else None,
                    regions.codes[members.region[index]],
                    members.by_use[index] if members.by_use is not None else None,
                ),
            )
        for atom, level in ((atom, level) for atom, levels in SHOWN.items() for level in levels):
            counted = members.buildings_of[(atom, level)]
            if level != "zone":
                wider = units_at(members, regions, atom, level)
                for name, number in zip(wider.ids, wider.addresses, strict=True):
                    _append(columns, (base, atom, level, name, number, counted[name]), (None,) * 5)
    header = {
        "soort": "zones",
        "versie": zones.version,
        "voorgangers": list(zones.ancestors),
        "geografie_kenmerk": mark_of(regions),
        "herzien": zones.redrawn,
        "k": zones.k,
        "geografie": regions.year,
        "bases": sorted(zones.base),
    }
    if zones.uses:
        header["gebruik"] = zones.uses
    table = pa.table({name: columns[name] for name in schema.names}, schema=schema)
    table = table.replace_schema_metadata({"geoanalyse": json.dumps(header)})
    pq.write_table(table, path, compression="zstd", compression_level=19)


def _append(columns: dict[str, list[Any]], first: tuple[Any, ...], second: tuple[Any, ...]) -> None:
    for name, value in zip(columns, (*first, *second), strict=True):
        columns[name].append(value)


def read_zones(path: Path, regions: Regions) -> Zones:
    """Read a file that `write_zones` wrote.

    Raises
    ------
    InputError
        When the file is no zones file, does not match its own version, or belongs to other regions.
    """
    table, header = _read(path)
    if header["geografie_kenmerk"] != mark_of(regions):
        raise InputError(
            f"{path.name}: deze zones zijn gemaakt met een andere geografie dan die van {regions.year}; "
            "geef met --geografie de tabel waarmee de zones zijn gemaakt, of maak ze opnieuw"
        )
    return _zones(path, table, header, regions)


def read_previous(path: Path) -> Zones:
    """Read an earlier version to join from; it may belong to other regions, so its zones lie in none.

    Raises
    ------
    InputError
        When the file is no zones file or does not match its own version.
    """
    return _zones(path, *_read(path), None)


def _read(path: Path) -> tuple[pa.Table, dict[str, Any]]:
    table, header = read_own_parquet(path, "zones", "geoanalyse zones")
    if table.schema.remove_metadata() not in (_SCHEMA, _WITHOUT_USES) or not set(header) >= _HEADER:
        raise InputError(
            f"{path.name}: dit is een zones-bestand van een andere versie van geoanalyse; maak het opnieuw"
        )
    return table, header


def _zones(path: Path, table: pa.Table, header: dict[str, Any], regions: Regions | None) -> Zones:
    try:
        zones = _parsed(table.to_pandas(), header, regions)
    except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError):
        zones = None  # made by something else than `write_zones`
    if zones is None or zones.version != header["versie"] or zones.uses != header.get("gebruik", ""):
        raise InputError(
            f"{path.name}: de inhoud hoort niet bij de versie in het bestand; "
            "zet een kopie terug of maak de zones opnieuw"
        )
    return zones


def _parsed(frame: pd.DataFrame, header: dict[str, Any], regions: Regions | None) -> Zones:
    sets = {Base(base): _zone_set(frame[frame["basis"] == base], regions) for base in header["bases"]}
    mark, ancestors, redrawn = str(header["geografie_kenmerk"]), tuple(header["voorgangers"]), bool(header["herzien"])
    return Zones(
        version=version(sets, mark, ancestors, redrawn=redrawn),
        k=K,
        base=sets,
        regions=mark,
        ancestors=ancestors,
        redrawn=redrawn,
        uses=uses_of(sets),
    )


def _zone_set(rows: pd.DataFrame, regions: Regions | None) -> ZoneSet:
    zone_rows = rows[rows["niveau"] == "zone"]
    count = len(zone_rows)
    cell = np.concatenate([*zone_rows["cellen"], np.empty(0, dtype=np.uint64)]).astype(np.uint64)
    numbers = np.concatenate([*zone_rows["cel_adressen"], np.empty(0, dtype=np.int64)]).astype(np.int64)
    of_cell = np.repeat(np.arange(count, dtype=np.int32), zone_rows["cellen"].str.len().to_numpy(dtype=np.int64))
    zone = np.array([int(name, 16) for name in zone_rows["id"]], dtype=np.uint64)
    part = zone[of_cell]
    joined = zone_rows["cel_deel"].notna().to_numpy()
    part[joined[of_cell]] = np.concatenate([*zone_rows["cel_deel"][joined], np.empty(0, dtype=np.uint64)])
    names, first, cell_part = np.unique(part, return_index=True, return_inverse=True)
    order = np.argsort(cell, kind="stable")
    counted = {
        (Atom(atom), str(level)): dict(zip(part["id"], part["panden"].tolist(), strict=True))
        for (atom, level), part in rows.groupby(["atoom", "niveau"], sort=True)
    }
    for atom, levels in SHOWN.items():
        for level in levels:
            counted.setdefault((atom, level), {})
    by_use = None
    if "gebruik" in rows:
        by_use = np.array(zone_rows["gebruik"].tolist(), dtype=np.int64).reshape(count, len(Use))
        if not np.array_equal(by_use.sum(axis=1), zone_rows["adressen"]):
            raise ValueError("uses do not add up to the addresses")
    if regions is None:
        region = np.full(count, -1, dtype=np.int32)
    else:
        region = mainly_inside(of_cell, regions.region_of(cell), numbers, count)
    return ZoneSet(
        zone=zone,
        addresses=zone_rows["adressen"].to_numpy(dtype=np.int64),
        buildings=zone_rows["panden"].to_numpy(dtype=np.int64),
        region=region,
        res9=_main_parent(of_cell, cell, numbers, count, 9),
        res8=_main_parent(of_cell, cell, numbers, count, 8),
        cell=cell[order],
        cell_zone=of_cell[order],
        cell_addresses=numbers[order],
        part=names,
        part_zone=of_cell[first],
        part_addresses=np.bincount(cell_part, weights=numbers, minlength=len(names)).astype(np.int64),
        cell_part=cell_part[order].astype(np.int32),
        buildings_of=counted,
        by_use=by_use,
    )


def _main_parent(of_cell: Indexes, cell: grid.Cells, numbers: Ints, zones: int, resolution: int) -> grid.Cells:
    hexagons, inverse = np.unique(grid.parent(cell, resolution), return_inverse=True)
    return hexagons[mainly_inside(of_cell, inverse.astype(np.int32), numbers, zones)] if zones else hexagons[:0]
