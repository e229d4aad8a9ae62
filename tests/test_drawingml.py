"""From SVG to native shapes: nothing is lost, nothing lies outside the frame, and what is unknown is refused."""

import re
from collections import Counter

import pytest
import shapely
from lxml import etree

from geoanalyse.products import cutout, drawingml, svg
from geoanalyse.products.drawingml import A, P, Sheet
from geoanalyse.products.labels import Box
from geoanalyse.products.palette import CLASS_COLOURS, EMPTY
from geoanalyse.release import Release
from tests.sample import sample_release

SHEET = Sheet(1_000_000, 500_000, 1.5)
SIZE = (150.0, 90.0)


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release(cells=300)


def drawing(body: str) -> str:
    return svg.document([svg.patterns(), body], size_mm=(10.0, 10.0), title="Titel", description="Wat het is")


def group(body: str) -> etree._Element:
    return drawingml.group(drawing(body), SHEET, number=7, name="kaart")


def frame(body: str) -> str:
    return svg.tag("svg", body, x=100, y=100, width=800, height=800, viewBox="100 100 800 800")


def boxes(found: etree._Element) -> list[tuple[int, int, int, int]]:
    """Left, top, right and bottom of every shape, EMU."""
    made = []
    for place in found.iterfind(f"{{{P}}}sp/{{{P}}}spPr/{{{A}}}xfrm"):
        (left, top), (width, height) = ((int(each) for each in part.attrib.values()) for part in place)
        made.append((left, top, left + width, top + height))
    return made


def walks(found: etree._Element) -> Counter[str]:
    """Number of closed rings per fill."""
    counted: Counter[str] = Counter()
    for shape in found.iterfind(f"{{{P}}}sp"):
        look = shape.find(f"{{{P}}}spPr")
        fill = look.find(f"{{{A}}}solidFill/{{{A}}}srgbClr")
        name = (
            f"#{fill.get('val').lower()}"
            if fill is not None
            else "pattern"
            if look.find(f"{{{A}}}pattFill") is not None
            else ""
        )
        counted[name] += len(shape.findall(f".//{{{A}}}close"))
    return counted


def test_every_ring_of_every_class_is_a_ring_of_a_shape(release: Release) -> None:
    drawn = cutout.cutout_svg(release, "thema:drugs", "zone", size_mm=SIZE, title="Beeld", description="Wat het is")
    expected = Counter[str]()
    for data, fill in re.findall(r'<path d="([^"]*)" fill="(#[0-9a-f]{6}|url[^"]*)"', drawn):
        expected["pattern" if fill.startswith("url") else fill] += data.count("z")
    found = walks(drawingml.group(drawn, SHEET, number=2, name="kaart"))
    assert sum(expected[colour] for colour in CLASS_COLOURS) > 20
    assert {colour: found[colour] for colour in CLASS_COLOURS} == {colour: expected[colour] for colour in CLASS_COLOURS}


def test_a_part_of_the_area_stays_within_its_frame(release: Release) -> None:
    west, south, east, north = cutout.extent(release)
    middle = (west + east) / 2, (south + north) / 2
    part = (middle[0] - 400, middle[1] - 300, middle[0] + 400, middle[1] + 300)
    drawn = cutout.cutout_svg(release, "thema:drugs", "zone", bounds=part, size_mm=SIZE, legend=False)
    found = drawingml.group(drawn, SHEET, number=2, name="kaart")
    right, bottom = SHEET.left + SHEET.long(100 * SIZE[0]), SHEET.top + SHEET.long(100 * SIZE[1])
    made = boxes(found)
    assert len(made) > 10
    for left, top, end, down in made:
        assert left >= SHEET.left - 2
        assert top >= SHEET.top - 2
        assert end <= right + 2
        assert down <= bottom + 2


def test_what_is_cut_off_keeps_its_area_and_its_holes() -> None:
    ring = "M50 50l700 0 0 700 -700 0z"  # half outside the frame
    hole = "M200 200l0 100 100 0 0 -100z"
    found = group(frame(svg.tag("path", d=ring + hole, fill="#112233")))
    (path,) = found.iter(f"{{{A}}}path")
    points = [(int(each.get("x")), int(each.get("y"))) for each in path.iter(f"{{{A}}}pt")]
    outer, inner = shapely.Polygon(points[:4]), shapely.Polygon(points[4:])
    assert (outer.area, inner.area) == (650 * 650, 100 * 100)
    assert outer.exterior.is_ccw != inner.exterior.is_ccw


def test_a_line_that_is_cut_off_stays_a_line() -> None:
    found = group(frame(svg.tag("path", d="M0 500L1000 500", stroke="#112233", stroke_width=20)))
    (made,) = boxes(found)
    assert made[2] - made[0] == SHEET.long(800 - 20)
    assert found.find(f".//{{{A}}}close") is None


@pytest.mark.parametrize("status", [name for name in EMPTY if name != "geen_adressen"])
def test_every_empty_has_a_pattern_of_its_own(status: str) -> None:
    found = group(svg.rectangle(Box(0, 0, 500, 500), fill=f"url(#{status})"))
    kinds = {
        other: group(svg.rectangle(Box(0, 0, 500, 500), fill=f"url(#{other})")).find(f".//{{{A}}}pattFill").get("prst")
        for other in EMPTY
        if other != "geen_adressen"
    }
    assert found.find(f".//{{{A}}}pattFill").get("prst") == kinds[status]
    assert len(set(kinds.values())) == len(kinds)


def test_the_group_has_a_text_and_its_shapes_have_numbers_of_their_own() -> None:
    found = group(svg.rectangle(Box(0, 0, 500, 500), fill="none") + svg.text("één & <b>", 100, 100, 250))
    about = found.find(f".//{{{P}}}cNvPr")
    assert (about.get("id"), about.get("name"), about.get("descr")) == ("7", "kaart", "Wat het is")
    assert [each.get("id") for each in found.iter(f"{{{P}}}cNvPr")] == ["7", "8", "9"]
    (run,) = found.iter(f"{{{A}}}r")
    assert run.find(f"{{{A}}}t").text == "één & <b>"
    assert run.find(f"{{{A}}}rPr").get("sz") == str(round(250 * 72 / 25.4 * 1.5))


@pytest.mark.parametrize(
    "body",
    [
        svg.tag("ellipse", cx=1, cy=1, rx=1, ry=2),
        svg.tag("image", href="foto.png", x=0, y=0, width=1, height=1),
        svg.tag("g", svg.rectangle(Box(0, 0, 1, 1)), transform="rotate(3)"),
        svg.tag("path", d="M0 0C1 1 2 2 3 3"),
        svg.tag("path", d="M0 0l1"),
        svg.tag("path", d="M0 0l1 1", marker_end="url(#pijl)"),
        svg.rectangle(Box(0, 0, 1, 1), fill="red"),
        svg.rectangle(Box(0, 0, 1, 1), fill="url(#anders)"),
        svg.rectangle(Box(0, 0, 1, 1), opacity=0.5),
        svg.tag("svg", "", x=0, y=0, width=10, height=10, viewBox="0 0 5 5"),
        svg.tag("text", svg.tag("tspan", "x"), x=0, y=0, font_size=9, transform="rotate(3)"),
    ],
)
def test_what_is_not_known_is_refused(body: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        group(body)
