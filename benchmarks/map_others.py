"""Draw the cells of a JSON table with another library; `map.py` runs this in an interpreter that has them.

Run: ``python benchmarks/map_others.py folium.GeoJson|geopandas.explore|pydeck|lonboard CELLS.json OUT.html``

Prints the seconds from the table in memory to the written page; loading the libraries does not count.
"""
# ruff: noqa: PLC0415 - each library is loaded before the clock starts, and only when it is asked for

import sys
import time
from pathlib import Path

import h3
import numpy as np
import pandas as pd

COLOURS = ("#f2efe4", "#d6c98f", "#a59c74", "#6f7073", "#414d6b", "#00224e")


def with_folium(table: pd.DataFrame, out: str) -> float:
    """Draw polygons of six decimals on a canvas, with a tooltip."""
    import folium

    def feature(cell: str, number: int, value: int) -> dict[str, object]:
        ring = [[round(lon, 6), round(lat, 6)] for lat, lon in h3.cell_to_boundary(cell)]
        shape = {"type": "Polygon", "coordinates": [ring]}
        return {"type": "Feature", "properties": {"klasse": number, "waarde": value}, "geometry": shape}

    def style(drawn: dict[str, dict[str, int]]) -> dict[str, object]:
        return {"fillColor": COLOURS[drawn["properties"]["klasse"]], "fillOpacity": 1, "weight": 0.5}

    start = time.perf_counter()
    columns = (table[name].tolist() for name in ("zone", "class", "value"))
    features = [feature(*row) for row in zip(*columns, strict=True)]
    shown = folium.Map(middle(table), zoom_start=11, prefer_canvas=True, tiles=None)
    tooltip = folium.GeoJsonTooltip(["klasse", "waarde"])
    collection = {"type": "FeatureCollection", "features": features}
    folium.GeoJson(collection, tooltip=tooltip, style_function=style).add_to(shown)
    shown.save(out)
    return time.perf_counter() - start


def with_geopandas(table: pd.DataFrame, out: str) -> float:
    """Call ``explore`` on a frame of polygons, on a canvas."""
    import geopandas as gpd
    import mapclassify  # noqa: F401 - explore loads it

    start = time.perf_counter()
    frame = gpd.GeoDataFrame({"klasse": table["class"], "waarde": table["value"]}, geometry=polygons(table), crs=4326)
    shown = frame.explore("klasse", tiles=None, prefer_canvas=True, legend=False, categorical=True, cmap=list(COLOURS))
    shown.save(out)
    return time.perf_counter() - start


def with_pydeck(table: pd.DataFrame, out: str) -> float:
    """Give deck.gl the H3 indexes; it makes the hexagons itself."""
    import pydeck

    start = time.perf_counter()
    lat, lon = middle(table)
    layer = pydeck.Layer(
        "H3HexagonLayer",
        table[["zone", "class", "value"]],
        get_hexagon="zone",
        get_fill_color="[255 - 40 * class, 200, 90]",
        pickable=True,
    )
    deck = pydeck.Deck([layer], initial_view_state=pydeck.ViewState(lat, lon, 11), map_style=None)
    deck.to_html(out, open_browser=False, notebook_display=False)
    return time.perf_counter() - start


def with_lonboard(table: pd.DataFrame, out: str) -> float:
    """Give lonboard polygons and their colours."""
    import geopandas as gpd
    import lonboard

    start = time.perf_counter()
    colours = np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in COLOURS], dtype=np.uint8)
    frame = gpd.GeoDataFrame({"klasse": table["class"], "waarde": table["value"]}, geometry=polygons(table), crs=4326)
    layer = lonboard.PolygonLayer.from_geopandas(frame, get_fill_color=colours[table["class"]])
    lonboard.Map(layer).to_html(out)
    return time.perf_counter() - start


def polygons(table: pd.DataFrame) -> np.ndarray:
    """Make a polygon of each cell."""
    import shapely

    return shapely.polygons([[(lon, lat) for lat, lon in h3.cell_to_boundary(cell)] for cell in table["zone"]])


def middle(table: pd.DataFrame) -> tuple[float, float]:
    """Latitude and longitude of a cell."""
    return h3.cell_to_latlng(table["zone"][len(table) // 2])


DRAW = {
    "folium.GeoJson": with_folium,
    "geopandas.explore": with_geopandas,
    "pydeck": with_pydeck,
    "lonboard": with_lonboard,
}

if __name__ == "__main__":
    library, cells, target = sys.argv[1:4]
    print(DRAW[library](pd.read_json(Path(cells), dtype={"zone": str}), target))
