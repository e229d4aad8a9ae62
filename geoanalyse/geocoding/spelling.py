"""How people write Dutch house numbers, streets and towns, brought to one form.

Two texts with the same form may still be two addresses; whoever compares forms must see to that (see
:mod:`geoanalyse.geocoding.match`). Nothing here guesses: every rule is a spelling that is in use.
"""

import re
import unicodedata
from dataclasses import dataclass

_NUMBER = re.compile(
    r"(?:(?:nr|no|nummer|huisnummer)\b\.?\s*)?0*([1-9][0-9]{0,4})(?![0-9])(.*)", re.IGNORECASE | re.DOTALL
)
_BETWEEN = r"[\s\-\u2010-\u2015/.,_]"
_LETTERED = re.compile(rf"({_BETWEEN}*)([A-Za-z])(?:(?:{_BETWEEN}+|(?=[0-9]))(.*))?", re.DOTALL)
_SIGNS = re.compile(rf"{_BETWEEN}+")
_FLOOR = re.compile(r"0*([0-9]+)(?:E|DE|STE|HOOG|HG|EHOOG|ETAGE|EETAGE|VERD|VERDIEPING|EVERDIEPING)?")
_GROUND = frozenset({"H", "HS", "HUIS", "BG", "BEG", "BEGANEGROND", "PARTERRE"})
GROUND = "@"
"""Form of the ground floor; a sign that no house letter has, so that ``12 hs`` is never the house with letter H."""
_ROMAN = {
    name: str(place) for place, name in enumerate(("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"), 1)
}
_WORDS = {"ROOD": "RD", "ZWART": "ZW", "BS": "BIS", "BOVEN": "BOV", "BENEDEN": "BEN"}

Reading = tuple[str, str]
"""House letter and addition (huisletter, huisnummertoevoeging); empty where there is none."""


@dataclass(frozen=True, slots=True)
class HouseNumber:
    """A house number as it was written: the number, and one or two readings of what stands behind it."""

    number: int
    readings: tuple[Reading, ...] = (("", ""),)

    @property
    def bare(self) -> bool:
        """Whether nothing stands behind the number."""
        return self.readings[0] == ("", "")


def house_number(text: str, letter: str = "", suffix: str = "") -> HouseNumber | None:
    """Read a house number; None when it is none.

    Parameters
    ----------
    text : str
        The number, with or without what belongs to it.
    letter, suffix : str
        Where the file keeps these apart.

    Examples
    --------
    >>> [house_number(text).readings[0] for text in ("12", "12-2", "12 hs", "12 A-1", "12A", "12bis", "12/3", "12 II")]
    [('', ''), ('', '2'), ('', 'hs'), ('A', '1'), ('A', ''), ('', 'bis'), ('', '3'), ('', 'II')]
    >>> house_number("12-H").readings, house_number("12 H").readings
    ((('', 'H'), ('H', '')), (('H', ''), ('', 'H')))
    >>> house_number("huis") is None
    True
    """
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        return None
    rest, letter, suffix = found[2].strip(), letter.strip(), suffix.strip()
    if rest:
        rest = " ".join(part for part in (found[2], letter, suffix) if part)
        return HouseNumber(int(found[1]), _readings(rest))
    if len(letter) > 1:
        letter, suffix = "", letter + suffix
    suffix = _SIGNS.sub("", suffix)
    if letter:
        return HouseNumber(int(found[1]), ((letter, suffix), ("", letter + suffix)))
    if len(suffix) == 1 and suffix.isalpha():
        return HouseNumber(int(found[1]), (("", suffix), (suffix, "")))
    return HouseNumber(int(found[1]), (("", suffix),))


def _readings(rest: str) -> tuple[Reading, ...]:
    """Read what stands behind a number: one letter is a house letter, all else an addition; the other way as well."""
    lettered = _LETTERED.fullmatch(rest)
    if lettered is None:
        return (("", _SIGNS.sub("", rest)),)
    letter, suffix = lettered[2], _SIGNS.sub("", lettered[3] or "")
    both = (letter, suffix), ("", letter + suffix)
    # "12-A" has its letter in the place of an addition
    return both[::-1] if _SIGNS.sub("", lettered[1]) == "" and lettered[1].strip() else both


def spelled(reading: Reading) -> str:
    """Bring a house letter and an addition to one form.

    Examples
    --------
    >>> [spelled(("", text)) for text in ("hs", "H", "huis", "II", "2", "02", "2hoog", "bis")]
    ['@', '@', '@', '2', '2', '2', '2', 'BIS']
    >>> spelled(("H", "")), spelled(("a", "1")), spelled(("", "A1"))
    ('H', 'A1', 'A1')
    """
    letter, suffix = reading
    suffix = suffix.upper()
    if suffix in _GROUND:
        suffix = GROUND
    elif suffix in _ROMAN:
        suffix = _ROMAN[suffix]
    elif floor := _FLOOR.fullmatch(suffix):
        suffix = floor[1]
    return letter.upper() + _WORDS.get(suffix, suffix)


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
    **dict.fromkeys(("prinses", "prins", "pr", "prs"), "pr"),
    **dict.fromkeys(("koningin", "koning", "kon"), "kon"),
    **dict.fromkeys(("wethouder", "weth"), "weth"),
    **dict.fromkeys(("commissaris", "comm"), "comm"),
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
_TOWNS = {"den haag": "sgravenhage", "den bosch": "shertogenbosch", "the hague": "sgravenhage"}
_VAN = re.compile(r"\b(?:van|v)(?: (?:de|den|der|d))?\b|\bvd\b")
_PLAIN = re.compile(r"[^0-9a-z]+")
_FOLDED = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ł": "l"})


def folded(text: str) -> str:
    """Small letters without accents; a dot, a hyphen or an apostrophe becomes a space.

    Examples
    --------
    >>> folded(" Mr.J.C.Bührmannlaan"), folded("'s-Gravelandseweg")
    ('mr j c buhrmannlaan', 's gravelandseweg')
    """
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_FOLDED))
    return _PLAIN.sub(" ", "".join(sign for sign in plain if not unicodedata.combining(sign))).strip()


def street_form(text: str) -> str:
    """Bring the name of a street to one form, in which the usual abbreviations are equal to what they stand for.

    Examples
    --------
    >>> street_form("St. Jansstr.") == street_form("Sint Jansstraat")
    True
    >>> street_form("1e v.d. Helststr") == street_form("Eerste van der Helststraat")
    True
    >>> street_form("'t Nauwe Steegje") == street_form("Het Nauwe Steegje")
    True
    >>> street_form("Prins Hendrikkade") == street_form("Hendrikkade")
    False
    """
    tokens = _VAN.sub("v", folded(text)).split()
    parts = []
    for token in tokens:
        part = _TOKENS.get(token, token)
        for ending, short in _ENDINGS:
            if part.endswith(ending):
                part = part.removesuffix(ending) + short
                break
        parts.append("pln" if part == "pl" else part)
    return "".join(parts).replace("ij", "y")


def town_form(text: str) -> str:
    """Bring the name of a town to one form.

    Examples
    --------
    >>> town_form("Den Haag") == town_form("'s-Gravenhage"), town_form("WEESP")
    (True, 'weesp')
    """
    plain = folded(text)
    return _TOWNS.get(plain, plain.replace(" ", "")).replace("ij", "y")
