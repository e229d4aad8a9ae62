"""Chromium for tests: a page opened from disk, with the network cut, and everything it asked or said written down."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WATCH = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (event) => window.__violations.push(event.violatedDirective));
"""


@dataclass
class Visit:
    """One opened page; `problems` holds console messages, page errors, dialogs and policy violations."""

    page: Page
    requests: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        return self.said + self.page.evaluate("window.__violations")

    def wait(self, script: str, seconds: float = 10) -> None:
        """Wait until a script gives true (the page's policy forbids Playwright's own way of waiting)."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(script):
            if time.monotonic() > end:
                pytest.fail(f"niet waar binnen {seconds} s: {script}; {self.problems}")
            time.sleep(0.02)


Open = Callable[..., Visit]


@pytest.fixture(scope="session")
def _browsers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Browser]]:
    """Give a function that starts a browser with extra flags, one for each set of flags."""
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium ontbreekt; installeer het met: apt-get install chromium")
        pytest.skip("Chromium is hier niet geïnstalleerd")
    started: dict[tuple[str, ...], Browser] = {}
    with sync_playwright() as driver:
        downloads = tmp_path_factory.mktemp("downloads")

        def start(*flags: str) -> Browser:
            if flags not in started:
                started[flags] = driver.chromium.launch(
                    executable_path=program, headless=True, args=[*FLAGS, *flags], downloads_path=downloads
                )
            return started[flags]

        yield start
        for browser in started.values():
            browser.close()


@pytest.fixture
def chromium_with(_browsers: Callable[..., Browser], tmp_path: Path) -> Iterator[Callable[..., Open]]:
    """As `chromium`, for a browser with extra flags."""
    contexts: list[BrowserContext] = []
    yield lambda *flags: _opener(_browsers(*flags), tmp_path, contexts)
    for context in contexts:
        context.close()


@pytest.fixture
def chromium(_browsers: Callable[..., Browser], tmp_path: Path) -> Iterator[Open]:
    """Give a function that opens a page from its text; skips without Chromium, unless in CI.

    A script in `before` runs first, to take something away from the browser.
    """
    contexts: list[BrowserContext] = []
    yield _opener(_browsers(), tmp_path, contexts)
    for context in contexts:
        context.close()


def _opener(browser: Browser, folder: Path, contexts: list[BrowserContext]) -> Open:
    def open_page(
        html: str, fragment: str = "", *, width: int = 1366, height: int = 768, before: str = "", script: bool = True
    ) -> Visit:
        file = folder / f"kaart-{len(contexts)}.html"
        file.write_text(html, encoding="utf-8", newline="\n")
        size = {"width": width, "height": height}
        context = browser.new_context(offline=True, viewport=size, locale="nl-NL", java_script_enabled=script)
        contexts.append(context)
        context.add_init_script(WATCH + before)
        visit = Visit(context.new_page())
        visit.page.on("request", lambda request: visit.requests.append(request.url))
        visit.page.on("console", lambda message: visit.said.append(message.text))
        visit.page.on("pageerror", lambda error: visit.said.append(str(error)))
        visit.page.on("dialog", lambda dialog: (visit.said.append("dialog"), dialog.dismiss()))
        visit.page.goto(file.as_uri() + fragment)
        return visit

    return open_page
