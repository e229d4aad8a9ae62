"""The hostile program: starts with nothing but issued files and public geography, and tries everything.

It shares no code with the package it attacks.
"""

from tests.attack.adversary.attack import attack
from tests.attack.adversary.case import CaseError
from tests.attack.adversary.report import Report, Result

__all__ = ["CaseError", "Report", "Result", "attack"]
