"""``manifest.json``: what belongs to the release, and whether its promise is that of this version."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from geoanalyse import __version__, modus
from geoanalyse.errors import ReleaseError
from geoanalyse.geography import MIN_BUILDINGS, MIN_OUTSIDE_LARGEST, K
from geoanalyse.layer import Theme
from geoanalyse.products import measured, verantwoording
from geoanalyse.products.audit import settings
from geoanalyse.products.audit.opening import plain
from geoanalyse.products.contents import UnreadError, decoded, parsed_json
from geoanalyse.retention import MANIFEST

Manifest = Mapping[str, Any]

_SECTIONS = ("product", "gebied", "periode", "grondslag", "bescherming", "tabel", "signalen", "bestanden")


class ManifestError(ReleaseError):
    """The file is no manifest."""


def read(content: bytes) -> Manifest:
    """Read a manifest; every section in it is there and is an object.

    Raises
    ------
    ManifestError
    """
    try:
        known = parsed_json(decoded(content))
    except UnreadError:
        known = None
    if not isinstance(known, dict) or not all(isinstance(known.get(name), dict) for name in _SECTIONS):
        raise ManifestError("is beschadigd, of geen manifest van geoanalyse")
    if not re.fullmatch("[0-9a-f]{64}", str(known.get("kenmerk"))):
        raise ManifestError("noemt geen kenmerk van een uitgave")
    return known


def faults_of_list(files: Mapping[str, bytes], names: Collection[str], known: Manifest) -> Iterator[str]:
    """Compare the files of a folder with the list of them: every byte, none missing, none too many.

    Parameters
    ----------
    files : mapping of str to bytes
        What could be read.
    names : collection of str
        What lies there, read or not.
    known : Manifest
    """
    listed: Mapping[str, Any] = known["bestanden"]
    for name, entry in listed.items():
        if name not in names:
            yield f"{plain(name)}: ontbreekt"
        elif name not in files:
            continue  # named already, with the reason
        elif not isinstance(entry, dict) or hashlib.sha256(files[name]).hexdigest() != entry.get("sha256"):
            yield f"{name}: is veranderd sinds de uitgave is gemaakt; vraag een nieuw exemplaar"
        elif len(files[name]) != entry.get("bytes"):
            yield f"{MANIFEST}: noemt een andere lengte van {name}"
    for name in sorted(set(names) - set(listed) - {MANIFEST}):
        yield f"{name}: hoort niet bij deze uitgave; haal het weg"
    expected = _expected(known)
    for name in sorted(expected - set(listed) - {MANIFEST}):
        yield f"{plain(name)}: ontbreekt, ook in {MANIFEST}"
    for name in sorted(set(listed) - expected):
        yield f"{plain(name)}: hoort niet in een uitgave; haal het weg"


def _expected(known: Manifest) -> set[str]:
    """Names of the files that belong together, by what they are together; no kind means a release."""
    expect = _EXPECTED.get(str(known["product"].get("soort", verantwoording.RELEASE)))
    return expect(known) if expect else set()


def _of_atlas(known: Manifest) -> set[str]:
    """Names of the files of an atlas of these regions."""
    return {"index.html", *(f"factsheet-{code}.pdf" for code in regions_of_atlas(known))}


def _of_release(known: Manifest) -> set[str]:
    """Names of the files that every release of this profile, these themes and these layers has."""
    names = {"kaart.html", "zones.parquet", "verantwoording.html", f"{known['gebied'].get('naam')}.gpkg"}
    names |= {f"factsheet-{subject}.{kind}" for subject in _subjects(known) for kind in ("pdf", "html")}
    return (
        names
        if known["bescherming"].get("profiel") == "openbaar"
        else names | {"signaallijst.csv", "signaallijst.xlsx"}
    )


def _subjects(known: Manifest) -> Iterator[str]:
    """Name what every release has a factsheet of: its themes, and the modi operandi of which it has every layer."""
    yield from (str(theme) for theme in Theme if str(theme) in known["signalen"])
    entries = known.get("lagen")
    layers = {entry.get("id") for entry in entries if isinstance(entry, dict)} if isinstance(entries, list) else set()
    yield from (f"modus-{each.id}" for each in modus.shipped() if layers >= set(each.layers))


def regions_of_atlas(known: Manifest) -> list[str]:
    """Give the codes of the regions that an atlas says to have a factsheet of."""
    told = known.get("atlas")
    codes = told.get("gebieden") if isinstance(told, dict) else None
    return [code for code in codes if isinstance(code, str)] if isinstance(codes, list) else []


def _of_case(known: Manifest) -> set[str]:
    """Names of the two files of a casusbeeld; their stem is the one of which the manifest knows the sentences."""
    stems = [name for name in said(known) if re.fullmatch("casusbeeld-[a-z0-9-]{1,40}", name)]
    return {f"{stem}{suffix}" for stem in stems[:1] for suffix in (".pdf", ".pptx")}


_EXPECTED: Mapping[str, Callable[[Manifest], set[str]]] = {
    verantwoording.RELEASE: _of_release,
    verantwoording.ATLAS: _of_atlas,
    verantwoording.CASE: _of_case,
}
"""What belongs in the folder of each kind of product."""


def said(known: Manifest) -> dict[str, list[str]]:
    """Give the sentences that a manifest says stand on a product, by the name of its files without suffix."""
    told = known.get("zinnen")
    return {
        str(name): [str(each["tekst"]) for each in lines if isinstance(each, dict) and "tekst" in each]
        for name, lines in (told.items() if isinstance(told, dict) else ())
        if isinstance(lines, list)
    }


def faults_of_promise(known: Manifest) -> Iterator[str]:
    """Compare promise, conditions and measured figures with those of this version; another version has its own."""
    if known["product"].get("versie") != __version__:
        return
    protection, version = known["bescherming"], f"die van geoanalyse {__version__}"
    conditions = {
        "k": K,
        "minste_panden": MIN_BUILDINGS,
        "minste_adressen_buiten_grootste_pand": MIN_OUTSIDE_LARGEST,
    }
    if any(protection.get(name) != number for name, number in conditions.items()):
        yield f"de kleinste groep is niet {version}"
    elif protection.get("belofte") != list(verantwoording.promise(K)):
        yield f"de belofte is niet {version}"
    if protection.get("grenzen") != list(verantwoording.LIMITS):
        yield f"de grenzen van de belofte zijn niet {version}"
    figures = measured.shipped()
    if protection.get("aanval") != figures.attack:
        yield f"de gemeten cijfers van de aanval zijn niet {version}"
    if known.get("nauwkeurigheid") != figures.accuracy:
        yield f"de gemeten nauwkeurigheid is niet {version}"
    yield from _faults_of_layers(known, version)


def _faults_of_layers(known: Manifest, version: str) -> Iterator[str]:
    """Hold a layer that says to be one that comes along, by the digest of its definition, to that layer."""
    if settings.of_manifest(known.get("lagen")) is None:
        yield "de lagen zijn niet beschreven zoals geoanalyse dat doet"
        return
    shipped = {
        name: json.loads(verantwoording.canonical_json(verantwoording.layer_entry(layer)))
        for name, layer in settings.shipped().items()
    }
    for entry in known["lagen"]:
        own = shipped.get(entry["id"])
        if own and own["definitie_sha256"] == entry.get("definitie_sha256") and own != entry:
            yield f"laag {entry['id']} is anders beschreven dan {version}"


def remarks(known: Manifest, today: dt.date) -> Iterator[str]:
    """Say what the reader should know: another version, a retention period that is over or not named."""
    if known["product"].get("versie") != __version__:
        told = plain(str(known["product"].get("versie")))
        yield (
            f"gemaakt met geoanalyse {told}; dit is {__version__}: belofte, cijfers van de proef en programma's zijn "
            "alleen na te gaan met de versie die het maakte"
        )
    try:
        until = dt.date.fromisoformat(known["grondslag"]["bewaren_tot"])
    except (KeyError, TypeError, ValueError):
        yield "het manifest noemt geen geldige bewaartermijn"
        return
    if until < today:
        yield f"de bewaartermijn is voorbij sinds {until:%d-%m-%Y}; gooi de uitgave weg"
