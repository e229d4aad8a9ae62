"""A casusbeeld that was changed, or holds what it should not, is stopped by the gate and found by the audit."""

import hashlib
import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from geoanalyse.errors import ReleaseError
from geoanalyse.geography import shipped_regions
from geoanalyse.products import gate
from geoanalyse.products.audit import Verdict, audit
from geoanalyse.products.casusbeeld import casusbeeld
from geoanalyse.products.containers import of_pptx
from geoanalyse.products.contents import UnreadError
from geoanalyse.products.folder import write_product
from geoanalyse.release import Release
from tests.sample import sample_release
from tests.test_audit import TODAY
from tests.test_casusbeeld import CASE

SLIDES, PAGE = "casusbeeld-winkelstraat.pptx", "casusbeeld-winkelstraat.pdf"
NAME = "Mw. De Vries woont hier"
Change = Callable[[dict[str, bytes]], None]


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release(cells=300)


@pytest.fixture(scope="module")
def made(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_product(release, tmp_path_factory.mktemp("uit"), casusbeeld(release, CASE))


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """Give a copy of it, to spoil."""
    return Path(shutil.copytree(made, tmp_path / made.name)) / "deelbaar"


def check(path: Path) -> Verdict:
    return audit(path, shipped_regions(), TODAY)


def packed(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return {name: book.read(name) for name in book.namelist()}


def spoil(folder: Path, change: Change, *, known: bool = True) -> None:
    """Change parts of the slides; by default the manifest is made to agree, as who means harm would."""
    parts = unpacked((folder / SLIDES).read_bytes())
    change(parts)
    content = packed(parts)
    (folder / SLIDES).write_bytes(content)
    if known:
        path = folder / "manifest.json"
        manifest = json.loads(path.read_text(encoding="utf-8"))
        manifest["bestanden"][SLIDES] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        path.write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")


def swapped(part: str, old: str, new: str) -> Change:
    def change(parts: dict[str, bytes]) -> None:
        assert old.encode() in parts[part]
        parts[part] = parts[part].replace(old.encode(), new.encode(), 1)

    return change


def added(part: str, content: bytes) -> Change:
    def change(parts: dict[str, bytes]) -> None:
        parts[part] = content

    return change


# --- the audit --------------------------------------------------------------------------------------------------------


def test_a_casusbeeld_and_each_of_its_files_are_in_order(made: Path) -> None:
    whole = check(made)
    assert (whole.faults, whole.remarks) == ((), ())
    assert whole.files == (PAGE, SLIDES, "manifest.json")
    for file in sorted((made / "deelbaar").iterdir()):
        alone = check(file)
        assert alone.faults == (), file.name
        assert alone.remarks, file.name


def test_the_folder_lies_beside_the_release(made: Path) -> None:
    assert made.name == "2026-01-01-casusbeeld-winkelstraat"
    manifest = json.loads((made / "deelbaar" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["product"]["soort"] == "casusbeeld"
    assert set(manifest["zinnen"]) == {"casusbeeld-winkelstraat"}


@pytest.mark.parametrize("name", [SLIDES, PAGE])
def test_one_changed_byte_is_found(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    assert f"{name}: is veranderd sinds de uitgave is gemaakt; vraag een nieuw exemplaar" in check(folder).faults


def test_another_number_on_a_slide_is_found(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    text = next(each["tekst"] for each in manifest["zinnen"]["casusbeeld-winkelstraat"] if "ongeveer" in each["tekst"])
    spoil(folder, swapped("ppt/slides/slide2.xml", f">{text}<", f">{text.replace('ongeveer ', 'ongeveer 1')}<"))
    count = len(manifest["zinnen"]["casusbeeld-winkelstraat"])
    fault = f"{SLIDES}: 1 van de {count} zinnen uit manifest.json staan er niet in"
    strange = f"{SLIDES}: 1 teksten op de dia's staan niet in manifest.json"
    assert set(check(folder).faults) == {fault, strange}


def test_a_digit_before_a_number_on_a_slide_is_found(folder: Path) -> None:
    def change(parts: dict[str, bytes]) -> None:
        name = "ppt/slides/slide2.xml"
        parts[name], times = re.subn(rb">(\d+ van de \d+ )", rb">1\1", parts[name])
        assert times

    spoil(folder, change)
    assert any("staan er niet in" in fault for fault in check(folder).faults)


def empty(known: dict) -> None:
    known["zinnen"] = {name: [] for name in known["zinnen"]}


def without_figures(known: dict) -> None:
    for sentence in known["zinnen"]["casusbeeld-winkelstraat"]:
        sentence.pop("cijfers", None)


def other_values(known: dict) -> None:
    for sentence in known["zinnen"]["casusbeeld-winkelstraat"]:
        for figure in sentence.get("cijfers", ()):
            if not isinstance(figure["waarde"], str):
                figure["waarde"] = 7 * figure["waarde"] + 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (empty, "noemt van 1 producten geen zinnen met cijfers"),
        (without_figures, "noemt van 1 producten geen zinnen met cijfers"),
        (other_values, "cijfers achter de zinnen zijn anders dan de zin zegt"),
    ],
)
def test_sentences_without_their_figures_are_found(folder: Path, change: Callable[[dict], None], words: str) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    change(manifest)
    path.write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    assert any(words in fault for fault in check(folder).faults), check(folder).faults


def test_a_sentence_that_nothing_says_is_found(folder: Path) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["zinnen"]["casusbeeld-winkelstraat"].append({"tekst": "Hier zijn 99 hotspots."})
    path.write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    found = check(folder).faults
    assert len(found) == 2
    assert all("1 van de" in fault for fault in found)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (swapped("ppt/slides/slide1.xml", "Ondernemers wisselen vaak.", NAME), "lijkt op naam van een persoon"),
        (swapped("ppt/slides/slide1.xml", 'name="kaart"', f'name="{NAME}"'), "lijkt op naam van een persoon"),
        (swapped("docProps/core.xml", ">geoanalyse<", ">J. de Vries<"), "lijkt op naam van een persoon"),
        (
            swapped(
                "ppt/slides/_rels/slide1.xml.rels",
                "</Relationships>",
                '<Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"'
                ' Target="https://elders.nl/x.png" TargetMode="External"/></Relationships>',
            ),
            "verwijst 1 keer naar iets buiten het bestand",
        ),
        (
            swapped("ppt/slides/slide1.xml", "</p:cSld>", "</p:cSld><p:timing/>"),
            "heeft iets dat opent, speelt of uitvoert (timing)",
        ),
        (swapped("ppt/slides/slide2.xml", "<p:sld ", '<p:sld show="0" '), "een dia of vorm die niet wordt getoond"),
        (swapped("ppt/slides/slide1.xml", 'name="kaart"', 'name="kaart" hidden="1"'), "die niet wordt getoond"),
        (added("ppt/slides/slide77.xml", b"<a>tekst</a>"), "een dia of vorm die niet wordt getoond"),
        (swapped("ppt/charts/chart1.xml", "Sheet1!$", "[1]Sheet1!$"), "een grafiek met cijfers van elders"),
        (swapped("ppt/slides/slide2.xml", ">Uit de cijfers<", ">Bewezen: hier wordt gehandeld.<"), "staan niet in man"),
        (swapped("ppt/slides/slide3.xml", ">DEMO: verzonnen gegevens<", ">Bevindingen<"), "merkteken van de demo"),
        (swapped("ppt/slides/slide2.xml", "<p:sld ", '<p:sld xmlns:q="J. de Vries" '), "naam van een persoon"),
        (swapped("ppt/slides/slide2.xml", "<p:sld ", "<!-- J. de Vries --><p:sld "), "voor of achter zijn inhoud"),
        (swapped("ppt/slides/slide2.xml", "</p:sld>", "</p:sld><!-- J. de Vries -->"), "voor of achter zijn inhoud"),
        (added("ppt/comments/comment1.xml", b"<a>tekst</a>"), "heeft 1 onderdelen die er niet horen"),
        (added("ppt/vbaProject.bin", b"\xd0\xcf\x11\xe0"), "heeft een onderdeel dat niet te lezen is"),
        (added("ppt/media/image1.png", b"\x89PNG"), "heeft een onderdeel dat niet te lezen is"),
        (added("ppt/media/image1.xml", b"\x89PNG"), "is geen tekst in UTF-8"),
    ],
    ids=[
        *("name", "hidden name", "author", "outside", "timing", "hidden slide", "hidden shape", "orphan", "formula"),
        *("heading", "demo", "namespace", "before", "behind", "comment", "macro", "picture", "disguise"),
    ],
)
def test_what_does_not_belong_on_slides_is_found(folder: Path, change: Change, words: str) -> None:
    spoil(folder, change)
    assert any(fault.startswith(SLIDES) and words in fault for fault in check(folder).faults), check(folder).faults


def test_a_formula_behind_a_chart_is_found(folder: Path) -> None:
    def change(parts: dict[str, bytes]) -> None:
        name = "ppt/embeddings/Microsoft_Excel_Sheet1.xlsx"
        book = unpacked(parts[name])
        sheet = "xl/worksheets/sheet1.xml"
        book[sheet] = book[sheet].replace(b"<v>", b"<f>WEBSERVICE(1)</f><v>", 1)
        parts[name] = packed(book)

    spoil(folder, change)
    assert any("werkmap achter een grafiek: heeft een formule" in fault for fault in check(folder).faults)


@pytest.mark.parametrize("kind", ["atlas", "uitgave", "iets anders", ""])
def test_files_of_another_kind_of_product_do_not_belong(folder: Path, kind: str) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["product"]["soort"] = kind
    path.write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    assert f"{SLIDES}: hoort niet in een uitgave; haal het weg" in check(folder).faults


def test_a_missing_and_an_added_file_are_found(folder: Path) -> None:
    (folder / PAGE).unlink()
    (folder / "extra.csv").write_bytes(b"\xef\xbb\xbfa;b\r\n")
    found = check(folder).faults
    assert f"{PAGE}: ontbreekt" in found
    assert "extra.csv: hoort niet bij deze uitgave; haal het weg" in found


@pytest.mark.parametrize("words", ["Bewaren tot en met", "Peildatum", "Profiel", "sleutel"])
def test_a_product_that_hides_its_origin_is_found(folder: Path, words: str) -> None:
    def change(parts: dict[str, bytes]) -> None:
        for name, part in parts.items():
            if name.startswith("ppt/slides/slide"):
                parts[name] = part.replace(words.encode(), b"Iets")

    spoil(folder, change)
    assert any("noemt een ander(e)" in fault or "zinnen uit manifest.json" in fault for fault in check(folder).faults)


# --- the gate ---------------------------------------------------------------------------------------------------------


def test_the_gate_stops_a_name_that_was_typed_in_pieces(release: Release, made: Path) -> None:
    parts = unpacked((made / "deelbaar" / SLIDES).read_bytes())
    swapped(
        "ppt/slides/slide1.xml",
        "<a:t>Ondernemers wisselen vaak.</a:t>",
        "<a:t>Mw. De Vr</a:t></a:r><a:r><a:t>ies</a:t>",
    )(parts)
    with pytest.raises(ReleaseError, match="naam van een persoon"):
        gate.check_files(release, {SLIDES: packed(parts)})


def test_the_gate_reads_the_workbooks_behind_charts(release: Release, made: Path) -> None:
    parts = unpacked((made / "deelbaar" / SLIDES).read_bytes())
    name = "ppt/embeddings/Microsoft_Excel_Sheet1.xlsx"
    book = unpacked(parts[name])
    book["xl/sharedStrings.xml"] = book["xl/sharedStrings.xml"].replace(b"marge naar boven", NAME.encode())
    parts[name] = packed(book)
    with pytest.raises(ReleaseError, match="naam van een persoon"):
        gate.check_files(release, {SLIDES: packed(parts)})


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04",
        b"",
        packed({"ppt/embeddings/a.bin": b"x"}),
        packed({"ppt/embeddings/a.xlsx": b"geen werkmap"}),
        packed({"ppt/slides/slide1.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'}),
        packed({"ppt/slides/slide1.xml": b"<a>"}),
        packed({"a.xml": b"<a/>"}) + b"achter",
        b"voor" + packed({"a.xml": b"<a/>"}),
    ],
    ids=["short", "empty", "bin", "workbook", "entity", "half", "behind", "before"],
)
def test_what_cannot_be_read_to_its_last_byte_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadError):
        list(of_pptx(content))
