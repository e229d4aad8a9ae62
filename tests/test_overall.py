"""Overall statistics against published values, R, and all permutations."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import sparse

from geoanalyse.stats import graph, overall

BLOCK = [(0, 1), (0, 2), (1, 3), (2, 3)]  # four cells: 0 1 above 2 3
NAN = float("nan")


def rook(rows: int, columns: int) -> sparse.csr_array:
    return graph.from_points(list(itertools.product(range(rows), range(columns))), 1)


@pytest.mark.parametrize(
    ("values", "pairs", "index"),
    [
        ([3, 1, 0, 0], BLOCK, -1 / 6),  # mean 1; d = 2 0 -1 -1; sum over pairs 0 - 2 + 0 + 1; sum of squares 6
        ([5, 0, 0, 5], BLOCK, -1.0),
        ([1, 2, 3, 4], [(0, 1), (1, 2), (2, 3)], 4 / 3 * (0.75 - 0.25 + 0.75) / 5),
        ([2, 2, 2, 2], BLOCK, NAN),
        ([1, 2], [], NAN),
        ([], [], NAN),
    ],
)
def test_morans_i_of_a_small_lattice(values: list[int], pairs: list[tuple[int, int]], index: float) -> None:
    weights = graph.from_pairs(np.array(pairs, dtype=np.int64), len(values))
    assert overall.moran(values, weights).statistic == pytest.approx(index, nan_ok=True)


def test_the_small_sets_of_esda() -> None:
    # PySAL esda, esda/tests/test_moran.py, test_getisord.py and test_join_counts.py (BSD-3)
    assert overall.moran(np.arange(1, 10), rook(3, 3)).variance == pytest.approx(0.0596875)
    points = [(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)]
    found = overall.general_g([2, 3, 3.2, 5, 8, 7], graph.from_points(points, 15))
    assert found.statistic == pytest.approx(0.55709779, abs=1e-8)
    assert overall.join_counts(np.arange(16) >= 8, rook(4, 4)) == (10, 4, 10)


def test_a_lattice_by_spdep() -> None:
    # R 4.2.2, spdep 1.2-7: globalG.test and moran.test of rook neighbours, binary weights
    values = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4, 3]
    index = overall.moran(values, rook(5, 5))
    assert (index.statistic, index.expected) == pytest.approx((0.0224451123889, -1 / 24), abs=1e-12)
    assert (index.variance, index.z) == pytest.approx((0.0222102035207, 0.4301912368), abs=1e-10)
    found = overall.general_g(values, rook(5, 5))
    assert found.statistic == pytest.approx(0.142424701075, abs=1e-11)
    assert found.expected == pytest.approx(1.33333333333e-01)
    assert found.variance == pytest.approx(6.89287973848e-05, rel=1e-9)
    assert found.z == pytest.approx(1.095037204, abs=1e-8)


@given(seed=st.integers(0, 2**32))
def test_moments_are_those_of_all_permutations(seed: int) -> None:
    random = np.random.default_rng(seed)
    values, dense = random.integers(0, 9, 6).astype(float), random.random((6, 6)) * (random.random((6, 6)) < 0.6)
    np.fill_diagonal(dense, 0)
    assume(np.count_nonzero(values) > 1 and values.std() > 0 and dense.any())
    weights = sparse.csr_array(dense)
    orders = np.array(list(itertools.permutations(range(6))))
    for statistic in (overall.moran, overall.general_g):
        found = statistic(values, weights)
        away = values - values.mean() if statistic is overall.moran else values
        sums = ((away[orders] @ dense) * away[orders]).sum(axis=1)
        every = sums * found.statistic / sums[0] if sums[0] else sums[:0]
        if len(every):
            assert found.expected == pytest.approx(every.mean(), rel=1e-7, abs=1e-9)
            assert found.variance == pytest.approx(every.var(), rel=1e-6, abs=1e-9)


def test_a_share_of_products_takes_values_from_zero_up() -> None:
    with pytest.raises(ValueError, match="negative"):
        overall.general_g([1, -1], rook(1, 2))
    assert np.isnan(overall.general_g([0, 5, 0], rook(1, 3)).statistic)


@pytest.mark.parametrize("wrong", [NAN, np.inf])
def test_what_is_not_finite_is_refused(wrong: float) -> None:
    for statistic in (overall.moran, overall.general_g):
        with pytest.raises(ValueError, match="finite"):
            statistic([wrong, 1.0], rook(1, 2))
