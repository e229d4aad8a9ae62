"""Factsheets: what stands in the PDF is what stands in the release; tagged, two pages, same bytes."""

import dataclasses
import io
import itertools
import re
from collections.abc import Iterator
from functools import cache

import pikepdf
import pyarrow as pa
import pyarrow.compute as pc
import pypdf
import pytest

from geoanalyse import modus
from geoanalyse.errors import ReleaseError
from geoanalyse.layer import Layer, Theme
from geoanalyse.products import dutch, factsheet, figures, typeset, verantwoording
from geoanalyse.products.factsheet import maps, notes, subjects, tables
from geoanalyse.products.factsheet.findings import findings
from geoanalyse.products.labels import printable
from geoanalyse.products.sentence import Sentence, plain
from geoanalyse.release import Release
from geoanalyse.signals import Signal
from tests.sample import sample_grondslag, sample_release
from tests.test_cutout import HOSTILE, renamed

LONG = "Burgemeester van Leeuwenhoekkwartier-Noordoostelijk Deel 1234"


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release(cells=300)


@pytest.fixture(scope="module")
def made(release: Release) -> dict[Theme, bytes]:
    return {theme: pdf_of(release, theme) for theme in Theme}


def content_of(release: Release, theme: Theme) -> dict:
    return factsheet.content(release, subjects.of_theme(release, theme))


def pdf_of(release: Release, theme: Theme) -> bytes:
    return factsheet.pdf(content_of(release, theme))


def level_of(release: Release, theme: Theme) -> str:
    return maps.map_level(release, subjects.of_theme(release, theme))


def found(release: Release, theme: Theme, level: str) -> list[str]:
    """The three findings, as text."""
    return [each.text for each in findings(release, subjects.of_theme(release, theme), level)]


def of_every_kind(release: Release) -> list[subjects.Subject]:
    """One theme, one modus operandi, two buurten."""
    own = [
        modus.Modus(
            "proef", "Bedrijf als dekmantel", Theme.LAUNDERING, ("fiu-signalen", "kvk-registraties"), "Let op 2."
        )
    ]
    return [
        subjects.of_theme(release, Theme.DRUGS),
        *subjects.modi(release, own),
        *subjects.buurten(release)[:2],
    ]


@cache
def pages(pdf: bytes) -> list[str]:
    """Text of each page, with single spaces."""
    return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def squeezed(text: str) -> str:
    """Text without spaces and hyphens: where a line or a word is broken says nothing."""
    return re.sub(r"[\s-]", "", text)


def said(text: str, pdf: bytes) -> bool:
    return squeezed(text) in squeezed(" ".join(pages(pdf)))


def with_statistics(release: Release, **columns: pa.Array) -> Release:
    table = release.statistics
    for name, values in columns.items():
        table = table.set_column(table.schema.get_field_index(name), name, values)
    return dataclasses.replace(release, statistics=table)


def without_values(release: Release) -> Release:
    count = release.statistics.num_rows
    kinds = {field.name: field.type for field in release.statistics.schema}
    numbers = [name for name in kinds if name not in ("layer", "level", "zone", "addresses", "status")]
    empty = {name: pa.nulls(count, kinds[name]) for name in numbers}
    nothing = with_statistics(release, status=pa.array(["geen_data"] * count), **empty)
    table = release.protected.table
    whole = pc.and_(pc.equal(table["start"], release.start), pc.equal(table["end"], release.end))
    return dataclasses.replace(
        nothing, signals=(), protected=dataclasses.replace(release.protected, table=table.filter(whole))
    )


# --- reading back -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", Theme)
def test_key_figures_in_the_pdf_are_sums_of_the_published_table(
    release: Release, made: dict[Theme, bytes], theme: Theme
) -> None:
    first = pages(made[theme])[0]
    for layer in figures.theme_layers(release, theme):
        total = figures.area_total(release, layer)
        rows = figures.rows(release, layer.id, total.level)
        assert total.value == sum(row["value"] or 0 for row in rows)
        assert total.low == sum(row["low"] or 0 for row in rows)
        assert squeezed(layer.title + figures.total_words(total)) in squeezed(first)
        assert dutch.significant(1000 * release.rates[layer.id], 3) in first


