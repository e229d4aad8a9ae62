"""A synthetic city: addresses in buildings, and the borders of its buurten, wijken and gemeenten.

Nothing here is about anyone. The borders are exact and do not follow cells, as in the real world; the density is
skewed, 18 % of the cells hold no address, and large buildings stand among houses.
"""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyogrio
import shapely

from geoanalyse import grid

YEAR = 2024
EMPTY_CELLS = 0.18
ADDRESSES_PER_HECTARE = 11.0
CORNER = (131_000.0, 481_000.0)  # south-west, RD metres

# Sizes of buildings: a draw from the first in an ordinary cell, from the second in a dense one.
_HOUSES = np.array([1, 1, 1, 1, 1, 1, 2, 2, 4])
_FLATS = np.array([1, 2, 4, 6, 8, 12, 16, 24, 40])
_DENSE = 2.0  # times the mean density
_CANDIDATES = 12  # places that are tried per building

# Gebruiksdoelen and how often each occurs; one in three dwellings with a shop also counts as premises.
_USES = (
    ("woonfunctie", 0.82),
    ("woonfunctie|winkelfunctie", 0.04),
    ("kantoorfunctie", 0.05),
    ("winkelfunctie", 0.03),
    ("industriefunctie", 0.02),
    ("bijeenkomstfunctie", 0.03),
    ("logiesfunctie", 0.01),
)


@dataclass(frozen=True, slots=True)
class Size:
    """How large a city is; of its `bands`, strips of whole wijken, the last is a gemeente of its own."""

    addresses: int
    buurten: int
    wijken: int
    bands: int


@dataclass(frozen=True, slots=True)
class City:
    """Addresses and borders; all of it public.

    Attributes
    ----------
    addresses : DataFrame
        ``id`` and ``pand`` (16 digits, as in the BAG), ``oost`` and ``noord`` (RD metres), ``gebruik``.
    buurten : GeoDataFrame
        Polygons with the codes and names of CBS.
    """

    addresses: pd.DataFrame
    buurten: gpd.GeoDataFrame


def make_city(size: Size, random: np.random.Generator) -> City:
    """Draw a city."""
    side = np.sqrt(size.addresses / ADDRESSES_PER_HECTARE) * 100
    return City(_addresses(size.addresses, side, random), _borders(size, side, random))


def _addresses(count: int, side: float, random: np.random.Generator) -> pd.DataFrame:
    places = np.round(np.array(CORNER) + side * random.random((count * _CANDIDATES, 2)), 2)
    cells, of_place = np.unique(grid.cells_at(*places.T), return_inverse=True)
    density = np.exp(random.normal(0.0, 0.9, len(cells)))
    density[random.random(len(cells)) < EMPTY_CELLS] = 0.0
    chance = density[of_place]
    spot = random.choice(len(places), count, replace=False, p=chance / chance.sum())
    dense = chance[spot] > _DENSE * density.mean()
    sizes = np.where(dense, random.choice(_FLATS, count), random.choice(_HOUSES, count))
    building = np.repeat(np.arange(count), sizes)[:count]
    return _described(building, places[spot[building]], 1, random)


def _described(
    building: npt.NDArray[np.int64], places: npt.NDArray[np.float64], first: int, random: np.random.Generator
) -> pd.DataFrame:
    """Give each address of these buildings a number, from `first` on, and a use."""
    count = len(building)
    words, chances = zip(*_USES, strict=True)
    return pd.DataFrame(
        {
            "id": [f"0999010{number:09d}" for number in range(first, first + count)],
            "oost": places[:, 0],
            "noord": places[:, 1],
            "gebruik": random.choice(np.array(words, dtype=object), count, p=chances),
            "pand": [f"0999100{first + number:09d}" for number in building.tolist()],
        }
    )


