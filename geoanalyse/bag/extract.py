"""The LV BAG 2.0 extract of the Kadaster: zips in a zip, with XML of at most 10,000 objects each.

An extract of one municipality (``BAGGEM0457L-15102021.zip``) holds ``0457GEM15102021.zip``, which holds a zip per kind
of object; the extract of the country holds those directly (``9999VBO08072023.zip``). Each object stands in it once per
*voorkomen*: a period in which it read like this. The one that holds on the reference date counts (``beginGeldigheid``
up to but not including ``eindGeldigheid``), unless it was withdrawn afterwards (``tijdstipInactief``) or is no part of
the BAG. Element names and namespaces: XSD of the Kadaster, version 20200601 (2.1.0).

The XML is read as a stream: memory holds one object and the columns that are kept. What is unpacked is counted,
whatever the zip says of its sizes.
"""

import datetime as dt
import io
import lzma
import math
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import shapely
from lxml import etree

from geoanalyse.addresses import EASTING, NORTHING
from geoanalyse.bag.objects import (
    BELONGS,
    BUILDINGS,
    EXISTING,
    KINDS,
    MILLIMETRES,
    NAMED,
    NUMBERS,
    OBJECTS,
    STREETS,
    TOWNS,
    UNKNOWN_AREAS,
    UNKNOWN_YEARS,
    Counts,
    Reason,
    Register,
    batch,
    real_day,
    use_mask,
)
from geoanalyse.errors import InputError

SOURCE = "LV BAG-extract"
_OBJ = "{www.kadaster.nl/schemas/lvbag/imbag/objecten/v20200601}"
_REF = "{www.kadaster.nl/schemas/lvbag/imbag/objecten-ref/v20200601}"
_HIS = "{www.kadaster.nl/schemas/lvbag/imbag/historie/v20200601}"
_GML = "{http://www.opengis.net/gml/3.2}"
_PART = "{http://www.kadaster.nl/schemas/lvbag/extract-deelbestand-lvc/v20200601}"
_SELECTION = "{http://www.kadaster.nl/schemas/lvbag/extract-selecties/v20200601}"
_STAND = "{http://www.kadaster.nl/schemas/standlevering-generiek/1.0}stand"
_DAY = f"{_SELECTION}StandTechnischeDatum"
_ROOT = f"{_PART}bagStand"
_GWR = "{www.kadaster.nl/schemas/lvbag/gem-wpl-rel/gwr-producten-lvc/v20200601}"
_GWR_ROOT = "{www.kadaster.nl/schemas/lvbag/gem-wpl-rel/gwr-deelbestand-lvc/v20200601}BAG-GWR-Deelbestand-LVC"
_GWR_TYPES = "{www.kadaster.nl/schemas/lvbag/gem-wpl-rel/bag-types/v20200601}"
_RELATION = f"{_GWR}GemeenteWoonplaatsRelatie"
_DELIVERY = "{http://www.kadaster.nl/schemas/lvbag/extract-levering/v20200601}BAG-Extract-Levering"
_MUNICIPALITY = f"{_SELECTION}GemeenteIdentificatie"

_CODE = re.compile("[0-9]{4}")  # of a woonplaats or a gemeente
_INACTIVE = frozenset(f"{_HIS}{name}" for name in ("tijdstipInactief", "tijdstipInactiefLV", "tijdstipNietBagLV"))
_PERIOD = (f"{_HIS}voorkomenidentificatie", f"{_HIS}beginGeldigheid", f"{_HIS}eindGeldigheid")
_ALWAYS = (f"{_OBJ}identificatie", f"{_OBJ}status", *_PERIOD, *sorted(_INACTIVE))
_PLACE = (f"{_GML}pos", f"{_GML}posList")
_NAME = re.compile(
    r"(?:\d{4}(?P<kind>VBO|NUM|PND|LIG|STA|OPR|WPL|GEM|Inactief|InOnderzoek|NietBag)\d{8}(?:-\d{1,6})?"
    r"|(?P<relation>GEM-WPL-RELATIE)-\d{8}(?:-\d{1,6})?|(?P<delivery>Leveringsdocument-BAG-Extract))"
    r"\.(?P<form>zip|xml)"
)
_UNREAD = frozenset({"Inactief", "InOnderzoek", "NietBag"})

