"""Local statistics against published values, sums worked out on paper, and each other."""

import itertools
import json
from pathlib import Path

import h3.api.basic_int as h3
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from geoanalyse.stats import graph, local, overall, permutation

SIX = np.array([(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)], dtype=float)
SIX_VALUES = np.array([2, 3, 3.2, 5, 8, 7])


def test_the_six_points_of_esda() -> None:
    # PySAL esda, esda/tests/test_getisord.py (BSD-3): binary weights within 15, z of the first point
    weights = graph.from_points(SIX, 15)
    assert local.gi(SIX_VALUES, weights)[0] == pytest.approx(-1.0136729, abs=1e-7)
    assert local.gi_star(SIX_VALUES, graph.with_self(weights))[0] == pytest.approx(-1.39727626, abs=1e-8)


def test_the_grid_of_getis_and_ord_1996(shared: Path) -> None:
    # spdep, localG (data of spData, CC0): the cell at x = y = 210
    frame = pd.read_csv(shared / "published" / "getisord_1996_grid.csv")
    place, values = frame[["x", "y"]].to_numpy(), frame["val"].to_numpy()
    marked = np.flatnonzero((place == 210).all(axis=1))
    published = {30: 1.221979, 60: 1.748098, 90: 1.986135, 120: 1.893374, 150: 1.237454}
    for distance, z in published.items():
        assert local.gi(values, graph.from_points(place, distance))[marked] == pytest.approx(z, abs=1e-6)
    near = graph.with_self(graph.from_points(place, 30))
    star = local.gi_star(values, near)[marked]
    assert star == pytest.approx(1.45078, abs=1e-5)
    assert star * np.sqrt(255 / 256) == pytest.approx(1.447943, abs=1e-5)  # p. 267 of 1996 divides by n - 1


# esda 2.9.0 with libpysal 4.14.1, binary weights (transform="B"), on the 19 cells within two steps of a cell of H3
HEXAGONS = {
    "values": [0, 10, 1, 6, 3, 3, 6, 1, 10, 0, 4, 0, 10, 1, 6, 3, 3, 6, 1],
    "others": [0, 6, 9, 9, 6, 0, 4, 5, 3, 11, 3, 5, 4, 0, 6, 9, 9, 6, 0],
    "gi_star": [
        0.24081390676, 0.51811476909, -0.3137878179, 0.65676520025, -0.86838954255, -0.3137878179, -0.72973911139,
        -0.58713849332, 1.3815023372, 0.38370678951, 2.0544301021, -0.25903168823, -0.67948077308, -0.52759683557,
        -0.071945023032, 0.5612353245, -0.071945023032, 0.069075116861, -0.42308509077,
    ],
    "gi": [
        0.63846172256, -0.052329743568, -0.048237481692, 0.47749794957, -0.80433707165, -0.23656972696,
        -0.95499589914, -0.21355643503, 0.66192471619, 0.92813787886, 2.15958035, 0.31061434494, -1.6416390679,
        -0.20055259782, -0.34290679566, 0.74809916263, 0.035765980872, -0.24159697579, -0.030508062148,
    ],
    "moran": [
        -1.8641310035, -1.2289421367, -0.15538348854, 0.47085905619, 0.40823480172, 0.10405985142, -1.3184053573,
        0.16833211259, 1.2016323114, -2.1254577796, 0.12006905933, -0.76655854348, -5.4892748771, 0.1424348645,
        -0.46144187507, -0.32818876216, -0.032018415821, -0.30134979596, -0.077691744271,
    ],
    "variance": [
        5.6237908636, 12.172156112, 3.2203633384, 1.7383039178, 0.31979249146, 0.31979249146, 1.7383039178,
        2.0127270865, 7.60759757, 4.3740595606, 0.0034561949916, 3.5148692898, 9.4672325316, 2.504727041,
        1.3520141583, 0.19987030716, 0.24872749336, 1.0864399486, 2.0127270865,
    ],
    "quadrant": [2, 4, 2, 1, 3, 3, 4, 3, 1, 2, 1, 2, 4, 3, 4, 2, 2, 4, 2],
    "bivariate": [
        -1.3171994569, 2.5809989359, -0.48949979819, -1.0679995597, 0.60519975049, 0.15129993762, -1.6019993395,
        -2.2027490918, 2.5809989359, -0.9878995927, 0.062299974315, 1.6464993212, 2.5809989359, -0.24474989909,
        -0.35599985323, -0.22694990643, 0.75649968811, -0.35599985323, 0,
    ],
    "bivariate_quadrant": [2, 1, 2, 4, 3, 3, 4, 2, 1, 2, 1, 3, 1, 2, 4, 2, 3, 4, 0],  # the last: neighbours as the mean
}  # fmt: skip


