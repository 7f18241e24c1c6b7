"""Translate Sphinx's warnings about generated files to the author's own lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bookkit.site.sphinx_internals import WARNING

_QUOTED = re.compile(
    r"['\"`]([^'\"`\s]{3,})['\"`]|could not find bibtex key \"?([^\" ]+)"
)
_NOT_WORD = re.compile(r"[^\w]+|_(?=\W)")
_LEAST_MATCH = 4


@dataclass(frozen=True)
class SiteFinding:
    """One complaint about one place."""

    path: str
    """Relative to the book's folder where it lies in there."""
    line: int | None
    message: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.message}" if place else self.message


def read_findings(warnings_file: Path, root: Path, rst_dir: Path) -> list[SiteFinding]:
    """Parse the file that Sphinx's option `-w` writes."""
    if not warnings_file.is_file():
        return []
    entries: list[tuple[str, int | None, str]] = []
    for text in warnings_file.read_text(encoding="utf-8").splitlines():
        match = WARNING.match(text)
        if match:
            line = int(match["line"]) if match["line"] else None
            entries.append((match["path"] or "", line, match["message"]))
        elif entries and text.strip():
            path, line, message = entries[-1]
            entries[-1] = (path, line, f"{message}\n    {text.strip()}")
    return [_translate(*entry, root, rst_dir) for entry in entries]


def _translate(
    path: str, line: int | None, message: str, root: Path, rst_dir: Path
) -> SiteFinding:
    generated = Path(path)
    try:
        section = (root / generated.relative_to(rst_dir)).with_suffix(".md")
    except ValueError:
        return SiteFinding(_relative(generated, root), line, message)
    if not section.is_file():
        return SiteFinding(_relative(generated, root), line, message)
    rst = (
        generated.read_text(encoding="utf-8").splitlines()
        if generated.is_file()
        else []
    )
    around = rst[line - 1] if line and line <= len(rst) else ""
    found = _find_line(
        section.read_text(encoding="utf-8").splitlines(), message, around
    )
    return SiteFinding(_relative(section, root), found, message)


def _find_line(source: list[str], message: str, around: str) -> int | None:
    """Return the line that has what the message quotes, else the most similar one."""
    quoted = [first or second for first, second in _QUOTED.findall(message)]
    for word in quoted:
        for number, text in enumerate(source, 1):
            if word in text and (not around or word in around):
                return number
    words = {word for word in _NOT_WORD.split(around) if word}
    wanted = sum(map(len, words))
    best, best_score = None, 0
    for number, text in enumerate(source, 1):
        score = sum(len(word) for word in words if word in text)
        if score > best_score:
            best, best_score = number, score
    return best if best_score >= max(_LEAST_MATCH, wanted / 2) else None


def _relative(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
