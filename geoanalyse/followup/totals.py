"""What earlier signals of an area led to, for its next release: counts of the whole area, before they are protected."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from geoanalyse.area import Area
from geoanalyse.followup import store, words
from geoanalyse.followup.history import Answer
from geoanalyse.followup.issued import Listed
from geoanalyse.followup.overview import Answers, answers, groups
from geoanalyse.geography import Regions

ENOUGH: Final = 10
"""Finished signals with a reason from which it is said that it never led to anything."""
MOSTLY: Final = 0.5


@dataclass(frozen=True, slots=True)
class Totals:
    """Exact counts of one area, confidential; ``never`` are the reason codes that never led to anything.

    Every signal counts once in ``signals``, and in each later stage that it reached.
    """

    signals: int
    reported: int
    followed: int
    finished: int
    led: int
    never: tuple[str, ...]


def read(path: Path, area: Area, regions: Regions, *, demo: bool) -> tuple[Totals, tuple[str, ...]]:
    """Count what became of the signals of an area in the store of what came back.

    Parameters
    ----------
    path : Path
        The file of ``geoanalyse opvolging lees``.
    area : Area
        Signals of regions that lie mainly inside it.
    regions : Regions
    demo : bool
        Whether to count signals of the demo, or real ones; the two never add up.

    Returns
    -------
    totals : Totals
    inside : tuple of str
        Codes of the regions of which signals count, whether or not there are any.

    Raises
    ------
    ReleaseError
        When the store cannot be read.
    """
    with store.looked_into(path) as kept:
        listed, told = list(kept.signals().values()), answers(kept.history())
    inside = _inside(area, regions)
    return count([each for each in listed if each.region in inside and each.demo == demo], told), inside


def count(listed: Sequence[Listed], told: Answers) -> Totals:
    """Count the stages that signals reached.

    Examples
    --------
    >>> count([], {})
    Totals(signals=0, reported=0, followed=0, finished=0, led=0, never=())
    """
    said = [told[each.release, each.id] for each in listed if (each.release, each.id) in told]
    followed = [answer for answer in said if answer.status in words.FOLLOWED]
    finished = [answer for answer in followed if words.determined(answer.status, answer.outcome)]
    return Totals(
        signals=len(listed),
        reported=len(said),
        followed=len(followed),
        finished=len(finished),
        led=sum(_led(answer) for answer in finished),
        never=tuple(
            group.name
            for group in groups(listed, told)
            if group.by == "reden" and group.finished >= ENOUGH and group.led == 0
        ),
    )


def _led(answer: Answer) -> bool:
    return words.led_to_something(answer.outcome)


def _inside(area: Area, regions: Regions) -> tuple[str, ...]:
    """Give the regions of which most cells lie in an area, of every level."""
    in_area = np.isin(regions.cells, area.cells)
    found = []
    for level in dict.fromkeys(regions.levels):
        owner = regions.at_level(level)[regions.region]
        known = owner >= 0
        cells = np.bincount(owner[known], minlength=len(regions.codes))
        inside = np.bincount(owner[known], weights=in_area[known], minlength=len(regions.codes))
        found += [regions.codes[place] for place in np.flatnonzero(inside > MOSTLY * cells).tolist()]
    return tuple(sorted(found))