@pytest.mark.parametrize("theme", Theme)
def test_every_wijk_stands_in_the_table_with_its_published_values(
    release: Release, made: dict[Theme, bytes], theme: Theme
) -> None:
    level = figures.region_level(release, f"thema:{theme}")
    ranked = figures.ranking(release, f"thema:{theme}", level)
    assert ranked
    second = squeezed(pages(made[theme])[1])
    for row in ranked:
        line = row["name"] + dutch.times(row["ratio"])
        for layer in figures.theme_layers(release, theme):
            values = {each["zone"]: each for each in figures.rows(release, layer.id, level)}
            if level != "buurt" or layer.id != "pandsluitingen":
                value = values.get(row["zone"])
                if value is None:  # no unit of the layer lies mainly here
                    line += "\N{EN DASH}"
                else:
                    words = dutch.value_words(value["value"], value["status"], layer.b, value["low"], value["high"])
                    line += words.removeprefix("ongeveer ")
        assert squeezed(line) in second


@pytest.mark.parametrize("theme", Theme)
def test_findings_count_what_the_statistics_hold(release: Release, made: dict[Theme, bytes], theme: Theme) -> None:
    level = level_of(release, theme)
    where, which, advice = found(release, theme, level)
    assert all(said(finding, made[theme]) for finding in (where, which, advice))
    table = release.statistics
    composite = pc.and_(pc.equal(table["layer"], f"thema:{theme}"), pc.equal(table["level"], level))
    hot = table.filter(pc.and_(composite, pc.equal(table["hotspot"], "hotspot"))).num_rows
    assert where.startswith(f"In {dutch.plural(hot, *dutch.LEVELS[level])} ")
    signals = figures.theme_signals(release, theme)
    assert f"{len(signals)} signalen" in advice
    assert signals[0].id in advice
    assert signals[0].region_name in advice


@pytest.mark.parametrize("theme", Theme)
def test_the_finding_about_a_source_holds_for_every_region_it_counts(release: Release, theme: Theme) -> None:
    _, which, _ = found(release, theme, "zone")
    layer = next(layer for layer in release.layers if which.startswith(f"{layer.title}:"))
    inside = set(release.area.cells.tolist())
    under = release.geography.regions.under
    rows = figures.rows(release, layer.id, "wijk")
    rows = [row for row in rows if 2 * len(inside & set(under(row["zone"]).tolist())) > len(under(row["zone"]))]
    higher = [row for row in rows if row["rate_low"] > release.rates[layer.id] and row["low"]]
    assert f"in {dutch.small(len(higher))} van de {len(rows)} wijken" in which or len(higher) == len(rows)
    top = max(higher, key=lambda row: row["ratio"])
    assert release.geography.regions.name(top["zone"]) in which
    assert dutch.times(top["ratio"]) in which


def test_signals_stand_in_the_pdf_in_order_of_rank(release: Release, made: dict[Theme, bytes]) -> None:
    for theme in Theme:
        second = pages(made[theme])[1]
        signals = figures.theme_signals(release, theme)
        places = [second.index(f"{signal.id} {signal.region_name}") for signal in signals]
        assert places == sorted(places)


def test_places_drawn_by_lot_are_counted_and_not_named(release: Release, made: dict[Theme, bytes]) -> None:
    drawn = [signal for signal in release.signals if signal.strength == "verkenning"]
    assert [signal.theme for signal in drawn] == [Theme.LAUNDERING]
    assert not said(f"{drawn[0].id} {drawn[0].region_name}", made[Theme.LAUNDERING])
    assert said("Ter verkenning staat op de signaallijst ook één gelote plek.", made[Theme.LAUNDERING])
    assert not said("gelote plek", made[Theme.DRUGS])


def test_the_legal_basis_the_retention_and_the_digest_are_printed(release: Release, made: dict[Theme, bytes]) -> None:
    basis = release.grondslag
    for pdf in made.values():
        for text in (basis.decision, basis.purpose, basis.question, basis.follow_up, basis.classification):
            assert said(text, pdf), text
        for day in (basis.date, basis.retain_until, basis.valid_until, release.reference_date):
            assert said(dutch.date(day), pdf)
        assert said(release.digest, pdf)
        assert said(release.zones_version, pdf)
        assert said(dutch.period(release.start, release.end), pdf)


