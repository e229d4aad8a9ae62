"""Recall of the detectors on generated values, and silence on what the product itself is made of."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from geoanalyse.geography import shipped_regions
from geoanalyse.layer import read_layers, shipped_folder
from geoanalyse.personal import PersonData, kinds_in_column, kinds_in_text
from geoanalyse.personal.names import names
from tests.planted import CLEAN, KINDS, PERSONS, Kind, Random, bsn, in_text, note

COUNT = 240
"""Values per kind here; ``benchmarks/persoonsgegevens.py`` draws 10,000."""
LABELS = [each.label for each in KINDS]


@pytest.mark.parametrize("kind", KINDS, ids=LABELS)
def test_values_in_running_text_are_found_in_each_spelling(kind: Kind) -> None:
    assert len(kind.spellings) == 6
    random = np.random.default_rng(7)
    missed = []
    for spelling in kind.spellings:
        texts = [in_text(spelling, kind.value(random), random) for _ in range(COUNT // 6)]
        missed += [text for text in texts if kind.kind not in kinds_in_text(text)]
    assert len(missed) <= 0.01 * COUNT, missed[:5]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.columns], ids=lambda kind: kind.label)
def test_a_column_of_values_is_counted_in_each_spelling(kind: Kind) -> None:
    random = np.random.default_rng(8)
    for spelling in kind.columns:
        found = kinds_in_column("kolom", pa.array([spelling(kind.value(random)) for _ in range(COUNT)]))
        assert 0.99 * COUNT <= found[kind.kind] <= COUNT


def test_names_in_short_notes_are_found() -> None:
    random = np.random.default_rng(9)
    notes = [note(random, origin) for origin in PERSONS for _ in range(COUNT // 4)]
    missed = [text for text in notes if PersonData.NAME not in kinds_in_text(text)]
    assert len(missed) <= 0.05 * len(notes), missed[:5]


def test_a_name_is_found_where_it_stands_and_not_around_it() -> None:
    assert names("Gesproken met Piet de Vries over het portiek.") == [(14, 27), (19, 27)]
    assert names("dhr van kampen belt morgen") == [(0, 14)]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (PersonData.EMAIL, "iemand@voorbeeld.nl"),
        (PersonData.IBAN, "NL91ABNA0417164300"),
        (PersonData.VAT, "NL111222333B01"),
        (PersonData.ADDRESS, "1102 AB 12"),
        (PersonData.ADDRESS, "Bijlmerdreef 1289"),
    ],
)
def test_one_value_is_enough_where_a_format_proves_itself(kind: PersonData, value: str) -> None:
    assert kinds_in_column("pand", pa.array([f"p{i:06d}" for i in range(1000)] + [value])) == {kind: 1}


def test_a_check_digit_needs_half_of_the_column_or_a_telling_name() -> None:
    random = np.random.default_rng(9)
    column = [bsn(random) for _ in range(50)] + ["123456789"] * 50
    assert kinds_in_column("nummer", pa.array(column[:80]))[PersonData.BSN] == 50
    assert PersonData.BSN not in kinds_in_column("nummer", pa.array(column[20:] + ["123456789"] * 40))
    assert kinds_in_column("BSN_bewoner", pa.array(["onbekend"]))[PersonData.BSN] == 1


def test_numbers_stored_as_numbers_are_looked_at() -> None:
    random = np.random.default_rng(10)
    column = np.array([int(bsn(random)) for _ in range(100)])
    assert kinds_in_column("nummer", column)[PersonData.BSN] >= 99
    assert kinds_in_column("nummer", column / 7) == {}


def test_company_numbers_are_known_by_length_and_being_unique() -> None:
    eights = pa.array([f"{30000000 + 7919 * i}" for i in range(100)])
    assert kinds_in_column("sleutel", eights)[PersonData.COMPANY] == 100
    assert kinds_in_column("sleutel", pa.array([f"{800000000000 + 7919 * i}" for i in range(100)])) == {
        PersonData.BRANCH: 100
    }
    assert PersonData.COMPANY not in kinds_in_column("dag", pa.array(["20240101", "20240102"] * 50))
    assert kinds_in_text("kvk-nummer 30123456") == {PersonData.COMPANY: 1}


def test_dates_are_birth_dates_when_they_span_a_lifetime() -> None:
    lives = pa.array([f"{1 + i % 28:02d}-{1 + i % 12:02d}-{1940 + i % 65}" for i in range(100)])
    assert kinds_in_column("dag", lives) == {PersonData.BIRTH: 100}
    assert kinds_in_column("dag", pa.array([f"{2000 + i % 25}-01-{1 + i % 28:02d}" for i in range(100)])) == {}
    assert kinds_in_text("geboren op 01-02-1980") == {PersonData.BIRTH: 1}


def test_postcodes_alone_are_counted() -> None:
    assert kinds_in_column("gebied", pa.array(["1102AB", "1012 JS", "1018XA"])) == {PersonData.POSTCODE: 3}
    assert kinds_in_column("gebied", pa.array(["1102", "1012", "1018"])) == {}


@pytest.mark.parametrize("make", CLEAN.values(), ids=CLEAN)
def test_clean_columns_are_not_flagged(make: Callable[[Random], str]) -> None:
    flagged = sum(
        bool(kinds_in_column("sleutel", pa.array([make(np.random.default_rng([seed, i])) for i in range(60)])))
        for seed in range(20)
    )
    assert flagged == 0


def test_names_of_buurten_and_texts_of_layers_are_not_flagged() -> None:
    assert kinds_in_column("gebied", pa.array(shipped_regions().names)) == {}
    for layer in read_layers(shipped_folder()):
        for text in (layer.title, layer.description, layer.text, layer.source, layer.holder, layer.legal_basis):
            assert kinds_in_text(text) == {}, layer.id


@pytest.mark.parametrize(
    "text",
    [
        "Zuidoost telt 55.150 adressen; 0 tot 4 in 2024, 12,5 % meer dan het gemiddelde van 1,3 per 1.000.",
        "Periode 01-01-2022 12 maanden, peildatum 31-12-2025 10:30 uur, bijgewerkt 2026-03-01T00:00:00.",
        "Zone 8a196953289ffff in WK0363TC (Amsterdamse Poort), buurt BU0363TC03, postcodegebied 1102.",
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08, leaflet@1.9.4, EPSG:28992",
        "Wet op de economische delicten, artikel 13b Opiumwet; Centraal Bureau voor de Statistiek, CC BY 4.0",
        "K. 1 en figuur 2: De Bijlmer, Nieuwe Meer, Oude Pijp en het Centraal Station",
        "B.V. Nederland en N.V. Amsterdam, openbaar register van de Kamer van Koophandel",
        "Openbare Orde en Veiligheid van de gemeente Amsterdam; Regionaal Informatie- en Expertise Centrum",
        "matrix(0.123456782, 4.9, 52.3) 111111111 000000000",
        "Veel bedrijven op één adres Westelijk Havengebied Januari 2022 tot en met december 2025",
        "",
    ],
)
def test_the_words_of_a_product_are_not_flagged(text: str) -> None:
    assert kinds_in_text(text) == {}


def test_the_packages_own_words_are_taken_out_whole() -> None:
    names = ["P.C. Hooftbuurt", "Jan Maijenbuurt", "Gein 3", "Gein", "Frederik Hendrik Jansen"]
    assert kinds_in_text("Gein 3, Frederik Hendrik Jansen", allowed=names) == {}
    assert kinds_in_text("Geinstraat 3", allowed=names) == {PersonData.ADDRESS: 1}
    assert kinds_in_text("06 Gein 12345678", allowed=names) == {}


def test_a_street_or_buurt_named_after_a_person_is_no_person() -> None:
    for text in (
        "Jan Evertsenstraat",
        "P.C. Hooftbuurt",
        "Willem de Zwijgerlaan",
        "J.J. Cremerplein",
        "Anton de Komplein",
    ):
        assert kinds_in_text(text) == {}
    assert kinds_in_text("Jan Evertsen") == {PersonData.NAME: 1}


def test_the_curly_apostrophe_of_a_word_processor_is_one() -> None:
    assert kinds_in_text("W. in \N{RIGHT SINGLE QUOTATION MARK}t Veld") == {PersonData.NAME: 1}


def test_long_text_without_spaces_takes_no_time() -> None:
    """A run of one class of characters must not be scanned from each of its places to the end."""
    for run in ("a" * 50_000, "A" * 50_000, "0" * 50_000, "Aa1" * 17_000, "a." * 25_000, "Jan " * 12_000):
        assert PersonData.EMAIL not in kinds_in_text(run)
