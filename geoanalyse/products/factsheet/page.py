"""``factsheet-<id>.html``: the factsheet on one page that opens anywhere, prints, and asks nothing of a network.

It says what the two pages of the PDF say, with every row of their tables. There is no script on it, and the drawings
stand in it as text: a screen reader, and the gate for person data, read every word of them.
"""

from functools import cache
from typing import Any

from geoanalyse.products import svg
from geoanalyse.products.inline import package_text, still_page, still_policy
from geoanalyse.products.labels import printable
from geoanalyse.products.palette import CLASS_COLOURS
from geoanalyse.products.sentence import Sentence

TEMPLATE = "factsheet.html"


def html(made: dict[str, Any]) -> str:
    """Write the page; the same content gives the same text.

    Parameters
    ----------
    made : dict
        As `factsheet.content` gives it.
    """
    classes = {colour: f"klasse-{index}" for index, colour in enumerate(CLASS_COLOURS)}
    told = made | {"klassen": classes}
    return still_page(TEMPLATE, told, style=style(), finalize=_legible, filters={"tekening": _drawing})


@cache
def style() -> str:
    """Give the style sheet of the page: the tokens of the map, its own rules, and the colours of the classes."""
    colours = "".join(f".klasse-{index} {{ background: {colour}; }}\n" for index, colour in enumerate(CLASS_COLOURS))
    return package_text("static", "tokens.css") + package_text("static", "factsheet.css") + colours


@cache
def policy() -> str:
    """Give the Content-Security-Policy of the page."""
    return still_policy(style())


def _legible(value: object) -> object:
    """Keep of every text what the PDF shows of it as well; what is markup already stays as it is."""
    if isinstance(value, Sentence):
        value = value.text
    return printable(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _drawing(drawing: str, first: bool = False) -> str:  # noqa: FBT001, FBT002 - said once, in the template
    """Put a drawing in the page; only the first defines the patterns, which the others use."""
    own = drawing if first else drawing.replace(svg.patterns(), "", 1)
    return svg.fitted(own.replace(f' xmlns="{svg.NAMESPACE}"', "", 1))
