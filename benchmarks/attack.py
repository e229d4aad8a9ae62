"""Attack the standard workload, and say what the adversary could and could not learn.

Run: ``python benchmarks/attack.py [--steden 3] [--schrijf]``

Three synthetic cities (`tests.attack.workload`), the small city of edges and the planted faults, each released by the
real command line and attacked by `tests.attack.adversary`. ``--schrijf`` writes ``geoanalyse/data/aanval.json``, the
constants that every release shows; it does so whatever the outcome, but ends with 1 when a test failed.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # `tests` is no installed package

from geoanalyse import __version__  # noqa: E402
from geoanalyse.products.verantwoording import canonical_json  # noqa: E402
from tests.attack import adversary, cases  # noqa: E402
from tests.attack.adversary.report import Report  # noqa: E402
from tests.attack.faults import FAULTS  # noqa: E402

OUT = ROOT / "geoanalyse" / "data" / "aanval.json"
TRIAL = (
    "{cities} verzonnen steden van 52.000 adressen, 60 buurten, 12 wijken en 2 gemeenten, met elf lagen waarin per "
    "jaar 0,3 tot 10% van de adressen voorkomt. Per stad: twaalf maandelijkse uitgaven van drie overlappende gebieden, "
    "met een periode die na een jaar opnieuw begint, 24 met een periode die steeds groeit, twaalf van een maand met "
    "gelijke aantallen, andere profielen en één nieuwe zoneversie; alles samen in handen van één aanvaller, die de "
    "adressen en de methode kent. Bij elke toets staat de stad waar hij het verst kwam. Ook een stad van 200 adressen "
    "met randgevallen is aangevallen."
)
# Figures of a result of which more is worse, and those of which less is worse.
_MORE = ("aandeel_exact", "te_smal", "dichtbij", "opgelost", "met_totalen", "gevonden", "treffers", "hoogste_aandeel")
_LESS = ("kleinste_groep", "smalste_interval")


def main() -> int:
    """Make the cases, attack them and print every line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steden", type=int, default=len(cases.SEEDS), help="number of cities")
    parser.add_argument("--schrijf", action="store_true", help=f"write {OUT.name}")
    options = parser.parse_args()
    cities = range(1, options.steden + 1)
    reports = [attacked(f"stad {seed}", partial(cases.make_standard, seed=seed)) for seed in cities]
    edge = attacked("randgevallen", cases.make_edge)
    missed = missed_faults()
    print(f"\n{len(FAULTS)} ingezette fouten, {len(FAULTS) - len(missed)} gevangen", *missed)
    content = constants(reports, edge, caught=len(FAULTS) - len(missed))
    for name in ("kleinste_groep", "aandeel_exact", "smalste_interval"):
        print(f"{name}: {content[name]}")
    if options.schrijf:
        OUT.write_bytes(canonical_json(content))
    return int(bool(missed) or not all(report.passed for report in (*reports, edge)))


def attacked(name: str, make: Callable[[Path], object]) -> Report:
    """Make one case in a folder that goes afterwards, attack it, and print what came of it."""
    with tempfile.TemporaryDirectory() as temporary:
        folder, start = Path(temporary), time.perf_counter()
        make(folder)
        made = time.perf_counter()
        report = adversary.attack(folder / "geval", folder / "waarheid")
        print(f"\n{name}: gemaakt in {made - start:.0f} s, aangevallen in {time.perf_counter() - made:.0f} s")
        print(*report.lines(), sep="\n", flush=True)
    return report


def missed_faults() -> list[str]:
    """Plant every fault in the small case, and name those that the adversary does not catch."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        cases.make_faulty(cases.make_short(folder), folder / "fouten")
        reports = {
            fault.name: adversary.attack(folder / "fouten" / fault.name, folder / "waarheid", only={fault.test})
            for fault in FAULTS
        }
    return [name for name, report in reports.items() if report.passed]


def constants(reports: Sequence[Report], edge: Report, *, caught: int) -> dict[str, Any]:
    """Give the content of ``aanval.json``: headlines over all cases, and each test where the adversary got furthest."""
    headlines = [report.headlines() for report in (*reports, edge)]
    tests = []
    for outcomes in zip(*(report.as_json()["toetsen"] for report in reports), strict=True):
        worst = max(outcomes, key=_how_bad)
        tests.append({key: worst[key] for key in ("toets", "wat", "uitkomst")} | {"geslaagd": bool(worst["geslaagd"])})
    return {
        "versie": __version__,
        "proef": TRIAL.format(cities={1: "Eén", 2: "Twee", 3: "Drie"}.get(len(reports), len(reports))),
        "kleinste_groep": min(int(each["kleinste_groep"]) for each in headlines),
        "aandeel_exact": max(float(each["aandeel_exact"]) for each in headlines),
        "smalste_interval": min(int(each["smalste_interval"]) for each in headlines),
        "toetsen": tests,
        "ingezette_fouten": {"geplant": len(FAULTS), "gevangen": caught},
    }


def _how_bad(outcome: dict[str, Any]) -> tuple[float, ...]:
    figures = outcome["cijfers"]
    more = [float(figures.get(name) or 0) for name in _MORE]
    less = [-float(figures.get(name) or 0) for name in _LESS]
    return (float(not outcome["geslaagd"]), *more, *less)


if __name__ == "__main__":
    sys.exit(main())
