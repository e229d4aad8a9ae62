"""Is this what was made? Checks a folder of a release, or one file that was mailed around.

Everything is read from the files themselves: nothing of the data that went in is needed. Files may come from anywhere,
so a file that cannot be read is a finding and never an error; :mod:`geoanalyse.products.apart` keeps readers that
hang or crash in a process of their own.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path, PurePath
from typing import Any

from geoanalyse import __version__, area
from geoanalyse.errors import AreaError
from geoanalyse.followup import words
from geoanalyse.geography import Regions
from geoanalyse.layer import Theme
from geoanalyse.products import gate, verantwoording
from geoanalyse.products.audit import (
    agreement,
    atlas,
    claims,
    drawing,
    factsheet,
    geopackage,
    identity,
    laws,
    manifest,
    places,
    settings,
    signals,
    spoken,
    structure,
    sums,
    surroundings,
    units,
)
from geoanalyse.products.audit.figures import Figure, Place
from geoanalyse.products.audit.identity import Identity
from geoanalyse.products.audit.margins import Margin, margins
from geoanalyse.products.audit.opening import opened, plain
from geoanalyse.products.audit.reading import Say, Told, read
from geoanalyse.products.audit.settings import Setting
from geoanalyse.products.audit.table import Published
from geoanalyse.products.contents import UNSEEN
from geoanalyse.retention import MANIFEST

_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found, in Dutch.

    Attributes
    ----------
    files : tuple of str
        What was looked at.
    faults : tuple of str
        Reasons not to trust or not to share it; empty when all is well.
    remarks : tuple of str
        What the reader should know: what could not be checked, a retention date that has passed.
    """

    files: tuple[str, ...]
    faults: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def audit(path: Path, regions: Regions, today: dt.date, say: Say = lambda _: None) -> Verdict:
    """Check a release, or one file of it.

    Parameters
    ----------
    path : Path
        The folder ``deelbaar``, the folder above it, or one file.
    regions : Regions
        Names of regions are public, and no persons; which region lies in which says what adds up.
    today : datetime.date
    say : callable
        Told what is looked at.

    Returns
    -------
    Verdict
    """
    found = opened(path)
    told = read(found.files, say)
    faults, remarks = [*found.faults, *told.faults], list[str]()
    known = told.manifest
    if known is not None:
        faults += [f"{MANIFEST}: {fault}" for fault in manifest.faults_of_promise(known)]
        remarks += manifest.remarks(known, today)
        faults += spoken.broken(known, told.texts)
        faults += spoken.strange_on_slides(known, told.slides) if told.slides else ()
        faults += [f"{MANIFEST}: {fault}" for fault in claims.untrue(known)]
        if found.folder:
            faults += manifest.faults_of_list(found.files, found.names, known)
    elif found.folder and MANIFEST not in found.names:
        faults.append(f"{MANIFEST}: ontbreekt; zonder dit bestand is niet na te gaan wat bij de uitgave hoort")
    if not found.folder:
        remarks += _remarks_of_one(found.files)
    for name, drawn in told.maps.items():
        if host := (drawn.header.get("background") or {}).get("host"):
            remarks.append(f"{name} haalt een achtergrond op bij {plain(str(host))} als de lezer die aanzet")
    say("het geheel")
    faults += [*_faults_of_identity(told), *_faults_of_descriptions(told)]
    told_settings = _settings(told, remarks)
    faults += _faults_of_figures(told, regions, told_settings)
    if known is not None and known["product"].get("soort") == verantwoording.ATLAS:
        faults += atlas.faults(found.files, told.texts, known)
    if any(not set(rows.gebiedscode.tolist()) & set(regions.codes) for rows in told.tables.values()):
        remarks.append(
            "de indeling kent geen van de gebieden: sommen en plaatsen zijn niet nagegaan; gebruik --geografie"
        )
    marks = (
        {str(known["kenmerk"]), *gate.key_marks(known["bescherming"].get("sleutelmerk"))}
        if known is not None
        else set()
    )
    marks |= {mark for rows in told.lists.values() for row in rows if words.is_mark(mark := row.get(words.MARK, ""))}
    titles = _own_titles(known, regions)
    faults += map(str, gate.judged(told.pieces, frozenset({*regions.names, *marks, *titles})))
    return Verdict(tuple(found.files), tuple(dict.fromkeys(faults)), tuple(remarks))


def _own_titles(known: Mapping[str, Any] | None, regions: Regions) -> Iterator[str]:
    """Give the title that we have for the area that the manifest names; its own may say anything."""
    if known is not None:
        with suppress(AreaError):
            yield area.find(str(known["gebied"]["naam"]), regions, path_ok=False).title


def _remarks_of_one(files: Mapping[str, bytes]) -> Iterator[str]:
    """Say what cannot be known of one file alone."""
    for name in files:
        if PurePath(name).suffix == ".json":
            yield "de bestanden die het manifest noemt, zijn niet bekeken"
            continue
        yield "zonder manifest.json is niet na te gaan of dit bestand is veranderd sinds het werd gemaakt"
        yield _ALONE[PurePath(name).suffix]


