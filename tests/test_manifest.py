"""manifest.json: the account of a release, from nothing but the release."""

import dataclasses
import hashlib
import json
from pathlib import Path

import pytest

from geoanalyse.products import verantwoording
from geoanalyse.products.measured import Measured
from geoanalyse.release import Release
from tests.sample import sample_release
from tests.test_verantwoording import FIGURES

FILES = {"kaart.html": b"<html>", "signaallijst.csv": b"a;b\r\n"}
VERSIONS = {"h3": "4.3.0"}


@pytest.fixture(scope="module")
def release() -> Release:
    return sample_release()


def parsed(release: Release) -> dict[str, object]:
    return json.loads(verantwoording.manifest(release, FILES, versions=VERSIONS, measured=FIGURES))


def test_it_names_every_file_with_its_digest(release: Release) -> None:
    files = parsed(release)["bestanden"]
    assert files == {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()} for name, content in FILES.items()
    }


def test_it_says_what_was_analysed_and_why(release: Release) -> None:
    content = parsed(release)
    assert content["gebied"]["titel"] == "Voorbeeld Zuidoost"
    assert content["gebied"]["adressen_erbij"] == 12
    assert content["gebied"]["adressen_eraf"] == 3
    assert content["periode"] == {"van": "2024-01-01", "tot": "2026-01-01"}
    assert content["peildatum"] == "2026-01-01"
    assert content["grondslag"]["besluit"] == release.grondslag.decision
    assert content["kenmerk"] == release.digest
    assert content["pakketten"] == VERSIONS
    assert content["seed"] == release.seed
    assert [layer["id"] for layer in content["lagen"]] == ["fiu-signalen", "kvk-registraties", "pandsluitingen"]
    assert content["lagen"][2]["grondslag"] == "artikel 13b Opiumwet"


def test_it_says_what_is_promised_and_what_is_not(release: Release) -> None:
    protection = parsed(release)["bescherming"]
    assert protection["k"] == 10
    assert protection["profiel"] == "casustafel"
    assert [text[:2] for text in protection["belofte"]] == ["G1", "G2", "G3"]
    assert len(protection["grenzen"]) == len(verantwoording.LIMITS)


def test_the_measured_figures_stand_in_it_as_they_were_measured(release: Release) -> None:
    content = parsed(release)
    assert content["bescherming"]["aanval"] == FIGURES.attack
    assert content["nauwkeurigheid"] == FIGURES.accuracy


def test_what_was_not_measured_is_null_and_not_left_out(release: Release) -> None:
    content = json.loads(verantwoording.manifest(release, FILES, versions=VERSIONS, measured=Measured()))
    assert content["nauwkeurigheid"] is None
    assert content["bescherming"]["aanval"] is None


def test_a_caveat_stands_in_it(release: Release) -> None:
    assert parsed(release)["bescherming"]["voorbehoud"] is None
    told = dataclasses.replace(release, caveat="Uitgegeven zonder register.")
    assert parsed(told)["bescherming"]["voorbehoud"] == "Uitgegeven zonder register."


def test_it_counts_the_published_rows(release: Release) -> None:
    table = parsed(release)["tabel"]
    assert table["rijen"] == release.protected.table.num_rows
    assert sum(sum(counts.values()) for counts in table["rijen_per_status"].values()) == table["rijen"]
    assert table["rijen_per_status"]["pandsluitingen"]["onderdrukt"] > 0


def test_another_layer_definition_has_another_digest(release: Release) -> None:
    first, *others = release.layers
    changed = dataclasses.replace(release, layers=(dataclasses.replace(first, clamp=2), *others))
    before, after = ([layer["definitie_sha256"] for layer in parsed(each)["lagen"]] for each in (release, changed))
    assert before[0] != after[0]
    assert before[1:] == after[1:]


def test_demo_is_said_at_the_top_level_and_only_for_demo(release: Release) -> None:
    assert parsed(release)["let_op"] == "DEMO: verzonnen gegevens"
    assert "let_op" not in parsed(sample_release(demo=False))


def test_keys_are_sorted_and_bytes_repeat(release: Release) -> None:
    content = verantwoording.manifest(release, FILES, versions=VERSIONS, measured=FIGURES)
    backwards = dict(reversed(FILES.items()))
    assert content == verantwoording.manifest(sample_release(), backwards, versions=VERSIONS, measured=FIGURES)
    assert content == json.dumps(json.loads(content), ensure_ascii=False, sort_keys=True, indent=2).encode() + b"\n"


def test_versions_are_those_installed() -> None:
    versions = verantwoording.package_versions()
    assert set(versions) == set(verantwoording.PACKAGES)
    assert all(version[0].isdigit() for version in versions.values())


def test_the_schema_page_names_every_key(release: Release) -> None:
    page = (Path(__file__).parents[1] / "docs" / "schema.md").read_text(encoding="utf-8")
    for key in parsed(release):
        assert f"`{key}`" in page, key


def test_what_has_no_form_in_json_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        verantwoording.canonical_json({"a": object()})
    with pytest.raises(ValueError, match="JSON"):
        verantwoording.canonical_json({"a": float("nan")})
