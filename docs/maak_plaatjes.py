"""Make the pictures of the README from a real build of the demo.

Run: ``python docs/maak_plaatjes.py`` (needs the extra ``test``, Chromium, and ``pdftoppm`` of poppler).
"""
# ruff: noqa: INP001, S603 - a script beside the pages, that runs our own commands

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).parent / "img"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
COLOURS = 128
FACTSHEET_WIDTH = 900


def main() -> None:
    """Build, photograph the map at 1366 x 768 with its strongest signal chosen, and the first page of a factsheet."""
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        build = [sys.executable, "-m", "geoanalyse", "build", "--gebied", "zuidoost", "--uit", str(work), "--stil"]
        subprocess.run(build, check=True)
        made = next(work.glob("zuidoost/*/deelbaar"))
        photograph(made / "kaart.html", work / "kaart.png")
        page = ["pdftoppm", "-png", "-singlefile", "-f", "1", "-scale-to-x", str(FACTSHEET_WIDTH), "-scale-to-y", "-1"]
        subprocess.run([*page, str(made / "factsheet-drugs.pdf"), str(work / "factsheet")], check=True)
        IMAGES.mkdir(exist_ok=True)
        for name in ("kaart", "factsheet"):
            shrink(work / f"{name}.png", IMAGES / f"{name}.png")


def photograph(page: Path, out: Path) -> None:
    """Open the map from disk and take a picture of the window."""
    program = next(found for name in BROWSERS if (found := shutil.which(name)))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        view = browser.new_context(offline=True, viewport={"width": 1366, "height": 768}, locale="nl-NL").new_page()
        view.goto(page.as_uri())
        view.locator("#paneel .lijst button").first.click()
        view.wait_for_timeout(1000)
        view.get_by_label("Hele gebied").click()  # with the place still chosen
        view.mouse.move(0, 0)
        view.wait_for_timeout(1500)  # the map sharpens when it is left alone
        view.screenshot(path=out)
        browser.close()


def shrink(picture: Path, out: Path) -> None:
    """Write a picture with a palette: flat colours need no more."""
    with Image.open(picture) as image:
        image.convert("RGB").quantize(COLOURS).save(out, optimize=True)


if __name__ == "__main__":
    main()
