"""Written addresses find their own object or none: spellings, relaxations, reasons, files and the web."""

import datetime as dt
import json
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geoanalyse import bag
from geoanalyse import geocoding as geo
from geoanalyse.errors import GeoanalyseError, InputError
from geoanalyse.geocoding import Base, Miss, Quality, locatieserver
from geoanalyse.geocoding.intake import BASE_COLUMNS
from geoanalyse.geocoding.match import MISSES, QUALITIES
from geoanalyse.geocoding.spelling import LONE, floored, house_number, spelled, street_forms
from tests import bagmaker
from tests.test_bag import weesp_bag

SCHEMA = pa.schema([(name, pa.int32() if name == "huisnummer" else pa.string()) for name in BASE_COLUMNS])
TODAY = dt.date(2026, 6, 1)
Address = tuple[str | None, int, str | None, str | None, str, str]


def key(place: int) -> str:
    return f"045701{place:010d}"


def base_of(*addresses: Address, keys: list[str] | None = None) -> Base:
    rows = [dict(zip(BASE_COLUMNS[1:], each, strict=True)) for each in addresses]
    named = keys or [key(place) for place in range(len(rows))]
    return Base(
        pa.Table.from_pylist(
            [{"adresseerbaarobject_id": each} | row for each, row in zip(named, rows, strict=True)], SCHEMA
        )
    )


def at(number: int, letter: str | None = None, suffix: str | None = None, postcode: str | None = "1012AB") -> Address:
    return postcode, number, letter, suffix, "Sint Jansstraat", "Amsterdam"


def told(found: geo.Match, base: Base) -> list[tuple[str, str]]:
    """Give class and key, or the reason, per row."""
    keys = base.keys.to_pylist()
    return [
        (QUALITIES[quality].name, keys[row]) if row >= 0 else ("-", MISSES[miss].name)
        for row, quality, miss in zip(found.row, found.quality, found.miss, strict=True)
    ]


def by_columns(base: Base, **columns: list[Any]) -> list[tuple[str, str]]:
    return told(geo.match(geo.by_columns(pa.table(columns)), base), base)


def by_text(base: Base, *texts: str | None) -> list[tuple[str, str]]:
    return told(geo.match(geo.by_text(pa.array(texts, pa.string()), base), base), base)


# --- house numbers ----------------------------------------------------------------------------------------------------

FLAT = base_of(
    at(12), at(12, None, "1"), at(12, None, "2"), at(12, None, "H"), at(12, "A"), at(12, "A", "1"), at(14, None, "bis")
)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("12", ("A", key(0))),
        (" 12 ", ("A", key(0))),
        ("nr. 12", ("A", key(0))),
        ("012", ("A", key(0))),
        ("12-1", ("A", key(1))),
        ("12 - 1", ("A", key(1))),
        ("12/1", ("A", key(1))),
        ("12 1", ("A", key(1))),
        ("12 I", ("B", key(1))),
        ("12-I", ("B", key(1))),
        ("12 1hoog", ("B", key(1))),
        ("12 1 hoog", ("B", key(1))),
        ("12-01", ("B", key(1))),
        ("12 II", ("B", key(2))),
        ("12 2e", ("-", "SUFFIX")),  # may be a door E
        ("12 2e hoog", ("B", key(2))),
        ("12 II hoog", ("B", key(2))),
        ("12 2e etage", ("B", key(2))),
        ("12-H", ("A", key(3))),
        ("12 hs", ("B", key(3))),
        ("12huis", ("B", key(3))),
        ("12 H", ("B", key(3))),  # a letter H is not there, the ground floor is
        ("12A", ("A", key(4))),
        ("12 a", ("A", key(4))),
        ("12-A", ("B", key(4))),
        ("12 A-1", ("A", key(5))),
        ("12a1", ("A", key(5))),
        ("12 A I", ("B", key(5))),
        ("12-A1", ("B", key(5))),
        ("14bis", ("A", key(6))),
        ("14 BIS", ("A", key(6))),
        ("14", ("C", key(6))),
        ("12 III", ("-", "SUFFIX")),
        ("14-2", ("-", "SUFFIX")),
        ("16", ("-", "NUMBER")),
        ("0", ("-", "BAD_NUMBER")),
        ("123456", ("-", "BAD_NUMBER")),
        ("huis", ("-", "BAD_NUMBER")),
    ],
)
def test_a_house_number_is_understood(written: str, expected: tuple[str, str]) -> None:
    assert by_columns(FLAT, postcode=["1012AB"], huisnummer=[written]) == [expected]
    if expected[1] != "BAD_NUMBER":
        assert by_text(FLAT, f"1012 AB {written.strip().removeprefix('nr. ')}") == [expected]


@pytest.mark.parametrize(
    ("letter", "suffix", "expected"),
    [
        (None, None, ("A", key(0))),
        ("A", None, ("A", key(4))),
        ("a", "1", ("A", key(5))),
        (None, "A1", ("B", key(5))),
        ("A1", None, ("B", key(5))),
        (None, "hs", ("B", key(3))),
        ("H", None, ("B", key(3))),
    ],
)
def test_letter_and_addition_may_have_columns(letter: str | None, suffix: str | None, expected: Any) -> None:  # noqa: ANN401
    columns = {"huisletter": [letter], "toevoeging": [suffix]}
    table = {name: pa.array(column, pa.string()) for name, column in columns.items()}
    assert by_columns(FLAT, postcode=["1012AB"], huisnummer=[12], **table) == [expected]


def test_numbers_may_be_stored_as_numbers() -> None:
    for numbers in (pa.array([12]), pa.array([12.0]), pa.array(["12"]), pa.array([12], pa.int16())):
        assert by_columns(FLAT, postcode=["1012AB"], huisnummer=numbers) == [("A", key(0))]


def test_a_ground_floor_is_never_the_house_with_letter_h() -> None:
    row = base_of(*(at(12, letter) for letter in "GHIJ"))
    assert by_columns(row, postcode=["1012AB"] * 3, huisnummer=["12 hs", "12-1", "12 H"]) == [
        ("-", "SUFFIX"),
        ("-", "SUFFIX"),
        ("A", key(1)),
    ]


