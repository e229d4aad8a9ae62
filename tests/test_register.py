"""The register: refuses what would break the promise together with earlier releases, and is whole at any moment."""

import dataclasses
import datetime as dt
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoanalyse import cli, grid, key, register, registerfile
from geoanalyse.build import Request, run
from geoanalyse.errors import ProtectionError, ReleaseError
from geoanalyse.geography import shipped_regions
from geoanalyse.layer import Atom, Coverage, Unit
from geoanalyse.publish import publish
from geoanalyse.register import Entry, Issue, Loss, Register, Span
from geoanalyse.release import Release
from tests import town

START, END = dt.date(2022, 1, 1), dt.date(2026, 1, 1)
ROOT = Path(__file__).parents[1]


LAYER = town.layer()


def entry(start: dt.date = START, end: dt.date = END, **changes: object) -> Entry:
    return register.described(dataclasses.replace(LAYER, **changes), start, end, ["zone", "buurt"])


def issue(
    *layers: Entry,
    zones: str = "z1",
    joins: tuple[str, ...] = (),
    profile: str = "casustafel",
    digest: str = "d1",
) -> Issue:
    return Issue(digest, "zuidoost", "2026-01-01", profile, zones, layers or (entry(),), joins)


def faults(new: Issue, *issued: Issue) -> list[str]:
    return register.faults(new, Register("00000000", issued))


# --- settings and windows ---------------------------------------------------------------------------------------------


def test_the_same_request_may_be_made_again() -> None:
    assert faults(issue(), issue(), issue(digest="d0")) == []


@pytest.mark.parametrize(
    ("change", "setting"),
    [
        ({"b": 10}, "b"),
        ({"atom": Atom.RES9}, "atoom"),
        ({"family": "anders"}, "familie"),
        ({"capped": False}, "plafond"),
        ({"clamp": 2}, "klem"),
        ({"base": "woningen"}, "basis"),
        ({"count": "adressen"}, "soort"),
        ({"series_level": "wijk"}, "reeks_niveau"),
        ({"series": None}, "reeks"),
        ({"part_of": "leegstand"}, "onderdeel_van"),
    ],
)
def test_a_layer_keeps_its_settings(change: dict[str, object], setting: str) -> None:
    (fault,) = faults(issue(entry(**change)), issue())
    assert f"laag fiu-signalen: {setting} verschilt van een eerdere uitgave" in fault
    assert faults(issue(entry(**change)), issue(entry(**change))) == []


def test_every_setting_that_changed_is_named() -> None:
    (fault,) = faults(issue(entry(b=10, atom=Atom.RES9)), issue())
    assert "atoom en b verschilt" in fault


def test_a_longer_cumulative_window_is_fine_and_another_start_is_not() -> None:
    assert faults(issue(entry(end=dt.date(2026, 4, 1))), issue()) == []
    assert faults(issue(entry(end=dt.date(2025, 1, 1))), issue()) == []
    (fault,) = faults(issue(entry(start=dt.date(2023, 1, 1))), issue())
    assert "hetzelfde begin" in fault


def test_a_window_may_start_after_the_end_of_those_before() -> None:
    again = entry(END, dt.date(2027, 1, 1))
    assert faults(issue(again), issue()) == []
    assert faults(issue(), issue(again)) == []
    assert faults(issue(entry(END, dt.date(2027, 4, 1))), issue(), issue(again)) == []
    (fault,) = faults(issue(entry(dt.date(2025, 12, 1), dt.date(2027, 1, 1))), issue())
    assert fault == (
        "laag fiu-signalen: de periode overlapt een eerdere uitgave die anders begint; kies met --periode hetzelfde "
        "begin als eerder (2022-01), of een begin na 2025-12"
    )


def test_what_was_issued_long_ago_still_counts() -> None:
    other = issue(entry(id="anders", family="anders"))
    (fault,) = faults(issue(entry(dt.date(2023, 1, 1))), issue(), other, other)
    assert "hetzelfde begin" in fault


