"""``release.kaart()`` in a notebook that really runs, its output in a browser without a network."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from geoanalyse.products import palette
from tests.browser_fixtures import Open

pytestmark = pytest.mark.browser

CODE = """
import geoanalyse
release = geoanalyse.build("ganzenpoort")
release.kaart("bestand.html")
"""
PAGE = '<!DOCTYPE html><html lang="nl"><meta charset="utf-8"><title>Notebook</title><body><div>{}</div></body></html>'
DRAWN = """(frame) => {
  const canvas = frame.querySelector("canvas.cellen"), { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height), counts = {};
  for (let k = 0; k < data.length; k += 4) {
    const colour = "#" + [0, 1, 2].map((at) => data[k + at].toString(16).padStart(2, "0")).join("");
    counts[colour] = (counts[colour] ?? 0) + 1;
  }
  return counts;
}"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], Path]:
    """Give what the last cell shows, by kind, and the file it wrote."""
    folder = tmp_path_factory.mktemp("notebook")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CODE)])
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    (shown,) = [each for each in notebook.cells[0].outputs if each.output_type == "execute_result"]
    return shown.data, folder / "bestand.html"


def test_the_notebook_shows_the_map_offline(chromium: Open, ran: tuple[dict[str, str], Path]) -> None:
    data, _ = ran
    assert "text/html" in data
    visit = chromium(PAGE.format(data["text/html"]))
    frame = visit.page.frame_locator("iframe")
    frame.locator("html[data-klaar=alles]").wait_for(timeout=20_000)
    assert "Ganzenpoort" in frame.locator("#titel").inner_text()
    frame.locator('#lagen input[value="fiu-signalen"]').check()
    frame.locator("#kaart").click(position={"x": 250, "y": 300})
    assert "H3-cel" in frame.locator("#paneel").inner_text()
    assert len(visit.requests) == 1
    assert visit.problems == []
    counts = frame.locator("html").evaluate(DRAWN)
    assert counts.get(palette.CLASS_COLOURS[1], 0) > 1000  # cells in the colour of class 1


def test_the_file_it_writes_is_the_map(chromium: Open, ran: tuple[dict[str, str], Path]) -> None:
    _, file = ran
    visit = chromium(file.read_text(encoding="utf-8"))
    visit.wait("document.documentElement.dataset.klaar === 'alles'")
    assert "Ganzenpoort" in visit.page.locator("#titel").inner_text()
    assert len(visit.requests) == 1
    assert visit.problems == []
