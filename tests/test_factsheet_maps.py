"""The cut-outs of a factsheet: which places are drawn larger, and that the map shows where they are."""

import dataclasses
import re

import pyarrow as pa
import pytest

from geoanalyse.layer import Theme
from geoanalyse.products import factsheet
from geoanalyse.products.factsheet import maps, subjects
from geoanalyse.products.shapes import Shapes
from geoanalyse.release import Release
from tests.sample import sample_release
from tests.test_factsheet import content_of, of_every_kind, pages, said, with_statistics


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release(cells=300)


@pytest.mark.parametrize("which", range(4))
def test_three_to_five_places_are_drawn_larger_where_there_are_so_many(release: Release, which: int) -> None:
    subject = of_every_kind(release)[which]
    level = maps.map_level(release, subject)
    made = maps.drawings(Shapes(release), subject, level)
    clusters = maps.clusters(Shapes(release), subject, level)
    chosen = maps.spots(subject, level, clusters)
    assert len(made["uitsneden"]) == len(chosen) <= maps.MOST
    units = [spot.units for spot in chosen]
    assert units == sorted(units, reverse=True)
    letters = [each["letter"] for each in made["uitsneden"]]
    assert letters == list("ABCDE")[: len(chosen)]
    for letter in letters:
        assert sum(f">{letter}<" in each["svg"] for each in made["kaarten"]) == 1  # framed on the map it is cut from


def test_forty_hot_spots_give_five_cut_outs_and_the_rest_is_counted() -> None:
    large = sample_release(cells=1500)
    table = large.statistics.to_pandas()
    mine = table.index[(table["layer"] == "thema:drugs") & (table["level"] == "zone") & table["ratio"].notna()]
    table.loc[mine, "hotspot"] = "geen"
    table.loc[mine[:: max(1, len(mine) // 40)][:40], "hotspot"] = "hotspot"
    many = dataclasses.replace(large, statistics=pa.Table.from_pandas(table, schema=large.statistics.schema))
    subject = subjects.of_theme(many, Theme.DRUGS)
    made = maps.drawings(Shapes(many), subject, "zone")
    assert len(made["uitsneden"]) == 5
    assert re.fullmatch(r"De grootste plekken met hotspots; \S+ staan alleen op de kaart", made["uitsneden_kop"].text)
    assert len(pages(factsheet.pdf(factsheet.content(many, subject)))) == 2


def test_nothing_that_stands_out_gives_no_cut_out_and_says_so(release: Release) -> None:
    column = release.statistics["hotspot"].to_pylist()
    cold = pa.array([None if value is None else "geen" for value in column], pa.string())
    quiet = dataclasses.replace(with_statistics(release, hotspot=cold), signals=())
    made = content_of(quiet, Theme.DRUGS)
    assert made["uitsneden"] == []
    assert made["uitsneden_kop"].text == "Er is geen plek die opvalt, en dus geen uitsnede."
    assert said("Er is geen plek die opvalt", factsheet.pdf(made))
