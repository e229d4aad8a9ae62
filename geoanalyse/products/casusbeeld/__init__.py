"""The casusbeeld: one page A4 and the same as slides, from a release, and from what an analyst wrote about one case."""

from typing import Any

from geoanalyse.casus import Casus
from geoanalyse.products import dutch, figures, typeset, verantwoording
from geoanalyse.products.casusbeeld import course, findings, fixed, slides, themap
from geoanalyse.products.casusbeeld.place import place_of
from geoanalyse.products.factsheet import notes
from geoanalyse.products.folder import Product
from geoanalyse.products.palette import HOT, INK, INK_SOFT
from geoanalyse.products.sentence import Sentence, sentences
from geoanalyse.release import Release

Content = dict[str, Any]

_FITS = (
    *((9.0, high, 12.5) for high in (104.0, 98.0, 92.0, 86.0, 80.0)),
    *((8.75, high, 12.0) for high in (80.0, 76.0)),
    *((8.5, high, 11.5) for high in (76.0, 72.0)),
    *((8.25, high, 11.0) for high in (72.0, 68.0)),
    *((8.0, high, 10.5) for high in (68.0, 64.0, 62.0)),
    *((size, 62.0, 10.0) for size in (7.75, 7.5)),
    *((size, 62.0, 9.0) for size in (7.25, 7.0, 6.75, 6.5)),
)
"""Size of the text (points), heights of the cut-out and of a lane (millimetres), from roomy to tight."""


def casusbeeld(release: Release, casus: Casus) -> Product:
    """Make the casusbeeld of one case.

    Parameters
    ----------
    release : Release
    casus : Casus

    Returns
    -------
    Product
        A PDF (UA-1 and A-2a, one page) and a PPTX with the same texts and figures; same release and casus, same bytes.

    Raises
    ------
    InputError
        When the casus names a place, signal, theme or month that the release does not have.
    ReleaseError
        When the font package is missing, or the texts do not fit on a page.
    """
    told = content(release, casus)
    name = f"casusbeeld-{casus.name}"
    return Product(
        kind=verantwoording.CASE,
        name=name,
        files={f"{name}.pdf": pdf(told, release), f"{name}.pptx": pptx(told, release)},
        said={name: tuple(dict.fromkeys(sentences(told)))},
    )


def pdf(told: Content, release: Release) -> bytes:
    """Set what `content` gives on one page A4, as roomy as it can be."""
    chart, times = told["kaart"], told["verloop"]

    def page(form: tuple[float, float, float]) -> Content:
        size, high, lane = form
        drawn = {"alt": chart["alt"], "bijschrift": chart["bijschrift"]}
        drawn["svg"] = themap.cut_out(release, chart, (themap.PAGE_MM[0], high))
        time = {key: times[key] for key in ("alt", "noot", "kop", "rijen", "leeg")}
        time["svg"] = course.course_svg(times, themap.PAGE_MM[0], lane)
        return told | {"maat": size, "kaart": drawn, "verloop": time}

    return typeset.pdf("casusbeeld.typ", _FITS, page, what="casusbeeld")


def pptx(told: Content, release: Release) -> bytes:
    """Lay out what `content` gives on slides."""
    return slides.pptx(told, themap.cut_out(release, told["kaart"], slides.MAP_MM))


def content(release: Release, casus: Casus) -> Content:
    """Give everything a casusbeeld says, as plain data: both files lay out the same.

    Parameters
    ----------
    release : Release
    casus : Casus

    Returns
    -------
    dict
        Texts as `Sentence` with their figures, those of the analyst marked as quoted; rows, lanes and shapes.

    Raises
    ------
    InputError
        As `place_of`.
    """
    place = place_of(release, casus)
    subject, basis, day = dutch.THEMES[casus.theme], release.grondslag, release.reference_date
    rows = [findings.row_of(release, layer, place) for layer in figures.theme_layers(release, casus.theme)]
    where = dutch.sentence(place.title) if place.code else ""
    area = f"{where}, {release.area.title}" if where else release.area.title
    return {
        "titel": f"Casusbeeld {subject}: {casus.title}",
        "omschrijving": f"Casusbeeld van {area}. Geen persoonsgegevens.",
        "trefwoorden": ["casusbeeld", subject, release.area.title],
        "peildatum": [day.year, day.month, day.day],
        "demo": dutch.DEMO if basis.demo else "",
        "soort": Sentence(f"Casusbeeld {subject}"),
        "kop": Sentence(casus.title, quoted=True),
        "gebied": Sentence(area),
        "periode": notes.period(release),
        "merken": [
            Sentence("Geen persoonsgegevens"),
            Sentence(f"Rubricering: {notes.short(basis.classification)}", quoted=True),
            *([Sentence(dutch.sentence(dutch.PROFILES["openbaar"]))] if release.profile == "openbaar" else []),
        ],
        "voorbehoud": [notes.caveat(release)] if release.caveat else [],
        "koppen": fixed.HEADINGS,
        "aanleiding": [Sentence(text, quoted=True) for text in casus.occasion],
        "bevindingen": list(findings.findings(release, casus, place, rows)),
        "eigen": [Sentence(text, quoted=True) for text in casus.findings],
        "tabel": findings.table(release, place, rows),
        "kaart": themap.content(release, casus, place),
        "verloop": course.content(release, casus, place),
        "vervolg": [Sentence(text, quoted=True) for text in casus.next_steps],
        "grenzen": [Sentence(text) for text in fixed.LIMITS],
        "herkomst": _origin(release),
        "voet": fixed.FOOT,
        "pagina": f"{'DEMO · ' if basis.demo else ''}{release.digest[:12]}",
        "kleuren": {"inkt": INK, "zacht": INK_SOFT, "alarm": HOT},
    }


def _origin(release: Release) -> list[Sentence]:
    return [
        notes.retention(release),
        notes.decision(release),
        notes.promise(release),
        notes.made_from(release),
    ]
