"""``niveaus.toml``: the level at which the holder of the data shows each layer, set for a year at a time.

``geoanalyse advies --vastleggen`` writes the file from measured figures; a build only reads it. A level may hide what
is finer, never show what the layer's own atom hides.
"""

import calendar
import datetime as dt
import json
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from geoanalyse.authority import faults_in_authority
from geoanalyse.errors import InputError
from geoanalyse.geography import LEVELS, SHOWN
from geoanalyse.layer import Atom, Layer

FILE = "niveaus.toml"

_HEAD = """\
# Het niveau waarop elke laag wordt getoond; wat fijner is, blijft weg ("op dit niveau niet getoond").
# Gemaakt met `geoanalyse advies --vastleggen`; een bouw leest dit bestand alleen.
# niveau: {levels}, van fijn naar grof.
# advies: het fijnste niveau dat bij het meten goed genoeg was; leeg als er te weinig was om te meten.
# geldig_tot: de laatste dag, een jaar na het vaststellen. Meet daarna opnieuw.
# op_gezag_van: de functie of organisatie die dit besloot; nodig als het niveau fijner is dan het advies.
"""
_DATES = ("vastgesteld", "geldig_tot")
_TEXTS = ("advies", "zones", "op_gezag_van")
_KEYS = ("niveau", *_DATES, *_TEXTS)  # only the last may be absent


@dataclass(frozen=True, slots=True)
class Flag:
    """The level of one layer.

    Attributes
    ----------
    level : str
        One of `geography.LEVELS`; finer levels of the layer are not shown.
    set_on, valid_until : datetime.date
        First and last day.
    advised : str
        Finest level that was good enough when measured; empty when it could not be judged.
    zones : str
        Version of the zones it was measured on.
    authority : str
        Function or organisation that decided; never a person. May be empty when `level` is as advised, or coarser.
    """

    level: str
    set_on: dt.date
    valid_until: dt.date
    advised: str
    zones: str
    authority: str = ""


def read(folder: Path, layers: Sequence[Layer], today: dt.date, *, unread: Collection[str] = ()) -> dict[str, Flag]:
    """Give the flag of each layer: the level from which it is shown. One that is absent shows all that its atom allows.

    Parameters
    ----------
    folder : Path
        Folder with input; without a `FILE` in it nothing is set.
    layers : sequence of Layer
        Layers of this run.
    today : datetime.date
    unread : collection of str
        Ids of layers that exist and are not part of this run: whether theirs has expired does not matter.

    Returns
    -------
    dict of str to Flag
        By layer id, for layers of this run.

    Raises
    ------
    InputError
        With a Dutch line per fault: no TOML, an unknown layer, key or level, a level finer than the layer's atom, a
        wrong or contradicting date, a level that has expired, a function that looks like a person.
    """
    wanted = {layer.id for layer in layers}
    found = {name: flag for name, flag in flags(folder, layers, unread=unread).items() if name in wanted}
    expired = sorted(name for name, flag in found.items() if flag.valid_until < today)
    early = sorted(name for name, flag in found.items() if today < flag.set_on)
    faults = [
        f"{FILE}, [{name}]: het niveau is verlopen; meet opnieuw met `geoanalyse advies --vastleggen`"
        for name in expired
    ]
    faults += [f"{FILE}, [{name}] vastgesteld: ligt in de toekomst; verbeter de datum" for name in early]
    if faults:
        raise InputError(faults)
    return found


def caveat(found: Mapping[str, Flag], layers: Sequence[Layer]) -> str:
    """Give the Dutch sentences that every product must print: which layers show more detail than was advised."""
    order = {level: place for place, level in enumerate(LEVELS)}
    titles = {layer.id: layer.title for layer in layers}
    return " ".join(
        f"{titles[name]} staat op een fijner niveau dan is geadviseerd, op gezag van {flag.authority}."
        for name, flag in sorted(found.items())
        if flag.authority and (not flag.advised or order[flag.level] < order[flag.advised])
    )


