"""Read Sphinx's warnings, which name the author's own files and lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bookkit.errors import where
from bookkit.site.sphinx_internals import WARNING


@dataclass(frozen=True)
class SiteFinding:
    """One complaint about one place."""

    path: str
    """Relative to the book's folder where it lies in there."""
    line: int | None
    message: str
    tab: str | None = None

    def __str__(self) -> str:
        if not self.path:
            return self.message
        place = where(self.path, self.line, self.tab) if self.line else self.path
        return f"{place}: {self.message}"


def read_findings(warnings_file: Path, root: Path) -> list[SiteFinding]:
    """Parse the file that Sphinx's option `-w` writes."""
    if not warnings_file.is_file():
        return []
    return list(_findings(warnings_file.read_text(encoding="utf-8"), root))


def _findings(text: str, root: Path) -> Iterator[SiteFinding]:
    found: SiteFinding | None = None
    for row in text.splitlines():
        match = WARNING.match(row)
        if match:
            if found:
                yield found
            path = Path(match["path"] or "")
            shown = path.relative_to(root) if path.is_relative_to(root) else path
            line = int(match["line"]) if match["line"] else None
            name = str(shown) if match["path"] else ""
            found = SiteFinding(name, line, match["message"])
        elif found and row.strip():
            found = replace(found, message=f"{found.message}\n    {row.strip()}")
    if found:
        yield found