def test_demo_is_said_on_both_pages_and_only_then(release: Release, made: dict[Theme, bytes]) -> None:
    assert all(dutch.DEMO in page for page in pages(made[Theme.DRUGS]))
    real = dataclasses.replace(release, grondslag=sample_grondslag(demo=False))
    assert "DEMO" not in " ".join(pages(pdf_of(real, Theme.DRUGS)))


def test_the_promise_stands_on_page_two_in_one_line(release: Release, made: dict[Theme, bytes]) -> None:
    for pdf in made.values():
        assert squeezed(verantwoording.short_promise(release.geography.zones.k)) in squeezed(pages(pdf)[1])


def test_a_caveat_stands_on_both_pages_and_only_then(release: Release, made: dict[Theme, bytes]) -> None:
    told = dataclasses.replace(release, caveat="Uitgegeven zonder register, op gezag van het hoofd toezicht")
    first, second = pages(pdf_of(told, Theme.DRUGS))
    assert squeezed("Let op: Uitgegeven zonder register, op gezag van het hoofd toezicht.") in squeezed(first)
    assert squeezed("op gezag van het hoofd toezicht.") in squeezed(second)
    assert "zonder register" not in " ".join(pages(made[Theme.DRUGS]))


def test_a_public_factsheet_draws_nothing_finer_and_says_so(release: Release) -> None:
    coarse = public(release)
    for theme in coarse.themes:
        assert level_of(coarse, theme) == "res8"
        assert figures.region_level(coarse, f"thema:{theme}") == "wijk"
        content = content_of(coarse, theme)
        assert "Openbaar: niets fijner dan wijk of hexagonen van 75 hectare" in content["merken"]
        shown = [value for row in content["tabel"]["rijen"] for value in row["waarden"]]
        assert dutch.WITHHELD not in shown
        pdf = pdf_of(coarse, theme)
        assert len(pages(pdf)) == 2
        assert said("Een openbare uitgave heeft geen signaallijst.", pdf)
        assert said("Een openbare uitgave noemt geen signalen.", pdf)


def public(release: Release) -> Release:
    """The release as the public profile has it: every level finer than res 8 suppressed, and no signal there."""
    fine = pa.array(["zone", "res9", "buurt"])
    count = release.statistics.num_rows
    kinds = {field.name: field.type for field in release.statistics.schema}
    keep = pc.invert(pc.is_in(release.statistics["level"], fine))
    columns = {
        name: pc.if_else(keep, release.statistics[name], pa.nulls(count, kinds[name])).combine_chunks()
        for name in kinds
        if name not in ("layer", "level", "zone", "addresses", "status")
    }
    status = pc.if_else(keep, release.statistics["status"], "onderdrukt").combine_chunks()
    return dataclasses.replace(with_statistics(release, status=status, **columns), profile="openbaar", signals=())


# --- a buurt ----------------------------------------------------------------------------------------------------------


def test_every_buurt_with_published_figures_has_a_factsheet_about_itself(release: Release) -> None:
    found = subjects.buurten(release)
    table = release.statistics.to_pandas()
    shown = {level: set(table["zone"][table["level"] == level]) for level in ("buurt", "wijk")}
    divided = {release.geography.regions.chain(code)["wijk"] for code in shown["buurt"]}
    assert [subject.region for subject in found] == sorted(shown["buurt"] | (shown["wijk"] - divided))
    subject = found[0]
    made = factsheet.content(release, subject)
    own = [row for row in made["tabel"]["rijen"] if row["zelf"]]
    assert [row["code"] for row in own] == [subject.region]
    first = " ".join(pages(factsheet.pdf(made))[:1])
    assert release.geography.regions.name(subject.region) in first
    assert subject.region in first