def test_layers_of_one_family_are_held_to_each_other() -> None:
    other = {"id": "anders", "family": "fiu-signalen"}
    assert faults(issue(entry(**other)), issue()) == []
    assert "b verschilt van laag fiu-signalen in dezelfde familie" in faults(issue(entry(**other, b=10)), issue())[0]
    assert "hetzelfde begin" in faults(issue(entry(dt.date(2023, 1, 1), **other)), issue())[0]


def test_two_bases_of_rounding_in_one_family_are_refused_in_one_release_too() -> None:
    both = issue(entry(), entry(id="anders", family="fiu-signalen", b=10))
    assert any("b verschilt" in fault for fault in faults(both))


def test_another_family_is_not_held_to_it() -> None:
    assert faults(issue(entry(dt.date(2023, 1, 1), family="iets-anders", id="iets-anders", b=10)), issue()) == []


@pytest.mark.parametrize(
    "change",
    [
        {"period_unit": Unit.MONTH},
        {"coverage": Coverage(frozenset({"GM0363"}), dt.date(2015, 1, 1), None)},
        {"title": "Anders", "holder": "een ander", "themes": {}},
    ],
)
def test_what_changes_no_figure_may_change(change: dict[str, object]) -> None:
    assert faults(issue(entry(**change)), issue()) == []


@pytest.mark.parametrize(("first", "second"), list(itertools.product(("casustafel", "streng", "openbaar"), repeat=2)))
def test_profiles_show_one_table_so_they_go_together(first: str, second: str) -> None:
    assert faults(issue(profile=second), issue(profile=first)) == []


# --- a layer that is part of another ----------------------------------------------------------------------------------

WHOLE = entry()
PART = entry(id="deel", family="deel", part_of="fiu-signalen", atom=Atom.BUURT, series=None)


def test_a_part_may_have_the_thresholds_of_its_whole_and_its_own_levels() -> None:
    same_family = entry(id="deel", part_of="fiu-signalen", atom=Atom.BUURT, series=None, series_level="wijk")
    assert faults(issue(WHOLE, same_family), issue(WHOLE, same_family)) == []
    assert "b verschilt" in faults(issue(WHOLE, dict(same_family) | {"b": 3}))[0]


def test_a_layer_does_not_become_a_part_of_another_later() -> None:
    alone = entry(id="deel", family="deel", atom=Atom.BUURT, series=None)
    (fault,) = faults(issue(WHOLE, PART), issue(WHOLE, alone))
    assert "laag deel: onderdeel_van verschilt" in fault
    assert faults(issue(WHOLE, PART), issue(WHOLE)) == []


def test_a_whole_keeps_its_coverage_since_it_holds_its_part() -> None:
    elsewhere = entry(coverage=Coverage(frozenset({"GM0363"}), dt.date(2015, 1, 1), None))
    for new, old in ((issue(WHOLE, PART), issue(elsewhere)), (issue(WHOLE), issue(elsewhere, PART))):
        (fault,) = faults(new, old)
        assert "laag fiu-signalen: de dekking verschilt" in fault


def test_a_part_goes_with_its_whole_in_every_profile() -> None:
    # what holds the part is worked out in every profile, shown or not (test_parts_of_layers)
    for new, old in itertools.permutations(("streng", "casustafel", "openbaar"), 2):
        assert faults(issue(WHOLE, PART, profile=new), issue(WHOLE, PART, profile=old)) == []


# --- zones ------------------------------------------------------------------------------------------------------------


def test_zones_may_be_joined_from_what_was_issued() -> None:
    first, second = issue(zones="z1"), issue(zones="z2", joins=("z1",))
    third = issue(zones="z3", joins=("z2", "z1"))
    assert faults(second, first) == []
    assert faults(third, first, second) == []
    assert faults(third, first) == []
    assert faults(third, first, second, third) == []


