"""An exercise that checks the reader's answer, and answers to try on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partialmethod
from pathlib import Path
from typing import Any, TypeVar

import words.calling
from tables import load_table

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass
class Exercise:
    """One check of a section, with right and wrong answers.

    `call` is the last line of the exercise's cell, such as
    `check(Parallel, parallel_cases)`; `says` is part of what the check answers to the
    wrong one. `answers` maps `right` or `wrong` and a tab, or None for every other tab,
    to the reader's function, or to one that makes the reader's class. Names of the
    notebook and words are its keyword-only parameters.
    """

    call: str
    says: str
    answers: dict[tuple[str, str | None], Callable[..., Any]] = field(default_factory=dict)


class Exercises(list[Exercise]):
    """The exercises of a section, in the order of its text."""

    def exercise(self, call: str, says: str) -> None:
        """Begin an exercise; the answers below are to it."""
        self.append(Exercise(call, says))

    def note(self, kind: str, *tabs: str) -> Callable[[Function], Function]:
        """Note the function below as an answer in these tabs, or in every other."""
        answers = self[-1].answers

        def note(function: Function) -> Function:
            for tab in tabs or (None,):
                assert (kind, tab) not in answers, (kind, tab, self[-1].call)
                answers[kind, tab] = function
            return function

        return note

    right, wrong = partialmethod(note, "right"), partialmethod(note, "wrong")


_table = cache(load_table)


def answer(name: str, number: int, kind: str, tab: str, notebook: dict[str, Any]) -> Any:
    """Return, in a tab's kernel, an answer to an exercise of a section's module."""
    answers = _table(Path(__file__).parent, name).EXERCISES[number].answers
    function = answers.get((kind, tab)) or answers[kind, None]
    return words.calling.answer(function, tab, notebook)
