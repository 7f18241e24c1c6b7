"""A sentence of the text, and the code that shows it to be true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: In `checks`, stands for every tab that is not named.
EVERY_OTHER_TAB = "*"


@dataclass(frozen=True)
class Claim:
    """One checkable sentence.

    `quote` stands in the section word for word. `checks` maps a tab to code
    that runs in the tab's kernel after the whole notebook has run, and raises
    if the sentence is false. A sentence that cannot be checked says why in
    `unchecked`; one that some tabs show without a check of their own says in
    `elsewhere` why the others' will do.
    """

    quote: str
    checks: Mapping[str, str] = field(default_factory=dict)
    unchecked: str | None = None
    elsewhere: str | None = None

    def check_for(self, tab: str) -> str | None:
        """Return the code for a tab; None where its readers do not see the claim."""
        return self.checks.get(tab, self.checks.get(EVERY_OTHER_TAB))