ROWS = 10_000
"""Rows that wait as Python values before they become columns."""
MOST_RATIO, ALLOWANCE = 300, 256_000_000
"""What may be unpacked: so many times the file's size, and so many bytes more. The whole country takes 31 times."""
MOST_OBJECT = 32_000_000
"""Bytes of XML that one object may take."""
_MOST_READ = 64_000_000
_MOST_DEPTH = 3


@dataclass(slots=True)
class _Meter:
    """Counts what is unpacked from one file; ``room`` is what may still come."""

    room: int
    since: int = 0

    def add(self, size: int) -> None:
        self.room -= size
        self.since += size
        if self.room < 0 or self.since > MOST_OBJECT:
            raise _TooLargeError

    def next(self) -> None:
        self.since = 0


class _TooLargeError(Exception):
    """More came out of the zip than an extract can hold."""


class _Metered(io.RawIOBase):
    """A part of a zip, read in pieces that are counted."""

    def __init__(self, part: IO[bytes], meter: _Meter) -> None:
        self._part, self._meter = part, meter

    def read(self, size: int = -1) -> bytes:
        data = self._part.read(65536 if size < 0 else min(size, 65536))
        self._meter.add(len(data))
        return data


class _Nested(io.RawIOBase):
    """A zip in a zip, read in place; nothing is unpacked to disk, and no piece is larger than fits in memory."""

    def __init__(self, part: IO[bytes]) -> None:
        self._part = part

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._part.seek(offset, whence)

    def tell(self) -> int:
        return self._part.tell()

    def read(self, size: int = -1) -> bytes:
        data = self._part.read(size if 0 <= size <= _MOST_READ else _MOST_READ + 1)
        if len(data) > _MOST_READ:
            raise _TooLargeError
        return data


class _Days(dict[str, dt.date | None]):
    """Days of dates that were seen; few dates, many rows."""

    def __missing__(self, text: str) -> dt.date | None:
        day = real_day(text)
        if day is not None:
            self[text] = day
        return day


@dataclass(slots=True)
class _Columns:
    """Rows of one kind on their way to columns."""

    schema: pa.Schema
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    batches: list[pa.RecordBatch] = field(default_factory=list)

    def add(self, row: tuple[Any, ...]) -> None:
        self.rows.append(row)
        if len(self.rows) == ROWS:
            self.flush()

    def flush(self) -> None:
        self.batches.append(batch(self.rows, self.schema))
        self.rows = []

    def table(self) -> pa.Table:
        self.flush()
        return pa.Table.from_batches(self.batches, schema=self.schema)


Found = Mapping[str, Sequence[Any]]


