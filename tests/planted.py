"""Made-up person data in many spellings, to measure the detectors with; every number is drawn, no person is meant.

The names are a list of their own: common ones in the Netherlands by origin, written down apart from the lists that the
detectors use.
"""

import string
import tomllib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from stdnum.iso7064 import mod_97_10

from geoanalyse.personal import PersonData

Random = np.random.Generator
HARD_SPACE = "\N{NO-BREAK SPACE}"

LISTS = tomllib.loads(Path(__file__).with_name("planted_names.toml").read_text(encoding="utf-8"))
PERSONS = {
    origin: (
        tuple(lists["voornamen"].split()),
        tuple(" ".join(last.split()) for last in lists["achternamen"].split(";")),
    )
    for origin, lists in LISTS["personen"].items()
}
"""Given names and surnames per origin."""
STEMS = tuple(LISTS["straten"].split())
"""First parts of names of streets."""


@dataclass(frozen=True)
class Kind:
    """How one kind of person data is made and written.

    ``spellings`` are six ways to write a value in running text; ``columns`` say which of them (or which others) are
    recognised as a whole column of values without any words.
    """

    label: str
    kind: PersonData
    value: Callable[[Random], str]
    spellings: tuple[Callable[[str], str], ...]
    columns: tuple[Callable[[str], str], ...] = ()


FRAMES = (
    "{}",
    "Contact: {}.",
    "In 2024 kwam {} vaker voor,\nook elders",
    "waarde={};volgende",
    "({})",
    "Zie {}, dossier 12 van 30 mei",
    "Uit het gesprek: {} en verder niets",
    "- {}\n- geen bijzonderheden",
)


def in_text(spelling: Callable[[str], str], value: str, random: Random) -> str:
    """Put a value, spelled in some way, in a sentence."""
    return FRAMES[int(random.integers(len(FRAMES)))].format(spelling(value))


# --- how a value is cut up --------------------------------------------------------------------------------------------


def as_is(value: str) -> str:
    return value


def cut(sign: str, *sizes: int) -> Callable[[str], str]:
    """Put a sign between groups of these sizes; the last size repeats."""

    def spell(value: str) -> str:
        groups, rest, left = [], value, list(sizes)
        while rest:
            size = left.pop(0) if len(left) > 1 else left[0]
            groups.append(rest[:size])
            rest = rest[size:]
        return sign.join(groups)

    return spell


def behind(words: str, spell: Callable[[str], str] = as_is) -> Callable[[str], str]:
    return lambda value: f"{words}{spell(value)}"


def swapped(old: str, new: str) -> Callable[[str], str]:
    return lambda value: value.replace(old, new)


# --- values -----------------------------------------------------------------------------------------------------------


def digits(random: Random, count: int) -> str:
    return "".join(map(str, random.integers(0, 10, count)))


def one_of(random: Random, some: str | tuple[str, ...]) -> str:
    return some[int(random.integers(len(some)))]


def letters(random: Random, count: int, some: str = string.ascii_uppercase) -> str:
    return "".join(one_of(random, some) for _ in range(count))


def bsn(random: Random) -> str:
    while True:
        start = str(random.integers(1, 10)) + digits(random, 7)
        check = sum(int(digit) * weight for digit, weight in zip(start, range(9, 1, -1), strict=True)) % 11
        if check < 10:
            return f"{start}{check}"


def iban(random: Random) -> str:
    account = f"{one_of(random, ('ABNA', 'INGB', 'RABO', 'TRIO', 'BUNQ', 'KNAB', 'SNSB'))}{bsn(random).zfill(10)}"
    return f"NL{mod_97_10.calc_check_digits(account + 'NL')}{account}"


def vat(random: Random) -> str:
    """Of a company (its RSIN) or, since 2020, of one person (check digits over the whole)."""
    if random.random() < 0.5:
        return f"NL{bsn(random)}B{random.integers(1, 99):02d}"
    while True:
        number = f"NL{digits(random, 9)}B{random.integers(2, 99):02d}"
        if mod_97_10.is_valid(number):
            return number


def company(random: Random) -> str:
    return f"{random.integers(1_000_000, 94_000_000):08d}"


def branch(random: Random) -> str:
    return f"0000{random.integers(1_000_000, 60_000_000):08d}"


def email(random: Random) -> str:
    first, last, host = (letters(random, size, string.ascii_lowercase) for size in (5, 7, 6))
    return f"{first}{one_of(random, '._-')}{last}@{host}.{one_of(random, ('nl', 'com', 'co.uk', 'amsterdam', 'org'))}"