def test_older_zones_after_newer_ones_are_refused() -> None:
    first, second = issue(zones="z1"), issue(zones="z2", joins=("z1",))
    third = issue(zones="z3", joins=("z2", "z1"))
    for old in (first, second):
        assert faults(old, first, second, third) == ["eerder is op nieuwere zones uitgegeven; gebruik zones-z3.parquet"]


def test_zones_that_have_nothing_to_do_with_it_are_refused() -> None:
    second = issue(zones="z2", joins=("z1",))
    for other in (issue(zones="z9"), issue(zones="z9", joins=("z8",)), issue(zones="z2b", joins=("z1",))):
        (fault,) = faults(other, issue(zones="z1"), second)
        assert "eerder is met deze sleutel uitgegeven op zones z2" in fault
        assert "gebruik zones-z2.parquet" in fault


# --- any sequence -----------------------------------------------------------------------------------------------------

CHAIN = {"z1": (), "z2": ("z1",), "z3": ("z2", "z1"), "other": ()}


@st.composite
def issues(draw: st.DrawFn) -> Issue:
    month = dt.date(draw(st.integers(2022, 2024)), draw(st.sampled_from([1, 7])), 1)
    end = dt.date(draw(st.integers(month.year + 1, 2025)), draw(st.sampled_from([1, 7])), 1)
    names = draw(st.lists(st.sampled_from(["p", "q", "r"]), min_size=1, max_size=2, unique=True))
    layers = [
        entry(
            month,
            end,
            id=name,
            family=draw(st.sampled_from([name, name, "p"])),
            b=draw(st.sampled_from([5, 5, 5, 3])),
        )
        for name in names
    ]
    zones = draw(st.sampled_from(["z1", "z1", "z1", "z2", "z3", "other"]))
    return issue(*layers, zones=zones, joins=CHAIN[zones], digest=draw(st.sampled_from("abc")))


def months(layer: Entry) -> set[str]:
    every = [dt.date(year, month, 1).isoformat() for year in range(2022, 2026) for month in range(1, 13)]
    return {month for month in every if layer["van"] <= month < layer["tot"]}


def go_together(first: Issue, second: Issue) -> bool:
    """Say what the design asks of two releases, the second after the first."""
    if first.zones_version not in (second.zones_version, *CHAIN[second.zones_version]):
        return False
    for one, other in itertools.product(first.layers, second.layers):
        if one["laag"] == other["laag"] and one["familie"] != other["familie"]:
            return False
        if one["familie"] == other["familie"]:
            if one["b"] != other["b"]:
                return False
            if months(one) & months(other) and min(months(one)) != min(months(other)):
                return False
    return True


@given(st.lists(issues(), max_size=8))
def test_any_sequence_of_allowed_releases_goes_together_two_by_two(asked: list[Issue]) -> None:
    made: list[Issue] = []
    for new in asked:
        allowed = not faults(new, *made)
        assert allowed == (go_together(new, new) and all(go_together(old, new) for old in made))
        made += [new] * allowed


@given(st.lists(issues(), min_size=1, max_size=5), issues())
def test_more_history_never_allows_more(made: list[Issue], new: Issue) -> None:
    if faults(new, *made[:-1]):
        assert faults(new, *made)


# --- what is remembered -----------------------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path) -> Path:
    key.make(tmp_path / "a")
    return tmp_path / "a"


def mark(path: Path) -> str:
    return key.read(path).mark


def test_the_register_remembers_each_release_once(path: Path) -> None:
    assert registerfile.read(path, mark(path)) == Register(mark(path))
    for digest in ("d1", "d1", "d2"):
        registerfile.add(path, mark(path), issue(digest=digest))
    assert [one.digest for one in registerfile.read(path, mark(path)).issued] == ["d1", "d2"]


