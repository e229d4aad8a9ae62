"""What may be wrong with an input file: the kinds of fault, and the Dutch line of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Kinds of fault; the value is the name in the build report."""

    FOLDER = "map onleesbaar"
    NO_FILE = "bestand ontbreekt"
    TWO_FILES = "dubbel bestand"
    UNKNOWN_FILE = "onbekend bestand"
    FOLDER_NAMED = "map in plaats van bestand"
    OTHER_FORM = "andere bestandsvorm"
    CLOSED = "bestand gesloten"
    TOO_LARGE = "bestand te groot"
    UNREADABLE = "bestand onleesbaar"
    ENCODING = "tekens onleesbaar"
    RAGGED = "verkeerd aantal velden"
    LINE_END = "regeleinde in een veld"
    SHEETS = "meer dan een tabblad"
    NO_HEADER = "geen kolomnamen"
    MISSING = "kolom ontbreekt"
    UNLISTED = "kolom niet in contract"
    REPEATED = "kolomnaam dubbel"
    NO_ROWS = "geen rijen"
    TYPE = "kolomtype onleesbaar"
    FORMULA = "formule"
    MERGED = "cellen samengevoegd"
    TOTAL = "totaalrij"
    HIDDEN = "rij verborgen"
    ABOVE = "gegevens boven de kolomnamen"
    COMPANION = "deel van de shapefile ontbreekt"
    NO_SYSTEM = "stelsel van de geometrie ontbreekt"
    OTHER_SYSTEM = "geometrie in ander stelsel"
    METRES_AS_DEGREES = "meters in een bestand in graden"
    TURNED = "lengte en breedte verwisseld"
    NO_POINTS = "geen punten"
    PERSON = "persoonsgegevens"
    TOO_MANY = "te veel fouten"
    EMPTY = "leeg"
    BAG_ZERO = "voorloopnul weg"
    BAG_LENGTH = "bag-nummer verkeerde lengte"
    DUPLICATE = "sleutel dubbel"
    UNKNOWN_KEY = "sleutel onbekend"
    REFUSED_KEY = "adres afgekeurd"
    NUMBER = "geen getal"
    DEGREES = "graden in plaats van meters"
    SWAPPED = "oost en noord verwisseld"
    OUTSIDE = "buiten Nederland"
    CRS = "ander stelsel"
    USE = "gebruiksdoel onbekend"
    DATE = "geen datum"
    EARLY = "datum voor 1900"
    FUTURE = "datum in de toekomst"
    AMOUNT = "geen aantal"
    ZONE = "geen zone"
    TWO_ZONES = "sleutel in twee zones"


