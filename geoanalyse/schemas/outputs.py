"""Schemas of what a release holds. Made from the writers' own definitions, and held to real releases by the tests."""

import typing
from typing import Any

import pyarrow as pa

from geoanalyse import theme
from geoanalyse.context import Kind as ContextKind
from geoanalyse.followup import words
from geoanalyse.geography import LEVELS
from geoanalyse.grondslag import Decision, Scope
from geoanalyse.layer import Atom, Base, Bias, Reliability, Theme
from geoanalyse.overlay import KINDS
from geoanalyse.products import dutch, gis, kaartmodel, measured, palette, signaallijst, verantwoording
from geoanalyse.products.verantwoording import _FIGURE_KEYS as FIGURE_KEYS
from geoanalyse.products.verantwoording import _SCORE_KEYS as SCORE_KEYS
from geoanalyse.products.verantwoording import _USE_KEYS as USE_KEYS
from geoanalyse.published import PROFILES
from geoanalyse.routes import ROUTES, STRENGTHS
from geoanalyse.schemas.shape import (
    Schema,
    by_name,
    choice,
    day,
    document,
    number,
    of_arrow,
    of_row,
    or_none,
    sequence,
    text,
    thing,
    whole,
)
from geoanalyse.stats import by_use, hindsight

_SHA256 = text(pattern=r"^[0-9a-f]{64}$")
_CODE = text(pattern=r"^(GM[0-9]{4}|WK[0-9]{4}[0-9A-Z]{2}|BU[0-9]{4}[0-9A-Z]{4})$")
_UNIT = r"^([0-9a-f]{15}|(GM|WK|BU)[0-9A-Z]+)$"
_ROUNDINGS = ("zone", "som", "apart")
_HOTSPOTS = ("hotspot", "coldspot", "geen")
_STEP = or_none(whole(0, len(palette.CLASS_COLOURS) - 1))


def zones_row() -> Schema:
    """Describe a row of ``zones.parquet``."""
    told: dict[str, Schema] = {
        "zone": {"pattern": _UNIT, "description": "laagste cel van de zone, de hexagon, of de CBS-code"},
        "level": choice(LEVELS),
        "cells": {"description": "H3-cellen van resolutie 10; leeg bij een gebied"},
        "addresses": {"minimum": 0, "description": "openbaar aantal adressen op de basis van de laag"},
        "buildings": {"minimum": 0},
        "gebiedscode": _CODE,
        "base": {"minimum": 2, "description": "afgerond op b van de laag, of op B bij een eigen totaal"},
        "profile": choice(PROFILES),
        "end": {"description": "de dag na de laatste"},
        "value": {"minimum": 0, "description": "gepubliceerde waarde; leeg als status geen waarde of cap is"},
        "status": choice(kaartmodel.STATUSES),
        "rounding": choice(_ROUNDINGS),
        "basis": choice(Base),
        "atoms": {"minimum": 1},
        "geometry": {"description": "WKB, MultiPolygon in OGC:CRS84; leeg bij een deel van de periode"},
        "bbox": {"description": "omhullende van geometry, naar buiten afgerond"},
    }
    return document(
        "zones",
        "Een rij van zones.parquet",
        "GeoParquet 1.1: een rij per eenheid, laag en venster. Bytes staan hier als base64. Zie docs/schema.md.",
        of_row(gis.ZONES_SCHEMA, told, gis.NULLABLE),
    )


def package_row() -> Schema:
    """Describe a row of a layer of the GeoPackage."""
    status = or_none(choice(kaartmodel.STATUSES))
    of_theme = {
        "verhouding": or_none(number(0)),
        "klasse": _STEP,
        "hotspot": or_none(choice(_HOTSPOTS)),
        "status": or_none(choice(("waarde", "geen_data"))),
    }
    of_layer = {
        "waarde": or_none(whole()),
        "tekst": or_none(text()),
        "adressen": or_none(whole()),
        "per_1000": or_none(number(0)),
        "klasse": _STEP,
        "hotspot": or_none(choice(_HOTSPOTS)),
        "status": status,
    }
    fixed = {
        "fid": whole(1),
        "geom": {"type": "string", "contentEncoding": "base64", "description": "MultiPolygon in EPSG:28992"},
        "zone": text(pattern=_UNIT),
        "gebiedscode": _CODE,
        "buurt": or_none(text()),
        "wijk": or_none(text()),
        "gemeente": or_none(text()),
    }
    return document(
        "geopackage",
        "Een rij van een laag van het GeoPackage",
        "Lagen zones_<basis>, hexagonen_res9, hexagonen_res8, buurten, wijken en gemeenten. Zie docs/schema.md.",
        thing(fixed)
        | {
            "patternProperties": {
                **{f"^thema_({'|'.join(Theme)})_{end}$": shape for end, shape in of_theme.items()},
                **{f"^(?!thema_)[a-z0-9_]+_{end}$": shape for end, shape in of_layer.items()},
            }
        },
    )


