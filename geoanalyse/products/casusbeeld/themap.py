"""The cut-out of a casusbeeld: what it shows, for whichever size it is drawn at."""

from typing import Any

import numpy as np

from geoanalyse.casus import Casus
from geoanalyse.products import cutout, dutch
from geoanalyse.products.casusbeeld.place import Place, lies_in
from geoanalyse.products.factsheet import maps
from geoanalyse.products.sentence import Figure, Sentence
from geoanalyse.release import Release

Content = dict[str, Any]

PAGE_MM = (178.0, 64.0)
"""Size of a middling cut-out on paper, which the level that is drawn is chosen for."""

_MARKS = 6


def _bounds(place: Place, release: Release) -> cutout.Bounds:
    return cutout.bounds_around(place.cells) if place.code else cutout.extent(release)


def level_of(release: Release, place: Place) -> str:
    """Give the level that is drawn, and whose hot spots are counted."""
    layers = [f"thema:{theme}" for theme in release.themes]
    size = (PAGE_MM[0] - cutout.LEGEND_MM, PAGE_MM[1])
    return maps.legible_level(release, layers, _bounds(place, release), size)


def content(release: Release, casus: Casus, place: Place) -> Content:
    """Give what the cut-out shows, and the words beside it."""
    subject, level = dutch.THEMES[casus.theme], level_of(release, place)
    marked = [
        each
        for each in release.signals
        if each.theme == casus.theme
        and (each.id in casus.signals if casus.signals else each.strength != "verkenning" and lies_in(each, place))
    ]
    marked = sorted(marked, key=lambda each: (each.rank, each.id))[: len(casus.signals) or _MARKS]
    line = dutch.stop(f" De dikke lijn ligt om {place.title}") if place.code else ""
    alt = (
        f"Kaart van {place.title}: het samengestelde beeld van {subject} per {dutch.LEVELS[level][0]}, met hotspots"
        f"{' en ' + dutch.plural(len(marked), 'signaal', 'signalen') if marked else ''}. De cijfers staan in de tabel."
    )
    caption = Sentence(
        f"Kleur: alle bronnen van {subject} samen, naast het gemiddelde van de regio (1 keer).{line} De legenda telt "
        f"alle {dutch.LEVELS[level][1]} van {release.area.title}.",
        (Figure("1 keer", 1, "verhouding"),),
    )
    return {
        "alt": alt,
        "bijschrift": caption,
        "titel": f"Samengesteld beeld {subject}",
        "laag": f"thema:{casus.theme}",
        "niveau": level,
        "grenzen": _bounds(place, release),
        "tekens": [(each.id, each.cells) for each in marked],
        "omlijnd": place.cells.tolist() if place.code else None,
    }


def cut_out(release: Release, chart: Content, size_mm: tuple[float, float]) -> str:
    """Draw the cut-out that `content` describes."""
    return cutout.cutout_svg(
        release,
        chart["laag"],
        chart["niveau"],
        bounds=chart["grenzen"],
        size_mm=size_mm,
        title=chart["titel"],
        description=chart["alt"],
        marks=[cutout.Mark(name, cells) for name, cells in chart["tekens"]],
        outlined=None if chart["omlijnd"] is None else np.array(chart["omlijnd"], dtype=np.uint64),
    )
