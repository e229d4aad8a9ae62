"""Every text in the packed formats: Excel, PowerPoint, GeoPackage, Parquet. Nothing stands between or behind parts."""

import base64
import re
import sqlite3
import struct
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from io import BytesIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from geoanalyse.products import parquetpages
from geoanalyse.products.contents import (
    LARGEST,
    MOST_MARKS,
    MOST_TEXT,
    Column,
    Piece,
    Text,
    UnreadError,
    decoded,
    inflated,
    parsed_json,
    strings,
)

SHEETS = "xl/worksheets/"
SHARED = "xl/sharedStrings.xml"
_HEAD = 30  # bytes in front of the name of a part
_OPENING = re.compile(r"\ufeff?(?:<\?xml [^<>]*\?>)?\s*<[A-Za-z_]")
_NAMESPACE = re.compile(r"\bxmlns(?::([\w.-]+))?\s*=\s*[\"']([^\"']*)[\"']")
_BETWEEN_WORDS = re.compile(r"[._:/-]+")
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


# --- xlsx -------------------------------------------------------------------------------------------------------------


def of_xlsx(content: bytes) -> Iterator[Piece]:
    """Read every part of a workbook: names, texts, attributes and comments, and every column of every sheet."""
    parts = zip_parts(content)
    yield Text("namen van onderdelen", "\n".join(parts))
    roots = {name: xml(part) for name, part in parts.items()}
    shared = [
        "".join(text.text or "" for text in item.iter(f"{MAIN}t")) for item in roots.get(SHARED, ET.Element("geen"))
    ]
    for name, root in roots.items():
        yield Text(name, "\n".join([*_spaces(parts[name]), *_texts(root)]))
        if name.startswith(SHEETS):
            yield from _columns(name.removeprefix(SHEETS), root, shared)


