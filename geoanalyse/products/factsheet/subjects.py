"""What a factsheet is about: a theme, a buurt or a modus operandi of one release."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import pyarrow.compute as pc

from geoanalyse import modus
from geoanalyse.layer import Layer, Theme
from geoanalyse.products import dutch, figures
from geoanalyse.release import Release
from geoanalyse.signals import Signal


class Kind(StrEnum):
    """Kind of subject."""

    THEME = "thema"
    BUURT = "buurt"
    MODUS = "modus"


@dataclass(frozen=True, slots=True)
class Subject:
    """What one factsheet is about.

    Attributes
    ----------
    kind : Kind
    id : str
        As the name of the file has it: ``factsheet-<id>``.
    title : str
        Above the name of the area.
    words : str
        As a sentence says it, after "signalen van"; empty for a buurt.
    layers : tuple of Layer
        The heaviest first.
    drawn : tuple of str
        What is drawn: layer ids or ``thema:<thema>``; one, or of a buurt every theme.
    signals : tuple of Signal
        Ranked; not those drawn by lot.
    explored : int
        Signals drawn by lot.
    region : str
        Code of the buurt; empty when it is about the whole area.
    description : str
        Of a modus operandi.
    """

    kind: Kind
    id: str
    title: str
    words: str
    layers: tuple[Layer, ...]
    drawn: tuple[str, ...]
    signals: tuple[Signal, ...]
    explored: int
    region: str = ""
    description: str = ""


def of_release(release: Release) -> tuple[Subject, ...]:
    """Give what every release has a factsheet of: its themes, and the modi operandi it has all layers of."""
    return (*(of_theme(release, theme) for theme in release.themes), *modi(release))


def of_theme(release: Release, theme: Theme) -> Subject:
    """Give the subject of a theme."""
    words = dutch.THEMES[theme]
    return Subject(
        kind=Kind.THEME,
        id=str(theme),
        title=f"Factsheet {words}",
        words=words,
        layers=figures.theme_layers(release, theme),
        drawn=(f"thema:{theme}",),
        signals=figures.theme_signals(release, theme),
        explored=figures.explored(release, theme),
    )


def modi(release: Release, known: Sequence[modus.Modus] | None = None) -> tuple[Subject, ...]:
    """Give the modi operandi of which the release has every layer.

    Parameters
    ----------
    release : Release
    known : sequence of Modus, optional
        The shipped ones when left out.
    """
    layers = {layer.id: layer for layer in release.layers}
    return tuple(
        Subject(
            kind=Kind.MODUS,
            id=f"modus-{each.id}",
            title=f"Factsheet modus operandi ({dutch.THEMES[each.theme]})",
            words=each.title,
            layers=tuple(layers[name] for name in each.layers),
            drawn=(each.layers[0],),
            signals=tuple(
                signal for signal in figures.theme_signals(release, each.theme) if _names(signal) & set(each.layers)
            ),
            explored=0,
            description=each.description,
        )
        for each in (modus.shipped() if known is None else known)
        if layers.keys() >= set(each.layers)
    )


def buurten(release: Release) -> tuple[Subject, ...]:
    """Give every buurt of the area by code, and the wijken of gemeenten that have none.

    Where nothing of buurten is published, as in a public release, these are the wijken. A buurt of which every figure
    is withheld is among them: that is worth saying too.
    """
    table = release.statistics
    regions = release.geography.regions
    at = {
        level: set(table.filter(pc.equal(table["level"], level))["zone"].to_pylist())
        for level in ("buurt", "wijk")
        if pc.any(pc.and_(pc.equal(table["level"], level), pc.not_equal(table["status"], "onderdrukt"))).as_py()
    }
    divided = {regions.chain(code).get("wijk") for code in at.get("buurt", ())}
    codes = sorted(at.get("buurt", set()) | {code for code in at.get("wijk", ()) if code not in divided})
    ranked = [signal for theme in release.themes for signal in figures.theme_signals(release, theme)]
    return tuple(
        Subject(
            kind=Kind.BUURT,
            id=code,
            title=f"Factsheet {regions.levels[regions.index(code)]}",
            words="",
            layers=tuple(sorted(release.layers, key=lambda layer: (-max(layer.themes.values()), layer.id))),
            drawn=tuple(f"thema:{theme}" for theme in release.themes),
            signals=tuple(signal for signal in ranked if code in regions.chain(signal.region).values()),
            explored=0,
            region=code,
        )
        for code in codes
    )


def _names(signal: Signal) -> set[str]:
    """Layers that a signal has a reason of."""
    return {code.partition("-")[2] for code, _ in signal.reasons}
