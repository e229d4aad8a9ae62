"""Turn the BAG extract of Weesp (public) into an input folder for geoanalyse.

    python examples/weesp/maak_invoer.py BRON UIT

BRON holds ``bag_weesp_adressen_20211015.csv.gz`` and ``bag_weesp_statuswijzigingen.csv.gz``; UIT gets ``adressen.csv``,
a table per layer of ``lagen/`` and ``grondslag.toml``. Every choice about a trap in the source is a count in the
result, and the counts of the status changes add up to all rows of the source: nothing falls out unseen.
"""

import csv
import shutil
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

ADDRESSES = "bag_weesp_adressen_20211015.csv.gz"
CHANGES = "bag_weesp_statuswijzigingen.csv.gz"
HERE = Path(__file__).parent

REGISTER_SINCE = "2011-01-01"
"""Earlier dates, and those of the take-on in 2010, say when an object was recorded or built (often guessed)."""
PLACEHOLDER = "0001-01-01"

MOORINGS = ("ligplaats", "standplaats")
OBJECT, BUILDING = "verblijfsobject", "pand"
FIRST = ""  # no earlier status: the first record of an object

# (kind of object, earlier status or None for any but the first, status) -> layer
IN_USE = ("Verblijfsobject in gebruik", "Verblijfsobject in gebruik (niet ingemeten)")
LAYERS: dict[str, frozenset[tuple[str, str | None, str]]] = {
    "nieuwe-adressen": frozenset({(OBJECT, FIRST, "Verblijfsobject gevormd")}),
    "bedrijfsruimte-in-gebruik": frozenset((OBJECT, "Verblijfsobject gevormd", status) for status in IN_USE),
    "bouwstart": frozenset({(BUILDING, None, "Bouw gestart")}),
    "verbouwingen": frozenset(
        {
            (OBJECT, None, "Verbouwing verblijfsobject"),
            (OBJECT, None, "Verblijfsobject buiten gebruik"),
            (BUILDING, None, "Verbouwing pand"),
            (BUILDING, None, "Pand buiten gebruik"),
            (BUILDING, None, "Sloopvergunning verleend"),
        }
    ),
}


def main(source: Path, out: Path) -> dict[str, int]:
    """Write the input folder and give what was counted on the way, by Dutch description."""
    addresses = pd.read_csv(source / ADDRESSES, dtype="string").fillna("")
    changes = pd.read_csv(source / CHANGES, dtype="string").fillna("")
    out.mkdir(parents=True, exist_ok=True)

    rows, counted = address_rows(addresses)
    _write(out / "adressen.csv", ("sleutel", "oost", "noord", "crs", "gebruik", "pand"), rows)
    events, fates = layer_rows(addresses, changes)
    for layer, found in events.items():
        # one row per address and day, with dates as a Dutch spreadsheet writes them
        dates = [(key, f"{day[8:]}-{day[5:7]}-{day[:4]}") for key, day in sorted(found)]
        _write(out / f"{layer}.csv", ("sleutel", "datum"), dates)
        counted[f"laag {layer}: rijen (adres en dag)"] = len(dates)
    shutil.copyfile(HERE / "grondslag.toml", out / "grondslag.toml")
    return counted | fates


def address_rows(addresses: pd.DataFrame) -> tuple[list[tuple[str, ...]], dict[str, int]]:
    """Make the address base.

    The key is the adresseerbaar object (the dwelling, the shop, the mooring), since that is what a status belongs to; a
    nummeraanduiding is only its number plate. Ids stay text: each starts with a zero, and five were given out by Muiden
    (0424), which changes nothing.
    """
    moored = addresses["objecttype"].isin(MOORINGS)
    key = addresses["adresseerbaarobject_id"]
    # A mooring or caravan pitch has no pand and no gebruiksdoel in the BAG: it is its own building, and it is lived on.
    building = addresses["pand_id"].where(addresses["pand_id"] != "", key)
    use = addresses["gebruiksdoel"].where((addresses["gebruiksdoel"] != "") | ~moored, "woonfunctie")
    rows = [
        (object_id, east.replace(".", ","), north.replace(".", ","), "EPSG:28992", uses, pand)
        for object_id, east, north, uses, pand in zip(
            key, addresses["x_rd"], addresses["y_rd"], use, building, strict=True
        )
    ]
    return rows, {
        "adressen": len(rows),
        "ligplaatsen en standplaatsen zonder pand (eigen sleutel als pand, woonfunctie)": int(moored.sum()),
        "adressen in meer panden (het eerste telt)": int((addresses["n_panden"].astype(int) > 1).sum()),
        "adressen met een nummer van Muiden (0424)": int(key.str.startswith("0424").sum()),
        "verblijfsobjecten gevormd, nog niet in gebruik (doen mee)": int(
            (addresses["status"] == "Verblijfsobject gevormd").sum()
        ),
    }


def layer_rows(
    addresses: pd.DataFrame, changes: pd.DataFrame
) -> tuple[dict[str, set[tuple[str, str]]], dict[str, int]]:
    """Give (key, ISO day) per layer, and what became of each row of the source: those counts add up to all rows.

    A change of a pand counts for every address whose first pand it is. An object that is no longer there (withdrawn,
    demolished) or is no address (a shed) has no place on a map of addresses: counted, not drawn.
    """
    of_building: dict[str, list[str]] = {}
    for key, building in zip(addresses["adresseerbaarobject_id"], addresses["pand_id"], strict=True):
        of_building.setdefault(building, []).append(key)
    keys = {OBJECT: {key: [key] for key in addresses["adresseerbaarobject_id"]}, BUILDING: of_building}
    layer_of = {entry: layer for layer, entries in LAYERS.items() for entry in entries}

    events: dict[str, set[tuple[str, str]]] = {layer: set() for layer in LAYERS}
    fates = Counter[str]()
    columns = (changes[name] for name in ("objecttype", "object_id", "datum", "vorige_status", "status"))
    for kind, object_id, day, before, status in zip(*columns, strict=True):
        layer = layer_of.get((kind, before, status)) or (layer_of.get((kind, None, status)) if before else None)
        if day == PLACEHOLDER:
            fate = "wijziging met plaatsvervangende datum 0001-01-01 (vervalt)"
        elif day < "2010-01-01":
            fate = "wijziging van voor de BAG, voor 2010 (vervalt)"
        elif day < REGISTER_SINCE:
            fate = "wijziging uit 2010, opname in de BAG (vervalt)"
        elif layer is None:
            fate = "wijziging van een soort die geen laag is (vervalt)"
        elif object_id not in keys[kind]:
            fate = f"wijziging van een {kind} zonder adres op de peildatum (vervalt)"
        else:
            fate = f"wijziging van een {kind} met adres (gebruikt)"
            events[layer].update((key, day) for key in keys[kind][object_id])
        fates[fate] += 1
    return events, {"statuswijzigingen in de bron": len(changes)} | dict(sorted(fates.items()))


def _write(path: Path, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    if len(sys.argv) != 3:  # noqa: PLR2004 - two folders
        sys.exit("Gebruik: python maak_invoer.py BRON UIT")
    for what, number in main(Path(sys.argv[1]), Path(sys.argv[2])).items():
        print(f"{number:>7}  {what}")
