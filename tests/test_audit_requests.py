"""Nothing in a file may fetch, run or link: every way to do so, planted, is named."""

import io
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pikepdf
import pytest

from geoanalyse.dressing import BACKGROUNDS, Dressing
from geoanalyse.products import kaart
from geoanalyse.products.audit import Verdict, audit
from geoanalyse.products.folder import write_release
from geoanalyse.release import Release
from tests.small import small_release
from tests.spoiled import in_map, in_package, in_part, in_text, in_workbook
from tests.test_audit_agreement import TODAY

Plant = Callable[[Path], None]


@pytest.fixture(scope="module")
def release() -> Release:
    return small_release()


@pytest.fixture(scope="module")
def made(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_release(release, {}, tmp_path_factory.mktemp("uitgave")) / "deelbaar"


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "deelbaar"))


def check(path: Path, release: Release) -> Verdict:
    return audit(path, release.geography.regions, TODAY)


ELSEWHERE = "https://voorbeeld.nl/"
FETCHING = (
    f'<img src="{ELSEWHERE}a.png">',
    f'<img srcset="{ELSEWHERE}a.png 2x">',
    f'<IMG SRC="{ELSEWHERE}a.png">',
    f"<img src='{ELSEWHERE}a.png'>",
    f"<img/src={ELSEWHERE}a.png>",
    f'<image href="{ELSEWHERE}a.png">',
    f'<iframe src="{ELSEWHERE}"></iframe>',
    '<iframe srcdoc="&lt;img src=//voorbeeld.nl/a&gt;"></iframe>',
    f'<object data="{ELSEWHERE}"></object>',
    f'<embed src="{ELSEWHERE}">',
    f'<video poster="{ELSEWHERE}a.png"></video>',
    f'<audio><source src="{ELSEWHERE}a.ogg"></audio>',
    f'<link rel="stylesheet" href="{ELSEWHERE}a.css">',
    f'<link rel="preconnect" href="{ELSEWHERE}">',
    f'<link rel="icon" imagesrcset="{ELSEWHERE}a.png 1x">',
    f'<svg><use xlink:href="{ELSEWHERE}a.svg"></use></svg>',
    f'<svg><image href="{ELSEWHERE}a.svg"></image></svg>',
    f'<form action="{ELSEWHERE}"><button>ok</button></form>',
    f'<button formaction="{ELSEWHERE}">ok</button>',
    f'<a href="#kern" ping="{ELSEWHERE}">x</a>',
    f'<a href="{ELSEWHERE}">x</a>',
    '<a href="javascript:alert(1)">x</a>',
    f'<base href="{ELSEWHERE}">',
    f'<body background="{ELSEWHERE}a.png">',
    f'<p style="background:url({ELSEWHERE}a.png)">x</p>',
    f'<portal src="{ELSEWHERE}"></portal>',
    f'<table background="{ELSEWHERE}"></table>',
    f'<q cite="{ELSEWHERE}">x</q>',
    f'<math><mi href="{ELSEWHERE}">x</mi></math>',
)
RUNNING = (
    '<p onclick="alert(1)">x</p>',
    '<p ONMOUSEOVER="alert(1)">x</p>',
    '<img onerror="alert(1)" src="data:image/png;base64,AA">',
    "<script>location.href = 'https://voorbeeld.nl'</script>",
    '<script type="module">import("https://voorbeeld.nl/a.js")</script>',
    f'<script src="{ELSEWHERE}a.js"></script>',
    '<script src="data:text/javascript,alert(1)"></script>',
    "<SCRIPT>alert(1)</SCRIPT>",
    "<script>alert(1)</script >",
)
LEADING = (
    f'<meta http-equiv="refresh" content="0;url={ELSEWHERE}">',
    f'<META HTTP-EQUIV="Refresh" CONTENT="0;url={ELSEWHERE}">',
    '<meta http-equiv="set-cookie" content="a=b">',
)
STYLES = (
    f"<style>@import '{ELSEWHERE}a.css';</style>",
    f"<style>p {{ background: url({ELSEWHERE}a.png) }}</style>",
    "<style>p { background: u\\72l(//voorbeeld.nl/a.png) }</style>",
    "<style>p { background: image-set('//voorbeeld.nl/a.png' 1x) }</style>",
    f"<style>@font-face {{ font-family: a; src: url('{ELSEWHERE}a.woff') }}</style>",
    "<style>p { color: red }</style>",
)
# what a browser reads in another way than a program that only looks for tags
CONFUSING = (
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<p title='a\" onclick=alert(1)'>x</p>",
    '<noscript><p title="</noscript><script>alert(1)</script>">x</p></noscript>',
    "<textarea><script>alert(1)</script></textarea>",
    "<p\n>x</p>",
    "<?xml-stylesheet href='//voorbeeld.nl/a.css'?>",
    "1 < 2",
)


