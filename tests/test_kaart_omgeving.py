"""The surroundings on the map: what it holds of them, and that a reader never takes them for incidents."""

import dataclasses
import io
import json
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from geoanalyse import grid
from geoanalyse.context import ContextLayer
from geoanalyse.dressing import Dressing
from geoanalyse.errors import ReleaseError
from geoanalyse.products import kaart, kaartmodel, kaartomgeving, palette
from geoanalyse.published import Surroundings
from geoanalyse.release import Release
from tests.around import KADES, around, layer
from tests.attack.adversary import read_map
from tests.browser_fixtures import Open, Visit
from tests.sample import sample_release
from tests.test_kaart import HOSTILE, lattice_cells
from tests.test_kaart_browser import choose_layer, on_screen, opened, panel, pixels

NO_INCIDENTS = "Openbare gegevens over de plek. Dit zijn geen meldingen en zij tellen niet mee in een score of signaal."
OF_INCIDENTS = re.compile(r"per 1\.000|(?i:hotspot|coldspot|keer het gemiddelde|adressen|betrouwbaarheid)|\bD\d\d\b")
GROUP = "#lagen details.omgeving"


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release()


@pytest.fixture(scope="module")
def surroundings(release: Release) -> Surroundings:
    return around(release)


@pytest.fixture(scope="module")
def page(release: Release, surroundings: Surroundings) -> str:
    return kaart.map_html(release, Dressing(surroundings=surroundings))


def names_of(header: dict, columns: list, entry: dict) -> list[str]:
    ids = header["unit_sets"][entry["units"]]["ids"]
    if not ids or isinstance(ids[0], str):
        return ids
    high, low = (columns[each].astype(np.int64) & 0xFFFFFFFF for each in ids)
    return [f"{(one << 32) | other:x}" for one, other in zip(high.tolist(), low.tolist(), strict=True)]


# --- what the page holds ----------------------------------------------------------------------------------------------


def test_every_value_of_the_table_is_on_the_map_to_the_last_digit(page: str, surroundings: Surroundings) -> None:
    header, columns = kaart.read_map(page)
    rows = surroundings.table.to_pandas()
    compared = 0
    for entry in header["surroundings"]:
        for level, given in entry["levels"].items():
            own = rows[(rows["layer"] == entry["id"]) & (rows["level"] == level)].set_index("unit")
            names = names_of(header, columns, given)
            assert names == sorted(names)
            assert set(names) <= set(own.index)
            np.testing.assert_array_equal(columns[given["value"]], own["value"].loc[names].astype(float))
            np.testing.assert_array_equal(columns[given["seen"]], np.rint(own["seen"].loc[names] * 1000))
            compared += len(names)
    assert compared > 3 * 120


def test_every_cell_of_the_area_has_a_value_of_its_own_also_without_addresses(page: str, release: Release) -> None:
    header, columns = kaart.read_map(page)
    entry = header["surroundings"][1]
    assert entry["id"] == "kades"
    assert names_of(header, columns, entry["levels"]["cel"]) == sorted(grid.to_hex(release.area.cells))
    of_cell = columns[header["unit_sets"][entry["levels"]["cel"]["units"]]["of_cell"]]
    place = dict(zip(lattice_cells(header, columns, 10).tolist(), of_cell.tolist(), strict=True))
    area = sorted(release.area.cells.tolist())
    assert [place[cell] for cell in area] == list(range(len(area)))
    inside = columns[header["inside"]].astype(bool)
    drawn_only = [place[cell] for cell in lattice_cells(header, columns, 10)[inside].tolist() if cell not in set(area)]
    assert set(drawn_only) <= {kaartmodel.NO_FIGURE}
    assert set(of_cell[~inside].tolist()) <= {kaartmodel.NOT_DRAWN}
    lived_in = release.geography.zones.base["alle"].cell
    assert set(area) - set(lived_in.tolist())


def test_classes_are_named_with_their_unit_and_come_from_the_breaks(page: str) -> None:
    header, _ = kaart.read_map(page)
    told = {entry["id"]: (entry["classes"], entry["shades"]) for entry in header["surroundings"]}
    assert told["kades"] == (
        [
            *("minder dan 100 meter", "100 tot 250 meter", "250 tot 500 meter", "500 tot 1.000 meter"),
            "1.000 meter of meer",
        ],
        [5, 4, 3, 1, 0],
    )
    assert told["daken"][0] == ["minder dan 1% van de grond veranderd", "1% van de grond veranderd of meer"]
    assert told["maaiveld"][0][:2] == ["minder dan -3 meter", "-3 tot -1,5 meter"]
    assert told["maaiveld"][1] == [0, 1, 2, 3, 4, 5]


