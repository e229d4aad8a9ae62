"""The map beside what others make of the same cells: size, time to write, and how it feels in Chromium.

Run: ``python benchmarks/map.py [--python PYTHON] [--cellen 1000,400000] [--rondes 3]``

``--python`` is an interpreter with the comparison libraries (measured with folium 0.20.0, geopandas 1.2.0 with
mapclassify 2.10.0, pydeck 0.9.3, lonboard 0.17.0, h3 4.5.0); without it only the map itself is measured. Every export
holds the same cells with a class and a value. Within a round they take turns: a busy machine troubles all alike.

folium and geopandas pages get Leaflet from the copy in our own wheel, because the network is cut; what else they ask
for (jQuery, Bootstrap, icons, tiles) stays away, which only helps them. pydeck and lonboard pages load deck.gl from
a site and show nothing without it (and draw with WebGL): of these only the file and the time to write are measured.

What is measured, all at 1366 x 768 without a GPU:

- interactive: from opening the file until the last task of more than 50 ms is over that starts before one second of
  rest; "picture" is when ours says that its first picture stands and answers.
- fps: new positions of the map per second, while the mouse drags it for two seconds; frame: milliseconds of work of
  the page's own thread for each of them (60 a second leave 16.7).
- redraw: all cells, borders and names anew, and the pixels there; the same as work of the page's own thread.
- hit: from a click (ours: also a move of the mouse) to the answer, the median of 50 places.
- heap: JavaScript objects and buffers after a garbage collection.
- with ``--zonder-jit`` all of it in a browser that only interprets scripts, as hardened ones do.
- cpu: seconds of the page's own thread until interactive; unlike the others it hardly depends on other work.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import js_lib_leaflet
from playwright.sync_api import CDPSession, Page, Route, sync_playwright

from geoanalyse.products import kaart

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests import manycells

LEAFLET = Path(js_lib_leaflet.__file__).parent / "static" / "js_lib_leaflet"
BROWSERS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SHOWN = ("geoanalyse", "folium.GeoJson", "geopandas.explore")
WRITTEN = (*SHOWN, "pydeck", "lonboard")
PATIENCE = 150  # seconds for a page to open
WATCH = """
window.__long = [];
const keep = (list) => list.getEntries().forEach((each) => window.__long.push([each.startTime, each.duration]));
new PerformanceObserver(keep).observe({ type: "longtask", buffered: true });
"""


def export(library: str, made: Any, data: Path, out: Path, python: str | None) -> float | None:  # noqa: ANN401
    """Write one page; give the seconds it took, None when it did not finish."""
    if library == "geoanalyse":
        start = time.perf_counter()
        out.write_text(kaart.map_html(made), encoding="utf-8", newline="\n")
        return time.perf_counter() - start
    command = [python or "", str(Path(__file__).with_name("map_others.py")), library, str(data), str(out)]
    found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    if found.returncode:
        print(f"  {library}: {found.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    return float(found.stdout)


# --- in the browser ---------------------------------------------------------------------------------------------------


def serve(route: Route) -> None:
    """Give Leaflet where it is asked for, and nothing else."""
    address = route.request.url
    if address.startswith("file:"):
        route.continue_()
    elif address.endswith(("leaflet.js", "leaflet.css")):
        route.fulfill(path=LEAFLET / address.rsplit("/", 1)[1])
    else:
        route.abort()


def look(file: Path, library: str, flags: list[str]) -> dict[str, float]:
    """Open a page in a browser of its own and measure it; an empty answer when it does not open in time."""
    program = next(path for path in BROWSERS if Path(path).exists())
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, headless=True, args=flags)
        context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="nl-NL", reduced_motion="reduce")
        page = context.new_page()
        page.add_init_script(WATCH)
        page.route("**/*", serve)
        session = context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        try:
            page.goto(file.as_uri(), timeout=1000 * PATIENCE)
            found = opened(page, library)
            cpu = worked(session)
            session.send("HeapProfiler.enable")
            session.send("HeapProfiler.collectGarbage")
            heap = session.send("Runtime.getHeapUsage")
            found |= {"cpu": cpu, "heap": (heap["usedSize"] + heap["backingStorageSize"]) / 1e6}
            page.evaluate(PREPARE[library])
            before = worked(session)
            found |= {"redraw": page.evaluate(REDRAW[library])}
            found |= {"redraw_cpu": 1000 * (worked(session) - before) / 7}
            found |= {**page.evaluate(HIT[library]), **pan(page, session)}
        except Exception as error:  # noqa: BLE001 - whatever a page does, the others are still measured
            print(f"  {library}: {str(error).splitlines()[0]}", file=sys.stderr)
            return {}
        finally:
            browser.close()
    return found


def worked(session: CDPSession) -> float:
    """Give the seconds that the page's own thread has worked."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))


