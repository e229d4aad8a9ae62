"""From statistics to a ranked list of reasons to look somewhere."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from geoanalyse import exploration
from geoanalyse.evidence import (
    Evidence,
    Pattern,
    Place,
    Reason,
    gathered,
    patterns,
    placed,
    places_of,
    pointers,
    recent,
)
from geoanalyse.geography import Geography, Regions
from geoanalyse.layer import Atom, Base, Layer, Reliability, Theme
from geoanalyse.routes import EXPLORATION, STRENGTHS, Advice, Routes, Subject

if TYPE_CHECKING:
    import pandas as pd  # half a second, which readers of a release need not wait for

PER_BUURT: Final = 5
"""Most signals per buurt and theme when nothing else is asked for: a list that names everything names nothing."""

_CODE = "VERKENNING"
_DRAWN = "geloot en niet gekozen op een cijfer"
_FEW = f"verkenning: hier is weinig waargenomen, de cijfers laten zowel gewoon als twee keer zo vaak toe, {_DRAWN}"
_NOTHING = f"verkenning: geen enkele bron heeft een eigen cijfer van deze plek, {_DRAWN}"


@dataclass(frozen=True, slots=True)
class Signal:
    """One reason to look at one place; the place is a zone or a coarser unit, never an address.

    Attributes
    ----------
    id : str
        Letter of the theme and rank, as in ``D01``.
    rank : int
        1 for the strongest signal of the theme in this area; equal signals share a rank, as do all that were drawn.
    zone, level : str
        Unit of the published table.
    cells : tuple of int
        Resolution-10 cells of the unit.
    region, region_name, wijk_name, gemeente_name : str
        Smallest CBS region that holds most of its addresses.
    strength : str
        ``sterk``, ``matig`` or ``licht``; ``verkenning`` for a place that was drawn by lot.
    reliability : str
        ``hoog``, ``middel`` or ``laag``: how many independent sources agree, how good they are, and whether a figure of
        theirs stands firm.
    sources : int
        Number of data holders with evidence.
    reasons : tuple of (code, text)
    unknown : str
        What nobody observed here.
    advice : Advice
        Route, partners and intervention, by the first rule of the table that holds.
    score : float or None
        Times the mean of the region; None where no layer of the theme says anything, which only a drawn place can be.
    start, end : datetime.date
    """

    id: str
    theme: Theme
    rank: int
    zone: str
    level: str
    cells: tuple[int, ...]
    region: str
    region_name: str
    wijk_name: str
    gemeente_name: str
    strength: str
    reliability: str
    sources: int
    reasons: tuple[Reason, ...]
    unknown: str
    advice: Advice
    score: float | None
    start: dt.date
    end: dt.date

    @property
    def route(self) -> str:
        """Advised route: ``mono``, ``duaal`` or ``integraal``."""
        return self.advice.route


def signals(
    statistics: pa.Table,
    layers: Sequence[Layer],
    geography: Geography,
    start: dt.date,
    end: dt.date,
    *,
    rates: Mapping[str, float],
    inspections: pa.Table,
    standardised: pa.Table,
    trends: pa.Table,
    routes: Routes,
    top: int = PER_BUURT,
    seed: int,
) -> tuple[Signal, ...]:
    """Rank the places of an area per theme, and add some that were drawn by lot.

    A place is a zone for which at least one layer of the theme is a hot spot, or is above twice the region's rate with
    a probability of 95 %; layers with a coarser atom give signals about that coarser unit, and support the zones
    inside it. Behind the ranked places come zones to explore (`exploration`): those to which no layer points and about
    which the figures cannot tell.

    Parameters
    ----------
    statistics : pyarrow.Table
        Schema `stats.SCHEMA`.
    layers : sequence of Layer
    geography : Geography
    start, end : datetime.date
    rates : mapping of str to float
        The region's rate by layer.
    inspections : pyarrow.Table
        Schema `stats.inspections.SCHEMA`: a hot spot says whether it is one per inspection.
    standardised : pyarrow.Table
        Schema `stats.by_use.SCHEMA`: a high rate says whether it is one beside places with the same uses.
    trends : pyarrow.Table
        Schema `stats.trends.SCHEMA`: whether the buurt of a signal is new or persistent as a hot spot of its layers.
    routes : Routes
        Rules for the advice.
    top : int
        Most signals per buurt and theme.
    seed : int
        Start of the random numbers of the draw.

    Returns
    -------
    tuple of Signal
        By theme and rank: strength first, then score, then the name of the unit, so that the order is always the same.
        Those that were drawn come last, in the order of their lots.
    """
    frame = statistics.to_pandas()
    over_time = patterns(trends)
    places = places_of(frame, layers, geography)
    found: list[Signal] = []
    for theme in Theme:
        mine = tuple(layer for layer in layers if theme in layer.themes)
        of_theme = frame[frame["layer"] == f"thema:{theme}"]
        score = of_theme.set_index(["level", "zone"])["ratio"].to_dict()
        pointing = pointers(frame, mine, places, inspections, standardised)
        # a coarse unit that lies mainly outside the area has no score
        ranked = [
            _ranked(place, evidence, places[(evidence.layers[0].id, place[1])], score[place], over_time, geography)
            for place, evidence in gathered(pointing, places).items()
            if score.get(place) is not None
        ]
        if not ranked:
            continue
        ranked.sort(key=lambda each: (*_standing(each), each.zone, each.level))
        named = {cell for each in pointing for cell in places[(each.layer.id, each.unit[1])].cells}
        kept = _within_cap([*ranked, *_drawn(theme, frame, mine, geography, named, rates, seed)], top)
        number = sum(each.strength != EXPLORATION for each in kept)
        listing = _Listing(theme, mine, _unobserved_cells(frame, mine, places), geography.regions, routes, start, end)
        found += _listed(listing, kept[: number + exploration.quota(number)])
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A place that may come on the list, and what is said of it there."""

    zone: str
    level: str
    place: Place
    strength: str
    reliability: str
    layers: tuple[Layer, ...]
    reasons: tuple[Reason, ...]
    score: float | None

    @property
    def holders(self) -> frozenset[str]:
        return frozenset(layer.holder for layer in self.layers)