@pytest.mark.parametrize("page", ["kaart.html", "verantwoording.html"])
@pytest.mark.parametrize("planted", [*FETCHING, *RUNNING, *LEADING, *STYLES, *CONFUSING])
def test_a_page_that_does_more_than_ours_is_named(page: str, planted: str, folder: Path, release: Release) -> None:
    in_text(page, "</body>", f"{planted}\n</body>")(folder)
    found = check(folder / page, release).faults
    assert found
    assert all("\n" not in fault for fault in found)


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        (FETCHING[0], "haalt 1 keer iets op van buiten het bestand (img)"),
        (FETCHING[7], "haalt 1 keer iets op van buiten het bestand (iframe)"),
        (FETCHING[15], "een onderdeel dat iets kan ophalen of insturen (svg)"),
        (RUNNING[0], "heeft 1 keer een programma bij een onderdeel (p)"),
        (RUNNING[3], "een programma dat niet van geoanalyse"),
        (LEADING[0], "stuurt de lezer door"),
        (STYLES[0], "een opmaak die iets ophaalt"),
        (STYLES[2], "een opmaak die iets ophaalt"),
        (STYLES[5], "een opmaak die niet van geoanalyse"),
        (CONFUSING[0], "anders zijn geschreven dan geoanalyse doet"),
        ("<em>nadruk</em>", "onderdelen die een verantwoording niet heeft (em)"),
        ('<p dir="rtl">x</p>', "onderdelen die een verantwoording niet heeft (p)"),
    ],
)
def test_what_a_page_does_is_said(planted: str, said: str, folder: Path, release: Release) -> None:
    in_text("verantwoording.html", "</body>", f"{planted}\n</body>")(folder)
    assert any(said in fault for fault in check(folder / "verantwoording.html", release).faults)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("default-src ", "geen-src ", "geen regel die ophalen van internet verbiedt"),
        ("img-src data:", "img-src data: https:", "andere regels voor de browser dan geoanalyse"),
        ("Content-Security-Policy", "X-Security", "geen regel die ophalen van internet verbiedt"),
    ],
)
def test_another_policy_is_named(old: str, new: str, said: str, folder: Path, release: Release) -> None:
    for page in ("kaart.html", "verantwoording.html"):
        in_text(page, old, new)(folder)
        assert any(said in fault for fault in check(folder / page, release).faults)


def test_a_background_is_said_and_held_to_its_host(release: Release, tmp_path: Path) -> None:
    page = tmp_path / "kaart.html"
    page.write_text(kaart.map_html(release, Dressing(background=BACKGROUNDS["pdok"])), encoding="utf-8")
    sound = check(page, release)
    assert sound.faults == ()
    assert "kaart.html haalt een achtergrond op bij service.pdok.nl als de lezer die aanzet" in sound.remarks
    in_map(lambda header, _: header["background"].update(template=f"{ELSEWHERE}{{z}}/{{x}}/{{y}}.png"))(tmp_path)
    assert "kaart.html: haalt een achtergrond op bij een onbekend adres" in check(page, release).faults
    page.write_text(page.read_text(encoding="utf-8").replace("https://service.pdok.nl;", f"{ELSEWHERE};"))
    assert any("andere regels voor de browser" in fault for fault in check(page, release).faults)


def test_one_changed_sign_of_the_map_is_named(folder: Path, release: Release) -> None:
    in_text("kaart.html", "Geen persoonsgegevens", "Geen persoonsgegeven5")(folder)
    (fault,) = check(folder / "kaart.html", release).faults
    assert "is naast het gegevensblok niet de kaart die geoanalyse" in fault


