"""Objects, numbers, streets and towns joined into the address base, and into the file of the contract."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geoanalyse.addresses import CRS, USES
from geoanalyse.bag.objects import EXISTING, KINDS, Counts, Reason, Register, Report
from geoanalyse.errors import GeoanalyseError, InputError
from geoanalyse.files import private, reason, write_whole

BASE_FILE, CONTRACT_FILE = "adresbasis.parquet", "adressen.parquet"
SCHEMA = pa.schema(
    [
        ("nummeraanduiding_id", pa.string()),
        ("adresseerbaarobject_id", pa.string()),
        ("hoofdadres", pa.bool_()),
        ("objecttype", pa.string()),
        ("pand_ids", pa.list_(pa.string())),
        ("gebruik", pa.string()),
        ("oppervlakte", pa.int32()),
        ("bouwjaar", pa.int32()),
        ("status", pa.string()),
        ("geldig_van", pa.date32()),
        ("geldig_tot", pa.date32()),
        ("postcode", pa.string()),
        ("huisnummer", pa.int32()),
        ("huisletter", pa.string()),
        ("toevoeging", pa.string()),
        ("straat", pa.string()),
        ("woonplaats", pa.string()),
        ("woonplaatscode", pa.string()),
        ("gemeentecode", pa.string()),
        ("oost", pa.float64()),
        ("noord", pa.float64()),
        ("crs", pa.string()),
    ]
)
"""Columns of ``adresbasis.parquet``: one row per nummeraanduiding that an existing object has.