def _strength(evidence: Evidence) -> str:
    """One weak source alone never reaches the top class."""
    both = len({code.split("-", 1)[0] for code, _ in evidence.reasons} & {"HOTSPOT", "HOOG"}) == 2  # noqa: PLR2004
    if len(evidence.holders) > 1 and evidence.best is not Reliability.LOW:
        return "sterk"
    if evidence.best is not Reliability.LOW and (both or len(evidence.layers) > 1):
        return "matig"
    return "licht"


def _reliability(evidence: Evidence) -> str:
    """Count sources that agree, and a good one among them; one step lower when no figure stands firm."""
    agree, good = len(evidence.holders) > 1, evidence.best is Reliability.HIGH
    steps = agree + good - (not evidence.firm)
    return ("laag", "laag", "middel", "hoog")[steps + 1]


def _ranked(
    unit: tuple[str, str],
    evidence: Evidence,
    place: Place,
    score: float,
    over_time: Mapping[tuple[str, str], Pattern],
    geography: Geography,
) -> _Candidate:
    level, zone = unit
    reasons = (*evidence.reasons, *recent(evidence.layers, place.region, over_time, geography.regions))
    return _Candidate(zone, level, place, _strength(evidence), _reliability(evidence), evidence.layers, reasons, score)


def _drawn(
    theme: Theme,
    frame: "pd.DataFrame",
    layers: Sequence[Layer],
    geography: Geography,
    named: Collection[int],
    rates: Mapping[str, float],
    seed: int,
) -> Iterator[_Candidate]:
    """Give the zones to explore, in the order of their lots; none with a cell that a layer already points at."""
    at_zone = frame[frame["level"] == "zone"]
    of_theme = at_zone[at_zone["layer"] == f"thema:{theme}"]
    score = of_theme[of_theme["ratio"].notna()].set_index("zone")["ratio"].to_dict()
    places = dict(placed(set(of_theme["zone"]), Base.ALL, Atom.ZONE, geography))
    free = [zone for zone, place in places.items() if not any(cell in named for cell in place.cells)]
    on_these = [layer.id for layer in layers if layer.base is Base.ALL]  # other bases have other zones
    own = at_zone[at_zone["layer"].isin(on_these) & at_zone["value"].notna()]
    known = set(own["zone"])
    for zone in exploration.by_lot(exploration.unclear(free, own, rates), theme, seed):
        reason = (_CODE, _FEW if zone in known else _NOTHING)
        yield _Candidate(zone, "zone", places[zone], EXPLORATION, str(Reliability.LOW), (), (reason,), score.get(zone))


