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
                flat = _flat(text)
                missing = sum(_flat(sentence) not in flat for sentence in sentences)
                if missing:
                    yield f"{name}: {missing} van de {len(sentences)} zinnen uit manifest.json staan er niet in"


def _flat(text: str) -> str:
    return re.sub(r"[\s-]", "", printable(text))
