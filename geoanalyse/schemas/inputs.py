"""Schemas of what is handed in: tables, and the TOML files beside them. Made from the readers' own definitions."""

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from geoanalyse import addresses, casus, context, grondslag, layer, levels, routes, theme
from geoanalyse.casus import _BLOCKS as CASE_BLOCKS
from geoanalyse.casus import _CODE as CASE_CODE
from geoanalyse.casus import _KEYS as CASE_KEYS
from geoanalyse.casus import _MONTH as CASE_MONTH
from geoanalyse.casus import _NAME as CASE_NAME
from geoanalyse.casus import _NEEDED as CASE_NEEDED
from geoanalyse.casus import _SIGNAL as CASE_SIGNAL
from geoanalyse.context import _NEEDED as CONTEXT_NEEDED
from geoanalyse.context import _OF_KIND as CONTEXT_OF_KIND
from geoanalyse.context import _TEXTS as CONTEXT_TEXTS
from geoanalyse.geography import LEVELS
from geoanalyse.grondslag import _CHOICES as BASIS_CHOICES
from geoanalyse.grondslag import _DATES as BASIS_DATES
from geoanalyse.grondslag import _KEYS as BASIS_KEYS
from geoanalyse.grondslag import _OPTIONAL as BASIS_OPTIONAL
from geoanalyse.holderfile import _KEYS as LIST_KEYS
from geoanalyse.layer import _KEYS as LAYER_KEYS
from geoanalyse.levels import _DATES as LEVEL_DATES
from geoanalyse.levels import _KEYS as LEVEL_KEYS
from geoanalyse.routes import _CHOICES as RULE_CHOICES
from geoanalyse.routes import _CONDITIONS as RULE_CONDITIONS
from geoanalyse.routes import _RULE as RULE_KEYS
from geoanalyse.routes import _WORDS as RULE_WORDS
from geoanalyse.schemas.shape import (
    ONE_LINE,
    Schema,
    by_name,
    choice,
    day,
    document,
    number,
    sequence,
    text,
    thing,
    whole,
)
from geoanalyse.theme import _KEYS as THEME_KEYS

_ID = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_COLOUR = r"^#[0-9a-fA-F]{6}$"
_FILE = r"^\w[\w .-]*$"
_KEY = "eigen sleutel van het adres: een pseudoniem of het BAG-nummer"
_PRINTED = text(longest=grondslag.LONGEST, pattern=ONE_LINE)


def address_row() -> Schema:
    """Describe a row of ``adressen``."""
    uses = "|".join(addresses.USES)
    (west, east), (south, north) = addresses.EASTING, addresses.NORTHING
    known = {
        "sleutel": text(f"{_KEY}; elk adres een andere", pattern=r"\S"),
        "oost": number(west, east, "RD-coördinaat in meters"),
        "noord": number(south, north, "RD-coördinaat in meters"),
        "crs": choice([addresses.CRS], "stelsel van oost en noord"),
        "gebruik": text(
            "gebruiksdoelen van de BAG, gescheiden door een verticale streep", pattern=rf"^({uses})(\|({uses}))*$"
        ),
        "pand": text("nummer van het pand; gelijk voor adressen in één pand", pattern=r"\S"),
    }
    return document(
        "adressen",
        "Een rij van het adresbestand",
        "adressen.csv, .parquet, .gpkg of .xlsx; in CSV en Excel zijn getallen en datums tekst. Zie docs/invoer.md.",
        thing({name: known[name] for name in addresses.ADDRESS_COLUMNS}),
    )


def layer_row() -> Schema:
    """Describe a row of the table of a layer, with addresses or with zones."""
    columns = {
        "sleutel": text(f"{_KEY}; bij zones een pseudoniem per bestand", pattern=r"\S"),
        addresses.ZONE_COLUMN: text(
            "naam van de zone op de basis van de laag; alleen van een houder die zones levert",
            pattern=r"^8a[0-9a-f]{13}$",
        ),
        "datum": day("dag van de gebeurtenis, niet in de toekomst"),
        "aantal": whole(0, about="alleen voor een laag die een aantal telt"),
    }
    return document(
        "laagrijen",
        "Een rij van de tabel van een laag",
        "<laag>.csv, .parquet, .gpkg of .xlsx; in CSV mag een datum ook dd-mm-jjjj zijn. Zie docs/invoer.md.",
        thing(columns, optional=[addresses.ZONE_COLUMN, "aantal"]),
    )


