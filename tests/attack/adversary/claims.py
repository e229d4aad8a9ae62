"""Every figure of every file against the published table: agreement, multiples, styles and certainty of groups."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.attack.adversary import clip
from tests.attack.adversary.case import LEVELS, Folder, LayerFile
from tests.attack.adversary.harvest import Column, Harvest
from tests.attack.adversary.published import NO_VALUE, Table
from tests.attack.adversary.words import said

BREAKS = (1.0, 1.5, 2.0, 3.0)
FLOOR = 0.5
_SAME_FOR_EQUALS = ("rate_mean", "rate_low", "rate_high", "p_double", "ratio", "class", "low", "high")


def check(harvest: Harvest) -> None:
    """Check the table and every column of every other file against it."""
    _table(harvest)
    for column in harvest.columns:
        if column.layer.startswith("thema:"):
            _composite(harvest, column)
        elif column.layer in harvest.case.layers:
            _column(harvest, column)
    _equals(harvest)


# --- the table itself -------------------------------------------------------------------------------------------------


def _table(harvest: Harvest) -> None:
    table, file = harvest.table, "zones.parquet"
    places = [LEVELS.index(level) for level in table.level]
    parts = [(start, end) != table.period for start, end in zip(table.start, table.end, strict=True)]
    by_unit = list(zip(table.layer, places, table.unit, parts, table.start, strict=True))
    by_window = list(zip(table.layer, places, parts, table.start, table.unit, strict=True))
    if by_unit != sorted(by_unit) and by_window != sorted(by_window):
        harvest.fault("T12", file, "de volgorde van rijen volgt niet uit laag, niveau, eenheid en venster")
    for row in range(len(table)):
        layer = harvest.case.layers.get(table.layer[row])
        if layer is None:
            harvest.fault("T0", file, "een laag zonder laagbestand")
            continue
        if table.basis[row] != layer.base:
            harvest.fault("T0", file, f"{layer.id}: andere basis dan in het laagbestand")
        if (table.value[row] == NO_VALUE) != (table.status[row] not in {"waarde", "cap"}):
            harvest.fault("T0", file, f"{layer.id}: waarde en status spreken elkaar tegen")
        if table.value[row] != NO_VALUE:
            _row(harvest, file, layer, row)


def _row(harvest: Harvest, file: str, layer: LayerFile, row: int) -> None:
    table = harvest.table
    value, base, level = int(table.value[row]), int(table.base[row]), table.level[row]
    whole = (table.start[row], table.end[row]) == table.period
    own = {"zone": {layer.b}, "apart": {5 if level == "buurt" else 10}, "som": {layer.b} if whole else {5, 10}}
    if base not in own.get(str(table.rounding[row]), set()):
        harvest.fault("T13", file, f"{layer.id} {level}: andere afronding dan die van de laag")
    elif value % base:
        harvest.fault("T13", file, f"{layer.id} {level}: waarden die geen veelvoud zijn van de afronding")
    if layer.capped:
        surely = value - reach(table, row)
        if 2 * surely > layer.clamp * int(table.addresses[row]):
            harvest.fault("T16", file, f"{layer.id} {level}: meer dan de helft staat vast")


def reach(table: Table, row: int) -> int:
    """Give the most that a value is off."""
    if table.rounding[row] == "apart":
        return clip.reach(int(table.base[row]))
    return int(table.atoms[row]) * (int(table.base[row]) - 1)


def certainty(tables: Sequence[Table], layers: Mapping[str, LayerFile]) -> float:
    """Give the largest share of a group that a value proves, over all layers with a cap."""
    most = 0.0
    for table in tables:
        for row in range(len(table)):
            layer = layers.get(table.layer[row])
            if layer is not None and layer.capped and table.value[row] != NO_VALUE and table.addresses[row] > 0:
                surely = int(table.value[row]) - reach(table, row)
                most = max(most, surely / (layer.clamp * int(table.addresses[row])))
    return most


# --- columns of other files -------------------------------------------------------------------------------------------


def _column(harvest: Harvest, column: Column) -> None:
    table, layer = harvest.table, harvest.case.layers[column.layer]
    for unit, value in zip(column.units, column.values, strict=True):
        row = table.place.get((column.layer, column.level, unit))
        if row is None:
            harvest.fault("T0", column.file, f"{layer.id} {column.level}: eenheden die niet in de tabel staan")
        elif not _agrees(harvest, column, layer, row, value):
            what = f"{layer.id} {column.level} {column.field}: wijkt af van de tabel"
            harvest.fault(_test_of(column.field, zero=table.value[row] == 0), column.file, what)
            if column.field == "value" and value is not None and int(value) % int(max(table.base[row], 1)):
                harvest.fault("T13", column.file, f"{layer.id} {column.level}: een getal dat geen veelvoud is")


def _test_of(field: str, *, zero: bool) -> str:
    """Give the test that a figure fails when it is not what the table says."""
    if field == "class" or (zero and field == "words"):
        return "T14"
    return "T13" if field in {"low", "high", "words", "rate"} else "T0"


def _agrees(harvest: Harvest, column: Column, layer: LayerFile, row: int, value: Any) -> bool:  # noqa: ANN401
    table = harvest.table
    shown = int(table.value[row])
    if column.field in {"low", "high", "rate"} and value is None:
        return True
    checks: Mapping[str, Callable[[], bool]] = {
        "value": lambda: (NO_VALUE if value is None else value) == shown,
        "addresses": lambda: bool(value == table.addresses[row]),
        "status": lambda: bool(value == table.status[row]),
        "low": lambda: _possible(table, layer, row, {"low": int(value)}),
        "high": lambda: _possible(table, layer, row, {"high": int(value)}),
        "words": lambda: _words(table, layer, row, value),
        "rate": lambda: _rate(table, layer, row, float(value)),
        "class": lambda: shown == NO_VALUE or (value == 0) == (shown == 0) or _nothing_anywhere(harvest, layer.id),
    }
    return checks[column.field]() if column.field in checks else True


def _nothing_anywhere(harvest: Harvest, layer: str) -> bool:
    """With nothing in the whole region there is no average, and everything is in the lowest class."""
    return harvest.manifest.get("gemiddelden", {}).get(layer) == 0


def _words(table: Table, layer: LayerFile, row: int, words: str) -> bool:
    try:
        meant = said(words)
    except ValueError:
        return False
    shown = int(table.value[row])
    if meant is None or shown == NO_VALUE:
        return meant is None and shown == NO_VALUE
    if meant.high is None or table.status[row] == "cap":
        least = {"low": meant.low}
        return meant.high is None and table.status[row] == "cap" and _possible(table, layer, row, least)
    names_zero = shown == 0 and (meant.value is not None or meant.low > 0)
    ends = {"low": meant.low, "high": meant.high}
    right = meant.value in {None, shown} and not meant.bare and not names_zero
    return right and _possible(table, layer, row, ends)


def _possible(table: Table, layer: LayerFile, row: int, ends: Mapping[str, int]) -> bool:
    """Say whether the ends of a margin are those that the value leaves, or wider; never narrower."""
    shown, terms, reach = int(table.value[row]), int(table.atoms[row]), int(table.base[row]) - 1
    every = int(table.addresses[row]) * layer.clamp
    if table.rounding[row] == "zone" and terms == 1:
        high = {min(every, shown + reach)} | ({every} if layer.part_of else set())
        if table.status[row] == "cap":
            high |= {shown, every}
        return ends.get("low", max(0, shown - reach)) == max(0, shown - reach) and (
            "high" not in ends or ends["high"] in high
        )
    if "low" in ends and ends["low"] > max(shown, 0):
        return False
    if "high" in ends and ends["high"] < min(shown, every):
        return False
    return len(ends) < 2 or ends["high"] - ends["low"] >= min(layer.b - 1, reach, every)


def _rate(table: Table, layer: LayerFile, row: int, rate: float) -> bool:
    shown = int(table.value[row])
    exact = 1000 * min(shown / max(int(table.addresses[row]), 1), layer.clamp)
    return shown != NO_VALUE and math.isclose(rate, exact, rel_tol=6e-4, abs_tol=1e-9)


def _composite(harvest: Harvest, column: Column) -> None:
    """The class of a composite is that of its ratio."""
    if column.field != "ratio":
        return
    classes = next(
        (
            dict(zip(other.units, other.values, strict=True))
            for other in harvest.columns
            if (other.file, other.layer, other.level, other.field) == (column.file, column.layer, column.level, "class")
        ),
        {},
    )
    for unit, ratio in zip(column.units, column.values, strict=True):
        if ratio is None or any(math.isclose(ratio, edge, rel_tol=6e-3) for edge in (FLOOR, *BREAKS)):
            continue
        right = 0 if ratio < FLOOR else sum(ratio >= edge for edge in BREAKS) + 1
        if classes.get(unit, right) != right:
            harvest.fault("T14", column.file, f"{column.layer} {column.level}: klasse past niet bij de verhouding")


# --- equal inputs, equal figures --------------------------------------------------------------------------------------


def _equals(harvest: Harvest) -> None:
    """Units with equal published values and addresses must have equal figures: else something else is in them."""
    table = harvest.table
    for column in harvest.columns:
        if column.field not in _SAME_FOR_EQUALS or column.layer.startswith("thema:"):
            continue
        if column.field in {"low", "high"} and column.level != "zone":
            continue
        seen: dict[object, Any] = {}
        for unit, value in zip(column.units, column.values, strict=True):
            row = table.place.get((column.layer, column.level, unit))
            if row is None:
                continue
            key = _inputs(table, row)
            if seen.setdefault(key, value) != value:
                what = f"{column.layer} {column.level} {column.field}: gelijke waarden, ander cijfer"
                harvest.fault("T5", column.file, what)
                break


def _inputs(table: Table, row: int) -> tuple[object, ...]:
    return (
        int(table.value[row]),
        table.status[row],
        table.rounding[row],
        int(table.base[row]),
        int(table.atoms[row]),
        int(table.addresses[row]),
    )


def agreement(releases: Sequence[tuple[Folder, Table]]) -> set[str]:
    """Name what two areas of one series and day give different values."""
    seen: dict[tuple[object, ...], int] = {}
    odd: set[str] = set()
    for release, table in releases:
        about = (release.series, release.day, table.version, table.profile)
        for row in range(len(table)):
            key = (*about, table.layer[row], table.level[row], table.unit[row], table.start[row], table.end[row])
            value = int(table.value[row])
            if seen.setdefault(key, value) != value:
                odd.add(f"{table.layer[row]} {table.level[row]}: anders dan in een ander gebied")
    return odd
