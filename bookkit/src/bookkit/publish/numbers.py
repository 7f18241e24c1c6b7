"""Numbers, titles and citations of a book, for text that no Sphinx will see.

Numbering is Sphinx's: sections by their place in a `:numbered:` toc, figures,
tables and equations counted within a section of the second level.
"""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from bookkit.book.config import Config
from bookkit.book.source import Section
from bookkit.book.toc import page_of, read_tocs
from bookkit.book.words import read_words

_LABEL_LINE = re.compile(r"^:(label|eqlabel):`([^`]+)`")
_SIZE_LINE = re.compile(r"^:(width|height):`[^`]*`$")


@dataclass(frozen=True)
class _Target:
    text: str
    page: PurePosixPath


class References:
    """Everything a `:numref:`, `:eqref:` or `:cite:` of the book can point to."""

    def __init__(self, config: Config, sections: Sequence[Section]) -> None:
        self.config, self.root = config, config.root
        self.words = read_words(__package__, config.language)
        self._sections = {section.path: section for section in sections}
        self._numbers: dict[PurePosixPath, str] = {}
        self._parents: dict[PurePosixPath, PurePosixPath] = {}
        self._targets: dict[str, _Target] = {}
        self._number(PurePosixPath(f"{config.index}.md"), "", False)
        for section in sections:
            self._read_labels(section)

    def page(self, path: PurePosixPath, folder: PurePosixPath) -> str:
        """Return a Markdown link to a section's notebook, as seen from `folder`."""
        path = PurePosixPath(posixpath.normpath(str(path)))
        section = self._sections.get(path)
        if section is None:
            return path.stem
        number = self._numbers.get(path, "")
        target = posixpath.relpath(str(path.with_suffix(".ipynb")), str(folder))
        return f"[{f'{number} {section.title}'.strip()}]({target})"

    def parent(self, path: PurePosixPath) -> PurePosixPath | None:
        """Return the page whose toc leads to a section, for one the chapter's own."""
        return self._parents.get(path)

    def text(self, kind: str, name: str, folder: PurePosixPath) -> str:
        """Return what stands for one reference in plain Markdown."""
        if kind.startswith("cite"):
            return self._cite(name, textual=kind == "citet")
        target = self._targets.get(name)
        if target is None:
            return name
        if target.text == "":
            return self.page(target.page, folder)
        return target.text

    def bibliography(self) -> str:
        """Return the entries of the book's bibliography as a Markdown list."""
        rows = []
        for entry in self._entries.values():
            fields = entry.fields
            place = fields.get("booktitle") or fields.get("journal") or ""
            doi = fields.get("doi")
            link = f" https://doi.org/{doi}" if doi else ""
            title = re.sub(r"[{}]", "", fields.get("title", ""))
            parts = [_people(entry), f"({fields.get('year', '')})", title, place]
            rows.append(f"- {'. '.join(part for part in parts if part)}.{link}")
        return "\n".join(sorted(rows))

    def _number(self, path: PurePosixPath, prefix: str, numbered: bool) -> None:
        section = self._sections.get(path)
        if section is None:
            return
        count = 0
        for toc in read_tocs(section.text):
            own = numbered or toc.numbered
            for _, entry in toc.entries:
                child = page_of(entry, path)
                self._parents.setdefault(child, path)
                number = ""
                if own:
                    count += 1
                    number = f"{prefix}{count}"
                    self._numbers[child] = number
                self._number(child, f"{number}." if number else "", own)

    def _read_labels(self, section: Section) -> None:
        number = self._numbers.get(section.path, "")
        counts = {"figure": 0, "table": 0, "equation": 0}
        above = ""
        for row in section.text.split("\n"):
            match = _LABEL_LINE.match(row.strip())
            if match:
                text = self._label_text(match[1], above, number, counts)
                self._targets[match[2]] = _Target(text, section.path)
            elif row.strip() and not _SIZE_LINE.match(row.strip()):
                above = row.strip()

    def _label_text(
        self, kind: str, above: str, number: str, counts: dict[str, int]
    ) -> str:
        if kind == "eqlabel":
            counts["equation"] += 1
            return f"({_join(number, counts['equation'])})"
        if above.startswith("!["):
            counts["figure"] += 1
            return f"{self.words['figure']}{_join(number, counts['figure'])}"
        if above.startswith("|"):
            counts["table"] += 1
            return f"{self.words['table']}{_join(number, counts['table'])}"
        return ""

    @functools.cached_property
    def _entries(self) -> dict[str, Any]:
        from pybtex.database import parse_file

        if not self.config.bibfile:
            return {}
        parsed = parse_file(str(self.config.root / self.config.bibfile))
        return dict(parsed.entries)

    def _cite(self, names: str, textual: bool) -> str:
        entries = self._entries
        found = [entries[n.strip()] for n in names.split(",") if n.strip() in entries]
        if not found:
            return names
        if textual:
            return "; ".join(f"{_people(e)} ({e.fields.get('year')})" for e in found)
        years = [f"{_people(e)}, {e.fields.get('year')}" for e in found]
        return f"({'; '.join(years)})"


def _join(number: str, count: int) -> str:
    return f"{number}.{count}" if number else str(count)


def _people(entry: Any) -> str:
    people = entry.persons.get("author", [])
    last = [" ".join(person.last_names) for person in people]
    if len(last) > 2:
        return f"{last[0]} et al."
    return " & ".join(last)