def phone(random: Random) -> str:
    if random.random() < 0.6:
        return f"06{random.integers(1, 6)}{digits(random, 7)}"
    return f"{one_of(random, ('020', '010', '030', '070', '075'))}{random.integers(2, 8)}{digits(random, 6)}"


def dashed_phone(value: str) -> str:
    return cut("-", 2, 8)(value) if value[1] == "6" else cut("-", 3, 7)(value)


PLATES = ("99-XX-XX", "XX-99-XX", "XX-XX-99", "99-XXX-9", "9-XXX-99", "XX-999-X", "X-999-XX", "XXX-99-X", "9-XX-999")


def plate(random: Random) -> str:
    """Of the series since 1978, with the letters they use."""
    form = one_of(random, PLATES)
    return "".join(
        letters(random, 1, "BDFGHJKLNPRSTVXZ") if sign == "X" else digits(random, 1) if sign == "9" else "-"
        for sign in form
    )


def postcode_number(random: Random) -> str:
    while True:
        pair = letters(random, 2, "ABCDEGHJKLMNPRSTVWXZ")
        if pair not in {"SA", "SD", "SS"}:
            return f"{random.integers(1000, 10000)}{pair}|{random.integers(1, 400)}"


ENDINGS = (
    *("straat",) * 30,
    *("laan",) * 14,
    *("weg",) * 12,
    *("dreef", "singel", "gracht", "kade", "plein", "dijk", "pad", "hof", "park", "steeg", "plantsoen", "markt") * 2,
    *("burgwal", "haven", "eiland", "werf", "weide", "erf", "oord", "stein"),
)


def street_number(random: Random) -> str:
    ending = one_of(random, ENDINGS)
    return f"{one_of(random, STEMS)}{ending} {random.integers(1, 900)}"


def degrees(random: Random) -> str:
    return f"{random.uniform(51, 53.4):.6f} {random.uniform(3.5, 7.0):.6f}"


def metres(random: Random) -> str:
    return f"{random.integers(20_000, 270_000)} {random.integers(310_000, 610_000)}"


def birth(random: Random) -> str:
    return f"{random.integers(1, 29):02d}-{random.integers(1, 13):02d}-{random.integers(1935, 2012)}"


MONTHS = (
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
)


def in_words(value: str) -> str:
    day, month, year = value.split("-")
    return f"{int(day)} {MONTHS[int(month) - 1]} {year}"


def year_first(value: str) -> str:
    return "-".join(reversed(value.split("-")))


def in_minutes(value: str) -> str:
    """Degrees, minutes and seconds."""
    parts = []
    for number, sign in zip(map(float, value.split()), "NE", strict=True):
        minutes = number % 1 * 60
        parts.append(f"{int(number)}°{int(minutes):02d}'{minutes % 1 * 60:04.1f}\"{sign}")
    return " ".join(parts)


def in_reverse(value: str) -> str:
    return " ".join(reversed(value.split()))


def _of_postcode(form: str) -> Callable[[str], str]:
    def spell(value: str) -> str:
        code, number = value.split("|")
        return form.format(digits=code[:4], pair=code[4:], small=code[4:].lower(), number=number)

    return spell


