"""The documentation as a site: ``sphinx-build -W docs site`` (needs the extra ``docs``), then open ``site/index.html``.

Nothing is fetched when it is built or read: fonts are those of the reader, search runs in the page.
"""
# ruff: noqa: INP001 - Sphinx reads it by its place

import re
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.locale import _ as known

from geoanalyse import __version__

project = "geoanalyse"
author = "de makers van geoanalyse"
version = release = __version__
language = "nl"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["site", "**/.*"]
suppress_warnings = ["myst.header"]  # pages of decisions skip a level

# --- pages ------------------------------------------------------------------------------------------------------------

myst_heading_anchors = 3  # links in the pages are those of a code forge
highlight_language = "none"

# --- reference --------------------------------------------------------------------------------------------------------

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings have them, with shapes and units
add_module_names = False  # the heading above says which module it is
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_use_ivar = True  # attributes stand with their class, once
napoleon_use_rtype = False
default_role = "code"  # as the docstrings write names

# --- site -------------------------------------------------------------------------------------------------------------

html_theme = "furo"
html_title = "geoanalyse"
html_static_path = ["_static"]
html_css_files = ["geoanalyse.css"]
html_js_files = [("geoanalyse.js", {"priority": 900})]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
html_last_updated_fmt = None  # same pages, same bytes
html_show_search_summary = False  # a page opened from disk may not read another
html_theme_options = {"navigation_with_keys": False, "top_of_page_buttons": []}

# What the theme has in English only.
_WORDS = {
    "On this page": "Op deze pagina",
    "Next": "Volgende",
    "Previous": "Vorige",
    "Home": "Begin",
    "Back to top": "Naar boven",
    "Made with ": "Gemaakt met ",
}


def _in_dutch(
    app: Sphinx, pagename: str, templatename: str, context: MutableMapping[str, Any], doctree: object
) -> None:
    """Give the templates our words where Sphinx has none."""
    del app, pagename, templatename, doctree
    context["_"] = context["gettext"] = lambda text: _WORDS.get(text) or str(known(text))


def _outward(app: Sphinx, page: str, source: list[str]) -> None:
    """Offer a page of the repository that lies outside the site as a file, since no page of the site is it."""
    root = Path(app.srcdir)
    folder = (root / page).parent

    def target(found: re.Match[str]) -> str:
        outside = not (folder / found[1]).resolve().is_relative_to(root.resolve())
        return f"](path:{found[1]})" if outside else found[0]

    source[0] = re.sub(r"\]\((\.\./[^)#\s]+\.md)(?:#[^)\s]*)?\)", target, source[0])


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx of it."""
    app.connect("source-read", _outward)
    app.connect("html-page-context", _in_dutch, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