# {n}: number of rows with its noun, {are} and {have} agree with it; {detail}: names from the contract, never a value.
TEXTS: Mapping[Kind, str] = {
    Kind.FOLDER: "is geen leesbare map; geef de map met adressen, lagen en grondslag.toml",
    Kind.NO_FILE: "ontbreekt; maak het bestand met de kolommen {detail} (csv, parquet, gpkg, xlsx, ods, shp, geojson)",
    Kind.TWO_FILES: "staat er meer dan een keer ({detail}); houd één bestand over",
    Kind.UNKNOWN_FILE: "hoort bij geen laag; verwijder het of geef het een van de namen {detail}",
    Kind.FOLDER_NAMED: "is een map en geen bestand; zet het bestand zelf in de invoermap",
    Kind.OTHER_FORM: "is een vorm die niet wordt gelezen; sla het op als csv, parquet, gpkg, xlsx, ods, shp of geojson",
    Kind.TOO_LARGE: "is te groot om te lezen (grens: {detail}); lever het als Parquet of CSV, of in delen per periode",
    Kind.CLOSED: "kan niet worden geopend; sluit het in andere programma's en controleer de leesrechten",
    Kind.UNREADABLE: "is geen leesbaar {detail}-bestand; sla het opnieuw op, zonder wachtwoord",
    Kind.ENCODING: "{n} {are} geen UTF-8 en ook niet Windows-1252; sla het bestand op als 'CSV UTF-8'",
    Kind.RAGGED: (
        "{n} {have} een ander aantal velden dan de kolomnamen; zet tekst met een scheidingsteken, en een getal met een"
        " komma in een bestand met komma's, tussen dubbele aanhalingstekens, sluit elk aanhalingsteken en haal"
        " scheidingstekens aan het eind van de rijen weg"
    ),
    Kind.LINE_END: (
        "{n} {have} een regeleinde tussen aanhalingstekens; haal het regeleinde weg en sluit elk aanhalingsteken"
    ),
    Kind.SHEETS: (
        "heeft {detail} tabbladen of tabellen die bedoeld kunnen zijn; bewaar één tabel per bestand, of geef een van de"
        " tabbladen de naam van het bestand"
    ),
    Kind.NO_HEADER: "geen rij met kolomnamen uit het contract gevonden; begin met de kolomnamen {detail}",
    Kind.MISSING: "ontbreekt; voeg de kolom toe, de kolommen zijn {detail}",
    Kind.UNLISTED: "staat niet in het contract en is niet gelezen ({n}); verwijder de kolom, toegestaan zijn {detail}",
    Kind.REPEATED: "staat er {detail} keer in; houd één kolom over",
    Kind.NO_ROWS: "bevat geen rijen; vul het bestand, of laat het bestand van een laag zonder gegevens weg",
    Kind.TYPE: "is geen tekst, getal of datum zonder tijdzone; zet de kolom om naar tekst",
    Kind.FORMULA: "{n} {have} een formule; plak de kolom als waarden",
    Kind.MERGED: "{n} {have} samengevoegde cellen; hef de samenvoeging op en vul elke cel",
    Kind.TOTAL: "{n} {are} een totaal en geen gegeven; verwijder de totaalrijen",
    Kind.HIDDEN: "{n} {are} verborgen, bijvoorbeeld door een filter; maak ze zichtbaar of verwijder ze",
    Kind.ABOVE: "{n} boven de kolomnamen {look} op gegevens; zet de kolomnamen op de eerste rij",
    Kind.COMPANION: "mist het bestand {detail}; kopieer alle bestanden van de shapefile naar de map",
    Kind.NO_SYSTEM: "de geometrie noemt geen coördinatenstelsel; sla het bestand op in EPSG:28992 (RD)",
    Kind.OTHER_SYSTEM: "de geometrie staat in {detail}; sla het bestand op in EPSG:28992 (RD)",
    Kind.METRES_AS_DEGREES: (
        "de geometrie zegt in graden te zijn en heeft RD-meters; ken het stelsel EPSG:28992 toe, zonder om te rekenen"
    ),
    Kind.TURNED: (
        "de geometrie heeft breedte en lengte verwisseld; zet de lengte vooraan en sla het op in EPSG:28992 (RD)"
    ),
    Kind.NO_POINTS: "{n} {have} een lijn of vlak in plaats van een punt; lever één punt per adres",
    Kind.PERSON: (
        "{n} {look} op persoonsgegevens ({detail}); verwijder ze of vervang ze door een pseudonieme sleutel met letters"
        " en cijfers"
    ),
    Kind.TOO_MANY: "{n} {are} afgekeurd, meer dan het toegestane deel ({detail}); verbeter de rijen hierboven",
    Kind.EMPTY: "{n} {are} leeg; {detail}",
    Kind.BAG_ZERO: "{n} {have} een BAG-nummer van 15 cijfers, de voorloopnul is weg; sla de kolom op als tekst",
    Kind.BAG_LENGTH: (
        "{n} {have} geen BAG-nummer van 16 cijfers, zoals de andere; vul het hele nummer in, met de kolom als tekst"
    ),
    Kind.DUPLICATE: "{n} {have} een sleutel die vaker voorkomt; geef elk adres één rij en een eigen sleutel",
    Kind.UNKNOWN_KEY: (
        "{n} {have} een sleutel die niet in adressen staat; voeg het adres toe aan adressen of verwijder de rij"
    ),
    Kind.REFUSED_KEY: "{n} {belong} bij een afgekeurd adres; verbeter de rij in adressen",
    Kind.NUMBER: "{n} {are} geen getal; schrijf meters in het RD-stelsel, bijvoorbeeld 127000,5",
    Kind.DEGREES: "{n} {are} lengte- en breedtegraden; reken om naar RD-meters (EPSG:28992)",
    Kind.SWAPPED: "{n} {are} verwisseld; oost ligt tussen -7000 en 300000, noord tussen 289000 en 629000",
    Kind.OUTSIDE: "{n} {lie} buiten Nederland; schrijf RD-meters (EPSG:28992) zonder punten voor duizendtallen",
    Kind.CRS: "{n} {have} een ander stelsel; reken de coördinaten om naar RD en schrijf EPSG:28992",
    Kind.USE: "{n} {have} een onbekend gebruiksdoel; schrijf de namen van de BAG, gescheiden door een verticale streep",
    Kind.DATE: "{n} {are} geen datum; schrijf dd-mm-jjjj of jjjj-mm-dd",
    Kind.EARLY: "{n} {lie} vóór 1900; verbeter de datum of verwijder de rij",
    Kind.FUTURE: "{n} {lie} in de toekomst; verbeter de datum of verwijder de rij",
    Kind.ZONE: "{n} {have} geen zone; maak het bestand met `geoanalyse zones toepassen`",
    Kind.TWO_ZONES: "{n} {have} een sleutel die in twee zones voorkomt; geef elk adres een eigen sleutel",
    Kind.AMOUNT: "{n} {are} geen heel getal van 0 of meer; schrijf bijvoorbeeld 3",
}
_ONE = {"are": "is", "have": "heeft", "lie": "ligt", "look": "lijkt", "belong": "hoort"}
_MANY = {"are": "zijn", "have": "hebben", "lie": "liggen", "look": "lijken", "belong": "horen"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault in one column of one file.

    ``rows`` counts rows; ``column`` is empty for the file as a whole; ``detail`` holds names from the contract.
    """

    kind: Kind
    file: str
    column: str = ""
    rows: int = 0
    detail: str = ""

    def __str__(self) -> str:
        """Return the Dutch line: what is wrong, where, what to do.

        Examples
        --------
        >>> str(Fault(Kind.FUTURE, "leegstand.csv", "datum", 1))
        'leegstand.csv, kolom datum: 1 rij ligt in de toekomst; verbeter de datum of verwijder de rij'
        """
        number = f"{self.rows:,}".replace(",", ".")
        words = _ONE if self.rows == 1 else _MANY
        text = TEXTS[self.kind].format(
            n=f"{number} {'rij' if self.rows == 1 else 'rijen'}", detail=self.detail, **words
        )
        noun = "kolommen" if " en " in self.column else "kolom"
        return f"{self.file}, {noun} {self.column}: {text}" if self.column else f"{self.file}: {text}"
