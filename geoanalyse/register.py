"""What was issued with a key, and which release would break the promise together with that.

No figure is remembered. ``docs/decisions/0005-register.md`` argues each rule; the file is that of
:mod:`geoanalyse.registerfile`.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geoanalyse.errors import ProtectionError
from geoanalyse.layer import EVERYWHERE, Layer

if TYPE_CHECKING:
    from geoanalyse.release import Release

Entry = Mapping[str, Any]
"""A layer of a release in the words of the register file; see `described`."""

# What decides how the counts of a layer are rounded: it keeps these for as long as the key lives.
_FIXED = (
    *("familie", "soort", "basis", "atoom", "b", "klem", "plafond", "reeks", "reeks_niveau"),
    "onderdeel_van",
)
# Of these a part of another layer has its own, whatever its family.
_OWN_OF_A_PART = ("atoom", "reeks", "reeks_niveau", "onderdeel_van")


ROUNDING = 2
"""Version of the way in which counts are rounded; version 1 knew no displacement of separate totals."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One release as the register remembers it; ``zones_ancestors`` are the versions its zones join, newest first."""

    digest: str
    area: str
    reference_date: str
    profile: str
    zones_version: str
    layers: tuple[Entry, ...]
    zones_ancestors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A period of a layer that was issued with an earlier key; ``end`` is exclusive."""

    layer: str
    family: str
    start: dt.date
    end: dt.date


@dataclass(frozen=True, slots=True)
class Loss:
    """The day on which a register was given up as lost, and the function or organisation that decided so."""

    day: dt.date
    authority: str


@dataclass(frozen=True, slots=True)
class Register:
    """What is known about one key.

    Attributes
    ----------
    mark : str
        Of the key it belongs to.
    issued : tuple of Issue
        In the order in which they were made.
    replaces : tuple of str
        Marks of the keys before this one, oldest first.
    former : tuple of Span
        What was issued with those.
    replaced_by : str
        Mark of the key after this one; empty while this one is in use.
    lost : tuple of Loss
        Registers of this key and of those before it that got lost.
    """

    mark: str
    issued: tuple[Issue, ...] = ()
    replaces: tuple[str, ...] = ()
    former: tuple[Span, ...] = ()
    replaced_by: str = ""
    lost: tuple[Loss, ...] = ()


def issue(release: "Release") -> Issue:
    """Describe a release for the register."""
    table = release.protected.table.group_by(["layer", "level", "status"]).aggregate([])
    shown = {(row["layer"], row["level"]) for row in table.to_pylist() if row["status"] != "onderdrukt"}
    return Issue(
        digest=release.digest,
        area=release.area.name,
        reference_date=release.reference_date.isoformat(),
        profile=release.profile,
        zones_version=release.zones_version,
        zones_ancestors=release.geography.zones.ancestors,
        layers=tuple(
            described(layer, release.start, release.end, sorted(level for name, level in shown if name == layer.id))
            for layer in release.layers
        ),
    )


def described(layer: Layer, start: dt.date, end: dt.date, levels: Sequence[str] = ()) -> Entry:
    """Describe one layer of a release that covers [start, end) and shows these levels."""
    where = layer.coverage
    return {
        "laag": layer.id,
        "familie": layer.family,
        "onderdeel_van": layer.part_of or "",
        "dekking": f"{' '.join(sorted(where.gemeenten)) or EVERYWHERE} {where.start} {where.end}",
        "soort": str(layer.count),
        "basis": str(layer.base),
        "atoom": str(layer.atom),
        "b": layer.b,
        "klem": layer.clamp,
        "plafond": layer.capped,
        "reeks": str(layer.series),
        "reeks_niveau": layer.series_level,
        "periode": str(layer.period_unit),
        "afronding": ROUNDING,
        "niveaus": list(levels),
        "van": start.isoformat(),
        "tot": end.isoformat(),
    }


def caveat(known: Register) -> str:
    """Give the Dutch sentence that every product must print; empty when no register was ever lost."""
    if not known.lost:
        return ""
    when = "; ".join(f"vastgesteld op {loss.day:%d-%m-%Y}, op gezag van {loss.authority}" for loss in known.lost)
    return (
        f"Het register van eerdere uitgaven is verloren gegaan ({when}). Daarom kon niet worden nagegaan of deze "
        "uitgave samen met eerdere uitgaven nog beschermt wat is beloofd."
    )


# --- which release is refused -----------------------------------------------------------------------------------------


def refuse(new: Issue, known: Register) -> None:
    """Refuse a release that would break the promise together with earlier ones.

    Raises
    ------
    ProtectionError
        With one Dutch line per reason.
    """
    found = faults(new, known)
    if found:
        raise ProtectionError("\n".join(found))


def faults(new: Issue, known: Register) -> list[str]:
    """Give the reasons, in Dutch, why a release would break the promise together with earlier ones."""
    if known.replaced_by:
        return [f"deze sleutel is vervangen; bouw met de nieuwe sleutel (kenmerk {known.replaced_by})"]
    ours = [{**layer, "profiel": new.profile} for layer in new.layers]
    entries = [{**layer, "profiel": old.profile} for old in known.issued for layer in old.layers] + ours
    if any(other.get("afronding", 1) != ROUNDING for other in entries):
        fault = "met deze sleutel is uitgegeven toen totalen anders werden afgerond"
        return [f"{fault}; begin een nieuwe reeks met `geoanalyse sleutel vervang`"]
    found = _faults_of_zones(new, known.issued)
    for layer in ours:
        kin = [other for other in entries if other["laag"] == layer["laag"] or other["familie"] == layer["familie"]]
        found += _faults_of_settings(layer, kin) or _faults_of_windows(layer, kin)
        found += _faults_of_a_whole(layer, entries)
        found += _faults_of_periods(layer, known.former)
    return list(dict.fromkeys(found))


def _faults_of_zones(new: Issue, issued: Sequence[Issue]) -> list[str]:
    """Allow a version of the zones that is, or was joined from, every version that was issued."""
    allowed = {new.zones_version, *new.zones_ancestors}
    other = [old for old in issued if old.zones_version not in allowed]
    if not other:
        return []
    latest = other[-1]
    use = f"gebruik zones-{latest.zones_version}.parquet"
    if new.zones_version in latest.zones_ancestors:
        return [f"eerder is op nieuwere zones uitgegeven; {use}"]
    before = f"eerder is met deze sleutel uitgegeven op zones {latest.zones_version}"
    return [
        f"{before}, en zones {new.zones_version} zijn daar niet uit gemaakt; {use} of een versie die haar samenvoegt"
    ]


def _faults_of_settings(layer: Entry, kin: Sequence[Entry]) -> list[str]:
    """Hold a layer to the settings of its family: another setting would round the same counts a second time."""
    faults = {}
    for old in kin:
        itself = old["laag"] == layer["laag"]
        part = not itself and any(entry["onderdeel_van"] for entry in (layer, old))
        other = [name for name in _FIXED if old[name] != layer[name] and not (part and name in _OWN_OF_A_PART)]
        if other:
            what, cure = (
                ("een eerdere uitgave met deze sleutel", "zet in het laagbestand de oude waarde terug")
                if itself
                else (f"laag {old['laag']} in dezelfde familie", "geef beide dezelfde waarde")
            )
            faults[what] = f"laag {layer['laag']}: {' en '.join(other)} verschilt van {what}; {cure}"
    return list(faults.values())


def _faults_of_windows(layer: Entry, kin: Sequence[Entry]) -> list[str]:
    """Let windows start alike or share no day: an address that came into a moving window stays for its length."""
    crossing = [
        old for old in kin if old["van"] != layer["van"] and old["van"] < layer["tot"] and layer["van"] < old["tot"]
    ]
    if not crossing:
        return []
    first = min(old["van"] for old in crossing)
    last = dt.date.fromisoformat(max(old["tot"] for old in crossing)) - dt.timedelta(days=1)
    fault = "de periode overlapt een eerdere uitgave die anders begint; kies met --periode hetzelfde begin als eerder"
    return [f"laag {layer['laag']}: {fault} ({first[:7]}), of een begin na {last:%Y-%m}"]


def _faults_of_a_whole(layer: Entry, entries: Sequence[Entry]) -> list[str]:
    """Keep what holds the parts of a layer: their values are lowered to fit what its own release says about it."""
    itself = [entry for entry in entries if entry["laag"] == layer["laag"]]
    parts = [entry for entry in entries if entry["onderdeel_van"] == layer["laag"]]
    faults = []
    if parts and any(entry["dekking"] != layer["dekking"] for entry in itself):
        faults.append(
            f"laag {layer['laag']}: de dekking verschilt van een eerdere uitgave met deze sleutel, en een andere "
            "laag is er een deel van; zet in het laagbestand de oude waarde terug"
        )
    siblings = {
        entry["laag"]
        for entry in entries
        if layer["onderdeel_van"] and entry["onderdeel_van"] == layer["onderdeel_van"]
    } - {layer["laag"]}
    faults += [
        f"laag {layer['laag']}: met deze sleutel is {name} al uitgegeven als deel van {layer['onderdeel_van']}; "
        "delen samen kunnen het geheel verraden, laat deze laag weg"
        for name in sorted(siblings)
    ]
    return faults


def _faults_of_periods(layer: Entry, former: Sequence[Span]) -> list[str]:
    """Refuse what an earlier key rounded already: two roundings of one count say more than one."""
    start, end = (dt.date.fromisoformat(layer[name]) for name in ("van", "tot"))
    twice = [
        span
        for span in former
        if (span.layer == layer["laag"] or span.family == layer["familie"]) and span.start < end and start < span.end
    ]
    if not twice:
        return []
    last = max(span.end for span in twice) - dt.timedelta(days=1)
    fault = f"periode al uitgegeven met de vorige sleutel; kies met --periode een begin na {last:%Y-%m}"
    return [f"laag {layer['laag']}: {fault}"]
