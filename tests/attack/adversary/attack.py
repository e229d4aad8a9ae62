"""The whole attack: reads what the tests need, runs them, and reports."""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path

from tests.attack.adversary import on_counts, on_files
from tests.attack.adversary.context import Context
from tests.attack.adversary.on_counts import Counts
from tests.attack.adversary.report import WHAT, Report, Result

ON_FILES: Mapping[str, Callable[[Context], Result]] = {
    "T0": on_files.t0,
    "T1": on_files.t1,
    "T5": on_files.t5,
    "T6": on_files.t6,
    "T7": on_files.t7,
    "T8": on_files.t8,
    "T12": on_files.t12,
    "T13": on_files.t13,
    "T14": on_files.t14,
    "T15": on_files.t15,
    "T16": on_files.t16,
    "T19": on_files.t19,
}
ON_COUNTS: Mapping[str, Callable[[Counts], Result]] = {
    "T2": on_counts.t2,
    "T3": on_counts.t3,
    "T4": on_counts.t4,
    "T9": on_counts.t9,
    "T10": on_counts.t10,
    "T11": on_counts.t11,
    "T18": on_counts.t18,
}


def attack(folder: Path, truth: Path | None = None, only: Collection[str] | None = None) -> Report:
    """Attack a case.

    Parameters
    ----------
    folder : Path
        Public files and releases, laid out as `case.read_case` reads them.
    truth : Path, optional
        Folder with ``waarheid.parquet``; opened by the scorer only, for tests that count what is right.
    only : collection of str, optional
        Tests to run; all of them when absent.

    Raises
    ------
    CaseError
        When the folder holds no case.
    """
    context = Context(Path(folder), Path(truth) if truth is not None else None)
    counts = Counts(context)
    runs: dict[str, Callable[[], Result]] = {}
    for test in WHAT:
        if test in ON_FILES:
            runs[test] = partial(ON_FILES[test], context)
        elif test in ON_COUNTS:
            runs[test] = partial(ON_COUNTS[test], counts)
    return Report(tuple(runs[test]() for test in WHAT if only is None or test in set(only)))
