"""What a workbook, presentation, GeoPackage, CSV or PDF would fetch or run: nothing, for geoanalyse writes none."""

import re
import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath

from geoanalyse.products.audit.lists import ListError, of_csv
from geoanalyse.products.containers import EMBEDDED, MAIN, SHEETS, SLIDES, geopackage, xml, zip_parts
from geoanalyse.products.contents import Piece, UnreadError, decoded
from geoanalyse.products.qgis import STANDARD

_PARTS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|docProps/(?:app|core)\.xml|xl/(?:workbook|styles|sharedStrings)\.xml"
    r"|xl/_rels/workbook\.xml\.rels|xl/theme/theme1\.xml|xl/worksheets/sheet[1-9]\.xml"
)
_ELEMENTS = frozenset(
    {
        *("workbook", "fileVersion", "workbookPr", "bookViews", "workbookView", "sheets", "sheet", "definedNames"),
        *(
            "definedName",
            "calcPr",
            "worksheet",
            "sheetPr",
            "pageSetUpPr",
            "dimension",
            "sheetViews",
            "sheetView",
            "pane",
        ),
        *("selection", "sheetFormatPr", "cols", "col", "sheetData", "row", "c", "v", "autoFilter", "mergeCells"),
        *("mergeCell", "printOptions", "pageMargins", "pageSetup", "headerFooter", "oddFooter"),
        *("sheetProtection", "dataValidations", "dataValidation", "formula1", "formula2"),
    }
)
"""Elements of a workbook and its sheets; there is no formula, link, object, control or outside source among them.

``formula1`` and ``formula2`` bound what may be typed in a cell; they hold words or a number (`_BOUND`).
"""
_SHOWN = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|docProps/(?:app|core)\.xml|ppt/(?:presentation|presProps|tableStyles)\.xml"
    r"|ppt/_rels/presentation\.xml\.rels|ppt/theme/theme1\.xml"
    r"|ppt/(slides|slideLayouts|slideMasters|charts)/(?:_rels/)?(?:slide|slideLayout|slideMaster|chart)[0-9]{1,2}\.xml(?:\.rels)?"
    r"|ppt/embeddings/Microsoft_Excel_Sheet[0-9]{1,2}\.xlsx"
)
_ACTIVE = frozenset(
    {
        *("hlinkClick", "hlinkHover", "hlinkMouseOver", "oleObj", "control", "controls", "contentPart", "externalLink"),
        *("timing", "transition", "video", "videoFile", "audioFile", "wavAudioFile", "snd", "quickTimeFile", "blip"),
        *("custShowLst", "custDataLst", "extLst", "htmlPubPr", "tagLst", "AlternateContent", "script"),
    }
)
"""Elements that open, play, fetch or run something; geoanalyse draws shapes, tables and charts only."""
_OFF = {"0", "false"}
_CELLS = re.compile(r"Sheet1!\$[A-E]\$[0-9]{1,4}(?::\$[A-E]\$[0-9]{1,4})?")
_BOUND = re.compile(r'"[^"]*"|[0-9]{1,6}')
_NAMES = ("_xlnm._FilterDatabase", "_xlnm.Print_Area", "_xlnm.Print_Titles")
_RANGE = re.compile(r"(?:'[^'!\[\]]+'|\w+)!\$[A-Z0-9]+(?:\$[0-9]+)?:\$[A-Z0-9]+(?:\$[0-9]+)?")
_ADDRESS = re.compile(r"(?i)\b[a-z][a-z0-9+.-]{1,20}://|\bwww\.|\bfile:|\\\\|\bmailto:|\bjavascript:")
_STYLE_TAGS = re.compile(r"</?(\w[\w-]*)")
_STYLE_ELEMENTS = {"qgis", "renderer-v2", "rules", "rule", "symbols", "symbol", "layer", "Option", "aliases", "alias"}
_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_METADATA_ELEMENTS = {
    *("qgis", "identifier", "parentidentifier", "language", "type", "title", "abstract", "keywords", "keyword"),
    *("contact", "organization", "position", "role", "history", "constraints", "rights", "license", "crs"),
    *("spatialrefsys", "authid", "extent", "spatial", "temporal", "period", "start", "end"),
}
"""Elements of the metadata of a layer; there is no link, no address and no file among them."""
_TRIGGERS = re.compile(
    r"(?:rtree_\w+_(?:insert|update[1-7]|delete)|trigger_(?:insert|delete)_feature_count_\w+|gpkg_tile_matrix_\w+)"
)
_CALLED = frozenset(
    [
        "st_isempty",
        "st_minx",
        "st_maxx",
        "st_miny",
        "st_maxy",
        "raise",
        "lower",
        "values",
        "and",
        "or",
        "not",
        "in",
        "when",
        "where",
    ]
)
_STANDARD = ("gpkg_extensions", "gpkg_spatial_ref_sys")  # hold addresses of the standard itself, which nothing opens
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def faults(name: str, content: bytes) -> Iterator[str]:
    """Say what in a file that is no page is fetched or runs when it is opened.

    Parameters
    ----------
    name : str
        Its suffix says what it is; a PDF is held to this while it is read (`pdftext.FORBIDDEN`).
    content : bytes
    """
    check = _CHECKS.get(PurePath(name).suffix)
    try:
        yield from check(content) if check else ()
    except (UnreadError, ListError, sqlite3.Error, sqlite3.Warning, UnicodeDecodeError):
        return  # what cannot be read is named by who reads it