def layer_file() -> Schema:
    """Describe a layer file."""
    sections = {
        section: thing(
            {key.rstrip("?"): _of_layer(kind) for key, kind in keys.items()},
            optional=[key.rstrip("?") for key in keys if key.endswith("?")],
        )
        for section, keys in LAYER_KEYS.items()
    }
    top = sections.pop("")
    top["properties"]["id"] = text("gelijk aan de naam van het bestand", longest=layer.LONGEST, pattern=_ID)
    counted = sections["telling"]["properties"]
    counted["b"] |= {"minimum": 2}
    counted["klem"] |= {"minimum": 1}
    where = sections["dekking"]["properties"]
    where["gemeenten"] |= {"items": text(pattern=rf"^(GM[0-9]{{4}}|{layer.EVERYWHERE})$"), "uniqueItems": True}
    return document(
        "laag",
        "Een laagbestand",
        "layers/<laag>.toml: wat een laag telt, hoe zij wordt beschermd en wat zij zegt. Zie docs/methoden.md.",
        top | {"properties": top["properties"] | sections, "required": [*top["required"], *sections]},
    )


def _of_layer(kind: Any) -> Schema:  # noqa: ANN401 - as the reader of layer files has it
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return choice(kind)
    if kind == ("geen",):
        return choice(kind)
    shapes: Mapping[type, Schema] = {
        str: text(longest=layer.LONGEST, pattern=ONE_LINE),
        int: whole(None),
        float: number(0, 1),
        dt.date: day(),
        list: sequence(text(), least=1),
    }
    return dict(shapes[kind[0]])


def basis_file() -> Schema:
    """Describe ``grondslag.toml``."""
    keys: dict[str, Schema] = {}
    for key in BASIS_KEYS:
        if key in BASIS_CHOICES:
            keys[key] = choice(BASIS_CHOICES[key])
        elif key in (*BASIS_DATES, "peildatum"):
            keys[key] = day()
        else:
            keys[key] = {"type": "boolean"} if key == "demo" else dict(_PRINTED)
    return document(
        "grondslag",
        "Het besluit waarop de analyse rust",
        "grondslag.toml; teksten noemen functies en organisaties, nooit personen. Zie docs/invoer.md.",
        thing(keys, optional=BASIS_OPTIONAL),
    )


def case_file() -> Schema:
    """Describe ``casus.toml``."""

    def short(kind: str) -> Schema:
        return text(longest=casus.LENGTHS[kind], pattern=ONE_LINE)

    done = {
        "maand": text("jaar en maand", pattern=f"^{CASE_MONTH.pattern}$"),
        "wat": short("wat"),
        "partner": short("partner"),
    }
    keys: dict[str, Schema] = {
        "naam": text("deel van een bestandsnaam", longest=casus.LENGTHS["naam"], pattern=f"^{CASE_NAME.pattern}$"),
        "titel": short("titel"),
        "thema": choice(layer.Theme),
        "plek": text(
            "CBS-code van een buurt of wijk, of een signaal",
            pattern=f"^(?:{CASE_CODE.pattern}|{CASE_SIGNAL.pattern})$",
        ),
        "signalen": sequence(text(pattern=f"^{CASE_SIGNAL.pattern}$"), most=casus.MOST["signalen"]),
        **{
            block: sequence(short("tekst"), least=int(block in CASE_NEEDED), most=casus.MOST[block])
            for block in CASE_BLOCKS
        },
        "interventie": sequence(thing(done), most=casus.MOST["interventie"]),
    }
    return document(
        "casus",
        "Eén casus voor de casustafel",
        "casus.toml; hoort bij geoanalyse casusbeeld. Zie docs/casusbeeld.md.",
        thing({key: keys[key] for key in CASE_KEYS}, optional=[key for key in CASE_KEYS if key not in CASE_NEEDED]),
    )


