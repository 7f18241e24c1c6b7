"""A file that cannot be read, in the place of which its last text stands.

So one page with an open fence costs itself alone: what the others use of it, labels and
saved code, is as it was. A file that was never read is a page that says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from bookkit.book.config import Config
from bookkit.book.inputs import solution_file
from bookkit.book.source import Section, find_sections, parse_section, read_section
from bookkit.book.words import read_words
from bookkit.errors import SourceError
from bookkit.files import read_record, write_record

#: In the output folder: the text of each file, as it was when a build could read it.
NAME = "last-texts.json"
# Not by tokens: what follows an open fence would be code
_TITLE = re.compile(r"^#\s+.+$|^\S.*\n=+[ \t]*$", re.M)
_LABEL = re.compile(r"^:label:`[^`]+`[ \t]*$", re.M)
_TOC = re.compile(
    r"^(?P<f>```+|~~~+) *\{?toc\}?[ \t]*\n(?:(?!(?P=f)).*\n)*(?P=f)[ \t]*$", re.M
)


def remember(config: Config, sections: Iterable[Section]) -> None:
    """Keep the texts of what a build has read; of other files, what was kept."""
    path = config.output / NAME
    before, texts = read_record(path), {}
    for section in sections:
        for one in filter(None, [section, section.solution]):
            name = str(one.path)
            texts[name] = before.get(name) if one.path in section.unread else one.text
    if texts != before:
        write_record(path, texts)


def read_all(config: Config) -> list[Section]:
    """Read every section in reading order, whatever state its file is in."""
    sections = []
    for path in find_sections(config):
        try:
            sections.append(read_section(config, path))
        except SourceError as error:
            sections.append(in_place_of(config, path, str(error)))
    return sections


def in_place_of(config: Config, path: PurePosixPath, problem: str) -> Section:
    """Return a section with its solutions whose file, or theirs, cannot be read."""
    section = last(config, path) or _saying_so(config, path)
    theirs = solution_file(config, path)
    solution = last(config, theirs) if theirs else None
    return replace(section, solution=solution, unread={path: problem})


def last(config: Config, path: PurePosixPath) -> Section | None:
    """Return a file as the last build could read it; None: none could."""
    text = read_record(config.output / NAME).get(str(path))
    try:
        return parse_section(config, path, text) if isinstance(text, str) else None
    except SourceError:  # by another version
        return None


def _saying_so(config: Config, path: PurePosixPath) -> Section:
    """Return a page that can be referred to, and leads on."""
    text = (config.root / path).read_text(encoding="utf-8", errors="replace")
    text = text.replace("\r\n", "\n")
    title = _TITLE.search(text)
    head = [title[0] if title else f"# {path.stem}", *_LABEL.findall(text)]
    said = read_words("bookkit.book", config.language)["unread"]
    parts = ["\n".join(head), said, *(one[0] for one in _TOC.finditer(text))]
    return parse_section(config, path, "\n\n".join(parts) + "\n")


def problems_of(sections: Iterable[Section]) -> Mapping[PurePosixPath, str]:
    """Return the files that could not be read, and why."""
    return {path: why for one in sections for path, why in one.unread.items()}
