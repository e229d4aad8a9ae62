"""Pairs of raw inputs with one protected table: whatever differs between their releases was not made from that table.

Three kinds. Trivial: events move to other addresses of the same zone, so that every count stays. Real: counts move
within their thresholds, under each profile; found with the holder's key, by asking the program what it would publish.
"""

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tests.attack import indicators
from tests.attack.runner import Job, run
from tests.attack.workload import TRIAL, TRIAL_KEY, WHOLE, Ground, build, write_events, zones_of

LAYERS = ("bedragen", "druk", "matig", "zaken")
SAME_ZONE, ROOMY, STRICT = "zelfde-zone", "casustafel", "streng"
KINDS = (SAME_ZONE, ROOMY, STRICT)
_ROUNDS = {ROOMY: 2, STRICT: 4}  # times that the count of every zone may move by one
_SINGLES = 5  # changes that are tried one by one, because they move totals

_FIRST, _DAY = TRIAL


@dataclass(frozen=True, slots=True)
class _Edit:
    """One event less, one more on an address that had none, or both on one day; with the zones where that is."""

    layer: str
    zones: frozenset[str]
    buurt: str
    less: int | None
    more: tuple[str, np.datetime64] | None


def make_twins(ground: Ground, count: int, seed: int, kinds: Sequence[str] = KINDS) -> None:
    """Build pairs of releases, of the kinds in turn, as ``tweelingen/<nn>/{a,b}``; `workload.collect` fetches them."""
    random = np.random.default_rng(seed)
    jobs = []
    for number in range(count):
        kind = kinds[number % len(kinds)]
        folder = ground.folder / f"invoer-tweeling-{number:02d}"
        shutil.copytree(ground.input, folder)
        write_events(other_input(ground, kind, random), folder)
        jobs += [
            twin_job(ground, f"tweelingen/{number:02d}/{name}", source, STRICT if kind == STRICT else ROOMY)
            for name, source in (("a", ground.input), ("b", folder))
        ]
    run(jobs, ground.folder, at_once=2)


def twin_job(ground: Ground, series: str, source: Path, profile: str) -> Job:
    """Give the job that builds one of a pair."""
    options = {"invoer": source.name, "profiel": profile, "sleutel": TRIAL_KEY}
    return Job(build(ground, series, WHOLE, (_FIRST, _DAY), LAYERS, **options))


def other_input(ground: Ground, kind: str, random: np.random.Generator) -> pd.DataFrame:
    """Give other events with the same protected table."""
    if kind == SAME_ZONE:
        return _same_zones(ground, random)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "invoer"
        shutil.copytree(ground.input, folder)
        before = published(ground, folder, kind)
        kept: list[_Edit] = []
        for _ in range(_ROUNDS[kind]):
            proposed = _alone(ground, kept, random) if kind == STRICT else _paired(ground, kept, random)
            kept = _unseen(ground, kept, list(proposed), (folder, kind, before))
        if kind == ROOMY:
            singles = list(_alone(ground, kept, random))[:_SINGLES]
            for edit in singles:
                kept = _unseen(ground, kept, [edit], (folder, kind, before))
    return _edited(ground.events, kept)


def published(ground: Ground, folder: Path, profile: str) -> pa.Table:
    """Ask the program what it would publish of an input folder."""
    from geoanalyse import protection  # noqa: PLC0415
    from geoanalyse.build import Request, prepare  # noqa: PLC0415

    prepared = prepare(
        Request(
            area=WHOLE,
            today=dt.date(2026, 1, 1),
            folder=folder,
            layer_ids=LAYERS,
            layer_folder=ground.folder / "lagen",
            profile=profile,
            period=(_FIRST, _DAY),
            reference_date=_DAY,
            key_file=ground.folder / TRIAL_KEY,
            geography=ground.folder / "geografie.parquet",
        )
    )
    secret = prepared.source.key.secret
    return protection.protect(prepared.counts, prepared.geography, secret, profile).table


# --- edits ------------------------------------------------------------------------------------------------------------


def _same_zones(ground: Ground, random: np.random.Generator) -> pd.DataFrame:
    """Move events to addresses of the same zone on which nothing of that layer ever happened."""
    parts = []
    for layer, rows in ground.events.groupby("layer"):
        once, free = _movable(ground, str(layer), rows, random)
        pairs = [part.assign(rank=part.groupby("zone").cumcount()) for part in (once, free)]
        swap = pairs[0].merge(pairs[1], on=["zone", "rank"], suffixes=("", "_new")).set_index("id")["id_new"]
        parts.append(rows.assign(id=rows["id"].replace(swap.to_dict())))
    return pd.concat(parts, ignore_index=True)


