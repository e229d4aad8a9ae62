"""Errors a user may meet: one line of Dutch each, saying what is wrong, where, and what to do.

A message never holds a value from an input row; it names the file, the column and the number of rows.
"""

from collections.abc import Iterable


class GeoanalyseError(Exception):
    """Base of every error that geoanalyse raises on purpose."""


class InputError(GeoanalyseError, ValueError):
    """Input was refused.

    Attributes
    ----------
    faults : tuple of str
        One Dutch line per kind of fault.
    """

    def __init__(self, faults: str | Iterable[str]) -> None:
        self.faults = (faults,) if isinstance(faults, str) else tuple(faults)
        super().__init__("\n".join(self.faults))


class LayerError(InputError):
    """One or more layer files are wrong; every fault of every file is listed."""


class AreaError(GeoanalyseError, LookupError):
    """No such area, or an area about which nothing can be published."""


class ProtectionError(GeoanalyseError, ValueError):
    """The key, the registry or the request would break the promise; nothing was published."""


class ReleaseError(GeoanalyseError, OSError):
    """A release could not be written or read; nothing half-written was left behind."""
