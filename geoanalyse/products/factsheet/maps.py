"""The cut-outs on page one: the area, and three to five places that stand out, from exactly the map's table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc
import scipy.sparse
import scipy.sparse.csgraph

from geoanalyse import grid
from geoanalyse.products import cutout, dutch, figures, shapes
from geoanalyse.products.cutout import Bounds, Mark, Part
from geoanalyse.products.factsheet.subjects import Subject
from geoanalyse.products.sentence import Figure, Sentence, joined, say
from geoanalyse.products.shapes import Shapes
from geoanalyse.release import Release

WIDTH_MM = 178.0
HEIGHT_MM = 104.0
"""Size of the main cut-out on paper; two of them stand beside each other where two themes are drawn."""

FEWEST, MOST = 3, 5
"""Cut-outs of places that stand out, where there are so many."""

_TALL, _TALL_TWIN = (HEIGHT_MM, 150.0), (85.0, 130.0)  # millimetres, with and without cut-outs below
_GAP = 3.0
_SPOT_HEIGHT = 43.0
_STRIP = (178.0, 4.5)
_CELL_WIDTH = {"zone": 130.0, "res9": 345.0, "res8": 910.0}  # metres across a hexagon
_LEGIBLE = 1.5  # millimetres: a smaller hexagon cannot be read
_ACROSS = {"zone": (350.0, 1600.0), "res9": (1000.0, 2500.0), "res8": (2400.0, 4500.0)}  # metres, of a place
_DOUBLE = 4  # lowest class of twice the average and more

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that stands out.

    Attributes
    ----------
    layer : str
        What is drawn of it.
    cells : ndarray of uint64
    units : int
        Hot spots of the drawn level in it; 0 when it is the place of a signal only.
    bounds : Bounds
        What its cut-out shows, RD metres.
    region : str
        Code of the smallest region that most of it lies in.
    """

    layer: str
    cells: grid.Cells
    units: int
    bounds: Bounds
    region: str


def map_level(release: Release, subject: Subject) -> str:
    """Give the level of the main cut-out."""
    width = (WIDTH_MM - _GAP) / 2 if len(subject.drawn) > 1 else WIDTH_MM - cutout.LEGEND_MM
    return legible_level(release, subject.drawn, _bounds(release, subject), (width, HEIGHT_MM))


def legible_level(release: Release, layers: Sequence[str], bounds: Bounds, size_mm: tuple[float, float]) -> str:
    """Give the finest level whose hexagons can still be read on a map of this size.

    Parameters
    ----------
    release : Release
    layers : sequence of str
        What is drawn.
    bounds : tuple of float
        What the map shows, RD metres.
    size_mm : tuple of float
        Width and height of the map itself on paper, millimetres.
    """
    west, south, east, north = bounds
    scale = min(size_mm[0] / (east - west), size_mm[1] / (north - south))
    shown = {level for level in _CELL_WIDTH if _has_classes(release, level, layers)}
    legible = (level for level, width in _CELL_WIDTH.items() if width * scale >= _LEGIBLE and level in shown)
    return next(legible, next((level for level in reversed(_CELL_WIDTH) if level in shown), "res8"))


def _has_classes(release: Release, level: str, layers: Sequence[str]) -> bool:
    """Whether anything can be coloured at a level: a public release has nothing finer than its largest hexagons."""
    table = release.statistics
    mine = pc.and_(pc.equal(table["level"], level), pc.is_in(table["layer"], pc.cast(list(layers), "string")))
    return bool(pc.any(pc.and_(mine, pc.is_valid(table["class"]))).as_py())


def _bounds(release: Release, subject: Subject) -> Bounds:
    """Give what the main cut-out shows."""
    if not subject.region:
        return cutout.extent(release)
    cells = np.intersect1d(release.geography.regions.under(subject.region), release.area.cells)
    return _around(cells, reach=_CELL_WIDTH["zone"], least=600.0, widest=np.inf, margin=0.1)


