"""What every map of a version has alike: its scripts, styles, policy and licences.

The scripts and styles are named in the page's Content-Security-Policy by their hashes; all that differs between
releases is one block of data that no browser runs, and a title.
"""

import hashlib
import importlib.metadata
import importlib.resources
import re
from functools import cache
from types import SimpleNamespace

from jinja2 import Template

import geoanalyse
from geoanalyse.products.inline import package_text, source_hash

SCRIPTS = (
    "decode", "mercator", "lattice", "outline", "palette", "raster", "words", "dom", "address", "save", "model",
    "since", "periods", "state", "scene", "borders", "overlays", "background", "walk", "labels", "surface", "compare",
    "trend", "surroundings", "legend", "why", "panel", "telling", "table", "search", "timebar", "picture", "sheet",
    "header", "about", "page", "open",
)  # fmt: skip
"""Files of ``static/`` in the order of their imports; together they are one script."""

LEAFLET = {
    "leaflet.js": "db49d009c841f5ca34a888c96511ae936fd9f5533e90d8b2c4d57596f4e5641a",
    "leaflet.css": "a7837102824184820dfa198d1ebcd109ff6d0ff9a2672a074b9a1b4d147d04c6",
}
"""SHA-256 of the files of Leaflet 1.9.4, as published on npm."""

MAP = (
    '<div id="kaart" class="folium-map" role="application" tabindex="0"'
    ' aria-label="Kaart" aria-describedby="kaartuitleg"></div>'
)
"""The element that our own script fills."""
DATA = '<script type="application/octet-stream" id="gegevens">{}</script>'
"""The release, as one block of base64 text that is no script to any browser."""
TITLE = "{} - geografische analyse"


def page(area: str, data: str, host: str | None = None) -> str:
    """Write the page of a map without folium: byte for byte what `kaart.map_html` gives.

    Parameters
    ----------
    area : str
        Title of the area.
    data : str
        Base64 text of `kaartblok.pack`.
    host : str, optional
        Of a background that the reader can switch on.
    """
    template = Template(package_text("templates", "kaart.html"), autoescape=True, keep_trailing_newline=True)
    parts = {"header": "", "html": f"\n    {MAP}\n    {DATA.format(data)}"}
    elements = {name: SimpleNamespace(render=lambda text=text: text) for name, text in parts.items()}
    constants = {"scripts": scripts(), "styles": styles(), "policy": policy(host), "licences": licences()}
    this = SimpleNamespace(title=TITLE.format(area), area=area, version=geoanalyse.__version__, **elements, **constants)
    return str(template.render(this=this))


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
