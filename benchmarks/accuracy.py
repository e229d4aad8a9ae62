"""Measure how far published values are from exact counts, and how well a hot spot can still be told.

Run: ``python benchmarks/accuracy.py [--schrijf]``

Prints the lines that every release shows under "nauwkeurigheid"; ``--schrijf`` writes them to
``geoanalyse/data/nauwkeurigheid.json``, constants of the version. Made-up layers on the demo's 800,000 addresses and
its zones, protected by the package itself, for three seeds. Only uniform numbers are drawn, so that every machine
draws the same.
"""

import argparse
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
from scipy import stats

from geoanalyse import __version__, demo, grid, protection
from geoanalyse.build import shipped_zones
from geoanalyse.counts import Counts
from geoanalyse.geography import Geography, Indexes, Ints, Units, ZoneSet, atoms, shipped_regions, units, zone_of
from geoanalyse.layer import Atom, Base, Layer, read_layers, shipped_folder
from geoanalyse.products.verantwoording import canonical_json

SEEDS = (1, 2, 3)
BASES = (3, 5)
SHARES = (0.005, 0.02, 0.08)
REGIONS = {"buurt": "een buurt", "wijk": "een wijk", "gemeente": "een gemeente"}
UNEVEN = np.array([0.3, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.3, 1.5, 1.9])
"""Risk of a zone, drawn with equal chance; the mean is 1."""
HOT_SHARE, HOT_TIMES = 0.1, 4
"""Share of units that are hot, and how many times the risk of the others they have."""
DRAWS = 10
"""Layers per seed for one figure on hot units."""
HOT = (
    ("350 sluitingen, hexagonen van 75 hectare", 350, Atom.RES8),
    ("350 sluitingen, wijken", 350, Atom.WIJK),
    ("12.000 meldingen, hexagonen van 10 hectare", 12_000, Atom.RES9),
    ("12.000 meldingen, zones", 12_000, Atom.ZONE),
    ("120.000 registraties, zones", 120_000, Atom.ZONE),
)
TRIAL = (
    "Verzonnen lagen op de {addresses} verzonnen adressen van de demo, beschermd zoals een uitgave; {seeds} keer, "
    "steeds met ander toeval. Fout (rmse): zo ver zit een getal er gewoonlijk naast. Mediane fout: de helft van de "
    "buurten zit er minder ver naast. AUC: een op de tien eenheden heeft vier keer de kans; hoe vaak komt zo'n eenheid "
    "boven een gewone uit? Altijd is 1,00; gokken is 0,50."
)
OUT = Path(__file__).resolve().parents[1] / "geoanalyse" / "data" / "nauwkeurigheid.json"

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class City:
    """Public geography, the position of the zone of every address, and a layer to make others of."""

    geography: Geography
    zones: ZoneSet
    zone: Indexes
    like: Layer

    def units(self, atom: Atom, level: str) -> Units:
        """Give the units of a level for a layer with this atom."""
        regions = self.geography.regions
        return atoms(self.zones, regions, atom) if level == atom else units(self.zones, regions, atom, level)


def read_city() -> City:
    """Make the demo's addresses and look up their zones."""
    regions = shipped_regions()
    zones = shipped_zones(regions)
    addresses = demo.make(regions).addresses
    cells = grid.cells_at(addresses.easting, addresses.northing)
    (like,) = read_layers(shipped_folder(), ["mma-meldingen"])
    everyone = zones.base[Base.ALL]
    return City(Geography(regions, zones), everyone, zone_of(everyone, regions, cells), like)


def draw(city: City, atom: Atom, risk: Floats, expected: float, random: np.random.Generator) -> Ints:
    """Flag addresses with a chance in proportion to the risk of their atom; give the number per atom."""
    smallest = city.units(atom, atom)
    chance = risk * expected / (risk * smallest.addresses).sum()
    of_address = smallest.of_zone[city.zone]
    hit = random.random(len(of_address)) < chance[of_address]
    return np.bincount(of_address[hit], minlength=len(smallest.ids)).astype(np.int64)


def totals(city: City, counts: Ints, level: str) -> Ints:
    """Add exact counts of zones, shape (..., zones), up to the regions of a level."""
    wider = city.units(Atom.ZONE, level)
    inside = np.flatnonzero(wider.of_zone >= 0)
    found = np.zeros((*counts.shape[:-1], len(wider.ids)), dtype=np.int64)
    np.add.at(found, (..., wider.of_zone[inside]), counts[..., inside])
    return found


def publish(
    city: City, atom: Atom, base: int, counts: Ints, seed: int, profile: str = "streng"
) -> dict[str, tuple[Ints, Bools]]:
    """Protect layers with these counts per atom, shape (layers, atoms).

    Gives, for the level of the atom and for regions when that is the zone, the values and which of them are rounded
    apart; both of shape (layers, units).
    """
    secret = hashlib.sha256(f"nauwkeurigheid {seed}".encode()).digest()
    none, period = np.empty((0, counts.shape[1]), dtype=np.int64), (demo.START, demo.END)
    items = []
    for number, exact in enumerate(counts):
        name = f"laag-{number}"
        layer = replace(city.like, id=name, family=name, atom=atom, b=base, series=None)
        items.append(Counts(layer, period, exact, (), none, 0))
    table = protection.protect(items, city.geography, secret, profile).table
    found = {}
    for level in (str(atom), *(REGIONS if atom is Atom.ZONE else ())):
        rows, shape = table.filter(pc.equal(table["level"], level)), (len(counts), -1)
        if rows["zone"].to_pylist() != list(city.units(atom, level).ids) * len(counts):
            raise ValueError(f"{level}: the table is not in the order of the units")
        apart = pc.equal(rows["rounding"], "apart")
        found[level] = rows["value"].to_numpy().reshape(shape), apart.to_numpy().reshape(shape)
    return found


