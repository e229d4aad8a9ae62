"""The cases that are attacked: the standard workload, a short one, the edges, and one per planted fault."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.attack import faults, twins, workload
from tests.attack.faults import FAULTS
from tests.attack.runner import Job, run
from tests.attack.workload import MOVING_KEY, TRIAL, TRIAL_KEY, WHOLE, Ground, Window, build, later

SEEDS = (1, 2, 3)
_LAYERS = ("bedragen", "druk", "matig")
_FREQUENT = ("druk", "groei-druk")
_ON_LIST = 60  # addresses on a holder's list
_TURN = dt.date(2025, 1, 1)
SERIES: Mapping[str, tuple[tuple[str, ...], tuple[Window, ...]]] = {
    "jaarlijks": (_LAYERS, (TRIAL,)),
    # the two end in two years
    "gelijk": (("gelijk",), ((later(_TURN, -2), later(_TURN, -1)), (later(_TURN, -1), _TURN))),
    "tweelingen": (twins.LAYERS, (TRIAL,)),
}
"""Layers and windows of the releases in which a fault is planted."""
OVERLAPPING = tuple((later(dt.date(2023, 5, 1), month), later(dt.date(2023, 11, 1), month)) for month in range(16))
"""Windows of half a year that move on month by month, which the register refuses."""


def make_short(folder: Path, seed: int = SEEDS[0]) -> Ground:
    """Make the small case into ``geval`` and ``waarheid``: minutes, with every kind of release."""
    ground = workload.draw(workload.SMALL_SIZE, seed, folder / "houder")
    twins.make_twins(ground, 3, seed)
    workload.make_case(ground, workload.SMALL, folder / "geval", folder / "waarheid")
    return ground


def make_standard(folder: Path, seed: int) -> Ground:
    """Make the standard workload, with twenty pairs of twins."""
    ground = workload.draw(workload.STANDARD_SIZE, seed, folder / "houder")
    workload.make_case(ground, workload.STANDARD, folder / "geval", folder / "waarheid")
    small = workload.draw(workload.SMALL_SIZE, seed, folder / "houder-tweelingen")
    twins.make_twins(small, 20, seed)
    workload.collect(small, folder / "tweelingen", small.folder / "uit")
    (folder / "tweelingen" / "tweelingen").rename(folder / "geval" / "tweelingen")
    return ground


def make_edge(folder: Path, seed: int = SEEDS[0]) -> Ground:
    """Make the case of edges."""
    ground = workload.draw_edge(seed, folder / "houder")
    workload.make_case(ground, workload.EDGE, folder / "geval", folder / "waarheid")
    return ground


def make_faulty(ground: Ground, folder: Path) -> None:
    """Make a case per planted fault into ``<folder>/<name>``: only the releases in which it shows.

    The case ``sound`` holds the same releases without any fault. The twins of `make_short` must be there.
    """
    shown = {name: tuple(_releases(ground, name)) for name in SERIES}
    jobs = [_into("sound", job, None) for releases in shown.values() for job in releases]
    jobs += [_into(fault.name, job, fault.name) for fault in FAULTS for job in shown.get(fault.shows_in, ())]
    moving = (build(ground, "overlappend", WHOLE, window, _FREQUENT, sleutel=MOVING_KEY) for window in OVERLAPPING)
    jobs += [_into("overlapping-windows", Job(arguments), "overlapping-windows") for arguments in moving]
    run(jobs, ground.folder, at_once=2)
    for name in ("sound", *faults.PATCHES):
        workload.collect(ground, folder / name, ground.folder / "uit" / name)
    for name in ("sound", *faults.PLANTS):
        plant_lists(ground, folder / name, faults.PLANTS.get(name, faults.proper_lists))


def plant_lists(ground: Ground, case: Path, plant: faults.Plant) -> None:
    """Add a holder's lists to a case."""
    workload.write_public(ground, case / "openbaar")
    random = np.random.default_rng(SEEDS[0])
    plant(case, random.choice(ground.city.addresses["id"].to_numpy(), _ON_LIST, replace=False).tolist(), random)


def _releases(ground: Ground, series: str) -> Iterator[Job]:
    """Give the releases of one series, few and small, in which a fault of it shows."""
    if series == "tweelingen":
        other = ground.folder / f"invoer-tweeling-{twins.KINDS.index(twins.STRICT):02d}"
        for name, source in (("a", ground.input), ("b", other)):
            yield twins.twin_job(ground, f"tweelingen/00/{name}", source, twins.STRICT)
    else:
        layers, windows = SERIES[series]
        for window in windows:
            yield Job(build(ground, series, WHOLE, window, layers, sleutel=TRIAL_KEY))


def _into(name: str, job: Job, fault: str | None) -> Job:
    """Build a release of a case of its own, with its fault."""
    arguments = [part.replace("uit/", f"uit/{name}/", 1) if part.startswith("uit/") else part for part in job.arguments]
    return replace(job, arguments=arguments, fault=fault)
