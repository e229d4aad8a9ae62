"""Runs many command lines of the real program in one process, so that each does not pay for imports again.

``python -m tests.attack.runner`` reads a JSON list of jobs from standard input, each ``{"arguments": [...], "fault":
name or null, ...}`` with the attributes of `Job`, and stops at the first that fails. A fault of `tests.attack.faults`
is patched into the package for its own job only.
"""

import concurrent.futures
import contextlib
import dataclasses
import gc
import io
import json
import random
import subprocess
import sys
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Job:
    """One command line, without the name of the program.

    Attributes
    ----------
    arguments : sequence of str
    fault : str, optional
        What is patched into the package.
    threads : int, optional
        Size of every pool of threads.
    seed : int, optional
        A key that is made follows from it, so that two runs of the workload are the same.
    """

    arguments: Sequence[str]
    fault: str | None = None
    threads: int | None = None
    seed: int | None = None


class RunFailedError(Exception):
    """A command line did not end well; says which, and what it wrote."""


def run(jobs: Sequence[Job], folder: Path, *, at_once: int = 1) -> None:
    """Run command lines one after another in one new process, or in several at the same time.

    Parameters
    ----------
    jobs : sequence of Job
    folder : Path
        Where they run.
    at_once : int
        Number of processes, over which the jobs are dealt out. Releases of one series and area keep their order and
        come from one process: the program lets one command at a time write there.

    Raises
    ------
    RunFailedError
        At the first that fails; what came before it stays.
    """
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        list(pool.map(lambda lane: _run(lane, folder), _dealt(jobs, at_once) if at_once > 1 else [jobs]))


def _dealt(jobs: Sequence[Job], number: int) -> list[list[Job]]:
    groups: dict[tuple[str, ...], list[Job]] = {}
    for job in jobs:
        options = dict(pairwise(job.arguments))
        groups.setdefault((options.get("--uit", ""), options.get("--gebied", "")), []).append(job)
    lanes: list[list[Job]] = [[] for _ in range(number)]
    for group in sorted(groups.values(), key=len, reverse=True):
        min(lanes, key=len).extend(group)
    return lanes


def _run(jobs: Sequence[Job], folder: Path) -> None:
    script = "import sys; sys.path.insert(0, sys.argv[1]); from tests.attack.runner import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", script, str(ROOT)],
        input=json.dumps([dataclasses.asdict(job) for job in jobs]),
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if result.returncode:
        raise RunFailedError(result.stderr.strip())


def main() -> None:
    """Do the jobs on standard input; leave with 1 and the reason at the first that fails."""
    from geoanalyse import cli  # noqa: PLC0415 - the parent needs none of it

    for entry in json.load(sys.stdin):
        job = Job(**entry)
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), contextlib.ExitStack() as changes:
            try:
                for change in _changes(job):
                    changes.enter_context(change)
                cli.main(job.arguments)
            except SystemExit as end:
                failed = bool(end.code)
            except Exception:  # noqa: BLE001 - a crash of the program is an outcome, and is told as one
                failed = True
                traceback.print_exc()
        if failed:
            sys.stderr.write(f"geoanalyse {' '.join(job.arguments)} (fault: {job.fault})\n{said.getvalue()}")
            sys.exit(1)
        gc.collect()


def _changes(job: Job) -> Iterator[contextlib.AbstractContextManager[object]]:
    """Give what is different about the program in this job."""
    from tests.attack import faults  # noqa: PLC0415

    if job.fault is not None:
        yield faults.planted(job.fault)
    if job.threads is not None:
        yield _threads(job.threads)
    if job.seed is not None:
        yield mock.patch("secrets.token_bytes", random.Random(job.seed).randbytes)  # noqa: S311 - not a secret


@contextlib.contextmanager
def _threads(number: int) -> Iterator[None]:
    """Give every pool of threads of the program this many, and pyarrow too."""
    import pyarrow as pa  # noqa: PLC0415

    made = concurrent.futures.ThreadPoolExecutor.__init__

    def start(self: concurrent.futures.ThreadPoolExecutor, max_workers: int | None = None) -> None:  # noqa: ARG001
        made(self, number)

    before = pa.cpu_count()
    pa.set_cpu_count(number)
    try:
        with mock.patch.object(concurrent.futures.ThreadPoolExecutor, "__init__", start):
            yield
    finally:
        pa.set_cpu_count(before)


if __name__ == "__main__":
    main()
