"""Dutch words for numbers, dates, published values and classes: pure functions, one place for every product.

The reader is an analyst or sits at a casustafel: short words, B1 level, a decimal comma, and never more certainty than
the published value has. A share is a fraction until :func:`percentage` prints it.
"""

import datetime as dt
import math
from collections.abc import Sequence

from geoanalyse.routes import Advice

MONTHS = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)

BASES = {
    "alle": ("adres", "adressen"),
    "woningen": ("woning", "woningen"),
    "bedrijven": ("bedrijfsadres", "bedrijfsadressen"),
    "horeca": ("horeca-adres", "horeca-adressen"),
}
"""Singular and plural of one address of a layer's base."""

LEVELS = {
    "zone": ("zone", "zones"),
    "res9": ("middelgroot vak", "middelgrote vakken"),
    "res8": ("groot vak", "grote vakken"),
    "buurt": ("buurt", "buurten"),
    "wijk": ("wijk", "wijken"),
    "gemeente": ("gemeente", "gemeenten"),
}
"""Singular and plural of a unit of a level. The hexagons of res 9 and 8 are about 10 and 75 hectares."""

THEMES = {"drugs": "drugshandel", "witwassen": "witwassen"}
"""What the signals of a theme may point at."""

ROUTES = {
    "mono": "mono: één partner pakt dit op",
    "duaal": "duaal: twee partners samen",
    "integraal": "integraal: alle partners aan tafel",
}
"""Advised route of a signal in words."""

PROFILES = {
    "casustafel": "casustafel: zones, en totalen die apart zijn afgerond",
    "streng": "streng: alleen zones en hun sommen, geen eigen totalen en geen verloop",
    "openbaar": "openbaar: niets fijner dan wijk of hexagonen van 75 hectare",
}
"""What each profile shows."""

DEMO = "DEMO: verzonnen gegevens"
"""Stands on every product of the demo input."""

NO_DATA = "geen gegevens"
"""Status ``geen_data``: the source does not look here."""

WITHHELD = "op dit niveau niet betrouwbaar"
"""Status ``onderdrukt``: the layer shows at a coarser level only, where its figures mean something."""

NO_ADDRESSES = "geen adressen"
"""A place where no address of the base lies."""

BLIND_SPOT = "witte vlek: geen enkele bron kijkt hier"
"""A place that no layer of the theme covers."""

STRENGTH = (
    "Sterk: minstens twee bronhouders wijzen naar deze plek. Matig: één, op meer dan één manier. Licht: één "
    "aanwijzing, of alleen zwakke bronnen. De sterkte telt dus bronnen, en zegt niet hoe hoog een cijfer is. "
    "Betrouwbaar is hier het signaal: hoog als bronhouders elkaar steunen, een bron zelf hoog is en een cijfer "
    "vaststaat; middel als er één van die drie ontbreekt, anders laag. Plekken ter verkenning zijn geloot, en staan "
    "achteraan op de signaallijst."
)
"""What the strength of a signal means."""

TRENDS = {
    "geen": "Geen stijgende of dalende lijn aantoonbaar.",
    "stijgend": "De lijn stijgt, meer dan door toeval.",
    "dalend": "De lijn daalt, meer dan door toeval.",
    "te weinig perioden": "Te weinig perioden om een stijgende of dalende lijn te toetsen.",
}
"""What the trend of a series says."""

PATTERNS = {
    "nieuw": "Nieuw: hotspot in de laatste periode, en nooit daarvoor.",
    "opeenvolgend": "Hotspot in de laatste perioden op rij, en nooit daarvoor.",
    "toenemend": "Bijna steeds een hotspot, en het wordt meer.",
    "aanhoudend": "Bijna steeds een hotspot.",
    "afnemend": "Bijna steeds een hotspot, maar het wordt minder.",
    "terugkerend": "Af en toe een hotspot, ook in de laatste periode.",
    "wisselend": "Nu een hotspot, eerder ook eens opvallend weinig.",
    "voorbij": "Bijna steeds een hotspot geweest, maar niet in de laatste periode.",
    "geen": "",
    "te weinig perioden": "",
}
"""What the hot spots of a region over time say; empty where there is nothing to say."""

PER_INSPECTION = {
    "hotspot": "ja: ook naar het aantal controles is het hier vaak raak",
    "geen": "nee: naar het aantal controles is het hier niet aantoonbaar vaak raak",
    "niet te zeggen": "niet te zeggen: het aantal controles is daarvoor te grof afgerond",
}
"""Whether a hot spot is one with inspections in place of addresses."""

