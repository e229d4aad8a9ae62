"""The account of a release: what went in, what protects it, what it promises, and the digest of every other file."""

import dataclasses
import hashlib
import importlib.metadata
import json
from collections.abc import Mapping
from enum import Enum
from typing import Any

from geoanalyse import __version__
from geoanalyse.geography import MIN_BUILDINGS, MIN_OUTSIDE_LARGEST
from geoanalyse.layer import Layer
from geoanalyse.products import dutch
from geoanalyse.release import Release

PACKAGES = ("folium", "h3", "numpy", "pyarrow", "pyogrio", "pyproj", "scipy", "shapely", "typst", "xlsxwriter")
"""Packages whose version can change a byte of a release."""

LIMITS = (
    "Een waarde van b of hoger bewijst dat er minstens één is.",
    (
        "Een veranderde waarde bewijst dat er in die zone iets veranderde, niet hoeveel; wie weet dat er per maand "
        "hooguit één adres verandert, kent dan die verandering."
    ),
    "Wie al getelde adressen van een zone kent, kan soms de rest afleiden: bij b = 3 vanaf twee, bij b = 5 vanaf vier.",
    (
        "Wie alle andere zones kent, leert niets uit de zones; uit totalen volgt, gemeten over 24 uitgaven, hooguit 4% "
        "van de kleine aantallen (profiel streng: geen)."
    ),
    "Wie elke verandering kent en ook weet dat een aantal ooit 0 was, kan het aantal vinden.",
    "Wie op één na alle adressen van een zone bezit, kent dat ene adres.",
)
"""What the promise does not cover; printed with it."""

_HOT = "eenheden met vier keer de kans herkend (AUC, exact / b = 3 / b = 5)"
ACCURACY = {
    "b = 3, totaal van een buurt: fout (rmse)": "2,0 tot 2,3 adressen",
    "b = 3, totaal van een wijk: fout (rmse)": "3,7 tot 4,0 adressen",
    "b = 3, totaal van een gemeente: fout (rmse)": "3 tot 4 adressen",
    "som van zones zonder eigen totaal, gemeente: fout (rmse)": "6 tot 51 adressen",
    "som van zones, buurt, laag op 0,5% van de adressen: mediane relatieve fout": "28%",
    "som van zones, buurt, laag op 2% van de adressen: mediane relatieve fout": "14%",
    "som van zones, buurt, laag op 8% van de adressen: mediane relatieve fout": "5%",
    f"350 sluitingen, hexagonen van 75 hectare: {_HOT}": "0,82 / 0,77 / 0,75",
    f"350 sluitingen, wijken: {_HOT}": "0,86 / 0,84 / 0,80",
    f"12.000 meldingen, hexagonen van 10 hectare: {_HOT}": "0,90 / 0,88 / 0,86",
    f"12.000 meldingen, zones: {_HOT}": "0,80 / 0,75 / 0,71",
    f"120.000 registraties, zones: {_HOT}": "0,93 / 0,92 / 0,91",
}
"""Measured on the standard workload, a synthetic city of 500,000 to 666,000 addresses; not on this release."""


def promise(k: int) -> tuple[str, ...]:
    """Say in Dutch what is promised (G1 to G3 of docs/privacy.md).

    Parameters
    ----------
    k : int
        Fewest addresses in a zone.

    Examples
    --------
    >>> promise(10)[0]
    'G1: uit alle bestanden van één zoneversie samen is geen groep van minder dan 10 adressen af te zonderen.'
    """
    return (
        f"G1: uit alle bestanden van één zoneversie samen is geen groep van minder dan {k} adressen af te zonderen.",
        (
            "G2: alles in deze uitgave volgt uit de beschermde tabel van de hele gemeente of gemeenten "
            "waarin het gebied ligt: andere invoer met dezelfde tabel geeft byte voor byte dezelfde bestanden."
        ),
        (
            "G3: elke waarde van een zone onder haar plafond laat alle aantallen mogelijk die er hooguit b-1 van "
            "afwijken, over alle uitgaven samen; een aantal onder b dat niet 0 is, komt nooit vast te staan."
        ),
    )


def package_versions() -> dict[str, str]:
    """Give the installed version of every package in `PACKAGES`."""
    return {name: importlib.metadata.version(name) for name in PACKAGES}