KINDS = (
    Kind(
        "BSN/RSIN",
        PersonData.BSN,
        bsn,
        (
            *(as_is, cut(" ", 4, 2, 3), cut(".", 4, 2, 3), cut("-", 3, 3, 3)),
            *(behind("bsn "), cut(HARD_SPACE, 4, 2, 3)),
        ),
        (as_is, cut(" ", 4, 2, 3), cut(".", 4, 2, 3), cut("-", 3, 3, 3), cut(HARD_SPACE, 4, 2, 3), behind("RSIN ")),
    ),
    Kind(
        "IBAN",
        PersonData.IBAN,
        iban,
        (as_is, cut(" ", 4), cut(".", 4), cut("-", 4), str.lower, behind("IBAN:", cut(HARD_SPACE, 4))),
    ),
    Kind(
        "btw-id",
        PersonData.VAT,
        vat,
        (
            *(as_is, str.lower, cut(".", 6, 2, 3, 3), cut(" ", 2, 4, 2, 3, 3)),
            *(cut("-", 2, 9, 3), behind("btw-nummer", behind(HARD_SPACE, cut(HARD_SPACE, 2, 9, 3)))),
        ),
    ),
    Kind(
        "KvK-nummer",
        PersonData.COMPANY,
        company,
        (
            *(behind("KvK "), behind("kvk-nummer: "), behind("KVK nr. ", cut(" ", 2)), behind("K.v.K. ", cut(".", 4))),
            *(
                behind(f"Kamer van Koophandel{HARD_SPACE}", cut("-", 4)),
                behind("ingeschreven in het Handelsregister: "),
            ),
        ),
        (as_is, cut(" ", 4), cut(".", 4), cut("-", 4), cut(" ", 2), cut(HARD_SPACE, 4)),
    ),
    Kind(
        "vestigingsnummer",
        PersonData.BRANCH,
        branch,
        (
            *(behind("vestigingsnummer "), behind("Vestigingsnr. ", cut(" ", 4)), behind("vestiging: ", cut(".", 4))),
            *(behind("VESTIGINGSNUMMER ", cut("-", 4)), behind(f"vest.nr.{HARD_SPACE}", cut(HARD_SPACE, 4))),
            behind("kvk-vestiging nr "),
        ),
        (as_is, cut(" ", 4), cut(".", 4), cut("-", 4), cut(" ", 2), cut(HARD_SPACE, 4)),
    ),
    Kind(
        "e-mail",
        PersonData.EMAIL,
        email,
        (
            *(as_is, str.upper, swapped("@", " @ "), swapped("@", "(at)"), behind("mailto:")),
            swapped("@", f"{HARD_SPACE}[at]{HARD_SPACE}"),
        ),
        (as_is, str.upper),
    ),
    Kind(
        "telefoon",
        PersonData.PHONE,
        phone,
        (
            *(as_is, dashed_phone, cut(" ", 2, 2), cut(".", 3, 3, 2, 2), lambda value: f"+31 {value[1:]}"),
            lambda value: f"tel.{HARD_SPACE}0031{HARD_SPACE}{cut(HARD_SPACE, 2, 3, 4)(value[1:])}",
        ),
        (as_is, cut(" ", 2, 2), lambda value: f"+31{value[1:]}"),
    ),
    Kind(
        "kenteken",
        PersonData.PLATE,
        plate,
        (
            *(
                as_is,
                swapped("-", ""),
                swapped("-", " "),
                str.lower,
                lambda value: f"kenteken {value.replace('-', '').lower()}",
            ),
            swapped("-", HARD_SPACE),
        ),
        (as_is, swapped("-", ""), swapped("-", " "), str.lower),
    ),
    Kind(
        "postcode met nummer",
        PersonData.ADDRESS,
        postcode_number,
        (
            *(_of_postcode("{digits} {pair} {number}"), _of_postcode("{digits}{pair} {number}")),
            *(_of_postcode("{digits}{small} {number}"), _of_postcode("{digits} {pair}, nr. {number}")),
            *(
                _of_postcode("{digits}-{pair}-{number}"),
                _of_postcode(f"{{digits}}{HARD_SPACE}{{pair}}{HARD_SPACE}{{number}}"),
            ),
        ),
        (_of_postcode("{digits}{pair} {number}"), _of_postcode("{number}, {digits} {pair}")),
    ),
    Kind(
        "straat met nummer",
        PersonData.ADDRESS,
        street_number,
        (
            *(as_is, str.upper, swapped(" ", HARD_SPACE), swapped(" ", " nr. "), lambda value: f"{value}-3"),
            lambda value: f"de {value} hs",
        ),
        (as_is, lambda value: f"{value}-2"),
    ),
    Kind(
        "coördinaat in graden",
        PersonData.COORDINATE,
        degrees,
        (
            *(swapped(" ", ", "), in_reverse, swapped(".", ","), lambda value: f"POINT({in_reverse(value)})"),
            *(lambda value: "N {} E {}".format(*value.split()), in_minutes),
        ),
        (swapped(" ", ", "), swapped(" ", ";")),
    ),
    Kind(
        "coördinaat in RD",
        PersonData.COORDINATE,
        metres,
        (
            *(as_is, swapped(" ", ", "), swapped(" ", HARD_SPACE), lambda value: "x={} y={}".format(*value.split())),
            *(
                lambda value: "{}.5 / {}.25".format(*value.split()),
                lambda value: "RD: X {}, Y {}".format(*value.split()),
            ),
        ),
        (as_is, swapped(" ", ", ")),
    ),
    Kind(
        "geboortedatum",
        PersonData.BIRTH,
        birth,
        (
            *(behind("geboren "), behind("geb. ", swapped("-", ".")), behind("geboortedatum: ", swapped("-", "/"))),
            *(
                behind("geboren op ", in_words),
                behind("Geb.dat. ", swapped("-", HARD_SPACE)),
                behind("GEBOREN: ", year_first),
            ),
        ),
        (as_is, swapped("-", "."), swapped("-", "/"), in_words, swapped("-", HARD_SPACE), year_first),
    ),
)