def test_one_changed_sign_of_a_script_is_named(folder: Path, release: Release) -> None:
    in_text("kaart.html", '"use strict";', '"use strict" ;')(folder)
    assert any(
        "een programma dat niet van geoanalyse" in fault for fault in check(folder / "kaart.html", release).faults
    )


# --- xlsx -------------------------------------------------------------------------------------------------------------


def part(name: str, content: str) -> Plant:
    return in_workbook(lambda parts: parts.update({name: content.encode()}))


RELATIONS = "xl/_rels/workbook.xml.rels"
LINK = '<Relationship Id="rId99" Type="http://a/externalLink" Target="{}"{}/></Relationships>'
SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        (part("xl/vbaProject.bin", "<a/>"), "1 onderdelen die er niet horen"),
        (
            part("xl/externalLinks/externalLink1.xml", '<externalLink><ddeLink ddeService="cmd"/></externalLink>'),
            "er niet",
        ),
        (part("xl/connections.xml", "<connections/>"), "onderdelen die er niet horen"),
        (part("xl/drawings/drawing1.xml", "<wsDr/>"), "onderdelen die er niet horen"),
        (part("xl/embeddings/oleObject1.bin", "<a/>"), "onderdelen die er niet horen"),
        (part("xl/worksheets/_rels/sheet1.xml.rels", "<Relationships/>"), "onderdelen die er niet horen"),
        (part("customXml/item1.xml", "<a/>"), "onderdelen die er niet horen"),
        (
            in_part(RELATIONS, "</Relationships>", LINK.format("a.xlsx", ' TargetMode="External"')),
            "verwijst 1 keer naar",
        ),
        (in_part(RELATIONS, "</Relationships>", LINK.format("file:///a.xlsx", "")), "verwijst 1 keer naar"),
        (in_part(SHEET, "<v>", "<f>WEBSERVICE(&quot;a&quot;)</f><v>"), "een formule, koppeling of ander onderdeel"),
        (in_part(SHEET, "<v>", "<f>cmd|&apos; /C calc&apos;!A0</f><v>"), "een formule, koppeling of ander onderdeel"),
        (in_part(SHEET, "<pageMargins", "<hyperlinks><hyperlink ref='A1'/></hyperlinks><pageMargins"), "(hyperlink, "),
        (in_part(SHEET, '<formula1>"mono', '<formula1>INDIRECT("a")&amp;"mono'), "1 keer een keuzelijst of grens"),
        (in_part(SHEET, "<formula2>73050", "<formula2>WEBSERVICE(1)"), "1 keer een keuzelijst of grens"),
        (in_part(SHEET, "<pageMargins", "<conditionalFormatting/><pageMargins"), "(conditionalFormatting)"),
        (in_part(SHEET, "</worksheet>", "<oleObjects/></worksheet>"), "(oleObjects)"),
        (
            in_part("xl/workbook.xml", "</definedNames>", '<definedName name="a">cmd()</definedName></definedNames>'),
            "een naam die iets anders is dan een bereik",
        ),
        (
            in_part("xl/workbook.xml", "_xlnm.Print_Titles", "_xlnm.Auto_Open"),
            "een naam die iets anders is dan een bereik",
        ),
    ],
)
def test_a_workbook_that_links_or_runs_is_named(plant: Plant, said: str, folder: Path, release: Release) -> None:
    plant(folder)
    found = check(folder / "signaallijst.xlsx", release).faults
    assert any(said in fault for fault in found), found


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0"])
def test_a_csv_with_a_formula_is_named(formula: str, folder: Path, release: Release) -> None:
    in_text("signaallijst.csv", ";drugs;", f";{formula};")(folder)
    found = check(folder / "signaallijst.csv", release).faults
    assert any("als formule uitvoert" in fault for fault in found), found


