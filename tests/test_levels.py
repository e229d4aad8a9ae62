"""The level at which the holder shows each layer: the file, who may set it, and what it hides."""

import dataclasses
import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoanalyse import cli, grid, levels
from geoanalyse.authority import faults_in_authority
from geoanalyse.commands import shared
from geoanalyse.errors import InputError
from geoanalyse.geography import LEVELS, SHOWN, shipped_regions
from geoanalyse.layer import Atom, read_layers, shipped_folder
from geoanalyse.levels import FILE, Flag, a_year_later, as_shown, decided, finer_rows, is_finer
from geoanalyse.protection import protect, suppressed
from geoanalyse.published import SCHEMA
from tests import town
from tests.test_cli import GRONDSLAG, Ended

TODAY = dt.date(2026, 6, 1)
LAYERS = read_layers(shipped_folder())
IDS = [layer.id for layer in LAYERS]
GOOD = """\
[fiu-signalen]
niveau = "res9"
advies = "res9"
vastgesteld = 2026-06-01
geldig_tot = 2027-06-01
zones = "0123456789ab"
"""


def written(folder: Path, text: str) -> Path:
    (folder / FILE).write_text(text, encoding="utf-8", newline="\n")
    return folder


def flag(level: str = "res9", advised: str = "res9", day: dt.date = TODAY, authority: str = "") -> Flag:
    return Flag(level, day, a_year_later(day), advised, "0123456789ab", authority)


# --- the file ---------------------------------------------------------------------------------------------------------


@st.composite
def some_flags(draw: st.DrawFn) -> dict[str, Flag]:
    """Flags as the command sets them."""
    found = {}
    for layer in draw(st.lists(st.sampled_from(LAYERS), unique_by=lambda layer: layer.id)):
        level, advised = (draw(st.sampled_from(SHOWN[layer.atom])) for _ in range(2))
        signs = st.characters(categories=("Lu", "Ll", "Zs", "Po", "Pd"), max_codepoint=0x17F)
        name = draw(st.text(signs, max_size=40).filter(lambda text: not faults_in_authority(text)))
        day = draw(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)))
        found[layer.id] = flag(level, advised, day, name.strip() if is_finer(level, advised) else "")
    return found


