"""What drives a layer, and whether its hot spots follow the inspections, in words on every product."""

import dataclasses
import json

import pyarrow as pa
import pytest

from geoanalyse.evidence import places_of, pointers
from geoanalyse.layer import Bias
from geoanalyse.products import factsheet, kaart, toezicht, verantwoording, verantwoordingspagina
from geoanalyse.products.measured import Measured
from geoanalyse.release import Release
from geoanalyse.stats.inspections import HOT, NOT_HOT, SCHEMA, UNDECIDED
from tests.browser_fixtures import Open
from tests.sample import sample_release

SAMPLE = sample_release()
FIU = next(layer for layer in SAMPLE.layers if layer.id == "fiu-signalen")


def hot_zones(release: Release) -> list[str]:
    frame = release.statistics.to_pandas()
    mine = frame[(frame["layer"] == FIU.id) & (frame["level"] == "zone") & (frame["hotspot"] == "hotspot")]
    return sorted(mine["zone"])


def released(**changes: object) -> Release:
    """A release in which hot spot number 0 holds per inspection, the next two do not, one is open, others unknown."""
    zones = hot_zones(SAMPLE)
    assert len(zones) > 4
    calls = [HOT, NOT_HOT, NOT_HOT, UNDECIDED]
    rows = [
        {
            "layer": FIU.id, "level": "zone", "zone": zone, "inspections": 40, "hotspot": call,
            "mean": 0.125, "low": 0.05, "high": None if call == UNDECIDED else 0.3,
        }
        for zone, call in zip(zones[:4], calls, strict=True)
    ]  # fmt: skip
    layer = dataclasses.replace(FIU, bias=Bias.INSPECTION, inspections="kvk-registraties", **changes)  # type: ignore[arg-type]
    layers = tuple(layer if each.id == FIU.id else each for each in SAMPLE.layers)
    return dataclasses.replace(SAMPLE, layers=layers, inspections=pa.Table.from_pylist(rows, schema=SCHEMA))


def said(release: Release) -> str:
    return toezicht.drives(release, next(layer for layer in release.layers if layer.id == FIU.id))


def test_hot_spots_are_counted_by_what_they_are_per_inspection() -> None:
    release = released()
    layer = next(layer for layer in release.layers if layer.id == FIU.id)
    many = len(hot_zones(SAMPLE))
    assert toezicht.follow_up(release, layer)["zone"] == {HOT: 1, NOT_HOT: 2, UNDECIDED: 1, "": many - 4}
    assert said(release).startswith(
        "Dit cijfer komt uit controles: waar meer wordt gekeken, wordt meer gevonden. "
        f"Van {many} zones als hotspot is er 1 dat ook per controle; "
        f"2 niet: daar volgt het cijfer mogelijk het toezicht; van {many - 3} is het niet te zeggen."
    )


@pytest.mark.parametrize("bias", list(Bias))
def test_every_kind_of_layer_says_what_drives_it_and_only_inspections_warn(bias: Bias) -> None:
    layer = dataclasses.replace(FIU, bias=bias)
    words = toezicht.drives(SAMPLE, layer)
    assert words.startswith(toezicht.DRIVERS[bias])
    assert (toezicht.NO_INSPECTIONS in words) == (bias is Bias.INSPECTION)


def test_map_factsheet_page_and_manifest_say_the_same() -> None:
    release = released()
    header, columns = kaart.read_map(kaart.map_html(release))
    entry = next(layer for layer in header["layers"] if layer["id"] == FIU.id)
    assert entry["drives"] == said(release)
    found = entry["levels"]["zone"]["per_inspection"]
    frame = release.statistics.to_pandas()
    names = sorted(frame["zone"][(frame["layer"] == FIU.id) & (frame["level"] == "zone")])
    known = [names.index(zone) for zone in hot_zones(SAMPLE)[:4]]
    assert columns[found["hotspot"]][known].tolist() == [0, 1, 1, 2]
    assert columns[found["mean"]][known].tolist() == [0.125] * 4
    assert (columns[found["hotspot"]] >= 0).sum() == 4
    assert "per_inspection" not in entry["levels"]["res8"]
    layer = next(layer for layer in release.layers if layer.id == FIU.id)
    sheet = str(factsheet.content(release, factsheet.subjects.of_theme(release, next(iter(FIU.themes)))))
    assert toezicht.hot_spots(release, layer).text in sheet
    manifest = json.loads(verantwoording.manifest(release, {}, versions={}, measured=Measured()))
    described = next(each for each in manifest["lagen"] if each["id"] == FIU.id)
    assert (described["vertekening_soort"], described["controles"]) == ("toezicht", "kvk-registraties")
    assert said(release) in verantwoordingspagina.verantwoording_html(release, Measured())


def test_the_reason_of_a_signal_says_whether_it_is_one_per_inspection() -> None:
    release = released()
    layers = tuple(each for each in release.layers if each.id == FIU.id)
    places = places_of(release.statistics.to_pandas(), layers, release.geography)
    found = {
        each.unit[1]: dict(each.reasons)[f"HOTSPOT-{FIU.id}"]
        for each in pointers(release.statistics.to_pandas(), layers, places, release.inspections, release.standardised)
        if each.unit[0] == "zone" and f"HOTSPOT-{FIU.id}" in dict(each.reasons)
    }
    ends = [found[zone].partition("liggen hier bij elkaar")[2] for zone in hot_zones(SAMPLE)[:5]]
    no = ", maar per controle is dat niet aantoonbaar"
    assert ends == [", ook per controle", no, no, ", en of dat per controle ook zo is, is niet te zeggen", ""]


@pytest.mark.browser
def test_a_chosen_hot_spot_says_its_rate_per_inspection(chromium: Open) -> None:
    release = released()
    page = kaart.map_html(release)
    texts = []
    for zone in hot_zones(SAMPLE)[:4]:
        visit = chromium(page, f"#laag={FIU.id}&niveau=zone&cel={zone}")
        visit.wait("document.documentElement.dataset.klaar === 'alles'")
        texts.append(visit.page.locator("#paneel").inner_text())
    assert "13 (95% zeker: 5 tot 30)" in texts[0]
    assert "ja: ook naar het aantal controles is het hier vaak raak" in texts[0]
    assert "nee: naar het aantal controles is het hier niet aantoonbaar vaak raak" in texts[1]
    assert "13 (95% zeker: minstens 5)" in texts[3]
    assert "niet te zeggen" in texts[3]
