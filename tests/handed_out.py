"""A list as it is handed out, and ways to send it back: for tests and the benchmark of follow-up."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from geoanalyse.dressing import Dressing
from geoanalyse.products import measured, signaallijst, verantwoording
from geoanalyse.release import Release

Row = dict[str, str]


def hand_out(release: Release, out: Path) -> Path:
    """Write the lists of a release and its manifest below `out`, and nothing else; gives the folder they lie in."""
    shareable = out / release.area.name / f"{release.reference_date}" / "deelbaar"
    shareable.mkdir(parents=True)
    files = {"signaallijst.xlsx": signaallijst.xlsx(release), "signaallijst.csv": signaallijst.csv(release)}
    files["manifest.json"] = verantwoording.manifest(
        release, files, versions={}, measured=measured.shipped(), dressing=Dressing()
    )
    for name, content in files.items():
        (shareable / name).write_bytes(content)
    return shareable


def rows_of(shareable: Path) -> list[Row]:
    """Read the rows of the CSV that was handed out."""
    text = (shareable / "signaallijst.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def filled(shareable: Path, told: Mapping[str, Mapping[str, str]]) -> list[Row]:
    """Give the rows with what is told of some signals filled in."""
    return [row | told.get(row["Signaal"], {}) for row in rows_of(shareable)]


def write_csv(
    path: Path, rows: Iterable[Mapping[str, str]], *, delimiter: str = ";", encoding: str = "utf-8-sig", above: str = ""
) -> Path:
    """Write rows as a CSV, perhaps below lines of its own; the columns are those of the first row."""
    rows = list(rows)
    target = io.StringIO(newline="")
    target.write(above)
    writer = csv.DictWriter(target, list(rows[0]), delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(target.getvalue().encode(encoding))
    return path


def write_xlsx(
    shareable: Path,
    path: Path,
    told: Mapping[str, Mapping[str, object]],
    change: Callable[[Worksheet], object] | None = None,
) -> Path:
    """Fill in the workbook that was handed out, as people do; `change` does more to its first sheet."""
    book = openpyxl.load_workbook(shareable / "signaallijst.xlsx")
    for sheet in book.worksheets[:-1]:
        line = next(line for line in range(1, 5) if sheet.cell(line, 1).value == "Signaal")
        head = {cell.value: cell.column for cell in sheet[line]}
        for number in range(line + 1, sheet.max_row + 1):
            for title, value in told.get(str(sheet.cell(number, 1).value), {}).items():
                sheet.cell(number, head[title]).value = value  # type: ignore[assignment]
    if change is not None:
        change(book.worksheets[0])
    book.save(path)
    return path