@given(found=some_flags())
def test_flags_come_back_as_they_were_written(found: dict[str, Flag], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = written(tmp_path_factory.mktemp("vlag"), levels.text(found))
    assert levels.flags(folder, LAYERS) == found
    first = max((each.set_on for each in found.values()), default=TODAY)
    last = min((each.valid_until for each in found.values()), default=TODAY)
    if first <= last:
        assert levels.read(folder, LAYERS, first) == found
        assert levels.read(folder, LAYERS, last) == levels.read(folder, LAYERS, first)


def test_without_a_file_nothing_is_set(tmp_path: Path) -> None:
    assert levels.read(tmp_path, LAYERS, TODAY) == {}


def test_the_file_says_what_it_is() -> None:
    head = levels.text({"fiu-signalen": flag()}).split("[fiu-signalen]")[0]
    assert all(line.startswith("#") for line in head.splitlines() if line)
    for name in levels._KEYS:
        assert name in head + "zones vastgesteld"
    assert levels.text({"mma-meldingen": flag(), "fiu-signalen": flag()}) == levels.text(
        {"fiu-signalen": flag(), "mma-meldingen": flag()}
    )


def test_a_file_from_notepad_is_read(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert {name: flag.level for name, flag in levels.read(tmp_path, LAYERS, TODAY).items()} == {"fiu-signalen": "res9"}


@pytest.mark.parametrize("day", [dt.date(2026, 6, 1), dt.date(2027, 6, 1)])
def test_a_level_holds_from_its_first_to_its_last_day(day: dt.date, tmp_path: Path) -> None:
    assert levels.read(written(tmp_path, GOOD), LAYERS, day)["fiu-signalen"].level == "res9"


def test_an_expired_level_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"niveaus.toml, \[fiu-signalen\]: .*verlopen.*geoanalyse advies --vastleggen"):
        levels.read(written(tmp_path, GOOD), LAYERS, dt.date(2027, 6, 2))
    with pytest.raises(InputError, match="ligt in de toekomst"):
        levels.read(tmp_path, LAYERS, dt.date(2026, 5, 31))


def test_an_expired_level_of_a_layer_that_is_not_built_does_no_harm(tmp_path: Path) -> None:
    folder, late = written(tmp_path, GOOD), dt.date(2027, 6, 2)
    others = [layer for layer in LAYERS if layer.id != "fiu-signalen"]
    assert levels.read(folder, others, late, unread=IDS) == {}
    with pytest.raises(InputError, match=r"\[fiu-signalen\]: deze laag bestaat niet"):
        levels.read(folder, others, late)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[fiu-signalen]", "[fiu]", "[fiu]: deze laag bestaat niet"),
        ("[fiu-signalen]", '["J. de Vries"]', "een regel: deze laag bestaat niet"),
        ('"res9"\nadvies', '"straat"\nadvies', "[fiu-signalen] niveau: onbekende keuze; kies uit zone, res9"),
        ('advies = "res9"', 'advies = "fijn"', "[fiu-signalen] advies: onbekende keuze"),
        ("[fiu-signalen]", "[pandsluitingen]", "[pandsluitingen] niveau: laag pandsluitingen wordt getoond per res8"),
        ('"res9"\nadvies', '"zone"\nadvies', "[fiu-signalen] niveau: is fijner dan het advies"),
        ('advies = "res9"', 'advies = ""', "[fiu-signalen] niveau: is fijner dan het advies"),
        ("geldig_tot = 2027-06-01", "geldig_tot = 2027-06-02", "geldig_tot: moet na vastgesteld liggen en hooguit een"),
        ("geldig_tot = 2027-06-01", "geldig_tot = 2026-05-31", "geldig_tot: moet na vastgesteld liggen"),
        ("geldig_tot = 2027-06-01", 'geldig_tot = "morgen"', "geldig_tot: is geen datum"),
        ("geldig_tot = 2027-06-01", "geldig_tot = 2027-06-01T00:00:00", "geldig_tot: is geen datum"),
        ("vastgesteld = 2026-06-01\n", "", "vastgesteld: ontbreekt"),
        ('niveau = "res9"', "niveau = 9", "niveau: is geen tekst"),
        ("zones =", "zone = 1\nzones =", "zone: onbekende naam"),
        ("zones =", 'op_gezag_van = "mw. De Vries"\nzones =', "op_gezag_van: lijkt op persoonsgegevens"),
        ("zones =", 'op_gezag_van = ""\nzones =', "op_gezag_van: noem een functie"),
        ("[fiu-signalen]\n", "fiu-signalen = 9\n[mma-meldingen]\n", "[fiu-signalen] is geen deel"),
        ('"res9"\nadvies', '"res9\nadvies', "is geen geldige TOML (regel 2)"),
    ],
)
def test_a_wrong_file_is_refused_in_one_dutch_line(old: str, new: str, said: str, tmp_path: Path) -> None:
    assert old in GOOD
    with pytest.raises(InputError) as error:
        levels.read(written(tmp_path, GOOD.replace(old, new)), LAYERS, TODAY)
    (line,) = error.value.faults
    assert line.startswith("niveaus.toml")
    assert said in line
    assert "Vries" not in line


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="is geen UTF-8"):
        levels.read(tmp_path, LAYERS, TODAY)


# --- who may set what -------------------------------------------------------------------------------------------------


def decide(
    by_hand: dict[str, str] | None = None, earlier: dict[str, Flag] | None = None, **options: object
) -> dict[str, Flag]:
    """Decide on two layers, advised at res9 and (too few to judge) nowhere."""
    found = [layer for layer in LAYERS if layer.id in {"fiu-signalen", "pandsluitingen"}]
    told = {"fiu-signalen": "res9", "pandsluitingen": ""}
    return decided(found, told, by_hand or {}, earlier or {}, today=TODAY, zones="0123456789ab", **options)


def test_what_is_advised_is_set_for_a_year_and_what_could_not_be_judged_is_not() -> None:
    assert decide() == {"fiu-signalen": flag()}
    assert decide()["fiu-signalen"].valid_until == dt.date(2027, 6, 1)


