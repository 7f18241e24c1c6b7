"""What the pages say, they say in each of their languages."""

import json
import re
from importlib.resources import files

import pytest

_FOLDER = files("bookkit.site.extension.base") / "words"
LANGUAGES = sorted(path.name for path in _FOLDER.iterdir() if path.name != "en.json")


def words_of(name):
    return json.loads((_FOLDER / name).read_text(encoding="utf-8"))


def values_in(text):
    return sorted(re.findall(r"\{\w+\}", text))


@pytest.mark.parametrize("name", LANGUAGES)
def test_when_a_language_is_read_then_it_says_all_that_english_says(name):
    english, other = words_of("en.json"), words_of(name)
    assert list(other) == list(english)
    for key, text in english.items():
        assert values_in(other[key]) == values_in(text), key
