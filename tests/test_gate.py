"""No place in any finished file holds person data unseen: planted everywhere, found, and the release is gone."""

import base64
import dataclasses
import io
import json
import re
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import openpyxl
import openpyxl.comments
import openpyxl.workbook.defined_name
import pikepdf
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from geoanalyse import area
from geoanalyse.errors import ReleaseError
from geoanalyse.geography import shipped_regions
from geoanalyse.personal import PersonData
from geoanalyse.products import contents, folder, gate, kaartblok, pdftext
from geoanalyse.products.contents import UnreadError
from geoanalyse.release import Release
from tests.sample import sample_release

BSN = "123456782"
PERSON = "Piet de Vries"
MAIL = "p.devries@voorbeeld.nl"
Files = dict[str, bytes]
Plant = Callable[[bytes, str], bytes]


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release()


@pytest.fixture(scope="module")
def files(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Every file of a real release, by name."""
    target = folder.write_release(release, {}, tmp_path_factory.mktemp("uit"))
    return {path.name: path.read_bytes() for path in sorted((target / "deelbaar").iterdir())}


def found(name: str, content: bytes, release: Release) -> set[PersonData]:
    return {hit.kind for hit in gate.hits({name: content}, gate.known_texts(release))}


# --- planting ---------------------------------------------------------------------------------------------------------


def in_html(old: str, new: str) -> Plant:
    def plant(content: bytes, secret: str) -> bytes:
        page = content.decode()
        assert old in page
        return page.replace(old, new.replace("@", secret), 1).encode()

    return plant


def in_map_header(content: bytes, secret: str) -> bytes:
    page = content.decode()
    start = page.index('id="gegevens">') + len('id="gegevens">')
    end = page.index("</script>", start)
    raw = zlib.decompress(base64.b64decode(page[start:end]))
    length = struct.unpack_from("<I", raw)[0]
    header = json.loads(raw[4 : 4 + length]) | {"verborgen": {"diep": [secret]}}
    encoded = json.dumps(header).encode()
    packed = zlib.compress(struct.pack("<I", len(encoded)) + encoded + raw[4 + length :])
    return (page[:start] + base64.b64encode(packed).decode() + page[end:]).encode()


def in_json(content: bytes, secret: str) -> bytes:
    return json.dumps(json.loads(content) | {"opmerking": {"wie": [1, secret]}}).encode()


def as_json_key(content: bytes, secret: str) -> bytes:
    return json.dumps(json.loads(content) | {secret: 1}).encode()


def in_csv(content: bytes, secret: str) -> bytes:
    head, rest = content.split(b"\r\n", 1)
    return head + b"\r\n" + secret.encode() + b";" + rest


def as_csv_title(content: bytes, secret: str) -> bytes:
    head, rest = content.split(b"\r\n", 1)
    return head + b";" + secret.encode() + b"\r\n" + rest


def in_xlsx(change: Callable[[openpyxl.Workbook, str], None]) -> Plant:
    def plant(content: bytes, secret: str) -> bytes:
        book = openpyxl.load_workbook(io.BytesIO(content))
        change(book, secret)
        target = io.BytesIO()
        book.save(target)
        return target.getvalue()

    return plant


def hidden_sheet(book: openpyxl.Workbook, secret: str) -> None:
    sheet = book.create_sheet("Blad9")
    sheet.sheet_state = "veryHidden"
    sheet["C7"] = secret


def sheet_name(book: openpyxl.Workbook, secret: str) -> None:
    book.create_sheet(secret[:30])


def cell_comment(book: openpyxl.Workbook, secret: str) -> None:
    book.worksheets[0]["A1"].comment = openpyxl.comments.Comment("let op", secret)


def defined_name(book: openpyxl.Workbook, secret: str) -> None:
    book.defined_names["bereik"] = openpyxl.workbook.defined_name.DefinedName("bereik", attr_text=f'"{secret}"')


def author(book: openpyxl.Workbook, secret: str) -> None:
    book.properties.lastModifiedBy = secret


def footer(book: openpyxl.Workbook, secret: str) -> None:
    book.worksheets[0].oddFooter.right.text = secret


def number(book: openpyxl.Workbook, secret: str) -> None:
    book.worksheets[0]["AZ9"] = int(secret) if secret.isdigit() else secret


def extra_part(content: bytes, secret: str) -> bytes:
    target = io.BytesIO(content)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr("customXml/item1.xml", f"<a><!-- {secret} --></a>")
    return target.getvalue()


def in_gpkg(*statements: str, vacuum: bool = True) -> Plant:
    def plant(content: bytes, secret: str) -> bytes:
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
            database.deserialize(content)
            for statement in statements:
                database.execute(statement.replace("@", secret))
            if vacuum:
                database.execute("VACUUM")
            return database.serialize()

    return plant


def in_parquet(change: Callable[[pa.Table, str], pa.Table]) -> Plant:
    def plant(content: bytes, secret: str) -> bytes:
        target = pa.BufferOutputStream()
        pq.write_table(change(pq.read_table(pa.BufferReader(content)), secret), target)
        return target.getvalue().to_pybytes()

    return plant


def with_field(table: pa.Table, field: pa.Field, value: object) -> pa.Table:
    return table.append_column(field, pa.array([value] * table.num_rows, field.type))


def in_pdf(change: Callable[[pikepdf.Pdf, str], None]) -> Plant:
    def plant(content: bytes, secret: str) -> bytes:
        target = io.BytesIO()
        with pikepdf.open(io.BytesIO(content)) as pdf:
            change(pdf, secret)
            pdf.save(target, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        return target.getvalue()

    return plant


def on_page(operators: str) -> Callable[[pikepdf.Pdf, str], None]:
    def change(pdf: pikepdf.Pdf, secret: str) -> None:
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        page = pdf.pages[1]
        name = page.add_resource(pdf.make_indirect(font), pikepdf.Name.Font)
        page.contents_add(f"BT {name} 12 Tf {operators} ({secret}) Tj ET".encode())

    return change


def pdf_info(pdf: pikepdf.Pdf, secret: str) -> None:
    pdf.docinfo["/Geheim"] = pikepdf.String(f"{secret} é€")  # in UTF-16


def pdf_xmp(pdf: pikepdf.Pdf, secret: str) -> None:
    with pdf.open_metadata() as metadata:
        metadata["dc:description"] = secret


def pdf_outline(pdf: pikepdf.Pdf, secret: str) -> None:
    with pdf.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem(secret, 0))


def pdf_alternative(pdf: pikepdf.Pdf, secret: str) -> None:
    elements = (each for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and each.get("/S") == "/P")
    next(elements)["/Alt"] = pikepdf.String(secret)


def pdf_note(pdf: pikepdf.Pdf, secret: str) -> None:
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[0, 0, 9, 9], Contents=pikepdf.String(secret)
    )
    pdf.pages[0].Annots = pdf.make_indirect(pikepdf.Array([note]))


def pdf_loose(pdf: pikepdf.Pdf, secret: str) -> None:
    pdf.Root.Los = pdf.make_stream(f"% {secret}".encode())


PLANTS: dict[str, dict[str, Plant]] = {
    "kaart.html": {
        "text": in_html("<body", "<p>@</p><body"),
        "bold": in_html("<body", "<p>contact: <b>@</b></p><body"),
        "attribute": in_html("<body", '<body id="@"'),
        "spoken": in_html("<body", '<body aria-label="@"'),
        "address": in_html("<body", '<a href="?wie=@">x</a><body'),
        "comment": in_html("<body", "<!-- @ --><body"),
        "program": in_html("</head>", "<script>var wie = '@';</script></head>"),
        "style": in_html("</head>", "<style>/* @ */</style></head>"),
        "block": in_html("</head>", '<script type="application/json">["@"]</script></head>'),
        "licence": in_html('id="licenties">', 'id="licenties">@ '),
        "header": in_map_header,
    },
    "verantwoording.html": {
        "text": in_html("</h1>", "</h1><p>@</p>"),
        "entity": in_html("</h1>", "</h1><p>&#32;@&nbsp;</p>"),
    },
    "manifest.json": {"value": in_json, "key": as_json_key},
    "signaallijst.csv": {"cell": in_csv, "title": as_csv_title},
    "signaallijst.xlsx": {
        "hidden": in_xlsx(hidden_sheet),
        "name of a sheet": in_xlsx(sheet_name),
        "comment": in_xlsx(cell_comment),
        "defined name": in_xlsx(defined_name),
        "property": in_xlsx(author),
        "footer": in_xlsx(footer),
        "number": in_xlsx(number),
        "part": extra_part,
    },
    "voorbeeld.gpkg": {
        "cell": in_gpkg("UPDATE gpkg_contents SET description = '@' WHERE rowid = 1"),
        "table": in_gpkg('CREATE TABLE "los @" (a)'),
        "row": in_gpkg("CREATE TABLE los (a)", "INSERT INTO los VALUES ('zie @')"),
        "blob": in_gpkg("CREATE TABLE los (a)", "INSERT INTO los VALUES (CAST('zie @' AS BLOB))"),
        "view": in_gpkg("CREATE VIEW los AS SELECT '@' AS a"),
        "column": in_gpkg('CREATE TABLE los ("kolom @")'),
        "comment": in_gpkg("CREATE TABLE los (a /* @ */)"),
    },
    "zones.parquet": {
        "metadata": in_parquet(lambda table, secret: table.replace_schema_metadata({"let op": secret})),
        "metadata of a column": in_parquet(
            lambda table, secret: with_field(table, pa.field("x", pa.int8(), metadata={"wie": secret}), 1)
        ),
        "column": in_parquet(lambda table, secret: with_field(table, pa.field("x", pa.string()), f"zie {secret}")),
        "binary": in_parquet(lambda table, secret: with_field(table, pa.field("x", pa.binary()), secret.encode())),
        "name": in_parquet(lambda table, secret: with_field(table, pa.field(f"zie {secret}", pa.int8()), 1)),
    },
    "factsheet-drugs.pdf": {
        "page": in_pdf(on_page("50 50 Td")),
        "invisible": in_pdf(on_page("3 Tr 50 50 Td")),
        "white": in_pdf(on_page("1 g 50 50 Td")),
        "off the page": in_pdf(on_page("5000 50 Td")),
        "info": in_pdf(pdf_info),
        "xmp": in_pdf(pdf_xmp),
        "outline": in_pdf(pdf_outline),
        "alternative": in_pdf(pdf_alternative),
        "note": in_pdf(pdf_note),
        "loose": in_pdf(pdf_loose),
    },
}
PLACES = [(name, place) for name, plants in PLANTS.items() for place in plants]


# --- everywhere -------------------------------------------------------------------------------------------------------


def test_clean_files_pass_with_nothing_left_unread(release: Release, files: Files) -> None:
    assert set(PLANTS) <= set(files)
    assert gate.hits(files, gate.known_texts(release)) == ()


@pytest.mark.parametrize(("name", "place"), PLACES, ids=[f"{name}: {place}" for name, place in PLACES])
def test_person_data_is_found_wherever_it_is_planted(name: str, place: str, release: Release, files: Files) -> None:
    for secret, kind in ((BSN, PersonData.BSN), (PERSON, PersonData.NAME), (MAIL, PersonData.EMAIL)):
        if place == "name of a sheet" and secret == MAIL:
            continue  # longer than Excel allows
        planted = PLANTS[name][place](files[name], secret)
        assert kind in found(name, planted, release), secret


@pytest.mark.parametrize("name", PLANTS)
def test_a_hit_in_any_file_leaves_nothing_of_the_release(
    name: str, release: Release, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant = next(iter(PLANTS[name].values()))
    planted = files | {name: plant(files[name], PERSON)}
    monkeypatch.setattr(folder, "_products", lambda *_, **__: planted)
    with pytest.raises(ReleaseError) as caught:
        folder.write_release(release, {}, tmp_path)
    assert f"{name}: 1 keer iets dat lijkt op naam van een persoon (" in str(caught.value)
    assert "Vries" not in str(caught.value)
    assert [path.name for path in (tmp_path / "voorbeeld").iterdir()] == [".slot"]


def test_a_hit_tells_the_part_the_kind_and_the_number_but_never_the_value(release: Release, files: Files) -> None:
    planted = files["signaallijst.csv"] + f"{BSN};{BSN}\r\n{PERSON}\r\n".encode()
    told = [str(hit) for hit in gate.hits({"signaallijst.csv": planted}, gate.known_texts(release))]
    assert told == [
        "signaallijst.csv: 1 keer iets dat lijkt op bsn of rsin (Let op)",
        "signaallijst.csv: 1 keer iets dat lijkt op naam van een persoon (Let op)",
        "signaallijst.csv: 1 keer iets dat lijkt op bsn of rsin (Rubricering)",
    ]


def test_a_column_of_numbers_without_a_mark_of_their_own_is_judged_as_a_whole(release: Release, files: Files) -> None:
    table = pq.read_table(pa.BufferReader(files["zones.parquet"])).slice(0, 60)
    numbers = pa.array([f"{30_000_000 + 7919 * row}" for row in range(table.num_rows)])
    target = pa.BufferOutputStream()
    pq.write_table(table.append_column("pand", numbers), target)
    hits = gate.hits({"zones.parquet": target.getvalue().to_pybytes()}, gate.known_texts(release))
    assert [(hit.part, hit.kind, hit.count) for hit in hits] == [("pand", PersonData.COMPANY, 60)]


def test_names_of_regions_pass_also_where_a_line_breaks_them(release: Release) -> None:
    names = [name for name in release.geography.regions.names if name.startswith(("P.C.", "Van "))]
    text = "\n".join([*names, *(name.replace(" ", "", 1) for name in names)])
    assert names
    assert found("x.csv", text.encode(), release) == set()


# --- what cannot be read does not leave -------------------------------------------------------------------------------


def refused(name: str, content: bytes) -> str:
    with pytest.raises(UnreadError) as caught:
        list(gate.contents(name, content))
    assert str(caught.value).startswith(f"{name}: ")
    return str(caught.value).removeprefix(f"{name}: ")


def zipped(*, comment: bytes = b"", extra: bytes = b"", unlisted: bool = False) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as book:
        info = zipfile.ZipInfo("a.xml")
        info.extra = extra
        book.writestr(info, "<a>een</a>")
        if unlisted:
            book.writestr("b.xml", "<a>twee</a>")
            book.filelist.pop()
        book.comment = comment
    return target.getvalue()


def test_a_zip_holds_its_parts_and_nothing_else() -> None:
    assert [piece.text for piece in gate.contents("x.xlsx", zipped())] == ["a.xml", "a\neen"]
    for content in (
        zipped() + b"meer",
        b"ervoor" + zipped(),
        zipped(comment=b"hoi"),
        zipped(extra=b"\x01\x00\x02\x00hi"),
        zipped(unlisted=True),
        zipped()[:40],
        zipped().replace(b"een", b"Een"),
        b"",
    ):
        refused("x.xlsx", content)


def test_a_part_that_defines_its_own_signs_is_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as book:
        book.writestr("a.xml", '<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>')
    assert "eigen definitie van tekens" in refused("x.xlsx", target.getvalue())


def test_what_unpacks_to_too_much_is_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as book:
        book.writestr("a.xml", b" " * (contents.LARGEST + 1))
    assert "te groot" in refused("x.xlsx", target.getvalue())
    block = base64.b64encode(zlib.compress(bytes(contents.LARGEST + 1))).decode()
    assert "te groot" in refused("x.html", f'<script type="application/octet-stream">{block}</script>'.encode())


def test_the_block_of_the_map_holds_no_more_than_it_says() -> None:
    columns = kaartblok.Columns()
    columns.integers([1, 2, 3])
    good = kaartblok.pack({"a": "b"}, columns)
    page = '<script type="application/octet-stream">{}</script>'
    assert [piece.text for piece in gate.contents("x.html", page.format(good).encode())][-1] == "a\nb\narrays\ni1"
    raw = zlib.decompress(base64.b64decode(good))
    more = base64.b64encode(zlib.compress(raw + b"meer")).decode()
    behind = base64.b64encode(zlib.compress(raw) + b"meer").decode()
    assert "andere maat" in refused("x.html", page.format(more).encode())
    assert "staat iets achter" in refused("x.html", page.format(behind).encode())
    refused("x.html", page.format("geen base64").encode())


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        (("DELETE FROM gpkg_extensions", "UPDATE gpkg_contents SET description = 'kort'"), "gewist"),
        (("CREATE TABLE los AS SELECT hex(randomblob(9000)) AS a", "DROP TABLE los"), "lege bladzijden"),
    ],
)
def test_leftovers_in_a_geopackage_are_refused(statements: tuple[str, ...], words: str, files: Files) -> None:
    leftover = in_gpkg(*statements, vacuum=False)(files["voorbeeld.gpkg"], "")
    assert words in refused("x.gpkg", leftover)
    assert in_gpkg(*statements)(files["voorbeeld.gpkg"], "") != leftover
    list(gate.contents("x.gpkg", in_gpkg(*statements)(files["voorbeeld.gpkg"], "")))


def test_a_geopackage_with_bytes_behind_it_or_in_its_head_is_refused(files: Files) -> None:
    good = files["voorbeeld.gpkg"]
    refused("x.gpkg", good + good[4096:8192])
    refused("x.gpkg", good[:72] + b"hoi" + good[75:])
    refused("x.gpkg", good[:5000])
    refused("x.gpkg", b"geen database")


def test_bytes_between_or_behind_the_columns_of_parquet_are_refused(files: Files) -> None:
    good = files["zones.parquet"]
    assert "is geen leesbaar Parquet-bestand" in refused("x.parquet", good + b"meer")
    length = struct.unpack_from("<I", good, len(good) - 8)[0]
    assert "voetregel" in refused("x.parquet", good[: -8 - length] + b"meer" + good[-8 - length :])
    refused("x.parquet", good[: len(good) // 2])
    refused("x.parquet", b"PAR1")


def test_a_second_version_behind_the_end_of_a_pdf_is_refused(files: Files) -> None:
    good = files["factsheet-drugs.pdf"]
    update = b"\n900 0 obj\n(nieuw)\nendobj\nxref\n0 0\ntrailer\n<</Size 1>>\nstartxref\n0\n%%EOF"
    assert "einde" in refused("x.pdf", good + update)
    assert "einde" in refused("x.pdf", good + b"\nmeer")
    refused("x.pdf", good[: len(good) // 2])
    refused("x.pdf", b"%PDF-1.7\n%%EOF")
    refused("x.pdf", b"geen PDF")


def attached(pdf: pikepdf.Pdf, secret: str) -> None:
    pdf.attachments["bijlage.txt"] = secret.encode()


def script(pdf: pikepdf.Pdf, secret: str) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String(secret))


def link(pdf: pikepdf.Pdf, secret: str) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String(f"https://{secret}"))
    pdf.pages[0].Annots = pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name.Link, A=action)])


@pytest.mark.parametrize("change", [attached, script, link])
def test_a_pdf_with_a_file_a_program_or_a_link_inside_is_refused(
    change: Callable[[pikepdf.Pdf, str], None], files: Files
) -> None:
    assert "hier niet hoort" in refused("x.pdf", in_pdf(change)(files["factsheet-drugs.pdf"], "x"))


def test_a_name_written_in_codes_is_still_that_name(files: Files) -> None:
    """A PDF may write any letter of a name as a number."""
    coded = in_pdf(link)(files["factsheet-drugs.pdf"], "x").replace(b"/URI", b"/#55R#49")
    assert "URI" in refused("x.pdf", coded)


def test_the_digests_that_name_a_pdf_are_no_text(files: Files, release: Release) -> None:
    name = "factsheet-drugs.pdf"
    named = re.search(rb"/ID ?\[\((.{22}==)\)\(.{22}==\)\]", files[name])
    assert named
    plate = b"xy+38XJV8+aaaaaaaaaaaa=="
    assert PersonData.PLATE not in found(name, files[name].replace(named[1], plate), release)
    elsewhere = files[name].replace(b"%PDF-1.7\n", b"%PDF-1.7\n% " + plate + b"\n")  # the same signs anywhere else
    assert PersonData.PLATE in found(name, elsewhere, release)


def test_strings_of_a_pdf_with_brackets_inside_are_read() -> None:
    source = rb"[(een \(twee\) (drie)) 12 (\101\102\103) <4A616E> (\376\377\000J\000a\000n)] % klaar"
    assert list(pdftext._said(source)) == ["een (twee) (drie)", "ABC", "Jan", "Jan", "% klaar"]


def test_text_that_is_no_utf8_is_refused() -> None:
    for name in ("x.csv", "x.json", "x.html"):
        assert "UTF-8" in refused(name, "é".encode("latin-1"))


def test_json_that_hides_a_value_behind_another_is_refused() -> None:
    assert "twee keer" in refused("x.json", b'{"a": "eerst", "a": "later"}')
    refused("x.json", b'{"a": ')
    refused("x.json", b"[" * 100_000)


def test_csv_that_is_none_is_refused() -> None:
    refused("x.csv", b'a;b\r\n"open;1\r\n')


def test_the_mark_of_a_key_is_no_postcode(release: Release) -> None:
    """One in a hundred reads as one: the release of such a key must not be held back."""
    marked = dataclasses.replace(release, key_mark="6627fd66")
    page = {"x.json": b'{"sleutelmerk": "6627fd66"}'}
    assert gate.hits(page, gate.known_texts(release))
    assert not gate.hits(page, gate.known_texts(marked))


def test_the_title_of_an_area_under_a_heading_is_no_address(release: Release) -> None:
    """A heading that ends on a word for a place runs into the title of the area, as in a PDF."""
    headings = ("Veel bedrijven op één adres", "Wie woont op", "adres:")
    for preset in area.presets(shipped_regions()):
        place = area.find(preset.name, shipped_regions())
        known = gate.known_texts(dataclasses.replace(release, area=place))
        for heading in headings:
            page = f"<p>{heading} {place.title} Januari 2022 tot en met december 2025</p>"
            assert gate.hits({"x.html": page.encode()}, known) == (), (heading, place.title)


def test_the_name_of_an_area_that_a_user_drew_is_looked_at(release: Release) -> None:
    place = dataclasses.replace(release.area, name="eigen-gebied", title="Eigen gebied: Kalverstraat 12")
    known = gate.known_texts(dataclasses.replace(release, area=place))
    assert gate.hits({"x.html": f"<p>{place.title}</p>".encode()}, known)