# --- xlsx -------------------------------------------------------------------------------------------------------------


def _of_xlsx(content: bytes) -> Iterator[str]:
    parts = zip_parts(content)
    strange = sorted(name for name in parts if not _PARTS.fullmatch(name))
    if strange:
        yield f"heeft {len(strange)} onderdelen die er niet horen, zoals een macro, koppeling of tekening"
    elements, outside, names = set[str](), 0, list[tuple[str, str]]()
    for name, part in parts.items():
        root = xml(part)
        for element in root.iter():
            tag = str(element.tag).rpartition("}")[2]
            if name.startswith(("xl/worksheets/", "xl/workbook")):
                elements.add(tag)
            if tag == "Relationship":
                outside += _leaves(element)
            if tag == "definedName":
                names.append((element.get("name", ""), element.text or ""))
    unwanted = sorted(elements - _ELEMENTS)
    if unwanted:
        yield f"heeft een formule, koppeling of ander onderdeel dat er niet hoort ({', '.join(unwanted)})"
    yield from _of_bounds(parts)
    if outside:
        yield f"verwijst {outside} keer naar iets buiten het bestand"
    if any(name not in _NAMES or not _RANGE.fullmatch(text) for name, text in names):
        yield "heeft een naam die iets anders is dan een bereik van een blad"


def _of_bounds(parts: Mapping[str, bytes]) -> Iterator[str]:
    """Hold what may be typed in a cell to words or a number: a formula there runs as well."""
    sheets = (xml(part) for name, part in parts.items() if name.startswith(SHEETS))
    bounds = (each for root in sheets for tag in ("formula1", "formula2") for each in root.iter(f"{MAIN}{tag}"))
    computed = sum(not _BOUND.fullmatch(each.text or "") for each in bounds)
    if computed:
        yield f"heeft {computed} keer een keuzelijst of grens die wordt uitgerekend"


# --- pptx -------------------------------------------------------------------------------------------------------------


def _of_pptx(content: bytes) -> Iterator[str]:
    parts = zip_parts(content)
    strange = sorted(name for name in parts if not _SHOWN.fullmatch(name))
    if strange:
        yield f"heeft {len(strange)} onderdelen die er niet horen, zoals een macro, film of foto"
    for name, part in parts.items():
        if name.startswith(EMBEDDED) and name.endswith(".xlsx"):
            yield from (f"werkmap achter een grafiek: {fault}" for fault in _of_xlsx(part))
    roots = {name: xml(part) for name, part in parts.items() if name.endswith((".xml", ".rels"))}
    elements = [(_local(element), element) for root in roots.values() for element in root.iter()]
    unwanted = sorted({tag for tag, _ in elements} & _ACTIVE)
    if unwanted:
        yield f"heeft iets dat opent, speelt of uitvoert ({', '.join(unwanted)})"
    if outside := sum(tag == "Relationship" and _leaves(element) for tag, element in elements):
        yield f"verwijst {outside} keer naar iets buiten het bestand"
    if elsewhere := sum(tag == "f" and not _CELLS.fullmatch(element.text or "") for tag, element in elements):
        yield f"heeft {elsewhere} keer een grafiek met cijfers van elders"
    yield from _unseen(roots, elements)


def _unseen(roots: Mapping[str, ET.Element], elements: Sequence[tuple[str, ET.Element]]) -> Iterator[str]:
    """Name slides that no show leads to, and slides and shapes that are switched off."""
    led_to = {f"ppt/{each.get('Target', '')}" for each in roots.get("ppt/_rels/presentation.xml.rels", ())}
    orphans = sum(name.startswith(SLIDES) and name not in led_to for name in roots)
    off = sum(
        (tag == "sld" and element.get("show", "1") in _OFF)
        or (tag == "cNvPr" and element.get("hidden", "0") not in _OFF)
        for tag, element in elements
    )
    if orphans + off:
        yield f"heeft {orphans + off} keer een dia of vorm die niet wordt getoond"


def _leaves(element: ET.Element) -> bool:
    """Whether a relation leads out of the file."""
    return element.get("TargetMode", "Internal") != "Internal" or bool(_ADDRESS.search(element.get("Target", "")))


