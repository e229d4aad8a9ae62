"""What a zone is compared with by use must follow from public addresses and the rates that are printed, and no more."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.attack.adversary.case import Case
from tests.attack.adversary.harvest import Harvest

_APART = 0.02  # three digits, of rates with four
_LEAST = 0.01  # of the rate of all uses together
_ORDER = (  # the first that fits
    ("horeca", {"bijeenkomstfunctie", "logiesfunctie"}),
    ("winkel", {"winkelfunctie"}),
    ("industrie", {"industriefunctie"}),
    ("kantoor", {"kantoorfunctie"}),
)
_USES = (*(name for name, _ in _ORDER), "overig", "woning")
Numbers = npt.NDArray[Any]
Names = Callable[[int], list[str]]


def check(harvest: Harvest, file: str, header: Mapping[str, Any], columns: Sequence[Numbers], names: Names) -> None:
    """Work out what is expected of every zone, and hold the ratio to its margin."""
    rates: dict[str, dict[str, tuple[int, float]]] = {}
    for row in harvest.manifest.get("cijfers_naar_gebruik", []):
        rates.setdefault(row["laag"], {})[row["gebruik"]] = row["adressen"], row["cijfer"]
    for layer in header["layers"]:
        for level, figures in layer["levels"].items():
            mine = figures.get("by_use")
            if mine is None:
                continue
            about = f"{layer['id']} {level} naar gebruik"
            expected, ratio, low, high = (columns[mine[name]] for name in ("expected", "ratio", "low", "high"))
            if (low > ratio * (1 + _APART)).any() or (high * (1 + _APART) < ratio).any():
                harvest.fault("T0", file, f"{about}: een verhouding buiten haar marge")
            version = harvest.table.version
            if level != "zone" or version not in harvest.case.zones:
                continue
            counted = _of_zones(harvest.case, version, layer["base"])
            index = harvest.case.zones[version][layer["base"]].index
            own = counted[[index[unit] for unit in names(figures["units"])]] @ _rate_of(rates[layer["id"]])
            shown = ~np.isnan(expected) & (expected >= 0)
            if not np.allclose(expected[shown], own[shown], rtol=_APART):
                harvest.fault("T0", file, f"{about}: een verwachting die niet uit het openbare gebruik volgt")


def _rate_of(known: Mapping[str, tuple[int, float]]) -> npt.NDArray[np.float64]:
    """Give the rate of each use; a use without any still has some."""
    number, rate = np.array(list(known.values())).T
    least = _LEAST * float((number * rate).sum() / number.sum())
    return np.array([max(known[use][1], least) if use in known else 0.0 for use in _USES])


def _of_zones(case: Case, version: str, base: str) -> Numbers:
    """Count the addresses of each zone by what they are mainly used for."""
    if (version, base) in case.by_use:
        return case.by_use[version, base]
    addresses, zone = case.addresses(version), case.zone_of_address(version, base)
    texts, of_text = np.unique(addresses.uses, return_inverse=True)
    use = np.array([_main(set(text.split("|"))) for text in texts.tolist()])[of_text]
    found = np.zeros((len(case.zones[version][base].ids), len(_USES)), dtype=np.int64)
    np.add.at(found, (zone[zone >= 0], use[zone >= 0]), 1)
    case.by_use[version, base] = found
    return found


def _main(uses: set[str]) -> int:
    for number, (_, fits) in enumerate(_ORDER):
        if uses & fits:
            return number
    return _USES.index("woning" if uses == {"woonfunctie"} else "overig")
