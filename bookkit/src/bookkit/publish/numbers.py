"""Numbers, titles and citations of a book, for text that no Sphinx will see."""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, unquote

from myst_parser.slugs import github_slugify

from bookkit.book.bibliography import Unreadable, read_entries
from bookkit.book.config import Config
from bookkit.book.pictures import file_of, local_path
from bookkit.book.source import Section
from bookkit.book.words import read_words
from bookkit.publish.counting import Counting, Numbered, by_label


class References:
    """Everything a `:numref:`, `:eqref:`, `:cite:` or link of the book can point to."""

    def __init__(self, config: Config, sections: Sequence[Section]) -> None:
        self.config, self.root = config, config.root
        self.words = read_words(__package__, config.language)
        self._sections = {section.path: section for section in sections}
        self._counting = Counting(config, sections)
        self._labels = by_label(self._counting.found)
        #: Cells that are resolved already: those of all tabs say the same.
        self.resolved: dict[tuple[PurePosixPath, Path | None, str], str] = {}

    def page(self, path: PurePosixPath, folder: PurePosixPath) -> str:
        """Return a Markdown link to a section's notebook, as seen from `folder`."""
        path = PurePosixPath(posixpath.normpath(str(path)))
        if path not in self._sections:
            return path.stem
        return f"[{self.titled(path)}]({_notebook(path, folder)})"

    def titled(self, path: PurePosixPath) -> str:
        """Return the number and the title of a section."""
        number = _dotted(self._counting.title(path))
        return f"{number} {self._sections[path].title}".strip()

    def parent(self, path: PurePosixPath) -> PurePosixPath | None:
        """Return the page whose toc leads to a section, for one the chapter's own."""
        return self._counting.parents.get(path)

    def text(self, kind: str, name: str, folder: PurePosixPath, link: bool) -> str:
        """Return what stands for one reference in Markdown, with a link if it may."""
        if kind.startswith("cite"):
            return self._cite(name, textual=kind == "citet")
        found = self._labels.get(name)
        if found is None:
            return name if kind in ("numref", "ref", "eqref") else f"`{name}`"
        if found.kind != "section":
            return self.word(found)
        page = self._sections[found.page]
        is_page = found.title == page.title or name == page.label
        said = self.word(found) if not is_page else self.page(found.page, folder)
        if is_page:
            return said if link else said[1:].partition("](")[0]
        target = _notebook(found.page, folder, anchor_of(found.title))
        return f"[{said}]({target})" if link else said

    def word(self, found: Numbered) -> str:
        """Return a number in the book's words; where there is none, the title."""
        if not found.number:
            return found.title
        wording = str(self.config.sphinx["numfig_format"].get(found.kind, ""))
        if found.kind == "equation":
            wording = str(self.config.sphinx["math_eqref_format"])
        elif found.kind == "section" and len(found.number) == 1:
            wording = str(self.config.sphinx.get("bookkit_chapter_format", wording))
        number = _dotted(found.number)
        if "%s" in wording:
            return wording.replace("%s", number)
        return wording.format(number=number, name=found.title)

    def caption(self, page: PurePosixPath, caption: str) -> str:
        """Return the number of the table with this caption in words; may be empty."""
        for one in self._counting.found:
            own = one.token.meta.get("caption") if one.kind == "table" else None
            if one.page == page and own and own.content == caption:
                return self.word(one)
        return ""

    def link(self, address: str, page: PurePosixPath) -> str:
        """Return where a link leads in notebooks; what is no section's stays."""
        path, _, name = address.partition("#")
        file = file_of(path, page.parent) if path else page
        if file not in self._sections or (path and local_path(path) is None):
            return address
        heads = [one for one in self._counting.found if one.page == file]
        known = {name: anchor_of(one.title) for name, one in named(heads).items()}
        anchor = known.get(unquote(name), quote(unquote(name)))
        own = quote(f"{page.stem}.ipynb") if path else ""
        if path and file != page:
            return _notebook(file, page.parent, anchor)
        return f"{own}#{anchor}" if anchor else own

    def title(self, address: str, page: PurePosixPath) -> str:
        """Return the title of the section that a link leads to; may be empty."""
        file = file_of(address.partition("#")[0], page.parent)
        section = file and self._sections.get(file)
        return section.title if section else ""

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

    @functools.cached_property
    def _entries(self) -> dict[str, Any]:
        if not self.config.bibfile:
            return {}
        try:
            return read_entries(self.config.root / self.config.bibfile)
        except Unreadable:
            return {}  # the pages tell of it

    def _cite(self, names: str, textual: bool) -> str:
        entries = self._entries
        found = [entries[n.strip()] for n in names.split(",") if n.strip() in entries]
        if not found:
            return names
        if textual:
            return "; ".join(f"{_people(e)} ({e.fields.get('year')})" for e in found)
        years = [f"{_people(e)}, {e.fields.get('year')}" for e in found]
        return f"({'; '.join(years)})"


def named(found: Iterable[Numbered]) -> dict[str, Numbered]:
    """Return the headings of a page by what a link may name: words, or a label."""
    names: dict[str, Numbered] = dict(by_label(list(found)))
    for one in found:
        if one.kind == "section":
            names.setdefault(github_slugify(one.title), one)
    return names


def anchor_of(title: str) -> str:
    """Return the name by which Jupyter knows a heading."""
    return quote(title.replace(" ", "-").replace("`", ""))


def _notebook(path: PurePosixPath, folder: PurePosixPath, anchor: str = "") -> str:
    target = posixpath.relpath(str(path.with_suffix(".ipynb")), str(folder))
    return f"{quote(target)}#{anchor}" if anchor else quote(target)


def _dotted(number: Sequence[int]) -> str:
    return ".".join(map(str, number))


def _people(entry: Any) -> str:
    people = entry.persons.get("author", [])
    last = [" ".join(person.last_names) for person in people]
    if len(last) > 2:
        return f"{last[0]} et al."
    return " & ".join(last)
