"""Layer files: one test visits every file; every fault of every file is named."""

import re
import shutil
from pathlib import Path

import pytest

from geoanalyse.errors import LayerError
from geoanalyse.layer import Atom, Base, Count, Layer, Theme, read_layers, shipped_folder


def shipped() -> list[Layer]:
    return list(read_layers(shipped_folder()))


def test_the_six_layers_of_the_product_ship() -> None:
    assert [layer.id for layer in shipped()] == [
        "domicilie", "fiu-signalen", "kvk-registraties", "leegstand", "mma-meldingen", "pandsluitingen",
    ]  # fmt: skip


@pytest.mark.parametrize("layer", shipped(), ids=lambda layer: layer.id)
def test_every_layer_says_what_a_reader_must_know(layer: Layer) -> None:
    for text in (
        layer.title,
        layer.description,
        layer.unit,
        layer.holder,
        layer.source,
        layer.legal_basis,
        layer.text,
        layer.bias_text,
    ):
        assert text.strip() == text
        assert len(text) > 2
    assert layer.themes
    assert all(0 < weight <= 1 for weight in layer.themes.values())
    assert layer.b in (3, 5)


def test_settings_follow_the_protection_design() -> None:
    by_id = {layer.id: layer for layer in shipped()}
    assert by_id["pandsluitingen"].atom is Atom.RES8
    assert by_id["domicilie"].atom is Atom.BUURT
    assert by_id["domicilie"].part_of == "kvk-registraties"
    assert by_id["fiu-signalen"].count is Count.AMOUNT
    assert by_id["fiu-signalen"].b >= 5 * by_id["fiu-signalen"].clamp
    assert by_id["leegstand"].base is Base.PREMISES
    assert {by_id[name].b for name in ("fiu-signalen", "mma-meldingen")} == {5}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(shipped_folder(), tmp_path / "lagen")
    return tmp_path / "lagen"


def changed(folder: Path, old: str, new: str, file: str = "fiu-signalen.toml") -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert re.search(old, text, flags=re.MULTILINE), old
    path.write_text(re.sub(old, new, text, count=1, flags=re.MULTILINE), encoding="utf-8")


FAULTS = [
    (r"^b = 5", "b = 4", "[telling] b: moet bij soort 'aantal' minstens 5 keer de klem zijn"),
    (r"^b = 5", 'b = "5"', "[telling] b: moet een geheel getal zijn"),
    (r"^b = 5", "b = true", "[telling] b: moet een geheel getal zijn"),
    (r"^b = 5", "b = 5\nkleur = 3", "[telling] onbekende sleutel 'kleur'"),
    (r"^titel = .*", "", "sleutel 'titel' ontbreekt"),
    (r"^titel = .*", 'titel = ""', "titel: moet een tekst van hoogstens 500 tekens op één regel zijn"),
    (r"^titel = .*", 'titel = "x"\nkleur = "rood"', "onbekende sleutel 'kleur'"),
    (r'^id = "fiu-signalen"', 'id = "fiu"', "id is niet gelijk aan de bestandsnaam"),
    (r'^basis = "alle"', 'basis = "cafes"', "[telling] basis: kies uit alle, woningen, bedrijven, horeca"),
    (r'^soort = "aantal"', 'soort = "adressen"\nklem = 2', "Cannot overwrite"),
    (r"^klem = 1", "klem = 0", "[telling] klem: moet minstens 1 zijn"),
    (r'^atoom = "zone"', 'atoom = "straat"', "[telling] atoom: kies uit zone, res9, res8, buurt, wijk"),
    (r'^atoom = "zone"', 'atoom = "zone"\nplafond = "geen"', "[telling] plafond_reden: ontbreekt"),
    (r'^reeks = "kwartaal"', 'reeks = "week"', "[vensters] reeks: kies uit maand, kwartaal, jaar"),
    (r"^\[dekking\]", "[dekkking]", "sectie [dekking] ontbreekt"),
    (r'^gemeenten = \["alle"\]', "gemeenten = []", "[dekking] gemeenten: moet een lijst met gemeentecodes"),
    (r"^van = .*", 'van = "2018"', "[dekking] van: moet een datum (jjjj-mm-dd) zijn"),
    (r"^van = .*", "van = 2018-01-01\ntot = 2017-01-01", "[dekking] tot: moet na van liggen"),
    (r"^witwassen = 1.0", "witwassen = 2", "[weging] witwassen: moet een getal van 0 tot en met 1 zijn"),
    (r"^witwassen = 1.0", "jeugd = 1.0", "[weging] onbekende sleutel 'jeugd'"),
    (r"^titel", "titel = = 1", "geen geldige TOML"),
    (r"^titel = .*", r'titel = "a\\nb"', "titel: moet een tekst van hoogstens 500 tekens op één regel zijn"),
    (r"^titel = .*", 'titel = "' + 501 * "a" + '"', "titel: moet een tekst van hoogstens 500 tekens op één regel zijn"),
    (
        r'^gemeenten = \["alle"\]',
        'gemeenten = ["Amsterdam"]',
        "[dekking] gemeenten: schrijf gemeentecodes zoals GM0363",
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), FAULTS)
def test_every_fault_is_named(folder: Path, old: str, new: str, message: str) -> None:
    changed(folder, old, new)
    with pytest.raises(LayerError) as error:
        read_layers(folder)
    assert any(message in fault for fault in error.value.faults), error.value.faults
    assert all(fault.startswith("fiu-signalen.toml: ") for fault in error.value.faults)