def areas_file() -> Schema:
    """Describe the file of named areas."""
    entry = thing(
        {
            "titel": text(),
            "codes": sequence(text(pattern=r"^(GM[0-9]{4}|WK[0-9]{4}[0-9A-Z]{2}|BU[0-9]{4}[0-9A-Z]{4})$"), least=1),
            "pc4": sequence(whole(1000, 9999), least=1),
            "bron": text("wie het gebied zo begrensde"),
        },
        optional=["codes", "pc4"],
        oneOf=[{"required": ["codes"]}, {"required": ["pc4"]}],
    )
    return document(
        "gebieden",
        "De gebieden die --gebied bij naam kent",
        "areas.toml in het pakket: per gebied een lijst CBS-codes of een lijst postcodegebieden.",
        by_name(entry, _ID),
    )


def area_file() -> Schema:
    """Describe a file of polygons for ``--gebied``, as GeoJSON."""
    ring = sequence({"type": "array", "minItems": 2, "prefixItems": [{"type": "number"}] * 2}, least=4)
    shapes = [
        {"properties": {"type": {"const": kind}, "coordinates": coordinates}, "required": ["type", "coordinates"]}
        for kind, coordinates in (
            ("Polygon", sequence(ring, least=1)),
            ("MultiPolygon", sequence(sequence(ring, least=1), least=1)),
        )
    ]
    feature = {
        "type": "object",
        "properties": {"type": {"const": "Feature"}, "geometry": {"type": "object", "oneOf": shapes}},
        "required": ["type", "geometry"],
    }
    return document(
        "gebied",
        "Een eigen gebied als GeoJSON",
        "Voor --gebied BESTAND.geojson: vlakken en niets anders. Ook .gpkg, .shp en .parquet mogen, met vlakken en een"
        " coördinatenstelsel; eigenschappen van de vlakken worden niet gelezen.",
        {
            "type": "object",
            "properties": {
                "type": {"const": "FeatureCollection"},
                "features": sequence(feature, least=1),
            },
            "required": ["type", "features"],
        },
    )


def levels_file() -> Schema:
    """Describe ``niveaus.toml``."""
    keys: dict[str, Schema] = {
        "niveau": choice(LEVELS, "het fijnste niveau dat wordt getoond"),
        **{key: day() for key in LEVEL_DATES},
        "advies": choice(["", *LEVELS], "het fijnste niveau dat bij het meten goed genoeg was; leeg: niet te zeggen"),
        "zones": text("versie van de zones waarop is gemeten"),
        "op_gezag_van": text("functie of organisatie die een fijner niveau besloot", pattern=ONE_LINE),
    }
    return document(
        "niveaus",
        "Het niveau waarop elke laag wordt getoond",
        f"{levels.FILE} in de map met invoer; gemaakt door geoanalyse advies --vastleggen.",
        by_name(thing({key: keys[key] for key in LEVEL_KEYS}, optional=["op_gezag_van"]), _ID),
    )


def routes_file() -> Schema:
    """Describe a table of rules for the advice."""
    word = dict(_PRINTED)
    asked: dict[str, Schema] = {
        "bronnen": whole(1, about="minstens zoveel bronhouders"),
        **{key: sequence(choice(words), least=1) for key, words in RULE_CHOICES.items()},
    }
    conditions = {key: asked.get(key, sequence(word, least=1)) for key in RULE_CONDITIONS}
    keys: dict[str, Schema] = {
        "naam": word,
        "als": thing(conditions, optional=RULE_CONDITIONS),
        "route": choice(routes.ROUTES),
        "partners": sequence(word, least=1),
        "interventie": word,
        "fase": word,
        "kansrijk": {"type": "boolean"},
    }
    rule = thing({key: keys[key] for key in RULE_KEYS}, optional=["kansrijk"])
    return document(
        "routes",
        "De regels achter het advies per signaal",
        "Voor --routes BESTAND: de eerste regel waarvan alle voorwaarden gelden. Zie docs/routes.md.",
        thing(
            {
                "versie": word,
                "eigenaar": word,
                "woorden": thing({key: sequence(word, least=1) for key in RULE_WORDS}),
                "regel": sequence(rule, least=1, about="de laatste geldt altijd: als = {}"),
            }
        ),
    )


