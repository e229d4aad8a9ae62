"""kaart.html: the page, its scripts, and the packed block of figures."""

import base64
import binascii
import hashlib
import json
import re
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.attack.adversary import declared, expected, scores
from tests.attack.adversary.harvest import Column, Harvest, leaves, strings
from tests.attack.adversary.published import NO_VALUE

_LOADING = {"src", "href", "srcset", "action", "formaction", "data", "poster", "background", "ping", "xlink:href"}
_CSS_LOADS = re.compile(r"@import|url\(\s*['\"]?(?!data:|#)", re.IGNORECASE)
_NO_IMAGES = re.compile(r"default-src 'none'.*img-src (?:data:|blob:|\s)+(?:;|$)")
_POINTS = re.compile(r"url\(\s*(?!#)|https?:|javascript:", re.IGNORECASE)
_NUMBERS_IN_PAGE = re.compile(r"\d+")


class Page(HTMLParser):
    """Tags, attributes and texts of a page; scripts and styles by themselves."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, dict[str, str]]] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.raw: list[tuple[str, dict[str, str], str]] = []
        self.words: list[str] = []
        self.comments: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        self.tags.append((tag, known))
        if tag in {"script", "style"}:
            self.open.append((tag, known))
            self.raw.append((tag, known, ""))

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1][0] == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open:
            tag, known, before = self.raw.pop()
            self.raw.append((tag, known, before + data))
        elif data.strip():
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def read_page(harvest: Harvest, file: str, text: str, *, drawn: bool = False) -> Page:
    """Read a page and check that it loads nothing and has only declared tags and attributes, of drawings if `drawn`."""
    page = Page()
    page.feed(text)
    page.close()
    for tag, known in page.tags:
        in_drawing = drawn and tag in declared.SVG
        if tag not in declared.HTML_TAGS and not in_drawing:
            harvest.fault("T0", file, f"onbekend element <{tag}>")
        if tag == "meta" and known.get("http-equiv", "").lower() == "refresh":
            harvest.fault("T0", file, "de pagina laadt een andere pagina")
        for name, value in known.items():
            if in_drawing and name in declared.SVG[tag] and not _POINTS.search(value):
                harvest.text(file, value if name == "aria-label" else "")
                continue
            _attribute(harvest, file, f"<{tag} {name}>", name, value)
    policy = " ".join(known.get("content", "") for tag, known in page.tags if tag == "meta")
    for tag, _, content in page.raw:
        if tag == "style" and _CSS_LOADS.search(content) and not _NO_IMAGES.search(policy):
            harvest.fault("T0", file, "een stijlblad haalt iets op")
    if page.comments:
        harvest.fault("T0", file, "commentaar in de pagina")
    for words in (*page.comments, *page.words):
        harvest.text(file, words)
    return page


def _attribute(harvest: Harvest, file: str, where: str, name: str, value: str) -> None:
    if name in _LOADING:
        if not value.startswith(("#", "data:")):
            harvest.fault("T0", file, f"{where} haalt iets op")
        return
    if name == "style" and _CSS_LOADS.search(value):
        harvest.fault("T0", file, f"{where} haalt iets op")
    elif name != "style" and name not in declared.HTML_ATTRIBUTES and not name.startswith("aria-"):
        harvest.fault("T0", file, f"onbekend kenmerk {where}")
    harvest.text(file, value)


def read_map(harvest: Harvest, file: str, data: bytes) -> None:
    """Read the map."""
    text = data.decode("utf-8")
    page = read_page(harvest, file, text)
    blocks = [content for tag, known, content in page.raw if known.get("id") == "gegevens" and tag == "script"]
    policy = [
        known.get("content", "") for tag, known in page.tags if known.get("http-equiv") == "Content-Security-Policy"
    ]
    if len(policy) != 1 or not policy[0].startswith("default-src 'none'"):
        harvest.fault("T0", file, "geen beleid dat ophalen verbiedt")
    elif "connect-src" in policy[0] or re.search(r"img-src[^;]*https?:", policy[0]):
        _allowed_host(harvest, file, policy[0])
    _constant_parts(harvest, file, page, text, blocks)
    if len(blocks) != 1:
        harvest.fault("T0", file, "niet precies één blok met gegevens")
        return
    try:
        header, columns = unpack(blocks[0])
    except (binascii.Error, zlib.error, ValueError, struct.error):
        harvest.fault("T0", file, "het blok met gegevens is niet te lezen")
        return
    _header(harvest, file, header, columns)
    for words in strings(header):
        harvest.text(file, words)
    _figures(harvest, file, header, columns)
    scores.check(harvest, file, header, columns, lambda number: _names(header, columns, number))
    expected.check(harvest, file, header, columns, lambda number: _names(header, columns, number))
    _series(harvest, file, header, columns)
    _drawn(harvest, file, header, columns)


def _allowed_host(harvest: Harvest, file: str, policy: str) -> None:
    """Accept one host in the policy: the one that the manifest names for the background."""
    host = str(harvest.manifest.get("ondergrond", ""))
    for found in re.findall(r"https?://[\w.-]+", policy):
        if not host or found.split("//")[1] not in host:
            harvest.fault("T0", file, "het beleid laat een adres toe dat het manifest niet noemt")


def _constant_parts(harvest: Harvest, file: str, page: Page, text: str, blocks: Sequence[str]) -> None:
    """Keep digests of the parts that no release may change: scripts, styles, and the page without its data."""
    for number, (tag, known, content) in enumerate(page.raw):
        if known.get("id") != "gegevens":
            harvest.fixed[f"{file} {tag} {number}"] = hashlib.sha256(content.encode()).hexdigest()
    shell = text
    titles = [words for words in page.words if words.strip() and words in text][:400]
    for part in (*blocks, *(str(harvest.manifest.get("gebied", {}).get("titel", "")),)):
        shell = shell.replace(part, "") if part else shell
    harvest.fixed[f"{file} pagina"] = hashlib.sha256(shell.encode()).hexdigest()
    for words in titles:
        known_title = str(harvest.manifest.get("gebied", {}).get("titel", ""))
        rest = words.replace(known_title, "") if known_title else words
        if _NUMBERS_IN_PAGE.search(rest):
            harvest.fault("T0", file, "een getal in de vaste tekst van de pagina")


# --- the block --------------------------------------------------------------------------------------------------------


def unpack(text: str) -> tuple[dict[str, Any], list[npt.NDArray[Any]]]:
    """Read the block: header and columns, after docs/kaart.md."""
    raw = zlib.decompress(base64.b64decode(text.strip(), validate=True))
    length = struct.unpack_from("<I", raw)[0]
    header = json.loads(raw[4 : 4 + length].decode("utf-8"))
    at, columns = 4 + length, []
    for kind, count, *more in header["arrays"]:
        if kind in ("look", "home"):
            columns.append(_derived(kind, [columns[number] for number in (count, *more)]))
            continue
        size = 2 if kind == "s3" else int(kind[1])
        planes = np.frombuffer(raw, np.uint8, size * count, at).reshape(size, count)
        numbers = np.ascontiguousarray(planes.T).view(f"<i{size}").ravel().astype(np.int64)
        at += size * count
        if kind == "s3":
            columns.append(_three_digits(numbers))
        elif kind[0] == "d":
            columns.append((np.cumsum(numbers) + 2**31) % 2**32 - 2**31)
        else:
            columns.append(numbers)
    if at != len(raw):
        raise ValueError("bytes na de laatste kolom")
    return header, columns


def _derived(kind: str, given: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """Columns without bytes of their own: rows looked up in a table, or the unit of each cell by way of its name."""
    if kind == "look":
        index, table = given
        return table[index]
    offset, none, high, low = given
    names = ((high & 0xFFFFFFFF).astype(object) << 32) | (low & 0xFFFFFFFF).astype(object)
    owned = none >= 0
    homes = names[(np.arange(len(offset)) + offset)[owned]]
    rank = {name: number for number, name in enumerate(sorted(set(homes)))}
    units = none.copy()
    units[owned] = [rank[name] for name in homes]
    return units


def _three_digits(codes: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    below = codes < -1  # a negative number has -1 minus the code of its opposite
    rest = np.maximum(np.where(below, -1 - codes, codes) - 1, 0)
    numbers = np.where(below, -1.0, 1.0) * (100 + rest % 900) * 10.0 ** (rest // 900 - 14)
    return np.where(codes == -1, np.nan, np.where(codes == 0, 0.0, numbers))


def _header(harvest: Harvest, file: str, header: Mapping[str, Any], columns: Sequence[npt.NDArray[Any]]) -> None:
    used = {number for kind, *of in header["arrays"] if kind in ("look", "home") for number in of}
    for path, value in leaves(header, declared.MAP_FREE):
        kind = declared.MAP.get(path)
        if kind is None:
            harvest.fault("T0", file, f"niet aangekondigd: {path}")
        elif kind == "kolom" or (kind == "kolom of code" and isinstance(value, int)):
            used.add(int(value))
    if used != set(range(len(columns))):
        harvest.fault("T0", file, f"{len(set(range(len(columns))) - used)} kolommen waar niets naar verwijst")


def _names(header: Mapping[str, Any], columns: Sequence[npt.NDArray[Any]], number: int) -> list[str]:
    ids = header["unit_sets"][number]["ids"]
    if ids and isinstance(ids[0], int):
        high, low = (columns[each].astype(np.int64) & 0xFFFFFFFF for each in ids)
        return [f"{(one << 32) | other:x}" for one, other in zip(high.tolist(), low.tolist(), strict=True)]
    return list(ids)


def _figures(harvest: Harvest, file: str, header: Mapping[str, Any], columns: Sequence[npt.NDArray[Any]]) -> None:
    for layer in header["layers"]:
        for level, figures in layer["levels"].items():
            units = _names(header, columns, figures["units"])
            composite = layer["id"].startswith("thema:")
            if units != sorted(units):
                harvest.fault("T12", file, f"{layer['id']} {level}: eenheden niet op naam")
            for name in (*declared.MAP_FIELDS, *declared.MAP_FLOATS):
                numbers = columns[figures[name]]
                if len(numbers) != len(units):
                    harvest.fault("T0", file, f"{layer['id']} {level} {name}: ander aantal dan eenheden")
                    continue
                values = _values(name, numbers)
                if composite and name in {"value", "low", "high", "rate_mean", "rate_low", "rate_high", "p_double"}:
                    if any(value is not None for value in values):
                        harvest.fault("T0", file, f"{layer['id']} {level} {name}: een totaalbeeld heeft dit niet")
                    continue
                harvest.columns.append(Column(file, layer["id"], level, name, units, values))


def _values(name: str, numbers: npt.NDArray[Any]) -> list[Any]:
    if name == "status":
        return [declared.STATUSES[number] if 0 <= number < 4 else f"?{number}" for number in numbers.tolist()]
    if name == "hotspot":
        return [None if n == -1 else declared.HOTSPOTS[n] if 0 <= n < 3 else f"?{n}" for n in numbers.tolist()]
    if name in {"ratio", "rate_mean", "rate_low", "rate_high"}:
        return [None if number != number else number for number in numbers.tolist()]  # noqa: PLR0124 - nan
    return [None if number == -1 else number for number in numbers.tolist()]


def _series(harvest: Harvest, file: str, header: Mapping[str, Any], columns: Sequence[npt.NDArray[Any]]) -> None:
    """Every figure of a series must follow from its value in the table; -1 is no data, -2 is not shown."""
    table = harvest.table
    for layer, series in header["series"].items():
        codes = [header["regions"][number][0] for number in columns[series["regions"]].tolist()]
        starts = [start for start, _ in series["windows"]]
        shape = (len(codes), len(starts))
        values = columns[series["values"]].reshape(shape)
        known = {
            (table.unit[row], table.start[row].isoformat()): row
            for (name, _, window), rows in table.groups.items()
            if name == layer and window != table.period
            for row in rows.tolist()
        }
        derived = ("class", "ratio", "rate_mean", "rate_low", "rate_high")
        figures = np.stack([columns[series[name]].astype(float).reshape(shape) for name in derived], axis=-1)
        low, high = (columns[series[name]].reshape(shape) for name in ("low", "high"))
        seen: dict[tuple[object, ...], str] = {}
        for at, value in np.ndenumerate(values):
            row = known.get((codes[at[0]], starts[at[1]]))
            if max(value, NO_VALUE) != (NO_VALUE if row is None else table.value[row]):
                harvest.fault("T0", file, f"{layer}: een reeks wijkt af van de tabel")
            if row is None or table.value[row] == NO_VALUE:
                if (low[at], high[at]) != (NO_VALUE, NO_VALUE) or figures[at][0] != NO_VALUE:
                    harvest.fault("T0", file, f"{layer}: een reeks met een cijfer waar er geen is")
                continue
            narrow = min(int(table.base[row]) - 1, int(table.addresses[row]))
            if low[at] > value or (high[at] != NO_VALUE and (high[at] < value or high[at] - low[at] < narrow)):
                harvest.fault("T13", file, f"{layer}: een marge in een reeks is te smal")
            same = tuple(int(column[row]) for column in (table.addresses, table.base, table.atoms, table.value))
            alike = (table.level[row], table.status[row], *same)
            if seen.setdefault(alike, repr(figures[at].tolist())) != repr(figures[at].tolist()):
                harvest.fault("T0", file, f"{layer}: een cijfer in een reeks volgt niet uit de tabel")
        _changes(harvest, file, layer, values, [columns[number] for number in series["changes"]])


def _changes(
    harvest: Harvest, file: str, layer: str, values: npt.NDArray[Any], changes: Sequence[npt.NDArray[Any]]
) -> None:
    """What is said to have risen or fallen must have done so in the table."""
    earlier, later, region = changes
    row = np.abs(region) - 1
    before, after = values[row, earlier], values[row, later]
    if (before < 0).any() or (after < 0).any() or (np.sign(after - before) != np.sign(region)).any():
        harvest.fault("T0", file, f"{layer}: een verschil dat niet uit de reeks volgt")


def _drawn(harvest: Harvest, file: str, header: Mapping[str, Any], columns: Sequence[npt.NDArray[Any]]) -> None:
    """The cells of a zone or region on the map must be those of the public files."""
    case, version = harvest.case, harvest.table.version
    high, low = (columns[each].astype(np.int64) & 0xFFFFFFFF for each in header["lattices"]["10"]["cells"])
    cells = ((high << 32) | low).astype(np.uint64)
    region = case.regions.of(cells)
    for number, units in enumerate(header["unit_sets"]):
        of_cell, names = columns[units["of_cell"]], _names(header, columns, number)
        if units["level"] == "zone" and version in case.zones:
            zones = case.zones[version][units["base"]]
            own = zones.zone_of(cells)
            right: Iterable[str] = (zones.ids[zone] if zone >= 0 else "" for zone in own.tolist())
        elif units["level"] in {"buurt", "wijk"}:
            at = case.regions.at(units["level"])
            right = (case.regions.codes[at[each]] if each >= 0 and at[each] >= 0 else "" for each in region.tolist())
        else:
            continue
        wrong = sum(unit >= 0 and names[unit] != name for unit, name in zip(of_cell.tolist(), right, strict=True))
        if wrong:
            harvest.fault("T0", file, f"{units['level']}: {wrong} cellen getekend bij een andere eenheid")
