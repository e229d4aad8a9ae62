"""The course of time of a casusbeeld: series beside what was done, in the periods that the series have."""

from typing import Any

from geoanalyse.casus import Casus
from geoanalyse.layer import Layer
from geoanalyse.products import dutch, figures, timeline
from geoanalyse.products.casusbeeld import fixed
from geoanalyse.products.casusbeeld.place import REGIONS, Place
from geoanalyse.products.sentence import Figure, Sentence
from geoanalyse.products.timeline import Lane, Marker
from geoanalyse.release import Release

Content = dict[str, Any]

_LANES = 4


def content(release: Release, casus: Casus, place: Place) -> Content:
    """Give the lanes and markers of the timeline, the words beside it, and the list of interventions."""
    lanes, faint, surplus = list[Lane](), list[str](), list[str]()
    for layer in figures.theme_layers(release, casus.theme):
        if layer.series is None:
            continue
        lane = _lane(release, layer, place)
        if lane is None:
            faint.append(layer.title)
        elif len(lanes) == _LANES:
            surplus.append(layer.title)
        else:
            lanes.append(lane)
    period = release.start, release.end
    markers = [
        Marker(number, *timeline.holding(lanes, each.month, *period))
        for number, each in enumerate(casus.interventions, start=1)
    ]
    windows = [window for lane in lanes for window in lane.windows]
    notes = ["Streep: het afgeronde aantal. Vlak: de marge."] if lanes else []
    notes += (
        ["Pijl: dit aantal of meer."] if any(each.high is None and each.value is not None for each in windows) else []
    )
    notes += ["Arcering: geen gegevens."] if any(each.status == "geen_data" for each in windows) else []
    notes += [f"Stippen: {dutch.WITHHELD}."] if any(each.status == "onderdrukt" for each in windows) else []
    notes += ["Grijze band: de periode van een interventie."] if markers and lanes else []
    if faint:
        reason = (
            "een openbare uitgave toont geen verloop" if release.profile == "openbaar" else "te weinig om te tekenen"
        )
        notes.append(f"{dutch.listing(faint)}: {reason}.")
    if surplus:
        notes.append(f"{dutch.listing(surplus)}: hier is geen plaats voor; zie de kaart.")
    if not lanes and not faint:
        notes.append("Voor dit thema is er geen reeks in de tijd.")
    series = dutch.listing([lane.title for lane in lanes]) or "geen enkele bron"
    alt = f"Tijdlijn van {series}, {dutch.period(*period)}, met {_interventions(len(markers))}."
    return {
        "banen": lanes,
        "tekens": markers,
        "periode": period,
        "alt": alt,
        "noot": Sentence(" ".join(notes)),
        "leeswijzer": fixed.READING_AID,
        "kop": list(fixed.COURSE),
        "rijen": [
            _intervention(marker, each.what, each.partner)
            for marker, each in zip(markers, casus.interventions, strict=True)
        ],
        "leeg": [] if markers else [Sentence("In de casus staan geen interventies.")],
    }


def _interventions(count: int) -> str:
    return dutch.plural(count, "interventie", "interventies", words=True)


def _intervention(marker: Marker, what: str, partner: str) -> list[Sentence]:
    """Give a row of the list: not more finely than the windows of the series."""
    when = dutch.calendar_unit(marker.start, marker.end)
    span = f"{marker.start.isoformat()}/{marker.end.isoformat()}"
    return [
        Sentence(str(marker.number), (Figure(str(marker.number), marker.number, "interventie"),)),
        Sentence(when, (Figure(when, span, "interventie, periode"),)),
        Sentence(what, quoted=True),
        Sentence(partner, quoted=True),
    ]


def _lane(release: Release, layer: Layer, place: Place) -> Lane | None:
    """Give the series of the smallest region round the place that says more than its margins."""
    regions = release.geography.regions
    chain = regions.chain(place.region) if place.region else {}
    for level in REGIONS:
        code = chain.get(level)
        windows = figures.windows_of(release, layer, code) if code else ()
        if code and figures.is_telling(windows):
            return Lane(layer.title, "" if code == place.code else regions.name(code), windows)
    series = figures.series(release, layer)
    if series is None or not figures.is_telling(series.windows):
        return None
    whole = series.place or release.area.title
    return Lane(layer.title, "" if not place.code and not series.place else f"heel {whole}", series.windows)


def course_svg(course: Content, width_mm: float, lane_mm: float = timeline.LANE_MM) -> str:
    """Draw the timeline that `content` describes; empty where there is nothing to draw."""
    if not course["banen"] and not course["tekens"]:
        return ""
    return timeline.timeline_svg(
        course["banen"],
        course["tekens"],
        period=course["periode"],
        width_mm=width_mm,
        title="Tijdlijn",
        description=course["alt"],
        lane_mm=lane_mm,
    )
