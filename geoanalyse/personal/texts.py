"""Person data in running text."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Collection, Iterable
from itertools import accumulate

from geoanalyse.personal.formats import FORMATS, PersonData
from geoanalyse.personal.names import names

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00af"
_QUOTES = "\u2018\u2019\u201a\u201b\u2032\u00b4\u0060"
_UNSEEN = "\u0307\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f"
_APART = "\n|\n"  # keeps neighbours from reading as one
_SIGNS = str.maketrans(dict.fromkeys(_DASHES, "-") | dict.fromkeys(_QUOTES, "'") | dict.fromkeys(_UNSEEN))


def plain(text: str) -> str:
    r"""Write spaces, dashes and apostrophes in one way, and drop signs that nobody sees.

    Examples
    --------
    >>> plain("06\N{NO-BREAK SPACE}12\N{EN DASH}34"), plain("W. in \N{RIGHT SINGLE QUOTATION MARK}t Veld")
    ('06 12-34', "W. in 't Veld")
    """
    return text if text.isascii() else unicodedata.normalize("NFKC", text.translate(_SIGNS)).translate(_SIGNS)


def kinds_in_text(text: str, *, allowed: Collection[str] = ()) -> dict[PersonData, int]:
    """Count person data in running text.

    Parameters
    ----------
    text : str
        Finished text, of a page, a cell or a metadata field.
    allowed : collection of str
        Strings the package supplies itself (names of buurten, templates). They are taken out first, as whole words,
        with or without the spaces in them.

    Returns
    -------
    dict of PersonData to int
        Number of hits per kind; empty when nothing was found.

    Examples
    --------
    >>> kinds_in_text("Bel mw. De Vries op 020 624 1111")
    {<PersonData.PHONE: 'telefoonnummer'>: 1, <PersonData.NAME: 'naam van een persoon'>: 1}
    >>> kinds_in_text("Figuur 2: Gein 3 en de P.C. Hooftbuurt", allowed=["Gein 3", "P.C. Hooftbuurt"])
    {}
    """
    text = plain(text)
    found = _hits(text)
    bare = text.replace(" ", "")
    present = {known for each in allowed if (known := plain(each).replace(" ", "")) in bare and known} if found else ()
    for known in sorted(present, key=lambda known: (-len(known), known)):
        # a line that ends inside a name leaves a space there
        text = re.sub(rf"(?<!\w){' ?'.join(map(re.escape, known))}(?!\w)", _APART, text)
    return _hits(text) if present else found


def kinds_in_lines(lines: Collection[str], *, allowed: Collection[str] = ()) -> dict[str, dict[PersonData, int]]:
    """Count person data in many short texts at once; nothing is read across two of them.

    Parameters
    ----------
    lines : collection of str
        Different texts without line ends.
    allowed : collection of str
        As in `kinds_in_text`.

    Returns
    -------
    dict of str to dict of PersonData to int
        The lines in which something was found.

    Examples
    --------
    >>> found = kinds_in_lines(["Gein 3", "1102 AB 12", "P.C. Hooftbuurt"], allowed=["Gein 3"])
    >>> [list(kinds.values()) for kinds in found.values()]
    [[1]]
    """
    read = [line for line in lines if line not in allowed]
    texts = [plain(line).replace("\n", " ") for line in read]
    ends = list(accumulate(len(text) + len(_APART) for text in texts))
    spans = (span for found in _spans(_APART.join(texts)).values() for span in found)
    suspects = sorted({bisect_right(ends, start) for start, _ in spans})
    kinds = {read[index]: kinds_in_text(read[index], allowed=allowed) for index in suspects}
    return {line: found for line, found in kinds.items() if found}


def _hits(text: str) -> dict[PersonData, int]:
    return {kind: _apart(spans) for kind, spans in _spans(text).items() if spans}


def _spans(text: str) -> dict[PersonData, list[tuple[int, int]]]:
    found: dict[PersonData, list[tuple[int, int]]] = {}
    for form in FORMATS:
        found.setdefault(form.kind, []).extend(form.spans(text))
    found[PersonData.NAME] = names(text)
    return found


def _apart(spans: Iterable[tuple[int, int]]) -> int:
    """Count places; those that overlap are one."""
    count, reached = 0, -1
    for start, end in sorted(spans):
        count += start >= reached
        reached = max(reached, end)
    return count