def read_extract(path: Path, day: dt.date | None = None, *, report: Callable[[float], None] | None = None) -> Register:
    """Read an LV BAG 2.0 extract.

    Parameters
    ----------
    path : Path
        The zip, of a municipality or of the country.
    day : datetime.date, optional
        Reference date; that of the extract when not given.
    report : callable, optional
        Gets the share of the file that was read.

    Returns
    -------
    Register

    Raises
    ------
    InputError
        When it is no such extract, is damaged or too large, or does not reach to `day`.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file, zipfile.ZipFile(file) as package:
            reading = _Reading(path.name, day, _Meter(ALLOWANCE + MOST_RATIO * size))
            for kind, part in _parts(package, reading):
                reading.part(kind, part)
                if report is not None:
                    report(min(1.0, file.tell() / size))
            return reading.register()
    except _TooLargeError:
        raise InputError(
            f"{path.name}: wordt uitgepakt groter dan een BAG-extract kan zijn; haal het opnieuw op"
        ) from None
    except etree.XMLSyntaxError:
        raise InputError(f"{path.name}: een onderdeel is geen geldige XML; haal het extract opnieuw op") from None
    except (
        *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
        *(EOFError, NotImplementedError, RuntimeError, UnicodeError),
    ):
        raise InputError(f"{path.name}: is geen leesbare zip of is beschadigd; haal het extract opnieuw op") from None
    except OSError:
        raise InputError(f"{path.name}: kan niet worden gelezen; controleer het pad en de leesrechten") from None


def _parts(package: zipfile.ZipFile, reading: "_Reading", depth: int = 0) -> Iterator[tuple[str, IO[bytes]]]:
    """Give the kind and the content of each XML file, also of zips in zips."""
    for info in package.infolist():
        name = _NAME.fullmatch(info.filename.rpartition("/")[2])
        if info.is_dir():
            continue
        kind = name and (name["kind"] or name["relation"] or name["delivery"])
        if name is None or kind is None:
            reading.counts[Reason.UNKNOWN_PART] += 1
        elif kind in _UNREAD:
            reading.counts[Reason.SKIPPED_PART] += 1
        elif name["form"] == "xml":
            with package.open(info) as part:
                yield kind, _Metered(part, reading.meter)  # type: ignore[misc] # lxml asks for no more than read
        else:
            if depth == _MOST_DEPTH or info.file_size > reading.meter.room:
                raise _TooLargeError
            with package.open(info) as part, zipfile.ZipFile(_Nested(part)) as nested:
                yield from _parts(nested, reading, depth + 1)


class _Reading:
    """One pass through an extract: what is kept and what is counted."""

    def __init__(self, file: str, day: dt.date | None, meter: _Meter) -> None:
        self.file, self.asked, self.meter = file, day, meter
        self.day = day
        self.stand: dt.date | None = None
        self.counts = Counts()
        self.municipalities = set[int]()
        self.days = _Days()
        schemas = {"objects": OBJECTS, "numbers": NUMBERS, "streets": STREETS, "towns": TOWNS, "buildings": BUILDINGS}
        self.columns = {name: _Columns(schema) for name, schema in schemas.items()}
        self.belongs = list[tuple[str, dt.date | None, dt.date | None, int, int]]()

    def part(self, kind: str, part: IO[bytes]) -> None:
        """Read one XML file."""
        reader = _KINDS.get(kind)
        tags = (_DAY, _MUNICIPALITY, _STAND) if reader else (_DAY, _MUNICIPALITY, _RELATION)
        events = etree.iterparse(
            part,
            events=("end",),
            tag=tags,
            huge_tree=False,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
        )
        self.meter.next()
        checked = False
        for _, element in events:
            if not checked:
                checked = self._check(element, kind)
            if element.tag == _STAND:
                self.meter.next()
                if reader:
                    self._object(element, kind, reader)
                _forget(element)
            elif element.tag == _RELATION:
                self.meter.next()
                self._relation(element)
                _forget(element)
            elif element.tag == _DAY:
                if reader:
                    self._stands(element.text or "")
            elif kind == "Leveringsdocument-BAG-Extract" and _CODE.fullmatch(element.text or ""):
                self.municipalities.add(int(element.text))
        if not checked:
            self._check(events.root, kind)

    def _check(self, element: Any, kind: str) -> bool:  # noqa: ANN401 - of lxml
        """Refuse XML of another kind, and XML that defines signs of its own."""
        tree = element.getroottree()
        wanted = {"GEM-WPL-RELATIE": _GWR_ROOT, "Leveringsdocument-BAG-Extract": _DELIVERY}.get(kind, _ROOT)
        if tree.docinfo.internalDTD is not None or tree.getroot().tag != wanted:
            raise InputError(
                f"{self.file}: een onderdeel is geen LV BAG 2.0-extract; kies het extract (versie 2.0) in XML"
            )
        return True

    def _stands(self, text: str) -> None:
        stand = real_day(text.strip())
        if stand is None or (self.stand is not None and stand != self.stand):
            raise InputError(f"{self.file}: de onderdelen hebben niet dezelfde standdatum; haal het extract opnieuw op")
        if self.asked is not None and self.asked > stand:
            raise InputError(
                f"{self.file}: de peildatum ligt na de stand van het extract ({stand}); kies een nieuwer extract"
            )
        self.stand, self.day = stand, self.asked or stand

    def _object(self, stand: Any, kind: str, reader: "_Kind") -> None:  # noqa: ANN401
        element = next(stand.iter(reader.tag), None)
        if element is None or self.day is None:
            raise InputError(f"{self.file}: een onderdeel {kind} bevat iets anders; haal het extract opnieuw op")
        found: dict[str, list[Any]] = {}
        for each in element.iter(*reader.wanted):
            found.setdefault(each.tag, []).append(each)
        if any(_text(found, tag) for tag in _INACTIVE):  # an empty one (xsi:nil) says that it is not
            self.counts[Reason.INACTIVE] += 1
            return
        begin, end = self._date(found, _PERIOD[1]), self._date(found, _PERIOD[2])
        if begin is not None and begin > self.day:
            self.counts[Reason.FUTURE] += 1
        elif end is not None and end <= self.day:
            self.counts[Reason.ENDED] += 1
        else:
            number = _identity(found)
            if number is None:
                self.counts[Reason.MALFORMED] += 1
                return
            row = reader.row(found, (begin, end), self.counts)
            if row is not None:
                self.columns[reader.table].add((number, _whole(found, _PERIOD[0]) or 0, *row))

    def _date(self, found: Found, tag: str) -> dt.date | None:
        text = _text(found, tag)
        if text is None:
            return None
        day = self.days[text]
        if day is None:
            self.counts[Reason.NO_DATE] += 1
        return day

    def _relation(self, element: Any) -> None:  # noqa: ANN401
        town = element.findtext(f"{_GWR}gerelateerdeWoonplaats/{_GWR}identificatie", "")
        code = element.findtext(f"{_GWR}gerelateerdeGemeente/{_GWR}identificatie", "")
        period = f"{_GWR}tijdvakgeldigheid/{_GWR_TYPES}"
        begin, end = (element.findtext(f"{period}{name}datumTijdvakGeldigheid", "") for name in ("begin", "eind"))
        if _CODE.fullmatch(town) and _CODE.fullmatch(code):
            status = element.findtext(f"{_GWR}status", "")
            self.belongs.append((status, self.days[begin], self.days[end], int(town), int(code)))

    def register(self) -> Register:
        """Give what was kept.

        Raises
        ------
        InputError
            When there was nothing of an extract in it.
        """
        day = self.day
        if day is None or self.stand is None:
            raise InputError(f"{self.file}: bevat geen onderdelen van een LV BAG 2.0-extract; kies het extract in XML")
        tables = {name: columns.table() for name, columns in self.columns.items()}
        for name, part in (("objects", "VBO, LIG of STA"), ("numbers", "NUM"), ("streets", "OPR")):
            if not len(tables[name]):
                raise InputError(f"{self.file}: er is geen {part} dat op {day} geldt; kies het hele extract")
        held = [
            (town, place, code)
            for place, (status, begin, end, town, code) in enumerate(self.belongs)
            if status == "definitief" and (begin is None or begin <= day) and (end is None or day < end)
        ]
        only = next(iter(self.municipalities)) if len(self.municipalities) == 1 else None
        belongs = pa.Table.from_batches([batch(held, BELONGS)])
        return Register(**tables, belongs=belongs, counts=self.counts, source=SOURCE, day=day, municipality=only)


def _forget(element: Any) -> None:  # noqa: ANN401
    """Let go of an element that was read, and of all before it."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def _text(found: Found, tag: str) -> str | None:
    elements = found.get(tag)
    text = elements[0].text if elements else None
    return (text.strip() or None) if text else None