def test_coarser_is_anyones_choice_and_finer_needs_an_authority() -> None:
    assert decide({"fiu-signalen": "wijk"})["fiu-signalen"].level == "wijk"
    with pytest.raises(InputError, match=r"fijner dan het advies voor laag fiu-signalen \(res9\).*op-gezag-van"):
        decide({"fiu-signalen": "zone"})
    by_order = decide({"fiu-signalen": "zone"}, authority="stuurgroep RIEC")["fiu-signalen"]
    assert by_order == flag("zone", authority="stuurgroep RIEC")
    with pytest.raises(InputError, match=r"pandsluitingen \(geen\)"):
        decide({"pandsluitingen": "wijk"})
    assert decide({"pandsluitingen": "wijk"}, authority="stuurgroep RIEC")["pandsluitingen"].advised == ""


def test_no_authority_shows_what_the_layer_itself_hides() -> None:
    with pytest.raises(InputError, match="laag pandsluitingen wordt getoond per res8, wijk, gemeente"):
        decide({"pandsluitingen": "zone"}, authority="stuurgroep RIEC")
    with pytest.raises(InputError, match="laag mma-meldingen heeft hier geen gegevens of bestaat niet"):
        decide({"mma-meldingen": "wijk"}, authority="stuurgroep RIEC")


def test_a_level_that_still_holds_is_replaced_only_when_asked() -> None:
    last_day = flag("buurt", day=dt.date(2025, 6, 1))
    assert last_day.valid_until == TODAY
    assert decide(earlier={"fiu-signalen": last_day}) == {}
    with pytest.raises(InputError, match="laag fiu-signalen geldt nog; geef --opnieuw"):
        decide({"fiu-signalen": "wijk"}, {"fiu-signalen": last_day})
    assert decide(earlier={"fiu-signalen": last_day}, again=True) == {"fiu-signalen": flag()}
    expired = flag("buurt", day=dt.date(2025, 5, 31))
    assert decide(earlier={"fiu-signalen": expired}) == {"fiu-signalen": flag()}


@pytest.mark.parametrize(
    "name", ["burgemeester en wethouders", "stuurgroep RIEC Amsterdam-Amstelland", "teamleider OOV"]
)
def test_a_function_or_organisation_may_decide(name: str) -> None:
    assert faults_in_authority(name) == []


@pytest.mark.parametrize(
    "name",
    ["mw. De Vries", "j. de vries", "j.de.vries@voorbeeld.nl", "020 624 1111", "", "  ", "x" * 121, "a\nb c"],
)
def test_a_person_may_not(name: str) -> None:
    (fault,) = faults_in_authority(name)
    assert "functie of organisatie" in fault
    assert not name.strip() or name not in fault


# --- what is hidden ---------------------------------------------------------------------------------------------------


def test_finer_is_what_comes_first_from_zone_to_gemeente() -> None:
    assert [level for level in LEVELS if is_finer(level, "buurt")] == ["zone", "res9", "res8"]
    assert all(is_finer(level, "") for level in LEVELS)


@pytest.mark.parametrize("level", ["zone", "res8", "buurt", "gemeente"])
def test_only_finer_rows_of_that_layer_are_hidden(level: str) -> None:
    place = town.town(np.random.default_rng(3), addresses=1500, size=12)
    random = np.random.default_rng(4)
    counts = [
        town.counted(place, town.layer(name), town.events(random, place, 0.2))
        for name in ("fiu-signalen", "kvk-registraties", "pandsluitingen")
    ]
    table = protect(counts, place.geography, bytes(range(32)), "casustafel").table
    hidden = finer_rows(table, {"fiu-signalen": level, "pandsluitingen": "wijk"}).to_pylist()
    assert len(hidden) == table.num_rows
    for row, gone in zip(table.select(["layer", "level"]).to_pylist(), hidden, strict=True):
        limit = {"fiu-signalen": level, "pandsluitingen": "wijk"}.get(row["layer"], "zone")
        assert gone == (LEVELS.index(row["level"]) < LEVELS.index(limit))
    assert any(hidden)
    assert not any(finer_rows(table, {}).to_pylist())
    assert finer_rows(SCHEMA.empty_table(), {"fiu-signalen": level}).to_pylist() == []
    assert pa.types.is_boolean(finer_rows(table, {}).type)


