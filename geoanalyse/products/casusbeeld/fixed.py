"""Texts that every casusbeeld of this version has: what else stands on a slide, the manifest must list."""

import re

HEADINGS = {
    "aanleiding": "Aanleiding",
    "bevindingen": "Bevindingen",
    "cijfers": "Uit de cijfers",
    "dossier": "Van de analist",
    "verloop": "Tijdlijn",
    "reeksen": "Verloop per bron",
    "interventies": "Interventies",
    "vervolg": "Mogelijke vervolgstappen",
    "grenzen": "Wat dit niet zegt",
    "herkomst": "Grondslag, bewaren en herkomst",
    "let_op": "Let op:",
}

TABLE = ("Bron", "Aantal hier", "Per 1.000*", "Regio per 1.000*", "Vergeleken met de regio")
COURSE = ("Nr.", "Wanneer", "Wat", "Wie")
LIMITS = (
    "Een hoge score is een signaal, geen bewijs.",
    "Het gaat over plekken, nooit over personen of bedrijven.",
    "Onbekend is niet hetzelfde als weinig.",
    "Verandert er iets na een interventie, dan hoeft dat daar niet door te komen.",
    "Een mens beslist.",
)
FOOT = "Een hoge score is een signaal, geen bewijs. Dit beeld gaat over plekken, niet over personen."
READING_AID = (
    "Kolom: het afgeronde aantal. Streep: de marge; alleen naar beneden: dit aantal of meer. Een "
    "streep zonder kolom: 0 en hooguit zo veel. Helemaal niets: geen gegevens, of op dit niveau niet betrouwbaar."
)

TEXTS = frozenset({*HEADINGS.values(), *TABLE, *COURSE, *LIMITS, FOOT, READING_AID})
"""All of them."""

PAGE = re.compile(r"(?:DEMO · )?[0-9a-f]{12} · dia [0-9]{1,2} van [0-9]{1,2}")
"""What stands below a slide."""
