"""``verantwoording.html``: the account of a release for people, on one page that prints and asks nothing of a network.

Made from the release and the figures of the version only. There is no script on it; the one style sheet is named in
the page's Content-Security-Policy by its hash.
"""

import datetime as dt
from functools import cache
from typing import Any

import geoanalyse
from geoanalyse.geography import MIN_BUILDINGS, MIN_OUTSIDE_LARGEST
from geoanalyse.layer import Layer
from geoanalyse.products import dutch, toezicht, verantwoording
from geoanalyse.products.inline import package_text, still_page, still_policy
from geoanalyse.products.measured import Accuracy, Attack, Measured, Planted
from geoanalyse.release import Release

Content = dict[str, Any]
Points = list[tuple[str, str]]

INTRODUCTION = (
    "Deze bladzijde hoort bij de kaart, de factsheets en de andere bestanden van deze uitgave. Hier staat wat erin "
    "ging, wat ermee is gedaan, en wat iemand er wel en niet uit kan halen."
)

NOT_MEASURED = "Nog niet gemeten. Voor deze versie van het programma zijn er nog geen cijfers."

WRONG_CONCLUSIONS = (
    ("Dit is bewezen.", "Een hoge score is een signaal, geen bewijs. Het is een reden om te kijken."),
    ("Het gaat om dit adres.", "De cijfers gaan over plekken. Over één adres, bedrijf of mens zeggen ze niets."),
    ("Hier is niets.", "Weinig signalen betekent niet dat er niets speelt. Waar niemand kijkt, wordt niets gevonden."),
    ("Onbekend is laag.", "Geen gegevens is iets anders dan nul. En '0 tot 4' kan nul zijn, maar ook vier."),
    ("Deze plek is erger dan die.", "Elk getal heeft een marge. Raken twee marges elkaar, dan kan het toeval zijn."),
    ("Hier gaat het mis.", "De cijfers kijken terug. Ze voorspellen niets, en ze beslissen niets. Een mens beslist."),
)
"""What a reader must not conclude, and what is true instead."""

_ZONES = (
    "De kleinste plek is een zone. Dat zijn minstens {k} adressen in minstens {buildings} panden. Minstens {outside} "
    "adressen liggen buiten het grootste pand. Zones volgen alleen uit openbare adressen. Ze blijven van maand tot "
    "maand gelijk."
)
_COUNTED = "Elk adres telt in een laag één keer mee, hoe vaak er ook iets was."
_CLAMPED = " Bij {layers} mag een adres vaker tellen, met dat als hoogste."
_ROUNDED = (
    "Elk aantal is afgerond op een veelvoud van een vast getal (b). Of het omhoog of omlaag gaat, hangt af van een "
    "geheime grens. Die grens hoort bij de zone en de laag, en verandert nooit. Daarom leert niemand iets bij door de "
    "uitgaven van een jaar te middelen."
)
_CAPPED = "Boven een vaste grens staat er 'of meer'. Zo blijkt van geen enkele groep dat het om meer dan de helft gaat."
_LARGER = {
    "casustafel": (
        "Een buurt, wijk of gemeente heeft vaak een eigen afgerond totaal. Dat is zo nodig verschoven, zodat het over "
        "geen enkele zone iets extra's zegt. Het is daarom niet altijd gelijk aan de som van de delen."
    ),
    "streng": ("Totalen zijn de som van afgeronde aantallen. Eigen totalen en een verloop in de tijd zijn er niet."),
    "openbaar": (
        "Er staat niets in dat fijner is dan een wijk of een hexagon van 75 hectare. Alles is berekend uit de tabel "
        "van de casustafel, dus uit aantallen die al waren afgerond."
    ),
}
_ONE_TABLE = (
    "Alle kaarten, kleuren, cijfers en zinnen komen uit de tabel met afgeronde aantallen. De stap die ze maakt, kan de "
    "ruwe gegevens niet lezen."
)
_SEARCHED = (
    "Elk bestand is doorzocht op gegevens van personen voordat het verscheen. Was er iets gevonden, dan was er niets "
    "verschenen."
)
_VERIFY = (
    "Twijfelt u of een bestand echt en heel is? De opdracht geoanalyse verifieer kijkt de hele map na, of één bestand "
    "daaruit. De versies van alle pakketten en het kenmerk van elk bestand staan in manifest.json."
)


