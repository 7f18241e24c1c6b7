"""Findings that a book is known to have: they are counted, and do not stop a build.

`check-baseline.txt` has a line for each kind of finding in each file. Line numbers and
other counts are left out, so that an edit elsewhere in the file changes nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from bookkit.book.findings import Finding
from bookkit.errors import ConfigError, explain
from bookkit.files import write_whole

NAME = "check-baseline.txt"
RENEW = "bookkit check --write-baseline"
_HEAD = f"# Known findings: code, how many, file, what was found. Renew: {RENEW}\n"
_ROW = re.compile(r"(BK\d+) (\d+) (.+)")


def kind_of(finding: Finding) -> tuple[str, str]:
    """Return what stays the same when lines move: a code, and a file with words."""
    tab = f" [{finding.tab}]" if finding.tab else ""
    found = re.sub(r"\b\d+\b", "N", " ".join(finding.found.split()))
    return finding.code, f"{finding.path}{tab}: {found}"


def count(findings: Iterable[Finding]) -> Counter[tuple[str, str]]:
    return Counter(map(kind_of, findings))


def read(root: Path) -> Counter[tuple[str, str]]:
    """Return the known findings; a book without the file has none.

    Raises:
        ConfigError: a line is not of the form that `write` gives it.
    """
    path = root / NAME
    known: Counter[tuple[str, str]] = Counter()
    if not path.is_file():
        return known
    for number, row in enumerate(path.read_text("utf-8").splitlines(), start=1):
        match = _ROW.fullmatch(row)
        if match:
            known[match[1], match[3]] += int(match[2])
        elif row.strip() and not row.startswith("#"):
            expected = "a code, how many, a file and what was found"
            place = f"{path}:{number}"
            raise ConfigError(explain(place, f"`{row}`", expected, RENEW))
    return known


def write(root: Path, findings: Iterable[Finding]) -> Path:
    """Make these the known findings."""
    rows = [
        (f"{code} {times} {words}\n", words)
        for (code, words), times in count(findings).items()
    ]
    rows.sort(key=lambda row: (row[1], row[0]))
    write_whole(root / NAME, _HEAD + "".join(text for text, _ in rows))
    return root / NAME