# --- GeoPackage -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["CREATE VIEW a AS SELECT 1"], "1 vragen die bij het openen worden uitgevoerd (view)"),
        (["CREATE VIRTUAL TABLE a USING fts4(b)"], "een tabel die een programma is (virtual table)"),
        (["CREATE VIRTUAL TABLE rtree_a_geom USING rtree(id, a, b)"], "een tabel die een programma is"),
        (
            ["CREATE TRIGGER a AFTER INSERT ON wijken BEGIN UPDATE wijken SET buurt = 'x'; END"],
            "een opdracht die bij een wijziging wordt uitgevoerd",
        ),
        (
            ["CREATE TRIGGER rtree_a_insert AFTER INSERT ON wijken BEGIN UPDATE wijken SET buurt = 'x'; END"],
            "een opdracht die bij een wijziging wordt uitgevoerd",
        ),
        (
            ["CREATE TRIGGER rtree_a_insert AFTER INSERT ON wijken BEGIN SELECT load_extension('a'); END"],
            "een opdracht die bij een wijziging wordt uitgevoerd",
        ),
        (["CREATE TABLE a (b, c AS (b || 'x'))"], "een kolom die wordt uitgerekend"),
        (["UPDATE wijken SET wijk = 'https://voorbeeld.nl/' WHERE fid = 1"], "1 keer een koppeling"),
        ([r"UPDATE wijken SET wijk = '\\server\map' WHERE fid = 1"], "1 keer een koppeling"),
        (
            ["UPDATE layer_styles SET styleQML = replace(styleQML, 'SimpleFill', 'RasterFill')"],
            "een stijl die meer doet",
        ),
        (
            ["UPDATE layer_styles SET styleQML = replace(styleQML, '</qgis>', '<actions/></qgis>')"],
            "een stijl die meer",
        ),
        (["UPDATE layer_styles SET styleSLD = '<a/>' WHERE id = 1"], "een stijl die meer doet"),
        (["UPDATE layer_styles SET ui = '<ui/>' WHERE id = 1"], "een stijl die meer doet"),
    ],
)
def test_a_package_that_links_or_runs_is_named(
    statements: list[str], said: str, folder: Path, release: Release
) -> None:
    in_package(*statements)(folder)
    found = check(folder / "testdam.gpkg", release).faults
    assert any(said in fault for fault in found), found


def test_a_package_that_is_only_written_again_is_in_order(folder: Path, release: Release) -> None:
    in_package()(folder)
    assert check(folder / "testdam.gpkg", release).faults == ()
    with closing(sqlite3.connect(folder / "testdam.gpkg")) as database:
        assert database.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'").fetchone()[0] > 0


# --- PDF --------------------------------------------------------------------------------------------------------------


def action(**names: object) -> Callable[[pikepdf.Pdf], None]:
    def plant(document: pikepdf.Pdf) -> None:
        document.Root.OpenAction = pikepdf.Dictionary(**names)

    return plant


def link(document: pikepdf.Pdf) -> None:
    document.pages[0].Annots = pikepdf.Array(
        [
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Link,
                Rect=[0, 0, 9, 9],
                A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String(ELSEWHERE)),
            )
        ]
    )


def attachment(document: pikepdf.Pdf) -> None:
    document.attachments["a.txt"] = b"tekst"


def stream_elsewhere(document: pikepdf.Pdf) -> None:
    document.Root.Elders = document.make_indirect(pikepdf.Stream(document, b"", F=pikepdf.String(ELSEWHERE)))


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    "plant",
    [
        link,
        attachment,
        stream_elsewhere,
        action(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)")),
        action(S=pikepdf.Name.Launch, F=pikepdf.String("a.exe")),
        action(S=pikepdf.Name.SubmitForm, F=pikepdf.String(ELSEWHERE)),
        action(S=pikepdf.Name.GoToR, F=pikepdf.String("a.pdf")),
        action(S=pikepdf.Name.Named, N=pikepdf.Name.Print),
    ],
)
def test_a_factsheet_that_links_or_runs_is_named(
    packed: bool,  # noqa: FBT001 - both
    plant: Callable[[pikepdf.Pdf], None],
    folder: Path,
    release: Release,
) -> None:
    path = folder / "factsheet-drugs.pdf"
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(path.read_bytes())) as document:
        plant(document)
        mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
        document.save(target, object_stream_mode=mode)
    path.write_bytes(target.getvalue())
    found = check(path, release).faults
    assert any("een onderdeel dat hier niet hoort" in fault for fault in found), found
