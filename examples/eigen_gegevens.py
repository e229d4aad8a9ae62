"""Your own data from Python: from two tables to a map.

    python examples/eigen_gegevens.py MAP

MAP is a new folder. The addresses and reports below are made up (a street plan in Bijlmer-Oost); put your own in their
place, and your own decision in ``grondslag.toml``. The rest stays as it is. In earnest, keep the key somewhere else.
"""

import datetime as dt
import sys
from pathlib import Path

import pandas as pd

from geoanalyse import Request, key
from geoanalyse.addresses import read_addresses
from geoanalyse.build import zones_of
from geoanalyse.geography import shipped_regions
from geoanalyse.publish import publish
from geoanalyse.zonefile import write_zones

GRONDSLAG = """
soort = "ander besluit"
besluit = "voorbeeld met verzonnen adressen en meldingen"
datum = 2026-01-15
reikwijdte = "gebied"
doel = "laten zien hoe eigen gegevens op de kaart komen"
vraag = "waar komen meldingen samen"
opvolging = "niemand: dit is een voorbeeld"
rubricering = "openbaar"
geldig_tot = 2099-12-31
bewaren_tot = 2099-12-31
peildatum = 2026-01-01
"""


def main(folder: Path, today: dt.date) -> Path:
    """Make input, zones, key and products in a new folder; give the folder of the products."""
    folder.mkdir(parents=True)
    number = pd.RangeIndex(1200)
    addresses = pd.DataFrame({"oost": 126_400 + number % 40 * 18, "noord": 481_000 + number // 40 * 25})
    addresses["sleutel"] = [f"a{index:06}" for index in number]
    addresses["pand"] = [f"p{index // 2:06}" for index in number]
    addresses["crs"], addresses["gebruik"] = "EPSG:28992", "woonfunctie"
    reports = addresses.loc[number % 17 == 0, ["sleutel"]].assign(datum="2025-03-17")

    # The ten lines of the title: write the tables, make zones and key once, then build and write.
    addresses.to_csv(folder / "adressen.csv", sep=";", index=False)
    reports.to_csv(folder / "mma-meldingen.csv", sep=";", index=False)
    (folder / "grondslag.toml").write_text(GRONDSLAG, encoding="utf-8", newline="\n")
    base, _ = read_addresses(folder)
    regions = shipped_regions()
    zones = zones_of(base, regions)
    write_zones(zones, regions, folder / f"zones-{zones.version}.parquet")
    key.make(folder / "eigen.sleutel")
    request = Request("WK0363TE", today, folder, key_file=folder / "eigen.sleutel")
    _, made = publish(request, folder / "uitvoer")  # and the register remembers it
    return made


if __name__ == "__main__":
    if len(sys.argv) != 2 or Path(sys.argv[1]).exists():  # noqa: PLR2004 - one folder
        sys.exit("Gebruik: python eigen_gegevens.py MAP, waarin MAP nog niet bestaat")
    made = main(Path(sys.argv[1]), dt.datetime.now().astimezone().date())
    print(f"Open de kaart: {made / 'deelbaar' / 'kaart.html'}")
