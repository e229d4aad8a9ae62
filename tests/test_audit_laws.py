"""Each law of the published table, broken on purpose: the verifier names it, and names none on a sound table."""

import dataclasses
import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from geoanalyse import rounding
from geoanalyse.geography import Regions
from geoanalyse.products.audit import audit, laws, settings, table
from geoanalyse.products.audit.table import TableError
from geoanalyse.products.gis import zones_parquet
from geoanalyse.release import Release
from tests.small import small_release

Row = dict[str, Any]
Rows = list[Row]
Spoil = Callable[[Rows], Rows]
TODAY = dt.date(2026, 11, 23)
PROFILES = ("casustafel", "streng", "openbaar")


@pytest.fixture(scope="module")
def release() -> Release:
    return small_release()


@pytest.fixture(scope="module")
def whole(release: Release) -> pa.Table:
    return pq.read_table(io.BytesIO(zones_parquet(release)))


@pytest.fixture(scope="module")
def regions(release: Release) -> Regions:
    return release.geography.regions


def faults(spoiled: pa.Table, regions: Regions, folder: Path) -> tuple[str, ...]:
    path = folder / "zones.parquet"
    pq.write_table(spoiled, path, compression="zstd")
    return audit(path, regions, TODAY).faults


def written(rows: Rows, like: pa.Table) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=like.schema)


def some(**wanted: object) -> Callable[[Row], bool]:
    return lambda row: all(row[name] == value for name, value in wanted.items())


def first(where: Callable[[Row], bool], **values: object) -> Spoil:
    """Change the first row of this kind; a value may be a function of the row."""

    def spoil(rows: Rows) -> Rows:
        row = next(row for row in rows if where(row))
        row |= {name: value(row) if callable(value) else value for name, value in values.items()}
        return rows

    return spoil


def every(where: Callable[[Row], bool], **values: object) -> Spoil:
    def spoil(rows: Rows) -> Rows:
        for row in filter(where, rows):
            row |= {name: value(row) if callable(value) else value for name, value in values.items()}
        return rows

    return spoil


def moved(number: int, name: str = "value") -> Callable[[Row], int]:
    return lambda row: row[name] + number


ZONE = some(layer="fiu-signalen", level="zone", status="waarde")
CAP = some(layer="mma-meldingen", level="zone", status="cap")
HEXAGON = some(layer="fiu-signalen", level="res9")

GREAT = some(layer="fiu-signalen", level="res8")
HIDDEN = some(status="onderdrukt", level="zone")
APART = some(layer="fiu-signalen", level="buurt", rounding="apart", end=dt.date(2025, 1, 1), start=dt.date(2024, 1, 1))
TOWN = some(layer="fiu-signalen", level="gemeente", start=dt.date(2024, 1, 1), end=dt.date(2025, 1, 1))
WINDOW = some(layer="fiu-signalen", level="buurt", start=dt.date(2024, 4, 1))


def test_a_sound_table_breaks_no_law(tmp_path: Path) -> None:
    for profile in PROFILES:
        for seed in (5, 6):
            release = small_release(profile, seed)
            (tmp_path / "zones.parquet").write_bytes(zones_parquet(release))
            assert audit(tmp_path / "zones.parquet", release.geography.regions, TODAY).faults == ()


def other_cell(row: Row) -> list[int]:
    return [*row["cells"][:-1], row["cells"][-1] + (1 << 20)]


def one_cell_less(rows: Rows) -> Rows:
    """Take one cell of a zone of several out of a hexagon."""
    zone = next(row for row in rows if ZONE(row) and len(row["cells"]) > 1)
    for row in rows:
        if row["level"] == "res9" and row["layer"] == "fiu-signalen" and set(zone["cells"]) <= set(row["cells"] or ()):
            row["cells"] = [cell for cell in row["cells"] if cell != zone["cells"][0]]
    return rows


def overlapping(rows: Rows) -> Rows:
    """Give one zone a cell of another, in every layer alike."""
    taker, giver = [row for row in rows if ZONE(row)][:2]
    cells = sorted({*taker["cells"], giver["cells"][0]})
    return every(some(level="zone", basis="alle", zone=taker["zone"]), cells=cells)(rows)


