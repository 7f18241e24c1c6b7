"""A section's main line is not much longer than the classic text's on the same topic.

The main line is what a reader sees without opening anything: not what is folded (选读,
`#@folded`), nor tables, nor exercises. Text is counted in Chinese characters, code in
lines that are not empty, without marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from bookkit.book.config import load
from bookkit.book.source import Section, parse_section, read_section

BOOK = load(Path(__file__).parents[2])
FOLDER = PurePosixPath("chapter_computation")
TABS = [tab.name for tab in BOOK.tabs]
#: How many times as long as the classic's it may be.
MOST = {"text": 1.5, "code": 2.0}
#: The classic's main lines, counted by `counted`: characters of text, lines of code.
#: Source: github.com/d2l-ai/d2l-zh, chapter_deep-learning-computation/SECTION.md,
#: commit e6b18ccea71451a55fcd861d7b96fddf2587b09a (2023-08-17). There a cell without
#: a tab is MXNet's.
CLASSIC = {
    "model-construction": {
        "mxnet": (2810, 73),
        "pytorch": (2621, 62),
        "tensorflow": (2538, 69),
        "paddle": (2619, 68),
    },
    "parameters": {
        "mxnet": (1557, 70),
        "pytorch": (1521, 71),
        "tensorflow": (1317, 93),
        "paddle": (1352, 75),
    },
    "deferred-init": {
        "mxnet": (728, 16),
        "pytorch": (578, 0),
        "tensorflow": (612, 9),
        "paddle": (578, 0),
    },
    "custom-layer": {
        "mxnet": (738, 33),
        "pytorch": (738, 26),
        "tensorflow": (738, 31),
        "paddle": (738, 28),
    },
    "read-write": {
        "mxnet": (716, 31),
        "pytorch": (716, 31),
        "tensorflow": (716, 32),
        "paddle": (716, 33),
    },
    "use-gpu": {
        "mxnet": (1851, 30),
        "pytorch": (1641, 31),
        "tensorflow": (1430, 37),
        "paddle": (1699, 31),
    },
}
#: What is longer: section, tab and kind, how long it is, and why. It may only shrink.
LONGER = {
    ("deferred-init", "pytorch", "code"): (29, "the classic shows no code in this tab"),
    ("deferred-init", "paddle", "code"): (39, "the classic shows no code in this tab"),
    ("deferred-init", "tensorflow", "code"): (
        32,
        "the classic's nine lines do not show what is set too early, or other data",
    ),
}

_HEADING = re.compile(r"(#+) (.*)")
_NO_TEXT = re.compile(r"\||:\w+:`")


def main_line(section: Section, tab: str) -> Iterator[tuple[str, str]]:
    """Yield the lines of text and of code that a reader of a tab sees at once."""
    folded = 0  # the level of the heading that folds what follows, or has exercises
    for cell in section.cells:
        lines = [one for one in cell.source.split("\n") if one.strip()]
        if cell.kind == "code":
            if not folded and cell.shown_in(tab) and "#@folded" not in lines:
                yield from (("code", one) for one in lines if not one.startswith("#@"))
            continue
        fenced = False
        for one in lines:
            fenced ^= one.startswith("```")
            heading = None if fenced else _HEADING.match(one)
            if heading:
                level, title = len(heading[1]), heading[2]
                if not folded or level <= folded:
                    aside = title.startswith("选读") or title == "练习"
                    folded = level if aside else 0
            if (
                not folded
                and not fenced
                and cell.shown_in(tab)
                and not _NO_TEXT.match(one)
            ):
                yield "text", one


def counted(section: Section, tab: str) -> dict[str, int]:
    """Count the characters and the lines of code of a section's main line."""
    found = {"text": 0, "code": 0}
    for kind, line in main_line(section, tab):
        found[kind] += len(re.findall("[\u4e00-\u9fff]", line)) if kind == "text" else 1
    return found


def too_long(name: str, section: Section) -> list[str]:
    """Say which tabs' text or code is longer than it may be."""
    said = []
    for tab, classic in CLASSIC[name].items():
        for kind, most, found in zip(
            MOST, classic, counted(section, tab).values(), strict=True
        ):
            allowed, why = LONGER.get((name, tab, kind), (int(MOST[kind] * most), ""))
            place = f"{FOLDER / name}.md [{tab}]: {found} of {kind} in the main line"
            if found > allowed:
                said.append(
                    f"{place}, allowed {allowed}; fold what a reader may skip as 选读"
                )
            elif why and found < allowed:
                said.append(f"{place}, fewer than {allowed}: write it into LONGER")
    return said


@pytest.mark.parametrize("name", CLASSIC)
def test_when_a_section_is_read_then_its_main_line_is_not_much_longer_than_the_classic(
    name: str,
):
    said = too_long(name, read_section(BOOK, FOLDER / f"{name}.md"))
    assert not said, "\n".join(said)


def test_when_a_section_is_longer_then_that_is_needed_and_has_a_reason():
    for (name, tab, kind), (most, why) in LONGER.items():
        classic = dict(zip(MOST, CLASSIC[name][tab], strict=True))[kind]
        assert why and most > MOST[kind] * classic, (name, tab, kind)


SMALL = """# 题目

正文五个字。

:begin_tab:`pytorch`
只有一个标签。
:end_tab:

|表格|不算|
|---|---|

```{.python .input}
#@tab pytorch
x = 1

y = 2  # 代码里的字
```

```{.python .input}
#@tab all
#@folded
z = 3
```

## 选读：不算

跳过。

### 里面

跳过。

## 算数

正文。

## 练习

不算。
"""


@pytest.mark.parametrize(
    ("reader", "text", "code"), [("pytorch", 17, 2), ("paddle", 11, 0)]
)
def test_when_something_is_folded_then_it_is_not_counted(
    reader: str, text: int, code: int
):
    found = counted(parse_section(BOOK, PurePosixPath("a.md"), SMALL), reader)
    assert found == {"text": text, "code": code}


def test_when_a_section_is_too_long_then_its_name_and_numbers_are_said():
    longer = parse_section(
        BOOK, PurePosixPath("a.md"), SMALL + "\n## 更多\n\n" + "字" * 2000
    )
    assert too_long("read-write", longer)[0] == (
        "chapter_computation/read-write.md [mxnet]: 2013 of text in the main line, "
        "allowed 1074; fold what a reader may skip as 选读"
    )
