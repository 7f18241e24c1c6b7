"""What a page that was never read keeps of its file."""

from pathlib import PurePosixPath

import pytest
from small_books import write_book

from bookkit.book import last_good
from bookkit.book.toc import read_tocs


@pytest.mark.parametrize("title", ["# One\n", "One\n===\n"])
@pytest.mark.parametrize(
    "toc",
    [
        "```toc\ntwo\n```\n",
        "``` toc\ntwo\n```\n",
        "```{toc}\ntwo\n```\n",
        "~~~toc\ntwo\n~~~\n",
        "````toc\n:numbered:\n\ntwo\n````\n",
    ],
)
def test_when_a_page_was_never_read_then_its_title_label_and_toc_stay(
    tmp_path, title, toc
):
    text = (
        f"{title}:label:`sec_one`\n\n```python\nopen\n```\n\n{toc}\n```python\nopen\n"
    )
    config = write_book(tmp_path, {"one.md": text, "two.md": "# Two\n"})
    page = last_good.in_place_of(config, PurePosixPath("one.md"), "why")
    assert page.title == "One"
    assert ":label:`sec_one`" in page.text
    assert [entry for one in read_tocs(page.text) for _, entry in one.entries] == [
        "two"
    ]