def verantwoording_html(release: Release, measured: Measured) -> str:
    """Write the page; the same release and figures give the same text.

    Parameters
    ----------
    release : Release
    measured : Measured
        Figures of this version; for what was not measured the page says so.
    """
    return still_page("verantwoording.html", content(release, measured), style=style())


@cache
def style() -> str:
    """Give the style sheet of the page: the tokens of the map, and its own rules."""
    return package_text("static", "tokens.css") + package_text("static", "verantwoording.css")


@cache
def policy() -> str:
    """Give the Content-Security-Policy of the page."""
    return still_policy(style())


def content(release: Release, measured: Measured) -> Content:
    """Give everything the page says, as plain data: the template only lays it out.

    Parameters
    ----------
    release : Release
    measured : Measured

    Returns
    -------
    dict
        Texts, and lists of texts, under Dutch names.
    """
    basis, k = release.grondslag, release.geography.zones.k
    return {
        "gebied": release.area.title,
        "ondertitel": f"{dutch.sentence(dutch.period(release.start, release.end))}. "
        f"Peildatum {dutch.date(release.reference_date)}.",
        "demo": dutch.DEMO if basis.demo else "",
        "rubricering": basis.classification,
        "voorbehoud": release.caveat,
        "inleiding": INTRODUCTION,
        "belofte_kort": verantwoording.short_promise(k),
        "bewaren": f"Bewaren tot en met {dutch.date(basis.retain_until)}",
        "kerncijfers": [] if measured.attack is None else headlines(measured.attack),
        "niet_gemeten": NOT_MEASURED,
        "lagen": [_layer(release, layer) for layer in release.layers],
        "gebied_feiten": _area(release),
        "grondslag": [
            ("Besluit", f"{dutch.sentence(basis.kind)}: {basis.decision} ({dutch.date(basis.date)})"),
            ("Gaat over", f"een {basis.scope}, niet over personen"),
            ("Doel", basis.purpose),
            ("Vraag", basis.question),
            ("Opvolging", basis.follow_up),
            ("Rubricering", basis.classification),
            ("Geldig tot en met", dutch.date(basis.valid_until)),
        ],
        "stappen": steps(release),
        "belofte": [text.partition(": ")[::2] for text in map(dutch.stop, verantwoording.promise(k))],
        "aanval": measured.attack,
        "aanval_proef": _workload(measured.attack),
        "aanval_tanden": "" if measured.attack is None else _teeth(measured.attack["ingezette_fouten"]),
        "nauwkeurigheid": measured.accuracy,
        "nauwkeurigheid_proef": _workload(measured.accuracy),
        "grenzen": verantwoording.LIMITS,
        "conclusies": WRONG_CONCLUSIONS,
        "bewaartekst": (
            f"Deze uitgave mag worden bewaard tot en met {dutch.date(basis.retain_until)}. Verwijder daarna alle "
            "bestanden, ook kopieën in de mail en op gedeelde schijven. De opdracht geoanalyse opruimen noemt wat te "
            "lang wordt bewaard. Weggooien doet u zelf."
        ),
        "controle": _VERIFY,
        "kenmerken": [
            ("Profiel", dutch.PROFILES[release.profile]),
            ("Zones, versie", release.zones_version),
            ("Sleutelmerk", release.key_mark),
            ("Kenmerk (SHA-256)", release.digest),
            ("Programma", f"geoanalyse {geoanalyse.__version__}"),
        ],
    }


def _workload(measured: Attack | Accuracy | None) -> str:
    return "" if measured is None else f"{dutch.stop(measured['proef'])} Gemeten met versie {measured['versie']}."


def headlines(attack: Attack) -> list[tuple[str, str]]:
    """Give the three headline figures of the attack as figure and words.

    Examples
    --------
    >>> attack = {"kleinste_groep": 10, "aandeel_exact": 0.0, "smalste_interval": 4}
    >>> [figure for figure, _ in headlines(attack)]
    ['10 adressen', '0%', '4 adressen']
    """
    share = dutch.significant(100 * attack["aandeel_exact"])
    return [
        (
            dutch.plural(attack["kleinste_groep"], "adres", "adressen"),
            "telt de kleinste groep die de aanvaller kon afzonderen.",
        ),
        (f"{share}%", "van de kleine aantallen kon de aanvaller precies vinden."),
        (
            dutch.plural(attack["smalste_interval"], "adres", "adressen"),
            "liggen het laagste en het hoogste aantal dat mogelijk bleef minstens uit elkaar.",
        ),
    ]


