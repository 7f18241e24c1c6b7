"""How many logical cells each section has in each tab, on a screen or in a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from rich.table import Table

from bookkit.book.config import Config
from bookkit.book.source import Section, read_book

#: A document's table of logical cells stands between these lines.
MARKS = ("<!-- bookkit coverage -->", "<!-- end of coverage -->")
#: A section's path, and how many logical cells each tab takes part in.
Rows = Iterable[tuple[PurePosixPath, Mapping[str, int]]]


def count(
    config: Config, sections: Iterable[Section] | None = None
) -> list[tuple[PurePosixPath, dict[str, int]]]:
    """Count the logical cells of each section; those of the whole book by default.

    Example: `[(PurePosixPath("chapter/a.md"), {"pytorch": 7, "mxnet": 6})]`.
    """
    rows = []
    for section in read_book(config) if sections is None else sections:
        counts = {
            tab: sum(
                any(cell.shown_in(tab) for cell in group) for group in section.groups()
            )
            for tab in config.tab_names
        }
        rows.append((section.path, counts))
    return rows


def table(config: Config, rows: Rows) -> Table:
    made = Table(title="Logical cells", title_justify="left")
    made.add_column("section", no_wrap=True)
    for tab in config.tabs:
        made.add_column(tab.title, justify="right")
    for row in _words(config, rows):
        made.add_row(*row)
    return made


def renewed(text: str, config: Config, rows: Rows) -> str | None:
    """Put the table between its marks in a document; None if they are missing."""
    start, end = MARKS
    head, found, rest = text.partition(f"{start}\n")
    _, closed, tail = rest.partition(f"{end}\n")
    if not (found and closed):
        return None
    lines = ["| section |" + "".join(f" {tab.title} |" for tab in config.tabs)]
    lines.append("|---|" + "--:|" * len(config.tabs))
    lines += [f"| {' | '.join(row)} |" for row in _words(config, rows)]
    return head + found + "\n".join(lines) + "\n" + closed + tail


def _words(config: Config, rows: Rows) -> Iterator[list[str]]:
    """Yield the words of each row; a page without code has none."""
    for path, counts in rows:
        if any(counts.values()):
            yield [str(path), *(str(counts.get(tab.name, 0)) for tab in config.tabs)]