def test_definitions_reach_the_map_whole(page: str) -> None:
    header, _ = kaart.read_map(page)
    entry = next(each for each in header["surroundings"] if each["id"] == "kades")
    assert {name: entry[name] for name in entry if name != "levels"} == {
        **kaartomgeving.definition(KADES),
        "reference_date": "1 juli 2025",
        "opportunity": "aan- en afvoer over water",
        "kind": "afstand",
    }
    assert not {each["id"] for each in header["layers"]} & {each["id"] for each in header["surroundings"]}


def test_a_map_without_surroundings_differs_in_nothing_but_an_empty_list(release: Release) -> None:
    empty = Dressing(surroundings=dataclasses.replace(around(release), layers=()))
    plain = kaart.map_html(release)
    assert kaart.map_html(release, empty) == plain
    header, columns = kaart.read_map(plain)
    told, more = kaart.read_map(kaart.map_html(release, Dressing(surroundings=around(release))))
    assert header["surroundings"] == []
    differing = {key for key in header if header[key] != told[key]}
    assert differing <= {"surroundings", "unit_sets", "arrays"}
    assert told["unit_sets"][: len(header["unit_sets"])] == header["unit_sets"]
    assert all(np.array_equal(one, other, equal_nan=True) for one, other in zip(columns, more, strict=False))


def test_surroundings_of_another_area_are_refused(release: Release, surroundings: Surroundings) -> None:
    other = dataclasses.replace(release, area=dataclasses.replace(release.area, cells=release.area.cells[5:]))
    with pytest.raises(ReleaseError, match="ander gebied gemeten"):
        kaart.map_html(other, Dressing(surroundings=surroundings))


def test_data_of_the_surroundings_never_change_scripts_or_styles(release: Release, page: str) -> None:
    def fixed(text: str) -> list[str]:
        return re.findall(r"<script>.*?</script>|<style>.*?</style>|<meta http-equiv[^>]*>", text, flags=re.DOTALL)

    assert fixed(page) == fixed(kaart.map_html(release))


def test_the_hostile_program_knows_every_entry_and_every_column(page: str) -> None:
    found: list[tuple[str, ...]] = []
    header, columns = kaart.read_map(page)
    read_map._header(SimpleNamespace(fault=lambda *told: found.append(told)), "kaart.html", header, columns)
    assert found == []
    block = re.search(r'id="gegevens">([^<]*)<', page)
    assert block is not None
    told, theirs = read_map.unpack(block[1])
    assert told == header
    for one, other in zip(columns, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)
    header["surroundings"][0]["bezoeker"] = "wie"
    read_map._header(SimpleNamespace(fault=lambda *told: found.append(told)), "kaart.html", header, columns)
    assert found == [("T0", "kaart.html", "niet aangekondigd: surroundings[].bezoeker")]


# --- in a browser -----------------------------------------------------------------------------------------------------


def shown(visit: Visit) -> str:
    """All that is about the layer: heading, legend, time bar, panel and table."""
    return "\n".join(
        visit.page.locator(each).inner_text() for each in ("#kaartkop", "#legenda", "#tijdbalk", "#paneel", "#tabelvak")
    )


def centre_of(release: Release, position: int) -> tuple[np.ndarray, np.ndarray]:
    cell = np.sort(release.area.cells)[position : position + 1]
    lon, lat = grid.centres(cell).T
    return lon, lat


def click_cell(visit: Visit, release: Release, position: int) -> None:
    left, top = on_screen(visit, *centre_of(release, position))
    visit.page.mouse.click(left[0], top[0])


def test_the_group_stands_below_the_incidents_with_its_sentence_and_the_opportunities(
    chromium: Open, page: str
) -> None:
    visit = opened(chromium, page)
    group = visit.page.locator(GROUP)
    assert group.locator("summary").inner_text().lower() == "gelegenheid en omgeving"
    assert not group.locator("input").first.is_visible()
    group.locator("summary").press("Enter")
    text = group.inner_text()
    assert NO_INCIDENTS in text
    assert "Kades\nGelegenheid: aan- en afvoer over water" in text
    assert text.count("Gelegenheid:") == 2  # heights are no opportunity
    last = visit.page.locator("#lagen .meldingen input").last.bounding_box()
    first = group.locator("input").first.bounding_box()
    assert first["y"] > last["y"]
    choose_layer(visit, "daken")
    assert "laag=daken" in visit.page.evaluate("location.hash")
    choose_layer(visit, "fiu-signalen")
    assert group.locator("input").first.is_visible()  # what was opened stays open
    assert visit.problems == []


