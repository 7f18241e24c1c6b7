"""What pages and notebooks say, they say in each of their languages."""

import json
import re
from importlib.resources import files

import pytest

LIVE = files("bookkit.serve") / "static"
ROOMS = (
    "bookkit.site.extension.base",
    "bookkit.publish",
    "bookkit.book",
    "bookkit.serve.cells",
)
FOLDERS = [*(files(room) / "words" for room in ROOMS), LIVE / "words"]
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


def test_when_running_cells_say_something_then_there_is_a_word_and_no_more():
    words = json.loads((LIVE / "words" / "en.json").read_text("utf-8"))
    scripts = [file.read_text("utf-8") for file in (LIVE / "cells").iterdir()]
    asked = {key for one in scripts for key in re.findall(r'"([a-z_]+)"', one)}
    made = {key for one in scripts for key in re.findall(r"`([a-z]+_)\$\{", one)}
    said = {key for one in scripts for key in re.findall(r'\bsay\("([a-z_]+)"', one)}
    assert len(said) > 20
    assert said - set(words) == set()
    unused = [
        key for key in words if key not in asked and not key.startswith(tuple(made))
    ]
    assert unused == []
