"""The public stage: from the published table to a release. It sees no input and no key."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from geoanalyse import __version__, digest, selection, signals, stats
from geoanalyse.area import Area
from geoanalyse.errors import AreaError
from geoanalyse.geography import Geography, Zones
from geoanalyse.grondslag import Grondslag
from geoanalyse.layer import Base, Layer, layer_digest
from geoanalyse.levels import as_shown
from geoanalyse.published import FollowedUp, Protected
from geoanalyse.release import Release
from geoanalyse.routes import Routes, shipped
from geoanalyse.stats.by_use import by_use
from geoanalyse.stats.hindsight import hindsight
from geoanalyse.stats.inspections import inspections
from geoanalyse.stats.series import series
from geoanalyse.stats.trends import trends

Interval = tuple[dt.date, dt.date]


@dataclass(frozen=True, slots=True)
class Frame:
    """What a release is about, apart from its figures: all of it public, or meant to be printed."""

    area: Area
    geography: Geography
    layers: tuple[Layer, ...]
    grondslag: Grondslag
    period: Interval
    reference_date: dt.date
    key_mark: str
    seed: int = 0
    caveat: str = ""
    routes: Routes = field(default_factory=shipped)
    top: int = signals.PER_BUURT
    followed: FollowedUp | None = None


def analyse(everywhere: Protected, frame: Frame, progress: Callable[[str], None] = lambda _: None) -> Release:
    """Choose the rows of an area, and compute everything that is said about it.

    Parameters
    ----------
    everywhere : Protected
        The published table of all zones.
    frame : Frame
    progress : callable
        Told in Dutch what starts.

    Raises
    ------
    AreaError
        When nothing can be published about the area.
    """
    place, geography, layers = frame.area, frame.geography, frame.layers
    chosen, snapped = selection.choose(geography, place.cells)
    if not chosen[Base.ALL].any():
        raise AreaError(f"over {place.title} kan niets worden uitgegeven: er is geen zone met genoeg adressen")
    reference = selection.in_gemeenten(everywhere, layers, geography, chosen)
    protected = selection.in_area(reference, layers, geography, chosen)
    if not protected.table["value"].drop_null():
        raise AreaError(
            f"over {place.title} heeft in deze periode geen enkele laag gegevens; "
            "kijk naar [dekking] in de laagbestanden"
        )
    progress("statistiek")
    shown = as_shown(layers, reference.table)
    statistics, borrowed, rates = stats.statistics(protected, reference, shown, geography, chosen[Base.ALL], frame.seed)
    windows, changes = series(protected, reference, shown, geography)
    looked = inspections(protected, reference, shown, geography)
    standardised, use_rates = by_use(protected, reference, shown, geography)
    over_time = trends(protected, reference, shown, geography)
    listed = (
        signals.signals(
            statistics,
            shown,
            geography,
            *frame.period,
            rates=rates,
            inspections=looked,
            standardised=standardised,
            trends=over_time,
            routes=frame.routes,
            top=frame.top,
            seed=frame.seed,
        )
        if everywhere.profile != "openbaar"  # a list of places to go to is not for the public
        else ()
    )
    compared = digest.of_table(reference.table)
    return Release(
        area=place,
        geography=geography,
        layers=layers,
        protected=protected,
        statistics=statistics,
        borrowed=borrowed,
        signals=listed,
        grondslag=frame.grondslag,
        start=frame.period[0],
        end=frame.period[1],
        reference_date=frame.reference_date,
        zones_version=geography.zones.version,
        profile=everywhere.profile,
        key_mark=frame.key_mark,
        snapped_in=snapped[0],
        snapped_out=snapped[1],
        rates=rates,
        windows=windows,
        changes=changes,
        trends=over_time,
        scorecard=hindsight(reference, shown, geography),
        inspections=looked,
        standardised=standardised,
        use_rates=use_rates,
        digest=_digest(digest.of_table(protected.table), compared, protected.profile, geography.zones, frame),
        reference_digest=compared,
        seed=frame.seed,
        caveat=frame.caveat,
        routes=frame.routes,
        top=frame.top,
        followed=frame.followed,
    )


def _digest(table: str, reference: str, profile: str, zones: Zones, frame: Frame) -> str:
    return digest.of_release(
        area=frame.area.name,
        layers={layer.id: layer_digest(layer) for layer in frame.layers},
        period=(frame.period[0].isoformat(), frame.period[1].isoformat()),
        reference_date=frame.reference_date.isoformat(),
        profile=profile,
        seed=frame.seed,
        zones=zones.version,
        uses=zones.uses,
        caveat=frame.caveat,
        routes=frame.routes.digest,
        top=frame.top,
        followed=digest.of_follow_up(frame.followed.totals, frame.followed.never) if frame.followed else "",
        version=__version__,
        table=table,
        reference=reference,
    )
