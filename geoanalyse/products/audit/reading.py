"""Every file of a release, read once; what cannot be read is a fault, and what was read is compared elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from geoanalyse.errors import ReleaseError
from geoanalyse.products import gate
from geoanalyse.products.audit import geopackage, lists, manifest, pages, parts, table, themap
from geoanalyse.products.audit.geopackage import Package
from geoanalyse.products.audit.lists import Row
from geoanalyse.products.audit.manifest import Manifest
from geoanalyse.products.audit.table import Published
from geoanalyse.products.audit.themap import TheMap
from geoanalyse.products.containers import SLIDES, slides
from geoanalyse.products.contents import UNSEEN, Page, Piece, UnreadError, decoded
from geoanalyse.products.pdftext import PAGE
from geoanalyse.retention import MANIFEST

Say = Callable[[str], None]


@dataclass(slots=True)
class Told:
    """What the files say, by name of the file; a kind that is not there, or cannot be read, is empty.

    Attributes
    ----------
    faults : list of str
    pieces : list of (str, Piece)
        Everything legible, to search for person data.
    texts : dict of str to str
        What people read in a page, on paper or on slides.
    pages : dict of str to str
        What is printed on the pages of a factsheet, or runs on in its offline page.
    slides : dict of str to list of list of str
        Per slide of a presentation, its paragraphs outside drawings.
    explanations : dict of str to dict of str to str
        The sheet that explains a list, as subject and text.
    """

    manifest: Manifest | None = None
    tables: dict[str, Published] = field(default_factory=dict)
    maps: dict[str, TheMap] = field(default_factory=dict)
    packages: dict[str, Package] = field(default_factory=dict)
    lists: dict[str, Sequence[Row]] = field(default_factory=dict)
    explanations: dict[str, dict[str, str]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    slides: dict[str, list[list[str]]] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    pieces: list[tuple[str, Piece]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def read(files: Mapping[str, bytes], say: Say) -> Told:
    """Read files from anywhere.

    Parameters
    ----------
    files : mapping of str to bytes
        By name; the suffix says how to read.
    say : callable
        Told the name of each file before it is opened.
    """
    told = Told()
    for name, content in files.items():
        say(name)
        try:
            _add(told, name, content)
        except ReleaseError as error:
            told.faults.append(f"{name}: {error.args[0]}")
        told.faults += [f"{name}: {fault}" for fault in parts.faults(name, content)]
        try:
            pieces = list(gate.contents(name, content))
        except UnreadError as error:
            told.faults.append(str(error.args[0]))
        except (AssertionError, KeyError, ValueError):  # of the reader of HTML, on what is none
            told.faults.append(f"{name}: is niet te lezen")
        else:
            told.pieces += [(name, piece) for piece in pieces]
            if PurePath(name).suffix == ".gpkg" and (links := parts.links(pieces)):
                told.faults.append(f"{name}: heeft {links} keer een koppeling naar iets buiten het bestand")
            if PurePath(name).suffix in {".pdf", ".html"}:
                told.pages |= _printed(name, pieces)
                told.texts[name] = "\n".join(piece.text for piece in pieces if piece.part != UNSEEN)
            elif PurePath(name).suffix == ".pptx":
                told.texts[name] = "\n".join(piece.text for piece in pieces if piece.part.startswith(SLIDES))
                told.slides[name] = slides(content)
    return told


def _printed(name: str, pieces: Sequence[Piece]) -> dict[str, str]:
    printed = [piece.text for piece in pieces if piece.part.startswith(PAGE)]
    return {name: "\n".join(printed)} if printed else {}


def _add(told: Told, name: str, content: bytes) -> None:
    match PurePath(name).suffix:
        case ".json" if name == MANIFEST or PurePath(name).stem.startswith("manifest"):
            told.manifest = manifest.read(content)
        case ".parquet":
            told.tables[name] = table.published(content)
        case ".gpkg":
            told.packages[name] = geopackage.read(content)
        case ".csv":
            told.lists[name] = lists.of_csv(content)
        case ".xlsx":
            told.lists[name], lines = lists.of_xlsx(content)
            told.explanations[name] = dict(lines)
        case ".html":
            _add_page(told, name, decoded(content))


def _add_page(told: Told, name: str, text: str) -> None:
    told.faults += [f"{name}: {fault}" for fault in pages.faults(text)]
    page = Page(text)
    if pages.is_factsheet(page):
        told.pages[name] = "".join(page.flow)
    if themap.is_map(page):
        told.maps[name] = themap.read(page)
