"""Person data in running text."""

import re
import unicodedata
from collections.abc import Collection, Iterable

from geoanalyse.personal.formats import FORMATS, PersonData
from geoanalyse.personal.names import names

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00af"
_QUOTES = "\u2018\u2019\u201a\u201b\u2032\u00b4\u0060"
_UNSEEN = "\u0307\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f"
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
        Strings the package supplies itself (names of buurten, templates). They are taken out first, as whole words.

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
    present = [known for known in map(plain, allowed) if known and known in text] if found else []
    for known in sorted(present, key=lambda known: (-len(known), known)):
        text = re.sub(rf"(?<!\w){re.escape(known)}(?!\w)", "\n|\n", text)  # the bar keeps neighbours from joining
    return _hits(text) if present else found


def _hits(text: str) -> dict[PersonData, int]:
    found: dict[PersonData, list[tuple[int, int]]] = {}
    for form in FORMATS:
        found.setdefault(form.kind, []).extend(form.spans(text))
    found[PersonData.NAME] = names(text)
    return {kind: _apart(spans) for kind, spans in found.items() if spans}


def _apart(spans: Iterable[tuple[int, int]]) -> int:
    """Count places; those that overlap are one."""
    count, reached = 0, -1
    for start, end in sorted(spans):
        count += start >= reached
        reached = max(reached, end)
    return count