def test_capitals_count_only_where_both_exist() -> None:
    both = base_of(at(12, "a"), at(12, "A"), at(14, "a"))
    assert by_columns(both, postcode=["1012AB"] * 3, huisnummer=["12a", "12A", "14A"]) == [
        ("A", key(0)),
        ("A", key(1)),
        ("A", key(2)),
    ]


@pytest.mark.parametrize("postcode", ["1012AB", "1012 ab", " 1012AB ", "1012ab", "1012-AB", "1012\u00a0AB"])
def test_a_postcode_is_understood(postcode: str) -> None:
    assert by_columns(FLAT, postcode=[postcode], huisnummer=["12"]) == [("A", key(0))]


@pytest.mark.parametrize(
    ("postcode", "number", "reason"),
    [
        ("1012", "12", "BAD_POSTCODE"),
        ("0012AB", "12", "BAD_POSTCODE"),
        ("1012ABC", "12", "BAD_POSTCODE"),
        ("1013AB", "12", "POSTCODE"),
        ("1012AB", None, "BAD_NUMBER"),
        (None, None, "EMPTY"),
        (None, "12", "TOWN"),
    ],
)
def test_a_reason_is_given(postcode: str | None, number: str | None, reason: str) -> None:
    table = {"postcode": pa.array([postcode], pa.string()), "huisnummer": pa.array([number], pa.string())}
    assert by_columns(FLAT, **table) == [("-", reason)]


# --- never a guess ----------------------------------------------------------------------------------------------------


def test_two_objects_are_no_match_at_any_step() -> None:
    double = base_of(at(12), at(12), at(14, "A"), at(14, "B"), at(16, None, "1"), at(16, None, "I"), at(18, "C", "2"))
    written = ["12", "14", "16 1hg", "16-1", "16 I", "12A", "14C", "18"]
    assert by_columns(double, postcode=["1012AB"] * len(written), huisnummer=written) == [
        ("-", "AMBIGUOUS"),
        ("-", "AMBIGUOUS"),
        ("-", "AMBIGUOUS"),
        ("A", key(4)),
        ("B", key(5)),
        ("-", "SUFFIX"),
        ("-", "SUFFIX"),
        ("C", key(6)),
    ]


def test_more_addresses_of_one_object_are_one_match() -> None:
    sides = base_of(at(12), at(12), at(14, "A"), at(14, "B"), keys=[key(0), key(0), key(1), key(1)])
    assert by_columns(sides, postcode=["1012AB"] * 2, huisnummer=["12", "14"]) == [("A", key(0)), ("C", key(1))]


def test_an_unknown_addition_is_dropped_only_where_one_object_stands_without() -> None:
    base = base_of(at(12), at(14), at(14, "A"), at(16, "A"))
    assert by_columns(base, postcode=["1012AB"] * 3, huisnummer=["12 hs", "14B", "16B"]) == [
        ("D", key(0)),
        ("-", "SUFFIX"),
        ("-", "SUFFIX"),
    ]


additions = st.tuples(
    st.none() | st.sampled_from("abAHIV"),
    st.none() | st.sampled_from(["1", "01", "I", "II", "2", "H", "hs", "bis", "A1"]),
)
bases = st.lists(
    st.tuples(st.sampled_from(["1012AB", "1012AC", None]), st.integers(1, 3), additions), min_size=1, max_size=12
)


@given(bases)
def test_exact_addresses_come_back_as_class_a(
    rows: list[tuple[str | None, int, tuple[str | None, str | None]]],
) -> None:
    addresses = [at(number, *addition, postcode=postcode) for postcode, number, addition in rows]
    base = base_of(*addresses)
    columns = dict(zip(BASE_COLUMNS[1:5], map(list, zip(*(each[:4] for each in addresses), strict=True)), strict=True))
    table = {
        name: pa.array(column, pa.int32() if name == "huisnummer" else pa.string()) for name, column in columns.items()
    }
    found = by_columns(base, **table, straat=["Sint Jansstraat"] * len(rows), plaats=["Amsterdam"] * len(rows))
    # without a postcode the street names the place, and all addresses here stand in one street
    places = [each if each[0] else (None, *each[1:]) for each in addresses]
    for place, (address, answer) in enumerate(zip(places, found, strict=True)):
        others = [each[1:4] if address[0] is None else each[:4] for each in addresses]
        mine = address[1:4] if address[0] is None else address[:4]
        assert answer == (("A", key(place)) if others.count(mine) == 1 else ("-", "AMBIGUOUS"))


def steps(rows: list[Address], written: str) -> Iterator[tuple[str, list[int]]]:
    """Say by hand, one address at a time, what fits what was written at each step."""
    read = house_number(written)
    assert read is not None
    here = {place: (own[2] or "", own[3] or "") for place, own in enumerate(rows) if own[:2] == ("1012AB", read.number)}
    for fold in (str, str.upper):
        fit = [
            [place for place, own in here.items() if fold("|".join(own)) == fold("|".join(each))]
            for each in read.readings
        ]
        likely, other = fit[0], [place for each in fit[1:] for place in each]
        if likely or fold is str.upper:
            yield ("A" if likely else "B"), likely + other
    doors = [own[1].upper() for own in here.values() if len(own[1]) == 1 and own[1].isalpha()]
    no_floors = not set(doors) <= set(LONE)
    letters = any(own[0] and own[0].upper() not in LONE and own[0].upper() >= "G" for own in here.values())
    fits = []
    for place, own in here.items():
        floor = spelled(own) if own[1].upper() in LONE and no_floors else floored(own)
        for letter, suffix in read.readings:
            lone = suffix.upper() in LONE
            door = lone and (no_floors or (not letter and letters))
            glued = lone and read.glued and not letter and suffix.upper() != "H"
            fits += [place] * (spelled(own) == spelled((letter, suffix)))
            fits += [place] * (not door and not glued and floor == floored((letter, suffix)))
    yield "B", fits
    bare = [place for place, own in here.items() if own == ("", "")]
    if read.bare:
        yield "C", list(here)
    elif read.droppable and len(here) == 1 and bare:
        yield "D", bare


