"""The five commands of docs/gegevens.md, on files in exactly the forms of Kadaster, an analyst's Excel and QGIS.

The extract is generated (`bagmaker`, after the public schemas of LV BAG 2.0) from the made-up addresses of Diemen.
"""

import datetime as dt
import json
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from geoanalyse import demo
from geoanalyse.addresses import USES
from geoanalyse.geography import shipped_regions
from tests import bagmaker
from tests.bagmaker import Bag, Number, Pand, Street, Thing, Town
from tests.diemen import keep_diemen
from tests.test_context import TEXTS, toml
from tests.test_docs import ran, shell_lines, text

ROWS = 400
PER_STREET = 150


def bag_of(base: pd.DataFrame) -> Bag:
    """Make a BAG of addresses: a street and a postcode of its own for every so many of them."""
    streets, numbers, things = [], [], []
    panden = {name: f"0384100{place:09d}" for place, name in enumerate(sorted(base["pand"].unique()), 1)}
    for place, row in enumerate(base.itertuples(), 1):
        street, number = divmod(place - 1, PER_STREET)
        if number == 0:
            streets.append(Street(f"0384300{street + 1:09d}", f"Proefstraat {street + 1}", "1001"))
        numbers.append(Number(f"0384200{place:09d}", number + 1, postcode=postcode(street), street=streets[-1].id))
        things.append(
            Thing(
                f"0384010{place:09d}",
                numbers[-1].id,
                easting=float(row.oost),
                northing=float(row.noord),
                uses=tuple(row.gebruik.split("|")),
                panden=(panden[row.pand],),
            )
        )
    made = [Pand(number, easting=127_000.0, northing=482_000.0) for number in panden.values()]
    return Bag(things, numbers, streets, (Town("1001", "Diemen", "0384"),), made)


def postcode(street: int) -> str:
    return f"{1110 + street // 26}A{chr(65 + street % 26)}"


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Do what the page says, after what it says must be there."""
    home = tmp_path_factory.mktemp("gegevens")
    mine = home / "mijn-map"
    demo.write(demo.make(shipped_regions()), mine)
    keep_diemen(mine)
    base = pd.read_csv(mine / "adressen.csv", sep=";", dtype=str)
    base[["oost", "noord"]] = base[["oost", "noord"]].apply(lambda column: column.str.replace(",", "."))
    for file in mine.glob("*.csv"):
        file.unlink()
    bagmaker.extract(bag_of(base), home / "BAGGEM0384L-15102026.zip", day="2026-10-15", municipality="0384")
    book = openpyxl.Workbook()
    book.active.append(("adres", "datum"))
    chosen = np.random.default_rng(7).choice(len(base), ROWS, replace=False)
    for place in sorted(chosen.tolist()):
        street, number = divmod(place, PER_STREET)
        book.active.append((f"proefstraat {street + 1}  {number + 1}, {postcode(street)} diemen", dt.date(2025, 3, 17)))
    book.active.append(("Geheimweg 1, 9999ZZ Diemen", dt.date(2025, 3, 17)))
    book.save(home / "sluitingen.xlsx")
    (home / "omgeving").mkdir()
    gpd.GeoDataFrame(geometry=[shapely.Point(127_000, 482_500)], crs=28992).to_file(home / "omgeving" / "kades.gpkg")
    (home / "omgeving" / "kades.toml").write_text(toml(TEXTS), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        ran("geoanalyse sleutel maak riec.sleutel")
        for line in shell_lines(text("docs/gegevens.md").split("## Adressen: de BAG")[0]):
            ran(line)
            if line.startswith("geoanalyse bag"):
                shutil.copy(home / "bag" / "adressen.parquet", mine)
    return home


def test_the_five_commands_lead_from_kadaster_to_a_map(walked: Path) -> None:
    (shareable,) = (walked / "uitvoer" / "diemen").glob("*/deelbaar")
    manifest = json.loads((shareable / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["gebied"]["titel"] == "Diemen"
    assert [layer["id"] for layer in manifest["lagen"]] == ["pandsluitingen"]
    assert [layer["titel"] for layer in manifest["omgeving"]] == ["Kades"]
    assert (shareable / "kaart.html").stat().st_size > 100_000


def test_every_written_address_became_the_key_it_belongs_to_and_the_others_none(walked: Path) -> None:
    rows = pd.read_csv(walked / "mijn-map" / "pandsluitingen.csv", sep=";", dtype=str)
    assert len(rows) == rows["sleutel"].nunique() == ROWS
    chosen = np.random.default_rng(7).choice(
        len(pd.read_parquet(walked / "mijn-map" / "adressen.parquet")), ROWS, replace=False
    )
    assert set(rows["sleutel"]) == {f"0384010{place + 1:09d}" for place in chosen.tolist()}


def test_the_address_base_says_what_the_extract_said(walked: Path) -> None:
    base = pd.read_parquet(walked / "bag" / "adresbasis.parquet")
    assert set(base["gemeentecode"]) == {"0384"}
    assert set(base["woonplaats"]) == {"Diemen"}
    assert {use for uses in base["gebruik"] for use in uses.split("|")} <= set(USES)
    assert base["postcode"].str.fullmatch("[0-9]{4}[A-Z]{2}").all()