def overlapping_hexagons(rows: Rows) -> Rows:
    taker, giver = [row for row in rows if HEXAGON(row)][:2]
    taker["cells"] = sorted({*taker["cells"], *giver["cells"]})
    return rows


def without(where: Callable[[Row], bool]) -> Spoil:
    def spoil(rows: Rows) -> Rows:
        gone = next(row for row in rows if where(row))
        return [row for row in rows if row is not gone]

    return spoil


def twice(rows: Rows) -> Rows:
    return [*rows, dict(rows[0])]


def smaller_than_its_zones(rows: Rows) -> Rows:
    """Leave out a zone, so that a hexagon cannot be added up, and lower the hexagon below what is there."""
    hexagon = next(row for row in rows if HEXAGON(row) and row["value"] > 15 and row["atoms"] > 2)
    zone = next(row for row in rows if ZONE(row) and row["value"] == 0 and set(row["cells"]) <= set(hexagon["cells"]))
    hexagon["value"] = 5
    return [row for row in rows if row is not zone]


def a_total_of_two(rows: Rows) -> Rows:
    sum_of_few = some(layer="domicilie", level="wijk", rounding="som")
    return first(sum_of_few, rounding="apart", base=10, value=0, atoms=1, status="waarde")(rows)


def as_one_map(rows: Rows) -> Rows:
    """Swap the shapes of two zones."""
    one, other = [row for row in rows if ZONE(row)][:2]
    one["geometry"], other["geometry"] = other["geometry"], one["geometry"]
    return rows


