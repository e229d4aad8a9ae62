"""Where to look although no figure says so: places about which the layers of a theme cannot tell, drawn by lot."""

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd  # half a second, which readers of a release need not wait for

EXPLORED: Final = Fraction(1, 5)
"""Share of the list of a theme that is drawn by lot."""
_DIGITS = 9  # of a sum of weights: 0.1 + 0.2 is 0.3


def quota(ranked: int) -> int:
    """Give how many places are to be drawn beside the ranked ones, so that they make up `EXPLORED` of the whole list.

    Rounded up: with q the share and r ranked places, ceil(q r / (1 - q)).

    Examples
    --------
    >>> [quota(ranked) for ranked in (0, 1, 4, 5, 12, 13)]
    [0, 1, 1, 2, 3, 4]
    """
    return math.ceil(ranked * EXPLORED / (1 - EXPLORED))


def unclear(
    zones: Sequence[str], figures: "pd.DataFrame", weights: Mapping[str, float], rates: Mapping[str, float]
) -> list[str]:
    """Give the zones that may as well be ordinary as twice the region, as far as the layers of a theme can tell.

    A figure tells something when at least one event is certain, or when the 95 % interval of its rate leaves out the
    region's rate from below, or twice the region's rate. A zone is unclear when the figures that tell hold less than
    half of the weight of all its own figures, or when it has no figure of its own.

    Parameters
    ----------
    zones : sequence of str
    figures : DataFrame
        Rows of `stats.SCHEMA` with a value, of layers of the theme that count on these zones; one per layer and zone.
    weights : mapping of str to float
        Weight in the theme by layer.
    rates : mapping of str to float
        The region's rate by layer. Where it is 0 nothing was seen anywhere, and the layer tells no zones apart.

    Returns
    -------
    list of str
        In the order of `zones`.

    Examples
    --------
    Around an average of 0.1, none or a few of 10 addresses says nothing; none of 100 says that it is not twice that.

    >>> import pandas as pd
    >>> rows = [("a", 0, 0.01, 0.31), ("b", 0, 0.0, 0.04), ("c", 1, 0.02, 0.5)]
    >>> figures = pd.DataFrame(rows, columns=["zone", "low", "rate_low", "rate_high"]).assign(layer="x")
    >>> unclear(["a", "b", "c", "d"], figures, {"x": 0.3}, {"x": 0.1})
    ['a', 'd']
    """
    average = figures["layer"].map(rates.__getitem__)
    tells = (figures["low"] > 0) | (figures["rate_low"] > average) | (figures["rate_high"] < 2 * average)
    weight = figures["layer"].map(weights.__getitem__)
    balance = (2 * weight.where(tells, 0.0) - weight).groupby(figures["zone"]).sum().round(_DIGITS)
    told = set(balance.index[balance >= 0])
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
