"""Addresses in degrees become addresses in metres, or are refused with a line that says why."""

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from geoanalyse import conversion, coordinates
from geoanalyse.addresses import read_addresses
from geoanalyse.cli import main
from geoanalyse.errors import InputError

HEAD = "sleutel;lon;lat;gebruik;pand\n"
TOWER = "a1;5,387203;52,155172;woonfunctie;p1\n"


def written(path: Path, *rows: str) -> Path:
    path.write_text(HEAD + "".join(rows), encoding="utf-8")
    return path


def test_the_tower_of_amersfoort_lies_where_it_should(tmp_path: Path) -> None:
    made = conversion.in_metres(written(tmp_path / "graden.csv", TOWER, TOWER.replace("a1", "a2").replace(",", ".")))
    assert made.column_names == ["sleutel", "oost", "noord", "crs", "gebruik", "pand"]
    assert made["oost"].to_pylist() == pytest.approx([155_000, 155_000], abs=0.3)
    assert made["noord"].to_pylist() == pytest.approx([463_000, 463_000], abs=0.3)


def test_the_command_writes_a_file_that_the_build_accepts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = written(tmp_path / "graden.csv", TOWER)
    (tmp_path / "in").mkdir()
    for _ in range(2):  # the same bytes when done again
        with pytest.raises(SystemExit) as end:
            main(["omreken", str(source), "--uit", str(tmp_path / "in" / "adressen.csv")])
        assert end.value.code == 0
    said = capsys.readouterr().out
    with_grid = coordinates.installed_grid() is not None
    assert ("1 millimeter" if with_grid else "25 centimeter") in said
    base, _ = read_addresses(tmp_path / "in")
    assert (base.easting[0], base.northing[0]) == pytest.approx((155_000, 463_000), abs=0.3)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("a1;52,155;5,387;woonfunctie;p1\n", "1 rij is verwisseld"),
        ("a1;155000;463000;woonfunctie;p1\n", "1 rij is al in RD-meters"),
        ("a1;;52,1;woonfunctie;p1\n", "1 rij is geen getal of leeg"),
        ("a1;vijf;52,1;woonfunctie;p1\n", "1 rij is geen getal of leeg"),
        ("a1;2,35;48,85;woonfunctie;p1\n", "1 rij is buiten Nederland"),
    ],
)
def test_what_is_no_place_in_degrees_is_refused(tmp_path: Path, row: str, words: str) -> None:
    with pytest.raises(InputError) as error:
        conversion.in_metres(written(tmp_path / "graden.csv", TOWER, row))
    assert error.value.faults == (str(error.value),)
    assert str(error.value).startswith(f"graden.csv, kolommen lon en lat: {words}")


def test_a_file_of_another_form_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "graden.csv"
    path.write_text("sleutel;lon;lat;gebruik;pand;naam\na;5,3;52,1;woonfunctie;p;Jansen\n", encoding="utf-8")
    with pytest.raises(InputError, match="kolom naam: staat niet in het contract") as error:
        conversion.in_metres(path)
    assert "Jansen" not in str(error.value)


def test_nothing_is_written_when_a_row_is_wrong(tmp_path: Path) -> None:
    source = written(tmp_path / "graden.csv", TOWER, "a2;52,1;5,3;woonfunctie;p\n")
    with pytest.raises(SystemExit) as end:
        main(["omreken", str(source), "--uit", str(tmp_path / "adressen.csv")])
    assert end.value.code == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["graden.csv"]


def test_numbers_that_were_numbers_stay_exact(tmp_path: Path) -> None:
    table = pa_csv.read_csv(
        written(tmp_path / "graden.csv", TOWER.replace(",", ".")), parse_options=pa_csv.ParseOptions(delimiter=";")
    )
    pq.write_table(table, tmp_path / "graden.parquet")
    one, two = (conversion.in_metres(tmp_path / f"graden.{form}") for form in ("csv", "parquet"))
    assert one.equals(two)


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    source = written(tmp_path / "graden.csv", TOWER)
    with pytest.raises(SystemExit):
        main(["omreken", str(source), "--uit", str(tmp_path / "adressen.csv")])
    assert (tmp_path / "adressen.csv").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("way", ["itself", "link", "hard link"])
def test_the_input_is_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str], way: str) -> None:
    source = written(tmp_path / "graden.csv", TOWER)
    target = source if way == "itself" else tmp_path / "adressen.csv"
    if way == "link":
        target.symlink_to(source)
    elif way == "hard link":
        target.hardlink_to(source)
    before = source.read_bytes()
    with pytest.raises(SystemExit) as end:
        main(["omreken", str(source), "--uit", str(target)])
    assert end.value.code != 0
    assert source.read_bytes() == before
    assert "is de invoer zelf" in capsys.readouterr().err


def test_keys_that_were_made_numbers_are_refused(tmp_path: Path) -> None:
    table = pa.table(
        {
            "sleutel": [363010000000001.0, None],
            "lon": [5.38] * 2,
            "lat": [52.15] * 2,
            "gebruik": ["woonfunctie"] * 2,
            "pand": [3, 4],
        }
    )
    pq.write_table(table, tmp_path / "graden.parquet")
    with pytest.raises(InputError, match="kolom sleutel: is geen tekst en geen heel getal"):
        conversion.in_metres(tmp_path / "graden.parquet")
