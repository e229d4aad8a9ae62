"""Where to look although no figure says so: places about which the layers of a theme cannot tell, drawn by lot."""

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd  # half a second, which readers of a release need not wait for

EXPLORED: Final = Fraction(1, 5)
"""Share of the list of a theme that is drawn by lot."""
_BEYOND = 0.025  # on either side of an interval of 95 %


def quota(ranked: int) -> int:
    """Give how many places are to be drawn beside the ranked ones, so that they make up `EXPLORED` of the whole list.

    Rounded up: with q the share and r ranked places, ceil(q r / (1 - q)).

    Examples
    --------
    >>> [quota(ranked) for ranked in (0, 1, 4, 5, 12, 13)]
    [0, 1, 1, 2, 3, 4]
    """
    return math.ceil(ranked * EXPLORED / (1 - EXPLORED))


def unclear(zones: Sequence[str], figures: "pd.DataFrame", rates: Mapping[str, float]) -> list[str]:
    """Give the zones of which every figure leaves both possible: as often as in the region, and twice as often.

    A published value does so when it leaves 0 possible, and its own 95 % interval reaches twice what the region's rate
    r lets expect of N addresses: with n the most it leaves possible, P(Poisson(2 r N) <= n) is at least 2.5 %. That is
    the exact interval of a Poisson count (Garwood, Biometrika 28 (1936) 437-442). It is not that of `stats.rates`,
    which leans on all places of the region: where next to nothing was seen it is narrow, and nobody has looked.

    Parameters
    ----------
    zones : sequence of str
    figures : DataFrame
        Rows of `stats.SCHEMA` with a value, of layers that count on these zones.
    rates : mapping of str to float
        The region's rate by layer. Where it is 0 nothing was seen anywhere, and the layer tells no zones apart.

    Returns
    -------
    list of str
        In the order of `zones`; with those that have no figure at all.

    Examples
    --------
    At 0.1 per address, 2 of 30 may well be where 6 are to be expected; 2 of 100 are too few where that is 20.

    >>> import pandas as pd
    >>> rows = [("a", 30, 0, 2), ("b", 100, 0, 2), ("c", 30, 1, 5)]
    >>> figures = pd.DataFrame(rows, columns=["zone", "addresses", "low", "high"]).assign(layer="x")
    >>> unclear(["a", "b", "c", "d"], figures, {"x": 0.1})
    ['a', 'd']
    """
    from scipy.special import pdtr  # noqa: PLC0415 - half a second, as above

    rate = figures["layer"].map(rates.__getitem__)
    addresses, low, high = (figures[name].to_numpy(dtype=float) for name in ("addresses", "low", "high"))
    within = pdtr(high, 2 * rate.to_numpy(dtype=float) * addresses)  # NaN where the value has no upper end
    told = set(figures["zone"][(low > 0) | (within < _BEYOND)])
    return [zone for zone in zones if zone not in told]


def by_lot(zones: Iterable[str], theme: str, seed: int) -> list[str]:
    """Put zones in the order of their lots: one number per zone, which goes with nothing but seed, theme and name.

    Neither the figures, nor the other zones, nor the area change which of two comes first.

    Examples
    --------
    >>> order = by_lot("abcdefgh", "drugs", 1)
    >>> order == by_lot("hgfedcba", "drugs", 1), by_lot("cf", "drugs", 1) == [zone for zone in order if zone in "cf"]
    (True, True)
    >>> order == by_lot("abcdefgh", "drugs", 2), order == by_lot("abcdefgh", "witwassen", 1)
    (False, False)
    """
    from geoanalyse.stats.stability import streams  # noqa: PLC0415 - brings pandas along

    names = sorted(set(zones))
    lots = [random.random() for random in streams(seed, (f"verkenning|{theme}|{zone}" for zone in names))]
    return [zone for _, zone in sorted(zip(lots, names, strict=True))]
