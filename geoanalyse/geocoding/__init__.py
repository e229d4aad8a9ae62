"""Written addresses turned into keys of the BAG, without sending anything anywhere: the raw side."""

from geoanalyse.geocoding.intake import Rows, read_base, read_rows
from geoanalyse.geocoding.match import Base, Match, Miss, Quality, Written, match
from geoanalyse.geocoding.outcome import Outcome, as_csv, settle
from geoanalyse.geocoding.writing import by_columns, by_text

__all__ = [
    "Base",
    "Match",
    "Miss",
    "Outcome",
    "Quality",
    "Rows",
    "Written",
    "as_csv",
    "by_columns",
    "by_text",
    "match",
    "read_base",
    "read_rows",
    "settle",
]
