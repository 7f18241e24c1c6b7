"""What pages and notebooks say, they say in each of their languages."""

import json
import re
from importlib.resources import files

import pytest

FOLDERS = [
    files(room) / "words"
    for room in ("bookkit.site.extension.base", "bookkit.publish", "bookkit.book")
]
LANGUAGES = [
    (folder, path.name)
    for folder in FOLDERS
    for path in folder.iterdir()
    if path.name != "en.json"
]


def values_in(text):
    return sorted(re.findall(r"\{\w+\}", text))


def test_when_rooms_have_words_then_all_are_read():
    assert {folder for folder, _ in LANGUAGES} == set(FOLDERS)


@pytest.mark.parametrize(("folder", "name"), LANGUAGES)
def test_when_a_language_is_read_then_it_says_all_that_english_says(folder, name):
    english, other = (
        json.loads((folder / one).read_text(encoding="utf-8"))
        for one in ("en.json", name)
    )
    assert list(other) == list(english)
    for key, text in english.items():
        assert values_in(other[key]) == values_in(text), key