def flags(folder: Path, layers: Sequence[Layer], *, unread: Collection[str] = ()) -> dict[str, Flag]:
    """Read every flag of a folder, those that have expired too; as `read`."""
    path = folder / FILE
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"))
    except FileNotFoundError:
        return {}
    except OSError:
        raise InputError(f"{FILE}: kan niet worden geopend; sluit het in andere programma's") from None
    except UnicodeDecodeError:
        raise InputError(f"{FILE}: is geen UTF-8; sla het bestand op als UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        where = f"regel {line[1]}" if line else "de laatste regel"
        raise InputError(f"{FILE}: is geen geldige TOML ({where}); verbeter die regel") from None
    known = {layer.id: layer for layer in layers}
    faults = []
    for name, entry in content.items():
        if name in known or name in unread:
            faults += [f"{FILE}, [{name}] {fault}" for fault in _faults(entry, known.get(name))]
        else:
            shown = f"[{name}]" if re.fullmatch(r"[a-z0-9-]{1,60}", name) else "een regel"
            faults.append(f"{FILE}, {shown}: deze laag bestaat niet; zie `geoanalyse lagen`, of haal dit deel weg")
    if faults:
        raise InputError(faults)
    return {
        name: Flag(
            level=entry["niveau"],
            set_on=entry["vastgesteld"],
            valid_until=entry["geldig_tot"],
            advised=entry["advies"],
            zones=entry["zones"],
            authority=entry.get("op_gezag_van", "").strip(),
        )
        for name, entry in content.items()
    }


def text(found: Mapping[str, Flag]) -> str:
    """Write flags as the text of a `FILE`, in the order of the layers' ids."""
    parts = [_HEAD.format(levels=", ".join(LEVELS))]
    for name, flag in sorted(found.items()):
        lines = [
            f"[{name}]",
            f'niveau = "{flag.level}"',
            f'advies = "{flag.advised}"',
            f"vastgesteld = {flag.set_on.isoformat()}",
            f"geldig_tot = {flag.valid_until.isoformat()}",
            f'zones = "{flag.zones}"',
        ]
        if flag.authority:  # JSON's escapes are TOML's
            lines.append(f"op_gezag_van = {json.dumps(flag.authority, ensure_ascii=False)}")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def decided(
    layers: Sequence[Layer],
    advice: Mapping[str, str],
    by_hand: Mapping[str, str],
    earlier: Mapping[str, Flag],
    *,
    today: dt.date,
    zones: str,
    authority: str = "",
    again: bool = False,
) -> dict[str, Flag]:
    """Give the flags that are set now: for each layer the level chosen by hand, or else the advised one.

    A layer that was measured without an advice gets no flag, unless by hand. An earlier flag that is still valid stays.

    Parameters
    ----------
    layers : sequence of Layer
        Layers that were measured.
    advice : mapping of str to str
        Layer id to advised level, empty where there is none.
    by_hand : mapping of str to str
        Layer id to a level chosen by hand.
    earlier : mapping of str to Flag
    today : datetime.date
        First day.
    zones : str
        Version of the zones that was measured on.
    authority : str
        Function or organisation; needed for a level finer than advised.
    again : bool
        Replace earlier flags that are still valid.

    Raises
    ------
    InputError
        With a Dutch line per layer that cannot be set so.
    """
    known = {layer.id: layer for layer in layers}
    faults = [
        f"--niveau: laag {name} heeft hier geen gegevens of bestaat niet; zie `geoanalyse lagen`"
        for name in by_hand
        if name not in known
    ]
    new = {}
    for name, layer in known.items():
        level = by_hand.get(name, advice[name])
        if name in earlier and earlier[name].valid_until >= today and not again:
            if name in by_hand:
                faults.append(f"--niveau: het niveau van laag {name} geldt nog; geef --opnieuw om het te vervangen")
            continue
        if not level:
            continue
        faults += [f"--niveau: {fault}" for fault in faults_in_level(level, layer)]
        if is_finer(level, advice[name]) and not authority:
            faults.append(
                f"--niveau: {level} is fijner dan het advies voor laag {name} ({advice[name] or 'geen'}); "
                "geef met --op-gezag-van de functie of organisatie die dit besluit"
            )
        new[name] = Flag(level, today, a_year_later(today), advice[name], zones, authority)
    if faults:
        raise InputError(faults)
    return new


def a_year_later(day: dt.date) -> dt.date:
    """Give the same day of the next year; 28 February for 29 February.

    Examples
    --------
    >>> a_year_later(dt.date(2024, 2, 29)).isoformat()
    '2025-02-28'
    """
    last = calendar.monthrange(day.year + 1, day.month)[1]
    return day.replace(year=day.year + 1, day=min(day.day, last))


def is_finer(level: str, than: str) -> bool:
    """Say whether a level is finer than another; everything is finer than a level that nobody could advise.

    Examples
    --------
    >>> is_finer("res9", "buurt"), is_finer("buurt", "buurt"), is_finer("gemeente", "")
    (True, False, True)
    """
    return not than or LEVELS.index(level) < LEVELS.index(than)


def faults_in_level(level: str, layer: Layer) -> list[str]:
    """Give the reasons, in Dutch, why a layer cannot be shown from this level on."""
    shown = SHOWN[layer.atom]
    if level in shown:
        return []
    return [f"laag {layer.id} wordt getoond per {', '.join(shown)}; kies daaruit"]


def finer_rows(table: pa.Table, found: Mapping[str, str]) -> pa.ChunkedArray:
    """Say which rows of the published table are finer than the level of their layer, and so not shown.

    Parameters
    ----------
    table : pyarrow.Table
        Schema `published.SCHEMA`.
    found : mapping of str to str
        Layer id to level, as `read` gives it.

    Returns
    -------
    pyarrow.ChunkedArray of bool, shape (rows,)

    Examples
    --------
    >>> table = pa.table({"layer": ["a", "a", "b"], "level": ["zone", "res9", "zone"]})
    >>> finer_rows(table, {"a": "res9"}).to_pylist()
    [True, False, False]
    """
    hidden = pc.is_null(table["layer"])  # false everywhere
    for name, level in found.items():
        levels = pa.array(LEVELS[: LEVELS.index(level)], pa.string())
        hidden = pc.or_(hidden, pc.and_(pc.equal(table["layer"], name), pc.is_in(table["level"], value_set=levels)))
    return hidden


def as_shown(layers: Sequence[Layer], table: pa.Table) -> tuple[Layer, ...]:
    """Give layers whose atom is the finest level that a published table shows of them.

    Statistics and signals then borrow from, and point at, the units that are there. A layer that shows only its
    gemeente, or nothing at all, stays as it is.

    Parameters
    ----------
    layers : sequence of Layer
    table : pyarrow.Table
        Schema `published.SCHEMA`.
    """
    filled = table.filter(pc.is_valid(table["value"])).select(["layer", "level"])
    shown = set(zip(filled["layer"].to_pylist(), filled["level"].to_pylist(), strict=True))
    finest = {
        layer.id: next((level for level in LEVELS if (layer.id, level) in shown), str(layer.atom)) for layer in layers
    }
    return tuple(
        replace(layer, atom=Atom(finest[layer.id])) if finest[layer.id] in list(Atom) else layer for layer in layers
    )


# --- what may stand in the file ---------------------------------------------------------------------------------------


def _faults(entry: Any, layer: Layer | None) -> list[str]:  # noqa: ANN401 - TOML holds anything
    """Give the faults of one part of the file, each after the name of its key."""
    if not isinstance(entry, dict):
        return [f"is geen deel met {', '.join(_KEYS)}; maak het bestand opnieuw met `geoanalyse advies --vastleggen`"]
    faults = [f"{_shown(key)}: onbekende naam; toegestaan zijn {', '.join(_KEYS)}" for key in entry if key not in _KEYS]
    faults += [f"{key}: ontbreekt; voeg de regel toe" for key in _KEYS[:-1] if key not in entry]
    faults += [
        f"{key}: is geen datum; schrijf jjjj-mm-dd" for key in _DATES if key in entry and not _is_date(entry[key])
    ]
    faults += [
        f"{key}: is geen tekst; zet de tekst tussen dubbele aanhalingstekens"
        for key in ("niveau", *_TEXTS)
        if not isinstance(entry.get(key, ""), str)
    ]
    return faults or [*_faults_in_choices(entry, layer), *_faults_in_dates(entry)]


def _faults_in_choices(entry: Mapping[str, str], layer: Layer | None) -> list[str]:
    level, advised, authority = entry["niveau"], entry["advies"], entry.get("op_gezag_van")
    faults = [
        f"{key}: onbekende keuze; kies uit {', '.join(LEVELS)}"
        for key in ("niveau", "advies")
        if entry[key] not in LEVELS and (key, advised) != ("advies", "")
    ]
    if not faults and layer is not None:
        faults += [f"niveau: {fault}" for fault in faults_in_level(level, layer)]
    if authority is not None:
        faults += [f"op_gezag_van: {fault}" for fault in faults_in_authority(authority)]
    elif not faults and is_finer(level, advised):
        faults.append("niveau: is fijner dan het advies; zet met op_gezag_van erbij welke functie dit besloot")
    return faults


def _faults_in_dates(entry: Mapping[str, dt.date]) -> list[str]:
    first, last = entry["vastgesteld"], entry["geldig_tot"]
    if first <= last <= a_year_later(first):
        return []
    return ["geldig_tot: moet na vastgesteld liggen en hooguit een jaar later; meet daarna opnieuw"]


def _is_date(value: object) -> bool:
    return isinstance(value, dt.date) and not isinstance(value, dt.datetime)


def _shown(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z_-]{1,40}", key) else "een regel"
