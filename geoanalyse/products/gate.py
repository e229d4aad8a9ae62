"""The last gate: every byte of every finished file is searched for person data before a release gets its place."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import PurePath

import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter

from geoanalyse.dressing import BACKGROUNDS
from geoanalyse.errors import ReleaseError
from geoanalyse.followup.words import mark
from geoanalyse.personal import PersonData, kinds_in_column, kinds_in_lines
from geoanalyse.products.containers import of_gpkg, of_parquet, of_pptx, of_xlsx
from geoanalyse.products.contents import UNSEEN, Column, Piece, UnreadError, of_csv, of_html, of_json
from geoanalyse.products.pdftext import of_pdf
from geoanalyse.release import Release

_READERS: dict[str, Callable[[bytes], Iterator[Piece]]] = {
    ".csv": of_csv,
    ".gpkg": of_gpkg,
    ".html": of_html,
    ".json": of_json,
    ".parquet": of_parquet,
    ".pdf": of_pdf,
    ".pptx": of_pptx,
    ".xlsx": of_xlsx,
}
_FEWEST = 8  # different values a column must hold before its shape says anything


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that reads as person data: where and what, never the value."""

    file: str
    part: str
    kind: PersonData
    count: int

    def __str__(self) -> str:
        """Say it in Dutch."""
        return f"{self.file}: {self.count} keer iets dat lijkt op {self.kind} ({self.part})"


def check_files(release: Release, files: Mapping[str, bytes]) -> None:
    """Refuse a release in which a file reads as if it holds person data, or cannot be read to its last byte.

    Parameters
    ----------
    release : Release
        Tells which names and texts are the package's own or public, and are taken out first.
    files : mapping of str to bytes
        Finished files, by name.

    Raises
    ------
    ReleaseError
        Names the file, the part of it, the kind and the number of hits, never the text.
    UnreadError
        When nobody can say what a file holds.
    """
    stopped = "de uitgave is tegengehouden, er is niets geschreven"
    try:
        found = hits(files, known_texts(release))
    except UnreadError as error:
        raise UnreadError(f"{stopped}: {error}") from None
    if found:
        raise ReleaseError(
            f"{stopped}: {'; '.join(map(str, found))}. "
            "Kijk naar de teksten in grondslag.toml, de laagbestanden en de naam van het gebied"
        )


def hits(files: Mapping[str, bytes], allowed: Collection[str]) -> tuple[Hit, ...]:
    """Search finished files for person data.

    Parameters
    ----------
    files : mapping of str to bytes
        By name; the suffix says how to read.
    allowed : collection of str
        Public names and texts of the package, which are taken out first.

    Returns
    -------
    tuple of Hit
        By file and part.

    Raises
    ------
    UnreadError
        Names the first file that cannot be read, and why.
    """
    return judged(((name, piece) for name in sorted(files) for piece in contents(name, files[name])), allowed)


def judged(pieces: Iterable[tuple[str, Piece]], allowed: Collection[str]) -> tuple[Hit, ...]:
    """Search what was read from finished files for person data; as `hits`.

    Parameters
    ----------
    pieces : iterable of (str, Text or Column)
        File name, and what `contents` gives of it.
    allowed : collection of str

    Returns
    -------
    tuple of Hit
    """
    own = constants()
    seen = [(name, piece, text) for name, piece in pieces if (text := piece.text) not in own]
    kinds = kinds_in_lines({line for _, _, text in seen for line in text.split("\n")}, allowed=allowed)
    found: Counter[tuple[str, str, PersonData]] = Counter()
    columns: dict[tuple[str, str], list[Column]] = {}
    for name, piece, text in seen:
        for line in text.split("\n") if kinds else ():
            found.update({(name, piece.part, kind): count for kind, count in kinds.get(line, {}).items()})
        if isinstance(piece, Column):
            columns.setdefault((name, piece.part.rpartition(".")[2]), []).append(piece)
    for (name, title), alike in columns.items():
        for kind, count in _of_columns(title, alike, allowed).items():
            found[name, alike[0].part, kind] = max(found[name, alike[0].part, kind], count)
    return tuple(Hit(*where, count) for where, count in sorted(found.items()))


