"""The factsheets: text, also invisible text, metadata, colours and lengths of bars."""

import io
import re
from collections.abc import Iterable, Iterator

import numpy as np
import pypdf
from pypdf import PageObject
from pypdf.generic import DictionaryObject, NameObject, StreamObject

from tests.attack.adversary.explained import check_numbers
from tests.attack.adversary.harvest import Harvest
from tests.attack.adversary.published import NO_VALUE

_CELL = re.compile(r"\b8[0-9a-f]{14}\b")
_INVISIBLE = re.compile(rb"(?:^|[\s/])([37]) Tr\b")
_FORBIDDEN = {
    "/JS",
    "/JavaScript",
    "/Launch",
    "/EmbeddedFiles",
    "/AF",
    "/AcroForm",
    "/OCProperties",
    "/OpenAction",
    "/AA",
}
_CATALOG = {
    "/Type",
    "/Pages",
    "/Metadata",
    "/Lang",
    "/StructTreeRoot",
    "/MarkInfo",
    "/ViewerPreferences",
    "/Outlines",
    "/PageLabels",
    "/PageMode",
    "/Version",
    "/Extensions",
    "/Names",
    "/Dests",
    "/OutputIntents",
}
_METADATA = {
    *("/Title", "/Subject", "/Keywords", "/Author"),
    *("/Creator", "/Producer", "/ModDate", "/CreationDate"),
}
_COLOUR = re.compile(rb"((?:[\d.]+ ){0,2}[\d.]+) scn")
_RECTANGLE = re.compile(
    rb"((?:[\d.]+ ){0,2}[\d.]+) scn (-?[\d.]+) (-?[\d.]+) m (-?[\d.]+) (-?[\d.]+) l (-?[\d.]+) (-?[\d.]+) l "
    rb"(-?[\d.]+) (-?[\d.]+) l\s+h\s+f"
)
_GREYS = {"#eef0f3", "#c3cad8", "#f2f3f5", "#e4e6e9", "#55585c", "#1b1b1b", "#ffffff", "#000000"}


def read_pdf(harvest: Harvest, file: str, data: bytes) -> None:
    """Read a factsheet."""
    reader = pypdf.PdfReader(io.BytesIO(data))
    _document(harvest, file, reader)
    for number, page in enumerate(reader.pages, start=1):
        content = b"\n".join(_streams(page))
        text = _text(reader, page)
        harvest.text(file, text)
        if _INVISIBLE.search(content):
            harvest.fault("T0", file, f"onzichtbare tekst op bladzijde {number}")
        if "/Annots" in page:
            harvest.fault("T0", file, f"aantekeningen of koppelingen op bladzijde {number}")
        if _CELL.search(text):
            harvest.fault("T0", file, f"namen van zones op bladzijde {number}")
        harvest.fills += [(file, colour) for colour in _colours(content)]
        _bars(harvest, file, content)
        check_numbers(harvest, file, text)


def _document(harvest: Harvest, file: str, reader: pypdf.PdfReader) -> None:
    """Check what stands around the pages: parts, actions, attachments, metadata."""
    root = reader.trailer["/Root"]
    strange = [key for key in root if key not in _CATALOG]
    strange += [key for key in _keys(root, 6) if key in _FORBIDDEN]
    strange += [name for name in reader.metadata or {} if name not in _METADATA]
    for key in strange:
        harvest.fault("T0", file, f"onderdeel dat niet is aangekondigd: {key}")
    for words in (reader.metadata or {}).values():
        harvest.text(file, str(words))
    if "/Metadata" in root:
        harvest.text(file, _plain(root["/Metadata"].get_data().decode("utf-8", "replace")))


_DRAWN_TEXT = re.compile(rb"(?<![\w(\\\\])BT\b.*?\bET(?![\w)])", re.DOTALL)
_STATE = re.compile(rb"(?:(?<=\s)|^)(?:[qQ](?=\s|$)|(?:-?[\d.]+\s+){6}cm\b|/\w+ Do\b)")


def _text(reader: pypdf.PdfReader, page: pypdf.PageObject) -> str:
    """Read the text of a page; its lines and shapes are left out first, they are most of the work."""
    content = page.get_contents()
    if content is None:
        return ""
    data, kept, at = content.get_data(), list[bytes](), 0
    for found in _DRAWN_TEXT.finditer(data):
        _keep(kept, _STATE.findall(data[at : found.start()]))
        kept.append(found[0])
        at = found.end()
    _keep(kept, _STATE.findall(data[at:]))
    stream = StreamObject()
    stream.set_data(b"\n".join(kept))
    lean = PageObject(reader)
    lean.update({NameObject(key): page[key] for key in ("/Type", "/Resources", "/MediaBox") if key in page})
    lean[NameObject("/Contents")] = stream
    return lean.extract_text()