@pytest.mark.parametrize(
    ("level", "atom"), [("zone", "zone"), ("res9", "res9"), ("buurt", "buurt"), ("wijk", "wijk"), ("gemeente", "zone")]
)
def test_a_layer_speaks_of_the_finest_units_that_are_shown(level: str, atom: str) -> None:
    place = town.town(np.random.default_rng(3), addresses=1500, size=12)
    layers = [town.layer("fiu-signalen"), town.layer("pandsluitingen")]
    happened = town.events(np.random.default_rng(4), place, 0.2)
    counts = [town.counted(place, layer, happened) for layer in layers]
    table = protect(counts, place.geography, bytes(range(32)), "casustafel").table
    hidden = suppressed(table, finer_rows(table, {"fiu-signalen": level}))
    first, second = as_shown(layers, hidden)
    assert first == dataclasses.replace(layers[0], atom=Atom(atom))
    assert second == layers[1]
    assert as_shown(layers, SCHEMA.empty_table()) == tuple(layers)


# --- the command on one's own data ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def input_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make 3,200 addresses in Diemen with a frequent layer and a rare one, zones and a key."""
    folder = tmp_path_factory.mktemp("eigen")
    cells = np.repeat(shipped_regions().under("GM0384")[:80], 40)
    easting, northing = grid.rd(*grid.centres(cells).T)
    random = np.random.default_rng(8)
    often = np.repeat(random.random(80), 40) > 2 * random.random(3200)
    rows = [
        f"a{i:04d};{east:.1f};{north:.1f};EPSG:28992;woonfunctie;p{i // 2:04d}"
        for i, (east, north) in enumerate(zip(easting, northing, strict=True))
    ]
    for name, header, lines in (
        ("adressen", "sleutel;oost;noord;crs;gebruik;pand", rows),
        ("kvk-registraties", "sleutel;datum", [f"a{i:04d};2025-03-15" for i in np.flatnonzero(often)]),
        ("mma-meldingen", "sleutel;datum", [f"a{i * 80:04d};2025-03-15" for i in range(40)]),
    ):
        text = "\n".join([header, *lines, ""])
        (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="\n")
    (folder / "grondslag.toml").write_text(GRONDSLAG, encoding="utf-8", newline="\n")
    for arguments in (["zones", str(folder)], ["sleutel", "maak", str(folder.parent / "proef.sleutel")]):
        with pytest.raises(SystemExit) as end:
            cli.main(arguments)
        assert not end.value.code
    return folder


Run = Callable[..., Ended]


@pytest.fixture
def advise(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, input_files: Path
) -> Run:
    """Give a way to ask for advice on a copy of those files, on a day that is chosen."""
    folder = tmp_path / "eigen"
    folder.mkdir()
    for file in input_files.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, day: dt.date = TODAY) -> Ended:
        monkeypatch.setattr(shared, "today", lambda: day)  # the clock
        key = input_files.parent / "proef.sleutel"
        with pytest.raises(SystemExit) as end:
            cli.main(["advies", "--gebied", "diemen", "--invoer", "eigen", "--sleutel", str(key), *arguments])
        captured = capsys.readouterr()
        return Ended(int(end.value.code or 0), captured.out, captured.err)

    return call


def test_advice_alone_writes_nothing(advise: Run, tmp_path: Path) -> None:
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    shown = advise()
    assert (shown.code, shown.err) == (0, "")
    assert "Gemeten over Diemen." in shown.out
    assert "kvk-registraties: advies zone" in shown.out
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before


