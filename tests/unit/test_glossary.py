"""The text uses the words of docs/glossary.md, and none that it rules out."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = [
    [part.strip() for part in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| English")
]
TEXTS = [
    ROOT / "index.md",
    *sorted((ROOT / "chapter_computation").glob("*.md")),
    *sorted((ROOT / "solutions").rglob("*.md")),
    *sorted((ROOT / "bookkit" / "src").rglob("words/zh.json")),
]


def ruled_out(text: str) -> list[str]:
    """Return each place with a word that the glossary rules out, and the right one."""
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        for _, right, wrong in ROWS:
            for pattern in wrong.split(", "):
                for match in re.finditer(pattern, line):
                    found.append(f"{number}: {match[0]}, we write {right}")
    return found


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_text_has_no_word_that_the_glossary_rules_out(path):
    assert ruled_out(path.read_text("utf-8")) == []


def test_what_bookkit_says_in_the_book_is_read_too():
    assert "publish" in [path.parents[1].name for path in TEXTS]


def test_the_glossary_is_read_and_rules_out_none_of_its_own_words():
    assert len(ROWS) >= 25 and all(len(row) == 3 for row in ROWS)
    assert [ruled_out(row[1]) for row in ROWS] == [[]] * len(ROWS)
    assert ruled_out("先看\n丢弃法") == ["2: 丢弃法, we write 暂退法"]