def _local(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2]


# --- GeoPackage -------------------------------------------------------------------------------------------------------


def _of_gpkg(content: bytes) -> Iterator[str]:
    with geopackage(content) as database:
        schema = database.execute("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master").fetchall()
        views = [name for kind, name, _, _ in schema if kind == "view"]
        if views:
            yield f"heeft {len(views)} vragen die bij het openen worden uitgevoerd (view)"
        virtual = [sql for kind, _, _, sql in schema if kind == "table" and re.match(r"(?i)\s*create\s+virtual", sql)]
        if not all(
            re.fullmatch(r'CREATE VIRTUAL TABLE "rtree_\w+_geom" USING rtree\(id, minx, maxx, miny, maxy\)', sql)
            for sql in virtual
        ):
            yield "heeft een tabel die een programma is (virtual table)"
        if any(
            kind == "trigger" and (not _TRIGGERS.fullmatch(name) or _reaches_out(sql)) for kind, name, _, sql in schema
        ):
            yield "heeft een opdracht die bij een wijziging wordt uitgevoerd en er niet hoort (trigger)"
        if any(kind == "table" and re.search(r"(?i)\bgenerated\b|\bas\s*\(", sql) for kind, _, _, sql in schema):
            yield "heeft een kolom die wordt uitgerekend"
        tables = {name for kind, name, _, sql in schema if kind == "table" and sql not in virtual}
        if "layer_styles" in tables:
            yield from _of_styles(database)
        if "gpkg_metadata" in tables:
            yield from _of_metadata(database)


def _reaches_out(sql: str) -> bool:
    """Whether a trigger calls more than a spatial index needs, or changes more than that index and its count."""
    called = {name.lower() for name in re.findall(r"(?i)\b([a-z_]\w*)\s*\(", sql)}
    body = re.split(r"(?i)\bbegin\b", sql, maxsplit=1)[-1]
    changed = re.findall(r"(?i)\b(?:into|delete\s+from|update)\s+[\"'`\[]?(\w+)", body)
    own = all(name.startswith("rtree_") or name == "gpkg_ogr_contents" for name in changed if name != "on")
    return bool(called - _CALLED) or (not own and "RAISE(ABORT" not in body)


def links(pieces: Iterable[Piece]) -> int:
    """Count the texts in a GeoPackage that point somewhere; those of the standard itself are read by nobody."""
    return sum(
        len(_ADDRESS.findall(piece.text))
        for piece in pieces
        if not piece.part.startswith((*_STANDARD, "layer_styles", "gpkg_metadata", "definities"))
    )


def _of_styles(database: sqlite3.Connection) -> Iterator[str]:
    """QGIS styles can hold pictures from elsewhere, expressions and programs; ours fill a polygon."""
    for qml, sld, ui in database.execute("SELECT styleQML, styleSLD, ui FROM layer_styles"):
        text = str(qml or "")
        body = text.removeprefix(_DOCTYPE)
        kinds = set(re.findall(r'<layer [^>]*?class="([^"]*)"', body))
        if (
            sld
            or ui
            or "<!" in body
            or set(_STYLE_TAGS.findall(body)) - _STYLE_ELEMENTS
            or kinds - {"SimpleFill"}
            or _ADDRESS.search(body)
        ):
            yield "heeft een stijl die meer doet dan vlakken kleuren"
            return


def _of_metadata(database: sqlite3.Connection) -> Iterator[str]:
    """QGIS opens links and addresses of metadata when they are clicked; ours have none."""
    for scope, uri, mime, text in database.execute(
        "SELECT md_scope, md_standard_uri, mime_type, metadata FROM gpkg_metadata"
    ):
        if (
            (scope, uri, mime) != ("dataset", STANDARD, "text/xml")
            or {str(element.tag) for element in xml(str(text).encode()).iter()} - _METADATA_ELEMENTS
            or _ADDRESS.search(str(text))
        ):
            yield "heeft metagegevens die meer doen dan de laag beschrijven"
            return


# --- CSV --------------------------------------------------------------------------------------------------------------


def _of_csv(content: bytes) -> Iterator[str]:
    cells = [
        cell for line in decoded(content, "utf-8-sig").splitlines() for cell in re.findall(r'(?:^|;)"?([^;]*)', line)
    ]
    running = sum(cell.startswith(_FORMULA) for cell in cells)
    if running:
        yield f"heeft {running} cellen die een spreadsheet als formule uitvoert"
    of_csv(content)


_CHECKS: dict[str, Callable[[bytes], Iterator[str]]] = {
    ".csv": _of_csv,
    ".gpkg": _of_gpkg,
    ".pptx": _of_pptx,
    ".xlsx": _of_xlsx,
}
