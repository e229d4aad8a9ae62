"""On whose authority something weaker is done: a function or organisation, printed on every product."""

from geoanalyse.personal import kinds_in_text

SHORTEST, LONGEST = 3, 120
"""Characters."""
_OFFICES = frozenset(
    f"{office} {of}" for office in ("commissaris", "Commissaris") for of in ("van de Koning", "Van De Koning")
)
"""An office that reads as a surname."""


def faults_in_authority(name: str) -> list[str]:
    """Give the reasons, in Dutch, why a text is no function or organisation that may be printed."""
    if not (SHORTEST <= len(name.strip()) <= LONGEST and name.isprintable()):
        return [f"noem een functie of organisatie, in {SHORTEST} tot {LONGEST} tekens op één regel"]
    kinds = sorted(
        kinds_in_text(name, allowed=_OFFICES) | kinds_in_text(name.title(), allowed=_OFFICES)
    )  # names are known by their capitals
    return [f"lijkt op persoonsgegevens ({', '.join(kinds)}); noem een functie of organisatie"] if kinds else []
