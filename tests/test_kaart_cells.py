"""What is drawn, point by point: the class of the cell that H3 gives, in any browser and across an edge of faces."""

import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
import shapely

from geoanalyse import grid
from geoanalyse.products import kaart, palette
from tests import manycells
from tests.browser_fixtures import Open, Visit
from tests.test_kaart import LOOKUP, STATIC, lattice_cells
from tests.test_kaart_browser import on_screen, opened, view

pytestmark = pytest.mark.browser

POINTS = 10_000


@pytest.fixture(scope="module", params=["middle", "face edge"])
def page(request: pytest.FixtureRequest) -> str:
    around = manycells.MIDDLE if request.param == "middle" else manycells.FACE_EDGE
    return kaart.map_html(manycells.release(4000, around=around, scattered=True))


def pixels(visit: Visit, left: np.ndarray, top: np.ndarray) -> list[str]:
    """Colours of the canvas of cells at points of the page, as #rrggbb; all read at once."""
    return visit.page.evaluate(
        """(points) => {
          const canvas = document.querySelector("canvas.cellen"), box = canvas.getBoundingClientRect();
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          const scale = canvas.width / box.width;
          return points.map(([x, y]) => {
            const column = Math.floor((x - box.left) * scale), row = Math.floor((y - box.top) * scale);
            if (column < 0 || row < 0 || column >= canvas.width || row >= canvas.height) return "";
            const at = 4 * (row * canvas.width + column);
            return "#" + [0, 1, 2].map((k) => data[at + k].toString(16).padStart(2, "0")).join("");
          });
        }""",
        np.column_stack([left, top]).tolist(),
    )


def drawn_points(visit: Visit, page: str, level: str, margin: float = 1.2) -> tuple[list[str], list[str]]:
    """Colour on the map at random points of the area, and the colour of the cell that H3 gives there.

    Points nearer than `margin` pixels to the edge of a cell are left out: which side they fall is a matter of rounding.
    """
    for row in visit.page.locator("#lijnen input").all():
        row.uncheck()
    header, _ = kaart.read_map(page)
    (west, south), (east, north) = header["bounds"]
    rng = np.random.default_rng(9)
    lon, lat = rng.uniform(west, east, 6 * POINTS), rng.uniform(south, north, 6 * POINTS)
    easting, northing = grid.rd(lon, lat)
    resolution = {"zone": 10, "res9": 9, "res8": 8}[level]
    cell = grid.cells_at(easting, northing, resolution)
    clear = np.isin(cell, known_cells(page, level))
    zoom, mid_lat, _ = view(visit)
    # The outline of the area is always there; it is two pixels wide.
    pixel = 40_075_017 * np.cos(np.radians(mid_lat)) / (256 * 2**zoom)
    area = lattice_cells(*kaart.read_map(page), 10)
    for angle in np.radians(np.arange(0, 360, 45)):
        east_by, north_by = np.cos(angle), np.sin(angle)
        near, far = margin * pixel + 1, 4 * pixel + 1
        clear &= grid.cells_at(easting + near * east_by, northing + near * north_by, resolution) == cell
        clear &= np.isin(grid.cells_at(easting + far * east_by, northing + far * north_by), area)
    chosen = np.flatnonzero(clear)[:POINTS]
    left, top = on_screen(visit, lon[chosen], lat[chosen])
    names = grid.to_hex(cell[chosen])
    return pixels(visit, left, top), [palette.CLASS_COLOURS[manycells.hash_of(name) % 6] for name in names]


def differences(found: list[str], want: list[str]) -> dict[tuple[str, str], int]:
    """How often each colour stands where another should; {} when all is well."""
    return dict(Counter(pair for pair in zip(found, want, strict=True) if pair[0] != pair[1]).most_common(12))


def known_cells(page: str, level: str) -> np.ndarray:
    header, columns = kaart.read_map(page)
    units = next(each for each in header["unit_sets"] if each["level"] == level)
    high, low = (columns[k].astype(np.uint64) for k in units["ids"])
    return (high << np.uint64(32)) | (low & np.uint64(0xFFFFFFFF))


