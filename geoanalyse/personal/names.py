"""Names of persons in running text and in columns: known names, titles, initials, and words that announce a name."""

import re
import unicodedata
from collections.abc import Iterator

from geoanalyse.personal.lists import words

Span = tuple[int, int]
Match = re.Match[str]

_CAPITAL = r"[A-ZÀ-ÖØ-ÞĀ-Ž]"
_SURNAME = rf"{_CAPITAL}[\w'-]{{1,30}}"
_SMALL = (
    r"(?:(?:[Vv][ao]n|[Vv]\.?d\.?|[Dd]e[rn]?|[Hh]et|'[ts]|[Tt]e[rn]?|[Ii]n|[Oo]p|[Dd][ai]|[Dd]os?|[Ll]a|[Ee]l|[Aa]l|[Bb]en|"
    r"[Oo]ul?d|[Aa]it|[Zz]u[mr]?) ){0,3}"
)
_INITIALS = rf"(?:(?:{_CAPITAL}|Ch|Chr|IJ|Ph|St|Th|Tj)\.[ -]?){{1,6}}"

_WITH_INITIALS = re.compile(rf"({_INITIALS}){_SMALL}(?P<surname>{_SURNAME})")
# Surname, initials: with a comma, or at least two of them.
_INITIALS_BEHIND = re.compile(
    rf"(?P<surname>{_SURNAME})(?:, {_INITIALS}| (?={_CAPITAL}\. ?{_CAPITAL}\.){_INITIALS})",
)
_INTRODUCED = re.compile(
    r"\b(?:(?:[Dd]rs|[Ii]r|[Ii]ng|[Mm]r|[Dd]r|[Pp]rof|[Bb]c|[Mm]sc|[Ff]am|[Ff]amilie|[Gg]ezin|[Ww]eduwe)(?:\. ?| )|"
    r"(?i:bewo(?:ner|onster)|huur(?:der|ster)|verdachte|betrokkene|getuige|meld(?:er|ster)|aangever|buur(?:man|vrouw)|"
    r"contactpersoon|genaamd|geheten|heet|zoon|dochter|broer|zus(?:ter)?|neef|nicht|echtgeno(?:ot|te)|vriend(?:in)?|vader|"
    rf"moeder|(?:voor|achter)?naam)(?: is| was|:)? )(?:{_INITIALS} ?)?{_SMALL}(?P<surname>{_SURNAME})"
)
_VAN_DER = re.compile(rf"\b[Vv](?:an|\.) ?(?:d(?:er|\.)|den) (?P<surname>{_SURNAME})")
_ARABIC = re.compile(r"\b(?:(?:El|Ben|Bin|Bou|Abou|Abu|Ait|A\u00eft|Ould) |(?:Al|El)-)(?P<surname>[A-Z][a-z]{2,20})")
# A title makes a name of a word in small letters too.
_TITLED = re.compile(
    r"\b(?:[Dd]e heer|[Dd]?[Hh]r\b|[Mm](?:[wj]|e[vj]r)\b|[Mm]evrouw|[Mm]ejuffrouw|[Mm]eneer|DHR\b|M(?:EV)?[WR]\b)"
    rf"(?:\. ?| )(?:en mw\.? )?(?:{_INITIALS} ?|{_CAPITAL}{{1,3}} )?{_SMALL}(?P<surname>[\w'-]{{2,30}})"
)
_LISTED = (
    (re.compile(rf"\b[Vv]an (?:de[rn]? |'t |het )?(?P<surname>{_SURNAME})"), "na_van"),
    (re.compile(rf"\b[Dd]en? (?P<surname>{_SURNAME})"), "na_de"),
)
# Endings that no ordinary word with a capital has.
_FAMILY = re.compile(
    r"\b[A-Z][a-z]{2,}(?:stra|inga|enga|wicz|czyk|[wntl]ski|[wntl]ska|oglu|oğlu|ovic|evic|ović|ević|chenko|enko|dottir|"
    r"poulos)\b|\b[A-Z][a-z]{3,}sma\b"
)
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_PLACE = re.compile(
    r"\w(?:straat|str|laan|weg|plein|gracht|kade|dreef|singel|steeg|plantsoen|pad|park|buurt|wijk|kwartier|polder|eiland|"
    r"school|ziekenhuis|kerk|toren|tunnel|zaal|college|museum|stichting|prijs|markt|hove|halte|metro|haven|brug)(?:-\w+)?$",
    re.IGNORECASE,
)
_LEGAL_FORMS = {"BV", "NV", "VOF", "CV", "EU", "VS", "US", "UK", "IT", "AI", "PR", "TV", "WC"}
_SHORT = 2  # letters; shorter surnames are in the lists
_PLAIN = str.maketrans("ıİłŁøØđĐß", "iIlLoOdDs")  # letters that do not decompose


def fold(word: str) -> str:
    """Write a word as the lists of names do: small letters without accents.

    Examples
    --------
    >>> fold("Özdemir"), fold("Wiśniewska"), fold("Łukasz")
    ('ozdemir', 'wisniewska', 'lukasz')
    """
    if word.isascii():
        return word.lower()
    small = unicodedata.normalize("NFKD", word.translate(_PLAIN)).lower()
    return "".join(sign for sign in small if not unicodedata.combining(sign))