@settings(max_examples=500)
@given(bases, st.integers(1, 3), st.text("abAHIV12 -/", max_size=4))
@example([("1012AB", 1, (None, "1"))], 1, " I")
@example([("1012AB", 1, (None, "hs")), ("1012AB", 1, (None, "b"))], 1, "-H")
@example([("1012AB", 1, (None, "V")), ("1012AB", 1, (None, "b"))], 1, "-5")
@example([("1012AB", 1, (None, "5"))], 1, "V")
@example([("1012AB", 1, ("A", None)), ("1012AB", 1, (None, "A"))], 1, "A")
def test_a_match_is_the_only_object_that_fits(
    rows: list[tuple[str | None, int, tuple[str | None, str | None]]], number: int, rest: str
) -> None:
    addresses = [at(each, *addition, postcode=postcode) for postcode, each, addition in rows]
    (answer,) = by_columns(base_of(*addresses), postcode=["1012AB"], huisnummer=[f"{number} {rest}"])
    (glued,) = by_columns(base_of(*addresses), postcode=["1012AB"], huisnummer=[f"{number}{rest}".strip()])
    for written, told_of in ((f"{number} {rest}", answer), (f"{number}{rest}", glued)):
        for quality, fit in steps(addresses, written):
            if fit:
                one = len(set(fit)) == 1
                assert told_of == ((quality, key(fit[0])) if one else ("-", "AMBIGUOUS"))
                break
        else:
            assert told_of[0] == "-"


@given(
    number=st.integers(1, 99_999),
    letter=st.sampled_from(["", "b", "G"]),
    suffix=st.sampled_from(["", "1", "2", "H", "bis", "3"]),
    data=st.data(),
)
def test_every_usual_spelling_gives_the_same_object(number: int, letter: str, suffix: str, data: st.DataObject) -> None:
    base = base_of(at(number, letter or None, suffix or None), at(number, "C", "9"), at(number, None, "9"))
    floors = {"1": ("1", "I", "1e hoog", "1hoog"), "2": ("2", "II", "2hg"), "3": ("3", "III"), "H": ("H", "hs", "huis")}
    text = data.draw(st.sampled_from(floors.get(suffix, (suffix, suffix.upper()))))
    case = data.draw(st.sampled_from((str.upper, str.lower)))
    between = data.draw(st.sampled_from(("-", " ", "/", " - "))) if suffix else ""
    glue = data.draw(st.sampled_from(("", " "))) if letter else ""
    written = f"{number}{glue}{case(letter)}{between}{text}"
    (answer,) = by_columns(base, postcode=["1012 ab"], huisnummer=[written])
    assert answer[1] == key(0)
    assert answer[0] in {"A", "B"}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("12-1/2", "SUFFIX"),  # never 12-12
        ("12-1-1", "SUFFIX"),  # never 12-11
        ("12 I II", "SUFFIX"),  # never 12-III
        ("12 I-I", "SUFFIX"),  # never 12-II
        ("12V", "SUFFIX"),  # never the fifth floor
        ("12X", "SUFFIX"),
        ("12 V", ("B", key(6))),
        ("12.0", ("C", key(0))),
        ("12,00", ("C", key(0))),
        ("12.5", "BAD_NUMBER"),
        ("12,5", "BAD_NUMBER"),
        ("12, 5", "BAD_NUMBER"),
        ("12 & 14", "BAD_NUMBER"),
        ("12+14", "BAD_NUMBER"),
    ],
)
def test_parts_of_an_addition_never_make_another(written: str, expected: str | tuple[str, str]) -> None:
    tower = base_of(
        *(at(12, None, each) for each in ("12", "11", "III", "II", "3", "1", "5", "10")),
        at(20),
        keys=[key(each) for each in (1, 2, 3, 4, 5, 5, 6, 7, 8)],
    )
    single = base_of(at(12, "B"))
    base = single if isinstance(expected, tuple) and expected[0] == "C" else tower
    wanted = expected if isinstance(expected, tuple) else ("-", expected)
    assert by_columns(base, postcode=["1012AB"], huisnummer=[written]) == [wanted]


@pytest.mark.parametrize(
    "written",
    [
        *("12-14", "12/14", "12 14", "12 t/m 16", "12 tot 16", "12 en 14", "12 to", "12 by", "12 t.o.", "12 naast 10"),
        *("12 hoek Dam", "12 flat 3", "12 achter", "12 Ede", "12 tegenover", "12-1 links", "12 bij"),
    ],
)
def test_what_may_be_another_place_is_never_dropped(written: str) -> None:
    alone = base_of(at(12), at(14), at(16))
    (answer,) = by_columns(alone, postcode=["1012AB"], huisnummer=[written])
    assert answer == ("-", "SUFFIX")
    (answer,) = by_text(alone, f"Sint Jansstraat {written}, Amsterdam")
    assert answer[0] == "-"


def test_a_row_with_a_fraction_changes_no_other_row() -> None:
    numbers = pa.array([12.0, 12.5, float("nan"), float("inf"), 14.0, None])
    assert by_columns(FLAT, postcode=["1012AB"] * 6, huisnummer=numbers) == [
        ("A", key(0)),
        ("-", "BAD_NUMBER"),
        ("-", "BAD_NUMBER"),
        ("-", "BAD_NUMBER"),
        ("C", key(6)),
        ("-", "BAD_NUMBER"),
    ]


@pytest.mark.parametrize(
    ("number", "letter", "suffix", "expected"),
    [
        ("12A", "A", None, ("A", key(4))),
        ("12A-1", "A", "1", ("A", key(5))),
        ("12A", "A", "1", ("A", key(5))),
        ("12-1", None, "1", ("A", key(1))),
        ("12A", None, "1", ("A", key(5))),
        ("12-1", "A", "1", ("A", key(5))),
        ("12-1", None, "2", ("-", "BAD_NUMBER")),
        ("12A", "B", None, ("-", "BAD_NUMBER")),
    ],
)
def test_columns_that_repeat_a_part_are_read_once(
    number: str, letter: str | None, suffix: str | None, expected: tuple[str, str]
) -> None:
    columns = {"huisletter": pa.array([letter], pa.string()), "toevoeging": pa.array([suffix], pa.string())}
    assert by_columns(FLAT, postcode=["1012AB"], huisnummer=[number], **columns) == [expected]


