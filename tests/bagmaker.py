"""Make small BAGs in both official forms: the LV BAG 2.0 extract (zips of XML) and ``bag-light.gpkg``.

Element names, namespaces and layout of the zips are those of the XSDs of the Kadaster (20200601, 2.1.0) and of its
deliveries; tables and columns of the GeoPackage those of PDOK.
"""

import io
import sqlite3
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.sax.saxutils import escape

import shapely

SPACES = """\
xmlns:DatatypenNEN3610="www.kadaster.nl/schemas/lvbag/imbag/datatypennen3610/v20200601" \
xmlns:Objecten="www.kadaster.nl/schemas/lvbag/imbag/objecten/v20200601" \
xmlns:gml="http://www.opengis.net/gml/3.2" \
xmlns:Historie="www.kadaster.nl/schemas/lvbag/imbag/historie/v20200601" \
xmlns:Objecten-ref="www.kadaster.nl/schemas/lvbag/imbag/objecten-ref/v20200601" \
xmlns:nen5825="www.kadaster.nl/schemas/lvbag/imbag/nen5825/v20200601" \
xmlns:KenmerkInOnderzoek="www.kadaster.nl/schemas/lvbag/imbag/kenmerkinonderzoek/v20200601" \
xmlns:selecties-extract="http://www.kadaster.nl/schemas/lvbag/extract-selecties/v20200601" \
xmlns:sl-bag-extract="http://www.kadaster.nl/schemas/lvbag/extract-deelbestand-lvc/v20200601" \
xmlns:sl="http://www.kadaster.nl/schemas/standlevering-generiek/1.0" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"\
"""
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
PER_FILE = 10_000


@dataclass(frozen=True)
class Period:
    """A voorkomen."""

    number: int = 1
    begin: str = "2015-01-01"
    end: str | None = None
    inactive: str | None = None  # name of an element, such as tijdstipInactief

    def xml(self) -> str:
        end = f"<Historie:eindGeldigheid>{self.end}</Historie:eindGeldigheid>" if self.end else ""
        moment = "2020-02-02T10:00:00.000"
        inside = f"<Historie:tijdstipInactief>{moment}</Historie:tijdstipInactief>"
        outside = f"<Historie:{self.inactive}>{moment}</Historie:{self.inactive}>"
        return (
            "<Objecten:voorkomen><Historie:Voorkomen>"
            f"<Historie:voorkomenidentificatie>{self.number}</Historie:voorkomenidentificatie>"
            f"<Historie:beginGeldigheid>{self.begin}</Historie:beginGeldigheid>{end}"
            "<Historie:tijdstipRegistratie>2010-12-15T11:34:46.000</Historie:tijdstipRegistratie>"
            f"{inside if self.inactive == 'tijdstipInactief' else ''}"
            "<Historie:BeschikbaarLV>"
            "<Historie:tijdstipRegistratieLV>2010-12-15T12:00:51.797</Historie:tijdstipRegistratieLV>"
            f"{outside if self.inactive and self.inactive.endswith('LV') else ''}"
            "</Historie:BeschikbaarLV></Historie:Voorkomen></Objecten:voorkomen>"
        )


@dataclass(frozen=True)
class Town:
    id: str = "3631"
    name: str = "Weesp"
    municipality: str = "0457"
    period: Period = field(default_factory=Period)


@dataclass(frozen=True)
class Street:
    id: str = "0457300000000001"
    name: str = "Buitenveer"
    town: str = "3631"
    period: Period = field(default_factory=Period)


@dataclass(frozen=True)
class Number:
    id: str = "0457200000000001"
    number: int | str = 12
    letter: str | None = None
    suffix: str | None = None
    postcode: str | None = "1381AA"
    street: str = "0457300000000001"
    town: str | None = None
    status: str = "Naamgeving uitgegeven"
    kind: str = "Verblijfsobject"
    period: Period = field(default_factory=Period)


@dataclass(frozen=True)
class Pand:
    id: str = "0457100000000001"
    year: int = 1921
    status: str = "Pand in gebruik"
    period: Period = field(default_factory=Period)
    easting: float = 131000.0
    northing: float = 480000.0


