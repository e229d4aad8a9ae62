"""The published table as a frame: its rows, and what each value leaves open by the way it was rounded."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geoanalyse.layer import Layer
from geoanalyse.published import Protected
from geoanalyse.rounding import DISPLACEMENT
from geoanalyse.stats.rates import Published


def whole_period(protected: Protected) -> pd.DataFrame:
    """Give the rows over the whole period, without the windows of series; as `framed`."""
    frame = framed(protected)
    return frame[frame["whole"]]


def framed(protected: Protected) -> pd.DataFrame:
    """Give the published table, and of each row what it is about and how it was rounded.

    ``whole``: over the whole period, no window of a series. ``apart``: a total that stands by itself. ``displaced``: so
    do all its terms, as in a window, where a sum adds up totals that stand apart; over the whole period it adds up
    zones. ``or_more``: a value that stands for itself or more. ``open_end``: one without an upper end for another
    reason, a sum with such a term or a total of its own.
    """
    table = protected.table
    frame = table.drop_columns(["cells", "buildings", "base", "profile"]).to_pandas(
        date_as_object=True, types_mapper={pa.string(): pd.StringDtype("python", na_value=np.nan)}.get
    )
    for column in ("value", "low", "high"):
        frame[column] = frame[column].astype("Int64")
    capped, apart, alone, one = (
        pc.fill_null(pc.equal(table[name], known), fill_value=False).to_numpy()
        for name, known in (("status", "cap"), ("rounding", "apart"), ("rounding", "zone"), ("atoms", 1))
    )
    or_more = capped & alone & one
    whole = ((frame["start"] == frame["start"].min()) & (frame["end"] == frame["end"].max())).to_numpy(dtype=bool)
    return frame.assign(whole=whole, apart=apart, displaced=apart | ~whole, or_more=or_more, open_end=capped & ~or_more)


def windows_of(reference: Protected) -> pd.DataFrame:
    """Give the rows of the windows, without those of the whole period, by layer, region and start."""
    frame = framed(reference)
    return frame[~frame["whole"]].sort_values(["layer", "zone", "start"], kind="stable")


def kinds(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Take apart what was rounded in different ways."""
    kind = 2 * rows["b"].to_numpy() + rows["displaced"].to_numpy()
    for each in np.unique(kind):
        yield rows[kind == each]


def described(rows: pd.DataFrame, layer: Layer) -> Published:
    """Describe rows that were rounded in one way."""
    return Published(
        value=rows["value"].to_numpy(dtype=np.int64),
        addresses=rows["addresses"].to_numpy(dtype=np.int64),
        capped=rows["or_more"].to_numpy(),
        base=int(rows["b"].iloc[0]),
        terms=rows["atoms"].to_numpy(dtype=np.int64),
        clamp=layer.clamp,
        displacement=DISPLACEMENT if rows["displaced"].iloc[0] else 0,
    )
