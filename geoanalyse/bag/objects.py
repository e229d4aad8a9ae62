"""Objects of the BAG as columns, the same whichever file they were read from.

Only what holds on the reference date and exists by its status is kept; everything else is a number in `Counts`. Ids are
whole numbers here (16 digits fit in int64); they become text again in the address base.

Statuses are those of the BAG catalogue (version 2018, chapter 8). A *verblijfsobject* exists from the permit on, so
``Verblijfsobject gevormd`` counts, as it has an address that events can be about; one that was never built, was
withdrawn or was recorded by mistake does not.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pyarrow as pa

from geoanalyse.addresses import USES

KINDS = ("verblijfsobject", "ligplaats", "standplaats")
"""Kinds of addressable objects; the place in this tuple is the number in the column ``kind``."""
EXISTING = (
    "Verblijfsobject gevormd",
    "Verblijfsobject in gebruik (niet ingemeten)",
    "Verblijfsobject in gebruik",
    "Verbouwing verblijfsobject",
    "Verblijfsobject buiten gebruik",
    "Plaats aangewezen",
)
"""Statuses of objects that exist; the place in this tuple is the number in the column ``status``."""
NAMED = "Naamgeving uitgegeven"
UNKNOWN_AREAS = frozenset({1, 999_999})
"""Areas (m2) that municipalities fill in where the area is not known; no area in the BAG is 0."""
UNKNOWN_YEARS = frozenset({1005, 9999})
"""Years of building that stand for an unknown one."""
FIRST_YEAR = 1000
"""Dates before this year (0001-01-01) stand for an unknown one and are never read as a date."""
LAST_YEAR = 9999
MILLIMETRES = 3
"""Decimals of metres that the BAG keeps; a point that is computed in a surface gets no more."""

OBJECTS = pa.schema(
    [
        ("id", pa.int64()),
        ("voorkomen", pa.int32()),
        ("kind", pa.int8()),
        ("status", pa.int8()),
        ("uses", pa.int32()),
        ("area", pa.int32()),
        ("begin", pa.date32()),
        ("end", pa.date32()),
        ("easting", pa.float64()),
        ("northing", pa.float64()),
        ("main", pa.int64()),
        ("others", pa.list_(pa.int64())),
        ("buildings", pa.list_(pa.int64())),
    ]
)
NUMBERS = pa.schema(
    [
        ("id", pa.int64()),
        ("voorkomen", pa.int32()),
        ("postcode", pa.string()),
        ("number", pa.int32()),
        ("letter", pa.string()),
        ("suffix", pa.string()),
        ("street", pa.int64()),
        ("town", pa.int64()),
    ]
)
STREETS = pa.schema([("id", pa.int64()), ("voorkomen", pa.int32()), ("name", pa.string()), ("town", pa.int64())])
TOWNS = pa.schema([("id", pa.int64()), ("voorkomen", pa.int32()), ("name", pa.string())])
BUILDINGS = pa.schema([("id", pa.int64()), ("voorkomen", pa.int32()), ("year", pa.int32())])
BELONGS = pa.schema([("id", pa.int64()), ("voorkomen", pa.int32()), ("municipality", pa.int32())])
"""Woonplaats (``id``) and the municipality it lies in; the BAG itself holds no municipalities."""


class Reason(StrEnum):
    """What is counted while reading; the value is what the analyst sees."""

    SKIPPED_PART = "onderdelen niet gelezen: Inactief, InOnderzoek en NietBag"
    UNKNOWN_PART = "onderdelen met een onbekende naam, niet gelezen"
    INACTIVE = "voorkomens vervallen: inactief of geen BAG"
    ENDED = "voorkomens vervallen: geëindigd op of voor de peildatum"
    FUTURE = "voorkomens vervallen: begint na de peildatum"
    STATUS = "objecten vervallen: bestaan niet volgens hun status"
    WITHDRAWN = "nummeraanduidingen vervallen: naamgeving ingetrokken"
    MALFORMED = "voorkomens vervallen: nummer of identificatie onleesbaar"
    DOUBLE = "voorkomens vervallen: dubbel"
    NO_ADDRESS = "objecten vervallen: geen geldige nummeraanduiding"
    ELSEWHERE = "objecten vervallen: in een andere gemeente"
    NO_OBJECT = "nummeraanduidingen vervallen: geen bestaand object"
    SHARED_NUMBER = "nummeraanduidingen bij meer objecten: het hoofdadres telt, anders het laagste nummer"
    SIDE = "nevenadressen"
    SIDE_UNKNOWN = "nevenadressen vervallen: geen geldige nummeraanduiding"
    ONLY_SIDE = "objecten waarvan alleen een nevenadres geldig is"
    NO_POSTCODE = "adressen zonder postcode"
    NO_STREET = "adressen zonder openbare ruimte"
    NO_TOWN = "adressen zonder woonplaats"
    NO_MUNICIPALITY = "adressen zonder gemeente"
    OTHER_ISSUER = "objecten met een nummer van een andere gemeente"
    BERTHS = "ligplaatsen"
    PITCHES = "standplaatsen"
    SURFACE = "objecten met een vlak: een punt dat er zeker in ligt"
    NO_PLACE = "objecten zonder coördinaat in Nederland: niet in adressen.parquet"
    NO_USE = "verblijfsobjecten zonder bekend gebruiksdoel: niet in adressen.parquet"
    MORE_USES = "objecten met meer gebruiksdoelen"
    NO_BUILDING = "verblijfsobjecten zonder pand: eigen sleutel als pand"
    MORE_BUILDINGS = "verblijfsobjecten in meer panden: het laagste nummer telt"
    SHARED_BUILDING = "panden met meer verblijfsobjecten"
    UNKNOWN_BUILDING = "verblijfsobjecten waarvan het pand niet in het bestand staat"
    NO_YEAR = "bouwjaren onbekend (plaatsvervanger)"
    NO_AREA = "oppervlakten onbekend (plaatsvervanger of leeg)"
    NO_DATE = "datums onbekend (plaatsvervanger)"
    TAKE_ON = "objecten met begin in 2010: vaak de dag van opname in de BAG"


Counts = Counter[Reason]


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Register:
    """What was kept of a file.

    Attributes
    ----------
    objects, numbers, streets, towns, buildings, belongs : pyarrow.Table
        By the schemas of this module; at most a few rows per id (doubles), in the order of the file.
    counts : Counter of Reason
    source : str
        ``LV BAG-extract`` or ``bag-light``.
    day : datetime.date
        Reference date; for ``bag-light`` the day its tables were last changed.
    municipality : int, optional
        The municipality that the extract was made for.
    """

    objects: pa.Table
    numbers: pa.Table
    streets: pa.Table
    towns: pa.Table
    buildings: pa.Table
    belongs: pa.Table
    counts: Counts
    source: str
    day: dt.date | None
    municipality: int | None = None

    def __repr__(self) -> str:
        return f"Register({len(self.objects)} objects)"


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of one reading: rows of the two files, and why others are not there.

    Attributes
    ----------
    source : str
    day : datetime.date, optional
    addresses, objects, contract : int
        Rows of ``adresbasis.parquet``, distinct objects in it, rows of ``adressen.parquet``.
    counts : tuple of (Reason, int)
        In the order of `Reason`; only what occurs.
    """

    source: str
    day: dt.date | None
    addresses: int
    objects: int
    contract: int
    counts: tuple[tuple[Reason, int], ...]


def batch(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.RecordBatch:
    """Turn rows into columns."""
    columns = zip(*rows, strict=True) if rows else ((),) * len(schema)
    arrays = [pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def use_mask(words: Sequence[str]) -> int:
    """Bits of gebruiksdoelen, as in `geoanalyse.addresses.Addresses.uses`; unknown words set none.

    Examples
    --------
    >>> use_mask(["woonfunctie", "winkelfunctie", "speelfunctie"])
    513
    """
    return sum({1 << USES.index(word) for word in words if word in USES})


def real_day(text: str) -> dt.date | None:
    """Read the day of an XML date or moment; None for what stands for an unknown day.

    Examples
    --------
    >>> real_day("2010-12-15T11:34:46.000"), real_day("0001-01-01"), real_day("9999-12-31"), real_day("2010-02-30")
    (datetime.date(2010, 12, 15), None, None, None)
    """
    try:
        day = dt.date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year < LAST_YEAR else None