@pytest.mark.parametrize("level", ["zone", "res9", "res8"])
def test_ten_thousand_points_on_screen_have_the_colour_of_the_cell_h3_gives(
    chromium: Open, page: str, level: str
) -> None:
    visit = opened(chromium, page, f"#niveau={level}")
    # Larger hexagons are drawn as shapes, with a white line between two of them.
    found, want = drawn_points(visit, page, level, margin=1.2 if level == "zone" else 2.5)
    assert len(found) == POINTS
    assert len(set(want)) == 6
    assert differences(found, want) == {}


def test_ten_thousand_points_drawn_as_shapes_have_that_colour_too(chromium: Open, page: str) -> None:
    header, _ = kaart.read_map(page)
    (west, south), (east, north) = header["bounds"]
    visit = opened(chromium, page, f"#niveau=zone&beeld=14.5,{(south + north) / 2},{(west + east) / 2}")
    found, want = drawn_points(visit, page, "zone", margin=2.5)  # a white line lies between two shapes
    shown = [(a, b) for a, b in zip(found, want, strict=True) if a]
    assert len(shown) > POINTS / 10
    assert differences(*map(list, zip(*shown, strict=True))) == {}


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is hier niet geïnstalleerd")
@pytest.mark.parametrize("resolution", [8, 9, 10])
def test_across_a_face_edge_scripts_find_the_cell_h3_gives(resolution: int) -> None:
    page = kaart.map_html(manycells.release(4000, around=manycells.FACE_EDGE))
    header, columns = kaart.read_map(page)
    assert len(header["lattices"][str(resolution)]["faces"]) == 2
    (west, south), (east, north) = header["bounds"]
    rng = np.random.default_rng(resolution)
    lon, lat = rng.uniform(west - 0.01, east + 0.01, POINTS), rng.uniform(south - 0.01, north + 0.01, POINTS)
    truth = grid.cells_at(*grid.rd(lon, lat), resolution)
    held = np.isin(truth, lattice_cells(header, columns, resolution))
    want = [name if there else "" for name, there in zip(grid.to_hex(truth), held, strict=True)]
    data = re.search(r'id="gegevens">([^<]*)<', page)
    assert data is not None
    sent = json.dumps({"data": data[1], "points": np.column_stack([lon, lat]).tolist(), "resolution": resolution})
    command = ["node", "--input-type=module", "-e", LOOKUP]
    found = subprocess.run(command, cwd=STATIC, input=sent, capture_output=True, text=True, check=True)
    assert json.loads(found.stdout) == want


WITHOUT = """
for (const name of ["fetch", "XMLHttpRequest", "Worker", "SharedWorker", "OffscreenCanvas", "WebAssembly"]) delete window[name];
delete Navigator.prototype.serviceWorker; delete Navigator.prototype.gpu; delete Uint8Array.fromBase64;
delete window.WebGLRenderingContext; delete window.WebGL2RenderingContext;
const usual = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) { return kind === "2d" ? usual.call(this, kind, ...more) : null; };
for (const name of ["localStorage", "sessionStorage", "indexedDB"]) Object.defineProperty(window, name, { get() { throw new Error("dicht"); } });
"""  # noqa: E501


def test_needs_no_webgl_workers_fetch_or_storage(chromium: Open, page: str) -> None:
    visit = chromium(page, "#niveau=zone", before=WITHOUT)
    visit.wait("document.documentElement.dataset.klaar === 'alles'")
    assert visit.page.evaluate(
        "typeof fetch + typeof Worker + document.createElement('canvas').getContext('webgl')"
    ) == ("undefinedundefinednull")
    found, want = drawn_points(visit, page, "zone")
    assert differences(found, want) == {}
    assert visit.problems == []