def hexagons() -> sparse.csr_array:
    middle = h3.latlng_to_cell(52.3, 4.9, 9)
    return graph.from_cells([cell for steps in range(3) for cell in sorted(h3.grid_ring(middle, steps))])


def test_a_lattice_of_h3_by_esda() -> None:
    values, others, weights = HEXAGONS["values"], HEXAGONS["others"], hexagons()
    assert local.gi_star(values, graph.with_self(weights)) == pytest.approx(HEXAGONS["gi_star"], abs=1e-9)
    assert local.gi(values, weights) == pytest.approx(HEXAGONS["gi"], abs=1e-9)
    found = local.moran(values, weights)
    assert found.statistic * 18 / 19 == pytest.approx(HEXAGONS["moran"], abs=1e-9)  # esda divides by n - 1
    assert found.variance == pytest.approx(HEXAGONS["variance"], abs=1e-8)
    assert found.quadrant.tolist() == HEXAGONS["quadrant"]
    found = local.bivariate_moran(values, others, weights)
    assert found.statistic * 18 / 19 == pytest.approx(HEXAGONS["bivariate"], abs=1e-9)
    assert found.quadrant.tolist() == HEXAGONS["bivariate_quadrant"]


@pytest.mark.full
def test_a_hundred_lattices_of_h3_by_esda_itself() -> None:
    esda, libpysal = pytest.importorskip("esda"), pytest.importorskip("libpysal")
    for seed in range(100):
        random = np.random.default_rng(seed)
        around = h3.grid_disk(h3.latlng_to_cell(random.uniform(-80, 80), random.uniform(-180, 180), 9), 9)
        known = set(random.permutation(around)[: random.integers(60, len(around))].tolist())
        # esda has no z for a cell without neighbours
        cells = [cell for cell in known if known.intersection(h3.grid_ring(cell, 1))]
        place = {cell: position for position, cell in enumerate(cells)}
        near = {at: [place[other] for other in h3.grid_ring(cell, 1) if other in place] for cell, at in place.items()}
        theirs = libpysal.weights.W(near, silence_warnings=True)
        values, weights = random.poisson(3, len(cells)).astype(float), graph.from_cells(cells)
        settings = {"transform": "B", "permutations": 0}
        star = esda.G_Local(values, theirs, star=True, **settings).Zs
        assert local.gi_star(values, graph.with_self(weights)) == pytest.approx(star, abs=1e-9)
        assert local.gi(values, weights) == pytest.approx(esda.G_Local(values, theirs, **settings).Zs, abs=1e-9)


def test_a_square_lattice_by_spdep() -> None:
    # R 4.2.2, spdep 1.2-7: rook neighbours; localG (binary) and localmoran (row-standardised, conditional = TRUE)
    values = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4, 3]
    weights = graph.from_points(list(itertools.product(range(5), range(5))), 1)
    z = [
        0.1205165404845, -1.4141680182428, -1.4981122651839, -0.1571297798048, -1.5512748080613, -0.9270910901082,
        1.0168308385019, 0.2847055825278, -0.3893851714792, 1.1179585423198, 1.4061141015438, -0.0735214622094,
        1.3239039305850, 2.7024309312521, 0.0959059748388, -0.3323660531221, -0.7263077417871, 1.2512844192955,
        -0.0735214622094, 1.3782632839692, -1.2476650197877, -0.1227684156427, -1.2031006720915, 0.6591693966809,
        -0.4579628538411,
    ]  # fmt: skip
    star = [
        -0.282721715991, -1.918432262644, -1.486352924210, -0.838233916561, -1.257624184924, 0.025924760306,
        0.475208705903, 0.475208705903, -0.316805803935, 0.674043767956, 1.322162775606, 0.475208705903,
        1.861234098121, 2.851252235419, 0.890083437173, -0.622194247344, -1.108820313774, 0.871215960823,
        0.475208705903, 1.106123106389, -0.770172950457, -0.622194247344, -0.838233916561, 0.458004098739,
        -0.770172950457,
    ]  # fmt: skip
    index = [
        -0.0786722425510, 1.0452169367486, 0.2415054887611, 0.0324098274961, -0.1244119184527, -0.9695068827322,
        -0.5687401986409, 0.0585467851542, -0.0214976476738, -0.4533019689841, 0.0890399024220, -0.1178776790382,
        0.8949294302143, 1.1285284892838, -0.0372887262589, 0.1086426206656, 0.3199163617355, -0.4298876110821,
        -0.1178776790382, -0.2289597490852, -0.4641923680084, 0.0236975082767, -0.3596445373758, -0.1113434396236,
        0.2023000522739,
    ]  # fmt: skip
    variance = [0.23591263937558, 0.64916710446261, 0.02675247101147, 0.64916710446261, 0.00637694859627]
    for form in (weights, graph.row_standardised(weights)):  # no matter
        assert local.gi(values, form) == pytest.approx(z, abs=1e-9)
    assert local.gi_star(values, graph.with_self(weights)) == pytest.approx(star, abs=1e-9)
    found = local.moran(values, graph.row_standardised(weights))
    assert found.statistic == pytest.approx(index, abs=1e-9)
    assert found.variance[:5] == pytest.approx(variance, abs=1e-9)
    assert np.abs(found.z) == pytest.approx(np.abs(z), abs=1e-9)


