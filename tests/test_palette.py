"""Colours: told apart in greyscale and by the colour blind, legible on white."""

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from geoanalyse.products import palette

Floats = npt.NDArray[np.float64]

TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB; and luminance alone for print in grey.
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
    "grey": np.tile(TO_XYZ[1], (3, 1)),
}


def linear(colour: str) -> Floats:
    channels = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(rgb: Floats) -> Floats:
    relative = (TO_XYZ @ rgb) / (TO_XYZ @ np.ones(3))
    bent = np.where(relative > 0.008856, np.cbrt(relative), 7.787 * relative + 16 / 116)
    return np.array([116 * bent[1] - 16, 500 * (bent[0] - bent[1]), 200 * (bent[1] - bent[2])])


def contrast(one: str, other: str) -> float:
    light, dark = sorted((float(TO_XYZ[1] @ linear(colour)) for colour in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("vision", VISION)
def test_no_two_classes_look_alike(vision: str) -> None:
    seen = [lab(np.clip(VISION[vision] @ linear(colour), 0, 1)) for colour in palette.CLASS_COLOURS]
    assert min(float(np.linalg.norm(one - other)) for one, other in combinations(seen, 2)) >= 14


@pytest.mark.parametrize("vision", VISION)
def test_no_two_shades_of_the_surroundings_look_alike(vision: str) -> None:
    seen = [lab(np.clip(VISION[vision] @ linear(colour), 0, 1)) for colour in palette.SURROUNDINGS]
    assert min(float(np.linalg.norm(one - other)) for one, other in combinations(seen, 2)) >= 14


def test_the_surroundings_have_one_hue_that_nothing_counted_has() -> None:
    def hue(colour: str) -> float:
        _, red, yellow = lab(linear(colour))
        return float(np.degrees(np.arctan2(yellow, red)) % 360)

    hues = [hue(colour) for colour in palette.SURROUNDINGS]
    assert max(hues) - min(hues) < 15
    for colour in (*palette.CLASS_COLOURS, palette.HOT, palette.COLD):
        apart = abs((hue(colour) - float(np.mean(hues)) + 180) % 360 - 180)
        assert apart > 60
        assert min(float(np.linalg.norm(lab(linear(colour)) - lab(linear(own)))) for own in palette.SURROUNDINGS) >= 14


def test_fewer_classes_are_further_apart_and_a_distance_is_darkest_where_it_is_near() -> None:
    assert palette.shades(2) == [0, 5]
    for count in range(2, 7):
        places = palette.shades(count)
        assert places == sorted(set(places))
        assert (places[0], places[-1], len(places)) == (0, 5, count)
        assert palette.shades(count, falling=True) == places[::-1]


@pytest.mark.parametrize("ramp", [palette.CLASS_COLOURS, palette.SURROUNDINGS])
def test_classes_darken_step_by_step(ramp: tuple[str, ...]) -> None:
    lightness = [float(lab(linear(colour))[0]) for colour in ramp]
    assert lightness == sorted(lightness, reverse=True)


def test_four_of_six_classes_and_both_outlines_stand_out_on_white() -> None:
    assert sum(contrast(colour, "#ffffff") >= 3 for colour in palette.CLASS_COLOURS) == 4
    for colour in (palette.HOT, palette.COLD, palette.INK_SOFT, palette.INK, palette.BORDER):
        assert contrast(colour, "#ffffff") >= 4.5


def test_text_can_be_read_on_every_class() -> None:
    for ground, ink in zip(palette.CLASS_COLOURS, palette.CLASS_INK, strict=True):
        assert contrast(ground, ink) >= 4.5


def test_each_kind_of_empty_has_a_pattern_of_its_own() -> None:
    assert len({style.pattern for style in palette.EMPTY.values()}) == len(palette.EMPTY)
    marks = [style for style in palette.EMPTY.values() if style.pattern is not palette.Pattern.NONE]
    assert all(contrast(style.mark, style.ground) >= 3 for style in marks)


@pytest.mark.parametrize("vision", VISION)
def test_more_and_less_are_told_from_no_difference(vision: str) -> None:
    ground = {name: VISION[vision] @ linear(style.ground) for name, style in palette.CHANGE.items()}
    same = lab(np.clip(ground["niet_anders"], 0, 1))
    for name in ("meer", "minder"):
        assert float(np.linalg.norm(lab(np.clip(ground[name], 0, 1)) - same)) >= 40


def test_more_and_less_differ_without_colour() -> None:
    patterns = {palette.CHANGE[name].pattern for name in ("meer", "minder", "niet_te_vergelijken")}
    assert len(patterns) == 3
    assert contrast(palette.CHANGE["minder"].ground, palette.CHANGE["minder"].mark) >= 4.5
