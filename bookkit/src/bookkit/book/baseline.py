"""Findings that a book is known to have: they are counted, and do not stop a build.

`check-baseline.txt` has a line for each kind of finding in each file. Line numbers and
other counts are left out, so that an edit elsewhere in the file changes nothing.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bookkit import __version__
from bookkit.book.findings import CODES, Finding
from bookkit.errors import ConfigError, explain
from bookkit.files import write_whole

NAME = "check-baseline.txt"
RENEW = "bookkit check --write-baseline"
#: Counts changes of the file's form; one without a number is of the first.
FORM = 1
_HEAD = (
    f"# Known findings (form {FORM}): code, how many, file, what was found. "
    f"Renew: {RENEW}\n"
)
_FORM = re.compile(r"# Known findings \(form (\d+)\)")
_ROW = re.compile(r"(BK\d+) ([1-9]\d*) ((.+?)(?: \[[\w-]+\])?: .+)")


@dataclass(frozen=True)
class Known:
    """What the file says: how many of each kind; the first line of each of its files.

    `strange` are codes that no rule of ours has, with their lines.
    """

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    files: dict[str, int] = field(default_factory=dict)
    strange: dict[str, int] = field(default_factory=dict)


def kind_of(finding: Finding) -> tuple[str, str]:
    """Return what stays the same when lines move: a code, and a file with words."""
    tab = f" [{finding.tab}]" if finding.tab else ""
    found = re.sub(r"\b\d+\b", "N", " ".join(finding.found.split()))
    return finding.code, f"{finding.path}{tab}: {found}"


def count(findings: Iterable[Finding]) -> Counter[tuple[str, str]]:
    return Counter(map(kind_of, findings))


def read(root: Path) -> Known:
    """Return the known findings; a book without the file has none.

    Raises:
        ConfigError: it cannot be read, is of a newer form, or a line is not of the form
            that `write` gives it.
    """
    path = root / NAME
    known = Known()
    if not path.exists():
        return known
    for number, row in enumerate(_rows(path), start=1):
        if match := _ROW.fullmatch(row):
            code, times, words, file = match.groups()
            known.counts[code, words] += int(times)
            known.files.setdefault(file, number)
            if code not in CODES:
                known.strange.setdefault(code, number)
        elif (form := _FORM.match(row)) and int(form[1]) > FORM:
            found = f"form {form[1]}, of a newer bookkit than {__version__}"
            remedy = f"install that one, or: {RENEW}"
            expected = f"form {FORM} or older"
            raise ConfigError(explain(f"{path}:{number}", found, expected, remedy))
        elif row.strip() and not row.startswith("#"):
            expected = "a code, how many, a file and what was found"
            place = f"{path}:{number}"
            raise ConfigError(explain(place, f"`{row}`", expected, RENEW))
    return known


def _rows(path: Path) -> list[str]:
    expected = "a text file, as bookkit writes it"
    try:
        # Of the ends that `splitlines` knows some may stand in what was found
        return path.read_text("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        found = f"byte 0x{error.object[error.start]:02x} is not UTF-8"
        raise ConfigError(explain(f"{path}:{line}", found, expected, RENEW)) from None
    except OSError as error:
        remedy = f"delete or rename it, then: {RENEW}"
        found = f"cannot be read ({error.strerror})"
        raise ConfigError(explain(str(path), found, expected, remedy)) from None


def outdated(root: Path, known: Known, new: Iterable[Finding]) -> Iterator[str]:
    """Say what of the file is not of this book, or not of this bookkit."""
    kinds = [(*kind_of(one), str(one.path)) for one in new]
    for file, line in known.files.items():
        if os.path.exists(root / file):
            continue
        own = {
            (code, words.removeprefix(file))
            for code, words in known.counts
            if words.startswith(file)
        }
        moved = Counter(
            path
            for code, words, path in kinds
            if (code, words.removeprefix(path)) in own
        )
        found = f"known findings of `{file}`, which is no more"
        expected = "files of the book"
        if moved:
            (path, times), *_ = moved.most_common(1)
            found += f"; `{path}` has {times} such, which count as new"
            expected = f"`{path}` in its place, if that is its new name"
        yield explain(f"{NAME}:{line}", found, expected, RENEW)
    for code, line in known.strange.items():
        found = f"{code}, which is no rule of bookkit {__version__}"
        expected = "known findings of this bookkit: a newer one wrote that"
        yield explain(f"{NAME}:{line}", found, expected, RENEW)


def write(root: Path, findings: Iterable[Finding]) -> Path:
    """Make these the known findings."""
    rows = [
        (f"{code} {times} {words}\n", words)
        for (code, words), times in count(findings).items()
    ]
    rows.sort(key=lambda row: (row[1], row[0]))
    write_whole(root / NAME, _HEAD + "".join(text for text, _ in rows))
    return root / NAME
