"""Which part of every pixel a polygon covers: exactly, for many polygons at once, without visiting what lies inside.

The area to the right of an edge, by Green's theorem, is added pixel by pixel along the edge only (as renderers of
typefaces do, with signed areas): a piece of an edge that rises `dy` inside a pixel adds `dy` to every pixel to the
right of it in that row, and `dy` times the share of the pixel to the right of the middle of the piece to the pixel
itself. Going through a row from left to right, a running sum of `dy` is then the covered share of every pixel that no
edge crosses. So a polygon is its *crossed pixels*, each with a share, and *runs* of pixels between them, with one share
for all (1, or less along a level edge). The work grows with the outline, in pixels, and not with the surface.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]

TINY = 1e-9
"""A smaller share of a pixel (or, for a polygon smaller than a pixel, of the polygon) is rounding of coordinates."""
BATCH = 1 << 17
"""Pieces of edges at once: some 10 MB, which stays in the cache of a processor."""


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """Edges of polygons in pixels: column to the right, row downwards, both from the corner of the raster.

    Attributes
    ----------
    low, high : ndarray of float64, shape (2, e)
        Column and row of both ends of each edge, `low` the one with the lower row; level edges are left out.
    turn : ndarray of float64, shape (e,)
        1 where the polygon lies to the right of the edge, -1 where it lies to the left.
    first : ndarray of int64, shape (n + 1,)
        Where the edges of each polygon begin.
    bounds : ndarray of float64, shape (4, n)
        Lowest column and row, highest column and row; NaN for an empty polygon.
    area : ndarray of float64, shape (n,)
        Pixels.
    """

    low: Floats
    high: Floats
    turn: Floats
    first: Integers
    bounds: Floats
    area: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Covered:
    """What some polygons cover of a window: crossed pixels, and runs of pixels.

    Attributes
    ----------
    polygons : ndarray of int64, shape (n,)
        Numbers of the polygons, ascending; the other arrays hold positions in this one.
    owner, pixel, share : ndarrays of shape (k,)
        Polygon, place in the window (row by row) and covered share of each crossed pixel.
    run_owner, ends, run_share : ndarrays of shape (m,), (2 m,) and (m,)
        Polygon, begin and end by turns, and covered share of each run; ascending by begin.
    """

    polygons: Integers
    owner: Integers
    pixel: Integers
    share: Floats
    run_owner: Integers
    ends: Integers
    run_share: Floats

    def weighted(self, of_row: Floats, width: int) -> "Covered":
        """Multiply the shares by a number for each row of a window that is `width` pixels wide."""
        return replace(
            self,
            share=self.share * of_row[self.pixel // width],
            run_share=self.run_share * of_row[self.ends[::2] // width],
        )

    def total(self, values: Floats | None = None) -> Floats:
        """Add up share times value per polygon.

        Parameters
        ----------
        values : ndarray of float64, shape (pixels + 1,), optional
            The window row by row, and one number more, which is not used; all ones when it is left out.

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        if values is None:
            crossed, runs = self.share, self.run_share * (self.ends[1::2] - self.ends[::2])
        else:
            crossed = self.share * values[self.pixel]
            runs = self.run_share * np.add.reduceat(values, self.ends)[::2] if len(self.ends) else self.run_share
        count = len(self.polygons)
        return _add(self.owner, crossed, count) + _add(self.run_owner, runs, count)

    def extreme(self, choose: np.ufunc, values: Floats, start: float) -> Floats:
        """Give the lowest or highest value per polygon: `choose` is ``np.minimum`` or ``np.maximum``."""
        found = np.full(len(self.polygons), start)
        choose.at(found, self.owner, values[self.pixel])
        if len(self.ends):
            choose.at(found, self.run_owner, choose.reduceat(values, self.ends)[::2])
        return found