_ALONE = {
    ".csv": "een csv noemt geen kenmerk, en de getallen zijn alleen met de andere bestanden te vergelijken",
    ".gpkg": "sommen en marges zijn alleen met zones.parquet na te gaan",
    ".html": "getallen en sommen zijn alleen met zones.parquet na te gaan",
    ".parquet": "of kaart en lijst dezelfde getallen noemen, is alleen met de hele uitgave na te gaan",
    ".pdf": "de getallen zijn alleen met de andere bestanden te vergelijken",
    ".pptx": "de getallen zijn alleen met het manifest te vergelijken",
    ".xlsx": "de getallen zijn alleen met de andere bestanden te vergelijken",
}


def _settings(told: Told, remarks: list[str]) -> Mapping[str, Setting]:
    """Give how each layer is protected, from the manifest or from the layers that come along."""
    known = settings.of_manifest(told.manifest.get("lagen")) if told.manifest is not None else None
    found = settings.of_layers(settings.shipped().values()) if known is None else known
    strange = {name for rows in told.tables.values() for name in set(rows.layer.tolist()) - set(found)}
    if strange:
        remarks.append(f"{len(strange)} lagen zijn hier niet bekend: plafond en marges daarvan zijn niet nagegaan")
    return found


# --- which release ----------------------------------------------------------------------------------------------------


def _faults_of_identity(told: Told) -> Iterator[str]:
    """Look for the digest in every file, and for all else that tells one release from another."""
    structured: dict[str, Identity] = {}
    if told.manifest is not None:
        structured[MANIFEST] = identity.of_manifest(told.manifest)
    structured |= {name: identity.of_table(rows.marks, set(rows.layer.tolist())) for name, rows in told.tables.items()}
    structured |= {name: identity.of_map(each.header) for name, each in told.maps.items()}
    for one, other in combinations(structured, 2):
        for label in identity.differing(structured[one], structured[other]):
            yield f"{other}: noemt een ander(e) {label} dan {one}, of geen"
    yield from _faults_of_marks(told, next(iter(structured.values()), None))
    first = next(iter(structured), None)
    if first is None:
        return
    of = structured[first]
    for name, package in told.packages.items():
        yield from _missing(name, first, identity.missing_in_package(of, package.descriptions))
    for name, lines in told.explanations.items():
        yield from _missing(name, first, identity.missing_in_explanation(of, lines))
    for name, text in told.texts.items():
        if name not in told.maps:
            yield from _missing(name, first, identity.missing_in_text(of, text, PurePath(name).suffix))
    for name, rows in told.lists.items():
        yield from _missing(name, first, signals.with_identity(rows, of))


def _faults_of_descriptions(told: Told) -> Iterator[str]:
    """Compare what the layers of a GeoPackage say of themselves in two places, and with the decision."""
    basis = told.manifest["grondslag"] if told.manifest is not None else None
    for name, package in told.packages.items():
        yield from (f"{name}: {fault}" for fault in geopackage.misdescribed(package, basis))


def _missing(name: str, first: str, labels: "Iterator[str] | list[str]") -> Iterator[str]:
    for label in labels:
        if label != "kenmerk":  # named for every file below
            yield f"{name}: noemt een ander(e) {label} dan {first}, of geen"


def _faults_of_marks(told: Told, of: Identity | None) -> Iterator[str]:
    """Look for the digest of the release in every file; all must name the same."""
    found: dict[str, set[str]] = {}
    for name, piece in told.pieces:
        if piece.part != UNSEEN:
            found.setdefault(name, set()).update(_DIGEST.findall(piece.text))
    for name, digests in found.items():
        if PurePath(name).suffix == ".csv":
            continue  # rows of signals only
        if of is not None and of.digest and of.digest not in digests:
            yield f"{name}: noemt een ander kenmerk dan het manifest, of geen"
        elif not digests:
            yield f"{name}: noemt geen kenmerk van een uitgave"


# --- figures ----------------------------------------------------------------------------------------------------------


