"""Colours of an organisation's own for the map: ``--thema``, a TOML file that is held to what can be read."""

import re
import tomllib
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from geoanalyse.errors import InputError

Floats = npt.NDArray[np.float64]

CLASSES = 6
APART = 10.0
"""Least distance in CIELAB between two classes, for every kind of sight in `_SIGHT`."""
OUTLINE = 3.0
"""Least contrast with white of outlines and of the three highest classes (WCAG 2.1, success criterion 1.4.11)."""
TEXT = 4.5
"""Least contrast with white of text (WCAG 2.1, success criterion 1.4.3)."""

_KEYS = {"kaart": ("klassen", "hotspot", "coldspot"), "pagina": ("nadruk",)}
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
# Machado, Oliveira and Fernandes 2009 ("A physiologically-based model for simulation of color vision deficiency"),
# severity 1, on linear RGB; and luminance alone, for print in grey.
_SIGHT = {
    "iedereen": np.eye(3),
    "wie geen rood ziet": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "wie geen groen ziet": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "wie geen blauw ziet": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
    "een afdruk in grijs": np.tile(_TO_XYZ[1], (3, 1)),
}


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as ``#rrggbb``; `classes` from low to high, `accent` for links and what is chosen."""

    classes: tuple[str, ...]
    hot: str
    cold: str
    accent: str

    @property
    def class_ink(self) -> tuple[str, ...]:
        """Colour of text on each class: black or white, whichever can be read better."""
        return tuple(max(("#1b1b1b", "#ffffff"), key=lambda ink: contrast(ink, ground)) for ground in self.classes)


def read(path: Path) -> Theme:
    """Read and check a file of colours.

    Parameters
    ----------
    path : Path
        TOML: ``[kaart]`` with ``klassen`` (six colours from low to high), ``hotspot`` and ``coldspot``, and
        ``[pagina]`` with ``nadruk``; colours are texts like ``"#b2182b"``.

    Raises
    ------
    InputError
        When the file is missing or no TOML, a key is missing or unknown, a colour is none, or colours cannot be told
        apart or read.
    """
    name = f"--thema {path.name}"
    try:
        values = tomllib.loads(path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"))
    except FileNotFoundError:
        raise InputError(f"{name}: bestand bestaat niet; geef het pad van een TOML-bestand met kleuren") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise InputError(f"{name}: is geen leesbaar TOML-bestand in UTF-8; zie docs/handleiding.md") from None
    faults = list(_keys(values))
    if not faults:
        faults = list(_colours(values))
    if not faults:
        chart, page = values["kaart"], values["pagina"]
        theme = Theme(tuple(chart["klassen"]), chart["hotspot"], chart["coldspot"], page["nadruk"])
        faults = list(_readable(theme))
    if faults:
        raise InputError([f"{name}: {fault}" for fault in faults])
    return theme


def _keys(values: dict[str, Any]) -> list[str]:
    faults = [f"onbekend onderdeel; toegestaan zijn {', '.join(f'[{part}]' for part in _KEYS)}"] * bool(
        set(values) - set(_KEYS)
    )
    for part, keys in _KEYS.items():
        given = values.get(part)
        if not isinstance(given, dict):
            faults.append(f"[{part}] ontbreekt; geef daarin {', '.join(keys)}")
        elif set(given) != set(keys):
            faults.append(f"[{part}] moet precies deze namen hebben: {', '.join(keys)}")
    return faults


def _colours(values: dict[str, Any]) -> list[str]:
    classes = values["kaart"]["klassen"]
    if not isinstance(classes, list) or len(classes) != CLASSES:
        return [f"klassen moet een lijst van {CLASSES} kleuren zijn, van laag naar hoog"]
    others = [values["kaart"]["hotspot"], values["kaart"]["coldspot"], values["pagina"]["nadruk"]]
    wrong = sum(not (isinstance(each, str) and re.fullmatch(r"#[0-9a-fA-F]{6}", each)) for each in classes + others)
    return [f'{wrong} kleuren zijn niet geschreven als "#rrggbb"'] if wrong else []


def _readable(theme: Theme) -> list[str]:
    faults = []
    lightness = [float(_lab(_linear(colour))[0]) for colour in theme.classes]
    if lightness != sorted(lightness, reverse=True):
        faults.append("klassen moeten van laag naar hoog steeds donkerder worden")
    for sight, matrix in _SIGHT.items():
        seen = [_lab(np.clip(matrix @ _linear(colour), 0, 1)) for colour in theme.classes]
        for one, other in combinations(range(CLASSES), 2):
            if np.linalg.norm(seen[one] - seen[other]) < APART:
                faults.append(f"klasse {one + 1} en {other + 1} lijken te veel op elkaar voor {sight}")
    for words, colour, least in (
        *((f"klasse {number + 1}", theme.classes[number], OUTLINE) for number in range(3, CLASSES)),
        ("hotspot", theme.hot, OUTLINE),
        ("coldspot", theme.cold, OUTLINE),
        ("nadruk", theme.accent, TEXT),
    ):
        if contrast(colour, "#ffffff") < least:
            faults.append(f"{words} is te licht op wit; kies een donkerder kleur (contrast minstens {least:g} op 1)")
    return faults


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours, 1 to 21 (WCAG 2.1, "contrast ratio").

    Examples
    --------
    >>> round(contrast("#ffffff", "#000000"))
    21
    """
    light, dark = sorted((float(_TO_XYZ[1] @ _linear(colour)) for colour in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _linear(colour: str) -> Floats:
    channels = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004 - sRGB


def _lab(rgb: Floats) -> Floats:
    relative = (_TO_XYZ @ rgb) / (_TO_XYZ @ np.ones(3))
    bent = np.where(relative > 0.008856, np.cbrt(relative), 7.787 * relative + 16 / 116)  # noqa: PLR2004 - CIE 1976
    return np.array([116 * bent[1] - 16, 500 * (bent[0] - bent[1]), 200 * (bent[1] - bent[2])])
