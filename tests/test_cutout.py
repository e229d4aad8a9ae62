"""Cut-outs: what is drawn, that it is what the release says, and that nothing overlaps or runs."""

import dataclasses
import datetime as dt
import re
import xml.etree.ElementTree as ET
from collections import Counter
from itertools import combinations, pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoanalyse import grid
from geoanalyse.products import chart, cutout, dutch, figures, shapes
from geoanalyse.products.labels import Box, Label, place, printable, text_width, wrapped
from geoanalyse.products.palette import CLASS_COLOURS, COLD, EMPTY, HOT
from geoanalyse.release import Release
from tests.sample import sample_release

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = (
    '</text><script>alert("x")</script>',
    "#eval(1) $x$ *y* `z` \\u{41}",
    "a & b < c > d ' \" e",
    "\x00\x07\u202e\U0001f600\n",
)


def parsed(drawing: str) -> ET.Element:
    return ET.fromstring(drawing)  # noqa: S314 - our own drawing; that it is plain XML is what is tested


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release()


@pytest.fixture(scope="module")
def drawn(release: Release) -> ET.Element:
    marks = [cutout.Mark(signal.id, signal.cells) for signal in release.signals]
    return parsed(cutout.cutout_svg(release, "thema:drugs", "zone", title="Drugs & meer", marks=marks))


def renamed(release: Release, *names: str) -> Release:
    """The same release with the names of its wijken and buurten replaced, in turn."""
    regions = release.geography.regions
    new = tuple(names[index % len(names)] for index in range(len(regions.names)))
    geography = dataclasses.replace(release.geography, regions=dataclasses.replace(regions, names=new))
    return dataclasses.replace(release, geography=geography)


def texts(root: ET.Element) -> list[str]:
    return ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]


def rings(data: str) -> list[np.ndarray]:
    """Corners of each ring of a path, in drawing units."""
    found = []
    for ring in data.split("M")[1:]:
        start, walk = ring.rstrip("z").split("l")
        steps = np.array([int(number) for number in walk.split()]).reshape(-1, 2)
        found.append(np.concatenate([[[0, 0]], steps.cumsum(axis=0)]) + np.array([int(each) for each in start.split()]))
    return found


def statistics(release: Release, layer: str, level: str) -> list[dict]:
    table = release.statistics
    return table.filter(pc.and_(pc.equal(table["layer"], layer), pc.equal(table["level"], level))).to_pylist()


# --- the drawing ------------------------------------------------------------------------------------------------------


def test_same_release_same_bytes() -> None:
    one, other = (cutout.cutout_svg(sample_release(), "thema:drugs", "zone") for _ in range(2))
    assert one == other


@pytest.mark.parametrize(
    ("layer", "level"), [("thema:drugs", "zone"), ("fiu-signalen", "buurt"), ("pandsluitingen", "res8")]
)
def test_every_class_is_drawn_with_exactly_its_units(release: Release, layer: str, level: str) -> None:
    root = parsed(cutout.cutout_svg(release, layer, level))
    rows = statistics(release, layer, level)
    cells = shapes.unit_cells(release, layer, level)
    expected = Counter()
    for row in rows:
        if row["class"] is not None and len(cells[row["zone"]]):
            shape = grid.outline(cells[row["zone"]])
            expected[CLASS_COLOURS[row["class"]]] += len(shapely.get_rings(shapely.get_parts(shape)))
    found = Counter()
    for path in root.iter(f"{SVG}path"):
        if path.get("fill") in CLASS_COLOURS and path.get("d"):
            found[path.get("fill")] += len(rings(path.get("d")))
    assert found == expected
    assert sum(found.values()) > 0


def test_shapes_lie_where_the_cells_lie_and_to_scale(release: Release) -> None:
    west, south, east, north = bounds = cutout.extent(release)
    size = (100.0, 99.8 * (north - south) / (east - west) + 5.4)  # the scale bar stands below the map
    root = parsed(cutout.cutout_svg(release, "thema:drugs", "zone", bounds=bounds, size_mm=size, legend=False))
    outline = [path for path in root.iter(f"{SVG}path") if path.get("stroke-width") == "50"]
    corners = np.concatenate(rings(outline[0].get("d")))
    scale = 9980 / (east - west)  # the frame keeps a tenth of a millimetre on every side
    lon, lat = shapely.get_coordinates(grid.outline(release.area.cells)).T
    easting, northing = grid.rd(lon, lat)
    expected = np.array([easting.min() - west, north - northing.max()]) * scale + 10
    assert np.abs(corners.min(axis=0) - expected).max() < 12  # a tenth of a millimetre on paper


