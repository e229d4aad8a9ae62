"""``python -m tests.attack.adversary MAP``: prints a line per test; ends with 1 when one fails."""

import argparse
import json
import sys
from pathlib import Path

from tests.attack.adversary import CaseError, attack
from tests.attack.adversary.report import WHAT


def main() -> int:
    """Read the command line, attack, and report."""
    parser = argparse.ArgumentParser(prog="adversary", description="Valt een map met uitgaven aan.")
    parser.add_argument("map", type=Path, help="map met openbaar/ en uitgaven/")
    parser.add_argument("--alleen", default="", help="toetsen, gescheiden door een komma")
    parser.add_argument("--waarheid", type=Path, help="map met waarheid.parquet, alleen voor de beoordeling")
    parser.add_argument("--json", type=Path, help="schrijf het verslag naar dit bestand")
    asked = parser.parse_args()
    only = {test.strip().upper() for test in asked.alleen.split(",") if test.strip()}
    if only - set(WHAT):
        sys.stderr.write(f"onbekende toets: {', '.join(sorted(only - set(WHAT)))}; kies uit {', '.join(WHAT)}\n")
        return 1
    try:
        report = attack(asked.map, asked.waarheid, only or None)
    except CaseError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("\n".join(report.lines()) + "\n")
    if asked.json:
        text = json.dumps(report.as_json(), ensure_ascii=False, indent=1, default=float)
        asked.json.write_text(text + "\n", encoding="utf-8", newline="\n")
    return 0 if report.passed else 1


if __name__ == "__main__":
    sys.exit(main())
