"""The account of a release: what went in, what protects it, what it promises, and the digest of every other file."""

import dataclasses
import hashlib
import importlib.metadata
import json
from collections.abc import Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import Any

from geoanalyse import __version__, coordinates, digest
from geoanalyse.context import ContextLayer
from geoanalyse.dressing import Dressing
from geoanalyse.geography import MIN_BUILDINGS, MIN_OUTSIDE_LARGEST
from geoanalyse.layer import Layer, layer_digest
from geoanalyse.products import dutch
from geoanalyse.products.measured import Measured
from geoanalyse.products.sentence import Sentence
from geoanalyse.release import Release

RELEASE, ATLAS, CASE = "uitgave", "atlas", "casusbeeld"
"""What the files of one manifest are together."""

PACKAGES = (
    *("folium", "h3", "lxml", "numpy", "pyarrow", "pyogrio", "pyproj", "python-pptx", "scipy", "shapely", "typst"),
    "xlsxwriter",
)
"""Packages whose version can change a byte of a release."""

LIMITS = (
    "Een getal boven nul zegt dat er minstens één is.",
    (
        "Verandert een getal, dan is er in die zone iets veranderd. Hoeveel, blijft onbekend. Maar wie weet dat er per "
        "maand hooguit één adres verandert, kent dan die ene verandering."
    ),
    (
        "Wie van een zone al gevallen kent, kan soms de rest afleiden. Is een laag afgerond op 3, dan kan dat vanaf "
        "twee gevallen. Is zij afgerond op 5, dan vanaf vier."
    ),
    (
        "Wie alle andere zones kent, leert niets uit de zones, maar soms wel een klein aantal uit de totalen. In het "
        "profiel streng zijn er geen eigen totalen."
    ),
    "Wie elke verandering kent en ook weet dat een aantal ooit nul was, kan het aantal vinden.",
    "Wie op één na alle adressen van een zone bezit, kent dat ene adres.",
    "Wie de sleutel heeft, ziet bij elke zone een kleinere marge.",
    "Staat een precies aantal ergens anders, dan helpt het afronden van die zone niet meer.",
    (
        "Komt er een nieuwe versie van de zones, dan geldt het kleinste aantal adressen niet voor het verschil tussen "
        "de twee. Het afronden beschermt daar wel."
    ),
    "Voor zones is de belofte bewezen. Voor totalen van veel uitgaven samen is zij gemeten.",
    "De belofte gaat over adressen, niet over wie er wonen. Een zone kan van een kleine, bekende groep zijn.",
    "Een bronhouder kan een lijst met eigen sleutels hebben gekregen. Die valt buiten deze belofte.",
)
"""What the promise does not cover; printed with it."""


def short_promise(k: int) -> str:
    """Say the promise and its limit as short as it can be said: the same words on every product.

    Parameters
    ----------
    k : int
        Fewest addresses in a zone.

    Examples
    --------
    >>> short_promise(10)[:88]
    'Uit alle uitgaven op deze zones is geen groep van minder dan 10 adressen af te zonderen,'
    """
    return (
        f"Uit alle uitgaven op deze zones is geen groep van minder dan {k} adressen af te zonderen, en geen klein "
        "aantal zeker te weten. Wie zelf al gevallen kent, kan soms meer afleiden."
    )


def promise(k: int) -> tuple[str, ...]:
    """Say in Dutch what is promised (G1 to G3 of docs/privacy.md).

    Parameters
    ----------
    k : int
        Fewest addresses in a zone.

    Examples
    --------
    >>> promise(10)[0]
    'G1: uit alle bestanden op dezelfde zones samen is geen groep van minder dan 10 adressen af te zonderen.'
    """
    return (
        f"G1: uit alle bestanden op dezelfde zones samen is geen groep van minder dan {k} adressen af te zonderen.",
        (
            "G2: alles in deze uitgave volgt uit één beschermde tabel, die van de hele gemeente of gemeenten waarin "
            "het gebied ligt. Andere gegevens met dezelfde tabel geven precies dezelfde bestanden."
        ),
        (
            "G3: bij elk getal van een zone onder het plafond blijven alle aantallen mogelijk die er minder dan b "
            "naast liggen, over alle uitgaven samen. Een klein aantal dat niet nul is, komt nooit vast te staan. "
            "Hier is b het getal waarop de laag is afgerond."
        ),
    )


def package_versions() -> dict[str, str]:
    """Give the installed version of every package in `PACKAGES`."""
    return {name: importlib.metadata.version(name) for name in PACKAGES}


