"""The table of routes: which rule gives the advice, what a file of one's own may hold, and where it is printed."""

import csv
import dataclasses
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoanalyse import routes
from geoanalyse.errors import InputError
from geoanalyse.evidence import CERTAIN, Evidence, Pointer, gathered, patterns, places_of, pointers, recent
from geoanalyse.followup.words import OWNERS
from geoanalyse.layer import Reliability, Theme
from geoanalyse.products import dutch, signaallijst
from geoanalyse.products.kaart import map_html, read_map
from geoanalyse.products.measured import shipped as measured
from geoanalyse.products.verantwoording import manifest
from geoanalyse.routes import REASONS, ROUTES, STRENGTHS, Subject
from geoanalyse.signals import _reliability
from geoanalyse.stats.trends import SCHEMA
from tests.small import small_release

ONE = """
versie = "regio-3"
eigenaar = "RIEC voorbeeld"

[woorden]
partners = ["gemeente", "politie"]
interventies = ["kijken", "praten"]
fasen = ["begin"]

[[regel]]
naam = "druk"
als = { thema = ["drugs"], bronnen = 2, redenen = ["HOTSPOT", "HOOG"] }
route = "duaal"
partners = ["politie", "gemeente"]
interventie = "praten"
fase = "begin"
kansrijk = true

[[regel]]
naam = "de rest"
als = {}
route = "mono"
partners = ["gemeente"]
interventie = "kijken"
fase = "begin"
"""


def table(tmp_path: Path, text: str = ONE) -> routes.Routes:
    path = tmp_path / "routes.toml"
    path.write_text(text, encoding="utf-8")
    return routes.read(path)


def subject(**changes: Any) -> Subject:  # noqa: ANN401
    plain = Subject(
        theme="drugs",
        sources=2,
        strength="sterk",
        reliability="hoog",
        reasons=frozenset({"HOTSPOT"}),
        layers=frozenset({"fiu-signalen"}),
        holders=frozenset({"FIU-Nederland", "politie"}),
    )
    return dataclasses.replace(plain, **changes)


def test_the_first_rule_that_holds_gives_the_advice(tmp_path: Path) -> None:
    rules = table(tmp_path)
    advice = rules.advise(subject())
    assert (advice.route, advice.partners, advice.promising) == ("duaal", ("politie", "gemeente"), True)
    for other in (
        subject(theme="witwassen"),
        subject(sources=1),
        subject(reasons=frozenset({"SAMENLOOP"})),
    ):
        assert rules.advise(other).rule == "de rest"
    assert rules.advise(subject(reasons=frozenset({"HOOG", "SAMENLOOP"}))).rule == "druk"


@pytest.mark.parametrize(
    ("condition", "held", "not_held"),
    [
        ('sterkte = ["matig"]', {"strength": "matig"}, {"strength": "sterk"}),
        ('betrouwbaar = ["laag", "middel"]', {"reliability": "middel"}, {"reliability": "hoog"}),
        ('lagen = ["leegstand"]', {"layers": frozenset({"leegstand", "x"})}, {"layers": frozenset({"x"})}),
        ('bronhouders = ["KvK"]', {"holders": frozenset({"KvK"})}, {"holders": frozenset()}),
    ],
)
def test_every_condition_is_asked(
    tmp_path: Path, condition: str, held: dict[str, Any], not_held: dict[str, Any]
) -> None:
    rules = table(tmp_path, ONE.replace('thema = ["drugs"], bronnen = 2, redenen = ["HOTSPOT", "HOOG"]', condition))
    assert rules.advise(subject(**held)).rule == "druk"
    assert rules.advise(subject(**not_held)).rule == "de rest"


