"""Fixtures that every test may use."""

from pathlib import Path

import hypothesis
import pytest

from geoanalyse.build import build
from geoanalyse.release import Release
from tests.browser_fixtures import _browsers, chromium, chromium_with

__all__ = ["_browsers", "chromium", "chromium_with", "shared"]


# A busy machine is no fault of the code: nothing here is timed.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Give the folder of public test data beside the checkout; skip where it is not there."""
    folder = Path(__file__).parents[1].parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("de openbare testgegevens (../shared/data) zijn hier niet")
    return folder


@pytest.fixture(scope="session")
def zuidoost() -> Release:
    """Give the demo release of Zuidoost, built once."""
    return build("zuidoost")
