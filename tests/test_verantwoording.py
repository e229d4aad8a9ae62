"""The account a reader gets: it says what the release says, what was measured, and what is not promised."""

import base64
import dataclasses
import hashlib
import io
import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pypdf
import pytest
from axe_playwright_python.sync_playwright import Axe

import geoanalyse
from geoanalyse import published
from geoanalyse.layer import Layer
from geoanalyse.products import dutch, gate, measured, verantwoording
from geoanalyse.products import verantwoordingspagina as page_of
from geoanalyse.products.measured import Accuracy, Attack, Measured
from geoanalyse.release import Release
from tests.browser_fixtures import Open
from tests.sample import sample_release
from tests.test_cutout import HOSTILE
from tests.test_factsheet import flesch_douma

DOCS = Path(__file__).parents[1] / "docs"
CAVEAT = "Het register van eerdere uitgaven was weg. Uitgegeven op gezag van het hoofd informatiebeveiliging."
ATTACK: Attack = {
    "versie": "9.8.7",
    "proef": "Een verzonnen stad voor deze test",
    "kleinste_groep": 11,
    "aandeel_exact": 0.00125,
    "smalste_interval": 3,
    "toetsen": [
        {"toets": "T1", "wat": "een kleine groep afzonderen", "uitkomst": "de kleinste telde 11", "geslaagd": True},
        {"toets": "T10", "wat": "alle andere zones kennen", "uitkomst": "6 van de 100 gevonden", "geslaagd": False},
    ],
    "ingezette_fouten": {"geplant": 17, "gevangen": 16},
}
ACCURACY: Accuracy = {
    "versie": "9.8.7",
    "proef": "Een verzonnen stad voor deze test.",
    "regels": [{"wat": "totaal van een buurt", "uitkomst": "4,5 adressen"}],
}
FIGURES = Measured(ATTACK, ACCURACY)


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release()


@pytest.fixture(scope="module")
def page(release: Release) -> str:
    return page_of.verantwoording_html(release, FIGURES)