@given(
    theme=st.sampled_from(list(Theme)),
    sources=st.integers(0, 5),
    strength=st.sampled_from(STRENGTHS),
    reliability=st.sampled_from(list(Reliability)),
    reasons=st.frozensets(st.sampled_from(REASONS)),
)
def test_the_shipped_table_always_has_an_advice(
    theme: Theme, sources: int, strength: str, reliability: Reliability, reasons: frozenset[str]
) -> None:
    advice = routes.shipped().advise(Subject(theme, sources, strength, reliability, reasons, frozenset(), frozenset()))
    assert advice.route in ROUTES
    assert advice.promising <= (sources >= 3)  # a case for all asks for three holders
    assert (advice.route == "mono") >= (sources <= 1)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('versie = "regio-3"', "", "versie ontbreekt"),
        ('versie = "regio-3"', 'versie = ""', "versie: is leeg"),
        ('versie = "regio-3"', "versie = 3", "versie: is geen tekst"),
        ('eigenaar = "RIEC voorbeeld"', 'eigenaar = "mevr. J. de Vries, 06-12345678"', "lijkt op persoonsgegevens"),
        ('route = "mono"', 'route = "samen"', "regel 2: route: kies uit mono, duaal, integraal"),
        ('partners = ["gemeente"]', 'partners = ["provincie"]', "regel 2: partners: kies uit de woorden"),
        ('interventie = "kijken"', 'interventie = ["kijken"]', "regel 2: interventie: kies uit de woorden"),
        ('fase = "begin"\nkansrijk = true', 'fase = "einde"', "regel 1: fase: kies uit de woorden"),
        ("kansrijk = true", 'kansrijk = "ja"', "regel 1: kansrijk: schrijf true of false"),
        ("bronnen = 2", "bronnen = 0", "regel 1: als: bronnen: schrijf een heel getal"),
        ("bronnen = 2", "bronnen = true", "regel 1: als: bronnen: schrijf een heel getal"),
        ('redenen = ["HOTSPOT", "HOOG"]', 'redenen = ["HOT"]', "regel 1: als: redenen: kies uit HOTSPOT"),
        ('thema = ["drugs"]', "thema = []", "regel 1: als: thema: kies uit drugs, witwassen"),
        ('thema = ["drugs"]', "lagen = [1]", "regel 1: als: lagen: is geen tekst"),
        ('thema = ["drugs"]', "persoon = 1", "regel 1: als: 1 onbekende sleutels"),
        ("als = {}", 'als = { sterkte = ["sterk"] }', "de laatste regel moet altijd gelden"),
        ("als = {}", "als = 3", "regel 2: als: schrijf de voorwaarden tussen accolades"),
        ('naam = "de rest"', 'naam = "druk"', "dezelfde naam"),
        ('naam = "de rest"\n', "", "regel 2: naam ontbreekt"),
        ("[woorden]", "[woord]", "woorden ontbreekt"),
        ('fasen = ["begin"]', "fasen = 3", "[woorden] fasen: moet een lijst van teksten zijn"),
        ("als = {}", "als = {", "geen geldige TOML in UTF-8"),
    ],
)
def test_a_table_that_is_wrong_is_refused_in_one_line_a_fault(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert ONE.count(old) >= 1
    with pytest.raises(InputError) as refused:
        table(tmp_path, ONE.replace(old, new, 1))
    assert fault in str(refused.value)
    assert all(line.startswith("routes.toml: ") for line in str(refused.value).splitlines())


@pytest.mark.parametrize("text", ["", "regel = []", "woorden = 1\nregel = 1"])
def test_a_table_with_nothing_in_it_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"routes\.toml"):
        table(tmp_path, text)


def test_a_table_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="kan niet worden gelezen"):
        routes.read(tmp_path / "niets.toml")


def test_every_partner_of_the_shipped_table_can_be_filled_in_as_owner() -> None:
    partners = {partner for rule in routes.shipped().rules for partner in rule.advice.partners}
    assert partners <= set(OWNERS)


# --- in a release -----------------------------------------------------------------------------------------------------


