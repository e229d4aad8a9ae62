"""Lists for data holders: their own keys in the places of their own signals. The one raw-side writer.

A list is pseudonymised personal data and stays so. It goes into ``vertrouwelijk/`` only, when it is asked for with a
legal basis per holder. It has no place, no date and no fact of another holder; keys are HMACs with a secret of the
holder, for this list and this release alone, and their order is that of the HMACs.
"""

import datetime as dt
import hashlib
import hmac
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import xlsxwriter

from geoanalyse import grid, key
from geoanalyse.addresses import Addresses, Events
from geoanalyse.errors import InputError
from geoanalyse.followup import workbook
from geoanalyse.geography import Geography, nearest_cells
from geoanalyse.holderfile import Wish
from geoanalyse.layer import Base, Layer
from geoanalyse.products import dutch, verantwoording
from geoanalyse.products.contents import UnreadError
from geoanalyse.release import Release
from geoanalyse.routes import EXPLORATION, STRENGTHS
from geoanalyse.signals import Signal

MARK: Final = "gepseudonimiseerd, blijft persoonsgegeven"
COLUMNS: Final = ("Sleutel", "Thema", "Sterkte", "Ook elders")
ALSO: Final = "ook bij een andere bronhouder in deze zone"
_PSEUDONYM = 32  # hexadecimal digits: 128 bits
_WIDTHS = (36, 12, 10, 42)
_A4, _LINE = 9, 95  # Excel's number of the paper; characters of a line of the explanation
LIST: Final = "Lijst"
DIGEST: Final = "Kenmerk"
"""Lines of the explanation that the holder needs to find the keys again."""
_EXPLAINED: Final[Mapping[str, str]] = {
    "Welke sleutels": (
        "Eigen sleutels van deze bronhouder met een geval in de periode, op een plek waar een eigen laag naar wijst. "
        "Er staat geen plek bij, geen datum, en niets van een andere bronhouder dan dat die er ook naar wijst."
    ),
    "Sleutel": (
        "Alleen met het eigen geheim terug te vinden: `geoanalyse houderlijst`. In elke andere lijst is zij anders."
    ),
    "Sterkte": (
        "Die van het sterkste signaal op die plek: sterk, matig of licht. Zij zegt niets over het adres zelf, en niets "
        "over mensen."
    ),
    "Ook elders": f"'{ALSO}': dat volgt uit de afgeronde tabel die ook de kaart laat zien.",
    "Volgorde": "Die van de sleutels, dus door elkaar.",
}

Row = tuple[str, str, str, str]
"""Pseudonym, theme, strength, and `ALSO` or nothing."""


# --- which keys -------------------------------------------------------------------------------------------------------


def rows(release: Release, wish: Wish, addresses: Addresses, events: Mapping[str, Events]) -> list[Row]:
    """Give the rows of one holder.

    A key is listed for a theme when one of the holder's own layers is a reason for a signal of that theme, and the key
    has an event of that layer in the period, inside that place. It has the strength of the strongest such signal. That
    another holder is a reason for it too comes from the signal, which is a function of the published table.

    Parameters
    ----------
    release : Release
    wish : Wish
    addresses : Addresses
    events : mapping of str to Events
        By layer id; of the layers of this holder at least.

    Raises
    ------
    InputError
        When a layer of the holder was delivered with zones instead of addresses: then only the holder has the keys.
    """
    mine = {layer.id: layer for layer in release.layers if layer.holder == wish.holder}
    delivered = [name for name in mine if events[name].zone is not None]
    if delivered:
        raise InputError(
            f"bronhouder {wish.holder}: laag {dutch.listing(delivered)} is geleverd als zones; alleen de bronhouder "
            "zelf heeft daarvan de sleutels"
        )
    cells = grid.cells_at(addresses.easting, addresses.northing)
    flagged = {name: _flagged(events[name], layer, addresses, release) for name, layer in mine.items()}
    known = {
        (name, base): _known_cells(cells[flagged[name]], release.geography.zones.base[base].cell, release.geography)
        for name, layer in mine.items()
        for base in {Base.ALL, layer.base}
    }
    strongest: dict[tuple[int, str], tuple[int, bool]] = {}
    for signal in release.signals:
        involved = _layers_of(signal) & mine.keys()
        if signal.strength == EXPLORATION or not involved:
            continue
        for name in sorted(involved):
            base = Base.ALL if signal.level == "zone" else mine[name].base
            inside = flagged[name][np.isin(known[name, base], np.array(signal.cells, dtype=np.uint64))]
            for address in inside.tolist():
                at = (address, str(signal.theme))
                order, also = strongest.get(at, (len(STRENGTHS), False))
                strongest[at] = min(order, STRENGTHS.index(signal.strength)), also or signal.sources > 1
    names = addresses.keys.to_pylist()
    found = [
        (
            _pseudonym(wish.secret, wish.file, release.digest, theme, names[address]),
            theme,
            STRENGTHS[order],
            ALSO if also else "",
        )
        for (address, theme), (order, also) in strongest.items()
    ]
    return sorted(found)