def _around(cells: grid.Cells, *, reach: float, least: float, widest: float, margin: float) -> Bounds:
    """Give bounds round cells that reach out of their centres: a share wider, neither too near nor too far (metres)."""
    easting, northing = shapes.centres(cells).T
    west, east, south, north = easting.min(), easting.max(), northing.min(), northing.max()
    middle = (west + east) / 2, (south + north) / 2
    sides = [min(max((1 + 2 * margin) * (side + reach), least), widest) / 2 for side in (east - west, north - south)]
    return (
        float(middle[0] - sides[0]),
        float(middle[1] - sides[1]),
        float(middle[0] + sides[0]),
        float(middle[1] + sides[1]),
    )


# --- places that stand out --------------------------------------------------------------------------------------------


def spots(subject: Subject, level: str, clusters: Sequence[Spot]) -> tuple[Spot, ...]:
    """Choose the places to draw larger: joined hot spots, the largest first, then those of the strongest signals.

    Parameters
    ----------
    subject : Subject
    level : str
        Level that is drawn; hot spots are those of this level.
    clusters : sequence of Spot
        Hot spots that touch, joined (`clusters`).

    Returns
    -------
    tuple of Spot
        At most `MOST`; signals are only added up to `FEWEST`. None lies inside another.
    """
    found: list[Spot] = []
    hot = sorted(clusters, key=lambda spot: (-spot.units, spot.region, int(spot.cells[0])))
    listed = (
        _spot(_drawn_of(subject, signal.theme), level, np.array(signal.cells, dtype=np.uint64), 0, signal.region)
        for signal in subject.signals
    )
    for most, candidates in ((MOST, hot), (FEWEST, listed)):
        for spot in candidates:
            if len(found) >= most:
                break
            if not any(_holds(other.bounds, spot.cells) for other in found):
                found.append(spot)
    return tuple(found)


def _drawn_of(subject: Subject, theme: str) -> str:
    return next((layer for layer in subject.drawn if layer == f"thema:{theme}"), subject.drawn[0])


def _spot(layer: str, level: str, cells: grid.Cells, units: int, region: str) -> Spot:
    least, widest = _ACROSS[level]
    bounds = _around(cells, reach=_CELL_WIDTH[level], least=least, widest=widest, margin=0.25)
    return Spot(layer, cells, units, bounds, region)


def _holds(bounds: Bounds, cells: grid.Cells) -> bool:
    """Whether most of some cells lie within bounds."""
    easting, northing = shapes.centres(cells).T
    west, south, east, north = bounds
    inside = (easting > west) & (easting < east) & (northing > south) & (northing < north)
    return 2 * int(inside.sum()) > len(cells)


def clusters(known: Shapes, subject: Subject, level: str) -> list[Spot]:
    """Join hot spots that touch, of everything that is drawn."""
    region = figures.region_of(known.release, level)
    return [spot for layer in subject.drawn for spot in _clusters(known, subject, layer, level, region)]


def _clusters(known: Shapes, subject: Subject, layer: str, level: str, region: Mapping[str, str]) -> list[Spot]:
    chain = known.release.geography.regions.chain
    hot = [
        row
        for row in figures.hotspots(known.release, layer, level)
        if not subject.region or subject.region in chain(region[row["zone"]]).values()
    ]
    units = known.unit_cells(layer, level)
    hot = [row for row in hot if len(units.get(row["zone"], ()))]
    if not hot:
        return []
    cells = np.concatenate([units[row["zone"]] for row in hot])
    owner = np.repeat(np.arange(len(hot)), [len(units[row["zone"]]) for row in hot])
    near = grid.near_pairs(cells)
    links = scipy.sparse.coo_array((np.ones(len(near)), (owner[near[:, 0]], owner[near[:, 1]])), shape=2 * (len(hot),))
    count, of_unit = scipy.sparse.csgraph.connected_components(links, directed=False)
    found = []
    for number in range(count):
        mine = np.flatnonzero(of_unit == number)
        highest = min((hot[each] for each in mine), key=lambda row: (-(row["ratio"] or 0), row["zone"]))
        chosen = np.sort(cells[np.isin(owner, mine)])
        found.append(_spot(layer, level, chosen, len(mine), region[highest["zone"]]))
    return found