def test_list_map_and_manifest_give_the_same_advice() -> None:
    release = small_release()
    assert release.signals
    told = json.loads(manifest(release, {}, versions={}, measured=measured()))
    assert told["routes"]["versie"] == "geoanalyse-1"
    known = {rule["naam"]: rule for rule in told["routes"]["regels"]}
    header, _ = read_map(map_html(release))
    on_map = {signal["id"]: signal for signal in header["signals"]}
    rows = list(csv.DictReader(io.StringIO(signaallijst.csv(release).decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == len(release.signals)
    for row in rows:
        rule = known[row["Regel"]]
        assert row["Route"] == rule["route"] == on_map[row["Signaal"]]["route"]
        assert row["Fase"] == rule["fase"]
        assert row["Kansrijk"] == ("ja" if rule["kansrijk"] else "")
        assert row["Advies"] == f"{dutch.listing(rule['partners'])}: {rule['interventie']}"
        assert on_map[row["Signaal"]]["advice"].startswith(f"{row['Advies']}. Fase: {row['Fase']}. Regel: ")


def test_a_high_figure_in_a_new_or_persistent_buurt_says_so() -> None:
    release = small_release()
    fiu = next(layer for layer in release.layers if layer.id == "fiu-signalen")
    rows = [
        dict.fromkeys(SCHEMA.names) | {"layer": fiu.id, "level": level, "zone": zone, "pattern": pattern}
        for level, zone, pattern in (
            ("buurt", "BU99990101", "nieuw"),
            ("wijk", "WK999901", "aanhoudend"),
            ("wijk", "WK999902", "voorbij"),
        )
    ]
    known = patterns(pa.Table.from_pylist(rows, schema=SCHEMA))
    regions = release.geography.regions
    said = {
        region: list(recent((fiu,), region, known, regions)) for region in ("BU99990101", "BU99990102", "BU99990201")
    }
    assert said["BU99990101"] == [
        ("NIEUW-fiu-signalen", "FIU-signalen: Oost is als geheel pas in de laatste periode een hotspot")
    ]
    assert said["BU99990102"] == [
        ("AANHOUDEND-fiu-signalen", "FIU-signalen: Binnen is als geheel bijna steeds een hotspot")
    ]
    assert said["BU99990201"] == []


@pytest.mark.parametrize(
    ("holders", "best", "firm", "expected"),
    [
        (2, Reliability.HIGH, True, "hoog"),
        (2, Reliability.HIGH, False, "middel"),
        (2, Reliability.MIDDLE, True, "middel"),
        (1, Reliability.HIGH, True, "middel"),
        (2, Reliability.LOW, False, "laag"),
        (1, Reliability.HIGH, False, "laag"),
        (1, Reliability.LOW, True, "laag"),
        (1, Reliability.LOW, False, "laag"),
    ],
)
def test_reliability_counts_sources_and_firm_figures(
    holders: int,
    best: Reliability,
    firm: bool,  # noqa: FBT001
    expected: str,
) -> None:
    layer = small_release().layers[0]
    layers = tuple(dataclasses.replace(layer, holder=f"h{number}", reliability=best) for number in range(holders))
    assert _reliability(Evidence(layers, (), firm)) == expected


def test_a_figure_is_firm_when_it_is_certain_or_its_hot_spot_stable() -> None:
    release = small_release()
    frame = release.statistics.to_pandas()
    places = places_of(frame, release.layers, release.geography)
    found = pointers(frame, release.layers, places, release.inspections, release.standardised)
    rows = frame.set_index(["layer", "level", "zone"])
    assert found
    for each in found:
        row = rows.loc[(each.layer.id, *each.unit)]
        stable = row["hotspot"] == "hotspot" and row["stability"] == "stabiel"
        assert each.firm == bool((np.isfinite(row["p_double"]) and row["p_double"] >= CERTAIN) or stable)
    loose = [dataclasses.replace(each, firm=False) for each in found]
    assert not any(evidence.firm for evidence in gathered(loose, places).values())
    assert isinstance(found[0], Pointer)


def test_fewer_signals_per_buurt_keep_the_first_of_each() -> None:
    many = small_release()
    few = small_release(top=1)
    assert few.digest != many.digest
    counted: dict[tuple[str, str], int] = {}
    for signal in few.signals:
        counted[str(signal.theme), signal.region] = counted.get((str(signal.theme), signal.region), 0) + 1
    assert set(counted.values()) == {1}
    first = {(str(signal.theme), signal.region): signal.zone for signal in reversed(many.signals)}
    ranked = [signal for signal in few.signals if signal.strength != "verkenning"]
    assert ranked
    assert all(first[str(signal.theme), signal.region] == signal.zone for signal in ranked)
