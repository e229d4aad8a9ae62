"""Pages that carry all they need: texts of the package, and a Content-Security-Policy that names them by their hash."""

import base64
import hashlib
import importlib.resources
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, StrictUndefined


def package_text(*parts: str) -> str:
    """Read a file of ``products/``; line ends are line feeds, since browsers hash what they read.

    Parameters
    ----------
    *parts : str
        Folder and name, such as ``"static", "tokens.css"``.
    """
    text = importlib.resources.files("geoanalyse.products").joinpath(*parts).read_text(encoding="utf-8")
    return text.replace("\r\n", "\n")


def source_hash(text: str) -> str:
    """Give the hash of an inline script or style as a Content-Security-Policy names it.

    Examples
    --------
    >>> source_hash("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def still_policy(style: str) -> str:
    """Give the Content-Security-Policy of a page without script: one style sheet, and nothing from elsewhere.

    Examples
    --------
    >>> policy = still_policy("p { margin: 0 }")
    >>> "script" in policy, "unsafe" in policy, "http" in policy
    (False, False, False)
    """
    return f"default-src 'none'; style-src {source_hash(style)}; img-src data:; base-uri 'none'; form-action 'none'"


def still_page(
    template: str,
    content: Mapping[str, Any],
    *,
    style: str,
    finalize: Callable[[Any], Any] | None = None,
    filters: Mapping[str, Callable[..., Any]] | None = None,
) -> str:
    """Fill in a template of ``templates/`` for a page without script; every text is escaped.

    Parameters
    ----------
    template : str
    content : mapping
        What the template names; it gets ``style`` and ``policy`` as well.
    style : str
        The one style sheet.
    finalize : callable, optional
        Turns each value into what is shown.
    filters : mapping of str to callable, optional
    """
    page = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=finalize
    )
    page.filters.update(filters or {})
    told = page.from_string(package_text("templates", template))
    return str(told.render(content, style=style, policy=still_policy(style))) + "\n"
