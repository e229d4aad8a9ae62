"""What the program says: a line per test, and three headline figures."""

from collections.abc import Mapping
from dataclasses import dataclass, field

WHAT: Mapping[str, str] = {
    "T0": "alles in de bestanden is aangekondigd",
    "T1": "kleinste groep die is af te zonderen",
    "T2": "kleine aantallen die exact bekend zijn",
    "T3": "smalste marge van een klein aantal",
    "T4": "aantallen onder 10 die op 20% na bekend zijn",
    "T5": "aantallen terug te rekenen uit andere cijfers",
    "T6": "andere invoer met dezelfde tabel geeft dezelfde bestanden",
    "T7": "dezelfde invoer geeft dezelfde bestanden",
    "T8": "gelijke aantallen geven gelijke waarden",
    "T9": "alle uitgaven samen",
    "T10": "wie alle andere zones kent",
    "T11": "beste gok met en zonder kaart",
    "T12": "sleutels, volgorde en drempels te raden",
    "T13": "verborgen getallen en vingerafdrukken",
    "T14": "één stijl per waarde, nul leest als een bereik",
    "T15": "persoonsgegevens in de bestanden",
    "T16": "meer dan de helft van een groep staat vast",
    "T18": "vensters die groeien",
    "T19": "kleinste groep op de eigen basis van een laag",
}
"""The tests of this program, in the order in which they are said; T17 is the business of who plants the faults."""


@dataclass(frozen=True)
class Result:
    """Outcome of one test; ``line`` is Dutch and holds measured figures."""

    test: str
    passed: bool
    line: str
    figures: Mapping[str, float | int | str] = field(default_factory=dict)
    applies: bool = True

    def __str__(self) -> str:
        """Say it in one line."""
        mark = "n.v.t." if not self.applies else "ok" if self.passed else "GEZAKT"
        return f"{self.test:<3} {mark:<6} {WHAT[self.test]}: {self.line}"


@dataclass(frozen=True)
class Report:
    """Outcomes of all tests that were asked for."""

    results: tuple[Result, ...]

    @property
    def passed(self) -> bool:
        return all(result.passed for result in self.results)

    def headlines(self) -> dict[str, float | int | None]:
        """Give the smallest isolated group, the share of small counts known exactly, and the smallest width."""

        def over(name: str, choose: object) -> float | int | None:
            known = [result.figures[name] for result in self.results if name in result.figures]
            numbers = [each for each in known if isinstance(each, int | float)]
            return choose(numbers) if numbers else None  # type: ignore[operator]

        return {
            "kleinste_groep": over("kleinste_groep", min),
            "aandeel_exact": over("aandeel_exact", max),
            "smalste_interval": over("smalste_interval", min),
        }

    def lines(self) -> list[str]:
        """Give the report as lines of text."""
        names = {
            "kleinste_groep": "Kleinste groep die is af te zonderen",
            "aandeel_exact": "Aandeel kleine aantallen dat exact bekend is",
            "smalste_interval": "Smalste marge van een klein aantal",
        }
        said = [str(result) for result in self.results]
        for name, value in self.headlines().items():
            said.append(f"{names[name]}: {'niet gemeten' if value is None else number(value)}")
        return said

    def as_json(self) -> dict[str, object]:
        return {
            **self.headlines(),
            "geslaagd": self.passed,
            "toetsen": [
                {
                    "toets": result.test,
                    "wat": WHAT[result.test],
                    "uitkomst": result.line,
                    "geslaagd": result.passed,
                    "van_toepassing": result.applies,
                    "cijfers": dict(result.figures),
                }
                for result in self.results
            ],
        }


def number(value: float) -> str:
    """Write a number as Dutch readers do.

    Examples
    --------
    >>> number(12345), number(0.0415)
    ('12.345', '0,0415')
    """
    if float(value).is_integer():
        return f"{int(value):,}".replace(",", ".")
    return f"{value:.3g}".replace(".", ",")


def percent(part: float, whole: float) -> str:
    """Write a share as a percentage; nothing of nothing is 0 %."""
    return f"{number(round(100 * part / whole, 2) if whole else 0)}%"


def absent(test: str, why: str) -> Result:
    """Say that a test has no material, and why; this is no success that counts."""
    return Result(test, passed=True, line=f"niet van toepassing, {why}", applies=False)
