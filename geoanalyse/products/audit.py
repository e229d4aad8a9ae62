"""Is this what was made? Checks a folder of a release, or one file that was mailed around.

Everything is read from the files themselves: nothing of the data that went in is needed. Files may come from anywhere,
so a file that cannot be read is a finding and never an error.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from geoanalyse import __version__
from geoanalyse.geography import MIN_BUILDINGS, K, Regions
from geoanalyse.layer import Base
from geoanalyse.products import gate, measured, verantwoording
from geoanalyse.products.contents import Page, UnreadError, decoded
from geoanalyse.products.gis import ZONES_SCHEMA
from geoanalyse.published import OPEN_LEVELS, PROFILES
from geoanalyse.retention import MANIFEST, SHAREABLE

LARGEST = 500_000_000
"""Bytes; a larger file is not read. The map of 400,000 hexagons is a tenth of it."""
_STATUSES = {"waarde", "cap", "geen_data", "onderdrukt"}
_LOADED = {"src", "srcset", "poster", "data", "action", "formaction", "background", "manifest", "ping"}
_REQUEST = re.compile(r"(?i)@import|url\(\s*['\"]?(?:[a-z]+:)?//")
_PDF_ACTION = re.compile(rb"/(?:URI|Launch|JavaScript|JS|SubmitForm|GoToR|EmbeddedFile)\b")


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


def audit(path: Path, regions: Regions, today: dt.date) -> Verdict:
    """Check a release, or one file of it.

    Parameters
    ----------
    path : Path
        The folder ``deelbaar``, the folder above it, or one file.
    regions : Regions
        Names of regions are public, and no persons.
    today : datetime.date

    Returns
    -------
    Verdict
    """
    folder = path / SHAREABLE if (path / SHAREABLE).is_dir() else path
    if folder.is_dir():
        paths = sorted(each for each in folder.iterdir() if each.is_file())
        odd = [each.name for each in folder.iterdir() if not each.is_file()]
    else:
        paths, odd = [path], []
    files, faults = _read(paths)
    faults += [f"{name}: hoort niet in een uitgave; haal het weg" for name in sorted(odd)]
    if folder.is_dir() and not paths:
        return Verdict((), (f"{path}: hier staat geen uitgave; noem de map of een bestand ervan",))
    known = _manifest(files, faults)
    remarks: list[str] = []
    if known is not None:
        faults += _faults_of_promise(known)
        remarks += _remarks(known, today)
        if folder.is_dir():
            faults += _faults_of_list(files, known)
    elif folder.is_dir():
        faults.append(f"{MANIFEST}: ontbreekt; zonder dit bestand is niet na te gaan wat bij de uitgave hoort")
    else:
        remarks.append("zonder manifest.json is niet na te gaan of dit bestand is veranderd sinds het werd gemaakt")
    marks = {str(known["kenmerk"])} if known is not None and isinstance(known.get("kenmerk"), str) else set()
    for name, content in files.items():
        faults += [f"{name}: {fault}" for fault in _faults_of_requests(name, content)]
        if PurePath(name).suffix == ".parquet":
            faults += [f"{name}: {fault}" for fault in _faults_of_table(content)]
    faults += _faults_of_marks(files, marks)
    faults += _faults_of_persons(files, regions, marks)
    return Verdict(tuple(files), tuple(dict.fromkeys(faults)), tuple(remarks))


def _read(paths: list[Path]) -> tuple[dict[str, bytes], list[str]]:
    files, faults = {}, []
    for path in paths:
        try:
            if path.stat().st_size > LARGEST:
                faults.append(f"{path.name}: is te groot voor een uitgave")
                continue
            files[path.name] = path.read_bytes()
        except OSError:
            faults.append(f"{path.name}: kan niet worden geopend; noem een bestand dat er is en dat u mag lezen")
    return files, faults


def _manifest(files: Mapping[str, bytes], faults: list[str]) -> dict[str, Any] | None:
    if MANIFEST not in files:
        return None
    try:
        known = json.loads(files[MANIFEST].decode())
        if isinstance(known, dict) and isinstance(known["bestanden"], dict) and isinstance(known["bescherming"], dict):
            return known
    except (UnicodeDecodeError, ValueError, RecursionError, KeyError):
        pass
    faults.append(f"{MANIFEST}: is beschadigd, of geen manifest van geoanalyse")
    return None


# --- the files as a whole ---------------------------------------------------------------------------------------------


def _faults_of_list(files: Mapping[str, bytes], known: Mapping[str, Any]) -> Iterator[str]:
    """Compare the files with the list of them: every byte, none missing, none too many."""
    listed: Mapping[str, Any] = known["bestanden"]
    for name, entry in listed.items():
        if name not in files:
            yield f"{name}: ontbreekt"
        elif not isinstance(entry, dict) or hashlib.sha256(files[name]).hexdigest() != entry.get("sha256"):
            yield f"{name}: is veranderd sinds de uitgave is gemaakt; vraag een nieuw exemplaar"
    for name in sorted(set(files) - set(listed) - {MANIFEST}):
        yield f"{name}: hoort niet bij deze uitgave; haal het weg"


def _faults_of_promise(known: Mapping[str, Any]) -> Iterator[str]:
    """Compare promise and measured figures with those of this version; another version has its own."""
    if not isinstance(known.get("product"), dict) or known["product"].get("versie") != __version__:
        return
    protection = known["bescherming"]
    k = protection.get("k")
    if k != K or protection.get("minste_panden") != MIN_BUILDINGS:
        yield f"{MANIFEST}: de kleinste groep is niet die van geoanalyse {__version__}"
    elif protection.get("belofte") != list(verantwoording.promise(K)):
        yield f"{MANIFEST}: de belofte is niet die van geoanalyse {__version__}"
    if protection.get("grenzen") != list(verantwoording.LIMITS):
        yield f"{MANIFEST}: de grenzen van de belofte zijn niet die van geoanalyse {__version__}"
    if protection.get("aanval") != measured.shipped().attack:
        yield f"{MANIFEST}: de gemeten cijfers van de aanval zijn niet die van geoanalyse {__version__}"


def _remarks(known: Mapping[str, Any], today: dt.date) -> Iterator[str]:
    try:
        until = dt.date.fromisoformat(known["grondslag"]["bewaren_tot"])
    except (KeyError, TypeError, ValueError):
        yield "het manifest noemt geen geldige bewaartermijn"
        return
    if until < today:
        yield f"de bewaartermijn is voorbij sinds {until:%d-%m-%Y}; gooi de uitgave weg"


def _faults_of_marks(files: Mapping[str, bytes], marks: set[str]) -> Iterator[str]:
    """Look for the digest of the release in every file; all must name the same."""
    mark = next(iter(marks), None)
    for name, content in files.items():
        if PurePath(name).suffix == ".csv":
            continue  # rows of signals only
        try:
            found = {text for piece in gate.texts_of(name, content) for text in re.findall(r"\b[0-9a-f]{64}\b", piece)}
        except UnreadError:
            continue  # named below
        if mark is not None and mark not in found:
            yield f"{name}: noemt een ander kenmerk dan het manifest, of geen"
        elif not found:
            yield f"{name}: noemt geen kenmerk van een uitgave"


def _faults_of_persons(files: Mapping[str, bytes], regions: Regions, marks: set[str]) -> Iterator[str]:
    allowed = frozenset({*regions.names, *marks})
    for name, content in files.items():
        try:
            yield from map(str, gate.hits({name: content}, allowed))
        except UnreadError as error:
            yield str(error.args[0])


def _faults_of_requests(name: str, content: bytes) -> Iterator[str]:
    """Find what a program that opens the file would fetch."""
    if PurePath(name).suffix == ".pdf" and _PDF_ACTION.search(content):
        yield "heeft een koppeling, programma of bijlage; een factsheet heeft die niet"
    if PurePath(name).suffix != ".html":
        return
    try:
        page = Page(decoded(content))
    except (UnreadError, AssertionError, KeyError):
        return  # named as unreadable
    policies = [named.get("content", "") for tag, named in page.tags if tag == "meta" and "http-equiv" in named]
    if not any("default-src 'none'" in policy for policy in policies):
        yield "heeft geen regel die ophalen van internet verbiedt"
    fetched = [
        tag
        for tag, named in page.tags
        for key, text in named.items()
        if (key in _LOADED or (tag == "link" and key == "href")) and not text.startswith(("data:", "#"))
    ]
    if fetched:
        yield f"haalt {len(fetched)} keer iets op van buiten het bestand ({', '.join(sorted(set(fetched)))})"
    if any(_REQUEST.search(style) for style in page.styles):
        yield "heeft een opmaak die iets ophaalt van buiten het bestand"


# --- the published table ----------------------------------------------------------------------------------------------


def _faults_of_table(content: bytes) -> Iterator[str]:
    """Hold the published table to its own laws."""
    try:
        table = pq.read_table(BytesIO(content))
    except (pa.ArrowException, OSError):
        yield "is geen leesbaar Parquet-bestand"
        return
    if table.schema.remove_metadata() != ZONES_SCHEMA.remove_metadata():
        yield "heeft niet de kolommen van de gepubliceerde tabel (docs/schema.md)"
        return
    frame = table.drop_columns(["geometry"]).to_pandas()
    for law, broken in _laws(frame):
        if broken.any():
            yield f"{int(broken.sum())} rijen: {law}"
    yield from _faults_of_sums(frame)


def _laws(rows: pd.DataFrame) -> Iterator[tuple[str, "pd.Series[bool]"]]:
    """Give each law of a row, in Dutch, with the rows that break it."""
    shown = rows["status"].isin(["waarde", "cap"])
    value, b = rows["value"].astype("Float64"), rows["base"]
    yield "onbekende status", ~rows["status"].isin(_STATUSES)
    yield "onbekend profiel", ~rows["profile"].isin(PROFILES)
    yield "onbekende basis", ~rows["basis"].isin([str(base) for base in Base])
    yield "een getal bij een status zonder getal, of andersom", shown != value.notna()
    yield "geen veelvoud van b", shown & ((value % b).fillna(1) != 0)
    yield "een getal onder nul", (value < 0).fillna(value=False).astype(bool)
    yield f"een getal over minder dan {K} adressen", shown & (rows["addresses"] < K)
    yield f"een getal over minder dan {MIN_BUILDINGS} panden", shown & (rows["buildings"] < MIN_BUILDINGS)
    yield "fijner dan het profiel toestaat", shown & (rows["profile"] == "openbaar") & ~rows["level"].isin(OPEN_LEVELS)
    apart = rows["rounding"].isin(["apart"])
    yield "een apart totaal in het profiel streng", apart & (rows["profile"] == "streng")


def _faults_of_sums(rows: pd.DataFrame) -> Iterator[str]:
    """Add up the zones of every hexagon of which all zones are there; a sum must be their sum."""
    shown = rows[rows["value"].notna() & rows["cells"].notna()]
    wrong = 0
    for _, part in shown.groupby(["layer", "start", "end"]):
        zones = part[part["rounding"] == "zone"]
        lengths = zones["cells"].str.len().to_numpy(dtype=np.int64)
        cell = np.concatenate([*zones["cells"], np.empty(0, dtype=np.uint64)])
        of_cell = np.repeat(np.arange(len(zones)), lengths)
        order = np.argsort(cell, kind="stable")
        cell, of_cell = cell[order], of_cell[order]
        value = zones["value"].to_numpy(dtype=np.int64)
        for row in part[part["rounding"] == "som"].itertuples():
            spot = np.searchsorted(cell, row.cells)
            if len(cell) == 0 or not np.array_equal(cell[np.minimum(spot, len(cell) - 1)], row.cells):
                continue  # a zone of it lies outside the area
            inside = np.unique(of_cell[spot])
            if lengths[inside].sum() == len(row.cells):
                wrong += int(value[inside].sum() != row.value)
    if wrong:
        yield f"{wrong} rijen: een som is niet de som van haar zones"
