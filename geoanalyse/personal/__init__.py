"""Detectors of person data: the second line, behind the allow-list of columns in :mod:`geoanalyse.addresses`.

Used on values on the way in and on texts of finished files. A format that a library knows is judged by that library;
a format without a check digit needs a telling word beside it, a telling column name, or most of the column. Nothing
here returns a value it found, only the kind and how often.
"""

from geoanalyse.personal.columns import kinds_in_column
from geoanalyse.personal.formats import PersonData
from geoanalyse.personal.texts import kinds_in_lines, kinds_in_text

__all__ = ["PersonData", "kinds_in_column", "kinds_in_lines", "kinds_in_text"]
