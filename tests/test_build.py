"""The whole chain in memory: the demo, own input, and what is refused."""

import datetime as dt
import re
from pathlib import Path

import pytest

import geoanalyse
from geoanalyse import demo, key
from geoanalyse.area import presets
from geoanalyse.build import Request, build, run
from geoanalyse.errors import AreaError, InputError, ProtectionError
from geoanalyse.geography import shipped_regions
from geoanalyse.products import figures
from geoanalyse.products.audit import audit
from geoanalyse.products.folder import write_release
from geoanalyse.release import Release

TODAY = dt.date(2026, 6, 1)
KEYS = ["layer", "level", "zone", "start", "end"]


def test_a_release_of_the_demo_says_so(zuidoost: Release) -> None:
    assert zuidoost.grondslag.demo
    assert (zuidoost.start, zuidoost.end) == (demo.START, demo.END)
    assert {layer.id for layer in zuidoost.layers} == set(demo.INDICATORS)


FIGURES = ("rate_mean", "rate_low", "rate_high", "p_double", "hotspot", "class")
FIRMNESS = ("coarser", "edge", "interval", "stability", "ratio_low", "ratio_high", "own")


def test_the_same_zone_has_the_same_figures_in_every_area(zuidoost: Release) -> None:
    two = ("fiu-signalen", "pandsluitingen")
    few = build("zuidoost", layer_ids=two)
    others = {"BU0363TE01": build("BU0363TE01"), "amsterdam": build("amsterdam", layer_ids=two)}
    for name, other in others.items():
        whole = few if name == "amsterdam" else zuidoost
        left = whole.protected.table.drop_columns(["cells"]).to_pandas()
        right = other.protected.table.drop_columns(["cells"]).to_pandas()
        both = left.merge(right, on=KEYS, suffixes=("", "_other"))
        assert len(both) > 50
        assert both["value"].equals(both["value_other"])
        assert both["status"].equals(both["status_other"])
        figures = whole.statistics.to_pandas().merge(
            other.statistics.to_pandas(), on=["layer", "level", "zone"], suffixes=("", "_other")
        )
        for column in (*FIGURES, *FIRMNESS):
            assert figures[column].equals(figures[f"{column}_other"]), (name, column)


def test_the_planted_concentration_of_fiu_signals_is_found(zuidoost: Release) -> None:
    frame = zuidoost.frame("zone", "fiu-signalen")
    hot = set(frame["zone"][frame["hotspot"] == "hotspot"])
    table = zuidoost.protected.table.to_pandas()
    zones = table[(table["layer"] == "fiu-signalen") & (table["level"] == "zone")]
    where = dict(zip(zones["zone"], zones["gebiedscode"], strict=True))
    assert hot
    assert sum(where[zone].startswith("BU0363TC") for zone in hot) > len(hot) / 2


def test_gemeenten_without_buurten_count_in_an_area_of_many(tmp_path: Path) -> None:
    """A layer per buurt has its wijken there: in composites, in totals, and in the audit."""
    release = build("amsterdam-amstelland", layer_ids=("domicilie", "kvk-registraties"))
    layer = next(each for each in release.layers if each.id == "domicilie")
    found = release.statistics.to_pandas()
    score = found[(found["layer"] == "thema:witwassen") & (found["level"] == "zone")]
    assert score["ratio"].notna().all()
    assert (score["ratio_low"] <= score["ratio"]).all()
    of_layer = found[(found["layer"] == "domicilie") & (found["level"] == "gemeente")]
    assert len(of_layer) == 6
    total = figures.area_total(release, layer)
    assert total.addresses == of_layer["addresses"].sum()
    assert (total.low, total.high) == (of_layer["low"].sum(), of_layer["high"].sum())
    parts = figures._parts(release, layer, "buurt")
    assert sum(each["addresses"] for each in parts) == total.addresses
    folder = write_release(release, {}, tmp_path)
    assert audit(folder, release.geography.regions, demo.REFERENCE_DATE).faults == ()


@pytest.mark.full
@pytest.mark.parametrize("name", [preset.name for preset in presets(shipped_regions())])
def test_every_area_that_ships_can_be_built_and_is_in_order(name: str, tmp_path: Path) -> None:
    release = build(name)
    assert release.statistics.num_rows
    assert audit(write_release(release, {}, tmp_path), release.geography.regions, demo.REFERENCE_DATE).faults == ()


def test_composites_lie_between_their_layers(zuidoost: Release) -> None:
    frame = zuidoost.statistics.to_pandas()
    wijk = frame[frame["level"] == "wijk"].pivot_table(index="zone", columns="layer", values="ratio")
    for theme in zuidoost.themes:
        mine = [layer.id for layer in zuidoost.layers if theme in layer.themes]
        score = wijk[f"thema:{theme}"]
        assert (score <= wijk[mine].clip(upper=5).max(axis=1) + 1e-3).all()
        assert (score >= wijk[mine].min(axis=1) - 1e-3).all()