# --- names ------------------------------------------------------------------------------------------------------------

NOTES = (
    "Gesproken met {} over de overlast in het portiek.",
    "{} belde vanochtend en wil teruggebeld worden.",
    "Volgens de buren staat de woning leeg, {} komt er nooit.",
    "Pand is verhuurd aan {}, contract loopt tot eind 2026.",
    "Brief teruggekomen. {} is verhuisd.",
    "Melding over lawaai; {} zou de sleutel hebben",
    "Controle uitgevoerd, in het pand aangetroffen: {}.",
    "Huur wordt contant betaald aan {} en zijn broer.",
    "Afspraak verzet naar 12 mei, {} is op vakantie.",
    "Eigenaar van het busje is {}, zie dossier.",
    "nagevraagd bij de gemeente: {} staat niet ingeschreven",
    "Tip: {} verkoopt pakketjes bij de ingang van het park.",
    "{} ontkent alles.",
    "Huisbezoek 3 maart. Aanwezig waren {} en een collega.",
    "Volgens {} komen er 's nachts veel auto's.",
    "De zaak staat op naam van {}.",
)


def name(random: Random, origin: str) -> str:
    """Write one name in one of the ways that short notes do."""
    given, family = PERSONS[origin]
    first, last = one_of(random, given), one_of(random, family)
    initials = "".join(f"{initial}." for initial in letters(random, int(random.integers(1, 4)), "ABCDEFGHJKLMNPRSTW"))
    title = one_of(random, ("dhr", "dhr.", "mw.", "mevr.", "mevrouw", "meneer", "de heer", "fam."))
    return one_of(
        random,
        (
            f"{first} {last}",
            f"{first} {last}",
            f"{initials} {last}",
            f"{title} {last[0].upper()}{last[1:]}",
            f"{title} {initials} {last}",
            f"{one_of(random, ('dhr', 'dhr.', 'mw', 'mevrouw'))} {last.lower()}",
            f"{last[0].upper()}{last[1:]}, {initials}",
            f"{first[0]}. {last}",
        ),
    )


def note(random: Random, origin: str) -> str:
    """Write a short note about somebody."""
    return one_of(random, NOTES).format(name(random, origin))


# --- what is clean ----------------------------------------------------------------------------------------------------

CLEAN: dict[str, Callable[[Random], str]] = {
    "BAG-id": lambda random: f"0363{one_of(random, ('01', '02', '03', '10'))}{random.integers(10**10):010d}",
    "H3-index": lambda random: f"8a{random.integers(16**13):013x}",
    "H3-index als getal": lambda random: str(621_496_748_577_128_447 + random.integers(10**12)),
    "CBS-code": lambda random: one_of(random, ("GM0363", "WK0363TA", "WK036300", "BU0363AD03", "BU04511500")),
    "aantal": lambda random: str(int(random.pareto(1) * 10)),
    "jaar": lambda random: str(random.integers(1900, 2026)),
    "dag": lambda random: f"{random.integers(2000, 2026)}-{random.integers(1, 13):02d}-{random.integers(1, 29):02d}",
    "demosleutel": lambda random: f"demo{random.integers(10**7):07d}",
    "pseudoniem": lambda random: f"a{random.integers(10**6):06d}",
    "rijnummer": lambda random: str(random.integers(10**9)),
    "uuid": lambda random: str(uuid.UUID(bytes=random.bytes(16))),
    "HMAC": lambda random: random.bytes(32).hex(),
    "korte HMAC": lambda random: random.bytes(8).hex(),
    "base64": lambda random: letters(random, 22, string.ascii_letters + string.digits),
    "pand": lambda random: f"p{random.integers(10**7):07d}",
    "gebruik": lambda random: one_of(random, ("woonfunctie", "woonfunctie|winkelfunctie", "overige gebruiksfunctie")),
    "status": lambda random: one_of(random, ("waarde", "cap", "geen_data", "onderdrukt")),
    "bereik": lambda random: f"{random.integers(0, 20)} tot {random.integers(1, 99)}",
    "aantal in woorden": lambda random: f"ongeveer {(v := int(random.integers(1, 60)) * 5)} ({v - 4} tot {v + 4})",
}
"""Columns that hold no person data; see also the names of buurten and the texts of layers."""
