"""What earlier signals led to, in the next release: counted per area, protected, in words, and checked."""

import csv
import dataclasses
import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoanalyse import cli, protection
from geoanalyse.area import find
from geoanalyse.followup import totals
from geoanalyse.followup.history import Answer
from geoanalyse.followup.issued import Listed
from geoanalyse.followup.totals import ENOUGH, Totals
from geoanalyse.geography import shipped_regions
from geoanalyse.products import opgevolgd
from geoanalyse.published import STAGES, FollowedUp
from geoanalyse.rounding import DISPLACEMENT
from tests.handed_out import rows_of, write_xlsx
from tests.sample import sample_release

SECRET = b"geheim" * 6
HIT, MISS = Answer("afgerond", outcome="leidde tot iets: strafrecht"), Answer("afgerond", outcome="niets gevonden")


def listed(number: int, codes: tuple[str, ...] = ("HOOG-leegstand",), region: str = "BU0363TC03") -> Listed:
    day = dt.date(2026, 1, 1)
    return Listed("f" * 64, f"D{number:02d}", "drugs", "mono", "licht", codes, region, "buurt", day, demo=False)


def told(*answers: Answer | None) -> dict[tuple[str, str], Answer]:
    return {("f" * 64, f"D{number:02d}"): each for number, each in enumerate(answers) if each is not None}


def test_every_stage_counts_the_signals_that_reached_it() -> None:
    answers = told(HIT, MISS, Answer("in behandeling"), Answer("niet opgevolgd", reason="geen capaciteit"), None)
    assert totals.count([listed(number) for number in range(5)], answers) == Totals(5, 4, 3, 2, 1, ())


def test_a_reason_is_named_only_after_enough_signals_that_led_to_nothing() -> None:
    signals = [
        listed(number, ("HOOG-leegstand", "SAMENLOOP") if number < 3 else ("HOOG-leegstand",)) for number in range(20)
    ]
    none = told(*[MISS] * ENOUGH)
    assert totals.count(signals, none).never == ("HOOG-leegstand",)  # three are too few for the other
    assert totals.count(signals, told(*[MISS] * (ENOUGH - 1))).never == ()
    assert totals.count(signals, none | told(*[MISS] * ENOUGH, HIT)).never == ()


@given(st.lists(st.integers(0, 500), min_size=5, max_size=5), st.binary(min_size=32, max_size=32))
def test_what_is_published_leaves_the_exact_count_possible(counts: list[int], secret: bytes) -> None:
    found = protection.follow_up(counts, ("HOOG-leegstand",), ["BU0363TC03"], secret)
    assert (found is None) == (counts[0] < protection.MIN_SIGNALS)
    if found is None:
        return
    assert list(found.totals) == list(STAGES)
    assert found.never == (("HOOG-leegstand",) if found.totals["leidde_tot_iets"][1] > 0 else ())
    for exact, (value, low, high) in zip(counts, found.totals.values(), strict=True):
        assert value % protection.REGION_BASE == 0
        assert low <= exact <= high
        assert high - low >= min(value, protection.REGION_BASE - 1 + DISPLACEMENT)


def test_a_threshold_never_changes_and_is_another_in_another_area() -> None:
    def one(*codes: str) -> list[FollowedUp]:
        found = [protection.follow_up([count] * 5, (), codes, SECRET) for count in range(30, 80)]
        return [each for each in found if each is not None]

    assert one("BU1", "BU2") == one("BU2", "BU1")  # whatever the area is called
    assert one("BU1", "BU2") != one("BU1")
    values = np.array([[each[0] for each in found.totals.values()] for found in one("BU1", "BU2")])
    assert (np.diff(values, axis=0) >= 0).all()  # more never reads as less
    assert len({tuple(column) for column in values.T}) > 1  # each stage has its own threshold


def test_signals_count_in_the_areas_they_mainly_lie_in() -> None:
    regions = shipped_regions()
    for name, expected in (
        ("zuidoost", {"BU0363TC03", "WK0363TC"}),
        ("diemen", set()),
        ("amsterdam", {"BU0363TC03", "WK0363TC", "GM0363"}),
    ):
        inside = set(totals._inside(find(name, regions), regions))
        assert inside & {"BU0363TC03", "WK0363TC", "GM0363"} == expected, name