# --- drawings ---------------------------------------------------------------------------------------------------------


def drawings(known: Shapes, subject: Subject, level: str) -> Content:
    """Draw page one.

    Returns
    -------
    dict
        ``kaarten``, ``uitsneden``: lists of svg, alt and width in mm, the latter with a title; ``legenda``; texts.
    """
    groups = clusters(known, subject, level)
    chosen = spots(subject, level, groups)
    parts = [Part(letter, spot.bounds) for letter, spot in zip("ABCDE", chosen, strict=False)]
    framed: dict[str, list[Part]] = {layer: [] for layer in subject.drawn}
    for part, spot in zip(parts, chosen, strict=True):
        framed[spot.layer].append(part)
    height = (_TALL if len(subject.drawn) == 1 else _TALL_TWIN)[0 if chosen else 1]
    mains = [_main(known, subject, layer, level, framed[layer], height) for layer in subject.drawn]
    width = (WIDTH_MM - (MOST - 1) * _GAP) / MOST if len(chosen) == MOST else 42.25
    larger = [_larger(known, subject, spot, part, level, width) for spot, part in zip(chosen, parts, strict=True)]
    layer = subject.drawn[0]
    return {
        "kaarten": mains,
        "bijschrift": _caption(subject, level, chosen),
        "uitsneden": larger,
        "uitsneden_kop": _heading(subject, level, groups, chosen),
        "legenda": {
            "svg": cutout.legend_svg(
                known.release, layer, size_mm=_STRIP, description="De kleuren en lijnen van de uitsneden."
            ),
            "alt": "Legenda: de kleuren en lijnen van de uitsneden, dezelfde als op de kaart erboven.",
        },
    }


def _title(release: Release, layer: str) -> str:
    if layer.startswith("thema:"):
        return f"Samengesteld beeld {dutch.THEMES[layer.removeprefix('thema:')]}"
    return next(each.title for each in release.layers if each.id == layer)


def _main(known: Shapes, subject: Subject, layer: str, level: str, parts: Sequence[Part], height: float) -> Content:
    release = known.release
    single = len(subject.drawn) == 1
    width = WIDTH_MM if single else (WIDTH_MM - _GAP) / 2
    alt = _alt(release, subject, layer, level)
    drawn = cutout.cutout_svg(
        release,
        layer,
        level,
        bounds=_bounds(release, subject) if subject.region else None,
        size_mm=(width, height),
        title=_title(release, layer),
        description=alt.text,
        legend=single,
        parts=parts,
        known=known,
    )
    return {
        "svg": drawn,
        "alt": alt,
        "titel": "" if single else _title(release, layer),
        "breedte": width,
        "hoogte": height,
    }


def _alt(release: Release, subject: Subject, layer: str, level: str) -> Sentence:
    """Say in words what the main cut-out shows."""
    rows = figures.rows(release, layer, level, "zone", "class", "hotspot")
    known = [row for row in rows if row["class"] is not None]
    place = release.geography.regions.name(subject.region) if subject.region else release.area.title
    if subject.region:
        region, chain = figures.region_of(release, level), release.geography.regions.chain
        known = [row for row in known if subject.region in chain(region[row["zone"]]).values()]
    hot = sum(row["hotspot"] == "hotspot" for row in known)
    double = sum(row["class"] >= _DOUBLE for row in known)
    one, many = dutch.LEVELS[level]
    title = _title(release, layer)
    about = {"layer": layer, "level": level, "place": subject.region}
    return say(
        "Kaart van {place}: {title} per {one}. Van de {count} {have} er {double} een cijfer van 2 keer het gemiddelde "
        "of hoger. Er {are} {hot}. De cijfers staan in de tabellen.",
        place=place,
        title=f"{title[:1].lower()}{title[1:]}" if layer.startswith("thema:") else title,
        one=one,
        count=Figure(dutch.plural(len(known), one, many), len(known), "met cijfer", **about),
        have="heeft" if double == 1 else "hebben",
        double=Figure(dutch.number(double), double, "twee keer of hoger", **about),
        are="is" if hot == 1 else "zijn",
        hot=Figure(dutch.plural(hot, "hotspot", "hotspots"), hot, "hotspots", **about),
    )


