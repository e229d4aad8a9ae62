"""Dates as people and spreadsheets write them."""

import datetime as dt
import re
from typing import Final

DAY_ZERO: Final = dt.date(1899, 12, 30)
"""Day 0 of Excel, as its days after February 1900 count."""
DAY_ZERO_1904: Final = dt.date(1904, 1, 1)
"""Day 0 of a workbook that began on an old Mac."""

_YEARS = range(2000, 2100)
_MONTHS = ("jan", "feb", "mrt maa mar", "apr", "mei may", "jun", "jul", "aug", "sep", "okt oct", "nov", "dec")


def read_day(text: str, day_zero: dt.date = DAY_ZERO, *, month_first: bool = False) -> dt.date | None:
    """Read a date as people and spreadsheets write it; None when it is none.

    Parameters
    ----------
    text : str
    day_zero : datetime.date
        What a spreadsheet counts its days from.
    month_first : bool
        Whether ``02/03/2026`` is the third of February, as American programs write it.

    Examples
    --------
    >>> texts = ("31-1-2026", "2026-01-31 00:00:00", "31 jan. 2026", "46053", "31/01/26", "01/31/2026", "morgen")
    >>> [str(read_day(text) or "-") for text in texts]
    ['2026-01-31', '2026-01-31', '2026-01-31', '2026-01-31', '2026-01-31', '-', '-']
    """
    text = text.strip().lower()
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text):
        day = day_zero + dt.timedelta(days=int(text[:5]))
        return day if day.year in _YEARS else None
    text = re.sub(r"(?<=\d{4})[t ]+[\d:.z]+$", "", re.sub(r"(?<=-\d\d)[t ]+[\d:.z]+$", "", text))
    if found := re.fullmatch(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", text):
        year, month, number = map(int, found.groups())
    elif found := re.fullmatch(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d\d)", text):
        number, month, year = map(int, found.groups())
        if month_first and "/" in text:
            number, month = month, number
    elif found := re.fullmatch(r"(\d{1,2})[- ]([a-z]{3,9})\.?[- ](\d{4}|\d\d)", text):
        number, year = int(found[1]), int(found[3])
        month = next((place for place, names in enumerate(_MONTHS, 1) if found[2][:3] in names.split()), 0)
    else:
        return None
    try:
        day = dt.date(year + 2000 * (year < 100), month, number)  # noqa: PLR2004 - years of two digits
    except ValueError:
        return None
    return day if day.year in _YEARS else None
