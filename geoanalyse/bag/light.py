"""``bag-light.gpkg`` of PDOK: the present state of the BAG, with the address on the row of each object.

Five tables: ``verblijfsobject``, ``ligplaats``, ``standplaats``, ``pand`` and ``woonplaats``. There are no side
addresses and no history in it, so there is nothing to choose a date for. Where an object has more gebruiksdoelen or
panden, the names stand in one value with commas between them; rows that repeat an object are joined as well.

The file is opened as one that never changes, so that SQLite makes no other files beside it, and is read in batches.
"""

import datetime as dt
import sqlite3
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from geoanalyse.addresses import EASTING, NORTHING
from geoanalyse.bag.objects import (
    BELONGS,
    BUILDINGS,
    EXISTING,
    KINDS,
    MILLIMETRES,
    NUMBERS,
    OBJECTS,
    STREETS,
    TOWNS,
    UNKNOWN_AREAS,
    UNKNOWN_YEARS,
    Counts,
    Reason,
    Register,
    use_mask,
)
from geoanalyse.errors import InputError
from geoanalyse.geofile import in_use

SOURCE = "bag-light"
_ADDRESSED = (
    *("identificatie", "status", "openbare_ruimte_naam", "huisnummer", "huisletter", "toevoeging", "postcode"),
    *("nummeraanduiding_hoofdadres_identificatie", "openbare_ruimte_identificatie", "woonplaats_identificatie"),
)
COLUMNS = {
    "woonplaats": ("identificatie", "woonplaats", "bronhouder_identificatie"),
    "pand": ("identificatie", "bouwjaar"),
    "verblijfsobject": (*_ADDRESSED, "oppervlakte", "gebruiksdoel", "pand_identificatie"),
    "ligplaats": _ADDRESSED,
    "standplaats": _ADDRESSED,
}
"""The columns that are read of each table."""
_MAGIC = b"SQLite format 3\0"
_BATCH = 65_536
_RD = 28992
_MOST_STEPS = 200_000_000  # of SQLite, on the small tables that describe the others