def test_a_lone_letter_among_doors_by_letter_is_no_floor() -> None:
    doors = base_of(*(at(12, None, each) for each in "TUVWX"), at(14, None, "5"), at(14, None, "A"))
    assert by_columns(doors, postcode=["1012AB"] * 4, huisnummer=["12-5", "12-10", "12-V", "14-V"]) == [
        ("-", "SUFFIX"),
        ("-", "SUFFIX"),
        ("A", key(2)),
        ("-", "SUFFIX"),
    ]


def test_one_field_that_fits_a_letter_and_an_addition_is_undecided() -> None:
    both = base_of(at(12, "A"), at(12, None, "A"))
    assert by_columns(both, postcode=["1012AB"] * 2, huisnummer=["12A", "12-A"]) == [("-", "AMBIGUOUS")] * 2
    letters = {"huisletter": pa.array(["A", None]), "toevoeging": pa.array([None, "A"])}
    assert by_columns(both, postcode=["1012AB"] * 2, huisnummer=[12, 12], **letters) == [("A", key(0)), ("A", key(1))]


# --- streets and texts ------------------------------------------------------------------------------------------------

TOWN = base_of(
    ("1012AB", 12, "A", None, "Sint Jansstraat", "Amsterdam"),
    ("1012AC", 12, None, None, "Eerste van der Helststraat", "Amsterdam"),
    (None, 3, None, "2", "'t Nauwe Steegje", "Amsterdam"),
    ("1012AE", 7, None, None, "Plein 1945", "'s-Gravenhage"),
    ("1012AF", 12, None, None, "Mr.J.C.Bührmannlaan", "Amsterdam"),
    ("1012AG", 1000, None, "hs", "Oudezijds Voorburgwal", "Amsterdam"),
    ("1012AH", 5, None, None, "Prins Bernhardlaan", "Amsterdam"),
    ("1012AI", 5, None, None, "Prinses Bernhardlaan", "Amsterdam"),
    ("1012AK", 9, None, None, "IJdijk", "Amsterdam"),
)


@pytest.mark.parametrize(
    ("street", "number", "town", "expected"),
    [
        ("Sint Jansstraat", "12A", "Amsterdam", ("A", key(0))),
        ("SINT JANSSTRAAT", "12A", "AMSTERDAM", ("A", key(0))),
        ("St. Jansstr.", "12A", "Amsterdam", ("B", key(0))),
        ("Sint-Jansstraat", "12 a", "amsterdam ", ("A", key(0))),
        ("St Jans straat", "12-A", "Amsterdam", ("B", key(0))),
        ("1e v.d. Helststraat", "12", "Amsterdam", ("B", key(1))),
        ("1ste van der Helststr", "12", "Amsterdam", ("B", key(1))),
        ("Eerste v d Helststraat", "12", "Amsterdam", ("B", key(1))),
        ("het Nauwe Steegje", "3-2", "Amsterdam", ("B", key(2))),
        ("'t Nauwe Steegje", "3", "Amsterdam", ("C", key(2))),
        ("\u2019t Nauwe Steegje", "3 II", "Amsterdam", ("B", key(2))),
        ("Plein 1945", "7", "Den Haag", ("A", key(3))),
        ("Meester J.C. Buhrmannlaan", "12", "Amsterdam", ("B", key(4))),
        ("Mr. J.C. Buhrmannln", "12", "Amsterdam", ("B", key(4))),
        ("O.Z. Voorburgwal", "1000 huis", "Amsterdam", ("B", key(5))),
        ("OZ Voorburgwal", "1000 huis", "Amsterdam", ("B", key(5))),
        ("Pr. Bernhardlaan", "5", "Amsterdam", ("-", "AMBIGUOUS")),
        ("Prinses Bernhardlaan", "5", "Amsterdam", ("A", key(7))),
        ("IJ-dijk", "9", "Amsterdam", ("B", key(8))),
        ("Sint Jansstraat", "12A", "Utrecht", ("-", "TOWN")),
        ("Plein 1945", "7", "Amsterdam", ("-", "STREET")),
        ("Sint Pietersstraat", "12A", "Amsterdam", ("-", "STREET")),
        ("Sint Jansstraat", "13", "Amsterdam", ("-", "NUMBER")),
    ],
)
def test_a_street_is_understood(street: str, number: str, town: str, expected: tuple[str, str]) -> None:
    assert by_columns(TOWN, straat=[street], huisnummer=[number], plaats=[town]) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sint Jansstraat 12A, 1012 AB Amsterdam", ("A", key(0))),
        ("Sint Jansstraat 12 a 1012ab  Amsterdam", ("A", key(0))),
        ("1012AB 12-A", ("B", key(0))),
        ("1012AB, 12a, Amsterdam", ("A", key(0))),
        ("St. Jansstr. 12a, Amsterdam", ("B", key(0))),
        ("St. Jansstr. 12 a Amsterdam", ("B", key(0))),
        ("1e van der Helststraat 12, Amsterdam", ("B", key(1))),
        ("'t Nauwe Steegje 3-2 Amsterdam", ("A", key(2))),
        ("Plein 1945 7, 's-Gravenhage", ("A", key(3))),
        ("Plein 1945 7 Den Haag", ("A", key(3))),
        ("Plein 1945 7, 1012AE Den Haag", ("A", key(3))),
        ("Oudezijds Voorburgwal 1000 hs, Amsterdam", ("A", key(5))),
        ("Oudezijds Voorburgwal 1000 hs 1012AG Amsterdam", ("A", key(5))),
        ("Mr. J.C. Bührmannlaan 12, 1012 AB Amsterdam", ("-", "CONTRADICTION")),
        ("Sint Pietersstraat 12a, 1012 AB Amsterdam", ("-", "CONTRADICTION")),
        ("Sint Jansstraat", ("-", "UNREAD")),
        ("geheim", ("-", "UNREAD")),
        (None, ("-", "EMPTY")),
        ("  ", ("-", "EMPTY")),
    ],
)
def test_a_text_is_taken_apart(text: str | None, expected: tuple[str, str]) -> None:
    assert by_text(TOWN, text) == [expected]