def test_the_words_give_intervals_and_name_the_layer() -> None:
    release = sample_release()
    assert opgevolgd.sentences(release) == []
    counts = dict.fromkeys(STAGES, (20, 9, 31)) | {"leidde_tot_iets": (0, 0, 11)}
    said = opgevolgd.sentences(
        dataclasses.replace(release, followed=FollowedUp(counts, ("HOOG-fiu-signalen", "SAMENLOOP")))
    )
    assert said[0].startswith(
        "Eerdere signalen van lijsten waarvan iets terugkwam, van buurten die vooral in dit gebied liggen: "
        "ongeveer 20 (9 tot 31). "
    )
    assert "Leidde tot iets: 0 tot 11. Elk aantal is apart afgerond." in said[0]
    assert said[1] == "Leidde tot nu toe nooit tot iets: hoog cijfer (FIU-signalen) en meer lagen op één plek."


def test_the_whole_round_on_the_demo(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], libreoffice: Callable[..., Path]
) -> None:
    """Build, hand out, fill in, save with LibreOffice, read back, count, and build again."""

    def run(*words: object) -> tuple[int, str]:
        with pytest.raises(SystemExit) as left:
            cli.main([str(word) for word in words])
        shown = capsys.readouterr()
        return int(left.value.code or 0), shown.out + shown.err

    out = tmp_path / "uit"
    layers = ("--lagen", "fiu-signalen,kvk-registraties,mma-meldingen")
    build = ("build", "--gebied", "zuidoost", "--top", "9", *layers, "--uit", out, "--stil")
    assert run(*build) == (0, "")
    (shareable,) = out.glob("*/*/deelbaar")
    first = json.loads((shareable / "manifest.json").read_text(encoding="utf-8"))
    assert first["opvolging"] is None
    mark = first["kenmerk"][:12]
    assert run("register", "noteer", mark, "--aan", "casustafel", "--uit", out)[0] == 0

    rows = rows_of(shareable)
    ranked = [row["Signaal"] for row in rows if row["Sterkte"] != "verkenning"]
    assert len(rows) >= protection.MIN_SIGNALS
    assert len(ranked) < len(rows)
    answer = {"Status": "afgerond", "Datum": "03-02-2026", "Uitkomst": "niets gevonden", "Eigenaar": "gemeente"}
    hit = answer | {"Uitkomst": "leidde tot iets: strafrecht"}
    told = {row["Signaal"]: hit if row["Signaal"] in ranked[::2] else answer for row in rows}
    book = write_xlsx(shareable, tmp_path / "terug.xlsx", told)
    saved = libreoffice(book, "xlsx", tmp_path / "opgeslagen")
    code, said = run("opvolging", "lees", saved, "--uit", out)
    assert (code, said.splitlines()[0]) == (
        0,
        f"terug.xlsx: {len(rows)} rijen, {len(rows)} ingevuld: {len(rows)} nieuw",
    )
    code, said = run("opvolging", "overzicht", "--uit", out)
    assert code == 0
    assert f"{len(ranked[::2])} van {len(ranked)}" in said

    store = out / "vertrouwelijk" / "opvolging.duckdb"
    assert run(*build, "--opvolging", store) == (0, "")
    manifest = json.loads((shareable / "manifest.json").read_text(encoding="utf-8"))
    totals_now = manifest["opvolging"]["totalen"]
    exact = dict(zip(STAGES, [len(rows)] * 4 + [len(ranked[::2])], strict=True))
    for stage, count in exact.items():
        assert totals_now[stage]["minstens"] <= count <= totals_now[stage]["hooguit"], stage
    assert manifest["kenmerk"] != first["kenmerk"]
    code, said = run("verifieer", shareable.parent)
    assert code == 0, said
    with (shareable / "signaallijst.csv").open(encoding="utf-8-sig", newline="") as file:
        assert all(row["Status"] == "" for row in csv.DictReader(file, delimiter=";"))
    high = totals_now["signalen"]["hooguit"]
    changed = (
        (shareable / "manifest.json").read_text(encoding="utf-8").replace(f'"hooguit": {high}', '"hooguit": 9999', 1)
    )
    (shareable / "manifest.json").write_text(changed, encoding="utf-8", newline="\n")
    assert "het kenmerk volgt niet" in run("verifieer", shareable.parent)[1]

    code, said = run(*build, "--opvolging", tmp_path / "niets.duckdb")
    assert (code, said.count("\n")) == (1, 1)
    assert "er is nog niets teruggelezen" in said
    code, said = run(*build, "--opvolging", store, "--profiel", "openbaar")
    assert (code, said) == (1, "Fout: --opvolging: het profiel openbaar noemt geen signalen; laat deze optie weg\n")
    code, said = run("build", "--gebied", "ganzenpoort", *layers, "--uit", out, "--stil", "--opvolging", store)
    assert (code, said) == (0, "Let op: er zijn te weinig eerdere signalen om te zeggen wat zij opleverden.\n")
