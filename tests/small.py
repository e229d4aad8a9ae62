"""A small real release: every figure counted, protected and analysed by the real chain, on a made-up town."""

import datetime as dt

import numpy as np
import pyarrow as pa

from geoanalyse.addresses import Events
from geoanalyse.analyse import Frame, analyse
from geoanalyse.area import Area
from geoanalyse.layer import read_layers, shipped_folder
from geoanalyse.protection import protect
from geoanalyse.release import Release
from geoanalyse.routes import shipped
from geoanalyse.signals import PER_BUURT, Signal, signals
from tests.sample import sample_grondslag
from tests.town import PERIOD, Town, counted, events, layer, town

SHARES = {
    "domicilie": 0.03,
    "fiu-signalen": 0.05,
    "kvk-registraties": 0.2,
    "leegstand": 0.2,
    "mma-meldingen": 0.55,
    "pandsluitingen": 0.02,
}
"""How often something happens; reports so often that most zones show their cap."""


def small_release(profile: str = "casustafel", seed: int = 5, top: int = PER_BUURT) -> Release:
    """Make a release of the whole made-up town, with every shipped layer and a corner where more happens."""
    return small_parts(profile, seed, top)[0]


def small_parts(
    profile: str = "casustafel", seed: int = 5, top: int = PER_BUURT
) -> tuple[Release, Town, dict[str, Events]]:
    """Make that release, and give the raw side of it too."""
    random = np.random.default_rng(seed)
    place = town(random, 1500)
    layers = [layer(each.id) for each in read_layers(shipped_folder())]
    happened = {each.id: _happened(random, place, each.id) for each in layers}
    counts = [counted(place, each, happened[each.id]) for each in layers]
    regions = place.geography.regions
    area = Area("testdam", "Testdam", regions.cells, ("GM9999",), "verzonnen", regions.year)
    frame = Frame(
        area,
        place.geography,
        tuple(layers),
        sample_grondslag(),
        PERIOD,
        dt.date(2025, 1, 1),
        key_mark="0123abcd",
        top=top,
    )
    return analyse(protect(counts, place.geography, b"geheim" * 6, profile), frame), place, happened


def _happened(random: np.random.Generator, place: Town, name: str) -> Events:
    everywhere = events(random, place, SHARES[name])
    if name != "fiu-signalen":
        return everywhere
    buurt = place.geography.regions.region_of(place.cells)
    corner = np.flatnonzero((buurt == 0) & (random.random(len(buurt)) < 0.3))
    day = np.datetime64(PERIOD[0], "D") + random.integers(0, 366, len(corner)).astype("timedelta64[D]")
    address = np.concatenate([everywhere.address, corner])
    order = np.argsort(address, kind="stable")
    return Events(address[order], np.concatenate([everywhere.day, day])[order], np.ones(len(address), dtype=np.int64))


def listed(release: Release, statistics: pa.Table, seed: int = 0) -> tuple[Signal, ...]:
    """Rank the signals of a release again, from other statistics or with another seed."""
    return signals(
        statistics,
        release.layers,
        release.geography,
        release.start,
        release.end,
        rates=release.rates,
        inspections=release.inspections,
        standardised=release.standardised,
        trends=release.trends,
        routes=shipped(),
        seed=seed,
    )
