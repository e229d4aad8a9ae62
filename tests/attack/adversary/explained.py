"""Numbers in texts: each must follow from the table, the account or the layer files, or be a day, rank or year."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator

import numpy as np

from tests.attack.adversary import claims
from tests.attack.adversary.harvest import Column, Harvest, strings
from tests.attack.adversary.published import NO_VALUE
from tests.attack.adversary.words import Said, said

_NUMBER = re.compile(r"(?<![\w,.])(?:\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+,\d+|\d+)(?!\w)")
_PAIR = re.compile(r"\b8[0-9a-f]{14}\b\D{0,3}\d+")
_MOST_SMALL = 31
_EXCEL_START = dt.date(1899, 12, 30)
_LAST_TO_FILL_IN = dt.date(2099, 12, 31)  # a day of follow-up lies between the reference date and this one


def check_numbers(harvest: Harvest, file: str, text: str) -> None:
    """Note numbers in a text that nobody can work out from what is published."""
    known = _explained(harvest)
    flat = without_marks(harvest, text).replace("SHA-256", " ")
    strange = [word for word in _NUMBER.findall(flat) if word not in known and not _small(word)]
    if strange:
        harvest.fault("T13", file, f"{len(strange)} getallen die niet uit de tabel volgen")
    if _PAIR.search(flat):
        harvest.fault("T13", file, "een getal naast de naam van een zone")


def check_figure(harvest: Harvest, file: str, value: float | str) -> None:
    """Note a figure behind a sentence that nobody can work out; a day is looked at where it is said."""
    if isinstance(value, str):
        return
    words = set(_spellings(float(value)))
    if not words & _explained(harvest) and not any(map(_small, words)):
        harvest.fault("T13", file, "een cijfer achter een zin dat niet uit de tabel volgt")


def _small(word: str) -> bool:
    """Days, ranks and counts of places: up to 31; and years."""
    return word.isdigit() and (int(word) <= _MOST_SMALL or 1990 <= int(word) <= 2100)


def without_marks(harvest: Harvest, text: str) -> str:
    """Leave out digests and marks of versions and keys."""
    flat = " ".join(text.split())
    marks = harvest.table.marks
    whole = marks.get("kenmerk", "")
    for part in (whole, whole[:12], marks.get("zones_versie", ""), marks.get("sleutelmerk", "")):
        flat = flat.replace(part, " ") if part else flat
    return flat


def _explained(harvest: Harvest) -> set[str]:
    """Give every number that a reader can work out, as Dutch text; worked out once per release."""
    if not harvest.explained:
        for words in _fixed_texts(harvest):
            harvest.explained |= set(_NUMBER.findall(words))
        for number in set(_from_table(harvest)):
            harvest.explained |= set(_spellings(number))
    return harvest.explained


def _fixed_texts(harvest: Harvest) -> Iterator[str]:
    own = {
        key: value for key, value in harvest.manifest.items() if key not in {"tabel", "zinnen"}
    }  # those explain none
    yield from strings(own)
    for part in ("gebied", "bescherming", "nauwkeurigheid", "geografie"):
        yield str(harvest.manifest.get(part, {}))
    for layer in harvest.case.layers.values():
        yield from layer.texts
    yield from harvest.case.regions.names
    yield from (str(day) for day in {*harvest.table.start, *harvest.table.end})
    days = [harvest.table.period[0], harvest.table.period[1] - dt.timedelta(days=1)]
    days += [dt.date.fromisoformat(harvest.manifest["peildatum"]), _LAST_TO_FILL_IN]
    yield " ".join(str((day - _EXCEL_START).days) for day in days)
    yield "95% 0,05 1.000 1,5 tot 2 keer 50 m 100 m 200 m 500 m"


def _from_table(harvest: Harvest) -> Iterator[float]:
    """Give values, their ends, sums per level, rates, numbers of places per class, and the tops of axes."""
    table = harvest.table
    yield from map(float, np.unique(table.addresses).tolist())
    yield from set(harvest.bands)
    sums: dict[tuple[str, str], list[float]] = {}
    for column in harvest.columns:
        numbers, totals = _of_column(column)
        yield from numbers
        sums.setdefault((column.layer, column.level), []).extend(totals)
    for (layer, level, window), rows in table.groups.items():
        own = rows[table.value[rows] != NO_VALUE]
        value, addresses = float(table.value[own].sum()), float(table.addresses[own].sum())
        reach = np.array([claims.reach(table, row) for row in own.tolist()], dtype=np.int64)
        if window == table.period and addresses:
            every = (value, float(np.maximum(table.value[own] - reach, 0).sum()), *sums.get((layer, level), ()))
            yield from (*every, addresses)
            yield from (1000 * number / addresses for number in every)
        # of parts that stand apart, the sum of what each may be off, or 1.96 times the root of their variances
        variance = float((table.base[own] ** 2).sum() / 4 + 2 * len(own))
        margins = [float(reach.sum()), round(1.96 * variance**0.5)]
        for margin in margins:
            yield from (value + margin, max(0.0, value - margin), _top(value + margin))
    for rate in harvest.manifest.get("gemiddelden", {}).values():
        yield from (1000 * rate * shift for shift in (1.0, 0.9998, 1.0002))  # the account itself is rounded


def _of_column(column: Column) -> tuple[list[float], list[float]]:
    """Give numbers that a column of another file explains, and sums over its units."""
    known = [value for value in column.values if value is not None]
    if column.field == "ratio":
        return [float(value) for value in known], []
    if column.field in {"class", "hotspot"} and column.file == "kaart.html":
        return [float(count) for count in Counter(known).values()], []
    if column.field in {"low", "high"} and column.file == "kaart.html":
        return [], [float(sum(known))]
    if column.field == "words" and ".gpkg" in column.file:
        meant = [each for each in map(_said, known) if each is not None]
        numbers = [
            float(number) for each in meant for number in (each.value, each.low, each.high) if number is not None
        ]
        return numbers, [float(sum(each.low for each in meant)), float(sum(each.high or 0 for each in meant))]
    return [], []


def _said(words: str) -> Said | None:
    try:
        return said(words)
    except ValueError:
        return None


def _top(number: float) -> float:
    power = 10 ** (len(str(int(max(number, 1)))) - 1)
    return next(float(times * power) for times in (1, 2, 4, 5, 6, 8, 10) if times * power >= number)


def _spellings(number: float) -> Iterator[str]:
    """Write a number as a factsheet may: whole, or with two or three significant digits; with points and comma."""
    if number == int(number):
        yield f"{int(number):,}".replace(",", ".")
        yield str(int(number))
    for digits in (2, 3):
        rounded = float(f"{number:.{digits}g}")
        text = f"{rounded:,.6f}".rstrip("0").rstrip(".")
        yield text.replace(",", "_").replace(".", ",").replace("_", ".")