def _whole(found: Found, tag: str, most: int = 10**9) -> int | None:
    text = _text(found, tag)
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= most else None  # noqa: PLR2004


def _number(text: str | None) -> int | None:
    """Id of 16 digits, or of 4 for a woonplaats."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) in (4, 16) else None


def _identity(found: Found) -> int | None:
    return _number(_text(found, f"{_OBJ}identificatie"))


def _numbers(elements: Sequence[Any]) -> list[int]:
    return [number for each in elements if (number := _number(each.text)) is not None]


# --- one row per kind -------------------------------------------------------------------------------------------------

Period = tuple[dt.date | None, dt.date | None]
Row = Callable[[Found, Period, Counts], tuple[Any, ...] | None]


def _addressable(name: str) -> Row:
    kind = KINDS.index(name)

    def row(found: Found, period: Period, counts: Counts) -> tuple[Any, ...] | None:
        status = _text(found, f"{_OBJ}status")
        if status not in EXISTING:
            counts[Reason.STATUS] += 1
            return None
        references = found.get(f"{_REF}NummeraanduidingRef", ())
        main = [each for each in references if each.getparent().tag == f"{_OBJ}heeftAlsHoofdadres"]
        others = [each for each in references if each.getparent().tag == f"{_OBJ}heeftAlsNevenadres"]
        area = _whole(found, f"{_OBJ}oppervlakte", 999_999)
        return (
            kind,
            EXISTING.index(status),
            use_mask([(each.text or "").strip() for each in found.get(f"{_OBJ}gebruiksdoel", ())]),
            None if area in UNKNOWN_AREAS or not area else area,
            *period,
            *_place(found, counts),
            next(iter(_numbers(main)), None),
            _numbers(others),
            _numbers(found.get(f"{_REF}PandRef", ())),
        )

    return row


def _number_row(found: Found, _period: Period, counts: Counts) -> tuple[Any, ...] | None:
    if _text(found, f"{_OBJ}status") != NAMED:
        counts[Reason.WITHDRAWN] += 1
        return None
    number = _whole(found, f"{_OBJ}huisnummer", 99_999)
    if not number:
        counts[Reason.MALFORMED] += 1
        return None
    return (
        _text(found, f"{_OBJ}postcode"),
        number,
        _text(found, f"{_OBJ}huisletter"),
        _text(found, f"{_OBJ}huisnummertoevoeging"),
        _number(_text(found, f"{_REF}OpenbareRuimteRef")),
        _number(_text(found, f"{_REF}WoonplaatsRef")),
    )


def _street_row(found: Found, _period: Period, _counts: Counts) -> tuple[Any, ...]:
    return _text(found, f"{_OBJ}naam"), _number(_text(found, f"{_REF}WoonplaatsRef"))


def _town_row(found: Found, _period: Period, _counts: Counts) -> tuple[Any, ...]:
    return (_text(found, f"{_OBJ}naam"),)


def _building_row(found: Found, _period: Period, _counts: Counts) -> tuple[Any, ...]:
    year = _whole(found, f"{_OBJ}oorspronkelijkBouwjaar", 9999)
    return (None if year in UNKNOWN_YEARS or not year else year,)


@dataclass(frozen=True, slots=True)
class _Kind:
    """How objects of one kind are read: their element, the elements in it that matter, and the row they become."""

    table: str
    tag: str
    wanted: tuple[str, ...]
    row: Row


def _own(*names: str) -> tuple[str, ...]:
    return tuple(f"{_OBJ}{name}" for name in names)


_ADDRESSED = (*_ALWAYS, *_PLACE, f"{_REF}NummeraanduidingRef")
_KINDS = {
    "VBO": _Kind(
        "objects",
        f"{_OBJ}Verblijfsobject",
        (*_ADDRESSED, f"{_REF}PandRef", *_own("gebruiksdoel", "oppervlakte")),
        _addressable("verblijfsobject"),
    ),
    "LIG": _Kind("objects", f"{_OBJ}Ligplaats", _ADDRESSED, _addressable("ligplaats")),
    "STA": _Kind("objects", f"{_OBJ}Standplaats", _ADDRESSED, _addressable("standplaats")),
    "NUM": _Kind(
        "numbers",
        f"{_OBJ}Nummeraanduiding",
        (
            *_ALWAYS,
            *_own("postcode", "huisnummer", "huisletter", "huisnummertoevoeging"),
            f"{_REF}OpenbareRuimteRef",
            f"{_REF}WoonplaatsRef",
        ),
        _number_row,
    ),
    "OPR": _Kind("streets", f"{_OBJ}OpenbareRuimte", (*_ALWAYS, *_own("naam"), f"{_REF}WoonplaatsRef"), _street_row),
    "WPL": _Kind("towns", f"{_OBJ}Woonplaats", (*_ALWAYS, *_own("naam")), _town_row),
    "PND": _Kind("buildings", f"{_OBJ}Pand", (*_ALWAYS, *_own("oorspronkelijkBouwjaar")), _building_row),
}


# --- places -----------------------------------------------------------------------------------------------------------


def _place(found: Found, counts: Counts) -> tuple[float | None, float | None]:
    """Give easting and northing (m, EPSG:28992): those of the point, or of a point that surely lies in the surface."""
    numbers: Sequence[float] = ()
    points = [each for each in found.get(f"{_GML}pos", ()) if each.getparent().tag == f"{_GML}Point"]
    if points:
        numbers = _floats(points[0].text)[:2]
    elif f"{_GML}posList" in found:
        counts[Reason.SURFACE] += 1
        numbers = _inside(found[f"{_GML}posList"])
    if len(numbers) == 2 and _within(numbers[0], EASTING) and _within(numbers[1], NORTHING):  # noqa: PLR2004 - a pair
        return numbers[0], numbers[1]
    return None, None


def _within(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def _floats(text: str | None) -> list[float]:
    try:
        numbers = [float(each) for each in (text or "").split()]
    except ValueError:
        return []
    return numbers if all(map(math.isfinite, numbers)) else []


def _inside(rings: Sequence[Any]) -> Sequence[float]:
    """Give a point in a surface of rings: each ``exterior`` begins a polygon, each ``interior`` is a hole in it."""
    shells: list[tuple[list[tuple[float, float]], list[list[tuple[float, float]]]]] = []
    for ring in rings:
        numbers = _floats(ring.text)
        step = _dimension(ring, numbers)
        corners = list(zip(numbers[::step], numbers[1::step], strict=False)) if step else []
        if len(corners) < 4:  # noqa: PLR2004 - a triangle, closed
            return ()
        if any(each.tag == f"{_GML}interior" for each in ring.iterancestors(f"{_GML}interior", f"{_GML}exterior")):
            if not shells:
                return ()
            shells[-1][1].append(corners)
        else:
            shells.append((corners, []))
    try:
        surface = shapely.make_valid(shapely.MultiPolygon(shells))
    except (shapely.errors.ShapelyError, ValueError):
        return ()
    point = shapely.point_on_surface(surface)
    return () if shapely.is_empty(point) else (round(point.x, MILLIMETRES), round(point.y, MILLIMETRES))


def _dimension(ring: Any, numbers: Sequence[float]) -> int:  # noqa: ANN401
    """Say how many numbers make a corner: what the ring or the nearest element around it says, and so that it closes.

    0 when it does not close.
    """
    told = next(
        (said for each in (ring, *ring.iterancestors()) if (said := each.get("srsDimension")) in {"2", "3"}), None
    )
    for step in (2, 3) if told is None else (int(told),):
        if not len(numbers) % step and numbers[:step] == numbers[-step:]:
            return step
    return 0
