"""Texts of the package that a page carries inside, and their hashes for its Content-Security-Policy."""

import base64
import hashlib
import importlib.resources


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