def manifest(release: Release, files: Mapping[str, bytes], *, versions: Mapping[str, str]) -> bytes:
    """Write ``manifest.json``: what this release is and which files belong to it.

    Nothing in it comes from raw input; digests of input stand in ``vertrouwelijk/bouwverslag.json``.

    Parameters
    ----------
    release : Release
    files : mapping of str to bytes
        Every other file of ``deelbaar/``, by name.
    versions : mapping of str to str
        Installed packages, see `package_versions`.

    Returns
    -------
    bytes
        JSON in UTF-8 with sorted keys; the keys are explained in docs/schema.md.
    """
    content = {
        "product": {"naam": "geoanalyse", "versie": __version__},
        "gebied": {
            "naam": release.area.name,
            "titel": release.area.title,
            "gebieden": list(release.area.regions),
            "bron": release.area.source,
            "jaar": release.area.year,
            "adressen_erbij": release.snapped_in,
            "adressen_eraf": release.snapped_out,
        },
        "periode": {"van": release.start, "tot": release.end},
        "peildatum": release.reference_date,
        "grondslag": _grondslag(release),
        "geografie": {"bron": release.geography.regions.source, "jaar": release.geography.regions.year},
        "lagen": [_layer(layer) for layer in release.layers],
        "gemiddelden": {layer: float(f"{rate:.4g}") for layer, rate in release.rates.items()},
        "bescherming": {
            "profiel": release.profile,
            "zones_versie": release.zones_version,
            "k": release.geography.zones.k,
            "minste_panden": MIN_BUILDINGS,
            "minste_adressen_buiten_grootste_pand": MIN_OUTSIDE_LARGEST,
            "sleutelmerk": release.key_mark,
            "belofte": promise(release.geography.zones.k),
            "grenzen": LIMITS,
        },
        "nauwkeurigheid": {"soort": "gemeten op de standaardproef, niet op deze uitgave", "cijfers": ACCURACY},
        "tabel": {"rijen": release.protected.table.num_rows, "rijen_per_status": _per_status(release)},
        "signalen": {str(theme): sum(signal.theme == theme for signal in release.signals) for theme in release.themes},
        "bestanden": {
            name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in files.items()
        },
        "pakketten": dict(versions),
        "seed": release.seed,
        "kenmerk": release.digest,
    }
    return canonical_json(content | ({"let_op": dutch.DEMO} if release.grondslag.demo else {}))


def canonical_json(content: Mapping[str, Any]) -> bytes:
    r"""Write JSON with sorted keys, so that equal content gives equal bytes.

    Dates become ISO text, enums their value, dataclasses objects.

    Raises
    ------
    TypeError
        When a value has no form in JSON.
    ValueError
        When a number is not finite.

    Examples
    --------
    >>> canonical_json({"b": 1, "a": "één"}).decode()
    '{\n  "a": "één",\n  "b": 1\n}\n'
    """
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, indent=2, allow_nan=False, default=_plain)
    return f"{text}\n".encode()


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, frozenset):
        return sorted(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} heeft geen vorm in JSON")


def _grondslag(release: Release) -> dict[str, Any]:
    basis = release.grondslag
    return {
        "soort": basis.kind,
        "besluit": basis.decision,
        "datum": basis.date,
        "reikwijdte": basis.scope,
        "doel": basis.purpose,
        "vraag": basis.question,
        "opvolging": basis.follow_up,
        "rubricering": basis.classification,
        "geldig_tot": basis.valid_until,
        "bewaren_tot": basis.retain_until,
        "demo": basis.demo,
    }


def _layer(layer: Layer) -> dict[str, Any]:
    definition = {field.name: getattr(layer, field.name) for field in dataclasses.fields(layer)}
    return {
        "id": layer.id,
        "titel": layer.title,
        "eenheid": layer.unit,
        "bron": layer.source,
        "bronhouder": layer.holder,
        "grondslag": layer.legal_basis,
        "betrouwbaarheid": layer.reliability,
        "vertekening": layer.bias_text,
        "weging": {str(theme): weight for theme, weight in layer.themes.items()},
        "basis": layer.base,
        "atoom": layer.atom,
        "b": layer.b,
        "plafond": layer.capped,
        "plafond_reden": layer.cap_reason,
        "dekking": {
            "gemeenten": layer.coverage.gemeenten,
            "van": layer.coverage.start,
            "tot": layer.coverage.end,
        },
        "definitie_sha256": hashlib.sha256(canonical_json(definition)).hexdigest(),
    }


def _per_status(release: Release) -> dict[str, dict[str, int]]:
    """Count the rows of the published table per layer and status."""
    counts = release.protected.table.group_by(["layer", "status"]).aggregate([([], "count_all")])
    per_layer: dict[str, dict[str, int]] = {layer.id: {} for layer in release.layers}
    for row in counts.to_pylist():
        per_layer.setdefault(row["layer"], {})[row["status"]] = row["count_all"]
    return per_layer
