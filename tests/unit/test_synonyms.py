"""The author's file of what readers type, and the characters of two scripts."""

import pytest
from small_books import write_book

from bookkit.book import config as configuration
from bookkit.book.inputs import input_files
from bookkit.errors import ConfigError
from bookkit.site.extension.search.variants import variants_of

CONFIG = "[build]\ntabs = alpha\n[bookkit]\nsynonyms = words.txt\n"
FORM = "`多卡, 多显卡: 多个GPU`: what readers type, and what the book calls it"


def load(root, text):
    write_book(root, {"one.md": "# One\n", "words.txt": text}, config=CONFIG)
    return configuration.load(root)


def test_when_there_are_synonyms_then_long_phrases_come_first(tmp_path):
    text = "# 词\n\n多卡，out  of memory：多GPU、显存\nOOM: 显存\n"
    config = load(tmp_path, text)
    assert config.synonyms == (
        ("out of memory", ("多GPU", "显存")),
        ("oom", ("显存",)),
        ("多卡", ("多GPU", "显存")),
    )
    assert "words.txt" in input_files(config)


MESSAGES = {
    "多卡\n": (1, "`多卡`", FORM),
    "好: 行\n多卡: \n": (2, "`多卡:`", FORM),
    ": 多卡\n": (1, "`: 多卡`", FORM),
    "a: b: c\n": (1, "`a: b: c`", FORM),
    "a,,b: c\n": (1, "`a,,b: c`", FORM),
    "GPU: gpu\n": (1, "`gpu` on both sides of `:`", FORM),
    "a: b\nA: c\n": (2, "`A` stands in line 1, too", "each phrase once"),
}


@pytest.mark.parametrize("text", MESSAGES)
def test_when_a_line_is_wrong_then_it_is_said_word_for_word(tmp_path, text):
    line, found, expected = MESSAGES[text]
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    place = f"{tmp_path}/words.txt:{line}"
    assert str(caught.value) == f"{place}: {found}\n  expected: {expected}"


def test_when_a_character_has_two_forms_then_only_what_the_book_lacks_is_mapped():
    def variants(*texts):
        text = variants_of(texts)
        return dict(zip(text[::2], text[1::2], strict=True))

    simple, other = "\u53c2\u6570", "\u53c3\u6578"
    assert variants("a@1") == {}
    assert variants(simple[0], simple[1])[other[0]] == simple[0]
    assert simple[0] not in variants(simple)
    # A book in traditional characters, and one that has both.
    assert variants(other)[simple[0]] == other[0]
    assert not {*simple, *other} & set(variants(simple + other))
