"""What a factsheet says: every sentence is in the manifest, and every number in it is found again in the tables."""

import csv
import io
import json
import re

import numpy as np
import pikepdf
import pytest

from geoanalyse.layer import Theme
from geoanalyse.products import factsheet, kaart, signaallijst, verantwoording
from geoanalyse.products.factsheet import subjects
from geoanalyse.products.kaartmodel import HOTSPOTS
from geoanalyse.products.labels import printable
from geoanalyse.products.measured import Measured
from geoanalyse.products.sentence import Figure
from geoanalyse.release import Release
from geoanalyse.stats import TESTED
from tests.sample import sample_release
from tests.test_factsheet import content_of, elements, of_every_kind, pages, squeezed


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release(cells=300)


NUMBER = re.compile(r"(?<![\w.,])\d[\d.,]*(?<![.,])(?!\w)")
SMALL = ["één", "geen", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf"]


def names(release: Release) -> list[str]:
    """Proper names that may hold a digit, the longest first."""
    regions = release.geography.regions
    found = [*regions.names, *regions.codes, *(layer.title for layer in release.layers)]
    found += [release.digest, release.zones_version, release.key_mark, release.area.source]
    found += [signal.id for signal in release.signals]
    return sorted(found, key=len, reverse=True)


def without_names(text: str, known: list[str]) -> str:
    """Take the names that hold a digit out of a text."""
    for name in known:
        if any(sign.isdigit() for sign in name):
            text = text.replace(name, " ")
    return text


@pytest.mark.parametrize("which", range(4))
def test_every_sentence_on_paper_stands_in_the_manifest_and_every_number_in_it_has_a_figure(
    release: Release, which: int
) -> None:
    subject = of_every_kind(release)[which]
    made = factsheet.content(release, subject)
    name = factsheet.name_of(subject)
    pdf = factsheet.pdf(made)
    told = verantwoording.manifest(release, {}, versions={}, measured=Measured(), said={name: factsheet.said(made)})
    listed = json.loads(told)["zinnen"][name]
    text = squeezed(" ".join(pages(pdf)) + " ".join(alternatives(pdf)))
    known, fixed = names(release), constants()
    told_of_rest = f"Nog {len(made['tabel']['rijen'])}"
    for entry in listed:
        assert squeezed(printable(entry["tekst"])) in text or told_of_rest in entry["tekst"], entry["tekst"]
        if entry.get("overgenomen"):
            continue
        rest = entry["tekst"]
        figures = sorted(entry.get("cijfers", []), key=lambda figure: not isinstance(figure["waarde"], str))
        for figure in figures:
            if not isinstance(figure["waarde"], str):  # days and marks go first: they are made of digits
                rest = without_names(rest, known)
            rest, times = re.subn(rf"(?<!\w){re.escape(figure['als'])}(?!\w)", " ", rest, count=1)
            assert times == 1, (figure, entry["tekst"])
        left = NUMBER.findall(without_names(rest, known))
        assert not left or rest.strip() in fixed or all(number in fixed_numbers(rest) for number in left), (left, rest)


def fixed_numbers(text: str) -> set[str]:
    """Numbers that define a word, and say nothing of this release."""
    return {
        number
        for words in ("1 keer", "2 keer", "1.000", "95%", "'0 tot 4'", "van 0 zegt", "ook 0 zijn", "dan 0")
        if words in text
        for number in NUMBER.findall(words)
    }


def constants() -> set[str]:
    """Sentences without a figure that another release, of other places and numbers, says in the same words."""
    other = sample_release(cells=150, seed=11, cells_around=(4.78, 52.36))
    return {
        each.text
        for subject in of_every_kind(other)
        for each in factsheet.said(factsheet.content(other, subject))
        if not each.figures
    }


def alternatives(pdf: bytes) -> list[str]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [str(element.Alt) for element in elements(document) if "/Alt" in element]


@pytest.mark.parametrize("which", range(4))
def test_every_figure_is_found_again_in_the_tables_of_the_release(release: Release, which: int) -> None:
    subject = of_every_kind(release)[which]
    looked = 0
    for sentence in factsheet.said(factsheet.content(release, subject)):
        for figure in sentence.figures:
            found = looked_up(release, figure, subject)
            if found is not None:
                looked += 1
                assert figure.value == pytest.approx(found), (figure, sentence.text)
    assert looked >= 5


def looked_up(release: Release, figure: Figure, subject: subjects.Subject) -> float | None:
    """Work a figure out from the statistics, without any code of the factsheet."""
    table = release.statistics.to_pandas()
    rows = table[(table["layer"] == figure.layer) & (table["level"] == figure.level)]
    regions = release.geography.regions
    published = release.protected.table.to_pandas()
    home = dict(zip(published["zone"], published["gebiedscode"], strict=True))
    if figure.place:
        inside = [figure.place in (zone, *regions.chain(home.get(zone, zone)).values()) for zone in rows["zone"]]
        rows = rows[np.array(inside, dtype=bool)]
    exact = rows[rows["zone"] == figure.place] if figure.place else rows
    column = {
        "verhouding": "ratio",
        "verhouding_minstens": "ratio_low",
        "verhouding_hooguit": "ratio_high",
        "plaats_minstens": "rank_low",
        "plaats_hooguit": "rank_high",
    }.get(figure.quantity)
    if column is not None:
        (value,) = exact[column]
        return float(value)
    ranked = [signal for signal in release.signals if signal.strength != "verkenning"]
    if figure.quantity == "signalen":
        own = [signal for signal in ranked if figure.layer in ("", f"thema:{signal.theme}")]
        return len(
            [signal for signal in own if not figure.place or figure.place in regions.chain(signal.region).values()]
        )
    if figure.quantity == "signalen van deze bronnen":
        codes = {layer.id for layer in subject.layers}
        return sum(
            f"thema:{signal.theme}" == figure.layer
            and bool(codes & {code.partition("-")[2] for code, _ in signal.reasons})
            for signal in ranked
        )
    return {
        "hotspots": lambda: int((rows["hotspot"] == "hotspot").sum()),
        "twee keer of hoger": lambda: int((rows["class"] >= 4).sum()),
        "met cijfer": lambda: int(rows["class"].notna().sum()) if rows["level"].iloc[0] in TESTED else None,
        "k": lambda: release.geography.zones.k,
        "adressen_erbij": lambda: release.snapped_in,
        "adressen_eraf": lambda: release.snapped_out,
    }.get(figure.quantity, lambda: None)()


def test_the_same_numbers_stand_on_map_list_and_factsheet(release: Release) -> None:
    header, columns = kaart.read_map(kaart.map_html(release))
    sheet = factsheet.said(content_of(release, Theme.DRUGS))
    hot = next(figure for each in sheet for figure in each.figures if figure.quantity == "hotspots")
    entry = next(each for each in header["layers"] if each["id"] == "thema:drugs")
    level = entry["levels"][hot.level]
    drawn = columns[level["hotspot"]]
    listed = list(csv.DictReader(io.StringIO(signaallijst.csv(release).decode("utf-8-sig")), delimiter=";"))
    count = next(figure for each in sheet for figure in each.figures if figure.quantity == "signalen")
    assert hot.value == int((drawn == HOTSPOTS.index("hotspot")).sum())
    assert count.value == sum(row["Thema"] == "drugs" and row["Sterkte"] != "verkenning" for row in listed)