def modi_file() -> Schema:
    """Describe the file of modi operandi."""
    entry = thing(
        {
            "titel": text(),
            "thema": choice(layer.Theme),
            "lagen": sequence(text(pattern=_ID), least=1, about="de eerste wordt getekend"),
            "uitleg": text(),
        }
    )
    return document("modi", "Werkwijzen die meer lagen samen tonen", "modi.toml in het pakket.", by_name(entry, _ID))


def lists_file() -> Schema:
    """Describe the file of lists for data holders."""
    known: dict[str, Schema] = {
        "bronhouder": text("zoals in de laagbestanden", pattern=ONE_LINE),
        "grondslag": text("waarop deze verstrekking rust", pattern=ONE_LINE),
        "ontvanger": text("functie of afdeling, nooit een persoon", pattern=ONE_LINE),
        "geheim": text("bestand met het geheim van de bronhouder", pattern=ONE_LINE),
        "bewaren_tot": day(),
    }
    entry = thing({key: known[key] for key in LIST_KEYS})
    return document(
        "houderlijsten",
        "Lijsten met eigen sleutels voor bronhouders",
        "Voor --houderlijsten BESTAND. Zie docs/houderlijsten.md.",
        thing({"lijst": sequence(entry, least=1)}),
    )


def colours_file() -> Schema:
    """Describe a file of colours for the map."""
    keys = {section: thing({name: text(pattern=_COLOUR) for name in names}) for section, names in THEME_KEYS.items()}
    keys["kaart"]["properties"]["klassen"] = sequence(
        text(pattern=_COLOUR), least=theme.CLASSES, most=theme.CLASSES, about="van laag naar hoog"
    )
    return document(
        "thema",
        "Eigen kleuren voor de kaart",
        "Voor --thema BESTAND. Kleuren die te veel op elkaar lijken worden geweigerd. Zie docs/kaart.md.",
        thing(keys),
    )


def surroundings_file() -> Schema:
    """Describe a file of a layer of the surroundings."""
    files = {name: text("bestand in dezelfde map", pattern=_FILE) for name in context._FILES}  # noqa: SLF001
    keys: dict[str, Schema] = {
        **{name: text(longest=longest, pattern=ONE_LINE) for name, longest in CONTEXT_TEXTS.items()},
        "soort": choice(context.Kind),
        "peildatum": day(),
        "openbaar": {"type": "boolean"},
        "grenzen": sequence(number(), least=1, most=context.MOST_CLASSES - 1, about="oplopend"),
        "eenheid": text(longest=20, pattern=ONE_LINE),
        "maat": choice(context.Measure),
        "straal": number(50, 5000, "meter"),
        "drempel": number(),
        "richting": choice(context._DIRECTIONS),  # noqa: SLF001
        "kleinste": number(0, 10_000, "vierkante meter"),
        **files,
    }
    of_kind = [
        {
            "if": {"properties": {"soort": {"const": str(kind)}}, "required": ["soort"]},
            "then": {
                "required": list(needed),
                "propertyNames": {"enum": [*CONTEXT_NEEDED, *needed, *more, "gelegenheid"]},
            },
        }
        for kind, (needed, more) in CONTEXT_OF_KIND.items()
    ]
    return document(
        "omgeving",
        "Een laag van de omgeving",
        "Openbare afstanden, dichtheden en rasters per cel, zonder gebeurtenissen. Zie docs/omgeving.md.",
        thing(keys, optional=set(keys) - set(CONTEXT_NEEDED), allOf=of_kind),
    )
