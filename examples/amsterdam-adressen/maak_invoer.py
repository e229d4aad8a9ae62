"""Turn the Airbnb listings of Amsterdam of 2020 (Inside Airbnb, CC BY 4.0) into an input folder for geoanalyse.

    python examples/amsterdam-adressen/maak_invoer.py BRON UIT

BRON holds ``airbnb_amsterdam_2020.csv.gz``; UIT gets ``adressen.csv``, ``laatste-recensie.csv`` and ``grondslag.toml``.

The listings stand in for addresses, to try a whole city with real places. What that means for every figure:

- a point is a listing, not an address, and the site blurs its place by up to 150 metres;
- every point is a building of its own, since the source knows no panden; k = 10 then is ten listings;
- a key is the number of the row, because the source has no ids.
"""

import csv
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from geoanalyse import grid

LISTINGS = "airbnb_amsterdam_2020.csv.gz"
LAYER = "laatste-recensie"
HERE = Path(__file__).parent


def main(source: Path, out: Path) -> dict[str, int]:
    """Write the input folder and give what was counted on the way, by Dutch description."""
    listings = pd.read_csv(source / LISTINGS, dtype={"last_review": "string", "room_type": "string"})
    out.mkdir(parents=True, exist_ok=True)
    easting, northing = grid.rd(listings["lon"].to_numpy(), listings["lat"].to_numpy())
    keys = [f"punt{number:05}" for number in range(len(listings))]
    hotel = (listings["room_type"] == "Hotel room").tolist()
    uses = ["logiesfunctie" if is_hotel else "woonfunctie" for is_hotel in hotel]
    _write(
        out / "adressen.csv",
        ("sleutel", "oost", "noord", "crs", "gebruik", "pand"),
        zip(
            keys,
            [f"{value:.1f}" for value in easting],
            [f"{value:.1f}" for value in northing],
            ["EPSG:28992"] * len(keys),
            uses,
            keys,
            strict=True,
        ),
    )
    reviewed = [(key, day) for key, day in zip(keys, listings["last_review"], strict=True) if pd.notna(day)]
    _write(out / f"{LAYER}.csv", ("sleutel", "datum"), reviewed)
    shutil.copyfile(HERE / "grondslag.toml", out / "grondslag.toml")
    return {
        "punten (elk een eigen pand)": len(keys),
        "hotelkamers (logiesfunctie, de rest woonfunctie)": sum(hotel),
        "punten op dezelfde plek als een eerder punt": int(listings.duplicated(["lat", "lon"]).sum()),
        "punten met een laatste recensie": len(reviewed),
        "punten zonder recensie (geen rij in de laag)": len(keys) - len(reviewed),
    }


def _write(path: Path, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    if len(sys.argv) != 3:  # noqa: PLR2004 - two folders
        sys.exit("Gebruik: python maak_invoer.py BRON UIT")
    for what, number in main(Path(sys.argv[1]), Path(sys.argv[2])).items():
        print(f"{number:>7}  {what}")
