"""Public schemas (JSON Schema 2020-12) of every file that is handed in or made.

Each is made from the definitions that the readers and writers themselves use, so that it says what they do; the
documents in ``docs/schemas/`` are what `text` gives (``python docs/maak_schemas.py``). What needs more than one row or
file (a key that comes twice, dates that contradict, person data) is judged by the readers, and no schema can say it.
"""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

from geoanalyse.errors import InputError
from geoanalyse.schemas import inputs, outputs
from geoanalyse.schemas.shape import Schema, as_json

__all__ = ["INPUTS", "OUTPUTS", "Schema", "as_json", "schema", "text"]

INPUTS: Mapping[str, Callable[[], Schema]] = MappingProxyType(
    {
        "adressen": inputs.address_row,
        "laagrijen": inputs.layer_row,
        "grondslag": inputs.basis_file,
        "laag": inputs.layer_file,
        "niveaus": inputs.levels_file,
        "casus": inputs.case_file,
        "routes": inputs.routes_file,
        "houderlijsten": inputs.lists_file,
        "gebied": inputs.area_file,
        "gebieden": inputs.areas_file,
        "modi": inputs.modi_file,
        "thema": inputs.colours_file,
        "omgeving": inputs.surroundings_file,
    }
)
"""What is handed in, or comes with the package."""
OUTPUTS: Mapping[str, Callable[[], Schema]] = MappingProxyType(
    {
        "zones": outputs.zones_row,
        "geopackage": outputs.package_row,
        "signaallijst": outputs.list_row,
        "manifest": outputs.manifest,
    }
)
"""What a release holds."""


def schema(name: str) -> Schema:
    """Give one schema.

    Parameters
    ----------
    name : str
        One of `INPUTS` or `OUTPUTS`.

    Raises
    ------
    InputError
        When there is none of that name.

    Examples
    --------
    >>> schema("adressen")["required"]
    ['sleutel', 'oost', 'noord', 'crs', 'gebruik', 'pand']
    """
    known = {**INPUTS, **OUTPUTS}
    if name not in known:
        raise InputError(f"schema '{name}' bestaat niet; kies uit {', '.join(known)}")
    return known[name]()


def text(name: str) -> str:
    """Give one schema as the text of a file; same version, same text."""
    return json.dumps(schema(name), ensure_ascii=False, indent=2) + "\n"