def _movable(
    ground: Ground, layer: str, rows: pd.DataFrame, random: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the addresses with one event of a layer, and those with none; with their zone, in random order."""
    addresses, base = ground.city.addresses, indicators.INDICATORS[layer].base
    known = zones_of(addresses, ground.zones, base)
    known = known[indicators.eligible(addresses, base) & known["zone"].notna()].sample(frac=1, random_state=random)
    times = known["id"].map(rows["id"].value_counts()).fillna(0)
    return known[times == 1], known[times == 0]


def _room(
    ground: Ground, layer: str, kept: Sequence[_Edit], random: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give events that may go (of amount 1, in the window, alone on their address), and addresses that may get one."""
    rows = ground.events[ground.events["layer"] == layer]
    once, free = _movable(ground, layer, rows, random)
    inside = (rows["day"] >= np.datetime64(_FIRST)) & (rows["day"] < np.datetime64(_DAY)) & (rows["amount"] == 1)
    events = once.merge(rows[inside].reset_index(), on="id")
    used = {edit.less for edit in kept}, {edit.more[0] for edit in kept if edit.more}
    return events[~events["index"].isin(used[0])], free[~free["id"].isin(used[1])]


def _alone(ground: Ground, kept: Sequence[_Edit], random: np.random.Generator) -> Iterator[_Edit]:
    """One event more in each zone of every third buurt and one less in the others, so that raw hot spots move."""
    edits = []
    for layer in LAYERS:
        events, free = (each.drop_duplicates("zone") for each in _room(ground, layer, kept, random))
        rising = free["region"].str[-1].isin(["0", "3", "6", "9"])
        falling = events[~events["zone"].isin(free["zone"][rising])]
        edits += [_Edit(layer, frozenset({row.zone}), row.region, row.index_, None) for row in _rows(falling)]
        days = np.datetime64(_FIRST) + random.integers(0, 365, rising.sum())
        edits += [
            _Edit(layer, frozenset({row.zone}), row.region, None, (row.id, day))
            for row, day in zip(_rows(free[rising]), days, strict=True)
        ]
    return (edits[index] for index in random.permutation(len(edits)))


def _paired(ground: Ground, kept: Sequence[_Edit], random: np.random.Generator) -> Iterator[_Edit]:
    """One event less in a zone and one more on that day in another zone of the buurt, so that no total moves."""
    for layer in LAYERS:
        events, free = _room(ground, layer, kept, random)
        free = free.drop_duplicates("zone")
        for region, leaving in events.drop_duplicates("zone").groupby("region"):
            rows = list(_rows(leaving))
            taken = {row.zone for row in rows[::2]}
            arriving = _rows(free[(free["region"] == region) & ~free["zone"].isin(taken)])
            for row, new in zip(rows[::2], arriving, strict=False):
                yield _Edit(layer, frozenset({row.zone, new.zone}), str(region), row.index_, (new.id, row.day))


def _rows(frame: pd.DataFrame) -> Iterator[tuple]:
    return frame.rename(columns={"index": "index_"}).itertuples(index=False)


def _unseen(ground: Ground, kept: list[_Edit], proposed: list[_Edit], asked: tuple[Path, str, pa.Table]) -> list[_Edit]:
    """Add the proposed edits that the published table does not show."""
    folder, profile, before = asked
    while proposed:
        write_events(_edited(ground.events, [*kept, *proposed]), folder)
        changed = _changed(before, published(ground, folder, profile))
        if not changed:
            return [*kept, *proposed]
        # a zone that shows comes first: what its regions show may follow from it
        by_level = ([edit for edit in proposed if _shows(edit, level, changed)] for level in range(4))
        seen = next((found for found in by_level if found), proposed)
        proposed = [edit for edit in proposed if edit not in seen]
    return kept


def _shows(edit: _Edit, level: int, changed: set[tuple[str, str]]) -> bool:
    """Say whether an edit shows in its zones (level 0), its buurt, its wijk or its gemeente."""
    units = (edit.zones, {edit.buurt}, {f"WK{edit.buurt[2:8]}"}, {f"GM{edit.buurt[2:6]}"})[level]
    return any((edit.layer, unit) in changed for unit in units)


def _changed(before: pa.Table, after: pa.Table) -> set[tuple[str, str]]:
    """Give the layer and unit of every row that differs."""
    columns = [column for column in before.column_names if column != "cells"]
    same = pa.array(np.ones(before.num_rows, dtype=bool))
    for column in columns:
        left, right = before[column].combine_chunks(), after[column].combine_chunks()
        both_null = pc.and_(left.is_null(), right.is_null())
        same = pc.and_(same, pc.or_(pc.fill_null(pc.equal(left, right), fill_value=False), both_null))
    rows = before.filter(pc.invert(same))
    return set(zip(rows["layer"].to_pylist(), rows["zone"].to_pylist(), strict=True))


def _edited(events: pd.DataFrame, edits: Sequence[_Edit]) -> pd.DataFrame:
    more = [(edit.layer, *edit.more, 1) for edit in edits if edit.more]
    kept = events.drop(index=[edit.less for edit in edits if edit.less is not None])
    return pd.concat([kept, pd.DataFrame(more, columns=events.columns)], ignore_index=True)