def opened(page: Page, library: str) -> dict[str, float]:
    """Wait for a second of rest and give when it began, in seconds since the file was opened."""
    end = time.monotonic() + PATIENCE
    while True:
        last, now = page.evaluate(
            "[Math.max(0, ...window.__long.map(([start, length]) => start + length)), performance.now()]"
        )
        done = library != "geoanalyse" or page.evaluate("document.documentElement.dataset.klaar === 'alles'")
        if done and now - last > 1000:
            break
        if time.monotonic() > end:
            raise TimeoutError("niet in rust gekomen")
        time.sleep(0.1)
    picture = page.evaluate("performance.getEntriesByName('kaart')[0]?.startTime ?? NaN")
    return {"interactive": last / 1000, "picture": picture / 1000}


LEAFLET_MAP = """
window.__map = Object.values(window).find((each) => each instanceof L.Map);
window.__map.eachLayer((each) => { if (each._renderer) window.__renderer = each._renderer; });
null;
"""
PREPARE = {
    "geoanalyse": "0",
    "folium.GeoJson": LEAFLET_MAP,
    "geopandas.explore": LEAFLET_MAP,
}
"""Find what the page does not name."""

MEDIAN = "const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];"
RUN = (
    "() => {"
    + MEDIAN
    + """
  const times = [];
  for (let k = 0; k < 7; k++) { const start = performance.now(); work(k); times.push(performance.now() - start); }
  return median(times); }"""
)
REDRAW = {
    "geoanalyse": RUN.replace(
        "const times",
        """const box = document.querySelector("#lijnen input"), canvas = document.querySelector("canvas.cellen");
  const work = () => { box.click(); canvas.getContext("2d").getImageData(0, 0, 1, 1); };
  const times""",
    ),
    **dict.fromkeys(
        SHOWN[1:],
        RUN.replace(
            "const times",
            """const r = window.__renderer;
  const work = () => { r._redrawBounds = null; r._redraw(); r._ctx.getImageData(0, 0, 1, 1); };
  const times""",
        ),
    ),
}
HIT_AT = (
    "() => {"
    + MEDIAN
    + """
  const target = document.querySelector(".leaflet-container"), box = target.getBoundingClientRect();
  const timed = (type) => median(Array.from({ length: 50 }, (_, k) => {
    const clientX = box.left + box.width * (0.3 + 0.4 * ((k * 0.618) % 1));
    const clientY = box.top + box.height * (0.3 + 0.4 * ((k * 0.382) % 1));
    const start = performance.now();
    act(type, { clientX, clientY, bubbles: true, view: window });
    return performance.now() - start;
  }));"""
)
HIT = {
    "geoanalyse": HIT_AT
    + """
  function act(type, where) { target.dispatchEvent(new MouseEvent(type, where)); }
  return { hit: timed("mousemove"), click: timed("click") }; }""",
    **dict.fromkeys(
        SHOWN[1:],
        HIT_AT
        + """
  function act(type, where) { window.__renderer._onClick(new MouseEvent("click", where)); }
  return { hit: timed("click") }; }""",
    ),
}