# --- the figures ------------------------------------------------------------------------------------------------------


def of_regions(city: City) -> Iterator[tuple[str, str]]:
    """Errors of totals rounded apart and of sums of zones, for layers on three shares of the addresses."""
    counts = np.stack([_layers(city, np.random.default_rng(seed)) for seed in SEEDS])
    exact = {level: totals(city, counts, level) for level in REGIONS}  # shape (seeds, shares, units)
    for base in BASES:
        released = [
            publish(city, Atom.ZONE, base, each, seed, "casustafel") for each, seed in zip(counts, SEEDS, strict=True)
        ]
        strict = [
            publish(city, Atom.ZONE, base, each, seed, "streng") for each, seed in zip(counts, SEEDS, strict=True)
        ]
        for level, words in REGIONS.items():
            value, apart = (np.stack(part) for part in zip(*(one[level] for one in released), strict=True))
            what = f"b = {base}, totaal van {words}, apart afgerond: fout (rmse)"
            yield what, _rmse(value - exact[level], apart)
        gemeente, buurt = (
            np.stack([one[level][0] for one in strict]) - exact[level] for level in ("gemeente", "buurt")
        )
        what = f"b = {base}, som van zones zonder eigen totaal (profiel streng), gemeente: fout (rmse)"
        yield what, _rmse(gemeente, np.ones_like(gemeente, dtype=bool))
        for index, share in enumerate(SHARES):
            truth = exact["buurt"][:, index]
            middle = np.median(np.abs(buurt[:, index])[truth > 0] / truth[truth > 0])
            what = (
                f"b = {base}, som van zones, buurt, laag op {_decimal(100 * share).removesuffix(',0')}% van de adressen"
            )
            yield f"{what}: mediane fout", f"{100 * middle:.0f}%"


def _layers(city: City, random: np.random.Generator) -> Ints:
    """Draw one layer for every share, more in some zones than in others."""
    risks = UNEVEN[(random.random((len(SHARES), len(city.zones.zone))) * len(UNEVEN)).astype(np.int64)]
    pairs = zip(SHARES, risks, strict=True)
    return np.stack([draw(city, Atom.ZONE, risk, share * len(city.zone), random) for share, risk in pairs])


def _rmse(off: Ints, counted: Bools) -> str:
    """Range over the shares, of differences of shape (seeds, shares, units)."""
    each = np.sqrt((off**2).mean(axis=(0, 2), where=counted))
    return f"{_range(each.tolist())} adressen"


def of_hot_units(city: City) -> Iterator[tuple[str, str]]:
    """How well hot units stand out: the chance that a hot unit scores above another, from counts and from values."""
    for words, expected, atom in HOT:
        size = city.units(atom, atom).addresses
        found = []
        for seed in SEEDS:
            random = np.random.default_rng(seed)
            hot = random.random((DRAWS, len(size))).argsort(axis=1) < HOT_SHARE * len(size)
            risks = np.where(hot, float(HOT_TIMES), 1.0)
            counts = np.stack([draw(city, atom, risk, expected, random) for risk in risks])
            shown = [publish(city, atom, base, counts, seed)[str(atom)][0] for base in BASES]
            usual = size * expected / (risks * size).sum(axis=1, keepdims=True)  # expected in a unit that is not hot
            found.append([_area_under_curve(_evidence(values, usual), hot) for values in (counts, *shown)])
        what = f"{words}: eenheden met vier keer de kans herkend (AUC, exact / b = 3 / b = 5)"
        yield what, " / ".join(f"{one:.2f}".replace(".", ",") for one in np.mean(found, axis=0))


def _evidence(value: Ints, usual: Floats) -> Floats:
    """Logarithm of how much likelier a count is with the risk of a hot unit: no test tells more from exact counts."""
    return value * np.log(HOT_TIMES) - (HOT_TIMES - 1) * usual


def _area_under_curve(score: Floats, hot: Bools) -> float:
    """Chance that a hot unit has a higher score than another of its layer, ties counted half; shape (layers, units)."""
    many, few = hot.sum(axis=1), (~hot).sum(axis=1)
    ranks = (stats.rankdata(score, axis=1) * hot).sum(axis=1)
    return float(((ranks - many * (many + 1) / 2) / (many * few)).mean())


def _range(values: Sequence[float]) -> str:
    return " tot ".join(dict.fromkeys([_decimal(min(values)), _decimal(max(values))]))


def _decimal(value: float) -> str:
    """Write a number the Dutch way, with one decimal below ten."""
    digits = 1 if round(value, 1) < 10 else 0
    return f"{value:.{digits}f}".replace(".", ",")


def main() -> None:
    """Measure, print, and write when asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--schrijf", action="store_true", help=f"write {OUT.name}")
    options = parser.parse_args()
    city = read_city()
    lines = [{"wat": what, "uitkomst": result} for of in (of_regions, of_hot_units) for what, result in of(city)]
    for line in lines:
        print(f"{line['wat']}: {line['uitkomst']}")
    if options.schrijf:
        trial = TRIAL.format(addresses=f"{len(city.zone):,}".replace(",", "."), seeds=len(SEEDS))
        OUT.write_bytes(canonical_json({"versie": __version__, "proef": trial, "regels": lines}))


if __name__ == "__main__":
    main()
