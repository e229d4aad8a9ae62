"""Whether what the manifest says stands in words on a product, does stand there: on pages, slides and screens."""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath

from geoanalyse.products.audit import manifest
from geoanalyse.products.audit.manifest import Manifest
from geoanalyse.products.labels import printable

_READ = frozenset({".html", ".pdf", ".pptx"})


def broken(known: Manifest, texts: Mapping[str, str]) -> Iterator[str]:
    """Name each file in which sentences are missing, and how many.

    Parameters
    ----------
    known : Manifest
    texts : mapping of str to str
        What people read in each file, by its name; where a line or a word is broken says nothing.

    Examples
    --------
    >>> list(broken({"zinnen": {"a": [{"tekst": "Drie zones."}]}}, {"a.pdf": "Twee zones."}))
    ['a.pdf: 1 van de 1 zinnen uit manifest.json staan er niet in']
    """
    for stem, sentences in manifest.said(known).items():
        for name, text in texts.items():
            path = PurePath(name)
            if path.stem == stem and path.suffix in _READ:
                read = printable(text)
                missing = sum(not _stands_in(sentence, read) for sentence in sentences)
                if missing:
                    yield f"{name}: {missing} van de {len(sentences)} zinnen uit manifest.json staan er niet in"


def _stands_in(sentence: str, text: str) -> bool:
    """Whether a sentence stands in a text, whatever the breaks, and no word or number goes on before or behind.

    Examples
    --------
    >>> _stands_in("3 van de 14 zones", "Hier: 3 van de 14 zo- nes."), _stands_in("3 van de 14", "13 van de 14")
    (True, False)
    """
    signs = re.sub(r"[\s-]", "", printable(sentence))
    if not signs:
        return True
    wanted = r"[\s-]*".join(map(re.escape, signs))
    before = r"(?<![\w])(?<!\d[.,])" if signs[0].isalnum() else ""
    behind = r"(?!\w)(?![.,]\d)" if signs[-1].isalnum() else ""
    return re.search(before + wanted + behind, text) is not None


def strange_on_slides(known: Manifest, paragraphs: Mapping[str, list[list[str]]]) -> Iterator[str]:
    """Name slides with a text that is no sentence of the manifest and no fixed text of this version.

    Parameters
    ----------
    known : Manifest
    paragraphs : mapping of str to list of list of str
        Of each file, per slide, the paragraphs outside drawings.
    """
    from geoanalyse.products.casusbeeld import fixed  # noqa: PLC0415 - python-pptx, for slides only

    demo = str(known.get("let_op") or "")
    for name, slides in paragraphs.items():
        told = {_squeezed(each) for each in manifest.said(known).get(PurePath(name).stem, ())}
        told |= {_squeezed(each) for each in (*fixed.TEXTS, demo)}
        strange = sum(
            _squeezed(each) not in told and not fixed.PAGE.fullmatch(each) for slide in slides for each in slide
        )
        if strange:
            yield f"{name}: {strange} teksten op de dia's staan niet in manifest.json"
        if demo and not all(demo in slide for slide in slides):
            yield f"{name}: het merkteken van de demo staat niet op elke dia"


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", printable(text))
