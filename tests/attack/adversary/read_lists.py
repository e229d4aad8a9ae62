"""The list of signals as Excel and CSV, and lists of a holder."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.attack.adversary import declared
from tests.attack.adversary.harvest import Column, Harvest
from tests.attack.adversary.words import UNRELIABLE, WITHHELD

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_PROMPTS = ("prompt", "promptTitle", "error", "errorTitle")  # of what may be typed in a cell
_KINDS = {
    "zone": "zone",
    "middelgroot vak": "res9",
    "groot vak": "res8",
    "buurt": "buurt",
    "wijk": "wijk",
    "gemeente": "gemeente",
}


def read_csv(harvest: Harvest, file: str, data: bytes) -> None:
    """Read signaallijst.csv."""
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))
    _rows(harvest, file, rows[0], rows[1:])
    _order(harvest, file, rows[0], rows[1:])


def read_xlsx(harvest: Harvest, path: Path) -> None:
    """Read signaallijst.xlsx: every part of the package, sheet by sheet."""
    file = path.name
    with zipfile.ZipFile(path) as package:
        for name in package.namelist():
            if not declared.is_part(name):
                harvest.fault("T0", file, f"onderdeel dat niet is aangekondigd: {name}")
            if name.endswith((".xml", ".rels", ".vml")):
                for words in _words(package.read(name)):
                    harvest.text(file, words)
            if b'TargetMode="External"' in package.read(name):
                harvest.fault("T0", file, f"verwijzing naar buiten in {name}")
        if package.comment:
            harvest.fault("T0", file, "commentaar in het pakket")
        for sheet, rows, hidden in sheets(package):
            if hidden:
                harvest.fault("T0", file, f"verborgen: {sheet}")
            if rows and len(rows) > 1 and "Plek" in rows[1]:
                _rows(harvest, f"{file}:{sheet}", rows[1], rows[2:])


def sheets(package: zipfile.ZipFile) -> Iterator[tuple[str, list[list[str]], bool]]:
    """Give every sheet: its name, its cells as text, and whether something of it is hidden."""
    strings = []
    if "xl/sharedStrings.xml" in package.namelist():
        root = _xml(package.read("xl/sharedStrings.xml"))
        strings = ["".join(each.text or "" for each in entry.iter(f"{_MAIN}t")) for entry in root]
    book = _xml(package.read("xl/workbook.xml"))
    files = sorted(
        (name for name in package.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)),
        key=lambda name: int(re.findall(r"\d+", name)[0]),
    )
    for sheet, name in zip(book.iter(f"{_MAIN}sheet"), files, strict=False):
        root = _xml(package.read(name))
        hidden = sheet.get("state", "visible") != "visible" or any(
            each.get("hidden") == "1" for kind in ("row", "col") for each in root.iter(f"{_MAIN}{kind}")
        )
        rows: list[list[str]] = []
        for row in root.iter(f"{_MAIN}row"):
            cells: list[str] = []
            for cell in row.iter(f"{_MAIN}c"):
                column = _column(cell.get("r", "A"))
                cells += [""] * (column - len(cells))
                cells.append(_value(cell, strings))
                hidden |= cell.find(f"{_MAIN}f") is not None
            rows.append(cells)
        yield sheet.get("name", ""), rows, hidden


def _xml(data: bytes) -> ET.Element:
    """Read XML that declares no entities: what those stand for would be hidden text."""
    if b"<!ENTITY" in data:
        raise ValueError("het pakket verbergt tekst in entiteiten")
    return ET.fromstring(data)  # noqa: S314 - entities are refused above, and nothing is fetched


def _column(reference: str) -> int:
    number = 0
    for letter in re.match(r"[A-Z]+", reference)[0]:  # type: ignore[index]
        number = 26 * number + ord(letter) - 64
    return number - 1


def _value(cell: ET.Element, strings: Sequence[str]) -> str:
    found = cell.find(f"{_MAIN}v")
    if cell.get("t") == "s" and found is not None:
        return strings[int(found.text or 0)]
    if cell.get("t") == "inlineStr":
        return "".join(each.text or "" for each in cell.iter(f"{_MAIN}t"))
    return (found.text or "") if found is not None else ""


def _words(data: bytes) -> Iterator[str]:
    root = _xml(data)
    for element in root.iter():
        if element.text and element.text.strip() and not element.tag.endswith("}v"):
            yield element.text
        for name in (*("name", "title", "author", "oddFooter", "oddHeader"), *_PROMPTS):
            if element.get(name):
                yield str(element.get(name))


def _rows(harvest: Harvest, file: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Check the columns of a list, and keep the values in words of every layer."""
    layers = {layer.title: layer.id for layer in harvest.case.layers.values()}
    for name in head:
        if name not in declared.LIST_COLUMNS and name not in layers and name not in declared.TO_FILL_IN:
            harvest.fault("T0", file, f"kolom die niet is aangekondigd: {name}")
    place = {name: number for number, name in enumerate(head)}
    _answers(harvest, file, place, rows)
    filled = [row for row in rows if len(row) > place["Plek"] and row[place["Plek"]]]
    for row in filled:
        for words in row:
            harvest.text(file, words)
    by_level: dict[str, list[Sequence[str]]] = {}
    for row in filled:
        level = _KINDS.get(row[place["Soort plek"]])
        if level is None:
            harvest.fault("T0", file, "onbekende soort plek")
        else:
            by_level.setdefault(level, []).append(row)
    for level, found in by_level.items():
        units = [row[place["Plek"]] for row in found]
        for title, layer in layers.items():
            if title in place:
                own = [(u, row[place[title]]) for u, row in zip(units, found, strict=True) if len(row) > place[title]]
                own = [(unit, words) for unit, words in own if words and words not in {WITHHELD, UNRELIABLE}]
                harvest.columns.append(
                    Column(file, layer, level, "words", [unit for unit, _ in own], [words for _, words in own])
                )


def _answers(harvest: Harvest, file: str, place: Mapping[str, int], rows: Sequence[Sequence[str]]) -> None:
    """What is there to fill in is handed out empty."""
    for name in declared.TO_FILL_IN:
        number = place.get(name, len(place))
        if any(row[number:] and row[number] for row in rows):
            harvest.fault("T0", file, f"kolom om in te vullen is niet leeg: {name}")


def _order(harvest: Harvest, file: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Rows go by theme, gemeente, wijk, buurt and rank; within equal ranks by place. Nothing else orders them."""
    place = {name: number for number, name in enumerate(head)}
    keys = [
        (*(row[place[name]] for name in ("Gemeente", "Wijk", "Buurt")), int(row[place["Rang"]]), row[place["Plek"]])
        for row in rows
    ]
    themes = [row[place["Thema"]] for row in rows]
    for theme in dict.fromkeys(themes):
        own = [key for key, each in zip(keys, themes, strict=True) if each == theme]
        if own != sorted(own):
            harvest.fault("T12", file, "de volgorde volgt niet uit wat er staat")


def read_holder_list(path: Path) -> tuple[list[str], list[list[str]], list[str]]:
    """Read a list of a holder: names of columns, rows, and what is hidden or not declared."""
    strange = []
    with zipfile.ZipFile(path) as package:
        strange += [name for name in package.namelist() if not declared.is_part(name)]
        found = list(sheets(package))
    strange += [name for name, _, hidden in found if hidden]
    for _, rows, _ in found:
        for number, row in enumerate(rows):
            if "sleutel" in [each.strip().lower() for each in row]:
                head = [each.strip().lower() for each in row]
                return head, [each for each in rows[number + 1 :] if any(each)], strange
    return [], [], [*strange, "geen kolom sleutel"]