def test_a_refused_release_is_not_remembered(path: Path) -> None:
    registerfile.add(path, mark(path), issue())
    before = registerfile.register_path(path).read_bytes()
    with pytest.raises(ProtectionError, match="b verschilt"):
        registerfile.add(path, mark(path), issue(entry(b=10)))
    assert registerfile.register_path(path).read_bytes() == before


def test_what_is_written_reads_back(path: Path) -> None:
    known = Register(
        mark(path),
        issued=(issue(zones="z2", joins=("z1",)), issue(WHOLE, PART, profile="streng")),
        replaces=("00000001", "00000002"),
        former=(Span("p", "q", START, END),),
        replaced_by="00000003",
        lost=(Loss(dt.date(2026, 7, 5), "Gemeente Súdwest-Fryslân"),),
    )
    with registerfile.alone(path):
        registerfile.write(path, known)
    assert registerfile.read(path, mark(path)) == known


def test_the_register_knows_which_levels_a_release_shows(zuidoost: Release) -> None:
    made = register.issue(zuidoost)
    shown = {one["laag"]: set(one["niveaus"]) for one in made.layers}
    assert list(shown) == [layer.id for layer in zuidoost.layers]
    assert shown["kvk-registraties"] == {"zone", "res9", "res8", "buurt", "wijk", "gemeente"}
    assert shown["pandsluitingen"] == {"res8", "wijk", "gemeente"}
    assert {(one["van"], one["tot"]) for one in made.layers} == {(str(zuidoost.start), str(zuidoost.end))}
    assert (made.digest, made.zones_version) == (zuidoost.digest, zuidoost.zones_version)
    assert json.loads(json.dumps(dataclasses.asdict(made)))["layers"] == list(made.layers)


VERSION_1 = """{
 "sleutel": "%s",
 "uitgegeven": [
  {
   "area": "zuidoost",
   "digest": "d0",
   "layers": [
    {"atoom": "zone", "b": 5, "basis": "alle", "familie": "fiu-signalen", "klem": 1, "laag": "fiu-signalen",
     "plafond": true, "reeks": "kwartaal", "reeks_niveau": "buurt", "soort": "aantal", "tot": "2026-01-01",
     "van": "2022-01-01", "venster": "cumulatief"}
   ],
   "profile": "casustafel",
   "reference_date": "2026-01-01",
   "zones_version": "z1"
  }
 ],
 "versie": 1
}"""


def test_after_another_way_of_rounding_a_new_series_is_begun(path: Path) -> None:
    file = registerfile.register_path(path)
    file.write_text(VERSION_1 % mark(path), encoding="utf-8")
    with pytest.raises(ProtectionError, match=r"anders werden afgerond.*sleutel vervang"):
        registerfile.add(path, mark(path), issue())
    assert file.read_text(encoding="utf-8") == VERSION_1 % mark(path)
    new = path.with_name("nieuw.sleutel")
    key.replace(path, new)
    with pytest.raises(ProtectionError, match="periode al uitgegeven met de vorige sleutel"):
        registerfile.add(new, mark(new), issue())
    registerfile.add(new, mark(new), issue(entry(dt.date(2027, 1, 1), dt.date(2027, 4, 1))))


# --- a register that does not fit -------------------------------------------------------------------------------------