def pan(page: Page, session: CDPSession) -> dict[str, float]:
    """Drag the map to and fro for two seconds; give new positions per second, and milliseconds of work for each."""
    before = worked(session)
    page.evaluate(
        """() => { window.__seen = []; window.__until = performance.now() + 2500;
          const pane = document.querySelector(".leaflet-map-pane"); let last = "";
          const frame = (now) => {
            if (pane.style.transform !== last) { window.__seen.push(now); last = pane.style.transform; }
            if (now < window.__until) requestAnimationFrame(frame);
          };
          requestAnimationFrame(frame); }"""
    )
    page.mouse.move(660, 420)
    page.mouse.down()
    start, k = time.monotonic(), 0
    while time.monotonic() - start < 2:
        k += 1
        page.mouse.move(660 + 200 * ((k % 80) / 40 - 1 if k % 160 < 80 else 1 - (k % 80) / 40), 420 + (k % 40))
    page.mouse.up()
    seen = page.evaluate("window.__seen.filter((now) => now < window.__until - 500)")
    rate = (len(seen) - 1) / (seen[-1] - seen[0]) * 1000 if len(seen) > 2 else len(seen) / 2
    return {"fps": rate, "frame": 1000 * (worked(session) - before) / max(1, len(seen))}


# --- all together -----------------------------------------------------------------------------------------------------


def main() -> None:
    """Measure, round by round, and print a table per number of cells."""
    parser = argparse.ArgumentParser(description="Benchmark of the map")
    parser.add_argument("--python", help="interpreter with folium, geopandas, pydeck and lonboard")
    parser.add_argument("--cellen", default="1000,10000,50000,400000")
    parser.add_argument("--rondes", type=int, default=3)
    parser.add_argument(
        "--hooguit", type=int, default=50_000, help="most cells of the others in every round, above it in one"
    )
    parser.add_argument("--zonder-jit", action="store_true", help="a browser that only interprets scripts")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for count in map(int, given.cellen.split(",")):
            one_size(count, given, Path(folder))


def one_size(count: int, given: argparse.Namespace, folder: Path) -> None:
    """Measure every library at one number of cells."""
    made, bare = manycells.release(count), manycells.release(count, figures=False)
    data = folder / "cellen.json"
    manycells.classes(made).to_json(data, orient="records")
    found: dict[str, list[dict[str, Any]]] = {library: [] for library in WRITTEN}
    for number in range(given.rondes):
        for library in WRITTEN if given.python else WRITTEN[:1]:
            if library != "geoanalyse" and count > given.hooguit and number:
                continue
            out = folder / f"{library}.html"
            seconds = export(library, made, data, out, given.python)
            if seconds is None:
                continue
            row: dict[str, Any] = {"write": seconds, "size": out.stat().st_size / 1000}
            if library in SHOWN:
                row |= look(out, library, [*FLAGS, *(["--js-flags=--jitless"] if given.zonder_jit else [])])
            found[library].append(row)
    size, shell = len(kaart.map_html(bare).encode()), sum(map(len, kaart.scripts() + kaart.styles()))
    cells = len(made.area.cells)
    print(f"\n{cells:,} cells, load {os.getloadavg()[0]:.1f}; scripts and styles {shell / 1000:.0f} kB")
    print(f"file with one class per unit {size / 1000:.0f} kB")
    if found["geoanalyse"]:
        further = 1000 * found["geoanalyse"][0]["size"] - size
        print(f"eleven figures more: {further / cells / 11:.2f} bytes per cell and figure")
    names = (
        "size",
        "write",
        "picture",
        "interactive",
        "cpu",
        "fps",
        "frame",
        "redraw",
        "redraw_cpu",
        "hit",
        "click",
        "heap",
    )
    print(" | ".join(("", *names)))
    for library, rows in found.items():
        if rows:
            print(" | ".join((library, *(summary(rows, name) for name in names))))


def summary(rows: list[dict[str, Any]], name: str) -> str:
    """Median, smallest and largest."""
    values = [row[name] for row in rows if row.get(name) is not None and row[name] == row[name]]
    form: Callable[[float], str] = "{:,.3g}".format if max(values, default=0) < 1000 else "{:,.0f}".format
    return f"{form(statistics.median(values))} ({form(min(values))}-{form(max(values))})" if values else "-"


if __name__ == "__main__":
    main()
