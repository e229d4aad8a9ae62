"""Reads every file of a release into one harvest."""

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from tests.attack.adversary import declared, space
from tests.attack.adversary.case import Case, Folder
from tests.attack.adversary.explained import check_figure, check_numbers, without_marks
from tests.attack.adversary.harvest import Drawn, Harvest, leaves, read_json, strings
from tests.attack.adversary.published import read_table
from tests.attack.adversary.read_gpkg import read_gpkg
from tests.attack.adversary.read_lists import read_csv, read_xlsx
from tests.attack.adversary.read_map import read_map, read_page, unpack
from tests.attack.adversary.read_pdf import known_colours, read_pdf

_DIGEST = re.compile(r"(?<![0-9a-zA-Z+/])(?:[0-9a-f]{32,128}|[0-9A-F]{32,128}|[A-Za-z0-9+/]{43}=)(?![0-9a-zA-Z+/=])")


def read_account(harvest: Harvest, path: Path) -> None:
    """Read verantwoording.html: words and constants, no script."""
    page = read_page(harvest, path.name, path.read_text(encoding="utf-8"))
    if any(tag == "script" for tag, _, _ in page.raw):
        harvest.fault("T0", path.name, "een script in de verantwoording")


def read_sheet(harvest: Harvest, path: Path) -> None:
    """Read the offline page of a factsheet: words, drawings, no script."""
    page = read_page(harvest, path.name, path.read_text(encoding="utf-8"), drawn=True)
    if any(tag == "script" for tag, _, _ in page.raw):
        harvest.fault("T0", path.name, "een script in een factsheet")
    policy = [known.get("content", "") for tag, known in page.tags if known.get("http-equiv")]
    if len(policy) != 1 or not policy[0].startswith("default-src 'none'") or "http" in policy[0]:
        harvest.fault("T0", path.name, "geen beleid dat ophalen verbiedt")
    for _, known in page.tags:
        harvest.fills += [(path.name, known[name]) for name in ("fill",) if known.get(name, "").startswith("#")]
    check_numbers(harvest, path.name, " ".join(page.words))


READERS: Mapping[str, Callable[[Harvest, Path], None]] = {
    "kaart.html": lambda harvest, path: read_map(harvest, path.name, path.read_bytes()),
    "*.gpkg": read_gpkg,
    "signaallijst.csv": lambda harvest, path: read_csv(harvest, path.name, path.read_bytes()),
    "signaallijst.xlsx": read_xlsx,
    "factsheet-*.pdf": lambda harvest, path: read_pdf(harvest, path.name, path.read_bytes()),
    "factsheet-*.html": read_sheet,
    "verantwoording.html": read_account,
}
"""Readers by the name of the file; the map and the GeoPackage first, since they explain numbers of the others."""


def read_release(case: Case, release: Folder) -> Harvest:
    """Read every file of a release."""
    folder = release.path
    harvest = Harvest(case, release, read_table(folder / "zones.parquet"))
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not declared.FILES.fullmatch(name):
            harvest.fault("T0", name, "bestand dat niet is aangekondigd")
            harvest.text(name, path.read_bytes().decode("utf-8", "replace"))
    if (folder / "manifest.json").exists():
        _manifest(harvest, folder / "manifest.json")
    _parquet(harvest, folder / "zones.parquet")
    _boxes(harvest, folder / "zones.parquet")
    for pattern, reader in READERS.items():
        for path in sorted(folder.glob(pattern)):
            reader(harvest, path)
    known_colours(harvest, _palette(folder))
    _sentences(harvest)
    for file, text in harvest.texts:
        if file.startswith(("signaallijst", "verantwoording")):
            check_numbers(harvest, file.split(":")[0], text)
    return harvest


def _palette(folder: Path) -> set[str]:
    """Give the colours that the legend of the map names."""
    page = folder / "kaart.html"
    found = (
        re.search(r'id="gegevens">([A-Za-z0-9+/=\s]+)<', page.read_text(encoding="utf-8")) if page.exists() else None
    )
    return {words for words in strings(unpack(found[1])[0]["colours"]) if words.startswith("#")} if found else set()


