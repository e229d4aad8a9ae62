"""The usual way to make such a map: geopandas points, an h3 call per address, a count, and folium.GeoJson.

The named alternative that `build_area.py` times. It reads the same CSV files and writes one HTML file with the exact
share of addresses per hexagon. It does not protect, test or rank, and makes nothing but that map.

Run: ``python benchmarks/usual_stack.py FOLDER OUT.html``
"""

import sys
from pathlib import Path

import folium
import geopandas as gpd
import h3
import pandas as pd
import shapely

RESOLUTIONS = (9, 10)


def main(folder: Path, out: Path) -> None:
    """Count every layer per hexagon and draw it."""
    addresses = pd.read_csv(folder / "adressen.csv", sep=";")
    points = gpd.GeoSeries.from_xy(addresses["oost"], addresses["noord"], crs=28992).to_crs(4326)
    for resolution in RESOLUTIONS:
        addresses[f"res{resolution}"] = [h3.latlng_to_cell(point.y, point.x, resolution) for point in points]
    bounds = points.total_bounds
    map_ = folium.Map(location=[(bounds[1] + bounds[3]) / 2, (bounds[0] + bounds[2]) / 2], zoom_start=13)
    for file in sorted(folder.glob("*.csv")):
        if file.stem != "adressen":
            hit = addresses[addresses["sleutel"].isin(pd.read_csv(file, sep=";")["sleutel"])]
            for resolution in RESOLUTIONS:
                draw(addresses, hit, f"res{resolution}", file.stem).add_to(map_)
    folium.LayerControl().add_to(map_)
    map_.save(str(out))


def draw(addresses: pd.DataFrame, hit: pd.DataFrame, column: str, layer: str) -> folium.GeoJson:
    """Make one layer of hexagons with the share of addresses that were hit."""
    share = (hit.groupby(column).size() / addresses.groupby(column).size()).fillna(0)
    shapes = [shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(cell)]) for cell in share.index]
    frame = gpd.GeoDataFrame({"cel": share.index, "aandeel": share.to_numpy()}, geometry=shapes, crs=4326)
    return folium.GeoJson(
        frame,
        name=f"{layer} {column}",
        style_function=lambda feature: {
            "fillOpacity": min(0.9, 0.1 + 5 * feature["properties"]["aandeel"]),
            "weight": 1,
        },
        tooltip=folium.GeoJsonTooltip(["cel", "aandeel"]),
        show=False,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