def test_local_morans_i_adds_up_to_morans_i() -> None:
    values, weights = HEXAGONS["values"], hexagons()
    whole = overall.moran(values, weights).statistic
    assert local.moran(values, weights).statistic.sum() == pytest.approx(weights.sum() * whole)


def test_beside_an_outlier_the_others_still_differ() -> None:
    # seen from the outlier the mean of the others is 1 and their variance 2/3; its one neighbour has 2
    weights = graph.from_pairs(np.array([[0, 3]]), 4)
    for outlier in (1e3, 1e9, 1e14):
        assert local.gi([outlier, 0, 1, 2], weights)[0] == pytest.approx(1 / np.sqrt(2 / 3), rel=outlier * 1e-15)
    assert np.isnan(local.gi([1e9, 1, 1, 1], weights)[0])


def test_values_far_from_zero_keep_their_z() -> None:
    values, own = np.array(HEXAGONS["values"], dtype=float), graph.with_self(hexagons())
    for shift, scale in ((1e9, 1.0), (0.0, 1e300), (0.0, 1e-300), (-1e6, 1e-3)):
        assert local.gi_star(values * scale + shift, own) == pytest.approx(HEXAGONS["gi_star"], abs=1e-5)


def test_weights_given_twice_or_as_whole_numbers_are_the_same_weights() -> None:
    values, weights = HEXAGONS["values"], hexagons()
    twice = sparse.csr_array(
        (np.repeat(weights.data / 2, 2), np.repeat(weights.indices, 2), weights.indptr * 2), shape=weights.shape
    )
    for form in (twice, weights.astype(np.int8), weights.astype(bool)):
        assert local.gi(values, form) == pytest.approx(HEXAGONS["gi"], abs=1e-9)
        assert (permutation.gi_p(values, form, 99, 1) == permutation.gi_p(values, weights, 99, 1)).all()


def test_two_units_have_a_statistic_but_nothing_to_permute() -> None:
    found = local.moran([0, 1], graph.from_pairs(np.array([[0, 1]]), 2))
    assert found.statistic == pytest.approx([-1, -1])
    assert np.isnan(found.z).all()


@given(seed=st.integers(0, 2**32))
def test_moments_are_those_of_all_permutations(seed: int) -> None:
    random = np.random.default_rng(seed)
    values, weights = random.random(6), random.random((6, 6)) * (random.random((6, 6)) < 0.6)
    np.fill_diagonal(weights, 0)
    found = local.moran(values, sparse.csr_array(weights))
    away = (values - values.mean()) / values.std()
    sums = np.array([[0, *order] for order in itertools.permutations(range(1, 6))])
    every = away[0] * (away[sums] @ weights[0])
    assert found.expected[0] == pytest.approx(every.mean(), abs=1e-9)
    if np.isfinite(found.variance[0]):
        assert found.variance[0] == pytest.approx(every.var(), abs=1e-9)


@given(seed=st.integers(0, 2**32), shift=st.floats(-5, 5), scale=st.floats(0.1, 10))
def test_shifting_and_scaling_changes_nothing(seed: int, shift: float, scale: float) -> None:
    random = np.random.default_rng(seed)
    values, weights = random.random(12), graph.with_self(graph.from_points(random.random((12, 2)), 0.4))
    moved = local.gi_star(values * scale + shift, weights)
    assert moved == pytest.approx(local.gi_star(values, weights), abs=1e-6, nan_ok=True)