@dataclass(frozen=True)
class Thing:
    """An addressable object; its kind follows from its id, as in the BAG."""

    id: str = "0457010000000001"
    main: str = "0457200000000001"
    others: tuple[str, ...] = ()
    easting: float = 131000.5
    northing: float = 480000.25
    uses: tuple[str, ...] = ("woonfunctie",)
    area: int = 80
    status: str | None = None
    panden: tuple[str, ...] = ("0457100000000001",)
    period: Period = field(default_factory=Period)
    shape: str | None = None  # GML in place of the usual

    @property
    def kind(self) -> str:
        return {"01": "verblijfsobject", "02": "ligplaats", "03": "standplaats"}[self.id[4:6]]

    @property
    def stands(self) -> str:
        return self.status or ("Verblijfsobject in gebruik" if self.kind == "verblijfsobject" else "Plaats aangewezen")


@dataclass(frozen=True)
class Bag:
    """One of everything, unless told otherwise."""

    things: Sequence[Thing] = (Thing(),)
    numbers: Sequence[Number] = (Number(),)
    streets: Sequence[Street] = (Street(),)
    towns: Sequence[Town] = (Town(),)
    panden: Sequence[Pand] = (Pand(),)

    def with_(self, **changes: object) -> "Bag":
        return replace(self, **changes)


# --- XML --------------------------------------------------------------------------------------------------------------


def element(name: str, text: object) -> str:
    return "" if text is None else f"<Objecten:{name}>{escape(str(text))}</Objecten:{name}>"


def reference(kind: str, domain: str, number: str) -> str:
    return f'<Objecten-ref:{kind}Ref domein="NL.IMBAG.{domain}">{number}</Objecten-ref:{kind}Ref>'


def identity(domain: str, number: str) -> str:
    return f'<Objecten:identificatie domein="NL.IMBAG.{domain}">{number}</Objecten:identificatie>'


DOCUMENT = (
    "<Objecten:geconstateerd>N</Objecten:geconstateerd><Objecten:documentdatum>2009-01-20</Objecten:documentdatum>"
    "<Objecten:documentnummer>BRA/FB20080001</Objecten:documentnummer>"
)


def ring(corners: Sequence[Sequence[float]], side: str = "exterior") -> str:
    numbers = " ".join(f"{value:.3f}" for corner in corners for value in corner)
    return (
        f"<gml:{side}><gml:LinearRing>"
        f'<gml:posList count="{len(corners)}">{numbers}</gml:posList></gml:LinearRing></gml:{side}>'
    )


def polygon(*rings: str, dimension: int = 2) -> str:
    return (
        f'<gml:Polygon srsName="urn:ogc:def:crs:EPSG::28992" srsDimension="{dimension}">{"".join(rings)}</gml:Polygon>'
    )


def surface(*rings: str, dimension: int = 2) -> str:
    return (
        f'<gml:Surface srsName="urn:ogc:def:crs:EPSG::28992" srsDimension="{dimension}"><gml:patches>'
        f"<gml:PolygonPatch>{''.join(rings)}</gml:PolygonPatch></gml:patches></gml:Surface>"
    )


def square(east: float, north: float, half: float = 4.0, height: float | None = None) -> list[tuple[float, ...]]:
    """Corners of a square round a point, closed; with a height when it is 3D."""
    steps = ((-half, -half), (half, -half), (half, half), (-half, half), (-half, -half))
    more = () if height is None else (height,)
    return [(round(east + dx, 3), round(north + dy, 3), *more) for dx, dy in steps]


def pos(east: float, north: float) -> str:
    return (
        '<Objecten:punt><gml:Point srsName="urn:ogc:def:crs:EPSG::28992" srsDimension="3">'
        f"<gml:pos>{east:.3f} {north:.3f} 0.0</gml:pos></gml:Point></Objecten:punt>"
    )


