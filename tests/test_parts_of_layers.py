"""G3 for a layer inside another: neither narrows the other, although every address of the part is one of the whole."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from geoanalyse.addresses import Events
from geoanalyse.protection import protect
from geoanalyse.rounding import DISPLACEMENT
from tests import town

SECRET = bytes(range(32))
WHOLE, PART = "kvk-registraties", "domicilie"


def table_of(place: town.Town, share: float, inside: float, random: np.random.Generator, profile: str) -> pd.DataFrame:
    """Publish a layer, and one that holds a part of its addresses; without series."""
    all_of_it = town.events(random, place, share)
    kept = np.isin(
        all_of_it.address, np.unique(all_of_it.address)[random.random(len(np.unique(all_of_it.address))) < inside]
    )
    part = Events(all_of_it.address[kept], all_of_it.day[kept], all_of_it.amount[kept])
    counts = [
        town.counted(place, town.layer(WHOLE, series=None), all_of_it),
        town.counted(place, town.layer(PART), part),
    ]
    return protect(counts, place.geography, SECRET, profile).table.to_pandas()


def possible(frame: pd.DataFrame) -> pd.DataFrame:
    """Bound every atom of both layers by linear programming, from everything published about both."""
    shown = frame[frame["value"].notna()]
    atoms = shown[shown["rounding"] == "zone"].reset_index(drop=True)
    tree = town.regions(2)
    held = [tree.chain(code).values() for code in atoms["gebiedscode"]]
    capped = (atoms["status"] == "cap").to_numpy()
    low = np.maximum(0, atoms["value"] - atoms["b"] + 1).to_numpy()
    # what lies above a cap is unknown, but totals count it at the cap: the second half of the variables
    above = np.where(capped, atoms["addresses"] - atoms["value"], 0)
    high = np.where(capped, atoms["value"], np.minimum(atoms["addresses"], atoms["value"] + atoms["b"] - 1)).astype(int)
    # a part was lowered where its table leaves more possible than its rounding does
    lowered = ((atoms["layer"] == PART) & (atoms["high"] > atoms["value"] + atoms["b"] - 1)).to_numpy()
    count = len(atoms)
    lines, limits = [], []
    for row in shown[shown["rounding"] == "apart"].itertuples():
        line = np.zeros(2 * count)
        line[:count] = [
            row.zone in codes and row.layer == layer for codes, layer in zip(held, atoms["layer"], strict=True)
        ]
        lines += [line, -line]
        least = max(row.value - row.b + 1 - DISPLACEMENT, int(row.value > 0))
        limits += [row.value + row.b - 1 + DISPLACEMENT, -least]
    for code in tree.codes:
        inside = np.array([code in codes for codes in held])
        line = np.zeros(2 * count)
        line[:count] = np.where(
            inside & (atoms["layer"] == PART), 1, np.where(inside & (atoms["layer"] == WHOLE), -1, 0)
        )
        line[count:] = np.where(inside & (atoms["layer"] == WHOLE), -1, 0)
        lines.append(line)
        limits.append(0)
    bounds = list(zip(low, high, strict=True)) + [(0, most) for most in above]
    found = []
    for atom in range(count):
        goal = np.zeros(2 * count)
        goal[atom] = 1
        ends = [optimize.linprog(sign * goal, A_ub=np.array(lines), b_ub=limits, bounds=bounds) for sign in (1, -1)]
        assert all(end.success for end in ends), "the published table contradicts itself"
        found.append((ends[0].fun, -ends[1].fun))
    atoms["possible_low"], atoms["possible_high"] = np.array(found).T
    atoms["own_low"], atoms["own_high"], atoms["lowered"] = low, high, lowered
    return atoms


@settings(max_examples=8)
@given(
    seed=st.integers(0, 2**32),
    share=st.sampled_from([0.003, 0.02, 0.2]),
    inside=st.sampled_from([0.1, 0.6, 1.0]),
    profile=st.sampled_from(["casustafel", "streng"]),
)
def test_a_part_and_its_whole_narrow_no_atom_of_each_other(
    seed: int, share: float, inside: float, profile: str
) -> None:
    random = np.random.default_rng(seed)
    place = town.town(random, 400, size=8)
    bounded = possible(table_of(place, share, inside, random, profile))
    assert np.allclose(bounded["possible_low"], bounded["own_low"], atol=1e-6)
    assert np.allclose(bounded["possible_high"], bounded["own_high"], atol=1e-6)


def test_without_the_bound_a_part_would_prove_something_about_its_whole() -> None:
    """The check has teeth: rounded without looking at the whole, the same part gives zones away."""
    won = 0
    for seed in range(20):
        random = np.random.default_rng(seed)
        place = town.town(random, 300, size=6)
        frame = table_of(place, 0.03, 1.0, random, "streng")
        whole = frame[(frame["layer"] == WHOLE) & (frame["rounding"] == "zone")]
        alone = frame["layer"].eq(PART) & frame["rounding"].eq("zone")
        for index in frame.index[alone]:
            zones = whole[whole["gebiedscode"] == frame.loc[index, "zone"]]
            frame.loc[index, "value"] = 3 * (int(zones["value"].sum() + 2 * len(zones)) // 3)
        try:
            bounded = possible(frame[frame["rounding"] != "som"])
        except AssertionError:
            won += 1
            continue
        won += int(
            (bounded["possible_high"] - bounded["possible_low"] < bounded["own_high"] - bounded["own_low"] - 0.5).any()
        )
    assert won > 0


def test_the_values_of_a_part_do_not_depend_on_the_profile() -> None:
    for seed in range(12):
        shown = []
        for profile in ("casustafel", "streng"):
            random = np.random.default_rng(seed)
            place = town.town(random, 300, size=6)
            frame = table_of(place, 0.05, 0.9, random, profile)
            part = frame[(frame["layer"] == PART) & (frame["rounding"] == "zone")]
            shown.append(part["value"].tolist())
        assert shown[0] == shown[1]


def test_a_part_that_is_lowered_says_that_it_may_be_more() -> None:
    seen = 0
    for seed in range(30):
        random = np.random.default_rng(seed)
        place = town.town(random, 300, size=6)
        bounded = possible(table_of(place, 0.02, 1.0, random, "casustafel"))
        lowered = bounded[bounded["lowered"]]
        seen += len(lowered)
        assert (lowered["high"] == lowered["addresses"]).all()
    assert seen > 0


def test_a_part_without_its_whole_is_refused() -> None:
    random = np.random.default_rng(1)
    place = town.town(random, 400, size=8)
    counts = [town.counted(place, town.layer(PART), town.events(random, place, 0.05))]
    with pytest.raises(KeyError):
        protect(counts, place.geography, SECRET, "casustafel")