``geldig_van`` and ``geldig_tot`` are those of the voorkomen of the object (empty for bag-light); ``bouwjaar`` is that
of the first of ``pand_ids``, which are sorted; ``gemeentecode`` is the municipality of the woonplaats.
"""

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_PART = 250_000  # rows that are written at a time
_USED = ["adresseerbaarobject_id", "oost", "noord", "crs", "gebruik", "objecttype", "pand_ids"]
_PER_ISSUER = 10**12  # an id is the municipality (4 digits), then 12


def join(register: Register, municipality: int | None = None) -> tuple[pa.Table, Report]:
    """Join a register into the address base.

    Parameters
    ----------
    register : Register
    municipality : int, optional
        Only addresses in its woonplaatsen.

    Returns
    -------
    base : pyarrow.Table
        By `SCHEMA`, sorted by object, main address first, then by number.
    report : Report

    Raises
    ------
    InputError
        When no address is left.
    """
    counts = Counts(register.counts)
    objects = _objects(register.objects, counts)
    numbers, streets, towns = (_latest(table, counts) for table in (register.numbers, register.streets, register.towns))
    thing, number, main = _links(objects, numbers, counts)
    street = _find(streets, _ints(numbers["street"])[number])
    town = _ints(numbers["town"])[number]
    town = np.where(town >= 0, town, np.where(street >= 0, _ints(streets["town"])[street], -1))
    code = _municipality(register, town, counts)
    if municipality is not None:
        here = code == municipality
        counts[Reason.ELSEWHERE] += len(np.unique(thing)) - len(np.unique(thing[here]))
        thing, number, main, street, town, code = (each[here] for each in (thing, number, main, street, town, code))
    if not len(thing):
        where = "" if municipality is None else f" in gemeente {municipality:04d}"
        raise InputError(f"er is geen enkel adres{where} in het bestand; kies het hele extract of een andere gemeente")
    base = _base(objects, numbers, thing, number, main)
    base |= {
        "bouwjaar": _years(objects, _latest(register.buildings, counts), counts, thing),
        "straat": _taken(streets["name"], street),
        "woonplaats": _taken(towns["name"], _find(towns, town)),
        "woonplaatscode": _padded(town, 4),
        "gemeentecode": _padded(code, 4),
    }
    table = pa.table([base[name] for name in SCHEMA.names], schema=SCHEMA)
    _count(table, objects, thing, code, counts)
    told = tuple((each, counts[each]) for each in Reason if counts[each])
    rows = int(_in_contract(table).sum())
    return table, Report(register.source, register.day, len(table), len(np.unique(thing)), rows, told)


def contract(base: pa.Table) -> pa.Table:
    """Give the rows of ``adressen``: one per object, with the columns of docs/invoer.md.

    Parameters
    ----------
    base : pyarrow.Table
        Of :func:`join`.

    Returns
    -------
    pyarrow.Table
        Text and float64, sorted by ``sleutel``. A ligplaats or standplaats, and a verblijfsobject without pand, has its
        own key as ``pand``; the former are homes (``woonfunctie``). Objects without a place or a use are not in it.
    """
    return pa.concat_tables(_contract_parts(base)).combine_chunks()


def _in_contract(base: pa.Table) -> Bools:
    """Whether each row is the first of its object, and has a place and a use."""
    keys = base["adresseerbaarobject_id"].combine_chunks()
    first = np.ones(len(keys), dtype=bool)
    if len(keys) > 1:
        first[1:] = pc.not_equal(keys[1:], keys[:-1]).to_numpy(zero_copy_only=False)
    use = pc.or_(base["gebruik"].is_valid(), pc.not_equal(base["objecttype"], "verblijfsobject"))
    right: Bools = first & np.asarray(pc.and_(base["oost"].is_valid(), use), dtype=bool)
    return right


def _contract_parts(base: pa.Table) -> Iterator[pa.Table]:
    """Give the rows of the contract part by part: whole, they and what they are made from take as much as the base."""
    chosen = _in_contract(base)
    for start in range(0, max(len(base), 1), _PART):
        part = base.select(_USED).slice(start, _PART)
        yield _contract_rows(part.filter(pa.array(chosen[start : start + _PART])))


def _contract_rows(here: pa.Table) -> pa.Table:
    moored = pc.not_equal(here["objecttype"], "verblijfsobject")
    use = pc.if_else(moored, "woonfunctie", here["gebruik"])
    buildings = pc.list_slice(here["pand_ids"], 0, 1)
    one = pc.binary_join(buildings, "")
    key = here["adresseerbaarobject_id"]
    return pa.table(
        {
            "sleutel": key,
            "oost": here["oost"],
            "noord": here["noord"],
            "crs": here["crs"],
            "gebruik": use,
            "pand": pc.if_else(pc.equal(one, ""), key, one),
        }
    )


def write(base: pa.Table, folder: Path) -> tuple[Path, Path]:
    """Write ``adresbasis.parquet`` and ``adressen.parquet`` into a folder, whole or not at all.

    Returns
    -------
    tuple of Path

    Raises
    ------
    GeoanalyseError
        When they cannot be written.
    """
    import pyarrow.parquet as pq  # noqa: PLC0415 - only to write

    def parquet(parts: Iterable[pa.Table], schema: pa.Schema, path: Path) -> None:
        with (
            open(path, "wb", opener=private) as file,
            pq.ParquetWriter(file, schema, compression="zstd", version="2.6") as target,
        ):
            for part in parts:
                target.write_table(part)

    first, second = folder / BASE_FILE, folder / CONTRACT_FILE

    def both(partial: Path) -> None:
        parquet((base.slice(start, _PART) for start in range(0, len(base), _PART)), base.schema, partial)
        write_whole(second, lambda inner: parquet(_contract_parts(base), contract(base.slice(0, 0)).schema, inner))

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GeoanalyseError(f"{folder}: {reason(error)}") from None
    write_whole(first, both)
    return first, second


# --- finding ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Objects:
    """Objects by id, each once; its panden are ``building[start[i]:start[i + 1]]``, sorted."""

    rows: pa.Table
    uses: npt.NDArray[np.uint16]
    start: Ints
    building: Ints
    others: tuple[Ints, Ints]

    @property
    def ids(self) -> Ints:
        return _ints(self.rows["id"])


def _ints(column: pa.ChunkedArray) -> Ints:
    """Whole numbers; -1 where there is none."""
    numbers: Ints = column.combine_chunks().fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers


def _sorted(table: pa.Table) -> tuple[Ints, Bools, Ints]:
    """Give the order by id and latest voorkomen, where a new id begins in it, and the group of each row in it."""
    ids, when = _ints(table["id"]), _ints(table["voorkomen"])
    order = np.lexsort((-when, ids)).astype(np.int64)
    first = np.ones(len(order), dtype=bool)
    first[1:] = ids[order][1:] != ids[order][:-1]
    return order, first, np.cumsum(first) - 1


def _latest(table: pa.Table, counts: Counts) -> pa.Table:
    """Keep the latest voorkomen of each id, sorted by id."""
    order, first, _ = _sorted(table)
    counts[Reason.DOUBLE] += int((~first).sum())
    return _chosen(table, order[first])


def _chosen(table: pa.Table, rows: Ints) -> pa.Table:
    """Take rows; the table itself when those are all of them, as they mostly are."""
    return table if np.array_equal(rows, np.arange(len(table))) else table.take(pa.array(rows))


def _objects(table: pa.Table, counts: Counts) -> _Objects:
    """Keep the latest voorkomen of each object; rows that tell of the same one are joined."""
    order, first, group = _sorted(table)
    counts[Reason.DOUBLE] += int((~first).sum())
    when = _ints(table["voorkomen"])[order]
    same = when == when[first][group]
    uses = np.zeros(int(first.sum()), dtype=np.uint16)
    np.bitwise_or.at(uses, group[same], _ints(table["uses"])[order][same].astype(np.uint16))
    place = np.full(len(order), -1, dtype=np.int64)
    place[order[same]] = group[same]
    owner, building = _pairs(table["buildings"], place)
    others = _pairs(table["others"], place)
    start = np.searchsorted(owner, np.arange(len(uses) + 1)).astype(np.int64)
    return _Objects(_chosen(table, order[first]), uses, start, building, others)


def _pairs(lists: pa.ChunkedArray, place: Ints) -> tuple[Ints, Ints]:
    """Give each distinct pair of an object and an id in its list, sorted."""
    whole = lists.combine_chunks()
    owner = place[pc.list_parent_indices(whole).to_numpy(zero_copy_only=False)]
    listed = whole.flatten().fill_null(-1).to_numpy(zero_copy_only=False)
    right = (owner >= 0) & (listed >= 0)
    pairs = np.unique(np.stack([owner[right], listed[right]], axis=1), axis=0)
    return pairs[:, 0], pairs[:, 1]


def _find(table: pa.Table, wanted: Ints) -> Ints:
    """Row of each id in a table sorted by id; -1 where it is not there."""
    ids = _ints(table["id"])
    if not len(ids):
        return np.full(len(wanted), -1, dtype=np.int64)
    place = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    return np.where(ids[place] == wanted, place, -1).astype(np.int64)


def _links(objects: _Objects, numbers: pa.Table, counts: Counts) -> tuple[Ints, Ints, Bools]:
    """Give object, number and whether it is the main address, for each number that an object has; sorted."""
    things = np.arange(len(objects.uses), dtype=np.int64)
    owner, other = objects.others
    number = _find(numbers, np.concatenate([_ints(objects.rows["main"]), other]))
    thing = np.concatenate([things, owner])
    side = np.arange(len(thing)) >= len(things)
    known = number >= 0
    counts[Reason.SIDE_UNKNOWN] += int((side & ~known).sum())
    thing, number, side = thing[known], number[known], side[known]
    order = np.lexsort((thing, side, number))
    thing, number, side = thing[order], number[order], side[order]
    again = np.zeros(len(number), dtype=bool)
    again[1:] = number[1:] == number[:-1]
    counts[Reason.SHARED_NUMBER] += int(np.sum(again[1:] & (thing[1:] != thing[:-1])))
    thing, number, side = thing[~again], number[~again], side[~again]
    counts[Reason.NO_OBJECT] += len(numbers) - len(number)
    counts[Reason.NO_ADDRESS] += len(things) - len(np.unique(thing))
    order = np.lexsort((number, side, thing))
    return thing[order], number[order], ~side[order]


def _municipality(register: Register, town: Ints, counts: Counts) -> Ints:
    """Code of the municipality of each town: what the file says of the town, else that of the extract; -1 unknown."""
    belongs = _latest(register.belongs, Counts())  # doubles are no fault here: periods that follow each other
    place = _find(belongs, town)
    only = -1 if register.municipality is None else register.municipality
    if not len(belongs):
        code = np.full(len(town), only, dtype=np.int64)
    else:
        code = np.where(place >= 0, _ints(belongs["municipality"])[place], only)
    counts[Reason.NO_MUNICIPALITY] += int((code < 0).sum())
    return code


# --- columns ----------------------------------------------------------------------------------------------------------


def _padded(numbers: Ints, digits: int = 16) -> pa.Array:
    """Write ids as text with their leading zeros; null for -1."""
    return pc.utf8_lpad(pa.array(numbers, mask=numbers < 0).cast(pa.string()), digits, "0")


def _taken(column: pa.ChunkedArray, place: Ints) -> pa.Array:
    return column.combine_chunks().take(pa.array(place, mask=place < 0))


def _words(names: tuple[str, ...], place: Ints) -> pa.Array:
    return pa.array(names).take(pa.array(place, mask=place < 0))


def _use_texts(uses: npt.NDArray[np.uint16]) -> pa.Array:
    """Write bits as names with ``|`` between them, in the order of the contract; null for none."""
    masks, place = np.unique(uses, return_inverse=True)
    texts = ["|".join(name for bit, name in enumerate(USES) if mask >> bit & 1) or None for mask in masks.tolist()]
    return pa.array(texts, pa.string()).take(pa.array(place))


def _base(objects: _Objects, numbers: pa.Table, thing: Ints, number: Ints, main: Bools) -> dict[str, pa.Array]:
    rows = objects.rows
    size = objects.start[thing + 1] - objects.start[thing]
    offsets = np.concatenate([[0], np.cumsum(size)])
    inner = np.arange(offsets[-1]) - np.repeat(offsets[:-1], size) + np.repeat(objects.start[thing], size)
    kind = _ints(rows["kind"])[thing]
    return {
        "nummeraanduiding_id": _padded(_ints(numbers["id"])[number]),
        "adresseerbaarobject_id": _padded(objects.ids[thing]),
        "hoofdadres": pa.array(main),
        "objecttype": _words(KINDS, kind),
        "pand_ids": pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), _padded(objects.building[inner])),
        "gebruik": _use_texts(objects.uses[thing]),
        "status": _words(EXISTING, _ints(rows["status"])[thing]),
        "geldig_van": _taken(rows["begin"], thing),
        "geldig_tot": _taken(rows["end"], thing),
        "oppervlakte": _taken(rows["area"], thing),
        "oost": _taken(rows["easting"], thing),
        "noord": _taken(rows["northing"], thing),
        "postcode": _taken(numbers["postcode"], number),
        "huisnummer": _taken(numbers["number"], number),
        "huisletter": _taken(numbers["letter"], number),
        "toevoeging": _taken(numbers["suffix"], number),
        "crs": pa.array([CRS]).take(pa.array(np.zeros(len(thing), dtype=np.int64))),
    }


def _years(objects: _Objects, buildings: pa.Table, counts: Counts, thing: Ints) -> pa.Array:
    """Year of building of the first pand of each row's object."""
    has = objects.start[:-1] < objects.start[1:]
    first = np.full(len(has), -1, dtype=np.int64)
    first[has] = objects.building[objects.start[:-1][has]]
    place = _find(buildings, first)
    seen = np.unique(thing)
    counts[Reason.UNKNOWN_BUILDING] += int((has & (place < 0))[seen].sum())
    years = _taken(buildings["year"], place) if len(buildings) else pa.nulls(len(has), pa.int32())
    known = years.is_valid().to_numpy(zero_copy_only=False)
    counts[Reason.NO_YEAR] += int((~known & (place >= 0))[seen].sum())
    return years.take(pa.array(thing))


