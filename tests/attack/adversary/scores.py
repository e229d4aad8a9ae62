"""Figures of the map that follow from others on it: the score of a theme from its layers, words from their list."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.attack.adversary.harvest import Harvest

_APART = 0.02  # ratios have three digits each
Numbers = npt.NDArray[Any]
Names = Callable[[int], list[str]]


def check(harvest: Harvest, file: str, header: Mapping[str, Any], columns: Sequence[Numbers], names: Names) -> None:
    """Check the bands, the ranks and the scores of every theme, and the codes; `names` gives the units of a set."""
    _codes(harvest, file, header, columns)
    for layer in header["layers"]:
        if not layer["id"].startswith("thema:"):
            continue
        for level, figures in layer["levels"].items():
            about = f"{layer['id']} {level}"
            _bands(harvest, file, about, {name: columns[figures[name]] for name in _BANDS})
            units = names(figures["units"])
            expected = _scores(layer["id"].removeprefix("thema:"), level, units, figures, header, columns, names)
            for unit, ratio, score in zip(units, columns[figures["ratio"]].tolist(), expected, strict=True):
                if math.isnan(ratio) != math.isnan(score) or not (
                    math.isnan(score) or math.isclose(ratio, score, rel_tol=_APART, abs_tol=1e-9)
                ):
                    harvest.fault("T0", file, f"{about}: een score die niet uit de lagen volgt, zoals die van {unit}")
                    break


def _codes(harvest: Harvest, file: str, header: Mapping[str, Any], columns: Sequence[Numbers]) -> None:
    """Every code must be one of its list, and a rate per inspection lie within its margin."""
    words = header["words"]
    lists = []
    for layer in header["layers"]:
        for level, figures in layer["levels"].items():
            lists.append((f"{layer['id']} {level} stability", figures["stability"], 2))
            if "per_inspection" in figures:
                mine = figures["per_inspection"]
                lists.append((f"{layer['id']} {level} per_inspection", mine["hotspot"], len(words["per_inspection"])))
                mean, low, high = (columns[mine[name]] for name in ("mean", "low", "high"))
                if (low > mean * (1 + _APART)).any() or (high * (1 + _APART) < mean).any():
                    harvest.fault("T0", file, f"{layer['id']} {level}: een cijfer per controle buiten zijn marge")
    for layer_id, series in header["series"].items():
        sizes = (len(words["trends"]), len(words["patterns"]), len(series["windows"]))
        lists += [(f"{layer_id} trends", column, size) for column, size in zip(series["trends"], sizes, strict=True)]
    for about, column, size in lists:
        if (columns[column] < -1).any() or (columns[column] >= size).any():
            harvest.fault("T0", file, f"{about}: een code die er niet is")


_BANDS = ("ratio", "ratio_low", "ratio_high", "rank_low", "rank_high")


def _bands(harvest: Harvest, file: str, about: str, of: Mapping[str, Numbers]) -> None:
    known = ~np.isnan(of["ratio"])
    low, high = of["ratio_low"][known], of["ratio_high"][known]
    ratio = of["ratio"][known]
    if (low > ratio * (1 + _APART)).any() or (high * (1 + _APART) < ratio).any():
        harvest.fault("T0", file, f"{about}: een score buiten haar band")
    first, last = of["rank_low"][known], of["rank_high"][known]
    harvest.bands += [float(end) for ends in (low, high, first, last) for end in np.unique(ends).tolist()]
    if (first < 1).any() or (first > last).any() or (last > known.sum()).any():
        harvest.fault("T0", file, f"{about}: een rang die niet kan")
    if (of["rank_low"][~known] != -1).any() or not np.isnan(of["ratio_low"][~known]).all():
        harvest.fault("T0", file, f"{about}: een band zonder score")


def _scores(
    theme: str,
    level: str,
    units: list[str],
    figures: Mapping[str, Any],
    header: Mapping[str, Any],
    columns: Sequence[Numbers],
    names: Names,
) -> list[float]:
    """Weigh the ratios of the layers that say something, each at most `highest_ratio`."""
    total, weight = np.zeros(len(units)), np.zeros(len(units))
    for layer in header["layers"]:
        share = layer.get("themes", {}).get(theme, 0)
        if not share:
            continue
        taken = figures["borrowed"].get(layer["id"])
        if taken is not None:
            ratio = columns[taken[0]]
        elif level in layer["levels"]:
            own = layer["levels"][level]
            known = dict(zip(names(own["units"]), columns[own["ratio"]].tolist(), strict=True))
            ratio = np.array([known.get(unit, math.nan) for unit in units])
        else:
            continue
        told = ~np.isnan(ratio)
        total[told] += share * np.minimum(ratio[told], header["highest_ratio"])
        weight[told] += share
    return np.divide(total, weight, out=np.full(len(units), np.nan), where=weight > 0).tolist()
