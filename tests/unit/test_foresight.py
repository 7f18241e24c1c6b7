"""Guesses of what a build will run: which tabs' code is not what the last run had."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_books import code, write_book

from bookkit.book.config import Config
from bookkit.run import foresight

TEXT = f"# One\n\nWords.\n\n{code('alpha', 'x = 1')}{code('beta', 'y = 1')}"


@pytest.fixture
def book(tmp_path: Path) -> Config:
    config = write_book(tmp_path, {"one.md": TEXT})
    foresight.remember(config)
    return config


@pytest.mark.parametrize(
    ("old", "new", "edited"),
    [
        ("Words.", "Other words.", []),
        ("\n", "\r\n", []),
        ("x = 1", "x = 2", ["alpha"]),
        ("y = 1", "y = 2", ["beta"]),
        ("#@tab beta\n", "#@tab all\n", ["alpha", "beta"]),
        ("#@tab beta\n", "#@tab alpha, beta\n", ["alpha", "beta"]),
    ],
)
def test_when_a_section_is_edited_then_the_tabs_whose_code_it_is_are_guessed(
    book: Config, old: str, new: str, edited: list[str]
) -> None:
    assert old in TEXT
    (book.root / "one.md").write_bytes(TEXT.replace(old, new).encode())
    assert [tab.name for tab in foresight.edited_tabs(book)] == edited


@pytest.mark.parametrize("kept", [None, "", "[]", "{", '{"alpha": 1}'])
def test_when_nothing_readable_was_seen_then_every_tab_is_guessed(
    book: Config, kept: str | None
) -> None:
    path = book.output / foresight.NAME
    path.unlink()
    if kept is not None:
        path.write_text(kept)
    assert [tab.name for tab in foresight.edited_tabs(book)] == ["alpha", "beta"]


def test_when_some_tabs_are_remembered_then_the_others_stay_known(
    book: Config,
) -> None:
    from bookkit.book.config import load

    (book.root / "one.md").write_text(TEXT.replace("x = 1", "x = 2"))
    foresight.remember(load(book.root, ["alpha"]))
    assert foresight.edited_tabs(book) == []