def _standing(candidate: _Candidate) -> tuple[int, float]:
    """Give what orders the list: equal standings share a rank. Places that were drawn have no order."""
    drawn = candidate.strength == EXPLORATION
    return STRENGTHS.index(candidate.strength), 0.0 if drawn or candidate.score is None else -candidate.score


def _within_cap(candidates: Iterable[_Candidate], top: int) -> list[_Candidate]:
    """Keep the first `top` of each buurt."""
    per_region: Counter[str] = Counter()
    kept = []
    for candidate in candidates:
        per_region[candidate.place.region] += 1
        if per_region[candidate.place.region] <= top:
            kept.append(candidate)
    return kept


@dataclass(frozen=True, slots=True)
class _Listing:
    """What all signals of one theme share."""

    theme: Theme
    layers: tuple[Layer, ...]
    missing: Mapping[str, set[int]]
    regions: Regions
    routes: Routes
    start: dt.date
    end: dt.date


def _listed(listing: _Listing, candidates: Sequence[_Candidate]) -> Iterator[Signal]:
    """Give the places of one theme their number and rank."""
    regions, missing = listing.regions, listing.missing
    rank, previous = 0, None
    for number, each in enumerate(candidates, start=1):
        if _standing(each) != previous:
            rank, previous = number, _standing(each)
        chain = regions.chain(each.place.region)
        unknown = [
            layer.title for layer in listing.layers if layer.id in missing and missing[layer.id] & set(each.place.cells)
        ]
        yield Signal(
            id=f"{str(listing.theme)[0].upper()}{number:02d}",
            theme=listing.theme,
            rank=rank,
            zone=each.zone,
            level=each.level,
            cells=each.place.cells,
            region=each.place.region,
            region_name=regions.name(each.place.region),
            wijk_name=regions.name(chain["wijk"]) if "wijk" in chain else "",
            gemeente_name=regions.name(chain["gemeente"]),
            strength=each.strength,
            reliability=each.reliability,
            sources=len(each.holders),
            reasons=each.reasons,
            unknown=f"geen gegevens over: {', '.join(unknown)}" if unknown else "",
            advice=listing.routes.advise(_subject(listing.theme, each)),
            score=None if each.score is None else round(each.score, 2),
            start=listing.start,
            end=listing.end,
        )


def _subject(theme: Theme, candidate: _Candidate) -> Subject:
    """Give what the rules may ask about a place."""
    return Subject(
        theme=str(theme),
        sources=len(candidate.holders),
        strength=candidate.strength,
        reliability=candidate.reliability,
        reasons=frozenset(code.split("-", 1)[0] for code, _ in candidate.reasons),
        layers=frozenset(layer.id for layer in candidate.layers),
        holders=candidate.holders,
    )


def _unobserved_cells(
    frame: "pd.DataFrame", layers: Sequence[Layer], places: Mapping[tuple[str, str], Place]
) -> dict[str, set[int]]:
    """Cells for which a layer has no data."""
    missing: dict[str, set[int]] = {}
    for layer in layers:
        rows = frame[(frame["layer"] == layer.id) & (frame["status"] == "geen_data")]
        for unit in rows["zone"]:
            if (layer.id, unit) in places:
                missing.setdefault(layer.id, set()).update(places[(layer.id, unit)].cells)
    return missing