def words(page: str) -> str:
    """Text of a page as a reader sees it, with single spaces."""
    body = re.sub(r"<style>.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(body).split())


def section(page: str, name: str) -> str:
    return words(page.split(f'<section id="{name}"', 1)[1].split("</section>", 1)[0].partition(">")[2])


# --- what it says -----------------------------------------------------------------------------------------------------


def test_every_layer_stands_with_its_source_and_legal_basis(release: Release, page: str) -> None:
    text = section(page, "invoer")
    for layer in release.layers:
        for said in (layer.title, layer.description, f"{layer.holder}: {layer.source}", layer.legal_basis):
            assert said in text, said
        assert f"Afgerond op veelvouden van {layer.b}, per {dutch.LEVELS[layer.atom][0]} of groter" in text


def test_the_decision_and_its_dates_stand_on_it(release: Release, page: str) -> None:
    basis, text = release.grondslag, section(page, "grondslag")
    for said in (basis.decision, basis.purpose, basis.question, basis.follow_up, basis.classification):
        assert said in text, said
    assert f"{dutch.date(basis.date)}" in text
    assert f"Bewaren tot en met {dutch.date(basis.retain_until)}" in words(page)
    assert dutch.date(basis.retain_until) in section(page, "bewaren")


def test_where_a_source_looks_is_said_with_names(release: Release) -> None:
    def covering(layer: Layer, gemeenten: set[str]) -> Layer:
        return dataclasses.replace(layer, coverage=dataclasses.replace(layer.coverage, gemeenten=frozenset(gemeenten)))

    first, *others = release.layers
    some = dataclasses.replace(release, layers=(covering(first, {"GM0363", "GM0384"}), *others))
    text = section(page_of.verantwoording_html(some, FIGURES), "invoer")
    assert "in Amsterdam en Diemen, sinds 1 januari 2015" in text
    assert "in alle gemeenten, sinds 1 januari 2015" in text


def test_the_promise_and_every_limit_stand_on_it(page: str) -> None:
    assert verantwoording.short_promise(10) in section(page, "kern")
    attacker, limits = section(page, "aanvaller"), section(page, "grenzen")
    for text in verantwoording.promise(10):
        name, _, rest = text.partition(": ")
        assert f"{name} {rest.rstrip('.')}" in attacker
    for limit in verantwoording.LIMITS:
        assert limit in limits


def test_it_says_which_release_it_belongs_to_and_no_versions_of_packages(release: Release, page: str) -> None:
    text = section(page, "kenmerken")
    for said in (release.digest, release.zones_version, release.key_mark, geoanalyse.__version__):
        assert said in text
    assert dutch.PROFILES[release.profile] in text
    assert "numpy" not in page


def test_addresses_that_came_with_a_whole_zone_are_counted(release: Release, page: str) -> None:
    assert "12 adressen van buiten tellen mee, 3 adressen van binnen niet" in section(page, "invoer")
    whole = dataclasses.replace(release, snapped_in=0, snapped_out=0)
    assert "er kwam geen adres bij en er viel geen adres af" in words(page_of.verantwoording_html(whole, FIGURES))


def test_demo_and_caveat_are_said_and_only_then(page: str) -> None:
    assert dutch.DEMO in words(page)
    assert CAVEAT not in words(page)
    real = dataclasses.replace(sample_release(demo=False), caveat=CAVEAT)
    told = words(page_of.verantwoording_html(real, FIGURES))
    assert "DEMO" not in told
    assert f"Let op. {CAVEAT}" in told


def test_every_profile_has_words_of_its_own(release: Release) -> None:
    assert set(published.PROFILES) <= set(dutch.PROFILES)
    pages = {
        profile: words(page_of.verantwoording_html(dataclasses.replace(release, profile=profile), FIGURES))
        for profile in dutch.PROFILES
    }
    for profile, text in pages.items():
        assert dutch.PROFILES[profile] in text
    assert "geen enkele zone iets extra's" in pages["casustafel"]
    assert "Eigen totalen en een verloop in de tijd zijn er niet" in pages["streng"]
    assert "niets in dat fijner is dan een wijk of een hexagon van 75 hectare" in pages["openbaar"]
    assert "per zone of groter" not in pages["openbaar"]


def test_a_clamp_and_a_missing_cap_are_said(release: Release) -> None:
    first, *others = release.layers
    changed = dataclasses.replace(first, clamp=4, capped=False, cap_reason="openbaar register")
    text = words(page_of.verantwoording_html(dataclasses.replace(release, layers=(changed, *others)), FIGURES))
    assert "Bij FIU-signalen (4 keer) mag een adres vaker tellen" in text
    assert "zonder plafond: openbaar register" in text


# --- what was measured ------------------------------------------------------------------------------------------------


def test_the_measured_figures_stand_on_it(page: str) -> None:
    short, attacker, accuracy = section(page, "kern"), section(page, "aanvaller"), section(page, "nauwkeurig")
    assert "11 adressen telt de kleinste groep" in short
    assert "0,12% van de kleine aantallen" in short
    assert "3 adressen liggen het laagste en het hoogste" in short
    assert "Een verzonnen stad voor deze test. Gemeten met versie 9.8.7." in attacker
    assert "T1 een kleine groep afzonderen de kleinste telde 11 ja" in attacker
    assert "totaal van een buurt 4,5 adressen" in accuracy


def test_a_test_that_failed_is_said_to_have_failed(page: str) -> None:
    text = section(page, "aanvaller")
    assert "T10 alle andere zones kennen 6 van de 100 gevonden nee" in text
    assert "zijn er met opzet 17 fouten gemaakt. Hij vond er 16." in text
    caught: Attack = {**ATTACK, "ingezette_fouten": {"geplant": 17, "gevangen": 17}}
    assert page_of.content(sample_release(), Measured(caught))["aanval_tanden"].endswith("Hij vond ze allemaal.")


def test_what_is_not_measured_is_said_and_no_figure_is_made_up(release: Release) -> None:
    page = page_of.verantwoording_html(release, Measured())
    for name in ("kern", "aanvaller", "nauwkeurig"):
        assert page_of.NOT_MEASURED in section(page, name)
    assert "<table" not in page
    assert "kerncijfers" not in page.split("</style>")[1]


def test_figures_are_read_from_their_files_and_may_be_absent(tmp_path: Path) -> None:
    assert measured.read(tmp_path) == Measured(None, None)
    (tmp_path / "aanval.json").write_text(json.dumps(ATTACK), encoding="utf-8")
    assert measured.read(tmp_path) == Measured(ATTACK, None)
    (tmp_path / "nauwkeurigheid.json").write_text(json.dumps(ACCURACY), encoding="utf-8")
    assert measured.read(tmp_path) == FIGURES


def same_shape(one: object, other: object) -> bool:
    """Whether two JSON values have the same keys and kinds; of a list the first entry counts for all."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_shape(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return bool(one) and all(same_shape(each, other[0]) for each in one)
    return type(one) is type(other)


@pytest.mark.parametrize("name", ["attack", "accuracy"])
def test_shipped_figures_have_the_form_and_the_version_of_the_package(name: str) -> None:
    shipped = getattr(measured.shipped(), name)
    if shipped is None:
        pytest.skip("deze cijfers zijn nog niet gemeten")
    assert same_shape(shipped, getattr(FIGURES, name))
    assert shipped["versie"] == geoanalyse.__version__


# --- the documents say the same ---------------------------------------------------------------------------------------


def attack_block(attack: Attack) -> str:
    planted = attack["ingezette_fouten"]
    rows = [
        f"| {test['toets']} | {test['wat']} | {test['uitkomst']} | {'yes' if test['geslaagd'] else 'NO'} |"
        for test in attack["toetsen"]
    ]
    return "\n".join(
        [
            f"{dutch.stop(attack['proef'])} Version {attack['versie']}.",
            "",
            f"- Smallest isolated set: {attack['kleinste_groep']} addresses.",
            f"- Small counts known exactly: {dutch.significant(100 * attack['aandeel_exact'])}%.",
            f"- Smallest interval width: {attack['smalste_interval']}.",
            f"- Planted faults caught: {planted['gevangen']} of {planted['geplant']}.",
            "",
            "| test | what the attacker tries | outcome | promise kept |",
            "| --- | --- | --- | --- |",
            *rows,
        ]
    )


def accuracy_block(accuracy: Accuracy) -> str:
    rows = [f"| {line['wat']} | {line['uitkomst']} |" for line in accuracy["regels"]]
    proef = f"{dutch.stop(accuracy['proef'])} Version {accuracy['versie']}."
    return "\n".join([proef, "", "| what | outcome |", "| --- | --- |", *rows])


def short_block(attack: Attack) -> str:
    planted = attack["ingezette_fouten"]
    return "\n".join(
        [
            f"- De kleinste groep die hij kon afzonderen telde {attack['kleinste_groep']} adressen.",
            f"- Kleine aantallen die hij precies vond: {dutch.significant(100 * attack['aandeel_exact'])}%.",
            f"- Laagste en hoogste mogelijke aantal lagen minstens {attack['smalste_interval']} uit elkaar.",
            f"- Fouten die met opzet waren gemaakt en die hij vond: {planted['gevangen']} van {planted['geplant']}.",
            "",
            f"{dutch.stop(attack['proef'])} Gemeten met versie {attack['versie']}.",
        ]
    )


Blocks = dict[tuple[str, str], str]


def blocks_of(figures: Measured) -> Blocks:
    """What must stand between the marks in each document."""
    attack, accuracy = figures.attack, figures.accuracy
    none, nog = "Not measured yet for this version.", "Nog niet gemeten voor deze versie."
    return {
        ("privacy.md", "aanval.json"): attack_block(attack) if attack else none,
        ("privacy.md", "nauwkeurigheid.json"): accuracy_block(accuracy) if accuracy else none,
        ("privacy-voor-de-fg.md", "kern van aanval.json"): short_block(attack) if attack else nog,
    }


def block_in(page: str, name: str) -> str:
    return page.split(f"<!-- {name} -->\n", 1)[1].split("\n<!-- einde -->", 1)[0]


@pytest.mark.parametrize(("file", "name"), blocks_of(Measured()))
def test_the_figures_in_the_documents_are_those_that_were_measured(file: str, name: str) -> None:
    expected = blocks_of(measured.shipped())[file, name]
    assert block_in((DOCS / file).read_text(encoding="utf-8"), name) == expected, f"\n{expected}\n"


def test_another_figure_makes_another_block() -> None:
    before = blocks_of(FIGURES)
    attack: Attack = {**ATTACK, "kleinste_groep": 4, "toetsen": ATTACK["toetsen"][:1]}
    accuracy: Accuracy = {**ACCURACY, "regels": []}
    after = blocks_of(Measured(attack, accuracy))
    assert [key for key in before if before[key] == after[key]] == []


def test_every_limit_in_the_products_is_in_the_document_for_experts() -> None:
    said = (DOCS / "privacy.md").read_text(encoding="utf-8").split("\n## 6. Said aloud\n", 1)[1].split("\n## ", 1)[0]
    assert said.count("\n- ") >= len(verantwoording.LIMITS) - 2  # two of them stand in sections 3 and 4.7


def test_the_page_for_a_privacy_officer_is_two_pages_long() -> None:
    text = (DOCS / "privacy-voor-de-fg.md").read_text(encoding="utf-8")
    assert len(re.findall(r"\w+", text)) < 1300  # at 650 words a page


# --- the file ---------------------------------------------------------------------------------------------------------


def test_same_release_and_figures_same_bytes(page: str) -> None:
    assert page_of.verantwoording_html(sample_release(), Measured(ATTACK, ACCURACY)) == page


def test_there_is_no_script_and_the_one_style_is_named_by_its_hash(page: str) -> None:
    assert "<script" not in page
    assert not re.search(r"\son\w+=", page.split("</style>")[1])
    (style,) = re.findall(r"<style>(.*?)</style>", page, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    rules = unescape(policy[1])
    assert f"style-src 'sha256-{digest}'" in rules
    assert rules.startswith("default-src 'none'")
    assert "script-src" not in rules
    assert "unsafe" not in rules


def test_it_names_no_other_place(page: str) -> None:
    body = page.split("</style>")[1]
    assert not re.search(r"(?:src|href)=[\"'](?!#)", body)
    assert "url(" not in page


def test_hostile_texts_are_shown_never_run(release: Release) -> None:
    markup = "<img src=x onerror=alert(1)>{{ 7 * 7 }}{% raw %}</style><script>alert(1)</script>"
    for text in (*HOSTILE, markup):
        first, *others = release.layers
        hostile = dataclasses.replace(
            release,
            area=dataclasses.replace(release.area, title=text),
            layers=(dataclasses.replace(first, title=text, source=text, legal_basis=text, bias_text=text), *others),
            grondslag=dataclasses.replace(release.grondslag, decision=text, purpose=text, classification=text),
            caveat=text,
        )
        page = page_of.verantwoording_html(hostile, FIGURES)
        assert page.count("<style>") == page.count("</style>") == 1
        assert "<img" not in page
        assert "<script" not in page
        assert unescape(page).count(text) >= 6


def test_it_passes_the_gate_for_person_data(release: Release, page: str) -> None:
    gate.check_files(release, {"verantwoording.html": page.encode()})


# --- how it reads -----------------------------------------------------------------------------------------------------


def fixed_texts(content: dict[str, object]) -> list[str]:
    """The texts that we wrote ourselves, without names and words of the release."""
    named: Callable[[str], list[str]] = lambda key: [text for pair in content[key] for text in pair]  # noqa: E731
    steps = [text for _, text in content["stappen"]]
    return [
        *(str(content[key]) for key in ("inleiding", "belofte_kort", "aanval_tanden", "bewaartekst", "controle")),
        *steps,
        *content["grenzen"],
        *named("conclusies"),
        *(f"{dutch.sentence(text)}" for _, text in content["belofte"]),
    ]


@pytest.mark.parametrize("profile", ["casustafel", "streng", "openbaar"])
def test_own_sentences_read_easily(release: Release, profile: str) -> None:
    content = page_of.content(dataclasses.replace(release, profile=profile), FIGURES)
    own = fixed_texts(content)
    assert len(own) > 25
    score = flesch_douma(" ".join(own))
    assert score >= 60, score


@pytest.mark.parametrize("width", [1366, 390, 320])
@pytest.mark.parametrize("figures", [FIGURES, Measured()], ids=["gemeten", "ongemeten"])
def test_it_opens_offline_without_a_complaint_and_fits(
    chromium: Open, release: Release, figures: Measured, width: int
) -> None:
    told = dataclasses.replace(release, caveat=CAVEAT)
    visit = chromium(page_of.verantwoording_html(told, figures), width=width, height=800)
    assert len(visit.requests) == 1
    assert visit.problems == []
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(visit.page).response["violations"]
    assert [(each["id"], [node["html"][:100] for node in each["nodes"]]) for each in found] == []


def test_every_heading_of_the_contents_leads_to_its_section(chromium: Open, page: str) -> None:
    visit = chromium(page)
    links = visit.page.locator("nav a")
    assert links.count() == visit.page.locator("main > section").count()
    for link in links.all():
        name = link.get_attribute("href")
        assert visit.page.locator(f"main > section{name}").count() == 1


def test_it_prints_on_a4_with_its_number_and_demo_on_every_page(chromium: Open, page: str) -> None:
    visit = chromium(page)
    pdf = pypdf.PdfReader(io.BytesIO(visit.page.pdf(prefer_css_page_size=True)))
    assert 3 <= len(pdf.pages) <= 6
    for number, sheet in enumerate(pdf.pages, start=1):
        width, height = (float(side) / 72 * 25.4 for side in (sheet.mediabox.width, sheet.mediabox.height))
        assert (round(width), round(height)) == (210, 297)
        text = " ".join(sheet.extract_text().split())
        assert dutch.DEMO in text
        assert f"{number} van {len(pdf.pages)}" in text
