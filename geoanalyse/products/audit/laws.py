"""What must hold for every row of the published table, whatever the counts were; docs/privacy.md says why."""

import datetime as dt
from collections.abc import Iterator, Mapping

import numpy as np

from geoanalyse import grid
from geoanalyse.geography import LEVELS, MIN_BUILDINGS, REGION_LEVELS, SHOWN, K, Regions
from geoanalyse.layer import Atom, Base, Coverage
from geoanalyse.products.audit.settings import Setting
from geoanalyse.products.audit.table import HEXAGONAL, Bools, Ints, Published, Texts
from geoanalyse.published import OPEN_LEVELS, PROFILES
from geoanalyse.rounding import DISPLACEMENT

TOTAL_BASE = {"buurt": 5, "wijk": 10, "gemeente": 10}
"""B of a total that is rounded apart."""

Law = tuple[str, Bools]
Settings = Mapping[str, Setting]

_STATUSES = ("waarde", "cap", "geen_data", "onderdrukt")
_ROUNDINGS = ("zone", "som", "apart")
_RESOLUTION = {"zone": 10, "res9": 9, "res8": 8}


def broken(rows: Published, settings: Settings, regions: Regions) -> Iterator[str]:
    """Name each law that rows break, with how many do.

    Parameters
    ----------
    rows : Published
    settings : mapping of str to Setting
        By layer; a layer that is not there is held to the laws that do not depend on it.
    regions : Regions
    """
    for laws in (_of_words, _of_numbers, _of_places, _of_profiles):
        for law, rows_that_break in laws(rows):
            if rows_that_break.any():
                yield f"{int(rows_that_break.sum())} rijen: {law}"
    for law, rows_that_break in (
        *_of_regions(rows, regions),
        *_of_layers(rows, settings),
        *_of_coverage(rows, settings, regions),
    ):
        if rows_that_break.any():
            yield f"{int(rows_that_break.sum())} rijen: {law}"


def reach(rows: Published) -> Ints:
    """Give how far the exact number may lie from each value, by its rounding alone.

    A total rounded apart has a displacement besides, and in a series a sum is one of such totals.
    """
    moved = np.where((rows.rounding == "apart") | ~rows.whole, DISPLACEMENT, 0)
    return np.maximum(rows.terms, 1) * (rows.b - 1 + moved)


def proven(rows: Published) -> Ints:
    """Give the least count that each value proves: anything above 0 proves at least one."""
    return np.asarray(np.maximum(rows.value - reach(rows), rows.value > 0), dtype=np.int64)


def _of_words(rows: Published) -> Iterator[Law]:
    yield "onbekende status", ~np.isin(rows.status, _STATUSES)
    yield "onbekend profiel", ~np.isin(rows.profile, PROFILES)
    yield "onbekend niveau", ~np.isin(rows.level, LEVELS)
    yield "onbekende basis", ~np.isin(rows.basis, [str(base) for base in Base])
    yield "onbekende manier van afronden", ~np.isin(rows.rounding, (*_ROUNDINGS, ""))


def _of_numbers(rows: Published) -> Iterator[Law]:
    shown = rows.shown
    yield "een getal bij een status zonder getal, of andersom", shown != (rows.value >= 0)
    yield "een afronding bij een status zonder getal, of andersom", shown != (rows.rounding != "")
    yield "een aantal termen bij een status zonder getal, of andersom", shown != (rows.terms >= 1)
    yield "een basis van afronden die niet kan", rows.b <= 1
    yield "geen veelvoud van b", shown & (rows.value % np.maximum(rows.b, 1) != 0)
    yield f"een getal over minder dan {K} adressen", rows.addresses < K
    yield f"een getal over minder dan {MIN_BUILDINGS} panden", rows.buildings < MIN_BUILDINGS
    yield "meer panden dan adressen", rows.buildings > rows.addresses
    apart = rows.rounding == "apart"
    yield "een apart totaal van iets anders dan een gebied", apart & ~np.isin(rows.level, REGION_LEVELS)
    yield "een apart totaal met meer dan één term", apart & (rows.terms != 1)
    total = np.array([TOTAL_BASE.get(level, 0) for level in rows.level.tolist()])
    yield "een apart totaal met een andere basis dan zijn niveau heeft", apart & (rows.b != total)
    yield "een zone die niet op zichzelf is afgerond", shown & (rows.level == "zone") & (rows.rounding != "zone")


def _of_places(rows: Published) -> Iterator[Law]:
    region = np.isin(rows.level, REGION_LEVELS)
    yield "cellen bij een gebied, of geen cellen bij een zone of hexagon", region == rows.celled
    yield "een zone of hexagon zonder cellen", rows.celled & (rows.wide == 0)
    disorder = np.zeros(len(rows), dtype=bool)
    row_of = np.repeat(np.arange(len(rows)), rows.wide)
    disorder[row_of[1:][(np.diff(row_of) == 0) & (rows.cells[1:] <= rows.cells[:-1])]] = True
    yield "cellen die niet oplopen, of er twee keer staan", disorder
    odd = np.zeros(len(rows), dtype=bool)
    odd[row_of[_resolution(rows.cells) != _RESOLUTION["zone"]]] = True
    yield "een cel die geen H3-cel van resolutie 10 is", odd
    number = np.array([_cell(name) for name in rows.zone.tolist()], dtype=np.uint64)
    wanted = np.array([_RESOLUTION.get(level, -1) for level in rows.level.tolist()])
    yield "een naam die geen cel van het niveau is", ~region & (_resolution(number) != wanted)
    own = np.zeros(len(rows), dtype=bool)
    own[row_of[rows.cells == number[row_of]]] = True
    yield "een zone die haar eigen cel niet heeft", (rows.level == "zone") & rows.celled & ~own


