"""The BAG as the Kadaster and PDOK give it, made into the address base: the raw side.

:mod:`geoanalyse.bag.extract` reads the LV BAG 2.0 extract (XML), :mod:`geoanalyse.bag.light` the GeoPackage
``bag-light.gpkg``; both give the columns of :mod:`geoanalyse.bag.objects`, which
:mod:`geoanalyse.bag.addressbase` joins.
"""

from geoanalyse.bag.addressbase import contract, join, write
from geoanalyse.bag.objects import Reason, Register, Report
from geoanalyse.bag.source import read

__all__ = ["Reason", "Register", "Report", "contract", "join", "read", "write"]
