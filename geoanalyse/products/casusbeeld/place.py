"""What a case is about, in one release."""

from dataclasses import dataclass

import numpy as np

from geoanalyse import grid
from geoanalyse.casus import Casus
from geoanalyse.errors import InputError
from geoanalyse.products import dutch
from geoanalyse.release import Release
from geoanalyse.signals import Signal

REGIONS = ("buurt", "wijk")
"""Levels of a region that a case may name."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a case is about: the whole area, a region in it, or the unit of a signal.

    Attributes
    ----------
    title : str
        As it stands in a sentence.
    level, code : str
        Of a unit; empty for the whole area.
    region : str
        Smallest region it lies in; empty for the whole area.
    cells : ndarray of uint64
    """

    title: str
    level: str
    code: str
    region: str
    cells: grid.Cells


def place_of(release: Release, casus: Casus) -> Place:
    """Find the place of a case in a release.

    Raises
    ------
    InputError
        With a line for everything in the casus that the release does not have.
    """
    faults = []
    found = _place(release, casus.place)
    public = release.profile == "openbaar"
    if found is None and casus.place.startswith(("BU", "WK")):
        faults.append(
            f"plek: dit gebied heeft geen buurt of wijk met deze code; kies een code binnen {release.area.title}, of "
            "laat plek weg"
        )
    elif found is None and public:
        faults.append("plek: een openbare uitgave noemt geen signalen; kies een wijk")
    elif found is None:
        faults.append(
            "plek: de signaallijst van dit gebied heeft dit nummer niet; neem een nummer uit signaallijst.xlsx"
        )
    elif public and found.level not in ("", "wijk"):
        faults.append("plek: een openbare uitgave toont niets fijner dan een wijk; kies een wijk")
    if casus.theme not in release.themes:
        faults.append(f"thema: geen laag van deze uitgave hoort erbij; kies uit {', '.join(release.themes)}")
    known = {signal.id for signal in release.signals if signal.theme == casus.theme}
    if unknown := sum(each not in known for each in casus.signals):
        what = "een openbare uitgave noemt er geen" if public else "neem nummers van dit thema uit signaallijst.xlsx"
        faults.append(f"signalen: {dutch.plural(unknown, 'nummer', 'nummers')} niet op de signaallijst; {what}")
    if outside := sum(not release.start <= each.month < release.end for each in casus.interventions):
        faults.append(
            f"interventie, maand: {dutch.plural(outside, 'maand ligt', 'maanden liggen')} buiten de periode; kies uit "
            f"{dutch.period(release.start, release.end)}"
        )
    if found is None or faults:
        raise InputError(f"{casus.file}, {fault}" for fault in faults)
    return found


def _place(release: Release, name: str) -> Place | None:
    regions, area = release.geography.regions, release.area.cells
    if not name:
        return Place(release.area.title, "", "", "", area)
    if name in regions.codes:
        cells = np.intersect1d(regions.under(name), area)
        level = regions.levels[regions.index(name)]
        inside = 2 * len(cells) > len(regions.under(name))
        return Place(regions.name(name), level, name, name, cells) if inside else None
    signal = next((each for each in release.signals if each.id == name), None)
    if signal is None:
        return None
    title = f"{dutch.LEVELS[signal.level][0]} {signal.id} in {signal.region_name}"
    cells = np.array(sorted(signal.cells), dtype=np.uint64)
    return Place(title, signal.level, signal.zone, signal.region, cells)


def lies_in(signal: Signal, place: Place) -> bool:
    """Whether most of a signal lies in a place."""
    cells = np.array(signal.cells, dtype=np.uint64)
    return bool(2 * np.isin(cells, place.cells).sum() > len(cells))
