"""Checks remember what they found in a section, and ask again where it may differ."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from small_books import CONFIG, code, write_book

from bookkit import check
from bookkit.book.config import Config, load
from bookkit.book.source import Section
from bookkit.check import cells

CLEAN = f"# One\n\nWords.\n\n{code('alpha, beta', 'x = 1')}"
FAULTY = CLEAN.replace("x = 1", "x = (1")


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """List the sections whose cells were looked at."""
    names: list[str] = []
    look = cells.check_cells

    def note(config: Config, section: Section) -> list[check.Finding]:
        names.append(section.path.stem)
        return look(config, section)

    monkeypatch.setattr(cells, "check_cells", note)
    return names


def examine(root: Path) -> list[str]:
    config = load(root)
    findings, _ = check.examine_book(config, check.Memory(config))
    return [finding.code for finding in findings]


def test_when_a_section_is_edited_then_only_it_is_examined_again(
    tmp_path: Path, examined: list[str]
) -> None:
    index = "# Small\n\n```toc\none\ntwo\n```\n"
    two = CLEAN.replace("# One", "# Two")
    write_book(tmp_path, {"index.md": index, "one.md": CLEAN, "two.md": two})
    first = examine(tmp_path)
    assert sorted(examined) == ["index", "one", "two"]
    examined.clear()
    assert examine(tmp_path) == first
    assert examined == []
    (tmp_path / "two.md").write_text(two.replace("Words", "More words"))
    assert examine(tmp_path) == first
    assert examined == ["two"]


def test_when_something_was_found_then_it_is_told_again(
    tmp_path: Path, examined: list[str]
) -> None:
    config = write_book(tmp_path, {"one.md": FAULTY})
    assert "BK401" in examine(tmp_path)
    examined.clear()
    findings, _ = check.examine_book(config, check.Memory(config))
    assert findings == check.check_book(config)
    assert examined == ["index", "one"]  # by the check without a memory
    (tmp_path / "one.md").write_text(CLEAN)
    assert "BK401" not in examine(tmp_path)
    (tmp_path / "one.md").write_text(FAULTY)
    assert "BK401" in examine(tmp_path)


def test_when_a_declared_file_comes_or_goes_then_it_is_noticed(tmp_path: Path) -> None:
    text = CLEAN.replace("x = 1", "#@data data.csv\nx = 1")
    write_book(tmp_path, {"one.md": text})
    for there in (False, True, False):
        file = tmp_path / "data.csv"
        file.touch() if there else file.unlink(missing_ok=True)
        assert ("BK310" in examine(tmp_path)) != there


@pytest.mark.parametrize("what", ["config", "tool", "damaged"])
def test_when_the_rules_may_be_others_then_all_is_examined(
    tmp_path: Path, examined: list[str], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    config = write_book(tmp_path, {"one.md": CLEAN})
    examine(tmp_path)
    examined.clear()
    if what == "config":
        (tmp_path / "config.ini").write_text(CONFIG + "# another\n")
    elif what == "tool":
        monkeypatch.setattr("bookkit.check.memory.own_hash", lambda: "another")
    else:
        (config.output / "known-sections.json").write_text('["', encoding="utf-8")
    examine(tmp_path)
    assert sorted(examined) == ["index", "one"]


def test_when_the_memory_cannot_be_written_then_the_check_goes_on(
    tmp_path: Path,
) -> None:
    config = write_book(tmp_path, {"one.md": CLEAN})
    output = tmp_path / "a file"
    output.write_text("")
    elsewhere = replace(config, output=output)
    findings, _ = check.examine_book(elsewhere, check.Memory(elsewhere))
    assert findings == check.check_book(config)
