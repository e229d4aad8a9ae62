"""Make the pictures of the README, of docs/kaart.md and of docs/factsheet.md from a real build of the demo.

Run: ``python docs/maak_plaatjes.py`` (needs the extra ``test``, and Chromium).
"""
# ruff: noqa: INP001, S603 - a script beside the pages, that runs our own commands

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).parent / "img"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PAGE_WIDTH = 900
COMPARED = "#laag=kvk-registraties&periode=2025-07-01&met=2024-07-01&weergave=naast"
SHEETS = ("factsheet", "factsheet-2", "factsheet-grijs", "factsheet-modus", "factsheet-buurt")
STATES = {
    "kaart-naast": (COMPARED, (1366, 768)),
    "kaart-beamer": ("#laag=fiu-signalen&niveau=buurt&beamer=1", (1366, 768)),
    "kaart-tweemaal": ("#laag=fiu-signalen&niveau=buurt", (683, 384)),  # 1366 x 768 at 200 %
}


def main() -> None:
    """Build, photograph the map in its states and on paper, and the first page of a factsheet."""
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        build = [sys.executable, "-m", "geoanalyse", "build", "--gebied", "zuidoost", "--uit", str(work), "--stil"]
        subprocess.run(build, check=True)
        made = next(work.glob("zuidoost/*/deelbaar"))
        program = next(found for name in BROWSERS if (found := shutil.which(name)))
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
            photograph(browser, made / "kaart.html", work / "kaart.png")
            for name, (fragment, size) in STATES.items():
                page = opened(browser, made / "kaart.html", fragment, size)
                choose_middle(page)
                page.screenshot(path=work / f"{name}.png")
            sheet(opened(browser, made / "kaart.html", "#laag=fiu-signalen&niveau=buurt"), work / "kaart-a4.pdf")
            browser.close()
        paper(made / "factsheet-drugs.pdf", work / "factsheet.png")
        paper(made / "factsheet-drugs.pdf", work / "factsheet-2.png", number=1)
        paper(made / "factsheet-drugs.pdf", work / "factsheet-grijs.png", grey=True)
        paper(made / "factsheet-modus-brievenbusbedrijven.pdf", work / "factsheet-modus.png")
        atlas = [sys.executable, "-m", "geoanalyse", "atlas", "--gebied", "ganzenpoort", "--uit", str(work), "--stil"]
        subprocess.run(atlas, check=True)
        paper(next(work.glob("ganzenpoort/*/deelbaar/factsheet-BU0363TE02.pdf")), work / "factsheet-buurt.png")
        paper(work / "kaart-a4.pdf", work / "kaart-a4.png")
        IMAGES.mkdir(exist_ok=True)
        for name in ("kaart", "kaart-a4", *SHEETS, *STATES):
            shrink(work / f"{name}.png", IMAGES / f"{name}.png")


def opened(browser: Browser, page: Path, fragment: str = "", size: tuple[int, int] = (1366, 768)) -> Page:
    """Open the map from disk, and wait until all of it is drawn."""
    window = {"width": size[0], "height": size[1]}
    scale = 1366 / size[0]
    view = browser.new_context(offline=True, viewport=window, device_scale_factor=scale, locale="nl-NL").new_page()
    view.goto(page.as_uri() + fragment)
    view.locator("#paneel h2").wait_for(state="attached")
    view.wait_for_timeout(1500)
    return view


def choose_middle(view: Page) -> None:
    """Choose the middle of the map with the keyboard."""
    view.locator("#kaart").focus()
    view.keyboard.press("Enter")
    view.wait_for_timeout(1000)


def photograph(browser: Browser, page: Path, out: Path) -> None:
    """Take a picture of the window with the strongest signal chosen."""
    view = opened(browser, page)
    view.locator("#paneel .lijst button").first.click()
    view.wait_for_timeout(1000)
    view.get_by_label("Hele gebied").click()  # with the place still chosen
    view.mouse.move(0, 0)
    view.wait_for_timeout(1500)  # the map sharpens when it is left alone
    view.screenshot(path=out)


def sheet(view: Page, out: Path) -> None:
    """Print on A4 as a reader does."""
    view.evaluate("window.print = () => {}")
    view.locator("#bewaarmenu summary").click()
    view.locator('[data-blad="a4l"]').click()
    view.pdf(path=out, prefer_css_page_size=True, print_background=True)


def paper(document: Path, out: Path, *, number: int = 0, grey: bool = False) -> None:
    """Draw a page of a PDF, as a printer without colours does if `grey`."""
    page = pdfium.PdfDocument(document)[number]
    drawn = page.render(scale=PAGE_WIDTH / page.get_width()).to_pil()
    (drawn.convert("L") if grey else drawn).save(out)


def shrink(picture: Path, out: Path) -> None:
    """Write a picture with a palette: flat colours need no more, as long as each keeps its own."""
    with Image.open(picture) as image:
        image.convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE).save(out, optimize=True)


if __name__ == "__main__":
    main()