def test_intervals_hold_their_mean_and_a_zero_has_its_own_class(zuidoost: Release) -> None:
    frame = zuidoost.statistics.to_pandas()
    known = frame[frame["rate_mean"].notna()]
    assert (known["rate_low"] <= known["rate_mean"]).all()
    assert ((known["rate_mean"] <= known["rate_high"]) | known["rate_high"].isna()).all()
    summed = known[
        known["level"].isin(["zone", "res9", "res8"])
    ]  # a total rounded apart may lie below what its parts prove
    assert ((summed["low"] <= summed["value"]) & (summed["value"] <= summed["high"].fillna(10**9))).all()
    single = known[~known["layer"].str.startswith("thema:")]
    assert set(single["class"][single["value"] == 0]) == {0}
    assert (single["class"][single["value"] > 0] > 0).all()
    without = frame[frame["value"].isna() & ~frame["layer"].str.startswith("thema:")]
    assert without[["rate", "rate_mean", "class", "low"]].isna().all(axis=None)


def test_less_layers_and_a_strict_profile_change_no_zone(zuidoost: Release) -> None:
    strict = build("zuidoost", layer_ids=("fiu-signalen",), profile="streng")
    assert [layer.id for layer in strict.layers] == ["fiu-signalen"]
    left, right = (
        release.protected.table.drop_columns(["cells"]).to_pandas().query("layer == 'fiu-signalen' and level == 'zone'")
        for release in (strict, zuidoost)
    )
    assert left["value"].tolist() == right["value"].tolist()
    assert set(strict.protected.table["rounding"].to_pylist()) <= {"zone", "som", None}


def test_the_package_can_be_called() -> None:
    assert geoanalyse.build("TC03", layer_ids=("mma-meldingen",)).area.name == "bu0363tc03"
    assert set(dir(geoanalyse)) >= {"__version__"}
    for name in geoanalyse.__all__:
        assert getattr(geoanalyse, name) is not None
    with pytest.raises(AttributeError, match="has no attribute"):
        geoanalyse.iets  # noqa: B018


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"period": (dt.date(2022, 1, 1), dt.date(2025, 12, 1))}, "bestaat niet uit hele delen van een kwartaal"),
        ({"period": (dt.date(2022, 1, 1), dt.date(2026, 4, 1))}, "loopt door na de peildatum"),
        (
            {"reference_date": dt.date(2025, 6, 1), "period": (dt.date(2022, 1, 1), dt.date(2025, 7, 1))},
            "na de peildatum",
        ),
    ],
)
def test_periods_that_do_not_fit_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        build("TC03", **options)


def test_a_peildatum_of_long_ago_is_refused() -> None:
    with pytest.raises(InputError, match="de peildatum ligt voor 1950"):
        build("TC03", reference_date=dt.date(1, 1, 1))


def test_the_default_period_is_the_four_years_of_whole_quarters_before_the_peildatum() -> None:
    release = build("TC03", layer_ids=("mma-meldingen",), reference_date=dt.date(2025, 11, 20))
    assert (release.start, release.end) == (dt.date(2021, 10, 1), dt.date(2025, 10, 1))


def test_an_area_without_a_zone_is_refused(tmp_path: Path) -> None:
    water = tmp_path / "water.geojson"
    water.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Polygon",'
        '"coordinates":[[[5.060,52.395],[5.064,52.395],[5.064,52.398],[5.060,52.398],[5.060,52.395]]]}}]}',
        encoding="utf-8",
    )
    with pytest.raises(AreaError, match=r"kan niets worden uitgegeven|geen cel"):
        build(str(water))


# --- own input --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    demo.write(demo.make(shipped_regions()), folder)
    return folder


def test_unchanged_demo_files_give_the_same_numbers_as_the_demo_itself(written: Path, zuidoost: Release) -> None:
    release = run(Request(area="zuidoost", today=TODAY, folder=written)).release
    assert release.protected.table.equals(zuidoost.protected.table)
    assert release.statistics.equals(zuidoost.statistics)
    assert release.signals == zuidoost.signals
    assert release.digest == zuidoost.digest
    assert release.key_mark == zuidoost.key_mark


def test_changed_demo_files_need_a_key_and_zones(written: Path, tmp_path: Path) -> None:
    for name in ("adressen.csv", "mma-meldingen.csv", "grondslag.toml"):
        (tmp_path / name).write_bytes((written / name).read_bytes())
    rows = (tmp_path / "mma-meldingen.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "mma-meldingen.csv").write_text("".join(rows[:-1]), encoding="utf-8", newline="")
    request = {"area": "TC03", "today": TODAY, "folder": tmp_path}
    with pytest.raises(ProtectionError, match="de demobestanden zijn gewijzigd: geef uw sleutel met --sleutel"):
        run(Request(**request))
    key.make(tmp_path / "k")
    with pytest.raises(InputError, match="maak de zones eenmalig met `geoanalyse zones"):
        run(Request(**request, key_file=tmp_path / "k"))


def test_an_expired_grondslag_is_refused(written: Path, tmp_path: Path) -> None:
    for name in ("adressen.csv", "mma-meldingen.csv"):
        (tmp_path / name).write_bytes((written / name).read_bytes())
    text = (written / "grondslag.toml").read_text(encoding="utf-8")
    (tmp_path / "grondslag.toml").write_text(
        re.sub("geldig_tot = .*", "geldig_tot = 2026-05-31", text), encoding="utf-8"
    )
    with pytest.raises(InputError, match="geldig"):
        run(Request(area="TC03", today=TODAY, folder=tmp_path))