def manifest(
    release: Release,
    files: Mapping[str, bytes],
    *,
    versions: Mapping[str, str],
    measured: Measured,
    dressing: Dressing | None = None,
    said: Mapping[str, Sequence[Sentence]] = MappingProxyType({}),
    product: str = RELEASE,
    regions: Sequence[str] = (),
) -> bytes:
    """Write ``manifest.json``: what this release is and which files belong to it.

    Nothing in it comes from raw input; digests of input stand in ``vertrouwelijk/bouwverslag.json``.

    Parameters
    ----------
    release : Release
    files : mapping of str to bytes
        Every other file of ``deelbaar/``, by name.
    versions : mapping of str to str
        Installed packages, see `package_versions`.
    measured : Measured
        Figures of this version on the standard workload.
    dressing : Dressing, optional
        What was added to the map; it names the one host that the map may ask for pictures.
    said : mapping of str to sequence of Sentence
        What stands in words on a product, by the name of its files without suffix, with the figures behind it.
    product : str
        What the files are together: a release, or something made from one (`RELEASE`, `ATLAS`, `CASE`).
    regions : sequence of str
        Codes of the regions that an atlas has a factsheet of.

    Returns
    -------
    bytes
        JSON in UTF-8 with sorted keys; the keys are explained in docs/schema.md.
    """
    content = {
        "product": {"naam": "geoanalyse", "versie": __version__, "soort": product},
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
        "coordinaten": {"stelsel": "EPSG:28992", **coordinates.described(None)},
        "geografie": {"bron": release.geography.regions.source, "jaar": release.geography.regions.year},
        "lagen": [layer_entry(layer) for layer in release.layers],
        "gemiddelden": {layer: float(f"{rate:.4g}") for layer, rate in release.rates.items()},
        "bescherming": {
            "profiel": release.profile,
            "zones_versie": release.zones_version,
            "gebruik_kenmerk": release.geography.zones.uses,
            "k": release.geography.zones.k,
            "minste_panden": MIN_BUILDINGS,
            "minste_adressen_buiten_grootste_pand": MIN_OUTSIDE_LARGEST,
            "sleutelmerk": release.key_mark,
            "belofte": promise(release.geography.zones.k),
            "grenzen": LIMITS,
            "voorbehoud": release.caveat or None,
            "aanval": measured.attack,
        },
        "nauwkeurigheid": measured.accuracy,
        "tabel": {
            "rijen": release.protected.table.num_rows,
            "rijen_per_status": _per_status(release),
            "sha256": digest.of_table(release.protected.table),
            "vergeleken_met_sha256": release.reference_digest,
        },
        "opvolging": _follow_up(release),
        "cijfers_naar_gebruik": [
            {_USE_KEYS[name]: value for name, value in row.items()} for row in release.use_rates.to_pylist()
        ],
        "scorecard": _scorecard(release),
        "routes": {
            "versie": release.routes.version,
            "eigenaar": release.routes.owner,
            "sha256": release.routes.digest,
            "per_buurt": release.top,
            "regels": [
                {
                    "naam": rule.advice.rule,
                    "als": {
                        key: [wanted] if isinstance(wanted, int) else list(wanted)
                        for key, wanted in rule.conditions.items()
                    },
                    "route": rule.advice.route,
                    "partners": list(rule.advice.partners),
                    "interventie": rule.advice.intervention,
                    "fase": rule.advice.phase,
                    "kansrijk": rule.advice.promising,
                }
                for rule in release.routes.rules
            ],
        },
        "signalen": {str(theme): sum(signal.theme == theme for signal in release.signals) for theme in release.themes},
        "bestanden": {
            name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in files.items()
        },
        "zinnen": {name: [_sentence(each) for each in sentences] for name, sentences in said.items()},
        "pakketten": dict(versions),
        "seed": release.seed,
        "kenmerk": release.digest,
    }
    content |= _dressing(dressing or Dressing())
    if regions:
        content["atlas"] = {"gebieden": list(regions)}
    return canonical_json(content | ({"let_op": dutch.DEMO} if release.grondslag.demo else {}))


def _sentence(sentence: Sentence) -> dict[str, Any]:
    """Give a sentence and where its figures come from, without what does not apply."""
    told: dict[str, Any] = {"tekst": sentence.text}
    if sentence.quoted:
        told["overgenomen"] = True
    if sentence.figures:
        told["cijfers"] = [
            {_FIGURE_KEYS[name]: value for name, value in dataclasses.asdict(figure).items() if value != ""}
            for figure in sentence.figures
        ]
    return told


