"""``kaart.html``: the whole map in one file that asks nothing of any network.

folium is the frame (figure, map, elements), Leaflet moves the view, and our own canvas layer draws the cells. The
scripts and styles are constants of a version, named in the page's Content-Security-Policy by their hashes; all that
differs between releases is one block of data that no browser runs, and a title.
"""

import hashlib
import importlib.metadata
import importlib.resources
import re
from functools import cache
from typing import Any

import folium
from branca.element import Element, Figure, MacroElement
from jinja2 import Template

import geoanalyse
from geoanalyse.dressing import Dressing
from geoanalyse.products import kaartblok, kaartmodel
from geoanalyse.products.inline import package_text, source_hash
from geoanalyse.release import Release

SCRIPTS = (
    "decode", "mercator", "lattice", "outline", "palette", "raster", "words", "dom", "address", "save", "model",
    "periods", "state", "scene", "borders", "overlays", "background", "walk", "labels", "surface", "compare", "trend",
    "legend", "panel", "telling", "table", "search", "timebar", "picture", "sheet", "header", "about", "page", "open",
)  # fmt: skip
"""Files of ``static/`` in the order of their imports; together they are one script."""

LEAFLET = {
    "leaflet.js": "db49d009c841f5ca34a888c96511ae936fd9f5533e90d8b2c4d57596f4e5641a",
    "leaflet.css": "a7837102824184820dfa198d1ebcd109ff6d0ff9a2672a074b9a1b4d147d04c6",
}
"""SHA-256 of the files of Leaflet 1.9.4, as published on npm."""

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

    _template = Template(
        '{% macro html(this, kwargs) %}<div id="kaart" class="folium-map" role="application" tabindex="0"'
        ' aria-label="Kaart" aria-describedby="kaartuitleg"></div>{% endmacro %}'
    )
    # folium shares these lists between all maps and fills them with links to other sites.
    default_js = []  # noqa: RUF012
    default_css = []  # noqa: RUF012

    def __init__(self, page: Page, location: tuple[float, float]) -> None:
        super().__init__(location=location, tiles=None, zoom_control=False)
        self._id = "kaart"
        page.add_child(self)


class Hexagons(MacroElement):
    """The release, as one block of base64 text that is no script to any browser."""

    _template = Template(
        '{% macro html(this, kwargs) %}<script type="application/octet-stream" id="gegevens">{{ this.data }}</script>'
        "{% endmacro %}"
    )

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
    page = Page(f"{header['title']} - geografische analyse", header["title"], host)
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
    found = re.search(r'<script type="application/octet-stream" id="gegevens">([A-Za-z0-9+/=]*)</script>', page)
    if not found:
        raise ValueError("geen kaart van geoanalyse: het gegevensblok ontbreekt")
    return kaartblok.unpack(found[1])


# --- constants of a version -------------------------------------------------------------------------------------------


@cache
def scripts() -> tuple[str, str, str]:
    """Give the three scripts of the page: the Trusted Types policy, Leaflet, and our own."""
    own = "\n".join(_without_modules(package_text("static", f"{name}.js")) for name in SCRIPTS)
    # The link to the source map would be a request as soon as someone opens the developer tools.
    leaflet = _leaflet("leaflet.js").replace("//# sourceMappingURL=leaflet.js.map", "")
    return package_text("static", "trusted.js"), leaflet, f'"use strict";(() => {{\n{own}\n}})();\n'


@cache
def styles() -> tuple[str, str]:
    """Give the two style sheets of the page: Leaflet's and our own."""
    return _leaflet("leaflet.css"), package_text("static", "tokens.css") + package_text("static", "kaart.css")


@cache
def policy(host: str | None = None) -> str:
    """Give the Content-Security-Policy: nothing but these scripts and styles, by hash; pictures of one host if asked.

    Examples
    --------
    >>> policy().split("; ")[0], "unsafe" in policy(), "http" in policy()
    ("default-src 'none'", False, False)
    >>> policy("voorbeeld.nl").split("; ")[3]
    'img-src data: blob: https://voorbeeld.nl'
    """
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(map(source_hash, scripts())),
        "style-src": " ".join(map(source_hash, styles())),
        "img-src": f"data: blob: https://{host}" if host else "data: blob:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "default",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


@cache
def licences() -> str:
    """Give the licence texts that the page shows."""
    leaflet = importlib.metadata.distribution("django-js-lib-leaflet").read_text("LICENSE") or ""
    leaflet = leaflet.replace("\r\n", "\n").strip()
    return (
        f"geoanalyse {geoanalyse.__version__}: EUPL-1.2.\n\n"
        "H3 (raster van zeshoeken): Apache License 2.0, Uber Technologies; deze kaart bevat geen code van H3.\n\n"
        f"Leaflet 1.9.4 (bewegen van de kaart): BSD-2-Clause.\n\n{leaflet}\n"
    )


def _leaflet(name: str) -> str:
    data = importlib.resources.files("js_lib_leaflet").joinpath("static", "js_lib_leaflet", name).read_bytes()
    if hashlib.sha256(data).hexdigest() != LEAFLET[name]:
        raise ValueError(f"{name} is niet Leaflet 1.9.4; installeer django-js-lib-leaflet==1.9.4.1 opnieuw")
    return data.decode("utf-8").replace("\r\n", "\n")


def _without_modules(text: str) -> str:
    """Drop the import lines and export words of one file: all files share the scope of one script."""
    text = re.sub(r'^import .* from "\./\w+\.js";\n', "", text, flags=re.MULTILINE)
    return re.sub(r"^export (?=const|function|async)", "", text, flags=re.MULTILINE)
