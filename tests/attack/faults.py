"""Eighteen ways to break the promise, each planted in the real program, or in its outputs for a product to come.

That a clean release passes only means something when the adversary catches these. A patch changes functions of the
package for one job of `tests.attack.runner`; a plant adds files to a case.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from tests.attack import leaks, roundings
from tests.attack.patching import Patches


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault, the test of the adversary that must fail, and the releases in which it shows."""

    name: str
    test: str
    shows_in: str


FAULTS = (
    Fault("raw-tooltip", "T13", "jaarlijks"),
    Fault("gi-from-raw", "T6", "tweelingen"),
    Fault("gi-three-decimals", "T5", "jaarlijks"),
    Fault("h3-per-resolution", "T1", "jaarlijks"),
    Fault("rekeyed-monthly", "T8", "gelijk"),
    Fault("rekeyed-yearly", "T8", "gelijk"),
    Fault("unkeyed-hash", "T12", "lijsten"),
    Fault("exact-borders", "T1", "jaarlijks"),
    Fault("hide-only", "T2", "jaarlijks"),
    Fault("hidden-table", "T0", "jaarlijks"),
    Fault("pdf-layer", "T13", "jaarlijks"),
    Fault("sorted-list", "T12", "lijsten"),
    Fault("shared-key", "T12", "lijsten"),
    Fault("plain-digest", "T13", "jaarlijks"),
    Fault("not-clamped", "T16", "jaarlijks"),
    Fault("linear-rounding", "T8", "gelijk"),
    Fault("uncapped-total", "T16", "jaarlijks"),
    Fault("overlapping-windows", "T9", "overlappend"),
)

PATCHES: Mapping[str, Callable[[], Patches]] = {
    "raw-tooltip": leaks.raw_tooltip,
    "gi-from-raw": leaks.gi_from_raw,
    "gi-three-decimals": leaks.gi_three_decimals,
    "hidden-table": leaks.hidden_table,
    "pdf-layer": leaks.pdf_layer,
    "plain-digest": leaks.plain_digest,
    "h3-per-resolution": roundings.h3_per_resolution,
    "exact-borders": roundings.exact_borders,
    "rekeyed-monthly": roundings.rekeyed_monthly,
    "rekeyed-yearly": roundings.rekeyed_yearly,
    "hide-only": roundings.hide_only,
    "linear-rounding": roundings.linear_rounding,
    "not-clamped": roundings.not_clamped,
    "uncapped-total": roundings.uncapped_total,
    "overlapping-windows": roundings.overlapping_windows,
}


@contextmanager
def planted(name: str) -> Iterator[None]:
    """Patch a fault into the package, and take it out again."""
    with ExitStack() as stack:
        for patch in PATCHES[name]():
            stack.enter_context(patch)
        yield


# --- lists for a holder, which are no product yet ---------------------------------------------------------------------

STRENGTHS = ("sterk", "matig", "licht")


def proper_lists(case: Path, ids: Sequence[str], random: np.random.Generator) -> None:
    """Two lists as they should be: a key per list, rows in random order."""
    for name in ("maart", "april"):
        _list(case, name, _keyed(ids, name.encode()), random)


def unkeyed_hash(case: Path, ids: Sequence[str], random: np.random.Generator) -> None:
    """Keys that anyone can compute from the public address base."""
    _list(case, "maart", [hashlib.sha256(each.encode()).hexdigest() for each in ids], random)


def sorted_list(case: Path, ids: Sequence[str], random: np.random.Generator) -> None:
    """The strongest first."""
    _list(case, "maart", _keyed(ids, b"maart"), random, in_order=True)


def shared_key(case: Path, ids: Sequence[str], random: np.random.Generator) -> None:
    """One key per address, whatever the list."""
    for name in ("maart", "april"):
        _list(case, name, _keyed(ids, b"altijd dezelfde"), random)


def _keyed(ids: Sequence[str], secret: bytes) -> list[str]:
    return [hmac.digest(secret, each.encode(), "sha256").hex() for each in ids]


def _list(case: Path, name: str, keys: Sequence[str], random: np.random.Generator, *, in_order: bool = False) -> None:
    strength = random.integers(0, len(STRENGTHS), len(keys))
    order = random.permutation(len(keys))
    if in_order:
        order = order[np.argsort(strength[order], kind="stable")]
    (case / "lijsten").mkdir(parents=True, exist_ok=True)
    rows = {"sleutel": [keys[index] for index in order], "sterkte": [STRENGTHS[strength[index]] for index in order]}
    pd.DataFrame(rows).to_excel(case / "lijsten" / f"{name}.xlsx", index=False)


Plant = Callable[[Path, Sequence[str], np.random.Generator], None]

PLANTS: Mapping[str, Plant] = {
    "unkeyed-hash": unkeyed_hash,
    "sorted-list": sorted_list,
    "shared-key": shared_key,
}
