"""Time the geocoder against a large address base, beside joins on the exact key only, in the same run.

Run from the root of the checkout: ``python -m benchmarks.geocoding [--basis 800000] [--rijen 1000000] [--rondes 3]``

The base has so many made-up addresses, two in three with a letter or an addition. The rows are drawn from it: half as
the base has them, a fifth spelled otherwise, a tenth without what belongs to the number, a fifth that are not there.
They are matched as columns (postcode and number, with what belongs to it in one text), as columns with street and town,
and as one text. DuckDB and pandas join the same rows on postcode, number, letter and addition as they are: they find
what is written exactly alike and nothing else, and do not see that a key stands for two addresses.
"""
# ruff: noqa: PLC0415 - each way loads what it needs

import argparse
import os
import platform
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

AIM = 200_000
"""Rows a second."""
Ints = npt.NDArray[np.int64]


def make_base(count: int, chance: np.random.Generator) -> pa.Table:
    """Make addresses: 20 numbers in a postcode, a street for every three postcodes."""
    place = np.arange(count)
    area = place // 30
    code = 1000 * 676 + area * 7
    postcode = _postcodes(code)
    number = (area % 3 * 20 + place % 30 // 3 * 2 + 1).astype(np.int32)
    kind = place % 3
    letter = np.where(kind == 1, "A", None)
    suffix = np.where(kind == 2, chance.choice(["1", "2", "H", "bis"], count), None)
    street = area // 3
    names = pa.array(
        [f"{'Sint ' if each % 9 == 0 else ''}Naam{each:06d}straat" for each in range(int(street.max()) + 1)]
    )
    return pa.table(
        {
            "adresseerbaarobject_id": pc.utf8_lpad(pa.array(363010000000000 + place).cast(pa.string()), 16, "0"),
            "postcode": postcode,
            "huisnummer": pa.array(number),
            "huisletter": pa.array(letter.tolist(), pa.string()),
            "toevoeging": pa.array(suffix.tolist(), pa.string()),
            "straat": names.take(pa.array(street)),
            "woonplaats": pa.array(["Amsterdam", "Diemen"]).take(pa.array(street % 2)),
        }
    )


def _postcodes(code: Ints) -> pa.Array:
    signs = np.empty((len(code), 6), dtype=np.uint8)
    for place, unit in enumerate((676_000, 67_600, 6_760, 676)):
        signs[:, place] = 48 + code // unit % 10
    signs[:, 4], signs[:, 5] = 65 + code // 26 % 26, 65 + code % 26
    return pa.array(signs.reshape(-1).view("S6").astype("U6"))


def make_rows(base: pa.Table, count: int, chance: np.random.Generator) -> dict[str, pa.Table]:
    """Draw rows and write them in three ways; ``los`` has the parts that the joins need."""
    drawn = base.take(pa.array(chance.integers(0, len(base), count)))
    kind = chance.random(count)
    letter, suffix = (pc.fill_null(drawn[name], "").combine_chunks() for name in ("huisletter", "toevoeging"))
    other, bare = pa.array((kind >= 0.5) & (kind < 0.7)), pa.array((kind >= 0.7) & (kind < 0.8))
    number = drawn["huisnummer"].combine_chunks()
    number = pc.if_else(pa.array(kind >= 0.8), pc.add(number, 500), number).cast(pa.string())
    letter = pc.if_else(bare, "", pc.if_else(other, pc.utf8_lower(letter), letter))
    roman = pc.replace_substring_regex(pc.replace_substring_regex(suffix, "^2$", "II"), "^H$", "hs")
    suffix = pc.if_else(bare, "", pc.if_else(other, roman, suffix))
    line = pc.if_else(pc.equal(suffix, ""), "", "-")
    written = pc.binary_join_element_wise(number, letter, line, suffix, "")
    postcode, street, town = (drawn[name].combine_chunks() for name in ("postcode", "straat", "woonplaats"))
    street = pc.if_else(other, pc.replace_substring(street, "straat", "str."), street)
    spaced = pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(postcode, 0, 4), pc.utf8_slice_codeunits(postcode, 4), " "
    )
    return {
        "los": pa.table({"postcode": postcode, "huisnummer": number, "huisletter": letter, "toevoeging": suffix}),
        "postcode": pa.table({"postcode": pc.if_else(other, spaced, postcode), "huisnummer": written}),
        "straat": pa.table({"straat": street, "huisnummer": written, "plaats": town}),
        "tekst": pa.table(
            {
                "adres": pc.binary_join_element_wise(
                    pc.binary_join_element_wise(street, written, " "), spaced, town, ", "
                )
            }
        ),
    }


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Give wall and processor seconds, and the result."""
    begun, before = time.perf_counter(), time.process_time()
    made = work()
    return time.perf_counter() - begun, time.process_time() - before, made


def with_duckdb(base: pa.Table, rows: pa.Table) -> int:
    """Join on the exact key with DuckDB."""
    import duckdb

    with duckdb.connect() as opened:
        opened.register("basis", base)
        opened.register("rijen", rows)
        found = opened.sql(
            "SELECT r.nummer, b.adresseerbaarobject_id FROM (SELECT row_number() OVER () AS nummer, * FROM rijen) r "
            "JOIN basis b ON r.postcode = b.postcode AND CAST(r.huisnummer AS INTEGER) = b.huisnummer "
            "AND r.huisletter = coalesce(b.huisletter, '') AND r.toevoeging = coalesce(b.toevoeging, '')"
        ).to_arrow_table()
    return len(found)


def with_pandas(base: pa.Table, rows: pa.Table) -> int:
    """Merge on the exact key with pandas."""
    keys = ["postcode", "huisnummer", "huisletter", "toevoeging"]
    left, right = rows.to_pandas(), base.select([*keys, "adresseerbaarobject_id"]).to_pandas()
    left["huisnummer"] = left["huisnummer"].astype("int32")
    right[keys[2:]] = right[keys[2:]].fillna("")
    return len(left.merge(right, on=keys))


def main() -> None:
    """Print the table."""
    from geoanalyse import geocoding as geo

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--basis", type=int, default=800_000)
    parser.add_argument("--rijen", type=int, default=1_000_000)
    parser.add_argument("--rondes", type=int, default=3)
    chosen = parser.parse_args()
    chance = np.random.default_rng(8)
    base = make_base(chosen.basis, chance)
    rows = make_rows(base, chosen.rijen, chance)

    def columns(name: str) -> int:
        own = geo.Base(base)
        return int((geo.match(geo.by_columns(rows[name]), own).row >= 0).sum())

    def text() -> int:
        own = geo.Base(base)
        return int((geo.match(geo.by_text(rows["tekst"]["adres"].combine_chunks(), own), own).row >= 0).sum())

    ways: dict[str, Callable[[], int]] = {
        "geoanalyse, postcode en nummer": lambda: columns("postcode"),
        "geoanalyse, straat, nummer en plaats": lambda: columns("straat"),
        "geoanalyse, één tekst": text,
        "DuckDB, exacte sleutel": lambda: with_duckdb(base, rows["los"]),
        "pandas, exacte sleutel": lambda: with_pandas(base, rows["los"]),
    }
    load = f"belasting {os.getloadavg()[0]:.1f} op {os.cpu_count()} kernen" if hasattr(os, "getloadavg") else ""
    print(f"{platform.platform()}, Python {platform.python_version()}; {load}; {chosen.rondes} rondes\n")
    print(
        f"Basis {chosen.basis}, rijen {chosen.rijen}; met het opbouwen van de basis. Streefwaarde {AIM} rijen per s.\n"
    )
    print("| weg | wand (s) | processor (s) | rijen per s | rijen per processor-s | gevonden | keer DuckDB |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    taken: dict[str, list[tuple[float, float, int]]] = {name: [] for name in ways}
    for _ in range(chosen.rondes):
        for name, work in ways.items():
            taken[name].append(timed(work))
    duck = median(each[1] for each in taken["DuckDB, exacte sleutel"])
    for name, each in taken.items():
        wall, processor = median(one[0] for one in each), median(one[1] for one in each)
        speeds = f"{chosen.rijen / wall:.0f} | {chosen.rijen / processor:.0f}"
        print(f"| {name} | {wall:.2f} | {processor:.2f} | {speeds} | {each[0][2]} | {processor / duck:.2f} |")


if __name__ == "__main__":
    main()