def _caption(subject: Subject, level: str, chosen: Sequence[Spot]) -> Sentence:
    many = dutch.LEVELS[level][1]
    one_layer = not subject.drawn[0].startswith("thema:")
    compared = (
        "De kaart vergelijkt deze bron met het gemiddelde van de regio (1 keer)."
        if one_layer
        else "De kaart telt de bronnen samen en vergelijkt met het gemiddelde van de regio (1 keer)."
    )
    counted = "" if subject.region else f"Achter elke klasse staat het aantal {many}."
    framed = "De vierkanten met een letter staan hieronder groter." if chosen else ""
    return joined(Sentence(compared), Sentence(counted), Sentence(framed))


def _heading(subject: Subject, level: str, groups: Sequence[Spot], chosen: Sequence[Spot]) -> Sentence:
    """Say which places are drawn larger, and how many are not."""
    if not chosen:
        return Sentence("Er is geen plek die opvalt, en dus geen uitsnede.")
    rest = sum(not any(_holds(other.bounds, spot.cells) for other in chosen) for spot in groups)
    shown = any(spot.units for spot in chosen)
    if rest:
        return say(
            f"De grootste plekken met hotspots; {{rest}} {'staat' if rest == 1 else 'staan'} alleen op de kaart",
            rest=Figure(dutch.small(rest), rest, "niet uitgesneden", subject.drawn[0], level, subject.region),
        )
    if not shown:
        return Sentence("Plekken van de sterkste signalen")
    return Sentence("Plekken die opvallen")


def _larger(known: Shapes, subject: Subject, spot: Spot, part: Part, level: str, width: float) -> Content:
    release = known.release
    name = release.geography.regions.name(spot.region)
    inside = [signal for signal in subject.signals if _holds(spot.bounds, np.array(signal.cells, dtype=np.uint64))]
    shown = [signal for signal in inside if len(subject.drawn) == 1 or f"thema:{signal.theme}" == spot.layer]
    marks = [Mark(signal.id, signal.cells) for signal in shown][:MOST]
    alt = _alt_of(release, spot, part, level, name, [mark.text for mark in marks])
    drawn = cutout.cutout_svg(
        release,
        spot.layer,
        level,
        bounds=spot.bounds,
        size_mm=(width, _SPOT_HEIGHT),
        title=f"Uitsnede {part.text}: {name}",
        description=alt.text,
        legend=False,
        marks=marks,
        known=known,
    )
    theme = f" ({dutch.THEMES[spot.layer.removeprefix('thema:')]})" if len(subject.drawn) > 1 else ""
    return {"letter": part.text, "titel": f"{name}{theme}", "svg": drawn, "alt": alt, "breedte": width}


def _alt_of(release: Release, spot: Spot, part: Part, level: str, name: str, ids: Sequence[str]) -> Sentence:
    """Say in words what a cut-out shows."""
    one, many = dutch.LEVELS[level]
    title = _title(release, spot.layer)
    if spot.units:
        count = Figure(
            dutch.plural(spot.units, one, many), spot.units, "hotspots bij elkaar", spot.layer, level, spot.region
        )
        said = say(
            "Uitsnede {letter} in {name}: {title}. Hier {lies} {count} bij elkaar die een hotspot {are}.",
            letter=part.text,
            name=name,
            title=title,
            lies="ligt" if spot.units == 1 else "liggen",
            count=count,
            are="is" if spot.units == 1 else "zijn",
        )
    else:
        said = say(
            "Uitsnede {letter} in {name}: {title}. Hier ligt een signaal.", letter=part.text, name=name, title=title
        )
    return joined(said, Sentence(f"Signalen: {dutch.listing(ids)}." if ids else ""))
