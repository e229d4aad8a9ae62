"""Modi operandi: ways of working that several layers show together."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from geoanalyse.layer import Theme


@dataclass(frozen=True, slots=True)
class Modus:
    """A way of working, and the layers that show it.

    Attributes
    ----------
    id, title : str
    theme : Theme
        Whose signals it is looked for in.
    layers : tuple of str
        Layer ids; the first is the one that is drawn.
    description : str
        Why these layers, in Dutch.
    """

    id: str
    title: str
    theme: Theme
    layers: tuple[str, ...]
    description: str


def shipped() -> tuple[Modus, ...]:
    """Read the modi operandi that come with the package.

    Examples
    --------
    >>> [modus.id for modus in shipped()]
    ['leegstaand-pand', 'brievenbusbedrijven', 'dekmantelbedrijf']
    """
    content = tomllib.loads((Path(__file__).parent / "data" / "modi.toml").read_text(encoding="utf-8"))
    return tuple(
        Modus(name, entry["titel"], Theme(entry["thema"]), tuple(entry["lagen"]), entry["uitleg"])
        for name, entry in content.items()
    )