def thing_xml(thing: Thing) -> str:
    others = "".join(reference("Nummeraanduiding", "Nummeraanduiding", each) for each in thing.others)
    start = (
        f"<Objecten:heeftAlsHoofdadres>{reference('Nummeraanduiding', 'Nummeraanduiding', thing.main)}"
        f"</Objecten:heeftAlsHoofdadres>{thing.period.xml()}"
        + (f"<Objecten:heeftAlsNevenadres>{others}</Objecten:heeftAlsNevenadres>" if others else "")
    )
    name = thing.kind.capitalize()
    if thing.kind == "verblijfsobject":
        shape = thing.shape or pos(thing.easting, thing.northing)
        panden = "".join(reference("Pand", "Pand", each) for each in thing.panden)
        return (
            f"<Objecten:{name}>{start}{identity(name, thing.id)}<Objecten:geometrie>{shape}</Objecten:geometrie>"
            f"{''.join(element('gebruiksdoel', use) for use in thing.uses)}{element('oppervlakte', thing.area)}"
            f"{element('status', thing.stands)}{DOCUMENT}"
            f"<Objecten:maaktDeelUitVan>{panden}</Objecten:maaktDeelUitVan></Objecten:{name}>"
        )
    shape = thing.shape or polygon(ring(square(thing.easting, thing.northing)))
    return (
        f"<Objecten:{name}>{start}{identity(name, thing.id)}{element('status', thing.stands)}"
        f"<Objecten:geometrie>{shape}</Objecten:geometrie>{DOCUMENT}</Objecten:{name}>"
    )


def number_xml(number: Number) -> str:
    town = f"<Objecten:ligtIn>{reference('Woonplaats', 'Woonplaats', number.town)}</Objecten:ligtIn>"
    return (
        f"<Objecten:Nummeraanduiding>{identity('Nummeraanduiding', number.id)}{element('huisnummer', number.number)}"
        f"{element('huisletter', number.letter)}{element('huisnummertoevoeging', number.suffix)}"
        f"{element('postcode', number.postcode)}{element('typeAdresseerbaarObject', number.kind)}"
        f"{element('status', number.status)}{DOCUMENT}{town if number.town else ''}{number.period.xml()}"
        f"<Objecten:ligtAan>{reference('OpenbareRuimte', 'Openbareruimte', number.street)}</Objecten:ligtAan>"
        "</Objecten:Nummeraanduiding>"
    )


def street_xml(street: Street) -> str:
    return (
        f"<Objecten:OpenbareRuimte>{identity('Openbareruimte', street.id)}{element('naam', street.name)}"
        f"{element('type', 'Weg')}{element('status', 'Naamgeving uitgegeven')}{DOCUMENT}"
        f"<Objecten:ligtIn>{reference('Woonplaats', 'Woonplaats', street.town)}</Objecten:ligtIn>{street.period.xml()}"
        "</Objecten:OpenbareRuimte>"
    )


def town_xml(town: Town) -> str:
    shape = polygon(ring(square(131000, 480000, 3000)))
    return (
        f"<Objecten:Woonplaats>{identity('Woonplaats', town.id)}{element('naam', town.name)}"
        f"<Objecten:geometrie><Objecten:vlak>{shape}</Objecten:vlak></Objecten:geometrie>"
        f"{element('status', 'Woonplaats aangewezen')}{DOCUMENT}{town.period.xml()}</Objecten:Woonplaats>"
    )


def pand_xml(pand: Pand) -> str:
    shape = polygon(ring(square(pand.easting, pand.northing, 5, 0.0)), dimension=3)
    return (
        f"<Objecten:Pand>{identity('Pand', pand.id)}<Objecten:geometrie>{shape}</Objecten:geometrie>"
        f"{element('oorspronkelijkBouwjaar', f'{pand.year:04d}')}{element('status', pand.status)}{DOCUMENT}"
        f"{pand.period.xml()}</Objecten:Pand>"
    )


def stand(kind: str, objects: Iterable[str], day: str, municipality: str, doctype: str = "") -> Iterator[str]:
    """Give one XML file of an extract, in pieces."""
    yield (
        f"{HEAD}{doctype}<sl-bag-extract:bagStand {SPACES}><sl-bag-extract:bagInfo>"
        "<selecties-extract:Gebied-Registratief><selecties-extract:Gebied-GEM><selecties-extract:GemeenteCollectie>"
        f"<selecties-extract:Gemeente><selecties-extract:GemeenteIdentificatie>{municipality}"
        "</selecties-extract:GemeenteIdentificatie></selecties-extract:Gemeente></selecties-extract:GemeenteCollectie>"
        "</selecties-extract:Gebied-GEM></selecties-extract:Gebied-Registratief><selecties-extract:LVC-Extract>"
        f"<selecties-extract:StandTechnischeDatum>{day}</selecties-extract:StandTechnischeDatum>"
        "</selecties-extract:LVC-Extract></sl-bag-extract:bagInfo><sl:standBestand><sl:dataset>LVBAG</sl:dataset>"
        "<sl:inhoud><sl:gebied>GEMEENTE</sl:gebied><sl:leveringsId>0000000001</sl:leveringsId><sl:objectTypen>"
        f"<sl:objectType>{kind}</sl:objectType></sl:objectTypen></sl:inhoud>\n"
    )
    for each in objects:
        yield f"<sl:stand><sl-bag-extract:bagObject>{each}</sl-bag-extract:bagObject></sl:stand>\n"
    yield "</sl:standBestand></sl-bag-extract:bagStand>\n"


