"""The Locatieserver of PDOK, for rows that the own base does not know. Off unless asked for.

It is the one place where something is sent to a third party: the postcode and the house number of each unmatched
address, nothing else. What comes back is matched by the same rules as the own base, so a guess of the server never
counts.
"""

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable
from http.client import HTTPException
from typing import Any

import numpy as np
import pyarrow as pa

from geoanalyse.errors import GeoanalyseError
from geoanalyse.geocoding.match import MISSES, Base, Ints, Match, Miss, Written, match

ADDRESS = "https://api.pdok.nl/bzk/locatieserver/search/v3_1/free"
FIELDS = "adresseerbaarobject_id,postcode,huisnummer,huisletter,huisnummertoevoeging,straatnaam,woonplaatsnaam"
_ASKED = (Miss.POSTCODE, Miss.NUMBER, Miss.SUFFIX)
_ROWS = 100
_MOST_BYTES = 2_000_000
_SCHEMA = pa.schema(
    [
        ("adresseerbaarobject_id", pa.string()),
        ("postcode", pa.string()),
        ("huisnummer", pa.int32()),
        ("huisletter", pa.string()),
        ("toevoeging", pa.string()),
        ("straat", pa.string()),
        ("woonplaats", pa.string()),
    ]
)


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: an address is sent to the server that was named, and to no other."""

    def redirect_request(self, *_: Any) -> None:  # noqa: ANN401 - of urllib
        return None


def asked(written: Written, found: Match) -> list[tuple[str, int]]:
    """Give the distinct postcodes and numbers that would be sent, sorted."""
    _, postcode, number = _open(written, found)
    return sorted({(_postcode(code), each) for code, each in zip(postcode.tolist(), number.tolist(), strict=True)})


def ask(pairs: Iterable[tuple[str, int]], *, address: str = ADDRESS, timeout: float = 10.0) -> pa.Table:
    """Ask which addresses have these postcodes and numbers.

    Parameters
    ----------
    pairs : iterable of (str, int)
    address : str
        Of the service.
    timeout : float
        Seconds that one answer may take.

    Returns
    -------
    pyarrow.Table
        With the columns that `Base` uses. A number with more than 100 addresses gives none.

    Raises
    ------
    GeoanalyseError
        When the server does not answer, or answers something else.
    """
    opener = urllib.request.build_opener(_Stay)
    rows: list[dict[str, Any]] = []
    for postcode, number in pairs:
        query = [("q", f"{postcode} {number}"), ("fq", "type:adres"), ("fq", f"postcode:{postcode}")]
        query += [("fq", f"huisnummer:{number}"), ("fl", FIELDS), ("rows", str(_ROWS)), ("wt", "json")]
        try:
            with opener.open(f"{address}?{urllib.parse.urlencode(query)}", timeout=timeout) as answer:
                told = json.loads(answer.read(_MOST_BYTES + 1)[: _MOST_BYTES + 1].decode())["response"]
            if int(told["numFound"]) <= _ROWS:
                rows += [row for each in told["docs"] if (row := _row(each, postcode, number)) is not None]
        except (urllib.error.URLError, HTTPException, OSError) as error:
            if isinstance(error, urllib.error.HTTPError):
                error.close()
            raise GeoanalyseError(
                "PDOK Locatieserver: geeft geen antwoord; controleer de verbinding of laat --web weg"
            ) from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise GeoanalyseError("PDOK Locatieserver: geeft een onleesbaar antwoord; laat --web weg") from None
    return pa.Table.from_pylist(rows, _SCHEMA)


def add(written: Written, found: Match, base: Base, extra: pa.Table) -> tuple[Match, pa.Array]:
    """Match the rows that were asked about to what came back.

    Returns
    -------
    match : Match
        Rows count on behind those of the base.
    keys : pyarrow.StringArray
        Keys of the base, and those of what came back.
    """
    if not extra.num_rows:
        return found, base.keys
    other = Base(extra)
    more = match(written, other)
    rows, _, _ = _open(written, found)
    mine = rows[more.row[rows] >= 0]
    row, quality, miss = found.row.copy(), found.quality.copy(), found.miss.copy()
    row[mine], quality[mine], miss[mine] = more.row[mine] + len(base.keys), more.quality[mine], -1
    doubt = rows[more.miss[rows] == MISSES.index(Miss.AMBIGUOUS)]
    miss[doubt] = MISSES.index(Miss.AMBIGUOUS)
    return Match(row, quality, miss), pa.concat_arrays([base.keys, other.keys])


def _open(written: Written, found: Match) -> tuple[Ints, Ints, Ints]:
    """Rows that may be asked about, with their postcode and number."""
    number = np.array([each.number if each else -1 for each in written.numbers] + [-1], dtype=np.int64)[written.number]
    wanted = np.isin(found.miss, [MISSES.index(each) for each in _ASKED])
    rows = np.flatnonzero(wanted & (written.postcode >= 0) & (number > 0)).astype(np.int64)
    return rows, written.postcode[rows], number[rows]


def _postcode(code: int) -> str:
    digits, letters = divmod(code, 26**2)
    return f"{digits:04d}{chr(ord('A') + letters // 26)}{chr(ord('A') + letters % 26)}"


def _row(told: dict[str, Any], postcode: str, number: int) -> dict[str, Any] | None:
    """One address; None when it is not of this postcode and number, or has no key of the BAG."""
    key = str(told.get("adresseerbaarobject_id", ""))
    if told.get("postcode") != postcode or told.get("huisnummer") != number or not re.fullmatch("[0-9]{16}", key):
        return None
    return {
        "adresseerbaarobject_id": key,
        "postcode": postcode,
        "huisnummer": number,
        "huisletter": _word(told.get("huisletter")),
        "toevoeging": _word(told.get("huisnummertoevoeging")),
        "straat": _word(told.get("straatnaam")),
        "woonplaats": _word(told.get("woonplaatsnaam")),
    }


def _word(value: object) -> str | None:
    return None if value is None else str(value)