def _faults_of_figures(told: Told, regions: Regions, known: Mapping[str, Setting]) -> Iterator[str]:
    rows = next(iter(told.tables.values()), None)
    for name, drawn in told.maps.items():
        yield from (f"{name}: {fault}" for fault in drawing.broken(drawn))
        yield from (f"{name}: {fault}" for fault in surroundings.broken(drawn, regions))
    figures: dict[str, Mapping[Place, Figure]] = {}
    figures |= {name: agreement.of_table(each) for name, each in told.tables.items()}
    figures |= {name: agreement.with_words(each.figures) for name, each in told.maps.items()}
    figures |= {name: each.figures for name, each in told.packages.items()}
    for name in (*told.maps, *told.packages):
        yield from (f"{name}: {fault}" for fault in agreement.of_figures(figures[name]))
    for name, package in told.packages.items():
        if package.rates_off:
            yield f"{name}: {package.rates_off} keer een ander aantal per 1.000 dan uit het getal volgt"
        if off := geopackage.misnamed(package, regions):
            yield f"{name}: {off} plekken met andere namen dan het gebied waarin zij liggen"
    yield from agreement.between(figures)
    yield from _faults_of_lists(told, figures)
    if rows is not None:
        yield from _faults_of_table(told, rows, known, regions, figures)
    if told.manifest is not None:
        for drawn in told.maps.values():
            yield from (f"{MANIFEST}: {fault}" for fault in agreement.of_rates(told.manifest, drawn))
            yield from (f"{MANIFEST}: {fault}" for fault in agreement.of_words(told.manifest, drawn, regions))
            yield from (f"{MANIFEST}: {fault}" for fault in surroundings.of_manifest(told.manifest, drawn))


def _faults_of_table(
    told: Told,
    rows: Published,
    known: Mapping[str, Setting],
    regions: Regions,
    figures: Mapping[str, Mapping[Place, Figure]],
) -> Iterator[str]:
    """Hold the published table to its laws, and what other files show of it to the table."""
    name = next(iter(told.tables))
    inner = list(units.of_layers(rows, regions))
    broken = [*laws.broken(rows, known, regions), *structure.broken(rows)]
    odd = broken or list(places.of_table(rows, regions))  # drawn by names and cells that are sound
    yield from (f"{name}: {fault}" for fault in (*broken, *sums.broken(rows, inner, known, regions), *odd))
    bounds = margins(rows, inner, known)
    on_map = {place for drawn in told.maps for place in figures[drawn]}
    for other in (*told.maps, *told.packages):
        # words of places that are on the map have been compared with the map
        own = {place: each for place, each in figures[other].items() if other in told.maps or place not in on_map}
        yield from (f"{other}: {fault}" for fault in agreement.of_margins(own, rows, bounds))
    yield from _faults_of_factsheets(told, figures, (rows, bounds, known, regions))
    for other, drawn in told.maps.items():
        yield from (f"{other}: {fault}" for fault in agreement.of_series(drawn, rows))
        yield from (f"{other}: {fault}" for fault in places.of_map(drawn.cells, rows))
    for other, package in told.packages.items():
        if off := geopackage.miscoded(package, rows):
            yield f"{other}: {off} plekken met andere codes dan in {name}"
    for other, package in told.packages.items() if not odd else ():
        yield from (f"{other}: {fault}" for fault in places.of_package(package.shapes, rows))
    if told.manifest is not None:
        yield from (f"{MANIFEST}: {fault}" for fault in agreement.of_counts(told.manifest, rows))
        own = told.manifest["product"].get("versie") == __version__  # another version has another digest
        if own and settings.of_manifest(told.manifest.get("lagen")) is not None:
            yield from (f"{MANIFEST}: {fault}" for fault in agreement.of_digest(told.manifest, rows))


def _faults_of_factsheets(
    told: Told,
    figures: Mapping[str, Mapping[Place, Figure]],
    tables: tuple[Published, Mapping[int, Margin], Mapping[str, Setting], Regions],
) -> Iterator[str]:
    for drawn in list(told.maps)[:1]:
        own = dict(figures[drawn])
        for package in told.packages:
            for place, each in figures[package].items():
                if place in own and each.ratio is not None:
                    own[place] = own[place]._replace(ratio=each.ratio)
                own.setdefault(place, each)
        known = factsheet.Known(told.maps[drawn], own, *tables)
        for name, text in told.pages.items():
            theme = PurePath(name).stem.removeprefix("factsheet-")
            if theme in set(Theme):  # of a modus operandi the sentences are read back, see `claims`
                yield from (f"{name}: {fault}" for fault in factsheet.broken(text, theme, known))
        if told.manifest is not None:
            yield from (f"{MANIFEST}: {fault}" for fault in claims.broken(told.manifest.get("zinnen"), known))


def _faults_of_lists(told: Told, figures: Mapping[str, Mapping[Place, Figure]]) -> Iterator[str]:
    for one, other in combinations(told.lists, 2):
        yield from (f"{one} en {other}: {fault}" for fault in signals.between_lists(told.lists[one], told.lists[other]))
    titles, bases = agreement.layers(told.manifest, told.maps.values())
    for name, rows in told.lists.items():
        yield from (f"{name}: {fault}" for fault in signals.filled_in(rows))
        for other, drawn in told.maps.items():
            yield from (f"{name} en {other}: {fault}" for fault in signals.with_map(rows, drawn.header["signals"]))
        for other, each in figures.items():
            found = signals.with_figures(rows, each, titles, bases)
            yield from (f"{name} en {other}: {fault}" for fault in found)
