"""Two layers together: where a high rate of one has high rates of the other round it."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geoanalyse import grid
from geoanalyse.geography import Geography
from geoanalyse.layer import Layer
from geoanalyse.stats import TESTED, graph, local, neighbour_pairs, permutation, region_pairs, significant
from geoanalyse.stats.multiple import benjamini_hochberg

Floats = npt.NDArray[np.float64]

SCHEMA = pa.schema(
    [
        ("zone", pa.string()),
        ("first", pa.float64()),
        ("second", pa.float64()),
        ("statistic", pa.float64()),
        ("p", pa.float64()),
        ("q", pa.float64()),
        ("together", pa.string()),
    ]
)
"""One row per unit in which both layers have a value.

``first`` and ``second`` are the standardised rates of both layers, ``statistic`` is the bivariate local Moran's I,
``p`` its two-sided p-value by permutation and ``q`` that after Benjamini and Hochberg's correction; ``together`` is one
of `WORDS`: the first layer in the unit, then the second round it, where q <= `LEVEL`.
"""

LEVEL: Final = 0.05
"""Share of false discoveries that is accepted among the units of which something is said."""
WORDS: Final = ("geen", "hoog-hoog", "laag-hoog", "laag-laag", "hoog-laag")
LEVELS: Final = (*TESTED, "buurt", "wijk")
"""Levels that have enough units to compare."""


def together(
    statistics: pa.Table, first: Layer, second: Layer, level: str, geography: Geography, *, permutations: int, seed: int
) -> pa.Table:
    """Compute the bivariate local Moran's I of two layers in all units that show both.

    Values are those of `standardised_rates`, weights binary and between units with touching cells. Neighbours outside
    the table are not seen: at its edge a unit has fewer.

    Parameters
    ----------
    statistics : pyarrow.Table
        Schema `geoanalyse.stats.SCHEMA`.
    first, second : Layer
        The layer in the unit, and that of its neighbours.
    level : str
        One of `LEVELS`; for ``zone`` both layers must be counted on the same base.
    geography : Geography
    permutations, seed : int
        As in `permutation.gi_p`.

    Returns
    -------
    pyarrow.Table
        Schema `SCHEMA`, sorted by unit.

    Raises
    ------
    ValueError
        When the level is none of these, or the zones of the layers differ.
    """
    if level not in LEVELS:
        raise ValueError(f"niveau {level} kan niet: kies {', '.join(LEVELS)}")
    if level == "zone" and first.base != second.base:
        raise ValueError(f"{first.id} en {second.id} hebben andere zones: kies niveau res9 of res8")
    table = statistics.select(["layer", "level", "zone", "addresses", "value"]).to_pandas()
    shown = table[(table["level"] == level) & table["value"].notna() & (table["addresses"] > 0)].set_index("zone")
    here, around = (shown[shown["layer"] == layer.id] for layer in (first, second))
    units = sorted(set(here.index) & set(around.index))
    x, y = (_rates(rows.loc[units]) for rows in (here, around))
    if level in TESTED:
        pairs = neighbour_pairs(level, units, geography.zones.base[first.base])
    else:
        pairs = region_pairs(level, units, geography.regions, grid.near_pairs(geography.regions.cells))
    weights = graph.from_pairs(pairs, len(units))
    found = local.bivariate_moran(x, y, weights)
    p = permutation.bivariate_moran_p(x, y, weights, permutations, seed)
    q = benjamini_hochberg(p)
    columns = {
        "zone": units,
        "first": significant(x),
        "second": significant(y),
        "statistic": significant(found.statistic),
        "p": significant(p),
        "q": significant(q),
        "together": np.array(WORDS)[np.where(q <= LEVEL, found.quadrant, 0)],
    }
    return pa.table(columns, schema=SCHEMA)


def _rates(rows: pd.DataFrame) -> Floats:
    return standardised_rates(rows["value"].to_numpy(dtype=float), rows["addresses"].to_numpy(dtype=float))


def standardised_rates(counts: npt.ArrayLike, population: npt.ArrayLike) -> Floats:
    """Give rates in standard deviations from the rate of all, so that small and large units may change places.

    With r_i = counts / population, N the population and N_m its mean (Assuncao & Reis, Statistics in Medicine 18 (1999)
    2147-2162)::

        b = sum counts / sum N,   s2 = sum N_i (r_i - b)^2 / sum N,   a = max(0, s2 - b / N_m)
        z_i = (r_i - b) / sqrt(a + b / N_i)

    (They let a be negative and leave it out only where the whole variance is.)

    Parameters
    ----------
    counts : array_like of float, shape (n,)
        At least 0.
    population : array_like of float, shape (n,)
        Above 0.

    Returns
    -------
    ndarray of float, shape (n,)
        All 0 when nothing was counted.

    Raises
    ------
    ValueError
        When a number is out of bounds or not finite, or the shapes differ.

    Examples
    --------
    >>> standardised_rates([1, 3], [10, 10]).round(3).tolist()  # b = 0.2; 0.1 from it, sqrt(0.2 / 10) = 0.141
    [-0.707, 0.707]
    """
    cases, people = np.asarray(counts, dtype=np.float64), np.asarray(population, dtype=np.float64)
    if cases.shape != people.shape or cases.ndim != 1:
        raise ValueError(f"counts of shape {cases.shape} do not fit a population of shape {people.shape}")
    if not (np.isfinite(cases) & np.isfinite(people) & (cases >= 0) & (people > 0)).all():
        raise ValueError("counts must be at least 0 and a population above 0, both finite")
    if not cases.any():
        return np.zeros(len(cases))
    rate, mean = cases / people, cases.sum() / people.sum()
    between = max(0.0, float(people @ (rate - mean) ** 2 / people.sum() - mean / people.mean()))
    standardised: Floats = (rate - mean) / np.sqrt(between + mean / people)
    return standardised
