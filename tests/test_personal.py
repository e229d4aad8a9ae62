"""Recall of the detectors on generated values, and silence on what the product itself is made of."""

import string
import uuid
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from stdnum import iban as stdnum_iban
from stdnum.iso7064 import mod_97_10

from geoanalyse.personal import PersonData, kinds_in_column, kinds_in_text

COUNT = 400
Random = np.random.Generator


def digits(random: Random, count: int) -> str:
    return "".join(map(str, random.integers(0, 10, count)))


def letters(random: Random, count: int) -> str:
    return "".join(random.choice(list(string.ascii_uppercase), count))


def bsn(random: Random) -> str:
    while True:
        start = str(random.integers(1, 10)) + digits(random, 7)
        check = sum(int(digit) * weight for digit, weight in zip(start, range(9, 1, -1), strict=True)) % 11
        if check < 10:
            return f"{start}{check}"


def spaced_bsn(random: Random) -> str:
    number, sign = bsn(random), random.choice([" ", "."])
    return f"{number[:4]}{sign}{number[4:6]}{sign}{number[6:]}"


def iban(random: Random) -> str:
    account = f"{random.choice(['ABNA', 'INGB', 'RABO', 'TRIO', 'BUNQ'])}{bsn(random).zfill(10)}"
    number = f"NL{mod_97_10.calc_check_digits(account + 'NL')}{account}"
    return str(random.choice([number, stdnum_iban.format(number), number.lower()]))


def vat(random: Random) -> str:
    return f"NL{bsn(random)}B{random.integers(1, 99):02d}"


def phone(random: Random) -> str:
    mobile = digits(random, 7)
    fixed = f"{random.integers(2, 8)}{digits(random, 6)}"
    return str(
        random.choice(
            [
                f"06{random.integers(1, 6)}{mobile}",
                f"06-{random.integers(1, 6)}{mobile}",
                f"+316{random.integers(1, 6)}{mobile}",
                f"+31 6 {random.integers(1, 6)}{mobile}",
                f"0031 6 {random.integers(1, 6)}{mobile}",
                f"020-{fixed}",
                f"020 {fixed[:3]} {fixed[3:5]} {fixed[5:]}",
                f"(020) {fixed}",
                f"+31 (0)20 {fixed}",
            ]
        )
    )


def email(random: Random) -> str:
    first, last, host = (letters(random, size).lower() for size in (5, 7, 6))
    return f"{first}.{last}@{host}.{random.choice(['nl', 'com', 'co.uk'])}"


def plate(random: Random) -> str:
    form = str(random.choice(["XX-99-XX", "99-XXX-9", "X-999-XX", "9-XXX-99", "99-XX-XX", "XXX-99-X"]))
    return "".join(letters(random, 1) if sign == "X" else digits(random, 1) if sign == "9" else "-" for sign in form)


def postcode_address(random: Random) -> str:
    pair = f"{random.choice(list('ABCDEFGHJK'))}{random.choice(list('BCEGHJKLMN'))}"
    code = f"{random.integers(1000, 9999)}{random.choice(['', ' '])}{pair}"
    number = random.integers(1, 400)
    return str(random.choice([f"{code} {number}", f"{code}, {number}", f"{code} nr. {number}", f"{number}, {code}"]))


STREETS = (
    "Kalverstraat|Bijlmerdreef|Van Heuven Goedhartlaan|Nieuwezijds Voorburgwal|De Ruyterkade|Jan van Galenstraat|"
    "Oosterpark|Damrak|Amstelveenseweg|Herengracht|'s-Gravelandseweg|Zeedijk|Frederiksplein|Oude Looiersstraat"
)


def street_address(random: Random) -> str:
    return f"{random.choice(STREETS.split('|'))} {random.integers(1, 900)}{random.choice(['', 'a', '-2', ' hs'])}"


def name(random: Random) -> str:
    initials = "".join(f"{initial}." for initial in letters(random, int(random.integers(1, 4))))
    particle = random.choice(["", "van ", "de ", "van der ", "van den ", "el ", "ten "])
    surname = letters(random, 1) + letters(random, int(random.integers(3, 9))).lower()
    first = random.choice(["Jan", "Fatima", "Willem", "Maria", "Mohammed"])
    title = random.choice(["dhr.", "mw.", "mevrouw", "Drs.", "de heer"])
    return str(
        random.choice(
            [
                f"{initials} {particle}{surname}",
                f"{first} {particle}{surname}",
                f"{title} {particle}{surname}",
                f"{surname}, {initials}",
            ]
        )
    )


