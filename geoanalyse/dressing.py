"""What a user adds to the map besides the release: a background, lines and water, colours, and the surroundings."""

from dataclasses import dataclass
from pathlib import Path

from geoanalyse import overlay, theme
from geoanalyse.overlay import Overlay
from geoanalyse.published import Surroundings
from geoanalyse.theme import Theme


@dataclass(frozen=True, slots=True)
class Background:
    """Map tiles of one host; a reader of the map has to switch them on.

    Attributes
    ----------
    name, credit : str
        Dutch words for the reader.
    host : str
        The one host that the page may then ask for pictures, and nothing else.
    template : str
        Address of a tile, in Web Mercator, with ``{z}``, ``{x}`` and ``{y}``.
    deepest : int
        Highest zoom that has tiles.
    """

    name: str
    credit: str
    host: str
    template: str
    deepest: int


# The address stands here and not in a dependency, because it goes into the page's security policy: an update of some
# package must not open another host. Source: PDOK, WMTS of the BRT Achtergrondkaart, layer "grijs", EPSG:3857; a test
# holds it against xyzservices.
BACKGROUNDS = {
    "pdok": Background(
        name="BRT-achtergrondkaart van PDOK",
        credit="Kaartgegevens: Kadaster",
        host="service.pdok.nl",
        template="https://service.pdok.nl/brt/achtergrondkaart/wmts/v2_0/grijs/EPSG:3857/{z}/{x}/{y}.png",
        deepest=19,
    )
}
"""What ``--ondergrond`` may name."""


@dataclass(frozen=True, slots=True)
class Dressing:
    """All of it; without arguments the plain map, that asks nothing of any network."""

    background: Background | None = None
    overlays: tuple[Overlay, ...] = ()
    theme: Theme | None = None
    surroundings: Surroundings | None = None


def read(
    *,
    background: str | None = None,
    borders: Path | None = None,
    water: Path | None = None,
    roads: Path | None = None,
    colours: Path | None = None,
    surroundings: Surroundings | None = None,
) -> Dressing:
    """Read the files that a user names.

    Parameters
    ----------
    background : str, optional
        A name in `BACKGROUNDS`.
    borders, water, roads : Path, optional
        GeoPackages with lines or polygons.
    colours : Path, optional
        TOML file with colours.
    surroundings : Surroundings, optional
        Public layers of the surroundings, from `geoanalyse.build.surroundings`.

    Raises
    ------
    InputError
        As `overlay.read` and `theme.read`.
    """
    files = {"grenzen": borders, "water": water, "wegen": roads}
    return Dressing(
        None if background is None else BACKGROUNDS[background],
        tuple(overlay.read(path, kind) for kind, path in files.items() if path is not None),
        None if colours is None else theme.read(colours),
        surroundings,
    )