_FIGURE_KEYS = {
    "words": "als",
    "value": "waarde",
    "quantity": "grootheid",
    "layer": "laag",
    "level": "niveau",
    "place": "plek",
}


def _dressing(dressing: Dressing) -> dict[str, Any]:
    """Say what was added to the map; nothing for the plain one."""
    added: dict[str, Any] = {}
    if dressing.background:
        added["ondergrond"] = dressing.background.host
    if dressing.overlays:
        added["kaartlagen"] = [
            {"soort": each.kind, "bestand": each.file, "sha256": each.sha256} for each in dressing.overlays
        ]
    if dressing.theme:
        added["thema"] = dressing.theme
    if dressing.surroundings:
        added["omgeving"] = [
            context_entry(layer, dressing.surroundings.sha256[layer.id]) for layer in dressing.surroundings.layers
        ]
    return added


def context_entry(layer: ContextLayer, digests: Sequence[str]) -> dict[str, Any]:
    """Describe a layer of the surroundings: what it is, where it comes from, and how its classes are cut."""
    return {
        "id": layer.id,
        "titel": layer.title,
        "omschrijving": layer.description,
        "gelegenheid": layer.opportunity or None,
        "tekst": layer.text,
        "soort": layer.kind,
        "eenheid": layer.unit,
        "bron": layer.source,
        "licentie": layer.licence,
        "peildatum": layer.reference_date,
        "grenzen": list(layer.breaks),
        "bestanden": [
            {"bestand": path.name, "sha256": digest} for path, digest in zip(layer.paths, digests, strict=True)
        ],
    }


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


def layer_entry(layer: Layer) -> dict[str, Any]:
    """Describe a layer as the manifest does."""
    return {
        "id": layer.id,
        "titel": layer.title,
        "eenheid": layer.unit,
        "bron": layer.source,
        "bronhouder": layer.holder,
        "grondslag": layer.legal_basis,
        "betrouwbaarheid": layer.reliability,
        "vertekening": layer.bias_text,
        "vertekening_soort": layer.bias,
        "controles": layer.inspections,
        "weging": {str(theme): weight for theme, weight in layer.themes.items()},
        "basis": layer.base,
        "atoom": layer.atom,
        "b": layer.b,
        "klem": layer.clamp,
        "onderdeel_van": layer.part_of,
        "plafond": layer.capped,
        "plafond_reden": layer.cap_reason,
        "dekking": {
            "gemeenten": layer.coverage.gemeenten,
            "van": layer.coverage.start,
            "tot": layer.coverage.end,
        },
        "definitie_sha256": layer_digest(layer),
    }


def _follow_up(release: Release) -> dict[str, Any] | None:
    """Give what earlier signals led to, if that was asked for."""
    if release.followed is None:
        return None
    return {
        "totalen": {
            stage: {"ongeveer": value, "minstens": low, "hooguit": high}
            for stage, (value, low, high) in release.followed.totals.items()
        },
        "leidden_nooit_tot_iets": list(release.followed.never),
    }


_USE_KEYS = {
    "layer": "laag",
    "use": "gebruik",
    "addresses": "adressen",
    "rate": "cijfer",
    "low": "minstens",
    "high": "hooguit",
}
_SCORE_KEYS = {
    "layer": "laag",
    "level": "niveau",
    "regions": "gebieden",
    "trained_start": "geleerd_van",
    "start": "getoetst_van",
    "end": "getoetst_tot",
    "size": "van_de",
    "share": "aandeel",
    "forecast": "voorspelling",
    "hit_low": "treffers_minstens",
    "hit_high": "treffers_hooguit",
    "gain_low": "winst_van_kaart_minstens",
    "gain_high": "winst_van_kaart_hooguit",
    "verdict": "oordeel",
}


def _scorecard(release: Release) -> list[dict[str, Any]]:
    """Give the scorecard with Dutch keys, without what does not apply."""
    return [
        {_SCORE_KEYS[name]: value for name, value in row.items() if value is not None}
        for row in release.scorecard.to_pylist()
    ]


def _per_status(release: Release) -> dict[str, dict[str, int]]:
    """Count the rows of the published table per layer and status."""
    counts = release.protected.table.group_by(["layer", "status"]).aggregate([([], "count_all")])
    per_layer: dict[str, dict[str, int]] = {layer.id: {} for layer in release.layers}
    for row in counts.to_pylist():
        per_layer.setdefault(row["layer"], {})[row["status"]] = row["count_all"]
    return per_layer
