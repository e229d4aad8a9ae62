"""``kaart.html``: the whole map in one file that asks nothing of any network.

folium is the frame (figure, map, elements), Leaflet moves the view, and our own canvas layer draws the cells. The
scripts and styles are constants of a version, named in the page's Content-Security-Policy by their hashes; all that
differs between releases is one block of data that no browser runs, and a title.
"""

import re
from typing import Any

import folium
from branca.element import Element, Figure, MacroElement
from jinja2 import Template

import geoanalyse
from geoanalyse.dressing import Dressing
from geoanalyse.products import kaartblok, kaartmodel
from geoanalyse.products.inline import package_text
from geoanalyse.products.kaartbron import DATA, MAP, TITLE, licences, policy, scripts, styles
from geoanalyse.release import Release

PLAIN = Dressing()
"""The map by itself."""

_NOTEBOOK_HEIGHT = 780  # pixels


class Page(Figure):
    """The page: its template, texts, scripts and styles. A folium figure with nothing of folium's own in it."""

    def __init__(self, title: str, area: str, host: str | None = None) -> None:
        super().__init__()
        self._id = "geoanalyse"
        self.header = Element()  # folium's own sets the character set a second time
        self.header._parent = self  # noqa: SLF001 - how branca ties elements together
        self._template = Template(package_text("templates", "kaart.html"), autoescape=True, keep_trailing_newline=True)
        self.title, self.area, self.version = title, area, geoanalyse.__version__
        self.scripts, self.styles, self.policy, self.licences = scripts(), styles(), policy(host), licences()

    def _repr_html_(self, **kwargs: Any) -> str:  # noqa: ANN401 - branca's signature
        """Show the page inside a notebook, without a network."""
        return str(
            Template(
                '<iframe srcdoc="{{ page }}" title="{{ title }}" width="100%" height="{{ height }}"'
                ' style="border:0" allowfullscreen></iframe>',
                autoescape=True,
            ).render(page=self.render(**kwargs), title=self.title, height=_NOTEBOOK_HEIGHT)
        )


class Kaart(folium.Map):
    """A folium map that links to nothing: an empty element that our own script fills."""

    _template = Template(f"{{% macro html(this, kwargs) %}}{MAP}{{% endmacro %}}")
    # folium shares these lists between all maps and fills them with links to other sites.
    default_js = []  # noqa: RUF012
    default_css = []  # noqa: RUF012

    def __init__(self, page: Page, location: tuple[float, float]) -> None:
        super().__init__(location=location, tiles=None, zoom_control=False)
        self._id = "kaart"
        page.add_child(self)


class Hexagons(MacroElement):
    """The release, as one block of base64 text that is no script to any browser."""

    _template = Template(f"{{% macro html(this, kwargs) %}}{DATA.format('{{ this.data }}')}{{% endmacro %}}")

    def __init__(self, data: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca has no types
        self._name, self._id, self.data = "Hexagons", "gegevens", data


def folium_map(release: Release, dressing: Dressing = PLAIN) -> folium.Map:
    """Make the map of a release as a folium map.

    In a notebook it shows itself, offline; ``save(path)`` writes the same bytes as `map_html` in UTF-8.

    Parameters
    ----------
    release : Release
    dressing : Dressing
        What is added: a background to switch on, lines and water, colours.
    """
    header, columns = kaartmodel.model(release, dressing)
    host = dressing.background.host if dressing.background else None
    page = Page(TITLE.format(header["title"]), header["title"], host)
    (west, south), (east, north) = header["bounds"]
    map_ = Kaart(page, ((south + north) / 2, (west + east) / 2))
    map_.add_child(Hexagons(kaartblok.pack(header, columns)))
    return map_


def map_html(release: Release, dressing: Dressing = PLAIN) -> str:
    """Write the map of a release as one HTML page; the same release and dressing give the same text."""
    return str(folium_map(release, dressing).get_root().render())


def read_map(page: str) -> tuple[dict[str, Any], list[Any]]:
    """Read the header and columns back from a page that `map_html` wrote, to audit what it holds.

    Raises
    ------
    ValueError
        When the page holds no such block.
    """
    found = re.search(DATA.format("([A-Za-z0-9+/=]*)"), page)
    if not found:
        raise ValueError("geen kaart van geoanalyse: het gegevensblok ontbreekt")
    return kaartblok.unpack(found[1])
