"""A sentence of the text, and the function that shows it to be true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from tables import load_table
from words.calling import call

TABS = ("mxnet", "pytorch", "tensorflow", "paddle")
Function = TypeVar("Function", bound=Callable[..., None])


@dataclass
class Claim:
    """Checkable sentences that stand in the section word for word.

    `checks` maps a tab to a function, and to the value that it is given there. It runs
    in the tab's kernel after the whole notebook has run, and raises if a sentence is
    false. A sentence that cannot be checked says why in `unchecked`; one that some tabs
    show without a check of their own says in `elsewhere` why the others' will do.
    """

    quotes: tuple[str, ...]
    checks: dict[str, tuple[Callable[..., None], Any]] = field(default_factory=dict)
    unchecked: str | None = None
    elsewhere: str | None = None


class Claims(list[Claim]):
    """The claims of a section, in the order of its module."""

    def claim(
        self, *quotes_and_tabs: str, elsewhere: str | None = None, **given: Any
    ) -> Callable[[Function], Function]:
        """Note the function below as proof of sentences.

        It runs in the tabs named after them, or in those that get a value for its
        parameter `given`, or in every tab.
        """
        quotes = tuple(one for one in quotes_and_tabs if one not in TABS)
        self.append(Claim(quotes, elsewhere=elsewhere))
        return self.also(*quotes_and_tabs[len(quotes) :], **given)

    def also(self, *tabs: str, **given: Any) -> Callable[[Function], Function]:
        """Note the function below as proof of the same sentences in other tabs."""
        checks = self[-1].checks

        def note(function: Function) -> Function:
            for tab in tabs or given or TABS:
                assert tab not in checks, f"{tab} has a check of {self[-1].quotes}"
                checks[tab] = function, given.get(tab)
            return function

        return note

    def unchecked(self, quote: str, why: str) -> None:
        """Note a sentence that no check can show to be true."""
        self.append(Claim((quote,), unchecked=why))


def prove(name: str, number: int, tab: str, notebook: dict[str, Any]) -> None:
    """Run, in a tab's kernel, the check of one claim of a section's module."""
    function, given = load_table(Path(__file__).parent, name).CLAIMS[number].checks[tab]
    call(function, tab, notebook, given)