def test_key_figures_of_a_buurt_are_its_published_values(release: Release) -> None:
    for subject in subjects.buurten(release)[:3]:
        rows = {row[0]: row for row in tables.key_figures(release, subject)["rijen"]}
        for layer in release.layers:
            values = [row for row in figures.rows(release, layer.id, "buurt") if row["zone"] == subject.region]
            if not values:
                assert rows[layer.title][1] == tables.NOTHING
                continue
            (value,) = values
            words = dutch.value_words(value["value"], value["status"], layer.b, value["low"], value["high"])
            assert rows[layer.title][1] == words


def test_a_level_that_is_withheld_is_not_called_unknown(release: Release) -> None:
    subject = subjects.buurten(release)[0]
    count = release.statistics.num_rows
    kinds = {field.name: field.type for field in release.statistics.schema}
    numbers = [name for name in kinds if name not in ("layer", "level", "zone", "addresses", "status")]
    empty = {name: pa.nulls(count, kinds[name]) for name in numbers}
    for status, words in (("onderdrukt", dutch.WITHHELD), ("geen_data", dutch.NO_DATA)):
        silent = with_statistics(release, status=pa.array([status] * count), **empty)
        rows = tables.key_figures(silent, subject)["rijen"]
        assert {row[1] for row in rows} <= {words, tables.NOTHING}
        assert words in {row[1] for row in rows}


# --- the file ---------------------------------------------------------------------------------------------------------