@pytest.mark.parametrize("count", [0, 1, 5])
def test_one_value_everywhere_says_nothing(count: int) -> None:
    weights = graph.from_pairs(np.array([[0, 1]] if count > 1 else np.empty((0, 2))), count)
    for values in (np.zeros(count), np.full(count, 0.1)):
        assert np.isnan(local.gi(values, weights)).all()
        assert np.isnan(local.gi_star(values, graph.with_self(weights))).all()
        assert np.isnan(local.moran(values, weights).z).all()
        assert (permutation.gi_p(values, weights, 9, 1) == 1).all()


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused(wrong: float) -> None:
    weights = graph.from_pairs(np.array([[0, 1]]), 3)
    with pytest.raises(ValueError, match="finite"):
        local.gi([wrong, 1, 2], weights)
    with pytest.raises(ValueError, match="finite"):
        permutation.gi_p([wrong, 1, 2], weights, 9, 1)


def test_p_values_come_near_those_of_all_permutations_and_repeat() -> None:
    values = np.array([5.0, 4, 1, 0, 2, 7, 3, 6])
    weights = graph.from_pairs(np.array([[0, 5], [0, 7], [1, 2], [3, 4]]), 8)
    sums = np.array([values[list(pair)].sum() for pair in itertools.combinations(range(1, 8), 2)])
    exact = 2 * (sums >= values[5] + values[7]).mean()  # of unit 0: one pair of 21
    p = permutation.gi_p(values, weights, 19_999, 4)
    assert p[0] == pytest.approx(exact, abs=0.01)
    assert p[6] == 1  # no neighbours
    assert (p == permutation.gi_p(values, weights, 19_999, 4)).all()


def test_any_number_of_threads_gives_the_same_p_values() -> None:
    random = np.random.default_rng(3)
    values, weights = random.poisson(2, 700), graph.from_points(random.random((700, 2)), 0.07)
    found = [permutation.gi_p(values, weights, 199, 5, threads) for threads in (1, 2, 5)]
    assert (found[0] == found[1]).all()
    assert (found[0] == found[2]).all()
    assert (found[0] != permutation.gi_p(values, weights, 199, 6)).any()


def test_without_a_pattern_p_is_at_most_five_percent_in_at_most_five_percent() -> None:
    # 40 maps of 700 units: the standard error of the share is below 0.3 percentage points, neighbours together 0.6
    random = np.random.default_rng(8)
    weights = graph.from_points(random.random((700, 2)), 0.07)
    small = [permutation.gi_p(random.poisson(2, 700), weights, 199, seed) <= 0.05 for seed in range(40)]
    assert 0.02 < np.mean(small) < 0.055  # below 0.05, since equal sums count on both sides


def test_p_values_of_two_layers_see_the_other_layer_round_the_unit() -> None:
    random = np.random.default_rng(2)
    weights = graph.from_points(list(itertools.product(range(15), range(15))), 1)
    here, around = np.zeros(225), random.poisson(1, 225).astype(float)
    here[112] = 5
    around[[97, 111, 113, 127]] = 9  # the four round the middle; not the middle itself
    p = permutation.bivariate_moran_p(here, around, weights, 999, 1)
    assert p[112] == 0.002
    assert permutation.bivariate_moran_p(here, around * 0, weights, 99, 1).tolist() == [1] * 225
    assert local.bivariate_moran(here, around, weights).quadrant[112] == 1


@pytest.mark.parametrize("size", [500, 200])
def test_robberies_in_memphis(size: int, shared: Path) -> None:
    # sfhotspot, hotspot_gistar (MIT): the first ten cells of the grid
    shapely, pyproj = pytest.importorskip("shapely"), pytest.importorskip("pyproj")
    frame = pd.read_csv(shared / "published" / "memphis_robberies_2019_jan.csv")
    known = json.loads((shared / "published" / "memphis_expected.json").read_text(encoding="utf-8"))[f"cell_{size}"]
    metres = pyproj.Transformer.from_crs(4326, 32615, always_xy=True).transform(frame["lon"], frame["lat"])
    points = np.column_stack(metres)
    hull = shapely.MultiPoint(points).convex_hull.buffer(size / 2)
    west, south, east, north = hull.bounds
    x, y = np.meshgrid(np.arange(west, east, size), np.arange(south, north, size))
    kept = shapely.intersects(shapely.box(x, y, x + size, y + size), hull)
    column, row = ((points - [west, south]) // size).astype(int).T
    total = np.zeros(x.shape)
    np.add.at(total, (row, column), 1)
    corner, count = np.column_stack([x[kept], y[kept]]), total[kept]
    assert len(count) == known["n_cells"]
    z = local.gi_star(count, graph.with_self(graph.from_points(corner, size * 1.5)))
    assert count[:10].tolist() == known["n_first10"]
    assert z[:10] == pytest.approx(known["gistar_first10"], rel=2e-3, abs=6e-4)
    assert local.normal_p(z[:10]) == pytest.approx(known["pvalue_first10"], rel=4e-3)
