"""A holder sends a pseudonym, a zone and a date; the figures are those of the addresses."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from geoanalyse import build as building
from geoanalyse import cli, demo, key
from geoanalyse.addresses import Events
from geoanalyse.build import Request, prepare, shipped_zones
from geoanalyse.errors import InputError
from geoanalyse.exchange import delivery
from geoanalyse.geography import shipped_regions
from geoanalyse.layer import Base, read_layers, shipped_folder
from tests import town

SECRET = bytes(range(32))


def small() -> tuple[town.Town, Events]:
    random = np.random.default_rng(7)
    place = town.town(random, 900)
    return place, town.events(random, place, 0.06)


def test_every_row_becomes_a_pseudonym_a_zone_and_a_date() -> None:
    place, happened = small()
    table, outside = delivery(
        town.layer(), happened, place.addresses, place.geography.zones, place.geography.regions, SECRET, "2025-01-01"
    )
    assert table.column_names == ["sleutel", "zone", "datum", "aantal"]
    assert (table.num_rows, outside) == (len(happened), 0)
    keys = set(table["sleutel"].to_pylist())
    assert len(keys) == len(np.unique(happened.address))
    assert not keys & set(place.addresses.keys.to_pylist())
    names = {f"{zone:x}" for zone in place.geography.zones.base[Base.ALL].zone.tolist()}
    assert set(table["zone"].to_pylist()) <= names
    assert table["sleutel"].to_pylist() == sorted(table["sleutel"].to_pylist())


def test_pseudonyms_differ_per_holder_layer_and_occasion_and_are_no_plain_hash() -> None:
    place, happened = small()
    world = (place.addresses, place.geography.zones, place.geography.regions)

    def keys(layer: str, secret: bytes, occasion: str) -> set[str]:
        return set(delivery(town.layer(layer), happened, *world, secret, occasion)[0]["sleutel"].to_pylist())

    first = keys("fiu-signalen", SECRET, "2025-01-01")
    assert first == keys("fiu-signalen", SECRET, "2025-01-01")
    for other in (
        keys("fiu-signalen", SECRET, "2025-02-01"),
        keys("mma-meldingen", SECRET, "2025-01-01"),
        keys("fiu-signalen", bytes(32), "2025-01-01"),
    ):
        assert not first & other


def test_an_address_that_is_not_on_the_base_is_left_out_and_counted() -> None:
    place, happened = small()
    world = (place.addresses, place.geography.zones, place.geography.regions)
    table, outside = delivery(town.layer("leegstand"), happened, *world, SECRET, "2025-01-01")
    off = ~place.addresses.eligible(town.layer("leegstand").base)[happened.address]
    assert outside == off.sum() > 0
    assert table.num_rows == (~off).sum()


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Give a folder with addresses, and what its holder would deliver of three layers."""
    home = tmp_path_factory.mktemp("uitwisseling")
    regions = shipped_regions()
    made = demo.make(regions)
    own = home / "eigen"
    demo.write(made, own)
    basis = (own / "grondslag.toml").read_text(encoding="utf-8").replace("demo = true\n", "")
    (own / "grondslag.toml").write_text(basis, encoding="utf-8")
    zones = shipped_zones(regions)
    (own / f"zones-{zones.version}.parquet").write_bytes(
        (Path(building.__file__).parent / "data" / "zones-demo.parquet").read_bytes()
    )
    key.make(home / "proef.sleutel")
    sent = home / "levering"
    sent.mkdir()
    (sent / "grondslag.toml").write_text(basis, encoding="utf-8")
    (sent / f"zones-{zones.version}.parquet").write_bytes((own / f"zones-{zones.version}.parquet").read_bytes())
    for layer in read_layers(shipped_folder(), ["kvk-registraties", "fiu-signalen", "leegstand"]):
        table, _ = delivery(layer, made.events[layer.id], made.addresses, zones, regions, SECRET, "2026-01-01")
        rows = table.to_pylist()
        with (sent / f"{layer.id}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(table.column_names)
            writer.writerows(row.values() for row in rows)
    return own, sent


def test_a_delivery_is_counted_like_the_addresses_it_came_from(folders: tuple[Path, Path]) -> None:
    layers = ("fiu-signalen", "kvk-registraties", "leegstand")
    own, sent = (
        prepare(
            Request("zuidoost", demo.REFERENCE_DATE, folder, layer_ids=layers, key_file=folder.parent / "proef.sleutel")
        )
        for folder in folders
    )
    assert [item.layer.id for item in sent.counts] == list(layers)
    for ours, theirs in zip(own.counts, sent.counts, strict=True):
        assert np.array_equal(ours.total, theirs.total)
        assert np.array_equal(ours.series, theirs.series)
        assert ours.total.sum() > 0


def test_a_zone_of_another_version_is_refused_without_its_name(folders: tuple[Path, Path], tmp_path: Path) -> None:
    _, sent = folders
    for file in sent.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    text = (tmp_path / "leegstand.csv").read_text(encoding="utf-8").splitlines()
    text[1] = ";".join(["p", "8a2a1072b59ffff", text[1].split(";")[2]])
    (tmp_path / "leegstand.csv").write_text("\n".join(text), encoding="utf-8")
    request = Request(
        "zuidoost", demo.REFERENCE_DATE, tmp_path, layer_ids=("leegstand",), key_file=sent.parent / "proef.sleutel"
    )
    with pytest.raises(InputError, match="leegstand, kolom zone: van 1 sleutel kent") as refused:
        prepare(request)
    assert "8a2a1072b59ffff" not in str(refused.value)


def test_the_command_writes_a_new_folder_whole_or_not_at_all(
    folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own, _ = folders

    def apply(out: Path) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main(
                [
                    *("zones", "toepassen", str(own), "--sleutel", str(own.parent / "proef.sleutel")),
                    *("--aan", "RIEC Testdam", "--uit", str(out)),
                ]
            )
        return int(ended.value.code or 0), capsys.readouterr().err

    before = {file.name: file.read_bytes() for file in own.iterdir()}
    code, said = apply(own)
    assert code == 1
    assert "bestaat al en is niet leeg; kies een nieuwe map" in said
    assert {file.name: file.read_bytes() for file in own.iterdir()} == before
    assert apply(tmp_path / "levering") == (0, "")
    assert (tmp_path / "levering" / "kvk-registraties.csv").stat().st_size > 1000
    assert not list(tmp_path.glob("*.deel"))
    if os.name == "posix":
        assert {file.stat().st_mode & 0o777 for file in (tmp_path / "levering").iterdir()} == {0o600}
