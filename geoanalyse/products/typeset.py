"""Typesetting on paper: content as plain data to PDF/UA-1 and PDF/A-2a by typst, with fonts from a package only.

All words and figures go to a template as data, so that no name can be read as typst code. The font comes from a
package and the date from the content: the same content gives the same bytes on every machine.
"""

import importlib.resources
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import typst

from geoanalyse.errors import ReleaseError
from geoanalyse.products.inline import package_text
from geoanalyse.products.labels import printable
from geoanalyse.products.sentence import plain

TOO_LONG = "de inhoud past niet"
"""What a template says when its pages overflow; as data, so that it stands once."""


Form = TypeVar("Form")

_FONT_PACKAGE = "font_source_sans_pro"
# The package holds every style as OTF and as TTF, and typst takes whichever the file system lists first: name ours.
_FONT_FILES = tuple(f"SourceSansPro-{style}.ttf" for style in ("Regular", "It", "Semibold", "Bold"))


def pdf(template: str, forms: Sequence[Form], make: Callable[[Form], dict[str, Any]], *, what: str) -> bytes:
    """Set content on pages.

    Parameters
    ----------
    template : str
        Name of a file in ``templates/``.
    forms : sequence
        From roomy to tight: the roomiest that fits is taken. Where one fits, every tighter one must.
    make : callable
        Gives the content in one form.
    what : str
        What is made, for the error.

    Returns
    -------
    bytes
        PDF 1.7, PDF/UA-1 (ISO 14289-1) and PDF/A-2a (ISO 19005-2, level A); same content, same bytes.

    Raises
    ------
    ReleaseError
        When the font package is missing, or nothing fits.
    """
    source = package_text("templates", template).encode()
    made, larger, smaller = None, 0, len(forms)
    with _fonts() as fonts:
        while larger < smaller:  # trying costs as much as making: halve what is left
            middle = (larger + smaller) // 2
            tried = _compiled(source, make(forms[middle]), fonts)
            made = tried or made
            larger, smaller = (larger, middle) if tried else (middle + 1, smaller)
    if made is None:
        raise ReleaseError(f"{what}: {TOO_LONG} op de bladzijden; kort de teksten in")
    return made


def _compiled(source: bytes, content: dict[str, Any], fonts: typst.Fonts) -> bytes | None:
    """Set one form of the content; ``None`` when it does not fit."""
    told = _printable(plain(content)) | {"te_lang": TOO_LONG}
    try:
        return typst.compile(
            source,
            format="pdf",
            font_paths=fonts,
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(told, ensure_ascii=False, sort_keys=True)},
            pdf_standards=["ua-1", "a-2a"],
        )
    except typst.TypstError as error:
        if TOO_LONG not in error.message:
            raise
    return None


def _printable(content: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """Keep only what the font can show in every text; drawings have seen to it themselves."""
    if isinstance(content, dict):
        return {key: value if key == "svg" else _printable(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_printable(value) for value in content]
    return printable(content) if isinstance(content, str) else content


@contextmanager
def _fonts() -> Iterator[typst.Fonts]:
    """Give typst exactly the four styles that the templates use, and the fonts it carries itself."""
    try:
        package = importlib.resources.files(_FONT_PACKAGE) / "files"
    except ModuleNotFoundError:
        raise ReleaseError(
            "het lettertype van de factsheets ontbreekt; installeer het met `pip install font-source-sans-pro==0.0.1`"
        ) from None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for name in _FONT_FILES:
            (Path(folder) / name).write_bytes((package / name).read_bytes())
        yield typst.Fonts(include_system_fonts=False, font_paths=[folder])
