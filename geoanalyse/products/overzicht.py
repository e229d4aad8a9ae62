"""``overzicht-<peildatum>.html`` of a scan: every area on one line, with links to its map, factsheets and list.

There is no script on it, and its links lead to files beside it only.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geoanalyse
from geoanalyse.area import Area
from geoanalyse.errors import ReleaseError
from geoanalyse.products import dutch, gate
from geoanalyse.products.atlaspagina import NOTHING, style
from geoanalyse.products.inline import still_page
from geoanalyse.release import Release
from geoanalyse.routes import EXPLORATION

Made = tuple[Area, Release, Path]
"""An area, its release, and the folder it was written to."""
Refused = tuple[Area, str]
"""An area of which nothing was published, and why."""

_WRAPS = "td.ruim { white-space: normal; }\n"
_FOOT = (
    "Signalen: het aantal op de signaallijst, zonder gelote plekken. 0 betekent niet dat er niets speelt.",
    "Aantallen van gebieden zijn geen rangorde: een groter gebied heeft meer buurten, en elke een vast hoogste aantal.",
    f"Een streepje ({NOTHING}) betekent: hierover kan niets worden uitgegeven. De reden staat ernaast.",
    "Een hoge score is een signaal, geen bewijs. Het gaat over plekken, niet over personen.",
)


def page(made: Sequence[Made], refused: Sequence[Refused], out: Path) -> bytes:
    """Write the page; the same releases give the same bytes.

    Parameters
    ----------
    made : sequence of Made
        At least one.
    refused : sequence of Refused
    out : Path
        Folder of the page, in which all releases lie.

    Raises
    ------
    ReleaseError
        When something on the page looks like person data.
    """
    first = made[0][1]
    themes = sorted({theme for _, release, _ in made for theme in release.themes})
    basis = first.grondslag
    public = first.profile == "openbaar"
    rows: list[dict[str, Any]] = [_row(each, themes, out) for each in made]
    rows += [{"naam": place.title, "reden": reason, "links": [], "cellen": []} for place, reason in refused]
    content = {
        "titel": f"{dutch.plural(len(made), 'gebied', 'gebieden')}, peildatum {dutch.date(first.reference_date)}",
        "demo": dutch.DEMO if basis.demo else "",
        "rubricering": basis.classification,
        "bewaren": f"Bewaren tot en met {dutch.date(basis.retain_until)}",
        "themas": [] if public else [dutch.sentence(dutch.THEMES[theme]) for theme in themes],
        "rijen": sorted(rows, key=lambda row: row["naam"]),
        "breed": 0 if public else len(themes),
        "niets": NOTHING,
        "noten": _FOOT[2:] if public else _FOOT,
        "programma": f"geoanalyse {geoanalyse.__version__}",
    }
    text = still_page("overzicht.html", content, style=style() + _WRAPS).encode()
    days = {dutch.date(first.reference_date), first.reference_date.isoformat(), dutch.date(basis.retain_until)}
    allowed = days.union(*(gate.known_texts(release) for _, release, _ in made))
    if gate.hits({"overzicht.html": text}, allowed):
        raise ReleaseError("overzicht: een tekst lijkt op persoonsgegevens; controleer de namen van de gebieden")
    return text


def _sheet(name: str) -> str:
    """Name a factsheet by its file.

    Examples
    --------
    >>> _sheet("factsheet-drugs.pdf"), _sheet("factsheet-modus-leegstaand-pand.pdf")
    ('factsheet drugs', 'modus leegstaand pand')
    """
    return name.removesuffix(".pdf").replace("factsheet-modus-", "modus ").replace("-", " ")


def _row(each: Made, themes: Sequence[Any], out: Path) -> dict[str, Any]:
    place, release, folder = each
    shared = folder.relative_to(out) / "deelbaar"
    files = {path.name for path in (folder / "deelbaar").iterdir()}
    links = [("kaart", "kaart.html")]
    links += [(_sheet(name), name) for name in sorted(files) if name.endswith(".pdf")]
    links += [("signaallijst", "signaallijst.xlsx"), ("verantwoording", "verantwoording.html")]
    return {
        "naam": place.title,
        "reden": "",
        "links": [(title, (shared / name).as_posix()) for title, name in links if name in files],
        "cellen": [
            sum(signal.theme == theme and signal.strength != EXPLORATION for signal in release.signals)
            for theme in themes
        ],
    }