def test_a_map_without_surroundings_has_no_such_group(chromium: Open, release: Release) -> None:
    visit = opened(chromium, kaart.map_html(release), "#laag=kades")
    assert visit.page.locator(".omgeving, .meldingen, .omgevinghier, #omgevingbronnen").count() == 0
    assert "omgeving" not in visit.page.locator("body").inner_text().lower().replace("casustafelomgeving", "")


def test_legend_panel_and_table_say_unit_source_and_opportunity_and_no_word_of_incidents(
    chromium: Open, page: str, release: Release
) -> None:
    visit = opened(chromium, page, "#laag=kades")
    assert "per cel" in visit.page.locator("#kaartkop").inner_text()
    legend = visit.page.locator("#legenda").inner_text()
    for words in ("minder dan 100 meter", "1.000 meter of meer", "geen gegevens", "Gelegenheid: aan- en afvoer over"):
        assert words in legend
    assert "Bron: verzonnen kaart van kades. Licentie: CC BY 4.0. Peildatum: 1 juli 2025." in legend
    start = panel(visit)
    assert "Dicht bij een kade is gelegenheid, geen aanwijzing." in start
    assert NO_INCIDENTS in start
    click_cell(visit, release, 34)
    assert "ongeveer 340 meter" in panel(visit)
    assert "Klasse 250 tot 500 meter" in panel(visit)
    assert "Gelegenheid: aan- en afvoer over water" in panel(visit)
    assert "Bekend van de grond" not in panel(visit)
    assert "Gelegenheid is geen aanwijzing" in panel(visit)
    assert "Afstand (meter)" in visit.page.locator("#tabelvak thead").inner_text()
    assert not OF_INCIDENTS.search(shown(visit)), OF_INCIDENTS.search(shown(visit))
    assert "De omgeving heeft een peildatum en geen perioden" in visit.page.locator("#tijdbalk").inner_text()
    for hidden in ("#tijd", ".weergave", "#anders", "#lijnen .vanmeldingen"):
        assert not any(each.is_visible() for each in visit.page.locator(hidden).all()), hidden
    assert visit.problems == []
    assert len(visit.requests) == 1


def test_legend_counts_the_cells_and_the_map_has_its_colours(
    chromium: Open, page: str, surroundings: Surroundings
) -> None:
    visit = opened(chromium, page, "#laag=kades&niveau=zone")
    for row in visit.page.locator("#lijnen input").all():
        if row.is_visible():
            row.uncheck()
    told = visit.page.evaluate(
        """() => [...document.querySelectorAll("#legenda .klassen:not(.leeg) li")].map((row) => {
          const canvas = row.querySelector("canvas"), [r, g, b] = canvas.getContext("2d").getImageData(9, 9, 1, 1).data;
          const colour = "#" + [r, g, b].map((v) => v.toString(16).padStart(2, "0")).join("");
          return [row.querySelector(".woorden").textContent, colour, Number(row.querySelector(".aantal").textContent)];
        })"""
    )
    rows = surroundings.table.to_pandas()
    rows = rows[(rows["layer"] == "kades") & (rows["level"] == "cel")]
    classes = kaartomgeving.class_words(KADES.breaks, KADES.unit)
    shades = [palette.SURROUNDINGS[place] for place in palette.shades(5, falling=True)]
    counts = [int((rows["class"] == each).sum()) for each in range(5)]
    assert [tuple(each) for each in told] == list(zip(classes, shades, counts, strict=True))
    centre = grid.centres(np.array([int(name, 16) for name in rows["unit"]], dtype=np.uint64))
    left, top = on_screen(visit, centre[:, 0], centre[:, 1])
    assert pixels(visit, left, top) == [shades[int(index)] for index in rows["class"]]


