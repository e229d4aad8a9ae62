"""The block of data: what goes in comes out, in Python, in the browser's script, and in the adversary's own reader."""

import base64
import json
import shutil
import subprocess
import zlib
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from geoanalyse import grid
from geoanalyse.products import kaart, kaartblok, lattice
from tests.attack.adversary import read_map

STATIC = Path(kaart.__file__).parent / "static"
READ = """
import { decode } from "./decode.js";
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { header, column, at } = await decode(Buffer.concat(chunks).toString());
const all = header.arrays.map((_, k) => [...column(k)]);
const one = header.arrays.map((_, k) => at(k));
const alike = all.every((numbers, k) => numbers.every((number, row) => Object.is(one[k](row), number)));
console.log(JSON.stringify({ alike, columns: all }, (_, value) => (Number.isNaN(value) ? null : value)));
"""


def everywhere(text: str) -> list[list[float | None]]:
    """Columns as all three readers give them; nan is None."""
    ours = plain(kaartblok.unpack(text)[1])
    assert plain(read_map.unpack(text)[1]) == ours
    if shutil.which("node") is not None:
        command = ["node", "--input-type=module", "-e", READ]
        found = subprocess.run(command, cwd=STATIC, input=text, capture_output=True, text=True, check=True)
        theirs = json.loads(found.stdout)
        assert theirs["alike"]
        assert theirs["columns"] == ours
    return ours


def plain(columns: list[np.ndarray]) -> list[list[float | None]]:
    return [[None if number != number else number for number in column.tolist()] for column in columns]  # noqa: PLR0124


RATES = st.sampled_from([0.5, -0.25, 12.0, float("nan")])
FEW = st.lists(st.tuples(st.integers(0, 2), RATES), min_size=1, max_size=200)


@hypothesis.settings(max_examples=20)
@hypothesis.given(FEW)
def test_figures_survive_as_a_table_and_as_they_are(rows: list[tuple[int, float]]) -> None:
    count, rate = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    columns = kaartblok.Columns()
    number = columns.figures({"count": count}, {"rate": kaartblok.three_digits(rate)})
    read = everywhere(kaartblok.pack({}, columns))
    assert read[number["count"]] == count.tolist()
    assert read[number["rate"]] == plain([rate])[0]


def test_figures_of_many_like_units_take_one_column() -> None:
    rng = np.random.default_rng(0)
    count = rng.integers(0, 9, 20_000)
    figures = [np.sqrt(count + k) for k in range(1, 9)]
    columns = kaartblok.Columns()
    columns.figures({"count": count}, {str(k): kaartblok.three_digits(each) for k, each in enumerate(figures)})
    alone = kaartblok.Columns()
    alone.integers(count)
    assert len(kaartblok.pack({}, columns)) < 1.05 * len(kaartblok.pack({}, alone)) + 600


def zones_of(cells: np.ndarray, most: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Unit of each cell (some have none) and name of each unit: zones are runs of cells, named after their lowest."""
    starts = np.sort(np.append(0, 1 + rng.choice(len(cells) - 1, len(cells) // most, replace=False)))
    unit = np.searchsorted(starts, np.arange(len(cells)), side="right") - 1
    empty = rng.random(len(cells)) < 0.2
    empty[starts] = False
    return np.where(empty, rng.choice([-1, -2, -3], len(cells)), unit).astype(np.int32), cells[starts]


@pytest.mark.parametrize("named_elsewhere", [False, True])
def test_owners_of_cells_survive(named_elsewhere: bool) -> None:  # noqa: FBT001 - pytest gives it
    rng = np.random.default_rng(5)
    ring = np.unique(grid.cells_at(rng.uniform(120e3, 124e3, 9000), rng.uniform(480e3, 484e3, 9000)))
    unit, names = zones_of(ring, 3, rng)
    if named_elsewhere:
        names = names.copy()
        names[0] -= np.uint64(1 << 15)
    ordered = lattice.encode(ring).cells
    owner = unit[np.searchsorted(ring, ordered)]
    columns = kaartblok.Columns()
    number = columns.owners(owner, names, ordered, columns.cells(ordered))
    assert columns.specs[number][0] == ("d2" if named_elsewhere else "home")
    assert everywhere(kaartblok.pack({}, columns))[number] == owner.tolist()


def test_no_cells_no_owners() -> None:
    columns = kaartblok.Columns()
    none = np.empty(0, dtype=np.uint64)
    number = columns.owners(np.empty(0, np.int32), none, none, columns.cells(none))
    assert everywhere(kaartblok.pack({}, columns))[number] == []


@hypothesis.given(st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), max_size=50))
def test_three_digits_survive(values: list[float]) -> None:
    given_values = np.array(values, dtype=float)
    back = kaartblok.from_three_digits(kaartblok.three_digits(given_values))
    np.testing.assert_allclose(back, given_values, rtol=0.0051, atol=2e-11)


@hypothesis.settings(max_examples=20)
@hypothesis.given(st.lists(st.integers(-(2**31), 2**31 - 1), max_size=50), st.booleans())
def test_columns_survive(values: list[int], difference: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    columns = kaartblok.Columns()
    number = columns.integers(values, difference=difference)
    assert everywhere(kaartblok.pack({}, columns))[number] == values


def test_the_block_is_compressed_json_with_a_length_before_it() -> None:
    raw = zlib.decompress(base64.b64decode(kaartblok.pack({"a": "é\u202e\u0000"}, kaartblok.Columns())))
    assert json.loads(raw[4:]) == {"a": "é", "arrays": []}
    assert int.from_bytes(raw[:4], "little") == len(raw) - 4