def _flagged(events: Events, layer: Layer, addresses: Addresses, release: Release) -> npt.NDArray[np.int64]:
    """Give the addresses on the layer's base with an event in the period of the release."""
    inside = (events.day >= np.datetime64(release.start)) & (events.day < np.datetime64(release.end))
    found = np.unique(events.address[inside & (events.amount > 0)])
    return found[addresses.eligible(layer.base)[found]]


def _known_cells(cells: grid.Cells, base: grid.Cells, geography: Geography) -> grid.Cells:
    """Give the cell of a base that each address counts in: an address in a new cell counts with the nearest one."""
    if not len(base):
        return np.zeros_like(cells)
    near = nearest_cells(base, cells, geography.regions)
    return np.where(near >= 0, base[near], 0).astype(np.uint64)


def _layers_of(signal: Signal) -> set[str]:
    """Give the layers that are a reason for a signal."""
    return {code.partition("-")[2] for code, _ in signal.reasons}


def _pseudonym(secret: key.Key, file: str, release: str, theme: str, name: str) -> str:
    message = f"houderlijst|{file}|{theme}|{release}|{name}"
    return hmac.digest(secret.secret, message.encode(), "sha256").hex()[:_PSEUDONYM]


# --- the files --------------------------------------------------------------------------------------------------------


def lists(
    release: Release, wishes: Iterable[Wish], addresses: Addresses, events: Mapping[str, Events]
) -> dict[str, bytes]:
    """Make the list of each holder and its manifest, by file name.

    Raises
    ------
    InputError
        As `rows`.
    """
    files: dict[str, bytes] = {}
    for wish in wishes:
        found = rows(release, wish, addresses, events)
        content = _xlsx(release, wish, found)
        files[f"{wish.file}.xlsx"] = content
        files[f"{wish.file}.manifest.json"] = _manifest(release, wish, found, content)
    return files


def _manifest(release: Release, wish: Wish, found: Sequence[Row], content: bytes) -> bytes:
    """Say what the list is, on what ground it was made, and until when it may be kept."""
    return verantwoording.canonical_json(
        {
            "soort": MARK,
            "bronhouder": wish.holder,
            "grondslag": wish.legal_basis,
            "ontvanger": wish.recipient,
            "bewaren_tot": wish.retain_until,
            "geheim": wish.secret.mark,
            "uitgave": release.digest,
            "gebied": release.area.title,
            "periode": {"van": release.start, "tot": release.end},
            "rijen": len(found),
            "per_sterkte": {strength: sum(row[2] == strength for row in found) for strength in STRENGTHS[:-1]},
            "bestand": {"naam": f"{wish.file}.xlsx", "sha256": hashlib.sha256(content).hexdigest()},
            "demo": release.grondslag.demo,
        }
    )


