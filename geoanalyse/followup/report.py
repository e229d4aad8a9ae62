"""Follow-up in Dutch: the tables of ``geoanalyse opvolging overzicht`` and what may be said of them."""

import csv
import io
from collections.abc import Iterator, Sequence

from geoanalyse.followup.overview import DRAWN, ENOUGH, RANKED, SURE, Group
from geoanalyse.followup.proportion import differ
from geoanalyse.formulas import guarded
from geoanalyse.products import dutch

HEADINGS = {
    "soort": "Gekozen op cijfers, en geloot",
    "thema": "Per thema",
    "route": "Per geadviseerde route",
    "eigenaar": "Per eigenaar",
    "reden": "Per reden",
    "buurt": "Per buurt",
}
CONFIDENTIAL = "Vertrouwelijk: deze cijfers blijven bij u."
_HEAD = ("", "signalen", "niet teruggemeld", "opgevolgd", "leidde tot iets", "95%-marge", "dagen (mediaan)")
_CSV_HEAD = (
    *("rubricering", "groep", "naam", "signalen", "teruggemeld", "niet_teruggemeld", "opgevolgd", "afgerond"),
    *("leidde_tot_iets", "aandeel_opgevolgd", "aandeel_leidde_tot_iets", "minstens", "hoogstens", "dagen_mediaan"),
)


def tables(found: Sequence[Group]) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """Give a heading and the rows of a table for each way of grouping, the head of the table first."""
    for by, heading in HEADINGS.items():
        mine = [each for each in found if each.by == by]
        if mine:
            yield heading, [_HEAD, *map(_row, mine)]


def _row(each: Group) -> tuple[str, ...]:
    return (
        each.name,
        dutch.number(each.signals),
        dutch.number(each.unreported),
        _share(each.followed, each.reported, each.followed_share),
        _share(each.led, each.finished, each.led_share),
        f"{dutch.percentage(each.low)} tot {dutch.percentage(each.high)}" if each.finished else "-",
        "-" if each.days is None else dutch.number(each.days, 0 if each.days == int(each.days) else 1),
    )


def _share(part: int, whole: int, share: float | None) -> str:
    return "-" if share is None else f"{part} van {whole} ({dutch.percentage(share)})"


def comparison(found: Sequence[Group]) -> str:
    """Say whether the ranking found more than the lot, or why that cannot be said."""
    kinds = {each.name: each for each in found if each.by == "soort"}
    ranked, drawn = kinds.get(RANKED), kinds.get(DRAWN)
    if ranked is None or drawn is None or not ranked.finished or not drawn.finished:
        return "Rangorde en loting zijn niet te vergelijken: van een van beide is nog niets afgerond."
    if min(each.finished / each.signals for each in (ranked, drawn)) < ENOUGH:
        return (
            "Rangorde en loting zijn niet te vergelijken: van een van beide is minder dan de helft afgerond, en wat "
            "wel is afgerond kan een keuze zijn."
        )
    chance = differ(ranked.led, ranked.finished, drawn.led, drawn.finished)
    shares = f"{_share(ranked.led, ranked.finished, ranked.led_share)} tegen "
    shares += _share(drawn.led, drawn.finished, drawn.led_share)
    if chance > SURE:
        return f"Het verschil tussen rangorde en loting kan toeval zijn: {shares} leidde tot iets."
    more = (ranked.led_share or 0) > (drawn.led_share or 0)
    return f"De rangorde vond {'vaker' if more else 'minder vaak'} iets dan de loting: {shares} van wat is afgerond."


def remarks(found: Sequence[Group], waiting: int) -> Iterator[str]:
    """Give the sentences below the tables: what they are of, what may be said, and who may see them."""
    yield comparison(found)
    yield (
        "Opgevolgd: van wat is teruggemeld. Leidde tot iets: van wat is afgerond. Dagen: van peildatum tot opvolging. "
        "Alleen de eerste tabel telt gelote plekken mee."
    )
    if waiting:
        yield (
            f"Over {dutch.plural(waiting, 'signaal', 'signalen')} spreken bestanden elkaar tegen; geteld is wat het "
            "eerst bekend was. Kies met `geoanalyse opvolging lees --neem BESTAND`."
        )
    yield CONFIDENTIAL


def comma_separated(found: Sequence[Group]) -> bytes:
    """Write the groups as a CSV for Dutch Excel; shares are fractions with a decimal comma, empty where unknown."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow(_CSV_HEAD)
    for each in found:
        counts = (each.signals, each.reported, each.unreported, each.followed, each.finished, each.led)
        bounds = (each.low, each.high) if each.finished else (None, None)
        shares = [_decimal(share) for share in (each.followed_share, each.led_share, *bounds, each.days)]
        writer.writerow(["vertrouwelijk", each.by, guarded(each.name), *counts, *shares])
    return target.getvalue().encode("utf-8-sig")


def _decimal(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}".replace(".", ",")
