"""Where a PostGIS database is, and one transaction in it; what the server says comes back as one Dutch line.

Credentials are never shown or kept: no message holds the address, the user, or anything that the server quotes.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from geoanalyse.errors import GeoanalyseError

try:
    import psycopg
    from psycopg import conninfo, errors, sql
    from psycopg.pq import ExecStatus
except ImportError:
    raise GeoanalyseError(
        "voor PostGIS is het pakket psycopg nodig; installeer het met: pip install 'geoanalyse[postgis]'"
    ) from None

__all__ = ["Access", "ExecStatus", "access", "connected", "errors", "psycopg", "sql"]

ENVIRONMENT = "GEOANALYSE_POSTGIS"
"""Name of the environment variable that holds the address."""
_SCHEMES = ("postgresql://", "postgres://")
_CONNECT = 10  # seconds
_LOCK = 10  # seconds; others who want to read the table wait as long

_SAID: Mapping[str, str] = {
    "22": "een waarde past niet in de kolom; controleer het type van de kolommen",
    "25006": "de vraag wil iets veranderen; er wordt alleen gelezen, gebruik SELECT",
    "28": "gebruiker of wachtwoord klopt niet; controleer het adres van de database",
    "2BP01": "er hangt iets aan een tabel van een vorige uitgave, zoals een view; verwijder dat eerst",
    "3D000": "de database bestaat niet; controleer het adres van de database",
    "3F000": "het schema bestaat niet; controleer de naam",
    "40": "een ander programma veranderde de tabel tegelijk; probeer het opnieuw",
    "42501": "de gebruiker heeft daar geen recht op; vraag de beheerder om leesrecht, of schrijfrecht op het schema",
    "42601": "de SQL is geen enkele geldige vraag; geef één SELECT",
    "42702": "een kolomnaam kan van meer tabellen zijn; zet er in de vraag de tabel voor",
    "42703": "een kolom bestaat niet; controleer de namen in de vraag",
    "42883": "een functie bestaat niet, of PostGIS ontbreekt; vraag de beheerder om CREATE EXTENSION postgis",
    "42704": "een type bestaat niet, of PostGIS ontbreekt; vraag de beheerder om CREATE EXTENSION postgis",
    "42P01": "de tabel bestaat niet; controleer schema en naam, met hoofdletters als de tabel die heeft",
    "53": "de server heeft geen ruimte of plaats meer; vraag de beheerder",
    "55P03": "een tabel is in gebruik door een ander; sluit die in andere programma's en probeer het opnieuw",
    "57014": "het duurde te lang en is gestopt; geef met --wachttijd meer seconden of vraag minder rijen",
    "57": "de server is gestopt of verbrak de verbinding; er is niets veranderd, probeer het opnieuw",
    "08": "de verbinding is verbroken; er is niets veranderd, probeer het opnieuw",
}


@dataclass(frozen=True, slots=True, repr=False)
class Access:
    """How to reach a database.

    Attributes
    ----------
    parameters : mapping of str to str
        As libpq takes them; shown nowhere.
    patience : int
        Seconds that one question may take.
    """

    parameters: Mapping[str, str]
    patience: int = 600

    def __repr__(self) -> str:
        return "Access(...)"


def access(
    environment: Mapping[str, str], *, url: str | None = None, file: Path | None = None, patience: int = 600
) -> Access:
    """Find the address of the database: given, in a file, or in the environment.

    Parameters
    ----------
    environment : mapping of str to str
        With `ENVIRONMENT`, where neither `url` nor `file` is given.
    url : str, optional
        ``postgresql://user@server/database``. It stands in the list of processes and in the history of the shell, so
        it may hold no password.
    file : Path, optional
        File with the address, which others may not read.
    patience : int
        Seconds that one question may take.

    Raises
    ------
    GeoanalyseError
        When there is no address, it is none, or others can see the password.

    Examples
    --------
    >>> access({}, url="postgresql://lezer:geheim@server/riec")
    Traceback (most recent call last):
    geoanalyse.errors.GeoanalyseError: --url: een wachtwoord hoort niet op de opdrachtregel, want anderen kunnen het \
