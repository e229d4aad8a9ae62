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
def _browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium ontbreekt; installeer het met: apt-get install chromium")
        pytest.skip("Chromium is hier niet geïnstalleerd")
    with sync_playwright() as driver:
        downloads = tmp_path_factory.mktemp("downloads")
        browser = driver.chromium.launch(executable_path=program, headless=True, args=FLAGS, downloads_path=downloads)
        yield browser
        browser.close()


@pytest.fixture
def chromium(_browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Give a function that opens a page from its text; skips without Chromium, unless in CI."""
    contexts: list[BrowserContext] = []

    def open_page(html: str, fragment: str = "", *, width: int = 1366, height: int = 768) -> Visit:
        file = tmp_path / f"kaart-{len(contexts)}.html"
        file.write_text(html, encoding="utf-8", newline="\n")
        context = _browser.new_context(offline=True, viewport={"width": width, "height": height}, locale="nl-NL")
        contexts.append(context)
        context.add_init_script(WATCH)
        visit = Visit(context.new_page())
        visit.page.on("request", lambda request: visit.requests.append(request.url))
        visit.page.on("console", lambda message: visit.said.append(message.text))
        visit.page.on("pageerror", lambda error: visit.said.append(str(error)))
        visit.page.on("dialog", lambda dialog: (visit.said.append("dialog"), dialog.dismiss()))
        visit.page.goto(file.as_uri() + fragment)
        return visit

    yield open_page
    for context in contexts:
        context.close()