PLACES = base_of(
    ("1381AA", 12, None, None, "Nieuwstraat", "Weesp"),
    ("1381AA", 12, None, None, "Oudegracht", "Weesp"),
    ("1381AB", 12, None, "2", "Nieuwstraat", "Weesp"),
    ("1621AA", 12, None, None, "Nieuwstraat", "Hoorn"),
    ("5854AA", 12, None, None, "Nieuwstraat", "Bergen"),
    ("1381AC", 7, None, None, "Prins Hendriklaan", "Weesp"),
    ("1621AC", 7, None, None, "Prinses Hendriklaan", "Hoorn"),
    ("1621AD", 7, None, None, "Prins Hendriklaan", "Hoorn"),
    ("1381AE", 3, None, None, "Van Woustraat", "Weesp"),
    ("1381AF", 3, None, None, "Van der Woustraat", "Weesp"),
    ("1381AG", 3, None, None, "Sint Annastraat", "Weesp"),
    ("1381AH", 3, None, None, "St. Annastraat", "Weesp"),
    ("1381AK", 4, None, "II", "Kade", "Weesp"),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nieuwstraat 12, 1381AA Weesp", ("A", key(0))),  # the street decides between two at one postcode
        ("Oudegracht 12, 1381AA Weesp", ("A", key(1))),
        ("1381AA 12", ("-", "AMBIGUOUS")),
        ("Nieuwstraat 12, 1381AA Hoorn", ("-", "CONTRADICTION")),
        ("Nieuwstraat 12, 1381AA Utrecht", ("-", "CONTRADICTION")),
        ("Nieuwstraat 12, 1381AA 14", ("-", "CONTRADICTION")),
        ("Nieuwstraat 12, 1381AA Weesp, Nederland", ("A", key(0))),
        ("1621AA 12 Weesp", ("-", "CONTRADICTION")),
        ("1621AA 12, Hoorn", ("A", key(3))),
        ("1621AA12", ("A", key(3))),
        ("1621AA nr 12", ("A", key(3))),
        ("1621AA nr. 12 Hoorn", ("A", key(3))),
        ("Nieuwstraat 12 Den Hoorn", ("-", "TOWN")),
        ("Nieuwstraat 12, Den Hoorn", ("-", "TOWN")),
        ("Nieuwstraat 12 Nieuw Bergen", ("-", "TOWN")),
        ("Nieuwstraat 12 De Bergen", ("-", "SUFFIX")),  # DE could be an addition, and is none here
        ("Nieuwstraat 12 Bergen", ("A", key(4))),
        ("Nieuwstraat 12 Bergen op Zoom", ("-", "TOWN")),
        ("Nieuwstraat 12, 1621 Hoorn", ("A", key(3))),
        ("Nieuwstraat 12 1621 Hoorn", ("A", key(3))),
        ("Nieuwstraat 1621 Hoorn", ("-", "UNREAD")),
        ("Nieuwstraat 1381 Hoorn", ("-", "NUMBER")),
        ("Nieuwstraat 12", ("-", "TOWN")),
        ("Kade 4 II hoog, 1381AK Weesp", ("B", key(12))),
        ("Kade 4 II hoog Weesp", ("B", key(12))),
        ("Kade 4 2e etage, Weesp", ("B", key(12))),
        ("Kade 4, 2 hoog, 1381AK Weesp", ("-", "BAD_NUMBER")),
        ("1381AK 4-2", ("B", key(12))),
        ("Prins Hendriklaan 7 Weesp", ("A", key(5))),
        ("Prinses Hendriklaan 7 Weesp", ("-", "STREET")),
        ("Prinses Hendriklaan 7, 1381AC Weesp", ("-", "CONTRADICTION")),
        ("Pr. Hendriklaan 7 Weesp", ("B", key(5))),
        ("Pr. Hendriklaan 7 Hoorn", ("-", "AMBIGUOUS")),
        ("Pr. Hendriklaan 7, 1621AC Hoorn", ("A", key(6))),
        ("Van Woustraat 3 Weesp", ("A", key(8))),
        ("v. Woustraat 3 Weesp", ("B", key(8))),
        ("v.d. Woustraat 3 Weesp", ("B", key(9))),
        ("Van den Woustraat 3 Weesp", ("-", "STREET")),
        ("Van der Woustraat 3, 1381AE Weesp", ("-", "CONTRADICTION")),
        ("St. Annastraat 3, 1381AG Weesp", ("-", "CONTRADICTION")),  # another street has this very name
        ("Sint Annastraat 3, 1381AG Weesp", ("A", key(10))),
        ("Snt. Annastraat 3 Weesp", ("-", "AMBIGUOUS")),
    ],
)
def test_a_place_is_the_one_that_was_written_or_none(text: str, expected: tuple[str, str]) -> None:
    assert by_text(PLACES, text) == [expected]


def test_a_town_in_a_column_must_be_that_of_the_postcode() -> None:
    columns = {"postcode": ["1621AA"] * 5, "huisnummer": [12] * 5}
    towns = ["Hoorn", "Weesp", "Utrecht", None, "Hoorn Noord"]
    assert by_columns(PLACES, **columns, plaats=towns) == [
        ("A", key(3)),
        ("-", "CONTRADICTION"),
        ("-", "CONTRADICTION"),
        ("A", key(3)),
        ("A", key(3)),
    ]


def test_texts_are_taken_apart_as_columns_are() -> None:
    texts = ["Sint Jansstraat 12A, 1012 AB Amsterdam", None, "1012AC 12", "Plein 1945 7 Den Haag"]
    alone = [by_text(TOWN, text)[0] for text in texts]
    assert by_text(TOWN, *texts) == alone


