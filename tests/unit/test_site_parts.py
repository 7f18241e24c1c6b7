"""Parts of the site's builder that no page shows: memory of pandoc, mirrored trees."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbconvert.filters import pandoc as filters

from bookkit.site.convert import pandoc_in_path
from bookkit.site.pandoc_memory import fence_as_rst, remembering
from bookkit.site.trees import mirror

FENCES = [
    '```eval_rst\n.. raw:: html\n\n    <div class="a">`x`</div>\n```\n',
    "\n\n```toc\na\nb/c\n```\n\n",
    "```python\n中文 = 1\n\n\n  indented\n```",
]
OTHERS = [
    "```eval_rst\n\tTab\n```",
    "```python\n\nfirst line empty\n```",
    "```python\na\n```\n\n```python\nb\n```",
    "text\n\n```python\na\n```",
    "```{.python .input}\na\n```",
    "``` \na\n```",
]


@pytest.mark.parametrize("text", FENCES)
def test_when_a_cell_is_one_block_of_code_then_it_becomes_what_pandoc_makes(
    text: str,
) -> None:
    with pandoc_in_path():
        assert fence_as_rst(text) == filters.convert_pandoc(text, "markdown", "rst")


@pytest.mark.parametrize("text", OTHERS)
def test_when_a_cell_is_anything_else_then_pandoc_is_asked(text: str) -> None:
    assert fence_as_rst(text) is None


def test_when_a_text_was_converted_before_then_pandoc_is_not_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = tmp_path / "memory.json"
    with pandoc_in_path(), remembering(memory):
        first = filters.convert_pandoc("*one*", "markdown", "rst")
    monkeypatch.setattr(filters, "pandoc", None)
    with remembering(memory):
        assert filters.convert_pandoc("*one*", "markdown", "rst") == first == "*one*"
    for damage in ("", "[1]", '{"x": 1}'):
        memory.write_text(damage)
        with pytest.raises(TypeError), remembering(memory):
            filters.convert_pandoc("*one*", "markdown", "rst")


def test_when_a_folder_is_mirrored_then_only_differences_are_touched(
    tmp_path: Path,
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    for name, text in {"a": "1", "b/c": "2", "b/d": "3", "no": "x"}.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text)
    target.mkdir()
    (target / "a").write_text("1")
    (target / "old").mkdir()
    (target / "old" / "e").write_text("gone")
    before = (target / "a").stat().st_mtime_ns
    changed = mirror(source, target, lambda path: path.name != "no")
    assert changed == [Path("b/c"), Path("b/d")]
    assert (target / "a").stat().st_mtime_ns == before
    found = sorted(p.relative_to(target).as_posix() for p in target.rglob("*"))
    assert found == ["a", "b", "b/c", "b/d"]
