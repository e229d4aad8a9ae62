"""Tests on what stands in the files."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from tests.attack.adversary import claims, clip, keys, same
from tests.attack.adversary.case import Case
from tests.attack.adversary.context import Context, worst
from tests.attack.adversary.isolation import Smallest
from tests.attack.adversary.moments import Moment
from tests.attack.adversary.read_lists import read_holder_list
from tests.attack.adversary.report import Result, absent, number
from tests.attack.adversary.truth import Truth

K, BUILDINGS, HALF = 10, 3, 0.5
HOLDER_COLUMNS = {"sleutel", "thema", "sterkte", "ook elders"}
ELSEWHERE = "ook bij een andere bronhouder in deze zone"
_UNLIKELY = 1e-6
"""Chance below which a guess that fits all thresholds of a layer is no luck."""
NO_RELEASES = "er zijn geen uitgaven"


def t0(context: Context) -> Result:
    """Harvest: everything that stands in the files is declared, and nothing is fetched."""
    if not context.reads:
        return absent("T0", NO_RELEASES)
    faults = dict(context.faults.get("T0", {}))
    for what in claims.agreement([(read.release, read.table) for read in context.reads]):
        faults[("zones.parquet", what)] = 1
    for part in _changing_parts(context):
        faults[(part, "verandert van uitgave tot uitgave, zonder dat het gegevens zijn")] = 1
    files, values = sum(read.files for read in context.reads), sum(read.values for read in context.reads)
    said = f"{len(context.reads)} uitgaven, {number(files)} bestanden, {number(values)} waarden gelezen; "
    found = worst(faults) if faults else "0 onbekende velden, 0 adressen die worden opgehaald, alle bestanden gelijk"
    return Result("T0", not faults, said + found, {"onbekend": len(faults), "waarden": values})


def _changing_parts(context: Context) -> Iterator[str]:
    """Name parts of pages that differ between releases of one version of the software: constants do not."""
    known: dict[tuple[str, str], str] = {}
    for read in context.reads:
        product = read.manifest.get("product", {})
        version = str(product.get("versie", "")) if isinstance(product, dict) else ""
        for part, digest in read.fixed.items():
            if known.setdefault((version, part), digest) != digest:
                yield part


def t1(context: Context) -> Result:
    """Isolation on the base of all addresses."""
    return _isolated("T1", context, [each for each in context.smallest if each.base == "alle"])


def t19(context: Context) -> Result:
    """Isolation on narrower bases: k counts what a layer can be true of."""
    return _isolated("T19", context, [each for each in context.smallest if each.base != "alle"])


def _isolated(test: str, context: Context, found: Sequence[Smallest]) -> Result:
    found = [each for each in found if each.sets]
    if not found:
        return absent(test, NO_RELEASES if not context.reads else "geen laag met deze basis")
    least, houses = min(each.addresses for each in found), min(each.buildings for each in found)
    places = sum(each.sets for each in found)
    versions = len({each.version for each in found})
    bases = ", ".join(sorted({each.base for each in found}))
    line = (
        f"{number(least)} adressen in {number(houses)} panden of meer, uit {number(places)} plekken op "
        f"{versions} zoneversie(s), basis {bases}"
    )
    figures = {"kleinste_groep": least, "minste_panden": houses, "plekken": places}
    return Result(test, least >= K and houses >= BUILDINGS, line, figures)


def t5(context: Context) -> Result:
    """Inversion of everything that was computed from counts."""
    if not context.reads:
        return absent("T5", NO_RELEASES)
    solved = [each for read in context.reads for each in read.solved]
    faults = context.faults.get("T5", {})
    worked_out, wrong = (sum(getattr(read, name) for read in context.reads) for name in ("worked_out", "wrong"))
    counts = sum(len(each.counts) for each in solved)
    if solved:
        first = solved[0]
        line = f"{number(counts)} aantallen opgelost, onder meer {first.layer} per {first.level} uit {first.how}"
    elif faults:
        line = worst(faults)
    else:
        line = f"0 aantallen opgelost; {number(worked_out)} totaalbeelden nagerekend, {wrong} volgen niet uit de tabel"
    passed = not solved and not faults and not wrong
    return Result("T5", passed, line, {"opgelost": counts, "nagerekend": worked_out, "afwijkend": wrong})


def t6(context: Context) -> Result:
    """Non-interference: twins."""
    pairs = same.twins(context.case.root)
    if not pairs:
        return absent("T6", "er zijn geen tweelingen")
    equal = sum(not files for _, files in pairs)
    line = f"{equal} van {len(pairs)} paren gelijk"
    odd = sorted({file for _, files in pairs for file in files})
    return Result(
        "T6", not odd, line + (f"; anders: {', '.join(odd[:4])}" if odd else ""), {"gelijk": equal, "paren": len(pairs)}
    )


def t7(context: Context) -> Result:
    """Determinism: the same input again."""
    again = same.repeated(context.case.root)
    if not again:
        return absent("T7", "er zijn geen herhalingen")
    odd = {name: files for name, files in again if files}
    line = f"{len(again) - len(odd)} van {len(again)} herhalingen gelijk"
    names = "; ".join(f"{name}: {', '.join(files[:3])}" for name, files in odd.items())
    return Result(
        "T7",
        not odd,
        line + (f"; {names}" if odd else ""),
        {"gelijk": len(again) - len(odd), "herhalingen": len(again)},
    )


def t8(context: Context) -> Result:
    """Averaging: constant counts, other contributors."""
    releases, compared, wrong = same.changed(context.tables)
    if not compared:
        return absent("T8", "er is geen reeks met gelijke aantallen")
    line = f"{number(compared - wrong)} van {number(compared)} waarden gelijk over {releases} uitgaven"
    return Result("T8", not wrong, line, {"vergeleken": compared, "anders": wrong, "uitgaven": releases})


def t13(context: Context) -> Result:
    """Numbers that should not be there, and digests of raw data."""
    if not context.reads:
        return absent("T13", NO_RELEASES)
    faults = dict(context.faults.get("T13", {}))
    for moment in (each for group in context.moments.values() for each in group):
        for level in wrong_sums(moment):
            faults[("zones.parquet", f"{moment.layer.id} {level}: een som die niet de som van haar delen is")] = 1
    tried = 0
    if context.truth is not None:
        guesses = keys.digests_of(sorted(context.truth.folder.rglob("*")), renditions(context.truth))
        tried = len(guesses)
        for text, file in context.digests.items():
            if text in guesses or text.lower() in guesses:
                faults[(file, f"vingerafdruk van ruwe gegevens ({guesses.get(text) or guesses[text.lower()]})")] = 1
    line = worst(faults) if faults else f"0 gevonden; {number(tried)} vingerafdrukken van ruwe gegevens geprobeerd"
    return Result("T13", not faults, line, {"gevonden": len(faults)})


def wrong_sums(moment: Moment) -> Iterator[str]:
    """Name levels with a sum that is not the sum of the values inside it, where all of those are seen."""
    for total in moment.totals:
        inside = list(total.atoms)
        if not total.apart and moment.seen[inside].all() and int(moment.value[inside].sum()) != total.value:
            yield total.level
    for level, value, right in moment.sums:
        if value != right:
            yield level


def renditions(truth: Truth) -> Iterator[str]:
    """Write the raw events of each layer as the usual files would."""
    for layer in np.unique(truth.layer).tolist():
        own = truth.layer == layer
        rows = list(
            zip(truth.id[own].tolist(), truth.day[own].astype(str).tolist(), truth.amount[own].tolist(), strict=True)
        )
        for split in (";", ","):
            for end in ("\n", "\r\n"):
                for head, width in (("sleutel;datum", 2), ("sleutel;datum;aantal", 3), ("", 2), ("", 3)):
                    lines = [split.join(str(part) for part in row[:width]) for row in rows]
                    body = ([head.replace(";", split)] if head else []) + lines
                    yield end.join(body) + end
        yield ",".join(sorted({id_ for id_, _, _ in rows}))


def t14(context: Context) -> Result:
    """Styles: one per value, and zero reads as a range."""
    if not context.reads:
        return absent("T14", NO_RELEASES)
    faults = context.faults.get("T14", {})
    return Result(
        "T14",
        not faults,
        worst(faults) if faults else "100%, in kaart, GeoPackage en factsheets",
        {"gevonden": len(faults)},
    )


def t15(context: Context) -> Result:
    """Personal data in any text of any file."""
    if not context.reads:
        return absent("T15", NO_RELEASES)
    hits = context.person_hits
    kinds: dict[str, int] = {}
    for (_, kind), count in hits.items():
        kinds[kind] = kinds.get(kind, 0) + count
    said = ", ".join(f"{kind} {count} keer" for kind, count in sorted(kinds.items()))
    return Result(
        "T15", not hits, said or f"0 treffers in {len(context.reads)} uitgaven", {"treffers": sum(kinds.values())}
    )


def t16(context: Context) -> Result:
    """Certainty about a group."""
    if not context.reads:
        return absent("T16", NO_RELEASES)
    faults = dict(context.faults.get("T16", {}))
    every = [moment for group in context.moments.values() for moment in group]
    for moment in every:
        for what in hidden_caps(moment):
            faults[("zones.parquet", what)] = 1
    most = claims.certainty([read.table for read in context.reads], context.case.layers)
    rest = max((0.0, *(each for moment in every for each in by_subtraction(moment))))
    if rest > HALF:
        faults[("zones.parquet", "totalen nemen weg wat een plafond verbergt")] = 1
    shares = [number(round(100 * share, 1)) for share in (most, rest)]
    line = f"hoogstens {shares[0]}% van een groep staat vast, door aftrekken {shares[1]}%"
    figures = {"hoogste_aandeel": round(most, 4), "door_aftrekken": round(rest, 4)}
    return Result("T16", not faults, f"{line}; {worst(faults)}" if faults else line, figures)


def hidden_caps(moment: Moment) -> Iterator[str]:
    """Name sums and totals that do not say "or more" although a zone inside does."""
    for total in (*moment.totals, *moment.series):
        if moment.capped[list(total.atoms)].any() and not total.capped:
            yield f"{moment.layer.id} {total.level}: een som boven een plafond zonder 'of meer'"


def by_subtraction(moment: Moment) -> Iterator[float]:
    """Give what a total proves of the capped zones inside it, once all others count for as much as they may."""
    layer = moment.layer
    for total in moment.totals:
        inside = np.array(total.atoms, dtype=np.int64)
        capped = inside[moment.capped[inside]]
        if layer.capped and total.apart and total.lower and len(capped) and moment.seen[inside].all():
            others = int(moment.most[inside].sum() - moment.most[capped].sum())
            yield (total.value - clip.reach(total.base) - others) / max(
                int(moment.atoms.addresses[capped].sum()) * layer.clamp, 1
            )


# --- guessing ---------------------------------------------------------------------------------------------------------


def t12(context: Context) -> Result:
    """Keys, order and thresholds."""
    lists = context.case.lists()
    faults: list[str] = []
    figures: dict[str, float | int | str] = {"lijsten": len(lists)}
    if context.case.releases:
        faults += [f"{file}: {what}" for file, what in context.faults.get("T12", {})]
        guessed = sorted(guessed_thresholds(context)) if context.truth is not None else []
        faults += [f"drempels van {layer} zijn te raden ({how})" for layer, how in guessed]
    faults += holder_lists(context.case, lists, figures)
    if not lists and not context.case.releases:
        return absent("T12", "er zijn geen lijsten en geen uitgaven")
    said = "; ".join(faults[:4]) if faults else "0 sleutels geraden, geen volgorde, geen sleutel in twee lijsten"
    return Result("T12", not faults, f"{len(lists)} lijsten van bronhouders; {said}", figures)


def holder_lists(case: Case, lists: Sequence[Path], figures: dict[str, float | int | str]) -> Iterator[str]:
    """Attack the lists of holders: columns, guessable keys, order, and keys that come back."""
    seen: dict[str, str] = {}
    shared: set[tuple[str, str]] = set()
    guessed, fewest = 0, 0
    for path in lists:
        head, rows, strange = read_holder_list(path)
        yield from (f"{path.name}: onverwacht {each}" for each in strange)
        yield from (f"{path.name}: kolom {each}" for each in head if each not in HOLDER_COLUMNS)
        if "sleutel" not in head:
            continue
        own = [row[head.index("sleutel")].strip().lower() for row in rows]
        if len(set(own)) < len(own):
            yield f"{path.name}: een sleutel staat er twee keer in"
        shared |= {(seen[key], path.name) for key in own if key in seen and seen[key] != path.name}
        seen |= dict.fromkeys(own, path.name)
        found = keys.guessed(own, case.addresses(), salts=(path.stem, path.name))
        guessed += len(found)
        if found:
            yield f"{path.name}: {len(found)} sleutels geraden ({next(iter(found.values()))})"
        if "ook elders" in head:
            other = {row[head.index("ook elders")] for row in rows if len(row) > head.index("ook elders")}
            yield from (f"{path.name}: onverwachte tekst bij ook elders" for _ in other - {"", ELSEWHERE})
        for what, number_of, keys_of in _candidates(case, path, head, rows):
            fewest = min(fewest or number_of, number_of)
            if number_of < max(K, keys_of):
                yield f"{path.name}: {keys_of} sleutels met {what} kunnen maar op {number_of} adressen liggen"
        if "sterkte" in head:
            strength = [row[head.index("sterkte")] if len(row) > head.index("sterkte") else "" for row in rows]
            if keys.ordered(strength):
                yield f"{path.name}: de volgorde volgt de sterkte"
    yield from (f"{first} en {second} delen sleutels" for first, second in sorted(shared))
    figures["geraden"] = guessed
    figures["minste_kandidaten"] = fewest


def _candidates(
    case: Case, path: Path, head: Sequence[str], rows: Sequence[Sequence[str]]
) -> Iterator[tuple[str, int, int]]:
    """Give, per theme and strength on a list, on how many addresses its keys can lie, and how many keys there are."""
    release = next(
        (each for each in case.releases if path.name.startswith(f"uitgaven-{'-'.join(each.name.split('/'))}-")), None
    )
    if release is None or not {"thema", "sterkte"} <= set(head):
        return
    text = (release.path / "signaallijst.csv").read_text(encoding="utf-8-sig")
    signals = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
    told = Counter((row[head.index("thema")], row[head.index("sterkte")]) for row in rows)
    for (theme, strength), keys_of in told.items():
        places = {
            row["Plek"]: int(row["Adressen"]) for row in signals if (row["Thema"], row["Sterkte"]) == (theme, strength)
        }
        yield f"{theme}, {strength}", sum(places.values()), keys_of


def guessed_thresholds(context: Context) -> set[tuple[str, str]]:
    """Find layers of which all thresholds follow from public names; the scorer checks the guess."""
    found: set[tuple[str, str]] = set()
    if context.truth is None:
        return found
    for layer, group in context.moments.items():
        possible: dict[str, bool] = {}
        chance, moment = 1.0, group[-1]
        exact = context.truth.atoms(moment)
        loose = np.flatnonzero(moment.seen & moment.firm & ~moment.capped & (moment.number == 1) & (moment.base > 1))
        for atom in loose[:200].tolist():
            base, value, count = int(moment.base[atom]), int(moment.value[atom]), int(exact[atom])
            fits = [value <= count + threshold <= value + base - 1 for threshold in range(base)]
            chance *= sum(fits) / base
            name = moment.pieces[atom][0][0]
            about = moment.layer
            for how, threshold in keys.threshold_guesses(name, about.base, about.atom, about.family, base):
                possible[how] = possible.get(how, True) and fits[threshold]
        if chance < _UNLIKELY:
            found |= {(layer, how) for how, holds in possible.items() if holds}
    return found
