"""The accessibility statement claims what the tests do, and can be read on the page."""

import ast
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from geoanalyse.products import kaart, toegankelijkheid
from tests.browser_fixtures import Open
from tests.sample import sample_release

TESTS = Path(__file__).parent


@pytest.mark.parametrize("claim", toegankelijkheid.TESTED, ids=lambda claim: claim.text[:40])
def test_each_claim_rests_on_tests_that_are_there(claim: toegankelijkheid.Claim) -> None:
    assert claim.tests
    for name in claim.tests:
        file, test = name.split("::")
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, name


@pytest.mark.browser
def test_the_statement_is_on_the_page(chromium: Open) -> None:
    visit = chromium(kaart.map_html(sample_release()))
    visit.wait("document.documentElement.dataset.klaar === 'alles'")
    visit.page.get_by_text("Toegankelijkheidsverklaring").click()
    text = visit.page.locator("#toegankelijkheid").inner_text()
    for words in (
        toegankelijkheid.STATUS,
        *(claim.text for claim in toegankelijkheid.TESTED),
        toegankelijkheid.BY_WHOM,
        *toegankelijkheid.LIMITS,
        toegankelijkheid.CONTACT,
    ):
        assert words in text
    assert Axe().run(visit.page).response["violations"] == []
    assert visit.problems == []