def _xlsx(release: Release, wish: Wish, found: Sequence[Row]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.set_properties({"created": dt.datetime.combine(release.reference_date, dt.time(), tzinfo=dt.UTC)})
        head = book.add_format({"bold": True, "bg_color": "#1f3864", "font_color": "#ffffff"})
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet("Lijst")
        for number, (title, width) in enumerate(zip(COLUMNS, _WIDTHS, strict=True)):
            sheet.set_column(number, number, width)
            sheet.write_string(0, number, title, head)
        for line, row in enumerate(found, start=1):
            for number, text in enumerate(row):
                sheet.write_string(line, number, text)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(found), 1), len(COLUMNS) - 1)
        sheet.repeat_rows(0)
        about = book.add_worksheet("Toelichting")
        about.set_column(0, 0, 22)
        about.set_column(1, 1, 100)
        for line, (title, text) in enumerate(_about(release, wish, found)):
            about.write_string(line, 0, title, bold)
            about.write_string(line, 1, text, wrap)
            about.set_row(line, 15 * -(-len(text) // _LINE))
        for each in (sheet, about):
            each.set_landscape()
            each.set_paper(_A4)
            each.fit_to_pages(1, 0)
            each.set_header(f"&C{MARK}")
            each.set_footer(f"&LAlleen voor {wish.recipient[:100].replace('&', '&&')}&RPagina &P van &N")
    return target.getvalue()


def _about(release: Release, wish: Wish, found: Sequence[Row]) -> Iterator[tuple[str, str]]:
    """Say what the list is, line by line."""
    if release.grondslag.demo:
        yield "Let op", dutch.DEMO
    yield "Wat dit is", f"Lijst voor {wish.holder}: {MARK}. Alleen voor {wish.recipient}."
    yield "Grondslag", wish.legal_basis
    yield "Bewaren", f"Tot en met {dutch.date(wish.retain_until)}; verwijder de lijst daarna."
    yield "Gebied en periode", f"{release.area.title}, {dutch.period(release.start, release.end)}"
    yield "Rijen", dutch.number(len(found))
    yield from _EXPLAINED.items()
    yield LIST, wish.file
    yield DIGEST, release.digest


# --- back at the holder -----------------------------------------------------------------------------------------------


def recognised(content: bytes, secret: key.Key, names: Iterable[str]) -> list[tuple[str, Row]]:
    """Find the holder's own keys behind the pseudonyms of a list.

    Parameters
    ----------
    content : bytes
        The list, as XLSX.
    secret : Key
        That of the holder.
    names : iterable of str
        All keys of the holder.

    Returns
    -------
    list of (str, Row)
        Own key and row, in the order of the keys.

    Raises
    ------
    InputError
        When the file is no such list, or was not made with this secret and these keys.
    """
    try:
        listing, explained = workbook.read(content).sheets
        head, *body = listing.rows
        about = {row[0]: row[1] for row in explained.rows if len(row) > 1}
        file, release = about[LIST], about[DIGEST]
    except (UnreadError, ValueError, KeyError):
        raise InputError("dit is geen houderlijst van geoanalyse; kies een signaallijst-<bronhouder>.xlsx") from None
    if tuple(head[: len(COLUMNS)]) != COLUMNS:
        raise InputError("blad Lijst heeft andere kolommen; gebruik de lijst zoals zij is gemaakt")
    listed: dict[str, Row] = {}
    for cells in body:
        filled = [*cells, *[""] * len(COLUMNS)]  # a row ends with its last filled cell
        name, theme, strength, also = filled[: len(COLUMNS)]
        if name:
            listed[name] = name, theme, strength, also
    themes = sorted({theme for _, theme, _, _ in listed.values()})
    found = []
    for name in sorted(set(names)):
        for theme in themes:
            row = listed.pop(_pseudonym(secret, file, release, theme, name), None)
            if row is not None:
                found.append((name, row))
    if listed:
        raise InputError(
            f"{dutch.number(len(listed))} sleutels van de lijst zijn niet terug te vinden: een ander geheim, of een "
            "ander adressenbestand"
        )
    return found
