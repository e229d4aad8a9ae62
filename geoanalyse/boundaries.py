"""Boundary polygons to regions: every H3 cell goes to the polygon that covers most of it.

Used by ``geoanalyse geografie lees`` (the CBS wijken-en-buurten GeoPackage of any year) and by ``data/make_region.py``.
Everything is computed in EPSG:28992 and does not depend on the order of the polygons.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from geoanalyse import grid
from geoanalyse.errors import InputError
from geoanalyse.geography import Regions

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

Shapes = npt.NDArray[np.object_]
Indexes = npt.NDArray[np.int64]

RD, ETRS89 = 28992, 4258
CHUNK = 20_000  # contested pieces cut at once: some 100 MB with the most detailed boundaries
SQUARE_CENTIMETRES = 4  # decimals of m2 that are compared, so that rounding noise of another GEOS cannot pick a winner

# Spellings of CBS over the years; the shapefiles of before 2021 and the GeoPackages since then.
SPELLINGS = {
    "buurtcode": ("buurtcode", "bu_code"),
    "buurtnaam": ("buurtnaam", "bu_naam"),
    "wijkcode": ("wijkcode", "wk_code"),
    "wijknaam": ("wijknaam", "wk_naam"),
    "gemeentecode": ("gemeentecode", "gm_code"),
    "gemeentenaam": ("gemeentenaam", "gm_naam"),
    "water": ("water", "h2o"),
}
LAYER = r"(cbs_)?{0}(en)?(_?\d{{4}}.*)?"  # "buurten" (now), "cbs_buurten_2020", "buurt_2020_v1"
REMEDY = "geef het bestand zoals CBS het levert"
CODE = {"buurtcode": r"BU\d{4}\w{4}", "wijkcode": r"WK\d{4}\w{2}", "gemeentecode": r"GM\d{4}"}


class Region(NamedTuple):
    """Name, level (``buurt``, ``wijk`` or ``gemeente``) and code of the region above (empty for a gemeente)."""

    name: str
    level: str
    parent: str


def assign(
    shapes: Shapes, owner: npt.ArrayLike, report: Callable[[float], None] = lambda _: None
) -> tuple[grid.Cells, Indexes]:
    """Give every cell that any polygon touches to the owner of the largest part of it.

    Parameters
    ----------
    shapes : ndarray of shapely (multi)polygons, shape (n,)
        EPSG:28992. An owner may have several; they may overlap or leave gaps.
    owner : array_like of int, shape (n,)
        Who owns each polygon. Equal parts (to 1 cm2) go to the lowest number.
    report : callable
        Told the share of the work that is done, 0 to 1.

    Returns
    -------
    cells : ndarray of uint64, shape (m,)
        Resolution-10 cells, ascending. A cell that is mostly water outside every polygon is there too.
    winner : ndarray of int64, shape (m,)
        Owner of each cell.

    Examples
    --------
    >>> west, east = shapely.box(125000, 480000, 125500, 480500), shapely.box(125500, 480000, 125600, 480500)
    >>> cells, winner = assign(np.array([west, east]), [0, 1])
    >>> len(cells), np.bincount(winner).tolist()
    (36, [28, 8])
    """
    parts, index = shapely.get_parts(shapes, return_index=True)
    owners = np.asarray(owner, dtype=np.int64)[index]
    polygonal = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(parts)
    parts, owners = parts[polygonal], owners[polygonal]
    found = []
    for done, part in enumerate(_as_lonlat(parts)):
        found.append(grid.cells_touching(part))
        report(0.5 * done / len(parts))
    if not found:
        return np.empty(0, np.uint64), np.empty(0, np.int64)

    cell = np.concatenate(found)
    part_of = np.repeat(np.arange(len(parts)), [len(cells) for cells in found])
    order = np.lexsort((part_of, owners[part_of], cell))
    cell, part_of = cell[order], part_of[order]
    claimant = owners[part_of]

    # One claim per (cell, owner); only a cell with several claims needs its parts measured.
    first = np.flatnonzero(np.r_[True, (cell[1:] != cell[:-1]) | (claimant[1:] != claimant[:-1])])
    claims = np.unique(cell[first], return_counts=True)
    contested = np.isin(cell, claims[0][claims[1] > 1])
    area = np.zeros(len(cell))
    pieces = np.flatnonzero(contested)
    for start in range(0, len(pieces), CHUNK):
        some = pieces[start : start + CHUNK]
        area[some] = shapely.area(shapely.intersection(_rd_hexagons(cell[some]), parts[part_of[some]]))
        report(0.5 + 0.5 * start / len(pieces))
    total = np.round(np.add.reduceat(area, first), SQUARE_CENTIMETRES)
    cell, claimant = cell[first], claimant[first]
    best = np.lexsort((claimant, -total, cell))
    best = best[np.r_[True, cell[best][1:] != cell[best][:-1]]]
    report(1.0)
    return cell[best], claimant[best]


def regions(
    tree: Mapping[str, Region],
    owners: Sequence[str],
    cells: grid.Cells,
    winner: Indexes,
    *,
    pc4: npt.NDArray[np.int16] | None = None,
    year: int,
    source: str,
) -> Regions:
    """Put cells and a tree of regions together, in the order of the codes.

    Parameters
    ----------
    tree : mapping of CBS code to Region
        Every region; one that has no cell stays in the list (and will have no figure).
    owners : sequence of str
        Codes of the smallest regions, as numbered by `winner`.
    cells, winner : ndarray of shape (n,)
        What `assign` gave.
    pc4 : ndarray of int16, shape (n,), optional
        Postcode area of each cell, 0 where unknown.
    year : int
        Year of the division.
    source : str
        Dutch source line.
    """
    codes = sorted(tree)
    position = {code: index for index, code in enumerate(codes)}
    region_of = np.array([position[code] for code in owners], dtype=np.int32)
    return Regions(
        cells=cells,
        region=region_of[winner],
        pc4=np.zeros(len(cells), np.int16) if pc4 is None else pc4,
        codes=tuple(codes),
        names=tuple(tree[code].name for code in codes),
        levels=tuple(tree[code].level for code in codes),
        parents=np.array([position.get(tree[code].parent, -1) for code in codes], dtype=np.int32),
        year=year,
        source=source,
    )


def read_cbs(
    path: Path,
    year: int | None = None,
    *,
    gemeenten: Collection[str] = (),
    report: Callable[[float], None] = lambda _: None,
) -> Regions:
    """Make the table of regions from the wijken-en-buurten GeoPackage of CBS and Kadaster.

    Parameters
    ----------
    path : Path
        ``wijkenbuurten_<year>.gpkg``; its layers ``buurten`` and ``wijken`` are read.
    year : int, optional
        Year of the division; taken from the file name when absent.
    gemeenten : collection of str, optional
        GM codes to keep; empty keeps all of them.
    report : callable
        Told the share of the work that is done, 0 to 1.

    Returns
    -------
    Regions
        Buurten as the smallest regions. Large water is nobody's: CBS gives it codes of its own, and a cell on the shore
        goes to the buurt on land. Postcodes are not in the file, so ``pc4`` is 0 everywhere.

    Raises
    ------
    InputError
        When the file, a layer, a column or the coordinate system is missing, or a code is not of the form of CBS.
    """
    buurten = _land(
        _layer(path, "buurt", ("buurtcode", "buurtnaam", "wijkcode", "gemeentecode", "gemeentenaam", "water"))
    )
    wijken = _land(_layer(path, "wijk", ("wijkcode", "wijknaam", "water"), geometry=False))
    if year is None:
        found = re.search(r"(?<!\d)(20\d\d)(?!\d)", path.name)
        if found is None:
            raise InputError(
                f"{path.name}: het jaar van de indeling staat niet in de bestandsnaam; geef het met --jaar"
            )
        year = int(found[1])
    unknown = sorted(set(gemeenten) - set(buurten["gemeentecode"]))
    if unknown:
        raise InputError(f"{path.name}: gemeente {', '.join(unknown)} staat niet in dit bestand; kijk de code na")

    names = dict(zip(wijken["wijkcode"], wijken["wijknaam"], strict=True))
    tree: dict[str, Region] = {}
    wanted = buurten["gemeentecode"].isin(gemeenten) if gemeenten else np.ones(len(buurten), bool)
    for row in buurten[wanted].itertuples():
        wijk = names.get(row.wijkcode, row.wijkcode)
        tree[row.gemeentecode] = Region(row.gemeentenaam, "gemeente", "")
        tree[row.wijkcode] = Region(wijk_name(wijk, row.gemeentenaam), "wijk", row.gemeentecode)
        tree[row.buurtcode] = Region(row.buurtnaam, "buurt", row.wijkcode)

    # Buurten of the neighbours compete for the cells on the border, and keep what they win.
    near = buurten.cx[slice(*buurten[wanted].total_bounds[[0, 2]]), slice(*buurten[wanted].total_bounds[[1, 3]])]
    owners, owner = np.unique(near["buurtcode"].to_numpy(dtype=str), return_inverse=True)
    own = np.isin(owners, list(tree))
    order = np.argsort(~own, kind="stable")  # own buurten first, each group still ascending
    rank = np.argsort(order)
    cells, winner = assign(in_rd(near), rank[owner], report)
    kept = winner < own.sum()
    source = f"CBS en Kadaster, Wijk- en buurtkaart {year} (CC BY 4.0)"
    return regions(tree, owners[own].tolist(), cells[kept], winner[kept], year=year, source=source)


def _layer(path: Path, kind: str, columns: Sequence[str], *, geometry: bool = True) -> "GeoDataFrame":
    """Read some columns of the layer of a kind ("buurt" or "wijk"), under their present names."""
    import pyogrio  # noqa: PLC0415  pyogrio and pandas cost half a second that `--help` must not pay

    if not path.exists():
        raise InputError(
            f"{path}: bestand bestaat niet; download de Wijk- en buurtkaart bij CBS en geef het .gpkg-bestand"
        )
    if path.is_dir() or path.suffix.lower() == ".zip":
        what = "een map" if path.is_dir() else "een zip-bestand"
        raise InputError(f"{path}: dit is {what}; pak de download van CBS uit en geef het .gpkg-bestand zelf")
    try:
        layers = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
        layer = next((name for name in layers if re.fullmatch(LAYER.format(kind), name, re.IGNORECASE)), None)
        if layer is None:
            raise InputError(
                f"{path.name}: laag {kind}en ontbreekt; geef de Wijk- en buurtkaart van CBS als GeoPackage"
            )
        info = pyogrio.read_info(path, layer=layer)
        present = {str(name).lower(): str(name) for name in info["fields"]}
        spelled = {column: next((present[s] for s in SPELLINGS[column] if s in present), None) for column in columns}
        missing = [column for column, name in spelled.items() if name is None]
        if missing:
            raise InputError(f"{path.name}, laag {layer}: kolom {', '.join(missing)} ontbreekt; {REMEDY}")
        frame = pyogrio.read_dataframe(path, layer=layer, columns=list(spelled.values()), read_geometry=geometry)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError) as error:
        raise InputError(f"{path.name}: bestand is onvolledig of geen GeoPackage; download het opnieuw") from error
    if len(frame) != info["features"] or not len(frame):
        raise InputError(f"{path.name}, laag {layer}: er ontbreken rijen; download het bestand opnieuw")
    frame = frame.rename(columns={name: column for column, name in spelled.items()})
    faults = _faults(frame, columns, geometry=geometry)
    if faults:
        raise InputError(f"{path.name}, laag {layer}{fault}; {REMEDY}" for fault in faults)
    return frame


def _faults(frame: "GeoDataFrame", columns: Sequence[str], *, geometry: bool) -> list[str]:
    """Say what is wrong with the rows of a layer, one line per kind of fault."""
    faults = []
    for column in columns:
        wrong = ~frame[column].astype("string").str.fullmatch(CODE.get(column, ".+")).fillna(value=False)
        if wrong.any():
            what = "CBS-code" if column in CODE else "waarde"
            faults.append(f", kolom {column}: {wrong.sum()} rijen zonder {what}")
    if geometry and frame.crs is None:
        faults.append(": coördinatenstelsel ontbreekt")
    if geometry and (bare := frame.geometry.isna() | frame.geometry.is_empty).any():
        faults.append(f": {bare.sum()} rijen zonder vlak")
    return faults


def _land(frame: "GeoDataFrame") -> "GeoDataFrame":
    return frame[frame["water"] == "NEE"]


def wijk_name(name: str, gemeente: str) -> str:
    """Add the gemeente to a wijk that has a number only ("Wijk 00"), as CBS itself does for many.

    Examples
    --------
    >>> wijk_name("Wijk 00", "Ouder-Amstel"), wijk_name("Wijk 15 Dorpscentrum", "Uithoorn")
    ('Wijk 00 Ouder-Amstel', 'Wijk 15 Dorpscentrum')
    """
    return f"{name} {gemeente}" if re.fullmatch(r"Wijk \d\d", name) else name


def in_rd(frame: "GeoDataFrame") -> Shapes:
    """Give the polygons of a frame in EPSG:28992, made valid, by the same pinned transformation as the cells.

    A shape whose coordinates make no sense in the coordinate system of the frame comes back empty: it is nowhere.
    """
    shapes = np.array(frame.geometry.array)
    if frame.crs.to_epsg() != RD:
        degrees = np.asarray(frame.geometry.to_crs(ETRS89).array)
        shapes = shapely.transform(degrees, lambda lonlat: np.column_stack(grid.rd(lonlat[:, 0], lonlat[:, 1])))
    shapes[~np.isfinite(shapely.bounds(shapes)).all(axis=1)] = shapely.Polygon()
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken])
    return shapes


def _as_lonlat(shapes: Shapes) -> Shapes:
    return np.asarray(shapely.transform(shapes, lambda rd: np.column_stack(grid.lonlat(rd[:, 0], rd[:, 1]))))


def _rd_hexagons(cells: grid.Cells) -> Shapes:
    distinct, index = np.unique(cells, return_inverse=True)
    hexagons = shapely.transform(
        grid.polygons(distinct), lambda lonlat: np.column_stack(grid.rd(lonlat[:, 0], lonlat[:, 1]))
    )
    return np.asarray(hexagons[index])
