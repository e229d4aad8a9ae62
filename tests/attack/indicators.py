"""The layers of the workload, and what happens on each address: rare, ordinary and frequent, clustered in space."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoanalyse import grid

FIRST = np.datetime64("2023-01-01")
LAST = np.datetime64("2025-07-01")
DAYS = int((LAST - FIRST).astype(int))
YEAR_DAYS = 365
MONTHS = 12
"""In which the steady layer repeats itself; the last of the data."""
HEAVY = 50
"""Signals on one address, twice a year."""

_HOT_SPOTS = 4
_HOT_RADIUS = 150.0  # metres
_HOT_TIMES = 8.0


@dataclass(frozen=True, slots=True)
class Indicator:
    """One layer, and on which share of its addresses something happens in a year."""

    share: float
    b: int
    base: str = "alle"
    clamp: int = 0  # 0: addresses are counted, not amounts
    atom: str = "zone"
    series: str = ""  # level that has a monthly series of its own
    part_of: str = ""
    inspections: str = ""
    theme: str = "drugs"


YEARLY: Mapping[str, Indicator] = {
    "schaars": Indicator(0.003, 3),
    "matig": Indicator(0.02, 5, series="buurt", theme="witwassen"),
    "druk": Indicator(0.08, 3, series="wijk"),
    "bedragen": Indicator(0.02, 10, clamp=2, theme="witwassen"),
    "zaken": Indicator(0.06, 3, base="bedrijven"),
    "horeca": Indicator(0.1, 3, base="horeca"),
    "sluiting": Indicator(0.003, 3, atom="res8", inspections="druk"),
    "deel": Indicator(0.02, 3, atom="buurt", part_of="druk"),
}
CUMULATIVE: Mapping[str, Indicator] = {
    "groei": Indicator(0.01, 5),
    "groei-druk": Indicator(0.04, 3, series="buurt", theme="witwassen"),
}
STEADY: Mapping[str, Indicator] = {"gelijk": Indicator(0.04, 5)}
"""Every zone has the same count in every month of the last year, on other addresses each time."""
INDICATORS = {**YEARLY, **CUMULATIVE, **STEADY}


def write_layers(folder: Path) -> None:
    """Write a layer file per indicator."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, each in INDICATORS.items():
        (folder / f"{name}.toml").write_text(_layer_file(name, each), encoding="utf-8", newline="\n")


def _layer_file(name: str, each: Indicator) -> str:
    part = f'onderdeel_van = "{each.part_of}"\n' if each.part_of else ""
    clamp = f"klem = {each.clamp}\n" if each.clamp else ""
    series = f'reeks = "maand"\nreeks_niveau = "{each.series}"\n' if each.series else ""
    looked = f'controles = "{each.inspections}"\n' if each.inspections else ""
    return f"""\
id = "{name}"
titel = "Proeflaag {name}"
omschrijving = "Verzonnen gebeurtenissen per adres."
eenheid = "adressen met een gebeurtenis"
bronhouder = "proef"
bron = "verzonnen"
betrouwbaarheid = "middel"
rechtsgrond = "geen: verzonnen gegevens"
tekst = "Dit zijn verzonnen gegevens."
{part}
[telling]
soort = "{"aantal" if each.clamp else "adressen"}"
basis = "{each.base}"
b = {each.b}
{clamp}atoom = "{each.atom}"

[vensters]
periode = "maand"
{series}
[dekking]
gemeenten = ["alle"]
van = 2015-01-01

[vertekening]
soort = "register"
tekst = "verzonnen"
{looked}
[weging]
{each.theme} = 0.5
"""


def eligible(addresses: pd.DataFrame, base: str) -> npt.NDArray[np.bool_]:
    """Say which addresses belong to a base, from their public uses."""
    use = addresses["gebruik"]
    wanted = {
        "alle": use != "",
        "bedrijven": use != "woonfunctie",
        "horeca": use.str.contains("bijeenkomst|logies"),
    }
    return np.asarray(wanted[base])