def _keep(kept: list[bytes], states: Iterable[bytes]) -> None:
    """Add changes of state, but not what was saved and restored around nothing."""
    for state in states:
        if state == b"Q":
            at = len(kept) - 1
            while at >= 0 and kept[at].endswith(b"cm"):
                at -= 1
            if at >= 0 and kept[at] == b"q":
                del kept[at:]
                continue
        kept.append(state)


def _keys(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, DictionaryObject):
        for key in value:
            yield str(key)
            if depth and key not in {"/Parent", "/StructTreeRoot", "/P", "/Pg"}:
                yield from _keys(value[key], depth - 1)
    elif isinstance(value, list) and depth:
        for each in value:
            yield from _keys(each.get_object() if hasattr(each, "get_object") else each, depth - 1)


def _plain(xml: str) -> str:
    return re.sub(r"<[^>]+>", " ", xml)


def _streams(page: pypdf.PageObject) -> Iterator[bytes]:
    """Give what a page draws, forms inside it included."""
    content = page.get_contents()
    if content is not None:
        yield content.get_data()
    yield from _forms(page.get("/Resources"), 3)


def _forms(resources: object, depth: int) -> Iterator[bytes]:
    resources = resources.get_object() if hasattr(resources, "get_object") else resources
    if not isinstance(resources, DictionaryObject) or not depth:
        return
    for entry in (resources.get("/XObject") or {}).values():
        form = entry.get_object()
        if isinstance(form, StreamObject) and form.get("/Subtype") == "/Form":
            yield form.get_data()
            yield from _forms(form.get("/Resources"), depth - 1)


def _colours(content: bytes) -> set[str]:
    found = set()
    for words in set(_COLOUR.findall(content)):
        parts = [round(255 * float(part)) for part in words.split()]
        parts = parts * 3 if len(parts) == 1 else parts
        found.add("#" + "".join(f"{part:02x}" for part in parts))
    return found


def known_colours(harvest: Harvest, palette: Iterable[str]) -> None:
    """Say which colours the factsheets use beside those of the legend: a continuous colour is the value itself."""
    known = set(palette) | _GREYS
    for file, colour in harvest.fills:
        if colour not in known:
            harvest.fault("T14", file, "een kleur die niet in de legenda staat")


# --- bars -------------------------------------------------------------------------------------------------------------


def _bars(harvest: Harvest, file: str, content: bytes) -> None:
    """The height of every bar of a chart must follow from the published series."""
    for span in re.split(rb"/Alt\s*\(", content)[1:]:
        words = span.split(b")")[0].decode("latin-1")
        layer = next((each for each in harvest.case.layers.values() if f"Grafiek: {each.title} per " in words), None)
        if layer is None:
            continue
        body = span.split(b"EMC")[0]
        bars = [
            tuple(float(part) for part in match[1:])
            for match in (found.groups() for found in _RECTANGLE.finditer(body))
        ]
        thin = [bar for bar in bars if abs(bar[5] - bar[1]) == 30]
        axis = re.findall(rb"(-?[\d.]+) m -?[\d.]+ (-?[\d.]+) l\s+S", body)
        level = max((float(y) for start, y in axis if start == y), default=None)
        if level is None or not thin:
            continue
        heights = level - np.array([(bar[1] + bar[5]) / 2 for bar in thin])
        if not any(_proportional(heights, values) for values in _sums(harvest, layer.id)):
            harvest.fault("T5", file, f"{layer.id}: staven volgen niet uit de tabel")


def _sums(harvest: Harvest, layer: str) -> Iterator[np.ndarray]:
    """Give the sums of the separate series of a layer per level, in the order of time."""
    table = harvest.table
    per_level: dict[str, dict[object, int]] = {}
    for (name, level, window), rows in table.groups.items():
        if name == layer and window != table.period:
            own = [row for row in rows.tolist() if table.rounding[row] == "apart" and table.value[row] != NO_VALUE]
            per_level.setdefault(level, {})[window] = int(table.value[own].sum())
    for sums in per_level.values():
        yield np.array([value for _, value in sorted(sums.items())], dtype=float)


def _proportional(heights: np.ndarray, values: np.ndarray) -> bool:
    if len(heights) != len(values):
        return False
    scale = float(values @ heights) / max(float(values @ values), 1.0)
    return bool(np.abs(heights - scale * values).max() <= 2)