def _borders(size: Size, side: float, random: np.random.Generator) -> gpd.GeoDataFrame:
    square = shapely.box(*CORNER, CORNER[0] + side, CORNER[1] + side)
    seeds = np.array(CORNER) + side * random.random((size.buurten, 2))
    for _ in range(3):  # a few rounds of Lloyd's algorithm: no buurt is very small, and none is a square
        polygons = _around(seeds, square)
        seeds = np.array([shape.centroid.coords[0] for shape in polygons])
    band = np.argsort(np.argsort(seeds[:, 0])) * size.bands // size.buurten
    order = np.lexsort((seeds[:, 1], band))
    wijk_of = np.arange(size.buurten) * size.wijken // size.buurten
    rows = []
    for number, buurt in enumerate(order):
        wijk = int(wijk_of[number])
        last = size.bands > 1 and wijk * size.bands // size.wijken == size.bands - 1
        gemeente, name = ("GM9902", "Proefveen") if last else ("GM9901", "Proefstad")
        head = gemeente[2:]
        rows.append(
            {
                "buurtcode": f"BU{head}{wijk + 1:02d}{number + 1:02d}",
                "buurtnaam": f"Buurt {number + 1:02d}",
                "wijkcode": f"WK{head}{wijk + 1:02d}",
                "wijknaam": f"Wijk {wijk + 1:02d}",
                "gemeentecode": gemeente,
                "gemeentenaam": name,
                "water": "NEE",
                "geometry": polygons[buurt],
            }
        )
    return gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:28992")


def _around(seeds: npt.NDArray[np.float64], square: shapely.Polygon) -> list[shapely.Polygon]:
    """Give the part of the square that is nearest to each seed, in the order of the seeds."""
    cells = shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=square).geoms
    found = [shapely.intersection(cell, square) for cell in cells]
    tree = shapely.STRtree(found)
    _, shape = tree.query(shapely.points(seeds), predicate="within")
    return [found[index] for index in shape]


def write_borders(city: City, path: Path) -> None:
    """Write the buurten and wijken as CBS delivers them: a GeoPackage with a layer of each."""
    wijken = city.buurten.dissolve("wijkcode", as_index=False)
    columns = ["wijkcode", "wijknaam", "gemeentecode", "gemeentenaam", "water", "geometry"]
    pyogrio.write_dataframe(city.buurten, path, layer="buurten", driver="GPKG")
    pyogrio.write_dataframe(wijken[columns], path, layer="wijken", driver="GPKG", append=True)


def buurt_of(city: City) -> pd.Series:
    """Give the code of the buurt within whose exact border each address lies."""
    points = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(city.addresses["oost"], city.addresses["noord"]), crs=city.buurten.crs
    )
    found: pd.Series = points.sjoin(city.buurten, how="left", predicate="within")["buurtcode"]
    return found


def make_edge_city(random: np.random.Generator) -> tuple[City, npt.NDArray[np.bool_]]:
    """Draw a city of some 200 addresses, of which one buurt holds exactly ten: the least that can be a zone.

    Returns
    -------
    city : City
    exactly_k : ndarray of bool, shape (addresses,)
        The addresses of that buurt: four buildings in one cell.
    """
    drawn = make_city(Size(addresses=200, buurten=4, wijken=2, bands=1), random)
    buurt = buurt_of(drawn)
    emptied = buurt.value_counts().index[-1]
    rest = drawn.addresses[buurt != emptied]
    middle = drawn.buurten.set_index("buurtcode").geometry[emptied].centroid
    building = np.repeat(np.arange(4), [3, 3, 2, 2])
    ten = _described(building, np.tile([[round(middle.x, 2), round(middle.y, 2)]], (10, 1)), 1_000, random)
    addresses = pd.concat([rest, ten], ignore_index=True)
    return City(addresses, drawn.buurten), np.asarray(addresses["id"].isin(ten["id"]))


def renew(city: City, random: np.random.Generator, gone: npt.NDArray[np.int64]) -> City:
    """Give the city of a year later: the addresses `gone` are demolished, and 1 % more stand in new buildings."""
    old = city.addresses
    count = max(3, len(old) // 100)
    west, south, east, north = city.buurten.total_bounds
    building = np.arange(count) // 2
    places = np.round(np.array([west, south]) + np.array([east - west, north - south]) * random.random((count, 2)), 2)
    new = _described(building, places[building], len(old) + 10_000, random)
    kept = old.drop(index=old.index[gone])
    return City(pd.concat([kept, new], ignore_index=True), city.buurten)