def elements(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Every structure element, in reading order."""
    waiting = [pdf.Root.StructTreeRoot.K]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, pikepdf.Array):
            waiting = [*node, *waiting]
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            yield node
            if "/K" in node:
                waiting.insert(0, node.K)


@pytest.mark.parametrize("theme", Theme)
def test_it_is_tagged_pdf_ua_with_language_title_and_alternative_texts(
    release: Release, made: dict[Theme, bytes], theme: Theme
) -> None:
    with pikepdf.open(io.BytesIO(made[theme])) as pdf:
        assert len(pdf.pages) == 2
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "A")
            assert metadata["dc:title"] == f"Factsheet {dutch.THEMES[theme]}: {release.area.title}"
        assert str(pdf.Root.Lang).lower().startswith("nl")
        assert bool(pdf.Root.MarkInfo.Marked)
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        tags = [str(element.S) for element in elements(pdf)]
        assert tags.count("/Table") == 4
        assert tags.count("/TH") >= 15
        assert tags.count("/H1") + tags.count("/H2") >= 8
        pictures = [element for element in elements(pdf) if str(element.S) == "/Figure"]
        made = content_of(release, theme)
        drawn = [*made["kaarten"], *made["uitsneden"], made["legenda"], *made["verloop"]["grafieken"]]
        assert [str(picture.Alt) for picture in pictures] == [plain(each["alt"]) for each in drawn]
        assert all(len(str(picture.Alt)) > 40 for picture in pictures)
        for page in pdf.pages:
            width, height = (float(side) / 72 * 25.4 for side in page.mediabox[2:])
            assert (round(width), round(height)) == (210, 297)
            assert page.Tabs == "/S"


def test_its_dates_come_from_the_release_and_its_fonts_from_the_package(
    release: Release, made: dict[Theme, bytes]
) -> None:
    with pikepdf.open(io.BytesIO(made[Theme.DRUGS])) as pdf:
        day = release.reference_date.strftime("D:%Y%m%d")
        assert str(pdf.docinfo["/CreationDate"]).startswith(day)
        assert str(pdf.docinfo["/ModDate"]).startswith(day)
        fonts = {str(font.BaseFont) for page in pdf.pages for font in page.Resources.Font.values()}
    assert fonts
    assert all("SourceSansPro" in font for font in fonts)


def test_same_release_same_bytes(made: dict[Theme, bytes]) -> None:
    assert pdf_of(sample_release(cells=300), Theme.DRUGS) == made[Theme.DRUGS]


def test_a_missing_font_is_one_line_that_says_what_to_do(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typeset, "_FONT_PACKAGE", "font_that_is_not_there")
    with pytest.raises(ReleaseError, match="pip install font-source-sans-pro") as caught:
        pdf_of(release, Theme.DRUGS)
    assert "\n" not in str(caught.value)


def test_it_holds_what_pdf_a_asks_for(made: dict[Theme, bytes]) -> None:
    """No validator for PDF/A can be had from a package index; these are the rules that can be read off the file."""
    for pdf in made.values():
        assert pdf.startswith(b"%PDF-1.7")
        with pikepdf.open(io.BytesIO(pdf)) as document:
            (intent,) = document.Root.OutputIntents
            assert intent.S == "/GTS_PDFA1"
            assert "/DestOutputProfile" in intent
            assert not document.is_encrypted
            assert "/ID" in document.trailer
            assert not {"/AA", "/OpenAction", "/AcroForm"} & set(document.Root.keys())
            for each in document.objects:
                if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/FontDescriptor":
                    assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(each.keys()), "a font that is not embedded"
                if isinstance(each, pikepdf.Stream):
                    assert str(each.get("/Filter", "")) != "/LZWDecode"
                if isinstance(each, pikepdf.Dictionary) and "/Type" in each and each.Type == "/Font":
                    assert "/ToUnicode" in each or each.Subtype in ("/CIDFontType0", "/CIDFontType2", "/Type3")


def test_headings_tables_and_lists_are_nested_as_a_reader_needs_them(made: dict[Theme, bytes]) -> None:
    for pdf in made.values():
        with pikepdf.open(io.BytesIO(pdf)) as document:
            tags = [str(element.S) for element in elements(document)]
            levels = [int(tag[2:]) for tag in tags if re.fullmatch("/H[1-6]", tag)]
            assert levels[0] == 1
            assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))
            for element in elements(document):
                if str(element.S) == "/TH":
                    assert str(
                        element.A.Scope if isinstance(element.A, pikepdf.Dictionary) else element.A[0].Scope
                    ) in (
                        "/Column",
                        "/Row",
                        "/Both",
                    )


# --- bad input --------------------------------------------------------------------------------------------------------


def test_hostile_names_and_texts_are_printed_never_run(release: Release) -> None:
    basis = dataclasses.replace(
        release.grondslag, decision=HOSTILE[0], question=HOSTILE[1], purpose=HOSTILE[2], classification=HOSTILE[3]
    )
    hostile = dataclasses.replace(
        renamed(release, *HOSTILE),
        grondslag=basis,
        area=dataclasses.replace(release.area, title="#panic[x] <b> ${y} \\ \u6f22"),
    )
    pdf = pdf_of(hostile, Theme.DRUGS)
    for text in (*HOSTILE[:3], "#panic[x] <b> ${y} \\ "):
        assert said(printable(text), pdf), text


def test_a_name_of_sixty_characters_and_texts_of_a_thousand_still_fit(release: Release) -> None:
    basis = release.grondslag
    texts = dict.fromkeys(("decision", "purpose", "question", "follow_up"), "Een zin die niet ophoudt " * 40)
    long = dataclasses.replace(renamed(release, LONG), grondslag=dataclasses.replace(basis, **texts))
    pdf = pdf_of(long, Theme.DRUGS)
    assert len(pages(pdf)) == 2
    assert said(LONG, pdf)
    assert "…" in " ".join(pages(pdf))


def test_a_large_area_with_forty_signals_fits_and_says_what_is_left_out() -> None:
    large = sample_release(cells=1500)
    first = next(signal for signal in large.signals if signal.theme is Theme.DRUGS)
    many = tuple(numbered(first, rank) for rank in range(1, 41))
    pdf = pdf_of(dataclasses.replace(large, signals=many), Theme.DRUGS)
    assert len(pages(pdf)) == 2
    assert said("De signaallijst telt er 40.", pdf)
    assert "D05" in pages(pdf)[1]
    assert "D06" not in " ".join(pages(pdf))
    shown = content_of(large, Theme.DRUGS)["tabel"]["rijen"]
    assert len(shown) == len(
        figures.ranking(large, f"thema:{Theme.DRUGS}", figures.region_level(large, f"thema:{Theme.DRUGS}"))
    )


def numbered(signal: Signal, rank: int) -> Signal:
    return dataclasses.replace(signal, rank=rank, id=f"D{rank:02d}")


def test_a_table_that_is_cut_says_how_many_rows_are_left_out() -> None:
    rows = [{"naam": name, "zelf": name == "c"} for name in "abcd"]
    table = {"rijen": rows, "noot": Sentence("Noot."), "soort": ["wijk", "wijken"]}
    assert tables.first_rows(table, 4) == table
    cut = tables.first_rows(table, 2)
    assert [row["naam"] for row in cut["rijen"]] == ["a", "c"]  # the subject itself stays
    assert cut["noot"].text == "Noot. Nog 2 wijken met een lagere score: zie de kaart."
    assert cut["noot"].figures[0].value == 2


def test_texts_that_never_fit_are_an_error_and_no_third_page(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "LONGEST", 20_000)
    endless = dataclasses.replace(release.grondslag, decision="woord " * 3000)
    with pytest.raises(ReleaseError, match="past niet op de bladzijden"):
        pdf_of(dataclasses.replace(release, grondslag=endless), Theme.DRUGS)


def test_an_area_with_nothing_to_say_says_that(release: Release) -> None:
    pdf = pdf_of(without_values(release), Theme.LAUNDERING)
    assert len(pages(pdf)) == 2
    assert said("zijn in dit gebied niet getoetst", pdf)
    assert said("geen cijfers bekend", pdf)
    assert said("geen signalen", pdf)
    assert said("Voor dit thema is er geen reeks", pdf) or said("te weinig per periode", pdf)
    assert pages(pdf)[0].count(dutch.NO_DATA) >= 3
    assert not re.search(r"ongeveer \d", pages(pdf)[0])


def test_no_hot_spot_is_said_as_not_demonstrable(release: Release) -> None:
    column = release.statistics["hotspot"].to_pylist()
    cold = pa.array([None if value is None else "geen" for value in column], pa.string())
    where = found(with_statistics(release, hotspot=cold), Theme.DRUGS, "zone")[0]
    assert "nergens in dit gebied aantoonbaar" in where


# --- figures ----------------------------------------------------------------------------------------------------------


def test_a_published_zero_never_makes_a_region_higher(release: Release) -> None:
    count = release.statistics.num_rows
    zero = with_statistics(
        release, low=pa.array([0] * count, pa.int64()), rate_low=pa.array([0.9] * count, pa.float64())
    )
    assert found(zero, Theme.DRUGS, "zone")[1].startswith("Geen enkele bron")


def test_a_total_with_or_more_in_it_has_no_upper_end(release: Release) -> None:
    layer = next(layer for layer in release.layers if layer.id == "fiu-signalen")
    count = release.statistics.num_rows
    capped = with_statistics(release, high=pa.nulls(count, pa.int64()))
    total = figures.area_total(capped, layer)
    assert total.high is None
    assert figures.total_words(total).endswith("of meer")
    assert figures.comparison(total, 1.0) == "niet aantoonbaar anders"  # no upper end: never "lager"


def test_a_series_is_summed_over_regions_rounded_apart(release: Release) -> None:
    layer = next(layer for layer in release.layers if layer.id == "fiu-signalen")
    release = only_with_series(release, layer)
    series = figures.series(release, layer)
    assert series is not None
    table = release.protected.table
    chosen = pc.and_(pc.equal(table["layer"], layer.id), pc.equal(table["level"], layer.series_level))
    rows = [
        row for row in table.filter(chosen).to_pylist() if row["start"] != release.start or row["end"] != release.end
    ]
    for window in series.windows:
        parts = [row["value"] for row in rows if row["start"] == window.start and row["rounding"] == "apart"]
        if window.value is None:
            assert None in parts or len(parts) < len({row["zone"] for row in rows})
        else:
            assert window.value == sum(parts)
            assert window.low is not None
            assert window.low <= window.value <= (window.high or 0)


def only_with_series(release: Release, layer: Layer) -> Release:
    """The release as if the area were the regions that have a series of the layer."""
    table = release.protected.table
    whole = pc.and_(pc.equal(table["start"], release.start), pc.equal(table["end"], release.end))
    own = pc.and_(pc.equal(table["layer"], layer.id), pc.equal(table["level"], layer.series_level))
    with_series = table.filter(pc.and_(own, pc.invert(whole)))["zone"]
    statistics = release.statistics.filter(pc.is_in(release.statistics["zone"], with_series))
    return dataclasses.replace(release, statistics=statistics)


def test_a_series_with_or_more_in_a_part_has_no_upper_end(release: Release) -> None:
    layer = next(layer for layer in release.layers if layer.id == "fiu-signalen")
    release = only_with_series(release, layer)
    before = figures.series(release, layer)
    assert before is not None
    table = release.protected.table
    whole = pc.and_(pc.equal(table["start"], release.start), pc.equal(table["end"], release.end))
    first = pc.and_(pc.equal(table["start"], before.windows[0].start), pc.invert(whole))
    mine = pc.and_(first, pc.and_(pc.equal(table["layer"], layer.id), pc.equal(table["rounding"], "apart")))
    status = pc.if_else(mine, "cap", table["status"]).combine_chunks()
    capped = table.set_column(table.schema.get_field_index("status"), "status", status)
    told = dataclasses.replace(release, protected=dataclasses.replace(release.protected, table=capped))
    series = figures.series(told, layer)
    assert series is not None
    assert series.windows[0].high is None
    assert figures.window_words(series.windows[0]).endswith(" of meer")
    assert series.windows[1:] == before.windows[1:]


def test_a_buurt_with_or_more_is_said_as_on_the_map(release: Release) -> None:
    subject = subjects.buurten(release)[0]
    frame = release.statistics.to_pandas()
    mine = (frame["layer"] == "fiu-signalen") & (frame["zone"] == subject.region)
    frame.loc[mine, ["value", "low", "status"]] = [60, 56, "cap"]
    frame.loc[mine, "high"] = None
    capped = dataclasses.replace(
        release, statistics=pa.Table.from_pandas(frame, schema=release.statistics.schema, preserve_index=False)
    )
    rows = {row[0]: row[1] for row in tables.key_figures(capped, subject)["rijen"]}
    assert rows["FIU-signalen"] == "56 of meer"
    own = next(row for row in tables.regions(capped, subject, "zone")["rijen"] if row["zelf"])
    assert "56 of meer" in own["waarden"]


@pytest.mark.parametrize(
    ("value", "low", "high", "rate", "words"),
    [
        (30, 21, 39, 0.01, "hoger"),
        (30, 12, 48, 0.01, "niet aantoonbaar anders"),
        (0, 0, 4, 0.02, "lager"),
        (0, 0, 4, 0.0, "niet aantoonbaar anders"),
    ],
)
def test_a_total_is_compared_as_far_as_rounding_and_chance_allow(
    release: Release, value: int, low: int, high: int, rate: float, words: str
) -> None:
    assert figures.comparison(figures.Total(release.layers[0], "wijk", 3, 0, 1000, value, low, high), rate) == words


# --- readability ------------------------------------------------------------------------------------------------------


def flesch_douma(text: str) -> float:
    """Readability of Dutch: 206.84 - 0.77 syllables per 100 words - 0.93 words per sentence (Douma 1960)."""
    words = re.findall(r"[A-Za-zÀ-ÿ']+", text)
    syllables = sum(max(1, len(re.findall(r"[aeiouyáéëïöüè]+", word.lower()))) for word in words)
    sentences = max(1, len(re.findall(r"[.!?](?:\s|$)", text)))
    return 206.84 - 0.77 * (100 * syllables / len(words)) - 0.93 * len(words) / sentences


@pytest.mark.parametrize("kind", list(subjects.Kind))
def test_own_sentences_read_easily(release: Release, kind: subjects.Kind) -> None:
    worst = 200.0
    for subject in of_every_kind(release):
        if subject.kind is kind:
            said = factsheet.said(factsheet.content(release, subject))
            worst = min(worst, flesch_douma(" ".join(each.text for each in said if not each.quoted)))
    assert 60 <= worst < 200
    assert flesch_douma("De kat zit op de mat.") > 100 > flesch_douma("Ondermijningsbestrijdingsinitiatieven.")
