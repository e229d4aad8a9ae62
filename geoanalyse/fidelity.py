"""How much of the exact counts the published table still shows, per layer and level; raw side, for the maker alone.

`geoanalyse advies` prints what is computed here, and advises the finest level that can still be read. The figures come
from exact counts, so they are confidential: they go to the screen of the maker or to ``vertrouwelijk/``.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from geoanalyse import grid, protection, selection, stats
from geoanalyse.build import Prepared
from geoanalyse.counts import Counts
from geoanalyse.errors import AreaError
from geoanalyse.geography import SHOWN, Geography, Ints, ZoneSet, add_up, atoms, pieces, units_at
from geoanalyse.layer import Base
from geoanalyse.published import Protected
from geoanalyse.rounding import DISPLACEMENT
from geoanalyse.stats import graph
from geoanalyse.stats.frames import whole_period
from geoanalyse.stats.overall import moran

Floats = npt.NDArray[np.float64]

LEVELS = ("zone", "res9", "res8", "buurt", "wijk")
"""Levels that are judged, from fine to coarse; what none of them shows well is shown per gemeente."""
COARSEST = "gemeente"
FEWEST = 10
"""A figure over fewer units than this is not given."""
SIZES = (10, 20, 50, 100)
"""Lower bounds of the size classes of units, in addresses."""
TOP = 10
"""One in so many units is in the top."""

MOST_DISTANCE = 0.35
"""Greatest Hellinger distance H of a level that is advised.

The share of the cases shown in another place than where they are is at most ``H sqrt(2 - H^2)`` (Le Cam): 0.48 here,
so most of what is shown stands where it belongs.
"""
LEAST_OVERLAP = 0.5
"""Least Jaccard index of the top: two of three places in the published top belong there."""
LEAST_RANK = 0.75
"""Least rank correlation: nearly four in five pairs of places stand in the right order.

