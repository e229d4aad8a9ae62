"""Names on the map, painted on a real canvas: never over one another or a mark, the largest first, in any script."""

import pytest

from geoanalyse.products import kaartbron
from geoanalyse.products.inline import package_text
from tests.browser_fixtures import Open

pytestmark = pytest.mark.browser

MODULES = ("decode", "mercator", "lattice", "labels")
NAMES = (
    "Bijlmerdreef",
    "Amstel III deel A/B-Noord",
    "العربية",
    "中文地名",
    "Ελληνικά",
    "Q",
    "De Wallen e.o.",
    "W" * 34,
)
PAINT = """([names, count]) => {
  const canvas = document.createElement("canvas");
  canvas.width = 800; canvas.height = 600;
  const places = Array.from({ length: count }, (_, k) => ({
    name: names[k % names.length], level: k % 9 ? "buurt" : "wijk", inside: k % 4 !== 3,
    x: ((0.5 + k * 0.618) % 1) * 800, y: ((0.5 + k * 0.317) % 1) * 600, across: 60 - (50 * k) / count,
    holds: () => true,
  }));
  const view = { x: 0, y: 0, scale: 1, ratio: 1 }, part = { left: 0, top: 0, width: 800, height: 600 };
  const { x, y } = places[1]; // the largest buurt
  const around = ({ x, y }) => [x - 8, y - 8, x + 8, y + 8];
  const marks = [[x - 8, y - 30, x + 8, y - 14], ...places.slice(2, 40).map(around)];
  const taken = paintLabels(canvas.getContext("2d"), view, part, places, {
    ink: "#000", inkSoft: "#555", cell: 12, marks,
  });
  return { taken, marks, first: [x, y] };
}"""


def test_names_never_lie_over_one_another_and_the_largest_come_first(chromium: Open) -> None:
    script = "\n".join(kaartbron._without_modules(package_text("static", f"{name}.js")) for name in MODULES)
    visit = chromium(f"<!DOCTYPE html><meta charset=utf-8><script>{script}</script>")
    found = visit.page.evaluate(PAINT, [list(NAMES), 400])
    boxes = found["taken"]
    assert len(boxes) > 20
    for number, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[number + 1 :] + found["marks"]:
            assert left >= other[2] or right <= other[0] or top >= other[3] or bottom <= other[1]
    x, y = found["first"]
    assert boxes[0][0] < x < boxes[0][2]
    assert boxes[0][1] < y < boxes[0][3]
    assert visit.problems == []