def _manifest(harvest: Harvest, path: Path) -> None:
    content = read_json(path.read_bytes())
    harvest.manifest = content
    for where, value in leaves(content, declared.MANIFEST_FREE):
        if where not in declared.MANIFEST:
            harvest.fault("T0", path.name, f"niet aangekondigd: {where}")
        said = without_marks(harvest, value) if isinstance(value, str) and where.startswith("zinnen.") else value
        if isinstance(said, str) and where not in declared.DIGESTS and _DIGEST.search(said):
            harvest.fault("T13", path.name, f"een vingerafdruk van iets anders: {where}")
    for name, entry in content.get("bestanden", {}).items():
        file = path.with_name(name)
        if not file.exists() or hashlib.sha256(file.read_bytes()).hexdigest() != entry["sha256"]:
            harvest.fault("T0", path.name, f"de vingerafdruk van {name} klopt niet")
    named = set(content.get("bestanden", {})) | {path.name}
    for other in path.parent.iterdir():
        if other.name not in named:
            harvest.fault("T0", path.name, f"{other.name} staat er niet in")
    for words in strings(content):
        harvest.text(path.name, words)


def _sentences(harvest: Harvest) -> None:
    """Look at the sentences of the manifest and the figures behind them as at those on paper."""
    for listed in harvest.manifest.get("zinnen", {}).values():
        for sentence in listed:
            check_numbers(harvest, "manifest.json", sentence["tekst"])
            for figure in sentence.get("cijfers", ()):
                check_figure(harvest, "manifest.json", figure["waarde"])


def _parquet(harvest: Harvest, path: Path) -> None:
    schema = pq.read_schema(path)
    for field in schema:
        if declared.PARQUET.get(field.name) != str(field.type):
            harvest.fault("T0", path.name, f"kolom die niet is aangekondigd: {field.name}")
            if field.name not in declared.PARQUET:
                for value in set(map(str, pq.read_table(path, columns=[field.name])[0].to_pylist())):
                    harvest.text(path.name, value)
    marks = {key.decode().removeprefix("geoanalyse:"): words for key, words in (schema.metadata or {}).items()}
    for key, words in marks.items():
        if key not in declared.PARQUET_MARKS:
            harvest.fault("T0", path.name, f"metagegeven dat niet is aangekondigd: {key}")
        if key != "geo":
            harvest.text(path.name, words.decode("utf-8", "replace"))
        elif set(read_json(words)) - {"version", "primary_column", "columns"}:
            harvest.fault("T0", path.name, "metagegeven dat niet is aangekondigd in geo")
    kept = set(pq.ParquetFile(path).metadata.metadata or {}) - {b"ARROW:schema"}
    if kept - set(schema.metadata or {}):
        harvest.fault("T0", path.name, "verborgen metagegevens")
    _shapes_and_texts(harvest, path.name)


def _boxes(harvest: Harvest, path: Path) -> None:
    """Work out the box around every shape: a box that is another, or stands where there is no shape, may tell."""
    for shape, box in zip(harvest.table.shape, pq.read_table(path, columns=["bbox"])["bbox"].to_pylist(), strict=True):
        if (shape is None) != (box is None):
            harvest.fault("T0", path.name, "een omhullende zonder vorm, of een vorm zonder omhullende")
        elif shape is not None:
            corners = space.vertices(space.read_wkb(shape))
            sides = np.concatenate([_outward(corners.min(axis=0), -1), _outward(corners.max(axis=0), 1)])
            if list(box.values()) != sides.tolist():
                harvest.fault("T0", path.name, "een omhullende die niet om de vorm past")


def _outward(point: npt.NDArray[np.float64], step: int) -> npt.NDArray[np.float32]:
    near = point.astype(np.float32)
    return np.where(step * (near - point) < 0, np.nextafter(near, np.float32(step * np.inf)), near)


def _shapes_and_texts(harvest: Harvest, file: str) -> None:
    table = harvest.table
    shapes = dict.fromkeys(zip(table.level, table.unit, table.shape, strict=True))
    for level, unit, shape in shapes:
        if shape is not None:
            harvest.drawn.append(Drawn(file, level, unit, space.read_wkb(shape)))
    for texts in (table.layer, table.level, table.unit, table.status, table.basis, table.region):
        for words in set(texts):
            harvest.text(file, words)