def relations(towns: Iterable[Town], day: str) -> str:
    one = "".join(
        "<gwr-product:GemeenteWoonplaatsRelatie><gwr-product:tijdvakgeldigheid>"
        "<bagtypes:begindatumTijdvakGeldigheid>2010-07-24</bagtypes:begindatumTijdvakGeldigheid>"
        "</gwr-product:tijdvakgeldigheid><gwr-product:gerelateerdeWoonplaats>"
        f"<gwr-product:identificatie>{town.id}</gwr-product:identificatie></gwr-product:gerelateerdeWoonplaats>"
        "<gwr-product:gerelateerdeGemeente>"
        f"<gwr-product:identificatie>{town.municipality}</gwr-product:identificatie>"
        "</gwr-product:gerelateerdeGemeente><gwr-product:status>definitief</gwr-product:status>"
        "</gwr-product:GemeenteWoonplaatsRelatie>"
        for town in towns
    )
    base = "www.kadaster.nl/schemas/lvbag/gem-wpl-rel"
    return (
        f'{HEAD}<gwr-bestand:BAG-GWR-Deelbestand-LVC xmlns:gwr-bestand="{base}/gwr-deelbestand-lvc/v20200601" '
        'xmlns:selecties-extract="http://www.kadaster.nl/schemas/lvbag/extract-selecties/v20200601" '
        f'xmlns:bagtypes="{base}/bag-types/v20200601" xmlns:gwr-product="{base}/gwr-producten-lvc/v20200601">'
        "<gwr-bestand:SelectieGegevens><selecties-extract:StandTechnischeDatum>"
        f"{day}</selecties-extract:StandTechnischeDatum></gwr-bestand:SelectieGegevens><gwr-bestand:Product>"
        f"<gwr-product:GemeenteWoonplaatsRelatieProduct>{one}</gwr-product:GemeenteWoonplaatsRelatieProduct>"
        "</gwr-bestand:Product></gwr-bestand:BAG-GWR-Deelbestand-LVC>"
    )


def delivery(day: str, municipality: str) -> str:
    return (
        f'{HEAD}<xb:BAG-Extract-Levering xmlns:xb="http://www.kadaster.nl/schemas/lvbag/extract-levering/v20200601" '
        'xmlns:selecties-extract="http://www.kadaster.nl/schemas/lvbag/extract-selecties/v20200601">'
        "<xb:SelectieGegevens><selecties-extract:LVC-Extract><selecties-extract:StandTechnischeDatum>"
        f"{day}</selecties-extract:StandTechnischeDatum></selecties-extract:LVC-Extract>"
        "<selecties-extract:Gebied-Registratief><selecties-extract:Gebied-GEM><selecties-extract:GemeenteCollectie>"
        f"<selecties-extract:Gemeente><selecties-extract:GemeenteIdentificatie>{municipality}"
        "</selecties-extract:GemeenteIdentificatie><selecties-extract:GemeenteNaam>Weesp"
        "</selecties-extract:GemeenteNaam></selecties-extract:Gemeente></selecties-extract:GemeenteCollectie>"
        "</selecties-extract:Gebied-GEM></selecties-extract:Gebied-Registratief></xb:SelectieGegevens>"
        "</xb:BAG-Extract-Levering>"
    )


def parts(bag: Bag) -> dict[str, list[str]]:
    """Give the objects of each kind as XML."""
    kinds = {"VBO": "verblijfsobject", "LIG": "ligplaats", "STA": "standplaats"}
    return {
        **{name: [thing_xml(each) for each in bag.things if each.kind == kind] for name, kind in kinds.items()},
        "NUM": [number_xml(each) for each in bag.numbers],
        "OPR": [street_xml(each) for each in bag.streets],
        "PND": [pand_xml(each) for each in bag.panden],
        "WPL": [town_xml(each) for each in bag.towns],
    }


def zipped(files: dict[str, bytes | str | Iterable[str]]) -> bytes:
    target = io.BytesIO()
    fill_zip(target, files)
    return target.getvalue()