def change(path: Path, **fields: object) -> bytes:
    file = registerfile.register_path(path)
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | fields), encoding="utf-8")
    return file.read_bytes()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"versie": 3}, r"van een nieuwere versie van geoanalyse \(3\); werk geoanalyse bij"),
        ({"versie": 40, "uitgegeven": "anders", "sleutel": None}, r"van een nieuwere versie van geoanalyse \(40\)"),
        ({"versie": 0}, "beschadigd"),
        ({"versie": True}, "beschadigd"),
        ({"versie": "2"}, "beschadigd"),
        ({"sleutel": "0"}, "andere sleutel"),
        ({"sleutel": 0}, "beschadigd"),
        ({"uitgegeven": 3}, "beschadigd"),
        ({"uitgegeven": [{}]}, "beschadigd"),
        ({"verloren": [{"op": "gisteren", "op_gezag_van": "x"}]}, "beschadigd"),
    ],
)
def test_a_register_that_does_not_fit_is_refused_and_left_alone(
    path: Path, fields: dict[str, object], message: str
) -> None:
    before = change(path, **fields)
    with pytest.raises(ProtectionError, match=message):
        registerfile.read(path, mark(path))
    with pytest.raises(ProtectionError, match=message):
        registerfile.add(path, mark(path), issue())
    assert registerfile.register_path(path).read_bytes() == before
    assert not list(path.parent.glob("*.nieuw"))


def test_a_lost_register_says_what_can_be_done(path: Path) -> None:
    registerfile.register_path(path).unlink()
    with pytest.raises(ProtectionError, match=r"register bij deze sleutel ontbreekt.*geoanalyse sleutel herstel"):
        registerfile.add(path, mark(path), issue())
    assert not registerfile.register_path(path).exists()


def test_half_a_register_is_damaged_wherever_it_was_cut(path: Path) -> None:
    registerfile.add(path, mark(path), issue())
    file = registerfile.register_path(path)
    whole = file.read_bytes()
    for size in range(0, len(whole), 7):
        file.write_bytes(whole[:size])
        with pytest.raises(ProtectionError, match="beschadigd"):
            registerfile.read(path, mark(path))


def test_a_register_of_any_shape_gives_a_register_or_a_reason(path: Path) -> None:
    registerfile.add(path, mark(path), issue(WHOLE, PART))
    file = registerfile.register_path(path)
    whole = json.loads(file.read_text(encoding="utf-8"))

    def places(value: object, at: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        return [at] * bool(at) + [place for name, child in inside for place in places(child, (*at, name))]

    refused = 0
    for place, other in itertools.product(places(whole), (None, 7, "x", [], {}, [[1]])):
        changed = json.loads(json.dumps(whole))
        holder = changed
        for step in place[:-1]:
            holder = holder[step]
        holder[place[-1]] = other
        file.write_text(json.dumps(changed), encoding="utf-8")
        try:
            known = registerfile.read(path, mark(path))
        except ProtectionError:
            refused += 1
        else:
            register.faults(issue(), known)
            register.caveat(known)
    assert refused > 100
    for text in ("[]", "3", "[" * 100_000, "\x00", "NaN", ""):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ProtectionError, match="beschadigd"):
            registerfile.read(path, mark(path))


# --- two at once, and a sudden end ------------------------------------------------------------------------------------

TALK = """
import dataclasses, datetime as dt, json, os, signal, sys
from pathlib import Path
from geoanalyse import registerfile
from geoanalyse.errors import ProtectionError
from geoanalyse.register import Issue
path, mark, new = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
new = Issue(**new | {"layers": tuple(new["layers"]), "zones_ancestors": tuple(new["zones_ancestors"])})

def tell(what):
    print(what, flush=True)

def add(**changes):
    registerfile.add(path, mark, dataclasses.replace(new, **changes))
"""


