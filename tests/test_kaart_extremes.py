"""Releases at the edge: nothing to show, one zone, sixty layers, a hundred and twenty periods."""

import dataclasses
import datetime as dt
from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from axe_playwright_python.sync_playwright import Axe

from geoanalyse import stats
from geoanalyse.layer import Theme
from geoanalyse.products import kaart, kaartmodel
from geoanalyse.published import SCHEMA, Protected
from geoanalyse.release import Release
from geoanalyse.stats.series import series
from tests.browser_fixtures import Open
from tests.sample import sample_release

READY = "document.documentElement.dataset.klaar === 'alles'"


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release()


def with_rows(release: Release, statistics: pa.Table, table: pa.Table) -> Release:
    protected = Protected(table, release.profile, release.zones_version, release.protected.k)
    return dataclasses.replace(release, statistics=statistics, protected=protected, signals=())


def only(release: Release, zone: str | None) -> Release:
    """Keep the rows of one zone, or none at all."""
    tables = [release.statistics, release.protected.table]
    if zone is None:
        return with_rows(release, *(table.slice(0, 0) for table in tables))
    kept = [
        table.filter(pc.and_(pc.equal(table["level"], "zone"), pc.equal(table["zone"], pa.scalar(zone))))
        for table in tables
    ]
    return with_rows(release, *kept)


def many_layers(release: Release, count: int) -> Release:
    first = release.layers[0]
    names = [f"laag-{number:02d}" for number in range(count)]
    layers = tuple(
        dataclasses.replace(first, id=name, title=f"Laag {number} met een wat langere naam", family=name)
        for number, name in enumerate(names)
    )

    def repeated(table: pa.Table, schema: pa.Schema) -> pa.Table:
        own = table.filter(pc.equal(table["layer"], first.id))
        place = table.schema.get_field_index("layer")
        parts = [own.set_column(place, "layer", pa.array([name] * len(own))) for name in names]
        themes = table.filter(pc.starts_with(table["layer"], "thema:"))
        return pa.concat_tables([*parts, themes]).cast(schema)

    made = with_rows(release, repeated(release.statistics, stats.SCHEMA), repeated(release.protected.table, SCHEMA))
    return dataclasses.replace(made, layers=layers, rates=dict.fromkeys(names, 0.1))


def many_periods(release: Release, count: int) -> Release:
    """Give one buurt a series of `count` months."""
    table = release.protected.table
    is_series = pc.invert(pc.and_(pc.equal(table["start"], release.start), pc.equal(table["end"], release.end)))
    row = table.filter(pc.and_(is_series, pc.equal(table["level"], "buurt"))).slice(0, 1).to_pylist()[0]
    firsts = [dt.date(2014 + number // 12, 1 + number % 12, 1) for number in range(count + 1)]
    rows = [
        row | {"start": start, "end": end, "status": "waarde", **value_of(number, row["b"])}
        for number, (start, end) in enumerate(pairwise(firsts))
    ]
    whole = table.filter(pc.invert(is_series))
    for name, day in (("start", firsts[0]), ("end", firsts[-1])):
        days = pa.array([day] * len(whole), pa.date32())
        whole = whole.set_column(whole.schema.get_field_index(name), name, days)
    made = with_rows(release, release.statistics, pa.concat_tables([whole, pa.Table.from_pylist(rows, schema=SCHEMA)]))
    windows, changes = series(made.protected, made.protected, made.layers, made.geography)
    return dataclasses.replace(made, start=firsts[0], end=firsts[-1], windows=windows, changes=changes)


def value_of(number: int, b: int) -> dict[str, int]:
    value = b * (number % 7)
    return {"value": value, "low": max(0, value - b + 1), "high": value + b - 1}


@pytest.mark.browser
def test_an_area_without_a_single_zone_says_so(chromium: Open, release: Release) -> None:
    visit = chromium(kaart.map_html(only(release, None)))
    visit.wait("document.documentElement.dataset.klaar === 'leeg'")
    text = visit.page.locator("#start").inner_text()
    assert "geen enkele zone met een cijfer" in text
    assert "iets anders dan nul" in text
    assert not visit.page.locator(".links").is_visible()
    assert visit.page.locator("#titel").inner_text() == release.area.title
    assert release.grondslag.purpose in visit.page.locator("#over").inner_text()
    assert Axe().run(visit.page).response["violations"] == []
    assert visit.problems == []


@pytest.mark.browser
def test_one_zone_is_a_map(chromium: Open, release: Release) -> None:
    zone = release.signals[0].zone
    visit = chromium(kaart.map_html(only(release, zone)), f"#laag=fiu-signalen&cel={zone}")
    visit.wait(READY)
    assert zone in visit.page.locator("#paneel").inner_text()
    assert "van 1 zone" in visit.page.locator("#tabelvak").inner_text()
    visit.page.locator("#tabelvak tbody button").first.click()
    assert Axe().run(visit.page).response["violations"] == []
    assert visit.problems == []


def test_a_zone_without_a_row_has_addresses_and_no_figure(release: Release) -> None:
    """What is not in the table is no proof that no one lives there."""
    header, columns = kaart.read_map(kaart.map_html(only(release, release.signals[0].zone)))
    units = next(each for each in header["unit_sets"] if each["base"] == "alle" and each["level"] == "zone")
    found = columns[units["of_cell"]].tolist()
    lived_in = len(release.geography.zones.base["alle"].cell)
    assert found.count(kaartmodel.NO_FIGURE) == lived_in - sum(unit >= 0 for unit in found)
    assert found.count(kaartmodel.NO_ADDRESSES) == len(release.area.cells) - lived_in


@pytest.mark.browser
def test_sixty_layers_fit_beside_the_map(chromium: Open, release: Release) -> None:
    made = many_layers(release, 60)
    page = kaart.map_html(made)
    assert len(page) < 2 * len(kaart.map_html(release))
    visit = chromium(page, "#laag=laag-59&niveau=zone")
    visit.wait(READY)
    assert visit.page.locator("#lagen input").count() == 60 + len(Theme)
    assert visit.page.locator("#kaartkop").inner_text().startswith("Laag 59")
    box = visit.page.locator("#kaart").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 768
    visit.page.locator("#kaart").focus()
    visit.page.keyboard.press("Enter")
    assert Axe().run(visit.page).response["violations"] == []
    assert visit.problems == []


@pytest.mark.browser
def test_a_hundred_and_twenty_periods_are_drawn_and_told(chromium: Open, release: Release) -> None:
    made = many_periods(release, 120)
    header, _ = kaart.read_map(kaart.map_html(made))
    assert len(header["series"]["fiu-signalen"]["windows"]) == 120
    code = made.windows["zone"][0].as_py()
    visit = chromium(kaart.map_html(made), "#laag=fiu-signalen&niveau=buurt")
    visit.wait(READY)
    name = release.geography.regions.name(code)
    visit.page.get_by_label("Zoek in de tabel").fill(name)
    visit.page.locator("#tabelvak tbody button").first.click()
    assert visit.page.locator("#paneel figure .staafje").count() == 120
    assert visit.page.evaluate(
        "document.querySelector('#paneel').scrollWidth <= document.querySelector('#paneel').clientWidth"
    )
    assert Axe().run(visit.page).response["violations"] == []
    assert visit.problems == []
