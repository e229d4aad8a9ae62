"""What must hold between rows: sums are sums, totals lie where their parts allow, and a series fits its period."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from geoanalyse.geography import REGION_LEVELS, Regions
from geoanalyse.products.audit.laws import proven, reach
from geoanalyse.products.audit.margins import bounds
from geoanalyse.products.audit.settings import Setting
from geoanalyse.products.audit.table import Ints, Published
from geoanalyse.products.audit.units import Made, OfLayer
from geoanalyse.rounding import DISPLACEMENT, variance

MIN_ATOMS = 3
"""Fewest parts of a total that is rounded apart."""


def broken(
    rows: Published, found: Sequence[OfLayer], settings: Mapping[str, Setting], regions: Regions
) -> Iterator[str]:
    """Name each law between rows that is broken, with how many rows do.

    Parameters
    ----------
    rows : Published
    found : sequence of OfLayer
    settings : mapping of str to Setting
    regions : Regions
    """
    counted: Counter[str] = Counter()
    off = reach(rows)
    for each in found:
        counted["een hexagon neemt een deel van een zone, en niet de hele"] += len(each.split)
        for unit in each.made:
            counted.update(_of_unit(rows, unit))
        if each.layer in settings:
            counted.update(_of_totals(rows, each, settings[each.layer], (proven(rows), off)))
    counted.update(_of_series(rows, regions, off))
    counted.update(_of_parts(rows, settings, off))
    yield from (f"{times} rijen: {law}" for law, times in counted.items() if times)


def _of_unit(rows: Published, unit: Made) -> Iterator[str]:
    row, parts = unit.row, unit.atoms
    addresses, buildings = rows.addresses[parts], rows.buildings[parts]
    if addresses.sum() > rows.addresses[row] or buildings.max(initial=0) > rows.buildings[row]:
        yield "een plek telt minder adressen of panden dan haar delen"
    if unit.whole and addresses.sum() != rows.addresses[row]:
        yield "het aantal adressen is niet dat van de delen samen"
    if unit.whole and buildings.sum() < rows.buildings[row]:
        yield "een plek telt meer panden dan haar delen samen"
    if rows.rounding[row] == "apart":
        if unit.whole and len(parts) < MIN_ATOMS:
            yield "een apart totaal van te weinig delen"
        return
    value, terms = rows.value[parts].sum(), rows.terms[parts].sum()
    capped = bool((rows.status[parts] == "cap").any())
    if unit.whole and value != rows.value[row]:
        yield "een som is niet de som van haar zones"
    elif value > rows.value[row]:
        yield "een som is kleiner dan haar zones samen"
    if (unit.whole and terms != rows.terms[row]) or terms > rows.terms[row]:
        yield "een som met een ander aantal termen dan zij heeft"
    if capped != (rows.status[row] == "cap") if unit.whole else capped and rows.status[row] != "cap":
        yield "een som is 'of meer' zonder dat een deel dat is, of andersom"


def _of_totals(rows: Published, found: OfLayer, setting: Setting, known: tuple[Ints, Ints]) -> Iterator[str]:
    """Hold each total rounded apart to the place its parts leave for it (docs/privacy.md, section 4.4).

    With L and U the sums of what is known below and w the widest interval of one part, a total T that narrows nothing
    has ``T + reach >= L + w`` and ``proven(T) <= U - w``. A total of a smaller region inside narrows L and U for the
    larger. It stands apart only where that is more accurate than the sum of its parts.
    """
    proved, off = known
    low, high = bounds(rows, found.atoms, setting)
    position = {row: place for place, row in enumerate(found.atoms.tolist())}
    widest = high - low
    node = np.arange(len(found.atoms))
    lows, highs = list(low.tolist()), list(high.tolist())
    joined = rows.terms[found.atoms] > 1  # the sum of several thresholds: how wide it is does not show
    for unit in found.made:
        if not unit.whole or rows.level[unit.row] not in REGION_LEVELS:
            continue
        inner = np.array([position[row] for row in unit.atoms.tolist()])
        nodes = np.unique(node[inner]).tolist()
        least, most = sum(lows[each] for each in nodes), sum(highs[each] for each in nodes)
        if rows.rounding[unit.row] == "apart":
            reached, at_least = int((rows.value + off)[unit.row]), int(proved[unit.row])
            width, terms = int(widest[inner].max()), int(rows.terms[unit.atoms].sum())
            if not joined[inner].any() and (reached < least + width or at_least > most - width):
                yield "een apart totaal dat iets verraadt over een deel ervan"
            if terms * variance(setting.b) < variance(int(rows.b[unit.row]), DISPLACEMENT):
                yield "een apart totaal dat minder nauwkeurig is dan de som"
            least, most = max(least, at_least), min(most, reached)
        node[inner] = len(lows)
        lows.append(least)
        highs.append(most)


def _of_parts(rows: Published, settings: Mapping[str, Setting], off: Ints) -> Iterator[str]:
    """Hold a layer to the one it is part of: no place has more addresses of the part."""
    shown = np.flatnonzero(rows.whole & rows.shown)
    row_of = {(rows.layer[row], rows.zone[row]): row for row in shown.tolist()}
    for (layer, zone), row in row_of.items():
        whole = row_of.get((settings[layer].part_of, zone)) if layer in settings else None
        if whole is None or rows.status[whole] != "waarde" or rows.basis[whole] != rows.basis[row]:
            continue
        if rows.value[row] - off[row] > rows.value[whole] + off[whole]:
            yield "een deel van een laag telt meer dan de hele laag"


def _of_series(rows: Published, regions: Regions, off: Ints) -> Iterator[str]:
    """Compare windows with each other and with the period, per layer and region."""
    in_series = ~rows.whole
    period = {
        (layer, zone): row
        for layer, zone, row in zip(
            rows.layer[~in_series].tolist(),
            rows.zone[~in_series].tolist(),
            np.flatnonzero(~in_series).tolist(),
            strict=True,
        )
    }
    for layer in sorted(set(rows.layer[in_series].tolist())):
        mine = np.flatnonzero(in_series & (rows.layer == layer) & rows.shown)
        for row in mine.tolist():
            whole = period.get((layer, rows.zone[row]))
            if whole is None or rows.addresses[whole] != rows.addresses[row]:
                yield "een verloop van een plek die er over de hele periode niet is"
            elif rows.status[whole] == "waarde" and rows.value[row] - off[row] > rows.value[whole] + off[whole]:
                yield "een deel van de periode telt meer dan de hele"
        yield from _of_sums_in_time(rows, mine, regions)


def _of_sums_in_time(rows: Published, mine: Ints, regions: Regions) -> Iterator[str]:
    """Add up, per window, the series rounded apart inside each region whose series is a sum."""
    known = set(regions.codes)
    inner: dict[tuple[str, np.datetime64], list[int]] = {}
    for row in mine[rows.rounding[mine] == "apart"].tolist():
        code = rows.zone[row]
        for holder in set(regions.chain(code).values()) - {code} if code in known else ():
            inner.setdefault((holder, rows.start[row]), []).append(row)
    for row in mine[rows.rounding[mine] == "som"].tolist():
        parts = np.array(inner.get((rows.zone[row], rows.start[row]), []), dtype=np.int64)
        if rows.addresses[parts].sum() != rows.addresses[row]:
            continue  # some of it lies outside the area
        if rows.value[parts].sum() != rows.value[row] or len(parts) != rows.terms[row]:
            yield "een som in het verloop is niet de som van haar gebieden"