def outlines(shapes: Shapes, to_pixels: tuple[float, float, float, float, float, float]) -> Outlines:
    """Turn polygons into edges.

    Parameters
    ----------
    shapes : ndarray of shapely (multi)polygons, shape (n,)
        Valid ones; they may overlap, have holes and be empty.
    to_pixels : six floats
        ``column = a east + b north + c`` and ``row = d east + e north + f``.

    Examples
    --------
    >>> made = outlines(np.array([shapely.box(0, 0, 3, 2)]), (1, 0, 0, 0, -1, 2))
    >>> made.area.tolist(), made.bounds[:, 0].tolist(), made.turn.tolist()
    ([6.0], [0.0, 0.0, 3.0, 2.0], [-1.0, 1.0])
    """
    count = len(shapes)
    parts, part_owner = shapely.get_parts(shapes, return_index=True)
    whole = ~shapely.is_empty(parts)
    rings, ring_part = shapely.get_rings(parts[whole], return_index=True)
    ring_owner = part_owner[whole][ring_part]
    points, point_ring = shapely.get_coordinates(rings, return_index=True)
    a, b, c, d, e, f = to_pixels
    column, row = a * points[:, 0] + b * points[:, 1] + c, d * points[:, 0] + e * points[:, 1] + f
    point_owner = ring_owner[point_ring]
    begins = np.flatnonzero(np.r_[True, point_owner[1:] != point_owner[:-1]]) if len(points) else np.empty(0, np.int64)
    bounds = np.full((4, count), np.nan)
    if len(points):
        held = point_owner[begins]
        bounds[:, held] = [choose.reduceat(at, begins) for choose in (np.minimum, np.maximum) for at in (column, row)]

    last = np.flatnonzero(point_ring[1:] != point_ring[:-1])
    edge = np.delete(np.arange(max(len(points) - 1, 0)), last)
    at, to, of_ring = np.stack([column[edge], row[edge]]), np.stack([column[edge + 1], row[edge + 1]]), point_ring[edge]
    # twice the surface between an edge and a corner of its polygon's box: near, so that little is lost to rounding
    corner = bounds[:2, ring_owner[of_ring]]
    cross = (at[0] - corner[0]) * (to[1] - corner[1]) - (to[0] - corner[0]) * (at[1] - corner[1])
    surface = _add(of_ring, cross, len(rings)) / 2
    outer = np.r_[True, ring_part[1:] != ring_part[:-1]] if len(rings) else np.empty(0, bool)
    # an outer ring must count as positive and a hole as negative, whichever way round they were drawn
    side = np.where(surface < 0, -1.0, 1.0) * np.where(outer, 1.0, -1.0)
    area = _add(ring_owner, surface * side, count)

    slanting = at[1] != to[1]
    at, to, of_ring = at[:, slanting], to[:, slanting], of_ring[slanting]
    down = to[1] > at[1]
    return Outlines(
        low=np.where(down, at, to),
        high=np.where(down, to, at),
        # rows count downwards: with a positive surface the polygon lies to the left of an edge that goes down
        turn=np.where(down, -1.0, 1.0) * side[of_ring],
        first=np.searchsorted(ring_owner[of_ring], np.arange(count + 1)).astype(np.int64),
        bounds=bounds,
        area=area,
    )


def near(made: Outlines, some: Integers, rows: tuple[int, int], columns: tuple[int, int]) -> Integers:
    """Give those of `some` polygons of which the box reaches into a window."""
    west, north, east, south = made.bounds[:, some]
    reach: Integers = some[(south > rows[0]) & (north < rows[1]) & (east > columns[0]) & (west < columns[1])]
    return reach