def start(path: Path, script: str, new: Issue | None = None) -> subprocess.Popen[str]:
    """Run a script in a process of its own, with a release to add."""
    described = json.dumps(dataclasses.asdict(new or issue(digest="d2")))
    return subprocess.Popen(
        [sys.executable, "-c", TALK + script, path, mark(path), described],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def heard(process: subprocess.Popen[str]) -> str:
    """Wait for one line."""
    assert process.stdout
    return process.stdout.readline().strip()


def at_once(*processes: subprocess.Popen[str]) -> list[tuple[str, str]]:
    """Let processes that are ready go on together; give what they said."""
    assert [heard(process) for process in processes] == ["klaar"] * len(processes)
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    return [process.communicate(timeout=120) for process in processes]


def test_two_builds_at_once_forget_nothing(path: Path) -> None:
    script = """
tell("klaar")
sys.stdin.readline()
for number in range(30):
    add(digest=f"{new.digest} {number}")
"""
    assert at_once(*(start(path, script, issue(digest=name)) for name in ("een", "twee"))) == [("", "")] * 2
    digests = [one.digest for one in registerfile.read(path, mark(path)).issued]
    assert sorted(digests) == sorted(f"{name} {number}" for name in ("een", "twee") for number in range(30))


def test_of_two_builds_at_once_that_do_not_go_together_one_is_refused(path: Path) -> None:
    script = """
tell("klaar")
sys.stdin.readline()
try:
    add()
    tell("gemaakt")
except ProtectionError as error:
    tell(error)
"""
    said = sorted(
        out.strip()
        for out, _ in at_once(*(start(path, script, issue(entry(dt.date(year, 1, 1)))) for year in (2022, 2023)))
    )
    assert said[0] == "gemaakt"
    assert "hetzelfde begin" in said[1]
    assert len(registerfile.read(path, mark(path)).issued) == 1


HOLD = """
with registerfile.alone(path):
    tell("bezig")
    sys.stdin.readline()
"""


def test_a_second_build_waits_and_is_then_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registerfile, "WAIT", 0.2)
    holder = start(path, HOLD)
    assert heard(holder) == "bezig"
    try:
        with pytest.raises(ProtectionError, match="een andere opdracht werkt nu met dit register; wacht"):
            registerfile.add(path, mark(path), issue())
        with pytest.raises(ProtectionError, match="een andere opdracht"):
            key.replace(path, path.with_name("b"))
        assert registerfile.read(path, mark(path)).issued == ()  # reading needs no lock
    finally:
        holder.kill()
        holder.communicate()
    registerfile.add(path, mark(path), issue())  # the lock died with the process
    assert len(registerfile.read(path, mark(path)).issued) == 1


def test_a_second_build_goes_on_when_the_first_is_done(path: Path) -> None:
    holder = start(path, HOLD)
    assert heard(holder) == "bezig"
    second = start(path, "registerfile.WAIT = 60\ntell('begonnen')\nadd()")
    assert heard(second) == "begonnen"
    holder.communicate("\n", timeout=60)
    assert second.communicate(timeout=120) == ("", "")
    assert [one.digest for one in registerfile.read(path, mark(path)).issued] == ["d2"]


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_a_killed_build_leaves_the_register_whole(path: Path, moment: str) -> None:
    registerfile.add(path, mark(path), issue())
    before = registerfile.register_path(path).read_bytes()
    killed = start(
        path,
        f"""
def die(*_):
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
os.{moment} = die
add()
""",
    )
    assert killed.communicate(timeout=120) == ("", "")
    assert killed.returncode != 0
    assert registerfile.register_path(path).read_bytes() == before
    assert list(path.parent.glob("*.nieuw"))  # what it left
    registerfile.add(path, mark(path), issue(digest="d3"))  # disturbs nobody
    assert [one.digest for one in registerfile.read(path, mark(path)).issued] == ["d1", "d3"]
    assert not list(path.parent.glob("*.nieuw"))


@pytest.mark.skipif(os.name != "posix", reason="alleen daar is de ruimte van een proces te beperken")
def test_a_full_disk_leaves_the_register_whole(path: Path) -> None:
    registerfile.add(path, mark(path), issue())
    before = registerfile.register_path(path).read_bytes()
    full = start(
        path,
        """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))
try:
    add()
except ProtectionError as error:
    tell(error)
""",
    )
    out, err = full.communicate(timeout=120)
    assert err == ""
    assert "de schijf is vol; maak ruimte" in out
    assert registerfile.register_path(path).read_bytes() == before
    assert not list(path.parent.glob("*.nieuw"))


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProtectionError, match="kan niet worden geschreven"), registerfile.alone(tmp_path / "weg" / "a"):
        pytest.fail("er is geen slot")