def list_row() -> Schema:
    """Describe a row of ``signaallijst.csv``, where every cell is text."""
    told: dict[str, Schema] = {
        "Thema": choice(Theme),
        "Signaal": text(pattern=r"^[A-Z][0-9]{2,3}$"),
        "Sterkte": choice(STRENGTHS),
        "Betrouwbaar": choice(Reliability),
        "Route": choice(ROUTES),
        "Bronnen": text(pattern=r"^[0-9]+$"),
        "Rang": text(pattern=r"^[0-9]+$"),
        "Kansrijk": choice(("ja", "")),
        "Plek": text(pattern=_UNIT),
        "Gebiedscode": _CODE,
        "Van": text(pattern=r"^\d{2}-\d{2}-\d{4}$"),
        "Tot en met": text(pattern=r"^\d{2}-\d{2}-\d{4}$"),
        "Adressen": text(pattern=r"^[0-9]+$"),
        words.MARK: text(pattern=r"^[0-9a-f]{12,64}$"),
    }
    above = ("Let op", "Voorbehoud", "Rubricering", "Thema")
    printed = (*signaallijst.PRINTED, *signaallijst.ONLY_ON_SCREEN)
    keys = {name: told.get(name, text()) for name in above}
    keys |= {column.title: told.get(column.title, text()) | {"description": column.meaning} for column in printed}
    keys |= {
        field.title: (choice(("", *field.choices)) if field.choices else text()) | {"description": field.meaning}
        for field in words.FIELDS
    }
    shape = thing(keys, optional=["Let op", "Voorbehoud"])
    return document(
        "signaallijst",
        "Een rij van signaallijst.csv",
        "Na de vaste kolommen staat per laag van het thema een kolom met haar titel. signaallijst.xlsx heeft dezelfde"
        " kolommen zonder de eerste vier, met getallen en datums als zodanig. Zie docs/signaallijst.md.",
        shape | {"additionalProperties": text("gepubliceerde waarde van een laag, in woorden")},
    )


# --- manifest.json ----------------------------------------------------------------------------------------------------


def manifest() -> Schema:
    """Describe ``manifest.json`` of a release, an atlas or a casusbeeld."""
    keys: dict[str, Schema] = {
        "product": thing(
            {
                "naam": {"const": "geoanalyse"},
                "versie": text(),
                "soort": choice((verantwoording.RELEASE, verantwoording.ATLAS, verantwoording.CASE)),
            }
        ),
        "let_op": {"const": dutch.DEMO},
        "gebied": thing(
            {
                "naam": text(pattern=r"^[a-z0-9-]+$"),
                "titel": text(),
                "gebieden": sequence(_CODE),
                "bron": text(),
                "jaar": whole(1900),
                "adressen_erbij": whole(),
                "adressen_eraf": whole(),
            }
        ),
        "periode": thing({"van": day(), "tot": day("de dag na de laatste")}),
        "peildatum": day(),
        "grondslag": _basis(),
        "coordinaten": thing(
            {
                "stelsel": {"const": gis.CRS},
                "methode": text(),
                "nauwkeurigheid_m": number(0),
                "rooster_sha256": _SHA256,
            },
            optional=["rooster_sha256"],
        ),
        "geografie": thing({"bron": text(), "jaar": whole(1900)}),
        "lagen": sequence(_layer(), least=1),
        "gemiddelden": by_name(number(0, 1)),
        "bescherming": _protection(),
        "nauwkeurigheid": or_none(_of_typed(measured.Accuracy)),
        "tabel": thing(
            {
                "rijen": whole(),
                "rijen_per_status": by_name(by_name(whole(), f"^({'|'.join(kaartmodel.STATUSES)})$")),
                "sha256": _SHA256,
                "vergeleken_met_sha256": text(pattern=r"^([0-9a-f]{64})?$"),
            }
        ),
        "opvolging": or_none(_follow_up()),
        "cijfers_naar_gebruik": sequence(_translated(by_use.RATES, USE_KEYS)),
        "scorecard": sequence(_translated(hindsight.SCHEMA, SCORE_KEYS, optional=True)),
        "routes": _routes(),
        "signalen": by_name(whole(), f"^({'|'.join(Theme)})$"),
        "bestanden": by_name(thing({"bytes": whole(1), "sha256": _SHA256})),
        "zinnen": by_name(sequence(_sentence())),
        "pakketten": by_name(text()),
        "seed": whole(),
        "kenmerk": _SHA256,
        **_added(),
        "atlas": thing({"gebieden": sequence(_CODE, least=1)}),
    }
    return document(
        "manifest",
        "Wat een uitgave is en welke bestanden erbij horen",
        "manifest.json in deelbaar/. Zie docs/schema.md.",
        thing(keys, optional=["let_op", "atlas", *_added()]),
    )


def _basis() -> Schema:
    return thing(
        {
            "soort": choice(Decision),
            "besluit": text(),
            "datum": day(),
            "reikwijdte": choice(Scope),
            **{name: text() for name in ("doel", "vraag", "opvolging", "rubricering")},
            "geldig_tot": day(),
            "bewaren_tot": day(),
            "demo": {"type": "boolean"},
        }
    )