def test_the_legend_counts_what_the_statistics_hold(release: Release) -> None:
    root = parsed(cutout.cutout_svg(release, "fiu-signalen", "zone"))
    said = texts(root)
    rows = statistics(release, "fiu-signalen", "zone")
    for index in range(6):
        words = dutch.class_label(index, b=5)
        first = wrapped(words, 4800 - 640 - 600, 265)[0]
        after = said[said.index(first) :]
        count = next(text for text in after if re.fullmatch(r"[\d.]+", text))
        assert count == dutch.number(sum(row["class"] == index for row in rows)), words


def test_hot_spots_are_outlined_and_named_in_the_legend(release: Release, drawn: ET.Element) -> None:
    hot = [row["zone"] for row in statistics(release, "thema:drugs", "zone") if row["hotspot"] == "hotspot"]
    cells = shapes.unit_cells(release, "thema:drugs", "zone")
    shape = grid.outline(np.unique(np.concatenate([cells[zone] for zone in hot])))
    lines = [path for path in drawn.iter(f"{SVG}path") if path.get("stroke") == HOT]
    assert len(lines) == 1
    assert len(rings(lines[0].get("d"))) == len(shapely.get_rings(shapely.get_parts(shape)))
    assert "hotspot: meer dan toeval" in texts(drawn)


def test_cold_spots_differ_from_hot_spots_without_colour(release: Release) -> None:
    root = parsed(cutout.cutout_svg(release, "fiu-signalen", "zone"))
    cold = [path for path in root.iter(f"{SVG}path") if path.get("stroke") == COLD]
    hot = [path for path in root.iter(f"{SVG}path") if path.get("stroke") == HOT]
    assert cold
    assert hot
    assert all(path.get("stroke-dasharray") for path in cold)
    assert not any(path.get("stroke-dasharray") for path in hot)


def test_a_layer_that_is_not_shown_at_a_level_has_no_class_and_says_so(release: Release) -> None:
    root = parsed(cutout.cutout_svg(release, "pandsluitingen", "zone"))
    paths = list(root.iter(f"{SVG}path"))
    assert not [path for path in paths if path.get("fill") in CLASS_COLOURS]
    assert [path for path in paths if path.get("fill") == "url(#onderdrukt)"]
    assert dutch.WITHHELD in texts(root)


def test_no_data_is_hatched_never_coloured(release: Release) -> None:
    table = release.statistics
    count = table.num_rows
    empty = {"value": pa.int64(), "class": pa.int8(), "hotspot": pa.string(), "ratio": pa.float64()}
    for name, kind in empty.items():
        table = table.set_column(table.schema.get_field_index(name), name, pa.nulls(count, kind))
    table = table.set_column(table.schema.get_field_index("status"), "status", pa.array(["geen_data"] * count))
    root = parsed(cutout.cutout_svg(dataclasses.replace(release, statistics=table), "thema:drugs", "zone"))
    fills = {path.get("fill") for path in root.iter(f"{SVG}path")}
    assert "url(#geen_data)" in fills
    assert not fills & set(CLASS_COLOURS)
    assert dutch.NO_DATA in texts(root)


def test_nothing_finer_than_the_published_unit_is_drawn(release: Release) -> None:
    table = release.protected.table
    published = table.filter(pc.and_(pc.equal(table["layer"], "fiu-signalen"), pc.equal(table["level"], "zone")))
    known = {row["zone"]: row["cells"] for row in published.to_pylist()}
    assert {zone: cells.tolist() for zone, cells in shapes.unit_cells(release, "fiu-signalen", "zone").items()} == known


@pytest.mark.parametrize(("level", "resolution"), [("res9", 9), ("res8", 8)])
def test_white_in_a_map_of_hexagons_means_no_addresses(release: Release, level: str, resolution: int) -> None:
    drawn = shapes.unit_cells(release, "thema:drugs", level)
    hexagons = np.concatenate(list(drawn.values()))
    assert len(np.unique(hexagons)) == len(hexagons)  # no hexagon belongs to two units
    assert all(name in grid.to_hex(cells) for name, cells in drawn.items())
    table = release.protected.table
    rows = table.filter(pc.and_(pc.equal(table["base"], "alle"), pc.equal(table["level"], level)))
    lived_in = np.unique(np.concatenate([cells.values.to_numpy() for cells in rows["cells"]]))
    assert set(grid.parent(lived_in, resolution).tolist()) <= set(hexagons.tolist())