_SMALL = ("geen", "één", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf")
_QUARTERS = ("eerste", "tweede", "derde", "vierde")
_HOTSPOTS = {"hotspot": "hotspot", "coldspot": "opvallend weinig (coldspot)", "geen": "geen hotspot"}
_CLASSES = (
    "minder dan de helft",
    "lager dan het gemiddelde van de regio",
    "1 tot 1,5 keer het gemiddelde",
    "1,5 tot 2 keer het gemiddelde",
    "2 tot 3 keer het gemiddelde",
    "3 keer het gemiddelde of meer",
)


def explored(count: int) -> str:
    """Say how many places on the list were drawn by lot; empty when there are none.

    Examples
    --------
    >>> explored(1), explored(0)
    ('Ter verkenning staat op de signaallijst ook één gelote plek.', '')
    """
    if not count:
        return ""
    verb = "staat" if count == 1 else "staan"
    return f"Ter verkenning {verb} op de signaallijst ook {plural(count, 'gelote plek', 'gelote plekken', words=True)}."


def number(value: float, decimals: int = 0) -> str:
    """Write a number with a decimal comma and points between thousands.

    Parameters
    ----------
    value : float
        Finite number.
    decimals : int
        Decimals that are always printed.

    Examples
    --------
    >>> number(1234567)
    '1.234.567'
    >>> number(0.5, 1)
    '0,5'
    >>> number(-0.01, 1)
    '0,0'
    """
    text = f"{value:,.{decimals}f}"
    if not any(digit in text for digit in "123456789"):
        text = text.removeprefix("-")
    return text.translate(str.maketrans(",.", ".,"))


def significant(value: float, digits: int = 2) -> str:
    """Write a number with at most this many significant digits and no trailing zeros behind the comma.

    Examples
    --------
    >>> significant(2.449), significant(0.0123), significant(2.0), significant(1234)
    ('2,4', '0,012', '2', '1.200')
    >>> significant(0)
    '0'
    """
    if value == 0:
        return "0"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    text = number(rounded, max(places, 0))
    return text.rstrip("0").rstrip(",") if "," in text else text


def percentage(fraction: float, decimals: int = 0) -> str:
    """Share between 0 and 1 as a percentage.

    Examples
    --------
    >>> percentage(0.125, 1), percentage(0.5)
    ('12,5%', '50%')
    """
    return number(100 * fraction, decimals) + "%"


def per_thousand(rate: float, base: str = "alle") -> str:
    """Rate per address as a number per 1.000 addresses of the base.

    Examples
    --------
    >>> per_thousand(0.00423)
    '4,2 per 1.000 adressen'
    >>> per_thousand(0.1, "horeca")
    '100 per 1.000 horeca-adressen'
    """
    return f"{significant(1000 * rate)} per 1.000 {BASES[base][1]}"


def small(count: int) -> str:
    """Count in words up to twelve, in digits from there.

    Examples
    --------
    >>> small(0), small(1), small(12), small(13), small(1300)
    ('geen', 'één', 'twaalf', '13', '1.300')
    """
    return _SMALL[count] if 0 <= count < len(_SMALL) else number(count)


def plural(count: int, one: str, many: str, *, words: bool = False) -> str:
    """Count with its noun in the right form; ``words`` writes small counts out.

    Examples
    --------
    >>> plural(1, "buurt", "buurten"), plural(1200, "buurt", "buurten")
    ('1 buurt', '1.200 buurten')
    >>> plural(0, "buurt", "buurten", words=True)
    'geen buurten'
    """
    return f"{small(count) if words else number(count)} {one if count == 1 else many}"


def advised(advice: Advice) -> str:
    """Say who does what, in one line.

    Examples
    --------
    >>> advised(Advice("duaal", ("gemeente", "politie"), "gezamenlijke controle", "weging", "twee bronnen"))
    'gemeente en politie: gezamenlijke controle'
    """
    return f"{listing(advice.partners)}: {advice.intervention}"


def advice(given: Advice) -> str:
    """Say who does what, in which phase, by which rule.

    Examples
    --------
    >>> advice(Advice("mono", ("gemeente",), "controle van het pand", "signaal", "één bron"))
    'gemeente: controle van het pand. Fase: signaal. Regel: één bron.'
    """
    promising = " Kansrijk voor een integrale casus." if given.promising else ""
    return f"{advised(given)}. Fase: {given.phase}. Regel: {given.rule}.{promising}"


def listing(items: Sequence[str]) -> str:
    """Items as a sentence says them: commas, and ``en`` before the last.

    Examples
    --------
    >>> listing(["a", "b", "c"]), listing(["a"]), listing([])
    ('a, b en c', 'a', '')
    """
    if len(items) < 2:  # noqa: PLR2004 - one item needs no "en"
        return "".join(items)
    return f"{', '.join(items[:-1])} en {items[-1]}"


def sentence(text: str) -> str:
    """Text with its first letter in capitals; the rest stays as it is.

    Examples
    --------
    >>> sentence("één zone in Gein 3")
    'Eén zone in Gein 3'
    >>> sentence("ijburg")
    'IJburg'
    >>> sentence("")
    ''
    """
    if text.startswith("één"):
        return "Eén" + text[3:]
    if text.startswith("ij"):
        return "IJ" + text[2:]
    return text[:1].upper() + text[1:]


def stop(text: str) -> str:
    """Text with a full stop at its end, unless an abbreviation has put one there.

    Examples
    --------
    >>> stop("in Gein"), stop("in Ganzenhoef e.o.")
    ('in Gein.', 'in Ganzenhoef e.o.')
    """
    return text if text.endswith(".") else f"{text}."


def date(day: dt.date) -> str:
    """Date in full.

    Examples
    --------
    >>> date(dt.date(2026, 1, 1))
    '1 januari 2026'
    """
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def period(start: dt.date, end: dt.date) -> str:
    """Period [start, end) in words; whole months are named as months.

    Raises
    ------
    ValueError
        When the period is empty.

    Examples
    --------
    >>> period(dt.date(2022, 1, 1), dt.date(2026, 1, 1))
    'januari 2022 tot en met december 2025'
    >>> period(dt.date(2025, 3, 1), dt.date(2025, 4, 1))
    'maart 2025'
    >>> period(dt.date(2025, 3, 3), dt.date(2025, 4, 1))
    '3 maart 2025 tot en met 31 maart 2025'
    """
    if end <= start:
        raise ValueError("de periode is leeg: het einde ligt niet na het begin")
    last = end - dt.timedelta(days=1)
    if start.day != 1 or end.day != 1:
        return date(start) if start == last else f"{date(start)} tot en met {date(last)}"
    first_month, last_month = (f"{MONTHS[day.month - 1]} {day.year}" for day in (start, last))
    return first_month if first_month == last_month else f"{first_month} tot en met {last_month}"


def calendar_unit(start: dt.date, end: dt.date) -> str:
    """Short name of one window of a series [start, end): a month, a quarter or a year.

    Examples
    --------
    >>> calendar_unit(dt.date(2025, 4, 1), dt.date(2025, 7, 1))
    'tweede kwartaal van 2025'
    >>> calendar_unit(dt.date(2025, 4, 1), dt.date(2025, 5, 1))
    'april 2025'
    >>> calendar_unit(dt.date(2025, 1, 1), dt.date(2026, 1, 1))
    '2025'
    """
    months = 12 * (end.year - start.year) + end.month - start.month
    if start.day == end.day == 1:
        if months == 12 and start.month == 1:  # noqa: PLR2004 - a calendar year
            return str(start.year)
        if months == 3 and start.month % 3 == 1:  # noqa: PLR2004 - a quarter
            return f"{_QUARTERS[start.month // 3]} kwartaal van {start.year}"
    return period(start, end)


def value_words(value: int | None, status: str, b: int, low: int | None = None, high: int | None = None) -> str:
    """Say a published value as a reader may understand it: an interval, never a bare rounded number.

    Parameters
    ----------
    value : int or None
        Published value; ``None`` unless ``status`` is ``waarde`` or ``cap``.
    status : str
        ``waarde``, ``cap``, ``geen_data`` or ``onderdrukt``.
    b : int
        Rounding base; only used when ``low`` and ``high`` are not given.
    low, high : int or None
        Least and greatest true value that the published one leaves possible, inclusive.

    Raises
    ------
    ValueError
        When value and status contradict each other.

    Examples
    --------
    >>> value_words(0, "waarde", 5, 0, 4)
    '0 tot 4'
    >>> value_words(15, "waarde", 3, 13, 17)
    'ongeveer 15 (13 tot 17)'
    >>> value_words(60, "cap", 5, 56, None)
    '56 of meer'
    >>> value_words(None, "geen_data", 5), value_words(None, "onderdrukt", 5)
    ('geen gegevens', 'op dit niveau niet betrouwbaar')
    """
    if value is None:
        if status == "geen_data":
            return NO_DATA
        if status == "onderdrukt":
            return WITHHELD
        raise ValueError(f"status {status!r} hoort bij een waarde")
    low = max(value - (b - 1), 0) if low is None else low
    if status == "cap":
        return f"{number(low)} of meer"  # the value itself is rounded: fewer than that are possible
    if status != "waarde":
        raise ValueError(f"status {status!r} hoort niet bij een waarde")
    high = value + b - 1 if high is None else high
    if low == high:
        return number(low)
    interval = f"{number(low)} tot {number(high)}"
    # a value may be rounded beyond what is possible, up to the number of addresses or below what its parts prove
    return f"ongeveer {number(value)} ({interval})" if value and low <= value <= high else interval


def class_label(index: int | None, *, b: int | None = None, status: str = "waarde") -> str:
    """Class 0..5 of the statistics in words; without a class the status says why.

    Parameters
    ----------
    index : int or None
        Class, ``None`` when there is no value.
    b : int or None
        Rounding base of the layer, for class 0 (``0 tot b-1``); ``None`` for a composite.
    status : str
        ``geen_data``, ``onderdrukt``, ``geen_adressen`` or ``blinde_vlek`` when ``index`` is ``None``.

    Examples
    --------
    >>> class_label(0, b=5), class_label(0)
    ('0 tot 4', 'minder dan de helft van het gemiddelde')
    >>> class_label(1)
    'lager dan het gemiddelde van de regio'
    >>> class_label(4, b=5)
    '2 tot 3 keer het gemiddelde'
    >>> class_label(None, status="geen_data")
    'geen gegevens'
    """
    if index is None:
        words = {
            "geen_data": NO_DATA,
            "onderdrukt": WITHHELD,
            "geen_adressen": NO_ADDRESSES,
            "blinde_vlek": BLIND_SPOT,
        }
        return words[status]
    if index == 0:
        return f"{_CLASSES[0]} van het gemiddelde" if b is None else f"0 tot {number(b - 1)}"
    return _CLASSES[index]


def class_short(index: int, *, b: int | None = None) -> str:
    """Class 0..5 in as few signs as a line has room for.

    Parameters
    ----------
    index : int
    b : int or None
        As for `class_label`.

    Examples
    --------
    >>> class_short(0, b=5), class_short(0), class_short(3), class_short(5)
    ('0 tot 4', 'onder 0,5 keer', '1,5 tot 2 keer', '3 keer of meer')
    """
    if index == 0 and b is not None:
        return f"0 tot {number(b - 1)}"
    return ("onder 0,5 keer", "lager dan 1 keer", "1 tot 1,5 keer", "1,5 tot 2 keer", "2 tot 3 keer", "3 keer of meer")[
        index
    ]


def hotspot_words(hotspot: str | None) -> str:
    """Hot-spot class of the statistics in words.

    Examples
    --------
    >>> [hotspot_words(each) for each in ("hotspot", "coldspot", "geen", None)]
    ['hotspot', 'opvallend weinig (coldspot)', 'geen hotspot', 'niet getoetst']
    """
    return "niet getoetst" if hotspot is None else _HOTSPOTS[hotspot]


def times(ratio: float) -> str:
    """Ratio to the region's average.

    Examples
    --------
    >>> times(2.449), times(0.5), times(1.04), times(12.4)
    ('2,4 keer', '0,5 keer', '1 keer', '12 keer')
    """
    return f"{significant(ratio)} keer"


def compared(rate_low: float, rate_high: float, region: float) -> str:
    """How a rate with this 95 % interval compares with the region's, hedged as far as the interval asks.

    Parameters
    ----------
    rate_low, rate_high : float
        Ends of the 95 % interval, per address.
    region : float
        Rate of the reference region, per address.

    Examples
    --------
    >>> compared(0.02, 0.03, 0.01)
    'hoger dan het gemiddelde van de regio'
    >>> compared(0.005, 0.03, 0.01)
    'niet aantoonbaar anders dan het gemiddelde van de regio'
    >>> compared(0.001, 0.003, 0.01)
    'lager dan het gemiddelde van de regio'
    """
    if rate_low > region:
        return "hoger dan het gemiddelde van de regio"
    if rate_high < region:
        return "lager dan het gemiddelde van de regio"
    return "niet aantoonbaar anders dan het gemiddelde van de regio"
