"""Measure the detectors of person data: recall on planted values, false alarms on clean columns.

Run from the root of the checkout: ``python -m benchmarks.persoonsgegevens [--aantal 10000]``

Recall is the share of planted values that are recognised for what they are: per kind 10,000 values in six spellings in
sentences, the same as whole columns where the design judges columns, and names in short Dutch notes. The values and the
names are those of ``tests/planted.py``.
"""

import argparse
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from geoanalyse.geography import shipped_regions
from geoanalyse.layer import read_layers, shipped_folder
from geoanalyse.personal import PersonData, kinds_in_column, kinds_in_text
from tests.planted import CLEAN, KINDS, PERSONS, Kind, in_text, note

SEED = 20260101
COLUMNS = 1000  # clean columns of each sort
ROWS = 60


def recall_in_text(kind: Kind, count: int) -> float:
    """Share of values that are found in sentences, over the six spellings."""
    random = np.random.default_rng(SEED)
    found = total = 0
    for spelling in kind.spellings:
        for _ in range(count // len(kind.spellings)):
            found += kind.kind in kinds_in_text(in_text(spelling, kind.value(random), random))
            total += 1
    return found / total


def recall_in_columns(kind: Kind, count: int) -> float:
    """Share of rows that are counted in columns of one spelling each."""
    random = np.random.default_rng(SEED)
    found = total = 0
    for spelling in kind.columns:
        values = pa.array([spelling(kind.value(random)) for _ in range(count // len(kind.columns))])
        found += kinds_in_column("kolom", values).get(kind.kind, 0)
        total += len(values)
    return found / total


def recall_of_names(count: int) -> Iterator[tuple[str, float]]:
    """Share of short notes in which the name is found, per origin of the name."""
    random = np.random.default_rng(SEED)
    for origin in PERSONS:
        each = count // len(PERSONS)
        yield origin, sum(PersonData.NAME in kinds_in_text(note(random, origin)) for _ in range(each)) / each


def false_alarms() -> Iterator[tuple[str, float]]:
    """Share of clean columns that are flagged, per sort."""
    for label, make in CLEAN.items():
        columns = (
            [make(np.random.default_rng([SEED, number, row])) for row in range(ROWS)] for number in range(COLUMNS)
        )
        yield label, sum(bool(kinds_in_column("kolom", pa.array(column))) for column in columns) / COLUMNS
    names = shipped_regions().names
    parts = [names[at : at + ROWS] for at in range(0, len(names), ROWS)]
    yield "buurtnamen", sum(bool(kinds_in_column("kolom", pa.array(part))) for part in parts) / len(parts)
    texts = [text for layer in read_layers(shipped_folder()) for text in (layer.title, layer.description, layer.text)]
    yield "laagteksten", sum(bool(kinds_in_text(text)) for text in texts) / len(texts)


def main() -> None:
    """Print one line per kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--aantal", type=int, default=10_000, help="planted values per kind")
    count = parser.parse_args().aantal
    print(f"recall, {count} values per kind, six spellings      text  column")
    for kind in KINDS:
        column = f"{recall_in_columns(kind, count):7.4f}" if kind.columns else "      -"
        print(f"  {kind.label:<42}{recall_in_text(kind, count):9.4f}{column}")
    print("recall, names in short notes")
    origins = dict(recall_of_names(count))
    for origin, share in origins.items():
        print(f"  {origin:<42}{share:9.4f}")
    print(f"  {'all':<42}{np.mean(list(origins.values())):9.4f}")
    print(f"false alarms, share of clean columns ({COLUMNS} of {ROWS} rows each)")
    for label, share in false_alarms():
        print(f"  {label:<42}{share:9.4f}")


if __name__ == "__main__":
    main()