For two normal variables a rank correlation of 0.75 is a Kendall tau of 0.55; ``(1 + tau) / 2`` is the share of pairs.
On the demo another key moves it by 0.02 either way, so that a round 0.8 would let the key decide on the FIU layer.
"""


# --- the formulas -----------------------------------------------------------------------------------------------------


def hellinger(exact: npt.ArrayLike, published: npt.ArrayLike) -> float:
    """Give the Hellinger distance between two distributions over the same units.

    ``H = sqrt(1/2 sum (sqrt(p) - sqrt(q))^2)`` with p and q the share of each unit in the total: 0 when all shares are
    equal, 1 when no unit has a part in both. E. Hellinger, *J. reine angew. Math.* 136 (1909) 210-271.

    Parameters
    ----------
    exact, published : array_like of numbers >= 0, shape (n,)

    Returns
    -------
    float
        1 when only one of the two has anything to distribute, NaN when neither has.

    Examples
    --------
    >>> hellinger([3, 1], [6, 2]), hellinger([5, 0], [0, 5])
    (0.0, 1.0)
    >>> round(hellinger([1, 1], [2, 0]), 3)  # sqrt(1 - sqrt(1/2))
    0.541
    """
    left, right = np.asarray(exact, dtype=float), np.asarray(published, dtype=float)
    if not left.any() or not right.any():
        return 1.0 if left.any() or right.any() else math.nan
    apart = np.sqrt(left / left.sum()) - np.sqrt(right / right.sum())
    return min(1.0, math.sqrt(float((apart**2).sum()) / 2))


def top_members(values: npt.ArrayLike, one_in: int = TOP) -> Floats:
    """Say how far each unit belongs to the top: 1, 0, or a part where units that are equal share the last places.

    The top has ``n / one_in`` places, rounded up. Equal units at its edge divide what is left, so that no order of the
    units matters. A unit with nothing is never in the top: a top that is not filled stays smaller.

    Returns
    -------
    ndarray of float, shape (n,)

    Examples
    --------
    >>> top_members([9, 4, 4, 1, 0], one_in=3).tolist()
    [1.0, 0.5, 0.5, 0.0, 0.0]
    >>> top_members([7, 0, 0, 0], one_in=2).tolist()
    [1.0, 0.0, 0.0, 0.0]
    """
    found = np.asarray(values, dtype=float)
    places = -(-len(found) // one_in)
    edge = np.sort(found)[-places] if places else math.inf
    tied = found == edge
    member = np.where(found > edge, 1.0, 0.0)
    member[tied] = (places - member.sum()) / max(1, tied.sum())
    member[found <= 0] = 0.0
    return member


def overlap(exact: npt.ArrayLike, published: npt.ArrayLike, one_in: int = TOP) -> float:
    """Give the Jaccard index of the two tops: what they share over what is in either.

    ``J = sum min(a, b) / sum max(a, b)`` with a and b from `top_members`; without equal units at the edge this is the
    index of P. Jaccard, *New Phytologist* 11 (1912) 37-50, with them its form for parts of M. Ružička, *Biológia* 13
    (1958) 647-661.

    Returns
    -------
    float
        NaN when both tops are empty.

    Examples
    --------
    >>> overlap([9, 8, 1, 0], [6, 0, 6, 3], one_in=2)  # {0, 1} and {0, 2}: one of three
    0.3333333333333333
    >>> overlap([9, 4, 4, 1, 0], [9, 4, 0, 0, 0], one_in=3)  # (1 + 1/2) / (1 + 1 + 1/2)
    0.6
    """
    left, right = top_members(exact, one_in), top_members(published, one_in)
    either = float(np.maximum(left, right).sum())
    return float(np.minimum(left, right).sum()) / either if either else math.nan


def rank_correlation(exact: npt.ArrayLike, published: npt.ArrayLike) -> float:
    """Give the rank correlation: the correlation of the ranks, equal values having their mean rank.

    C. Spearman, *Am. J. Psychol.* 15 (1904) 72-101.

    Returns
    -------
    float
        NaN when all values of one side are equal.

    Examples
    --------
    >>> rank_correlation([1, 2, 3, 4], [10, 20, 40, 30])  # 1 - 6 (1 + 1) / (4 (16 - 1))
    0.8
    >>> round(rank_correlation([1, 2, 3], [0, 0, 5]), 3)  # ranks 1 2 3 and 1.5 1.5 3
    0.866
    """
    left, right = (pd.Series(np.asarray(values, dtype=float)).rank().to_numpy() for values in (exact, published))
    left, right = left - left.mean(), right - right.mean()
    spread = math.sqrt(float((left @ left) * (right @ right)))
    return float(left @ right) / spread if spread else math.nan


# --- a layer at a level -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fidelity:
    """What one layer still shows at one level; NaN is a figure that cannot be given.

    Attributes
    ----------
    layer, level : str
    units : int
        Units with a published value.
    sizes : tuple of float
        Share of the addresses in units of each class of `SIZES`; public. Adds up to 1.
    margin : float
        Most that a value may be off, of the middle unit.
    relative_margin : float
        That margin over the value, of the middle unit with a value above 0.
    distance : float
        `hellinger` of the counts.
    overlap : float
        `overlap` of the ten percent of units with the highest counts.
    rank : float
        `rank_correlation` of the counts; at level buurt that of the buurten.
    rank_of_rates : float
        That of counts per address. Where rates hardly differ chance decides their order, in the exact counts too: it
        is given, and does not decide.
    moran_exact, moran_published : float
        `overall.moran` of counts per address, before and after.
    """

    layer: str
    level: str
    units: int
    sizes: tuple[float, ...]
    margin: float
    relative_margin: float
    distance: float
    overlap: float
    rank: float
    rank_of_rates: float
    moran_exact: float
    moran_published: float

    @property
    def judged(self) -> bool:
        """Whether there were enough units, and anything to show."""
        return not math.isnan(self.distance)

    @property
    def good(self) -> bool:
        """Whether the level is good enough to be advised; False where a figure is missing."""
        return self.distance <= MOST_DISTANCE and self.overlap >= LEAST_OVERLAP and self.rank >= LEAST_RANK


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured round an area.

    Attributes
    ----------
    gemeenten : tuple of str
        CBS codes of the gemeenten that were measured.
    figures : mapping of str to list of Fidelity
        Layer id to its levels, from fine to coarse.
    advice : mapping of str to str
        Layer id to the level that `advised` gives.
    """

    gemeenten: tuple[str, ...]
    figures: Mapping[str, list[Fidelity]]
    advice: Mapping[str, str]


def measure_around(prepared: Prepared, profile: str) -> Measured:
    """Protect what was counted, and measure all gemeenten in which the area lies.

    They are what the map compares the area with, and an area of a few buurten has too few units to judge by.

    Raises
    ------
    AreaError
        When nothing can be published about the area.
    """
    place, layers, geography = prepared.area, prepared.layers, prepared.geography
    everywhere = protection.protect(prepared.counts, geography, prepared.source.key.secret, profile)
    chosen, _ = selection.choose(geography, place.cells)
    if not chosen[Base.ALL].any():
        raise AreaError(f"over {place.title} kan niets worden uitgegeven: er is geen zone met genoeg adressen")
    published = selection.in_gemeenten(everywhere, layers, geography, chosen)
    of_zone = geography.regions.at_level("gemeente")[geography.zones.base[Base.ALL].region[chosen[Base.ALL]]]
    found = measure(prepared.counts, published, geography)
    figures = {layer.id: [item for item in found if item.layer == layer.id] for layer in layers}
    return Measured(
        gemeenten=tuple(geography.regions.codes[code] for code in np.unique(of_zone)),
        figures=figures,
        advice={name: advised(items) for name, items in figures.items()},
    )


