"""What came of the rows of an input: those with a key, and counts of the others."""

import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.csv as pv

from geoanalyse.errors import InputError
from geoanalyse.geocoding.intake import Rows
from geoanalyse.geocoding.match import MISSES, QUALITIES, Match, Miss, Quality


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Outcome:
    """Rows of the contract, and what was counted.

    Attributes
    ----------
    table : pyarrow.Table
        ``sleutel``, ``datum`` and, where the input has it, ``aantal``; sorted by these.
    rows : int
        Rows of the input.
    qualities, misses : mapping
        Rows per class and per reason, only those that occur.
    """

    table: pa.Table
    rows: int
    qualities: Mapping[Quality, int]
    misses: Mapping[Miss, int]

    def __repr__(self) -> str:
        return f"Outcome({self.table.num_rows} of {self.rows} rows)"


def settle(rows: Rows, match: Match, keys: pa.Array, least: Quality = Quality.D) -> Outcome:
    """Keep the rows with a match of at least this class, a day and an amount.

    Parameters
    ----------
    rows : Rows
    match : Match
        Of the same rows.
    keys : pyarrow.StringArray
        Key of each row that `match` speaks of: those of the base.
    least : Quality
        The lowest class that counts.

    Returns
    -------
    Outcome

    Raises
    ------
    InputError
        When no row is left.
    """
    miss = match.miss.copy()
    miss[(match.row >= 0) & (match.quality > QUALITIES.index(least))] = MISSES.index(Miss.TOO_LOW)
    if rows.amount is not None:
        miss[rows.amount < 0] = MISSES.index(Miss.AMOUNT)
    miss[np.isnat(rows.day)] = MISSES.index(Miss.DATE)
    kept = np.flatnonzero(miss < 0)
    reasons = {each: int((miss == place).sum()) for place, each in enumerate(MISSES)}
    reasons = {each: number for each, number in reasons.items() if number}
    if not len(kept):
        told = ", ".join(f"{each} ({number})" for each, number in reasons.items())
        raise InputError(f"geen enkele rij heeft een adres in de basis: {told}; controleer de kolommen en de basis")
    columns = {
        "sleutel": keys.take(pa.array(match.row[kept])),
        "datum": pa.array(rows.day[kept]).cast(pa.string()),
    }
    if rows.amount is not None:
        columns["aantal"] = pa.array(rows.amount[kept])
    table = pa.table(columns)
    table = table.sort_by([(name, "ascending") for name in table.column_names])
    classes = {each: int((match.quality[kept] == place).sum()) for place, each in enumerate(QUALITIES)}
    return Outcome(table, len(rows), {each: number for each, number in classes.items() if number}, reasons)


def as_csv(table: pa.Table) -> bytes:
    r"""Write rows as the contract wants them: ``;`` between values, one kind of line ending.

    Examples
    --------
    >>> as_csv(pa.table({"sleutel": ["0457010000000001"], "datum": ["2021-01-31"]}))
    b'sleutel;datum\n0457010000000001;2021-01-31\n'
    """
    target = io.BytesIO()
    pv.write_csv(table, target, pv.WriteOptions(delimiter=";", quoting_style="none", quoting_header="none"))
    return target.getvalue()