def _layer() -> Schema:
    return thing(
        {
            **{name: text() for name in ("id", "titel", "eenheid", "bron", "bronhouder", "grondslag")},
            "betrouwbaarheid": choice(Reliability),
            "vertekening": text(),
            "vertekening_soort": choice(Bias),
            "controles": or_none(text()),
            "weging": by_name(number(0, 1), f"^({'|'.join(Theme)})$"),
            "basis": choice(Base),
            "atoom": choice(Atom),
            "b": whole(2),
            "klem": whole(1),
            "onderdeel_van": or_none(text()),
            "plafond": {"type": "boolean"},
            "plafond_reden": text(),
            "dekking": thing({"gemeenten": sequence(_CODE), "van": day(), "tot": or_none(day())}),
            "definitie_sha256": _SHA256,
        }
    )


def _protection() -> Schema:
    return thing(
        {
            "profiel": choice(PROFILES),
            "zones_versie": text(),
            "gebruik_kenmerk": text(),
            "k": whole(1),
            "minste_panden": whole(1),
            "minste_adressen_buiten_grootste_pand": whole(1),
            "sleutelmerk": text(),
            "belofte": sequence(text(), least=1),
            "grenzen": sequence(text(), least=1),
            "voorbehoud": or_none(text()),
            "aanval": or_none(_of_typed(measured.Attack)),
        }
    )


def _follow_up() -> Schema:
    return thing(
        {
            "totalen": by_name(thing({"ongeveer": whole(), "minstens": whole(), "hooguit": or_none(whole())})),
            "leidden_nooit_tot_iets": sequence(text()),
        }
    )


def _routes() -> Schema:
    rule = thing(
        {
            "naam": text(),
            "als": by_name(sequence({"type": ["string", "integer"]}, least=1)),
            "route": choice(ROUTES),
            "partners": sequence(text(), least=1),
            "interventie": text(),
            "fase": text(),
            "kansrijk": {"type": "boolean"},
        }
    )
    return thing(
        {
            "versie": text(),
            "eigenaar": text(),
            "sha256": _SHA256,
            "per_buurt": whole(1),
            "regels": sequence(rule, least=1),
        }
    )


def _sentence() -> Schema:
    told: dict[str, Schema] = {
        "words": text("zoals het er staat"),
        "value": {"type": ["number", "string"]},
        "quantity": text(),
        "layer": text(),
        "level": choice(LEVELS),
        "place": text(pattern=_UNIT),
    }
    figure = thing(
        {FIGURE_KEYS[name]: shape for name, shape in told.items()},
        optional=[FIGURE_KEYS[name] for name in ("layer", "level", "place")],
    )
    return thing(
        {"tekst": text(), "overgenomen": {"const": True}, "cijfers": sequence(figure, least=1)},
        optional=["overgenomen", "cijfers"],
    )


def _added() -> dict[str, Schema]:
    """Describe what a map may have besides the release."""
    colour = text(pattern=r"^#[0-9a-fA-F]{6}$")
    file = thing({"bestand": text(), "sha256": _SHA256})
    return {
        "ondergrond": text("de ene host waar de kaart plaatjes van mag vragen"),
        "kaartlagen": sequence(thing({"soort": choice(KINDS), "bestand": text(), "sha256": _SHA256}), least=1),
        "thema": thing(
            {
                "classes": sequence(colour, least=theme.CLASSES, most=theme.CLASSES),
                "hot": colour,
                "cold": colour,
                "accent": colour,
            }
        ),
        "omgeving": sequence(
            thing(
                {
                    **{
                        name: text() for name in ("id", "titel", "omschrijving", "tekst", "eenheid", "bron", "licentie")
                    },
                    "gelegenheid": or_none(text()),
                    "soort": choice(ContextKind),
                    "peildatum": day(),
                    "grenzen": sequence(number(), least=1),
                    "bestanden": sequence(file, least=1),
                }
            ),
            least=1,
        ),
    }


def _translated(schema: pa.Schema, names: dict[str, str], *, optional: bool = False) -> Schema:
    """Describe a row of a table under the Dutch keys of the manifest."""
    keys = {dutch_name: of_arrow(schema.field(name).type) for name, dutch_name in names.items()}
    needed = {"laag", "niveau"} if optional else set(keys)
    return thing(keys, optional=set(keys) - needed)


def _of_typed(kind: Any) -> Schema:  # noqa: ANN401 - a type of values
    """Describe values of a `TypedDict`, a list of them, or a plain type."""
    plain: dict[Any, Schema] = {
        str: text(),
        int: whole(None),
        float: number(),
        bool: {"type": "boolean"},
    }
    if kind in plain:
        return dict(plain[kind])
    if typing.get_origin(kind) is list:
        return sequence(_of_typed(typing.get_args(kind)[0]))
    return thing({name: _of_typed(each) for name, each in typing.get_type_hints(kind).items()})