def test_an_unknown_cell_is_hatched_and_its_known_share_is_said(chromium: Open, page: str, release: Release) -> None:
    visit = opened(chromium, page, "#laag=maaiveld&niveau=zone")
    unknown = np.flatnonzero([step % 5 == 0 or step % 7 == 0 for step in range(len(release.area.cells))])
    legend = visit.page.locator("#legenda .klassen.leeg .aantal").inner_text()
    assert int(legend) == len(unknown)
    click_cell(visit, release, 5)
    assert "Geen gegevens. Van te weinig grond van deze cel is iets bekend. Dat is iets anders dan nul." in panel(visit)
    assert re.search(r"Bekend van de grond\s+20%", panel(visit))
    click_cell(visit, release, 6)
    assert "ongeveer -3,7 meter" in panel(visit)
    assert re.search(r"Bekend van de grond\s+75%", panel(visit))
    assert "Gelegenheid:" not in panel(visit).split("Ook in de omgeving", maxsplit=1)[0]
    assert "Bekend van de grond" in visit.page.locator("#tabelvak thead").inner_text()


def test_a_change_says_how_sure_it_is(chromium: Open, page: str, release: Release) -> None:
    visit = opened(chromium, page, "#laag=daken&niveau=zone")
    for position, words in ((34, "midden"), (35, "hoog"), (37, "laag: het kan ruis")):
        click_cell(visit, release, position)
        assert re.search(rf"Hoe zeker\s+{words}", panel(visit)), panel(visit)
    assert "Hoe zeker" in visit.page.locator("#tabelvak thead").inner_text()
    visit.page.locator("#niveau").select_option("buurt")
    assert "Hoe zeker" not in visit.page.locator("#tabelvak thead").inner_text()
    choose_layer(visit, "kades")
    assert "Hoe zeker" not in panel(visit)


def test_a_place_of_an_incident_layer_ends_with_the_surroundings_apart(
    chromium: Open, page: str, release: Release
) -> None:
    visit = opened(chromium, page, "#laag=fiu-signalen&niveau=zone")
    own = release.geography.zones.base["alle"]
    alone = np.isin(np.sort(release.area.cells), own.zone) & (np.arange(len(release.area.cells)) % 5 > 1)
    single = next(
        position
        for position in np.flatnonzero(alone).tolist()
        if len(own.cells_of(np.searchsorted(own.zone, np.sort(release.area.cells)[position : position + 1]))) == 1
        and position % 7
    )
    click_cell(visit, release, single)
    block = visit.page.locator("#paneel .omgevinghier")
    assert block.locator("h3").inner_text() == "Omgeving (geen meldingen)"
    text = block.inner_text()
    assert NO_INCIDENTS in text
    value = 10 * (single % 130)
    assert re.search(rf"Kades\s+(ongeveer )?{f'{value:,}'.replace(',', '.')} meter", text), text
    assert "% van de grond veranderd" in text
    assert "Maaiveld" in text
    after = visit.page.locator("#paneel .let-op + .omgevinghier")
    assert after.count() == 1  # behind all that is about incidents
    before = panel(visit).split("Omgeving (geen meldingen)", maxsplit=1)[0]
    assert not re.search("Kades|Maaiveld|daken", before)


def test_a_zone_of_several_cells_has_the_least_and_the_most_of_them(
    chromium: Open, page: str, release: Release
) -> None:
    own = release.geography.zones.base["alle"]
    cells = np.sort(release.area.cells)
    wide = next(zone for zone in range(len(own.zone)) if len(own.cells_of(np.array([zone]))) > 2)
    positions = np.searchsorted(cells, np.intersect1d(own.cells_of(np.array([wide])), cells))
    values = sorted(10 * (position % 130) for position in positions.tolist())
    visit = opened(chromium, page, f"#laag=fiu-signalen&niveau=zone&cel={grid.to_hex(cells[positions[:1]])[0]}")
    told = visit.page.locator("#paneel .omgevinghier").inner_text()
    low, high = (f"{value:,}".replace(",", ".") for value in (values[0], values[-1]))
    assert f"{low} tot {high} meter" in told


def test_every_level_shows_and_the_keyboard_reaches_and_hears_a_cell(chromium: Open, page: str) -> None:
    visit = opened(chromium, page, "#laag=kades")
    options = visit.page.locator("#niveau option").evaluate_all("(all) => all.map(({ value, text }) => [value, text])")
    assert [value for value, _ in options] == ["auto", "zone", "res9", "res8", "buurt", "wijk"]
    assert options[0][1] == "Auto (nu cellen)"
    assert options[1][1] == "Cellen"
    keyboard, heard = visit.page.keyboard, visit.page.locator("#melding")
    for level in ("zone", "res9", "res8", "buurt", "wijk"):
        visit.page.locator("#niveau").select_option(level)
        visit.page.locator("#kaart").focus()
        keyboard.press("Enter")
        assert re.search(r"Omgeving, Kades: ongeveer [\d.]+ meter\. Klasse: .* meter", heard.inner_text()), level
        assert not visit.page.locator("#niveaunoot").is_visible()
    visit.page.locator("#niveau").select_option("zone")
    visit.page.locator("#kaart").focus()
    keyboard.press("Enter")
    before = panel(visit)
    keyboard.press("Alt+ArrowRight")
    assert panel(visit) != before
    choose_layer(visit, "maaiveld")
    assert heard.inner_text() == "Omgeving: Maaiveld, per cel."
    assert visit.problems == []


