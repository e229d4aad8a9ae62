"""The list of signals against itself, the map and the published figures."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from geoanalyse.followup import words
from geoanalyse.products import dutch
from geoanalyse.products.audit.figures import Figure, Place, named
from geoanalyse.products.audit.identity import Identity
from geoanalyse.products.audit.lists import Row, level_of

_MAP_COLUMNS = {
    "Rang": "rank",
    "Plek": "zone",
    "Buurt": "region",
    "Wijk": "wijk",
    "Sterkte": "strength",
    "Betrouwbaar": "reliability",
    "Route": "route",
    "Niet bekend": "unknown",
    "Thema": "theme",
}


def between_lists(one: Sequence[Row], other: Sequence[Row]) -> Iterator[str]:
    """Compare the rows of the CSV and of the workbook, cell by cell."""
    left, right = ({row["Signaal"]: row for row in rows} for rows in (one, other))
    if len(one) != len(other) or left.keys() != right.keys():
        yield "andere signalen"
        return
    titles = Counter(
        title
        for signal, row in left.items()
        for title in row.keys() & right[signal].keys()
        if row[title] != right[signal][title]
    )
    yield from (f"{times} keer iets anders in kolom {title}" for title, times in sorted(titles.items()))


def with_map(rows: Sequence[Row], signals: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Compare the rows with the signals on the map."""
    told = {str(signal.get("id")): signal for signal in signals}
    if {row["Signaal"] for row in rows} != told.keys() or len(rows) != len(signals):
        yield "andere signalen"
        return
    titles: Counter[str] = Counter()
    for row in rows:
        signal = told[row["Signaal"]]
        wanted = {title: str(signal.get(key)) for title, key in _MAP_COLUMNS.items()}
        wanted["Redenen"] = "; ".join(map(str, signal.get("reasons") or ()))
        wanted["Soort plek"] = dutch.LEVELS.get(str(signal.get("level")), ("", ""))[0]
        titles.update(title for title, text in wanted.items() if row.get(title) != text)
    yield from (f"{times} signalen met iets anders bij {title}" for title, times in sorted(titles.items()))


def with_figures(
    rows: Sequence[Row], figures: Mapping[Place, Figure], titles: Mapping[str, str], bases: Mapping[str, str]
) -> Iterator[str]:
    """Compare the numbers in the rows with the figures of another file.

    Parameters
    ----------
    rows : sequence of Row
    figures : mapping of Place to Figure
    titles : mapping of str to str
        Layer by its title.
    bases : mapping of str to str
        Base of addresses by layer.
    """
    wrong: Counter[str] = Counter()
    for row in rows:
        level = level_of(row.get("Soort plek", ""))
        addresses = figures.get((named(f"thema:{row['Thema']}"), level, row.get("Plek", "")), Figure()).addresses
        if addresses is not None and row.get("Adressen") != str(addresses):
            wrong["Adressen"] += 1
        for title in row.keys() & titles.keys():
            layer = titles[title]
            figure = figures.get((named(layer), level, row.get("Plek", "")))
            # equal names of zones on two bases are two places
            same = figure is not None and (level != "zone" or bases.get(layer) == "alle")
            words = figure.words if same and figure is not None else dutch.WITHHELD
            if row[title] and words is not None and row[title] != words:
                wrong[title] += 1
    yield from (f"{times} keer een ander aantal bij {title}" for title, times in sorted(wrong.items()))


def with_identity(rows: Sequence[Row], of: Identity) -> Iterator[str]:
    """Compare period, classification, caveat, mark of the demo and that of the release in every row."""
    wanted = {words.MARK: words.mark(of.digest) if of.digest else None}
    wanted |= {"Van": _written(of.start, 0), "Tot en met": _written(of.end, 1)}
    if rows and "Rubricering" in rows[0]:  # of the CSV, which has no other place for them
        wanted |= {"Rubricering": of.classification, "Voorbehoud": of.caveat or None, "Let op": of.demo or None}
    for title, text in wanted.items():
        if text is not None and any(row.get(title) != text for row in rows):
            yield "kenmerk van een rij" if title == words.MARK else title.lower()


def filled_in(rows: Sequence[Row]) -> Iterator[str]:
    """Look for answers in the columns to fill in: a release has none, and a list that came back is no release."""
    for field in words.FIELDS:
        absent = sum(field.title not in row for row in rows)
        filled = sum(bool(row.get(field.title)) for row in rows)
        if absent:
            yield f"mist de kolom {field.title} om in te vullen"
        if filled:
            yield f"is ingevuld: {filled} keer iets in kolom {field.title}, en een uitgave is daar leeg"


def _written(day: str | None, before: int) -> str | None:
    try:
        return (dt.date.fromisoformat(day or "") - dt.timedelta(days=before)).strftime("%d-%m-%Y")
    except (ValueError, OverflowError):
        return None