def coordinate(random: Random) -> str:
    latitude, longitude = f"{random.uniform(52, 53):.5f}", f"{random.uniform(4, 6):.5f}"
    east, north = f"{random.uniform(110_000, 140_000):.1f}", f"{random.uniform(470_000, 500_000):.1f}"
    return str(random.choice([f"{latitude}, {longitude}", f"{longitude} {latitude}", f"{east} {north}"]))


MAKERS: list[tuple[PersonData, Callable[[Random], str]]] = [
    (PersonData.BSN, bsn),
    (PersonData.BSN, spaced_bsn),
    (PersonData.IBAN, iban),
    (PersonData.VAT, vat),
    (PersonData.PHONE, phone),
    (PersonData.EMAIL, email),
    (PersonData.PLATE, plate),
    (PersonData.ADDRESS, postcode_address),
    (PersonData.ADDRESS, street_address),
    (PersonData.NAME, name),
    (PersonData.COORDINATE, coordinate),
]
IDS = [make.__name__ for _, make in MAKERS]


def recall(kind: PersonData) -> float:
    return 0.95 if kind is PersonData.NAME else 0.99


@pytest.mark.parametrize(("kind", "make"), MAKERS, ids=IDS)
def test_values_in_running_text_are_found(kind: PersonData, make: Callable[[Random], str]) -> None:
    random = np.random.default_rng(7)
    frames = ["{}", "Contact: {}.", "In 2024 kwam {} vaker voor,\nook elders", "waarde={};volgende", "({})"]
    missed = [
        value
        for value in (make(random) for _ in range(COUNT))
        if kind not in kinds_in_text(str(random.choice(frames)).format(value))
    ]
    assert len(missed) <= (1 - recall(kind)) * COUNT, missed[:5]


@pytest.mark.parametrize(("kind", "make"), MAKERS, ids=IDS)
def test_a_column_of_values_is_counted(kind: PersonData, make: Callable[[Random], str]) -> None:
    random = np.random.default_rng(8)
    found = kinds_in_column("kolom", pa.array([make(random) for _ in range(COUNT)]))
    assert recall(kind) * COUNT <= found[kind] <= COUNT


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


CLEAN: dict[str, Callable[[Random], str]] = {
    "bag id": lambda random: f"0363{random.choice(['01', '02', '03', '10'])}{random.integers(10**10):010d}",
    "h3 index": lambda random: f"8a{random.integers(16**13):013x}",
    "h3 number": lambda random: str(621_496_748_577_128_447 + random.integers(10**12)),
    "cbs code": lambda random: str(random.choice(["GM0363", "WK0363TA", "WK036300", "BU0363AD03", "BU04511500"])),
    "count": lambda random: str(int(random.pareto(1) * 10)),
    "year": lambda random: str(random.integers(1900, 2026)),
    "demo key": lambda random: f"demo{random.integers(10**7):07d}",
    "pseudonym": lambda random: f"a{random.integers(10**6):06d}",
    "row number": lambda random: str(random.integers(10**9)),
    "uuid": lambda random: str(uuid.UUID(bytes=random.bytes(16))),
    "hmac": lambda random: random.bytes(32).hex(),
    "short hmac": lambda random: random.bytes(8).hex(),
    "base64": lambda random: "".join(random.choice(list(string.ascii_letters + string.digits), 22)),
    "building": lambda random: f"p{random.integers(10**7):07d}",
    "use": lambda random: str(random.choice(["woonfunctie", "woonfunctie|winkelfunctie", "overige gebruiksfunctie"])),
    "status": lambda random: str(random.choice(["waarde", "cap", "geen_data", "onderdrukt"])),
}


@pytest.mark.parametrize("make", CLEAN.values(), ids=CLEAN)
def test_clean_columns_are_not_flagged(make: Callable[[Random], str]) -> None:
    flagged = sum(
        bool(kinds_in_column("sleutel", pa.array([make(np.random.default_rng([seed, i])) for i in range(60)])))
        for seed in range(40)
    )
    assert flagged == 0


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
    for run in ("a" * 200_000, "A" * 200_000, "0" * 200_000, "Aa1" * 70_000, "a." * 100_000, "Jan " * 50_000):
        assert PersonData.EMAIL not in kinds_in_text(run)
