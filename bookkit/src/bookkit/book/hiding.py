"""Comments of d2lbook's by which a cell keeps its code or its outputs off the page.

`#@hide` keeps both off, `#@hide_code` (`# hide code`) and `#@hide_output` (`# hide
outputs`) one of them, and `#@hide_all` both, of its cell and of all that follow.
Notebooks have everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

#: What ran in one tab of a cell: `source`, `outputs`, and `tags`; by tab.
Variants = Mapping[str, Mapping[str, Any]]

_MARK = re.compile(r"^[^\n]*#(?:@hide(_\w+)?\b| hide (code|outputs)\b)", re.M | re.I)
_CODE, _OUTPUT = {"", "_all", "_code", "code"}, {"", "_all", "_output", "outputs"}


def without_hidden(code: Sequence[Variants]) -> Iterator[Variants]:
    """Yield what ran of each cell, without what its author hides."""
    off: set[str] = set()
    for variants in code:
        shown = {}
        for tab, variant in variants.items():
            marks = {
                (one[1] or one[2] or "").lower()
                for one in _MARK.finditer(variant["source"])
            }
            if "_all" in marks:
                off.add(tab)
            marks |= {""} if tab in off else set()
            shown[tab] = {
                **variant,
                **({"source": ""} if marks & _CODE else {}),
                **({"outputs": []} if marks & _OUTPUT else {}),
            }
        yield shown
