"""What a data holder sends instead of addresses: a pseudonym, a zone and a date per row."""

import hmac

import numpy as np
import pyarrow as pa

from geoanalyse import grid
from geoanalyse.addresses import ZONE_COLUMN, Addresses, Events
from geoanalyse.geography import Regions, Zones, part_of
from geoanalyse.layer import Count, Layer

_PSEUDONYM = 32
"""Hexadecimal digits of a pseudonym: 128 bits, so that no two addresses share one."""


def delivery(
    layer: Layer,
    events: Events,
    addresses: Addresses,
    zones: Zones,
    regions: Regions,
    secret: bytes,
    occasion: str,
) -> tuple[pa.Table, int]:
    """Put the zone of the layer's base in the place of each address.

    The pseudonym is HMAC-SHA-256 of the layer, the occasion and the holder's key, with a secret that only the holder
    has: nobody can try all keys of the BAG, and no two occasions share a pseudonym.

    Parameters
    ----------
    layer : Layer
    events : Events
        Rows of the layer, by address.
    addresses : Addresses
    zones : Zones
    regions : Regions
    secret : bytes
        The holder's own.
    occasion : str
        To whom and for which reference date this is delivered.

    Returns
    -------
    table : pyarrow.Table
        Columns ``sleutel``, ``zone``, ``datum`` and, for an amount, ``aantal``; in the order of the pseudonyms, which
        says nothing.
    outside : int
        Rows that are left out: not on the base of the layer, or in no zone.
    """
    own = zones.base[layer.base]
    flagged, which = np.unique(events.address, return_inverse=True)
    part = part_of(own, regions, grid.cells_at(addresses.easting[flagged], addresses.northing[flagged]))
    inside = (addresses.eligible(layer.base)[flagged] & (part >= 0))[which]
    which = which[inside]
    keys = addresses.keys.take(pa.array(flagged)).to_pylist()
    label = f"uitwisseling|{layer.id}|{occasion}|"
    pseudonyms = [hmac.digest(secret, f"{label}{key}".encode(), "sha256").hex()[:_PSEUDONYM] for key in keys]
    columns = {
        "sleutel": pa.array(pseudonyms, pa.string()).take(pa.array(which)),
        ZONE_COLUMN: pa.array(grid.to_hex(own.part), pa.string()).take(pa.array(part[which])),
        "datum": pa.array(events.day[inside], pa.date32()),
    }
    if layer.count is Count.AMOUNT:
        columns["aantal"] = pa.array(events.amount[inside], pa.int64())
    table = pa.table(columns)
    return table.sort_by([(name, "ascending") for name in columns]), int((~inside).sum())