def fill_zip(target: object, files: dict[str, bytes | str | Iterable[str]]) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            with package.open(info, "w", force_zip64=True) as part:
                pieces = [content] if isinstance(content, bytes | str) else content
                for piece in pieces:
                    part.write(piece.encode() if isinstance(piece, str) else piece)


def extract(
    bag: Bag,
    path: Path,
    *,
    day: str = "2021-10-15",
    municipality: str = "0457",
    national: bool = False,
    more: dict[str, bytes] | None = None,
    change: Callable[[dict[str, bytes]], dict[str, bytes]] = lambda files: files,
) -> Path:
    """Write an extract of a municipality, or of the country."""
    stamp = f"{day[8:]}{day[5:7]}{day[:4]}"
    issuer = "9999" if national else municipality
    inner = {}
    for kind, objects in parts(bag).items():
        pieces = [objects[start : start + PER_FILE] for start in range(0, len(objects), PER_FILE)] or [[]]
        if objects or kind not in {"LIG", "STA"}:
            files = {
                f"{issuer}{kind}{stamp}-{place:06d}.xml": "".join(stand(kind, piece, day, municipality)).encode()
                for place, piece in enumerate(pieces, 1)
            }
            inner[f"{issuer}{kind}{stamp}.zip"] = zipped(change(files))
    aside = {f"{issuer}{name}{stamp}.zip": zipped({}) for name in ("InOnderzoek", "Inactief", "NietBag")}
    outer = {
        **(inner if national else {f"{municipality}GEM{stamp}.zip": zipped(inner)}),
        **aside,
        f"GEM-WPL-RELATIE-{stamp}.zip": zipped(
            {f"GEM-WPL-RELATIE-{stamp}-000001.xml": relations(bag.towns, day).encode()}
        ),
        "Leveringsdocument-BAG-Extract.xml": delivery(day, municipality).encode(),
        **(more or {}),
    }
    path.write_bytes(zipped(outer))
    return path


# --- GeoPackage -------------------------------------------------------------------------------------------------------

_ADDRESS = (
    '"openbare_ruimte_naam" TEXT, "openbare_ruimte_naam_kort" TEXT, "huisnummer" INTEGER, "huisletter" TEXT, '
    '"toevoeging" TEXT, "postcode" TEXT, "woonplaats_naam" TEXT'
)
_REFERENCES = (
    '"nummeraanduiding_hoofdadres_identificatie" TEXT, "openbare_ruimte_identificatie" TEXT, '
    '"woonplaats_identificatie" TEXT, "bronhouder_identificatie" TEXT'
)
_HEAD = '"feature_id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "geom" BLOB, "rdf_seealso" TEXT, "identificatie" TEXT'
TABLES = {
    "woonplaats": f'{_HEAD}, "status" TEXT, "woonplaats" TEXT, "bronhouder_identificatie" TEXT',
    "pand": (
        f'{_HEAD}, "bouwjaar" INTEGER, "status" TEXT, "gebruiksdoel" TEXT, "oppervlakte_min" INTEGER, '
        '"oppervlakte_max" INTEGER, "aantal_verblijfsobjecten" INTEGER'
    ),
    "verblijfsobject": (
        f'{_HEAD}, "oppervlakte" INTEGER, "status" TEXT, "gebruiksdoel" TEXT, {_ADDRESS}, "bouwjaar" INTEGER, '
        f'"pand_identificatie" TEXT, "pandstatus" TEXT, {_REFERENCES}'
    ),
    "ligplaats": f'{_HEAD}, "status" TEXT, {_ADDRESS}, {_REFERENCES}',
    "standplaats": f'{_HEAD}, "status" TEXT, {_ADDRESS}, {_REFERENCES}',
}
_SHAPES = {"woonplaats": "MULTIPOLYGON", "verblijfsobject": "POINT"}


def blob(shape: shapely.Geometry) -> bytes:
    """Give a shape as a GeoPackage keeps it."""
    return b"GP\0\1" + struct.pack("<i", 28992) + shapely.to_wkb(shape, byte_order=1)


def point_blob(east: float, north: float) -> bytes:
    return b"GP\0\1" + struct.pack("<iBIdd", 28992, 1, 1, east, north)


