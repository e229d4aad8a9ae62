"""Guessing: keys in lists, thresholds, and digests, from what everyone knows."""

import base64
import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from tests.attack.adversary.case import Addresses

_NAMES = (
    *("md5", "sha1", "sha224", "sha256", "sha384", "sha512"),
    *("blake2b", "blake2s", "sha3_224", "sha3_256", "sha3_512"),
)


def _digest_with(name: str) -> Callable[[bytes], bytes]:
    make = getattr(hashlib, name)
    return lambda data: bytes(make(data).digest())


HASHES: dict[str, Callable[[bytes], bytes]] = {name: _digest_with(name) for name in _NAMES} | {
    "blake2b-16": lambda data: hashlib.blake2b(data, digest_size=16).digest(),
    "blake2b-8": lambda data: hashlib.blake2b(data, digest_size=8).digest(),
    "crc32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    "adler32": lambda data: zlib.adler32(data).to_bytes(4, "big"),
}
"""What people use to make a key of a number."""

_FEWEST, _DEVIATIONS = 12, 4.0


def spellings(id_: str, number: int, east: float, north: float, cell: int, house: str) -> Iterator[str]:
    """Write one public address in thirty ways."""
    bare = id_.lstrip("0") or "0"
    yield from (id_, bare, id_.upper(), id_.lower(), f"{id_} ", f" {id_}", f"{id_}\n", f"{id_}\r\n", id_[::-1])
    yield from (f"NL.IMBAG.Verblijfsobject.{id_}", f"NL.IMBAG.Nummeraanduiding.{id_}", f"NL.IMBAG.{id_}", f"BAG:{id_}")
    yield from (
        f'"{id_}"',
        f"'{id_}'",
        f"id={id_}",
        f"bag-{id_}",
        f"{id_};",
        f"{id_}|",
        f"adres:{id_}",
        f"0x{int_of(bare):x}",
    )
    yield from (
        str(number),
        str(number + 1),
        f"{east:.2f};{north:.2f}",
        f"{east:.2f},{north:.2f}",
        f"{east:.0f},{north:.0f}",
    )
    yield from (f"{cell:x}", house, f"{house}|{id_}", f"{id_}|{house}")


def int_of(text: str) -> int:
    """Give the digits of a text as one number."""
    return int("".join(letter for letter in text if letter.isdigit()) or "0")


def guessed(keys: Iterable[str], addresses: Addresses, salts: Sequence[str] = ()) -> dict[str, str]:
    """Find which keys are a hash, or a plain spelling, of a public address.

    Parameters
    ----------
    keys : iterable of str
    addresses : Addresses
    salts : sequence of str
        Public words that may stand before or after: the name of the list, the day.

    Returns
    -------
    dict of str to str
        How each key that was found was made.
    """
    wanted = {key.strip().lower() for key in keys if key.strip()}
    found: dict[str, str] = {}
    if not wanted:
        return found
    lengths = {len(key) for key in wanted}
    for number, id_ in enumerate(addresses.ids):
        ways = spellings(
            id_,
            number,
            float(addresses.east[number]),
            float(addresses.north[number]),
            int(addresses.cell[number]),
            addresses.houses[addresses.house[number]],
        )
        for way, text in enumerate(ways):
            if text.strip().lower() in wanted:
                found.setdefault(text.strip().lower(), f"schrijfwijze {way}")
            for salted in (text, *(f"{salt}{text}" for salt in salts if way == 0)):
                data = salted.encode()
                for name, make in HASHES.items():
                    whole = make(data).hex()
                    for length in lengths:
                        if whole[:length] in wanted and len(whole) >= length:
                            found.setdefault(whole[:length], f"{name} van schrijfwijze {way}")
    encoded = _encoded(wanted - set(found), addresses)
    return found | encoded


def _encoded(wanted: set[str], addresses: Addresses) -> dict[str, str]:
    """Try base64 and base32 of the usual hashes of the plain number."""
    found: dict[str, str] = {}
    if not wanted:
        return found
    for id_ in addresses.ids:
        for name, make in HASHES.items():
            raw = make(id_.encode())
            for text in (base64.b64encode(raw), base64.urlsafe_b64encode(raw), base64.b32encode(raw)):
                for way in (text.decode(), text.decode().rstrip("=")):
                    if way.lower() in wanted:
                        found[way.lower()] = f"{name}, gecodeerd"
    return found


# --- thresholds -------------------------------------------------------------------------------------------------------


def threshold_guesses(unit: str, base: str, atom: str, family: str, modulus: int) -> Iterator[tuple[str, int]]:
    """Give guesses of a threshold that needs no secret: hashes of public names, modulo the base."""
    texts = (
        unit,
        f"{unit}|{family}",
        f"{family}|{unit}",
        f"{base}|{atom}|{unit}|{family}",
        f"{unit}{family}",
        f"{family}{unit}",
        f"{unit}:{family}",
        f"{base}|{unit}|{family}",
    )
    for way, text in enumerate(texts):
        for name, make in HASHES.items():
            raw = make(text.encode())
            yield f"{name} {way} begin", int.from_bytes(raw[:8], "big") % modulus
            yield f"{name} {way} geheel", int.from_bytes(raw, "big") % modulus
            yield f"{name} {way} klein", int.from_bytes(raw[:4], "little") % modulus


# --- order ------------------------------------------------------------------------------------------------------------


def ordered(values: Sequence[str]) -> bool:
    """Say whether equal values stand together far more than in a random order (runs test of Wald and Wolfowitz).

    Examples
    --------
    >>> ordered(["licht"] * 20 + ["sterk"] * 20), ordered(["licht", "sterk"] * 2)
    (True, False)
    """
    count = len(values)
    number = np.unique(np.asarray(values, dtype=str), return_counts=True)[1].astype(float)
    if count < _FEWEST or len(number) < 2:
        return False
    runs = 1 + sum(one != other for one, other in pairwise(values))
    square, cube = float((number**2).sum()), float((number**3).sum())
    mean = (count * (count + 1) - square) / count
    variance = (square * (square + count * (count + 1)) - 2 * count * cube - count**3) / (count**2 * (count - 1))
    return runs < mean - _DEVIATIONS * variance**0.5


# --- digests ----------------------------------------------------------------------------------------------------------


def digests_of(files: Iterable[Path], texts: Iterable[str]) -> dict[str, str]:
    """Give digests of files and of texts, as hexadecimal and as base64, with what they are of."""
    found = {}
    sources = [(file.name, file.read_bytes()) for file in files if file.is_file()]
    for name, data in (*sources, *((f"een lijst van {len(text)} tekens", text.encode()) for text in texts)):
        for kind, make in HASHES.items():
            raw = make(data)
            found[raw.hex()] = f"{kind} van {name}"
            found[base64.b64encode(raw).decode()] = f"{kind} van {name}"
    return found
