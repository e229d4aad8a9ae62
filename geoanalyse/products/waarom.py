"""Why a signal stands where it stands, from the list and the manifest of its release: `geoanalyse waarom`."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from geoanalyse.errors import ReleaseError
from geoanalyse.products import dutch
from geoanalyse.products.audit.lists import Row, of_csv
from geoanalyse.routes import STRENGTHS, Advice, Rule, Subject

_LIST = "signaallijst.csv"
_STRENGTH = {
    "sterk": "minstens twee bronhouders wijzen hierheen, en niet alleen bronnen met betrouwbaarheid laag",
    "matig": "één bronhouder, met een bron die beter is dan laag, wijst om twee redenen of met twee lagen hierheen",
    "licht": "één bron om één reden (nieuw of aanhoudend telt niet mee), of alleen bronnen met betrouwbaarheid laag",
    "verkenning": "deze plek is geloot en staat niet op de lijst om een cijfer",
}
_THREE = "minstens twee bronhouders, een bron met betrouwbaarheid hoog, een cijfer dat vaststaat"
_RELIABILITY = {
    "hoog": "minstens twee bronhouders, waarvan één met betrouwbaarheid hoog, en minstens één cijfer staat vast",
    "middel": f"twee van deze drie: {_THREE}",
    "laag": f"hooguit één van deze drie: {_THREE}",
}
_ASKED = {
    "thema": "thema",
    "sterkte": "sterkte",
    "betrouwbaar": "betrouwbaarheid",
    "redenen": "een van deze redenen",
    "lagen": "een van deze lagen",
    "bronhouders": "een van deze bronhouders",
}


def read(release: Path) -> tuple[list[Row], Mapping[str, Any]]:
    """Read the list and the manifest of a release folder.

    Raises
    ------
    ReleaseError
        When a file is missing, cannot be read, or the list is not the one that the manifest names.
    """
    folder = release / "deelbaar" if (release / "deelbaar").is_dir() else release
    try:
        content = (folder / _LIST).read_bytes()
        manifest = json.loads((folder / "manifest.json").read_bytes())
        named = manifest["bestanden"][_LIST]["sha256"]
    except FileNotFoundError:
        raise ReleaseError(
            f"{release}: hier staat geen uitgave met een signaallijst; noem de map van een uitgave"
        ) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise ReleaseError(f"{release}: manifest.json is niet te lezen; doe `geoanalyse verifieer`") from None
    if hashlib.sha256(content).hexdigest() != named:
        raise ReleaseError(f"{_LIST}: is niet die van deze uitgave; doe `geoanalyse verifieer`")
    return of_csv(content), manifest


def explanation(rows: Sequence[Row], manifest: Mapping[str, Any], signal: str) -> Iterator[str]:
    """Say in lines why a signal has its rank, strength, reliability and advice.

    Parameters
    ----------
    rows : sequence of Row
        The list of its release.
    manifest : mapping
    signal : str
        Such as ``D01``.

    Raises
    ------
    ReleaseError
        When the list has no such signal.
    """
    mine = next((row for row in rows if row["Signaal"] == signal.upper()), None)
    if mine is None:
        known = sorted(row["Signaal"] for row in rows)
        there = f"kies uit {known[0]} tot {known[-1]}" if known else "deze lijst heeft geen signalen"
        raise ReleaseError(f"dit signaal staat niet op de lijst; {there}")
    of_theme = [row for row in rows if row["Thema"] == mine["Thema"]]
    yield f"{mine['Signaal']}: {mine['Buurt']}, {mine['Ligging']} ({mine['Soort plek']} {mine['Plek']})".replace(
        ", (", " ("
    )
    yield f"{manifest['gebied']['titel']}, thema {mine['Thema']}, {mine['Adressen']} adressen"
    yield ""
    yield from _rank(mine, of_theme, manifest)
    yield f"Sterkte {mine['Sterkte']}: {_STRENGTH[mine['Sterkte']]}."
    yield f"Betrouwbaar {mine['Betrouwbaar']}: {_RELIABILITY[mine['Betrouwbaar']]}."
    yield ""
    yield "Redenen"
    yield from (f"  - {reason}" for reason in mine["Redenen"].split("; "))
    if mine["Niet bekend"]:
        yield f"  Niet bekend: {mine['Niet bekend']}."
    titles = [entry["titel"] for entry in manifest["lagen"] if mine.get(entry["titel"])]
    if titles:
        yield ""
        yield "Getallen van deze plek"
        width = max(map(len, titles))
        yield from (f"  {title:<{width}}  {mine[title]}" for title in titles)
    yield ""
    yield from _advice(mine, manifest)


def _rank(mine: Row, of_theme: Sequence[Row], manifest: Mapping[str, Any]) -> Iterator[str]:
    """Say what stands before it, and with what it shares its rank."""
    if mine["Sterkte"] == STRENGTHS[-1]:
        yield "Geen rang: gelote plekken staan achteraan, in de volgorde van hun lot."
        return
    order = STRENGTHS.index(mine["Sterkte"])
    stronger = sum(STRENGTHS.index(row["Sterkte"]) < order for row in of_theme)
    higher = sum(row["Sterkte"] == mine["Sterkte"] and int(row["Rang"]) < int(mine["Rang"]) for row in of_theme)
    shared = [row["Signaal"] for row in of_theme if row["Rang"] == mine["Rang"] and row is not mine]
    ranked = sum(row["Sterkte"] != STRENGTHS[-1] for row in of_theme)
    score = f" met score {mine['Score']} keer het gemiddelde van de regio" if mine["Score"] else ""
    yield f"Rang {mine['Rang']} van {ranked}{score}: {stronger} sterker, {higher} even sterk met een hogere score."
    if shared:
        yield f"Deelt haar rang met {dutch.listing(shared)}."
    yield f"Per buurt en thema staan er hooguit {manifest['routes']['per_buurt']} op de lijst."


def _advice(mine: Row, manifest: Mapping[str, Any]) -> Iterator[str]:
    """Say which rule gives the advice, and what each rule before it asks that does not hold."""
    table = manifest["routes"]
    yield f"Advies {mine['Route']}: {mine['Advies']}. Fase: {mine['Fase']}."
    if mine["Kansrijk"]:
        yield "Kansrijk voor een integrale casus."
    rules = [_rule(entry) for entry in table["regels"]]
    holders = {entry["id"]: entry["bronhouder"] for entry in manifest["lagen"]}
    subject = _subject(mine, holders)
    for rule in rules:
        if rule.advice.rule == mine["Regel"]:
            asked = _asked(rule.conditions) or "geldt altijd"
            yield f"  Regel '{rule.advice.rule}' ({table['versie']}): {asked}."
            return
        failing = {
            key: wanted
            for key, wanted in rule.conditions.items()
            if not Rule({key: wanted}, rule.advice).holds(subject)
        }
        yield f"  Niet '{rule.advice.rule}': die vraagt {_asked(failing)}."


def _rule(entry: Mapping[str, Any]) -> Rule:
    conditions = {key: wanted[0] if key == "bronnen" else wanted for key, wanted in entry["als"].items()}
    partners = tuple(entry["partners"])
    return Rule(
        conditions,
        Advice(entry["route"], partners, entry["interventie"], entry["fase"], entry["naam"], entry["kansrijk"]),
    )


def _subject(mine: Row, holders: Mapping[str, str]) -> Subject:
    kinds, layers = set(), set()
    for code in filter(None, mine["Codes"].split(", ")):
        kind, _, layer = code.partition("-")
        kinds.add(kind)
        layers |= {layer} & holders.keys()
    return Subject(
        theme=mine["Thema"],
        sources=int(mine["Bronnen"]),
        strength=mine["Sterkte"],
        reliability=mine["Betrouwbaar"],
        reasons=frozenset(kinds),
        layers=frozenset(layers),
        holders=frozenset(holders[layer] for layer in layers),
    )


def _asked(conditions: Mapping[str, Any]) -> str:
    """Say conditions in words.

    Examples
    --------
    >>> _asked({"bronnen": 3, "sterkte": ["sterk"]})
    'minstens 3 bronhouders en sterkte (sterk)'
    """
    said = [
        f"minstens {wanted} bronhouders" if key == "bronnen" else f"{_ASKED[key]} ({', '.join(wanted)})"
        for key, wanted in conditions.items()
    ]
    return dutch.listing(said) if said else ""
