"""What an edit costs in a large book, in counts: how much is read again."""

from collections.abc import Callable
from typing import Any

import pytest
from small_books import code, write_book

from bookkit.book import source, syntax
from bookkit.book.allowances import allowances_in
from bookkit.book.config import load
from bookkit.check import Memory, examine_book
from bookkit.library import marked

#: More than any of these remembered once, and fewer than a book may have.
SECTIONS, CELLS = 600, 9000


def test_when_one_section_of_many_is_edited_then_no_other_is_read_again(tmp_path):
    names = [f"s{number}" for number in range(SECTIONS)]
    files: dict[str, str | bytes] = {
        f"{name}.md": f"# Title {name}\n\nWords.\n\n{code('alpha', f'{name} = 1')}"
        for name in names
    }
    files["index.md"] = "# All\n\n```toc\n" + "\n".join(names) + "\n```\n"
    config = write_book(tmp_path, files)
    asked: dict[str, Any] = {"cut": source._parse, "allowed": allowances_in}
    examine_book(config, Memory(config))
    before = {name: one.cache_info().misses for name, one in asked.items()}
    edited = tmp_path / "s7.md"
    edited.write_text(edited.read_text("utf-8").replace("Words", "Others"), "utf-8")
    config = load(tmp_path)
    _, sections = examine_book(config, Memory(config))
    assert len(sections) == SECTIONS + 1
    after = {name: one.cache_info().misses for name, one in asked.items()}
    assert {name: after[name] - before[name] for name in asked} == {
        "cut": 1,
        "allowed": 1,
    }


@pytest.mark.parametrize(
    "read",
    [
        syntax.plain_code,
        syntax.parse_code,
        lambda text: syntax.reads_of(syntax.parse_code(text)),
        marked._find_marks,
    ],
    ids=["plain", "parsed", "read", "marked"],
)
def test_when_a_book_has_many_cells_then_each_is_read_once(
    read: Callable[[str], object],
):
    texts = [f"x_{number} = {number}" for number in range(CELLS)]
    known = (syntax.plain_code, syntax.parse_code, syntax.reads_of, marked._find_marks)
    for text in texts:
        read(text)
    before = [one.cache_info().misses for one in known]
    for text in texts:
        read(text)
    assert [one.cache_info().misses for one in known] == before