@given(st.text(max_size=40))
def test_no_text_gives_a_traceback(text: str) -> None:
    (answer,) = by_text(TOWN, text)
    assert answer[0] in {"A", "B", "C", "D", "-"}
    assert by_columns(TOWN, postcode=[text], huisnummer=[text], huisletter=[text], straat=[text], plaats=[text])


def test_an_abbreviation_has_the_form_of_what_it_stands_for() -> None:
    pairs = (
        ("Burg. de Vlugtln", "Burgemeester de Vlugtlaan"),
        ("Prof. Tulppln", "Professor Tulpplein"),
        ("2e Const. Huygensstr", "Tweede Const. Huygensstraat"),
        ("v. Woustr.", "Van Woustraat"),
        ("Keizersgr.", "Keizersgracht"),
        ("Ysbaanpad", "IJsbaanpad"),
    )
    assert [street_forms(short) for short, _ in pairs] == [street_forms(whole) for _, whole in pairs]
    apart = ("Singel", "Singelstraat", "Singelpad", "Oude Singel", "Eerste Singel", "Tweede Singel")
    assert len({street_forms(each) for each in apart}) == len(apart)


def test_a_year_in_a_name_is_no_house_number() -> None:
    assert by_text(TOWN, "Plein 1945, 's-Gravenhage", "Plein 1945 Den Haag") == [("-", "STREET")] * 2


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def base_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("basis")
    things = [bagmaker.Thing(f"045701{place:010d}", f"045720{place:010d}") for place in (1, 2, 3)]
    numbers = [bagmaker.Number(f"045720{place:010d}", place) for place in (1, 2, 3)]
    made = bagmaker.extract(bagmaker.Bag(things, numbers), folder / "bag.zip")
    table, _ = bag.join(bag.read(made))
    return bag.write(table, folder)[0]


CSV = "datum;postcode;huisnummer;aantal\n17-03-2025;1381 aa;2;3\n2025-03-16;1381AA;1;2\n2024-01-01;1381AA;2;1\n"


def written(path: Path, content: str | pd.DataFrame) -> Path:
    if isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    elif path.suffix == ".xlsx":
        content.to_excel(path, index=False)
    elif path.suffix == ".parquet":
        content.to_parquet(path)
    else:
        content.to_csv(path, index=False)
    return path


def done(path: Path, base_path: Path, least: Quality = Quality.D) -> geo.Outcome:
    rows, base = geo.read_rows(path, TODAY), geo.read_base(base_path)
    apart = geo.by_columns(rows.parts) if rows.texts is None else geo.by_text(rows.texts, base)
    return geo.settle(rows, geo.match(apart, base), base.keys, least)


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.xlsx"])
def test_rows_become_the_file_of_the_contract(tmp_path: Path, base_file: Path, name: str) -> None:
    frame = pd.DataFrame(
        {
            "datum": [dt.date(2025, 3, 17), dt.date(2025, 3, 16), dt.date(2024, 1, 1)],
            "postcode": ["1381 aa", "1381AA", "1381AA"],
            "huisnummer": [2, 1, 2],
            "aantal": [3, 2, 1],
        }
    )
    outcome = done(written(tmp_path / name, CSV if name == "a.csv" else frame), base_file)
    one, two = key(1), key(2)
    assert geo.as_csv(outcome.table).decode() == (
        f"sleutel;datum;aantal\n{one};2025-03-16;2\n{two};2024-01-01;1\n{two};2025-03-17;3\n"
    )
    assert dict(outcome.qualities) == {Quality.A: 3}


def test_the_order_of_the_rows_does_not_matter(tmp_path: Path, base_file: Path) -> None:
    head, *lines = CSV.splitlines()
    shuffled = "\n".join([head, *lines[::-1]]) + "\n"
    files = [written(tmp_path / name, text) for name, text in (("a.csv", CSV), ("b.csv", shuffled))]
    assert len({geo.as_csv(done(file, base_file).table) for file in files}) == 1


def test_rows_without_a_match_are_counted_and_left_out(tmp_path: Path, base_file: Path) -> None:
    text = (
        "datum,adres\n2025-03-17,1381AA 2\n2025-03-17,1381AA 2b\n2025-03-17,1381AA 9\n2027-01-01,1381AA 2\n"
        "1899-12-31,1381AA 2\n31-02-2025,1381AA 2\n,1381AA 2\n"
    )
    path = written(tmp_path / "a.csv", text)
    outcome = done(path, base_file)
    assert (outcome.table.num_rows, outcome.rows) == (2, 7)
    assert dict(outcome.qualities) == {Quality.A: 1, Quality.D: 1}
    assert dict(outcome.misses) == {Miss.NUMBER: 1, Miss.DATE: 4}
    strict = done(path, base_file, Quality.C)
    assert strict.table.num_rows == 1
    assert strict.misses[Miss.TOO_LOW] == 1


