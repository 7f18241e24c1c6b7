"""The colours of code: one rule for all marks that look the same.

Furo writes a rule for each kind of mark, and all of them three times: it is the second
largest file of a page, and the first paint waits for it.
"""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.application import Sphinx

from bookkit.files import write_whole

_SHEET = "_static/pygments.css"
# As Pygments writes them, e.g. `.highlight .k { color: #008 } /* Keyword */`
_RULE = re.compile(r"(.*?\.highlight) \.(\w+) \{ (.*?) \} /\* .* \*/")


def setup(app: Sphinx) -> None:
    # After Furo, which writes the sheet when all is done.
    app.connect("build-finished", _rewrite, priority=900)


def _rewrite(app: Sphinx, exception: Exception | None) -> None:
    sheet = Path(app.outdir) / _SHEET
    if exception is None and sheet.is_file():
        write_whole(sheet, merged(sheet.read_text(encoding="utf-8")))


def merged(sheet: str) -> str:
    """Return the sheet with rules of one scheme that say the same put into one."""
    lines: list[str] = []
    kinds: dict[tuple[str, str], list[str]] = {}
    for line in sheet.splitlines():
        rule = _RULE.fullmatch(line)
        if rule is None:
            lines += _written(kinds)
            kinds = {}
            lines.append(line)
        else:
            kinds.setdefault((rule[1], rule[3]), []).append(rule[2])
    return "\n".join([*lines, *_written(kinds), ""])


def _written(kinds: dict[tuple[str, str], list[str]]) -> list[str]:
    return [
        f"{where} :is({','.join(f'.{kind}' for kind in names)}) {{ {look} }}"
        for (where, look), names in kinds.items()
    ]
