"""geoanalyse: anonymised address-level indicators to hexagon risk layers, without person data.

Examples
--------
>>> import geoanalyse
>>> release = geoanalyse.build("diemen", layer_ids=("fiu-signalen",))  # the demo; own data with folder= and key_file=
>>> release.area.title, release.frame("gemeente", "fiu-signalen").shape[0]
('Diemen', 1)
"""

from importlib import import_module
from typing import Any

__version__ = "0.2.0"

# Public names and where they live; imported when first used, so that `geoanalyse --help` does not wait for geopandas.
_HOME = {
    "Area": "area",
    "GeoanalyseError": "errors",
    "InputError": "errors",
    "Layer": "layer",
    "Release": "release",
    "Request": "build",
    "Signal": "signals",
    "check_folder": "addresses",
    "find_area": "area",
    "presets": "area",
    "read_layers": "layer",
    "run": "build",
    "shipped_regions": "geography",
    "write_release": "products.folder",
}
_NAMED = {"find_area": "find"}

__all__ = ["__version__", "build", *sorted(_HOME)]  # noqa: PLE0604 - they are strings


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public name
    if name == "build":  # the module that a newcomer reads first; it can be called like the function in it
        return import_module("geoanalyse.build")
    if name in _HOME:
        return getattr(import_module(f"geoanalyse.{_HOME[name]}"), _NAMED.get(name, name))
    raise AttributeError(f"module 'geoanalyse' has no attribute '{name}'")
