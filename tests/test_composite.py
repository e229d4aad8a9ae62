"""The score of a theme, from what its layers say of a unit and what they say only of a larger one around it."""

import numpy as np
import pytest

from geoanalyse import stats
from geoanalyse.build import build
from geoanalyse.classes import HIGHEST_RATIO
from geoanalyse.products import kaart
from geoanalyse.release import Release

PRECISION = 2e-3  # figures are published with four significant digits, those on the map with three


def shares(release: Release, theme: str) -> dict[tuple[str, str], dict[str, tuple[float, float]]]:
    """What each layer of a theme gives to the score of each unit, and which part of that is of the unit itself."""
    found: dict[tuple[str, str], dict[str, tuple[float, float]]] = {}
    for row in release.borrowed.to_pylist():
        if row["theme"] == theme:
            found.setdefault((row["level"], row["zone"]), {})[row["layer"]] = (row["ratio"], row["own"])
    borrowing = {(row["level"], row["layer"]) for row in release.borrowed.to_pylist() if row["theme"] == theme}
    for row in release.statistics.to_pylist():
        if row["ratio"] is not None and (row["level"], row["layer"]) not in borrowing:
            found.setdefault((row["level"], row["zone"]), {})[row["layer"]] = (row["ratio"], 1.0)
    return found


@pytest.fixture(scope="module")
def clipped() -> Release:
    """A postcode, which cuts through hexagons and wijken: some have a figure in the region but not in the area."""
    return build("1104", layer_ids=("fiu-signalen", "pandsluitingen"))


@pytest.mark.parametrize("theme", ["drugs", "witwassen"])
@pytest.mark.parametrize("area", ["zuidoost", "clipped"])
def test_own_and_borrowed_figures_give_every_score(area: str, theme: str, request: pytest.FixtureRequest) -> None:
    release: Release = request.getfixturevalue(area)
    weights = {layer.id: layer.themes[theme] for layer in release.layers if theme in layer.themes}
    known = shares(release, theme)
    seen = set()
    for row in release.statistics.to_pylist():
        if row["layer"] != f"thema:{theme}" or row["ratio"] is None:
            continue
        parts = {name: part for name, part in known[row["level"], row["zone"]].items() if name in weights}
        score = {name: weights[name] * min(ratio, HIGHEST_RATIO) for name, (ratio, _) in parts.items()}
        total = sum(score.values())
        assert total / sum(weights[name] for name in parts) == pytest.approx(row["ratio"], rel=PRECISION)
        own = sum(score[name] * part for name, (_, part) in parts.items())
        assert row["own"] is None if total == 0 else own / total == pytest.approx(row["own"], abs=PRECISION)
        seen.add(row["level"])
    assert seen == {"zone", "res9", "res8", "buurt", "wijk"}


def test_only_layers_without_a_figure_of_their_own_are_borrowed(zuidoost: Release) -> None:
    assert zuidoost.borrowed.schema.equals(stats.BORROWED)
    of_zone = {row["layer"] for row in zuidoost.borrowed.to_pylist() if row["level"] == "zone"}
    assert of_zone == {"pandsluitingen", "domicilie", "leegstand"}  # a coarser atom, and another base
    assert not {"fiu-signalen", "kvk-registraties", "mma-meldingen"} & set(zuidoost.borrowed["layer"].to_pylist())


def test_the_map_holds_what_each_zone_borrows(zuidoost: Release) -> None:
    header, columns = kaart.read_map(kaart.map_html(zuidoost))
    level = next(layer for layer in header["layers"] if layer["id"] == "thema:drugs")["levels"]["zone"]
    zones = sorted(
        row["zone"]
        for row in zuidoost.statistics.to_pylist()
        if row["layer"] == "thema:drugs" and row["level"] == "zone"
    )
    expected = {
        row["zone"]: (row["ratio"], row["own"])
        for row in zuidoost.borrowed.to_pylist()
        if (row["theme"], row["level"], row["layer"]) == ("drugs", "zone", "pandsluitingen")
    }
    ratio, own = (columns[number] for number in level["borrowed"]["pandsluitingen"])
    shown = dict(zip(zones, zip(ratio, own, strict=True), strict=True))
    assert len(expected) > 500
    np.testing.assert_allclose([shown[zone] for zone in expected], list(expected.values()), rtol=5e-3)