def empty_gpkg(path: Path, tables: dict[str, str] = TABLES, srs: int = 28992) -> sqlite3.Connection:
    """Make a GeoPackage with these tables and no rows."""
    path.unlink(missing_ok=True)
    made = sqlite3.connect(path)
    made.executescript(
        """
        PRAGMA application_id = 0x47504B47; PRAGMA user_version = 10300;
        CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY,
            organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL,
            description TEXT);
        CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT
            UNIQUE, description TEXT DEFAULT '', last_change DATETIME NOT NULL, min_x DOUBLE, min_y DOUBLE,
            max_x DOUBLE, max_y DOUBLE, srs_id INTEGER);
        CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
            geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
            CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name));
        INSERT INTO gpkg_spatial_ref_sys VALUES
            ('Undefined cartesian', -1, 'NONE', -1, 'undefined', ''), ('Undefined geographic', 0, 'NONE', 0,
            'undefined', ''), ('WGS 84', 4326, 'EPSG', 4326, 'undefined', ''), ('Amersfoort / RD New', 28992, 'EPSG',
            28992, 'undefined', '');
        """
    )
    for name, columns in tables.items():
        made.execute(f'CREATE TABLE "{name}" ({columns})')
        made.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change, srs_id) VALUES (?,?,?,?,?)",
            (name, "features", name, "2021-10-15T00:00:00.000Z", srs),
        )
        made.execute(
            "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, 0, 0)",
            (name, _SHAPES.get(name, "POLYGON"), srs),
        )
    return made


def insert(made: sqlite3.Connection, table: str, rows: Iterable[dict[str, object]]) -> None:
    columns: tuple[str, ...] = ()
    values = []
    for row in rows:
        columns = tuple(row)
        values.append(tuple(row.values()))
    if values:
        names = ", ".join(f'"{name}"' for name in columns)
        made.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(columns))})', values)  # noqa: S608


def light_rows(bag: Bag) -> Iterator[tuple[str, dict[str, object]]]:
    """Give each row of ``bag-light.gpkg`` with its table."""
    numbers = {each.id: each for each in bag.numbers}
    streets = {each.id: each for each in bag.streets}
    towns = {each.id: each for each in bag.towns}
    panden = {each.id: each for each in bag.panden}
    for town in bag.towns:
        shape = blob(shapely.MultiPolygon([shapely.Polygon(square(131000, 480000, 3000))]))
        yield (
            "woonplaats",
            {
                "geom": shape,
                "identificatie": town.id,
                "status": "Woonplaats aangewezen",
                "woonplaats": town.name,
                "bronhouder_identificatie": town.municipality,
            },
        )
    for pand in bag.panden:
        shape = blob(shapely.Polygon(square(pand.easting, pand.northing, 5)))
        yield (
            "pand",
            {"geom": shape, "identificatie": pand.id, "bouwjaar": pand.year, "status": pand.status},
        )
    for thing in bag.things:
        number = numbers[thing.main]
        street = streets[number.street]
        town = towns[number.town or street.town]
        row: dict[str, object] = {
            "identificatie": thing.id,
            "status": thing.stands,
            "openbare_ruimte_naam": street.name,
            "huisnummer": number.number,
            "huisletter": number.letter,
            "toevoeging": number.suffix,
            "postcode": number.postcode,
            "woonplaats_naam": town.name,
            "nummeraanduiding_hoofdadres_identificatie": number.id,
            "openbare_ruimte_identificatie": street.id,
            "woonplaats_identificatie": town.id,
            "bronhouder_identificatie": town.municipality,
        }
        if thing.kind == "verblijfsobject":
            first = panden.get(thing.panden[0]) if thing.panden else None
            row |= {
                "geom": point_blob(thing.easting, thing.northing),
                "oppervlakte": thing.area,
                "gebruiksdoel": ",".join(thing.uses),
                "bouwjaar": first.year if first else None,
                "pand_identificatie": ",".join(thing.panden),
                "pandstatus": first.status if first else None,
            }
        else:
            row["geom"] = blob(shapely.Polygon(square(thing.easting, thing.northing)))
        yield thing.kind, row


def light(bag: Bag, path: Path) -> Path:
    """Write ``bag-light.gpkg``."""
    rows: dict[str, list[dict[str, object]]] = {}
    for table, row in light_rows(bag):
        rows.setdefault(table, []).append(row)
    with closing(empty_gpkg(path)) as made:
        for table, each in rows.items():
            insert(made, table, each)
        made.commit()
    return path