PLANTED: dict[str, tuple[Spoil, str]] = {
    # a row by itself
    "status": (first(ZONE, status="geheim"), "onbekende status"),
    "profile": (first(ZONE, profile="los"), "onbekend profiel"),
    "level": (first(ZONE, level="straat"), "onbekend niveau"),
    "basis": (first(ZONE, basis="schepen"), "onbekende basis"),
    "rounding": (first(ZONE, rounding="los"), "onbekende manier van afronden"),
    "value of a hidden row": (first(HIDDEN, value=6), "een getal bij een status zonder getal"),
    "no value": (first(ZONE, value=None), "een getal bij een status zonder getal"),
    "no rounding": (first(ZONE, rounding=None), "een afronding bij een status zonder getal"),
    "no terms": (first(ZONE, atoms=None), "een aantal termen bij een status zonder getal"),
    "b of 1": (first(ZONE, base=1), "een basis van afronden die niet kan"),
    "not a multiple": (first(ZONE, value=moved(1)), "geen veelvoud van b"),
    "few addresses": (first(ZONE, addresses=9, buildings=3), "een getal over minder dan 10 adressen"),
    "few buildings": (first(HIDDEN, buildings=2), "een getal over minder dan 3 panden"),
    "many buildings": (first(ZONE, buildings=moved(1, "addresses")), "meer panden dan adressen"),
    "zone apart": (first(ZONE, rounding="apart"), "een apart totaal van iets anders dan een gebied"),
    "terms of a total": (first(APART, atoms=2), "een apart totaal met meer dan één term"),
    "base of a total": (first(APART, base=10, value=10), "een andere basis dan zijn niveau heeft"),
    "zone as a sum": (first(ZONE, rounding="som"), "een zone die niet op zichzelf is afgerond"),
    # places
    "cells of a region": (first(APART, cells=[0x8A1969528DAFFFF]), "cellen bij een gebied"),
    "no cells": (first(HEXAGON, cells=None), "geen cellen bij een zone of hexagon"),
    "empty cells": (first(HEXAGON, cells=[]), "een zone of hexagon zonder cellen"),
    "disorder": (first(GREAT, cells=lambda row: row["cells"][::-1]), "cellen die niet oplopen"),
    "a cell twice": (first(HEXAGON, cells=lambda row: row["cells"][:1] * 2), "cellen die niet oplopen"),
    "no cell at all": (first(HEXAGON, cells=[12]), "een cel die geen H3-cel van resolutie 10 is"),
    "resolution of a cell": (first(HEXAGON, cells=[0x891969528DBFFFF]), "een cel die geen H3-cel van resolutie 10 is"),
    "name": (first(ZONE, zone="x"), "een naam die geen cel van het niveau is"),
    "name of a hexagon": (first(HEXAGON, zone="8a1969528daffff"), "een naam die geen cel van het niveau is"),
    "own cell": (first(ZONE, zone="8a1969528daffff"), "een zone die haar eigen cel niet heeft"),
    "code": (first(ZONE, gebiedscode="BU00000000"), "een gebiedscode die de indeling niet kent"),
    "code of a region": (first(APART, gebiedscode="WK999901"), "een gebied met een andere code"),
    "level of a region": (first(TOWN, zone="WK999901", gebiedscode="WK999901"), "een ander niveau"),
    "shape": (as_one_map, "2 plekken liggen ergens anders dan hun cellen"),
    "no shape": (first(ZONE, geometry=None), "1 plekken zonder vorm"),
    "shape of a window": (first(WINDOW, geometry=b"\x00"), "tekent een plek bij een deel van de periode"),
    "broken shape": (first(ZONE, geometry=b"\x01\x06"), "een vorm die niet te lezen is"),
    # profiles
    "two profiles": (first(ZONE, profile="streng"), "een ander profiel dan de andere rijen"),
    "open": (every(lambda _: True, profile="openbaar"), "fijner dan het profiel toestaat"),
    "strict": (every(lambda _: True, profile="streng"), "een apart totaal in het profiel streng"),
    "strict in time": (every(lambda _: True, profile="streng"), "een verloop in het profiel streng"),
    # layers
    "base of addresses": (every(some(layer="fiu-signalen"), basis="woningen"), "basis van adressen dan de laag heeft"),
    "b": (first(ZONE, base=3, value=3), "een andere b dan de laag heeft"),
    "hidden level": (
        first(some(layer="domicilie", level="zone"), status="waarde", value=3, rounding="zone", atoms=1, base=3),
        "fijner dan de laag wordt getoond",
    ),
    "rounded higher up": (first(HEXAGON, rounding="zone"), "op een ander niveau dan dat van de laag"),
    "more than half": (
        first(ZONE, value=lambda row: row["addresses"] // 5 * 5),
        "bewijst dat meer dan de helft het kenmerk heeft",
    ),
    "other cap": (first(CAP, value=moved(-5)), "een plafond dat niet uit het aantal adressen volgt"),
    "cap without its status": (first(CAP, status="waarde"), "een getal op of boven het plafond zonder 'of meer'"),
    "not looked": (
        first(some(layer="leegstand", level="buurt"), status="waarde", value=5, rounding="apart", atoms=1, base=5),
        "een getal waar de bron niet kijkt",
    ),
    "looked": (
        first(ZONE, status="geen_data", value=None, rounding=None, atoms=None),
        "geen gegevens waar de bron wel kijkt",
    ),
    "part of a layer": (
        first(some(layer="domicilie", level="buurt", status="waarde"), value=600),
        "een deel van een laag telt meer dan de hele laag",
    ),
    # windows
    "zone in time": (first(ZONE, end=dt.date(2024, 7, 1)), "een verloop van een zone of hexagon"),
    "end before start": (first(WINDOW, end=dt.date(2024, 4, 1)), "een einde dat niet na het begin ligt"),
    "odd window": (
        every(WINDOW, start=dt.date(2024, 4, 2)),
        "geen aaneengesloten maanden, kwartalen of jaren",
    ),
    "missing window": (without(WINDOW), "een verloop waarin een deel van de periode ontbreekt"),
    "a place that changes": (first(WINDOW, addresses=moved(1, "addresses")), "verandert in de loop van de tijd"),
    "more in a part": (
        first(some(layer="kvk-registraties", level="buurt", start=dt.date(2024, 4, 1)), value=1000),
        "een deel van de periode telt meer dan de hele",
    ),
    "nowhere else": (without(APART), "een verloop van een plek die er over de hele periode niet is"),
    "sum in time": (
        first(some(layer="fiu-signalen", level="wijk", start=dt.date(2024, 4, 1)), value=moved(5)),
        "een som in het verloop is niet de som van haar gebieden",
    ),
    # places together
    "twice": (twice, "een plek staat er twee keer in"),
    "two bases": (first(ZONE, basis="woningen"), "een laag telt op meer dan één basis"),
    "addresses per layer": (first(ZONE, addresses=moved(1, "addresses")), "een zone is niet in elke laag dezelfde"),
    "cells per layer": (first(ZONE, cells=other_cell), "een zone is niet in elke laag dezelfde"),
    "overlapping zones": (overlapping, "zones overlappen elkaar"),
    "cut zone": (one_cell_less, "een hexagon neemt een deel van een zone, en niet de hele"),
    "overlapping hexagons": (overlapping_hexagons, "hexagonen overlappen elkaar"),
    # sums
    "sum": (first(HEXAGON, value=moved(5)), "een som is niet de som van haar zones"),
    "sum of a hexagon": (first(GREAT, value=moved(5)), "een som is niet de som van haar zones"),
    "less than its zones": (smaller_than_its_zones, "een som is kleiner dan haar zones samen"),
    "terms": (first(HEXAGON, atoms=moved(1, "atoms")), "een som met een ander aantal termen"),
    "cap of a sum": (first(some(level="res8", status="cap"), status="waarde"), "een som is 'of meer' zonder"),
    "fewer addresses": (
        every(some(layer="fiu-signalen", level="wijk"), addresses=20, buildings=10),
        "telt minder adressen of panden dan haar delen",
    ),
    "other addresses": (
        first(HEXAGON, addresses=moved(1, "addresses")),
        "het aantal adressen is niet dat van de delen samen",
    ),
    "other buildings": (
        first(HEXAGON, buildings=lambda row: row["addresses"]),
        "meer panden dan haar delen samen",
    ),
    "total of two": (a_total_of_two, "een apart totaal van te weinig delen"),
    "total of little": (
        first(some(layer="domicilie", level="gemeente", rounding="som"), rounding="apart", base=10, value=10, atoms=1),
        "een apart totaal dat minder nauwkeurig is dan de som",
    ),
    "telling total": (first(TOWN, value=0), "een apart totaal dat iets verraadt over een deel ervan"),
    "telling total above": (first(TOWN, value=600), "een apart totaal dat iets verraadt over een deel ervan"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_broken_law_is_named(name: str, whole: pa.Table, regions: Regions, tmp_path: Path) -> None:
    spoil, law = PLANTED[name]
    found = faults(written(spoil(whole.to_pylist()), whole), regions, tmp_path)
    assert any(law in fault for fault in found), found
    assert all("\n" not in fault for fault in found)


@pytest.mark.parametrize(
    ("spoil", "changes", "law"),
    [
        (first(CAP), {"capped": False}, "'of meer' bij een laag zonder plafond"),
        (first(ZONE, value=lambda row: row["addresses"] // 5 * 5 + 5), {"capped": False}, "een veelvoud boven"),
        (first(ZONE, value=lambda row: row["addresses"] // 5 * 5 + 10), {"capped": False}, "meer dan er adressen zijn"),
        (first(CAP), {"clamp": 3}, "een plafond dat niet uit het aantal adressen volgt"),
    ],
)
def test_a_layer_is_held_to_its_own_settings(
    spoil: Spoil, changes: dict[str, Any], law: str, whole: pa.Table, release: Release
) -> None:
    layers = [dataclasses.replace(layer, **changes) for layer in release.layers]
    target = io.BytesIO()
    pq.write_table(written(spoil(whole.to_pylist()), whole), target)
    rows = table.published(target.getvalue())
    assert any(law in fault for fault in laws.broken(rows, settings.of_layers(layers), release.geography.regions))


def spoiled_cell(name: str, value: object) -> Callable[[pa.Table], pa.Table]:
    def spoil(whole: pa.Table) -> pa.Table:
        values = whole[name].to_pylist()
        values[0] = value
        return whole.set_column(
            whole.schema.get_field_index(name),
            whole.schema.field(name),
            pa.array(values, whole.schema.field(name).type),
        )

    return spoil


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda whole: whole.drop_columns(["basis"]), "niet de kolommen"),
        (lambda whole: whole.append_column("naam", pa.array(["x"] * len(whole))), "niet de kolommen"),
        (lambda whole: whole.slice(0, 0), "geen enkele rij"),
        (spoiled_cell("zone", None), "lege cellen in zone"),
        (spoiled_cell("cells", [None]), "lege cellen in cells"),
        (spoiled_cell("value", -1), "een getal onder nul"),
        (spoiled_cell("addresses", 2**62), "een dat te groot is"),
        (spoiled_cell("end", dt.date(9999, 1, 1)), "een datum die niet kan"),
        (spoiled_cell("start", dt.date(9999, 1, 1)), "een datum die niet kan"),
    ],
)
def test_a_table_that_cannot_be_judged_says_why(
    spoil: Callable[[pa.Table], pa.Table], said: str, whole: pa.Table, regions: Regions, tmp_path: Path
) -> None:
    assert any(said in fault for fault in faults(spoil(whole), regions, tmp_path))


def test_text_that_is_none_is_a_fault_and_no_traceback(whole: pa.Table, regions: Regions, tmp_path: Path) -> None:
    place = whole.schema.get_field_index("zone")
    values = [b"\xff\xfe", *(zone.encode() for zone in whole["zone"].to_pylist()[1:])]
    broken = pa.array(values, pa.binary()).view(pa.string())
    found = faults(whole.set_column(place, whole.schema.field(place), broken), regions, tmp_path)
    assert "zones.parquet: is geen leesbaar Parquet-bestand" in found


def test_what_lies_outside_the_area_is_not_added_up(whole: pa.Table, regions: Regions, tmp_path: Path) -> None:
    rows = whole.to_pylist()
    gone = next(row["zone"] for row in rows if ZONE(row))
    left = [row for row in rows if row["zone"] != gone]
    assert faults(written(left, whole), regions, tmp_path) == ()


def test_the_margin_of_a_total_has_the_displacement(whole: pa.Table) -> None:
    target = io.BytesIO()
    pq.write_table(whole, target)
    rows = table.published(target.getvalue())
    apart, sums = rows.rounding == "apart", (rows.rounding == "som") & rows.whole
    np.testing.assert_array_equal(laws.reach(rows)[apart], [rounding.reach(b) for b in rows.b[apart].tolist()])
    np.testing.assert_array_equal(laws.reach(rows)[sums], (rows.terms * (rows.b - 1))[sums])
    in_time = (rows.rounding == "som") & ~rows.whole
    np.testing.assert_array_equal(laws.reach(rows)[in_time], (rows.terms * (rows.b + 1))[in_time])


def test_another_division_is_said(whole: pa.Table, tmp_path: Path, regions: Regions) -> None:
    elsewhere = dataclasses.replace(regions, codes=tuple(f"X{code}" for code in regions.codes))
    path = tmp_path / "zones.parquet"
    pq.write_table(whole, path)
    found = audit(path, elsewhere, TODAY)
    assert found.faults == ()
    assert any("--geografie" in remark for remark in found.remarks)


def test_an_unknown_layer_is_said(whole: pa.Table, tmp_path: Path, regions: Regions) -> None:
    rows = every(some(layer="fiu-signalen"), layer="eigen-laag")(whole.to_pylist())
    path = tmp_path / "zones.parquet"
    pq.write_table(written(rows, whole), path)
    found = audit(path, regions, TODAY)
    assert found.faults == ()
    assert any("1 lagen zijn hier niet bekend" in remark for remark in found.remarks)


def test_table_errors_are_releases_errors() -> None:
    with pytest.raises(TableError, match="geen leesbaar"):
        table.published(b"PAR1")
