"""The rules of the style sheet that name tabs: what shows when one is chosen."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

# Two columns of code; `comparison.css` has it as well.
_ROOM_FOR_TWO = "80em"
_PARTS = ":is(.bk-panel, .bk-tabs-code > .bk-absent)"


def rules_of_tabs(tabs: Sequence[str]) -> str:
    """Return the rules; without JavaScript none of them applies."""
    quoted = [json.dumps(tab, ensure_ascii=False) for tab in tabs]

    def each(selector: Callable[[str], str]) -> str:
        return ",\n".join(map(selector, quoted))

    def chosen(parts: str) -> str:
        return each(lambda tab: f"html[data-tab={tab}] {parts}[data-tab={tab}]")

    def beside(parts: str, attribute: str) -> str:
        return each(lambda tab: f"html[data-compare={tab}] {parts}[{attribute}={tab}]")

    # Prose for other frameworks alone: this reader's text goes on without a gap.
    hidden = each(
        lambda tab: (
            f"html[data-tab={tab}] .bk-tabs-text[data-tabs]:not([data-tabs~={tab}]),\n"
            f"html[data-tab={tab}] .bk-for:not([data-tab={tab}])"
        )
    )
    if not tabs:
        return ""
    return f"""
{chosen(_PARTS)} {{ display: block; }}
{hidden} {{ display: none; }}
{chosen(".bk-framework")} {{
  color: var(--bk-switch-color-chosen);
  background: var(--bk-switch-background-chosen);
}}
@media screen and (min-width: {_ROOM_FOR_TWO}) {{
{beside(".bk-tabs-text[data-tabs]", "data-tabs~")} {{ display: grid; }}
{beside(_PARTS, "data-tab")} {{ display: block; grid-column: 2; }}
}}
"""
