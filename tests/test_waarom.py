"""Why a signal stands where it stands: the words follow from the list and the manifest, and bad folders are refused."""

import json
import re
from pathlib import Path

import pytest

from geoanalyse.errors import ReleaseError
from geoanalyse.products.folder import write_release
from geoanalyse.products.waarom import explanation, read
from geoanalyse.release import Release
from geoanalyse.routes import shipped
from tests.sample import sample_release
from tests.small import small_release


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Release, Path]:
    release = small_release()
    return release, write_release(release, {}, tmp_path_factory.mktemp("uitvoer"))


def test_every_signal_is_explained_by_the_rule_that_advised_it(written: tuple[Release, Path]) -> None:
    release, folder = written
    rows, manifest = read(folder)
    assert len({signal.strength for signal in release.signals}) > 1
    for signal in release.signals:
        lines = list(explanation(rows, manifest, signal.id))
        text = "\n".join(lines)
        assert lines[0].startswith(f"{signal.id}: {signal.region_name}, ")
        assert f"Sterkte {signal.strength}: " in text
        assert f"Betrouwbaar {signal.reliability}: " in text
        assert f"Advies {signal.route}: " in text
        for _, reason in signal.reasons:
            assert ";" not in reason
            assert f"  - {reason}" in lines
        rules = [rule.advice.rule for rule in shipped().rules]
        before = rules[: rules.index(signal.advice.rule)]
        assert re.findall(r"^  Niet '(.+?)': die vraagt .+\.$", text, re.MULTILINE) == before
        assert f"  Regel '{signal.advice.rule}' (geoanalyse-1): " in text
        ranked = [each for each in release.signals if each.theme == signal.theme and each.strength != "verkenning"]
        if signal.strength == "verkenning":
            assert "Geen rang: gelote plekken" in text
        else:
            ahead = sum(each.rank < signal.rank for each in ranked)
            stronger, higher = map(int, re.findall(r"(\d+) sterker, (\d+) even sterk", text)[0])
            assert stronger + higher == ahead
            assert f"Rang {signal.rank} van {len(ranked)}" in text


def test_a_shared_rank_is_said(tmp_path: Path) -> None:
    rows, manifest = read(write_release(sample_release(), {}, tmp_path))
    twin = [dict(row) for row in rows]
    twin[1] |= {"Thema": twin[0]["Thema"], "Rang": twin[0]["Rang"], "Sterkte": twin[0]["Sterkte"]}
    text = "\n".join(explanation(twin, manifest, twin[0]["Signaal"].lower()))
    assert f"Deelt haar rang met {twin[1]['Signaal']}." in text


def test_an_unknown_signal_is_refused(written: tuple[Release, Path]) -> None:
    with pytest.raises(ReleaseError, match="staat niet op de lijst; kies uit D01 tot "):
        list(explanation(*read(written[1]), "Q99"))


def test_a_list_that_was_changed_or_is_not_there_is_refused(written: tuple[Release, Path], tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="geen uitgave met een signaallijst"):
        read(tmp_path)
    folder = tmp_path / "deelbaar"
    folder.mkdir()
    for name in ("signaallijst.csv", "manifest.json"):
        (folder / name).write_bytes((written[1] / "deelbaar" / name).read_bytes())
    assert read(tmp_path) == read(written[1])
    (folder / "signaallijst.csv").write_bytes((folder / "signaallijst.csv").read_bytes() + b"x")
    with pytest.raises(ReleaseError, match="niet die van deze uitgave"):
        read(tmp_path)
    for content in (b"{", json.dumps({"bestanden": {}}).encode(), b"[]"):
        (folder / "manifest.json").write_bytes(content)
        with pytest.raises(ReleaseError, match="niet te lezen"):
            read(tmp_path)