def _cell(name: str) -> int:
    try:
        return int(name, 16) if len(name) == 15 and name == name.lower() else 0  # noqa: PLR2004 - digits of a cell
    except ValueError:
        return 0


def _resolution(cells: grid.Cells) -> Ints:
    """Resolution of H3 indexes, -2 for what is none."""
    return np.where(grid.are_cells(cells), (cells >> np.uint64(52)).astype(np.int64) & 15, -2)


def _of_profiles(rows: Published) -> Iterator[Law]:
    shown, whole = rows.shown, rows.whole
    yield "een ander profiel dan de andere rijen", rows.profile != rows.profile[0]
    fine = ~np.isin(rows.level, OPEN_LEVELS)
    yield "fijner dan het profiel toestaat", shown & (rows.profile == "openbaar") & fine
    strict = rows.profile == "streng"
    yield "een apart totaal in het profiel streng", strict & (rows.rounding == "apart")
    yield "een verloop in het profiel streng", strict & ~whole
    yield "een verloop van een zone of hexagon", ~whole & np.isin(rows.level, HEXAGONAL)
    yield "een einde dat niet na het begin ligt", rows.end <= rows.start


def _of_regions(rows: Published, regions: Regions) -> Iterator[Law]:
    level = dict(zip(regions.codes, regions.levels, strict=True))
    found: Texts = np.array([level.get(code, "") for code in rows.gebiedscode.tolist()], dtype=object)
    if not (found != "").any():
        return  # another division than the one that comes along: said as a remark
    yield "een gebiedscode die de indeling niet kent", found == ""
    region = np.isin(rows.level, REGION_LEVELS)
    yield (
        "een gebied met een andere code of een ander niveau",
        region & ((rows.gebiedscode != rows.zone) | (found != rows.level)),
    )


def _of_layers(rows: Published, settings: Settings) -> Iterator[Law]:
    layers = rows.layer.tolist()
    known = np.array([name in settings for name in layers])
    facts = [settings.get(name, _ANY) for name in layers]
    base: Texts = np.array([each.base for each in facts], dtype=object)
    yield "een andere basis van adressen dan de laag heeft", known & (rows.basis != base)
    shown, whole = rows.shown & known, rows.whole
    b = np.array([each.b for each in facts])
    sums = shown & (rows.rounding != "apart")
    yield "een andere b dan de laag heeft", sums & whole & (rows.b != b)
    levels = [(level in SHOWN[each.atom]) for level, each in zip(rows.level.tolist(), facts, strict=True)]
    yield "fijner dan de laag wordt getoond", shown & ~np.array(levels)
    atom: Texts = np.array([str(each.atom) for each in facts], dtype=object)
    alone = shown & (rows.rounding == "zone")
    # where a gemeente has no buurten, a wijk stands in for one
    yield (
        "op zichzelf afgerond op een ander niveau dan dat van de laag",
        alone & (rows.level != atom) & ~((atom == "buurt") & (rows.level == "wijk")),
    )
    most = rows.addresses * np.array([each.clamp for each in facts])
    capped = np.array([each.capped for each in facts])
    cap_status = rows.status == "cap"
    yield "'of meer' bij een laag zonder plafond", shown & cap_status & ~capped
    least = proven(rows)
    yield "bewijst dat meer dan de helft het kenmerk heeft", shown & capped & (2 * least > most)
    one = alone & (rows.terms == 1)
    cap = rows.b * ((most // 2 + rows.b - 1) // np.maximum(rows.b, 1))
    yield "een plafond dat niet uit het aantal adressen volgt", one & capped & cap_status & (rows.value != cap)
    yield "een getal op of boven het plafond zonder 'of meer'", one & capped & ~cap_status & (rows.value >= cap)
    yield "meer dan er adressen zijn", shown & ~cap_status & (least > most)
    yield "een veelvoud boven het aantal adressen", one & ~capped & (rows.value > most)


def _of_coverage(rows: Published, settings: Settings, regions: Regions) -> Iterator[Law]:
    """Hold figures to where and when the source looks; a hexagon may lie in two gemeenten, and is left out."""
    known = set(regions.codes)
    gemeente = {code: regions.chain(code).get("gemeente") for code in known & set(rows.gebiedscode.tolist())}
    seen = np.array(
        [
            settings[layer].coverage.covers(where, start, end)
            if layer in settings and (where := gemeente.get(code)) is not None
            else None
            for layer, code, start, end in zip(
                rows.layer.tolist(), rows.gebiedscode.tolist(), rows.start.tolist(), rows.end.tolist(), strict=True
            )
        ],
        dtype=object,
    )
    single = ~np.isin(rows.level, ("res9", "res8"))
    yield "een getal waar de bron niet kijkt", single & rows.shown & (seen == False)  # noqa: E712 - unknown is a third
    yield "geen gegevens waar de bron wel kijkt", single & (rows.status == "geen_data") & (seen == True)  # noqa: E712


_ANY = Setting("", Atom.ZONE, 0, 1, capped=False, part_of=None, coverage=Coverage(frozenset(), dt.date.max, None))
