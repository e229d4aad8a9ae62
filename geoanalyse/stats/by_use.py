"""Rates by use, and each place beside what the uses of its addresses lead to expect: shops with shops.

Indirect standardisation (Breslow & Day, Statistical Methods in Cancer Research II (1987), ch. 2) needs the rate of each
use. A count per use would be one more set of totals to attack. So the rates are estimated from the published table and
the public addresses by use of the same units: nothing new leaves (docs/decisions/0016-cijfers-naar-gebruik.md).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from scipy import linalg, optimize

from geoanalyse.geography import LEVELS, Geography, Ints, add_up, units_at
from geoanalyse.layer import Layer, Use
from geoanalyse.published import Protected
from geoanalyse.stats import finest_rows, rates, significant
from geoanalyse.stats.frames import described, kinds, whole_period

Floats = npt.NDArray[np.float64]

SCHEMA = pa.schema(
    [
        ("layer", pa.string()),
        ("level", pa.string()),
        ("zone", pa.string()),
        ("expected", pa.float64()),
        ("ratio", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
    ]
)
"""One row per unit and level at which a layer shows a value, if its base has more than one use.

``expected`` is the count that the uses of the unit's addresses lead to expect, ``ratio`` the posterior mean of what
happened over that (1 for as expected), ``low`` and ``high`` its 95 % interval, which holds for every expectation that
the rates by use leave possible; ``high`` is null when the value has no upper end.
"""
RATES = pa.schema(
    [
        ("layer", pa.string()),
        ("use", pa.string()),
        ("addresses", pa.int64()),
        ("rate", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
    ]
)
"""One row per layer and use of the reference region: its addresses on the base of the layer, and the estimated rate per
address with a rough 95 % interval."""

PRIOR_SPREAD: Final = 10.0
"""How far the rate of a use may lie from that of the region before anything is known, in times that rate (one standard
deviation); it decides where a use is too rare to say anything, and hardly anywhere else."""
FLOOR: Final = 0.01
"""Least rate of a use that is expected, in times that of the region: no place is expected to have nothing at all."""
_MOST_UNITS = 2000
_ROUNDS = 50
_Z = 1.959963984540054


def by_use(
    protected: Protected, reference: Protected, layers: Sequence[Layer], geography: Geography
) -> tuple[pa.Table, pa.Table]:
    """Compare every unit of an area with places whose addresses have the same uses.

    Parameters
    ----------
    protected : Protected
        Published table of the area.
    reference : Protected
        That of the gemeenten the area lies in, on which the rates by use are estimated.
    layers : sequence of Layer
    geography : Geography

    Returns
    -------
    standardised : pyarrow.Table
        Schema `SCHEMA`, sorted by layer, level and unit.
    found : pyarrow.Table
        Schema `RATES`. Both are empty where the zones do not know the uses of their addresses.
    """
    wide, here = whole_period(reference), whole_period(protected)
    here = here[here["value"].notna()]
    known = [layer for layer in layers if geography.zones.base[layer.base].by_use is not None]

    def work(layer: Layer) -> tuple[pa.Table, pa.Table] | None:
        mine = wide[wide["layer"] == layer.id]
        found = _rates_of(mine, layer, geography)
        if found is None:
            return None
        table, rates_by_use = found
        mine = mine[mine["value"].notna()]
        parts = list(_of_layer(mine, here[here["layer"] == layer.id], layer, rates_by_use, geography))
        rows = pd.concat(parts)[SCHEMA.names] if parts else pd.DataFrame(columns=SCHEMA.names)
        return pa.Table.from_pandas(rows, schema=SCHEMA, preserve_index=False), table

    done = [each for each in map(work, sorted(known, key=lambda layer: layer.id)) if each is not None]
    tables, found = zip(*done, strict=True) if done else ((SCHEMA.empty_table(),), (RATES.empty_table(),))
    return pa.concat_tables(tables), pa.concat_tables(found)


def _uses(rows: pd.DataFrame, layer: Layer, geography: Geography) -> Ints:
    """Give the addresses by use of the unit of each row, shape (rows, uses)."""
    zones = geography.zones.base[layer.base]
    uses = np.zeros((len(rows), len(Use)), dtype=np.int64)
    for level in rows["level"].unique():
        here = (rows["level"] == level).to_numpy()
        found = units_at(zones, geography.regions, layer.atom, level)
        units = pd.Index(found.ids).get_indexer(rows["zone"][here])
        for position, use in enumerate(zones.by_use.T if zones.by_use is not None else ()):
            uses[here, position] = add_up(found.of_zone, use, len(found.ids))[units]
    return uses


@dataclass(frozen=True, slots=True)
class _Rates:
    """Rates that are expected of each use, shape (uses,), and how uncertain they are, shape (uses, uses)."""

    rate: Floats
    covariance: Floats

    def expected(self, uses: Ints) -> tuple[Floats, Floats]:
        """Give the expected count of units, and its standard error."""
        variance = np.einsum("iu,uv,iv->i", uses, self.covariance, uses)
        return uses @ self.rate, np.sqrt(np.maximum(variance, 0.0))


def _rates_of(rows: pd.DataFrame, layer: Layer, geography: Geography) -> tuple[pa.Table, _Rates] | None:
    """Estimate the rates by use of one layer; None when there is nothing to tell apart."""
    rows = finest_rows(rows)
    addresses = _uses(rows, layer, geography)
    present = np.flatnonzero(addresses.sum(axis=0) > 0)
    if len(present) <= 1 or not rows["value"].sum():
        return None
    prior = rates.fit_prior([described(part, layer) for part in kinds(rows)])
    rate, covariance = use_rates(rows["value"].to_numpy(dtype=float), addresses[:, present], prior.shape)
    error = np.sqrt(np.diag(covariance))
    columns = {
        "layer": [layer.id] * len(present),
        "use": [list(Use)[use].value for use in present],
        "addresses": addresses[:, present].sum(axis=0),
        "rate": significant(np.minimum(rate, layer.clamp)),
        "low": significant(np.clip(rate - _Z * error, 0.0, layer.clamp)),
        "high": significant(np.clip(rate + _Z * error, 0.0, layer.clamp)),
    }
    every = _Rates(np.zeros(len(Use)), np.zeros((len(Use), len(Use))))
    overall = float(np.average(columns["rate"], weights=columns["addresses"]))
    every.rate[present] = np.maximum(columns["rate"], FLOOR * overall)
    every.covariance[np.ix_(present, present)] = covariance
    return pa.table(columns, schema=RATES), every


def use_rates(value: npt.ArrayLike, addresses: npt.ArrayLike, shape: float) -> tuple[Floats, Floats]:
    """Estimate the rate of each use from units that mix them.

    The count of a unit has mean ``mu_i = sum of a_iu r_u`` and variance ``mu_i + mu_i^2 / shape`` (a Poisson count
    whose rate is Gamma distributed). The quasi-likelihood equations (Wedderburn, Biometrika 61 (1974) 439-447) are
    solved by weighted least squares with r_u >= 0, weights renewed until nothing changes. A use that is too rare to
    tell falls back to the rate of all (`PRIOR_SPREAD`). Rounding by a uniform threshold has no bias, so a published
    value may stand for the count.

    Parameters
    ----------
    value : array_like of float, shape (n,)
        At least one above 0.
    addresses : array_like of int, shape (n, uses)
    shape : float
        That of the Gamma distribution.

    Returns
    -------
    rate : ndarray of float, shape (uses,)
        Rates per address.
    covariance : ndarray of float, shape (uses, uses)
        Of their errors: per use the larger of what the model says and of what the units themselves say (robust: Huber
        1967; White, Econometrica 48 (1980) 817-838). At a rate of 0 the latter would be sure of nothing.

    Examples
    --------
    Homes and shops: one in a hundred homes has the feature, one in five shops.

    >>> addresses = 100 * np.array([[100, 0], [100, 5], [200, 10], [0, 20]])
    >>> rate, covariance = use_rates(addresses @ [0.01, 0.2], addresses, shape=1000.0)
    >>> rate.round(2).tolist(), covariance.shape
    ([0.01, 0.2], (2, 2))
    """
    counted, of_use = np.asarray(value, dtype=float), np.asarray(addresses, dtype=float)
    overall = counted.sum() / of_use.sum()
    precision = np.eye(of_use.shape[1]) / (PRIOR_SPREAD * overall) ** 2
    rate = np.full(of_use.shape[1], overall)
    for _ in range(_ROUNDS):
        mean = of_use @ np.maximum(rate, FLOOR * overall)
        weight = 1 / np.maximum(mean + mean**2 / shape, FLOOR * overall)
        information = (of_use * weight[:, None]).T @ of_use + precision
        root = np.linalg.cholesky(information)
        target = linalg.solve_triangular(
            root, of_use.T @ (weight * counted) + precision.sum(axis=1) * overall, lower=True
        )
        before, (rate, _) = rate, optimize.nnls(root.T, target)
        if np.allclose(rate, before, rtol=1e-9, atol=1e-9 * overall):
            break
    off = weight * (counted - of_use @ rate)
    spread = np.linalg.solve(information, (of_use * off[:, None] ** 2).T @ of_use + precision)
    dispersion = float(off @ (counted - of_use @ rate)) / max(len(counted) - len(rate), 1)  # of rounding too
    robust, of_model = np.linalg.solve(information, spread.T), max(dispersion, 1.0) * np.linalg.inv(information)
    scale = np.sqrt(np.maximum(1.0, np.diag(of_model) / np.diag(robust)))
    return rate, robust * scale[:, None] * scale[None, :]


def _of_layer(
    wide: pd.DataFrame, here: pd.DataFrame, layer: Layer, by: _Rates, geography: Geography
) -> Iterator[pd.DataFrame]:
    """Give the rows of one layer, level by level."""
    for level in (level for level in LEVELS if (here["level"] == level).any()):
        everywhere = wide[wide["level"] == level]
        sample = everywhere.iloc[:: -(-len(everywhere) // _MOST_UNITS)]  # more would not tell the spread any better
        shape = rates.fit_shape(
            [
                (
                    described(part, layer),
                    _uses(part, layer, geography) @ by.rate / part["addresses"].to_numpy(dtype=float),
                )
                for part in kinds(sample)
            ]
        )
        rows = here[here["level"] == level].sort_values("zone", kind="stable")
        expected, error = by.expected(_uses(rows, layer, geography))
        rows = rows.assign(expected=expected, ratio=np.nan, low=np.nan, high=np.nan)
        # the interval holds for every expectation that the rates by use leave possible
        most, least = expected + _Z * error, np.maximum(expected - _Z * error, FLOOR * expected)
        rows["most"], rows["least"] = expected / most, expected / least
        for part in kinds(rows):
            found = rates.standardised(described(part, layer), part["expected"].to_numpy(), shape=shape)
            open_end = (part["or_more"] | part["open_end"]).to_numpy()
            rows.loc[part.index, "ratio"] = found.mean
            rows.loc[part.index, "low"] = found.low * part["most"]
            rows.loc[part.index, "high"] = np.where(open_end, np.nan, found.high * part["least"])
        for column in ("expected", "ratio", "low", "high"):
            rows[column] = significant(rows[column].to_numpy(dtype=float))
        yield rows
