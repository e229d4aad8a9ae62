"""The public stage works without the input, and raw rows stay in memory."""

import subprocess
import sys
from pathlib import Path

import pytest

from geoanalyse import cli, demo, key
from geoanalyse.build import Request, run
from geoanalyse.geography import shipped_regions
from tests.diemen import keep_diemen

ROOT = Path(__file__).parents[1]
MARK = "zzpseudoniem"
"""In every key of the input, so that a row is recognised wherever it turns up."""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder of own data, the demo's with other keys, and beside it a key."""
    home = tmp_path_factory.mktemp("scheiding")
    folder = home / "invoer"
    demo.write(demo.make(shipped_regions()), folder)
    keep_diemen(folder)
    for file in folder.glob("*.csv"):
        if file.stem not in {"adressen", "kvk-registraties", "fiu-signalen"}:
            file.unlink()
            continue
        file.write_text(file.read_text(encoding="utf-8").replace("demo", MARK), encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        cli.main(["zones", str(folder)])
    assert not end.value.code
    key.make(home / "proef.sleutel")
    return folder


def request(folder: Path) -> Request:
    return Request("diemen", demo.REFERENCE_DATE, folder, key_file=folder.parent / "proef.sleutel")


def test_the_public_stage_runs_after_the_input_is_gone(own: Path) -> None:
    away = own.with_name("elders")
    opened: list[str] = []
    after = False

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if after and event == "open" and str(own) in str(arguments[0]):
            opened.append(str(arguments[0]))

    def progress(what: str) -> None:
        nonlocal after
        if what == "statistiek":  # protected; all that follows is a function of the published table
            own.rename(away)
            after = True

    sys.addaudithook(hook)
    try:
        without = run(request(own), progress)
    finally:
        after = False
        away.rename(own)
    assert not opened
    assert without.release.digest == run(request(own)).release.digest


_WATCHED = """
import sys
from pathlib import Path

written = set()


def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        mode, flags = arguments[1], arguments[2] or 0
        if (mode and set(str(mode)) & set("wax+")) or flags & 3:
            written.add(arguments[0])


sys.addaudithook(hook)
fault, folder, key, out = sys.argv[1:]
from geoanalyse import cli
if fault:
    import importlib
    module, name = fault.rsplit(".", 1)

    def broken(*arguments, **settings):
        raise RuntimeError("a fault in the program")

    setattr(importlib.import_module(module), name, broken)
try:
    cli.main(["build", "--gebied", "diemen", "--invoer", folder, "--sleutel", key, "--uit", out])
finally:
    print("written:", *sorted(written), sep="\\n")
"""


def watched(own: Path, out: Path, fault: str) -> tuple[subprocess.CompletedProcess[str], list[Path]]:
    done = subprocess.run(
        [sys.executable, "-c", _WATCHED, fault, own, own.parent / "proef.sleutel", out],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=out.parent,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "TMPDIR": str(out.parent), "HOME": str(out.parent)},
    )
    return done, [Path(line) for line in done.stdout.split("written:\n")[1].splitlines()]


@pytest.mark.skipif(sys.platform == "win32", reason="flags of open are those of POSIX")
@pytest.mark.parametrize(
    "fault",
    [
        "",
        "geoanalyse.counts.count",
        "geoanalyse.protection.protect",
        "geoanalyse.products.gate.check_files",
    ],
)
def test_raw_rows_reach_no_file_no_message_and_no_traceback(own: Path, tmp_path: Path, fault: str) -> None:
    out = tmp_path / "uitvoer"
    done, written = watched(own, out, fault)
    assert done.returncode == (1 if fault else 0), done.stderr
    assert ("a fault in the program" in done.stderr) == bool(fault)
    assert MARK not in done.stdout + done.stderr
    places = (out, own.parent / "proef.sleutel.register", tmp_path)
    elsewhere = [path for path in written if not str(path).startswith(tuple(map(str, places)))]
    assert not [path for path in elsewhere if path.parts[:2] != ("/", "dev") and "__pycache__" not in path.parts]
    left = [path for path in (*tmp_path.rglob("*"), *own.parent.glob("proef*")) if path.is_file()]
    assert fault or left
    assert not [path for path in left if MARK.encode() in path.read_bytes()]
    assert fault == "" or not list(out.glob("*/2*"))  # nothing that looks like a release
