"""Sentences that remember the figures they say, so that every number on paper can be traced to the published table."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One number (or day) in a sentence, and what it is a figure of.

    Attributes
    ----------
    words : str
        As it stands in the sentence: ``2,6 keer``, ``drie``, ``31 december 2099``.
    value : int, float or str
        What the words say: a number before it was rounded for the reader, or a day as ``jjjj-mm-dd``.
    quantity : str
        What is measured, in Dutch: ``hotspots``, ``verhouding``, ``minstens``.
    layer, level, place : str
        Layer id or ``thema:<thema>``, level and code of the unit; empty where that does not apply.
    """

    words: str
    value: float | str
    quantity: str
    layer: str = ""
    level: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text on a product, with its figures.

    Attributes
    ----------
    text : str
    figures : tuple of Figure
        Of every number in the text; empty for fixed text.
    quoted : bool
        The text was written by people, in a layer file, ``grondslag.toml`` or a casus file: its numbers are theirs.
    """

    text: str
    figures: tuple[Figure, ...] = ()
    quoted: bool = False


def say(template: str, **parts: "Figure | str") -> Sentence:
    """Fill in a template; what is filled in is never read as a template again.

    Parameters
    ----------
    template : str
        Dutch, with a name in braces for each part.
    **parts : Figure or str
        A figure is said in its words and remembered; a name is only said. A full stop that follows the one of an
        abbreviation falls out.

    Examples
    --------
    >>> said = say("In {spots} in {place}.", spots=Figure("drie zones", 3, "hotspots"), place="Ganzenhoef e.o.")
    >>> said.text, said.figures[0].value
    ('In drie zones in Ganzenhoef e.o.', 3)
    """
    figures = {name: part for name, part in parts.items() if isinstance(part, Figure)}
    words = {name: part.words if isinstance(part, Figure) else part for name, part in parts.items()}
    return Sentence(template.format(**words).replace("..", "."), tuple(figures.values()))


def joined(*parts: Sentence, by: str = " ") -> Sentence:
    """Put sentences behind one another, with all their figures; empty ones are left out.

    Examples
    --------
    >>> joined(Sentence("Eén zone."), Sentence(""), Sentence("Twee keer.")).text
    'Eén zone. Twee keer.'
    """
    kept = [part for part in parts if part.text]
    return Sentence(
        by.join(part.text for part in kept),
        tuple(figure for part in kept for figure in part.figures),
        any(part.quoted for part in kept),
    )


def plain(content: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold, with sentences in it
    """Give content with every sentence replaced by its text.

    Examples
    --------
    >>> plain({"punten": [Sentence("Eén zone.")], "maat": 8.5})
    {'punten': ['Eén zone.'], 'maat': 8.5}
    """
    if isinstance(content, Sentence):
        return content.text
    if isinstance(content, dict):
        return {key: plain(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [plain(value) for value in content]
    return content


def sentences(content: Any) -> Iterator[Sentence]:  # noqa: ANN401 - as above
    """Give every sentence in content, in the order in which it stands there.

    Examples
    --------
    >>> [each.text for each in sentences([Sentence("A."), {"b": Sentence("B.")}, "c"])]
    ['A.', 'B.']
    """
    if isinstance(content, Sentence):
        yield content
    elif isinstance(content, dict):
        for value in content.values():
            yield from sentences(value)
    elif isinstance(content, list | tuple):
        for value in content:
            yield from sentences(value)
