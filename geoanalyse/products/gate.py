"""The last gate: every text of every finished file is searched for person data before a release gets its place."""

import io
import json
import sqlite3
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from html.parser import HTMLParser
from pathlib import PurePath

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from geoanalyse.errors import ReleaseError
from geoanalyse.personal import PersonData, kinds_in_text
from geoanalyse.products import kaartmodel
from geoanalyse.release import Release

_PROGRAMS = {"module", "text/javascript"}
_SPOKEN = {"alt", "aria-label", "content", "placeholder", "summary", "title", "value"}


def check_files(release: Release, files: Mapping[str, bytes]) -> None:
    """Refuse a release in which a file reads as if it holds person data.

    The text of a PDF is not read here: it is made of the same release as the other files, which are.

    Parameters
    ----------
    release : Release
        Tells which names and texts are the package's own or public, and are taken out first.
    files : mapping of str to bytes
        Finished files, by name.

    Raises
    ------
    ReleaseError
        Names the file, the kind and the number of hits, never the text.
    """
    allowed = known_texts(release)
    faults = []
    for name in sorted(files):
        found: Counter[PersonData] = Counter()
        for text in dict.fromkeys(texts_of(name, files[name])):
            found.update(kinds_in_text(text, allowed=allowed))
        faults += [f"{name}: {count} keer iets dat lijkt op {kind}" for kind, count in sorted(found.items())]
    if faults:
        raise ReleaseError(
            f"de uitgave is tegengehouden, er is niets geschreven: {'; '.join(faults)}. "
            "Kijk naar de teksten in grondslag.toml, de laagbestanden en de naam van het gebied"
        )


def known_texts(release: Release) -> frozenset[str]:
    """Give the public names that may read as a person: of regions, such as P.C. Hooftbuurt, and codes of zones.

    Texts of layer files and of ``grondslag.toml`` are not among them: somebody wrote those.
    """
    from geoanalyse.products import kaart  # noqa: PLC0415 - folium

    return frozenset({*release.geography.regions.names, release.digest, release.zones_version, kaart.licences()})


def texts_of(name: str, content: bytes) -> Iterator[str]:
    """Read the texts of a finished file.

    Parameters
    ----------
    name : str
        File name; its suffix says how to read.
    content : bytes

    Yields
    ------
    str
        Pieces of running text: what is shown, what is spoken, metadata, and data that the page unpacks.

    Raises
    ------
    KeyError
        When no reader is known for the suffix, or for a block in a page: what is not read must not leave.

    Examples
    --------
    >>> list(texts_of("a.json", b'{"naam": ["x", 1]}'))
    ['naam', 'x']
    """
    yield from _READERS[PurePath(name).suffix](content)


def _of_csv(content: bytes) -> Iterator[str]:
    yield content.decode("utf-8-sig").replace(";", " ; ")


def _of_json(content: bytes) -> Iterator[str]:
    yield from _strings(json.loads(content))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


class _Page(HTMLParser):
    """Collects what a page shows, what it says to a screen reader, and its data blocks; not its programs and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.data: list[tuple[str, list[str]]] = []
        self._into: list[str] | None = self.texts

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.texts += [text for key, text in attrs if text and (key in _SPOKEN or key.startswith("data-"))]
        kind = named.get("type") or "text/javascript"
        if tag == "script" and kind not in _PROGRAMS:
            self._into = []
            self.data.append((kind, self._into))
        elif tag in {"script", "style"}:
            self._into = None

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._into = self.texts

    def handle_data(self, data: str) -> None:
        if self._into is not None and data.strip():
            self._into.append(data)


def _of_html(content: bytes) -> Iterator[str]:
    page = _Page()
    page.feed(content.decode())
    page.close()
    yield "\n".join(page.texts)
    for kind, parts in page.data:
        yield from _BLOCKS[kind]("".join(parts))


def _of_xlsx(content: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        for part in book.namelist():
            root = ET.fromstring(book.read(part))  # noqa: S314 - our own file of a moment ago
            yield "\n".join(text for text in root.itertext() if not text.isdigit())


def _of_gpkg(content: bytes) -> Iterator[str]:
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(content)
        tables = [
            name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0")
        ]
        for table in tables:
            for _, column, *_ in database.execute(f'PRAGMA table_info("{table}")').fetchall():
                query = f'SELECT DISTINCT "{column}" FROM "{table}" WHERE typeof("{column}") = \'text\''  # noqa: S608
                yield "\n".join(text for (text,) in database.execute(query))


def _of_parquet(content: bytes) -> Iterator[str]:
    table = pq.read_table(pa.BufferReader(content))
    for key, text in (table.schema.metadata or {}).items():
        yield from _of_json(text) if key == b"geo" else [text.decode()]
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_string(column.type):
            yield "\n".join([name, *pc.unique(column).drop_null().to_pylist()])


def _unread(_: bytes) -> Iterator[str]:
    return iter(())


_BLOCKS: dict[str, Callable[[str], Iterator[str]]] = {
    "application/json": lambda block: _strings(json.loads(block)),
    "application/octet-stream": lambda block: _strings(kaartmodel.unpack(block)[0]),  # the rest is columns of numbers
    "text/plain": lambda block: iter([block]),
}
"""Readers of the data blocks of a page, by the type that keeps a browser from running them."""

_READERS: dict[str, Callable[[bytes], Iterator[str]]] = {
    ".csv": _of_csv,
    ".gpkg": _of_gpkg,
    ".html": _of_html,
    ".json": _of_json,
    ".parquet": _of_parquet,
    ".pdf": _unread,
    ".xlsx": _of_xlsx,
}
