"""The factsheet: two pages A4, and the same as one offline page, from a release and nothing else.

`content` gives everything it says as plain data with sentences in it; a template only lays that out. Every sentence
remembers its figures (`products.sentence`), which the manifest of the release lists.
"""

from collections.abc import Callable, Collection
from typing import Any

from geoanalyse.products import dutch, typeset
from geoanalyse.products.factsheet import maps, notes, page, subjects, tables
from geoanalyse.products.factsheet.findings import findings
from geoanalyse.products.factsheet.page import html
from geoanalyse.products.factsheet.subjects import Kind, Subject
from geoanalyse.products.palette import HOT, INK, INK_SOFT
from geoanalyse.products.sentence import Sentence, plain, say, sentences
from geoanalyse.products.shapes import Shapes
from geoanalyse.release import Release

__all__ = ["content", "files", "html", "name_of", "page", "pdf", "said", "subjects"]

Content = dict[str, Any]

# Size of the small text of page two (points) and rows of its table, tried until two pages hold everything.
_FITS = ((8.5, 14), (8.0, 14), (7.5, 14), (7.5, 11), (7.5, 8), (7.5, 5), (7.0, 3))
_ABOUT = {
    Kind.THEME: "Waar signalen van {words} samenkomen in {area}.",
    Kind.BUURT: "Wat bronnen zeggen over {area}.",
    Kind.MODUS: "{words}: wat bronnen zeggen over {area}.",
}


def name_of(subject: Subject) -> str:
    """Give the name of the files of a factsheet, without suffix."""
    return f"factsheet-{subject.id}"


def content(release: Release, subject: Subject, known: Shapes | None = None) -> Content:
    """Give everything a factsheet says.

    Parameters
    ----------
    release : Release
    subject : Subject
    known : Shapes, optional
        Shapes of this release that other factsheets have worked out already; saves time and changes nothing.

    Returns
    -------
    dict
        Texts, sentences, lists and SVG documents.
    """
    level = maps.map_level(release, subject)
    basis = release.grondslag
    day = release.reference_date
    regions = release.geography.regions
    place = regions.name(subject.region) if subject.region else release.area.title
    about = _ABOUT[subject.kind].format(words=subject.words, area=place)
    return {
        "titel": f"{subject.title}: {place}",
        "omschrijving": f"{about} Geen persoonsgegevens.",
        "trefwoorden": ["geografische analyse", *filter(None, [subject.words]), place],
        "peildatum": [day.year, day.month, day.day],
        "demo": dutch.DEMO if basis.demo else "",
        "soort": subject.title,
        "gebied": subject.words if subject.kind is Kind.MODUS else place,
        "waar": _where(release, subject),
        "periode": notes.period(release),
        "merken": ["Geen persoonsgegevens", f"Rubricering: {notes.short(basis.classification)}", *_public(release)],
        "voorbehoud": ["Let op:", notes.caveat(release)] if release.caveat else [],
        "vraag": Sentence(subject.description or notes.short(basis.question), quoted=True),
        "koppen": {
            "vraag": "Wat is dit?" if subject.description else "De vraag:",
            "opvalt": "Wat opvalt",
            "kerncijfers": "Kerncijfers",
        },
        "bevindingen": list(findings(release, subject, level)),
        **maps.drawings(known or Shapes(release), subject, level),
        "kerncijfers": tables.key_figures(release, subject),
        "tabel": tables.regions(release, subject, level),
        "signalen": tables.signals(release, subject),
        "verloop": tables.course(release, subject),
        "bronnen": notes.sources(release, subject.layers),
        "kolommen": notes.columns(release, subject, level),
        "herkomst": notes.origin(release),
        "voet": notes.FOOT,
        "pagina": f"{'DEMO · ' if basis.demo else ''}{release.digest[:12]} · bladzijde",
        "voluit": {  # what tells one release from another; a page has room for all of it
            "gebied": release.area.title,
            "rubricering": basis.classification,
            "voorbehoud": release.caveat,
        },
        "kleuren": {"inkt": INK, "zacht": INK_SOFT, "alarm": HOT},
    }


def files(
    release: Release,
    subject: Subject,
    *,
    known: Shapes | None = None,
    suffixes: Collection[str] = (".pdf", ".html"),
) -> tuple[dict[str, bytes], list[Sentence]]:
    """Make the files of a factsheet, the two pages and the offline page, by name, and give what it says.

    Parameters
    ----------
    release : Release
    subject : Subject
    known : Shapes, optional
        As `content`.
    suffixes : collection of str
        Which files.

    Raises
    ------
    ReleaseError
        As `pdf`.
    """
    made, name = content(release, subject, known), name_of(subject)
    makers: dict[str, Callable[[Content], bytes]] = {".pdf": pdf, ".html": lambda told: html(told).encode()}
    return {f"{name}{suffix}": makers[suffix](made) for suffix in suffixes}, said(made)


def said(made: Content) -> list[Sentence]:
    """Give every sentence of a factsheet once, in the order in which it stands there.

    Those of a table that was cut are there as well: the offline page has them all.
    """
    return list(dict.fromkeys(each for each in sentences(made) if each.text))


def pdf(made: Content) -> bytes:
    """Set a factsheet on two pages.

    Parameters
    ----------
    made : dict
        As `content` gives it.

    Returns
    -------
    bytes
        PDF/UA-1 and PDF/A-2a; same content, same bytes.

    Raises
    ------
    ReleaseError
        When the font package is missing, or the texts do not fit on two pages.
    """
    most = len(made["tabel"]["rijen"])
    sizes = dict.fromkeys((size, min(rows, most)) for size, rows in _FITS)

    def form(fit: tuple[float, int]) -> Content:
        size, rows = fit
        return made | {"maat": size, "tabel": tables.first_rows(made["tabel"], rows)}

    return typeset.pdf("factsheet.typ", list(sizes), form, what=plain(made["titel"]))


def _where(release: Release, subject: Subject) -> Sentence:
    """Say in which area or wijk the subject lies; empty for a theme, whose title is the area."""
    regions = release.geography.regions
    if subject.kind is Kind.MODUS:
        return Sentence(release.area.title)
    if subject.kind is Kind.THEME:
        return Sentence("")
    chain = regions.chain(subject.region)
    names = [
        regions.name(chain[level])
        for level in ("wijk", "gemeente")
        if chain.get(level, subject.region) != subject.region
    ]
    return say(
        "{names} ({code}). Uit de uitgave {area}.", names=", ".join(names), code=subject.region, area=release.area.title
    )


def _public(release: Release) -> list[str]:
    return [dutch.sentence(dutch.PROFILES["openbaar"])] if release.profile == "openbaar" else []