def test_levels_are_set_kept_and_replaced(advise: Run, tmp_path: Path) -> None:
    folder = tmp_path / "eigen"
    first = advise("--vastleggen")
    assert (first.code, first.err) == (0, "")
    assert "kvk-registraties: zone, vastgesteld tot en met 1 juni 2027" in first.out
    found = levels.flags(folder, LAYERS)
    assert set(found) == {"kvk-registraties", "mma-meldingen"}
    assert (found["kvk-registraties"].level, found["kvk-registraties"].set_on) == ("zone", TODAY)
    (zones,) = folder.glob("zones-*.parquet")
    assert zones.name == f"zones-{found['kvk-registraties'].zones}.parquet"
    if os.name == "posix":
        assert (folder / FILE).stat().st_mode & 0o077 == 0
    content = (folder / FILE).read_bytes()
    kept = advise("--vastleggen", day=dt.date(2026, 7, 1))
    assert "kvk-registraties: blijft zone tot en met 1 juni 2027" in kept.out
    assert (folder / FILE).read_bytes() == content
    (fault,) = advise("--vastleggen", "--niveau", "kvk-registraties=wijk").refused(cli.INPUT_FAULT)
    assert "geef --opnieuw" in fault
    assert (folder / FILE).read_bytes() == content
    assert advise("--vastleggen", "--niveau", "kvk-registraties=wijk", "--opnieuw", day=dt.date(2026, 7, 1)).code == 0
    replaced = levels.flags(folder, LAYERS)["kvk-registraties"]
    assert (replaced.level, replaced.advised, replaced.valid_until) == ("wijk", "zone", dt.date(2027, 7, 1))
    assert not list(tmp_path.rglob("*.deel"))


def test_finer_than_advised_is_set_on_authority_alone(advise: Run, tmp_path: Path) -> None:
    finer = ("--vastleggen", "--niveau", "mma-meldingen=zone")
    (fault,) = advise(*finer).refused(cli.INPUT_FAULT)
    assert "--op-gezag-van" in fault
    (fault,) = advise(*finer, "--op-gezag-van", "mw. De Vries").refused(cli.INPUT_FAULT)
    assert "lijkt op persoonsgegevens" in fault
    assert "Vries" not in fault
    assert not (tmp_path / "eigen" / FILE).exists()
    assert advise(*finer, "--op-gezag-van", "stuurgroep RIEC").code == 0
    found = levels.flags(tmp_path / "eigen", LAYERS)["mma-meldingen"]
    assert (found.level, found.authority) == ("zone", "stuurgroep RIEC")
    assert found.advised != "zone"


def test_a_place_that_cannot_be_written_sets_nothing(advise: Run, tmp_path: Path) -> None:
    (tmp_path / "los").write_text("iets", encoding="utf-8")
    ended = advise("--vastleggen", "--uit", "los")
    (fault,) = ended.refused(cli.INPUT_FAULT)
    assert "advies.json: kan niet worden geschreven" in fault
    assert ended.out == ""
    assert not (tmp_path / "eigen" / FILE).exists()
    assert (tmp_path / "los").read_text(encoding="utf-8") == "iets"


def test_the_same_data_give_the_same_bytes(advise: Run, tmp_path: Path) -> None:
    first, second = (advise("--uit", name) for name in ("een", "twee"))
    assert first.out.splitlines()[:-1] == second.out.splitlines()[:-1]
    files = list(tmp_path.rglob("advies.json"))
    assert len({file.read_bytes() for file in files}) == 1
    assert len(files) == 2


def test_a_broken_file_is_not_overwritten(advise: Run, tmp_path: Path) -> None:
    written(tmp_path / "eigen", GOOD + "dit is geen regel\n")
    (fault,) = advise("--vastleggen", "--opnieuw").refused(cli.INPUT_FAULT)
    assert "niveaus.toml: is geen geldige TOML (regel 7)" in fault
    assert (tmp_path / "eigen" / FILE).read_text(encoding="utf-8").endswith("dit is geen regel\n")


def test_levels_of_layers_without_data_stay_in_the_file(advise: Run, tmp_path: Path) -> None:
    written(tmp_path / "eigen", GOOD)
    assert advise("--vastleggen").code == 0
    found = levels.flags(tmp_path / "eigen", LAYERS)
    assert found["fiu-signalen"] == flag()
    assert len(found) == 3


def test_files_of_the_demo_get_no_level(advise: Run, tmp_path: Path) -> None:
    grondslag = tmp_path / "eigen" / "grondslag.toml"
    grondslag.write_text(GRONDSLAG + "demo = true\n", encoding="utf-8", newline="\n")
    (fault,) = advise("--vastleggen").refused(cli.INPUT_FAULT)
    assert "--vastleggen: dit is de demo" in fault
    assert not (tmp_path / "eigen" / FILE).exists()