@pytest.mark.parametrize("amount", ["-1", "1,5", "veel", ""])
def test_an_amount_must_be_one(tmp_path: Path, base_file: Path, amount: str) -> None:
    head = "datum;aantal;adres\n2025-01-01;1;1381AA 2\n"
    outcome = done(written(tmp_path / "a.csv", f"{head}2025-01-01;{amount};1381AA 1\n"), base_file)
    assert dict(outcome.misses) == {Miss.AMOUNT: 1}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("datum;postcode\n2025-01-01;1381AA\n", "een adres ontbreekt"),
        ("datum;straat;huisnummer\n2025-01-01;Singel;1\n", "een adres ontbreekt"),
        ("postcode;huisnummer\n1381AA;2\n", "kolom datum: ontbreekt"),
        ("datum;adres;postcode\n2025-01-01;1381AA 2;1381AA\n", "adres staat naast kolommen"),
        ("datum;adres;naam\n2025-01-01;1381AA 2;Jansen\n", "staat niet in het contract"),
        ("datum;adres\n", "bevat geen rijen"),
        ("", "bevat geen rijen"),
        ("a;b\n1;2\n", "begin met de kolomnamen"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        geo.read_rows(written(tmp_path / "a.csv", text), TODAY)
    assert says in str(caught.value)
    assert "Jansen" not in str(caught.value)


@pytest.mark.parametrize("amount", [float("-inf"), float("inf"), -1e300, 1e300, float("nan"), 1.5])
def test_an_amount_that_is_no_whole_number_is_counted(tmp_path: Path, base_file: Path, amount: float) -> None:
    rows = pd.DataFrame(
        {"datum": ["2025-03-16"] * 2, "postcode": ["1381AA"] * 2, "huisnummer": [1, 2], "aantal": [amount, 2.0]}
    )
    path = tmp_path / "in.parquet"
    rows.to_parquet(path)
    outcome = done(path, base_file)
    assert outcome.misses == {Miss.AMOUNT: 1}


@pytest.mark.parametrize(("day", "reads"), [("2025-03-16 23:59", True), ("2025-03-16 25:61", False)])
def test_a_time_must_be_one(tmp_path: Path, base_file: Path, day: str, *, reads: bool) -> None:
    path = written(tmp_path / "in.csv", f"datum;postcode;huisnummer\n{day};1381AA;1\n2025-03-16;1381AA;2\n")
    assert (Miss.DATE in done(path, base_file).misses) is not reads


def test_an_input_in_which_nothing_matches_is_refused(tmp_path: Path, base_file: Path) -> None:
    path = written(tmp_path / "a.csv", "datum;adres\n2025-01-01;9999ZZ 2\n")
    with pytest.raises(InputError, match=r"geen enkele rij .* postcode onbekend \(1\)") as caught:
        done(path, base_file)
    assert "9999" not in str(caught.value)


def test_another_base_is_refused(tmp_path: Path, base_file: Path) -> None:
    table = pq.read_table(base_file)
    wrong = {
        "geen.parquet": None,
        "tekst.parquet": b"tekst",
        "kort.parquet": base_file.read_bytes()[:-20],
        "kolom.parquet": table.drop(["straat"]),
        "soort.parquet": table.set_column(
            table.schema.get_field_index("huisnummer"), "huisnummer", table["huisnummer"].cast(pa.string())
        ),
        "leeg.parquet": table.slice(0, 0),
    }
    for name, content in wrong.items():
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif content is not None:
            pq.write_table(content, path)
        with pytest.raises(InputError, match="geoanalyse bag lees") as caught:
            geo.read_base(path)
        assert "\n" not in str(caught.value)


def test_nothing_of_a_row_stands_in_what_is_shown(tmp_path: Path, base_file: Path) -> None:
    rows, base = geo.read_rows(written(tmp_path / "a.csv", CSV), TODAY), geo.read_base(base_file)
    apart = geo.by_columns(rows.parts)
    found = geo.match(apart, base)
    outcome = geo.settle(rows, found, base.keys)
    assert [repr(each) for each in (rows, base, apart, found, outcome)] == [
        "Rows(3 rows)",
        "Base(3 rows)",
        "Written(3 rows)",
        "Match(3 rows)",
        "Outcome(3 of 3 rows)",
    ]


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    script = (
        "import sys\nfrom geoanalyse.commands.geocoding import geocodeer\n"
        "from geoanalyse.errors import GeoanalyseError\n"
        "try: geocodeer(sys.argv[1:])\nexcept GeoanalyseError as error: sys.exit(str(error))"
    )
    call = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.run(call, capture_output=True, text=True, encoding="utf-8", check=False)


def test_the_command_writes_and_says_what_it_counted(tmp_path: Path, base_file: Path) -> None:
    path = written(tmp_path / "a.csv", f"{CSV}2025-01-01;1381AA;9;1\n")
    out = tmp_path / "pandsluitingen.csv"
    ran = command(path, "--basis", base_file, "--uit", out)
    assert ran.returncode == 0, ran.stderr
    assert "A: zelfde adres" in ran.stdout
    assert "niet: nummer onbekend op deze postcode of in deze straat  1" in ran.stdout
    assert "3 van 4 rijen hebben een sleutel (75,0 %)" in ran.stdout
    assert out.read_text(encoding="utf-8").startswith("sleutel;datum;aantal\n")
    if sys.platform != "win32":
        assert out.stat().st_mode & 0o077 == 0


def test_nothing_is_sent_without_consent(tmp_path: Path, base_file: Path) -> None:
    path = written(tmp_path / "a.csv", CSV)
    ran = command(path, "--basis", base_file, "--uit", tmp_path / "uit.csv", "--web", "pdok")
    assert ran.returncode == 1
    assert "geef --akkoord-verstrekken" in ran.stderr
    assert not (tmp_path / "uit.csv").exists()


# --- the web ----------------------------------------------------------------------------------------------------------


@contextmanager
def server(answer: bytes | dict[str, Any], status: int = 200) -> Iterator[tuple[str, list[dict[str, list[str]]]]]:
    """Run a real server on this machine; give its address and what it was asked."""
    asked: list[dict[str, list[str]]] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(parse_qs(urlsplit(self.path).query))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"http://127.0.0.1:{running.server_port}/elders")
            self.end_headers()
            self.wfile.write(answer if isinstance(answer, bytes) else json.dumps(answer).encode())

        def log_message(self, *_: object) -> None:
            pass

    running = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_port}/free", asked
    finally:
        running.shutdown()
        running.server_close()
        thread.join()


def document(**changes: object) -> dict[str, object]:
    return {
        "adresseerbaarobject_id": "0363010000000009",
        "postcode": "1013AB",
        "huisnummer": 9,
        "huisletter": "A",
        "straatnaam": "Nieuwstraat",
        "woonplaatsnaam": "Amsterdam",
    } | changes


def response(*documents: dict[str, object], found: int | None = None) -> dict[str, Any]:
    return {"response": {"numFound": len(documents) if found is None else found, "docs": list(documents)}}