# --- with a real build ------------------------------------------------------------------------------------------------


GRONDSLAG = """\
soort = "ander besluit"
besluit = "proefbesluit 2026-01"
datum = 2026-01-15
reikwijdte = "gebied"
doel = "proef"
vraag = "waar komen meldingen vaker voor"
opvolging = "niemand"
rubricering = "intern"
geldig_tot = 2099-12-31
bewaren_tot = 2099-12-31
peildatum = 2026-01-01
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give 600 addresses in Diemen with 40 reports, and zones."""
    folder = tmp_path_factory.mktemp("eigen")
    cells = np.repeat(shipped_regions().under("GM0384")[:60], 10)
    easting, northing = grid.rd(*grid.centres(cells).T)
    rows = [
        f"a{i:04d};{east:.1f};{north:.1f};EPSG:28992;woonfunctie;p{i // 2:04d}"
        for i, (east, north) in enumerate(zip(easting, northing, strict=True))
    ]
    reports = [f"a{i * 15:04d};2025-0{i % 9 + 1}-15" for i in range(40)]
    for name, lines in (
        ("adressen.csv", ["sleutel;oost;noord;crs;gebruik;pand", *rows, ""]),
        ("mma-meldingen.csv", ["sleutel;datum", *reports, ""]),
        ("grondslag.toml", GRONDSLAG.splitlines()),
    ):
        (folder / name).write_text("\n".join(lines), encoding="utf-8", newline="\n")
    with pytest.raises(SystemExit) as end:
        cli.main(["zones", str(folder)])
    assert not end.value.code
    return folder


def test_a_release_is_remembered_before_its_first_file(folder: Path, path: Path, tmp_path: Path) -> None:
    request = Request("diemen", dt.date(2026, 7, 5), folder=folder, key_file=path)
    (tmp_path / "uit").mkdir()
    (tmp_path / "uit" / "diemen").write_text("dit is geen map", encoding="utf-8")
    with pytest.raises(ReleaseError):
        publish(request, tmp_path / "uit")
    (remembered,) = registerfile.read(path, mark(path)).issued
    release, _ = publish(request, tmp_path / "elders")
    assert remembered.digest == release.digest
    assert registerfile.read(path, mark(path)).issued == (remembered,)


def test_a_release_that_is_refused_leaves_nothing(folder: Path, path: Path, tmp_path: Path) -> None:
    request = Request("diemen", dt.date(2026, 7, 5), folder=folder, key_file=path)
    registerfile.add(path, mark(path), register.issue(run(request).release))
    before = registerfile.register_path(path).read_bytes()
    later = (dt.date(2024, 1, 1), dt.date(2026, 1, 1))
    with pytest.raises(ProtectionError, match="hetzelfde begin"):
        publish(dataclasses.replace(request, period=later), tmp_path / "uit")
    key.replace(path, tmp_path / "b")
    with pytest.raises(ProtectionError, match="deze sleutel is vervangen"):
        publish(request, tmp_path / "uit")
    with pytest.raises(ProtectionError, match="periode al uitgegeven met de vorige sleutel"):
        publish(dataclasses.replace(request, key_file=tmp_path / "b"), tmp_path / "uit")
    assert not (tmp_path / "uit").exists()
    assert json.loads(before)["uitgegeven"] == json.loads(registerfile.register_path(path).read_bytes())["uitgegeven"]


def test_a_key_that_is_named_must_be_there_for_the_demo_too(tmp_path: Path) -> None:
    request = Request("ganzenpoort", dt.date(2026, 7, 5), key_file=tmp_path / "weg.sleutel")
    with pytest.raises(ProtectionError, match=r"weg\.sleutel: sleutelbestand bestaat niet"):
        publish(request, tmp_path / "uit")
    assert not list(tmp_path.iterdir())