def _teeth(planted: Planted) -> str:
    """Say whether the attacker finds what is wrong on purpose: only then does finding nothing mean something."""
    sown, caught = planted["geplant"], planted["gevangen"]
    outcome = "Hij vond ze allemaal." if caught == sown else f"Hij vond er {dutch.number(caught)}."
    return (
        "Kan deze aanvaller wel iets vinden? Om dat te weten zijn er met opzet "
        f"{dutch.plural(sown, 'fout', 'fouten')} gemaakt. {outcome}"
    )


def steps(release: Release) -> Points:
    """Say what was done with the input, as a word and its explanation."""
    layers = release.layers
    zones = _ZONES.format(
        k=release.geography.zones.k,
        buildings=dutch.small(MIN_BUILDINGS),
        outside=dutch.small(MIN_OUTSIDE_LARGEST),
    )
    clamped = dutch.listing([f"{layer.title} ({layer.clamp} keer)" for layer in layers if layer.clamp > 1])
    return [
        ("Zones", zones),
        ("Tellen", _COUNTED + (_CLAMPED.format(layers=clamped) if clamped else "")),
        ("Afronden", _ROUNDED),
        *([("Plafond", _CAPPED)] if any(layer.capped for layer in layers) else []),
        ("Openbaar" if release.profile == "openbaar" else "Totalen", _LARGER[release.profile]),
        ("Eén tabel", _ONE_TABLE),
        ("Nakijken", _SEARCHED),
    ]


def _layer(release: Release, layer: Layer) -> Content:
    return {
        "titel": layer.title,
        "uitleg": layer.description,
        "feiten": [
            ("Geteld", f"{layer.unit}, op {dutch.BASES[layer.base][1]}"),
            ("Bron", f"{layer.holder}: {layer.source}"),
            ("Wettelijke grondslag", layer.legal_basis),
            ("De bron kijkt", _coverage(release, layer)),
            ("Betrouwbaar", f"{layer.reliability}; {layer.bias_text}"),
            ("Wat het cijfer bepaalt", toezicht.drives(release, layer)),
            ("Afgerond", _rounding(release, layer)),
        ],
    }


def _rounding(release: Release, layer: Layer) -> str:
    smallest = "wijk of groot vak" if release.profile == "openbaar" else dutch.LEVELS[layer.atom][0]
    ceiling = "met plafond" if layer.capped else f"zonder plafond: {layer.cap_reason}"
    return f"op veelvouden van {dutch.number(layer.b)}, per {smallest} of groter, {ceiling}"


def _coverage(release: Release, layer: Layer) -> str:
    """Say where and since when the source looks."""
    regions = release.geography.regions
    names = [regions.name(code) if code in regions.codes else code for code in sorted(layer.coverage.gemeenten)]
    where = f"in {dutch.listing(names)}" if names else "in alle gemeenten"
    since = f"sinds {dutch.date(layer.coverage.start)}"
    if layer.coverage.end is None:
        return f"{where}, {since}"
    return f"{where}, {since} tot en met {dutch.date(layer.coverage.end - dt.timedelta(days=1))}"


def _area(release: Release) -> Points:
    regions = release.geography.regions
    moved = "er kwam geen adres bij en er viel geen adres af"
    if release.snapped_in or release.snapped_out:
        came, left = (dutch.plural(count, "adres", "adressen") for count in (release.snapped_in, release.snapped_out))
        moved = f"{came} van buiten tellen mee, {left} van binnen niet"
    return [
        ("Gebied", f"{release.area.title} ({release.area.source}, {release.area.year})"),
        ("Periode", dutch.period(release.start, release.end)),
        ("Peildatum", dutch.date(release.reference_date)),
        ("Grenzen", f"{regions.source} ({regions.year})"),
        ("Op hele zones gezet", moved),
    ]