def read_light(
    path: Path, *, municipality: int | None = None, report: Callable[[float], None] | None = None
) -> Register:
    """Read ``bag-light.gpkg``.

    Parameters
    ----------
    path : Path
    municipality : int, optional
        Only objects in its woonplaatsen; the others are counted.
    report : callable, optional
        Gets the share of the file that was read.

    Returns
    -------
    Register

    Raises
    ------
    InputError
        When it is no such file, or a table or column is not there.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                raise InputError(f"{path.name}: is geen GeoPackage; kies bag-light.gpkg van PDOK")
        if in_use(path):
            raise InputError(f"{path.name}: is open in een ander programma; sluit het daar en probeer het opnieuw")
        day, rows = _described(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL's notes on the form of the file
            return _read(path, day, rows, municipality, report)
    except (DataSourceError, DataLayerError, pa.ArrowException, sqlite3.Error, shapely.errors.ShapelyError):
        raise InputError(f"{path.name}: is beschadigd of geen bag-light.gpkg; haal het bestand opnieuw op") from None
    except OSError:
        raise InputError(f"{path.name}: kan niet worden gelezen; controleer het pad en de leesrechten") from None


def _described(path: Path) -> tuple[dt.date | None, int]:
    """Check that the tables and their columns are there and are what they seem; give the day of the file, and rows."""
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as opened:
        steps = iter(range(_MOST_STEPS // 10_000))
        opened.set_progress_handler(lambda: next(steps, None) is None, 10_000)
        kinds = dict(opened.execute("SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')"))
        lacking = [name for name in COLUMNS if kinds.get(name) != "table"]
        if lacking:
            raise InputError(f"{path.name}: tabel {', '.join(lacking)} ontbreekt; kies bag-light.gpkg van PDOK")
        for table, wanted in COLUMNS.items():
            told = opened.execute("SELECT name, hidden FROM pragma_table_xinfo(?)", (table,)).fetchall()
            absent = [name for name in wanted if (name, 0) not in told]
            if absent:
                raise InputError(
                    f"{path.name}, tabel {table}: kolom {', '.join(absent)} ontbreekt; kies de nieuwste bag-light.gpkg"
                )
        placed = opened.execute("SELECT table_name, srs_id FROM gpkg_geometry_columns").fetchall()
        for table in KINDS:
            if (table, _RD) not in placed:
                raise InputError(
                    f"{path.name}, tabel {table}: coördinaten zijn niet in RD (EPSG:28992); kies bag-light.gpkg"
                )
        days = [
            str(text)[:10] for (text,) in opened.execute("SELECT last_change FROM gpkg_contents WHERE last_change > ''")
        ]
        rows = sum(opened.execute(f'SELECT max(rowid) FROM "{table}"').fetchone()[0] or 0 for table in COLUMNS)  # noqa: S608 - our own names
    try:
        return max(map(dt.date.fromisoformat, days), default=None), rows
    except ValueError:
        return None, rows


def _read(
    path: Path, day: dt.date | None, rows: int, municipality: int | None, report: Callable[[float], None] | None
) -> Register:
    counts, seen = Counts(), 0

    def batches(table: str, *, placed: bool = False) -> Iterator[pa.RecordBatch]:
        nonlocal seen
        with pyogrio.open_arrow(
            path, layer=table, columns=list(COLUMNS[table]), read_geometry=placed, batch_size=_BATCH, use_pyarrow=True,
            IMMUTABLE="YES",
        ) as (_, reader):  # fmt: skip
            for each in reader:
                each.validate(full=True)  # damaged text would otherwise surface in the middle of a computation
                seen += len(each)
                if report is not None and rows:
                    report(min(1.0, seen / rows))
                yield each

    towns, belongs = _towns(batches("woonplaats"), counts)
    chosen = None
    if municipality is not None:
        chosen = belongs.filter(pc.equal(belongs["municipality"], municipality))["id"].combine_chunks()
    buildings = pa.Table.from_batches([_buildings(each, counts) for each in batches("pand")], BUILDINGS)
    objects, numbers, streets = [], [], []
    for place, table in enumerate(KINDS):
        for each in batches(table, placed=True):
            kept = _existing(each, chosen, counts)
            objects.append(_objects(kept, place, counts))
            numbers.append(_numbers(kept, counts))
            streets.append(_streets(kept))
    return Register(
        objects=pa.Table.from_batches(objects, OBJECTS),
        numbers=pa.Table.from_batches(numbers, NUMBERS),
        streets=_distinct(pa.Table.from_batches(streets, STREETS)),
        towns=towns,
        buildings=buildings,
        belongs=belongs,
        counts=counts,
        source=SOURCE,
        day=day,
    )


def _towns(batches: Iterator[pa.RecordBatch], counts: Counts) -> tuple[pa.Table, pa.Table]:
    names, belongs = [], []
    for each in batches:
        number = _ids(each["identificatie"], 4)
        right = number.is_valid()
        counts[Reason.MALFORMED] += len(each) - _many(right)
        names.append(_record(TOWNS, id=number, name=each["woonplaats"]).filter(right))
        belongs.append(
            _record(BELONGS, id=number, municipality=_ids(each["bronhouder_identificatie"], 4)).filter(right)
        )
    return pa.Table.from_batches(names, TOWNS), pa.Table.from_batches(belongs, BELONGS)


def _buildings(each: pa.RecordBatch, counts: Counts) -> pa.RecordBatch:
    number = _ids(each["identificatie"])
    right = number.is_valid()
    counts[Reason.MALFORMED] += len(each) - _many(right)
    return _record(BUILDINGS, id=number, year=_known(_whole(each["bouwjaar"]), UNKNOWN_YEARS)).filter(right)


def _existing(each: pa.RecordBatch, towns: pa.Array | None, counts: Counts) -> pa.RecordBatch:
    """Leave out rows without an id, and objects that do not exist or lie in another municipality."""
    right = _ids(each["identificatie"]).is_valid()
    counts[Reason.MALFORMED] += len(each) - _many(right)
    each = each.filter(right)
    exists = pc.is_in(_text(each["status"]), value_set=pa.array(EXISTING))
    counts[Reason.STATUS] += len(each) - _many(exists)
    each = each.filter(exists)
    if towns is None:
        return each
    here = pc.is_in(_ids(each["woonplaats_identificatie"], 4), value_set=towns)
    counts[Reason.ELSEWHERE] += len(each) - _many(here)
    return each.filter(here)


def _objects(each: pa.RecordBatch, place: int, counts: Counts) -> pa.RecordBatch:
    wkb = next(field.name for field in each.schema if field.type in (pa.binary(), pa.large_binary()))
    east, north = _places(each[wkb], counts)
    dwelling = place == KINDS.index("verblijfsobject")
    return _record(
        OBJECTS,
        id=_ids(each["identificatie"]),
        kind=pa.array(np.full(len(each), place, dtype=np.int8)),
        status=pc.index_in(_text(each["status"]), value_set=pa.array(EXISTING)),
        uses=_uses(_text(each["gebruiksdoel"])) if dwelling else pa.array(np.zeros(len(each), dtype=np.uint16)),
        area=_known(_whole(each["oppervlakte"]), UNKNOWN_AREAS) if dwelling else None,
        easting=east,
        northing=north,
        main=_ids(each["nummeraanduiding_hoofdadres_identificatie"]),
        others=_listed(pa.nulls(len(each), pa.string())),
        buildings=_listed(_text(each["pand_identificatie"]) if dwelling else pa.nulls(len(each), pa.string())),
    )


def _numbers(each: pa.RecordBatch, counts: Counts) -> pa.RecordBatch:
    identity, number = _ids(each["nummeraanduiding_hoofdadres_identificatie"]), _whole(each["huisnummer"])
    right = pc.and_(identity.is_valid(), pc.fill_null(pc.and_(pc.greater(number, 0), pc.less(number, 100_000)), False))  # noqa: FBT003
    counts[Reason.MALFORMED] += _many(identity.is_valid()) - _many(right)
    return _record(
        NUMBERS,
        id=identity,
        postcode=_text(each["postcode"]),
        number=number,
        letter=_text(each["huisletter"]),
        suffix=_text(each["toevoeging"]),
        street=_ids(each["openbare_ruimte_identificatie"]),
        town=_ids(each["woonplaats_identificatie"], 4),
    ).filter(right)


def _streets(each: pa.RecordBatch) -> pa.RecordBatch:
    made = _record(
        STREETS,
        id=_ids(each["openbare_ruimte_identificatie"]),
        name=_text(each["openbare_ruimte_naam"]),
        town=_ids(each["woonplaats_identificatie"], 4),
    )
    return _distinct(pa.Table.from_batches([made])).combine_chunks().to_batches()[0] if len(made) else made


def _distinct(streets: pa.Table) -> pa.Table:
    """Keep one row per street: the BAG repeats it on each of its addresses."""
    right = streets.filter(streets["id"].is_valid())
    _, first = np.unique(right["id"].to_numpy(), return_index=True)
    return right.take(pa.array(np.sort(first)))


def _record(schema: pa.Schema, **columns: pa.Array | None) -> pa.RecordBatch:
    """Columns by name; those that are not given are 0 (voorkomen) or empty."""
    size = len(columns["id"] if columns["id"] is not None else ())
    made = []
    for name, kind in zip(schema.names, schema.types, strict=True):
        column = columns.get(name)
        if column is None:
            column = pa.array(np.zeros(size, dtype=np.int32)) if name == "voorkomen" else pa.nulls(size, kind)
        made.append(column.cast(kind))
    return pa.RecordBatch.from_arrays(made, schema=schema)


def _many(mask: pa.Array) -> int:
    return int(pc.sum(mask).as_py() or 0)


def _text(column: pa.Array) -> pa.Array:
    """Text without spaces around it; null where nothing is left."""
    text = pc.utf8_trim_whitespace(column.cast(pa.string()))
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _whole(column: pa.Array) -> pa.Array:
    text = column.cast(pa.string())
    plain = pc.match_substring_regex(text, "^[0-9]{1,9}$")
    return pc.if_else(plain, text, pa.scalar(None, pa.string())).cast(pa.int32())


def _known(numbers: pa.Array, placeholders: frozenset[int]) -> pa.Array:
    unknown = pc.is_in(numbers, value_set=pa.array([0, *sorted(placeholders)], numbers.type))
    return pc.if_else(unknown, pa.scalar(None, numbers.type), numbers)


def _ids(column: pa.Array, digits: int = 16) -> pa.Array:
    """Ids as whole numbers; null where there is none of so many digits."""
    text = _text(column)
    right = pc.match_substring_regex(text, f"^[0-9]{{{digits}}}$")
    return pc.if_else(right, text, pa.scalar(None, pa.string())).cast(pa.int64())


def _listed(text: pa.Array) -> pa.Array:
    """Ids with commas between them, as lists."""
    parts = pc.split_pattern(pc.fill_null(text, ""), ",")
    return pa.ListArray.from_arrays(parts.offsets, _ids(parts.flatten()))


def _uses(text: pa.Array) -> pa.Array:
    """Bits of gebruiksdoelen; 0 where none is known."""
    coded = text.dictionary_encode()  # few combinations, many rows
    masks = [use_mask([word.strip() for word in words.split(",")]) for words in coded.dictionary.to_pylist()]
    return pa.array(np.array([*masks, 0], dtype=np.uint16)[coded.indices.fill_null(len(masks)).to_numpy()])


def _places(wkb: pa.Array, counts: Counts) -> tuple[pa.Array, pa.Array]:
    """Easting and northing (m, EPSG:28992): of the point, or of a point that surely lies in the surface."""
    shapes = shapely.from_wkb(wkb.to_numpy(zero_copy_only=False), on_invalid="ignore")
    surfaces = (shapely.get_type_id(shapes) >= int(shapely.GeometryType.LINESTRING)) & ~shapely.is_empty(shapes)
    counts[Reason.SURFACE] += int(surfaces.sum())
    shapes[surfaces] = shapely.point_on_surface(shapely.make_valid(shapes[surfaces]))
    east, north = shapely.get_x(shapes), shapely.get_y(shapes)
    east[surfaces], north[surfaces] = east[surfaces].round(MILLIMETRES), north[surfaces].round(MILLIMETRES)
    right = _within(east, EASTING) & _within(north, NORTHING)
    return pa.array(east, mask=~right), pa.array(north, mask=~right)


def _within(values: npt.NDArray[np.float64], bounds: Sequence[float]) -> npt.NDArray[np.bool_]:
    inside: npt.NDArray[np.bool_] = (values >= bounds[0]) & (values <= bounds[1])
    return inside