def names(text: str) -> list[Span]:
    """Find names of persons.

    Parameters
    ----------
    text : str
        Plain text, see :func:`geoanalyse.personal.texts.plain`.

    Returns
    -------
    list of (start, end)
        Places in the text; they may overlap.

    Examples
    --------
    >>> names("Gesproken met J. de Vries"), names("Op de hoek van de P.C. Hooftstraat")
    ([(14, 25), (17, 25)], [])
    """
    return sorted({*_shaped(text), *_known(text)})


def is_name(value: str, *, doubtful: bool = False) -> bool:
    """Whether a whole value is a given name or a surname, in any case.

    Examples
    --------
    >>> is_name("van JANSEN"), is_name("Bos"), is_name("Bos", doubtful=True), is_name("bos en weide", doubtful=True)
    (True, False, True, False)
    """
    listed = words("voornamen", "achternamen", *(("achternamen_ook_woord",) if doubtful else ()))
    kept = [word for word in map(fold, re.split(r"[ -]+", value.strip())) if word not in words("tussenvoegsels")]
    return bool(kept) and all(word in listed for word in kept)


# --- told by what stands around them ----------------------------------------------------------------------------------


def _shaped(text: str) -> Iterator[Span]:
    for match in _WITH_INITIALS.finditer(text):
        initials = re.sub(r"\W", "", match[1])
        before = text[max(match.start() - 1, 0) : match.start()]
        if initials.upper() not in _LEGAL_FORMS and not before.isalnum() and _may_be_surname(match):
            yield match.span()
    for pattern in (_INITIALS_BEHIND, _INTRODUCED, _VAN_DER, _ARABIC):
        yield from (match.span() for match in pattern.finditer(text) if _may_be_surname(match))
    for match in _TITLED.finditer(text):
        word = match["surname"]
        no_name = words("geen_achternaam", "geen_naam", "tussenvoegsels")
        if _may_be_surname(match) if word[0].isupper() else fold(word) not in no_name:
            yield match.span()
    for pattern, name in _LISTED:
        for match in pattern.finditer(text):
            if match["surname"] in words(name) and not _names_a_place(text, match.end()):
                yield match.span()
    yield from (match.span() for match in _FAMILY.finditer(text) if fold(match[0]) not in words("geen_achternaam"))


def _may_be_surname(match: Match) -> bool:
    """Whether a word is no street or buurt named after a person (P.C. Hooftbuurt), and no ordinary word."""
    rest = re.match(r"[\w'-]*", match.string[match.end("surname") :])
    word = match["surname"] + (rest[0] if rest else "")
    small = fold(word)
    if small in words("achternamen", "achternamen_ook_woord", "achternamen_kort"):
        return True
    ordinary = small in words("geen_achternaam") or word.isupper() or len(small) <= _SHORT
    return not ordinary and not _PLACE.search(word)


def _names_a_place(text: str, end: int) -> bool:
    """Whether the word behind a name makes a place of it: ``Frans Hals Museum``, ``Jansen-plein``."""
    following = re.match(r"(?:-| (?=[A-Z]))([A-Za-z]+)", text[end : end + 30])
    return bool(following and _PLACE.search(f"x{following[1]}"))


# --- told by the lists ------------------------------------------------------------------------------------------------


def _known(text: str) -> Iterator[Span]:
    """Surnames that are one wherever they stand, and what follows a given name."""
    given, sure, short = words("voornamen"), words("achternamen"), words("achternamen_kort")
    found = list(_WORD.finditer(text))
    for index, match in enumerate(found):
        word, small = match[0], fold(match[0])
        parts, capital = small.split("-"), word[0].isupper()
        if capital and not sure.isdisjoint(parts) and not _names_a_place(text, match.end()):
            yield match.span()
        if parts[0] in given:
            behind = _next(text, found, index)
            if behind is not None and _follows(word, behind):
                yield match.start(), behind.end()
        elif capital and small in short and not word.isupper() and _beside_a_name(text, found, index):
            yield match.span()


def _follows(first: str, behind: Match) -> bool:
    """Whether a word behind a given name is a surname: any with a capital, a known one in small letters."""
    last, small = behind[0], fold(behind[0])
    known = not words("achternamen").isdisjoint(small.split("-"))
    if not (first[0].isupper() and last[0].isupper()):
        return known
    if (first.isupper() and len(first) > 1) or last.isupper():
        return first.isupper() and last.isupper() and (known or small in words("achternamen_ook_woord"))
    may_be = known or (small not in words("geen_achternaam") and not _PLACE.search(last))
    return may_be and not _names_a_place(behind.string, behind.end())


def _beside_a_name(text: str, found: list[Match], index: int) -> bool:
    """Whether another word with a capital stands before or behind (Wang Wei, Wei Wang)."""
    no_name = words("geen_achternaam", "geen_naam")
    for one, two in ((index - 1, index), (index, index + 1)):
        if one >= 0 and two < len(found) and _joined(text, found[one], found[two]):
            other = found[one if two == index else two][0]
            if other[0].isupper() and not other.isupper() and fold(other) not in no_name and not _PLACE.search(other):
                return True
    return False


def _next(text: str, found: list[Match], index: int) -> Match | None:
    """Give the word behind this one, over small words such as ``van der`` and over initials."""
    small = words("tussenvoegsels")
    for one, two in zip(found[index:], found[index + 1 : index + 6], strict=False):
        if not _joined(text, one, two):
            return None
        if fold(two[0]) not in small and not (len(two[0]) == 1 and two[0].isupper()):
            return two
    return None


def _joined(text: str, one: Match, two: Match) -> bool:
    between = text[one.end() : two.start()]
    return between in {" ", " '", ". ", "-"} or (between == "." and len(one[0]) == 1)