def test_the_pointer_says_the_value_with_its_unit(chromium: Open, page: str, release: Release) -> None:
    visit = opened(chromium, page, "#laag=kades&niveau=zone")
    left, top = on_screen(visit, *centre_of(release, 34))
    visit.page.mouse.move(left[0], top[0])
    assert visit.page.locator("#wijzer").inner_text().endswith("ongeveer 340 meter")


def test_a_link_shows_what_its_sender_saw(chromium: Open, page: str, release: Release) -> None:
    visit = opened(chromium, page, "#laag=kades&niveau=zone")
    click_cell(visit, release, 34)
    fragment = visit.page.evaluate("location.hash")  # the driver hears of it later
    assert "laag=kades" in fragment
    again = opened(chromium, page, fragment)
    assert panel(again) == panel(visit)


def test_a_row_of_the_table_leads_to_its_cell_and_near_comes_first(chromium: Open, page: str) -> None:
    visit = opened(chromium, page, "#laag=kades&niveau=buurt")
    visit.page.locator("#niveau").select_option("zone")
    first = visit.page.locator("#tabelvak tbody tr").first
    assert first.locator("td").nth(1).inner_text() == "0"
    code = first.locator("td").first.inner_text()
    first.locator("button").click()
    assert f"cel {code}" in panel(visit)
    assert "0 meter" in panel(visit)


