"""Files of a release, changed by somebody who knows how they are made and adjusts the manifest to match."""

import base64
import copy
import hashlib
import io
import json
import re
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from geoanalyse.products import kaartblok, kaartbron
from geoanalyse.products.containers import zip_parts

Header = dict[str, Any]


def signed(folder: Path) -> None:
    """Adjust the digests and lengths in the manifest to the files that lie there."""
    path = folder / "manifest.json"
    known = json.loads(path.read_text(encoding="utf-8"))
    for name in known["bestanden"]:
        content = (folder / name).read_bytes()
        known["bestanden"][name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    path.write_text(json.dumps(known, ensure_ascii=False, sort_keys=True, indent=2) + "\n", encoding="utf-8")


def in_map(change: Callable[[Header, list[np.ndarray]], object]) -> Callable[[Path], None]:
    """Change the header or a column of the map; all else of the page stays as it was."""

    def spoil(folder: Path) -> None:
        path = folder / "kaart.html"
        page = path.read_text(encoding="utf-8")
        found = re.search(kaartbron.DATA.format("([A-Za-z0-9+/=]*)"), page)
        assert found is not None
        header, columns = kaartblok.unpack(found[1])
        specs, fresh = copy.deepcopy(header["arrays"]), list(columns)
        change(header, fresh)
        raw = zlib.decompress(base64.b64decode(found[1]))
        at = 4 + struct.unpack_from("<I", raw)[0]
        parts = []
        for number, (spec, before, after) in enumerate(zip(specs, columns, fresh, strict=True)):
            size = _size(spec)
            own, at = raw[at : at + size], at + size
            if after is not before:
                header["arrays"][number], own = _stored(after)
            parts.append(own)
        encoded = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
        packed = base64.b64encode(zlib.compress(struct.pack("<I", len(encoded)) + encoded + b"".join(parts))).decode()
        path.write_text(page.replace(found[1], packed), encoding="utf-8")

    return spoil


def _size(spec: list[Any]) -> int:
    """Bytes of a column; one that follows from others has none."""
    sizes = {"s3": 2, "look": 0, "home": 0}
    return int(sizes.get(spec[0], int(spec[0][1]) if spec[0][1].isdigit() else 0) * spec[1])


def _stored(values: np.ndarray) -> tuple[list[Any], bytes]:
    kind, size = ("s3", 2) if values.dtype.kind == "f" else ("i4", 4)
    whole = kaartblok.three_digits(values) if kind == "s3" else values
    return [kind, len(values)], whole.astype(f"<i{size}").view(np.uint8).reshape(len(values), size).T.tobytes()


def column(name: str, change: Callable[[np.ndarray], np.ndarray], layer: str = "fiu-signalen", level: str = "res9"):  # noqa: ANN201 - as in_map
    """Change a column of one layer and level."""

    def spoil(header: Header, columns: list[np.ndarray]) -> None:
        entry = next(each for each in header["layers"] if each["id"] == layer)["levels"][level]
        columns[entry[name]] = change(columns[entry[name]].copy())

    return in_map(spoil)


def in_package(*statements: str) -> Callable[[Path], None]:
    """Run statements on the GeoPackage, without a trace in its pages."""

    def spoil(folder: Path) -> None:
        (path,) = folder.glob("*.gpkg")
        with closing(sqlite3.connect(path)) as database:
            # what GDAL adds to SQLite, which the triggers of a spatial index ask for
            for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
                database.create_function(name, 1, lambda _: 0)
            for statement in statements:
                database.execute(statement)
            database.commit()
            database.execute("VACUUM")

    return spoil


def in_text(name: str, old: str, new: str, count: int = 1) -> Callable[[Path], None]:
    """Replace a text in a file that is text itself."""

    def spoil(folder: Path) -> None:
        text = (folder / name).read_bytes().decode()
        assert old in text
        (folder / name).write_bytes(text.replace(old, new, count).encode())

    return spoil


def in_pattern(name: str, pattern: str, new: str) -> Callable[[Path], None]:
    """Replace the first text that fits a pattern."""

    def spoil(folder: Path) -> None:
        text = (folder / name).read_bytes().decode()
        changed, times = re.subn(pattern, new, text, count=1)
        assert times == 1
        (folder / name).write_bytes(changed.encode())

    return spoil


def in_workbook(change: Callable[[dict[str, bytes]], object]) -> Callable[[Path], None]:
    """Change parts of the workbook; the ZIP around them is as xlsxwriter makes it."""

    def spoil(folder: Path) -> None:
        path = folder / "signaallijst.xlsx"
        parts = zip_parts(path.read_bytes())
        change(parts)
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
            for name, part in parts.items():
                book.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
        path.write_bytes(target.getvalue())

    return spoil


def in_part(name: str, old: str, new: str) -> Callable[[Path], None]:
    """Replace a text in one part of the workbook."""

    def change(parts: dict[str, bytes]) -> None:
        assert old.encode() in parts[name], parts[name][:2000]
        parts[name] = parts[name].replace(old.encode(), new.encode(), 1)

    return in_workbook(change)


def in_manifest(change: Callable[[Header], object]) -> Callable[[Path], None]:
    """Change the manifest itself."""

    def spoil(folder: Path) -> None:
        path = folder / "manifest.json"
        known = json.loads(path.read_text(encoding="utf-8"))
        change(known)
        path.write_text(json.dumps(known, ensure_ascii=False, sort_keys=True, indent=2) + "\n", encoding="utf-8")

    return spoil
