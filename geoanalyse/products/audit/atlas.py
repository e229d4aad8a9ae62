"""An atlas as a whole: its manifest, its index and its factsheets name the same buurten and say the same of them."""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from geoanalyse.products import dutch
from geoanalyse.products.audit.manifest import Manifest, regions_of_atlas
from geoanalyse.products.audit.opening import plain
from geoanalyse.products.contents import UnreadError, decoded
from geoanalyse.retention import MANIFEST

INDEX = "index.html"
_ROW = re.compile(r'<tr><th scope="row"><a href="factsheet-([A-Z0-9]+)\.pdf">(.*?)</tr>', re.DOTALL)
_CELL = re.compile(r"<td[^>]*>(.*?)</td>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")

Key = tuple[Any, ...]


def faults(files: Mapping[str, bytes], texts: Mapping[str, str], known: Manifest) -> Iterator[str]:
    """Compare the parts of an atlas.

    Parameters
    ----------
    files : mapping of str to bytes
        What could be read, by name.
    texts : mapping of str to str
        What people read in each.
    known : Manifest
    """
    codes = regions_of_atlas(known)
    if not codes or codes != sorted(set(codes)):
        yield f"{MANIFEST}: noemt de buurten van de atlas niet, of niet goed"
    for code in codes:
        name = f"factsheet-{code}.pdf"
        if name in texts and f"({code})" not in texts[name]:
            yield f"{plain(name)}: gaat niet over {plain(code)}"
    said = {name: list(_figures(known, name)) for name in ("index", *(f"factsheet-{code}" for code in codes))}
    if INDEX in files:
        yield from _faults_of_index(files[INDEX], codes, said["index"])
    yield from _faults_between(said)


def _faults_of_index(content: bytes, codes: list[str], said: list[tuple[str, dict[str, Any]]]) -> Iterator[str]:
    """Hold every row of the index to the sentences that the manifest has of it."""
    try:
        rows = _ROW.findall(decoded(content))
    except UnreadError:
        return  # told when it was read
    if sorted(code for code, _ in rows) != codes:
        yield f"{INDEX}: noemt andere buurten dan {MANIFEST}"
    off = 0
    for code, row in rows:
        cells = [html.unescape(_TAG.sub("", cell)) for cell in _CELL.findall(row)]
        own = [(text, figure.get("als")) for text, figure in said if figure.get("plek") == code]
        numbers = [word for cell in cells if any(map(str.isdecimal, cell)) for word in cell.split(" tot ")]
        off += [words for _, words in own] != numbers or not {text for text, _ in own} <= set(cells)
    if off:
        yield f"{INDEX}: {off} rijen met andere getallen dan {MANIFEST}"
    wrong = sum(not _is_said(figure) for _, figure in said if figure.get("plek"))
    if wrong:
        yield f"{MANIFEST}: {wrong} getallen van {INDEX} zijn anders dan wat er staat"


def _is_said(figure: Mapping[str, Any]) -> bool:
    """Whether the words of a figure are those of its value."""
    value = figure.get("waarde")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return figure.get("als") == (dutch.times(value) if figure.get("grootheid") == "verhouding" else dutch.number(value))


def _faults_between(said: Mapping[str, list[tuple[str, dict[str, Any]]]]) -> Iterator[str]:
    """Look for a figure of which index and factsheet say something else."""
    index = {_key(figure): figure.get("waarde") for _, figure in said["index"]}
    for name, sentences in said.items():
        own = ((_key(figure), figure.get("waarde")) for _, figure in sentences if figure.get("plek"))
        off = sum(key in index and index[key] != value for key, value in own)
        if off:
            yield f"{plain(name)}.pdf: zegt {off} keer iets anders dan {INDEX}"


def _key(figure: Mapping[str, Any]) -> Key:
    return tuple(str(figure.get(name)) for name in ("grootheid", "laag", "niveau", "plek"))


def _figures(known: Manifest, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every figure of a file as the manifest has it, with the sentence it stands in."""
    told = known.get("zinnen")
    sentences = told.get(name) if isinstance(told, dict) else None
    for sentence in sentences if isinstance(sentences, list) else []:
        figures = sentence.get("cijfers") if isinstance(sentence, dict) else None
        for figure in figures if isinstance(figures, list) else []:
            if isinstance(figure, dict):
                yield str(sentence.get("tekst")), figure
