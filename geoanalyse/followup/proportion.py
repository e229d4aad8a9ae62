"""Shares of few cases: an interval that holds for any number, and a test of two shares."""

from fractions import Fraction
from math import comb

from scipy.special import betaincinv

LEVEL = 0.95


def interval(hits: int, of: int, level: float = LEVEL) -> tuple[float, float]:
    """Give the exact interval of Clopper and Pearson for a share.

    It holds the true share with at least this chance whatever that share is and however few cases there are, and is
    wider than it need be for that; approximations (Wald, Wilson, Jeffreys) fall below their level for some shares.
    Clopper & Pearson, Biometrika 26 (1934) 404-413; as quantiles of a beta distribution in Brown, Cai & DasGupta,
    Statistical Science 16 (2001) 101-133.

    Parameters
    ----------
    hits, of : int
        Cases that count, of all; independent of each other.
    level : float
        Chance that it holds the true share, at least.

    Returns
    -------
    low, high : float
        From 0 to 1; all of it when there are no cases.

    Raises
    ------
    ValueError
        When there are more hits than cases, or fewer than none.

    Examples
    --------
    >>> [round(end, 4) for end in interval(7, 20)]
    [0.1539, 0.5922]
    >>> [round(end, 4) for end in interval(0, 10)]  # no hit in ten: at most 1 - 0.025 ** 0.1
    [0.0, 0.3085]
    """
    if not 0 <= hits <= of:
        raise ValueError("hits are among the cases")
    tail = (1 - level) / 2
    low = 0.0 if hits == 0 else float(betaincinv(hits, of - hits + 1, tail))
    high = 1.0 if hits == of else float(betaincinv(hits + 1, of - hits, 1 - tail))
    return low, high


def differ(hits: int, of: int, other_hits: int, other_of: int) -> float:
    """Give the two-sided p-value of Fisher's exact test that two shares are equal.

    The chance, given all hits together, of a division between the two that is as unlikely as this one or more so. It is
    at most its level for any number of cases. Fisher, J. R. Statist. Soc. 98 (1935) 39-82; for the two-sided form see
    Agresti, Categorical Data Analysis (2002), section 3.5.

    Parameters
    ----------
    hits, of, other_hits, other_of : int
        Cases that count and all cases, of one group and of the other.

    Raises
    ------
    ValueError
        When there are more hits than cases, or fewer than none.

    Examples
    --------
    >>> round(differ(3, 4, 1, 4), 4), differ(0, 0, 2, 5)  # the lady tasting tea, both ways: 34 in 70
    (0.4857, 1.0)
    """
    if not (0 <= hits <= of and 0 <= other_hits <= other_of):
        raise ValueError("hits are among the cases")
    together = hits + other_hits
    ways = {
        each: comb(of, each) * comb(other_of, together - each)
        for each in range(max(0, together - other_of), min(of, together) + 1)
    }
    return float(Fraction(sum(count for count in ways.values() if count <= ways[hits]), sum(ways.values())))