def test_every_fault_of_every_file_stands_in_one_error(folder: Path) -> None:
    changed(folder, r"^b = 5", "b = 5\nkleur = 3")
    changed(folder, r"^titel = .*", "")
    changed(folder, r'^basis = "alle"', 'basis = "x"', "domicilie.toml")
    (folder / "raar.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(LayerError) as error:
        read_layers(folder)
    assert sorted(fault.split(":")[0] for fault in error.value.faults) == [
        "domicilie.toml", "fiu-signalen.toml", "fiu-signalen.toml", "raar.toml",
    ]  # fmt: skip


def test_a_part_must_be_coarser_than_its_whole(folder: Path) -> None:
    changed(folder, r'^atoom = "buurt"', 'atoom = "zone"', "domicilie.toml")
    with pytest.raises(LayerError, match="moet buurt of wijk zijn, want deze laag is een deel van kvk-registraties"):
        read_layers(folder)


def test_a_part_of_an_unknown_layer_is_refused(folder: Path) -> None:
    (folder / "kvk-registraties.toml").unlink()
    with pytest.raises(LayerError, match="onderdeel_van 'kvk-registraties' is geen laag"):
        read_layers(folder)


def test_one_family_has_one_base(folder: Path) -> None:
    changed(folder, r"^rechtsgrond", 'familie = "fiu-signalen"\nrechtsgrond', "pandsluitingen.toml")
    with pytest.raises(LayerError, match="b verschilt van die van fiu-signalen in dezelfde familie"):
        read_layers(folder)


def test_an_unknown_layer_gets_the_list_of_those_that_are() -> None:
    with pytest.raises(LayerError, match="laag 'fiu' bestaat niet; kies uit domicilie, fiu-signalen"):
        read_layers(shipped_folder(), ["fiu"])


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="geen laagbestanden"):
        read_layers(tmp_path)


def test_both_themes_are_covered() -> None:
    assert {theme for layer in shipped() for theme in layer.themes} == set(Theme)


def test_a_whole_has_one_part_only(folder: Path) -> None:
    text = (folder / "domicilie.toml").read_text(encoding="utf-8")
    (folder / "tweede.toml").write_text(text.replace('"domicilie"', '"tweede"', 1), encoding="utf-8")
    with pytest.raises(
        LayerError, match=r"tweede\.toml: onderdeel_van: domicilie is ook al een deel van kvk-registraties"
    ):
        read_layers(folder)