def covered(
    made: Outlines, some: Integers, rows: tuple[int, int], columns: tuple[int, int], batch: int = BATCH
) -> Iterator[Covered]:
    """Give what polygons cover of a window, some polygons at a time.

    Parameters
    ----------
    made : Outlines
    some : ndarray of int64
        Numbers of polygons, ascending.
    rows, columns : (int, int)
        The window: from, and up to but not including.
    batch : int
        About how many pieces of edges are handled at once.

    Examples
    --------
    A square from the middle of the first pixel to the middle of the third one:

    >>> made = outlines(np.array([shapely.box(0.5, 0, 2.5, 1)]), (1, 0, 0, 0, 1, 0))
    >>> cover, = covered(made, np.array([0]), (0, 1), (0, 4))
    >>> cover.pixel.tolist(), cover.share.tolist(), cover.ends.tolist(), cover.run_share.tolist()
    ([0, 2], [0.5, 0.5], [1, 2], [1.0])
    """
    number = made.first[some + 1] - made.first[some]
    if not number.any():
        return
    west, north, east, south = made.bounds[:, some]
    deep = np.clip(south, *rows) - np.clip(north, *rows)
    wide = np.clip(east, *columns) - np.clip(west, *columns)
    pieces = np.cumsum(number + 2 * (deep + wide))  # right for a convex polygon; others only make a larger batch
    cuts = np.flatnonzero(np.diff(pieces // batch)) + 1
    for part in np.split(some, cuts):
        yield _covered(made, part, rows, columns)


def every(made: Outlines, step: int) -> Outlines:
    """Give the outlines on a grid of every `step`-th pixel: each of its pixels has the centre of one of the others."""

    def coarse(at: Floats) -> Floats:
        return (at - 0.5) / step + 0.5

    return replace(
        made, low=coarse(made.low), high=coarse(made.high), bounds=coarse(made.bounds), area=made.area / step**2
    )


def centred(
    made: Outlines, some: Integers, rows: tuple[int, int], columns: tuple[int, int], batch: int = 8 * BATCH
) -> Iterator[tuple[Integers, Integers]]:
    """Give the pixels of a window of which the centre lies in a polygon: number of the polygon, and place.

    Neighbours share no pixel and leave none out: a centre on an edge belongs to the polygon to its right.

    Examples
    --------
    >>> made = outlines(np.array([shapely.box(0.5, 0, 2.5, 1)]), (1, 0, 0, 0, 1, 0))
    >>> [(owner.tolist(), place.tolist()) for owner, place in centred(made, np.array([0]), (0, 1), (0, 4))]
    [([0, 0], [0, 1])]
    """
    width = columns[1] - columns[0]
    west, north, east, south = made.bounds[:, some]
    pixels = (np.clip(south, *rows) - np.clip(north, *rows) + 2) * (
        np.clip(east, *columns) - np.clip(west, *columns) + 2
    )
    for part in np.split(some, np.flatnonzero(np.diff(np.cumsum(pixels) // batch)) + 1) if len(some) else ():
        owner, edge = _ragged(made.first[part], made.first[part + 1] - made.first[part])
        begin = np.clip(np.ceil(made.low[1, edge] - 0.5), *rows).astype(np.int64)
        end = np.clip(np.ceil(made.high[1, edge] - 0.5), *rows).astype(np.int64)
        of_edge, row = _ragged(begin, end - begin)
        low, high = made.low[:, edge], made.high[:, edge]
        slope = ((high[0] - low[0]) / (high[1] - low[1]))[of_edge]
        crossing = low[0][of_edge] + (row + 0.5 - low[1][of_edge]) * slope
        order = np.lexsort(
            (crossing, row, owner[of_edge])
        )  # in every row of a polygon the edges go in and out by turns
        column = np.clip(np.ceil(crossing[order] - 0.5), *columns).astype(np.int64) - columns[0]
        into = slice(None, None, 2)
        of_run, inner = _ragged(column[into], column[1::2] - column[into])
        run = order[into][of_run]
        yield part[owner[of_edge][run]], (row[run] - rows[0]) * width + inner


def _add(owner: Integers, numbers: Floats, count: int) -> Floats:
    return np.bincount(owner, numbers, count).astype(float, copy=False)  # of nothing it would give whole numbers


def _ragged(first: Integers, number: Integers) -> tuple[Integers, Integers]:
    """Count `number` on from each `first`; and whose each of these is."""
    owner = np.repeat(np.arange(len(number)), number)
    return owner, np.arange(len(owner)) + (first - (np.cumsum(number) - number))[owner]


def _covered(made: Outlines, some: Integers, rows: tuple[int, int], columns: tuple[int, int]) -> Covered:
    height, width = rows[1] - rows[0], columns[1] - columns[0]
    owner, edge = _ragged(made.first[some], made.first[some + 1] - made.first[some])
    top, bottom = made.low[1, edge] - rows[0], made.high[1, edge] - rows[0]
    begin, end = np.clip(top, 0, height), np.clip(bottom, 0, height)

    # one piece per row that an edge goes through
    first_row = np.floor(begin).astype(np.int64)
    of_edge, row = _ragged(first_row, np.where(end > begin, np.ceil(end).astype(np.int64) - first_row, 0))
    left = made.low[0, edge] - columns[0]
    slope = (made.high[0, edge] - columns[0] - left) / (bottom - top)
    left, top, slope = left[of_edge], top[of_edge], slope[of_edge]
    upper, lower = np.maximum(begin[of_edge], row), np.minimum(end[of_edge], row + 1)
    one, other = left + (upper - top) * slope, left + (lower - top) * slope
    rise = (lower - upper) * made.turn[edge][of_edge]

    # one piece per pixel; what lies beside the window is one pixel on either side, so that every row adds up to 0
    near_end, far_end = np.minimum(one, other), np.maximum(one, other)
    first_column = np.clip(np.floor(near_end), -1, width).astype(np.int64)
    last_column = np.maximum(np.clip(np.ceil(far_end) - 1, -1, width).astype(np.int64), first_column)
    of_row, column = _ragged(first_column, last_column - first_column + 1)
    near_end, far_end = near_end[of_row], far_end[of_row]
    enter = np.where(column > first_column[of_row], column, near_end)
    leave = np.where(column < last_column[of_row], column + 1, far_end)
    long = far_end - near_end
    rise = rise[of_row] * np.divide(leave - enter, long, out=np.ones(len(long)), where=long > 0)
    inside = rise * (column + 1 - (enter + leave) / 2)

    row_bits, column_bits = height.bit_length(), (width + 2).bit_length()
    key = ((((owner[of_edge] << row_bits) | row) << column_bits)[of_row]) + column + 1
    order = np.argsort(key, kind="stable")
    key = key[order]
    start = np.flatnonzero(np.r_[True, key[1:] != key[:-1]][: len(key)])
    if not len(start):
        nothing, none = np.empty(0, np.int64), np.empty(0)
        return Covered(some, nothing, nothing, none, nothing, nothing, none)
    key, rise, inside = key[start], np.add.reduceat(rise[order], start), np.add.reduceat(inside[order], start)
    line, column = key >> column_bits, (key & ((1 << column_bits) - 1)) - 1
    sofar = np.cumsum(rise)
    ended = np.flatnonzero(line[1:] != line[:-1])  # every row starts at 0 again, whatever rounding came before it
    sofar -= np.repeat(np.r_[0.0, sofar[ended]], np.diff(np.r_[0, ended + 1, len(line)]))
    share = sofar - rise + inside
    place, whose = (line & ((1 << row_bits) - 1)) * width, line >> row_bits

    least = TINY * np.minimum(made.area[some], 1.0)[whose]
    crossed = np.flatnonzero((share > least) & (column >= 0) & (column < width))
    begins, ends = column[:-1] + 1, np.minimum(column[1:], width)
    run = np.flatnonzero((line[1:] == line[:-1]) & (ends > begins) & (sofar[:-1] > least[:-1]))
    run = run[np.argsort(place[run] + begins[run], kind="stable")]  # reduceat also goes through what lies between
    full = sofar[run]
    return Covered(
        polygons=some,
        owner=whose[crossed],
        pixel=place[crossed] + column[crossed],
        share=np.minimum(share[crossed], 1.0),
        run_owner=whose[run],
        ends=np.stack([place[run] + begins[run], place[run] + ends[run]], axis=1).ravel(),
        run_share=np.where(full > 1 - TINY, 1.0, full),
    )