def test_the_drawing_holds_only_shapes_and_text(drawn: ET.Element) -> None:
    known = {"svg", "title", "desc", "defs", "pattern", "rect", "path", "text", "circle"}
    assert {element.tag.removeprefix(SVG) for element in drawn.iter()} <= known
    for element in drawn.iter():
        assert not [name for name in element.attrib if name.startswith("on") or "href" in name]
    assert drawn.findtext(f"{SVG}title") == "Drugs & meer"
    assert drawn.get("lang") == "nl"


def test_marks_name_the_signals_and_do_not_touch(release: Release, drawn: ET.Element) -> None:
    said = texts(drawn)
    assert all(signal.id in said for signal in release.signals)
    circles = [element for element in drawn.iter(f"{SVG}circle") if int(element.get("r")) > 100]
    assert len(circles) == len(release.signals)
    for one, other in combinations(circles, 2):
        away = np.hypot(*(int(one.get(at)) - int(other.get(at)) for at in ("cx", "cy")))
        assert away >= int(one.get("r")) + int(other.get("r"))


@pytest.mark.parametrize("layer", ["thema:drugs", "fiu-signalen"])
@pytest.mark.parametrize("cells", [40, 700])
def test_texts_on_the_map_do_not_overlap(cells: int, layer: str) -> None:
    release = sample_release(cells=cells)
    marks = [cutout.Mark(signal.id, signal.cells) for signal in release.signals]
    root = parsed(cutout.cutout_svg(release, layer, "zone", marks=marks))
    boxes = []
    for frame in root.findall(f"{SVG}svg"):
        left, top, width, height = (int(number) for number in frame.get("viewBox").split())
        for element in frame.iter(f"{SVG}text"):
            size = int(element.get("font-size"))
            wide = text_width(element.text, size)
            box = Box(int(element.get("x")) - wide // 2, int(element.get("y")) - round(size * 0.75), wide, size)
            assert Box(left, top, width, height).holds(box)
            boxes.append(box)
    assert len(boxes) > 3
    assert not [pair for pair in combinations(boxes, 2) if pair[0].overlaps(pair[1])]


def test_hostile_names_are_text_and_nothing_else(release: Release) -> None:
    root = parsed(cutout.cutout_svg(renamed(release, *HOSTILE), "thema:drugs", "zone", title=HOSTILE[0]))
    assert not list(root.iter(f"{SVG}script"))
    assert root.findtext(f"{SVG}title") == HOSTILE[0]
    assert any("&" in text or "<" in text for text in texts(root))


def test_a_name_of_sixty_characters_is_wrapped_inside_the_frame(release: Release) -> None:
    long = "Burgemeester van Leeuwenhoekkwartier-Noordoostelijk Deel 1234"
    assert len(long) > 60
    root = parsed(cutout.cutout_svg(renamed(release, long), "thema:drugs", "zone"))
    said = texts(root)
    assert all(line in said for line in wrapped(long, 2600, 265))


def test_a_smaller_part_is_drawn_larger(release: Release) -> None:
    west, south, east, north = cutout.extent(release)
    part = (west, south, (west + east) / 2, (south + north) / 2)
    scales = []
    for bounds in ((west, south, east, north), part):
        root = parsed(cutout.cutout_svg(release, "thema:drugs", "zone", bounds=bounds))
        words = [text for text in texts(root) if re.fullmatch(r"[\d,]+ k?m", text)]
        assert len(words) == 1
        bar = sum(int(rect.get("width")) for rect in root.iter(f"{SVG}rect") if rect.get("height") == "75")
        number, unit = words[0].split()
        scales.append(bar / (float(number.replace(",", ".")) * (1000 if unit == "km" else 1)))
    assert scales[1] == pytest.approx(2 * scales[0], rel=0.02)


def test_a_cut_out_without_legend_has_a_scale_bar_a_north_arrow_and_a_locator(release: Release) -> None:
    west, south, east, north = cutout.extent(release)
    middle = ((west + east) / 2, (south + north) / 2)
    bounds = (middle[0] - 200, middle[1] - 200, middle[0] + 200, middle[1] + 200)
    size = {"bounds": bounds, "size_mm": (42.0, 43.0), "legend": False}
    drawing = cutout.cutout_svg(release, "thema:drugs", "zone", **size)
    root = parsed(drawing)
    assert {"0", "N"} <= set(texts(root))
    assert any(re.fullmatch(r"\d+ m", text) for text in texts(root))
    white = [
        rect for rect in root.iter(f"{SVG}rect") if rect.get("fill") == "#ffffff" and rect.get("stroke-width") == "12"
    ]
    inset = max(white, key=lambda rect: int(rect.get("width")))
    assert int(inset.get("width")) >= 900
    without = cutout.cutout_svg(release, "thema:drugs", "zone", locator=False, **size)
    assert len(without) < len(drawing)
    for rect in root.iter(f"{SVG}rect"):
        assert int(rect.get("x")) >= -10
        assert int(rect.get("x")) + int(rect.get("width")) <= 4210


def inset_of(root: ET.Element) -> ET.Element:
    """The white ground of a locator in a corner."""
    white = [rect for rect in root.iter(f"{SVG}rect") if rect.get("fill") == "#ffffff"]
    return max(white, key=lambda rect: int(rect.get("width")))


def test_the_locator_shows_where_the_frame_lies(release: Release) -> None:
    west, _, _, north = cutout.extent(release, margin=0.0)
    corner = (west, north - 250, west + 250, north)  # north-west
    root = parsed(cutout.cutout_svg(release, "thema:drugs", "zone", bounds=corner, size_mm=(42.0, 43.0), legend=False))
    frame = next(
        rect for rect in root.iter(f"{SVG}rect") if rect.get("stroke") == HOT and rect.get("stroke-width") == "22"
    )
    inset = next(
        rect for rect in root.iter(f"{SVG}rect") if rect.get("fill") == "#ffffff" and int(rect.get("width")) >= 900
    )
    half = int(inset.get("width")) // 2
    assert int(frame.get("x")) - int(inset.get("x")) < half
    assert int(frame.get("y")) - int(inset.get("y")) < half


def test_a_mark_outside_the_frame_is_not_drawn(release: Release) -> None:
    west, south, _, _ = cutout.extent(release)
    far = (west - 5000, south - 5000, west - 4000, south - 4000)
    marks = [cutout.Mark("D01", (int(release.area.cells[0]),))]
    drawing = cutout.cutout_svg(release, "thema:drugs", "zone", bounds=far, marks=marks, legend=False)
    assert "D01" not in texts(parsed(drawing))


def test_the_legend_counts_the_whole_area_whatever_part_is_drawn(release: Release) -> None:
    west, south, east, north = cutout.extent(release)
    half = (west, south, (west + east) / 2, north)
    counted = []
    for bounds in (None, half):
        root = parsed(cutout.cutout_svg(release, "thema:drugs", "zone", bounds=bounds, size_mm=(178.0, 150.0)))
        counted.append(legend_counts(root))
    assert sum(map(int, counted[0])) == len(statistics(release, "thema:drugs", "zone"))
    assert counted[1] == counted[0]


def legend_counts(root: ET.Element) -> list[str]:
    """Numbers at the right of the legend, of classes and empties and not of hot spots."""
    right = [text for text in root.iter(f"{SVG}text") if text.get("text-anchor") == "end"]
    words = [text.text for text in root.iter(f"{SVG}text")]
    hot = sum(each is not None and ("hotspot" in each or "coldspot" in each) for each in words)
    numbers = [text.text for text in right if text.text and text.text.isdigit()]
    return numbers[: len(numbers) - hot]


def test_parts_are_framed_with_a_letter_inside_the_map(release: Release) -> None:
    west, _, _, north = cutout.extent(release)
    parts = [
        cutout.Part("A", (west + 200, north - 600, west + 500, north - 300)),
        cutout.Part("B", (west + 520, north - 600, west + 800, north - 300)),
    ]
    root = parsed(cutout.cutout_svg(release, "thema:drugs", "zone", size_mm=(178.0, 150.0), parts=parts))
    assert {"A", "B"} <= set(texts(root))
    frames = [rect for rect in root.iter(f"{SVG}rect") if rect.get("stroke-width") == "20"]
    assert len(frames) == 2
    first, second = ((int(frame.get("x")), int(frame.get("x")) + int(frame.get("width"))) for frame in frames)
    assert first[1] < second[0]


def test_the_legend_of_cut_outs_stands_on_one_line_and_inside_it(release: Release) -> None:
    root = parsed(cutout.legend_svg(release, "fiu-signalen", size_mm=(178.0, 4.5), description="legenda"))
    assert texts(root)[0] == "0 tot 4"
    boxes = [
        (int(text.get("x")), int(text.get("x")) + text_width(text.text or "", int(text.get("font-size"))))
        for text in root.iter(f"{SVG}text")
    ]
    assert boxes == sorted(boxes)
    assert all(one[1] <= other[0] for one, other in pairwise(boxes))
    assert boxes[-1][1] <= 17800


def test_patterns_of_the_empties_are_defined(drawn: ET.Element) -> None:
    known = {element.get("id") for element in drawn.iter(f"{SVG}pattern")}
    assert known == set(EMPTY) - {"geen_adressen"}


# --- labels -----------------------------------------------------------------------------------------------------------


spots = st.tuples(st.integers(-500, 8000), st.integers(-500, 8000))
labels = st.builds(
    Label,
    lines=st.lists(st.text("aWi ", min_size=1, max_size=12), min_size=1, max_size=3).map(tuple),
    size=st.sampled_from([245, 265]),
    middles=st.lists(spots, max_size=5).map(tuple),
)


@given(
    st.lists(labels, max_size=25),
    st.lists(st.builds(Box, *[st.integers(0, 6000)] * 2, *[st.integers(1, 900)] * 2), max_size=5),
)
def test_labels_never_overlap_each_other_nor_what_was_there(wanted: list[Label], taken: list[Box]) -> None:
    frame = Box(0, 0, 7000, 7000)
    placed = place(wanted, frame, taken)
    boxes = [box for _, box in placed]
    assert all(frame.holds(box) for box in boxes)
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    assert not any(box.overlaps(other) for box in boxes for other in taken)
    for label, box in placed:
        assert max(text_width(line, label.size) for line in label.lines) <= box.width


@given(st.text(max_size=80), st.integers(600, 4000))
def test_wrapping_keeps_every_letter_and_the_width(text: str, width: int) -> None:
    clean = printable(text)
    lines = wrapped(clean, width, 265)
    assert "".join(lines).replace(" ", "") == clean.replace(" ", "")
    assert all(text_width(line, 265) <= width for line in lines if len(line) > 1)


@given(st.text())
def test_printable_text_fits_in_xml_and_stays_printable(text: str) -> None:
    once = printable(text)
    assert printable(once) == once
    parsed(f"<a>{cutout.svg.text(text, 0, 0, 1)}</a>")


# --- charts -----------------------------------------------------------------------------------------------------------


def test_a_series_draws_values_margins_and_gaps(release: Release) -> None:
    layer = next(layer for layer in release.layers if layer.id == "fiu-signalen")
    windows = _windows(release)
    drawing = chart.series_svg(windows, size_mm=(85, 24), title=layer.title, description="reeks")
    root = parsed(drawing)
    boxes = [rect for rect in root.iter(f"{SVG}rect") if int(rect.get("x")) > 0]
    gaps = [rect for rect in boxes if rect.get("fill") == "url(#geen_data)"]
    assert len(gaps) == sum(window.value is None for window in windows) == 1
    assert len(boxes) == len(gaps) + 2 * (len(windows) - len(gaps))
    assert all(int(rect.get("height")) >= 0 for rect in boxes)
    top = chart.round_above(max(window.high for window in windows if window.high is not None))
    assert {"0", dutch.number(top)} <= set(texts(root))


def _windows(release: Release) -> tuple[figures.Window, ...]:
    table = release.protected.table
    rows = table.filter(pc.and_(pc.equal(table["layer"], "fiu-signalen"), pc.equal(table["level"], "wijk"))).to_pylist()
    series = [row for row in rows if (row["start"], row["end"]) != (release.start, release.end)]
    first = [row for row in series if row["zone"] == series[0]["zone"]]
    return tuple(
        figures.Window(row["start"], row["end"], None, None, None, "geen_data")
        if row["value"] is None
        else figures.Window(row["start"], row["end"], row["value"], max(0, row["value"] - 9), row["value"] + 9)
        for row in first
    )


def test_or_more_unknown_and_withheld_are_drawn_apart() -> None:
    day = [dt.date(2025, month, 1) for month in (1, 4, 7, 10)]
    windows = (
        figures.Window(day[0], day[1], 10, 4, None, "cap"),
        figures.Window(day[1], day[2], None, None, None, "onderdrukt"),
        figures.Window(day[2], day[3], None, None, None, "geen_data"),
    )
    root = parsed(chart.series_svg(windows, size_mm=(85, 24), title="x", description="reeks"))
    fills = [rect.get("fill") for rect in root.iter(f"{SVG}rect") if int(rect.get("x")) > 0]
    assert fills == ["#eef0f3", "#1b1b1b", "url(#onderdrukt)", "url(#geen_data)"]
    said = [figures.window_words(window) for window in windows]
    assert said == ["4 of meer", "op dit niveau niet betrouwbaar", "geen gegevens"]


@given(st.integers(0, 10**9))
def test_the_top_of_an_axis_is_round_and_not_below(number: int) -> None:
    top = chart.round_above(number)
    assert number <= top <= max(1, 2 * number)
    assert len(str(top).rstrip("0")) == 1
