"""Make geografie.parquet and households.csv from the boundary files, which do not ship.

    python -m geoanalyse.data.make_region MAP_MET_GRENZEN

Run by a developer when the division changes; docs/decisions/0002-geografie.md says what is decided here and under which
licences.
"""

import csv
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
from shapely import box

from geoanalyse import boundaries
from geoanalyse.boundaries import Region

AMSTERDAM, WEESP = "GM0363", "GM0457"
# Aalsmeer, Amstelveen, Diemen, Ouder-Amstel, Uithoorn (Amsterdam-Amstelland); Beverwijk, Velsen, Zaanstad.
OTHERS = ("GM0358", "GM0362", "GM0384", "GM0437", "GM0451", "GM0375", "GM0453", "GM0479")
YEAR = 2022
SOURCE = (
    "Gemeente Amsterdam, buurten geldig vanaf 24-3-2022; Kadaster / Centraal Bureau voor de Statistiek, wijken en "
    "gemeenten 2022 (CC BY 4.0); namen: CBS 85984NED, 2024 (CC BY 4.0); postcodes: vereenvoudigde gebieden van 2018"
)


def main(folder: Path, target: Path) -> None:
    """Read the boundary files in `folder` and write the two tables into `target`."""
    buurten = gpd.read_file(f"/vsigzip/{folder}/ams_buurten.geojson.gz")
    wijken = gpd.read_file(f"/vsigzip/{folder}/cbs_wijken_2022_regio_rd.geojson.gz")
    gemeenten = gpd.read_file(f"/vsigzip/{folder}/cbs_gemeenten_2022_nl.geojson.gz")
    postcodes = gpd.read_file(f"/vsigzip/{folder}/pc4_2018_regio.geojson.gz")
    with (folder / "cbs_kerncijfers_2024_regio.csv").open(encoding="utf-8", newline="") as file:
        figures = {row["code"]: row for row in csv.DictReader(file)}

    gemeente_names = dict(zip(gemeenten["statcode"], gemeenten["statnaam"], strict=True))

    # The wijken file still has Weesp and the old wijken of Amsterdam; the buurten cover both. It has some neighbours;
    # the others come as whole gemeenten, as far as they are near.
    wijken = wijken[~wijken["gemeentecode"].isin({AMSTERDAM, WEESP})]
    covered = gemeenten["statcode"].isin({AMSTERDAM, WEESP, *wijken["gemeentecode"]})
    gemeenten = gemeenten[~covered & gemeenten.intersects(box(*gemeenten[covered].total_bounds))]

    # The key figures of 2024 correct some names: WK045185 is De Kwakel (a second "Meerwijk" in the file of 2022),
    # BU0363FN02 is Jacques Veltmanbuurt.
    def name(code: str, fallback: str) -> str:
        return figures[code]["naam"] if code in figures else fallback

    tree = {code: Region(gemeente_names[code], "gemeente", "") for code in (AMSTERDAM, *OTHERS)}
    for row in buurten.itertuples():
        wijk = f"WK0363{row.wijkcode}"
        tree[wijk] = Region(name(wijk, row.wijk), "wijk", AMSTERDAM)
        tree[row.cbs_buurtcode] = Region(name(row.cbs_buurtcode, row.buurt), "buurt", wijk)
    for row in wijken[wijken["gemeentecode"].isin(OTHERS)].itertuples():
        wijk_name = boundaries.wijk_name(name(row.code, row.name), gemeente_names[row.gemeentecode])
        tree[row.code] = Region(wijk_name, "wijk", row.gemeentecode)

    # The neighbours compete for the cells on the border, and keep what they win.
    shapes = {
        code: shape
        for frame, column in ((buurten, "cbs_buurtcode"), (wijken, "code"), (gemeenten, "statcode"))
        for code, shape in zip(frame[column], boundaries.in_rd(frame), strict=True)
    }
    own = sorted(code for code in shapes if code in tree)
    owners = [*own, *sorted(set(shapes) - set(own))]
    cells, winner = boundaries.assign(np.array([shapes[code] for code in owners]), np.arange(len(owners)))
    cells, winner = cells[winner < len(own)], winner[winner < len(own)]

    postcode_cells, postcode = boundaries.assign(boundaries.in_rd(postcodes), postcodes["pc4"].astype(int))
    at = np.minimum(np.searchsorted(postcode_cells, cells), len(postcode_cells) - 1)
    pc4 = np.where(postcode_cells[at] == cells, postcode[at], 0).astype(np.int16)

    boundaries.regions(tree, own, cells, winner, pc4=pc4, year=YEAR, source=SOURCE).write(target / "geografie.parquet")

    with (target / "households.csv").open("w", encoding="utf-8", newline="\n") as file:
        file.write(
            "# Huishoudens 2024 per buurt (Amsterdam) en wijk (elders): CBS 85984NED, CC BY 4.0; leeg = niet bekend\n"
        )
        file.write("code;huishoudens\n")
        for code in own:
            households = figures[code]["huishoudens"] if code in figures else ""
            file.write(f"{code};{int(float(households)) if households else ''}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).parent)
