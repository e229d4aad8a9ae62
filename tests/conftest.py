"""Fixtures that every test may use."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

from geoanalyse.build import build
from geoanalyse.release import Release
from tests.browser_fixtures import _browsers, chromium, chromium_with

collect_ignore = ["qgis_check.py"]  # runs in the Python of QGIS, not in ours
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


@pytest.fixture(scope="session")
def libreoffice(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Give a way to open a file in LibreOffice and save it as something else."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("LibreOffice is hier niet (Debian: libreoffice-calc)")
    profile = tmp_path_factory.mktemp("profiel")

    def save(path: Path, kind: str, folder: Path, *more: str) -> Path:
        folder.mkdir(exist_ok=True)
        options = ["--headless", "--norestore", f"-env:UserInstallation={profile.as_uri()}"]
        done = subprocess.run(
            [program, *options, *more, "--convert-to", kind, "--outdir", folder, path],
            check=False,
            capture_output=True,
            text=True,
            timeout=180,
        )
        made = folder / f"{path.stem}.{kind.partition(':')[0]}"
        assert made.exists(), done.stderr
        return made

    return save