def test_draws_the_same_where_scripts_are_only_interpreted(chromium_with: Callable[..., Open], page: str) -> None:
    visit = chromium_with("--js-flags=--jitless")(page, "#niveau=zone")
    visit.wait("document.documentElement.dataset.klaar === 'alles'", seconds=30)
    assert differences(*drawn_points(visit, page, "zone")) == {}
    assert visit.problems == []


@pytest.mark.parametrize("feature", ["DecompressionStream", "ResizeObserver", "Path2D", "TextDecoder"])
def test_a_browser_that_is_too_old_says_so_in_plain_words(chromium: Open, page: str, feature: str) -> None:
    visit = chromium(page, before=f"delete window.{feature};")
    visit.wait("document.documentElement.dataset.klaar === 'te oud'")
    start = visit.page.locator("#start")
    assert start.is_visible()
    assert start.inner_text() == (
        "Deze browser is te oud voor de kaart. "
        "Open het bestand in een recente versie van Edge, Chrome, Firefox of Safari."
    )
    assert visit.problems == []


def test_a_browser_without_scripts_says_what_is_needed(chromium: Open, page: str) -> None:
    visit = chromium(page, script=False)
    assert "met JavaScript aan" in visit.page.locator("#start").inner_text()
    assert visit.page.locator("#start").is_visible()


def test_scripts_that_are_not_understood_leave_the_words_standing(chromium: Open, page: str) -> None:
    """A syntax that a browser does not know stops our script as a whole; the page then still says what to do."""
    own = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)[2]
    visit = chromium(page.replace(own, f"{own} ~~nieuwe woorden~~").replace(kaart.policy().replace("'", "&#39;"), ""))
    assert "Blijft dit staan? Open het bestand dan in een recente versie" in visit.page.locator("#start").inner_text()


OUTLINES = """
import { decode } from "./decode.js";
import { makeModel } from "./model.js";
import { outlines } from "./outline.js";
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { data, resolution } = JSON.parse(Buffer.concat(chunks));
const model = makeModel(await decode(data)), lattice = model.lattice(resolution);
const rings = outlines(lattice, Array(lattice.size).keys(), (cell) => (cell >= 0 ? 0 : -1)).get(0);
const one = Array.from({ length: lattice.size }, (_, cell) => outlines(lattice, [cell], (other) => (other === cell ? 0 : -1)).get(0));
console.log(JSON.stringify({ rings: rings.map((ring) => [...ring]), sizes: one.map((ring) => ring.map((points) => points.length)) }));
"""  # noqa: E501


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is hier niet geïnstalleerd")
@pytest.mark.parametrize("resolution", [8, 9, 10])
def test_outlines_close_across_a_face_edge(resolution: int) -> None:
    """All cells together have one ring, that of H3; each cell alone has six corners."""
    page = kaart.map_html(manycells.release(4000, around=manycells.FACE_EDGE))
    header, columns = kaart.read_map(page)
    data = re.search(r'id="gegevens">([^<]*)<', page)
    assert data is not None
    sent = json.dumps({"data": data[1], "resolution": resolution})
    command = ["node", "--input-type=module", "-e", OUTLINES]
    read = subprocess.run(command, cwd=STATIC, input=sent, capture_output=True, text=True, check=True)
    found = json.loads(read.stdout)
    assert len(found["rings"]) == 1
    assert {tuple(each) for each in found["sizes"]} == {(12,)}
    world = np.array(found["rings"][0]).reshape(-1, 2)
    lonlat = np.column_stack(
        [(world[:, 0] - 0.5) * 360, np.degrees(np.arctan(np.sinh((0.5 - world[:, 1]) * 2 * np.pi)))]
    )
    ours = shapely.Polygon(lonlat)
    theirs = grid.outline(lattice_cells(header, columns, resolution))
    # H3 bends the sides that cross the edge of a face at odd resolutions; ours are straight from corner to corner.
    assert ours.symmetric_difference(theirs).area < (1e-4 if resolution == 9 else 1e-9) * theirs.area
