"""Which table a caption and its label belong to."""

import pytest

from bookkit.book.markdown import tokens_of

TABLE = "| a |\n|---|\n| b |\n"


@pytest.mark.parametrize(
    "text",
    [
        f"# T\n\n: Caption\n:label:`tab_a`\n\n{TABLE}",
        f"# T\n\n: Caption\n\n:label:`tab_a`\n\n{TABLE}",
        f"# T\n\n: Caption\n\n{TABLE}\n:label:`tab_a`\n",
    ],
)
def test_when_a_table_has_a_caption_then_the_label_is_its_own(text):
    tokens = tokens_of(text)
    (table,) = [one for one in tokens if one.type == "table_open"]
    assert table.meta["caption"].children[0].content == "Caption"
    assert table.meta["labels"] == ["tab_a"]
    assert "labels" not in tokens[0].meta


def test_when_a_label_stands_before_a_table_without_caption_then_it_is_the_heading_s():
    heading, *_ = tokens_of(f"# T\n:label:`sec_a`\n\n{TABLE}")
    assert heading.meta["labels"] == ["sec_a"]
