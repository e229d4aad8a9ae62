"""geoanalyse: anonymised address-level indicators to hexagon risk layers, without person data."""

__version__ = "0.1.0"
