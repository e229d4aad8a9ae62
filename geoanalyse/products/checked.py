"""A release that was found in order, to be written somewhere else: nothing unchecked goes on."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoanalyse.errors import GeoanalyseError, ReleaseError
from geoanalyse.geography import Regions
from geoanalyse.products.apart import apart
from geoanalyse.products.audit import Verdict, audit
from geoanalyse.retention import MANIFEST


@dataclass(frozen=True, slots=True, repr=False)
class Checked:
    """A release that was found in order, to be written; only :func:`checked` makes one.

    Attributes
    ----------
    area : str
        As the GeoPackage is called.
    package : bytes
    marks : mapping of str to str
        What tells this release from another.
    remarks : tuple of str
        What the check could not see.
    """

    area: str
    package: bytes
    marks: Mapping[str, str]
    remarks: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Checked({self.area})"


def checked(folder: Path, regions: Regions, today: dt.date) -> Checked:
    """Check a release as ``geoanalyse verifieer`` does.

    Parameters
    ----------
    folder : Path
        The folder ``deelbaar`` of a release, or the one above it.
    regions : Regions
    today : datetime.date
        See :func:`geoanalyse.products.audit.audit`.

    Raises
    ------
    GeoanalyseError
        With a line per reason not to share it.
    """
    inside = folder / "deelbaar" if (folder / "deelbaar").is_dir() else folder
    package = _only(inside)
    try:
        data, about = package.read_bytes(), json.loads((inside / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ReleaseError(f"{inside}: {MANIFEST} ontbreekt of is niet te lezen; geef de map van een uitgave") from None
    verdict = apart(_verdict, inside, regions, today)
    if verdict.faults:
        raise GeoanalyseError("\n".join(verdict.faults))
    seal = hashlib.sha256(data).hexdigest()
    if seal not in json.dumps(about["bestanden"]):  # what was checked is what will be written
        raise ReleaseError(f"{package.name}: is tijdens de controle veranderd; probeer het opnieuw")
    return Checked(package.stem, data, _marks(about, seal), verdict.remarks)


def _verdict(say: Callable[[str], None], folder: Path, regions: Regions, today: dt.date) -> Verdict:
    return audit(folder, regions, today, say)


def _only(folder: Path) -> Path:
    packages = sorted(folder.glob("*.gpkg"))
    if len(packages) != 1:
        raise ReleaseError(
            f"{folder}: heeft {len(packages)} GeoPackages in plaats van één; geef de map van een uitgave"
        )
    return packages[0]


def _marks(about: Mapping[str, Any], seal: str) -> dict[str, str]:
    """Give what tells this release from another, as the manifest says it."""
    return {
        "kenmerk": str(about["kenmerk"]),
        "gebied": str(about["gebied"]["naam"]),
        "peildatum": str(about["peildatum"]),
        "periode_van": str(about["periode"]["van"]),
        "periode_tot": str(about["periode"]["tot"]),
        "rubricering": str(about["grondslag"]["rubricering"]),
        "bewaren_tot": str(about["grondslag"]["bewaren_tot"]),
        "versie": str(about["product"]["versie"]),
        "geopackage_sha256": seal,
    }