def measure(counts: Sequence[Counts], published: Protected, geography: Geography) -> list[Fidelity]:
    """Compare exact counts with the published table, per layer and level that the layer has.

    Parameters
    ----------
    counts : sequence of Counts
        Over all zones.
    published : Protected
        Their table, or the part of it that is to be judged.
    geography : Geography
    """
    frame = whole_period(published)
    found = []
    known: dict[_Units, sparse.csr_array] = {}  # layers of one base mostly share their units
    for item in counts:
        rows = frame[(frame["layer"] == item.layer.id) & frame["value"].notna()]
        found += [
            _measure_level(item, rows[rows["level"] == level], level, geography, known)
            for level in LEVELS
            if level in SHOWN[item.layer.atom]
        ]
    return found


def advised(levels: Iterable[Fidelity]) -> str:
    """Give the finest level of one layer that is good enough.

    Returns
    -------
    str
        `COARSEST` when no level is, and nothing when no level could be judged.
    """
    known = sorted(levels, key=lambda item: LEVELS.index(item.level))
    good = [item.level for item in known if item.good]
    return good[0] if good else COARSEST if any(item.judged for item in known) else ""


def size_names() -> tuple[str, ...]:
    """Name the size classes.

    Examples
    --------
    >>> size_names()
    ('10-19', '20-49', '50-99', '100+')
    """
    return (*(f"{low}-{high - 1}" for low, high in pairwise(SIZES)), f"{SIZES[-1]}+")


_Units = tuple[Base, str, tuple[str, ...]]


def _measure_level(
    item: Counts, rows: pd.DataFrame, level: str, geography: Geography, known: dict[_Units, sparse.csr_array]
) -> Fidelity:
    count = len(rows)
    if count < FEWEST:
        unknown = (math.nan,) * 8
        return Fidelity(item.layer.id, level, count, (math.nan,) * len(SIZES), *unknown)
    zones = geography.zones.base[item.layer.base]
    names = rows["zone"].tolist()
    exact_of = _exact(item, level, zones, geography)
    exact = np.array([exact_of[name] for name in names], dtype=float)
    value, addresses = (rows[column].to_numpy(dtype=float) for column in ("value", "addresses"))
    apart = rows["rounding"] == "apart"
    margin = (rows["atoms"] * (rows["b"] - 1) + apart * DISPLACEMENT).to_numpy(dtype=float)
    above = value > 0
    units = (item.layer.base, level, tuple(names))
    if units not in known:
        known[units] = graph.from_pairs(_neighbours(level, names, zones, geography), count)
    near = known[units]
    size_class = np.maximum(np.searchsorted(SIZES, addresses, side="right") - 1, 0)
    in_class = np.bincount(size_class, weights=addresses, minlength=len(SIZES))
    return Fidelity(
        layer=item.layer.id,
        level=level,
        units=count,
        sizes=tuple((in_class / addresses.sum()).tolist()),
        margin=float(np.median(margin)),
        relative_margin=float(np.median(margin[above] / value[above])) if above.any() else math.nan,
        distance=hellinger(exact, value),
        overlap=overlap(exact, value),
        rank=rank_correlation(exact, value),
        rank_of_rates=rank_correlation(exact / addresses, value / addresses),
        moran_exact=moran(exact / addresses, near).statistic,
        moran_published=moran(value / addresses, near).statistic,
    )


def _exact(item: Counts, level: str, zones: ZoneSet, geography: Geography) -> dict[str, int]:
    """Exact count of every unit of a level, and of every atom: where there are no buurten an atom is a wijk."""
    regions, atom = geography.regions, item.layer.atom
    smallest, wider = atoms(zones, regions, atom), units_at(zones, regions, atom, level)
    per_atom: Ints = add_up(pieces(zones, regions, atom).atom, item.total, len(smallest.ids))
    per_unit = add_up(wider.of_atom, per_atom, len(wider.ids))
    return dict(zip((*smallest.ids, *wider.ids), (*per_atom.tolist(), *per_unit.tolist()), strict=True))


def _neighbours(level: str, names: Sequence[str], zones: ZoneSet, geography: Geography) -> Ints:
    """Pairs of units that touch, as positions in `names`, each once, shape (m, 2); regions touch where cells do."""
    if level in stats.TESTED:
        return stats.neighbour_pairs(level, names, zones)
    regions = geography.regions
    return stats.region_pairs(level, names, regions, grid.near_pairs(regions.cells))
