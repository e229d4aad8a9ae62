"""How people write Dutch house numbers, streets and towns, brought to one form.

Two texts with the same form may still be two addresses; whoever compares forms must see to that (see
:mod:`geoanalyse.geocoding.match`). Nothing here guesses: every rule is a spelling that is in use.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod

_NUMBER = re.compile(
    r"(?:(?:nr|no|nummer|huisnummer)\b\.?\s*)?0*([1-9][0-9]{0,4})(?![0-9])(?:[.,]0+$)?(.*)", re.IGNORECASE | re.DOTALL
)
_SIGNS = re.compile(r"[\s\-\u2010-\u2015/._]+")
_FRACTION = re.compile(r"[.,][0-9]")
_LETTERED = re.compile(r"[A-Z](?![A-Z])")
_FLOORS = "HOOG|HG|ETAGE|VERD|VERDIEPING"
_FLOOR = re.compile(rf"0*([0-9]+)(?:-?(?:E|DE|STE)?-?(?:{_FLOORS}))?")
_ROMAN_FLOOR = re.compile(rf"([IVX]+?)-?E?-?(?:{_FLOORS})")
_GROUND = frozenset({"HS", "HUIS", "BG", "BEG", "BEGANEGROND", "BEGANE-GROND", "PARTERRE"})
GROUND = "@"
"""Form of the ground floor; a sign that no house letter has, so that ``12 hs`` is never the house with letter H."""
_ROMAN = {
    name: str(place) for place, name in enumerate(("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"), 1)
}
_WORDS = {"ROOD": "RD", "ZWART": "ZW", "BS": "BIS", "BOVEN": "BOV", "BENEDEN": "BEN"}
LONE = {"H": GROUND, **{name: place for name, place in _ROMAN.items() if len(name) == 1}}
"""One letter that may stand for the ground floor or a floor, but may as well be the letter of a row of doors."""
_ELSEWHERE = re.compile(
    r"(?<![A-Z])(?:T[./]?[MO]|BY|BIJ|NAAST|TEGENOVER|HOEK|HK|FLAT|ACHTER|TOT|TUSSEN|EN|OF|NABIJ)(?![A-Z])"
)
_DOOR = re.compile(rf"(?:[A-Z]-)?(?:{GROUND}|RD|ZW|BIS|BOV|BEN|[A-Z][0-9]{{0,3}})|[A-Z]?[0-9]{{1,4}}[A-Z]?")

Reading = tuple[str, str]
"""House letter and addition (huisletter, huisnummertoevoeging); empty where there is none."""


@dataclass(frozen=True, slots=True)
class HouseNumber:
    """A house number as it was written: the number, and one or two readings of what stands behind it.

    Attributes
    ----------
    number : int
    readings : tuple of Reading
        The likelier one first.
    apart : bool
        Whether letter and addition each had a column, so that the first reading is what was meant.
    glued : bool
        Whether the letter touches the number: ``12V`` is the door with letter V, ``12 V`` may be the fifth floor.
    near : bool
        Whether a word behind the number says that another place is meant: ``12 hoek Dam``, ``12 en 14``.
    """

    number: int
    readings: tuple[Reading, ...] = (("", ""),)
    apart: bool = False
    glued: bool = False
    near: bool = False

    @property
    def bare(self) -> bool:
        """Whether nothing stands behind the number."""
        return self.readings[0] == ("", "")

    @property
    def droppable(self) -> bool:
        """Whether it is surely a letter or an addition that stands behind: no second number and no other word."""
        form = spelled(self.readings[0])
        ranged = form.isdecimal() and int(form) > self.number
        return _DOOR.fullmatch(form) is not None and not ranged and not self.near


def house_number(text: str, letter: str = "", suffix: str = "") -> HouseNumber | None:
    """Read a house number; None when it is none, or more than one.

    Parameters
    ----------
    text : str
        The number, with or without what belongs to it.
    letter, suffix : str
        Where the file keeps these apart; what the number repeats of them counts once.

    Examples
    --------
    >>> [house_number(text).readings[0] for text in ("12", "12-2", "12 hs", "12 A-1", "12A", "12bis", "12/3", "12 II")]
    [('', ''), ('', '2'), ('', 'hs'), ('A', '1'), ('A', ''), ('', 'bis'), ('', '3'), ('', 'II')]
    >>> house_number("12-H").readings, house_number("12 H").readings
    ((('', 'H'), ('H', '')), (('H', ''), ('', 'H')))
    >>> house_number("12-1-2").readings, house_number("12A", "A", "1").readings[0], house_number("12.0").number
    ((('', '1-2'),), ('A', '1'), 12)
    >>> [house_number(text) for text in ("huis", "12.5", "12, 14", "12 + 14")]
    [None, None, None, None]
    """
    found = _NUMBER.fullmatch(text.strip())
    if found is None or _FRACTION.match(found[2]):
        return None
    number, behind = int(found[1]), found[2].rstrip()
    own = [_joined(part) for part in (letter, suffix)]
    rest = _joined(behind)
    if rest is None or own[0] is None or own[1] is None:
        return None
    letter, suffix = own[0], own[1]
    if not rest:
        return _of_columns(number, letter, suffix)
    if not letter and not suffix:
        glued = behind[0].isalpha()
        signed = not glued and behind.lstrip()[0] in "-\u2010\u2011\u2012\u2013\u2014\u2015/._"
        near = _ELSEWHERE.search(behind.upper()) is not None
        return HouseNumber(number, _readings(rest, signed=signed), glued=glued, near=near)
    if len(rest) == 1 and rest.isalpha() and not letter:
        letter = rest
    if _same(rest, letter) or _same(rest, suffix) or _same(rest, _together(letter, suffix)):
        return _of_columns(number, letter, suffix)
    return None


def _of_columns(number: int, letter: str, suffix: str) -> HouseNumber:
    if len(letter) > 1:
        letter, suffix = "", _together(letter, suffix)
    if letter:
        return HouseNumber(number, ((letter, suffix), ("", _together(letter, suffix))), apart=True, glued=True)
    if len(suffix) == 1 and suffix.isalpha():
        return HouseNumber(number, (("", suffix), (suffix, "")), apart=True)
    return HouseNumber(number, (("", suffix),), apart=True)


def _readings(rest: str, *, signed: bool) -> tuple[Reading, ...]:
    """Read what stands behind a number: one letter is a house letter, all else an addition; the other way as well."""
    if not _LETTERED.match(rest.upper()):
        return (("", rest),)
    both = (rest[0], rest[1:].removeprefix("-")), ("", rest)
    return both[::-1] if signed else both  # "12-A" has its letter in the place of an addition


def _joined(text: str) -> str | None:
    """Join the parts of an addition; two numbers or two words stay apart, so that ``1-2`` is never ``12``."""
    joined = ""
    for part in _SIGNS.split(text):
        if part and not part.isalnum():
            return None
        joined = _together(joined, part)
    return joined


def _together(first: str, second: str) -> str:
    return f"{first}-{second}" if first and second and first[-1].isdigit() == second[0].isdigit() else first + second


def _same(first: str, second: str) -> bool:
    return first.upper() == second.upper()


def spelled(reading: Reading) -> str:
    """Bring a house letter and an addition to one form.

    Examples
    --------
    >>> [spelled(("", text)) for text in ("hs", "huis", "II", "2", "02", "2hoog", "2e-etage", "bis", "H", "2E")]
    ['@', '@', '2', '2', '2', '2', '2', 'BIS', 'H', '2E']
    >>> spelled(("H", "")), spelled(("a", "1")), spelled(("", "A1")), spelled(("A", "B")), spelled(("", "AB"))
    ('H', 'A1', 'A1', 'A-B', 'AB')
    """
    letter, suffix = reading
    return _together(letter.upper(), _floor(suffix.upper()))


def _floor(suffix: str) -> str:
    if suffix in _GROUND:
        return GROUND
    if suffix in _ROMAN and suffix not in LONE:
        return _ROMAN[suffix]
    if floor := _FLOOR.fullmatch(suffix):
        return floor[1]
    if (floor := _ROMAN_FLOOR.fullmatch(suffix)) and floor[1] in _ROMAN:
        return _ROMAN[floor[1]]
    return _WORDS.get(suffix, suffix)


def floored(reading: Reading) -> str:
    """Bring them to the form in which a lone H, I, V or X as addition is a floor.

    Examples
    --------
    >>> floored(("", "H")), floored(("", "i")), floored(("A", "V")), floored(("H", ""))
    ('@', '1', 'A5', 'H')
    """
    letter, suffix = reading
    return spelled((letter, LONE.get(suffix.upper(), suffix)))


# --- names ------------------------------------------------------------------------------------------------------------

_TOKENS = {
    **dict.fromkeys(("sint", "st", "snt", "sinte"), "st"),
    **dict.fromkeys(("dokter", "doctor", "dr"), "dr"),
    **dict.fromkeys(("meester", "mr"), "mr"),
    **dict.fromkeys(("ingenieur", "ir"), "ir"),
    **dict.fromkeys(("dominee", "ds"), "ds"),
    **dict.fromkeys(("professor", "prof"), "prof"),
    **dict.fromkeys(("burgemeester", "burgem", "burg", "bgm"), "burg"),
    **dict.fromkeys(("monseigneur", "mgr"), "mgr"),
    **dict.fromkeys(("pastoor", "past"), "past"),
    **dict.fromkeys(("generaal", "gen"), "gen"),
    **dict.fromkeys(("luitenant", "luit", "lt"), "lt"),
    **dict.fromkeys(("admiraal", "adm"), "adm"),
    **dict.fromkeys(("kapitein", "kapt", "kap"), "kap"),
    **dict.fromkeys(("president", "pres"), "pres"),
    **dict.fromkeys(("minister", "min"), "min"),
    **dict.fromkeys(("jonkheer", "jhr"), "jhr"),
    "prs": "prinses",
    **dict.fromkeys(("wethouder", "weth"), "weth"),
    **dict.fromkeys(("secretaris", "secr"), "secr"),
    **dict.fromkeys(("oudezijds", "oz"), "oz"),
    **dict.fromkeys(("nieuwezijds", "nz"), "nz"),
    **dict.fromkeys(("eerste", "1e", "1ste"), "1"),
    **dict.fromkeys(("tweede", "2e", "2de"), "2"),
    **dict.fromkeys(("derde", "3e", "3de"), "3"),
    **dict.fromkeys(("vierde", "4e", "4de"), "4"),
    **dict.fromkeys(("vijfde", "5e", "5de"), "5"),
    **dict.fromkeys(("zesde", "6e", "6de"), "6"),
    **dict.fromkeys(("zevende", "7e", "7de"), "7"),
    **dict.fromkeys(("het", "t"), "t"),
    **dict.fromkeys(("des", "s"), "s"),
}
_ENDINGS = (
    *(("straat", "str"), ("strt", "str"), ("laan", "ln"), ("plein", "pln"), ("weg", "wg"), ("gracht", "gr")),
    *(("singel", "sgl"), ("sngl", "sgl"), ("kade", "kd"), ("dijk", "dk"), ("plantsoen", "plnts")),
)
_UNDECIDED = {
    "pr": ("prins", "prinses"),
    "kon": ("koning", "koningin"),
    "comm": ("commissaris", "commandeur", "commandant"),
    "pl": ("plein", "plaats"),
    "v": ("van",),
    "vd": ("vande", "vanden", "vander"),
}
_MOST_FORMS = 32
_TOWNS = {
    **dict.fromkeys(("den haag", "the hague"), "sgravenhage"),
    "den bosch": "shertogenbosch",
    "a dam": "amsterdam",
    "adam": "amsterdam",
    "r dam": "rotterdam",
}
_QUARTERS = re.compile(r"(?<=.) (?:nieuw )?(?:noord|oost|zuid|west|zuid ?oost|noord ?oost|zuid ?west|zo|centrum)$")
_OF_THE = re.compile(r"\b(van|v) d\b|\bv (?=de[nr]?\b)")
_PLAIN = re.compile(r"[^0-9a-z]+")
_FOLDED = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ł": "l"})


def folded(text: str) -> str:
    """Small letters without accents; a dot, a hyphen or an apostrophe becomes a space.

    Examples
    --------
    >>> folded(" Mr.J.C.Bührmannlaan"), folded("'s-Gravelandseweg")
    ('mr j c buhrmannlaan', 's gravelandseweg')
    """
    if text.isascii():  # most are, and it is four times as fast
        return _PLAIN.sub(" ", text.lower()).strip()
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_FOLDED))
    return _PLAIN.sub(" ", "".join(sign for sign in plain if not unicodedata.combining(sign))).strip()


@lru_cache(maxsize=1 << 16)  # the same streets come back in every part of a file
def street_forms(text: str) -> tuple[str, ...]:
    """Bring the name of a street to one form, in which the usual abbreviations are equal to what they stand for.

    Returns
    -------
    tuple of str
        More than one for an abbreviation of several words; none at all when there would be too many.

    Examples
    --------
    >>> street_forms("St. Jansstr.") == street_forms("Sint Jansstraat")
    True
    >>> street_forms("1e v.d. Helststr")
    ('1vandehelststr', '1vandenhelststr', '1vanderhelststr')
    >>> street_forms("Pr. Hendrikkade"), street_forms("Prins Hendrikkade")
    (('prinshendrikkd', 'prinseshendrikkd'), ('prinshendrikkd',))
    >>> street_forms("'t Nauwe Steegje") == street_forms("Het Nauwe Steegje")
    True
    """
    tokens = _OF_THE.sub(lambda found: "vd" if found[1] else "van ", folded(text)).split()
    ways = [_UNDECIDED.get(token, (_TOKENS.get(token, token),)) for token in tokens]
    if prod(map(len, ways)) > _MOST_FORMS:
        return ()
    forms = ("".join(map(_shortened, way)).replace("ij", "y") for way in product(*ways))
    return tuple(dict.fromkeys(forms))


def _shortened(token: str) -> str:
    for ending, short in _ENDINGS:
        if token.endswith(ending):
            return token.removesuffix(ending) + short
    return token


def town_form(text: str) -> str:
    """Bring the name of a town to one form.

    Examples
    --------
    >>> town_form("Den Haag") == town_form("'s-Gravenhage"), town_form("WEESP")
    (True, 'weesp')
    """
    plain = folded(text)
    return _TOWNS.get(plain, plain.replace(" ", "")).replace("ij", "y")


def town_without_quarter(text: str) -> str:
    """Form of the town where a quarter stands behind it, as letters were addressed.

    Examples
    --------
    >>> town_without_quarter("Amsterdam Zuidoost"), town_without_quarter("Amsterdam-ZO"), town_without_quarter("West")
    ('amsterdam', 'amsterdam', 'west')
    """
    return town_form(_QUARTERS.sub("", folded(text)))