daar zien; zet het adres in GEOANALYSE_POSTGIS of een bestand, of het wachtwoord in ~/.pgpass
    """
    where, found = ENVIRONMENT, environment.get(ENVIRONMENT, "")
    if url is not None:
        where, found = "--url", url
    elif file is not None:
        where, found = str(file), _of_file(file)
    found = found.strip()
    if not found:
        raise GeoanalyseError(
            f"het adres van de database ontbreekt; zet het in de omgevingsvariabele {ENVIRONMENT} of geef --url-bestand"
        )
    try:
        parameters = conninfo.conninfo_to_dict(found) if found.startswith(_SCHEMES) else None
    except psycopg.Error:
        parameters = None
    if parameters is None:
        raise GeoanalyseError(
            f"{where}: is geen adres van een database; schrijf postgresql://gebruiker@server/database"
        )
    if url is not None and {"password", "sslpassword"} & set(parameters):
        raise GeoanalyseError(
            "--url: een wachtwoord hoort niet op de opdrachtregel, want anderen kunnen het daar zien; zet het adres in "
            f"{ENVIRONMENT} of een bestand, of het wachtwoord in ~/.pgpass"
        )
    return Access({name: str(value) for name, value in parameters.items()}, patience)


def _of_file(file: Path) -> str:
    try:
        if os.name == "posix" and file.stat().st_mode & 0o077:
            raise GeoanalyseError(f"{file}: anderen kunnen dit bestand lezen; geef het de rechten 0600 (chmod 600)")
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise GeoanalyseError(f"{file}: kan niet worden gelezen; controleer de naam en de leesrechten") from None


@contextmanager
def connected(access: Access, *, read_only: bool) -> Iterator[psycopg.Connection]:
    """Open a connection with one transaction in it; what was not committed is as if it never was.

    Raises
    ------
    GeoanalyseError
        One Dutch line for whatever the server says.
    """
    try:
        settings = {"connect_timeout": str(_CONNECT), "application_name": "geoanalyse"} | dict(access.parameters)
        connection = psycopg.connect(conninfo.make_conninfo("", **(settings | {"client_encoding": "UTF8"})))
    except psycopg.Error as error:
        raise GeoanalyseError(f"database: {_refused(error)}") from None
    try:
        connection.read_only = read_only
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ  # every question sees the same rows
        milliseconds = str(access.patience * 1000)
        for name, value in (
            ("statement_timeout", milliseconds),
            ("lock_timeout", str(min(access.patience, _LOCK) * 1000)),
            ("idle_in_transaction_session_timeout", milliseconds),
            ("DateStyle", "ISO"),
            ("TimeZone", "Europe/Amsterdam"),  # of a moment, the day there counts
        ):
            connection.execute("SELECT set_config(%s, %s, true)", (name, value))
        yield connection
    except psycopg.Error as error:
        raise GeoanalyseError(f"database: {_said(error.sqlstate)}") from None
    finally:
        connection.close()  # without a rollback: the server does that, also when the connection is gone


def _refused(error: psycopg.Error) -> str:
    """Say why there is no connection: libpq gives a sentence in the language of the server, and no code."""
    lost = error.pgconn
    if lost is not None and (lost.needs_password or lost.used_password):
        return _SAID["28"]
    return "geen verbinding; controleer server, poort, database en gebruiker in het adres, en of de server aanstaat"


def _said(code: str | None) -> str:
    """Say what a code of the server means.

    Examples
    --------
    >>> _said("57P01")
    'de server is gestopt of verbrak de verbinding; er is niets veranderd, probeer het opnieuw'
    >>> _said("XX000")
    'de server weigert de opdracht (code XX000); vraag de beheerder'
    """
    code = code or "08"  # the connection broke before the server could say so
    known = _SAID.get(code) or _SAID.get(code[:2])
    return known or f"de server weigert de opdracht (code {code}); vraag de beheerder"
