"""Faults in products: each knows the raw counts, or says something about the raw input."""

import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from tests.attack.patching import Original, Patches, RawSide, unit_of, with_values, wrapped


def raw_tooltip() -> Patches:
    """The map shows the exact count of a place that is pointed at."""
    raw = RawSide()
    yield raw.watching

    def make(original: Original) -> Original:
        def map_html(release: object, *others: object) -> object:
            exact = raw.exact()
            return original(with_values(release, lambda row: exact.get(unit_of(row), row["value"])), *others)

        return map_html

    yield wrapped("products.kaart.map_html", make)


def gi_from_raw() -> Patches:
    """Hot spots are looked for in the exact counts; only the class is shown."""
    raw = RawSide()
    yield raw.watching

    def make(original: Original) -> Original:
        def statistics(protected: object, reference: object, *others: object) -> object:
            exact = raw.exact()

            def seen(published: object) -> object:
                return with_values(
                    published, lambda row: exact[unit_of(row)] if row["rounding"] == "zone" else row["value"]
                )

            table, *rest = original(protected, reference, *others)
            from_raw, *_ = original(seen(protected), seen(reference), *others)
            place = table.schema.get_field_index("hotspot")
            return table.set_column(place, "hotspot", from_raw["hotspot"]), *rest

        return statistics

    yield wrapped("stats.statistics", make)


def gi_three_decimals() -> Patches:
    """The GeoPackage holds the z-score of every zone, with three decimals."""
    raw = RawSide()
    yield raw.watching

    def make(original: Original) -> Original:
        def geopackage(release: Any, path: Path) -> None:  # noqa: ANN401
            original(release, path)
            with _changing(path) as database:
                for layer in release.layers:
                    if str(layer.atom) == "zone":
                        _add_scores(database, layer, release.geography.zones.base[layer.base], raw.exact())

        return geopackage

    yield wrapped("products.gis.geopackage", make)


def _add_scores(database: sqlite3.Connection, layer: Any, zone_set: object, exact: dict[Any, int]) -> None:  # noqa: ANN401
    from geoanalyse import stats  # noqa: PLC0415
    from geoanalyse.stats import graph, local  # noqa: PLC0415

    table, column = f"zones_{layer.base}", f"{layer.id.replace('-', '_')}_gi"
    zones = [zone for (zone,) in database.execute(f'SELECT zone FROM "{table}" ORDER BY zone')]  # noqa: S608
    counts = np.array([exact[(layer.id, "zone", zone)] for zone in zones], dtype=float)
    touching = graph.from_pairs(stats.neighbour_pairs("zone", zones, zone_set), len(zones))
    score = np.round(np.nan_to_num(local.gi_star(counts, graph.with_self(touching))), 3)
    database.execute(f'ALTER TABLE "{table}" ADD COLUMN "{column}" REAL')
    statement = f'UPDATE "{table}" SET "{column}" = ? WHERE zone = ?'  # noqa: S608
    database.executemany(statement, zip(score.tolist(), zones, strict=True))


def hidden_table() -> Patches:
    """A table that no GIS shows, since it is not in the list of contents, holds the exact counts."""
    raw = RawSide()
    yield raw.watching

    def make(original: Original) -> Original:
        def geopackage(release: object, path: Path) -> None:
            original(release, path)
            with _changing(path) as database:
                database.execute("CREATE TABLE werk (laag TEXT, niveau TEXT, plek TEXT, aantal INTEGER)")
                rows = [(*unit, number) for unit, number in raw.exact().items()]
                database.executemany("INSERT INTO werk VALUES (?, ?, ?, ?)", rows)

        return geopackage

    yield wrapped("products.gis.geopackage", make)


@contextmanager
def _changing(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a GeoPackage for changes; its triggers name functions of GDAL that are not needed for these."""
    with closing(sqlite3.connect(path)) as database:
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            database.create_function(name, 1, lambda _: 0)
        yield database
        database.commit()
        database.execute("VACUUM")


def pdf_layer() -> Patches:
    """A factsheet carries text that is not drawn: the exact counts behind the map."""
    raw = RawSide()
    yield raw.watching

    def make(original: Original) -> Original:
        def pdf(made: object) -> bytes:
            lines = [f"{zone} {number}" for (_, level, zone), number in raw.exact().items() if level == "zone"]
            return _with_hidden_text(original(made), lines)

        return pdf

    yield wrapped("products.factsheet.pdf", make)


def _with_hidden_text(content: bytes, lines: list[str]) -> bytes:
    import pikepdf  # noqa: PLC0415

    name = pikepdf.Name
    with pikepdf.open(io.BytesIO(content)) as document:
        font = pikepdf.Dictionary(Type=name.Font, Subtype=name.Type1, BaseFont=name.Helvetica)
        page = document.pages[0]
        known = page.add_resource(document.make_indirect(font), name.Font)
        shown = "\n".join(f"({line}) Tj T*" for line in lines)
        text = f"q BT {known} 1 Tf 1 TL 3 Tr 10 800 Td {shown} ET Q"  # 3 Tr: neither filled nor stroked
        page.contents_add(document.make_stream(text.encode()))
        written = io.BytesIO()
        document.save(written, deterministic_id=True)
    return written.getvalue()


def plain_digest() -> Patches:
    """The manifest names the digest of each input file, so that who guesses a file can check the guess."""
    raw = RawSide()
    yield raw.watching

    def make(original: Original) -> Original:
        def manifest(*args: object, **options: object) -> bytes:
            content = json.loads(original(*args, **options))
            files = raw.prepared.source.report["invoer"]["bestanden"]
            content["invoer"] = {file["bestand"]: file["sha256"] for file in files}
            return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True).encode()

        return manifest

    yield wrapped("products.verantwoording.manifest", make)
