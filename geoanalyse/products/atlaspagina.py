"""``index.html`` of an atlas: every buurt on one line with its figures, each with a link to its factsheet.

There is no script on it; the one style sheet is named in the page's Content-Security-Policy by its hash, and its links
lead to files of the same folder only.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import geoanalyse
from geoanalyse.products import dutch, figures, verantwoording
from geoanalyse.products.factsheet import maps, name_of, notes
from geoanalyse.products.factsheet.subjects import Subject
from geoanalyse.products.inline import package_text, still_page, still_policy
from geoanalyse.products.palette import CLASS_COLOURS
from geoanalyse.products.sentence import Figure, Sentence, joined, plain, say, sentences
from geoanalyse.release import Release

Content = dict[str, Any]
Row = Mapping[str, Any]

NOTHING = "\N{EN DASH}"
"""There is nothing to say here."""

_ABOUT = (
    "Klik op een naam voor de factsheet: twee bladzijden met kaarten, cijfers en signalen. Bewaar deze bladzijde en de "
    "factsheets samen in één map, anders werken de verwijzingen niet."
)
_NOTES = (
    "Samen: de bronnen van het thema samen, vergeleken met de regio. 1 keer is het gemiddelde.",
    "Plaats: tussen welke plaatsen de buurt staat als alles van hoog naar laag stond. Dichter bij elkaar is zekerder.",
    "Hotspots: het aantal plekken met een rode lijn op de kaart van de factsheet. Daar is meer dan door toeval.",
)
_SIGNALS = "Signalen: het aantal op de signaallijst, zonder gelote plekken. 0 betekent niet dat er niets speelt."
_FOOT = "Een hoge score is een signaal, geen bewijs. Het gaat over plekken, niet over personen."
_UNKNOWN = f"Geen gegevens is iets anders dan nul. Een streepje ({NOTHING}) betekent: hier valt niets te zeggen."


def index(release: Release, subjects: Sequence[Subject]) -> tuple[bytes, list[Sentence]]:
    """Write the page, and give what it says; the same release gives the same bytes.

    Parameters
    ----------
    release : Release
    subjects : sequence of Subject
        The buurten that have a factsheet.
    """
    told = content(release, subjects)
    text = still_page("atlas.html", plain(told), style=style())
    return text.encode(), list(dict.fromkeys(each for each in sentences(told) if each.text))


@cache
def style() -> str:
    """Give the style sheet of the page: the tokens of the map, its own rules, and the colours of the classes."""
    colours = "".join(f".k{number} {{ background: {colour}; }}\n" for number, colour in enumerate(CLASS_COLOURS))
    return package_text("static", "tokens.css") + package_text("static", "atlas.css") + colours


@cache
def policy() -> str:
    """Give the Content-Security-Policy of the page."""
    return still_policy(style())


def content(release: Release, subjects: Sequence[Subject]) -> Content:
    """Give everything the page says, with sentences in it: the template only lays it out."""
    basis = release.grondslag
    public = release.profile == "openbaar"
    kind, many = _kinds(release, subjects)
    regions = figures.gemeenten(release)
    count = Figure(dutch.plural(len(subjects), "factsheet", "factsheets"), len(subjects), "factsheets")
    return {
        "gebied": release.area.title,
        "ondertitel": notes.period(release),
        "demo": dutch.DEMO if basis.demo else "",
        "rubricering": basis.classification,
        "voorbehoud": notes.caveat(release) if release.caveat else Sentence(""),
        "inleiding": joined(say(f"In deze atlas staan {{count}}, van elke {kind} één.", count=count), Sentence(_ABOUT)),
        "belofte": verantwoording.short_promise(release.geography.zones.k),
        "bewaren": say("Bewaren tot en met {day}", day=notes.day(basis.retain_until, "bewaren_tot")),
        "bijschrift": f"Alle {many}, per {'gemeente' if kind == 'wijk' else 'wijk'}",
        "kop": dutch.sentence(kind),
        "themas": [dutch.sentence(dutch.THEMES[theme]) for theme in release.themes],
        "kolommen": ["Samen", "Plaats", "Hotspots", *([] if public else ["Signalen"])],
        "groepen": _groups(release, subjects),
        "klassen": [[f"k{number}", dutch.class_short(number)] for number in range(len(CLASS_COLOURS))],
        "noten": [*_NOTES, *([] if public else [_SIGNALS]), _UNKNOWN, _FOOT],
        "kenmerken": [
            ("Regio", dutch.listing(regions)),
            ("Profiel", dutch.PROFILES[release.profile]),
            ("Zones, versie", release.zones_version),
            ("Sleutelmerk", release.key_mark),
            ("Kenmerk (SHA-256)", release.digest),
            ("Programma", f"geoanalyse {geoanalyse.__version__}"),
        ],
    }


def _kinds(release: Release, subjects: Sequence[Subject]) -> tuple[str, str]:
    """Name what the factsheets are of: buurten, wijken or both."""
    regions = release.geography.regions
    found = sorted({regions.levels[regions.index(subject.region)] for subject in subjects})
    return " of ".join(found), " en ".join(dutch.LEVELS[level][1] for level in found)


def _groups(release: Release, subjects: Sequence[Subject]) -> list[Content]:
    """Give the rows by wijk, or by gemeente for what is a wijk itself; in the order of the codes."""
    regions = release.geography.regions
    several = len(figures.gemeenten(release)) > 1
    statistics = _Statistics(release)
    groups: dict[str, Content] = {}
    for subject in subjects:
        chain = regions.chain(subject.region)
        above = next(
            chain[level] for level in ("wijk", "gemeente") if chain.get(level, subject.region) != subject.region
        )
        title = regions.name(above)
        if several and above != chain["gemeente"]:
            title = f"{title}, {regions.name(chain['gemeente'])}"
        group = groups.setdefault(above, {"titel": title, "rijen": []})
        group["rijen"].append(
            {
                "naam": regions.name(subject.region),
                "bestand": f"{name_of(subject)}.pdf",
                "cellen": [cell for layer in subject.drawn for cell in statistics.cells(subject, layer)],
            }
        )
    return list(groups.values())


class _Statistics:
    """The rows of the composites, by level and region; each table is read once."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._rows: dict[tuple[str, str], dict[str, Row]] = {}
        self._hot: dict[tuple[str, str, str], Mapping[str, int]] = {}

    def cells(self, subject: Subject, layer: str) -> list[Content]:
        """Give the cells of one theme: how high, which place, how many hot spots and signals."""
        regions = self._release.geography.regions
        level = regions.levels[regions.index(subject.region)]
        about = {"layer": layer, "place": subject.region}
        row = self._row(layer, level, subject.region)
        hot, drawn = self._hotspots(subject, layer, level)
        colour = "" if row["class"] is None else f"k{row['class']}"
        counts = [None if hot is None else Figure(dutch.number(hot), hot, "hotspots", level=drawn, **about)]
        if self._release.profile != "openbaar":
            listed = sum(f"thema:{signal.theme}" == layer for signal in subject.signals)
            counts.append(Figure(dutch.number(listed), listed, "signalen", **about))
        return [
            {"soort": "begin", "klasse": colour, "tekst": _ratio(row, level, about)},
            {"soort": "", "klasse": "", "tekst": _place(row, level, about)},
            *(_counted(count) for count in counts),
        ]

    def _row(self, layer: str, level: str, code: str) -> Row:
        if (layer, level) not in self._rows:
            self._rows[layer, level] = {row["zone"]: row for row in figures.rows(self._release, layer, level)}
        nothing = {"class": None, "ratio": None, "rank_low": None, "status": ""}
        return self._rows[layer, level].get(code, nothing)

    def _hotspots(self, subject: Subject, layer: str, level: str) -> tuple[int | None, str]:
        """Count those of the level that the factsheet draws; ``None`` where nothing was tested."""
        drawn = maps.map_level(self._release, subject)
        if (layer, level, drawn) not in self._hot:
            self._hot[layer, level, drawn] = figures.hotspots_by_region(self._release, layer, level, drawn)
        return self._hot[layer, level, drawn].get(subject.region), drawn


def _counted(count: Figure | None) -> Content:
    """Give the cell of a count; one that was not made is no 0."""
    if count is None:
        return {"soort": "nul", "klasse": "", "tekst": Sentence(NOTHING)}
    return {"soort": "tel" if count.value else "nul", "klasse": "", "tekst": say("{count}", count=count)}


def _ratio(row: Row, level: str, about: Mapping[str, str]) -> Sentence:
    if row["ratio"] is None:
        return Sentence(dutch.value_words(None, row["status"], 1) if row["status"] else NOTHING)
    return say("{ratio}", ratio=Figure(dutch.times(row["ratio"]), row["ratio"], "verhouding", level=level, **about))


def _place(row: Row, level: str, about: Mapping[str, str]) -> Sentence:
    if row["rank_low"] is None:
        return Sentence(NOTHING)
    low, high = (
        Figure(dutch.number(row[name]), row[name], quantity, level=level, **about)
        for name, quantity in (("rank_low", "plaats_minstens"), ("rank_high", "plaats_hooguit"))
    )
    return say("{low}", low=low) if low.value == high.value else say("{low} tot {high}", low=low, high=high)