def _count(base: pa.Table, objects: _Objects, thing: Ints, code: Ints, counts: Counts) -> None:
    """Count what an analyst must know of the rows that are there."""
    seen, row = np.unique(thing, return_index=True)
    one = base.take(pa.array(row))
    kind = _ints(objects.rows["kind"])[seen]
    dwelling = kind == KINDS.index("verblijfsobject")
    panden = (objects.start[1:] - objects.start[:-1])[seen]
    owner = np.repeat(np.arange(len(objects.uses)), objects.start[1:] - objects.start[:-1])
    _, shared = np.unique(objects.building[np.isin(owner, seen[dwelling])], return_counts=True)
    uses = objects.uses[seen]
    begun = one["geldig_van"].combine_chunks()
    issuer = objects.ids[seen] // _PER_ISSUER
    found: Mapping[Reason, Any] = {
        Reason.SIDE: pc.invert(base["hoofdadres"]),
        Reason.ONLY_SIDE: pc.invert(one["hoofdadres"]),
        Reason.NO_POSTCODE: base["postcode"].is_null(),
        Reason.NO_STREET: base["straat"].is_null(),
        Reason.NO_TOWN: base["woonplaats"].is_null(),
        Reason.OTHER_ISSUER: (issuer != code[row]) & (code[row] >= 0),
        Reason.BERTHS: kind == KINDS.index("ligplaats"),
        Reason.PITCHES: kind == KINDS.index("standplaats"),
        Reason.NO_PLACE: one["oost"].is_null(),
        Reason.NO_USE: dwelling & (uses == 0),
        Reason.MORE_USES: np.bitwise_count(uses) > 1,
        Reason.NO_BUILDING: dwelling & (panden == 0),
        Reason.MORE_BUILDINGS: panden > 1,
        Reason.SHARED_BUILDING: shared > 1,
        Reason.NO_AREA: pc.and_(one["oppervlakte"].is_null(), pa.array(dwelling)),
        Reason.TAKE_ON: pc.equal(pc.year(begun), 2010),
    }
    for each, mask in found.items():
        counts[each] += int(np.sum(mask) if isinstance(mask, np.ndarray) else pc.sum(mask).as_py() or 0)