def happen(
    addresses: pd.DataFrame,
    flagged: npt.NDArray[np.bool_],
    zone: npt.NDArray[np.int64],
    silent: Sequence[str],
    random: np.random.Generator,
) -> pd.DataFrame:
    """Draw the events of every layer.

    Parameters
    ----------
    addresses : DataFrame
        As `City.addresses`.
    flagged : ndarray of bool, shape (addresses,)
        Where the layer ``druk`` is true of every address, in every window of a year.
    zone : ndarray of int, shape (addresses,)
        Number of the zone of each address on the base ``alle``, -1 for none.
    silent : sequence of str
        Layers of which nothing lies in any window.
    random : Generator

    Returns
    -------
    DataFrame
        ``layer``, ``id``, ``day``, ``amount``, sorted.
    """
    where = np.stack([addresses["oost"], addresses["noord"]], axis=1)
    drawn = {}
    for name, each in {**YEARLY, **CUMULATIVE}.items():
        possible = eligible(addresses, each.base)
        chance = _unequal(where, possible, random) * each.share
        if each.part_of:
            possible = np.isin(addresses["id"], drawn[each.part_of]["id"])
            chance = np.where(possible, each.share / max(possible.mean(), each.share), 0.0)
        drawn[name] = _events(addresses["id"], chance, amounts=bool(each.clamp), random=random)
    drawn["druk"] = pd.concat([drawn["druk"], _twice_a_year(addresses["id"][flagged], random)])
    heavy = _twice_a_year(addresses["id"].iloc[[0]], random).assign(amount=HEAVY)
    drawn["bedragen"] = pd.concat([drawn["bedragen"], heavy])
    long_ago = pd.DataFrame({"id": addresses["id"].iloc[[0]], "day": FIRST - 365, "amount": 1})
    drawn |= dict.fromkeys(silent, long_ago)
    drawn["gelijk"] = _steady(addresses["id"].to_numpy(), zone, random)
    events = pd.concat([part.assign(layer=name) for name, part in drawn.items()], ignore_index=True)
    return events.sort_values(["layer", "id", "day", "amount"], ignore_index=True)[["layer", "id", "day", "amount"]]


def _unequal(
    where: npt.NDArray[np.float64], possible: npt.NDArray[np.bool_], random: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Give each possible address a relative chance with mean 1: cells differ, and a few hot spots stand out."""
    cells, of_address = np.unique(grid.cells_at(*where.T), return_inverse=True)
    relative = random.gamma(1.0, 1.0, len(cells))[of_address]
    for centre in where[random.choice(np.flatnonzero(possible), _HOT_SPOTS)]:
        near = np.hypot(*(where - centre).T) < _HOT_RADIUS
        relative = np.where(near, relative * _HOT_TIMES, relative)
    return np.where(possible, relative / relative[possible].mean(), 0.0)


def _events(
    ids: pd.Series, chance: npt.NDArray[np.float64], *, amounts: bool, random: np.random.Generator
) -> pd.DataFrame:
    """Draw events so that in a year something happens on each address with this chance; some have several."""
    times = random.poisson(-np.log1p(-np.minimum(chance, 0.9)) * DAYS / YEAR_DAYS)
    address = np.repeat(ids.to_numpy(), times)
    day = FIRST + random.integers(0, DAYS, len(address))
    amount = np.ones(len(address), dtype=np.int64)
    if amounts:  # heavy tail: one in a hundred has a hundred
        amount += np.floor(1 / (1.005 - random.random(len(address)))).astype(np.int64) - 1
    return pd.DataFrame({"id": address, "day": day, "amount": amount})


def _twice_a_year(ids: pd.Series, random: np.random.Generator) -> pd.DataFrame:
    """Let something happen on each address on the same two days of every year, half a year apart."""
    shift = random.integers(0, 180, len(ids))
    half_years = np.arange(0, DAYS, 182)
    day = (half_years[:, None] + shift[None, :]).ravel()
    frame = pd.DataFrame({"id": np.tile(ids.to_numpy(), len(half_years)), "day": FIRST + day, "amount": 1})
    return frame[day < DAYS]


def _steady(ids: npt.NDArray[np.object_], zone: npt.NDArray[np.int64], random: np.random.Generator) -> pd.DataFrame:
    """Let a month repeat itself, zone by zone, on other addresses each time."""
    order = random.permutation(np.flatnonzero(zone >= 0))
    order = order[np.argsort(zone[order], kind="stable")]
    rank = np.arange(len(order)) - np.searchsorted(zone[order], zone[order])
    number = np.bincount(zone[order])[zone[order]]
    often = np.minimum(number // MONTHS, random.poisson(STEADY["gelijk"].share * number.astype(float)))
    often = often[np.searchsorted(zone[order], zone[order])]  # one draw per zone
    month = rank // np.maximum(often, 1)
    used = (often > 0) & (month < MONTHS)
    first = LAST.astype("datetime64[M]") - MONTHS + month[used]
    day = first.astype("datetime64[D]") + random.integers(0, 28, used.sum())
    return pd.DataFrame({"id": ids[order][used], "day": day, "amount": 1})