def from_web(address: str, *numbers: str) -> list[tuple[str, str]]:
    apart = geo.by_columns(pa.table({"postcode": ["1013AB"] * len(numbers), "huisnummer": list(numbers)}))
    first = geo.match(apart, FLAT)
    extra = locatieserver.ask(locatieserver.asked(apart, first), address=address, timeout=5)
    found, keys = locatieserver.add(apart, first, FLAT, extra)
    return [
        (QUALITIES[quality].name, keys[row].as_py()) if row >= 0 else ("-", MISSES[miss].name)
        for row, quality, miss in zip(found.row.tolist(), found.quality, found.miss, strict=True)
    ]


def test_postcode_and_number_are_all_that_is_sent() -> None:
    with server(response(document())) as (address, asked):
        assert from_web(address, "9a", "9") == [("A", "0363010000000009"), ("C", "0363010000000009")]
    assert [sorted(each) for each in asked] == [["fl", "fq", "q", "rows", "wt"]]
    assert asked[0]["q"] == ["1013AB 9"]
    assert asked[0]["fq"] == ["type:adres", "postcode:1013AB", "huisnummer:9"]


def test_an_answer_is_matched_by_the_same_rules() -> None:
    other = document(adresseerbaarobject_id="0363010000000010", huisletter="B")
    with server(response(document(), other)) as (address, _):
        assert from_web(address, "9b", "9", "9c") == [
            ("A", "0363010000000010"),
            ("-", "AMBIGUOUS"),
            ("-", "POSTCODE"),
        ]
    strange = (document(huisnummer=8), document(postcode="1013AC"), document(adresseerbaarobject_id="x"))
    for answer in (response(), response(*strange), response(document(), found=101)):
        with server(answer) as (address, _):
            assert from_web(address, "9a") == [("-", "POSTCODE")]


@pytest.mark.parametrize(
    ("answer", "status", "says"),
    [
        (b"<html>", 200, "onleesbaar"),
        ({"response": []}, 200, "onleesbaar"),
        ({"response": {"numFound": 1, "docs": [1]}}, 200, "onleesbaar"),
        (b"\xff\xfe", 200, "onleesbaar"),
        (b"{}", 500, "geen antwoord"),
        (b"", 302, "geen antwoord"),
    ],
)
def test_a_wrong_answer_gives_one_line(answer: Any, status: int, says: str) -> None:  # noqa: ANN401
    with server(answer, status) as (address, asked):
        with pytest.raises(GeoanalyseError, match=says) as caught:
            locatieserver.ask([("1013AB", 9)], address=address, timeout=5)
        assert len(asked) == 1  # a redirect is not followed
    assert "\n" not in str(caught.value)
    assert "1013" not in str(caught.value)


def test_a_server_that_is_not_there_gives_one_line() -> None:
    with server(b"") as (address, _):
        pass
    with pytest.raises(GeoanalyseError, match="geen antwoord"):
        locatieserver.ask([("1013AB", 9)], address=address, timeout=2)


# --- Weesp ------------------------------------------------------------------------------------------------------------


def spellings(row: dict[str, Any], chance: random.Random) -> Iterator[str]:
    """Write one address in the ways that people do."""
    letter, suffix = row["huisletter"] or "", row["toevoeging"] or ""
    street, number, code = row["straat"], row["huisnummer"], row["postcode"]
    plain = f"{number}{letter}{'-' if suffix else ''}{suffix}"
    loose = " ".join(filter(None, (str(number), letter.upper(), suffix.upper())))
    coded = f"{code[:4]} {code[4:].lower()}" if code else ""
    short = street.replace("straat", "str.").replace("laan", "ln").replace("Sint ", "St. ")
    plain_signs = short.replace("ü", "u").replace("'", "\u2019")
    yield f"{street} {plain}, {code + ' ' if code else ''}Weesp"
    yield f"{street} {loose} {coded} Weesp" if code else f"{street} {loose}, WEESP"
    yield f"{plain_signs} {plain}, Weesp"
    yield f"{street.upper()} {loose} WEESP"
    if code:
        yield f"{code} {plain}"
        yield f"{coded.upper()} {chance.choice(('', 'nr '))}{loose}".replace("nr ", "")


def test_every_real_address_finds_its_own_object_in_any_spelling(shared: Path) -> None:
    made, source = weesp_bag(shared)
    towns = {"woonplaats": pa.array(["Weesp"] * len(source))}
    columns = {
        "adresseerbaarobject_id": pa.array([row["adresseerbaarobject_id"] for row in source]),
        **{name: pa.array([row[name] or None for row in source]) for name in ("postcode", "huisletter", "toevoeging")},
        "huisnummer": pa.array([int(row["huisnummer"]) for row in source], pa.int32()),
        "straat": pa.array([row["straat"] for row in source]),
    }
    table = pa.table(columns | towns).select(list(BASE_COLUMNS))
    base = Base(table)
    twins = Counter(tuple(row[name] for name in ("straat", "huisnummer", "huisletter", "toevoeging")) for row in source)
    rows, chance = table.to_pylist(), random.Random(8)  # noqa: S311 - picks spellings
    texts, wanted, single = [], [], []
    for row, original in zip(rows, source, strict=True):
        for text in spellings(row, chance):
            texts.append(text)
            wanted.append(row["adresseerbaarobject_id"])
            own = tuple(original[name] for name in ("straat", "huisnummer", "huisletter", "toevoeging"))
            single.append(twins[own] == 1)
    found = told(geo.match(geo.by_text(pa.array(texts), base), base), base)
    wrong = [
        (quality, answer)
        for (quality, answer), own in zip(found, wanted, strict=True)
        if quality != "-" and answer != own
    ]
    assert wrong == []  # never another object
    missed = Counter(answer for (quality, answer), alone in zip(found, single, strict=True) if quality == "-" and alone)
    assert missed.total() <= len(texts) // 1000, missed
    # an addition of three letters and a town cannot be told apart without a comma
    assert sum(answer != "AMBIGUOUS" for quality, answer in found if quality == "-") <= 2, missed
    assert len(made.things) == len(source)