def _of_columns(title: str, columns: Sequence[Column], allowed: Collection[str]) -> Mapping[PersonData, int]:
    """Judge the columns of one name as a whole, without the values that are public names."""
    values = pc.unique(pa.concat_arrays([column.values.cast(pa.string()) for column in columns]))
    values = values.filter(pc.invert(pc.is_in(values, value_set=pa.array(sorted(allowed), pa.string()))))
    return kinds_in_column(title, values, as_text=False) if len(values) >= _FEWEST else {}


def contents(name: str, content: bytes) -> Iterator[Piece]:
    """Take a finished file apart.

    Parameters
    ----------
    name : str
        File name; its suffix says how to read.
    content : bytes

    Yields
    ------
    Text or Column
        Everything in it that can be read, by part.

    Raises
    ------
    UnreadError
        When no reader is known for the suffix, or something in the file cannot be read: that must not leave.
    """
    reader = _READERS.get(PurePath(name).suffix)
    if reader is None:
        raise UnreadError(f"{name}: is geen soort bestand dat geoanalyse maakt")
    try:
        yield from reader(content)
    except UnreadError as error:
        raise UnreadError(f"{name}: {error}") from None


def texts_of(name: str, content: bytes) -> Iterator[str]:
    """Read what people and programs read in a finished file.

    Parameters
    ----------
    name : str
        File name; its suffix says how to read.
    content : bytes

    Yields
    ------
    str
        Pieces of running text: what is shown, what is spoken, metadata, and data that the page unpacks.

    Raises
    ------
    UnreadError
        As `contents`.

    Examples
    --------
    >>> [text.split() for text in texts_of("a.json", b'{"naam": ["x", 1]}')]
    [['naam', 'x']]
    """
    yield from (piece.text for piece in contents(name, content) if piece.part != UNSEEN)


def known_texts(release: Release) -> frozenset[str]:
    """Give the public names that may read as a person: of regions, such as P.C. Hooftbuurt, and marks of a release.

    The title of an area that we know is one: "op één adres" above "Postcodegebied 1012" is no address. Texts of layer
    files and of ``grondslag.toml`` are not among them, nor is the name of a user's own area: somebody wrote those.
    """
    marks = {release.digest, mark(release.digest), release.zones_version, *key_marks(release.key_mark)}
    title = () if release.area.own else (release.area.title,)
    return frozenset({*release.geography.regions.names, *marks, *title})


def key_marks(told: object) -> tuple[str, ...]:
    """Give the mark of a key, which may read as a postcode; nothing for a text that is no such mark.

    Examples
    --------
    >>> key_marks("6627fd66"), key_marks("Jansen")
    (('6627fd66',), ())
    """
    return (told,) if isinstance(told, str) and re.fullmatch("[0-9a-f]{8}", told) else ()


@cache
def constants() -> frozenset[str]:
    """Give the texts that every release carries: scripts, style sheets and licences of this version, fonts of Excel."""
    from geoanalyse.products import atlaspagina, kaartbron, verantwoordingspagina  # noqa: PLC0415 - jinja2
    from geoanalyse.products.factsheet import page  # noqa: PLC0415 - typst

    empty = BytesIO()
    xlsxwriter.Workbook(empty, {"in_memory": True}).close()
    return frozenset(
        {
            *kaartbron.scripts(),
            *kaartbron.styles(),
            kaartbron.policy(),
            *(kaartbron.policy(each.host) for each in BACKGROUNDS.values()),
            kaartbron.licences(),
            verantwoordingspagina.style(),
            verantwoordingspagina.policy(),
            page.style(),
            page.policy(),
            atlaspagina.style(),
            atlaspagina.policy(),
            *(piece.text for piece in of_xlsx(empty.getvalue()) if piece.part.startswith("xl/theme/")),
        }
    )