def test_table_and_picture_leave_with_source_day_and_the_word_surroundings(
    chromium: Open, page: str, tmp_path: Path
) -> None:
    visit = opened(chromium, page, "#laag=maaiveld&niveau=zone")
    visit.page.locator("#bewaarmenu summary").click()
    with visit.page.expect_download() as told:
        visit.page.locator("#csv").click()
    assert told.value.suggested_filename.endswith("-omgeving-maaiveld-cel.csv")
    told.value.save_as(tmp_path / "tabel.csv")
    lines = (tmp_path / "tabel.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith('"Plek";"Cel";"Waarde (meter)";"Klasse";"Bekend van de grond"')
    assert "Omgeving: Maaiveld" in lines[1]
    assert NO_INCIDENTS in lines[1]
    assert "1 juli 2025" in lines[1]
    assert any(re.search(r';"-\d', line) for line in lines)  # a height below zero is a number
    assert not OF_INCIDENTS.search("\n".join(lines).replace("Geen persoonsgegevens", ""))
    visit.page.locator("#bewaarmenu summary").click()
    with visit.page.expect_download() as told:
        visit.page.locator("#afbeelding").click()
    told.value.save_as(tmp_path / "kaart.png")
    image = Image.open(tmp_path / "kaart.png").convert("RGB")
    colours = {f"#{red:02x}{green:02x}{blue:02x}" for _, (red, green, blue) in image.getcolors(1 << 24)}
    assert set(palette.SURROUNDINGS) <= colours
    assert not set(palette.CLASS_COLOURS) & colours
    assert visit.problems == []


def test_the_sheet_tells_what_it_is(chromium: Open, page: str, release: Release) -> None:
    visit = opened(chromium, page, "#laag=kades&niveau=zone")
    click_cell(visit, release, 34)
    visit.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    source = visit.page.locator("#drukbron").inner_text()
    assert NO_INCIDENTS in source
    assert "Bron: verzonnen kaart van kades. Licentie: CC BY 4.0. Peildatum: 1 juli 2025." in source
    assert "ongeveer 340 meter" in visit.page.locator("#drukplek").inner_text()
    assert "Omgeving: Kades" in visit.page.evaluate("document.documentElement.style.getPropertyValue('--voettekst')")
    visit.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert not visit.page.locator(".drukbeeld").count()
    assert visit.problems == []


@pytest.mark.parametrize("size", [(1366, 768), (683, 384)])
@pytest.mark.parametrize(
    "fragment", ["#laag=kades&niveau=zone", "#laag=maaiveld&niveau=buurt", "#laag=kades&beamer=1", "#laag=fiu-signalen"]
)
def test_axe_finds_nothing(chromium: Open, page: str, fragment: str, size: tuple[int, int]) -> None:
    visit = opened(chromium, page, fragment, width=size[0], height=size[1])
    visit.page.locator("#kaart").focus()
    visit.page.keyboard.press("Enter")
    visit.page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert Axe().run(visit.page).response["violations"] == []


def test_the_legend_needs_no_scrolling_on_a_small_laptop(chromium: Open, page: str) -> None:
    visit = opened(chromium, page, "#laag=kades")
    for name in ("kades", "daken", "maaiveld"):
        choose_layer(visit, name)
        column, legend = (visit.page.locator(each).bounding_box() for each in (".links", "#legenda"))
        assert legend["y"] + legend["height"] <= column["y"] + column["height"], name
    heights = visit.page.locator(".laag").evaluate_all("(all) => all.map((each) => each.offsetHeight)")
    assert min(heights) >= 24  # a target of WCAG 2.2


@pytest.mark.parametrize("width", [1366, 400])
def test_nothing_runs_off_the_page(chromium: Open, page: str, width: int) -> None:
    visit = opened(chromium, page, "#laag=kades", width=width)
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width


def test_greyscale_keeps_the_order_of_the_classes(chromium: Open, page: str) -> None:
    visit = opened(chromium, page, "#laag=maaiveld&niveau=zone")
    grey = Image.open(io.BytesIO(visit.page.screenshot())).convert("L")
    box = visit.page.locator("#legenda .klassen:not(.leeg)").bounding_box()
    swatches = visit.page.locator("#legenda .klassen:not(.leeg) canvas").all()
    middles = [(each["x"] + 11, each["y"] + 8) for swatch in swatches if (each := swatch.bounding_box()) is not None]
    assert box is not None
    tones = [grey.getpixel((round(left), round(top))) for left, top in middles]
    steps = np.diff(tones)
    assert len(tones) == 6
    assert (steps >= 20).all()  # the darkest first


def test_an_area_without_a_figure_still_shows_its_surroundings(
    chromium: Open, release: Release, surroundings: Surroundings
) -> None:
    header, columns = kaart.read_map(kaart.map_html(release, Dressing(surroundings=surroundings)))
    silent = dataclasses.replace(
        release, layers=(), statistics=release.statistics[:0], signals=(), windows=release.windows[:0]
    )
    page = kaart.map_html(silent, Dressing(surroundings=surroundings))
    assert kaart.read_map(page)[0]["layers"] == []
    visit = opened(chromium, page)
    assert "Over dit gebied is geen enkel cijfer over meldingen te tonen" in visit.page.locator("#lagen").inner_text()
    assert "Omgeving" in visit.page.locator("#kaartkop").inner_text()
    assert visit.problems == []
    assert header["layers"]
    assert columns


def hostile(one: ContextLayer) -> ContextLayer:
    names = ("title", "description", "opportunity", "text", "unit", "source", "licence")
    return layer(**{name: getattr(one, name) for name in ContextLayer.__slots__} | dict.fromkeys(names, HOSTILE))


def test_hostile_texts_of_a_layer_stay_texts(chromium: Open, release: Release, surroundings: Surroundings) -> None:
    spoiled = dataclasses.replace(surroundings, layers=tuple(hostile(each) for each in surroundings.layers))
    page = kaart.map_html(release, Dressing(surroundings=spoiled))
    assert "\u202e" not in json.dumps(kaart.read_map(page)[0], ensure_ascii=False)
    visit = opened(chromium, page, "#laag=kades&niveau=zone")
    click_cell(visit, release, 34)
    assert visit.page.locator("img").count() == 0
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 1366
    choose_layer(visit, "fiu-signalen")
    assert visit.problems == []


def test_markup_in_a_title_is_read_as_it_is_written(
    chromium: Open, release: Release, surroundings: Surroundings
) -> None:
    title = '<b class="boos">Kades</b> &amp; <i class="boos">meer'
    layers = tuple(
        dataclasses.replace(each, title=title) if each.id == "kades" else each for each in surroundings.layers
    )
    page = kaart.map_html(release, Dressing(surroundings=dataclasses.replace(surroundings, layers=layers)))
    visit = opened(chromium, page, "#laag=kades&niveau=zone")
    click_cell(visit, release, 34)
    for chosen in ("kades", "fiu-signalen"):
        choose_layer(visit, chosen)
        assert visit.page.locator(".boos").count() == 0
        assert title in visit.page.locator("body").inner_text()
    assert visit.problems == []
