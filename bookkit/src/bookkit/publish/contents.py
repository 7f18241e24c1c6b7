"""The contents of a folder of notebooks: a page of Markdown that links to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from urllib.parse import quote

from bookkit.book.config import Tab
from bookkit.book.source import Section
from bookkit.publish.numbers import References

#: Where the notebook of a section with code lies, by tab.
Places = Sequence[tuple[Tab, Mapping[PurePosixPath, PurePosixPath]]]


def contents(
    references: References, sections: Sequence[Section], places: Places, said: str
) -> str:
    """Return titles in reading order, below those of their chapters, with links.

    `said` is the paragraph below the book's title.
    """
    rows = _rows(references, sections, places)
    return "\n".join([f"# {references.config.title}", "", said, *rows, ""])


def _rows(
    references: References, sections: Sequence[Section], places: Places
) -> Iterator[str]:
    index = PurePosixPath(f"{references.config.index}.md")
    above: PurePosixPath | None = None
    is_list = False
    for path in (section.path for section in sections):
        found = [(tab, quote(str(at[path]))) for tab, at in places if path in at]
        if not found:
            continue
        chapter = references.parent(path)
        if chapter not in (above, index, None):
            yield from ("", f"## {references.titled(chapter)}")
            is_list = False
        above = chapter
        yield from () if is_list else ("",)
        is_list = True
        title = references.titled(path)
        if len(places) == 1:
            yield f"- [{title}]({found[0][1]})"
        else:
            links = " · ".join(f"[{tab.title}]({address})" for tab, address in found)
            yield f"- {title}<br>{links}"
