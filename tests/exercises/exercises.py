"""An exercise that checks the reader's answer, and answers to try on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Exercise:
    """One check of a section, with a right and a wrong answer.

    `call` is the last line of the exercise's cell, such as
    `check(Parallel, parallel_cases)`. `right` and `wrong` map a tab, or `*` for
    every other tab, to code that replaces the reader's stub. `says` is part of
    what the check answers to the wrong one.
    """

    call: str
    right: Mapping[str, str]
    wrong: Mapping[str, str]
    says: str

    def answers(self, tab: str) -> dict[str, str]:
        """Return the code of the right and of the wrong answer for a tab."""
        return {
            "right": self.right.get(tab, self.right.get("*", "")),
            "wrong": self.wrong.get(tab, self.wrong.get("*", "")),
        }