def zip_parts(content: bytes) -> dict[str, bytes]:
    """Unpack a ZIP that holds its listed parts and not a byte more.

    Raises
    ------
    UnreadError
        When it is damaged, too large, or something stands before, between or behind the parts.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as book:
            listed, end, comment = book.infolist(), book.start_dir, book.comment
    except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError):
        raise UnreadError("is geen leesbaar bestand van Excel of PowerPoint") from None
    parts, at, room = dict[str, bytes](), 0, LARGEST
    for info in sorted(listed, key=lambda each: each.header_offset):
        head = content[at : at + _HEAD]
        if info.header_offset != at or len(head) < _HEAD or info.flag_bits & ~0x806 or info.extra or info.comment:
            raise UnreadError("er staat iets tussen de onderdelen")
        name_size, extra_size = struct.unpack_from("<HH", head, 26)
        start = at + _HEAD + name_size + extra_size
        at = start + info.compress_size
        packed = content[start:at]
        raw = packed if info.compress_type == zipfile.ZIP_STORED else inflated(packed, -zlib.MAX_WBITS, room)
        named = content[start - name_size : start] == info.orig_filename.encode("utf-8")
        if extra_size or not named or zlib.crc32(raw) != info.CRC or info.filename in parts:
            raise UnreadError("een onderdeel is anders dan de inhoudsopgave zegt")
        parts[info.filename], room = raw, room - len(raw)
    directory = sum(46 + len(info.orig_filename.encode()) for info in listed)
    if at != end or comment or len(content) != end + directory + 22:
        raise UnreadError("er staat iets voor of achter de onderdelen")
    return parts


def xml(content: bytes) -> ET.Element:
    """Parse XML without definitions of its own.

    Raises
    ------
    UnreadError
        When it is none, defines signs, or is too large.
    """
    text = decoded(content)
    if "<!DOCTYPE" in text or "<!ENTITY" in text or "\0" in text:  # with \0 the parser reads it as UTF-16
        raise UnreadError("een onderdeel heeft een eigen definitie van tekens")
    if len(text) > MOST_TEXT or text.count("<") > MOST_MARKS:
        raise UnreadError("is te groot om na te kijken")
    if not _OPENING.match(text) or not text.rstrip().endswith(">") or text.rstrip().endswith(("-->", "?>")):
        raise UnreadError("een onderdeel heeft iets voor of achter zijn inhoud")  # a parser leaves that out
    builder = ET.TreeBuilder(insert_comments=True, insert_pis=True)
    try:
        return ET.fromstring(text, ET.XMLParser(target=builder))  # noqa: S314 - without definitions, see above
    except ET.ParseError:
        raise UnreadError("een onderdeel is geen XML") from None


def _texts(root: ET.Element) -> Iterator[str]:
    """Give every text and attribute, and the names of elements and attributes in words."""
    names = {str(name) for element in root.iter() for name in (element.tag, *element.attrib)}
    yield from sorted({_BETWEEN_WORDS.sub(" ", name.rpartition("}")[2]) for name in names})
    for element in root.iter():
        if str(element.tag).endswith(("Header", "Footer")):
            yield re.sub("&[A-Z]", "\n", element.text or "")  # signs for left, right, page and so on
        yield from (text for text in (element.text, element.tail, *element.attrib.values()) if text and text.strip())


def _spaces(part: bytes) -> list[str]:
    """Give the names and addresses of the namespaces that a part declares, used or not."""
    declared = {words for found in _NAMESPACE.findall(decoded(part)) for words in found if words}
    return sorted(_BETWEEN_WORDS.sub(" ", words) for words in declared)


def _columns(sheet: str, root: ET.Element, shared: list[str]) -> Iterator[Column]:
    found: dict[str, list[str]] = {}
    for cell in root.iter(f"{MAIN}c"):
        value = "".join(text.text or "" for text in cell.iter() if text.tag in {f"{MAIN}v", f"{MAIN}t"})
        if cell.get("t") == "s" and value.isdigit() and int(value) < len(shared):
            value = shared[int(value)]
        found.setdefault((cell.get("r") or "?").rstrip("0123456789"), []).append(value)
    for letter, values in found.items():
        yield Column(f"{sheet} kolom {letter}", pa.array(values, pa.string()), told=True)


# --- pptx -------------------------------------------------------------------------------------------------------------

DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
EMBEDDED = "ppt/embeddings/"
SLIDES = "ppt/slides/slide"


def of_pptx(content: bytes) -> Iterator[Piece]:
    """Read every part of a presentation: paragraphs, attributes and comments, and the workbooks behind its charts.

    A paragraph is one line, however many pieces it was typed in.
    """
    parts = zip_parts(content)
    yield Text("namen van onderdelen", "\n".join(parts))
    for name, part in parts.items():
        if name.startswith(EMBEDDED) and name.endswith(".xlsx"):
            for piece in of_xlsx(part):
                where = f"{name}: {piece.part}"
                yield Text(where, piece.text) if isinstance(piece, Text) else Column(where, piece.values, piece.told)
        elif name.endswith((".xml", ".rels")):
            root = xml(part)
            yield Text(name, "\n".join([*paragraphs(root), *_spaces(part), *_texts(root)]))
        else:
            raise UnreadError("heeft een onderdeel dat niet te lezen is, zoals een foto of een macro")


def slides(content: bytes) -> list[list[str]]:
    """Give the paragraphs of every slide that are no part of a drawing."""
    parts = zip_parts(content)
    found = []
    for name in sorted(parts):
        if name.startswith(SLIDES) and name.endswith(".xml"):
            root = xml(parts[name])
            for parent in list(root.iter()):
                for group in [each for each in parent if str(each.tag).endswith("}grpSp")]:
                    parent.remove(group)
            found.append(list(paragraphs(root)))
    return found


def paragraphs(root: ET.Element) -> Iterator[str]:
    """Give the text of every paragraph that is drawn, in the order of the file."""
    for paragraph in root.iter(f"{DRAWING}p"):
        line = "".join(run.text or "" for run in paragraph.iter(f"{DRAWING}t"))
        if line.strip():
            yield line


# --- GeoPackage -------------------------------------------------------------------------------------------------------

_COUNTERS = ((24, 28), (40, 44), (92, 100))  # change counter, schema cookie, version that wrote it
_STEP, _MOST_STEPS = 100_000, 50_000  # instructions of SQLite: a minute or two


def of_gpkg(content: bytes) -> Iterator[Piece]:
    """Read every table, column and definition of a GeoPackage; a page that no table uses is refused."""
    try:
        yield from _of_sqlite(content)
    except (sqlite3.Error, sqlite3.Warning, UnicodeDecodeError, OverflowError):
        raise UnreadError("is geen leesbare GeoPackage") from None


@contextmanager
def geopackage(content: bytes) -> Iterator[sqlite3.Connection]:
    """Open a GeoPackage in memory; nothing in it runs, grows without end or goes on for ever.

    Raises
    ------
    UnreadError
        When it is no SQLite with the mark of a GeoPackage.
    sqlite3.Error
        While it is read: what is in it is damaged, too large or too slow.
    """
    if content[:16] != b"SQLite format 3\x00" or content[68:72] != b"GPKG" or any(content[72:92]):
        raise UnreadError("is geen leesbare GeoPackage")
    with closing(sqlite3.connect(":memory:")) as database:
        steps = iter(range(_MOST_STEPS))
        database.set_progress_handler(lambda: next(steps, None) is None, _STEP)
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST)  # of one value, which an expression could make
        database.deserialize(content)
        database.execute("PRAGMA trusted_schema = OFF")
        yield database


def _of_sqlite(content: bytes) -> Iterator[Piece]:
    with geopackage(content) as database:
        _check_pages(database, content)
        schema = database.execute("SELECT type, name, coalesce(sql, ''), rootpage FROM sqlite_master").fetchall()
        yield Text("definities", "\n".join(f"{name}\n{sql}" for _, name, sql, _ in schema))
        for kind, table, _, page in schema:
            if kind == "table" and page:
                yield from _of_table(database, table)


def _check_pages(database: sqlite3.Connection, content: bytes) -> None:
    """Refuse pages that hold nothing, and bytes that a fresh copy of the same content does not have.

    A copy is only compared when this version of SQLite wrote the file: others lay pages out in their own way.
    """
    if database.execute("PRAGMA quick_check").fetchone() != ("ok",):
        raise UnreadError("een bladzijde van de GeoPackage is beschadigd of nergens voor nodig")
    if database.execute("PRAGMA freelist_count").fetchone() != (0,):
        raise UnreadError("de GeoPackage heeft lege bladzijden, waar oude gegevens in kunnen staan")
    version = int("{:d}{:03d}{:03d}".format(*sqlite3.sqlite_version_info))
    if struct.unpack_from(">I", content, 96) == (version,):
        database.execute("VACUUM")
        if _without_counters(database.serialize()) != _without_counters(content):
            raise UnreadError("in de GeoPackage staan resten van gegevens die zijn gewist")


def _without_counters(content: bytes) -> bytes:
    kept = bytearray(content)
    for start, end in _COUNTERS:
        kept[start:end] = bytes(end - start)
    return bytes(kept)


def _of_table(database: sqlite3.Connection, table: str) -> Iterator[Piece]:
    quoted = table.replace('"', '""')
    for _, column, *_ in database.execute(f'PRAGMA table_xinfo("{quoted}")').fetchall():
        named = column.replace('"', '""')
        query = f'SELECT DISTINCT "{named}" FROM "{quoted}" WHERE typeof("{named}") = '  # noqa: S608
        texts = [text for (text,) in database.execute(query + "'text'")]
        if texts:
            yield Column(f"{table}.{column}", pa.array(texts, pa.string()))
        blobs = [_legible(blob) for (blob,) in database.execute(query + "'blob'")]
        if any(blobs):
            yield Text(f"{table}.{column}", "\n".join(filter(None, blobs)))


def _legible(blob: bytes) -> str:
    """Text of a blob that is one; empty for geometry and other numbers."""
    try:
        text = blob.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return text if text.isprintable() or not any(sign < " " and sign not in "\t\r\n" for sign in text) else ""


# --- Parquet ----------------------------------------------------------------------------------------------------------

_LARGEST_TABLE = 8 * LARGEST
_ENCODINGS = {parquetpages.PLAIN, parquetpages.PLAIN_DICTIONARY, parquetpages.RLE, parquetpages.RLE_DICTIONARY}


def of_parquet(content: bytes) -> Iterator[Piece]:
    """Read names, metadata, statistics and every column of text of a Parquet file."""
    file, table = parquet(content)
    footer = content[-8 - struct.unpack_from("<I", content, len(content) - 8)[0] : -8]
    metadata = file.metadata.metadata or {}
    for key, value in sorted(metadata.items(), key=lambda each: -len(each[1])):
        footer = footer.replace(value, b"\n")  # the longest first: one may stand inside another
        if key == b"ARROW:schema":
            yield from _of_fields(pa.ipc.read_schema(pa.py_buffer(base64.b64decode(value))), metadata)
        else:
            text = decoded(value)
            yield Text(decoded(key), "\n".join(strings(parsed_json(text))) if key == b"geo" else text)
    yield Text("voetregel", _runs(footer))
    yield Text("namen van kolommen", "\n".join(table.column_names))
    for name, column in zip(table.column_names, table.columns, strict=True):
        values = _distinct(column)
        if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
            yield Column(name, values)
        elif pa.types.is_binary(values.type) or pa.types.is_large_binary(values.type):
            yield Text(name, "\n".join(filter(None, map(_legible, values.drop_null().to_pylist()))))
        elif not (pa.types.is_primitive(values.type) or pa.types.is_list(values.type) or _is_numbers(values.type)):
            raise UnreadError("een kolom is van een soort die hier niet hoort")


def parquet(content: bytes) -> tuple[pq.ParquetFile, pa.Table]:
    """Read a Parquet file; a text that comes back is kept once, as in the file itself.

    Raises
    ------
    UnreadError
        When it is damaged, unpacks to too much, or holds bytes outside its columns and footer.
    """
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        _check_parquet(file.metadata, content)
        texts = [field.name for field in file.schema_arrow if _is_text(field.type)]
        table = pq.ParquetFile(pa.BufferReader(content), read_dictionary=texts).read()
        table.validate(full=True)
    except UnreadError:
        raise
    except (pa.ArrowException, OSError, OverflowError, ValueError, struct.error):
        raise UnreadError("is geen leesbaar Parquet-bestand") from None
    return file, table


def _is_text(kind: pa.DataType) -> bool:
    return any(is_kind(kind) for is_kind in (pa.types.is_string, pa.types.is_binary))


def _is_numbers(kind: pa.DataType) -> bool:
    """Whether it is a group of numbers, such as the sides of a box."""
    return pa.types.is_struct(kind) and all(pa.types.is_floating(field.type) for field in kind)


def _distinct(column: pa.ChunkedArray) -> pa.Array:
    """Give the values of a column, each once when it is of text."""
    values = column.combine_chunks()
    if not pa.types.is_dictionary(values.type):
        return pc.unique(values) if _is_text(values.type) else values
    return pc.unique(values.dictionary)


def _check_parquet(metadata: pq.FileMetaData, content: bytes) -> None:
    """Refuse bytes outside the columns and the footer, and files that unpack to too much."""
    chunks = [
        metadata.row_group(group).column(column)
        for group in range(metadata.num_row_groups)
        for column in range(metadata.num_columns)
    ]
    size = sum(max(chunk.total_uncompressed_size, 8 * chunk.num_values) for chunk in chunks)
    if size > _LARGEST_TABLE or metadata.num_rows > LARGEST // 8:
        raise UnreadError("is te groot om na te kijken")
    starts = {
        min(offset for offset in (chunk.dictionary_page_offset, chunk.data_page_offset) if offset): chunk
        for chunk in chunks
    }
    at = 4
    for start in sorted(starts):
        if start != at:
            raise UnreadError("er staat iets tussen de kolommen")
        at += starts[start].total_compressed_size
        _check_pages_of(starts[start], content, start, at)
    if at + struct.unpack_from("<I", content, len(content) - 8)[0] + 8 != len(content):
        raise UnreadError("er staat iets tussen de kolommen en de voetregel")


def _check_pages_of(chunk: pq.ColumnChunkMetaData, content: bytes, start: int, end: int) -> None:
    """Hold the pages of a column to what the footer says of them: readers set memory aside for what a page says."""
    found = list(parquetpages.pages(content, start, end))
    if {page.encoding for page in found} - _ENCODINGS:
        raise UnreadError("een kolom is opgeslagen op een manier die hier niet hoort")
    values = sum(page.values for page in found if page.kind != parquetpages.DICTIONARY)
    if values != chunk.num_values or sum(page.unpacked for page in found) > chunk.total_uncompressed_size:
        raise UnreadError("een bladzijde van het Parquet-bestand is groter dan de voetregel zegt")


def _of_fields(schema: pa.Schema, known: Mapping[bytes, bytes]) -> Iterator[Piece]:
    """Read the metadata of the columns; that of the table stands in the file a second time."""
    for metadata in (schema.metadata, *(field.metadata for field in schema)):
        for key, value in (metadata or {}).items():
            if known.get(key) != value:
                yield Text("metagegevens van kolommen", f"{decoded(key)}\n{decoded(value)}")


def _runs(content: bytes, least: int = 5) -> str:
    """Pieces of at least this many signs that can be read, one a line."""
    runs, run = [], bytearray()
    for byte in content + b"\x00":
        if 32 <= byte < 127:  # noqa: PLR2004 - what can be printed in ASCII
            run.append(byte)
        else:
            runs += [run.decode("ascii")] if len(run) >= least else []
            run.clear()
    return "\n".join(runs)
